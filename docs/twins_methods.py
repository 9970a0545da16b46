"""The methods that docs/twins.py ranks."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC, LinearSVC

import affectkit as ak


def edges(images):
    """Histograms of 8 edge directions in cells of 4 x 4 pixels: (n, 32, 32) => (n, 512)."""
    dy, dx = np.gradient(images.astype(np.float32), axis=(1, 2))
    strength, direction = np.hypot(dx, dy), (np.arctan2(dy, dx) % np.pi * 8 / np.pi).astype(int) % 8
    cells = [(strength * (direction == k)).reshape(-1, 8, 4, 8, 4).sum((2, 4)) for k in range(8)]
    x = np.stack(cells, 1).reshape(len(images), -1)
    return np.sqrt(x / (x.sum(1, keepdims=True) + 1e-6))


def contenders(seed, epochs):
    """Name => function that trains a method on uint8 faces (n, 32, 32) and labels; a network for `epochs`."""

    def pixels(*steps):
        return make_pipeline(FunctionTransformer(lambda x: x.reshape(len(x), -1) / 255.0), *steps).fit

    def pca(model):
        return pixels(PCA(80, whiten=True, random_state=seed), model)

    def on_edges(model):
        return make_pipeline(FunctionTransformer(edges), StandardScaler(), model).fit

    def cnn(**options):
        options = dict(max_epochs=epochs, valid_size=0, device="cpu", random_state=seed) | options
        return ak.learn.classifier("face-cnn", **options).fit

    def oversampling(X, y):
        draw, most = np.random.default_rng(seed).choice, np.bincount(y).max()
        rows = np.concatenate([draw(np.flatnonzero(y == k), most) for k in np.unique(y)])
        as_many_steps = max(1, round(epochs * len(X) / len(rows)))
        return cnn(max_epochs=as_many_steps)(X[rows], y[rows])

    return {
        "logistic, pixels": pixels(StandardScaler(), LogisticRegression(C=1e-3, max_iter=300)),
        "LDA, PCA": pca(LinearDiscriminantAnalysis()),
        "10 neighbours, PCA": pca(KNeighborsClassifier(10)),
        "random forest, PCA": pca(RandomForestClassifier(150, random_state=seed)),
        "MLP, PCA": pca(MLPClassifier(128, alpha=1, early_stopping=True, random_state=seed)),
        "linear SVM, edges": on_edges(LinearSVC(C=1e-3, random_state=seed)),
        "linear SVM, edges, weights": on_edges(LinearSVC(C=1e-3, class_weight="balanced", random_state=seed)),
        "RBF SVM, edges": on_edges(SVC(C=3, random_state=seed)),
        "face-cnn": cnn(),
        "face-cnn, weights": cnn(class_weight="balanced"),
        "face-cnn, oversampling": oversampling,
        "face-cnn, no augmentation": cnn(augment=False),
        "face-cnn, slim": cnn(module__channels=(8, 16, 32), module__hidden=64),
    }
