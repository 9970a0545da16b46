import numpy as np
import pandas as pd
import pytest
from sklearn import metrics

from affectkit import evaluate

NAMES = ["a", "b", "c"]


def noisy(y, n_classes, strength, rng):
    """Probabilities that know the truth more the larger `strength` is."""
    logits = rng.normal(size=(len(y), n_classes)) + strength * np.eye(n_classes)[y]
    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)


@pytest.fixture
def three():
    rng = np.random.default_rng(0)
    y = rng.choice(3, size=600, p=[0.6, 0.3, 0.1])
    return y, noisy(y, 3, 1.0, rng)


@pytest.fixture
def people():
    """20 people of 50 rows whose hit rates differ: rows of a person are alike."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(20), 50)
    y = rng.integers(2, size=1000)
    score = (
        y * np.repeat(rng.normal(0.8, 1.5, 20), 50)
        + rng.normal(size=1000)
        + np.repeat(rng.normal(0, 2, 20), 50)
    )
    p = 1 / (1 + np.exp(-score))
    return y, np.stack([1 - p, p], axis=1), groups


def test_values_are_sklearns(three):
    y, proba = three
    value = evaluate.scores(y, proba, NAMES)["value"]
    guess = proba.argmax(1)
    assert value["accuracy"] == metrics.accuracy_score(y, guess)
    assert value["balanced accuracy"] == metrics.balanced_accuracy_score(y, guess)
    assert value["macro-F1"] == metrics.f1_score(y, guess, average="macro")
    assert value["AUC"] == pytest.approx(metrics.roc_auc_score(y, proba, multi_class="ovr"))
    assert value["kappa"] == metrics.cohen_kappa_score(y, guess)


def test_weighted_metrics_equal_sklearn_on_the_drawn_rows(three):
    from affectkit.evaluate.scores import _points, _weighted, _weights

    y, proba = three
    proba = proba.round(1) + 1e-9  # ties
    proba /= proba.sum(1, keepdims=True)
    weight = _weights(len(y), None, 3, np.random.default_rng(0))
    for counts, row in zip(weight, _weighted(y, proba, weight), strict=True):
        drawn = np.repeat(np.arange(len(y)), counts.astype(int))
        expected = _points(y[drawn], proba[drawn])
        assert np.allclose(row, list(expected.values()), atol=1e-6)


def test_interval_covers_and_has_the_textbook_width(three):
    y, proba = three
    row = evaluate.scores(y, proba, NAMES, n_boot=2000).loc["accuracy"]
    width = 2 * 1.96 * np.sqrt(row.value * (1 - row.value) / len(y))
    assert row.low < row.value < row.high
    assert row.high - row.low == pytest.approx(width, rel=0.1)


def test_drawing_people_widens_the_interval(people):
    y, proba, groups = people
    rows, persons = (evaluate.scores(y, proba, ["x", "y"], g).loc["accuracy"] for g in (None, groups))
    assert persons.value == rows.value
    assert persons.high - persons.low > 1.5 * (rows.high - rows.low)


def test_same_seed_same_table(people):
    y, proba, groups = people
    a, b, c = (evaluate.scores(y, proba, ["x", "y"], groups, random_state=s) for s in (0, 0, 1))
    assert a.equals(b) and not a.equals(c)


def test_majority_baseline(three):
    y, proba = three
    baseline = evaluate.scores(y, proba, NAMES)["baseline"]
    share = np.bincount(y).max() / len(y)
    assert baseline["accuracy"] == pytest.approx(share)
    assert baseline["balanced accuracy"] == pytest.approx(1 / 3)
    assert baseline["macro-F1"] == pytest.approx(2 * share / (1 + share) / 3)
    assert baseline["AUC"] == 0.5 and baseline["kappa"] == 0


def test_per_person_auc_is_the_mean_of_sklearns(people):
    y, proba, groups = people
    table = evaluate.per_person_auc(y, proba[:, 1], groups)
    expected = [metrics.roc_auc_score(y[groups == g], proba[groups == g, 1]) for g in range(20)]
    assert np.allclose(np.sort(table), np.sort(expected))
    assert evaluate.scores(y, proba, ["x", "y"], groups).loc["AUC per person", "value"] == pytest.approx(
        np.mean(expected)
    )
    y[groups == 3] = 0
    assert np.isnan(evaluate.per_person_auc(y, proba[:, 1], groups)["3"])


def test_mean_interval():
    values = np.array([0.6, 0.7, 0.8, np.nan, 0.65, 0.75])
    mean, low, high = evaluate.mean_interval(values)
    assert mean == pytest.approx(0.7) and 0.6 < low < 0.7 < high < 0.8
    with pytest.raises(ValueError, match="two people"):
        evaluate.mean_interval([0.7, np.nan])


def test_absent_class_is_undefined_not_invented(three):
    y, proba = three
    keep = y != 2
    with pytest.warns(UserWarning, match="class c"):
        table = evaluate.scores(y[keep], proba[keep], NAMES)
    assert table.loc[["balanced accuracy", "macro-F1", "AUC"], ["value", "low", "high"]].isna().all(axis=None)
    assert np.isfinite(table.loc["accuracy", "value"])
    with pytest.warns(UserWarning, match="class c"):
        by_class = evaluate.per_class(y[keep], proba[keep], NAMES)
    assert np.isnan(by_class.loc["c", "recall"]) and by_class.loc["c", "support"] == 0


def test_one_class_only_has_no_auc():
    proba = np.tile([0.3, 0.7], (10, 1))
    with pytest.warns(UserWarning, match="class rest"):
        table = evaluate.scores(np.ones(10, int), proba, ["rest", "stress"])
    assert table.loc["accuracy", "value"] == 1 and table.loc[["AUC", "kappa"], "value"].isna().all()


def test_per_class(three):
    y, proba = three
    table = evaluate.per_class(y, proba, NAMES)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(y, proba.argmax(1))
    assert np.allclose(table.to_numpy(), np.stack([precision, recall, f1, support], axis=1))
    never = np.tile([0.8, 0.1, 0.1], (len(y), 1))
    assert np.isnan(evaluate.per_class(y, never, NAMES).loc["b", "precision"])


def test_compare_finds_a_real_gain_and_no_false_one(people):
    y, proba, groups = people
    rng = np.random.default_rng(2)
    better = noisy(y, 2, 2.5, rng)
    table = evaluate.compare(y, proba, better, groups)
    gain = table.loc["AUC per person"]
    assert gain.low > 0 and gain.p < 0.01 and gain.difference == pytest.approx(gain.b - gain.a)
    assert table.loc["accuracy", "low"] > 0
    same = evaluate.compare(y, proba, proba, groups)
    assert (same["difference"] == 0).all() and (same["p"] == 1).all()
    worse = evaluate.compare(y, better, proba, groups).loc["AUC per person"]
    assert worse.difference == pytest.approx(-gain.difference) and worse.high < 0


def test_sign_flip_of_few_people_tries_all():
    from affectkit.evaluate.scores import _sign_flip

    assert _sign_flip(np.array([1.0, 2.0, 3.0]), 1000, 0) == 2 / 8
    assert _sign_flip(np.array([0.1] * 30), 1000, 0) < 0.01


def test_credible_bands():
    low, high, source = evaluate.credible_band("fer2013", "plain-cnn")
    assert (low, high) == (0.60, 0.65) and source.startswith("accuracy")
    assert evaluate.credible_band("stress-predict")[1] == 0.67
    bands = evaluate.credible_bands()
    assert (
        (bands["low"] <= bands["high"]).all()
        and bands["high"].max() < 1
        and bands["source"].str.len().min() > 10
    )
    with pytest.raises(ValueError, match="fer2013"):
        evaluate.credible_band("mnist")
    with pytest.raises(ValueError, match="plain-cnn"):
        evaluate.credible_band("fer2013", "magic")


def test_band_stands_beside_the_metric_it_is_of(people):
    y, proba, groups = people
    band = evaluate.scores(y, proba, ["rest", "stress"], groups, dataset="stress-predict")["band"]
    assert (
        band["AUC"].startswith("0.60-0.67")
        and band["AUC per person"].startswith("0.66-0.67")
        and band["accuracy"] == ""
    )


GOOD = np.array([[0.4, 0.6], [0.7, 0.3]])


@pytest.mark.parametrize(
    ("y", "proba", "names", "groups", "word"),
    [
        ([1, 0], [[0.4, np.nan], [0.7, 0.3]], "ab", None, "proba holds NaN .* first is row 0"),
        ([1, 0], [[0.4, 0.6], [0.7, 0.7]], "ab", None, "sum to 1.* first is row 1"),
        ([1, 0], [[-0.4, 1.4], [0.7, 0.3]], "ab", None, "negative"),
        ([1, 2], GOOD, "ab", None, "y must hold"),
        ([1.0, 0.0], GOOD, "ab", None, "y must hold"),
        ([1], GOOD, "ab", None, "shape"),
        ([1, 0], GOOD[:, :1], "a", None, "one column"),
        ([1, 0], GOOD, "abc", None, "names"),
        ([1, 0], GOOD, "ab", ["p"], "groups"),
        ([], np.empty((0, 2)), "ab", None, "empty"),
    ],
)
def test_errors_name_the_argument(y, proba, names, groups, word):
    with pytest.raises(ValueError, match=word):
        evaluate.scores(y, proba, list(names), groups)


def test_a_thousand_draws_of_a_test_set_are_fast():
    from time import process_time  # other programs may be busy

    rng = np.random.default_rng(0)
    y = rng.integers(7, size=3589)
    proba = noisy(y, 7, 2, rng)
    start = process_time()
    evaluate.scores(y, proba, list("abcdefg"))
    assert process_time() - start < 5


def test_one_person_has_no_interval_over_people():
    rng = np.random.default_rng(0)
    y, p = rng.integers(0, 2, 40), rng.random(40)
    proba = np.stack([1 - p, p], axis=1)
    with pytest.warns(UserWarning, match="one person"):
        table = evaluate.scores(y, proba, ["a", "b"], ["S02"] * 40)
    assert np.isfinite(table["value"]).all() and table[["low", "high"]].isna().all(axis=None)
    nobody = evaluate.scores(y, proba, ["a", "b"], [None] * 40)      # unknown people are no people
    assert (nobody["low"] < nobody["high"]).all()


def test_p_counts_only_the_draws_that_are_defined():
    y = np.r_[0, np.ones(39, int)]                                    # one row of class 0: many draws lack it
    right = np.stack([1.0 - y, y], axis=1)
    table = evaluate.compare(y, right[:, ::-1], right, n_boot=500)
    draws_with_it = 1 - (39 / 40) ** 40
    assert table.loc["balanced accuracy", "p"] > 2 / 501 / draws_with_it * 0.8
    assert table.loc["balanced accuracy", "p"] > table.loc["accuracy", "p"]


# ------------------------------------------------------------------------------- calibration and slices


def sure(n, power, rng, n_classes=3):
    """Labels drawn from probabilities, and these probabilities to a power: above 1 is too sure."""
    true = rng.dirichlet(np.ones(n_classes) * 0.8, n)
    y = (rng.random(n)[:, np.newaxis] > true.cumsum(axis=1)[:, :-1]).sum(axis=1)
    said = true**power
    return y, said / said.sum(axis=1, keepdims=True)


def test_reliability_table_is_sklearns():
    from sklearn.calibration import calibration_curve

    y, proba = sure(1000, 2, np.random.default_rng(0))
    table = evaluate.calibration(y, proba, n_bins=5)
    hit, confidence = proba.argmax(1) == y, proba.max(1)
    accuracy, mean = calibration_curve(hit, confidence, n_bins=5, strategy="quantile")
    assert np.allclose(table["accuracy"], accuracy) and np.allclose(table["confidence"], mean)
    assert table["n"].tolist() == [200] * 5
    assert ((table["low"] < table["accuracy"]) & (table["accuracy"] < table["high"])).all()
    assert (table["accuracy"] < table["confidence"]).all()  # too sure everywhere
    row = table.iloc[2]
    width = 2 * 1.96 * np.sqrt(row.accuracy * (1 - row.accuracy) / row.n)
    assert row.high - row.low == pytest.approx(width, rel=0.15)


def test_calibration_error_is_the_mean_gap_and_knows_its_floor():
    y, proba = sure(2000, 2, np.random.default_rng(1))
    table, ece = evaluate.calibration(y, proba), evaluate.calibration_error(y, proba)
    gap = (table["accuracy"] - table["confidence"]).abs()
    assert ece.value == pytest.approx((gap * table["n"]).sum() / 2000)
    assert ece.floor < ece.low < ece.value < ece.high < 1.5 * ece.value


def test_the_error_of_true_probabilities_is_its_floor():
    errors = [evaluate.calibration_error(*sure(500, 1, np.random.default_rng(seed)), n_boot=200)
              for seed in range(40)]
    mean = pd.DataFrame(errors).mean()
    assert mean["value"] == pytest.approx(mean["floor"], rel=0.15) and mean["value"] > 0.02
    assert mean["low"] < 0.2 * mean["floor"]  # the interval nearly reaches the truth, which is 0


def test_calibration_draws_people_and_keeps_equal_confidences_together(people):
    y, proba, groups = people
    alone, together = (evaluate.calibration_error(y, proba, g) for g in (None, groups))
    assert together.high - together.low > 1.2 * (alone.high - alone.low) and together.value == alone.value
    same = np.tile([0.2, 0.8], (30, 1))
    table = evaluate.calibration(np.r_[np.ones(24, int), np.zeros(6, int)], same)
    values = ["n", "confidence", "accuracy"]
    assert np.allclose(table[values], [[30, 0.8, 0.8]])
    order = np.random.default_rng(0).permutation(len(y))
    rounded = proba.round(1)
    assert np.allclose(evaluate.calibration(y, rounded)[values],
                       evaluate.calibration(y[order], rounded[order])[values])
    for n_bins in (0, 2.5):
        with pytest.raises(ValueError, match="n_bins must be a whole number above zero"):
            evaluate.calibration(y, proba, n_bins=n_bins)
    with pytest.warns(UserWarning, match="one person"):
        assert evaluate.calibration(y, proba, ["S02"] * len(y))[["low", "high"]].isna().all(axis=None)


@pytest.fixture
def worse_with_glasses():
    """2,000 rows, a fifth with glasses, on which half of the knowledge is lost; age has no effect."""
    rng = np.random.default_rng(3)
    y = rng.integers(3, size=2000)
    glasses = rng.random(2000) < 0.2
    proba = noisy(y, 3, np.where(glasses, 0.7, 2.0)[:, np.newaxis], rng)
    age = pd.cut(rng.uniform(0, 90, 2000), [0, 30, 60, 90], labels=["young", "middle", "old"])
    return y, proba, pd.DataFrame({"glasses": glasses, "age": age}, index=np.arange(2000) + 7)


def test_slices_find_who_it_is_worse_for(worse_with_glasses):
    y, proba, by = worse_with_glasses
    table = evaluate.slices(y, proba, by)
    assert list(table.index) == [("glasses", False), ("glasses", True),
                                 ("age", "young"), ("age", "middle"), ("age", "old")]
    hit, worn = proba.argmax(1) == y, by["glasses"].to_numpy()
    row = table.loc["glasses", True]
    assert row.n == worn.sum() and row.accuracy == pytest.approx(hit[worn].mean())
    assert row.difference == pytest.approx(hit[worn].mean() - hit[~worn].mean())
    assert row["balanced accuracy"] == metrics.balanced_accuracy_score(y[worn], proba[worn].argmax(1))
    error = np.sqrt(sum(hit[side].var() / side.sum() for side in (worn, ~worn)))
    assert row["difference high"] - row["difference low"] == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert row["difference high"] < 0 and row.p < 0.01
    assert table.loc["glasses", False].difference == pytest.approx(-row.difference)
    assert (table.loc["age", "p"] > 0.05).all()
    one = evaluate.slices(y, proba, by["age"])
    assert np.allclose(one[["accuracy", "difference"]], table.loc[["age"], ["accuracy", "difference"]])
    named = evaluate.slices(y, proba, {"age": list(by["age"])})
    assert named.index.get_level_values(0).unique().tolist() == ["age"] and len(named) == 3


def test_many_slices_of_nothing_are_corrected():
    from affectkit.evaluate.scores import _holm

    rng = np.random.default_rng(5)
    y = rng.integers(3, size=1500)
    proba = noisy(y, 3, 1.0, rng)
    by = {f"coin {k}": rng.integers(2, size=1500) for k in range(12)}
    assert (evaluate.slices(y, proba, by)["p"] > 0.05).all()
    p = np.array([0.01, np.nan, 0.04, 0.03])
    assert np.allclose(_holm(p), [0.03, np.nan, 0.06, 0.06], equal_nan=True)


def test_slices_of_people(people):
    y, proba, groups = people
    half = {"half": np.where(groups < 10, "one", "other")}
    rows, persons = (evaluate.slices(y, proba, half, g).loc["half", "one"] for g in (None, groups))
    width = persons["difference high"] - persons["difference low"]
    assert width > 1.5 * (rows["difference high"] - rows["difference low"])


def test_slices_that_say_little(three):
    y, proba = three
    table = evaluate.slices(y, proba, {"place": ["here"] * len(y), "class": y})
    assert table.loc["place", "here"][["difference", "difference low", "p"]].isna().all()
    assert table.loc["class", "balanced accuracy"].isna().all() and table.loc["class", "n"].sum() == len(y)


@pytest.mark.parametrize(
    ("by", "message"),
    [
        ({"age": ["old"]}, r"by\['age'\] has 1 rows, y has 600"),
        ({"age": [None, *["old"] * 599]}, r"by\['age'\] is missing in 1 rows.*fillna"),
        ({"age": np.arange(600)}, r"single row of 0.*pandas.cut"),
        ({}, "names no attribute"),
    ],
)
def test_bad_slices(three, by, message):
    with pytest.raises(ValueError, match=message):
        evaluate.slices(*three, by)


def test_label_auc():
    Y = np.array([[0, 0, 1], [1, 0, 0], [1, 0, 1]])
    scores = np.array([[0.1, 1, 2], [0.4, 2, 1], [0.3, 3, np.nan]])
    np.testing.assert_array_equal(evaluate.label_auc(Y, scores), [1.0, np.nan, np.nan])
    for bad in (Y + 1, Y[:2], Y[:, 0]):
        with pytest.raises(ValueError, match="one shape"):
            evaluate.label_auc(bad, scores)
