"""Simulated hearts: people under the Stress-Predict protocol, from the heart rate down to the raw pulse wave.

Each person has an own resting rate, an own response to stress (in a few the opposite one), slow reactions and
drift. People differ more than rest and stress do, and everyone does the tasks in the same order, so that the
session clock alone gives the answer away: the traps of the real set are in the twin as well.

Scalars read off the real set (Iqbal et al. 2022, https://doi.org/10.3390/s22218135): mean and standard
deviation of each segment's duration, of the heart rate between and within people and of its stress response,
and how smooth it is.
"""

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.signal import lfilter
from scipy.stats import norm

# name, label, mean and sd of the duration [s], mean and sd of the heart-rate offset [bpm]
PROTOCOL = (
    ("baseline", 0, 638, 63, 0.0, 3.5),
    ("stroop", 1, 356, 43, 5.0, 4.5),
    ("rest", 0, 319, 42, -0.5, 3.5),
    ("interview", 1, 600, 49, 6.0, 4.0),
    ("rest", 0, 307, 29, -0.5, 3.5),
    ("hyperventilation", 1, 122, 16, 5.5, 6.0),
    ("rest", 0, 956, 118, -1.5, 3.5),
)
RATES = {"bvp": 64.0, "eda": 4.0, "temperature": 4.0}  # Hz, as the Empatica E4 writes them


@dataclass(frozen=True)
class Person:
    """One simulated recording.

    Attributes
    ----------
    group : str
        The person, "S01", "S02", ...
    time : ndarray of float64, shape (n_seconds,)
        Seconds since the start of the recording.
    heart_rate : ndarray of float32, shape (n_seconds,)
        Beats per minute, once a second.
    label : ndarray of int64, shape (n_seconds,)
        1 during a stress task, else 0.
    segments : list of (start, end, name, label)
        The protocol; `start` and `end` in seconds, `end` exclusive.
    """

    group: str
    time: np.ndarray
    heart_rate: np.ndarray
    label: np.ndarray
    segments: list
    seed: tuple = field(repr=False, default=(0, 0))

    def raw(self, signal):
        """Simulate a raw wrist signal of this recording.

        Parameters
        ----------
        signal : {"bvp", "eda", "temperature"}
            Pulse wave [arbitrary units, about +-60], skin conductance [µS] or skin temperature [°C].

        Returns
        -------
        x : ndarray of float32, shape (n_seconds * rate,)
        rate : float
            Samples per second: 64, 4 and 4.

        Raises
        ------
        ValueError
            For any other signal.
        """
        if signal not in RATES:
            raise ValueError(f"signal={signal!r} is unknown; choose one of {', '.join(RATES)}")
        rate = RATES[signal]
        rng = np.random.default_rng([*self.seed, 1 + list(RATES).index(signal)])
        t = np.arange(int(len(self.time) * rate)) / rate
        x = dict(bvp=_bvp, eda=_eda, temperature=_temperature)[signal](self, t, rate, rng)
        return x.astype(np.float32), rate


def stress_session(n_people, *, random_state=0, shuffled=False):
    """Simulate people under the Stress-Predict protocol.

    Parameters
    ----------
    n_people : int
        How many people, >= 1.
    random_state : int, default=0
        Same number, same people.
    shuffled : bool, default=False
        Whether each person does the three stress tasks and the four rests in an order of their own. The real
        protocol has one order for everyone, so that the time in the session alone predicts stress.

    Returns
    -------
    list of Person
        Named "S01", "S02", ...; person i is the same however many are asked for.

    Raises
    ------
    ValueError
        If `n_people` is below 1.
    """
    if int(n_people) != n_people or n_people < 1:
        raise ValueError(f"n_people={n_people!r} must be a whole number of at least 1")
    return [_person(i, int(random_state), shuffled) for i in range(int(n_people))]


def _person(index, seed, shuffled):
    rng = np.random.default_rng([seed, index])
    order = np.arange(len(PROTOCOL))
    if shuffled:  # rest and stress still take turns, but either may come first
        rest, stress = rng.permutation([0, 2, 4, 6]), rng.permutation([1, 3, 5])
        order = np.roll(np.ravel(list(zip(rest, [*stress, -1], strict=True)))[:-1], -rng.integers(2))
    # how strongly this person's heart answers to stress (one in eleven slows down): spread evenly over people
    # by the golden ratio, so that thirty of them already show the whole range
    respond = norm.ppf((0.5 + 0.618034 * (index + seed)) % 1, 0.8, 0.6)
    segments, offset, start = [], [], 0
    for name, label, mean, sd, bpm, spread in (PROTOCOL[k] for k in order):
        end = start + int(np.clip(rng.normal(mean, sd), mean - 2 * sd, mean + 2 * sd))
        segments.append((start, end, name, label))
        offset.append(np.full(end - start, bpm * (respond if label else 1) + rng.normal(0, spread)))
        start = end
    time = np.arange(start, dtype=float)
    label = np.concatenate([np.full(end - begin, y) for begin, end, _, y in segments]).astype(np.int64)
    # the heart follows with a lag of 10-40 s (a first-order low-pass), over slow drift and faster wandering
    lag = np.exp(-1 / rng.uniform(10, 40))
    target = np.concatenate(offset)
    course = lfilter([1 - lag], [1, -lag], target - target[0]) + target[0]
    wander = sum(_wave(rng, start, seconds) * sd for seconds, sd in ((400, 2.5), (25, 6.0), (6, 1.2)))
    rest = np.clip(rng.normal(80, 8.5), 58, 108)
    rate = rest + course + wander * rng.uniform(0.5, 1.5)
    # movement: now and then the watch mistakes the arm for the heart for half a minute
    for at in rng.integers(0, start, rng.poisson(start / 300)):
        rate += rng.normal(8, 14) * np.exp(-0.5 * ((time - at) / rng.uniform(8, 35)) ** 2)
    rate = gaussian_filter1d(np.clip(rate, 45, 165), 5.0).astype(np.float32)  # as the E4 does
    return Person(f"S{index + 1:02d}", time, rate, label, segments, (seed, index))


def _wave(rng, n, seconds):
    """Smooth noise of unit variance whose course changes over about `seconds`."""
    x = gaussian_filter1d(rng.standard_normal(n + int(8 * seconds)), seconds)[int(4 * seconds) :][:n]
    return x * np.sqrt(2 * seconds * np.sqrt(np.pi))


def _slowly(person, t, rng, seconds):
    """`_wave` once a second, read at the times `t`: long filters on fast signals are slow."""
    return np.interp(t, person.time, _wave(rng, len(person.time), seconds))


def _bvp(person, t, rate, rng):
    """Pulse wave: each beat a systolic peak and a dicrotic wave, timed by the heart rate and by breathing."""
    breath = np.sin(2 * np.pi * np.cumsum(0.25 + 0.03 * _slowly(person, t, rng, 20)) / rate)
    phase = np.cumsum(np.interp(t, person.time, person.heart_rate) / 60 * (1 + 0.03 * breath)) / rate % 1
    systole, echo = np.exp(-0.5 * ((phase - 0.25) / 0.08) ** 2), np.exp(-0.5 * ((phase - 0.55) / 0.12) ** 2)
    beat = systole + 0.35 * echo - 0.3
    moved = np.clip(_slowly(person, t, rng, 6) - 1.2, 0, None)  # a tenth of the time
    arm = _wave(rng, len(t), rate * 0.15)
    pulse = beat * (1 + 0.15 * breath) + 0.8 * moved * arm
    return rng.uniform(40, 110) * pulse + rng.normal(0, 1.5, len(t))


def _eda(person, t, rate, rng):
    """Skin conductance: a slow level that climbs over the session, and responses, more under stress."""
    stress = np.interp(t, person.time, gaussian_filter1d(person.label.astype(float), 40))
    spikes = (rng.random(len(t)) < (0.02 + 0.06 * stress) / rate) * rng.gamma(2, 0.15, len(t))
    after = np.arange(0, 30, 1 / rate)
    responses = np.convolve(spikes, np.exp(-after / 6) - np.exp(-after / 0.8))[: len(t)]
    level = 1 + rng.uniform(0, 1) * t / t[-1] + 0.15 * stress + 0.1 * _slowly(person, t, rng, 150)
    return np.clip(rng.lognormal(0.6, 0.8) * (level + responses), 0.02, None)


def _temperature(person, t, rate, rng):
    """Skin temperature: warms under the strap and drifts, so that it tells the time, not the stress."""
    warming = rng.normal(1.0, 0.8) * (1 - np.exp(-t / rng.uniform(600, 2400)))
    x = np.clip(rng.normal(32, 1.5), 27, 35) + warming + 0.3 * _slowly(person, t, rng, 300)
    return np.round(x / 0.02) * 0.02  # the sensor's step
