"""Apps in JupyterLab: a slider is moved by keyboard, and the picture changes."""

import statistics

import numpy as np
import pytest

import affectkit as ak

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


def needs(name):
    if name not in ak.apps.NAMES:
        pytest.skip(f"this kit has no {name}")


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


def test_an_app_is_a_page_of_its_own(page, open_page):
    app = open_page("face-lab")
    before = app.digest()
    app.slider("intensity")
    app.press("ArrowLeft")
    assert app.digest() != before
    app.assert_sound()
    app.screenshots("page-FaceLab")


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


def test_the_fake_camera_shows_a_film(camera, page):
    """What MoodMirror is tested with: red, for a camera that shows red."""
    camera(np.full((2, 48, 64, 3), (200, 20, 20), np.uint8), fps=2)
    page.route("http://127.0.0.1:1/", lambda route: route.fulfill(body="<p>a page", content_type="text/html"))
    page.goto("http://127.0.0.1:1/")
    red, green, blue, _ = page.evaluate("""async () => {
        const video = document.createElement('video');
        video.srcObject = await navigator.mediaDevices.getUserMedia({video: true});
        await video.play();
        const pen = document.createElement('canvas').getContext('2d');
        pen.drawImage(video, 0, 0, 64, 48);
        return Array.from(pen.getImageData(32, 24, 1, 1).data);
    }""")
    assert red > 150 and max(green, blue) < 80


def test_gan_lab_steps(open_app):
    needs("GANLab")
    app = open_app("import affectkit as ak\nak.apps.GANLab().view()")
    seen = {app.digest()}
    for name in ("Step D", "Step G", "Step both"):
        app.button(name).focus()
        app.press("Enter")
        seen.add(app.digest())
    assert len(seen) == 4
    app.button("Run").focus()
    app.press("Enter")
    app.press("Enter")  # it goes on by itself
    app.button("Pause").focus()
    app.press("Enter")
    app.assert_sound()
    app.screenshots("GANLab")
    assert app.output.locator(".affectkit-app").bounding_box()["height"] <= 760  # one screen


def test_mood_mirror_on_a_camera(open_app, camera):
    needs("MoodMirror")
    film = ak.mood.film([("sadness", 60)], person=13, fps=1, size=240, channels=3, scale=0.8)
    camera(film.frames, fps=1)
    app = open_app("import affectkit as ak\nak.apps.MoodMirror().view()")
    app.screenshots("MoodMirror")
    app.slider("message after [s]")
    app.press("Home")  # 1 s: we do not wait for long
    app.button("Start camera").focus()
    app.page.keyboard.press("Enter")
    app.output.get_by_text("A face is found.").wait_for()
    app.output.get_by_text("a message is shown").wait_for()
    app.screenshots("MoodMirror-message")
    app.output.get_by_text("a landscape is shown").wait_for()
    app.screenshots("MoodMirror-landscape")
    app.button("Stop camera").focus()
    app.press("Enter")
    app.assert_sound()
