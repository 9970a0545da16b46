"""Figures of what a discriminator knows."""

import numpy as np
import pandas as pd
import pytest

from affectkit import plots


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_two_protocols_side_by_side():
    table = pd.DataFrame({"random folds": [0.98, 0.99], "by person": [0.7, 0.85]}, index=["pixels", "GAN"])
    ax = plots.two_protocols(table, title="", xlabel="", chance=0.125, printed=("paper", 0.9764)).axes[0]
    easy, honest = (dots.get_offsets() for dots in ax.collections[1:])
    assert list(easy[:, 0]) == [0.98, 0.99] and list(honest[:, 0]) == [0.7, 0.85]
    assert {"0.98", "0.70", "chance", "paper"} <= set(texts(ax))
    assert ax.get_xlim()[0] < 0.125


def test_roc_curves_have_their_areas():
    target = np.array([0, 0, 1, 1, 1])
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [0.3, 0.7], [0.4, 0.6]])
    ax = plots.roc_curves(target, scores, ["fear", "happiness"], title="").axes[0]
    assert [text.get_text() for text in ax.get_legend().texts] == ["0.67  fear", "0.67  happiness"]


def test_a_class_that_is_never_there_has_no_curve():
    names = ["fear", "happiness", "anger"]
    ax = plots.roc_curves([0, 1], [[0.9, 0.1, 0], [0.2, 0.8, 0]], names, title="").axes[0]
    assert [line.get_label() for line in ax.lines][:2] == ["1.00  fear", "1.00  happiness"]
    assert len(ax.lines) == 3, "the third is the coin's"


def test_few_labels_leave_gaps_out():
    table = pd.DataFrame({"GAN": [0.4, 0.5, 0.6], "CNN": [np.nan, 0.3, 0.7]}, index=[8, 80, 800])
    ax = plots.few_labels(table, title="", ylabel="", chance=0.125).axes[0]
    assert list(ax.lines[1].get_xdata()) == [80, 800] and ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_xticklabels()] == ["8", "80", "800"]
    assert ax.lines[2].get_ydata()[0] == pytest.approx(0.125)


def test_a_kernel_lies_over_the_pairs_it_compares():
    alike = {"near-copies": np.array([0.99, 1.0]), "same": np.full(9, 0.7), "other": np.array([0.5, 0.9])}
    fig = plots.kernel_reach(alike, lambda r: r**2, {"training": 1.0, "new": 0.25}, chance=0.125, title="K")
    left, right = fig.axes
    r, k = left.lines[0].get_data()
    np.testing.assert_allclose(k, r**2)
    assert r[-1] == 1 and r[0] < 0.6
    hills = [patch.get_data().values for patch in left.patches]
    assert [hill.max() for hill in hills] == [1, 1, 1] and np.flatnonzero(hills[0]).min() == 48
    assert [bar.get_width() for bar in right.patches] == [1, 0.25]
    assert {" 100%", " 25%", " chance"} == set(texts(right)) and right.lines[0].get_xdata()[0] == 0.125
    assert [label.get_text() for label in right.get_yticklabels()] == ["training", "new"]
