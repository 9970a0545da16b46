import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from affectkit import plots


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def waves(n=6, length=40):
    return np.sin(np.arange(length) / 3 + np.arange(n)[:, None])[:, :, None].astype(np.float32)


def test_wave_sheet_has_a_column_a_set_and_a_colour_a_class():
    target = np.array([0, 0, 1, 1, 1, 0])
    fig = plots.wave_sheet({"real": waves(), "made": 2 * waves()}, {"real": target, "made": target},
                           ["slow", "fast"], 10, title="Pulses (twin)", per_class=2)  # fmt: skip
    grid = np.reshape(fig.axes, (4, 2))
    assert [ax.get_title() for ax in grid[0]] == ["real", "made"]
    for row, window in zip(grid, (0, 1, 2, 3), strict=True):  # the first two of each class
        for ax, factor in zip(row, (1, 2), strict=True):
            np.testing.assert_allclose(ax.lines[0].get_ydata(), factor * waves()[window, :, 0])
            assert ax.lines[0].get_xdata()[-1] == pytest.approx(3.9)
            assert ax.get_ylim() == grid[0, 0].get_ylim()  # heights can be compared
    colours = [ax.lines[0].get_color() for ax in grid[:, 1]]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert "(twin)" in fig.get_suptitle()


def test_wave_sheet_leaves_a_gap_where_a_class_is_short_of_windows():
    target = {"made": np.array([0, 1])}
    fig = plots.wave_sheet({"made": waves(2)}, target, ["a", "b"], 10, title="", per_class=2)
    assert [len(ax.lines) for ax in fig.axes] == [1, 0, 1, 0]


def test_losses_and_truth_shows_both_and_the_floor():
    history = [{"step": k, "d_loss": 1.0, "g_loss": np.nan if k % 2 else 2.0} for k in range(50)]
    told = pd.DataFrame({"now": [0.3, 0.9], "average": [0.5, 0.95]}, index=[10, 40])
    above, below = plots.losses_and_truth(history, told, floor=0.99, title="Losses (twin)").axes
    assert [line.get_label() for line in above.lines] == ["discriminator", "generator"]
    np.testing.assert_allclose(above.lines[1].get_ydata(), 2)  # steps of the discriminator alone leave no gap
    assert list(below.lines[1].get_ydata()) == [0.5, 0.95]
    assert below.lines[2].get_ydata()[0] == 0.99


def test_densities_mark_the_mean_of_each_class_and_leave_gaps_out():
    table = pd.DataFrame({"set": ["real"] * 4 + ["made"] * 4, "class": ["slow", "fast"] * 4,
                          "value": [60, 90, 62, 92, 70, np.nan, 72, np.nan]})  # fmt: skip
    ax = plots.densities(table, xlabel="beats/min", title="Rates (twin)").axes[0]
    assert [text.get_text() for text in ax.texts] == ["61", "91", "71", "slow", "fast"]
    assert sum(len(points.get_offsets()) for points in ax.collections) == 6
    plain = plots.densities(table.drop(columns="class"), xlabel="", title="").axes[0]
    assert [text.get_text() for text in plain.texts] == ["76", "71"]


def test_ridge_stacks_windows_in_order():
    ax = plots.ridge(waves(3), ["slow", "", "fast"], 10, title="Morph (twin)").axes[0]
    assert np.all(np.diff([line.get_ydata().mean() for line in ax.lines]) > 0.5)
    assert ax.yaxis_inverted()  # the first one on top
    assert [text.get_text() for text in ax.texts] == ["slow", "", "fast"]
    assert len({line.get_color() for line in ax.lines}) == 3


def test_the_dial_shows_one_heart_among_all_rates():
    dial = np.array([-1.0, 0.0, 1.0, 2.0])
    rates = pd.DataFrame({0: [50, 70, 90, 110], 1: [55, np.nan, 95, 99]}, index=dial)
    real = {"slow": np.full(5, 66), "fast": np.full(7, 97)}
    fig = plots.class_dial(waves(1)[0, :, 0], 10, rates, 2.0, 1, real=real, unseen=(75, 85), title="Dial")
    above, ax = fig.axes
    np.testing.assert_array_equal(above.lines[0].get_ydata(), waves(1)[0, :, 0])
    slow, fast = (line.get_xdata() for line in ax.lines[:2])
    assert len(slow) == 5 and abs(slow).max() < 10 and len(fast) == 7 and abs(fast - 100).max() < 10
    here = ax.lines[-1]
    assert (here.get_xdata()[0], here.get_ydata()[0]) == (200, 99)
    band = ax.patches[0].get_extents().transformed(ax.transData.inverted())
    np.testing.assert_allclose([band.y0, band.y1], [75, 85])
    lost = plots.class_dial(waves(1)[0, :, 0], 10, rates, 0.0, 1, real=real, unseen=(75, 85), title="")
    assert np.isnan(lost.axes[1].lines[-1].get_ydata()[0])  # no beats found: no point, and no error
