"""Simulated hearts: from a course of emotions to pulse wave, skin conductance, breath and temperature.

``simulate`` plays any course of emotions to one person, ``session`` lets many go through a published
protocol. What an emotion does on average stands in ``RESPONSES``, with its sources in ``_protocols.py``; what
comes out depends more on who has it: people differ in level and in how strongly, how fast and even in which
direction they react; they get used to things, drift, move and lose the sensor. Beats and movement are known
exactly, as in no real recording.

The waves are NeuroKit2's (Makowski et al. 2021, https://doi.org/10.3758/s13428-020-01516-y). Its simulators
know one constant rate only. So each is asked for one regular wave after the other, and these are read along
*our* count of beats or breaths: its shapes, in our time.

Read off the real Stress-Predict (Iqbal et al. 2022, https://doi.org/10.3390/s22218135; S02 to S30): mean and
sd of each task's duration, and, of the heart rate at 1 Hz, mean and sd over people of its level, response and
variability, and its smoothness.
"""

import zlib
from dataclasses import dataclass, field, replace
from numbers import Integral, Real

import numpy as np
import pandas as pd
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter
from scipy.stats import norm

from .. import emotions, speed
from . import _protocols
from ._protocols import ALIASES, LEAD, RESPONSES, Response

RATES = {"bvp": 64.0, "eda": 4.0, "temperature": 4.0, "respiration": 16.0}  # Hz; an Empatica E4 and a belt
_FINE = 4  # Hz of the hidden course


@dataclass(frozen=True, eq=False)
class Person:
    """One simulated recording.

    Attributes
    ----------
    group : str
        The person, "S01", "S02", ...
    time : ndarray of float64, shape (n_seconds,)
        Seconds since the start of the recording.
    heart_rate : ndarray of float32, shape (n_seconds,)
        Beats a minute once a second, as a watch shows them: smoothed over some ten seconds, and wrong while
        the arm moves.
    label : ndarray of int64, shape (n_seconds,)
        Class number of the data set's card, -1 where it has none; of ``simulate``: row of ``RESPONSES``.
    segments : list of (start, end, name, label)
        The parts in order of time, `start` and `end` in seconds, `end` exclusive. Of "deap" the clips, with
        the 3 s of baseline before each, in order of their Experiment_id, not of time.
    beats : ndarray of float64, shape (n_beats,)
        The truth: when each pulse sets out [s].
    moving : ndarray of bool, shape (n_seconds,)
        The truth: where movement spoils the wrist's signals.
    ratings : DataFrame or None
        "deap" only, a row a clip: experiment_id, trial (place in the order shown, from 1), and valence,
        arousal, dominance and liking from 1 to 9.
    rates : dict of str to float
        Samples a second of each raw signal [Hz].
    """

    group: str
    time: np.ndarray
    heart_rate: np.ndarray
    label: np.ndarray
    segments: list
    beats: np.ndarray
    moving: np.ndarray
    rates: dict
    hidden: dict = field(repr=False)
    ratings: pd.DataFrame | None = None

    def raw(self, signal):
        """Simulate a raw signal of this recording; the same each time.

        Parameters
        ----------
        signal : {"bvp", "eda", "temperature", "respiration"}
            Pulse wave [arbitrary units, about +-60], skin conductance [µS], skin temperature [°C], or how
            wide the chest is [arbitrary units].

        Returns
        -------
        x : ndarray of float32, shape (n_seconds * rate,)
        rate : float
            Samples a second: 64, 4, 4 and 16; of "deap" always 128.

        Raises
        ------
        ValueError
            For any other signal, or one larger than memory.
        """
        if signal not in self.rates:
            raise ValueError(f"signal={signal!r} is unknown; choose one of {', '.join(self.rates)}")
        rate = self.rates[signal]
        speed.check_memory(len(self.time) * rate * 100, f"signal={signal!r}", "simulate a shorter course")
        rng = np.random.default_rng([*self.hidden["seed"], list(RATES).index(signal)])
        t = np.arange(int(len(self.time) * rate)) / rate
        makers = dict(bvp=_bvp, eda=_eda, temperature=_temperature, respiration=_respiration)
        return makers[signal](self, t, rate, rng).astype(np.float32), rate

    def trials(self, signal):
        """Cut ``raw(signal)`` at the segments, in their order.

        Parameters
        ----------
        signal : str
            As of ``raw``.

        Returns
        -------
        x : ndarray of float32, shape (n_segments, samples)
            Of "deap" (40, 8064).
        rate : float

        Raises
        ------
        ValueError
            The segments differ in length.
        """
        if len({end - start for start, end, *_ in self.segments}) != 1:
            raise ValueError("segments differ in length; cut raw(signal) at each of them instead")
        x, rate = self.raw(signal)
        return np.stack([x[int(start * rate) : int(end * rate)] for start, end, *_ in self.segments]), rate


def session(protocol, n_people, *, random_state=0, shuffled=False):
    """Simulate people under a published protocol.

    Parameters
    ----------
    protocol : {"stress-predict", "wesad", "deap"}
        Iqbal et al. 2022 (three stress tasks between rests, 55 min), Schmidt et al. 2018 (baseline, stress,
        amusement and two meditations; half of the people laugh first), or Koelstra et al. 2012 (40 film
        clips, each rated; the heart follows the valence and arousal that this person felt).
    n_people : int
        How many, >= 1. With the 34, 15 and 32 of the real sets, the counts equal those on the cards.
    random_state : int, default=0
        Same number, same people.
    shuffled : bool, default=False
        Whether each person does the parts in an order of their own. The real protocols of stress have one
        order or two, so that the time in the session alone predicts stress. Clips are shuffled anyway.

    Returns
    -------
    list of Person
        Named "S01", "S02", ...; person i is the same however many are asked for.

    Raises
    ------
    ValueError
        The protocol is unknown, there are less than one or more people than memory holds, or `random_state`
        is no seed.
    """
    if protocol not in ("stress-predict", "wesad", "deap"):
        raise ValueError(f"protocol={protocol!r} is unknown; choose stress-predict, wesad or deap")
    seed, n_people = _whole("random_state", random_state, 0), _whole("n_people", n_people, 1)
    speed.check_memory(n_people * 4000 * 300, f"n_people={n_people}", "ask for fewer people")
    people = [(seed, index) for index in range(n_people)]
    if protocol == "deap":
        return [_watch_films(who) for who in people]
    parts = _protocols.wesad if protocol == "wesad" else _protocols.stress_predict
    return [_live(parts(index, seed, shuffled), (seed, index)) for seed, index in people]


def stress_session(n_people, *, random_state=0, shuffled=False):
    """``session("stress-predict", n_people, ...)``."""
    return session("stress-predict", n_people, random_state=random_state, shuffled=shuffled)


def simulate(course, *, person=0, random_state=0):
    """Simulate what a course of emotions does to one person.

    Parameters
    ----------
    course : sequence of (emotion, intensity, seconds)
        Emotions are the keys of ``RESPONSES`` in any spelling ``emotions.canonical`` knows, "baseline" and
        "relaxation"; intensities lie between 0 and 1; seconds are rounded to whole ones.
    person : int, default=0
        Who. The same number (and seed) is the same person, whatever the course.
    random_state : int, default=0
        Another number gives other people.

    Returns
    -------
    Person
        One session. The same course gives the same bytes, another one the same person on another day.

    Raises
    ------
    ValueError
        An emotion is unknown, an intensity outside 0-1, a part shorter than a second, the course empty or
        longer than memory, or `person` or `random_state` no number to count with.

    Examples
    --------
    >>> someone = simulate([("neutral", 0, 60), ("joy", 1, 60), ("relaxation", 1, 120)], person=3)
    >>> someone.heart_rate.shape, [name for _, _, name, _ in someone.segments]
    ((240,), ['neutral', 'happiness', 'meditation'])
    """
    who = _whole("random_state", random_state, 0), _whole("person", person, 0)
    parts = []
    for k, row in enumerate(course):
        try:
            name, intensity, seconds = row
        except (TypeError, ValueError):
            raise ValueError(f"course[{k}]={row!r} must be (emotion, intensity, seconds)") from None
        if not (isinstance(intensity, Real) and 0 <= intensity <= 1):
            raise ValueError(f"course[{k}]: intensity={intensity!r} must lie between 0 and 1")
        if not (isinstance(seconds, Real) and 0.5 < seconds < np.inf):
            raise ValueError(f"course[{k}]: seconds={seconds!r} must be 1 or more")
        parts.append(_protocols.part(_state(name, k), round(seconds), float(intensity), 2.0))
    if not parts:
        raise ValueError("course is empty; give it at least one (emotion, intensity, seconds)")
    speed.check_memory(sum(part.seconds for part in parts) * 1000, "course", "make it shorter")
    return _live(parts, who, day=zlib.crc32(repr(parts).encode()))


# -------------------------------------------------------------------------------------------------- arguments


def _whole(name, value, least):
    if not isinstance(value, Integral) or value < least:
        raise ValueError(f"{name}={value!r} must be a whole number of at least {least}")
    return int(value)


def _state(name, k):
    plain = str(name).strip().lower()
    if plain in RESPONSES or plain in ALIASES:
        return ALIASES.get(plain, plain)
    try:
        return emotions.canonical(plain)
    except ValueError:
        known = ", ".join([*RESPONSES, "baseline", "relaxation"])
        raise ValueError(f"course[{k}]: emotion={name!r} is unknown; choose one of {known}") from None


# --------------------------------------------------------------------------------------------------- the body


def _watch_films(who):
    """A person of DEAP: trials in order of Experiment_id, each with its baseline, every signal at 128 Hz."""
    parts, ratings = _protocols.deap(who[1], who[0])
    person = _live(parts, who)
    clips = [(start - LEAD, *rest) for start, *rest in person.segments if rest[1].startswith("clip")]
    clips.sort(key=lambda clip: clip[2])
    return replace(person, segments=clips, ratings=ratings, rates=dict.fromkeys(RATES, 128.0))


def _live(parts, who, day=0):
    """Lead a person, (seed, number), through parts; `own` draws what stays with them, `rng` what does not."""
    own, rng = np.random.default_rng([*who, 1]), np.random.default_rng([*who, 2, day])
    steps, ends = [part.seconds * _FINE for part in parts], np.cumsum([part.seconds for part in parts])
    clock, t = np.arange(ends[-1]), np.arange(ends[-1] * _FINE) / _FINE

    def wave(seconds):
        return np.interp(t, clock, _wave(rng, len(clock), seconds))

    response, lag = _react(parts, steps, who, own)
    rate = np.clip(own.normal(77, 8.5), 55, 105) + response[:, 0] + 2 * np.exp(-t / 1200)  # people settle
    level = np.repeat([rng.normal(0, part.spread) for part in parts], steps)
    rate += level[0] + _follow(level - level[0], lag)
    restless = own.lognormal(0, 0.5)
    rate += restless * (1.2 * wave(400) + 3 * wave(40) + 1.2 * wave(6))
    interval = 60 / rate.clip(45, 165)
    # breath makes the interval longer and shorter (respiratory sinus arrhythmia), and so does blood pressure,
    # at 0.1 Hz (Mayer waves). How deep the first is follows from this person's RMSSD
    breaths = (own.normal(15, 2.5) + response[:, 4] + wave(20)).clip(5, 45) / 60  # Hz
    breath = np.cumsum(breaths) / _FINE
    rmssd = np.clip(own.lognormal(np.log(0.03), 0.35), 0.014, 0.06) * (1 + response[:, 1] / 100).clip(0.3, 2)
    turn = (breaths * interval).clip(0.1, 0.5)  # breaths a beat: a fast breath is averaged out within a beat
    depth = rmssd / np.sqrt(2) / np.sin(np.pi * turn) / np.sinc(turn)
    pressure = np.cumsum(0.1 + 0.01 * wave(30)) / _FINE
    interval += depth * np.sin(2 * np.pi * breath) + own.uniform(0.01, 0.03) * np.sin(2 * np.pi * pressure)
    pulse = np.cumsum(1 / interval.clip(0.33, 2)) / _FINE  # beats since the start, with fractions
    beats = np.interp(np.arange(np.ceil(pulse[0]), pulse[-1]), pulse, t)
    shown = 60 * np.diff(pulse[_FINE - 1 :: _FINE], prepend=0)
    # a watch is never quite right; and when the arm moves, it takes that for the heart for half a minute
    shown += restless * 3.2 * _wave(rng, len(clock), 40)
    moving = np.zeros(len(clock), bool)
    for at in rng.uniform(0, len(clock), rng.poisson(len(clock) / 300 * own.lognormal(0, 0.6))):
        width = rng.uniform(8, 35)
        shown += rng.normal(2, 18) * np.exp(-0.5 * ((clock - at) / width) ** 2)
        moving |= np.abs(clock - at) < width
    shown = gaussian_filter1d(shown, 5.0).clip(40, 180).astype(np.float32)  # as the E4 does
    hidden = dict(seed=(*who, 3, day), t=t, response=response.astype(np.float32), breath=breath, pulse=pulse)
    hidden |= dict(height=own.uniform(20, 55), sweat=own.lognormal(0.6, 0.8), often=own.gamma(2, 1.0))
    hidden |= dict(climb=own.uniform(), skin=np.clip(own.normal(32, 1.5), 27, 35), warm=own.normal(1, 0.8))
    return Person(
        group=f"S{who[1] + 1:02d}",
        time=clock.astype(float),
        heart_rate=shown,
        label=np.repeat([part.label for part in parts], [part.seconds for part in parts]),
        segments=[(int(e) - p.seconds, int(e), p.name, p.label) for e, p in zip(ends, parts, strict=True)],
        beats=beats,
        moving=moving,
        rates=RATES,
        hidden=hidden,
    )


def _react(parts, steps, who, own):
    """How this person's body follows the parts, (time, 6), and with which lag [s]."""
    # how strongly the heart answers (one in twenty slows down): spread evenly over people by the golden
    # ratio, so that thirty show the whole range. Each signal answers on its own (Lacey: response specificity)
    gain = np.append(norm.ppf((0.5 + 0.618034 * sum(who)) % 1, 1, 0.6), own.normal(1, 0.6, 5))
    lag, kept = own.uniform(10, 40), own.uniform(0.6, 1)
    since = np.concatenate([np.arange(n) for n in steps]) / _FINE
    used_to = kept + (1 - kept) * np.exp(-since / 200)
    target = np.repeat([part.response for part in parts], steps, axis=0) * gain * used_to[:, None]
    # a response comes with the lag, and goes with twice that
    up, down = (np.maximum(_follow(x, lag), _follow(x, 2 * lag)) for x in (target.clip(0), (-target).clip(0)))
    return up - down, lag


def _follow(x, lag):
    """Follow `x` from 0 on, with a lag [s]: a first-order low-pass along the first axis."""
    keep = np.exp(-1 / _FINE / lag)
    return lfilter([1 - keep], [1, -keep], x, axis=0)


def _wave(rng, n, width):
    """Smooth noise of unit variance whose course changes over about `width` samples."""
    x = gaussian_filter1d(rng.standard_normal(n + int(8 * width)), width)[int(4 * width) :][:n]
    return x * np.sqrt(2 * width * np.sqrt(np.pi))


# ------------------------------------------------------------------------------------------------ the sensors


def _hidden(person, t, what):
    """The hidden course `what` (its name, or a field of ``Response``) at the times `t`."""
    hidden = person.hidden
    course = hidden[what] if what in hidden else hidden["response"][:, Response._fields.index(what)]
    return np.interp(t, hidden["t"], course)


def _slowly(person, t, rng, seconds):
    """`_wave` once a second, read at the times `t`: long filters on fast signals are slow."""
    return np.interp(t, person.time, _wave(rng, len(person.time), seconds))


def _arm(person, t, rate, rng, seconds):
    """Shaking that changes over `seconds`, where the arm moves."""
    where = np.interp(t, person.time, gaussian_filter1d(person.moving.astype(float), 1.0))
    return where * _wave(rng, len(t), rate * seconds)


def _bvp(person, t, rate, rng):
    """Pulse wave: NeuroKit2's regular beats read along our count of beats, under a loose strap."""
    import neurokit2 as nk

    pulse = _hidden(person, t, "pulse")
    n_beats = int(pulse[-1]) + 8
    off = ("frequency_modulation", "ibi_randomness", "motion_amplitude", "powerline_amplitude")
    regular = dict.fromkeys((*off, "burst_amplitude"), 0) | dict(heart_rate=60, sampling_rate=64)
    wave = nk.ppg_simulate(n_beats, random_state=int(rng.integers(2**31)), **regular)
    x = np.interp(pulse * 64, np.arange(len(wave)), wave) - 0.6  # about its mean
    # vessels narrow under stress, a breath in lowers the pulse, and some beats hardly reach the wrist
    x *= (1 + 0.6 * _hidden(person, t, "temperature")).clip(0.25)
    x *= 1 + 0.12 * np.sin(2 * np.pi * _hidden(person, t, "breath"))
    x *= np.where(rng.random(n_beats) < 0.004, 0.1, 1)[pulse.astype(int)]
    x += 0.3 * _slowly(person, t, rng, 4) + 2.5 * _arm(person, t, rate, rng, 0.12)
    x = person.hidden["height"] * x + rng.normal(0, 0.8, len(t))
    for gap in rng.integers(0, len(t), rng.poisson(len(person.time) / 900)):  # no contact: a value stays
        x[gap : gap + int(rng.uniform(1, 5) * rate)] = x[gap]
    return x


def _eda(person, t, rate, rng):
    """Skin conductance: a level that climbs over the session, and NeuroKit2's responses upon it."""
    import neurokit2 as nk

    one = nk.eda_simulate(12, sampling_rate=int(rate), scr_number=1, noise=0, drift=0, random_state=3) - 1
    often = (person.hidden["often"] + _hidden(person, t, "scr")).clip(0) / 60
    responses = np.convolve((rng.random(len(t)) < often / rate) * rng.gamma(2, 0.08, len(t)), one / one.max())
    level = 1 + person.hidden["climb"] * t / 3300 + _hidden(person, t, "conductance") / 100
    level += 0.1 * _slowly(person, t, rng, 150) + 0.05 * _arm(person, t, rate, rng, 1)
    return (person.hidden["sweat"] * (level + responses[: len(t)])).clip(0.02)


def _temperature(person, t, rate, rng):
    """Skin temperature: cools minutes after vessels narrow; warms under the strap, so it tells the time."""
    x = person.hidden["skin"] + person.hidden["warm"] * (1 - np.exp(-t / rng.uniform(600, 2400)))
    x += np.interp(t, person.hidden["t"], _follow(person.hidden["response"][:, 5], 90))
    return np.round((x + 0.3 * _slowly(person, t, rng, 300)) / 0.02) * 0.02  # the sensor's step


def _respiration(person, t, rate, rng):
    """Chest: NeuroKit2's breaths, 64 samples each, read along our count of breaths, now deeper, now less."""
    import neurokit2 as nk

    breath = _hidden(person, t, "breath")
    seconds = 4 * int(breath[-1] + 3)  # at 15 breaths a minute
    wave = nk.rsp_simulate(seconds, sampling_rate=16, respiratory_rate=15, noise=0, method="sinusoidal")
    depth = 1 + 0.25 * _slowly(person, t, rng, 20)
    return np.interp(breath * 64, np.arange(len(wave)), wave) * depth + rng.normal(0, 0.02, len(t))
