"""Figures about networks on faces."""

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


def test_training_curves_mark_the_epoch_that_is_kept():
    history = pd.DataFrame({"train_loss": [2, 1.5, 1], "valid_loss": [1.8, 1.4, 1.6],
                            "train_acc": [0.2, 0.4, 0.6], "valid_acc": [0.3, 0.5, 0.4]})
    fig = plots.training_curves(history, best_epoch=2, source="twin")
    assert "epoch 2 of 3" in fig.get_suptitle() and "twin" in fig.get_suptitle()
    for ax, kept in zip(fig.axes, (1.4, 0.5), strict=True):
        train, _, _, ring = ax.lines
        assert train.get_xdata().tolist() == [1, 2, 3]
        assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (2, kept)


def test_confusion_rows_are_shares_of_the_label():
    ax = plots.confusion([0, 0, 0, 0, 1], [0, 0, 0, 1, 1], ["happy", "sad"], source="real").axes[0]
    assert [text.get_text() for text in ax.texts] == ["75%", "25%", "0%", "100%"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["happy  (n = 4)", "sad  (n = 1)"]
    assert ax.get_xticklabels()[1].get_color() == emotions.colour("sad")
    assert "real data" in ax.figure.get_suptitle()


def test_confusion_survives_an_absent_class():
    ax = plots.confusion([0, 0], [0, 1], ["happy", "sad"], source="real").axes[0]
    assert [text.get_text() for text in ax.texts] == ["50%", "50%", "0%", "0%"]


@pytest.mark.parametrize("heat", [False, True])
def test_gallery_shows_each_face_with_its_caption(heat):
    images = np.full((5, 8, 8), 40, dtype=np.uint8)
    maps = np.random.default_rng(0).random((5, 8, 8)) if heat else None
    fig = plots.gallery(images, list("abcde"), title="t", heat=maps, columns=3, colours=["red"] * 5)
    assert sorted(ax.get_title() for ax in fig.axes if ax.get_title()) == list("abcde")
    assert len(fig.axes) == (12 if heat else 6)
    assert sum(len(ax.images) for ax in fig.axes) == (15 if heat else 5)
    assert fig.axes[0].images[0].get_clim() == (0, 255)  # a dim face looks dim


def test_gallery_takes_a_map_without_evidence():
    fig = plots.gallery(np.zeros((1, 8, 8), np.uint8), [""], title="t", heat=np.zeros((1, 8, 8)))
    assert fig.axes[1].images[1].get_clim()[1] > 0


def test_in_context_draws_intervals_only_where_there_are_any():
    rows = pd.DataFrame({"value": [0.63, 0.81], "low": [0.61, np.nan], "high": [0.65, np.nan],
                         "ours": [True, False]}, index=["ours", "theirs"])
    ax = plots.in_context(rows, band=(0.6, 0.69), limits=(0.5, 0.9), title="t").axes[0]
    assert ax.get_xlim() == (0.5, 0.9)
    assert [line.get_xdata().tolist() if hasattr(line.get_xdata(), "tolist") else list(line.get_xdata())
            for line in ax.lines] == [[0.61, 0.65], [0.63], [0.81]]
    assert {"63.0%", "81.0%", "credible band"} <= {text.get_text() for text in ax.texts}


def test_gallery_takes_colour():
    images = np.zeros((2, 8, 8, 3), np.uint8)
    assert len(plots.gallery(images, ["a", "b"], title="t").axes) == 2


def test_unit_profile_names_emotions_in_their_colour():
    table = pd.DataFrame([[0.5, 0.0], [0.2, 1.0]], index=["sadness", "joy"], columns=["AU1", "AU12"])
    ax = plots.unit_profile(table, title="t").axes[0]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1", "12"]
    assert [label.get_color() for label in ax.get_yticklabels()] == [
        emotions.colour("sadness"), emotions.colour("joy")]
    assert ax.collections[0].get_array().ravel().tolist() == [0.5, 0.0, 0.2, 1.0]


def test_distances_show_every_pair_and_the_mean():
    fig = plots.distances({"emotion": np.array([2.0, 4.0]), "light": np.array([9.0, 11.0, 10.0])}, title="t")
    ax = fig.axes[0]
    dots, means = ax.lines[::2], ax.lines[1::2]
    assert [line.get_xdata().tolist() for line in dots] == [[2, 4], [9, 11, 10]]
    assert [line.get_xdata()[0] for line in means] == [3, 10]
    assert {"3", "10"} == {text.get_text() for text in ax.texts}
    assert dots[0].get_color() != dots[1].get_color()


def test_recovery_puts_what_was_found_beside_what_is_true():
    units = pd.DataFrame({"true": [0.9, 0.0], "found": [0.8, 0.1]}, index=["AU1", "AU12"])
    pictures = {"target": np.zeros((8, 8), np.uint8), "found": np.zeros((8, 8, 3), np.uint8)}
    fig = plots.recovery(pictures, units, title="t")
    *faces, bars = fig.axes
    assert [ax.get_title("center") for ax in faces] == ["target", "found"]
    assert [bar.get_height() for bar in bars.patches] == [0.9, 0.0, 0.8, 0.1]
    assert [text.get_text() for text in bars.get_legend().get_texts()] == ["true", "found"]


def test_reliability_draws_every_bin_and_the_diagonal():
    table = pd.DataFrame({"n": [50, 50], "confidence": [0.42, 0.9], "accuracy": [0.4, 0.7],
                          "low": [0.32, 0.62], "high": [0.48, 0.78]})
    ax = plots.reliability({"before": table, "after": table}, title="Sure? (twin)").axes[0]
    diagonal, before, after = ax.lines
    assert diagonal.get_xydata().tolist() == [[0.3, 0.3], [1, 1]] and ax.get_xlim()[0] == 0.3
    assert before.get_xydata().tolist() == [[0.42, 0.4], [0.9, 0.7]]
    assert before.get_color() != after.get_color()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["before", "after"]
    spans = [span[:, 1].tolist() for span in ax.collections[0].get_segments()]
    assert spans == [[0.32, 0.48], [0.62, 0.78]]


def test_slices_colour_what_chance_does_not_explain():
    index = pd.MultiIndex.from_tuples([("glasses", False), ("glasses", True), ("age", "old")])
    table = pd.DataFrame({"n": [80, 20, 1000], "accuracy": [0.6, 0.4, 0.5], "p": [0.02, 0.02, np.nan],
                          "difference": [0.2, -0.2, 0.01], "difference low": [0.1, -0.3, -0.1],
                          "difference high": [0.3, -0.1, 0.12]}, index=index)
    ax = plots.slices(table, title="Who? (twin)").axes[0]
    spans, dots = ax.lines[:-1:2], ax.lines[1::2]
    assert [round(dot.get_xdata()[0]) for dot in dots] == [20, -20, 1]
    np.testing.assert_allclose([line.get_xdata() for line in spans], [[10, 30], [-30, -10], [-10, 12]])
    better, worse, unclear = (dot.get_color() for dot in dots)
    assert better != worse and unclear == "0.55"
    written = [text.get_text() for text in ax.texts]
    assert written == ["60% of 80", "40% of 20", "50% of 1,000", "glasses", "age"]
    assert [dot.get_ydata()[0] for dot in dots] == [1, 2, 4]  # each attribute has a line for its name


def test_judges_marks_what_is_worse_than_the_truth():
    def table(value, half):
        return pd.DataFrame({"value": value, "low": np.array(value) - half, "high": np.array(value) + half,
                             "better": ["lower", "higher", "floor"]}, index=["FID", "recall", "copies"])

    reports = {"truth": table([2, 0.9, 0.1], 0.05), "blur": table([6, 0.5, 0.12], 0.05),
               "copycat": table([0, 1.0, 0.9], 0.05)}
    ax = plots.judges(reports, trusted="truth", title="seen (twin)").axes[0]
    worse = ax.collections[0].get_array().reshape(3, 3)
    assert worse.tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]
    written = [text.get_text() for text in ax.texts]
    assert written[:3] == ["2.00", "6.00", "0.00"] and written.count("as real ones") == 1


def test_reading_along_shows_what_is_read_and_what_it_says():
    image = np.arange(4, dtype=np.uint8).reshape(2, 2).repeat(8, 0).repeat(8, 1)
    proba, right = np.array([[0.9, 0.1], [0.6, 0.4], [0.3, 0.7], [0.2, 0.8]]), np.array([0.2, 0.3, 0.4, 0.5])
    fig = plots.reading_along(image, [3, 1, 0, 2], proba, right, ["happy", "sad"], 2, title="Read (twin)")
    face, course, bars, all_faces = fig.axes
    assert face.images[0].get_array()[[0, 0, 8, 8], [0, 8, 0, 8]].tolist() == [235, 1, 235, 3]
    assert face.patches[0].get_xy() == (7.5, -0.5) and face.patches[0].get_width() == 8
    assert [len(line.get_xdata()) for line in course.lines[:4]] == [4, 2, 4, 2]
    assert [bar.get_width() for bar in bars.patches] == [0.6, 0.4]
    assert all_faces.lines[0].get_xydata().tolist() == [[2, 0.3]]


def test_reading_orders_show_the_places_as_they_are_read():
    numbers = np.arange(16, dtype=np.uint8).reshape(4, 4)
    image = numbers.repeat(8, 0).repeat(8, 1)
    orders = {"row by row": range(16), "shuffled": [5, 0, *range(1, 5), *range(6, 16)]}
    fig = plots.reading_orders(image, orders, title="One face (twin)")
    upper, lower = fig.subfigs
    assert upper.get_suptitle() == "One face (twin)"
    assert [ax.get_title() for ax in upper.axes] == list(orders)
    read = [int(ax.images[0].get_array().mean()) for ax in lower.axes]
    assert read == [place for order in orders.values() for place in order]
    numbered = {text.get_text(): text.get_position() for text in upper.axes[1].texts if text.get_text()}
    assert numbered["1"] == (11.5, 11.5) and numbered["16"] == (27.5, 27.5)
