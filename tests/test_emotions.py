"""Names, groupings and colours of emotions."""

import numpy as np
import pytest

from affectkit import cards, emotions


def test_spellings_of_every_card_are_known():
    for name in cards.names():
        for label in cards.get(name).classes:
            if cards.get(name).modality in ("faces", "pairs") and name not in ("celeba", "rafdb-compound"):
                assert emotions.canonical(label) in emotions.CANONICAL


@pytest.mark.parametrize(
    ("spelling", "name"),
    [("angry", "anger"), ("AN", "anger"), ("AF", "fear"), ("Joy", "happiness"), (" SU ", "surprise"),
     ("contemptuous", "contempt"), ("neutrality", "neutral"), ("sadness", "sadness")],
)  # fmt: skip
def test_canonical(spelling, name):
    assert emotions.canonical(spelling) == name


@pytest.mark.parametrize("word", ["", "stress", "happily surprised", "positive", None])
def test_canonical_refuses_what_is_no_emotion(word):
    with pytest.raises(ValueError, match="no emotion the kit knows"):
        emotions.canonical(word)


def test_a_spelling_belongs_to_one_emotion():
    words = [word for group in emotions._VARIANTS.values() for word in group.split()] + list(
        emotions.CANONICAL
    )
    assert len(words) == len(set(words)) == len(emotions.SPELLINGS)


def test_compounds_are_rafs_eleven_in_its_order():
    assert tuple(emotions.COMPOUNDS) == cards.get("rafdb-compound").classes
    for name, parts in emotions.COMPOUNDS.items():
        assert tuple(emotions.canonical(word) for word in name.split()) == parts


def test_action_units_are_those_that_the_twin_draws():
    from affectkit.twins import faces

    assert tuple(emotions.FACS) == faces.ACTION_UNITS
    assert all(all(words) for words in emotions.FACS.values())
    assert len({unit.name for unit in emotions.FACS.values()}) == len(emotions.FACS)


def test_prototypes_are_made_of_known_units_and_differ():
    assert tuple(emotions.PROTOTYPES) == emotions.CANONICAL
    assert {unit for units in emotions.PROTOTYPES.values() for unit in units} <= set(emotions.FACS)
    assert len(set(emotions.PROTOTYPES.values())) == len(emotions.CANONICAL)


def test_every_emotion_has_a_colour_of_its_own():
    colours = [emotions.colour(name) for name in emotions.CANONICAL]
    assert len(set(colours)) == len(colours)
    assert emotions.colour("Joy") == emotions.colour("happiness")
    assert emotions.colour("happily surprised") == emotions.colour("surprise")
    assert emotions.colour("stress") != emotions.colour("baseline")
    assert emotions.colour("landscape") == "#BBBBBB"


def test_colours_stay_apart_for_colour_blind_eyes():
    """All eight differ by 15 in CIELAB to normal, protanope and deuteranope eyes (Machado et al. 2009)."""
    sight = {
        "normal": np.eye(3),
        "protanope": [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
        "deuteranope": [[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]],
    }
    to_xyz = np.array([[0.412, 0.358, 0.180], [0.213, 0.715, 0.072], [0.019, 0.119, 0.950]])
    codes = [emotions.colour(name) for name in emotions.CANONICAL]
    rgb = np.array([[int(code[i : i + 2], 16) for i in (1, 3, 5)] for code in codes]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    for eyes, matrix in sight.items():
        xyz = np.clip(linear @ np.transpose(matrix), 0, 1) @ to_xyz.T / [0.95, 1, 1.089]
        x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116).T
        lab = np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)
        apart = np.linalg.norm(lab[:, None] - lab, axis=2)[np.triu_indices(len(lab), 1)]
        assert apart.min() > 15, eyes


def test_regroup():
    names = cards.get("fer2013").classes
    target, groups = emotions.regroup(np.arange(7), names, "B")
    assert groups == ["negative", "neutral", "positive"] and target.tolist() == [0, 0, 0, 2, 0, -1, 1]
    target, groups = emotions.regroup(np.arange(7), names, "C")
    assert groups == ["negative", "positive"] and target.tolist() == [0, 0, 0, 1, 0, -1, 1]
    target, groups = emotions.regroup(np.arange(7), names, "A")
    assert [groups[k] for k in target] == [emotions.canonical(name) for name in names]
    target, _ = emotions.regroup([0, 1], ["joy", "sad"], {"up": ("happiness",), "down": ("sadness",)})
    assert target.tolist() == [0, 1] and target.dtype == np.int64


def test_regroup_refuses():
    with pytest.raises(ValueError, match="grouping must be one of A, B, C"):
        emotions.regroup([0], ["happy"], "D")
    with pytest.raises(ValueError, match="target must lie in 0..0"):
        emotions.regroup([1], ["happy"], "A")
    with pytest.raises(ValueError, match="no emotion"):
        emotions.regroup([0], ["stress"], "A")


# -------------------------------------------------------------------------------------------------- ratings


def test_halves_and_quadrants_of_ratings():
    valence, arousal = [1, 5, 5.01, 9], [9, 5.6, 1, 5.4]
    target, names, near = emotions.from_ratings(valence, arousal)
    assert target.tolist() == [1, 1, 0, 1] and names == ["low arousal", "high arousal"]
    assert target.dtype == np.int64 and near.tolist() == [False, False, False, True]
    target, names, near = emotions.from_ratings(valence, arousal, "valence")
    assert target.tolist() == [0, 0, 1, 1] and near.tolist() == [False, True, True, False]  # 5 is low
    target, names, near = emotions.from_ratings(valence, arousal, "quadrants")
    assert [names[k] for k in target] == [
        "low valence, high arousal", "low valence, high arousal", "high valence, low arousal",
        "high valence, high arousal",
    ]  # fmt: skip
    assert near.tolist() == [False, True, True, True]


def test_the_nearest_emotion_of_a_rating():
    points = 5 + 4 * np.array(list(emotions.CIRCUMPLEX.values()))
    target, names, near = emotions.from_ratings(*points.T, "emotions")
    assert names == list(emotions.CIRCUMPLEX) and target.tolist() == list(range(7))
    assert set(names) < set(emotions.CANONICAL)
    # anger and fear are 0.5 points apart: their border is never far
    assert near.tolist() == [name in ("anger", "fear") for name in names]


@pytest.mark.parametrize("rule", emotions.RATING_RULES)
def test_ambiguous_is_what_a_small_step_would_change(rule):
    v, a = np.random.default_rng(0).uniform(2, 8, (2, 400))
    target, _, near = emotions.from_ratings(v, a, rule)
    for radius, changes in ((0.49, near), (0.51, None)):
        steps = radius * np.exp(1j * np.linspace(0, 2 * np.pi, 181))
        moved = [emotions.from_ratings(v + s.real, a + s.imag, rule)[0] != target for s in steps]
        changed = np.any(moved, axis=0)
        if changes is None:
            assert not (near & ~changed).any()  # all that are ambiguous change within a little more
        else:
            assert not (changed & ~changes).any()  # and nothing else does within a little less
    assert 0.05 < near.mean() < 0.8


def test_bad_ratings_and_rules():
    assert len(emotions.from_ratings([], [], "emotions")[0]) == 0
    for rating in (0.9, 9.1, np.nan):
        with pytest.raises(ValueError, match="ratings must lie between 1 and 9"):
            emotions.from_ratings([rating], [5])
    with pytest.raises(ValueError, match="rule must be one of arousal, valence, quadrants, emotions"):
        emotions.from_ratings([5], [5], "mood")
