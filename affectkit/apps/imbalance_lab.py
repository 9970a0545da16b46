"""ImbalanceLab: what a lopsided training set does to a guesser, to a model, and to the scores of both."""

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from affectkit import cards, datasets, emotions
from affectkit.evaluate import QUICK_METRICS, ends, quick_scores

from ._app import FULL, LABEL, WIDE, App, rows, score_bars

RATIOS = (1, 2, 3, 5, 8, 12, 17, 25, 32, 48)
MOST, SHARE = 150, 0.6  # samples of a class that are drawn at most; share of them (or of people) for training
GUESSER, MODEL = "0.7", "#882255"  # no emotion's colour


class ImbalanceLab(App):
    """Class counts at any imbalance ratio, and what they do to scores.

    The twin of a data set is drawn once. For each ratio a linear model is trained once, on the kit's features
    (`affectkit.judge.describe`, `affectkit.preprocess.signals.features`) of as many samples of each class as
    the ratio leaves, and tested on other people; its scores are weighted as if the test set were as lopsided
    as the training set. Beside it stands a guesser who always names the largest class. Only ratios that whole
    samples can have are offered; who is left of a class at one of them is there at every smaller one.

    Parameters
    ----------
    card : str, default="fer2013"
        A name of `affectkit.cards` with two classes or more; another one can be chosen in the app.
    random_state : int, default=0
    """

    title = "ImbalanceLab: make one class rarer and rarer. Which score notices, and who is forgotten?"

    def __init__(self, card="fer2013", random_state=0):
        self.card, self.random_state = card, random_state

    def _prepare(self):
        self._sets, self._tests = {}, {}

    def _layout(self):
        names = [name for name in cards.names() if len(cards.get(name).classes) > 1]
        ratio = ipywidgets.SelectionSlider(
            options=RATIOS, description="largest : smallest",
            continuous_update=False, style={"description_width": LABEL}, layout={"width": FULL},
            tooltip="Imbalance ratio: the largest class over the smallest",
        )  # fmt: skip
        weights = ipywidgets.Checkbox(
            description="class weights", style={"description_width": LABEL}, layout={"width": WIDE},
            tooltip="In training a sample counts as much as its class is rare")  # fmt: skip
        view = rows(
            self._control("ratio", ratio),
            self._choice("card", "data set", names, self.card, action=self._other_card,
                         tip="The order of its classes, and its own ratio, come from its card"),
            self._control("weights", weights), self._reset_button(),
        )  # fmt: skip
        self._offer(self.card)
        return [view]

    def _offer(self, name):
        """The ratios that a card's samples can have, its own (or the nearest) set."""
        card, slider, (_, y, _, learn, _) = cards.get(name), self.controls_["ratio"], self._twin(name)
        slider.options = reachable(card.totals, np.bincount(y[learn]))
        slider.value = min(slider.options, key=lambda step: abs(np.log(step / card.imbalance)))

    def _other_card(self):
        with self._together():
            self._offer(self._value("card"))

    def _reset(self):
        with self._together():
            self._offer(self._first["card"])
            super()._reset()

    def _draw(self):
        name, ratio, weights = (self._value(key) for key in ("card", "ratio", "weights"))
        counts, said, hidden = self._test(name, ratio, weights)
        options = dict(**hidden, n_classes=len(counts), shares=counts, random_state=self.random_state)
        model = quick_scores(said=said, **options)
        guesser = quick_scores(said=np.full_like(said, counts.argmax()), n_boot=0, **options)
        model, guesser = (dict(zip(QUICK_METRICS, ends(draws), strict=True)) for draws in (model, guesser))
        recall = np.array([(said == k)[hidden["y"] == k].mean() for k in range(len(counts))])
        people = hidden["groups"]
        who = f"{len(said)} samples" if people is None else f"{len(np.unique(people))} people"
        acc, bal = QUICK_METRICS[:2]
        words = (f"{counts.max() / counts.min():.0f} to 1: accuracy and balanced accuracy are "
                 f"{guesser[acc][0]:.2f} and {guesser[bal][0]:.2f} for the guesser, {model[acc][0]:.2f} and "
                 f"{model[bal][0]:.2f} for the model.")
        figure = plot_imbalance(cards.get(name).classes, counts, recall, guesser, model, who=who,
                                title=f"{name}: {counts.max()} to {counts.min()} (twin)")  # fmt: skip
        return figure, words

    def _twin(self, name):
        """Features, classes, people or None, and the rows to learn from and to test on; drawn once."""
        if name not in self._sets:
            self._wait()
            twin = datasets.load(name, source="twin", size=48 if faces(name) else None, max_per_class=MOST,
                                 random_state=self.random_state)  # fmt: skip
            people = np.arange(len(twin.target)) if twin.groups is None else np.asarray(twin.groups)
            unit = np.unique(people, return_inverse=True)[1]
            rng = np.random.default_rng(self.random_state)
            order = rng.permutation(unit.max() + 1)
            training = order[unit] < SHARE * len(order)
            learn = rng.permutation(np.flatnonzero(training))  # of a class the first ones are taken
            self._sets[name] = _features(twin), twin.target, twin.groups, learn, np.flatnonzero(~training)
        return self._sets[name]

    def _test(self, name, ratio, weights):
        """Counts of the training set, what the model says to the test rows, and their truth; trained once."""
        key = name, ratio, weights
        if key not in self._tests:
            X, y, people, learn, test = self._twin(name)
            self._wait()
            counts = lopsided(cards.get(name).totals, np.bincount(y[learn]), ratio)
            chosen = np.concatenate([learn[y[learn] == k][:n] for k, n in enumerate(counts)])
            model = _model(weights).fit(X[chosen], y[chosen])
            hidden = {"y": y[test], "groups": None if people is None else np.asarray(people)[test]}
            self._tests[key] = counts, model.predict(X[test]), hidden
        return self._tests[key]


def faces(name):
    return cards.get(name).modality in ("faces", "pairs")


def _features(twin):
    """What the kit's judge sees in faces; mean, spread and spectrum of signals."""
    from affectkit import judge
    from affectkit.preprocess import signals

    X = twin.faces if "faces" in twin else twin.data
    return judge.describe(X) if X.dtype == np.uint8 else signals.features(X, twin.sampling_rate)


def _model(weights):
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    balanced = "balanced" if weights else None
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.02, max_iter=300, class_weight=balanced))


def lopsided(counts, there, ratio):
    """Class counts of a wanted imbalance ratio, the classes in the order of given counts.

    Parameters
    ----------
    counts : sequence of int
        What the card says; where all are equal the classes decline in their own order.
    there : sequence of int
        How many there are to choose from.
    ratio : float
        The largest class over the smallest, about: every class keeps two samples, if it has them.

    Returns
    -------
    int array

    Examples
    --------
    >>> lopsided([100, 10, 50], [60, 60, 60], 20).tolist()
    [60, 3, 24]
    """
    counts, there = np.asarray(counts, dtype=float), np.asarray(there)
    if counts.max() / counts.min() < 1.5:  # even, or nearly so
        counts = np.linspace(2, 1, len(counts))
    shape = np.exp(np.log(counts / counts.max()) * np.log(ratio) / np.log(counts.max() / counts.min()))
    most = (there / shape).min()
    return np.clip(np.round(most * shape), np.minimum(2, there), there).astype(int)


def reachable(counts, there):
    """Those of `RATIOS` that `lopsided` comes near to, within 15 %; arguments as there."""
    made = {ratio: lopsided(counts, there, ratio) for ratio in RATIOS}
    return [ratio for ratio, n in made.items() if abs(n.max() / n.min() / ratio - 1) < 0.15]


def plot_imbalance(names, counts, recall, guesser, model, *, title, who):
    """Class counts, the model's recall of each class, and the scores of a guesser and of the model.

    Parameters
    ----------
    names : sequence of str
    counts : int array, shape (classes,)
    recall : float array, shape (classes,)
    guesser, model : dict of str to (value, low, high)
        By metric: accuracy, balanced accuracy, macro-F1.
    title : str
    who : str
        Whom the scores are from.

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = np.argsort(-counts, kind="stable")
    colours = [emotions.colour(names[k]) for k in order]
    fig = Figure(figsize=(8, 4.2))
    fig.text(0.012, 0.94, title, size=13, weight="bold")
    places = (0.215, 0.165), (0.41, 0.14), (0.72, 0.2)
    left, mid, right = (fig.add_axes((x, 0.16, width, 0.64)) for x, width in places)
    place = np.arange(len(order))
    left.barh(place, counts[order], color=colours, height=0.7)
    mid.barh(place, recall[order], color=colours, height=0.7)
    for row, k in enumerate(order):
        left.text(counts[k] + 0.02 * counts.max(), row, f" {counts[k]}", va="center", color="0.25")
        mid.text(recall[k] + 0.02, row, f" {recall[k]:.0%}", va="center", color="0.25")
    left.set_yticks(place, [names[k] for k in order], size=10)
    left.set(xlim=(0, 1.25 * counts.max()), xticks=[])
    mid.set(yticks=[], xlim=(0, 1.3), xticks=[])
    left.set_title("to learn from", size=10.5)
    mid.set_title("found (recall)", size=10.5)
    for ax in (left, mid):
        ax.set_ylim(len(order) - 0.4, -0.6)
        ax.tick_params(length=0)
        for side in ("left", "bottom"):
            ax.spines[side].set_visible(False)
    table = [row for name in QUICK_METRICS for row in ((name, *guesser[name]), ("", *model[name]))]
    score_bars(right, table, colours=[GUESSER, MODEL] * 3)
    right.set_yticks([0.5, 2.5, 4.5], [name.replace(" ", "\n") for name in QUICK_METRICS])
    for row in (1.5, 3.5):
        right.axhline(row, color="0.9", lw=1)
    right.set_xticks([0, 0.5, 1])
    right.set_title("a guesser", size=10.5, color="0.4")
    right.text(1.0, 1.035, "a model", weight="bold", color=MODEL, ha="right", transform=right.transAxes)
    note = f"lines: 95 % intervals over the {who} tested; another training set would vary more"
    fig.text(0.985, 0.025, note, ha="right", size=9.5, color="0.3")
    return fig
