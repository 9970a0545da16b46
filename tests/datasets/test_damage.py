"""Slow: hundreds of damaged files, and processes killed while they write the cache (make test-slow)."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from affectkit import datasets
from affectkit.datasets import DatasetError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore:.*other counts than the card")]


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


LOADING = """
import sys
from affectkit import datasets
print("ready", flush=True)
for i in range(50):
    datasets.load("fer2013", source="real", root=sys.argv[1])
    for file in __import__("pathlib").Path(sys.argv[2]).rglob("*.npz"):
        file.unlink()
"""


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
