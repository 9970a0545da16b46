"""The site in a browser: read without a network, narrow and wide, and searched."""

import pytest

from .conftest import PICTURES, WIDTHS

PAGES = "index", "notebooks/05_dcgan_faces", "notebooks/02_faces_and_action_units", "docs/scoreboard"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_without_a_network(name, page, site):
    page.goto((site / f"{name}.html").as_uri())
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=PICTURES / f"site-{name.split('/')[-1]}-{width}.png")
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    broken = "Array.from(document.images).filter(image => image.complete && !image.naturalWidth).length"
    assert page.evaluate(broken) == 0
    assert page.locator("nav a", has_text="05 · DCGAN faces").count()


def test_search_finds_a_word_of_a_lesson(page, site):
    page.goto((site / "search.html").as_uri() + "?q=contempt")
    page.locator("#search-results li a", has_text="02 · Faces and action units").first.wait_for()
