"""load, available, check, where: which source is read, and what they say."""

import numpy as np
import pandas as pd
import pytest

from affectkit import cards, datasets
from affectkit.datasets import DatasetError

pytestmark = pytest.mark.filterwarnings("ignore:.*other counts than the card")


def test_importing_needs_no_torch(repository):
    import subprocess
    import sys

    code = "import sys, affectkit.datasets; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=repository).returncode == 0


def test_auto_is_real_where_found_and_the_environment_overrides_it(write, tmp_path, monkeypatch):
    assert datasets.load("fer2013", root=tmp_path, max_per_class=2, size=12).source == "twin"
    write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    assert datasets.load("fer2013", root=tmp_path).source == "real"
    monkeypatch.setenv("AFFECTKIT_SOURCE", "twin")
    assert datasets.load("fer2013", root=tmp_path, max_per_class=2, size=12).source == "twin"
    assert datasets.load("fer2013", root=tmp_path, source="real").source == "real"
    monkeypatch.setenv("AFFECTKIT_SOURCE", "real")
    with pytest.raises(DatasetError, match="stress-predict was not found"):
        datasets.load("stress-predict", root=tmp_path)


@pytest.mark.parametrize("value", ["Twin", "fake"])
def test_the_environment_is_checked_as_the_option_is(write, tmp_path, monkeypatch, value):
    write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    monkeypatch.setenv("AFFECTKIT_SOURCE", value)
    with pytest.raises(DatasetError, match=f"AFFECTKIT_SOURCE must be .*{value}"):
        datasets.load("fer2013", root=tmp_path)


def test_data_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert datasets.data_root().name == "data"
    (tmp_path / "data").mkdir()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert datasets.data_root().resolve() == tmp_path / "data"
    (tmp_path / "notebooks/exercises").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks/exercises")
    assert datasets.data_root().resolve() == tmp_path / "data"
    monkeypatch.setenv("AFFECTKIT_DATA", str(tmp_path / "elsewhere"))
    assert datasets.data_root() == tmp_path / "elsewhere"
    assert datasets.data_root(tmp_path) == tmp_path


def test_the_face_twin_has_the_cards_classes_and_capped_counts(tmp_path):
    card = cards.get("fer2013")
    bunch = datasets.load("fer2013", source="twin", split="test", max_per_class=60, size=16)
    assert np.bincount(bunch.target).tolist() == [min(n, 60) for n in card.counts["test"]]  # disgust has 55
    assert bunch.data.shape[1:] == (16, 16) and bunch.data.dtype == np.uint8 and set(bunch.split) == {"test"}
    assert (
        bunch.action_units.shape == (len(bunch.data), len(bunch.action_unit_names))
        and bunch.pose.shape[1] == 3
    )
    again = datasets.load("fer2013", source="twin", split="test", max_per_class=60, size=16)
    assert np.array_equal(bunch.data, again.data)
    other = datasets.load("fer2013", source="twin", split="val", max_per_class=60, size=16)
    assert not {x.tobytes() for x in bunch.data} & {x.tobytes() for x in other.data}


def test_the_heart_twin_is_like_the_real_set():
    card = cards.get("stress-predict")
    bunch = datasets.load("stress-predict", source="twin")
    assert len(set(bunch.groups)) == card.subjects and bunch.data.shape[1:] == (60, 1)
    assert np.allclose(np.bincount(bunch.target), card.counts["all"], rtol=0.06)
    assert sorted(set(bunch.groups)) == [f"S{k:02d}" for k in range(2, 36)]  # as in the full table
    assert bunch.segments.task.iloc[1] == "stroop" and bunch.source == "twin"
    assert "TWIN" in bunch.DESCR


def test_a_set_without_a_door_is_its_twin_or_an_error(tmp_path):
    assert datasets.load("pairs", root=tmp_path, max_per_class=1, size=8).source == "twin"
    with pytest.raises(DatasetError, match="there is no real pairs.*fer2013"):
        datasets.load("pairs", source="real", root=tmp_path)


def test_every_set_but_the_twins_own_has_a_door():
    table = datasets.available()
    assert table.index[~table.door].tolist() == ["pairs"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (dict(source="fake"), "source must be"),
        (dict(split="dev"), "split must be"),
        (dict(size=0), "size must be"),
        (dict(size=(48, 48)), "size must be"),
        (dict(max_per_class=1.5), "max_per_class must be"),
        (dict(random_state=-1), "random_state must be"),
        (dict(random_state=None), "random_state must be"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        datasets.load("fer2013", **options)


def test_an_unknown_name():
    with pytest.raises(DatasetError, match="no data set 'fer2014'; the kit knows: celeba, ckplus"):
        datasets.load("fer2014")


def test_available(write, tmp_path):
    write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    table = datasets.available(tmp_path)
    assert isinstance(table, pd.DataFrame) and set(table.index) == set(cards.names())
    assert {"modality", "n", "classes", "imbalance", "licence", "real", "twin"} <= set(table.columns)
    assert table.index[table.real].tolist() == ["fer2013"] and table.n["fer2013"] == 35_887
    assert table.real.dtype == bool and table.twin.all()


def test_check_says_good_missing_and_broken(write, tmp_path):
    assert {status for _, status, _ in datasets.check(tmp_path)} == {"missing"}
    path = write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    write.stress(tmp_path / "stress-predict")
    report = {name: (status, message) for name, status, message in datasets.check(tmp_path)}
    assert report["fer2013"][0] == "good" and "train 14" in report["fer2013"][1]
    assert "other counts" in report["fer2013"][1]
    assert report["stress-predict"][0] == "good" and "of 2 people" in report["stress-predict"][1]
    path.write_text(path.read_text()[:-9])
    status, message = {name: rest for name, *rest in datasets.check(tmp_path)}["fer2013"]
    assert status == "broken" and "line 43" in message and "\n" not in message


def test_check_reads_every_set_of_pictures(write, tmp_path):
    """All pictures are opened; the combined set is there through its parts."""
    for name in write.PICTURES:
        write.pictures(name, tmp_path)
    report = {name: (status, message) for name, status, message in datasets.check(tmp_path)}
    for name in (*write.PICTURES, "wellbeing"):
        assert report[name][0] == "good", report[name]
    assert "all 35 of 2 people" in report["kdef"][1] and "train 7, val 7" in report["sfew"][1]
    broken = tmp_path / "jaffe/KA.AN2.1.tiff"
    broken.write_bytes(broken.read_bytes()[:99])
    report = {name: (status, message) for name, status, message in datasets.check(tmp_path)}
    assert report["jaffe"][0] == "broken" and "KA.AN2.1.tiff is no readable picture" in report["jaffe"][1]


@pytest.mark.parametrize("name", cards.names())
def test_where_says_what_one_needs(name, tmp_path, monkeypatch):
    monkeypatch.setenv("AFFECTKIT_DATA", str(tmp_path))
    text, card = datasets.where(name), cards.get(name)
    for fact in (card.title, card.place, card.access, card.url, card.licence, str(tmp_path)):
        assert fact in text


def test_where(tmp_path, monkeypatch):
    monkeypatch.setenv("AFFECTKIT_DATA", str(tmp_path))
    text = datasets.where("fer2013")
    assert "kaggle.com" in text and str(tmp_path) in text and "not found" in text
    assert "only the twin exists" in datasets.where("pairs")
    assert "it takes two" in datasets.where("wellbeing")
    with pytest.raises(DatasetError):
        datasets.where("nothing")
