import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from affectkit import emotions, plots

NAMES = ["baseline", "stress"]


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_pulse_marks_the_beats_in_view_and_tells_the_doubtful_ones():
    time = np.arange(0, 10, 1 / 64)
    beats = pd.DataFrame(
        {"time": [1.0, 2.0, 3.0, 12.0], "interval": 1.0, "trusted": [True, True, False, True]}
    )
    fig = plots.pulse(time, np.sin(time), np.sin(time), beats, source="twin", person="S01")
    counts = {line.get_label(): len(line.get_xdata()) for line in fig.axes[1].lines[1:]}
    assert counts == {"beat": 2, "not trusted": 1}
    assert fig.axes[0].get_title(loc="left") or "(twin)" in fig.axes[0].get_title()


def test_session_clock_draws_a_strip_a_person():
    segments = pd.DataFrame(
        {
            "group": ["a", "a", "b", "b"],
            "label": [0, 1, 0, 1],
            "start": [0, 600, 0, 660],
            "end": [600, 900, 660, 900],
        }
    )
    ax = plots.session_clock(segments, NAMES, source="real").axes[0]
    stressed = [bar for bar in ax.patches if bar.get_height() == 1 and bar.get_x() > 0]
    assert [bar.get_x() for bar in stressed] == [10, 11] and "2 people" in ax.get_ylabel()


def test_stress_shift_sorts_by_response():
    rest, stress = pd.Series({"a": 70.0, "b": 80.0}), pd.Series({"a": 90.0, "b": 78.0})
    ax = plots.stress_shift(rest, stress, source="twin").axes[0]
    assert [list(line.get_xdata()) for line in ax.lines] == [
        [80, 70],
        [78, 90],
    ]  # b slows down: at the bottom


def test_auc_by_person_writes_the_means_and_leaves_gaps_out():
    table = pd.DataFrame({"rule": [0.6, 0.7, 0.8, np.nan], "net": [0.7, 0.8, 0.9, 0.8]})
    ax = plots.auc_by_person(table, source="real").axes[0]
    assert "0.70" in texts(ax) and "0.80" in texts(ax)
    assert len(ax.collections[0].get_offsets()) == 3


def test_gains_colour_tells_which_interval_leaves_zero():
    table = pd.DataFrame(
        {"difference": [0.05, 0.01, -0.05], "low": [0.02, -0.02, -0.08], "high": [0.08, 0.04, -0.02]}
    )
    ax = plots.gains(table, source="real", over="the rule", goal=0.03).axes[0]
    labels = {text.get_text(): text.get_color() for text in ax.texts}
    assert labels["+0.050"] == emotions.colour("baseline") and labels["-0.050"] == emotions.colour("stress")
    assert labels["+0.010"] == "0.55" and any("0.03" in label for label in labels)


def test_stress_course_shades_the_labelled_part_in_time_order():
    onset, label = np.array([120, 0, 60]), np.array([1, 0, 0])
    ax = plots.stress_course(onset, {"net": [0.9, 0.1, 0.2]}, label, NAMES, source="twin", person="S04").axes[
        0
    ]
    assert list(ax.lines[0].get_ydata()) == [0.1, 0.2, 0.9] and len(ax.patches) == 1


def test_radius_curve_has_a_line_a_method():
    table = pd.DataFrame({"rule": [0.6, 0.7], "net": [0.65, 0.7]}, index=[0, 60])
    assert len(plots.radius_curve(table, source="twin").axes[0].lines) == 2
