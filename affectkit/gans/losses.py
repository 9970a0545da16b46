"""The adversarial losses, their gradient penalties, and DiffAugment: functions on tensors."""

import torch
from torch.nn import functional as F

LOSSES = ("bce", "hinge", "wgan-gp", "r3")
AUGMENTATIONS = ("brightness", "contrast", "translation", "cutout")


def discriminator_loss(name, real, fake, smoothing=0.0):
    """What the discriminator minimises.

    Parameters
    ----------
    name : {"bce", "hinge", "wgan-gp", "r3"}
        Cross-entropy (Goodfellow et al. 2014), hinge (Lim and Ye 2017), Wasserstein distance (Gulrajani et
        al. 2017), or the relativistic pairing loss of R3GAN (Huang et al. 2024): is this real sample more
        real than that generated one? The penalties of the last two stand apart (`gradient_penalty`).
    real, fake : torch.Tensor of shape (n,)
        Scores of real and of generated samples, before any sigmoid.
    smoothing : float
        "bce" only: real samples have the target ``1 - smoothing`` (Salimans et al. 2016, one-sided).

    Returns
    -------
    torch.Tensor
        A scalar.
    """
    if name == "bce":
        target = torch.full_like(real, 1 - smoothing)
        return F.binary_cross_entropy_with_logits(real, target) + F.softplus(fake).mean()
    if name == "hinge":
        return F.relu(1 - real).mean() + F.relu(1 + fake).mean()
    if name == "wgan-gp":
        return fake.mean() - real.mean()
    return F.softplus(fake - real).mean()


def generator_loss(name, real, fake):
    """What the generator minimises; `real` scores matter to "r3" alone, and may be None elsewhere."""
    if name == "bce":  # the non-saturating form: -log D(G(z))
        return F.softplus(-fake).mean()
    if name == "r3":
        return F.softplus(real - fake).mean()
    return -fake.mean()


def gradient_penalty(name, score, real, fake):
    """Penalty on the discriminator's slope that "wgan-gp" and "r3" belong with, before its weight.

    Parameters
    ----------
    name : {"wgan-gp", "r3"}
        "wgan-gp": squared distance of the slope from 1, halfway between real and generated samples. "r3": R1
        + R2, half the squared slope at the real and at the generated samples (Mescheder et al. 2018).
    score : callable
        Scores samples; one sample's score must depend on that sample alone (no batch normalisation).
    real, fake : torch.Tensor of shape (n, ...)

    Returns
    -------
    torch.Tensor
        A scalar that can be differentiated.
    """
    if name == "wgan-gp":
        share = torch.rand(len(real), *[1] * (real.ndim - 1)).to(real.device)
        slope = _slope(score, torch.lerp(real, fake, share))
        return ((slope.square().sum(1) + 1e-12).sqrt() - 1).square().mean()
    return sum(_slope(score, x).square().sum(1).mean() / 2 for x in (real, fake))


def _slope(score, x):
    x = x.detach().requires_grad_(True)
    (slope,) = torch.autograd.grad(score(x).sum(), x, create_graph=True)
    return slope.flatten(1)


def diffaugment(x, names=AUGMENTATIONS):
    """Change images at random, so that gradients flow through: for both sides of a GAN with few data.

    Because real and generated images are changed alike, the generator does not learn the changes themselves,
    and the discriminator cannot learn a small data set by heart.

    Parameters
    ----------
    x : torch.Tensor
        Images (n, channels, h, w), values -1 to 1.
    names : sequence of {"brightness", "contrast", "translation", "cutout"}
        Brightness moves by up to 0.5 and contrast by a factor of 0.5 to 1.5; shifts by up to an eighth of the
        image, the gap filled with 0 (mid-grey); a square of half the side is blanked.

    Returns
    -------
    torch.Tensor
        Same shape.

    References
    ----------
    Zhao et al. (2020), "Differentiable Augmentation for Data-Efficient GAN Training".
    """
    n, _, h, w = x.shape

    def draw(low, high):  # on the CPU, so that every device sees the same changes
        return torch.empty(n, 1, 1, 1).uniform_(low, high).to(x.device)

    rows, columns = torch.arange(h, device=x.device), torch.arange(w, device=x.device)
    if "brightness" in names:
        x = x + draw(-0.5, 0.5)
    if "contrast" in names:
        mean = x.mean((1, 2, 3), keepdim=True)
        x = (x - mean) * draw(0.5, 1.5) + mean
    if "translation" in names:
        # A shift as a product with 0-1 matrices: unlike an interpolation it can be differentiated twice, as
        # the penalties need.
        down, right = (torch.round(draw(-side / 8, side / 8)).long() for side in (h, w))
        x = (rows[:, None] - rows == down).to(x.dtype) @ x @ (columns - columns[:, None] == right).to(x.dtype)
    if "cutout" in names:
        top, left = draw(-h / 4, 3 * h / 4), draw(-w / 4, 3 * w / 4)
        inside = ((rows[:, None] >= top) & (rows[:, None] < top + h / 2)
                  & (columns >= left) & (columns < left + w / 2))
        x = x * ~inside
    return x
