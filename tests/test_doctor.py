"""`affectkit doctor`: every branch, what it advises, and that it ends badly for real problems alone."""

import tempfile
from importlib import metadata
from types import SimpleNamespace

import pandas as pd
import psutil
import pytest
import torch
from click.testing import CliRunner

from affectkit import cli, datasets, doctor, speed

ASKED = ["numpy>=2.0", "torch>=2.5", 'nosuchthing>=1; python_version < "3"', 'nbval>=0.11; extra == "test"',
         'opencv-python-headless>=4.8; extra == "crop"', 'jupytext>=1; extra == "notebooks"']


@pytest.fixture(autouse=True)
def quiet(monkeypatch, tmp_path):
    """A machine on which all is well, without real data."""
    for name in ("AFFECTKIT_DATA", "AFFECTKIT_SOURCE", "AFFECTKIT_CAP", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(metadata, "requires", lambda name: ASKED)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(doctor.shutil, "which", lambda name: None)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: SimpleNamespace(free=50e9))
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=8e9, available=6e9))
    monkeypatch.setattr(doctor, "_container_limit", lambda: None)


def found(what):
    return [finding for finding in doctor.examine() if finding.what == what]


def test_all_is_well_and_ends_well(tmp_path):
    done = CliRunner().invoke(cli.main, ["doctor"])
    assert done.exit_code == 0, done.output
    assert done.output.endswith("0 problems.\n")
    for part in ("affectkit", "Python 3.", f"numpy {metadata.version('numpy')}", "no GPU", "cores",
                 "6.0 GB free of 8.0", "bfloat16", "50 GB free on its disk", str(tmp_path / "cache"),
                 "twins of all"):
        assert part in done.output, part


def test_a_problem_ends_badly_and_comes_with_a_remedy(monkeypatch):
    monkeypatch.setenv("AFFECTKIT_DATA", "nowhere")
    done = CliRunner().invoke(cli.main, ["doctor"])
    assert done.exit_code == 1 and done.output.endswith("\n1 problem.\n")
    assert "problem  data       AFFECTKIT_DATA names nowhere, which is no folder\n" in done.output
    assert "-> set it to the folder" in done.output


def test_every_problem_and_note_of_a_bad_machine_has_a_remedy(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    for name, value in {"DATA": "nowhere", "SOURCE": "twins", "CAP": "1", "CACHE": tmp_path / "file"}.items():
        monkeypatch.setenv(f"AFFECTKIT_{name}", str(value))
    monkeypatch.setattr(metadata, "requires", lambda name: ["numpy>=99", 'nosuchthing>=1; extra == "crop"'])
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=1e9, available=1e8))
    bad = [finding for finding in doctor.examine() if finding.status != "good" and finding.what != "lessons"]
    assert [f.what for f in bad] == ["libraries", "extras", "memory", "cache", "data", "settings", "settings"]
    assert all(finding.remedy for finding in bad)


# ------------------------------------------------------------------------------------------------- libraries


def absent(name):
    raise metadata.PackageNotFoundError(name)


@pytest.mark.parametrize("asked, says, remedy", [
    ("numpy>=99", f"numpy is {metadata.version('numpy')}, numpy>=99 is needed", "pip install 'numpy>=99'"),
    ("nosuchthing>=1", "nosuchthing is missing, nosuchthing>=1 is needed", "pip install 'nosuchthing>=1'"),
])
def test_a_library_is_missing_or_too_old(monkeypatch, asked, says, remedy):
    monkeypatch.setattr(metadata, "requires", lambda name: [asked])
    assert found("libraries")[0][1:] == ("problem", says, remedy)


def test_a_library_that_conda_names_otherwise_is_found_by_its_module(monkeypatch):
    monkeypatch.setattr(metadata, "requires", lambda name: ["pillow>=1", "numpy>=2.0"])
    monkeypatch.setattr(metadata, "version", absent)
    assert [(f.status, f.says) for f in found("libraries")] == [("good", "pillow unknown, numpy unknown")]


def test_a_kit_that_is_not_installed_has_no_list_of_needs(monkeypatch):
    monkeypatch.setattr(metadata, "requires", absent)
    assert [finding.status for finding in found("libraries")] == ["note"] and found("extras") == []


def test_extras_are_here_or_not(monkeypatch):
    assert [(f.status, f.says) for f in found("extras")][:2] == [
        ("good", "notebooks: here"), ("good", "app: here")]
    monkeypatch.setattr(metadata, "requires", lambda name: ['nosuchthing>=1; extra == "crop"'])
    missing = next(f for f in found("extras") if f.status == "note")
    assert missing.says == "crop: without nosuchthing>=1" and "affectkit[crop]" in missing.remedy


def test_an_extra_of_a_version_that_does_not_fit_is_not_here(monkeypatch):
    monkeypatch.setattr(metadata, "requires", lambda name: ['numpy<2; extra == "crop"'])
    missing = next(f for f in found("extras") if f.status == "note")
    assert missing.says == "crop: without numpy<2"


# --------------------------------------------------------------------------------------------------- lessons


def test_lessons_here_or_how_to_get_them(tmp_path):
    assert found("lessons")[0].status == "note" and "git clone" in found("lessons")[0].says
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/00_a.py").touch()
    assert found("lessons")[0][1:3] == ("good", f"1 in {tmp_path / 'notebooks'}")


# --------------------------------------------------------------------------------------------------- machine


def test_cores_and_threads(monkeypatch):
    monkeypatch.setattr(speed, "threads", lambda: 3)
    monkeypatch.setattr(speed, "has_bf16", lambda device="cpu": True)
    assert "of which 3 may be used, with built-in bfloat16" in found("processor")[0].says


def test_a_gpu(monkeypatch):
    about = SimpleNamespace(name="Some GPU", total_memory=24e9)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda k: about)
    monkeypatch.setattr(speed, "has_bf16", lambda device="cpu": device == "cuda:0")
    assert [tuple(f) for f in found("graphics")] == [
        ("graphics", "good", "Some GPU, 24 GB, with built-in bfloat16", "")]


def test_a_gpu_that_torch_does_not_reach(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "which", lambda name: "/usr/bin/nvidia-smi")
    (finding,) = found("graphics")
    assert finding.status == "note" and "does not reach" in finding.says and "CUDA build" in finding.remedy


def test_little_memory(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=4e9, available=1.2e9))
    (finding,) = found("memory")
    assert finding.status == "problem" and finding.says.startswith("1.2 GB free of 4.0 GB")
    assert "kernels" in finding.remedy


def test_a_container_has_less_memory_than_its_host(monkeypatch):
    monkeypatch.setattr(doctor, "_container_limit", lambda: (2e9, 0.4e9))
    assert found("memory")[0][1:3] == ("good", "1.6 GB free of 2.0 GB")
    monkeypatch.setattr(doctor, "_container_limit", lambda: (2e9, 1e9))
    assert found("memory")[0].status == "problem"


# ----------------------------------------------------------------------------------------------------- cache


def test_the_cache_has_a_size(tmp_path):
    found("cache")
    (tmp_path / "cache/datasets/a.npz").write_bytes(b"0" * 50_000_000)
    assert found("cache")[0].says.startswith("0.1 GB in") and len(list((tmp_path / "cache").rglob("*"))) == 2


def test_a_cache_that_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("AFFECTKIT_CACHE", str(tmp_path / "file"))
    (finding,) = found("cache")
    assert finding.status == "problem" and "cannot be written" in finding.says
    assert "AFFECTKIT_CACHE" in finding.remedy


def test_a_cache_that_is_read_only(monkeypatch):
    def read_only(**options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(tempfile, "TemporaryFile", read_only)
    (finding,) = found("cache")
    assert finding.status == "problem" and "Read-only file system" in finding.says


def test_a_disk_that_is_nearly_full(monkeypatch):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: SimpleNamespace(free=3e8))
    (finding,) = found("cache")
    assert finding.status == "problem" and "make room" in finding.remedy


# ------------------------------------------------------------------------------------------- data, settings


def test_no_real_data_is_no_problem(tmp_path):
    (finding,) = found("data")
    assert finding.status == "note" and "every lesson runs" in finding.says
    assert "affectkit data get" in finding.remedy


def test_real_data_are_named(monkeypatch, tmp_path):
    monkeypatch.setenv("AFFECTKIT_DATA", str(tmp_path))
    table = pd.DataFrame({"real": [True, False, True]}, index=["fer2013", "ckplus", "deap"])
    monkeypatch.setattr(datasets, "available", lambda: table)
    (finding,) = found("data")
    assert finding.status == "good" and f"real in {tmp_path}: fer2013, deap" in finding.says


def test_data_that_cannot_be_read(monkeypatch):
    def unreadable():
        raise datasets.DatasetError("fer2013.csv cannot be searched (Permission denied)")

    monkeypatch.setattr(datasets, "available", unreadable)
    (finding,) = found("data")
    assert finding.status == "problem" and "Permission denied" in finding.says and finding.remedy


@pytest.mark.parametrize("name, value, statuses", [
    ("SOURCE", "twins", ["problem", "good"]), ("SOURCE", "twin", ["good"]), ("CAP", "1", ["note", "good"]),
])
def test_settings(monkeypatch, name, value, statuses):
    monkeypatch.setenv(f"AFFECTKIT_{name}", value)
    findings = found("settings")
    assert [finding.status for finding in findings] == statuses
    assert f"AFFECTKIT_{name}={value}" in findings[-1].says


def test_a_look_that_fails_is_a_problem_and_not_the_end(monkeypatch):
    def broken(name):
        raise OSError("libcudart.so: cannot open")

    monkeypatch.setattr(speed, "has_bf16", broken)
    monkeypatch.setattr(speed, "threads", lambda: 1 / 0)
    findings = doctor.examine()
    (finding,) = [finding for finding in findings if finding.what == "processor"]
    assert finding.status == "problem" and "could not be examined" in finding.says
    assert findings[-1].what == "settings"
