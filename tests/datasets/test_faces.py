"""FER-2013 in all its published forms, whole and broken."""

import zipfile

import numpy as np
import pytest

from affectkit import cards, datasets
from affectkit.datasets import DatasetError

pytestmark = pytest.mark.filterwarnings("ignore:.*other counts than the card")


def load(root, **options):
    return datasets.load("fer2013", source="real", root=root, **options)


def expected(rows, usage):
    """Pictures and targets of a usage, as a set that does not depend on their order."""
    return {(k, image.tobytes()) for name, k, image in rows if name == usage}


def found(bunch):
    return {(int(k), image.tobytes()) for k, image in zip(bunch.target, bunch.data, strict=True)}


# ------------------------------------------------------------------------------------------------ whole files


@pytest.mark.parametrize("form", ["fer_csv", "icml_csv"])
@pytest.mark.parametrize("place", ["root", "own folder", "the file itself"])
def test_csv_forms(write, tmp_path, form, place):
    rows = write.faces()
    folder = tmp_path / "data" / ("fer2013" if place == "own folder" else "")
    folder.mkdir(parents=True)
    path = getattr(write, form)(folder / ("fer2013.csv" if form == "fer_csv" else "icml_face_data.csv"), rows)
    root = path if place == "the file itself" else tmp_path / "data"
    for split, usage in (("train", "Training"), ("val", "PublicTest"), ("test", "PrivateTest")):
        bunch = load(root, split=split)
        assert found(bunch) == expected(rows, usage)
        assert bunch.data.dtype == np.uint8 and bunch.data.shape == (14, 48, 48)
        assert bunch.target.dtype == np.int64 and set(bunch.split) == {split}
    assert bunch.source == "real" and bunch.target_names == list(write.FER) and bunch.groups is None


def test_split_none_is_train_and_all_is_all(write, tmp_path):
    rows = write.faces()
    write.fer_csv(tmp_path / "fer2013.csv", rows)
    assert found(load(tmp_path)) == expected(rows, "Training")
    everything = load(tmp_path, split="all")
    assert dict(zip(*np.unique(everything.split, return_counts=True), strict=True)) == {
        "train": 14,
        "val": 14,
        "test": 14,
    }


def test_train_and_test_csv_have_one_labelled_split(write, tmp_path):
    rows = write.faces()
    write.train_test_csv(tmp_path, rows)
    assert found(load(tmp_path)) == expected(rows, "Training")
    with pytest.raises(DatasetError, match="no split 'test'; it has 'train'.*without labels"):
        load(tmp_path, split="test")
    with pytest.raises(DatasetError, match="test.csv, line 1.*no column emotion.*without labels"):
        load(tmp_path / "test.csv")


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_class_folders_are_mapped_by_name_and_split_by_prefix(write, tmp_path, suffix):
    rows = write.faces()
    write.folders(tmp_path / "fer2013", rows, suffix=suffix, spell=str.title)
    (tmp_path / "fer2013" / "README.txt").write_text("beside the folders")
    (tmp_path / "fer2013" / "train" / "Happy" / ".DS_Store").write_text("litter")
    for split, usage in (("train", "Training"), ("val", "PublicTest"), ("test", "PrivateTest")):
        bunch = load(tmp_path, split=split)
        assert np.bincount(bunch.target).tolist() == [2] * 7
        if suffix == ".png":
            assert found(bunch) == expected(rows, usage)
        else:  # lossy: the same picture to a few grey levels
            first = next(image for name, k, image in rows if name == usage and k == 0)
            error = np.abs(bunch.data[bunch.target == 0].astype(int) - first).mean(axis=(1, 2))
            assert error.min() < 10


def test_folders_without_prefix_keep_the_folder_as_split(write, tmp_path):
    rows = write.faces(usages=("Training", "PublicTest"))
    write.folders(tmp_path, rows)
    for path in tmp_path.rglob("PublicTest_*"):
        path.rename(path.with_name(path.name.replace("PublicTest_", "im")))
    assert found(load(tmp_path, split="test")) == expected(rows, "PublicTest")


@pytest.mark.parametrize("form", ["csv", "folders", "nested folders"])
def test_zips(write, tmp_path, form):
    rows = write.faces()
    inside = tmp_path / "inside"
    inside.mkdir()
    if form == "csv":
        write.fer_csv(inside / "fer2013.csv", rows)
    else:
        write.folders(inside, rows)
    (tmp_path / "data").mkdir()
    path = write.zipped(
        tmp_path / "data" / "fer2013.zip", inside, "archive/" if form == "nested folders" else ""
    )
    assert found(load(tmp_path / "data", split="test")) == expected(rows, "PrivateTest")
    assert found(load(path, split="val")) == expected(rows, "PublicTest")


@pytest.mark.parametrize("form", ["deep csv", "zip in the own folder"])
def test_two_copies_never_share_a_cached_file(write, tmp_path, form):
    for seed in range(2):
        folder = tmp_path / str(seed) / "fer2013" / ("archive" if form == "deep csv" else "")
        folder.mkdir(parents=True)
        rows = write.faces(seed=seed)
        if form == "deep csv":
            write.fer_csv(folder / "fer2013.csv", rows)
        else:
            inside = tmp_path / f"inside{seed}"
            write.zipped(folder / "fer2013.zip", write.folders(inside, rows))
        assert found(load(tmp_path / str(seed))) == expected(rows, "Training")


@pytest.mark.parametrize("packed", [False, True])
def test_another_sets_train_csv_is_not_read(write, tmp_path, packed):
    rows = write.faces()
    inside = tmp_path / "inside"
    (inside / "a" / "titanic").mkdir(parents=True)
    (inside / "a" / "titanic" / "train.csv").write_text("PassengerId,Survived\n1,0\n")
    write.train_test_csv(inside, rows)
    write.zipped(tmp_path / "csv.zip", inside)
    assert found(load(tmp_path / "csv.zip")) == expected(rows, "Training")  # by its header
    for name in ("train.csv", "test.csv"):
        (inside / name).unlink()
    write.folders(inside / "archive", rows)
    root = write.zipped(tmp_path / "folders.zip", inside) if packed else tmp_path / "root"
    if not packed:
        inside.rename(tmp_path / "fer2013")
        root = tmp_path
    assert found(load(root)) == expected(rows, "Training")  # the folders come first


def test_split_folders_in_capitals(write, tmp_path):
    rows = write.faces()
    write.folders(tmp_path, rows)
    for name in ("train", "test"):
        (tmp_path / name).rename(tmp_path / name.title())
    assert found(load(tmp_path)) == expected(rows, "Training")


@pytest.mark.parametrize("form", ["fer_csv", "icml_csv"])
def test_blank_lines_at_the_end_of_a_csv(write, tmp_path, form):
    rows = write.faces()
    path = getattr(write, form)(
        tmp_path / ("fer2013.csv" if form == "fer_csv" else "icml_face_data.csv"), rows
    )
    whole = path.read_text()
    path.write_text(whole + "\n \r\n" * 20)
    assert found(load(tmp_path, split="test")) == expected(rows, "PrivateTest")
    lines = whole.splitlines()
    path.write_text("\n".join([*lines[:4], "", *lines[4:]]))  # inside, something is lost
    with pytest.raises(DatasetError, match="line 5: 1 fields instead of 3"):
        load(tmp_path)


def test_neighbours_in_class_folders_differ_in_class(write, tmp_path):
    rows = write.faces(usages=("Training",), each=5)
    rows = [rows[i] for i in np.random.default_rng(0).permutation(len(rows))]
    write.folders(tmp_path, rows)
    assert np.count_nonzero(np.diff(load(tmp_path).target)) > 20  # by class it would be 6


def test_size_and_max_per_class(write, tmp_path):
    rows = write.faces(each=4)
    write.fer_csv(tmp_path / "fer2013.csv", rows)
    small = load(tmp_path, size=24, max_per_class=3, random_state=1)
    assert small.data.shape == (21, 24, 24) and np.bincount(small.target).tolist() == [3] * 7
    assert found(load(tmp_path, max_per_class=3, random_state=1)) <= expected(rows, "Training")
    again = load(tmp_path, size=24, max_per_class=3, random_state=1)
    assert np.array_equal(small.data, again.data)
    assert found(load(tmp_path, max_per_class=3, random_state=2)) != found(
        load(tmp_path, max_per_class=3, random_state=1)
    )


def test_other_counts_than_the_cards_are_a_warning_with_numbers(write, tmp_path):
    write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    with pytest.warns(UserWarning, match="split 'train'.*angry 2 for 3,995.*disgust 2 for 436"):
        load(tmp_path)


# ----------------------------------------------------------------------------------------------- broken files


def broken(write, tmp_path, change):
    """A fer2013.csv with one line changed."""
    path = write.fer_csv(tmp_path / "fer2013.csv", write.faces(usages=("Training",), each=3))
    lines = path.read_text().splitlines()
    lines[4] = change(lines[4])
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda line: line.replace(" ", "", 1), "line 5: 2,303 pixels instead of 2,304"),
        (lambda line: line.replace(" ", " 7 ", 1), "line 5: 2,305 pixels"),
        (lambda line: line.replace(" ", " x", 1), "line 5: pixel 2 is 'x"),
        (lambda line: line.replace(" ", " -", 1), "line 5: pixel 2 is '-"),
        (lambda line: line.replace(" ", " 1.", 1), "line 5: pixel 2 is '1."),
        (
            lambda line: line.replace(" ", " 256 ", 1).replace(" 256 ", " 256,", 1),
            "line 5: 4 fields instead of 3",
        ),
        (lambda line: "1,256" + line[line.index(" ") :], "line 5: pixel 1 is '256'"),
        (lambda line: "1,1000" + line[line.index(" ") :], "line 5: pixel 1 is '1000'"),
        (lambda line: "9" + line[1:], "line 5: emotion is '9'"),
        (lambda line: "" + line[1:], "line 5: emotion is ''"),
        (lambda line: line.replace("Training", "Trainign"), "line 5: usage 'trainign'"),
        (lambda line: line[:100], "line 5: 2 fields instead of 3; is the file cut short"),
    ],
)
def test_a_bad_row_is_named(write, tmp_path, change, message):
    broken(write, tmp_path, change)
    with pytest.raises(DatasetError, match=message) as error:
        load(tmp_path)
    assert "fer2013.csv" in str(error.value) and not list((tmp_path / "cache").rglob("*.npz"))


def test_missing_and_extra_pixels_do_not_cancel_out(write, tmp_path):
    """2,303 pixels in one row and 2,305 in the next make the right number together."""
    path = broken(write, tmp_path, lambda line: line.replace(" ", "", 1))
    lines = path.read_text().splitlines()
    lines[5] = lines[5].replace(" ", " 7 ", 1)
    path.write_text("\n".join(lines))
    with pytest.raises(DatasetError, match="line 5: 2,30[23] pixels|line 5: pixel 1"):
        load(tmp_path)


def test_truncated_csv(write, tmp_path):
    path = write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    path.write_bytes(path.read_bytes()[:-3000])
    with pytest.raises(DatasetError, match="line 43: .* cut short"):
        load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"emotion,pixels,Usage\n", b"\x00\xff\x10binary", b"a,b\n1,2\n"])
def test_a_csv_of_something_else(tmp_path, content):
    (tmp_path / "fer2013.csv").write_bytes(content)
    with pytest.raises(DatasetError, match="fer2013.csv.*(no column|no rows)"):
        load(tmp_path)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("train/happy/notes.txt", b"hello", "notes.txt is no png or jpg"),
        ("train/happy/Training_9.png", b"<html>not found</html>", "Training_9.png is no readable picture"),
        ("train/happy/Training_9.png", b"", "Training_9.png is no readable picture"),
        ("train/rage/Training_9.png", b"", "folder 'rage' is none of the classes angry"),
        ("train/contempt/Training_9.png", b"", "folder 'contempt' is none of the classes"),
    ],
)
def test_a_bad_file_in_the_class_folders_is_named(write, tmp_path, packed, name, content, message):
    root = write.folders(tmp_path / "data", write.faces())
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).write_bytes(content)
    if packed:
        root = write.zipped(tmp_path / "fer2013.zip", root)
    with pytest.raises(DatasetError, match=message):
        load(root)


def test_truncated_and_wrongly_sized_pictures(write, tmp_path):
    root = write.folders(tmp_path / "data", write.faces())
    whole = write.picture(write.faces()[0][2])
    (root / "train/happy/Training_9.png").write_bytes(whole[:600])
    with pytest.raises(DatasetError, match="Training_9.png is no readable picture"):
        load(root)
    (root / "train/happy/Training_9.png").write_bytes(write.picture(np.zeros((64, 48), np.uint8)))
    with pytest.raises(DatasetError, match="Training_9.png: 48 x 64 pixels instead of 48 x 48"):
        load(root)


@pytest.mark.parametrize("how", ["folder missing", "folder empty", "no rows"])
def test_an_empty_class(write, tmp_path, how):
    rows = [row for row in write.faces() if row[1] != 3]
    if how == "no rows":
        write.fer_csv(tmp_path / "fer2013.csv", rows)
    else:
        write.folders(tmp_path, rows)
        if how == "folder empty":
            (tmp_path / "train" / "happy").mkdir()
    with pytest.raises(DatasetError, match="split 'train': no sample of happy"):
        load(tmp_path)


def test_a_split_the_files_lack(write, tmp_path):
    write.folders(tmp_path, write.faces(usages=("Training", "PublicTest")))
    with pytest.raises(DatasetError, match="no split 'test'; it has 'train', 'val'"):
        load(tmp_path, split="test")
    with pytest.raises(DatasetError, match="no split 'test'"):  # never a silent twin
        datasets.load("fer2013", root=tmp_path, split="test")


def test_missing_files(tmp_path):
    with pytest.raises(DatasetError, match=r"fer2013 was not found in .*Kaggle.*fer2013.zip"):
        load(tmp_path)
    with pytest.raises(DatasetError, match="does not exist"):
        load(tmp_path / "nowhere")


def test_an_own_folder_with_something_else_is_no_silent_twin(tmp_path):
    (tmp_path / "fer2013").mkdir()
    (tmp_path / "fer2013" / "readme.md").write_text("to be downloaded")
    with pytest.raises(DatasetError, match="holds none of FER-2013's published forms"):
        datasets.load("fer2013", root=tmp_path)


# ----------------------------------------------------------------------------------------------- hostile zips


@pytest.mark.parametrize(
    "name", ["../escape.png", "/etc/escape.png", "train\\..\\..\\escape.png", "C:/escape.png"]
)
def test_zip_slip(write, tmp_path, name):
    root = write.folders(tmp_path / "inside", write.faces())
    path = write.zipped(tmp_path / "fer2013.zip", root)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"out")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(DatasetError, match="points outside the archive"):
        load(path)
    assert not [p for p in sorted(tmp_path.rglob("*")) if p not in before and "cache" not in p.parts]


def test_zip_bomb(write, tmp_path):
    path = write.zipped(tmp_path / "fer2013.zip", write.folders(tmp_path / "inside", write.faces()))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/happy/Training_9.png", bytes(50_000_000))
    with pytest.raises(DatasetError, match="unpacks to far more"):
        load(path)


def test_damaged_zips(write, tmp_path):
    path = write.zipped(tmp_path / "fer2013.zip", write.folders(tmp_path / "inside", write.faces()))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match="fer2013.zip is not a whole zip"):
        load(path)
    flipped = bytearray(whole)
    flipped[2000:2010] = bytes(10)
    path.write_bytes(flipped)
    with pytest.raises(DatasetError, match="fer2013.zip: test/.*png cannot be unpacked"):
        load(path)


# ---------------------------------------------------------------------------------------- the real files


def test_the_real_zip_has_the_cards_counts(real_data, recwarn):
    card = cards.get("fer2013")
    if not (real_data / "fer2013.zip").is_file():
        pytest.skip("real data: no fer2013.zip here")
    for split in ("train", "val"):
        bunch = load(real_data, split=split)
        assert tuple(np.bincount(bunch.target)) == card.counts[split]
    assert not [w for w in recwarn if "other counts" in str(w.message)]
    with pytest.raises(DatasetError, match="no split 'test'; it has 'train', 'val'"):
        load(real_data, split="test")
