"""Measures how fast the kit is, and makes docs/bench.md of it:

    python docs/bench.py speed one_core costs      the kit against plain ways; cost curves: on a quiet machine
    python docs/bench.py on_gpu                    the same comparisons on a GPU, where one is
    python docs/bench.py same --seeds 0,1,2,3,4    do fast and plain ways learn the same?
    python docs/bench.py curve                     accuracy against minutes of one core
    python docs/bench.py report                    docs/bench.md from what is there, and from the lessons
    python docs/bench.py budget                    the lessons' times in docs/bench.md, and nothing else of it

Results are JSON files in reports/bench-study/, study.py says how. With AFFECTKIT_CAP=1 they are kept apart.
"""

import inspect
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import study
import torch
from scipy.stats import ttest_1samp
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from skorch.callbacks import Callback
from study import ROOT, at_most, row
from torch.utils.data import TensorDataset

import affectkit as ak
from affectkit import _notebooks, _peers, bench, plots
from affectkit.preprocess import faces

HEAD = """# Speed, measured

Made by `python docs/bench.py report`; nothing here is typed in by hand. *value* is the mean over the seeds,
*goal* was set before measuring. Ratios travel from machine to machine, seconds do not: the machine stands
with each result.

"""
PATHS = ["bench", "_peers", "speed", "learn", "optim", "transfer", "gans/_base", "gans/dcgan", "nets/faces",
         "nets/signals", "datasets/faces", "datasets/_cache", "twins/faces", "twins/_head", "judge/images",
         "judge/_features", "apps/_app", "apps/threshold_lab"]  # fmt: skip
SEEDS = {"same": "0,1,2,3,4"}
BUDGETS = {"small-resnet": {5: 0.60, 10: 0.63, 25: 0.66}, "face-cnn": {2: None, 5: None}}  # minutes -> goal
SAFE = 0.94  # of the minutes are planned for: what an epoch takes is measured on a part of the faces


def folder():
    return ROOT / "reports" / at_most("bench-study", "bench-study-capped")


# ----------------------------------------------------------------------------------------------- side by side


def command(name, *options, **environment):
    """What the command leaves: run as anyone would, for a script that imports torch is no tuned start."""
    with tempfile.TemporaryDirectory() as place:
        options = ["--reports", place, *options]
        subprocess.run([sys.executable, "-m", "affectkit.cli", "bench", *options], check=True,
                       env=os.environ | environment)  # fmt: skip
        return json.loads(Path(place, "bench", f"{name}.json").read_text("utf-8"))


def compared(result):
    """Rows of a comparison, and all of it."""
    rows = []
    for name, line in bench.table(result).iterrows():
        rows.append(row(f"{name}: times as fast", line["times"], line["low"], line["high"], n=line["n"],
                        source="twin"))  # fmt: skip
        if name == "twin faces":
            rows.append(row("twin faces: a second", line["rate"], n=line["n"], source="twin"))
    return dict(rows=rows, result=result)


def speed(seed):
    """Side by side with what tutorials do.

    `affectkit bench`: kit and plain way in turn, five rounds, each in a process of its own; *interval* is
    from the lowest to the highest ratio of a round. Both sides do the same work: the same network, batch,
    steps and samples. The plain ways are in `affectkit/_peers.py`: PIL transforms, a DataLoader and float32
    for networks, PyTorch's DCGAN tutorial, a CSV parsed number by number, scikit-learn's SVC in each fold,
    one face at a time, a slider that trains at each move. The LSTM's goal is 2 with bfloat16, else 1.5.
    """
    return compared(command("speed", "--rounds", at_most("5", "1"))[0])


def one_core(seed):
    """Side by side on one core.

    The training rows and the judge again, with one thread on either side (`OMP_NUM_THREADS=1`), as on a small
    machine or where each core has work of its own. The kit trains networks on signals with one thread in any
    case (`speed.one_thread` says why); above, the LSTM's plain way has two cores, and they are idle.
    """
    options = ("--rounds", at_most("5", "1"), "--only", "face_cnn,dcgan,heart_lstm,judging")
    return compared(command("speed", *options, OMP_NUM_THREADS="1")[0])


def on_gpu(seed):
    """Side by side on a GPU.

    The same comparisons, larger, with several processes in the plain loaders. *peak* is the share of the
    half-precision products that the device could do, which the kit's work takes.
    """
    if not torch.cuda.is_available():
        raise SystemExit("on_gpu needs a CUDA GPU, and torch finds none here")
    return compared(command("speed", "--rounds", at_most("5", "1"))[1])


def costs(seed):
    """What more costs.

    `affectkit bench --curves`: time and memory against the size of the work, each point in a fresh process,
    after a small piece of work. The figures are the powers of n that fit: 1 is in proportion. Memory is what
    samples and work add to that process.
    """
    (result,) = command("costs", "--curves")
    rows = [
        row(f"{name}: {what} grows as n to the", power, source="twin")
        for name, line in bench.growth(result["points"]).iterrows()
        for what, power in line.items()
    ]
    return dict(rows=rows, result=result)


# ---------------------------------------------------------------------------------------------- same accuracy


class Probe(Callback):
    """Look at the network after each epoch."""

    def __init__(self, look):
        self.look = look

    def on_epoch_end(self, net, **kwargs):
        self.look(net.module_)


def looks(found, x, y):
    """A function of a network that adds its score on (x, y) to a list.

    Of seven classes the accuracy; of two, calm far more often than stressed, the area under the ROC curve: at
    first such a network says the common class of everybody, and accuracy would call all of them the same.
    """

    def look(net):
        net.eval()
        with torch.inference_mode():
            said = net(x)
        hits = (said.argmax(1) == y).float().mean().item()
        found.append(hits if said.shape[1] > 2 else roc_auc_score(y, said[:, 1] - said[:, 0]))

    return look


def classified(name, X, y, T, t, recipe, epochs, seed):
    """The score after each epoch of kit and peer, which get the same samples."""
    options = dict(max_epochs=epochs, valid_size=0, random_state=seed, device="cpu")
    kit, peer = [], []
    image = X.dtype == np.uint8
    x = torch.from_numpy(T).float()[:, None] / 255 if image else torch.from_numpy(T)
    t = torch.from_numpy(t)
    ak.learn.classifier(name, **options, callbacks=[("probe", Probe(looks(kit, x, t)))]).fit(X, y)
    torch.manual_seed(seed)
    random.seed(seed)
    net, data = ak.nets.FaceCNN(7), _peers.Pictures(X, y, _peers.change)
    if not image:
        net, data = ak.nets.HeartLSTM(2), TensorDataset(*map(torch.from_numpy, (X, y)))
        net.scale.fit(data.tensors[0])
    _peers.train(net, data, epochs=epochs, **recipe, after=looks(peer, x, t))
    return dict(figure="accuracy" if image else "AUC", at=list(range(1, epochs + 1)), kit=kit, peer=peer)


def read_faces(seed):
    """Face-CNN on 2,500 faces of FER-2013's Training, tested on 2,000 others of it."""
    known = ak.datasets.load("fer2013", source="real", split="train")
    chosen = np.random.default_rng(seed).permutation(len(known.target))
    train, test = chosen[: at_most(2500, 128)], chosen[-at_most(2000, 64) :]
    X, y = known.data, known.target
    return classified("face-cnn", X[train], y[train], X[test], y[test], dict(lr=1e-3, smoothing=0.1),
                      at_most(6, 2), seed)  # fmt: skip


def read_hearts(seed):
    """Heart-LSTM on 2,000 windows of the stress-predict twin, tested on people it has not met."""
    hearts = ak.datasets.load("stress-predict", source="twin", random_state=seed)
    new = np.isin(hearts.groups, np.unique(hearts.groups)[::4])
    rng = np.random.default_rng(seed)
    train = rng.permutation(np.flatnonzero(~new))[: at_most(2000, 128)]
    test = rng.permutation(np.flatnonzero(new))[: at_most(1000, 64)]
    return classified("heart-lstm", hearts.data[train], hearts.target[train], hearts.data[test],
                      hearts.target[test], dict(lr=2e-3), at_most(6, 2), seed)  # fmt: skip


def make_faces(seed):
    """DCGAN at 32 px and width 32 on faces of FER-2013's Training, judged by the KID of 500 to 500 others."""
    known = ak.datasets.load("fer2013", source="real", split="train").data
    chosen = np.random.default_rng(seed).permutation(len(known))
    X, held = (faces.resize(known[part], 32) for part in (chosen[: at_most(6400, 128)], chosen[-500:]))
    at = at_most([50, 100, 150, 200], [1, 2])
    gan = ak.gans.DCGAN(image_size=32, width=32, max_epochs=None, max_steps=at[-1], random_state=seed,
                        device="cpu")  # fmt: skip
    kit, peer, other = [], [], clone(gan).build()

    def judged(made, found, step):
        if step in at:
            found.append(ak.judge.kid(held, made.sample(len(held), random_state=seed)))

    def look(generator, step):
        other.generator.load_state_dict(generator.state_dict())
        judged(other, peer, step)

    gan.fit(X, callbacks=[lambda made, info: judged(made, kit, info["step"] + 1)])
    torch.manual_seed(seed)
    _peers.dcgan(*gan._networks(), X, steps=at[-1], after=look)
    return dict(figure="KID", at=at, kit=kit, peer=peer)


LEARNT = {"face-CNN": read_faces, "heart-LSTM": read_hearts, "DCGAN": make_faces}


def same(seed):
    """Same accuracy: do the fast ways learn what the plain ways learn?

    The kit's way and the plain one on the same samples, with other random numbers: face-CNN on 2,500 faces of
    FER-2013's Training, tested on 2,000 others of it; the LSTM on windows of the stress-predict twin, tested
    on other people (area under the ROC curve); a small DCGAN on FER-2013's Training, judged by its KID to
    faces it has not seen. *noise* is the standard deviation of the difference over the seeds; where the
    interval of the mean difference (95 %, Student's t) holds 0, the two are the same as far as so many seeds
    tell.
    """
    found = {name: learn(seed) for name, learn in LEARNT.items()}
    rows = []
    for name, one in found.items():
        source, what = "twin" if name == "heart-LSTM" else "real", f"{name}: {one['figure']} at the end"
        rows += [row(f"{what}, {side}", one[side][-1], source=source) for side in ("kit", "peer")]
    return dict(rows=rows, curves=found)


def differences(found):
    """Kit less peer over the seeds: a row a network and a point of its curve."""
    lines = {}
    for name in LEARNT:
        curves = [one["curves"][name] for one in found]
        for k, at in enumerate(curves[0]["at"]):
            pairs = np.array([[one["kit"][k], one["peer"][k]] for one in curves])
            gain = pairs[:, 0] - pairs[:, 1]
            low, high = ttest_1samp(gain, 0).confidence_interval() if len(gain) > 1 else (np.nan, np.nan)
            what = f"{name}, {curves[0]['figure']} at {'step' if name == 'DCGAN' else 'epoch'} {at}"
            lines[what] = dict(zip(("kit", "peer"), pairs.mean(0), strict=True))
            lines[what] |= dict(difference=gain.mean(), low=low, high=high, noise=pd.Series(gain).std())
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("kit less plain")


# ------------------------------------------------------------------------------ accuracy against core-minutes


def minutes_of(net, X, y):
    begin = time.process_time()
    net.fit(X, y)
    return (time.process_time() - begin) / 60


def curve(seed):
    """Accuracy against minutes of one core, on FER-2013.

    The small residual network and the plain face-CNN on the 28,709 faces of Training, each run with a full
    schedule of its own that is to fit into so many minutes; tested on PublicTest, which is read once a run.
    Answers are the mean over ten views, the face and its mirror image, shifted by 3 pixels four ways; these
    were fixed inside Training. A quarter of PublicTest are photographs that stand in Training, too:
    docs/classifiers.md, "copies", says what that adds.
    """
    known, test = (ak.datasets.load("fer2013", source="real", split=split) for split in ("train", "val"))
    X, y = known.data[: at_most(None, 600)], known.target[: at_most(None, 600)]
    T, t = test.data[: at_most(None, 100)], test.target[: at_most(None, 100)]
    some, tried, rows = slice(0, at_most(4096, 128)), at_most(4, 1), []
    for name, budgets in BUDGETS.items():
        make = partial(ak.learn.classifier, name, valid_size=0, random_state=seed, device="cpu")
        # four epochs go through all the sizes that a whole run trains on
        one = minutes_of(make(max_epochs=tried), X[some], y[some]) / tried * len(y) / len(y[some])
        for minutes, _ in at_most(list(budgets.items()), list(budgets.items())[:1]):
            net = make(max_epochs=at_most(max(1, int(SAFE * minutes / one)), 1))
            taken = minutes_of(net, X, y)
            hit = net.predict_proba(T, flip=True, shift=3).argmax(1) == t
            value, low, high = ak.evaluate.wilson(hit.sum(), len(hit))
            rows += [row(f"{name}, {minutes} min: accuracy", value, low, high, n=len(t), source="real",
                         baseline=np.bincount(t).max() / len(t)),
                     row(f"{name}, {minutes} min: core-minutes", taken, source="real"),
                     row(f"{name}, {minutes} min: epochs", net.max_epochs, source="real")]  # fmt: skip
    return dict(rows=rows)


MEASURES = {f.__name__: f for f in (speed, one_core, on_gpu, costs, same, curve)}


# ----------------------------------------------------------------------------------------------------- report


def goals():
    """Measurement => figure => lowest and highest value asked for."""
    speeds = {}
    for name, one in bench.ROWS.items():
        for way, goal in one.goals.items():
            goal = goal() if callable(goal) else goal
            what = name.replace("_", " ") + f", {way}" * bool(way)
            speeds |= {f"{what}: times as fast": (goal, math.inf)} if goal else {}
            speeds |= {f"{what}: a second": (one.rate, math.inf)} if one.rate else {}
    minutes = {}
    for name, budgets in BUDGETS.items():
        for limit, goal in budgets.items():
            if goal:
                minutes[f"{name}, {limit} min: accuracy"] = (goal, math.inf)
                minutes[f"{name}, {limit} min: core-minutes"] = (-math.inf, limit)
    return {"speed": speeds, "one_core": {}, "on_gpu": {}, "costs": {}, "same": {}, "curve": minutes}


def state(measure):
    """Hash of the code a result rests on."""
    names = [*PATHS, "nets/fusion"] if measure == "curve" else PATHS
    functions = (*LEARNT.values(), classified, looks, Probe) * (measure == "same")
    functions += (minutes_of,) * (measure == "curve")
    paths = [ROOT / "affectkit" / f"{name}.py" for name in names]
    return study.state(paths, *(study.plain(inspect.getsource(f)) for f in (*functions, MEASURES[measure])))


def lessons():
    """What each lesson took when its stored notebook was made, as a table of text."""
    lines, total = {}, 0.0
    for path in _notebooks.lessons(ROOT):
        made = json.loads(path.with_suffix(".ipynb").read_text("utf-8"))["metadata"]["affectkit"]
        memory, total = made.get("peak_rss_mb"), total + made["seconds"]
        lines[path.stem] = {"seconds": f"{made['seconds']:.0f}", "peak memory [GB]":
                            f"{memory / 1000:.2f}" if memory else "not measured"}  # fmt: skip
    lines["all"] = {"seconds": f"{total:.0f}", "peak memory [GB]": ""}
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("lesson")


def budget():
    """The section on the lessons."""
    text = "## The lessons\n\n"
    text += "Each in the quick profile, on twins, when its notebook was made: the start of its "
    text += "kernel is counted, memory is the kernel's. The budget is 60 s and 1.5 GB a lesson and 720 s "
    return text + "for all on two idle cores.\n\n" + study.markdown(lessons())


def pictures(results):
    """Draw what was measured beside the page: bench.png, bench-costs.png, bench-same.png, bench-curve.png."""

    def keep(figure, name):
        study.replace(ROOT / "docs" / name, partial(figure.savefig, format="png", dpi=110))
        plt.close(figure)

    of = {name: [one for one in results if one["measure"] == name] for name in MEASURES}
    if of["speed"] or of["on_gpu"]:
        tables = [bench.table(one["result"]) for one in of["speed"][:1] + of["on_gpu"][:1]]
        keep(plots.speed_ups(pd.concat(tables)), "bench.png")
    if of["costs"]:
        points = of["costs"][0]["result"]["points"]
        keep(plots.cost_curves(pd.DataFrame(points), bench.growth(points)), "bench-costs.png")
    if of["same"]:
        keep(draw_same(of["same"]), "bench-same.png")
    if of["curve"]:
        keep(draw_curve(of["curve"]), "bench-curve.png")


def draw_same(found):
    """Learning curves of kit and peer, a line a seed."""
    fig, axes = plt.subplots(1, len(LEARNT), figsize=(9.5, 3.2))
    for ax, name in zip(axes, LEARNT, strict=True):
        for k, one in enumerate(found):
            told = one["curves"][name]
            for side, colour, style in (("kit", "#0072B2", "-"), ("peer", "#D55E00", "--")):
                label = {"kit": "kit", "peer": "plain"}[side] if not k else None
                ax.plot(told["at"], told[side], style, color=colour, alpha=0.7, label=label)
        ax.set(title=name, ylabel=told["figure"], xlabel="step" if name == "DCGAN" else "epoch")
    axes[0].legend(frameon=False)
    fig.suptitle("What the fast way and the plain way learn: a line a seed", x=0.01, ha="left", weight="bold")
    fig.tight_layout()
    return fig


def draw_curve(found):
    """Accuracy against core-minutes, with the goals."""
    means, (fig, ax) = study.means(found), plt.subplots(figsize=(8, 3.6))
    for (name, budgets), colour in zip(BUDGETS.items(), ("#0072B2", "#D55E00"), strict=True):
        there = [limit for limit in budgets if f"{name}, {limit} min: accuracy" in means]
        points = [[means[f"{name}, {limit} min: {what}"] for limit in there]
                  for what in ("core-minutes", "accuracy")]  # fmt: skip
        ax.plot(*points, "o-", color=colour, lw=2.5, label=name)
        asked = [(limit, goal) for limit, goal in budgets.items() if goal]
        if asked:
            ax.plot(*zip(*asked, strict=True), "_", color="0.3", ms=18, mew=2, label="goal")
    ax.set(xlabel="minutes of one core", ylabel="accuracy on PublicTest", title="FER-2013 (real data)")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.legend(frameon=False)
    fig.tight_layout()
    return fig


def more(found):
    """What a section shows besides its figures: machine, points, differences, the picture."""
    if not found:
        return ""
    name, text = found[0]["measure"], ""
    if name in ("speed", "one_core", "on_gpu"):
        for one in found:
            table = bench.table(one["result"])
            shown = table[["about"]].rename(columns={"about": "the work; the plain way"})
            for column in ("kit", "peer"):
                shown[f"{column} [s]"] = table[column].map("{:.3g}".format)
            if "peak" in table:
                shown["peak"] = table["peak"].map(lambda x: "" if pd.isna(x) else f"{x:.0%}")
            text += bench.machine(one["result"]) + "\n\n" + study.markdown(shown.rename_axis("row"))
    if name == "costs":
        text += bench.machine(found[0]["result"]) + "\n\n"
        for curve, part in pd.DataFrame(found[0]["result"]["points"]).groupby("curve", sort=False):
            cells = (f"{p.n:,}: {p.seconds:.2f} s, {p.peak_mb / 1000:.2f} GB" for p in part.itertuples())
            text += f"- {curve} ({part['unit'].iloc[0]}): {'; '.join(cells)}\n"
        text += "\n"
    if name == "same":
        table = differences(found)
        shown = table.map(lambda x: "" if pd.isna(x) else f"{x:.4f}")
        shown["same"] = ["" if pd.isna(one.low) else "yes" if one.low <= 0 <= one.high else "no"
                         for one in table.itertuples()]  # fmt: skip
        text += study.markdown(shown)
    words = {"speed": "Bars: how many times as fast the kit is", "costs": "Time and memory against n",
             "same": "Learning curves of both ways", "curve": "Accuracy against minutes"}  # fmt: skip
    picture = "bench" if name == "speed" else f"bench-{name}"
    return text + (f"![{words[name]}]({picture}.png)\n\n" if name in words else "")


def report():
    """Write docs/bench.md and its pictures from what is there."""
    study.write(ROOT / "docs" / "bench.md", folder=folder(), measures=MEASURES, state=state,
                rests_on="the code", head=HEAD + budget(), goals=goals(), more=more)  # fmt: skip
    pictures(study.load_results(folder()))


def renew_budget():
    """Write the lessons' times into docs/bench.md and leave what was measured as it is."""
    path = ROOT / "docs" / "bench.md"
    before, rest = path.read_text("utf-8").split("## The lessons\n", 1)
    text = before + budget() + rest[rest.index("## ") :]
    study.replace(path, partial(Path.write_text, data=text, encoding="utf-8"))


def main(arguments=None):
    ak.speed.tune()
    torch.set_num_threads(1)  # here; the command has all
    study.run(arguments, about=__doc__, folder=folder(), measures=MEASURES, seeds=SEEDS, state=state,
              others=dict(budget=renew_budget, report=report))  # fmt: skip


if __name__ == "__main__":
    main()
