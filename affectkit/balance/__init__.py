"""Balance: samplers, classic augmentation and losses for rare classes, and a fair comparison of them all.

Everything that makes rows is a sampler of imbalanced-learn. In an `imblearn.pipeline.Pipeline` it is fitted
and applied on training rows alone, so that no made-up or repeated row can reach a test fold.
"""

from importlib import import_module

_HOME = dict.fromkeys(("Augmenter", "GANSampler", "quotas"), "samplers")
_HOME |= dict.fromkeys(
    ("BalancedSoftmaxLoss", "FocalLoss", "LogitAdjusted", "LogitAdjustedLoss", "adjust"), "losses")
_HOME["compare"] = "comparison"  # a file named compare would hide the function

__all__ = [*_HOME, "faces", "signals"]


def __getattr__(name):
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    if name in __all__:
        return import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
