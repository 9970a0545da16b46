"""The conda files, the constraints and the imports all agree with pyproject.toml."""

import ast
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml

from affectkit import _notebooks, cards, datasets

ROOT = Path(__file__).resolve().parents[1]

CONDA_NAMES = {
    "torch": {"environment.yml": "pytorch", "binder/environment.yml": "pytorch-cpu"},
    "mne": "mne-base",
    "matplotlib": "matplotlib-base",
    "seaborn": "seaborn-base",
    "opencv-python-headless": "py-opencv",
}
IMPORT_NAMES = {
    "scikit-learn": "sklearn", "pillow": "PIL", "opencv-python-headless": "cv2", "scikit-image": "skimage",
    "imbalanced-learn": "imblearn",
}


def requirements(repository, *extras):
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    lines = project["dependencies"] + [
        line for extra in extras for line in project["optional-dependencies"][extra]
    ]
    return dict(re.fullmatch(r"([a-zA-Z0-9_-]+)(.*)", line).groups() for line in lines)


def conda(repository, file):
    lines = yaml.safe_load((repository / file).read_text())["dependencies"]
    found = dict(re.fullmatch(r"(\S+)\s*(.*)", line).groups() for line in lines if isinstance(line, str))
    return {name: version for name, version in found.items() if name not in ("python", "pip")}


@pytest.mark.parametrize(
    "file, extras", [("environment.yml", ("notebooks", "test")), ("binder/environment.yml", ("notebooks",))]
)
def test_conda_file_lists_what_pyproject_lists(repository, file, extras):
    expected = {}
    for name, version in requirements(repository, *extras).items():
        spelled = CONDA_NAMES.get(name, name)
        expected[spelled[file] if isinstance(spelled, dict) else spelled] = version
    assert conda(repository, file) == expected


@pytest.mark.parametrize("file", ["environment.yml", "binder/environment.yml", "pyproject.toml"])
def test_every_dependency_has_its_reason(repository, file):
    pattern = r"^\s*- [a-z]\S* [>=<]" if file.endswith("yml") else r'^\s*"[a-z0-9-]+[>=]'
    lines = [line for line in (repository / file).read_text().splitlines() if re.match(pattern, line)]
    assert lines
    missing = [line for line in lines if "#" not in line and "python" not in line and "hatchling" not in line]
    assert not missing


def test_constraints_pin_every_dependency_within_its_range(repository):
    from packaging.requirements import Requirement
    from packaging.version import Version

    pins = dict(
        line.split("==")
        for line in (repository / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    )
    pins = {name.lower(): Version(version) for name, version in pins.items()}
    for name, version in requirements(repository, "notebooks", "app", "test", "browser", "site").items():
        assert name in pins, f"constraints.txt does not pin {name}"
        assert pins[name] in Requirement(name + version).specifier


def test_pins_run_on_the_oldest_python_that_is_allowed(repository):
    """Debian 12's own Python is 3.11.2, and a pin that wants 3.11.5 leaves its users without the kit."""
    from packaging.specifiers import SpecifierSet

    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    oldest = project["requires-python"].removeprefix(">=") + ".0"
    lines = (repository / "constraints.txt").read_text().splitlines()
    pinned = {tuple(line.lower().split("==")) for line in lines if "==" in line and not line.startswith("#")}
    here = {one for one in metadata.distributions() if (one.name.lower(), one.version) in pinned}
    assert len(here) > 0.9 * len(pinned), "the pins are not what is installed here"
    assert not [one.name for one in here
                if oldest not in SpecifierSet(one.metadata["Requires-Python"] or "")]  # fmt: skip


def imports(source):
    """The modules that a source imports, by the first part of their names."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def solutions(text):
    """The code of a lesson's folded solutions, which a reader will run as well."""
    text = re.sub(r"^# ?", "", text, flags=re.MULTILINE)
    return "\n".join(re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE))


# What scikit-learn, matplotlib and ipywidgets bring, which the kit itself needs; yaml comes with jupytext,
# docutils with sphinx.
BROUGHT = {"joblib", "packaging", "IPython", "matplotlib_inline", "traitlets"}
PARTS = {  # where a source lies -> the extras that whoever runs it has installed
    "affectkit": ["notebooks", "crop", "inception", "cluster"],
    "notebooks": [],  # on Colab there is nothing but the kit itself
    "docs": ["notebooks", "test", "site"],
    "tests": ["notebooks", "test", "browser"],
}


def known(repository, *extras):
    """The modules that are there once the kit and `extras` are installed."""
    listed = {IMPORT_NAMES.get(name, name.replace("-", "_")) for name in requirements(repository, *extras)}
    return {"affectkit", *listed, *BROUGHT, *sys.stdlib_module_names}


@pytest.mark.parametrize("part", PARTS)
def test_every_import_is_covered(repository, part):
    listed = {"tests": {"yaml"}, "docs": {"docutils"}}.get(part, set())
    listed = listed | known(repository, *PARTS[part])
    files = sorted((repository / part).rglob("*.py"))
    assert files
    missing = {}
    for file in files:
        text = file.read_text("utf-8")
        found = imports(text) | (imports(solutions(text)) if part == "notebooks" else set())
        for name in found - listed - {sibling.stem for sibling in file.parent.glob("*.py")}:
            missing.setdefault(name, str(file.relative_to(repository)))
    assert missing == {}


def test_nothing_but_the_runner_needs_an_extra_to_be_imported(repository):
    runner = {"_cell", "_notebooks", "_report", "_worker", "checkpoints", "doctor", "run", "sweep", "cli"}
    for file in (repository / "affectkit").rglob("*.py"):
        if file.relative_to(repository / "affectkit").with_suffix("").parts[0] not in runner:
            top = [node for node in ast.parse(file.read_text("utf-8")).body
                   if isinstance(node, (ast.Import, ast.ImportFrom))]
            missing = imports("\n".join(map(ast.unparse, top))) - known(repository)
            assert missing == set(), file.relative_to(repository)


def test_an_import_in_a_function_or_a_solution_is_seen():
    assert imports("def f():\n    from a.b import c\n\nimport d.e as f\nfrom . import g") == {"a", "d"}
    lesson = "# %% [markdown]\n# <details>\n#\n# ```python\n# import h\n# ```\n# </details>\n"
    assert imports(solutions(lesson)) == {"h"}


# ------------------------------------------------------------------------------------- Binder, Colab, Python


@pytest.mark.parametrize("file", ["environment.yml", "binder/environment.yml"])
def test_conda_files_take_one_channel_and_a_python_that_the_kit_runs_on(repository, file):
    from packaging.specifiers import SpecifierSet

    whole = yaml.safe_load((repository / file).read_text("utf-8"))
    assert (whole["name"], whole["channels"]) == ("affectkit", ["conda-forge", "nodefaults"])
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))["project"]
    (python,) = (line.removeprefix("python ") for line in whole["dependencies"] if "python " in line)
    lowest = re.search(r"\d+\.\d+", python)[0]
    assert lowest in SpecifierSet(project["requires-python"])
    assert python in (project["requires-python"], f"={lowest}")


def test_binder_warms_caches_with_what_there_is(repository):
    script = (repository / "binder/postBuild").read_text("utf-8")
    assert "pip install --no-deps" in script, "conda's torch and numpy must stay"
    code = re.search(r"<<'END'\n(.*?)\nEND\n", script, re.DOTALL)[1]
    assert imports(code) <= known(repository, "notebooks")
    loads = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call)]
    assert loads
    for call in loads:
        options = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords}
        assert ast.literal_eval(call.args[0]) in cards.names() and options.pop("source") == "twin"
        assert set(options) <= set(inspect.signature(datasets.load).parameters)


@pytest.mark.parametrize("name", ["postBuild", "start"])
def test_binder_scripts_can_be_run(repository, name):
    script = repository / "binder" / name
    assert os.access(script, os.X_OK) and script.read_bytes().startswith(b"#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", script], check=True)


def test_binder_caps_the_threads_and_then_starts_what_it_was_given(repository):
    start = [repository / "binder/start", sys.executable, "-c",
             "from affectkit import speed; import os; print(speed.threads(), os.environ['MKL_NUM_THREADS'])"]
    environment = {name: value for name, value in os.environ.items() if "NUM_THREADS" not in name}
    done = subprocess.run(start, cwd=repository, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "1 1\n"


def test_the_kit_itself_pins_nothing_so_that_colab_keeps_its_torch_and_numpy(repository):
    for name, version in requirements(repository).items():
        assert re.fullmatch(r">=\d+(\.\d+)*", version), f"{name}{version}"


@pytest.mark.parametrize("file", sorted(
    path.relative_to(ROOT).as_posix() for path in ROOT.glob("notebooks/**/[0-9][0-9]_*.ipynb")))
def test_a_notebook_opens_on_binder_and_colab_and_installs_the_kit_alone(repository, file):
    cells = json.loads((repository / file).read_text("utf-8"))["cells"]
    head, *_ = ("".join(cell["source"]) for cell in cells)
    address = _notebooks.repository_address(repository)
    project = address.removeprefix("https://github.com/")
    assert f"(https://colab.research.google.com/github/{project}/blob/HEAD/{file})" in head
    assert f"(https://mybinder.org/v2/gh/{project}/HEAD?urlpath=lab/tree/{file})" in head
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    assert code[1].startswith("try:\n    import affectkit as ak\nexcept ModuleNotFoundError:")
    installs = [line.strip() for source in code for line in source.splitlines()
                if re.search(r"\b(pip|conda|mamba|apt|apt-get|uv)\b.*\binstall\b|^\s*[!%](pip|conda)", line)]
    assert installs == [f'get_ipython().run_line_magic("pip", "install --quiet git+{address}")']
