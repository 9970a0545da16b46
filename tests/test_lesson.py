"""`affectkit.lesson`: the line that opens a lesson, its sizes, its key figures, its exercises."""

import json

import numpy as np
import pandas as pd
import pytest

from affectkit import datasets, lesson


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(lesson, "_session", {"profile": None, "seed": None})
    monkeypatch.setattr(lesson, "_records", [])


@pytest.fixture
def sets(monkeypatch):
    """Pretend that these real sets were found."""
    def found(*names):
        table = pd.DataFrame({"real": [name in names for name in ("fer2013", "ckplus", "stress-predict")]},
                             index=["fer2013", "ckplus", "stress-predict"])
        monkeypatch.setattr(datasets, "available", lambda: table)
    return found


# ------------------------------------------------------------------------------------------------------ start


def test_start_prints_one_line(capsys, sets):
    sets("fer2013", "stress-predict")
    lesson.start("09 Face CNNs", profile="bench", source="auto", seed=3, device="cpu")
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    for part in ("09 Face CNNs", "affectkit 0.", "bench profile", "real data found: fer2013, stress-predict",
                 "cpu", "threads", "seed 3"):
        assert part in out
    assert "capped" not in out


@pytest.mark.parametrize("source, environment, found, words", [
    ("auto", None, (), "no real data found, twins instead"),
    ("auto", "twin", ("fer2013",), "twins (simulated data)"),
    ("auto", "real", ("fer2013",), "real data only: fer2013"),
    ("twin", "real", ("fer2013",), "twins (simulated data)"),
    ("real", "twin", (), "real data only: none found"),
])
def test_start_says_where_data_come_from(capsys, sets, monkeypatch, source, environment, found, words):
    sets(*found)
    if environment:
        monkeypatch.setenv("AFFECTKIT_SOURCE", environment)
    lesson.start("00", source=source, device="cpu")
    assert words in capsys.readouterr().out


@pytest.mark.parametrize("wrong, message", [
    ({"profile": "quik"}, "PROFILE is 'quik'.*quick, bench, full"),
    ({"source": "reel"}, "SOURCE is 'reel'.*auto, real, twin"),
    ({"seed": -1}, "SEED is -1"), ({"seed": 1.5}, "SEED is 1.5"), ({"seed": True}, "SEED is True"),
    ({"device": "gpu"}, "device='gpu'"),
])
def test_start_refuses_a_typing_error(wrong, message):
    with pytest.raises(ValueError, match=message):
        lesson.start("00", **{"device": "cpu", **wrong})


def test_start_seeds_and_styles(sets):
    import matplotlib.pyplot as plt
    import torch

    sets()
    drawn = []
    for _ in range(2):
        lesson.start("00", seed=5, device="cpu")
        drawn.append((np.random.rand(), torch.rand(1).item()))
    assert drawn[0] == drawn[1]
    assert plt.rcParams["figure.figsize"][0] * plt.rcParams["figure.dpi"] == 800


def test_start_forgets_the_last_lesson(sets):
    sets()
    lesson.record("old", 1)
    lesson.start("00", device="cpu")
    assert lesson.records().empty


# ------------------------------------------------------------------------------------------------------- pick


def test_pick_by_profile(monkeypatch):
    sizes = dict(quick=2, bench=30, full=100)
    assert [lesson.pick(profile, **sizes) for profile in lesson.PROFILES] == [2, 30, 100]
    with pytest.raises(ValueError, match="PROFILE is 'slow'"):
        lesson.pick("slow", **sizes)


def test_pick_capped_says_so(monkeypatch, capsys, sets):
    monkeypatch.setenv("AFFECTKIT_CAP", "1")
    assert lesson.pick("full", quick=2, bench=30, full=100) == 2
    assert lesson.pick("quick", quick=2, bench=30, full=100, cap=1) == 1
    assert lesson.pick("full", quick=2, bench=30, full=100, cap=0) == 0
    sets()
    lesson.start("00", device="cpu")
    assert "capped" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------------ key figures


def test_record_reaches_table_and_file(monkeypatch, tmp_path, sets):
    sets()
    file = tmp_path / "records.jsonl"
    monkeypatch.setenv("AFFECTKIT_RECORD", str(file))
    lesson.start("00", profile="bench", seed=7, device="cpu")
    lesson.record("accuracy", np.float32(0.5), low=0.4, high=np.float64(0.6), n=np.int64(40), source="real",
                  unit="%")
    lesson.record("people", 35, seed=1)
    entries = [json.loads(line) for line in file.read_text().splitlines()]
    assert entries == [
        {"name": "accuracy", "value": 0.5, "low": 0.4, "high": 0.6, "n": 40, "unit": "%", "source": "real",
         "seed": 7, "profile": "bench"},
        {"name": "people", "value": 35, "low": None, "high": None, "n": None, "unit": None, "source": None,
         "seed": 1, "profile": "bench"}]
    table = lesson.records()
    assert list(table.index) == ["accuracy", "people"]
    assert list(table.loc["accuracy"]) == [0.5, 0.4, 0.6, 40, "%", "real", 7, "bench"]
    assert list(table.loc["people"]) == [35, "–", "–", "–", "–", "–", 1, "bench"]


@pytest.mark.parametrize("arguments, message", [
    (dict(name="a", value=float("nan")), "a: value must be a finite number"),
    (dict(name="a", value=np.inf), "finite"), (dict(name="a", value="1"), "finite"),
    (dict(name="a", value=True), "finite"), (dict(name="a", value=None), "finite"),
    (dict(name="a", value=np.bool_(True)), "finite"),
    (dict(name="", value=1), "needs a name"), (dict(name=3, value=1), "needs a name"),
    (dict(name="a", value=1, low=0), "two ends"), (dict(name="a", value=1, high=0), "two ends"),
    (dict(name="a", value=1, low=2, high=1), "upside down"),
    (dict(name="a", value=1, low=np.nan, high=1), "low must be a finite"),
    (dict(name="a", value=1, n=1.5), "counts things"),
    (dict(name="a", value=np.arange(3)), "a: value must be a finite"),
    (dict(name="a", value=1, seed="x"), "a: seed must be a finite"),
    (dict(name="a", value=1, seed=0.5), "a: seed must be a whole"),
    (dict(name="a", value=1, source="Twin"), "source is 'Twin'"),
])
def test_record_refuses(arguments, message, monkeypatch, tmp_path):
    monkeypatch.setenv("AFFECTKIT_RECORD", str(tmp_path / "file"))
    with pytest.raises(ValueError, match=message):
        lesson.record(**arguments)
    assert not (tmp_path / "file").exists() and lesson.records().empty


# -------------------------------------------------------------------------------------------------- exercises


@pytest.fixture
def exercise(monkeypatch):
    def test(answer):
        return "that is its square." if answer == 4 else answer == 2

    checks = {"05-1": lesson.Check(test, "two it is.", "count your hands."),
              "05-2": lesson.Check(lesson.close_to(0.5, 0.01), "yes.", "toss a coin.")}
    monkeypatch.setattr(lesson, "CHECKS", checks)


@pytest.mark.parametrize("key, answer, reply", [
    ("05-1", 2, "Right: two it is."), ("05-1", 3, "Not yet. Hint: count your hands."),
    ("05-1", 4, "Not yet: that is its square. Hint: count"), ("05-1", ..., "not answered yet"),
    ("05-1", None, "not answered yet"), ("05-1", np.array([1, 2]), "could not be read"),
    ("05-2", 0.509, "Right"), ("05-2", 0.511, "Not yet"), ("05-2", "half", "could not be read (ValueError"),
])
def test_check_replies(exercise, capsys, key, answer, reply):
    lesson.check(key, answer)
    assert reply in capsys.readouterr().out


def test_check_of_no_exercise_names_those_there_are(exercise):
    with pytest.raises(KeyError, match="no exercise '05-3'; there are 05-1, 05-2"):
        lesson.check("05-3", 1)


ANSWERS = {  # right and wrong
    "00-1": (29, 28), "00-2": ((24, 24), (48, 48)),
    "01-1": (16.982, 16.2), "01-2": (1 / 11, 0.11),
    "01-3": ("recall at a fixed false-alarm rate", "accuracy"),
    "02-1": ("AU27", "AU15"), "02-2": ("left", "right"), "02-3": (3, 40), "02-4": ("smiles", "happiness"),
    "03-1": ((60, 90), (30, 240)), "03-2": (400, 800), "03-3": (30, 36),
    "03-4": ("minus own rest at the beginning", "own scale of the whole recording"),
    "04-1": (67.5, 75), "04-2": ("flip", "noise"), "04-3": (0.994, 0.8),
    "04-4": ("split first", "more copies"),
    "05-1": (8192, 512), "05-2": (2 * np.log(2), 0.69), "05-3": ("smooth the labels", "train longer"),
    "05-4": (20, 1),
    "06-1": (27, 10), "06-2": ("TSTR", "TRTS"), "06-4": ((1, 1280, 1), (1, 128, 1)),
    "06-3": ("train the GAN on the training people", "make more pulses"),
    "07-1": ("copies", "FID"), "07-2": ("nothing yet", "B is better"), "07-3": ("PublicTest", "Training"),
    "08-1": (3924, 574), "08-2": ("no", "yes"), "08-4": ("free rivals", "a larger network"),
    "08-3": ("choose inside the training part", "report its test score"),
    "09-1": (8192, 4608), "09-2": (0.26, 0.3), "09-3": (0.02, -0.1),
    "09-4": (0.46, 0.05),
    "11-1": (0.5625, 0.3), "11-2": (28.04, 22), "11-3": (0.05, 0.5),
    "11-4": ("record both of one person", "more seeds"),
    "12-1": (0.5266, 0.25), "12-2": (1, 2), "12-3": ("nobody can tell yet", "hers"), "12-4": ("A", "C"),
    "10-1": (50, 10), "10-2": (0.999, 0.2), "10-3": ("level", "shape"), "10-4": (36.0, 9),
    "13-1": (36, 49), "13-2": (49_152, 246_528), "13-3": (11.9, 0),
    "13-4": ("shuffle the frames", "more units"), "14-1": (4608, 8192), "14-2": (0.99, 0.9),
    "14-3": (0.3679, 0.5), "14-4": ("random weights on new people", "more epochs"),
    "15-1": ({"AU7", "AU23", "AU24"}, {"AU27"}), "15-2": (0.8714, 0.9), "15-3": (-0.17, 0.1),
    "15-4": ("code a test set", "refine the rule"),
    "16-1": (4, 5), "16-2": (142.4, 119), "16-3": (0.8347, 0.5),
    "16-4": ("real compound faces", "more epochs"),
    "17-1": (0.992, 0.008), "17-2": (0.0245, 0.24), "17-3": (7, 1),
    "17-4": ("a test set that chose nothing", "a GPU"),
    "18-1": (0.5943, 0.6), "18-2": (0.22, 0.21), "18-3": ("0.55", "0.58"), "18-4": ("the split", "the code"),
    "19-1": (5.545, 8), "19-2": (0.0826, 0.45), "19-3": ("show nothing half of the time", "ask them"),
    "19-4": ("forbidden", "allowed"),
}


@pytest.mark.parametrize("key", lesson.CHECKS)
def test_checks_of_the_lessons(capsys, key):
    for answer in ANSWERS[key]:
        lesson.check(key, answer)
    out = capsys.readouterr().out
    assert out.startswith("Right:") and "\nNot yet" in out


@pytest.mark.parametrize("key, answer, reply", [
    ("00-1", 8225, "How many different people"), ("00-1", 35, "not all of them have labels"),
    ("01-1", (4772 + 1185) / (281 + 74), "training and test part together"), ("01-3", "macro-F1", "alike"),
    ("02-1", "AU1", "inner brows"), ("02-2", "right", "person's side"), ("02-4", "feelings", "asking"),
    ("03-1", (1, 1.5), "beats a minute"), ("03-2", 160_000, "mean square"),
    ("03-4", "scale of all people together", "person in"),
    ("04-1", 83.3, "further apart"), ("04-2", "rotation", "keeps its sides"), ("04-3", 99, "as a share"),
    ("04-4", "weaker changes", "easier to recognise"),
    ("06-1", 17, "whole window"), ("06-2", "TRTS", "recognised"), ("06-4", (1, 200, 1), "before the rate"),
    ("06-3", "use a larger network", "copies the test people"),
    ("08-1", 4360, "436 of them are real"), ("08-4", "more made-up faces", "anything simpler"),
    ("09-2", 0.128, "one end"), ("09-2", 26, "as a share"),
    ("09-4", 0.6, "on average"), ("09-4", 0.54, "there is none"),
    ("11-1", 0.4, "mean of the two"), ("11-1", 0.18, "add up to one"),
    ("11-4", "pair inside each side", "still no heart"),
    ("12-3", "mine", "another question"), ("12-4", "B", "one class"),
    ("10-2", 1650, "that is a count"), ("10-3", "Shape", "look at how little"),
    ("13-1", 1024, "how many steps"), ("13-2", 16_384, "How many gates"),
    ("13-4", "a larger base", "nothing between"), ("14-4", "a larger SVM", "any features"),
    ("18-2", 0.17, "3 of 18"), ("18-3", 0.55, "as text"), ("18-4", "more decimals", "too high"),
    ("16-1", 15, "could be"), ("16-3", 1 / 11, "rightly withheld"), ("16-4", "more twin faces", "drawn as"),
    ("19-2", 0.9, "spells found"), ("19-3", "more pictures a person", "by themselves"),
    ("19-4", "allowed, they agreed", "consent"),
    ("17-3", 5, "cannot see"), ("17-4", "another network", "number 201"),
])
def test_known_mistakes_are_recognised(capsys, key, answer, reply):
    lesson.check(key, answer)
    assert reply in capsys.readouterr().out


def test_the_number_of_people_is_that_of_the_data():
    people = set(datasets.load("stress-predict", source="twin").groups)
    assert lesson.CHECKS["00-1"].test(len(people)) is True


@pytest.mark.parametrize("check", lesson.CHECKS.values(), ids=list(lesson.CHECKS))
def test_every_reply_is_a_sentence(check):
    assert check.right.endswith(".") and check.hint.endswith(".")
