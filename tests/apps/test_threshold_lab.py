import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from affectkit.apps import ThresholdLab, threshold_lab
from affectkit.evaluate import yes_no_rates

POSITIVE = np.array([True, True, False, True, False, False, False, False])
SCORE = np.array([0.9, 0.8, 0.7, 0.4, 0.4, 0.2, 0.1, 0.0])


def test_what_hangs_on_a_threshold():
    told = threshold_lab.at_threshold(POSITIVE, SCORE, 0.5)
    assert told["cells"] == (2, 1, 1, 4)
    assert told["rates"] == yes_no_rates(POSITIVE, SCORE >= 0.5)
    assert told["auc"] == pytest.approx(roc_auc_score(POSITIVE, SCORE))
    assert told["roc"][:, -1].tolist() == [1, 1]


@pytest.mark.parametrize("positive", [np.ones(3, bool), np.zeros(3, bool)])
def test_a_class_that_is_all_or_nothing_is_drawn_all_the_same(positive):
    told = threshold_lab.at_threshold(positive, np.array([0.1, 0.5, 0.5]), 1.0)
    assert threshold_lab.plot_threshold(told, 1.0, "happily disgusted", title="all or nothing")


def test_own_probabilities_and_what_is_wrong_with_them():
    proba = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    app = ThresholdLab([1, 1, 0], proba, ["rest", "stress"])
    app.view()
    app.controls_["class"].value = "stress"
    assert "1 of 2 are found, and 0 of 1 alarms" in app.words_
    people = ThresholdLab([1, 1, 0], proba, ["rest", "stress"], ["a", "a", "b"])
    assert people.view() and not people.errors_
    with pytest.raises(ValueError, match="groups"):
        ThresholdLab([1, 1, 0], proba, ["rest", "stress"], ["a", "b"]).view()
    two = ["a", "b"]
    for wrong, said in ((([1, 1], proba, two), "must have shape"), (([1, 1, 0], proba, ["a"]), "names"),
                        (([1, 1, 0], proba * np.nan, two), "NaN"), (([], proba[:0], two), "empty")):
        with pytest.raises(ValueError, match=said):
            ThresholdLab(*wrong).view()
    with pytest.raises(ValueError, match="together"):
        ThresholdLab([1, 0]).view()
