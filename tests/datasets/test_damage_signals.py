"""Slow: hundreds of damaged signal files of every format (make test-slow)."""

import random

import numpy as np
import pytest

from affectkit import datasets
from affectkit.datasets import DatasetError, _deap

from . import signal_writers as write

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*people.*and the card of"),
    pytest.mark.filterwarnings("ignore:invalid escape sequence"),  # in a text pickle
    pytest.mark.filterwarnings("ignore:.*(have no window|rated otherwise|GSR1 lies beyond|lasts .* s at)"),
]


def damaged(whole, other, rng, target):
    """Bytes with one thing wrong; `other` is a good file of someone else."""
    content, kind = bytearray(whole), rng.choice("cut bytes hole twice number swap name hostile".split())
    at = rng.randrange(min(len(content), rng.choice([300, 2000, len(content)])))  # often in the header
    if kind == "cut":
        return bytes(content[:at])
    if kind == "bytes":
        for _ in range(rng.choice([1, 1, 8, 64])):
            content[(at + rng.randrange(64)) % len(content)] = rng.randrange(256)
    elif kind == "hole":
        del content[at : at + rng.choice([1, 50, 3000])]
    elif kind == "twice":
        content[at:at] = content[at : at + rng.choice([1, 50, 3000])]
    elif kind == "number":  # a count or a length becomes huge, or negative
        content[at : at + 4] = rng.choice([b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"9999", b"-111"])
    elif kind == "swap":
        return other
    elif kind == "name":  # another function than the one that makes arrays
        word = rng.choice([b"numpy\nndarray", b"numpy\ndtype", b"numpy.core.multiarray\n_reconstruct"])
        return whole.replace(
            word, rng.choice([b"os\nsystem", b"builtins\neval", b"numpy\nload", b"posix\nremove"])
        )
    else:
        return rng.choice(list(write.hostile(target)))
    return bytes(content)


FORMS = {  # name, damaged file, file of someone else, signals
    "dat": ("deap", "s01.dat", "s02.dat", ("bvp", "eda")),
    "bdf": ("deap", "s01.bdf", "s24.bdf", ("bvp", "eda")),
    "csv": ("deap", "participant_ratings.csv", None, ("bvp",)),
    "pkl": ("wesad", "S2/S2.pkl", "S10/S10.pkl", ("bvp", "eda", "respiration")),
    "text pkl": ("wesad", "S2/S2.pkl", "S10/S10.pkl", ("bvp", "eda", "respiration")),
}


@pytest.mark.parametrize("form", FORMS)
def test_damaged_signals_are_read_or_refused(form, tmp_path, own_cache, monkeypatch):
    """The answer is a Bunch of the right shape or a DatasetError; nothing runs, nothing half-written."""
    monkeypatch.setattr(_deap, "SHAPE", (2, 40, 8064))
    root, target, rng = tmp_path / "data", tmp_path / "run", random.Random(form)
    if form in ("dat", "csv"):
        write.deap(root)
    elif form == "bdf":
        write.deap_raw(root)
    else:
        parts = ((1, 61), (2, 61), (3, 61), (4, 61), (0, 3))
        write.wesad(root, parts=parts, protocol=2 if form == "pkl" else 0)
    name, file, other, signals = FORMS[form]
    path = next(root.rglob(file.rsplit("/", 1)[-1]))
    other = next(root.rglob(other.rsplit("/", 1)[-1])).read_bytes() if other else b""
    whole, refused, names = path.read_bytes(), 0, set(root.rglob("*"))
    expected = datasets.load(name, source="real", root=root, signals=signals)
    for _ in range(100):
        path.write_bytes(damaged(whole, other, rng, target))
        try:
            found = datasets.load(name, source="real", root=root, signals=signals)
        except DatasetError as error:
            refused += 1
            assert str(root) in str(error) and "\n" not in str(error)
        else:
            assert (
                found.data.shape[1:] == expected.data.shape[1:] and len(found.data) == len(found.target) > 0
            )
            assert np.isfinite(found.data).all()
        assert not target.exists() and set(root.rglob("*")) == names, "something ran"
        assert not list(own_cache.rglob("*.part")), "a half-written file stays"
    assert refused > 40  # the damage is felt
    path.write_bytes(whole)
    assert np.array_equal(datasets.load(name, source="real", root=root, signals=signals).data, expected.data)
