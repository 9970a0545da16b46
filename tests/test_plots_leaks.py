"""The figure of what traps add to a score."""

import pandas as pd

from affectkit import plots


def test_each_trap_has_its_two_dots_and_says_how_much():
    table = pd.DataFrame({"honest": [0.2, 0.5], "leaky": [0.21, 0.9], "inflation": [0.01, 0.4],
                          "low": [-0.02, 0.3], "high": [0.04, 0.5]}, index=["blind", "person"])
    ax = plots.inflations(table, title="Traps (twin)").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["person", "blind"], "the largest first"
    assert [text.get_text() for text in ax.texts] == ["+40 points", "+1, or chance"]
    places = [dots.get_offsets()[0].tolist() for dots in ax.collections]
    assert places == [[0.9, 0], [0.5, 0], [0.21, 1], [0.2, 1]]
    assert [text.get_text() for text in ax.get_legend().texts] == ["honest", "with the leak"]
