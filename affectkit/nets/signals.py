"""Networks on signals: float windows (n, time, channels), in physical units such as beats per minute."""

import torch
from torch import nn

from affectkit.preprocess import signals


class Scale(nn.Module):
    """Bring signals to a range that a network likes, inside the network.

    Parameters
    ----------
    n_channels : int
    how : {"train", "minmax"}
        "train" subtracts the mean and divides by the standard deviation of the *training* windows, one pair a
        channel (`fit` stores them; before, it changes nothing): the level, a fast or a slow heart, stays
        visible. "minmax" maps each window to 0..1 by its own extremes (hegh2025): only the shape stays.
    """

    def __init__(self, n_channels, how="train"):
        super().__init__()
        if how not in ("train", "minmax"):
            raise ValueError(f'scale={how!r} is unknown: use "train" or "minmax".')
        self.how = how
        self.register_buffer("mean", torch.zeros(n_channels))
        self.register_buffer("std", torch.ones(n_channels))

    def fit(self, x):
        """Remember mean and standard deviation of the training windows (n, time, channels)."""
        x = x.double()  # a million values summed in float32 would lose digits
        self.mean.copy_(x.mean((0, 1)))
        self.std.copy_(x.std((0, 1)).clamp_min(1e-6))
        return self

    def forward(self, x):
        """Scale windows (n, time, channels)."""
        if self.how == "train":
            return (x - self.mean) / self.std
        low, high = x.amin(1, keepdim=True), x.amax(1, keepdim=True)
        return (x - low) / (high - low).clamp_min(1e-6)  # a flat window becomes 0


class HeartLSTM(nn.Module):
    """The two-layer LSTM of hegh2025 for heart signals.

    Reads a window sample by sample; the last state of the second layer is the window's description, a dense
    layer scores the classes. The paper names the two layers, dropout 0.3 and the dense softmax, not the
    width.

    Parameters
    ----------
    n_classes, n_channels : int
        Number of classes; number of signals in a window.
    hidden : int
        Width of each LSTM layer.
    layers : int
        Number of LSTM layers.
    dropout : float
        Between the layers and before the dense layer.
    scale : {"train", "minmax"}
        See `Scale`.

    References
    ----------
    Hegh et al. (2025), section on model development, equation 2.
    """

    modality = "signals"

    def __init__(self, n_classes=2, n_channels=1, *, hidden=64, layers=2, dropout=0.3, scale="train"):
        super().__init__()
        self.scale = Scale(n_channels, scale)
        between = dropout if layers > 1 else 0.0
        self.lstm = nn.LSTM(n_channels, hidden, layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, n_classes)

    def features(self, x):
        """Describe windows (n, time, channels) by the last state (n, hidden)."""
        states, _ = self.lstm(self.scale(x))  # (n, time, hidden)
        return self.dropout(states[:, -1])

    def forward(self, x):
        """Score windows (n, time, channels): logits (n, n_classes)."""
        return self.head(self.features(x))


class HeartCNN(nn.Module):
    """A small one-dimensional CNN for heart signals: the LSTM's rival, and several times faster.

    Convolution blocks along time, each of which halves it, then the mean over time, dropout and a dense
    layer.

    Parameters
    ----------
    n_classes, n_channels : int
        Number of classes; number of signals in a window.
    channels : sequence of int
        Filters of the blocks; windows need at least ``2 ** len(channels)`` samples.
    kernel : int
        Length of the filters in samples (odd).
    dropout : float
        Before the dense layer.
    scale : {"train", "minmax"}
        See `Scale`.
    """

    modality = "signals"

    def __init__(self, n_classes=2, n_channels=1, *, channels=(16, 32, 64), kernel=7, dropout=0.3,
                 scale="train"):
        super().__init__()
        self.scale = Scale(n_channels, scale)
        widths = (n_channels, *channels)
        self.blocks = nn.Sequential(*(
            nn.Sequential(
                nn.Conv1d(n_in, n_out, kernel, padding=kernel // 2),
                nn.MaxPool1d(2),
                nn.ReLU(),
                nn.BatchNorm1d(n_out),
            )
            for n_in, n_out in zip(widths[:-1], widths[1:], strict=True)
        ))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(channels[-1], n_classes)

    def features(self, x):
        """Describe windows (n, time, channels) by each filter's mean over time (n, channels[-1])."""
        if x.shape[1] < 2 ** len(self.blocks):
            raise ValueError(f"Windows of {x.shape[1]} samples are too short: {len(self.blocks)} halvings "
                             f"need at least {2 ** len(self.blocks)}; resample them or take longer windows.")
        x = self.scale(x).transpose(1, 2)  # torch convolves over the last axis: (n, channels, time)
        return self.dropout(self.blocks(x).mean(2))

    def forward(self, x):
        """Score windows (n, time, channels): logits (n, n_classes)."""
        return self.head(self.features(x))


class HeartFeatures(nn.Module):
    """hegh2025's hand-made features: mean, variance and Fourier powers of a window, then a dense layer.

    Parameters
    ----------
    n_classes, n_channels : int
        Number of classes; number of signals in a window.
    n_bands : int
        Octave bands in which powers are summed, see `affectkit.preprocess.signals.features`.
    hidden : int
        Width of the dense layer.
    dropout : float
        After the dense layer.
    scale : {"train", "minmax"}
        See `Scale`.

    Notes
    -----
    The same without a network, as a classic baseline; ``rate`` is the set's ``sampling_rate`` [Hz]::

        make_pipeline(FunctionTransformer(signals.features, kw_args={"rate": rate}), StandardScaler(),
                      LogisticRegression())

    References
    ----------
    Hegh et al. (2025), section on feature extraction.
    """

    modality = "signals"

    def __init__(self, n_classes=2, n_channels=1, *, n_bands=4, hidden=32, dropout=0.3, scale="train"):
        super().__init__()
        self.n_bands = n_bands
        self.scale = Scale(n_channels, scale)
        width = n_channels * (2 + n_bands)
        self.dense = nn.Sequential(
            nn.BatchNorm1d(width), nn.Linear(width, hidden), nn.ReLU(), nn.Dropout(dropout)
        )
        self.head = nn.Linear(hidden, n_classes)

    def features(self, x):
        """Describe windows (n, time, channels) by the dense layer's vector (n, hidden)."""
        # The bands are octaves below half the rate, so that a window's powers are the same at any rate.
        values = signals.features(self.scale(x).detach().cpu().numpy(), 1.0, n_bands=self.n_bands)
        return self.dense(torch.from_numpy(values).to(x))

    def forward(self, x):
        """Score windows (n, time, channels): logits (n, n_classes)."""
        return self.head(self.features(x))
