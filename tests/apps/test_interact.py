"""interact: an app of any function that draws."""

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest

from affectkit.apps import interact


def waves(cycles=2, height=0.5, colour="r", grid=False):
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot(height * np.sin(np.linspace(0, 2 * np.pi * cycles, 200)), colour)
    ax.set(ylim=(-1, 1))
    ax.grid(grid)
    return fig, f"{cycles} waves, {height:g} high."


CONTROLS = dict(cycles=(1, 5), height=(0.0, 1.0, 0.1), colour={"red": "r", "blue": "b"}, grid=False)


def test_every_kind_of_control_changes_the_picture(turn_every_knob):
    view = interact(waves, "Waves: how many?", **CONTROLS)
    assert turn_every_knob(view.app) == ["reset"]  # all was put back already


def test_it_begins_with_the_functions_own_values_and_leaves_no_figure():
    before = plt.get_fignums()
    app = interact(waves, "Waves: how many?", **CONTROLS).app
    assert app.words_ == "2 waves, 0.5 high." and plt.get_fignums() == before
    app.controls_["cycles"].value = 4
    assert app.words_ == "4 waves, 0.5 high."
    app.controls_["reset"].click()
    assert app.words_ == "2 waves, 0.5 high." and not app.errors_


def test_names_are_read_as_words_and_a_widget_stays_what_it_is():
    def plot(cut_off=1.0):
        return waves(height=cut_off)

    slider = ipywidgets.FloatSlider(min=0, max=1, continuous_update=False)
    app = interact(plot, "Cut: where?", cut_off=slider).app
    assert app.controls_["cut_off"] is slider and slider.description == "cut off"


def test_what_goes_wrong_is_shown():
    def plot(height=0.5):
        plt.figure()
        return waves(height=1 / height)

    before = plt.get_fignums()
    app = interact(plot, "Steep: how far?", height=(0.0, 1.0, 0.1)).app
    app.controls_["height"].value = 0
    assert [type(error) for error in app.errors_] == [ZeroDivisionError] and "start again" in app._says.value
    assert plt.get_fignums() == before
    with pytest.raises(ValueError, match="cannot find widget"):
        interact(lambda x: None, "Nothing: no control.")
