"""docs/twins.py: its report from canned results, and what it keeps."""

import json

import numpy as np
import pytest
import torch

import affectkit as ak


def row(what, value, low=None, high=None, n=3589, source="twin → real"):
    return dict(what=what, value=value, low=low, high=high, n=n, source=source)


def result(measure, seed, *rows, **more):
    return dict(measure=measure, seed=seed, state="new", capped=False, seconds=61, rows=list(rows)) | more


SECTIONS = {"real2sim": ("Real to sim.\n\nWhat.", "new"), "ranking": ("Do methods rank?\n\nHow.", "new")}
NAMES = ["calm", "tense"]


def line(text, start):
    """The cells of the one table line that starts so."""
    (found,) = [x for x in text.splitlines() if x.startswith(f"| {start} |")]
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_seeds_become_one_line_and_goals_are_judged(load):
    results = [
        result("real2sim", 1, row("accuracy", 0.60, 0.5, 0.7)),
        result("real2sim", 0, row("accuracy", 0.52, 0.4, 0.6)),
    ]
    text = load("twins_page").page(results, SECTIONS, NAMES)
    assert line(text, "accuracy") == [
        "accuracy",
        "0.560",
        "0.450 to 0.650",
        "0.520, 0.600",
        "≥ 0.55",
        "yes",
        "3,589",
        "twin → real",
    ]
    assert "`python docs/twins.py real2sim --seeds 0,1`, at most 2 min a seed.\n" in text


@pytest.mark.parametrize("value, held", [(0.549, "no"), (0.55, "yes")])
def test_a_goal_missed_says_so(load, value, held):
    text = load("twins_page").page([result("real2sim", 0, row("accuracy", value))], SECTIONS, NAMES)
    assert line(text, "accuracy")[5] == held


def test_what_is_missing_says_not_measured(load):
    text = load("twins_page").page([result("real2sim", 0, row("macro-F1", 0.5))], SECTIONS, NAMES)
    assert line(text, "accuracy")[1:6] == ["not measured", "", "", "≥ 0.55", ""]
    assert line(text, "macro-F1")[1] == "0.500"
    assert "## Do methods rank?\n\nHow.\n\n| figure" in text  # a section without any result


def test_confusions_are_added_and_methods_averaged(load):
    told = [{"there": [[8, 2], [5, 5]]}, {"there": [[6, 4], [0, 10]]}]
    tables = [{"slow": {"F1": 0.2}, "fast": {"F1": 0.3}}, {"slow": {"F1": 0.4}, "fast": {"F1": 0.5}}]
    results = [result("ranking", k, confusion=told[k], table=tables[k]) for k in (0, 1)]
    text = load("twins_page").page(results, SECTIONS, NAMES)
    assert line(text, "calm") == ["calm", "70", "30"] and line(text, "tense") == ["tense", "25", "75"]
    assert "n = 40" in text
    assert text.index("| fast | 0.400 |") < text.index("| slow | 0.300 |")


def test_rivals_and_their_floor_stand_side_by_side(load):
    rows = [row("old: KID", 2.0), row("new: KID", 0.5), row("new: steps", 90), row("floor: KID", 0.1)]
    text = load("study").side_by_side([result("x", 0, *rows), result("x", 1, row("old: KID", 1.0))])
    assert line(text, "KID") == ["KID", "1.500", "0.500", "0.100"]
    assert line(text, "steps") == ["steps", "", "90", ""]
    assert load("study").side_by_side([result("x", 0, *rows[:3])]) == ""


def test_results_of_an_earlier_twin_are_pointed_out(load):
    results = [result("real2sim", 0, row("accuracy", 0.6)), result("real2sim", 1, state="old")]
    assert "**1 of 2 seeds measured on an earlier state" in load("twins_page").page(results, SECTIONS, NAMES)


def test_capped_results_are_refused(load):
    results = [result("real2sim", 0, row("accuracy", 0.6)), result("ranking", 3, capped=True)]
    with pytest.raises(ValueError, match=r"capped .* ranking \(seed 3\) again"):
        load("twins_page").page(results, SECTIONS, NAMES)


def test_what_is_there_is_kept(load, monkeypatch, tmp_path):
    twins, ran = load("twins"), []
    monkeypatch.setattr(twins, "ROOT", tmp_path)
    monkeypatch.setattr(twins, "state", lambda name: "now")
    monkeypatch.setitem(twins.MEASURES, "own", lambda seed: ran.append(seed) or dict(rows=[]))
    twins.main(["own", "--seeds", "0,1"])
    twins.main(["own", "--seeds", "1,2"])
    assert ran == [0, 1, 2]
    twins.main(["own", "--seeds", "1", "--again"])
    assert ran == [0, 1, 2, 1]
    kept = json.loads((tmp_path / "reports" / "twins" / "own-1.json").read_text("utf-8"))
    assert kept["measure"] == "own" and not kept["capped"]


def test_a_capped_run_is_marked_and_kept_apart(load, monkeypatch, tmp_path):
    twins = load("twins")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    monkeypatch.setattr(twins, "ROOT", tmp_path)
    monkeypatch.setattr(twins, "state", lambda name: "now")
    monkeypatch.setitem(twins.MEASURES, "own", lambda seed: dict(rows=[]))
    twins.main(["own"])
    (path,) = (tmp_path / "reports" / "twins-capped").iterdir()
    assert json.loads(path.read_text("utf-8"))["capped"]
    with pytest.raises(ValueError, match="capped"):
        twins.main(["report"])


def test_every_measurement_has_goals_and_a_text(load):
    twins = load("twins")
    assert twins.MEASURES.keys() == load("twins_page").GOALS.keys()
    for name, measure in twins.MEASURES.items():
        assert measure.__doc__.strip().count("\n") > 1, name


def test_the_state_of_the_code_ignores_words(load, monkeypatch, tmp_path):
    twins = load("twins")
    monkeypatch.setattr(twins.ak.twins, "__file__", str(tmp_path / "__init__.py"))
    for name in ("faces", "hearts"):
        (tmp_path / f"{name}.py").write_text('"""Words."""\nx = 1\n')
    before = twins.state("own"), twins.state("hearts")
    (tmp_path / "faces.py").write_text('"""Other words."""\nx = 1  # more words\n')
    assert (twins.state("own"), twins.state("hearts")) == before
    (tmp_path / "faces.py").write_text("x = 2\n")
    assert twins.state("own") != before[0] and twins.state("hearts") == before[1]


def test_a_rank_correlation_has_its_interval(load):
    found = load("twins").rank_correlation("r", [1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 6, 5])
    assert found["value"] == pytest.approx(1 - 6 * 2 / (6 * 35))  # Spearman's formula, two ranks exchanged
    assert -1 < found["low"] < found["value"] < found["high"] < 1


def test_the_network_trained_on_twins_is_the_same_for_the_same_seed(load, one_thread):
    sight = load("twins_sight")
    (net, shares), (again, _), (other, _) = (sight.train_on_twins(k, capped=True) for k in (0, 0, 1))
    faces = torch.linspace(0, 1, 2 * 48 * 48).view(2, 1, 48, 48)
    with torch.inference_mode():
        logits, same, differs = (model(faces) for model in (net, again, other))
    assert not net.training and logits.shape == (2, 7) and logits.isfinite().all()
    assert torch.equal(logits, same) and not torch.equal(logits, differs)
    assert shares.sum() == pytest.approx(1)
    counts = np.sqrt(ak.cards.get("fer2013").counts["train"])
    trust = shares / counts * counts[0] / shares[0]  # of anger, which is taken as it is
    assert trust == pytest.approx([1, 0.5, 0.8, 1, 1.2, 1.3, 1])


def test_half_the_faces_get_a_texture_each_its_own(load, monkeypatch):
    sight = load("twins_sight")
    torch.manual_seed(0)
    face = torch.rand(1, 1, 48, 48).expand(64, -1, -1, -1)
    # everything else that differs from face to face is switched off
    monkeypatch.setattr(sight.ak.learn, "augment_faces", lambda x, **_: x.clone())
    monkeypatch.setattr(sight.F, "avg_pool2d", lambda x, *_, **__: x)
    monkeypatch.setattr(sight.F, "interpolate", lambda x, *_, **__: torch.zeros(len(x), 1, 48, 48))
    drawn = sight.roughen(face)
    top = (drawn - face).flatten(1).abs()
    touched = (top > 1e-6).float().mean(1) > 0.7  # a texture reaches all pixels, an occlusion a corner
    assert 16 < touched.sum() < 48
    assert len(drawn[touched].flatten(1).unique(dim=0)) == touched.sum()
