"""Simulators with known ground truth, from action units to pixels and from emotions to pulses.

`faces`, `hearts` and `scenes` draw and beat; `zoo` makes of them a twin for every data set. Each loads when
first used: hearts need no torch.
"""

import importlib

__all__ = ["faces", "hearts", "scenes", "zoo"]


def __getattr__(name):
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
