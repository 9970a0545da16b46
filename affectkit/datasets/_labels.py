"""Bunches with other classes: merged into coarser ones, or brought to those that two sets share."""

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .. import emotions


def regroup(bunch, grouping):
    """Merge the classes of a set into the coarser ones of a grouping: electronics2022's models A, B and C.

    Parameters
    ----------
    bunch : Bunch
        A set as ``load`` gives it, with basic emotions for classes.
    grouping : {"A", "B", "C"} or dict
        A key of ``emotions.GROUPINGS``, or a dict of the same form: group name -> canonical emotions in it.

    Returns
    -------
    Bunch
        Another one, with the groups for target and target_names, without the rows of classes that the
        grouping leaves out (B and C leave surprise out), and with DESCR saying so.

    Raises
    ------
    ValueError
        Unknown grouping; classes that are no basic emotions; or a group none of whose emotions the set has.
    """
    names = list(bunch.target_names)
    emotions.regroup([], [], grouping)  # an unknown one
    if strange := [name for name in names if str(name).strip().lower() not in emotions.SPELLINGS]:
        raise ValueError(
            f"{_named(bunch)} has the class {', '.join(map(repr, strange))}: a grouping is one of basic "
            "emotions, and it takes a set that has no other classes"
        )
    table, groups = emotions.regroup(np.arange(len(names)), names, grouping)
    if empty := [group for k, group in enumerate(groups) if k not in table]:
        raise ValueError(
            f"{_named(bunch)} has the classes {', '.join(names)}, and none for {', '.join(map(repr, empty))} "
            f"of the grouping {grouping!r}: take another set or another grouping"
        )
    called = f"Grouping {grouping}" if isinstance(grouping, str) else "Grouping"
    return recoded(bunch, table, groups, called)


def align(train, test):
    """Bring two sets to the classes they share, to train on one and test on the other.

    Parameters
    ----------
    train, test : Bunch
        As ``load`` gives them, both of faces or both of signals. Signals of one length, rate and choice of
        channels.

    Returns
    -------
    train, test : Bunch
        Others, with the same target_names: the shared classes under their canonical names, in the order that
        train has them; rows of other classes are dropped, and DESCR says how many. Pictures of test are made
        grey or given three channels, and stretched to the size of train's: load both with the same ``size``,
        and with ``crop`` where faces are not already cut out, for them to look alike.

    Raises
    ------
    ValueError
        Fewer than two shared classes; faces and signals; signals of another kind.
    """
    if "data" not in train or "data" not in test or ("sampling_rate" in train) != ("sampling_rate" in test):
        raise ValueError(f"{_named(train)} and {_named(test)} must be two sets of faces or two of signals")
    names = shared(train, test)
    if "sampling_rate" in train:
        kinds = [(b.sampling_rate, b.data.shape[1], list(b.channel_names)) for b in (train, test)]
        if kinds[0] != kinds[1]:
            raise ValueError(
                f"{_named(train)} has windows of (rate, samples, channels) {kinds[0]}, {_named(test)} of "
                f"{kinds[1]}: load both with the same window and signals"
            )
    train, test = (recoded(b, coding(b, names), names, "Shared classes") for b in (train, test))
    if "sampling_rate" not in train:
        test.data = _alike(test.data, train.data)
    return train, test


def shared(one, other):
    """Canonical names of the classes that both sets have, in the first one's order."""
    theirs = set(spelled(other))
    names = [name for name in spelled(one) if name in theirs]
    if len(names) < 2:
        raise ValueError(
            f"{_named(one)} has the classes {', '.join(one.target_names)}, {_named(other)} has "
            f"{', '.join(other.target_names)}: two shared ones are the least. regroup brings emotions to "
            "others, for instance with pairs.STRESS to those of stress-predict"
        )
    return names


def spelled(bunch):
    """The names of a set's classes in the kit's spelling; lower case where they are no emotions."""
    names = (str(name).strip().lower() for name in bunch.target_names)
    return [emotions.SPELLINGS.get(name, name) for name in names]


def coding(bunch, names):
    """The place in `names` of each class of a set, -1 for those that are not in it."""
    return np.array([names.index(name) if name in names else -1 for name in spelled(bunch)], dtype=np.int64)


def recoded(bunch, table, names, called):
    """A Bunch whose class k is now ``table[k]`` of `names`; rows of -1 are dropped, and DESCR says so."""
    bunch = Bunch(**bunch)
    for key in {"target", "shown"} & set(bunch):  # shown: the class that was acted, in twins of wrong labels
        bunch[key] = np.where(bunch[key] < 0, -1, table[bunch[key]])
    n = len(bunch.target)
    bunch = take(bunch, bunch.target >= 0)
    bunch.target_names = list(names)
    counts = ", ".join(f"{name} {(bunch.target == k).sum():,}" for k, name in enumerate(names))
    bunch.DESCR = bunch.get("DESCR", "") + (
        f"\n\n{called}: {counts}; {n - len(bunch.target):,} samples of other classes dropped."
    )
    return bunch


def take(bunch, rows):
    """A Bunch of some rows only (numbers, or a mask)."""
    n, taken = len(bunch.target), Bunch(**bunch)
    for key, values in bunch.items():
        if isinstance(values, np.ndarray) and values.ndim and len(values) == n:
            taken[key] = values[rows]
        elif key in ("ratings", "traits") and isinstance(values, pd.DataFrame):  # segments is of tasks
            taken[key] = values[rows] if np.asarray(rows).dtype == bool else values.iloc[rows]
            taken[key] = taken[key].reset_index(drop=True)
    return taken


def grey(images):
    """Pictures in grey, by the weights of ITU-R BT.601, which Pillow takes as well.

    Parameters
    ----------
    images : uint8 array, shape (n, h, w, 3), or (n, h, w), which stays as it is

    Returns
    -------
    uint8 array, shape (n, h, w)

    Raises
    ------
    ValueError
        Arrays of another shape.
    """
    if images.ndim == 3:
        return images
    if images.ndim != 4 or images.shape[3] != 3:
        raise ValueError(f"images must have the shape (n, h, w, 3) or (n, h, w), not {images.shape}")
    return (images @ np.array([0.299, 0.587, 0.114], dtype=np.float32)).round().astype(np.uint8)


def _alike(images, like):
    """Images in the colours and the size of others."""
    from ..preprocess.faces import resize

    if images.shape[1:3] != like.shape[1:3]:
        images = resize(images, like.shape[1:3])
    if images.ndim > like.ndim:
        images = grey(images)
    elif images.ndim < like.ndim:
        images = np.repeat(images[..., np.newaxis], 3, axis=3)
    return images


def _named(bunch):
    return bunch.get("name", "the set")
