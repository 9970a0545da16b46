"""Generative adversarial networks on faces and on signals: the papers' own, and their rivals of today."""

from ._base import CheckpointError, TrainingStopped
from .dcgan import DCGAN
from .presets import preset
from .rgan import RGAN
from .shipped import trained

__all__ = ["DCGAN", "RGAN", "preset", "trained", "CheckpointError", "TrainingStopped"]
