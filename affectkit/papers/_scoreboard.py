"""What was measured, beside what was claimed."""

from pathlib import Path

import pandas as pd

from affectkit.evaluate import credible_band

from . import _claims
from ._arithmetic import rounding

MEASURED = "study measure what value low high n source seed seconds state date baseline".split()
SIDES = ("twin", "real")
HARDLY = 0.005  # above one class in k: what a mean recall must exceed for a network to have learned anything
COLUMNS = [
    "paper",
    "table",
    "row",
    "metric",
    "printed",
    "unit",
    "claim",
    "band low",
    "band high",
    *(f"{side}{end}" for side in SIDES for end in ("", " low", " high", " baseline")),
    "settings",
    "measured",
    "seeds",
    "date",
    "verdict",
    "headline",
]


def folder():
    """Where the measured figures lie: in the installed package, or in the repository."""
    packed = Path(__file__).parents[1] / "_measured"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "data" / "measured"


def measured():
    """The figures that the kit's own studies measured and that come with it.

    Returns
    -------
    pandas.DataFrame
        A row a figure and seed: study and measure (``docs/STUDY.py MEASURE`` made it; of a lesson "lessons"
        and its name), what, value, low and high (its 95 % interval, NaN where there is none), n, source
        ("real", "twin", or words), seed, seconds of the whole measurement, state (of the code), date, and
        baseline (what always naming the most frequent class gets, NaN where it was not kept).
    """
    parts = [pd.read_csv(path, dtype={"state": str, "seed": str}) for path in sorted(folder().glob("*.csv"))]
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=MEASURED)
    return table.reindex(columns=MEASURED)  # files of before have no baseline


def scoreboard(results=None):
    """Claims of the papers, what careful work reaches, and what we measured, side by side.

    Parameters
    ----------
    results : pandas.DataFrame, optional
        Measured figures, as `measured` gives them, which are taken by default. Yours may stand there instead:
        study, measure, what, value and source are needed, and low and high for a verdict of less or more.

    Returns
    -------
    pandas.DataFrame
        A row a claim that something of ours stands beside. paper, table, row, metric, printed and unit as in
        `claims`; then, as fractions of 1: claim, the ends of its credible band, what was measured on twins
        and on real data with the ends of its interval and its baseline (means over the seeds), NaN where
        there is nothing; settings (how ours differs), measured (study, measure and figure), seeds, date, a
        verdict in plain words, and headline, a short name of the most telling claims.

    Raises
    ------
    ValueError
        `results` lacks a column.
    """
    results = measured() if results is None else results
    if missing := {"study", "measure", "what", "value", "source"} - set(results.columns):
        raise ValueError(f"results lacks the column {', '.join(sorted(missing))}")
    results = results.reindex(columns=MEASURED)
    known = dict(list(results.groupby(["study", "measure", "what"], sort=False)))
    claims = _claims.claims().set_index(["paper", "table", "row", "metric"])
    lines = [
        _line(key, claims.loc[(key, *_claims.split(entry["claim"]))], entry, known)
        for key in _claims.KEYS
        for entry in _claims.read(key)["ours"]
    ]
    return pd.DataFrame(lines, columns=COLUMNS)


def _line(key, claim, entry, known):
    """A row of the scoreboard."""
    scale = 1 if claim["unit"] == "share" else 100
    line = dict(zip(("table", "row", "metric"), _claims.split(entry["claim"]), strict=True), paper=key)
    line |= dict(printed=claim["printed"], unit=claim["unit"], claim=claim["value"] / scale)
    line |= dict(headline=entry.get("headline", ""))
    if entry["band"]:
        line["band low"], line["band high"], _ = credible_band(*entry["band"])
    names, settings, idle, seeds, dates = [], {}, set(), [], []
    for side in SIDES:
        of_side = [k for k, name in enumerate(entry["ours"])
                   if name[:3] in known and side == _side(known[name[:3]])]  # fmt: skip
        if of_side:
            name, settings[side] = entry["ours"][of_side[0]], entry["settings"][of_side[0]]
            part, note = known[name[:3]], "".join(f" ({note})" for note in name[3:])
            numbers = part[["value", "low", "high", "baseline"]].astype(float).mean(skipna=False)
            line |= {f"{side} {end}".removesuffix(" value"): number for end, number in numbers.items()}
            if _has_one_answer(name, known, entry["classes"]):
                idle.add(side)
            names.append(f"{side}: {', '.join(name[:3])}{note}")
            seeds.append(f"{side}: {', '.join(sorted(part['seed'].dropna().astype(str)))}")
            dates.append(part["date"].dropna().astype(str).max())
    told = settings or {"": entry["settings"][0]}  # of what was not measured: how it is to be
    both = "; ".join(f"{side}: {text}" for side, text in told.items())
    line["settings"] = both if len(set(told.values())) > 1 else next(iter(told.values()))
    line |= dict(
        measured="; ".join(names), seeds="; ".join(seeds), date=max((d for d in dates if d == d), default="")
    )
    half = rounding(claim["printed"]) / scale
    return line | dict(verdict=_verdict(pd.Series(line, dtype=object).reindex(COLUMNS), half, idle))


def _side(part):
    """A figure is of real data only if all of its data are."""
    return "real" if (part["source"] == "real").all() else "twin"


def _has_one_answer(name, known, classes):
    """Whether a network of ours has not learned: its mean recall, where told, is one class in so many."""
    study, measure, what = name[:3]
    who = what.rpartition(": ")[0]
    told = [known[study, measure, f"{who}: {recall}"]["value"].mean()
            for recall in ("balanced accuracy", "recall")
            if (study, measure, f"{who}: {recall}") in known]  # fmt: skip
    return bool(classes and told) and told[0] < 1 / classes + HARDLY


def _verdict(line, half, idle):
    """In plain words: the claim beside its band, and beside ours; `idle` are the sides that did not learn."""
    words = []
    if not pd.isna(line["band low"]):
        above, below = line["claim"] - half > line["band high"], line["claim"] + half < line["band low"]
        words.append("above what is credible" if above else "below the band" if below else "credible")
    side = next((side for side in reversed(SIDES) if not pd.isna(line[side])), None)
    if side is None:
        return "; ".join([*words, "not measured"])
    where = "" if side == "real" else "on the twin "
    if side in idle:
        return "; ".join([*words, f"{where}ours did not learn"])
    if pd.isna(line[f"{side} low"]):
        return "; ".join([*words, f"{where}ours has no interval"])
    low, high = min(line[side], line[f"{side} low"]), max(line[side], line[f"{side} high"])
    ours = "less" if line["claim"] - half > high else "more" if line["claim"] + half < low else "the same"
    return "; ".join([*words, f"{where}we measured {ours}"])
