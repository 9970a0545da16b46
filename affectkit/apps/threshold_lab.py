"""ThresholdLab: when does "23 % sure" become "yes"? One threshold, and all that hangs on it."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from affectkit import emotions
from affectkit.evaluate import yes_no_rates
from affectkit.evaluate.scores import _check

from ._app import FULL, App, rows, score_bars

BLUE, ORANGE = "#0072B2", "#D55E00"


class ThresholdLab(App):
    """One class against all others, at a threshold.

    Parameters
    ----------
    y : int array, shape (n,), optional
        True classes. By default faces of the twin that the kit brings, judged by a small model that was
        trained on others.
    proba : array, shape (n, classes), optional
        Probabilities of the classes.
    names : list of str, optional
        Class names, in the order of the columns.
    groups : array, shape (n,), optional
        The person of each row; intervals then come from drawing people.
    source : {"twin", "real"}, default="twin"
        Where the samples are from, for the title.

    Raises
    ------
    ValueError
        When the view is made: the arguments do not fit together, or not all of them are given.
    """

    title = "ThresholdLab: how sure must the model be to say yes? More hits cost more false alarms."

    def __init__(self, y=None, proba=None, names=None, groups=None, *, source="twin"):
        self.y, self.proba, self.names, self.groups, self.source = y, proba, names, groups, source

    def _prepare(self):
        given = self.y, self.proba, self.names
        if all(part is None for part in given):
            given = judged_faces()
        if any(part is None for part in given):
            raise ValueError("give y, proba and names together, or none of them")
        self.y_, self.proba_, self._groups = _check(*given, self.groups)
        self.names_ = [str(name) for name in given[2]]

    def _layout(self):
        often = int(np.bincount(self.y_, minlength=len(self.names_))[::-1].argmax()) + 1  # the last of them
        return [rows(
            self._slider("threshold", "threshold", 0.5, 0.0, 1.0, 0.01, width=FULL,
                         tip="The model says yes from this probability on"),
            self._choice("class", "the class", self.names_, self.names_[-often],
                         tip="It is told from all others together"),
            self._reset_button(),
        )]  # fmt: skip

    def _draw(self):
        name, threshold = self._value("class"), self._value("threshold")
        k = self.names_.index(name)
        told = at_threshold(self.y_ == k, self.proba_[:, k], threshold, self._groups)
        hit, miss, alarm, _ = told["cells"]
        words = (f"From {threshold:.2f} on the model says {name}: {hit} of {hit + miss} are found, and "
                 f"{alarm} of {hit + alarm} alarms are false.")
        people = "" if self._groups is None else f" of {len(np.unique(self._groups))} people"
        title = f"{name} or not? {len(self.y_)} samples{people} ({self.source})"
        return plot_threshold(told, threshold, name, title=title), words


def judged_faces():
    """Faces of the twin that the kit brings, and what a linear model makes of the kit's features of faces.

    Returns
    -------
    y : int array, shape (n,)
    proba : float array, shape (n, 7)
    names : list of str
    """
    from sklearn.linear_model import LogisticRegression

    from affectkit import datasets, judge

    options = dict(source="twin", random_state=0)
    train, test = (datasets.load("fer2013", split=split, max_per_class=most, **options)
                   for split, most in (("train", 60), ("val", 75)))  # fmt: skip
    model = LogisticRegression(C=0.02, max_iter=300).fit(judge.describe(train.data), train.target)
    return test.target, model.predict_proba(judge.describe(test.data)), test.target_names


def at_threshold(positive, score, threshold, groups=None):
    """All that hangs on one threshold.

    Parameters
    ----------
    positive : bool array, shape (n,)
    score : float array, shape (n,)
    threshold : float
    groups : array, shape (n,), optional
        The person of each row.

    Returns
    -------
    dict
        cells: hits, misses, false alarms, rightly passed over; roc: (false alarm rate, recall) of all
        thresholds, (2, m); auc; bins: (mean score, share of positives, n) of at most 8 bins of equally many;
        rates: those of `affectkit.evaluate.yes_no_rates`, which also makes their intervals.
    """
    said = score >= threshold
    hit, alarm = int((said & positive).sum()), int((said & ~positive).sum())
    miss, passed = int(positive.sum()) - hit, int((~positive).sum()) - alarm
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)  # equal scores are passed together
    found, wrong = np.cumsum(positive[order])[last], np.cumsum(~positive[order])[last]
    with np.errstate(all="ignore"):
        roc = np.array([np.append(0, wrong / (~positive).sum()), np.append(0, found / positive.sum())])
    parts = [part for part in np.array_split(order[::-1], min(8, len(order))) if len(part)]
    return {"cells": (hit, miss, alarm, passed), "roc": roc, "auc": float(np.trapezoid(roc[1], roc[0])),
            "bins": [(score[part].mean(), positive[part].mean(), len(part)) for part in parts],
            "rates": yes_no_rates(positive, said, groups)}  # fmt: skip


def plot_threshold(told, threshold, name, *, title):
    """Confusion, ROC curve, calibration and scores at one threshold.

    Parameters
    ----------
    told : dict
        Of `at_threshold`.
    threshold : float
    name : str
        The class that is told from all others.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    colour = emotions.colour(name)
    fig = Figure(figsize=(8, 5.1))
    fig.text(0.012, 0.955, title, size=13, weight="bold")
    _tiles(fig.add_axes((0.1, 0.55, 0.33, 0.34)), told["cells"], name)
    ax = fig.add_axes((0.6, 0.55, 0.36, 0.34))
    ax.plot([0, 1], [0, 1], color="0.7", ls="--", lw=1)
    ax.plot(*told["roc"], color=colour, lw=2.5)
    at = [told["rates"][rate][0] for rate in ("false alarm rate", "recall")]
    ax.plot(*at, "o", ms=12, color=colour, mec="0.1", mew=1.8)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), xlabel="false alarm rate", ylabel="recall",
           xticks=(0, 0.5, 1), yticks=(0, 0.5, 1))  # fmt: skip
    ax.set_title(f"Every threshold (AUC {told['auc']:.2f})")
    ax = fig.add_axes((0.1, 0.1, 0.33, 0.3))
    ax.plot([0, 1], [0, 1], color="0.7", ls="--", lw=1)
    ax.plot(*np.array([part[:2] for part in told["bins"]]).T, "o-", color=colour, lw=1.5)
    ax.axvline(threshold, color="0.1", lw=1.8)
    ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.04), xlabel="probability by the model", ylabel="share that is",
           xticks=(0, 0.5, 1), yticks=(0, 0.5, 1), title="Sure, and right? (line: threshold)")  # fmt: skip
    ax = fig.add_axes((0.67, 0.1, 0.25, 0.3))
    table = [(rate, *values) for rate, values in told["rates"].items()]
    score_bars(ax, table, colours=[BLUE, BLUE, ORANGE, "0.65", BLUE])
    ax.set_xticks([0, 0.5, 1])
    ax.set_title("Scores (lines: 95 % intervals)", x=-0.68)
    return fig


def _tiles(ax, cells, name):
    """The four cells of a confusion: how many, in words."""
    looks = ((0, 1, "found", BLUE), (1, 1, "missed", ORANGE), (0, 0, "false alarms", ORANGE),
             (1, 0, "rightly passed", BLUE))  # fmt: skip
    whole = cells[2] + cells[3], cells[0] + cells[1]
    for (x, y, label, colour), n in zip(looks, cells, strict=True):
        depth = 0.12 + 0.6 * n / max(1, whole[y])
        ax.add_patch(Rectangle((x + 0.02, y + 0.03), 0.96, 0.94, color=colour, alpha=depth, lw=0))
        ax.text(x + 0.5, y + 0.56, f"{n}", ha="center", va="center", size=19, weight="bold", color="0.1")
        ax.text(x + 0.5, y + 0.22, label, ha="center", va="center", color="0.1")
    ax.set(xlim=(0, 2), ylim=(0, 2))
    ax.set_xticks([0.5, 1.5], ["says yes", "says no"])
    ax.set_yticks([0.5, 1.5], ["others", name if len(name) < 12 else "class"])
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
