"""Measures the papers' classifiers and their fusion, and makes docs/classifiers.md of it:

    python docs/classifiers.py pairs --seeds 0,1,2   one measurement; what was measured stays, but for --again
    python docs/classifiers.py all                   everything, then the report (many hours)
    python docs/classifiers.py report                docs/classifiers.md from what is there

Results are JSON files in reports/classifiers/, study.py says how. With AFFECTKIT_CAP=1 they are kept apart.
"""

import inspect
import math
import time
from functools import partial

import numpy as np
import pandas as pd
import study
import torch
from sklearn.metrics import precision_recall_fscore_support
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC
from study import ROOT, Timed, at_most, row

import affectkit as ak
from affectkit.preprocess import signals

HEAD = """# Classifiers and fusion, measured

Made by `python docs/classifiers.py all`; nothing here is typed in by hand. *value* is the mean over the
seeds, *each seed* gives them one by one, *interval* the 95 % interval inside a run, test images or people
resampled (the mean of its ends over the seeds). *goal* was set before measuring. Everything was trained from
scratch on one core, minutes are the core's own.

"""
GOALS = {
    "resnet": {
        "with flips and shifts: accuracy": (0.67, math.inf),
        "with flips and shifts: macro-F1": (0.64, math.inf),
        "core-minutes": (-math.inf, 60),
    },
    "copies": {}, "classes": {}, "hybrids": {}, "pairs": {}, "strangers": {}, "table1": {},
}  # fmt: skip
SEEDS = {"resnet": "0,1,2", "pairs": "0,1,2,3,4", "strangers": "0,1,2", "table1": "0,1,2"}
SHOWN = ("accuracy", "macro-F1", "balanced accuracy")
TESTED = 4  # every fourth person


def folder():
    return ROOT / "reports" / at_most("classifiers", "classifiers-capped")


def some(bunch, n):
    """The first rows of a set of faces under a cap, all of it otherwise."""
    return bunch.data[: at_most(None, n)], bunch.target[: at_most(None, n)]


def scored(name, y, proba, names, source, groups=None):
    """Rows of accuracy, macro-F1 and balanced accuracy."""
    table = ak.evaluate.scores(y, proba, names, groups=groups, n_boot=at_most(1000, 20))
    n = len(y) if groups is None else len(set(groups))
    return [
        row(f"{name}: {metric}", *table.loc[metric, ["value", "low", "high"]], n=n, source=source,
            baseline=table.loc[metric, "baseline"])
        for metric in SHOWN
    ]


def gained(name, y, before, after, source, groups=None):
    """Row of the paired difference in macro-F1."""
    gain = ak.evaluate.compare(y, before, after, groups=groups, n_boot=at_most(1000, 20)).loc["macro-F1"]
    n = len(y) if groups is None else len(set(groups))
    return row(name, gain["difference"], gain["low"], gain["high"], n=n, source=source)


def timed(net, X, y, **people):
    """The fitted network, and the minutes of one core that it took."""
    begin = time.process_time()
    return net.fit(X, y, **people), (time.process_time() - begin) / 60


def epochs(minutes, net, X, y):
    """How many epochs a network gets through in so many minutes of one core, as one epoch tells."""
    rows = slice(0, at_most(2048, 64))
    _, one = timed(net.set_params(max_epochs=1, valid_size=0), X[rows], y[rows])
    return at_most(max(1, round(minutes / one * len(y[rows]) / len(y))), 1)


# ------------------------------------------------------------------------------------------- the measurements


def resnet(seed):
    """FER-2013: the small residual network.

    28,709 faces of Training, 140 epochs, none chosen by looking at any others; tested on PublicTest, which is
    read once a run. *With flips and shifts*: the mean over ten views, the face and its mirror image,
    shifted by 3 pixels four ways; these views were fixed inside Training. *Without copies*: on the faces of
    PublicTest that do not stand in Training, pixel by pixel, as well.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    (X, y), (T, t) = some(known, 600), some(test, 100)
    options = dict(max_epochs=at_most(140, 2), valid_size=0, random_state=seed, device="cpu")
    net = ak.learn.classifier("small-resnet", **options)
    net, minutes = timed(net, X, y)
    plain, views = net.predict_proba(T), net.predict_proba(T, flip=True, shift=3)
    seen = {image.tobytes() for image in X}
    new = np.array([image.tobytes() not in seen for image in T])
    names = known.target_names
    return dict(rows=[
        *scored("plain", t, plain, names, "real"),
        *scored("with the mirror", t, net.predict_proba(T, flip=True), names, "real"),
        *scored("with flips and shifts", t, views, names, "real"),
        *scored("with flips and shifts, without copies", t[new], views[new], names, "real"),
        row("parameters", ak.nets.count_parameters(net.module_), source="real"),
        row("core-minutes", minutes, source="real"),
    ])  # fmt: skip


def copies(seed):
    """FER-2013: what Training's copies of PublicTest are worth to the small residual network.

    A copy is the same photograph, as `ak.evaluate.near_copies` finds it: also mirrored, moved, lit otherwise.
    Two networks of 40 epochs, with flips and shifts in the test: one is trained without the faces of Training
    that are copies, the other with them, but without as many others. *New*: the faces of PublicTest that have
    no copy in Training. Fear, surprise and disgust have more copies than the other emotions, so that the two
    differ in their mix of classes, too: *new* shows what that is worth.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    (X, y), (T, t) = some(known, 2000), some(test, 300)
    clean = np.setdiff1d(np.arange(len(X)), ak.evaluate.near_copies(X, T)["row"])
    others = np.random.default_rng(seed).choice(clean, len(X) - len(clean), replace=False)
    new = np.ones(len(T), bool)
    new[ak.evaluate.near_copies(T, X)["row"]] = False
    rows = [row("faces of Training that are copies", len(others), n=len(X), source="real"),
            row("share of PublicTest that has a copy", 1 - new.mean(), n=len(T), source="real")]  # fmt: skip
    said = {}
    for name, train in (("with copies", np.setdiff1d(np.arange(len(X)), others)), ("without", clean)):
        net = ak.learn.classifier("small-resnet", max_epochs=at_most(40, 2), valid_size=0, random_state=seed,
                                  device="cpu").fit(X[train], y[train])  # fmt: skip
        said[name] = net.predict_proba(T, flip=True, shift=3)
        rows += scored(name, t, said[name], known.target_names, "real")
        rows += scored(f"{name}, new", t[new], said[name][new], known.target_names, "real")
    for what, which in (("", slice(None)), (", new", new), (", copied", ~new)):
        before, after = said["without"][which], said["with copies"][which]
        rows.append(gained(f"with minus without{what}: macro-F1", t[which], before, after, "real"))
    return dict(rows=rows)


def classes(seed):
    """electronics2022: models A, B and C, and SVM heads, on FER-2013.

    Its five-block network on 48 x 48 grey faces of Training, 6 minutes of one core a network, tested on
    PublicTest; flips, turns and shifts as in the kit's other networks, dropout and batch as printed. *A,
    merged* is model A's answer to B's and C's question: probabilities added up. The heads are those of model
    C; the SVM on frozen features has the features of the one with softmax.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    rows, seven = [], None
    for grouping in "ABC":
        sides = [ak.datasets.regroup(bunch, grouping) for bunch in (known, test)]
        (X, y), (T, t) = some(sides[0], 600), some(sides[1], 100)
        names = sides[0].target_names
        options = dict(augment=True, schedule="linear", random_state=seed, device="cpu", valid_size=0)
        make = partial(ak.learn.classifier, "five-block-cnn", **options)
        n_epochs = epochs(6, make(), X, y)
        net, _ = timed(make(max_epochs=n_epochs), X, y)
        proba = net.predict_proba(T)
        rows += scored(f"model {grouping}", t, proba, names, "real")
        if grouping == "A":
            seven = net.predict_proba(test.data)
            continue
        group = ak.emotions.regroup(range(7), test.target_names, grouping)[0]
        merged = np.stack([seven[:, group == k].sum(1) for k in range(len(names))], axis=1)
        merged = (merged / merged.sum(1, keepdims=True))[group[test.target] >= 0][: len(t)]
        rows += scored(f"A, merged into {grouping}", t, merged, names, "real")
        rows.append(gained(f"A merged, minus {grouping}: macro-F1", t, proba, merged, "real"))
    hinge = dict(criterion=ak.learn.HingeLoss, max_epochs=n_epochs)
    heads = {
        "hinge, L1": dict(head_l1=0.01), "hinge, L2": dict(head_l2=0.01),
        "hinge, L1 and L2": dict(head_l1=0.01, head_l2=0.01),
        "squared hinge, L2": dict(head_l2=0.01, criterion__squared=True),
    }  # fmt: skip
    for name, options in heads.items():
        said = make(**hinge, **options).fit(X, y).predict_proba(T)
        rows += scored(f"C, {name}", t, said, names, "real")
        rows.append(gained(f"C, {name}, minus softmax: macro-F1", t, proba, said, "real"))
    svm = make_pipeline(StandardScaler(), LinearSVC(C=0.01)).fit(net.features(X), y)
    said = np.eye(len(names))[svm.predict(net.features(T))]
    rows += scored("C, SVM on frozen features", t, said, names, "real")
    rows.append(gained("C, SVM on frozen features, minus softmax: macro-F1", t, proba, said, "real"))
    return dict(rows=rows)


def hybrids(seed):
    """kumar2024: the three hybrids on FER-2013.

    48 x 48 grey faces of Training, from scratch, 20 minutes of one core each, tested on PublicTest. The paper
    has pretrained bases, other pictures and no time limit. A balanced accuracy of 1/7 is a network that has
    one answer for every face: it has not begun to learn.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    (X, y), (T, t) = some(known, 100), some(test, 60)
    rows = []
    for name in ("densenet121-gru", "vgg16-gru", "xception-gru"):
        make = partial(ak.learn.classifier, name, augment=True, random_state=seed, device="cpu", valid_size=0)
        net, minutes = timed(make(max_epochs=epochs(20, make(), X, y)), X, y)
        rows += scored(name, t, net.predict_proba(T), known.target_names, "real")
        rows.append(row(f"{name}: epochs", len(net.history_), source="real"))
        rows.append(row(f"{name}: core-minutes", minutes, source="real"))
    return dict(rows=rows)


def true_pairs(seed):
    """Pairs of one person at one moment, signals standardised by person, and which people are tested."""
    pairs = ak.datasets.load("pairs", source="twin", size=32, random_state=seed,
                             signals=("heart_rate", "eda", "temperature"))  # fmt: skip
    pairs.signals = signals.resample(signals.standardise_by_person(pairs.signals, pairs.groups), 30)
    return pairs, np.isin(pairs.groups, np.unique(pairs.groups)[::TESTED])


FUSIONS = {
    "hybrid": {}, "hybrid, Fourier features": dict(module__fourier=True),
    "early": dict(module__fusion="early"), "late": dict(module__fusion="late"),
    "gated": dict(module__fusion="gated"),
}  # fmt: skip


def networks(seed):
    """Face alone, signal alone, and the fusions: name -> (part of X, network)."""
    options = dict(random_state=seed, device="cpu", valid_size=0, lr=3e-3)
    fused = partial(ak.learn.classifier, "fusion", max_epochs=at_most(16, 1), augment=True, **options)
    made = {
        "face alone": ("face", ak.learn.classifier("face-cnn", max_epochs=at_most(16, 1), **options)),
        "signal alone": ("signal", ak.learn.classifier("heart-lstm", max_epochs=at_most(40, 1), **options)),
    }
    return made | {name: (None, fused(**fusion)) for name, fusion in FUSIONS.items()}, fused


def pairs(seed):
    """True pairs: fused against each sense alone.

    The twin `pairs`: a face of 32 x 32 and, of the same person at the same moment, heart rate, skin
    conductance and temperature, standardised by person; seven classes; every fourth person is tested. Then
    the same with the test's and the training's faces and signals paired anew by label, each side on its own,
    as the papers pair strangers. Last, the hybrid with a sense missing at test time, trained with modality
    dropout of 0.3 and without.
    """
    both, tested = true_pairs(seed)
    X, names = ak.datasets.pairs.fused(both), both.target_names
    train, test = np.flatnonzero(~tested)[: at_most(None, 300)], np.flatnonzero(tested)
    y, t, people = both.target[train], both.target[test], both.groups[test]
    made, fused = networks(seed)
    rows, said = [], {}
    for name, (part, net) in made.items():
        x = X if part is None else X[part]
        said[name] = net.fit(x[train], y).predict_proba(x[test])
        rows += scored(name, t, said[name], names, "twin", people)
        if part is None:
            sides = said["face alone"], said[name]
            rows.append(gained(f"{name}, minus face alone: macro-F1", t, *sides, "twin", people))
    strangers = [
        ak.datasets.pairs.by_label(both, both, face_rows=side, signal_rows=side, random_state=seed)
        for side in (train, test)
    ]
    X_label, T_label = map(ak.datasets.pairs.fused, strangers)
    net = made["hybrid"][1].fit(X_label, strangers[0].target)
    label = scored("hybrid, paired by label", strangers[1].target, net.predict_proba(T_label),
                   strangers[1].target_names, "twin", strangers[1].groups)  # fmt: skip
    rows += label
    for name, options in (("hybrid", {}), ("hybrid, modality dropout", dict(module__modality_dropout=0.3))):
        net = fused(**options).fit(X[train], y)
        if options:
            rows += scored(name, t, net.predict_proba(X[test]), names, "twin", people)
        for gone in ("face", "signal"):
            proba = net.predict_proba(ak.datasets.pairs.without(X[test], gone))
            rows += scored(f"{name}, no {gone} at the test", t, proba, names, "twin", people)
    return dict(rows=rows)


def strangers(seed):
    """FER-2013 with Stress-Predict, paired by label.

    Real faces beside real hearts of other people, as hegh2025 pairs FER-2013 with DEAP: stress with anger,
    disgust, fear and sadness, no stress with the rest; two classes. Training with three quarters of the
    hearts' people, PublicTest with the others; each side is paired on its own. No face belongs to its heart:
    these figures say nothing about a person.
    """
    known, test = (
        ak.datasets.regroup(ak.datasets.load("fer2013", source="real", split=s), ak.datasets.pairs.STRESS)
        for s in ("train", "val")
    )
    hearts = ak.datasets.load("stress-predict", source="real")
    new = np.isin(hearts.groups, np.roll(np.unique(hearts.groups), -seed)[::4])
    sides = [
        ak.datasets.pairs.by_label(faces, hearts, signal_rows=rows, random_state=seed)
        for faces, rows in ((known, ~new), (test, new))
    ]
    audit = ak.evaluate.audit_split(sides[0].signal_rows, sides[1].signal_rows, groups=hearts.groups)
    if (audit["severity"] == "leak").any():
        raise RuntimeError(f"the pairs leak: {audit}")
    (X, T), rows, said = map(ak.datasets.pairs.fused, sides), [], {}
    train = slice(0, at_most(None, 300))
    options = dict(random_state=seed, device="cpu", max_epochs=at_most(8, 1), valid_size=0)
    for name, part in (("face-cnn", "face"), ("heart-lstm", "signal"), ("fusion", None)):
        x, z = (X, T) if part is None else (X[part], T[part])
        net = ak.learn.classifier(name, **options).fit(x[train], sides[0].target[train])
        said[name] = net.predict_proba(z)
        rows += scored(f"{name}, paired by label", sides[1].target, said[name], sides[1].target_names, "real",
                       sides[1].groups)  # fmt: skip
    pair = said["face-cnn"], said["fusion"]
    gain = gained("fusion, minus face-cnn: macro-F1", sides[1].target, *pair, "real", sides[1].groups)
    return dict(rows=[*rows, gain])


def table1(seed):
    """hegh2025's Table 1: CNN, LSTM and hybrid, original and augmented by GANs.

    On the true twin pairs, tested on every fourth person; and on the paper's own sets: its CNN on FER-2013
    (PublicTest), its LSTM on heart rates of DEAP (30 s, seven emotions made of the ratings, every fourth
    person tested), its hybrid on FER-2013 paired with DEAP by label. *Augmented*: a fifth of the training set
    is made by the paper's generators, a DCGAN for faces and an R-GAN for signals, each told the class, always
    for the smallest class; made-up faces and signals of a class are put together. The generators learn from
    training rows alone, 3 minutes of one core each. The twin's classes are even, so that all of them grow.
    Precision, recall and F1 are means over classes; precision has no interval, the others' are over people
    where these are known.
    """
    both, tested = true_pairs(seed)
    X = ak.datasets.pairs.fused(both)
    train, test = np.flatnonzero(~tested)[: at_most(None, 300)], np.flatnonzero(tested)
    original = X[train], both.target[train]
    augmented = filled_pairs(*original, seed, 32)
    made, _ = networks(seed)
    rows = []
    for name, key in (("CNN", "face alone"), ("LSTM", "signal alone"), ("hybrid", "hybrid")):
        part, net = made[key]
        sides = [(x if part is None else x[part], y) for x, y in (original, augmented)]
        rows += both_ways(name, net, *sides, X[test] if part is None else X[test][part], both.target[test],
                          both.groups[test], both.source)  # fmt: skip
    return dict(rows=rows + on_fer(seed) + on_deap(seed))


def on_fer(seed):
    """Rows of hegh2025's CNN on FER-2013."""
    known, held = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    original, test = some(known, 300), some(held, 100)
    net = ak.learn.classifier("face-cnn", max_epochs=at_most(12, 1), valid_size=0, random_state=seed,
                              augment=False, device="cpu")  # fmt: skip
    augmented = filled(*original, seed, 48)
    return both_ways("CNN on FER-2013", net, original, augmented, *test, None, "real")


def on_deap(seed):
    """Rows of hegh2025's LSTM on DEAP, and of its hybrid on FER-2013 paired with DEAP by label."""
    deap = ak.datasets.load("deap", signals=("heart_rate",), labels="emotions", window=30, step=10)
    deap.data = signals.standardise_by_person(deap.data, deap.groups)
    tested = np.isin(deap.groups, np.unique(deap.groups)[::TESTED])
    made, fused = networks(seed)
    train = np.flatnonzero(~tested)[:: at_most(1, 12)]
    original = deap.data[train], deap.target[train]
    rows = both_ways("LSTM on DEAP", made["signal alone"][1], original, filled(*original, seed, None),
                     deap.data[tested], deap.target[tested], deap.groups[tested],
                     deap.source)  # fmt: skip
    sides = []
    for split, people, every in (("train", ~tested, at_most(1, 60)), ("val", tested, at_most(1, 30))):
        faces = ak.datasets.load("fer2013", source="real", split=split)
        side = ak.datasets.pairs.by_label(faces, deap, signal_rows=people, random_state=seed)
        sides.append([part[::every] for part in (ak.datasets.pairs.fused(side), side.target, side.groups)])
    net, original = fused(max_epochs=at_most(6, 1)), sides[0][:2]
    return rows + both_ways("hybrid on FER-2013 and DEAP", net, original, filled_pairs(*original, seed, 48),
                            *sides[1], f"FER-2013 real, DEAP {deap.source}")  # fmt: skip


def both_ways(name, net, original, augmented, T, t, people, source):
    """The four figures of a network without GAN and with it."""
    return [
        line
        for what, (X, y) in (("original", original), ("augmented", augmented))
        for line in bounded(f"{name}, {what}", t, net.fit(X, y).predict_proba(T), source, people)
    ]


def filled_pairs(X, y, seed, image_size):
    """Pairs to which hegh2025's generators have added a fifth."""
    faces, labels = filled(X["face"], y, seed, image_size)
    waves, same = filled(X["signal"], y, seed, None)
    if not np.array_equal(labels, same):
        raise RuntimeError("made-up faces and signals stand in different orders of classes")
    return type(X)(face=faces, signal=waves), labels


def filled(X, y, seed, image_size):
    """A set to which hegh2025's generator has added a fifth."""
    if image_size is None:
        gan = ak.gans.preset("hegh2025-signals", n_classes=7, length=X.shape[1], channels=X.shape[2])
    else:
        gan = ak.gans.preset("hegh2025-faces", n_classes=7, image_size=image_size, width=24)
    return ak.balance.GANSampler(Timed(gan, 3), 0.2, random_state=seed).fit_resample(X, y)


def four(name, y, proba, source):
    """The four figures of hegh2025's table."""
    said = proba.argmax(1)
    precision, recall, f1, _ = precision_recall_fscore_support(y, said, average="macro", zero_division=0)
    values = {"accuracy": (said == y).mean(), "precision": precision, "recall": recall, "F1": f1}
    return [row(f"{name}: {metric}", value, n=len(y), source=source) for metric, value in values.items()]


def bounded(name, y, proba, source, groups=None):
    """The four figures, with intervals and baselines of those that `scores` has as well."""
    table = ak.evaluate.scores(y, proba, range(proba.shape[1]), groups, n_boot=at_most(1000, 20))
    table = table.rename({"balanced accuracy": "recall", "macro-F1": "F1"})
    ends = table.reindex(["accuracy", "precision", "recall", "F1"])[["low", "high", "baseline"]]
    n = len(y) if groups is None else len(set(groups))
    return [
        line | dict(low=low, high=high, n=n, baseline=baseline)
        for line, low, high, baseline in zip(four(name, y, proba, source), *ends.to_numpy().T, strict=True)
    ]


MEASURES = {f.__name__: f for f in (resnet, copies, classes, hybrids, pairs, strangers, table1)}


# ----------------------------------------------------------------------------------------------------- report


def state(measure):
    """Hash of the code a result rests on: networks, training, pairs and the measurement."""
    names = ["learn", "optim", "nets/faces", "nets/hybrid", "nets/fusion", "nets/signals", "datasets/pairs"]
    paths = [ROOT / "affectkit" / f"{name}.py" for name in names]
    functions = (some, timed, epochs, true_pairs, networks, filled, four, Timed, MEASURES[measure])
    functions += (on_fer, on_deap, both_ways, bounded, filled_pairs) * (measure == "table1")
    return study.state(paths, *(study.plain(inspect.getsource(f)) for f in functions))


PAPER = {  # hegh2025's Table 1, as printed: without GAN and with it [%]
    "accuracy": {"CNN": (62, 81), "LSTM": (76, 86), "hybrid": (90, 92)},
    "precision": {"CNN": (63, 81), "LSTM": (77, 93), "hybrid": (90, 92)},
    "recall": {"CNN": (62, 81), "LSTM": (76, 86), "hybrid": (90, 92)},
    "F1": {"CNN": (62, 81), "LSTM": (75, 86), "hybrid": (90, 92)},
}


def beside_the_paper(found):
    """hegh2025's table, its figures and ours: without GAN -> with it, in percent."""
    if not found or found[0]["measure"] != "table1":
        return ""
    means = study.means(found)
    own = " on FER-2013", " on DEAP", " on FER-2013 and DEAP"
    places = {"twin pairs": ("", "", ""), "FER-2013, DEAP": own}
    lines = {}
    for metric, printed in PAPER.items():
        for k, (model, pair) in enumerate(printed.items()):
            cells = {"hegh2025": "{} -> {}".format(*pair)}
            for place, where in places.items():
                ours = [100 * means[f"{model}{where[k]}, {w}: {metric}"] for w in ("original", "augmented")]
                cells[place] = "{:.1f} -> {:.1f}".format(*ours)
            lines[f"{metric}, {model}"] = cells
    return "Beside the paper, without GAN -> with it [%]:\n\n" + study.markdown(pd.DataFrame(lines).T)


def report():
    """Write docs/classifiers.md from what is there."""
    study.write(
        ROOT / "docs" / "classifiers.md", folder=folder(), measures=MEASURES, state=state,
        rests_on="the code", head=HEAD, goals=GOALS, more=beside_the_paper,
    )  # fmt: skip


def main(arguments=None):
    ak.speed.tune()
    torch.set_num_threads(1)
    study.run(
        arguments, about=__doc__, folder=folder(), measures=MEASURES, seeds=SEEDS, state=state,
        others=dict(report=report),
    )  # fmt: skip


if __name__ == "__main__":
    main()
