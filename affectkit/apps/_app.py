"""What all apps share: controls, one picture, a sentence that says what it shows, and errors one can see.

The picture is a PNG in an `ipywidgets.Image`: it works in JupyterLab, on Colab and in VS Code alike, and
nothing is ever left over from the last one. ipywidgets hides what goes wrong in a callback; here every
callback is guarded, and an error is shown in the app and kept in ``errors_``.
"""

import base64
import html
import io
from contextlib import contextmanager

import ipywidgets
import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from traitlets import Unicode

WIDE, LABEL = "345px", "165px"  # of a control, and of its label: two stand side by side in 800 pixels
STYLE = {  # the same pictures whatever style a notebook has set
    "font.size": 10.5, "axes.titlesize": 11.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "0.7", "axes.grid": False,
    "axes.facecolor": "white", "figure.facecolor": "white", "xtick.color": "0.3", "ytick.color": "0.3",
    "axes.labelcolor": "0.2",
}  # fmt: skip
SHOWN = 6  # controls that a still picture shows


class App:
    """A picture with controls.

    A subclass keeps its arguments in the constructor, makes what it needs once in `_prepare`, and has

    - ``title``: a sentence that says what to do;
    - ``_layout()``: makes the controls by `_slider`, `_choice` and `_button`, and returns the rows they
      stand in, a list of widgets;
    - ``_draw()``: the Figure that belongs to the controls' values, and a sentence that says what it shows.

    Attributes
    ----------
    controls_ : dict of str to ipywidgets.Widget
        By name; set their ``.value`` from Python as well.
    errors_ : list of Exception
        All that went wrong in a callback, in order; with their tracebacks.
    picture_ : ipywidgets.Image
    words_ : str
        What the picture shows; also its alternative text.
    """

    title = ""

    def view(self):
        """The app, for the last line of a cell; the same one each time.

        Returns
        -------
        ipywidgets.VBox
        """
        if not hasattr(self, "view_"):
            self.controls_, self.errors_, self.words_, self._held = {}, [], "", True
            self.picture_ = _Picture(format="png", layout=ipywidgets.Layout(max_width="800px", width="100%"))
            self._says = ipywidgets.HTML()
            self._prepare()
            rows = self._layout()
            self._first = {name: c.value for name, c in self.controls_.items() if hasattr(c, "value")}
            name, _, task = self.title.partition(": ")
            head = ipywidgets.HTML(f"<b style='font-size:1.15em'>{name}</b> &nbsp;{task}")
            self.view_ = _View([head, self.picture_, self._says, *rows])
            self.view_.app, self._held = self, False
            self._refresh()
        return self.view_

    def _prepare(self):
        """What is computed once."""

    def _value(self, name):
        return self.controls_[name].value

    # ---------------------------------------------------------------------------------------- controls

    def _control(self, name, widget, action=None):
        """Keep a control; a change of it calls `action`, or else draws anew."""
        self.controls_[name] = widget
        run = self._guarded(action or self._refresh)
        if isinstance(widget, ipywidgets.Button):
            widget.on_click(run)
        else:
            widget.observe(run, "selected_index" if isinstance(widget, ipywidgets.Tab) else "value")
        return widget

    def _slider(self, name, label, value, low, high, step, *, tip="", live=True, action=None, **options):
        """A slider; `live` follows the finger, else the picture waits until it is let go."""
        whole = all(isinstance(x, int) for x in (value, low, high, step))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        slider = kind(value=value, min=low, max=high, step=step, description=label, tooltip=tip,
                      continuous_update=live, style={"description_width": LABEL},
                      layout=ipywidgets.Layout(width=WIDE), **options)  # fmt: skip
        return self._control(name, slider, action)

    def _choice(self, name, label, options, value, *, tip="", action=None):
        """A drop-down list."""
        box = ipywidgets.Dropdown(options=options, value=value, description=label, tooltip=tip,
                                  style={"description_width": LABEL},
                                  layout=ipywidgets.Layout(width=WIDE))  # fmt: skip
        return self._control(name, box, action)

    def _button(self, name, label, action, *, tip="", colour=None):
        style = {"button_color": colour, "text_color": ink(colour)} if colour else {}
        button = ipywidgets.Button(description=label, tooltip=tip or label, style=style,
                                   layout=ipywidgets.Layout(width="auto", min_width="88px"))  # fmt: skip
        return self._control(name, button, action)

    def _reset_button(self):
        return self._button("reset", "Reset", self._reset, tip="All controls as they were at first")

    def _reset(self):
        with self._together():
            for name, value in self._first.items():
                self.controls_[name].value = value

    @contextmanager
    def _together(self):
        """Move several controls, and draw once."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self._refresh()

    # ----------------------------------------------------------------------------------------- drawing

    def _guarded(self, action):
        def run(_=None):
            if self._held:  # somebody moves several controls and draws in the end
                return
            try:
                action()
            except Exception as error:  # shown and kept: ipywidgets would let it vanish
                self._fail(error)

        return run

    def _refresh(self):
        try:
            with matplotlib.style.context(STYLE, after_reset=True):
                figure, words = self._draw()
                png = io.BytesIO()
                figure.savefig(png, format="png", pil_kwargs={"compress_level": 3})
        except Exception as error:
            self._fail(error)
            return
        self.words_ = words
        self.picture_.layout.visibility = "visible"
        self.picture_.tooltip = words
        self.picture_.value = png.getvalue()
        self._say(words)

    def _say(self, text, colour="#444"):
        """A line below the picture, which screen readers read out as it changes."""
        text = html.escape(text)
        self._says.value = f"<div role='status' aria-live='polite' style='color:{colour}'>{text}</div>"

    def _fail(self, error):
        self.errors_.append(error)
        self.picture_.layout.visibility = "hidden"  # an old picture would lie beside the new settings
        self._say(f"This went wrong: {type(error).__name__}: {error}. Move a control back or press Reset. "
                  "The error is kept in errors_[-1] of the app.", "#b3261e")  # fmt: skip

    def still(self):
        """The app as a picture, for a page without a kernel: the picture, and where the controls stand.

        Returns
        -------
        bytes
            PNG.
        """
        from PIL import Image

        shown = [c for c in self.controls_.values() if hasattr(c, "value") and c.description][:SHOWN]
        with matplotlib.style.context(STYLE, after_reset=True), io.BytesIO() as file:
            plot_controls([(c.description, _words(c), _place(c)) for c in shown]).savefig(file, format="png")
            parts = [Image.open(io.BytesIO(self.picture_.value)).convert("RGB"),
                     Image.open(file).convert("RGB")]  # fmt: skip
        whole = Image.new("RGB", (max(p.width for p in parts), sum(p.height for p in parts)), "white")
        for part, top in zip(parts, (0, parts[0].height), strict=True):
            whole.paste(part, (0, top))
        file = io.BytesIO()
        whole.save(file, "PNG")
        return file.getvalue()


class _Picture(ipywidgets.Image):
    """An image with alternative text: the front end takes the tooltip for it, if there is a description."""

    description = Unicode("").tag(sync=True)


class _View(ipywidgets.VBox):
    """The box of an app, which leaves a still picture where no kernel moves it (GitHub, reports)."""

    app = None

    def _repr_mimebundle_(self, **kwargs):
        data = super()._repr_mimebundle_(**kwargs)
        png = base64.b64encode(self.app.still()).decode("ascii")
        alt = f"{type(self.app).__name__}, a still picture. {self.app.words_}"
        data |= {"text/plain": alt, "image/png": png}
        return data, {"image/png": {"alt": alt}}


def _place(control):
    """Where a slider stands, 0 to 1; None for other controls."""
    if isinstance(control, ipywidgets.SelectionSlider):
        return control.index / (len(control.options) - 1)
    return (control.value - control.min) / (control.max - control.min) if hasattr(control, "min") else None


def _words(control):
    """What a control shows as its value."""
    if hasattr(control, "label"):
        return str(control.label)
    if isinstance(control.value, bool):
        return "on" if control.value else "off"
    return f"{control.value:g}" if isinstance(control.value, float) else str(control.value)


def plot_controls(controls):
    """Controls as they stand, drawn in two columns.

    Parameters
    ----------
    controls : list of (label, value, place)
        Two str, and 0 to 1 for a slider or None for a list.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = -(-len(controls) // 2)
    fig = Figure(figsize=(8, 0.32 * rows + 0.42), facecolor="#f3f3f0")
    ax = fig.add_axes((0, 0, 1, 1))
    ax.set(xlim=(0, 8), ylim=(-rows - 0.9, 0.25))
    ax.axis("off")
    for k, (label, value, place) in enumerate(controls):
        left, y = 4 * (k % 2), -(k // 2) - 0.35
        ax.text(left + 1.5, y, label, ha="right", va="center", color="0.2")
        if place is None:
            ax.text(left + 1.65, y, f" {value} ", va="center", weight="bold", color="0.2",
                    bbox={"boxstyle": "round,pad=0.25", "fc": "white", "ec": "0.7"})  # fmt: skip
        else:
            ax.plot([left + 1.7, left + 3.2], [y, y], color="0.75", lw=3, solid_capstyle="round")
            ax.plot(left + 1.7 + 1.5 * place, y, "o", color="#1976d2", ms=9)
            ax.text(left + 3.35, y, value, va="center", color="0.2")
    ax.text(0.12, -rows - 0.5, "A still picture: run this cell, and the controls move.", va="center",
            style="italic", size=9, color="0.35")  # fmt: skip
    return fig


def rows(*widgets):
    """Controls side by side, as many as fit; the others below."""
    return ipywidgets.HBox(list(widgets), layout=ipywidgets.Layout(flex_flow="row wrap", max_width="800px"))


def ink(colour):
    """Black or white, whichever can be read on a colour."""
    red, green, blue = matplotlib.colors.to_rgb(colour)
    return "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.55 else "white"


def wilson(k, n):
    """A share and its 95 % interval by Wilson: (value, low, high), NaN where n is 0."""
    from scipy.stats import binomtest

    if n == 0:
        return np.nan, np.nan, np.nan
    return k / n, *binomtest(int(k), int(n)).proportion_ci(method="wilson")


def drawn_scores(said, y, unit, *, shares=None, classes=None, n_boot=300, random_state=0):
    """Scores of predictions, and of the same in bootstrap draws: fast enough to follow a slider.

    Two calls with the same `y`, `unit` and seed see the same draws: their difference is a paired one.

    Parameters
    ----------
    said, y : int arrays, shape (n,)
        Predictions and truth.
    unit : array, shape (n,)
        Rows of the same unit (a person) are drawn together.
    shares : array, shape (classes,), optional
        Count the classes by these shares, not by their own.
    classes : int, optional
        How many; that of `shares`, if these are given.
    n_boot : int
        Draws; 0 for none.
    random_state : int

    Returns
    -------
    float array, shape (1 + n_boot, 3)
        accuracy, balanced accuracy and macro-F1, of all rows first. NaN where a class is lacking.
    """
    k = classes if shares is None else len(shares)
    unit = np.unique(unit, return_inverse=True)[1]
    n = unit.max() + 1
    counts = np.random.default_rng(random_state).multinomial(n, np.full(n, 1 / n), n_boot)
    cell = np.zeros((len(y), k * k))
    cell[np.arange(len(y)), y * k + said] = 1
    table = (np.vstack([np.ones(len(y)), counts[:, unit]]) @ cell).reshape(-1, k, k)  # (draws, truth, said)
    support = table.sum(2, keepdims=True)
    prior = support[..., 0] / support.sum(1) if shares is None else np.asarray(shares) / np.sum(shares)
    with np.errstate(all="ignore"):
        recall = np.einsum("bkk->bk", table) / support[..., 0]
        guessed = ((table / support) * np.broadcast_to(prior, recall.shape)[..., None]).sum(1)
        f1 = 2 * prior * recall / (prior + guessed)
        hits = np.where(prior > 0, prior * recall, 0).sum(1)  # a class that was not drawn has no recall
    return np.stack([hits, recall.mean(1), f1.mean(1)], axis=1)


def ends(draws):
    """(value, low, high) of each column: the first row, and the 95 % interval of the others."""
    if len(draws) == 1:
        return [(value, np.nan, np.nan) for value in draws[0]]
    low, high = np.nanpercentile(draws[1:], [2.5, 97.5], axis=0)
    return list(zip(draws[0], low, high, strict=True))


METRICS = "accuracy", "balanced accuracy", "macro-F1"  # the columns of drawn_scores


def score_bars(ax, table, *, colours, limits=(0, 1)):
    """Horizontal bars with intervals, their values written beside them; the first row on top.

    Parameters
    ----------
    ax : matplotlib Axes
    table : list of (label, value, low, high)
        NaN is drawn as a dash.
    colours : list of colours
    """
    for row, ((_, value, low, high), colour) in enumerate(zip(table, colours, strict=True)):
        if np.isfinite(value):
            ax.barh(row, value, color=colour, height=0.62)
        if np.isfinite([low, high]).all() and high > low:
            ax.plot([low, high], [row, row], color="0.15", lw=2, solid_capstyle="round")
        ax.text(1.02, row, f"{value:.2f}" if np.isfinite(value) else "–", va="center", weight="bold",
                color="0.2", transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set(yticks=range(len(table)), yticklabels=[name for name, *_ in table], xlim=limits,
           ylim=(len(table) - 0.45, -0.55))  # fmt: skip
    ax.tick_params(left=False)
    ax.spines["left"].set_visible(False)
