"""Real sets of pictures: what was written in each published form is what is read."""

import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from affectkit import cards, datasets, emotions
from affectkit.datasets import DatasetError, pictures
from affectkit.preprocess import faces

from .picture_writers import encoded, huge

pytestmark = [
    pytest.mark.filterwarnings("ignore:.*other counts than the card"),
    pytest.mark.filterwarnings("ignore:.*parts that are not there"),
]

LOSSLESS = ("ckplus", "kdef-gan", "jaffe", "sfew", "oahega", "landscapes")
SETS = """rafdb-basic rafdb-compound ckplus kdef kdef-gan rafd-frontal rafd-multiview jaffe faces sfew celeba
oahega landscapes""".split()


def load(name, root, **options):
    return datasets.load(name, source="real", root=root, **options)


def matched(bunch, rows):
    """What was written of each picture that was read, in its order; each once."""
    small = faces.resize(np.array([row.image for row in rows]), 32).astype(int)
    number = [
        int(np.abs(small - image).mean(axis=tuple(range(1, small.ndim))).argmin())
        for image in faces.resize(bunch.data, 32)
    ]
    assert sorted(number) == list(range(len(rows)))
    return [rows[k] for k in number]


# ------------------------------------------------------------------------------------------------- round trip


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize("name", SETS)
def test_what_was_written_is_read(write, tmp_path, name, packed):
    rows = [row for row in write.pictures(name, tmp_path / "data") if row.label]
    root = tmp_path / "data"
    if packed:
        (inside,) = root.iterdir()
        if name.startswith("rafdb"):
            (inside,) = inside.iterdir()
        root = write.zipped(tmp_path / f"{name}.zip", inside, "archive/")
    card = cards.get(name)
    size = (64, 64) if name in ("kdef", "rafd-frontal", "rafd-multiview") else card.image_size
    bunch = load(name, root, split="all", size=64 if size == (64, 64) else None)
    assert bunch.source == "real" and bunch.data.dtype == np.uint8 and bunch.target.dtype == np.int64
    assert bunch.data.shape == (len(rows), *size, *((3,) if card.channels == 3 else ()))
    assert bunch.target_names == list(card.classes)
    rows = matched(bunch, rows)
    names = [(bunch.split[k] != "train", row.file.rpartition("/")[2]) for k, row in enumerate(rows)]
    assert names == sorted(names)  # by file and not by class, the same on every system
    for k, row in enumerate(rows):
        if name in LOSSLESS:
            assert np.array_equal(bunch.data[k], row.image)
        else:
            (whole,) = faces.resize(row.image[None], size)
            assert np.abs(bunch.data[k].astype(int) - whole).mean() < 6  # as JPEG keeps it; another: 50
        assert bunch.target_names[bunch.target[k]] == row.label
        assert bunch.split[k] == row.split
        assert (bunch.groups is None and row.group is None) or bunch.groups[k] == row.group
        if hasattr(row, "yaw"):
            assert bunch.pose[k] == pytest.approx([np.radians(row.yaw), 0, 0])
        if hasattr(row, "gaze"):
            assert bunch.gaze[k] == row.gaze
    assert ("pose" in bunch) == hasattr(rows[0], "yaw") and ("trial" in bunch) == (bunch.groups is not None)


def test_the_sets_here_are_all_with_a_layout(write):
    assert set(SETS) == set(pictures.LAYOUTS) == set(write.PICTURES)


def test_the_orders_of_labels_are_the_published_ones():
    """RAF-DB counts from 1, CK+ from 0; the compounds' order is the card's and the kit's."""
    assert pictures.LAYOUTS["rafdb-basic"].read.__globals__["RAFDB"] == [
        "surprise", "fear", "disgust", "happiness", "sadness", "anger", "neutral"]  # fmt: skip
    assert pictures.LAYOUTS["ckplus"].read.__globals__["CKPLUS"] == [
        "neutral", "anger", "contempt", "disgust", "fear", "happiness", "sadness", "surprise"]  # fmt: skip
    assert cards.get("rafdb-compound").classes == tuple(emotions.COMPOUNDS)


def test_trials_are_moments(write, tmp_path):
    """Several cameras at once are one trial; another session, expression or take is another."""
    write.pictures("kdef", tmp_path)
    write.pictures("rafd-multiview", tmp_path)
    write.pictures("faces", tmp_path)
    shutil.copy(tmp_path / "kdef/AF01/AF01ANS.JPG", tmp_path / "kdef/AF01/BF01ANS.JPG")  # session B
    kdef = load("kdef", tmp_path, size=8)
    assert len(set(kdef.trial)) == 15 and len({*zip(kdef.groups, kdef.target, strict=True)}) == 14
    rafd = load("rafd-multiview", tmp_path, size=8)
    assert len(set(rafd.trial)) == 16 < len(rafd.trial) == 64
    both = load("faces", tmp_path, size=8)
    assert len(set(both.trial)) == len(both.trial) == 24
    for bunch in (kdef, rafd, both):
        for trial in set(bunch.trial):
            rows = bunch.trial == trial
            assert len(set(bunch.groups[rows])) == len(set(bunch.target[rows])) == 1


# -------------------------------------------------------------------------------------------------------- CK+


def test_action_units(write, tmp_path):
    rows = [row for row in write.pictures("ckplus", tmp_path) if row.label]
    bunch = load("ckplus", tmp_path)
    assert bunch.action_unit_names == ["AU4", "AU17", "AU25"]
    for k, row in enumerate(matched(bunch, rows)):
        expected = [0.6, 0.6, 1.0] if row.frame == 3 else [0, 0, 0]  # 3 of 5, not scored, 5 of 5
        assert bunch.action_units[k] == pytest.approx(expected)
        assert bunch.action_units_scored[k].tolist() == [True, row.frame == 1, True]


def test_whole_sequences(write, tmp_path):
    rows = [row for row in write.pictures("ckplus", tmp_path) if row.emotion]
    bunch = load("ckplus", tmp_path, frames="all")
    assert len(bunch.data) == 21 and "although the first ones are neutral" in bunch.DESCR
    for k, row in enumerate(matched(bunch, rows)):
        assert bunch.target_names[bunch.target[k]] == row.emotion and bunch.frame[k] == row.frame
        assert np.isnan(bunch.action_units[k]).all() == (row.frame == 2)
    for trial in set(bunch.trial):
        assert sorted(bunch.frame[bunch.trial == trial]) == [1, 2, 3]


def test_neutral_is_frame_one_alone(write, tmp_path):
    """A copy may hold the last frames only: the first of these is no neutral face."""
    rows = write.pictures("ckplus", tmp_path)
    for row in rows:
        if row.frame == 1 and row.sequence != "003":  # S011 then begins in its second sequence
            (tmp_path / row.file).unlink()
    bunch = load("ckplus", tmp_path)
    frames = [(row.frame, row) for row in rows if row.emotion]
    shown = [row for frame, row in frames if frame == 3 or (frame == 1 and row.sequence == "003")]
    for k, row in enumerate(matched(bunch, shown)):
        assert bunch.target_names[bunch.target[k]] == ("neutral" if row.frame == 1 else row.emotion)
    whole = load("ckplus", tmp_path, frames="all")
    assert np.isnan(whole.action_units[whole.frame < 2]).all(axis=1).sum() == 6  # frame 2, now the first


def test_frames_without_labels(write, tmp_path):
    write.pictures("ckplus", tmp_path)
    shutil.rmtree(tmp_path / "ckplus/Emotion")
    with pytest.raises(DatasetError, match="ckplus has frames and no labels .*put the folder or zip"):
        load("ckplus", tmp_path)
    assert (load("ckplus", tmp_path, frames="facs").target == -1).all()


def test_every_coded_peak(write, tmp_path):
    rows = [row for row in write.pictures("ckplus", tmp_path) if row.frame == 3]
    bunch = load("ckplus", tmp_path, frames="facs")
    for k, row in enumerate(matched(bunch, rows)):
        assert (
            (bunch.target[k] == -1)
            if row.emotion is None
            else (bunch.target_names[bunch.target[k]] == row.emotion)
        )
    assert (bunch.target == -1).sum() == 1 and "unlabelled 1" in bunch.DESCR
    assert len(load("ckplus", tmp_path, frames="facs", max_per_class=1).data) == 8
    with pytest.raises(ValueError, match="frames must be 'peak', 'all' or 'facs', not 'first'"):
        load("ckplus", tmp_path, frames="first")


def test_the_zips_as_they_are_handed_out(write, tmp_path):
    """CK+ comes as three zips: they may stay as they are."""
    rows = [row for row in write.pictures("ckplus", tmp_path / "a") if row.label]
    (tmp_path / "b/ckplus").mkdir(parents=True)
    for part, name in dict(Emotion="Emotion_labels", FACS="FACS_labels").items():
        write.zipped(tmp_path / f"b/ckplus/{name}.zip", tmp_path / "a/ckplus" / part, f"{part}/")
    inside = tmp_path / "a/ckplus/cohn-kanade-images"
    write.zipped(tmp_path / "b/ckplus/extended-cohn-kanade-images.zip", inside, "cohn-kanade-images/")
    bunch = load("ckplus", tmp_path / "b")
    for k, row in enumerate(matched(bunch, rows)):
        assert np.array_equal(bunch.data[k], row.image) and bunch.target_names[bunch.target[k]] == row.label
    assert bunch.action_units.shape == (len(rows), 3)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("Emotion/S010/001/S010_001_00000003_emotion.txt", "8.0", "_emotion.txt, line 1: '8.0' is no whole"),
        ("Emotion/S010/001/S010_001_00000003_emotion.txt", "2.5", "'2.5' is no whole number in 0..7"),
        ("Emotion/S010/001/S010_001_00000003_emotion.txt", "nan", "'nan' is no whole number"),
        ("FACS/S010/001/S010_001_00000003_facs.txt", "1.0 2.0\n4.0", "_facs.txt, line 2: '4.0' is no pair"),
        ("FACS/S010/001/S010_001_00000003_facs.txt", "1.0 6.0", "'6.0' is no whole number in 0..5"),
    ],
)
def test_bad_label_files_of_ckplus(write, tmp_path, file, text, message):
    write.pictures("ckplus", tmp_path)
    (tmp_path / "ckplus" / file).write_text(text)
    with pytest.raises(DatasetError, match=message):
        load("ckplus", tmp_path)


# ------------------------------------------------------------------------------------------- what is left out


def test_misnamed_and_black_files_of_kdef(write, tmp_path):
    rows = write.pictures("kdef", tmp_path)
    folder = tmp_path / "kdef/AF01"
    for name in ("AF31V.JPG", "AM31H.JPG", "AF36ANS.JPG"):
        (folder / name).write_bytes((folder / "AF01ANS.JPG").read_bytes())
    Image.new("RGB", (562, 762), (3, 1, 2)).save(folder / "BF13NEFR.JPG", "JPEG")
    with pytest.warns(UserWarning) as caught:
        bunch = load("kdef", tmp_path)
    said = " ".join(str(w.message) for w in caught)
    assert {w.filename for w in caught} == {__file__}  # they point at who called load
    for text in (said, bunch.DESCR):
        assert "AF31V.JPG, AM31H.JPG" in text and "black all over: BF13NEFR.JPG" in text
        assert "no such person: AF36ANS.JPG" in text
    assert len(bunch.data) == len(rows) and len(bunch.pose) == len(rows)
    matched(bunch, rows)


@pytest.mark.parametrize("unpacked", [".", "archive"])
@pytest.mark.parametrize("name", ["rafdb-basic", "ckplus", "kdef-gan", "jaffe", "oahega", "landscapes"])
def test_a_zip_beside_what_was_unpacked_of_it_is_left_out(write, tmp_path, name, unpacked):
    write.pictures(name, tmp_path / "a")
    alone = load(name, tmp_path / "a", size=8)
    place = pictures.find(name, tmp_path / "a").relative_to(tmp_path / "a")
    (tmp_path / "a" / place).rename(tmp_path / "whole")
    (tmp_path / "b" / place / unpacked).parent.mkdir(parents=True)
    shutil.copytree(tmp_path / "whole", tmp_path / "b" / place / unpacked)
    write.zipped(tmp_path / "b" / place / "archive.zip", tmp_path / "whole")
    with pytest.warns(UserWarning, match="left out, a second copy: "):
        both = load(name, tmp_path / "b", size=8)
    assert np.array_equal(both.data, alone.data) and np.array_equal(both.target, alone.target)


def test_a_second_file_of_one_name_is_left_out(write, tmp_path):
    rows = write.pictures("jaffe", tmp_path)
    (tmp_path / "jaffe/again").mkdir()
    with Image.open(tmp_path / rows[0].file) as image:
        image.save(tmp_path / "jaffe/again/KA.AN2.1.png")
    with pytest.warns(UserWarning, match="1 left out, a second copy: KA.AN2.1"):
        assert len(load("jaffe", tmp_path).data) == len(rows)


def test_names_that_tell_nothing_may_come_twice(write, tmp_path):
    """Class folders of several sources number their pictures alike."""
    rows = write.pictures("faces", tmp_path / "a")
    for k, row in enumerate(rows):
        path = tmp_path / f"b/faces/{k % 2}/{row.label}/1{'.jpg' if k < 12 else '.JPEG'}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((tmp_path / "a" / row.file).read_bytes())
    matched(load("faces", tmp_path / "b"), rows)


def test_oahegas_sixth_class_only_by_name(write, tmp_path):
    write.pictures("oahega", tmp_path)
    bunch = load("oahega", tmp_path)
    assert len(bunch.data) == 10 and "2 pictures of others are left out" in bunch.DESCR
    bunch = load("oahega", tmp_path, classes=("ahegao", "sad"))
    assert bunch.target_names == ["sad", "ahegao"] and np.bincount(bunch.target).tolist() == [2, 2]
    with pytest.raises(ValueError, match="classes must name some of angry, .*, ahegao, not"):
        load("oahega", tmp_path, classes=("rage",))


def test_oahegas_table_where_there_are_no_class_folders(write, tmp_path):
    rows = write.pictures("oahega", tmp_path / "a")
    flat = tmp_path / "b/oahega"
    flat.mkdir(parents=True)
    for path in (tmp_path / "a").rglob("*.*"):
        (flat / path.name).write_bytes(path.read_bytes())
    bunch = load("oahega", tmp_path / "b")
    for k, row in enumerate(matched(bunch, rows)):
        assert bunch.target_names[bunch.target[k]] == row.label
    assert "Labels are read from data.csv" in bunch.DESCR
    table = tmp_path / "a/oahega/data.csv"
    table.write_text(table.read_text().replace("angry0000.png,Angry", "angry0000.png,Sad"))
    assert "data.csv says otherwise of 1: angry0000.png" in load("oahega", tmp_path / "a").DESCR


@pytest.mark.parametrize("form", ["folders", "words"])
def test_faces_by_class_folder_or_word(write, tmp_path, form):
    rows = write.pictures("faces", tmp_path / "a")
    for k, row in enumerate(rows):
        name = f"{row.label}/{k}.jpg" if form == "folders" else f"{k}_{row.label}.jpg"
        path = tmp_path / "b/faces" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((tmp_path / "a" / row.file).read_bytes())
    bunch = load("faces", tmp_path / "b")
    for k, row in enumerate(matched(bunch, rows)):
        assert bunch.target_names[bunch.target[k]] == row.label
    assert bunch.groups is None and f"by {'class folder' if form == 'folders' else 'a word'}" in bunch.DESCR


def test_generated_faces_by_class_folder(write, tmp_path):
    rows = write.pictures("kdef-gan", tmp_path / "a")
    for k, row in enumerate(rows):
        path = tmp_path / f"b/kdef-gan/GAN_KDEF_Candie/{row.label}/{k}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes((tmp_path / "a" / row.file).read_bytes())
    bunch = load("kdef-gan", tmp_path / "b")
    for k, row in enumerate(matched(bunch, rows)):
        assert bunch.target_names[bunch.target[k]] == row.label


def test_whole_stills_where_sfew_has_no_aligned_faces(write, tmp_path):
    write.pictures("sfew", tmp_path)
    for split in ("Train", "Val"):
        shutil.rmtree(tmp_path / f"sfew/{split}_Aligned_Faces")
    bunch = load("sfew", tmp_path, split="val")
    assert bunch.data.shape == (7, 143, 181, 3) and "whole stills" in bunch.DESCR
    with pytest.raises(DatasetError, match="no split 'test'; it has 'train', 'val'"):
        load("sfew", tmp_path, split="test")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("train_00001.jpg 1", "train_00001.jpg 8"), "line 8: .* up to 7"),
        (
            lambda text: text.replace("train_00001.jpg 1", "train_00001.jpg"),
            "line 8: 'train_00001.jpg' is not",
        ),
        (lambda text: text + "train_00001.jpg 2\n", "line 15: train_00001 stands in line 8 already"),
        (lambda text: text + "train_00099.jpg 2\n", "line 15: no picture train_00099_aligned.jpg"),
    ],
)
def test_bad_label_lists_of_rafdb(write, tmp_path, change, message):
    write.pictures("rafdb-basic", tmp_path)
    path = tmp_path / "rafdb/basic/EmoLabel/list_patition_label.txt"
    path.write_text(change(path.read_text()))
    with pytest.raises(DatasetError, match=f"list_patition_label.txt, {message}"):
        load("rafdb-basic", tmp_path)


@pytest.mark.parametrize("name", SETS)
def test_something_else_in_its_place(write, tmp_path, name):
    place = tmp_path / pictures.LAYOUTS[name].places[0]
    place.mkdir(parents=True)
    (place / "readme.md").write_text("to be downloaded")
    with pytest.raises(DatasetError, match="(does not hold|has 0 label lists)"):
        datasets.load(name, root=tmp_path)  # never a silent twin


def test_an_empty_class_and_other_counts(write, tmp_path):
    rows = write.pictures("jaffe", tmp_path)
    with pytest.warns(UserWarning, match="other counts than the card of jaffe gives: angry 2 for 30"):
        load("jaffe", tmp_path)
    for row in rows:
        if row.label == "happy":
            (tmp_path / row.file).unlink()
    with pytest.raises(DatasetError, match="no sample of happy"):
        load("jaffe", tmp_path)


# --------------------------------------------------------------------------------------- sizes, draws, caches


def test_few_of_many_open_few(write, tmp_path, monkeypatch):
    """CelebA has 202,599 pictures: only those that are drawn are opened."""
    write.pictures("celeba", tmp_path)
    opened, read = [], pictures.read_picture
    monkeypatch.setattr(pictures, "read_picture", lambda *a, **k: opened.append(a[1]) or read(*a, **k))
    bunch = load("celeba", tmp_path, max_per_class=2, size=16)
    assert len(opened) == 2 and bunch.data.shape == (2, 16, 16, 3)
    again = load("celeba", tmp_path, max_per_class=2, size=16)
    assert len(opened) == 2 and np.array_equal(again.data, bunch.data)  # from the cache
    (tmp_path / "celeba/img_align_celeba/000001.jpg").write_bytes(
        (tmp_path / "celeba/img_align_celeba/000002.jpg").read_bytes()
    )
    assert len(load("celeba", tmp_path, size=16).data) == 6


def test_wild_pictures_and_people_without_a_name(write, tmp_path):
    """CelebA's pictures in the wild are numbered as the aligned ones are; a list may be cut short."""
    rows = write.pictures("celeba", tmp_path)
    shutil.copytree(tmp_path / "celeba/img_align_celeba", tmp_path / "celeba/img_celeba")
    path = tmp_path / "celeba/identity_CelebA.txt"
    path.write_text("\n".join(path.read_text().splitlines()[1:]))
    with pytest.warns(UserWarning, match="6 left out, not below img_align_celeba.*: 000001.jpg"):
        bunch = load("celeba", tmp_path, size=8)
    who = ["img_align_celeba/000001.jpg", *(row.group for row in rows[1:])]
    assert bunch.groups.tolist() == who and len(set(bunch.trial)) == 6


def test_reading_in_parts_changes_nothing(write, tmp_path, monkeypatch):
    write.pictures("rafd-multiview", tmp_path)
    whole = load("rafd-multiview", tmp_path, size=32)
    monkeypatch.setattr(pictures, "PART", 5 * 32 * 32 * 3)
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "other"))
    parts = load("rafd-multiview", tmp_path, size=32)
    for key in ("data", "target", "groups", "trial", "pose", "gaze"):
        assert np.array_equal(whole[key], parts[key])


def test_more_than_the_memory_is_refused_with_numbers(write, tmp_path, monkeypatch):
    import psutil

    write.pictures("kdef", tmp_path)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("M", (), {"available": 10_000_000}))
    with pytest.raises(DatasetError, match="kdef: 35 pictures of 762x562 pixels would take .* GB.*size="):
        load("kdef", tmp_path)
    assert load("kdef", tmp_path, size=32).data.shape == (35, 32, 32, 3)


def test_stretching_is_said(write, tmp_path):
    write.pictures("kdef", tmp_path)
    assert "stretched" not in load("kdef", tmp_path).DESCR
    assert "35 of 35 pictures have other proportions than 64 x 64" in load("kdef", tmp_path, size=64).DESCR


def test_where_sets_are_looked_for(write, tmp_path):
    write.pictures("kdef", tmp_path)
    write.pictures("rafdb-compound", tmp_path)
    assert pictures.find("kdef", tmp_path) == pictures.find("kdef", tmp_path / "kdef") == tmp_path / "kdef"
    assert pictures.find("kdef", tmp_path / "kdef/AF01") == tmp_path / "kdef/AF01"  # by what it holds
    assert pictures.find("rafdb-compound", tmp_path / "rafdb") == tmp_path / "rafdb/compound"
    assert pictures.find("rafdb-basic", tmp_path) is None and pictures.find("landscapes", tmp_path) is None
    (tmp_path / "kdef").rename(tmp_path / "KDEF")
    assert pictures.find("kdef", tmp_path) == tmp_path / "KDEF"
    (tmp_path / "SFEW_2.zip").write_bytes(b"")
    assert pictures.find("sfew", tmp_path) == tmp_path / "SFEW_2.zip"
    assert pictures.find("wellbeing", tmp_path / "SFEW_2.zip") is None  # it has more than one part
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/x.jpg").write_bytes(b"")
    assert pictures.find("landscapes", tmp_path / "mine") == tmp_path / "mine"


# ------------------------------------------------------------------------------------------- the combined set


@pytest.fixture
def merged(write, tmp_path):
    write.fer_csv(tmp_path / "fer2013.csv", write.faces())
    for name in ("jaffe", "faces", "kdef", "kdef-gan", "rafd-multiview"):
        write.pictures(name, tmp_path)
    return tmp_path


def test_the_combined_set(merged):
    bunch = load("wellbeing", merged, split="all", size=16)
    card = cards.get("wellbeing")
    assert bunch.target_names == list(card.classes) and bunch.data.shape[1:] == (16, 16, 3)
    part = np.array([group.split(" ")[0] for group in bunch.groups])
    assert {name: int((part == name).sum()) for name in set(part)} == {
        "fer2013": 42, "jaffe": 14, "faces": 24, "rafd": 42,  # 2 people x 7 x 3 pictures within 45 degrees
        "kdef": 7 + 14 + 14,  # F01 straight, M35 half profiles, and the generated ones
    }  # fmt: skip
    for group in set(bunch.groups):
        assert len(set(bunch.split[bunch.groups == group])) == 1  # nobody on both sides
    assert set(bunch.split[part == "fer2013"]) == {"train", "test"}
    assert "jaffe 14 + 0 (the paper has 168 + 45)" in bunch.DESCR
    train = load("wellbeing", merged, size=16)
    assert set(train.split) == {"train"} and np.array_equal(train.data, bunch.data[bunch.split == "train"])


def test_nobody_is_trained_on_as_real_and_tested_as_generated(write, tmp_path):
    """KDEF and the faces generated from it show the same people, of whom a copy may lack any."""
    for name in ("kdef", "kdef-gan"):
        for row in write.pictures(name, tmp_path):
            for number in range(1, 10 if name == "kdef" else 7):
                file = (tmp_path / row.file).with_name(
                    (tmp_path / row.file).name.replace(row.group, f"{row.group[0]}{number:02d}")
                )
                file.write_bytes((tmp_path / row.file).read_bytes())
    bunch = load("wellbeing", tmp_path, split="all", size=8)
    assert {split: len(set(bunch.groups[bunch.split == split])) for split in ("train", "test")} == {
        "train": 16, "test": 3}  # fmt: skip
    for group in set(bunch.groups):
        assert len(set(bunch.split[bunch.groups == group])) == 1


def test_whose_name_nobody_knows_is_trained_on(write, tmp_path):
    write.pictures("kdef", tmp_path)
    for row in write.pictures("kdef-gan", tmp_path / "a"):
        path = tmp_path / f"kdef-gan/{row.label}/{row.group}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tmp_path / "a" / row.file, path.with_stem("picture" + path.stem))
    with pytest.warns(UserWarning, match="nobody knows who is shown in 14 pictures of kdef-gan: all are"):
        bunch = load("wellbeing", tmp_path, split="all", size=8)
    assert "kdef-gan 14 + 0" in bunch.DESCR and "kdef 21 + 0" in bunch.DESCR


def test_labels_of_the_combined_set_are_the_parts(merged):
    bunch = load("wellbeing", merged, split="all", size=16)
    part = np.array([str(group).split(" ")[0] for group in bunch.groups])
    for name in ("jaffe", "rafd-multiview"):
        own = load(name, merged, size=16)
        names = [emotions.canonical(label) for label in own.target_names]
        for image, target, person in zip(own.data, own.target, own.groups, strict=True):
            image = image if image.ndim == 3 else np.repeat(image[..., None], 3, -1)
            mine = part == name.split("-")[0]
            same = np.flatnonzero(mine & (np.abs(bunch.data.astype(int) - image).max(axis=(1, 2, 3)) <= 1))
            for k in same:
                assert emotions.canonical(bunch.target_names[bunch.target[k]]) == names[target]
                assert bunch.groups[k] == f"{name.split('-')[0]} {person}"
            assert len(same) or names[target] == "contempt" or name != "jaffe"


def test_the_combined_set_of_few_parts_and_its_groupings(write, tmp_path):
    assert pictures.find("wellbeing", tmp_path) is None
    write.pictures("faces", tmp_path)
    with pytest.raises(DatasetError, match="wellbeing was not found"):  # one part is no merge
        load("wellbeing", tmp_path)
    write.pictures("jaffe", tmp_path)
    with pytest.warns(UserWarning, match="parts that are not there: fer2013, kdef, rafd-multiview, kdef-gan"):
        bunch = load("wellbeing", tmp_path, size=8)
    three = load("wellbeing", tmp_path, size=8, grouping="B")
    assert three.target_names == ["negative", "neutral", "positive"]
    surprise = (bunch.target == bunch.target_names.index("surprise")).sum()
    assert len(three.data) == len(three.groups) == len(three.trial) == len(bunch.data) - surprise
    assert "Grouping B" in three.DESCR
    two = datasets.load("wellbeing", source="twin", size=8, max_per_class=1, grouping="C")
    assert two.target_names == ["negative", "positive"] and np.bincount(two.target).tolist() == [4, 2]
    with pytest.raises(ValueError, match="grouping must be one of A, B, C"):
        load("wellbeing", tmp_path, size=8, grouping="D")


# --------------------------------------------------------------------------------------- pictures in the wild


@pytest.fixture
def colours():
    tiles = np.random.default_rng(0).integers(0, 256, (4, 5, 3), dtype=np.uint8)
    return Image.fromarray(tiles).resize((50, 40), Image.Resampling.NEAREST)


def close(found, expected, most=7):
    assert found.shape == np.shape(expected) and found.dtype == np.uint8
    assert np.abs(found.astype(int) - np.asarray(expected)).mean() < most


def test_cmyk(colours):
    ink = colours.convert("CMYK")
    for kind in ("JPEG", "TIFF"):
        close(pictures.read_picture(encoded(ink, kind, quality=95), "x"), colours)


def test_palettes_with_and_without_a_transparent_colour(colours):
    palette = colours.convert("P", palette=Image.Palette.ADAPTIVE)
    plain = palette.convert("RGB")
    close(pictures.read_picture(encoded(palette, "PNG"), "x"), plain, 0.1)
    close(pictures.read_picture(encoded(palette, "GIF"), "x"), plain, 0.1)
    index = int(np.asarray(palette)[0, 0])
    found = pictures.read_picture(encoded(palette, "PNG", transparency=index), "x")
    assert (found[np.asarray(palette) == index] == 255).all() and not (found == 255).all()


def test_alpha_is_on_white(colours):
    seen = colours.copy()
    seen.putalpha(Image.fromarray(np.repeat(np.uint8([[0], [255]]), 20, 0).repeat(50, 1)))
    found = pictures.read_picture(encoded(seen, "PNG"), "x")
    assert (found[:20] == 255).all() and np.array_equal(found[20:], np.asarray(colours)[20:])
    grey = pictures.read_picture(encoded(seen.convert("LA"), "PNG"), "x", channels=1)
    assert grey.shape == (40, 50) and (grey[:20] == 255).all()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_16_bit_grey_keeps_its_whole_range(kind):
    deep = np.linspace(0, 65_535, 2000).reshape(40, 50).astype(np.uint16)
    found = pictures.read_picture(encoded(Image.fromarray(deep), kind), "x", channels=1)
    assert np.array_equal(found, np.round(deep / 257).astype(np.uint8)) and found.max() == 255


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_held_sideways_are_turned_upright(colours, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90",
             7: "TRANSVERSE", 8: "ROTATE_270"}  # fmt: skip
    held = colours.transpose(Image.Transpose[turns[orientation]]) if orientation > 1 else colours
    found = pictures.read_picture(encoded(held, "JPEG", quality=95, exif=exif), "x")
    close(found, colours)


def test_other_modes(colours):
    close(
        pictures.read_picture(encoded(colours.convert("1"), "PNG"), "x", channels=1),
        colours.convert("1").convert("L"),
    )
    grey = np.asarray(colours.convert("L"))
    close(pictures.read_picture(encoded(colours.convert("L"), "BMP"), "x"), np.repeat(grey[..., None], 3, -1))
    close(pictures.read_picture(encoded(colours, "WEBP", lossless=True), "x", channels=1), grey)
    for kind in (np.float32, np.int32):
        with pytest.raises(DatasetError, match="no readable picture .grey levels"):
            pictures.read_picture(encoded(Image.fromarray(np.full((4, 4), 70_000, kind)), "TIFF"), "x")


@pytest.mark.parametrize(
    "sides", [(8_000, 8_000), (12_000, 12_000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)]
)
def test_huge_headers_are_refused_before_any_pixel(sides):
    with pytest.raises(DatasetError, match="/a/b.png.*(larger|more) than any picture of such a set"):
        pictures.read_picture(huge(*sides), "/a/b.png")


@pytest.mark.parametrize(
    "content", [b"", b"<html>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%!PS-Adobe-3.0 EPSF-3.0\n"]
)
def test_what_is_no_picture(content):
    with pytest.raises(DatasetError, match="/a/b.png is no readable picture"):
        pictures.read_picture(content, "/a/b.png")


def test_truncated_pictures_are_named(write, tmp_path):
    rows = write.pictures("jaffe", tmp_path)
    path = tmp_path / rows[0].file
    path.write_bytes(path.read_bytes()[:3000])
    with pytest.raises(DatasetError, match=f"{path.name} is no readable picture"):
        load("jaffe", tmp_path)


def test_a_file_of_many_bytes_is_not_read_whole(write, tmp_path, monkeypatch):
    rows = write.pictures("jaffe", tmp_path)
    monkeypatch.setattr(pictures, "MOST_BYTES", 1000)
    with pytest.raises(DatasetError, match="KA.AN.*has more than 1,000 bytes"):
        load("jaffe", tmp_path)
    assert rows


# ------------------------------------------------------------------------------------------------------ crops


def test_without_opencv_the_middle_is_cut_out_and_it_is_said(write, tmp_path, monkeypatch):
    write.pictures("jaffe", tmp_path)
    with pytest.warns(UserWarning, match="no face was found in 14 of 14 pictures"):
        load("jaffe", tmp_path, crop=True)
    monkeypatch.setattr(faces, "detectors", lambda: None)
    with pytest.warns(UserWarning, match="OpenCV below 5 is not installed, so the central square"):
        bunch = load("jaffe", tmp_path, crop=True)
    assert "central square" in bunch.DESCR and bunch.data.shape == (14, 256, 256)


@pytest.mark.filterwarnings("ignore:.*no face was found")
def test_crops_are_square(write, tmp_path):
    """What was cut out as a square is not stretched to the shape of whole pictures."""
    write.pictures("sfew", tmp_path)
    assert load("sfew", tmp_path).data.shape[1:3] == (143, 181)
    bunch = load("sfew", tmp_path, crop=True)
    assert bunch.data.shape[1:3] == (143, 143) and "stretched" not in bunch.DESCR


def test_crops_of_the_combined_set_are_of_all_its_parts(write, tmp_path, monkeypatch):
    monkeypatch.setattr(faces, "detectors", lambda: ())
    monkeypatch.setattr(faces, "find_face", lambda image: (0, 0, 20) if len(image) == 48 else None)
    write.pictures("jaffe", tmp_path)
    write.fer_csv(tmp_path / "fer2013.csv", write.faces(usages=("Training",), each=1))
    whole = load("wellbeing", tmp_path, size=24)
    with pytest.warns(UserWarning, match="no face was found in 14 of 21 pictures"):
        bunch = load("wellbeing", tmp_path, size=24, crop=True)
    assert not np.array_equal(whole.data, bunch.data)
    for image in (image for _, _, image in write.faces(usages=("Training",), each=1)):
        assert (bunch.data == image[:24, :24, np.newaxis]).all((1, 2, 3)).any()  # a fifth wider


def test_crops_and_whole_pictures_are_kept_apart(write, tmp_path, monkeypatch):
    rows = write.pictures("jaffe", tmp_path)
    load("jaffe", tmp_path, size=24)
    monkeypatch.setattr(faces, "detectors", lambda: ())
    monkeypatch.setattr(faces, "find_face", lambda image: (0, 0, 100))
    bunch = load("jaffe", tmp_path, size=24, crop=True)
    expected = faces.resize(np.array([row.image[:120, :120] for row in rows]), 24)
    assert {image.tobytes() for image in bunch.data} == {image.tobytes() for image in expected}
    monkeypatch.setattr(faces, "find_face", lambda image: None)
    write.fer_csv(tmp_path / "fer2013.csv", write.faces(usages=("Training",), each=1))
    with pytest.warns(UserWarning, match="no face was found in 7 of 7 pictures"):
        load("fer2013", tmp_path, crop=True)


@pytest.mark.filterwarnings("ignore:.*no face was found")
def test_crops_of_twins_are_cut_out_of_whole_pictures():
    whole = datasets.load("jaffe", source="twin", max_per_class=1)
    bunch = datasets.load("jaffe", source="twin", max_per_class=1, size=24, crop=True)
    expected = [faces.resize(faces.crop(image)[0][None], 24)[0] for image in whole.data]
    assert np.array_equal(bunch.data, expected) and "Viola and Jones" in bunch.DESCR


# ------------------------------------------------------------------------------------------- options that fit


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("kdef", dict(window=10), "window is for signals, and kdef is a set of faces"),
        ("kdef", dict(signals=("bvp",)), "signals is for signals and pairs, and kdef is a set of faces"),
        ("landscapes", dict(crop=True), "crop is for faces, and landscapes is a set of scenes"),
        (
            "stress-predict",
            dict(size=9),
            "size is for faces and scenes and pairs, and stress-predict is a set of signals",
        ),
        ("kdef", dict(frames="all"), "frames is for ckplus"),
        ("kdef", dict(classes=("sad",)), "classes is for oahega"),
        ("kdef", dict(grouping="A"), "grouping is for wellbeing"),
    ],
)
def test_options_that_would_do_nothing_are_refused(name, options, message):
    with pytest.raises(ValueError, match=message):
        datasets.load(name, **options)


def test_choices_that_the_twin_has_not():
    with pytest.raises(DatasetError, match="the twin of ckplus has no choice of frames"):
        datasets.load("ckplus", source="twin", frames="all")


# ----------------------------------------------------------------------------------------------- hostile zips


def test_locked_zips(write, tmp_path):
    """SFEW's come with a password; the flag says so in both headers of each file."""
    write.pictures("jaffe", tmp_path)
    content = bytearray(write.zipped(tmp_path / "own.zip", tmp_path / "jaffe").read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = -1
        while (start := content.find(mark, start + 1)) >= 0:
            content[start + at] |= 1
    (tmp_path / "own.zip").write_bytes(content)
    with pytest.raises(DatasetError, match="own.zip: KA.*unpack it yourself, with its password"):
        load("jaffe", tmp_path / "own.zip")


@pytest.mark.parametrize("name", ["../x.jpg", "/x.jpg", "a/../../x.jpg", "C:/x.jpg"])
def test_zips_that_point_outside(write, tmp_path, name):
    write.pictures("jaffe", tmp_path)
    path = write.zipped(tmp_path / "own.zip", tmp_path / "jaffe")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo(name), b"out")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/jaffe").mkdir()
    inner = tmp_path / "in/jaffe/own.zip"  # a zip in a folder is judged as any
    inner.write_bytes(path.read_bytes())
    for root in (path, tmp_path / "in"):
        with pytest.raises(DatasetError, match="points outside the archive"):
            load("jaffe", root)
