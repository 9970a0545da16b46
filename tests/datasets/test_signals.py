"""Stress-Predict, whole and broken: windows keep to one person, one task and one clock."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from affectkit import datasets
from affectkit.datasets import DatasetError
from affectkit.datasets.signals import bridge


def load(root, **options):
    return datasets.load("stress-predict", source="real", root=root, **options)


def test_default_is_heart_rate_in_windows_of_one_label(write, tmp_path):
    write.stress(tmp_path / "Stress-Predict-Dataset")
    bunch = load(tmp_path)
    # windows of 60 s every 10 s: 130 s give 8, 70 s 2, 80 s 3; the last 100 s have lost their last heart rate
    per_person = np.array([8, 2, 3, 2, 2, 2, 4])
    assert len(bunch.data) == 2 * per_person.sum() and bunch.data.shape[1:] == (60, 1)
    assert bunch.data.dtype == np.float32 and bunch.target.dtype == np.int64
    assert np.bincount(bunch.target).tolist() == [2 * per_person[::2].sum(), 2 * per_person[1::2].sum()]
    assert sorted(set(bunch.groups)) == ["S02", "S03"] and bunch.sampling_rate == 1.0
    assert bunch.channel_names == ["heart_rate"] and bunch.target_names == ["baseline", "stress"]
    for group, base in (("S02", 70.2), ("S03", 70.3)):  # a window that crossed a task would hold two values
        mine = bunch.groups == group
        assert np.allclose(bunch.data[mine, :, 0], base + 10 * bunch.target[mine, None], atol=0.01)


def test_trials_are_unique_across_people_and_onset_counts_from_the_start(write, tmp_path):
    write.stress(tmp_path, lengths=(130, 70, 80))
    bunch = load(tmp_path)
    assert len(set(zip(bunch.groups, bunch.trial, strict=True))) == len(set(bunch.trial)) == 6
    mine = bunch.groups == "S03"
    assert bunch.onset[mine].tolist() == [*range(0, 80, 10), 130, 140, 200, 210]
    assert set(bunch.split) == {"all"} and bunch.source == "real"


def test_segments_name_the_tasks(write, tmp_path):
    write.stress(tmp_path)
    segments = load(tmp_path).segments
    mine = segments[segments.group == "S02"]
    names = ["baseline", "stroop", "rest", "interview", "rest", "hyperventilation", "rest"]
    assert mine.task.tolist() == names and mine.start.tolist() == [0, 130, 200, 280, 350, 420, 490]
    assert (mine.end.to_numpy()[:-1] == mine.start.to_numpy()[1:]).all()
    assert np.isnan(mine.tag_error.iloc[0]) and (mine.tag_error.iloc[1:] == 0).all()


def test_tags_of_a_twelve_hour_clock_are_set_right(write, tmp_path):
    write.stress(tmp_path)
    path = tmp_path / "Raw_data" / "S02" / "tags_S02.csv"
    tags = path.read_text().split()
    path.write_text("\n".join([str(int(tags[0]) - 43_200), *tags[1:]]))
    segments = load(tmp_path).segments
    assert segments[segments.group == "S02"].tag_error.iloc[1] == 0


def test_raw_signals_at_their_rates(write, tmp_path):
    write.stress(tmp_path)
    pulse = load(tmp_path, signals=("bvp",))
    assert pulse.data.shape[1:] == (60 * 64, 1) and pulse.sampling_rate == 64
    both = load(tmp_path, signals=("eda", "temperature"))
    assert both.data.shape[1:] == (240, 2) and both.sampling_rate == 4
    assert np.allclose(both.data[..., 1], 33.5)
    # EDA counts up by 0.01 a sample from 9 s before the table begins
    assert np.allclose(both.data[:, 0, 0], (both.onset + 9) * 4 / 100, atol=0.006)
    assert len(both.data) == len(pulse.data)


def test_slower_signals_are_interpolated_onto_the_fastest(write, tmp_path):
    write.stress(tmp_path)
    mixed = load(tmp_path, signals=("heart_rate", "eda"))
    assert mixed.data.shape[1:] == (240, 2) and mixed.sampling_rate == 4
    assert mixed.channel_names == ["heart_rate", "eda"]
    heart_rate = 70 + 10 * mixed.target + np.where(mixed.groups == "S02", 0.2, 0.3)
    assert len(mixed.data) == 46  # and in the last second of a task it is on its way to the next
    assert np.allclose(mixed.data[:, :-4, 0], heart_rate[:, None], atol=0.01)


def test_window_step_and_max_per_class(write, tmp_path):
    write.stress(tmp_path)
    assert load(tmp_path, window=30, step=30).data.shape[1:] == (30, 1)
    few = load(tmp_path, max_per_class=5, random_state=3)
    assert (
        np.bincount(few.target).tolist() == [5, 5]
        and len(few.groups) == len(few.trial) == len(few.onset) == 10
    )
    assert np.array_equal(few.data, load(tmp_path, max_per_class=5, random_state=3).data)
    with pytest.raises(DatasetError, match="no task is as long as a window of 1000 s"):
        load(tmp_path, window=1000)
    with pytest.raises(ValueError, match="window"):
        load(tmp_path, window=-1)
    with pytest.raises(ValueError, match="signals must name some of heart_rate, bvp"):
        load(tmp_path, signals=("heartbeat",))


def test_zip_and_folder_agree(write, tmp_path):
    folder = write.stress(tmp_path / "stress-predict")
    (tmp_path / "zips").mkdir()
    write.zipped(tmp_path / "zips" / "stress-predict.zip", folder, "Stress-Predict-Dataset/")
    assert np.array_equal(load(tmp_path).data, load(tmp_path / "zips").data)


def test_it_has_no_official_split(write, tmp_path):
    write.stress(tmp_path)
    assert len(load(tmp_path, split="all").data) == len(load(tmp_path).data)
    with pytest.raises(DatasetError, match="no official split"):
        load(tmp_path, split="test")


# ------------------------------------------------------------------------------------------------------- gaps


def test_bridge_fills_short_gaps_only():
    x = np.array([np.nan, 1, np.nan, np.nan, 4, np.nan, np.nan, np.nan, 8, np.nan])
    assert np.array_equal(
        bridge(x, 2), [np.nan, 1, 2, 3, 4, np.nan, np.nan, np.nan, 8, np.nan], equal_nan=True
    )
    assert np.isnan(bridge(np.full(3, np.nan))).all()


def test_a_short_gap_is_bridged_a_long_one_ends_a_stretch(write, tmp_path):
    def empty(first, length):
        def change(number, rows):
            for row in rows[first : first + length]:
                row[1] = ""
            return rows

        return change

    write.stress(tmp_path / "short", change=empty(60, 5))
    write.stress(tmp_path / "long", change=empty(60, 6))
    write.stress(tmp_path / "none")
    short, long, none = (load(tmp_path / name) for name in ("short", "long", "none"))
    assert np.allclose(short.data, none.data, atol=0.01)
    first = long.onset[(long.groups == "S02") & (long.onset < 130)]
    assert first.tolist() == [0, 66]  # 60 s before the gap, 64 s after it
    assert np.isfinite(long.data).all()


def test_rows_left_out_of_the_table_are_a_gap_too(write, tmp_path):
    write.stress(tmp_path / "long", change=lambda number, rows: rows[:60] + rows[70:])
    write.stress(tmp_path / "short", change=lambda number, rows: rows[:60] + rows[63:])
    long, short = load(tmp_path / "long"), load(tmp_path / "short")
    assert long.onset[(long.groups == "S02") & (long.onset < 130)].tolist() == [0, 70]
    assert short.onset[(short.groups == "S02") & (short.onset < 130)].tolist() == list(range(0, 80, 10))


def rewrite(root, name, change):
    """Change the lines [start, rate, values ...] of S03's raw file."""
    path = root / "Raw_data" / "S03" / name
    path.write_text("\n".join(change(path.read_text().split())) + "\n")


@pytest.mark.filterwarnings("ignore:.*tasks have no window")
def test_a_raw_file_that_ends_too_early_is_a_warning(write, tmp_path):
    write.stress(tmp_path)
    whole = load(tmp_path, signals=("eda",))
    rewrite(tmp_path, "EDA.csv", lambda lines: lines[: 2 + 4 * (9 + 290)])  # of 590 s
    with pytest.warns(UserWarning, match="S03/EDA.csv lacks 300 s of the 590 s"):
        short = load(tmp_path, signals=("eda",))
    mine = whole.groups == "S03"
    assert 0 < np.count_nonzero(short.groups == "S03") < np.count_nonzero(mine)
    rewrite(tmp_path, "EDA.csv", lambda lines: [*lines[:2], *["nan"] * 80, *lines[82:]])
    with pytest.warns(UserWarning, match="S03/EDA.csv lacks 311 s"):  # a gap inside counts as well
        load(tmp_path, signals=("eda",))


@pytest.mark.filterwarnings("error")
def test_what_is_complete_is_loaded_without_a_word(write, tmp_path):
    write.stress(tmp_path)
    load(tmp_path, signals=("heart_rate", "bvp", "eda", "temperature"))


@pytest.mark.filterwarnings("ignore:.*lacks")
def test_nobody_disappears(write, tmp_path):
    def holes(number, rows):
        return [
            [row[0], "" if number == 3 and k % 50 < 10 else row[1], *row[2:]] for k, row in enumerate(rows)
        ]

    write.stress(tmp_path / "clock")
    rewrite(tmp_path / "clock", "EDA.csv", lambda lines: ["1000000000.0", *lines[1:]])
    with pytest.raises(
        DatasetError, match=r"clock: S03 has no window of 60 s.*Raw_data/S03/EDA.csv.*start time"
    ):
        load(tmp_path / "clock", signals=("eda",))
    write.stress(tmp_path / "holes", change=holes)
    with pytest.raises(DatasetError, match=r"holes: S03 has no window of 60 s.*Improved_All.*gaps"):
        load(tmp_path / "holes")


def test_who_has_no_long_task_is_named(write, tmp_path):
    write.stress(
        tmp_path, lengths=(130, 130), change=lambda number, rows: rows[: 110 if number == 3 else 260]
    )
    with pytest.warns(UserWarning, match="no task of theirs is as long as a window of 120 s: S03"):
        assert set(load(tmp_path, window=120).groups) == {"S02"}


# ----------------------------------------------------------------------------------------------- broken files


@pytest.mark.filterwarnings("error")
def test_other_people_at_another_rate(write, tmp_path):
    write.stress(tmp_path, people=(2, 3, 4))
    rewrite(tmp_path, "EDA.csv", lambda lines: [lines[0], "8.0", *lines[2:]])
    with pytest.raises(DatasetError, match=r"S03/EDA.csv, line 2: the rate is 8 Hz, and 4 Hz"):
        load(tmp_path, signals=("eda",))


def test_a_second_given_twice(write, tmp_path):
    def twice(label):
        def change(number, rows):
            again = [number, 99, 12.0, rows[20][3], label]
            return [*rows[:21], again, *rows[21:]] if number == 3 else rows

        return change

    write.stress(tmp_path / "same", change=twice(0))
    with pytest.warns(UserWarning, match=r"line 613: second \d+ of participant 3 is there twice \(1 such"):
        bunch = load(tmp_path / "same")
    first = bunch.data[(bunch.groups == "S03") & (bunch.onset == 0)][0, :, 0]
    assert np.flatnonzero(first == 99).tolist() == [20] and len(bunch.data) == 46  # the last row counts
    write.stress(tmp_path / "other", change=twice(1))
    with pytest.raises(
        DatasetError, match="line 613: second .* of participant 3 has Label 0 and Label 1; fetch"
    ):
        load(tmp_path / "other")


def change_one(column, value):
    def change(number, rows):
        if number == 3:
            rows[4][column] = value
        return rows

    return change


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (4, "2", "line 576: Label is '2'"),
        (4, "", "line 576: Label is nan"),
        (3, "noon", r"line 576: Time\(sec\) is 'noon'"),
        (3, "12", r"line 576: Time\(sec\) of participant 3 goes from"),
        (1, "fast", "line 576: HR is 'fast'"),
        (1, "-70", "line 576: HR is '-70'"),
        (0, "x", "line 576: Participant is 'x'"),
    ],
)
def test_a_bad_cell_is_named(write, tmp_path, column, value, message):
    write.stress(tmp_path, lengths=(400, 170), change=change_one(column, value))
    with pytest.raises(DatasetError, match=message) as error:
        load(tmp_path)
    assert "Improved_All_Combined" in str(error.value) and str(tmp_path) in str(error.value)


def test_truncated_table(write, tmp_path):
    write.stress(tmp_path)
    path = next(tmp_path.glob("Processed_data/*.csv"))
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(DatasetError, match="line 1181: Label is nan; is the file cut short"):
        load(tmp_path)
    path.write_bytes(b"")
    with pytest.raises(DatasetError, match="no readable table"):
        load(tmp_path)
    path.write_text("Participant,HR\n1,2\n")
    with pytest.raises(DatasetError, match=r"no column Time\(sec\), Label"):
        load(tmp_path)


def test_all_heart_rate_missing(write, tmp_path):
    def silent(number, rows):
        return [[row[0], "" if number == 3 else row[1], *row[2:]] for row in rows]

    write.stress(tmp_path, change=silent)
    with pytest.raises(DatasetError, match="line 592: every HR of participant 3 is missing"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("1644247574.0\n4.0\n" + "nan\n" * 100, "S03/EDA.csv: every value is missing"),
        ("1644247574.0\n4.0\n0.1\nabc\n0.2\n", "S03/EDA.csv: line 4 is 'abc', not a number"),
        ("1644247574.0\n", "S03/EDA.csv, lines 1-2"),
        ("", "S03/EDA.csv, lines 1-2"),
        ("1644247574.0\n0\n0.1\n0.2\n", "S03/EDA.csv, lines 1-2"),
        ("1,2\n4,4\n0.1,0.2\n", "S03/EDA.csv: 2 columns instead of one"),
    ],
)
def test_bad_raw_files(write, tmp_path, content, message):
    write.stress(tmp_path)
    (tmp_path / "Raw_data" / "S03" / "EDA.csv").write_text(content)
    with pytest.raises(DatasetError, match=message):
        load(tmp_path, signals=("eda",))
    assert len(load(tmp_path).data)  # the heart rate does not need it


def test_missing_files(write, tmp_path):
    with pytest.raises(DatasetError, match="stress-predict was not found"):
        load(tmp_path)
    write.stress(tmp_path)
    (tmp_path / "Raw_data" / "S03" / "EDA.csv").unlink()
    with pytest.raises(DatasetError, match="Raw_data/S03/EDA.csv is missing"):
        load(tmp_path, signals=("eda",))
    next(tmp_path.glob("Processed_data/*.csv")).unlink()
    with pytest.raises(DatasetError, match="holds no Processed_data/Improved_All"):
        load(tmp_path)


def test_a_copy_without_raw_data(write, tmp_path):
    write.stress(tmp_path, raw=False)
    assert load(tmp_path).segments.tag_error.isna().all()
    with pytest.raises(DatasetError, match="holds no Raw_data/SNN/BVP.csv"):
        load(tmp_path, signals=("bvp",))


def test_an_empty_class_is_an_error(write, tmp_path):
    write.stress(tmp_path, lengths=(300,))
    with pytest.raises(DatasetError, match="no sample of stress"):
        load(tmp_path)


# ---------------------------------------------------------------------------------------- the real files


def test_the_real_set(real_data):
    if not (real_data / "stress-predict.zip").is_file():
        pytest.skip("real data: no stress-predict.zip here")
    bunch = load(real_data)
    assert sorted(set(bunch.groups)) == [f"S{k:02d}" for k in range(2, 31)]
    assert np.bincount(bunch.target).tolist() == [5811, 2658]
    assert (bunch.segments.groupby("group").size() == 7).all()
    mean = bunch.data.mean(axis=(1, 2))
    people = [bunch.groups == group for group in sorted(set(bunch.groups))]
    assert 0.66 <= np.mean([roc_auc_score(bunch.target[mine], mean[mine]) for mine in people]) <= 0.67
    eda = load(real_data, signals=("eda",))
    assert eda.data.shape[1:] == (240, 1) and abs(len(eda.data) - len(bunch.data)) < 10
