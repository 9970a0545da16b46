"""python -m affectkit.checkpoints: what makes the trained GANs."""

import numpy as np
import pytest

from affectkit import checkpoints, gans
from affectkit.gans import shipped


def test_every_trained_gan_has_a_recipe():
    assert checkpoints.RECIPES.keys() == shipped.TRAINED.keys()


def test_making_writes_what_trained_reads(monkeypatch, tmp_path):
    X = np.random.default_rng(0).integers(0, 256, (20, 28, 28)).astype(np.uint8)
    gan = gans.DCGAN(image_size=28, width=4, latent_dim=8, batch_size=16, ema=0.9, max_steps=2, device="cpu")
    monkeypatch.setitem(checkpoints.RECIPES, "dcgan-faces", lambda: (gan.fit(X), "20 pictures of a twin"))
    path = checkpoints.make("dcgan-faces", tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"dcgan-faces.safetensors", "dcgan-faces.sha256"}
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    loaded = gans.trained("dcgan-faces", device="cpu")
    assert loaded.history_ and path.stat().st_size > 1000
    difference = loaded.sample(8, random_state=1).astype(int) - gan.sample(8, random_state=1)
    assert np.abs(difference).max() <= 2  # weights of 16 bits


def test_unknown_names_are_refused_before_anything_is_made(monkeypatch):
    monkeypatch.setattr(checkpoints, "make", lambda *_: pytest.fail("it began"))
    with pytest.raises(SystemExit, match="there is no dogs; there are: dcgan-faces"):
        checkpoints.main(["dcgan-faces", "dogs"])
