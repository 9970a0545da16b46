"""The door to WESAD: one pickle a person, wrist and chest on one clock."""

import re
import warnings

import numpy as np
from tqdm.auto import tqdm

from .. import cards, preprocess
from . import _cache, _pickles
from ._errors import DatasetError
from ._files import Tree
from .signals import checked, find_own, missing_people, one_each, recording

# signal -> device, name there, rate [Hz], and what it may hold: the pulse wave has no unit, eda is in µS,
# temperature in °C, respiration the chest's width in % of a full scale
_SIGNALS = {
    "bvp": ("wrist", "BVP", 64, -1e5, 1e5),
    "eda": ("wrist", "EDA", 4, -1, 200),
    "temperature": ("wrist", "TEMP", 4, 0, 60),
    "respiration": ("chest", "Resp", 700, -200, 200),
}
_RATE = 700  # Hz, of the labels
_BREATH = 16  # Hz, what respiration is brought to: as in the twin, and far above any breath
_SLACK = 5  # s that a signal may be shorter or longer than the labels without a word
_FILE = re.compile(r"(?:^|/)(S\d+)\.pkl$")


def find(root):
    """Where WESAD lies: a folder in ``root``, or ``root`` itself; a Path, or None."""
    return find_own(root, ("S[0-9]*/S[0-9]*.pkl", "S[0-9]*.pkl"), "wesad")


def people(path, channels):
    """Everyone in WESAD, one file after the other: (list of Recording, None, notes)."""
    with Tree(path) as tree:
        files = one_each(tree.names, _FILE, path)
    if not files:
        raise DatasetError(f"{path} holds no SN/SN.pkl; is it unpacked? Put it there as its card says")
    missing_people("wesad", files, path)
    rates = {"bvp" if name == "heart_rate" else name: 0 for name in channels}
    rates = {name: _BREATH if name == "respiration" else _SIGNALS[name][2] for name in rates}
    classes, found, kept, whole = cards.get("wesad").classes, [], 0, 0
    for group, name in tqdm(files.items(), desc="reading wesad", unit="person", leave=False, delay=2):
        arrays = _cache.arrays(
            f"wesad-{group}",
            [(name, path / name)],
            lambda name=name, group=group: read(path / name, group),
            pick=lambda names: [n for n in names if n in rates or n == "conditions"],
        )
        start, end, condition = arrays["conditions"].T
        for signal, rate in rates.items():
            if abs(arrays[signal].size / rate - end[-1] / _RATE) > _SLACK:
                warnings.warn(
                    f"{path / name}: {signal} lasts {arrays[signal].size / rate:.0f} s, and the labels "
                    f"{end[-1] / _RATE:.0f} s; windows that lack values are left out: is the file as "
                    "published?",
                    stacklevel=4,
                )
        known = (condition >= 1) & (condition <= len(classes))
        kept, whole = kept + (end - start)[known].sum() / _RATE, whole + end[-1] / _RATE
        segments = [
            (start / _RATE, end / _RATE, classes[condition - 1], condition - 1)
            for start, end, condition in arrays["conditions"][known].tolist()
        ]
        found.append(recording("wesad", group, (path, name), arrays, rates, segments, channels))
    notes = [
        f"Kept: conditions 1-4, {kept / 3600:.1f} h of {whole / 3600:.1f} h. Dropped: 0 (transient) and 5-7 "
        "(to be ignored, as its authors say). The first sample of the labels is second 0."
    ]
    if "respiration" in channels:
        notes.append(f"Respiration is the chest's, brought from {_RATE} to {_BREATH} Hz.")
    return found, None, notes


def read(path, group):
    """Read one person's pickle.

    Parameters
    ----------
    path : Path
    group : str
        The person it should be of, "S2".

    Returns
    -------
    dict of str to ndarray
        Each signal (time,) float32, and conditions (k, 3) int64: first and last sample (exclusive, 700 Hz)
        and number of each stretch of one condition.

    Raises
    ------
    DatasetError
        The file is damaged, of someone else, or not as published.
    """
    content = _pickles.read(path)
    subject = _get(content, ("subject",), path)
    if subject != group:
        raise DatasetError(
            f"{path} is of {str(subject)[:20]!r}, not of {group}; were files renamed or swapped? "
            "Fetch it again"
        )
    arrays = {}
    for name, (device, key, _, low, high) in _SIGNALS.items():
        values = _get(content, ("signal", device, key), path, np.ndarray)
        arrays[name] = checked(values, low, high, path, f"signal/{device}/{key}")
    label = checked(_get(content, ("label",), path, np.ndarray), 0, 7, path, "label")
    del content, values  # most of a gigabyte is the chest's, and not needed any more
    whole = label.astype(np.int64)
    if (whole != label).any():
        raise DatasetError(f"{path}: label holds fractions instead of conditions 0 to 7; fetch it again")
    breath = arrays["respiration"]
    breath = breath[: breath.size // 175 * 175]  # 175 samples make 4
    if not breath.size:
        raise DatasetError(f"{path}: signal/chest/Resp is shorter than a second; fetch the file again")
    breath = preprocess.signals.resample(breath[np.newaxis, :, np.newaxis], breath.size * _BREATH // _RATE)
    arrays["respiration"] = breath[0, :, 0]
    edges = np.r_[0, np.flatnonzero(np.diff(whole)) + 1, whole.size]
    return arrays | dict(conditions=np.stack([edges[:-1], edges[1:], whole[edges[:-1]]], axis=1))


def _get(content, keys, path, kind=None):
    """What stands in a dict of dicts."""
    for k, key in enumerate(keys, 1):
        if not isinstance(content, dict) or key not in content:
            there = f"it has {', '.join(content)[:100]}" if isinstance(content, dict) else "it is no dict"
            raise DatasetError(
                f"{path}: no {'/'.join(keys[:k])} ({there}); is it another file? Fetch it again"
            )
        content = content[key]
    if kind and not isinstance(content, kind):
        raise DatasetError(f"{path}: {'/'.join(keys)} is no array; fetch the file again")
    return content
