"""Doors to real face data sets: published files in, uint8 arrays out."""

import io
import itertools
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from .. import cards, emotions
from ._errors import DatasetError
from ._files import Tree, holds_files

# The splits in the makers' words (Usage column, and prefix of file names), and as folders are called in
# copies.
_USAGE = {"training": "train", "publictest": "val", "privatetest": "test"}
_FOLDERS = {"train": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}
_CSV = ("fer2013.csv", "icml_face_data.csv", "train.csv")  # best first: the first two hold all three splits
_IMAGES = (".png", ".jpg", ".jpeg")
_SIDE = 48
_PIXELS = _SIDE * _SIDE
_ROWS = 16  # parsed at a time: 130 kB of text, which stays in the processor's cache (64 rows: 20 % slower)


def find_fer2013(root):
    """Where FER-2013 lies, in any of its published forms: a Path, or None.

    Looked for in ``root`` itself and in ``root/fer2013`` (also nested once more): fer2013.csv,
    icml_face_data.csv, train.csv, class folders train/ and test/; then fer2013.zip. ``root`` may also be
    such a file.
    """
    root = Path(root)
    if root.is_file():
        return root if root.suffix.lower() in (".csv", ".zip") else None
    for place in (root, root / "fer2013", root / "fer2013" / "fer2013"):
        for name in _CSV:
            if (place / name).is_file() and (name != "train.csv" or _is_fer_file(place / name)):
                return place / name
        if place.is_dir() and any(_has_classes(f) for f in place.iterdir() if f.name.lower() in _FOLDERS):
            return place
    names = ("fer2013", "fer-2013", "fer2013.csv", "icml_face_data.csv")
    zips = (place / f"{name}.zip" for place in (root, root / "fer2013") for name in names)
    # an own folder that holds something else is found as well, so that reading it says what is missing
    return next((path for path in (*zips, root / "fer2013") if path.is_file() or holds_files(path)), None)


def sources_fer2013(path):
    """(label, Path) of every file that ``read_fer2013(path)`` reads: what its cache is keyed by."""
    if path.is_file():
        return [(path.name.lower(), path)]
    with Tree(path) as tree:
        return tree.sources(_files(tree)[1])


def read_fer2013(path):
    """Read FER-2013.

    Parameters
    ----------
    path : Path
        What ``find_fer2013`` found.

    Returns
    -------
    dict of str to ndarray
        For each split that the files hold: "train_data" uint8 (n, 48, 48) and "train_target" int64 (n,), and
        likewise "val_..." and "test_...".

    Raises
    ------
    DatasetError
        Nothing published as FER-2013 lies there, or a row or picture is not as it should be.
    """
    if path.suffix.lower() == ".csv" and path.is_file():
        try:
            with open(path, "rb") as file:
                rows = _read_csv(file, str(path), has_usage=path.name.lower() != "train.csv")
        except OSError as error:
            raise DatasetError(
                f"{path} cannot be read ({error.strerror}): check that it is there and that you may read it"
            ) from error
    else:
        with Tree(path) as tree:
            form, names = _files(tree)
            if form == "folders":
                rows = _read_folders(tree, names)
            else:
                with tree.open(names[0]) as file:
                    has_usage = not names[0].lower().endswith("train.csv")
                    rows = _read_csv(file, tree.place(names[0]), has_usage=has_usage)
    images, target, split = rows
    found = {}
    for name in dict.fromkeys(_USAGE.values()):
        mine = split == name
        if mine.any():
            found[f"{name}_data"], found[f"{name}_target"] = images[mine], target[mine]
    return found


def _files(tree):
    """What is read of a folder or zip: "folders" and all in its split folders, or "csv" and its best CSV."""
    inside = [name for name in tree.names if _split_folder(name)]
    if any(name.lower().endswith(_IMAGES) for name in inside):
        return "folders", inside
    for wanted in _CSV:
        for name in (name for name in tree.names if name.rsplit("/", 1)[-1].lower() == wanted):
            with tree.open(name) as file:
                if wanted != "train.csv" or _is_fer(file):
                    return "csv", [name]
    raise DatasetError(
        f"{tree.path} holds none of FER-2013's published forms: {', '.join(_CSV)}, or pictures in "
        "train/<class>/ and test/<class>/"
    )


def _has_classes(folder):
    """Whether a folder holds class folders."""
    return folder.is_dir() and any(
        _class(path.name) is not None for path in folder.iterdir() if path.is_dir()
    )


def _class(name):
    """FER-2013's number of a class, by any spelling of its name; None where it has no such class."""
    try:
        return [emotions.canonical(label) for label in cards.get("fer2013").classes].index(
            emotions.canonical(name)
        )
    except ValueError:
        return None


def _is_fer(file):
    """Whether a CSV's header is that of faces: other sets have a train.csv as well."""
    return b"pixels" in file.readline(200).lower()


def _is_fer_file(path):
    try:
        with open(path, "rb") as file:
            return _is_fer(file)
    except OSError:
        return True  # reading it properly will say why not


def _read_csv(file, place, *, has_usage):
    """All rows of a CSV of faces: images (n, 48, 48), target (n,), split (n,)."""
    first = file.readline(1000).decode("utf-8-sig", "replace")
    header = [name.strip(' "\r\n').lower() for name in first.split(",")]
    wanted = ["emotion", "pixels", *(["usage"] if has_usage else [])]
    missing = [name for name in wanted if name not in header]
    if missing:
        unlabelled = "emotion" in missing and "pixels" in header
        hint = " (test.csv was published without labels)" if unlabelled else ""
        raise DatasetError(
            f"{place}, line 1: no column {' or '.join(missing)} among {', '.join(header)[:80]}{hint}; "
            "the published files begin emotion,pixels,Usage or emotion, Usage, pixels"
        )
    columns = [header.index(name) for name in wanted]
    pixels, target, split = bytearray(), [], []
    line = 2
    while rows := list(itertools.islice(file, _ROWS)):
        texts = []
        for k, row in enumerate(rows):
            if not row.strip() and not any(map(bytes.strip, itertools.chain(rows[k:], file))):
                break  # nothing but blank lines to the end
            fields = row.split(b",")
            if len(fields) != len(header):
                raise DatasetError(
                    f"{place}, line {line + k}: {len(fields)} fields instead of {len(header)}; is the "
                    "file cut short? Fetch it again"
                )
            emotion, text, *usage = (fields[column].strip(b' "\r\n') for column in columns)
            texts.append(text)
            target.append(_number(emotion, 6, "emotion", place, line + k))
            usage = usage[0].decode("ascii", "replace").lower() if usage else "training"
            if usage not in _USAGE:
                raise DatasetError(
                    f"{place}, line {line + k}: usage {usage!r} is none of Training, PublicTest, PrivateTest"
                )
            split.append(_USAGE[usage])
        values = _integers(texts)
        if values is None:  # some row of these is wrong; find out which, slowly
            values = np.array(
                [_slow_integers(text, place, line + k) for k, text in enumerate(texts)], np.uint8
            )
        pixels += values.tobytes()
        line += len(rows)
    if not target:
        raise DatasetError(f"{place} has a header and no rows: fetch it again")
    images = np.frombuffer(pixels, np.uint8).reshape(-1, _SIDE, _SIDE)
    return images, np.array(target, np.int64), np.array(split)


def _integers(texts):
    """Pixels of several rows at once, uint8 (rows * 2304,); None where anything is unusual.

    Every byte is looked at in whole-array operations: an integer ends where a digit is followed by none, and
    its value is put together from the (up to three) digits that end there.
    """
    text = np.frombuffer(b"  " + b" ".join(texts) + b" ", np.uint8)
    value = text - np.uint8(48)  # bytes below "0" wrap round to large values
    digit = value < 10
    value *= digit
    ends = np.flatnonzero(digit[:-1] > digit[1:])
    low = value[1:-1] * np.uint8(10)  # at each place: the number that ends two further on, were it there
    low += value[2:]
    high, two_before = value[:-2] * digit[1:-1], ends - 2
    number = high[two_before].astype(np.uint16)
    number *= np.uint16(100)
    number += low[two_before]
    count = np.diff(np.searchsorted(ends, np.cumsum([1] + [len(text) + 1 for text in texts])))
    strange = np.count_nonzero(digit) + np.count_nonzero(text == 32) != text.size  # neither digit nor blank
    two = digit[1:] & digit[:-1]
    long = np.any(two[2:] & two[:-2])  # four digits in a row
    if strange or long or np.any(count != _PIXELS) or number.max(initial=0) > 255:
        return None
    return number.astype(np.uint8)


def _slow_integers(text, place, line):
    values = text.split()
    if len(values) != _PIXELS:
        raise DatasetError(
            f"{place}, line {line}: {len(values):,} pixels instead of {_PIXELS:,} (48 x 48); is the file "
            "cut short or edited? Fetch it again, or remove that line"
        )
    return [_number(value, 255, f"pixel {k + 1}", place, line) for k, value in enumerate(values)]


def _number(text, most, what, place, line):
    if not text.isdigit() or int(text) > most:
        raise DatasetError(
            f"{place}, line {line}: {what} is {text.decode('ascii', 'replace')[:20]!r}, not a whole "
            f"number in 0..{most}; fetch the file again, or remove that line"
        )
    return int(text)


def _split_folder(name):
    """The folder that tells the split, "train" in "any/train/happy/x.png"; None where there is none."""
    parts = name.lower().split("/")
    return next((part for part in parts[-3:-1] if part in _FOLDERS), None)


def _read_folders(tree, names):
    """All pictures of a tree's class folders, ordered by file name: images, target, split."""
    rows, number = [], {}
    for name in names:
        label, file = name.split("/")[-2:]
        if label not in number:
            number[label] = _class(label)
        if number[label] is None:
            raise DatasetError(
                f"{tree.place(name)}: folder {label!r} is none of the classes "
                f"{', '.join(cards.get('fer2013').classes)}; rename it or take it out"
            )
        if not file.lower().endswith(_IMAGES):
            raise DatasetError(f"{tree.place(name)} is no png or jpg: take it out of the class folder")
        # The prefix decides: test/ holds PublicTest_* as well, the validation split (in some copies alone).
        split = _USAGE.get(file.split("_")[0].lower(), _FOLDERS[_split_folder(name)])
        rows.append((file, number[label], split, name))
    rows.sort()  # by file name, not by class: neighbours then differ, as in the published table
    images = np.empty((len(rows), _SIDE, _SIDE), np.uint8)
    for k, (*_, name) in enumerate(tqdm(rows, desc="reading fer2013", unit="face", leave=False, delay=1)):
        images[k] = _decode(tree.read(name), tree.place(name))
    return images, np.array([row[1] for row in rows], np.int64), np.array([row[2] for row in rows])


def _decode(content, place):
    """One picture, uint8 (48, 48)."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            if image.size != (_SIDE, _SIDE):  # before any pixel is unpacked
                raise DatasetError(
                    f"{place}: {image.width} x {image.height} pixels instead of {_SIDE} x {_SIDE}; is it "
                    "from another data set? Take it out"
                )
            return np.asarray(image if image.mode == "L" else image.convert("L"))
    except DatasetError:
        raise
    except (OSError, ValueError, SyntaxError) as error:  # what Pillow raises on files that are no pictures
        raise DatasetError(
            f"{place} is no readable picture ({error}): fetch it again or take it out"
        ) from error
