"""Judges of signals: right by hand and by other implementations, and each sees what it is said to see."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from affectkit import judge
from affectkit.judge import signals

RATE = 32.0


def sines(n, bpm, seed, *, time=256, noise=0.1, spread=0.1):
    """Noisy sines (n, time, 1) around so many beats a minute, each with its own phase."""
    rng = np.random.default_rng(seed)
    hertz = bpm / 60 * rng.uniform(1 - spread, 1 + spread, (n, 1))
    wave = np.sin(2 * np.pi * (hertz * np.arange(time) / RATE + rng.uniform(size=(n, 1))))
    return (wave + noise * rng.normal(size=wave.shape))[:, :, None]


def two_classes(n, seed, **options):
    slow, fast = sines(n, 60, seed, **options), sines(n, 100, seed + 1, **options)
    return np.concatenate([slow, fast]), np.repeat(["calm", "stress"], n)


@pytest.fixture(scope="module")
def generators():
    """Real, and what a perfect and three bad generators make of it."""
    real = sines(120, 70, 0)
    rng = np.random.default_rng(9)
    repeated = sines(2, 70, 5)[rng.integers(2, size=120)] + 0.01 * rng.normal(size=real.shape)
    fakes = dict(truth=sines(120, 70, 3), fast=sines(120, 110, 4), collapsed=repeated)
    return real, fakes | dict(noise=rng.normal(size=real.shape) * real.std())


def test_mmd_agrees_with_its_definition():
    real, fake = sines(30, 70, 1), sines(25, 90, 2)
    a, b = ((x - real.mean()) / real.std() for x in (real[:, :, 0], fake[:, :, 0]))
    apart = np.sqrt(((a[:, None] - a[None]) ** 2).sum(2))[np.triu_indices(30, 1)]
    expected = 0
    for width in signals.BANDWIDTHS:
        gamma = 1 / (2 * (width * np.median(apart)) ** 2)
        xx, yy, xy = (rbf_kernel(x, y, gamma) for x, y in ((a, a), (b, b), (a, b)))
        expected += (xx.sum() - 30) / (30 * 29) + (yy.sum() - 25) / (25 * 24) - 2 * xy.mean()
    assert judge.mmd(real, fake) == pytest.approx(expected / 5, rel=1e-6)
    assert judge.mmd(real, fake, max_n=10) == judge.mmd(real, fake, max_n=10)


def test_each_generator_is_ranked_by_those_that_catch_it(generators):
    real, fakes = generators
    value = {judge_: {name: getattr(judge, judge_)(real, fake) for name, fake in fakes.items()}
             for judge_ in ("mmd", "spectral", "discriminative", "predictive")}  # fmt: skip
    for name, of in value.items():
        assert of["truth"] == min(of.values()) or name == "predictive"
    for bad in ("noise", "fast", "collapsed"):
        assert value["mmd"][bad] > max(5 * abs(value["mmd"]["truth"]), 0.005)
    assert (
        value["spectral"]["noise"] > 0.5
        and value["spectral"]["fast"] > 0.5 > 0.2 > value["spectral"]["truth"]
    )
    assert value["discriminative"]["truth"] < 0.15 < 0.4 < min(
        value["discriminative"][bad] for bad in ("noise", "fast", "collapsed"))  # fmt: skip
    assert value["predictive"]["noise"] > 2 * value["predictive"]["truth"]
    assert value["predictive"]["truth"] < 0.3  # noise of 0.14 standard deviations cannot be foreseen


def test_spectra_without_a_common_frequency_are_1_apart():
    time = np.arange(256) / RATE
    slow, fast = (np.sin(2 * np.pi * hertz * time)[None, :, None].repeat(3, 0) for hertz in (1.0, 6.0))
    assert judge.spectral(slow, fast) == pytest.approx(1, abs=0.01)
    assert judge.spectral(slow, 7 * slow + 3) == pytest.approx(0, abs=1e-9)


def test_heart_rates_of_pulses_are_compared():
    pytest.importorskip("neurokit2")
    import neurokit2

    def pulses(bpm, n):
        waves = [neurokit2.ppg_simulate(duration=15, sampling_rate=64, heart_rate=bpm + k, random_state=k)
                 for k in range(n)]  # fmt: skip
        return np.array(waves)[:, :960, None]

    found = judge.heart_rate(pulses(70, 6), pulses(90, 6), 64)
    assert found.real == pytest.approx(72.5, abs=3) and found.difference == pytest.approx(20, abs=3)
    assert found.distance == pytest.approx(20, abs=3) and found.measured_real == found.measured_fake == 1
    flat = judge.heart_rate(pulses(70, 3), np.zeros((3, 960, 1)), 64)
    assert flat.measured_fake == 0 and np.isnan(flat.difference)


def test_heart_rates_that_are_rates_already():
    real, fake = np.full((4, 60, 2), 70.0), np.full((4, 60, 2), 75.0)
    real[:, :, 0] = 0
    found = judge.heart_rate(real, fake, 1, kind="rate", channel=1)
    assert (found.real, found.fake, found.difference, found.distance) == (70, 75, 5, 5)


def test_tstr_and_trts_on_noisy_sines():
    train, test, good = two_classes(60, 0), two_classes(60, 10), two_classes(60, 20)
    held_out = dict(held_out=test[0], y_held_out=test[1])
    found = judge.tstr(*train, *good, **held_out)
    assert found.floor > 0.97 and found.value > found.floor - 0.1 and found.n == 120
    assert found.low <= found.value <= found.high and found == judge.tstr(*train, *good, **held_out)
    assert judge.tstr(*train, good[0], good[1][::-1], **held_out).value < 0.1  # the classes confused
    assert judge.trts(*train, *good, **held_out).value > 0.9
    noise = np.random.default_rng(0).normal(size=good[0].shape)
    assert judge.tstr(*train, noise, good[1], **held_out).value < 0.75
    assert judge.trts(*train, noise, good[1], **held_out).value < 0.65
    one_each = good[0][
        np.where(good[1] == "calm", 0, 60)
    ]  # collapsed: TRTS is content, TSTR is not bound to be
    assert judge.trts(*train, one_each, good[1], **held_out).value > 0.9


def test_people_widen_the_interval_and_a_classifier_may_be_given():
    train, test = two_classes(60, 0, noise=5), two_classes(60, 10, noise=5)
    held_out = dict(held_out=test[0], y_held_out=test[1])
    people = np.tile(np.arange(4), 30)
    model = make_pipeline(
        FunctionTransformer(lambda x: np.abs(np.fft.rfft(x[:, :, 0]))),
        LogisticRegression(C=0.01, max_iter=1000),
    )
    alone, grouped = (
        judge.tstr(*train, *train, **held_out, classifier=model, groups=g) for g in (None, people)
    )
    assert alone.value == grouped.value and 0.6 < alone.value < 1
    assert (grouped.low, grouped.high) != (alone.low, alone.high)


def test_a_report_is_whole_and_repeats(generators):
    real, fakes = generators
    options = dict(rate=RATE, n_resamples=10, kind="pulse")
    table = judge.report(real[:60], fakes["fast"][:30], **options)
    assert list(table.columns) == ["value", "low", "high", "floor", "better", "n", "features"]
    assert list(table.index) == list(signals.ROWS) and (table["n"] == 30).all()
    for metric in ("MMD", "spectral distance", "discriminative score", "heart rate, distance"):
        assert table.loc[metric, "low"] > table.loc[metric, "floor"]
    assert table.loc["heart rate, difference", "value"] == pytest.approx(40, abs=6)
    short = judge.report(real, fakes["truth"], held_out=sines(120, 70, 8), n_resamples=10, random_state=3)
    assert len(short) == 4 and (short["n"] == 120).all()
    assert short.equals(
        judge.report(real, fakes["truth"], held_out=sines(120, 70, 8), n_resamples=10, random_state=3)
    )
    mmd = short.loc["MMD"]
    assert mmd["low"] <= mmd["floor"] <= mmd["high"]


def test_short_and_flat_windows_are_no_trouble():
    rng = np.random.default_rng(0)
    tiny = rng.normal(size=(40, 5, 2))
    tiny[:, :, 1] = 70
    assert judge.discriminative(tiny[:20], tiny[20:]) <= 0.5 and np.isfinite(judge.mmd(tiny[:20], tiny[20:]))
    assert judge.spectral(tiny[:20], tiny[20:]) < 0.5


X, Y = np.zeros((12, 20, 1)), np.arange(12) % 2


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: judge.mmd(X[:, :, 0], X), r"real must be floats of shape \(n, time, channels\)"),
        (lambda: judge.mmd(X, X.astype(int)), "fake must be floats"),
        (lambda: judge.mmd(X, X[:1]), "fake has 1 windows"),
        (lambda: judge.mmd(X, X + np.where(np.arange(12) == 3, np.nan, 0)[:, None, None]), "the first is 3"),
        (lambda: judge.mmd(X, X[:, :9]), "cut or resample"),
        (lambda: judge.mmd(X, X), "no scale"),
        (lambda: judge.predictive(X, X, lags=20), "lags=20"),
        (lambda: judge.heart_rate(X, X, 64, kind="ecg"), "kind='ecg'"),
        (lambda: judge.heart_rate(X, X, 64, channel=1), "channel=1"),
        (lambda: judge.heart_rate(X, X, 64), "5 s"),
        (lambda: judge.tstr(X, Y[:3], X, Y, held_out=X, y_held_out=Y), "labels of real"),
        (lambda: judge.tstr(X, Y, X, Y * 0, held_out=X, y_held_out=Y), "fake has one class only"),
        (lambda: judge.tstr(X, Y, X, Y, held_out=X, y_held_out=Y + 1), "held_out has the class 2"),
        (lambda: judge.tstr(X, Y, X[:, :9], Y, held_out=X, y_held_out=Y), "cut or resample"),
        (lambda: judge.tstr(X, Y, X, Y, held_out=X, y_held_out=Y, groups=Y[:2]), "groups must have shape"),
        (lambda: judge.report(X, X), "at least 20"),
        (
            lambda: judge.report(np.zeros((30, 9, 1)), np.zeros((30, 9, 1)), n_resamples=1),
            "20 samples a side",
        ),
        (lambda: judge.report(np.zeros((60, 9, 1)), np.zeros((60, 9, 1)), n_resamples=1), "n_resamples=1"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises(ValueError, match=said):
        call()
