"""The rules of the house that can be read off the sources: who imports whom, and what no file may say."""

import ast
import re
import subprocess
import sys

import pytest

LAYERS = [  # a part may import from its own row and from the rows above it
    {"emotions", "cards", "speed"},
    {"preprocess"},
    {"twins"},
    {"datasets"},
    {"gans", "nets", "optim"},
    {"evaluate"},
    {"learn", "judge", "balance", "transfer"},
    {"papers", "leaks", "mood"},
    {"plots"},
    {"lesson", "apps"},
    {"_cell", "_notebooks", "_report", "_worker", "checkpoints", "doctor", "run", "sweep", "bench", "_peers"},
    {"cli"},
]
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}


def imported_parts(source, module):
    """The parts of affectkit that `source` imports or reaches through the package, lazily or not.

    `module` is its name as a tuple, such as ``("affectkit", "nets", "faces")`` or ``(..., "__init__")``.
    """
    parts = set()
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = list(module[:-node.level]) if node.level else []
            base += node.module.split(".") if node.module else []
            names = [".".join([*base, alias.name]) for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            names = [f"affectkit.{node.attr}"] if node.value.id in ("ak", "affectkit") else []
        for name in names:
            package, _, rest = name.partition(".")
            part = rest.split(".")[0]
            if package == "affectkit" and part and not part.startswith("__"):
                parts.add(part)
    return parts


def modules(root):
    for path in sorted((root / "affectkit").rglob("*.py")):
        module = path.relative_to(root).with_suffix("").parts
        if module != ("affectkit", "__init__"):
            yield path, module


def test_imports_go_one_way(repository):
    wrong = []
    for path, module in modules(repository):
        assert module[1] in RANK, f"{path.name}: give {module[1]} its place in LAYERS"
        parts = imported_parts(path.read_text("utf-8"), module)
        own = RANK[module[1]]
        wrong += [f"{'.'.join(module)} imports {part}" for part in parts if RANK.get(part, own) > own]
    assert not wrong


@pytest.mark.parametrize("source", [
    "import affectkit.learn", "from affectkit import learn", "from affectkit.learn import classifier",
    "def f():\n    from .. import learn", "from ..learn import f", "import affectkit as ak\nak.learn.f()",
])
def test_every_kind_of_import_is_seen(source):
    assert imported_parts(source, ("affectkit", "nets", "faces")) == {"learn"}


def test_imports_within_a_part_stay_within():
    source = "from . import faces\nfrom .signals import f"
    assert imported_parts(source, ("affectkit", "nets", "__init__")) == {"nets"}


def test_the_package_itself_is_light(repository):
    code = "import affectkit, sys; sys.exit(bool({'torch', 'numpy', 'pandas'} & set(sys.modules)))"
    subprocess.run([sys.executable, "-c", code], cwd=repository, check=True)


def test_the_package_is_there_at_once(repository):
    code = "import time; t = time.perf_counter(); import affectkit; print(time.perf_counter() - t)"
    command = [sys.executable, "-c", code]
    taken = [float(subprocess.run(command, cwd=repository, capture_output=True, check=True, text=True).stdout)
             for _ in range(5)]
    assert min(taken) < 0.3  # the least of five: others may be busy here


def test_lessons_define_only_short_functions(repository):
    sources = sorted((repository / "notebooks").glob("*.py"))
    assert sources
    long = [f"{path.name}: {node.name} has {node.end_lineno - node.lineno + 1} lines, move it into affectkit"
            for path in sources for node in ast.walk(ast.parse(path.read_text("utf-8")))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
            and node.end_lineno - node.lineno >= 15]
    assert not long


# --------------------------------------------------------------------------------------- what no file may say

HOME = re.compile(r"(?<![\w./~-])/(?:home|root|work|Users)/[\w.-]+|\b[A-Z]:\\\\?Users")
REGISTRY = re.compile(
    r"pypi\.(org|python)|pythonhosted\.|anaconda\.(org|com)|download\.pytorch\.|index[-]url")


def tracked_texts(root):
    """The text files that are committed, or will be."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("which files are tracked: this copy is no git checkout")
    for name in filter(None, listed.stdout.split("\0")):
        path = root / name
        if path.is_file() and path != root / "tests" / "test_structure.py":
            try:
                yield name, path.read_text("utf-8")
            except UnicodeDecodeError:
                continue


def test_no_file_names_a_place_of_one_machine(repository):
    found = [f"{name}: {match[0]}" for name, text in tracked_texts(repository)
             for match in HOME.finditer(text)]
    assert not found


def test_no_file_names_a_registry(repository):
    found = [f"{name}: {match[0]}" for name, text in tracked_texts(repository)
             for match in REGISTRY.finditer(text)]
    assert not found


@pytest.mark.parametrize("text, place", [
    ('open("/home/ann/x.csv")', True), ("/root" + "/.cache", True), ("C:\\Users\\ann", True),
    ("(/work" + "/kit)", True),
    ("https://a.org/home/page", False), ("../home/notes", False), ("notebooks/home/x", False),
])
def test_places_are_recognised(text, place):
    assert bool(HOME.search(text)) is place
