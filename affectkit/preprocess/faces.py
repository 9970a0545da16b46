"""Faces: find, crop, resize, scale to 0-1, standardise. Arrays in, arrays out; nothing is learned from the
data.

Images are ``uint8`` arrays of shape ``(n, h, w)`` (grey) or ``(n, h, w, 3)`` (colour), as
`affectkit.datasets` gives them. Every function treats each image by itself, so none can leak from a test
image into a training image.
"""

import functools
from pathlib import Path

import numpy as np

__all__ = ["crop", "find_face", "resize", "normalise", "standardise"]


def _images(images):
    """Return `images` as an array of shape (n, h, w) or (n, h, w, 3), or say what is wrong with it."""
    images = np.asarray(images)
    if images.ndim not in (3, 4) or (images.ndim == 4 and images.shape[-1] not in (1, 3)):
        raise ValueError(f"images must have shape (n, h, w) or (n, h, w, 3), not {images.shape}.")
    if np.issubdtype(images.dtype, np.floating) and not np.isfinite(images).all():
        raise ValueError("images holds NaN or infinite pixels; drop those images first.")
    return images


def resize(images, size):
    """Resize every image to `size` pixels, smoothing when it shrinks (no aliasing).

    Parameters
    ----------
    images : uint8 array, shape (n, h, w) or (n, h, w, 3)
    size : int or (int, int)
        Side of the result, or its height and width, in pixels.

    Returns
    -------
    uint8 array, shape (n, height, width) or (n, height, width, 3)
    """
    from PIL import Image

    images = _images(images)
    if images.dtype != np.uint8:
        raise ValueError(f"images must be uint8 pixels, not {images.dtype}; resize before scaling.")
    sides = np.ravel(size).tolist()
    if len(sides) not in (1, 2) or any(int(side) != side or side < 1 for side in sides):
        raise ValueError(f"size must be a positive whole number of pixels, or two of them, not {size!r}.")
    height, width = int(sides[0]), int(sides[-1])
    if images.shape[1:3] == (height, width):
        return images.copy()
    resized = np.empty((len(images), height, width, *images.shape[3:]), dtype=np.uint8)
    for i, image in enumerate(images):
        small = Image.fromarray(image.squeeze(-1) if image.shape[2:] == (1,) else image)
        resized[i] = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR)).reshape(
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


#: Where OpenCV's cascades lie below its own folder (pip), and below the environment's (conda).
_CASCADES = ("data", "../../../../share/opencv4/haarcascades")
_LONGEST = 400  # pixels: larger pictures are searched smaller; a face that is worth a crop is still found


@functools.cache
def detectors():
    """OpenCV's cascades for faces from the front and from the side; None where it is not installed.

    Returns
    -------
    tuple of two cv2.CascadeClassifier, or None
    """
    try:
        import cv2
    except ImportError:
        return None
    home = Path(cv2.__file__).parent
    for folder in _CASCADES:
        files = [home / folder / f"haarcascade_{view}.xml" for view in ("frontalface_default", "profileface")]
        if hasattr(cv2, "CascadeClassifier") and all(file.is_file() for file in files):
            return tuple(cv2.CascadeClassifier(str(file)) for file in files)
    return None  # OpenCV 5 has no cascades any more


def find_face(image):
    """Find the largest face by Viola and Jones' cascades: from the front, else from either side.

    Half profiles are often missed by both. A multi-view network (MTCNN) would find them, but its weights do
    not come with any package that the kit uses, so it is not here.

    Parameters
    ----------
    image : uint8 array, shape (h, w) or (h, w, 3)

    Returns
    -------
    (int, int, int) or None
        Top, left and side of its square [pixels]; None where no face is found.

    Raises
    ------
    ImportError
        OpenCV (below 5) is not installed.

    References
    ----------
    Viola and Jones (2001), Rapid object detection using a boosted cascade of simple features. CVPR.
    """
    if detectors() is None:
        raise ImportError("finding faces needs OpenCV below 5: pip install 'affectkit[crop]'")
    (image,) = _images(np.asarray(image)[None])
    if image.dtype != np.uint8:
        raise ValueError(f"image must be uint8 pixels, not {image.dtype}; find faces before scaling.")
    grey = image if image.ndim == 2 else (image @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
    scale = max(max(grey.shape) / _LONGEST, 1)
    if scale > 1:
        (grey,) = resize(grey[None], [max(round(side / scale), 1) for side in grey.shape])
    least = max(min(grey.shape) // 5, 20)
    front, side = detectors()
    for cascade, flipped in ((front, False), (side, False), (side, True)):  # the side's knows one side only
        seen = np.ascontiguousarray(grey[:, ::-1]) if flipped else grey
        found = cascade.detectMultiScale(seen, scaleFactor=1.1, minNeighbors=4, minSize=(least, least))
        if len(found):
            x, y, width, _ = max(found.tolist(), key=lambda box: (box[2], box))
            x = grey.shape[1] - x - width if flipped else x
            return round(y * scale), round(x * scale), round(width * scale)
    return None


def crop(image, *, margin=0.2):
    """Cut out the face, or the central square where none is found or OpenCV is not installed.

    Parameters
    ----------
    image : uint8 array, shape (h, w) or (h, w, 3)
    margin : float, default=0.2
        How much wider than the detector's square the cut is: the square ends at brows and mouth corners.

    Returns
    -------
    square : uint8 array, shape (side, side) or (side, side, 3)
    found : bool
        Whether it is a face that was found.
    """
    image = np.asarray(image)
    if margin < 0:
        raise ValueError(f"margin must be at least 0, not {margin!r}.")
    height, width = image.shape[:2]
    face = find_face(image) if detectors() is not None else None
    top, left, side = face or ((height - min(height, width)) // 2, (width - min(height, width)) // 2, 0)
    wide = min(round(side * (1 + margin)) or height, height, width)
    top, left = (
        min(max(start - (wide - side) // 2, 0), end - wide) if face else start
        for start, end in ((top, height), (left, width))
    )
    return image[top : top + wide, left : left + wide], face is not None
