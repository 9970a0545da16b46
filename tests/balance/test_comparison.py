import json

import numpy as np
import pytest
from imblearn.pipeline import make_pipeline
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, f1_score
from sklearn.model_selection import GroupKFold, LeaveOneGroupOut
from sklearn.neural_network import MLPClassifier

from affectkit import learn
from affectkit.balance import Augmenter, FocalLoss, GANSampler, LogitAdjusted, comparison
from affectkit.balance import compare as run

pytestmark = pytest.mark.usefixtures("one_thread")


def people(counts=(90, 36, 12), n_people=6, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat([0, 1, 2], counts)
    names = np.array(["joy", "sadness", "fear"])[y]
    return rng.normal(size=(len(y), 3)) + y[:, None], names, np.arange(len(y)) % n_people


class Counting(LogisticRegression):
    """Counts how often one is trained, and may be pulled out of work."""

    trained = 0
    stop_at = None

    def fit(self, X, y):
        if Counting.trained == Counting.stop_at:
            raise KeyboardInterrupt
        Counting.trained += 1
        return super().fit(X, y)


@pytest.fixture(autouse=True)
def start_counting():
    Counting.trained, Counting.stop_at = 0, None


METHODS = {
    "none": LogisticRegression(),
    "weights": LogisticRegression(class_weight="balanced"),
    "copies": make_pipeline(Augmenter(), LogisticRegression()),
    "adjusted": LogitAdjusted(LogisticRegression()),
}


def test_one_call_tells_values_gains_and_costs():
    X, y, groups = people()
    table, cells = run(METHODS, X, y, groups=groups, cv=3, seeds=(0, 1), n_boot=200)
    assert len(table) == 4 * len(comparison.METRICS) and len(cells) == 4 * 2 * 3
    wide = table.pivot(index="method", columns="metric", values="value")
    assert (wide["rare recall"].drop("none") > wide.loc["none", "rare recall"] + 0.1).all()
    others = table[table["method"] != "none"]
    assert table.loc[table["method"] == "none", ["difference", "p", "q", "won"]].isna().all(axis=None)
    inside = others["difference"].between(others["difference_low"], others["difference_high"])
    assert inside.all() and (others["q"] >= others["p"]).all() and (table["seconds"] > 0).all()
    for metric in comparison.METRICS:
        base = wide.loc["none", metric]
        part = others[others["metric"] == metric].set_index("method")
        np.testing.assert_allclose(part["difference"], wide.loc[part.index, metric] - base)


def test_values_are_those_of_a_plain_loop():
    X, y, groups = people()
    cv = GroupKFold(3)
    plain = {"none": METHODS["none"]}
    table, cells = run(plain, X, y, groups=groups, cv=cv, seeds=[0], n_boot=50, rare=["fear"])
    guess = np.empty_like(y)
    for i, (train, test) in enumerate(cv.split(X, y, groups)):
        guess[test] = LogisticRegression().fit(X[train], y[train]).predict(X[test])
        assert cells.loc[i, "accuracy"] == pytest.approx((guess[test] == y[test]).mean())
        assert cells.loc[i, "macro-F1"] == pytest.approx(f1_score(y[test], guess[test], average="macro"))
    value = table.set_index("metric")["value"]
    assert value["macro-F1"] == pytest.approx(f1_score(y, guess, average="macro"))
    assert value["balanced accuracy"] == pytest.approx(balanced_accuracy_score(y, guess))
    assert value["rare recall"] == pytest.approx((guess == y)[y == "fear"].mean())


def test_a_method_gains_nothing_over_itself():
    X, y, _ = people()
    table, _ = run({"a": METHODS["none"], "b": METHODS["none"]}, X, y, cv=3, seeds=[0], n_boot=100)
    same = table[table["method"] == "b"]
    assert (same[["difference", "difference_low", "difference_high", "won"]] == 0).all(axis=None)
    assert (same["p"] == 1).all()


def test_every_method_sees_the_same_rows_and_seeds():
    X, y, _ = people()
    net = MLPClassifier(2, max_iter=2)
    pipeline = make_pipeline(Augmenter(), clone(net))
    seeded = comparison._seeded(pipeline, 7)
    assert seeded[0].random_state == seeded[1].random_state == 7 and pipeline[1].random_state is None
    with pytest.warns(UserWarning):
        _, cells = run({"a": net, "b": net}, X, y, cv=2, seeds=(0, 1), n_boot=20)
    a, b = (cells[cells["method"] == name].reset_index() for name in "ab")
    assert a["macro-F1"].tolist() == b["macro-F1"].tolist() and a["macro-F1"].nunique() > 2


def test_intervals_go_by_people_and_more_seeds_make_no_new_people():
    rng = np.random.default_rng(0)
    groups, y = np.repeat(np.arange(12), 20), np.tile([0, 1], 120)
    X = y[:, None] + rng.normal(0, 2, 12)[groups][:, None] + rng.normal(0, 0.1, (240, 1))  # people differ
    one = {"none": LogisticRegression()}
    wide = [np.subtract(*run(one, X, y, groups=who, cv=3, seeds=seeds).table.loc[2, ["high", "low"]])
            for who, seeds in ((groups, [0]), (groups, [0, 1, 2]), (None, [0]))]
    assert wide[0] == pytest.approx(wide[1], rel=0.1) and wide[0] > 1.5 * wide[2]


@pytest.mark.parametrize("wrap", [lambda net: net, LogitAdjusted])
def test_networks_hold_out_whole_people_and_take_samplers(wrap, tmp_path):
    X, y, groups = people()
    X, seen = np.repeat(X[:, :, None], 4, axis=1).astype(np.float32), []

    class Spy(learn.EmotionClassifier):
        def fit(self, X, y, groups=None):
            seen.append(groups)
            return super().fit(X, y, groups)

    net = Spy(learn.nets.HeartCNN, max_epochs=1, batch_size=32, valid_size=0.3, device="cpu",
              sampler=Augmenter())
    methods = {"none": wrap(net), "focal": wrap(clone(net).set_params(criterion=FocalLoss))}
    options = dict(groups=groups, cv=2, seeds=[0, 5], n_boot=20, path=tmp_path)
    first = run(methods, X, y, **options)
    assert len(seen) == 8 and all(len(np.unique(who)) == 3 for who in seen)
    assert run(methods, X, y, **options).table.equals(first.table)
    assert len(seen) == 8  # nothing was trained again
    names = comparison._seeded(net, 5).get_params()
    assert names["random_state"] == names["sampler__random_state"] == 5


# -- an official test set ------------------------------------------------------------------------------------


def test_an_official_test_set_takes_the_place_of_folds():
    X, y, _ = people()
    X_test, y_test, _ = people(seed=1)
    table, cells = run(METHODS, X, y, test=(X_test, y_test), seeds=(0, 1), n_boot=50)
    assert cells["split"].unique().tolist() == [0] and len(cells) == 8
    plain = LogisticRegression().fit(X, y)
    assert table.loc[2, "value"] == pytest.approx(plain.score(X_test, y_test))


# -- resuming ------------------------------------------------------------------------------------------------


def test_an_interrupted_comparison_goes_on_where_it_stopped(tmp_path):
    X, y, _ = people()
    methods, options = {"one": Counting(), "two": Counting(C=0.1)}, dict(cv=3, seeds=(0, 1), n_boot=50)
    whole = run(methods, X, y, **options)
    Counting.trained, Counting.stop_at = 0, 5
    with pytest.raises(KeyboardInterrupt):
        run(methods, X, y, path=tmp_path / "new", **options)
    assert len(list((tmp_path / "new").iterdir())) == 5 and not list(tmp_path.rglob("*.part"))
    Counting.trained, Counting.stop_at = 0, None
    resumed = run(methods, X, y, path=tmp_path / "new", **options)
    assert Counting.trained == 12 - 5
    again = run(methods, X, y, path=tmp_path / "new", **options)
    assert Counting.trained == 12 - 5
    for other in (resumed, again):
        assert other.table.drop(columns="seconds").equals(whole.table.drop(columns="seconds"))
    assert again.table.equals(resumed.table)


@pytest.mark.parametrize("change", [
    {"methods": {"one": Counting(C=0.5)}}, {"seeds": [3]}, {"cv": 4}, {"X": people(seed=1)[0]},
    {"y": np.roll(people()[1], 1)}])
def test_other_options_or_data_are_trained_anew(tmp_path, change):
    X, y, _ = people()
    usual = dict(methods={"one": Counting()}, X=X, y=y, cv=3, seeds=[0], n_boot=10, path=tmp_path)
    run(**usual)
    Counting.trained = 0
    run(**{**usual, **change})
    assert Counting.trained == change.get("cv", 3)


def test_recipes_tell_trained_generators_losses_and_kinds_apart(vector_gan):
    X, y, _ = people()
    trained = [FrozenEstimator(vector_gan(n_classes=3).fit(X + shift, y)) for shift in (0, 0, 1)]
    one, same, other = (comparison._recipe(GANSampler({"fear": Any(gan)})) for gan in trained)
    assert one == same != other
    assert comparison._recipe(Augmenter()) != comparison._recipe(GANSampler(vector_gan()))
    assert comparison._word(FocalLoss) == "FocalLoss"  # no address, which would change from run to run


class Any(FrozenEstimator):
    """A conditional generator that draws one class, as an unconditional one would."""

    def sample(self, n, random_state=None):
        return self.estimator.sample(n, "fear", random_state=random_state)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"proba": [], "seconds": 1}', '{"seconds": 1}'])
def test_a_damaged_cell_is_named(tmp_path, text):
    X, y, _ = people()
    usual = dict(cv=3, seeds=[0], n_boot=10, path=tmp_path)
    run({"one": LogisticRegression()}, X, y, **usual)
    file = sorted(tmp_path.iterdir())[0]
    assert set(json.loads(file.read_text())) == {"proba", "seconds"}
    file.write_text(text)
    with pytest.raises(ValueError, match=f"{file.name} is damaged: delete it"):
        run({"one": LogisticRegression()}, X, y, **usual)


# -- bad input -----------------------------------------------------------------------------------------------


def call(**options):
    X, y, groups = people()
    usual = dict(methods={"none": LogisticRegression()}, X=X, y=y, cv=3, seeds=[0], n_boot=10)
    return run(**{**usual, **options})


@pytest.mark.parametrize("options, match", [
    (dict(baseline="some"), r"baseline='some' is none of the methods; they are \['none'\]"),
    (dict(rare=["disgust"]), r"rare=\['disgust'\] must name classes of y"),
    (dict(cv=[(np.arange(100), np.arange(99, 138))]), "Split 0 leaks .row on both sides: row 99."),
    (dict(cv=[(np.arange(138) % 2 == 0, np.arange(138) % 2 == 1)], groups=people()[2] // 2),
     "Split 0 leaks .person on both sides"),
    (dict(cv=[(np.arange(100), np.arange(100, 138))]), r"Split 0 trains without class \['fear'\]"),
    (dict(cv=[(np.arange(60, 138), np.arange(60))]), r"No test row is of class \['fear', 'sadness'\]"),
    (dict(cv=LeaveOneGroupOut(), groups=people()[1]), "Split 0 trains without class"),
    (dict(cv=2.5), "cv=2.5 must be a number of folds"),
    (dict(y=people()[1][:-1]), "X has 138 rows, y the shape"),
    (dict(groups=people()[2][:-1]), "groups must have the shape"),
    (dict(groups=people()[2], test=people()[:2]), "test lacks the people of its rows"),
])
def test_bad_input_names_the_argument(options, match):
    with pytest.raises(ValueError, match=match):
        call(**options)
