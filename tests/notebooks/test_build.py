"""How NN_name.py becomes the stored NN_name.ipynb: rendered, executed on twins, cleaned, written whole."""

import base64
import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from affectkit import _notebooks, datasets

HEAD = """# %% [markdown]
# # 00 · A lesson
#
# {{badges}}

# %% tags=["parameters"]
PROFILE = "quick"
SOURCE = "auto"
SEED = 0
DEVICE = "auto"

# %%
"""

LOADS = """import os
import sys
import warnings

import affectkit as ak

faces = ak.datasets.load("fer2013", source=SOURCE, max_per_class=1, size=8)
print("it used the", faces.source, "{{repository}}")

# %%
from tqdm.auto import tqdm

for _ in tqdm(range(2)):
    pass
print("\\r 50%|#####     | 1/2", file=sys.stderr)
warnings.warn("look out")
os.getcwd(), sys.prefix

# %%
import ipywidgets

ipywidgets.IntSlider()
"""


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory):
    """A copy of the package, so that an edit made while the tests run makes nothing stale."""
    copy = tmp_path_factory.mktemp("site") / "affectkit"
    shutil.copytree(_notebooks.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_notebooks, "PACKAGE", copy)
        yield copy


@pytest.fixture(scope="module")
def project(package, tmp_path_factory):
    """A project with real data in its folder, a lesson that loads them, and one that fails; built once."""
    root = tmp_path_factory.mktemp("project")
    (root / "notebooks").mkdir()
    (root / "notebooks/00_loads.py").write_text(HEAD + LOADS)
    (root / "notebooks/01_fails.py").write_text(HEAD + "1 / 0\n")
    (root / "notebooks/01_fails.ipynb").write_text("the stored one")
    (root / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/someone/kit"\n')
    rows = [f"{emotion},{' '.join(['7'] * 48 * 48)},Training" for emotion in range(7)]
    (root / "data").mkdir()
    (root / "data/fer2013.csv").write_text("\n".join(["emotion,pixels,Usage", *rows]))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root / "notebooks")
        patch.delenv("AFFECTKIT_DATA", raising=False)
        patch.setenv("AFFECTKIT_CACHE", str(tmp_path_factory.mktemp("cache")))
        with pytest.warns(UserWarning, match="other counts"):
            assert datasets.load("fer2013").source == "real", "must be found, or the test means nothing"
        patch.setenv("AFFECTKIT_SOURCE", "real")
        patch.setenv("AFFECTKIT_DATA", str(root / "data"))
        patch.setenv("AFFECTKIT_CAP", "1")
        outcome = _notebooks.build(root)
    return root, outcome


@pytest.fixture(scope="module")
def stored(project):
    return nbformat.read(project[0] / "notebooks/00_loads.ipynb", as_version=4)


def outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def test_twins_are_used_whatever_lies_in_the_data_folder(stored):
    assert outputs(stored)[0].text == "it used the twin https://github.com/someone/kit\n"
    assert {key: stored.metadata.affectkit[key] for key in ("source", "profile")} == {
        "source": "twin", "profile": "quick"}
    assert stored.metadata.affectkit.seconds > 0
    if sys.platform.startswith("linux"):
        assert 50 < stored.metadata.affectkit.peak_rss_mb < 2000


def test_badges_come_from_the_address(stored):
    source = stored.cells[0].source
    assert "mybinder.org/v2/gh/someone/kit/HEAD?urlpath=lab/tree/notebooks/00_loads.ipynb" in source
    assert "colab.research.google.com/github/someone/kit/blob/HEAD/notebooks/00_loads.ipynb" in source
    assert "](../docs/glossary.md)" in source and "](exercises/00_loads.ipynb)" in source
    assert _notebooks._badges("https://example.org/someone/kit", "notebooks/00_loads.ipynb") == ""


def test_the_version_without_solutions_is_made_too_and_executed_never(project):
    root, _ = project
    assert sorted(path.stem for path in (root / "notebooks/exercises").iterdir()) == ["00_loads", "01_fails"]
    notebook = nbformat.read(root / "notebooks/exercises/00_loads.ipynb", as_version=4)
    assert outputs(notebook) == [] and "affectkit" not in notebook.metadata
    head = notebook.cells[0].source
    assert "blob/HEAD/notebooks/exercises/00_loads.ipynb" in head and "](../00_loads.ipynb)" in head
    assert _notebooks.build_exercises(root) == []
    (root / "notebooks/exercises/01_fails.ipynb").write_text("an old one")
    assert _notebooks.build_exercises(root, only=("01",)) == ["01_fails"]


def test_a_solution_is_taken_out_and_what_stands_around_it_stays(tmp_path):
    cells = ["# %% [markdown]\n# **Exercise 00-1.** How many?", "# %%\nanswer = ...",
             "# %% [markdown]\n# <details><summary>Solution</summary>\n#\n# ```python\n# answer = 1\n# ```\n"
             "# Just one.\n# </details>\n#\n# **Exercise 00-2.** See [there](../docs/a.md).",
             "# %%\nanswer = ...",
             "# %% [markdown]\n# <details><summary>Solution</summary>\n#\n# None.\n# </details>",
             "# %% [markdown]\n# The end."]
    lesson = tmp_path / "00_a.py"
    lesson.write_text("\n\n".join(cells) + "\n")
    left = [cell.source for cell in _notebooks.render(lesson, tmp_path, solutions=False).cells]
    assert left == ["**Exercise 00-1.** How many?", "answer = ...",
                    "**Exercise 00-2.** See [there](../../docs/a.md).", "answer = ...", "The end."]


def test_nothing_of_this_machine_or_hour_is_stored(project, stored):
    text = nbformat.writes(stored)
    for trace in (str(project[0]), str(Path.home()) + "/", tempfile.gettempdir(), "IntSlider(value",
                  "widget-view", "it/s", "50%|     "):
        assert trace not in text
    assert "look out" in text, "a warning is not noise"
    assert stored.metadata.language_info == {"name": "python"}
    assert stored.metadata.kernelspec == _notebooks.KERNEL
    assert not any(key in cell.metadata for cell in stored.cells for key in ("execution", "papermill"))


def test_stored_pictures_are_small_and_keep_their_few_coloured_words():
    grey = np.random.default_rng(0).integers(0, 256, (120, 120, 1)).repeat(3, 2).astype(np.uint8)
    grey[:4, :30] = word = (0, 114, 178)
    file = io.BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    before = base64.b64encode(file.getvalue()).decode("ascii")
    after = _notebooks._in_256_colours(before)
    assert len(after) < 0.6 * len(before)
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(after))).convert("RGB")).astype(int)
    assert np.abs(pixels - grey).max() <= 8 and np.abs(pixels[0, 0] - word).max() <= 4
    assert _notebooks._in_256_colours(after) == after


def test_a_failing_lesson_is_named_and_keeps_its_stored_notebook(project):
    root, outcome = project
    assert outcome["00_loads"] is None and "ZeroDivisionError" in outcome["01_fails"]
    assert (root / "notebooks/01_fails.ipynb").read_text() == "the stored one"
    assert sorted(path.name for path in (root / "notebooks").iterdir()) == [
        "00_loads.ipynb", "00_loads.py", "01_fails.ipynb", "01_fails.py", "exercises"]


def test_only_the_stale_are_built_again(project, monkeypatch):
    root, _ = project
    built = []
    monkeypatch.setattr(_notebooks, "_build_one", lambda path, root: built.append(path.stem))
    _notebooks.build(root)
    assert built == ["01_fails"]
    _notebooks.build(root, only=("00",), force=True)
    assert built == ["01_fails", "00_loads"]


def test_lesson_package_and_pins_make_it_stale(project, monkeypatch):
    root, _ = project
    lesson = root / "notebooks/00_loads.py"
    assert not _notebooks.stale(lesson, root)
    text = lesson.read_text()
    lesson.write_text(text + "\n# more\n")
    assert _notebooks.stale(lesson, root)
    lesson.write_text(text)
    (root / "constraints.txt").write_text("numpy==1\n")
    assert _notebooks.stale(lesson, root)
    (root / "constraints.txt").unlink()
    assert not _notebooks.stale(lesson, root)
    monkeypatch.setattr(_notebooks, "PACKAGE", root / "notebooks")
    assert _notebooks.stale(lesson, root)


def test_rendering_twice_gives_the_same_ids(project):
    lesson = project[0] / "notebooks/00_loads.py"
    first, second = (json.loads(nbformat.writes(_notebooks.render(lesson, project[0]))) for _ in range(2))
    assert first == second
    ids = [cell["id"] for cell in first["cells"]]
    assert len(set(ids)) == len(ids)


def test_equal_cells_have_different_ids(tmp_path):
    lesson = tmp_path / "00_twice.py"
    lesson.write_text("# %%\n1\n\n# %%\n1\n")
    assert len({cell.id for cell in _notebooks.render(lesson, tmp_path).cells}) == 2


@pytest.mark.parametrize("text, message", [
    ("# %%\nSEED = 0\n", "one cell must be tagged"),
    ('# %% tags=["parameters"]\nA = 1\n# %% tags=["parameters"]\nB = 1\n', 'tagged "parameters", 2 are'),
])
def test_parameters_are_one_cell(tmp_path, text, message):
    lesson = tmp_path / "00_a.py"
    lesson.write_text(text)
    with pytest.raises(ValueError, match=message):
        _notebooks.parameters(lesson)


def test_atomic_writing_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    file = tmp_path / "a.json"
    _notebooks.write_atomically(file, "old")

    def full_disk(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(_notebooks.os, "replace", full_disk)
    with pytest.raises(OSError, match="No space"):
        _notebooks.write_atomically(file, "new")
    assert file.read_text() == "old" and list(tmp_path.iterdir()) == [file]
