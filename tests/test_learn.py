import pickle
import subprocess
import sys

import numpy as np
import pytest
import torch
from imblearn.over_sampling import RandomOverSampler
from sklearn.base import clone, is_classifier
from sklearn.exceptions import NotFittedError
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import accuracy_score, hinge_loss
from sklearn.model_selection import (
    GridSearchCV,
    GroupKFold,
    LeaveOneGroupOut,
    cross_val_predict,
    cross_val_score,
)
from sklearn.model_selection import cross_validate as validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from skorch.callbacks import Callback
from skorch.exceptions import NotInitializedError
from skorch.helper import SliceDict
from torch.nn import functional as F
from torch.utils.data import DataLoader, RandomSampler, TensorDataset

from affectkit import learn, nets, optim

GOLDEN = [1.0809, 0.9314]
pytestmark = pytest.mark.usefixtures("one_thread")
TINY = dict(module__channels=(4, 6, 8), module__hidden=16, device="cpu", augment=False, batch_size=16)


def faces(n=120, classes=3, size=16, seed=0):
    """Toy faces: a bright bar at the top, in the middle or at the bottom, under noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % classes
    images = rng.integers(0, 120, (n, size, size))
    for image, target in zip(images, y, strict=True):
        image[target * size // classes:][:3] += 120
    return images.astype(np.uint8), y


def hearts(people=6, windows=20, seed=0):
    """Toy hearts: stress adds 12 beats a minute to the level each person has."""
    rng = np.random.default_rng(seed)
    groups = np.repeat([f"S{i:02}" for i in range(people)], windows)
    y = np.tile(np.arange(windows) % 2, people)
    level = np.repeat(rng.normal(70, 2, people), windows) + 12 * y
    return (level[:, None, None] + rng.normal(0, 2, (len(y), 30, 1))).astype(np.float32), y, groups


@pytest.fixture(scope="module")
def fitted():
    X, y = faces()
    return learn.classifier("face-cnn", max_epochs=10, **TINY).fit(X, np.array(["sad", "angry", "happy"])[y])


# -- learning ------------------------------------------------------------------------------------------------


def test_learns_faces_with_labels_of_any_kind(fitted):
    X, y = faces(seed=1)
    labels = np.array(["sad", "angry", "happy"])[y]
    assert fitted.classes_.tolist() == ["angry", "happy", "sad"]
    assert fitted.score(X, labels) > 0.85
    proba = fitted.predict_proba(X)
    np.testing.assert_allclose(proba.sum(1), 1, rtol=1e-5)
    assert (fitted.predict(X) == fitted.classes_[proba.argmax(1)]).all()


@pytest.mark.parametrize("name", ["heart-lstm", "heart-cnn"])
def test_learns_hearts(name):
    X, y, groups = hearts()
    net = learn.classifier(name, max_epochs=15, batch_size=16, device="cpu").fit(X, y, groups=groups)
    X_new, y_new, _ = hearts(seed=1)
    assert accuracy_score(y_new, net.predict(X_new)) > 0.9


def test_golden_loss():
    # Found with torch 2.15 on x86-64; another processor rounds differently, a changed recipe moves it far
    # more.
    X, y = faces()
    net = learn.classifier("face-cnn", max_epochs=2, half=False, **TINY).fit(X, y)
    np.testing.assert_allclose(net.history_[:, "train_loss"], GOLDEN, atol=0.02)


def test_colour_faces_and_floats():
    X, y = faces()
    colour = np.repeat(X[..., None], 3, axis=3)
    net = learn.classifier("face-cnn", max_epochs=1, **TINY).fit(colour, y)
    assert net.module_.blocks[0][0].in_channels == 3
    np.testing.assert_allclose(net.predict_proba(colour / 255), net.predict_proba(colour), atol=1e-5)


# -- scikit-learn's habits -----------------------------------------------------------------------------------


def test_speaks_scikit_learn():
    X, y, groups = hearts()
    net = learn.classifier("heart-cnn", max_epochs=3, batch_size=16, device="cpu")
    assert is_classifier(net)
    assert clone(net).get_params()["max_epochs"] == 3
    proba = cross_val_predict(net, X, y, groups=groups, cv=LeaveOneGroupOut(), params={"groups": groups},
                              method="predict_proba")
    assert proba.shape == (len(y), 2)
    search = GridSearchCV(net, {"lr": [1e-5, 1e-2], "module__dropout": [0.1]}, cv=2).fit(X, y)
    assert search.best_params_ == {"lr": 1e-2, "module__dropout": 0.1}


def test_fitting_does_not_change_the_options_and_can_be_repeated():
    X, y = faces()
    net = learn.classifier("face-cnn", max_epochs=1, **TINY)
    before = {name: str(value) for name, value in net.get_params(deep=False).items()}
    first = net.fit(X, y).predict_proba(X)
    assert {name: str(value) for name, value in net.get_params(deep=False).items()} == before
    np.testing.assert_array_equal(net.fit(X, y).predict_proba(X), first)
    assert net.fit(X[y < 2], y[y < 2]).predict_proba(X).shape == (len(X), 2)  # the network follows the data


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="face-cnn, .* heart-lstm, heart-cnn, fusion"):
        learn.classifier("face_cnn")
    X, y = faces()
    with pytest.raises(ValueError, match="epochs"):
        learn.classifier("face-cnn", epochs=3, **TINY).fit(X, y)
    with pytest.raises(ValueError, match="schedule='step'"):
        learn.classifier("face-cnn", schedule="step", **TINY).fit(X, y)


# -- the small residual network ------------------------------------------------------------------------------

SMALL = dict(module__channels=(4, 8, 8, 12), device="cpu", batch_size=16, max_epochs=12)


@pytest.fixture(scope="module")
def small():
    return learn.classifier("small-resnet", **SMALL).fit(*faces(150, size=24))


def test_small_resnet_learns(small):
    X, y = faces(size=24, seed=1)
    assert small.score(X, y) > 0.85
    assert small.predict_proba(X).shape == (120, 3)
    assert isinstance(small.optimizer_, optim.Muon)


def test_small_resnet_repeats_and_resumes_bit_for_bit(tmp_path):
    X, y = faces(60, size=24)
    options = {**SMALL, "max_epochs": 4}
    whole, again = (learn.classifier("small-resnet", **options).fit(X, y).predict_proba(X) for _ in range(2))
    np.testing.assert_array_equal(again, whole)
    path = tmp_path / "small.safetensors"
    learn.classifier("small-resnet", checkpoint=path, callbacks=_interrupt_after(2), **options).fit(X, y)
    resumed = learn.classifier("small-resnet", checkpoint=path, **options).fit(X, y)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole)


@pytest.mark.parametrize("augment", [True, False, torch.Tensor.sqrt, dict(rotation=5, cutout=0.3)])
def test_sizes_grow_with_the_epochs(augment):
    X, y = faces(40, size=24)
    sides = []

    class Watched(nets.SmallResNet):
        def forward(self, x):
            sides.append(x.shape[3])
            return super().forward(x)

    options = {**SMALL, "batch_size": 40, "max_epochs": 4, "valid_size": 0, "augment": augment}
    net = learn.classifier("small-resnet", module=Watched, **options)
    net.fit(X, y)
    assert sides == [16, 16, 20, 24]
    sides.clear()
    net.set_params(sizes={0.01: 0.5, 1: 0.5}).fit(X, y)  # no smaller than the network can take
    assert sides == [16, 16, 24, 24]
    sides.clear()
    net.set_params(sizes=None).fit(X, y)
    net.predict(X)
    assert set(sides) == {24}
    sides.clear()
    net.set_params(sizes={2 / 3: 0.5, 1: 0.5}, max_epochs=1).fit(X, y)
    assert sides == [24]  # the full size comes last, however few epochs there are


@pytest.mark.parametrize("sizes", [{1: 0.5}, {1.5: 1}, {0: 1}, {0.5: -1, 1: 2}, (32, 48), {}])
def test_bad_sizes(sizes):
    X, y = faces()
    with pytest.raises(ValueError, match="add up to 1"):
        learn.classifier("small-resnet", sizes=sizes, **SMALL).fit(X, y)


def test_sizes_need_a_network_for_images_of_any_size():
    X, y = faces()
    with pytest.raises(ValueError, match="SmallResNet, not for FaceCNN"):
        learn.classifier("face-cnn", sizes={0.5: 0.5, 1: 0.5}, **TINY).fit(X, y)


# -- seeds ---------------------------------------------------------------------------------------------------


def test_same_seed_same_numbers_and_the_global_generator_is_left_alone():
    X, y = faces()
    options = {**TINY, "augment": True, "max_epochs": 2}
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    first = learn.classifier("face-cnn", random_state=1, **options).fit(X, y).predict_proba(X)
    assert torch.equal(torch.rand(1), expected)
    again = learn.classifier("face-cnn", random_state=1, **options).fit(X, y).predict_proba(X)
    other = learn.classifier("face-cnn", random_state=2, **options).fit(X, y).predict_proba(X)
    np.testing.assert_array_equal(first, again)
    assert not np.allclose(first, other)


# -- early stopping ------------------------------------------------------------------------------------------


def test_early_stopping_restores_the_best_epoch():
    X, y = faces(60)
    y = np.random.default_rng(0).permutation(y)  # nothing to learn: validation soon gets worse
    watched = []

    def remember(net, **kwargs):
        watched.append({name: value.clone() for name, value in net.module_.state_dict().items()})

    spy = type("Spy", (Callback,), {"on_epoch_end": lambda self, net, **kwargs: remember(net)})()
    net = learn.classifier("face-cnn", max_epochs=30, patience=3, schedule="constant", lr=1e-2,
                           monitor="valid_loss", valid_size=0.3, callbacks=[("spy", spy)], **TINY).fit(X, y)
    losses = net.history_[:, "valid_loss"]
    assert net.best_epoch_ == np.argmin(losses) + 1
    assert len(losses) == net.best_epoch_ + 3 < 30
    for name, value in net.module_.state_dict().items():
        assert torch.equal(value, watched[net.best_epoch_ - 1][name])
        if name == "head.weight":
            assert not torch.equal(value, watched[-1][name])


def test_validation_people_are_not_in_training(monkeypatch):
    X, y, groups = hearts()
    X[:, 0, 0] = np.unique(groups, return_inverse=True)[1]  # the first sample tells the person
    seen = {}

    def spy(self, dataset, training=False):
        seen["train" if training else "valid"] = set(dataset.tensors[0][:, 0, 0].tolist())
        return original(self, dataset, training)

    original = learn.EmotionClassifier.get_iterator
    monkeypatch.setattr(learn.EmotionClassifier, "get_iterator", spy)
    net = learn.classifier("heart-cnn", max_epochs=1, device="cpu").fit(X, y, groups=groups)
    assert seen["train"] and seen["valid"] and not seen["train"] & seen["valid"]
    training = X[np.isin(X[:, 0, 0], list(seen["train"]))]
    np.testing.assert_allclose(net.module_.scale.mean, training.mean((0, 1)), rtol=1e-5)  # nor in the scaling


def test_without_validation_all_epochs_run():
    X, y = faces(7)  # too few to hold some out; and a lone last sample would break batch normalisation
    net = learn.classifier("face-cnn", max_epochs=3, valid_size=0, **{**TINY, "batch_size": 3}).fit(X, y)
    assert net.best_epoch_ == len(net.history_) == 3
    assert "valid_loss" not in net.history_[0]


# -- schedules and weights -----------------------------------------------------------------------------------


@pytest.mark.parametrize("schedule, first_rises, last", [
    ("linear", True, 0.0), ("cosine", True, 0.0), ("one-cycle", True, 0.0), ("constant", False, 1.0)])
def test_schedules(schedule, first_rises, last):
    factors = [learn._schedule_factor(schedule, p, 0.1) for p in np.linspace(0, 1, 101)]
    assert max(factors) == pytest.approx(1, abs=0.01)
    assert (factors[0] < 0.01) == first_rises
    assert factors[-1] == pytest.approx(last, abs=1e-9)


def test_plateau_halves_the_rate():
    X, y = faces(60)
    y = np.random.default_rng(0).permutation(y)
    net = learn.classifier("face-cnn", max_epochs=8, schedule="plateau", patience=6, monitor="valid_loss",
                           valid_size=0.3, lr=1e-2, **TINY).fit(X, y)
    rates, losses = net.history_[:, "lr"], net.history_[:, "valid_loss"]
    best = np.argmin(losses)
    assert rates[0] == 1e-2
    assert rates[best + 3] == rates[best] / 2  # two epochs (a third of patience) without improvement


def test_class_weights_favour_the_rare_class():
    rng = np.random.default_rng(0)
    y = (np.arange(200) % 10 == 0).astype(int)
    X = 70 + 3 * y[:, None, None] + rng.normal(0, 2, (200, 1, 1)) + rng.normal(0, 0.1, (200, 8, 1))
    rare = {}
    for weight, expected in ((None, None), ("balanced", [200 / 360, 200 / 40]), ({1: 5.0}, [1, 5])):
        net = learn.classifier("heart-cnn", max_epochs=4, batch_size=8, lr=1e-2, class_weight=weight,
                               device="cpu")
        net.fit(X, y)
        assert expected is None or net.criterion_.weight.tolist() == pytest.approx(expected)
        rare[str(weight)] = net.predict_proba(X)[:, 1].mean()
    assert rare["balanced"] > rare["None"] + 0.1
    assert rare["{1: 5.0}"] > rare["None"] + 0.1


# -- batches and augmentation --------------------------------------------------------------------------------


@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_are_those_of_a_data_loader(shuffle):
    data = TensorDataset(torch.arange(22), torch.arange(22) % 3)
    sampler = RandomSampler(data, generator=torch.Generator().manual_seed(3)) if shuffle else None
    ours = learn.Batches(*data.tensors, batch_size=5, shuffle=shuffle,
                         generator=torch.Generator().manual_seed(3))
    assert len(ours) == 5
    for (x, y), (x_expected, y_expected) in zip(ours, DataLoader(data, 5, sampler=sampler), strict=True):
        assert torch.equal(x, x_expected) and torch.equal(y, y_expected)
    second = torch.cat([x for x, _ in ours])  # each pass has all samples; shuffled, in a new order
    assert torch.equal(second.sort().values, data.tensors[0])
    assert torch.equal(second, torch.arange(22)) != shuffle


def test_a_lone_last_sample_is_left_out_of_training_only():
    x = torch.arange(11)
    assert [len(b) for b, _ in learn.Batches(x, x, batch_size=5, shuffle=True)] == [5, 5]
    assert [len(b) for b, _ in learn.Batches(x, x, batch_size=5)] == [5, 5, 1]


def test_augmentation_keeps_shape_and_range():
    x = torch.rand(32, 1, 24, 24)
    torch.manual_seed(0)
    out = learn.augment_faces(x, rotation=30, zoom=0.3, shift=0.3, brightness=1)
    assert out.shape == x.shape and out.min() >= 0 and out.max() <= 1
    assert not torch.allclose(out, x)


def test_augmentation_does_what_it_says():
    x = torch.rand(64, 1, 16, 16)
    still = dict(flip=0, rotation=0, zoom=0, shift=0, brightness=0)
    torch.testing.assert_close(learn.augment_faces(x, **still), x.clamp_min(1e-3), atol=1e-5, rtol=0)
    torch.testing.assert_close(learn.augment_faces(x, **{**still, "flip": 1}), x.flip(3).clamp_min(1e-3),
                               atol=1e-5, rtol=0)
    gamma = learn.augment_faces(x, **{**still, "brightness": 0.3}).log() / x.clamp_min(1e-3).log()
    assert 0.74 < gamma[:, 0, 5, 5].min() < 0.9 and 1.1 < gamma[:, 0, 5, 5].max() < 1.36
    whole = learn.augment_faces(F.interpolate(x, scale_factor=2), **still, size=[16, 16])
    torch.testing.assert_close(whole, x.clamp_min(1e-3), atol=1e-5, rtol=0)
    spot = torch.zeros(64, 1, 33, 33)
    spot[:, :, 16, 26] = 1  # ten pixels right of the centre: turned by at most 20 degrees it stays ten away
    turned = learn.augment_faces(spot, **{**still, "rotation": 20})
    place = turned.flatten(1).argmax(1)
    dy, dx = place // 33 - 16, place % 33 - 16
    assert ((dx.float() ** 2 + dy.float() ** 2).sqrt() - 10).abs().max() < 1.5
    assert dy.min() <= -2 and dy.max() >= 2 and dy.abs().max() <= 4


def test_cutout_fills_squares_with_the_mean():
    x = torch.rand(200, 3, 32, 24)
    torch.manual_seed(0)
    out = learn.augment_faces(x, flip=0, rotation=0, zoom=0, shift=0, brightness=0, cutout=0.5)
    filled = ((out - x.mean((1, 2, 3), keepdim=True)).abs() < 1e-4).all(1)
    sides = filled.any(2).sum(1), filled.any(1).sum(1)
    assert (sides[0] * sides[1] == filled.sum((1, 2))).all()  # each is one rectangle
    assert 12 < sides[0].max() <= 16 and 9 < sides[1].max() <= 12
    assert filled.any((1, 2)).float().mean() > 0.9 and sides[0].min() < 3
    left = ~filled[:, None].expand(x.shape)
    torch.testing.assert_close(out[left], x.clamp_min(1e-3)[left], atol=1e-4, rtol=0)


def test_augmentation_reaches_training_but_never_prediction():
    X, y = faces()
    shapes = []

    def spy(batch):
        shapes.append(tuple(batch.shape))
        return batch

    net = learn.classifier("face-cnn", max_epochs=1, **{**TINY, "augment": spy}).fit(X, y)
    assert sum(s[0] for s in shapes) == 108  # 90 % of 120, each once
    net.predict(X)
    assert sum(s[0] for s in shapes) == 108


def test_flip_averages_the_mirror_image(fitted):
    X, _ = faces(seed=2)
    expected = (fitted.predict_proba(X) + fitted.predict_proba(X[:, :, ::-1])) / 2
    np.testing.assert_allclose(fitted.predict_proba(X, flip=True), expected, atol=1e-6)
    X, y, _ = hearts()
    net = learn.classifier("heart-cnn", max_epochs=1, device="cpu").fit(X, y)
    for view in (dict(flip=True), dict(shift=1)):
        with pytest.raises(ValueError, match="mirror"):
            net.predict_proba(X, **view)


def test_shifted_views_are_averaged(fitted):
    X, _ = faces(20, seed=2)
    wide = np.pad(X, ((0, 0), (2, 2), (2, 2)), mode="reflect")
    views = [wide[:, 2 + down:18 + down, 2 + right:18 + right]
             for down, right in ((0, 0), (-2, 0), (2, 0), (0, -2), (0, 2))]
    shifted = np.mean([fitted.predict_proba(view) for view in views], axis=0)
    np.testing.assert_allclose(fitted.predict_proba(X, shift=2), shifted, atol=1e-6)
    both = np.mean([fitted.predict_proba(view, flip=True) for view in views], axis=0)
    np.testing.assert_allclose(fitted.predict_proba(X, flip=True, shift=2), both, atol=1e-6)
    for shift in (-1, 0.5, 16):
        with pytest.raises(ValueError, match="whole number of pixels"):
            fitted.predict_proba(X, shift=shift)


# -- the papers' classifiers ---------------------------------------------------------------------------------


def shades(n=64, size=32, seed=0):
    """The easiest faces: dark or bright, under noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    return (rng.integers(0, 100, (n, size, size)) + 120 * y[:, None, None]).astype(np.uint8), y


class Swift(Callback):
    """Running statistics that follow within the few steps that a test has."""

    def on_train_begin(self, net, **kwargs):
        for module in net.module_.modules():
            if hasattr(module, "momentum"):
                module.momentum = 0.5


@pytest.mark.parametrize("name, n, size, batch_size, epochs", [
    ("five-block-cnn", 64, 32, 16, 8), ("mobilenet-v1", 64, 32, 16, 4), ("densenet121-gru", 32, 32, 8, 3),
    ("vgg16-gru", 32, 32, 8, 3), ("xception-gru", 32, 39, 8, 4)])
def test_every_name_learns(name, n, size, batch_size, epochs):
    net = learn.classifier(name, max_epochs=epochs, batch_size=batch_size, valid_size=0, device="cpu",
                           callbacks=[("swift", Swift())])
    net = clone(net).fit(*shades(n, size))
    X, y = shades(40, size, seed=1)
    assert net.score(X, y) > 0.8
    assert net.features(X).shape == (40, net.module_.head.in_features)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(net)).predict_proba(X), net.predict_proba(X))


def test_recipes_of_the_papers():
    for name in ("five-block-cnn", "mobilenet-v1"):
        net = learn.classifier(name, device="cpu")
        assert (net.batch_size, net.max_epochs, net.patience, net.monitor) == (32, 70, 15, "valid_loss")
        assert (net.lr, net.schedule, net.optimizer) == (1e-3, "constant", torch.optim.Adam)


def test_importing_does_not_import_timm():
    code = "import affectkit.learn, sys; sys.exit('timm' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_small_images_are_refused_with_the_least_size():
    with pytest.raises(ValueError, match="32 x 32"):
        learn.classifier("five-block-cnn", device="cpu").fit(*faces())
    with pytest.raises(ValueError, match="39 x 39"):
        learn.classifier("xception-gru", device="cpu").fit(*faces())


def test_a_frozen_base_is_kept_and_resumes(tmp_path):
    X, y = shades()
    base = nets.MobileNetV1(2, 1, 32).base.net.state_dict()
    torch.save(base, tmp_path / "weights.pt")
    options = dict(module__weights=tmp_path / "weights.pt", module__frozen=True, max_epochs=3, lr=1e-2,
                   device="cpu")
    whole = learn.classifier("mobilenet-v1", **options).fit(X, y)
    for name, value in whole.module_.base.net.state_dict().items():
        assert torch.equal(value, base[name]), name
    path = tmp_path / "run.safetensors"
    learn.classifier("mobilenet-v1", checkpoint=path, callbacks=_interrupt_after(1), **options).fit(X, y)
    resumed = learn.classifier("mobilenet-v1", checkpoint=path, **options).fit(X, y)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    assert resumed.history_[:, "valid_loss"] == whole.history_[:, "valid_loss"]


def test_large_pictures_are_predicted_in_small_batches(fitted):
    def sizes(*shape):
        x = torch.zeros(200, *shape)
        return {len(batch) for batch, _ in fitted.get_iterator(TensorDataset(x, torch.zeros(200)))}

    assert max(sizes(1, 48, 48)) == max(sizes(60, 1)) == 128
    assert max(sizes(3, 100, 100)) == 52 and max(sizes(1, 300, 300)) == 5


# -- heads that are support vector machines ------------------------------------------------------------------


def test_hinge_loss_is_one_against_the_rest():
    rng = np.random.default_rng(0)
    scores, y = rng.normal(0, 2, (50, 4)), np.arange(50) % 4
    each = [hinge_loss(y == k, scores[:, k]) for k in range(4)]
    x, target = torch.tensor(scores), torch.tensor(y)
    assert learn.HingeLoss()(x, target).item() == pytest.approx(np.mean(each))
    terms = np.maximum(0, 1 - np.where(np.eye(4)[y], scores, -scores))
    assert learn.HingeLoss(squared=True)(x, target).item() == pytest.approx((terms ** 2).mean())
    weight = torch.tensor([1.0, 0, 0, 3])
    expected = np.average(terms.mean(1), weights=weight[target])
    assert learn.HingeLoss(weight=weight)(x, target).item() == pytest.approx(expected)
    with pytest.raises(ValueError, match="label_smoothing=0.1.*hard labels"):
        learn.HingeLoss(label_smoothing=0.1)


@pytest.mark.parametrize("squared", [False, True])
@pytest.mark.parametrize("l1, l2", [(0.01, 0), (0, 0.01), (0.01, 0.01)])
def test_svm_heads_train_with_the_network(squared, l1, l2):
    X, y = shades()
    net = learn.classifier("five-block-cnn", criterion=learn.HingeLoss, criterion__squared=squared,
                           head_l1=l1, head_l2=l2, max_epochs=6, batch_size=16, valid_size=0, device="cpu",
                           callbacks=[("swift", Swift())]).fit(X, y)
    assert net.score(X, y) > 0.9
    np.testing.assert_allclose(net.predict_proba(X).sum(1), 1, rtol=1e-5)
    weights, scores, target = net.module_.head.weight, torch.zeros(2, 2), torch.tensor([0, 1])
    penalty = net.get_loss(scores, target, training=True) - net.get_loss(scores, target)
    assert penalty.item() == pytest.approx((l1 * weights.abs() + l2 * weights ** 2).sum().item(), rel=1e-4)


def test_a_penalty_shrinks_the_head():
    X, y = faces()
    sizes = [learn.classifier("face-cnn", max_epochs=3, lr=1e-2, **TINY, **penalty).fit(X, y)
             .module_.head.weight.abs().sum().item() for penalty in ({}, {"head_l1": 0.1}, {"head_l2": 0.1})]
    assert sizes[1] < 0.7 * sizes[0] and sizes[2] < 0.9 * sizes[0]


def test_an_svm_on_frozen_features(fitted):
    X, y = faces(seed=1)
    before = fitted.module_.head.weight.clone()
    svm = make_pipeline(learn.Features(FrozenEstimator(fitted)), StandardScaler(), LinearSVC())
    assert cross_val_score(svm, X, y, cv=3).mean() > 0.85
    assert torch.equal(fitted.module_.head.weight, before)
    np.testing.assert_array_equal(svm[0].fit(X, y).transform(X), fitted.features(X))
    x = fitted._as_tensor(X) / 255
    torch.testing.assert_close(torch.tensor(fitted.features(X)), fitted.module_.features(x).detach())


def test_features_of_a_bare_network_are_learned_where_the_pipeline_is_fitted(fitted):
    X, y = faces()
    with pytest.raises(NotFittedError):
        learn.Features(fitted).transform(X)
    learned = learn.Features(learn.classifier("face-cnn", max_epochs=1, **TINY))
    groups = np.arange(len(y)) // 6 % 6
    pipe = make_pipeline(learned, LinearSVC()).fit(X, y, features__groups=groups)
    assert pipe[0].net_ is not learned.net and pipe.predict(X).shape == y.shape
    with pytest.raises(ValueError, match="same size"):
        pipe.predict(X[:, :12, :12])


# -- interrupt and resume ------------------------------------------------------------------------------------


def _interrupt_after(epoch):
    class Interrupt(Callback):
        def on_batch_end(self, net, training=False, **kwargs):
            if training and len(net.history) == epoch + 1:
                raise KeyboardInterrupt  # in the middle of the next epoch

    return [("interrupt", Interrupt())]


@pytest.mark.parametrize("schedule", ["linear", "plateau"])
def test_resuming_gives_the_unbroken_run(tmp_path, schedule):
    X, y = faces()
    options = {**TINY, "augment": True, "max_epochs": 5, "schedule": schedule, "patience": 3}
    whole = learn.classifier("face-cnn", **options).fit(X, y)
    path = tmp_path / "face.safetensors"
    broken = learn.classifier("face-cnn", checkpoint=path, callbacks=_interrupt_after(2), **options).fit(X, y)
    assert len(broken.history_) == 2  # usable: the half epoch is dropped
    assert broken.predict_proba(X).shape == (120, 3)
    resumed = learn.classifier("face-cnn", checkpoint=path, **options).fit(X, y)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    assert resumed.history_[:, "valid_loss"] == whole.history_[:, "valid_loss"]
    assert resumed.best_epoch_ == whole.best_epoch_
    again = learn.classifier("face-cnn", checkpoint=path, **options).fit(X, y)  # finished: nothing left to do
    np.testing.assert_array_equal(again.predict_proba(X), whole.predict_proba(X))
    assert [p.name for p in tmp_path.iterdir()] == ["face.safetensors"]


def test_a_foreign_checkpoint_is_refused(tmp_path):
    X, y = faces()
    path = tmp_path / "face.safetensors"
    learn.classifier("face-cnn", checkpoint=path, max_epochs=1, **TINY).fit(X, y)
    with pytest.raises(ValueError, match="other data or options"):
        learn.classifier("face-cnn", checkpoint=path, max_epochs=1, lr=0.5, **TINY).fit(X, y)
    with pytest.raises(ValueError, match="other data or options"):
        learn.classifier("face-cnn", checkpoint=path, max_epochs=1, **TINY).fit(X[::-1], y)
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match="delete it"):
        learn.classifier("face-cnn", checkpoint=path, max_epochs=1, **TINY).fit(X, y)


def test_progress_bar_only_when_asked(capfd):
    X, y = faces(30)
    learn.classifier("face-cnn", max_epochs=2, **TINY).fit(X, y)
    quiet = capfd.readouterr()
    assert quiet.out == quiet.err == ""
    learn.classifier("face-cnn", max_epochs=2, verbose=1, **TINY).fit(X, y)
    loud = capfd.readouterr()
    assert "epoch 2/2" in loud.out + loud.err and "valid_acc" in loud.out + loud.err


# -- bad input -----------------------------------------------------------------------------------------------


def test_bad_faces():
    X, y = faces()
    net = learn.classifier("face-cnn", max_epochs=1, **TINY)
    with pytest.raises(ValueError, match=r"shape \(n, h, w\)"):
        net.fit(X.reshape(len(X), -1), y)
    with pytest.raises(ValueError, match="square"):
        net.fit(X[:, :10], y)
    with pytest.raises(ValueError, match="0 to 1"):
        net.fit(X.astype(float), y)
    with pytest.raises(ValueError, match="0 to 1"):
        net.fit(np.where(X == X.max(), np.nan, X / 255), y)
    with pytest.raises(ValueError, match="120 samples, but y has the shape"):
        net.fit(X, y[:-1])
    with pytest.raises(ValueError, match="groups has the shape"):
        net.fit(X, y, groups=[1, 2])
    with pytest.raises(ValueError, match="one label"):
        net.fit(X, np.zeros(len(X)))
    with pytest.raises(ValueError, match="set valid_size=0"):
        net.fit(X[:70], np.r_[y[:69], 9])  # one sample of class 9
    with pytest.raises(ValueError, match="one person"):
        net.fit(X, y, groups=np.zeros(len(X)))
    with pytest.raises(ValueError, match="nobody is left"):
        net.fit(X, y, groups=y)  # each person shows one emotion
    net.fit(X, y)
    with pytest.raises(ValueError, match="same size"):
        net.predict(X[:, :12, :12])


def test_bad_hearts():
    X, y, _ = hearts()
    net = learn.classifier("heart-cnn", max_epochs=1, device="cpu")
    with pytest.raises(ValueError, match=r"X\[:, :, None\]"):
        net.fit(X[:, :, 0], y)
    with pytest.raises(ValueError, match="2 of 120 signals .* number 7"):
        X[[7, 9], 3] = np.nan
        net.fit(X, y)
    X, y, _ = hearts()
    with pytest.raises(ValueError, match="augment=True is for faces"):
        learn.classifier("heart-cnn", augment=True, max_epochs=1, device="cpu").fit(X, y)


def test_predict_before_fit():
    with pytest.raises(NotInitializedError):
        learn.classifier("face-cnn", **TINY).predict(faces()[0])




def test_interrupted_in_the_first_epoch(tmp_path):
    X, y = faces()
    net = learn.classifier("face-cnn", callbacks=_interrupt_after(0), max_epochs=3, **TINY).fit(X, y)
    assert len(net.history_) == 0 and net.best_epoch_ == 0
    assert np.isfinite(net.predict_proba(X)).all()


def test_divergence_is_explained():
    X, y = faces()
    with pytest.raises(FloatingPointError, match="Lower lr"):
        learn.classifier("face-cnn", max_epochs=4, **{**TINY, "half": False, "lr": 1e30}).fit(X, y)


def test_a_checkpoint_is_not_continued_with_other_people_held_out(tmp_path):
    X, y = faces()
    path, groups = tmp_path / "face.safetensors", np.arange(len(y)) // 6 % 6
    learn.classifier("face-cnn", checkpoint=path, max_epochs=1, **TINY).fit(X, y)
    with pytest.raises(ValueError, match="other data or options"):
        learn.classifier("face-cnn", checkpoint=path, max_epochs=1, **TINY).fit(X, y, groups=groups)
    with pytest.raises(ValueError, match="other data or options"):
        names = np.array(["a", "b", "c"])[y]
        learn.classifier("face-cnn", checkpoint=path, max_epochs=1, **TINY).fit(X, names)
    with pytest.raises(ValueError, match="random_state"):
        learn.classifier("face-cnn", checkpoint=path, max_epochs=1, random_state=None, **TINY).fit(X, y)
    with pytest.raises(FileNotFoundError, match="folder"):
        learn.classifier("face-cnn", checkpoint=tmp_path / "no" / "x", max_epochs=1, **TINY).fit(X, y)


# -- pairs of a face and a signal ----------------------------------------------------------------------------

FUSED = dict(module__face_options=dict(channels=(4, 6, 8), hidden=16), module__signal_options=dict(hidden=8),
             module__hidden=16, device="cpu", augment=False, batch_size=16, lr=5e-3)


def pairs(people=8, each=20, seed=0):
    """Four classes: the face tells one bit, a bar above or below, the heart the other, slow or fast."""
    rng = np.random.default_rng(seed)
    y = np.tile(np.arange(each) % 4, people)
    face = rng.integers(0, 120, (len(y), 16, 16))
    for image, low in zip(face, y % 2, strict=True):
        image[8 * low:][:3] += 120
    signal = 65 + 14 * (y // 2)[:, None, None] + rng.normal(0, 2, (len(y), 30, 1))
    groups = np.repeat([f"S{k:02}" for k in range(people)], each)
    return SliceDict(face=face.astype(np.uint8), signal=signal.astype(np.float32)), y, groups


def without(X, name, rows=slice(None)):
    part = X[name] / np.float32(255) if name == "face" else X[name].copy()
    part[rows] = np.nan
    return SliceDict(**{**X, name: part})


@pytest.mark.parametrize("fusion", ["hybrid", "early", "late", "gated"])
def test_fused_beats_either_and_does_without_one(fusion):
    X, y, groups = pairs()
    X_new, y_new, _ = pairs(seed=1)
    net = learn.classifier("fusion", module__fusion=fusion, module__modality_dropout=0.3, max_epochs=20,
                           **FUSED)
    net.fit(X, y, groups=groups)
    assert net.score(X_new, y_new) > 0.9
    for name in ("face", "signal"):  # either tells one bit of two: half of the answers can be right
        alone = without(X_new, name)
        proba = net.predict_proba(alone)
        assert np.isfinite(proba).all()
        assert 0.35 < accuracy_score(y_new, proba.argmax(1)) < 0.65
    some = net.predict_proba(without(X_new, "face", slice(0, 5)))
    np.testing.assert_allclose(some[5:], net.predict_proba(X_new)[5:], atol=1e-5)


def test_pairs_speak_scikit_learn():
    X, y, groups = pairs(people=6)
    net = learn.classifier("fusion", max_epochs=2, class_weight="balanced", **FUSED)
    found = validate(net, X, y, groups=groups, cv=GroupKFold(2), params={"groups": groups},
                           error_score="raise", return_estimator=True)
    assert len(found["test_score"]) == 2
    assert found["estimator"][0].criterion_.weight.tolist() == pytest.approx([1, 1, 1, 1])
    search = GridSearchCV(net, {"module__fusion": ["late", "gated"], "lr": [1e-6]}, cv=GroupKFold(2),
                          error_score="raise").fit(X, y, groups=groups)
    assert search.best_params_["lr"] == 1e-6
    with pytest.raises(ValueError, match="greater than the number of groups: 6"):
        validate(net, X, y, groups=groups, cv=GroupKFold(7), error_score="raise")


def test_pairs_repeat_and_resume(tmp_path):
    X, y, groups = pairs()
    X = without(X, "face", slice(0, 9))
    options = {**FUSED, "augment": True, "max_epochs": 3, "mixup": 0.2, "module__modality_dropout": 0.3}
    whole = learn.classifier("fusion", **options).fit(X, y, groups=groups)
    path = tmp_path / "pair.safetensors"
    broken = learn.classifier("fusion", checkpoint=path, callbacks=_interrupt_after(1), **options)
    assert len(broken.fit(X, y, groups=groups).history_) == 1
    resumed = learn.classifier("fusion", checkpoint=path, **options).fit(X, y, groups=groups)
    np.testing.assert_array_equal(resumed.predict_proba(X), whole.predict_proba(X))
    with pytest.raises(ValueError, match="other data or options"):
        other = SliceDict(face=X["face"], signal=X["signal"] + 1)
        learn.classifier("fusion", checkpoint=path, **options).fit(other, y, groups=groups)


def test_mixtures_of_pairs_keep_what_only_one_has():
    gap = torch.full((1,), torch.nan)
    x, partner = (learn.Pairs(face=torch.cat(face), signal=torch.cat(signal)) for face, signal in (
        ((torch.ones(1), torch.ones(1)), (gap, torch.ones(1))), ((gap, gap), (torch.zeros(2).split(1)))))
    mixed = learn._mixed(partner, x, 0.25)
    assert mixed["face"].tolist() == [1, 1]
    assert mixed["signal"].isnan().tolist() == [True, False] and mixed["signal"][1] == 0.25
    X, y, _ = pairs(people=4)
    X = without(without(X, "face", slice(0, 30)), "signal", slice(30, 60))
    net = learn.classifier("fusion", mixup=1.0, max_epochs=2, module__fusion="gated",
                           module__modality_dropout=0.3, **FUSED).fit(X, y)
    assert np.isfinite(net.history_[:, "train_loss"]).all()


def test_of_pairs_the_faces_are_augmented_and_mirrored():
    X, y, _ = pairs(people=3)
    seen = []

    def spy(batch):
        seen.append(tuple(batch.shape[1:]))
        return batch

    net = learn.classifier("fusion", max_epochs=1, **{**FUSED, "augment": spy}).fit(X, y)
    assert set(seen) == {(1, 16, 16)}
    mirrored = SliceDict(face=X["face"][:, :, ::-1], signal=X["signal"])
    expected = (net.predict_proba(X) + net.predict_proba(mirrored)) / 2
    np.testing.assert_allclose(net.predict_proba(X, flip=True), expected, atol=1e-6)


def test_scaling_of_pairs_comes_from_the_hearts_that_are_there():
    X, y, _ = pairs(people=3)
    X = without(X, "signal", slice(0, 10))
    net = learn.classifier("fusion", max_epochs=1, valid_size=0, module__modality_dropout=0.1, **FUSED)
    mean = net.fit(X, y).module_.scale.mean
    np.testing.assert_allclose(mean, X["signal"][10:].mean((0, 1)), rtol=1e-5)


def test_bad_pairs():
    X, y, _ = pairs(people=3)
    net = learn.classifier("fusion", max_epochs=1, **FUSED)
    with pytest.raises(ValueError, match=r"plain dict.*SliceDict\(\*\*X\)"):
        net.fit(dict(X), y)
    with pytest.raises(ValueError, match="60 faces and 59 signals"):
        net.fit(dict(X, signal=X["signal"][:-1]), y)
    with pytest.raises(ValueError, match="'face', 'pulse'; fusion takes .*pairs.fused"):
        net.fit(SliceDict(face=X["face"], pulse=X["signal"]), y)
    with pytest.raises(ValueError, match="X is a ndarray"):
        net.fit(X["face"], y)
    with pytest.raises(ValueError, match="faces alone.*fusion"):
        learn.classifier("face-cnn", **TINY).fit(X, y)
    with pytest.raises(ValueError, match="8 x 8"):
        net.fit(SliceDict(face=X["face"][:, :7, :7], signal=X["signal"]), y)
    with pytest.raises(ValueError, match=r"2 of 60 samples have no signal .*is number 4.*dropout"):
        net.fit(without(X, "signal", [4, 9]), y)
    both = without(without(X, "signal", [4]), "face", [4, 5])
    with pytest.raises(ValueError, match="1 of 60 samples have neither .* number 4"):
        net.set_params(module__modality_dropout=0.5).fit(both, y)
    with pytest.raises(ValueError, match="No sample has a face"):
        net.fit(without(X, "face"), y)
    torn = without(X, "face", np.s_[3, :2])
    with pytest.raises(ValueError, match="none missing"):
        net.fit(torn, y)
    with pytest.raises(ValueError, match="before they are paired"):
        net.set_params(sampler=RandomOverSampler()).fit(X, y)
    with pytest.raises(ValueError, match="head_l1 and head_l2 are for networks with one head"):
        net.set_params(sampler=None, head_l2=0.01).fit(X, y)
    net.set_params(head_l2=0.0, module__modality_dropout=0.0).fit(X, y)
    with pytest.raises(ValueError, match="Trained on samples of shape .*same size"):
        net.predict(SliceDict(face=X["face"][:, :12, :12], signal=X["signal"]))
