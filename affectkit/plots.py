"""The lessons' figures: pure functions, data in, matplotlib Figure out.

One colour per emotion everywhere (`affectkit.emotions.colour`), a title that says what is seen and on which
source, nothing drawn that the data do not hold.
"""

import textwrap

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.colors import to_rgb
from matplotlib.transforms import blended_transform_factory

from affectkit import emotions, mood


def _finish(fig, title, **layout):
    """The title at the left above everything, and nothing on top of anything else."""
    fig.suptitle(title, x=0.01, ha="left", weight="bold", size=13)
    fig.tight_layout(**layout)
    return fig


def _frames(ax, cells, *, width=2.5):
    """Frame cells, (row, column) each, of a heat map."""
    for row, column in cells:
        ax.add_patch(plt.Rectangle((column + 0.05, row + 0.05), 0.9, 0.9, fill=False, lw=width,
                                   ec=sns.color_palette("colorblind")[1]))  # fmt: skip


def _source(source):
    """Words for a title: never a figure without its source."""
    return {"real": "real data", "twin": "twin"}.get(source, source)


# -------------------------------------------------------------------------------- what data look like


def face_sheet(images, target, target_names, *, source, per_class=8, title=None):
    """A row of faces for each class.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w) or (n, h, w, 3)
    target : int array of shape (n,)
    target_names : list of str
        A row each, in this order.
    source : {"real", "twin"}
    per_class : int
        Faces in a row: the first of each class.

    Returns
    -------
    matplotlib.figure.Figure
    """
    target = np.asarray(target)
    fig, axes = plt.subplots(
        len(target_names), per_class, squeeze=False, figsize=(per_class, 1.02 * len(target_names))
    )
    for row, name in enumerate(target_names):
        of_class = np.flatnonzero(target == row)[:per_class]
        for column, ax in enumerate(axes[row]):
            ax.set(xticks=[], yticks=[])
            for spine in ax.spines.values():
                spine.set_visible(False)
            if column < len(of_class):
                ax.imshow(images[of_class[column]], cmap="gray", vmin=0, vmax=255, interpolation="nearest")
        colour = emotions.colour(name)
        if colour == emotions.colour("no emotion"):
            colour = "0.25"  # the light grey of unknown names is for bars, not for words
        axes[row, 0].set_ylabel(name, rotation=0, ha="right", va="center", color=colour, weight="bold")
    fig.suptitle(title or f"Faces by emotion ({_source(source)})", y=0.99)
    fig.tight_layout(pad=0.2, h_pad=0.15, w_pad=0.15, rect=(0, 0, 1, 0.985))
    return fig


def heart_course(time, heart_rate, label, label_names, *, source, person=""):
    """One person's heart rate over a session, the labelled stretches shaded.

    Parameters
    ----------
    time : array of shape (n,)
        Seconds since the recording began.
    heart_rate : array of shape (n,)
        Beats a minute.
    label : int array of shape (n,)
    label_names : list of str
    source : {"real", "twin"}
    person : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    time, label = np.asarray(time) / 60, np.asarray(label)
    fig, ax = plt.subplots(figsize=(8, 2.8))
    edges = np.flatnonzero(np.diff(label)) + 1
    for start, end in zip(np.r_[0, edges], np.r_[edges, len(label)], strict=True):
        if label[start] > 0:
            ax.axvspan(
                time[start], time[end - 1], color=emotions.colour(label_names[label[start]]), alpha=0.22, lw=0
            )
    ax.plot(time, heart_rate, color="0.2", lw=1)
    ax.margins(x=0)
    ax.set(
        xlabel="minutes since the recording began",
        ylabel="heart rate [beats/min]",
        title=f"{person}'s heart through one session, {label_names[1]} shaded ({_source(source)})",
    )
    sns.despine(fig)
    fig.tight_layout()
    return fig


# ------------------------------------------------------------------------------------ how many of each


def class_counts(counts, *, title):
    """Bars of class counts, the largest on top, each labelled with its number and share.

    Parameters
    ----------
    counts : pandas.Series
        Counts, indexed by class name.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    counts = counts.sort_values()
    fig, ax = plt.subplots(figsize=(8, 0.45 * len(counts) + 1))
    bars = ax.barh(counts.index, counts, color=[emotions.colour(name) for name in counts.index])
    share = counts / counts.sum()
    ax.bar_label(bars, [f" {n:,} ({s:.1%})" for n, s in zip(counts, share, strict=True)], color="0.25")
    ax.set(title=title, xlabel="samples", xlim=(0, counts.max() * 1.2))
    ax.tick_params(left=False)
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


def every_distribution(shares):
    """One stacked bar a data set: the share of each class, all sets side by side.

    Parameters
    ----------
    shares : dict
        Data set name -> pandas.Series of counts indexed by the set's own class names.

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = sorted(shares, key=lambda name: shares[name].max() / shares[name].min())
    fig, ax = plt.subplots(figsize=(8, 0.42 * len(order) + 1.2))
    for row, name in enumerate(order):
        share = (shares[name] / shares[name].sum()).sort_values(ascending=False)
        left = 0.0
        for emotion, part in share.items():
            ax.barh(row, part, left=left, color=emotions.colour(emotion), edgecolor="white", lw=0.8)
            if part > 0.075 and len(share) <= 8:
                ax.text(
                    left + part / 2,
                    row,
                    emotion,
                    ha="center",
                    va="center",
                    fontsize=7,
                    color=ink(emotions.colour(emotion)),
                )
            left += part
    ax.set(
        yticks=range(len(order)),
        yticklabels=order,
        xlim=(0, 1),
        xlabel="share of the set",
        title="Share of each class, from lopsided (above) to even (below)",
    )
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(False)
    ax.tick_params(left=False)
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


def imbalance_ratios(ratios):
    """The largest class over the smallest, a dot a data set, on a logarithmic axis.

    Parameters
    ----------
    ratios : pandas.Series
        Imbalance ratio, indexed by data set name.

    Returns
    -------
    matplotlib.figure.Figure
    """
    ratios = ratios.sort_values()
    fig, ax = plt.subplots(figsize=(8, 0.34 * len(ratios) + 1.2))
    ax.hlines(ratios.index, 1, ratios, color="0.85", lw=3)
    ax.plot(ratios, ratios.index, "o", color=sns.color_palette("colorblind")[0])
    for name, ratio in ratios.items():
        ax.text(ratio * 1.07, name, f"{ratio:.1f}", va="center", fontsize=9, color="0.3")
    ax.set(
        xscale="log",
        xlim=(0.95, ratios.max() * 1.5),
        xlabel="largest class : smallest class",
        title="How lopsided each set is (1 = perfectly even; from the cards)",
    )
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.grid(False)
    ax.tick_params(left=False)
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


def accuracy_paradox(share, accuracy, balanced, *, title):
    """Accuracy and balanced accuracy of one guesser while a class grows rarer.

    Parameters
    ----------
    share : array of shape (n,)
        Share of the rare class, 0 to 0.5.
    accuracy, balanced : arrays of shape (n,)
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, ax = plt.subplots(figsize=(8, 3.2))
    for values, name, colour in ((accuracy, "accuracy", orange), (balanced, "balanced accuracy", blue)):
        ax.plot(share, values, color=colour, lw=3)
        ax.annotate(
            name,
            (share[len(share) // 2], values[len(share) // 2]),
            (0, 8),
            textcoords="offset points",
            color=colour,
            weight="bold",
            ha="right",
        )
    ax.set(
        xlim=(share[0], share[-1]),
        ylim=(0.4, 1.02),
        xlabel="share of the rare class",
        ylabel="score",
        title=title,
    )
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(fig)
    fig.tight_layout()
    return fig


def recalls(table, *, title):
    """Recall of each class under several methods: paired bars, class by class.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a class (rarest first reads best), a column a method, values 0 to 1.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    long = table.rename_axis("class").reset_index().melt("class", var_name="method", value_name="recall")
    fig, ax = plt.subplots(figsize=(8, 3.4))
    sns.barplot(long, x="class", y="recall", hue="method", palette="colorblind", ax=ax)
    for container in ax.containers:
        ax.bar_label(container, fmt="%.2f", fontsize=7, color="0.3")
    ax.set(xlabel="", title=title, ylim=(0, max(0.6, long.recall.max() * 1.25)))
    white = dict(facecolor="white", edgecolor="white", framealpha=1)  # no grid line runs through the words
    ax.legend(title="", loc="upper left", ncols=3, columnspacing=1.2, **white)
    sns.despine(fig)
    fig.tight_layout()
    return fig


def vocabularies(table):
    """Which set knows which emotion, and by what name.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a data set, a column a canonical emotion; the cell holds the set's own word, or nothing.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.42 * len(table) + 1))
    for column, emotion in enumerate(table.columns):
        for row, name in enumerate(table.index):
            word = table.loc[name, emotion]
            face = emotions.colour(emotion) if word else "0.96"
            ax.add_patch(plt.Rectangle((column, row), 0.94, 0.9, color=face, lw=0))
            fits = dict(fontsize=8 if len(word) < 12 else 6.5, color=ink(face))
            ax.text(column + 0.47, row + 0.45, word, ha="center", va="center", **fits)
    ax.set(
        xlim=(0, len(table.columns)),
        ylim=(len(table), 0),
        yticks=np.arange(len(table)) + 0.45,
        yticklabels=table.index,
        xticks=np.arange(len(table.columns)) + 0.47,
        xticklabels=table.columns,
    )
    ax.set_title("One feeling, many spellings: each set's own word (from the cards)", pad=26)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    sns.despine(fig, left=True, bottom=True)
    fig.tight_layout()
    return fig


def ink(background):
    """Black or white, whichever has more contrast on a colour (by WCAG's relative luminance)."""
    rgb = np.array(to_rgb(background))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return "black" if light @ [0.2126, 0.7152, 0.0722] > 0.179 else "white"


# ------------------------------------------------------------------------------- hearts and people


def pulse(time, raw, filtered, beats, *, source, person=""):
    """A pulse wave as the sensor gives it, band-passed, and the beats found in it.

    Parameters
    ----------
    time : array of shape (n,)
        Seconds.
    raw, filtered : arrays of shape (n,)
    beats : pandas.DataFrame
        Of `affectkit.preprocess.signals.beats`, on the same clock.
    source : {"real", "twin"}
    person : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(8, 4.2))
    above.plot(time, raw, color="0.45", lw=1)
    title = f"{person}'s pulse at the wrist, and the beats in it ({_source(source)})"
    above.set(ylabel="as measured", title=title)
    below.plot(time, filtered, color="0.2", lw=1.2)
    shown = beats[beats["time"].between(time[0], time[-1])]
    for trusted, marker, colour, name in (
        (True, "o", emotions.colour("baseline"), "beat"),
        (False, "X", emotions.colour("stress"), "not trusted"),
    ):
        when = shown.loc[shown["trusted"] == trusted, "time"]
        if len(when):
            below.plot(when, np.interp(when, time, filtered), marker, color=colour, ms=7, label=name)
    below.set(ylabel="0.5 to 8 Hz", xlabel="seconds")
    below.margins(x=0)
    below.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0)
    for ax in (above, below):
        ax.set_yticks([])
        ax.grid(False)
    fig.tight_layout()
    return fig


def session_clock(segments, label_names, *, source):
    """When each person was under stress: one strip a person, on the session's clock.

    Parameters
    ----------
    segments : pandas.DataFrame
        Columns group, label, start and end [s].
    label_names : list of str
    source : {"real", "twin"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    people = sorted(segments["group"].unique())
    fig, ax = plt.subplots(figsize=(8, 0.11 * len(people) + 1.5))
    for row, person in enumerate(people):
        for part in segments[segments["group"] == person].itertuples():
            ax.barh(
                row,
                (part.end - part.start) / 60,
                left=part.start / 60,
                height=1,
                lw=0,
                color=emotions.colour(label_names[part.label]),
                alpha=0.9 if part.label else 0.15,
            )
    for name, alpha in zip(label_names, (0.15, 0.9), strict=True):
        ax.bar(0, 0, color=emotions.colour(name), alpha=alpha, label=name)
    ax.set(
        yticks=[],
        ylim=(len(people) - 0.5, -0.5),
        xlabel="minutes since the session began",
        ylabel=f"{len(people)} people",
    )
    ax.set_title(f"Everyone was stressed at the same minutes ({_source(source)})", pad=24)
    ax.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    ax.grid(False)
    ax.margins(x=0)
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


def stress_shift(rest, stress, *, source):
    """Each person's mean heart rate at rest and under stress, the strongest response on top.

    Parameters
    ----------
    rest, stress : pandas.Series
        Beats a minute, indexed by person.
    source : {"real", "twin"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = (stress - rest).sort_values().index
    rest, stress = rest[order], stress[order]
    rows = np.arange(len(order))
    fig, ax = plt.subplots(figsize=(8, 0.16 * len(order) + 1.6))
    colours = [emotions.colour("stress" if up else "baseline") for up in stress > rest]
    ax.hlines(rows, rest, stress, color=colours, lw=2, alpha=0.45)
    ax.plot(rest, rows, "o", ms=6, color=emotions.colour("baseline"), label="rest")
    ax.plot(stress, rows, "o", ms=6, color=emotions.colour("stress"), label="stress")
    ax.set(yticks=[], ylabel=f"{len(order)} people", xlabel="mean heart rate [beats/min]")
    ax.set_title(f"Each heart at rest and under stress ({_source(source)})", pad=24)
    ax.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


def auc_by_person(table, *, source, title=None):
    """How well each person's stress is found by each method: a dot a person, and the mean.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a person, a column a method, per-person AUC.
    source : {"real", "twin"}
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    from affectkit.evaluate import mean_interval

    blue, orange = emotions.colour("baseline"), emotions.colour("stress")
    fig, ax = plt.subplots(figsize=(8, 0.55 * table.shape[1] + 1.5))
    jitter = np.linspace(-0.16, 0.16, len(table))
    for row, method in enumerate(table.columns):
        values = table[method].dropna()
        mean, low, high = mean_interval(values)
        # The same person has the same height in every row.
        ax.scatter(values, row + jitter[table[method].notna()], s=22, color=blue, alpha=0.4, lw=0)
        ax.plot([low, high], [row, row], color=orange, lw=3, solid_capstyle="round")
        ax.plot(mean, row, "D", color=orange, ms=8, mec="white")
        ax.text(
            1.02,
            row,
            f"{mean:.2f}",
            va="center",
            color=orange,
            weight="bold",
            transform=ax.get_yaxis_transform(),
        )
    ax.axvline(0.5, color="0.4", lw=1, ls="--")
    ax.text(0.5, -0.75, "coin", ha="center", va="bottom", fontsize=9, color="0.4")
    ax.set(
        yticks=range(table.shape[1]),
        yticklabels=table.columns,
        ylim=(table.shape[1] - 0.5, -0.75),
        xlim=(min(0.28, table.min().min() - 0.02), 1.01),
        xlabel="AUC within a person (dot), mean and 95 % interval",
    )
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    title = title or f"How well stress is found, person by person ({_source(source)})"
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


def luck(draws, *, title, xlabel):
    """What else a study could have found: a row a kind of luck, a dot for each time it was tried.

    Parameters
    ----------
    draws : dict of str to array-like
        What was drawn anew -> the results.
    title, xlabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = emotions.colour("baseline"), emotions.colour("stress")
    rng = np.random.default_rng(0)  # where the dots lie within their row
    fig, ax = plt.subplots(figsize=(8, 0.75 * len(draws) + 1.4))
    for row, values in enumerate(map(np.asarray, draws.values())):
        height = row + rng.uniform(-0.2, 0.2, len(values))
        ax.scatter(values, height, s=24, color=blue, alpha=0.85 if len(values) < 50 else 0.25, lw=0)
        low, high = np.percentile(values, [2.5, 97.5])
        ax.plot([low, high], [row + 0.32] * 2, color=orange, lw=3, solid_capstyle="round")
        ax.text(1.02, row, f"± {(high - low) / 2:.3f}", va="center", color=orange, weight="bold",
                transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set(yticks=range(len(draws)), yticklabels=draws, ylim=(len(draws) - 0.4, -0.45), xlabel=xlabel)
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


def gains(table, *, source, over, goal=None, title=None, measure="per-person AUC"):
    """Paired gains with their intervals: does an interval leave zero behind?

    Parameters
    ----------
    table : pandas.DataFrame
        A row a method; columns difference, low and high.
    source : {"real", "twin"}
    over : str
        What the gain is over, for the title.
    goal : float, optional
        A gain worth reaching, drawn as a dotted line.
    title : str, optional
    measure : str
        What is gained.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.45 * len(table) + 1.5))
    for row, part in enumerate(table.itertuples()):
        clear = part.low > 0 or part.high < 0
        colour = emotions.colour("baseline" if part.low > 0 else "stress") if clear else "0.55"
        ax.plot([part.low, part.high], [row, row], color=colour, lw=3, solid_capstyle="round")
        ax.plot(part.difference, row, "D", color=colour, ms=8, mec="white")
        ax.text(
            1.02,
            row,
            f"{part.difference:+.3f}",
            va="center",
            color=colour,
            weight="bold",
            transform=ax.get_yaxis_transform(),
        )
    ax.axvline(0, color="0.3", lw=1.2)
    if goal is not None:
        ax.axvline(goal, color="0.5", lw=1.2, ls=":")
        ax.text(goal, -0.62, f" goal +{goal:.2f}", fontsize=9, color="0.4", va="bottom")
    ax.set(
        yticks=range(len(table)),
        yticklabels=table.index,
        ylim=(len(table) - 0.5, -0.62),
        xlabel=f"gain in {measure}, 95 % interval",
    )
    ax.xaxis.set_major_locator(plt.MaxNLocator(6))
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    title = title or f"What was gained over {over}? ({_source(source)})"
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


def stress_course(onset, probability, label, label_names, *, source, person=""):
    """What a network says through the session of a person it has never met, the labelled stress shaded.

    Parameters
    ----------
    onset : array of shape (n,)
        When each window starts [s since the recording began].
    probability : dict of str to array of shape (n,)
        Name -> probability of stress of each window.
    label : int array of shape (n,)
    label_names : list of str
    source : {"real", "twin"}
    person : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = np.argsort(onset)
    minutes, label = np.asarray(onset)[order] / 60, np.asarray(label)[order]
    fig, ax = plt.subplots(figsize=(8, 3))
    _shade(ax, minutes, label, emotions.colour(label_names[1]))
    for (name, values), colour, width in zip(probability.items(), ("0.65", "0.1"), (1.2, 2.2), strict=False):
        ax.plot(minutes + 0.5, np.asarray(values)[order], color=colour, lw=width, label=name)
    ax.set(ylim=(0, 1), xlabel="minutes since the recording began", ylabel=f"probability of {label_names[1]}")
    ax.set_title(f"A stranger to the network: {person}, {label_names[1]} shaded ({_source(source)})", pad=24)
    ax.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    ax.margins(x=0)
    fig.tight_layout()
    return fig


def _shade(ax, minutes, label, colour):
    """Shade where windows of a minute, in the order of time, have label 1."""
    edges = np.flatnonzero(np.diff(label)) + 1
    for start, end in zip(np.r_[0, edges], np.r_[edges, len(label)], strict=True):
        if label[start] > 0:
            ax.axvspan(minutes[start], minutes[end - 1] + 1, color=colour, alpha=0.2, lw=0)


def alarms(onset, probability, label, label_names, people, *, person, threshold, title):
    """A person's alarms through the session; beside them, what the same threshold is worth to everybody.

    Parameters
    ----------
    onset : array of shape (n,)
        When each window of the person starts [s since the recording began].
    probability : array of shape (n,)
        Of stress, for each window; or a score from 0 to 1.
    label : int array of shape (n,)
    label_names : list of str
    people : pandas.DataFrame
        A row a person, the first on top; columns ``here`` and ``best``: balanced accuracy at the threshold,
        and at the one that would suit this person best.
    person : str
        Whose session it is, a row of `people`.
    threshold : float
        Of the probability: above it the alarm goes off.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = np.argsort(onset)
    minutes, p, label = (np.asarray(values)[order] for values in (onset, probability, label))
    minutes = minutes / 60
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), width_ratios=(3, 1.25))
    _shade(left, minutes, label, emotions.colour(label_names[1]))
    left.plot(minutes + 0.5, p, color="0.75", lw=1, zorder=1)
    for name, where, style in (
        ("found", (p > threshold) & (label > 0), dict(marker="o", color="0.15", s=13)),
        ("missed", (p <= threshold) & (label > 0), dict(marker="o", fc="white", ec="0.35", s=13)),
        ("false alarm", (p > threshold) & (label == 0), dict(marker="x", color="0.15", s=17)),
    ):
        left.scatter(minutes[where] + 0.5, p[where], label=f"{name} ({where.sum()})", zorder=2, **style)
    left.axhline(threshold, color=emotions.colour(label_names[0]), lw=1.5, ls="--")
    left.set(ylim=(0, 1), xlabel=f"minutes since the recording began ({label_names[1]} shaded)",
             ylabel=f"how sure of {label_names[1]}")
    left.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(-0.02, 0.99), borderaxespad=0.1,
                fontsize=9, handletextpad=0.1, columnspacing=1)
    left.margins(x=0)
    rows = np.arange(len(people))
    colours = np.where(people.index == person, emotions.colour(label_names[1]), "0.6")
    right.hlines(rows, people["here"], people["best"], color=colours, lw=2)
    right.scatter(people["best"], rows, marker="|", color=colours, s=45)
    right.scatter(people["here"], rows, color=colours, s=26, zorder=2)
    right.axvline(0.5, color="0.4", lw=1, ls=":")
    right.set(yticks=rows[people.index == person], yticklabels=[person], xlim=(0, 1),
              ylim=(len(people) - 0.4, -0.6), xlabel="balanced accuracy\n(line: up to one's own best)")
    right.grid(False, axis="y")
    return _finish(fig, title, w_pad=1)


def strips(time, rows, *, title, moving=None, marks=None):
    """Signals on one clock, a strip each, every one on its own scale.

    Parameters
    ----------
    time : array of shape (n,)
        Seconds.
    rows : dict of str to array of shape (n,)
        What each strip is called, and its signal.
    title : str
    moving : bool array of shape (n,), optional
        Where the arm moves: shaded.
    marks : dict, optional
        Name -> times [s] of beats, marked on the last strip: "found" as dots, "missed" as rings above,
        "false" as crosses, and anything else as ticks along its foot.

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = emotions.colour("baseline"), emotions.colour("stress")
    heights = [1] * (len(rows) - 1) + [2 if marks else 1]
    fig, axes = plt.subplots(
        len(rows),
        1,
        sharex=True,
        squeeze=False,
        figsize=(8, 1.15 * sum(heights) + 1.2),
        height_ratios=heights,
    )
    for ax, (name, values) in zip(axes[:, 0], rows.items(), strict=True):
        ax.plot(time, values, color="0.25", lw=1.3)
        ax.set(yticks=[])
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
        ax.grid(False)
        ax.margins(x=0, y=0.12)
        if moving is not None:
            ax.fill_between(time, 0, 1, where=moving, color="0.5", alpha=0.2, lw=0,
                            transform=ax.get_xaxis_transform())  # fmt: skip
    foot, top = ax.get_ylim()
    if marks:
        ax.set_ylim(foot - 0.15 * (top - foot), top + 0.2 * (top - foot))
    looks = {"found": (".", blue), "missed": ("o", orange), "false": ("X", orange)}
    for name, when in (marks or {}).items():
        marker, colour = looks.get(name, ("|", "0.35"))
        height = np.full(len(when), foot) if marker == "|" else np.interp(when, time, values)
        if name == "missed":  # there is nothing on the curve to stand on
            height = np.full(len(when), top + 0.05 * (top - foot))
        ax.plot(when, height, marker, color=colour, ms=9 if marker == "|" else 7, mew=1.8, ls="",
                mfc="none" if name == "missed" else colour, label=name)  # fmt: skip
    axes[-1, 0].set_xlabel("seconds")
    if marks:
        fig.legend(*ax.get_legend_handles_labels(), frameon=False, ncols=len(marks), loc="upper left",
                   bbox_to_anchor=(0.0, 0.94), columnspacing=1.2, handletextpad=0.3)  # fmt: skip
    return _finish(fig, title, h_pad=0.3, rect=(0, 0, 1, 0.95 if marks else 1.02))


def rmssd_by_minute(true, measured, moving, *, title):
    """Heart-rate variability measured minute by minute, beside the truth; the moving arm is shaded.

    Parameters
    ----------
    true : array of shape (n_minutes,)
        RMSSD [ms], drawn on a logarithmic axis like all others.
    measured : dict of str to array of shape (n_minutes,)
        NaN where it is not measured.
    moving : array of shape (n_minutes,)
        Share of the minute in which the arm moves.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    minutes = np.arange(len(true)) + 1
    fig, ax = plt.subplots(figsize=(8, 3.6))
    ax.bar(minutes, moving, width=1, color="0.5", alpha=0.25, lw=0, label="arm moves (share of the minute)",
           transform=ax.get_xaxis_transform())  # fmt: skip
    ax.plot(minutes, true, color="0.1", lw=3, label="truth")
    looks = zip(
        measured.items(), ("X", "o"), (emotions.colour("stress"), emotions.colour("baseline")), strict=False
    )
    for (name, values), marker, colour in looks:
        ax.plot(minutes, values, marker, color=colour, ms=8, mec="white", label=name)
    ax.set(yscale="log", xlabel="minute", ylabel="RMSSD [ms]", xlim=(0.5, len(true) + 0.5))
    ax.yaxis.set_major_locator(plt.FixedLocator([10, 20, 30, 50, 100, 200, 300, 500, 1000]))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.yaxis.set_minor_locator(plt.NullLocator())
    ax.grid(False, axis="x")
    fig.legend(*ax.get_legend_handles_labels(), frameon=False, ncols=4, loc="upper left",
               bbox_to_anchor=(0.0, 0.94), columnspacing=1.2, handletextpad=0.4)  # fmt: skip
    return _finish(fig, title, rect=(0, 0, 1, 0.95))


def spectra(rows, marks, *, title, highest=4.0):
    """How much of each frequency there is, a strip a signal, with what beats at which frequency.

    Parameters
    ----------
    rows : dict of str to (frequency, amplitude)
        Arrays of shape (n,) [Hz and any unit]; each strip has its own scale.
    marks : dict of str to float
        Name -> frequency [Hz], drawn through all strips.
    title : str
    highest : float
        Where the axis ends [Hz].

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = [emotions.colour(name) for name in ("meditation", "stress", "contempt")]
    fig, axes = plt.subplots(len(rows), 1, sharex=True, squeeze=False, figsize=(8, 1.35 * len(rows) + 1.2))
    for ax, (name, (frequency, amplitude)) in zip(axes[:, 0], rows.items(), strict=True):
        seen = frequency <= highest
        ax.fill_between(frequency[seen], amplitude[seen] / amplitude[seen].max(), color="0.25", lw=0)
        ax.set(yticks=[], ylim=(0, 1.08), xlim=(0, highest))
        ax.set_ylabel(name, rotation=0, ha="right", va="center")
        for (_, at), colour in zip(marks.items(), colours, strict=False):
            ax.axvline(at, color=colour, lw=10, alpha=0.3, zorder=0)
        ax.grid(False)
    for (name, at), colour in zip(marks.items(), colours, strict=False):
        axes[0, 0].text(at, 1.2, f"{name} {at:.2f} Hz", color=colour, weight="bold",
                        ha="left" if at < 0.5 else "center")  # fmt: skip
    axes[-1, 0].set_xlabel("frequency [Hz]")
    return _finish(fig, title, h_pad=0.3, rect=(0, 0, 1, 1.02))


def film_clips(ratings, label, label_names, time, response, *, title, ylabel):
    """How one person rated film clips, and how the body answered to those of each class.

    Parameters
    ----------
    ratings : pandas.DataFrame
        A row a clip; columns valence and arousal, 1 to 9.
    label : int array of shape (n,)
    label_names : list of str
    time : array of shape (samples,)
        Seconds since the clip began.
    response : array of shape (n, samples)
    title, ylabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = emotions.colour("baseline"), emotions.colour("stress")
    fig, (plane, course) = plt.subplots(1, 2, figsize=(8, 3.6), width_ratios=(1, 1.35))
    for k, (name, colour) in enumerate(zip(label_names, colours, strict=True)):
        of_class = np.asarray(label) == k
        marks = ratings[of_class]
        plane.plot(marks["valence"], marks["arousal"], "o", color=colour, ms=7, mec="white")
        mean = response[of_class].mean(0)
        error = 1.96 * response[of_class].std(0, ddof=1) / np.sqrt(of_class.sum())
        course.plot(time, mean, color=colour, lw=2.5, label=f"{name} ({of_class.sum()} clips)")
        course.fill_between(time, mean - error, mean + error, color=colour, alpha=0.2, lw=0)
    for line in (plane.axhline, plane.axvline):
        line(5, color="0.6", lw=1, ls="--", zorder=0)
    plane.set(
        xlim=(0.7, 9.3),
        ylim=(0.7, 9.3),
        xticks=(1, 5, 9),
        yticks=(1, 5, 9),
        xlabel="valence",
        ylabel="arousal",
    )
    course.axvline(0, color="0.4", lw=1)
    course.set(xlabel="seconds since the clip began", ylabel=ylabel)
    course.margins(x=0)
    course.legend(frameon=False, fontsize=9, loc="upper left")
    plane.grid(False)
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


def who_or_what(table, *, title, xlabel):
    """Every person's mean in every state, and every state's mean over people, on the same axis.

    The intervals are those of the shift within people: their own levels are taken out first.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a person, a column a state.
    title, xlabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    from affectkit.evaluate import mean_interval

    table = table.loc[table.mean(axis=1).sort_values().index, table.mean().sort_values().index]
    fig, (people, states) = plt.subplots(2, 1, sharex=True, figsize=(8, 6.4), height_ratios=(1.5, 1))
    rows, level = np.arange(len(table)), table.to_numpy().mean()
    people.hlines(rows, table.min(axis=1), table.max(axis=1), color="0.88", lw=4)
    for k, name in enumerate(table):
        colour = emotions.colour(name)
        people.plot(table[name], rows, "o", color=colour, ms=5.5, alpha=0.9)
        mean, low, high = level + np.array(mean_interval(table[name] - table.mean(axis=1)))
        states.plot([low, high], [k, k], color=colour, lw=4, solid_capstyle="round")
        states.plot(mean, k, "D", color=colour, ms=10, mec="white")
        states.text(1.01, k, name, color=colour, weight="bold", va="center",
                    transform=states.get_yaxis_transform())  # fmt: skip
    people.set(yticks=[], ylabel=f"{len(table)} people,\na row each")
    states.set(
        yticks=[],
        ylabel="mean over them,\n95 % interval",
        xlabel=xlabel,
        ylim=(-0.7, len(table.columns) - 0.3),
    )
    for ax in (people, states):
        ax.grid(False, axis="y")
        sns.despine(ax=ax, left=True)
    return _finish(fig, title, h_pad=0.4, rect=(0, 0, 1, 1.01))


def shares(table, *, title):
    """What the variance comes from: a stacked bar a row, each part written into it.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a case, a column a source of variance, shares that add up to 1.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = [emotions.colour("baseline"), emotions.colour("stress"), "#D9D9D9"]
    fig, ax = plt.subplots(figsize=(8, 0.72 * len(table) + 1.2))
    left = np.zeros(len(table))
    for (name, part), colour in zip(table.items(), colours, strict=False):
        ax.barh(table.index, part, left=left, height=0.7, color=colour, edgecolor="white", lw=1.5, label=name)
        for row, (start, share) in enumerate(zip(left, part, strict=True)):
            inside = share > 0.055  # else it stands above its bar
            if share > 0.005:
                ax.text(start + share / 2, row if inside else row - 0.37, f"{share:.0%}", ha="center",
                        va="center" if inside else "bottom", weight="bold",
                        color=ink(colour) if inside else colour)  # fmt: skip
        left += part.to_numpy()
    ax.set(xlim=(0, 1), ylim=(len(table) - 0.5, -0.5))
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(False)
    ax.tick_params(left=False)
    sns.despine(fig, left=True)
    fig.legend(
        *ax.get_legend_handles_labels(), frameon=False, ncols=3, loc="upper left", bbox_to_anchor=(0.0, 0.92)
    )
    return _finish(fig, title, rect=(0, 0, 1, 0.92))


# ----------------------------------------------------------------------------------------- networks on faces


def training_curves(history, *, best_epoch, source):
    """Loss and accuracy, epoch by epoch, of training and of what was held out; the epoch kept is marked.

    Parameters
    ----------
    history : pandas.DataFrame
        A row an epoch: ``train_loss``, ``valid_loss``, ``train_acc``, ``valid_acc``.
    best_epoch : int
        Counted from 1.
    source : {"real", "twin"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    epochs = np.arange(1, len(history) + 1)
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, axes = plt.subplots(1, 2, figsize=(8, 3.4))
    for ax, quantity, label in zip(axes, ("loss", "acc"), ("loss", "accuracy"), strict=True):
        for part, name, colour in (("train", "training (augmented)", orange), ("valid", "held out", blue)):
            ax.plot(
                epochs,
                history[f"{part}_{quantity}"],
                color=colour,
                lw=2.5,
                label=name,
                marker="o" if len(epochs) < 12 else None,
            )
        ax.axvline(best_epoch, color="0.6", ls=":", zorder=0)
        ax.plot(
            best_epoch,
            history[f"valid_{quantity}"].iloc[best_epoch - 1],
            "o",
            ms=12,
            mfc="none",
            mew=2,
            color="0.2",
        )
        ax.set(xlabel="epoch", ylabel=label)
        ax.xaxis.get_major_locator().set_params(integer=True)
    axes[0].legend(frameon=False)
    fig.suptitle(
        f"Learning to read faces: epoch {best_epoch} of {len(epochs)} is kept ({_source(source)})",
        x=0.01,
        ha="left",
        weight="bold",
    )
    sns.despine(fig)
    fig.tight_layout()
    return fig


def confusion(target, said, names, *, source, title="What is taken for what", framed=None):
    """Confusion matrix, each row divided by its sum: of all with this label, what share was called that?

    Parameters
    ----------
    target, said : int arrays of shape (n,)
        Labels and predictions.
    names : list of str
    source : {"real", "twin"}
    title : str
    framed : (str, bool array of shape (classes, classes)), optional
        Cells to draw a frame around, and what it says of them.

    Returns
    -------
    matplotlib.figure.Figure
    """
    counts = np.zeros((len(names), len(names)))
    np.add.at(counts, (np.asarray(target), np.asarray(said)), 1)
    support = counts.sum(1).astype(int)
    long = sum(map(len, names)) > 50  # names that would cover one another
    fig, ax = plt.subplots(figsize=(8, 6.6) if long else (7, 5.6))
    sns.heatmap(counts / np.maximum(support, 1)[:, None], annot=True, fmt=".0%", cmap="Blues", vmin=0, vmax=1,
                linewidths=1.5, cbar=False, ax=ax, annot_kws={"size": 10}, xticklabels=names,
                yticklabels=[f"{name}  (n = {n:,})" for name, n in zip(names, support, strict=True)])
    ax.set_yticklabels(ax.get_yticklabels(), rotation=0)
    ax.set_xticklabels(names, rotation=40 * long, ha="right" if long else "center", rotation_mode="anchor")
    for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
        for label, name in zip(labels, names, strict=True):
            label.set(color=emotions.colour(name), weight="bold", size=10)
    meaning, cells = framed or ("", np.zeros((len(names), len(names)), bool))
    _frames(ax, np.argwhere(cells), width=1.3)
    ax.set(xlabel="the network says" + f" (in a frame: {meaning})" * bool(meaning), ylabel="the label says")
    return _finish(fig, f"{title} ({_source(source)})")


def gallery(images, captions, *, title, heat=None, colours=None, columns=6):
    """Faces with a caption each; where heat maps are given, each face stands above itself with its map.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w) or (n, h, w, 3)
    captions : list of str
    title : str
    heat : float array of shape (n, h, w), optional
        Drawn over the faces, each map scaled to its own largest value.
    colours : list of colours, optional
        Of the captions.
    columns : int

    Returns
    -------
    matplotlib.figure.Figure
    """
    columns = min(columns, len(images))
    lines = -(-len(images) // columns)
    each = 1 if heat is None else 2
    words = max(len(caption.splitlines()) for caption in captions)  # lines of text above a face
    height = lines * (8 / columns * each + 0.17 * words) + 0.45
    fig = plt.figure(figsize=(8, height))
    cells = fig.add_gridspec(lines, columns)
    if heat is None:
        axes = np.array([[fig.add_subplot(cell)] for cell in cells])
    else:  # a map close below its face
        axes = np.array([cell.subgridspec(2, 1, hspace=0.02).subplots() for cell in cells])
    for ax in axes.flat:
        ax.axis("off")
    for i, (image, caption) in enumerate(zip(images, captions, strict=True)):
        ax = axes[i, 0]
        ax.imshow(image, cmap="gray", vmin=0, vmax=255)
        ax.set_title(
            caption,
            fontsize=9,
            loc="center",
            weight="normal",
            pad=3,
            color="0.2" if colours is None else colours[i],
        )
        if heat is not None:
            axes[i, 1].imshow(image, cmap="gray", vmin=0, vmax=255)
            axes[i, 1].imshow(heat[i], cmap="inferno", alpha=0.55, vmin=0, vmax=max(heat[i].max(), 1e-9))
    return _finish(fig, title, pad=0.4, h_pad=0.8 if words else 0.4, rect=(0, 0, 1, 1 - 0.1 / height))


def how_far(images, said, label, kept, at, *, marks, xlabel, title):
    """Pictures at one amount of a change with what is read in them, and how many survive each amount.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w) or (n, h, w, 3)
    said : list of str
        What a classifier reads in each.
    label : str
        What they are labelled as.
    kept : pandas.Series
        Amount => the share of pictures in which the label is still read, 0 to 1.
    at : float
        The amount of `images`.
    marks : dict of str to float
        Amounts to point at, such as those of papers; 0 is not drawn.
    xlabel, title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = plt.figure(figsize=(8, 3.9))
    grid = fig.add_gridspec(2, len(images), height_ratios=(1, 1.25))
    blue, orange = sns.color_palette("colorblind")[:2]
    for column, (image, name) in enumerate(zip(images, said, strict=True)):
        ax = fig.add_subplot(grid[0, column])
        ax.imshow(image, cmap="gray", vmin=0, vmax=255)
        ax.set_xlabel(name, color=blue if name == label else orange, weight="bold", size=10, labelpad=3)
        ax.set(xticks=[], yticks=[])
        sns.despine(ax=ax, left=True, bottom=True)
    ax = fig.add_subplot(grid[1, :])
    ax.fill_between(kept.index, 100 * kept, color=blue, alpha=0.15, lw=0)
    ax.plot(kept.index, 100 * kept, color=blue, lw=2.4)
    for name, amount in ((name, amount) for name, amount in marks.items() if amount):
        ax.axvline(amount, color="0.4", ls=":", lw=1.5)
        ax.text(amount, 103, name, color="0.35", size=9, ha="center", va="bottom")
    ax.plot(at, 100 * np.interp(at, kept.index, kept), "o", color=blue, ms=13, mec="0.1", mew=1.5,
            clip_on=False, zorder=5)  # fmt: skip
    ax.set(ylim=(0, 103), yticks=(0, 50, 100), xlabel=xlabel, ylabel="label still read [%]")
    ax.margins(x=0.02)
    sns.despine(ax=ax)
    return _finish(fig, title, pad=0.4, h_pad=1.2)


def reading_orders(image, orders, *, title):
    """How a picture becomes a sequence: the path over its places, and below it the places as they are read.

    Parameters
    ----------
    image : uint8 array of shape (h, w)
    orders : dict of str to sequence of int
        Name => the places of a square grid, numbered row by row, in the order in which they are read.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    places = len(next(iter(orders.values())))
    side = round(places**0.5)
    edges = np.linspace(0, image.shape[0], side + 1).round().astype(int)
    middle = (edges[:-1] + edges[1:] - 1) / 2
    fig = plt.figure(figsize=(4 * len(orders), 5))
    upper, lower = fig.subfigures(2, 1, height_ratios=(4.1, 0.75 * len(orders)))
    faces = np.atleast_1d(upper.subplots(1, len(orders)))
    strips = lower.subplots(len(orders), places, squeeze=False)
    colours = plt.cm.viridis_r(np.linspace(0.1, 0.95, places))
    for ax, line, (name, order) in zip(faces, strips, orders.items(), strict=True):
        rows, columns = np.divmod(np.asarray(order), side)
        x, y = middle[columns], middle[rows]
        ax.imshow(image, cmap="gray", vmin=-90, vmax=255)  # pale, so that the path stands out
        for edge in edges[1:-1] - 0.5:
            ax.axhline(edge, color="white", lw=0.8)
            ax.axvline(edge, color="white", lw=0.8)
        for step in range(places - 1):
            ax.annotate("", (x[step + 1], y[step + 1]), (x[step], y[step]),
                        arrowprops=dict(arrowstyle="->", color=colours[step], lw=2.2, shrinkA=8, shrinkB=8))
        for step in range(places):
            ax.text(x[step], y[step], step + 1, ha="center", va="center", size=9, weight="bold",
                    color="white", bbox=dict(boxstyle="circle,pad=0.25", fc=colours[step], ec="none"))
        ax.set_title(name, loc="center", size=11)
        ax.axis("off")
        for step, cell in enumerate(line):
            top, left = edges[rows[step]], edges[columns[step]]
            cell.imshow(image[top:edges[rows[step] + 1], left:edges[columns[step] + 1]], cmap="gray", vmin=0,
                        vmax=255)
            cell.set(xticks=[], yticks=[])
            for spine in cell.spines.values():
                spine.set(visible=True, color=colours[step], lw=2.5)
        line[0].set_ylabel(name, rotation=0, ha="right", va="center", size=10)
    upper.suptitle(title, x=0.01, ha="left", weight="bold", size=13)
    upper.subplots_adjust(0.02, 0.01, 0.98, 0.86, wspace=0.05)
    lower.subplots_adjust(0.15, 0.05, 0.99, 0.95, wspace=0.12, hspace=0.1)
    return fig


def reading_along(image, order, proba, right, names, step, *, title):
    """What a GRU would say of a picture after each place, stopped at one of them.

    Parameters
    ----------
    image : uint8 array of shape (h, w)
    order : sequence of int
        The places of a square grid, numbered row by row, in the order in which they are read.
    proba : array of shape (places, classes)
        After one place, after two, ...
    right : array of shape (places,)
        Share of many pictures that would be right after so many places.
    names : list of str
    step : int
        So many places have been read, at least 1.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    places = len(order)
    side = round(places**0.5)
    edges = np.linspace(0, len(image), side + 1).round().astype(int)
    fig = plt.figure(figsize=(8, 3.4))
    cells = fig.add_gridspec(2, 3, width_ratios=(1, 1.5, 0.75), height_ratios=(2.3, 1))
    face, course, now, all_faces = map(fig.add_subplot, (cells[:, 0], cells[0, 1], cells[:, 2], cells[1, 1]))
    seen = np.full(image.shape, 235.0)
    for place in order[:step]:
        row, column = divmod(place, side)
        part = np.s_[edges[row]:edges[row + 1], edges[column]:edges[column + 1]]
        seen[part] = image[part]
    face.imshow(seen, cmap="gray", vmin=0, vmax=255)
    face.add_patch(plt.Rectangle((edges[column] - 0.5, edges[row] - 0.5), *np.diff(edges)[[column, row]],
                                 fill=False, lw=3, ec=sns.color_palette("colorblind")[1]))  # the last one
    face.axis("off")
    steps = np.arange(1, places + 1)
    for k, name in enumerate(names):
        course.plot(steps, proba[:, k], color=emotions.colour(name), lw=1, alpha=0.25)
        course.plot(steps[:step], proba[:step, k], color=emotions.colour(name), lw=2.2)
    all_faces.fill_between(steps, right, color="0.8", lw=0)
    all_faces.plot(step, right[step - 1], "o", color="0.1")
    for ax, label in ((course, "probability"), (all_faces, "right")):
        ax.axvline(step, color="0.5", lw=1, ls=":")
        ax.set(xlim=(0.5, places + 0.5), ylim=(0, 1), ylabel=label)
        ax.grid(False, axis="x")
    all_faces.set(xlabel="places read", ylim=(0, 1.1 * max(right)))
    course.set_xticklabels([])
    bars = now.barh(range(len(names)), proba[step - 1], color=[emotions.colour(name) for name in names])
    now.bar_label(bars, [f" {p:.0%}" for p in proba[step - 1]], size=9, color="0.25")
    now.set(yticks=range(len(names)), yticklabels=names, ylim=(len(names) - 0.5, -0.5), xlim=(0, 1.25),
            xticks=[])
    now.grid(False)
    sns.despine(ax=now, left=True, bottom=True)
    return _finish(fig, title, w_pad=0.8)


def judges(reports, *, trusted, title):
    """What each figure says of each generator; orange where it is worse than of real samples.

    Parameters
    ----------
    reports : dict of str to pandas.DataFrame
        Generator => table of `judge.report`, all with the same rows.
    trusted : str
        The generator that is none: real samples. A figure is worse where its interval lies beyond theirs, on
        the wrong side, or on either side where `better` is "floor".
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    best = reports[trusted]
    values = pd.DataFrame({name: table["value"] for name, table in reports.items()})
    worse = pd.DataFrame(False, values.index, values.columns)
    for name, table in reports.items():
        above, below = table["low"] > best["high"], table["high"] < best["low"]
        worse[name] = (above & (best["better"] != "higher")) | (below & (best["better"] != "lower"))
    wanted = {"lower": "lower is better", "higher": "higher is better", "floor": "as real ones"}
    fig, ax = plt.subplots(figsize=(8, 0.42 * len(values) + 1.3))
    sns.heatmap(worse, cmap=["#F2F2F2", "#E69F00"], vmin=0, vmax=1, cbar=False, linewidths=2, ax=ax)
    for row, metric in enumerate(values.index):
        for column, value in enumerate(values.loc[metric]):
            weight = "bold" if worse.iloc[row, column] else "normal"
            ax.text(column + 0.5, row + 0.5, f"{value:.2f}", ha="center", va="center", weight=weight)
        goal = wanted[best["better"][metric]]
        ax.text(len(reports) + 0.12, row + 0.5, goal, va="center", size=9, color="0.4")
    ax.set(xlabel="", ylabel="")
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    return _finish(fig, title)


def in_context(rows, *, band=None, limits=(0, 1), title):
    """One score beside what others report: a dot each, with its interval where there is one.

    Parameters
    ----------
    rows : pandas.DataFrame
        A row a score, indexed by its name: ``value``, ``low``, ``high`` (NaN if unknown), ``ours`` (bool).
    band : (low, high), optional
        Shaded: where a careful result lies.
    limits : (low, high)
        Of the axis.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, ax = plt.subplots(figsize=(8, 0.5 * len(rows) + 1.3))
    if band is not None:
        ax.axvspan(*band, color="0.5", alpha=0.2, lw=0)
        ax.text(np.mean(band), -0.75, "credible band", ha="center", va="bottom", color="0.35", fontsize=9)
    for place, row in enumerate(rows.itertuples()):
        colour = blue if row.ours else orange
        if np.isfinite(row.low):
            ax.plot([row.low, row.high], [place, place], color=colour, lw=4, alpha=0.45)
        whole = limits[0] <= row.value <= limits[1]  # a dot on the edge is drawn whole
        ax.plot(row.value, place, "o", ms=9, color=colour, clip_on=not whole)
        ax.annotate(
            f"{row.value:.1%}",
            (row.value, place),
            (0, 8),
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=colour,
            weight="bold",
        )
    ax.set(
        yticks=range(len(rows)),
        yticklabels=rows.index,
        ylim=(len(rows) - 0.5, -0.8),
        xlim=limits,
        xlabel="accuracy",
    )
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.yaxis.grid(False)
    fig.suptitle(title, x=0.01, ha="left", weight="bold")
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


def reliability(tables, *, title):
    """How often it is right against how sure it is: true confidences lie on the diagonal.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        Name => table of `evaluate.calibration`.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    palette = sns.color_palette("colorblind")
    fig, ax = plt.subplots(figsize=(8, 4.8))
    ends = [value for table in tables.values() for value in (*table["confidence"], *table["low"])]
    low = np.floor(10 * np.nanmin(ends)) / 10
    ax.plot([low, 1], [low, 1], color="0.4", lw=1.2, ls="--", zorder=0)
    for x, y, text in ((0.25, 0.8, "not sure enough"), (0.8, 0.25, "too sure")):
        ax.text(x, y, text, color="0.5", style="italic", ha="center", transform=ax.transAxes)
    colours = palette[1], palette[0], *palette[2:]
    for (name, table), colour, marker in zip(tables.items(), colours, "os^D", strict=False):
        ax.vlines(table["confidence"], table["low"], table["high"], color=colour, lw=3, alpha=0.35)
        ax.plot(table["confidence"], table["accuracy"], marker + "-", color=colour, lw=2, ms=7, label=name)
    ax.set(xlim=(low, 1.01), ylim=(low, 1.01))
    ax.set(xlabel="how sure it says it is", ylabel="how often it is right")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0, ncols=len(tables))
    sns.despine(fig)
    return _finish(fig, title)


def slices(table, *, title):
    """Who is it worse for? Each slice's accuracy less that of all others, with its interval.

    Parameters
    ----------
    table : pandas.DataFrame
        As `evaluate.slices` gives it. Coloured where the corrected p is below 0.05.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    names = table.index.get_level_values(0)
    places = np.arange(len(table)) + np.cumsum(np.r_[True, names[1:] != names[:-1]])  # a line for each name
    fig, ax = plt.subplots(figsize=(8, 0.3 * places[-1] + 1.5))
    for place, (_, row) in zip(places, table.iterrows(), strict=True):
        colour = "0.55" if not row["p"] < 0.05 else orange if row["difference"] < 0 else blue
        ax.plot([100 * row["difference low"], 100 * row["difference high"]], [place] * 2, color=colour, lw=3,
                alpha=0.6, solid_capstyle="round")  # fmt: skip
        ax.plot(100 * row["difference"], place, "o", color=colour, ms=8, mec="white")
        ax.text(1.01, place, f"{row['accuracy']:.0%} of {row['n']:,.0f}", va="center", size=10, color=colour,
                transform=ax.get_yaxis_transform())  # fmt: skip
    ax.axvline(0, color="0.3", lw=1.2)
    for name in names.unique():
        ax.text(-0.015, places[names == name].min() - 1, name, transform=ax.get_yaxis_transform(), ha="right",
                va="center", weight="bold")  # fmt: skip
    ax.set(yticks=places, yticklabels=table.index.get_level_values(1), ylim=(places[-1] + 0.6, -0.6))
    ax.set_xlabel("accuracy less that of all others [points], 95 % interval")
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, title)


def unit_profile(table, *, title):
    """How strongly each emotion uses each action unit, as a heat map.

    Parameters
    ----------
    table : pandas.DataFrame
        A row an emotion, a column a unit, mean intensities from 0 to 1.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.38 * len(table) + 1.1))
    bar = {"label": "mean intensity"}
    sns.heatmap(table, cmap="Blues", vmin=0, vmax=1, linewidths=1, ax=ax, cbar_kws=bar)
    ax.set_xticklabels([name.removeprefix("AU") for name in table.columns], rotation=0, size=10)
    ax.set_yticklabels(table.index, rotation=0, size=10, weight="bold")
    for label, name in zip(ax.get_yticklabels(), table.index, strict=True):
        label.set_color(emotions.colour(name))
    ax.set(xlabel="action unit", ylabel="")
    return _finish(fig, title)


def distances(changes, *, title):
    """How far apart pictures lie when one thing changes: a dot a pair of pictures, a bar at the mean.

    Parameters
    ----------
    changes : dict of str to array of shape (n_pairs,)
        What was changed -> mean absolute difference of each pair of pictures [grey levels]. The first, which
        the others are compared with, is drawn in orange.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, ax = plt.subplots(figsize=(8, 0.55 * len(changes) + 1.2))
    spread = np.random.default_rng(0)  # only to keep dots from hiding one another
    for row, values in enumerate(changes.values()):
        colour = blue if row else orange
        ax.plot(values, row + spread.uniform(-0.18, 0.18, len(values)), "o", color=colour, alpha=0.35, ms=6)
        mean = np.mean(values)
        ax.plot([mean, mean], [row - 0.32, row + 0.32], color=colour, lw=4)
        ax.text(1.02, row, f"{mean:.0f}", color=colour, weight="bold", va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set(yticks=range(len(changes)), yticklabels=changes, ylim=(len(changes) - 0.5, -0.5))
    ax.set(xlim=(0, None), xlabel="difference between two pictures [grey levels of 255], mean in bold")
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, title)


def unit_dots(table, *, title, xlabel, chance=None):
    """A row a unit (or whatever the rows are), a dot for each way to measure it, joined by a line.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows are named as they shall read; a unit ("AU12") is given its words. A column a way, five at most.
        NaN is drawn as the word "undefined" if a whole row is so, and left out elsewhere.
    title, xlabel : str
    chance : float, optional
        What guessing gets, as a dotted line.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.3 * len(table) + 1.8))
    for place, row in enumerate(table.to_numpy(float)):
        known = row[np.isfinite(row)]
        if known.size:
            ax.plot([known.min(), known.max()], [place, place], color="0.8", lw=2.5, zorder=1)
        else:
            ax.text(0.5, place, "undefined", transform=ax.get_yaxis_transform(), ha="center", va="center",
                    color="0.4", style="italic")  # fmt: skip
    blue, orange, green, red, purple = sns.color_palette("colorblind")[:5]
    looks = zip(table, (orange, blue, green, purple, red), "osD^v", strict=False)
    for name, colour, marker in looks:
        ax.plot(table[name], np.arange(len(table)), marker, color=colour, ms=8, mec="white", label=name)
    if chance is not None:
        ax.axvline(chance, color="0.4", lw=1.2, ls=":")
        ax.text(chance, -0.75, " guessing", color="0.4", size=9, va="center")
    ax.set(yticks=range(len(table)), ylim=(len(table) - 0.5, -1.1 if chance is not None else -0.6))
    ax.set_yticklabels([_unit_words(name) for name in table.index])
    ax.set_xlabel(xlabel)
    ax.grid(False, axis="y")
    ax.legend(frameon=False, ncols=max(1, 95 // (6 + max(map(len, table)))), loc="lower left",
              bbox_to_anchor=(0, 1), bbox_transform=blended_transform_factory(fig.transFigure, ax.transAxes),
              borderaxespad=0.3, handletextpad=0.2, columnspacing=1.2)  # fmt: skip
    sns.despine(fig, left=True)
    return _finish(fig, title)


def _unit_words(name):
    """ "AU12" => "12 lip corner puller"; anything else as it is."""
    unit = emotions.FACS.get(name)
    return name if unit is None else f"{name.removeprefix('AU')} {unit.name}"


def rule_map(shares, rule, *, title):
    """How often faces of each emotion truly show each unit, with a frame around what a rule says.

    Parameters
    ----------
    shares : dict of str to pandas.DataFrame
        Caption -> a row an emotion, a column a unit, shares from 0 to 1. Drawn one below the other.
    rule : dict of str to sequence of str
        Emotion, in any spelling -> the units that the rule gives it.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = [len(table) for table in shares.values()]
    fig, axes = plt.subplots(len(shares), squeeze=False, figsize=(8, 0.36 * sum(rows) + 0.75 * len(rows)),
                             height_ratios=rows)  # fmt: skip
    for ax, (caption, table) in zip(axes[:, 0], shares.items(), strict=True):
        said = {emotions.canonical(name): units for name, units in rule.items()}
        sns.heatmap(table, cmap="Blues", vmin=0, vmax=1, linewidths=1, annot=100 * table, fmt=".0f",
                    annot_kws={"size": 9}, cbar=False, ax=ax)  # fmt: skip
        named = [[unit in said[emotions.canonical(name)] for unit in table.columns] for name in table.index]
        _frames(ax, np.argwhere(named))
        ax.set_xticklabels([name.removeprefix("AU") for name in table.columns], rotation=0, size=10)
        ax.set_yticklabels(table.index, rotation=0, size=10, weight="bold")
        for label, name in zip(ax.get_yticklabels(), table.index, strict=True):
            label.set_color(emotions.colour(name))
        ax.set(xlabel="", ylabel="")
        ax.set_title(caption, loc="center", size=11)
    axes[-1, 0].set_xlabel("action unit")
    return _finish(fig, title)


def in_order(images, there, ways, *, title, columns=10):
    """Faces from the one that a detector is least sure of to the one it is surest of, for several detectors.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w) or (n, h, w, 3)
    there : bool array of shape (n,)
        Which faces truly show what is looked for: framed, and a mark each in the strip of all.
    ways : dict of str to array of shape (n,)
        What a detector says of each face, by the words that stand above its row.
    title : str
    columns : int
        Faces in a row: the middle one of each of as many equal parts of the strip.

    Returns
    -------
    matplotlib.figure.Figure
    """
    there, (height, width) = np.asarray(there, bool), np.shape(images)[1:3]
    orange = sns.color_palette("colorblind")[1]
    picked = ((np.arange(columns) + 0.5) * len(there) / columns).astype(int)
    fig = plt.figure(figsize=(8, 8 / columns * len(ways) * 1.6 + 0.8))
    for part, (name, said) in zip(fig.add_gridspec(len(ways)), ways.items(), strict=True):
        faces, strip = part.subgridspec(2, 1, height_ratios=(6, 1), hspace=0.06).subplots()
        order = np.argsort(said, kind="stable")
        faces.imshow(np.hstack(images[order[picked]]), cmap="gray", vmin=0, vmax=255, aspect="auto")
        for place in np.flatnonzero(there[order[picked]]):
            faces.add_patch(plt.Rectangle((place * width + 0.5, 0.5), width - 2, height - 2, fill=False, lw=3,
                                          ec=orange))  # fmt: skip
        faces.set_title(name, loc="left", size=10.5, weight="normal", pad=3)
        marks = np.where(there[order, None], orange, (0.88, 0.88, 0.88))
        strip.imshow(marks[None], aspect="auto", interpolation="nearest")
        for ax in (faces, strip):
            ax.set(xticks=[], yticks=[])
            ax.grid(False)
    strip.set_xlabel("surely not     ←     all of them in the detector's order     →     surely there")
    sns.despine(fig, left=True, bottom=True)
    return _finish(fig, title)


def from_set_to_set(table, *, title):
    """A score for each pair of sets: learnt on the row's, tested on the column's; within a set in a frame.

    Parameters
    ----------
    table : pandas.DataFrame
        Areas under the curve: a row a set learnt on, a column a set tested on, in the same order.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.62 * len(table) + 1.5))
    sns.heatmap(table, cmap="Blues", vmin=0.5, vmax=1, linewidths=2, annot=True, fmt=".2f", ax=ax,
                annot_kws={"size": 13, "weight": "bold"}, cbar_kws={"label": "mean AUC"})  # fmt: skip
    _frames(ax, [(k, k) for k in range(len(table))])
    ax.set(xlabel="tested on", ylabel="learnt on")
    ax.set_yticklabels(table.index, rotation=0)
    return _finish(fig, title)


def recovery(pictures, units, *, title):
    """Faces above, and below them the intensity of each action unit: as it was, and as it was found.

    Parameters
    ----------
    pictures : dict of str to uint8 array (h, w) or (h, w, 3)
        Caption -> face.
    units : pandas.DataFrame
        A row a unit; columns ``true`` and ``found``, from 0 to 1.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig = plt.figure(figsize=(8, 5.2))
    grid = fig.add_gridspec(2, len(pictures), height_ratios=(1.2, 1))
    for column, (caption, picture) in enumerate(pictures.items()):
        ax = fig.add_subplot(grid[0, column])
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set_title(caption, loc="center", size=11)
        ax.axis("off")
    ax, place = fig.add_subplot(grid[1, :]), np.arange(len(units))
    for shift, (name, colour) in zip((-0.2, 0.2), {"true": orange, "found": blue}.items(), strict=True):
        ax.bar(place + shift, units[name], 0.38, color=colour, label=name)
    ax.set_xticks(place, [name.removeprefix("AU") for name in units.index], size=10)
    ax.set(ylim=(0, 1), xlim=(-0.7, len(units) - 0.3), xlabel="action unit", ylabel="intensity")
    ax.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0.2)
    ax.grid(False, axis="x")
    return _finish(fig, title)


def radius_curve(table, *, source):
    """Mean AUC per person when each window listens to its neighbours, for growing distances.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a radius [s], a column a method.
    source : {"real", "twin"}

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 3.2))
    for (method, values), colour in zip(table.items(), sns.color_palette("colorblind"), strict=False):
        ax.plot(values.index, values, "o-", lw=2.2, ms=5, color=colour, label=method)
    ax.set(
        xlabel="listens to windows up to so many seconds away",
        ylabel="mean AUC per person",
        xticks=table.index,
    )
    ax.set_title(f"How far should a window listen? ({_source(source)})", pad=24)
    ax.legend(frameon=False, ncols=table.shape[1], loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.2)
    fig.tight_layout()
    return fig


# -------------------------------------------------------------------------------------- generated samples


def wave_sheet(sets, target, names, rate, *, title, per_class=3):
    """Windows side by side: a column a set, such as real and generated ones, the classes one colour each.

    Parameters
    ----------
    sets : dict of str to array of shape (n, time, 1)
        What each column is called, and its windows.
    target : dict of str to int array of shape (n,)
        Their classes.
    names : list of str
        Of the classes, from 0.
    rate : float
        Samples a second [Hz].
    title : str
    per_class : int
        Windows of a class: the first ones.

    Returns
    -------
    matplotlib.figure.Figure
    """
    rows = per_class * len(names)
    fig, axes = plt.subplots(
        rows, len(sets), sharex=True, sharey=True, squeeze=False, figsize=(8, 0.62 * rows + 1.2)
    )
    highest = np.quantile(np.abs(np.concatenate([x.ravel() for x in sets.values()])), 0.999)
    for column, (name, windows) in enumerate(sets.items()):
        axes[0, column].set_title(name, loc="center", size=11, weight="bold")
        for k, colour in zip(range(len(names)), sns.color_palette("colorblind"), strict=False):
            shown = windows[np.asarray(target[name]) == k][:per_class]
            for ax, window in zip(axes[per_class * k :, column], shown, strict=False):
                ax.plot(np.arange(len(window)) / rate, window[:, 0], color=colour, lw=1.5)
    for ax in axes.flat:
        ax.set(yticks=[], ylim=(-1.05 * highest, 1.05 * highest))
        ax.margins(x=0)
        ax.grid(False)
        sns.despine(ax=ax, left=True, bottom=ax not in axes[-1])
        ax.tick_params(bottom=ax in axes[-1])
    for k, colour in zip(range(len(names)), sns.color_palette("colorblind"), strict=False):
        label = axes[per_class * k + per_class // 2, 0].set_ylabel(names[k], color=colour, weight="bold")
        label.set(rotation=0, ha="right", va="center")
    for ax in axes[-1]:
        ax.set_xlabel("seconds", size=10)
    return _finish(fig, title, h_pad=0.1, w_pad=1.5)


def losses_and_truth(history, told, *, floor, title, measure="TSTR", trusted="trained on real ones"):
    """The two losses of a GAN's training, and below them how good its samples are.

    Parameters
    ----------
    history : list of dict
        A GAN's `history_`: step, d_loss, g_loss.
    told : pandas.DataFrame
        A row a step at which it was asked, a column a curve: TSTR is the accuracy on real samples of a
        classifier that was trained on generated ones.
    floor : float
        The same where real samples take the place of generated ones.
    title : str
    measure, trusted : str
        What was measured, and what the floor's line is.

    Returns
    -------
    matplotlib.figure.Figure
    """
    colours = sns.color_palette("colorblind")
    fig, (above, below) = plt.subplots(2, 1, sharex=True, figsize=(8, 4.8), height_ratios=(1, 1.6))
    losses = pd.DataFrame(history).set_index("step")[["d_loss", "g_loss"]]
    losses = losses.rename(columns={"d_loss": "discriminator", "g_loss": "generator"}).interpolate()
    for (name, loss), colour in zip(losses.rolling(20, min_periods=1).mean().items(), ("0.25", "0.6"),
                                    strict=True):  # fmt: skip
        above.plot(loss.index, loss, color=colour, lw=1.8, label=name)
    for (name, curve), colour in zip(told.items(), (colours[1], colours[0]), strict=False):
        below.plot(curve.index, curve, "o-", color=colour, lw=2.4, ms=5, label=name)
    below.axhline(floor, color="0.25", lw=1.5, ls="--")
    below.text(losses.index[0], floor, trusted, va="bottom", color="0.25", size=10)
    above.set(ylabel="loss")
    low, high = min(floor, told.min().min()), max(floor, told.max().max())
    room = 0.15 * (high - low)
    below.set(xlabel="step of the training", ylabel=measure, ylim=(low - room, high + room))
    for ax in (above, below):
        ax.legend(frameon=False, ncols=2, loc="lower right", bbox_to_anchor=(1, 0.98), borderaxespad=0.1)
        ax.margins(x=0.01)
    return _finish(fig, title)


def densities(table, *, xlabel, title):
    """How values of several sets are distributed: a row a set, its mean as a mark with its number.

    Parameters
    ----------
    table : pandas.DataFrame
        Columns ``set``, ``value``, and perhaps ``class``, which splits each row in colours.
    xlabel, title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    split = "class" if "class" in table else None
    sets, table = list(dict.fromkeys(table["set"])), table.dropna(subset="value")
    fig, ax = plt.subplots(figsize=(8, 0.8 * len(sets) + 1.4))
    colours = sns.color_palette("colorblind", table[split].nunique() if split else 1)
    options = dict(data=table, x="value", y="set", order=sets, hue=split, palette=colours if split else None)
    sns.stripplot(**options, ax=ax, size=3, alpha=0.45, jitter=0.22, legend=False,
                  color=None if split else colours[0])  # fmt: skip
    kinds = list(dict.fromkeys(table[split])) if split else [None]
    for (row, name), (kind, colour) in (
        (a, b) for a in enumerate(sets) for b in zip(kinds, colours, strict=True)
    ):
        values = table.loc[(table["set"] == name) & ((table[split] == kind) if split else True), "value"]
        if len(values):
            mean = values.mean()
            ax.plot([mean, mean], [row - 0.33, row + 0.33], color=colour, lw=4, zorder=5)
            side = "center" if len(kinds) == 1 else "right" if kind == kinds[0] else "left"  # may be close
            ax.text(mean, row - 0.35, f"{mean:.0f}", color=colour, weight="bold", ha=side, va="bottom")
    if split:
        for place, (kind, colour) in enumerate(zip(kinds, colours, strict=True)):
            ax.text(1 - 0.15 * (len(kinds) - 1 - place), 1.02, kind, color=colour, weight="bold", ha="right",
                    transform=ax.transAxes)  # fmt: skip
    ax.set_yticks(range(len(sets)), [textwrap.fill(name, 16) for name in sets])
    ax.set(xlabel=xlabel, ylabel="", ylim=(len(sets) - 0.5, -0.62))
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, title)


def ridge(windows, captions, rate, *, title):
    """Windows one below the other, from one colour to another: what changes on the way.

    Parameters
    ----------
    windows : array of shape (n, time, 1)
    captions : list of str
        One a window; empty ones say nothing.
    rate : float
        Samples a second [Hz].
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.5 * len(windows) + 1.3))
    colours = sns.blend_palette(sns.color_palette("colorblind")[:2], len(windows))
    height = 0.6 / np.abs(windows).max()
    for row, (window, caption, colour) in enumerate(zip(windows, captions, colours, strict=True)):
        time = np.arange(len(window)) / rate
        ax.plot(time, row - height * (window[:, 0] - window.mean()), color=colour, lw=2)
        ax.text(-0.01, row, caption, color=colour, weight="bold", ha="right", va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    ax.set(yticks=[], ylim=(len(windows) - 0.2, -0.8), xlim=(0, time[-1]), xlabel="seconds")
    ax.grid(False)
    sns.despine(fig, left=True)
    return _finish(fig, title)


def class_dial(window, rate, rates, at, column, *, real, unseen, title):
    """What a generator makes at one share of a class, and the heart rates it makes at all of them.

    Parameters
    ----------
    window : array of shape (time,)
        A pulse.
    rate : float
        Samples a second [Hz].
    rates : pandas.DataFrame
        Heart rates [beats/min], NaN where none is found: a row a share of the second class, a column a noise.
    at : float
        The share of `window`.
    column : label
        Its noise.
    real : dict of str to array
        Heart rates of real windows of the first class, which belong to share 0, and of the second, to 1.
    unseen : pair of float
        From where to where no window that was learnt from lies [beats/min].
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, (above, ax) = plt.subplots(2, 1, figsize=(8, 3.95), height_ratios=(1, 2.3))
    ends = sns.color_palette("colorblind")[:2]
    colour = sns.blend_palette(ends, as_cmap=True)(np.clip(at, 0, 1))
    above.plot(np.arange(len(window)) / rate, window, color=colour, lw=2)
    above.set(yticks=[], xlim=(0, (len(window) - 1) / rate), xlabel="seconds")
    above.grid(False)
    rng = np.random.default_rng(0)
    for place, ((name, values), kind) in enumerate(zip(real.items(), ends, strict=True)):
        aside = rng.uniform(-7, 7, len(values))  # dots beside one another
        ax.plot(100 * place + aside, values, "o", color=kind, ms=3.5, alpha=0.35, mew=0)
        ax.text(100 * place, 1.01, name, color=kind, weight="bold", ha="center", va="bottom",
                transform=ax.get_xaxis_transform())  # fmt: skip
    ax.axhspan(*unseen, color="0.5", alpha=0.16, lw=0)
    ax.text(100 * rates.index[-1], np.mean(unseen), "never seen ", color="0.35", ha="right", va="center")
    ax.plot(100 * rates.index, rates, color="0.72", lw=1)
    ax.plot(100 * rates.index, rates[column], color="0.2", lw=2.2)
    ax.plot(100 * at, rates.loc[at, column], "o", color=colour, ms=13, mec="0.1", mew=1.5, zorder=5)
    ax.set(xlabel="share of the second class it is told [%]", ylabel="beats a minute")
    ax.margins(x=0.02)
    sns.despine(ax=above, left=True)
    sns.despine(ax=ax)
    return _finish(fig, title, h_pad=0.6)


# -------------------------------------------------------------------------------- balancing


def balance_gains(table, *, source, metrics=("macro-F1", "balanced accuracy", "rare recall"), title=None):
    """What each method gains over the baseline in three metrics, with intervals, and what it costs.

    Parameters
    ----------
    table : pandas.DataFrame
        ``balance.compare(...).table``.
    source : {"real", "twin"}
    metrics : sequence of three str
        Of those in the table.
    title : str, optional

    Returns
    -------
    matplotlib.figure.Figure
        Blue: better beyond chance (the interval lies above 0). Orange: worse. Grey: neither.
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    base = table[table["difference"].isna()].set_index("metric")
    others = table[table["difference"].notna()]
    methods = list(dict.fromkeys(others["method"]))
    fig, axes = plt.subplots(1, 3, sharey=True, figsize=(9, 0.42 * len(methods) + 1.7))
    for ax, metric in zip(axes, metrics, strict=True):
        rows = others[others["metric"] == metric].set_index("method").loc[methods]
        for place, (_, row) in enumerate(rows.iterrows()):
            low, high = 100 * row["difference_low"], 100 * row["difference_high"]
            colour = blue if low > 0 else orange if high < 0 else "0.5"
            ax.plot([low, high], [place, place], color=colour, lw=3, alpha=0.5, solid_capstyle="round")
            ax.plot(100 * row["difference"], place, "o", color=colour, ms=8)
        ax.axvline(0, color="0.2", lw=1)
        ax.set_title(f"{metric}\n{base['method'].iloc[0]}: {100 * base.loc[metric, 'value']:.1f} %", size=11,
                     loc="left")
        ax.set(yticks=range(len(methods)), yticklabels=methods, ylim=(len(methods) - 0.5, -0.5))
        ax.grid(False, axis="y")
    for place, method in enumerate(methods):
        seconds = others.loc[others["method"] == method, "seconds"].iloc[0]
        axes[-1].text(1.03, place, f"{seconds:,.0f} s" if seconds >= 10 else f"{seconds:.1f} s", va="center",
                      transform=axes[-1].get_yaxis_transform(), color="0.35")
    axes[1].set_xlabel("gain in percentage points, 95 % interval; blue: better, orange: worse, grey: unclear")
    sns.despine(fig, left=True)
    title = title or f"What does balancing gain over {base['method'].iloc[0]!r}, and at what cost?"
    fig.suptitle(f"{title} ({_source(source)})", x=0.01, ha="left", weight="bold", size=13)
    fig.tight_layout()
    return fig


def filled_up(counts, *, title, shares=False):
    """Bars of class sizes before and after balancing: kept rows solid, made ones hatched, dropped ones empty.

    Parameters
    ----------
    counts : pandas.DataFrame
        A row a class, columns ``kept``, ``made``, ``dropped``.
    title : str
    shares : bool
        Beside them stands what share of each class is made, and the figure keeps its size.

    Returns
    -------
    matplotlib.figure.Figure
    """
    size = (8, 3.9) if shares else (8, 0.42 * len(counts) + 1.4)
    fig, axes = plt.subplots(1, 1 + shares, sharey=True, squeeze=False, figsize=size,
                             width_ratios=(1.7, 1) if shares else (1,))
    ax = axes[0, 0]
    places = range(len(counts))
    colours = [emotions.colour(name) for name in counts.index]
    ax.barh(places, counts["kept"], color=colours)
    ax.barh(places, counts["made"], left=counts["kept"], color=colours, hatch="////", alpha=0.45)
    dropped = np.flatnonzero(counts["dropped"])
    ax.barh(dropped, counts["dropped"].iloc[dropped], left=counts["kept"].iloc[dropped], fill=False, ls=":",
            edgecolor="0.5")
    for place, (_, row) in zip(places, counts.iterrows(), strict=True):
        words = [f"{row['kept']:,}"] + [f"{sign} {row[column]:,}" + f" {column}" * (not shares)
                                        for sign, column in (("+", "made"), ("−", "dropped")) if row[column]]
        ax.text(row.sum(), place, "  " + " ".join(words), va="center", color="0.25", size=10)
    ax.set(yticks=places, yticklabels=counts.index, ylim=(len(counts) - 0.4, -0.6),
           xlim=(0, counts.sum(axis=1).max() * 1.42), xlabel="rows: solid real, hatched made, dotted dropped")
    ax.grid(False, axis="y")
    if shares:
        _made_shares(axes[0, 1], counts["made"] / (counts["kept"] + counts["made"]), colours)
    sns.despine(fig, left=True)
    return _finish(fig, title)


def _made_shares(ax, made, colours):
    """Each class as one bar from 0 to 100 %: its made share hatched, with its number, the rest solid."""
    ax.barh(range(len(made)), 100 * (1 - made), left=100 * made, color=colours)
    ax.barh(range(len(made)), 100 * made, color=colours, hatch="////", alpha=0.45)
    for place, share in enumerate(made):
        ax.text(103, place, f"{share:.0%}".replace("%", " %"), va="center", color="0.25", size=10,
                weight="bold" if share > 0.5 else None)  # fmt: skip
    ax.axvline(50, color="0.25", lw=1.5)
    ax.set(xlim=(0, 124), xticks=(0, 50, 100), xticklabels=("0", "half", "100 %"), xlabel="share made")
    ax.tick_params(left=False)
    ax.grid(False, axis="y")


def share_curves(curves, *, rivals, title, ylabel="gain in macro-F1 [points]"):
    """What adding made-up rows gains, for growing shares of them, and free rivals as level lines.

    Parameters
    ----------
    curves : dict of str to pandas.DataFrame
        Who made them => a row a share (index; 1.0 doubles the set), columns ``value``, ``low``, ``high``.
    rivals : dict of str to float
        The gain of methods that make nothing.
    title, ylabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 4.2))
    colours = sns.color_palette("colorblind")
    for (name, table), colour, marker in zip(curves.items(), (colours[0], colours[3], colours[2]), "osD",
                                             strict=False):
        x = 100 * table.index
        ax.fill_between(x, table["low"], table["high"], color=colour, alpha=0.15, lw=0)
        ax.plot(x, table["value"], marker + "-", color=colour, lw=2.4, ms=7, label=name)
    ends = sorted(rivals.items(), key=lambda item: item[1])
    low, high = ax.get_ylim()
    ax.set_ylim(min([low, *rivals.values()]), max([high, *rivals.values()]))
    apart, place = np.ptp(ax.get_ylim()) / 18, -np.inf
    right = max(100 * table.index.max() for table in curves.values())
    for name, value in ends:
        ax.axhline(value, color="0.45", lw=1.2, ls=(0, (4, 3)))
        place = max(value, place + apart)  # names of close rivals do not cover one another
        ax.text(right * 1.02, place, f"{name} {value:+.1f}", va="center", color="0.3", size=10)
    ax.axhline(0, color="0.2", lw=1)
    shares = sorted({100 * share for table in curves.values() for share in table.index})
    ax.set(xlabel="made-up faces as a share of the real ones", ylabel=ylabel, xticks=shares,
           xticklabels=[f"{share:.0f} %" for share in shares], xlim=(0, right))
    ax.grid(False, axis="x")
    ax.legend(frameon=False, loc="lower left")
    return _finish(fig, title)


# -------------------------------------------------------------------------------- what a discriminator knows


def two_protocols(table, *, title, xlabel, chance=None, printed=None):
    """The same methods scored by an easy protocol and an honest one: a dot for each, a line between them.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a method; two columns, the easy protocol first.
    title, xlabel : str
    chance : float, optional
        What a guess gets.
    printed : tuple of (str, float), optional
        A figure in print, drawn as a line across all rows.

    Returns
    -------
    matplotlib.figure.Figure
    """
    easy, honest = table.columns
    orange, blue = emotions.colour("stress"), emotions.colour("baseline")
    fig, ax = plt.subplots(figsize=(8, 0.5 * len(table) + 1.8))
    places = np.arange(len(table))
    ax.hlines(places, table[honest], table[easy], color="0.75", lw=3, zorder=1)
    for column, colour, marker, side in ((easy, orange, "o", 1), (honest, blue, "D", -1)):
        ax.scatter(table[column], places, 80, color=colour, marker=marker, label=column, zorder=2)
        for place, value in zip(places, table[column], strict=True):
            ax.annotate(f"{value:.2f}", (value, place), (side * 9, 0), textcoords="offset points",
                        va="center", ha="left" if side > 0 else "right", color=colour, weight="bold")
    for name, value in (("chance", chance), printed or ("", None)):
        if value is not None:
            ax.axvline(value, color="0.4", lw=1.2, ls=":", zorder=0)
            ax.text(value, len(table) - 0.45, name, ha="center", va="bottom", color="0.35", size=9,
                    bbox=dict(color="white", pad=1))
    left = min(table.min().min(), 1 if chance is None else chance)
    ax.set(yticks=places, yticklabels=table.index, ylim=(len(table) - 0.4, -0.5), xlabel=xlabel,
           xlim=(left - 0.08, table.max().max() + 0.09))
    ax.grid(False, axis="y")
    ax.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.1)
    sns.despine(fig, left=True)
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


def roc_curves(target, scores, names, *, title):
    """The ROC curves of all classes, each against the others, with the areas below them.

    Parameters
    ----------
    target : array of int, shape (n,)
    scores : array, shape (n, classes)
        Decision values or probabilities.
    names : sequence of str
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    from sklearn.metrics import auc, roc_curve

    fig, ax = plt.subplots(figsize=(6.4, 5.2))
    curves = {}
    for k, name in enumerate(names):
        if 0 < (np.asarray(target) == k).sum() < len(target):  # without both sides there is no curve
            false, true, _ = roc_curve(np.asarray(target) == k, np.asarray(scores)[:, k])
            curves[name] = false, true, auc(false, true)
    styles = ("-", "--", "-.", ":")
    for place, (name, (false, true, area)) in enumerate(sorted(curves.items(), key=lambda c: -c[1][2])):
        ax.plot(false, true, styles[place % 4], color=emotions.colour(name), lw=2.2,
                label=f"{area:.2f}  {name}")
    ax.plot([0, 1], [0, 1], color="0.6", lw=1)
    ax.text(0.22, 0.15, "a coin", color="0.45", rotation=45, size=9, ha="center", va="center",
            transform_rotates_text=True)
    ax.set(xlabel="others called so (false positives)", ylabel="found (true positives)", aspect="equal",
           xlim=(-0.01, 1), ylim=(0, 1.01))
    ax.legend(title="area below", frameon=False, loc="lower right")
    return _finish(fig, title)


def few_labels(table, *, title, ylabel, chance=None):
    """How well methods do that learn from ever more labels.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a number of labels (index), a column a method; NaN where it was not tried.
    title, ylabel : str
    chance : float, optional

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 4.2))
    colours = sns.color_palette("colorblind")
    for (name, values), colour, marker in zip(table.items(), [colours[k] for k in (0, 1, 2, 7, 4)], "oDs^v",
                                              strict=False):
        values = values.dropna()
        ax.plot(values.index, values, marker + "-", color=colour, lw=2.4, ms=7, label=name)
    if chance is not None:
        ax.axhline(chance, color="0.4", lw=1.2, ls=":")
        ax.text(table.index[-1], chance, "chance", ha="right", va="bottom", color="0.4", size=9)
    ax.set(xscale="log", xticks=table.index, xticklabels=[f"{n:,}" for n in table.index], ylabel=ylabel,
           xlabel="labels to learn from")
    ax.minorticks_off()
    ax.grid(False, axis="x")
    ax.legend(frameon=False, loc="upper left")
    return _finish(fig, title)


def kernel_reach(alike, kernel, scores, *, chance, title):
    """How far a kernel reaches among pairs of faces, and what an SVM on it gets right.

    Parameters
    ----------
    alike : dict of str to array
        Correlations of the features of two faces, for three kinds of pairs at most; each is drawn as a hill
        of the same height.
    kernel : callable
        Takes correlations, gives how alike they are to the SVM, 0 to 1.
    scores : dict of str to float
        Accuracies, a bar each, three at most.
    chance : float
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.4), width_ratios=(3, 2))
    low = min(np.quantile(values, 0.01) for values in alike.values())
    bins = np.linspace(low, 1, 50)
    looks = (dict(fill=True, color=orange), dict(fill=True, color=blue, alpha=0.4), dict(color="0.4", lw=1.6))
    for (name, values), look in zip(alike.items(), looks, strict=False):
        hill = np.histogram(values, bins)[0]
        left.stairs(hill / max(1, hill.max()), bins, label=name, **look)
    left.plot(bins, kernel(bins), color="0.1", lw=2.5, label="kernel")
    left.set(xlabel="correlation of two faces", ylabel="alike to the SVM", xlim=(low, 1), ylim=(0, 1.05))
    left.legend(frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(-0.18, 1), fontsize=9,
                columnspacing=1)
    bars = right.barh(range(len(scores)), scores.values(), color=["0.6", orange, blue][:len(scores)])
    right.bar_label(bars, [f" {value:.0%}" for value in scores.values()], color="0.25", weight="bold")
    right.axvline(chance, color="0.2", lw=1.2, ls=":")
    right.text(chance, -0.5, " chance", color="0.35", size=9, va="bottom")
    right.set(yticks=range(len(scores)), yticklabels=scores, ylim=(len(scores) - 0.4, -0.9), xlim=(0, 1.2),
              xticks=(0, 0.5, 1), xlabel="accuracy")
    right.grid(False, axis="y")
    sns.despine(fig)
    return _finish(fig, title)


# -------------------------------------------------------------------------------- compound expressions


def recall_and_accuracy(tables, *, title):
    """The printed recall of each class, its mean by support, and the accuracy printed beside them.

    With one label a face the two lines of a panel are the same number, or the table is wrong.

    Parameters
    ----------
    tables : dict of str to (pandas.DataFrame, float)
        A panel each: a row a class with ``recall`` and ``support``; and the printed accuracy.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = emotions.colour("baseline"), emotions.colour("stress")
    sizes = [len(table) for table, _ in tables.values()]
    fig, axes = plt.subplots(len(tables), 1, figsize=(8, 0.27 * sum(sizes) + 1.1 * len(sizes) + 0.3),
                             gridspec_kw={"height_ratios": [n + 2 for n in sizes]}, squeeze=False,
                             sharex=True)
    for ax, (name, (table, accuracy)) in zip(axes[:, 0], tables.items(), strict=True):
        table = table.sort_values("support", ascending=False)
        places = np.arange(len(table))
        ax.hlines(places, 0, table["recall"], color="0.8", lw=2, zorder=1)
        ax.scatter(table["recall"], places, 15 + 260 * table["support"] / table["support"].max(), zorder=2,
                   color=[emotions.colour(label) for label in table.index], edgecolor="white")
        mean = np.average(table["recall"], weights=table["support"])
        marks = {"found, by its rows": (mean, blue), "printed accuracy": (accuracy, orange)}
        for words, (value, colour) in marks.items():
            ax.axvline(value, color=colour, lw=2.4, zorder=0)
            side = "right" if value == min(mean, accuracy) or value > 0.7 else "left"  # away from the other
            ax.text(value, -1.15, f" {words}: {value:.0%} ", color=colour, weight="bold", size=10, ha=side)
        ax.set(yticks=places, ylim=(len(table) - 0.4, -1.7), xlim=(0, 1))
        ax.set_yticklabels([f"{label}  ({n:,})" for label, n in table["support"].items()], size=9.5)
        ax.set_title(name, size=11)
        ax.grid(False, axis="y")
    ax.set_xlabel("recall of a class (dots grow with its test faces, in brackets)")
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    sns.despine(fig, left=True)
    return _finish(fig, title)


def ways(table, *, lines, xlabel, title):
    """One score of several ways to learn: a dot each, its interval, a colour for each kind of way.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a way; columns ``value``, ``low``, ``high``, and ``kind``, a few words that stand in the legend.
    lines : dict of str to float
        Marks across all rows: chance, say.
    xlabel, title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    palette = [sns.color_palette("colorblind")[k] for k in (0, 1, 7, 2)]
    fig, ax = plt.subplots(figsize=(8, 0.46 * len(table) + 1.8))
    places = pd.Series(np.arange(len(table)), table.index)
    for colour, (kind, part) in zip(palette, table.groupby("kind", sort=False), strict=False):
        where = places[part.index]
        ax.hlines(where, part["low"], part["high"], color=colour, lw=6, alpha=0.35)
        ax.plot(part["value"], where, "o", color=colour, ms=9, label=kind)
        for place, value, high in zip(where, part["value"], part["high"], strict=True):
            ax.annotate(f"{value:.2f}", (high, place), (7, 0), textcoords="offset points", va="center",
                        color=colour, weight="bold")
    for name, value in lines.items():
        ax.axvline(value, color="0.4", lw=1.2, ls=":", zorder=0)
        ax.text(value, len(table) - 0.45, name, ha="center", va="bottom", color="0.35", size=9,
                bbox=dict(color="white", pad=1))
    ax.set(yticks=places, yticklabels=table.index, ylim=(len(table) - 0.2, -0.6), xlabel=xlabel,
           xlim=(0, table["high"].max() * 1.15))
    ax.grid(False, axis="y")
    ax.legend(frameon=False, ncols=3, loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0.1)
    sns.despine(fig, left=True)
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


def recall_map(table, support, *, title):
    """Recall of many classes under several methods: a number in a coloured cell each.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a class, a column a method, values 0 to 1.
    support : sequence of int
        How many faces of each class there were to learn from.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.34 * len(table) + 1.6))
    sns.heatmap(table, annot=True, fmt=".0%", cmap="Blues", vmin=0, vmax=1, linewidths=1.5, cbar=False, ax=ax,
                annot_kws={"size": 10})
    names = [f"{name}  ({n:,})" for name, n in zip(table.index, support, strict=True)]
    ax.set_yticklabels(names, rotation=0, size=10, weight="bold")
    for label, name in zip(ax.get_yticklabels(), table.index, strict=True):
        label.set_color(emotions.colour(name))
    ax.set_xticklabels([textwrap.fill(str(name), 14) for name in table.columns], rotation=0, size=10)
    ax.set(xlabel="", ylabel="")
    return _finish(fig, title)


def two_vocabularies(images, tables, *, title):
    """The same faces, and what each of two networks calls them: a bar a word it knows.

    Parameters
    ----------
    images : uint8 array of shape (6, h, w) or (6, h, w, 3)
    tables : dict of str to pandas.Series
        Probabilities, 0 to 1, indexed by emotion or compound expression, by the name of a network.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = plt.figure(figsize=(8, 3.6))
    faces, *axes = fig.subplots(1, 1 + len(tables), width_ratios=(2.6,) + (2,) * len(tables))
    faces.imshow(np.vstack([np.hstack(images[k:k + 2]) for k in range(0, len(images), 2)]), cmap="gray",
                 vmin=0, vmax=255)
    faces.axis("off")
    for ax, (name, values) in zip(axes, tables.items(), strict=True):
        bars = ax.barh(range(len(values)), values, color=[emotions.colour(word) for word in values.index])
        ax.bar_label(bars, [f" {value:.0%}" for value in values], color="0.25", size=9)
        ax.set(yticks=range(len(values)), ylim=(len(values) - 0.5, -0.5), xlim=(0, 1.25), xticks=[])
        ax.set_yticklabels(values.index, size=9)
        ax.set_title(name, loc="right", size=10.5)
        ax.grid(False)
    sns.despine(fig, left=True, bottom=True)
    return _finish(fig, title)


# -------------------------------------------------------------------------------- fewer classes


def fewer_classes(table, *, title):
    """Models with ever fewer classes: how often they are right, and how much an answer tells.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a model; columns ``accuracy``, ``low``, ``high``, ``guess`` (accuracy of always naming the
        largest class), ``bits`` (that an answer tells about the truth), ``most`` (those of a perfect answer).
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 0.6 * len(table) + 1.8), sharey=True)
    places = np.arange(len(table))
    left.barh(places, table["accuracy"], color=blue, height=0.62)
    left.hlines(places, table["low"], table["high"], color="0.15", lw=2)
    left.barh(places, table["guess"], color="white", alpha=0.45, height=0.62, hatch="...", edgecolor="0.4")
    right.barh(places, table["most"], color="0.88", height=0.62)
    right.barh(places, table["bits"], color=orange, height=0.62)
    for place, (_, row) in zip(places, table.iterrows(), strict=True):
        left.text(1.01, place, f"{row['accuracy']:.0%}", va="center", color=blue, weight="bold")
        right.text(row["most"], place, f" {row['bits']:.2f} of {row['most']:.2f}", va="center", color="0.3",
                   size=10)
    left.set(yticks=places, yticklabels=table.index, ylim=(len(table) - 0.5, -0.5), xlim=(0, 1))
    left.set_xlabel("accuracy (dotted: a guesser's)")
    left.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    right.set(xlabel="bits an answer tells (grey: at most)", xlim=(0, 1.3 * table["most"].max()))
    for ax in (left, right):
        ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, title, w_pad=3)


def groupings(table, chosen, names, *, title):
    """All ways to put emotions into so many classes: accuracy against a guesser's, and one of them spelt out.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a grouping; columns ``classes`` (list of lists of emotions), ``accuracy``, ``guess`` (accuracy
        of always naming the largest class) and ``bits`` (that an answer tells about the truth).
    chosen : label of a row
    names : list of str
        All emotions, the first on top.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    row = table.loc[chosen]
    fig, (left, right) = plt.subplots(1, 2, figsize=(8, 3.5), width_ratios=(1.25, 1))
    left.plot([0, 1], [0, 1], color="0.4", lw=1, ls=":")  # knows nothing
    dots = left.scatter(table["guess"], table["accuracy"], c=table["bits"], cmap="viridis_r", s=14, vmin=0,
                        vmax=max(table["bits"].max(), 1e-9))
    red = emotions.colour("anger")
    left.plot([row["guess"]] * 2, [row["guess"], row["accuracy"]], color=red, lw=2.5)
    left.plot(row["guess"], row["accuracy"], "o", color=red, mec="white", ms=9)
    left.set(xlim=(0, 1), ylim=(0, 1), xlabel="accuracy of a guesser", ylabel="accuracy")
    bar = fig.colorbar(dots, ax=left, pad=0.03)
    bar.set_label("bits an answer tells")
    bar.ax.plot([0, 1], [row["bits"]] * 2, color=red, lw=3)
    for k, group in enumerate(row["classes"]):
        rows = [names.index(name) for name in group]
        right.plot([k, k], [min(rows), max(rows)], color="0.8", lw=6, zorder=1, solid_capstyle="round")
        right.scatter([k] * len(group), rows, color=[emotions.colour(name) for name in group], s=75, zorder=2)
    right.set(xticks=range(len(row["classes"])), xlim=(-0.6, 6.6), ylim=(len(names) - 0.5, -0.5),
              xticklabels=range(1, len(row["classes"]) + 1), yticks=range(len(names)), yticklabels=names,
              xlabel="class")
    right.grid(False)
    return _finish(fig, title, w_pad=1)


def emotion_bars(values, *, title, xlabel):
    """A bar an emotion, in its colour: shares between 0 and 1.

    Parameters
    ----------
    values : pandas.Series
        Indexed by emotion.
    title, xlabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 0.42 * len(values) + 1.2))
    bars = ax.barh(range(len(values)), values, color=[emotions.colour(name) for name in values.index])
    ax.bar_label(bars, [f" {value:.0%}" for value in values], color="0.25")
    ax.set(yticks=range(len(values)), yticklabels=values.index, ylim=(len(values) - 0.5, -0.5),
           xlim=(0, 1.05), xlabel=xlabel, title=title)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    fig.tight_layout()
    return fig


# -------------------------------------------------------------------------------- two senses


def pair_sheet(faces, signals, names, channel_names, seconds, *, title):
    """Faces, each beside the signals of its moment: a row a pair, a column a signal.

    Parameters
    ----------
    faces : uint8 array of shape (n, h, w) or (n, h, w, 3)
    signals : array of shape (n, time, channels)
        A column has one scale, so that rows can be compared; a grey line marks 0.
    names : list of str
        The emotion of each pair.
    channel_names : list of str
    seconds : float
        Length of a window.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    n, length, channels = signals.shape
    fig, axes = plt.subplots(n, 1 + channels, figsize=(8, 0.82 * n + 0.9), squeeze=False, sharex="col",
                             sharey="col", width_ratios=[0.8] + [2] * channels)  # fmt: skip
    time = (np.arange(length) + 0.5) * seconds / length
    for row, (face, name) in enumerate(zip(faces, names, strict=True)):
        axes[row, 0].imshow(face, cmap="gray", vmin=0, vmax=255)
        axes[row, 0].set(xticks=[], yticks=[])
        axes[row, 0].set_ylabel(name, rotation=0, ha="right", va="center", color=emotions.colour(name),
                                weight="bold")  # fmt: skip
        for ax, signal in zip(axes[row, 1:], signals[row].T, strict=True):
            ax.axhline(0, color="0.7", lw=1)
            ax.plot(time, signal, color=emotions.colour(name), lw=2.2)
            ax.grid(False)
            ax.set_yticks([])
            ax.margins(x=0)
    for ax, name in zip(axes[0, 1:], channel_names, strict=True):
        ax.set_title(name.replace("_", " "), loc="center", size=11, weight="normal")
    for ax in axes[-1, 1:]:
        ax.set_xlabel("seconds", size=10)
    sns.despine(fig, left=True, bottom=True)
    return _finish(fig, title, h_pad=0.3, w_pad=0.8)


def two_senses(faces, scores, gains, *, chance, title):
    """One sense grows weak: what it looks like, how well each sense and both do, and what the second adds.

    Parameters
    ----------
    faces : uint8 array of shape (levels, h, w)
        The same face at each level.
    scores : dict of str to pandas.DataFrame
        What decides -> accuracy at each level: a row a level, columns ``value``, ``low``, ``high``.
    gains : pandas.DataFrame
        Both over the better single sense: a row a level, columns ``difference``, ``low``, ``high``.
    chance : float
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    palette = [sns.color_palette("colorblind")[k] for k in (0, 3, 2)]  # face, body, both: as in `FusionLab`
    places, levels = np.arange(len(gains)), len(gains)
    fig = plt.figure(figsize=(8, 6))
    grid = fig.add_gridspec(3, levels, height_ratios=(1.1, 2.6, 1.3))
    for k, face in enumerate(faces):
        ax = fig.add_subplot(grid[0, k])
        ax.imshow(face, cmap="gray", vmin=0, vmax=255)
        ax.axis("off")
    above = fig.add_subplot(grid[1, :])
    below = fig.add_subplot(grid[2, :], sharex=above)
    for (name, table), colour, marker in zip(scores.items(), palette, "osD^", strict=False):
        above.fill_between(places, table["low"], table["high"], color=colour, alpha=0.13, lw=0)
        above.plot(places, table["value"], marker + "-", color=colour, lw=2.4, ms=7, label=name)
    above.axhline(chance, color="0.4", lw=1.2, ls="--")
    above.text(-0.45, chance, "chance", va="bottom", color="0.4", size=10)
    above.set(ylabel="accuracy", ylim=(0, None))
    above.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    above.legend(frameon=False, ncols=len(scores), loc="lower left", bbox_to_anchor=(0, 1), borderaxespad=0)
    above.tick_params(labelbottom=False)
    colours = [palette[2] if low > 0 else "0.5" for low in gains["low"]]
    below.vlines(places, 100 * gains["low"], 100 * gains["high"], color=colours, lw=4, alpha=0.5)
    below.scatter(places, 100 * gains["difference"], color=colours, s=60, zorder=3)
    below.axhline(0, color="0.2", lw=1)
    below.set(xticks=places, xticklabels=gains.index, xlim=(-0.5, levels - 0.5), xlabel="noise of the camera")
    below.set_ylabel("gain [points]")
    below.set_title("gain of both over the better sense, 95 % interval", size=11, weight="normal")
    for ax in (above, below):
        ax.grid(False, axis="x")
    sns.despine(fig)
    return _finish(fig, title, h_pad=0.6, w_pad=0.2)


def scoreboard(table, *, title):
    """What papers claim, what careful work reaches, and what we measured: a row a claim.

    Parameters
    ----------
    table : pandas.DataFrame
        Rows of `affectkit.papers.scoreboard`: headline names the row, paper groups them; claim, and with NaN
        where there is nothing, "band low", "band high", and twin and real with their " low" and " high".
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    orange, blue, green = (sns.color_palette("colorblind")[k] for k in (1, 0, 2))
    starts = np.cumsum(table["paper"].ne(table["paper"].shift()))  # a little room before each paper
    places = np.arange(len(table)) + 0.9 * starts.to_numpy()
    fig, ax = plt.subplots(figsize=(8, 0.3 * places[-1] + 1.3))
    for place, (_, row) in zip(places, table.iterrows(), strict=True):
        if not pd.isna(row["band low"]):
            width = max(row["band high"] - row["band low"], 0.004)
            ax.barh(place, width, left=row["band low"], height=0.85, color="0.5", alpha=0.3, lw=0)
        for side, colour, marker, lift in (("twin", green, "s", 0.14), ("real", blue, "o", -0.14)):
            if not pd.isna(row[side]):
                ends = row[f"{side} low"], row[f"{side} high"]
                ax.plot(ends, [place + lift] * 2, color=colour, lw=3, alpha=0.5)
                ax.plot(row[side], place + lift, marker, color=colour, ms=7, mec="white", zorder=3)
        ax.plot(row["claim"], place, "D", color=orange, ms=8, mec="white", zorder=4)
        ax.text(1.02, place, row["printed"], color=orange, weight="bold", size=9, va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    for paper, part in table.assign(place=places).groupby("paper", sort=False):
        ax.text(-0.01, part["place"].iloc[0] - 0.95, paper, weight="bold", size=10, ha="right", va="center",
                transform=ax.get_yaxis_transform())  # fmt: skip
    marks = [plt.Line2D([], [], marker=marker, ls="", color=colour, ms=7)
             for marker, colour in (("D", orange), ("o", blue), ("s", green))]  # fmt: skip
    marks.insert(1, plt.Rectangle((0, 0), 1, 1, fc="0.5", alpha=0.3))
    ax.legend(marks, ["claimed", "credible", "measured, real data", "measured, twin"], ncols=4, frameon=False,
              loc="lower right", bbox_to_anchor=(1.02, 1), columnspacing=1.2, handletextpad=0.3)  # fmt: skip
    ax.set(yticks=places, ylim=(places[-1] + 0.7, places[0] - 1.5), xlim=(0, 1.01))
    ax.set_yticklabels(table["headline"], fontsize=9)
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, title, rect=(0, 0, 1, 1.01))


# -------------------------------------------------------------------------------- traps of evaluation


def inflations(table, *, title, xlabel="score, each trap in its own metric"):
    """What each trap adds: a row a trap, from the honest score to the one with the leak.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a trap, named by the index: ``honest``, ``leaky``, ``inflation``, ``low`` and ``high`` (of the
        inflation's interval), as `affectkit.leaks.inflation` gives them. Drawn from the largest inflation
        to the smallest.
    title, xlabel : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    table = table.sort_values("inflation", ascending=False)
    honest, leaky, soft = emotions.colour("baseline"), emotions.colour("stress"), "0.55"
    fig, ax = plt.subplots(figsize=(8, 0.46 * len(table) + 1.6))
    for place, row in enumerate(table.itertuples()):
        sure = row.low > 0 or row.high < 0
        colour = leaky if sure else soft
        ax.plot([row.honest, row.leaky], [place, place], color=colour, lw=5, alpha=0.3, zorder=1,
                solid_capstyle="round")  # fmt: skip
        interval = np.clip([row.honest + row.low, row.honest + row.high], 0, 1)  # no score lies beyond
        ax.plot(interval, [place, place], color=colour, lw=1.5, zorder=2)
        ax.scatter(row.leaky, place, 85, color=colour, zorder=3, label="with the leak" if not place else None)
        ax.scatter(row.honest, place, 70, color=honest, marker="D", zorder=3,
                   label="honest" if not place else None)  # fmt: skip
        points = round(100 * row.inflation)
        words = f"{points:+d} points" if sure else f"{points:+d}, or chance"
        ax.text(1.1, place, words, va="center", ha="left", color=colour, weight="bold" if sure else None)
    ax.set(yticks=range(len(table)), yticklabels=table.index, ylim=(len(table) - 0.5, -0.6), xlim=(0, 1.07),
           xlabel=xlabel)  # fmt: skip
    ax.grid(False, axis="y")
    handles, labels = ax.get_legend_handles_labels()
    ax.legend(handles[::-1], labels[::-1], frameon=False, ncols=2, loc="lower left", bbox_to_anchor=(0, 1),
              borderaxespad=0.1)  # fmt: skip
    sns.despine(fig, left=True)
    return _finish(fig, title, rect=(0, 0, 1, 1.02))


# -------------------------------------------------------------------------------- expressions over time


def moods_over_time(moments, names, *, threshold, span=None, title="", ax=None):
    """Smoothed probabilities, one above the other, and what followed: a bar on top says when.

    Parameters
    ----------
    moments : list of affectkit.mood.Moment
        In the order of time; may be empty.
    names : sequence of str
        Classes. The negative ones stand at the bottom, so that their sum can be held against the threshold.
    threshold : float
    span : float, optional
        Seconds that there is room for; by default as many as there are.
    title : str
    ax : matplotlib Axes, optional
        Drawn there; by default on a figure of its own.

    Returns
    -------
    matplotlib.figure.Figure
    """
    order = np.argsort(~mood.is_negative(names), kind="stable")
    fig = plt.figure(figsize=(8, 2.6)) if ax is None else ax.figure
    own, ax = ax is None, fig.add_subplot() if ax is None else ax
    time = np.array([moment.time for moment in moments])
    blank = np.full(len(names), np.nan)
    proba = np.array([blank if m.proba is None else m.proba for m in moments]).reshape(-1, len(names))
    floor = np.zeros(len(time))
    for k in order:
        roof = floor + proba[:, k]
        ax.fill_between(time, floor, roof, color=emotions.colour(names[k]), lw=0, alpha=0.85, label=names[k])
        floor = roof
    ax.plot(time, [m.negative for m in moments], color="white", lw=3.5)
    ax.plot(time, [m.negative for m in moments], color="0.1", lw=1.6)
    ax.axhline(threshold, color="0.1", lw=1.2, ls=(0, (4, 3)))
    start = time[0] if len(time) else 0
    end = max(start + (span or 0), time[-1] if len(time) else 1)
    until = np.append(time[1:], end if len(time) < 2 else time[-1] + np.median(np.diff(time)))
    for stage, colour in (("message", "#F0E442"), ("landscape", "#56B4E9")):
        bars = [(m.time, after - m.time) for m, after in zip(moments, until, strict=False)
                if m.stage == stage]  # fmt: skip
        ax.broken_barh(bars, (1.03, 0.12), color=colour, lw=0)
        if sum(width for _, width in bars) > 0.075 * (end - start):
            ax.text(bars[0][0], 1.09, f" {stage}", va="center", size=8.5, color="0.1")
    ax.set(xlim=(start, end), ylim=(0, 1.15), yticks=[0, 0.5, 1], xlabel="time [s]", ylabel="probability")
    ax.grid(False)
    ax.legend(frameon=False, ncols=len(names), loc="lower right", bbox_to_anchor=(1, 1), fontsize=9,
              handlelength=1, columnspacing=1, borderaxespad=0.1)  # fmt: skip
    return _finish(fig, title) if own else fig


def alarm_curve(tables, *, title):
    """What waiting costs and saves: false alarms an hour against the share of low spells found.

    Parameters
    ----------
    tables : dict of str to pandas.DataFrame
        A curve each, as `affectkit.mood.alarm_rates` gives them.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 4.2))
    colours = sns.color_palette("colorblind")
    found = {name: table.set_index("wait")["found"] for name, table in tables.items()}
    for (name, table), colour in zip(tables.items(), colours, strict=False):
        x, y = table["false_per_hour"].to_numpy(), 100 * table["found"].to_numpy()
        ax.errorbar(x, y, xerr=np.abs([x - table["false_low"], table["false_high"] - x]), fmt="none",
                    ecolor=colour, alpha=0.35, lw=1.5)  # fmt: skip
        ax.errorbar(x, y, yerr=np.abs([y - 100 * table["found_low"], 100 * table["found_high"] - y]),
                    fmt="none", ecolor=colour, alpha=0.35, lw=1.5)  # fmt: skip
        ax.plot(x, y, "o-", color=colour, lw=2, ms=7, label=name, clip_on=False, zorder=3)
        for wait, *place in zip(table["wait"], x, y, strict=True):
            # the words stand on the side where the other curve is not
            rivals = [other.get(wait, -1) for rival, other in found.items() if rival != name]
            below = max(rivals, default=-1) > found[name][wait] or (
                name != next(iter(found)) and max(rivals) == found[name][wait])
            ax.annotate(f"{wait:g} s", place, xytext=(5, -13 if below else 5), color=colour, size=10,
                        textcoords="offset points", weight="bold")  # fmt: skip
    most = max(table["false_high"].max() for table in tables.values())
    ax.set_xscale("function", functions=(lambda x: np.sqrt(np.clip(x, 0, None)), np.square))
    ticks = [x for x in (0, 1, 2, 5, 10, 20, 50, 100, 200) if x <= most]
    ax.set(xlabel="false alarms an hour (wider spaced where they are few)", ylabel="low spells found [%]",
           ylim=(-4, 108), xlim=(0, 1.05 * most), xticks=ticks, xticklabels=ticks)  # fmt: skip
    ax.legend(frameon=False, loc="lower right")
    return _finish(fig, title)


def person_map(table, *, title):
    """How negative each person looks while they show what a label says: a heat map.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a label, a column a person; 0 to 1, NaN where a person never showed it. Drawn from the people
        who look least negative while calm to those who look most so.
    title : str

    Returns
    -------
    matplotlib.figure.Figure
    """
    calm = [name for name in ("neutral", "thinking", "talking") if name in table.index]
    table = table.loc[[*calm, *table.index.difference(calm)], table.loc[calm].mean().sort_values().index]
    fig, ax = plt.subplots(figsize=(8, 0.4 * len(table) + 1.6))
    sns.heatmap(table, vmin=0, vmax=1, cmap="rocket_r", ax=ax, xticklabels=False, linewidths=0.5,
                cbar_kws={"label": "negative, mean of frames"})  # fmt: skip
    ax.set(xlabel=f"{table.shape[1]} people, a column each (grey: never shown)", ylabel="", facecolor="0.88")
    ax.tick_params(left=False)
    ax.grid(False)
    return _finish(fig, title)


def share_shown(curves, *, chance, title, window=10):
    """How often the right one is chosen as feedback comes in: mean of many runs, 95 % band.

    Parameters
    ----------
    curves : dict of str to bool array, shape (runs, shows)
        Way of choosing => whether the right one was shown.
    chance : float
        Share of a blind choice.
    title : str
    window : int
        Shows that a point is the mean of.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig, ax = plt.subplots(figsize=(8, 3.6))
    for (name, hits), colour, style in zip(curves.items(), sns.color_palette("colorblind"), ("-", "--", ":"),
                                           strict=False):  # fmt: skip
        parts = hits[:, : hits.shape[1] // window * window].reshape(len(hits), -1, window).mean(2)
        mean, half = parts.mean(0), 1.96 * parts.std(0) / np.sqrt(len(parts))
        x = window * (np.arange(len(mean)) + 1)
        ax.fill_between(x, 100 * (mean - half), 100 * (mean + half), color=colour, alpha=0.2, lw=0)
        ax.plot(x, 100 * mean, style, color=colour, lw=2.4, label=name)
    ax.axhline(100 * chance, color="0.4", lw=1.2, ls=(0, (4, 3)))
    ax.text(x[-1], 100 * chance + 1.5, "blind choice", ha="right", color="0.4", size=10)
    ax.set(xlabel=f"pictures shown (mean of {window} at a time)", ylabel="share [%]", ylim=(0, 100))
    ax.legend(frameon=False, loc="upper left")
    return _finish(fig, title)


# -------------------------------------------------------------------------------- speed


def speed_ups(table):
    """How many times as fast the kit is: a bar a row, its rounds as a line, its goal as a mark.

    Parameters
    ----------
    table : pandas.DataFrame
        As `affectkit.bench.table` gives it: times, low, high, goal and held by row.

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    fig, ax = plt.subplots(figsize=(8, 0.42 * len(table) + 1.3))
    for place, line in enumerate(table.itertuples()):
        colour = "0.6" if pd.isna(line.held) else blue if line.held else orange
        ax.barh(place, line.times, color=colour, alpha=0.8, height=0.7)
        ax.plot([line.low, line.high], [place, place], color="0.15", lw=2)
        if not pd.isna(line.goal):
            ax.plot([line.goal] * 2, [place - 0.45, place + 0.45], color="0.15", ls=":", lw=2)
        ax.text(1.08 * line.high, place, f"{line.times:.1f}", va="center", weight="bold")
    ax.axvline(1, color="0.4", lw=1)
    ax.set(xscale="log", yticks=range(len(table)), yticklabels=table.index, ylim=(len(table) - 0.4, -0.6),
           xlim=(min(0.8, table["low"].min()), 1.8 * table["high"].max()),
           xlabel="times as fast as the plain way (dotted: goal; orange: missed)")  # fmt: skip
    ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    ax.grid(False, axis="y")
    sns.despine(fig, left=True)
    return _finish(fig, "The kit against what a tutorial does, side by side")


def cost_curves(points, powers):
    """How time and memory grow with the work: a column a curve, both axes logarithmic.

    Parameters
    ----------
    points : pandas.DataFrame
        curve, unit, n, seconds and peak_mb, as `affectkit.bench.costs` gives them.
    powers : pandas.DataFrame
        time and memory by curve: the powers of n that fit, as `affectkit.bench.growth` gives them.

    Returns
    -------
    matplotlib.figure.Figure
    """
    blue, orange = sns.color_palette("colorblind")[:2]
    curves = list(points.groupby("curve", sort=False))
    fig, axes = plt.subplots(2, len(curves), figsize=(2.3 * len(curves) + 0.7, 4.6), sharex="col",
                             sharey="row", squeeze=False)  # fmt: skip
    for (upper, lower), (name, part) in zip(axes.T, curves, strict=True):
        upper.plot(part["n"], part["seconds"], "o-", color=blue, lw=2)
        lower.plot(part["n"], part["peak_mb"] / 1000, "s-", color=orange, lw=2)
        upper.set_title(name, size=11, weight="bold")
        for ax, what, power in ((upper, "time", powers.loc[name, "time"]),
                                (lower, "added memory", powers.loc[name, "memory"])):  # fmt: skip
            ax.text(0.05, 0.93, f"{what} ~ n$^{{{power:.2f}}}$", transform=ax.transAxes, va="top", size=9.5)
            ax.set(xscale="log", yscale="log")
            ax.set_xticks(part["n"].iloc[[0, -1]], [f"{n:,}" for n in part["n"].iloc[[0, -1]]])
            ax.minorticks_off()
            ax.margins(0.15, 0.35)
        lower.set_xlabel("\n".join(textwrap.wrap(part["unit"].iloc[0], 20)), size=9)
    axes[0, 0].set_ylabel("seconds")
    axes[1, 0].set_ylabel("peak memory [GB]")
    low, high = axes[1, 0].get_ylim()
    axes[1, 0].set_yticks([tick for tick in (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 8) if low < tick < high])
    for ax in axes[:, 0]:
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    sns.despine(fig)
    return _finish(fig, "What more costs: each point a process of its own")
