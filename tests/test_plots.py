"""Figures show what they are given, and say where it comes from."""

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


@pytest.fixture
def counts():
    return pd.Series({"happy": 90, "disgust": 10})


def test_face_sheet_has_a_row_a_class_and_names_its_source():
    images = np.zeros((5, 8, 8), dtype=np.uint8)
    fig = plots.face_sheet(images, [0, 0, 0, 1, 1], ["happy", "sad"], source="twin", per_class=4)
    shown = [len(ax.images) for ax in fig.axes]
    assert shown == [1, 1, 1, 0, 1, 1, 0, 0]  # three happy faces, two sad ones
    assert "twin" in fig.get_suptitle()


def test_face_sheet_keeps_grey_values_absolute():
    """A dim face must look dim: no picture is stretched to its own range."""
    fig = plots.face_sheet(np.full((1, 8, 8), 40, dtype=np.uint8), [0], ["happy"], source="real", per_class=1)
    assert fig.axes[0].images[0].get_clim() == (0, 255)


def test_heart_course_shades_the_labelled_stretches_only():
    label = np.r_[np.zeros(60), np.ones(60), np.zeros(60), np.ones(30)].astype(int)
    fig = plots.heart_course(
        np.arange(210), np.full(210, 70.0), label, ["baseline", "stress"], source="real", person="S02"
    )
    assert len(fig.axes[0].patches) == 2
    assert "real data" in fig.axes[0].get_title() + fig.axes[0].get_title("left")   # where the style puts it


def test_class_counts_puts_the_largest_on_top_in_its_emotions_colour(counts):
    ax = plots.class_counts(counts, title="t").axes[0]
    assert [bar.get_width() for bar in ax.patches] == [10, 90]
    assert matplotlib.colors.same_color(ax.patches[1].get_facecolor(), emotions.colour("happy"))


def test_every_distribution_fills_each_bar(counts):
    ax = plots.every_distribution({"a": counts, "b": pd.Series({"anger": 1, "fear": 1})}).axes[0]
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(2)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["b", "a"]  # the most even at the bottom


def test_imbalance_ratios_writes_each_ratio():
    ax = plots.imbalance_ratios(pd.Series({"a": 16.5, "b": 1.0})).axes[0]
    assert sorted(text.get_text() for text in ax.texts) == ["1.0", "16.5"]


def test_accuracy_paradox_draws_both_scores():
    share = np.linspace(0.5, 0.01, 5)
    ax = plots.accuracy_paradox(share, 1 - share, np.full(5, 0.5), title="t").axes[0]
    assert [line.get_ydata()[-1] for line in ax.lines] == [0.99, 0.5]


def test_recalls_draws_a_bar_a_class_and_method():
    table = pd.DataFrame({"plain": [0.1, 0.9], "weighted": [0.4, 0.7]}, index=["disgust", "happy"])
    ax = plots.recalls(table, title="t").axes[0]
    heights = [bar.get_height() for container in ax.containers for bar in container]
    assert heights == [0.1, 0.9, 0.4, 0.7]


def test_vocabularies_colours_known_words_only():
    table = pd.DataFrame({"anger": ["angry", ""], "joy": ["", "joy"]}, index=["a", "b"])
    ax = plots.vocabularies(table).axes[0]
    assert [text.get_text() for text in ax.texts] == ["angry", "", "", "joy"]
    assert len({patch.get_facecolor() for patch in ax.patches}) == 3  # two emotions and the empty grey
