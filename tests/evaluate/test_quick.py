import numpy as np
import pytest
from sklearn.metrics import balanced_accuracy_score, f1_score

from affectkit import evaluate

RNG = np.random.default_rng(0)
Y = np.repeat([0, 1, 2], [60, 30, 10])
SAID = np.where(RNG.random(100) < 0.7, Y, RNG.integers(3, size=100))


def test_shares_have_wilson_intervals():
    assert evaluate.wilson(8, 10) == pytest.approx((0.8, 0.4902, 0.9433), abs=1e-4)
    assert np.isnan(evaluate.wilson(0, 0)).all()


def test_quick_scores_are_those_of_scikit_learn():
    draws = evaluate.quick_scores(Y, SAID, n_classes=3)
    expected = (SAID == Y).mean(), balanced_accuracy_score(Y, SAID), f1_score(Y, SAID, average="macro")
    assert draws[0] == pytest.approx(expected) and draws.shape == (301, 3)
    assert all(low < value < high for value, low, high in evaluate.ends(draws))
    slow = evaluate.scores(Y, np.eye(3)[SAID], ["a", "b", "c"], n_boot=300)
    assert np.array(evaluate.ends(draws)) == pytest.approx(slow.iloc[:3, :3].to_numpy())


def test_quick_scores_by_other_shares():
    own = evaluate.quick_scores(Y, SAID, n_classes=3, n_boot=0)
    assert evaluate.quick_scores(Y, SAID, n_classes=3, shares=[6, 3, 1], n_boot=0) == pytest.approx(own)
    weight = np.array([1 / 60, 1 / 30, 1 / 10])[Y]  # as if all classes were equally frequent
    even = evaluate.quick_scores(Y, SAID, n_classes=3, shares=[1, 1, 1], n_boot=0)
    assert even[0, 2] == pytest.approx(f1_score(Y, SAID, average="macro", sample_weight=weight))
    assert even[0, 0] == pytest.approx(even[0, 1])


def test_people_are_drawn_whole_and_one_person_has_no_interval():
    draws = evaluate.quick_scores(Y, SAID, np.arange(100) // 50, n_classes=3)
    ways = {round((SAID == Y)[rows].mean(), 6) for rows in (slice(100), slice(50), slice(50, None))}
    assert set(draws[:, 0].round(6)) == ways  # two people are drawn in three ways
    with pytest.warns(UserWarning, match="one person"):
        (value, low, high), *_ = evaluate.ends(evaluate.quick_scores(Y, SAID, np.zeros(100), n_classes=3))
    assert value == pytest.approx((SAID == Y).mean()) and np.isnan([low, high]).all()


def test_what_most_draws_leave_undefined_has_no_interval():
    y = np.repeat([0, 1], [40, 1])  # the one of class 1 is drawn in 63 of 100
    pair = np.r_[np.zeros(39, int), 1, 1]
    assert np.isfinite(evaluate.ends(evaluate.quick_scores(y, y, n_classes=2))).all()
    assert np.isnan(evaluate.ends(evaluate.quick_scores(y, pair, n_classes=3))[1]).all()  # 2 never occurs
    shares = evaluate.quick_scores(y, pair, n_classes=2, shares=[1, 1])
    assert np.isnan(shares[1:]).any(1).mean() == pytest.approx(0.37, abs=0.1)
    assert np.isnan(np.array(evaluate.ends(shares[:1]))[:, 1:]).all()  # no draws


def test_yes_or_no():
    positive = np.array([1, 1, 1, 0, 0, 0, 0, 0], bool)
    said = np.array([1, 1, 0, 1, 0, 0, 0, 0], bool)
    rates = evaluate.yes_no_rates(positive, said)
    expected = 2 / 3, 2 / 3, 1 / 5, 6 / 8, (2 / 3 + 4 / 5) / 2
    assert [value for value, *_ in rates.values()] == pytest.approx(expected)
    assert all(low <= value <= high for value, low, high in rates.values())
    assert rates["recall"] == pytest.approx(evaluate.wilson(2, 3))
    nothing = evaluate.yes_no_rates(positive, np.zeros(8, bool))
    assert np.isnan(nothing["precision"]).all() and nothing["balanced accuracy"][0] == 0.5


def test_yes_or_no_by_people():
    person = np.repeat(np.arange(40), 50)
    positive = RNG.random(2000) < 0.4
    wrong = RNG.random(2000) < np.repeat(RNG.uniform(0, 0.6, 40), 50)  # some people are easy, some are not
    rows, people = (evaluate.yes_no_rates(positive, positive ^ wrong, g) for g in (None, person))
    for name, (value, low, high) in people.items():
        assert value == pytest.approx(rows[name][0])
        assert high - low > 1.5 * (rows[name][2] - rows[name][1])  # rows of one person say less


def test_newcombes_interval_of_a_mean():
    """Half of the sum of two shares: half of the difference of one and of the other's complement."""
    positive = np.repeat([True, False], [100, 50])
    value, low, high = evaluate.yes_no_rates(positive, np.arange(150) % 5 < 3)["balanced accuracy"]
    (one, low1, high1), (two, low2, high2) = evaluate.wilson(60, 100), evaluate.wilson(20, 50)
    assert value == pytest.approx((one + two) / 2)
    assert value - low == pytest.approx(np.hypot(one - low1, two - low2) / 2)
    assert high - value == pytest.approx(np.hypot(high1 - one, high2 - two) / 2)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="y and said must have one shape"):
        evaluate.quick_scores([0, 1, 1], [0, 1], n_classes=2)
    with pytest.raises(ValueError, match="bool arrays of one shape"):
        evaluate.yes_no_rates(np.array([0, 1]), np.array([0, 1]))
    with pytest.raises(ValueError, match="bool arrays of one shape"):
        evaluate.yes_no_rates(np.array([True, False]), np.array([True]))
