"""Doors to real sets of pictures: files as ``_layouts`` finds them in, uint8 arrays out.

Pictures are drawn before any is opened, read in parts, and each part is kept: a large set takes no more
memory than what was asked for, and a reading that is interrupted goes on where it stopped.
"""

import contextlib
import hashlib
import io
import re
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image, ImageOps
from tqdm.auto import tqdm

from .. import cards, emotions, preprocess
from . import _cache, faces
from ._errors import DatasetError
from ._files import Tree, holds_files
from ._layouts import LAYOUTS, Rows, listed
from ._twins import PART, check_memory

MOST_PACKED = 64 << 30  # bytes in one archive: none is unpacked as a whole, and CelebA in the wild has 10 GB
MOST_BYTES = 64 << 20  # of one picture file
MOST_PIXELS = 50_000_000  # of one picture: 150 MB in colour
BLACK = 16  # a picture with no pixel as bright as this shows nothing
_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF", "PPM")
_BLACK, _NO_FACE, _STRETCHED = 1, 2, 4  # what is remembered of a picture

#: The sets that electronics2022 merged, and how many pictures of each it took (its Table 1: training, test).
WELLBEING = {
    "fer2013": (25_702, 6_726),
    "jaffe": (168, 45),
    "faces": (48, 24),
    "kdef": (2_810, 66),
    "rafd-multiview": (4_201, 202),
    "kdef-gan": (779, 201),
}


def find(name, root):
    """Where a set of pictures lies: a folder, a zip, or None.

    Looked for in the data folder under its ``places``, as folders or zips, in any case of letters; ``root``
    may also be the set's own folder or zip. The combined set lies where at least two of its parts do.
    """
    root = Path(root)
    if name == "wellbeing":
        return root if root.is_dir() and len(parts(root)) > 1 else None
    layout = LAYOUTS[name]
    if root.is_file():
        return root if root.suffix.lower() == ".zip" else None
    for place in layout.places:
        own = place.split("/")[0].lower() == root.name.lower()
        for start in (root, root.parent) if own else (root,):
            path = _below(start, place)
            if path is not None:
                return path
    tops = [entry.name for entry in root.iterdir() if not entry.name.startswith(".")]
    if name == "landscapes":  # any folder of pictures, but not one where a picture happens to lie
        tops = [top for top in tops if (root / top).is_file()]
    signs = [re.fullmatch(layout.sign, top, re.IGNORECASE) is not None for top in tops]
    return root if (any(signs) and (name != "landscapes" or all(signs))) else None


def _below(start, place):
    """A place in a folder, whatever the case of its letters; a zip of that name where there is no folder."""
    *above, last = place.lower().split("/")
    for wanted in above:
        inside = [entry for entry in start.iterdir() if entry.name.lower() == wanted and entry.is_dir()]
        if not inside:
            return None
        start = inside[0]
    entries = {entry.name.lower(): entry for entry in sorted(start.iterdir(), reverse=True)}
    folder, packed = entries.get(last), entries.get(f"{last}.zip")
    if folder is not None and holds_files(folder):
        return folder
    return packed if packed is not None and packed.is_file() else None


def parts(root):
    """The parts of the combined set that are there: dict of name to path."""
    there = {name: faces.find_fer2013(root) if name == "fer2013" else find(name, root) for name in WELLBEING}
    return {name: path for name, path in there.items() if path is not None}


class Shelf(contextlib.ExitStack):
    """A set's pictures, known by name and not opened yet; use it in a ``with`` statement.

    Attributes
    ----------
    rows : DataFrame
        As ``Rows`` describes them, with the part each comes from; group and trial where people are known.
    classes : list of str
    notes, left_out : list of str
        Choices that were made; files that were not taken.
    """

    def __init__(self, card, path, **options):
        super().__init__()
        self.card, self.path, self.notes, self.left_out = card, path, [], []
        self._open = {}  # part -> its tree, or FER-2013's arrays
        try:
            self.rows = self._merged() if card.name == "wellbeing" else self._read(card.name, path, options)
        except BaseException:
            self.close()
            raise
        self._name_people()

    def _read(self, name, path, options):
        tree = self.enter_context(Tree(path, zips=True, most=MOST_PACKED))
        found = Rows(tree, cards.get(name))
        LAYOUTS[name].read(found, **options)
        if not found.rows:
            raise DatasetError(
                f"{path} does not hold {found.card.title} as published: none of {len(found.pictures):,} "
                f"pictures is of it. Put it there as {found.card.place}. {'; '.join(found.left_out)}".strip()
            )
        self._open[name], self.classes = tree, found.classes
        who = "" if name == self.card.name else f"{name}: "
        self.notes += [who + note for note in found.notes]
        self.left_out += [who + text for text in found.left_out]
        rows = pd.DataFrame(found.rows)
        order = rows.file.str.rsplit("/", n=1).str[-1]  # by file, not by class: neighbours then differ
        return rows.assign(part=name, order=order).sort_values(["order", "file"], ignore_index=True)

    def _merged(self):
        """electronics2022's set, of the parts that are there."""
        merged, names = [], [emotions.canonical(label) for label in self.card.classes]
        for name, path in parts(self.path).items():
            rows = self._fer2013(path) if name == "fer2013" else self._read(name, path, {})
            if "yaw" in rows:
                rows = rows[rows.yaw.abs() <= 45]
            their = [emotions.canonical(label) for label in cards.get(name).classes]
            number = {k: names.index(label) for k, label in enumerate(their) if label in names}
            rows = rows[rows.target.isin(number)]
            studio = name.split("-")[0]  # the generated faces are of KDEF's own people
            person = studio + " " + rows.person.fillna(rows.file)
            known = rows.person.notna()
            merged.append(
                rows.assign(target=rows.target.map(number), person=person, studio=studio, known=known)
            )
        rows = pd.concat(merged, ignore_index=True)
        unsplit = rows.split == "all"
        rows.loc[unsplit, "split"] = "train"
        for _, mine in rows[unsplit & rows.known].groupby("studio"):
            order = {person: k for k, person in enumerate(sorted(set(mine.person)), 1)}
            rows.loc[mine.index, "split"] = np.where(mine.person.map(order) % 5 == 0, "test", "train")
        strangers = rows[unsplit & ~rows.known]
        if len(strangers):
            whose = " and ".join(strangers.part.unique())
            self.left_out.append(
                f"nobody knows who is shown in {len(strangers):,} pictures of {whose}: all are trained on, "
                "and people who are tested may be among them"
            )
        self.classes, counts = list(self.card.classes), []
        for name, paper in WELLBEING.items():
            here = [((rows.part == name) & (rows.split == split)).sum() for split in ("train", "test")]
            counts.append(f"{name} {here[0]:,} + {here[1]:,} (the paper has {paper[0]:,} + {paper[1]:,})")
        lacking = [name for name in WELLBEING if name not in self._open]
        if lacking:
            self.left_out.append(f"parts that are not there: {', '.join(lacking)}")
        self.notes.append(
            f"Parts, training + test: {'; '.join(counts)}. Of KDEF and RaFD the cameras within 45 degrees; "
            "no contempt. The paper does not say which pictures it took, nor which it tested: here FER-2013 "
            "keeps its splits (both test halves are the test), of each other part every fifth person is "
            "tested, and nobody who is known stands on both sides."
        )
        return rows

    def _fer2013(self, path):
        sources = faces.sources_fer2013(path)
        found = _cache.arrays("fer2013", sources, lambda: faces.read_fer2013(path))
        there = [name for name in ("train", "val", "test") if f"{name}_target" in found]
        self._open["fer2013"] = np.concatenate([found[f"{name}_data"] for name in there])
        target = np.concatenate([found[f"{name}_target"] for name in there])
        split = np.repeat(
            ["train" if name == "train" else "test" for name in there],
            [len(found[f"{name}_target"]) for name in there],
        )
        file = pd.Series(np.arange(len(target)).astype(str))
        return pd.DataFrame(
            dict(file=file, target=target, split=split, person=None, moment=file, part="fer2013")
        )

    def _name_people(self):
        """Give every row a group and a trial, where at least some people are known."""
        if self.rows.person.isna().all():
            return
        self.rows["group"] = self.rows.person.fillna(self.rows.file)
        moment = self.rows.group + "\0" + self.rows.moment.astype(str)
        self.rows["trial"] = pd.factorize(moment)[0].astype(np.int64)

    def fields(self, rows, size, crop):
        """Open the pictures of some rows: the fields of a Bunch, and what there is to say of them.

        Returns
        -------
        fields : dict
        notes, warn : list of str
        """
        card = self.card
        size = size or (min(card.image_size) if crop else None)  # what is cut out is square
        shape = (size, size) if size else card.image_size
        check_memory(card.name, len(rows), shape, card.channels)
        data = np.empty((len(rows), *shape, *((3,) if card.channels == 3 else ())), np.uint8)
        step = min(max(PART // (shape[0] * shape[1] * card.channels), 1), 4096)
        seen, at = [], 0
        bar = dict(total=len(rows), desc=f"reading {card.name}", unit="picture", leave=False, delay=2)
        with tqdm(**bar) as bar:
            for part, mine in rows.groupby("part", sort=False):
                for start in range(0, len(mine), step):
                    names = mine.file.iloc[start : start + step].tolist()
                    some, how = self._part(part, names, shape, crop)
                    some = some[how & _BLACK == 0]
                    data[at : at + len(some)] = some
                    at += len(some)
                    seen.append(pd.Series(how, mine.index[start : start + step]))
                    bar.update(len(names))
        how = pd.concat(seen)
        rows = rows.loc[how.index]  # part by part, as they were read
        notes, warn = self._remarks(rows.file, how, shape, crop)
        rows = rows[how & _BLACK == 0]
        if rows.empty:
            raise DatasetError(f"{self.path}: {'; '.join(warn)}; no picture is left: fetch the set again")
        fields = dict(data=data[:at], target=rows.target.to_numpy(np.int64), split=rows.split.to_numpy("U5"))
        return fields | _extras(rows), notes, warn

    def _part(self, part, names, shape, crop):
        """uint8 pictures, and what is to be remembered of each."""
        source, channels = self._open[part], self.card.channels
        if isinstance(source, np.ndarray):
            images, how = source[np.array(names, int)], np.zeros(len(names), np.uint8)
            if crop:
                images, lost = _squares(images, shape[0])
                how[lost] = _NO_FACE
            images = np.repeat(images[..., None], 3, -1) if channels == 3 else images
            return preprocess.faces.resize(images, shape), how
        chosen = hashlib.sha256("\n".join(names).encode("utf-8", "surrogatepass")).hexdigest()[:16]
        cut = _detector() if crop else ""
        found = _cache.arrays(
            f"{self.card.name}-{part}-{shape[0]}x{shape[1]}x{channels}{cut}-{chosen}",
            source.sources(names),
            lambda: _decode(source, names, shape, channels, crop),
        )
        return found["data"], found["how"]

    def _remarks(self, files, how, shape, crop):
        black, lost = files[how & _BLACK > 0], int((how & _NO_FACE > 0).sum())
        stretched = int((how & _STRETCHED > 0).sum())
        notes, warn = [], []
        if len(black):
            warn.append(f"{len(black):,} left out, black all over: {listed(black)}")
        if crop:
            cuts = _cuts(lost, len(how))
            notes, warn = notes + cuts[0], warn + cuts[1]
        if stretched:
            notes.append(
                f"{stretched:,} of {len(how):,} pictures have other proportions than {shape[0]} x {shape[1]} "
                "pixels (height x width) and were stretched to them."
            )
        return notes, warn


def cropped(images, size):
    """The faces cut out of pictures that are arrays already: uint8 (n, size, size), notes, warnings."""
    data, lost = _squares(images, size or min(images.shape[1:3]))
    return data, *_cuts(int(lost.sum()), len(images))


def _squares(images, side):
    """The faces as uint8 (n, side, side), and of which pictures none was found."""
    data = np.empty((len(images), side, side, *images.shape[3:]), np.uint8)
    lost = np.zeros(len(images), bool)
    for k, image in enumerate(images):
        image, found = preprocess.faces.crop(image)
        data[k] = preprocess.faces.resize(image[None], side)[0]
        lost[k] = not found
    return data, lost


def _cuts(lost, n):
    """What there is to say of crops: notes, warnings."""
    if preprocess.faces.detectors() is None:
        return [], [
            "OpenCV below 5 is not installed, so the central square of each picture was cut out; "
            "pip install 'affectkit[crop]' finds the faces"
        ]
    notes = ["Faces were found by Viola and Jones' cascades and cut out as squares."]
    lack = f"no face was found in {lost:,} of {n:,} pictures: their central square was cut out"
    return notes, [lack] if lost else []


def _extras(rows):
    """Fields that only some sets have."""
    fields = dict(groups=None)
    if "group" in rows:
        fields.update(groups=rows.group.to_numpy(object), trial=rows.trial.to_numpy(np.int64))
    if "yaw" in rows and rows.yaw.notna().all():
        fields["pose"] = np.zeros((len(rows), 3), np.float32)
        fields["pose"][:, 0] = np.radians(rows.yaw.to_numpy(float))
    for name in ("gaze", "frame"):
        if name in rows and rows[name].notna().all():
            fields[name] = rows[name].to_numpy()
    if "units" in rows and rows.units.notna().any():
        fields |= _action_units(rows.units.tolist())
    return fields


def _action_units(coded):
    """FACS codes as arrays: 0 absent, 0.2 to 1 for A to E; NaN where a picture was not coded."""
    names = sorted({unit for units in coded for unit in units or ()})
    found = np.full((len(coded), len(names)), np.nan, np.float32)
    scored = np.zeros(found.shape, bool)
    for k, units in enumerate(coded):
        if units is not None:
            values = [units.get(unit, -1) for unit in names]
            scored[k] = [value != 0 for value in values]
            found[k] = [0 if value < 0 else value / 5 if value else 0.6 for value in values]
    return dict(
        action_units=found, action_units_scored=scored, action_unit_names=[f"AU{unit}" for unit in names]
    )


def _detector():
    """Which detector cuts out: part of the cache's key."""
    if preprocess.faces.detectors() is None:
        return "-centre"
    import cv2

    return f"-face-{cv2.__version__}"


def _decode(tree, names, shape, channels, crop):
    data = np.zeros((len(names), *shape, *((3,) if channels == 3 else ())), np.uint8)
    how = np.zeros(len(names), np.uint8)
    for k, name in enumerate(names):
        image = read_picture(tree.read(name, MOST_BYTES), tree.place(name), channels=channels)
        if image.max() < BLACK:
            how[k] = _BLACK
            continue
        if crop:
            image, found = preprocess.faces.crop(image)
            how[k] |= 0 if found else _NO_FACE
        if abs(image.shape[0] * shape[1] / (image.shape[1] * shape[0]) - 1) > 0.02:
            how[k] |= _STRETCHED
        data[k] = preprocess.faces.resize(image[None], shape)[0]
    return dict(data=data, how=how)


def read_picture(content, place, *, channels=3):
    """One picture of any kind as uint8 pixels.

    Parameters
    ----------
    content : bytes
        The file: PNG, JPEG, TIFF, BMP, WebP, GIF (its first frame) or PPM, whatever its name says.
    place : str
        Where it stands, for messages.
    channels : {1, 3}, default=3
        Grey or colour.

    Returns
    -------
    uint8 array, shape (h, w) or (h, w, 3)
        Turned upright where a camera noted (EXIF) that it was held sideways; 16-bit grey scaled from its full
        range; CMYK and palettes as the colours they stand for; transparent parts on white.

    Raises
    ------
    DatasetError
        No picture, a damaged or unusual one, or more than ``MOST_PIXELS`` pixels.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's, on large or slightly odd files: judged below
            with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
                if image.width * image.height > MOST_PIXELS:  # before any pixel is unpacked
                    raise DatasetError(
                        f"{place}: {image.width:,} x {image.height:,} pixels, more than any picture of "
                        "such a set has: take it out"
                    )
                return _pixels(ImageOps.exif_transpose(image), channels)
    except DatasetError:
        raise
    except Image.DecompressionBombError as error:
        raise DatasetError(
            f"{place} is larger than any picture of such a set ({error}): take it out"
        ) from error
    except Exception as error:  # decoders of a dozen formats fail in as many ways on a damaged file
        raise DatasetError(
            f"{place} is no readable picture ({error or type(error).__name__}): fetch it again or take it out"
        ) from error


def _pixels(image, channels):
    if image.mode in ("I", "I;16", "I;16B", "I;16L", "I;16N"):
        deep = np.asarray(image).astype(np.int64)
        if deep.min() < 0 or deep.max() > 65_535:
            raise ValueError("grey levels beyond 16 bits")
        image = Image.fromarray(((deep * 255 + 32_767) // 65_535).astype(np.uint8))
    elif image.mode == "F":
        raise ValueError("grey levels as decimal numbers, of which nobody knows the white one")
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return np.asarray(image.convert("L" if channels == 1 else "RGB"))
