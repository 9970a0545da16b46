"""The ``affectkit`` command: run the lessons, open them, look after the data folder."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import click

import affectkit


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(affectkit.__version__, prog_name="affectkit")
def main():
    """Emotion recognition from faces and heart-rate signals, in lessons."""


def _words(context, option, value):
    """``--only 01,09`` as a tuple of words."""
    return tuple(word.strip() for word in value.split(",") if word.strip()) if value else ()


def _seeds(context, option, value):
    try:
        return tuple(int(word) for word in _words(context, option, value))
    except ValueError:
        raise click.BadParameter("seeds are whole numbers, such as 0 or 0,1,2") from None


def _settings(context, option, value):
    from affectkit import run

    try:
        return dict(run.parse_setting(text) for text in value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


ONLY = click.option("--only", callback=_words, metavar="01,09",
                    help="Lessons by number or name; all when left out.")


@main.command("run")
@ONLY
@click.option("--profile", type=click.Choice(["quick", "bench", "full"]), help="Set PROFILE.  [quick]")
@click.option("--source", type=click.Choice(["auto", "real", "twin"]), help="Set SOURCE.  [auto]")
@click.option("--seed", "seeds", callback=_seeds, metavar="0,1,2", help="Set SEED, a run for each.  [0]")
@click.option("--device", help="Set DEVICE.  [auto]")
@click.option("--jobs", type=click.IntRange(min=1), default=1, help="Lessons run at a time.  [1]")
@click.option("--set", "settings", multiple=True, callback=_settings, metavar="KEY=VALUE",
              help="Set another parameter of a lesson; may be repeated.")
@click.option("--reports", type=click.Path(file_okay=False), help="Where the results go.  [reports/]")
def run_command(**options):
    """Run the lessons that are new, changed or failed last time, and leave reports/index.html."""
    from affectkit import run

    try:
        outcome = run.run(**options)
    except (OSError, ValueError) as error:  # no lessons here, a full disk; an argument that fits nothing
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nInterrupted: what had finished is kept, the next run does the others.", err=True)
        sys.exit(130)
    for state in outcome.states:
        for remark in run.remarks(state):
            click.echo(f"Note: {state['slot']} {remark}")
    unchanged = len(outcome.states) - len(outcome.ran)
    click.echo(f"{len(outcome.ran)} run, {unchanged} unchanged, {len(outcome.failed)} failed.")
    for state in outcome.failed:
        report = outcome.index.parent / f"{state['slot']}.html"
        see = f"\n        see {report}" if report.is_file() else ""
        click.echo(f"Failed: {state['slot']}: {state['error']}{see}")
    click.echo(f"Look here: {outcome.index}")
    sys.exit(1 if outcome.failed else 0)


@main.command("sweep")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--workers", type=click.IntRange(min=1), help="Processes here.  [one a GPU, else one a core]")
@click.option("--scheduler", metavar="tcp://HOST:8786", help="A Dask scheduler whose workers do it instead.")
@click.option("--reports", type=click.Path(file_okay=False), help="Where the results go.  [reports/]")
def sweep_command(file, **options):
    """Try data sets x methods x seeds as FILE (TOML) says; finished cells are kept and not done again."""
    from affectkit import sweep

    try:
        outcome = sweep.run_file(file, **options)
    except (OSError, ValueError, ImportError) as error:  # no scheduler, a full disk; a wrong file; no Dask
        raise click.ClickException(str(error)) from error
    except KeyboardInterrupt:
        click.echo("\nInterrupted: what had finished is kept, the next sweep does the others.", err=True)
        sys.exit(130)
    click.echo(sweep.summary(outcome.rows))
    there = len(outcome.states) - outcome.ran
    click.echo(f"{outcome.ran} done, {there} there already, {len(outcome.failed)} failed.")
    for state in outcome.failed:
        click.echo(f"Failed: {state['data']}, {state['method']}, seed {state['seed']}: {state['error']}")
    click.echo(f"Look here: {outcome.folder / 'results.csv'}")
    sys.exit(1 if outcome.failed else 0)


@main.command("bench")
@click.option("--rounds", type=click.IntRange(min=1), default=5, help="How often each side works.  [5]")
@click.option("--only", callback=_words, metavar="svm,dcgan", help="Rows or curves; all when left out.")
@click.option("--curves", is_flag=True, help="How time and memory grow with the work, instead.")
@click.option("--reports", type=click.Path(file_okay=False), default="reports", help="Results: bench/ there.")
def bench_command(reports, **options):
    """Time the kit side by side with what tutorials do, in turn, and leave a table and a picture."""
    from affectkit import bench

    try:
        click.echo(bench.report(os.path.join(reports, "bench"), **options), nl=False)
    except ValueError as error:
        raise click.ClickException(str(error)) from error


@main.command(context_settings={"ignore_unknown_options": True})
@click.option("--app", metavar="NAME", help="An app as a page of its own instead, such as mood-mirror.")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(app, options):
    """Open the lessons in JupyterLab; further OPTIONS go to jupyter lab (with --app: to voila)."""
    command = _page(app, options) if app else _lab(options)
    if os.name == "posix":
        os.execv(command[0], command)  # Ctrl-C is JupyterLab's own: it asks before it ends the kernels
    sys.exit(subprocess.call(command))


def _lab(options):
    root = _root()
    _need("jupyterlab", "opening the lessons needs JupyterLab", "notebooks")
    first = next(iter(sorted((root / "notebooks").glob("[0-9][0-9]_*.ipynb"))), None)
    page = f"/lab/tree/notebooks/{first.name}" if first else "/lab/tree/notebooks"
    return [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={root}",
            f"--LabApp.default_url={page}", *options]  # fmt: skip


def _need(module, why, extra):
    if importlib.util.find_spec(module) is None:
        raise click.ClickException(f"{why}: pip install 'affectkit[{extra}]'")


#: A page of an app takes nothing from elsewhere and sends nothing anywhere, whatever runs in it.
POLICY = ("default-src 'self' 'unsafe-inline' 'unsafe-eval' blob: data:; form-action 'none'; "
          "frame-ancestors 'self'")  # fmt: skip


def _page(name, options):
    """The command that serves an app alone, on this machine alone; its name goes by the environment."""
    from affectkit import apps

    names = {re.sub("(?<=[a-z])(?=[A-Z])|(?=Lab$)", "-", kind).lower(): kind for kind in apps.NAMES}
    if name not in names:
        raise click.ClickException(f"there is no app {name!r}; there are {', '.join(sorted(names))}")
    _need("voila", "a page of its own needs Voila", "app")
    os.environ["AFFECTKIT_APP"] = names[name]
    settings = {"headers": {"Content-Security-Policy": POLICY}}
    # jupytext's extension needs all of JupyterLab, and complains.
    return [sys.executable, "-m", "voila", str(Path(apps.__file__).with_name("page.ipynb")),
            "--Voila.ip=127.0.0.1", f"--Voila.tornado_settings={settings}",
            "--VoilaConfiguration.extension_denylist=['jupyterlab-jupytext']", *options]  # fmt: skip


@main.command()
@ONLY
@click.option("--force", is_flag=True, help="Make those that are up to date again, too.")
@click.option("--exercises", is_flag=True, help="Only those without solutions, which are never executed.")
def notebooks(only, force, exercises):
    """For developers: make notebooks/*.ipynb from their .py, executed on twins, and those in exercises/."""
    from affectkit import _notebooks

    try:
        if exercises:
            changed = _notebooks.build_exercises(_root(), only=only)
            click.echo(f"{len(changed)} made, all others up to date.")
            return
        outcome = _notebooks.build(_root(), only=only, force=force)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    failed = {name: error for name, error in outcome.items() if error}
    for name, error in failed.items():
        click.echo(f"Failed: {name}, its stored notebook stays as it was.\n{error}")
    click.echo(f"{len(outcome) - len(failed)} made, {len(failed)} failed, all others up to date.")
    sys.exit(1 if failed else 0)


@main.command("doctor")
def doctor_command():
    """Say what is here (versions, processor, memory, disk, data), and what to do where something is amiss."""
    from affectkit import doctor

    findings = doctor.examine()
    for status, line in doctor.report(findings):
        click.secho(line, fg={"good": "green", "note": "yellow", "problem": "red"}[status])
    problems = sum(finding.status == "problem" for finding in findings)
    click.echo(f"{problems} problems." if problems != 1 else "1 problem.")
    sys.exit(1 if problems else 0)


@main.command()
@click.option("--reports", type=click.Path(file_okay=False), help="Where the results are.  [reports/]")
def results(reports):
    """Print the key figures of all runs as a Markdown table."""
    from affectkit import run

    try:
        rows = run.results(reports or _root() / "reports")
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error
    columns = ("slot", "name", "value", "low", "high", "n", "unit", "source", "seed", "profile")
    click.echo("| " + " | ".join(columns) + " |\n|" + "---|" * len(columns))
    for row in rows:
        cells = [f"{row[c]:.4g}" if isinstance(row[c], float) else "" if row[c] is None else str(row[c])
                 for c in columns]
        click.echo("| " + " | ".join(cells) + " |")


def _root():
    from affectkit import _notebooks

    try:
        return _notebooks.find_root()
    except FileNotFoundError as error:
        raise click.ClickException(str(error)) from error


# --------------------------------------------------------------------------------------------------- the data


@main.group()
def data():
    """The data folder: what can be loaded, what lies there, where it belongs."""


@data.command("list")
def list_data():
    """The data sets that the kit knows, and which were found as real data."""
    from affectkit import datasets

    click.echo(datasets.available().to_string())


@data.command("check")
@click.option("--root", type=click.Path(), help="The data folder.  [$AFFECTKIT_DATA, else data/]")
def check_data(root):
    """Look into every real data set found: good, missing or broken, a line each."""
    from affectkit import datasets

    findings = datasets.check(root)
    for name, status, message in findings:
        click.secho(f"{status:>7}  {name:<16} {message}", fg={"good": "green", "broken": "red"}.get(status))
    sys.exit(1 if any(status == "broken" for _, status, _ in findings) else 0)


@data.command("where")
@click.argument("name")
def where_data(name):
    """Where the files of data set NAME belong, and how to get them."""
    from affectkit import datasets

    try:
        click.echo(datasets.where(name))
    except (ValueError, KeyError) as error:
        raise click.ClickException(str(error.args[0] if error.args else error)) from error


@data.command("get")
@click.argument("name")
@click.option("--root", type=click.Path(), help="The data folder.  [$AFFECTKIT_DATA, else data/]")
def get_data(name, root):
    """Fetch data set NAME, if its licence lets anyone."""
    from affectkit import datasets

    try:
        place = datasets.get(name, root)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name} is in its place and was read: {place}")


if __name__ == "__main__":
    main()
