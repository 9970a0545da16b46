"""Simulators with known ground truth: `faces` from action units, `hearts` from a stress protocol."""

from affectkit.twins import faces, hearts

__all__ = ["faces", "hearts"]
