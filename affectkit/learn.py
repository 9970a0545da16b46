"""Training: `classifier` gives scikit-learn estimators around the networks of `affectkit.nets`.

Underneath is skorch. What is added: tensors that stay on the device and are indexed a whole batch at a time,
augmentation by batch, a learning-rate schedule, early stopping on a held-out part of the training data (whole
people where groups are given), restoring of the best epoch, resuming, and a progress bar.
"""

import hashlib
import inspect
import json
import math
import os
import tempfile
from pathlib import Path

import numpy as np
import torch
from sklearn.base import BaseEstimator, TransformerMixin, clone
from sklearn.model_selection import StratifiedGroupKFold, train_test_split
from sklearn.utils import get_tags
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.validation import check_is_fitted
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback, EarlyStopping, EpochTimer, PassthroughScoring
from skorch.helper import SliceDict
from torch import nn
from torch.nn import functional as F
from torch.utils.data import TensorDataset

from affectkit import nets, optim, speed
from affectkit.preprocess import signals

__all__ = ["Batches", "EmotionClassifier", "Features", "HingeLoss", "augment_faces", "classifier"]

ELECTRONICS2022 = dict(max_epochs=70, batch_size=32, lr=1e-3, patience=15, schedule="constant")  # lr assumed
KUMAR2024 = dict(max_epochs=40, batch_size=32, lr=3e-4, patience=10)  # the paper prints nothing of training
# What `classifier(name)` starts from. face-cnn's and small-resnet's settings were checked on a held-out part
# of FER-2013's training images, never on an official test split; the papers' networks have what they print.
# VGG16 has no batch normalisation: from scratch, 3e-4 leaves it with one answer for all faces, 1e-4 does not.
# small-resnet is best at the end, when its rate has fallen and its images have grown: patience must outlast
# the middle, where nothing seems to move.
RECIPES = {
    "face-cnn": dict(module=nets.FaceCNN, max_epochs=24, batch_size=64, lr=1e-3, patience=15, augment=True,
                     label_smoothing=0.1, monitor="valid_acc"),
    "five-block-cnn": dict(module=nets.FiveBlockCNN, **ELECTRONICS2022),
    "mobilenet-v1": dict(module=nets.MobileNetV1, **ELECTRONICS2022),
    "densenet121-gru": dict(module=nets.DenseNet121GRU, **KUMAR2024),
    "vgg16-gru": dict(module=nets.VGG16GRU, **KUMAR2024 | dict(lr=1e-4)),
    "xception-gru": dict(module=nets.XceptionGRU, **KUMAR2024),
    "heart-lstm": dict(module=nets.HeartLSTM, max_epochs=40, batch_size=64, lr=2e-3, patience=10),
    "heart-cnn": dict(module=nets.HeartCNN, max_epochs=40, batch_size=64, lr=2e-3, patience=10),
    "fusion": dict(module=nets.Fusion, max_epochs=24, batch_size=64, lr=1e-3, patience=15, augment=True),
    "small-resnet": dict(module=nets.SmallResNet, max_epochs=40, batch_size=256, lr=0.08, patience=200,
                         optimizer=optim.Muon, sizes={2 / 3: 0.5, 5 / 6: 0.25, 1: 0.25},
                         augment=dict(rotation=12, zoom=0.12, cutout=0.4), label_smoothing=0.1,
                         monitor="valid_acc"),
}


def classifier(name, *, device="auto", **options):
    """Make an untrained classifier with the kit's recipe for it.

    Parameters
    ----------
    name : str
        The network, for faces: "face-cnn" (hegh2025's three convolutions), "five-block-cnn"
        (electronics2022), "mobilenet-v1" (electronics2022, yousaf2025), "densenet121-gru", "vgg16-gru",
        "xception-gru" (kumar2024), "small-resnet" (a residual network with a modern recipe); for signals:
        "heart-lstm" (hegh2025's two layers), "heart-cnn" (a small rival); for pairs of both: "fusion"
        (hegh2025's hybrid; ``module__fusion="early"``, "late" or "gated" fuse otherwise).
    device : {"auto", "cpu", "cuda"}
        Where to train; "auto" takes a GPU if there is one.
    **options
        Anything of `EmotionClassifier` (``max_epochs``, ``batch_size``, ``lr``, ``patience``, ``augment``,
        ``class_weight``, ``schedule``, ``random_state``, ``verbose``, ...) and the network's own options as
        ``module__dropout`` and the like. ``module__weights`` and ``module__frozen`` give pretrained weights
        to "mobilenet-v1" and the hybrids: see `affectkit.nets.faces.Base`.

    Returns
    -------
    EmotionClassifier
        With ``fit(X, y, groups=None)``, ``predict`` and ``predict_proba``.

    Raises
    ------
    ValueError
        For an unknown name or device.

    Examples
    --------
    >>> import affectkit as ak
    >>> faces = ak.learn.classifier("face-cnn", max_epochs=2, device="cpu")
    >>> faces.max_epochs
    2
    """
    if name not in RECIPES:
        raise ValueError(f"There is no classifier named {name!r}; there are: {', '.join(RECIPES)}.")
    return EmotionClassifier(**{**RECIPES[name], **options}, device=speed.device(device))


class EmotionClassifier(NeuralNetClassifier):
    """A network as a scikit-learn classifier, with early stopping inside the training data.

    Parameters
    ----------
    module : type of torch.nn.Module
        A class of `affectkit.nets`. Number of classes, channels and image size are taken from the data.
    max_epochs, batch_size, lr : int, int, float
        Most epochs; samples a step; highest learning rate of `optimizer` (Adam).
    patience : int
        Stop when `monitor` has not improved for so many epochs. The best epoch's weights are restored in any
        case.
    monitor : {"valid_loss", "valid_acc"}
        What "improved" means.
    valid_size : float
        Share of the training data held out to watch, stratified by class and, if `fit` is given groups, by
        whole people. 0 trains on everything for all epochs and keeps the last one.
    schedule : {"linear", "cosine", "one-cycle", "plateau", "constant"}
        How the learning rate moves. The first two fall to zero after a warm-up; "one-cycle" warms up over 30
        %; "plateau" halves it each time `monitor` has stood still for a third of `patience`.
    warmup : float
        Share of all steps in which "linear" and "cosine" climb to `lr`.
    augment : bool, dict or callable
        True: `augment_faces` for faces (a dict gives its options). A function ``f(batch)`` gets each float
        batch and returns one of the same shape; it draws from torch's global generator, which `fit` seeds.
        Of pairs the faces alone are changed.
    sizes : None or dict
        Train on smaller faces first, which is faster (progressive resizing). Which share of the image's
        height and width in which share of the epochs: ``{2 / 3: 0.5, 1: 0.5}`` takes two thirds of them in
        the first half. Only for networks that take images of any size, such as `nets.SmallResNet`;
        predictions are always made at full size.
    class_weight : None, "balanced" or dict
        Weight of each class in the loss, as in scikit-learn.
    sampler : sampler of imbalanced-learn, optional
        Resamples the rows that are trained on, after those that are watched were held out: `balance`'s, or
        any other that takes samples as they are. In front of the classifier, in a pipeline, it would leave
        its own rows among those that stop the training. Not for pairs.
    label_smoothing : float
        Share of each label spread over all classes: labels of emotions are opinions.
    mixup : float
        Train on mixtures of two samples and of their labels, with shares from Beta(mixup, mixup) (Zhang et
        al. 2018); 0 mixes nothing.
    checkpoint : None or path
        File that keeps the whole state of training, written after every epoch. If it exists, `fit` resumes
        there, with the same result as if it had never stopped.
    half : bool
        Train in bfloat16 where the processor has it (predictions are always made in float32).
    random_state : int or None
        Seeds weights, order, augmentation and dropout. Same seed and thread count, same numbers; torch's
        global generator is left as it was.
    verbose : int
        1 shows a progress bar.
    criterion : type of torch.nn.CrossEntropyLoss
        The loss. It gets the weights of classes and the smoothing, and, where it takes a ``prior``, the share
        of each class in y, as the losses of `affectkit.balance` do. `HingeLoss` makes the head an SVM.
    head_l1, head_l2 : float
        What is added to the loss in training for each absolute value, and for each square, of the head's
        weights. electronics2022's SVM heads have 0.01: L1, L2, or both.
    **kwargs
        ``module__...``, ``optimizer__...`` and ``criterion__...`` go there; others to
        `skorch.NeuralNetClassifier`.

    Attributes
    ----------
    classes_ : ndarray
        The labels, sorted; columns of `predict_proba`.
    history_ : skorch.history.History
        A row an epoch: ``history_[:, ("train_loss", "valid_loss", "train_acc", "valid_acc", "lr", "dur")]``.
    best_epoch_ : int
        The epoch (from 1) whose weights are in use.
    module_ : torch.nn.Module
        The trained network.
    sampler_ : sampler
        As fitted, with `sampler`.
    """

    def __init__(self, module, *, max_epochs=40, batch_size=64, lr=1e-3, patience=10, monitor="valid_loss",
                 valid_size=0.1, schedule="linear", warmup=0.1, augment=False, sizes=None,
                 class_weight=None, sampler=None, label_smoothing=0.0, mixup=0.0, head_l1=0.0, head_l2=0.0,
                 checkpoint=None, half=True, random_state=0, optimizer=torch.optim.Adam,
                 criterion=nn.CrossEntropyLoss, train_split=None, verbose=0, **kwargs):
        super().__init__(module, criterion=criterion, optimizer=optimizer, lr=lr, max_epochs=max_epochs,
                         batch_size=batch_size, train_split=train_split, verbose=verbose, **kwargs)
        self.patience = patience
        self.monitor = monitor
        self.valid_size = valid_size
        self.schedule = schedule
        self.warmup = warmup
        self.augment = augment
        self.sizes = sizes
        self.class_weight = class_weight
        self.sampler = sampler
        self.label_smoothing = label_smoothing
        self.mixup = mixup
        self.head_l1 = head_l1
        self.head_l2 = head_l2
        self.checkpoint = checkpoint
        self.half = half
        self.random_state = random_state

    # -- scikit-learn's side ---------------------------------------------------------------------------------

    def fit(self, X, y, groups=None):
        """Train on faces or signals, stop early, restore the best epoch.

        Parameters
        ----------
        X : ndarray
            Faces: uint8 (n, h, w) or (n, h, w, 3), or float32 of the same shape with values 0 to 1. Signals:
            float32 (n, time, channels), finite, in physical units. Pairs: skorch's ``SliceDict(face=faces,
            signal=signals)``, see `datasets.pairs.fused`; a face or a signal that is missing is NaN in all
            its entries, which training takes with ``module__modality_dropout`` only.
        y : array of shape (n,)
            Labels of any kind (numbers, strings).
        groups : array of shape (n,), optional
            Person of each sample: validation people are then never in the training part.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Wrong dimensions, missing values, pairs of unequal number, images too small for the network, a
            single class, too few samples or people to hold some out, or a checkpoint of another run.
        FloatingPointError
            The loss is no number any more: training diverged.
        """
        x, y = self._as_tensor(X), np.asarray(y)
        groups = None if groups is None else np.asarray(groups)
        for name, values in (("y", y), ("groups", groups)):
            if values is not None and values.shape != (len(x),):
                raise ValueError(f"X has {len(x)} samples, but {name} has the shape {values.shape}; "
                                 f"give one entry a sample.")
        classes, target = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"All {len(y)} samples have the one label {classes.tolist()}: learning a "
                             "difference takes at least two classes.")
        if self.warm_start and self.initialized_ and not np.array_equal(classes, self.classes_):
            raise ValueError(f"warm_start continues with the classes {self.classes_.tolist()}, "
                             f"but y holds {classes.tolist()}.")
        if self.sampler is not None and not hasattr(self.sampler, "fit_resample"):
            raise ValueError(f"sampler={self.sampler!r} has no fit_resample: give a sampler of "
                             "imbalanced-learn or of affectkit.balance.")
        if isinstance(x, Pairs):
            self._check_pairs(x)
        if not 0 <= self.mixup < math.inf:
            raise ValueError(f"mixup={self.mixup!r} must be at least 0.")
        if self.sizes is not None:
            self._check_sizes()
        if self.checkpoint and self.random_state is None:
            raise ValueError("checkpoint needs a random_state: without one, a resumed run would hold out "
                             "other samples than it began with.")
        self.classes_inferred_ = classes
        self.groups_ = groups
        self.shape_ = _shape(x)
        self.seed_ = int(np.random.SeedSequence(self.random_state).generate_state(1)[0])
        self.prior_ = torch.from_numpy(np.bincount(target) / len(target)).float()
        self.weights_ = None
        if self.class_weight is not None:
            weights = compute_class_weight(self.class_weight, classes=classes, y=y)
            self.weights_ = torch.tensor(weights, dtype=torch.float32, device=self.device)
        if self.initialized_:  # warm_start keeps the weights, but epochs and schedule begin anew
            self.initialize_history()
        speed.tune()
        with own_randomness(self.seed_, self.device), self._cores():
            super().fit(x, torch.from_numpy(target), groups=groups)
        return self

    def predict_proba(self, X, *, flip=False, shift=0):
        """Give each class's probability.

        Parameters
        ----------
        X : ndarray
            As for `fit`.
        flip : bool
            Average over each face and its mirror image (test-time augmentation); not for signals.
        shift : int
            Average over each face and the four that are shifted by so many pixels up, down, left and right,
            their border filled by reflection; with `flip`, over ten views. Not for signals.

        Returns
        -------
        ndarray of shape (n, n_classes)
            The softmax of the network's scores. After `HingeLoss` it only ranks: its size means nothing until
            it is calibrated (`sklearn.calibration.CalibratedClassifierCV`).
        """
        x = self._as_known(X)
        if (flip or shift) and self.module.modality == "signals":
            raise ValueError("flip=True mirrors images and shift moves them; signals have no mirror image.")
        side = self.shape_["face"][-1] if isinstance(x, Pairs) else self.shape_[-1]
        if shift not in range(side):
            raise ValueError(f"shift={shift!r} must be a whole number of pixels, below the image's size.")
        moves = [(0, 0), (-shift, 0), (shift, 0), (0, -shift), (0, shift)] if shift else [(0, 0)]
        views = [(move, mirrored) for move in moves for mirrored in ([False, True] if flip else [False])]
        predict = super().predict_proba  # a generator has no super() of its own
        with self._cores():
            return sum(predict(_view(x, *view)) for view in views) / len(views)

    def predict(self, X):
        """Give each sample's most probable label, as an array of shape (n,)."""
        columns = self.predict_proba(X).argmax(1)
        return self.classes_[columns]

    def features(self, X):
        """Describe samples by what the network's head reads, as an array of shape (n, n_features)."""
        data = self.get_dataset(self._as_known(X))
        self.module_.eval()
        with torch.inference_mode(), self._cores():
            rows = [self.module_.features(x).cpu() for x, _ in self.get_iterator(data)]
        return torch.cat(rows).numpy()

    def set_params(self, **params):
        """Set options; ``sampler__...`` go to the sampler, which skorch does not know."""
        own = {name: params.pop(name) for name in list(params) if name.startswith("sampler__")}
        super().set_params(**params)
        if own:
            self.sampler.set_params(**{name.removeprefix("sampler__"): value for name, value in own.items()})
        return self

    # -- what skorch asks for --------------------------------------------------------------------------------

    @property
    def _default_callbacks(self):
        callbacks = [
            ("epoch_timer", EpochTimer()),
            ("train_loss", PassthroughScoring("train_loss", on_train=True)),
            ("train_acc", PassthroughScoring("train_acc", on_train=True, lower_is_better=False)),
            ("schedule", LearningRate()),
            ("diverged", Diverged()),
        ]
        if self.valid_size:
            callbacks += [
                ("valid_loss", PassthroughScoring("valid_loss")),
                ("valid_acc", PassthroughScoring("valid_acc", lower_is_better=False)),
                ("early_stopping", Stopping(
                    self.monitor, patience=self.patience, lower_is_better=self.monitor.endswith("loss"),
                    threshold=0, load_best=True, sink=_quiet)),
            ]
        if self.checkpoint:
            callbacks.append(("checkpoint", Resume(self.checkpoint)))
        if self.verbose:
            callbacks.append(("progress", Progress()))
        return callbacks

    def initialize_module(self):
        shape, known = self.shape_, {}
        face, signal = shape.values() if self.module.modality == "pairs" else (shape, shape)
        if self.module.modality != "signals":
            known |= {"in_channels": face[0], "image_size": face[1]}
        if self.module.modality != "faces":
            known |= {"n_channels": signal[1]}
        options = {"n_classes": len(self.classes_), **known, **self.get_params_for("module")}
        self.module_ = speed.channels_last(self.initialized_instance(self.module, options))
        return self

    def initialize_criterion(self):
        options = {"weight": self.weights_, "label_smoothing": self.label_smoothing}
        if "prior" in inspect.signature(self.criterion).parameters:
            options["prior"] = self.prior_.to(self.device)
        self.criterion_ = self.criterion(**options, **self.get_params_for("criterion"))
        return self

    def check_data(self, X, y=None):
        pass  # `fit` has checked

    def get_dataset(self, X, y=None):
        if isinstance(X, TensorDataset):
            return X
        y = torch.zeros(len(X), dtype=torch.int64) if y is None else y
        return TensorDataset(X.to(self.device), y.to(self.device))

    def get_split_datasets(self, X, y, groups=None):
        data = self.get_dataset(X, y)
        if not self.valid_size:
            train, valid = np.arange(len(y)), None
        else:
            train, valid = _split(np.asarray(y), groups, self.valid_size, self.seed_, self.classes_)
        if len(train) < 2:
            raise ValueError("Batch normalisation needs at least two training samples.")
        train = TensorDataset(*self._resample(*data[torch.as_tensor(train)]))
        valid = None if valid is None else TensorDataset(*data[torch.as_tensor(valid)])
        if self.module.modality != "faces":  # statistics come from the training part alone
            x = train.tensors[0]
            windows = x["signal"][~_missing(x["signal"])] if isinstance(x, Pairs) else x
            self.module_.scale.fit(windows)
        return train, valid

    def fit_loop(self, X, y=None, epochs=None, **kwargs):
        epochs = self.max_epochs - len(self.history)  # less those done before resuming
        stopping = dict(self.callbacks_).get("early_stopping")
        if stopping and stopping.misses_ >= self.patience:
            epochs = 0
        return super().fit_loop(X, y, epochs, **kwargs)

    def get_iterator(self, dataset, training=False):
        if not training:  # larger batches are no faster, and cost memory; large pictures, too
            size = 128 if dataset.tensors[0].ndim < 4 else 128 * 64**2 // dataset.tensors[0][0, 0].numel()
            return Batches(*dataset.tensors, batch_size=min(max(size, 1), 128), transform=self._prepare)
        return Batches(*dataset.tensors, batch_size=self.batch_size, shuffle=True,
                       transform=self._prepare_training)

    def infer(self, x, groups=None):
        if self.mixup and self.module_.training:
            share = torch.distributions.Beta(self.mixup, self.mixup).sample().item()
            self.mixed_ = torch.randperm(len(x)).to(x.device), share
            x = _mixed(x[self.mixed_[0]], x, share)
        with speed.autocast(self.device, enabled=self.half and self.module_.training):
            logits = self.module_(x)
        return logits.float()

    def get_loss(self, y_pred, y_true, X=None, training=False):
        loss = super().get_loss(y_pred, y_true, X, training=training)
        if training and self.mixup:
            partner, share = self.mixed_
            other = super().get_loss(y_pred, y_true[partner], X, training=training)
            loss = share * loss + (1 - share) * other
        if training and (self.head_l1 or self.head_l2):
            weights = self.module_.head.weight
            loss = loss + self.head_l1 * weights.abs().sum() + self.head_l2 * weights.square().sum()
        return loss

    def on_epoch_begin(self, net, dataset_train=None, dataset_valid=None, **kwargs):
        super().on_epoch_begin(net, dataset_train, dataset_valid, **kwargs)
        # A seed an epoch: whoever resumes after epoch k draws what an unbroken run would have drawn.
        torch.manual_seed(int(np.random.SeedSequence([self.seed_, len(self.history)]).generate_state(1)[0]))

    def on_batch_end(self, net, batch=None, training=False, y_pred=None, **kwargs):
        super().on_batch_end(net, batch=batch, training=training, y_pred=y_pred, **kwargs)
        hits = (y_pred.argmax(1) == batch[1]).float().mean().item()
        self.history.record_batch("train_acc" if training else "valid_acc", hits)

    def on_train_end(self, net, X=None, y=None, **kwargs):
        super().on_train_end(net, X, y, **kwargs)
        if len(self.history) and "dur" not in self.history[-1]:
            self.history.pop()  # interrupted in mid-epoch
        stopping = dict(self.callbacks_).get("early_stopping")
        self.best_epoch_ = stopping.best_epoch_ if stopping else len(self.history)

    # -- inside ----------------------------------------------------------------------------------------------

    def _cores(self):
        return speed.one_thread(self.module.modality != "faces")

    def _as_tensor(self, X):
        """Check X and lay it out as the network wants it: (n, c, h, w), (n, time, channels), or both."""
        if self.module.modality == "pairs":
            return _pairs(X, self._face_tensor)
        if isinstance(X, dict):
            raise ValueError(f"X is a dict of {', '.join(map(repr, X))}, and this network takes "
                             f'{self.module.modality} alone: give an array, or use classifier("fusion").')
        if self.module.modality == "signals":
            return torch.from_numpy(signals.complete(X))
        return self._face_tensor(X)

    @staticmethod
    def _face_tensor(X):
        X = np.asarray(X)
        if X.ndim == 4 and X.shape[-1] in (1, 3):
            X = X.transpose(0, 3, 1, 2)
        elif X.ndim == 3:
            X = X[:, None]
        else:
            raise ValueError(f"Faces must have the shape (n, h, w) or (n, h, w, 3), not {X.shape}.")
        if X.shape[2] != X.shape[3]:
            raise ValueError(f"Faces must be square, not {X.shape[2]} x {X.shape[3]} pixels: crop or resize "
                             "them (ak.preprocess.faces.resize).")
        if X.dtype != np.uint8:
            X = X.astype(np.float32)
            if len(X) and not (X.min() >= 0 and X.max() <= 1):  # NaN fails this, too
                raise ValueError("Faces must be uint8 (0 to 255) or float, 0 to 1 and none missing.")
        return torch.from_numpy(np.ascontiguousarray(X))

    def _as_known(self, X):
        """Lay X out as `_as_tensor` does, if the network has learned such samples."""
        self.check_is_fitted()
        x = self._as_tensor(X)
        if _shape(x) != self.shape_:
            raise ValueError(f"Trained on samples of shape {self.shape_}, but X has samples of "
                             f"{_shape(x)}; load both at the same size.")
        return x

    def _check_pairs(self, x):
        """Refuse what one network can train on and a fusion cannot."""
        if self.sampler is not None:
            raise ValueError("sampler makes rows of one modality, X has two: balance the sets before they "
                             "are paired (datasets.pairs.by_label), or use class_weight.")
        if self.head_l1 or self.head_l2:
            raise ValueError("head_l1 and head_l2 are for networks with one head, not for a fusion: "
                             "set them to 0.")
        told = self.get_params_for("module").get("modality_dropout", 0) > 0
        for name, part in x.items():
            gone = _missing(part)
            if gone.all():
                raise ValueError(f"No sample has a {name}: train a network of the other modality alone.")
            if gone.any() and not told:
                # Most gaps are accidents, and a network that was not told of them learns who has one.
                raise ValueError(
                    f"{int(gone.sum())} of {len(x)} samples have no {name} (the first is number "
                    f"{int(gone.int().argmax())}): leave them out, or train with "
                    "module__modality_dropout=0.2, so that the network learns to do without.")

    def _resample(self, x, y):
        """What the sampler makes of the training part, in the layout that X had."""
        if self.sampler is None:
            return x, y
        X = x.cpu().numpy()
        if self.module.modality == "faces":
            X = X[:, 0] if X.shape[1] == 1 else X.transpose(0, 2, 3, 1)
        self.sampler_ = clone(self.sampler)
        X, labels = self.sampler_.fit_resample(X, self.classes_[y.cpu()])
        target = torch.from_numpy(np.searchsorted(self.classes_, labels))
        return self._as_tensor(X).to(self.device), target.to(self.device)

    def _prepare(self, x):
        """Make a batch the network's input: pixels 0..255 => 0..1."""
        if isinstance(x, Pairs):
            return x.each(self._prepare)
        if x.dtype == torch.uint8:
            x = x.float() / 255
        return x.contiguous(memory_format=torch.channels_last) if x.ndim == 4 else x

    def _prepare_training(self, x):
        x = self._prepare(x)
        return x.each(self._augmented, "face") if isinstance(x, Pairs) else self._augmented(x)

    def _augmented(self, x):
        size = self._training_size(x.shape)
        if callable(self.augment) or not self.augment:
            x = self.augment(x) if self.augment else x
            return x if size is None else F.interpolate(x, size, mode="bilinear", antialias=True)
        if self.module.modality == "signals":
            raise ValueError("augment=True is for faces; for signals give a function of a batch "
                             "(n, time, channels).")
        return augment_faces(x, size=size, **(self.augment if isinstance(self.augment, dict) else {}))

    def _check_sizes(self):
        if not hasattr(self.module, "least_size"):
            raise ValueError(f"sizes is for networks that take images of any size, such as nets.SmallResNet, "
                             f"not for {self.module.__name__}.")
        if not (isinstance(self.sizes, dict) and math.isclose(sum(self.sizes.values()), 1)
                and all(0 < size <= 1 and share > 0 for size, share in self.sizes.items())):
            raise ValueError(f"sizes={self.sizes!r} must give, for shares of the image's size (above 0, at "
                             "most 1), shares of the epochs that add up to 1, as in {2 / 3: 0.5, 1: 0.5}.")

    def _training_size(self, shape):
        """The height and width to train on in this epoch; None leaves images as they are."""
        if self.sizes is None:
            return None
        done = len(self.history) / self.max_epochs  # at this epoch's end
        ends = np.cumsum(list(self.sizes.values()))
        share = list(self.sizes)[np.searchsorted(ends[:-1], done - 1e-6)]
        return [max(self.module.least_size, round(share * side)) for side in shape[2:]]


class HingeLoss(nn.CrossEntropyLoss):
    """The loss of a support vector machine: each class against the rest, with a margin of 1.

    As Keras' ``Hinge`` and ``SquaredHinge``: the mean over the classes of max(0, 1 - s z), where z is the
    class's score and s is 1 for the right class, -1 for the others. With `head_l2` (or `head_l1`) of
    `EmotionClassifier` the head is a linear SVM that trains together with the network below it, as in
    electronics2022, section 8, which names neither the form of the loss nor its power.

    Parameters
    ----------
    weight : torch.Tensor of shape (n_classes,), optional
        Of each class.
    label_smoothing : float
        Must be 0: a margin knows no half labels.
    squared : bool
        Square each term, so that large errors count more.

    References
    ----------
    Tang (2013), Deep learning using linear support vector machines. arXiv 1306.0239.

    Examples
    --------
    >>> import affectkit as ak
    >>> net = ak.learn.classifier("five-block-cnn", criterion=ak.learn.HingeLoss, criterion__squared=True,
    ...                           head_l2=0.01, device="cpu")
    """

    def __init__(self, weight=None, label_smoothing=0.0, *, squared=False):
        super().__init__(weight=weight)
        if label_smoothing:
            raise ValueError(f"label_smoothing={label_smoothing!r}: HingeLoss takes hard labels only; set "
                             "label_smoothing=0.")
        self.squared = squared

    def forward(self, scores, target):
        """Mean loss of scores (n, n_classes) for targets (n,)."""
        sides = 2 * F.one_hot(target, scores.shape[1]) - 1
        terms = (1 - sides * scores).clamp_min(0)
        each = (terms.square() if self.squared else terms).mean(1)
        if self.weight is None:
            return each.mean()
        weights = self.weight[target]
        return (weights * each).sum() / weights.sum()


class Features(TransformerMixin, BaseEstimator):
    """What a network's head reads, as columns for any scikit-learn estimator.

    In a pipeline in front of ``sklearn.svm.LinearSVC`` it gives an SVM on the features of a network.

    Parameters
    ----------
    net : EmotionClassifier
        Cloned, and trained on what `fit` is given. One that shall stay as it is comes as
        ``sklearn.frozen.FrozenEstimator(net)``.

    Attributes
    ----------
    net_ : EmotionClassifier
        As trained.

    Examples
    --------
    >>> import affectkit as ak
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.svm import LinearSVC
    >>> net = ak.learn.classifier("five-block-cnn", device="cpu")
    >>> svm = make_pipeline(ak.learn.Features(net), LinearSVC())
    """

    def __init__(self, net):
        self.net = net

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags, tags.target_tags.required = get_tags(self.net).input_tags, True
        return tags

    def fit(self, X, y, **fit_params):
        """Train a clone of the network; ``fit_params`` (groups, say) go to it.

        Returns
        -------
        self
        """
        self.net_ = clone(self.net).fit(X, y, **fit_params)
        return self

    def transform(self, X):
        """Describe samples by an array of shape (n, n_features)."""
        check_is_fitted(self)
        return self.net_.features(X)


class Pairs(SliceDict):
    """Tensors "face" and "signal" that are moved, indexed and counted as if they were one tensor."""

    def each(self, function, only=None):
        """Apply a function to both, or to the one named `only`."""
        return Pairs(**{name: function(x) if only in (None, name) else x for name, x in self.items()})

    def to(self, device):
        return self.each(lambda x: x.to(device))

    def size(self, dim):
        return self.shape[dim]

    @property
    def device(self):
        return self["face"].device

    @property
    def ndim(self):
        return len(self.shape)


def _pairs(X, face_tensor):
    """Check pairs and lay them out as tensors; a face or a signal that is missing is NaN."""
    if not isinstance(X, dict) or set(X) != {"face", "signal"}:
        what = f"a dict of {', '.join(map(repr, X))}" if isinstance(X, dict) else f"a {type(X).__name__}"
        raise ValueError(f"X is {what}; fusion takes skorch.helper.SliceDict(face=faces, signal=signals), "
                         "as datasets.pairs.fused makes it.")
    sizes = {name: len(x) for name, x in X.items()}
    if sizes["face"] != sizes["signal"]:
        raise ValueError(f"X has {sizes['face']} faces and {sizes['signal']} signals: give one of each to a "
                         "sample, and NaN in all entries for what is missing.")
    if not isinstance(X, SliceDict):
        raise ValueError("X is a plain dict, which scikit-learn cannot cut into folds: wrap it as "
                         "skorch.helper.SliceDict(**X).")
    x = Pairs(face=_with_gaps(X["face"], face_tensor),
              signal=_with_gaps(X["signal"], lambda whole: torch.from_numpy(signals.complete(whole))))
    neither = _missing(x["face"]) & _missing(x["signal"])
    if neither.any():
        raise ValueError(f"{int(neither.sum())} of {len(x)} samples have neither face nor signal (the first "
                         f"is number {int(neither.int().argmax())}): leave them out.")
    return x


def _with_gaps(X, check):
    """What `check` makes of the rows that are there, among rows of NaN for those that are not."""
    X = np.asarray(X)
    if X.dtype.kind != "f" or X.ndim < 2:
        return check(X)
    there = ~_missing(torch.from_numpy(X)).numpy()
    whole = check(X[there])
    if there.all():
        return whole
    x = torch.full((len(X), *whole.shape[1:]), torch.nan)
    x[torch.from_numpy(there)] = whole
    return x


def _missing(x):
    """Which samples of a tensor are NaN in all entries: bool (n,)."""
    return x.isnan().flatten(1).all(1)


def _shape(x):
    """Shape of one sample, without the batch."""
    return {name: _shape(part) for name, part in x.items()} if isinstance(x, dict) else tuple(x.shape[1:])


def _mixed(partner, x, share):
    """``share * x + (1 - share) * partner``; where a partner has no face or signal, x keeps its own."""
    if not isinstance(x, Pairs):
        return torch.lerp(partner, x, share)
    mixed = {name: torch.lerp(partner[name], x[name], share) for name in x}
    return Pairs(**{name: torch.where(part.isnan(), x[name], part) for name, part in mixed.items()})


class Batches:
    """Iterate over tensors that already lie in memory, a whole batch at a time.

    A ``DataLoader`` fetches sample by sample and glues them together; for small samples that costs more than
    the network. Indexing the whole batch at once does the same, in the same order.

    Parameters
    ----------
    x, y : torch.Tensor
        Samples and labels, the same length, on the device they are wanted on.
    batch_size : int
        The last batch may be smaller; in training (``shuffle=True``) a last batch of one sample is left out,
        because batch normalisation cannot take it.
    shuffle : bool
        A new order at each pass.
    transform : callable, optional
        Applied to each batch of samples: augmentation by batch.
    generator : torch.Generator, optional
        Where the order is drawn from; torch's global one otherwise.
    """

    def __init__(self, x, y, *, batch_size, shuffle=False, transform=None, generator=None):
        self.x, self.y = x, y
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.transform = transform
        self.generator = generator

    def __len__(self):
        n = len(self.x)
        lonely = self.shuffle and n > 1 and n % self.batch_size == 1
        return math.ceil(n / self.batch_size) - lonely

    def __iter__(self):
        n = len(self.x)
        order = torch.randperm(n, generator=self.generator).to(self.x.device) if self.shuffle else None
        for i in range(len(self)):
            rows = slice(i * self.batch_size, (i + 1) * self.batch_size)
            rows = rows if order is None else order[rows]
            x = self.x[rows]
            yield (x if self.transform is None else self.transform(x)), self.y[rows]


def augment_faces(x, *, flip=0.5, rotation=10.0, zoom=0.1, shift=0.08, brightness=0.3, warp=None, cutout=0.0,
                  size=None):
    """Change a batch of faces at random as hegh2025 does: mirror, rotate, brighten or darken.

    Rotation, zoom and shift are one affine map an image, done for the whole batch by one interpolation; the
    border is filled by reflection. Brightness bends the grey scale (``x ** gamma``): merely adding light
    would be undone by the network's standardisation. Zoom and shift are not in the paper; crops of faces
    differ by as much.

    Parameters
    ----------
    x : torch.Tensor
        Images (n, c, h, w), values 0 to 1.
    flip : float
        Probability of mirroring left and right.
    rotation : float
        Largest angle in degrees.
    zoom : float
        Largest change of size (0.1: 90 to 110 %).
    shift : float
        Largest shift as a share of the image, in both directions.
    brightness : float
        Largest absolute logarithm of gamma (0.3: gamma 0.74 to 1.35).
    warp : torch.Tensor of shape (n, 3, 3), optional
        A further map of each image's coordinates (-1 to 1, homogeneous), done by the same interpolation:
        `affectkit.balance.faces` sends crops and perspectives through it.
    cutout : float
        Largest side, as a share of the image, of a square filled with the image's mean, so that the network
        learns to do without any one part (DeVries & Taylor 2017); each image's square is drawn between
        nothing and this. Not in the paper.
    size : pair of int, optional
        Height and width of what is returned, done by the same interpolation; otherwise that of `x`.

    Returns
    -------
    torch.Tensor
        Images (n, c, *size), values 0 to 1.
    """
    n = len(x)

    def uniform(limit):  # drawn on the CPU, so that every device sees the same changes
        return ((torch.rand(n) * 2 - 1) * limit).to(x.device)

    x = x.clamp_min(1e-3) ** torch.exp(uniform(brightness))[:, None, None, None]
    angle, reach = uniform(math.radians(rotation)), 1 + uniform(zoom)
    mirror = torch.where(torch.rand(n) < flip, -1.0, 1.0).to(x.device)
    cos, sin = reach * angle.cos(), reach * angle.sin()
    wide = x.shape[3] / x.shape[2]  # a turn is one of pixels, also where the picture is no square
    affine = torch.stack([  # (n, 2, 3): where each new pixel comes from; coordinates run from -1 to 1
        torch.stack([cos * mirror, -sin / wide, 2 * uniform(shift)], 1),
        torch.stack([sin * mirror * wide, cos, 2 * uniform(shift)], 1),
    ], 1)
    whole = affine if warp is None else affine @ warp
    shape = [*x.shape[:2], *(x.shape[2:] if size is None else size)]
    grid = F.affine_grid(whole, shape, align_corners=False)
    if warp is not None:  # a perspective divides by its third coordinate
        grid = grid / F.affine_grid(warp[:, 2:].expand(-1, 2, -1), shape, align_corners=False)
    x = F.grid_sample(x, grid, padding_mode="reflection", align_corners=False)
    if cutout:
        half = uniform(cutout / 2).abs()[:, None]
        middle = torch.rand(2, n, 1).to(x.device)
        rows, columns = ((torch.linspace(0, 1, side, device=x.device) - at).abs() < half
                         for side, at in zip(shape[2:], middle, strict=True))
        hole = (rows[:, :, None] & columns[:, None])[:, None]  # (n, 1, h, w)
        x = torch.where(hole, x.mean((1, 2, 3), keepdim=True), x)
    return x


def _view(x, move, mirrored):
    """Faces (n, c, h, w), or those of pairs, moved by whole pixels (down, right), and mirrored."""
    if isinstance(x, Pairs):
        return x.each(lambda face: _view(face, move, mirrored), "face")
    for axis, by in zip((2, 3), move, strict=True):
        if by:  # the border is filled by reflection
            last = x.shape[axis] - 1
            source = (torch.arange(last + 1, device=x.device) - by).abs()
            x = x.index_select(axis, last - (last - source).abs())
    return x.flip(-1) if mirrored else x


class LearningRate(Callback):
    """Move the learning rate at each step as `EmotionClassifier.schedule` says; write it to the history."""

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        self.step_ = 0
        self.steps_ = len(net.get_iterator(dataset_train, training=True))
        self.factor_ = _plateau_factor(net) if net.schedule == "plateau" else None

    def on_batch_begin(self, net, batch=None, training=False, **kwargs):
        if not training:
            return
        progress = (len(net.history) - 1 + self.step_ / self.steps_) / net.max_epochs
        factor = self.factor_ or _schedule_factor(net.schedule, progress, net.warmup)
        for group in net.optimizer_.param_groups:
            group["lr"] = net.lr * factor
        self.step_ += 1

    def on_epoch_end(self, net, **kwargs):
        net.history.record("lr", net.optimizer_.param_groups[0]["lr"])


def _schedule_factor(schedule, progress, warmup):
    """Share of the highest learning rate at a point of training (0 to 1)."""
    if schedule == "constant":
        return 1.0
    if schedule == "one-cycle":
        warmup = 0.3
    if progress < warmup:
        return max(progress / warmup, 1e-3)
    left = (1 - progress) / (1 - warmup)
    if schedule == "linear":
        return left
    if schedule in ("cosine", "one-cycle"):
        return (1 - math.cos(math.pi * left)) / 2
    raise ValueError(f'schedule={schedule!r} is unknown: use "linear", "cosine", "one-cycle", "plateau" or '
                     '"constant".')


def _plateau_factor(net):
    """Half the rate for every third of `patience` without improvement, told from the history alone."""
    if not net.valid_size:
        raise ValueError('schedule="plateau" watches validation: it needs valid_size > 0.')
    wait, sign = max(1, net.patience // 3), 1 if net.monitor.endswith("loss") else -1
    best, still, factor = math.inf, 0, 1.0
    for row in net.history[:-1]:
        value = row[net.monitor]
        best, still = (sign * value, 0) if sign * value < best else (best, still + 1)
        if still and still % wait == 0:
            factor /= 2
    return factor


class Diverged(Callback):
    """Stop with an explanation when the loss is no number: such a network would call everything one class."""

    def on_epoch_end(self, net, **kwargs):
        loss = net.history[-1]["train_loss"]
        if not math.isfinite(loss):
            raise FloatingPointError(f"Training diverged: the loss of epoch {len(net.history)} is {loss}. "
                                     f"Lower lr (now {net.lr:g}), or look for extreme values in X.")


class Stopping(EarlyStopping):
    """skorch's early stopping; interrupted in the first epoch, there is nothing to restore."""

    def on_train_end(self, net, **kwargs):
        if len(net.history):
            super().on_train_end(net, **kwargs)


class Progress(Callback):
    """Progress bar over all steps, with the time left and the latest figures."""

    def on_train_begin(self, net, **kwargs):
        self.bar_ = None

    def on_epoch_begin(self, net, dataset_train=None, **kwargs):
        from tqdm.auto import tqdm

        if self.bar_ is None:
            steps = len(net.get_iterator(dataset_train, training=True))
            done = len(net.history) - 1
            self.bar_ = tqdm(total=steps * net.max_epochs, initial=steps * done, unit="step")
        self.bar_.set_description(f"epoch {len(net.history)}/{net.max_epochs}")

    def on_batch_end(self, net, training=False, **kwargs):
        if training:
            self.bar_.update()

    def on_epoch_end(self, net, **kwargs):
        row, shown = net.history[-1], ("train_loss", "valid_loss", "valid_acc")
        self.bar_.set_postfix({name: f"{row[name]:.3f}" for name in shown if name in row})

    def on_train_end(self, net, **kwargs):
        if self.bar_ is not None:
            self.bar_.close()


class Resume(Callback):
    """Keep the whole state of training in one safetensors file, and continue from it.

    Weights, the optimiser's moments, the best epoch's weights and the history are stored; order, augmentation
    and dropout need no storing, because each epoch has a seed of its own. The file is replaced atomically.

    Parameters
    ----------
    path : str or Path
    """

    def __init__(self, path):
        self.path = path

    def on_train_begin(self, net, X=None, y=None, **kwargs):
        from safetensors import SafetensorError, safe_open

        if not Path(self.path).absolute().parent.is_dir():
            raise FileNotFoundError(f"{self.path}: its folder is not there; make it, or name another file.")
        self.key_ = _run_key(net, X, y)
        if not Path(self.path).exists():
            return
        try:
            with safe_open(self.path, "pt", device=str(net.device)) as file:
                meta, tensors = file.metadata() or {}, {name: file.get_tensor(name) for name in file.keys()}
        except SafetensorError as error:
            raise ValueError(f"{self.path} is no checkpoint ({error}): delete it to start afresh.") from None
        if meta.get("key") != self.key_:
            raise ValueError(f"{self.path} belongs to a run with other data or options: delete it, or give "
                             "`checkpoint` another name.")
        net.module_.load_state_dict(_part(tensors, "module."))
        state = net.optimizer_.state_dict()
        state["state"] = {}
        for name, tensor in _part(tensors, "optimizer.").items():
            index, _, entry = name.partition(".")
            state["state"].setdefault(int(index), {})[entry] = tensor
        net.optimizer_.load_state_dict(state)
        net.history.extend(json.loads(meta["history"]))
        stopping = dict(net.callbacks_).get("early_stopping")
        if stopping:
            stopping.best_model_weights_ = _part(tensors, "best.")
            for name, value in json.loads(meta["stopping"]).items():
                setattr(stopping, name, value)

    def on_epoch_end(self, net, **kwargs):
        from safetensors.torch import save

        tensors = {f"module.{name}": tensor for name, tensor in net.module_.state_dict().items()}
        for index, entries in net.optimizer_.state_dict()["state"].items():
            tensors |= {f"optimizer.{index}.{name}": tensor for name, tensor in entries.items()}
        history = [{name: value for name, value in row.items() if name != "batches"} for row in net.history]
        meta = {"key": self.key_, "history": json.dumps(history)}
        stopping = dict(net.callbacks_).get("early_stopping")
        if stopping:
            best = stopping.best_model_weights_ or {}
            tensors |= {f"best.{name}": tensor for name, tensor in best.items()}
            counters = ("misses_", "dynamic_threshold_", "best_epoch_")
            meta["stopping"] = json.dumps({name: getattr(stopping, name) for name in counters})
        tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
        _write(Path(self.path), save(tensors, meta))


def _part(tensors, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _run_key(net, X, y):
    """Fingerprint of data and options: a checkpoint is continued only by the very same run."""
    options = {k: v for k, v in net.get_params(deep=False).items()
               if k not in ("callbacks", "verbose", "checkpoint", "device")}
    code = {name: getattr(getattr(value, "__code__", None), "co_code", b"")
            for name, value in options.items()}
    named = sorted((name, getattr(value, "__qualname__", repr(value)), code[name])
                   for name, value in options.items())
    people = None if net.groups_ is None else net.groups_.tolist()  # they decide who is held out
    key = hashlib.sha256(repr((named, people, net.classes_.tolist(), tuple(X.shape))).encode())
    for part in (*(X.values() if isinstance(X, dict) else [X]), y):
        key.update(np.ascontiguousarray(part))
    return key.hexdigest()


def _write(path, data):
    """Write bytes so that the file is whole or not there."""
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        try:
            file.write(data)
            file.close()
            os.replace(file.name, path)
        except BaseException:
            os.unlink(file.name)
            raise


def _split(y, groups, valid_size, seed, classes):
    """Hold out about `valid_size` of the samples: stratified, and by whole people where groups are given."""
    if groups is None:
        counts = np.bincount(y)
        if counts.min() < 2 or round(valid_size * len(y)) < len(classes):
            raise ValueError(
                f"Too few samples to hold {valid_size:.0%} out for early stopping: "
                f"{classes[counts.argmin()]!r} has {counts.min()} of {len(y)}. Load more of it, raise "
                "valid_size, or set valid_size=0 to train without.")
        return train_test_split(np.arange(len(y)), test_size=valid_size, stratify=y, random_state=seed)
    people = len(np.unique(groups))
    if people < 2:
        raise ValueError("All samples come from one person, so none can be held out for early stopping: load "
                         "more people, leave groups out, or set valid_size=0 to train without.")
    folds = StratifiedGroupKFold(min(people, max(2, round(1 / valid_size))), shuffle=True, random_state=seed)
    train, valid = next(iter(folds.split(y, y, groups)))
    missing = np.setdiff1d(np.unique(y), y[train])
    if len(missing):
        raise ValueError(f"With the people {np.unique(groups[valid]).tolist()} held out for early stopping, "
                         f"nobody is left who shows {classes[missing].tolist()}: load more people or set "
                         "valid_size=0.")
    return train, valid


class own_randomness:
    """Seed torch inside the block; leave its global generators outside as they were."""

    def __init__(self, seed, device):
        self.seed = seed
        self.fork = torch.random.fork_rng([torch.device(device)] if str(device).startswith("cuda") else [])

    def __enter__(self):
        self.fork.__enter__()
        torch.manual_seed(self.seed)

    def __exit__(self, *error):
        return self.fork.__exit__(*error)


def _quiet(text):
    """Swallow skorch's messages: the progress bar says enough."""
