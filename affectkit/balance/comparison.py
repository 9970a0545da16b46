"""A fair comparison: every method on the same splits with the same seeds, paired, resumable."""

import hashlib
import json
import os
import pickle
import time
import warnings
from collections.abc import Iterable
from numbers import Integral
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import false_discovery_control
from sklearn import metrics
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.utils.validation import has_fit_parameter

from affectkit import evaluate

__all__ = ["METRICS", "Comparison", "compare"]

METRICS = ("macro-F1", "balanced accuracy", "accuracy", "rare recall")
DIGITS = 6  # of stored probabilities


class Comparison(NamedTuple):
    """What `compare` gives: the summary, and what it was made from."""

    table: pd.DataFrame
    cells: pd.DataFrame


def compare(methods, X, y, *, groups=None, test=None, cv=5, seeds=(0, 1, 2), baseline=None, rare=None,
            path=None, n_boot=1000, verbose=0):
    """Train every method with every seed on every split, and say which is better, by how much, at what cost.

    Parameters
    ----------
    methods : dict of str to classifier
        Name -> estimator with ``predict_proba``: an `imblearn.pipeline.Pipeline` with a sampler, a network
        with a loss of its own, anything. Clones are trained; a seed is set as each ``random_state`` in them.
    X, y : arrays of shape (n, ...) and (n,)
    groups : array of shape (n,), optional
        The person of each row: folds and intervals then go by people, and methods whose ``fit`` takes groups
        are told.
    test : tuple (X_test, y_test) or (X_test, y_test, groups_test), optional
        An official test set, instead of folds. Read it once: choose methods and options inside X.
    cv : int, splitter or iterable
        Number of stratified folds (the same for all seeds), or how to split.
    seeds : sequence of int
        At least three tell luck from skill.
    baseline : str, optional
        The method all others are compared with; by default the first.
    rare : sequence of labels, optional
        The rare classes; by default the smallest one.
    path : str or Path, optional
        Folder in which every finished cell (method, seed, split) is kept as JSON; it is made if need be.
        Cells that lie there from a run with the same options and data are not trained again. Code is not
        part of their key: after a change of a method's code take another folder.
    n_boot : int
        Bootstrap draws for intervals and p.
    verbose : int
        1 shows a progress bar over cells.

    Returns
    -------
    Comparison (table, cells)
        ``table``, a row for each method and metric (macro-F1, balanced accuracy, accuracy; rare recall, the
        share of rows of rare classes that is found): ``value``, ``low``, ``high`` over all seeds and test
        rows together; ``difference``, ``difference_low``, ``difference_high`` to the baseline; ``p`` of its
        being none and ``q``, p corrected for the number of methods (Benjamini and Hochberg 1995); ``won``,
        the share of cells in which it beats the baseline; ``seconds``, the mean time a cell took.
        ``cells``: each cell's metrics and seconds.

    Raises
    ------
    ValueError
        A leaking split, a class that a split does not train on or nobody is tested on, an unknown baseline or
        rare class, a damaged file in `path`.

    Notes
    -----
    Intervals come from drawing test rows (with groups: people); all seeds' answers for a row are drawn
    together, because more seeds make no new rows. They do not know how results vary with the training set.
    """
    X, y, groups, splits = _splits(X, y, groups, test, cv)
    classes, codes = np.unique(y, return_inverse=True)
    for number, (train, held) in enumerate(splits):
        _check_split(number, train, held, groups, codes, classes)
    tested = np.unique(codes[np.concatenate([held for _, held in splits])])
    if len(tested) < len(classes):
        untested = np.delete(classes, tested).tolist()
        raise ValueError(f"No test row is of class {untested}: its recall is unknown. Use other splits, or "
                         "leave these classes out.")
    rare = [classes[np.bincount(codes).argmin()]] if rare is None else list(rare)
    if not rare or not set(rare) <= set(classes.tolist()):
        raise ValueError(f"rare={rare} must name classes of y; it holds {classes.tolist()}.")
    is_rare = np.isin(y, rare)
    baseline = next(iter(methods)) if baseline is None else baseline
    if baseline not in methods:
        raise ValueError(f"baseline={baseline!r} is none of the methods; they are {list(methods)}.")
    data = _digest(X, y)
    plan = [(name, int(seed), number) for seed in seeds for number in range(len(splits)) for name in methods]
    if verbose:
        from tqdm.auto import tqdm

        plan = tqdm(plan, desc="cells", unit="cell")
    cells = []
    for name, seed, number in plan:
        train, held = splits[number]
        estimator, people = _seeded(methods[name], seed), {}
        if groups is not None and has_fit_parameter(getattr(estimator, "estimator", estimator), "groups"):
            people = {"groups": groups[train]}  # a network then holds whole people out to stop its training
        file = None
        if path is not None:
            rows = _digest(train, held, *people.values())
            key = hashlib.sha256(repr((_recipe(estimator), data, rows)).encode()).hexdigest()
            Path(path).mkdir(parents=True, exist_ok=True)
            letters = "".join(c if c.isalnum() else "-" for c in name)
            file = Path(path) / f"{letters}-seed{seed}-split{number}-{key[:12]}.json"
        cell = _read(file, len(held)) or _run(estimator, X, y, train, held, people, classes, file)
        proba = np.array(cell["proba"])
        cells.append({"method": name, "seed": seed, "split": number, "seconds": cell["seconds"], "rows": held,
                      "proba": proba, **_metrics(codes[held], proba, is_rare[held])})
    cells = pd.DataFrame(cells)
    units = np.arange(len(y)) if groups is None else groups
    table = _summary(cells, list(methods), baseline, codes, units, is_rare, n_boot)
    return Comparison(table, cells.drop(columns=["rows", "proba"]))


def _splits(X, y, groups, test, cv):
    """The data with the test set behind, and the splits as pairs of row numbers."""
    X, y = np.asarray(X), np.asarray(y)
    if len(X) != len(y) or y.ndim != 1:
        raise ValueError(f"X has {len(X)} rows, y the shape {y.shape}: give one label a row.")
    n = len(y)
    groups = None if groups is None else np.asarray(groups)
    if groups is not None and groups.shape != y.shape:
        raise ValueError(f"groups must have the shape {y.shape} like y, not {groups.shape}.")
    if test is not None:
        X, y = np.concatenate([X, test[0]]), np.concatenate([y, test[1]])
        if groups is not None:
            if len(test) < 3:
                raise ValueError("test lacks the people of its rows: give (X_test, y_test, groups_test), or "
                                 "leave groups out.")
            groups = np.concatenate([groups, test[2]])
        return X, y, groups, [(np.arange(n), np.arange(n, len(y)))]
    if isinstance(cv, Integral):
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
        cv = kind(int(cv), shuffle=True, random_state=0)
    elif not isinstance(cv, Iterable) and not hasattr(cv, "split"):
        raise ValueError(f"cv={cv!r} must be a number of folds, a splitter, or pairs of row numbers.")
    return X, y, groups, list(check_cv(cv).split(X, y, groups))


def _check_split(number, train, held, groups, codes, classes):
    findings = evaluate.audit_split(train, held, groups=groups)
    leaks = findings[findings["severity"] == "leak"]
    if len(leaks):
        raise ValueError(f"Split {number} leaks ({leaks['check'].iloc[0]}: {leaks['detail'].iloc[0]}): keep "
                         "each row, and with groups each person, on one side (cv, test).")
    missing = np.setdiff1d(np.arange(len(classes)), codes[train])
    if len(missing):
        raise ValueError(f"Split {number} trains without class {classes[missing].tolist()}: use fewer folds, "
                         "or leave these classes out.")


def _seeded(estimator, seed):
    """A clone in which every random_state is the seed."""
    names = [name for name in estimator.get_params() if name.split("__")[-1] == "random_state"]
    return clone(estimator).set_params(**dict.fromkeys(names, seed))


def _recipe(estimator):
    """All options as text that is the same in every process."""
    options = {"": estimator, **estimator.get_params()}
    return sorted((name, _word(value)) for name, value in options.items() if name.split("__")[-1] != "steps")


def _word(value):
    if isinstance(value, dict):
        return repr([(name, _word(entry)) for name, entry in value.items()])
    if isinstance(value, np.ndarray):
        return _digest(value)
    if isinstance(value, FrozenEstimator):  # trained: options do not tell which one it is
        made = value.sample(8, random_state=0) if hasattr(value, "sample") else pickle.dumps(value)
        return _digest(np.asarray(made))
    if hasattr(value, "get_params"):
        return type(value).__qualname__  # its options stand in the list themselves
    return getattr(value, "__qualname__", None) or repr(value)


def _digest(*arrays):
    key = hashlib.blake2b()
    for array in arrays:
        key.update(repr((array.dtype, array.shape)).encode())
        key.update(repr(array.tolist()).encode() if array.dtype == object else np.ascontiguousarray(array))
    return key.hexdigest()


def _run(estimator, X, y, train, held, people, classes, file):
    """Train and test one cell; keep it, whole or not at all."""
    began = time.perf_counter()
    estimator.fit(X[train], y[train], **people)
    proba = estimator.predict_proba(X[held])
    seconds = time.perf_counter() - began
    if not np.array_equal(estimator.classes_, classes):
        raise ValueError(f"{type(estimator).__name__} knows the classes {list(estimator.classes_)}, y holds "
                         f"{classes.tolist()}.")
    cell = {"seconds": round(seconds, 3), "proba": np.round(np.float64(proba), DIGITS).tolist()}
    if file is not None:
        part = file.with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(cell))
        os.replace(part, file)
    return cell


def _read(file, n):
    """A cell that was kept, or None."""
    if file is None or not file.exists():
        return None
    try:
        cell = json.loads(file.read_text())
        if len(cell["proba"]) == n and cell["seconds"] >= 0:
            return cell
    except (ValueError, LookupError, TypeError):
        pass
    raise ValueError(f"{file} is damaged: delete it, and its cell is trained again.")


def _metrics(y, proba, is_rare):
    guess = proba.argmax(axis=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a fold of few rows may lack a class
        return dict(zip(METRICS, (
            metrics.f1_score(y, guess, average="macro", zero_division=0),
            metrics.balanced_accuracy_score(y, guess), metrics.accuracy_score(y, guess),
            (guess == y)[is_rare].mean() if is_rare.any() else np.nan), strict=True))


def _summary(cells, methods, baseline, codes, units, is_rare, n_boot):
    def together(name):
        part = cells[cells["method"] == name]
        return np.concatenate(part["rows"].tolist()), np.concatenate(part["proba"].tolist())

    rows, base = together(baseline)
    y, unit, rare = codes[rows], units[rows], is_rare[rows]
    won_by = cells.set_index(["seed", "split"])
    usual = won_by[won_by["method"] == baseline]
    table = []
    for name in methods:
        proba = together(name)[1]
        own = won_by[won_by["method"] == name]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rows of rare classes alone lack the others
            # Among the rows of rare classes accuracy is their recall.
            values, gains = (
                {**dict(whole.iterrows()), METRICS[3]: few.loc["accuracy"]} for whole, few in (
                    [evaluate.scores(y[k], proba[k], range(proba.shape[1]), unit[k], n_boot=n_boot)
                     for k in (slice(None), rare)],
                    [evaluate.compare(y[k], base[k], proba[k], unit[k], n_boot=n_boot)
                     for k in (slice(None), rare)]))
        for metric in METRICS:
            row = {"method": name, "metric": metric, **values[metric][["value", "low", "high"]]}
            if name != baseline:
                gain = gains[metric]
                row |= {"difference": gain["difference"], "difference_low": gain["low"],
                        "difference_high": gain["high"], "p": gain["p"],
                        "won": (own[metric] > usual[metric]).mean()}
            table.append(row | {"seconds": own["seconds"].mean()})
    columns = ["method", "metric", "value", "low", "high", "difference", "difference_low", "difference_high",
               "p", "q", "won", "seconds"]
    table = pd.DataFrame(table).reindex(columns=columns)
    for metric in METRICS:
        known = (table["metric"] == metric) & table["p"].notna()
        if known.any():
            table.loc[known, "q"] = false_discovery_control(table.loc[known, "p"].astype(float))
    return table
