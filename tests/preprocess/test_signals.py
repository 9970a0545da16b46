import neurokit2 as nk
import numpy as np
import pytest

from affectkit.preprocess import signals

RNG = np.random.default_rng(0)


def test_resample_keeps_a_slow_wave_and_removes_a_fast_one():
    t = np.linspace(0, 1, 256, endpoint=False)
    slow, fast = np.sin(2 * np.pi * 3 * t), np.sin(2 * np.pi * 100 * t)
    x = np.stack([slow, slow + fast], axis=-1)[None] + 80
    y = signals.resample(x, 64)
    assert y.shape == (1, 64, 2) and y.dtype == np.float32
    assert np.allclose(y[0, :, 0], 80 + slow[::4], atol=0.05)
    assert np.allclose(y[0, 4:-4, 1], 80 + slow[::4][4:-4], atol=0.1)


def test_minmax_scales_each_window_and_carries_nan():
    x = np.array([[[60.0], [70], [80]], [[90], [np.nan], [100]], [[75], [75], [75]], [[np.nan]] * 3])
    y = signals.minmax(x)[..., 0]
    assert np.allclose(y[0], [0, 0.5, 1]) and np.allclose(y[2], 0)
    assert np.array_equal(np.isnan(y[1]), [False, True, False]) and np.isnan(y[3]).all()


def test_standardise_by_person_uses_that_person_only():
    groups = np.repeat(["a", "b"], 20)
    x = RNG.normal(size=(40, 10, 2)) * 3 + np.where(groups == "a", 60, 90)[:, None, None]
    y = signals.standardise_by_person(x, groups)
    for person in "ab":
        rows = y[groups == person].reshape(-1, 2)
        assert np.allclose(rows.mean(0), 0, atol=1e-4) and np.allclose(rows.std(0), 1, atol=1e-3)
    x[groups == "b"] += 1000
    assert np.array_equal(signals.standardise_by_person(x, groups)[groups == "a"], y[groups == "a"])


def test_average_neighbours_stays_with_the_person():
    groups, onset = np.repeat(["a", "b"], 5), np.tile(10.0 * np.arange(5), 2)
    values = np.arange(10.0)
    assert np.array_equal(signals.average_neighbours(values, onset, groups, 0), values)
    assert np.allclose(
        signals.average_neighbours(values, onset, groups, 10)[[0, 2, 4, 5]], [0.5, 2, 3.5, 5.5]
    )
    shifted = signals.average_neighbours(values, onset + 1000, groups, 10)
    assert np.allclose(shifted, signals.average_neighbours(values, onset, groups, 10))
    two = signals.average_neighbours(np.stack([values, -values], axis=1), onset, groups, 1e6)
    assert np.allclose(two[:5], [2, -2]) and np.allclose(two[5:], [7, -7])


def test_windows_never_cross_a_boundary():
    label = np.repeat([0, 1, 0, 1], [150, 130, 59, 200])
    data, start = signals.windows(np.arange(len(label)), 60, 10, rate=1, boundaries=label)
    assert data.shape == (len(start), 60, 1)
    assert all(len(np.unique(label[s : s + 60])) == 1 for s in start)
    # 150 s hold 10 windows, 130 s 8, 59 s none, 200 s 15
    assert np.bincount(label[start]).tolist() == [10, 23]
    assert np.array_equal(data[:, 0, 0], start)


def test_windows_stop_at_people_and_missing_labels():
    person = np.repeat(["a", "b"], 100)
    label = np.zeros(200)
    label[120:130] = np.nan
    columns = np.stack([person.astype(object), label.astype(object)], axis=1)
    _, start = signals.windows(np.zeros(200), 30, 5, rate=1, boundaries=columns)
    covered = np.zeros(200, bool)
    for s in start:
        covered[s : s + 30] = True
        assert not s < 100 < s + 30
    assert not covered[100:130].any() and covered[:100].all() and covered[130:].all()


def test_windows_at_another_rate_and_too_short():
    data, start = signals.windows(np.zeros((640, 3)), 2.0, 0.5, rate=64)
    assert data.shape == (17, 128, 3) and np.array_equal(np.diff(start), [32] * 16)
    data, start = signals.windows(np.zeros(50), 60, 10, rate=1)
    assert data.shape == (0, 60, 1) and start.shape == (0,)


def test_bandpass_keeps_the_pulse_in_place():
    t = np.arange(0, 60, 1 / 64)
    pulse, drift, noise = (np.sin(2 * np.pi * f * t) for f in (1.2, 0.05, 20))
    y = signals.bandpass(pulse + drift + noise, 64.0, 0.5, 8.0)
    assert np.abs(y - pulse)[640:-640].max() < 0.05
    batch = signals.bandpass(np.tile((pulse + drift)[None, :, None], (2, 1, 1)), 64.0, 0.5, None)
    assert batch.shape == (2, len(t), 1) and np.abs(batch[1, 640:-640, 0] - pulse[640:-640]).max() < 0.05


def test_features_find_mean_variance_and_the_right_band():
    t = np.arange(64)
    x = np.stack([70 + 2 * np.sin(2 * np.pi * f * t) for f in (0.4, 0.2, 0.1)])[..., None]
    table = signals.features(x, 1.0)
    names = signals.feature_names(["heart_rate"], 1.0)
    assert table.shape == (3, len(names)) and names[0] == "heart_rate mean"
    assert np.allclose(table[:, 0], 70, atol=0.1) and np.allclose(table[:, 1], 2, atol=0.1)
    strongest = [names[2 + k] for k in table[:, 2:].argmax(axis=1)]
    assert strongest == [f"heart_rate power {band} Hz" for band in ("0.25-0.5", "0.125-0.25", "0.0625-0.125")]
    assert np.allclose(10 ** table[:, 2:].max(axis=1), 2, rtol=0.1)  # the power of a sine of amplitude 2
    assert np.isfinite(signals.features(np.full((1, 64, 2), 75.0), 1.0)).all()


@pytest.fixture(scope="module")
def pulse():
    return np.asarray(nk.ppg_simulate(duration=130, sampling_rate=64, heart_rate=72, random_state=0))


def test_beats_of_a_known_pulse(pulse):
    found = signals.beats(pulse, 64)
    assert abs(len(found) - 72 * 130 / 60) < 6 and found["trusted"].mean() > 0.9
    assert np.allclose(np.diff(found["time"]), found["interval"][1:])
    pulse = pulse.copy()
    pulse[40 * 64 : 80 * 64] = np.random.default_rng(0).normal(size=40 * 64)
    broken = signals.beats(pulse, 64)
    inside = broken["time"].between(41, 79)
    assert broken["trusted"][inside].mean() < 0.5 < 0.9 < broken["trusted"][~inside].mean()


def test_heart_rate_of_a_known_pulse(pulse):
    rate = signals.heart_rate(pulse, 64)
    assert rate.shape == (130,)
    assert abs(np.nanmean(rate) - 72) < 2 and np.isnan(rate).mean() < 0.1


def test_heart_rate_is_missing_where_the_pulse_is(pulse):
    broken = pulse.copy()
    broken[40 * 64 : 80 * 64] = 0
    rate = signals.heart_rate(broken, 64)
    assert np.isnan(rate[50:70]).all() and np.isfinite(rate[10:30]).all()
    assert np.isnan(signals.heart_rate(np.zeros(640), 64)).all()


def test_hrv_gives_only_what_its_length_can_tell(pulse):
    long, minute, short = (signals.hrv(pulse[: seconds * 64], 64) for seconds in (130, 70, 20))
    assert abs(long["MeanNN"] - 60000 / 72) < 30 and long[["LF", "HF", "LFHF", "RMSSD"]].notna().all()
    assert np.isfinite(minute["HF"]) and np.isnan(minute["LF"])
    assert np.isfinite(short["RMSSD"]) and short[["LF", "HF", "LFHF"]].isna().all()


def test_hrv_refuses_noise():
    noise = signals.hrv(np.random.default_rng(0).normal(size=64 * 60), 64)
    assert noise.drop(["beats", "trusted"]).isna().all() and noise["trusted"] < 0.5


BATCH = np.zeros((2, 60, 1))


def test_complete_windows_pass_and_the_first_broken_one_is_named():
    whole = np.arange(24.0).reshape(4, 3, 2).transpose(0, 2, 1)
    passed = signals.complete(whole)
    assert passed.dtype == np.float32 and passed.flags.c_contiguous
    np.testing.assert_array_equal(passed, whole)
    whole[2, 1, 0] = np.inf
    with pytest.raises(ValueError, match="1 of 4 signals .*number 2"):
        signals.complete(whole)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda: signals.complete(BATCH[0]), r"not \(60, 1\); .*X\[:, :, None\]"),
        (lambda: signals.complete(np.where(BATCH, 0, np.nan)), r"2 of 2 signals .*first is number 0"),
        (lambda: signals.resample(BATCH[0], 10), "x must have shape"),
        (lambda: signals.resample(BATCH, 0), "length"),
        (lambda: signals.resample(BATCH * np.nan, 10), "x holds 120 missing"),
        (lambda: signals.minmax(BATCH[0]), "x must have shape"),
        (lambda: signals.standardise_by_person(BATCH, ["a"]), "groups"),
        (lambda: signals.average_neighbours([1, 2], [0], ["a", "a"], 1), "one entry a window"),
        (lambda: signals.average_neighbours([1], [0], ["a"], -1), "radius"),
        (lambda: signals.windows(BATCH, 60, 10, rate=1), "x must have shape"),
        (lambda: signals.windows(BATCH[0], 0, 10, rate=1), "window"),
        (lambda: signals.windows(BATCH[0], 60, 0.1, rate=1), "step"),
        (lambda: signals.windows(BATCH[0], 60, 10, rate=0), "rate"),
        (lambda: signals.windows(BATCH[0], 60, 10, rate=1, boundaries=[0]), "boundaries"),
        (lambda: signals.bandpass(BATCH[0], 1.0, 0.1, 0.6), "high"),
        (lambda: signals.bandpass(BATCH[0], 1.0, 0.3, 0.2), "low"),
        (lambda: signals.bandpass(np.zeros(64), 64.0, 0.5, 8), "too short"),
        (lambda: signals.bandpass(np.full(640, np.nan), 64.0, 0.5, 8), "missing"),
        (lambda: signals.features(BATCH * np.nan, 1.0), "missing"),
        (lambda: signals.heart_rate(BATCH, 64), "ppg must be one channel"),
        (lambda: signals.heart_rate(np.zeros(64), 64), "5 s"),
        (lambda: signals.heart_rate(np.full(6400, np.nan), 64), "ppg holds"),
        (lambda: signals.hrv(np.zeros(6400), 64, min_quality=2), "min_quality"),
    ],
)
def test_errors_name_the_argument(call, word):
    with pytest.raises(ValueError, match=word):
        call()
