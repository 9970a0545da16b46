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


def test_alarms_tell_found_missed_and_false_ones():
    onset, label = np.array([180, 0, 60, 120, 240]), np.array([1, 0, 0, 1, 1])
    people = pd.DataFrame({"here": [0.8, 0.7], "best": [0.9, 0.7]}, index=["S02", "S04"])
    fig = plots.alarms(onset, [0.9, 0.1, 0.8, 0.2, 0.5], label, NAMES, people, person="S04", threshold=0.5,
                       title="Above 0.5 (twin)")
    left, right = fig.axes
    shown = {dots.get_label(): dots.get_offsets().tolist() for dots in left.collections}
    assert shown == {"found (1)": [[3.5, 0.9]], "missed (2)": [[2.5, 0.2], [4.5, 0.5]],
                     "false alarm (1)": [[1.5, 0.8]]}
    assert len(left.patches) == 1 and left.patches[0].get_x() == 2, "the labelled stress is shaded"
    assert [label.get_text() for label in right.get_yticklabels()] == ["S04"] and right.get_yticks() == [1]
    assert right.collections[2].get_offsets()[:, 0].tolist() == [0.8, 0.7]
    assert [span[:, 0].tolist() for span in right.collections[0].get_segments()] == [[0.8, 0.9], [0.7, 0.7]]


def test_radius_curve_has_a_line_a_method():
    table = pd.DataFrame({"rule": [0.6, 0.7], "net": [0.65, 0.7]}, index=[0, 60])
    assert len(plots.radius_curve(table, source="twin").axes[0].lines) == 2


def test_strips_mark_beats_on_the_last_strip_and_shade_movement():
    time = np.arange(0, 10, 0.1)
    marks = {"truth": [1.0, 2.0, 3.0], "found": [1.0, 2.0], "missed": [3.0], "false": []}
    fig = plots.strips(time, {"raw": time, "clean": np.sin(time)}, title="", moving=time > 5, marks=marks)
    above, below = fig.axes
    assert len(above.lines) == 1 and len(above.collections) == len(below.collections) == 1
    counts = {line.get_label(): len(line.get_xdata()) for line in below.lines[1:]}
    assert counts == {"truth": 3, "found": 2, "missed": 1, "false": 0}
    assert below.lines[2].get_ydata()[0] == pytest.approx(np.sin(1.0)), "found beats stand on the curve"
    assert below.lines[3].get_ydata()[0] > 1, "a missed beat has no place on it"


def test_rmssd_by_minute_shows_truth_gaps_and_movement():
    measured = {"every beat": np.array([300.0, 40]), "gated": np.array([np.nan, 40])}
    ax = plots.rmssd_by_minute(np.array([30.0, 31]), measured, np.array([0.8, 0]), title="").axes[0]
    assert [list(line.get_ydata()) for line in ax.lines[:2]] == [[30, 31], [300, 40]]
    assert np.isnan(ax.lines[2].get_ydata()[0]) and ax.get_yscale() == "log"
    assert [bar.get_height() for bar in ax.patches] == [0.8, 0]


def test_spectra_scale_each_strip_to_what_is_shown():
    frequency = np.linspace(0, 10, 101)
    rows = {"wrist": (frequency, 5 * np.exp(-((frequency - 1.2) ** 2)) + 100 * (frequency > 8))}
    ax = plots.spectra(rows, {"heart": 1.2}, title="", highest=4).axes[0]
    assert ax.collections[0].get_paths()[0].vertices[:, 1].max() == pytest.approx(1)
    assert texts(ax) == ["heart 1.20 Hz"] and ax.get_xlim() == (0, 4)


def test_film_clips_split_by_class():
    ratings = pd.DataFrame({"valence": [2.0, 8, 3, 7], "arousal": [2.0, 8, 7, 3]})
    response = np.array([[0.0, 0], [0, 4], [0, 2], [0, -2]])
    fig = plots.film_clips(ratings, [0, 1, 1, 0], ["low", "high"], [0, 60], response, title="", ylabel="µS")
    low, high = fig.axes[1].lines[:2]
    assert list(low.get_ydata()) == [0, -1] and list(high.get_ydata()) == [0, 3]
    assert high.get_label() == "high (2 clips)"
    assert list(fig.axes[0].lines[1].get_xdata()) == [8, 3]


def test_who_or_what_takes_levels_out_of_the_intervals():
    people = np.array([60.0, 80, 100])[:, np.newaxis]
    table = pd.DataFrame(people + [0, 8, 1] + [[0, 0.5, 0]] * 3, columns=["neutral", "fear", "disgust"])
    above, below = plots.who_or_what(table, title="", xlabel="").axes
    assert len(above.lines) == 3 and texts(below) == ["neutral", "disgust", "fear"]
    intervals, means = below.lines[::2], below.lines[1::2]
    assert [mean.get_xdata()[0] for mean in means] == pytest.approx([80, 81, 88.5])
    assert all(np.ptp(line.get_xdata()) < 1e-9 for line in intervals), "all shift alike: nothing is uncertain"


def test_shares_write_small_parts_above_their_bar():
    table = pd.DataFrame({"person": [0.7], "state": [0.04], "else": [0.26]}, index=["raw"])
    ax = plots.shares(table, title="").axes[0]
    heights = {text.get_text(): text.get_position()[1] for text in ax.texts}
    assert heights == {"70%": 0, "26%": 0, "4%": pytest.approx(-0.37)}


def test_luck_shows_every_draw_and_the_width_of_most():
    draws = {"few": [0.70, 0.72, 0.74], "many": np.linspace(0.6, 0.8, 101)}
    ax = plots.luck(draws, title="", xlabel="").axes[0]
    assert [sorted(dots.get_offsets()[:, 0]) for dots in ax.collections] == [
        pytest.approx(values) for values in draws.values()
    ]
    assert texts(ax) == ["± 0.019", "± 0.095"]
    few, many = (line.get_xdata() for line in ax.lines)
    assert few == pytest.approx([0.701, 0.739]) and many == pytest.approx([0.605, 0.795])
