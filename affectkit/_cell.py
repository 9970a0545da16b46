"""One cell of a sweep, as a worker does it: a method's table becomes an estimator, and that a few scores."""

import functools
import inspect
import json
import threading
import traceback
import warnings
from importlib import import_module

from affectkit import _notebooks, cards, run

PLAIN = {  # scikit-learn's, on the raw samples as columns, scaled by what the training rows are
    "logistic-regression": ("linear_model", "LogisticRegression", {"max_iter": 1000}),
    "nearest-neighbours": ("neighbors", "KNeighborsClassifier", {}),
    "random-forest": ("ensemble", "RandomForestClassifier", {}),
    "gradient-boosting": ("ensemble", "HistGradientBoostingClassifier", {}),
}
LOSSES = {"focal-loss": "FocalLoss", "balanced-softmax": "BalancedSoftmaxLoss"}
SAMPLERS = ("oversampling", "augmentation", "gan")
BALANCE = ("class-weights", *LOSSES, "logit-adjustment", *SAMPLERS)
OURS = ("criterion", "device", "module", "optimizer", "random_state", "sampler", "verbose")


# ------------------------------------------------------------------------------------------------- the method


def check_method(name, table):
    from affectkit import learn

    nets = [net for net, recipe in learn.RECIPES.items() if recipe["module"].modality != "pairs"]
    if table.get("classifier") not in (*PLAIN, *nets):
        there = ", ".join([*PLAIN, *nets])
        raise ValueError(f"classifier = {table.get('classifier')!r} must be one of {there}")
    for option in OURS:
        if option in table:
            raise ValueError(f"{option} is the sweep's own matter: leave it out")
    model = estimator(table, kind_of(table) or "faces", device="cpu")
    for part in model.get_params().values():
        if hasattr(part, "build"):  # a GAN says by itself what does not fit together
            part.build()
        elif hasattr(part, "_parameter_constraints"):  # scikit-learn checks these when it fits
            part._validate_params()


def _check_net(name, options):
    """Refuse options of a network that are of a wrong name or kind now, rather than in every cell."""
    from affectkit import learn

    allowed = dict(inspect.signature(learn.EmotionClassifier).parameters)
    inside = inspect.signature(learn.RECIPES[name]["module"]).parameters
    allowed |= {f"module__{option}": parameter for option, parameter in inside.items()}
    options = {option: value for option, value in options.items() if option.split("__")[0] != "optimizer"}
    known(options, allowed, "classifier")
    for option, value in options.items():
        usual = allowed[option].default
        kind = type(usual) if type(usual) in (bool, int, float, str) else object
        if not is_a(kind, value) and not (option == "augment" and is_a(dict, value)):
            raise ValueError(f"{option} = {value!r} must be of the kind of {usual!r}")


def is_a(kind, value):
    """isinstance, but True is no number, and a whole number is a float as well."""
    if kind in (int, float) and isinstance(value, bool):
        return False
    return isinstance(value, (int, float) if kind is float else kind)


def known(table, names, what):
    for name in table:
        if name not in names:
            raise ValueError(f"{name} is no option of this {what}; there are {', '.join(names)}")


def kind_of(method):
    """What a method is for: "faces", "signals", or None for both."""
    from affectkit import learn

    recipe = learn.RECIPES.get(method["classifier"])
    return recipe and recipe["module"].modality


def estimator(method, kind, device="auto"):
    """Make the untrained classifier of a method's table, for "faces" or "signals"."""
    from imblearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    from affectkit import balance, learn

    options = {option: value for option, value in method.items() if option not in ("classifier", "balance")}
    name, step = method["classifier"], method.get("balance", {})
    step = {"by": step} if isinstance(step, str) else dict(step)
    by = step.pop("by", None)
    if "balance" in method and by not in BALANCE:
        raise ValueError(f"balance must be one of {', '.join(BALANCE)}, or a table with by = one of them")
    sampler = _sampler(by, step, kind, device) if by in SAMPLERS else None
    if by == "class-weights":
        options["class_weight"] = "balanced"
    if name in PLAIN:
        if by in LOSSES:
            raise ValueError(f"balance: {by} is a loss of networks, {name} has its own")
        place, last, usual = PLAIN[name]
        last = getattr(import_module(f"sklearn.{place}"), last)(**usual | options)
        steps = [FunctionTransformer(_columns), StandardScaler(), last]
        model = make_pipeline(*([sampler] if sampler is not None else []), *steps)
    else:
        _check_net(name, options)
        if by in LOSSES:
            options["criterion"] = getattr(balance, LOSSES[by])
            options |= {f"criterion__{option}": value for option, value in step.items()}
        if by in ("balanced-softmax", "logit-adjustment"):  # smoothing would blur the classes' shares
            options.setdefault("label_smoothing", 0.0)
        model = learn.classifier(name, device=device, sampler=sampler, **options)
    return balance.LogitAdjusted(model, **step) if by == "logit-adjustment" else model


def _columns(X):
    return X.reshape(len(X), -1)


def _sampler(by, step, kind, device):
    from affectkit import balance, gans

    if by == "gan":
        gan = {"preset": "modern" if kind == "faces" else "modern-signals", **step.pop("gan", {})}
        return balance.GANSampler(gans.preset(gan.pop("preset"), device=device, **gan), **step)
    if by == "augmentation":
        step.setdefault("changes", "hegh2025" if kind == "faces" else "um2017")
        getattr(balance, kind).preset(step["changes"])  # refuses an unknown one
    return balance.Augmenter(device=device, **step)


# ------------------------------------------------------------------------------------------------- the scores


@functools.cache  # of the code that this process has loaded, whatever is edited meanwhile
def package_state():
    """What of the kit every cell depends on: a digest of its sources, and the libraries' versions."""
    return {"sources": _notebooks.sources_fingerprint(_notebooks.PACKAGE), "versions": run.versions()}


_ONE_AT_A_TIME = threading.Lock()  # torch has one seed a process: cells in two threads would mix theirs


def measure(settings):
    """Do a cell, on a worker: a dict of status ("ok", "failed") and rows, or error and traceback."""
    with _ONE_AT_A_TIME, warnings.catch_warnings(record=True) as caught:
        try:
            return {"status": "ok", "rows": _rows(**settings),
                    "warnings": sorted({str(warning.message) for warning in caught})}
        except Exception as error:  # as text: not every exception can travel
            return failure(error)


def failure(error):
    return {"status": "failed", "error": f"{type(error).__name__}: {error}",
            "traceback": "".join(traceback.format_exception(error))}


def _rows(data, method, seed, state, files):
    import torch
    from sklearn.dummy import DummyClassifier

    from affectkit import balance, evaluate

    if (here := package_state()) != state:
        other = sorted(set(here["versions"]) - set(state["versions"])) or ["other sources of affectkit"]
        raise RuntimeError(f"the worker has {', '.join(other)}: install there what is installed here")
    torch.set_num_threads(1)
    bunch, test, n, cv = _split(data, seed)
    kind = "signals" if cards.get(data["name"]).modality == "signals" else "faces"
    methods = {"majority": DummyClassifier(strategy="most_frequent"), "it": estimator(method, kind)}
    table, cells = balance.compare(methods, bunch.data, bunch.target, groups=bunch.groups, test=test, cv=cv,
                                   seeds=[seed])
    seconds = float(cells[cells["method"] == "it"]["seconds"].sum())
    scores = table.set_index(["method", "metric"])[["value", "low", "high"]].astype(float)
    bands = evaluate.credible_bands().drop_duplicates(["dataset", "metric"]).set_index(["dataset", "metric"])
    place, rows = data["name"] if bunch.source == "real" else "", []
    for metric in balance.comparison.METRICS:
        there = (place, metric) in bands.index
        band = "{low:.2f}-{high:.2f}".format(**bands.loc[(place, metric)]) if there else ""
        rows.append({"metric": metric, **scores.loc["it", metric], "band": band, "n": n, "seed": seed,
                     "baseline": scores.loc[("majority", metric), "value"], "source": bunch.source,
                     "test": data["test"], "seconds": round(seconds, 2)})
    return rows


def _split(data, seed):
    """The rows to learn from, the official test set, if any, how many are tested, and the folds, if any."""
    import numpy as np
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    options, test = json.dumps({o: value for o, value in data.items() if o != "test"}), data["test"]
    if test in ("test", "val"):
        bunch, held = _load(options, "train"), _load(options, test)
        people = [] if bunch.groups is None else [held.groups]
        return bunch, (held.data, held.target, *people), len(held.target), None
    bunch = _load(options, None)  # of a set with an official test split the training part
    kind = StratifiedKFold if bunch.groups is None else StratifiedGroupKFold
    cv = kind(5 if test == "holdout" else test, shuffle=True, random_state=seed)
    if test != "holdout":
        return bunch, None, len(bunch.target), cv
    train, held = next(cv.split(np.zeros(len(bunch.target)), bunch.target, bunch.groups))
    return bunch, None, len(held), [(train, held)]


@functools.lru_cache(maxsize=2)  # the cells of a data set follow each other
def _load(options, split):
    from affectkit import datasets

    return datasets.load(**json.loads(options), split=split)
