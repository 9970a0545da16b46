"""The face twin: seeds, counts, errors, and pictures that answer to their action units."""

import numpy as np
import pytest

from affectkit.twins import faces

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def test_counts_types_and_extras():
    images, target, extras = faces.make((5, 0, 3), classes=("happy", "fear", "sad"), size=32)
    assert images.shape == (8, 32, 32) and images.dtype == np.uint8
    assert target.dtype == np.int64 and np.bincount(target, minlength=3).tolist() == [5, 0, 3]
    assert extras["action_units"].shape == (8, len(extras["action_unit_names"]))
    assert extras["action_units"].min() >= 0 and extras["action_units"].max() <= 1
    assert extras["pose"].shape == (8, 3)
    assert len(set(extras["identity"])) == 8


def test_same_seed_same_bytes_other_seed_other_people():
    first, target, _ = faces.make([6] * 7, classes=FER, random_state=[3, 1])
    again, same, _ = faces.make([6] * 7, classes=FER, random_state=[3, 1])
    other, _, _ = faces.make([6] * 7, classes=FER, random_state=[3, 2])
    assert np.array_equal(first, again) and np.array_equal(target, same)
    assert np.mean(first == other) < 0.1


def test_chunks_do_not_matter(monkeypatch):
    whole, _, _ = faces.make([10] * 7, classes=FER)
    monkeypatch.setattr(faces, "CHUNK", 9)
    assert np.array_equal(whole, faces.make([10] * 7, classes=FER)[0])


def test_label_noise_is_what_was_asked_for():
    for noise in (0.0, 0.2):
        _, target, extras = faces.make([300] * 7, classes=FER, size=2, label_noise=noise)
        # a mislabelled face shows a class drawn at random: one in seven is right after all
        assert np.mean(target != extras["shown"]) == pytest.approx(noise * 6 / 7, abs=0.03)


def test_pixels_are_spread_like_those_of_fer2013():
    images, _, _ = faces.make([60] * 7, classes=FER)
    assert images.mean() == pytest.approx(129.5, abs=6)
    assert images.std() == pytest.approx(65, abs=6)


@pytest.mark.parametrize("seed", range(4))
def test_action_units_move_what_they_should(seed):
    look = dict(random_state=seed, size=96, glasses=-1, beard=-1, hair=0.1, hairline=-0.9, skin=0.9)
    calm = faces.render(**look).astype(float)

    def change(**units):  # mean change of grey in a box (rows, columns) of the 96x96 frame
        moved = faces.render(units, **look).astype(float) - calm
        return lambda r, c: moved[slice(*r), slice(*c)].mean()

    middle = (44, 52)
    assert change(AU26=1, AU27=1)((80, 92), middle) < -40  # the open mouth is dark,
    assert change(AU12=1, AU25=1)((72, 80), middle) > 10  # teeth are bright,
    assert change(AU43=1)((32, 36), (28, 40)) > 20  # closed lids hide the iris,
    assert change(AU4=1)((28, 36), middle) < -30  # the brows make a furrow
    assert abs(change(AU4=1)((60, 92), middle)) < 5  # and leave the mouth alone


def test_emotions_differ_in_the_pixels_of_the_mouth():
    smile = faces.render({"AU12": 1}, yaw=0).astype(float)
    frown = faces.render({"AU15": 1}, yaw=0).astype(float)
    difference = smile - frown
    assert difference[32:36].min() < -15  # the corners of a smile stand higher,
    assert difference[39:43].max() > 15  # those of a frown lower


def test_render_takes_names_and_arrays():
    units = np.zeros((2, len(faces.ACTION_UNITS)))
    units[1, faces.ACTION_UNITS.index("AU27")] = 1
    batch = faces.render(units, size=24)
    assert batch.shape == (2, 24, 24)
    assert np.array_equal(batch[1], faces.render({"AU27": 1.0}, size=24))
    assert not np.array_equal(faces.render(yaw=0.3), faces.render(yaw=-0.3))


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: faces.render({"AU99": 1.0}), "action_units"),
        (lambda: faces.render({"AU12": 1.5}), "action_units"),
        (lambda: faces.render({"AU12": float("nan")}), "action_units"),
        (lambda: faces.render(np.zeros(3)), "action_units"),
        (lambda: faces.render(size=0), "size"),
        (lambda: faces.render(nose_ring=1), "nose_ring"),
        (lambda: faces.make([1], classes=["happy"], size=-1), "size"),
        (lambda: faces.make([-1], classes=["happy"]), "counts"),
        (lambda: faces.make([1.5], classes=["happy"]), "counts"),
        (lambda: faces.make([1, 2], classes=["happy"]), "counts"),
        (lambda: faces.make([1], classes=["happy"], label_noise=2), "label_noise"),
        (lambda: faces.make([1], classes=["hungry"]), "hungry"),
    ],
)
def test_bad_input_names_the_argument(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()
