"""docs/classifiers.py: every measurement has a text and goals, and a capped one gives its figures."""

import json

import numpy as np
import pandas as pd
import pytest


@pytest.fixture
def classifiers(load, monkeypatch, tmp_path):
    """The script, imported as it would be run; reports/ lies elsewhere, and there is little to do."""
    module = load("study", "classifiers")
    module.state_of_code = module.state
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "state", lambda name: "now")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    return module


def told(rows):
    return {row["what"]: row for row in rows}


def test_every_measurement_has_a_text_and_goals(classifiers):
    assert classifiers.MEASURES.keys() == classifiers.GOALS.keys()
    for name, measure in classifiers.MEASURES.items():
        assert measure.__doc__.strip().count("\n") > 1, name


def test_the_state_is_that_of_the_code(classifiers, monkeypatch, repository):
    monkeypatch.setattr(classifiers, "ROOT", repository)
    states = [classifiers.state_of_code(name) for name in classifiers.MEASURES]
    assert len(set(states)) == len(states)


def test_true_pairs_and_a_missing_sense(classifiers, one_thread, on_the_scoreboard):
    rows = told(classifiers.pairs(0)["rows"])
    for name in ("face alone", "signal alone", *classifiers.FUSIONS, "hybrid, paired by label",
                 "hybrid, no face at the test", "hybrid, modality dropout, no signal at the test"):
        assert 0 <= rows[f"{name}: accuracy"]["low"] <= rows[f"{name}: accuracy"]["high"] <= 1
    assert rows["hybrid: accuracy"]["n"] == 10, "people, not pairs"
    assert on_the_scoreboard("classifiers", "pairs") <= rows.keys()


def test_the_four_figures_have_intervals_over_people(classifiers):
    y, people = np.tile([0, 1, 2], 20), np.repeat(list("abcdefghij"), 6)
    proba = np.random.default_rng(0).dirichlet(np.ones(3), 60)
    rows = told(classifiers.bounded("it", y, proba, "twin", people))
    for metric in ("accuracy", "recall", "F1"):
        found = rows[f"it: {metric}"]
        assert found["low"] < found["value"] < found["high"] and found["n"] == 10
    assert np.isnan(rows["it: precision"]["low"])


def test_the_papers_table_has_all_its_cells(classifiers, real_data, one_thread, on_the_scoreboard):
    result = classifiers.table1(0)
    rows = told(result["rows"])
    for name in ("CNN", "LSTM", "hybrid", "CNN on FER-2013", "LSTM on DEAP", "hybrid on FER-2013 and DEAP"):
        for what in ("original", "augmented"):
            for metric in ("accuracy", "precision", "recall", "F1"):
                assert 0 <= rows[f"{name}, {what}: {metric}"]["value"] <= 1
    assert on_the_scoreboard("classifiers", "table1") <= rows.keys()
    assert rows["CNN, original: accuracy"]["source"] == "twin"
    for name, least in (("CNN", 10), ("LSTM on DEAP", 8), ("CNN on FER-2013", 100)):
        found = rows[f"{name}, augmented: accuracy"]
        assert found["low"] <= found["high"] and found["n"] == least
    assert "DEAP" in rows["hybrid on FER-2013 and DEAP, original: F1"]["source"], "two sets, two sources"
    lines = classifiers.beside_the_paper([result | dict(measure="table1")]).splitlines()
    shown = next(line for line in lines if line.startswith("| accuracy, CNN"))
    ours = rows["CNN on FER-2013, augmented: accuracy"]["value"]
    assert "62 -> 81" in shown and shown.endswith(f"-> {100 * ours:.1f} |")


def test_goals_of_the_residual_network_have_figures(classifiers, real_data, one_thread):
    rows = told(classifiers.resnet(0)["rows"])
    assert classifiers.GOALS["resnet"].keys() <= rows.keys()
    assert rows["parameters"]["value"] < 2_000_000


def test_strangers_are_paired_on_each_side(classifiers, real_data, one_thread):
    rows = told(classifiers.strangers(0)["rows"])
    assert {"face-cnn, paired by label: accuracy", "fusion, minus face-cnn: macro-F1"} <= rows.keys()


@pytest.mark.slow
def test_the_scoreboard_finds_its_rows(classifiers, real_data, one_thread, on_the_scoreboard):
    for measure in (classifiers.classes, classifiers.hybrids):
        assert on_the_scoreboard("classifiers", measure.__name__) <= told(measure(0)["rows"]).keys()


def test_the_report_says_what_is_missing(classifiers, tmp_path):
    (tmp_path / "docs").mkdir()
    classifiers.folder().mkdir(parents=True)
    row = dict(what="face alone: accuracy", value=0.5, low=0.4, high=0.6, n=10, source="twin")
    found = dict(measure="pairs", seed=0, state="now", capped=False, seconds=60, rows=[row])
    (classifiers.folder() / "pairs-0.json").write_text(json.dumps(found), "utf-8")
    classifiers.report()
    text = (tmp_path / "docs" / "classifiers.md").read_text("utf-8")
    assert "| face alone: accuracy | 0.500 | 0.400 to 0.600 |" in text
    assert text.count("Not measured yet.") == sum(not goals for goals in classifiers.GOALS.values()) - 1
    assert "| with flips and shifts: accuracy | not measured |" in text  # a goal has a line of its own
    tidy = pd.read_csv(tmp_path / "data" / "measured" / "classifiers.csv").iloc[0]
    assert (tidy["measure"], tidy["what"], tidy["value"]) == ("pairs", "face alone: accuracy", 0.5)
    assert tidy["study"] == "classifiers" and len(tidy["date"]) == len("2026-01-01")
