"""Measures what balances classes best, and makes docs/balance.md of it:

    python docs/balance.py real                     one table; finished cells stay, so a killed run goes on
    python docs/balance.py all                      everything, then the report
    python docs/balance.py report                   docs/balance.md and its pictures from what is there

Results are JSON files in reports/balance/, study.py says how; each finished cell (method, seed, split) lies
there as well. With AFFECTKIT_CAP=1 results are kept apart.
"""

import inspect
import json
from functools import partial

import numpy as np
import pandas as pd
import study
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer
from study import ROOT, Timed, at_most, markdown, replace

import affectkit as ak

HEAD = """# Balancing, measured

Made by `python docs/balance.py all`; nothing here is typed in by hand. Every method trains the same network
with the same seeds on the same rows, for the same number of steps (give or take a tenth, because epochs are
whole), without early stopping, on one core. The generators' time comes on top. They make every class as large
as the largest. Labels are smoothed by a tenth (the kit's recipe), but for balanced softmax and logit
adjustment, which need the classes' shares as they are. Intervals (95 %) are of drawing the rows (with people:
the people) that were tested, all seeds together; a difference is to *none*, *q* its p after Benjamini and
Hochberg's correction for the number of methods, *won* the share of cells (seed, split) in which the method
beats *none*. *seconds* are of a cell, generator and test included, by the clock of a machine that had other
things to do as well; generators were given time of the processor. Each table merges three seeds (0, 1, 2) of
its own; what its command calls a seed is all of them.

"""
BATCH = 64
SEEDS = (0, 1, 2)


def folder():
    return ROOT / "reports" / at_most("balance", "balance-capped")


def networks(name, steps, y):
    """A function that makes the network, for as many steps on y as where a sampler fills y up."""
    plain, full = ({"max_epochs": max(1, round(steps * BATCH / n))} for n in (len(y), full_size(y)))

    def network(sampler=None, **options):
        epochs = plain if sampler is None else full
        options = dict(augment=False) | epochs | options
        return ak.learn.classifier(
            name, sampler=sampler, batch_size=BATCH, valid_size=0, device="cpu", **options
        )

    return network


def full_size(y):
    """Rows of a set in which all classes are as large as the largest."""
    counts = np.unique(y, return_counts=True)[1]
    return int(counts.max() * len(counts))


def free(network, classic, on_the_fly):
    """The rivals that train no generator.

    Where the classes' shares count, labels are not smoothed: that would blur the shares.
    """
    balanced = dict(criterion=ak.balance.BalancedSoftmaxLoss, label_smoothing=0.0)
    return {
        "none": network(),
        "class weights": network(class_weight="balanced"),
        "oversampling": network(ak.balance.Augmenter()),
        classic[0]: network(**classic[1]),
        "focal loss": network(criterion=ak.balance.FocalLoss),
        "balanced softmax": network(**balanced),
        "logit adjustment": ak.balance.LogitAdjusted(network(label_smoothing=0.0)),
        f"{classic[0]} + balanced softmax": network(**balanced, **on_the_fly),
    }


def face_methods(y, steps, minutes):
    """Of all methods for faces, the networks that train on y."""
    network, n = networks("face-cnn", steps, y), len(np.unique(y))
    fly = dict(augment=ak.balance.faces.preset("hegh2025"))
    gan = partial(ak.gans.preset, "hegh2025-faces", width=24)
    modern = Timed(ak.gans.preset("modern", n_classes=n), minutes)
    sampler = ak.balance.GANSampler
    return free(network, ("classic", fly), fly) | {
        "DCGAN a class": network(sampler(Timed(gan(), minutes / (n - 1)))),
        "conditional DCGAN": network(sampler(Timed(gan(n_classes=n), minutes))),
        "modern GAN": network(sampler(modern)),
        "classic + modern GAN": network(sampler(modern), **fly),
    }


def faces_of(source):
    """FER-2013 or its twin: a stratified 7,000 of Training to learn from, and the rest to test on.

    Faces of the rest that are, pixel by pixel, also among the 7,000 are left out of it.
    """
    whole = ak.datasets.load("fer2013", source=source, split="train")
    X, y = whole.data, whole.target
    known, rest = train_test_split(
        np.arange(len(y)), train_size=at_most(7000, 700), stratify=y, random_state=0
    )
    seen = {image.tobytes() for image in X[known]}
    rest = np.array([row for row in rest if X[row].tobytes() not in seen])[: at_most(None, 300)]
    return X[known], y[known], (X[rest], y[rest])


def told(result, y_test, source, **more):
    """What a measurement keeps."""
    table = result.table.astype(object).where(result.table.notna(), None).to_dict("records")
    return dict(rows=[], table=table, n=len(y_test), source=source, **more)


def compared(name, methods, X, y, **options):
    torch.set_num_threads(1)
    options |= dict(path=folder() / name, n_boot=at_most(1000, 20), seeds=at_most(SEEDS, SEEDS[:2]))
    return ak.balance.compare(methods, X, y, verbose=1, **options)


def seven_thousand(name, source):
    X, y, test = faces_of(source)
    methods = face_methods(y, at_most(900, 10), 1.25)
    result = compared(name, methods, X, y, test=test, rare=[1])
    return told(result, test[1], source, rare=int((test[1] == 1).sum()))


def whole(name, subset, source):
    """The best of the subset's table, on all of Training."""
    path = folder() / f"{subset}-0.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is not there: measure {subset} first, {name} takes its best four.")
    table = pd.DataFrame(json.loads(path.read_text("utf-8"))["table"])
    table = table[(table["metric"] == "macro-F1") & (table["method"] != "none")]
    best = table.nlargest(4, "value")["method"].tolist()
    known, test = (ak.datasets.load("fer2013", source=source, split=s) for s in ("train", "val"))
    X, y = known.data[: at_most(None, 700)], known.target[: at_most(None, 700)]
    methods = face_methods(y, at_most(1800, 10), 2)
    methods = {name: methods[name] for name in ("none", *best)}
    test = test.data[: at_most(None, 300)], test.target[: at_most(None, 300)]
    result = compared(name, methods, X, y, test=test, rare=[1])
    return told(result, test[1], source, rare=int((test[1] == 1).sum()))


# ------------------------------------------------------------------------------------------- the measurements


def twin(seed):
    """The twin of FER-2013: 7,000 faces.

    A stratified 7,000 of Training, 48 x 48, grey; tested on the others of Training, so that PublicTest stays
    unread until the best are known. hegh2025's three-convolution network, 900 steps of 64 faces. *classic*:
    all faces mirrored, turned and brightened anew in every batch (the preset hegh2025). *DCGAN a class*: six
    generators (Radford's layers at width 24), which share 1.25 minutes of one core; the conditional DCGAN and
    the modern GAN (the preset "modern" with classes) have as much each. The rare class is disgust.
    """
    return seven_thousand("twin", "twin")


def real(seed):
    """FER-2013: 7,000 real faces.

    The same protocol as on the twin.
    """
    return seven_thousand("real", "real")


def stress(seed):
    """Stress-Predict: real heart rates.

    Windows of 60 s of heart rate at 1 Hz, rest and stress, 29 people; five folds by people. The small
    convolutional network, 1,000 steps of 64 windows. *classic* is the preset um2017 (jitter, scaling, time
    warps), made once for the rarer class. *R-GAN a class* is the preset hegh2025-signals, a recurrent
    generator for the rarer class; the conditional one learns from both classes, and so does the modern one
    (the preset modern-signals); 12 seconds of one core each. The last row trains no network: a logistic
    regression on one number, the window's mean heart rate. The rare class is stress.
    """
    hearts = ak.datasets.load("stress-predict", source="real")
    rows = slice(None, None, at_most(1, 12))
    X, y, groups = hearts.data[rows], hearts.target[rows], hearts.groups[rows]
    network, length = networks("heart-cnn", at_most(1000, 10), y), X.shape[1]
    offline = dict(sampler=ak.balance.Augmenter("um2017"))
    gan, sampler, minutes = partial(ak.gans.preset, length=length), ak.balance.GANSampler, 0.2
    methods = free(network, ("classic", offline), {}) | {
        "R-GAN a class": network(sampler(Timed(gan("hegh2025-signals"), minutes))),
        "conditional R-GAN": network(sampler(Timed(gan("hegh2025-signals", n_classes=2), minutes))),
        "modern GAN": network(sampler(Timed(gan("modern-signals", n_classes=2), minutes))),
        "mean heart rate alone": make_pipeline(
            FunctionTransformer(mean_rate), LogisticRegression(class_weight="balanced")
        ),
    }
    del methods["classic + balanced softmax"]  # copies of the rarer class and its prior would count twice
    result = compared("stress", methods, X, y, groups=groups, cv=at_most(5, 2), rare=[1])
    return told(result, y, "real", rare=int((y == 1).sum()), people=len(set(groups)))


def mean_rate(X):
    return X.mean(axis=(1, 2))[:, None] / 10 - 8  # about 0, a unit for ten beats a minute


def real_whole(seed):
    """FER-2013: all real faces, the best four.

    All of Training; tested on PublicTest, which is read here and nowhere else in this study. The four are
    those with the highest macro-F1 in the table of 7,000 faces. 1,800 steps, 2 minutes for a generator. That
    is four epochs, where the 7,000 faces had eight: what makes the task harder has no time to pay off, and
    PublicTest holds copies of Training's faces, which favour whoever learns faces as they are.
    """
    return whole("real_whole", "real", "real")


def twin_whole(seed):
    """The twin of FER-2013: all faces, the best four.

    The same protocol as on the real faces.
    """
    return whole("twin_whole", "twin", "twin")


MEASURES = {f.__name__: f for f in (twin, real, real_whole, twin_whole, stress)}


# ----------------------------------------------------------------------------------------------------- report


def state(measure):
    """Hash of the code a result rests on: networks, training, generators, samplers and the measurement."""
    names = {
        "gans": "_base dcgan losses presets rgan", "nets": "faces signals",
        "balance": "_copies comparison faces losses samplers signals",
    }  # fmt: skip
    paths = [ROOT / "affectkit" / part / f"{name}.py" for part in names for name in names[part].split()]
    functions = (Timed, networks, full_size, free, face_methods, faces_of, seven_thousand, whole, mean_rate,
                 MEASURES[measure])  # fmt: skip
    code = [study.plain(inspect.getsource(f)) for f in functions]
    return study.state([*paths, ROOT / "affectkit/learn.py"], *code)


def table(results):
    """A measurement's table, and its picture."""
    if not results:
        return ""
    result = results[0]
    frame = pd.DataFrame(result["table"]).set_index(["method", "metric"])
    lines = {}
    for method in frame.index.unique("method"):
        part = frame.loc[method]
        f1, gain = part.loc["macro-F1"], part.loc["rare recall"]
        lines[method] = {
            "macro-F1": span(f1, "value", "low", "high"),
            "difference": span(f1, "difference", "difference_low", "difference_high", signed=True),
            "q": "" if pd.isna(f1["q"]) else f"{f1['q']:.3f}",
            "won": "" if pd.isna(f1["won"]) else f"{f1['won']:.0%}",
            "accuracy": f"{part.loc['accuracy', 'value']:.3f}",
            "balanced accuracy": f"{part.loc['balanced accuracy', 'value']:.3f}",
            "rare recall": span(gain, "value", "low", "high"),
            "seconds": f"{f1['seconds']:.0f}",
        }
    people = f" of {result['people']} people" if "people" in result else ""
    rows = f"n = {result['n']:,} rows{people}, {result['rare']:,} of the rare class"
    text = f"Tested on {rows} ({result['source']}).\n\n"
    return text + markdown(pd.DataFrame(lines).T.rename_axis("method")) + picture(result)


def span(line, value, low, high, signed=False):
    sign = "+" if signed else ""
    if pd.isna(line[value]):
        return ""
    return f"{line[value]:{sign}.3f} [{line[low]:{sign}.3f}, {line[high]:{sign}.3f}]"


def picture(result):
    name = f"balance-{result['measure'].replace('_', '-')}.png"
    figure = ak.plots.balance_gains(pd.DataFrame(result["table"]), source=result["source"])
    replace(ROOT / "docs" / name, lambda path: figure.savefig(path, dpi=80, format="png"))
    return f"![gains]({name})\n\n"


def report():
    """Write docs/balance.md from what is there."""
    study.write(
        ROOT / "docs" / "balance.md", folder=folder(), measures=MEASURES, state=state,
        rests_on="the code", head=HEAD, goals=dict.fromkeys(MEASURES, {}), more=table, seeds=SEEDS,
    )  # fmt: skip


def main(arguments=None):
    ak.speed.tune()
    study.run(
        arguments, about=__doc__, folder=folder(), measures=MEASURES, seeds={}, state=state,
        others=dict(report=report),
    )  # fmt: skip


if __name__ == "__main__":
    main()
