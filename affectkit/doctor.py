"""What ``affectkit doctor`` looks at: versions, processor, memory, disk, data; and what to do about it.

Examples
--------
>>> from affectkit import doctor
>>> [finding.what for finding in doctor.examine()][:2]
['affectkit', 'libraries']
"""

import importlib.util
import os
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

import affectkit

from . import speed

GB = 1e9
NEEDS_MEMORY = 1.5 * GB  # what a lesson may take in its quick profile
NEEDS_DISK = 1 * GB  # arrays of the larger sets, kept so that they are read or drawn once
EXTRAS = ("notebooks", "app", "crop", "inception", "cluster")
_MODULES = {"scikit-learn": "sklearn", "imbalanced-learn": "imblearn", "pillow": "PIL",
            "opencv-python-headless": "cv2"}


class Finding(NamedTuple):
    """One thing that was looked at.

    `status` is "good", "note" (something to know, all lessons run) or "problem" (something will fail);
    `remedy` says what to do, and is empty where there is nothing to be done.
    """

    what: str
    status: str
    says: str
    remedy: str = ""


def examine():
    """Look at everything; nothing is fetched, and nothing left behind but the cache's folder.

    Returns
    -------
    list of Finding
        In a fixed order. What could not be looked at at all is a problem of its own.
    """
    findings = []
    for look in (_affectkit, _libraries, _extras, _lessons, _processor, _graphics, _memory, _cache, _data,
                 _settings):
        what = look.__name__.strip("_")
        try:
            findings += [Finding(what, *found) for found in look()]
        except Exception as error:  # a doctor that faints helps nobody: whatever it is, say it and go on
            says = f"could not be examined ({type(error).__name__}: {error})"
            findings.append(Finding(what, "problem", says, "install the kit anew, as its README says"))
    return findings


def _affectkit():
    yield "good", (f"{affectkit.__version__} in {Path(affectkit.__file__).parent}, Python "
                   f"{platform.python_version()}, {platform.system()} {platform.machine()}")


def _requirements():
    """What the installed kit asks for: (requirement, extra or "")."""
    from packaging.requirements import Requirement

    for line in metadata.requires("affectkit") or ():
        needed = Requirement(line)
        extras = ("", *EXTRAS) if needed.marker else ("",)  # a marker that holds without an extra: a library
        for extra in extras:
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                yield needed, extra
                break


def _version(name):
    """The version of an installed distribution, or None; "unknown" where only its module is found."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:  # conda names a few otherwise
        module = _MODULES.get(name, name.replace("-", "_"))
        return "unknown" if importlib.util.find_spec(module) else None


def _fits(requirement):
    found = _version(requirement.name)
    return found == "unknown" or bool(found) and requirement.specifier.contains(found, prereleases=True)


def _libraries():
    try:
        needed = [requirement for requirement, extra in _requirements() if not extra]
    except metadata.PackageNotFoundError:
        yield "note", "which versions are needed is unknown: affectkit is not installed, only found"
        return
    versions = {requirement.name: _version(requirement.name) for requirement in needed}
    for requirement in needed:
        if not _fits(requirement):
            found = versions[requirement.name]
            have = f"is {found}" if found else "is missing"
            yield ("problem", f"{requirement.name} {have}, {requirement} is needed",
                   f"pip install '{requirement}'")
    yield "good", ", ".join(f"{name} {version}" for name, version in versions.items() if version)


def _extras():
    try:
        needed = [(requirement, extra) for requirement, extra in _requirements() if extra]
    except metadata.PackageNotFoundError:
        return
    for name in EXTRAS:
        missing = [str(requirement).partition(";")[0].strip() for requirement, extra in needed
                   if extra == name and not _fits(requirement)]
        if missing:
            yield ("note", f"{name}: without {', '.join(missing)}",
                   f"if you want it: pip install 'affectkit[{name}]'")
        else:
            yield "good", f"{name}: here"


def _lessons():
    from . import _notebooks

    try:
        root = _notebooks.find_root()
    except FileNotFoundError as error:
        yield "note", str(error)
        return
    yield "good", f"{len(_notebooks.lessons(root))} in {root / 'notebooks'}"


def _processor():
    half = "with" if speed.has_bf16() else "without"
    yield "good", f"{os.cpu_count()} cores, of which {speed.threads()} may be used, {half} built-in bfloat16"


def _graphics():
    import torch

    if torch.cuda.is_available():
        for k in range(torch.cuda.device_count()):
            about, half = torch.cuda.get_device_properties(k), speed.has_bf16(f"cuda:{k}")
            yield "good", (f"{about.name}, {about.total_memory / GB:.0f} GB, {'with' if half else 'without'} "
                           "built-in bfloat16")
    elif shutil.which("nvidia-smi"):
        yield ("note", f"there is an NVIDIA driver, and torch {torch.__version__} does not reach its GPU",
               "install the CUDA build of torch that fits the driver; until then it is the processor")
    else:
        yield "good", "no GPU: networks run on the processor, as all quick profiles are meant to"


def _memory():
    import psutil

    total, free = psutil.virtual_memory().total, speed.free_memory()
    if limit := _container_limit():
        total, free = min(total, limit[0]), min(free, limit[0] - limit[1])
    says = f"{free / GB:.1f} GB free of {total / GB:.1f} GB"
    if free < NEEDS_MEMORY:
        yield ("problem", f"{says}; a lesson takes up to {NEEDS_MEMORY / GB:.1f} GB",
               "shut down other kernels and programs, and run one lesson at a time (--jobs 1)")
    else:
        yield "good", says


def _container_limit():
    """The memory a container may use and what it uses [bytes], or None: it shows all of its host's."""
    try:
        folder = Path("/sys/fs/cgroup")
        return int((folder / "memory.max").read_text()), int((folder / "memory.current").read_text())
    except (OSError, ValueError):  # no cgroup v2, or "max": no limit
        return None


def _cache():
    from .datasets import _cache as cache

    folder, other = cache.folder(), "set AFFECTKIT_CACHE to a folder that can be written"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        yield "problem", f"{folder} cannot be written ({error.strerror}): no set can be loaded", other
        return
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    free = shutil.disk_usage(folder).free
    says = f"{size / GB:.1f} GB in {folder}, {free / GB:.0f} GB free on its disk"
    if free < NEEDS_DISK:
        yield "problem", says, f"make room (all in it can be deleted, and is made again), or {other}"
    else:
        yield "good", says


def _data():
    from . import datasets

    given, folder = os.environ.get("AFFECTKIT_DATA"), datasets.data_root()
    if given and not folder.is_dir():
        yield ("problem", f"AFFECTKIT_DATA names {given}, which is no folder",
               "set it to the folder of the real data sets, or unset it: every set has a twin")
        return
    try:
        sets = datasets.available()
    except datasets.DatasetError as error:
        yield "problem", str(error), "`affectkit data check` says more"
        return
    real = sets.index[sets["real"].astype(bool)]
    if len(real):
        yield "good", (f"real in {folder.resolve()}: {', '.join(real)} (`affectkit data check` reads them); "
                       f"twins of all {len(sets)}")
    else:
        yield ("note", f"no real set in {folder.resolve()}, twins of all {len(sets)}: every lesson runs",
               "to get one: `affectkit data get stress-predict`, or what `affectkit data where NAME` says")


def _settings():
    source = os.environ.get("AFFECTKIT_SOURCE")
    if source and source not in ("auto", "real", "twin"):
        yield "problem", f"AFFECTKIT_SOURCE is {source!r}", "set it to auto, real or twin, or unset it"
    if os.environ.get("AFFECTKIT_CAP"):
        yield "note", "AFFECTKIT_CAP is set: trainings end early, figures mean nothing", "unset it"
    names = sorted(name for name in os.environ if name.startswith("AFFECTKIT_"))
    names += [name for name in ("OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES") if name in os.environ]
    yield "good", ", ".join(f"{name}={os.environ[name]}" for name in names) or "none: all as it comes"


def report(findings):
    """The findings as lines of text.

    Returns
    -------
    list of (status, str)
    """
    return [(finding.status, f"{finding.status:>7}  {finding.what:<10} {finding.says}"
             + (f"\n{'':>20}-> {finding.remedy}" if finding.remedy else "")) for finding in findings]
