"""The ``affectkit`` command: what it passes on, what it prints, how it ends."""

import ast
import json
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from affectkit import _notebooks, apps, cli, datasets, run, sweep


@pytest.fixture
def call(tmp_path, monkeypatch):
    """Run a command in a project with one lesson."""
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks/00_a.py").write_text('# %% tags=["parameters"]\nSEED = 0\n')
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


@pytest.fixture
def passed(monkeypatch, tmp_path):
    """What `affectkit run` passes on to run.run, which does nothing here."""
    options = {}
    state = {"slot": "00_a", "status": "ok", "error": None, "seconds": 70, "peak_rss_mb": 1, "parameters":
             {"PROFILE": "quick"}}

    def pretend(**given):
        options.update(given)
        return run.Outcome([state], ["00_a"], tmp_path / "reports" / "index.html")

    monkeypatch.setattr(run, "run", pretend)
    options["state"] = state
    return options


def test_help_names_every_command(call):
    out = call("--help").output
    for command in ("run", "lab", "data", "doctor", "notebooks", "results", "sweep", "bench"):
        assert f"\n  {command} " in out
    assert call("--version").output.startswith("affectkit, version ")


def test_run_passes_its_options_on(call, passed):
    done = call("run", "--only", "01,09_faces", "--profile", "bench", "--source", "twin", "--seed", "0,2",
                "--jobs", "3", "--set", "LR=0.1", "--set", "N=a", "--device", "cpu", "--reports", "there")
    assert done.exit_code == 0, done.output
    passed.pop("state")
    assert passed == dict(only=("01", "09_faces"), profile="bench", source="twin", seeds=(0, 2), jobs=3,
                          settings={"LR": 0.1, "N": "a"}, device="cpu", reports="there")


def test_run_ends_by_saying_where_to_look(call, passed, tmp_path):
    done = call("run")
    assert done.exit_code == 0
    assert done.output.splitlines() == ["Note: 00_a took 70 s; the quick profile's budget is 60 s",
                                        "1 run, 0 unchanged, 0 failed.",
                                        f"Look here: {tmp_path / 'reports/index.html'}"]


def test_run_ends_by_naming_what_failed(call, passed, tmp_path):
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports/00_a.html").touch()
    passed["state"].update(status="failed", error="ValueError: no", seconds=1)
    done = call("run")
    assert done.exit_code == 1
    assert done.output.splitlines() == ["1 run, 0 unchanged, 1 failed.", "Failed: 00_a: ValueError: no",
                                        f"        see {tmp_path / 'reports/00_a.html'}",
                                        f"Look here: {tmp_path / 'reports/index.html'}"]


def test_bench_passes_its_options_on(call, monkeypatch):
    from affectkit import bench

    given = []
    monkeypatch.setattr(bench, "report", lambda *where, **options: given.append((where, options)) or "done\n")
    assert call("bench", "--rounds", "7", "--only", "svm,dcgan", "--reports", "there").output == "done\n"
    assert given == [(("there/bench",), dict(rounds=7, only=("svm", "dcgan"), curves=False))]
    assert call("bench", "--curves").exit_code == 0 and given[1][1]["curves"] is True


def test_bench_refuses_unknown_rows(call):
    for more in ((), ("--curves",)):
        done = call("bench", "--only", "svn", *more)
        assert done.exit_code == 1 and "svn" in done.output and "Traceback" not in done.output


def test_run_interrupted(call, monkeypatch):
    def interrupt(**options):
        raise KeyboardInterrupt
    monkeypatch.setattr(run, "run", interrupt)
    done = call("run")
    assert done.exit_code == 130 and "what had finished is kept" in done.output


@pytest.mark.parametrize("arguments, message", [
    (("--only", "07"), "there is no lesson '07'; there are 00_a"),
    (("--set", "EPOCHS=3"), "has a parameter EPOCHS"),
    (("--set", "EPOCHS"), "write KEY=VALUE"), (("--seed", "one"), "seeds are whole numbers"),
    (("--jobs", "0"), "--jobs"), (("--profile", "slow"), "--profile"),
])
def test_run_refuses(call, tmp_path, arguments, message):
    done = call("run", *arguments)
    assert done.exit_code != 0 and message in done.output and "Traceback" not in done.output
    assert not (tmp_path / "reports").exists()


@pytest.mark.parametrize("command", ["run", "lab", "notebooks", "results"])
def test_outside_a_project(call, command, tmp_path, monkeypatch):
    (tmp_path / "notebooks/00_a.py").unlink()
    done = call(command)
    assert done.exit_code == 1 and "no lessons in" in done.output and "git clone" in done.output


def test_lab_opens_the_first_lesson(call, tmp_path, monkeypatch):
    (tmp_path / "notebooks/00_a.ipynb").touch()
    started = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command: started.append(command) or 0)
    monkeypatch.setattr(cli.os, "execv", lambda program, command: started.append(command) or sys.exit(0))
    assert call("lab", "--no-browser").exit_code == 0
    assert started == [[sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={tmp_path}",
                        "--LabApp.default_url=/lab/tree/notebooks/00_a.ipynb", "--no-browser"]]


@pytest.fixture
def started(monkeypatch):
    commands = []
    monkeypatch.setattr(cli.subprocess, "call", lambda command: commands.append(command) or 0)
    monkeypatch.setattr(cli.os, "execv", lambda program, command: commands.append(command) or sys.exit(0))
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: name)
    monkeypatch.setenv("AFFECTKIT_APP", "")
    return commands


@pytest.mark.parametrize("name, kind", [("mood-mirror", "MoodMirror"), ("face-lab", "FaceLab"),
                                        ("real-or-fake", "RealOrFake")])  # fmt: skip
def test_an_app_as_a_page_of_its_own(call, started, monkeypatch, name, kind, tmp_path):
    monkeypatch.chdir(tmp_path.parent)  # no lessons are needed
    assert call("lab", "--app", name, "--no-browser", "--port=9999").exit_code == 0
    (command,) = started
    assert command[:3] == [sys.executable, "-m", "voila"] and command[-2:] == ["--no-browser", "--port=9999"]
    assert "--Voila.ip=127.0.0.1" in command and cli.os.environ["AFFECTKIT_APP"] == kind
    page = json.loads(open(command[3]).read())
    assert 'getattr(ak.apps, os.environ["AFFECTKIT_APP"])().view()' in "".join(page["cells"][0]["source"])
    settings = next(part for part in command if "tornado" in part).partition("=")[2]
    policy = ast.literal_eval(settings)["headers"]["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'") and "http" not in policy


def test_every_app_has_its_page(call, started):
    for kind in apps.NAMES:
        name = kind.replace("GAN", "Gan")
        name = "".join(f"-{c.lower()}" if c.isupper() else c for c in name)[1:]
        assert call("lab", "--app", name).exit_code == 0 and cli.os.environ["AFFECTKIT_APP"] == kind


def test_pages_that_cannot_be_served(call, started, monkeypatch):
    done = call("lab", "--app", "mirror")
    assert done.exit_code == 1 and "there is no app 'mirror'" in done.output and "mood-mirror" in done.output
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    done = call("lab", "--app", "mood-mirror")
    assert done.exit_code == 1 and "pip install 'affectkit[app]'" in done.output and not started
    done = call("lab")
    assert done.exit_code == 1 and "pip install 'affectkit[notebooks]'" in done.output and not started


def test_notebooks_names_what_failed(call, monkeypatch):
    monkeypatch.setattr(_notebooks, "build", lambda root, only, force: {"00_a": None, "01_b": "Error: no"})
    done = call("notebooks", "--force")
    assert done.exit_code == 1 and "Failed: 01_b" in done.output and "1 made, 1 failed" in done.output
    monkeypatch.setattr(_notebooks, "build", lambda root, only, force: {})
    assert call("notebooks").exit_code == 0


def test_notebooks_without_solutions_alone(call, tmp_path, monkeypatch):
    monkeypatch.setattr(_notebooks, "build", lambda *a, **b: pytest.fail("it would execute lessons"))
    assert "1 made" in call("notebooks", "--exercises").output
    assert "0 made" in call("notebooks", "--exercises").output
    assert (tmp_path / "notebooks/exercises/00_a.ipynb").is_file()


def test_results_as_markdown(call, tmp_path):
    assert "run `affectkit run` first" in call("results").output
    (tmp_path / "reports").mkdir()
    row = dict(slot="00_a", name="accuracy", value=0.51234, low=0.5, high=None, n=7, unit=None, source="twin",
               seed=0, profile="quick")
    (tmp_path / "reports/results.json").write_text(json.dumps([row]))
    last = call("results").output.splitlines()[-1]
    assert last == "| 00_a | accuracy | 0.5123 | 0.5 |  | 7 |  | twin | 0 | quick |"


@pytest.fixture
def swept(monkeypatch, tmp_path):
    """What `affectkit sweep` passes on to sweep.run_file, which ends as the test says."""
    (tmp_path / "trial.toml").touch()
    given, failed = {}, {"data": "d", "method": "m", "seed": 0, "status": "failed", "error": "ValueError: no"}

    def use(outcome):
        def pretend(file, **options):
            given.update(options, file=file)
            if isinstance(outcome, BaseException):
                raise outcome
            return sweep.Outcome([{"status": "ok"}] + [failed] * outcome, 1, [], tmp_path)

        monkeypatch.setattr(sweep, "run_file", pretend)
        return given

    return use


@pytest.mark.parametrize("failed, code", [(0, 0), (1, 1)])
def test_sweep_passes_its_options_on_and_tells_what_came_of_it(call, swept, tmp_path, failed, code):
    given = swept(failed)
    done = call("sweep", "trial.toml", "--workers", "3", "--scheduler", "tcp://there:8786", "--reports", "r")
    assert done.exit_code == code
    assert given == dict(file="trial.toml", workers=3, scheduler="tcp://there:8786", reports="r")
    assert f"1 done, {failed} there already, {failed} failed." in done.output
    assert ("Failed: d, m, seed 0: ValueError: no" in done.output) == bool(failed)
    assert f"Look here: {tmp_path / 'results.csv'}" in done.output


@pytest.mark.parametrize("error, code, message", [
    (KeyboardInterrupt(), 130, "what had finished is kept"), (ValueError("trial: no"), 1, "trial: no"),
    (ConnectionError("no scheduler"), 1, "no scheduler"), (ImportError("needs Dask"), 1, "needs Dask"),
])
def test_sweep_ends_with_a_message(call, swept, error, code, message):
    swept(error)
    done = call("sweep", "trial.toml")
    assert done.exit_code == code and message in done.output and "Traceback" not in done.output


def test_data_list(call, monkeypatch):
    monkeypatch.setattr(datasets, "available", lambda: pd.DataFrame({"n": [28709]}, index=["fer2013"]))
    assert "fer2013  28709" in call("data", "list").output


@pytest.mark.parametrize("status, code", [("good", 0), ("missing", 0), ("broken", 1)])
def test_data_check(call, monkeypatch, status, code):
    monkeypatch.setattr(datasets, "check", lambda root: [("fer2013", status, f"told of {root}")])
    done = call("data", "check", "--root", "there")
    assert done.exit_code == code
    assert done.output.split() == [status, "fer2013", "told", "of", "there"]


def test_data_where(call):
    assert "fer2013" in call("data", "where", "fer2013").output
    done = call("data", "where", "fer2031")
    assert done.exit_code == 1 and "fer2031" in done.output and "Traceback" not in done.output
