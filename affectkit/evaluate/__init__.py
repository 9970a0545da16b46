"""Scores to believe: intervals, baselines, credible bands, paired comparisons, an audit of the split."""

from .audit import audit_split
from .scores import compare, credible_band, credible_bands, mean_interval, per_class, per_person_auc, scores

__all__ = [
    "scores",
    "per_class",
    "per_person_auc",
    "mean_interval",
    "compare",
    "credible_band",
    "credible_bands",
    "audit_split",
]
