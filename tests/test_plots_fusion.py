"""Figures about faces and hearts together."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from affectkit import emotions, plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_pairs_in_rows_of_one_scale_a_signal():
    faces, signals = np.zeros((2, 8, 8), np.uint8), np.arange(24.0).reshape(2, 4, 3)
    fig = plots.pair_sheet(faces, signals, ["anger", "fear"], ["heart_rate", "eda", "temperature"], 20,
                           title="Pairs")
    axes = np.array(fig.axes).reshape(2, 4)
    assert [ax.get_title(loc="center") for ax in axes[0]] == ["", "heart rate", "eda", "temperature"]
    assert axes[1, 0].get_ylabel() == "fear"
    assert axes[0, 1].get_ylim() == axes[1, 1].get_ylim()
    curve = axes[1, 2].lines[-1]
    np.testing.assert_allclose(curve.get_xdata(), [2.5, 7.5, 12.5, 17.5])
    np.testing.assert_allclose(curve.get_ydata(), signals[1, :, 1])
    assert curve.get_color() == emotions.colour("fear")


def test_gain_of_two_senses_is_green_where_it_is_clear():
    scores = {name: pd.DataFrame({"value": [0.5, 0.3], "low": 0.2, "high": 0.6}) for name in ("face", "both")}
    gains = pd.DataFrame({"difference": [0.02, 0.1], "low": [-0.01, 0.05], "high": [0.05, 0.15]},
                         index=[0.0, 0.4])
    fig = plots.two_senses(np.zeros((2, 8, 8), np.uint8), scores, gains, chance=1 / 7, title="Two")
    above, below = fig.axes[2:]
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["face", "both"]
    np.testing.assert_allclose(above.lines[0].get_ydata(), [0.5, 0.3])
    marks = below.collections[1]
    np.testing.assert_allclose(marks.get_offsets()[:, 1], [2, 10])
    grey, green = marks.get_facecolors()[:, :3]
    assert np.ptp(grey) == 0 and np.ptp(green) > 0
    assert [label.get_text() for label in below.get_xticklabels()] == ["0.0", "0.4"]
