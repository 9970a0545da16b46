"""Makes docs/scoreboard.md and its picture of the claims and data/measured/:  python docs/scoreboard.py

The studies beside it write data/measured/ in the same stroke as their own pages: run this after them.
"""

from functools import partial
from pathlib import Path

import pandas as pd
import seaborn as sns
from study import ROOT, markdown, replace

import affectkit as ak

HEAD = """# The scoreboard: what five papers claim, and what we measured

Made by `python docs/scoreboard.py`; nothing here is typed in by hand. Claims are the papers' tables as
printed (`affectkit/papers/KEY.toml`), measured figures those of the pages beside this one (`data/measured/`).

![Claims, credible bands and measured figures, a row a claim](scoreboard.png)

**How to read it.** *Claimed* is what the paper prints. *Credible* is the band that careful work reaches on
that data set, where evidence exists: a claim above it is not refuted, but asks for a leak to be ruled out.
*Twin* and *real* are ours, with 95 % intervals where the study gives one (without, nothing is called less or
more): the paper's method in our hands, split first, people kept apart. *Ours differs by* says what else is
different: mostly the minutes of one core that we had and, where no real data are, the twin. A twin's figure
says how the method does there, and is no rival of a real one. *Baseline* is what always naming the most
frequent class gets, where the study kept it; "ours did not learn" where the mean recall is that of such an
answer. So "we measured less" means *not reached in these settings*, never *impossible*; whoever has more data
or hours runs the named measurement anew.

What the papers print is asked to add up, too: under each table stands what cannot be true, whatever was
rounded. `ak.papers.audit()` has all checks, also those that hold: {holds} hold, {contradicts} contradict,
{unknown} cannot be checked without the data.

"""


def plain(place):
    """A place without the bars, which would cut a table's cells."""
    return place.replace(" | ", ", ")


def measured(line, side):
    if pd.isna(line[side]):
        return "not measured"
    ends = line[f"{side} low"], line[f"{side} high"]
    return f"{line[side]:.3f}" + ("" if pd.isna(ends[0]) else f" [{ends[0]:.3f}, {ends[1]:.3f}]")


def baseline(line):
    """What always one answer gets, on the side that the verdict is about."""
    value = line["twin baseline"] if pd.isna(line["real"]) else line["real baseline"]
    return "" if pd.isna(value) else f"{value:.3f}"


def beside(board):
    """The table of a paper."""
    rows = {
        "claim": [plain(f"{r.table} | {r.row} | {r.metric}") for r in board.itertuples()],
        "claimed": [f"{r.printed} {r.unit}".removesuffix(" share") for r in board.itertuples()],
        "credible": ["" if pd.isna(r["band low"]) else f"{r['band low']:.2f} to {r['band high']:.2f}"
                     for _, r in board.iterrows()],
        "twin": [measured(r, "twin") for _, r in board.iterrows()],
        "real": [measured(r, "real") for _, r in board.iterrows()],
        "baseline": [baseline(r) for _, r in board.iterrows()],
        "verdict": board["verdict"], "ours differs by": board["settings"],
        "measured as": board["measured"], "seeds": board["seeds"], "date": board["date"],
    }  # fmt: skip
    return markdown(pd.DataFrame(rows).set_index("claim"))


def against(checks):
    """What does not add up in a paper."""
    rows = {"place": checks["place"].map(plain), "asked": checks["check"],
            "arithmetic": checks["arithmetic"].map(plain)}  # fmt: skip
    return markdown(pd.DataFrame(rows).set_index("place"))


def page():
    """The whole page."""
    board, checks = ak.papers.scoreboard(), ak.papers.audit()
    counts = checks["verdict"].value_counts()
    names = {"holds": "holds", "contradicts": "contradicts", "unknown": "cannot be checked"}
    text = HEAD.format(**{name: counts[verdict] for name, verdict in names.items()})
    for key, part in board.groupby("paper", sort=False):
        found = checks[checks["paper"] == key].set_index("verdict")
        text += f"## {key}\n\n{beside(part)}"
        text += f"What cannot be true:\n\n{against(found.loc[['contradicts']])}"
        if "cannot be checked" in found.index:
            text += f"What cannot be checked, and why:\n\n{against(found.loc[['cannot be checked']])}"
    return text.rstrip() + "\n"


def main():
    board = ak.papers.scoreboard()
    sns.set_theme(style="whitegrid", palette="colorblind")
    figure = ak.plots.scoreboard(board[board["headline"] != ""], title="Five papers: claimed and measured")
    replace(ROOT / "docs" / "scoreboard.png", lambda path: figure.savefig(path, dpi=100, format="png"))
    replace(ROOT / "docs" / "scoreboard.md", partial(Path.write_text, data=page(), encoding="utf-8"))


if __name__ == "__main__":
    main()
