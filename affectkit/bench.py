"""Side by side: ``affectkit bench`` runs the kit and what a learner would otherwise run, in turn.

Each of `ROWS` does the same work twice, the kit's way and a plain peer's (`affectkit._peers`). Kit and peer
have a process each, so that the kit's tuning of the memory does not help the peer, and take turns, so that a
busy machine is busy for both. `costs` measures how time and memory grow with the work, each point in a fresh
process. ``AFFECTKIT_CAP=1`` walks through everything in little time.
"""

import datetime
import gc
import importlib.util
import itertools
import json
import os
import platform
import shutil
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from affectkit import _notebooks, speed

ROWS = {}


class Row(NamedTuple):
    """A comparison; its docstring names the work and, after a semicolon, the plain way."""

    make: callable  # (side, n, device, folder) -> what is timed; for the kit also several ways by name
    sizes: tuple  # how much to do: on a CPU (None: not there), capped, on a GPU (None: it uses none)
    goals: dict  # of each of the kit's ways: how many times as fast as the peer at least, if asked for
    rate: float | None  # how much the kit does in a second, at least
    share: float  # the part that the peer does; the rest of its time is extrapolated
    warm: bool  # done once before, untimed


def row(*sizes, goal=None, rate=None, share=1.0, warm=True):
    """Register a comparison."""

    def register(make):
        goals = goal if isinstance(goal, dict) else {"": goal}
        ROWS[make.__name__] = Row(make, sizes, goals, rate, share, warm)
        return make

    return register


# ------------------------------------------------------------------------------------------------ what is run


def _faces(n, size=48):
    """Faces of the twin and their labels; above 4,096 they repeat, which changes no network's speed."""
    from affectkit.twins import faces

    names = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]  # fer2013's order
    counts = np.bincount(np.arange(min(n, 4096)) % 7, minlength=7)
    images, target, _ = faces.make(counts, classes=names, size=size)
    return np.resize(images, (n, size, size)), np.resize(target, n)


def _workers(device):
    """Of the peer's loader: none, as by default; where a GPU would wait for it, several."""
    return 0 if device == "cpu" else min(8, speed.threads())


@row(1024, 64, 28_672, goal=3.0)
def face_cnn(side, n, device, folder):
    """Face-CNN, an epoch with augmentation; PIL transforms, DataLoader, NCHW float32"""
    from affectkit import _peers, learn, nets

    X, y = _faces(n)
    if side == "kit":
        return partial(learn.classifier("face-cnn", max_epochs=1, valid_size=0, device=device).fit, X, y)
    options = dict(epochs=1, lr=1e-3, smoothing=0.1, device=device, workers=_workers(device))
    return lambda: _peers.train(nets.FaceCNN(7), _peers.Pictures(X, y, _peers.change), **options)


@row(256, 64, 8192, goal=1.8)
def dcgan(side, n, device, folder):
    """DCGAN at 64 px, an epoch; PyTorch's DCGAN tutorial"""
    from affectkit import _peers, gans

    X, gan = _faces(n, 64)[0], gans.DCGAN(max_epochs=1, device=device)
    if side == "kit":
        return partial(gan.fit, X)
    return lambda: _peers.dcgan(*gan._networks(), X, steps=n // 64, device=device, workers=_workers(device))


@row(2048, 128, 16_384, goal=lambda: 2.0 if speed.has_bf16() else 1.5)
def heart_lstm(side, n, device, folder):
    """Heart-LSTM on windows of 128 s, an epoch; nn.LSTM in a plain loop"""
    import torch

    from affectkit import _peers, datasets, learn, nets

    hearts = datasets.load("stress-predict", source="twin", window=128, step=4)
    chosen = np.linspace(0, len(hearts.target) - 1, n).astype(int)
    X, y = hearts.data[chosen], hearts.target[chosen]
    if side == "kit":
        return partial(learn.classifier("heart-lstm", max_epochs=1, valid_size=0, device=device).fit, X, y)
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))

    def work():
        net = nets.HeartLSTM(2)
        net.scale.fit(data.tensors[0])
        return _peers.train(net, data, epochs=1, lr=2e-3, device=device)

    return work


def write_csv(path, n):
    """A table in fer2013.csv's published form, of the twin's faces."""
    X, _ = _faces(min(n, 1024))
    texts = [" ".join(map(str, image.ravel().tolist())) for image in X]
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for i in range(n):
            usage = "Training" if i < 0.8 * n else "PublicTest" if i < 0.9 * n else "PrivateTest"
            file.write(f"{i % 7},{texts[i % len(X)]},{usage}\n")


@row(35_887, 80, None, goal={"cold": 8.0, "cached": 100.0}, warm=False)
def fer2013_csv(side, n, device, folder):
    """fer2013.csv read; parsed number by number"""
    from affectkit import _peers, datasets

    path = folder / "fer2013.csv"
    if not path.exists():
        write_csv(path, n)
    if side == "peer":
        return partial(_peers.read_csv, path)

    def door(cold):
        if cold:
            shutil.rmtree(folder / "cache", ignore_errors=True)
        return datasets.load("fer2013", source="real", split="all", root=folder)

    return {"cold": partial(door, True), "cached": partial(door, False)}


@row(2000, 70, 2000, goal=50.0, share=0.1, warm=False)
def svm(side, n, device, folder):
    """RBF SVM on 8,192 features, ten folds; scikit-learn's SVC in each fold"""
    from sklearn.model_selection import StratifiedKFold

    from affectkit import _peers, gans, transfer

    X, y = _faces(n, 64)
    gan = gans.DCGAN(device="cpu")
    X = transfer.DiscriminatorFeatures(gan, untrained=True, device="cpu").fit_transform(X)
    X -= X.mean(1, keepdims=True)  # each row by itself, as `KernelSVM` does with normalise=True
    X /= X.std(1, keepdims=True)
    folds, options = list(StratifiedKFold(10).split(X, y)), dict(C=10.0, gamma=1 / X.shape[1])
    if side == "kit":
        return partial(transfer.KernelSVM(**options, device=device).cross_val_score, X, y, cv=folds)
    turn = itertools.cycle(folds)  # another fold each round
    return lambda: _peers.svm_fold(X, y, *next(turn), **options)


@row(500, 16, None, rate=1000)
def twin_faces(side, n, device, folder):
    """Twin faces of 48 px; one at a time"""
    from affectkit.twins import faces

    names = np.resize(["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"], n).tolist()
    if side == "kit":
        return lambda: faces.portray(names)[0]
    return lambda: np.concatenate([faces.portray([names[i]], identity=[i], moment=[i])[0] for i in range(n)])


@row(None, 32, 4096, share=1 / 16)
def drawing(side, n, device, folder):
    """Twin faces of 48 px, drawn where the action units are; one at a time"""
    import torch

    from affectkit.twins import faces

    units = torch.rand(n, 21, generator=torch.Generator().manual_seed(0)).to(device)
    batches = [units] if side == "kit" else units[: n // 16].split(1)
    return torch.inference_mode()(lambda: torch.cat([faces.draw(batch) for batch in batches]))


@row(2048, 128, 16_384)
def judging(side, n, device, folder):
    """FID of as many pictures on each side; batches of 50 from a DataLoader, and SciPy's sqrtm"""
    from affectkit import _peers, judge
    from affectkit.judge import _features

    real = _faces(n)[0]
    fake = np.ascontiguousarray(real[:, ::-1])
    net = _features.own()[0].to(device)
    if side == "kit":
        return lambda: judge.fid(real, fake, features=net)
    return lambda: _peers.fid(real, fake, net.features, device)


@row(10, 3, None)
def slider(side, n, device, folder):
    """ThresholdLab, moves of its slider; the model trained anew at each"""
    from affectkit import _peers, apps

    places = np.linspace(0.1, 0.9, n).round(2).tolist()
    if side == "peer":
        return lambda: [_peers.moved(place) for place in places]
    app = apps.ThresholdLab()
    app.view()
    return lambda: [setattr(app.controls_["threshold"], "value", place) for place in places]


# ---------------------------------------------------------------------------------------------------- in turn

_made = {}  # in the process of a side: what is timed, by side and way


def _start(folder, tuned):
    os.environ |= {"AFFECTKIT_CACHE": f"{folder}/cache", "TQDM_DISABLE": "1"}
    warnings.filterwarnings("ignore", message=".*other counts than the card")
    if tuned:
        speed.tune()


def _prepare(name, side, n, device, folder):
    """Make what is timed, and warm it up; on a GPU, count the operations that the peer does."""
    _made.pop(side, None)
    gc.collect()
    made = ROWS[name].make(side, n, device, Path(folder))
    _made[side] = made if isinstance(made, dict) else {"": made}
    if not ROWS[name].warm:
        return None
    if device == "cpu" or side == "kit":
        return _timed(side, "", device) and None
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter:
        _timed(side, "", device)
    operations = counter.get_total_flops()
    return operations if operations > 1e6 * n else None  # it does not see into a recurrent layer


def _timed(side, way, device):
    import torch

    begin = time.perf_counter()
    _made[side][way]()
    if device != "cpu":
        torch.cuda.synchronize()
    return time.perf_counter() - begin


def capped(full, least):
    """How much to do: `full`, or `least` while $AFFECTKIT_CAP is set."""
    return least if os.environ.get("AFFECTKIT_CAP") else full


def run(rounds=5, *, only=(), device="cpu"):
    """Time the kit and its peers in turn.

    Parameters
    ----------
    rounds : int
        How often each does its work; from 5 on, medians are worth something.
    only : sequence of str
        Names of `ROWS`; all that there are for the device when empty.
    device : {"cpu", "cuda"}

    Returns
    -------
    dict
        ``facts``, and ``rows``: name, about, n, share, and ``seconds`` of each round, by the kit's way and of
        the "peer"; on a GPU ``ceilings``, and the rows' ``operations``. `table` reads it.

    Raises
    ------
    ValueError
        For an unknown row, or less than one round.
    """
    from tqdm.auto import tqdm

    if rounds < 1 or not set(only) <= set(ROWS):
        raise ValueError(f"rounds={rounds} must be 1 or more, only={only} some of {', '.join(ROWS)}")
    sizes = {name: one.sizes[0 if device == "cpu" else 2] for name, one in ROWS.items()}
    chosen = [name for name in ROWS if sizes[name] and (not only or name in only)]
    result = {"rows": []}
    side = partial(ProcessPoolExecutor, 1, get_context("spawn"), _start)
    with tempfile.TemporaryDirectory() as folder, side((folder, True)) as kit, side((folder, False)) as peer:
        result["facts"] = kit.submit(facts, device).result()
        for name in (bar := tqdm(chosen, unit="row")):
            bar.set_description(name)
            one, n = ROWS[name], capped(sizes[name], ROWS[name].sizes[1])
            kit.submit(_prepare, name, "kit", n, device, folder).result()
            operations = peer.submit(_prepare, name, "peer", n, device, folder).result()
            seconds = {way: [] for way in (*one.goals, "peer")}
            for _ in range(rounds):
                for way in one.goals:
                    seconds[way].append(kit.submit(_timed, "kit", way, device).result())
                seconds["peer"].append(peer.submit(_timed, "peer", "", device).result() / one.share)
            result["rows"].append(dict(name=name, about=one.make.__doc__, n=n, share=one.share,
                                       seconds=seconds, operations=operations))  # fmt: skip
        if device != "cpu":
            result["ceilings"] = kit.submit(ceilings, device).result()
    return result


def ceilings(device, side=8192):
    """What a device can do at most: copying [GB/s] and half-precision matrix products [TFLOP/s]."""
    import torch

    a = torch.ones(capped(side, 64), capped(side, 64), dtype=torch.bfloat16, device=device)
    b, found = torch.empty_like(a), {}
    for name, work, done in (("copy", lambda: b.copy_(a), 2 * a.nbytes / 1e9),
                             ("matmul", lambda: torch.mm(a, a, out=b), 2 * len(a)**3 / 1e12)):  # fmt: skip
        _made["kit"] = {"": work}
        found[name] = done / float(np.median([_timed("kit", "", device) for _ in range(30)]))
    return found


def facts(device="cpu"):
    """The machine, its threads and the versions, as a dict."""
    import torch

    cpus = Path("/proc/cpuinfo")
    lines = cpus.read_text().splitlines() if cpus.exists() else []
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "")
    return dict(
        date=datetime.date.today().isoformat(), cpu=model or platform.processor(), cores=os.cpu_count(),
        threads=torch.get_num_threads(), bf16=speed.has_bf16(device), system=platform.system(),
        gpu=None if device == "cpu" else torch.cuda.get_device_name(),
        load=round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        python=platform.python_version(), torch=torch.__version__, numpy=np.__version__,
        capped=capped(False, True),
    )  # fmt: skip


def machine(result):
    """The machine that a result was measured on, as a sentence."""
    about, most = result["facts"], result.get("ceilings")
    text = "{date}, {cpu}, {cores} cores, {threads} threads, load {load} before; {system}, Python {python}, "
    text = (text + "torch {torch}, numpy {numpy}").format(**about)
    text += ", bfloat16" if about["bf16"] else ", no bfloat16"
    if most:
        text += f"; {about['gpu']}: copies {most['copy']:,.0f} GB/s, multiplies {most['matmul']:,.0f} TFLOP/s"
    return text + ". CAPPED: these figures mean nothing" * about["capped"] + "."


def table(result):
    """What `run` found, as a DataFrame: a row for each of the kit's ways.

    The columns are kit and peer (seconds, medians), times (as fast: the ratio of these), low and high (of the
    rounds' own ratios), goal, rate (how much the kit does in a second), least (the goal for it), held (None
    without a goal), n, about, and peak: the share of a GPU's half-precision products that the kit reaches.
    """
    lines, gpu = {}, result["facts"]["gpu"]
    for one in result["rows"]:
        asked, peer, about = ROWS[one["name"]], np.array(one["seconds"]["peer"]), one["about"]
        if one["share"] < 1:
            about += f" ({one['share']:.0%} measured, the rest extrapolated)"
        for way, goal in asked.goals.items():
            kit = np.array(one["seconds"][way])
            goals = goal() if callable(goal) else goal, asked.rate
            goals = (None, None) if gpu else goals  # they were set for two cores
            line = dict(kit=np.median(kit), peer=np.median(peer), times=np.median(peer) / np.median(kit),
                        low=(peer / kit).min(), high=(peer / kit).max(), goal=goals[0],
                        rate=one["n"] / np.median(kit), least=goals[1])  # fmt: skip
            held = [line[value] >= least for value, least in zip(("times", "rate"), goals, strict=True)
                    if least]  # fmt: skip
            line |= dict(held=all(held) if held else None, n=one["n"], about=about)
            if one["operations"]:
                line["peak"] = one["operations"] / line["kit"] / 1e12 / result["ceilings"]["matmul"]
            lines[one["name"].replace("_", " ") + f", {way}" * bool(way) + " on a GPU" * bool(gpu)] = line
    return pd.DataFrame.from_dict(lines, orient="index")


# ------------------------------------------------------------------------------------------------ cost curves


def _sweep(n, folder):
    from affectkit import sweep

    text = f"seeds = {list(range(n))}\n[data.stress-predict]\nsource = 'twin'\nmax_per_class = 200\n"
    _notebooks.write_atomically(folder / "it.toml", text + "[methods.it]\nclassifier = 'random-forest'\n")

    def work():
        if sweep.run_file(folder / "it.toml", workers=1, reports=folder).failed:
            raise RuntimeError("a cell of the sweep failed: its time would say nothing")

    return work


def _of(name):
    """The kit's side of a row, as a curve."""

    def make(n, folder):
        made = ROWS[name].make("kit", n, "cpu", folder)
        return made["cold"] if isinstance(made, dict) else made

    return make


COSTS = {  # what is timed, how much of it, and of what
    "loading": (_of("fer2013_csv"), (1000, 4000, 16_000), "rows of fer2013.csv"),
    "rendering": (_of("twin_faces"), (100, 400, 1600), "faces of 48 px"),
    "training": (_of("face_cnn"), (256, 1024, 4096), "faces, an epoch of face-CNN"),
    "judging": (_of("judging"), (256, 1024, 4096), "faces a side, FID"),
    "SVM": (_of("svm"), (250, 700, 2000), "rows of 8,192, ten folds"),
    "sweep": (_sweep, (2, 4, 8), "cells"),
}


def _point(name, n, first):
    """Seconds and megabytes of one point, in a fresh process that a small one has warmed up."""
    import psutil

    for amount in (first, n):
        with tempfile.TemporaryDirectory() as folder:
            _start(folder, tuned=True)
            before = psutil.Process().memory_info().rss / 2**20
            _made["kit"] = {"": COSTS[name][0](amount, Path(folder))}
            taken = [_timed("kit", "", "cpu")]
            while amount == n and sum(taken) < 1:  # the quickest of several, where it is soon done
                taken.append(_timed("kit", "", "cpu"))
    peak = speed.peak_memory() or psutil.Process().memory_info().rss / 2**20
    return dict(seconds=min(taken), peak_mb=peak, more_mb=max(peak - before, 1.0))


def costs(only=()):
    """Measure how time and memory grow with the work.

    Parameters
    ----------
    only : sequence of str
        Names of `COSTS`; all when empty.

    Returns
    -------
    dict
        ``facts``, and ``points``, a dict each: curve, unit, n, seconds, peak_mb (resident memory of the
        process; the cells of a sweep have others), more_mb (what the samples and the work added to it).
    """
    from tqdm.auto import tqdm

    if not set(only) <= set(COSTS):
        raise ValueError(f"only={only} must be some of {', '.join(COSTS)}")
    names = [name for name in COSTS if not only or name in only]
    if importlib.util.find_spec("distributed") is None:  # what sweeps need
        names = [name for name in names if name != "sweep"]
    found = {"points": []}
    with ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as fresh:
        found["facts"] = fresh.submit(facts).result()
        for name in tqdm(names, unit="curve"):
            _, sizes, unit = COSTS[name]
            for n in sizes[:capped(None, 2)]:
                point = fresh.submit(_point, name, n, sizes[0]).result()
                found["points"].append(dict(curve=name, unit=unit, n=n) | point)
    return found


def growth(points):
    """The powers of n by which time and memory grow: a DataFrame, a row a curve."""
    powers = {name: {what: np.polyfit(np.log(part["n"]), np.log(part[column]), 1)[0]
                     for what, column in (("time", "seconds"), ("memory", "more_mb"))}
              for name, part in pd.DataFrame(points).groupby("curve", sort=False)}  # fmt: skip
    return pd.DataFrame.from_dict(powers, orient="index")


# ---------------------------------------------------------------------------------------------------- reports


def report(folder, *, rounds=5, only=(), curves=False):
    """Measure, and leave a table, a picture and all figures in `folder`; a text that says what was found.

    `curves` asks for the cost curves instead of the comparisons; `rounds` and `only` are as for `run`.
    """
    import torch

    from affectkit import plots

    if curves:
        name, found = "costs", [costs(only)]
        frame, powers = pd.DataFrame(found[0]["points"]), growth(found[0]["points"])
        figure, text = plots.cost_curves(frame, powers), powers.round(2).to_string()
    else:
        gpu = torch.cuda.is_available()
        devices = ["cpu", "cuda"] if gpu else ["cpu"]
        name, found = "speed", [run(rounds, only=only, device=device) for device in devices]
        frame = pd.concat(map(table, found))
        figure, text = plots.speed_ups(frame), frame.drop(columns=["about"]).round(2).to_string()
        text += "\nNo CUDA GPU: the rows on one did not run." * (not gpu)
    text = "\n".join([text, *map(machine, found)]) + "\n"
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    figure.savefig(folder / f"{name}.png", dpi=110)
    for ending, content in (("json", json.dumps(found, indent=1)), ("csv", frame.to_csv()), ("txt", text)):
        _notebooks.write_atomically(folder / f"{name}.{ending}", content)
    return text
