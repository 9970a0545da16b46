"""Sweeps: ``affectkit sweep FILE.toml`` tries data sets x methods x seeds and leaves one table.

A *cell* is one method with one seed on one data set. Dask runs the cells, in processes of this machine or on
a cluster. This process alone writes: each cell as soon as it is done, whole or not at all, in a file named
after a digest of all it depends on. So a sweep that was stopped, by whatever, goes on where it was: a cell
that is there is not done again; one that failed, or that another state of the kit or the data made, is.
"""

import datetime
import functools
import hashlib
import inspect
import json
import logging
import os
import re
import sys
import tomllib
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from affectkit import _cell, _notebooks, cards, run, speed
from affectkit._cell import is_a, kind_of, known

COLUMNS = ["what", "data", "method", "metric", "value", "low", "high", "baseline", "band", "n", "source",
           "test", "seed", "seconds", "date"]
ROUNDS = 5  # so often may a scheduler be lost without a cell done in between


class Cell(NamedTuple):
    """One method with one seed on one data set."""

    data: str
    method: str
    seed: int
    settings: dict  # all it depends on, as JSON has it

    @property
    def name(self):
        """Its file's name: who it is, and a digest of the settings."""
        digest = hashlib.sha256(json.dumps(self.settings, sort_keys=True).encode()).hexdigest()
        return f"{self.data}--{self.method}--{self.seed}--{digest[:16]}"


class Outcome(NamedTuple):
    """What `run_file` did: all cells' states, how many were done now, the table's rows, where they lie."""

    states: list
    ran: int
    rows: list
    folder: Path

    @property
    def failed(self):
        """The states of the cells that failed."""
        return [state for state in self.states if state["status"] != "ok"]


def run_file(file, *, workers=None, scheduler=None, reports=None, patience=60):
    """Do what a sweep's file asks for and is not there yet, and bring its table up to date.

    Parameters
    ----------
    file : path
        TOML; see sweeps/example.toml.
    workers : int, optional
        Processes on this machine; by default one a GPU, or else one a core.
    scheduler : str, optional
        Address of a Dask scheduler ("tcp://host:8786"), whose workers do the cells instead.
    reports : path, optional
        Where sweeps/NAME goes; by default reports/ in the current folder.
    patience : float
        How long a scheduler may be unreachable before the sweep ends [s].

    Returns
    -------
    Outcome

    Raises
    ------
    ValueError
        The file is not as it should be: where, and what may stand there. Nothing was started.
    ImportError
        Dask is not installed (the extra "cluster").
    ConnectionError
        No scheduler answered for so long. What had finished is kept, as it is after Ctrl-C.
    """
    file = Path(file)
    cells = plan(file, read(file))
    folder = Path(reports or "reports") / "sweeps" / file.stem
    due = [cell for cell in cells if (_state(folder, cell) or {}).get("status") != "ok"]
    try:
        if due:
            _probe(file, due)
            (folder / "cells").mkdir(parents=True, exist_ok=True)
            with _cluster(scheduler, workers, len(due)) as address:
                _compute(due, _cell.measure, address, folder, patience=patience, there=len(cells) - len(due))
    finally:
        states = [state for cell in cells if (state := _state(folder, cell))]
        rows = [row for state in states if state["status"] == "ok" for row in state["rows"]]
        if folder.is_dir():
            import pandas as pd

            table = pd.DataFrame(rows, columns=COLUMNS).to_csv(index=False)
            _notebooks.write_atomically(folder / "results.csv", table)
            _notebooks.write_atomically(folder / "results.md", summary(rows))
    return Outcome(states, len(due), rows, folder)


def _state(folder, cell):
    """What is known of a cell; None if it was never done, or its file is damaged."""
    try:
        return json.loads((folder / "cells" / f"{cell.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


# ----------------------------------------------------------------------------------------- what is to be done


def read(file):
    """Read and check a sweep's file: a dict of seeds, data and methods, or a ValueError that says where."""
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8"))
        known(given, ("seeds", "data", "methods"), "file")
        seeds = given.setdefault("seeds", [0, 1, 2])
        if not (is_a(list, seeds) and seeds and all(is_a(int, seed) and seed >= 0 for seed in seeds)):
            raise ValueError(f"seeds = {seeds!r} must be a list of whole numbers, such as [0, 1, 2]")
        given["seeds"] = list(dict.fromkeys(seeds))
        for section, check in (("data", _check_data), ("methods", _cell.check_method)):
            tables = given.get(section)
            if not (is_a(dict, tables) and tables and all(is_a(dict, table) for table in tables.values())):
                raise ValueError(f"{section} must be tables, each under a line such as [{section}.NAME]")
            for name, table in tables.items():
                try:
                    if not re.fullmatch(r"\w[\w .+-]*", name):
                        raise ValueError("use letters, digits, blanks and . + - _: it becomes a file's name")
                    check(name, table)
                except (ValueError, TypeError) as error:
                    raise ValueError(f"[{section}.{name}] {error}") from None
    except ValueError as error:  # TOML's own, too, and bytes that are no text
        raise ValueError(f"{file}: {error}") from None
    return given


def _check_data(name, table):
    from affectkit import datasets

    options = [o for o in inspect.signature(datasets.load).parameters if o not in ("root", "split")]
    known(table, [*options, "test"], "data set")
    if table.setdefault("name", name) not in cards.names():
        raise ValueError(f"name = {table['name']!r} is no data set; there are {', '.join(cards.names())}")
    card = cards.get(table["name"])
    if card.modality == "pairs":
        raise ValueError("is a set of pairs; sweeps take pictures or signals alone")
    choices = [split for split in ("test", "val") if split in card.splits] + ["holdout"]
    # An official test split is to be read once, by whoever asks for it.
    test = table.setdefault("test", "val" if "val" in choices else "holdout")
    if test not in choices and not (is_a(int, test) and test > 1):
        raise ValueError(f"test = {test!r} must be one of {choices}, or a number of folds from 2 on")


def plan(file, given):
    """The cells of a checked file: every method on every data set of its kind, with every seed."""
    from affectkit import datasets

    state, real = _cell.package_state(), datasets.available()["real"]
    files = functools.cache(lambda: run.data_fingerprint(datasets.data_root().resolve()))
    cells = []
    for data, table in given["data"].items():
        source = table.get("source", "auto")
        if source == "auto":
            source = os.environ.get("AFFECTKIT_SOURCE") or "auto"
        if source == "auto":  # settled here, so that all workers take the same
            source = "real" if real[table["name"]] else "twin"
        kind = "signals" if cards.get(table["name"]).modality == "signals" else "faces"
        same = {"data": {**table, "source": source}, "state": state,
                "files": files() if source == "real" else None}
        cells += [Cell(data, name, seed, {**same, "method": method, "seed": seed})
                  for name, method in given["methods"].items() if kind_of(method) in (kind, None)
                  for seed in given["seeds"]]
    for section, used in (("data", {cell.data for cell in cells}), ("methods", {c.method for c in cells})):
        if idle := set(given[section]) - used:
            raise ValueError(f"{file}: [{section}.{min(idle)}] has no partner: networks for faces take "
                             "sets of pictures, those for signals sets of signals")
    return cells


def _probe(file, cells):
    """Load a sample a class of each set: wrong options and missing files show before anything starts."""
    from affectkit import datasets

    for name, table in {cell.data: cell.settings["data"] for cell in cells}.items():
        options = {option: value for option, value in table.items() if option != "test"}
        try:
            datasets.load(**{"max_per_class": 1} | options)
        except (ValueError, TypeError) as error:
            raise ValueError(f"{file}: [data.{name}] {error}") from error


# -------------------------------------------------------------------------------------------------- all cells


def _compute(cells, work, address, folder, *, patience=60, there=0):
    """Have the cluster at `address` do `work` for all cells; keep each in folder/cells as soon as it is done.

    A worker that is lost is Dask's business: its cell goes to another. One that was on four workers when they
    were lost (``distributed.scheduler.allowed-failures``) may be what kills them (KilledWorker), or may only
    have stood in their queues: it has a second chance at the end, alone, and then fails.
    A scheduler that is lost takes all orders along: they are given anew once it is back, within `patience`
    seconds; one that is lost again and again, and no cell done, ends the sweep. The progress bar shows the
    cells that were `there` before, too.
    """
    from distributed import Client
    from tqdm.auto import tqdm

    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)  # what it shouts is told below
    left, tell = {cell.name: cell for cell in cells}, functools.partial(tqdm.write, file=sys.stderr)
    with tqdm(total=there + len(cells), initial=there, unit="cell", desc="cells") as bar:
        idle = 0  # rounds in a row in which no cell was done
        while left:
            if idle == ROUNDS:
                raise ConnectionError(f"{address} was lost {ROUNDS} times before a cell was done: read its "
                                      f"log and do the same again, {bar.n} of {bar.total} cells are kept")
            before = len(left)
            try:
                client = Client(address, timeout=patience, set_as_default=False)
            except OSError as error:
                raise ConnectionError(f"no scheduler answers at {address}: start one (`dask scheduler`) and "
                                      f"do the same again, {bar.n} of {bar.total} cells are kept") from error
            with client:
                if not client.scheduler_info()["workers"]:
                    tell(f"{address} has no workers yet: start some, dask worker {address} --nthreads 1")
                for cell, state in _finished(client, left.values(), work):
                    _keep(cell, state, folder)
                    del left[cell.name]
                    if state["status"] != "ok":
                        tell(f"failed  {cell.data}, {cell.method}, seed {cell.seed}: {state['error']}")
                    bar.update()
                idle = 0 if len(left) < before else idle + 1
                if left:
                    tell(f"{address} is lost; what had finished is kept. Waiting {patience:g} s for it")


def _finished(client, cells, work):
    """Give cells with their states as they are done, until all are or the scheduler is lost."""
    from distributed import CancelledError, KilledWorker, as_completed

    futures, suspects = {client.submit(work, cell.settings, key=cell.name): cell for cell in cells}, []
    for future in as_completed(list(futures), loop=client.loop):
        try:
            state = future.result()
        except (CancelledError, OSError) as error:
            if future.status != "error":  # not the cell's own: Dask cancels all of a scheduler that is gone
                return
            state = _cell.failure(error)
        except Exception as error:  # KilledWorker, or a worker without what it needs
            if isinstance(error, KilledWorker) and len(futures) > 1:
                suspects.append(futures[future])
                future.release()
                continue
            state = _cell.failure(error)
        yield futures[future], state
        future.release()
    for cell in suspects:
        yield from _finished(client, [cell], work)


def _keep(cell, state, folder):
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    for row in state.get("rows", ()):
        row |= {"what": f"{cell.data}: {cell.method}: {row['metric']}", "data": cell.data,
                "method": cell.method, "date": now}
    state = {**cell._asdict(), "finished": now, **state}
    _notebooks.write_atomically(folder / "cells" / f"{cell.name}.json", json.dumps(state, indent=1))


@contextmanager
def _cluster(scheduler, workers, most):
    """The address of a scheduler: the one given, or that of a cluster of processes on this machine."""
    try:
        from distributed import Nanny, Scheduler, SpecCluster
        from distributed.system import MEMORY_LIMIT
    except ImportError as error:
        raise ImportError("a sweep needs Dask: pip install 'affectkit[cluster]'") from error
    if scheduler:
        yield scheduler
        return
    import torch

    gpus, visible = torch.cuda.device_count(), os.environ.get("CUDA_VISIBLE_DEVICES")
    workers = min(workers or gpus or speed.threads(), most)
    here = {"host": "127.0.0.1", "dashboard_address": ":0"}
    each = {**here, "nthreads": 1, "memory_limit": MEMORY_LIMIT // workers, "silence_logs": logging.ERROR,
            # a terminal's Ctrl-C reaches all processes: this one alone is to answer it
            "preload": ["import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"]}
    spec = {}
    for i in range(workers):  # one progress bar is enough: the workers' own stay silent
        env = {"TQDM_DISABLE": "1", **gpu_environment(i, gpus, visible)}
        spec[i] = {"cls": Nanny, "options": {**each, "env": env}}
    before = dict(os.environ)
    try:
        master = {"cls": Scheduler, "options": {**here, "port": 0}}
        with SpecCluster(spec, master, silence_logs=logging.WARNING) as cluster:
            try:
                yield cluster.scheduler_address
            finally:  # workers in the middle of a cell are ended by force, and nobody needs to read of it
                logging.getLogger("distributed").setLevel(logging.CRITICAL)
    finally:  # Dask gives its workers one thread each for BLAS and torch through our own environment
        for name in os.environ.keys() - before.keys():
            del os.environ[name]
        os.environ.update(before)


def gpu_environment(worker, gpus, visible=None):
    """What makes worker number `worker` see one of `gpus` GPUs, its own if there are enough.

    `visible` is $CUDA_VISIBLE_DEVICES, where it says which GPUs they are.

    >>> gpu_environment(1, 2), gpu_environment(1, 2, "5,7"), gpu_environment(2, 2, "5,7")
    ({'CUDA_VISIBLE_DEVICES': '1'}, {'CUDA_VISIBLE_DEVICES': '7'}, {'CUDA_VISIBLE_DEVICES': '5'})
    >>> gpu_environment(1, 0)
    {}
    """
    names = visible.split(",") if visible else [str(i) for i in range(gpus)]
    return {"CUDA_VISIBLE_DEVICES": names[worker % gpus].strip()} if gpus else {}


# -------------------------------------------------------------------------------------------------- the table


def summary(rows):
    """A Markdown table of the rows, seeds merged: mean of values and of intervals' ends, and each seed's."""
    import pandas as pd

    lines = [["what", "value", "interval", "each seed", "baseline", "band", "n", "source", "test", "seconds"]]
    lines.append(["---"] * len(lines[0]))
    for what, part in pd.DataFrame(rows, columns=COLUMNS).groupby("what", sort=False):
        mean, first = part[["value", "low", "high", "baseline", "seconds"]].mean(), part.iloc[0]
        each = ", ".join(f"{value:.3f}" for value in part.sort_values("seed")["value"])
        lines.append([what, f"{mean['value']:.3f}", f"{mean['low']:.3f} to {mean['high']:.3f}", each,
                      f"{mean['baseline']:.3f}", first["band"], str(first["n"]), first["source"],
                      str(first["test"]), f"{mean['seconds']:.1f}"])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
