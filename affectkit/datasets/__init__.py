"""Data sets as scikit-learn Bunches: the real one where its files lie in the data folder, else its twin.

Examples
--------
>>> from affectkit import datasets
>>> faces = datasets.load("fer2013", split="val")                           # doctest: +SKIP
>>> faces.data.shape, faces.source                                          # doctest: +SKIP
((3589, 48, 48), 'real')
"""

import functools
import os
import warnings
from dataclasses import replace
from numbers import Integral
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .. import cards, emotions
from . import _cache, _deap, _get, _twins, _wesad, faces, pairs, pictures
from . import signals as hearts
from ._errors import DatasetError
from ._labels import align, grey, regroup

__all__ = ["DatasetError", "align", "available", "check", "data_root", "get", "grey", "load", "pairs",
           "regroup"]
__all__ += ["where"]

_PEOPLE = {"stress-predict": hearts.people, "deap": _deap.people, "wesad": _wesad.people}
_FIND = {  # the doors there are
    "fer2013": faces.find_fer2013,
    "stress-predict": hearts.find_stress_predict,
    "deap": _deap.find,
    "wesad": _wesad.find,
    **{name: functools.partial(pictures.find, name) for name in (*pictures.LAYOUTS, "wellbeing")},
}
#: Options that not every set has, and the modalities or sets that have them.
_OPTIONS = {
    "size": ("faces", "scenes", "pairs"),
    "crop": ("faces",),
    "window": ("signals",),
    "step": ("signals",),
    "signals": ("signals", "pairs"),
    "labels": ("deap",),
    "frames": ("ckplus",),
    "classes": ("oahega",),
    "grouping": ("wellbeing",),
}


def data_root(root=None):
    """The folder of real data sets.

    Parameters
    ----------
    root : path, optional
        Taken as it is. By default $AFFECTKIT_DATA, else ./data, else ../data (seen from notebooks/), else
        ../../data (from its exercises/).

    Returns
    -------
    Path
        It need not exist: without it there are the twins.
    """
    if root is not None or os.environ.get("AFFECTKIT_DATA"):
        return Path(root if root is not None else os.environ["AFFECTKIT_DATA"]).expanduser()
    places = [Path("data"), Path("../data"), Path("../../data")]
    return next((place for place in places if place.is_dir()), places[0])


def load(
    name,
    *,
    source="auto",
    split=None,
    root=None,
    size=None,
    max_per_class=None,
    random_state=0,
    window=None,
    step=None,
    signals=None,
    labels=None,
    crop=False,
    frames=None,
    classes=None,
    grouping=None,
):
    """Load a data set.

    Parameters
    ----------
    name : str
        A name from ``available()``.
    source : {"auto", "real", "twin"}, default="auto"
        "auto" is real where the files are found, else the twin, which every set has; $AFFECTKIT_SOURCE
        overrides "auto".
    split : {"train", "val", "test", "all"}, optional
        An official split. By default "train", or "all" where the set has no official split.
    root : path, optional
        Where to look for real files; see ``data_root``. May also be the set's own folder or file.
    size : int, optional
        Pictures: height and width in pixels; by default as published. Pictures of other proportions are
        stretched, unless they are cropped.
    max_per_class : int, optional
        At most so many of each class (and of each split), drawn with ``random_state``.
    random_state : int, default=0
        Seed of that draw, and of the twin: another seed, other people.
    window, step : float, optional
        Signals: length of a window and distance from one to the next [s]; 60 and 10 by default. Not for
        pairs, whose trials stay whole.
    signals : sequence of str, optional
        Signals and pairs: the channels. "heart_rate" [bpm, 1 Hz], the default of stress-predict; "bvp", the
        pulse wave, the default of all others [64 Hz]; "eda" [µS, 4 Hz], "temperature" [°C, 4 Hz], and but for
        stress-predict "respiration" [16 Hz]; all but heart rate at 128 Hz in DEAP. Of several rates the
        highest is kept and the other signals are interpolated linearly.
    labels : {"arousal", "valence", "quadrants", "emotions"}, optional
        DEAP: the rule that makes classes of its ratings, see ``emotions.from_ratings``; by default "arousal",
        high above 5.
    crop : bool, default=False
        Faces: cut out the face, as ``preprocess.faces.crop`` does; the central square, with a warning, where
        none is found or OpenCV is not installed. Without ``size`` as wide as the pictures' shorter side.
    frames : {"peak", "all", "facs"}, optional
        Real ckplus: "peak", the default, is the last frame of each labelled sequence, and as neutral a first
        frame of each person; "all" whole labelled sequences, with the fields trial and frame; "facs" the last
        frame of every sequence, with target -1 where it has no emotion label.
    classes : sequence of str, optional
        Real oahega: the classes to read; its sixth, sexualised one ("ahegao") is read only if named here.
    grouping : {"A", "B", "C"}, optional
        wellbeing: merge its classes as ``regroup`` does, which takes any other set; pictures of a class that
        is left out of the grouping are dropped. max_per_class counts the seven classes.

    Returns
    -------
    Bunch
        data : uint8 (n, h, w) or (n, h, w, 3) pictures, or float32 (n, time, channels) windows.
        target : int64 (n,); target_names : list of str.
        groups : object (n,) of people's ids, or None.
        split : (n,) of "train", "val", "test" or "all".
        source : "real" or "twin"; name; DESCR.
        Windows also have sampling_rate [Hz], channel_names, trial (n,) (no window crosses one), onset (n,) [s
        since the recording's start: never a feature, see DESCR], and segments, a DataFrame of all tasks with
        their times; DEAP ratings, a DataFrame with valence, arousal, dominance and liking of each row, and
        ambiguous (n,): whether half a point more or less on the scales would change the class.
        Twins of faces also have action_units (n, k) in 0-1, action_unit_names and pose (n, 3) [yaw, pitch,
        roll in radians]; those with people trial (n,): one person at one moment, of which several cameras
        make near-copies; those with wrong labels shown (n,), the class that was acted; and traits, a
        DataFrame with who is seen in each: skin, 1 (lightest) to 10 on the Monk scale; age, -1 (a child's
        face) to 1 (an old one), no years; glasses, beard, hat, mask (bool). Real faces have what
        the files tell of these; pose from several cameras (pitch and roll 0), gaze (n,) RaFD, and
        action_units CK+: 0.2 to 1 for FACS' intensities A to E, 0.6 where a unit was seen and not scored
        (action_units_scored (n, k) is False there), NaN where a frame was not coded. Landscapes have kind
        (n,) and kind_names. pairs has faces and signals instead of data, row by row one person at one
        moment, and intensity (n,).

    Raises
    ------
    DatasetError
        Unknown name, no such split, files that are missing or not as published, pictures that take more
        than the free memory: what, where, and the remedy.
    ValueError
        An option's value makes no sense, or the set has no such option.
    """
    card = _card(name)
    if source not in ("auto", "real", "twin"):
        raise ValueError(f"source must be 'auto', 'real' or 'twin', not {source!r}")
    if split not in (None, "train", "val", "test", "all"):
        raise ValueError(f"split must be 'train', 'val', 'test', 'all' or None, not {split!r}")
    for option, value in (("size", size), ("max_per_class", max_per_class)):
        if value is not None and (not isinstance(value, Integral) or value < 1):
            raise ValueError(f"{option} must be a whole number above zero, not {value!r}")
    if not isinstance(random_state, Integral) or random_state < 0:
        raise ValueError(f"random_state must be a whole number of at least zero, not {random_state!r}")
    if labels is not None and labels not in emotions.RATING_RULES:
        raise ValueError(f"labels must be one of {', '.join(emotions.RATING_RULES)}, not {labels!r}")
    given = dict(size=size, crop=crop or None, window=window, step=step, signals=signals, labels=labels)
    for option, value in dict(given, frames=frames, classes=classes, grouping=grouping).items():
        if value is not None and not {name, card.modality} & set(_OPTIONS[option]):
            raise ValueError(
                f"{option} is for {' and '.join(_OPTIONS[option])}, and {name} is a set of {card.modality}: "
                "leave it out"
            )
    if grouping is not None:
        emotions.regroup([], card.classes, grouping)  # an unknown one is refused before anything is read
    if source == "auto":
        source = os.environ.get("AFFECTKIT_SOURCE") or "auto"
        if source not in ("auto", "real", "twin"):
            raise DatasetError(
                f"$AFFECTKIT_SOURCE must be 'auto', 'real' or 'twin', not {source!r}; set it anew"
            )
    if root is not None and source != "twin" and not data_root(root).exists():
        raise DatasetError(f"{root} does not exist; root must be a folder, or the set's own file")
    path = None if source == "twin" else _found(name, root)
    source = source if source != "auto" else "real" if path else "twin"
    if source == "real" and name not in _FIND:
        raise DatasetError(f"there is no real {name}, only the twin; real sets there are: {', '.join(_FIND)}")
    if source == "real" and path is None:
        raise DatasetError(f"{name} was not found in {data_root(root).resolve()}. {_remedy(card)}")
    if card.modality == "signals":
        return _load_signals(
            card, path, source, split, max_per_class, random_state, window, step, signals, labels
        )
    options = dict(frames=frames, classes=classes)
    if source == "twin" and (classes is not None or frames not in (None, "peak")):
        raise DatasetError(
            f"the twin of {name} has no choice of frames or classes, only the real set has: leave the option "
            f"out, or put the real one in {data_root(root).resolve()} as {card.place}"
        )
    drawn = size, max_per_class, random_state
    bunch = _load_pictures(card, path, source, split or card.splits[0], drawn, crop, signals, options)
    return bunch if grouping is None else regroup(bunch, grouping)


def available(root=None):
    """All data sets the kit knows, and which of them are here.

    Returns
    -------
    DataFrame
        Indexed by name: modality, n, classes, imbalance (largest over smallest class of the training split),
        status (how well the counts are known: the weakest of "published", "derived", "assumed"), licence,
        subjects, real (files found), twin (each set has one), door (real files can be read), title.
    """
    rows = {}
    for name in cards.names():
        card = cards.get(name)
        rows[name] = dict(
            modality=card.modality,
            n=card.n,
            classes=len(card.classes),
            imbalance=round(card.imbalance, 1),
            status=max(card.count_status.values(), key=cards.STANDINGS.index),
            licence=card.licence,
            subjects=card.subjects,
            real=_found(name, root) is not None,
            twin=True,
            door=name in _FIND,
            title=card.title,
        )
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name").astype({"subjects": "Int64"})


def check(root=None):
    """Read every real set that lies in the data folder.

    Returns
    -------
    list of (name, status, message)
        For each set that can be read: "good", "missing" or "broken", and a line that says more.
    """
    report = []
    for name in _FIND:
        try:
            path = _found(name, root)
            if path is None:
                report.append((name, "missing", f"not in {data_root(root)}. {_remedy(cards.get(name))}"))
                continue
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                # small pictures: all are opened, and few bytes are kept of each
                small = dict(size=16) if name in (*pictures.LAYOUTS, "wellbeing") else {}
                bunch = load(name, source="real", split="all", root=root, **small)
        except DatasetError as error:
            report.append((name, "broken", str(error)))
            continue
        per_split = ", ".join(
            f"{split} {n:,}" for split, n in zip(*np.unique(bunch.split, return_counts=True), strict=True)
        )
        people = "" if bunch.groups is None else f" of {len(set(bunch.groups))} people"
        report.append(
            (name, "good", "; ".join([f"{path}: {per_split}{people}", *(str(w.message) for w in caught)]))
        )
    return report


def where(name):
    """Where a set belongs and how to get it.

    Parameters
    ----------
    name : str
        A name from ``available()``.

    Returns
    -------
    str
        A few lines: its place in the data folder, whether it is there, how to get it, its page and licence.

    Raises
    ------
    DatasetError
        Unknown name; names those there are.
    """
    card = _card(name)
    found = _found(name, None)
    state = f"found: {found}" if found else "not found" if name in _FIND else "only the twin exists"
    if name == "wellbeing":
        there = pictures.parts(data_root()) if data_root().is_dir() else {}
        state += f" (parts that are there: {', '.join(there) or 'none'}; it takes two)"
    return "\n".join(
        [
            f"{name}: {card.title}",
            f"place:   {card.place} (in {data_root().resolve()})",
            f"state:   {state}",
            f"get it:  {card.access}",
            f"page:    {card.url}",
            f"licence: {card.licence}",
            f"twin:    always here: {card.n:,} simulated samples in {len(card.classes)} classes",
        ]
    )


def get(name, root=None):
    """Fetch a set that may be fetched freely: stress-predict, and fer2013 where kagglehub is installed.

    Parameters
    ----------
    name : str
        A name from ``available()``.
    root : path, optional
        The data folder; see ``data_root``.

    Returns
    -------
    Path
        Where it lies now. It was read by its door before it was put there.

    Raises
    ------
    DatasetError
        Its licence asks for more than a download (the message says how to get it), it is there already, or it
        could not be fetched whole.
    """
    card = _card(name)
    if there := _found(name, root):
        raise DatasetError(
            f"{name} is there already: {there}. It is never overwritten: take it away to fetch it anew"
        )
    folder = data_root(root)
    return _get.fetch(card, folder, lambda path: load(name, source="real", split="all", root=path))


# ---------------------------------------------------------------------------------------------- behind load


def _card(name):
    try:
        return cards.get(name)
    except ValueError as error:
        raise DatasetError(str(error)) from None


def _found(name, root):
    """Where a set's real files lie, or None."""
    folder = data_root(root)
    try:
        return _FIND[name](folder) if name in _FIND and folder.exists() else None
    except OSError as error:
        raise DatasetError(
            f"{error.filename} cannot be searched ({error.strerror}): may you read it?"
        ) from error


def _remedy(card):
    return f"Get it ({card.access}; {card.url}), put it there as {card.place}, or use source='twin'."


def _load_pictures(card, path, source, wanted, drawn, crop, channels, options):
    size, max_per_class, random_state = drawn
    notes, remarks, cut = [], [], crop and (source == "twin" or card.name == "fer2013")
    if source == "twin":
        _splits(wanted, card.splits, f"the twin of {card.name}")
        size = None if cut else size  # cut out of the whole picture
        if card.modality == "pairs":
            fields = _twins.pairs(card, size, max_per_class, random_state, _channels(card, channels))
        else:
            fields = _twins.pictures(card, wanted, size, max_per_class, random_state)
    elif card.name == "fer2013":
        fields = _real_fer2013(card, path, wanted, None if cut else size, max_per_class, random_state)
    else:
        options = {option: value for option, value in options.items() if value is not None}
        fields, notes, remarks = _real_pictures(card, path, wanted, drawn, crop, options)
    if cut:
        fields["data"], notes, remarks = pictures.cropped(fields["data"], drawn[0])
    for remark in remarks:
        warnings.warn(f"{path or card.name}: {remark}", stacklevel=3)
    return _bunch(card, source, notes=[*notes, *remarks], **fields)


def _real_pictures(card, path, wanted, drawn, crop, options):
    """The fields of a Bunch, the choices that were made, and what a person should be warned of."""
    size, max_per_class, random_state = drawn
    with pictures.Shelf(card, path, **options) as shelf:
        there = [split for split in card.splits if (shelf.rows.split == split).any()]
        kept = []
        for split in _splits(wanted, there, str(path)):
            rows = shelf.rows[shelf.rows.split == split]
            counts = np.bincount(rows.target[rows.target >= 0], minlength=len(shelf.classes))
            usual = options.get("frames", "peak") == "peak" and shelf.classes == list(card.classes)
            expected = card.counts[split] if usual else None
            # a choice of frames has no neutral ones; a merge of few parts may lack a class
            _compare(card, split, counts, path, expected, whole=usual and card.name != "wellbeing")
            kept.append(rows.iloc[_draw(rows.target.to_numpy(), max_per_class, random_state)])
        fields, notes, remarks = shelf.fields(pd.concat(kept), size, crop)
        fields["target_names"] = shelf.classes
        return fields, shelf.notes + notes, shelf.left_out + remarks


def _channels(card, wanted):
    """The signals to load, checked."""
    first, there = ("heart_rate",), hearts.SIGNALS
    if card.name != "stress-predict":
        first, there = ("bvp",), (*hearts.SIGNALS, "respiration")
    wanted = first if wanted is None else (wanted,) if isinstance(wanted, str) else tuple(wanted)
    if not wanted or set(wanted) - set(there):
        raise ValueError(f"signals must name some of {', '.join(there)}, not {wanted}")
    return wanted


def _splits(wanted, there, who, hint=""):
    """The splits to load; a DatasetError that names those there are."""
    if wanted != "all" and wanted not in there:
        others = ", ".join(repr(name) for name in there)
        raise DatasetError(
            f"{who} has no split {wanted!r}; it has {others}{hint}. Ask for one of these, or for 'all'."
        )
    return list(there) if wanted == "all" else [wanted]


def _real_fer2013(card, path, wanted, size, max_per_class, random_state):
    found = _cache.arrays(
        card.name,
        faces.sources_fer2013(path),
        lambda: faces.read_fer2013(path),
        pick=lambda names: [n for n in names if wanted == "all" or n.startswith(wanted) or "target" in n],
    )
    there = [name for name in card.splits if f"{name}_target" in found]
    hint = " (test.csv was published without labels)" if path.name.lower() == "train.csv" else ""
    parts = []
    for name in _splits(wanted, there, str(path), hint):
        data, target = found[f"{name}_data"], found[f"{name}_target"]
        counts = np.bincount(target, minlength=len(card.classes))
        _compare(card, name, counts, path, expected=card.counts[name])
        rows = _draw(target, max_per_class, random_state)
        parts.append((data[rows], target[rows], np.full(len(target[rows]), name, "U5")))
    data, target, split = (
        np.concatenate(column) if len(parts) > 1 else column[0] for column in zip(*parts, strict=True)
    )
    if size is not None and data.shape[1] != size:
        from ..preprocess.faces import resize

        data = resize(data, size)
    return dict(data=data, target=target, groups=None, split=split)


def _compare(card, split, counts, path, expected, whole=True):
    """Other counts than the card's are a warning: copies of a set do differ. An empty class is an error, but
    where ``whole`` is False: there it may really be absent.
    """
    if whole and not counts.all():
        empty = ", ".join(card.classes[k] for k in np.flatnonzero(counts == 0))
        raise DatasetError(
            f"{path}, split {split!r}: no sample of {empty}; is the copy incomplete? Fetch it again, or "
            "put the missing class in its place"
        )
    if expected and tuple(counts.tolist()) != expected:
        changed = ", ".join(
            f"{name} {have:,} for {want:,}"
            for name, have, want in zip(card.classes, counts.tolist(), expected, strict=True)
            if have != want
        )
        warnings.warn(
            f"{path}, split {split!r}: other counts than the card of {card.name} gives: {changed}",
            stacklevel=5,
        )


def _draw(target, max_per_class, random_state):
    """Rows to keep: all (a slice copies nothing), or a seeded draw from each class, in the old order."""
    if max_per_class is None:
        return slice(None)
    rng = np.random.default_rng(random_state)
    members = [np.flatnonzero(target == k) for k in np.unique(target)]
    return np.sort(np.concatenate([rng.permutation(rows)[:max_per_class] for rows in members]))


def _load_signals(card, path, source, split, max_per_class, random_state, window, step, channels, labels):
    channels = _channels(card, channels)
    window, step = 60.0 if window is None else window, 10.0 if step is None else step
    if split not in (None, "all"):
        raise DatasetError(
            f"{card.name} has no split {split!r}: it has no official split, so leave split out and split by "
            "person, with groups"
        )
    notes = []
    if source == "twin":
        people, ratings = _twins.recordings(card, channels, random_state)
    else:
        people, ratings, chosen = _PEOPLE[card.name](path, channels)
        notes = [f"Windows of {window:g} s, one every {step:g} s; none crosses a trial or a person.", *chosen]
        if people[0].derived:
            notes.append("Heart rate is not in the files: it is counted from the pulse wave.")
    segments = hearts.tasks(people)
    if ratings is not None:
        rule = labels or "arousal"
        segments["label"], names, near = emotions.from_ratings(ratings.valence, ratings.arousal, rule)
        card = replace(card, classes=tuple(names))
    found = hearts.cut(people, segments, channels, window, step, path=path)
    if source == "real":
        hearts.lost_tasks(found, segments, window, path)
        # windows depend on the options, and the card's number of them is assumed: there is none to expect
        counts = np.bincount(found["target"], minlength=len(card.classes))
        _compare(card, "all", counts, path, expected=None, whole=labels is None)
    rows = np.arange(len(found["target"]))[_draw(found["target"], max_per_class, random_state)]
    # DEAP's trials are not numbered in their order in time
    rows = rows[np.argsort(found["trial"][rows], kind="stable")]
    rate = found.pop("sampling_rate")
    found = {key: values[rows] for key, values in found.items()}
    extras = {}
    if ratings is not None:
        extras["ratings"] = ratings.iloc[found["trial"]].reset_index(drop=True)
        extras["ambiguous"] = near[found["trial"]]
        notes.append(
            f"Classes: the ratings by the rule {rule!r} (emotions.from_ratings). "
            f"{extras['ambiguous'].mean():.0%} of these windows are ambiguous: half a point more or less on "
            "the scales would change their class."
        )
    return _bunch(
        card,
        source,
        notes,
        **found,
        **extras,
        split=np.full(len(found["target"]), "all"),
        sampling_rate=rate,
        channel_names=list(channels),
        segments=segments,
    )


def _bunch(card, source, notes=(), **fields):
    names = fields.setdefault("target_names", list(card.classes))
    known = fields["target"][fields["target"] >= 0]
    counts = np.bincount(known, minlength=len(names))
    per_class = ", ".join(f"{name} {n:,}" for name, n in zip(names, counts.tolist(), strict=True))
    if len(known) < len(fields["target"]):
        per_class += f", unlabelled {len(fields['target']) - len(known):,}"
    lines = [
        f"{card.title} ({'the real set' if source == 'real' else 'its TWIN: simulated, no real person'})",
        f"{len(fields['target']):,} samples: {per_class}",
        card.notes.strip(),
        *notes,
        f"Licence: {card.licence}",
        f"Source: {card.citation}",
    ]
    return Bunch(**fields, source=source, name=card.name, DESCR="\n\n".join(lines))
