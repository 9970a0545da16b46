"""Knobs to turn: each app is a picture with controls, for a cell such as ``ak.apps.FaceLab().view()``.

Every app works without arguments, offline, on what the kit brings, and on your own data where it takes some.
The picture of each is made by a pure function of its file, ``plot_*``: data in, Figure out. Each loads when
first used. `interact` makes a small one of any function that draws.
"""

import importlib

_FILES = {
    "FaceLab": "face_lab",
    "FusionLab": "fusion_lab",
    "GANLab": "gan_lab",
    "HeartLab": "heart_lab",
    "ImbalanceLab": "imbalance_lab",
    "LeakLab": "leak_lab",
    "MoodMirror": "mood_mirror",
    "RealOrFake": "real_or_fake",
    "ThresholdLab": "threshold_lab",
    "interact": "_interact",
}

__all__ = list(_FILES)
NAMES = [name for name in _FILES if name != "interact"]  # of the apps


def __getattr__(name):
    if name in _FILES:
        return getattr(importlib.import_module(f"{__name__}.{_FILES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
