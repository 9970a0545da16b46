"""``python -m affectkit.cards > data/README.md``: the cards as a page for people."""

from . import SPLITS, get, names

HEAD = """\
# Real data

<!-- Written by `python -m affectkit.cards > data/README.md`; edit the cards in affectkit/cards/, not this
page. -->

No real face or pulse comes with the kit. Every lesson runs on *twins* without any of this: for each set below
the kit simulates one with the same classes, counts, people, cameras and picture size
(`affectkit.datasets.load(NAME, source="twin")`). Put a real set in its place and the same lesson runs on it.
The kit looks in the folder that `AFFECTKIT_DATA` names, else in `data/`.

`affectkit data list` shows what is here, `affectkit data check` reads it and says what is good, missing or
broken, and `affectkit data where NAME` says how to get a set. `affectkit data get NAME` fetches the few that
anyone may have. Zips of pictures and tables stay zipped, those of DEAP and WESAD have to be unpacked. What
was read once, or simulated, is kept as arrays in your system's cache folder, or in the one that
`AFFECTKIT_CACHE` names. `sample/` holds a little of two twins (faces of fer2013, heart rates of
stress-predict), so that the first lessons start at once; `python -m affectkit.datasets` makes it.
`checkpoints/` holds networks trained on twins: the judge of faces (`python -m affectkit.judge`) and some
generators (`python -m affectkit.checkpoints`). The [data card](../docs/data_card.md) and the
[model card](../docs/model_card.md) say more of both; `measured/` holds what the studies of docs/ measured.
[docs/ethics.md](../docs/ethics.md) says what no data set of faces tells, and where the law forbids to ask.

Each count says how well it is known. *Published*: its makers or a paper print it. *Derived*: it follows from
published numbers, or was counted in the files. *Assumed*: nothing better is known.
"""


def page():
    """The page as Markdown text: a table of all sets, then a section for each."""
    cards = [get(name) for name in names()]
    columns = "name what classes samples people counts licence".split()
    lines = [HEAD, f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for card in cards:
        weakest = ", ".join(dict.fromkeys(card.count_status[split] for split in card.splits))
        lines.append(
            f"| [{card.name}](#{card.name}) | {card.modality} | {len(card.classes)} | {card.n:,} | "
            f"{f'{card.subjects:,}' if card.subjects else ''} | {weakest} | {card.licence} |"
        )
    for card in cards:
        lines += [
            "",
            f"## {card.name}",
            "",
            f"**{card.title}.** {card.citation}.",
            "",
            f"- Get it: {card.access}. <{card.url}>",
            f"- Put it in the data folder as: {card.place}",
            f"- Licence: {card.licence}",
            "",
            _table(card),
            "",
        ]
        lines += [
            f"- {split}: {_standing(card, split)}: {card.count_source[split]}." for split in card.splits
        ]
        if card.notes.strip():
            lines += ["", card.notes.strip()]
    return "\n".join(lines)


def _table(card):
    rows = [("split", *card.classes, "all"), ("---",) * (len(card.classes) + 2)]
    rows += [
        (split, *(f"{n:,}" for n in card.counts[split]), f"{sum(card.counts[split]):,}")
        for split in SPLITS
        if split in card.counts
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _standing(card, split):
    words = card.class_status[split]
    if len(set(words)) == 1:
        return words[0]
    return "; ".join(
        f"{word} ({', '.join(name for name, w in zip(card.classes, words, strict=True) if w == word)})"
        for word in dict.fromkeys(words)
    )


if __name__ == "__main__":
    print(page())
