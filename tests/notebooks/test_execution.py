"""The lessons run: every stored notebook through nbval, every profile's branches through papermill."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest

from affectkit import _notebooks
from affectkit.lesson import CHECKS

ROOT = Path(__file__).resolve().parents[2]
LESSONS = _notebooks.lessons(ROOT)
MOST_SECONDS = 600  # on a busy machine; the budget itself is checked by `affectkit run`


@pytest.fixture
def offline_environment(tmp_path):
    """The environment of a lesson on twins, whatever real data this machine has."""
    return _notebooks.kernel_environment(AFFECTKIT_SOURCE="twin", AFFECTKIT_DATA=tmp_path)


def solved(notebook):
    """A stored lesson with each folded solution in place of the dots, and what `check` must reply to it."""
    cells = []
    for cell, following in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        if key := re.search(r'^ak\.lesson\.check\("([^"]+)", answer\)$', cell.source, re.MULTILINE):
            solution = re.search(r"```python\n(.*?)```", following.source, re.DOTALL)[1]
            reply = nbformat.v4.new_output("stream", text=f"Right: {CHECKS[key[1]].right}\n")
            cells.append(nbformat.v4.new_code_cell(solution))
            cell = nbformat.v4.new_code_cell(f"# NBVAL_CHECK_OUTPUT\n{key[0]}", outputs=[reply],
                                             execution_count=1)  # without one nbval takes it for not run
        cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_nbval(lesson, tmp_path, offline_environment):
    """The marked outputs repeat, and every exercise's solution passes its check."""
    whole = solved(nbformat.read(lesson.with_suffix(".ipynb"), as_version=4))
    notebook = tmp_path / f"{lesson.stem}.ipynb"
    nbformat.write(whole, notebook)
    cells = [cell for cell in whole.cells if cell.cell_type == "code"]
    report = tmp_path / "report.xml"
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "-p", "no:cacheprovider",
               "-q", f"--rootdir={ROOT}", "-c", os.devnull, f"--junitxml={report}", str(notebook)]
    done = subprocess.run(command, cwd=tmp_path, env=offline_environment, capture_output=True, text=True,
                          timeout=MOST_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    cases = list(ElementTree.parse(report).iter("testcase"))
    assert len(cases) == len(cells) > 0
    assert not any(len(case) for case in cases), "a cell was skipped"
    assert sum(float(case.get("time")) for case in cases) >= 1, "it ran in no time"


def runs():
    """Each lesson with other parameters; where "bench" differs from "full", both, one as a slow test."""
    chosen = []
    for lesson in LESSONS:
        branches = re.search(r"pick\(\s*PROFILE|PROFILE (==|!=|in)", lesson.read_text("utf-8"))
        chosen += [(lesson, profile) for profile in (("bench", "full") if branches else ("full",))]
    slow = {"bench": pytest.mark.slow, "full": ()}
    return [pytest.param(lesson, profile, id=f"{lesson.stem}-{profile}", marks=slow[profile])
            for lesson, profile in chosen]


# Set the small apps that a lesson makes by itself to the ends of their controls, with the lesson's own data.
TURN = """
import gc
from affectkit.apps._interact import Interact

for app in [one for one in gc.get_objects() if type(one) is Interact]:
    for name in app._first:
        control, before = app.controls_[name], app.controls_[name].value
        if hasattr(control, "options"):
            places = [option for _, option in control._options_full]
        else:
            places = (control.min, control.max) if hasattr(control, "min") else (False, True)
        for control.value in (*places, before):
            assert not app.errors_, (name, control.value, app.errors_)
        print("turned", name)
"""


@pytest.mark.parametrize("lesson, profile", runs())
def test_other_parameters_with_capped_steps(lesson, profile, tmp_path, offline_environment, monkeypatch):
    import papermill

    for name, value in {**offline_environment, "AFFECTKIT_CAP": "1"}.items():
        monkeypatch.setenv(name, value)
    notebook = nbformat.read(lesson.with_suffix(".ipynb"), as_version=4)
    small_apps = sum("apps.interact(" in cell.source for cell in notebook.cells if cell.cell_type == "code")
    notebook.cells.append(nbformat.v4.new_code_cell(TURN))
    nbformat.write(notebook, tmp_path / "turned.ipynb")
    executed = papermill.execute_notebook(
        tmp_path / "turned.ipynb", tmp_path / "executed.ipynb", cwd=lesson.parent, progress_bar=False,
        parameters={"PROFILE": profile, "SOURCE": "twin", "SEED": 1, "DEVICE": "cpu"},
        execution_timeout=MOST_SECONDS)
    text = "".join(output.get("text", "") for cell in executed.cells for output in cell.get("outputs", ()))
    assert f"{profile} profile" in text and "seed 1" in text and "capped by AFFECTKIT_CAP" in text
    assert text.count("\nturned ") >= small_apps
    assert all(cell.execution_count for cell in executed.cells if cell.cell_type == "code")


def test_there_are_lessons_to_run():
    assert len(LESSONS) >= 4
