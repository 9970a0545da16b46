import pytest

from affectkit import cards
from affectkit.apps import ImbalanceLab, imbalance_lab


@pytest.mark.parametrize("ratio", imbalance_lab.RATIOS)
def test_counts_have_the_ratio_and_the_cards_order(ratio):
    card = cards.get("fer2013")
    counts = imbalance_lab.lopsided(card.totals, [400] * 7, ratio)
    assert counts.max() / counts.min() == pytest.approx(ratio, rel=0.15)
    assert counts.max() == 400 and counts[3] == 400 and counts[1] == counts.min()
    assert (imbalance_lab.lopsided([5, 5, 5], [90, 90, 90], ratio) >= 1).all()  # no order of its own


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
