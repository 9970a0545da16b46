"""Apps in JupyterLab: a slider is moved by keyboard, and the picture changes."""

import statistics

import pytest

from .conftest import MEDIANS, watched

BROKEN = """
import affectkit as ak
class Broken(ak.apps.FaceLab):
    def _draw(self):
        if self._value("intensity") < 0.9:
            raise RuntimeError("no face below 0.9")
        return super()._draw()
Broken().view()
"""


@pytest.mark.parametrize("name, slider", [
    ("FaceLab", "intensity"), ("ThresholdLab", "threshold"), ("HeartLab", "peak threshold")])
def test_a_slider_changes_the_picture(name, slider, open_app):
    app = open_app(f"import affectkit as ak\nak.apps.{name}().view()")
    before = app.digest()
    app.slider(slider)
    MEDIANS[name] = app.press("ArrowLeft", 5) + app.press("ArrowRight", 4)
    assert app.digest() != before
    app.press("ArrowRight")
    assert app.digest() == before
    app.assert_sound()
    app.screenshots(name)
    assert statistics.median(MEDIANS[name]) < 2000  # on a busy machine; what it took is printed


def test_an_app_that_breaks_says_so(open_app):
    app = open_app(BROKEN)
    app.assert_sound()
    app.slider("intensity")
    app.page.keyboard.press("ArrowLeft")
    app.output.get_by_text("RuntimeError: no face below 0.9").first.wait_for()
    assert not app.picture.is_visible()
    with pytest.raises(AssertionError):
        app.assert_sound()
    app.page.keyboard.press("ArrowRight")
    app.picture.wait_for()
    app.assert_sound()


def test_a_lesson_runs_up_to_its_app(open_lesson):
    app = open_lesson("02", "ak.apps.FaceLab(")
    before = app.digest()
    app.slider("intensity")
    app.press("ArrowLeft", 2)
    assert app.digest() != before
    app.assert_sound()
    app.screenshots("lesson-02")


@pytest.mark.parametrize("code, what", [
    ("const it = new Image(); it.onerror = () => done(); it.src = 'http://192.0.2.1/spy.png'", "were asked"),
    ("new WebSocket('ws://192.0.2.1/').onclose = () => done()", "were asked"),
    ("console.error('broken'); done()", r"the console shows:\s+broken"),
    ("setTimeout(() => { done(); undefined.x }); ", r"the console shows:\s+.*undefined"),
])
def test_a_page_that_asks_others_or_complains_fails(code, what, browser):
    with pytest.raises(AssertionError, match=what), watched(browser) as page:
        page.evaluate(f"new Promise(done => {{ {code} }})")
