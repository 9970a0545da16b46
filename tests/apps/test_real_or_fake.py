import numpy as np
import pytest

from affectkit import judge
from affectkit.apps import RealOrFake, real_or_fake

REAL, FAKE = np.zeros((9, 8, 8), np.uint8), np.full((9, 8, 8), 255, np.uint8)


def test_a_round_from_the_first_picture_to_the_score(monkeypatch):
    monkeypatch.setattr(real_or_fake, "PAUSE", 0)
    app = RealOrFake(REAL, FAKE, n=8)
    app.view()
    for k in range(8):
        assert f"Picture {k + 1} of 8" in app.words_
        assert (app._images[k] == 255).all() == app.is_fake_[k]
        app.controls_["made up" if app.is_fake_[k] else "real"].click()
    assert app.words_.startswith("8 of 8 right: 100%, 95 % interval 63% to 100%")
    app.controls_["real"].click()  # the round is over
    assert len(app.said_) == 8
    before = app.is_fake_
    app.controls_["again"].click()
    assert "Picture 1 of 8" in app.words_ and (app.is_fake_ != before).any()
    assert not app.errors_


def test_a_double_click_is_one_answer(monkeypatch):
    app, now = RealOrFake(REAL, FAKE, n=8), [5.0]
    monkeypatch.setattr(real_or_fake.time, "monotonic", lambda: now[0])
    app.view()
    for now[0], answers in ((5.0, 1), (5.3, 1), (5.5, 2), (5.6, 2)):
        app.controls_["real"].click()
        assert len(app.said_) == answers


def test_right_and_wrong_are_told_by_marks_as_well_as_by_colours():
    fake, said = np.arange(8) < 4, np.arange(8) < 2
    told = judge.real_or_fake(fake, said)
    figure = real_or_fake.plot_verdict(list(REAL[:8]), fake, said, told, source="twin")
    marks = [text.get_text() for ax in figure.axes[:8] for text in ax.texts]
    assert marks == ["✓", "✓", "✗", "✗", "✓", "✓", "✓", "✓"]


@pytest.mark.parametrize("pools", [(REAL, None), (None, FAKE), (REAL[:2], FAKE)])
def test_both_kinds_are_needed(pools):
    with pytest.raises(ValueError, match="must both be given"):
        RealOrFake(*pools).view()
