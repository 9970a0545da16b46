"""The lessons as they are committed: paired, fresh, executed on twins, clean, and in a lesson's shape."""

import json
import re
from pathlib import Path

import nbformat
import pytest

from affectkit import _notebooks

ROOT = Path(__file__).resolve().parents[2]
LESSONS = _notebooks.lessons(ROOT)
LIMIT = 1_000_000  # bytes of outputs in a notebook
MOST_SECONDS, ALL_SECONDS = 60, 12 * 60  # the budget on two idle cores; on busy ones, make them again

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@pytest.fixture
def stored(lesson):
    path = lesson.with_suffix(".ipynb")
    assert path.is_file(), f"{path.name} is missing: run `make notebooks`"
    return nbformat.read(path, as_version=4)


def test_every_source_has_its_notebook_and_the_other_way_round():
    folder = ROOT / "notebooks"
    sources = {path.stem for path in folder.glob("*.py")}
    assert sources >= {"00_start_here", "01_class_imbalance", "02_faces_and_action_units", "03_heart_signals"}
    assert sources >= {"09_face_cnns", "10_heart_lstm"}
    assert sources == {path.stem for path in folder.glob("*.ipynb")}
    assert sources == {path.stem for path in LESSONS}, "a lesson is called NN_words"
    numbers = [path.stem[:2] for path in LESSONS]
    assert len(set(numbers)) == len(numbers)


@every_lesson
def test_fresh(lesson):
    assert not _notebooks.stale(lesson, ROOT), f"{lesson.stem}.ipynb is stale: run `make notebooks`"


@every_lesson
def test_cells_are_those_of_the_source(lesson, stored):
    def cells(notebook):
        return [(cell.id, cell.cell_type, cell.source, cell.metadata.get("tags")) for cell in notebook.cells]

    assert cells(stored) == cells(_notebooks.render(lesson, ROOT)), "edit the .py, then run `make notebooks`"
    nbformat.validate(stored)


@every_lesson
def test_made_on_twins_in_the_quick_profile_and_budget(stored):
    made = stored.metadata.affectkit
    assert (made.source, made.profile) == ("twin", "quick")
    assert 1 < made.seconds <= MOST_SECONDS
    assert 100 < made.peak_rss_mb <= 1500, "the kernel held more than 1.5 GB at once"
    assert stored.metadata.kernelspec == _notebooks.KERNEL


def test_the_whole_quick_path_keeps_its_budget():
    made = [json.loads(path.with_suffix(".ipynb").read_text("utf-8")) for path in LESSONS]
    assert sum(one["metadata"]["affectkit"]["seconds"] for one in made) <= ALL_SECONDS


@every_lesson
def test_every_code_cell_was_executed_without_error(stored):
    code = [cell for cell in stored.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


@every_lesson
def test_outputs_are_small_and_clean(stored):
    outputs = [output for cell in stored.cells for output in cell.get("outputs", ())]
    assert outputs
    assert len(json.dumps(outputs)) <= LIMIT
    assert "widgets" not in stored.metadata
    text = nbformat.writes(stored)
    assert "application/vnd.jupyter.widget" not in text
    found = re.findall(r"(?<![\w./~:-])/(?:home|root|work|tmp|Users|mnt)/[\w.-]+|\b[A-Z]:\\\\\w+", text)
    assert not found, "absolute paths"


@every_lesson
def test_four_parameters(lesson):
    defaults = {"PROFILE": "quick", "SOURCE": "auto", "SEED": 0, "DEVICE": "auto"}
    assert _notebooks.parameters(lesson) == defaults


@every_lesson
def test_shape_of_a_lesson(lesson, stored):
    text = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "markdown")
    assert re.match(rf"# {lesson.stem[:2]} · \S.*\?\n", text), "a title that asks the lesson's question"
    for part in ("In this lesson you will", "**Time**", "Think first", "In this lesson you have", "Exercise"):
        assert part in text, part
    assert "mybinder.org" in text and "colab.research.google.com" in text and "{{" not in text
    code = "\n".join(cell.source for cell in stored.cells if cell.cell_type == "code")
    for call in ("ak.lesson.start(", "ak.lesson.record(", "ak.lesson.check("):
        assert call in code, call
    heroes = [cell for cell in stored.cells if "hero" in cell.metadata.get("tags", [])]
    assert len(heroes) == 1 and any("image/png" in output.get("data", {}) for output in heroes[0].outputs)


@every_lesson
def test_every_exercise_has_a_check(lesson):
    from affectkit.lesson import CHECKS

    asked = set(re.findall(r'lesson\.check\("([^"]+)"', lesson.read_text("utf-8")))
    assert asked and asked <= set(CHECKS)
    assert asked == {key for key in CHECKS if key.startswith(lesson.stem[:2])}


@every_lesson
def test_links_between_lessons_lead_somewhere(lesson):
    for target in re.findall(r"\]\((\d\d_\w+\.ipynb)\)", lesson.read_text("utf-8")):
        assert (ROOT / "notebooks" / target).with_suffix(".py").is_file(), target


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_some_output_must_repeat(lesson):
    """nbval compares the output of marked cells alone; a lesson without one would pass with any numbers."""
    assert "# NBVAL_CHECK_OUTPUT" in lesson.read_text("utf-8")
