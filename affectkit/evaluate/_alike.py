"""Pictures that are one photograph: mirrored, lit otherwise, shifted, turned or zoomed a little, blurred."""

import numpy as np
import pandas as pd

COARSE, FINE = 16, 24  # pixels a side: for the search among all, and for the comparison of a few
SMOOTH = 0.7  # standard deviation of the blur [pixels of the thumbnail]: tangents need smooth pictures
WORTH = 0.9  # correlation within the tangent space above which a pair is looked at more closely
NEAREST = 3  # so many candidates are looked at for each picture, and for its mirror image
ALIKE = 0.975  # correlation of aligned pictures: copies are above it, other faces below ...
ALIKE_POSED = 0.99  # ... but where all stand in the same light and place, strangers come close to it
POSED = 0.7  # such are sets in which one pair of twenty, drawn at random, is more alike than this
FLAT = 2.0  # grey levels: a picture that varies less has no shape, and resembles nothing


def near_copies(images, others):
    """Find pictures that are the same photograph as one of others, though changed a little.

    Parameters
    ----------
    images, others : arrays, shape (n, h, w) or (n, h, w, 3)
        Grey or colour, of one scale; sizes may differ.

    Returns
    -------
    pandas.DataFrame, a row for each of `images` that has a copy
        ``row`` of `images`, ``of`` (row of `others`: the most alike), ``likeness`` (correlation of the two,
        aligned, from 0.975 to 1) and ``mirrored``.

    Notes
    -----
    Thumbnails of 16 x 16 are compared first, each picture with its tangents: small shifts, turns and zooms of
    it are sums of five pictures, so that five matrix products compare all pairs. The few most alike are then
    aligned by least squares (an affine map, brightness and contrast) and compared at 24 x 24, without slow
    changes of light. Where random pairs are alike already (one studio, one pose) 0.99 is asked for. Turns by
    up to 10 degrees, shifts by 6 % and zooms by 10 % are found; of pictures that were changed more, as by
    crops and shifts of a fifth, keep a note of where they came from.

    References
    ----------
    Simard, LeCun & Denker (1993), Efficient pattern recognition using a new transformation distance; Lucas &
    Kanade (1981), An iterative image registration technique.
    """
    table = pd.DataFrame(dict(row=np.empty(0, int), of=np.empty(0, int), likeness=0.0, mirrored=False))
    seen, asked = ([_thumbnails(some, side) for side in (COARSE, FINE)] for some in (others, images))
    known, new = (np.flatnonzero(coarse.std(axis=(1, 2)) > FLAT) for coarse, _ in (seen, asked))
    if not len(known) or not len(new):
        return table
    unit = np.ascontiguousarray(_unit(seen[0][known].reshape(len(known), -1)).T)
    found = []
    for part in np.array_split(new, len(new) // 256 + 1):
        for mirrored in (False, True):
            coarse, fine = (x[part, :, ::-1] if mirrored else x[part] for x in asked)
            row, of = _candidates(coarse, unit)
            likeness = _likeness(fine[row], seen[1][known[of]])
            pairs = dict(row=part[row], of=known[of], likeness=likeness, mirrored=mirrored)
            found.append(pd.DataFrame(pairs))
    table = pd.concat([some for some in found if len(some)] or [table])
    table = table.sort_values(["row", "likeness"], ascending=[True, False])
    pairs = np.random.default_rng(0).integers([[len(new)], [len(known)]], size=(2, 500))
    chance = _likeness(asked[1][new[pairs[0]]], seen[1][known[pairs[1]]])
    limit = ALIKE_POSED if np.quantile(chance, 0.95) > POSED else ALIKE
    return table[table["likeness"] >= limit].drop_duplicates("row").reset_index(drop=True)


def _thumbnails(images, side):
    """Means over side x side fields, blurred: float32 (n, side, side)."""
    from scipy.ndimage import gaussian_filter

    parts = []
    for start in range(0, len(images), 2048):  # a whole set in floats would not fit
        x = np.nan_to_num(np.asarray(images[start:start + 2048], dtype=np.float32))
        x = x.mean(axis=3) if x.ndim == 4 else x
        edges = [np.linspace(0, length, side + 1).astype(int)[:-1] for length in x.shape[1:]]
        area = np.outer(*(np.diff(edge, append=n) for edge, n in zip(edges, x.shape[1:], strict=True)))
        x = np.add.reduceat(np.add.reduceat(x, edges[0], axis=1), edges[1], axis=2) / area
        parts.append(gaussian_filter(x, (0, SMOOTH, SMOOTH), mode="nearest").astype(np.float32))
    x = np.concatenate(parts) if parts else np.empty((0, side, side), np.float32)
    return x * 255 if len(x) and x.max() <= 1 else x  # pictures from 0 to 1


def _unit(x):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-3)


def _candidates(images, unit):
    """Pairs of images and columns of `unit` that a small movement might make the same."""
    n, side, _ = images.shape
    down, right = np.gradient(images, axis=(1, 2))
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    moves = np.stack([images, right, down, right * y - down * x, right * x + down * y], axis=1)
    moves = moves.reshape(n, 5, -1)
    moves = np.linalg.qr((moves - moves.mean(axis=2, keepdims=True)).transpose(0, 2, 1))[0]
    explained = np.zeros((n, unit.shape[1]), np.float32)
    for direction in moves.transpose(2, 0, 1).astype(np.float32):
        explained += (np.ascontiguousarray(direction) @ unit) ** 2
    k = min(NEAREST, unit.shape[1])
    best = np.argpartition(explained, -k, axis=1)[:, -k:]
    row, place = np.nonzero(np.take_along_axis(explained, best, axis=1) > WORTH**2)
    return row, best[row, place]


def _likeness(images, others, steps=8):
    """Correlation of pairs, (n, side, side) each, after the second was moved onto the first."""
    from scipy.ndimage import gaussian_filter

    n, side, _ = images.shape
    if not n:
        return np.empty(0)
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    maps = np.tile(np.eye(2, 3), (n, 1, 1))
    for _ in range(steps):  # Gauss-Newton: six numbers of the map, contrast and brightness
        moved, inside = _moved(others, maps)
        down, right = np.gradient(moved, axis=(1, 2))
        slopes = [right * x, right * y, right, down * x, down * y, down, -images, -np.ones_like(moved)]
        slopes = np.stack(slopes, axis=-1).reshape(n, -1, 8) * inside.reshape(n, -1, 1)
        square = slopes.transpose(0, 2, 1) @ slopes
        square += 1e-6 * np.trace(square, axis1=1, axis2=2)[:, None, None] * np.eye(8)  # never singular
        step = np.linalg.solve(square, slopes.transpose(0, 2, 1) @ moved.reshape(n, -1, 1))[:, :6, 0]
        maps -= np.clip(step.reshape(n, 2, 3), [[-0.1, -0.1, -2]], [[0.1, 0.1, 2]])
    moved, inside = _moved(others, maps)
    shape = [z - gaussian_filter(z, (0, side / 8, side / 8), mode="nearest") for z in (images, moved)]
    a, b = ((z * inside).reshape(n, -1) for z in shape)
    norm = np.sqrt((a**2).sum(axis=1) * (b**2).sum(axis=1))
    # A map that has run away compares a corner of the picture, or a blur of one point.
    sane = (np.abs(maps - np.eye(2, 3)) < [[0.35, 0.35, side / 4]]).all(axis=(1, 2))
    return np.where(sane, (a * b).sum(axis=1) / np.maximum(norm, 1e-3), -1)


def _moved(images, maps):
    """Pictures as their affine maps (n, 2, 3) move them, and which pixels come from inside."""
    from scipy.ndimage import map_coordinates

    n, side, _ = images.shape
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    x, y = (maps @ np.stack([x.ravel(), y.ravel(), np.ones(side**2)]) + (side - 1) / 2).transpose(1, 0, 2)
    picture = np.broadcast_to(np.arange(n)[:, None], x.shape)
    moved = map_coordinates(images, [picture, y, x], order=1, mode="nearest")
    inside = (np.minimum(x, y) >= 0) & (np.maximum(x, y) <= side - 1)
    return moved.reshape(images.shape), inside.reshape(images.shape)
