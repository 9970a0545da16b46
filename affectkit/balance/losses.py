"""What balances without a new row: losses that heed rare classes, and logit adjustment after training.

The losses are criteria of `learn.classifier`, which tells them the share of each class:
``classifier("face-cnn", criterion=ak.balance.FocalLoss, criterion__gamma=2)``. Class weights and mixup are
options of its own (``class_weight="balanced"``, ``mixup=0.2``).
"""

import numpy as np
from scipy.special import softmax
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import get_tags
from sklearn.utils.validation import check_is_fitted
from torch import nn
from torch.nn import functional as F

__all__ = ["BalancedSoftmaxLoss", "FocalLoss", "LogitAdjusted", "LogitAdjustedLoss", "adjust"]


class FocalLoss(nn.CrossEntropyLoss):
    """Cross-entropy that counts less where the network is already sure: each sample times (1 - p) ** gamma.

    Parameters
    ----------
    weight : torch.Tensor of shape (n_classes,), optional
        Of each class.
    label_smoothing : float
    gamma : float
        0 is plain cross-entropy.

    References
    ----------
    Lin et al. (2017), Focal loss for dense object detection. ICCV.
    """

    def __init__(self, weight=None, label_smoothing=0.0, *, gamma=2.0):
        super().__init__(weight=weight, label_smoothing=label_smoothing)
        if not gamma >= 0:
            raise ValueError(f"gamma={gamma!r} must be at least 0.")
        self.gamma = gamma

    def forward(self, logits, target):
        """Mean loss of scores (n, n_classes) for targets (n,)."""
        each = F.cross_entropy(logits, target, weight=self.weight, label_smoothing=self.label_smoothing,
                               reduction="none")
        unsure = 1 - logits.softmax(1).gather(1, target[:, None])[:, 0]
        total = len(target) if self.weight is None else self.weight[target].sum()
        # Where p rounds to 1, the power's slope would be infinite for gamma below 1.
        return (unsure.clamp_min(1e-6) ** self.gamma * each).sum() / total


class LogitAdjustedLoss(nn.CrossEntropyLoss):
    """Cross-entropy of scores to which tau times the logarithm of the class's share is added.

    The frequent class's head start is then in the loss, and the scores themselves learn none: they are best
    for balanced classes, and are used as they are.

    Parameters
    ----------
    weight : torch.Tensor of shape (n_classes,), optional
        Of each class.
    label_smoothing : float
        Best 0 (face-cnn's recipe has 0.1): smoothed labels make a rare class look more frequent than `prior`
        says, and it is then favoured beyond what is fair.
    prior : torch.Tensor of shape (n_classes,)
        The share of each class; `learn.EmotionClassifier` gives that in y.
    tau : float
        1 is what theory asks for.

    References
    ----------
    Menon et al. (2021), Long-tail learning via logit adjustment. ICLR.
    """

    def __init__(self, weight=None, label_smoothing=0.0, *, prior, tau=1.0):
        super().__init__(weight=weight, label_smoothing=label_smoothing)
        if not (prior > 0).all():
            raise ValueError(f"prior={prior.tolist()} must be above 0 for each class.")
        self.register_buffer("start", tau * prior.log())

    def forward(self, logits, target):
        """Mean loss of scores (n, n_classes) for targets (n,)."""
        return super().forward(logits + self.start, target)


class BalancedSoftmaxLoss(LogitAdjustedLoss):
    """Softmax weighted by the classes' numbers: the logit-adjusted loss with tau = 1, found independently.

    References
    ----------
    Ren et al. (2020), Balanced meta-softmax for long-tailed visual recognition. NeurIPS.
    """

    def __init__(self, weight=None, label_smoothing=0.0, *, prior):
        super().__init__(weight, label_smoothing, prior=prior)


def adjust(proba, prior, tau=1.0):
    """Take the frequent class's head start out of probabilities: divide by share ** tau.

    Parameters
    ----------
    proba : array of shape (n, n_classes)
        Of a classifier trained on classes as frequent as `prior` says.
    prior : array of shape (n_classes,)
        The share of each class there, or its number of rows.
    tau : float
        0 changes nothing, 1 is what theory asks for where balanced accuracy counts.

    Returns
    -------
    array of shape (n, n_classes)
        Probabilities; each row sums to one.

    References
    ----------
    Menon et al. (2021), Long-tail learning via logit adjustment. ICLR.

    Examples
    --------
    >>> adjust([[0.8, 0.2]], prior=[0.9, 0.1]).round(2).tolist()
    [[0.31, 0.69]]
    """
    proba, prior = np.asarray(proba, dtype=float), np.asarray(prior, dtype=float)
    if proba.ndim != 2 or prior.shape != proba.shape[1:]:
        raise ValueError(f"prior must have an entry for each column of proba (n, n_classes); they have the "
                         f"shapes {prior.shape} and {proba.shape}.")
    if not (prior > 0).all():
        raise ValueError(f"prior={prior.tolist()} must be above 0 for each class.")
    if not np.isfinite(proba).all() or (proba < 0).any():
        raise ValueError("proba holds missing or negative values: give probabilities.")
    log = np.log(np.maximum(proba, np.finfo(float).tiny))
    return softmax(log - tau * np.log(prior / prior.sum()), axis=1)


class LogitAdjusted(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """A classifier whose probabilities are adjusted for rare classes after training (post-hoc).

    The shares are those of the y that `fit` is given; a sampler inside `estimator` would make them wrong.

    Parameters
    ----------
    estimator : classifier with predict_proba
        Cloned and fitted. Best trained without label smoothing, which blurs the shares.
    tau : float
        See `adjust`. Choose it inside the training data (`GridSearchCV`), if at all.

    Attributes
    ----------
    estimator_ : classifier
        As fitted.
    prior_ : array of shape (n_classes,)
        The share of each class.
    classes_ : array of shape (n_classes,)

    Examples
    --------
    >>> import affectkit as ak
    >>> net = ak.balance.LogitAdjusted(ak.learn.classifier("face-cnn", label_smoothing=0, device="cpu"))
    """

    def __init__(self, estimator, tau=1.0):
        self.estimator = estimator
        self.tau = tau

    def __sklearn_tags__(self):
        tags, inner = super().__sklearn_tags__(), get_tags(self.estimator)
        tags.input_tags, tags.classifier_tags = inner.input_tags, inner.classifier_tags
        return tags

    def fit(self, X, y, **fit_params):
        """Fit a clone of the estimator; ``fit_params`` (groups, say) go to it.

        Returns
        -------
        self
        """
        self.estimator_ = clone(self.estimator).fit(X, y, **fit_params)
        self.classes_ = self.estimator_.classes_
        counts = np.unique(np.asarray(y), return_counts=True)[1]
        self.prior_ = counts / counts.sum()
        for name in ("n_features_in_", "feature_names_in_"):
            if hasattr(self.estimator_, name):
                setattr(self, name, getattr(self.estimator_, name))
        return self

    def predict_proba(self, X):
        """Adjusted probabilities, as an array of shape (n, n_classes)."""
        check_is_fitted(self)
        return adjust(self.estimator_.predict_proba(X), self.prior_, self.tau)

    def predict(self, X):
        """The most probable class after the adjustment, as an array of shape (n,)."""
        columns = self.predict_proba(X).argmax(axis=1)
        return self.classes_[columns]
