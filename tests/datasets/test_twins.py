"""Twins through load: every name, large ones in parts, paired ones, and what does not fit the memory."""

from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from affectkit import cards, datasets
from affectkit.datasets import DatasetError, _twins, align, regroup
from affectkit.twins import faces, zoo

PICTURES = [name for name in cards.names() if cards.get(name).modality in ("faces", "scenes")]


def load(name, **options):
    return datasets.load(name, source="twin", **options)


@pytest.mark.parametrize("name", PICTURES)
def test_every_set_of_pictures(name):
    card = cards.get(name)
    bunch = load(name, split="all", max_per_class=2, size=12)
    n = 2 * len(card.classes) * len(card.splits)
    assert (
        bunch.data.shape == (n, 12, 12, *((3,) if card.channels == 3 else ()))
        and bunch.data.dtype == np.uint8
    )
    assert np.bincount(bunch.target).tolist() == [2 * len(card.splits)] * len(card.classes)
    assert bunch.target_names == list(card.classes) and bunch.target.dtype == np.int64
    assert (
        sorted(set(bunch.split)) == sorted(card.splits) and bunch.source == "twin" and "TWIN" in bunch.DESCR
    )
    assert (bunch.groups is None) == (card.subjects is None)
    if card.modality == "faces":
        assert bunch.action_units.shape == (n, len(bunch.action_unit_names)) and bunch.pose.shape == (n, 3)
        assert bunch.traits.index.tolist() == list(range(n)) and bunch.traits["skin"].between(1, 10).all()
    else:
        assert "traits" not in bunch
        assert {"mountains", "night sky"} < set(bunch.kind_names) and bunch.kind.shape == (n,)
        assert 0 <= bunch.kind.min() <= bunch.kind.max() < len(bunch.kind_names)
    only = load(name, split=card.splits[-1], max_per_class=2, size=12)
    assert np.array_equal(only.data, bunch.data[bunch.split == card.splits[-1]])


def test_traits_are_those_that_were_drawn(monkeypatch):
    drawn, draw = [], faces._draw

    def spy(units, who, *more):
        drawn.append(who.numpy())
        return draw(units, who, *more)

    monkeypatch.setattr(faces, "_draw", spy)
    bunch, rows = load("wellbeing", max_per_class=6, size=12), zoo.plan("wellbeing", max_per_class=6)
    style = rows[rows.split == "train"]["style"].to_numpy()
    who = np.empty((len(style), len(faces.TRAITS)))
    for name, part in zip(("acted", "wild"), drawn, strict=True):
        who[style == name] = part
    who = dict(zip(faces.TRAITS, who.T, strict=True))
    assert 0 < (style == "wild").sum() < len(style)
    for name in ("glasses", "hat", "mask"):
        assert np.array_equal(bunch.traits[name], who[name] > 0)
    assert np.allclose(bunch.traits["age"], who["age"].clip(-1, 1)) and bunch.traits["glasses"].any()
    assert np.array_equal(bunch.traits["skin"], np.round(10 - 9 * ((who["skin"] - 0.2) / 0.8).clip(0, 1)))
    assert not bunch.traits.loc[style == "acted", ["glasses", "beard", "hat", "mask"]].any(axis=None)
    assert (bunch.traits["beard"] <= (who["beard"] > 0)).all() and bunch.traits["beard"].any()


def test_traits_that_are_not_there_are_not_drawn():
    def same(one, other, **look):
        return np.array_equal(faces.render(size=48, **look, **one), faces.render(size=48, **look, **other))

    for name in ("glasses", "beard", "hat", "mask"):
        assert same({name: -0.01}, {name: -1.0}) and not same({name: 0.3}, {name: -1.0})
    assert same(dict(beard=0.3), dict(beard=-1.0), age=-0.2)  # a child has no beard
    light, dark = (faces.render(size=48, skin=skin).mean() for skin in (1.0, 0.3))
    assert light > dark


def test_people_of_several_pictures_have_one_face():
    bunch = load("kdef", max_per_class=40, size=8)
    each = bunch.traits.groupby(bunch.groups)[["skin", "age"]].nunique()
    assert (each == 1).all(axis=None) and bunch.traits["skin"].nunique() > 3
    merged = regroup(bunch, "C")
    assert len(merged.traits) == len(merged.target) == len(merged.pose) < len(bunch.target)
    assert (merged.traits["age"].groupby(merged.groups).nunique() == 1).all()
    one, other = align(bunch, load("jaffe", max_per_class=3, size=8))
    assert len(one.traits) == len(one.target) and len(other.traits) == len(other.target)


def test_a_small_set_in_full():
    bunch = load("faces", size=16)
    assert tuple(np.bincount(bunch.target)) == cards.get("faces").counts["all"]
    assert len(set(bunch.groups)) == 6 and len(set(bunch.trial)) == 72


def test_wesad_has_the_cards_counts(monkeypatch):
    card, bunch = cards.get("wesad"), load("wesad", signals=("heart_rate",))
    assert tuple(np.bincount(bunch.target)) == card.counts["all"] and bunch.data.shape == (card.n, 60, 1)
    assert len(set(bunch.groups)) == card.subjects and np.isfinite(bunch.data).all()
    assert set(bunch.segments.task) >= {"baseline", "stress", "amusement"}
    few = load("wesad", max_per_class=3, signals=("heart_rate",), window=20)
    assert few.data.shape == (12, 20, 1) and few.sampling_rate == 1
    one = zoo.people("wesad")[:1]
    monkeypatch.setattr(zoo, "people", lambda *args, **options: one)
    pulse = load("wesad", random_state=1)
    assert pulse.data.shape == (card.n / 15, 3840, 1) and pulse.data.dtype == np.float32
    assert pulse.sampling_rate == card.sampling_rate == 64 and pulse.channel_names == ["bvp"]


def test_deap_has_the_cards_counts_and_ratings(monkeypatch):
    card, bunch = cards.get("deap"), load("deap", signals=("heart_rate",))
    assert tuple(np.bincount(bunch.target)) == card.counts["all"] and bunch.data.shape == (1280, 60, 1)
    assert bunch.groups[0] == "s01" and len(set(bunch.groups)) == card.subjects
    assert bunch.trial.tolist() == list(range(1280))  # in the order of the files, not in that of the films
    assert {"valence", "arousal", "dominance", "liking"} <= set(bunch.ratings.columns)
    assert ((bunch.ratings.arousal > 5) == bunch.target).all() and bunch.ratings.valence.between(1, 9).all()
    few = load("deap", signals=("heart_rate",), max_per_class=7)
    assert few.ratings.equals(bunch.ratings.iloc[few.trial].reset_index(drop=True))
    two = zoo.people("deap")[:2]
    monkeypatch.setattr(zoo, "people", lambda *args, **options: two)
    pulse = load("deap", random_state=1)
    assert pulse.data.shape == (80, 7680, 1) and pulse.sampling_rate == card.sampling_rate == 128
    whole, _ = two[0].raw("bvp")
    start, *_ = two[0].segments[5]  # 3 s of baseline, then the clip
    assert np.array_equal(pulse.data[5, :, 0], whole[(start + 3) * 128 : (start + 63) * 128])


def test_another_seed_has_the_same_counts_and_other_people():
    first, other = (load("stress-predict", random_state=seed) for seed in (0, 1))
    for bunch in (first, other):
        assert tuple(np.bincount(bunch.target)) == cards.get("stress-predict").counts["all"]
    assert not np.array_equal(first.data[:50], other.data[:50])
    few = load("stress-predict", random_state=1, max_per_class=4, signals=("heart_rate", "eda"))
    assert few.data.shape == (8, 240, 2) and few.sampling_rate == 4


def test_pairs_are_of_one_person_at_one_moment():
    bunch = load("pairs", max_per_class=6, size=12)
    card = cards.get("pairs")
    assert bunch.faces.shape == (42, 12, 12) and bunch.faces.dtype == np.uint8
    assert bunch.signals.shape == (42, 64 * zoo.TRIAL, 1) and bunch.signals.dtype == np.float32
    assert bunch.sampling_rate == card.sampling_rate and bunch.channel_names == ["bvp"]
    assert len(bunch.target) == len(bunch.groups) == len(set(bunch.trial)) == len(bunch.intensity) == 42
    assert len(bunch.traits) == 42 and bunch.traits.groupby(bunch.groups)["age"].nunique().max() == 1
    assert 15 < len(set(bunch.groups)) <= 40 and "data" not in bunch
    rows = zoo.plan("pairs", max_per_class=6)
    assert bunch.groups.tolist() == rows.group.tolist() and bunch.target.tolist() == rows.target.tolist()
    five = slice(0, 5)
    assert np.array_equal(bunch.signals[five], zoo.pulses(rows.iloc[five])[0])
    assert np.array_equal(bunch.faces[five], zoo.draw("pairs", rows.iloc[five], size=12)["data"])


def test_large_sets_are_drawn_in_parts_and_an_interrupted_one_goes_on(monkeypatch, own_cache):
    whole = load("jaffe", size=10)
    monkeypatch.setenv("AFFECTKIT_CACHE", str(own_cache.parent.parent / "other"))
    monkeypatch.setattr(_twins, "PART", 50 * 100)
    drawn, draw = [], zoo.draw

    def stubborn(name, rows, **options):
        drawn.append(len(rows))
        if len(drawn) == 3:
            raise KeyboardInterrupt
        return draw(name, rows, **options)

    monkeypatch.setattr(zoo, "draw", stubborn)
    with pytest.raises(KeyboardInterrupt):
        load("jaffe", size=10)
    cache = own_cache.parent.parent / "other"
    assert len(list(cache.rglob("jaffe*.npz"))) == 2 and not list(cache.rglob("*.part"))
    again = load("jaffe", size=10)
    assert drawn == [50, 50, 50, 50, 50, 13]  # the first two are not drawn twice
    for key in ("data", "target", "action_units", "pose", "action_unit_names"):
        assert np.array_equal(again[key], whole[key])


def test_a_changed_simulator_draws_anew(monkeypatch, own_cache):
    load("sfew", split="val", max_per_class=1, size=8)
    monkeypatch.setattr(datasets._cache, "content", lambda sources: "0" * 64)
    load("sfew", split="val", max_per_class=1, size=8)
    assert len(list(own_cache.glob("sfew-twin-*.npz"))) == 2


def test_the_key_of_a_twin_names_all_files_it_is_made_by():
    def names(name):
        return {path.name for _, path in datasets._cache.simulator(cards.get(name))}

    drawn = {"_head.py", "faces.py", "zoo.py", "emotions.py"}
    beating = {"_protocols.py", "hearts.py", "zoo.py", "emotions.py"}
    assert names("wellbeing") > drawn | {"wellbeing.toml", "fer2013.toml"}
    assert names("deap") > beating and not names("deap") & {"_head.py", "scenes.py"}
    assert names("landscapes") > {"scenes.py", "zoo.py"} and "_head.py" not in names("landscapes")
    assert names("pairs") > drawn | beating


def test_what_does_not_fit_the_memory_is_refused_with_figures(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=8e9))
    monkeypatch.setattr(zoo, "draw", None)  # nothing is drawn before it is refused
    message = r"8,040 pictures of 1024x681 .* would take 16\.8 GB, .*\(8\.0 GB\).*size=128.*max_per_class=50"
    with pytest.raises(DatasetError, match=message):
        load("rafd-multiview")


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("kdef", dict(split="train"), "the twin of kdef has no split 'train'; it has 'all'"),
        (
            "rafdb-basic",
            dict(split="val"),
            "the twin of rafdb-basic has no split 'val'; it has 'train', 'test'",
        ),
        ("wesad", dict(split="train"), "no official split"),
        ("deap", dict(signals=("eeg",)), "signals must name some of heart_rate, bvp.*respiration"),
        ("stress-predict", dict(signals=("respiration",)), "signals must name some of"),
        ("pairs", dict(signals=()), "signals must name some of"),
        ("pairs", dict(window=10), "window is for signals, and pairs is a set of pairs"),
    ],
)
def test_bad_requests(name, options, message):
    with pytest.raises(ValueError, match=message):
        load(name, **options)
