"""interact: a control for each argument of a function that draws."""

import ipywidgets
import matplotlib.pyplot as plt

from ._app import FULL, WIDE, App, rows


class Interact(App):
    def __init__(self, plot, title, controls):
        self.plot, self.title, self.controls = plot, title, controls

    def _layout(self):
        # "manual": it makes the controls, and leaves it to us to listen to them
        made = ipywidgets.interactive(self.plot, {"manual": True}, **self.controls).kwargs_widgets
        for control in made:
            control.description = control.description.replace("_", " ")
            alone = len(made) == 1 and hasattr(control, "min")
            self._control(control._kwarg, control, width=FULL if alone else WIDE)
        return [rows(*made, self._reset_button())]

    def _draw(self):
        before = set(plt.get_fignums())
        try:
            return self.plot(**{name: self._value(name) for name in self._first})
        finally:  # a cell would show it a second time, or half a one after an error
            for number in set(plt.get_fignums()) - before:
                plt.close(number)


def interact(plot, title, **controls):
    """Any figure with a control for each argument of the function that draws it.

    As `ipywidgets.interact`, but like an app: the picture is never left over from the last one, errors are
    shown, and without a kernel a still picture stays.

    Parameters
    ----------
    plot : callable
        Takes the values of the controls by name, and returns a matplotlib Figure and a sentence that says
        what it shows. An argument's default is where its control starts. It is called at each change: what
        takes long is computed before.
    title : str
        A name and what to do, such as ``"Blur: from where on is it no face?"``.
    **controls
        What `ipywidgets.interactive` takes: ``(low, high, step)``, a list, a dict of labels and values, a
        bool, or a widget; for work of more than a moment, a slider with ``continuous_update=False``.

    Returns
    -------
    ipywidgets.VBox
        For the last line of a cell.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from affectkit.apps import interact
    >>> def bar(height=0.5):
    ...     figure = Figure(figsize=(4, 2))
    ...     figure.subplots().bar(["it"], [height])
    ...     return figure, f"It is {height:g} high."
    >>> view = interact(bar, "Bar: move it.", height=(0.0, 1.0, 0.1))
    >>> view.app.words_
    'It is 0.5 high.'
    """
    return Interact(plot, title, controls).view()
