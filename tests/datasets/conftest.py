"""Small copies of the published files, written by the tests themselves: no licensed data are needed."""

import io
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from . import picture_writers

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
USAGES = ("Training", "PublicTest", "PrivateTest")
START = 1_644_227_583  # the unix second at which the small sessions begin


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Each test has a cache of its own, and no data folder but the one it writes."""
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("AFFECTKIT_DATA", raising=False)
    return tmp_path / "cache" / "datasets"


@pytest.fixture
def write():
    """Writers of every published form."""
    return SimpleNamespace(
        faces=faces,
        fer_csv=fer_csv,
        icml_csv=icml_csv,
        train_test_csv=train_test_csv,
        folders=folders,
        zipped=zipped,
        picture=picture,
        stress=stress,
        pictures=picture_writers.pictures,
        PICTURES=picture_writers.PICTURES,
        FER=FER,
        START=START,
    )


def faces(*, usages=USAGES, each=2, seed=0):
    """(usage, class number, uint8 (48, 48)) of `each` faces a class, all different."""
    rng = np.random.default_rng(seed)
    return [
        (usage, k, rng.integers(0, 256, (48, 48), dtype=np.uint8))
        for usage in usages
        for k in range(7)
        for _ in range(each)
    ]


def _text(image):
    return " ".join(map(str, image.ravel()))


def fer_csv(path, rows):
    """fer2013.csv as on Kaggle."""
    lines = ["emotion,pixels,Usage", *(f"{k},{_text(image)},{usage}" for usage, k, image in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def icml_csv(path, rows):
    """icml_face_data.csv: another order, blanks in the header."""
    lines = ["emotion, Usage, pixels", *(f"{k},{usage},{_text(image)}" for usage, k, image in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def train_test_csv(folder, rows):
    """train.csv with labels, test.csv without."""
    lines = ["emotion,pixels", *(f'{k},"{_text(image)}"' for usage, k, image in rows if usage == "Training")]
    (folder / "train.csv").write_text("\n".join(lines) + "\n")
    lines = ["pixels", *(f'"{_text(image)}"' for usage, k, image in rows if usage != "Training")]
    (folder / "test.csv").write_text("\n".join(lines) + "\n")
    return folder


def picture(image, suffix=".png"):
    """The bytes of a picture file."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG" if suffix == ".png" else "JPEG", quality=95)
    return buffer.getvalue()


def folders(root, rows, *, suffix=".png", spell=str):
    """train/<class>/Training_*, test/<class>/{PublicTest,PrivateTest}_*."""
    for i, (usage, k, image) in enumerate(rows):
        folder = root / ("train" if usage == "Training" else "test") / spell(FER[k])
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{usage}_{i:07d}{suffix}").write_bytes(picture(image, suffix))
    return root


def zipped(path, folder, prefix=""):
    """A zip of all files below a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, prefix + file.relative_to(folder).as_posix())
    return path


def stress(root, *, people=(2, 3), lengths=(130, 70, 80, 70, 70, 70, 100), raw=True, change=None):
    """The tree of Stress-Predict, in small: alternating labels, heart rate 70 and 80, and the raw signals.

    `change(number, rows)` may alter a person's table rows [number, HR text, respiration, time, label].
    """
    (root / "Processed_data").mkdir(parents=True)
    lines = ["Participant,HR,respr,Time(sec),Label"]
    for number in people:
        start = START + 10_000 * number
        label = np.repeat(np.arange(len(lengths)) % 2, lengths)
        rows = [[number, f"{70 + 10 * y + number / 10:.2f}", 12.0, start + t, y] for t, y in enumerate(label)]
        rows[-1][1] = ""  # as published: the heart rate ends before the session
        rows = change(number, rows) if change else rows
        lines += [",".join(map(str, row)) for row in rows]
        if raw:
            folder = root / "Raw_data" / f"S{number:02d}"
            folder.mkdir(parents=True)
            for name, rate, values in (
                ("BVP", 64, np.sin(np.arange((len(label) + 10) * 64) / 10)),
                ("EDA", 4, np.arange((len(label) + 10) * 4) / 100),
                ("TEMP", 4, np.full((len(label) + 10) * 4, 33.5)),
            ):
                text = "\n".join([f"{start - 9:.6f}", f"{rate:.6f}", *(f"{v:.4f}" for v in values)])
                (folder / f"{name}.csv").write_text(text + "\n")
            tags = start + np.cumsum(lengths)[:-1]
            (folder / f"tags_S{number:02d}.csv").write_text("\n".join(map(str, tags)) + "\n")
    (root / "Processed_data" / "Improved_All_Combined_hr_rsp_binary.csv").write_text("\n".join(lines) + "\n")
    return root
