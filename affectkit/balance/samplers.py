"""Samplers that fill rare classes up, by generators or by changed copies, and cut frequent ones down.

They are imbalanced-learn's: in an `imblearn.pipeline.Pipeline` they see training rows alone, and prediction
passes them by. What they made stands in ``synthetic_``, so that an audit can look for it in the test rows.

A classifier that holds out rows of its own for early stopping would, behind a sampler, hold out made-up rows
as well, and copies of rows it trains on. Either give it the sampler as an option (``sampler=``), which it
asks after the holding-out, or set ``valid_size=0`` and a fixed number of epochs.
"""

import heapq
from numbers import Integral, Real

import numpy as np
from imblearn.base import BaseSampler
from imblearn.under_sampling import RandomUnderSampler
from imblearn.utils import check_sampling_strategy, check_target_type
from sklearn.base import clone
from sklearn.frozen import FrozenEstimator
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import check_random_state
from sklearn.utils.validation import validate_data

from . import faces, signals

__all__ = ["Augmenter", "GANSampler", "quotas"]

MAX_ROUNDS = 10  # draws for each sample that is wanted; a filter that lets fewer through is an error


def quotas(strategy, y):
    """How many rows of each class a strategy asks for.

    Parameters
    ----------
    strategy : str, int, float, dict or callable
        See `GANSampler`.
    y : array of shape (n,)
        Labels.

    Returns
    -------
    dict of label to int

    Raises
    ------
    ValueError
        For a class that `y` does not hold, or a number below its least.

    Examples
    --------
    >>> quotas(0.2, [0] * 70 + [1] * 20 + [2] * 10)  # 20 more rows: 10 lift class 2 to class 1, then in turn
    {0: 70, 1: 25, 2: 25}
    """
    classes, counts = (values.tolist() for values in np.unique(y, return_counts=True))
    have = dict(zip(classes, counts, strict=True))
    strategy = strategy(y) if callable(strategy) else strategy
    if isinstance(strategy, str):
        more = check_sampling_strategy(strategy, y, "over-sampling")
        return {label: n + int(more.get(label, 0)) for label, n in have.items()}
    if isinstance(strategy, dict):
        unknown = set(strategy) - set(have)
        if unknown:
            raise ValueError(f"sampling_strategy names {sorted(map(str, unknown))}, but y holds {classes}: "
                             "leave them out, or look at how the labels are spelt.")
        bad = {label: n for label, n in strategy.items() if not isinstance(n, Integral) or n < 1}
        if bad:
            raise ValueError(f"sampling_strategy={bad}: give each class a whole number of rows from 1 on.")
        return {label: int(strategy.get(label, n)) for label, n in have.items()}
    if isinstance(strategy, Integral) and not isinstance(strategy, bool):
        if strategy < 1:
            raise ValueError(f"sampling_strategy={strategy} must be a number of rows a class from 1 on.")
        return dict.fromkeys(classes, int(strategy))
    if isinstance(strategy, Real) and not isinstance(strategy, bool) and 0 <= strategy < np.inf:
        level = [(n, i) for i, n in enumerate(counts)]
        heapq.heapify(level)
        for _ in range(round(strategy * len(y))):  # like water: always into the lowest
            n, i = level[0]
            heapq.heapreplace(level, (n + 1, i))
        return {classes[i]: n for n, i in sorted(level, key=lambda entry: entry[1])}
    raise ValueError(f"sampling_strategy={strategy!r} is unknown: give 'auto', a whole number of rows a "
                     "class, a share of the set (a float from 0 on), a dict of class to rows, or a function.")


class _Filler(BaseSampler):
    """Keeps rows, draws from classes that are above their quota, and has a subclass make the missing ones."""

    _sampling_type = "bypass"  # imbalanced-learn leaves the strategy to us: it has no quotas and shares
    _parameter_constraints = {"sampling_strategy": "no_validation", "random_state": ["random_state"]}

    def _check_X_y(self, X, y, accept_sparse=None):
        y, one_vs_all = check_target_type(y, indicate_one_vs_all=True)
        X, y = validate_data(self, X, y, allow_nd=True)
        return X, y, one_vs_all

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = False
        tags.input_tags.three_d_array = True
        tags.sampler_tags.sample_indices = True
        return tags

    def fit(self, X, y):
        """Check the input and count what is missing; `fit_resample` is what makes it.

        Returns
        -------
        self
        """
        super().fit(X, y)
        self.sampling_strategy_ = quotas(self.sampling_strategy, self._check_X_y(X, y)[1])
        return self

    def _fit_resample(self, X, y):
        self.sampling_strategy_ = quotas(self.sampling_strategy, y)
        rng = check_random_state(self.random_state)
        lack, kept = {}, np.arange(len(y))
        for label, wanted in self.sampling_strategy_.items():
            lack[label] = wanted - int((y == label).sum())
        if min(lack.values()) < 0:
            fewer = {label: self.sampling_strategy_[label] for label, n in lack.items() if n < 0}
            under = RandomUnderSampler(sampling_strategy=fewer, random_state=_seed(rng))
            under.fit_resample(kept[:, None], y)
            kept = np.sort(under.sample_indices_)
        lack = {label: n for label, n in lack.items() if n > 0}
        made = self._make(X, y, lack, rng)
        new = [rows for rows, _ in made]
        self.sample_indices_ = np.concatenate([kept, *(sources for _, sources in made)])
        self.synthetic_ = np.arange(len(self.sample_indices_)) >= len(kept)
        labels = np.repeat(np.array(list(lack), dtype=y.dtype), list(lack.values()))
        return np.concatenate([X[kept], *new]), np.concatenate([y[kept], labels])


class Augmenter(_Filler):
    """Fill rare classes up with changed copies of their own rows (classic augmentation, oversampling).

    Every row of a class is copied equally often, give or take one.

    Parameters
    ----------
    changes : faces.Changes, signals.Changes, str or None
        What may change in a copy, or the name of a preset. None: nothing, which is random oversampling
        (imbalanced-learn's own takes tables alone, not images).
    sampling_strategy : str, int, float, dict or callable
        See `GANSampler`.
    random_state : int, RandomState or None
        Chooses rows and changes.
    device : str
        Where changes are computed.

    Attributes
    ----------
    synthetic_ : bool array
        Which of the rows given out are copies.
    sample_indices_ : int array
        The row of X that each is, or is a copy of.
    sampling_strategy_ : dict
        Rows of each class.

    Examples
    --------
    >>> import numpy as np
    >>> X, y = np.zeros((10, 8, 8), np.uint8), np.array([0] * 8 + [1] * 2)
    >>> np.bincount(Augmenter("hegh2025").fit_resample(X, y)[1]).tolist()
    [8, 8]
    """

    _parameter_constraints = {**_Filler._parameter_constraints, "changes": "no_validation", "device": [str]}

    def __init__(self, changes=None, sampling_strategy="auto", *, random_state=0, device="cpu"):
        super().__init__(sampling_strategy=sampling_strategy)
        self.changes = changes
        self.random_state = random_state
        self.device = device

    def _make(self, X, y, lack, rng):
        made = []
        for label, n in lack.items():
            rows = np.flatnonzero(y == label)
            rows = np.concatenate([rng.permutation(rows) for _ in range(-(-n // len(rows)))])[:n]
            made.append((self._change(X[rows], _seed(rng)), rows))
        return made

    def _change(self, X, seed):
        if self.changes is None:
            return X
        if X.dtype == np.uint8:
            return faces.augment(X, self.changes, copies=1, random_state=seed, device=self.device)
        signal = X[..., None] if X.ndim == 2 else X
        new = signals.augment(signal, self.changes, random_state=seed, device=self.device)
        return new.reshape(X.shape)


class GANSampler(_Filler):
    """Fill rare classes up with what generators make.

    Without `n_classes` a generator is cloned and trained for every class that lacks rows; with it, one is
    trained on all classes. `gan` can be anything with ``fit(X, y)``, ``sample(n, y, random_state=)`` and
    scikit-learn's parameters.

    Parameters
    ----------
    gan : DCGAN, RGAN, FrozenEstimator, or dict of label to FrozenEstimator
        Untrained, it is cloned and trained at each fit, on training rows alone. A trained one is taken as it
        is when it comes as ``sklearn.frozen.FrozenEstimator(gan)``; a bare one is cloned, and so forgets. One
        that is conditional stands alone, others in a dict, one a class. No audit can see what those were
        trained on: test rows must not be among it.
    sampling_strategy : str, int, float, dict or callable
        "auto" (every class as large as the largest) and imbalanced-learn's other words. A whole number: rows
        a class, cut down where there are more (yousaf2025: 4000, and 600). A float: so large a share of the
        set is added, always to the smallest class (hegh2025: 0.2); 1 is one row a class, 1.0 doubles the set.
        A dict of class to rows, for those that are to change; or a function that makes one of y.
    classifier : estimator, optional
        A filter: cloned, fitted on the real rows, and asked for the class of every made one.
    min_confidence : float
        Made rows to which `classifier` gives their class a lower probability are drawn anew.
    min_distance : float
        Another filter: made rows are drawn anew that lie nearer to a real row of their class than this share
        of the usual (median) distance between a real row and its nearest neighbour. 0 keeps copies.
    random_state : int, RandomState or None
        Chooses rows that are dropped, and seeds the generators (in place of their own seeds).
    verbose : int
        1 shows a progress bar over classes.

    Attributes
    ----------
    synthetic_ : bool array
        Which of the rows given out a generator made.
    sample_indices_ : int array
        The row of X that each is; -1 for the made ones.
    sampling_strategy_ : dict
        Rows of each class.
    gans_ : dict of label to GAN
        The trained generators; with `n_classes` the same one for all.
    rejected_ : dict of label to float
        Share of made rows that the filters dropped.

    Raises
    ------
    ValueError
        By `fit_resample`: a class is smaller than the GAN's batch, its classes are not those of y, a quota
        names an unknown class, the filters leave too little, or X is not what the GAN makes.

    References
    ----------
    hegh2025, yousaf2025; filters by confidence: Ravuri and Vinyals (2019), Seeing is not necessarily
    believing: limitations of BigGANs for data augmentation.

    Examples
    --------
    >>> import affectkit as ak
    >>> gan = ak.gans.preset("yousaf2025", max_epochs=200)
    >>> sampler = ak.balance.GANSampler(gan, 4000)  # fit_resample(X, y), or a step of an imblearn Pipeline
    """

    _parameter_constraints = {
        **_Filler._parameter_constraints, "gan": "no_validation", "classifier": "no_validation",
        "min_confidence": "no_validation", "min_distance": "no_validation", "verbose": ["verbose"]}

    def __init__(self, gan, sampling_strategy="auto", *, classifier=None, min_confidence=0.5,
                 min_distance=0.0, random_state=0, verbose=0):
        super().__init__(sampling_strategy=sampling_strategy)
        self.gan = gan
        self.classifier = classifier
        self.min_confidence = min_confidence
        self.min_distance = min_distance
        self.random_state = random_state
        self.verbose = verbose

    def _make(self, X, y, lack, rng):
        if not 0 <= self.min_confidence < 1 or not 0 <= self.min_distance:
            raise ValueError(f"min_confidence={self.min_confidence!r} lies from 0 to below 1, min_distance="
                             f"{self.min_distance!r} from 0 on.")
        self._check_gan(y, lack)
        self.gans_, self.rejected_, made = {}, {}, []
        if not lack:
            return made
        conditional = None if getattr(self.gan, "n_classes", None) is None else self.gan
        if conditional is not None and not isinstance(self.gan, FrozenEstimator):
            conditional = self._clone(rng).fit(X, y)
        judge = None if self.classifier is None else clone(self.classifier).fit(X, y)
        for label, n in self._progress(lack.items()):
            if isinstance(self.gan, dict):
                gan = self.gan[label]
            else:
                gan = conditional or self._clone(rng).fit(X[y == label])
            self.gans_[label] = gan
            given = {} if conditional is None else {"y": label}
            made.append((self._draw(gan, given, label, n, X, y, judge, rng), np.full(n, -1)))
        return made

    def _clone(self, rng):
        return clone(self.gan).set_params(random_state=_seed(rng))

    def _draw(self, gan, given, label, n, X, y, judge, rng):
        """Draw samples of a class until `n` have passed the filters."""
        new, drawn, far = X[:0], 0, self._distance_filter(X[y == label])
        while len(new) < n and drawn < MAX_ROUNDS * n:
            some = gan.sample(n, random_state=_seed(rng), **given)
            if some[:1].size != X[:1].size:
                raise ValueError(f"X has rows of the shape {X.shape[1:]}, but gan makes {some.shape[1:]}: "
                                 "resize X, or use another GAN.")
            if some.dtype == np.uint8 and X.dtype.kind == "f":
                some = some / 255  # a GAN of faces takes both scales and gives pixels
            some = some.reshape(n, *X.shape[1:]).astype(X.dtype)
            drawn += n
            if judge is not None:
                column = np.flatnonzero(judge.classes_ == label)[0]
                some = some[judge.predict_proba(some)[:, column] >= self.min_confidence]
            new = np.concatenate([new, some[far(some)]])
        self.rejected_[label] = 1 - len(new) / drawn
        if len(new) < n:
            raise ValueError(
                f"Of {drawn} samples that gan made of class {label!r} only {len(new)} passed the filters, "
                f"and {n} are wanted: lower min_confidence={self.min_confidence:g} or min_distance="
                f"{self.min_distance:g}, or train the GAN longer.")
        return new[:n]

    def _distance_filter(self, real):
        """A function that tells which samples are no near-copies of real ones."""
        if not self.min_distance:
            return lambda some: np.ones(len(some), bool)
        if len(real) < 2:
            raise ValueError("min_distance compares with the distance between real rows, but a class has "
                             "only one: set min_distance=0.")
        near = NearestNeighbors(n_neighbors=1).fit(real.reshape(len(real), -1).astype(np.float32))
        least = self.min_distance * np.median(near.kneighbors()[0])

        def far(some):
            if not len(some):
                return np.ones(0, bool)
            return near.kneighbors(some.reshape(len(some), -1).astype(np.float32))[0][:, 0] >= least

        return far

    def _check_gan(self, y, lack):
        """Say before any training what would stop it."""
        classes, counts = np.unique(y, return_counts=True)
        if isinstance(self.gan, dict):
            missing = [label for label in lack if label not in self.gan]
            if missing:
                raise ValueError(f"gan has no generator for {missing}, which lack rows: add them, or leave "
                                 "these classes as they are by sampling_strategy.")
            bare = [label for label, gan in self.gan.items() if not isinstance(gan, FrozenEstimator)]
            if bare:
                raise ValueError(f"gan has bare generators for {bare}, which would forget when cloned: "
                                 "wrap trained ones in sklearn.frozen.FrozenEstimator.")
            return
        if not hasattr(self.gan, "sample"):
            raise ValueError(f"gan={self.gan!r} makes no samples: give a DCGAN, an RGAN, or a dict of "
                             "trained ones.")
        n_classes, batch = getattr(self.gan, "n_classes", None), getattr(self.gan, "batch_size", 1)
        if isinstance(self.gan, FrozenEstimator):
            if n_classes is None:
                raise ValueError("gan is trained and unconditional, so it cannot make a class: give a dict "
                                 "of label to trained GAN, or a conditional one.")
            unknown = np.setdiff1d(list(lack), self.gan.classes_).tolist()
            if unknown:
                raise ValueError(f"gan was trained without {unknown}, which lack rows; it knows "
                                 f"{self.gan.classes_.tolist()}.")
        elif n_classes is not None:
            if n_classes != len(classes):
                raise ValueError(f"gan has n_classes={n_classes}, but y holds {len(classes)} classes: make "
                                 "them agree, or set n_classes=None for a generator a class.")
        else:
            small = {label: int(n) for label, n in zip(classes.tolist(), counts, strict=True)
                     if label in lack and n < batch}
            if small:
                raise ValueError(f"Fewer rows than one batch of gan (batch_size={batch}): {small}. Lower "
                                 "gan__batch_size, or use one conditional GAN (n_classes) for all classes.")
            if getattr(self.gan, "checkpoint", None) and len(lack) > 1:
                raise ValueError("gan has one checkpoint, but a generator is trained for each of "
                                 f"{list(lack)}: set gan__checkpoint=None.")

    def _progress(self, items):
        if not self.verbose:
            return items
        from tqdm.auto import tqdm

        return tqdm(items, desc="generators", unit="class")


def _seed(rng):
    return int(rng.randint(2**31 - 1))
