"""The base of all apps, and the harness: broken apps must not pass."""

import base64
import io

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from affectkit.apps import _app


class Dot(_app.App):
    """A dot at a height, the smallest app there is."""

    title = "Dot: move it."

    def _layout(self):
        return [_app.rows(
            self._slider("height", "height", 0.5, 0.0, 1.0, 0.1),
            self._choice("colour", "colour", "rgb", "r"),
            self._button("up", "up", self._up), self._reset_button())]  # fmt: skip

    def _up(self):
        self.controls_["height"].value = 1.0

    def _draw(self):
        fig = Figure(figsize=(2, 1))
        fig.add_axes((0, 0, 1, 1)).plot([0], [self._value("height")], "o" + self._value("colour"))
        return fig, f"a dot at {self._value('height')}"


class Broken(Dot):
    """Breaks in one way, which its name says."""

    def __init__(self, how):
        self.how = how

    def _layout(self):
        box, = super()._layout()
        raw = ipywidgets.Button(description="raw")
        slider = ipywidgets.IntSlider(max=3)
        output = ipywidgets.Output()
        if self.how == "raw button":
            raw.on_click(lambda _: 1 / 0)
        if self.how == "raw observer":
            slider.observe(lambda _: 1 / 0, "value")
        if self.how == "captured":
            slider.observe(lambda _: setattr(output, "outputs", (
                {"output_type": "error", "ename": "Captured", "evalue": "", "traceback": []},)), "value")
        return [box, raw, slider, output]

    def _up(self):
        if self.how == "button":
            raise RuntimeError("up")
        super()._up()

    def _draw(self):
        if self.how == "one option" and self._value("colour") == "b":
            raise RuntimeError("blue")
        if self.how == "one end" and self._value("height") == 0:
            raise RuntimeError("zero")
        if self.how == "a mean of nothing" and self._value("height") == 0:
            np.array([]).mean()
        if self.how == "at once":
            raise RuntimeError("at once")
        return super()._draw()


def test_a_sound_app_passes_and_every_knob_changes_the_picture(turn_every_knob):
    assert turn_every_knob(Dot()) == []


@pytest.mark.parametrize("how, found", [
    ("one option", "colour index=2: RuntimeError('blue')"),
    ("one end", "height value=0.0: RuntimeError('zero')"),
    ("button", "up click=None: RuntimeError('up')"), ("raw button", "raw click=None: ZeroDivisionError"),
    ("raw observer", "IntSlider value=1: ZeroDivisionError"), ("captured", "'ename': 'Captured'"),
    ("a mean of nothing", "height value=0.0: RuntimeWarning('Mean of empty slice"),
])  # fmt: skip
def test_the_harness_finds_what_a_callback_swallows(turn_every_knob, how, found):
    with pytest.raises(AssertionError) as told:
        turn_every_knob(Broken(how))
    assert found in str(told.value)


def test_what_breaks_the_first_picture_breaks_the_cell():
    app = Broken("at once")
    for _ in range(2):  # and there is no view of nothing the second time
        with pytest.raises(RuntimeError, match="at once"):
            app.view()
    app.how = ""
    assert app.view() and app.words_ == "a dot at 0.5" and not app.errors_


def test_the_harness_knows_no_control_that_it_cannot_turn(turn_every_knob):
    class Odd(Dot):
        def _layout(self):
            return [*super()._layout(), ipywidgets.Text()]

    with pytest.raises(AssertionError, match="teach the harness"):
        turn_every_knob(Odd())


def test_an_error_is_shown_and_kept_and_hides_the_old_picture():
    app = Broken("one end")
    view = app.view()
    app.controls_["height"].value = 0
    assert [str(error) for error in app.errors_] == ["zero"] and app.errors_[0].__traceback__
    says = [w.value for w in view.children if isinstance(w, ipywidgets.HTML)][-1]
    assert "RuntimeError: zero" in says and "errors_[-1]" in says
    assert app.picture_.layout.visibility == "hidden"
    assert still_settings(app)["height"] == "0.5"  # a still picture goes with the settings it was made for
    app.controls_["reset"].click()
    assert app.picture_.layout.visibility == "visible" and "a dot at 0.5" in app._says.value


def still_settings(app):
    with pytest.MonkeyPatch.context() as patch:
        seen = []
        patch.setattr(_app, "plot_controls", lambda controls: seen.extend(controls) or Figure())
        app.still()
    return {label: value for label, value, _ in seen}


def test_one_view_drawn_once_for_several_changes():
    app = Dot()
    assert app.view() is app.view()
    drawn = []
    draw, app._draw = app._draw, lambda: drawn.append(1) or draw()
    with app._together():
        app.controls_["height"].value, app.controls_["colour"].value = 0.1, "b"
    assert len(drawn) == 1 and app.words_ == "a dot at 0.1"
    app.controls_["reset"].click()
    assert app.words_ == "a dot at 0.5" and len(drawn) == 2
    with app._together(), app._together():
        app.controls_["height"].value = 0.2
    assert len(drawn) == 3
    with pytest.raises(KeyError), app._together():
        app.controls_["height"].value = app.controls_["no such"]
    app.controls_["height"].value = 0.3  # and is not held for ever
    assert app.words_ == "a dot at 0.3"


def test_words_are_escaped_and_are_the_alternative_text():
    class Sly(Dot):
        def _draw(self):
            return super()._draw()[0], "<b>1 & 2</b>"

    app = Sly()
    app.view()
    assert "&lt;b&gt;1 &amp; 2" in app._says.value
    assert app.picture_.tooltip == "<b>1 & 2</b>" and app.picture_.description == ""


def test_the_line_that_is_read_out_lasts_and_the_app_does_without():
    view = Dot().view()
    says, = (w for w in view.children if "affectkit-says" in w._dom_classes)
    assert isinstance(says, ipywidgets.HTML) and "affectkit-app" in view._dom_classes
    voice = view.children[-1]
    assert "status" in voice._esm and "http" not in voice._esm  # the browser's tests see it at work
    assert not [key for key in voice.keys if key not in ipywidgets.DOMWidget().keys and key[0] != "_"]


def test_two_controls_stand_side_by_side_where_there_is_room():
    layout = {name: control.layout for name, control in Dot().view().app.controls_.items()}
    for name in ("height", "colour"):
        assert layout[name].width == "calc(50% - 4px)" and int(layout[name].min_width[:-2]) <= 290


def test_long_work_is_announced():
    class Slow(Dot):
        def _draw(self):
            self._wait()
            seen.append(self._says.value)
            return super()._draw()

    seen = []
    Slow().view()
    assert "Working ..." in seen[0]


def test_a_view_leaves_a_still_picture_where_no_kernel_is():
    from affectkit import _notebooks

    data, about = Dot().view()._repr_mimebundle_()
    picture = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert picture.format == "PNG" and picture.width >= 400 and picture.height > 50
    assert data["text/plain"] == about["image/png"]["alt"] == "Dot, a still picture. a dot at 0.5"
    output = {"data": data}
    assert "application/vnd.jupyter.widget-view+json" in data and _notebooks.drop_view(output)
    assert set(output["data"]) == {"text/plain", "image/png"}
    assert not _notebooks.drop_view({"data": ipywidgets.IntSlider()._repr_mimebundle_()})


def test_apps_load_when_first_used(repository):
    import subprocess
    import sys

    code = ("import affectkit as ak, sys; assert dir(ak.apps) == ak.apps.__all__; "
            "assert not {'ipywidgets', 'torch', 'matplotlib'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], cwd=repository, check=True)
