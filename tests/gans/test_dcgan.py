import numpy as np
import pytest
import torch
from sklearn.base import clone
from torch import nn

from affectkit import gans, nets
from affectkit.gans.dcgan import levels

pytestmark = pytest.mark.usefixtures("one_thread")
TINY = dict(image_size=28, width=4, batch_size=16, device="cpu")


def faces(n=64, size=28, channels=1, seed=0):
    """Toy faces: a bright bar in the upper or in the lower half, on noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    images = rng.integers(0, 100, (n, size, size, channels))
    for image, target in zip(images, y, strict=True):
        image[size // 8 + target * size // 2:][:size // 4] += 150
    return images.squeeze(-1).astype(np.uint8) if channels == 1 else images.astype(np.uint8), y


# -- networks ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("latent_dim, count", [(100, 3_576_704), (150, 3_986_304), (256, 4_854_656)])
def test_standard_dcgan_counts(latent_dim, count):
    gan = gans.DCGAN(channels=3, latent_dim=latent_dim, device="cpu").build()
    assert nets.count_parameters(gan.generator) == count
    assert nets.count_parameters(gan.discriminator) == 2_765_568


def test_last_convolution_at_64_pixels_gives_8192_features():
    gan = gans.preset("alharbawee2024", device="cpu").build()
    assert gan.discriminator.features(torch.zeros(2, 3, 64, 64)).shape == (2, 8192)


def test_sides():
    assert [levels(size) for size in (64, 48, 32, 28)] == [(4, 4), (4, 3), (3, 4), (2, 7)]


@pytest.mark.parametrize("architecture", ["dcgan", "upsample"])
@pytest.mark.parametrize("size, channels, n_classes", [(28, 1, None), (32, 3, 4), (48, 1, 3), (64, 3, None)])
def test_shapes(architecture, size, channels, n_classes):
    gan = gans.DCGAN(image_size=size, channels=channels, n_classes=n_classes, latent_dim=5, width=2,
                     architecture=architecture, device="cpu").build()
    y = None if n_classes is None else torch.zeros(3, dtype=torch.int64)
    images = gan.generator(torch.randn(3, 5), y)
    assert images.shape == (3, channels, size, size)
    assert gan.discriminator(images, y).shape == (3,)
    expected = (4, size, size) if channels == 1 else (4, size, size, 3)
    assert gan.sample(4).shape == expected and gan.sample(0).shape == (0, *expected[1:])
    assert gan.sample(4).dtype == np.uint8


def test_starts_as_dcgan_does():
    gan = gans.DCGAN(device="cpu").build()
    weights = torch.cat([m.weight.flatten() for m in gan.generator.modules()
                         if isinstance(m, nn.ConvTranspose2d)])
    assert abs(weights.std() - 0.02) < 2e-4


def test_batch_normalisation_gives_way_where_scores_must_stand_alone():
    for options in (dict(loss="wgan-gp"), dict(loss="r3"), dict(spectral_norm=True)):
        gan = gans.DCGAN(**TINY, **options).build()
        assert not any(isinstance(m, nn.BatchNorm2d) for m in gan.discriminator.modules())
        assert any(isinstance(m, nn.BatchNorm2d) for m in gan.generator.modules())


def test_spectral_norm_bounds_every_layer():
    gan = gans.DCGAN(**TINY, spectral_norm=True).build()
    X, _ = faces()
    for _ in range(8):
        gan.step(X[:16])
    layers = [m for m in gan.discriminator.modules() if isinstance(m, nn.Conv2d)]
    assert layers
    for layer in layers:  # the power iteration comes close to the largest singular value from below
        assert torch.linalg.matrix_norm(layer.weight.flatten(1), 2) < 1.3


def test_class_changes_image_and_score():
    gan = gans.DCGAN(**TINY, n_classes=3).build()
    z, y = torch.randn(1, 100).expand(3, -1), torch.arange(3)
    gan.generator.eval()
    gan.discriminator.eval()
    images = gan.generator(z, y)
    assert (images[0] - images[1]).abs().max() > 1e-3
    assert len(set(gan.discriminator(images[:1].expand(3, -1, -1, -1), y).tolist())) == 3
    shares = torch.nn.functional.one_hot(y, 3).float()
    torch.testing.assert_close(gan.generator(z, shares), images)


# -- images in and out ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 3])
def test_pixels_survive_the_way_in_and_out(channels):
    X, _ = faces(channels=channels)
    gan = gans.DCGAN(**TINY, channels=channels)
    x = gan._to_network(gan._check(X))
    assert x.shape == (64, channels, 28, 28) and -1 <= x.min() < 0 < x.max() <= 1
    assert (gan._from_network(x) == X).all()
    assert (gan._from_network(gan._to_network(gan._check(X / 255.0))) == X).all()


def test_options_are_kept_and_cloned():
    gan = clone(gans.DCGAN(image_size=48, betas=(0.1, 0.9)))
    assert gan.get_params()["betas"] == (0.1, 0.9) and gan.image_size == 48
    assert gan.set_params(loss="r3").loss == "r3"


@pytest.mark.parametrize("X, message", [
    (faces(size=32)[0], "32 x 32 pixels, but image_size=28: resize"),
    (faces(channels=3)[0], "3 channel"),
    (faces()[0] / 100, "uint8"),
    (np.full((64, 28, 28), np.nan), "none missing"),
    (faces()[0].astype(int), "uint8"),
    (np.zeros((64, 28, 28), np.uint8), "blank or the same"),
    (np.broadcast_to(faces(1)[0], (64, 28, 28)), "blank or the same"),
    (faces()[0][0], "shape"),
    (faces(15)[0], "15 samples, fewer than one batch of 16: lower batch_size"),
    (faces()[0][:0], "0 samples"),
])
def test_bad_images(X, message):
    with pytest.raises(ValueError, match=message):
        gans.DCGAN(**TINY).fit(X)


@pytest.mark.parametrize("options, message", [
    (dict(image_size=30), "image_size=30: use one of"), (dict(channels=2), "channels=2"),
    (dict(loss="mse"), "loss='mse'"), (dict(architecture="vae"), "architecture='vae'"),
    (dict(diffaugment=("blur",)), "does not know"), (dict(n_classes=1), "single class"),
    (dict(batch_size=1), "batch_size=1"), (dict(latent_dim=2.5), "latent_dim=2.5"),
    (dict(random_state="a"), "random_state"), (dict(label_smoothing=1), "label_smoothing"),
    (dict(max_epochs=None), "needs an end"), (dict(device="tpu"), "device='tpu'"),
])
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        gans.DCGAN(**{**TINY, **options}).fit(faces()[0])
