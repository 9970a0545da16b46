"""From an expression a frame to a decision over time: when to say something, and what to show.

electronics2022 starts a timer when a camera sees a face, and opens a window with landscapes that a GAN made
if negative expressions were classified before it ran out. As further work it names an escalation (first "have
a coffee break", pictures only if it lasts), pictures by interest, and feedback by later expressions. All of
it is here. What we assume, because the paper leaves it open: negative expressions *persist* when their
smoothed probability stays above a threshold; each kind of landscape has its own chance that the expression is
no longer negative when it was looked at; feedback chooses among kinds, and trains no generator; the
landscapes are drawn by `affectkit.twins.scenes`.

Labels are labels of expressions, no moods. Time is an argument everywhere [seconds], never read off a clock.
"""

from collections import namedtuple
from itertools import groupby

import numpy as np
from sklearn.utils import Bunch

from . import emotions
from .preprocess import faces as cropping

__all__ = ["ALL", "EVERYDAY", "INTERESTS", "NEGATIVE", "LandscapeChooser", "Moment", "MoodTimer",
           "alarm_rates", "by_person", "classifier", "everyday", "film", "find_face", "is_negative",
           "run"]  # fmt: skip

NEGATIVE = (*emotions.GROUPINGS["C"]["negative"], "negative")

#: Kinds of landscapes, as `affectkit.twins.scenes` draws them.
ALL = "mountains", "beach", "forest", "lake", "desert", "night sky", "meadow", "river"

#: What somebody may like to look at -> kinds of landscapes.
INTERESTS = {
    "all landscapes": ALL,
    "water": ("beach", "lake", "river"),
    "woods and meadows": ("forest", "meadow"),
    "mountains": ("mountains", "lake"),
    "wide and quiet": ("desert", "night sky", "meadow"),
}

#: What a film can show beside emotions, as action units: a scowl of thought looks like a little anger.
EVERYDAY = {
    "thinking": dict(AU4=0.6, AU7=0.3),
    "talking": dict(AU10=0.2, AU12=0.2, AU25=0.6, AU26=0.4),
}

Moment = namedtuple("Moment", "time proba negative lasted stage kind number")
Moment.__doc__ = """What a `MoodTimer` says at a moment.

Fields: ``time`` [s]; ``proba``, the smoothed probabilities, and ``negative``, the sum of the negative ones
(None and NaN while no face was seen); ``lasted`` [s], for how long that has been above the threshold;
``stage``, "watching", "message" or "landscape"; ``kind`` and ``number`` of the landscape, else None and 0.
"""


def is_negative(names, negative=NEGATIVE):
    """Which classes are negative, in any published spelling: bool array, shape (classes,)."""
    known, wanted = ([emotions.SPELLINGS.get(str(name).strip().lower(), name) for name in some]
                     for some in (names, negative))  # fmt: skip
    return np.array([name in wanted for name in known])


class MoodTimer:
    """Waits until negative expressions persist: then a message, and if they go on, landscapes.

    Probabilities are smoothed exponentially, with true intervals between frames: after `smoothing` seconds an
    old frame still counts 37 %. A message ends as soon as expressions are no longer negative. A landscape is
    shown for `view` seconds; if the expression is still negative then, the next one follows. A face that is
    lost for up to `gap` seconds is taken as if it had gone on; then all begins anew.

    Parameters
    ----------
    names : sequence of str
        Classes, in the order of the probabilities.
    negative : sequence of str
        Which of them are negative, in any published spelling.
    smoothing : float
        Seconds; 0 takes each frame as it is.
    threshold : float
        From which smoothed probability on an expression is negative.
    message_after, landscape_after : float
        Seconds of persistence.
    view, gap : float
        Seconds, see above.
    chooser : LandscapeChooser, optional
        Chooses what is shown, and learns how it went. By default a new one.

    Raises
    ------
    ValueError
        At the first `update`: no name is negative, or a setting is out of its range.

    Examples
    --------
    >>> timer = MoodTimer(["negative", "other"], smoothing=0, message_after=2, landscape_after=4)
    >>> [timer.update(t, [0.9, 0.1]).stage for t in range(5)]
    ['watching', 'watching', 'message', 'message', 'landscape']
    """

    def __init__(self, names, *, negative=NEGATIVE, smoothing=3.0, threshold=0.5, message_after=10.0,
                 landscape_after=20.0, view=12.0, gap=5.0, chooser=None):  # fmt: skip
        self.names, self.negative, self.smoothing, self.threshold = names, negative, smoothing, threshold
        self.message_after, self.landscape_after = message_after, landscape_after
        self.view, self.gap, self.chooser = view, gap, chooser

    def _start(self):
        seconds = self.smoothing, self.message_after, self.landscape_after, self.view, self.gap
        if not all(x >= 0 for x in seconds) or not 0 <= self.threshold <= 1:  # false of NaN as well
            raise ValueError("seconds must be at least 0, and threshold between 0 and 1; got "
                             f"{seconds} and {self.threshold}")  # fmt: skip
        if self.landscape_after < self.message_after or self.view == 0:
            raise ValueError("landscape_after must not be less than message_after, and view must be above 0")
        self.is_negative_ = is_negative(self.names, self.negative)
        if not self.is_negative_.any():
            raise ValueError(f"none of names={list(self.names)} is in negative={tuple(self.negative)}")
        self.chooser_ = self.chooser or LandscapeChooser()
        self.time_ = -np.inf
        self._forget()

    def _forget(self):
        """As if nobody had been there."""
        self.smoothed_, self.seen_, self.since_ = None, None, None
        self.stage_, self.shown_, self.picture_ = "watching", None, (None, 0)

    def update(self, time, proba=None):
        """Take in one frame.

        Parameters
        ----------
        time : float
            Seconds; must not run backwards.
        proba : array of float, shape (classes,), optional
            What the classifier says; None where no face was found.

        Returns
        -------
        Moment

        Raises
        ------
        ValueError
            Time runs backwards or is not finite, or `proba` is no distribution over the names.
        """
        if not hasattr(self, "time_"):
            self._start()
        if not np.isfinite(time) or time < self.time_:
            raise ValueError(f"time={time!r} must be finite and not before the last one, {self.time_}")
        if proba is not None:
            proba = np.asarray(proba, float)
            fits = proba.shape == self.is_negative_.shape and (proba >= 0).all()
            if not fits or abs(proba.sum() - 1) > 1e-3:
                raise ValueError(f"proba must hold a probability for each of {list(self.names)}, not {proba}")
        self.time_ = time
        if self.seen_ is not None and time - self.seen_ > self.gap:
            self._forget()
        if proba is not None:
            self._smooth(time, proba)
            self._advance(time)
        lasted = 0.0 if self.since_ is None else self.seen_ - self.since_
        return Moment(time, self.smoothed_, self._level(), lasted, self.stage_, *self.picture_)

    def _level(self):
        return np.nan if self.smoothed_ is None else float(self.smoothed_[self.is_negative_].sum())

    def _smooth(self, time, proba):
        new = 1.0
        if self.smoothed_ is not None and self.smoothing > 0:
            new = -np.expm1((self.seen_ - time) / self.smoothing)
        old = proba if self.smoothed_ is None else self.smoothed_
        self.smoothed_, self.seen_ = old + new * (proba - old), time
        if self._level() < self.threshold:
            self.since_ = None
        elif self.since_ is None:
            self.since_ = time

    def _advance(self, time):
        better, lasted = self.since_ is None, 0 if self.since_ is None else time - self.since_
        if self.stage_ == "landscape":
            if time - self.shown_ < self.view:
                return
            self.chooser_.tell(self.picture_[0], better)
        if better:
            self.stage_, self.picture_ = "watching", (None, 0)
        elif self.stage_ == "landscape" or lasted >= self.landscape_after:
            self.stage_, self.shown_, self.picture_ = "landscape", time, self.chooser_.choose()
        elif lasted >= self.message_after:
            self.stage_ = "message"


class LandscapeChooser:
    """Which landscape next? Those after which faces brightened are shown more often.

    Each kind has a chance to be followed by an expression that is not negative; what is known of it is a Beta
    distribution, Beta(1, 1) at first. Thompson sampling draws one chance a kind and shows the kind with the
    highest: what is uncertain gets tried.

    Parameters
    ----------
    interest : str or sequence of str, default="all landscapes"
        A key of ``INTERESTS``, or kinds of `affectkit.twins.scenes`.
    how : {"thompson", "mean"}, default="thompson"
        "mean" shows the kind with the highest expected chance; the first of them where several are equal.
    random_state : int, default=0

    Attributes
    ----------
    counts_ : dict of str to [int, int]
        Kind -> how often it was followed by better and by still negative expressions.

    References
    ----------
    Thompson (1933), On the likelihood that one unknown probability exceeds another in view of the evidence of
    two samples. Biometrika 25.
    """

    def __init__(self, interest="all landscapes", *, how="thompson", random_state=0):
        self.interest, self.how, self.random_state = interest, how, random_state
        self.counts_ = {}

    def choose(self):
        """The next landscape: its kind, and its number (each is another picture)."""
        kinds = INTERESTS.get(self.interest) if isinstance(self.interest, str) else tuple(self.interest)
        if not kinds:
            raise ValueError(f"interest={self.interest!r} is unknown; choose one of {', '.join(INTERESTS)}")
        if self.how not in ("thompson", "mean"):
            raise ValueError(f"how={self.how!r} is unknown; choose 'thompson' or 'mean'")
        if not hasattr(self, "rng_"):
            self.rng_, self.number_ = np.random.default_rng(self.random_state), 0
        self.number_ += 1
        a, b = np.transpose([self.counts_.get(kind, [0, 0]) for kind in kinds]) + 1
        chance = self.rng_.beta(a, b) if self.how == "thompson" else a / (a + b)
        return kinds[int(np.argmax(chance))], self.number_

    def tell(self, kind, better):
        """How it went: whether the expression was no longer negative after this kind of landscape."""
        self.counts_.setdefault(kind, [0, 0])[0 if better else 1] += 1

    def draw(self, kind, number, *, size=256):
        """The landscape itself: uint8 array, shape (size, size, 3)."""
        from .twins import scenes

        return scenes.make(1, kinds=kind, size=size, random_state=[self.random_state, number])[0][0]


def run(timer, time, proba):
    """Give a whole series to a timer.

    Parameters
    ----------
    timer : MoodTimer
    time : array of float, shape (n,)
    proba : sequence of arrays or None, length n

    Returns
    -------
    list of Moment

    Raises
    ------
    ValueError
        The two are not equally long, or the timer refuses a moment: see `MoodTimer.update`.
    """
    if len(time) != len(proba):
        raise ValueError("time and proba must be equally long; they have "
                         f"{len(time)} and {len(proba)} entries")  # fmt: skip
    return [timer.update(t, p) for t, p in zip(time, proba, strict=True)]


# ------------------------------------------------------------------------------------ frames to probabilities


def find_face(frame):
    """The face in a frame, cut out as electronics2022 does: the square of Viola and Jones' detector.

    Parameters
    ----------
    frame : uint8 array, shape (h, w) or (h, w, 3)

    Returns
    -------
    face : uint8 array, shape (side, side) or (side, side, 3), or None
        None where OpenCV finds no face.
    box : (int, int, int) or None
        Top, left and side [pixels]. Without OpenCV the central square, three quarters of the frame high.
    """
    frame = np.asarray(frame)
    if cropping.detectors() is None:
        height, width = frame.shape[:2]
        side = max(3 * min(height, width) // 4, 1)
        box = ((height - side) // 2, (width - side) // 2, side)
    else:
        box = cropping.find_face(frame)
        if box is None:
            return None, None
    top, left, side = box
    return frame[top : top + side, left : left + side], box


def classifier(model="B", *, random_state=0):
    """A small classifier of expressions: a linear model of the kit's features of faces, trained on twins.

    It is trained in a second, on 60 faces an emotion, and is no better than that. Anything with
    ``predict_proba`` can take its place.

    Parameters
    ----------
    model : {"A", "B", "C"}
        Seven emotions, three groups or two: the models of electronics2022 (``emotions.GROUPINGS``).
    random_state : int

    Returns
    -------
    sklearn.pipeline.Pipeline
        Takes uint8 faces (n, h, w) or (n, h, w, 3); ``classes_`` are names.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer

    from . import datasets, judge

    options = dict(source="twin", split="train", max_per_class=60)
    train = datasets.load("fer2013", random_state=random_state, **options)
    target, names = emotions.regroup(train.target, train.target_names, model)
    linear = LogisticRegression(C=0.02, max_iter=300, class_weight="balanced")
    pipeline = make_pipeline(FunctionTransformer(judge.describe), linear)
    return pipeline.fit(train.data[target >= 0], np.array(names)[target[target >= 0]])


# ----------------------------------------------------------------------------------------- films, and alarms


def film(script, *, person=0, fps=2, size=48, channels=1, random_state=0, **look):
    """A person of the twin before a camera: expressions come and go, the head wanders, eyes blink.

    Parameters
    ----------
    script : sequence of (str, float)
        What is shown, and for how many seconds: emotions, and what `EVERYDAY` names. An emotion changes its
        scenario (a quiet and a crying sadness, ...) and strength every six seconds or so.
    person : int
    fps : float
        Frames a second.
    size, channels
        As for `affectkit.twins.faces.render`.
    random_state : int
        Of the movements.
    **look : float
        As for `affectkit.twins.faces.render`; ``scale=0.8`` leaves room around the head.

    Returns
    -------
    sklearn.utils.Bunch
        frames, uint8 (n, size, size) or (n, size, size, 3); time, float (n,) [s]; label, str (n,).
    """
    from scipy.ndimage import gaussian_filter1d

    from .twins import faces

    rng = np.random.default_rng([random_state, person])
    units, label = [], []
    for name, seconds in script:
        for part in np.array_split(np.arange(round(seconds * fps)), max(round(seconds / 6), 1)):
            if name in EVERYDAY:
                recipe = EVERYDAY[name]
            else:
                scenarios = faces.SCENARIOS[emotions.canonical(name)]
                recipe = scenarios[rng.choice(len(scenarios), p=[scenario[0] for scenario in scenarios])][1]
            strength = rng.uniform(0.5, 1.0)
            units += [[strength * recipe.get(unit, 0) for unit in faces.ACTION_UNITS]] * len(part)
            label += [name] * len(part)
    if not label:
        raise ValueError(f"script={script!r} at fps={fps} has no frame; give it some seconds")
    n = len(label)

    def wander(*shape, seconds):  # smooth noise of unit variance, around 0 however short the film
        noise = gaussian_filter1d(rng.standard_normal((n, *shape)), seconds * fps, axis=0, mode="wrap")
        noise -= noise.mean(axis=0)
        return noise / max(noise.std(), 1e-9)

    units = gaussian_filter1d(np.array(units), 0.4 * fps, axis=0, mode="nearest")
    units = units + 0.2 * np.maximum(wander(len(faces.ACTION_UNITS), seconds=2.0) - 1, 0)
    units[rng.random(n) < 0.05, faces.ACTION_UNITS.index("AU43")] = 1  # blinks
    moving = {name: by * wander(seconds=3.0) for name, by in (("yaw", 0.1), ("pitch", 0.05), ("roll", 0.03))}
    moving |= dict.fromkeys(("light_x",), np.full(n, rng.uniform(-0.8, 0.8)))
    parts = [np.arange(n)[start : start + 48] for start in range(0, n, 48)]  # what is drawn fastest
    frames = np.concatenate([
        faces.render(np.clip(units[rows], 0, 1).astype(np.float32), size=size, channels=channels,
                     random_state=person, **{name: x[rows].astype(np.float32) for name, x in moving.items()},
                     **look) for rows in parts])  # fmt: skip
    return Bunch(frames=frames, time=np.arange(n) / fps, label=np.array(label))


def everyday(minutes, *, low=60.0, random_state=0):
    """A script for `film`: some minutes at a desk, and one long spell of negative expressions in the middle.

    Around the spell: mostly neutral, at times thinking, talking or happy, and now and then a grimace of two
    to four seconds, which is no low spell.

    Parameters
    ----------
    minutes : float
        All together, but never less than the spell.
    low : float
        How long the spell lasts [s]; 0 for none.
    random_state : int

    Returns
    -------
    list of (str, float)
    """
    rng = np.random.default_rng(random_state)
    half = max((60 * minutes - low) / 2, 0)
    script = []
    for k in range(2):
        left = half
        while left > 0:
            name = str(rng.choice(["neutral", "thinking", "talking", "happiness", "grimace"],
                                  p=[0.4, 0.2, 0.15, 0.1, 0.15]))  # fmt: skip
            seconds = min(rng.uniform(2, 4) if name == "grimace" else rng.uniform(4, 20), left)
            if name == "grimace":
                name = str(rng.choice(NEGATIVE[:4]))
            script.append((name, seconds))
            left -= seconds
        if k == 0 and low:
            script.append((str(rng.choice(["sadness", "sadness", "anger", "fear"])), low))
    return script


def alarm_rates(films, proba, names, waits, *, spell=30.0, n_boot=1000, random_state=0, **settings):
    """How often a message comes for nothing, and how often in time, for each time of persistence.

    A low spell is a stretch of one negative label of at least `spell` seconds. A message that begins outside
    of all of them is a false alarm; a spell is found if a message begins within it. Intervals are percentiles
    of the same figures of people drawn with replacement. Where no alarm was seen, or no spell or every one
    was found, draws are all alike: the rule of three gives 3 / hours, 3 / spells and 1 - 3 / spells instead.

    Parameters
    ----------
    films : list of Bunch
        As `film` makes them, each of another person.
    proba : list of arrays, (n, classes)
        What the classifier says of each.
    names : sequence of str
        The classes.
    waits : sequence of float
        Values of ``message_after`` [s].
    spell : float
        Seconds.
    n_boot, random_state : int
        Draws of people, and their seed.
    **settings
        Of `MoodTimer`.

    Returns
    -------
    pandas.DataFrame
        A row a wait: wait [s], false_per_hour with false_low and false_high, found (0 to 1) with found_low
        and found_high, delay (median, of the spells found [s]), hours (outside of spells), spells.

    Raises
    ------
    ValueError
        No film, one of a single frame, or probabilities that do not fit the films and names.
    """
    import pandas as pd

    _check_told(films, proba, names, least=2)
    n, rows = len(films), []
    draws = np.random.default_rng(random_state).multinomial(n, np.full(n, 1 / n), n_boot)
    for wait in waits:
        told = [_alarms(x, p, names, spell,
                        settings | dict(message_after=wait, landscape_after=np.inf))
                for x, p in zip(films, proba, strict=True)]  # fmt: skip
        sums = np.array([(false, hours, len(delays), spells) for false, hours, delays, spells in told])
        drawn = np.vstack([sums.sum(0), draws @ sums])
        with np.errstate(invalid="ignore", divide="ignore"):
            rate, found = drawn[:, 0] / drawn[:, 1], drawn[:, 2] / drawn[:, 3]
        ends = [np.nanpercentile(x[1:], [2.5, 97.5]) if np.isfinite(x[0]) else [np.nan, np.nan]
                for x in (rate, found)]  # fmt: skip
        if drawn[0, 0] == 0:
            ends[0][1] = 3 / drawn[0, 1]
        if found[0] == 0:
            ends[1][1] = min(3 / drawn[0, 3], 1)
        elif found[0] == 1:
            ends[1][0] = max(1 - 3 / drawn[0, 3], 0)
        delays = [delay for _, _, some, _ in told for delay in some]
        delay = np.median(delays) if delays else np.nan
        rows.append([wait, rate[0], *ends[0], found[0], *ends[1], delay, *drawn[0, [1, 3]]])
    columns = "wait false_per_hour false_low false_high found found_low found_high delay hours spells"
    return pd.DataFrame(rows, columns=columns.split())


def by_person(films, proba, names):
    """How negative each person looks while they show what a label says.

    Parameters
    ----------
    films, proba, names
        As for `alarm_rates`.

    Returns
    -------
    pandas.DataFrame
        A row a label, a column a person: the mean probability of negative, NaN where there is no such frame.

    Raises
    ------
    ValueError
        No film, or probabilities that do not fit the films and names.
    """
    import pandas as pd

    _check_told(films, proba, names)
    negative = is_negative(names)
    columns = [pd.Series(p[:, negative].sum(1)).groupby(film.label).mean()
               for film, p in zip(films, proba, strict=True)]  # fmt: skip
    return pd.concat(columns, axis=1, keys=range(len(films)))


def _check_told(films, proba, names, least=1):
    if len(films) == 0 or len(films) != len(proba):
        raise ValueError("films and proba must have an entry for each film, and one at least; they have "
                         f"{len(films)} and {len(proba)}")  # fmt: skip
    for k, (film, told) in enumerate(zip(films, proba, strict=True)):
        if len(film.time) < least:
            raise ValueError(f"films[{k}] has {len(film.time)} frames, and at least {least} are needed")
        if np.shape(told) != (len(film.time), len(names)):
            raise ValueError(f"proba[{k}] must have the shape {len(film.time), len(names)}, a row a frame of "
                             f"its film and a column a name, not {np.shape(told)}")  # fmt: skip


def _alarms(film, proba, names, spell, settings):
    """Of one film: false alarms, hours outside of spells, delays of the spells found, number of spells."""
    stages = [moment.stage for moment in run(MoodTimer(names, **settings), film.time, proba)]
    began = [t for t, now, before in zip(film.time, stages, ["watching", *stages], strict=False)
             if now == "message" != before]  # fmt: skip
    step, spells, k = film.time[1] - film.time[0], [], 0
    for name, frames in groupby(film.label):
        n = len(list(frames))
        if name in NEGATIVE and n * step >= spell:
            spells.append((film.time[k], film.time[k] + n * step))
        k += n
    first = [min((t for t in began if start <= t < end), default=None) for start, end in spells]
    delays = [t - start for t, (start, _) in zip(first, spells, strict=True) if t is not None]
    false = sum(not any(start <= t < end for start, end in spells) for t in began)
    outside = len(film.time) * step - sum(end - start for start, end in spells)
    return false, outside / 3600, delays, len(spells)
