"""Audit of a split: could the model have seen anything of the test rows while it was trained?"""

import hashlib
import pickle

import numpy as np
import pandas as pd
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator

from ._alike import FINE, near_copies

__all__ = ["audit_split"]

#: Where steps of scikit-learn keep how many rows they were fitted on.
COUNTS = ("n_samples_seen_", "n_samples_fit_", "n_samples_")


def audit_split(
    train, test, *, groups=None, trials=None, intervals=None, X=None, synthetic=None, pipeline=None, y=None
):
    """Look for everything that lets a test row be known before it is tested.

    Parameters
    ----------
    train, test : int arrays of row numbers, or bool arrays with an entry a row
        The two sides of the split, as scikit-learn's splitters give them.
    groups : array, shape (n,), optional
        The person of each row; None or NaN where unknown.
    trials : array, shape (n,), optional
        The trial (video, task, sequence) of each row; with `groups`, trials of different people are
        different trials.
    intervals : array, shape (n, 2), optional
        Start and end of each window [s], on its person's clock.
    X : array, shape (n, ...), optional
        The rows themselves: images (uint8, if they are grey) of shape (n, h, w[, 3]), or signals (n, time,
        channels), or features. Searched for duplicates; `near_copies` wants 24 pixels a side.
    synthetic : bool array, shape (n,), optional
        Rows that a generator made.
    pipeline : estimator, optional
        The fitted estimator. Its steps are fitted anew on the training rows of X, and must learn the same.
        What cannot be repeated (random steps, those that go by the order of rows, networks, whatever X is not
        meant for) is at least asked how many rows it was fitted on. Behind a sampler nothing is compared.
        Steps that could not be checked are named, and the whole is "not checked" then, unless another step is
        found to leak.
    y : array, shape (n,), optional
        Labels, for steps that learn from them; with y the last step, the classifier, is fitted anew as well.

    Returns
    -------
    pandas.DataFrame, one row a check
        ``check``, ``severity`` ("leak", "ok" or "not checked"), ``count`` (of test rows, people, trials or
        steps concerned) and ``detail`` (examples; why a check was not made).

    Notes
    -----
    Near duplicates: images that `near_copies` takes for the same photograph, mirrored, lit otherwise or moved
    a little; other rows that differ by less than 1 % of the data's spread and less than 5 % of their own
    (root mean square). A face and its copy at another gaze, or neighbouring frames of a video, are closer to
    each other than two people are.

    Steps are fitted anew without sample weights: one that was fitted with them learns something else, and is
    called a leak though it may be none.

    No split tells whether labels, settings or epochs were chosen by the test's score, what a frozen network
    has seen before, or that the time in a session gives the answer away: see `affectkit.leaks`.
    """
    train, test = _rows(train, "train"), _rows(test, "test")
    n = 1 + max(train.max(initial=-1), test.max(initial=-1))
    groups, trials, intervals, X, synthetic, y = (
        _per_row(value, n, name)
        for name, value in (
            ("groups", groups),
            ("trials", trials),
            ("intervals", intervals),
            ("X", X),
            ("synthetic", synthetic),
            ("y", y),
        )  # fmt: skip
    )
    groups, nobody = _known(groups)
    trials, nowhere = _known(trials)
    if groups is not None and trials is not None and len(groups) != len(trials):
        raise ValueError(f"groups has {len(groups)} entries, trials {len(trials)}: give one a row to both.")
    person = groups if groups is not None else np.zeros(n, dtype=str)

    findings = [_shared("row on both sides", train, test, "row")]
    if groups is not None:
        findings.append(_shared("person on both sides", groups, (train, test), "person", nobody))
    else:
        findings.append(_skipped("person on both sides", "no groups given"))
    if trials is not None:
        keys = trials if groups is None else np.char.add(np.char.add(groups, " / "), trials)
        nowhere = nowhere if groups is None else nowhere | nobody
        findings.append(_shared("trial on both sides", keys, (train, test), "trial", nowhere))
    else:
        findings.append(_skipped("trial on both sides", "no trials given"))
    findings.append(_overlaps(intervals, person, train, test))
    findings.extend(_duplicates(X, train, test))
    findings.append(_synthetic(synthetic, test))
    findings.append(_fitted_rows(pipeline, train, X, y))
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
    """Labels as text, or None if there are none at all; and which rows lack one, each made its own kind."""
    if labels is None:
        return None, None
    missing = pd.isna(labels)
    if missing.all():
        return None, None
    return np.where(missing, [f"(none of row {k})" for k in range(len(labels))], labels.astype(str)), missing


def _finding(check, count, detail, clean):
    return (check, "leak", int(count), detail) if count else (check, "ok", 0, clean)


def _skipped(check, why):
    return (check, "not checked", 0, why)


def _examples(items, most=5):
    items = [str(item) for item in items]
    return ", ".join(items[:most]) + (", ..." if len(items) > most else "")


# ---------------------------------------------------------------------------------------------- the checks


def _shared(check, labels, sides, what, missing=None):
    """What stands on both sides: `labels[rows]` of the two sides, or the row numbers themselves."""
    if what == "row":
        both = np.intersect1d(labels, sides)
    else:
        train, test = sides
        both = np.intersect1d(labels[train], labels[test])
        lack = missing[np.union1d(train, test)].sum()
        if lack and not len(both):
            return _skipped(check, f"no {what} in common, but {lack} rows have none")
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

    alike = near_copies(X[test], X[train])["row"] if _pictures(X) else _near(X, train, test, block)
    alike = np.setdiff1d(test[alike], copies)
    findings.append(
        _finding(near, len(alike), f"test rows {_examples(alike)}", "no test row is nearly one of training")
    )
    return findings


def _pictures(X):
    """Whether rows are pictures: a signal of many channels may be as wide, but is not of bytes."""
    return (X.ndim == 4 or (X.ndim == 3 and X.dtype == np.uint8)) and min(X.shape[1:3]) >= FINE


def _near(X, train, test, block):
    """Places in `test` of signals or features that differ from one of training by next to nothing."""
    X = np.nan_to_num(np.asarray(X, dtype=np.float32))
    spread = X.std(axis=tuple(range(X.ndim - 1)))  # each channel, or each feature, in its own unit
    flat = ((X - X.mean(axis=0)) / np.where(spread > 0, spread, 1)).reshape(len(X), -1)
    # Two quiet windows at the same level are alike by chance: a copy must also share the ups and downs.
    own = ((flat - flat.mean(axis=1, keepdims=True)) ** 2).sum(axis=1)
    limit, squared = np.minimum(flat.shape[1] * 0.01**2, 0.05**2 * own), (flat**2).sum(axis=1)
    alike = []
    # |a - b|^2 = |a|^2 + |b|^2 - 2ab: one matrix product a block compares all pairs.
    for places in np.array_split(np.arange(len(test)), len(test) // block + 1):
        rows, distance = test[places], np.full(len(places), np.inf, dtype=np.float32)
        for others in np.array_split(train, len(train) // block + 1):
            product = flat[rows] @ flat[others].T
            distance = np.minimum(distance, (squared[others] - 2 * product).min(axis=1))
        alike.append(places[distance + squared[rows] < limit[rows]])
    return np.concatenate(alike)


def _synthetic(synthetic, test):
    check = "synthetic row in test"
    if synthetic is None:
        return _skipped(check, "no synthetic flags given")
    made = test[np.asarray(synthetic)[test].astype(bool)]
    return _finding(check, len(made), f"test rows {_examples(made)}", "every test row is real")


def _fitted_rows(pipeline, train, X, y):
    """Steps of a fitted pipeline that have learnt from other rows than those of training."""
    check = "step fitted on other rows"
    if pipeline is None:
        return _skipped(check, "no pipeline given")
    steps = getattr(pipeline, "steps", [(type(pipeline).__name__, pipeline)])
    greedy, fine, blind = [], [], []
    rows, labels = (None if values is None else values[train] for values in (X, y))
    for place, (name, step) in enumerate(steps):
        if hasattr(step, "fit_resample"):
            blind += [name for name, _ in steps[place:]]
            break  # behind a sampler there are more rows, and nobody knows which
        if step is None or isinstance(step, str):  # "passthrough"
            continue
        last = step is steps[-1][1] and not hasattr(step, "transform")
        same = None if rows is None or (last and y is None) else _learns_the_same(step, rows, labels)
        seen = next((value for value in (getattr(step, attribute, None) for attribute in COUNTS)
                     if value is not None), None)  # fmt: skip
        if seen is not None and np.max(seen) > len(train):
            greedy.append(f"{name} saw {int(np.max(seen))} rows, train has {len(train)}")
        elif same is False:
            greedy.append(f"{name} learns something else from the training rows (without weights)")
        else:
            (blind if same is None and seen is None else fine).append(name)
        rows = None if last else _passed_on(step, rows)
    if not greedy and not fine:
        return _skipped(check, "no step can be fitted anew, or tells how many rows it saw")
    if not greedy and blind:
        return _skipped(check, f"{_examples(fine)} saw training rows only; not checked: {_examples(blind)}")
    return _finding(check, len(greedy), _examples(greedy), f"{len(fine)} steps saw training rows only")


def _learns_the_same(step, rows, labels):
    """Whether a fit to these rows gives what the step has learnt; None where fits are by chance or order."""
    if isinstance(step, FrozenEstimator) or _holds_network(step):
        return None
    try:
        anew = clone(step).fit(rows, labels)
        if _same(step, anew):
            return True
        order = np.random.default_rng(0).permutation(len(rows))
        other = clone(step).fit(rows[order], None if labels is None else labels[order])
        return False if _same(anew, other) else None
    except Exception:  # whatever a stranger's step may raise at rows that are not meant for it
        return None


def _passed_on(step, rows):
    try:
        return None if rows is None else step.transform(rows)
    except Exception:
        return None


def _holds_network(step, depth=2):
    """Whether a step holds a network of torch: to train it anew would take minutes."""
    held = [value for value in vars(step).values() if hasattr(value, "__dict__")]
    return any(hasattr(value, "state_dict") for value in (step, *held)) or (
        depth > 0 and any(_holds_network(value, depth - 1) for value in held if hasattr(value, "get_params"))
    )


def _same(a, b):
    """Whether two fitted steps have learnt the same numbers; those of forests are compared tree by tree."""
    learnt = [{k: v for k, v in vars(step).items() if k.endswith("_") and not k.startswith("_")}
              for step in (a, b)]  # fmt: skip
    return learnt[0].keys() == learnt[1].keys() and all(_equal(learnt[0][k], learnt[1][k]) for k in learnt[0])


def _equal(a, b):
    if hasattr(a, "get_params"):
        return _same(a, b)
    if hasattr(a, "toarray"):  # sparse
        a, b = a.toarray(), b.toarray()
    if isinstance(a, (list, tuple)) and len(a) == len(b) and any(hasattr(v, "get_params") for v in a):
        return all(_equal(v, w) for v, w in zip(a, b, strict=True))
    try:
        a, b = np.asarray(a), np.asarray(b)
    except ValueError:  # ragged
        return str(a) == str(b)
    if a.shape != b.shape:
        return False
    if a.dtype.kind not in "fiub":  # texts, trees
        return pickle.dumps(a) == pickle.dumps(b)
    scale = np.abs(b[np.isfinite(b)]).max(initial=1e-12) if b.size else 1
    return bool(np.allclose(a, b, rtol=1e-4, atol=1e-6 * scale, equal_nan=True))
