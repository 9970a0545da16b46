"""HeartLab: from a raw pulse wave to beats, heart rate and variability, with the truth beside each."""

import numpy as np
from matplotlib.figure import Figure
from scipy.signal import find_peaks

from affectkit import emotions
from affectkit.preprocess import signals
from affectkit.twins import hearts

from ._app import FULL, App, rows

PART = 60  # seconds of rest, of the emotion, and of rest again
CLOSE = 0.15  # seconds: a beat found so near to a true one is that beat
FAINT = 0.3  # a threshold that hardly misses a beat: the pulse's delay is measured with it


class HeartLab(App):
    """A simulated person's pulse at the wrist, a filter, a peak finder and a window over it.

    Of a simulated heart every beat is known, so the app can count what a setting misses and invents.

    Parameters
    ----------
    random_state : int, default=0
        Another number gives other people.
    """

    title = "HeartLab: find every beat. Which filter, which threshold, and how long a window does it take?"

    def __init__(self, random_state=0):
        self.random_state = random_state

    def _prepare(self):
        self._recordings = {}

    def _layout(self):
        heavy = dict(live=False)
        return [rows(
            self._slider("threshold", "peak threshold", 0.8, 0.1, 3.0, 0.1, width=FULL,
                         tip="How far a peak must stand out, in standard deviations of the whole filtered "
                             "recording"),
            self._slider("person", "person", 0, 0, 19, 1, tip="Each number is another heart", **heavy),
            self._choice("emotion", "emotion", list(hearts.RESPONSES), "fear",
                         tip="What the person feels in the shaded minute"),
            self._slider("intensity", "intensity", 1.0, 0.0, 1.0, 0.1, tip="How strong it is", **heavy),
            self._slider("low", "filter: lowest [Hz]", 0.5, 0.1, 1.4, 0.1,
                         tip="Slower changes are taken out: drift, breath"),
            self._slider("high", "filter: highest [Hz]", 8.0, 1.5, 20.0, 0.5,
                         tip="Faster changes are taken out: tremble"),
            self._slider("start", "window begins at [s]", 85, 0, 3 * PART - 60, 1,
                         tip="The stretch that is shown and measured"),
            self._slider("length", "window length [s]", 20, 5, 60, 5,
                         tip="Short windows follow the heart, long ones measure it better"),
            self._reset_button(),
        )]  # fmt: skip

    def recording(self, person, emotion, intensity):
        """One person's three minutes: simulated when first asked for.

        Returns
        -------
        pulse : float array, shape (time,)
        rate : float
            Samples a second [Hz].
        beats : float array
            When each true beat reaches the wrist, up to a constant delay [s].
        moving : bool array, shape (seconds,)
        """
        key = person, emotion, intensity
        if key not in self._recordings:
            self._wait()
            course = [("neutral", 0.0, PART), (emotion, intensity, PART), ("neutral", 0.0, PART)]
            who = hearts.simulate(course, person=person, random_state=self.random_state)
            pulse, rate = who.raw("bvp")
            self._recordings[key] = pulse.astype(float), rate, who.beats, who.moving
        return self._recordings[key]

    def _draw(self):
        emotion = self._value("emotion")
        pulse, rate, beats, moving = self.recording(self._value("person"), emotion, self._value("intensity"))
        wave = signals.bandpass(pulse, rate, self._value("low"), self._value("high"))
        faint, found = (find_peaks(wave, prominence=threshold * wave.std(), distance=0.3 * rate)[0] / rate
                        for threshold in (FAINT, self._value("threshold")))  # fmt: skip
        start, length = self._value("start"), self._value("length")
        told = compare_beats(found, beats, start, start + length, delay=usual_delay(faint, beats))
        words = (f"In this window {told['right']} of {told['true']} beats are found and {told['false']} "
                 f"invented; {_number(told['rate'])} beats a minute, the truth is {told['true rate']:.0f}.")
        figure = plot_heart(pulse, wave, rate, found, beats, told, window=(start, start + length),
                            emotion=emotion, moving=moving)  # fmt: skip
        return figure, words


def _number(value):
    return f"{value:.0f}" if np.isfinite(value) else "–"


def _gap(beats, others):
    """How far each beat is from the nearest of the others [s]."""
    if not len(others):
        return np.full(len(beats), np.inf)
    after = np.searchsorted(others, beats).clip(1, max(1, len(others) - 1))
    nearest = abs(beats - others[after - 1]), abs(beats - others[np.minimum(after, len(others) - 1)])
    return np.minimum(*nearest)


def usual_delay(found, true):
    """How long after the last true beat a beat is found, usually [s]; 0 if none is found among them."""
    last = np.searchsorted(true, found, side="right") - 1
    among = (last >= 0) & (last < len(true) - 1)
    return float(np.median(found[among] - true[last[among]])) if among.any() else 0.0


def compare_beats(found, true, start, end, *, delay=None):
    """Count in a window what was found, missed and invented, and measure the heart from both.

    Parameters
    ----------
    found, true : float arrays
        Times of beats [s], of the whole recording: a beat's partner may lie beyond the window.
    start, end : float
        The window [s].
    delay : float, optional
        How much earlier true beats set out, for the pulse travels [s]; by default `usual_delay`. It misleads
        where little but noise was found; a lower threshold then tells it better.

    Returns
    -------
    dict
        found, missed, false: times [s] of beats in the window; right, true: their numbers; "rate", "true
        rate" [beats/min], "rmssd", "true rmssd" [ms], NaN where there are too few beats.
    """
    true = true + (usual_delay(found, true) if delay is None else delay)
    near = [(x >= start) & (x < end) for x in (found, true)]
    false, missed = (_gap(found, true) > CLOSE)[near[0]], (_gap(true, found) > CLOSE)[near[1]]
    found, true = found[near[0]], true[near[1]]
    told = {"found": found[~false], "false times": found[false], "missed": true[missed]}
    told |= {"right": int((~missed).sum()), "true": len(true), "false": int(false.sum())}
    for name, times in (("", found), ("true ", true)):
        interval = np.diff(times)
        told[name + "rate"] = 60 / interval.mean() if len(interval) else np.nan
        change = np.diff(1000 * interval)
        told[name + "rmssd"] = np.sqrt((change**2).mean()) if len(change) > 1 else np.nan
    return told


def plot_heart(pulse, wave, rate, found, beats, told, *, window, emotion, moving):
    """A window of the pulse with its beats, what is measured there, and the rate of the whole recording.

    Parameters
    ----------
    pulse, wave : float arrays, shape (time,)
        As measured, and filtered.
    rate : float
        Samples a second [Hz].
    found, beats : float arrays
        Times of all peaks and of all true beats [s].
    told : dict
        Of `compare_beats`.
    window : (float, float)
        From and to [s].
    emotion : str
    moving : bool array, shape (seconds,)
        Where the arm moves.

    Returns
    -------
    matplotlib.figure.Figure
    """
    colour, blue, orange = emotions.colour(emotion), emotions.colour("baseline"), emotions.colour("stress")
    fig = Figure(figsize=(8, 4.6))
    places = (0.77, 0.16), (0.47, 0.27), (0.11, 0.22)
    top, mid, course = (fig.add_axes((0.09, y, 0.63, h)) for y, h in places)
    part = slice(int(window[0] * rate), int(window[1] * rate))
    time = np.arange(len(pulse))[part] / rate
    top.plot(time, pulse[part], color="0.55", lw=1)
    mid.plot(time, wave[part], color="0.2", lw=1.2)
    high, low = wave[part].max(), wave[part].min()
    for times, marker, tint, label in ((told["found"], "o", blue, "found"),
                                       (told["false times"], "X", orange, "invented")):  # fmt: skip
        mid.plot(times, np.interp(times, time, wave[part]), marker, color=tint, ms=7, ls="", label=label)
    above = np.full(len(told["missed"]), high + 0.1 * (high - low))  # there is no peak to stand on
    mid.plot(told["missed"], above, "o", mfc="none", mew=1.6, color=orange, ms=7, label="missed")
    mid.set_ylim(low - 0.1 * (high - low), high + 0.22 * (high - low))
    mid.legend(frameon=False, ncols=3, loc="upper left", bbox_to_anchor=(0, -0.02), handletextpad=0.2)
    for ax, label in ((top, "raw"), (mid, "filtered")):
        ax.set(xlim=window, yticks=[], ylabel=label)
        ax.tick_params(labelbottom=False, length=0)
        ax.fill_between(np.arange(len(moving)), 0, 1, where=moving, step="post", color="0.5", alpha=0.2, lw=0,
                        transform=ax.get_xaxis_transform())  # fmt: skip
    top.set_title(f"The pulse from second {window[0]:.0f} to {window[1]:.0f} (twin; grey: the arm moves)")
    course.axvspan(PART, 2 * PART, color=colour, alpha=0.2, lw=0)
    course.text(1.5 * PART, 1.02, emotion, ha="center", va="bottom", color=colour, weight="bold",
                transform=course.get_xaxis_transform())  # fmt: skip
    for times, tint, style in ((found, blue, "."), (beats, "0.1", "-")):
        course.plot(times[1:], 60 / np.diff(times), style, color=tint, ms=4, lw=1.3)
    course.axvspan(*window, fc="none", ec="0.2", lw=1.5)
    usual = 60 / np.diff(beats)
    low, high = usual.min() - 8, usual.max() + 12
    course.set(xlim=(0, len(pulse) / rate), ylim=(low, high), xlabel="seconds", ylabel="beats a minute")
    measured = 60 / np.diff(found)
    for beyond, edge, marker in ((measured > high, high, "^"), (measured < low, low, "v")):
        course.plot(found[1:][beyond], np.full(beyond.sum(), edge), marker, color=orange, ms=5, clip_on=False)
    lines = [("", "found", "truth"), ("beats", told["right"], told["true"]), ("invented", told["false"], 0),
             ("beats/min", _number(told["rate"]), _number(told["true rate"])),
             ("RMSSD, ms", _number(told["rmssd"]), _number(told["true rmssd"]))]  # fmt: skip
    for row, (name, one, two) in enumerate(lines):
        y = 0.88 - 0.075 * row
        fig.text(0.845, y, name, ha="right", color="0.3")
        fig.text(0.915, y, one, ha="right", weight="bold", color=blue)
        fig.text(0.985, y, two, ha="right", weight="bold", color="0.1")
    key = "line: the true rate\ndots: beat by beat\ntriangles: off the scale\nbox: the window"
    fig.text(0.745, 0.2, key, color="0.35", size=9.5)
    return fig
