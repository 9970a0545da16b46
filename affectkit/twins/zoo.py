"""A twin for every data set: its card says how many of what, the table below how they were taken.

A set of pictures is *planned* first, a row a picture (``plan``), and drawn afterwards (``draw``), whole or in
parts: who is seen, which expression, from which camera. Every row is drawn from its own seeds, so that fewer
rows are the same pictures. Heart signals are people (``people``), and ``pairs`` has both.

Examples
--------
>>> from affectkit.twins import zoo
>>> rows = zoo.plan("rafd-multiview")
>>> len(rows), rows.group.nunique(), sorted(set(rows.yaw))
(8040, 67, [-90.0, -45.0, 0.0, 45.0, 90.0])
"""

import dataclasses
import zlib
from numbers import Integral

import numpy as np
import pandas as pd

from affectkit import cards, emotions, preprocess
from affectkit.twins import hearts, scenes  # faces when they are drawn: planning needs no torch


@dataclasses.dataclass(frozen=True, kw_only=True)
class Setting:
    """How the pictures of a set were taken; what its card does not say.

    Attributes
    ----------
    style : {"acted", "wild", "mixed"}
        A studio with instructions; the web and films; "mixed": of each class the share of wild faces that
        FER-2013's training split would make of this one's, the rest acted.
    label_noise : float
        Share of the labels that are redrawn in proportion to the counts.
    yaws, gazes : tuple of float
        Cameras and directions of the eyes [degrees] at each moment: near-copies of one another.
    studio : str
        Sets with one studio show the same people.
    later : int
        Moments of its people that an earlier set of the studio took: this one has others.
    group : str
        What a person is called.
    """

    style: str = "wild"
    label_noise: float = 0.0
    yaws: tuple = ()
    gazes: tuple = ()
    studio: str = ""
    later: int = 0
    group: str = "P{:02d}"


#: The settings, by the sets' descriptions; shares of wrong labels are the kit's choice (FER-2013: people
#: agree with 65 % of its labels, most of it honest doubt that the overlap of the expressions already makes).
SETTINGS = {
    "fer2013": Setting(label_noise=0.1),
    "rafdb-basic": Setting(label_noise=0.03),  # the majority of about 40 people
    "rafdb-compound": Setting(label_noise=0.03),
    "sfew": Setting(label_noise=0.05),
    "oahega": Setting(label_noise=0.10),
    "wellbeing": Setting(style="mixed", label_noise=0.05),
    "celeba": Setting(group="{}"),
    "ckplus": Setting(style="acted", group="S{:03d}"),
    "jaffe": Setting(style="acted", label_noise=0.03),
    "faces": Setting(style="acted"),
    "kdef": Setting(style="acted", yaws=(-90, -45, 0, 45, 90), studio="kdef"),
    "kdef-gan": Setting(style="acted", studio="kdef", later=2),
    "rafd-frontal": Setting(style="acted", yaws=(0,), gazes=(-25, 0, 25), studio="rafd"),
    "rafd-multiview": Setting(style="acted", yaws=(-90, -45, 0, 45, 90), gazes=(-25, 0, 25), studio="rafd"),
    "pairs": Setting(style="wild", studio="pairs"),
    "landscapes": Setting(),
}

#: What people show in CelebA, which has no labels: share, and the intensity's range.
CELEBRITIES = {"happiness": 0.45, "neutral": 0.43, "surprise": 0.05, "sadness": 0.03, "contempt": 0.04}
MILD = (0.1, 0.7)
#: pairs: seconds of an emotion, and of calm before it.
TRIAL, CALM = 30, 20


def plan(name, *, split=None, max_per_class=None, random_state=0):
    """Decide what a set's pictures show, without drawing them.

    Parameters
    ----------
    name : str
        A set of faces or scenes, or "pairs".
    split : str, optional
        One of the card's splits; all by default.
    max_per_class : int, optional
        At most so many pictures of each class and split, drawn at random; fewer are some of more.
    random_state : int, default=0
        Same number, same people.

    Returns
    -------
    DataFrame
        A row a picture, indexed by its number in the whole set: split; target, as labelled, and shown, as
        acted (int64); emotion, as acted; person (whom it shows) and group (what the set calls them, or None);
        moment (rows of one person and moment are near-copies); style; intensity in 0-1, yaw and gaze
        [degrees], NaN where they are left to the style. The counts are the card's.

    Raises
    ------
    ValueError
        No such set or split, a set of signals alone, max_per_class below 1, a negative random_state.
    """
    card, seed = cards.get(name), _seed(name, random_state)
    if max_per_class is not None and (not isinstance(max_per_class, Integral) or max_per_class < 1):
        raise ValueError(f"max_per_class={max_per_class!r} must be a whole number of at least 1")
    if split not in (None, *card.splits):
        raise ValueError(f"split={split!r} is none of {name}'s: {', '.join(card.splits)}")
    setting, parts, first = SETTINGS[name], [], 0
    for number, part in enumerate(card.splits):
        rng = np.random.default_rng([*seed, number])
        rows = _takes(card, setting, part, rng)
        rows.index = pd.RangeIndex(first, first + len(rows))
        if not card.subjects:  # someone else in every picture
            rows["person"] = rows.index
        first += len(rows)
        order = pd.Series(rng.permutation(len(rows)), rows.index)
        if max_per_class is not None:
            rows = rows[order.groupby(rows.target).rank() <= max_per_class]
        parts.append(rows)
    rows = pd.concat(parts)
    return rows if split is None else rows[rows.split == split]


def draw(name, rows, *, size=None, random_state=0):
    """Draw planned pictures.

    Parameters
    ----------
    name : str
    rows : DataFrame
        Some or all of ``plan(name, random_state=random_state)``.
    size : int or (int, int), optional
        Height and width in pixels; as published by default.
    random_state : int, default=0

    Returns
    -------
    dict of ndarray
        data uint8 (n, h, w) or (n, h, w, 3); for faces action_units (n, k) in 0-1, action_unit_names (k,) and
        pose (n, 3), yaw, pitch and roll in radians; for scenes kind (n,) and kind_names.

    Raises
    ------
    ValueError
        No rows, a set without pictures, or a size below 1.
    """
    card, seed = cards.get(name), _seed(name, random_state)
    if rows.empty:
        raise ValueError("rows is empty: there is nothing to draw")
    shape = np.ravel(card.image_size if size is None else size).tolist()
    if len(shape) not in (1, 2) or not all(isinstance(side, Integral) and side > 0 for side in shape):
        raise ValueError(f"size={size!r} must be a whole number of at least 1, or two of them")
    height, width = shape = (shape * 2)[:2]
    if card.modality == "scenes":
        side = max(shape)
        parts = [scenes.make(1, size=side, random_state=seed, first=int(k)) for k in rows.index]
        top, left = (side - height) // 2, (side - width) // 2  # the middle of a square
        data = np.concatenate([images for images, _ in parts])[:, top : top + height, left : left + width]
        return dict(data=data, kind=np.concatenate([k for _, k in parts]), kind_names=np.array(scenes.KINDS))
    from affectkit.twins import faces

    colour = (3,) if card.channels == 3 else ()
    found = dict(data=np.empty((len(rows), height, width, *colour), np.uint8))
    for style, small in rows.groupby("style").indices.items():
        some = rows.iloc[small]
        web = SETTINGS[name].style == "mixed" and style == "wild"  # small and grey, as FER-2013 is
        images, extras = faces.portray(
            some.emotion.tolist(),
            identity=some.person.to_numpy(),
            moment=some.moment.to_numpy(),
            size=tuple(round(48 * side / min(shape)) if web else side for side in shape),
            channels=1 if web else card.channels,
            style=style,
            random_state=seed,
            **{key: some[key].to_numpy() for key in ("intensity", "yaw", "gaze") if some[key].notna().all()},
        )
        if web:
            images = preprocess.faces.resize(images, shape)[..., None].repeat(3, -1)
        found["data"][small] = images
        for key in ("action_units", "pose"):
            empty = np.empty((len(rows), extras[key].shape[1]), np.float32)
            found.setdefault(key, empty)[small] = extras[key]
        found["action_unit_names"] = np.array(extras["action_unit_names"])
    return found


def people(name, *, random_state=0, shuffled=False):
    """The people of a set of heart signals, under its protocol and with its names.

    Parameters
    ----------
    name : {"stress-predict", "wesad", "deap"}
    random_state : int, default=0
        Same number, same people.
    shuffled : bool, default=False
        Whether each has an order of tasks of their own; see ``hearts.session``.

    Returns
    -------
    list of hearts.Person

    Raises
    ------
    ValueError
        Any other name.
    """
    if name not in _NAMES:
        raise ValueError(
            f"name={name!r} has no heart signals; there are {', '.join(_NAMES)}; for pairs see pulses"
        )
    found = hearts.session(name, cards.get(name).subjects, random_state=random_state, shuffled=shuffled)
    return [dataclasses.replace(p, group=group) for p, group in zip(found, _NAMES[name], strict=True)]


_NAMES = {  # as the published files call them
    "stress-predict": [f"S{k:02d}" for k in range(2, 36)],
    "wesad": [f"S{k}" for k in range(2, 18) if k != 12],
    "deap": [f"s{k:02d}" for k in range(1, 33)],
}


def _seed(name, random_state):
    """Sets of one studio share it, so that a person has one face in all of them."""
    if name not in SETTINGS:
        raise ValueError(f"name={name!r} is a set of signals: it has people (zoo.people) and no pictures")
    if not isinstance(random_state, Integral) or random_state < 0:
        raise ValueError(f"random_state={random_state!r} must be a whole number of at least 0")
    return [int(random_state), zlib.crc32((SETTINGS[name].studio or name).encode())]


def _takes(card, setting, split, rng):
    """The rows of one split, in the order of a shelf: by person; without people, mixed."""
    counts = np.array(card.counts[split])
    views = [(yaw, gaze) for yaw in setting.yaws or (np.nan,) for gaze in setting.gazes or (np.nan,)]
    moments = counts // len(views)
    label = np.repeat(np.arange(len(counts)), moments)
    rows = pd.DataFrame(dict(split=split, target=label, person=0, take=0))
    if card.subjects:  # everyone in turn, in an order of each class's own
        turn = np.concatenate([np.arange(n) for n in moments])
        order = np.array([rng.permutation(card.subjects) for _ in counts])
        rows["person"], rows["take"] = order[label, turn % card.subjects], turn // card.subjects
        rows = rows.sort_values(["person", "target", "take"], ignore_index=True)
    else:
        rows = rows.sample(frac=1, random_state=rng, ignore_index=True)
    rows["group"] = rows.person.map(lambda k: setting.group.format(k + 1)) if card.subjects else None
    wrong = rng.random(len(rows)) < setting.label_noise
    rows["shown"] = np.where(wrong, rng.permutation(rows.target), rows.target)
    rows["emotion"] = np.array(card.classes, object)[rows.shown]
    rows["moment"] = (setting.later + rows["take"]) * len(counts) + rows.target
    rows["style"], rows["intensity"] = setting.style, np.nan
    if card.name == "celeba":
        shown = rng.choice(list(CELEBRITIES), len(rows), p=list(CELEBRITIES.values()))
        rows["emotion"], rows["intensity"] = shown.astype(object), rng.uniform(*MILD, len(rows))
    if card.name == "pairs":
        rows["intensity"] = rng.uniform(0.5, 1.0, len(rows))
    if setting.style == "mixed":
        web = cards.get("fer2013").counts["train"] / np.array(card.counts["train"])
        rows["style"] = np.where(rng.random(len(rows)) < web[rows.target], "wild", "acted")
    if card.modality == "scenes":
        rows["emotion"] = None
    yaw, gaze = np.array(views, float).T
    rows = rows.loc[rows.index.repeat(len(views))].assign(
        yaw=np.tile(yaw, len(rows)), gaze=np.tile(gaze, len(rows))
    )
    columns = "split target shown emotion person group moment style intensity yaw gaze".split()
    return rows[columns].reset_index(drop=True)


def pulses(rows, *, signals=("bvp",), random_state=0):
    """What the hearts of ``pairs`` did while their faces were taken.

    Everyone lives through all their emotions in an order of their own, ``CALM`` seconds of rest before each.

    Parameters
    ----------
    rows : DataFrame
        Some or all of ``plan("pairs", random_state=random_state)``; a row's intensity drives face and heart.
    signals : sequence of str
        "heart_rate" [bpm, 1 Hz], and what ``hearts.Person.raw`` knows.
    random_state : int, default=0

    Returns
    -------
    x : ndarray of float32, shape (n, time, signals)
        The ``TRIAL`` seconds of each row's emotion.
    rate : float
        Samples per second, of the fastest signal; the others are interpolated linearly.

    Raises
    ------
    ValueError
        No rows, or an unknown signal.
    """
    if rows.empty:
        raise ValueError("rows is empty: there is nothing to simulate")
    whole = plan("pairs", random_state=random_state)
    found = {}
    for person in sorted(set(rows.person)):
        trials = whole[whole.person == person]
        order = np.random.default_rng([*_seed("pairs", random_state), 1, person]).permutation(len(trials))
        trials, course = trials.iloc[order], []
        for row in trials.itertuples():
            course += [("baseline", 0.0, CALM), (emotions.canonical(row.emotion), row.intensity, TRIAL)]
        heart = hearts.simulate(course, person=int(person), random_state=random_state)
        raw = [(heart.heart_rate, 1.0) if name == "heart_rate" else heart.raw(name) for name in signals]
        rate = max(rate for _, rate in raw)
        for row, (start, end, *_) in zip(trials.index, heart.segments[1::2], strict=True):
            clock = np.arange(start * rate, end * rate) / rate
            found[row] = [np.interp(clock, np.arange(len(x)) / own, x) for x, own in raw]
    return np.array([np.transpose(found[row]) for row in rows.index], np.float32), rate
