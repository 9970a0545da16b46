"""Makes docs/picture.png, the README's picture, from twins alone:  python docs/picture.py"""

from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np

import affectkit as ak

COLUMNS = 9


def main():
    faces = ak.datasets.load("fer2013", source="twin", max_per_class=COLUMNS)
    person = ak.twins.hearts.stress_session(6, random_state=0)[5]
    fig = plt.figure(figsize=(12, 4.2), dpi=110, layout="constrained")
    left, right = fig.subfigures(1, 2, width_ratios=(1.28, 1))
    axes = left.subplots(len(faces.target_names), COLUMNS, gridspec_kw={"wspace": 0.03, "hspace": 0.03})
    for row, name in enumerate(faces.target_names):
        for ax, face in zip(axes[row], faces.data[faces.target == row], strict=True):
            ax.imshow(face, cmap="gray", vmin=0, vmax=255)
            ax.set(xticks=[], yticks=[], frame_on=False)
        axes[row, 0].set_ylabel(
            name, rotation=0, ha="right", va="center", weight="bold", color=ak.emotions.colour(name)
        )
    ax = right.subplots()
    minutes, stress = np.asarray(person.time) / 60, ak.emotions.colour("stress")
    ax.fill_between(
        minutes,
        0,
        1,
        where=np.asarray(person.label) == 1,
        transform=ax.get_xaxis_transform(),
        color=stress,
        alpha=0.2,
        lw=0,
    )
    ax.plot(minutes, person.heart_rate, color="0.2", lw=1)
    ax.set(xlabel="minutes", ylabel="heart rate [beats/min]", xlim=(minutes[0], minutes[-1]))
    ax.set_title("one heart, three stressful tasks (shaded)", color=stress, weight="bold", fontsize=11)
    ax.spines[["top", "right"]].set_visible(False)
    fig.savefig(Path(__file__).with_name("picture.png"))


if __name__ == "__main__":
    main()
