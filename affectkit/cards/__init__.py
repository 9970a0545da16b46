"""Cards: what is known of every data set, and how well it is known.

One ``NAME.toml`` a data set. Each count carries its standing: *published* (its makers or a paper print the
number), *derived* (follows from published numbers, or was counted in the files), or *assumed* (nothing better
is known).

Examples
--------
>>> from affectkit import cards
>>> card = cards.get("fer2013")
>>> dict(zip(card.classes, card.counts["train"]))["disgust"]
436
"""

import functools
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

MODALITIES = ("faces", "signals", "pairs", "scenes")
STANDINGS = ("published", "derived", "assumed")
SPLITS = ("train", "val", "test", "all")  # "all" stands alone: a set without an official split


@dataclass(frozen=True, kw_only=True)
class Card:
    """One data set, as its makers describe it.

    Attributes
    ----------
    name, title, modality : str
        The kit's name; the full name; one of ``MODALITIES``.
    classes : tuple of str
        The set's own class names; target ``k`` means ``classes[k]``.
    counts : dict of str to tuple of int
        Samples of each class, by split ("train", "val", "test", or "all" where there is no official split).
        Pictures; for signals windows of 60 s every 10 s, unless ``notes`` says otherwise.
    count_status, count_source : dict of str to str
        For each split one of ``STANDINGS`` (the weakest of its classes'), and where the numbers come from.
    class_status : dict of str to tuple of str
        The same for each single count; in the file, ``count_status`` is one word for all classes or a list of
        them.
    image_size : tuple of int or None
        (height, width) in pixels.
    channels : int
        1 grey, 3 colour; for signals the number of channels that ``load`` gives by default.
    subjects : int or None
        People, where the set names them.
    sampling_rate : float or None
        Hz, of the default signal.
    licence, access, place, url, citation, notes : str
        Terms; how to get it; where in the data folder it goes; its page; the paper; what one should know.
    """

    name: str
    title: str
    modality: str
    classes: tuple
    counts: dict
    count_status: dict
    count_source: dict
    class_status: dict
    channels: int
    licence: str
    access: str
    place: str
    url: str
    citation: str
    image_size: tuple | None = None
    subjects: int | None = None
    sampling_rate: float | None = None
    notes: str = field(default="", repr=False)

    @property
    def splits(self):
        """The official splits, in reading order; ("all",) where there are none."""
        return tuple(split for split in SPLITS if split in self.counts)

    @property
    def totals(self):
        """Samples of each class over all splits, a tuple of int."""
        return tuple(sum(column) for column in zip(*self.counts.values(), strict=True))

    @property
    def n(self):
        """Samples in all."""
        return sum(self.totals)

    @property
    def imbalance(self):
        """Largest class over smallest class, in the split one trains on."""
        counts = self.counts[self.splits[0]]
        return max(counts) / min(counts)


def parse(text, name):
    """Read a card's TOML text and check it.

    Parameters
    ----------
    text : str
        The contents of ``NAME.toml``.
    name : str
        The data set's name, for the card and for messages.

    Returns
    -------
    Card

    Raises
    ------
    ValueError
        The text is no TOML, a field is missing or unknown, or the fields contradict one another.
    """
    where = f"card {name}.toml"
    try:
        fields = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where} is not valid TOML: {error}") from error
    fields["counts"] = {split: tuple(counts) for split, counts in fields.get("counts", {}).items()}
    for key in ("classes", "image_size"):
        if key in fields:
            fields[key] = tuple(fields[key])
    given = fields.get("count_status", {})
    fields["class_status"] = {
        split: (words,) * len(fields["counts"].get(split, ())) if isinstance(words, str) else tuple(words)
        for split, words in given.items()
    }
    for split, words in fields["class_status"].items():
        if set(words) - set(STANDINGS):
            raise ValueError(
                f"{where}: count_status.{split} must be one of {', '.join(STANDINGS)}, not {given[split]!r}"
            )
    if "count_status" in fields:
        fields["count_status"] = {
            split: max(words, key=STANDINGS.index, default="")
            for split, words in fields["class_status"].items()
        }
    try:
        card = Card(name=name, **fields)
    except TypeError as error:  # dataclasses name the missing or unexpected field
        raise ValueError(f"{where}: {str(error).removeprefix('Card.__init__() ')}") from error
    if card.modality not in MODALITIES:
        raise ValueError(f"{where}: modality {card.modality!r} is none of {', '.join(MODALITIES)}")
    if not card.counts or set(card.counts) - set(SPLITS) or ("all" in card.counts and len(card.counts) > 1):
        raise ValueError(
            f"{where}: counts must be by train, val, test, or by all alone; not {sorted(card.counts)}"
        )
    for split, counts in card.counts.items():
        if len(counts) != len(card.classes):
            raise ValueError(
                f"{where}: counts.{split} has {len(counts)} numbers for {len(card.classes)} classes"
            )
        if not all(isinstance(count, int) and count > 0 for count in counts):
            raise ValueError(f"{where}: counts.{split} must be whole numbers above zero, not {list(counts)}")
        if len(card.class_status.get(split, ())) != len(counts):
            raise ValueError(
                f"{where}: count_status.{split} must be a word, or one for each of {len(counts)} classes"
            )
        if not card.count_source.get(split):
            raise ValueError(f"{where}: count_source.{split} must say where the numbers come from")
    return card


@functools.cache
def names():
    """Names of all data sets, in reading order (faces, signals, pairs, scenes; by name): tuple of str."""
    found = {path.stem for path in Path(__file__).parent.glob("*.toml")}
    return tuple(sorted(found, key=lambda name: (MODALITIES.index(get(name).modality), name)))


@functools.cache
def get(name):
    """The card of a data set.

    Raises
    ------
    ValueError
        There is no card of this name, or the card contradicts itself.
    """
    path = Path(__file__).with_name(f"{name}.toml")
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.toml")))
        raise ValueError(f"there is no data set {name!r}; the kit knows: {known}")
    return parse(path.read_text(encoding="utf-8"), name)
