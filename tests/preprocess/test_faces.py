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


def test_resize_to_height_and_width(images):
    wide = faces.resize(images, (24, 96))
    assert wide.shape == (4, 24, 96)
    assert np.allclose(wide.mean((1, 2)), images.mean((1, 2)), atol=1.5)
    halved = wide.astype(float).reshape(4, 24, 24, 4).mean(-1)  # the whole picture is there, not a part of it
    assert np.corrcoef(halved.ravel(), faces.resize(images, 24).ravel())[0, 1] > 0.95


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
        (lambda x: faces.resize(x, (24, 0)), "size"),
        (lambda x: faces.resize(x, (24, 24, 3)), "size"),
        (lambda x: faces.resize(x / 255, 24), "uint8"),
        (lambda x: faces.normalise(x / 255), "uint8"),
        (lambda x: faces.standardise(np.where(x > 250, np.nan, x)), "NaN"),
    ],
)
def test_errors_name_the_argument(images, call, word):
    with pytest.raises(ValueError, match=word):
        call(images)


@pytest.fixture(scope="module")
def scene():
    """A person to the lower right of a grey wall."""
    from affectkit.twins import faces as twins

    images, _ = twins.portray(["happy"], size=160, channels=3, style="acted", random_state=0)
    wall = np.full((400, 600, 3), 128, np.uint8)
    wall[200:360, 400:560] = images[0]
    return wall


@pytest.mark.parametrize("scale", [1, 3])
def test_a_face_is_found_where_it_is(scene, scale):
    big = scene.repeat(scale, 0).repeat(scale, 1)
    top, left, side = np.array(faces.find_face(big)) / scale
    assert 190 < top < 280 and 390 < left < 480 and 60 < side < 170
    square, found = faces.crop(big)
    assert found and square.shape[0] == square.shape[1] < 250 * scale
    assert abs(square.shape[0] / scale - min(1.2 * side, 400)) < 2
    grey, found = faces.crop(big[..., 0])
    assert found and grey.ndim == 2


class Cascade:
    """Stands for OpenCV's: finds what it is told to, one list of squares a call."""

    def __init__(self, *found):
        self.found = list(found)

    def detectMultiScale(self, image, **options):
        return np.array(self.found.pop(0))


def test_a_profile_is_looked_for_on_both_sides(monkeypatch):
    """The cascade for profiles knows one side: the other one is found in the mirror, and turned back."""
    front, side = Cascade([]), Cascade([], [(10, 5, 30, 30), (0, 0, 20, 20)])
    monkeypatch.setattr(faces, "detectors", lambda: (front, side))
    assert faces.find_face(np.zeros((80, 100), np.uint8)) == (5, 60, 30)  # the larger one


def test_without_a_face_the_middle_is_cut_out(monkeypatch):
    tall = np.arange(60 * 20, dtype=np.uint32).reshape(60, 20).astype(np.uint8)
    for installed in (True, False):
        if not installed:
            monkeypatch.setattr(faces, "detectors", lambda: None)
        square, found = faces.crop(tall)
        assert not found and np.array_equal(square, tall[20:40])
        square, found = faces.crop(tall.T)
        assert not found and np.array_equal(square, tall.T[:, 20:40])
    with pytest.raises(ImportError, match="affectkit.crop"):
        faces.find_face(tall)


def test_a_crop_at_the_border_stays_inside(monkeypatch):
    image = np.random.default_rng(0).integers(0, 256, (50, 80), dtype=np.uint8)
    monkeypatch.setattr(faces, "find_face", lambda image: (0, 50, 30))
    square, found = faces.crop(image)
    assert found and np.array_equal(square, image[0:36, 44:80])
    monkeypatch.setattr(faces, "find_face", lambda image: (5, 10, 48))
    assert np.array_equal(faces.crop(image)[0], image[:, 9:59])  # no wider than the picture is high


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda x: faces.find_face(x / 255), "uint8"),
        (lambda x: faces.find_face(x[..., None, None]), "shape"),
        (lambda x: faces.crop(x, margin=-1), "margin"),
    ],
)
def test_errors_of_crops(images, call, word):
    with pytest.raises(ValueError, match=word):
        call(images[0])
