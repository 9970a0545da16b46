"""The shape that every lesson's source keeps: what it promises, asks and sums up, and where it leads."""

import re
from pathlib import Path

import nbformat
import pytest

from affectkit import _notebooks

ROOT = Path(__file__).resolve().parents[2]
LESSONS = _notebooks.lessons(ROOT)


def missing(notebook, stem, neighbours):
    """What a rendered lesson lacks; `neighbours` are the stems before and after it, or None."""
    text = [cell.source if cell.cell_type == "markdown" else "" for cell in notebook.cells]
    code = [cell.source if cell.cell_type == "code" else "" for cell in notebook.cells]
    head, last = text[0], text[-1]
    before, after = neighbours
    exercises = [i for i, source in enumerate(code) if "ak.lesson.check(" in source]
    keys = [re.search(r'check\("([^"]+)", answer\)$', code[i])[1] for i in exercises]
    wanted = {
        "objectives": re.search(r"In this lesson you will\n(- .+\n(  .+\n)*){2,}", head),
        "a time estimate": re.search(r"\*\*Time\*\* \d+ minutes · ", head),
        "a link back": before is None or re.search(r"\*\*Builds on\*\*[^·]*\]\(\d\d_\w+\.ipynb\)", head),
        "a link to the glossary": "](../docs/glossary.md)" in head,
        "a link to the version without solutions": f"](exercises/{stem}.ipynb)" in head,
        "think first": any(re.search(r"^\*Think first", source, re.MULTILINE) for source in text),
        "2 to 4 exercises": 2 <= len(exercises) <= 4,
        "exercises in order": keys == [f"{stem[:2]}-{k}" for k in range(1, len(keys) + 1)],
        "a question before each exercise": all(
            f"**Exercise {key}.**" in text[i - 1] for i, key in zip(exercises, keys, strict=True)),
        "an empty answer in each exercise": all(
            code[i] == f'answer = ...\nak.lesson.check("{key}", answer)'
            for i, key in zip(exercises, keys, strict=True)),
        "a folded solution after each exercise": all(
            re.match(_notebooks.SOLUTION.pattern, text[i + 1], re.DOTALL) and "```python\n" in text[i + 1]
            for i in exercises),
        "a summary": any(re.search(r"^## In this lesson you have\n\n- ", source, re.MULTILINE)
                         for source in text),
        "a link on": after is None or re.search(rf"\*\*Next:\*\*\s[^*]*\]\({after}\.ipynb\)", last),
    }
    return [what for what, there in wanted.items() if not there]


def neighbours(lesson):
    stems = [None, *(path.stem for path in LESSONS), None]
    at = stems.index(lesson.stem)
    return stems[at - 1], stems[at + 1]


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_nothing_is_missing(lesson):
    notebook = _notebooks.render(lesson, ROOT)
    assert missing(notebook, lesson.stem, neighbours(lesson)) == []


def test_whatever_is_missing_is_named():
    cells = [nbformat.v4.new_markdown_cell("# 05 · Nothing?"), nbformat.v4.new_markdown_cell("The end.")]
    lacks = missing(nbformat.v4.new_notebook(cells=cells), "05_nothing", ("04_a", "06_b"))
    assert len(lacks) == 9 and lacks[0] == "objectives" and lacks[-1] == "a link on"
