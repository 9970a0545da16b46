"""docs/generators.py: every measurement has a text and goals, and a capped one gives its figures."""


import matplotlib
import pytest

matplotlib.use("Agg")


@pytest.fixture
def generators(load, monkeypatch, tmp_path):
    """The script, imported as it would be run; reports/ lies elsewhere, and there is little to do."""
    module = load("study", "generators_signals", "generators")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "state", lambda name: "now")
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    return module


def test_every_measurement_has_a_text_and_goals(generators):
    assert generators.MEASURES.keys() == generators.GOALS.keys()
    for name, measure in generators.MEASURES.items():
        assert measure.__doc__.strip().count("\n") > 1, name


def test_the_state_is_that_of_the_code(generators, monkeypatch, repository):
    monkeypatch.undo()
    assert len({generators.state(name) for name in ("faces", "rare", "au7", "sines")}) == 4
    assert generators.state("sines") == generators.state("pulses")


def test_a_capped_measurement_of_faces(generators):
    generators.main(["au7"])
    told = {row["what"]: row for result in generators.study.load_results(generators.folder())
            for row in result["rows"]}
    assert {"DCGAN: KID", "floor: KID", "DCGAN: copies of training faces"} <= told.keys()
    assert "DCGAN, width 16: AU7 as read" in told
    with_unit, without = (told[f"new faces {what}: AU7 as read"]["value"] for what in ("with AU7", "without"))
    assert with_unit > without + 0.1
    assert told["DCGAN: steps"]["value"] >= 1
    assert (generators.folder() / "au7-0.png").is_file()


def test_a_capped_contest_on_real_faces(generators, real_data):
    generators.folder().mkdir(parents=True)
    told = {row["what"]: row["value"] for row in generators.rare(0)["rows"]}
    for name in ("DCGAN", "DCGAN, DiffAugment", "modern", "modern, DiffAugment"):
        assert 0 <= told[f"{name}: copies of training faces"] <= 1
        assert told[f"{name}: KID"] > told["floor: KID"]
    assert (generators.folder() / "rare-0.png").is_file()


@pytest.mark.parametrize("measure", ["sines", "pulses"])
def test_a_capped_measurement_of_signals(generators, measure):
    rows = generators.MEASURES[measure](0)["rows"]
    told = {row["what"]: row["value"] for row in rows}
    assert generators.GOALS[measure].keys() <= told.keys()
    assert told["train-real-test-real"] > 0.6
