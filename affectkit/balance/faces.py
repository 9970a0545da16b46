"""Classic augmentation of faces and other pictures: offline by `augment`, on the fly by `Changes`.

Both change whole batches on the device the batch is on. Turns, crops, shifts and perspectives are one map,
interpolated once; light, blur and noise follow. (electronics2022 shuffles the order from image to image.)
"""

import math
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch.nn import functional as F

from affectkit import learn

from ._copies import changed_copies

__all__ = ["PRESETS", "Changes", "augment", "preset"]


@dataclass(frozen=True)
class Changes:
    """Change a batch of pictures at random, each by amounts of its own; by default nothing is changed.

    Draws come from torch's global generator, which `learn.EmotionClassifier.fit` seeds, and are made on the
    CPU, so that every device sees the same changes.

    Parameters
    ----------
    flip : float
        Probability of mirroring left and right.
    rotation : float
        Largest angle, to either side [degrees].
    zoom, shift : float
        Largest change of size, and largest shift in both directions, as shares of the picture.
    stretch : float
        Largest change of width and of height, each by itself, as a share.
    crop : float
        Largest share cut off each side; what is left fills the picture.
    perspective : float
        Largest scale of the corners' movements inwards, as a share of the picture: each moves by a normal
        draw's absolute value times a scale from 0 to this (imgaug's PerspectiveTransform).
    brightness : float
        Largest absolute logarithm of gamma (0.3: gamma 0.74 to 1.35).
    contrast : float
        Largest absolute logarithm of the factor that spreads grey levels around the middle grey.
    hue : float
        Largest turn on the colour circle [degrees]; RGB only.
    saturation : float
        Largest addition to the saturation, which lies between 0 and 1; RGB only.
    blur : float
        Largest standard deviation of a Gaussian blur [pixels].
    noise : float
        Largest standard deviation of Gaussian noise, as a share of white.

    Examples
    --------
    >>> import affectkit as ak
    >>> mild = ak.balance.faces.Changes(flip=0.5, rotation=10, noise=0.02)
    >>> net = ak.learn.classifier("face-cnn", augment=mild, device="cpu")
    """

    flip: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    shift: float = 0.0
    stretch: float = 0.0
    crop: float = 0.0
    perspective: float = 0.0
    brightness: float = 0.0
    contrast: float = 0.0
    hue: float = 0.0
    saturation: float = 0.0
    blur: float = 0.0
    noise: float = 0.0

    def __post_init__(self):
        most = dict(flip=1, zoom=1, stretch=1, crop=0.5, perspective=0.2)  # beyond it nothing would be left
        for field in fields(self):
            value, limit = getattr(self, field.name), most.get(field.name, math.inf)
            if not (0 <= value <= limit and (value < limit or field.name == "flip")):
                end = f" and {'at most' if field.name == 'flip' else 'below'} {limit}" if limit < 9 else ""
                raise ValueError(f"{field.name}={value!r} must be at least 0{end}.")

    def __call__(self, x):
        """Change a batch.

        Parameters
        ----------
        x : torch.Tensor
            Pictures (n, c, h, w), values 0 to 1.

        Returns
        -------
        torch.Tensor
            Same shape, values 0 to 1.
        """
        if (self.hue or self.saturation) and x.shape[1] != 3:
            raise ValueError(f"hue and saturation are for RGB pictures, not for {x.shape[1]} channel(s): set "
                             "both to 0.")
        warp = self._warp(len(x)).to(x.device) if self.stretch or self.crop or self.perspective else None
        x = learn.augment_faces(x, flip=self.flip, rotation=self.rotation, zoom=self.zoom, shift=self.shift,
                                brightness=self.brightness, warp=warp)
        if self.hue or self.saturation:
            x = _recolour(x, _uniform(x, self.hue / 360), _uniform(x, self.saturation))
        if self.contrast:
            x = 0.5 + (x - 0.5) * _uniform(x, self.contrast).exp()
        if self.blur:
            x = _blur(x, _uniform(x, self.blur).abs().flatten(), self.blur)
        if self.noise:
            x = x + _uniform(x, self.noise).abs() * torch.randn(x.shape).to(x.device)
        return x.clamp(0, 1)

    def _warp(self, n):
        """Where stretched, cropped and tilted pictures take their pixels from: (n, 3, 3)."""
        corners = torch.tensor([[-1.0, -1], [1, -1], [1, 1], [-1, 1]]).expand(n, 4, 2)
        inwards = 2 * self.perspective * torch.rand(n, 1, 1) * torch.randn(n, 4, 2).abs()
        tilt = _homography(corners, corners * (1 - inwards))
        before, after = self.crop * torch.rand(2, n, 2)
        scale = (1 - before - after) * (1 + self.stretch * (2 * torch.rand(n, 2) - 1))
        cut = torch.diag_embed(F.pad(scale, (0, 1), value=1.0))
        cut[:, :2, 2] = before - after
        return cut @ tilt


def _uniform(x, limit):
    """A number between -limit and limit for each picture: (n, 1, 1, 1)."""
    return ((torch.rand(len(x), 1, 1, 1) * 2 - 1) * limit).to(x.device)


def _homography(here, there):
    """The projective maps (n, 3, 3) that take four points each (n, 4, 2) to four others."""
    (x, y), (u, v) = here.unbind(-1), there.unbind(-1)
    one, zero = torch.ones_like(x), torch.zeros_like(x)
    rows = torch.cat([torch.stack([x, y, one, zero, zero, zero, -u * x, -u * y], -1),
                      torch.stack([zero, zero, zero, x, y, one, -v * x, -v * y], -1)], 1)
    solved = torch.linalg.solve(rows, torch.cat([u, v], 1))
    return F.pad(solved, (0, 1), value=1.0).reshape(-1, 3, 3)


def _recolour(x, turn, more):
    """Turn hues (a share of the circle) and add to the saturation, through the colour space HSV."""
    value, least = x.amax(1, keepdim=True), x.amin(1, keepdim=True)
    spread = (value - least).clamp_min(1e-6)
    red, green, blue = x.split(1, 1)
    hue = torch.where(value == red, (green - blue) / spread,
                      torch.where(value == green, 2 + (blue - red) / spread, 4 + (red - green) / spread))
    grey = value == least  # it has no hue, so colouring it would invent one
    saturation = torch.where(grey, 0.0, ((value - least) / value.clamp_min(1e-6) + more).clamp(0, 1))
    k = (torch.tensor([5.0, 3.0, 1.0], device=x.device).reshape(1, 3, 1, 1) + hue + 6 * turn) % 6
    return value - value * saturation * torch.minimum(k, 4 - k).clamp(0, 1)


def _blur(x, sigma, most):
    """Blur every picture by a Gaussian of its own, along rows and then along columns."""
    n, channels, height, width = x.shape
    radius = min(math.ceil(3 * most), height - 1, width - 1)  # reflection needs as many pixels
    place = torch.arange(-radius, radius + 1, device=x.device)
    kernel = torch.exp(-(place / sigma[:, None].clamp_min(1e-3)) ** 2 / 2)
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)[:, None]
    x = F.pad(x.reshape(1, n * channels, height, width), (radius,) * 4, mode="reflect")
    x = F.conv2d(x, kernel[:, :, None], groups=n * channels)
    return F.conv2d(x, kernel[..., None], groups=n * channels).reshape(n, channels, height, width)


# "assumed" names what the paper does not print. yousaf2025 has no entry: it balances by a GAN alone.
PRESETS = {
    "hegh2025": dict(
        changes=Changes(flip=0.5, rotation=10, brightness=0.3), copies=1,
        assumed="every amount, and one copy an image: it names flipping, rotation and brightness alone"),
    "electronics2022-faces": dict(
        changes=Changes(crop=0.1, blur=0.5, contrast=0.4, rotation=25, shift=0.2, stretch=0.2, noise=0.05),
        copies=3, assumed="every amount: those of imgaug's documented example, which has the same list; "
                          "noise is seen in Figure 8 only"),
    "electronics2022-landscapes": dict(
        changes=Changes(rotation=270, perspective=0.05, hue=28, saturation=20 / 255), copies=6,
        assumed="imgaug's reading of hue and saturation +-20 (of 255); that each copy has all three changes; "
                "rotation to either side; reflection at the border"),
}


def preset(name):
    """Give a paper's classic augmentation of pictures.

    Parameters
    ----------
    name : {"hegh2025", "electronics2022-faces", "electronics2022-landscapes"}

    Returns
    -------
    Changes
        For `learn.classifier`'s ``augment=``, or for `augment`. What the paper leaves open stands in
        ``PRESETS[name]["assumed"]``, how many copies of an image it makes in ``PRESETS[name]["copies"]``.

    Raises
    ------
    ValueError
        For an unknown name.
    """
    if name not in PRESETS:
        raise ValueError(f"There is no preset named {name!r}; there are: {', '.join(PRESETS)}.")
    return PRESETS[name]["changes"]


def augment(images, changes, *, copies=None, random_state=0, device="cpu", batch_size=256):
    """Make changed copies of pictures, offline.

    Parameters
    ----------
    images : uint8 array of shape (n, h, w) or (n, h, w, 3)
    changes : Changes or str
        What may change, or the name of a preset.
    copies : int, optional
        Copies of each image. By default as many as the preset's paper makes; 1 for changes of your own.
    random_state : int or None
        Same number, same copies, whatever the device.
    device : str or torch.device
        Where to compute.
    batch_size : int
        Pictures changed at a time.

    Returns
    -------
    uint8 array of shape (n * copies, h, w) or (n * copies, h, w, 3)
        The copies of the first image, then those of the second: ``np.repeat(y, copies)`` are their labels.
        The originals are not among them.

    Raises
    ------
    ValueError
        For pictures of a wrong shape or type, copies below 1, or an unknown preset.

    Examples
    --------
    >>> import numpy as np
    >>> landscapes = np.zeros((536, 8, 8, 3), np.uint8)
    >>> len(landscapes) + len(augment(landscapes, "electronics2022-landscapes"))
    3752
    """
    images = np.asarray(images)
    if images.ndim != 3 and (images.ndim != 4 or images.shape[-1] not in (1, 3)):
        raise ValueError(f"images must have the shape (n, h, w) or (n, h, w, 3), not {images.shape}.")
    if images.dtype != np.uint8:
        raise ValueError(f"images must be uint8 pixels, not {images.dtype}; augment before scaling.")
    usual = 1
    if isinstance(changes, str):
        changes, usual = preset(changes), PRESETS[changes]["copies"]

    def change(batch):
        x = torch.from_numpy(batch.reshape(*batch.shape[:3], -1)).to(device)
        x = changes(x.permute(0, 3, 1, 2).float() / 255)
        return (x * 255).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy().reshape(batch.shape)

    return changed_copies(images, change, usual if copies is None else copies, random_state, batch_size)
