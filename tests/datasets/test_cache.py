"""The cache: fast, whole or absent, and harmless to share."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from affectkit import datasets
from affectkit.datasets import DatasetError, _cache, faces

pytestmark = pytest.mark.filterwarnings("ignore:.*other counts than the card")


@pytest.fixture
def root(write, tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    write.fer_csv(folder / "fer2013.csv", write.faces())
    return folder


def load(root):
    return datasets.load("fer2013", source="real", root=root)


@pytest.fixture
def parses(monkeypatch):
    """How often the files were really parsed."""
    calls = []
    monkeypatch.setattr(
        faces, "read_fer2013", lambda path, read=faces.read_fer2013: calls.append(path) or read(path)
    )
    return calls


def test_parsed_once(root, parses):
    first, second = load(root), load(root)
    assert len(parses) == 1 and np.array_equal(first.data, second.data)


def test_a_touched_file_is_known_by_its_content(root, parses):
    load(root)
    os.utime(root / "fer2013.csv", (1, 1))
    load(root)
    assert len(parses) == 1


def test_changed_content_and_a_new_version_are_read_again(root, parses, write, monkeypatch):
    before = load(root)
    write.fer_csv(root / "fer2013.csv", write.faces(seed=1))
    assert not np.array_equal(before.data, load(root).data) and len(parses) == 2
    monkeypatch.setattr(_cache, "VERSION", _cache.VERSION + 1)
    load(root)
    assert len(parses) == 3


def test_equal_relative_paths_in_two_folders_are_two_files(write, tmp_path, monkeypatch):
    sums = set()
    for seed in range(2):
        (tmp_path / str(seed) / "data").mkdir(parents=True)
        monkeypatch.chdir(tmp_path / str(seed))
        path = write.fer_csv(Path("data/fer2013.csv"), write.faces(seed=seed))
        path.write_text(path.read_text().ljust(2_000_000, "\n"))  # of one size
        os.utime(path, (1, 1))  # and one age
        sums.add(int(load("data").data.sum()))
    assert len(sums) == 2


def test_made_of_nothing_is_refused():
    with pytest.raises(ValueError, match="sources is empty"):
        _cache.arrays("mine", [], dict)


@pytest.mark.parametrize("damage", ["cut short", "empty", "flipped", "text", "no arrays"])
def test_a_damaged_cache_is_built_again(root, parses, own_cache, damage):
    before = load(root)
    (path,) = own_cache.glob("fer2013-*.npz")
    content = path.read_bytes()
    middle = len(content) // 2
    bad = {
        "cut short": content[:middle],
        "empty": b"",
        "flipped": content[:2000] + bytes([255 - content[2000]]) + content[2001:],
        "text": b"hello",
        "no arrays": b"PK\x05\x06" + bytes(18),
    }
    path.write_bytes(bad[damage])
    with pytest.warns(UserWarning, match="damaged.*built again"):
        assert np.array_equal(load(root).data, before.data)
    load(root)
    assert len(parses) == 2


def test_a_damaged_shortcut_costs_a_reading_only(root, own_cache):
    before = load(root)
    (note,) = (own_cache / "seen").iterdir()
    note.write_text("rubbish")
    assert np.array_equal(load(root).data, before.data)


def test_a_full_disk_is_reported_and_leaves_nothing(root, own_cache, monkeypatch):
    def full(file, **arrays):
        file.write(b"half a file")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(DatasetError, match=r"fer2013-v.*could not be cached.*No space left.*AFFECTKIT_CACHE"):
        load(root)
    assert not list(own_cache.glob("*.npz")) and not list(own_cache.rglob("*.part"))
    monkeypatch.undo()


def test_an_interrupt_leaves_nothing(root, own_cache, monkeypatch):
    def interrupted(file, **arrays):
        file.write(b"half a file")
        raise KeyboardInterrupt

    monkeypatch.setattr(np, "savez", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(root)
    assert not list(own_cache.glob("*.npz")) and not list(own_cache.rglob("*.part"))


def test_a_cache_folder_that_cannot_be_made(root, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "file"))
    with pytest.raises(DatasetError, match="AFFECTKIT_CACHE"):
        load(root)


def forbid(monkeypatch, forbidden):
    """Make opening a file fail as without permission (chmod alone proves nothing: root may open anything)."""
    import builtins

    real = builtins.open

    def guarded(file, *args, **kwargs):
        if isinstance(file, (str, os.PathLike)) and os.fspath(file) == os.fspath(forbidden):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), os.fspath(file))
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", guarded)


def test_an_unreadable_source(root, monkeypatch):
    forbid(monkeypatch, root / "fer2013.csv")
    with pytest.raises(DatasetError, match=r"fer2013.csv cannot be read \(Permission denied\)"):
        load(root)


def test_an_unreadable_cache(root, own_cache, monkeypatch):
    load(root)
    (path,) = own_cache.glob("fer2013-*.npz")
    forbid(monkeypatch, path)
    with pytest.raises(DatasetError, match=r"npz cannot be read \(Permission denied\).*AFFECTKIT_CACHE"):
        load(root)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read anything")
def test_permissions_of_the_system(root):
    (root / "fer2013.csv").chmod(0)
    with pytest.raises(DatasetError, match="cannot be read"):
        load(root)


TWO = """
import sys, time, warnings, pathlib
warnings.simplefilter("ignore")
from affectkit import datasets
folder = pathlib.Path(sys.argv[1])
for k in range(5):
    (folder / f"ready{sys.argv[2]}-{k}").touch()
    while not (folder / f"go{k}").exists():
        time.sleep(0.001)
    bunch = datasets.load("fer2013", source="real", root=folder)
    print(int(bunch.data.sum()), bunch.data.shape)
"""


def test_two_processes_at_once(root, own_cache, repository):
    both = []
    for k in range(2):
        command = [sys.executable, "-c", TWO, str(root), str(k)]
        pipes = dict(stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        both.append(subprocess.Popen(command, cwd=repository, **pipes))
    deadline = time.monotonic() + 60
    for k in range(5):
        while not all((root / f"ready{j}-{k}").exists() for j in range(2)) and time.monotonic() < deadline:
            time.sleep(0.01)
        for path in own_cache.rglob("*"):  # so that every round races
            if path.is_file():
                path.unlink()
        (root / f"go{k}").touch()
    out = [process.communicate(timeout=60) for process in both]
    assert [process.returncode for process in both] == [0, 0], out
    assert len(set((out[0][0] + out[1][0]).splitlines())) == 1
    assert len(list(own_cache.glob("*.npz"))) == 1 and not list(own_cache.rglob("*.part"))
