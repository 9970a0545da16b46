"""docs/glossary.md: in order, every term used where it says, and reached from everywhere."""

import re
from pathlib import Path

import pytest

from affectkit import _notebooks

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/glossary.md").read_text("utf-8")
ENTRIES = dict(re.findall(r"^### (.+)\n\n((?:.+\n)+)", TEXT, re.MULTILINE))
LESSONS = {path.stem: path for path in _notebooks.lessons(ROOT)}

every_term = pytest.mark.parametrize("term", ENTRIES)


def anchor(heading):
    """A heading's anchor, as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_it_is_sorted_and_every_heading_has_its_text():
    terms = re.findall(r"^### (.+)$", TEXT, re.MULTILINE)
    assert terms == sorted(terms, key=str.lower) and list(ENTRIES) == terms
    assert 60 <= len(terms) <= 100
    assert len({anchor(term) for term in terms}) == len(terms)


@every_term
def test_it_is_explained_in_a_few_plain_sentences(term):
    plain = re.sub(r"\[(\d\d)\]\([^)]+\)", r"\1", " ".join(ENTRIES[term].split()))
    text, lessons = re.fullmatch(r"(.+\.) Lessons? (\d\d(?:, \d\d)*)\.", plain).groups()
    assert 30 < len(text) < 400 and 1 <= text.count(". ") + 1 <= 3
    assert lessons.split(", ") == sorted(set(lessons.split(", ")))


@every_term
def test_each_lesson_that_it_names_uses_it(term):
    first, *others = re.fullmatch(r"([^(]+?)(?: \((.+)\))?", term).groups()
    names = [first, *(others[0].split(", ") if others[0] else [])]
    stems = re.findall(r"\(\.\./notebooks/(\w+)\.ipynb\)", ENTRIES[term])
    assert stems
    for stem in stems:
        source = LESSONS[stem].read_text("utf-8").partition("# %%")[2]  # without jupytext's own words
        words = re.sub(r"\n# ?", " ", source)
        assert any(re.search(rf"(?i)\b{re.escape(name)}", words) for name in names), stem


def test_its_links_lead_somewhere():
    anchors = {anchor(term) for term in ENTRIES}
    for number, target in re.findall(r"\[([^\]]+)\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in anchors, target
        else:
            assert (ROOT / "docs" / target).is_file() and Path(target).name.startswith(number), target


def test_readme_and_every_lesson_lead_to_it():
    assert "(docs/glossary.md)" in (ROOT / "README.md").read_text("utf-8")
    for path in LESSONS.values():
        assert "(../docs/glossary.md)" in _notebooks.render(path, ROOT).cells[0].source
