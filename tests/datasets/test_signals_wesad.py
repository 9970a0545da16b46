"""WESAD: conditions kept and dropped, four rates on one clock, each person's file checked."""

import numpy as np
import pytest

from affectkit import cards, datasets
from affectkit.datasets import DatasetError, _wesad

from . import signal_writers as write

pytestmark = pytest.mark.filterwarnings("ignore:.*people.*and the card of wesad gives 15")


def load(root, **options):
    return datasets.load("wesad", source="real", root=root, **options)


def test_windows_of_one_condition(tmp_path):
    write.wesad(tmp_path / "wesad")
    bunch = load(tmp_path)
    # 60 s every 10 s: of 90 s four, of 75 s two, of 61 s and 64 s one; 0, 5 and 7 are dropped
    assert bunch.target.tolist() == [0, 0, 0, 0, 1, 1, 2, 3] * 2 and bunch.target_names == list(
        cards.get("wesad").classes
    )
    assert bunch.data.shape == (16, 3840, 1) and bunch.data.dtype == np.float32
    assert bunch.sampling_rate == 64 and bunch.channel_names == ["bvp"] and bunch.source == "real"
    assert bunch.groups.tolist() == ["S2"] * 8 + ["S10"] * 8  # in the order of their numbers
    assert len(set(bunch.trial)) == 8 and bunch.trial[8] == 4
    starts = np.cumsum([0, *(length for _, length in write.PARTS)])
    expected = [*(starts[1] + 10 * np.arange(4)), *(starts[3] + 10 * np.arange(2)), starts[5], starts[7]]
    assert np.allclose(bunch.onset[:8], expected, atol=1 / 64)
    assert bunch.segments.task.tolist() == ["baseline", "stress", "amusement", "meditation"] * 2
    assert np.allclose(bunch.segments.start[:4], [7, 102, 207, 271], atol=1e-9)
    wave = 50 * write.beats(355, 64, 72)
    assert np.allclose(bunch.data[0, :, 0], wave[7 * 64 : 67 * 64], atol=1e-4)
    assert "Dropped: 0 (transient) and 5-7" in bunch.DESCR


def test_the_same_fields_as_the_twin(tmp_path):
    write.wesad(tmp_path, people=("S2",))
    twin = datasets.load("wesad", source="twin", signals=("heart_rate",), max_per_class=1)
    real = load(tmp_path, signals=("heart_rate",), max_per_class=1)
    assert write.kinds(real) == write.kinds(twin)


def test_signals_at_their_rates(tmp_path):
    write.wesad(tmp_path, people=("S2",))
    both = load(tmp_path, signals=("eda", "temperature"))
    assert both.data.shape == (8, 240, 2) and both.sampling_rate == 4
    assert np.allclose(both.data[:, 0, 0], 1 + both.onset / 1000, atol=1e-4)
    assert np.allclose(both.data[:, 0, 1], 30 + both.onset / 1000, atol=1e-3)
    breath = load(tmp_path, signals=("respiration",))
    assert breath.data.shape == (8, 960, 1) and breath.sampling_rate == 16
    time = breath.onset[:, None] + np.arange(960) / 16
    assert np.allclose(breath.data[..., 0], 3 * np.sin(2 * np.pi * 0.25 * time), atol=0.02)
    assert "from 700 to 16 Hz" in breath.DESCR


def test_heart_rate_is_counted_from_the_pulse(tmp_path):
    write.wesad(tmp_path, people=("S2",))
    bunch = load(tmp_path, signals=("heart_rate",))
    assert bunch.data.shape == (8, 60, 1) and np.allclose(bunch.data, 72, atol=1)
    assert "counted from the pulse" in bunch.DESCR


def test_as_python_2_wrote_it_in_text(tmp_path):
    write.wesad(tmp_path / "text", people=("S2",), parts=((1, 61), (2, 61), (3, 61), (4, 61)), protocol=0)
    write.wesad(tmp_path / "bytes", people=("S2",), parts=((1, 61), (2, 61), (3, 61), (4, 61)))
    assert np.array_equal(load(tmp_path / "text").data, load(tmp_path / "bytes").data)


def test_missing_people_and_short_signals_are_warnings(tmp_path):
    def shorter(group, content):
        if group == "S10":
            content["signal"]["wrist"]["EDA"] = content["signal"]["wrist"]["EDA"][: 4 * 290]

    write.wesad(tmp_path, change=shorter)
    with pytest.warns(UserWarning) as caught:
        bunch = load(tmp_path, signals=("eda",))
    said = " ".join(str(warning.message) for warning in caught)
    assert "2 people (S2, S10), and the card of wesad gives 15" in said
    assert "S10/S10.pkl: eda lasts 290 s, and the labels 355 s" in said
    assert "1 of 8 tasks have no window of 60 s" in said and "(S10 1)" in said and len(bunch.data) == 15


def test_an_empty_condition_is_an_error(tmp_path):
    write.wesad(tmp_path, people=("S2",), parts=((1, 61), (2, 61), (3, 61)))
    with pytest.raises(DatasetError, match="no sample of meditation"):
        load(tmp_path)


# --------------------------------------------------------------------------------------------------- damage


def wrist(name, values):
    return lambda group, content: content["signal"]["wrist"].update(
        {name: values(content["signal"]["wrist"][name])}
    )


def put(array, at, value):
    array = array.copy()
    array[at] = value
    return array


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda g, c: c.pop("label"), "no label .it has signal, subject"),
        (lambda g, c: c["signal"].pop("wrist"), "no signal/wrist .it has chest"),
        (lambda g, c: c["signal"]["chest"].pop("Resp"), "no signal/chest/Resp .it has ACC"),
        (lambda g, c: c.update(signal="none"), "no signal/wrist .it is no dict"),
        (lambda g, c: c.update(subject="S11"), "is of 'S11', not of S2"),
        (lambda g, c: c.update(label="1"), "label is no array"),
        (
            lambda g, c: c.update(label=put(c["label"], 70, 9)),
            "label holds 1 values outside 0 to 7, the first at sample 70",
        ),
        (lambda g, c: c.update(label=c["label"] + 0.5), "label holds fractions"),
        (lambda g, c: c.update(label=c["label"].reshape(-1, 2)), "label has shape"),
        (lambda g, c: c.update(label=c["label"][:0]), "label has shape"),
        (lambda g, c: c.update(label=np.array(1)), "label has shape"),
        (wrist("BVP", lambda x: put(x, 3, np.nan)), "BVP holds 1 values outside .* sample 3"),
        (wrist("BVP", lambda x: np.hstack([x, x])), r"BVP has shape \(\d+, 2\)"),
        (wrist("TEMP", lambda x: x + 300), "TEMP holds .* values outside 0 to 60"),
        (wrist("EDA", lambda x: x > 0), "EDA has shape .* type bool"),
    ],
)
def test_not_as_published(tmp_path, own_cache, change, message):
    parts = ((1, 2), (2, 2))
    write.wesad(tmp_path, people=("S2",), parts=parts, change=change)
    with pytest.raises(DatasetError, match=message) as error:
        load(tmp_path)
    assert f"{tmp_path}/S2/S2.pkl" in str(error.value) and not list(own_cache.glob("*.npz"))


def test_damage_keeps_the_others(tmp_path, own_cache):
    write.wesad(tmp_path, parts=((1, 61), (2, 61), (3, 61), (4, 61)))
    path, target = tmp_path / "S10" / "S10.pkl", tmp_path / "run"
    whole = path.read_bytes()
    for content in [*write.hostile(target), whole[:-1], whole[: len(whole) // 2], b""]:
        path.write_bytes(content)
        with pytest.raises(DatasetError, match=r"S10/S10\.pkl"):
            load(tmp_path)
    assert not target.exists() and not list(own_cache.rglob("*.part"))
    assert [found.name.split("-v")[0] for found in own_cache.glob("*.npz")] == ["wesad-S2"]
    path.write_bytes((tmp_path / "S2" / "S2.pkl").read_bytes())
    with pytest.raises(DatasetError, match="S10.pkl is of 'S2', not of S10"):
        load(tmp_path)


def test_what_is_not_there(tmp_path):
    with pytest.raises(DatasetError, match="wesad was not found"):
        load(tmp_path)
    (tmp_path / "WESAD").mkdir()
    (tmp_path / "WESAD" / "WESAD.zip").write_bytes(b"PK")
    with pytest.raises(DatasetError, match=r"holds no SN/SN\.pkl; is it unpacked"):
        load(tmp_path)
    (tmp_path / "Scores.pkl").write_bytes(b"")  # somebody's own
    assert _wesad.find(tmp_path) == tmp_path / "WESAD"
    (tmp_path / "S3.pkl").write_bytes(b"")
    assert _wesad.find(tmp_path) == tmp_path
