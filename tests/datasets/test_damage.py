"""Hundreds of damaged files, and processes killed while they write the cache (most: make test-slow)."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from affectkit import cards, datasets
from affectkit.datasets import DatasetError

from . import picture_writers

pytestmark = pytest.mark.filterwarnings("ignore:.*other counts than the card")


def damaged(content, rng):
    """Bytes with one thing wrong: cut short, bytes changed, a piece taken out or put in twice."""
    content, at = bytearray(content), rng.randrange(len(content))
    kind = rng.choice(["cut", "bytes", "hole", "twice"])
    if kind == "cut":
        return bytes(content[:at])
    if kind == "bytes":
        for _ in range(rng.choice([1, 8, 64])):
            content[rng.randrange(len(content))] = rng.randrange(256)
    elif kind == "hole":
        del content[at : at + rng.choice([1, 50, 3000])]
    else:
        content[at:at] = content[at : at + rng.choice([1, 50, 3000])]
    return bytes(content)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["fer2013.csv", "fer2013.zip", "stress-predict.zip"])
def test_damaged_files_are_read_or_refused(form, write, tmp_path, own_cache):
    """The answer is a Bunch of the right shape or a DatasetError; nothing half-written stays."""
    source = tmp_path / "source"
    source.mkdir()
    root = tmp_path / "data"
    root.mkdir()
    rows = write.faces(each=1)
    if form == "fer2013.csv":
        write.fer_csv(root / form, rows)
    elif form == "fer2013.zip":
        write.zipped(root / form, write.folders(source, rows))
    else:
        write.zipped(
            root / form, write.stress(source / "Stress-Predict-Dataset", people=(2,), raw=False).parent
        )
    whole, rng = (root / form).read_bytes(), random.Random(0)
    refused = 0
    for _ in range(150):
        (root / form).write_bytes(damaged(whole, rng))
        try:
            found = datasets.load(form.split(".")[0], source="real", root=root)
        except DatasetError as error:
            refused += 1
            assert form in str(error) or "fer2013" in str(error)
        else:
            assert len(found.data) == len(found.target) > 0 and np.isfinite(found.data).all()
        assert not list(own_cache.rglob("*.part")), "a half-written file stays"
    assert 30 < refused <= 150  # the damage is felt


# ------------------------------------------------------------------------------ trees of pictures, in any way

OTHERS = {  # what may lie where a file should be
    "empty": b"",
    "text": b"<html>404 not found</html>",
    "binary": bytes(range(256)) * 9,
    "huge": picture_writers.huge(60_000, 60_000),
    "numbers": b"1 2 3\n-1 nan\n9e999 0\n",
    "pickle": b"cos\nsystem\n(S'touch hacked'\ntR.",
    "picture": picture_writers.huge(3, 3),
}
KINDS = (*OTHERS, "bytes", "gone", "renamed", "swapped", "folder", "link")


def harm(root, rng, kind):
    """One thing wrong in a tree of files."""
    files = sorted(path for path in root.rglob("*") if path.is_file())
    labels = [path for path in files if path.suffix in (".txt", ".csv")]
    path = rng.choice(labels if labels and rng.random() < 0.4 else files)
    other = rng.choice(files)
    if kind in OTHERS:
        path.write_bytes(OTHERS[kind])
    elif kind == "bytes":
        path.write_bytes(damaged(path.read_bytes(), rng))
    elif kind == "renamed":
        name = list(path.name)
        name[rng.randrange(len(name))] = rng.choice("0Z_.é ")
        path.rename(path.with_name("".join(name).strip(" .") or "x"))
    elif kind == "swapped":
        mine, theirs = path.read_bytes(), other.read_bytes()
        path.write_bytes(theirs), other.write_bytes(mine)
    else:
        path.unlink()
        if kind == "folder":
            path.mkdir()
        elif kind == "link":  # to nothing
            path.symlink_to(root / "nowhere")


def outside(tmp_path, cache):
    """All files but the cache's, with their sizes."""
    files = (path for path in tmp_path.rglob("*") if cache not in path.parents)
    return {path: path.lstat().st_size for path in files if not path.is_dir()}


def attempt(name, root, tmp_path, cache):
    """Load what may be damaged: whether it was refused. Anything but a DatasetError is a failure."""
    before = outside(tmp_path, cache.parent)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            bunch = datasets.load(name, source="real", root=root, size=16)
        except DatasetError as error:
            assert str(tmp_path) in str(error) or "memory" in str(error)
            refused = True
        else:
            n = len(bunch.data)
            assert bunch.data.shape[:3] == (n, 16, 16) and len(bunch.target) == n > 0
            assert 0 <= bunch.target.min() and bunch.target.max() < len(cards.get(name).classes)
            refused = False
    assert outside(tmp_path, cache.parent) == before, "something was written outside the cache"
    assert not list(cache.rglob("*.part")), "a half-written file stays"
    return refused


def trial(name, packed, kind, seed, tmp_path, cache, write):
    """Write a set, damage it, load it, mend it, load it again."""
    rng, whole, root = random.Random(seed), tmp_path / "whole", tmp_path / "data"
    if not (whole / name).is_dir():
        write.pictures(name, whole / name)
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(whole / name, root)
    if packed:
        place = root / f"{name}.zip"
        inside = next(path for path in root.iterdir())
        inside = inside / name.split("-")[1] if name.startswith("rafdb") else inside
        if kind != "bytes":  # in the zip
            harm(inside, rng, "gone" if kind == "link" else kind)
        write.zipped(place, inside)
        if kind == "bytes":  # of the zip
            place.write_bytes(damaged(place.read_bytes(), rng))
        return attempt(name, place, tmp_path, cache)
    harm(root, rng, kind)
    return attempt(name, root, tmp_path, cache)


@pytest.mark.slow
@pytest.mark.parametrize("name", picture_writers.PICTURES)
def test_damaged_trees_are_read_or_refused(name, write, tmp_path, own_cache):
    refused = sum(
        trial(name, packed, kind, seed, tmp_path, own_cache, write)
        for packed in (False, True)
        for kind in KINDS
        for seed in range(8 if kind == "bytes" else 3)
    )
    assert refused >= 10  # of 94: the damage is felt; much of it hits a picture that is not read, or a name
    shutil.rmtree(tmp_path / "data")
    shutil.copytree(tmp_path / "whole" / name, tmp_path / "data")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        mended = datasets.load(name, source="real", root=tmp_path / "data", size=16)
        shutil.rmtree(own_cache)
        fresh = datasets.load(name, source="real", root=tmp_path / "data", size=16)
    assert np.array_equal(mended.data, fresh.data)  # what damaged files left in the cache does no harm


@hypothesis.settings(
    max_examples=12, deadline=None, derandomize=True, database=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture, hypothesis.HealthCheck.too_slow],
)  # fmt: skip
@hypothesis.given(
    name=st.sampled_from(["rafdb-basic", "jaffe", "faces", "celeba", "landscapes"]),
    packed=st.booleans(), kind=st.sampled_from(KINDS), seed=st.integers(0, 10**6),
)  # fmt: skip
def test_some_damage(name, packed, kind, seed, write, tmp_path, own_cache):
    trial(name, packed, kind, seed, tmp_path, own_cache, write)


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True, database=None)
@hypothesis.given(content=st.binary(max_size=200), seed=st.integers(0, 10**6), start=st.sampled_from(
    [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\x00", b"BM", b"GIF89a", b"RIFF", b"P5 9 9 255\n"]
))  # fmt: skip
def test_bytes_that_begin_like_a_picture(content, seed, start):
    whole = picture_writers.encoded(picture_writers.pattern(seed, (12, 9), True), "PNG")
    for attempted in (start + content, damaged(whole, random.Random(seed))):
        try:
            image = datasets.pictures.read_picture(attempted, "/there/x.png")
        except DatasetError as error:
            assert "/there/x.png" in str(error)
        else:
            assert image.dtype == np.uint8 and image.ndim == 3 and image.shape[2] == 3


# ------------------------------------------------------------------------------------------- killed processes

LOADING = """
import sys
from affectkit import datasets
print("ready", flush=True)
for i in range(50):
    datasets.load("fer2013", source="real", root=sys.argv[1])
    for file in __import__("pathlib").Path(sys.argv[2]).rglob("*.npz"):
        file.unlink()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_while_caching(write, tmp_path, own_cache):
    """Killed 20 times at random moments, the cache still gives what the files hold."""
    root = tmp_path / "data"
    root.mkdir()
    rows = write.faces(each=20)
    write.fer_csv(root / "fer2013.csv", rows)
    expected = np.array([image for usage, _, image in rows if usage == "Training"])
    rng = random.Random(0)
    for _ in range(20):
        command = [sys.executable, "-W", "ignore", "-c", LOADING, str(root), str(own_cache)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=os.environ.copy()
        )
        process.stdout.readline()
        time.sleep(rng.uniform(0, 1))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert np.array_equal(datasets.load("fer2013", source="real", root=root).data, expected)
