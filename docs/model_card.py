"""Writes whom the kit's judge of faces reads how well into docs/model_card.md:  python docs/model_card.py"""

import re
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from study import ROOT, markdown, replace

import affectkit as ak
from affectkit.judge import _features

PAGE = ROOT / "docs" / "model_card.md"
PLACE = re.compile("(?<=<!-- judge -->\n\n).*(?=<!-- end of judge -->)", re.DOTALL)


def table():
    """The judge on faces of FER-2013's twin, whose emotion, head and person are known: all, each slice."""
    twin = ak.datasets.load("fer2013", source="twin", split="val")
    y, proba = twin.shown, _features.probabilities(twin.data)  # what was drawn, before label noise
    by = {
        "emotion": pd.Categorical.from_codes(y, twin.target_names),
        "head turned": pd.cut(np.degrees(abs(twin.pose[:, 0])), [-1, 10, 20, 90],
                              labels=["below 10°", "10 to 20°", "above 20°"]),
        "skin": pd.cut(twin.traits["skin"], [0, 3, 6, 10], labels=["light", "medium", "dark"]),
        "age": pd.cut(twin.traits["age"], [-2, -0.4, 0.4, 2], labels=["child", "middle", "old"]),
        "glasses": twin.traits["glasses"].map({True: "worn", False: "none"}),
        "hat": twin.traits["hat"].map({True: "worn", False: "none"}),
    }  # fmt: skip
    whole = ak.evaluate.scores(y, proba, twin.target_names)
    rows = {"all": (len(y), *whole.loc["accuracy", ["value", "low", "high"]],
                    whole.loc["balanced accuracy", "value"])}  # fmt: skip
    slices = ak.evaluate.slices(y, proba, by)[["n", "accuracy", "low", "high", "balanced accuracy"]]
    rows |= {", ".join(name): line for name, *line in slices.itertuples(name=None)}
    return markdown(pd.DataFrame({
        name: {"n": f"{n:,.0f}", "accuracy [95 %]": f"{value:.2f} [{low:.2f}, {high:.2f}]",
               "balanced accuracy": "" if np.isnan(balanced) else f"{balanced:.2f}"}
        for name, (n, value, low, high, balanced) in rows.items()
    }).T.rename_axis("faces"))  # fmt: skip


def main():
    text = PLACE.sub(lambda _: table(), PAGE.read_text("utf-8"))
    replace(PAGE, partial(Path.write_text, data=text, encoding="utf-8"))


if __name__ == "__main__":
    main()
