"""Judges of generators: how near made-up samples come to real ones, and how they fail.

No single figure tells. Each sees one kind of failure and misses another (a copy of the training set has a
perfect FID), and each depends on the number of samples. So `report` prints them side by side, every one with
an interval and with its floor: the same figure for real samples against other real ones, at the same n.

Images are uint8 (n, h, w) or (n, h, w, 3), signals float (n, time, channels). By default pictures are
compared by the kit's own small network, trained on twins: FIDs in papers rest on Inception and are on another
scale.
"""

from importlib import import_module

_HOME = dict.fromkeys(
    ("fid", "kid", "inception_score", "ssim", "precision_recall", "collapse", "memorisation", "real_or_fake",
     "describe", "probabilities"),
    "images",
)
_HOME |= dict.fromkeys(
    ("mmd", "tstr", "trts", "discriminative", "predictive", "spectral", "heart_rate"), "signals"
)

__all__ = [*_HOME, "images", "report", "signals"]


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)


def report(real, fake, **options):
    """All figures that apply, each with its interval and its floor.

    Parameters
    ----------
    real, fake : arrays
        uint8 images or float signals; options as for `judge.images.report` and `judge.signals.report`.

    Returns
    -------
    pandas.DataFrame, indexed by metric
        ``value``, ``low``, ``high`` (95 % interval over resamples), ``floor`` (the same for real samples
        against other real ones, at the same n), ``better`` ("lower", "higher", or "floor": the nearer to it),
        ``n`` (samples on each side) and ``features`` (what it is computed on).
    """
    import numpy as np

    kinds = [np.asarray(x).dtype for x in (real, fake)]
    names = ["images" if kind == np.uint8 else "signals" if kind.kind == "f" else "" for kind in kinds]
    if names[0] != names[1] or not names[0]:
        raise ValueError(
            "real and fake must both be uint8 (images) or both float (signals), not "
            f"{kinds[0]} and {kinds[1]}."
        )
    return import_module(f"{__name__}.{names[0]}").report(real, fake, **options)
