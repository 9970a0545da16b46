"""python -m affectkit.checkpoints: what makes the trained GANs."""

import numpy as np
import pytest

from affectkit import checkpoints, gans, judge, preprocess
from affectkit.gans import shipped

pytestmark = pytest.mark.usefixtures("one_thread")


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


@pytest.fixture(scope="module")
def pulses():
    return checkpoints.pulse_windows(step=60)


def test_windows_are_still_pulses_of_slow_and_fast_hearts(pulses):
    assert pulses.data.shape[1:] == (80, 1) and pulses.data.dtype == np.float32
    assert len(pulses.data) == len(pulses.target) == len(pulses.groups) > 500
    assert np.bincount(pulses.target).min() > 200 and pulses.source == "twin"
    assert 0.5 <= pulses.data.std((1, 2)).min() and pulses.data.std((1, 2)).max() <= 1.5
    rates = [np.nanmedian([preprocess.signals.heart_rate(window, 32) for window in
                           preprocess.signals.resample(pulses.data[pulses.target == k][:30], 256)[..., 0]])
             for k in (0, 1)]  # fmt: skip
    assert rates[0] < 77 and rates[1] > 83


def test_strangers_are_whole_people(pulses):
    new = checkpoints.strangers(pulses.groups)
    assert not set(pulses.groups[new]) & set(pulses.groups[~new])
    assert 0.2 < new.mean() < 0.5


def test_trained_gan_makes_pulses_of_its_two_classes(pulses):
    new = checkpoints.strangers(pulses.groups)
    X, y = pulses.data, pulses.target
    gan = gans.trained("rgan-pulses")
    fake = gan.sample(len(y[~new]), y[~new], random_state=0)
    told = judge.tstr(X[~new], y[~new], fake, y[~new], held_out=X[new], y_held_out=y[new], n_boot=10)
    assert told.floor > 0.85 and told.floor - told.value < 0.1
    for k in (0, 1):
        both = (preprocess.signals.resample(x, 256) for x in (X[new & (y == k)], fake[y[~new] == k]))
        assert judge.heart_rate(*both, 32, max_n=60).distance < 5  # drawn from all people
