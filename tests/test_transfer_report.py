"""docs/transfer.py: every measurement has a text, a capped one gives its figures, rules are the paper's."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

import affectkit as ak


@pytest.fixture
def transfer(load, monkeypatch, tmp_path):
    """The script, imported as it would be run; reports/ lies elsewhere, and there is little to do."""
    module = load("study", "transfer")
    module.state_of_code = module.state
    monkeypatch.setattr(module, "folder", lambda: tmp_path)
    monkeypatch.setattr(module, "state", lambda name: "now")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    return module


def told(result):
    return {row["what"]: row for row in result["rows"]}


def test_every_measurement_has_a_text_and_a_state_of_its_own(transfer):
    assert transfer.MEASURES.keys() == transfer.GOALS.keys()
    for name, measure in transfer.MEASURES.items():
        assert measure.__doc__.strip().count("\n") > 1, name
    assert len({transfer.state_of_code(name) for name in transfer.MEASURES}) == len(transfer.MEASURES)


def test_the_rule_is_table_vi(transfer):
    bunch = Bunch(target=np.array([0, 1]), target_names=["happy", "neutral"])
    ruled = transfer.units_by_rule(bunch)
    assert [transfer.FOURTEEN[k] for k in np.flatnonzero(ruled[0])] == ["AU6", "AU12", "AU25"]
    assert not ruled[1].any()


def test_scores_leave_undefined_units_out_and_draw_people(transfer):
    Y = np.array([[1, 0], [0, 0], [1, 0], [0, 0]])
    said = np.array([[0.9, 0.1], [0.2, 0.1], [0.8, 0.3], [0.1, 0.2]])
    rows = transfer.scored("it", Y, said, np.array(["a", "a", "b", "b"]), "twin", accuracy=False)
    assert [(row["what"], row["value"], row["n"]) for row in rows] == [("it: AUC", 1.0, 2)]


def test_a_gan_is_trained_once(transfer, one_thread):
    X = np.random.default_rng(0).integers(0, 255, (16, 64, 64), np.uint8)
    first = transfer.gan_of(X, "some", 0)
    assert first.steps_ > 0 and len(list(transfer.folder().rglob("*.safetensors"))) == 1
    again = transfer.gan_of(X, "some", 0)
    assert np.array_equal(transfer.seen_by(first, X), transfer.seen_by(again, X))


def test_emotions_three_ways(transfer, monkeypatch, one_thread, on_the_scoreboard):
    monkeypatch.setattr(transfer, "EMOTIONS", {"Exp. 5": transfer.EMOTIONS["Exp. 5"]})
    result = transfer.emotions(0)
    rows = told(result)
    for protocol in ("random folds", "by person", "hold-out"):
        for what in ("discriminator", "random weights", "pixels"):
            row = rows[f"Exp. 5, {protocol}, {what}: AUC"]
            assert 0 <= row["low"] <= row["value"] <= row["high"] <= 1
    parts = [rows[f"Exp. 5, {part}, pixels: accuracy"]["value"] for part in ("random folds", "by person")]
    assert rows["Exp. 5, the gap, pixels: accuracy"]["value"] == pytest.approx(parts[0] - parts[1])
    for what in ("modern discriminator", "face-cnn itself"):
        assert f"Exp. 5, hold-out, {what}: accuracy" in rows
    text = transfer.in_short([result | dict(measure="emotions")])
    assert "| Exp. 5 | 0.999 | " in text and "by person" in text
    means = {what: row["value"] for what, row in rows.items()}
    cells = (f"{means[f'Exp. 5, by person, {what}: AUC']:.3f}" for what in ("random weights", "pixels"))
    assert f"| {' | '.join(cells)} |  |  |" in text  # of networks there is a hold-out alone
    assert [what for what in rows if transfer.listed(what)] == [
        "Exp. 5, the gap, discriminator: AUC", "Exp. 5, the gap, discriminator: accuracy"]
    assert on_the_scoreboard("transfer", "emotions", "Exp. 5") <= set(rows)


def test_units_within_and_from_set_to_set(transfer, monkeypatch, one_thread, on_the_scoreboard):
    monkeypatch.setattr(transfer, "UNITS", {name: transfer.UNITS[name] for name in ("Exp. 1", "Exp. 7")})
    result = transfer.units(0)
    rows = told(result)
    text = transfer.in_short([result | dict(measure="units")])
    assert "| Exp. 7 | 0.668 | " in text and "\n| AU27 | " in text
    assert not transfer.listed("Exp. 7, set to set, AU27: AUC of it")
    wanted = {"Exp. 1, random folds: AUC", "Exp. 1, hold-out: AUC", "Exp. 7, set to set, AU12: AUC of it"}
    for experiment in ("Exp. 1", "Exp. 7"):
        wanted |= on_the_scoreboard("transfer", "units", experiment)
    assert wanted <= set(rows)


def test_how_often_the_rule_is_right(transfer):
    rows = told(transfer.rules(0))
    assert rows["rafd-frontal, AU12: recall"]["value"] > rows["fer2013, AU12: recall"]["value"] > 0
    assert ak.emotions.PROTOTYPES["neutral"] == ()


def test_few_labels_and_real_faces(transfer, real_data, one_thread, monkeypatch, tmp_path):
    curve, real = told(transfer.labels(0)), told(transfer.fer(0))
    assert {"real, 70 labels, discriminator: accuracy", "twin, 70 labels, face-cnn: AUC"} <= set(curve)
    (tmp_path / "docs").mkdir()
    monkeypatch.setattr(transfer, "ROOT", tmp_path)
    text = transfer.learning_curves(pd.Series({what: row["value"] for what, row in curve.items()}))
    assert text.count("![") == 2 and len(list(tmp_path.glob("docs/transfer-labels-*.png"))) == 2
    assert {"discriminator, all labels: AUC", "face-cnn, 200 labels: accuracy"} <= set(real)


def test_compounds_three_ways_and_from_units(transfer, one_thread, on_the_scoreboard):
    result = transfer.compounds(0)
    rows = told(result)
    assert rows["rafdb-compound, from units: accuracy"]["n"] == 110
    assert "rafdb-basic, GAN, fear: F1" in rows and "rafdb-compound, oversampled: macro-F1" in rows
    text = transfer.in_short([result | dict(measure="compounds")])
    assert "| rafdb-compound: accuracy | 0.56 | " in text
    assert "| rafdb-compound, sadly angry: F1 | 0.36 | " in text
    assert on_the_scoreboard("transfer", "compounds") <= set(rows)
