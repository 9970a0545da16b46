"""Scores of answers rather than probabilities, fast enough to follow a slider."""

import numpy as np
from scipy.stats import binomtest

from .scores import METRICS, _bootstrap, _interval, _of_confusion

QUICK_METRICS = METRICS[:3]  # the columns of quick_scores: accuracy, balanced accuracy, macro-F1


def wilson(k, n):
    """A share and its 95 % interval by Wilson: (value, low, high), NaN where n is 0."""
    if n == 0:
        return np.nan, np.nan, np.nan
    return k / n, *binomtest(int(k), int(n)).proportion_ci(method="wilson")


def quick_scores(y, said, groups=None, *, n_classes, shares=None, n_boot=300, random_state=0):
    """Scores of answers, and of the same answers in bootstrap draws.

    Two calls with the same `y`, `groups` and seed see the same draws: their difference is a paired one.

    Parameters
    ----------
    y, said : int arrays, shape (n,)
        Truth and answers, 0 to n_classes - 1.
    groups : array, shape (n,), optional
        The person of each row; people are then drawn instead of rows.
    n_classes : int
    shares : array, shape (n_classes,), optional
        Count the classes by these shares, not by their own.
    n_boot, random_state : int
        Draws (0 for none) and their seed.

    Returns
    -------
    float array, shape (1 + n_boot, 3)
        `QUICK_METRICS` of all rows first. NaN where a class is lacking, and in draws of a single person.

    Raises
    ------
    ValueError
        `y` and `said` differ in shape.
    """
    if np.shape(y) != np.shape(said):
        raise ValueError(f"y and said must have one shape: they have {np.shape(y)} and {np.shape(said)}.")
    cell = np.zeros((len(y), n_classes**2), dtype=np.float32)
    cell[np.arange(len(y)), np.asarray(y) * n_classes + np.asarray(said)] = 1

    def statistic(weight):
        confusion = (weight @ cell).reshape(-1, n_classes, n_classes).astype(float)
        if shares is not None:
            with np.errstate(all="ignore"):  # 0 / 0: a class that was not drawn
                confusion *= np.asarray(shares)[:, np.newaxis] / confusion.sum(2, keepdims=True)
        return _of_confusion(confusion)

    return _with_draws(statistic, len(y), groups, n_boot, random_state)


def _with_draws(statistic, n, groups, n_boot, random_state):
    once = statistic(np.ones((1, n), dtype=np.float32))
    return np.vstack([once, _bootstrap(statistic, n, groups, n_boot, random_state)]) if n_boot else once


def ends(draws):
    """(value, low, high) of each column: the first row, and the others' 95 % interval, NaN if most are."""
    return [(column[0], *_interval(column[1:])) for column in draws.T]


def yes_no_rates(positive, said, groups=None, *, n_boot=300, random_state=0):
    """Of yes-or-no answers: recall, precision, false alarm rate, accuracy and balanced accuracy.

    Parameters
    ----------
    positive, said : bool arrays, shape (n,)
        Truth and answers.
    groups : array, shape (n,), optional
        The person of each row. Intervals then come from drawing people; without groups they are Wilson's,
        for the balanced accuracy that of Newcombe (1998) for two independent shares.
    n_boot, random_state : int

    Returns
    -------
    dict of str to (value, low, high)
        NaN where there is nothing to count.

    Raises
    ------
    ValueError
        `positive` or `said` is no bool array (of numbers, `~` is no "not"), or they differ in shape.
    """
    positive, said = np.asarray(positive), np.asarray(said)
    if positive.dtype != bool or said.dtype != bool or positive.shape != said.shape:
        raise ValueError("positive and said must be bool arrays of one shape: they are "
                         f"{positive.dtype} {positive.shape} and {said.dtype} {said.shape}.")
    names = "recall", "precision", "false alarm rate", "accuracy", "balanced accuracy"
    hit, negative, passed = said & positive, ~positive, ~said & ~positive
    right = np.stack([hit, hit, said & negative, said == positive, passed], axis=1)
    among = np.stack([positive, said, negative, positive | negative, negative], axis=1)
    if groups is None:
        rates = np.array([wilson(*pair) for pair in zip(right.sum(0), among.sum(0), strict=True)])
        reach = np.hypot(*(rates[[0, 4], 1:] - rates[[0, 4], :1])) / 2
        rates[4] = rates[[0, 4], 0].mean() + np.array([0, -reach[0], reach[1]])
        return dict(zip(names, map(tuple, rates), strict=True))

    def shares(weight):
        with np.errstate(invalid="ignore"):
            share = (weight @ right) / (weight @ among)
        share[:, 4] = (share[:, 0] + share[:, 4]) / 2
        return share

    return dict(zip(names, ends(_with_draws(shares, len(said), groups, n_boot, random_state)), strict=True))
