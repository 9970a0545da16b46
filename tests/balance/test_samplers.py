import numpy as np
import pytest
from imblearn.pipeline import Pipeline, make_pipeline
from imblearn.utils.estimator_checks import estimator_checks_generator
from sklearn.base import BaseEstimator, clone
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold, cross_validate
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from affectkit import gans, learn
from affectkit.balance import Augmenter, GANSampler, quotas, signals
from affectkit.evaluate import audit_split

pytestmark = pytest.mark.usefixtures("one_thread")

# Before and after, as yousaf2025's Table 1 prints them: surprise, fear, disgust, happiness, sadness, anger,
# neutral; and the number its GAN made.
YOUSAF = [1290, 562, 1000, 4000, 2000, 1000, 3203]
YOUSAF_MADE = [2710, 3438, 3000, 0, 2000, 3000, 797]
COMPOUND = [697, 266, 129, 163, 86, 738, 150, 560, 176, 841, 148]  # RAF-DB's own eleven, both sides of 600


def vectors(counts=(60, 30, 10), features=3, seed=0):
    rng = np.random.default_rng(seed)
    y = np.repeat(np.arange(len(counts)), counts)
    order = rng.permutation(len(y))
    return (rng.normal(size=(len(y), features)) + 3 * y[:, None])[order], y[order]


def people(n=10, size=28):
    """Toy faces of people, two classes and few of the second: (X, y, groups)."""
    rng = np.random.default_rng(0)
    y = np.tile([0, 0, 0, 0, 1, 1], n)
    X = rng.integers(0, 120, (len(y), size, size))
    X[y == 1, :, :size // 2] += 100
    return X.astype(np.uint8), y, np.repeat([f"P{i}" for i in range(n)], 6)


def small_dcgan(**options):
    return gans.DCGAN(**{**dict(image_size=28, width=2, latent_dim=4, batch_size=8, max_steps=1, half=False,
                                device="cpu"), **options})


def small_net(**options):
    return learn.classifier("face-cnn", **{**dict(
        max_epochs=1, augment=False, valid_size=0, batch_size=16, device="cpu", module__channels=(2, 3, 4),
        module__hidden=4), **options})


# -- the conventions of imbalanced-learn and of scikit-learn -------------------------------------------------


@pytest.fixture(params=["one a class", "conditional", "filtered", "copies", "changed copies"])
def sampler(request, vector_gan):
    return {
        "one a class": lambda: GANSampler(vector_gan()),
        "conditional": lambda: GANSampler(AnyClasses()),
        "filtered": lambda: GANSampler(vector_gan(), min_distance=0.01),
        "copies": lambda: Augmenter(),
        "changed copies": lambda: Augmenter(signals.Changes(jitter=0.1)),
    }[request.param]()


class AnyClasses(BaseEstimator):
    """A conditional generator for the checks, each of which has another number of classes."""

    def __init__(self, random_state=0):
        self.random_state = random_state

    n_classes = property(lambda self: AnyNumber())

    def fit(self, X, y):
        self.rows_ = {c: X[y == c] for c in np.unique(y).tolist()}
        return self

    def sample(self, n, y=None, *, random_state=None):
        return np.random.default_rng(random_state).choice(self.rows_[y], n)


class AnyNumber:
    def __eq__(self, other):
        return True


# What may fail, and why.
ALLOWED = {
    "check_samplers_pandas_sparse": "faces and signals are dense; a sparse frame is refused with a TypeError",
}


def test_scikit_learns_checks_pass(sampler):
    results = check_estimator(sampler, on_skip=None, on_fail="raise")
    skipped = {result["check_name"] for result in results if result["status"] != "passed"}
    assert len(results) > 35 and skipped <= {"check_array_api_input"}  # SCIPY_ARRAY_API is not set


def test_imbalanced_learns_checks_pass(sampler):
    failed, count = set(), 0
    for estimator, check in estimator_checks_generator(sampler):
        count += 1
        if check.func.__name__ in ALLOWED:
            with pytest.raises(TypeError, match="Sparse data was passed for X"):
                check(estimator)
            failed.add(check.func.__name__)
        else:
            check(estimator)
    assert count >= 14 and failed == set(ALLOWED)


# -- quotas --------------------------------------------------------------------------------------------------


def test_yousaf2025s_table_1_is_met(vector_gan):
    X, y = vectors(YOUSAF, features=1)
    sampler = GANSampler(vector_gan(), 4000)
    _, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [4000] * 7
    assert np.bincount(y_new[sampler.synthetic_], minlength=7).tolist() == YOUSAF_MADE


@pytest.mark.parametrize("quota, counts", [(600, COMPOUND), (50, [49, 50, 51]), (4000, [4001, 3999])])
def test_a_quota_cuts_above_and_makes_below(vector_gan, quota, counts):
    X, y = vectors(counts, features=1)
    sampler = GANSampler(vector_gan(), quota)
    X_new, y_new = sampler.fit_resample(X, y)
    assert np.bincount(y_new).tolist() == [quota] * len(counts)
    made = np.bincount(y_new[sampler.synthetic_], minlength=len(counts))
    assert made.tolist() == [max(quota - n, 0) for n in counts]
    real = sampler.sample_indices_[~sampler.synthetic_]
    assert len(np.unique(real)) == len(real) and (X_new[~sampler.synthetic_] == X[real]).all()
    assert (y_new[~sampler.synthetic_] == y[real]).all()


def test_hegh2025s_fifth_of_the_set_goes_to_the_smallest_classes_first(vector_gan):
    fer = [3995, 436, 4097, 7215, 4830, 3171, 4965]  # FER-2013's training images: angry, disgust, fear, ...
    X, y = vectors(fer, features=1)
    sampler = GANSampler(vector_gan(), 0.2)
    _, y_new = sampler.fit_resample(X, y)
    after = np.bincount(y_new)
    assert sampler.synthetic_.sum() == round(0.2 * sum(fer)) == 5742
    lifted = after[after > fer]
    assert np.ptp(lifted) <= 1 and lifted.max() <= np.setdiff1d(after, lifted).min() + 1
    assert (after > fer).tolist() == [True, True, True, False, False, True, False]
    assert sorted(lifted) == [4360, 4360, 4360, 4361]


@pytest.mark.parametrize("strategy, after", [
    ("auto", [60, 60, 60]), ("minority", [60, 30, 60]), ({2: 25}, [60, 30, 25]),
    ({0: 20, 2: 25}, [20, 30, 25]),
    (0.0, [60, 30, 10]), (0.1, [60, 30, 20]), (1.0, [67, 67, 66]), (4.0, [167, 167, 166]), (1, [1, 1, 1]),
    (lambda y: {1: 31}, [60, 31, 10]), (np.int64(40), [40, 40, 40]), (np.float32(0.1), [60, 30, 20]),
])
def test_strategies(strategy, after, vector_gan):
    X, y = vectors()
    assert list(quotas(strategy, y).values()) == after
    for sampler in (GANSampler(vector_gan(), strategy), GANSampler(vector_gan(n_classes=3), strategy),
                    Augmenter(None, strategy)):
        assert np.bincount(sampler.fit_resample(X, y)[1]).tolist() == after
        assert sampler.sampling_strategy_ == dict(enumerate(after))
        assert clone(sampler).fit(X, y).sampling_strategy_ == dict(enumerate(after))


# -- generators ----------------------------------------------------------------------------------------------


def test_each_class_has_a_generator_of_its_own_that_saw_no_other(vector_gan):
    X, y = vectors()
    sampler = GANSampler(vector_gan())
    X_new, y_new = sampler.fit_resample(X, y)
    assert {label: gan.rows_ for label, gan in sampler.gans_.items()} == {1: 30, 2: 10}
    for label in (1, 2):
        made = X_new[sampler.synthetic_ & (y_new == label)]
        np.testing.assert_allclose(made.mean(0), X[y == label].mean(0), atol=0.8)
    assert (sampler.sample_indices_[sampler.synthetic_] == -1).all()
    assert not hasattr(sampler.gan, "rows_")  # what was given is only cloned


def test_a_conditional_generator_learns_from_all_rows_once(vector_gan):
    X, y = vectors()
    names = np.array(["joy", "fear", "disgust"])[y]
    sampler = GANSampler(vector_gan(n_classes=3))
    X_new, y_new = sampler.fit_resample(X, names)
    assert sampler.gans_["fear"] is sampler.gans_["disgust"] and sampler.gans_["fear"].rows_ == 100
    made = X_new[sampler.synthetic_ & (y_new == "disgust")]
    np.testing.assert_allclose(made.mean(0), X[names == "disgust"].mean(0), atol=0.8)


def test_trained_generators_are_taken_as_they_are_and_survive_cloning(vector_gan):
    X, y = vectors()
    trained = vector_gan(n_classes=3).fit(X, y)
    frozen = clone(GANSampler(FrozenEstimator(trained)))
    frozen.fit_resample(X[:80], y[:80])
    assert frozen.gans_[2].rows_ == 100
    each = {label: FrozenEstimator(vector_gan().fit(X[y == label])) for label in (1, 2)}
    sampler = clone(GANSampler(each))
    assert np.bincount(sampler.fit_resample(X[:80], y[:80])[1]).tolist() == [(y[:80] == 0).sum()] * 3
    assert sampler.gans_[1].rows_ == 30


def test_same_seed_same_rows(vector_gan):
    X, y = vectors()
    for make in (lambda seed: GANSampler(vector_gan(), 40, random_state=seed),
                 lambda seed: Augmenter(signals.Changes(jitter=0.1), 40, random_state=seed)):
        first, again, other = (make(seed).fit_resample(X, y)[0] for seed in (1, 1, 2))
        assert (first == again).all() and (first != other).any()


@pytest.mark.parametrize("n_classes", [None, 2])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_dcgan_makes_faces_in_the_datas_own_scale(n_classes, kind):
    X, y, _ = people()
    X = X if kind == np.uint8 else (X / 255).astype(np.float32)
    sampler = GANSampler(small_dcgan(n_classes=n_classes))
    X_new, y_new = sampler.fit_resample(X, y)
    assert X_new.shape == (80, 28, 28) and X_new.dtype == kind and sampler.synthetic_.sum() == 20
    assert (y_new[sampler.synthetic_] == 1).all() and X_new.max() <= (255 if kind == np.uint8 else 1)
    assert 10 < X_new[sampler.synthetic_].mean() * (1 if kind == np.uint8 else 255) < 245


def test_rgan_makes_signals():
    rng = np.random.default_rng(0)
    X, y = rng.normal(70, 3, (30, 16, 1)).astype(np.float32), np.array([0] * 20 + [1] * 10)
    gan = gans.RGAN(length=16, channels=1, batch_size=8, max_steps=1, width=4, device="cpu", half=False)
    sampler = GANSampler(gan, verbose=1)
    X_new, _ = sampler.fit_resample(X, y)
    assert X_new.shape == (40, 16, 1) and X_new.dtype == np.float32 and np.isfinite(X_new).all()


# -- filters -------------------------------------------------------------------------------------------------


def test_rows_that_a_classifier_takes_for_another_class_are_drawn_anew(vector_gan):
    X, y = vectors()
    plain, strict = GANSampler(vector_gan(spread=3.0)), GANSampler(
        vector_gan(spread=3.0), classifier=LogisticRegression(), min_confidence=0.9)
    judge = LogisticRegression().fit(X, y)
    least = []
    for sampler in (plain, strict):
        X_new, y_new = sampler.fit_resample(X, y)
        assert np.bincount(y_new).tolist() == [60, 60, 60]
        made = sampler.synthetic_
        least.append(judge.predict_proba(X_new[made])[np.arange(made.sum()), y_new[made]].min())
    assert least[0] < 0.5 and least[1] >= 0.9
    assert plain.rejected_ == {1: 0, 2: 0} and 0.1 < strict.rejected_[1] < 0.9


def test_copies_of_real_rows_are_drawn_anew():
    class Parrot(AnyClasses):
        """Every other sample is a real row."""

        def sample(self, n, y=None, *, random_state=None):
            new = super().sample(n, y, random_state=random_state)
            new[::2] += np.random.default_rng(random_state).normal(0, 3, new[::2].shape)
            return new

    X, y = vectors()
    copies = {}
    for share in (0.0, 0.5):
        sampler = GANSampler(Parrot(), min_distance=share)
        X_new, _ = sampler.fit_resample(X, y)
        made = X_new[sampler.synthetic_]
        copies[share] = int((made[:, None] == X[None]).all(2).any(1).sum())
    assert copies[0.0] == 40 and copies[0.5] == 0 and 0.3 < sampler.rejected_[2] < 0.8


# -- classic copies ------------------------------------------------------------------------------------------


def test_copies_use_every_row_equally_often_and_name_it():
    X, y = vectors((23, 7))
    sampler = Augmenter(signals.Changes(jitter=0.01))
    X_new, y_new = sampler.fit_resample(X, y)
    used = np.bincount(sampler.sample_indices_[sampler.synthetic_], minlength=30)
    assert set(used[y == 1]) == {2, 3} and used[y == 0].sum() == 0
    np.testing.assert_allclose(X_new, X[sampler.sample_indices_], atol=0.2)
    assert (X_new[sampler.synthetic_] != X[sampler.sample_indices_[sampler.synthetic_]]).any()


def test_copies_of_faces_and_of_signals():
    X, y, _ = people()
    sampler = Augmenter("hegh2025", 50)
    X_new, y_new = sampler.fit_resample(X, y)
    assert X_new.shape == (100, 28, 28) and X_new.dtype == np.uint8
    assert (X_new[sampler.synthetic_] != X[sampler.sample_indices_[sampler.synthetic_]]).any((1, 2)).all()
    hearts = np.random.default_rng(0).normal(70, 3, (60, 20, 2)).astype(np.float32)
    assert Augmenter("um2017").fit_resample(hearts, y)[0].shape == (80, 20, 2)


# -- pipelines, folds, leaks ---------------------------------------------------------------------------------


def findings(X_train, X_test, synthetic, people_train, people_test):
    """An audit of what was really trained on against what was tested on."""
    n = len(X_train)
    return audit_split(
        np.arange(n), n + np.arange(len(X_test)), X=np.concatenate([X_train, X_test]),
        groups=np.concatenate([people_train, people_test]),
        synthetic=np.r_[synthetic, np.zeros(len(X_test), bool)]).set_index("check")["severity"]


class Watched(GANSampler):
    """Keeps what it gave out, for the audit."""

    def _fit_resample(self, X, y):
        self.given_ = super()._fit_resample(X, y)
        return self.given_


def test_no_made_row_reaches_a_test_fold_in_five_folds_of_people():
    X, y, groups = people()
    pipeline = make_pipeline(Watched(small_dcgan()), small_net())
    cv = StratifiedGroupKFold(5, shuffle=True, random_state=0)
    result = cross_validate(pipeline, X, y, groups=groups, cv=cv, scoring="f1_macro", error_score="raise",
                            return_estimator=True, return_indices=True)
    assert np.isfinite(result["test_score"]).all()
    for fitted, train, test in zip(result["estimator"], *result["indices"].values(), strict=True):
        sampler = fitted[0]
        trained_on, labels = sampler.given_
        assert np.ptp(np.bincount(labels)) == 0 and sampler.synthetic_.sum() == 16
        who = np.where(sampler.synthetic_, "made", groups[train][sampler.sample_indices_])
        seen = findings(trained_on, X[test], sampler.synthetic_, who, groups[test])
        checked = ["synthetic row in test", "person on both sides", "exact duplicate", "row on both sides"]
        assert (seen[checked] == "ok").all()


def test_the_same_audit_convicts_who_samples_before_the_split():
    X, y, groups = people()
    sampler = Augmenter()
    X_new, y_new = sampler.fit_resample(X, y)
    who = groups[sampler.sample_indices_]
    test = np.arange(len(y_new)) % 5 == 0
    found = audit_split(~test, test, X=X_new, groups=who, synthetic=sampler.synthetic_)
    severity = found.set_index("check")["severity"]
    assert (severity[["synthetic row in test", "person on both sides", "exact duplicate"]] == "leak").all()


def test_a_grid_search_turns_the_samplers_knobs():
    X, y, groups = people()
    pipeline = Pipeline([("balance", GANSampler(small_dcgan())), ("net", small_net())])
    grid = {"balance__sampling_strategy": ["auto", 0.2], "balance__gan__max_steps": [1, 2]}
    search = GridSearchCV(pipeline, grid, cv=StratifiedGroupKFold(2), scoring="balanced_accuracy",
                          error_score="raise").fit(X, y, groups=groups)
    assert len(search.cv_results_["params"]) == 4
    best = search.best_estimator_["balance"]
    chosen = search.best_params_
    assert best.synthetic_.sum() == {"auto": 20, 0.2: 12}[chosen["balance__sampling_strategy"]]
    assert len(best.gans_[1].history_) == chosen["balance__gan__max_steps"]


def test_prediction_passes_the_sampler_by(vector_gan):
    X, y = vectors()
    pipeline = make_pipeline(StandardScaler(), GANSampler(vector_gan()), LogisticRegression()).fit(X, y)
    assert pipeline.predict(X).shape == y.shape and pipeline.score(X, y) > 0.9
    found = audit_split(np.arange(100), [100], pipeline=pipeline).set_index("check")["detail"]
    assert found["step fitted on other rows"] == (
        "standardscaler saw training rows only; not checked: gansampler, logisticregression")


# -- inside the classifier -----------------------------------------------------------------------------------


@pytest.mark.parametrize("colours", [1, 3])
def test_rows_that_stop_the_training_are_real_and_of_other_people(colours):
    X, y, groups = people()
    X = X if colours == 1 else np.repeat(X[..., None], 3, axis=3)
    names = np.array(["joy", "fear"])[y]
    net = small_net(valid_size=0.2, sampler=WatchedCopies()).fit(X, names, groups=groups)
    given, labels = net.sampler_.given_
    assert given.shape[1:] == X.shape[1:] and given.dtype == np.uint8
    trained_on = {row.tobytes() for row in given}
    seen = np.array([row.tobytes() in trained_on for row in X])
    assert seen.sum() == 48 and len(set(groups[seen]) & set(groups[~seen])) == 0
    assert np.unique(labels, return_counts=True)[1].tolist() == [32, 32]
    assert not hasattr(net.sampler, "given_")


class WatchedCopies(Augmenter):
    """Keeps what it gave out."""

    def _fit_resample(self, X, y):
        self.given_ = super()._fit_resample(X, y)
        return self.given_


def test_the_samplers_knobs_are_the_classifiers():
    X, y, _ = people()
    net = small_net(sampler=GANSampler(small_dcgan()))
    net = clone(net).set_params(sampler__sampling_strategy=0.2, sampler__gan__max_steps=2).fit(X, y)
    assert net.sampler_.synthetic_.sum() == 12 and len(net.sampler_.gans_[1].history_) == 2
    assert net.history_[-1]["train_loss"] != small_net().fit(X, y).history_[-1]["train_loss"]
    with pytest.raises(ValueError, match="sampler='auto' has no fit_resample"):
        small_net(sampler="auto").fit(X, y)


# -- bad input -----------------------------------------------------------------------------------------------


def resample(gan, strategy="auto", X=None, **options):
    X, y = (vectors()[0] if X is None else X), vectors()[1]
    return GANSampler(gan, strategy, **options).fit_resample(X, y)


@pytest.mark.parametrize("call, match", [
    (lambda g: resample(g(), {7: 100}), r"sampling_strategy names \['7'\], but y holds \[0, 1, 2\]"),
    (lambda g: resample(g(), {1: -2}), "sampling_strategy={1: -2}: give each class"),
    (lambda g: resample(g(), {1: 0.5}), "sampling_strategy={1: 0.5}: give each class a whole number"),
    (lambda g: resample(g(), 0), "sampling_strategy=0 must be a number of rows"),
    (lambda g: resample(g(), -0.2), "sampling_strategy=-0.2 is unknown"),
    (lambda g: resample(g(), float("nan")), "sampling_strategy=nan is unknown"),
    (lambda g: resample(g(), True), "sampling_strategy=True is unknown"),
    (lambda g: resample(g(), "much"), "sampling_strategy"),
    (lambda g: resample(g(batch_size=16)), r"rows than one batch of gan \(batch_size=16\): {2: 10}.*gan__b"),
    (lambda g: resample(g(n_classes=4)), "gan has n_classes=4, but y holds 3 classes: make them agree"),
    (lambda g: resample(g(checkpoint="a")), "gan has one checkpoint, but a generator is trained for each"),
    (lambda g: resample(None), "gan=None makes no samples: give a DCGAN"),
    (lambda g: resample({1: g()}), r"gan has no generator for \[2\]"),
    (lambda g: resample({1: g(), 2: FrozenEstimator(g())}), r"gan has bare generators for \[1\]"),
    (lambda g: resample(FrozenEstimator(g().fit(*vectors()))), "gan is trained and unconditional"),
    (lambda g: resample(FrozenEstimator(g(n_classes=2).fit(*vectors((5, 5))))), r"trained without \[2\]"),
    (lambda g: resample(FrozenEstimator(g(n_classes=3).fit(*vectors(features=4)))), "X has rows of the"),
    (lambda g: resample(g(), X=np.full((100, 3), np.nan)), "Input X contains NaN"),
    (lambda g: resample(g(), X=np.zeros((99, 3))), "inconsistent numbers of samples"),
    (lambda g: resample(g(), X=np.zeros(100)), "Expected 2D array"),
    (lambda g: resample(small_dcgan(), X=np.zeros((100, 20, 20), np.uint8)), "image_size=28"),
    (lambda g: resample(g(), min_confidence=1), "min_confidence=1 lies from 0 to below 1"),
    (lambda g: resample(g(spread=0.0), min_distance=9), "Of 300 samples that gan made of class 1 only 0"),
    (lambda g: Augmenter("um").fit_resample(*vectors()), "no preset named 'um'"),
    (lambda g: Augmenter().fit_resample(np.zeros((4, 2)), [1, 1, 1, 1]), "needs to have more than 1 class"),
    (lambda g: Augmenter().fit_resample(np.full((100, 3), "a"), vectors()[1]), "Convert your data"),
])
def test_bad_input_names_the_argument(call, match, vector_gan):
    with pytest.raises(ValueError, match="(?i)" + match):
        call(vector_gan)
