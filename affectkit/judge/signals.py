"""Judges of generated signals: float windows, shape (n, time, channels), in physical units.

Scores of networks trained to judge depend on their training as much as on the signals (TSGBench; Ang et al.
2023). So what classifies here has no training loop: fixed random convolutions and a ridge regression (ROCKET;
Dempster et al. 2020). Distances stand beside it.

`real` and `fake` are windows everywhere, `max_n` the most that are drawn of either, by `random_state`.
"""

from collections import namedtuple

import numpy as np
import torch
from scipy.spatial.distance import cdist, pdist
from scipy.stats import wasserstein_distance
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.linear_model import Ridge, RidgeClassifierCV
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import gen_batches

from ..preprocess import signals
from . import _resample
from .images import unbiased_mmd

__all__ = [
    "mmd",
    "tstr",
    "trts",
    "discriminative",
    "predictive",
    "spectral",
    "heart_rate",
    "Rocket",
    "report",
]

BANDWIDTHS = (0.25, 0.5, 1.0, 2.0, 4.0)  # of the RBF kernels, in median distances

Transfer = namedtuple("Transfer", "value low high floor n")
HeartRates = namedtuple("HeartRates", "real fake difference distance spread_real spread_fake measured_real "
                                      "measured_fake")  # fmt: skip


def _windows(x, name, least=2):
    """Return float windows (n, time, channels), or raise ValueError naming the argument."""
    x = np.asarray(x)
    if x.ndim != 3 or 0 in x.shape[1:] or x.dtype.kind != "f":
        raise ValueError(f"{name} must be floats of shape (n, time, channels), not {x.dtype} {x.shape}.")
    if len(x) < least:
        raise ValueError(f"{name} has {len(x)} windows, and at least {least} are needed.")
    bad = np.flatnonzero(~np.isfinite(x).all((1, 2)))
    if len(bad):
        raise ValueError(f"{name} holds NaN or infinite values in {len(bad)} windows, the first is {bad[0]}.")
    return x.astype(np.float64)


def _pair(real, fake, least=2, names=("real", "fake")):
    real, fake = _windows(real, names[0], least), _windows(fake, names[1], least)
    if real.shape[1:] != fake.shape[1:]:
        raise ValueError(
            f"windows of {names[0]} are {real.shape[1:]} (time, channels) and of {names[1]} "
            f"{fake.shape[1:]}: cut or resample them alike first."
        )
    return real, fake


def _scaled(*sets):
    """All of them by the mean and standard deviation of the first, channel by channel."""
    mean, std = sets[0].mean((0, 1)), sets[0].std((0, 1))
    return [(x - mean) / np.where(std > 1e-9, std, 1) for x in sets]


def _some(x, n, rng):
    return x[rng.permutation(len(x))[:n]]


def mmd(real, fake, *, max_n=2000, random_state=0):
    """Squared maximum mean discrepancy of whole windows, unbiased (Gretton et al. 2012; Esteban et al. 2017).

    The kernel is a mixture of RBFs, 1/4 to 4 times as wide as the median distance of two real windows;
    channels are scaled by the reals' mean and standard deviation.

    Parameters
    ----------
    real, fake : float arrays, shape (n, time, channels)
    max_n, random_state : int

    Returns
    -------
    float
        Its mean is 0 for equal distributions, so that it may come out a little negative; 2 at most.

    Raises
    ------
    ValueError
        For NaN, wrong shapes, or too few windows; so do all judges.
    """
    rng = np.random.default_rng(random_state)
    return _mmd(*(_some(x.reshape(len(x), -1), max_n, rng) for x in _scaled(*_pair(real, fake))))


def _mmd(real, fake):
    median = np.median(pdist(real))
    if median == 0:
        raise ValueError("more than half of the real windows are equal: their distances have no scale.")

    def kernel(x, y):
        square = cdist(x, y, "sqeuclidean") / median**2
        return sum(np.exp(-square / (2 * width**2)) for width in BANDWIDTHS) / len(BANDWIDTHS)

    return unbiased_mmd(kernel(real, real), kernel(fake, fake), kernel(real, fake))


def spectral(real, fake):
    """Distance of mean power spectra: half of the absolute difference, each brought to a sum of 1.

    Parameters
    ----------
    real, fake : float arrays, shape (n, time, channels)

    Returns
    -------
    float
        Mean over channels: 0 for spectra of one shape, 1 where they share no frequency. Means of windows and
        the total power do not count.
    """
    return _spectral(*map(_power, _pair(real, fake)))


def _power(x):
    taper = np.hanning(x.shape[1] + 2)[1:-1, None]  # keeps a slow drift from spilling into all frequencies
    return np.abs(np.fft.rfft((x - x.mean(1, keepdims=True)) * taper, axis=1))[:, 1:] ** 2


def _spectral(real, fake):
    real, fake = (x.mean(0) / np.maximum(x.mean(0).sum(0), 1e-12) for x in (real, fake))
    return float(np.abs(real - fake).sum(0).mean() / 2)


def heart_rate(real, fake, rate, *, kind="pulse", channel=0, max_n=200, random_state=0):
    """Compare the mean heart rates of windows.

    Parameters
    ----------
    real, fake : float arrays, shape (n, time, channels)
    rate : float
        Samples a second [Hz].
    kind : {"pulse", "rate"}
        A pulse wave, in which beats are searched (at least 5 s; `preprocess.signals.heart_rate`), or heart
        rates already [beats per minute].
    channel : int
        Which of the channels that is.
    max_n, random_state : int

    Returns
    -------
    HeartRates
        ``real`` and ``fake``, means over windows [beats per minute], their ``difference`` (fake - real), the
        Wasserstein ``distance`` of the two distributions, ``spread_real`` and ``spread_fake`` (standard
        deviations over windows), and ``measured_real``, ``measured_fake``: shares of windows that have a
        heart rate. NaN where none has.
    """
    rng = np.random.default_rng(random_state)
    return _heart_rate(*(_rates(_some(x, max_n, rng), rate, kind, channel) for x in _pair(real, fake)))


def _rates(x, rate, kind, channel):
    """Mean heart rate of each window; NaN where it has none."""
    if kind not in ("pulse", "rate") or channel not in range(x.shape[2]):
        raise ValueError(
            f'kind={kind!r} must be "pulse" (a wave) or "rate" (beats per minute), and channel='
            f"{channel!r} a number below {x.shape[2]}."
        )
    if kind == "rate":
        return x[:, :, channel].mean(1)
    found = [signals.heart_rate(window, rate) for window in x[:, :, channel]]
    return np.array([np.nanmean(row) if np.isfinite(row).any() else np.nan for row in found])


def _heart_rate(real, fake):
    a, b = (x[np.isfinite(x)] for x in (real, fake))
    shares = len(a) / len(real), len(b) / len(fake)
    if not len(a) or not len(b):
        return HeartRates(*[np.nan] * 6, *shares)
    figures = a.mean(), b.mean(), b.mean() - a.mean(), wasserstein_distance(a, b), a.std(), b.std()
    return HeartRates(*map(float, figures), *shares)


class Rocket(TransformerMixin, BaseEstimator):
    """Describe windows by random convolutions: how often each is positive, and its maximum.

    Mean and standard deviation of each channel stand beside them, so that a fast heart is told from a slow
    one.
    """

    def __init__(self, n_kernels=200, random_state=0):
        self.n_kernels = n_kernels
        self.random_state = random_state

    def fit(self, X, y=None):
        """Draw the convolutions, and remember the scale of windows (n, time, channels)."""
        rng = np.random.default_rng(self.random_state)
        time, channels = X.shape[1:]
        self.mean_, self.std_ = X.mean((0, 1)), np.maximum(X.std((0, 1)), 1e-9)
        length = min(9, time)
        steps = [
            step for step in 2 ** np.arange(12) if (length - 1) * step < time
        ]  # between taps, in samples
        self.banks_ = []
        for step in steps:
            weights = rng.standard_normal((-(-self.n_kernels // len(steps)), channels, length))
            weights -= weights.mean(2, keepdims=True)
            bank = (weights, rng.uniform(-1, 1, len(weights)))
            self.banks_.append((int(step), *(torch.as_tensor(x, dtype=torch.float32) for x in bank)))
        return self

    def transform(self, X):
        """Describe windows (n, time, channels) by an array (n, features)."""
        x = (X - self.mean_) / self.std_
        return np.concatenate([self._describe(x[rows]) for rows in gen_batches(len(x), 64)])

    @torch.inference_mode()
    def _describe(self, x):
        columns = [x.mean(1), x.std(1)]
        x = torch.as_tensor(x, dtype=torch.float32).transpose(1, 2)
        for step, weights, bias in self.banks_:
            seen = torch.nn.functional.conv1d(x, weights, bias, dilation=step, padding="same")
            columns += [(seen > 0).float().mean(2).numpy(), seen.amax(2).numpy()]
        return np.concatenate(columns, 1)


def _ridge():
    return make_pipeline(StandardScaler(), RidgeClassifierCV(np.logspace(-1, 5, 13)))


def discriminative(real, fake, *, max_n=1000, random_state=0):
    """Can a classifier tell fakes from reals? Its accuracy on unseen windows, less 1/2 (Yoon et al. 2019).

    TimeGAN's score, with a fixed classifier in place of a trained network.

    Parameters
    ----------
    real, fake : float arrays, shape (n, time, channels)
    max_n, random_state : int
        Equally many of both are taken.

    Returns
    -------
    float
        0: they cannot be told apart; 1/2: always. Cross-validated in five parts.
    """
    real, fake = _pair(real, fake, 10)
    rng, rocket = np.random.default_rng(random_state), Rocket(random_state=random_state).fit(real)
    n = min(len(real), len(fake), max_n)
    return _discriminative(*(rocket.transform(_some(x, n, rng)) for x in (real, fake)))


def _discriminative(real, fake):
    y = np.repeat([0, 1], [len(real), len(fake)])
    return float(abs((cross_val_predict(_ridge(), np.concatenate([real, fake]), y, cv=5) == y).mean() - 0.5))


def predictive(real, fake, *, lags=16, max_n=1000, random_state=0):
    """How well does what was learnt from fakes predict the next sample of real signals (Yoon et al. 2019)?

    TimeGAN's score, with a ridge regression on the last `lags` samples of all channels in place of a network.

    Parameters
    ----------
    real, fake : float arrays, shape (n, time, channels)
    lags : int
    max_n, random_state : int

    Returns
    -------
    float
        Mean absolute error on `real`, in standard deviations of each channel.
    """
    real, fake = _pair(real, fake)
    if not 1 <= lags < real.shape[1]:
        raise ValueError(
            f"lags={lags} must lie between 1 and {real.shape[1] - 1}: windows have {real.shape[1]}."
        )
    rng = np.random.default_rng(random_state)
    return _predictive(*(_some(x, max_n, rng) for x in _scaled(real, fake)), lags)


def _predictive(real, fake, lags):
    def pairs(x):
        every = max(1, (x.shape[1] - lags) // 64)  # 64 places in a long window are enough
        past = np.lib.stride_tricks.sliding_window_view(x[:, :-1], lags, axis=1)[:, ::every]
        return past.reshape(-1, past.shape[2] * lags), x[:, lags::every].reshape(-1, x.shape[2])

    (past, following), (past_real, following_real) = pairs(fake), pairs(real)
    guess = Ridge(1e-3).fit(past, following).predict(past_real)
    return float(np.abs(guess.reshape(following_real.shape) - following_real).mean())


def tstr(
    real,
    y_real,
    fake,
    y_fake,
    *,
    held_out,
    y_held_out,
    groups=None,
    classifier=None,
    n_boot=1000,
    random_state=0,
):
    """Train on synthetic, test on real (Esteban et al. 2017): could a classifier learn from fakes alone?

    Parameters
    ----------
    real, y_real : float array, shape (n, time, channels), and labels, shape (n,)
        What the generator learnt from; the floor's classifier learns from them.
    fake, y_fake
        What it made.
    held_out, y_held_out
        Real windows, best of other people, that the generator has not seen. Both classifiers are tested on
        them.
    groups : array, shape (n,), optional
        The person of each tested window: the interval is then over people.
    classifier : scikit-learn classifier, optional
        Cloned and fitted. By default random convolutions and a ridge classifier.
    n_boot, random_state : int

    Returns
    -------
    Transfer
        ``value`` with ``low`` and ``high`` (95 % interval), balanced accuracy; ``floor``, the same for
        train-real-test-real; ``n``, samples that both were trained on.
    """
    sets = _labelled(classifier, real=(real, y_real), fake=(fake, y_fake), held_out=(held_out, y_held_out))
    return _transfer(
        *(sets[name] for name in ("fake", "held_out", "real", "held_out")),
        groups,
        classifier,
        n_boot,
        random_state,
    )


def trts(
    real,
    y_real,
    fake,
    y_fake,
    *,
    held_out,
    y_held_out,
    groups=None,
    classifier=None,
    n_boot=1000,
    random_state=0,
):
    """Train on real, test on synthetic: are fakes recognised as what they are meant to be?

    It misses collapse: one good sample a class suffices. All as for `tstr`, but ``value`` is tested on the
    fakes, and `groups` tells the fakes' people, if they have any.
    """
    sets = _labelled(classifier, real=(real, y_real), fake=(fake, y_fake), held_out=(held_out, y_held_out))
    return _transfer(
        *(sets[name] for name in ("real", "fake", "real", "held_out")),
        groups,
        classifier,
        n_boot,
        random_state,
    )


def _labelled(classifier, **sets):
    found = {}
    for name, (X, y) in sets.items():
        X, y = _windows(X, name) if classifier is None else np.asarray(X), np.asarray(y)
        if y.shape != (len(X),):
            raise ValueError(f"labels of {name} must have shape ({len(X)},), one a sample, not {y.shape}.")
        if len(np.unique(y)) < 2:
            raise ValueError(f"{name} has one class only: nothing can be learnt from it, or tested on it.")
        unknown = np.setdiff1d(y, sets["real"][1])
        if len(unknown):
            raise ValueError(f"{name} has the class {', '.join(map(str, unknown))}, which real has not.")
        if X.shape[1:] != np.shape(sets["real"][0])[1:]:
            raise ValueError(
                f"samples of {name} are {X.shape[1:]}, of real {np.shape(sets['real'][0])[1:]}: cut or "
                "resample them alike first."
            )
        found[name] = X, y
    return found


def _transfer(train, test, train_floor, test_floor, groups, classifier, n_boot, random_state):
    rng = np.random.default_rng(random_state)
    model = make_pipeline(Rocket(random_state=random_state), _ridge()) if classifier is None else classifier
    n = min(len(train[1]), len(train_floor[1]))
    hits = []
    for (X, y), (X_test, y_test) in ((train, test), (train_floor, test_floor)):
        rows = _stratified(y, n, rng)
        hits.append(clone(model).fit(X[rows], y[rows]).predict(X_test) == y_test)

    def recall(hit, y, weight):  # balanced accuracy: the mean over classes of their recall
        return np.mean(
            [weight[..., y == k] @ hit[y == k] / weight[..., y == k].sum(-1) for k in np.unique(y)], 0
        )

    y = test[1]
    value, floor = (
        recall(hit, y, np.ones(len(y))) for hit, (_, y) in zip(hits, (test, test_floor), strict=True)
    )
    units = (
        np.arange(len(y))
        if groups is None
        else np.unique(np.asarray(groups).astype(str), return_inverse=True)[1]
    )
    if units.shape != y.shape:
        raise ValueError(f"groups must have shape {y.shape}, one person a tested sample, not {units.shape}.")
    m = units.max() + 1
    drawn = rng.integers(m, size=(n_boot, m))  # whole people
    with np.errstate(invalid="ignore"):  # a draw may lack a class
        draws = [recall(hits[0], y, np.bincount(row, minlength=m)[units].astype(float)) for row in drawn]
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Transfer(float(value), float(low), float(high), float(floor), n)


def _stratified(y, n, rng):
    """`n` rows in which the classes keep their shares."""
    order = rng.permutation(len(y))
    rank = np.empty(len(y))
    for k in np.unique(y):
        rows = order[y[order] == k]
        rank[rows] = np.arange(len(rows)) / len(rows)
    return np.argsort(rank, kind="stable")[:n]


ROWS = {  # of the report: which way is better, lowest and highest value
    "MMD": ("lower", -np.inf, 2), "discriminative score": ("lower", 0, 0.5),
    "predictive score": ("lower", 0, np.inf), "spectral distance": ("lower", 0, 1),
    "heart rate, difference": ("lower", 0, np.inf), "heart rate, distance": ("lower", 0, np.inf),
    "heart rate, spread": ("floor", 0, np.inf), "heart rate, measured": ("floor", 0, 1),
}  # fmt: skip


def report(
    real,
    fake,
    *,
    held_out=None,
    rate=None,
    kind="pulse",
    channel=0,
    max_n=500,
    n_resamples=30,
    random_state=0,
):
    """All figures of generated signals that need no labels, each with its interval and its floor.

    Parameters
    ----------
    real, fake : float arrays, shape (n, time, channels)
        What the generator learnt from, and what it made.
    held_out : as `real`, optional
        Real windows it did not learn from, for the floors; else `real` is split in two again and again.
    rate, kind, channel : as for `heart_rate`
        Without a rate [Hz] heart rates are left out.
    max_n, n_resamples, random_state : int
        Most windows a side; resamples that the intervals come from; seed of all draws.

    Returns
    -------
    pandas.DataFrame
        As `judge.report`; heart rates are in beats per minute, their difference without its sign.
    """
    windows = dict(zip(("real", "fake"), _pair(real, fake, 20), strict=True))
    if held_out is not None:
        windows["held_out"] = _pair(real, held_out, 20, ("real", "held_out"))[1]
    rng = np.random.default_rng(random_state)
    windows = {name: _some(x, 2 * max_n, rng) for name, x in windows.items()}
    rocket = Rocket(random_state=random_state).fit(windows["real"])
    lags = min(16, windows["real"].shape[1] - 1)
    sets = {}
    for (name, x), scaled in zip(windows.items(), _scaled(*windows.values()), strict=True):
        sets[name] = dict(scaled=scaled, power=_power(x), rocket=rocket.transform(x))
        if rate is not None:
            sets[name]["rates"] = _rates(x, rate, kind, channel)

    def measure(ours, theirs, rng, training):
        a, x = ours["scaled"], theirs["scaled"]
        figures = [
            _mmd(a.reshape(len(a), -1), x.reshape(len(x), -1)),
            _discriminative(ours["rocket"], theirs["rocket"]),
            _predictive(a, x, lags),
            _spectral(ours["power"], theirs["power"]),
        ]
        if rate is not None:
            hearts = _heart_rate(ours["rates"], theirs["rates"])
            figures += [abs(hearts.difference), hearts.distance, hearts.spread_fake, hearts.measured_fake]
        return dict(zip(ROWS, figures, strict=False))

    notes = {metric: (*row, "signal") for metric, row in ROWS.items()}
    notes["discriminative score"] = *ROWS["discriminative score"], "random convolutions"
    options = dict(max_n=max_n, n_resamples=n_resamples, random_state=random_state)
    return _resample.table(sets, measure, notes, **options)
