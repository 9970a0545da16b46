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
    n_boot : int
        Draws; 0 for none.
    random_state : int

    Returns
    -------
    float array, shape (1 + n_boot, 3)
        `QUICK_METRICS` of all rows first. NaN where a class is lacking, and in all draws if the rows are one
        person's.
    """
    cell = np.zeros((len(y), n_classes**2), dtype=np.float32)
    cell[np.arange(len(y)), np.asarray(y) * n_classes + np.asarray(said)] = 1

    def statistic(weight):
        confusion = (weight @ cell).reshape(-1, n_classes, n_classes).astype(float)
        if shares is not None:
            with np.errstate(all="ignore"):  # 0 / 0: a class that was not drawn
                confusion *= np.asarray(shares)[:, np.newaxis] / confusion.sum(2, keepdims=True)
        return _of_confusion(confusion)

    once = statistic(np.ones((1, len(y)), dtype=np.float32))
    return np.vstack([once, _bootstrap(statistic, len(y), groups, n_boot, random_state)]) if n_boot else once


def ends(draws):
    """(value, low, high) of each column: the first row, and the 95 % interval of the others.

    NaN where most draws are undefined, or none were made.
    """
    return [(column[0], *_interval(column[1:])) for column in draws.T]


def yes_no_rates(positive, said, groups=None, *, n_boot=300, random_state=0):
    """Of yes-or-no answers: recall, precision, false alarm rate, accuracy and balanced accuracy.

    Parameters
    ----------
    positive, said : bool arrays, shape (n,)
        Truth and answers.
    groups : array, shape (n,), optional
        The person of each row. Intervals then come from drawing people; without groups they are Wilson's,
        for the balanced accuracy Newcombe's of a mean of two independent shares.
    n_boot, random_state : int

    Returns
    -------
    dict of str to (value, low, high)
        NaN where there is nothing to count.

    References
    ----------
    Newcombe (1998), "Interval estimation for the difference between independent proportions".
    """
    cells = np.stack([said & positive, said & ~positive, ~said & positive, ~said & ~positive], axis=1)

    def counts(weight):  # (draws, 5, 2): right ones, and of how many
        hit, alarm, miss, passed = (weight @ cells).T
        pairs = ((hit, hit + miss), (hit, hit + alarm), (alarm, alarm + passed),
                 (hit + passed, hit + passed + alarm + miss), (passed, passed + alarm))  # fmt: skip
        return np.stack(pairs).transpose(2, 0, 1)

    names = "recall", "precision", "false alarm rate", "accuracy"
    once = counts(np.ones((1, len(positive))))
    if groups is None:
        *rates, specific = (wilson(*pair) for pair in once[0])
        return dict(zip(names, rates, strict=True)) | {"balanced accuracy": _mean(rates[0], specific)}
    draws = np.concatenate([once, _bootstrap(counts, len(positive), groups, n_boot, random_state)])
    with np.errstate(invalid="ignore"):
        share = draws[..., 0] / draws[..., 1]
    share[:, 4] = (share[:, 0] + share[:, 4]) / 2
    return dict(zip((*names, "balanced accuracy"), ends(share), strict=True))


def _mean(one, two):
    """Mean of two independent shares, (value, low, high) each, with Newcombe's interval."""
    one, two = np.array(one), np.array(two)
    value, reach = (one[0] + two[0]) / 2, np.hypot(one[1:] - one[0], two[1:] - two[0]) / 2
    return value, value - reach[0], value + reach[1]
