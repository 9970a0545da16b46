"""Networks on pairs of a face and a heart signal of one moment, either of which may be missing.

A batch is a dict: ``face``, float images (n, channels, height, width), values 0 to 1, and ``signal``, float
windows (n, time, channels). What is missing is NaN in all its entries.
"""

import torch
from torch import nn
from torch.nn import functional as F

from affectkit.nets.faces import FaceCNN, Standardise
from affectkit.nets.signals import HeartFeatures, HeartLSTM, Scale


class Concatenation(nn.Module):
    """Join the branches' vectors end to end, then a dense layer and a score for each class."""

    def __init__(self, widths, n_classes, hidden, dropout):
        super().__init__()
        self.dense = nn.Sequential(
            nn.Linear(sum(widths), hidden), nn.ReLU(), nn.BatchNorm1d(hidden), nn.Dropout(dropout)
        )
        self.head = nn.Linear(hidden, n_classes)

    def features(self, vectors, present):
        return self.dense(torch.cat(vectors, 1))

    def forward(self, vectors, present):
        return self.head(self.features(vectors, present))


class Gate(nn.Module):
    """Mix the branches' vectors by shares that each sample decides for itself."""

    def __init__(self, widths, n_classes, hidden, dropout):
        super().__init__()
        self.project = nn.ModuleList(nn.Sequential(nn.Linear(width, hidden), nn.Tanh()) for width in widths)
        self.gate = nn.Linear(sum(widths), len(widths))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, n_classes)

    def shares(self, vectors, present):
        score = self.gate(torch.cat(vectors, 1)).float()
        return score.masked_fill(~present, -torch.inf).softmax(1)  # what is missing has exactly no share

    def features(self, vectors, present):
        states = torch.stack([layer(x) for layer, x in zip(self.project, vectors, strict=True)], 2)
        return self.dropout((states * self.shares(vectors, present)[:, None]).sum(2))

    def forward(self, vectors, present):
        return self.head(self.features(vectors, present))


class Vote(nn.Module):
    """Average the scores that the branches give, each by a dense layer of its own."""

    def __init__(self, widths, n_classes, hidden, dropout):
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, n_classes) for width in widths)

    def features(self, vectors, present):
        return torch.cat(vectors, 1)

    def forward(self, vectors, present):
        scores = torch.stack([head(x) for head, x in zip(self.heads, vectors, strict=True)], 1)
        return (scores * present[:, :, None]).sum(1) / present.sum(1, keepdim=True)


FUSIONS = {"hybrid": Concatenation, "early": None, "late": Vote, "gated": Gate}


class Fusion(nn.Module):
    """A network on a face and a heart signal: hegh2025's hybrid CNN-LSTM, and three other ways to fuse.

    Parameters
    ----------
    n_classes : int
    in_channels, image_size : int
        1 for grey images, 3 for colour; height and width in pixels.
    n_channels : int
        Number of signals in a window.
    fusion : {"hybrid", "early", "late", "gated"}
        "hybrid", as hegh2025 calls it: the vectors of the face's and of the signal's network are joined end
        to end, a dense layer and the scores of the classes follow (its equations 3 and 4). "early": one
        network sees both from its first layer on. Pixels and heart beats share no grid, so the signal,
        averaged to the image's width, is laid over the image as further channels, the same in every row; a
        pulse wave is lost in that, a heart rate is not. "late": each network scores the classes on its own,
        and the scores are averaged, which multiplies probabilities (Kittler et al.'s product rule). "gated":
        each sample decides the shares in which the networks' vectors are mixed (Arevalo et al., with one gate
        a network).
    face, signal : type of torch.nn.Module
        The networks on faces and on signals, of `affectkit.nets`. "early" has the first alone.
    face_options, signal_options : dict, optional
        Their own options.
    fourier : bool
        A third branch of hegh2025's mean, variance and Fourier features of the signal (`HeartFeatures`).
    hidden : int
        Width of the layer that fuses ("hybrid", "gated").
    dropout : float
        Share of that layer's outputs set to zero in training.
    modality_dropout : float
        Probability that a training sample loses its face or its signal, so that the network learns to do
        without either (Neverova et al.). A sample that lacks one from the start keeps the other.

    Notes
    -----
    A branch that is missing gives a vector of zeros; a vote leaves it out and a gate closes for it. Signals
    are scaled by mean and standard deviation of the training windows, see `Scale`.

    References
    ----------
    Hegh et al. (2025), section on the multi-modal fusion module.
    Kittler et al. (1998), On combining classifiers, IEEE Transactions on Pattern Analysis and Machine
    Intelligence 20(3).
    Arevalo et al. (2017), Gated multimodal units for information fusion, arXiv:1702.01992.
    Neverova et al. (2016), ModDrop: adaptive multi-modal gesture recognition, IEEE Transactions on Pattern
    Analysis and Machine Intelligence 38(8).
    """

    modality = "pairs"

    def __init__(self, n_classes=7, in_channels=1, image_size=48, n_channels=1, *, fusion="hybrid",
                 face=FaceCNN, signal=HeartLSTM, face_options=None, signal_options=None, fourier=False,
                 hidden=128, dropout=0.3, modality_dropout=0.0):
        super().__init__()
        if fusion not in FUSIONS:
            raise ValueError(f"fusion={fusion!r} is unknown; there are: {', '.join(FUSIONS)}.")
        if not 0 <= modality_dropout < 1:
            raise ValueError(f"modality_dropout={modality_dropout!r} must be a probability below 1.")
        if fusion == "early" and fourier:
            raise ValueError('fusion="early" has no branches, so fourier=True has no place in it.')
        self.modality_dropout = modality_dropout
        self.scale = Scale(n_channels)
        face_options, signal_options = face_options or {}, signal_options or {}
        if fusion == "early":
            self.standardise = Standardise()
            self.common = face(n_classes, in_channels + n_channels, image_size, **face_options)
            return
        branches = [face(n_classes, in_channels, image_size, **face_options),
                    signal(n_classes, n_channels, **signal_options)]
        if fourier:
            branches.append(HeartFeatures(n_classes, n_channels))
        widths = [branch.head.in_features for branch in branches]
        for branch in branches:
            branch.head = nn.Identity()  # what fuses has the heads
        self.branches = nn.ModuleList(branches)
        self.fuse = FUSIONS[fusion](widths, n_classes, hidden, dropout)

    def features(self, x):
        """Describe pairs by the vectors (n, width) that are scored; "late": all branches', end to end."""
        inputs, present = self._inputs(x)
        if hasattr(self, "common"):
            return self.common.features(self._overlay(inputs, present))
        return self.fuse.features(*self._describe(inputs, present))

    def forward(self, x):
        """Score pairs: logits (n, n_classes)."""
        inputs, present = self._inputs(x)
        if hasattr(self, "common"):
            return self.common(self._overlay(inputs, present))
        return self.fuse(*self._describe(inputs, present))

    def shares(self, x):
        """Give the shares (n, branches) of face, signal (and Fourier features) in each sample; gated only."""
        if not isinstance(getattr(self, "fuse", None), Gate):
            raise ValueError('Only fusion="gated" decides on shares.')
        return self.fuse.shares(*self._describe(*self._inputs(x)))

    def _inputs(self, x):
        """Face and scaled signal, 0 where they are missing, and which are there: bool (n, 2)."""
        present = torch.stack([~x[name].isnan().flatten(1).any(1) for name in ("face", "signal")], 1)
        if self.training and self.modality_dropout:
            present = present & self._kept(present)
        return (x["face"].nan_to_num(), self.scale(x["signal"]).nan_to_num()), present

    def _kept(self, present):
        """Draw what the samples keep; on the CPU, so that every device draws the same."""
        n = len(present)
        lost = F.one_hot(torch.randint(2, (n,)), 2).bool() & (torch.rand(n, 1) < self.modality_dropout)
        return ~lost.to(present.device) | ~present.all(1, keepdim=True)

    def _describe(self, inputs, present):
        """The branches' vectors, zeros for what is missing, and which are there: bool (n, branches)."""
        face, signal = inputs
        present = present[:, [0] + [1] * (len(self.branches) - 1)]
        sources = [face] + [signal] * (len(self.branches) - 1)
        vectors = [branch.features(source) for branch, source in zip(self.branches, sources, strict=True)]
        return [x * there[:, None] for x, there in zip(vectors, present.T, strict=True)], present

    def _overlay(self, inputs, present):
        """The signal as further channels of the image: (n, in_channels + n_channels, h, w)."""
        face, signal = inputs
        height, width = face.shape[2:]
        rows = F.adaptive_avg_pool1d(signal.transpose(1, 2), width)  # (n, channels, w)
        layers = rows[:, :, None].expand(-1, -1, height, -1)
        face, layers = (part * there[:, None, None, None]
                        for part, there in zip((self.standardise(face), layers), present.T, strict=True))
        return torch.cat([face, layers], 1)
