"""Measures how fast the door to fer2013.csv is, and makes docs/doors.md:  python docs/doors.py

A table of the published form and size (35,887 rows) is written with random pixels, then read in fresh
processes by a plain parser, by the door, and by the door again from its cache.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

import affectkit as ak

ROOT = Path(__file__).resolve().parents[1]
RUNS = 3
PLAIN = """
images, target = [], []
with open(folder / "fer2013.csv") as file:
    next(file)
    for line in file:
        label, pixels, usage = line.split(",")
        images.append([int(value) for value in pixels.split()])
        target.append(int(label))
images = np.array(images, np.uint8).reshape(-1, 48, 48)
"""
DOOR = 'images = datasets.load("fer2013", source="real", split="all", root=folder).data'
TIMED = """
import json, resource, sys, time
from pathlib import Path
import numpy as np
from affectkit import datasets
folder = Path(sys.argv[1])
start = time.perf_counter()
{work}
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(json.dumps(dict(seconds=seconds, peak=peak, total=int(images.sum(dtype=np.int64)), n=len(images))))
"""


def write(path):
    """A table as Kaggle hands it out: the card's counts, pixels spread as in real faces."""
    card, rng = ak.cards.get("fer2013"), np.random.default_rng(0)
    with open(path, "w") as file:
        file.write("emotion,pixels,Usage\n")
        for split, usage in (("train", "Training"), ("val", "PublicTest"), ("test", "PrivateTest")):
            for label in rng.permutation(np.repeat(np.arange(7), card.counts[split])):
                pixels = np.clip(rng.normal(129.5, 65, 48 * 48), 0, 255).astype(int)
                file.write(f"{label},{' '.join(map(str, pixels))},{usage}\n")


def timed(work, folder, cache):
    """Run in a process of its own: seconds without the imports, peak memory [GB], checks."""
    command = [sys.executable, "-W", "ignore", "-c", TIMED.format(work=work), str(folder)]
    environment = os.environ | dict(AFFECTKIT_CACHE=str(cache), TQDM_DISABLE="1")
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True).stdout)


def main():
    found = {"plain parser, int by int": [], "first load": [], "cached load": []}
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        write(folder / "fer2013.csv")
        for run in range(RUNS):  # in turn, so that a busy machine is busy for all
            for name, work in zip(found, (PLAIN, DOOR, DOOR), strict=True):
                found[name].append(timed(work, folder, folder / f"cache-{run}"))
    assert len({(one["n"], one["total"]) for runs in found.values() for one in runs}) == 1, "they disagree"
    plain = np.median([one["seconds"] for one in found["plain parser, int by int"]])
    goals = {"first load": 3, "cached load": 0.2}
    lines = [
        "# Speed of the door to fer2013.csv\n",
        "Made by `python docs/doors.py`; nothing here is typed in by hand. A table of 35,887 rows, its "
        f"pixels random, each way of reading it in processes of its own, {RUNS} times in turn, the median; "
        f"imports are not counted. {platform.machine()}, {os.cpu_count()} cores. All three gave the same "
        "pixels.\n",
        "| way | seconds | goal | held | times as fast as the plain parser | peak memory [GB] |",
        "|---|---|---|---|---|---|",
    ]
    for name, runs in found.items():
        seconds, goal = np.median([one["seconds"] for one in runs]), goals.get(name)
        held = "" if goal is None else "yes" if seconds <= goal else "no"
        goal = "" if goal is None else f"≤ {goal}"
        peak = max(one["peak"] for one in runs)
        lines.append(f"| {name} | {seconds:.2f} | {goal} | {held} | {plain / seconds:.1f} | {peak:.2f} |")
    (ROOT / "docs" / "doors.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
