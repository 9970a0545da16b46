"""GANs on faces: the networks of the DCGAN of 2015, and small Keras-like ones."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from ._base import GAN
from .losses import AUGMENTATIONS, diffaugment

SIZES = (28, 32, 48, 64)
EMBEDDING = 32  # numbers that tell the generator the class, beside its latent


class DCGAN(GAN):
    """A generative adversarial network on square images, unconditional or of chosen classes.

    Parameters
    ----------
    image_size : {28, 32, 48, 64}
        Side in pixels.
    channels : {1, 3}
        Grey or RGB.
    latent_dim : int
        Length of the random vector an image is made of.
    n_classes : int, optional
        With it the GAN is conditional: the generator gets an embedding of the class beside its latent
        (Mirza and Osindero 2014), the discriminator projects its features on one (Miyato and Koyama 2018).
    loss : {"bce", "hinge", "wgan-gp", "r3"}
        See `losses.discriminator_loss`.
    architecture : {"dcgan", "upsample"}
        Radford et al. (2015): strided convolutions and batch normalisation; or a dense layer and 3x3
        convolutions between doublings (yousaf2025).
    width : int
        Filters at the highest resolution; each halving of the image doubles them. 64 is the width of
        PyTorch's DCGAN, which most papers run.
    spectral_norm : bool
        Bound the discriminator's slope (Miyato et al. 2018).
    diffaugment : bool or sequence of {"brightness", "contrast", "translation", "cutout"}
        Change real and generated images alike before the discriminator sees them: for few data.
    ema : float, optional
        Decay of a running average of the generator's weights, which then makes the samples: 0.999.
    lr, lr_discriminator : float
        Adam's learning rate; the discriminator's, where it differs (TTUR, Heusel et al. 2017).
    betas : (float, float)
        Adam's. DCGAN's own are (0.5, 0.999).
    label_smoothing : float
        "bce": real images have the target 1 minus it.
    penalty, penalty_every : float, int
        Weight of the gradient penalty of "wgan-gp" (10) and "r3" (R3GAN's gamma); every so many steps it is
        computed, and then counts as many times (Karras et al. 2020).
    d_steps : int
        Steps of the discriminator for one of the generator.
    gradient_clip : float, optional
        Largest norm of a network's gradient.
    batch_size : int
        Images a step.
    max_epochs, max_steps, max_seconds : int, int, float
        What comes first ends `fit`; time counts steps alone, not callbacks.
    checkpoint : path, optional
        File that keeps the whole state of training. If it exists, `fit` goes on from there, with the same
        result as if it had never stopped.
    checkpoint_every : float
        Seconds between two writings of it; it is also written at the end and at Ctrl-C.
    dead_after : int
        Steps with a discriminator that is always right and a generator without gradient, after which training
        stops with an explanation.
    half : bool
        Compute in bfloat16 where the processor has it; samples are always made in float32.
    warm_start : bool
        `fit` goes on with the networks there are (loaded ones, say) and spends its budget anew.
    random_state : int or None
        Seeds weights, order, latents and augmentation. Same seed and thread count, same numbers; torch's
        global generator is left as it was.
    device : {"auto", "cpu", "cuda"}
        Where to train.
    verbose : int
        1 shows a progress bar with the time left.

    Attributes
    ----------
    generator, discriminator : torch.nn.Module
        From `build` on. ``generator(z, y)`` gives images from -1 to 1, ``discriminator(x, y)`` scores (n,),
        ``discriminator.features(x)`` what its last convolution says (8,192 numbers at 64 px and width 64).
    averaged_ : torch.nn.Module or None
        The running average, with `ema`.
    history_ : list of dict
        A row a step: step, epoch, d_loss, g_loss, penalty, d_real and d_fake (mean scores), d_accuracy,
        d_gradient, g_gradient, seconds.
    classes_ : ndarray or None
        The labels, sorted.

    Examples
    --------
    >>> import affectkit as ak
    >>> gan = ak.gans.DCGAN(image_size=28, width=8, device="cpu").build()
    >>> gan.sample(5).shape
    (5, 28, 28)
    """

    def __init__(self, *, image_size=64, channels=1, latent_dim=100, n_classes=None, loss="bce",
                 architecture="dcgan", width=64, spectral_norm=False, diffaugment=False, ema=None, lr=2e-4,
                 lr_discriminator=None, betas=(0.5, 0.999), label_smoothing=0.0, penalty=10.0,
                 penalty_every=1, d_steps=1, gradient_clip=None, batch_size=64, max_epochs=50, max_steps=None,
                 max_seconds=None, checkpoint=None, checkpoint_every=30.0, dead_after=200, half=True,
                 warm_start=False, random_state=0, device="auto", verbose=0):
        self._store(locals())

    def _validate(self):
        if self.image_size not in SIZES:
            raise ValueError(f"image_size={self.image_size!r}: use one of {SIZES}; resize the images.")
        if self.channels not in (1, 3):
            raise ValueError(f"channels={self.channels!r}: use 1 for grey images, 3 for RGB.")
        if self.architecture not in NETWORKS:
            raise ValueError(f"architecture={self.architecture!r} is unknown: use {', '.join(NETWORKS)}.")
        unknown = set(self._augmentations()) - set(AUGMENTATIONS)
        if unknown:
            raise ValueError(f"diffaugment does not know {sorted(unknown)}: use {', '.join(AUGMENTATIONS)}.")

    def _networks(self):
        make_generator, make_discriminator = NETWORKS[self.architecture]
        shape = dict(image_size=self.image_size, channels=self.channels, width=self.width,
                     n_classes=self.n_classes)
        # With a penalty or spectral norm a score must depend on its own image alone, so none is normalised.
        normalise = self.loss in ("bce", "hinge") and not self.spectral_norm
        discriminator = make_discriminator(**shape, normalise=normalise)
        if self.spectral_norm:
            bound(discriminator)
        return make_generator(latent_dim=self.latent_dim, **shape), discriminator

    def _latent_shape(self):
        return (self.latent_dim,)

    def _augmentations(self):
        return AUGMENTATIONS if self.diffaugment is True else self.diffaugment or ()

    def _augment(self, x):
        return diffaugment(x, self._augmentations())

    def _check(self, X):
        X = np.asarray(X)
        channels = 1 if X.ndim == 3 else X.shape[-1] if X.ndim == 4 else 0
        if channels not in (1, 3):
            raise ValueError(f"Faces must have the shape (n, h, w) or (n, h, w, 3), not {X.shape}.")
        if channels != self.channels:
            raise ValueError(f"X has {channels} channel(s), but channels={self.channels}: make them agree.")
        if X.shape[1:3] != (self.image_size, self.image_size):
            raise ValueError(f"X has images of {X.shape[1]} x {X.shape[2]} pixels, but image_size="
                             f"{self.image_size}: resize them (ak.preprocess.faces.resize).")
        if X.dtype != np.uint8:
            if X.dtype.kind != "f" or len(X) and not (X.min() >= 0 and X.max() <= 1):  # NaN fails this, too
                raise ValueError("Faces must be uint8 (0 to 255) or float, 0 to 1 and none missing.")
            X = np.rint(X * 255).astype(np.uint8)
        return torch.from_numpy(np.ascontiguousarray(X.reshape(*X.shape[:3], channels).transpose(0, 3, 1, 2)))

    def _check_variation(self, x):
        if (x.flatten(1).amin(1) == x.flatten(1).amax(1)).all() or (x == x[:1]).all():
            raise ValueError("All images are blank or the same: there is nothing to learn from. Look at how "
                             "they were loaded and scaled.")

    def _scale(self, x):
        return None  # pixels have a scale of their own

    def _to_network(self, x):
        return (x.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)

    def _from_network(self, x):
        x = ((x.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
        return x[..., 0] if self.channels == 1 else x


def levels(image_size):
    """How often an image is halved, and the side that is left: 64 -> (4, 4), 48 -> (4, 3), 28 -> (2, 7)."""
    n = 0
    while image_size % 2 == 0 and image_size > 4:
        image_size, n = image_size // 2, n + 1
    return n, image_size


def bound(network):
    """Give every convolution and dense layer spectral normalisation, in place."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear):
            nn.utils.parametrizations.spectral_norm(layer)


class Conditional(nn.Module):
    """Takes labels as numbers (n,), as shares of the classes (n, n_classes), or not at all."""

    def __init__(self, n_classes):
        super().__init__()
        self.n_classes = n_classes

    def shares(self, y, like):
        """Labels as shares of the classes."""
        if y is None:
            raise ValueError("This network is conditional: give labels as well.")
        return y.to(like.dtype) if y.ndim == 2 else F.one_hot(y, self.n_classes).to(like.dtype)


class Generator(Conditional):
    """Latents (n, latent_dim) in, samples out: `layers`, and before them an embedding of the class."""

    def __init__(self, latent_dim, n_classes, layers):
        super().__init__(n_classes)
        self.layers = layers(latent_dim + (EMBEDDING if n_classes else 0))
        if n_classes:
            self.embedding = nn.Linear(n_classes, EMBEDDING, bias=False)
            nn.init.normal_(self.embedding.weight)  # as large as the latent beside it

    def forward(self, z, y=None):
        """Make samples."""
        if self.n_classes:
            z = torch.cat([z, self.embedding(self.shares(y, z))], 1)
        return self.layers(z)


class Discriminator(Conditional):
    """Samples in, scores (n,) out: `layers`, then `head`, and for each class a direction to project on."""

    def __init__(self, n_classes, layers, head):
        super().__init__(n_classes)
        self.layers = layers
        self.head = head(1)
        if n_classes:
            self.projection = head(n_classes)

    def features(self, x):
        """Describe samples by what the last convolution says (n, k)."""
        return self.layers(x).flatten(1)

    def forward(self, x, y=None):
        """Score samples."""
        maps = self.layers(x)
        score = self.head(maps).flatten()
        if self.n_classes:
            score = score + (self.projection(maps).flatten(1) * self.shares(y, score)).sum(1)
        return score


def initialise(network):
    """DCGAN's start: every weight normal, with standard deviation 0.02."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1, 0.02)
    return network


def dcgan_generator(image_size, channels, latent_dim, width, n_classes):
    """Radford et al. (2015) without biases: 1x1 => 4x4 => 8x8 => ... by transposed convolutions."""
    n, side = levels(image_size)
    widths = [width * 2**i for i in reversed(range(n))]  # 64 px: 512, 256, 128, 64

    def layers(inputs):
        made = [nn.Unflatten(1, (inputs, 1, 1)),
                nn.ConvTranspose2d(inputs, widths[0], side, 1, 0, bias=False)]
        for wide, narrow in zip(widths, [*widths[1:], channels], strict=True):
            made += [nn.BatchNorm2d(wide), nn.ReLU(),
                     nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False)]  # twice the side
        return nn.Sequential(*made, nn.Tanh())

    return initialise(Generator(latent_dim, n_classes, layers))


def dcgan_discriminator(image_size, channels, width, n_classes, normalise=True):
    """The way back: 4x4 convolutions that halve the side, LeakyReLU, one last convolution to a score."""
    n, side = levels(image_size)
    widths = [channels] + [width * 2**i for i in range(n)]
    layers = []
    for i, (narrow, wide) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        layers.append(nn.Conv2d(narrow, wide, 4, 2, 1, bias=False))
        if normalise and i:  # not the first: it should see colours as they are
            layers.append(nn.BatchNorm2d(wide))
        layers.append(nn.LeakyReLU(0.2))
    return initialise(Discriminator(n_classes, nn.Sequential(*layers),
                                    lambda outputs: nn.Conv2d(widths[-1], outputs, side, bias=False)))


def upsample_generator(image_size, channels, latent_dim, width, n_classes):
    """yousaf2025: dense to 7x7x128, 3x3 convolutions to 256 and 512 filters, each after a doubling.

    Where the two doublings stand is not printed; the parameters, which are, do not depend on it.
    """
    side = image_size // 4

    def layers(inputs):
        made = [nn.Linear(inputs, 2 * width * side**2), nn.BatchNorm1d(2 * width * side**2), nn.ReLU(),
                nn.Unflatten(1, (2 * width, side, side))]
        for narrow in (2 * width, 4 * width):
            made += [nn.Upsample(scale_factor=2), nn.Conv2d(narrow, 2 * narrow, 3, padding=1),
                     nn.BatchNorm2d(2 * narrow), nn.ReLU()]
        return nn.Sequential(*made, nn.Conv2d(8 * width, channels, 3, padding=1), nn.Tanh())

    return Generator(latent_dim, n_classes, layers)


def upsample_discriminator(image_size, channels, width, n_classes, normalise=True):
    """Four layers, as yousaf2025 says; their sizes are assumed: 64, 128 and 256 filters, a dense score."""
    widths = (channels, width, 2 * width, 4 * width)
    layers = []
    for i, (narrow, wide) in enumerate(zip(widths[:-1], widths[1:], strict=True)):
        layers += [nn.Conv2d(narrow, wide, 3, 2 if i < 2 else 1, padding=1), nn.LeakyReLU(0.2)]
    return Discriminator(n_classes, nn.Sequential(*layers), lambda outputs: nn.Sequential(
        nn.Flatten(), nn.Linear(widths[-1] * (image_size // 4)**2, outputs)))


NETWORKS = {
    "dcgan": (dcgan_generator, dcgan_discriminator),
    "upsample": (upsample_generator, upsample_discriminator),
}
