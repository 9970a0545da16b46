"""Measures what traps of evaluation add to a score, and makes docs/leaks.md of it:

    python docs/leaks.py hearts --seeds 0    one measurement; what was measured stays, but for --again
    python docs/leaks.py all                 everything, then the report (about a quarter of an hour)
    python docs/leaks.py report              docs/leaks.md from what is there

Results are JSON files in reports/leaks/, study.py says how. With AFFECTKIT_CAP=1 they are kept apart.
"""

import inspect
import math

import numpy as np
import study
from sklearn.metrics import f1_score, recall_score
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC
from study import ROOT, at_most, row

import affectkit as ak

HEAD = """# Traps of evaluation, measured

Made by `python docs/leaks.py all`; nothing here is typed in by hand. Each trap of `ak.leaks` is one
experiment with a switch: *honest* and *leaky* are means over seeds, *inflation* is their difference, seed by
seed, with the 95 % interval of a paired t. On twins each seed draws other people, of FER-2013 other faces of
Training; of Stress-Predict it cuts the same rows anew, so that the interval leaves out that other people
might differ. Scores are those of small models on small pictures: what counts is the difference. *n* counts
seeds, unless the text says otherwise.

"""
CHEAP = ("generator saw the test", "features saw the test", "selected on the test", "best epoch by test")
NO_EFFECT = ("features saw the test",)  # asked for in its section: what it adds, not that it does
BY_DESIGN = ("selected on the test", "best epoch by test", "accuracy under imbalance")  # nothing to be asked
ABOVE_CHANCE = (0, math.inf, "low")
GOALS = {
    "twins": {
        f"{name}: inflation": ABOVE_CHANCE for name in ak.leaks.TRAPS if name not in NO_EFFECT + BY_DESIGN
    },
    "hearts": {
        "person on both sides: inflation": ABOVE_CHANCE, "session clock: inflation": ABOVE_CHANCE,
        "paired first: inflation": ABOVE_CHANCE,
        "person on both sides: inflation, people drawn": ABOVE_CHANCE,
        "session clock: inflation, people drawn": ABOVE_CHANCE,
    },
    "faces": {
        "augment first: inflation": ABOVE_CHANCE, "oversample first: inflation": ABOVE_CHANCE,
    },
    "disgust": {},
    "copies": {},
    "within": {},
}  # fmt: skip


def folder():
    return ROOT / "reports" / at_most("leaks", "leaks-capped")


def traps(names, source, seeds):
    """Rows of each trap's honest and leaky score and its inflation; `seeds` of a name."""
    rows = []
    for name in names:
        one = ak.leaks.inflation(name, source=source, seeds=range(at_most(seeds(name), 2))).iloc[0]
        about = dict(n=int(one.n), source=one.source)
        rows += [row(f"{name}: {arm}, {one.metric}", one[arm], **about) for arm in ("honest", "leaky")]
        rows.append(row(f"{name}: inflation", one.inflation, one.low, one.high, **about))
    return rows


# ------------------------------------------------------------------------------------------- the measurements


def twins(seed):
    """All traps on twins.

    Ten seeds each; sixty where an effect is small and an experiment cheap. *Features saw the test* is the
    trap that needs them to show that it adds next to nothing: principal components that have seen the test
    faces without their labels know what faces look like, and not one answer.

    Of three traps nothing is asked. *Selected on the test* and *best epoch by test* cannot be negative, for
    the best by the test is never below another. *Accuracy under imbalance* is arithmetic, not a sample: the
    same answers, which are nearly always "not disgust", counted in two ways; no draw changes them.

    *Generator saw the test* has two limits: its generator is a Gaussian a class, no GAN, and that of the
    leaky arm learns from 43 % more faces.
    """
    return dict(rows=traps(ak.leaks.TRAPS, "twin", lambda name: 60 if name in CHEAP else 10))


def hearts(seed):
    """Stress-Predict: people on both sides, the clock, and hearts used twice.

    The real set: heart rate at 1 Hz of 29 people (S02 to S30: the published table has no others; S01 did the
    tasks in another order), windows of 60 s and one label, a step of 10 s, two classes; six features, a
    random forest of 20 trees, five folds, ten ways to cut them. *Paired first* puts FER-2013's faces of
    Training beside these hearts. *Time only* is a forest that is told the seconds since the session began and
    nothing of the heart, people kept apart. *People drawn* is the inflation of one cut, its interval from
    drawing people: there, and for *time only*, *n* counts people. *None overlapping* has a step of 60 s, so
    that no two windows share a moment: what is left is the person.
    """
    rows = traps(("person on both sides", "session clock", "paired first"), "real", lambda name: 10)
    for step, name in ((10, "person on both sides"), (60, "person on both sides, none overlapping")):
        y, people, F, _ = windows(step)
        arms = [chances(F, y, ak.leaks._folds(leak, 0, people)) for leak in (False, True)]
        rows.append(drawn(name, y, people, *arms))
    y, people, F, time = windows(step=10)
    apart = ak.leaks._folds(False, 0, people)
    plain, clock, alone = (chances(X, y, apart) for X in (F, np.hstack([F, time]), time))
    rows.append(drawn("session clock", y, people, plain, clock))
    auc = ak.evaluate.scores(y, alone, ["baseline", "stress"], people, n_boot=at_most(1000, 20)).loc["AUC"]
    rows.append(row("time only: AUC", auc.value, auc.low, auc.high, n=len(set(people)), source="real"))
    return dict(rows=rows)


def windows(step):
    """Labels, people, features and seconds since the start of the real hearts' windows."""
    bunch, whole, F = ak.leaks._hearts("real", 0, step)
    return bunch.target[whole], bunch.groups[whole], F, bunch.onset[whole][:, np.newaxis]


def chances(X, y, folds):
    """Each row's probabilities when its fold is the test."""
    said = ak.leaks._cross(ak.leaks._forest(0), X, y, folds, ak.leaks._chance)
    return np.stack([1 - said, said], axis=1)


def drawn(name, y, people, honest, leaky):
    """The inflation of one cut, with its interval from drawing people."""
    auc = ak.evaluate.compare(y, honest, leaky, people, n_boot=at_most(2000, 20)).loc["AUC"]
    what = f"{name}: inflation, people drawn"
    return row(what, auc.difference, auc.low, auc.high, n=len(set(people)), source="real")


def faces(seed):
    """FER-2013: copies before the split, and selection on the test.

    Real faces of Training alone, about 800 or 1,600 with the set's own odds; a seed draws and cuts them.
    """
    names = ("augment first", "oversample first", "generator saw the test", "features saw the test",
             "selected on the test", "best epoch by test", "accuracy under imbalance")  # fmt: skip
    return dict(rows=traps(names, "real", lambda name: 20 if name in CHEAP else 10))


def disgust(seed):
    """The rare class: disgust, copied before the split or after.

    Real faces of Training: all 436 disgusted ones and 1,500 others, five folds; an SVM on 24 x 24 pixels.
    Three changed copies of each disgusted face, as in electronics2022, or three exact ones, are made before
    the folds are cut, or in each training part. Recall of disgust and macro-F1 of "disgust or not", on the
    436 and the 1,500 themselves. *Inflation* is before less after, face by face; its interval is from drawing
    faces. *n* counts faces.
    """
    bunch = ak.datasets.load("fer2013", source="real", split="train", size=24)
    rare = np.flatnonzero(bunch.target == bunch.target_names.index("disgust"))
    others = np.flatnonzero(bunch.target != bunch.target_names.index("disgust"))
    others = np.random.default_rng(seed).permutation(others)[: at_most(1500, 150)]
    X = bunch.data[np.concatenate([rare[: at_most(None, 40)], others])]
    y = np.arange(len(X)) < len(X) - len(others)
    mild = ak.balance.faces.Changes(flip=0.5, rotation=8, shift=0.04, brightness=0.2)
    rows = []
    for copies, changes in (("changed copies", mild), ("exact copies", None)):
        filler, calls = ak.balance.Augmenter(changes, {True: 4 * y.sum()}, random_state=seed), []
        for order, leak in (("after the split", False), ("before the split", True)):
            said = out_of_fold(filler, X, y, leak, seed)
            calls.append(said)
            about = dict(n=len(y), source="real")
            rows.append(row(f"{copies} {order}: recall of disgust", recall_score(y, said), **about))
            rows.append(row(f"{copies} {order}: macro-F1", f1_score(y, said, average="macro"), **about))
        rows += gains(copies, y, *calls)
    return dict(rows=rows)


def gains(copies, y, after, before):
    """What copies before the split add, with intervals from drawing faces."""
    n_boot = at_most(2000, 20)
    recall = ak.evaluate.mean_interval(before[y].astype(float) - after[y], n_boot=n_boot)
    honest, leaky = (np.eye(2)[said.astype(int)] for said in (after, before))
    f1 = ak.evaluate.compare(y.astype(int), honest, leaky, n_boot=n_boot).loc["macro-F1"]
    return [
        row(f"{copies}: inflation of recall of disgust", *recall, n=int(y.sum()), source="real"),
        row(f"{copies}: inflation of macro-F1", f1.difference, f1.low, f1.high, n=len(y), source="real"),
    ]


def out_of_fold(filler, X, y, leak, seed):
    """What each given face is called when its fold is the test."""
    n, said = len(y), np.empty(len(y), bool)
    if leak:
        X, y = filler.fit_resample(X, y)
    for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
        known, labels = X[train], y[train]
        if not leak:
            filler.set_params(sampling_strategy={True: 4 * labels.sum()})
            known, labels = filler.fit_resample(known, labels)
        model = SVC(C=10, gamma="auto").fit(ak.leaks._flat(known), labels)
        own = test[test < n]
        said[own] = model.predict(ak.leaks._flat(X[own]))
    return said


def copies(seed):
    """FER-2013: photographs that stand in Training and in PublicTest.

    Counts over all 3,589 faces of PublicTest: *byte by byte*, and *the same photograph*, which also counts
    those that `ak.evaluate.near_copies` finds mirrored, lit otherwise, moved or marked by another watermark.
    Of those that it finds, *labelled otherwise* is the share whose copy in Training has another label. *n*
    counts faces.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=s) for s in ("train", "val"))
    X, T = known.data[: at_most(None, 2000)], test.data[: at_most(None, 300)]
    seen = {image.tobytes() for image in X}
    exact = np.array([image.tobytes() in seen for image in T])
    near = ak.evaluate.near_copies(T, X)
    same = exact.copy()
    same[near["row"]] = True
    other = test.target[near["row"]] != known.target[near["of"]]
    about = dict(n=len(T), source="real")
    return dict(rows=[
        row("byte by byte", exact.sum(), **about),
        row("the same photograph", same.sum(), **about),
        row("share of PublicTest", same.mean(), **about),
        row("labelled otherwise", other.mean() if len(other) else 0, n=len(other), source="real"),
    ])  # fmt: skip


def within(seed):
    """FER-2013: what the copies are worth.

    Inside Training: 2,000 faces drawn as test, 10,000 others to learn from, an SVM on 24 x 24 pixels.
    *Without*: those are left out that are the same photograph as a test face. *With copies*: as many others
    are left out, drawn at random, so that both learn from equally many. The last two rows ask only about the
    test faces that have a copy. *n* counts test faces.
    """
    bunch = ak.datasets.load("fer2013", source="real", split="train", size=48)
    rng = np.random.default_rng(seed)
    rows = rng.permutation(len(bunch.target))[: at_most(12_000, 700)]
    test, train = np.split(rows, [at_most(2000, 200)])
    near = ak.evaluate.near_copies(bunch.data[train], bunch.data[test])
    clean = np.delete(train, near["row"])
    copied = np.setdiff1d(train, rng.choice(clean, len(near), replace=False))
    has = np.isin(np.arange(len(test)), near["of"])
    small = ak.leaks._flat(ak.preprocess.faces.resize(bunch.data[rows], 24))
    place = {r: k for k, r in enumerate(rows)}
    hits, y = {}, bunch.target
    for name, known in (("with copies", copied), ("without", clean)):
        model = SVC(C=10, gamma="auto", cache_size=500).fit(small[[place[r] for r in known]], y[known])
        hits[name] = model.predict(small[: len(test)]) == y[test]
    gain = hits["with copies"].astype(float) - hits["without"]
    half = 1.96 * gain.std() / np.sqrt(len(gain))
    about = dict(n=len(test), source="real")
    result = [row(f"{name}: accuracy", hit.mean(), **about) for name, hit in hits.items()]
    result += [
        row("inflation", gain.mean(), gain.mean() - half, gain.mean() + half, **about),
        row("training faces that are copies", len(train) - len(clean), n=len(train), source="real"),
    ]
    result += [row(f"faces that have a copy, {name}: accuracy", hit[has].mean() if has.any() else math.nan,
                   n=int(has.sum()), source="real") for name, hit in hits.items()]  # fmt: skip
    return dict(rows=result)


MEASURES = {f.__name__: f for f in (twins, hearts, faces, disgust, copies, within)}
SEEDS = {"disgust": "0,1,2,3,4", "within": "0,1,2"}


# ----------------------------------------------------------------------------------------------------- report


def state(measure):
    """Hash of the code a result rests on: traps, audit, samplers, pairs, twins, the measurement."""
    package = ROOT / "affectkit"
    names = ["leaks", "evaluate/_alike", "evaluate/audit", "evaluate/scores", "balance/samplers",
             "balance/faces", "preprocess/signals", "datasets/pairs"]  # fmt: skip
    paths = [package / f"{name}.py" for name in names] + sorted((package / "twins").glob("*.py"))
    functions = (traps, windows, chances, drawn, out_of_fold, gains, MEASURES[measure])
    code = (study.plain(inspect.getsource(f)) for f in functions)
    return study.state(paths, *code)


def report():
    """Write docs/leaks.md from what is there."""
    study.write(ROOT / "docs" / "leaks.md", folder=folder(), measures=MEASURES, state=state,
                rests_on="the code", head=HEAD, goals=GOALS)  # fmt: skip


def main(arguments=None):
    study.run(arguments, about=__doc__, folder=folder(), measures=MEASURES, seeds=SEEDS, state=state,
              others=dict(report=report))  # fmt: skip


if __name__ == "__main__":
    main()
