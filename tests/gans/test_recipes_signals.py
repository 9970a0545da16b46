import numpy as np
import pytest

from affectkit import gans, judge, preprocess
from affectkit.gans import _recipes_signals as recipes

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pulses():
    return recipes.pulse_windows(step=60)


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
    new = recipes.strangers(pulses.groups)
    assert not set(pulses.groups[new]) & set(pulses.groups[~new])
    assert 0.2 < new.mean() < 0.5


def test_recipe_makes_a_gan_that_fits_into_the_repository(monkeypatch, tmp_path):
    monkeypatch.setattr(recipes, "RGAN", lambda **options: gans.RGAN(**options | {"max_steps": 60}))
    gan = recipes.pulses()
    assert gan.n_classes == 2 and gan.sampling_rate == 10 and len(gan.history_) == 3
    assert gan.history_[1]["step"] == 25
    gan.save(tmp_path / "gan.safetensors")
    assert (tmp_path / "gan.safetensors").stat().st_size < 600_000


def test_trained_gan_makes_pulses_of_its_two_classes(pulses):
    new = recipes.strangers(pulses.groups)
    X, y = pulses.data, pulses.target
    gan = gans.trained("rgan-pulses")
    fake = gan.sample(len(y[~new]), y[~new], random_state=0)
    told = judge.tstr(X[~new], y[~new], fake, y[~new], held_out=X[new], y_held_out=y[new], n_boot=10)
    assert told.floor > 0.85 and told.floor - told.value < 0.1
    for k in (0, 1):
        both = (preprocess.signals.resample(x[:60], 256) for x in (X[new & (y == k)], fake[y[~new] == k]))
        assert judge.heart_rate(*both, 32).distance < 5
