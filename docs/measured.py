"""Makes docs/measured.md of what `affectkit run` left in reports/:  python docs/measured.py

Only figures from runs on real data in the bench profile are taken. Runs that differ by their seed alone
become one row. A run takes its time: the date says which state of the kit it measured. The same figures go to
data/measured/lessons.csv, for the scoreboard.
"""

import json
import os
import platform
import sys
from pathlib import Path

import pandas as pd
from study import publish

ROOT = Path(__file__).resolve().parents[1]
HEAD = """# What was measured

Made by `python docs/measured.py` from `reports/results.json`; nothing here is typed in by hand. Each row is
a key figure of a lesson, on real data, in the bench profile. *value* is the mean over the seeds, *seeds*
gives each seed's own value, *interval* the 95 % interval inside a run, images or people resampled (the mean
of the ends over the seeds).

"""


def rows(results):
    """One row a figure, seeds merged."""
    table = pd.DataFrame(results).astype({"value": float, "low": float, "high": float})
    for (_, name), part in table.groupby(["notebook", "name"], sort=False):
        part = part.sort_values("seed")
        one = part.iloc[0]
        interval = (
            "" if part["low"].isna().any() else f"{part['low'].mean():.3f} to {part['high'].mean():.3f}"
        )
        seeds = ", ".join(f"{value:.3f}" for value in part["value"]) if part["value"].nunique() > 1 else ""
        value = f"{part['value'].mean():.3f} {one['unit'] or ''}".strip()
        n = "" if pd.isna(one["n"]) else f"{one['n']:,.0f}"
        yield f"| {name} | {value} | {interval} | {seeds} | {n} | {one['source']} |"


def tidy(results):
    """The same figures, a row each, for `affectkit.papers`."""
    for result in results:
        facts = json.loads((ROOT / "reports" / "state" / f"{result['slot']}.json").read_text())
        about = dict(study="lessons", measure=result["notebook"], what=result["name"], state="",
                     baseline=None)  # fmt: skip
        yield result | about | dict(seconds=facts["seconds"], date=facts["finished"][:10])


def main():
    results = json.loads((ROOT / "reports" / "results.json").read_text())
    results = [
        row
        for row in results
        if row["profile"] == "bench" and "SOURCE-real" in row["slot"] and not row["capped"]
    ]
    if not results:
        sys.exit("no bench figures yet: affectkit run --profile bench --source real --seed 0,1,2")
    text = HEAD
    for notebook in dict.fromkeys(row["notebook"] for row in results):
        of_lesson = [row for row in results if row["notebook"] == notebook]
        seeds = ",".join(
            str(seed) for seed in sorted({row["seed"] for row in of_lesson if row["seed"] is not None})
        )
        facts = {
            row["slot"]: json.loads((ROOT / "reports" / "state" / f"{row['slot']}.json").read_text())
            for row in of_lesson
        }.values()
        minutes, memory = (max(f[key] for f in facts) for key in ("seconds", "peak_rss_mb"))
        command = f"affectkit run --only {notebook[:2]} --profile bench --source real --seed {seeds}"
        finished = max(f["finished"] for f in facts)[:10]
        text += f"## {notebook}\n\n`{command}`\n\n"
        text += f"At most {minutes / 60:.0f} min a run, {memory / 1000:.1f} GB in one process, {finished}, "
        text += f"{platform.machine()}, {os.cpu_count()} cores.\n\n"
        text += "| key figure | value | interval | seeds | n | source |\n|---|---|---|---|---|---|\n"
        text += "\n".join(rows(of_lesson)) + "\n\n"
    (ROOT / "docs" / "measured.md").write_text(text.rstrip() + "\n")
    publish(ROOT / "data" / "measured" / "lessons.csv", list(tidy(results)))


if __name__ == "__main__":
    main()
