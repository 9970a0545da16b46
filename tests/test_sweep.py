"""Sweeps: what a file may say, which cells are done, and that nothing finished is ever lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress

import pandas as pd
import psutil
import pytest

from affectkit import _cell, _notebooks, speed, sweep

GOOD = """
seeds = [0, 1]
[data.hearts]
name = "stress-predict"
source = "twin"
max_per_class = 100
test = 3
[methods.lr]
classifier = "logistic-regression"
"""


@pytest.fixture
def file(tmp_path):
    """Write a sweep's file; gives its path."""

    def write(text=GOOD):
        path = tmp_path / "trial.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def planned(path):
    return sweep.plan(path, sweep.read(path))


def scored(settings):
    """What a cell would give, in no time."""
    row = dict(metric="accuracy", value=0.5 + settings["seed"] / 10, low=0.4, high=0.7, baseline=0.5, band="",
               n=9, source="twin", test="holdout", seed=settings["seed"], seconds=1.0)
    return {"status": "ok", "rows": [row]}


@pytest.fixture
def here(monkeypatch):
    """Cells are done in this process by a function that the test gives; returns those that were done."""
    done = []

    def use(work):
        def compute(cells, _, address, folder, **options):
            for cell in cells:
                sweep._keep(cell, work(cell.settings), folder)
                done.append(cell)

        monkeypatch.setattr(sweep, "_compute", compute)
        return done

    @contextmanager
    def none(*arguments):
        yield "nowhere"

    monkeypatch.setattr(sweep, "_cluster", none)
    monkeypatch.setattr(sweep, "_probe", lambda file, cells: None)
    return use


# ---------------------------------------------------------------------------------------- what a file may say


@pytest.mark.parametrize("old, new, message", [
    ("seeds = [0, 1]", "seeds = [0, 1", "Unclosed array.*line 3"),
    ("seeds = [0, 1]", "seed = [0]", "seed is no option of this file; there are seeds, data, methods"),
    ("seeds = [0, 1]", "seeds = 3", "seeds = 3 must be a list of whole numbers"),
    ("seeds = [0, 1]", "seeds = [true]", "must be a list of whole numbers"),
    ("[data.hearts]", "[data]", r"data must be tables.*\[data.NAME\]"),
    ("[data.hearts]", '[data."a/b"]', r"\[data.a/b\] use letters"),
    ('"stress-predict"', '"stress"', r"\[data.hearts\] name = 'stress' is no data set; there are .*deap"),
    ('"stress-predict"', '"pairs"', r"\[data.hearts\] is a set of pairs"),
    ("test = 3", 'test = "test"', r"\[data.hearts\] test = 'test' must be one of \['holdout'\], or"),
    ("test = 3", "test = 1", "a number of folds from 2 on"),
    ("test = 3", 'split = "all"', r"\[data.hearts\] split is no option of this data set; there are name"),
    ('"logistic-regression"', '"logistic"', r"\[methods.lr\] classifier = 'logistic' must be one of log"),
    ("classifier =", "class =", r"\[methods.lr\] classifier = None must be one of"),
    ('"logistic-regression"', '"logistic-regression"\nD = 1', r"\[methods.lr\] .*unexpected keyword.*'D'"),
    ('"logistic-regression"', '"logistic-regression"\nC = "a"', r"\[methods.lr\] The 'C' parameter .* must"),
    ('"logistic-regression"', '"heart-cnn"\nmax_epoch = 1', "max_epoch is no option of this classifier"),
    ('"logistic-regression"', '"heart-cnn"\nmax_epochs = "2"', "max_epochs = '2' must be of the kind of 40"),
    ('"logistic-regression"', '"heart-cnn"\nmodule__heads = 2', "module__heads is no option"),
    ('"logistic-regression"', '"heart-cnn"\nrandom_state = 1', "random_state is the sweep's own matter"),
    ('"logistic-regression"', '"heart-cnn"\nbalance = "gans"', "balance must be one of class-weights, "),
    ('"logistic-regression"', '"random-forest"\nbalance = "focal-loss"', "focal-loss is a loss of networks"),
    ('"logistic-regression"', '"heart-cnn"\nbalance = {by = "gan", gan = {wide = 3}}', "'wide'"),
    ('"logistic-regression"', '"heart-cnn"\nbalance = {by = "augmentation", changes = "x"}', "no preset"),
    ('"logistic-regression"', '"face-cnn"', r"\[data.hearts\] has no partner: networks for faces take"),
])
def test_wrong_files_are_refused(file, old, new, message):
    assert old in GOOD
    path = file(GOOD.replace(old, new))
    with pytest.raises(ValueError, match=f"(?s)trial.toml: .*{message}"):
        planned(path)


def test_wrong_values_of_a_data_set_show_before_anything_starts(file, tmp_path):
    path = file(GOOD.replace("max_per_class = 100", 'max_per_class = "many"'))
    with pytest.raises(ValueError, match=r"trial.toml: \[data.hearts\] max_per_class must be a whole number"):
        sweep.run_file(path, reports=tmp_path / "reports")
    assert not (tmp_path / "reports").exists()


def test_every_kind_of_balance_makes_an_estimator():
    for by in _cell.BALANCE:
        for classifier, kind in (("heart-cnn", "signals"), ("face-cnn", "faces"), ("random-forest", "faces")):
            if by in _cell.LOSSES and classifier in _cell.PLAIN:
                continue
            assert hasattr(_cell.estimator({"classifier": classifier, "balance": by}, kind, "cpu"), "fit")


def test_the_example_is_good(repository):
    cells = planned(repository / "sweeps" / "example.toml")
    assert {cell.settings["data"]["source"] for cell in cells} == {"twin"}


# --------------------------------------------------------------------------------------- which cells are done


def test_cells_are_methods_times_seeds_on_data_of_their_kind(file, monkeypatch):
    text = GOOD + """
        [methods.cnn]
        classifier = "face-cnn"
        [methods.lstm]
        classifier = "heart-lstm"
        [data.jaffe]
    """
    monkeypatch.setenv("AFFECTKIT_SOURCE", "twin")
    cells = planned(file(text))
    assert [(c.data, c.method, c.seed) for c in cells] == [
        (data, method, seed) for data, methods in (("hearts", ("lr", "lstm")), ("jaffe", ("lr", "cnn")))
        for method in methods for seed in (0, 1)]
    assert cells[-1].settings["data"] == {"name": "jaffe", "test": "holdout", "source": "twin"}
    assert len({cell.name for cell in cells}) == len(cells)


def test_an_official_test_split_is_read_only_when_asked_for(file):
    text = GOOD.replace("test = 3\n", "").replace("logistic-regression", "face-cnn")
    for name, test in (("fer2013", "val"), ("rafdb-basic", "holdout")):
        cell = planned(file(text.replace("stress-predict", name)))[0]
        assert cell.settings["data"]["test"] == test


def test_a_finished_cell_is_not_done_again(file, tmp_path, here):
    done = here(scored)
    first = sweep.run_file(file(), reports=tmp_path)
    assert (first.ran, len(first.states), first.failed) == (2, 2, [])
    more = sweep.run_file(file(GOOD.replace("[0, 1]", "[0, 1, 2]")), reports=tmp_path)
    assert (more.ran, [cell.seed for cell in done]) == (1, [0, 1, 2])
    assert sweep.run_file(file(), reports=tmp_path).ran == 0


@pytest.mark.parametrize("change", ["options", "sources", "versions", "data"])
def test_a_stale_cell_is_done_again(file, tmp_path, here, monkeypatch, change):
    here(scored)
    sweep.run_file(file(), reports=tmp_path)
    text = GOOD
    if change == "options":
        text = text + "C = 0.1"
    elif change == "data":
        text = text.replace("100", "90")
    else:
        state = _cell.package_state() | {change: "others"}
        monkeypatch.setattr(_cell, "package_state", lambda: state)
    assert sweep.run_file(file(text), reports=tmp_path).ran == 2


def test_real_cells_depend_on_the_files(file, tmp_path, monkeypatch):
    monkeypatch.setenv("AFFECTKIT_DATA", str(tmp_path / "data"))
    path = file(GOOD.replace('"twin"', '"real"'))
    before = {cell.name for cell in planned(path)}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "new.csv").touch()
    assert before.isdisjoint(cell.name for cell in planned(path))


def test_a_failed_cell_keeps_its_traceback_and_is_tried_again(file, tmp_path, here):
    def fails(settings):
        return _cell.failure(ZeroDivisionError("no")) if settings["seed"] else scored(settings)

    here(fails)
    outcome = sweep.run_file(file(), reports=tmp_path)
    assert [state["error"] for state in outcome.failed] == ["ZeroDivisionError: no"]
    assert "ZeroDivisionError" in outcome.failed[0]["traceback"] and len(outcome.rows) == 1
    here(scored)
    again = sweep.run_file(file(), reports=tmp_path)
    assert (again.ran, again.failed, len(again.rows)) == (1, [], 2)


def test_a_damaged_file_is_done_again(file, tmp_path, here):
    here(scored)
    folder = sweep.run_file(file(), reports=tmp_path).folder
    next((folder / "cells").iterdir()).write_text('{"status": "o')
    assert sweep.run_file(file(), reports=tmp_path).ran == 1


def test_an_interrupted_write_leaves_nothing_and_the_table_has_the_rest(file, tmp_path, here, monkeypatch):
    here(scored)
    replace = os.replace

    def stop(source, target):
        if "--1--" in str(target):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(_notebooks.os, "replace", stop)
    with pytest.raises(KeyboardInterrupt):
        sweep.run_file(file(), reports=tmp_path)
    folder = tmp_path / "sweeps" / "trial"
    [kept] = (folder / "cells").iterdir()
    assert kept.name.startswith("hearts--lr--0--") and kept.suffix == ".json"
    assert len(pd.read_csv(folder / "results.csv")) == 1


def test_the_table(file, tmp_path, here):
    here(scored)
    outcome = sweep.run_file(file(), reports=tmp_path)
    table = pd.read_csv(outcome.folder / "results.csv")
    assert list(table.columns) == sweep.COLUMNS and table["seed"].tolist() == [0, 1]
    assert table["what"].tolist() == ["hearts: lr: accuracy"] * 2 and table["date"].notna().all()
    line = sweep.summary(outcome.rows).splitlines()[-1]
    assert line == ("| hearts: lr: accuracy | 0.550 | 0.400 to 0.700 | 0.500, 0.600 | 0.500 |  | 9 | twin | "
                    "holdout | 1.0 |")
    assert (outcome.folder / "results.md").read_text() == sweep.summary(outcome.rows)
    assert sweep.summary([]).count("\n") == 2


# --------------------------------------------------------------------------------------------------- one cell


@pytest.mark.parametrize("test, n", [("holdout", None), (3, 200)])
def test_a_cell_on_the_twin(file, one_thread, test, n):
    text = GOOD.replace("test = 3", f"test = {json.dumps(test)}").replace("[0, 1]", "[0]")
    [cell] = planned(file(text))
    state = _cell.measure(json.loads(json.dumps(cell.settings)))
    assert state["status"] == "ok", state["traceback"]
    rows = {row["metric"]: row for row in state["rows"]}
    assert set(rows) >= {"accuracy", "macro-F1", "balanced accuracy"}
    for row in rows.values():
        assert row["low"] <= row["value"] <= row["high"] and row["source"] == "twin" and row["test"] == test
        assert row["n"] == n if n else 20 <= row["n"] <= 80
        json.dumps(row, allow_nan=False)


def test_an_official_split_is_used(file, one_thread):
    text = GOOD.replace("stress-predict", "fer2013").replace("= 100", "= 9\nsize = 12")
    state = _cell.measure(planned(file(text.replace("test = 3", 'test = "val"')))[0].settings)
    assert state["status"] == "ok", state["traceback"]
    assert state["rows"][0]["n"] == 63


def test_what_a_worker_cannot_do_is_told(file):
    cell = planned(file())[0]
    other = cell.settings | {"state": {"sources": "x", "versions": []}}
    assert "install there what is installed here" in _cell.measure(other)["error"]
    data = {"name": "stress-predict", "source": "real", "root": "nowhere", "test": 2}
    state = _cell.measure(cell.settings | {"data": data})
    assert state["status"] == "failed" and "Traceback" in state["traceback"]


# ------------------------------------------------------------------------------------------------ the cluster


def cells(n):
    return [sweep.Cell("d", "m", seed, {"seed": seed}) for seed in range(n)]


def kept(folder):
    return {path.name: json.loads(path.read_text()) for path in (folder / "cells").glob("*.json")}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "cells").mkdir()
    return tmp_path


def worker(seconds, pids=None):
    """A cell's work that takes its time, and says first which process does it."""

    def work(settings):
        import os
        import time
        from pathlib import Path

        if pids:
            Path(pids, f"{settings['seed']}-{time.time()}").write_text(str(os.getpid()))
        time.sleep(seconds)
        return {"status": "ok", "pid": os.getpid(), "threads": os.environ["OMP_NUM_THREADS"]}

    return work


def test_a_killed_worker_loses_nothing(folder):
    pids = folder / "pids"
    pids.mkdir()

    def kill():
        while not (seen := list(pids.iterdir())) or not seen[0].read_text():
            time.sleep(0.05)
        os.kill(int(seen[0].read_text()), signal.SIGKILL)

    before = dict(os.environ)
    killer = threading.Thread(target=kill, daemon=True)
    with sweep._cluster(None, 2, 9) as address:
        killer.start()
        sweep._compute(cells(6), worker(0.3, pids), address, folder)
    killer.join()
    states = kept(folder).values()
    assert sorted(state["seed"] for state in states) == list(range(6))
    assert all(state["status"] == "ok" for state in states) and len(list(pids.iterdir())) > 6
    assert {state["threads"] for state in states} == {"1"}
    assert dict(os.environ) == before


def test_no_scheduler_ends_with_what_to_do(folder):
    with pytest.raises(ConnectionError, match="no scheduler answers at tcp://127.0.0.1:9: start one"):
        sweep._compute(cells(1), worker(0), "tcp://127.0.0.1:9", folder, patience=0.5)


def test_an_error_of_a_file_is_the_cells_own(folder):
    """Not the scheduler's, though it is an OSError as well: or the cell would be tried for ever."""
    def work(settings):
        raise FileNotFoundError("gone")

    with sweep._cluster(None, 1, 1) as address:
        sweep._compute(cells(1), work, address, folder)
    assert [state["error"] for state in kept(folder).values()] == ["FileNotFoundError: gone"]


def test_a_scheduler_that_is_lost_again_and_again_ends_the_sweep(folder, monkeypatch):
    rounds = []
    monkeypatch.setattr(sweep, "_finished", lambda *_: rounds.append(1) or ())
    with sweep._cluster(None, 1, 1) as address, pytest.raises(ConnectionError, match="lost 5 times.*0 of 1"):
        sweep._compute(cells(1), worker(0), address, folder)
    assert len(rounds) == sweep.ROUNDS


def test_without_dask(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ImportError, match=r"pip install 'affectkit\[cluster\]'"), sweep._cluster(None, 1, 1):
        pass


@pytest.mark.parametrize("number, gpus, visible, seen", [
    (0, 2, None, "0"), (1, 2, None, "1"), (2, 2, None, "0"),
    (1, 2, "5, 7", "7"), (1, 2, "GPU-a,GPU-b", "GPU-b"),
])
def test_each_worker_sees_one_gpu(number, gpus, visible, seen):
    assert sweep.gpu_environment(number, gpus, visible) == {"CUDA_VISIBLE_DEVICES": seen}
    assert sweep.gpu_environment(number, 0, visible) == {}


@pytest.mark.slow
def test_a_cell_that_kills_its_workers_fails_and_the_others_do_not(folder):
    def work(settings):
        if settings["seed"] == 0:
            import os
            os._exit(1)
        return {"status": "ok"}

    with sweep._cluster(None, 1, 1) as address:
        sweep._compute(cells(2), work, address, folder)  # Dask queues two at its one worker, and blames both
    states = {state["seed"]: state for state in kept(folder).values()}
    assert "KilledWorker" in states[0]["error"] and states[1]["status"] == "ok"


@pytest.fixture
def dask(tmp_path):
    """Start parts of a cluster as people do, by the command dask; all are ended with the test."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address, started = f"tcp://127.0.0.1:{port}", []

    def start(part):
        where = {"scheduler": ["--host", "127.0.0.1", "--port", str(port)],
                 "worker": [address, "--nthreads", "1"]}
        with open(tmp_path / f"{part}.log", "a") as log:
            started.append(subprocess.Popen(
                [sys.executable, "-m", "dask", part, *where[part], "--dashboard-address", ":0"], stdout=log,
                stderr=log, start_new_session=True))
        return started[-1]

    start.address = address
    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.mark.slow
def test_a_scheduler_that_is_restarted_loses_nothing(folder, dask, capfd):
    scheduler = dask("scheduler")
    dask("worker")

    def restart():
        while len(kept(folder)) < 2:
            time.sleep(0.1)
        scheduler.kill()
        dask("scheduler")
        dask("worker")

    thread = threading.Thread(target=restart, daemon=True)
    thread.start()
    sweep._compute(cells(6), worker(1), dask.address, folder)
    thread.join()
    assert sorted(state["seed"] for state in kept(folder).values()) == list(range(6))
    assert "is lost; what had finished is kept" in capfd.readouterr().err


@pytest.mark.slow
def test_a_scheduler_that_stays_away_ends_the_sweep_and_the_next_one_completes_it(folder, dask):
    scheduler = dask("scheduler")
    dask("worker")

    def stop():
        while len(kept(folder)) < 2:
            time.sleep(0.1)
        scheduler.kill()

    thread = threading.Thread(target=stop, daemon=True)
    thread.start()
    with pytest.raises(ConnectionError, match="[23] of 6 cells are kept"):
        sweep._compute(cells(6), worker(1), dask.address, folder, patience=5)
    thread.join()
    first = kept(folder)
    dask("scheduler")
    dask("worker")
    left = [cell for cell in cells(6) if f"{cell.name}.json" not in first]
    sweep._compute(left, worker(0.1), dask.address, folder)
    assert len(kept(folder)) == 6 and {name: kept(folder)[name] for name in first} == first


@pytest.mark.slow
def test_ctrl_c_keeps_what_is_finished(file, tmp_path):
    path = file(GOOD.replace("[0, 1]", str(list(range(60)))))
    command = [sys.executable, "-m", "affectkit.cli", "sweep", str(path), "--workers", "1", "--reports",
               str(tmp_path)]
    folder = tmp_path / "sweeps" / "trial"
    with open(tmp_path / "log", "w+") as log:
        sweeping = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        while len(list(folder.glob("cells/*.json"))) < 2 and sweeping.poll() is None:
            time.sleep(0.1)
        os.killpg(sweeping.pid, signal.SIGINT)  # as a terminal does it: to all processes
        assert sweeping.wait(timeout=60) == 130, (tmp_path / "log").read_text()
    done = len(list((folder / "cells").iterdir()))
    assert 2 <= done < 60 and pd.read_csv(folder / "results.csv")["seed"].nunique() == done
    assert all(path.suffix == ".json" for path in (folder / "cells").iterdir())
    text = (tmp_path / "log").read_text()
    assert "what had finished is kept" in text and "Traceback" not in text


@pytest.mark.slow
def test_two_workers_do_nearly_twice_as_much(folder):
    """Alternating runs of cells that keep one thread busy; a machine with other work cannot tell."""
    if speed.threads() < 2 or psutil.cpu_percent(interval=2) > 10:
        pytest.skip("throughput: needs two idle cores")

    def work(settings):
        sum(i * i for i in range(8_000_000))
        return {"status": "ok"}

    def seconds(address):
        begin = time.perf_counter()
        sweep._compute(cells(12), work, address, folder)
        return time.perf_counter() - begin

    with sweep._cluster(None, 1, 9) as one, sweep._cluster(None, 2, 9) as two:
        pairs = [(seconds(one), seconds(two)) for _ in range(4)][1:]  # the first warms up
    gain = sorted(a / b for a, b in pairs)[1]
    print(f"two workers: {gain:.2f} times the throughput of one")
    assert gain >= 1.7
