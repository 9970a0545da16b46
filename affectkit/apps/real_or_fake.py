"""RealOrFake: can you tell made-up pictures from real ones? The test that papers buy from strangers."""

import time

import numpy as np
from matplotlib.figure import Figure

from affectkit import judge

from ._app import App, rows

RIGHT, WRONG = ("#0072B2", "✓"), ("#D55E00", "✗")
PAUSE = 0.4  # seconds: nobody has looked at a picture sooner, so that is the second click of a double one


class RealOrFake(App):
    """One picture after the other: real, or made up? The answers are shown at the end.

    Parameters
    ----------
    real, fake : uint8 arrays, shape (n, h, w) or (n, h, w, 3), optional
        Pictures of both kinds; both or neither. By default faces of the twin that the kit brings, and those
        that its GAN "modern-faces" makes up.
    n : int, default=20
        Pictures asked, half of each kind.
    source : {"twin", "real"}, default="twin"
        Where the real pictures are from, for the title.
    random_state : int, default=0
        Which pictures, in which order.

    Raises
    ------
    ValueError
        When the view is made: one kind is missing, or has less than n / 2 pictures.
    """

    title = "RealOrFake: from the data set, or made up by a GAN? A coin gets half of them right."

    def __init__(self, real=None, fake=None, *, n=20, source="twin", random_state=0):
        self.real, self.fake, self.n, self.source, self.random_state = real, fake, n, source, random_state

    def _prepare(self):
        pools = self.real, self.fake
        if pools[0] is None and pools[1] is None:
            pools = shipped_faces(max(self.n, 2))
        half = self.n // 2
        if half < 1 or any(pool is None or len(pool) < half for pool in pools):
            raise ValueError(f"real and fake must both be given, with n // 2 = {half} pictures or more each")
        self._pools, self._round, self._since = [np.asarray(pool) for pool in pools], 0, -np.inf
        self._deal()

    def _layout(self):
        return [rows(
            self._button("real", "real", lambda: self._answer(False), tip="It is from the data set",
                         colour="#0072B2"),
            self._button("made up", "made up", lambda: self._answer(True), tip="A network made it up",
                         colour="#E69F00"),
            self._button("again", "Start again", self._again, tip="Other pictures, from the beginning"),
        )]  # fmt: skip

    def _deal(self):
        rng = np.random.default_rng([self.random_state, self._round])
        half = self.n // 2
        self.is_fake_ = rng.permutation(np.arange(2 * half) < half)
        picks = [rng.permutation(len(pool))[:half] for pool in self._pools]
        take = [iter(pool[rows]) for pool, rows in zip(self._pools, picks, strict=True)]
        self._images = [next(take[int(fake)]) for fake in self.is_fake_]
        self.said_ = []

    def _answer(self, fake):
        if time.monotonic() - self._since < PAUSE:
            return
        if len(self.said_) < len(self.is_fake_):
            self.said_.append(fake)
        self._refresh()
        self._since = time.monotonic()

    def _again(self):
        self._round += 1
        self._deal()
        self._refresh()

    def _draw(self):
        k, n = len(self.said_), len(self.is_fake_)
        if k < n:
            words = f"Picture {k + 1} of {n}: real, or made up? You learn the answers at the end."
            return plot_question(self._images[k], k, n), words
        said = np.array(self.said_)
        told = judge.real_or_fake(self.is_fake_, said)
        words = (f"{(said == self.is_fake_).sum()} of {n} right: {told.accuracy:.0%}, 95 % interval "
                 f"{told.low:.0%} to {told.high:.0%}; d' is {told.d_prime:.1f}.")
        return plot_verdict(self._images, self.is_fake_, said, told, source=self.source), words


def shipped_faces(n):
    """Faces of the twin that the kit brings, and `n` that its GAN makes up: two uint8 arrays (n, 48, 48)."""
    from affectkit import datasets, gans

    real = datasets.load("fer2013", source="twin", split="val", max_per_class=75, random_state=0).data
    return real, gans.trained("modern-faces", device="cpu").sample(n, random_state=0)


def _picture(ax, image):
    ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set(xticks=[], yticks=[])


def plot_question(image, k, n):
    """A picture, and how many are done.

    Parameters
    ----------
    image : uint8 array, shape (h, w) or (h, w, 3)
    k, n : int
        Answered, of all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = Figure(figsize=(8, 3.9))
    ax = fig.add_axes((0.01, 0.02, 0.46, 0.95))
    _picture(ax, image)
    fig.text(0.53, 0.68, "Real, or made up?", size=19, weight="bold", color="0.2")
    fig.text(0.53, 0.57, f"Picture {k + 1} of {n}", size=12, color="0.35")
    ax = fig.add_axes((0.53, 0.46, 0.4, 0.04))
    ax.barh(0, 1, color="0.92")
    ax.barh(0, k / n, color="0.5")
    ax.set(xlim=(0, 1))
    ax.axis("off")
    return fig


def plot_verdict(images, fake, said, told, *, source):
    """All pictures with the truth above and the answer as a frame, and the score.

    Parameters
    ----------
    images : list of uint8 arrays
    fake, said : bool arrays, shape (n,)
    told : namedtuple
        Of `affectkit.judge.real_or_fake`.
    source : {"twin", "real"}
        Where the real pictures are from.

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = min(10, len(images))
    lines = -(-len(images) // columns)
    height = 1.7 + 0.95 * lines
    fig = Figure(figsize=(8, height))
    for i, (image, made, wrong) in enumerate(zip(images, fake, fake != said, strict=True)):
        x, y = i % columns / columns, 1 - (0.55 + 0.95 * (i // columns) + 0.75) / height
        ax = fig.add_axes((x + 0.012, y, 1 / columns - 0.024, 0.7 / height))
        _picture(ax, image)
        ax.set_title("made up" if made else "real", size=9, loc="center", weight="normal", pad=3, color="0.2")
        colour, mark = WRONG if wrong else RIGHT
        for spine in ax.spines.values():
            spine.set(visible=True, color=colour, linewidth=3.5)
        disc = {"boxstyle": "circle,pad=0.1", "fc": colour, "ec": "white"}
        ax.text(0.88, 0.1, mark, ha="center", va="center", size=11, weight="bold", color="white",
                transform=ax.transAxes, bbox=disc)  # fmt: skip
    head = f"{(fake == said).sum()} of {len(images)} right"
    fig.text(0.012, 1 - 0.3 / height, head, size=14, weight="bold")
    for x, word, (colour, mark) in ((0.24, "named right", RIGHT), (0.42, "taken for the other", WRONG)):
        fig.text(x, 1 - 0.29 / height, f"{mark} {word}", size=11, weight="bold", color=colour)
    fig.text(0.988, 1 - 0.29 / height, f"real: {source}", size=11, color="0.35", ha="right")
    ax = fig.add_axes((0.2, 0.5 / height, 0.6, 0.35 / height))
    ax.plot([told.low, told.high], [0, 0], color="0.3", lw=5, solid_capstyle="round")
    ax.plot(told.accuracy, 0, "D", color=RIGHT[0], ms=12, mec="white")
    ax.axvline(0.5, color="0.3", ls="--", lw=1.2)
    ax.text(0.5, 1.25, "a coin", ha="center", color="0.35", size=9.5)
    fig.text(0.82, 0.62 / height, f"line: 95 % interval\nd' = {told.d_prime:.1f}", size=9.5, color="0.3")
    ax.set(xlim=(0, 1), ylim=(-1, 1), yticks=[], xticks=(0, 0.25, 0.5, 0.75, 1),
           xticklabels=("0", "25 %", "50 %", "75 %", "100 % right"))  # fmt: skip
    ax.spines["left"].set_visible(False)
    return fig
