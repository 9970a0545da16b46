"""What is done to simulated people: the emotions' mean responses, and the protocols of published sets.

A protocol is a list of ``Part``: what happens, for how long, and how the average body answers. What a person
makes of it stands in ``hearts``.

Directions follow Kreibig (2010, https://doi.org/10.1016/j.biopsycho.2010.03.010); beside it Ekman, Levenson
and Friesen (1983, Science 221:1208: hearts race in anger, fear and sadness, less in happiness, surprise and
disgust), Wu et al. (2019, https://doi.org/10.3389/fnins.2019.01131: amusement slows the heart and raises
RMSSD), Kim et al. (2018, https://doi.org/10.30773/pi.2017.08.17: stress lowers variability) and Wearne et al.
(2019, International Journal of Psychophysiology 141:76: a Trier test raises heart rate and conductance). The
**magnitudes are this kit's judgement** of what such studies find; contempt, which Kreibig leaves out, is so
altogether.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm


class Response(NamedTuple):
    """Mean change from rest over people, at full intensity.

    Attributes
    ----------
    heart_rate : float
        Beats a minute.
    hrv : float
        RMSSD [%].
    conductance : float
        Skin conductance level [%].
    scr : float
        Skin conductance responses a minute.
    respiration : float
        Breaths a minute.
    temperature : float
        Skin of finger and wrist [°C]: how wide its vessels are, and with them how high the pulse wave is.
    """

    heart_rate: float
    hrv: float
    conductance: float
    scr: float
    respiration: float
    temperature: float


#: Every state there is. Anger, fear, stress: heart, sweat, breath up, variability down, hands cold. Disgust
#: (contamination): both branches of the nervous system up. Sadness: less sweat; the heart slows down unless
#: people cry, here a mixture. Amusement: vagal. Meditation: everything calmer.
RESPONSES = {
    "neutral": Response(0, 0, 0, 0, 0, 0),
    "anger": Response(8, -20, 25, 4, 2.5, -0.3),
    "disgust": Response(0.5, 8, 15, 3, 1.5, -0.2),
    "fear": Response(8, -25, 25, 5, 3, -0.5),
    "happiness": Response(3, -8, 10, 2, 1.5, 0.15),
    "sadness": Response(3, -6, -6, -0.5, 0.5, -0.2),
    "surprise": Response(3, 0, 12, 4, 1, 0.05),
    "contempt": Response(1.5, -4, 4, 1, 0.5, -0.1),
    "amusement": Response(-1.5, 10, 8, 2, 2, 0.05),
    "meditation": Response(-4, 15, -10, -1.5, -4, 0.3),
    "stress": Response(13, -30, 35, 6, 3, -0.7),
    "hyperventilation": Response(13, -30, 25, 4, 20, -0.7),
}
ALIASES = {"baseline": "neutral", "rest": "neutral", "transient": "neutral", "relaxation": "meditation"}

# Stress-Predict: name, label, state, intensity, mean and sd of the duration [s], sd of the heart's level
# [bpm]. Durations as measured on the real set, means moved by up to 2 s so that windows add up to the card's
STRESS_PREDICT = (
    ("baseline", 0, "neutral", 0.0, 638, 63, 2.0),
    ("stroop", 1, "stress", 0.42, 355, 43, 3.0),
    ("rest", 0, "neutral", 0.0, 319, 42, 2.0),
    ("interview", 1, "stress", 0.42, 601, 49, 2.5),
    ("rest", 0, "neutral", 0.0, 308, 29, 2.0),
    ("hyperventilation", 1, "hyperventilation", 0.45, 124, 16, 4.0),
    ("rest", 0, "neutral", 0.0, 958, 118, 2.0),
)
_PEOPLE = 34  # in its table; the quantiles of their durations are dealt out to the simulated people
# WESAD as planned (Schmidt et al. 2018): label (in the files 1 more) and seconds; all at full intensity
WESAD = {
    "transient": (-1, 180),
    "baseline": (0, 1200),
    "stress": (1, 600),
    "amusement": (2, 392),
    "meditation": (3, 420),
}
# DEAP: clips a person, and seconds of rating, of baseline and of clip
_CLIPS, _RATING, LEAD, _CLIP = 40, 17, 3, 60
# how many of the clips a person rates as exciting (above 5), from the calmest of 32 people to the keenest
_EXCITED = (10, 12, 14, 15, 16, 17, 18, 19, 19, 20, 21, 21, 22, 22, 23, 23)
_EXCITED += (24, 24, 24, 25, 25, 26, 26, 27, 27, 28, 29, 30, 31, 32, 33, 34)


class Part(NamedTuple):
    """One thing after the other: the average body's response, and how far the heart strays for no reason."""

    name: str
    label: int
    seconds: int
    response: tuple  # as in Response, of the average person
    spread: float  # sd of the heart's own level, whatever the emotion [bpm]


def part(state, seconds, intensity, spread, *, name=None, label=None):
    """A part of one state; called and labelled after it, unless told otherwise."""
    label = list(RESPONSES).index(state) if label is None else label
    return Part(name or state, label, seconds, tuple(intensity * x for x in RESPONSES[state]), spread)


def stress_predict(index, seed, shuffled):
    """Three stress tasks between four rests (Iqbal et al. 2022): parts."""
    rng, shared = np.random.default_rng([seed, index]), np.random.default_rng(seed)
    order = np.arange(len(STRESS_PREDICT))
    if shuffled:  # rest and stress still take turns, but either may come first
        rest, stress = rng.permutation([0, 2, 4, 6]), rng.permutation([1, 3, 5])
        order = np.roll(np.ravel(list(zip(rest, [*stress, -1], strict=True)))[:-1], -rng.integers(2))
    # every seed deals the same durations, quantiles of a normal distribution, to other people: they vary as
    # the real ones do, and the number of windows does not
    rank = [shared.permutation(_PEOPLE)[index % _PEOPLE] for _ in STRESS_PREDICT]
    parts = []
    for k in order:
        name, label, state, intensity, mean, sd, spread = STRESS_PREDICT[k]
        seconds = round(norm.ppf((rank[k] + 0.5) / _PEOPLE, mean, sd))
        parts.append(part(state, seconds, intensity, spread, name=name, label=label))
    return parts


def wesad(index, seed, shuffled):
    """Baseline, stress, amusement and two meditations (Schmidt et al. 2018): parts."""
    rng = np.random.default_rng([seed, index])
    first, second = ("stress", "amusement") if (index + seed) % 2 else ("amusement", "stress")
    names = ["baseline", first, "meditation", second, "meditation"]
    parts = []
    for name in rng.permutation(names).tolist() if shuffled else names:
        for what in ("transient", name):
            label, seconds = WESAD[what]
            parts.append(part(ALIASES.get(what, what), seconds, 1.0, 2.5, name=what, label=label))
    return parts


def deap(index, seed):
    """Forty film clips in an order of this person's own (Koelstra et al. 2012): parts, and the ratings."""
    rng, shared = np.random.default_rng([seed, index]), np.random.default_rng(seed)
    # the same clips for all, ten a quadrant of valence and arousal, and felt by each a little otherwise.
    # Columns: valence, arousal, dominance, liking
    corner = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[np.arange(_CLIPS) % 4]
    felt = rng.standard_normal((_CLIPS, 4)) * [0.7, 0.7, 0.9, 0.8]
    felt[:, :2] += 0.7 * corner + 0.3 * shared.standard_normal((_CLIPS, 2))
    felt[:, 2:] += felt[:, :2] @ [[0.4, 0.6], [0, 0.2]]  # people like what is pleasant, and feel in control
    # everyone uses the scale in an own way: how much of it, and what gets the middle, 5; of arousal the point
    # between the clips that excite this person and those that do not
    excited = _EXCITED[shared.permutation(len(_EXCITED))[index % len(_EXCITED)]]
    middle = rng.normal([-0.1, 0, -0.2, -0.3], 0.3)
    middle[1] = np.sort(felt[:, 1])[[-excited - 1, -excited]].mean()
    high = felt[:, 1] > middle[1]
    marks = (5 + rng.uniform(0.9, 2.2, 4) * (felt - middle)).clip(1, 9).round(2)
    marks[:, 1] = np.where(high, marks[:, 1].clip(5.01), marks[:, 1].clip(None, 5))
    # four states stand at the corners of the circle of affect; any feeling is a mixture of them
    v, a = norm.cdf(felt[:, :2]).T
    share = np.stack([(1 - v) * (1 - a), (1 - v) * a, v * (1 - a), v * a], axis=1)
    response = 0.8 * share @ [RESPONSES[state] for state in ("sadness", "fear", "meditation", "happiness")]
    shown = rng.permutation(_CLIPS)
    parts = [part("neutral", 120, 0, 2.0, name="rest", label=-1)]
    for k in shown:
        parts.append(part("neutral", _RATING, 0, 1.0, name="rating", label=-1))
        parts.append(part("neutral", LEAD, 0, 1.0, name="lead", label=int(high[k])))
        parts.append(Part(f"clip {k + 1:02d}", int(high[k]), _CLIP, tuple(response[k]), 1.5))
    ratings = pd.DataFrame(marks, columns=["valence", "arousal", "dominance", "liking"])
    ratings.insert(0, "experiment_id", np.arange(_CLIPS) + 1)
    ratings.insert(1, "trial", np.argsort(shown) + 1)
    return parts, ratings
