"""Judges of generated images: uint8, shape (n, h, w) or (n, h, w, 3).

The figures are short formulas on features and stand here on numpy, SciPy and scikit-learn. Their counterparts
in torchmetrics gather whole images in a state, draw from torch's global seed and know no resamples, which
intervals and floors are made of; the tests hold these against torchmetrics, scikit-image and SciPy.

`real`, `fake` and `features` mean the same everywhere: see `fid` and `describe`.
"""

import warnings
from collections import namedtuple

import numpy as np
from scipy.spatial.distance import cdist, pdist
from scipy.special import entr, rel_entr
from scipy.stats import binomtest, mannwhitneyu, norm
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from . import _features, _resample
from ._features import describe, probabilities

__all__ = ["fid", "kid", "inception_score", "ssim", "ssim_pairs", "precision_recall", "collapse"]
__all__ += ["memorisation", "real_or_fake", "describe", "probabilities", "report"]

MS_WEIGHTS = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])  # of MS-SSIM's scales, the finest first
WINDOW = 11  # pixels that SSIM looks at, under a bell of 1.5 pixels

PrecisionRecall = namedtuple("PrecisionRecall", "precision recall density coverage")
Ssim = namedtuple("Ssim", "within within_real ms_within ms_within_real nearest")
Collapse = namedtuple("Collapse", "duplicates distance classes ssim")
RealOrFake = namedtuple("RealOrFake", "accuracy low high p n d_prime")
Memorisation = namedtuple("Memorisation", "ratio closer copies nearest distance")


def _images(x, name, least=1):
    """Return uint8 images, or raise ValueError naming the argument."""
    x = np.asarray(x)
    if x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[-1] not in (1, 3)) or 0 in x.shape[1:]:
        raise ValueError(f"{name} must have shape (n, h, w) or (n, h, w, 3), not {x.shape}.")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise ValueError(f"{name} holds NaN or infinite pixels: the generator has failed there.")
    if x.dtype != np.uint8:
        raise ValueError(
            f"{name} must be uint8 pixels, 0 to 255, not {x.dtype}: scale, round and convert first."
        )
    if len(x) < least:
        raise ValueError(f"{name} has {len(x)} images, and at least {least} are needed.")
    return x


def _pair(real, fake, least=1, names=("real", "fake")):
    real, fake = _images(real, names[0], least), _images(fake, names[1], least)
    if real.shape[1:] != fake.shape[1:]:
        raise ValueError(
            f"{names[0]} images are {real.shape[1:]} and {names[1]} ones {fake.shape[1:]}: bring both "
            "to one size, grey or colour, first (affectkit.preprocess.faces.resize)."
        )
    return real, fake


def _described(real, fake, features, least, names=("real", "fake")):
    """Features of both; float arrays (n, k) are taken for features."""
    if any(np.ndim(x) != 2 for x in (real, fake)):
        real, fake = _pair(real, fake, least, names)
        return describe(real, features), describe(fake, features)
    real, fake = (_features.vectors(x, name) for x, name in zip((real, fake), names, strict=True))
    if real.shape[1] != fake.shape[1] or min(len(real), len(fake)) < least:
        raise ValueError(
            f"{names[0]} and {names[1]} need the same features and at least {least} rows each; they "
            f"are {real.shape} and {fake.shape}."
        )
    return real, fake


def fid(real, fake, *, features="own"):
    """Fréchet distance of two normal distributions fitted to the features (FID; Heusel et al. 2017).

    Parameters
    ----------
    real, fake : uint8 array, shape (n, h, w) or (n, h, w, 3); or features, float array (n, k)
    features : "own", "pixels", "inception", torch.nn.Module or callable
        See `describe`.

    Returns
    -------
    float
        0 for equal means and covariances, and biased: the fewer images, the higher. Compare at the same n
        only, and with the floor that `report` gives.

    Raises
    ------
    ValueError
        For images that are not uint8, of different sizes, or too few; so do all judges.

    Warns
    -----
    UserWarning
        If there are no more images than features.
    """
    real, fake = _described(real, fake, features, 2)
    _warn_rank(min(len(real), len(fake)), real.shape[1])
    return _fid(real, fake)


def _warn_rank(n, k):
    if n <= k:
        warnings.warn(
            f"{n} images for {k} features: the covariance has no full rank, and the FID says more about "
            "n than about the images. Trust the KID here.",
            stacklevel=3,
        )


def _fid(real, fake):
    a, b = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (real, fake))
    # trace(sqrt(ab)) by eigenvalues of a symmetric matrix: stable where sqrtm of a singular ab is not
    length, axes = np.linalg.eigh(a)
    root = axes * np.sqrt(length.clip(0)) @ axes.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ b @ root).clip(0)).sum()
    return float(((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * cross)


def kid(real, fake, *, features="own", subsets=50, subset_size=1000, random_state=0):
    """Squared maximum mean discrepancy with the kernel (x·y / k + 1)³ (KID; Bińkowski et al. 2018), unbiased.

    Parameters
    ----------
    real, fake, features : as for `fid`
    subsets, subset_size : int
        The mean over so many random subsets; where there are no more images than that, all are taken, once.
    random_state : int

    Returns
    -------
    float
        Its mean is 0 for equal distributions at any n, so that it may come out a little negative.
    """
    if subsets < 1 or subset_size < 2:
        raise ValueError(f"subsets={subsets} must be at least 1 and subset_size={subset_size} at least 2.")
    real, fake = _described(real, fake, features, 2)
    if max(len(real), len(fake)) <= subset_size:
        return _kid(real, fake)
    rng = np.random.default_rng(random_state)
    return float(
        np.mean(
            [_kid(*(x[rng.permutation(len(x))[:subset_size]] for x in (real, fake))) for _ in range(subsets)]
        )
    )


def _kid(real, fake):
    return unbiased_mmd(
        *((x @ y.T / x.shape[1] + 1) ** 3 for x, y in ((real, real), (fake, fake), (real, fake)))
    )


def unbiased_mmd(xx, yy, xy):
    """Squared maximum mean discrepancy from three kernel matrices, the diagonals left out."""
    n, m = xy.shape
    same = (xx.sum() - np.trace(xx)) / (n * (n - 1)) + (yy.sum() - np.trace(yy)) / (m * (m - 1))
    return float(same - 2 * xy.mean())


def inception_score(fake, *, classifier="own"):
    """Inception score (Salimans et al. 2016): sure of each image, and of all classes. It sees no real image.

    Parameters
    ----------
    fake : uint8 images, or probabilities, float array (n, classes)
    classifier : "own", torch.nn.Module or callable
        "own" is the kit's network with its seven emotions; a module gives logits, a callable probabilities.

    Returns
    -------
    float
        1 at worst, the number of classes at best; never NaN, since a probability of 0 counts 0.
    """
    if np.ndim(fake) == 2:
        return _inception_score(_features.check_probabilities(fake))
    return _inception_score(_features.probabilities(_images(fake, "fake"), classifier))


def _inception_score(proba):
    return float(np.exp(rel_entr(proba, proba.mean(0)).sum(1).mean()))


def precision_recall(real, fake, *, features="own", k=5):
    """Are fakes among reals, and reals among fakes: within the distance of some sample's k-th neighbour?

    Parameters
    ----------
    real, fake, features : as for `fid`
    k : int
        Neighbours; Kynkäänniemi et al. (2019) take 3, Naeem et al. (2020) 5.

    Returns
    -------
    PrecisionRecall
        precision, recall (Kynkäänniemi), density, coverage (Naeem): ``density`` counts in how many real
        neighbourhoods a fake lies (1 for equal distributions, it may exceed 1), ``coverage`` the reals with a
        fake nearby; outliers mislead them less.
    """
    if int(k) != k or k < 1:
        raise ValueError(f"k={k!r} must be a whole number of at least 1.")
    return _precision_recall(*_described(real, fake, features, k + 1), k)


def _precision_recall(real, fake, k):
    # k + 1, since every sample is its own nearest neighbour
    of_real, of_fake = (
        NearestNeighbors(n_neighbors=k + 1, algorithm="brute").fit(x).kneighbors(x)[0][:, k]
        for x in (real, fake)
    )
    inside, among, nearest = np.zeros(len(fake)), np.zeros(len(real), bool), np.empty(len(real))
    for rows in gen_batches(len(real), max(1, 2**23 // len(fake))):  # 64 MB of distances at a time
        distance = cdist(real[rows], fake)
        inside += (distance <= of_real[rows, None]).sum(0)
        among[rows] = (distance <= of_fake).any(1)
        nearest[rows] = distance.min(1)
    means = (inside > 0).mean(), among.mean(), inside.mean() / k, (nearest <= of_real).mean()
    return PrecisionRecall(*map(float, means))


def ssim_pairs(a, b):
    """Structural similarity of images, pair by pair (Wang et al. 2004, and 2003 for MS-SSIM).

    Parameters
    ----------
    a, b : uint8 arrays, shape (n, h, w) or (n, h, w, 3)
        At least 11 x 11 pixels; colour is turned to grey.

    Returns
    -------
    ssim, ms_ssim : float arrays, shape (n,)
        MS-SSIM has as many of the five published scales as leave 11 pixels (three for 48 x 48), their weights
        brought to a sum of 1.
    """
    a, b = _pair(a, b, names=("a", "b"))
    side = min(a.shape[1:3])
    if len(a) != len(b) or side < WINDOW:
        raise ValueError(
            f"a and b must be pairs of images of at least {WINDOW} x {WINDOW} pixels, not {a.shape} "
            f"and {b.shape}."
        )
    weights = MS_WEIGHTS[: int(np.log2(side / WINDOW)) + 1]
    found = [_ssim(a[rows], b[rows], weights / weights.sum()) for rows in gen_batches(len(a), 256)]
    return tuple(map(np.concatenate, zip(*found, strict=True)))


def _ssim(a, b, weights):
    a, b = (_features.grey(x).astype(float) for x in (a, b))
    bell = np.exp(-((np.arange(WINDOW) - WINDOW // 2) ** 2) / (2 * 1.5**2))
    scales = []
    for _ in weights:
        down, across = (
            np.array([np.roll(np.pad(bell / bell.sum(), (0, n - WINDOW)), k) for k in range(n - WINDOW + 1)])
            for n in a.shape[1:]
        )  # where it fits whole
        mean_a, mean_b, aa, bb, ab = (down @ x @ across.T for x in (a, b, a * a, b * b, a * b))
        light = (2 * mean_a * mean_b + 2.55**2) / (mean_a**2 + mean_b**2 + 2.55**2)  # 1 % of 255, squared
        contrast = (2 * (ab - mean_a * mean_b) + 7.65**2) / (aa - mean_a**2 + bb - mean_b**2 + 7.65**2)  # 3 %
        scales.append(((light * contrast).mean((1, 2)), contrast.mean((1, 2))))
        a, b = (x[:, : x.shape[1] // 2 * 2, : x.shape[2] // 2 * 2] for x in (a, b))
        a, b = ((x[:, ::2, ::2] + x[:, 1::2, ::2] + x[:, ::2, 1::2] + x[:, 1::2, 1::2]) / 4 for x in (a, b))
    parts = [contrast for _, contrast in scales[:-1]] + [scales[-1][0]]
    return scales[0][0], np.prod([x.clip(0) ** w for x, w in zip(parts, weights, strict=True)], axis=0)


def ssim(real, fake, *, pairs=500, random_state=0):
    """SSIM of fakes among each other (high: little variety), of reals, and of fakes to the nearest real.

    Parameters
    ----------
    real, fake : uint8 arrays, shape (n, h, w) or (n, h, w, 3)
    pairs : int
        Random pairs in a mean; as many fakes are held against their nearest real (nearest by pixels).
    random_state : int

    Returns
    -------
    Ssim
        within, within_real, ms_within, ms_within_real, nearest. It sees variety, not quality: noise has the
        lowest SSIM of all.
    """
    real, fake = _pair(real, fake, 2)
    rng = np.random.default_rng(random_state)
    (one, ms_one), (other, ms_other) = (_within(x, pairs, rng) for x in (fake, real))
    near = _nearest_ssim(real, fake, _features.pixels(real), _features.pixels(fake), pairs, rng)
    return Ssim(one, other, ms_one, ms_other, near)


def _within(images, pairs, rng):
    if pairs < 1:
        raise ValueError(f"pairs={pairs} must be at least 1.")
    first = rng.integers(len(images), size=pairs)
    second = (first + rng.integers(1, len(images), size=pairs)) % len(images)  # never with itself
    return tuple(float(x.mean()) for x in ssim_pairs(images[first], images[second]))


def _nearest_ssim(real, fake, real_pixels, fake_pixels, pairs, rng):
    some = rng.permutation(len(fake))[:pairs]
    return float(ssim_pairs(fake[some], real[_nearest(real_pixels, fake_pixels[some])[1]])[0].mean())


def _nearest(among, x=None):
    """Distance and row of the nearest in `among` for each row of x; without x, of the others in `among`."""
    distance, rows = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(among).kneighbors(x)
    return distance[:, 0], rows[:, 0]


def _usual(distance):
    """The median, or a complaint where it gives no scale."""
    median = np.median(distance)
    if median < 1e-6:
        raise ValueError(
            "more than half of the real images have an exact duplicate: distances have no scale."
        )
    return median


def collapse(real, fake, *, features="own", classifier="own", pairs=500, random_state=0):
    """Has the generator collapsed? Fakes that repeat, lie close together, look alike, or lack classes.

    Parameters
    ----------
    real, fake : uint8 arrays, shape (n, h, w) or (n, h, w, 3)
    features, classifier, pairs, random_state : as for `fid`, `inception_score` and `ssim`

    Returns
    -------
    Collapse
        ``duplicates``: share of fakes with another one nearer than half of what reals are usually apart (the
        median distance of a real to its nearest other); ``distance``: mean distance of two fakes / of two
        reals; ``classes``: effective number of classes (exponential of the entropy) / that of the reals;
        ``ssim``: mean SSIM of two fakes - of two reals. Equally many of both are looked at, 5,000 at most.
    """
    real, fake = _pair(real, fake, 3)
    rng = np.random.default_rng(random_state)
    real, fake = (x[rng.permutation(len(x))[: min(len(real), len(fake), 5000)]] for x in (real, fake))
    found = _collapse(*(_features.look(x, features, classifier) for x in (real, fake)))
    return Collapse(*found, _within(fake, pairs, rng)[0] - _within(real, pairs, rng)[0])


def _collapse(real, fake):
    duplicates = _nearest(fake["features"])[0] < _usual(_nearest(real["features"])[0]) / 2
    distance, own_distance = (pdist(x["features"]).mean() for x in (real, fake))
    entropy, own_entropy = (entr(x["proba"].mean(0)).sum() for x in (real, fake))
    return float(duplicates.mean()), float(own_distance / distance), float(np.exp(own_entropy - entropy))


def memorisation(train, fake, *, held_out=None, features="own"):
    """Are fakes copies of training images? How near they come, beside how near new real images come.

    Parameters
    ----------
    train, fake : as for `fid`
        What the generator learnt from, and what it made.
    held_out : as `train`, optional
        Real images that it did not learn from. Without them each training image is held against the others,
        which finds too little where these resemble each other (pictures of one person, say).
    features : as for `fid`

    Returns
    -------
    Memorisation
        ``ratio``: median distance of a fake to its nearest training image / that of a new real image (0:
        copies); ``closer``: how often a fake is nearer than a new real image (1/2: as often as not);
        ``copies``: share of fakes nearer than half the median of new real images; ``nearest`` and
        ``distance``, shape (n,): that training image's row, and how far it is.
    """
    a, x = _described(train, fake, features, 2, ("train", "fake"))
    return _memorisation(
        a, x, None if held_out is None else _described(train, held_out, features, 1, ("train", "held_out"))[1]
    )


def _memorisation(train, fake, held_out=None):
    usual, (distance, nearest) = _nearest(train, held_out)[0], _nearest(train, fake)
    median = _usual(usual)
    closer = mannwhitneyu(usual, distance).statistic / len(usual) / len(distance)
    figures = np.median(distance) / median, closer, (distance < median / 2).mean()
    return Memorisation(*map(float, figures), nearest, distance)


def real_or_fake(fake, said):
    """Can a person tell made-up pictures from real ones? The test that papers buy from strangers.

    Parameters
    ----------
    fake : bool array, shape (n,)
        Which pictures are made up.
    said : bool array, shape (n,)
        Which of them the person took for made up.

    Returns
    -------
    RealOrFake
        ``accuracy`` with ``low`` and ``high`` (exact 95 % interval of Clopper and Pearson), ``p``: how often
        a coin would be at least as far from 1/2, and ``n``. Half right is the best that a generator can get,
        and few pictures prove little: 12 of 16 right is not yet beyond chance. ``d_prime``: by how many
        standard deviations the two kinds lie apart in this person's eyes, 0 for a coin, whatever the person
        is inclined to say (Green & Swets 1966); half an answer is added to each kind, so that it is finite
        (Hautus 1995). NaN if one kind is lacking.
    """
    fake, said = (np.asarray(x) for x in (fake, said))
    if fake.ndim != 1 or fake.shape != said.shape or not len(fake):
        raise ValueError(f"fake and said must hold one answer a picture, not {fake.shape} and {said.shape}.")
    if fake.dtype != bool or said.dtype != bool:
        raise ValueError(f"fake and said must be True or False, not {fake.dtype} and {said.dtype}.")
    test = binomtest(int((fake == said).sum()), len(fake))
    hits, alarms = ((said[kind].sum() + 0.5) / (kind.sum() + 1) for kind in (fake, ~fake))
    d_prime = norm.ppf(hits) - norm.ppf(alarms) if 0 < fake.sum() < len(fake) else np.nan
    return RealOrFake(float(test.statistic), *map(float, test.proportion_ci()), float(test.pvalue), len(fake),
                      float(d_prime))  # fmt: skip


SHARE = 0, 1
POSITIVE = 0, np.inf
ROWS = {  # of the report: which way is better, lowest and highest value
    "FID": ("lower", *POSITIVE), "KID": ("lower", -np.inf, np.inf), "inception score": ("higher", 1, np.inf),
    "precision": ("higher", *SHARE), "recall": ("higher", *SHARE), "density": ("floor", *POSITIVE),
    "coverage": ("higher", *SHARE), "SSIM within": ("floor", -1, 1), "MS-SSIM within": ("floor", *SHARE),
    "SSIM to nearest real": ("floor", -1, 1), "duplicates": ("floor", *SHARE),
    "distance within": ("floor", *POSITIVE), "classes": ("floor", *POSITIVE),
    "distance to training": ("floor", *POSITIVE), "closer to training": ("floor", *SHARE),
    "copies": ("floor", *SHARE),
}  # fmt: skip


def report(
    real,
    fake,
    *,
    held_out=None,
    features="own",
    classifier="own",
    k=5,
    pairs=100,
    max_n=1000,
    n_resamples=30,
    random_state=0,
):
    """All figures of generated images, each with its interval and its real-against-real floor.

    Parameters
    ----------
    real, fake : uint8 arrays, shape (n, h, w) or (n, h, w, 3)
        What the generator learnt from, and what it made.
    held_out : as `real`, optional
        Real images it did not learn from. Without them `real` is split in two again and again: n is then half
        of it at most, and half of the copied training images go unnoticed.
    features, classifier, k, pairs : as for `fid`, `inception_score`, `precision_recall` and `ssim`
    max_n, n_resamples, random_state : int
        Most images a side; resamples that the intervals come from; seed of all draws.

    Returns
    -------
    pandas.DataFrame
        As `judge.report`. "distance within" and "classes" are `collapse`'s multiples of the reals', the last
        three rows `memorisation`'s.
    """
    images = dict(zip(("real", "fake"), _pair(real, fake, 20), strict=True))
    if held_out is not None:
        images["held_out"] = _pair(real, held_out, 20, ("real", "held_out"))[1]
    rng = np.random.default_rng(random_state)
    sets = {}
    for name, x in images.items():  # no more than can be used: describing costs most
        x = x[rng.permutation(len(x))[: 2 * max_n]]
        sets[name] = dict(images=x, pixels=_features.pixels(x), **_features.look(x, features, classifier))

    def measure(ours, theirs, rng, training):
        a, x = ours["features"], theirs["features"]
        near = _nearest_ssim(
            *(s[key] for key in ("images", "pixels") for s in (training, theirs)), pairs, rng
        )
        figures = (
            _fid(a, x),
            _kid(a, x),
            _inception_score(theirs["proba"]),
            *_precision_recall(a, x, k),
            *_within(theirs["images"], pairs, rng),
            near,
            *_collapse(ours, theirs),
            *_memorisation(training["features"], x)[:3],
        )
        return dict(zip(ROWS, figures, strict=True))

    by = features if isinstance(features, str) else getattr(features, "__name__", type(features).__name__)
    other = {"inception score": "classes", "classes": "classes"} | {m: "pixels" for m in ROWS if "SSIM" in m}
    notes = {metric: (*row, other.get(metric, by)) for metric, row in ROWS.items()}
    options = dict(max_n=max_n, n_resamples=n_resamples, random_state=random_state)
    table = _resample.table(sets, measure, notes, **options)
    _warn_rank(table["n"].iloc[0], sets["real"]["features"].shape[1])
    return table
