"""Figures about the number of classes."""

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


def test_accuracy_beside_the_guesser_and_bits():
    table = pd.DataFrame({"accuracy": [0.5, 0.8], "low": [0.48, 0.78], "high": [0.52, 0.82],
                          "guess": [0.25, 0.53], "bits": [0.9, 0.3], "most": [2.7, 1.0]}, index=["A", "C"])
    fig = plots.fewer_classes(table, title="Easier?")
    left, right = fig.axes
    assert [label.get_text() for label in left.get_yticklabels()] == ["A", "C"]
    np.testing.assert_allclose([bar.get_width() for bar in left.patches], [0.5, 0.8, 0.25, 0.53])
    np.testing.assert_allclose([bar.get_width() for bar in right.patches], [2.7, 1.0, 0.9, 0.3])
    assert [text.get_text() for text in right.texts] == [" 0.90 of 2.70", " 0.30 of 1.00"]
    spans = left.collections[0].get_segments()
    np.testing.assert_allclose([span[:, 0] for span in spans], [[0.48, 0.52], [0.78, 0.82]])


def test_bars_in_the_colours_of_emotions():
    values = pd.Series({"angry": 0.9, "surprise": 0.4})
    fig = plots.emotion_bars(values, title="Called negative", xlabel="share")
    bars = fig.axes[0].patches
    assert [bar.get_width() for bar in bars] == [0.9, 0.4]
    for bar, name in zip(bars, values.index, strict=True):
        assert bar.get_facecolor()[:3] == pytest.approx(matplotlib.colors.to_rgb(emotions.colour(name)))


def test_one_grouping_among_all_is_spelt_out():
    table = pd.DataFrame({"classes": [[["angry", "sad"], ["happy"]], [["happy", "sad"], ["angry"]]],
                          "accuracy": [0.8, 0.6], "guess": [0.7, 0.5], "bits": [0.1, 0.3]}, index=[7, 9])
    fig = plots.groupings(table, 9, ["angry", "sad", "happy"], title="2 ways (twin)")
    left, right, bar = fig.axes
    np.testing.assert_allclose(left.collections[0].get_offsets(), [[0.7, 0.8], [0.5, 0.6]])
    np.testing.assert_allclose(left.collections[0].get_array(), [0.1, 0.3])
    np.testing.assert_allclose(left.lines[1].get_xydata(), [[0.5, 0.5], [0.5, 0.6]])  # what guessing lacks
    assert bar.lines[-1].get_ydata()[0] == 0.3
    members = [dots.get_offsets().tolist() for dots in right.collections]
    assert members == [[[0, 2], [0, 1]], [[1, 0]]], "happy and sad stand in one column"
    colours = [matplotlib.colors.to_hex(colour) for colour in right.collections[0].get_facecolors()]
    assert colours == [emotions.colour(name).lower() for name in ("happy", "sad")]
