"""MoodMirror: expressions over time, a message when negative ones persist, and landscapes if they go on.

After electronics2022; what the decision is made of stands in `affectkit.mood`.
"""

import functools
import io
from collections import deque
from pathlib import Path

import anywidget
import ipywidgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, Rectangle
from PIL import Image

from affectkit import emotions, mood, plots
from affectkit.preprocess import faces as cropping

from ._app import App, rows

SCRIPT = ("neutral", 12), ("sadness", 42), ("happiness", 10), ("neutral", 8)  # what is shown, and seconds
PERSON = 13  # of the twin
LARGEST = 2000  # pixels a side of a frame
SPAN = 90.0  # seconds of a camera's curves that are kept
NO_OPENCV = "OpenCV is not installed: the middle is taken for the face (pip install 'affectkit[crop]')."
NOTICE = """<div style="max-width:780px;line-height:1.35;border-left:4px solid #D55E00;padding-left:8px">
<b>What this is not.</b> A classifier says how a face would be <i>labelled</i>. That is no feeling, no measure
of mood and no diagnosis; people scowl when they think. <b>The law:</b> in the European Union, Article 5(1)(f)
of the AI Act forbids AI that infers emotions <b>at work, in schools and in universities</b>, except for
medical or safety reasons: reading employees' faces to cheer them up is forbidden, too. Try it on yourself; in
class, play the recorded sequence. <b>Your frames</b> are stored nowhere, and go to this notebook's kernel
alone. On your own computer they stay there; on Binder or Colab the kernel is a computer of theirs.</div>"""


class Camera(anywidget.AnyWidget):
    """Start, stop and a small mirror. Frames come as binary messages; none is ever part of its state."""

    _esm = Path(__file__).with_name("camera.js")
    _css = ".affectkit-camera button {margin: 2px 8px 6px 0; padding: 4px 12px; cursor: pointer}"


class MoodMirror(App):
    """A face, what a classifier says of it over time, and what follows from that.

    Without a camera it plays a recorded sequence: a person of the twin who looks neutral, then sad for long,
    then better. With one, frames go from the browser to the kernel, are looked at and forgotten.

    Parameters
    ----------
    classifier : fitted classifier, optional
        ``predict_proba`` takes uint8 faces (n, size, size), or (n, size, size, 3) for 3 channels. By default
        `affectkit.mood.classifier`, with a control for its three groupings.
    names : sequence of str, optional
        Its classes; by default its ``classes_``.
    size, channels : int
        What it takes.
    random_state : int, default=0
        Which landscapes.

    Raises
    ------
    ValueError
        When the view is made: no class of the classifier is a negative expression.

    Examples
    --------
    >>> from affectkit.apps import MoodMirror
    >>> app = MoodMirror()
    >>> box = app.view()
    >>> app.controls_["time"].value = 25
    """

    title = "MoodMirror: how long must a face look negative before somebody says something? Move the time."

    def __init__(self, classifier=None, names=None, *, size=48, channels=1, random_state=0):
        self.classifier, self.names, self.size, self.channels = classifier, names, size, channels
        self.random_state = random_state

    def _prepare(self):
        self._recorded = mood.film(SCRIPT, person=PERSON, fps=1, size=128, channels=3, scale=0.8)
        self._found = [mood.find_face(frame) for frame in self._recorded.frames]
        self._models, self._live = {}, None
        if self.classifier is not None:
            mood.MoodTimer(self._model()[1]).update(0)  # raises where no class is negative

    def _layout(self):
        last = int(self._recorded.time[-1])
        time = self._slider("time", "time [s]", 35, 0, last, 1, tip="Of the recorded sequence")
        controls = [
            self._slider("smoothing", "smoothing [s]", 2.0, 0.0, 20.0, 0.5,
                         tip="How long old frames count; 0: each frame as it is"),
            self._slider("threshold", "threshold", 0.5, 0.05, 0.95, 0.05,
                         tip="Negative from this probability on"),
            self._slider("message", "message after [s]", 8, 1, 40, 1, tip="Of negative expressions"),
            self._slider("landscape", "landscape after [s]", 8, 1, 40, 1, tip="Counted from the message on"),
            self._choice("interest", "interest", list(mood.INTERESTS), "all landscapes",
                         tip="Which landscapes are shown"),
            self._slider("looking", "each for [s]", 10, 2, 40, 1, tip="How long a landscape is shown"),
        ]  # fmt: skip
        if self.classifier is None:
            groups = {"A: seven emotions": "A", "B: three groups": "B", "C: two groups": "C"}
            controls.append(self._choice("model", "classes", groups, "B", action=self._new_model,
                                         tip="The models A, B and C of electronics2022"))  # fmt: skip
        play = ipywidgets.Play(min=0, max=last, value=time.value, interval=400, description="play",
                               tooltip="Play the recorded sequence")  # fmt: skip
        ipywidgets.link((play, "value"), (time, "value"))
        self.camera_ = Camera()
        self.camera_.on_msg(self._message)
        return [self.camera_, rows(time, self._control("play", play, lambda: None)),
                rows(*controls, self._reset_button()), ipywidgets.HTML(NOTICE)]  # fmt: skip

    # ------------------------------------------------------------------------------------ faces to moments

    def _model(self):
        """The classifier, its classes, and what it says of the recorded sequence; each once."""
        key = "given" if self.classifier is not None else self._value("model")
        if key not in self._models:
            model = self.classifier if key == "given" else mood.classifier(key)
            names = [str(name) for name in (model.classes_ if self.names is None else self.names)]
            seen = [face for face, _ in self._found if face is not None]
            said = iter(model.predict_proba(self._inputs(seen)) if seen else ())
            self._models[key] = model, names, [None if f is None else next(said) for f, _ in self._found]
        return self._models[key]

    def _inputs(self, some):
        small = np.stack([cropping.resize(face[None], self.size)[0] for face in some])
        return small if self.channels == 3 else (small @ [0.299, 0.587, 0.114]).astype(np.uint8)

    def _settings(self):
        """What the controls say of the timer."""
        after = self._value("message")
        return dict(smoothing=self._value("smoothing"), threshold=self._value("threshold"),
                    message_after=after, landscape_after=after + self._value("landscape"),
                    view=self._value("looking"))  # fmt: skip

    def _timer(self):
        chooser = mood.LandscapeChooser(self._value("interest"), random_state=self.random_state)
        return mood.MoodTimer(self._model()[1], **self._settings(), chooser=chooser)

    def _new_model(self):
        self._live = self._live and self._begin()
        self._refresh()

    def _reset(self):
        with self._together():
            super()._reset()
            self._live = self._live and self._begin()  # with the model that counts from now on

    def _draw(self):
        threshold, face, box = self._value("threshold"), None, None
        if self._live:
            moments, span = list(self._live[1]), SPAN
            where = "The camera is on:\nsee its picture below."
        else:
            now, film, said = self._value("time"), self._recorded, self._model()[2]  # a frame a second
            moments = mood.run(self._timer(), film.time[: now + 1], said[: now + 1])
            span, face, box, where = film.time[-1], film.frames[now], self._found[now][1], ""
        last = moments[-1] if moments else mood.Moment(0.0, None, np.nan, 0.0, "watching", None, 0)
        landscape = _landscape(self.random_state, last.kind, last.number) if last.kind else None
        fig = plot_mirror(moments, self._model()[1], threshold=threshold, span=span, face=face, box=box,
                          landscape=landscape, where=where)  # fmt: skip
        return fig, _sentence(last, threshold)

    # --------------------------------------------------------------------------------------- the camera

    def _begin(self):
        """A timer that nobody has looked at yet, and its latest moments."""
        return self._timer(), deque(maxlen=4000)

    def _message(self, camera, content, buffers):
        """What the browser says: start, stop, or a frame."""
        try:
            if content.get("type") != "frame":
                self._live = self._begin() if content.get("type") == "start" else None
            elif self._live:
                self._frame(float(content["time"]), buffers)
            else:  # it was under way when the camera was stopped
                return
        except Exception as error:
            self._fail(error)
            return
        self._refresh()

    def _fail(self, error):
        if self._live:  # the trace would keep the frame, and so would an error of the drawing that follows
            error.__context__ = error.__cause__ = error.__traceback__ = None
        super()._fail(error)

    def _frame(self, time, buffers):
        """Look at a frame, and forget it; whatever happens, the camera gets its answer."""
        timer, moments = self._live
        box, words = None, "This frame could not be read."
        try:
            for name, value in self._settings().items():
                setattr(timer, name, value)
            timer.chooser.interest = self._value("interest")
            face, box = mood.find_face(decode(buffers[0] if buffers else b""))
            said = None if face is None else self._model()[0].predict_proba(self._inputs([face]))[0]
            moments.append(timer.update(time, said))
            while moments[-1].time - moments[0].time > SPAN:
                moments.popleft()
            words = "No face is found." if face is None else "A face is found."
            words = words if cropping.detectors() else NO_OPENCV
        finally:
            self.camera_.send({"type": "seen", "box": box, "words": words})


def decode(data):
    """A camera's frame.

    Parameters
    ----------
    data : bytes-like
        JPEG.

    Returns
    -------
    uint8 array, shape (h, w, 3)

    Raises
    ------
    ValueError
        It is no JPEG, is cut short, or has more than 2,000 pixels a side.
    """
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            if max(image.size) > LARGEST:
                raise ValueError(f"a frame has {image.size} pixels, more than {LARGEST} a side")
            return np.asarray(image.convert("RGB"))
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise ValueError("a frame of the camera is no JPEG that can be read") from None


@functools.lru_cache(maxsize=8)
def _landscape(random_state, kind, number):
    return mood.LandscapeChooser(random_state=random_state).draw(kind, number)


def _sentence(last, threshold):
    if last.proba is None:
        return f"At {last.time:.0f} s: no face is seen."
    level = f"above the threshold for {last.lasted:.0f} s"
    level = level if last.negative >= threshold else "below the threshold"
    then = {"watching": "nothing is said", "message": "a message is shown",
            "landscape": f"a landscape is shown: {last.kind}"}[last.stage]  # fmt: skip
    return f"At {last.time:.0f} s: negative with probability {last.negative:.2f}, {level}; {then}."


def plot_mirror(moments, names, *, threshold, span, face=None, box=None, landscape=None, where=""):
    """A face with its box, what is said of it now, what follows, and the way there.

    Parameters
    ----------
    moments : list of affectkit.mood.Moment
    names : sequence of str
        Classes.
    threshold : float
    span : float
        Seconds that the curves have room for.
    face : uint8 array, shape (h, w) or (h, w, 3), optional
        The frame.
    box : (top, left, side), optional
        Where the face was found [pixels].
    landscape : uint8 array, shape (h, w, 3), optional
        What is shown.
    where : str
        Written in place of a frame that is None.

    Returns
    -------
    matplotlib.figure.Figure
    """
    last = moments[-1] if moments else mood.Moment(0.0, None, np.nan, 0.0, "watching", None, 0)
    fig = Figure(figsize=(8, 5.3))
    left, middle, right = (fig.add_axes(place) for place in ((0.01, 0.47, 0.31, 0.46), (0.45, 0.5, 0.19, 0.4),
                                                            (0.68, 0.47, 0.31, 0.46)))  # fmt: skip
    for ax in (left, right):
        ax.axis("off")
    if face is None:
        left.text(0.5, 0.5, where, ha="center", va="center", color="0.4", transform=left.transAxes)
    else:
        left.imshow(face, cmap="gray", vmin=0, vmax=255)
        left.set_title("A face of the twin")
    if box is not None and face is not None:
        top, start, side = box
        left.add_patch(Rectangle((start, top), side, side, fill=False, ec="#E69F00", lw=2.5))
    values = np.zeros(len(names)) if last.proba is None else last.proba
    middle.barh(range(len(names)), values, color=[emotions.colour(name) for name in names], height=0.7)
    middle.set(xlim=(0, 1), ylim=(len(names) - 0.4, -0.6), xticks=[0, 0.5, 1], yticks=range(len(names)),
               yticklabels=names)  # fmt: skip
    middle.set_title("Labelled, smoothed", x=-0.3)
    if landscape is not None:
        right.imshow(landscape)
        right.set_title(f"A {last.kind}" if last.kind != "mountains" else "Mountains")
    else:
        words = f"Looking negative for {last.lasted:.0f} s.\n\nHow about a break,\nand a cup of tea?"
        quiet = last.stage == "watching"
        right.add_patch(FancyBboxPatch((0.06, 0.2), 0.88, 0.6, boxstyle="round,pad=0.02,rounding_size=0.08",
                                       fc="#f3f3f0" if quiet else "#fff3d6", ec="0.8" if quiet else "#E69F00",
                                       lw=1.5, transform=right.transAxes))  # fmt: skip
        right.text(0.5, 0.5, "Nothing is said." if quiet else words, ha="center", va="center",
                   color="0.45" if quiet else "0.15", size=11, transform=right.transAxes)  # fmt: skip
    below = fig.add_axes((0.08, 0.15, 0.9, 0.24))
    plots.moods_over_time(moments, names, threshold=threshold, span=span, ax=below)
    fig.text(0.01, 0.012, "Labels of expressions: no feelings, no mood, no diagnosis. Not at work, in "
             "schools or universities (EU AI Act, Article 5(1)(f)).", size=8.5, color="#b3261e")  # fmt: skip
    return fig
