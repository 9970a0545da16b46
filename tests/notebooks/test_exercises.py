"""The notebooks in exercises/: what the command makes of the lessons, without solutions and outputs."""

import re
from pathlib import Path

import nbformat
import pytest

import affectkit
from affectkit import _notebooks

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "notebooks/exercises"
LESSONS = _notebooks.lessons(ROOT)
LIMIT = 100_000  # bytes of a notebook without outputs

every_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)


@pytest.fixture
def stored(lesson):
    return nbformat.read(FOLDER / f"{lesson.stem}.ipynb", as_version=4)


def asked(notebook):
    """The cells of a notebook that hold exercises."""
    return [cell for cell in notebook.cells if "lesson.check(" in cell.source]


def test_each_lesson_has_one_and_nothing_else_lies_there():
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"{path.stem}.ipynb" for path in LESSONS]


@every_lesson
def test_it_is_what_the_command_makes(lesson):
    made = nbformat.writes(_notebooks.render(lesson, ROOT, solutions=False)) + "\n"
    file = FOLDER / f"{lesson.stem}.ipynb"
    assert file.read_text("utf-8") == made, "edit the .py, then run `affectkit notebooks --exercises`"
    assert file.stat().st_size <= LIMIT


@every_lesson
def test_all_but_the_solutions_is_there(lesson, stored):
    whole = _notebooks.render(lesson, ROOT)
    assert [cell.source for cell in asked(stored)] == [cell.source for cell in asked(whole)]
    code, everything = ([cell.source for cell in notebook.cells if cell.cell_type == "code"]
                        for notebook in (stored, whole))
    assert code == everything
    text, told = ("\n\n".join(cell.source for cell in notebook.cells[1:] if cell.cell_type == "markdown")
                  for notebook in (stored, whole))
    told = _notebooks.SOLUTION.sub("", told).replace("](../", "](../../")
    assert re.sub(r"\n{2,}", "\n\n", text).strip() == re.sub(r"\n{2,}", "\n\n", told).strip()


@every_lesson
def test_no_solution_is_left(lesson, stored):
    text = "\n".join(cell.source for cell in stored.cells)
    assert "<details" not in text and "Solution" not in text
    whole = "\n".join(cell.source for cell in _notebooks.render(lesson, ROOT).cells)
    solutions = _notebooks.SOLUTION.findall(whole)
    assert len(solutions) == len(asked(stored)) > 1
    for solution in solutions:
        lines = [line.strip() for line in solution.splitlines() if "answer" in line]
        assert lines and not [line for line in lines if line in text]


@every_lesson
def test_nothing_was_executed(stored):
    nbformat.validate(stored)
    assert not any(cell.outputs or cell.execution_count for cell in stored.cells if cell.cell_type == "code")


@every_lesson
def test_an_untouched_exercise_is_answered_kindly(stored, capsys):
    for cell in asked(stored):
        exec(cell.source, {"ak": affectkit})
        assert "is not answered yet: put your answer in place of the dots" in capsys.readouterr().out


@every_lesson
def test_links_lead_somewhere(stored):
    targets = [target for cell in stored.cells for target in re.findall(r"\]\(([^)]+)\)", cell.source)]
    local = [target.partition("#")[0] for target in targets if re.match(r"[\w./]+\.(ipynb|md)", target)]
    assert "../../docs/glossary.md" in local
    assert not [target for target in local if not (FOLDER / target).is_file()]
