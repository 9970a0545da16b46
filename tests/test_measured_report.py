"""docs/measured.py: a page of the lessons' figures, and the same as a table for the scoreboard."""

import json

import pandas as pd


def test_figures_of_real_bench_runs_go_to_both(load, monkeypatch, tmp_path):
    measured = load("study", "measured")
    monkeypatch.setattr(measured, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "reports" / "state").mkdir(parents=True)
    row = dict(notebook="09_face_cnns", name="face-cnn: accuracy", value=0.65, low=0.63, high=0.67, n=3589,
               unit=None, source="real", profile="bench", capped=False)  # fmt: skip
    rows = [row | dict(seed=k, slot=f"09-SOURCE-real-{k}", value=0.65 + k / 100) for k in range(2)]
    rows.append(row | dict(seed=0, slot="09", profile="quick"))
    (tmp_path / "reports" / "results.json").write_text(json.dumps(rows))
    for entry in rows:
        facts = dict(seconds=60, peak_rss_mb=1000, finished="2026-01-02T03:04:05")
        (tmp_path / "reports" / "state" / f"{entry['slot']}.json").write_text(json.dumps(facts))
    measured.main()
    assert "| face-cnn: accuracy | 0.655 |" in (tmp_path / "docs" / "measured.md").read_text("utf-8")
    tidy = pd.read_csv(tmp_path / "data" / "measured" / "lessons.csv")
    assert tidy["value"].tolist() == [0.65, 0.66] and set(tidy["study"]) == {"lessons"}
    assert (tidy["measure"][0], tidy["what"][0], tidy["date"][0]) == (
        "09_face_cnns", "face-cnn: accuracy", "2026-01-02")  # fmt: skip
