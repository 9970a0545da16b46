"""docs/leaks.py: every measurement has a text and goals, and a capped one gives its figures."""

import json

import pytest


@pytest.fixture
def traps(load, monkeypatch, tmp_path):
    """The script, imported as it would be run; reports/ lies elsewhere, and there is little to do."""
    module = load("study", "leaks")
    module.state_of_code = module.state
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "state", lambda name: "now")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    return module


def told(result):
    return {row["what"]: row for row in result["rows"]}


def test_every_measurement_has_a_text_and_goals(traps):
    assert traps.MEASURES.keys() == traps.GOALS.keys()
    for name, measure in traps.MEASURES.items():
        assert measure.__doc__.strip().count("\n") > 1, name


def test_the_state_is_that_of_the_code(traps, monkeypatch, repository):
    monkeypatch.setattr(traps, "ROOT", repository)
    states = [traps.state_of_code(name) for name in traps.MEASURES]
    assert len(set(states)) == len(states)
    monkeypatch.setattr(traps.study, "state", lambda paths, *code: {path.stem for path in paths})
    assert {"hearts", "zoo", "signals", "pairs", "audit", "scores"} <= traps.state_of_code("twins")


def test_goals_have_figures(traps):
    rows = traps.traps(["near-copies"], "twin", lambda name: 2)
    json.dumps(rows)
    figures = "honest, accuracy", "leaky, accuracy", "inflation"
    assert {row["what"] for row in rows} == {f"near-copies: {figure}" for figure in figures}


def test_the_rare_class_and_the_copies(traps, real_data, monkeypatch):
    rows = told(traps.disgust(0))
    assert rows["exact copies before the split: recall of disgust"]["value"] > 0.5
    for copies in ("exact copies", "changed copies"):
        for metric in ("recall of disgust", "macro-F1"):
            gain = rows[f"{copies}: inflation of {metric}"]
            before, after = (rows[f"{copies} {when} the split: {metric}"] for when in ("before", "after"))
            assert abs(gain["value"] - before["value"] + after["value"]) < 1e-9
            assert gain["low"] <= gain["value"] <= gain["high"]
    counts = told(traps.copies(0))
    assert counts["byte by byte"]["value"] <= counts["the same photograph"]["value"] <= 300
    learnt_from, fit = [], traps.SVC.fit
    monkeypatch.setattr(traps.SVC, "fit", lambda model, X, y: learnt_from.append(len(y)) or fit(model, X, y))
    inside = traps.within(0)
    assert len(set(learnt_from)) == 1, "both arms learn from equally many faces"
    json.dumps(inside)
    assert told(inside)["with copies: accuracy"]["n"] == 200


@pytest.mark.parametrize("low, held", [(-0.01, "no"), (0.01, "yes")])
def test_a_goal_asks_the_intervals_lower_end(traps, low, held):
    row = dict(what="near-copies: inflation", value=0.1, low=low, high=0.2, n=10, source="twin")
    [line] = [line for line in traps.study.figures([dict(rows=[row])], traps.GOALS["twins"]).splitlines()
              if line.startswith("| near-copies: inflation")]
    assert line.endswith(f"| low ≥ 0 | {held} | 10 | twin |"), line


def test_real_hearts(traps, real_data):
    rows = told(traps.hearts(0))
    assert traps.GOALS["hearts"].keys() <= rows.keys()
    for name in ("person on both sides", "person on both sides, none overlapping", "session clock"):
        drawn = rows[f"{name}: inflation, people drawn"]
        assert drawn["low"] <= drawn["value"] <= drawn["high"] and drawn["n"] == 29


def test_the_report_says_what_is_missing(traps, tmp_path):
    (tmp_path / "docs").mkdir()
    traps.folder().mkdir(parents=True)
    row = dict(what="byte by byte", value=280.0, low=None, high=None, n=3589, source="real")
    found = dict(measure="copies", seed=0, state="now", capped=False, seconds=60, rows=[row])
    (traps.folder() / "copies-0.json").write_text(json.dumps(found), "utf-8")
    traps.report()
    text = (tmp_path / "docs" / "leaks.md").read_text("utf-8")
    assert "| byte by byte | 280 |" in text and "Not measured yet." in text
    assert "| augment first: inflation | not measured |" in text
