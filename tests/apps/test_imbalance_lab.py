import numpy as np
import pytest

from affectkit import cards
from affectkit.apps import ImbalanceLab, imbalance_lab


@pytest.fixture(scope="module")
def app():
    app = ImbalanceLab()
    app.view()
    return app


@pytest.mark.parametrize("ratio", imbalance_lab.RATIOS)
def test_counts_have_the_ratio_and_the_cards_order(app, ratio):
    card = cards.get("fer2013")
    assert ratio in app.controls_["ratio"].options
    counts, _, _ = app._test("fer2013", ratio, False)
    assert counts.max() / counts.min() == pytest.approx(ratio, rel=0.15)
    assert counts.max() == counts[3] > 75 and counts[1] == counts.min() >= 2
    few = imbalance_lab.reachable(card.totals, [12] * 7)
    assert few == [1, 2, 3] and imbalance_lab.reachable([5, 5], [1, 1]) == [1]
    assert (imbalance_lab.lopsided([5, 5, 5], [90, 90, 90], ratio) >= 1).all()  # no order of its own


def test_who_is_left_at_a_ratio_is_there_at_every_smaller_one(app, monkeypatch):
    fitted = []
    monkeypatch.setattr(imbalance_lab, "_model", lambda weights: Spy())
    monkeypatch.setattr(app, "_tests", {})

    class Spy:
        def fit(self, X, y):
            fitted.append({tuple(x) for x in X[y == 1]})  # disgust
            return self

        def predict(self, X):
            return np.zeros(len(X), int)

    for ratio in (1, 5, 17, 48):
        app._test("fer2013", ratio, False)
    many, some, few, two = fitted
    assert two < few < some < many and len(two) == 2
    X, y, _, learn, test = app._twin("fer2013")
    assert not set(learn) & set(test)
    first = np.sort(learn)[y[np.sort(learn)] == 1][:2]
    assert two != {tuple(x) for x in X[first]}  # not just the first rows


def test_the_paradox_and_the_free_remedy():
    app = ImbalanceLab()
    app.view()
    assert "accuracy and balanced accuracy are 0.25 and 0.14 for the guesser" in app.words_
    disgust = []
    for weights in (False, True):
        app.controls_["weights"].value = weights
        _, said, hidden = app._test("fer2013", 17, weights)
        disgust.append((said == 1)[hidden["y"] == 1].mean())
    assert disgust[1] > disgust[0] + 0.2
    app.controls_["ratio"].value = 1
    assert "0.14 and 0.14 for the guesser" in app.words_
    assert len(app._tests) == 3 and len(app._sets) == 1  # trained once a ratio, drawn once
