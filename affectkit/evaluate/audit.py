"""Audit of a split: could the model have seen anything of the test rows while it was trained?"""

import hashlib

import numpy as np
import pandas as pd

__all__ = ["audit_split"]


def audit_split(
    train, test, *, groups=None, trials=None, intervals=None, X=None, synthetic=None, pipeline=None
):
    """Look for everything that lets a test row be known before it is tested.

    Parameters
    ----------
    train, test : int arrays of row numbers, or bool arrays with an entry a row
        The two sides of the split, as scikit-learn's splitters give them.
    groups : array, shape (n,), optional
        The person of each row.
    trials : array, shape (n,), optional
        The trial (video, task, sequence) of each row; with `groups`, trials of different people are
        different trials.
    intervals : array, shape (n, 2), optional
        Start and end of each window [s], on its person's clock.
    X : array, shape (n, ...), optional
        The rows themselves: images (n, h, w[, 3]) or signals (n, time, channels) or features. Searched for
        duplicates.
    synthetic : bool array, shape (n,), optional
        Rows that a generator made.
    pipeline : estimator, optional
        The fitted estimator; its steps tell how many rows they were fitted on.

    Returns
    -------
    pandas.DataFrame, one row a check
        ``check``, ``severity`` ("leak", "ok" or "not checked"), ``count`` (of test rows, people, trials or
        steps concerned) and ``detail`` (examples; why a check was not made).

    Notes
    -----
    Near duplicates: images whose 16 x 16 thumbnails correlate above 0.99; other rows that differ by less
    than 1 % of the data's spread and less than 5 % of their own (root mean square). A face and its copy at
    another gaze, or neighbouring frames of a video, are closer to each other than two people are.
    """
    train, test = _rows(train, "train"), _rows(test, "test")
    n = 1 + max(train.max(initial=-1), test.max(initial=-1))
    groups, trials, intervals, X, synthetic = (
        _per_row(value, n, name)
        for name, value in (
            ("groups", groups),
            ("trials", trials),
            ("intervals", intervals),
            ("X", X),
            ("synthetic", synthetic),
        )  # fmt: skip
    )
    groups = _known(groups)
    trials = _known(trials)
    if groups is not None and trials is not None and len(groups) != len(trials):
        raise ValueError(f"groups has {len(groups)} entries, trials {len(trials)}: give one a row to both.")
    person = groups if groups is not None else np.zeros(n, dtype=str)

    findings = [_shared("row on both sides", train, test, "row")]
    if groups is not None:
        findings.append(_shared("person on both sides", groups, (train, test), "person"))
    else:
        findings.append(_skipped("person on both sides", "no groups given"))
    if trials is not None:
        keys = trials if groups is None else np.char.add(np.char.add(groups, " / "), trials)
        findings.append(_shared("trial on both sides", keys, (train, test), "trial"))
    else:
        findings.append(_skipped("trial on both sides", "no trials given"))
    findings.append(_overlaps(intervals, person, train, test))
    findings.extend(_duplicates(X, train, test))
    findings.append(_synthetic(synthetic, test))
    findings.append(_fitted_rows(pipeline, len(train)))
    return pd.DataFrame(findings, columns=["check", "severity", "count", "detail"])


# ---------------------------------------------------------------------------------------------- arguments


def _rows(rows, name):
    rows = np.asarray(rows)
    if rows.ndim != 1:
        raise ValueError(f"{name} must be a list of row numbers or a mask, not of shape {rows.shape}.")
    if rows.dtype == bool:
        return np.flatnonzero(rows)
    if len(rows) == 0:
        return rows.astype(int)
    if not np.issubdtype(rows.dtype, np.integer) or rows.min() < 0:
        raise ValueError(f"{name} must hold row numbers from 0 on, or be a mask of bool.")
    return rows


def _per_row(value, n, name):
    if value is None:
        return None
    value = np.asarray(value)
    if value.ndim == 0 or len(value) < n:
        raise ValueError(
            f"{name} must have an entry a row: rows go up to {n - 1}, it has shape {np.shape(value)}."
        )
    if name == "intervals" and (value.ndim != 2 or value.shape[1] != 2):
        raise ValueError(
            f"intervals must have shape (n, 2), start and end of each window, not {value.shape}."
        )
    return value


def _known(labels):
    """Labels as text; None if they are missing altogether (a data set without subject ids)."""
    if labels is None or all(label is None for label in labels):
        return None
    return labels.astype(str)


def _finding(check, count, detail, clean):
    return (check, "leak", int(count), detail) if count else (check, "ok", 0, clean)


def _skipped(check, why):
    return (check, "not checked", 0, why)


def _examples(items, most=5):
    items = [str(item) for item in items]
    return ", ".join(items[:most]) + (", ..." if len(items) > most else "")


# ---------------------------------------------------------------------------------------------- the checks


def _shared(check, labels, sides, what):
    """What stands on both sides: `labels[rows]` of the two sides, or the row numbers themselves."""
    if what == "row":
        both = np.intersect1d(labels, sides)
    else:
        train, test = sides
        both = np.intersect1d(labels[train], labels[test])
    return _finding(check, len(both), f"{what} {_examples(both)}", f"no {what} in common")


def _overlaps(intervals, person, train, test):
    """Test windows that share a moment with a training window of the same person."""
    check = "windows overlap in time"
    if intervals is None:
        return _skipped(check, "no intervals given")
    count = 0
    for name in np.intersect1d(person[train], person[test]):
        seen, asked = (intervals[rows[person[rows] == name]] for rows in (train, test))
        seen = seen[np.argsort(seen[:, 0])]
        latest_end = np.maximum.accumulate(seen[:, 1])
        before = np.searchsorted(
            seen[:, 0], asked[:, 1], side="left"
        )  # training windows that start before this one ends
        count += ((before > 0) & (latest_end[before - 1] > asked[:, 0])).sum()
    return _finding(
        check, count, f"{count} of {len(test)} test windows", "no test window shares a moment with training"
    )


def _duplicates(X, train, test, *, block=2048):
    """Test rows that stand in training as well: byte by byte, and nearly."""
    exact, near = "exact duplicate", "near duplicate"
    if X is None:
        return [_skipped(exact, "no X given"), _skipped(near, "no X given")]
    hashes = np.array(
        [hashlib.blake2b(np.ascontiguousarray(row).tobytes(), digest_size=16).hexdigest() for row in X]
    )
    copies = test[np.isin(hashes[test], hashes[train])]
    findings = [
        _finding(exact, len(copies), f"test rows {_examples(copies)}", "no test row stands in training")
    ]
    if len(train) == 0 or len(test) == 0:
        return [*findings, _skipped(near, "one side is empty")]

    # |a - b|^2 = |a|^2 + |b|^2 - 2ab: one matrix product a block compares all pairs.
    thumbs, limit = _thumbnails(X)
    squared = (thumbs**2).sum(axis=1)
    alike = []
    for rows in np.array_split(test, len(test) // block + 1):
        distance = np.full(len(rows), np.inf, dtype=np.float32)
        for others in np.array_split(train, len(train) // block + 1):
            product = thumbs[rows] @ thumbs[others].T
            distance = np.minimum(distance, (squared[others] - 2 * product).min(axis=1))
        alike.append(rows[distance + squared[rows] < limit[rows]])
    alike = np.setdiff1d(np.concatenate(alike), copies)
    findings.append(
        _finding(near, len(alike), f"test rows {_examples(alike)}", "no test row is nearly one of training")
    )
    return findings


def _thumbnails(X):
    """A short vector a row, and the squared distance below which another row is taken for its copy."""
    X = np.nan_to_num(np.asarray(X, dtype=np.float32))
    if X.ndim == 4 or (X.ndim == 3 and min(X.shape[1:]) >= 16):  # images
        grey = X.mean(axis=3) if X.ndim == 4 else X
        rows, columns = (np.linspace(0, side, 17).astype(int)[:-1] for side in grey.shape[1:])
        thumbs = np.add.reduceat(np.add.reduceat(grey, rows, axis=1), columns, axis=2).reshape(len(X), -1)
        thumbs -= thumbs.mean(axis=1, keepdims=True)
        length = np.linalg.norm(thumbs, axis=1, keepdims=True)
        # Unit vectors: |a - b|^2 = 2 - 2 correlation. A picture of one colour has no shape and resembles
        # nothing.
        unit = thumbs / np.where(length > 1e-3, length, 1)
        unit[length[:, 0] <= 1e-3] = 2 * np.arange(1, 1 + (length[:, 0] <= 1e-3).sum())[:, np.newaxis]
        return unit, np.full(len(X), 2 * (1 - 0.99))
    spread = X.std(axis=tuple(range(X.ndim - 1)))  # each channel, or each feature, in its own unit
    flat = ((X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)).reshape(len(X), -1)
    # Two quiet windows at the same level are alike by chance: a copy must also share the ups and downs.
    own = ((flat - flat.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    return flat, np.minimum(flat.shape[1] * 0.01**2, 0.05**2 * own)


def _synthetic(synthetic, test):
    check = "synthetic row in test"
    if synthetic is None:
        return _skipped(check, "no synthetic flags given")
    made = test[np.asarray(synthetic)[test].astype(bool)]
    return _finding(check, len(made), f"test rows {_examples(made)}", "every test row is real")


def _fitted_rows(pipeline, n_train):
    """Steps of a fitted pipeline that saw more rows than the training side has."""
    check = "step fitted on more than train"
    if pipeline is None:
        return _skipped(check, "no pipeline given")
    greedy, telling = [], 0
    for name, step in getattr(pipeline, "steps", [(type(pipeline).__name__, pipeline)]):
        if hasattr(step, "fit_resample"):
            break  # behind a sampler more rows are right
        for attribute in ("n_samples_seen_", "n_samples_fit_", "n_samples_"):
            seen = getattr(step, attribute, None)
            if seen is not None:
                telling += 1
                if np.max(seen) > n_train:
                    greedy.append(f"{name} saw {int(np.max(seen))} rows")
                break
    if not telling:
        return _skipped(check, "no step tells how many rows it was fitted on")
    return _finding(
        check,
        len(greedy),
        f"{_examples(greedy)}, train has {n_train}",
        f"{telling} steps saw training rows only",
    )
