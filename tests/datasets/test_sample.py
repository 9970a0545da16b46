"""The embedded sample: small, whole, fresh, and used for what it holds."""

import shutil

import numpy as np
import pytest

from affectkit import cards, datasets
from affectkit.datasets import _cache, _sample, _twins
from affectkit.twins import zoo

REMAKE = "stale: run `python -m affectkit.datasets`"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """The sample in a folder of its own, which the kit uses."""
    folder = tmp_path / "sample"
    shutil.copytree(_sample.folder(), folder)
    monkeypatch.setattr(_sample, "folder", lambda: folder)
    return folder


@pytest.fixture
def no_drawing(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("drawn anew")

    monkeypatch.setattr(zoo, "draw", refuse)
    monkeypatch.setattr(zoo, "people", refuse)


def faces(**options):
    return datasets.load("fer2013", source="twin", **options)


def test_it_is_small_and_whole():
    files = list(_sample.folder().iterdir())
    assert sum(path.stat().st_size for path in files) <= 4_000_000
    assert {path.name for path in files} == {_sample.FACES, _sample.SHEET, _sample.HEARTS, _sample.SUMS}


def test_it_was_made_by_these_simulators(recwarn):
    for name, file in (("fer2013", _sample.FACES), ("stress-predict", _sample.HEARTS)):
        card = cards.get(name)
        with np.load(_sample.folder() / file) as stored:
            assert stored["simulator"].item() == _cache.content(_cache.simulator(card)), REMAKE
    assert not recwarn.list


def test_it_holds_what_the_simulators_draw():
    """Up to rounding: another processor may add in another order."""
    rows = zoo.plan("fer2013", max_per_class=4)
    stored, drawn = _sample.faces(cards.get("fer2013"), rows, 48, 0), zoo.draw("fer2013", rows)
    assert stored is not None and set(stored) == set(drawn), REMAKE
    off = np.abs(stored["data"].astype(int) - drawn["data"])
    assert off.max() <= 3 and np.mean(off > 0) < 0.02, REMAKE
    for key in ("action_units", "pose"):
        assert np.allclose(stored[key], drawn[key], atol=1e-4), REMAKE
    card = cards.get("stress-predict")
    table, made = _sample.table(card, 0), _twins.make_table(card, 0)
    assert set(table) == set(made), REMAKE
    for key, values in made.items():
        same = (
            np.allclose(table[key], values, atol=1e-3)
            if values.dtype.kind == "f"
            else (table[key] == values).all()
        )
        assert same, REMAKE


@pytest.mark.usefixtures("no_drawing")
def test_it_is_used_for_what_it_holds():
    for split, most in _sample.MOST.items():
        bunch = faces(split=split, max_per_class=most)
        counts = cards.get("fer2013").counts[split]
        assert np.bincount(bunch.target).tolist() == [min(n, most) for n in counts]
        assert bunch.data.shape == (len(bunch.target), 48, 48) and len(bunch.action_units) == len(
            bunch.target
        )
        assert faces(split=split, max_per_class=3, size=48).data.shape == (21, 48, 48)
    assert len(datasets.load("stress-predict", source="twin").data) == cards.get("stress-predict").n
    for options in (
        dict(max_per_class=200),
        dict(max_per_class=2, random_state=1),
        dict(max_per_class=2, size=24),
    ):
        with pytest.raises(AssertionError, match="drawn anew"):
            faces(**options)


@pytest.mark.parametrize("name", [_sample.FACES, _sample.SHEET])
@pytest.mark.parametrize("damage", ["flipped", "empty"])
def test_a_damaged_sample_is_drawn_anew_with_a_warning(copy, name, damage):
    expected = faces(max_per_class=2).data
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 255
    (copy / name).write_bytes(content if damage == "flipped" else b"")
    with pytest.warns(UserWarning, match=f"sample in .* is damaged .{name} has another checksum.*drawn anew"):
        assert np.abs(faces(max_per_class=2).data.astype(int) - expected).max() <= 3


@pytest.mark.parametrize("name", [_sample.FACES, _sample.SHEET, _sample.SUMS])
def test_a_sample_that_lacks_a_file_is_drawn_anew_with_a_warning(copy, name):
    expected = faces(max_per_class=1).data
    (copy / name).unlink()
    with pytest.warns(
        UserWarning, match=f"sample in .* is damaged .{name} is missing.*drawn anew.*affectkit.datasets"
    ):
        assert np.abs(faces(max_per_class=1).data.astype(int) - expected).max() <= 3


def test_without_a_sample_the_twin_is_drawn_in_silence(copy, recwarn):
    expected = faces(max_per_class=1).data
    shutil.rmtree(copy)
    assert np.abs(faces(max_per_class=1).data.astype(int) - expected).max() <= 3
    assert not recwarn.list


def test_a_sample_of_other_simulators_is_not_used(monkeypatch, copy):
    monkeypatch.setattr(_cache, "content", lambda sources: "0" * 64)
    assert _sample.faces(cards.get("fer2013"), zoo.plan("fer2013", max_per_class=1), 48, 0) is None
    assert _sample.table(cards.get("stress-predict"), 0) is None


def test_making_it_is_repeatable(tmp_path, monkeypatch):
    monkeypatch.setattr(_sample, "MOST", {"train": 2, "val": 1, "test": 1})
    for name in ("one", "two"):
        _sample.make(tmp_path / name)
    assert (tmp_path / "one" / _sample.SUMS).read_text() == (tmp_path / "two" / _sample.SUMS).read_text()


def test_it_is_packed_into_the_wheel(repository):
    import tomllib

    wheel = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]["build"][
        "targets"
    ]["wheel"]
    assert wheel["force-include"]["data/sample"] == "affectkit/_sample"
