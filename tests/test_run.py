"""`affectkit.run`: what is run, what is reused, what is left in reports/."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from affectkit import _notebooks, _report, run

LESSON = '''# %% [markdown]
# # {title}
#
# {{{{badges}}}}

# %% tags=["parameters"]
PROFILE = "quick"
SOURCE = "auto"
SEED = 0
DEVICE = "auto"

# %%
import os
import time

from affectkit import lesson

time.sleep(1.1)
{body}
'''

GOOD = '''
import matplotlib.pyplot as plt

plt.plot([0, 1], [0, SEED]);

# %% tags=["hero"]
plt.subplots(figsize=(6, 1));

# %%
lesson.record("accuracy", 0.75, low=0.7, high=0.8, n=40, source="twin", seed=SEED)
memory = bytearray(200 * 2**20)
print("ran in", os.path.basename(os.getcwd()), "with", os.environ["AFFECTKIT_DATA"])
'''


def write_lesson(root, name, body, title="00 · A <small> lesson"):
    path = root / "notebooks" / f"{name}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(LESSON.format(title=title, body=body))
    return path


def snapshot(root):
    return {path.relative_to(root): (path.stat().st_size, path.stat().st_mtime_ns)
            for path in root.rglob("*") if "reports" not in path.relative_to(root).parts}


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory):
    """A copy of the package, so that an edit made while the tests run makes no lesson due."""
    copy = tmp_path_factory.mktemp("site") / "affectkit"
    shutil.copytree(_notebooks.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_notebooks, "PACKAGE", copy)
        yield copy


@pytest.fixture(scope="module")
def project(package, tmp_path_factory):
    """Four lessons, run once: a good one and three that fail, each in its own way."""
    root = tmp_path_factory.mktemp("project")
    write_lesson(root, "00_good", GOOD)
    write_lesson(root, "01_broken",
                 '\n# %%\nraise ValueError("the data set is <not> here")\n\n# %%\nprint("never")')
    write_lesson(root, "02_killed", "os.kill(os.getpid(), 9)")
    idle = write_lesson(root, "03_idle", "")
    idle.write_text(idle.read_text().replace("time.sleep(1.1)", ""))
    (root / "pyproject.toml").write_text('[project.urls]\nRepository = "https://github.com/someone/kit"\n')
    (root / "mydata").mkdir()
    (root / "mydata" / "fer2013.csv").write_text("emotion,pixels\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("AFFECTKIT_DATA", "mydata")  # relative to here; the kernel runs elsewhere
        before = snapshot(root)
        outcome = run.run(jobs=2)
        assert snapshot(root) == before, "a run writes into reports/ only"
    return root, outcome


@pytest.fixture
def again(project, monkeypatch):
    """Which slots a further run would execute, without executing them."""
    root, _ = project
    monkeypatch.chdir(root)
    monkeypatch.setenv("AFFECTKIT_DATA", "mydata")
    due = []
    monkeypatch.setattr(run, "_run_all", lambda slots, *rest: due.extend(slot.name for slot in slots))
    monkeypatch.setattr(run, "_collect", lambda *rest: None)

    def names(**options):
        due.clear()
        run.run(**options)
        return list(due)

    return names


# ------------------------------------------------------------------------------------------ what a run leaves


def test_a_good_lesson_leaves_its_report(project):
    root, outcome = project
    state = outcome.states[0]
    assert (state["slot"], state["status"], state["error"]) == ("00_good", "ok", None)
    assert 1 < state["seconds"] < 60
    assert state["peak_rss_mb"] > 200
    assert state["title"] == "00 · A <small> lesson"
    page = (root / "reports/00_good.html").read_text()
    assert f"ran in notebooks with {root / 'mydata'}" in page
    assert "data:image/png;base64," in page
    assert not re.search(r'<(script|link|img)[^>]*(src|href)="https?://', page), "it must open offline"
    assert "mybinder" not in page


def test_the_picture_is_the_hero(project):
    from matplotlib.image import imread

    height, width, _ = imread(project[0] / "reports/state/00_good.png").shape
    assert width > 2 * height  # 6 x 1 inches, not the first plot's 6.4 x 4.8


def test_key_figures_are_collected(project):
    root, _ = project
    (row,) = run.results(root / "reports")
    assert row.pop("finished")
    assert row == {"notebook": "00_good", "slot": "00_good", "current": True, "capped": False,
                   "name": "accuracy", "value": 0.75, "low": 0.7, "high": 0.8, "n": 40, "unit": None,
                   "source": "twin", "seed": 0, "profile": None}


def test_failing_lessons_are_named_and_keep_their_notebook(project):
    root, outcome = project
    assert [state["slot"] for state in outcome.failed] == ["01_broken", "02_killed", "03_idle"]
    broken, killed, idle = outcome.failed
    assert broken["error"].startswith("ValueError: the data set is <not> here (cell In [")
    assert "died" in killed["error"]
    assert "ran in no time" in idle["error"]
    notebook = json.loads((root / "reports/01_broken.ipynb").read_text())
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells[-2]["outputs"][-1]["ename"] == "ValueError"
    assert cells[-1]["execution_count"] is None


def test_index_shows_every_lesson_and_loads_nothing(project):
    page = (project[0] / "reports/index.html").read_text()
    assert page.count("<article>") == 4
    assert page.count('class="tag failed"') == 4  # three cards and the header
    assert "00 · A &lt;small&gt; lesson" in page and "&lt;not&gt;" in page and "<not>" not in page
    assert "0.700 to 0.800" in page and "data:image/png;base64," in page
    assert "http" not in page.replace('<meta http-equiv', "")
    assert {link for link in re.findall(r'href="([^"]+)"', page)} == {
        "00_good.html", "01_broken.html", "02_killed.html", "03_idle.html", "results.json"}


def test_nothing_temporary_is_left(project):
    root, _ = project
    assert not [path for path in (root / "reports").rglob(".*")]


# ------------------------------------------------------------------------------------------ what is run again


def test_only_the_failed_are_run_again(again):
    assert again() == ["01_broken", "02_killed", "03_idle"]
    assert again(only=("00",)) == []


def test_other_parameters_are_other_slots(again):
    assert again(only=("00",), seeds=(0, 1)) == ["00_good--SEED-1"]
    assert again(only=("00",), profile="bench", source="twin") == ["00_good--PROFILE-bench--SOURCE-twin"]


def test_changes_make_a_lesson_due(again, project, monkeypatch, tmp_path):
    root, _ = project
    lesson = root / "notebooks/00_good.py"
    text = lesson.read_text()
    lesson.write_text(text.replace("0.75", "0.76"))
    assert again(only=("00",)) == ["00_good"]
    lesson.write_text(text)
    assert again(only=("00",)) == []

    data = root / "mydata/fer2013.csv"
    times = data.stat().st_atime_ns, data.stat().st_mtime_ns
    os.utime(data, ns=(times[0], times[1] + 1))
    assert again(only=("00",)) == ["00_good"]
    os.utime(data, ns=times)
    assert again(only=("00",)) == []

    (root / "constraints.txt").write_text("numpy==1.0\n")
    assert again(only=("00",)) == ["00_good"]
    (root / "constraints.txt").unlink()
    assert again(only=("00",)) == []

    monkeypatch.setattr(run, "_version", lambda name: "0")
    assert again(only=("00",)) == ["00_good"]


def test_a_changed_package_makes_a_lesson_due(monkeypatch, tmp_path):
    package = tmp_path / "affectkit"
    (package / "cards").mkdir(parents=True)
    (package / "learn.py").write_text("a = 1\n")
    (package / "cards" / "fer2013.toml").write_text("n = 1\n")
    monkeypatch.setattr(_notebooks, "PACKAGE", package)
    digests = [_notebooks.sources_fingerprint(tmp_path)]
    for name, content in [("learn.py", "a = 2\n"), ("cards/fer2013.toml", "n = 2\n"), ("new.py", "")]:
        (package / name).write_text(content)
        digests.append(_notebooks.sources_fingerprint(tmp_path))
    assert len(set(digests)) == 4
    (package / "learn.py").write_bytes(b"a = 2\r\n")  # as git may check it out on Windows
    assert _notebooks.sources_fingerprint(tmp_path) == digests[-1]


def test_twins_do_not_depend_on_the_data_folder(project, monkeypatch, tmp_path):
    root, _ = project
    slot = run.Slot("00_good", root / "notebooks/00_good.py", {"SOURCE": "twin"})
    auto = slot._replace(parameters={"SOURCE": "auto"})

    def digest(one):
        return run.Fingerprints(root)(one)

    monkeypatch.setenv("AFFECTKIT_DATA", str(tmp_path))
    before = digest(slot), digest(auto)
    (tmp_path / "new.csv").write_text("1")
    assert digest(slot) == before[0]
    assert digest(auto) != before[1]
    monkeypatch.setenv("AFFECTKIT_SOURCE", "twin")
    (tmp_path / "new.csv").write_text("12")
    twin = digest(auto)
    (tmp_path / "new.csv").write_text("123")
    assert digest(auto) == twin


def test_data_fingerprint_follows_links_and_survives_loops(tmp_path):
    far, folder = tmp_path / "far", tmp_path / "data"
    far.mkdir(), folder.mkdir()
    (folder / "link").symlink_to(far)
    (far / "back").symlink_to(folder)
    before = run.data_fingerprint(folder)
    (far / "a.jpg").write_text("1")
    assert run.data_fingerprint(folder) != before
    assert run.data_fingerprint(tmp_path / "missing") != before


def test_data_fingerprint_is_quick(tmp_path):
    for i in range(20):
        (tmp_path / str(i)).mkdir()
        for j in range(250):
            (tmp_path / str(i) / f"{j}.jpg").touch()
    begin = time.perf_counter()
    run.data_fingerprint(tmp_path)
    assert time.perf_counter() - begin < 1.5  # 5,000 files; a data set has some tens of thousands


def test_a_run_with_nothing_to_do_loads_no_heavy_library(project):
    root, _ = project
    code = ("import sys; from affectkit import cli, run; assert not run.run(only=['00']).ran; "
            "print({'torch', 'numpy', 'pandas', 'papermill', 'nbconvert', 'jupytext'} & set(sys.modules))")
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True,
                          env=_notebooks.kernel_environment(AFFECTKIT_DATA="mydata"))
    assert done.stdout.strip() == "set()"


# ----------------------------------------------------------------------------------------------- interruption


def comes_true(condition, seconds=15):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def ended(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.parametrize("how", [
    pytest.param(signal.SIGINT, id="Ctrl-C"),
    pytest.param(signal.SIGKILL, id="killed", marks=pytest.mark.slow),
])
def test_interrupted_run_keeps_what_finished(tmp_path, how):
    write_lesson(tmp_path, "00_quick", "")
    write_lesson(tmp_path, "01_slow", """
with open(os.environ["PID_FILE"], "w") as file:
    file.write(str(os.getpid()))
time.sleep(100)
""")
    pid_file = tmp_path / "pid"
    process = subprocess.Popen([sys.executable, "-m", "affectkit.cli", "run"], cwd=tmp_path, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=_notebooks.kernel_environment(PID_FILE=pid_file))
    try:
        assert comes_true(lambda: pid_file.exists() and pid_file.read_text(), seconds=90)
        kernel = int(pid_file.read_text())
        process.send_signal(how)
        _, err = process.communicate(timeout=30)
    finally:
        process.kill()
    if how is signal.SIGINT:
        assert process.returncode == 130 and "what had finished is kept" in err
    assert comes_true(lambda: ended(kernel), seconds=60), "the kernel went on without anybody"
    reports = tmp_path / "reports"
    assert comes_true(lambda: not list(reports.glob(".run-*"))), "a temporary folder was left"
    assert json.loads((reports / "state/00_quick.json").read_text())["status"] == "ok"
    assert sorted(path.name for path in reports.rglob("*") if path.is_file()) == [
        "00_quick.html", "00_quick.ipynb", "00_quick.json", "index.html", "results.json"]


def test_a_worker_that_is_killed_is_a_failure(tmp_path, monkeypatch):
    write_lesson(tmp_path, "00_a", "")
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/00_a.html").write_text("of an earlier run")
    monkeypatch.setattr(sys, "executable", "false")  # a worker that ends at once and says nothing
    outcome = run.run(tmp_path)
    assert not (tmp_path / "reports/00_a.html").exists()
    assert outcome.failed[0]["error"] == "its process ended before the lesson did (no reason given)"
    assert "its process ended" in outcome.index.read_text()


# --------------------------------------------------------------------------------------------------- planning


def test_slot_names_are_file_names(tmp_path):
    path = write_lesson(tmp_path, "09_faces", "")
    (slot,) = run.plan([path], {"PROFILE": "bench", "DEVICE": "cuda:0/x y"}, seeds=[2])
    assert re.fullmatch(r"09_faces--DEVICE-cuda-0-x-y-[0-9a-f]{6}--PROFILE-bench--SEED-2", slot.name)
    assert slot.parameters == {"PROFILE": "bench", "SOURCE": "auto", "SEED": 2, "DEVICE": "cuda:0/x y"}
    assert [slot.name for slot in run.plan([path], {"PROFILE": "quick"}, seeds=[0, 0])] == ["09_faces"]


def test_unknown_parameter_lesson_and_jobs_are_errors(tmp_path):
    path = write_lesson(tmp_path, "09_faces", "")
    with pytest.raises(ValueError, match="has a parameter EPOCHS; there are DEVICE, PROFILE, SEED, SOURCE"):
        run.plan([path], {"EPOCHS": 3})
    with pytest.raises(ValueError, match="no lesson '08'; there are 09_faces"):
        run.run(tmp_path, only=("08",))
    with pytest.raises(ValueError, match="jobs is 0"):
        run.run(tmp_path, jobs=0)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="no lessons in .*git clone"):
        _notebooks.find_root(tmp_path / "notebooks")


@pytest.mark.parametrize("text, expected", [
    ("SEED=1", 1), ("LR=1e-3", 1e-3), ("FLIP=true", True), ("FLIP=True", True), ("NET=None", None),
    ("NET=small", "small"), ('NET="a=b"', "a=b"), ("SIZES=[1, 2]", [1, 2]), ("SPAN=(0, 1)", (0, 1)),
    ("NET=", ""),
])
def test_settings_are_literals_or_text(text, expected):
    key, value = run.parse_setting(text)
    assert (key, value) == (text.split("=")[0], expected) and type(value) is type(expected)


@pytest.mark.parametrize("text", ["SEED", "=1", "a b=1", "1a=2"])
def test_no_setting(text):
    with pytest.raises(ValueError, match="KEY=VALUE"):
        run.parse_setting(text)


def test_budget_breaks_are_remarked():
    state = {"parameters": {"PROFILE": "quick"}, "seconds": 61, "peak_rss_mb": 1600}
    assert [remark.split(";")[0] for remark in run.remarks(state)] == ["took 61 s", "took 1.6 GB"]
    assert run.remarks({**state, "parameters": {"PROFILE": "bench"}}) == []
    assert run.remarks({**state, "seconds": 60, "peak_rss_mb": None}) == []


@pytest.mark.parametrize("value, text", [
    (None, "–"), (1234567, "1,234,567"), (12345.6, "12,346"), (0.627, "0.627"), (0.6, "0.600"),
    (78.25, "78.2"), (100.0, "100"), (-0.5, "-0.500"),
])
def test_numbers_read_well(value, text):
    assert _report._number(value) == text
