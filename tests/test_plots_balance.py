"""Figures about balancing."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns

from affectkit import plots

METRICS = ("macro-F1", "balanced accuracy", "accuracy", "rare recall")


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def table(gains):
    """As `balance.compare` makes it: method -> (gain, half its interval, seconds)."""
    rows = [{"method": "none", "metric": metric, "value": 0.6, "difference": np.nan, "seconds": 1.0}
            for metric in METRICS]
    rows += [{"method": name, "metric": metric, "value": 0.6 + gain, "difference": gain, "seconds": seconds,
              "difference_low": gain - half, "difference_high": gain + half}
             for name, (gain, half, seconds) in gains.items() for metric in METRICS]
    return pd.DataFrame(rows)


def test_gains_are_told_from_losses_and_from_chance():
    gains = {"adjusted": (0.05, 0.02, 1.2), "GAN": (-0.04, 0.01, 321), "mixup": (0.01, 0.02, 2)}
    fig = plots.balance_gains(table(gains), source="twin")
    blue, orange = sns.color_palette("colorblind")[:2]
    assert [ax.get_title("left").split("\n") for ax in fig.axes] == [
        [metric, "none: 60.0 %"] for metric in ("macro-F1", "balanced accuracy", "rare recall")]
    for ax in fig.axes:
        dots = [line for line in ax.lines if line.get_marker() == "o"]
        np.testing.assert_allclose([dot.get_xdata()[0] for dot in dots], [5, -4, 1])
        assert [dot.get_color() for dot in dots] == [blue, orange, "0.5"]
        spans = [line.get_xdata() for line in ax.lines if line.get_linewidth() == 3]
        np.testing.assert_allclose(spans, [[3, 7], [-5, -3], [-1, 3]])
    assert [label.get_text() for label in fig.axes[0].get_yticklabels()] == ["adjusted", "GAN", "mixup"]
    assert [text.get_text() for text in fig.axes[2].texts] == ["1.2 s", "321 s", "2.0 s"]
    assert "none" in fig.get_suptitle() and "(twin)" in fig.get_suptitle()
