"""A generator of vectors that is fitted in no time, for the estimator checks and quick tests."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator


class VectorGAN(BaseEstimator):
    """Draws around the mean of what it was fitted on, with its spread; speaks as the kit's GANs do."""

    def __init__(self, n_classes=None, batch_size=1, spread=1.0, checkpoint=None, random_state=0):
        self.n_classes = n_classes
        self.batch_size = batch_size
        self.spread = spread
        self.checkpoint = checkpoint
        self.random_state = random_state

    def fit(self, X, y=None):
        y = np.zeros(len(X), int) if y is None else y
        self.classes_, self.rows_ = np.unique(y), len(X)
        self.shapes_ = {c: (X[y == c].mean(0), X[y == c].std(0)) for c in self.classes_.tolist()}
        return self

    def sample(self, n, y=None, *, random_state=None):
        mean, std = self.shapes_[0 if y is None else y]
        rng = np.random.default_rng([self.random_state, random_state])
        return mean + self.spread * std * rng.normal(size=(n, *mean.shape))


@pytest.fixture(scope="session")
def vector_gan():
    """The class itself: estimators are made, cloned and pickled from it."""
    return VectorGAN
