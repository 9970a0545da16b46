"""Networks on faces: float images (n, channels, height, width), values 0 to 1."""

from torch import nn


class Standardise(nn.Module):
    """Give each image mean 0 and standard deviation 1, so that light and contrast of a photograph cancel."""

    def forward(self, x):
        """Standardise images (n, c, h, w) one by one, over all their channels and pixels."""
        x = x - x.mean((1, 2, 3), keepdim=True)
        return x / (x.std((1, 2, 3), keepdim=True) + 1e-3)  # an all-black image stays 0


def conv_block(channels_in, channels_out, kernel):
    """Convolution, halving, ReLU, batch normalisation: (n, in, h, w) => (n, out, h/2, w/2).

    The paper's order is convolution - ReLU - pooling. The maximum and the ReLU can change places without
    changing the result, and a ReLU on the pooled map has a quarter of the work.
    """
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, kernel, padding=kernel // 2),
        nn.MaxPool2d(2),
        nn.ReLU(),
        nn.BatchNorm2d(channels_out),
    )


class FaceCNN(nn.Module):
    """The plain three-convolution network of hegh2025 for faces.

    Three blocks of convolution, ReLU and max pooling, then flatten, one dense layer, dropout, and one score a
    class. The paper names the layers but not their sizes; the widths and kernels here are usual ones, checked
    once on a held-out part of FER-2013's training images. Each image is standardised inside, so pixels can be
    given as they are (0 to 1).

    Parameters
    ----------
    n_classes : int
        Number of emotions.
    in_channels : int
        1 for grey images, 3 for colour.
    image_size : int
        Height and width in pixels; at least 8.
    channels : sequence of three ints
        Filters of the three convolutions.
    kernels : sequence of three odd ints
        Their sizes in pixels.
    hidden : int
        Width of the dense layer.
    dropout : float
        Share of the dense layer's outputs set to zero in training.

    References
    ----------
    Hegh et al. (2025), "Multi-modal emotion recognition model using generative adversarial networks", section
    on model development.
    """

    modality = "faces"

    def __init__(self, n_classes=7, in_channels=1, image_size=48, *, channels=(32, 64, 128),
                 kernels=(3, 3, 3), hidden=256, dropout=0.3):
        super().__init__()
        if image_size < 8:
            raise ValueError(f"image_size={image_size}: three halvings need images of at least 8 x 8 pixels.")
        widths = (in_channels, *channels)
        self.standardise = Standardise()
        self.blocks = nn.Sequential(*map(conv_block, widths[:-1], widths[1:], kernels))
        side = image_size // 8  # three halvings: 48 => 24 => 12 => 6
        self.dense = nn.Sequential(
            nn.Flatten(),  # (n, 128, 6, 6) => (n, 4608)
            nn.Linear(channels[-1] * side * side, hidden),
            nn.ReLU(),
            nn.BatchNorm1d(hidden),
            nn.Dropout(dropout),
        )
        self.head = nn.Linear(hidden, n_classes)

    def features(self, x):
        """Describe images (n, c, h, w) by the dense layer's vector (n, hidden)."""
        return self.dense(self.blocks(self.standardise(x)))

    def forward(self, x):
        """Score images (n, c, h, w): logits (n, n_classes); a softmax over them gives probabilities."""
        return self.head(self.features(x))
