"""Turning every knob, and noticing what goes wrong: ipywidgets hides errors in callbacks."""

import contextlib
import logging
import warnings

import anywidget
import ipywidgets
import pytest

from affectkit.apps import _app


@pytest.fixture(autouse=True)
def small_pictures(monkeypatch, one_thread):
    """A quarter of the pixels: what is tested here does not hang on them."""
    monkeypatch.setitem(_app.STYLE, "figure.dpi", 50)


def everything_in(widget):
    """A widget and all that stands in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from everything_in(child)


def settings(control):
    """What a person could do to a control, as (trait, value); lists and sheets end as they were before.

    Of a slider both ends and a step; every option of a list; every sheet.
    """
    if isinstance(control, ipywidgets.Button):
        return [("click", None)]
    if isinstance(control, ipywidgets.Tab):
        return [("selected_index", k) for k in (*range(len(control.children)), control.selected_index)]
    if isinstance(control, ipywidgets.Checkbox | ipywidgets.ToggleButton):
        return [("value", not control.value), ("value", control.value)]
    if isinstance(control, anywidget.AnyWidget):
        return []  # it has no value: what the browser says to it is tested message by message
    if hasattr(control, "options"):
        return [("index", k) for k in (*range(len(control.options)), control.index)]
    if hasattr(control, "step"):
        return [("value", x) for x in (control.min, control.min + control.step, control.max)]
    raise AssertionError(f"teach the harness what one can do to {type(control).__name__}")


def is_control(widget):
    shows = ipywidgets.Box, ipywidgets.HTML, ipywidgets.Image, ipywidgets.Output, anywidget.AnyWidget
    return isinstance(widget, ipywidgets.Tab) or not isinstance(widget, shows)


@pytest.fixture
def watch(caplog):
    """Do something to an app as its front end would; gives what went wrong, seen or swallowed."""
    def do(app, control, trait, value):
        view = app.view()
        caplog.clear()
        before, problems = len(app.errors_), []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)  # such as a mean of nothing
                if trait == "click":
                    control.click()
                else:
                    control.set_state({trait: value})
        except Exception as error:  # an unguarded observer
            problems.append(error)
        problems += app.errors_[before:]
        problems += [record.exc_info[1] if record.exc_info else record.getMessage()
                     for record in caplog.records if record.levelno >= logging.WARNING]
        problems += [output for widget in everything_in(view) if isinstance(widget, ipywidgets.Output)
                     for output in widget.outputs if output["output_type"] == "error"]
        return problems

    return do


@pytest.fixture
def turn_every_knob(watch):
    """Set every control that an app shows through its range, and fail on whatever goes wrong.

    `prepare` maps a control's name to settings of others that it takes for this one to matter. Returns the
    names of controls that never changed the picture.
    """
    def turn(app, prepare=None):
        controls = [widget for widget in everything_in(app.view()) if is_control(widget)]
        names = {id(control): name for name, control in app.controls_.items()}
        wrong, idle = [], []
        for control in controls:
            name = names.get(id(control)) or getattr(control, "description", "") or type(control).__name__
            for other, value in (prepare or {}).get(name, {}).items():
                trait = "selected_index" if isinstance(app.controls_[other], ipywidgets.Tab) else "value"
                app.controls_[other].set_state({trait: value})
            pictures, before = {bytes(app.picture_.value)}, getattr(control, "value", None)
            for trait, value in settings(control):
                wrong += [f"{name} {trait}={value}: {problem!r}" for problem in
                          watch(app, control, trait, value)]
                pictures.add(bytes(app.picture_.value))
            if hasattr(control, "step"):  # back, without the time that a picture takes
                app._held = True
                with contextlib.suppress(Exception):  # noted above, if there was one
                    control.value = before
                app._held = False
            if len(pictures) == 1:
                idle.append(name)
        assert not wrong, "\n".join(wrong)
        return idle

    return turn
