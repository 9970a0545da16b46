"""The conda files, the constraints and the imports all agree with pyproject.toml."""

import ast
import re
import sys
import tomllib

import pytest
import yaml

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
    for name, version in requirements(repository, "notebooks", "test").items():
        assert name in pins, f"constraints.txt does not pin {name}"
        assert pins[name] in Requirement(name + version).specifier


def test_every_import_is_covered(repository):
    listed = {IMPORT_NAMES.get(name, name) for name in requirements(repository, "notebooks", "test")}
    # these come with ipykernel, jupytext, pytest and ipywidgets; joblib is scikit-learn's
    listed |= {"affectkit", "IPython", "matplotlib_inline", "yaml", "packaging", "traitlets", "joblib"}
    seen = {}
    for file in [
        *(repository / "affectkit").rglob("*.py"),
        *(repository / "notebooks").glob("*.py"),
        *(repository / "tests").rglob("*.py"),
    ]:
        local = {sibling.stem for sibling in file.parent.glob("*.py")}
        for node in ast.walk(ast.parse(file.read_text())):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else (
                    [node.module]
                    if isinstance(node, ast.ImportFrom) and node.module and not node.level
                    else []
                )
            )
            for name in names:
                top = name.split(".")[0]
                if top not in sys.stdlib_module_names and top not in local:
                    seen.setdefault(top, file.relative_to(repository))
    assert {name: str(where) for name, where in seen.items() if name not in listed} == {}
