"""Classic augmentation of signals: offline by `augment`, on the fly by `Changes`.

A window's level is left as it is: a mean heart rate is what tells rest from stress, and a change that moved
it would move the label. Warping and slicing do change how fast a pulse wave beats; keep them small there.
"""

import math
from dataclasses import dataclass, fields

import numpy as np
import torch
from scipy.interpolate import CubicSpline

from affectkit.preprocess.signals import complete

from ._copies import changed_copies

__all__ = ["PRESETS", "Changes", "augment", "preset"]


@dataclass(frozen=True)
class Changes:
    """Change a batch of signals at random, each by amounts of its own; by default nothing is changed.

    Draws come from torch's global generator, which `learn.EmotionClassifier.fit` seeds, and are made on the
    CPU, so that every device sees the same changes.

    Parameters
    ----------
    jitter : float
        Standard deviation of Gaussian noise, as a share of each channel's own within the window.
    scaling : float
        Standard deviation of the factor (mean 1), one a channel, that spreads a window around its mean.
    time_warp : float
        Standard deviation of the speed (mean 1) at `knots` moments, and smoothly between them; the window
        begins and ends where it did.
    knots : int
        Moments inside the window at which the speed is drawn.
    window_slice : float
        Largest share that is cut away before the rest is stretched to the full length.

    References
    ----------
    Um et al. (2017), Data augmentation of wearable sensor data for Parkinson's disease monitoring using
    convolutional neural networks. ICMI. Jitter, scaling, time warp; theirs work on standardised signals.
    Iwana and Uchida (2021), An empirical survey of data augmentation for time series classification with
    neural networks. PLOS ONE 16(7). Window slicing is Le Guennec et al.'s (2016).

    Examples
    --------
    >>> import affectkit as ak
    >>> mild = ak.balance.signals.Changes(jitter=0.05, window_slice=0.1)
    >>> net = ak.learn.classifier("heart-cnn", augment=mild, device="cpu")
    """

    jitter: float = 0.0
    scaling: float = 0.0
    time_warp: float = 0.0
    knots: int = 4
    window_slice: float = 0.0

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if not value >= 0 or math.isinf(value):
                raise ValueError(f"{field.name}={value!r} must be at least 0.")
        if self.window_slice >= 1:
            raise ValueError(f"window_slice={self.window_slice!r} must be below 1: something has to be left.")

    def __call__(self, x):
        """Change a batch.

        Parameters
        ----------
        x : torch.Tensor
            Signals (n, time, channels).

        Returns
        -------
        torch.Tensor
            Same shape and unit.
        """
        n, time, channels = x.shape
        if self.time_warp or self.window_slice:
            x = _read(x, self._places(n, time).to(x.device))
        mean = x.mean(1, keepdim=True)
        rest = x - mean
        if self.scaling:
            rest = rest * (1 + self.scaling * torch.randn(n, 1, channels)).to(x.device)
        if self.jitter:
            spread = rest.square().mean(1, keepdim=True).sqrt()
            rest = rest + self.jitter * spread * torch.randn(x.shape).to(x.device)
        return mean + rest

    def _places(self, n, time):
        """The moments [samples] at which new windows read the old ones: (n, time)."""
        # A spline is linear in the values at its knots, so one matrix draws those of the whole batch.
        knots = np.linspace(0, 1, self.knots + 2)
        spline = torch.from_numpy(CubicSpline(knots, np.eye(len(knots)))(np.linspace(0, 1, time))).float()
        speed = (1 + self.time_warp * torch.randn(n, len(knots))) @ spline.T
        passed = speed.clamp_min(0.1).cumsum(1)  # time never runs backwards
        passed = (passed - passed[:, :1]) / (passed[:, -1:] - passed[:, :1])
        cut = self.window_slice * torch.rand(n, 1)
        return (time - 1) * (cut * torch.rand(n, 1) + (1 - cut) * passed)


def _read(x, places):
    """Interpolate signals (n, time, channels) linearly at places (n, time)."""
    before = places.long().clamp(0, x.shape[1] - 2)
    share = (places - before)[..., None]
    first, second = (x.gather(1, (before + i)[..., None].expand_as(x)) for i in (0, 1))
    return first + share * (second - first)


# None of the five papers changes signals classically; these are the settings of the methods' own authors.
PRESETS = {
    "um2017": dict(changes=Changes(jitter=0.05, scaling=0.1, time_warp=0.2), copies=1,
                   assumed="that all three apply at once; amounts are those of the authors' code"),
    "iwana2021": dict(changes=Changes(jitter=0.03, scaling=0.1, time_warp=0.2, window_slice=0.1), copies=1,
                      assumed="that all four apply at once; amounts are the defaults of the authors' code; "
                              "slices of up to a tenth, where theirs is always a tenth"),
}


def preset(name):
    """Give the settings of a method's authors.

    Parameters
    ----------
    name : {"um2017", "iwana2021"}

    Returns
    -------
    Changes
        For `learn.classifier`'s ``augment=``, or for `augment`.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    if name not in PRESETS:
        raise ValueError(f"There is no preset named {name!r}; there are: {', '.join(PRESETS)}.")
    return PRESETS[name]["changes"]


def augment(signals, changes, *, copies=1, random_state=0, device="cpu", batch_size=1024):
    """Make changed copies of signals, offline.

    Parameters
    ----------
    signals : array of shape (n, time, channels)
        In physical units, none missing.
    changes : Changes or str
        What may change, or the name of a preset.
    copies : int
        Copies of each signal.
    random_state : int or None
        Same number, same copies, whatever the device.
    device : str or torch.device
        Where to compute.
    batch_size : int
        Signals changed at a time.

    Returns
    -------
    float32 array of shape (n * copies, time, channels)
        The copies of the first signal, then those of the second: ``np.repeat(y, copies)`` are their labels.
        The originals are not among them.

    Raises
    ------
    ValueError
        For signals of a wrong shape, missing values, copies below 1, or an unknown preset.
    """
    signals = complete(signals)
    if signals.shape[1] < 2:
        raise ValueError("signals have one moment: there is nothing to warp or to slice.")
    changes = preset(changes) if isinstance(changes, str) else changes

    def change(batch):
        return changes(torch.from_numpy(batch).to(device)).cpu().numpy()

    return changed_copies(signals, change, copies, random_state, batch_size)
