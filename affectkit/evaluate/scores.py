"""Scores with what it takes to believe them: an interval, a baseline, and what careful work reaches.

Intervals are 95 % percentile bootstrap intervals. With `groups`, whole people are drawn instead of rows:
windows of one heart or pictures of one face are no independent witnesses, and an interval that counts them
as such is far too narrow.

Resampling is done with weights: drawing rows with replacement is counting how often each was drawn. So a
thousand confusion matrices are one matrix product, and a thousand AUCs one cumulative sum.
"""

import tomllib
import warnings
from functools import cache
from importlib.resources import files
from numbers import Integral

import numpy as np
import pandas as pd
from scipy.stats import rankdata
from sklearn import metrics

__all__ = [
    "scores",
    "per_class",
    "calibration",
    "calibration_error",
    "slices",
    "label_auc",
    "per_person_auc",
    "mean_interval",
    "compare",
    "credible_band",
    "credible_bands",
]

METRICS = ("accuracy", "balanced accuracy", "macro-F1", "AUC", "kappa")
PER_PERSON = "AUC per person"


def _check(y, proba, names=None, groups=None, *, name="proba"):
    """Return y, proba and groups as arrays that fit together, or raise ValueError naming the argument."""
    y, proba = np.asarray(y), np.asarray(proba, dtype=float)
    if proba.ndim != 2 or y.ndim != 1 or len(y) != len(proba):
        raise ValueError(
            f"{name} must have shape (n, classes) and y (n,); they are {proba.shape} and {y.shape}."
        )
    if len(y) == 0:
        raise ValueError("y is empty: there is nothing to score.")
    n_classes = proba.shape[1]
    if n_classes < 2:
        raise ValueError(f"{name} has one column; give a column for each class (binary: 1 - p and p).")
    if names is not None and len(names) != n_classes:
        raise ValueError(f"names has {len(names)} entries, {name} has {n_classes} columns.")
    if not np.issubdtype(y.dtype, np.integer) or y.min() < 0 or y.max() >= n_classes:
        raise ValueError(f"y must hold whole numbers from 0 to {n_classes - 1}, the columns of {name}.")
    bad = np.flatnonzero(~np.isfinite(proba).all(axis=1))
    if len(bad):
        raise ValueError(
            f"{name} holds NaN or infinite values in {len(bad)} rows, the first is row {bad[0]}."
        )
    bad = np.flatnonzero((np.abs(proba.sum(axis=1) - 1) > 1e-3) | (proba < -1e-6).any(axis=1))
    if len(bad):
        raise ValueError(
            f"{name} is negative or does not sum to 1 in {len(bad)} rows, the first is row {bad[0]}."
        )
    if n_classes > 2 and not np.allclose(proba.sum(axis=1), 1):
        proba = proba / proba.sum(
            axis=1, keepdims=True
        )  # scikit-learn is stricter about rounding than we are
    if groups is not None:
        groups = np.asarray(groups)
        if groups.shape != y.shape:
            raise ValueError(f"groups must have shape {y.shape} like y, not {groups.shape}.")
        groups = None if all(person is None for person in groups) else groups.astype(str)
    return y, proba, groups


# ---------------------------------------------------------------------------------------------- point values


def _points(y, proba):
    """The five metrics by scikit-learn; NaN where a class of `proba` never occurs in `y`."""
    labels = np.arange(proba.shape[1])
    guess = proba.argmax(axis=1)
    values = dict.fromkeys(METRICS, np.nan)
    values["accuracy"] = metrics.accuracy_score(y, guess)
    if len(np.unique(y)) > 1:
        values["kappa"] = metrics.cohen_kappa_score(y, guess, labels=labels)
    if len(np.unique(y)) == len(labels):
        values["balanced accuracy"] = metrics.balanced_accuracy_score(y, guess)
        values["macro-F1"] = metrics.f1_score(y, guess, labels=labels, average="macro", zero_division=0)
        values["AUC"] = (
            metrics.roc_auc_score(y, proba[:, 1])
            if len(labels) == 2
            else metrics.roc_auc_score(y, proba, multi_class="ovr", labels=labels)
        )
    return values


def _warn_absent(y, proba, names):
    absent = [str(names[k]) for k in np.setdiff1d(np.arange(proba.shape[1]), y)]
    if absent:
        warnings.warn(
            f"no row of y is of class {', '.join(absent)}: its recall and means over classes are NaN.",
            stacklevel=3,
        )


# ---------------------------------------------------------------------------------------------- bootstrap


def _weights(n, groups, n_boot, rng):
    """How often each row was drawn: array (n_boot, n). With groups, a person's rows are drawn together."""
    units, unit_of_row = (
        (n, np.arange(n))
        if groups is None
        else (len(np.unique(groups)), np.unique(groups, return_inverse=True)[1])
    )
    drawn = rng.integers(units, size=(n_boot, units)) + units * np.arange(n_boot)[:, np.newaxis]
    counts = np.bincount(drawn.ravel(), minlength=n_boot * units).reshape(n_boot, units)
    return counts.astype(np.float32)[:, unit_of_row]


def _weighted_auc(positive, score, weight):
    """Area under the ROC curve for each row of `weight`, ties counted half."""
    order = np.argsort(score, kind="stable")
    score, positive, weight = score[order], positive[order], weight[:, order]
    below = np.concatenate(
        [np.zeros((len(weight), 1)), np.cumsum(weight * ~positive, axis=1, dtype=float)], axis=1
    )
    first, last = (
        np.searchsorted(score, score[positive], "left"),
        np.searchsorted(score, score[positive], "right"),
    )
    won = (weight[:, positive] * (below[:, first] + below[:, last]) / 2).sum(axis=1)
    with np.errstate(all="ignore"):
        return won / (weight[:, positive].sum(axis=1, dtype=float) * below[:, -1])


def _weighted(y, proba, weight):
    """The five metrics for each row of `weight`: array (draws, 5); NaN where a draw lacks a class."""
    n_classes = proba.shape[1]
    cell = np.zeros((len(y), n_classes * n_classes), dtype=np.float32)
    cell[np.arange(len(y)), y * n_classes + proba.argmax(axis=1)] = 1
    confusion = (weight @ cell).reshape(-1, n_classes, n_classes).astype(float)
    of_labels = _of_confusion(confusion)
    accuracy, support, guessed = of_labels[:, 0], confusion.sum(2), confusion.sum(1)
    with np.errstate(all="ignore"):
        chance = (support * guessed).sum(1) / support.sum(1) ** 2
        kappa = (accuracy - chance) / (1 - chance)
    columns = [1] if n_classes == 2 else range(n_classes)
    auc = np.mean([_weighted_auc(y == k, proba[:, k], weight) for k in columns], axis=0)
    return np.column_stack([of_labels, auc, kappa])


def _of_confusion(confusion):
    """accuracy, balanced accuracy, macro-F1 of counts (draws, truth, guess): (draws, 3)."""
    support, guessed, hit = confusion.sum(2), confusion.sum(1), np.einsum("bkk->bk", confusion)
    with np.errstate(all="ignore"):
        accuracy = hit.sum(1) / support.sum(1)
        balanced = (hit / support).mean(1)  # 0 / 0 = NaN: a class that was not drawn has no recall
        f1 = np.where(support > 0, 2 * hit / (support + guessed), np.nan).mean(1)
    return np.stack([accuracy, balanced, f1], axis=1)


def _bootstrap(statistic, n, groups, n_boot, random_state):
    """``statistic(weight)`` of every draw: array (n_boot, ...); all NaN if the rows are one person's."""
    if groups is not None and len(np.unique(groups)) < 2:
        warnings.warn("all rows are one person's: intervals over people are unknown (NaN)", stacklevel=4)
        return np.full_like(statistic(np.ones((1, n), dtype=np.float32)), np.nan)
    rng = np.random.default_rng(random_state)
    chunk = max(1, min(n_boot, 4_000_000 // n))  # keeps the weights below 16 MB
    starts = range(0, n_boot, chunk)
    return np.concatenate(
        [statistic(_weights(n, groups, min(chunk, n_boot - start), rng)) for start in starts]
    )


def _draws(y, probas, groups, n_boot, random_state):
    """Bootstrap every metric of several classifiers on the same draws: array (classifiers, n_boot, 5)."""

    def statistic(weight):
        return np.stack([_weighted(y, proba, weight) for proba in probas], axis=1)

    return _bootstrap(statistic, len(y), groups, n_boot, random_state).swapaxes(0, 1)


def _mean_draws(values, n_boot, random_state):
    """Bootstrap the mean over people of `values` (people,) or (people, k)."""
    rng = np.random.default_rng(random_state)
    return values[rng.integers(len(values), size=(n_boot, len(values)))].mean(axis=1)


def _interval(draws):
    """95 % percentile interval; NaN if most draws are undefined."""
    defined = np.isfinite(draws)
    draws = draws[defined] if 2 * defined.sum() > len(draws) else np.array([np.nan])
    return np.percentile(draws, [2.5, 97.5])


# ---------------------------------------------------------------------------------------------- the public
# functions


def scores(y, proba, names, groups=None, *, n_boot=1000, random_state=0, dataset=None, method=None):
    """Score probabilities against the truth, with intervals, the majority baseline and the credible band.

    Parameters
    ----------
    y : int array, shape (n,)
        True classes, 0 .. len(names) - 1.
    proba : array, shape (n, classes)
        Predicted probabilities; every row sums to one. The guess is the most probable class.
    names : sequence of str
        Class names, in the order of the columns.
    groups : array, shape (n,), optional
        The person of each row. Intervals then come from drawing people, and with two classes a row "AUC per
        person" is added: the mean of the AUCs within each person, over the people who show both classes.
    n_boot : int
        Bootstrap draws.
    random_state : int
    dataset, method : str, optional
        Fills the column `band` from `credible_band`.

    Returns
    -------
    pandas.DataFrame, indexed by metric
        ``value``, ``low``, ``high`` (95 % interval), ``baseline`` (the same metric for always guessing the
        most frequent class) and ``band`` (text). AUC is the mean over classes, each against the rest; for
        two classes that of the second one.

    Warns
    -----
    UserWarning
        If a class never occurs in `y`: means over classes are then NaN rather than invented. If all rows
        are one person's: the intervals are then NaN.
    """
    y, proba, groups = _check(y, proba, names, groups)
    _warn_absent(y, proba, names)
    majority = np.zeros_like(proba)
    majority[:, np.bincount(y).argmax()] = 1
    baseline = _points(y, majority)
    draws = dict(zip(METRICS, _draws(y, [proba], groups, n_boot, random_state)[0].T, strict=True))
    values = _points(y, proba)
    if groups is not None and proba.shape[1] == 2:
        people = per_person_auc(y, proba[:, 1], groups).dropna().to_numpy()
        if len(people) > 1:
            values[PER_PERSON], baseline[PER_PERSON] = people.mean(), 0.5
            draws[PER_PERSON] = _mean_draws(people, n_boot, random_state)
    rows = []
    for metric, value in values.items():
        low, high = _interval(draws[metric]) if np.isfinite(value) else (np.nan, np.nan)
        band = _band_text(dataset, method, metric)
        rows.append(
            {
                "metric": metric,
                "value": value,
                "low": low,
                "high": high,
                "baseline": baseline[metric],
                "band": band,
            }
        )
    return pd.DataFrame(rows).set_index("metric")


def per_class(y, proba, names):
    """Precision, recall, F1 and support of every class.

    Parameters
    ----------
    y, proba, names : as in `scores`

    Returns
    -------
    pandas.DataFrame, indexed by class name
        ``precision`` is NaN for a class that was never guessed, ``recall`` and ``f1`` for one that never
        occurs.
    """
    y, proba, _ = _check(y, proba, names)
    _warn_absent(y, proba, names)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        y, proba.argmax(axis=1), labels=np.arange(proba.shape[1]), zero_division=np.nan
    )
    table = pd.DataFrame(
        {"precision": precision, "recall": recall, "f1": f1, "support": support}, index=list(names)
    )
    table.loc[table["support"] == 0, "f1"] = np.nan
    return table


def _sure(y, proba, n_bins):
    """Of the guesses: confidence (n,), hit (n,) and bin (n,), bins numbered from the least sure."""
    if not isinstance(n_bins, Integral) or n_bins < 1:
        raise ValueError(f"n_bins must be a whole number above zero, not {n_bins!r}.")
    confidence = proba.max(axis=1)
    edges = np.unique(np.quantile(confidence, np.arange(1, n_bins) / n_bins))
    place = np.unique(np.searchsorted(edges, confidence, side="right"), return_inverse=True)[1]
    return confidence, (proba.argmax(axis=1) == y).astype(float), place


def calibration(y, proba, groups=None, *, n_bins=10, n_boot=1000, random_state=0):
    """Is it right as often as it is sure? A reliability table of the guesses.

    The bins hold equally many rows (equal confidences stay together), so that each accuracy is known about
    equally well; bins of equal width leave hardly a row in some, and their accuracies to chance.

    Parameters
    ----------
    y : int array, shape (n,)
    proba : array, shape (n, classes)
        The largest of a row is the confidence of its guess.
    groups : array, shape (n,), optional
        The person of each row; intervals then come from drawing people.
    n_bins : int
        At most so many bins; fewer where many confidences are equal.
    n_boot : int
        Bootstrap draws.
    random_state : int

    Returns
    -------
    pandas.DataFrame, a row a bin, from the least sure
        ``n``, ``confidence`` (its mean), ``accuracy``, ``low`` and ``high`` (95 % interval of the accuracy).

    References
    ----------
    Guo et al. (2017), "On calibration of modern neural networks".
    """
    y, proba, groups = _check(y, proba, None, groups)
    confidence, hit, place = _sure(y, proba, n_bins)
    inside = np.eye(place.max() + 1, dtype=np.float32)[place]  # (n, bins)

    def accuracy(weight):
        with np.errstate(invalid="ignore"):  # a draw may leave a bin empty
            return (weight @ (inside * hit[:, np.newaxis])) / (weight @ inside)

    draws = _bootstrap(accuracy, len(y), groups, n_boot, random_state)
    n = np.bincount(place)
    table = pd.DataFrame(dict(n=n, confidence=np.bincount(place, confidence) / n))
    table["accuracy"] = np.bincount(place, hit) / n
    table[["low", "high"]] = [_interval(draw) for draw in draws.T]
    return table.rename_axis("bin")


def calibration_error(y, proba, groups=None, *, n_bins=10, n_boot=1000, random_state=0):
    """How far confidence and accuracy lie apart, on average over all guesses (ECE), in the same bins.

    It is biased upwards: bins of few rows miss their confidence by chance, however true it is. ``floor`` says
    by how much. The bootstrap adds that bias a second time, so its interval is mirrored at the value (the
    "basic" interval), which takes it out again, and cut off at 0. On simulated probabilities that were too
    sure it held the true error in 84 to 91 of 100 sets (500 and 3,000 rows), the percentile interval in 10 to
    95. Near the floor only one thing is known: that the error is small.

    Parameters
    ----------
    y, proba, groups, n_bins, n_boot, random_state
        As for `calibration`.

    Returns
    -------
    pandas.Series
        ``value``, ``low``, ``high`` (95 % interval) and ``floor``: the mean of what these confidences would
        get, were each of them exactly the chance of being right, and rows independent.

    References
    ----------
    Naeini et al. (2015); Guo et al. (2017). Floor: the consistency resampling of Bröcker & Smith (2007).
    """
    y, proba, groups = _check(y, proba, None, groups)
    confidence, hit, place = _sure(y, proba, n_bins)
    inside = np.eye(place.max() + 1, dtype=np.float32)[place]

    def error(weight, hit=hit):  # (draws, n) => (draws,): a bin counts by what it holds
        return np.abs((weight * (hit - confidence)) @ inside).sum(axis=1) / weight.sum(axis=1)

    once = np.ones((1, len(y)))
    value = error(once)[0]
    low, high = _interval(2 * value - _bootstrap(error, len(y), groups, n_boot, random_state))
    chance = np.random.default_rng(random_state).random((100, len(y)))
    floor = error(once, chance < confidence).mean()
    return pd.Series(dict(value=value, low=max(low, 0), high=max(high, 0), floor=floor), name="ECE")


def slices(y, proba, by, groups=None, *, n_boot=2000, random_state=0):
    """Who is it worse for? Accuracy on each part of the rows, and how far it lies from that on the rest.

    Of many slices some differ by chance: p is corrected by Holm's method for the number of rows of the table
    (a yes-or-no attribute counts twice, which errs on the safe side). A difference is no cause: slices may
    also differ in their mix of classes (then look at balanced accuracy) and in what else goes with them.

    Parameters
    ----------
    y : int array, shape (n,)
    proba : array, shape (n, classes)
    by : pandas.Series, pandas.DataFrame or dict of str to array (n,)
        A category for each row, by position: one attribute or several. Numbers go into ranges first, by
        ``pandas.cut``.
    groups : array, shape (n,), optional
        The person of each row; needed wherever rows share people.
    n_boot : int
        Bootstrap draws.
    random_state : int

    Returns
    -------
    pandas.DataFrame, indexed by attribute and value
        ``n``, ``accuracy``, ``low``, ``high`` (95 % interval), ``balanced accuracy`` (NaN where a class is
        lacking), ``difference`` (accuracy less that of all other rows; NaN if there are none), ``difference
        low``, ``difference high`` and ``p`` (two-sided, the bootstrap's, corrected).

    Raises
    ------
    ValueError
        A wrong length, a missing category (it is no category of its own unless it is named so), or a slice of
        a single row.

    References
    ----------
    Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    y, proba, groups = _check(y, proba, None, groups)
    parts = _parts(by, len(y))
    guess = proba.argmax(axis=1)
    hit = (guess == y).astype(np.float32)[:, np.newaxis]
    inside = np.stack(list(parts.values()), axis=1).astype(np.float32)

    def means(weight):  # (draws, 2, slices): of the slice, and of the rest
        with np.errstate(invalid="ignore"):
            right = [weight @ (side * hit) / (weight @ side) for side in (inside, 1 - inside)]
        return np.stack(right, axis=1)

    accuracy, rest = means(np.ones((1, len(y)), dtype=np.float32))[0].astype(float)
    draws = _bootstrap(means, len(y), groups, n_boot, random_state)
    rows = []
    for k, mask in enumerate(parts.values()):
        difference = draws[:, 0, k] - draws[:, 1, k]
        low, high = _interval(difference)
        whole = len(np.unique(y[mask])) == proba.shape[1]
        balanced = metrics.balanced_accuracy_score(y[mask], guess[mask]) if whole else np.nan
        p = _p(difference) if np.isfinite(low) else np.nan
        of_slice = mask.sum(), accuracy[k], *_interval(draws[:, 0, k]), balanced
        rows.append((*of_slice, accuracy[k] - rest[k], low, high, p))
    columns = ["n", "accuracy", "low", "high", "balanced accuracy"]
    columns += ["difference", "difference low", "difference high", "p"]
    index = pd.MultiIndex.from_tuples(parts, names=["attribute", "value"])
    table = pd.DataFrame(rows, index=index, columns=columns)
    return table.assign(p=_holm(table["p"].to_numpy()))


def _parts(by, n):
    """(attribute, value) -> mask of its rows, in the order of a categorical, else sorted."""
    if isinstance(by, pd.Series):
        by = {by.name or "slice": by}
    parts = {}
    for name, column in by.items():
        column = pd.Series(getattr(column, "array", column))
        if len(column) != n:
            raise ValueError(f"by[{name!r}] has {len(column)} rows, y has {n}.")
        if column.isna().any():
            raise ValueError(
                f'by[{name!r}] is missing in {column.isna().sum()} rows: name them, as by fillna("unknown"), '
                "or leave them out."
            )
        for value in column.astype("category").cat.remove_unused_categories().cat.categories:
            mask = (column == value).to_numpy()
            if mask.sum() < 2:
                raise ValueError(
                    f"by[{name!r}] has a single row of {value!r}: merge it with another; numbers go into "
                    "ranges by pandas.cut."
                )
            parts[name, value] = mask
    if not parts:
        raise ValueError("by names no attribute: give a category for each row.")
    return parts


def _p(difference):
    """Two-sided p of a difference from its bootstrap draws; a draw may lack a class, or all of a slice."""
    defined = difference[np.isfinite(difference)]
    side = min((defined <= 0).sum(), (defined >= 0).sum())
    return min(1.0, 2 * (side + 1) / (len(defined) + 1))


def _holm(p):
    """Holm's correction; NaN is no test."""
    order = np.argsort(p)[: np.isfinite(p).sum()]  # NaN last
    corrected = np.full(len(p), np.nan)
    corrected[order] = np.minimum(1, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return corrected


def label_auc(Y, scores):
    """Area under the ROC curve of each label: NaN, never 0.5, where it is undefined.

    Parameters
    ----------
    Y : array of shape (n, k)
        0 or 1 for each label.
    scores : array of shape (n, k)
        Decision values or probabilities; NaN where there are none.

    Returns
    -------
    ndarray of shape (k,)
        NaN for a label that is 0 or 1 in all rows, and for one whose scores are not all known.

    Examples
    --------
    >>> from affectkit.evaluate import label_auc
    >>> label_auc([[0, 1], [1, 1], [0, 1]], [[0.1, 0.5], [0.9, 0.5], [0.2, 0.5]]).tolist()
    [1.0, nan]
    """
    Y, scores = np.asarray(Y), np.asarray(scores, dtype=float)
    if Y.ndim != 2 or Y.shape != scores.shape or not np.isin(Y, (0, 1)).all():
        raise ValueError(f"Y and scores must have one shape (n, labels), and Y hold 0 and 1 alone; they have "
                         f"{Y.shape} and {scores.shape}.")
    known = [len(np.unique(y)) == 2 and not np.isnan(s).any() for y, s in zip(Y.T, scores.T, strict=True)]
    return np.array(
        [metrics.roc_auc_score(Y[:, k], scores[:, k]) if there else np.nan for k, there in enumerate(known)]
    )


def per_person_auc(y, score, groups):
    """Area under the ROC curve within each person: is the score higher when *this* person is in class 1?

    Parameters
    ----------
    y : int array, shape (n,)
        0 or 1.
    score : array, shape (n,)
        Higher means class 1; any scale.
    groups : array, shape (n,)
        The person of each row.

    Returns
    -------
    pandas.Series, indexed by person
        NaN for a person who shows one class only.
    """
    y, score, groups = np.asarray(y), np.asarray(score, dtype=float), np.asarray(groups)
    if not (y.shape == score.shape == groups.shape and y.ndim == 1):
        raise ValueError(
            f"y, score and groups must have one shape: they have {y.shape}, {score.shape}, {groups.shape}."
        )
    if not np.isin(y, (0, 1)).all():
        raise ValueError("y must hold 0 and 1 only: a per-person AUC needs two classes.")
    if not np.isfinite(score).all():
        raise ValueError("score holds NaN or infinite values.")

    def auc(person):
        positive = person["y"].to_numpy() == 1
        n1, n0 = positive.sum(), (~positive).sum()
        if n1 == 0 or n0 == 0:
            return np.nan
        return (rankdata(person["score"])[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0)

    frame = pd.DataFrame({"y": y, "score": score})
    return pd.Series(
        {name: auc(person) for name, person in frame.groupby(groups.astype(str))}, name="AUC", dtype=float
    )


def mean_interval(values, *, n_boot=2000, random_state=0):
    """Mean of one value a person (an AUC, a gain), with its 95 % interval from drawing people.

    Parameters
    ----------
    values : array, shape (people,)
        NaN is left out.

    Returns
    -------
    (mean, low, high) : floats
    """
    values = np.asarray(values, dtype=float)
    values = values[np.isfinite(values)]
    if len(values) < 2:
        raise ValueError(f"values has {len(values)} usable entries: an interval needs at least two people.")
    low, high = _interval(_mean_draws(values, n_boot, random_state))
    return float(values.mean()), float(low), float(high)


def compare(y, proba_a, proba_b, groups=None, *, n_boot=2000, random_state=0):
    """Is b better than a? Both are scored on the same draws, so that what is hard for both cancels.

    With `groups`, people are drawn instead of rows.

    Parameters
    ----------
    y : int array, shape (n,)
    proba_a, proba_b : arrays, shape (n, classes)
        Probabilities of the two classifiers for the same rows.
    groups : array, shape (n,), optional
        The person of each row; needed wherever rows share people.
    n_boot : int
        Bootstrap draws, and random sign flips where people are too many to try all.
    random_state : int

    Returns
    -------
    pandas.DataFrame, indexed by metric
        ``a``, ``b``, ``difference`` (b - a), ``low``, ``high`` (95 % interval of the difference) and ``p``
        (two-sided). p is the bootstrap's; for "AUC per person" (two classes, with groups) it is a sign-flip
        test: were the two equally good, each person's difference could as well have had the other sign.
    """
    y, proba_a, groups = _check(y, proba_a, None, groups, name="proba_a")
    y, proba_b, _ = _check(y, proba_b, None, None, name="proba_b")
    if proba_a.shape != proba_b.shape:
        raise ValueError(f"proba_a and proba_b differ in shape: {proba_a.shape} and {proba_b.shape}.")
    a, b = _points(y, proba_a), _points(y, proba_b)
    draws_a, draws_b = _draws(y, [proba_a, proba_b], groups, n_boot, random_state)
    rows = []
    for k, metric in enumerate(METRICS):
        difference = draws_b[:, k] - draws_a[:, k]
        low, high = _interval(difference) if np.isfinite(a[metric]) else (np.nan, np.nan)
        p = _p(difference) if np.isfinite(low) else np.nan
        rows.append((metric, a[metric], b[metric], b[metric] - a[metric], low, high, p))
    if groups is not None and proba_a.shape[1] == 2:
        people = pd.DataFrame(
            {k: per_person_auc(y, p[:, 1], groups) for k, p in (("a", proba_a), ("b", proba_b))}
        ).dropna()
        if len(people) > 1:
            gain = (people["b"] - people["a"]).to_numpy()
            low, high = _interval(_mean_draws(gain, n_boot, random_state))
            mean_a, mean_b = people.mean()
            rows.append(
                (PER_PERSON, mean_a, mean_b, gain.mean(), low, high, _sign_flip(gain, n_boot, random_state))
            )
    return pd.DataFrame(rows, columns=["metric", "a", "b", "difference", "low", "high", "p"]).set_index(
        "metric"
    )


def _sign_flip(gain, n_flips, random_state):
    """Two-sided p of a mean of 0, by flipping the sign of each person's gain (all flips if they are few)."""
    n = len(gain)
    if 2**n <= n_flips:
        signs = 1 - 2 * ((np.arange(2**n)[:, np.newaxis] >> np.arange(n)) & 1)
        return float((np.abs(signs @ gain) >= abs(gain.sum()) - 1e-12).mean())
    signs = np.random.default_rng(random_state).choice([-1, 1], size=(n_flips, n))
    return float(((np.abs(signs @ gain) >= abs(gain.sum()) - 1e-12).sum() + 1) / (n_flips + 1))


# ---------------------------------------------------------------------------------------------- credible
# bands


@cache
def _bands():
    return pd.DataFrame(
        tomllib.loads((files(__package__) / "bands.toml").read_text(encoding="utf-8"))["band"]
    )


def credible_bands():
    """All credible bands: DataFrame of dataset, method, metric, low, high (fractions of 1) and source."""
    return _bands().copy()


def credible_band(dataset, method=None):
    """What careful work reaches on a data set; a score far above it is a reason to look for a leak.

    Parameters
    ----------
    dataset : str
        A name of `affectkit.datasets`.
    method : str, optional
        A method of `credible_bands`; without one, the data set's usual yardstick.

    Returns
    -------
    (low, high, source) : (float, float, str)
        Fractions of 1; `source` says which metric they are of.

    Raises
    ------
    ValueError
        If there is no such band.
    """
    bands = _bands()
    found = bands[bands["dataset"] == dataset]
    if found.empty:
        raise ValueError(
            f"no credible band is known for {dataset!r}; there are {', '.join(bands['dataset'].unique())}."
        )
    chosen = found if method is None else found[found["method"] == method]
    if chosen.empty:
        raise ValueError(f"{dataset} has no band for method {method!r}; it has {', '.join(found['method'])}.")
    band = chosen.iloc[0]
    return float(band["low"]), float(band["high"]), f"{band['metric']}: {band['source']}"


def _band_text(dataset, method, metric):
    """The band as text for one row of `scores`, empty where none is known for that metric."""
    if dataset is None:
        return ""
    bands = _bands()
    found = bands[(bands["dataset"] == dataset) & (bands["metric"] == metric)]
    found = found if method is None else found[found["method"] == method]
    if found.empty:
        return ""
    band = found.iloc[0]
    return f"{band['low']:.2f}-{band['high']:.2f} ({band['source']})"
