import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from affectkit.apps import ThresholdLab, threshold_lab

POSITIVE = np.array([True, True, False, True, False, False, False, False])
SCORE = np.array([0.9, 0.8, 0.7, 0.4, 0.4, 0.2, 0.1, 0.0])


def test_what_hangs_on_a_threshold():
    told = threshold_lab.at_threshold(POSITIVE, SCORE, 0.5)
    assert told["cells"] == (2, 1, 1, 4)
    rates = {name: values for name, *values in told["rates"]}
    assert rates["recall"][0] == pytest.approx(2 / 3) and rates["precision"][0] == pytest.approx(2 / 3)
    assert rates["balanced accuracy"][0] == pytest.approx((2 / 3 + 4 / 5) / 2)
    assert all(low <= value <= high for value, low, high in rates.values())
    assert told["auc"] == pytest.approx(roc_auc_score(POSITIVE, SCORE))
    assert told["roc"][:, -1].tolist() == [1, 1]


def test_newcombes_interval_of_a_mean():
    """Half of the sum of two shares: half of the difference of one and of the other's complement."""
    value, low, high = threshold_lab._mean((0.7, 0.6, 0.78), (0.5, 0.4, 0.6))
    assert value == pytest.approx(0.6) and 0.6 - low == pytest.approx(np.hypot(0.1, 0.1) / 2) and high < 0.69


@pytest.mark.parametrize("positive", [np.ones(3, bool), np.zeros(3, bool)])
def test_a_class_that_is_all_or_nothing_is_drawn_all_the_same(positive):
    told = threshold_lab.at_threshold(positive, np.array([0.1, 0.5, 0.5]), 1.0)
    assert threshold_lab.plot_threshold(told, 1.0, "happily disgusted", source="twin")


def test_own_probabilities_and_what_is_wrong_with_them():
    proba = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    app = ThresholdLab([1, 1, 0], proba, ["rest", "stress"])
    app.view()
    app.controls_["class"].value = "stress"
    assert "1 of 2 are found, and 0 of 1 alarms" in app.words_
    two = ["a", "b"]
    for wrong in (([1, 1], proba, two), ([1, 1, 0], proba, ["a"]), ([1, 1, 0], proba * np.nan, two),
                  ([], proba[:0], two)):  # fmt: skip
        with pytest.raises(ValueError, match="must have shapes"):
            ThresholdLab(*wrong).view()
    with pytest.raises(ValueError, match="together"):
        ThresholdLab([1, 0]).view()
