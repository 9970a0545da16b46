"""docs/balance.py: capped measurements give a table, the best go on to all faces, nothing is done twice."""

import json

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")


@pytest.fixture
def balance(load, monkeypatch, tmp_path):
    """The script, imported as it would be run; reports/ lies elsewhere, and there is little to do."""
    module = load("study", "balance")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    module.state_of_code = module.state
    monkeypatch.setattr(module, "state", lambda name: "now")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    (tmp_path / "docs").mkdir()
    return module


def test_the_methods_are_those_that_were_promised(balance):
    y = np.repeat(range(7), 100)
    names = set(balance.face_methods(y, 900, 1.25))
    assert names >= {"none", "class weights", "oversampling", "classic", "focal loss", "balanced softmax",
                     "logit adjustment", "DCGAN a class", "conditional DCGAN", "modern GAN"}


def test_every_method_takes_as_many_steps(balance):
    y = np.repeat(range(3), (600, 200, 100))
    network = balance.networks("face-cnn", 900, y)
    plain, filled = network(), network(sampler="whatever fills it up")
    assert plain.max_epochs * 900 == pytest.approx(900 * 64, rel=0.02)
    assert filled.max_epochs * 1800 == pytest.approx(900 * 64, rel=0.02)
    assert plain.valid_size == filled.valid_size == 0


def test_a_table_the_best_of_it_and_the_report(balance, monkeypatch, one_thread):
    kept, every = ("none", "class weights", "modern GAN"), balance.face_methods

    def few(*arguments):
        return {name: method for name, method in every(*arguments).items() if name in kept}

    monkeypatch.setattr(balance, "face_methods", few)
    with pytest.raises(FileNotFoundError, match="measure twin first"):
        balance.twin_whole(0)
    balance.main(["twin", "twin_whole"])
    results = {result["measure"]: result for result in balance.study.load_results(balance.folder())}
    for result in results.values():
        assert {row["method"] for row in result["table"]} == set(kept)
        assert result["source"] == "twin" and 0 < result["rare"] < result["n"]
    cells = sorted((balance.folder() / "twin").glob("*.json"))
    assert len(cells) == len(kept) * 2
    before = [cell.stat().st_mtime_ns for cell in cells]
    balance.main(["twin", "--again"])
    assert [cell.stat().st_mtime_ns for cell in cells] == before, "finished cells are not trained again"

    with pytest.raises(ValueError, match="capped results are not published"):
        balance.report()
    for path in balance.folder().glob("*.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"capped": False}))
    balance.report()
    text = (balance.ROOT / "docs" / "balance.md").read_text("utf-8")
    assert "## The twin of FER-2013: 7,000 faces" in text and "| modern GAN |" in text
    tidy = pd.read_csv(balance.ROOT / "data" / "measured" / "balance.csv")
    named = {"none: accuracy", "modern GAN: rare recall", "modern GAN, minus none: accuracy"}
    assert named <= set(tidy["what"]) and set(tidy["seed"]) == {"0, 1, 2"}
    for name in ("balance-twin.png", "balance-twin-whole.png"):
        assert f"![gains]({name})" in text and (balance.ROOT / "docs" / name).is_file()


def test_heart_rates_by_people(balance, real_data, one_thread):
    told = balance.stress(0)
    methods = {row["method"] for row in told["table"]}
    assert methods >= {"none", "R-GAN a class", "conditional R-GAN", "modern GAN", "mean heart rate alone"}
    assert told["people"] == 29 and told["source"] == "real"


def test_the_state_is_that_of_the_code(balance, monkeypatch, repository):
    monkeypatch.setattr(balance, "ROOT", repository)
    twin, stress = balance.state_of_code("twin"), balance.state_of_code("stress")
    assert twin != stress
    assert balance.state_of_code("twin") == twin
