import numpy as np
import pytest
import torch
from sklearn.base import clone

from affectkit import gans

pytestmark = pytest.mark.usefixtures("one_thread")
TINY = dict(length=20, width=6, latent_dim=3, batch_size=16, device="cpu", max_epochs=2)


def hearts(n=64, channels=1, seed=0, length=20):
    """Toy hearts: 65 or 85 beats a minute, each window at a level of its own."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    level = 65 + 20 * y + rng.normal(0, 2, n)
    return (level[:, None, None] + rng.normal(0, 1, (n, length, channels))).astype(np.float32), y


@pytest.mark.parametrize("architecture, cell", [
    ("recurrent", "lstm"), ("recurrent", "gru"), ("conv", "lstm")])
@pytest.mark.parametrize("length, channels, n_classes, scaling", [
    (20, 1, None, "standard"), (33, 2, 3, "minmax"), (8, 3, 2, "standard")])
def test_shapes(architecture, cell, length, channels, n_classes, scaling):
    gan = gans.RGAN(**{**TINY, "length": length}, architecture=architecture, cell=cell, channels=channels,
                    n_classes=n_classes, scaling=scaling).build()
    assert gan.sample(4).shape == (4, length, channels) and gan.sample(4).dtype == np.float32
    assert gan.sample(0).shape == (0, length, channels)
    y = None if n_classes is None else torch.zeros(4, dtype=torch.int64)
    x = torch.randn(4, length, channels)
    assert gan.discriminator(x, y).shape == (4,)
    told = (x, y) if architecture == "recurrent" else (x,)
    features = gan.discriminator.features(*told)
    assert features.shape[0] == 4 and features.ndim == 2


@pytest.mark.parametrize("scaling", ["standard", "minmax"])
def test_units_survive_the_way_in_and_out(scaling):
    X, _ = hearts(channels=2)
    X[..., 1] = X[..., 1] / 1000 - 5
    gan = gans.RGAN(**TINY, channels=2, scaling=scaling).build()
    x = gan._check(X)
    gan._spread = gan._scale(x)
    inside = gan._to_network(x)
    if scaling == "minmax":
        torch.testing.assert_close(inside.amax((0, 1)), torch.ones(2), rtol=0, atol=1e-3)
        torch.testing.assert_close(inside.amin((0, 1)), -torch.ones(2), rtol=0, atol=1e-3)
    else:
        torch.testing.assert_close(inside.std((0, 1)), torch.ones(2), rtol=0, atol=1e-2)
    np.testing.assert_allclose(gan._from_network(inside), X, rtol=1e-4)


@pytest.mark.parametrize("architecture", ["recurrent", "conv"])
def test_learns_levels_by_class(architecture):
    X, y = hearts(256, length=12)
    gan = gans.RGAN(length=12, width=16, latent_dim=4, n_classes=2, architecture=architecture, batch_size=32,
                    lr=3e-3, device="cpu", max_epochs=30).fit(X, y)
    for label, level in ((0, 65), (1, 85)):
        assert abs(gan.sample(100, label, random_state=0).mean() - level) < 6


def test_class_is_told_at_every_step():
    gan = gans.RGAN(**TINY, n_classes=2).build()
    assert gan.generator.rnn.input_size == 3 + 3 + 2 and gan.discriminator.rnn.input_size == 1 + 2
    z = gan.draw_latents(1).expand(2, -1, -1)
    made = gan.generate(z, [0, 1])
    assert (made[0] != made[1]).all()


def test_window_noise_sets_the_whole_window():
    gan = gans.RGAN(**TINY).build()
    z = gan.draw_latents(1)
    assert z.shape == (1, 21, 3)
    other = z.clone()
    other[:, 0] += 1
    assert (gan.generate(z) != gan.generate(other)).all()
    plain = gans.RGAN(**TINY, window_noise=False).build()
    z = plain.draw_latents(1)
    assert z.shape == (1, 20, 3)
    other = z.clone()
    other[:, 10] += 1  # a step's noise cannot reach back
    assert (plain.generate(z)[:, :10] == plain.generate(other)[:, :10]).all()


def test_other_lengths_and_rates():
    X, _ = hearts()
    gan = gans.RGAN(**TINY, sampling_rate=4).fit(X)
    assert gan.sample(3, length=50).shape == (3, 50, 1)
    assert gan.length == 20
    fast, slow = gan.sample(3, random_state=1, sampling_rate=8), gan.sample(3, random_state=1)
    assert fast.shape == (3, 40, 1)
    np.testing.assert_allclose(fast.mean(1), slow.mean(1), rtol=0.02)
    with pytest.raises(ValueError, match="convolutional one of 20"):
        gans.RGAN(**TINY, architecture="conv").build().sample(3, length=50)
    with pytest.raises(ValueError, match="RGAN's own sampling_rate"):
        gans.RGAN(**TINY).build().sample(3, sampling_rate=8)


def test_latent_tools():
    X, y = hearts()
    gan = gans.RGAN(**TINY, n_classes=2).fit(X, y)
    a, b = gan.draw_latents(2)
    assert gan.interpolate(a, b, n=4, y=1).shape == (4, 20, 1)
    assert gan.morph(0, 1, n=3).shape == (3, 20, 1)
    assert gan.invert(X[:2], y[:2], steps=3).shape == (2, 21, 3)


def test_options_are_kept_and_cloned():
    gan = clone(gans.RGAN(cell="gru", sampling_rate=64))
    assert gan.cell == "gru" and gan.get_params()["sampling_rate"] == 64


@pytest.mark.parametrize("X, message", [
    (hearts()[0][..., 0], "X..., :, None|X\\[:, :, None\\]"),
    (hearts(channels=2)[0], "2 channel"),
    (hearts(length=30)[0], "30 samples, but length=20"),
    (np.where(np.arange(64)[:, None, None] == 5, np.nan, hearts()[0]), "1 of 64 .*number 5"),
    (np.full((64, 20, 1), 70.0), "Channel 0 has the same value"),
    (hearts(10)[0], "10 samples, fewer than one batch"),
])
def test_bad_signals(X, message):
    with pytest.raises(ValueError, match=message):
        gans.RGAN(**TINY).fit(X)


@pytest.mark.parametrize("options, message", [
    (dict(architecture="transformer"), "architecture"), (dict(cell="rnn"), "cell"),
    (dict(scaling="none"), "scaling"), (dict(length=4), "length=4"), (dict(layers=0), "layers=0"),
])
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        gans.RGAN(**{**TINY, **options}).fit(hearts()[0])


def test_bad_labels():
    X, y = hearts()
    with pytest.raises(ValueError, match="1 classes .0., but n_classes=2"):
        gans.RGAN(**TINY, n_classes=2).fit(X, 0 * y)
    with pytest.raises(ValueError, match="n_classes=1 must .* from 2 on; a single class needs none"):
        gans.RGAN(**TINY, n_classes=1).fit(X, 0 * y)
    gan = gans.RGAN(**TINY, n_classes=2).fit(X, np.array(["slow", "fast"])[y])
    with pytest.raises(ValueError, match="holds medium, which the GAN was not fitted .*knows fast, slow"):
        gan.sample(3, "medium")


def test_windows_that_differ_in_level_alone_are_learnt_from():
    X = np.broadcast_to(np.arange(64.0)[:, None, None], (64, 20, 1))
    assert np.isfinite(gans.RGAN(**TINY).fit(X).sample(3)).all()


@pytest.mark.parametrize("architecture", ["recurrent", "conv"])
def test_too_little_memory(architecture, monkeypatch):
    gan = gans.RGAN(**TINY, architecture=architecture).build()

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(gan.discriminator, "forward", full)
    with pytest.raises(MemoryError, match="batch of 16: lower batch_size"):
        gan.step(hearts(16)[0])


def test_damaged_and_foreign_checkpoints(tmp_path):
    path = tmp_path / "gan.safetensors"
    gans.RGAN(**TINY).build().save(path)
    whole = path.read_bytes()
    for bad in (whole[:-100], whole[:-1] + bytes([whole[-1] ^ 1]), b"", b"PK"):
        path.write_bytes(bad)
        with pytest.raises(gans.CheckpointError, match="damaged"):
            gans.RGAN.load(path)
    gans.DCGAN(image_size=28, width=4, device="cpu").build().save(path)
    with pytest.raises(gans.CheckpointError, match="holds a DCGAN, not a RGAN: use DCGAN.load"):
        gans.RGAN.load(path)


@pytest.mark.parametrize("architecture", ["recurrent", "conv"])
def test_samples_come_from_an_average_of_weights(architecture):
    gan = gans.RGAN(**TINY, architecture=architecture).fit(hearts()[0])
    z = gan.draw_latents(4)
    made = gan.generate(z)
    gan.averaged_ = None
    assert not np.allclose(made, gan.generate(z), atol=1e-3)
