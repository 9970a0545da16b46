"""Doors to real heart-signal sets: published files in, recordings and windows out."""

import io
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from .. import cards, preprocess
from . import _cache
from ._errors import DatasetError
from ._files import Tree, holds_files

#: Raw signals of Stress-Predict (Empatica E4): file, and unit.
RAW = {"bvp": "BVP.csv", "eda": "EDA.csv", "temperature": "TEMP.csv"}
SIGNALS = ("heart_rate", *RAW)
LONGEST_GAP = 5  # s of missing heart rate that are bridged by a straight line; longer ones end a segment

_TABLE = "Improved_All_Combined_hr_rsp_binary.csv"
_COLUMNS = ("Participant", "HR", "Time(sec)", "Label")
_RAW_FILE = re.compile(r"(?:^|/)Raw_data/(S\d\d)/([^/]+\.csv)$", re.IGNORECASE)
_PROTOCOL = "baseline stroop rest interview rest hyperventilation rest".split()  # Iqbal et al. 2022
_DAY = 86_400


@dataclass
class Recording:
    """One person's session on one clock: second 0 is the first row of the 1 Hz table.

    Attributes
    ----------
    group : str
        The person, "S02".
    label : ndarray of int64, (seconds,)
        0 baseline, 1 stress, -1 unknown; empty where ``segments`` tells.
    signals : dict of str to (ndarray (time,), float, float)
        Values, rate [Hz], and the time of the first value on the clock [s].
    tags : ndarray of float, (k,)
        When the button on the watch was pressed [s].
    segments : list of (start, end, task, label), optional
        The tasks [s], where they are known; else they are the stretches of one label.
    files : dict of str to str
        Signal -> the file it was read from, for messages.
    derived : set of str
        Signals that the kit made of others, and that may lack whenever those are poor.
    """

    group: str
    label: np.ndarray
    signals: dict
    tags: np.ndarray = field(default_factory=lambda: np.empty(0))
    segments: list | None = None
    files: dict = field(default_factory=dict)
    derived: frozenset = frozenset()


# ------------------------------------------------------------------------------------------- Stress-Predict


def find_stress_predict(root):
    """Where Stress-Predict lies: a zip or a folder in ``root``, or ``root`` itself; a Path, or None."""
    root = Path(root)
    if root.is_file():
        return root if root.suffix.lower() == ".zip" else None
    names = ("stress-predict", "Stress-Predict-Dataset", "Stress-Predict-Dataset-main")
    folders = (root, *(root / name for name in names), root / names[0] / names[1])
    for folder in folders:
        if (folder / "Processed_data").is_dir() or (folder / "Raw_data").is_dir():
            return folder
    zips = (root / f"{name}.zip" for name in names)
    # an own folder that holds something else is found as well, so that reading it says what is missing
    return next((path for path in (*zips, *folders[1:]) if path.is_file() or holds_files(path)), None)


def sources_stress_predict(path, part):
    """(label, Path) of every file that ``read_stress_predict(path, part)`` reads."""
    if path.is_file():
        return [("zip", path)]
    with Tree(path) as tree:
        return tree.sources(_names(tree, part))


def read_stress_predict(path, part):
    """Read a part of Stress-Predict into plain arrays.

    Parameters
    ----------
    path : Path
        What ``find_stress_predict`` found.
    part : {"table", "bvp", "eda", "temperature"}
        The 1 Hz table with the tags, or a raw signal.

    Returns
    -------
    dict of str to ndarray
        table: Participant, HR, Time(sec), Label, and tags_SNN [unix s]; a raw signal: for each person SNN
        (time,) float32 and SNN_clock (start [unix s], rate [Hz]).

    Raises
    ------
    DatasetError
        A file is missing, cut short, or holds anything but the published columns.
    """
    with Tree(path) as tree:
        names = _names(tree, part)
        if part != "table":
            return _read_raw(tree, names)
        arrays = _read_table(tree, names[0])
        for name in names[1:]:
            numbers = _numbers(tree, name)
            arrays[f"tags_{_RAW_FILE.search(name)[1].upper()}"] = numbers[np.isfinite(numbers)]
        return arrays


def people(path, channels):
    """Everyone in Stress-Predict, from the cache where they were read before.

    Parameters
    ----------
    path : Path
        What ``find_stress_predict`` found.
    channels : sequence of str
        The signals to read.

    Returns
    -------
    people : list of Recording
    ratings : None
        There are none.
    notes : list of str
        What was chosen while reading.
    """

    def part(name):
        return _cache.arrays(
            f"stress-predict-{name}",
            sources_stress_predict(path, name),
            lambda: read_stress_predict(path, name),
        )

    return recordings(part("table"), {name: part(name) for name in channels if name in RAW}, path), None, []


def recordings(table, raw, path):
    """Put the parts of Stress-Predict on one clock a person.

    Parameters
    ----------
    table : dict of ndarray
        The part "table".
    raw : dict of str to dict of ndarray
        Signal name -> its part.
    path : Path
        Where they come from, for messages.

    Returns
    -------
    list of Recording
        Of every person in the table, whose labels alone are published. Rows missing for up to ``LONGEST_GAP``
        seconds between equal labels take that label; of rows for one second the last counts.

    Raises
    ------
    DatasetError
        A person's times run backwards, a second has two labels, all heart rate is missing, or a raw file is.

    Warns
    -----
    UserWarning
        A second is given twice, or a raw signal lacks more than ``LONGEST_GAP`` seconds of the labelled time.
    """
    people = []
    for number in dict.fromkeys(table["Participant"].tolist()):
        group = f"S{number:02d}"
        rows = np.flatnonzero(table["Participant"] == number)
        time, rate = table["Time(sec)"][rows], table["HR"][rows]
        _check_clock(time, table["Label"][rows], f"{path}: {_TABLE}", rows + 2, number)
        if np.isnan(rate).all():
            raise DatasetError(
                f"{path}: {_TABLE}, line {rows[0] + 2}: every HR of participant {number} is missing; take "
                "that person out, or fetch the file again"
            )
        seconds = time - time[0]
        label = np.full(seconds[-1] + 1, -1)
        label[seconds] = table["Label"][rows]
        heart_rate = np.full(label.size, np.nan, np.float32)
        heart_rate[seconds] = rate
        signals = {"heart_rate": (bridge(heart_rate), 1.0, 0.0)}
        for name, part in raw.items():
            if group not in part:
                raise DatasetError(
                    f"{path}: Raw_data/{group}/{RAW[name]} is missing, and signals asks for {name!r}; fetch "
                    "it, or ask for other signals"
                )
            start, hertz = part[f"{group}_clock"]
            signals[name] = (part[group], float(hertz), float(start - time[0]))
            lacking = label.size - _seconds(signals[name], label.size)
            if lacking > LONGEST_GAP:
                warnings.warn(
                    f"{path}: Raw_data/{group}/{RAW[name]} lacks {lacking:.0f} s of the {label.size} s with "
                    "labels; windows there are left out: if the file is cut short, fetch it again",
                    stacklevel=4,
                )
        tags = table.get(f"tags_{group}", np.empty(0)) - time[0]
        # a few tags were typed in by hand, in the afternoon, from a twelve-hour clock
        tags = np.sort(np.where(tags < -_DAY / 4, tags + _DAY / 2, tags))
        files = {name: f"Raw_data/{group}/{RAW[name]}" for name in raw} | {"heart_rate": _TABLE}
        people.append(Recording(group, _same_on_both_sides(label), signals, tags, files=files))
    return people


def _check_clock(time, label, place, line, number):
    """A person's seconds must run forwards; one that stands there twice, with one label, is a warning."""
    step = np.diff(time)
    jumps = np.flatnonzero((step < 0) | (step > _DAY))
    if jumps.size:
        k = jumps[0]
        raise DatasetError(
            f"{place}, line {line[k + 1]}: Time(sec) of participant {number} goes from {time[k]} to "
            f"{time[k + 1]}; the rows of a person must be in order, within a day: fetch the file again"
        )
    twice = np.flatnonzero(step == 0)
    clash = twice[label[twice] != label[twice + 1]]
    if clash.size:
        k = clash[0]
        raise DatasetError(
            f"{place}, line {line[k + 1]}: second {time[k]} of participant {number} has Label {label[k]} and "
            f"Label {label[k + 1]}; fetch the file again, or remove the wrong line"
        )
    if twice.size:
        k = twice[0]
        warnings.warn(
            f"{place}, line {line[k + 1]}: second {time[k]} of participant {number} is there twice "
            f"({twice.size} such lines); the last one counts",
            stacklevel=5,
        )


def _seconds(signal, seconds):
    """How many of the labelled seconds a signal has values for."""
    values, rate, first = signal
    time = first + np.arange(values.size) / rate
    return np.count_nonzero(np.isfinite(values) & (time >= 0) & (time < seconds)) / rate


def _names(tree, part):
    """The files of a part; a DatasetError where the part is not there."""
    raw = sorted((m[1].upper(), m[2].lower(), name) for name in tree.names if (m := _RAW_FILE.search(name)))
    if part == "table":
        table = [name for name in tree.names if name.rsplit("/", 1)[-1] == _TABLE]
        if not table:
            raise DatasetError(
                f"{tree.path} holds no Processed_data/{_TABLE}: fetch the set again, as its card says"
            )
        return [table[0], *(name for person, file, name in raw if file == f"tags_{person}.csv".lower())]
    names = [name for _, file, name in raw if file == RAW[part].lower()]
    if not names:
        raise DatasetError(
            f"{tree.path} holds no Raw_data/SNN/{RAW[part]}, and signals asks for {part!r}: fetch the "
            "set again, as its card says"
        )
    return names


def _read_table(tree, name):
    """The columns of the 1 Hz table, checked."""
    place = tree.place(name)
    try:
        table = pd.read_csv(
            io.BytesIO(tree.read(name)), dtype=str, skip_blank_lines=False, encoding_errors="replace"
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DatasetError(f"{place} is no readable table ({str(error).strip()}): fetch it again") from error
    missing = [column for column in _COLUMNS if column not in table]
    if missing:
        raise DatasetError(
            f"{place}, line 1: no column {', '.join(missing)} among {', '.join(table)[:100]}; is it "
            "another table?"
        )
    if not len(table):
        raise DatasetError(f"{place} has a header and no rows: fetch it again")
    arrays = {}
    for column in _COLUMNS:
        numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(float)
        empty = table[column].isna().to_numpy() | (table[column].str.strip() == "").to_numpy(bool)
        wrong = ~np.isfinite(numbers)
        if column == "HR":  # an empty cell is a gap; no other column may have one
            wrong &= ~empty
        if column == "Label":
            wrong |= ~np.isin(numbers, (0, 1))
        elif column == "HR":
            wrong |= (numbers <= 0) | (numbers > 300)
        else:
            wrong |= numbers != np.round(numbers)
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise DatasetError(
                f"{place}, line {row + 2}: {column} is {table[column][row]!r}; is the file cut short or "
                "edited? Fetch it again, or remove that line"
            )
        arrays[column] = numbers if column == "HR" else numbers.astype(np.int64)
    return arrays


def _read_raw(tree, names):
    """A raw signal of every person: first line start [unix s], second rate [Hz], then values."""
    arrays, rates = {}, {}
    for name in names:
        numbers = _numbers(tree, name)
        place = tree.place(name)
        if numbers.size < 3 or not np.isfinite(numbers[:2]).all() or not 0 < numbers[1] <= 1024:
            raise DatasetError(
                f"{place}, lines 1-2: expected the start [unix s], the rate [Hz] and then values; is the "
                "file cut short? Fetch it again"
            )
        if np.isnan(numbers[2:]).all():
            raise DatasetError(
                f"{place}: every value is missing; fetch it again, or take that person out of Raw_data"
            )
        group = _RAW_FILE.search(name)[1].upper()
        numbers[~np.isfinite(numbers)] = np.nan
        arrays[group], arrays[f"{group}_clock"] = numbers[2:].astype(np.float32), numbers[:2]
        rates[place] = numbers[1]
    usual = Counter(rates.values()).most_common(1)[0][0]
    for place, rate in rates.items():
        if rate != usual:
            raise DatasetError(
                f"{place}, line 2: the rate is {rate:g} Hz, and {usual:g} Hz in the files of other people; "
                "is the line edited? Fetch the file again"
            )
    return arrays


def _numbers(tree, name):
    """A file of one number a line, float64; empty lines and "nan" are missing values."""
    content = tree.read(name)
    if not content.strip():
        return np.empty(0)
    try:
        column = pd.read_csv(io.BytesIO(content), header=None, skip_blank_lines=False, dtype=np.float64)
    except (ValueError, pd.errors.ParserError) as error:
        raise DatasetError(f"{tree.place(name)}: {_first_wrong(content)}; fetch the file again") from error
    if column.shape[1] != 1:
        raise DatasetError(
            f"{tree.place(name)}: {column.shape[1]} columns instead of one; is it another file?"
        )
    return column[0].to_numpy()


def _first_wrong(content):
    for line, text in enumerate(content.decode("utf-8", "replace").splitlines(), 1):
        try:
            float(text or "nan")
        except ValueError:
            return f"line {line} is {text[:30]!r}, not a number"
    return "the lines are not one number each"


# ---------------------------------------------------------------------------------------- clock and windows


def bridge(values, longest=LONGEST_GAP):
    """Fill short gaps by straight lines.

    Parameters
    ----------
    values : ndarray of float, (time,)
        NaN where missing.
    longest : int, default=5
        The longest run of missing values that is filled; longer ones, and those at either end, stay missing.

    Returns
    -------
    ndarray of the same shape and type
    """
    missing = np.isnan(values)
    if missing.all() or not missing.any():
        return values
    where = np.arange(values.size)
    filled = np.interp(where, where[~missing], values[~missing]).astype(values.dtype)
    length = np.zeros(values.size, int)
    edges = np.flatnonzero(np.diff(np.r_[0, missing.astype(int), 0]))
    for start, end in edges.reshape(-1, 2):
        length[start:end] = end - start if start and end < values.size else values.size
    return np.where(length > longest, np.nan, filled).astype(values.dtype)


def _same_on_both_sides(label):
    """Labels, with short unknown stretches between two equal labels filled."""
    known = bridge(np.where(label < 0, np.nan, label.astype(float)))
    return np.where(np.isin(known, (0, 1)), known, -1).astype(np.int64)


def tasks(people):
    """The tasks of each session: stretches of one label.

    Parameters
    ----------
    people : list of Recording

    Returns
    -------
    DataFrame
        A row a stretch: trial (a number of its own among all people), group, task, label, start and end [s
        since the recording's start], and tag_error: how far the nearest press of the watch's button is from
        ``start`` [s]. Tasks that the recording does not name are named after the protocol where a session
        has its seven stretches, else after their label.
    """
    rows = []
    for person in people:
        for start, end, task, label in person.segments or _stretches(person.label):
            gap = np.abs(person.tags - start).min() if person.tags.size and start else np.nan
            rows.append((len(rows), person.group, task, label, float(start), float(end), gap))
    return pd.DataFrame(rows, columns=["trial", "group", "task", "label", "start", "end", "tag_error"])


def _stretches(label):
    """(start, end, task, label) of each stretch of one known label."""
    edges = np.r_[0, np.flatnonzero(np.diff(label)) + 1, label.size]
    runs = [run for run in zip(edges[:-1], edges[1:], strict=True) if label[run[0]] >= 0]
    pattern = tuple(label[start] for start, _ in runs) == (0, 1, 0, 1, 0, 1, 0)
    for k, (start, end) in enumerate(runs):
        number = int(label[start])
        yield start, end, _PROTOCOL[k] if pattern else ("baseline", "stress")[number], number


def cut(people, segments, signals, window, step, *, path=None):
    """Windows of one label, one trial and one person.

    Parameters
    ----------
    people : list of Recording
    segments : DataFrame
        ``tasks(people)``.
    signals : sequence of str
        Channels. The one with the highest rate gives the clock, the others are interpolated onto it.
    window, step : float
        Seconds.
    path : Path, optional
        Where they come from, for messages.

    Returns
    -------
    dict
        data float32 (n, time, channels), target int64 (n,), groups object (n,), trial int64 (n,), onset float
        (n,) [s since the recording's start], and sampling_rate [Hz].

    Raises
    ------
    DatasetError
        No task is as long as a window, or a person with such tasks has no window without a gap.

    Warns
    -----
    UserWarning
        Someone has no task as long as a window, or a pulse too poor for a heart rate, and is left out.
    """
    longest = (segments.end - segments.start).groupby(segments.group).max()
    if not (longest >= window).any():
        raise DatasetError(f"no task is as long as a window of {window:g} s; ask for a shorter window")
    if short := longest.index[longest < window].tolist():
        warnings.warn(
            f"{path or 'the twin'}: left out, for no task of theirs is as long as a window of {window:g} s: "
            f"{', '.join(short)}",
            stacklevel=4,
        )
    parts = []
    for person in people:
        lead, rate, first = max((person.signals[name] for name in signals), key=lambda signal: signal[1])
        time = first + np.arange(lead.size) / rate
        values = np.stack([_on_clock(person.signals[name], time, rate) for name in signals], axis=1)
        mine = segments[segments.group == person.group]
        # a window may neither leave its trial nor bridge a gap: number the stretches between such edges
        trial = np.full(time.size, np.nan)
        for row in mine.itertuples():
            trial[(time >= row.start) & (time < row.end)] = row.trial
        usable = ~np.isnan(trial) & ~np.isnan(values).any(axis=1)
        stretch = np.cumsum(np.diff(usable, prepend=False))
        usable = np.flatnonzero(usable)
        bounds = np.stack([trial, stretch], axis=1)[usable]
        data, start = preprocess.signals.windows(values[usable], window, step, rate=rate, boundaries=bounds)
        start = usable[start]
        if not start.size and longest.get(person.group, 0) >= window:
            files = ", ".join(dict.fromkeys(person.files.get(name, name) for name in signals))
            what = (
                f"{path}: {person.group} has no window of {window:g} s with values and one label throughout "
                f"({files})"
            )
            if person.derived.isdisjoint(signals):
                raise DatasetError(
                    f"{what}; look there for gaps and a wrong start time, and fetch the set again; take that "
                    "person out; or ask for a shorter window"
                )
            warnings.warn(
                f"{what}: left out, for the pulse is too poor for {' and '.join(person.derived)}",
                stacklevel=4,
            )
        parts.append(
            (data, trial[start].astype(np.int64), time[start], np.full(start.size, person.group, object))
        )
    data, trial, onset, groups = (np.concatenate(column) for column in zip(*parts, strict=True))
    if not len(data):
        raise DatasetError(f"{path}: nobody has a window of {window:g} s; ask for other signals")
    target = segments.set_index("trial").label.reindex(trial).to_numpy(np.int64)
    return dict(data=data, target=target, groups=groups, trial=trial, onset=onset, sampling_rate=rate)


def lost_tasks(found, segments, window, path):
    """Warn of tasks that are as long as a window and have none: values lack there."""
    long = segments[(segments.end - segments.start >= window) & segments.group.isin(found["groups"])]
    without = long[~long.trial.isin(found["trial"])]
    if len(without):
        where = ", ".join(f"{group} {n}" for group, n in without.groupby("group", sort=False).size().items())
        warnings.warn(
            f"{path}: {len(without)} of {len(long)} tasks have no window of {window:g} s with values "
            f"throughout, and are left out ({where})",
            stacklevel=4,
        )


def recording(card_name, group, file, arrays, rates, segments, channels, parts=1):
    """A Recording of one file's signals; heart rate, where it is asked for, is counted from the pulse wave.

    Parameters
    ----------
    card_name, group : str
    file : (Path, str)
        The set's folder and the file in it.
    arrays : dict of str to ndarray
        Signals.
    rates : dict of str to int
        The signals to take, and their rates [Hz].
    segments : list of (start, end, task, label)
    channels : sequence of str
        The signals asked for.
    parts : int, default=1
        In how many equal parts the pulse wave has to be cut, for it does not go on from one to the next.

    Returns
    -------
    Recording
    """
    path, name = file
    signals = {key: (arrays[key], float(rate), 0.0) for key, rate in rates.items()}
    derived = frozenset({"heart_rate"} & set(channels))
    if derived:

        def count():
            waves = np.split(arrays["bvp"], parts)
            found = [bridge(preprocess.signals.heart_rate(wave, rates["bvp"])) for wave in waves]
            return dict(heart_rate=np.concatenate(found).astype(np.float32))

        found = _cache.arrays(f"{card_name}-{group}-heart_rate", [(name, path / name)], count)["heart_rate"]
        # beside faster signals it is on their clock already here: a line from the last second of one part to
        # the first of the next would mix two moments
        rate = max((rates[key] for key in channels if key in rates), default=1)
        time = np.arange(arrays["bvp"].size // parts * rate // rates["bvp"]) / rate
        found = [np.interp(time, np.arange(row.size), row) for row in found.reshape(parts, -1)]
        signals["heart_rate"] = (np.concatenate(found).astype(np.float32), float(rate), 0.0)
    files = dict.fromkeys(signals, name)
    return Recording(group, np.empty(0, int), signals, segments=segments, files=files, derived=derived)


def checked(values, low, high, place, name):
    """Values of a signal as one column of float32; a DatasetError unless they are finite and in range."""
    if values.shape[:1] != (values.size,) or values.dtype.kind not in "fiu" or not values.size:
        raise DatasetError(
            f"{place}: {name} has shape {values.shape} and type {values.dtype} instead of one column of "
            "numbers; fetch the file again"
        )
    values = values.reshape(-1)
    wrong = np.flatnonzero(~((values >= low) & (values <= high)))  # true of NaN as well
    if wrong.size:
        raise DatasetError(
            f"{place}: {name} holds {wrong.size:,} values outside {low:g} to {high:g}, the first at sample "
            f"{wrong[0]:,} ({values[wrong[0]]}); fetch the file again, or take that person out"
        )
    return values.astype(np.float32)


def find_own(root, patterns, name):
    """``root`` itself where it has files of these patterns, else the folder in it that bears the set's name;
    a Path, or None.
    """
    root = Path(root)
    if root.is_dir() and any(next(root.glob(pattern), None) for pattern in patterns):
        return root
    # a folder that holds something else is found as well, so that reading it says what is missing
    return next((path for path in (root / name, root / name.upper()) if holds_files(path)), None)


def one_each(names, pattern, path):
    """Person -> file of the names that a pattern fits; a DatasetError where someone has two."""
    found = {}
    for name in names:
        if match := pattern.search(name):
            if match[1] in found:
                raise DatasetError(
                    f"{path}: {found[match[1]]} and {name} are both of {match[1]}; keep one of them"
                )
            found[match[1]] = name
    return dict(sorted(found.items(), key=lambda item: int(item[0][1:])))


def missing_people(card_name, people, path):
    """Warn where the card tells of other numbers of people than there are."""
    expected = cards.get(card_name).subjects
    if len(people) != expected:
        warnings.warn(
            f"{path}: {len(people)} people ({', '.join(people)}), and the card of {card_name} gives "
            f"{expected}",
            stacklevel=4,
        )


def _on_clock(signal, time, rate):
    """A signal at given times, float32: as it is where it has that clock already, else by straight lines."""
    values, own_rate, first = signal
    if own_rate == rate and first == time[0] and values.size == time.size:
        return values
    own_time = first + np.arange(values.size) / own_rate
    return np.interp(time, own_time, values, left=np.nan, right=np.nan).astype(np.float32)
