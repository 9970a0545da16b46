"""The papers' tables and claims, read from ``KEY.toml``: one file a paper, numbers exactly as printed.

A table of the file looks like the table of the paper: a row is its name and a cell a column, "" where the
paper prints nothing. Numbers of the running text follow; each may name the number that it repeats. ``ours``
says which figure of `affectkit.papers.measured` stands beside which claim, and of how many ``classes`` it is.
"""

import functools
import itertools
import tomllib
from decimal import Decimal
from pathlib import Path

import pandas as pd

KEYS = ("hegh2025", "yousaf2025", "electronics2022", "alharbawee2024", "kumar2024")
COLUMNS = ["paper", "table", "row", "metric", "value", "unit", "printed", "place", "repeats"]
FIELDS = {  # part of the file -> fields it must have, fields it may have
    "paper": ({"title", "authors", "year", "table"}, {"text", "ours"}),
    "table": ({"name", "caption", "section", "unit", "columns", "rows"}, set()),
    "text": ({"place", "claims"}, set()),
    "ours": ({"claim", "ours", "settings"}, {"each", "band", "headline", "classes"}),
}


def claims():
    """Every number of the five papers' tables, and those of their texts that matter.

    Returns
    -------
    pandas.DataFrame
        A row a number. paper; table ("Table 1", or the section of a number in the text), row, metric (the
        column); value (float, NaN for a cell of words) and unit ("%", "share", "points", "images", ...);
        printed, the same as it stands in the paper, trailing zeros and all; place, where it stands there;
        repeats, the "table | row | metric" that a number of the text repeats, or "".
    """
    return pd.DataFrame([claim for key in KEYS for claim in read(key)["claims"]], columns=COLUMNS)


@functools.cache
def read(key):
    """The file of a paper: `parse`'s dict."""
    return parse(Path(__file__).with_name(f"{key}.toml").read_text("utf-8"), key)


def parse(text, key):
    """Read a paper's TOML text and check it.

    Parameters
    ----------
    text : str
        The contents of ``KEY.toml``.
    key : str
        The paper's key, for the claims and for messages.

    Returns
    -------
    dict
        "claims": list of tuples, as `claims` has them; "ours": list of dicts, every claim once, with its
        "claim" and "ours" as tuples, and the "settings" of each of ours; and "title", "authors", "year".

    Raises
    ------
    ValueError
        The text is no TOML, a field is missing or unknown, a row has too few or too many cells, a claim
        stands there twice, or something refers to a claim that is not there.
    """
    where = f"paper {key}.toml"
    try:
        paper = tomllib.loads(text, parse_float=Decimal)  # 0.940 stays 0.940
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"{where} is not valid TOML: {error}") from error
    _check_fields(where, "paper", paper)
    found = [c for table in paper["table"] for c in _table(where, key, table)]
    found += [c for part in paper.get("text", ()) for c in _text(where, key, part)]
    names = [claim[1:4] for claim in found]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{where}: {' | '.join(name)} stands there twice")
    ours = [line for entry in paper.get("ours", ()) for line in _ours(where, entry)]
    for what in (*(claim[-1] for claim in found), *(line["claim"] for line in ours)):
        if what and split(what) not in names:
            raise ValueError(f"{where}: there is no claim {what!r}; write table | row | metric")
    about = {field: paper[field] for field in ("title", "authors", "year")}
    return dict(claims=found, ours=ours, **about)


def split(text):
    """The parts of "table | row | metric", or of "study | measure | what"."""
    return tuple(part.strip() for part in text.split(" | "))


def _check_fields(where, part, fields):
    must, may = FIELDS[part]
    name = fields.get("name") or fields.get("place") or fields.get("claim") or part
    if missing := must - fields.keys():
        raise ValueError(f"{where}, {name}: {', '.join(sorted(missing))} is missing")
    if unknown := fields.keys() - must - may:
        raise ValueError(f"{where}, {name}: there is no field {', '.join(sorted(unknown))}")


def _table(where, key, table):
    """The claims of a table, cell by cell."""
    _check_fields(where, "table", table)
    name, columns, units = table["name"], table["columns"], table["unit"]
    units = [units] * len(columns) if isinstance(units, str) else units
    if len(units) != len(columns):
        raise ValueError(f"{where}, {name}: {len(units)} units for {len(columns)} columns")
    place = f"{name} ({table['caption']}), section {table['section']}"
    for row, *cells in table["rows"]:
        if len(cells) != len(columns):
            raise ValueError(
                f"{where}, {name}: row {row!r} has {len(cells)} cells for {len(columns)} columns"
            )
        for metric, unit, cell in zip(columns, units, cells, strict=True):
            if cell != "":
                yield _claim(where, key, name, row, metric, cell, unit, place, "")


def _text(where, key, part):
    """The claims of a part of the running text."""
    _check_fields(where, "text", part)
    for claim in part["claims"]:
        if len(claim) not in (4, 5):
            raise ValueError(
                f"{where}, {part['place']}: {claim} is not row, metric, number, unit (, repeats)"
            )
        row, metric, number, unit, *repeats = claim
        yield _claim(where, key, part["place"], row, metric, number, unit, part["place"], *(repeats or [""]))


def _claim(where, key, table, row, metric, cell, unit, place, repeats):
    is_number = isinstance(cell, (int, Decimal)) and not isinstance(cell, bool)
    if is_number == (unit == "words"):
        raise ValueError(f"{where}, {table}: {row} | {metric} is {cell!r}, which is not of unit {unit!r}")
    value = float(cell) if is_number else float("nan")
    return key, table, row, metric, value, unit, str(cell), place, repeats


def _ours(where, entry):
    """The lines of an entry, one for each way to fill in its words."""
    _check_fields(where, "ours", entry)
    for group in itertools.product(*entry.get("each", [])):
        words = {name: word for part in group for name, word in part.items()}
        line = {
            field: entry[field].format(**words)
            for field in ("claim", "headline")
            if field in entry
        }
        rows = [(row, entry["settings"]) if isinstance(row, str) else row for row in entry["ours"]]
        pairs = all(len(row) == 2 for row in rows)
        line["ours"] = [split(row[0].format(**words)) for row in rows]
        if not pairs or any(len(name) not in (3, 4) for name in line["ours"]):
            raise ValueError(f"{where}, {line['claim']}: write ours as study | measure | what (| note), or "
                             "as a list of that and its own settings")  # fmt: skip
        line["settings"] = [row[1].format(**words) for row in rows]
        yield line | {"band": tuple(entry.get("band", ())), "classes": entry.get("classes")}
