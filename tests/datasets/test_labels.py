"""Classes of data sets: merged by groupings, and brought to those that two sets share."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

from affectkit import cards, datasets, emotions
from affectkit.datasets import _labels, align, grey, load, pairs, regroup

FER = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]


def faces(names=FER, each=4, size=8, colour=False, name="faces", seed=0, **fields):
    rng = np.random.default_rng(seed)
    target = np.tile(np.arange(len(names)), each)
    shape = (len(target), size, size, 3) if colour else (len(target), size, size)
    fields = dict(groups=None, split=np.full(len(target), "train"), source="twin", name=name) | fields
    return Bunch(data=rng.integers(0, 256, shape, dtype=np.uint8), target=target, target_names=list(names),
                 DESCR="Toy faces.", **fields)


@pytest.mark.parametrize("grouping, names, counts", [
    ("A", list(emotions.CANONICAL[:7]), [4] * 7),
    ("B", ["negative", "neutral", "positive"], [16, 4, 4]),
    ("C", ["negative", "positive"], [16, 8]),
    (pairs.STRESS, ["baseline", "stress"], [12, 16]),
])
def test_the_papers_models(grouping, names, counts):
    bunch = faces(groups=np.repeat(["ann", "bob", "cid", "dan"], 7), trial=np.arange(28))
    before = bunch.target.copy()
    merged = regroup(bunch, grouping)
    assert merged.target_names == names and np.bincount(merged.target).tolist() == counts
    assert len(merged.data) == len(merged.groups) == len(merged.split) == len(merged.target)
    assert np.array_equal(merged.data, bunch.data[merged.trial])
    shown = {FER[k] for k in bunch.target[merged.trial]}
    assert ("surprise" in shown) == (grouping not in ("B", "C"))
    assert f"{names[0]} {counts[0]}" in merged.DESCR and f"{28 - sum(counts)} samples" in merged.DESCR
    assert np.array_equal(bunch.target, before) and bunch.target_names == FER  # a new one


def test_the_acted_class_of_wrong_labels_is_merged_as_well():
    merged = regroup(faces(shown=np.full(28, 5)), "C")  # everybody acted surprise
    assert (merged.shown == -1).all() and len(merged.shown) == 24


def test_rows_without_a_label_are_dropped():
    bunch = faces()
    bunch.target[:3] = -1
    assert len(regroup(bunch, "A").target) == 25


@pytest.mark.parametrize("name", [name for name in cards.names() if cards.get(name).modality == "faces"])
def test_every_card_is_merged_or_says_why_not(name):
    classes = cards.get(name).classes
    basic = {emotions.SPELLINGS.get(label.lower()) for label in classes}
    bunch = faces(classes, name=name)
    for grouping, members in emotions.GROUPINGS.items():
        if None not in basic and all(basic & set(group) for group in members.values()):
            assert set(regroup(bunch, grouping).target) == set(range(len(members)))
        else:
            with pytest.raises(ValueError, match=name):
                regroup(bunch, grouping)


def test_tables_of_a_row_each_follow():
    ratings = pd.DataFrame({"valence": np.arange(28.0)})
    segments = pd.DataFrame({"start": np.arange(28.0)})  # of tasks, if by chance as many
    merged = regroup(faces(ratings=ratings, segments=segments), "C")
    kept = np.tile(FER, 4) != "surprise"
    assert merged.ratings.valence.tolist() == ratings.valence[kept].tolist()
    assert merged.ratings.index.tolist() == list(range(24)) and len(merged.segments) == 28


def test_traits_follow():
    traits = pd.DataFrame({"age": np.linspace(-1, 1, 28)})
    merged = regroup(faces(traits=traits), "C")
    kept = np.tile(FER, 4) != "surprise"
    assert merged.traits["age"].tolist() == traits["age"][kept].tolist()
    assert merged.traits.index.tolist() == list(range(24))


def test_groupings_that_cannot_be():
    with pytest.raises(ValueError, match="A, B, C or a dict, not 'D'"):
        regroup(faces(), "D")
    with pytest.raises(ValueError, match="hearts has the class 'baseline', 'stress': .* basic emotions"):
        regroup(faces(["baseline", "stress"], name="hearts"), "B")
    with pytest.raises(ValueError, match="none for 'neutral' of the grouping 'B'"):
        regroup(faces(["sad", "happy"]), "B")


# ------------------------------------------------------------------------------------ train here, test there


def test_align_by_name_whatever_number_and_spelling():
    here = faces()
    there = faces(["AN", "happiness", "contempt", "Neutral"], seed=1, label=np.tile(range(4), 4))
    train, test = align(here, there)
    assert train.target_names == test.target_names == ["anger", "happiness", "neutral"]
    assert np.array_equal(train.data, here.data[np.isin(here.target, [0, 3, 6])])
    assert np.array_equal(train.target, np.tile([0, 1, 2], 4))
    assert {(label, k) for label, k in zip(test.label, test.target, strict=True)} == {(0, 0), (1, 1), (3, 2)}
    assert "12 samples of other classes dropped" not in test.DESCR and "; 4 samples" in test.DESCR


def test_align_makes_pictures_alike():
    grey, colour = faces(size=8), faces(size=12, colour=True, seed=1)
    _, test = align(grey, colour)
    assert test.data.shape == (28, 8, 8) and test.data.dtype == np.uint8
    _, test = align(colour, grey)
    assert test.data.shape == (28, 12, 12, 3) and (test.data[..., 0] == test.data[..., 2]).all()
    same, other = align(grey, faces(size=8, seed=2))
    assert np.array_equal(same.data, grey.data) and other.data.shape == (28, 8, 8)
    red = faces(colour=True)
    red.data[:] = [255, 0, 0]
    assert (align(grey, red)[1].data == 76).all()


def test_align_twins_of_published_sets():
    fer = load("fer2013", source="twin", max_per_class=3, size=12)
    kdef = load("kdef", source="twin", max_per_class=2, size=16)
    train, test = align(fer, kdef)
    assert train.target_names == test.target_names and len(test.target_names) == 7
    assert test.data.shape[1:] == train.data.shape[1:] == (12, 12)
    words = [emotions.canonical(kdef.target_names[k]) for k in kdef.target]
    assert [test.target_names[k] for k in test.target] == words and len(test.groups) == len(words)


def test_sets_that_cannot_be_aligned():
    with pytest.raises(ValueError, match="angry, disgust.*baseline, stress.*two shared.*pairs.STRESS"):
        align(faces(), faces(["baseline", "stress"]))
    hearts = faces(["anger", "fear"], sampling_rate=1.0, channel_names=["heart_rate"])
    with pytest.raises(ValueError, match="two sets of faces or two of signals"):
        align(faces(), hearts)
    with pytest.raises(ValueError, match="two sets of faces or two of signals"):
        align(faces(), Bunch(faces=1, name="pairs"))
    with pytest.raises(ValueError, match=r"\(1.0, 8, \['heart_rate'\]\).*\(4.0, 8, \['eda'\]\).*same window"):
        align(hearts, Bunch(**{**hearts, "sampling_rate": 4.0, "channel_names": ["eda"]}))


def test_take_by_numbers_and_by_mask():
    bunch = faces(ratings=pd.DataFrame({"valence": np.arange(28.0)}))
    for rows in (np.array([5, 2]), np.arange(28) % 9 == 0):
        some = _labels.take(bunch, rows)
        assert np.array_equal(some.data, bunch.data[rows])
        assert some.ratings.valence.tolist() == np.arange(28.0)[rows].tolist()
    assert "regroup" in datasets.__all__ and "align" in datasets.__all__


def test_grey_is_what_pillow_calls_so():
    from PIL import Image

    images = faces(colour=True).data
    theirs = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in images])
    assert np.abs(grey(images).astype(int) - theirs).max() <= 1, "Pillow counts in 16 bits"
    assert grey(images).dtype == np.uint8 and grey(theirs) is theirs
    with pytest.raises(ValueError, match=r"not \(3, 4, 5, 4\)"):
        grey(np.zeros((3, 4, 5, 4), np.uint8))
