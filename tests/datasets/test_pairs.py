"""Pairs of faces and heart signals: by label, on each side of a split, and as the input of a fusion."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from affectkit.datasets import pairs, regroup
from affectkit.evaluate import audit_split

from .test_labels import FER, faces


def hearts(people=6, each=10, names=("baseline", "stress"), seed=0):
    """Windows of two classes; a window's values tell its number."""
    n = people * each
    target = np.arange(n) % len(names)
    return Bunch(data=np.arange(n, dtype=np.float32)[:, None, None] * np.ones((1, 5, 1), np.float32),
                 target=target, target_names=list(names),
                 groups=np.repeat([f"S{k:02}" for k in range(people)], each), split=np.full(n, "all"),
                 source="real", name="hearts", sampling_rate=1.0, channel_names=["heart_rate"],
                 DESCR="Hearts.")


def stressed(each=20, people=None):
    n = 7 * each
    groups = None if people is None else np.array([f"F{k % people:02}" for k in np.arange(n) // 7])
    return regroup(faces(each=each, groups=groups), pairs.STRESS)


def true_pairs(people=12, each=14):
    """As load("pairs") gives them: faces and signals of the same people, row by row."""
    heart = hearts(people, each, names=FER)
    return Bunch(**{**heart, "faces": faces(each=people * each // 7).data, "signals": heart.pop("data")})


def test_each_face_gets_a_heart_of_its_label():
    made = pairs.by_label(face := stressed(), heart := hearts())
    assert made.target_names == ["baseline", "stress"]
    assert made.pairing == "label" and "PAIRED BY LABEL" in made.DESCR
    assert np.array_equal(np.sort(made.face_rows), np.arange(140))  # each face once
    assert np.array_equal(made.faces, face.data[made.face_rows])
    assert np.array_equal(made.signals, heart.data[made.signal_rows])
    assert np.array_equal(made.target, face.target[made.face_rows])
    assert np.array_equal(made.target, heart.target[made.signal_rows])
    assert np.array_equal(made.groups, heart.groups[made.signal_rows])
    used = np.bincount(made.signal_rows, minlength=60)
    assert used.min() >= 1 and used.max() <= 4  # 140 faces, 60 windows: none is used much more than another
    assert made.source == "twin" and made.name == "faces + hearts" and made.sampling_rate == 1.0


def test_the_seed_decides():
    first, again, other = (pairs.by_label(stressed(), hearts(), random_state=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.signal_rows, again.signal_rows)
    assert not np.array_equal(first.signal_rows, other.signal_rows)


def test_classes_go_by_name_not_by_number():
    made = pairs.by_label(stressed(), hearts(names=("stress", "baseline", "amusement")))
    assert made.target_names == ["stress", "baseline"]
    assert np.array_equal(made.target, hearts(names=range(3)).target[made.signal_rows])
    assert np.array_equal(made.target, 1 - stressed().target[made.face_rows])


def test_sides_that_are_paired_apart_share_nothing():
    face, heart = stressed(), hearts()
    old = heart.groups < "S04"
    train = pairs.by_label(face, heart, face_rows=np.arange(100), signal_rows=old)
    test = pairs.by_label(face, heart, face_rows=np.arange(100, 140), signal_rows=~old)
    assert set(train.face_rows) == set(range(100)) and set(test.face_rows) == set(range(100, 140))
    audit = audit_split(train.signal_rows, test.signal_rows, groups=heart.groups)
    assert "leak" not in set(audit.severity)


@pytest.mark.parametrize("people", [None, 9, 3])
def test_pairs_cut_by_groups_share_neither_face_nor_heart(people):
    face = stressed(people=people)
    made = pairs.by_label(face, hearts(), random_state=3)
    owner = made.face_rows if people is None else face.groups[made.face_rows]
    assert all(len(set(made.groups[owner == person])) == 1 for person in np.unique(owner))
    test = np.isin(made.groups, np.unique(made.groups)[:1])
    audit = audit_split(~test, test, groups=made.groups, trials=made.signal_rows, X=made.signals)
    assert "leak" not in set(audit.severity)


def test_pairs_cut_by_rows_are_a_finding():
    made = pairs.by_label(stressed(), hearts())
    test = np.arange(len(made.target)) % 5 == 0
    audit = audit_split(~test, test, groups=made.groups, trials=made.signal_rows, X=made.signals)
    found = dict(zip(audit.check, audit.severity, strict=True))
    for check in ("person on both sides", "trial on both sides", "exact duplicate"):
        assert found[check] == "leak"


def test_faces_whose_heart_has_no_such_window_are_left_out():
    heart = hearts()
    calm = (heart.groups == "S00") & (heart.target == 1)  # S00 was never under stress
    made = pairs.by_label(stressed(), heart, signal_rows=~calm)
    lost = 140 - len(made.target)
    assert lost > 0 and f"{lost} faces found no signal" in made.DESCR
    assert not np.isin(made.signal_rows, np.flatnonzero(calm)).any()


def test_true_pairs_can_be_paired_by_label_instead():
    true = true_pairs()
    made = pairs.by_label(true, true)
    assert len(made.target) == 168 and set(made.groups) == set(true.groups)
    assert np.array_equal(true.target[made.face_rows], true.target[made.signal_rows])
    assert (true.groups[made.face_rows] != true.groups[made.signal_rows]).mean() > 0.7


def test_pairs_that_cannot_be():
    with pytest.raises(ValueError, match="two shared ones.*STRESS"):
        pairs.by_label(faces(), hearts())
    mixed = stressed()
    mixed.split = np.where(np.arange(140) < 50, "train", "test")
    with pytest.raises(ValueError, match="faces has rows of the splits test, train.*face_rows"):
        pairs.by_label(mixed, hearts())
    assert len(pairs.by_label(mixed, hearts(), face_rows=mixed.split == "test").target) == 90
    with pytest.raises(ValueError, match="no groups"):
        pairs.by_label(stressed(), Bunch(**{**hearts(), "groups": None}))
    with pytest.raises(ValueError, match="no pair of stress"):
        pairs.by_label(stressed(), hearts(), signal_rows=hearts().target == 0)


def test_the_input_of_a_fusion_and_a_sensor_that_drops_out():
    true = true_pairs()
    X = pairs.fused(true)
    assert X["face"] is true.faces and X["signal"] is true.signals and len(X) == 168
    blind = pairs.without(X, "face", np.arange(3))
    assert np.isnan(blind["face"][:3]).all() and blind["face"].dtype == np.float32
    np.testing.assert_allclose(blind["face"][3:], true.faces[3:] / 255, atol=1e-6)
    assert blind["signal"] is X["signal"] and X["face"].dtype == np.uint8  # X is as it was
    assert np.isnan(pairs.without(X, "signal")["signal"]).all() and np.isfinite(X["signal"]).all()
    with pytest.raises(ValueError, match="face, signal, not 'pulse'"):
        pairs.without(X, "pulse")
