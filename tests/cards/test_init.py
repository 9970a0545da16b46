"""Cards: complete, consistent, and refused where they are not."""

import pytest

from affectkit import cards

NAMES = """fer2013 rafdb-basic rafdb-compound ckplus rafd-frontal rafd-multiview kdef kdef-gan jaffe faces
sfew celeba oahega wellbeing landscapes deap wesad stress-predict pairs""".split()


def test_every_data_set_has_a_card():
    assert sorted(cards.names()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_all_it_should(name):
    card = cards.get(name)
    assert card.name == name and card.title and card.licence and card.access and card.place and card.citation
    assert card.url.startswith("http") and card.modality in cards.MODALITIES and card.channels >= 1
    assert (card.image_size is None) == (card.modality == "signals")
    assert (card.sampling_rate is None) == (card.modality in ("faces", "scenes"))
    for split in card.splits:
        assert len(card.counts[split]) == len(card.class_status[split]) == len(card.classes)
        assert card.count_status[split] in cards.STANDINGS and card.count_source[split]


@pytest.mark.parametrize(
    ("name", "split", "total"),
    [
        ("fer2013", "train", 28_709),
        ("fer2013", "val", 3_589),
        ("fer2013", "test", 3_589),
        ("rafdb-basic", "train", 12_271),
        ("rafdb-basic", "test", 3_068),
        ("rafdb-compound", "train", 3_162),
        ("rafdb-compound", "test", 792),
        ("sfew", "train", 958),
        ("sfew", "val", 436),
        ("wellbeing", "train", 33_708),
        ("wellbeing", "test", 7_264),
        ("rafd-frontal", "all", 1_608),
        ("rafd-multiview", "all", 8_040),
        ("kdef", "all", 4_900),
        ("kdef-gan", "all", 980),
        ("jaffe", "all", 213),
        ("faces", "all", 72),
        ("deap", "all", 1_280),
        ("landscapes", "all", 536),
    ],
)
def test_class_counts_add_up_to_the_published_total(name, split, total):
    assert sum(cards.get(name).counts[split]) == total


def test_stress_predict_is_that_of_a_full_copy():
    card = cards.get("stress-predict")
    assert card.subjects == 34 and card.count_status["all"] == "assumed"
    assert card.counts["all"] == tuple(round(n * 34 / 29) for n in (5811, 2658))


def test_derived_figures():
    card = cards.get("fer2013")
    assert card.n == 35_887 and card.splits == ("train", "val", "test") and card.totals[1] == 436 + 56 + 55
    assert card.imbalance == pytest.approx(7215 / 436)
    assert cards.get("wellbeing").count_status == {"train": "assumed", "test": "published"}
    assert cards.get("wellbeing").class_status["train"][0] == "published"


GOOD = """
title = "T"
modality = "faces"
classes = ["a", "b"]
channels = 1
licence = "l"
access = "a"
place = "p"
url = "https://example.org"
citation = "c"
[counts]
train = [1, 2]
[count_status]
train = "published"
[count_source]
train = "paper"
"""


def test_a_good_card_parses():
    assert cards.parse(GOOD, "mine").counts == {"train": (1, 2)}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("train = [1, 2]", "train = [1]", "counts.train has 1 numbers for 2 classes"),
        ("train = [1, 2]", "train = [1, 0]", "whole numbers above zero"),
        ("train = [1, 2]", "train = [1, 2]\nall = [1, 2]", "by all alone"),
        ("train = [1, 2]", "dev = [1, 2]", "by train, val, test"),
        ('"faces"', '"smells"', "modality 'smells' is none of faces"),
        ('"published"', '"guessed"', "count_status.train must be one of published"),
        ('"published"', '["published"]', "one for each of 2 classes"),
        ('train = "published"', "", "count_status.train must be"),
        ('train = "paper"', "", "count_source.train must say"),
        ('licence = "l"', "", "missing 1 required.*licence"),
        ('licence = "l"', 'license = "l"', "unexpected keyword argument 'license'"),
        ('title = "T"', "title = T", "not valid TOML"),
    ],
)
def test_a_bad_card_is_refused(old, new, message):
    assert old in GOOD
    with pytest.raises(ValueError, match=f"card mine.toml.*{message}"):
        cards.parse(GOOD.replace(old, new, 1), "mine")


def test_an_unknown_name():
    with pytest.raises(ValueError, match="no data set 'x'; the kit knows: celeba"):
        cards.get("x")
