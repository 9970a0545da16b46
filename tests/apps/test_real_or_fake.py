import numpy as np
import pytest

from affectkit.apps import RealOrFake, real_or_fake

REAL, FAKE = np.zeros((9, 8, 8), np.uint8), np.full((9, 8, 8), 255, np.uint8)


def test_a_round_from_the_first_picture_to_the_score():
    app = RealOrFake(REAL, FAKE, n=8)
    app.view()
    for k in range(8):
        assert f"Picture {k + 1} of 8" in app.words_
        assert (app._images[k] == 255).all() == app.is_fake_[k]
        app.controls_["made up" if app.is_fake_[k] else "real"].click()
    assert app.words_.startswith("8 of 8 right: 100%, 95 % interval 68% to 100%")
    app.controls_["real"].click()  # the round is over
    assert len(app.said_) == 8
    before = app.is_fake_
    app.controls_["again"].click()
    assert "Picture 1 of 8" in app.words_ and (app.is_fake_ != before).any()
    assert not app.errors_


def test_a_coins_d_prime_is_zero_and_all_right_is_finite():
    fake = np.arange(20) < 10
    assert real_or_fake.real_or_fake(fake, np.arange(20) % 2 == 0)["d_prime"] == pytest.approx(0)
    assert 3 < real_or_fake.real_or_fake(fake, fake)["d_prime"] < 4


@pytest.mark.parametrize("pools", [(REAL, None), (None, FAKE), (REAL[:2], FAKE)])
def test_both_kinds_are_needed(pools):
    with pytest.raises(ValueError, match="must both be given"):
        RealOrFake(*pools).view()
