"""FusionLab: two experts, a face and a body. How much should each be listened to?"""

import numpy as np
from matplotlib.figure import Figure

from affectkit import emotions, evaluate
from affectkit.evaluate import QUICK_METRICS
from affectkit.evaluate.scores import _check

from ._app import FULL, App, rows, score_bars

FACE, BODY, BOTH = "#0072B2", "#D55E00", "#009E73"
COLOURS = {"face": FACE, "body": BODY, "both": BOTH}
SHARES = np.linspace(0, 1, 41)  # weight of the face beside that of the body


class FusionLab(App):
    """The product rule with weights, noise and gaps: face and body, alone and together.

    Parameters
    ----------
    y : int array, shape (n,), optional
        True classes. By default 600 simulated moments of 30 people, the face a better expert than the body.
    face, body : arrays, shape (n, classes), optional
        Probabilities by an expert for faces and by one for bodily signals, for the same rows.
    names : list of str, optional
    groups : array, shape (n,), optional
        The person of each row; intervals come from drawing people, else from drawing rows.
    source : {"simulated", "twin", "real"}, default="simulated"
        Where the rows are from, for the title.
    random_state : int, default=0
        Of the noise and the gaps.

    Raises
    ------
    ValueError
        When the view is made: the arguments do not fit together, or not all of them are given.
    """

    title = "FusionLab: two senses judge the same moment. When do both beat the better one?"

    def __init__(self, y=None, face=None, body=None, names=None, groups=None, *, source="simulated",
                 random_state=0):  # fmt: skip
        self.y, self.face, self.body, self.names, self.groups = y, face, body, names, groups
        self.source, self.random_state = source, random_state

    def _prepare(self):
        given, groups = (self.y, self.face, self.body, self.names), self.groups
        if all(part is None for part in given):
            given, groups = (*two_experts(), emotions.CANONICAL[:7]), np.repeat(np.arange(30), 20)
        elif any(part is None for part in given):
            raise ValueError("give y, face, body and names together, or none of them")
        y, face, body, self._names = given
        self._y, face, self._groups = _check(y, face, self._names, groups, name="face")
        body = _check(y, body, self._names, name="body")[1]
        self._log = np.log(np.clip([face, body], 1e-12, None))
        rng = np.random.default_rng(self.random_state)
        self._noise = rng.standard_normal(self._log.shape)
        self._luck = rng.random(self._log.shape[:2])  # a sense is off where this is below its share of gaps

    def _layout(self):
        share = self._slider("share", "weight of the face", 0.5, 0.0, 1.0, 0.05, width=FULL,
                             tip="Its probabilities to this power, times the body's to the rest of 1")
        knobs = {
            "noise": (0.0, 0.0, 3.0, 0.1, "Disturbs its evidence, and it does not know"),
            "missing": (0.0, 0.0, 1.0, 0.05, "Share of moments with its sensor off: the other one decides"),
        }
        return [rows(share, *(self._slider(f"{sense} {knob}", f"{sense}: {knob}", *numbers, tip=tip)
                       for knob, (*numbers, tip) in knobs.items() for sense in ("face", "body")),
                     self._reset_button())]  # fmt: skip

    def _draw(self):
        senses = []
        for k, sense in enumerate(("face", "body")):
            evidence = self._log[k] + self._value(f"{sense} noise") * self._noise[k]
            evidence -= evidence.max(1, keepdims=True)
            evidence -= np.log(np.exp(evidence).sum(1, keepdims=True))
            there = self._luck[k] >= self._value(f"{sense} missing")
            senses.append(np.where(there[:, None], evidence, 0.0))  # 0: says nothing, and weighs nothing
        face, body = senses
        share = self._value("share")
        proba = {"face": fuse(face, body, 1, 0), "body": fuse(face, body, 0, 1),
                 "both": fuse(face, body, share, 1 - share)}  # fmt: skip
        said = {name: p.argmax(1) for name, p in proba.items()}
        said["majority"] = np.full_like(self._y, np.bincount(self._y).argmax())
        options = dict(groups=self._groups, n_classes=len(self._names))
        draws = {name: evaluate.quick_scores(self._y, answers, n_boot=300 * (name in proba), **options)
                 for name, answers in said.items()}  # fmt: skip
        tables = {name: dict(zip(QUICK_METRICS, evaluate.ends(values), strict=True))
                  for name, values in draws.items()}  # fmt: skip
        better = max(("face", "body"), key=lambda name: tables[name]["accuracy"][0])
        gain = evaluate.ends(100 * (draws["both"] - draws[better])[:, :1])[0]
        curve = [(fuse(face, body, s, 1 - s).argmax(1) == self._y).mean() for s in SHARES]
        people = "" if self._groups is None else f" of {len(np.unique(self._groups))} people"
        known = f"95 % interval {gain[1]:+.1f} to {gain[2]:+.1f}" if np.isfinite(gain[1]) else "of one person"
        words = f"Both against the {better} alone: {gain[0]:+.1f} points of accuracy, {known}."
        title = f"{len(self._y)} moments{people} ({self.source})"
        return plot_fusion(tables, curve, share, gain, better, title=title), words


def two_experts(n=600, k=7, strength=(1.9, 1.0), random_state=1):
    """Simulated evidence of two independent senses, and the true probabilities that follow from it.

    Each sense sees a noisy vector whose entry for the true class is raised by its strength; Bayes' rule gives
    the probabilities.

    Returns
    -------
    y : int array, shape (n,)
    face, body : float arrays, shape (n, k)
    """
    rng = np.random.default_rng(random_state)
    y = rng.integers(k, size=n)
    seen = [s * np.eye(k)[y] + rng.standard_normal((n, k)) for s in strength]
    return y, *(fuse(s * x, 0 * x, 1, 0) for s, x in zip(strength, seen, strict=True))


def fuse(face, body, face_weight, body_weight):
    """The product rule with weights: probabilities of shape (n, classes) from two logarithms of such."""
    both = face_weight * face + body_weight * body
    both = np.exp(both - both.max(1, keepdims=True))
    return both / both.sum(1, keepdims=True)


def plot_fusion(tables, curve, share, gain, better, *, title):
    """Scores of face, body and both; accuracy along all shares of the two weights; and the paired gain.

    Parameters
    ----------
    tables : dict of str to dict of str to (value, low, high)
        "face", "body", "both" and "majority", who always names the most frequent class; each by metric:
        accuracy, balanced accuracy, macro-F1.
    curve : sequence of float
        Accuracy for shares of the face's weight from 0 to 1.
    share : float
        The one that is set.
    gain : (value, low, high)
        Points of accuracy that both have more than the better sense.
    better : {"face", "body"}
    title : str
        Whose scores these are.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = Figure(figsize=(8, 4.4))
    ax = fig.add_axes((0.15, 0.1, 0.26, 0.78))
    bars = [("", *tables[name][metric]) for metric in QUICK_METRICS for name in COLOURS]
    score_bars(ax, bars, colours=[*COLOURS.values()] * 3)
    ax.set_yticks([1, 4, 7], [metric.replace(" ", "\n") for metric in QUICK_METRICS])
    for k, metric in enumerate(QUICK_METRICS):
        ax.plot([tables["majority"][metric][0]] * 2, [3 * k - 0.4, 3 * k + 2.4], color="0.1", ls=":", lw=1.5)
    for row in (2.5, 5.5):
        ax.axhline(row, color="0.85", lw=1)
    ax.set_xticks([0, 0.5, 1])
    ax.set_title(title, x=-0.53)
    ax.set_xlabel("lines: 95 % intervals; dotted: the majority's score", x=0.4, size=9.5)
    for row, name in enumerate([*COLOURS] * 3):
        ax.text(1.23, row, name, va="center", color="0.2", size=9.5, transform=ax.get_yaxis_transform())
    ax = fig.add_axes((0.6, 0.5, 0.33, 0.38))
    ax.plot(np.linspace(0, 1, len(curve)), curve, color=BOTH, lw=2.5)
    for x, colour in ((0, BODY), (1, FACE)):
        ax.plot(x, curve[-x], "o", color=colour, ms=9, clip_on=False)
    here = np.interp(share, np.linspace(0, 1, len(curve)), curve)
    ax.plot(share, here, "o", ms=12, color=BOTH, mec="0.1", mew=1.8, clip_on=False)
    ax.set(xlim=(0, 1), xticks=(0, 0.5, 1), xticklabels=("body alone", "equal weights", "face alone"),
           title="Accuracy by weight of the face")  # fmt: skip
    ax.margins(y=0.15)
    ax = fig.add_axes((0.6, 0.13, 0.37, 0.16))
    colour = BOTH if gain[1] > 0 else COLOURS[better] if gain[2] < 0 else "0.55"
    ax.plot(gain[1:], [0, 0], color=colour, lw=4, solid_capstyle="round")
    ax.plot(gain[0], 0, "D", color=colour, ms=10, mec="white")
    ax.axvline(0, color="0.3", lw=1.2)
    wide = max(5.0, 1.15 * np.nanmax(np.abs(gain)))
    ax.set(xlim=(-wide, wide), ylim=(-1, 1), yticks=[], xlabel="points of accuracy, 95 % interval",
           title=f"Both minus the {better} alone: {gain[0]:+.1f}")  # fmt: skip
    ax.spines["left"].set_visible(False)
    return fig
