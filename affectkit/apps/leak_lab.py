"""LeakLab: walk into each trap of evaluation, and see the score jump."""

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from affectkit import emotions, leaks, papers

from ._app import WIDE, App, rows

HONEST, LEAKY, SOFT = emotions.colour("baseline"), emotions.colour("stress"), "0.6"  # as in plots.inflations
FIRST = 1000  # seed of the first run here: none that the measured figures know
SOURCES = {"twin": "twin", "real": "real data", "here": "run here"}
ADVICE = {
    "augment first": "split first, and change copies of training faces alone",
    "oversample first": "split first, and oversample the training part alone, in a pipeline",
    "generator saw the test": "split first, and train the generator on training faces alone",
    "features saw the test": "fit every step inside the training part, in a pipeline, where it costs nothing",
    "person on both sides": "split by person, as for people whom the model will not know",
    "trial on both sides": "split by trial, or better by person",
    "paired first": "split faces and hearts first, then pair within each part",
    "near-copies": "keep all pictures of one instant on one side, and look for copies",
    "selected on the test": "choose by a part of the training data, and read the test once",
    "best epoch by test": "choose the epoch by a part of the training data",
    "accuracy under imbalance": "report balanced accuracy or macro-F1 beside accuracy",
    "session clock": "leave out whatever tells the time, and test a model that knows the time alone",
}


class LeakLab(App):
    """Each trap of `affectkit.leaks` with a switch: the honest score, and what the leak makes of it.

    Scores are those that the kit has measured, on twins and, where there were any, on real data
    (`affectkit.papers.measured`); *Run it here* runs both arms of the experiment on the twin with a seed
    more. In *guess first* the learner says what the leak will add before it is shown.

    Parameters
    ----------
    trap : str, default="oversample first"
        A name of `affectkit.leaks.traps`; another one can be chosen in the app.
    random_state : int, default=0
        Seeds of the runs here begin at 1000 plus it.

    Attributes
    ----------
    runs_ : dict of str to list of (honest, leaky)
        What was run here, by trap.
    guesses_ : dict of str to (guess, truth)
        Points of inflation, by trap: what the learner said, and what it is.

    Raises
    ------
    ValueError
        When the view is made: there is no such trap.
    """

    title = "LeakLab: switch the leak off and on. How far does the score jump, and which are the large ones?"

    def __init__(self, trap="oversample first", random_state=0):
        self.trap, self.random_state = trap, random_state

    def _prepare(self):
        self._traps = leaks.traps()
        if self.trap not in self._traps.index:
            raise ValueError(f"trap={self.trap!r} is unknown; there are: {', '.join(self._traps.index)}")
        self._figures = measured_traps(self._traps.index)
        self.runs_, self.guesses_ = {}, {}

    def _layout(self):
        leak = ipywidgets.ToggleButton(value=True, description="leak", tooltip="Walk into the trap, or not",
                                       icon="tint", layout={"width": "100px"})  # fmt: skip
        guess = ipywidgets.Checkbox(description="guess first",
                                    tooltip="Hide what a leak adds until you have said what you expect")
        return [rows(
            self._choice("trap", "trap", list(self._traps.index), self.trap,
                         tip="Twelve ways to a better score that is not true"),
            self._control("leak", leak),
            self._button("run", "Run it here", self._run,
                         tip="Both arms on the twin, with another seed: some seconds"),
        ), rows(
            self._control("guess first", guess, width=WIDE),
            self._slider("guess", "your guess [points]", 10, -10, 60, 1, action=self._draw_guess,
                         tip="Points that the leak adds to the score"),
            self._button("reveal", "Reveal", self._reveal, tip="Lay your guess down, and see"),
            self._reset_button(),
        )]  # fmt: skip

    def _hidden(self, name):
        return self._value("guess first") and name not in self.guesses_

    def _draw_guess(self):
        if self._hidden(self._value("trap")):  # else it would change nothing
            self._refresh()

    def _rows(self, name):
        """What is known of a trap, by where it comes from: the measured figures, then the runs here."""
        rows = dict(self._figures.get(name, {}))
        if name in self.runs_:
            honest, leaky = np.transpose(self.runs_[name])
            rows["here"] = {"honest": honest.mean(), "leaky": leaky.mean(), "low": np.nan, "high": np.nan,
                            "inflation": (leaky - honest).mean(), "n": len(honest),
                            "points": self.runs_[name]}  # fmt: skip
        return rows

    def _run(self):
        """Both arms with a seed that nobody has used yet; the words say how far it is."""
        name = self._value("trap")
        known = self.runs_.get(name, [])
        seed, button = FIRST + self.random_state + len(known), self.controls_["run"]
        button.disabled = True
        try:
            scores = []
            for leak, arm in ((False, "honest"), (True, "leaky")):
                self._say(f"Running the {arm} arm of {name!r} on the twin, seed {seed} ...")
                scores.append(leaks.run(name, leak=leak, source="twin", random_state=seed))
        finally:
            button.disabled = False
        self.runs_[name] = [*known, tuple(scores)]
        self._refresh()

    def _reveal(self):
        name = self._value("trap")
        best = _best(self._rows(name))
        if self._hidden(name) and best:
            self.guesses_[name] = self._value("guess"), 100 * best["inflation"]
        with self._together():
            self.controls_["leak"].value = True  # else there would be nothing to see

    def _draw(self):
        name = self._value("trap")
        trap, figures, hidden = self._traps.loc[name], self._rows(name), self._hidden(name)
        shown = self._value("leak") and not hidden
        others = {other: _best(self._rows(other)) for other in self._traps.index}
        others = {other: best["inflation"] for other, best in others.items() if best}
        if self._value("guess first"):
            others = {other: value for other, value in others.items() if other in self.guesses_}
        guess = self._value("guess") if hidden else self.guesses_.get(name, (None,))[0]
        guess = guess if self._value("guess first") else None
        figure = plot_leak(name, trap, figures, others, leak=shown, guess=guess, asked=hidden)
        return figure, self._words(name, trap, figures, hidden)

    def _words(self, name, trap, figures, hidden):
        best = _best(figures)
        if not best:
            return "No figures of this trap have come with the kit: press Run it here."
        if hidden:
            return (f"What leaks: {trap['leaks']}. The honest {trap['metric']} is {best['honest']:.2f}. How "
                    "many points will the leak add? Move the slider, then press Reveal.")  # fmt: skip
        if not self._value("leak"):
            return f"Without the leak the {trap['metric']} is {best['honest']:.2f}. Switch the leak on."
        where = "; ".join(_source(source, row) for source, row in figures.items())
        chance = "" if _sure(best) else ", which may be chance"
        words = (f"What leaks: {trap['leaks']}. It adds {_points(best['inflation'])} points{chance} "
                 f"({where}). The way out: {ADVICE[name]}.")  # fmt: skip
        if self._value("guess first") and name in self.guesses_:
            off = np.mean([abs(said - truth) for said, truth in self.guesses_.values()])
            words += f" You said {self.guesses_[name][0]:+d}"
            words += f"; your {len(self.guesses_)} guesses so far are {off:.0f} points off on average." \
                if len(self.guesses_) > 1 else "."  # fmt: skip
        return words


def measured_traps(names):
    """What the kit has measured of traps.

    Parameters
    ----------
    names : sequence of str

    Returns
    -------
    dict of str to dict of {"twin", "real"} to dict
        honest, leaky, inflation, low and high (its 95 % interval), n (seeds); of a trap that was measured
        nowhere an empty one.
    """
    table = papers.measured()
    table = table[table["study"] == "leaks"]
    found = {name: {} for name in names}
    for (source, what), row in table.set_index(["source", "what"]).iterrows():
        name, _, key = what.partition(": ")
        if not key.startswith("inflation"):  # of which there are others, such as "inflation, people drawn"
            key = key.partition(",")[0]  # "honest, AUC": its metric is known
        if source in SOURCES and name in found and key in ("honest", "leaky", "inflation"):
            entry = found[name].setdefault(source, {})
            entry[key] = row["value"]
            if key == "inflation":
                entry |= {"low": row["low"], "high": row["high"], "n": int(row["n"])}
    whole = {"honest", "leaky", "inflation"}
    return {name: {source: entries[source] for source in SOURCES if whole <= entries.get(source, {}).keys()}
            for name, entries in found.items()}  # fmt: skip


def _best(figures):
    """The figures that count: of the twin, which every trap has; else what there is."""
    return next((figures[source] for source in ("twin", "real", "here") if source in figures), None)


def _source(source, row):
    return f"{SOURCES[source]}: {_points(row['inflation'])}, {row['n']} seed{'s' * (row['n'] > 1)}"


def _points(share):
    return f"{round(100 * share):+d}"  # never -0


def _sure(row):
    """Whether the interval, if there is one, leaves out 0."""
    return not np.isfinite(row["low"]) or row["low"] > 0 or row["high"] < 0


def plot_leak(name, trap, figures, others, *, leak, guess=None, asked=False):
    """A trap's honest and leaky score, wherever it was measured, and how large the other traps are.

    Parameters
    ----------
    name : str
    trap : mapping
        title, leaks and metric, as in a row of `affectkit.leaks.traps`.
    figures : dict of {"twin", "real", "here"} to dict
        honest, leaky, inflation, low, high (NaN where there is no interval) and n; of "here" also points, a
        list of (honest, leaky).
    others : dict of str to float
        Inflation of the traps that may be shown.
    leak : bool
        Whether the leaky score is shown.
    guess : float, optional
        Points that the learner expects.
    asked : bool
        Whether the guess is still to be made: a question mark stands where the answer will be.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = Figure(figsize=(8, 4.3))
    fig.text(0.012, 0.935, trap["title"], size=14, weight="bold")
    fig.text(0.012, 0.875, f"What leaks: {trap['leaks']}", size=9.8, color="0.35")
    ax = fig.add_axes((0.115, 0.175, 0.48, 0.585))
    for place, row in enumerate(figures.values()):
        _jump(ax, place, row, leak)
        if guess is not None and place == 0:
            _guess(ax, row["honest"], guess, asked)
    ax.set(yticks=range(len(figures)), ylim=(max(2, len(figures)) - 0.5, -0.6), xlim=(0, 1.02),
           xlabel=trap["metric"])  # fmt: skip
    ax.set_yticklabels([f"{SOURCES[source]}\n{row['n']} seed{'s' * (row['n'] > 1)}"
                        for source, row in figures.items()])  # fmt: skip
    ax.tick_params(left=False)
    ax.spines["left"].set_visible(False)
    ax.grid(True, axis="x", color="0.92")
    ax.set_axisbelow(True)
    for x, label, colour in ((0.0, "◆ honest", HONEST), (0.24, "● with the leak", LEAKY)):
        ax.text(x, 1.04, label, color=colour, weight="bold", transform=ax.transAxes)
    if not figures:
        ax.text(0.5, 0.5, "not measured yet", ha="center", color=SOFT, size=12, transform=ax.transAxes)
    _ranking(fig.add_axes((0.825, 0.09, 0.12, 0.67)), name, others)
    fig.text(0.012, 0.012, "twin and real data: the kit's own measurement (docs/leaks.md), thin line: 95 % "
             "interval of the difference; run here: a dot a seed", size=8.3, color="0.45")  # fmt: skip
    return fig


def _jump(ax, place, row, leak):
    """From the honest score to the leaky one."""
    sure = _sure(row)
    colour = LEAKY if sure else SOFT
    for honest, leaky in row.get("points", []):
        ax.plot(honest, place + 0.44, "D", color=HONEST, ms=4, alpha=0.6)
        if leak:
            ax.plot(leaky, place + 0.44, "o", color=colour, ms=5, alpha=0.6)
    ax.text(row["honest"], place - 0.16, f"{row['honest']:.2f}", ha="center", va="bottom", color=HONEST,
            weight="bold")  # fmt: skip
    if leak:
        ax.plot([row["honest"], row["leaky"]], [place, place], color=colour, lw=9, alpha=0.3,
                solid_capstyle="round")  # fmt: skip
        ends = np.clip([row["honest"] + row["low"], row["honest"] + row["high"]], 0, 1)  # NaN is not drawn
        ax.plot(ends, [place, place], color=colour, lw=2.5)
        ax.plot(row["leaky"], place, "o", color=colour, ms=13, mec="white")
        near = abs(row["leaky"] - row["honest"]) < 0.09
        if not near:
            ax.text(row["leaky"], place - 0.16, f"{row['leaky']:.2f}", ha="center", va="bottom", color=colour,
                    weight="bold")  # fmt: skip
        points = f"{_points(row['inflation'])} points" + ("" if sure else ", or chance")
        middle = np.clip((row["honest"] + row["leaky"]) / 2, 0.26, 0.85)
        ax.text(middle, place + 0.14, points, ha="center", va="top", color=colour, weight="bold", size=12)
    ax.plot(row["honest"], place, "D", color=HONEST, ms=11, mec="white")


def _guess(ax, honest, guess, asked):
    """Where the learner expects the leaky score."""
    x = float(np.clip(honest + guess / 100, 0, 1))
    ax.plot([honest, x], [0, 0], color="0.5", lw=1.2, ls=":")
    ax.plot(x, 0, "o", mfc="none", mec="0.2", ms=15, mew=1.8, clip_on=False)
    text = f"your guess: {guess:+d}" + ("?" if asked else "")
    ax.text(min(x, 0.88), -0.44, text, ha="center", va="bottom", color="0.2", size=10)


def _ranking(ax, name, others):
    """The inflation of every trap that may be shown, this one in colour."""
    order = sorted(ADVICE, key=lambda other: -others.get(other, -np.inf))
    for place, other in enumerate(order):
        mine = other == name
        if other in others:
            ax.barh(place, 100 * others[other], color=LEAKY if mine else "0.8", height=0.66)
            text = _points(others[other])
        else:
            text = "?"
        ax.text(max(0, 100 * others.get(other, 0)) + 2, place, text, va="center", size=8.5,
                color="0.1" if mine else "0.45", weight="bold" if mine else "normal")  # fmt: skip
    ax.set(yticks=range(len(order)), ylim=(len(order) - 0.4, -0.6), xticks=[], xlim=(-1, 55))
    ax.set_yticklabels(order, size=8.2)
    for label, other in zip(ax.get_yticklabels(), order, strict=True):
        label.set(color="0.1" if other == name else "0.45", weight="bold" if other == name else "normal")
    ax.tick_params(left=False, pad=1)
    for spine in ax.spines.values():
        spine.set_visible(False)
    ax.set_title("All traps (points, twin)", x=-1.3, size=10.5)
