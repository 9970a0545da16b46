"""``python -m affectkit.checkpoints [NAME ...]``: make the GANs in data/checkpoints anew, from twins alone.

Faces and landscapes take ten minutes of one core each, and cannot repeat bit for bit: how many steps fit into
them depends on the machine.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from sklearn.utils import Bunch

from affectkit import __version__, datasets, speed
from affectkit.balance import faces as augmentation
from affectkit.gans import RGAN, preset
from affectkit.gans.shipped import TRAINED, folder, store
from affectkit.preprocess import signals

MINUTES = 10
RATE, SECONDS = 10, 8  # Hz, of a pulse wave of which 0.5 to 5 Hz are kept; length of a window
SLOW, FAST = 75, 85  # beats per minute: slow hearts beat below, fast ones above, others are left out


def train(gan, X, y=None):
    """Train for `MINUTES` of one core, however busy the others are."""
    torch.set_num_threads(1)
    begin = time.process_time()
    gan.set_params(max_epochs=None, max_steps=10**6, verbose=1, device="cpu")
    return gan.fit(X, y, callbacks=[lambda *_: time.process_time() - begin > 60 * MINUTES])


def faces(name):
    """A generator of the seven emotions of FER-2013's twin, and what it was trained on."""
    twin = datasets.load("fer2013", source="twin", split="train")
    labels = [twin.target_names[k] for k in twin.target]
    gan = preset(name, width=24, n_classes=len(twin.target_names))
    return train(gan, twin.data, labels), f"{len(labels)} faces of FER-2013's twin"


def landscapes():
    """electronics2022's landscapes, each six times augmented; its networks at a third of their width."""
    twin = datasets.load("landscapes", source="twin", size=64)
    images = augmentation.augment(twin.data, "electronics2022-landscapes", copies=6, random_state=0)
    gan = preset("electronics2022", width=24)
    return train(gan, images), f"{len(images)} pictures of electronics2022's twin"


def pulse_windows(*, source="twin", step=20, random_state=0):
    """Eight seconds of pulse of slow and of fast hearts, while the arm is still.

    The label is what the watch says at the same time. Each person's pulse is divided by its usual spread (the
    median over their windows, which takes no label), for how high it goes depends on the strap. Windows that
    spread half as much or half as much again are left out: there the arm moves, or the sensor has come off.

    Parameters
    ----------
    source : {"twin", "real", "auto"}
    step : float
        From the start of a window to that of the next [s].
    random_state : int
        Of the twin's people.

    Returns
    -------
    Bunch
        data, float32 (n, 80, 1); target, 0 slow and 1 fast; groups, their people; source.
    """
    options = dict(signals=("bvp", "heart_rate"), window=SECONDS, step=step, random_state=random_state)
    hearts = datasets.load("stress-predict", source=source, **options)
    pulse = signals.resample(hearts.data[:, :, :1], RATE * SECONDS)
    rate, groups, spread = hearts.data[:, :, 1].mean(1), hearts.groups.astype(str), pulse.std((1, 2))
    usual = pd.Series(spread).groupby(groups).transform("median").to_numpy()
    keep = (np.abs(spread / usual - 1) < 0.5) & ((rate < SLOW) | (rate > FAST))
    data = (pulse / usual[:, None, None])[keep].astype(np.float32)
    return Bunch(data=data, target=(rate[keep] > FAST).astype(int), groups=groups[keep], source=hearts.source)


def strangers(groups):
    """True where a window belongs to a person whom the generator never meets: every third one."""
    return np.isin(groups, np.unique(groups)[::3])


def pulses():
    """The pulse of slow (0) and of fast hearts (1), `pulse_windows` of two people in three."""
    made = pulse_windows()
    known = ~strangers(made.groups)
    gan = RGAN(length=RATE * SECONDS, n_classes=2, sampling_rate=RATE, max_epochs=None, max_steps=6000)
    return gan.fit(made.data[known], made.target[known]), f"{known.sum()} windows of Stress-Predict's twin"


RECIPES = {
    "dcgan-faces": lambda: faces("hegh2025-faces"),
    "modern-faces": lambda: faces("modern"),
    "dcgan-landscapes": landscapes,
    "rgan-pulses": pulses,
}


def make(name, where):
    """Train one of `RECIPES` and write it, weights of 16 bits, with its SHA-256 beside it.

    Parameters
    ----------
    name : str
    where : Path
        The folder.

    Returns
    -------
    Path
    """
    gan, data = RECIPES[name]()
    gan.history_ = gan.history_[::max(1, len(gan.history_) // 300)]  # enough to draw
    note = (f"trained on {data} for {gan.seconds_:.0f} s, {gan.steps_} steps, by "
            f"`python -m affectkit.checkpoints {name}`, affectkit {__version__}, torch {torch.__version__}")
    path = where / f"{name}.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        gan.save(Path(folder) / path.name, half=True, note=note)
        store(path, (Path(folder) / path.name).read_bytes())
    return path


def main(names):
    """Make those named, or all."""
    speed.tune()
    unknown = set(names) - set(RECIPES)
    if unknown:
        raise SystemExit(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(RECIPES)}")
    for name in names or TRAINED:
        path = make(name, folder())
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
