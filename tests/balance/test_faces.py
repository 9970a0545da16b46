import pickle

import numpy as np
import pytest
import torch
from sklearn.base import clone

from affectkit import learn
from affectkit.balance import faces
from affectkit.balance.faces import PRESETS, Changes, augment

pytestmark = pytest.mark.usefixtures("one_thread")


def pictures(n=4, size=16, channels=3, seed=0):
    shape = (n, size, size, channels) if channels > 1 else (n, size, size)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def one(image, **changes):
    """Many changed copies of one picture (c, h, w) as a batch."""
    torch.manual_seed(0)
    return Changes(**changes)(image.expand(64, *image.shape))


# -- what each change does -----------------------------------------------------------------------------------


def test_nothing_is_changed_by_default():
    X = pictures()
    np.testing.assert_array_equal(augment(X, Changes()), X)


@pytest.mark.parametrize("name", [f for f in Changes.__dataclass_fields__])
def test_every_option_changes_something_and_keeps_the_range(name):
    x = torch.rand(8, 3, 20, 20)
    out = Changes(**{name: 0.1 if name not in ("rotation", "hue", "blur", "flip") else 1.0})(x)
    assert out.shape == x.shape and 0 <= out.min() and out.max() <= 1
    assert (out - x).abs().max() > 0.01


def test_crop_enlarges_what_is_left():
    ramp = torch.linspace(-1, 1, 41).expand(1, 41, 41) / 2 + 0.5  # grey is the column, 0 to 1
    out = one(ramp, crop=0.2)[:, 0, 20]
    slope = (out[:, 30] - out[:, 10]) / (ramp[0, 0, 30] - ramp[0, 0, 10])  # the share that is left
    assert 0.6 <= slope.min() < 0.75 and 0.9 < slope.max() <= 1.001
    left = out[:, 0]
    assert left.min() >= 0 and 0.12 < left.max() <= 0.22  # at most a fifth is cut off a side


def test_stretch_changes_width_and_height_each_by_itself():
    ramp = torch.linspace(0, 1, 41)
    both = torch.stack([ramp.expand(41, 41), ramp[:, None].expand(41, 41)])
    out = one(both, stretch=0.2)
    across, down = out[:, 0, 20, 30] - out[:, 0, 20, 10], out[:, 1, 30, 20] - out[:, 1, 10, 20]
    for slope in (across / 0.5, down / 0.5):
        assert 0.79 < slope.min() < 0.87 and 1.13 < slope.max() < 1.21
    assert abs(np.corrcoef(across, down)[0, 1]) < 0.4


def test_perspective_moves_corners_to_where_it_says_and_bends_no_line():
    here = torch.tensor([[[-1.0, -1], [1, -1], [1, 1], [-1, 1]]])
    there = torch.tensor([[[-0.9, -1], [1, -0.8], [0.7, 1], [-1, 0.9]]])
    h = faces._homography(here, there)[0]
    points = torch.cat([here[0], torch.ones(4, 1)], 1) @ h.T
    torch.testing.assert_close(points[:, :2] / points[:, 2:], there[0], atol=1e-5, rtol=0)
    side = torch.tensor([[-1.0, -1, 1], [-0.2, -1, 1], [1, -1, 1]]) @ h.T
    (x0, y0), (x1, y1), (x2, y2) = side[:, :2] / side[:, 2:]
    assert abs((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)) < 1e-5


def test_perspective_reaches_the_picture():
    ramp = torch.linspace(0, 1, 41).expand(1, 41, 41)
    out = one(ramp, perspective=0.1)[:, 0]
    above, below = out[:, 5, 35] - out[:, 5, 5], out[:, 35, 35] - out[:, 35, 5]
    assert (above / below - 1).abs().max() > 0.05  # a trapezium: no affine map changes that ratio


def test_a_turn_is_one_of_pixels_in_an_oblong_picture():
    spot = torch.zeros(1, 33, 65)
    spot[0, 16, 42] = 1  # ten right of the centre, and ten from it however it is turned
    place = one(spot, rotation=90)[..., 16:49].flatten(1).argmax(1)  # beyond lie its mirror images
    dy, dx = place // 33 - 16, place % 33 - 16
    assert ((dx.float() ** 2 + dy.float() ** 2).sqrt() - 10).abs().max() < 1.5 and dy.abs().max() >= 8


def test_hue_and_saturation_by_hand():
    red = torch.tensor([1.0, 0, 0]).reshape(1, 3, 1, 1)
    turned = faces._recolour(red, torch.tensor(1 / 3), torch.tensor(0.0))
    torch.testing.assert_close(turned.flatten(), torch.tensor([0.0, 1, 0]), atol=1e-5, rtol=0)
    paler = faces._recolour(red, torch.tensor(0.0), torch.tensor(-0.4))
    torch.testing.assert_close(paler.flatten(), torch.tensor([1.0, 0.4, 0.4]), atol=1e-5, rtol=0)
    x = torch.rand(5, 3, 7, 7)
    torch.testing.assert_close(faces._recolour(x, torch.tensor(0.0), torch.tensor(0.0)), x, atol=1e-5, rtol=0)
    grey = torch.rand(5, 1, 7, 7).expand(-1, 3, -1, -1)
    torch.testing.assert_close(faces._recolour(grey, torch.tensor(0.3), torch.tensor(0.3)), grey)


def test_hue_agrees_with_matplotlib():
    from matplotlib.colors import hsv_to_rgb, rgb_to_hsv

    x = torch.rand(3, 3, 6, 6)
    ours = faces._recolour(x, torch.tensor(0.1), torch.tensor(0.15)).permute(0, 2, 3, 1).numpy()
    hsv = rgb_to_hsv(x.permute(0, 2, 3, 1).numpy())
    hsv[..., 0], hsv[..., 1] = (hsv[..., 0] + 0.1) % 1, np.clip(hsv[..., 1] + 0.15, 0, 1)
    np.testing.assert_allclose(ours, hsv_to_rgb(hsv), atol=1e-5)


def test_blur_agrees_with_scipy():
    from scipy.ndimage import gaussian_filter

    x = torch.rand(2, 3, 24, 24)
    ours = faces._blur(x, torch.tensor([0.7, 1.2]), 2.0)
    for image, blurred, sigma in zip(x, ours, (0.7, 1.2), strict=True):
        theirs = gaussian_filter(image.numpy(), (0, sigma, sigma), mode="mirror", truncate=6 / sigma)
        np.testing.assert_allclose(blurred.numpy(), theirs, atol=2e-3)


def test_noise_has_the_spread_it_says():
    spread = one(torch.full((1, 30, 30), 0.5), noise=0.1).flatten(1).std(1)
    assert 0.085 < spread.max() < 0.11 and spread.min() < 0.02


# -- offline -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 12, 12), (3, 12, 12, 1), (3, 12, 16, 3)])
def test_copies_lie_beside_one_another_in_the_pictures_own_shape(shape):
    X = np.repeat(np.array([20, 120, 220], np.uint8), np.prod(shape[1:])).reshape(shape)
    new = augment(X, Changes(rotation=20, noise=0.02), copies=4, batch_size=5)
    assert new.shape == (12, *shape[1:]) and new.dtype == np.uint8
    assert new.reshape(12, -1).mean(1).round(-1).tolist() == np.repeat([20, 120, 220], 4).tolist()


def test_same_seed_same_copies_and_nothing_outside_is_touched():
    X = pictures()
    before = torch.get_rng_state()
    first = augment(X, "electronics2022-faces", random_state=1)
    np.testing.assert_array_equal(first, augment(X, "electronics2022-faces", random_state=1))
    assert (first != augment(X, "electronics2022-faces", random_state=2)).any()
    assert torch.equal(torch.get_rng_state(), before)


def test_electronics2022_makes_3752_landscapes_of_536():
    landscapes = pictures(536, size=8)
    new = augment(landscapes, "electronics2022-landscapes")
    assert len(landscapes) + len(new) == 3752
    assert len(np.unique(new.reshape(len(new), -1), axis=0)) == len(new)


def test_electronics2022_triples_disgust():
    assert len(augment(pictures(5, channels=1), "electronics2022-faces")) == 15


def test_every_preset_says_what_it_assumes_and_works():
    for name, entry in PRESETS.items():
        assert entry["assumed"] and faces.preset(name) is entry["changes"]
        assert (augment(pictures(), name) != np.repeat(pictures(), entry["copies"], 0)).any()


# -- on the fly ----------------------------------------------------------------------------------------------


def test_a_classifier_trains_on_changed_batches_and_can_be_cloned():
    X, y = pictures(40, channels=1), np.arange(40) % 2
    net = learn.classifier("face-cnn", augment=faces.preset("hegh2025"), max_epochs=1, device="cpu",
                           module__channels=(4, 4, 4), module__hidden=8)
    losses = [clone(net).set_params(augment=change).fit(X, y).history_[-1]["train_loss"]
              for change in (net.augment, net.augment, Changes())]
    assert losses[0] == losses[1] != losses[2]


def test_changes_are_told_apart_by_their_amounts_in_every_process():
    change = Changes(flip=0.5)
    assert "0x" not in repr(change)  # it is part of a checkpoint's key
    assert pickle.loads(pickle.dumps(change)) == change != Changes()


# -- bad input -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call, match", [
    (lambda: augment(pictures()[0, 0], Changes()), "images must have the shape"),
    (lambda: augment(pictures() / 255, Changes()), "images must be uint8"),
    (lambda: augment(pictures(), "hegh"), "no preset named 'hegh'; there are: hegh2025"),
    (lambda: augment(pictures(), Changes(), copies=0), "copies=0 must be a whole number"),
    (lambda: augment(pictures(channels=1), "electronics2022-landscapes"), "hue and saturation are for RGB"),
    (lambda: Changes(flip=1.5), "flip=1.5 must be at least 0 and at most 1"),
    (lambda: Changes(crop=0.5), "crop=0.5 must be at least 0 and below 0.5"),
    (lambda: Changes(noise=-1), "noise=-1 must be at least 0."),
    (lambda: Changes(blur=float("nan")), "blur=nan must be"),
])
def test_bad_input_names_the_argument(call, match):
    with pytest.raises(ValueError, match=match):
        call()
