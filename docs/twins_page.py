"""Turns the results of docs/twins.py into the text of docs/twins.md, and into figures."""

import math

import numpy as np
import pandas as pd
import study

HEAD = """# Twins, measured against real data

Made by `python docs/twins.py all`; nothing here is typed in by hand. *value* is the mean over the seeds,
*each seed* gives them one by one, *interval* the 95 % interval inside a run, images or people resampled (the
mean of its ends over the seeds; of a rank correlation after Bonett & Wright). *source* names the data tested
on; "twin → real" is trained on the twin and tested on the real set. *goal* was set before measuring.

"""
GOALS = {  # figure: lowest and highest value asked for
    "speed": {"faces a second, 48 x 48": (1000, math.inf), "gradcheck by action units passes": (1, math.inf)},
    "sim2real": {"zero-shot: accuracy": (0.41, math.inf), "zero-shot: balanced accuracy": (0.35, math.inf)},
    "real2sim": {"accuracy": (0.55, math.inf)},
    "own": {"accuracy, twin less real": (-0.05, 0.05), "label noise of the twin": (0, 0.1)},
    "ranking": {"rank correlation of the methods, macro-F1": (0.8, math.inf)},
    "hearts": {"random forest, at random less people apart: twin": (0.1, math.inf)},
}


def shares(counts):
    """Each row of a confusion matrix divided by its sum."""
    return np.divide(counts, np.maximum(np.sum(counts, axis=1, keepdims=True), 1))


def page(results, sections, names):
    """The whole report.

    Parameters
    ----------
    results : list of dict
        What docs/twins.py stored: measure, seed, state, seconds, capped, rows, and perhaps a table of
        methods and confusion matrices (counts).
    sections : dict
        Of each measurement, in order: its title and text, and the present state of its code.
    names : list of str
        The classes of the confusion matrices.

    Raises
    ------
    ValueError
        If a result is a capped one.
    """
    return study.page(
        results, sections, script="twins.py", rests_on="the twins", head=HEAD, goals=GOALS,
        more=lambda found: _methods(found) + _confusions(found, names),
    )  # fmt: skip


def _methods(found):
    """The table of methods, the seeds averaged, the best on top."""
    if not found or "table" not in found[0]:
        return ""
    table = pd.concat([pd.DataFrame(r["table"]).T for r in found]).groupby(level=0).mean()
    table = table.sort_values(list(table)[0], ascending=False).rename_axis("method")
    return study.markdown(table.map("{:.3f}".format))


def _confusions(found, names):
    """The confusion matrices, the seeds added up."""
    text = ""
    for told in found[0].get("confusion", {}) if found else ():
        counts = np.sum([r["confusion"][told] for r in found], axis=0)
        text += f"Confusion, {told}: what % of each label was said to be what (n = {counts.sum():,}).\n\n"
        table = pd.DataFrame(100 * shares(counts), names, names).rename_axis("label")
        text += study.markdown(table.map("{:.0f}".format))
    return text


def class_means(means, names):
    """Figure of the mean face of each class; `means` is {"real": (classes, h, w), "twin": ...}."""
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(len(means), len(names), figsize=(14, 4.4), layout="constrained")
    for (source, images), line in zip(means.items(), axes, strict=True):
        for image, name, ax in zip(images, names, line, strict=True):
            ax.imshow(image, cmap="gray", vmin=0, vmax=255)
            ax.set(xticks=[], yticks=[], title=f"{name}, {source}")
    return fig


def confusions(told, names):
    """Figure of confusion matrices side by side; `told` is {title: counts}."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    fig, axes = plt.subplots(1, len(told), figsize=(5 * len(told), 4.6), squeeze=False, layout="constrained")
    for (title, counts), ax in zip(told.items(), axes[0], strict=True):
        look = dict(annot=True, fmt=".0%", cmap="Blues", vmin=0, vmax=1, cbar=False)
        sns.heatmap(shares(counts), ax=ax, xticklabels=names, yticklabels=names, **look)
        ax.set(title=title, xlabel="said", ylabel="label")
    return fig
