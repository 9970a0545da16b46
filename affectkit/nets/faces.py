"""Networks on faces: float images (n, channels, height, width), values 0 to 1."""

from pickle import UnpicklingError

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


def check_size(image_size, least):
    """Refuse images that a network's halvings would shrink to nothing."""
    if image_size < least:
        raise ValueError(f"image_size={image_size}: this network needs images of at least {least} x {least} "
                         "pixels; load or resize them larger.")


class FiveBlockCNN(nn.Module):
    """The five-block network of electronics2022, which it trains in seven, three and two classes.

    Five blocks of 3 x 3 convolution, ReLU, batch normalisation and max pooling, then flatten, three dense
    layers, each with ReLU and batch normalisation, and one score a class. The counts of parameters that the
    paper prints hold only if an odd side is rounded down when halved (25 => 12). It gives two dropouts, not
    their places (here: after the first and the second dense layer), and no activation of the dense layers.

    Parameters
    ----------
    n_classes : int
        Number of emotions.
    in_channels : int
        1 for grey images, 3 for colour.
    image_size : int
        Height and width in pixels; at least 32. The paper has 200 in colour and 300 in grey.
    channels : sequence of int
        Filters of the convolutions, each of which is followed by a halving.
    hidden : sequence of int
        Widths of the dense layers.
    dropout : sequence of float
        Share of each dense layer's outputs set to zero in training. 0.8 makes a slow start: a few thousand
        images take many epochs.

    References
    ----------
    (2022) Electronics 11(1), 118, section 5.
    """

    modality = "faces"

    def __init__(self, n_classes=7, in_channels=3, image_size=200, *, channels=(16, 32, 64, 128, 128),
                 hidden=(256, 128, 64), dropout=(0.8, 0.4, 0.0)):
        super().__init__()
        check_size(image_size, 2 ** len(channels))
        widths = (in_channels, *channels)
        self.blocks = nn.Sequential(*(
            nn.Sequential(nn.Conv2d(n_in, n_out, 3, padding=1), nn.ReLU(), nn.BatchNorm2d(n_out),
                          nn.MaxPool2d(2))
            for n_in, n_out in zip(widths[:-1], widths[1:], strict=True)
        ))
        side = image_size // 2 ** len(channels)  # 200 => 100 => 50 => 25 => 12 => 6
        widths = (channels[-1] * side * side, *hidden)
        self.dense = nn.Sequential(nn.Flatten(), *(
            nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU(), nn.BatchNorm1d(n_out), nn.Dropout(share))
            for n_in, n_out, share in zip(widths[:-1], hidden, dropout, strict=True)
        ))
        self.head = nn.Linear(hidden[-1], n_classes)

    def features(self, x):
        """Describe images (n, c, h, w) by the last dense layer's vector (n, hidden[-1])."""
        return self.dense(self.blocks(x))

    def forward(self, x):
        """Score images (n, c, h, w): logits (n, n_classes)."""
        return self.head(self.features(x))


class Base(nn.Module):
    """A network of timm without its head: images (n, c, h, w), 0 to 1, to maps (n, width, h', w').

    Pixels are normalised as timm's weights of this network expect them.

    Parameters
    ----------
    name : str
        As timm calls it.
    in_channels : int
        With weights of colour images, one channel gets the sum of their first kernels.
    weights : None, "imagenet" or path
        None starts untrained, and nothing is downloaded. A path is that of a safetensors file, or of one by
        ``torch.save``, which is read as tensors only: timm's network of this name, or the ``state_dict`` of a
        network of the kit that is built on it. "imagenet" has timm download its own weights once.
    frozen : bool
        Keep the weights and the running statistics of batch normalisation as they are, also in training.

    Attributes
    ----------
    width : int
        Channels of the maps.

    Raises
    ------
    ValueError
        The weights cannot be had, are no weights, or are those of another network; or `frozen` without any.
    """

    def __init__(self, name, in_channels, *, weights=None, frozen=False):
        super().__init__()
        import timm  # takes seconds, which only its networks should cost

        if frozen and weights is None:
            raise ValueError("frozen=True trains the head alone, on a base that has learned before: give its "
                             'weights (a path, or "imagenet"), or set frozen=False.')
        # VGG's dense layers, which are cut off here, would take half a gigabyte meanwhile.
        options = {"mlp_ratio": 1 / 4096} if name.startswith("vgg") else {}
        self.net = timm.create_model(name, pretrained=False, num_classes=0, in_chans=in_channels, **options)
        if hasattr(self.net, "pre_logits"):
            self.net.pre_logits = nn.Identity()
        self.width = self.net.num_features
        for entry in ("mean", "std"):
            value = torch.tensor(self.net.pretrained_cfg[entry])
            value = value if in_channels == 3 else value.mean()
            self.register_buffer(entry, value.reshape(-1, 1, 1), persistent=False)
        if weights is not None:
            self._load(name, in_channels, weights)
        self.frozen = frozen
        self.requires_grad_(not frozen)
        self.train()

    def train(self, mode=True):
        """Switch to training or evaluation; a frozen base stays in evaluation."""
        return super().train(mode and not self.frozen)

    def forward(self, x):
        """Describe images (n, c, h, w), 0 to 1, by maps (n, width, h', w')."""
        return self.net.forward_features((x - self.mean) / self.std)

    def _load(self, name, in_channels, weights):
        from timm.models import adapt_input_conv

        state = _downloaded(name) if weights == "imagenet" else _read(weights)
        first, own = self.net.pretrained_cfg["first_conv"] + ".weight", self.net.state_dict()
        state = {key.removeprefix("base.net."): value for key, value in state.items()}
        state = {key: value for key, value in state.items() if key in own}  # less the head
        try:
            state[first] = adapt_input_conv(in_channels, state[first])
            self.net.load_state_dict(state)
        except (KeyError, RuntimeError):
            raise ValueError(f"weights={str(weights)!r} are those of another network than timm's {name}: "
                             f"give a file of {name}, or weights=None to start untrained.") from None


def _read(path):
    """The tensors of a file of weights."""
    from safetensors import SafetensorError
    from timm.models import load_state_dict

    try:
        return load_state_dict(str(path), weights_only=True)
    except FileNotFoundError:
        raise ValueError(f"weights={str(path)!r} is not there: give the path of a file of weights, "
                         'weights="imagenet" to have them downloaded, or None to start untrained.') from None
    except (SafetensorError, UnpicklingError, RuntimeError, OSError, EOFError, AttributeError) as error:
        raise ValueError(f"weights={str(path)!r} cannot be read as tensors ({error}): give a safetensors "
                         "file, or a state_dict written by torch.save.") from None


def _downloaded(name):
    """The tensors of timm's own weights, from its cache or the network."""
    import timm

    try:
        return timm.create_model(name, pretrained=True).state_dict()
    except (OSError, RuntimeError) as error:
        source = timm.get_pretrained_cfg(name)
        place = f"model.safetensors of {source.hf_hub_id} on the Hugging Face hub"
        place = place if source.hf_hub_id else source.url
        raise ValueError(
            f'weights="imagenet" could not be downloaded ({type(error).__name__}). Where there is a network, '
            f"fetch {place} and give its path as weights; or start untrained by weights=None.") from error


class MobileNetV1(nn.Module):
    """MobileNetV1, the small network of yousaf2025, and of electronics2022's transfer learning.

    timm's ``mobilenetv1_100``, global average pooling, and one score a class. electronics2022 trains a head
    on a base that has seen ImageNet: ``weights="imagenet", frozen=True``; without `frozen`, the base is
    fine-tuned.

    Parameters
    ----------
    n_classes : int
        Number of emotions.
    in_channels : int
        1 for grey images, 3 for colour.
    image_size : int
        Height and width in pixels; at least 32 (five halvings). Electronics2022 has 224.
    weights, frozen
        Of the base, see `Base`. By default it is untrained, and nothing is downloaded.

    References
    ----------
    Howard et al. (2017), MobileNets. Yousaf et al. (2025). (2022) Electronics 11(1), 118, section 6.
    """

    modality = "faces"

    def __init__(self, n_classes=7, in_channels=3, image_size=224, *, weights=None, frozen=False):
        super().__init__()
        check_size(image_size, 32)
        self.base = Base("mobilenetv1_100", in_channels, weights=weights, frozen=frozen)
        self.head = nn.Linear(self.base.width, n_classes)

    def features(self, x):
        """Describe images (n, c, h, w) by each map's mean (n, 1024)."""
        return self.base(x).mean((2, 3))

    def forward(self, x):
        """Score images (n, c, h, w): logits (n, n_classes)."""
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
        check_size(image_size, self.least_size)
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
