"""What a GAN's discriminator knows, for a few labels: its features, and a kernel SVM on top of them.

`DiscriminatorFeatures` gives the activations of a discriminator, which saw pictures without labels;
`KernelSVM` learns from them with labels, and computes its one kernel matrix once for all folds and settings.
"""

import warnings
from copy import deepcopy
from numbers import Integral, Real

import numpy as np
import pandas as pd
import torch
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin, clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import check_scoring
from sklearn.model_selection import GroupKFold, StratifiedGroupKFold, StratifiedKFold, check_cv
from sklearn.svm import SVC
from sklearn.utils import Bunch, _safe_indexing, check_array, check_consistent_length, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data
from torch import nn
from torch.nn import functional as F

from affectkit import speed
from affectkit.evaluate import label_auc

__all__ = ["DiscriminatorFeatures", "KernelSVM"]

POOLS = {"max": "max", "mean": "avg"}  # torch's word for a mean is avg
CALIBRATION_FOLDS = 5


class DiscriminatorFeatures(TransformerMixin, BaseEstimator):
    """What a discriminator's convolutions say of pictures, as columns for any scikit-learn estimator.

    A layer's features are its maps after normalisation and activation, in evaluation mode: what is said of a
    picture does not depend on those beside it. At 64 pixels the last convolution of alharbawee2024's network
    gives 512 maps of 4 x 4, so 8,192 features. The GAN itself is never changed.

    Parameters
    ----------
    gan : DCGAN or FrozenEstimator
        A bare one is cloned and trained at each fit: in a pipeline on training rows alone, without labels
        unless it has `n_classes`. A trained one is taken as it is when it comes as
        ``sklearn.frozen.FrozenEstimator(gan)``, which `clone` keeps. If that one has seen the test pictures,
        even without labels, a score is transductive (the paper's protocol): say so beside it.
    layer : int, str, or sequence of them
        Whose features, one after the other: -1 is the last convolution, 0 or "conv1" the first.
    pool : {None, "max", "mean"}
        Shrinks larger maps to `pool_size`. ``layer=range(4), pool="max"`` is what Radford et al. (2015) put
        under their SVM.
    pool_size : int
        Side of a pooled map.
    untrained : bool
        Asks for random weights, as a control: a bare GAN is cloned and only built.
    batch_size : int
        Pictures at once.
    device : {"auto", "cpu", "cuda"}
        Where features are computed.

    Attributes
    ----------
    gan_ : GAN
        As trained, built or given.
    layers_ : dict of str to int
        The layers that are read, and how many features each gives.

    Raises
    ------
    ValueError
        Pictures of another size or colour than the GAN's, missing values, an unknown layer, a frozen GAN that
        was never trained.

    References
    ----------
    alharbawee2024; Radford, Metz and Chintala (2015), Unsupervised representation learning with deep
    convolutional generative adversarial networks.

    Examples
    --------
    >>> import numpy as np
    >>> import affectkit as ak
    >>> gan = ak.gans.preset("alharbawee2024", device="cpu")
    >>> control = ak.transfer.DiscriminatorFeatures(gan, untrained=True)
    >>> control.fit_transform(np.zeros((2, 64, 64, 3), np.uint8)).shape
    (2, 8192)
    """

    def __init__(self, gan, *, layer=-1, pool=None, pool_size=4, untrained=False, batch_size=256,
                 device="auto"):
        self.gan = gan
        self.layer = layer
        self.pool = pool
        self.pool_size = pool_size
        self.untrained = untrained
        self.batch_size = batch_size
        self.device = device

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags, tags.transformer_tags.preserves_dtype = get_tags(self.gan).input_tags, []
        return tags

    def fit(self, X, y=None):
        """Train a clone of the GAN on pictures, unless it is frozen or `untrained`.

        Parameters
        ----------
        X : ndarray
            Pictures: uint8 (n, h, w) or (n, h, w, 3).
        y : array of shape (n,), optional
            Labels; only a GAN with `n_classes` looks at them.

        Returns
        -------
        self
        """
        if self.pool not in (None, *POOLS):
            raise ValueError(f"pool={self.pool!r} is unknown: use None, {', '.join(POOLS)}.")
        X = self._check(X, reset=True)
        if isinstance(self.gan, FrozenEstimator):
            self.gan_ = self.gan.estimator
            steps = getattr(self.gan_, "steps_", 0)
            if bool(steps) == self.untrained or not hasattr(self.gan_, "discriminator"):
                raise ValueError(f"gan is frozen after {steps} steps of training, and untrained="
                                 f"{self.untrained}: freeze a trained one, or give it bare. untrained=True "
                                 "asks for random weights, as a control.")
        else:
            labels = {} if getattr(self.gan, "n_classes", None) is None else {"y": y}
            self.gan_ = clone(self.gan).build() if self.untrained else clone(self.gan).fit(X, **labels)
        names = list(self._blocks())
        asked = [self.layer] if isinstance(self.layer, str) or not np.iterable(self.layer) else self.layer
        try:
            self.layers_ = dict.fromkeys(name if name in names else names[name] for name in asked)
        except (IndexError, TypeError):
            raise ValueError(f"layer={self.layer!r} is unknown: use {', '.join(names)}, or numbers from 0 "
                             f"to {len(names) - 1}.") from None
        self.layers_ = {name: part.shape[1] for name, part in self._describe(self._blocks(), X[:1]).items()}
        return self

    def transform(self, X):
        """Describe pictures (n, h, w[, 3]) by a float32 array of shape (n, n_features).

        Layers stand in the order asked for, each as (maps, rows, columns), flattened.
        """
        check_is_fitted(self)
        X, blocks = self._check(X, reset=False), self._blocks()
        parts = [self._describe(blocks, X[i:i + self.batch_size]) for i in range(0, len(X), self.batch_size)]
        return np.concatenate([torch.cat(list(part.values()), 1).numpy() for part in parts])

    def get_feature_names_out(self, input_features=None):
        """Names such as "conv4_0": the layer and the place in it."""
        check_is_fitted(self)
        return np.array([f"{name}_{i}" for name, n in self.layers_.items() for i in range(n)], dtype=object)

    def _check(self, X, reset):
        size, colours = getattr(self.gan, "image_size", None), getattr(self.gan, "channels", None)
        kinds = [(size, size, colours)] + [(size, size)] * (colours == 1)
        if size and np.shape(X)[1:] not in kinds:
            raise ValueError(
                f"X has the shape {np.shape(X)}, but gan looks at pictures (n, {str(kinds[-1])[1:]}: change "
                "their size by ak.preprocess.faces.resize, from grey to colour by np.repeat(X[..., None], 3, "
                "-1), from colour to grey by X.mean(-1).astype(np.uint8), or use another GAN.")
        return validate_data(self, X, reset=reset, allow_nd=True)

    def _blocks(self):
        """A copy of the discriminator: each convolution with what follows it up to the next, by name."""
        layers = getattr(self.gan_.discriminator, "layers", None)
        if not isinstance(layers, nn.Sequential):
            raise ValueError("gan has a discriminator that is no chain of convolutions: use DCGAN.")
        blocks, before = {}, []  # what stands before the first belongs to it
        for module in deepcopy(layers).eval().to(speed.device(self.device)):
            if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Linear):
                kind = "dense" if isinstance(module, nn.Linear) else "conv"
                last = blocks[f"{kind}{len(blocks) + 1}"] = nn.Sequential(*before, module)
                before = []
            else:
                (last if blocks else before).append(module)
        return blocks

    @torch.inference_mode()
    def _describe(self, blocks, X):
        """The features of one batch: a tensor (n, k) for each layer asked for."""
        gan = self.gan_
        x = gan._to_network(gan._check(X).to(gan.device_)).to(speed.device(self.device))  # as in its training
        found = dict.fromkeys(self.layers_)
        for name, block in blocks.items():
            x = block(x)
            if name in found:
                found[name] = self._pooled(x).flatten(1).cpu()
        return found

    def _pooled(self, x):
        if self.pool is None:
            return x
        if x.ndim < 3:
            raise ValueError(f"pool={self.pool!r} takes maps, and this layer gives vectors: set pool=None.")
        size = [min(side, self.pool_size) for side in x.shape[2:]]
        return getattr(F, f"adaptive_{POOLS[self.pool]}_pool{len(size)}d")(x, size)


def _calibrated(svm):
    if svm.calibration is None:
        raise AttributeError('calibration=None gives no probabilities: set calibration="sigmoid".')
    return True


class KernelSVM(ClassifierMixin, BaseEstimator):
    """A support vector machine whose one kernel matrix serves all folds, labels and settings of C and gamma.

    Underneath is scikit-learn's SVC, and its predictions are SVC's. A kernel compares two rows; nothing in
    this one is estimated from others (gamma is a number, a row is normalised by itself), so the matrix of all
    rows leaks nothing into a fold.

    Parameters
    ----------
    C : float
        Price of a row on the wrong side; small values give a smooth boundary.
    gamma : float or "auto"
        Of the RBF kernel exp(-gamma |x - y|^2). "auto" is 1 / n_features, which suits normalised rows. SVC's
        "scale" depends on the training rows, and is refused.
    kernel : {"rbf", "linear", "precomputed"}
        "precomputed": X is the kernel matrix, (n, n) in `fit` and (rows, n) later.
    class_weight : dict, "balanced" or None
        As in SVC; with labels, of the 0 and 1 of each.
    normalise : bool
        Bring each row by itself to mean 0 and standard deviation 1: for features of networks. "auto" then
        gives the kernel exp(-2 (1 - r)), where r is the correlation of two rows.
    calibration : {None, "sigmoid", "isotonic"}
        How decision values become probabilities (Platt 1999): on up to five held-out parts of the training
        rows, whole groups where `fit` is given them. `predict` stays SVC's.
    device : {"auto", "cpu", "cuda"}
        Where rows are compared.
    random_state : int or None
        Deals out the rows for calibration, and seeds `search`.

    Attributes
    ----------
    classes_ : ndarray
        The classes; with y of shape (n, k) the numbers of its labels.
    undefined_ : bool array of shape (k,)
        Labels that were the same in all training rows: their decision is NaN, and `predict` repeats it.
    machines_ : list
        The SVC, or one for each label (None where undefined); in a CalibratedClassifierCV with `calibration`.

    References
    ----------
    Cortes and Vapnik (1995), Support-vector networks. Machine Learning 20.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> import affectkit as ak
    >>> X, y = load_iris(return_X_y=True)
    >>> float(ak.transfer.KernelSVM(C=10, device="cpu").cross_val_score(X, y, cv=5).mean().round(2))
    0.98
    """

    def __init__(self, C=1.0, gamma="auto", kernel="rbf", *, class_weight=None, normalise=False,
                 calibration=None, device="auto", random_state=0):
        self.C = C
        self.gamma = gamma
        self.kernel = kernel
        self.class_weight = class_weight
        self.normalise = normalise
        self.calibration = calibration
        self.device = device
        self.random_state = random_state

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.pairwise = self.kernel == "precomputed"
        return tags

    def fit(self, X, y, groups=None):
        """Learn from rows and their labels.

        Parameters
        ----------
        X : array of shape (n, n_features)
            Compared in float32 if that is what it is, else in float64.
        y : array of shape (n,), or array or DataFrame of shape (n, k)
            The class of each row; or 0 and 1 for each of k labels, named by a DataFrame's columns.
        groups : array of shape (n,), optional
            The person of each row, for `calibration`.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Missing values, a single class, y of several columns with other values than 0 and 1.
        """
        names = getattr(y, "columns", None)
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], multi_output=True)
        y, groups, rows = _labels(y), _groups(groups, len(X)), self._rows(X)
        gram = self._kernel(self._compare(rows, rows), X.shape[1])
        self.X_fit_ = None if self.kernel == "precomputed" else rows
        self._multilabel, self._first = y.ndim == 2, y[0]
        self.classes_ = np.arange(y.shape[1]) if self._multilabel else np.unique(y)
        columns = list(y.T) if self._multilabel else [y]
        self.undefined_ = np.array([self._multilabel and len(np.unique(column)) < 2 for column in columns])
        self.machines_ = [None if undefined else self._machine(gram, column, groups)
                          for column, undefined in zip(columns, self.undefined_, strict=True)]
        unsure = [self.calibration is not None and isinstance(machine, SVC) for machine in self.machines_]
        if not self._multilabel and unsure[0]:
            raise ValueError("Probabilities cannot be calibrated: a class comes from one row or group alone. "
                             "Leave it out, or set calibration=None.")
        for which, text in ((self.undefined_, "has one value in all training rows: its decision"),
                            (unsure, "has a value from one row or group alone: its probability")):
            for k in np.flatnonzero(which):
                warnings.warn(f"label {k if names is None else names[k]} {text} is undefined (NaN)",
                              stacklevel=2)
        return self

    def decision_function(self, X):
        """How far rows lie on which side.

        Returns
        -------
        ndarray of shape (n,) for two classes, (n, n_classes) for more, (n, k) for k labels
            Above 0 is the second class, or a 1; of several classes the largest is the guess.
        """
        return self._ask(X, lambda machine, gram: _svc(machine).decision_function(gram))

    def predict(self, X):
        """The class of each row, (n,); with labels 0 or 1 for each, (n, k)."""
        found = self._ask(X, lambda machine, gram: _svc(machine).predict(gram))
        return np.where(self.undefined_, self._first, found).astype(int) if self._multilabel else found

    @available_if(_calibrated)
    def predict_proba(self, X):
        """Calibrated probabilities, (n, n_classes); with labels those of a 1, (n, k)."""
        return self._ask(X, lambda machine, gram: np.full(len(gram), np.nan) if isinstance(machine, SVC)
                         else machine.predict_proba(gram)[:, 1 if self._multilabel else slice(None)])

    def cross_val_score(self, X, y, *, cv=10, groups=None, scoring=None):
        """Score every fold, with one kernel matrix for all of them.

        Parameters
        ----------
        X, y : array
            As for `fit`.
        cv : int, splitter or iterable of (train, test)
            A number of folds is scikit-learn's: stratified, in the order of the rows; with groups, by group.
        groups : array of shape (n,), optional
            The person of each row, for splitters that ask for it and for calibration.
        scoring : str or callable, optional
            scikit-learn's, such as "balanced_accuracy"; "roc_auc_ovr" needs `calibration`. By default the
            accuracy; with labels the mean `evaluate.label_auc`, to which an undefined one adds nothing, never
            0.5.

        Returns
        -------
        ndarray of shape (folds,)

        Raises
        ------
        ValueError
            Groups missing or too few; and, named, a fold that trains on one class or that cannot be scored.
        """
        rows, y, groups = self._given(X, y, groups)
        folds = self._folds(y, cv, groups)
        return self._scores(self._kernel(self._compare(rows, rows), rows.shape[1]), y, groups, folds, scoring)

    def cross_val_predict(self, X, y, *, cv=10, groups=None, method="decision_function"):
        """Ask each fold's machine about the rows it has not seen, with one kernel matrix for all folds.

        Parameters
        ----------
        X, y, cv, groups
            As for `cross_val_score`.
        method : {"decision_function", "predict_proba", "predict"}

        Returns
        -------
        ndarray
            As of `method`; NaN for what a fold could not learn. With "predict" each row must be tested.
        """
        rows, y, groups = self._given(X, y, groups)
        folds = self._folds(y, cv, groups)
        if method == "predict" and len(np.unique(np.concatenate([test for _, test in folds]))) < len(rows):
            raise ValueError(f"cv={cv!r} leaves rows untested, which have no prediction: use other folds.")
        gram, out = self._kernel(self._compare(rows, rows), rows.shape[1]), None
        for svm, part, test in self._each(gram, y, groups, folds):
            out = _put(out, svm, method, part, test, np.asarray(y))
        return out

    def search(self, X, y, *, cv=10, outer_cv=10, groups=None, scoring=None, n_trials=25, C=(0.01, 1000.0),
               gamma=None, sampler=None):
        """Choose C and gamma by Bayesian optimisation, and score the choice on rows it has not seen.

        Nested: in each outer fold the choice is made anew, by inner folds of its training rows. Rows are
        compared once for all. It takes (outer folds + 1) x trials x inner folds fits.

        Parameters
        ----------
        X, y, groups, scoring
            As for `cross_val_score`.
        cv : int or splitter
            The inner folds, which choose.
        outer_cv : int, splitter, iterable or None
            The outer folds, which score; None leaves them out.
        n_trials : int
            Settings tried for a choice.
        C, gamma : (float, float)
            Ranges, on a logarithmic scale; gamma's is by default 0.01 to 100 / n_features.
        sampler : optuna sampler, optional
            By default a Gaussian process with expected improvement, as alharbawee2024's. A grid is
            ``optuna.samplers.GridSampler({"C": [1, 10], "gamma": [1e-4, 1e-3]})``.

        Returns
        -------
        Bunch
            best_params, chosen on all rows; estimator, fitted with them; trials (DataFrame), what was tried
            for them. folds (DataFrame): fold, train, test (rows), score, inner_score and choice of each outer
            fold; decision, the decision values of the rows they tested, NaN for others.

        References
        ----------
        Snoek, Larochelle and Adams (2012), Practical Bayesian optimization of machine learning algorithms;
        Cawley and Talbot (2010), On over-fitting in model selection.
        """
        rows, y, groups = self._given(X, y, groups)
        outer = [] if outer_cv is None else self._folds(y, outer_cv, groups)
        compared, width = self._compare(rows, rows), rows.shape[1]
        ranges = {"C": C} | ({"gamma": gamma or (0.01 / width, 100 / width)} if self.kernel == "rbf" else {})

        def choose(train):
            data = compared[np.ix_(train, train)], _safe_indexing(y, train), _at(groups, train)
            return self._choose(*data, width, cv, scoring, n_trials, ranges, sampler)

        table, decision = [], None
        for i, (train, test) in enumerate(outer, 1):
            best = choose(train)
            svm = clone(self).set_params(**best.best_params)
            svm, part, test = next(svm._each(svm._kernel(compared, width), y, groups, [(train, test)]))
            decision = _put(decision, svm, "decision_function", part, test, np.asarray(y))
            table.append({"fold": i, "train": len(train), "test": len(test),
                          "score": svm._score(part, _safe_indexing(y, test), scoring, f"{i} of {len(outer)}"),
                          "inner_score": best.best_value, **best.best_params})
        best = choose(np.arange(len(rows)))
        return Bunch(best_params=best.best_params, decision=decision, folds=pd.DataFrame(table),
                     estimator=clone(self).set_params(**best.best_params).fit(X, y, groups),
                     trials=pd.DataFrame([{**trial.params, "score": trial.value} for trial in best.trials]))

    # -- kernels ---------------------------------------------------------------------------------------------

    def _rows(self, X):
        """Rows as they are compared, after a look at the options."""
        if self.kernel not in ("rbf", "linear", "precomputed"):
            raise ValueError(f"kernel={self.kernel!r} is unknown: use rbf, linear or precomputed.")
        if self.calibration not in (None, "sigmoid", "isotonic"):
            raise ValueError(f"calibration={self.calibration!r} is unknown: use None, sigmoid or isotonic.")
        if self.gamma != "auto" and not (isinstance(self.gamma, Real) and self.gamma > 0):
            raise ValueError(f'gamma={self.gamma!r} must be a number above 0, or "auto" for 1 / n_features: '
                             "one that depends on the rows would differ between folds.")
        if self.kernel == "precomputed" or not self.normalise:
            return X
        X = X - X.mean(1, keepdims=True)
        return X / np.maximum(X.std(1, keepdims=True), np.finfo(X.dtype).tiny)  # a blank row stays 0

    def _compare(self, A, B):
        """Squared distances between rows (for RBF) or inner products: what a kernel is made of, (n, m)."""
        if self.kernel == "precomputed":
            return A
        speed.check_memory(20 * len(A) * len(B), f"A kernel of {len(A)} x {len(B)} rows", "take fewer rows")
        centre = B.mean(0) if self.kernel == "rbf" else 0  # changes no distance, but loses fewer digits
        a, b = (torch.from_numpy(rows.astype(B.dtype, copy=False) - centre).to(speed.device(self.device))
                for rows in (A, B))
        if self.kernel == "linear":
            return (a @ b.T).cpu().numpy()
        found = torch.addmm(b.square().sum(1), a, b.T, alpha=-2)
        return found.add_(a.square().sum(1, keepdim=True)).clamp_(min=0).cpu().numpy()

    def _kernel(self, compared, n_features):
        if self.kernel != "rbf":
            return compared.astype(np.float64, copy=False)
        gram = compared * (-np.float64(1 / n_features if self.gamma == "auto" else self.gamma))
        return np.exp(gram, out=gram)

    # -- machines --------------------------------------------------------------------------------------------

    def _machine(self, gram, y, groups):
        """One SVC, calibrated if asked for and possible."""
        svc = SVC(C=self.C, kernel="precomputed", class_weight=self.class_weight,
                  random_state=self.random_state)  # else it takes a number off numpy's global generator
        folds = [] if self.calibration is None else self._calibration_folds(y, groups)
        if not folds:
            return svc.fit(gram, y)
        return CalibratedClassifierCV(svc, method=self.calibration, cv=folds, ensemble=False).fit(gram, y)

    def _calibration_folds(self, y, groups):
        """Folds that all train on every class; none where a class comes from one row or group alone."""
        units = np.arange(len(y)) if groups is None else groups
        least = min(len(np.unique(units[y == k])) for k in np.unique(y))
        if least < 2:
            return []
        kind = StratifiedKFold if groups is None else StratifiedGroupKFold
        splitter = kind(min(CALIBRATION_FOLDS, least), shuffle=True, random_state=self.random_state)
        folds = list(splitter.split(y, y, groups))
        return folds if all(len(np.unique(y[train])) == len(np.unique(y)) for train, _ in folds) else []

    def _ask(self, X, question):
        """What the machines answer about rows; NaN for a label that is undefined."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        gram = self._kernel(self._compare(self._rows(X), self.X_fit_), X.shape[1])
        found = [np.full(len(X), np.nan) if machine is None else question(machine, gram)
                 for machine in self.machines_]
        return np.stack(found, 1) if self._multilabel else found[0]

    # -- folds -----------------------------------------------------------------------------------------------

    def _given(self, X, y, groups):
        X, labels = check_array(X, dtype=[np.float64, np.float32]), _labels(np.asarray(y))
        check_consistent_length(X, labels)
        y = y if labels.ndim == 2 and hasattr(y, "columns") else labels  # a DataFrame's columns name labels
        return self._rows(X), y, _groups(groups, len(X))

    def _folds(self, y, cv, groups):
        y = np.asarray(y)
        if isinstance(cv, Integral) and groups is not None:
            if len(np.unique(groups)) < cv:
                raise ValueError(f"groups holds {len(np.unique(groups))} people, too few for {cv} folds.")
            cv = GroupKFold(cv) if y.ndim == 2 else StratifiedGroupKFold(cv)
        cv = check_cv(cv, y, classifier=True)
        if groups is None and hasattr(cv, "get_metadata_routing") and cv.get_metadata_routing().consumes(
                "split", ["groups"]):
            raise ValueError(f"groups is missing: {cv} keeps people together; give the person of each row.")
        folds = list(cv.split(y, y, groups))
        for i, (train, _) in enumerate(folds, 1):
            if y.ndim == 1 and len(np.unique(y[train])) < 2:
                raise ValueError(f"Fold {i} of {len(folds)} trains on one class alone, "
                                 f"{np.unique(y[train]).tolist()}: use fewer or other folds, or more rows.")
        return folds

    def _each(self, gram, y, groups, folds):
        """For each fold a fitted machine, the kernel of its test rows, and their numbers."""
        for train, test in folds:
            svm = clone(self).set_params(kernel="precomputed")
            svm.fit(gram[np.ix_(train, train)], _safe_indexing(y, train), _at(groups, train))
            yield svm, gram[np.ix_(test, train)], test

    def _scores(self, gram, y, groups, folds, scoring):
        return np.array([svm._score(part, _safe_indexing(y, test), scoring, f"{i} of {len(folds)}")
                         for i, (svm, part, test) in enumerate(self._each(gram, y, groups, folds), 1)])

    def _score(self, gram, y, scoring, fold):
        try:
            if scoring is None and self._multilabel:
                found = label_auc(y, self.decision_function(gram))
                return np.nan if np.isnan(found).all() else np.nanmean(found)
            return check_scoring(self, scoring)(self, gram, y)
        except (ValueError, AttributeError) as error:
            hint = ' Probabilities need calibration="sigmoid".' if self.calibration is None else ""
            raise ValueError(f"Fold {fold} cannot be scored by {scoring!r} ({error}).{hint}") from error

    def _choose(self, compared, y, groups, width, cv, scoring, n_trials, ranges, sampler):
        """An optuna study of C and gamma on some rows."""
        try:
            import optuna  # takes a second, and only a search needs it
        except ImportError:
            raise ImportError("KernelSVM.search needs optuna: pip install optuna.") from None
        folds = self._folds(y, cv, groups)

        def objective(trial):
            chosen = {name: trial.suggest_float(name, *ends, log=True) for name, ends in ranges.items()}
            svm = clone(self).set_params(**chosen)
            if scoring is None:
                svm.set_params(calibration=None)  # which the default scores do not look at
            scores = svm._scores(svm._kernel(compared, width), y, groups, folds, scoring)
            if np.isnan(scores).all():
                raise ValueError("No inner fold has a score: use fewer folds, or leave rare labels out.")
            return np.nanmean(scores)

        before = optuna.logging.get_verbosity()
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        try:
            study = optuna.create_study(direction="maximize", sampler=deepcopy(sampler)
                                        or optuna.samplers.GPSampler(seed=self.random_state))
            study.optimize(objective, n_trials)
        finally:
            optuna.logging.set_verbosity(before)
        return study


def _svc(machine):
    return machine if isinstance(machine, SVC) else machine.calibrated_classifiers_[0].estimator


def _at(values, rows):
    return None if values is None else values[rows]


def _labels(y):
    """Classes (n,), or labels (n, k) of 0 and 1."""
    y = column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y
    check_classification_targets(y)
    if y.ndim == 2 and not np.isin(y, (0, 1)).all():
        raise ValueError("y has several columns, so each is a label, and must hold 0 and 1 alone.")
    return y


def _groups(groups, n):
    if groups is None:
        return None
    groups = np.asarray(groups)
    if groups.shape != (n,) or pd.isna(groups).any():
        raise ValueError(f"groups must name the person of each of the {n} rows, none missing; its shape is "
                         f"{groups.shape}.")
    return groups


def _put(out, svm, method, gram, test, y):
    """Write a fold's answers into an array for all rows; NaN for classes it has not seen."""
    found = getattr(svm, method)(gram)
    if y.ndim == 1 and method != "predict":
        classes = np.unique(y)
        if found.ndim == 1 and len(classes) > 2:
            found = np.stack([-found, found], 1)
        if found.ndim == 2:
            seen, found = found, np.full((len(test), len(classes)), np.nan)
            found[:, np.searchsorted(classes, svm.classes_)] = seen
    if out is None:
        out = np.full((len(y), *found.shape[1:]), y.flat[0] if method == "predict" else np.nan, found.dtype)
    out[test] = found
    return out
