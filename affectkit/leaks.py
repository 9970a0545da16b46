"""Traps of evaluation, each an experiment with a switch: the same data and model, scored honestly or not.

>>> import affectkit as ak
>>> ak.leaks.run("person on both sides", leak=True, source="twin")                      # doctest: +SKIP
0.87
>>> ak.leaks.inflation("person on both sides", source="twin")                           # doctest: +SKIP

The two arms of an experiment differ in one thing, which the trap's ``leaks`` names. Models are small and
pictures 24 pixels wide, so that a seed takes seconds of one core: what counts is the difference, not the
score.
"""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from scipy.stats import t as student
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import accuracy_score, balanced_accuracy_score, f1_score, roc_auc_score
from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from . import balance, cards, datasets, evaluate
from .preprocess import signals

__all__ = ["audit", "inflation", "run", "traps"]


@dataclass(frozen=True)
class _Trap:
    title: str
    leaks: str
    metric: str
    data: str
    seen: str  # which check of the audit finds it
    experiment: Callable  # (leak, source, seed) -> score, arguments of audit_split or None


TRAPS = {}


def _trap(name, **about):
    def keep(experiment):
        TRAPS[name] = _Trap(experiment=experiment, **about)
        return experiment

    return keep


def traps():
    """All traps.

    Returns
    -------
    pandas.DataFrame
        Indexed by name: ``title``, ``leaks`` (the one thing in which the two arms differ), ``metric``,
        ``data`` and ``seen`` (the check of `evaluate.audit_split` that finds it; empty where no split can
        show it).
    """
    columns = ["title", "leaks", "metric", "data", "seen"]
    rows = {name: [getattr(trap, column) for column in columns] for name, trap in TRAPS.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("name")


def run(name, *, leak, source="auto", random_state=0):
    """Run an experiment once.

    Parameters
    ----------
    name : str
        A name from `traps`.
    leak : bool
        The switch: walk into the trap, or not.
    source : {"auto", "real", "twin"}
        Of the data; of FER-2013 only Training is used, and cut anew.
    random_state : int
        Draws the data (another seed, other people, on twins), cuts them and seeds the model. Both arms of a
        seed share all of that.

    Returns
    -------
    float
        The score, in the trap's metric.
    """
    return float(_of(name).experiment(leak, source, random_state)[0])


def audit(name, *, leak, source="auto", random_state=0):
    """Hand the split of an experiment to `evaluate.audit_split`.

    Parameters
    ----------
    name, leak, source, random_state
        As for `run`.

    Returns
    -------
    pandas.DataFrame or None
        The findings; None where no audit of a split can see the trap.
    """
    facts = _of(name).experiment(leak, source, random_state)[1]
    return None if facts is None else evaluate.audit_split(**facts)


def inflation(name, *, source="auto", seeds=range(5), n_jobs=None):
    """How much a trap adds to a score: both arms, seed by seed.

    Parameters
    ----------
    name : str
        A name from `traps`.
    source : {"auto", "real", "twin"}
    seeds : sequence of int
        At least two.
    n_jobs : int, optional
        Processes, as in joblib.

    Returns
    -------
    pandas.DataFrame, one row
        Indexed by the trap's name: ``honest`` and ``leaky`` (means over seeds), ``inflation`` (leaky less
        honest) with ``low`` and ``high`` (95 % interval of a paired t over seeds), ``metric``, ``n``
        (seeds), ``source`` and ``seconds`` (of both arms of one seed).

    Notes
    -----
    On twins a seed draws new people, so that the interval holds for other data of that kind. Of real faces
    (FER-2013) a seed draws some of those there are; of real hearts it cuts the same rows again and again, and
    the interval leaves out that other people might differ.

    The best of fifty models, or of thirty epochs, by the test is never below the one that was chosen
    otherwise: these two inflations cannot be negative.
    """
    seeds = list(seeds)
    if len(seeds) < 2:
        raise ValueError(f"seeds={seeds!r}: an interval needs at least two.")
    trap, start = _of(name), time.perf_counter()
    jobs = [delayed(run)(name, leak=leak, source=source, random_state=seed)
            for seed in seeds for leak in (False, True)]  # fmt: skip
    honest, leaky = np.array(Parallel(n_jobs)(jobs)).reshape(-1, 2).T
    gain = leaky - honest
    half = student.ppf(0.975, len(gain) - 1) * gain.std(ddof=1) / np.sqrt(len(gain))
    row = dict(honest=honest.mean(), leaky=leaky.mean(), inflation=gain.mean(), low=gain.mean() - half,
               high=gain.mean() + half, metric=trap.metric, n=len(gain), source=_source(trap, source),
               seconds=(time.perf_counter() - start) / len(gain))  # fmt: skip
    return pd.DataFrame([row], index=pd.Index([name], name="name"))


def _of(name):
    if name not in TRAPS:
        raise ValueError(f"there is no trap named {name!r}; there are: {', '.join(TRAPS)}.")
    return TRAPS[name]


def _source(trap, source):
    """Where the data of a trap come from: mixed sources count as twin."""
    names = trap.data.split(" + ")
    if source == "auto":
        source = os.environ.get("AFFECTKIT_SOURCE") or "auto"
    real = all(datasets.available().loc[name, "real"] for name in names) if source == "auto" else False
    return "real" if real or source == "real" else "twin"


# ----------------------------------------------------------------------------------------------- data, models


@lru_cache(maxsize=8)
def _faces(source, seed, n=800):
    """FER-2013 with its own odds: pictures (n, 24, 24), labels, names."""
    counts = np.array(cards.get("fer2013").counts["train"])
    most = round(n * counts.max() / counts.sum())
    bunch = datasets.load(
        "fer2013", source=source, split="train", size=24, max_per_class=most, random_state=seed
    )
    rows = np.concatenate([np.flatnonzero(bunch.target == k)[:max(10, round(n * share))]
                           for k, share in enumerate(counts / counts.sum())])  # fmt: skip
    return bunch.data[rows], bunch.target[rows], bunch.target_names


def _flat(X):
    """Rows of pixels, each picture by itself of mean 0 and spread 1."""
    X = X.reshape(len(X), -1).astype(np.float32)
    return (X - X.mean(axis=1, keepdims=True)) / np.maximum(X.std(axis=1, keepdims=True), 1)


@lru_cache(maxsize=8)
def _hearts(source, seed, step=10):
    """Stress-Predict in windows of 60 s, and the six features of each."""
    bunch = datasets.load("stress-predict", source=source, window=60, step=step, random_state=seed)
    whole = np.flatnonzero(np.isfinite(bunch.data).all(axis=(1, 2)))
    return bunch, whole, signals.features(bunch.data[whole], bunch.sampling_rate)


def _forest(seed, leaf=5):
    return RandomForestClassifier(20, min_samples_leaf=leaf, random_state=seed)


def _folds(leak, seed, groups):
    """Five folds: of rows, or of whole groups."""
    if leak:
        return list(KFold(5, shuffle=True, random_state=seed).split(groups))
    return list(GroupKFold(5, shuffle=True, random_state=seed).split(groups, groups=groups))


def _cross(model, X, y, folds, score):
    """Score of what each row is called when its fold is the test."""
    said = np.empty(len(y))
    for train, test in folds:
        said[test] = score(model.fit(X[train], y[train]), X[test])
    return said


def _predict(model, X):
    return model.predict(X)


def _chance(model, X):
    return model.predict_proba(X)[:, 1]


# ------------------------------------------------------------------------------------------------- the traps


def _made_first(sampler, leak, source, seed):
    """Copies of rare faces made before or after five folds are cut, scored on the faces themselves."""
    X, y, _ = _faces(source, seed)
    said = np.empty(len(y), int)
    n, facts, origin = len(y), None, np.arange(len(y))
    if leak:
        X, y = sampler.fit_resample(X, y)
        origin = sampler.sample_indices_
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        given = (X[train], y[train]) if leak else sampler.fit_resample(X[train], y[train])
        own = test[test < n]  # made rows come last: both arms are asked about the same faces
        said[own] = SVC(C=10, gamma="auto").fit(_flat(given[0]), given[1]).predict(_flat(X[own]))
        if facts is None:
            facts = dict(train=train, test=test, X=X, groups=origin, synthetic=np.arange(len(y)) >= n)
    return f1_score(y[:n], said, average="macro"), facts


@_trap("augment first", title="Augment, then split", leaks="changed copies of test faces stand in training",
       metric="macro-F1", data="fer2013", seen="near duplicate")
def _augment_first(leak, source, seed):
    mild = balance.faces.Changes(flip=0.5, rotation=8, shift=0.04, brightness=0.2)
    return _made_first(balance.Augmenter(mild, random_state=seed), leak, source, seed)


@_trap("oversample first", title="Oversample, then split", leaks="copies of test faces stand in training",
       metric="macro-F1", data="fer2013", seen="exact duplicate")
def _oversample_first(leak, source, seed):
    return _made_first(balance.Augmenter(random_state=seed), leak, source, seed)


class _Generator(BaseEstimator):
    """A cheap stand-in for a GAN of one class: a Gaussian in the space of its main components.

    It remembers more of a face than a GAN may, above all where a class has few.
    """

    def __init__(self, n_classes=None, random_state=0):
        self.n_classes = n_classes
        self.random_state = random_state

    def fit(self, X, y=None):
        self.pca_ = PCA(min(30, len(X) - 1), random_state=self.random_state).fit(X.reshape(len(X), -1))
        self.shape_ = X.shape[1:]
        return self

    def sample(self, n, y=None, *, random_state=None):
        z = np.random.default_rng(random_state).normal(size=(n, self.pca_.n_components_))
        made = self.pca_.inverse_transform(z * np.sqrt(self.pca_.explained_variance_))
        return made.clip(0, 255).astype(np.uint8).reshape(n, *self.shape_)


@_trap("generator saw the test", title="Train the generator on all faces, then split",
       leaks="the generator of each class has learnt from test faces and their labels: 43 % more faces",
       metric="macro-F1", data="fer2013", seen="")
def _generator_saw_test(leak, source, seed):
    X, y, _ = _faces(source, seed)
    train, test = train_test_split(np.arange(len(y)), test_size=0.3, stratify=y, random_state=seed)
    known = np.arange(len(y)) if leak else train
    lack = np.bincount(y[train]).max() - np.bincount(y[train])
    made = [_Generator(random_state=seed).fit(X[known[y[known] == k]]).sample(n, random_state=seed)
            for k, n in enumerate(lack) if n]  # fmt: skip
    labels = np.repeat(np.arange(len(lack)), lack)
    model = SVC(C=10, gamma="auto")
    model.fit(_flat(np.concatenate([X[train], *made])), np.append(y[train], labels))
    return f1_score(y[test], model.predict(_flat(X[test])), average="macro"), None


@_trap("features saw the test", title="Learn features on all faces, without labels, then split",
       leaks="the features have learnt from test faces, but not from their labels", metric="macro-F1",
       data="fer2013", seen="step fitted on other rows")
def _features_saw_test(leak, source, seed):
    X, y, _ = _faces(source, seed, 1600)
    X = _flat(X)
    train, test = train_test_split(np.arange(len(y)), train_size=400, stratify=y, random_state=seed)
    model = make_pipeline(PCA(60, whiten=True, svd_solver="full"), LogisticRegression(max_iter=300))
    model[0].fit(X if leak else X[train])
    model[1].fit(model[0].transform(X[train]), y[train])
    facts = dict(train=train, test=test, X=X, pipeline=model, y=y)
    return f1_score(y[test], model.predict(X[test]), average="macro"), facts


@_trap("person on both sides", title="Split windows, not people",
       leaks="other windows of a test person, overlapping ones too, stand in training", metric="AUC",
       data="stress-predict", seen="person on both sides")
def _person_on_both_sides(leak, source, seed):
    bunch, rows, F = _hearts(source, seed)
    y, people = bunch.target[rows], bunch.groups[rows]
    folds = _folds(leak, seed, people)
    onset = bunch.onset[rows]
    facts = dict(train=folds[0][0], test=folds[0][1], groups=people, trials=bunch.trial[rows],
                 intervals=np.stack([onset, onset + 60], axis=1))  # fmt: skip
    return roc_auc_score(y, _cross(_forest(seed), F, y, folds, _chance)), facts


@_trap("trial on both sides", title="Split windows, not trials",
       leaks="other windows of a test trial, overlapping ones too, and so its rating stand in training",
       metric="balanced accuracy", data="deap", seen="trial on both sides")
def _trial_on_both_sides(leak, source, seed):
    cut = dict(signals=("heart_rate",), window=12, step=4)
    bunch = datasets.load("deap", source=source, random_state=seed, **cut)
    whole = np.isfinite(bunch.data).all(axis=(1, 2))
    y = bunch.target[whole]
    trial = np.char.add(bunch.groups[whole].astype(str), bunch.trial[whole].astype(str))
    F = signals.features(bunch.data[whole], bunch.sampling_rate, n_bands=2)
    folds = _folds(leak, seed, trial)
    facts = dict(train=folds[0][0], test=folds[0][1], trials=trial)
    model = make_pipeline(StandardScaler(), KNeighborsClassifier(1))
    said = _cross(model, F, y, folds, _predict)
    return balanced_accuracy_score(y, said), facts


@_trap("paired first", title="Pair faces and hearts by label, then split",
       leaks="a test pair's heart stands in training as well, beside another face", metric="AUC",
       data="fer2013 + stress-predict", seen="exact duplicate")
def _paired_first(leak, source, seed):
    some = dict(source=source, split="train", size=24, max_per_class=250, random_state=seed)
    faces = datasets.regroup(datasets.load("fer2013", **some), datasets.pairs.STRESS)
    hearts, whole, _ = _hearts(source, seed)
    few = np.random.default_rng(seed).permutation(whole)[:1000]  # a heart goes with several faces
    new_face = np.arange(len(faces.target)) % 3 == 0
    new_heart = np.arange(len(few)) % 3 == 0  # drawn at random: people stand on both sides in both arms
    sides = [np.ones(len(new_face), bool)] if leak else [~new_face, new_face]
    owners = [few] if leak else [few[~new_heart], few[new_heart]]
    pairs = [datasets.pairs.by_label(faces, hearts, face_rows=f, signal_rows=h, random_state=seed)
             for f, h in zip(sides, owners, strict=True)]  # fmt: skip
    faces_, hearts_, y, windows = (np.concatenate([pair[key] for pair in pairs])
                                   for key in ("faces", "signals", "target", "signal_rows"))  # fmt: skip
    if leak:
        train, test = train_test_split(np.arange(len(y)), test_size=1 / 3, stratify=y, random_state=seed)
    else:
        train, test = np.split(np.arange(len(y)), [len(pairs[0].target)])
    F = StandardScaler().fit(signals.features(hearts_[train], 1)).transform(signals.features(hearts_, 1))
    pca = PCA(6, whiten=True, random_state=seed).fit(_flat(faces_[train]))
    both = np.concatenate([F, pca.transform(_flat(faces_))], axis=1)
    said = _chance(_forest(seed, 2).fit(both[train], y[train]), both[test])
    return roc_auc_score(y[test], said), dict(train=train, test=test, X=hearts_, trials=windows)


@_trap("near-copies", title="Shuffle near-copies into the folds",
       leaks="the same instant, photographed with other eyes, stands in training", metric="accuracy",
       data="rafd-frontal", seen="trial on both sides")
def _near_copies(leak, source, seed):
    bunch = datasets.load("rafd-frontal", source=source, size=24, random_state=seed)
    X, y = datasets.grey(bunch.data), bunch.target
    instant = np.array([f"{person}, {bunch.target_names[k]}"
                        for person, k in zip(bunch.groups, y, strict=True)])  # fmt: skip
    folds = _folds(leak, seed, instant)  # other expressions of a person stand in training in both arms
    facts = dict(train=folds[0][0], test=folds[0][1], X=X, trials=instant)
    return accuracy_score(y, _cross(SVC(C=10, gamma="auto"), _flat(X), y, folds, _predict)), facts


@_trap("selected on the test", title="Try fifty settings, report the best test score",
       leaks="the test faces choose the model that is reported", metric="accuracy", data="fer2013", seen="")
def _selected_on_test(leak, source, seed):
    X, y, _ = _faces(source, seed, 1600)
    X, rng = _flat(X), np.random.default_rng(seed)
    train, rest = train_test_split(np.arange(len(y)), train_size=0.5, stratify=y, random_state=seed)
    choose, test = train_test_split(rest, test_size=0.5, stratify=y[rest], random_state=seed)
    hits = []
    for _ in range(50):  # equally good by design: each sees its own fifty pixels
        pixels = rng.choice(X.shape[1], 50, replace=False)
        model = KNeighborsClassifier(5).fit(X[np.ix_(train, pixels)], y[train])
        hits.append([(model.predict(X[np.ix_(rows, pixels)]) == y[rows]).mean() for rows in (choose, test)])
    chosen, tested = np.array(hits).T
    return tested.max() if leak else tested[chosen.argmax()], None


@_trap("best epoch by test", title="Report the best epoch of the test curve",
       leaks="the test faces choose the epoch that is reported", metric="accuracy", data="fer2013", seen="")
def _best_epoch_by_test(leak, source, seed):
    X, y, _ = _faces(source, seed, 1600)
    train, rest = train_test_split(np.arange(len(y)), train_size=0.5, stratify=y, random_state=seed)
    choose, test = train_test_split(rest, test_size=0.5, stratify=y[rest], random_state=seed)
    pca = PCA(60, whiten=True, random_state=seed).fit(_flat(X[train]))
    X, rng = pca.transform(_flat(X)), np.random.default_rng(seed)
    model = SGDClassifier(loss="log_loss", alpha=1e-3, learning_rate="constant", eta0=0.02, random_state=seed)
    curve = []
    for _ in range(30):
        model.partial_fit(X[rows := rng.permutation(train)], y[rows], classes=np.unique(y))
        curve.append([(model.predict(X[rows]) == y[rows]).mean() for rows in (choose, test)])
    chosen, tested = np.array(curve).T
    return tested.max() if leak else tested[chosen.argmax()], None


@_trap("accuracy under imbalance", title="Report accuracy where classes are rare",
       leaks="nothing: the same answers, counted by face instead of by class (arithmetic, not a sample)",
       metric="balanced accuracy, accuracy", data="fer2013", seen="")
def _accuracy_under_imbalance(leak, source, seed):
    X, y, names = _faces(source, seed, 1600)
    y = (y == names.index("disgust")).astype(int)  # disgust, or any other
    train, test = train_test_split(np.arange(len(y)), test_size=0.5, stratify=y, random_state=seed)
    said = KNeighborsClassifier(5).fit(_flat(X[train]), y[train]).predict(_flat(X[test]))
    return (accuracy_score if leak else balanced_accuracy_score)(y[test], said), None


@_trap("session clock", title="Let the model know the time",
       leaks="minutes since the session began, in which everybody does the tasks in one order", metric="AUC",
       data="stress-predict", seen="")
def _session_clock(leak, source, seed):
    bunch, rows, F = _hearts(source, seed)
    y, people = bunch.target[rows], bunch.groups[rows]
    F = np.column_stack([F, bunch.onset[rows]]) if leak else F
    folds = _folds(False, seed, people)
    return roc_auc_score(y, _cross(_forest(seed), F, y, folds, _chance)), None
