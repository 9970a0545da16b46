"""Faces beside heart signals: true pairs, of one person at one moment, and pairs that share a label only."""

import re

import numpy as np
from sklearn.utils import Bunch

from . import _labels
from ._errors import DatasetError
from ._files import Tree
from .pictures import read_picture

#: hegh2025's stress in terms of emotions, for ``regroup``: the classes of stress-predict.
STRESS = {
    "baseline": ("happiness", "surprise", "neutral"),
    "stress": ("anger", "disgust", "fear", "sadness"),
}

_FRAME = re.compile(r"(?:^|/)(s\d\d)/\1_trial(\d\d)/[^/]+\.(?:png|jpe?g|bmp)$", re.IGNORECASE)
_VIDEO = re.compile(r"(?:^|/)(s\d\d)/\1_trial(\d\d)\.avi$", re.IGNORECASE)


def face_trials(root=None, *, frames=10, signals=None, labels=None):
    """DEAP trial by trial: frames of the face and what the body did, one trial in memory at a time.

    Only s01 to s22 were filmed, and not in every trial. The kit decodes no video: it reads frames that were
    taken out into folders, face_video/s01/s01_trial01/*.png (or jpg, bmp), in the order of their names.

    Parameters
    ----------
    root : path, optional
        Where to look for DEAP; see ``data_root``.
    frames : int, default=10
        So many frames a trial, evenly spread: each from the middle of its share of the clip.
    signals, labels : optional
        As in ``load``.

    Yields
    ------
    Bunch
        faces uint8 (frames, h, w, 3), signals float32 (time, channels), sampling_rate, channel_names, target,
        target_names, group, trial (place in the order shown, which the videos are named after),
        experiment_id, and ratings (a Series).

    Raises
    ------
    DatasetError
        No frames, no participant_ratings.csv, or a file that is damaged.
    """
    from . import _found, load

    if frames < 1:
        raise ValueError(f"frames must be a whole number above zero, not {frames!r}")
    bunch = load("deap", source="real", root=root, signals=signals, labels=labels)
    path = _found("deap", root)
    with Tree(path) as tree:
        taken, videos = {}, []
        for name in tree.names:
            if match := _FRAME.search(name):
                taken.setdefault((match[1].lower(), int(match[2])), []).append(name)
            elif _VIDEO.search(name):
                videos.append(name)
        if not taken and videos:
            raise DatasetError(
                f"{tree.place(videos[0])}: the kit decodes no video. Take frames out of it, for example by "
                "`mkdir s01_trial01 && ffmpeg -i s01_trial01.avi -r 2 s01_trial01/%05d.png` in its folder"
            )
        if not taken:
            raise DatasetError(f"{path} holds no frames face_video/sNN/sNN_trialNN/*.png of faces")
        if bunch.ratings.trial.isna().any():
            raise DatasetError(
                f"{path}: the face videos follow Trial, the signals Experiment_id, and only "
                "participant_ratings.csv joins them: put it there, too"
            )
        for row, (group, trial) in enumerate(zip(bunch.groups, bunch.ratings.trial.astype(int), strict=True)):
            names = taken.get((group, trial))
            if not names:
                continue
            spread = ((np.arange(frames) + 0.5) * len(names) / frames).astype(int)
            pictures = [read_picture(tree.read(names[k]), tree.place(names[k])) for k in spread]
            if len({picture.shape for picture in pictures}) > 1:
                raise DatasetError(
                    f"{tree.place(names[0])}: frames of one trial differ in size; take them anew"
                )
            yield Bunch(
                faces=np.stack(pictures),
                signals=bunch.data[row],
                sampling_rate=bunch.sampling_rate,
                channel_names=bunch.channel_names,
                target=bunch.target[row],
                target_names=bunch.target_names,
                group=group,
                trial=trial,
                experiment_id=int(bunch.ratings.experiment_id[row]),
                ratings=bunch.ratings.iloc[row],
            )


def stack(trials, size=48):
    """DEAP's true pairs in one Bunch: a row for each frame, beside the whole signals of its trial.

    Parameters
    ----------
    trials : iterable of Bunch
        ``face_trials(...)``; with ``frames=1`` a trial is one row.
    size : int, default=48
        Height and width of the faces in pixels; frames are cut to their central square first.

    Returns
    -------
    Bunch
        faces uint8 (n, size, size, 3), signals float32 (n, time, channels), target, target_names, groups,
        trial, split, sampling_rate, channel_names, pairing ("true"), source, name, DESCR. All frames of a
        trial have the same signals: split by groups.
    """
    from ..preprocess.faces import resize

    rows = []
    for trial in trials:
        height, width = trial.faces.shape[1:3]
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        rows.append((resize(trial.faces[:, top : top + side, left : left + side], size), trial))
    if not rows:
        raise ValueError("trials is empty: none has frames and signals")
    repeats = [len(faces) for faces, _ in rows]
    first = rows[0][1]

    def each(name):
        return np.repeat(np.stack([trial[name] for _, trial in rows]), repeats, axis=0)

    return Bunch(
        faces=np.concatenate([faces for faces, _ in rows]),
        signals=each("signals"),
        target=each("target"),
        target_names=list(first.target_names),
        groups=each("group").astype(object),
        trial=each("trial"),
        split=np.full(sum(repeats), "all"),
        sampling_rate=first.sampling_rate,
        channel_names=list(first.channel_names),
        pairing="true",
        source="real",
        name="deap",
        DESCR=f"DEAP: {sum(repeats):,} frames of {len(rows):,} trials, each beside its own trial's signals.",
    )


def by_label(faces, signals, *, face_rows=None, signal_rows=None, random_state=0):
    """Pair the faces of one set with the heart signals of another that have the same label.

    That is how hegh2025 comes by faces and signals: no face belongs to the heart beside it. Given the label,
    the two are independent, which true pairs are not; a score on such pairs says little about a person.

    Pair the training and the test side each on its own: with a call for each, face_rows and signal_rows being
    that side's (whole people of the signals, an official split of the faces). Pairs that are cut afterwards
    have the same signals on both sides, unless they are cut by ``groups``.

    Parameters
    ----------
    faces, signals : Bunch
        A set of faces and one of signals as ``load`` gives them (or the pairs, for either). Classes of the
        same name go together, rows of others are left out; ``regroup`` makes classes alike (``STRESS``).
    face_rows, signal_rows : array of int or bool, optional
        The rows of this side of the split; all by default.
    random_state : int, default=0
        Seed of the draw.

    Returns
    -------
    Bunch
        faces, signals, target and target_names, a row for each face; each face stands in one pair, and a
        signal in as many as it takes, all used about equally often. pairing: "label". face_rows, signal_rows
        (n,): where they stand in the sets, for ``evaluate.audit_split`` to compare two sides by. groups: the
        person of the signal; all faces of one person were given to one person's signals, so that whoever
        splits by groups shares neither. split, source ("real" only if both are), sampling_rate,
        channel_names, name, DESCR.

    Raises
    ------
    ValueError
        Fewer than two shared classes, rows of several official splits, no people in signals, or a class that
        no pair is left of.

    Examples
    --------
    >>> faces = regroup(load("fer2013", split="train"), pairs.STRESS)                 # doctest: +SKIP
    >>> hearts = load("stress-predict")                                               # doctest: +SKIP
    >>> old = np.isin(hearts.groups, people_to_train_with)                            # doctest: +SKIP
    >>> train = pairs.by_label(faces, hearts, signal_rows=old)                        # doctest: +SKIP
    """
    names = _labels.shared(signals, faces)
    face_rows, face_target = _side(faces, face_rows, names, "faces")
    signal_rows, signal_target = _side(signals, signal_rows, names, "signals")
    if signals.groups is None:
        raise ValueError("signals has no groups: whose they are decides which pairs may stand on one side")
    rng = np.random.default_rng(random_state)
    people = np.asarray(signals.groups)[signal_rows]
    owner = _deal(face_rows if faces.groups is None else np.asarray(faces.groups)[face_rows], people, rng)
    partner = np.full(len(face_rows), -1)
    for person in np.unique(people):
        for k in range(len(names)):
            asked = np.flatnonzero((owner == person) & (face_target == k))
            given = rng.permutation(signal_rows[(people == person) & (signal_target == k)])
            partner[asked] = np.resize(given, len(asked)) if len(given) else -1
    kept = partner >= 0
    face_rows, signal_rows, target = face_rows[kept], partner[kept], face_target[kept]
    if empty := [name for k, name in enumerate(names) if k not in target]:
        raise ValueError(f"no pair of {', '.join(empty)} could be made: both sides need rows of each class")
    counts = ", ".join(f"{name} {n:,}" for name, n in zip(names, np.bincount(target), strict=True))
    return Bunch(
        faces=_data(faces, "faces")[face_rows],
        signals=_data(signals, "signals")[signal_rows],
        target=target,
        target_names=names,
        groups=np.asarray(signals.groups)[signal_rows],
        face_rows=face_rows,
        signal_rows=signal_rows,
        split=np.asarray(faces.split)[face_rows],
        pairing="label",
        source="real" if faces.source == signals.source == "real" else "twin",
        sampling_rate=signals.sampling_rate,
        channel_names=list(signals.channel_names),
        name=f"{faces.name} + {signals.name}",
        DESCR=f"Faces of {faces.name} ({faces.source}) with signals of {signals.name} ({signals.source}), "
        f"PAIRED BY LABEL: no face belongs to the heart beside it.\n\n{len(target):,} pairs: {counts}; "
        f"{len(np.unique(signal_rows)):,} different signals; {(~kept).sum():,} faces found no signal.\n\n"
        f"{faces.DESCR}\n\n{signals.DESCR}",
    )


def fused(bunch):
    """What the classifier "fusion" takes for X: a ``SliceDict`` of a Bunch's faces and signals.

    Parameters
    ----------
    bunch : Bunch
        With faces uint8 (n, h, w) or (n, h, w, 3) and signals float32 (n, time, channels).

    Returns
    -------
    skorch.helper.SliceDict
        With "face" and "signal", cut into rows by scikit-learn as an array is.
    """
    from skorch.helper import SliceDict

    return SliceDict(face=bunch.faces, signal=bunch.signals)


def without(X, name, rows=None):
    """X as if a sensor had dropped out: NaN in all entries of a modality.

    Parameters
    ----------
    X : skorch.helper.SliceDict
        As ``fused`` makes it.
    name : {"face", "signal"}
        What is missing.
    rows : array of int or bool, optional
        Where; everywhere by default.

    Returns
    -------
    skorch.helper.SliceDict
        Faces are float32, 0 to 1, then.
    """
    if name not in X:
        raise ValueError(f"name must be one of {', '.join(X)}, not {name!r}")
    part = np.array(X[name], dtype=np.float32)
    if np.asarray(X[name]).dtype == np.uint8:
        part /= 255
    part[slice(None) if rows is None else rows] = np.nan
    return type(X)(**{**X, name: part})


def _side(bunch, rows, names, what):
    """Row numbers of a side of the split that are of the classes `names`, and their places in it."""
    n = len(bunch.target)
    rows = np.arange(n)[slice(None) if rows is None else np.asarray(rows)]
    splits = np.unique(np.asarray(bunch.split)[rows])
    if len(splits) > 1:
        raise ValueError(
            f"{what} has rows of the splits {', '.join(splits)}: pair each on its own, by load(..., split=) "
            f"or by {what.rstrip('s')}_rows"
        )
    target = np.where(bunch.target < 0, -1, _labels.coding(bunch, names)[bunch.target])[rows]
    return rows[target >= 0], target[target >= 0]


def _deal(faces, people, rng):
    """Give each person that faces are of (or each face) to one of the people that signals are of."""
    ids, place = np.unique(faces, return_inverse=True)
    return np.resize(rng.permutation(np.unique(people)), len(ids))[rng.permutation(len(ids))][place]


def _data(bunch, what):
    return bunch[what] if what in bunch else bunch["data"]
