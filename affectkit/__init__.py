"""affectkit: emotion recognition from faces and heart-rate signals, taught step by step.

``import affectkit as ak`` is all a lesson needs; ``ak.datasets``, ``ak.learn`` and the other parts load when
first used, so that a lesson about data never waits for torch.
"""

import importlib

__version__ = "0.1.0"

_PARTS = ("emotions", "cards", "speed", "preprocess", "twins", "datasets", "gans", "nets", "optim",
          "evaluate", "learn", "judge", "balance", "transfer", "papers", "leaks", "mood", "plots", "lesson",
          "apps", "run", "sweep", "cli")

__all__ = ["__version__", *_PARTS]


def __getattr__(name):
    if name in _PARTS:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
