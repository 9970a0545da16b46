"""Networks on faces: float images (n, channels, height, width), values 0 to 1."""

import torch
from torch import nn
from torch.nn import functional as F


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


class Residual(nn.Module):
    """Convolution, batch normalisation and ReLU, added to what came in: (n, c, h, w) => the same shape."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x):
        """Add to x what the convolution finds in it."""
        return x + F.relu(self.norm(self.conv(x)))


def residual_stage(channels_in, channels_out, depth):
    """Convolution and halving, then `depth` residual convolutions: (n, in, h, w) => (n, out, h/2, w/2)."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, padding=1, bias=False),  # the normalisation has a bias
        nn.MaxPool2d(2),
        nn.BatchNorm2d(channels_out),
        nn.ReLU(),
        *(Residual(channels_out) for _ in range(depth)),
    )


class SmallResNet(nn.Module):
    """A residual network of 1.35 million parameters, made to be trained from scratch on one processor core.

    A 5 x 5 convolution with stride 2, three stages that halve and then add residual convolutions, the maximum
    and the mean of each map, one dense layer. Nothing in it depends on the image's size, so it can be trained
    on small images first (`EmotionClassifier`'s ``sizes``). Each image is standardised inside, so pixels can
    be given as they are (0 to 1).

    Parameters
    ----------
    n_classes : int
        Number of emotions.
    in_channels : int
        1 for grey images, 3 for colour.
    image_size : int
        Height and width in pixels, at least 16; only checked.
    channels : sequence of four ints
        Filters of the first convolution and of the three stages.
    depths : sequence of three ints
        Residual convolutions of each stage; (1, 1, 0) is the network with 0.58 million parameters that
        learns fastest in the first minutes.
    dropout : float
        Share of the description set to zero in training.

    References
    ----------
    He et al. (2016), "Deep residual learning for image recognition"; the layout, with pooling between
    convolution and normalisation, is that of Jordan's airbench (2024), "94% on CIFAR-10 in 3.29 seconds on a
    single GPU".
    """

    modality = "faces"
    least_size = 16

    def __init__(self, n_classes=7, in_channels=1, image_size=48, *, channels=(32, 64, 128, 256),
                 depths=(2, 2, 1), dropout=0.2):
        super().__init__()
        if image_size < self.least_size:
            raise ValueError(f"image_size={image_size}: four halvings need images of at least 16 x 16.")
        self.standardise = Standardise()
        self.stem = nn.Sequential(  # 48 => 24
            nn.Conv2d(in_channels, channels[0], 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(channels[0]),
            nn.ReLU(),
        )
        # 24 => 12 => 6 => 3
        self.stages = nn.Sequential(*map(residual_stage, channels[:-1], channels[1:], depths))
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * channels[-1], n_classes)

    def features(self, x):
        """Describe images (n, c, h, w) by each map's maximum and mean (n, 2 * channels[-1])."""
        x = self.stages(self.stem(self.standardise(x)))
        return self.dropout(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1))

    def forward(self, x):
        """Score images (n, c, h, w): logits (n, n_classes); a softmax over them gives probabilities."""
        return self.head(self.features(x))
