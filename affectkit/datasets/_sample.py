"""The embedded sample: a little of two twins, made beforehand, so that the first lessons start in seconds.

It lies in data/sample/ (in the installed package: affectkit/_sample/) and is used for what it holds, if its
checksums are right and the simulators are still those that made it; else the twin is drawn anew.
``python -m affectkit.datasets`` makes it.
"""

import hashlib
import io
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from . import _cache

#: Faces of the fer2013 twin in the sample: at most so many a class, for random_state 0 and 48 pixels.
MOST = {"train": 150, "val": 75, "test": 75}
FACES, SHEET, HEARTS, SUMS = "fer2013.npz", "fer2013.png", "stress-predict.npz", "SHA256SUMS"
COLUMNS = 50  # of the sheet of faces


def folder():
    """Where the sample lies: in the installed package, or in the repository."""
    packed = Path(__file__).parents[1] / "_sample"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "data" / "sample"


def faces(card, rows, size, random_state):
    """The drawn arrays of planned rows, as ``zoo.draw`` gives them; None where the sample lacks one."""
    if card.name != "fer2013" or random_state != 0 or size not in (None, *card.image_size):
        return None
    if any(n > MOST[split] for (split, _), n in rows.groupby(["split", "target"]).size().items()):
        return None
    found = _read(card, FACES, SHEET)
    if found is None or not rows.index.isin(found["row"]).all():
        return None
    at = np.searchsorted(found.pop("row"), rows.index)
    return {key: values if key.endswith("_names") else values[at] for key, values in found.items()}


def table(card, random_state):
    """The heart rates of the stress-predict twin, as ``_twins.make_table`` gives them, or None."""
    return _read(card, HEARTS) if card.name == "stress-predict" and random_state == 0 else None


def make(path):
    """Write the sample.

    Parameters
    ----------
    path : Path
        The folder, which need not exist.
    """
    from .. import cards
    from ..twins import zoo
    from . import _twins

    card = cards.get("fer2013")
    rows = pd.concat([zoo.plan(card.name, split=split, max_per_class=most) for split, most in MOST.items()])
    drawn = zoo.draw(card.name, rows)
    images = drawn.pop("data")
    short = -len(images) % COLUMNS
    side = images.shape[1]
    tiles = np.concatenate([images, np.zeros((short, side, side), np.uint8)]).reshape(-1, COLUMNS, side, side)
    sheet = io.BytesIO()
    Image.fromarray(tiles.swapaxes(1, 2).reshape(-1, COLUMNS * side)).save(sheet, "PNG", optimize=True)
    files = {SHEET: sheet.getvalue(), FACES: _packed(card, row=rows.index.to_numpy(), **drawn)}
    card = cards.get("stress-predict")
    files[HEARTS] = _packed(card, **_twins.make_table(card, 0))
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in files.items())
    for name, content in (*files.items(), (SUMS, sums.encode())):
        _cache.write(path / name, lambda file, content=content: file.write(content))


def _packed(card, **arrays):
    file = io.BytesIO()
    np.savez_compressed(file, simulator=np.array(_cache.content(_cache.simulator(card))), **arrays)
    return file.getvalue()


def _read(card, *names):
    """The arrays of a file of the sample, and the faces of its sheet; None where they cannot be trusted."""
    if not folder().is_dir():
        return None  # not every installation has the sample
    try:
        sums = dict(line.split()[::-1] for line in (folder() / SUMS).read_text("ascii").splitlines())
        content = {name: (folder() / name).read_bytes() for name in names}
        for name in names:
            if hashlib.sha256(content[name]).hexdigest() != sums.get(name):
                raise ValueError(f"{name} has another checksum than {SUMS} says")
        with np.load(io.BytesIO(content[names[0]]), allow_pickle=False) as stored:
            arrays = dict(stored)
    except (OSError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError)
        fault = f"{Path(error.filename).name} is missing" if missing else error
        warnings.warn(
            f"the sample in {folder()} is damaged ({fault}), so the twin is drawn anew; get a fresh copy, or "
            "run `python -m affectkit.datasets`",
            stacklevel=2,
        )
        return None
    if arrays.pop("simulator").item() != _cache.content(_cache.simulator(card)):
        return None  # the simulators have changed since
    if len(names) > 1:
        with Image.open(io.BytesIO(content[names[1]]), formats=("PNG",)) as sheet:
            side = sheet.width // COLUMNS
            tiles = np.asarray(sheet).reshape(-1, side, COLUMNS, side).swapaxes(1, 2)
        arrays["data"] = tiles.reshape(-1, side, side)[: len(arrays["row"])]
    return arrays
