"""data/README.md is written from the cards."""

from affectkit import cards
from affectkit.cards.__main__ import page


def test_the_page_in_the_repository_is_up_to_date(repository):
    written = (repository / "data" / "README.md").read_text(encoding="utf-8")
    assert written == page() + "\n", "stale: run `python -m affectkit.cards > data/README.md`"


def test_it_tells_of_every_set():
    text = page()
    for name in cards.names():
        card = cards.get(name)
        assert f"\n## {name}\n" in text and card.url in text and card.place in text
