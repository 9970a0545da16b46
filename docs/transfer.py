"""Measures what a discriminator knows, and makes docs/transfer.md of it:

    python docs/transfer.py emotions --seeds 0      one measurement; what was measured stays, but for --again
    python docs/transfer.py all                     everything, then the report (many hours)
    python docs/transfer.py report                  docs/transfer.md from what is there

Results are JSON files in reports/transfer/, study.py says how. GANs lie in a folder beside them: several
experiments share one. With AFFECTKIT_CAP=1 all are kept apart.
"""

import inspect
import itertools
import math
import re
import time
from functools import partial

import numpy as np
import pandas as pd
import study
import torch
from imblearn.over_sampling import RandomOverSampler
from scipy.special import softmax
from sklearn.frozen import FrozenEstimator
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.svm import LinearSVC
from study import ROOT, Timed, at_most, replace, row

import affectkit as ak

HEAD = """# What a discriminator knows, measured

Made by `python docs/transfer.py all`; nothing here is typed in by hand, but the figures of the papers.
*value* is the mean over the seeds, *each seed* gives them one by one, *interval* the 95 % interval inside a
run, people resampled (images, where a set knows no people). Pictures are grey and 64 pixels wide, whatever
the set, so that every GAN can look at every set. A GAN has 5 minutes of one core, and never sees a label.
*transductive*: the GAN has seen the test pictures, without labels, as in alharbawee2024.

"""
GOALS = {"emotions": {}, "units": {}, "rules": {}, "fer": {}, "labels": {}, "compounds": {}}
SIZE = 64
MINUTES = 5  # of one core, a GAN
SVM = dict(C=10.0, normalise=True, device="cpu")
N_BOOT = 300

#: alharbawee2024's experiments on emotions: the set the GAN sees, the set its features are tested on.
EMOTIONS = {
    "Exp. 1": ("ckplus", "rafd-frontal"), "Exp. 2": ("celeba", "rafd-frontal"),
    "Exp. 3": ("ckplus", "rafd-multiview"), "Exp. 4": ("rafd-multiview", "rafd-multiview"),
    "Exp. 5": ("rafd-frontal", "rafd-frontal"), "Exp. 6": ("rafdb-basic", "rafdb-basic"),
    "Exp. 7": ("kdef", "kdef"), "Exp. 8": ("sfew", "sfew"),
}  # fmt: skip
#: Its mean areas under the curve, Table II as printed but for Exp. 4, whose column has the mean .940.
PRINTED_EMOTIONS = dict(zip(EMOTIONS, (0.980, 0.998, 0.954, 0.932, 0.999, 0.870, 0.879, 0.754), strict=True))

#: Its experiments on action units: the GAN's set, training, test (Table V), and the means of Table IV.
UNITS = {
    "Exp. 1": ("ckplus", "ckplus", "ckplus"), "Exp. 2": ("ckplus", "rafd-frontal", "rafd-frontal"),
    "Exp. 3": ("celeba", "ckplus", "ckplus"), "Exp. 4": ("celeba", "ckplus", "rafd-frontal"),
    "Exp. 5": ("celeba", "rafd-frontal", "ckplus"), "Exp. 6": ("celeba", "rafd-frontal", "rafd-frontal"),
    "Exp. 7": ("ckplus", "ckplus", "rafd-frontal"), "Exp. 8": ("ckplus", "rafd-frontal", "ckplus"),
}  # fmt: skip
PRINTED_UNITS = dict(zip(UNITS, (0.913, 0.993, 0.928, 0.697, 0.699, 0.989, 0.668, 0.691), strict=True))
FOURTEEN = tuple(f"AU{k}" for k in (1, 2, 4, 5, 6, 7, 9, 12, 15, 17, 23, 24, 25, 27))
#: yousaf2025: quotas, accuracy (Table 6), and F1 of each class (Tables 5 and 4), as printed.
QUOTAS = {"rafdb-basic": 4000, "rafdb-compound": 600}
PRINTED_ACCURACY = {"rafdb-basic": 0.81, "rafdb-compound": 0.56}
PRINTED_F1 = {
    "anger": 0.34, "disgust": 0.33, "fear": 0.28, "happiness": 0.43, "neutral": 0.34, "sadness": 0.33,
    "surprise": 0.35, "angrily disgusted": 0.45, "angrily surprised": 0.28, "disgustedly surprised": 0.25,
    "fearfully angry": 0.30, "fearfully surprised": 0.39, "happily disgusted": 0.28,
    "happily surprised": 0.39, "sadly angry": 0.36, "sadly disgusted": 0.40, "sadly fearful": 0.20,
    "sadly surprised": 0.20,
}  # fmt: skip
PRESENT = 0.2  # a unit of this intensity or more is seen (FACS: B, slight, of A to E)
#: At most so many pictures of each class: the paper's 2,680 of five cameras; CelebA has but one class.
PER_CLASS = {"rafd-multiview": 335, "rafdb-basic": 500, "kdef": 350, "celeba": 20_000}


def folder():
    return ROOT / "reports" / at_most("transfer", "transfer-capped")


def faces(name, seed):
    """A set of grey faces of 64 x 64, all its splits: a Bunch. Real ones are cropped, twins are drawn so."""
    most = at_most(PER_CLASS.get(name), 40 if name == "celeba" else 6)
    options = dict(split="all", size=SIZE, max_per_class=most, random_state=seed)
    bunch = ak.datasets.load(name, **options)
    if bunch.source == "real":
        bunch = ak.datasets.load(name, crop=True, **options)
    bunch.data = ak.datasets.grey(bunch.data)
    return bunch


def gan_of(X, key, seed, kind="alharbawee2024"):
    """A GAN that has looked at pictures, without labels; kept under its key and the state of the code."""
    code = study.state([ROOT / "affectkit" / "gans" / f"{name}.py" for name in ("_base", "dcgan", "presets")])
    path = folder() / "gans" / f"{key}-{kind}-{seed}-{code}.safetensors"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        gan = ak.gans.preset(kind, image_size=X.shape[1], channels=1)
        gan = Timed(gan, MINUTES, random_state=seed).fit(X).gan_
        replace(path, gan.save)
    return ak.gans.DCGAN.load(path, device="cpu")


def seen_by(gan, X):
    """What a trained GAN's discriminator says of pictures: (n, features)."""
    return ak.transfer.DiscriminatorFeatures(FrozenEstimator(gan), device="cpu").fit_transform(X)


def random_weights(X, seed):
    """What a discriminator says that was never trained."""
    gan = ak.gans.preset("alharbawee2024", image_size=X.shape[1], channels=1, random_state=seed)
    return ak.transfer.DiscriminatorFeatures(gan, untrained=True, device="cpu").fit_transform(X)


def pixels(X):
    return X.reshape(len(X), -1).astype(np.float32)


def drawn(Y, said, groups):
    """Mean area under the curve over classes or units, undefined ones left out, and accuracy: (2,).

    Then the same for each draw of people (rows, where none are known), who count as often as drawn:
    (draws, 2). Draws are the same for all who are tested on the same people, so differences are paired. Last
    the number of people.
    """
    units = np.arange(len(Y)) if groups is None else np.unique(groups, return_inverse=True)[1]
    known = ~np.isnan(ak.evaluate.label_auc(Y, said))
    Y, said, n = Y[:, known], said[:, known], units.max() + 1

    def figures(weight):
        kept = weight > 0
        y, s, w = Y[kept], said[kept], weight[kept]
        auc = [roc_auc_score(a, b, sample_weight=w) if 0 < a.mean() < 1 else np.nan
               for a, b in zip(y.T, s.T, strict=True)]  # fmt: skip
        return np.nanmean(auc), np.average(y[np.arange(len(y)), s.argmax(1)], weights=w)

    rng = np.random.default_rng(0)
    draws = [figures(np.bincount(rng.integers(n, size=n), minlength=n)[units].astype(float))
             for _ in range(at_most(N_BOOT, 10))]  # fmt: skip
    return np.array(figures(np.ones(len(Y)))), np.array(draws), n


def rows_of(name, values, draws, n, source, accuracy=True):
    """Rows of what `drawn` gives, with intervals."""
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    return [
        row(f"{name}: {metric}", values[k], low[k], high[k], n=int(n), source=source)
        for k, metric in enumerate(("AUC", "accuracy")[: 1 + accuracy])
    ]


def scored(name, Y, said, groups, source, accuracy=True):
    """Rows: the mean area under the curve, and accuracy, with intervals."""
    return rows_of(name, *drawn(Y, said, groups), source, accuracy)


def one_hot(y, n):
    return np.eye(n, dtype=int)[y]


# ------------------------------------------------------------------------------------------- the measurements


def emotions(seed):
    """alharbawee2024's eight experiments on emotions, each three ways.

    An RBF SVM (C = 10, each row normalised by itself) on the 8,192 features of a discriminator's last
    convolution. *Random folds* is the paper's protocol: ten of them, near-copies of a test face in training,
    and a GAN that has seen all pictures (transductive, but for Exp. 1 to 3, whose GAN saw another set). *By
    person* keeps people together; *the gap* is the first less the second, the same people drawn for both.
    *Hold-out* tests every fourth person, or the official test split where no people are known, with a GAN of
    its own that has seen training pictures alone. Beside the discriminator: raw pixels, one with random
    weights, and in the hold-out the discriminator of the kit's modern GAN and the features of a face-cnn that
    was trained on the same pictures with their labels. Where the same person mostly comes again with another
    expression, as in KDEF, to know the person misleads, and the gap may fall below 0.
    """
    rows = []
    for name, (seen, tested) in EMOTIONS.items():
        bunch = faces(tested, seed)
        X, y, groups, k = bunch.data, bunch.target, bunch.groups, len(bunch.target_names)
        gan = gan_of(X if seen == tested else faces(seen, seed).data, seen, seed)
        described = {
            "discriminator": seen_by(gan, X), "random weights": random_weights(X, seed), "pixels": pixels(X),
        }  # fmt: skip
        folds = {"random folds": StratifiedKFold(at_most(10, 3), shuffle=True, random_state=seed)}
        if groups is not None:
            folds["by person"] = StratifiedGroupKFold(at_most(10, 3), shuffle=True, random_state=seed)
        for what, F in described.items():
            figures = {}
            for protocol, cv in folds.items():
                people = groups if protocol == "by person" else None
                said = ak.transfer.KernelSVM(**SVM).cross_val_predict(F, y, cv=cv, groups=people)
                figures[protocol] = drawn(one_hot(y, k), said, groups)
                rows += rows_of(f"{name}, {protocol}, {what}", *figures[protocol], bunch.source)
            if len(figures) == 2:
                (a, draws_a, n), (b, draws_b, _) = figures.values()
                rows += rows_of(f"{name}, the gap, {what}", a - b, draws_a - draws_b, n, bunch.source)
        rows += held_out(name, bunch, None if seen == tested else gan, seed)
    return dict(rows=rows)


def held_out(name, bunch, gan, seed):
    """Rows of the hold-out: all that is trained sees training people alone; a GAN given, another set."""
    X, y, groups, k = bunch.data, bunch.target, bunch.groups, len(bunch.target_names)
    test = np.isin(groups, np.unique(groups)[::4]) if groups is not None else bunch.split != "train"
    gan = gan or gan_of(X[~test], f"{bunch.name}-part", seed)
    modern = gan_of(X[~test], f"{bunch.name}-part", seed, "modern")
    options = dict(device="cpu", valid_size=0, random_state=seed, max_epochs=at_most(30, 1))
    net = ak.learn.classifier("face-cnn", **options).fit(X[~test], y[~test])
    described = {
        "discriminator": seen_by(gan, X), "modern discriminator": seen_by(modern, X),
        "random weights": random_weights(X, seed), "pixels": pixels(X),
        "face-cnn's features": net.features(X),
    }  # fmt: skip
    rows, who = [], None if groups is None else groups[test]
    for what, F in described.items():
        said = ak.transfer.KernelSVM(**SVM).fit(F[~test], y[~test]).decision_function(F[test])
        rows += scored(f"{name}, hold-out, {what}", one_hot(y[test], k), said, who, bunch.source)
    said = net.predict_proba(X[test])
    return rows + scored(f"{name}, hold-out, face-cnn itself", one_hot(y[test], k), said, who, bunch.source)


def units_of(bunch):
    """The fourteen units as 0 and 1, by what the faces show (CK+'s coders, or the twin's truth)."""
    place = [list(bunch.action_unit_names).index(unit) for unit in FOURTEEN]
    return (np.nan_to_num(bunch.action_units[:, place]) >= PRESENT).astype(int)


def units_by_rule(bunch):
    """The fourteen units as the emotion's label says, by Table VI; neutral has none."""
    has = [ak.emotions.PROTOTYPES[ak.emotions.canonical(name)] for name in bunch.target_names]
    return np.array([[unit in units for unit in FOURTEEN] for units in has], int)[bunch.target]


def units(seed):
    """alharbawee2024's eight experiments on action units.

    A linear SVM a unit on the same features; CK+ has units of its own, RaFD those that Table VI makes of its
    labels, as in the paper. Within a set: ten random folds, ten by person, and a hold-out of every fourth
    person with a GAN of its own; from set to set there is nothing to fold. *AUC*: the mean over the fourteen
    units, without those that are never or always there.
    """
    rows = []
    for name, (seen, learnt, tested) in UNITS.items():
        train, test = (faces(part, seed) for part in (learnt, tested))
        Y, T = (units_of(b) if b.name == "ckplus" else units_by_rule(b) for b in (train, test))
        gan = gan_of(faces(seen, seed).data, seen, seed)
        F, G = (seen_by(gan, b.data) for b in (train, test))
        svm = ak.transfer.KernelSVM(kernel="linear", **SVM | dict(C=1e-3))
        source = " and ".join(dict.fromkeys((train.source, test.source)))
        if learnt != tested:
            said = svm.fit(F, Y).decision_function(G)
            rows += scored(f"{name}, set to set", T, said, test.groups, source, accuracy=False)
            rows += each_unit(f"{name}, set to set", T, said, source)
            continue
        for protocol, kind in (("random folds", StratifiedKFold), ("by person", StratifiedGroupKFold)):
            cv = kind(at_most(10, 3), shuffle=True, random_state=seed)  # of emotions: units go along
            people = train.groups if protocol == "by person" else None
            said = svm.cross_val_predict(F, Y, cv=list(cv.split(F, train.target, people)))
            rows += scored(f"{name}, {protocol}", Y, said, train.groups, source, accuracy=False)
            rows += each_unit(f"{name}, {protocol}", Y, said, source)
        part = np.isin(train.groups, np.unique(train.groups)[::4])
        if seen == learnt:
            F = seen_by(gan_of(train.data[~part], f"{learnt}-part", seed), train.data)
        said = svm.fit(F[~part], Y[~part]).decision_function(F[part])
        rows += scored(f"{name}, hold-out", Y[part], said, train.groups[part], source, accuracy=False)
    return dict(rows=rows)


def each_unit(name, Y, said, source):
    """A row a unit; those that are never or always there have no figure, and say so by NaN."""
    return [
        row(f"{name}, {unit}: AUC of it", auc, n=int(n), source=source)
        for unit, auc, n in zip(FOURTEEN, ak.evaluate.label_auc(Y, said), Y.sum(0), strict=True)
    ]


def rules(seed):
    """How many labels does Table VI get wrong?

    Units by rule against those the twin's faces were drawn with (0.2 or more of full intensity). *right*:
    labels that agree; *precision*: units the rule names that are there; *recall*: units there that it names.
    Acted faces in a studio, and wild ones.
    """
    rows = []
    for name in ("rafd-frontal", "fer2013"):
        split = "all" if name == "rafd-frontal" else "val"
        bunch = ak.datasets.load(name, source="twin", split=split, size=48, random_state=seed,
                                 max_per_class=at_most(None, 10))  # fmt: skip
        true, ruled = units_of(bunch), units_by_rule(bunch)
        parts = {"all": slice(None)} | {unit: [k] for k, unit in enumerate(FOURTEEN)}
        for what, columns in parts.items():
            t, r = true[:, columns].astype(bool), ruled[:, columns].astype(bool)
            values = {"right": (t == r).mean(), "precision": t[r].mean() if r.any() else math.nan,
                      "recall": r[t].mean() if t.any() else math.nan}  # fmt: skip
            rows += [row(f"{name}, {what}: {k}", v, n=len(t), source="twin") for k, v in values.items()]
    return dict(rows=rows)


def fer(seed):
    """Real FER-2013: a discriminator that saw Training without labels.

    Pictures of 48 x 48, features of 3 x 3 x 512. The SVM learns from 2,000 labels and from all 28,709
    (linear there: a kernel matrix of all would take 7 GB), tested on PublicTest, read once a run. Beside it
    the same of random weights, and a face-cnn trained on the same labels.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    most = at_most(None, 400)
    X, y, T, t = known.data[:most], known.target[:most], test.data[:most], test.target[:most]
    gan = gan_of(X, "fer2013", seed)
    few, _ = train_test_split(np.arange(len(y)), train_size=at_most(2000, 200), stratify=y, random_state=seed)
    rows = []
    for what, F, G in (
        ("discriminator", seen_by(gan, X), seen_by(gan, T)),
        ("random weights", random_weights(X, seed), random_weights(T, seed)),
    ):
        for n, at, options in ((f"{len(few):,}", few, {}), ("all", np.arange(len(y)), dict(kernel="linear"))):
            svm = linear() if options else ak.transfer.KernelSVM(**SVM)
            said = svm.fit(F[at], y[at]).decision_function(G)
            rows += scored(f"{what}, {n} labels", one_hot(t, 7), said, None, "real")
    for n, at in ((f"{len(few):,}", few), ("all", np.arange(len(y)))):
        net = ak.learn.classifier("face-cnn", device="cpu", random_state=seed, valid_size=0,
                                  max_epochs=at_most(60 if len(at) < 10_000 else 12, 1))  # fmt: skip
        said = net.fit(X[at], y[at]).predict_proba(T)
        rows += scored(f"face-cnn, {n} labels", one_hot(t, 7), said, None, "real")
    return dict(rows=rows)


def linear():
    """A linear SVM in the primal, for more rows than a kernel matrix holds."""
    return make_pipeline(FunctionTransformer(by_row), LinearSVC(C=1e-4))


def by_row(F):
    """Each row with mean 0 and standard deviation 1."""
    F = F - F.mean(1, keepdims=True)
    return F / F.std(1, keepdims=True)


def labels(seed):
    """When does looking without labels pay?

    FER-2013, twin and real: from 70 labels to 7,000 a face-cnn from scratch, and an SVM on a discriminator
    that saw all of Training without labels, on one with random weights, and on raw pixels. Tested on
    PublicTest.
    """
    rows = []
    for source in ("twin", "real"):
        known, test = (
            ak.datasets.load("fer2013", source=source, split=s, max_per_class=m, random_state=seed)
            for s, m in (("train", at_most(None, 40)), ("val", at_most(None, 10)))
        )
        X, y, T, t = known.data, known.target, test.data, test.target
        gan = gan_of(X, f"fer2013-{source}", seed)
        for n in at_most((70, 210, 700, 2100, 7000), (70,)):
            at, _ = train_test_split(np.arange(len(y)), train_size=n, stratify=y, random_state=seed)
            pairs = {
                "discriminator": (seen_by(gan, X[at]), seen_by(gan, T)),
                "random weights": (random_weights(X[at], seed), random_weights(T, seed)),
                "pixels": (pixels(X[at]), pixels(T)),
            }
            for what, (F, G) in pairs.items():
                said = ak.transfer.KernelSVM(**SVM).fit(F, y[at]).decision_function(G)
                rows += scored(f"{source}, {n:,} labels, {what}", one_hot(t, 7), said, None, source)
            net = ak.learn.classifier("face-cnn", device="cpu", random_state=seed, valid_size=0,
                                      max_epochs=at_most(max(12, min(100, 100_000 // n)), 1))  # fmt: skip
            said = net.fit(X[at], y[at]).predict_proba(T)
            rows += scored(f"{source}, {n:,} labels, face-cnn", one_hot(t, 7), said, None, source)
    return dict(rows=rows)


def compounds(seed):
    """yousaf2025: seven basic and eleven compound expressions, each class filled up by a GAN.

    RAF-DB in colour at 48 pixels, official split. Its quotas (4,000 a class of the basic ones, 600 of the
    compounds; larger classes are drawn down to them) are filled by its GAN, told the class and 5 minutes old,
    or by repeating pictures; MobileNet learns for 12 minutes of one core each way. *From units*: a linear SVM
    for each unit learns the twin's true action units from the basic faces (features of the same GAN's
    discriminator); a face is called the compound whose units, those of its two emotions together, stand out
    most. No compound label is used.
    """
    rows = []
    for name, quota in QUOTAS.items():
        train, test = colour_faces(name, "train", seed), colour_faces(name, "test", seed)
        gan = ak.gans.preset("yousaf2025", image_size=48, n_classes=len(train.target_names))
        gan = Timed(gan, MINUTES, random_state=seed).fit(train.data, train.target).gan_
        sampler = ak.balance.GANSampler(FrozenEstimator(gan), at_most(quota, 12), random_state=seed)
        X, y = sampler.fit_resample(train.data, train.target)
        repeated = np.flatnonzero(~sampler.synthetic_)  # drawn down alike, then filled up by repeating
        repeated, same = RandomOverSampler(random_state=seed).fit_resample(repeated[:, None], y[repeated])
        ways = {
            "as it is": (train.data, train.target), "oversampled": (X[repeated[:, 0]], same), "GAN": (X, y),
        }  # fmt: skip
        for way, sides in ways.items():
            proba = mobilenet(*sides, seed).predict_proba(test.data)
            rows += with_classes(f"{name}, {way}", test, proba)
        if name == "rafdb-basic":
            basic, known = train, gan
    said = compounds_from_units(known, basic, test)
    return dict(rows=rows + with_classes("rafdb-compound, from units", test, said))


def colour_faces(name, split, seed):
    return ak.datasets.load(name, split=split, size=48, random_state=seed, max_per_class=at_most(None, 10))


def mobilenet(X, y, seed):
    """MobileNet after 12 minutes of one core, as one part of an epoch tells."""
    make = partial(ak.learn.classifier, "mobilenet-v1", augment=True, schedule="linear", device="cpu",
                   valid_size=0, random_state=seed)  # fmt: skip
    part, begin = slice(0, at_most(1024, 32)), time.process_time()
    make(max_epochs=1).fit(X[part], y[part])
    epoch = (time.process_time() - begin) / 60 * len(y) / len(y[part])
    return make(max_epochs=at_most(max(1, round(12 / epoch)), 1)).fit(X, y)


def with_classes(name, test, proba):
    """Rows of the usual scores, and a row of F1 a class."""
    table = ak.evaluate.scores(test.target, proba, test.target_names, n_boot=at_most(1000, 10))
    n, classes = len(test.target), ak.evaluate.per_class(test.target, proba, test.target_names)
    return [
        row(f"{name}: {metric}", *table.loc[metric, ["value", "low", "high"]], n=n, source=test.source)
        for metric in ("accuracy", "macro-F1", "balanced accuracy")
    ] + [
        row(f"{name}, {label}: F1", part.f1, n=int(part.support), source=test.source)
        for label, part in classes.iterrows()
    ]


def compounds_from_units(gan, basic, test):
    """Probabilities of compounds that no compound's label was needed for."""
    place = [list(basic.action_unit_names).index(unit) for unit in FOURTEEN]
    F, G = (seen_by(gan, part.data) for part in (basic, test))
    Y = (basic.action_units[:, place] >= PRESENT).astype(int)
    some = np.random.default_rng(0).permutation(len(Y))[:4000]  # a kernel matrix of all is large
    svm = ak.transfer.KernelSVM(kernel="linear", **SVM | dict(C=1e-3)).fit(F[some], Y[some])
    usual, there = (np.nan_to_num(svm.decision_function(part)) for part in (F, G))
    there = (there - usual.mean(0)) / np.maximum(usual.std(0), 1e-6)
    parts = [ak.emotions.COMPOUNDS[name.lower()] for name in test.target_names]
    has = [set().union(*(ak.emotions.PROTOTYPES[emotion] for emotion in pair)) for pair in parts]
    has = np.array([[unit in units for unit in FOURTEEN] for units in has], float)
    asked = has / has.sum(1, keepdims=True) - (1 - has) / (1 - has).sum(1, keepdims=True)
    return softmax(there @ asked.T, axis=1)


MEASURES = {f.__name__: f for f in (emotions, units, rules, fer, labels, compounds)}


# ----------------------------------------------------------------------------------------------------- report


def state(measure):
    """Hash of the code a result rests on: features, SVM, GANs and the measurement."""
    names = ["transfer", "gans/dcgan", "gans/_base", "gans/presets"]
    paths = [ROOT / "affectkit" / f"{name}.py" for name in names]
    functions = [faces, gan_of, seen_by, random_weights, pixels, drawn, rows_of, scored, Timed]
    functions += [MEASURES[measure]]
    functions += {
        "emotions": [held_out], "units": [units_of, units_by_rule, each_unit],
        "rules": [units_of, units_by_rule], "fer": [linear, by_row],
        "compounds": [colour_faces, mobilenet, with_classes, compounds_from_units],
    }.get(measure, [])  # fmt: skip
    settings = SIZE, MINUTES, SVM, EMOTIONS, UNITS, FOURTEEN, PRESENT, PER_CLASS, QUOTAS
    return study.state(paths, settings, *(study.plain(inspect.getsource(f)) for f in functions))


def in_short(found):
    """What a section says in tables of its own, and in pictures."""
    measure, means = found[0]["measure"] if found else "", study.means(found)
    if measure == "compounds":
        return beside_yousaf(means)
    if measure == "labels":
        return learning_curves(means)
    text = beside_alharbawee(measure, means) + by_unit(means) * (measure in ("units", "rules"))
    return text + by_description(means) * (measure == "emotions")


def beside_alharbawee(measure, means):
    """Mean areas beside the paper's, where it prints some."""
    printed = {"emotions": PRINTED_EMOTIONS, "units": PRINTED_UNITS}.get(measure)
    if printed is None:
        return ""
    who = ", discriminator" if measure == "emotions" else ""
    table = pd.DataFrame({"alharbawee2024": {name: f"{value:.3f}" for name, value in printed.items()}})
    for protocol in ("random folds", "by person", "hold-out", "set to set"):
        cells = [means.get(f"{name}, {protocol}{who}: AUC", math.nan) for name in printed]
        if not np.isnan(cells).all():
            table[protocol] = ["" if np.isnan(v) else f"{v:.3f}" for v in cells]
    return "Mean area under the curve, beside the paper's:\n\n" + study.markdown(table)


def by_description(means):
    """A row an experiment and protocol, a column what the SVM was given, or the network alone."""
    who = ("discriminator", "modern discriminator", "random weights", "pixels", "face-cnn's features",
           "face-cnn itself")  # fmt: skip
    text = ""
    for figure, title in (("AUC", "Areas under the curve"), ("accuracy", "Accuracies")):
        lines = {}
        for name, part in itertools.product(EMOTIONS, ("random folds", "by person", "hold-out")):
            where = f"{name}, {part}"
            cells = [means.get(f"{where}, {what}: {figure}", math.nan) for what in who]
            if not np.isnan(cells).all():
                lines[where] = ["" if np.isnan(v) else f"{v:.3f}" for v in cells]
        table = pd.DataFrame.from_dict(lines, orient="index", columns=who)
        text += f"{title}, by what describes the faces:\n\n" + study.markdown(table)
    return text


def by_unit(means):
    """A row an action unit, a column an experiment and protocol."""
    parts = means.index.str.extract(r"^(?P<where>.+), (?P<unit>AU\d+): (?P<figure>.+)$")
    told = parts.assign(value=means.to_numpy()).dropna(subset="unit")
    told["column"] = told["where"] + (", " + told["figure"]).where(told["figure"] != "AUC of it", "")
    table = told.pivot(index="unit", columns="column", values="value").reindex(FOURTEEN).rename_axis("unit")
    text = table.map(lambda x: "undefined" if np.isnan(x) else f"{x:.3f}")
    return "Unit by unit:\n\n" + study.markdown(text)


def learning_curves(means):
    """A picture of the twin, and one of real faces."""
    parts = means.index.str.extract(r"^(?P<source>\w+), (?P<labels>[\d,]+) labels, (?P<who>.+): accuracy$")
    told, text = parts.assign(value=means.to_numpy()).dropna(), ""
    told["labels"] = told["labels"].str.replace(",", "").astype(int)
    for source, part in told.groupby("source", sort=False):
        table = part.pivot(index="labels", columns="who", values="value")
        figure = ak.plots.few_labels(table, ylabel="accuracy on PublicTest",
                                     title=f"FER-2013 ({source}): who makes most of few labels?")  # fmt: skip
        name = f"transfer-labels-{source}.png"
        replace(ROOT / "docs" / name, partial(figure.savefig, dpi=80, format="png"))
        text += f"![accuracy against labels, {source}]({name})\n\n"
    return text


def listed(what):
    """Whether a figure stands in a section's list: the others have tables of their own."""
    if re.search(r", AU\d+: |: F1$", what):
        return False
    return re.match(r"Exp\. \d, .+, .+: ", what) is None or ", the gap, discriminator: " in what


def beside_yousaf(means):
    """Accuracy and F1 a class, beside yousaf2025's."""
    lines = {}
    for name, accuracy in PRINTED_ACCURACY.items():
        classes = ak.cards.get(name).classes
        for what, printed in {"accuracy": accuracy, **{f"{c}: F1": PRINTED_F1[c] for c in classes}}.items():
            between = ": " if what == "accuracy" else ", "
            lines[f"{name}{between}{what}"] = {"yousaf2025": f"{printed:.2f}"} | {
                way: f"{means[key]:.2f}" for way in ("as it is", "oversampled", "GAN", "from units")
                if (key := f"{name}, {way}{between}{what}") in means
            }  # fmt: skip
    table = pd.DataFrame(lines).T.fillna("")
    return "Beside the paper's:\n\n" + study.markdown(table)


def report():
    """Write docs/transfer.md from what is there."""
    study.write(
        ROOT / "docs" / "transfer.md", folder=folder(), measures=MEASURES, state=state,
        rests_on="the code", head=HEAD, goals=GOALS, more=in_short, shown=listed,
    )  # fmt: skip


def main(arguments=None):
    ak.speed.tune()
    torch.set_num_threads(1)
    study.run(
        arguments, about=__doc__, folder=folder(), measures=MEASURES, seeds={}, state=state,
        others=dict(report=report),
    )  # fmt: skip


if __name__ == "__main__":
    main()
