"""docs/bench.py: every measurement has a text and goals, and gives its figures; the page has its parts."""

import json

import numpy as np
import pandas as pd
import pytest

import affectkit as ak


@pytest.fixture
def study_of(load, monkeypatch, tmp_path):
    """The script, imported as it would be run; reports/ lies elsewhere, and there is little to do."""
    module = load("study", "bench")
    module.state_of_code = module.state
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "state", lambda name: "now")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    return module


@pytest.fixture
def compared(study_of):
    """A comparison as it would be stored."""
    seconds = {"": [1.0, 1.0], "peer": [2.0, 3.0]}
    rows = [dict(name=name, about="Work; plain way", n=500, share=1, seconds=seconds, operations=None)
            for name in ("face_cnn", "twin_faces")]  # fmt: skip
    facts = study_of.bench.facts() | dict(gpu=None)
    return dict(rows=rows, facts=facts)


def test_every_measurement_has_a_text_and_goals(study_of):
    assert study_of.MEASURES.keys() == study_of.goals().keys()
    for name, measure in study_of.MEASURES.items():
        assert measure.__doc__.strip().count("\n") > 1, name


def test_the_state_is_that_of_the_code(study_of, monkeypatch, repository):
    monkeypatch.setattr(study_of, "ROOT", repository)
    states = [study_of.state_of_code(name) for name in study_of.MEASURES]
    assert len(set(states)) == len(states)


def test_rows_of_a_comparison_have_the_goals_names(study_of, compared, monkeypatch):
    monkeypatch.setattr(study_of, "command", lambda name, *options: [compared])
    rows = {row["what"]: row for row in study_of.speed(0)["rows"]}
    assert rows["face cnn: times as fast"]["value"] == 2.5 and rows["face cnn: times as fast"]["low"] == 2
    assert rows["twin faces: a second"]["value"] == 500
    goals = study_of.goals()["speed"]
    assert goals["face cnn: times as fast"][0] == 3 and goals["twin faces: a second"][0] == 1000
    assert goals["fer2013 csv, cached: times as fast"][0] == 100 and len(goals) == 7
    assert {what for what in rows if what in goals} == {"face cnn: times as fast", "twin faces: a second"}


def test_one_core_is_one_thread_on_either_side(study_of, compared, monkeypatch):
    told = {}
    monkeypatch.setattr(study_of, "command", lambda *_, **environment: told.update(environment) or [compared])
    assert study_of.one_core(0)["rows"] and told == {"OMP_NUM_THREADS": "1"}


def test_the_same_learning_curves(study_of, real_data, one_thread):
    found = study_of.same(0)
    assert found["curves"].keys() == study_of.LEARNT.keys()
    for told in found["curves"].values():
        assert len(told["at"]) == len(told["kit"]) == len(told["peer"]) == 2
        assert np.isfinite(told["kit"] + told["peer"]).all()
    json.dumps(found)


def test_minutes_are_kept_and_told(study_of, real_data, one_thread):
    rows = {row["what"]: row for row in study_of.curve(0)["rows"]}
    for name in study_of.BUDGETS:
        limit = next(iter(study_of.BUDGETS[name]))
        assert 0 <= rows[f"{name}, {limit} min: accuracy"]["low"] < 1
        assert 0 < rows[f"{name}, {limit} min: core-minutes"]["value"] < limit
    asked = study_of.goals()["curve"]
    assert asked["small-resnet, 10 min: accuracy"][0] == 0.63 and len(asked) == 6


def results(gain, seeds=5):
    """Learning curves whose kit is better by `gain`, with noise."""
    rng = np.random.default_rng(0)
    noise = 0.4 + gain + rng.normal(0, 0.01, (seeds, 2))
    told = [dict(figure="accuracy", at=[1, 2], peer=[0.4, 0.5], kit=kit) for kit in noise.tolist()]
    return [dict(measure="same", seed=k, curves=dict.fromkeys(("face-CNN", "heart-LSTM", "DCGAN"), one))
            for k, one in enumerate(told)]  # fmt: skip


def test_the_command_is_what_is_published(study_of, monkeypatch):
    def run(command, check, env):
        assert command[1:4] == ["-m", "affectkit.cli", "bench"] and check
        assert env["OMP_NUM_THREADS"] == "1" and env["PATH"]
        assert command[-2:] == ["--rounds", "1"]
        folder = study_of.Path(command[command.index("--reports") + 1]) / "bench"
        folder.mkdir()
        (folder / "speed.json").write_text('["found"]')

    monkeypatch.setattr(study_of.subprocess, "run", run)
    assert study_of.command("speed", "--rounds", "1", OMP_NUM_THREADS="1") == ["found"]


@pytest.mark.parametrize("gain, said", [(0.0, "yes"), (0.05, "no"), (-0.05, "no")])
def test_differences_beyond_noise_are_told(study_of, gain, said):
    table = study_of.differences(results(gain))
    first = table.loc["face-CNN, accuracy at epoch 1"]
    assert first["low"] < first["difference"] < first["high"]
    assert first["difference"] == pytest.approx(gain, abs=0.01)
    lines = study_of.more(results(gain)).splitlines()
    line = next(line for line in lines if "face-CNN, accuracy at epoch 1" in line)
    assert line.endswith(f"| {said} |")


def test_one_seed_says_nothing_of_noise(study_of):
    assert study_of.differences(results(0, seeds=1))["noise"].isna().all()


def notebook(tmp_path, **made):
    (tmp_path / "notebooks").mkdir(exist_ok=True)
    (tmp_path / "notebooks" / "00_a.py").touch()
    text = json.dumps(dict(metadata=dict(affectkit=made)))
    (tmp_path / "notebooks" / "00_a.ipynb").write_text(text, "utf-8")


def test_the_page_and_its_pictures(study_of, compared, tmp_path):
    notebook(tmp_path, seconds=12.4, peak_rss_mb=876)
    (tmp_path / "docs").mkdir()
    study_of.folder().mkdir(parents=True)
    points = [dict(curve="training", unit="faces", n=n, seconds=n / 9, peak_mb=n, more_mb=n) for n in (9, 90)]
    row = dict(what="face cnn: times as fast", value=2.5, low=2, high=3, n=500, source="twin")
    minutes = {"small-resnet, 5 min: accuracy": 0.61, "small-resnet, 5 min: core-minutes": 4.9}
    found = dict(
        speed=dict(rows=[row], result=compared),
        costs=dict(rows=[], result=dict(points=points, facts=compared["facts"])),
        same=dict(rows=[]) | results(0, 1)[0],
        curve=dict(rows=[row | dict(what=what, value=value) for what, value in minutes.items()]),
    )
    for name, one in found.items():
        one = dict(measure=name, seed=0, state="now", capped=False, seconds=60) | one
        (study_of.folder() / f"{name}-0.json").write_text(json.dumps(one), "utf-8")
    study_of.report()
    text = (tmp_path / "docs" / "bench.md").read_text("utf-8")
    assert "| face cnn: times as fast | 2.500 | 2.000 to 3.000 |  | ≥ 3 | no |" in text
    assert "| small-resnet, 5 min: accuracy | 0.610 |" in text
    assert "| dcgan: times as fast | not measured |" in text
    assert "| 00_a | 12 | 0.88 |" in text and "- training (faces): 9: 1.00 s" in text
    assert compared["facts"]["torch"] in text, "the machine stands with the result"
    for name in ("bench.png", "bench-costs.png", "bench-same.png", "bench-curve.png"):
        assert f"({name})" in text and (tmp_path / "docs" / name).stat().st_size > 5000
    tidy = pd.read_csv(tmp_path / "data" / "measured" / "bench.csv")
    assert set(tidy["measure"]) == {"speed", "curve"}


def test_no_report_loses_what_the_page_tells(study_of, compared, tmp_path):
    notebook(tmp_path, seconds=12.4, peak_rss_mb=876)
    page = tmp_path / "docs" / "bench.md"
    page.parent.mkdir()
    study_of.folder().mkdir(parents=True)
    for seed in range(2):
        one = dict(measure="speed", seed=seed, state="now", capped=False, seconds=60, rows=[])
        text = json.dumps(one | dict(result=compared))
        (study_of.folder() / f"speed-{seed}.json").write_text(text, "utf-8")
    study_of.report()
    (study_of.folder() / "speed-1.json").unlink()
    notebook(tmp_path, seconds=24.4, peak_rss_mb=876)
    before = page.read_text("utf-8")
    with pytest.raises(ValueError, match=r"bench.md tells .* measure speed \(seed 1\) again"):
        study_of.report()
    assert page.read_text("utf-8") == before
    study_of.renew_budget()
    assert page.read_text("utf-8") == before.replace("| 12 |", "| 24 |")


def test_a_lesson_without_a_figure_says_so(study_of, tmp_path):
    notebook(tmp_path, seconds=12.4)
    assert "| 00_a | 12 | not measured |" in study_of.budget() and "| all | 12 |  |" in study_of.budget()


def test_a_gpu_is_asked_for_where_there_is_none(study_of, monkeypatch):
    monkeypatch.setattr(study_of.torch.cuda, "is_available", lambda: False)
    with pytest.raises(SystemExit, match="needs a CUDA GPU"):
        study_of.on_gpu(0)


def test_the_page_names_every_lesson(repository):
    """After a lesson was added, `python docs/bench.py report` writes the page anew."""
    text = (repository / "docs" / "bench.md").read_text("utf-8")
    for lesson in ak._notebooks.lessons(repository):
        assert f"| {lesson.stem} |" in text
