"""What the studies of docs/ share: figures as rows, results as JSON files, the report made of them.

A study's script has measurements, functions of a seed whose docstrings are their texts in the report. Each
gives a dict with ``rows`` and whatever else its page shows. Results are kept; AFFECTKIT_CAP=1 walks through
everything in little time, and no report takes what comes of it.
"""

import argparse
import ast
import datetime
import hashlib
import inspect
import json
import math
import os
import re
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, clone

ROOT = Path(__file__).resolve().parents[1]
MEASURED = "study measure what value low high n source seed seconds state date baseline".split()
COLUMNS = ["value", "interval", "each seed", "goal", "held", "n", "source"]


def at_most(full, capped):
    """How much to do: `full`, or next to nothing where $AFFECTKIT_CAP is set."""
    return capped if os.environ.get("AFFECTKIT_CAP") else full


def replace(path, save):
    """Write with `save(path)` so that the file is whole or not there."""
    unfinished = path.with_name(path.name + ".part")
    save(unfinished)
    os.replace(unfinished, path)


def row(what, value, low=None, high=None, *, n=None, source, baseline=None):
    """A figure: what it is, its value and interval, how many samples it rests on, and of which data.

    `baseline` is what always naming the most frequent class gets.
    """
    return dict(what=what, value=float(value), low=low, high=high, n=n, source=source, baseline=baseline)


def plain(code):
    """Python code without comments and docstrings."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node):
            node.body.pop(0)
    return ast.dump(tree)


def state(paths, *more):
    """Hash of the code a result rests on, without comments and docstrings, and of whatever else is said."""
    code = hashlib.sha256(repr(more).encode())
    for path in paths:
        code.update(plain(path.read_text("utf-8")).encode())
    return code.hexdigest()[:8]


class Timed(BaseEstimator):
    """A GAN that is trained for so many minutes of one core, however busy that is with other things."""

    def __init__(self, gan, minutes, random_state=0):
        self.gan = gan
        self.minutes = minutes
        self.random_state = random_state

    @property
    def n_classes(self):
        return self.gan.n_classes

    def fit(self, X, y=None):
        begin, limit = time.process_time(), at_most(60 * self.minutes, 1)
        options = dict(max_epochs=None, max_steps=10**9, device="cpu", random_state=self.random_state)
        options |= at_most({}, {"batch_size": 8})
        self.gan_ = clone(self.gan).set_params(**options)
        self.gan_.fit(X, y, callbacks=[lambda *_: time.process_time() - begin > limit])
        return self

    def sample(self, n, y=None, *, random_state=None):
        return self.gan_.sample(n, y, random_state=random_state)


def load_results(folder):
    """All results that were kept; those without a date have that of their file."""
    results = []
    for path in sorted(folder.glob("*.json")):
        written = datetime.date.fromtimestamp(path.stat().st_mtime).isoformat()
        results.append({"date": written} | json.loads(path.read_text("utf-8")))
    return results


def run(arguments, *, about, folder, measures, seeds, state, others):
    """The command line of a study.

    Parameters
    ----------
    arguments : list of str or None
        None takes those of the command line.
    about : str
        The script's own docstring: its help.
    folder : Path
        Where results go; made if need be.
    measures : dict of str to callable
        seed -> dict with "rows".
    seeds : dict of str to str
        Such as "0,1,2"; "0" for those left out.
    state : callable
        Name of a measurement -> hash of what it rests on.
    others : dict of str to callable
        What comes after the measurements: figures, the report.
    """
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", nargs="+", choices=[*measures, *others, "all"])
    parser.add_argument("--seeds", help="such as 0,1,2")
    parser.add_argument("--again", action="store_true", help="measure again what has a result")
    options = parser.parse_args(arguments)
    folder.mkdir(parents=True, exist_ok=True)
    for name in [*measures, *others] if "all" in options.what else options.what:
        if name in others:
            others[name]()
            continue
        for seed in map(int, (options.seeds or seeds.get(name, "0")).split(",")):
            path = folder / f"{name}-{seed}.json"
            if path.exists() and not options.again:
                print(f"{name}, seed {seed}: there already")
                continue
            start = time.perf_counter()
            result = dict(measure=name, seed=seed, state=state(name), capped=at_most(False, True))
            result |= measures[name](seed)
            result["seconds"] = round(time.perf_counter() - start, 1)
            result["date"] = datetime.date.today().isoformat()
            replace(path, partial(Path.write_text, data=json.dumps(result, indent=1), encoding="utf-8"))
            print(f"{name}, seed {seed}: {result['seconds']:.0f} s")


# ------------------------------------------------------------------------------------------------- the report


def markdown(frame):
    """A table of text, with its index as first column."""
    head = [frame.index.name or "", *frame.columns]
    lines = [head, ["---"] * len(head), *(map(str, line) for line in frame.itertuples())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def number(value):
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.0f}"


def figures(results, goals):
    """A line a figure, the seeds of a measurement merged; a goal without a figure says "not measured".

    A goal may name the end of the interval that it asks about, as in (0, math.inf, "low").
    """
    rows = pd.DataFrame(
        [r for result in results for r in result["rows"]],
        columns=["what", "value", "low", "high", "n", "source"],
    )
    if not len(rows) and not goals:
        return ""
    lines = {what: {"value": "not measured"} for what in (*rows["what"], *goals)}
    for what, part in rows.groupby("what"):
        numbers = part[["value", "low", "high"]].astype(float)
        value, low, high = numbers.mean(skipna=False)  # a seed without a figure must show
        least, most, *end = goals.get(what, (None, None))
        asked = dict(value=value, low=low, high=high)[end[0] if end else "value"]
        lines[what] = {
            "value": number(value),
            "interval": "" if np.isnan(low) else f"{low:.3f} to {high:.3f}",
            "each seed": ", ".join(map(number, part["value"])) if len(part) > 1 else "",
            "held": "" if least is None else "yes" if least <= asked <= most else "no",
            "n": "" if pd.isna(part["n"].iloc[0]) else f"{part['n'].iloc[0]:,.0f}",
            "source": part["source"].iloc[0],
        }
    for what, (least, most, *end) in goals.items():
        bounds = (
            f"≥ {least:,g}" if most == math.inf else f"≤ {most:g}" if least == -math.inf
            else f"{least:g} to {most:g}"
        )  # fmt: skip
        lines[what]["goal"] = " ".join([*end, bounds])
    frame = pd.DataFrame(lines.values(), index=list(lines), columns=COLUMNS).fillna("")
    return markdown(frame.rename_axis("figure"))


def means(results):
    """The mean of each figure over the seeds."""
    rows = pd.DataFrame([r for result in results for r in result["rows"]], columns=["what", "value"])
    return rows.groupby("what")["value"].mean()


def side_by_side(results):
    """Where rows are called "who: figure" and one of them is the floor: the means, a column for each."""
    rows = pd.DataFrame([r for result in results for r in result["rows"]], columns=["what", "value"])
    if not rows["what"].str.startswith("floor: ").any():
        return ""
    rows = rows.join(rows["what"].str.extract("^(?P<who>.+): (?P<figure>.+)$")).dropna()
    table = rows.pivot_table("value", "figure", "who", sort=False)
    return "Side by side:\n\n" + markdown(table.map(lambda x: "" if pd.isna(x) else number(x)))


def page(results, sections, *, script, rests_on, head, goals, more, shown=lambda what: True):
    """The whole report.

    Parameters
    ----------
    results : list of dict
        What `run` stored.
    sections : dict
        Of each measurement, in order: its title and text, and the present state of its code.
    script : str
        Name of the study's script.
    rests_on : str
        What the state is one of, as in "measured on an earlier state of the twins".
    head : str
        How the report begins.
    goals : dict
        Measurement => figure => lowest and highest value asked for.
    more : callable
        The results of a measurement -> further text of its section.
    shown : callable
        A figure's name -> whether the list of figures has it; `more` may tell the others shorter.

    Raises
    ------
    ValueError
        If a result is a capped one.
    """
    capped = [f"{r['measure']} (seed {r['seed']})" for r in results if r["capped"]]
    if capped:
        raise ValueError(
            f"capped results are not published: measure {', '.join(capped)} again, without a cap"
        )
    text = head
    for name, (about, now) in sections.items():
        found = sorted((r for r in results if r["measure"] == name), key=lambda r: r["seed"])
        title, _, about = about.partition("\n")
        text += f"## {title.rstrip('.')}\n\n{about.strip()}\n\n"
        if found:
            seeds = ",".join(str(r["seed"]) for r in found)
            text += f"`python docs/{script} {name} --seeds {seeds}`, "
            text += f"at most {math.ceil(max(r['seconds'] for r in found) / 60)} min a seed"
            old = sum(r["state"] != now for r in found)
            text += (
                f"; **{old} of {len(found)} seeds measured on an earlier state of {rests_on}**.\n\n"
                if old
                else ".\n\n"
            )
        listed = [r | dict(rows=[one for one in r["rows"] if shown(one["what"])]) for r in found]
        body = figures(listed, goals[name]) + side_by_side(found) + more(found)
        text += body or "Not measured yet.\n\n"
    return text.rstrip() + "\n"


def save(path, text, results):
    """Write a page, unless it would lose results that the present one tells.

    Raises
    ------
    ValueError
        If a seed of a measurement on the present page is not among the results.
    """
    old = path.read_text("utf-8") if path.exists() else ""
    told = re.findall(rf"`python docs/{path.stem}\.py (\w+) --seeds ([\d,]+)`", old)
    told = {(name, int(seed)) for name, seeds in told for seed in seeds.split(",")}
    lost = sorted(told - {(result["measure"], result["seed"]) for result in results})
    if lost:
        lost = ", ".join(f"{name} (seed {seed})" for name, seed in lost)
        raise ValueError(f"{path} tells results that are not here: measure {lost} again, or delete the page")
    replace(path, partial(Path.write_text, data=text, encoding="utf-8"))


def publish(path, rows):
    """Write measured figures, dicts of `MEASURED`, for `affectkit.papers`; nothing if there are none."""
    if rows:
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, partial(pd.DataFrame(rows)[MEASURED].to_csv, index=False, float_format="%.6g"))


def tidy(study, results, seeds):
    """A row a figure and seed; of a table of methods a row a method and metric, and one a difference."""
    for result in results:
        about = {key: result[key] for key in ("measure", "seconds", "state", "date")}
        about |= dict(study=study, seed=", ".join(map(str, seeds or [result["seed"]])))
        rows, same = list(result["rows"]), {key: result.get(key) for key in ("n", "source")}
        for line in result.get("table", ()):
            for name, end in (("", "value"), (", minus none", "difference")):
                if line[end] is not None:
                    ends = ("low", "high") if end == "value" else ("difference_low", "difference_high")
                    what = f"{line['method']}{name}: {line['metric']}"
                    rows.append(row(what, line[end], *map(line.get, ends), **same))
        yield from (about | dict(baseline=None) | figure for figure in rows)


def write(path, *, folder, measures, state, rests_on, head, goals, more=lambda found: "", seeds=None,
          shown=lambda what: True):  # fmt: skip
    """Write a study's page from the results that are there, and its figures as data/measured/NAME.csv.

    Parameters
    ----------
    path : Path
        The page; the study's script has the same name.
    folder, measures, state
        As for `run`; the docstrings of the measurements are their sections' texts.
    rests_on, head, goals, more, shown
        As for `page`.
    seeds : sequence of int, optional
        What each result is the mean over, where that is more than its own seed.
    """
    results = load_results(folder)
    sections = {name: (inspect.getdoc(measure), state(name)) for name, measure in measures.items()}
    text = page(results, sections, script=f"{path.stem}.py", rests_on=rests_on, head=head,
                goals=goals, more=more, shown=shown)  # fmt: skip
    save(path, text, results)
    publish(path.parents[1] / "data" / "measured" / f"{path.stem}.csv", list(tidy(path.stem, results, seeds)))
