"""How the kit's trained signal GAN is made: on simulated people alone."""

import numpy as np
import pandas as pd
from sklearn.utils import Bunch

from .. import datasets
from ..preprocess import signals
from .rgan import RGAN

RATE, SECONDS = 10, 8  # Hz, of a pulse wave of which 0.5 to 5 Hz are kept; length of a window
SLOW, FAST = 75, 85  # beats per minute: slow hearts beat below, fast ones above, others are left out


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
    """An RGAN that has learnt the pulse of slow (0) and of fast hearts (1), `pulse_windows` of two in three.

    Returns
    -------
    RGAN
        Fitted; of its `history_` every 25th row is left, which is enough to draw.
    """
    made = pulse_windows()
    known = ~strangers(made.groups)
    gan = RGAN(length=RATE * SECONDS, n_classes=2, sampling_rate=RATE, max_epochs=None, max_steps=6000,
               device="cpu")  # fmt: skip
    gan.fit(made.data[known], made.target[known])
    gan.history_ = gan.history_[::25]
    return gan
