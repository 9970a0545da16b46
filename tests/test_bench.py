"""Kit and plain peer do the same work, take turns, and the table says what was found."""

import json
import random
import subprocess
import sys
import warnings
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from PIL import Image

import affectkit as ak
from affectkit import _peers, bench


@pytest.fixture
def sides(monkeypatch, tmp_path, one_thread):
    """What kit and peer do in a row, as it is capped."""
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "cache"))

    def make(name):
        row = bench.ROWS[name]
        return [row.make(side, row.sizes[1], "cpu", tmp_path) for side in ("kit", "peer")]

    return make


def size(net):
    return ak.nets.count_parameters(net)


@pytest.mark.parametrize("name", ["face_cnn", "heart_lstm"])
def test_both_train_the_same_network_for_as_many_steps(name, sides, monkeypatch):
    steps = []
    adam = torch.optim.Adam.step
    monkeypatch.setattr(torch.optim.Adam, "step",
                        lambda self, *given: steps.append(len(given)) or adam(self, *given))  # fmt: skip
    kit, peer = sides(name)
    ours = kit().module_
    so_many = len(steps)
    assert size(peer()) == size(ours) and len(steps) == 2 * so_many > 0


def test_both_train_the_same_gan(sides):
    kit, peer = sides("dcgan")
    gan = kit()
    assert gan.steps_ == 1 and size(peer()) == size(gan.generator)
    assert gan.batch_size == 64 and gan.loss == "bce"


def test_the_peer_gan_takes_as_many_steps_as_it_is_asked_for():
    gan, seen = ak.gans.DCGAN(image_size=28, width=4, device="cpu"), []
    images = np.random.default_rng(0).integers(0, 256, (130, 28, 28), dtype=np.uint8)
    _peers.dcgan(*gan._networks(), images, steps=3, after=lambda net, step: seen.append(step))
    assert seen == [1, 2, 3]


def test_peers_rate_moves_as_the_kits(monkeypatch):
    rates = []
    adam = torch.optim.Adam.step
    monkeypatch.setattr(torch.optim.Adam, "step", lambda self, *given: rates.append(
        self.param_groups[0]["lr"]) or adam(self, *given))  # fmt: skip
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(640, 8, 1)).astype(np.float32), np.arange(640) % 2
    ak.learn.classifier("heart-lstm", max_epochs=2, valid_size=0, device="cpu").fit(X, y)
    ours, rates[:] = list(rates), []
    data = torch.utils.data.TensorDataset(torch.from_numpy(X), torch.from_numpy(y))
    _peers.train(ak.nets.HeartLSTM(2), data, epochs=2, lr=2e-3)
    assert rates == pytest.approx(ours)


def test_the_peers_changes_leave_a_face_where_it_is_when_nothing_is_drawn(monkeypatch):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (48, 48), dtype=np.uint8))
    assert np.any(np.asarray(_peers.change(image)) != np.asarray(image))
    monkeypatch.setattr(random, "random", lambda: 1.0)
    monkeypatch.setattr(random, "uniform", lambda low, high: 0.0)
    assert np.array_equal(_peers.change(image), image)


few = pytest.mark.filterwarnings("ignore:.*other counts than the card")


@few
def test_all_read_the_same_table(sides, tmp_path):
    kit, peer = sides("fer2013_csv")
    images, target = peer()
    for way in ("cold", "cached", "cold"):
        found = kit[way]()
        assert np.array_equal(found.data, images) and np.array_equal(found.target, target)
    assert len(images) == 80 and len(np.unique(images, axis=0)) > 70


@few
def test_cold_is_cold_and_cached_is_not(sides, tmp_path, monkeypatch):
    kit, _ = sides("fer2013_csv")
    read, real = [], ak.datasets.faces.read_fer2013
    monkeypatch.setattr(ak.datasets.faces, "read_fer2013", lambda path: read.append(path) or real(path))
    counts = []
    for way in ("cold", "cached", "cached", "cold"):
        kit[way]()
        counts.append(len(read))
    assert counts == [1, 1, 1, 2]


def test_both_svms_score_each_fold_the_same(sides):
    kit, peer = sides("svm")
    assert kit().tolist() == [peer() for _ in range(10)]


def test_both_draw_the_same_faces(sides):
    kit, peer = sides("twin_faces")
    assert np.array_equal(kit(), peer())
    kit, peer = sides("drawing")
    torch.testing.assert_close(kit()[:2], peer(), atol=1e-4, rtol=0)


def test_both_judges_say_the_same(sides):
    kit, peer = sides("judging")
    assert kit() == pytest.approx(peer(), rel=1e-3)


def test_both_sliders_show_the_same(sides):
    kit, peer = sides("slider")
    app = ak.apps.ThresholdLab()
    app.view()
    app.controls_["threshold"].value = 0.9
    hit, miss, alarm, _ = peer()[-1]["cells"]
    app.controls_["class"].value = "happy"
    assert f"{hit} of {hit + miss} are found, and {alarm} of {hit + alarm} alarms" in app.words_
    kit()


# ---------------------------------------------------------------------------------------------------- in turn


class Here:
    """An executor that does all in this process."""

    def __init__(self, *given):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def submit(self, function, *given):
        return SimpleNamespace(result=lambda: function(*given))


@pytest.fixture
def toy(monkeypatch):
    """A row whose kit does it in two ways, and a list of who worked when."""
    worked = []

    def make(side, n, device, folder):
        """Nothing; slowly"""
        if side == "peer":
            return lambda: worked.append("peer")
        return {way: lambda way=way: worked.append(way) for way in ("cold", "cached")}

    monkeypatch.setattr(bench, "ProcessPoolExecutor", Here)
    goals = {"cold": lambda: 2.0, "cached": 100.0}
    monkeypatch.setattr(bench, "ROWS", {"toy": bench.Row(make, (8, 4, None), goals, None, 0.1, False)})
    return worked


def test_they_take_turns(toy):
    result = bench.run(3)
    assert toy == ["cold", "cached", "peer"] * 3
    (row,) = result["rows"]
    assert {way: len(taken) for way, taken in row["seconds"].items()} == dict(cold=3, cached=3, peer=3)
    assert (row["n"], row["about"]) == (8, "Nothing; slowly")
    json.dumps(result)


def test_the_cap_is_told(toy, monkeypatch):
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    result = bench.run(1)
    assert result["rows"][0]["n"] == 4 and "CAPPED" in bench.machine(result)


@pytest.mark.parametrize("options", [dict(rounds=0), dict(only=("svn",))])
def test_run_refuses(options):
    with pytest.raises(ValueError, match="1 or more, only="):
        bench.run(**options)
    with pytest.raises(ValueError, match="must be some of loading"):
        bench.costs(("svn",))


def test_table(toy):
    seconds = dict(cold=[1.0, 2.0, 4.0], cached=[0.1, 0.1, 0.1], peer=[3.0, 5.0, 9.0])
    rows = [dict(name="toy", about="Nothing; slowly", n=8, share=0.1, seconds=seconds, operations=None)]
    table = bench.table(dict(rows=rows, facts=dict(gpu=None)))
    cold, cached = table.loc["toy, cold"], table.loc["toy, cached"]
    assert (cold["kit"], cold["peer"], cold["times"], cold["rate"]) == (2, 5, 2.5, 4)
    assert (cold["low"], cold["high"]) == (2.25, 3)
    assert cold["goal"] == 2 and cold["held"] and not cached["held"]  # 50 of 100
    assert "10% measured, the rest extrapolated" in cold["about"]
    rows[0]["operations"] = 10e12
    gpu = bench.table(dict(rows=rows, facts=dict(gpu="a card"), ceilings=dict(matmul=50.0)))
    assert gpu.loc["toy, cold on a GPU", "peak"] == 0.1 and gpu["held"].tolist() == [None, None]


def test_a_rate_is_a_goal_too(monkeypatch):
    seconds = dict(peer=[1.0]) | {"": [0.6]}
    rows = [dict(name="twin_faces", about="", n=500, share=1, seconds=seconds, operations=None)]
    assert bench.table(dict(rows=rows, facts=dict(gpu=None)))["held"].tolist() == [False]
    seconds[""] = [0.5]
    assert bench.table(dict(rows=rows, facts=dict(gpu=None)))["held"].tolist() == [True]


@pytest.mark.parametrize("native, goal", [(True, 2.0), (False, 1.5)])
def test_the_goal_of_the_lstm_depends_on_the_processor(native, goal, monkeypatch):
    monkeypatch.setattr(ak.speed, "has_bf16", lambda *device: native)
    assert bench.ROWS["heart_lstm"].goals[""]() == goal


def test_goals_are_those_that_were_set():
    asked = {name: list(row.goals.values())[0] for name, row in bench.ROWS.items()}
    assert (asked["face_cnn"], asked["dcgan"], asked["svm"]) == (3, 1.8, 50)
    assert bench.ROWS["fer2013_csv"].goals == {"cold": 8, "cached": 100}
    assert bench.ROWS["twin_faces"].rate == 1000


def test_the_peer_is_not_tuned(monkeypatch, tmp_path):
    tuned = []
    for name in ("AFFECTKIT_CACHE", "TQDM_DISABLE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setattr(ak.speed, "tune", lambda: tuned.append(True))
    with warnings.catch_warnings():
        bench._start(tmp_path, False)
        assert not tuned
        bench._start(tmp_path, True)
    assert tuned


def test_torch_is_not_there_before_the_tuning():
    code = "import sys, affectkit.bench; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_processes_of_their_own(monkeypatch):
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    result = bench.run(2, only=("twin_faces",))
    (row,) = result["rows"]
    assert len(row["seconds"]["peer"]) == 2 and min(min(taken) for taken in row["seconds"].values()) > 0
    assert result["facts"]["threads"] >= 1 and result["facts"]["torch"] == torch.__version__


def test_the_rows_of_a_gpu_walk_through(monkeypatch, one_thread):
    """Without one: the processor under another name takes the same branches."""
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    monkeypatch.setattr(bench, "ProcessPoolExecutor", Here)
    monkeypatch.setattr(torch.cuda, "synchronize", lambda: None)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a card")
    result = bench.run(1, device="cpu:0")
    table = bench.table(result)
    assert table.index.tolist() == [f"{name} on a GPU" for name in (
        "face cnn", "dcgan", "heart lstm", "svm", "drawing", "judging")]  # fmt: skip
    assert (table["peak"] > 0).tolist() == [True, True, False, False, False, True]
    assert table["held"].isna().all() and "a card: copies" in bench.machine(result)


def test_ceilings(monkeypatch):
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    assert all(value > 0 for value in bench.ceilings("cpu").values())


# ------------------------------------------------------------------------------------------------ cost curves


def test_growth_finds_the_powers():
    points = [dict(curve=name, n=n, seconds=3 * n**power, more_mb=0.5 * n)
              for name, power in (("a", 2), ("b", 0.5)) for n in (10, 100, 1000)]  # fmt: skip
    found = bench.growth(points)
    assert found["time"].tolist() == pytest.approx([2, 0.5])
    assert found["memory"].tolist() == pytest.approx([1, 1])


def test_costs_are_measured_in_fresh_processes(monkeypatch):
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    found = bench.costs(only=("rendering",))
    assert [point["n"] for point in found["points"]] == [100, 400]
    for point in found["points"]:
        assert point["seconds"] > 0 and point["peak_mb"] > point["more_mb"] >= 1


@pytest.mark.parametrize("name", [name for name in bench.COSTS if name != "sweep"])
def test_every_curve_can_be_measured(name, monkeypatch, tmp_path, one_thread):
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "cache"))
    make, sizes, unit = bench.COSTS[name]
    assert len(sizes) >= 3 and unit and callable(make(80, tmp_path))


def test_a_sweep_has_as_many_cells(tmp_path, monkeypatch):
    from affectkit import sweep

    cells, failed = [], []

    def run_file(file, **options):
        cells.extend(sweep.plan(file, sweep.read(file)))
        return SimpleNamespace(failed=failed)

    monkeypatch.setattr(sweep, "run_file", run_file)
    work = bench.COSTS["sweep"][0](4, tmp_path)
    work()
    assert len(cells) == 4
    failed.append("one")
    with pytest.raises(RuntimeError, match="a cell of the sweep failed"):
        work()


# ---------------------------------------------------------------------------------------------------- reports


def test_report_leaves_table_picture_and_figures(toy, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    text = bench.report(tmp_path / "bench", rounds=1)
    assert "toy, cached" in text and "No CUDA GPU: the rows on one did not run." in text
    assert text.rstrip().endswith(".") and torch.__version__ in text
    names = {path.name for path in (tmp_path / "bench").iterdir()}
    assert names == {"speed.json", "speed.csv", "speed.txt", "speed.png"}
    assert len(pd.read_csv(tmp_path / "bench" / "speed.csv")) == 2


def test_report_of_curves(tmp_path, monkeypatch):
    points = [dict(curve="a", unit="faces", n=n, seconds=n / 10, peak_mb=500 + n, more_mb=n) for n in (1, 10)]
    monkeypatch.setattr(bench, "costs", lambda only: dict(points=points, facts=bench.facts()))
    assert "1.0" in bench.report(tmp_path, curves=True)
    assert (tmp_path / "costs.png").stat().st_size > 5000
