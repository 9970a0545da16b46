"""The site: every page is there, every link leads somewhere, and nothing comes from another machine."""

import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from affectkit import _notebooks


class Page(HTMLParser):
    """What a page links to, what it loads, the places in it, and its pictures' alternative texts."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loads, self.places, self.alts, self.formulas = [], [], {""}, [], 0
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag, attributes):
        about = dict(attributes)
        self.places |= {about[key] for key in ("id", "name") if about.get(key)}
        if tag == "a":
            self.links.append(about.get("href") or "")
        if tag == "img":
            self.alts.append(about.get("alt"))
        if tag in ("img", "script", "iframe", "source"):
            self.loads.append(about.get("src") or "")
        if tag == "link" and about.get("rel") != "canonical":
            self.loads.append(about.get("href") or "")
        self.formulas += tag == "math"


@pytest.fixture(scope="module")
def pages(site):
    return {path: Page(path) for path in sorted(site.rglob("*.html")) if "_static" not in path.parts}


def test_every_lesson_and_document_is_a_page(site, repository):
    expected = {f"notebooks/{path.stem}" for path in _notebooks.lessons(repository)}
    expected |= {f"docs/{path.stem}" for path in (repository / "docs").glob("*.md")}
    expected |= {"README", "index", "search", "data/README", "docs/templates/model_card"}
    found = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")}
    assert expected <= found
    first = (site / "index.html").read_text("utf-8")
    for name in expected - {"README", "index"}:
        assert f'href="{name}.html' in first, f"no way leads to {name}"


def test_links_within_the_site_lead_somewhere(site, pages):
    broken = []
    for path, page in pages.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or not link:
                continue
            there = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            places = pages[there].places if there in pages else None
            if not there.is_file() or (places and unquote(parts.fragment) not in places):
                broken.append(f"{path.relative_to(site)}: {link}")
    assert not broken, "\n".join(broken)


def test_nothing_comes_from_another_machine(site, pages):
    foreign = {load for page in pages.values() for load in page.loads if urlsplit(load).netloc}
    assert not foreign
    for path in site.rglob("*.css"):
        assert not re.findall(r"(?:url\(|@import)[\s\"']*(?:https?:)?//", path.read_text("utf-8")), path


def test_pictures_of_lessons_have_alternative_texts(site, pages):
    lessons = {path: page for path, page in pages.items() if path.parent.name == "notebooks"}
    assert all(text for page in lessons.values() for text in page.alts)
    assert all(page.alts for page in lessons.values())
    texts = pages[site / "notebooks" / "02_faces_and_action_units.html"].alts
    assert sum(text.startswith("FaceLab, a still picture") for text in texts) == 1  # where no kernel moves it


def test_formulas_are_drawn_by_the_browser_itself(site, pages):
    page = site / "notebooks" / "05_dcgan_faces.html"
    assert pages[page].formulas >= 3
    assert "$" not in re.sub("<pre>.*?</pre>", "", page.read_text("utf-8"), flags=re.DOTALL)


def test_words_to_tests_and_badges_are_left_out(site):
    for path in (site / "notebooks").glob("*.html"):
        text = path.read_text("utf-8")
        assert "NBVAL_CHECK_OUTPUT" not in text and "mybinder.org/badge" not in text
        assert ">Open in Binder</a>" in text
