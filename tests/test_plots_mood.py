"""The figures of expressions over time, and of alarms."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from affectkit import mood, plots


def moments(stages, step=1.0):
    return [mood.Moment(step * k, np.array([0.3, 0.6, 0.1]), 0.6, 0.0, stage, None, 0)
            for k, stage in enumerate(stages)]  # fmt: skip


def test_negative_classes_stand_at_the_bottom_and_stages_at_their_times():
    names = ["happy", "Sad", "neutral"]
    ax = plots.moods_over_time(moments(["watching"] * 2 + ["message"] * 3, 2.0), names, threshold=0.5,
                               title="Moods (twin)").axes[0]  # fmt: skip
    assert [text.get_text() for text in ax.get_legend().texts] == ["Sad", "happy", "neutral"]
    sad = ax.collections[0].get_paths()[0].vertices
    assert sad[:, 1].min() == 0 and sad[:, 1].max() == 0.6
    (bars,) = [c for c in ax.collections if len(c.get_paths()) == 3]
    assert [path.vertices[:, 0].min() for path in bars.get_paths()] == [4, 6, 8]
    assert [text.get_text().strip() for text in ax.texts] == ["message"]


def test_gaps_one_moment_and_none_can_be_drawn():
    gone = mood.Moment(3.0, None, np.nan, 0.0, "watching", None, 0)
    names = ["negative", "neutral", "positive"]
    for some in ([], moments(["message"]), [*moments(["watching"]), gone]):
        own = Figure().add_subplot()
        figure = plots.moods_over_time(some, names, threshold=0.5, span=9, ax=own)
        assert figure is own.figure and own.get_xlim() == (0, 9)


def test_every_wait_is_named_on_its_curve():
    table = pd.DataFrame({"wait": [2, 10], "false_per_hour": [8.0, 1.0], "false_low": [4.0, 0.0],
                          "false_high": [12.0, 3.0], "found": [1.0, 0.5], "found_low": [0.9, 0.3],
                          "found_high": [1.0, 0.7]})  # fmt: skip
    ax = plots.alarm_curve({"smoothed": table}, title="Alarms (twin)").axes[0]
    assert [text.get_text() for text in ax.texts] == ["2 s", "10 s"]
    assert [text.get_text() for text in ax.get_legend().texts] == ["smoothed"]
    assert ax.get_xlim()[0] <= 0


def test_people_stand_from_least_to_most_negative_while_calm():
    rows = ["sadness", "neutral", "happiness"]
    table = pd.DataFrame({0: [0.9, 0.3, np.nan], 1: [0.4, 0.1, 0.2]}, index=rows)
    ax = plots.person_map(table, title="People (twin)").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["neutral", "happiness", "sadness"]
    shown = ax.collections[0].get_array().reshape(3, 2)
    assert shown[0].tolist() == [0.1, 0.3] and shown[1].mask.tolist() == [False, True]


def test_shares_are_means_of_so_many_shows():
    hits = np.array([[True] * 4 + [False] * 5, [False] * 4 + [True] * 5])
    lines = plots.share_shown({"mean": hits}, chance=0.25, title="Shares", window=4).axes[0].lines
    assert lines[0].get_xydata().tolist() == [[4, 50], [8, 50]] and lines[1].get_ydata()[0] == 25
