import pickle
import sys
import time

import numpy as np
import optuna
import pandas as pd
import pytest
import torch
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.metrics.pairwise import rbf_kernel
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    ShuffleSplit,
    StratifiedGroupKFold,
    StratifiedKFold,
    cross_val_predict,
    cross_val_score,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from sklearn.utils.estimator_checks import check_estimator
from torch import nn

from affectkit import gans, transfer
from affectkit.evaluate import label_auc
from affectkit.gans._base import GAN
from affectkit.gans.dcgan import Discriminator
from affectkit.transfer import DiscriminatorFeatures, KernelSVM

pytestmark = pytest.mark.usefixtures("one_thread")


def small_dcgan(**options):
    return gans.DCGAN(**{**dict(image_size=28, width=2, latent_dim=4, batch_size=8, max_steps=1, half=False,
                                device="cpu"), **options})


def pictures(n=24, size=28, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, size, size), dtype=np.uint8)


def blobs(n=120, classes=3, features=5, seed=0, spread=1.0):
    """Rows around a centre for each class, and people who show every class: (X, y, groups)."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    X = spread * rng.normal(size=(n, features)) + 2 * np.eye(features)[y]
    return X, y, np.arange(n) // (2 * classes)


def units(n=120, seed=0):
    """Rows and three labels, of which the last is never 1."""
    X, y, groups = blobs(n, seed=seed)
    return X, np.stack([y == 0, y != 1, np.zeros(n)], 1).astype(int), groups


# -- features: the conventions of scikit-learn ---------------------------------------------------------------


class VectorGAN(GAN):
    """A GAN on vectors with a tiny discriminator of dense layers, for the checks."""

    def __init__(self, *, latent_dim=2, width=3, n_classes=None, loss="bce", ema=None, lr=1e-3,
                 lr_discriminator=None, betas=(0.5, 0.999), label_smoothing=0.0, penalty=10.0,
                 penalty_every=1, d_steps=1, gradient_clip=None, batch_size=2, max_epochs=None, max_steps=1,
                 max_seconds=None, checkpoint=None, checkpoint_every=30.0, dead_after=200, half=False,
                 warm_start=False, random_state=0, device="cpu", verbose=0):
        self._store(locals())

    def _validate(self):
        pass

    def _networks(self):
        layers = nn.Sequential(nn.Linear(self.inputs_, self.width), nn.LeakyReLU(0.2),
                               nn.Linear(self.width, 2), nn.LeakyReLU(0.2))
        return (Generator(self.latent_dim, self.inputs_),
                Discriminator(None, layers, lambda outputs: nn.Linear(2, outputs)))

    def _latent_shape(self):
        return (self.latent_dim,)

    def _check(self, X):
        self.inputs_ = X.shape[1]
        return torch.tensor(np.asarray(X, dtype=np.float32))

    def _check_variation(self, x):
        pass

    def _scale(self, x):
        return None

    def _to_network(self, x):
        return x


class Generator(nn.Linear):
    def forward(self, z, y=None):
        return super().forward(z)


TOLERANCE = 2e-3  # SVC stops at 1e-3: the last digit of a kernel may lead it to another end
SKIPPED = {
    "check_array_api_input": "SCIPY_ARRAY_API is not set",
    "check_classifiers_multilabel_output_format_predict_proba": "there are no probabilities uncalibrated",
}


@pytest.mark.parametrize("layer", [-1, [0, 1]])
def test_features_pass_scikit_learns_checks(layer):
    results = check_estimator(DiscriminatorFeatures(VectorGAN(), layer=layer, device="cpu"), on_skip=None)
    skipped = {result["check_name"] for result in results if result["status"] != "passed"}
    assert len(results) > 40 and skipped <= {"check_array_api_input"}


# -- features ------------------------------------------------------------------------------------------------


def hooked(gan, X):
    """What each activation of the discriminator gives in evaluation mode, by hooks: a list of arrays."""
    found, net = [], gan.discriminator.eval()
    hooks = [layer.register_forward_hook(lambda _, __, out: found.append(out.detach().numpy().copy()))
             for layer in net.layers if isinstance(layer, nn.LeakyReLU)]
    images = X if X.ndim == 4 else X[..., None]
    with torch.no_grad():
        net(torch.tensor(images).permute(0, 3, 1, 2).float() / 127.5 - 1)
    for hook in hooks:
        hook.remove()
    return found


def test_the_papers_discriminator_gives_8192_features():
    gan = gans.preset("alharbawee2024", device="cpu").build()
    X = np.random.default_rng(0).integers(0, 256, (5, 64, 64, 3), dtype=np.uint8)
    features = DiscriminatorFeatures(FrozenEstimator(gan), untrained=True, device="cpu")
    found = features.fit_transform(X)
    assert found.shape == (5, 8192) and found.dtype == np.float32 and found.std() > 0
    np.testing.assert_allclose(found, hooked(gan, X)[-1].reshape(5, -1), atol=1e-6)
    names = features.get_feature_names_out()
    assert len(names) == 8192 and names[0] == "conv4_0" and features.layers_ == {"conv4": 8192}
    pooled = clone(features).set_params(layer=range(4), pool="max").fit_transform(X)
    assert pooled.shape == (5, (64 + 128 + 256 + 512) * 16)  # Radford's


@pytest.fixture(scope="module")
def trained():
    torch.set_num_threads(1)
    return small_dcgan(max_steps=3).fit(pictures())


def test_features_are_those_of_the_networks_own_layers(trained):
    X = pictures(7, seed=1)
    maps = hooked(trained, X)
    read = DiscriminatorFeatures(FrozenEstimator(trained), device="cpu", batch_size=3)
    for layer, name in ((0, "conv1"), (-1, f"conv{len(maps)}"), ("conv1", "conv1")):
        found = clone(read).set_params(layer=layer).fit(X)
        assert list(found.layers_) == [name]
        expected = maps[0 if name == "conv1" else -1]
        np.testing.assert_allclose(found.transform(X), expected.reshape(7, -1), atol=1e-6)
    both = clone(read).set_params(layer=[1, "conv1"], pool="mean", pool_size=7).fit_transform(X)
    assert both.shape == (7, 49 * 2 + 49 * 4)
    np.testing.assert_allclose(both[:, :196], maps[1].reshape(7, -1), atol=1e-6)  # 7 x 7: nothing to pool
    averaged = maps[0].reshape(7, 2, 7, 2, 7, 2).mean((3, 5)).reshape(7, -1)  # 14 => 7
    np.testing.assert_allclose(both[:, 196:], averaged, atol=1e-6)
    found = clone(read).set_params(layer=0, pool="max", pool_size=2).fit_transform(X)
    largest = maps[0].reshape(7, 2, 2, 7, 2, 7).max((3, 5)).reshape(7, -1)  # 14 => 2
    np.testing.assert_allclose(found, largest, atol=1e-6)


def test_a_pictures_features_do_not_depend_on_the_others(trained):
    X = pictures(9, seed=2)
    features = DiscriminatorFeatures(FrozenEstimator(trained), device="cpu").fit(X)
    alone = np.concatenate([features.transform(X[i:i + 1]) for i in range(9)])
    np.testing.assert_allclose(features.transform(X), alone, atol=1e-6)
    np.testing.assert_array_equal(features.transform(X), features.transform(X))


def test_the_gan_is_not_changed(trained):
    before = {name: value.clone() for name, value in trained.discriminator.state_dict().items()}
    trained.discriminator.train()
    DiscriminatorFeatures(FrozenEstimator(trained), layer=[0, 1], device="cpu").fit_transform(pictures())
    assert all(module.training for module in trained.discriminator.modules())
    assert all(weight.requires_grad for weight in trained.discriminator.parameters())
    assert all(torch.equal(value, before[name]) for name, value in trained.discriminator.state_dict().items())


def test_a_frozen_gan_survives_clone_and_pickle(trained):
    X = pictures(4)
    features = DiscriminatorFeatures(FrozenEstimator(trained), device="cpu").fit(X)
    assert clone(features).gan.estimator is trained
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(features)).transform(X), features.transform(X))
    assert features.set_output(transform="pandas").transform(X).columns[0].startswith("conv")


def test_a_saved_gan_gives_the_same_features(trained, tmp_path):
    trained.save(tmp_path / "gan.safetensors")
    loaded = gans.DCGAN.load(tmp_path / "gan.safetensors", device="cpu")
    a, b = (DiscriminatorFeatures(FrozenEstimator(gan), device="cpu").fit_transform(pictures(4))
            for gan in (trained, loaded))
    np.testing.assert_array_equal(a, b)


def test_a_bare_gan_is_trained_on_the_training_rows_alone():
    X, y = pictures(24), np.arange(24) % 2
    seen = []

    class Spy(gans.DCGAN):
        def fit(self, X, y=None, callbacks=()):
            seen.append((len(X), y))
            return super().fit(X, y, callbacks)

    gan = Spy(image_size=28, width=2, latent_dim=4, batch_size=8, max_steps=1, half=False, device="cpu")
    svm = make_pipeline(DiscriminatorFeatures(gan, device="cpu"), KernelSVM(normalise=True, device="cpu"))
    assert np.isfinite(cross_val_score(svm, X, y, cv=3)).all()
    assert seen == [(16, None)] * 3 and not hasattr(gan, "generator")
    svm.fit(X, y)
    assert svm[0].gan_.steps_ == 1 and seen[-1] == (24, None)
    labelled = DiscriminatorFeatures(small_dcgan(n_classes=2), device="cpu").fit(X, y)
    assert labelled.gan_.classes_.tolist() == [0, 1] and labelled.transform(X).shape == (24, 4 * 49)


def test_random_weights_must_be_asked_for(trained):
    X, built = pictures(), small_dcgan().build()
    with pytest.raises(ValueError, match="frozen after 0 steps of training.*untrained=True"):
        DiscriminatorFeatures(FrozenEstimator(built)).fit(X)
    with pytest.raises(ValueError, match="frozen after 3 steps of training, and untrained=True"):
        DiscriminatorFeatures(FrozenEstimator(trained), untrained=True).fit(X)
    for untrained in (False, True):
        with pytest.raises(ValueError, match="frozen after 0 steps"):
            DiscriminatorFeatures(FrozenEstimator(small_dcgan()), untrained=untrained).fit(X)
    control = DiscriminatorFeatures(small_dcgan(), untrained=True, device="cpu").fit(X)
    assert control.gan_.steps_ == 0
    frozen = DiscriminatorFeatures(FrozenEstimator(built), untrained=True, device="cpu").fit(X)
    np.testing.assert_array_equal(control.transform(X), frozen.transform(X))


@pytest.mark.parametrize("X, wrong", [
    (np.zeros((4, 32, 32), np.uint8), r"\(4, 32, 32\).*\(n, 28, 28\).*faces.resize"),
    (np.zeros((4, 28, 28, 3), np.uint8), r"\(4, 28, 28, 3\).*\(n, 28, 28\).*X.mean"),
    (np.zeros((4, 784), np.uint8), r"\(4, 784\).*\(n, 28, 28\)"),
    (np.full((4, 28, 28), np.nan), "NaN"), (np.full((4, 28, 28), 255.0), "0 to 1"),
])
def test_other_pictures_are_refused_with_a_remedy(trained, X, wrong):
    features = DiscriminatorFeatures(FrozenEstimator(trained), device="cpu")
    with pytest.raises(ValueError, match=wrong):
        features.fit(X)
    with pytest.raises(ValueError, match=wrong):
        features.fit(pictures(2)).transform(X)


def test_a_gan_of_colours_refuses_grey():
    features = DiscriminatorFeatures(small_dcgan(channels=3), untrained=True, device="cpu")
    with pytest.raises(ValueError, match=r"\(24, 28, 28\).*\(n, 28, 28, 3\).*np.repeat"):
        features.fit(pictures())
    assert features.fit_transform(np.repeat(pictures()[..., None], 3, -1)).shape == (24, 4 * 49)


@pytest.mark.parametrize("options, wrong", [
    (dict(layer=7), "layer=7 is unknown: use conv1, conv2, or numbers"), (dict(layer="conv9"), "unknown"),
    (dict(pool="min"), "pool='min' is unknown"), (dict(device="tpu"), "device='tpu'"),
])
def test_unknown_options_are_named(trained, options, wrong):
    with pytest.raises(ValueError, match=wrong):
        DiscriminatorFeatures(FrozenEstimator(trained), **options).fit(pictures(2))


def test_other_discriminators():
    signals = np.random.default_rng(0).normal(size=(8, 32, 1)).astype(np.float32)
    conv = gans.RGAN(length=32, latent_dim=2, width=2, architecture="conv", batch_size=4, max_steps=1,
                     device="cpu").fit(signals)
    found = DiscriminatorFeatures(FrozenEstimator(conv), device="cpu").fit_transform(signals)
    own = conv.discriminator.features(conv._to_network(torch.tensor(signals))).detach().numpy()
    np.testing.assert_allclose(found, own, atol=1e-6)
    pooled = DiscriminatorFeatures(conv, pool="mean", pool_size=1, device="cpu").fit_transform(signals)
    np.testing.assert_allclose(pooled, found.reshape(8, 8, 4).mean(2), atol=1e-6)
    with pytest.raises(ValueError, match="no chain of convolutions"):
        DiscriminatorFeatures(gans.RGAN(length=32, latent_dim=2, width=2), untrained=True).fit(signals)
    bounded = DiscriminatorFeatures(small_dcgan(spectral_norm=True, architecture="upsample"), untrained=True)
    assert bounded.fit_transform(pictures()).shape == (24, 8 * 49)
    with pytest.raises(ValueError, match="takes maps"):
        DiscriminatorFeatures(VectorGAN(), pool="max").fit(np.eye(4))


# -- the SVM: the conventions of scikit-learn ----------------------------------------------------------------


@pytest.mark.parametrize("options", [
    {}, dict(kernel="linear"), dict(kernel="precomputed"), dict(calibration="sigmoid")], ids=str)
def test_the_svm_passes_scikit_learns_checks(options):
    results = check_estimator(KernelSVM(device="cpu", **options), on_skip=None)
    skipped = {result["check_name"] for result in results if result["status"] != "passed"}
    assert len(results) > 55 and skipped <= set(SKIPPED)


# -- the SVM: one kernel matrix ------------------------------------------------------------------------------


@pytest.mark.parametrize("kernel", ["rbf", "linear"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("classes, weight", [(2, None), (4, "balanced"), (4, {"d": 5.0, "c": 0.2})])
def test_it_is_scikit_learns_svc(kernel, dtype, classes, weight):
    X, y, _ = blobs(150, classes, spread=2)
    level = 100 * (kernel == "rbf")  # distances do not change by it, and must not lose digits
    X, y = (X + level).astype(dtype)[:140], np.array(["d", "b", "a", "c"])[y][:140]
    options = dict(C=3.0, gamma=0.07, kernel=kernel, class_weight=weight)
    ours, theirs = KernelSVM(**options, device="cpu").fit(X, y), SVC(**options).fit(X.astype(np.float64), y)
    new = (blobs(60, classes, seed=1, spread=2)[0] + level).astype(dtype)
    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))
    np.testing.assert_allclose(ours.decision_function(new), theirs.decision_function(new), atol=TOLERANCE)
    assert ours.classes_.tolist() == theirs.classes_.tolist()


def test_the_matrix_is_scikit_learns_rbf_kernel():
    X = np.random.default_rng(0).normal(50, 1, (40, 3000)).astype(np.float32)
    svm = KernelSVM(gamma=1 / 3000, device="cpu")
    gram = svm._kernel(svm._compare(X, X), 3000)
    exact = rbf_kernel(X.astype(np.float64), gamma=1 / 3000)
    np.testing.assert_allclose(gram, exact, atol=2e-6)
    assert gram.max() <= 1


@pytest.mark.parametrize("scoring", [None, "accuracy", "balanced_accuracy", "f1_macro"])
def test_folds_score_as_svc_does_in_each(scoring):
    X, y, groups = blobs(150, spread=2)
    for cv, people in ((5, None), (StratifiedKFold(4, shuffle=True, random_state=0), None),
                       (StratifiedGroupKFold(5), groups), (LeaveOneGroupOut(), groups)):
        ours = KernelSVM(2.0, 0.1, device="cpu").cross_val_score(X, y, cv=cv, groups=people, scoring=scoring)
        svc = SVC(C=2.0, gamma=0.1)
        theirs = cross_val_score(svc, X, y, cv=cv, groups=people, scoring=scoring or "accuracy")
        np.testing.assert_allclose(ours, theirs, atol=1e-12)


def test_one_matrix_gives_what_a_fit_in_each_fold_gives():
    X, y, groups = blobs(90, spread=2)
    for svm in (KernelSVM(device="cpu"), KernelSVM(normalise=True, calibration="sigmoid", device="cpu"),
                KernelSVM(kernel="linear", device="cpu")):
        for method in ("decision_function", "predict"):
            one = svm.cross_val_predict(X, y, cv=GroupKFold(5), groups=groups, method=method)
            each = cross_val_predict(svm, X, y, cv=GroupKFold(5), groups=groups, method=method)
            np.testing.assert_allclose(one, each, atol=TOLERANCE * (method != "predict"))
    svm = KernelSVM(calibration="sigmoid", device="cpu")
    folds = list(GroupKFold(5).split(X, y, groups))
    proba = svm.cross_val_predict(X, y, cv=folds, groups=groups, method="predict_proba")
    for train, test in folds:  # calibrated within the training people alone
        own = clone(svm).fit(X[train], y[train], groups[train]).predict_proba(X[test])
        np.testing.assert_allclose(proba[test], own, atol=TOLERANCE)


def test_rows_are_compared_once(monkeypatch):
    X, y, groups = blobs(60)
    calls = []
    monkeypatch.setattr(KernelSVM, "_compare", lambda self, A, B, compare=KernelSVM._compare: (
        None if self.kernel == "precomputed" else calls.append(len(A))) or compare(self, A, B))
    svm = KernelSVM(device="cpu")
    svm.cross_val_score(X, y, cv=5)
    svm.cross_val_predict(X, y, cv=5)
    assert calls == [60, 60]
    svm.search(X, y, cv=3, outer_cv=3, n_trials=2)
    assert calls[2:] == [60, 60]  # once for all settings and folds, once by the estimator given out


def test_a_precomputed_kernel_serves_a_grid():
    X, y, _ = blobs(90, spread=2)
    grid = GridSearchCV(KernelSVM(kernel="precomputed"), {"C": [0.1, 1, 10]}, cv=3).fit(rbf_kernel(X), y)
    same = GridSearchCV(SVC(gamma=1 / 5), {"C": [0.1, 1, 10]}, cv=3).fit(X, y)
    assert grid.best_params_ == same.best_params_
    np.testing.assert_allclose(grid.cv_results_["mean_test_score"], same.cv_results_["mean_test_score"])


def test_rows_are_normalised_each_by_itself():
    X, y, _ = blobs(60)
    scaled = (X - X.mean(1, keepdims=True)) / X.std(1, keepdims=True)
    svm = KernelSVM(normalise=True, device="cpu").fit(7 * X + 3, y)
    plain = KernelSVM(gamma=1 / 5, device="cpu").fit(scaled, y)
    np.testing.assert_allclose(svm.decision_function(X), plain.decision_function(scaled), atol=1e-9)
    np.testing.assert_allclose(svm.decision_function(X[:1]), svm.decision_function(X)[:1], atol=1e-9)
    assert np.isfinite(svm.decision_function(np.ones((1, 5)))).all()  # a blank row


def test_the_device_is_used_and_checked(monkeypatch):
    X, y, _ = blobs(30)
    asked = []
    monkeypatch.setattr(transfer.speed, "device", lambda name: asked.append(name) or "cpu")
    KernelSVM(device="cuda:1").fit(X, y)
    assert set(asked) == {"cuda:1"}
    monkeypatch.undo()
    with pytest.raises(ValueError, match="device='tpu'"):
        KernelSVM(device="tpu").fit(X, y)


def test_a_matrix_larger_than_memory_is_refused(monkeypatch):
    X, y, _ = blobs(30)
    monkeypatch.setattr(transfer.speed, "free_memory", lambda: 1000)
    with pytest.raises(ValueError, match="A kernel of 30 x 30 rows would take .* take fewer rows"):
        KernelSVM(device="cpu").fit(X, y)


# -- the SVM: probabilities ----------------------------------------------------------------------------------


def test_probabilities_are_calibrated():
    X, y, _ = blobs(600, 2, spread=2)
    svm = KernelSVM(calibration="sigmoid", device="cpu").fit(X[:400], y[:400])
    proba = svm.predict_proba(X[400:])[:, 1]
    truth = y[400:] == 1
    np.testing.assert_allclose(svm.predict_proba(X).sum(1), 1)
    assert abs(proba.mean() - truth.mean()) < 0.1 and ((proba - truth)**2).mean() < 0.22
    sure = proba > 0.6
    assert abs(proba[sure].mean() - truth[sure].mean()) < 0.12
    plain = KernelSVM(device="cpu").fit(X[:400], y[:400])
    np.testing.assert_array_equal(svm.predict(X), plain.predict(X))
    np.testing.assert_array_equal(svm.decision_function(X), plain.decision_function(X))
    assert not hasattr(plain, "predict_proba")


def test_calibration_holds_out_whole_people(monkeypatch):
    X, y, groups = blobs(60)
    folds = KernelSVM(calibration="sigmoid")._calibration_folds(y, groups)
    assert len(folds) == 5 and not any(set(groups[a]) & set(groups[b]) for a, b in folds)
    with pytest.raises(ValueError, match="from one row or group alone"):
        KernelSVM(calibration="sigmoid", device="cpu").fit(X, y, np.where(y == 1, 0, groups))


def test_scores_that_need_probabilities_say_so():
    X, y, _ = blobs(60)
    with pytest.raises(ValueError, match="Fold 1 of 3 cannot be scored by 'roc_auc_ovr'.*calibration="):
        KernelSVM(device="cpu").cross_val_score(X, y, cv=3, scoring="roc_auc_ovr")
    svm = KernelSVM(calibration="sigmoid", device="cpu")
    assert svm.cross_val_score(X, y, cv=3, scoring="roc_auc_ovr").min() > 0.8


# -- the SVM: labels -----------------------------------------------------------------------------------------


def test_each_label_is_an_svm_of_its_own():
    X, Y, _ = units()
    svm = KernelSVM(2.0, 0.3, calibration="sigmoid", class_weight="balanced", device="cpu").fit(X, Y[:, :2])
    for k in range(2):
        own = SVC(C=2.0, gamma=0.3, class_weight="balanced").fit(X, Y[:, k])
        np.testing.assert_array_equal(svm.predict(X)[:, k], own.predict(X))
        np.testing.assert_allclose(svm.decision_function(X)[:, k], own.decision_function(X), atol=1e-5)
        assert roc_auc_score(Y[:, k], svm.predict_proba(X)[:, k]) > 0.9
    assert svm.classes_.tolist() == [0, 1] and len(svm.machines_) == 2


@pytest.mark.parametrize("value", [0, 1])
def test_a_label_never_or_always_there_is_undefined(value):
    X, Y, _ = units()
    Y[:, 2] = value
    table = pd.DataFrame(Y, columns=["AU1", "AU2", "AU9"])
    svm = KernelSVM(calibration="sigmoid", device="cpu")
    with pytest.warns(UserWarning, match="label AU9 has one value in all training rows"):
        svm.fit(X, table)
    assert svm.undefined_.tolist() == [False, False, True]
    for found in (svm.decision_function(X), svm.predict_proba(X)):
        assert np.isnan(found[:, 2]).all() and np.isfinite(found[:, :2]).all()
    assert (svm.predict(X)[:, 2] == value).all() and svm.predict(X).dtype.kind == "i"
    areas = label_auc(table, svm.decision_function(X))
    assert np.isnan(areas[2]) and areas[:2].min() > 0.9


def test_an_undefined_label_adds_nothing_to_a_score():
    X, Y, groups = units()
    svm = KernelSVM(device="cpu")
    with pytest.warns(UserWarning, match="label 2 has one value"):
        scores = svm.cross_val_score(X, Y, cv=4, groups=groups)
    np.testing.assert_allclose(scores, svm.cross_val_score(X, Y[:, :2], cv=4, groups=groups))
    folds = list(GroupKFold(4).split(X, groups=groups))  # what a number means for labels with groups
    decision = svm.cross_val_predict(X, Y[:, :2], cv=folds)
    np.testing.assert_allclose(scores, [label_auc(Y[test, :2], decision[test]).mean() for _, test in folds])
    Y[groups == 0, 2] = 1  # one person shows it: whoever holds that person out cannot learn it
    with pytest.warns(UserWarning, match="label 2 has one value"):
        decision = svm.cross_val_predict(X, Y, cv=folds)
    lost = next(test for _, test in folds if 0 in groups[test])
    assert np.isnan(decision[lost, 2]).all() and np.isnan(label_auc(Y, decision)[2])
    with pytest.warns(UserWarning, match="one value"):
        assert np.isnan(svm.cross_val_score(X, Y[:, [2, 2]] * 0, cv=4)).all()


def test_a_label_of_one_person_has_a_decision_but_no_probability():
    X, Y, groups = units()
    Y[:, 2] = groups == 0
    with pytest.warns(UserWarning, match="label 2 has a value from one row or group alone: its probability"):
        svm = KernelSVM(calibration="sigmoid", device="cpu").fit(X, Y, groups)
    assert np.isfinite(svm.decision_function(X)).all() and np.isnan(svm.predict_proba(X)[:, 2]).all()


# -- the SVM: folds and bad input ----------------------------------------------------------------------------


@pytest.mark.parametrize("cv", [GroupKFold(3), LeaveOneGroupOut(), StratifiedGroupKFold(3)], ids=str)
def test_missing_groups_are_named(cv):
    X, y, groups = blobs(60)
    svm = KernelSVM(device="cpu")
    for call in (svm.cross_val_score, svm.cross_val_predict, svm.search):
        with pytest.raises(ValueError, match="groups is missing"):
            call(X, y, cv=cv)
    svm.cross_val_score(X, y, cv=cv, groups=groups)


@pytest.mark.parametrize("labels", [False, True])
def test_a_number_of_folds_keeps_people_together(labels, monkeypatch):
    X, y, groups = blobs(60)
    for train, test in KernelSVM()._folds(np.eye(3)[y] if labels else y, 5, groups):
        assert not set(groups[train]) & set(groups[test])
    with pytest.raises(ValueError, match="groups holds 10 people, too few for 11 folds"):
        KernelSVM(device="cpu").cross_val_score(X, y, cv=11, groups=groups)


def test_a_fold_of_one_class_is_named():
    X, y, _ = blobs(60, 2)
    y = np.array(["calm", "stress"])[y]
    folds = [(np.arange(40), np.arange(40, 60)), (np.flatnonzero(y == "calm"), np.flatnonzero(y != "calm"))]
    for call in (KernelSVM().cross_val_score, KernelSVM().cross_val_predict):
        with pytest.raises(ValueError, match=r"Fold 2 of 2 trains on one class alone, \['calm'\]"):
            call(X, y, cv=folds)
    with pytest.raises(ValueError, match="one class"):
        KernelSVM(device="cpu").cross_val_score(X, np.repeat([0, 1], 30), groups=np.repeat([0, 1], 30), cv=2)


def test_a_class_that_a_fold_has_not_seen_has_no_decision():
    X, y, _ = blobs(60)
    folds = [(np.flatnonzero(y < 2), np.flatnonzero(y == 2)), (np.flatnonzero(y == 2), np.flatnonzero(y < 2))]
    folds[1] = (np.arange(60), folds[1][1])
    decision = KernelSVM(device="cpu").cross_val_predict(X, y, cv=folds)
    assert decision.shape == (60, 3) and np.isfinite(decision[y < 2]).all()
    assert np.isnan(decision[y == 2, 2]).all()
    np.testing.assert_array_equal(decision[y == 2, 0], -decision[y == 2, 1])


def test_rows_that_no_fold_tests():
    X, y, _ = blobs(60)
    cv = ShuffleSplit(1, test_size=20, random_state=0)
    svm = KernelSVM(device="cpu")
    assert np.isfinite(svm.cross_val_predict(X, y, cv=cv)).all(1).sum() == 20
    with pytest.raises(ValueError, match="leaves rows untested"):
        svm.cross_val_predict(X, y, cv=cv, method="predict")
    words = np.array(["sad", "angry", "happy"])[y]
    assert (svm.cross_val_predict(X, words, cv=3, method="predict") == words).mean() > 0.7


@pytest.mark.parametrize("options, wrong", [
    (dict(gamma="scale"), "gamma='scale' must be a number"), (dict(gamma=0), "gamma=0"),
    (dict(gamma=float("nan")), "gamma=nan"), (dict(kernel="poly"), "kernel='poly' is unknown"),
    (dict(calibration="platt"), "calibration='platt' is unknown"), (dict(C=0), "C"),
])
def test_unknown_options_of_the_svm_are_named(options, wrong):
    X, y, _ = blobs(30)
    with pytest.raises(ValueError, match=wrong):
        KernelSVM(**{**dict(device="cpu"), **options}).fit(X, y)


def test_bad_input_is_named():
    X, y, groups = blobs(30)
    svm = KernelSVM(device="cpu")
    for call in (svm.fit, svm.cross_val_score, svm.cross_val_predict, svm.search):
        with pytest.raises(ValueError, match="NaN"):
            call(np.where(X > 2, np.nan, X), y)
        with pytest.raises(ValueError, match="must hold 0 and 1"):
            call(X, np.stack([y, y], 1))
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            call(X, y[1:])
        for people in (groups[1:], np.where(groups == 0, None, groups)):
            with pytest.raises(ValueError, match="groups must name the person of each of the 30 rows"):
                call(X, y, groups=people)
    with pytest.raises(ValueError, match="number of classes"):
        svm.fit(X, y * 0)
    with pytest.raises(ValueError, match="square"):
        KernelSVM(kernel="precomputed").fit(X, y)


# -- the SVM: search -----------------------------------------------------------------------------------------


def test_the_search_is_nested_and_repeats():
    X, y, groups = blobs(90, spread=2)
    svm = KernelSVM(device="cpu")
    found = svm.search(X, y, cv=3, outer_cv=3, groups=groups, n_trials=12)
    assert list(found.folds) == ["fold", "train", "test", "score", "inner_score", "C", "gamma"]
    assert len(found.trials) == 12 and found.trials["C"].between(0.01, 1000).all()
    assert found.trials["gamma"].between(0.01 / 5, 100 / 5).all()
    outer = list(StratifiedGroupKFold(3).split(X, y, groups))
    for (train, test), row in zip(outer, found.folds.itertuples(), strict=True):
        chosen = clone(svm).set_params(C=row.C, gamma=row.gamma)
        own = clone(chosen).fit(X[train], y[train])
        assert row.score == own.score(X[test], y[test])
        np.testing.assert_allclose(found.decision[test], own.decision_function(X[test]), atol=TOLERANCE)
        inner = chosen.cross_val_score(X[train], y[train], cv=3, groups=groups[train]).mean()
        assert row.inner_score == pytest.approx(inner)  # chosen by training rows alone
    best = found.trials.iloc[found.trials["score"].argmax()]
    assert found.best_params == {"C": best["C"], "gamma": best["gamma"]}
    assert found.estimator.C == best["C"] and found.estimator.score(X, y) > 0.6
    again = svm.search(X, y, cv=3, outer_cv=None, groups=groups, n_trials=12)
    pd.testing.assert_frame_equal(again.trials, found.trials)
    assert again.decision is None and again.folds.empty


def test_a_search_leaves_the_outer_fold_alone():
    X, y, _ = blobs(60, spread=2)
    folds = [(np.arange(40), np.arange(40, 60))]
    options = dict(cv=3, outer_cv=folds, n_trials=4)
    found = KernelSVM(device="cpu").search(X, y, **options)
    other = KernelSVM(device="cpu").search(X, np.where(np.arange(60) < 40, y, 2 - y), **options)
    assert found.folds[["C", "gamma", "inner_score"]].equals(other.folds[["C", "gamma", "inner_score"]])
    assert np.isnan(found.decision[:40]).all() and not found.folds["score"].equals(other.folds["score"])


def test_a_grid_is_searched_too_and_labels_as_well():
    X, Y, groups = units()
    grid = optuna.samplers.GridSampler({"C": [0.1, 10.0], "gamma": [0.01, 1.0]}, seed=0)
    with pytest.warns(UserWarning, match="label 2"):
        found = KernelSVM(device="cpu").search(X, Y, cv=3, outer_cv=2, groups=groups, n_trials=4,
                                               sampler=grid)
    assert len(found.trials.drop_duplicates(["C", "gamma"])) == 4 and found.folds["score"].min() > 0.8
    linear = KernelSVM(kernel="linear", device="cpu").search(X, Y[:, 0], cv=3, outer_cv=None, n_trials=2)
    assert list(linear.best_params) == ["C"]


def test_a_search_keeps_random_numbers_and_optunas_log_level():
    X, y, _ = blobs(60)
    np.random.seed(0)
    torch.manual_seed(0)
    before = optuna.logging.get_verbosity()
    KernelSVM(device="cpu").search(X, y, cv=3, outer_cv=None, n_trials=12)
    after = np.random.random(), torch.rand(1).item()
    np.random.seed(0)
    torch.manual_seed(0)
    assert after == (np.random.random(), torch.rand(1).item()) and optuna.logging.get_verbosity() == before


def test_a_search_without_optuna_says_what_to_install(monkeypatch):
    X, y, _ = blobs(30)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ImportError, match="pip install optuna"):
        KernelSVM(device="cpu").search(X, y, cv=3)


# -- speed ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_ten_folds_take_a_fiftieth_of_the_time():
    """Core time, as others may use the machine; of SVC's ten folds one is timed, the rest are as large."""
    rng = np.random.default_rng(0)
    y = np.arange(2000) % 8
    X = (rng.normal(size=(2000, 8192)) + 0.06 * rng.normal(size=(8, 8192))[y]).astype(np.float32)
    folds = list(StratifiedKFold(10, shuffle=True, random_state=0).split(X, y))
    start = time.process_time()
    ours = KernelSVM(10.0, 1 / 8192, device="cpu").cross_val_score(X, y, cv=folds)
    middle = time.process_time()
    train, test = folds[0]
    assert SVC(C=10.0, gamma=1 / 8192).fit(X[train], y[train]).score(X[test], y[test]) == ours[0]
    assert 10 * (time.process_time() - middle) >= 50 * (middle - start)


def test_the_pipeline_of_the_paper_runs(trained):
    X = pictures(24)
    y = np.arange(24) % 2
    X[y == 1, :14] //= 2
    features = DiscriminatorFeatures(FrozenEstimator(trained), device="cpu").fit_transform(X)
    assert KernelSVM(C=10, normalise=True, device="cpu").cross_val_score(features, y, cv=3).mean() > 0.8
    assert make_pipeline(StandardScaler(), KernelSVM(device="cpu")).fit(features, y).score(features, y) > 0.8
