"""kumar2024's hybrids on faces: a large convolution network, and GRUs that read its map place by place.

The places are those of one still picture, row by row: the sequence is spatial, and knows no time.
"""

from torch import nn

from affectkit.nets.faces import Base, Standardise, check_size, conv_block


class Hybrid(nn.Module):
    """What the three hybrids share: base, pooling, GRUs over the places, a dense layer or none, the head.

    Parameters
    ----------
    base : str
        timm's name of the convolution network.
    least : int
        Height and width in pixels below which no place is left.
    pool : torch.nn.Module
        Between the base's map and the GRUs.
    n_classes, in_channels : int
        Number of emotions; 1 for grey images, 3 for colour.
    image_size : int
        Height and width in pixels. The paper prints none.
    units : sequence of int
        Width of each GRU.
    dense : int or None
        Width of the dense layer (ReLU) after the GRUs.
    dropout : float
        Share of the description set to zero in training.
    weights, frozen
        Of the base, see `affectkit.nets.faces.Base`. By default it is untrained, and nothing is downloaded.
    """

    modality = "faces"

    def __init__(self, base, least, pool, n_classes, in_channels, image_size, *, units, dense, dropout,
                 weights, frozen):
        super().__init__()
        check_size(image_size, least)
        self.base = Base(base, in_channels, weights=weights, frozen=frozen)
        self.pool = pool
        widths = (self.base.width, *units)
        self.grus = nn.ModuleList(
            nn.GRU(n_in, n_out, batch_first=True) for n_in, n_out in zip(widths[:-1], widths[1:], strict=True)
        )
        self.dense = nn.Sequential(nn.Linear(units[-1], dense), nn.ReLU()) if dense else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(dense or units[-1], n_classes)

    def features(self, x):
        """Describe images (n, c, h, w) by what the head reads: (n, dense), or (n, units[-1]) without it."""
        x = self.pool(self.base(x)).flatten(2).transpose(1, 2)  # (n, width, h', w') => (n, h' w', width)
        for gru in self.grus:
            x, _ = gru(x)
        return self.dropout(self.dense(x[:, -1]))

    def forward(self, x):
        """Score images (n, c, h, w): logits (n, n_classes)."""
        return self.head(self.features(x))


class DenseNet121GRU(Hybrid):
    """kumar2024's best: DenseNet121, its map as a sequence, GRUs of 256 and 128, dense 256 (ReLU), head.

    All sizes are the paper's. Assumed: a step of the sequence is a place of the map (1,024 numbers), row by
    row, and the last state of the second GRU goes on. Images of up to 63 pixels leave one place, of 96 nine.

    Parameters
    ----------
    n_classes, in_channels, image_size, units, dense, dropout, weights, frozen
        See `Hybrid`; images of at least 29 pixels.

    References
    ----------
    Kumar and Agarwal (2024), Optimizing facial expression recognition with deep hybrid neural networks,
    section 4.1.
    """

    def __init__(self, n_classes=7, in_channels=3, image_size=224, *, units=(256, 128), dense=256,
                 dropout=0.0, weights=None, frozen=False):
        super().__init__("densenet121", 29, nn.Identity(), n_classes, in_channels, image_size, units=units,
                         dense=dense, dropout=dropout, weights=weights, frozen=frozen)


class VGG16GRU(Hybrid):
    """kumar2024's VGG16 without its top, global average pooling, a GRU, and the head.

    The pooling leaves a sequence of one step, so that the GRU is but a gated dense layer. Assumed: its width,
    128. The paper's VGG16 is pretrained; here it is where `weights` are given.

    Parameters
    ----------
    n_classes, in_channels, image_size, units, dense, dropout, weights, frozen
        See `Hybrid`; images of at least 32 pixels.

    References
    ----------
    Kumar and Agarwal (2024), section 4.2.
    """

    def __init__(self, n_classes=7, in_channels=3, image_size=224, *, units=(128,), dense=None, dropout=0.0,
                 weights=None, frozen=False):
        super().__init__("vgg16", 32, nn.AdaptiveAvgPool2d(1), n_classes, in_channels, image_size,
                         units=units, dense=dense, dropout=dropout, weights=weights, frozen=frozen)


class XceptionGRU(Hybrid):
    """kumar2024's Xception, 2 x 2 max pooling, a GRU, dense (ReLU), dropout, and the head.

    Assumed: all sizes (GRU 128, dense 128, dropout 0.5), and that "flattened and reshaped into a 3D tensor"
    means a step a place of the pooled map (2,048 numbers), as in `DenseNet121GRU`.

    Parameters
    ----------
    n_classes, in_channels, image_size, units, dense, dropout, weights, frozen
        See `Hybrid`; images of at least 39 pixels.

    References
    ----------
    Kumar and Agarwal (2024), section 4.3.
    """

    def __init__(self, n_classes=7, in_channels=3, image_size=224, *, units=(128,), dense=128, dropout=0.5,
                 weights=None, frozen=False):
        super().__init__("legacy_xception", 39, nn.MaxPool2d(2), n_classes, in_channels, image_size,
                         units=units, dense=dense, dropout=dropout, weights=weights, frozen=frozen)


class SmallHybrid(nn.Module):
    """hegh2025's three convolutions and a choice of what reads their map, to ask what a GRU adds.

    The four pairs of `pool` and `gru` share all but the reader: the mean over all places or each of them, and
    a GRU's last state or a dense layer (ReLU). ``pool=True, gru=True`` is how `VGG16GRU` reads,
    ``pool=False, gru=True`` how the other two do.

    Parameters
    ----------
    n_classes, in_channels, image_size : int
        See `Hybrid`; images of at least 8 pixels.
    pool : bool
        Take the mean over all places: a sequence of one step.
    gru : bool
        False: a dense layer on all steps at once.
    order : sequence of int, optional
        All places, numbered row by row, in the order in which they are read. By default row by row. The
        attribute ``order`` of a trained network may be changed, to ask what depends on it.
    channels : sequence of three ints
        Filters of the convolutions.
    units : int
        Width of the GRU or the dense layer.
    dropout : float
        Share of the description set to zero in training.

    Raises
    ------
    ValueError
        For images that are too small, or an `order` that is not each place once.

    Examples
    --------
    >>> import torch
    >>> import affectkit as ak
    >>> ak.nets.SmallHybrid(image_size=48).sequence(torch.zeros(2, 1, 48, 48)).shape
    torch.Size([2, 36, 128])
    """

    modality = "faces"

    def __init__(self, n_classes=7, in_channels=1, image_size=48, *, pool=False, gru=True, order=None,
                 channels=(32, 64, 128), units=128, dropout=0.3):
        super().__init__()
        check_size(image_size, 8)
        places = 1 if pool else (image_size // 8) ** 2
        self.order = list(range(places) if order is None else order)
        if sorted(self.order) != list(range(places)):
            raise ValueError(f"order must hold each of the {places} places, 0 to {places - 1}, once.")
        widths = (in_channels, *channels)
        self.base = nn.Sequential(Standardise(), *map(conv_block, widths[:-1], widths[1:], (3, 3, 3)))
        self.pool = nn.AdaptiveAvgPool2d(1) if pool else nn.Identity()
        self.gru = nn.GRU(channels[-1], units, batch_first=True) if gru else None
        self.dense = None if gru else nn.Sequential(nn.Flatten(), nn.Linear(places * channels[-1], units),
                                                    nn.ReLU())
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(units, n_classes)

    def sequence(self, x):
        """Describe images (n, c, h, w) by their places, in `order`: (n, places, width)."""
        return self.pool(self.base(x)).flatten(2).transpose(1, 2)[:, self.order]

    def read(self, x):
        """Make logits (n, n_classes) of a sequence (n, places, width)."""
        return self.head(self._describe(x))

    def features(self, x):
        """Describe images (n, c, h, w) by what the head reads: (n, units)."""
        return self._describe(self.sequence(x))

    def forward(self, x):
        """Score images (n, c, h, w): logits (n, n_classes)."""
        return self.read(self.sequence(x))

    def _describe(self, x):
        return self.dropout(self.dense(x) if self.gru is None else self.gru(x)[0][:, -1])
