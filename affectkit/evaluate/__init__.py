"""Scores to believe: intervals, baselines, bands, paired comparisons, calibration, slices, an audit."""

from ._alike import near_copies
from .audit import audit_split
from .quick import QUICK_METRICS, ends, quick_scores, wilson, yes_no_rates
from .scores import (
    calibration,
    calibration_error,
    compare,
    credible_band,
    credible_bands,
    label_auc,
    mean_interval,
    per_class,
    per_person_auc,
    scores,
    slices,
)

__all__ = [
    "scores",
    "per_class",
    "label_auc",
    "calibration",
    "calibration_error",
    "slices",
    "per_person_auc",
    "mean_interval",
    "compare",
    "credible_band",
    "credible_bands",
    "audit_split",
    "near_copies",
    "quick_scores",
    "QUICK_METRICS",
    "ends",
    "wilson",
    "yes_no_rates",
]
