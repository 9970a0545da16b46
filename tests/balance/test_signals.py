import numpy as np
import pytest
import torch

from affectkit import learn
from affectkit.balance import signals
from affectkit.balance.signals import PRESETS, Changes, augment

pytestmark = pytest.mark.usefixtures("one_thread")


def hearts(n=64, time=60, channels=2):
    """Two channels of different size around different levels: slow waves and no noise."""
    t = np.linspace(0, 2 * np.pi, time)
    waves = np.stack([70 + 4 * np.sin(2 * t), 0.5 + 0.1 * np.cos(3 * t)], 1)[:, :channels]
    return np.repeat(waves[None], n, 0).astype(np.float32)


def changed(**options):
    return augment(hearts(), Changes(**options))


def test_nothing_is_changed_by_default():
    np.testing.assert_allclose(changed(), hearts(), rtol=1e-5)


def test_jitter_is_a_share_of_each_channels_own_spread():
    X, new = hearts(), changed(jitter=0.1)
    np.testing.assert_allclose((new - X).std((0, 1)) / X.std(1)[0], 0.1, rtol=0.05)


def test_scaling_spreads_a_window_around_its_mean():
    X, new = hearts(), changed(scaling=0.2)
    np.testing.assert_allclose(new.mean(1), X.mean(1), rtol=1e-4)
    factor = new.std(1) / X.std(1)
    assert 0.14 < factor.std() < 0.27 and abs(factor.mean() - 1) < 0.06
    assert abs(np.corrcoef(factor.T)[0, 1]) < 0.4  # one a channel
    np.testing.assert_allclose((new - new.mean(1, keepdims=True))[3] / factor[3],
                               (X - X.mean(1, keepdims=True))[3], atol=1e-3)


def test_warped_time_runs_forward_from_end_to_end():
    torch.manual_seed(0)
    places = Changes(time_warp=0.2)._places(200, 60)
    assert (places.diff(dim=1) > 0).all()
    torch.testing.assert_close(places[:, [0, -1]], torch.tensor([0.0, 59]).expand(200, 2))
    speed = places.diff(dim=1)
    assert 0.1 < speed[:, 12].std() < 0.3 and speed.diff(dim=1).abs().mean() < 0.05  # drawn, and smooth


def test_a_slice_is_a_stretched_piece():
    torch.manual_seed(0)
    places = Changes(window_slice=0.3)._places(200, 60)
    length, start = places[:, -1] - places[:, 0], places[:, 0]
    assert 0.7 * 59 <= length.min() < 0.75 * 59 and length.max() > 0.95 * 59
    assert start.min() >= 0 and start.max() > 0.1 * 59 and places.max() <= 59.001
    torch.testing.assert_close(places.diff(dim=1), (length / 59)[:, None].expand(-1, 59), atol=1e-4, rtol=0)
    ramp = torch.arange(60.0).reshape(1, 60, 1)
    torch.testing.assert_close(signals._read(ramp, places[:1])[0, :, 0], places[0])


def test_copies_lie_beside_one_another_and_keep_type_and_seed():
    X = hearts() + np.arange(64, dtype=np.float32)[:, None, None] * 10
    before = torch.get_rng_state()
    new = augment(X, "iwana2021", copies=3, batch_size=50)
    assert new.shape == (192, 60, 2) and new.dtype == np.float32
    assert (np.abs(new.mean(1)[:, 0] - np.repeat(X.mean(1)[:, 0], 3)) < 2).all()
    np.testing.assert_array_equal(new, augment(X, "iwana2021", copies=3, batch_size=50))
    assert (new != augment(X, "iwana2021", copies=3, batch_size=50, random_state=1)).any()
    assert torch.equal(torch.get_rng_state(), before)


def test_presets_say_what_they_assume():
    for name, entry in PRESETS.items():
        assert entry["assumed"] and (augment(hearts(4), name) != hearts(4)).any()


def test_a_classifier_trains_on_changed_batches():
    X, y = hearts(32), np.arange(32) % 2
    net = learn.classifier("heart-cnn", max_epochs=1, device="cpu")
    plain, jittered = (net.set_params(augment=change).fit(X, y).history_[-1]["train_loss"]
                       for change in (False, Changes(jitter=0.5)))
    assert plain != jittered


@pytest.mark.parametrize("call, match", [
    (lambda: augment(hearts()[:, :, 0], Changes()), r"shape \(n, time, channels\)"),
    (lambda: augment(hearts()[:, :1], Changes()), "signals have one moment"),
    (lambda: augment(hearts() * np.nan, Changes()), "missing or infinite"),
    (lambda: augment(hearts(), "um"), "no preset named 'um'; there are: um2017"),
    (lambda: augment(hearts(), Changes(), copies=1.5), "copies=1.5 must be a whole number"),
    (lambda: Changes(jitter=-0.1), "jitter=-0.1 must be at least 0"),
    (lambda: Changes(window_slice=1), "window_slice=1 must be below 1"),
])
def test_bad_input_names_the_argument(call, match):
    with pytest.raises(ValueError, match=match):
        call()
