"""A twin for every card: counts, people, cameras, seeds; and hearts that beat with the faces of ``pairs``."""

import numpy as np
import pytest

from affectkit import cards
from affectkit.twins import zoo

PICTURES = [name for name in cards.names() if cards.get(name).modality != "signals"]
HEARTS = [name for name in cards.names() if cards.get(name).modality == "signals"]


def test_every_set_has_a_twin():
    assert set(PICTURES) == set(zoo.SETTINGS) and not set(HEARTS) & set(zoo.SETTINGS)


@pytest.mark.parametrize("name", PICTURES)
def test_the_plan_has_the_cards_counts_and_people_for_every_seed(name):
    card = cards.get(name)
    for seed in (0, 5):
        rows = zoo.plan(name, random_state=seed)
        for split in card.splits:
            target = rows.target[rows.split == split]
            assert tuple(np.bincount(target, minlength=len(card.classes))) == card.counts[split]
        assert rows.group.nunique() == (card.subjects or 0)
        assert len(rows) == card.n == rows.index[-1] + 1
        wrong = np.mean(rows.target != rows.shown)
        noise = zoo.SETTINGS[name].label_noise
        assert 0.2 * noise <= wrong <= 2 * noise and (wrong > 0) == (noise > 0)


@pytest.mark.parametrize("name", PICTURES)
def test_small_twins_of_all(name):
    card = cards.get(name)
    rows = zoo.plan(name, max_per_class=2)
    drawn = zoo.draw(name, rows, size=16)
    assert len(rows) == 2 * len(card.classes) * len(card.splits)
    assert drawn["data"].shape == (len(rows), 16, 16, *((3,) if card.channels == 3 else ()))
    assert drawn["data"].dtype == np.uint8 and drawn["data"].std() > 10
    if card.modality != "scenes":
        units = drawn["action_units"]
        assert (
            units.shape == (len(rows), len(drawn["action_unit_names"]))
            and 0 <= units.min() <= units.max() <= 1
        )
        assert drawn["pose"].shape == (len(rows), 3)


def test_without_a_size_it_is_as_published():
    rows = zoo.plan("ckplus", max_per_class=1).iloc[:1]
    assert zoo.draw("ckplus", rows)["data"].shape == (1, 490, 640)


@pytest.mark.parametrize("size", [(24, 40), (40, 24)])
def test_pictures_that_are_not_square_show_the_middle(size):
    """Faces of the web as well, which are drawn small and enlarged; landscapes are cut from a square."""
    rows = zoo.plan("wellbeing", max_per_class=4)
    assert set(rows["style"]) == {"wild", "acted"}
    drawn, square = (zoo.draw("wellbeing", rows, size=side)["data"] for side in (size, 24))
    assert drawn.shape == (len(rows), *size, 3)
    middle = drawn[:, (size[0] - 24) // 2 :, (size[1] - 24) // 2 :][:, :24, :24]
    likeness = [np.corrcoef(a.ravel(), b.ravel())[0, 1] for a, b in zip(middle, square, strict=True)]
    for style, where in rows.groupby("style").indices.items():
        assert np.median(np.take(likeness, where)) > 0.85, style
    rows = zoo.plan("landscapes", max_per_class=8)
    drawn, square = (zoo.draw("landscapes", rows, size=side)["data"] for side in (size, 40))
    middle = square[:, (40 - size[0]) // 2 :, (40 - size[1]) // 2 :]
    assert np.array_equal(drawn, middle[:, : size[0], : size[1]])


def test_fewer_are_some_of_more_and_the_same_pictures():
    more, fewer = zoo.plan("sfew", max_per_class=5), zoo.plan("sfew", max_per_class=2)
    assert set(fewer.index) < set(more.index)
    drawn, again = zoo.draw("sfew", more, size=12), zoo.draw("sfew", fewer, size=12)
    assert np.array_equal(drawn["data"][more.index.isin(fewer.index)], again["data"])
    assert zoo.plan("sfew", split="val", max_per_class=2).equals(fewer[fewer.split == "val"])


def test_same_seed_same_bytes_other_seed_other_people():
    drawn = [
        zoo.draw("jaffe", zoo.plan("jaffe", max_per_class=3, random_state=seed), size=12, random_state=seed)
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(drawn[0]["data"], drawn[1]["data"])
    assert np.mean(drawn[0]["data"] == drawn[2]["data"]) < 0.2


def test_rafd_takes_fifteen_pictures_of_a_moment():
    rows = zoo.plan("rafd-multiview")
    moments = rows.groupby(["person", "moment"])
    assert (
        moments.ngroups == 67 * 8 and (moments.size() == 15).all() and (moments.target.nunique() == 1).all()
    )
    assert sorted(set(rows.yaw)) == [-90, -45, 0, 45, 90] and rows.gaze.nunique() == 3
    first = zoo.draw("rafd-multiview", rows.iloc[:15], size=24)
    assert len(np.unique(first["action_units"], axis=0)) == 1  # one expression,
    assert len(np.unique(np.round(first["pose"][:, 0], 3))) == 5  # five cameras,
    assert len(np.unique(first["data"].reshape(15, -1), axis=0)) > 5  # and eyes that turn


def test_one_studio_one_cast():
    frontal, multi = zoo.plan("rafd-frontal").iloc[:3], zoo.plan("rafd-multiview").iloc[6:9]
    assert (multi.yaw == 0).all() and np.array_equal(
        zoo.draw("rafd-frontal", frontal, size=16)["data"], zoo.draw("rafd-multiview", multi, size=16)["data"]
    )
    kdef, gan = zoo.plan("kdef"), zoo.plan("kdef-gan")
    assert set(kdef.person) == set(gan.person) and not set(kdef.moment) & set(gan.moment)
    assert (kdef.groupby(["person", "target"]).moment.nunique() == 2).all()  # two sessions


def test_nobody_stands_in_two_splits():
    rows = zoo.plan("fer2013")
    assert rows.person.is_unique and rows.group.isna().all()


def test_ckplus_shows_everyone_neutral_once():
    rows = zoo.plan("ckplus")
    neutral = rows[rows.emotion == "neutral"]
    assert neutral.person.nunique() == len(neutral) == 123
    assert not rows.duplicated(["person", "target"]).any()


def test_wellbeing_mixes_web_and_studio():
    rows = zoo.plan("wellbeing", split="train")
    wild = (rows["style"] == "wild").groupby(rows.target).sum().to_numpy()
    assert np.allclose(wild, cards.get("fer2013").counts["train"], rtol=0.1)


@pytest.mark.parametrize("name", HEARTS)
def test_people_are_named_as_in_the_files(name):
    people = zoo.people(name)
    names = [person.group for person in people]
    assert len(set(names)) == cards.get(name).subjects
    assert (names[0], names[-1]) == {
        "stress-predict": ("S02", "S35"),
        "wesad": ("S2", "S17"),
        "deap": ("s01", "s32"),
    }[name]


def test_pulses_follow_the_faces():
    rows = zoo.plan("pairs")
    rows = rows[rows.person < 6]
    rate, hertz = zoo.pulses(rows, signals=("heart_rate",))
    assert rate.shape == (6 * 42, zoo.TRIAL, 1) and hertz == 1
    rate, fear = rate.mean((1, 2)), rows.emotion == "fear"
    means = rate[fear], rate[rows.emotion == "neutral"]
    assert means[0].mean() > means[1].mean()  # fear quickens the heart,
    between = np.std([rate[rows.person == k].mean() for k in range(6)])
    assert between > means[0].mean() - means[1].mean()  # but people differ more
    pulse, hertz = zoo.pulses(rows[rows.person == 2].iloc[:4], signals=("bvp", "eda"))
    assert pulse.shape == (4, 64 * zoo.TRIAL, 2) and hertz == 64 and np.isfinite(pulse).all()
    some, _ = zoo.pulses(rows[rows.person == 2].iloc[[3]], signals=("bvp", "eda"))
    assert np.array_equal(some[0], pulse[3])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: zoo.plan("fer2014"), "fer2014"),
        (lambda: zoo.plan("deap"), "name='deap' is a set of signals"),
        (lambda: zoo.plan("kdef", split="train"), "split='train' is none of kdef's: all"),
        (lambda: zoo.people("kdef"), "name='kdef' has no heart signals"),
        (lambda: zoo.plan("kdef", max_per_class=0), "max_per_class=0"),
        (lambda: zoo.plan("kdef", random_state=-1), "random_state=-1"),
        (lambda: zoo.plan("kdef", random_state=1.5), "random_state=1.5"),
        (lambda: zoo.draw("deap", zoo.plan("jaffe")), "name='deap' is a set of signals"),
        (lambda: zoo.draw("landscapes", zoo.plan("landscapes").iloc[:0]), "rows is empty"),
        (lambda: zoo.pulses(zoo.plan("pairs").iloc[:0]), "rows is empty"),
        (lambda: zoo.draw("jaffe", zoo.plan("jaffe").iloc[:1], size=0), "size=0"),
        (lambda: zoo.draw("jaffe", zoo.plan("jaffe").iloc[:1], size=8.0), "size=8.0"),
        (lambda: zoo.draw("jaffe", zoo.plan("jaffe").iloc[:1], size=(1, 2, 3)), "size="),
    ],
)
def test_bad_input_names_the_argument(call, message):
    with pytest.raises(ValueError, match=message):
        call()
