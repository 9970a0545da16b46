"""Figures of compound expressions."""

import numpy as np
import pandas as pd
import pytest

from affectkit import plots


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_recall_by_support_stands_beside_the_printed_accuracy():
    table = pd.DataFrame({"recall": [0.2, 0.6], "support": [30, 10]}, index=["fear", "anger"])
    ax = plots.recall_and_accuracy({"basic": (table, 0.8)}, title="").axes[0]
    assert texts(ax) == [" found, by its rows: 30% ", " printed accuracy: 80% "]
    assert [line.get_xdata()[0] for line in ax.lines] == [pytest.approx(0.3), 0.8]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["fear  (30)", "anger  (10)"]


def test_two_tables_have_two_panels():
    table = pd.DataFrame({"recall": [0.2], "support": [30]}, index=["fear"])
    axes = plots.recall_and_accuracy({"one": (table, 0.2), "two": (table, 0.3)}, title="").axes
    assert [ax.get_title() or ax.get_title("left") for ax in axes] == ["one", "two"]


def test_ways_have_a_colour_for_each_kind():
    table = pd.DataFrame({"value": [0.4, 0.2, 0.3], "low": [0.3, 0.1, 0.2], "high": [0.5, 0.3, 0.4],
                          "kind": ["labels", "none", "labels"]}, index=["CNN", "units", "GAN"])
    ax = plots.ways(table, lines={"chance": 0.09}, xlabel="", title="").axes[0]
    labels, none = ax.lines[:2]
    assert list(labels.get_xdata()) == [0.4, 0.3] and list(labels.get_ydata()) == [0, 2]
    assert list(none.get_ydata()) == [1] and labels.get_color() != none.get_color()
    assert {"0.40", "0.20", "0.30", "chance"} == set(texts(ax))
    assert [text.get_text() for text in ax.get_legend().texts] == ["labels", "none"]


def test_recalls_of_many_classes():
    table = pd.DataFrame({"as it is": [0.5, 0.0]}, index=["sadly angry", "happily surprised"])
    ax = plots.recall_map(table, [130, 562], title="").axes[0]
    assert texts(ax) == ["50%", "0%"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["sadly angry  (130)",
                                                                     "happily surprised  (562)"]


def test_mistakes_that_share_an_emotion_are_framed():
    shares = np.array([[False, True, False], [True, False, False], [False, False, False]])
    names = ["sadly angry", "fearfully angry", "happily surprised"]
    ax = plots.confusion([0, 0, 1, 2], [0, 1, 1, 0], names, source="twin", framed=("alike", shares)).axes[0]
    assert texts(ax) == ["50%", "50%", "0%", "0%", "100%", "0%", "100%", "0%", "0%"]
    assert "alike" in ax.get_xlabel()
    frames = [(int(patch.get_x()), int(patch.get_y())) for patch in ax.patches]
    assert sorted(frames) == [(0, 1), (1, 0)]
    assert [label.get_text() for label in ax.get_yticklabels()][0] == "sadly angry  (n = 2)"


def test_two_networks_name_the_same_faces():
    faces = np.repeat(np.arange(6, dtype=np.uint8), 3 * 4 * 4).reshape(6, 4, 4, 3)
    tables = {"eleven": pd.Series({"happily surprised": 0.75, "sadly angry": 0.25}),
              "seven": pd.Series({"happiness": 1.0})}
    picture, eleven, seven = plots.two_vocabularies(faces, tables, title="Blend").axes
    assert picture.images[0].get_array()[::4, ::4, 0].tolist() == [[0, 1], [2, 3], [4, 5]]
    assert (eleven.get_title("right"), seven.get_title("right")) == ("eleven", "seven")
    assert [bar.get_width() for bar in eleven.patches] == [0.75, 0.25] and texts(seven) == [" 100%"]
    assert [label.get_text() for label in eleven.get_yticklabels()] == ["happily surprised", "sadly angry"]
