"""Pure functions on arrays: what happens to a sample between the file and the network."""

from . import faces, signals

__all__ = ["faces", "signals"]
