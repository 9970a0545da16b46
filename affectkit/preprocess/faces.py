"""Faces: resize, scale to 0-1, standardise. Arrays in, arrays out; nothing is learned from the data.

Images are ``uint8`` arrays of shape ``(n, h, w)`` (grey) or ``(n, h, w, 3)`` (colour), as
`affectkit.datasets` gives them. Every function treats each image by itself, so none can leak from a test
image into a training image.
"""

import numpy as np

__all__ = ["resize", "normalise", "standardise"]


def _images(images):
    """Return `images` as an array of shape (n, h, w) or (n, h, w, 3), or say what is wrong with it."""
    images = np.asarray(images)
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[-1] not in (1, 3)):
        raise ValueError(f"images must have shape (n, h, w) or (n, h, w, 3), not {images.shape}.")
    if np.issubdtype(images.dtype, np.floating) and not np.isfinite(images).all():
        raise ValueError("images holds NaN or infinite pixels; drop those images first.")
    return images


def resize(images, size):
    """Resize every image to `size` x `size` pixels, smoothing when it shrinks (no aliasing).

    Parameters
    ----------
    images : uint8 array, shape (n, h, w) or (n, h, w, 3)
    size : int
        Side of the result in pixels.

    Returns
    -------
    uint8 array, shape (n, size, size) or (n, size, size, 3)
    """
    from PIL import Image

    images = _images(images)
    if images.dtype != np.uint8:
        raise ValueError(f"images must be uint8 pixels, not {images.dtype}; resize before scaling.")
    if int(size) != size or size < 1:
        raise ValueError(f"size must be a positive whole number of pixels, not {size!r}.")
    if images.shape[1:3] == (size, size):
        return images.copy()
    resized = np.empty((len(images), size, size, *images.shape[3:]), dtype=np.uint8)
    for i, image in enumerate(images):
        small = Image.fromarray(image.squeeze(-1) if image.shape[2:] == (1,) else image)
        resized[i] = np.asarray(small.resize((size, size), Image.Resampling.BILINEAR)).reshape(
            resized.shape[1:]
        )
    return resized


def normalise(images):
    """Scale ``uint8`` pixels to float32 in 0-1, as hegh2025 does before its network.

    Parameters
    ----------
    images : uint8 array, shape (n, h, w) or (n, h, w, 3)

    Returns
    -------
    float32 array of the same shape, 0 (black) to 1 (white)
    """
    images = _images(images)
    if images.dtype != np.uint8:
        raise ValueError(f"images must be uint8 pixels, not {images.dtype}; they may be scaled already.")
    return images.astype(np.float32) / np.float32(255)


def standardise(images):
    """Give every image mean 0 and standard deviation 1, so that lighting and contrast no longer matter.

    Parameters
    ----------
    images : array, shape (n, h, w) or (n, h, w, 3)

    Returns
    -------
    float32 array of the same shape; a uniform image becomes all zeros
    """
    images = _images(images).astype(np.float32)
    pixels = tuple(range(1, images.ndim))
    images -= images.mean(axis=pixels, keepdims=True)
    # 1 grey level is the smallest spread we enlarge: below it there is only noise.
    spread = images.std(axis=pixels, keepdims=True)
    return images / np.where(spread > 1e-6, spread, 1)
