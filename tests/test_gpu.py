"""What a CUDA GPU must do as the processor does; without one, each test says so and skips."""

from functools import partial

import numpy as np
import pytest
import torch
from sklearn.frozen import FrozenEstimator
from skorch.helper import SliceDict

from affectkit import gans, learn, speed, twins
from affectkit.transfer import DiscriminatorFeatures, KernelSVM

# Convolutions there round to three digits (TF32): hence the tolerances.
pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU; torch finds none")


def faces(n=240, seed=0):
    """Toy faces: a bright bar at the top, in the middle or at the bottom, under noise."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 3
    images = rng.integers(0, 100, (n, 32, 32))
    for image, target in zip(images, y, strict=True):
        image[target * 10:][:6] += 150
    return images.astype(np.uint8), y


def hearts(n=240, seed=0):
    """Toy hearts: 65 or 85 beats a minute, each window at a level of its own."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    level = 65 + 20 * y + rng.normal(0, 2, n)
    return (level[:, None, None] + rng.normal(0, 1, (n, 30, 1))).astype(np.float32), y


def pairs(n=240, seed=0):
    """Six classes: the face tells which of three, the heart which of two."""
    (face, a), (signal, b) = faces(n, seed), hearts(n, seed)
    return SliceDict(face=face, signal=signal), a + 3 * b


DATA = {"face-cnn": faces, "small-resnet": faces, "heart-lstm": hearts, "heart-cnn": hearts, "fusion": pairs}


@pytest.mark.parametrize("name", DATA)
def test_a_network_learns_there_and_answers_here(name):
    assert speed.device("auto") == "cuda"
    (X, y), (new, target) = DATA[name](), DATA[name](seed=1)
    net = learn.classifier(name, device="auto", max_epochs=15, batch_size=16, random_state=0).fit(X, y)
    assert next(net.module_.parameters()).is_cuda
    assert net.score(new, target) > 0.85
    there = net.predict_proba(new)
    net.module_.to("cpu")
    net.set_params(device="cpu")
    np.testing.assert_allclose(net.predict_proba(new), there, atol=0.01)


SMALL = dict(image_size=32, width=8, latent_dim=8, batch_size=16, lr=2e-3, random_state=0)
SHORT = dict(length=30, width=8, latent_dim=3, batch_size=16, random_state=0)
GANS = {
    "DCGAN": partial(gans.DCGAN, **SMALL),
    "DCGAN, upsample": partial(gans.DCGAN, **SMALL, architecture="upsample", ema=0.9),
    "RGAN": partial(gans.RGAN, **SHORT),
    "RGAN, conv": partial(gans.RGAN, **SHORT, architecture="conv"),
    "RGAN, wgan-gp": partial(gans.RGAN, **SHORT, loss="wgan-gp"),  # cuDNN has no second derivative of an LSTM
}


@pytest.mark.parametrize("name", GANS)
def test_a_gan_trained_there_is_read_here(name, tmp_path):
    X, y = faces() if name.startswith("DCGAN") else hearts()
    gan = GANS[name](n_classes=int(y.max()) + 1, max_epochs=2).fit(X, y)
    assert next(gan.generator.parameters()).is_cuda
    gan.save(tmp_path / "gan")
    for device in ("cpu", "cuda"):
        read = type(gan).load(tmp_path / "gan", device=device)
        assert next(read.generator.parameters()).is_cuda == (device == "cuda")
        a, b = (np.asarray(one.sample(8, random_state=1), float) for one in (gan, read))
        np.testing.assert_allclose(a, b, atol=2 if X.dtype == np.uint8 else 0.01 * X.std())


def test_a_training_cut_short_goes_on_there(tmp_path):
    def cut(gan, info):
        if info["step"] == 9:
            raise KeyboardInterrupt

    X, _ = faces()
    make = partial(gans.DCGAN, **SMALL, max_epochs=None, max_steps=20, checkpoint=tmp_path / "gan")
    with pytest.raises(KeyboardInterrupt):
        make().fit(X, callbacks=[cut])
    seen = []
    gan = make().fit(X, callbacks=[lambda gan, info: seen.append(info["step"])])
    assert seen == list(range(10, 20)) and next(gan.generator.parameters()).is_cuda
    assert gan.steps_ == len(gan.history_) == 20


def test_features_and_a_svm_are_the_same_there():
    X, y = faces()
    gan = gans.DCGAN(**SMALL, max_epochs=1, device="cpu").fit(X)
    read = partial(DiscriminatorFeatures, FrozenEstimator(gan))
    here, there = (read(device=device).fit_transform(X) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(here, there, atol=0.05 * here.std())
    svm = partial(KernelSVM, normalise=True)
    a, b = (svm(device=device).fit(here[::2], y[::2] > 0) for device in ("cpu", "cuda"))
    np.testing.assert_allclose(*(one.decision_function(here[1::2]) for one in (a, b)), atol=0.05)


def test_drawn_faces_and_their_gradients_are_the_same_there():
    units = torch.rand(4, len(twins.faces.ACTION_UNITS), generator=torch.Generator().manual_seed(0))
    images, gradients = [], []
    for device in ("cpu", "cuda"):
        given = units.to(device, torch.float64).requires_grad_()
        drawn = twins.faces.draw(given, random_state=3)
        assert drawn.device.type == device
        images.append(drawn.detach().cpu())
        gradients.append(torch.autograd.grad((drawn**2).sum(), given)[0].cpu())
    torch.testing.assert_close(*images, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(*gradients, atol=1e-3, rtol=1e-3)


def test_faces_are_changed_alike_there():
    x = torch.rand(6, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    changed = []
    for device in ("cpu", "cuda"):
        torch.manual_seed(1)
        changed.append(learn.augment_faces(x.to(device), cutout=0.4).cpu())
    torch.testing.assert_close(*changed, atol=1e-4, rtol=1e-4)
