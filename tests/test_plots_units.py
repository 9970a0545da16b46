"""Figures about action units."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from affectkit import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def ticks(labels):
    return [label.get_text() for label in labels]


def test_dots_a_unit_and_a_word_where_there_is_nothing_to_draw():
    table = pd.DataFrame({"random": [0.9, np.nan, 0.7], "by person": [0.8, np.nan, np.nan]},
                         index=["AU12", "AU27", "Exp. 1"])
    fig = plots.unit_dots(table, title="A gap", xlabel="AUC", chance=0.5)
    (ax,) = fig.axes
    assert ticks(ax.get_yticklabels()) == ["12 lip corner puller", "27 mouth stretch", "Exp. 1"]
    dots = {line.get_label(): line for line in ax.lines if line.get_label() in table}
    for name, line in dots.items():
        np.testing.assert_array_equal(line.get_xdata(), table[name])
    assert len({line.get_color() for line in dots.values()}) == len(dots) == 2
    assert {text.get_text().strip(): text.get_position()[1] for text in ax.texts} == {"undefined": 1,
                                                                                   "guessing": -0.75}
    np.testing.assert_allclose(ax.lines[0].get_xdata(), [0.8, 0.9])  # what joins the first row's
    assert ax.get_xlabel() == "AUC" and fig._suptitle.get_text() == "A gap"


def test_a_rule_is_framed_on_top_of_what_is_there():
    table = pd.DataFrame([[0.9, 0.4], [0.0, 0.1]], index=["happy", "neutral"], columns=["AU12", "AU25"])
    rule = {"happiness": ("AU12", "AU6"), "neutral": ()}
    fig = plots.rule_map({"acted": table, "wild": table / 2}, rule, title="Rule")
    first, second = fig.axes
    assert (first.get_title(), second.get_title()) == ("acted", "wild")
    assert ticks(first.texts) == ["90", "40", "0", "10"] and ticks(second.texts) == ["45", "20", "0", "5"]
    (frame,) = first.patches  # AU6 is no column
    assert np.floor(frame.get_xy()).tolist() == [0, 0]
    assert ticks(second.get_xticklabels()) == ["12", "25"] and second.get_xlabel() == "action unit"


def test_sets_within_are_framed():
    table = pd.DataFrame([[0.9, 0.7], [0.6, 0.8]], index=["CK+", "RaFD"], columns=["CK+", "RaFD"])
    ax = plots.from_set_to_set(table, title="Away from home").axes[0]
    assert ticks(ax.texts) == ["0.90", "0.70", "0.60", "0.80"]
    assert [np.floor(frame.get_xy()).tolist() for frame in ax.patches] == [[0, 0], [1, 1]]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("learnt on", "tested on")


def test_faces_stand_in_a_detectors_order():
    images = np.repeat(np.arange(6, dtype=np.uint8), 16).reshape(6, 4, 4)  # each face is its number
    there = np.array([True, False, True, False, False, False])
    ways = {"by number": np.arange(6.0), "backwards": -np.arange(6.0)}
    fig = plots.in_order(images, there, ways, title="Order", columns=3)
    first, strip, second, below = fig.axes
    assert [ax.get_title("left") for ax in (first, second)] == ["by number", "backwards"]
    assert first.images[0].get_array()[0, ::4].tolist() == [1, 3, 5]  # the middle of each third
    assert second.images[0].get_array()[0, ::4].tolist() == [4, 2, 0]
    assert [round(frame.get_x()) // 4 for frame in second.patches] == [1, 2] and not first.patches
    orange = [ax.images[0].get_array()[0, :, 2] < 0.5 for ax in (strip, below)]  # grey is as blue as red
    assert [row.tolist() for row in orange] == [there.tolist(), there[::-1].tolist()]


def test_a_few_faces_fill_the_row():
    fig = plots.in_order(np.zeros((2, 4, 4), np.uint8), [False, True], {"way": [0.1, 0.2]}, title="")
    assert fig.axes[0].images[0].get_array().shape == (4, 40) and len(fig.axes[0].patches) == 5
