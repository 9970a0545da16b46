"""Landscapes: seeds, parts, sizes, errors, and a sky that is lighter than the ground beneath it."""

import numpy as np
import pytest

from affectkit.twins import scenes


def test_shape_types_and_kinds_in_turn():
    images, kind = scenes.make(10, size=24)
    assert images.shape == (10, 24, 24, 3) and images.dtype == np.uint8 and kind.dtype == np.int64
    assert kind.tolist() == [k % len(scenes.KINDS) for k in range(10)]
    assert scenes.make(3, kinds=("lake", "desert"), size=8)[1].tolist() == [0, 1, 0]
    assert scenes.make(0)[0].shape == (0, 64, 64, 3)


def test_same_seed_same_bytes_and_parts_do_not_matter():
    whole, _ = scenes.make(8, size=16, random_state=[3, 1])
    again, kind = scenes.make(3, size=16, random_state=[3, 1], first=5)
    assert np.array_equal(whole[5:], again) and kind.tolist() == [5, 6, 7]
    other, _ = scenes.make(8, size=16, random_state=4)
    assert all((a != b).mean() > 0.5 for a, b in zip(whole, other, strict=True))


def test_the_same_landscape_in_every_size():
    small, _ = scenes.make(8, size=32)
    large, _ = scenes.make(8, size=64)
    shrunk = large.reshape(8, 32, 2, 32, 2, 3).mean((2, 4))
    for kind, a, b in zip(scenes.KINDS, small, shrunk, strict=True):
        assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.8, kind


@pytest.mark.parametrize("kind", scenes.KINDS)
def test_pictures_are_rich_and_differ(kind):
    images, _ = scenes.make(6, kinds=kind, size=32)
    spread = images.reshape(6, -1).std(axis=1)
    assert (spread > 15).all() and len({image.tobytes() for image in images}) == 6
    assert images.mean((0, 1, 2)).std() > 1  # in colour
    top, bottom = images[:, :6].mean(), images[:, -6:].mean()
    assert top > bottom or kind in ("night sky", "meadow", "beach", "desert")


def test_water_mirrors_the_sky():
    images, _ = scenes.make(12, kinds="lake", size=64, random_state=2)
    grey = images.astype(float).mean(-1)
    above, below = grey[:, 8:32].mean(1), grey[:, 56:32:-1].mean(1)
    likeness = [np.corrcoef(a, b)[0, 1] for a, b in zip(above, below, strict=True)]
    assert np.mean(likeness) > 0.25


@pytest.mark.parametrize(
    ("options", "argument"),
    [
        (dict(n=-1), "n=-1"),
        (dict(n=1.5), "n=1.5"),
        (dict(n=float("nan")), "n=nan"),
        (dict(n=1, size=0), "size=0"),
        (dict(n=1, size=8.0), "size=8.0"),
        (dict(n=1, size=(8, 8)), "size="),
        (dict(n=1, first=-2), "first=-2"),
        (dict(n=10**12), "n=1000000000000 .*smaller size"),
        (dict(n=1, size=10**6), "size=1000000 .*smaller size"),
        (dict(n=1, kinds=()), "kinds"),
        (dict(n=1, kinds=("lake", "moon base")), "kinds.*moon base"),
    ],
)
def test_bad_input_names_the_argument(options, argument):
    with pytest.raises(ValueError, match=argument):
        scenes.make(**options)
