"""The base of all apps, and the harness: broken apps must not pass."""

import base64
import io

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, f1_score

from affectkit.apps import _app


class Dot(_app.App):
    """A dot at a height, the smallest app there is."""

    title = "Dot: move it."

    def _layout(self):
        return [_app.rows(
            self._slider("height", "height", 0.5, 0.0, 1.0, 0.1),
            self._choice("colour", "colour", "rgb", "r"),
            self._button("up", "up", self._up), self._reset_button())]

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
                {"output_type": "error", "ename": "E", "evalue": "", "traceback": []},)), "value")
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
        return super()._draw()


def test_a_sound_app_passes_and_every_knob_changes_the_picture(turn_every_knob):
    assert turn_every_knob(Dot()) == []


@pytest.mark.parametrize("how", ["one option", "one end", "button", "raw button", "raw observer", "captured"])
def test_the_harness_finds_what_a_callback_swallows(turn_every_knob, how):
    with pytest.raises(AssertionError, match="=") as found:
        turn_every_knob(Broken(how))
    assert any(word in str(found.value) for word in ("Error", "error", "Exception"))


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
    app.controls_["reset"].click()
    assert app.picture_.layout.visibility == "visible" and "a dot at 0.5" in app._says.value


def test_one_view_drawn_once_for_several_changes():
    app = Dot()
    assert app.view() is app.view()
    drawn = []
    draw, app._draw = app._draw, lambda: drawn.append(1) or draw()
    with app._together():
        app.controls_["height"].value, app.controls_["colour"].value = 0.1, "b"
    assert len(drawn) == 1 and app.words_ == "a dot at 0.1"
    app.controls_["reset"].click()
    assert app.words_ == "a dot at 0.5"


def test_words_are_escaped_and_are_the_alternative_text():
    class Sly(Dot):
        def _draw(self):
            return super()._draw()[0], "<b>1 & 2</b>"

    app = Sly()
    app.view()
    assert "&lt;b&gt;1 &amp; 2" in app._says.value and "aria-live" in app._says.value
    assert app.picture_.tooltip == "<b>1 & 2</b>" and app.picture_.description == ""


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


def test_shares_have_wilson_intervals():
    assert _app.wilson(8, 10) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert all(x != x for x in _app.wilson(0, 0))


def test_drawn_scores_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    y = np.repeat([0, 1, 2], [60, 30, 10])
    said = np.where(rng.random(100) < 0.7, y, rng.integers(3, size=100))
    draws = _app.drawn_scores(said, y, np.arange(100), classes=3)
    expected = (said == y).mean(), balanced_accuracy_score(y, said), f1_score(y, said, average="macro")
    assert draws[0] == pytest.approx(expected) and draws.shape == (301, 3)
    assert all(low < value < high for value, low, high in _app.ends(draws))
    at_own_shares = _app.drawn_scores(said, y, np.arange(100), shares=np.array([6, 3, 1]), n_boot=0)
    assert at_own_shares[0] == pytest.approx(expected)
    weight = np.array([1 / 60, 1 / 30, 1 / 10])[y]  # as if all classes were equally frequent
    even = _app.drawn_scores(said, y, np.arange(100), shares=[1, 1, 1], n_boot=0)
    assert even[0, 2] == pytest.approx(f1_score(y, said, average="macro", sample_weight=weight))
    people = _app.drawn_scores(said, y, np.arange(100) // 50, classes=3)
    ways = {round((said == y)[rows].mean(), 9) for rows in (slice(100), slice(50), slice(50, None))}
    assert set(people[:, 0].round(9)) == ways  # two people are drawn in three ways


def test_apps_load_when_first_used(repository):
    import subprocess
    import sys

    code = ("import affectkit as ak, sys; assert dir(ak.apps) == ak.apps.__all__; "
            "assert not {'ipywidgets', 'torch', 'matplotlib'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", code], cwd=repository, check=True)
