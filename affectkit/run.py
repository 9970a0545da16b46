"""Run the lessons: ``affectkit run`` executes each with papermill and leaves reports/.

A lesson run with one set of parameters has a *slot*: reports/SLOT.html and .ipynb (half-run, with its error,
when it failed) and reports/state/SLOT.json. Slots of several seeds or profiles live side by side.
reports/results.json collects the key figures of them all, reports/index.html shows them. A slot is run again
only when its lesson, the package, its libraries, its parameters or the data have changed, or when it failed.
"""

import ast
import datetime
import hashlib
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from affectkit import _notebooks, _report, speed

LIBRARIES = ("numpy", "pandas", "scipy", "scikit-learn", "torch", "timm", "skorch", "captum", "mne",
             "neurokit2", "matplotlib", "seaborn")
QUICK_SECONDS, QUICK_MB = 60, 1500  # what a lesson may take in the quick profile


class Slot(NamedTuple):
    """One lesson with one set of parameters."""

    name: str
    notebook: Path
    parameters: dict  # all of them, the defaults too


class Outcome(NamedTuple):
    """What `run` did: the states of the slots asked for, the names of those run now, the page to look at."""

    states: list
    ran: list
    index: Path

    @property
    def failed(self):
        """The states of the slots that failed."""
        return [state for state in self.states if state["status"] != "ok"]


def run(root=None, *, only=(), profile=None, source=None, seeds=(), device=None, settings=None, jobs=1,
        reports=None):
    """Run lessons whose results are missing, outdated or failed, and bring reports/ up to date.

    Parameters
    ----------
    root : path, optional
        The project's root; found from the current folder upwards when not given.
    only : sequence of str
        Lessons by number (``"09"``) or name; all when empty.
    profile, source, device : str, optional
        Set PROFILE, SOURCE and DEVICE; the lesson's own defaults when not given.
    seeds : sequence of int
        Set SEED: one run for each. The lesson's own default when empty.
    settings : dict, optional
        Other parameters by name. A lesson takes those it has; one that no lesson has is an error.
    jobs : int
        Lessons run at a time; the cores are shared out among them.
    reports : path, optional
        Where results go, instead of root/reports. Nothing else is written.

    Returns
    -------
    Outcome

    Raises
    ------
    FileNotFoundError, ValueError
        When there are no lessons here, or an argument fits none of them.
    KeyboardInterrupt
        When interrupted: what had finished is kept, nothing half-written stays.
    """
    root = Path(root).resolve() if root else _notebooks.find_root()
    reports = Path(reports).resolve() if reports else root / "reports"
    if jobs < 1:
        raise ValueError(f"jobs is {jobs}; it must be 1 or more")
    given = {"PROFILE": profile, "SOURCE": source, "DEVICE": device}
    given = {key: value for key, value in given.items() if value is not None} | (settings or {})
    slots = plan(_notebooks.lessons(root, only), given, seeds)
    (reports / "state").mkdir(parents=True, exist_ok=True)

    fingerprint = Fingerprints(root)
    due = [slot for slot in slots if not _reusable(slot, reports, fingerprint(slot))]
    _run_all(due, root, reports, fingerprint, jobs)
    _collect(root, reports, fingerprint)
    states = [_state(reports, slot.name) for slot in slots]
    return Outcome(states, [slot.name for slot in due], reports / "index.html")


# ------------------------------------------------------------------------------------------ what is to be run


def plan(paths, given, seeds=()):
    """The slots of `paths` under the parameters `given`, one for each seed.

    A slot is named after its lesson, and after what differs from the lesson's own defaults:
    ``09_face_cnns``, ``09_face_cnns--PROFILE-bench--SEED-1``.
    """
    given, slots, unused = dict(given), [], set(given)
    choices = [{"SEED": seed} for seed in seeds] or [{}]
    for path, choice in itertools.product(paths, choices):
        defaults = _notebooks.parameters(path)
        chosen = {key: value for key, value in (given | choice).items() if key in defaults}
        unused -= set(chosen)
        changed = {key: value for key, value in chosen.items() if value != defaults[key]}
        parts = [path.stem, *(f"{key}-{_short(value)}" for key, value in sorted(changed.items()))]
        slots.append(Slot("--".join(parts), path, defaults | chosen))
    if unused and paths:
        names = sorted(set().union(*(_notebooks.parameters(path) for path in paths)))
        raise ValueError(f"no lesson asked for has a parameter {', '.join(sorted(unused))}; there are "
                         f"{', '.join(names)}")
    return list({slot.name: slot for slot in slots}.values())


def _short(value):
    """A value as a piece of a file name; a long or odd one keeps a digest, so that no two become one."""
    text = str(value)
    plain = re.sub(r"[^A-Za-z0-9._+]+", "-", text)[:32]
    return plain if plain == text else f"{plain}-{hashlib.sha256(text.encode()).hexdigest()[:6]}"


def parse_setting(text):
    """``"KEY=VALUE"`` as a pair: the value a TOML or Python literal, else the text itself.

    >>> parse_setting("EPOCHS=3"), parse_setting("FLIP=true"), parse_setting("NAME=small")
    (('EPOCHS', 3), ('FLIP', True), ('NAME', 'small'))
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip().isidentifier():
        raise ValueError(f"{text!r} is no setting; write KEY=VALUE, such as SEED=1")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        pass
    try:
        return key.strip(), ast.literal_eval(value.strip())
    except (ValueError, SyntaxError):
        return key.strip(), value.strip()


class Fingerprints:
    """Digests of all that a slot's results depend on. What slots share is computed once.

    Parameters
    ----------
    root : Path
        The project's root.
    """

    def __init__(self, root):
        self.root = root
        self._sources = _notebooks.sources_fingerprint(root)
        self._versions = versions()
        self._data = None

    def __call__(self, slot):
        source = slot.parameters.get("SOURCE", "auto")
        if source == "auto":
            source = os.environ.get("AFFECTKIT_SOURCE") or "auto"
        if source != "twin" and self._data is None:
            self._data = data_fingerprint(data_folder(self.root))
        parts = [_notebooks.content(slot.notebook).decode(), self._sources, self._versions, slot.parameters,
                 source, None if source == "twin" else self._data, os.environ.get("AFFECTKIT_CAP")]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, default=repr).encode()).hexdigest()


def versions():
    """The versions of Python and of the libraries that results depend on, as a list of str."""
    return [sys.version.split()[0], *(f"{name} {_version(name)}" for name in LIBRARIES)]


def _version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def data_folder(root):
    """Where the lessons look for real data: $AFFECTKIT_DATA, else root/data."""
    return Path(os.environ.get("AFFECTKIT_DATA") or root / "data").expanduser().resolve()


def data_fingerprint(folder):
    """A quick digest of a folder of data: each file's path, size and time of change, not its content."""
    digest, open_folders, seen = hashlib.sha256(), [str(folder)], set()
    while open_folders:
        current = open_folders.pop()
        if (real := os.path.realpath(current)) in seen:  # a link that leads back up
            continue
        seen.add(real)
        try:
            entries = sorted(os.scandir(current), key=lambda entry: entry.name)
        except OSError as error:  # unreadable or missing: the lesson will say what is wrong, if it needs it
            digest.update(f"{current}\0{type(error).__name__}\n".encode())
            continue
        for entry in entries:
            name = os.path.relpath(entry.path, folder)
            if entry.is_dir():
                open_folders.append(entry.path)
                digest.update(f"{name}/\n".encode(errors="surrogateescape"))
            elif entry.is_file():
                facts = entry.stat()
                digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


# ------------------------------------------------------------------------------------------ running the slots


def _state(reports, name):
    try:
        return json.loads((reports / "state" / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _reusable(slot, reports, fingerprint):
    state = _state(reports, slot.name)
    return (bool(state) and state["status"] == "ok" and state["fingerprint"] == fingerprint
            and (reports / f"{slot.name}.html").is_file())


def _run_all(slots, root, reports, fingerprint, jobs):
    """Run the slots, `jobs` at a time, each in its own process; show how far they are."""
    if not slots:
        return
    from tqdm.auto import tqdm

    jobs = min(jobs, len(slots))
    workers, cells = {}, {}  # running processes; "12/40" for each
    with ThreadPoolExecutor(jobs) as pool, tqdm(total=len(slots), unit="lesson", desc="lessons") as bar:

        def tell(name, progress):
            cells[name] = progress
            under_way = " · ".join(f"{lesson} {done}" for lesson, done in cells.items() if done)
            bar.set_postfix_str(under_way, refresh=sys.stderr.isatty())  # a log file needs no such detail

        futures = {pool.submit(_run_one, slot, root, reports, fingerprint(slot), jobs, workers, tell): slot
                   for slot in slots}
        try:
            for future in as_completed(futures):
                state = future.result()
                tell(futures[future].name, None)
                memory = f", {state['peak_rss_mb'] / 1000:.1f} GB" if state["peak_rss_mb"] else ""
                bar.write(f"{state['status']:>6}  {state['slot']}  {state['seconds']:.0f} s{memory}",
                          file=sys.stderr)
                bar.update()
                _collect(root, reports, fingerprint)  # the page can be watched while it grows
        except BaseException:  # Ctrl-C above all: the rest never starts, what runs is stopped in good order
            pool.shutdown(wait=False, cancel_futures=True)
            running = list(workers.values())
            workers.clear()
            _stop(running)
            raise


def _run_one(slot, root, reports, fingerprint, jobs, workers, tell):
    """Run a slot in a process of its own, wait for it, and return its state."""
    job = {"slot": slot.name, "notebook": str(slot.notebook), "root": str(root), "reports": str(reports),
           "parameters": slot.parameters, "fingerprint": fingerprint,
           "started": datetime.datetime.now(datetime.UTC).isoformat()}
    changes = {}
    if os.environ.get("AFFECTKIT_DATA"):  # the kernel has another working folder
        changes["AFFECTKIT_DATA"] = data_folder(root)
    if jobs > 1:
        changes["OMP_NUM_THREADS"] = changes["MKL_NUM_THREADS"] = max(1, speed.threads() // jobs)
    begin = time.perf_counter()
    # A session of its own: Ctrl-C reaches the worker once, through _stop, and not while it cleans up.
    worker = subprocess.Popen([sys.executable, "-m", "affectkit._worker"], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
                              start_new_session=True, env=_notebooks.kernel_environment(**changes))
    workers[slot.name] = worker
    complaints = []

    def listen():
        for line in worker.stdout:
            if line.startswith("cells "):
                tell(slot.name, line.removeprefix("cells ").strip())

    listeners = [threading.Thread(target=listen, daemon=True),
                 threading.Thread(target=lambda: complaints.extend(worker.stderr), daemon=True)]
    for listener in listeners:
        listener.start()
    try:
        print(json.dumps(job), file=worker.stdin, flush=True)  # left open: its end tells the worker of ours
    except OSError:  # it ended before it could listen; what it said is reported below
        pass
    worker.wait()
    for listener in listeners:
        listener.join(timeout=2)  # no longer: what a lesson started and left behind may hold the pipe open
    stopped = workers.pop(slot.name, None) is None  # by Ctrl-C, which takes all from the list
    state = _state(reports, slot.name)
    if state is None or state.get("started") != job["started"]:  # killed, or broken in the machinery itself
        why = (complaints or ["no reason given"])[-1].strip()
        if worker.returncode < 0:
            why = f"signal {-worker.returncode}"
        state = {**{key: job[key] for key in ("slot", "parameters", "fingerprint", "started")},
                 "notebook": slot.notebook.stem, "title": _notebooks.title(slot.notebook), "status": "failed",
                 "error": f"its process ended before the lesson did ({why})", "records": [],
                 "seconds": round(time.perf_counter() - begin, 1), "peak_rss_mb": None, "finished": None}
        if not stopped:
            for old in (f"{slot.name}.html", f"{slot.name}.ipynb", f"state/{slot.name}.png"):
                (reports / old).unlink(missing_ok=True)  # an earlier run's, which would mislead now
            _notebooks.write_atomically(reports / "state" / f"{slot.name}.json", json.dumps(state, indent=1))
    return state


def _stop(workers):
    """Ask the workers to stop as Ctrl-C would, so that they end their kernels; insist after some seconds."""
    for worker in workers:
        if worker.poll() is None:
            worker.send_signal(signal.SIGINT if os.name == "posix" else signal.SIGTERM)
    for worker in workers:
        try:
            worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            worker.kill()


# ------------------------------------------------------------------------------------------------ the results


def _collect(root, reports, fingerprint):
    """Bring reports/results.json and reports/index.html up to date with the slots there are."""
    paths = {path.stem: path for path in _notebooks.lessons(root)}
    states = []
    for file in sorted((reports / "state").glob("*.json")):
        state = _state(reports, file.stem)
        if state and state["notebook"] in paths:  # a renamed lesson leaves its old report, but no card
            slot = Slot(state["slot"], paths[state["notebook"]], state["parameters"])
            states.append({**state, "current": state["fingerprint"] == fingerprint(slot),
                           "remarks": remarks(state)})
    results = [{"notebook": state["notebook"], "slot": state["slot"], "current": state["current"],
                "finished": state["finished"], "capped": state.get("capped", False), **entry}
               for state in states if state["status"] == "ok" for entry in state["records"]]
    _notebooks.write_atomically(reports / "results.json", json.dumps(results, indent=1))
    _notebooks.write_atomically(reports / "index.html", _report.page(states, reports))


def remarks(state):
    """What a reader should know about a run beside its status: budgets that it broke, as sentences."""
    found = []
    if state["parameters"].get("PROFILE") == "quick":
        if state["seconds"] > QUICK_SECONDS:
            found.append(f"took {state['seconds']:.0f} s; the quick profile's budget is {QUICK_SECONDS} s")
        if (state["peak_rss_mb"] or 0) > QUICK_MB:
            found.append(f"took {state['peak_rss_mb'] / 1000:.1f} GB; the quick profile's budget is "
                         f"{QUICK_MB / 1000:.1f} GB")
    return found


def results(reports):
    """The key figures of all slots.

    Parameters
    ----------
    reports : path
        The folder that `run` filled.

    Returns
    -------
    list of dict
        notebook, slot, current (made from what lies here now), finished, name, value, low, high, n, unit,
        source, seed, profile.
    """
    path = Path(reports) / "results.json"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is not there yet: run `affectkit run` first")
    return json.loads(path.read_text(encoding="utf-8"))
