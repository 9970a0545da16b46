import numpy as np
import pytest

from affectkit.preprocess import faces


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, size=(4, 48, 48), dtype=np.uint8)


def test_resize_keeps_brightness_and_makes_the_size(images):
    small = faces.resize(images, 24)
    assert small.shape == (4, 24, 24) and small.dtype == np.uint8
    assert np.allclose(small.mean((1, 2)), images.mean((1, 2)), atol=1.5)


def test_resize_smooths_instead_of_aliasing():
    stripes = np.zeros((1, 48, 48), np.uint8)
    stripes[:, :, ::2] = 255
    assert np.abs(faces.resize(stripes, 24).astype(int) - 128).max() < 40


def test_resize_colour_and_same_size(images):
    colour = np.repeat(images[..., None], 3, axis=3)
    assert faces.resize(colour, 30).shape == (4, 30, 30, 3)
    same = faces.resize(images, 48)
    assert np.array_equal(same, images) and same is not images


def test_normalise_spans_zero_to_one():
    pixels = np.array([[[0, 255], [51, 102]]], np.uint8)
    scaled = faces.normalise(pixels)
    assert scaled.dtype == np.float32
    assert np.allclose(scaled, [[[0, 1], [0.2, 0.4]]])


def test_standardise_removes_light_and_contrast(images):
    plain = faces.standardise(images)
    darker = faces.standardise(images * 0.25 + 10)
    assert np.allclose(plain.mean((1, 2)), 0, atol=1e-5) and np.allclose(plain.std((1, 2)), 1, atol=1e-4)
    assert np.allclose(plain, darker, atol=1e-3)
    assert np.array_equal(faces.standardise(np.full((1, 8, 8), 77, np.uint8)), np.zeros((1, 8, 8)))


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda x: faces.resize(x[0], 24), "images must have shape"),
        (lambda x: faces.resize(x, 0), "size"),
        (lambda x: faces.resize(x / 255, 24), "uint8"),
        (lambda x: faces.normalise(x / 255), "uint8"),
        (lambda x: faces.standardise(np.where(x > 250, np.nan, x)), "NaN"),
    ],
)
def test_errors_name_the_argument(images, call, word):
    with pytest.raises(ValueError, match=word):
        call(images)
