"""How sets of pictures lie on disk: one function a set, from the files' names to who shows what.

A layout looks at names and small label files only; pictures are opened later, by ``pictures``. It adds a row
for each picture, notes the choices it made, and names what it left out: nothing is guessed in silence.
"""

import os
import re
from typing import NamedTuple

from .. import emotions
from ._errors import DatasetError

IMAGES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".pgm", ".ppm")
MOST_TEXT = 64 << 20  # bytes of one label file; CelebA's largest has 27 MB
_SHOWN = 12  # names in a message; of more, the number

_KDEF = "([AB])([FM])([0-3][0-9])(AF|AN|DI|HA|NE|SA|SU)(FL|HL|S|HR|FR)"
_YAW = {"FL": -90, "HL": -45, "S": 0, "HR": 45, "FR": 90}
#: Each set's numbers in its own files, by the kit's names.
RAFDB = "surprise fear disgust happiness sadness anger neutral".split()  # from 1
CKPLUS = "neutral anger contempt disgust fear happiness sadness surprise".split()  # from 0
_FACES = dict(a="anger", d="disgust", f="fear", h="happiness", n="neutral", s="sadness")
_SIDES = "yaw is positive to the right of the picture; which side the makers call left is assumed"


class Rows:
    """What a layout finds in a tree.

    Attributes
    ----------
    tree : Tree
    card : Card
    classes : list of str
        What the numbers in the rows' target mean.
    names, pictures : list of str
        Of all files, and of the pictures; those in a zip that also lies there unpacked are left out.
    rows : list of dict
        file, target (-1: unlabelled), split, person (or None), moment (what near-copies have in common), and
        what else the set knows: yaw [degrees], gaze, frame, units (action unit -> intensity).
    notes, left_out : list of str
        Choices made; files that were not taken, by name.
    """

    def __init__(self, tree, card):
        self.tree, self.card, self.classes = tree, card, list(card.classes)
        self.rows, self.notes, self._why = [], [], {}
        there = set(tree.names)
        copies = {name for name in tree.names if ".zip/" in name.lower() and there & _unpacked(name)}
        self.names = [name for name in tree.names if name not in copies]
        self.pictures = [name for name in self.names if name.lower().endswith(IMAGES)]
        for name in sorted(copies):
            if name.lower().endswith(IMAGES):
                self.skip(name, "a second copy")

    def number(self, label):
        """The class number of a label in any spelling, or None."""
        names = [_plain(name) for name in self.classes]
        return names.index(_plain(label)) if _plain(label) in names else None

    def add(self, file, target, *, split="all", person=None, moment=None, **more):
        """Take a picture."""
        self.rows.append(
            dict(file=file, target=target, split=split, person=person, moment=moment or file, **more)
        )

    def skip(self, file, why):
        self._why.setdefault(why, []).append(file)

    def named(self, pattern, what):
        """(name, groups) of the pictures called so; others, and second ones of a name, are left out."""
        seen = set()
        for name in self.pictures:
            stem = _stem(name).lower()
            match = re.fullmatch(pattern, _stem(name), re.IGNORECASE)
            if match and stem not in seen:
                seen.add(stem)
                yield name, match.groups()
            else:
                self.skip(name, "a second copy" if match else f"not named as {what}")

    def foldered(self, names):
        """Class numbers of the pictures in class folders, by name."""
        numbers, inside = {}, {}
        for name in names:
            folder = _folder(name)
            if folder not in numbers:
                numbers[folder] = self.number(folder.removesuffix(".zip"))
            if numbers[folder] is not None:
                inside[name] = numbers[folder]
        return inside

    def lines(self, name):
        """(number, text) of the lines of a label file that hold anything."""
        try:
            text = self.tree.read(name, MOST_TEXT).decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise DatasetError(f"{self.tree.place(name)} is no text ({error}): fetch it again") from error
        return [(k, line.strip()) for k, line in enumerate(text.splitlines(), 1) if line.strip()]

    def refuse(self, name, line, problem):
        raise DatasetError(f"{self.tree.place(name)}, line {line}: {problem}; fetch it again")

    @property
    def left_out(self):
        return [f"{len(names):,} left out, {why}: {listed(names)}" for why, names in self._why.items()]


def listed(names):
    names = [name.rpartition("/")[2] for name in names]
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _plain(label):
    """One spelling for the same emotion; other labels as they are."""
    label = str(label).strip().lower()
    return emotions.SPELLINGS.get(label, label)


def _unpacked(name):
    """What a zipped file is called where its zip was unpacked too: in place, or into a folder of its name."""
    return {re.sub(r"[^/]*\.zip/", "", name, flags=re.I), re.sub(r"\.zip/", "/", name, flags=re.I)}


def _folder(name):
    return name.rpartition("/")[0].rpartition("/")[2]


def _stem(name):
    """A file's name without folders and suffix; ten times as fast as pathlib, for 200,000 of them."""
    return os.path.splitext(name.rpartition("/")[2])[0]


# ------------------------------------------------------------------------------------------------ the layouts


def rafdb(found):
    lists = [name for name in found.names if re.search(r"list_pa\w*ition_label\.txt$", name, re.I)]
    if len(lists) != 1:
        raise DatasetError(
            f"{found.tree.path} has {len(lists)} label lists (EmoLabel/list_patition_label.txt) instead of "
            f"one: put the set there as its makers hand it out: {found.card.place}"
        )
    labels = RAFDB if found.card.name == "rafdb-basic" else found.card.classes
    pictures = {_stem(name).lower(): name for name in reversed(found.pictures)}
    original, listed_files = 0, {}
    for k, line in found.lines(lists[0]):
        match = re.fullmatch(r"((train|test)_\d+)\.\w+\s+(\d{1,2})", line, re.IGNORECASE)
        if not match or not 1 <= int(match[3]) <= len(labels):
            found.refuse(lists[0], k, f"{line[:60]!r} is not like 'train_00001.jpg 5', up to {len(labels)}")
        stem, split, number = match[1].lower(), match[2].lower(), int(match[3])
        if stem in listed_files:
            found.refuse(lists[0], k, f"{stem} stands in line {listed_files[stem]} already")
        listed_files[stem] = k
        name = pictures.get(f"{stem}_aligned") or pictures.get(stem)
        if name is None:
            found.refuse(lists[0], k, f"no picture {stem}_aligned.jpg (or {stem}.jpg) lies there")
        original += _stem(name).lower() == stem
        found.add(name, found.number(labels[number - 1]), split=split)
    if original:
        found.notes.append(f"{original:,} pictures are the original ones: they have no aligned copy.")
    for name in found.pictures:
        if _stem(name).lower().removesuffix("_aligned") not in listed_files:
            found.skip(name, "not in the label list")


def ckplus(found, frames="peak"):
    if frames not in ("peak", "all", "facs"):
        raise ValueError(f"frames must be 'peak', 'all' or 'facs', not {frames!r}")
    sequences, labels, units, named_peak = {}, {}, {}, {}
    for name, (person, number, frame) in found.named(r"(S\d{3})_(\d{3})_(\d{8})", "CK+'s frames"):
        sequences.setdefault((person.upper(), number), {}).setdefault(int(frame), name)
    for name in found.names:
        match = re.search(r"(S\d{3})_(\d{3})_(\d{8})_(emotion|facs)\.txt$", name, re.IGNORECASE)
        if not match:
            continue
        key = match[1].upper(), match[2]
        named_peak[key] = int(match[3])
        if match[4].lower() == "emotion":
            lines = found.lines(name)
            if lines:
                label = _whole(found, name, *lines[0], len(CKPLUS) - 1)
                labels[key] = found.number(CKPLUS[label])
        else:
            units[key] = _units(found, name)
    other = [key for key, frame in named_peak.items() if key in sequences and frame != max(sequences[key])]
    lost = [key for key in labels if key not in sequences]
    for keys, what in (
        (other, "end at another frame than their label's name says"),
        (lost, "have no frames"),
    ):
        if keys:
            found.notes.append(f"{len(keys):,} sequences {what}: {listed(map('_'.join, keys))}.")
    if sequences and not labels and frames != "facs":
        raise DatasetError(
            f"{found.tree.path} has frames and no labels (Emotion/S005/001/S005_001_00000011_emotion.txt): "
            "put the folder or zip of emotion labels beside the frames"
        )
    people = set()
    for key, files in sorted(sequences.items()):
        person, moment, order = key[0], "_".join(key), sorted(files)
        common = dict(person=person, moment=moment)
        coded = dict.fromkeys(order)  # only the peak is coded, and the neutral face has none of its units
        if key in units:
            coded |= {1: {}, order[-1]: units[key]}
        # all of a person's first frames are neutral, and one shows it; a copy may hold the peaks alone
        if frames == "peak" and person not in people and order[0] == 1 < order[-1]:
            people.add(person)
            found.add(files[1], found.number("neutral"), frame=1, units=coded[1], **common)
        taken = {"peak": order[-1:], "all": order, "facs": order[-1:]}[frames]
        if key in labels or frames == "facs":
            for frame in taken:
                place = order.index(frame) + 1
                target = labels.get(key, -1)
                found.add(files[frame], target, frame=place, units=coded[frame], **common)
    found.notes.append(
        {
            "peak": "Frames taken: the last of each labelled sequence, and as neutral frame 1 of each "
            "person's first sequence; sequences without a label are left out.",
            "all": "Frames taken: all of each labelled sequence, labelled as its peak is although the first "
            "ones are neutral; trial tells the sequence, frame the place in it (from 1).",
            "facs": "Frames taken: the last of each sequence; target is -1 where it has no emotion label.",
        }[frames]
    )


def _whole(found, name, line, text, most):
    """A number that CK+ writes as '   3.0000000e+00'."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= most or value != int(value):
        found.refuse(name, line, f"{text[:30]!r} is no whole number in 0..{most}")
    return int(value)


def _units(found, name):
    units = {}
    for k, line in found.lines(name):
        if len(line.split()) != 2:
            found.refuse(name, k, f"{line[:40]!r} is no pair of action unit and intensity")
        unit, intensity = line.split()
        units[_whole(found, name, k, unit, 99)] = _whole(found, name, k, intensity, 5)
    return units


def kdef(found):
    for name, match in found.named(_KDEF, "KDEF's"):
        session, sex, number, emotion, angle = (word.upper() for word in match)
        if not 1 <= int(number) <= 35:
            found.skip(name, "no such person")
            continue
        target, moment = found.number(emotion), session + sex + number + emotion
        found.add(name, target, person=sex + number, moment=moment, yaw=_YAW[angle])
    found.notes.append(f"All five angles; {_SIDES}.")


def kdef_gan(found):
    by_folder, codes = found.foldered(found.pictures), 0
    for name in found.pictures:
        code = re.search(_KDEF, _stem(name), re.IGNORECASE)
        person = re.search(r"(?<![A-Z0-9])[AB]?([FM])([0-3]\d)(?![A-Z0-9])", _stem(name), re.IGNORECASE)
        target = found.number(code[4]) if code else by_folder.get(name)
        if target is None:
            found.skip(name, "neither named as KDEF's nor in a class folder")
            continue
        codes += bool(code)
        who = code[2] + code[3] if code else person[1] + person[2] if person else None
        found.add(name, target, person=who and who.upper())
    found.notes.append(f"{codes:,} labels are read from KDEF's naming, the others from class folders.")


def rafd(found):
    pattern = (
        r"Rafd(000|045|090|135|180)_(\d\d)_([^_]+)_(male|female)_"
        r"(angry|contemptuous|disgusted|fearful|happy|neutral|sad|surprised)_(frontal|left|right)"
    )
    frontal = found.card.name == "rafd-frontal"
    for name, (camera, person, _, _, emotion, gaze) in found.named(pattern, "RaFD's"):
        if not frontal or camera == "090":
            yaw, moment = int(camera) - 90, f"{person}_{emotion}".lower()
            target, gaze = found.number(emotion), gaze.lower()
            found.add(name, target, person=person, moment=moment, yaw=yaw, gaze=gaze)
    cameras = "Camera 090 alone" if frontal else "All five cameras"
    found.notes.append(f"{cameras}, all gaze directions (field gaze); {_SIDES}.")


def jaffe(found):
    pattern = r"([A-Z]{2})\.(AN|DI|FE|HA|NE|SA|SU)(\d)\.(\d+)"
    for name, (person, emotion, number, _) in found.named(pattern, "JAFFE's"):
        person, moment = person.upper(), f"{person}.{emotion}{number}".upper()
        found.add(name, found.number(emotion), person=person, moment=moment)


def faces(found):
    official = foldered = spelled = 0
    folders = found.foldered(found.pictures)
    for name in found.pictures:
        stem = _stem(name)
        code = re.fullmatch(r"(\d+)_[ymo]_[mf]_([adfhns])_[ab]", stem, re.IGNORECASE)
        words = {found.number(word) for word in re.findall("[A-Za-z]{3,}", stem)} - {None}
        if code:
            official, target = official + 1, found.number(_FACES[code[2].lower()])
        elif name in folders:
            foldered, target = foldered + 1, folders[name]
        elif len(words) == 1:
            spelled, target = spelled + 1, words.pop()
        else:
            found.skip(name, "its expression stands neither in its name nor in its folder's")
            continue
        # any other number may be the picture's as well as the person's
        found.add(name, target, person=code and code[1])
    found.notes.append(
        f"Labels by the makers' naming (such as 004_o_m_h_a): {official:,}, by class folder: {foldered:,}, "
        f"by a word in the name: {spelled:,}."
    )


def sfew(found):
    aligned, whole = [], []
    for name in found.pictures:
        above = [part for part in name.split("/")[:-2] if re.match("(train|val)", part, re.IGNORECASE)]
        if not above:
            found.skip(name, "neither below Train nor below Val")
            continue
        face = any("aligned" in part.lower() for part in above)
        (aligned if face else whole).append((name, "val" if above[-1].lower()[0] == "v" else "train"))
    numbers = found.foldered(name for name, _ in aligned or whole)
    for name, split in aligned or whole:
        if name in numbers:
            found.add(name, numbers[name], split=split)
        else:
            found.skip(name, "not in a class folder")
    what = "aligned faces; the whole stills beside them are left out" if aligned else "whole stills"
    found.notes.append(f"Pictures taken: {what}.")


def celeba(found):
    inside = [name for name in found.pictures if re.fullmatch(r"\d{6}", _stem(name))]
    aligned = [name for name in inside if "img_align_celeba" in found.tree.place(name).lower()]
    inside = aligned or inside
    for name in sorted(set(found.pictures) - set(inside)):
        found.skip(name, "not below img_align_celeba, or not named as 000001.jpg")
    people = {}
    for name in (name for name in found.names if _stem(name).lower() == "identity_celeba"):
        for k, line in found.lines(name):
            match = re.fullmatch(r"(\d{6})\.jpg\s+(\d+)", line)
            if not match:
                found.refuse(name, k, f"{line[:40]!r} is not like '000001.jpg 2880'")
            people[match[1]] = match[2]
    for name in inside:
        found.add(name, 0, person=people.get(_stem(name)))
    if not people:
        found.notes.append("identity_CelebA.txt is not there, so nobody knows who is who: groups is None.")


def oahega(found, classes=None):
    sixth = "ahegao"  # read only where asked for by this name
    known = {_plain(name): name for name in (*found.card.classes, sixth)}
    if classes is not None:
        names = [classes] if isinstance(classes, str) else list(classes)
        if not names or {_plain(name) for name in names} - set(known):
            raise ValueError(f"classes must name some of {', '.join(known.values())}, not {names}")
        found.classes = [name for key, name in known.items() if key in map(_plain, names)]
    folders, table = found.foldered(found.pictures), _table(found)
    differ = [
        name for name in folders if table.get(_stem(name).lower(), folders[name]) not in (folders[name], None)
    ]
    unasked = 0
    for name in found.pictures:
        target = table.get(_stem(name).lower()) if not folders else folders.get(name)
        if target is not None:
            found.add(name, target)
        elif _plain(_folder(name)) in known or _stem(name).lower().startswith(sixth):
            unasked += 1
        else:
            found.skip(name, "of another class, or in no class folder")
    source = "class folders" if folders else "data.csv"
    agree = f"; data.csv says otherwise of {len(differ):,}: {listed(differ)}" if differ else ""
    found.notes.append(
        f"Labels are read from {source}{agree}. Classes taken: {', '.join(found.classes)}; "
        f"{unasked:,} pictures of others are left out."
    )


def _table(found):
    """data.csv: the class number of each file by its columns path and label, wherever they stand."""
    labels = {}
    for name in (name for name in found.names if name.lower().split("/")[-1] == "data.csv"):
        rows = [(k, [cell.strip().strip('"') for cell in line.split(",")]) for k, line in found.lines(name)]
        header = [cell.lower() for cell in rows[0][1]] if rows else []
        if "path" not in header or "label" not in header:
            found.notes.append("data.csv has no columns path and label, so it was not used.")
            continue
        path, label = header.index("path"), header.index("label")
        for k, cells in rows[1:]:
            if len(cells) != len(header):
                found.refuse(name, k, f"{len(cells)} fields instead of {len(header)}")
            labels[_stem(cells[path].replace("\\", "/")).lower()] = found.number(cells[label])
    return labels


def landscapes(found):
    for name in found.pictures:
        found.add(name, 0)


# --------------------------------------------------------------------------------------------- all of them


class Layout(NamedTuple):
    """Where a set is looked for, and how it is read.

    ``places`` are folders in the data folder, or zips of these names, best first; ``sign`` is what an own
    folder has at its top; ``options`` are those of ``load`` that only this set has.
    """

    read: object
    places: tuple
    sign: str
    options: tuple = ()


_CK = ("ckplus", "ck+", "CK", "cohn-kanade", "extended-cohn-kanade-images")
_RAFD = ("rafd", "radboud", "RaFD_Multiview")
LAYOUTS = {
    "rafdb-basic": Layout(
        rafdb, ("rafdb/basic", "raf-db/basic", "rafdb-basic"), "EmoLabel|list_pa.*ition_label.txt"
    ),
    "rafdb-compound": Layout(
        rafdb, ("rafdb/compound", "raf-db/compound", "rafdb-compound"), "EmoLabel|list_pa.*ition_label.txt"
    ),
    "ckplus": Layout(ckplus, _CK, r"cohn-kanade-images.*|extended-cohn-kanade.*|S\d{3}", ("frames",)),
    "rafd-frontal": Layout(rafd, _RAFD, r"Rafd\d{3}_.*"),
    "rafd-multiview": Layout(rafd, _RAFD, r"Rafd\d{3}_.*"),
    "kdef": Layout(kdef, ("kdef", "KDEF_and_AKDEF"), r"[AB][FM]\d\d.*|KDEF"),
    "jaffe": Layout(jaffe, ("jaffe", "jaffedbase", "jaffeimages"), r"[A-Z]{2}\.[A-Z]{2}\d\.\d+\.tiff?"),
    "faces": Layout(faces, ("faces",), r"\d+_[ymo]_[mf]_[adfhns]_[ab]\.\w+"),
    "sfew": Layout(sfew, ("sfew", "sfew2", "SFEW_2", "SFEW_2.0", "sfew2.0"), "(train|val)_aligned_faces.*"),
    "celeba": Layout(celeba, ("celeba", "img_align_celeba"), "img_align_celeba.*"),
    "oahega": Layout(oahega, ("oahega", "emotion-recognition-dataset"), "ahegao", ("classes",)),
    "landscapes": Layout(landscapes, ("landscapes", "landscape-pictures"), r".*\.(jpe?g|png)"),
    "kdef-gan": Layout(kdef_gan, ("kdef-gan", "GAN_KDEF"), "GAN_KDEF_.*"),
}
