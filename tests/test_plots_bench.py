"""Figures of what was timed."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from affectkit import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_bar_a_row_and_missed_goals_stand_out():
    table = pd.DataFrame(dict(times=[4.0, 2.0, 3.0], low=[3.5, 1.8, 2.9], high=[4.5, 2.5, 3.1],
                              goal=[3, 3, None], held=[True, False, None]), index=list("abc"))  # fmt: skip
    ax = plots.speed_ups(table).axes[0]
    assert [bar.get_width() for bar in ax.patches] == [4, 2, 3]
    assert len({bar.get_facecolor() for bar in ax.patches}) == 3
    assert [text.get_text() for text in ax.texts] == ["4.0", "2.0", "3.0"] and ax.get_xscale() == "log"
    dotted = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":"]
    assert dotted == [3, 3]


def test_a_column_a_curve():
    points = pd.DataFrame([dict(curve=name, unit="faces", n=n, seconds=n / 10, peak_mb=500 + n)
                           for name in ("loading", "training") for n in (10, 100)])  # fmt: skip
    powers = pd.DataFrame(dict(time=[1.0, 1.25], memory=[0.5, 0.1]), index=["loading", "training"])
    fig = plots.cost_curves(points, powers)
    assert [ax.get_title() or ax.get_title("left") for ax in fig.axes[:2]] == ["loading", "training"]
    assert "1.25" in fig.axes[1].texts[0].get_text() and "0.10" in fig.axes[3].texts[0].get_text()
    assert fig.axes[0].lines[0].get_ydata().tolist() == [1, 10]
    assert fig.axes[2].lines[0].get_ydata().tolist() == [0.51, 0.6]
