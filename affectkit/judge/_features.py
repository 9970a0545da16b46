"""What pictures are compared by: the kit's own small network, any other network or function, or Inception."""

from functools import cache
from importlib import import_module

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from torch import nn

from .. import speed
from ..gans.shipped import checked, folder
from ..preprocess import faces

SIDE = 48  # pixels; the own network sees every picture in grey at this size
CHECKPOINT = "judge-faces.safetensors"
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")  # of the fer2013 card
REMAKE = "get a fresh copy, or make it anew by `python -m affectkit.judge` (some minutes)"


class Eye(nn.Module):
    """The kit's own judge of faces: pictures (n, 1, 48, 48), 0 to 1, to 64 features each.

    Light and contrast are left as they are, and fine texture has a short way to the features: a generator
    that gets either wrong has to be seen. `affectkit.judge.__main__` says what it learns.

    Parameters
    ----------
    n_tasks : int
        What else is read off the features in training: action units, pose, damage, a thumbnail.
    """

    def __init__(self, n_tasks):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(1, 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU())
        self.middle = self.stage(32, 64)
        self.top = nn.Sequential(
            self.stage(64, 128), nn.Conv2d(128, 128, 3, padding=1, bias=False), nn.BatchNorm2d(128), nn.ReLU()
        )
        self.embed = nn.Sequential(
            nn.Linear(32 + 64 + 2 * 128, 64, bias=False), nn.BatchNorm1d(64, affine=False)
        )  # each feature has a variance of 1
        self.head = nn.Linear(64, len(CLASSES))
        self.tasks = nn.Linear(64, n_tasks)

    @staticmethod
    def stage(before, after):
        conv = nn.Conv2d(before, after, 3, padding=1, bias=False)
        return nn.Sequential(conv, nn.MaxPool2d(2), nn.BatchNorm2d(after), nn.ReLU())

    def features(self, x):
        """Describe pictures (n, 1, 48, 48) by 64 numbers each."""
        fine = self.stem(x - 0.5)  # 48 => 24
        middle = self.middle(fine)  # => 12
        top = self.top(middle)  # => 6
        pooled = [fine.mean((2, 3)), middle.mean((2, 3)), top.mean((2, 3)), top.amax((2, 3))]
        return self.embed(torch.cat(pooled, 1))

    def forward(self, x):
        """Score pictures (n, 1, 48, 48): logits (n, 7) in the order of `CLASSES`."""
        return self.head(self.features(x))


def own():
    """The kit's own network, if its file is the one that was made, and the stamp of what made it.

    Returns
    -------
    net : Eye
    stamp : dict of str to str
    """
    path = folder() / CHECKPOINT
    return _load(path, checked(path, REMAKE))


@cache
def _load(path, digest):  # keyed by content: a network made anew is read anew
    try:
        with safe_open(path, "pt") as file:
            stamp, weights = file.metadata(), {name: file.get_tensor(name).float() for name in file.keys()}
        net = Eye(len(weights["tasks.bias"]))
        net.load_state_dict(weights)
    except (SafetensorError, KeyError, RuntimeError) as error:
        raise ValueError(f"{path} holds another network than this version's: {REMAKE}.") from error
    return speed.channels_last(net).eval().requires_grad_(False), stamp


def grey(images):
    """Pictures (n, h, w[, 3]) as grey ones (n, h, w), by the weights that Pillow takes (ITU-R 601)."""
    if images.ndim == 3:
        return images
    return images @ np.array([0.299, 0.587, 0.114]) if images.shape[-1] == 3 else images[..., 0]


def _input(images):
    """Pictures as the own network sees them: tensor (n, 1, 48, 48), 0 to 1."""
    return torch.as_tensor(grey(faces.resize(images, SIDE)), dtype=torch.float32)[:, None] / 255


def pixels(images):
    """The grey picture itself at 24 x 24 pixels: features that no network has bent."""
    return torch.nn.functional.avg_pool2d(_input(images), 2).flatten(1).numpy()


def describe(images, features="own"):
    """Describe pictures by vectors, which all distances are measured in.

    Parameters
    ----------
    images : uint8 array, shape (n, h, w) or (n, h, w, 3)
    features : "own", "pixels", "inception", torch.nn.Module or callable
        "own" is the kit's network (64 features of the picture in grey at 48 x 48), "pixels" that picture
        itself at 24 x 24. A module gets float tensors (n, channels, h, w), 0 to 1; its method ``features`` is
        used where it has one, as the kit's networks do. A callable gets `images` as they are. "inception"
        needs the package torch-fidelity and its weights.

    Returns
    -------
    float64 array, shape (n, k)
    """
    named = {"own": lambda x: _batches(own()[0].features, _input(x)), "pixels": pixels,
             "inception": lambda x: _inception()(x)}  # fmt: skip
    return vectors(_ask(features, "features", named, images), "features", len(images))


def probabilities(images, classifier="own"):
    """Say how sure a network is of each class.

    Parameters
    ----------
    images : uint8 array, shape (n, h, w) or (n, h, w, 3)
    classifier : "own", torch.nn.Module or callable
        "own" is the kit's network, which has learnt seven emotions from simulated faces, mirrored, moved and
        blurred a little. A module gives logits, a callable probabilities.

    Returns
    -------
    float64 array, shape (n, classes)
        "own": in the order of FER-2013's card.
    """
    found = _ask(classifier, "classifier", {"own": lambda x: _batches(own()[0], _input(x))}, images)
    if isinstance(classifier, str | nn.Module):
        found = torch.as_tensor(found).double().softmax(1)
    return check_probabilities(found, len(images))


def look(images, features, classifier):
    """Features and class probabilities of pictures as a dict; the own network looks once for both."""
    found = describe(images, features)
    if isinstance(features, str) and isinstance(classifier, str) and features == classifier == "own":
        logits = own()[0].head(torch.as_tensor(found, dtype=torch.float32))
        return dict(features=found, proba=check_probabilities(logits.double().softmax(1)))
    return dict(features=found, proba=probabilities(images, classifier))


def _ask(what, name, named, images):
    if isinstance(what, str):
        if what not in named:
            raise ValueError(
                f"{name}={what!r} is unknown: use {', '.join(named)}, a torch module or a function."
            )
        return named[what](images)
    if isinstance(what, nn.Module):
        return _module(what, getattr(what, name, what), images)  # a network's own .features, if it has them
    if callable(what):
        return what(images)
    raise ValueError(f"{name} must be a name, a torch module or a function, not {type(what).__name__}.")


def check_probabilities(proba, n=None):
    """Return probabilities as float64 (n, classes) whose rows sum to one, or say what is wrong with them."""
    proba = vectors(proba, "probabilities", n)
    total = proba.sum(1, keepdims=True)
    if (proba < -1e-6).any() or np.abs(total - 1).max() > 1e-3:
        raise ValueError("probabilities must not be negative, and every row must sum to 1.")
    return proba.clip(0) / proba.clip(0).sum(1, keepdims=True)


def vectors(x, name, n=None):
    """Return `x` as float64 (n, k) without NaN, or say what is wrong with it."""
    x = np.asarray(x.detach().cpu() if isinstance(x, torch.Tensor) else x, dtype=np.float64)
    if x.ndim != 2 or 0 in x.shape or n not in (None, len(x)):
        raise ValueError(f"{name} must be a vector a picture, ({'n' if n is None else n}, k), not {x.shape}.")
    bad = np.flatnonzero(~np.isfinite(x).all(1))
    if len(bad):
        raise ValueError(
            f"{name} holds NaN or infinite values in {len(bad)} rows, the first is row {bad[0]}."
        )
    return x


def _module(module, call, images):
    """What a torch module says of pictures as they are, in evaluation mode and where its weights lie."""
    x = torch.as_tensor(images)
    x = (x[:, None] if x.ndim == 3 else x.movedim(-1, 1)).float() / 255
    training, weight = module.training, next(module.parameters(), torch.empty(0))
    module.eval()
    try:
        return _batches(call, x, weight.device)
    finally:
        module.train(training)


@torch.inference_mode()
def _batches(call, x, device="cpu", size=256):
    return torch.cat([call(part.to(device)).cpu() for part in x.split(size)])


@cache
def _inception():
    """Inception's 2,048 features, which papers print FID with, from torch-fidelity (91 MB once)."""
    try:
        fidelity = import_module("torch_fidelity.feature_extractor_inceptionv3")
        # downloads once; torch-fidelity then reads that same file, proven here to hold tensors and no code
        torch.hub.load_state_dict_from_url(fidelity.URL_INCEPTION_V3, check_hash=True, weights_only=True)
        net = fidelity.FeatureExtractorInceptionV3("inception-v3-compat", ["2048"]).eval()
    except (ImportError, OSError, RuntimeError) as error:  # not installed, offline, a download cut short
        raise ValueError(
            'features="inception" needs `pip install "affectkit[inception]"`, and its weights online '
            f"once ({error}). The default needs neither."
        ) from error

    def call(images):  # it takes uint8 and resizes by itself
        x = torch.as_tensor(images)
        x = (x[:, None] if x.ndim == 3 else x.movedim(-1, 1)).expand(-1, 3, -1, -1)
        return _batches(lambda part: net(part)[0], x, size=32)

    return call
