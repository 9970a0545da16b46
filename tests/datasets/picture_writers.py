"""Small trees of the real sets of pictures, exactly as published; no licensed data are needed."""

import io
import struct
import zlib
from types import SimpleNamespace

import numpy as np
from PIL import Image

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")


def pattern(seed, shape, colour):
    """A picture that no other is like, and that JPEG hardly changes: 16 plain tiles."""
    tiles = np.random.default_rng(seed).integers(32, 224, (4, 4, 3) if colour else (4, 4), dtype=np.uint8)
    return np.asarray(Image.fromarray(tiles).resize(shape[::-1], Image.Resampling.NEAREST))


def encoded(image, kind, **options):
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(buffer, kind, **options)
    return buffer.getvalue()


def huge(width, height):
    """A PNG whose header promises any number of pixels, with nine bytes of them."""

    def chunk(name, content):
        return (
            struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        )

    parts = dict(
        IHDR=struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0), IDAT=zlib.compress(bytes(9)), IEND=b""
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name.encode(), part) for name, part in parts.items())


def pictures(name, root):
    """A small tree of a real set of pictures, as published, but for KDEF's and RaFD's smaller pictures.

    Returns a SimpleNamespace for each picture that ``load`` should give: image, label (by name), group,
    split, yaw [degrees], gaze; and file, relative to root.
    """
    rows = list(_WRITERS[name](root))
    assert rows
    return rows


def _save(root, file, shape, *, colour=True, **expected):
    image = pattern(zlib.crc32(file.encode()), shape, colour)
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = {".jpg": "JPEG", ".tiff": "TIFF", ".png": "PNG", ".bmp": "BMP"}[path.suffix.lower()]
    Image.fromarray(image).save(path, kind, **(dict(quality=95) if kind == "JPEG" else {}))
    return SimpleNamespace(file=file, image=image, **{**dict(split="all", group=None), **expected})


def _text(root, file, lines):
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text("\n".join(lines) + "\n")


def _rafdb(root, part, labels):
    lines = []
    for split in ("test", "train"):
        for number, label in labels.items():
            stem = f"{split}_{number:05d}"
            lines.append(f"{stem}.jpg {number}")
            file = f"rafdb/{part}/Image/aligned/{stem}_aligned.jpg"
            yield _save(root, file, (100, 100), label=label, split=split)
    _text(root, f"rafdb/{part}/EmoLabel/list_patition_label.txt", lines)


def rafdb_basic(root):
    labels = "surprise fear disgust happiness sadness anger neutral".split()  # 1 to 7
    return _rafdb(root, "basic", dict(enumerate(labels, 1)))


def rafdb_compound(root):
    return _rafdb(root, "compound", {
        1: "happily surprised", 2: "happily disgusted", 3: "sadly fearful", 4: "sadly angry",
        5: "sadly surprised", 6: "sadly disgusted", 7: "fearfully angry", 8: "fearfully surprised",
        9: "angrily surprised", 10: "angrily disgusted", 11: "disgustedly surprised",
    })  # fmt: skip


CK_LABELS = {1: "anger", 2: "contempt", 3: "disgust", 4: "fear", 5: "happy", 6: "sadness", 7: "surprise"}
CK_UNITS = {4: 3, 17: 0, 25: 5}  # of each sequence: unit -> intensity; 0 is seen and not scored


def ckplus(root):
    """Seven labelled sequences of three frames, of four people, and one without a label."""
    for number, label in [*CK_LABELS.items(), (8, None)]:
        person, sequence = f"S{10 + number // 2:03d}", f"{number:03d}"
        frames = [f"{person}_{sequence}_{frame:08d}" for frame in (1, 2, 3)]
        for k, frame in enumerate(frames, 1):
            file = f"ckplus/cohn-kanade-images/{person}/{sequence}/{frame}.png"
            first = number in (1, 2, 4, 6, 8) and k == 1  # of a person's first sequence
            shown = "neutral" if first else label if k == 3 else None
            row = _save(root, file, (490, 640), colour=False, label=shown, group=person)
            row.sequence, row.frame, row.emotion = sequence, k, label
            row.units = CK_UNITS if k == 3 else {} if k == 1 else None
            yield row
        if label:
            lines = [f"   {number:.7e}"]
            _text(root, f"ckplus/Emotion/{person}/{sequence}/{frames[-1]}_emotion.txt", lines)
        lines = [f"   {unit:.7e}   {intensity:.7e}" for unit, intensity in CK_UNITS.items()]
        _text(root, f"ckplus/FACS/{person}/{sequence}/{frames[-1]}_facs.txt", lines)


KDEF_LABELS = dict(
    AF="afraid", AN="angry", DI="disgusted", HA="happy", NE="neutral", SA="sad", SU="surprised"
)
KDEF_YAWS = dict(FL=-90, HL=-45, S=0, HR=45, FR=90)


def kdef(root):
    for session, person, angles in (("A", "F01", ("FL", "S")), ("B", "M35", ("HL", "HR", "FR"))):
        for code, label in KDEF_LABELS.items():
            for angle in angles:
                folder = f"{session}{person}"
                file = f"kdef/{folder}/{folder}{code}{angle}.JPG"
                yield _save(root, file, (190, 140), label=label, group=person, yaw=KDEF_YAWS[angle])


def kdef_gan(root):
    for generator, person in (("Candie", "F01"), ("Cristina", "M02")):
        for code, label in KDEF_LABELS.items():
            file = f"kdef-gan/GAN_KDEF_{generator}/A{person}{code}S.png"
            yield _save(root, file, (762, 562), label=label, group=person)


RAFD_LABELS = "angry contemptuous disgusted fearful happy neutral sad surprised".split()


def _rafd(root, cameras):
    people = {"01": "Caucasian_female", "73": "Moroccan_male"}
    for camera, gaze in (("090", "frontal"), ("090", "left"), ("000", "frontal"), ("135", "right")):
        for person, kind in people.items():
            for label in RAFD_LABELS:
                file = f"rafd/Rafd{camera}_{person}_{kind}_{label}_{gaze}.jpg"
                expected = dict(label=label, group=person, yaw=int(camera) - 90, gaze=gaze)
                row = _save(root, file, (256, 170), **expected)
                if camera in cameras:
                    yield row


def rafd_frontal(root):
    return _rafd(root, ("090",))


def rafd_multiview(root):
    return _rafd(root, ("000", "090", "135"))


def jaffe(root):
    labels = dict(AN="angry", DI="disgust", FE="fear", HA="happy", NE="neutral", SA="sad", SU="surprise")
    for start, person in ((1, "KA"), (101, "YM")):
        for serial, (code, label) in enumerate(labels.items(), start):
            file = f"jaffe/{person}.{code}{1 + serial % 3}.{serial}.tiff"
            yield _save(root, file, (256, 256), colour=False, label=label, group=person)


def faces_set(root):
    labels = dict(a="anger", d="disgust", f="fear", h="happiness", n="neutrality", s="sadness")
    for person, kind in (("004", "o_m"), ("140", "y_f")):
        for code, label in labels.items():
            for taken in "ab":
                file = f"faces/{person}_{kind}_{code}_{taken}.jpg"
                yield _save(root, file, (200, 200), label=label, group=person)


def sfew(root):
    for split in ("Train", "Val"):
        for k, label in enumerate(FER):
            stem = f"Film{k}_00{k}240000_0000000{k}.png"
            file = f"sfew/{split}_Aligned_Faces/{label.title()}/{stem}"
            yield _save(root, file, (143, 181), label=label, split=split.lower())
            _save(root, f"sfew/{split}/{label.title()}/{stem}", (288, 360))  # the still it was cut from


def celeba(root):
    for k in range(1, 7):
        file = f"celeba/img_align_celeba/{k:06d}.jpg"
        yield _save(root, file, (218, 178), label="unlabelled", group=str(2880 + k // 2))
    _text(root, "celeba/identity_CelebA.txt", [f"{k:06d}.jpg {2880 + k // 2}" for k in range(1, 7)])
    _text(root, "celeba/list_attr_celeba.txt", ["6", "Smiling", *(f"{k:06d}.jpg -1" for k in range(1, 7))])


def oahega(root):
    lines = [",path,label"]
    for label in ("Ahegao", "Angry", "Happy", "Sad", "Surprise", "Neutral"):
        for k in range(2):
            file = f"oahega/dataset/{label}/{label.lower()}{k:04d}.png"
            lines.append(f"{len(lines) - 1},{label}/{label.lower()}{k:04d}.png,{label}")
            row = _save(root, file, (224, 224), label=label.lower())
            if label != "Ahegao":
                yield row
    _text(root, "oahega/data.csv", lines)


def landscapes(root):
    for file in ("a.png", "b.bmp", "sea/a.png"):
        yield _save(root, f"landscapes/{file}", (64, 64), label="landscape")


_WRITERS = {
    "rafdb-basic": rafdb_basic, "rafdb-compound": rafdb_compound, "ckplus": ckplus, "kdef": kdef,
    "kdef-gan": kdef_gan, "rafd-frontal": rafd_frontal, "rafd-multiview": rafd_multiview, "jaffe": jaffe,
    "faces": faces_set, "sfew": sfew, "celeba": celeba, "oahega": oahega, "landscapes": landscapes,
}  # fmt: skip
PICTURES = tuple(_WRITERS)
