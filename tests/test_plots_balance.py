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


def test_other_metrics_and_titles():
    metrics = METRICS[:3]
    fig = plots.balance_gains(table({"GRU": (0.1, 0.01, 3)}), source="real", metrics=metrics, title="A GRU?")
    assert [ax.get_title("left").split("\n")[0] for ax in fig.axes] == list(metrics)
    assert fig.get_suptitle() == "A GRU? (real data)"


def test_what_is_kept_made_and_dropped():
    counts = pd.DataFrame({"kept": [600, 68], "made": [0, 532], "dropped": [67, 0]},
                          index=["angrily disgusted", "sadly surprised"])
    fig = plots.filled_up(counts, title="600 of each")
    ax = fig.axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == list(counts.index)
    assert [text.get_text().strip() for text in ax.texts] == ["600 − 67 dropped", "68 + 532 made"]
    hatched = [bar for bar in ax.patches if bar.get_hatch()]
    assert [(bar.get_x(), bar.get_width()) for bar in hatched] == [(600, 0), (68, 532)]
    empty = [bar for bar in ax.patches if not bar.get_fill()]
    assert [(bar.get_x(), bar.get_width()) for bar in empty] == [(600, 67)]


def test_curves_over_shares_and_rivals_that_make_nothing():
    ends = {"low": [0, 1, -1.0], "high": [0, 3, 2.0]}
    curve = pd.DataFrame({"value": [0, 2, 1.0], **ends}, index=[0.0, 1.0, 4.0])
    rivals = {"weights": -3.0, "classic": 0.4, "copies": 0.41}
    fig = plots.share_curves({"own": curve, "wide": -curve}, rivals=rivals, title="How many?")
    ax = fig.axes[0]
    own, wide = (next(line for line in ax.lines if line.get_label() == name) for name in ("own", "wide"))
    np.testing.assert_allclose(own.get_xdata(), [0, 100, 400])
    np.testing.assert_allclose(wide.get_ydata(), [0, -2, -1])
    assert own.get_color() != wide.get_color()
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0 %", "100 %", "400 %"]
    low, high = ax.get_ylim()
    assert low <= -3 and high >= 3
    places = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert set(places) == {"weights -3.0", "classic +0.4", "copies +0.4"}
    assert abs(places["classic +0.4"] - places["copies +0.4"]) > (high - low) / 20, "names must not overlap"


def test_beside_the_counts_stands_what_share_of_each_class_is_made():
    counts = pd.DataFrame({"kept": [600, 60], "made": [0, 540], "dropped": [67, 0]}, index=["happy", "sad"])
    fig = plots.filled_up(counts, shares=True, title="600 of each")
    left, right = fig.axes
    assert [text.get_text().strip() for text in left.texts] == ["600 − 67", "60 + 540"]
    assert [text.get_text() for text in right.texts] == ["0 %", "90 %"]
    hatched = [bar.get_width() for bar in right.patches if bar.get_hatch()]
    np.testing.assert_allclose(hatched, [0, 90])
    assert right.texts[1].get_weight() == "bold" != right.texts[0].get_weight()
    eleven = pd.concat([counts] * 5, ignore_index=True).set_axis(list("abcdefghij"))
    assert tuple(plots.filled_up(eleven, shares=True, title="").get_size_inches()) == (8, 3.9)


def test_how_many_copies_survive_each_amount():
    kept = pd.Series([1.0, 0.6, 0.2], index=[0.0, 10.0, 20.0])
    fig = plots.how_far(np.zeros((3, 8, 8), np.uint8), ["happy", "sad", "happy"], "happy", kept, 10.0,
                        marks={"none": 0, "paper": 5.0}, xlabel="turn", title="Happy or not?")  # fmt: skip
    blue, orange = sns.color_palette("colorblind")[:2]
    *faces, ax = fig.axes
    assert [face.xaxis.label.get_color() for face in faces] == [blue, orange, blue]
    assert [face.get_xlabel() for face in faces] == ["happy", "sad", "happy"]
    dot = next(line for line in ax.lines if line.get_marker() == "o")
    assert (float(dot.get_xdata()[0]), float(dot.get_ydata()[0])) == (10, 60)
    assert [text.get_text() for text in ax.texts] == ["paper"]
