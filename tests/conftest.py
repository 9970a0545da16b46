"""Fixtures every test may use."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def repository():
    """The repository's root folder."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def real_data():
    """The folder of real data sets; without one, the tests that need it say so and skip."""
    folder = os.environ.get("AFFECTKIT_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("real data: AFFECTKIT_DATA names no folder here")
    return Path(folder)


@pytest.fixture(scope="session")
def site(repository, tmp_path_factory):
    """The site, built as `make site` builds it; any warning of Sphinx's is an error."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs",
               "-d", folder / "doctrees", ".", folder / "pages"]  # fmt: skip
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "pages"


@pytest.fixture(autouse=True)
def own_environment(monkeypatch):
    """No test depends on what a person set for their own runs, except where the real data lie."""
    for name in ("AFFECTKIT_SOURCE", "AFFECTKIT_RECORD", "AFFECTKIT_CAP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def one_thread():
    """Torch on one thread: the same numbers on every machine, and small networks are faster so."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def load(repository, monkeypatch):
    """Import scripts of docs/ as they would be run there, what others need first; gives the last one."""
    monkeypatch.syspath_prepend(repository / "docs")

    def scripts(*names):
        for name in names:
            spec = importlib.util.spec_from_file_location(name, repository / "docs" / f"{name}.py")
            module = importlib.util.module_from_spec(spec)
            monkeypatch.setitem(sys.modules, name, module)
            spec.loader.exec_module(module)
        return module

    return scripts


@pytest.fixture
def on_the_scoreboard():
    """The rows of a measurement that the scoreboard looks for: a study that renames one must fail."""
    from affectkit.papers import _claims

    def named(study, measure, start=""):
        entries = [entry for key in _claims.KEYS for entry in _claims.read(key)["ours"]]
        return {name[2] for entry in entries for name in entry["ours"]
                if name[:2] == (study, measure) and name[2].startswith(start)}

    return named
