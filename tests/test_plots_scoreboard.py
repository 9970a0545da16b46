"""The figure of claims, bands and measured figures."""

import numpy as np
import pandas as pd

from affectkit import plots


def test_claims_bands_and_figures():
    gap = dict.fromkeys(["twin", "twin low", "twin high", "band low", "band high"], np.nan)
    table = pd.DataFrame([
        gap | {"paper": "a", "headline": "CNN", "claim": 0.81, "printed": "81", "band low": 0.6,
               "band high": 0.65, "real": 0.6, "real low": 0.58, "real high": 0.62},
        gap | {"paper": "b", "headline": "SVM", "claim": 0.9857, "printed": "98.57", "real": np.nan,
               "real low": np.nan, "real high": np.nan},
    ])  # fmt: skip
    ax = plots.scoreboard(table, title="").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["CNN", "SVM"]
    assert {text.get_text() for text in ax.texts} == {"81", "98.57", "a", "b"}
    band = ax.patches[0]
    assert (band.get_x(), round(band.get_width(), 3)) == (0.6, 0.05) and len(ax.patches) == 1
    assert [line.get_marker() for line in ax.lines] == ["None", "o", "D", "D"], (
        "no dot where nothing was measured"
    )
