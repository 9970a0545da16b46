"""DEAP, preprocessed and raw: channels and films by name, ratings joined in the right order, damage named."""

import numpy as np
import pytest
from PIL import Image

from affectkit import cards, datasets, emotions
from affectkit.datasets import DatasetError, _deap, pairs

from . import signal_writers as write

pytestmark = pytest.mark.filterwarnings("ignore:.*people.*and the card of deap gives 32")


@pytest.fixture(autouse=True)
def few_trials(monkeypatch):
    """Six trials instead of forty, so that a file has 15 MB."""
    monkeypatch.setattr(_deap, "SHAPE", (6, 40, 8064))


def load(root, **options):
    return datasets.load("deap", source="real", root=root, **options)


def ordered(table, people):
    """Ratings in the order of the films, as the doors give them."""
    return np.concatenate([write.labels_of(table, person) for person in people])


def test_trials_labels_ratings_and_groups(tmp_path):
    table = write.deap(tmp_path / "deap")
    bunch = load(tmp_path)
    assert bunch.data.shape == (12, 7680, 1) and bunch.data.dtype == np.float32
    assert bunch.sampling_rate == 128 and bunch.channel_names == ["bvp"] and bunch.source == "real"
    assert bunch.groups.tolist() == ["s01"] * 6 + ["s02"] * 6 and bunch.trial.tolist() == list(range(12))
    felt = ordered(table, (1, 2))
    assert np.array_equal(bunch.ratings[list(_deap.RATED)], felt)
    assert np.array_equal(bunch.target, felt[:, 1] > 5) and bunch.target.dtype == np.int64
    assert bunch.target_names == list(cards.get("deap").classes)
    assert bunch.target[:6].tolist() == [1, 0, 1, 0, 1, 0]  # the writer's odd films excite
    assert bunch.ratings.experiment_id.tolist() == [1, 2, 3, 4, 5, 6] * 2
    shown = table[table.Participant_id == 2].sort_values("Experiment_id").Trial
    assert bunch.ratings.trial[6:].tolist() == shown.tolist() != sorted(shown)
    assert bunch.segments.task.tolist() == [f"clip {k:02d}" for k in range(1, 7)] * 2
    assert bunch.onset[:6].tolist() == [63 * k + 3 for k in range(6)]
    for row in range(12):
        wave = write.beats(63, 128, 70 + 3 * (row % 6))[3 * 128 :].astype(np.float32)
        assert np.array_equal(bunch.data[row, :, 0], wave)
    assert "Windows of 60 s, one every 10 s" in bunch.DESCR


def test_the_same_fields_as_the_twin(tmp_path):
    write.deap(tmp_path)
    twin = datasets.load("deap", source="twin", signals=("heart_rate",), max_per_class=2)
    real = load(tmp_path, signals=("heart_rate",), max_per_class=2)
    assert write.kinds(real) == write.kinds(twin)


def test_channels_by_name(tmp_path):
    write.deap(tmp_path)
    bunch = load(tmp_path, signals=("temperature", "eda", "respiration"))
    assert bunch.data.shape == (12, 7680, 3)
    for column, index in enumerate((39, 36, 37)):
        assert _deap.CHANNELS[index] == ("Temp", "GSR", "Resp")[column]
        expected = 1000 * np.repeat([1, 2], 6) + index + np.tile(np.arange(6), 2) / 100
        assert np.allclose(bunch.data[:, :, column], expected[:, None])
    assert _deap.CHANNELS[38] == "Plethysmograph" and len(set(_deap.CHANNELS)) == 40
    assert "own unit" in bunch.DESCR


def test_heart_rate_is_counted_from_the_pulse(tmp_path):
    write.deap(tmp_path)
    bunch = load(tmp_path, signals=("heart_rate",))
    assert bunch.sampling_rate == 1 and bunch.data.shape == (12, 60, 1)
    expected = 70 + 3 * np.tile(np.arange(6), 2)[:, None, None]
    assert np.allclose(bunch.data, expected, atol=1) and "counted from the pulse" in bunch.DESCR
    both = load(tmp_path, signals=("bvp", "heart_rate"))  # nor does the next trial bend the last second
    assert both.data.shape == (12, 7680, 2) and np.allclose(both.data[..., 1:], expected, atol=1)


def test_a_pulse_too_poor_for_a_heart_rate_is_a_warning(tmp_path):
    rated = write.ratings((1, 2))
    write.deap(tmp_path)
    content = write.dat(2, rated)
    content["data"][:, 38] = 1.0
    (tmp_path / "data_preprocessed_python/s02.dat").write_bytes(write.python2(content))
    with pytest.warns(UserWarning, match="s02 has no window of 60 s.*left out, for the pulse is too poor"):
        bunch = load(tmp_path, signals=("heart_rate",))
    assert set(bunch.groups) == {"s01"}
    assert len(load(tmp_path).data) == 12


def test_without_the_table_the_order_shown_is_unknown(tmp_path):
    write.deap(tmp_path, people=(1,), table=False)
    bunch = load(tmp_path)
    assert bunch.ratings.trial.isna().all() and "order the films were shown is unknown" in bunch.DESCR


@pytest.mark.parametrize(
    ("source", "rule"), [*(("real", rule) for rule in emotions.RATING_RULES), ("twin", "emotions")]
)
def test_rules_for_classes(tmp_path, source, rule):
    options = dict(signals=("heart_rate",)) if source == "twin" else {}
    if source == "real":
        write.deap(tmp_path)
    bunch = datasets.load("deap", source=source, root=tmp_path, labels=rule, **options)
    target, names, near = emotions.from_ratings(bunch.ratings.valence, bunch.ratings.arousal, rule)
    assert np.array_equal(bunch.target, target) and bunch.target_names == names
    assert np.array_equal(bunch.ambiguous, near)
    assert np.array_equal(bunch.segments.label.to_numpy()[bunch.trial], target)
    assert (
        f"rule {rule!r}" in bunch.DESCR and f"{near.mean():.0%} of these windows are ambiguous" in bunch.DESCR
    )


def test_labels_are_for_deap(tmp_path):
    for name in ("wesad", "fer2013"):
        with pytest.raises(ValueError, match=f"labels is for deap, and {name} is"):
            datasets.load(name, labels="arousal")
    with pytest.raises(ValueError, match="labels must be one of arousal, valence, quadrants, emotions"):
        datasets.load("deap", labels="mood")


@pytest.mark.filterwarnings("error")
def test_a_file_of_full_size(tmp_path, monkeypatch):
    monkeypatch.setattr(_deap, "SHAPE", (40, 40, 8064))
    monkeypatch.setattr(_deap, "missing_people", lambda *_: None)
    write.deap(tmp_path, people=(7,))
    assert (tmp_path / "data_preprocessed_python/s07.dat").stat().st_size > 103_000_000
    assert load(tmp_path).data.shape == (40, 7680, 1)


def test_a_second_load_reads_the_cache(tmp_path, own_cache, monkeypatch):
    write.deap(tmp_path)
    first = load(tmp_path, signals=("bvp", "heart_rate"))
    assert first.data.shape == (12, 7680, 2)
    monkeypatch.setattr(_deap._pickles, "read", None)
    assert np.array_equal(load(tmp_path, signals=("bvp", "heart_rate")).data, first.data)
    assert len(load(tmp_path, signals=("eda",)).data) == 12
    assert {path.name.split("-v")[0] for path in own_cache.glob("*.npz")} == {
        "deap-s01", "deap-s02", "deap-s01-heart_rate", "deap-s02-heart_rate"
    }  # fmt: skip


# --------------------------------------------------------------------------------------------------- damage


def dat(tmp_path, person=2):
    return tmp_path / "data_preprocessed_python" / f"s{person:02d}.dat"


def edit(tmp_path, change, person=2):
    content = write.dat(person, write.ratings((1, 2)))
    content = change(content) or content
    dat(tmp_path, person).write_bytes(write.python2(content))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: c.pop("labels") is None, "labels is nothing instead of numbers of shape"),
        (lambda c: {"data": "none"}, "data is str instead of"),
        (lambda c: c.update(data=c["data"][:, :, :8000]), r"data is \(6, 40, 8000\)"),
        (lambda c: c.update(data=c["data"].astype(np.int16)), r"data is \(6, 40, 8064\) instead of numbers"),
        (
            lambda c: c["data"].__setitem__((2, 38, 7), np.nan),
            r"Plethysmograph .* 1 values .* sample 16,135 \(nan\)",
        ),
        (lambda c: c["data"].__setitem__((0, 36, 0), np.inf), r"GSR .* \(inf\)"),
        (lambda c: c["labels"].__setitem__((0, 1), 9.5), "labels .* outside 1 to 9.*sample 1 "),
        (lambda c: c["labels"].__setitem__((0, 1), np.nan), "labels .* outside 1 to 9"),
    ],
)
def test_not_as_published(tmp_path, own_cache, change, message):
    write.deap(tmp_path)
    edit(tmp_path, change)
    with pytest.raises(DatasetError, match=message) as error:
        load(tmp_path, signals=("bvp", "eda"))
    assert str(dat(tmp_path)) in str(error.value) and "\n" not in str(error.value)
    assert [path.name.split("-v")[0] for path in own_cache.glob("*.npz")] == ["deap-s01"]


def test_hostile_and_cut_files(tmp_path, own_cache):
    write.deap(tmp_path)
    target, whole = tmp_path / "run", dat(tmp_path, 1).read_bytes()
    for content in [*write.hostile(target), whole[:-1], whole[:50_000], b""]:
        dat(tmp_path, 1).write_bytes(content)
        with pytest.raises(DatasetError, match=r"s01\.dat"):
            load(tmp_path)
    assert not target.exists() and not list(own_cache.rglob("*.npz")) + list(own_cache.rglob("*.part"))


def test_swapped_and_copied_files(tmp_path):
    write.deap(tmp_path)
    one, two = dat(tmp_path, 1), dat(tmp_path, 2)
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second), two.write_bytes(first)
    with pytest.raises(DatasetError, match=r"s01\.dat holds what participant 2 rated, not participant 1"):
        load(tmp_path)
    one.write_bytes(first)
    next(tmp_path.rglob("*.csv")).unlink()
    with pytest.raises(DatasetError, match=r"s01\.dat and .*s02\.dat hold the same ratings"):
        load(tmp_path)
    two.write_bytes(second)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "s01.dat").write_bytes(first)
    with pytest.raises(DatasetError, match=r"are both of s01; keep one"):
        load(tmp_path)


def test_other_ratings_than_the_table_are_a_warning(tmp_path):
    write.deap(tmp_path)
    edit(tmp_path, lambda c: c["labels"].__setitem__((3, 0), 1.0 if c["labels"][3, 0] > 5 else 9.0))
    with pytest.warns(UserWarning, match=r"s02\.dat: 1 trials are rated otherwise .*by up to"):
        load(tmp_path)


def test_missing_people_are_counted(tmp_path):
    write.deap(tmp_path)
    with pytest.warns(UserWarning, match=r"2 people \(s01, s02\), and the card of deap gives 32"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop(columns="Arousal"), "line 1: no column arousal among"),
        (lambda t: t.iloc[:-1], "trial of participant 2 is not each of 1 to 6 once|experiment_id of"),
        (lambda t: t.assign(Trial=1), "trial of participant 1 is not each of 1 to 6 once"),
        (lambda t: t.assign(Valence=["x", *t.Valence[1:]]), "line 2: valence is missing or outside"),
        (lambda t: t.assign(Liking=[*t.Liking[:-1], 9.2]), "line 13: liking is missing or outside 1 to 9"),
        (lambda t: t.assign(Trial=t.Trial + 0.5), "line 2: trial is missing or outside"),
        (lambda t: t[t.Participant_id == 1], "has no row of participant 2"),
        (lambda t: t.iloc[:0], "a header and no rows"),
    ],
)
def test_a_bad_table(tmp_path, change, message):
    table = write.deap(tmp_path)
    path = next(tmp_path.rglob("*.csv"))
    change(table).to_csv(path, index=False)
    with pytest.raises(DatasetError, match=message) as error:
        load(tmp_path)
    assert str(path) in str(error.value)


def test_no_table_at_all(tmp_path):
    write.deap(tmp_path)
    next(tmp_path.rglob("*.csv")).write_bytes(b'\x00\xff\n"')
    with pytest.raises(DatasetError, match="participant_ratings.csv"):
        load(tmp_path)


def test_what_is_not_there(tmp_path):
    with pytest.raises(DatasetError, match="deap was not found.*on request"):
        load(tmp_path)
    (tmp_path / "deap").mkdir()
    (tmp_path / "deap" / "data_preprocessed_python.zip").write_bytes(b"PK")
    with pytest.raises(DatasetError, match=r"neither sNN\.dat nor sNN\.bdf.*unpacked"):
        load(tmp_path)


# ------------------------------------------------------------------------------------------------------ raw


@pytest.fixture
def raw(tmp_path, monkeypatch):
    """Three films a person, one in each laboratory; the table and the starts."""
    monkeypatch.setattr(_deap, "SHAPE", (3, 40, 8064))
    return write.deap_raw(tmp_path / "deap")


def test_raw_films_are_joined_by_trial(raw, tmp_path):
    table, starts = raw
    bunch = load(tmp_path, signals=("respiration", "temperature"))
    assert bunch.data.shape == (6, 7680, 2) and bunch.sampling_rate == 128
    assert (
        bunch.groups.tolist() == ["s01"] * 3 + ["s24"] * 3
        and bunch.ratings.experiment_id.tolist() == [1, 2, 3] * 2
    )
    felt = ordered(table, (1, 24))
    assert np.array_equal(bunch.ratings[list(_deap.RATED)], felt) and np.array_equal(
        bunch.target, felt[:, 1] > 5
    )
    for row in range(6):  # a film's window begins where its Trial began
        person = (1, 24)[row // 3]
        trial = table[(table.Participant_id == person) & (table.Experiment_id == row % 3 + 1)].Trial.item()
        assert bunch.onset[row] == starts[trial - 1]
        time = starts[trial - 1] + np.arange(7680) / 128
        assert np.allclose(bunch.data[row, :, 0], 50 * np.sin(2 * np.pi * 0.25 * time) + person, atol=0.1)
        assert np.allclose(bunch.data[row, :, 1], 30 + time / 1000, atol=0.01)
    assert "status code 4" in bunch.DESCR


def test_raw_pulse_and_skin(raw, tmp_path):
    pulse = load(tmp_path)
    wave = 1000 * write.beats(300, 128, 66)
    start = round(pulse.onset[0] * 128)
    assert np.corrcoef(pulse.data[0, :, 0], wave[start : start + 7680])[0, 1] > 0.99
    skin = load(tmp_path, signals=("eda",))
    assert np.allclose(skin.data[:3], 2.5, atol=0.01) and np.allclose(skin.data[3:], 2.5, atol=0.01)
    assert np.allclose(load(tmp_path, signals=("heart_rate",)).data, 66, atol=1)


def test_an_unlikely_unit_is_reported(raw, tmp_path):
    path = tmp_path / "deap/data_original/s01.bdf"
    write.bdf(path, raw[1], 230, gsr=2.0e6)
    with pytest.warns(UserWarning, match=r"s01\.bdf: half of GSR1 lies beyond 2e\+03 µS"):
        load(tmp_path, signals=("eda",))
    with pytest.warns(UserWarning, match="half of GSR1"):  # and again from the cache
        load(tmp_path, signals=("eda",))


def test_raw_films_and_table_must_agree_in_number(raw, tmp_path):
    write.bdf(tmp_path / "deap/data_original/s24.bdf", raw[1][:2], 230, gsr=4e5)
    with pytest.raises(DatasetError, match=r"s24\.bdf: 2 films begin.* has 3 trials of that person"):
        load(tmp_path)


def test_a_raw_file_that_ends_in_a_film(raw, tmp_path):
    write.bdf(tmp_path / "deap/data_original/s24.bdf", [10, 80, 150], 200, gsr=4e5)
    with pytest.warns(UserWarning, match=r"1 of 6 tasks have no window of 60 s .*\(s24 1\)"):
        assert len(load(tmp_path).data) == 5


def test_damaged_raw_files(raw, tmp_path, own_cache):
    path = tmp_path / "deap/data_original/s24.bdf"
    whole = path.read_bytes()
    for content, message in (
        (whole[:-500], "announces 230 records, and there are 229.9"),
        (whole[:300], "s24.bdf"),
        (b"", "does not begin as a BDF"),
        (b"\xffBIOSEMX" + whole[8:], "does not begin as a BDF"),
        (whole[:252] + b"9999" + whole[256:], "announces 9999 channels"),
        (whole[:184] + b"99999999" + whole[192:], "6 channels in 99999999 bytes"),
        (whole[:236] + b"99999999" + whole[244:], "announces 99999999 records, and there are 230"),
        (whole[:244] + b"nonsense" + whole[252:], "something else than numbers"),
        (whole.replace(b"Plet  ", b"Pulse "), "no channel Plet among Fp1, Temp, Pulse"),
        (whole[: 216 * 6 + 256] + b"256     " + whole[216 * 6 + 264 :], "instead of 512 Hz each"),
    ):
        path.write_bytes(content)
        with pytest.raises(DatasetError, match=message) as error:
            load(tmp_path)
        assert str(path) in str(error.value)
    assert [found.name.split("-v")[0] for found in own_cache.glob("*.npz")] == ["deap-s01"]


def test_raw_files_need_the_table(raw, tmp_path):
    next(tmp_path.rglob("*.csv")).unlink()
    with pytest.raises(DatasetError, match=r"sNN\.bdf and no participant_ratings\.csv"):
        load(tmp_path)


# --------------------------------------------------------------------------------------------------- frames


def frames(root, person, trial, n=8, suffix=".png"):
    folder = root / "face_video" / f"s{person:02d}" / f"s{person:02d}_trial{trial:02d}"
    folder.mkdir(parents=True)
    for k in range(n):
        Image.fromarray(np.full((12, 16, 3), 20 * trial + k, np.uint8)).save(folder / f"{k + 1:05d}{suffix}")


def test_frames_beside_the_pulse_of_their_trial(tmp_path):
    table = write.deap(tmp_path / "deap")
    for trial in (1, 4):
        frames(tmp_path / "deap", 2, trial)
    found = list(pairs.face_trials(tmp_path, frames=3))
    assert len(found) == 2
    whole = load(tmp_path)
    for row, trial in zip(sorted(found, key=lambda row: row.trial), (1, 4), strict=True):
        mine = table[(table.Participant_id == 2) & (table.Trial == trial)].iloc[0]
        assert (row.group, row.trial, row.experiment_id) == ("s02", trial, mine.Experiment_id)
        assert row.faces.shape == (3, 12, 16, 3) and row.faces.dtype == np.uint8
        assert row.faces[:, 0, 0, 0].tolist() == [
            20 * trial + k for k in (1, 4, 6)
        ]  # middles of three thirds
        assert np.array_equal(row.signals, whole.data[6 + mine.Experiment_id - 1])
        assert row.ratings.valence == mine.Valence and row.sampling_rate == 128
        assert row.target == int(mine.Arousal > 5) and row.channel_names == ["bvp"]

    rows = pairs.stack(found, size=8)
    assert rows.faces.shape == (6, 8, 8, 3) and len(rows.groups) == 6 and rows.pairing == "true"
    for k, row in enumerate(found):
        mine = slice(3 * k, 3 * k + 3)
        assert (rows.signals[mine] == row.signals).all() and set(rows.trial[mine]) == {row.trial}
        assert rows.faces[mine, 0, 0, 0].tolist() == row.faces[:, 0, 2, 0].tolist()  # the central square
    with pytest.raises(ValueError, match="trials is empty"):
        pairs.stack([])


def test_videos_without_frames_say_what_to_do(tmp_path):
    write.deap(tmp_path)
    with pytest.raises(DatasetError, match="no frames.*face_video"):
        next(pairs.face_trials(tmp_path))
    (tmp_path / "face_video/s01").mkdir(parents=True)
    (tmp_path / "face_video/s01/s01_trial01.avi").write_bytes(b"RIFF")
    with pytest.raises(DatasetError, match=r"s01_trial01\.avi.*ffmpeg"):
        next(pairs.face_trials(tmp_path))


def test_frames_need_the_table_and_must_be_pictures(tmp_path):
    write.deap(tmp_path / "deap")
    frames(tmp_path / "deap", 1, 2)
    path = next(tmp_path.rglob("00002.png"))
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(DatasetError, match=r"s01_trial02/00002\.png"):
        next(pairs.face_trials(tmp_path, frames=8))
    next(tmp_path.rglob("*.csv")).unlink()
    with pytest.raises(DatasetError, match=r"face videos follow Trial.*participant_ratings\.csv"):
        next(pairs.face_trials(tmp_path))
