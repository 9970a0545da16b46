"""GANLab: a generator and a discriminator, moved by hand, and what becomes of the faces."""

import asyncio
from contextlib import contextmanager
from copy import deepcopy

import ipywidgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from affectkit import cards, datasets, emotions, gans, judge
from affectkit.evaluate import ends, quick_scores
from affectkit.preprocess import faces

from ._app import WIDE, App, rows
from .imbalance_lab import lopsided

SIZE, BATCH = 28, 64  # pixels of a face, faces a step: a step takes 20 ms of one core
MOST, RATIO = 120, 8  # faces of the largest class, and how many times as many as of the smallest
HIDDEN = 1 / 3  # of the learner's own faces: for the judge and the classifier's test
EVERY, JUDGED = 50, 30  # steps between two looks of the judge; made-up faces of a class that it sees
LONGEST = 1000  # steps after which a run stops by itself: nobody may be looking any more
GRID = np.linspace(-1.2, 1.2, 5)
SPEEDS = (1, 2, 5, 10, 25, 50)
SHARES = tuple(range(0, 101, 20))  # percent
D, G, REAL = "#0072B2", "#D55E00", "0.5"  # one colour a role; what G makes has its colour
GOOD, BAD = "#009E73", "#D55E00"
LEARNS = {"discriminator": "D learns, G rests.", "generator": "G learns, D rests.", "both": "Both learn."}


class GANLab(App):
    """Train a small conditional DCGAN step by step: only D, only G, or both, by hand or running.

    Beside the losses stand what the losses do not say: what D thinks of real and of made-up faces, the KID of
    made-up faces to faces that the GAN has not seen, and what a classifier finds that is trained anew on the
    lopsided real faces with made-up ones added. The classifier is a logistic regression on the features of
    the kit's judge; GAN and classifier learn from the same real faces.

    Parameters
    ----------
    X : uint8 array, shape (n, h, w) or (n, h, w, 3), optional
        Faces; a third is kept for testing, and all are made grey and brought to 28 pixels. By default faces
        of FER-2013's twin that the kit brings, the largest class eight times as large as the smallest.
    y : int array, shape (n,), optional
        Their classes.
    names : list of str, optional
        Of the classes 0, 1, ...
    source : {"twin", "real"}, default="twin"
        Where the faces are from, for the title.
    random_state : int, default=0
        Seeds networks, batches and latents: the same buttons, the same pictures.

    Attributes
    ----------
    gan_ : affectkit.gans.DCGAN
    judged_ : list of (step, kid)
        A row a look of the judge.

    Raises
    ------
    ValueError
        When the view is made: not all of `X`, `y` and `names` are given, or a class has fewer than six faces.
    """

    title = "GANLab: G forges faces, D finds them out. Let one of them learn alone, then both."

    def __init__(self, X=None, y=None, names=None, *, source="twin", random_state=0):
        self.X, self.y, self.names, self.source, self.random_state = X, y, names, source, random_state

    def _prepare(self):
        given = self.X, self.y, self.names
        if all(part is None for part in given):
            *parts, self._names = _lopsided_twin()
        elif any(part is None for part in given):
            raise ValueError("give X, y and names together, or none of them")
        else:
            parts, self._names = _own(*given, self.random_state)
        self._X, self._y, hidden, self._truth = parts
        self._counts = np.bincount(self._y)
        self._seen, self._hidden = judge.describe(self._X), judge.describe(hidden)
        self._floor = judge.kid(self._seen, self._hidden)
        self._task = None
        self._begin()

    def _begin(self):
        """New networks, at step 0."""
        self.gan_ = gans.DCGAN(image_size=SIZE, n_classes=len(self._names), width=16, lr=1e-3,
                               random_state=self.random_state, device="cpu").build()  # fmt: skip
        self._which, self.judged_, self._told = None, [], {}
        self._judge()

    def _layout(self):
        button = self._button
        speed = ipywidgets.SelectionSlider(
            options=SPEEDS, value=10, description="speed [steps]", continuous_update=False,
            tooltip="So many steps a press, and from picture to picture while it runs")  # fmt: skip
        share = ipywidgets.SelectionSlider(
            options=[(f"{k} %", k / 100) for k in SHARES], value=1.0, description="made-up, share of gap",
            continuous_update=False,
            tooltip="How far made-up faces fill each class up to the largest one")  # fmt: skip
        often = self._names[int(self._counts.argmax())]
        return [rows(
            button("step D", "Step D", lambda: self.step(self._value("speed"), "discriminator"), colour=D,
                   tip="The discriminator learns, the generator rests"),
            button("step G", "Step G", lambda: self.step(self._value("speed"), "generator"), colour=G,
                   tip="The generator learns, the discriminator rests"),
            button("step both", "Step both", lambda: self.step(self._value("speed")),
                   tip="Both learn, as in every usual training"),
            button("run", "Run", self._run, tip=f"Both learn, up to {LONGEST} steps, until you press Pause"),
            button("pause", "Pause", self._pause, tip="Stop the run"),
            button("judge", "Judge now", self._judge_now,
                   tip=f"KID and classifier anew, which else happens every {EVERY} steps"),
            button("again", "Start again", self._again, tip="New networks, which know nothing"),
            self._reset_button(),
        ), rows(
            self._control("speed", speed, lambda: None, WIDE), self._control("share", share, width=WIDE),
            self._choice("class", "faces of", self._names, often, tip="Which class the plane shows"),
            self._slider("plane", "latent plane", 0, 0, 20, 1, live=False,
                         tip="Each number is another plane through the space of latents"),
        )]  # fmt: skip

    # --------------------------------------------------------------------------------------------- the game

    def step(self, n=1, which="both"):
        """Train some steps, as the buttons do; the judge looks whenever 50 steps have passed.

        Parameters
        ----------
        n : int
        which : {"both", "discriminator", "generator"}
            Who learns.
        """
        self.view()
        for _ in range(n):
            rng = np.random.default_rng([self.random_state, self.gan_.steps_])
            told = rng.integers(len(self._names), size=BATCH)  # each class equally often
            picks = [rng.choice(np.flatnonzero(self._y == k)) for k in told]
            with _still(self.gan_.generator, which == "discriminator"), \
                    _still(self.gan_.discriminator, which == "generator"):  # fmt: skip
                self.gan_.step(self._X[picks], told, which=which)
            if self.gan_.steps_ % EVERY == 0:
                self._judge()
        self._which = which if n else self._which
        self._refresh()

    def _run(self):
        """Train on while the kernel stays free: between two pictures it can do what else is asked of it."""
        if self._task is not None and not self._task.done():
            return
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # no notebook, so nobody who could press Pause
            self.step(self._value("speed"))
            return
        self._task = loop.create_task(self._play())

    async def _play(self):
        turn, before = self._guarded(lambda: self.step(self._value("speed"))), len(self.errors_)
        last = self.gan_.steps_ + LONGEST
        while self.gan_.steps_ < last and len(self.errors_) == before:
            turn()
            await asyncio.sleep(0.02)  # time for the front end's messages: Pause, a slider, another cell

    def _pause(self):
        if self._task is not None:
            self._task.cancel()
        self._refresh()

    def _again(self):
        if self._task is not None:
            self._task.cancel()
        self._begin()
        self._refresh()

    # ------------------------------------------------------------------------------------------- its judges

    def _judge(self):
        """KID, and made-up faces for the classifier: as many as each class lacks."""
        classes = np.arange(len(self._names))
        lack = self._counts.max() - self._counts
        told = np.repeat(classes, np.maximum(lack, JUDGED))
        seen = judge.describe(self.gan_.sample(len(told), told, random_state=self.random_state))
        rank = np.concatenate([np.arange(n) for n in np.bincount(told)])  # of a face in its class
        self.judged_.append((self.gan_.steps_, judge.kid(self._hidden, seen[rank < JUDGED])))
        self._made = seen, told, rank  # of the last look alone: they are large

    def _judge_now(self):
        if self.judged_[-1][0] != self.gan_.steps_:
            self._judge()
        self._refresh()

    def _say_hidden(self, share):
        """Classes of the hidden faces, by a classifier trained on real and made-up ones; trained once."""
        from sklearn.linear_model import LogisticRegression

        key = (len(self.judged_), share) if share else 0
        if key not in self._told:
            made, classes, rank = self._made
            few = rank < np.round(share * (self._counts.max() - self._counts))[classes]
            model = LogisticRegression(C=0.02, max_iter=300)
            model.fit(np.concatenate([self._seen, made[few]]), np.concatenate([self._y, classes[few]]))
            self._told[key] = model.predict(self._hidden)
        return self._told[key]

    def _verdict(self):
        """D's scores of real and of made-up faces, from a copy of it: looking must not change it."""
        import torch

        n = min(200, len(self._X))
        rng = np.random.default_rng(self.random_state)
        picks = rng.permutation(len(self._X))[:n]
        made = self.gan_.sample(n, self._y[picks], random_state=self.random_state + 1)
        copy = deepcopy(self.gan_.discriminator).train()  # as in a step, where each kind is a batch
        told = torch.from_numpy(self._y[picks])
        with torch.no_grad():
            return [copy(torch.from_numpy(x[:, None] / 127.5 - 1).float(), told).sigmoid().numpy()
                    for x in (self._X[picks], made)]  # fmt: skip

    def _plane(self):
        """Made-up faces on a grid: from one latent towards two others, on the sphere where latents lie."""
        middle, right, up = self.gan_.draw_latents(3, self.random_state + 100 + self._value("plane"))
        z = (middle + x * right + y * up for y in GRID[::-1] for x in GRID)
        z = [point * np.sqrt(len(point)) / point.norm() for point in z]
        return self.gan_.generate(np.stack(z), self._names.index(self._value("class")))

    def _draw(self):
        share, steps = self._value("share"), self.gan_.steps_
        said = [self._say_hidden(s) for s in (0.0, share)]
        options = dict(n_classes=len(self._names), random_state=self.random_state)
        alone, mixed = (quick_scores(self._truth, x, **options)[:, 1:2] for x in said)
        gain = ends(100 * (mixed - alone))[0]
        recall = [[(x == k)[self._truth == k].mean() for k in range(len(self._names))] for x in said]
        verdict = self._verdict()
        words = (f"Step {steps}. {LEARNS.get(self._which, 'Nobody has learnt anything yet.')} "
                 f"Real faces look real to D with {verdict[0].mean():.0%}, made-up ones with "
                 f"{verdict[1].mean():.0%}. With the made-up faces of step {self.judged_[-1][0]} the "
                 f"classifier's mean recall changes by {gain[0]:+.1f} points, 95 % interval {gain[1]:+.1f} "
                 f"to {gain[2]:+.1f}.")  # fmt: skip
        figure = plot_gan(self._plane(), verdict, self.gan_.history_, self.judged_, recall, gain,
                          names=self._names, shown=self._value("class"), learns=self._which,
                          floor=self._floor, share=share, source=self.source)  # fmt: skip
        return figure, words


@contextmanager
def _still(network, rests):
    """Keep what batch normalisation remembers, where a network rests: its partner's step runs it as well."""
    before = [(buffer, buffer.clone()) for buffer in network.buffers()] if rests else []
    yield
    for buffer, value in before:
        buffer.copy_(value)


def _lopsided_twin():
    """Faces and classes to learn from, the same to test with, and names."""
    options = dict(source="twin", random_state=0)  # the faces that the kit brings: others must be drawn
    train, test = (datasets.load("fer2013", split=split, max_per_class=most, **options)
                   for split, most in (("train", MOST), ("val", 75)))  # fmt: skip
    counts = lopsided(cards.get("fer2013").totals, np.bincount(train.target), RATIO)
    chosen = np.concatenate([np.flatnonzero(train.target == k)[:n] for k, n in enumerate(counts)])
    X, hidden = faces.resize(train.data[chosen], SIZE), faces.resize(test.data, SIZE)
    return X, train.target[chosen], hidden, test.target, train.target_names


def _own(X, y, names, seed):
    """The learner's own faces, cut in two."""
    from sklearn.model_selection import train_test_split

    X, y, names = np.asarray(X), np.asarray(y), [str(name) for name in names]
    fits = X.dtype == np.uint8 and X.ndim in (3, 4) and y.shape == X.shape[:1]
    fits = fits and y.dtype.kind in "iu" and (y >= 0).all()
    if not fits or np.bincount(y, minlength=len(names)).min() < 6 or len(names) <= y.max():
        raise ValueError(f"X {X.shape} and y {y.shape} must be uint8 faces and their classes from 0 to "
                         f"{len(names) - 1}, the places in names, six faces of each or more")
    X = faces.resize(datasets.grey(X), SIZE)
    X, hidden, y, truth = train_test_split(X, y, test_size=HIDDEN, stratify=y, random_state=seed)
    return (X, y, hidden, truth), names


def plot_gan(plane, verdict, history, kid, recall, gain, *, names, shown, learns, floor, share, source):
    """The game at a glance: who learns, what G makes, what D thinks of it, losses, KID and recall.

    Parameters
    ----------
    plane : uint8 array, shape (25, h, w)
        Made-up faces, five by five, row by row.
    verdict : (float array, float array)
        D's probability that it is real, of real and of made-up faces.
    history : list of dict
        Of a GAN: step, d_loss and g_loss of each step, NaN for one that rested.
    kid : list of (step, float)
    recall : float array, shape (2, classes)
        Of a classifier that learnt from real faces alone, and from real and made-up ones.
    gain : (value, low, high)
        Points by which the mean recall changes.
    names : list of str
    shown : str
        The class of the plane.
    learns : {"both", "discriminator", "generator"} or None
    floor : float
        KID of real faces.
    share : float
        Of the gap to the largest class, that made-up faces fill.
    source : {"twin", "real"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = Figure(figsize=(8, 5.6))

    def place(left, top, width, height):  # in inches, from above
        return fig.add_axes((left / 8, 1 - (top + height) / 5.6, width / 8, height / 5.6))

    _strip(place(0, 0, 8, 0.44), learns, len(history))
    side = plane.shape[1]
    ax = place(0.28, 0.68, 3.5, 3.5)
    n = len(GRID)
    ax.imshow(plane.reshape(n, n, side, side).swapaxes(1, 2).reshape(n * side, -1), cmap="gray", vmin=0,
              vmax=255, interpolation="nearest")  # fmt: skip
    ax.set(xticks=[], yticks=[], xlabel="one direction of latents", ylabel="another")
    ax.set_title(f"What G makes: {shown} ({source})", color=G)
    for spine in ax.spines.values():
        spine.set(visible=True, color=G, linewidth=2)
    verdicts, losses, distance = (place(4.4, top, 3.32, 0.76) for top in (0.68, 1.98, 3.19))
    bins = np.linspace(0, 1, 26)
    for p, colour, label, side in ((verdict[0], REAL, "real faces", 0.02), (verdict[1], G, "made-up", 0.5)):
        verdicts.stairs(np.histogram(p, bins)[0] / len(p), bins, fill=True, color=colour, alpha=0.65)
        verdicts.text(side, 0.8, f"{label}: {p.mean():.0%}", color=G if colour == G else "0.3", size=9.5,
                      weight="bold", transform=verdicts.transAxes)  # fmt: skip
    verdicts.set(xlim=(0, 1), yticks=[], xticks=(0, 0.5, 1), xticklabels=("false", "unsure", "real"))
    verdicts.set_ylim(0, 1.5 * verdicts.get_ylim()[1])
    verdicts.set_title("What D thinks of them", color=D)
    steps = np.arange(1, len(history) + 1)
    for key, colour, label in (("d_loss", D, "D"), ("g_loss", G, "G")):
        losses.plot(steps, [row[key] for row in history], ".-", color=colour, lw=1.2, ms=1.5, label=label)
    losses.set_ylim(min(0, losses.get_ylim()[0]) if history else 0, None if history else 2)
    losses.set_title("Losses")
    losses.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1.02, 0.97), borderpad=0,
                  handlelength=1.2, columnspacing=0.9)  # fmt: skip
    distance.plot(*np.transpose(kid), "o-", color=G, ms=4, lw=1.8)
    distance.axhline(floor, color=REAL, ls="--", lw=1.3)
    distance.text(0.01, floor, "real faces", color="0.35", size=9, va="bottom",
                  transform=distance.get_yaxis_transform())  # fmt: skip
    distance.set_title("KID to real faces: lower is better")
    distance.set(ylim=(min(0, floor), None), xlabel="steps")
    distance.xaxis.labelpad = 1
    for ax in (losses, distance):
        ax.set_xlim(0, max(EVERY, len(history)))
        ax.yaxis.set_major_locator(MaxNLocator(3))
    losses.tick_params(labelbottom=False)
    _recalls(place(0.24, 4.68, 7.6, 0.66), recall, names)
    title = f"Recall of a classifier: real faces alone (grey), {share:.0%} of the gap filled by G (colour)"
    fig.text(0.035, 0.177, title, size=10.2, weight="bold")
    fig.text(0.98, 0.177, f"mean {gain[0]:+.1f}", size=10.2, weight="bold", ha="right",
             color=GOOD if gain[1] > 0 else BAD if gain[2] < 0 else "0.45")  # fmt: skip
    return fig


def _strip(ax, learns, steps):
    """latents > G > made-up faces > D < real faces; who has just learnt is filled."""
    ax.set(xlim=(0, 8), ylim=(0, 1))
    ax.axis("off")
    for x, name, who, colour in ((1.75, "G", "generator", G), (4.75, "D", "discriminator", D)):
        on = learns in (who, "both")
        ax.text(x, 0.45, f" {name} {'learns' if on else 'rests'} ", ha="center", va="center", weight="bold",
                size=12, color="white" if on else colour,
                bbox={"boxstyle": "round,pad=0.3", "fc": colour if on else "white", "ec": colour, "lw": 2})
    for x, text, colour in ((0.45, "latents", "0.3"), (3.25, "made-up faces", G),
                            (6.25, "real faces", "0.3")):  # fmt: skip
        ax.text(x, 0.45, text, ha="center", va="center", color=colour, size=11)
    for start, end in ((0.85, 1.15), (2.35, 2.6), (3.9, 4.15), (5.75, 5.35)):
        arrow = {"arrowstyle": "-|>", "color": "0.4", "lw": 1.6}
        ax.annotate("", (end, 0.45), (start, 0.45), arrowprops=arrow)
    ax.text(7.85, 0.45, f"step {steps}", ha="right", va="center", weight="bold", size=12, color="0.2")


def _recalls(ax, recall, names):
    """A pair of bars a class: without made-up faces, and with them."""
    alone, mixed = np.asarray(recall)
    for k, name in enumerate(names):
        ax.bar(k - 0.2, alone[k], 0.36, color="0.78")
        ax.bar(k + 0.2, mixed[k], 0.36, color=emotions.colour(name))
        for x, value, ink in ((k - 0.2, alone[k], "0.45"), (k + 0.2, mixed[k], "0.1")):
            ax.text(x, value + 0.03, f"{value:.0%}", ha="center", size=8.5, color=ink)
    ax.set(xlim=(-0.5, len(names) - 0.5), ylim=(0, 1.1), yticks=[], xticks=range(len(names)))
    ax.set_xticklabels(names)
    ax.tick_params(length=0)
    ax.spines["left"].set_visible(False)
