"""What all apps share: controls, one picture, a sentence that says what it shows, and errors one can see.

The picture is a PNG in an `ipywidgets.Image`: it works in JupyterLab, on Colab and in VS Code alike, and
nothing is ever left over from the last one. ipywidgets hides what goes wrong in a callback; here every
callback is guarded, and an error is shown in the app and kept in ``errors_``. The first picture is no
callback: what goes wrong there is an error of the cell.
"""

import base64
import html
import io
from contextlib import contextmanager

import anywidget
import ipywidgets
import matplotlib.style
import numpy as np
from matplotlib.figure import Figure
from traitlets import Unicode

from affectkit.plots import ink

WIDE, LEAST = "calc(50% - 4px)", "290px"  # of a control: two stand side by side, in less than 590 pixels one
LABEL = "155px"  # of its label, the longest of which is 151 in a wide font
FULL = "98%"  # of the one that matters most, alone in its row
STYLE = {  # the same pictures whatever style a notebook has set
    "font.size": 10.5, "axes.titlesize": 11.5, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "axes.edgecolor": "0.7", "axes.grid": False,
    "axes.facecolor": "white", "figure.facecolor": "white", "xtick.color": "0.3", "ytick.color": "0.3",
    "axes.labelcolor": "0.2",
}  # fmt: skip
VOICE = """
function render({ el }) {
  let watcher;
  const name = (app) => {
    app.querySelector(".affectkit-says .widget-html-content")?.setAttribute("role", "status");
    for (const slider of app.querySelectorAll(".widget-slider"))
      for (const handle of slider.querySelectorAll(".noUi-handle"))
        handle.setAttribute("aria-label", slider.querySelector(".widget-label")?.textContent);
  };
  const wait = setInterval(() => {  // until the view stands in the page
    const app = el.closest(".affectkit-app");
    if (!app) return;
    clearInterval(wait);
    watcher = new MutationObserver(() => name(app));  // controls come one by one
    watcher.observe(app, { childList: true, subtree: true });
    name(app);
  }, 100);
  return () => { clearInterval(wait); watcher?.disconnect(); };
}
export default { render };
"""


class App:
    """A picture with controls.

    A subclass keeps its arguments in the constructor, makes what it needs once in `_prepare`, and has

    - ``title``: a sentence that says what to do;
    - ``_layout()``: makes the controls by `_slider`, `_choice` and `_button`, and returns the rows they
      stand in, a list of widgets;
    - ``_draw()``: the Figure that belongs to the controls' values, and a sentence that says what it shows;
    - ``shown``: how many controls, from the first, a still picture shows.

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
    shown = 8

    def view(self):
        """The app, for the last line of a cell; the same one each time.

        Returns
        -------
        ipywidgets.VBox
            What goes wrong before its first picture is there is raised.
        """
        if not hasattr(self, "view_"):
            self.controls_, self.errors_, self.words_, self._held = {}, [], "", True
            self.picture_ = _Picture(format="png", layout=ipywidgets.Layout(max_width="800px", width="100%"))
            self._says = ipywidgets.HTML(layout={"max_width": "800px"}).add_class("affectkit-says")
            self._prepare()
            rows = self._layout()
            self._first = {name: c.value for name, c in self.controls_.items() if hasattr(c, "value")}
            name, _, task = self.title.partition(": ")
            head = ipywidgets.HTML("<div style='line-height:1.35;padding:4px 0'>"
                                   f"<b style='font-size:1.15em'>{name}</b> &nbsp;{task}</div>")  # fmt: skip
            view = _View([head, self.picture_, self._says, *rows, _Voice()]).add_class("affectkit-app")
            view.app, self._held = self, False
            self._show()
            self.view_ = view
        return self.view_

    def _prepare(self):
        """What is computed once."""

    def _value(self, name):
        return self.controls_[name].value

    # ---------------------------------------------------------------------------------------- controls

    def _control(self, name, widget, action=None, width=None):
        """Keep a control; a change of it calls `action`, or else draws anew."""
        self.controls_[name] = widget
        if width:
            widget.style.description_width, widget.layout.width = LABEL, width
            widget.layout.min_width = LEAST
        run = self._guarded(action or self._refresh)
        if isinstance(widget, ipywidgets.Button):
            widget.on_click(run)
        else:
            widget.observe(run, "selected_index" if isinstance(widget, ipywidgets.Tab) else "value")
        return widget

    def _slider(self, name, label, value, low, high, step, *, tip="", live=True, width=WIDE, action=None):
        """A slider; `live` follows the finger, else the picture waits until it is let go."""
        whole = all(isinstance(x, int) for x in (value, low, high, step))
        kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        slider = kind(value=value, min=low, max=high, step=step, description=label, tooltip=tip,
                      continuous_update=live)  # fmt: skip
        return self._control(name, slider, action, width)

    def _choice(self, name, label, options, value, *, tip="", action=None):
        """A drop-down list."""
        box = ipywidgets.Dropdown(options=options, value=value, description=label, tooltip=tip)
        return self._control(name, box, action, WIDE)

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
        if self._held:  # inside another one, which draws in the end
            yield
            return
        self._held = True
        try:
            yield
        finally:
            self._held = False
        self._refresh()  # not after an error of the body

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
        """Draw what the controls say; what goes wrong is shown and kept."""
        try:
            self._show()
        except Exception as error:
            self._fail(error)

    def _show(self):
        with matplotlib.style.context(STYLE, after_reset=True), io.BytesIO() as file:
            figure, words = self._draw()
            figure.savefig(file, format="png", pil_kwargs={"compress_level": 3})
            png = file.getvalue()
        shown = [c for c in self.controls_.values() if hasattr(c, "value") and c.description][: self.shown]
        self._drawn = [(c.description, _words(c), _place(c)) for c in shown]
        self.words_ = words
        self.picture_.layout.visibility = "visible"
        self.picture_.tooltip = words
        self.picture_.value = png
        self._say(words)

    def _say(self, text, colour="var(--jp-ui-font-color1, inherit)"):
        """A line below the picture, which screen readers read out as it changes."""
        self._says.value = f"<div style='color:{colour};line-height:1.35'>{html.escape(text)}</div>"

    def _wait(self):
        """Say so before work that takes more than a moment; the picture's words take its place."""
        self._say("Working ...")

    def _fail(self, error):
        self.errors_.append(error)
        self.picture_.layout.visibility = "hidden"  # an old picture would lie beside the new settings
        self._say(f"This went wrong: {type(error).__name__}: {error}. Move a control back or start again. "
                  "errors_[-1] of the app is the error.", "var(--jp-error-color1, #b3261e)")  # fmt: skip

    def still(self):
        """The app as a picture, for a page without a kernel: the last one, and where its controls stood.

        Returns
        -------
        bytes
            PNG.
        """
        from PIL import Image

        with matplotlib.style.context(STYLE, after_reset=True), io.BytesIO() as file:
            plot_controls(self._drawn).savefig(file, format="png")
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


class _Voice(anywidget.AnyWidget):
    """What ipywidgets lack for screen readers: a lasting line they read out, and names of sliders' handles.

    It shows nothing, and the app works without it, where a page does not load such widgets.
    """

    _esm = VOICE
    _css = ".affectkit-app .widget-hslider {--jp-widgets-inline-width-tiny: 48px}"  # the value: room to slide


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
        return control.index / max(1, len(control.options) - 1)
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
        ax.text(left + 1.7, y, label, ha="right", va="center", color="0.2")
        if place is None:
            ax.text(left + 1.85, y, f" {value} ", va="center", weight="bold", color="0.2",
                    bbox={"boxstyle": "round,pad=0.25", "fc": "white", "ec": "0.7"})  # fmt: skip
        else:
            ax.plot([left + 1.9, left + 3.3], [y, y], color="0.75", lw=3, solid_capstyle="round")
            ax.plot(left + 1.9 + 1.4 * place, y, "o", color="#1976d2", ms=9)
            ax.text(left + 3.42, y, value, va="center", color="0.2")
    ax.text(0.12, -rows - 0.5, "A still picture: run this cell to try it yourself.", va="center",
            style="italic", size=9, color="0.35")  # fmt: skip
    return fig


def rows(*widgets):
    """Controls side by side, as many as fit; the others below."""
    return ipywidgets.HBox(list(widgets), layout=ipywidgets.Layout(flex_flow="row wrap", max_width="800px"))


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
