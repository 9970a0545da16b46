"""MoodMirror: the recorded sequence, the camera's messages, and what becomes of a frame: nothing."""

import gc
import io
import json
import shutil
import subprocess
import weakref

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from affectkit import mood
from affectkit.apps import MoodMirror, mood_mirror

NAMES = ["negative", "other"]


class Brightness:
    """Dark faces are negative. Keeps a weak reference to all it saw."""

    classes_ = np.array(NAMES)

    def __init__(self):
        self.seen = []

    def predict_proba(self, faces):
        self.seen += [weakref.ref(faces)]
        assert faces.dtype == np.uint8 and faces.shape[1:] == (48, 48)
        dark = (faces.mean((1, 2)) < 100).astype(float)
        return np.stack([dark, 1 - dark], 1)


def jpeg(level=40, size=(160, 120)):
    file = io.BytesIO()
    Image.new("RGB", size, (level,) * 3).save(file, "JPEG")
    return file.getvalue()


@pytest.fixture
def app(monkeypatch):
    """With a model that asks for brightness, and a detector that takes the middle of any frame."""
    monkeypatch.setattr(mood_mirror, "SCRIPT", (("neutral", 3), ("sadness", 3)))
    monkeypatch.setattr(mood, "find_face", lambda frame: (frame[20:100, 40:120], (20, 40, 80)))
    app = MoodMirror(Brightness())
    app.view()
    app.answers = []
    monkeypatch.setattr(app.camera_, "send", lambda content: app.answers.append(content))
    with app._together():
        for name, value in (("smoothing", 0.0), ("message", 2), ("landscape", 2), ("looking", 2)):
            app.controls_[name].value = value
    return app


def say(app, kind, buffers=(), **content):
    """As the browser does: through the widget's comm."""
    app.camera_._handle_custom_msg(dict(type=kind, **content), list(buffers))


def frame(app, time, level=40):
    say(app, "frame", [memoryview(jpeg(level))], time=time)


@pytest.fixture(scope="module")
def recorded():
    app = MoodMirror()
    app.view()
    return app


def test_the_recorded_sequence_goes_from_nothing_to_a_landscape_and_back(recorded):
    said = {}
    for now in (5, 15, 24, 35, 50, 68):
        recorded.controls_["time"].value = now
        said[now] = recorded.words_.split("; ")[-1]
    stages = ["message" if "message" in w else "landscape" if "landscape" in w else "nothing"
              for w in said.values()]  # fmt: skip
    order = [s for s, before in zip(stages, [None, *stages], strict=False) if s != before]
    assert order == ["nothing", "message", "landscape", "nothing"]
    assert recorded.words_.startswith("At 68 s: negative with probability 0.")
    assert "below the threshold; nothing" in recorded.words_
    assert not recorded.errors_ and recorded.still()[:4] == b"\x89PNG"
    assert len(recorded._recorded.frames) == recorded.controls_["time"].max + 1


def test_settings_move_the_decision(recorded):
    recorded.controls_["reset"].click()
    recorded.controls_["time"].value = 35
    assert "a landscape is shown" in recorded.words_
    recorded.controls_["landscape"].value = 40
    assert "a message is shown" in recorded.words_
    recorded.controls_["message"].value = 40
    assert "nothing is said" in recorded.words_
    recorded.controls_["reset"].click()
    recorded.controls_["interest"].value = "woods and meadows"
    assert recorded.words_.endswith(("shown: forest.", "shown: meadow."))
    recorded.controls_["reset"].click()


def test_play_moves_the_time_and_the_other_way_round(recorded):
    recorded.controls_["play"].set_state({"value": 12})
    assert recorded.words_.startswith("At 12 s") and recorded.controls_["time"].value == 12
    recorded.controls_["time"].value = 20
    assert recorded.controls_["play"].value == 20


def test_it_says_what_it_is_not_and_what_is_forbidden(recorded):
    text = " ".join(w.value for w in recorded.view_.children if isinstance(w, ipywidgets.HTML))
    text = " ".join(text.split())
    for words in ("no diagnosis", "Article 5(1)(f)", "at work, in schools and in universities",
                  "medical or safety", "stored nowhere", "on Binder or Colab the kernel"):  # fmt: skip
        assert words in text


# ------------------------------------------------------------------------------------------------- the camera


def test_frames_lead_to_a_message_a_landscape_and_feedback(app):
    say(app, "start")
    seen = []
    for time in range(7):
        frame(app, time)
        seen.append(app.words_.split("; ")[1])
    frame(app, 7, level=220)
    frame(app, 8, level=220)
    assert [s.split()[1] for s in seen] == ["is"] * 2 + ["message"] * 2 + ["landscape"] * 3
    assert "nothing is said" in app.words_
    timer, _ = app._live
    assert sorted(map(tuple, timer.chooser.counts_.values())) == [(0, 1), (1, 0)]
    assert app.answers == [{"type": "seen", "box": (20, 40, 80), "words": app.answers[0]["words"]}] * 9
    assert not app.errors_


def test_a_knob_works_on_the_running_camera_and_keeps_what_was_learnt(app):
    say(app, "start")
    for time in range(7):
        frame(app, time)
    counts = app._live[0].chooser.counts_
    app.controls_["threshold"].value, app.controls_["interest"].value = 0.95, "water"
    frame(app, 8)
    assert app._live[0].threshold == 0.95 and app._live[0].chooser.counts_ is counts
    app.controls_["reset"].click()
    assert app._live[0].chooser is not None and not app._live[1]


def test_stop_brings_the_recorded_sequence_back_and_forgets(app):
    before = app.words_
    say(app, "start")
    frame(app, 50.0)
    assert app.words_.startswith("At 50 s")
    say(app, "stop")
    assert app.words_ == before and app._live is None


def state_bytes(app):
    """All that a notebook would keep of the app's widgets."""
    manager = ipywidgets.Widget.get_manager_state
    return json.dumps(manager()["state"], default=repr).encode()


def test_no_frame_is_kept_and_none_gets_into_the_state_of_a_widget(app):
    say(app, "start")
    keys, traits = set(app.camera_.get_state()), app.camera_.get_state()
    data = jpeg(73, (320, 240))
    say(app, "frame", [memoryview(data)], time=0.0)
    gc.collect()
    assert set(app.camera_.get_state()) == keys and app.camera_.get_state() == traits
    assert not {"frame", "image", "data"} & keys
    assert all(ref() is None for ref in app.classifier.seen[-1:])
    assert not [x for x in gc.get_objects() if type(x) is np.ndarray and x.shape == (240, 320, 3)]
    assert data not in state_bytes(app)


@pytest.mark.parametrize("data", [b"", b"no picture", jpeg()[:200], jpeg(size=(2100, 20)),
                                  b"\x89PNG\r\n\x1a\n" + bytes(40)])  # fmt: skip
def test_a_bad_frame_is_told_answered_and_forgotten(app, data):
    say(app, "start")
    say(app, "frame", [memoryview(data)], time=0.0)
    assert len(app.errors_) == 1 and "frame" in str(app.errors_[0])
    assert app.errors_[0].__traceback__ is None and app.errors_[0].__context__ is None
    assert "This went wrong" in app._says.value
    assert app.answers[-1] == {"type": "seen", "box": None, "words": "This frame could not be read."}
    frame(app, 1.0)  # and on it goes
    assert app.words_.startswith("At 1 s") and "This went wrong" not in app._says.value


@pytest.mark.parametrize("content", [{}, {"time": None}, {"time": "x"}])
def test_a_frame_without_its_time_is_an_error_that_is_seen(app, content):
    say(app, "start")
    say(app, "frame", [memoryview(jpeg())], **content)
    assert app.errors_ and "This went wrong" in app._says.value


def test_what_the_classifier_swallows_is_seen(app, monkeypatch):
    monkeypatch.setattr(app.classifier, "predict_proba", lambda faces: 1 / 0)
    say(app, "start")
    frame(app, 0.0)
    assert isinstance(app.errors_[-1], ZeroDivisionError) and app.answers[-1]["type"] == "seen"


def test_an_error_of_the_drawing_keeps_no_frame(app, monkeypatch):
    monkeypatch.setattr(mood_mirror, "plot_mirror", lambda *_, **__: 1 / 0)
    say(app, "start")
    frame(app, 0.0)
    kept = app.errors_[-1]  # a frame of a trace knows its callers, and so all that they were given
    assert isinstance(kept, ZeroDivisionError) and kept.__traceback__ is kept.__context__ is None
    gc.collect()
    assert app.classifier.seen[-1]() is None
    say(app, "stop")
    assert app.errors_[-1].__traceback__  # without a camera there is nothing to hide


def test_a_frame_that_was_under_way_does_not_start_it_again(app):
    say(app, "start")
    say(app, "stop")
    before, app.answers[:] = app.words_, []
    frame(app, 9.0)
    assert app._live is None and app.words_ == before and not app.answers and not app.errors_


def test_reset_brings_the_running_camera_the_first_model(monkeypatch):
    class Even(Brightness):
        def __init__(self, key):
            self.classes_ = np.array({"A": ["anger", "fear", "happiness"], "B": NAMES}[key])

        def predict_proba(self, faces):
            return np.full((len(faces), len(self.classes_)), 1 / len(self.classes_))

    monkeypatch.setattr(mood_mirror, "SCRIPT", (("neutral", 3),))
    monkeypatch.setattr(mood, "classifier", Even)
    app = MoodMirror()
    app.view()
    say(app, "start")
    app.controls_["model"].value = "A"
    frame(app, 0.0)
    app.controls_["reset"].click()
    frame(app, 1.0)
    assert not app.errors_ and app._live[0].names == NAMES and len(app._live[1]) == 1


def test_no_face_is_said_and_no_opencv_is_said(app, monkeypatch):
    monkeypatch.setattr(mood, "find_face", lambda frame: (None, None))
    say(app, "start")
    frame(app, 0.0)
    assert app.words_ == "At 0 s: no face is seen." and not app.errors_
    monkeypatch.setattr(mood_mirror.cropping, "detectors", lambda: None)
    frame(app, 1.0)
    assert "affectkit[crop]" in app.answers[-1]["words"]


def test_nothing_is_written(app, monkeypatch):
    import builtins

    say(app, "start")
    frame(app, 0.0)  # what matplotlib looks up once
    opened, real = [], builtins.open
    monkeypatch.setattr(builtins, "open", lambda file, mode="r", *a, **k: opened.append(mode) or real(
        file, mode, *a, **k))  # fmt: skip
    frame(app, 1.0)
    assert not [mode for mode in opened if set(mode) & set("wax+")]


def test_own_classifiers_need_a_negative_class(monkeypatch):
    monkeypatch.setattr(mood_mirror, "SCRIPT", (("neutral", 3),))
    model = Brightness()
    model.classes_ = np.array([0, 1])
    with pytest.raises(ValueError, match="is in negative"):
        MoodMirror(model).view()
    assert not MoodMirror(model, NAMES).view().app.errors_


def test_the_plot_takes_grey_faces_no_face_and_no_moments():
    grey = np.zeros((20, 30), np.uint8)
    one = mood.Moment(1.0, np.array([0.4, 0.6]), 0.4, 0.0, "watching", None, 0)
    gone = mood.Moment(2.0, None, np.nan, 0.0, "watching", None, 0)
    for moments, face in (([], None), ([one], grey), ([one, gone], None)):
        assert isinstance(mood_mirror.plot_mirror(moments, NAMES, threshold=0.5, span=9, face=face), Figure)


# ----------------------------------------------------------------------------------------- the browser's part

PAGE = """
import camera from "./camera.mjs";
const sent = [], tracks = [], events = {}, waiting = [];
const element = () => new Proxy(() => element(), {  // takes whatever is asked of it
  get: (it, name) => it[name] ?? { videoWidth: 4, videoHeight: 3,
    toBlob: (done) => waiting.push(done) }[name] ?? (name === "then" ? undefined : element()),
  set: (it, name, value) => Reflect.set(it, name, value),
});
const made = [];
globalThis.document = { createElement: () => { made.push(element()); return made.at(-1); } };
globalThis.requestAnimationFrame = () => {};
let allow, patience;
globalThis.setTimeout = (run, after) => { patience = after > 10000 ? run : patience; return 1; };
globalThis.clearTimeout = () => {};
const getUserMedia = () => new Promise((resolve) => { allow = () => {
  tracks.push({ on: true, stop() { this.on = false; } });
  resolve({ getTracks: () => [tracks.at(-1)], getVideoTracks: () => [tracks.at(-1)] });
}; });
Object.defineProperty(globalThis, "navigator", { value: { mediaDevices: { getUserMedia } } });
const model = { on: (name, run) => { events[name] = run; }, off() {}, send: (what) => sent.push(what.type) };
const settle = async () => { for (let k = 0; k < 20; k++) await null; };
const blob = { arrayBuffer: async () => new ArrayBuffer(8) };
const away = camera.render({ model, el: element() });
const [button, line] = made;
const open = async () => { button.onclick(); allow(); await settle(); };
const tell = () => console.log(sent.join(" "), "|", tracks.map((track) => track.on).join(" "), "|",
                               line.textContent);
"""


@pytest.mark.parametrize("happens, then", [
    ("await open(); waiting[0](blob); await settle()", "start frame | true | The camera is on."),
    ("await open(); waiting[0](blob); button.onclick(); await settle()",
     "start stop | false | The camera is off."),
    ("await open(); patience()", "start stop | false | The kernel does not answer: the camera is off."),
    ("await open(); tracks[0].onended()", "start stop | false | The camera was taken away."),
    ("await open(); away()", "start stop | false | "),
    ("button.onclick(); away(); allow(); await settle()", " | false | "),
])  # fmt: skip
def test_the_camera_is_let_go_whatever_happens(happens, then, repository, tmp_path):
    node = shutil.which("node")
    if not node:
        pytest.skip("node is not here to run the browser's part")
    (tmp_path / "camera.mjs").write_text((repository / "affectkit/apps/camera.js").read_text())
    (tmp_path / "page.mjs").write_text(f"{PAGE}\n{happens}; tell();")
    done = subprocess.run([node, tmp_path / "page.mjs"], capture_output=True, text=True)
    assert done.stdout.rstrip("\n") == then, done.stderr
