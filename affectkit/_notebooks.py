"""The lessons as files: where they lie, what their parameters are, and how NN_name.py becomes NN_name.ipynb.

The .py (jupytext's percent format) is the source. `build` renders it, executes it on twins, cleans it and
stores it with a fingerprint of all it was made from, so that a test can tell when it is stale. The same
lesson without its solutions and outputs goes into exercises/NN_name.ipynb.
"""

import ast
import base64
import hashlib
import io
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

from affectkit import speed

PACKAGE = Path(__file__).resolve().parent
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
SOLUTION = re.compile(r"<details><summary>Solution</summary>\n(.*?)\n</details>", re.DOTALL)


# -------------------------------------------------------------------------------------- where the lessons lie


def find_root(start=None):
    """The project's root: the nearest folder, from `start` (here) upwards, that has lessons in notebooks/."""
    here = Path(start or ".").resolve()
    for folder in (here, *here.parents):
        if any((folder / "notebooks").glob("[0-9][0-9]_*.py")):
            return folder
    address = repository_address()
    raise FileNotFoundError(
        f"no lessons in {here} or above it: a pip-installed affectkit has the machinery, the lessons lie in "
        f"its repository. Get them with `git clone {address or '<its address>'}` and start again inside it")


def repository_address(root=None):
    """The repository's address, from where it stands once: pyproject.toml, or what pip kept of it."""
    if root is not None and (root / "pyproject.toml").is_file():
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("project", {})
        return project.get("urls", {}).get("Repository", "").rstrip("/")
    from importlib import metadata

    try:
        urls = metadata.metadata("affectkit").get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return ""
    return next((url.split(", ", 1)[1].rstrip("/") for url in urls if url.startswith("Repository, ")), "")


def lessons(root, only=()):
    """The lessons' sources, in order; `only` names some of them, such as ``"09"`` or ``"09_face_cnns"``."""
    found = sorted((root / "notebooks").glob("[0-9][0-9]_*.py"))
    for wanted in only:
        if not any(wanted in (path.stem, path.stem[:2]) for path in found):
            raise ValueError(f"there is no lesson {wanted!r}; there are {', '.join(p.stem for p in found)}")
    return [path for path in found if not only or {path.stem, path.stem[:2]} & set(only)]


def title(path):
    """A lesson's title: its first heading."""
    heading = re.search(r"^# # (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return heading[1].strip() if heading else path.stem


def parameters(path):
    """A lesson's parameters and their defaults, read without running it from its cell ``parameters``."""
    cells = re.split(r"^# %%", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    tagged = [cell for cell in cells if re.match(r".*tags=\[[^\]]*\"parameters\"", cell)]
    if len(tagged) != 1:
        raise ValueError(f"{path.name}: one cell must be tagged \"parameters\", {len(tagged)} are")
    body = tagged[0].split("\n", 1)[1]
    return {target.id: ast.literal_eval(node.value) for node in ast.parse(body).body
            if isinstance(node, ast.Assign) for target in node.targets}


# ----------------------------------------------------------------------------------------------- fingerprints


def sources_fingerprint(root):
    """A digest of what any lesson depends on: the package's sources and the pins in constraints.txt."""
    digest = hashlib.sha256()
    files = sorted(path for path in PACKAGE.rglob("*") if path.suffix in (".py", ".toml"))
    for path in [*files, root / "constraints.txt"]:
        if path.is_file():
            name = path.relative_to(PACKAGE).as_posix() if path.is_relative_to(PACKAGE) else path.name
            digest.update(name.encode() + b"\0" + content(path) + b"\0")
    return digest.hexdigest()


def notebook_fingerprint(path, root):
    """A digest of a lesson's source, the package and the pins: a stored notebook with another is stale."""
    return hashlib.sha256(content(path) + sources_fingerprint(root).encode()).hexdigest()


def content(path):
    """A source file's bytes, with the same line ends whatever git checked out."""
    return path.read_bytes().replace(b"\r\n", b"\n")


# ----------------------------------------------------------------------------------------- from .py to .ipynb


def render(path, root, *, badges=True, solutions=True):
    """A lesson's source as a notebook: badges and address filled in, cell ids that depend on content alone.

    Parameters
    ----------
    path, root : Path
        The lesson's .py, and the project's root.
    badges : bool
        False leaves the badges out, and the links beside them: a report opens offline, and anywhere.
    solutions : bool
        False takes the folded solutions out, for the notebook in exercises/, one folder further down.

    Returns
    -------
    nbformat.NotebookNode
        Not executed.
    """
    import jupytext

    notebook = jupytext.read(path, fmt="py:percent")
    if not solutions:
        for cell in notebook.cells:
            cell.source = SOLUTION.sub("", cell.source).strip("\n").replace("](../", "](../../")
        notebook.cells = [cell for cell in notebook.cells if cell.source]
    address = repository_address(root)
    head = _head(address, path.stem, solutions) if badges else ""
    seen = {}
    for cell in notebook.cells:
        cell.source = cell.source.replace("{{repository}}", address)
        cell.source = cell.source.replace("{{badges}}", head)
        name = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:10]
        seen[name] = seen.get(name, 0) + 1
        cell.id = name if seen[name] == 1 else f"{name}-{seen[name]}"
    notebook.metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    notebook.nbformat, notebook.nbformat_minor = 4, 5  # the first format with cell ids
    return notebook


def _head(address, stem, solutions):
    """What stands below each title: badges, the glossary, and the other version of the notebook."""
    if solutions:
        return (f"{_badges(address, f'notebooks/{stem}.ipynb')}[glossary](../docs/glossary.md) · "
                f"[the same without solutions](exercises/{stem}.ipynb)")
    return (f"{_badges(address, f'notebooks/exercises/{stem}.ipynb')}[glossary](../../docs/glossary.md) · "
            f"[the same with solutions](../{stem}.ipynb)")


def _badges(address, file):
    """Buttons that open a notebook on Binder and Colab, which both take it from GitHub."""
    parts = urlsplit(address)
    if parts.hostname != "github.com":
        return ""
    project = parts.path.strip("/")
    return (f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]"
            f"(https://mybinder.org/v2/gh/{project}/HEAD?urlpath=lab/tree/{file}) "
            f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
            f"(https://colab.research.google.com/github/{project}/blob/HEAD/{file}) ")


def stale(path, root):
    """Whether the stored notebook beside a lesson's source is missing, or was made from something else."""
    import json

    try:
        stored = json.loads(path.with_suffix(".ipynb").read_text(encoding="utf-8"))
        return stored["metadata"]["affectkit"]["fingerprint"] != notebook_fingerprint(path, root)
    except (OSError, ValueError, KeyError):
        return True


def build(root, *, only=(), force=False):
    """Make the stored notebooks: render, execute on twins in the quick profile, clean, store.

    Those in exercises/ are never executed, so all of `only` are made, stale or not.

    Parameters
    ----------
    root : Path
        The project's root.
    only : sequence of str
        Lessons by number or name; all when empty.
    force : bool
        Make those again that are not stale, too.

    Returns
    -------
    dict
        The name of each lesson that was due, and its error as a str, or None where it went well. A lesson
        that fails leaves its stored notebook as it was.
    """
    from tqdm.auto import tqdm

    build_exercises(root, only=only)
    due = [path for path in lessons(root, only) if force or stale(path, root)]
    outcome = {}
    for path in (bar := tqdm(due, unit="lesson", disable=not due)):
        bar.set_description(path.stem)
        try:
            _build_one(path, root)
            outcome[path.stem] = None
        except Exception as error:  # one broken lesson must not keep the others from being made
            outcome[path.stem] = re.sub(r"\x1b\[[0-9;]*m", "", str(error))  # without a traceback's colours
    return outcome


def build_exercises(root, *, only=()):
    """Make exercises/NN_name.ipynb: each lesson without its solutions and outputs, in a second or two.

    Returns
    -------
    list of str
        The names of those that changed.
    """
    import nbformat

    folder, changed = root / "notebooks/exercises", []
    folder.mkdir(exist_ok=True)
    for path in lessons(root, only):
        file = folder / f"{path.stem}.ipynb"
        text = nbformat.writes(render(path, root, solutions=False)) + "\n"
        if not file.is_file() or file.read_text(encoding="utf-8") != text:
            write_atomically(file, text)
            changed.append(path.stem)
    return changed


def _build_one(path, root):
    import nbformat
    from nbclient import NotebookClient

    fingerprint = notebook_fingerprint(path, root)  # before it runs: an edit made meanwhile makes it stale
    notebook = render(path, root)
    client = NotebookClient(notebook, kernel_name="python3", timeout=None, record_timing=False,
                            resources={"metadata": {"path": str(path.parent)}})
    peaks = []  # of the kernel, cell by cell
    client.on_cell_executed = lambda **_: peaks.append(speed.peak_memory(client.km.provisioner.pid))
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as empty:
        client.execute(stderr=subprocess.DEVNULL,  # the kernel's own chatter; a lesson's is in its outputs
                       env=kernel_environment(AFFECTKIT_SOURCE="twin", AFFECTKIT_DATA=empty,
                                              AFFECTKIT_CAP=None, AFFECTKIT_RECORD=None))
        _clean(notebook, {empty: "data", str(root): "."})
    notebook.metadata["affectkit"] = {"fingerprint": fingerprint, "profile": "quick", "source": "twin",
                                      "seconds": round(time.perf_counter() - begin, 1),
                                      "peak_rss_mb": round(max(filter(None, peaks), default=0)) or None}
    write_atomically(path.with_suffix(".ipynb"), nbformat.writes(notebook) + "\n")


def kernel_environment(**changes):
    """The environment of a lesson's kernel: ours, with this affectkit and `changes` (None takes one out)."""
    environment = dict(os.environ)
    paths = [str(PACKAGE.parent), *filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))]
    environment["PYTHONPATH"] = os.pathsep.join(dict.fromkeys(paths))
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"  # this environment's "python3", not one in the home folder
    for name, value in changes.items():
        environment.pop(name, None)
        if value is not None:
            environment[name] = str(value)
    return environment


def _clean(notebook, names):
    """Take out of an executed notebook what belongs to this machine and this hour.

    That is views of widgets, which need a state that is not stored, progress bars and absolute paths. The
    still picture that an app leaves beside its view stays.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}  # without the minor version it ran on
    names = {**names, sys.prefix: "<environment>", str(Path.home()): "~"}
    names = {old: new for old, new in names.items() if len(old) > 1}

    def plain(value):
        if isinstance(value, str):
            value = re.sub(rf"{re.escape(tempfile.gettempdir())}/ipykernel_\d+/\d+\.py", "<cell>", value)
            for old in sorted(names, key=len, reverse=True):
                value = value.replace(old, names[old])
            return value
        return [plain(item) for item in value] if isinstance(value, list) else value

    for cell in notebook.cells:
        kept = []
        for output in cell.get("outputs", ()):
            if output.output_type == "stream":
                output.text = plain(output.text)
                if output.name == "stderr":
                    lines = output.text.split("\n")
                    output.text = "\n".join(line for line in lines if "\r" not in line and "%|" not in line)
                if not output.text.strip():
                    continue
            elif not drop_view(output):
                continue
            for kind, value in output.get("data", {}).items():
                if kind == "image/png":
                    output.data[kind] = _in_256_colours(value)
                if not kind.startswith("image/") or kind == "image/svg+xml":
                    output.data[kind] = plain(value)
            kept.append(output)
        if cell.cell_type == "code":
            cell.outputs = kept


def drop_view(output):
    """Take a widget's view out of an output, and say whether anything is left to look at."""
    data = output.get("data", {})
    return data.pop("application/vnd.jupyter.widget-view+json", None) is None or "image/png" in data


def _in_256_colours(png):
    """A stored picture (base64) with a palette of its own: half the size, and hardly an eye sees it."""
    from PIL import Image

    smaller = io.BytesIO()
    with Image.open(io.BytesIO(base64.b64decode(png))) as image:
        # Maximum coverage keeps the few coloured words of a grey picture, which a median cut would mix.
        palette = image.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        palette.save(smaller, "PNG", optimize=True)
    return min(base64.b64encode(smaller.getvalue()).decode("ascii"), png, key=len)


def write_atomically(path, content):
    """Write a str or bytes through a temporary file beside `path`: readers see the old file or the new."""
    content = content.encode() if isinstance(content, str) else content
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        os.chmod(temporary, 0o644)  # mkstemp's are for the owner alone
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
