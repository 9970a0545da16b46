"""The arithmetic of an audit: numbers that know their rounding, and a paper that is asked to add up.

Every printed number stands for all numbers that round to it. A check says "contradicts" only where none of
them fits, "holds" where some do, and "cannot be checked" where it would take the data to know.
"""

import functools
import math
import operator
import re
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np

from . import _claims

HOLDS, CONTRADICTS, UNKNOWN = "holds", "contradicts", "cannot be checked"
ROUNDED = {"%", "share", "points", "loss", "score", "images a class"}  # units; all others count things
COLUMNS = ["paper", "check", "place", "printed", "computed", "verdict", "arithmetic"]
SLACK = 1e-9  # of floating-point numbers
AVERAGES = ("average", "weighted average")
AVERAGED_F1 = "averaged F1 is at most that of averaged precision and recall"


@dataclass(frozen=True)
class Number:
    """A number, the least and the most it can be before rounding, and how it was got."""

    value: float
    low: float
    high: float
    text: str

    def __add__(self, other):
        ends = self.value + other.value, self.low + other.low, self.high + other.high
        return Number(*ends, f"{self.text} + {other.text}")

    def __sub__(self, other):
        ends = self.value - other.value, self.low - other.high, self.high - other.low
        return Number(*ends, f"{self.text} - {other.text}")

    def __rmul__(self, factor):
        ends = factor * self.value, factor * self.low, factor * self.high
        return Number(*ends, f"{factor:g} x {self.bracketed()}")

    def __truediv__(self, n):
        return replace(1 / n * self, text=f"{self.bracketed()}/{shown(n)}")

    def bracketed(self):
        return f"({self.text})" if " + " in self.text or " - " in self.text else self.text

    def called(self, text):
        return replace(self, text=text)


def printed(text, unit):
    """The number that a paper prints; a share is from 0 to 1, whatever it was rounded from."""
    value, (least, most) = float(text), {"%": (0, 100), "share": (0, 1)}.get(unit, (-math.inf, math.inf))
    bare = unit == "share" and "." not in text  # nobody rounds a share to 0 or 1: it was 1.00 at least
    half = 0 if unit not in ROUNDED else rounding(f"{text}.00" if bare else text)
    return Number(value, min(value, max(value - half, least)), max(value, min(value + half, most)), text)


def rounding(text):
    """Half a unit of the last printed digit."""
    return 0.5 * 10.0 ** Decimal(text).as_tuple().exponent


def exact(value, text=None):
    return Number(value, value, value, shown(value) if text is None else text)


def shown(value):
    return f"{value:,.0f}" if value == round(value) and abs(value) > 1 else f"{value:,.4g}"


def total(parts):
    return functools.reduce(operator.add, parts)


def mean(parts):
    return total(parts) / len(parts)


def weighted(parts, weights):
    """Mean of parts, each as often as its support."""
    terms = [w.value * part for part, w in zip(parts, weights, strict=True)]
    return total(terms) / sum(w.value for w in weights)


def f1(precision, recall):
    """Harmonic mean, 0 of two zeros. Of averages it is the most that their averaged F1 can be (concave)."""
    p, r = precision, recall
    pairs = (p.value, r.value), (p.low, r.low), (p.high, r.high)
    ends = [2 * a * b / (a + b) if a + b else 0.0 for a, b in pairs]
    return Number(*ends, f"2 x {p.text} x {r.text}/({p.text} + {r.text})")


def nearest_share(number, n, scale=1):
    """Of all k/n the one nearest to a number."""
    k = round(number.value / scale * n)
    return exact(scale * k / n, f"{'' if scale == 1 else f'{scale} x '}{k:,}/{n:,}")


class Paper:
    """A paper's numbers, by "table | row | metric", and what was found about them."""

    def __init__(self, key, claims):
        self.key, self.rows = key, []
        self.words, self.numbers, self.repeats = {}, {}, []
        for claim in claims.itertuples():
            name = claim.table, claim.row, claim.metric
            self.words[name] = claim.printed
            if claim.unit != "words":
                if not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)", str(claim.printed).strip()):
                    where = " | ".join(name)
                    raise ValueError(f"{where} is {claim.printed!r}, which is no number such as 0.40 or 81")
                self.numbers[name] = printed(claim.printed, claim.unit)
            if claim.repeats:
                self.repeats.append((" | ".join(name), claim.repeats))

    def __getitem__(self, name):
        return self.numbers[_claims.split(name)]

    def count(self, name):
        return int(self[name].value)

    def column(self, table, metric, without=(*AVERAGES, "total")):
        """Numbers of a column by row, without its sums and averages."""
        return {row: number for (t, row, m), number in self.numbers.items()
                if (t, m) == (table, metric) and row not in without}  # fmt: skip

    def line(self, table, row, without=("total",)):
        """Numbers of a row by column, without its sum."""
        return {m: number for (t, r, m), number in self.numbers.items()
                if (t, r) == (table, row) and m not in without}  # fmt: skip

    def note(self, check, place, printed, computed, verdict, arithmetic):
        self.rows.append((self.key, check, place, printed, computed, verdict, arithmetic))

    def compare(self, check, name, computed, relation="is"):
        """Whether a printed number can be what was computed (or, by the relation, at most or at least)."""
        claim = self[name]
        not_above, not_below = claim.low <= computed.high + SLACK, computed.low <= claim.high + SLACK
        fits = {"is": not_above and not_below, "at most": not_above, "at least": not_below}[relation]
        value = shown(computed.value)
        result = computed.text if value in computed.text.split() else f"{computed.text} = {value}"
        result = result if relation == "is" else f"{relation} {result}"
        verdict = HOLDS if fits else CONTRADICTS
        self.note(check, name, claim.text, value, verdict, f"{result}, printed {claim.text}")

    def same(self, check, name, other):
        """Whether two places print the same number; with as many digits they must be equal."""
        a, b = self[name], self[other]
        fits = rounding(a.text) != rounding(b.text) and a.low <= b.high and b.low <= a.high
        verdict = HOLDS if fits or a.value == b.value else CONTRADICTS
        self.note(check, name, a.text, b.text, verdict, f"{b.text} in {other}, printed {a.text}")

    def unknown(self, check, name, why):
        self.note(check, name, self.words[_claims.split(name)], "", UNKNOWN, why)

    def sums(self, table, columns=(), rows=()):
        """Whether the last row holds the sums of these columns, the last column those of these rows."""
        for metric in columns:
            parts = total(self.column(table, metric).values())
            self.compare("sum of the column", f"{table} | total | {metric}", parts)
        for row in rows:
            self.compare("sum of the row", f"{table} | {row} | total", total(self.line(table, row).values()))

    def averaged_f1(self, name, precision, recall):
        self.compare(AVERAGED_F1, name, f1(precision, recall), "at most")

    def report(self, table, support, accuracy=None):
        """Precision, recall and F1 by class, their averages, and the accuracy that they imply."""
        columns = {metric: self.column(table, metric) for metric in ("precision", "recall", "F1")}
        classes = list(columns["F1"])
        for c in classes:
            ends = columns["precision"][c], columns["recall"][c]
            self.compare("F1 from precision and recall", f"{table} | {c} | F1", f1(*ends))
            if c in support and support[c].value:  # of a class that was not tested nothing can be found
                name = f"{table} | {c} | recall"
                share = nearest_share(self[name], int(support[c].value))
                self.compare("recall is so many of the test images", name, share)
        ways = {"average": mean}
        if set(classes) <= set(support) and any(n.value for n in support.values()):
            ways["weighted average"] = functools.partial(weighted, weights=[support[c] for c in classes])
        for row in AVERAGES:
            line = self.line(table, row)
            for metric, column in columns.items():
                if row in ways and metric in line:
                    average = ways[row](column.values())
                    self.compare(f"{row} of the column", f"{table} | {row} | {metric}", average)
            if columns.keys() <= line.keys():
                self.averaged_f1(f"{table} | {row} | F1", line["precision"], line["recall"])
        if accuracy and "weighted average" in ways:
            recall = ways["weighted average"](columns["recall"].values())
            self.compare("weighted recall is accuracy", accuracy, 100 * recall)


def fid_floor(n, draws=20):
    """Mean Frechet distance between two samples of n standard normal vectors of n dimensions."""
    rng, found = np.random.default_rng(0), []
    for _ in range(draws):
        a, b = rng.standard_normal((2, n, n))
        roots = np.linalg.eigvals(np.cov(a.T) @ np.cov(b.T)).real.clip(0)
        distance = ((a.mean(0) - b.mean(0)) ** 2).sum()
        found.append(distance + np.trace(np.cov(a.T) + np.cov(b.T)) - 2 * np.sqrt(roots).sum())
    return np.mean(found)
