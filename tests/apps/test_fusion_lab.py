import numpy as np
import pytest

from affectkit.apps import FusionLab, fusion_lab


def test_simulated_experts_say_true_probabilities():
    y, face, body = fusion_lab.two_experts(20_000)
    for p in (face, body):
        assert np.allclose(p.sum(1), 1)
        assert (p.argmax(1) == y).mean() == pytest.approx(p.max(1).mean(), abs=0.015)


def test_the_product_rule():
    both = fusion_lab.fuse(np.log([[0.5, 0.3, 0.2]]), np.log([[0.2, 0.6, 0.2]]), 1, 1)
    assert both[0] == pytest.approx(np.array([0.1, 0.18, 0.04]) / 0.32)


def test_both_gain_and_a_lost_body_costs_just_that():
    app = FusionLab()
    app.view()
    assert "Both against the face alone: +" in app.words_
    app.controls_["body missing"].value = 1.0
    assert "+0.0 points" in app.words_
    app.controls_["reset"].click()
    app.controls_["body noise"].value = 3.0  # and it does not know
    assert "the face alone: -" in app.words_
    app.controls_["share"].value = 1.0
    assert "+0.0 points" in app.words_ and not app.errors_


def test_own_probabilities_and_what_is_wrong_with_them():
    y, face, body = fusion_lab.two_experts(60, 3)
    app = FusionLab(y, face, body, ["a", "b", "c"], np.arange(60) // 6, source="twin")
    app.view()
    assert not app.errors_ and "points of accuracy" in app.words_
    with pytest.warns(UserWarning, match="one person"):
        app = FusionLab(y, face, body, ["a", "b", "c"], np.zeros(60))
        app.view()
    assert "of one person" in app.words_ and "nan" not in app.words_
    with pytest.raises(ValueError, match="body must have shape"):
        FusionLab(y, face, body[:5], ["a", "b", "c"]).view()
    with pytest.raises(ValueError, match="together"):
        FusionLab(y, face).view()
