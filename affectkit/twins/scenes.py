"""Simulated landscapes in colour: mountains, beaches, forests, lakes, deserts, nights, meadows and rivers.

A landscape is a height field seen in perspective: rows of heights from near to far are projected, the
highest so far hides what lies behind (the "voxel space" of the game Comanche, 1992), and every visible point
is lit by the sun, takes the shadow of the ridge beside it, and fades into the colour of the horizon. Water
mirrors what stands above it; trees, flowers, stars and clouds are painted on. Nothing is taken from any
photograph.

Lengths are in camera heights, picture coordinates in 0-1 (right, down), colours RGB in 0-1.
"""

import functools
from numbers import Integral

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter
from tqdm.auto import tqdm

from .. import speed

TILE = 512  # side of the noise that all pictures are cut from; a power of two
SPRITE = 192  # side of a painted tree
NEAR, FAR, FOCUS = 0.8, 90.0, 1.1

KINDS = "mountains", "beach", "forest", "lake", "desert", "night sky", "meadow", "river"

# Times of day: zenith, middle and horizon of the sky, light of the sun, light of the sky, the sun's height
TIMES = {
    "noon": ("#2f6fc4", "#7fb2e6", "#d3e6f2", "#fff4dc", "#8fb0d6", 0.9),
    "morning": ("#5b8fd0", "#a9c9ea", "#fbe6cf", "#ffe2b0", "#9db4d4", 0.45),
    "golden": ("#4f7fb8", "#c9c3c0", "#ffd08a", "#ffc469", "#9a9bb5", 0.28),
    "sunset": ("#3b3f7c", "#b5658a", "#ff9a5c", "#ff8f4f", "#8d77a0", 0.16),
    "dusk": ("#1c2550", "#5b4b8a", "#e58a86", "#d98a8a", "#66659c", 0.12),
    "overcast": ("#8d9caa", "#b3bec6", "#d9dedd", "#d8d8d0", "#a9b4bd", 0.7),
    "night": ("#050a1e", "#0d1b3e", "#25416b", "#5a78b0", "#1d2c50", 0.5),
}


def make(n, *, kinds=None, size=64, random_state=0, first=0):
    """Draw landscapes.

    Parameters
    ----------
    n : int
        How many pictures.
    kinds : sequence of str, optional
        What they show, in turn: some of ``KINDS``, by default all.
    size : int, default=64
        Height and width in pixels. A picture shows the same landscape in every size.
    random_state : int or sequence of int, default=0
        Same number, same bytes; picture i is the same however many are asked for.
    first : int, default=0
        Number of the first picture: a long series can be drawn in parts.

    Returns
    -------
    images : ndarray of uint8, shape (n, size, size, 3)
    kind : ndarray of int64, shape (n,)
        Index into ``kinds``.

    Raises
    ------
    ValueError
        For a negative n or first, an unknown kind, none, size < 1, or more than the free memory holds.
    """
    kinds = KINDS if kinds is None else (kinds,) if isinstance(kinds, str) else tuple(kinds)
    for name, value, least in (("n", n, 0), ("first", first, 0), ("size", size, 1)):
        if not isinstance(value, Integral) or value < least:
            raise ValueError(f"{name}={value!r} must be a whole number of at least {least}")
    if not kinds or set(kinds) - set(KINDS):
        raise ValueError(f"kinds={kinds!r} must name some of {', '.join(KINDS)}")
    need = (3 * n + 470) * int(size) ** 2  # 470: while one is drawn
    speed.check_memory(need, f"n={n} landscapes of size={size}", "ask for a smaller size, or for fewer")
    number = first + np.arange(n)
    kind = number % len(kinds)
    images = np.empty((len(number), size, size, 3), np.uint8)
    for i, k in enumerate(tqdm(number, desc="drawing scenes", leave=False, disable=n < 1000)):
        scene = _Scene(max(3 * size // 2, 72), np.random.default_rng([*np.ravel(random_state), k]))
        _PAINTERS[KINDS.index(kinds[kind[i]])](scene)
        images[i] = scene.finish(size)
    return images, kind


# ------------------------------------------------------------------------------------------- noise and colour


@functools.cache
def _tile(ridged):
    """Periodic fractal noise of unit variance, flat: smooth hills, or sharp ridges between round valleys."""
    rng = np.random.default_rng(7 + ridged)
    total, weight = np.zeros((TILE, TILE), np.float32), 1.0
    for octave in range(2, 8):
        grain = rng.standard_normal((TILE, TILE), dtype=np.float32)
        wave = gaussian_filter(grain, TILE / 2**octave / 5, mode="wrap")
        wave /= wave.std()
        if ridged:
            wave = (1 - np.minimum(np.abs(wave), 1.6) / 1.6) ** 2
        total += 0.5 ** (octave - 2) * wave * weight
        weight = np.clip(1.6 * wave, 0.15, 1) if ridged else 1.0  # valleys stay smooth
    # the first row and column again at the end, so that the last have neighbours
    return np.pad((total - total.mean()) / total.std(), (0, 1), mode="wrap").ravel()


def _noise(x, y, at, ridged=False):
    """Noise at any points; one unit is an eighth of the tile, ``at`` says where in it to begin."""
    tile = _tile(ridged)
    x, y = (x + at[0]) * np.float32(TILE / 8), (y + at[1]) * np.float32(TILE / 8)
    column, row = np.floor(x), np.floor(y)
    right, down = x - column, y - row
    k = (row.astype(np.int32) & TILE - 1) * (TILE + 1) + (column.astype(np.int32) & TILE - 1)
    upper, lower = (tile[k] + right * (tile[k + 1] - tile[k]) for k in (k, k + TILE + 1))
    return upper + down * (lower - upper)


@functools.cache
def _sprites(leafy):
    """Eight trees (8, 2, side, side): how much of each pixel is tree, and how light; lit from the right."""
    axis = (np.arange(SPRITE, dtype=np.float32) + 0.5) / SPRITE
    u, v, trees = 2 * axis[None] - 1, 1 - axis[:, None], []  # v runs from 0 at the foot to 1
    for k in range(8):
        rough = 0.8 * _noise(u * 0.8 + k * 1.7, v * 1.4, (k, 0)) + 0.5 * _noise(u * 5, v * 9, (k, 3))
        if leafy:
            crown = _step(0.85 - u**2 - ((v - 0.6) / 0.42) ** 2 + 0.22 * rough, -0.05, 0.1)
            stem = (np.abs(u) < 0.06) & (v < 0.5)
        else:
            bough = np.clip(1 - v, 0, 1) * (0.62 + 0.38 * (1 - (v * 8.5 + 0.13 * k) % 1)) + 0.07 * rough
            crown = _step(bough - np.abs(u), -0.02, 0.04) * (v > 0.03)
            stem = (np.abs(u) < 0.1) & (v < 0.2)
        trees.append([np.maximum(crown, stem), 0.55 + 0.5 * np.clip(0.5 + 0.5 * u + 0.18 * rough, 0, 1)])
    return np.array(trees, np.float32)


def _rgb(colour):
    """A colour written as "#rrggbb", or colours as they are."""
    if not isinstance(colour, str):
        return colour
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], np.float32) / 255


def _mix(a, b, share):
    """From colours a to colours b; ``share`` lacks the colour axis."""
    a = _rgb(a)
    return a + np.asarray(share, np.float32)[..., None] * (_rgb(b) - a)


def _step(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


# ------------------------------------------------------------------------------------------------------ scene


class _Scene:
    """A picture in the making: sky first, land in front of it, then what stands on the land."""

    def __init__(self, side, rng):
        self.side, self.rng, self.between = side, rng, rng.uniform
        axis = (np.arange(side, dtype=np.float32) + 0.5) / side
        self.u, self.v = axis[None, :], axis[:, None]
        self.at = rng.uniform(0, 8, (6, 2)).astype(np.float32)  # where each use of noise begins

    def pick(self, words):
        return str(self.rng.choice(words.split()))

    def noise(self, x, y, use, ridged=False):
        return _noise(x, y, self.at[use], ridged)

    def cover(self, colour, share):
        self.picture = _mix(self.picture, colour, share)

    def finish(self, size):
        picture = np.clip(self.picture, 0, 1)
        picture += 0.48 * picture * (1 - picture) * (2 * picture - 1)  # a little contrast
        whole = Image.fromarray((picture * 255 + 0.5).astype(np.uint8))
        # not BOX, which takes a pixel whole or not at all: at 3 to 2 that is rough
        return np.asarray(whole.resize((size, size), Image.Resampling.HAMMING))

    def sky(self, times, horizon, *, clouds=None, sun=None):
        """Gradient, sun and clouds; ``sun`` is its place across the picture, outside 0-1 it is not seen."""
        self.time, self.horizon = self.pick(times), self.between(*horizon)
        *colours, self.height = TIMES[self.time]
        zenith, middle, self.low, self.light, self.shade = map(_rgb, colours)
        self.sun = self.between(-0.5, 1.5) if sun is None else sun
        self.sun_v = self.horizon * (1 - 0.75 * self.height)
        up = np.clip((self.horizon - self.v) / self.horizon, 0, 1)
        column = _mix(_mix(self.low, middle, _step(up, 0, 0.45)), zenith, _step(up, 0.25, 1.1))
        self.picture = np.repeat(column, self.side, 1)
        away = np.hypot(self.u - self.sun, self.v - self.sun_v)
        if self.time not in ("night", "overcast"):
            self.cover(self.light, 0.75 * np.exp(-away / 0.16) + 0.2 * np.exp(-away / 0.5))
            self.cover("#fff7e0", _step(-away, -0.045, -0.03))
        amount = float(self.pick("0.15 0.35 0.55")) if clouds is None else clouds
        if amount:
            far = 0.55 / (up + 0.16)
            across, toward = (self.u - 0.5) * far * 0.7, 0.05 * np.sign(self.sun - self.u + 1e-3)
            n = self.noise(across, far, 0)
            lit = np.clip(0.55 + 0.5 * (n - self.noise(across + toward, far + 0.05, 0)), 0, 1)
            cloud = _mix(_mix(self.shade, self.low, 0.35), _mix(self.light, "#ffffff", 0.35), lit)
            thick = _step(n + 2.4 * amount, 1.35, 2.3)
            self.cover(cloud, 0.88 * thick * _step(up, 0.02, 0.2))

    def land(self, height, colour, *, haze=40.0, water=False, shadows=True, depth=1.5):
        """Draw a height field; ``height(x, z)`` and ``colour(x, z, h, up)`` are functions of the plane.

        With ``water`` it stands wherever the height is below zero.
        """
        z = np.geomspace(NEAR, FAR, int(depth * self.side), dtype=np.float32)[:, None]
        x = (self.u - 0.5) / FOCUS * z
        ground = height(x, z)
        h = np.maximum(ground, 0) if water else ground
        across = np.gradient(h, axis=1) / (z / FOCUS / self.side)
        along = np.gradient(h, axis=0) / np.gradient(z, axis=0) - across * (self.u - 0.5) / FOCUS
        up = 1 / np.sqrt(1 + across**2 + along**2)
        side, rise = 1.4 * (self.sun - 0.5), 0.25 + self.height
        toward = np.float32([side, rise, 0.45 if 0 < self.sun < 1 else -0.5])
        toward /= np.linalg.norm(toward)
        sunny = np.clip((toward[1] - across * toward[0] - along * toward[2]) * up, 0, 1)
        if shadows:  # a ridge beside, towards the sun, hides it
            way = slice(None, None, 1 if side < 0 else -1)
            line = (h + rise / max(abs(side), 0.4) * np.abs(x - x[:, way][:, :1]))[:, way]
            sunny *= 1 - 0.8 * _step((np.maximum.accumulate(line, 1) - line)[:, way], 0.0, 0.02 * z + 0.05)
        light = _mix(self.shade * (0.55 + 0.35 * up[..., None]), self.light * 1.45, 0.92 * sunny)
        glow = np.exp(-np.abs(self.u - self.sun) / 0.3) * (self.height < 0.5 and self.time != "night")
        air = _mix(self.low * 0.94, self.light, 0.5 * glow)
        paint = _mix(colour(x, z, ground, up) * light, air, 1 - np.exp(-np.maximum(z - 1.5, 0) / haze))
        # from near to far, the highest row so far hides the rest: count the steps that end below each pixel
        row = np.minimum.accumulate(self.horizon + FOCUS * (1 - h) / z, 0) * self.side
        cell = np.clip(np.ceil(row - 0.5), 0, self.side).astype(np.int64) * self.side + np.arange(self.side)
        seen = np.bincount(cell.ravel(), minlength=(self.side + 1) * self.side).reshape(-1, self.side)
        index = len(z) - np.cumsum(seen, 0)[: self.side]
        there = index < len(z)
        where = index[there], np.nonzero(there)[1]
        self.picture[there] = paint[where]
        self.water = np.zeros_like(there)
        self.water[there] = water & (ground[where] < 0)

    def reflect(self, colour, *, ripple=0.02, calm=0.5):
        """Turn the water into a mirror of all that stands above the horizon."""
        rows, columns = np.nonzero(self.water)
        across = columns / np.float32(self.side)
        below = (rows + 0.5) / np.float32(self.side) - self.horizon
        far = 0.25 / np.maximum(below, 0.01)
        wave = self.noise((across - 0.5) * far * 2.2, far * 7, 1)
        wavelet = self.noise((across - 0.5) * far * 9, far * 26, 2)
        shift = ripple * (wave + 0.6 * wavelet) * np.clip(below * 4, 0.1, 1)
        last = self.side - 1
        source = np.clip((self.horizon - below - np.abs(shift)) * self.side, 0, last).astype(int)
        aside = np.clip(columns + shift * 0.3 * self.side, 0, last).astype(int)
        tone = _rgb(colour) * (0.35 * self.light + 0.65 * self.shade + 0.1)
        paint = _mix(tone, self.picture[source, aside] * 0.93, np.clip(calm + 0.35 - 1.3 * below, 0.25, 0.95))
        if self.time not in ("overcast", "noon"):  # the sun's road on the water
            road = np.exp(-(((across - self.sun) / (0.04 + 0.35 * below)) ** 2))
            road *= 0.75 * _step(wavelet + wave, 0.1, 1.6)
            paint = _mix(paint, np.minimum(self.light * 1.25, 1), road)
        self.picture[rows, columns] = paint

    def trees(self, base, tall, count, colour, *, leafy=False):
        """A row of trees that stand on ``base(u)`` (picture coordinates), about ``tall`` high."""
        bank = _sprites(leafy)[..., :: 1 if self.sun > 0.5 else -1]  # lit from the sun's side
        lit = _rgb(colour) * (0.25 + 0.6 * self.light + 0.3 * self.shade)
        middle, tall = self.between(-0.05, 1.05, count), tall * self.between(0.55, 1.25, count)
        half = tall * (self.between(0.35, 0.5, count) if leafy else self.between(0.16, 0.24, count))
        which, foot = self.rng.integers(0, len(bank), count), base(middle) + 0 * middle
        box = np.stack([foot - tall, foot, middle - half, middle + half], axis=1) * self.side
        for k in np.argsort(foot):  # the nearest last
            top, bottom, left, right = box[k].astype(int)
            rows = np.arange(max(top, 0), min(bottom + 1, self.side))
            columns = np.arange(max(left, 0), min(right + 1, self.side))
            if rows.size and columns.size:
                down = (rows - top) * SPRITE // (bottom + 1 - top)
                mask, side = bank[which[k]][:, down[:, None], (columns - left) * SPRITE // (right + 1 - left)]
                part = self.picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
                part += mask[..., None] * (side[..., None] * lit - part)

    def dots(self, u, v, radius, colours):
        """Small discs, in the order given; radius in picture widths."""
        grain = np.round(radius * self.side).astype(int)
        for r in np.unique(grain):
            mine = np.flatnonzero(grain == r)
            dy, dx = np.mgrid[-r : r + 1, -r : r + 1]
            dy, dx = np.nonzero(dx**2 + dy**2 <= (r + 0.3) ** 2)
            y, x = ((w[mine] * self.side).astype(int)[:, None] + d - r for w, d in ((v, dy), (u, dx)))
            tone = colours[mine][:, None] * (1.08 - 0.28 * dy / (2 * r + 1))[:, None]
            inside = (y >= 0) & (y < self.side) & (x >= 0) & (x < self.side)
            self.picture[y[inside], x[inside]] = tone[inside]


# --------------------------------------------------------------------------------------------------- painters

DAY = "noon morning golden sunset dusk"


def _alps(s, start, peak, *, grass="#5d7a3a", snow=3.5, bed=None, **options):
    """Land that grows into peaks: grass and woods, rock where it is steep or high, snow on top.

    ``bed(x, z)`` are heights to add, with water below zero.
    """
    wide, sharp = s.between(0.03, 0.075), s.between(0.22, 0.36)
    rock, grass, wood = map(_rgb, (s.pick("#6d6660 #75675c #5d636c"), grass, "#2c4128"))

    def height(x, z):
        peaks = np.clip(0.42 + sharp * s.noise(x * wide, z * wide, 4, ridged=True), 0, None)
        rough = 0.10 * s.noise(x * 0.5, z * 0.5, 5) * np.minimum(z / 6, 1)
        far = _step(z, start, start * 3.2) * peak * np.minimum(z / 22, 1.5)
        return far * peaks + rough + (bed(x, z) if bed else 0)

    def colour(x, z, h, up):
        patch = s.noise(x * 0.9, z * 0.9, 3)
        blade = 1 + 0.1 * s.noise(x * 8, z * 3, 2) * np.exp(-z / 9)
        tone = _mix(grass * blade[..., None], wood, _step(patch + 0.5 * h, 0.3, 1.2))
        tone = _mix(tone, rock, _step(h + 0.5 * patch + 2.0 * (1 - up), 1.5, 2.8))
        return _mix(tone, "#f2f7ff", _step(h + 0.5 * patch - 1.5 * (1 - up), snow, snow + 0.8))

    s.land(height, colour, water=bed is not None, **options)


def _basin(x, z):
    """The bed of a lake."""
    return 0.8 * _step(z, 8, 14) - 0.8


def _mountains(s):
    s.sky(DAY, (0.5, 0.62))
    grass = s.pick("#5d7a3a #6f8a3e #8a8a45 #4f7040")
    _alps(s, 7, s.between(5, 8.5), grass=grass, haze=s.between(35, 60))
    if s.rng.random() < 0.6:
        tall, count = s.between(0.16, 0.3), s.rng.integers(6, 14)
        s.trees(lambda u: 1.04 - 0.1 * np.sin(3 * u + 1), tall, count, "#24402c")


def _lake(s):
    s.sky(f"{DAY} overcast", (0.44, 0.54))
    _alps(s, 9, s.between(6, 8.5), bed=_basin)
    s.trees(lambda u: s.horizon + 0.075, 0.07, 45, _mix("#2a4a30", s.low, 0.15))
    s.reflect("#1d5566", ripple=s.between(0.004, 0.03), calm=s.between(0.45, 0.65))
    if s.rng.random() < 0.5:
        left = s.rng.random() < 0.5
        s.trees(lambda u: 1.05 + 0.5 * (u if left else 1 - u), 0.55, 9, "#1f3524")


def _river(s):
    s.sky(f"{DAY} overcast", (0.36, 0.46))
    phase, bend, peak, autumn = s.between(0, 6), s.between(0.5, 1.1), s.between(5, 8), s.rng.random() < 0.35

    def bed(x, z):  # it winds away between its banks
        middle = 0.7 * bend * np.minimum(z, 14) ** 0.8 * np.sin(0.55 * np.minimum(z, 16) + phase)
        bank = np.abs(x - middle) - 0.55 - 0.05 * z + 0.25 * s.noise(x * 0.6, z * 0.6, 2)
        rise = 0.5 * _step(bank, 0.6, 5) * (1 + 0.5 * s.noise(x * 0.2, z * 0.2, 3))
        return np.maximum(np.clip(0.3 * bank, -0.3, 0.12) + rise, np.where(z < 24, -1, 0.05))

    _alps(s, 8, peak, grass="#a5843a" if autumn else "#5f8a3c", snow=4.0, bed=bed)
    s.reflect("#2f6f75")
    for tone in ("#b8702c", "#c99a3a") if autumn else ("#2a4a2c", "#355a33"):
        clearing = 0.9 if s.rng.random() < 0.5 else 0.1
        s.trees(lambda u, c=clearing: 0.86 + 0.42 * np.abs(u - c), 0.28, 11, tone, leafy=autumn)


def _beach(s):
    s.sky(DAY, (0.36, 0.46))
    hand, slant = s.rng.choice([-1.0, 1.0]).item(), s.between(0.5, 1.1)

    def height(x, z):  # the shore runs away to one side, with hills far off
        shore = hand * x * slant - z * 0.42 + 1.1 + 0.25 * s.noise(z * 0.1, 0 * z, 4)
        hills = np.clip(0.6 + 0.35 * s.noise(x * 0.05, z * 0.05, 5), 0, None)
        hills = 2.2 * hills * _step(hand * x - 6, 0, 14) * _step(z, 12, 26)
        return np.where(z < 60, np.clip(0.12 * shore, -1, 0.16) + hills, -0.2)

    def colour(x, z, h, up):
        grain = 0.05 * s.noise(x * 6, z * 6, 3) + 0.03 * s.noise(x * 1.3, z * 2.2, 2)
        sand = _mix("#a98d68", _rgb("#ecd9ad") + grain[..., None], _step(h, 0.0, 0.07))
        return _mix(sand, "#3d6b3a", _step(h, 0.2, 0.5))

    s.land(height, colour, water=True, shadows=False)
    s.reflect(s.pick("#1fa0a8 #1583a3 #2aa79b"), ripple=0.03, calm=0.35)
    below = np.maximum(s.v - s.horizon, 0.004)
    z, x = FOCUS / below, (s.u - 0.5) / below
    depth = 0.02 * s.noise(x * 1.2, z * 1.2, 1) - height(x, z)
    broken, bent = s.noise(x * 2.5, z * 2.5, 3), 0.03 * s.noise(x * 0.6, z * 0.3, 2)
    for line, wide in ((0.0, 0.03), (0.12, 0.018), (0.27, 0.014), (0.45, 0.012)):  # foam on the breakers
        foam = _step(-np.abs(depth - line - bent), -wide, -wide * 0.3)
        s.cover(0.5 + 0.5 * s.light, 0.85 * foam * s.water * _step(broken + 1.2 * (line == 0), -0.3, 0.7))
    if s.rng.random() < 0.6:
        _palm(s, hand)


def _palm(s, hand):
    """A palm leaning over the beach from the landward side."""
    foot, crown = 0.5 + hand * s.between(0.3, 0.42), s.between(0.12, 0.25)
    top = foot - hand * s.between(0.1, 0.28)
    t = np.clip((1.02 - s.v) / (1.02 - crown), 0, 1)
    trunk = np.abs(s.u - (foot + (top - foot) * t**1.7)) - 0.014 + 0.007 * t
    shade = 0.25 + 0.375 * s.light
    s.cover(_rgb("#4a3a2a") * shade * 1.6, _step(-trunk, -0.003, 0.002) * (s.v > crown))
    box = np.array([[crown - 0.1, crown + 0.32], [top - 0.3, top + 0.3]]) * s.side
    box = tuple(slice(*side) for side in np.clip(box, 0, s.side).astype(int).tolist())
    u, v = s.u[:, box[1]] - top, s.v[box[0]] - crown
    for angle in np.r_[-0.4:1.2:5j, np.pi - 1.2 : np.pi + 0.4 : 5j] + s.rng.normal(0, 0.08, 10):
        reach, rise, way = s.between(0.2, 0.27), float(np.sin(angle)), float(np.cos(angle))
        along = np.clip(u * np.sign(way) / (reach * abs(way) + 0.02), 0, 1)
        leaf = v + reach * (rise * along * 0.9 - 0.75 * along**2)
        wide = 0.035 * np.sin(np.pi * along) ** 0.6 * (0.75 + 0.25 * np.sin(along * 80))
        mask = 0.95 * ((leaf > -0.3 * wide) & (leaf < wide))
        s.picture[box] = _mix(s.picture[box], _rgb("#2f5a2c") * shade * (1 + 0.5 * rise), mask)


def _forest(s):
    s.sky(f"{DAY} overcast", (0.45, 0.6), clouds=0.2)
    leafy, autumn = s.rng.random() < 0.4, s.rng.random() < 0.7
    tones = "#c8702a #b5482a #d79a35 #8a8a3a #6a7a35" if leafy and autumn else "#2f5a3a #27503c #3a6640"
    mist, grain = _mix(s.low, s.light, 0.25), 1 + 0.08 * s.noise(s.u * 6, s.v * 12, 2)[..., None]
    for near in np.linspace(0, 1, 6).tolist():  # hill behind hill, paler with the distance
        (a, b), wave = s.between(0, 9, 2).tolist(), s.between(3, 8)
        level, fog = s.horizon - 0.12 + 0.62 * near**1.35, 0.88 * (1 - near) ** 0.8

        def base(u, level=level + 0.03 * near + 0.02, wave=wave, a=a, b=b):
            return level + 0.045 * np.sin(wave * u + a) + 0.02 * np.sin(7 * u + b)

        s.cover(_mix(_rgb(tones[:7]) * 0.55, mist, fog) * grain, _step(s.v - base(s.u), -0.02, -0.01))
        for tone in s.rng.permutation(tones.split())[:3]:
            colour, tall = _mix(_rgb(str(tone)) * 0.85, mist, fog), 0.05 + 0.36 * near**1.6
            s.trees(base, tall, int(26 - 17 * near), colour, leafy=leafy)
        veil = _step(s.v, level - 0.02, level + 0.12) * _step(-s.v, -level - 0.3, -level - 0.1)
        s.cover(mist, 0.35 * veil * (1 - near))
    if 0 < s.sun < 1 and s.time != "overcast":  # shafts of light
        x, y = s.u - s.sun, s.v - s.sun_v
        shafts = np.clip(s.noise(np.arctan2(x, y + 0.15) * 2.5, 0, 1), 0, 1.5)
        s.cover(s.light, 0.3 * shafts * np.exp(-np.hypot(x, y) / 0.5))


def _desert(s):
    s.sky(DAY, (0.38, 0.5), clouds=0.12)
    s.height = min(s.height, 0.3)  # a low sun models the dunes
    turn, wide, lofty = s.between(-0.5, 0.5), s.between(0.08, 0.15), s.between(0.9, 1.7)
    cos, sin = float(np.cos(turn)), float(np.sin(turn))

    def height(x, z):  # gentle to windward, steep to lee, crests that wander
        a = (x * cos + z * sin) * wide + 0.45 * s.noise(x * 0.03, z * 0.06, 4)
        b = (z * cos - x * sin) * wide * 0.9 + 0.4 * s.noise(x * 0.04, z * 0.04, 5)
        dune = sum(np.minimum(p % 1 / 0.7, (1 - p % 1) / 0.3) * w for p, w in ((a, 1.0), (b, 0.45)))
        ripple = np.sin((a * 60 + 2 * s.noise(x * 0.5, z * 0.5, 3)) / np.maximum(z / 6, 1))
        rise = (0.25 + 0.75 * _step(z, 1.5, 6)) * (0.6 + np.minimum(z / 20, 1.6))
        return rise * (dune - 0.45) * lofty + 0.004 * ripple

    sand = _rgb(s.pick("#e2a765 #dba05c #e8bd80 #cf8350"))
    s.land(height, lambda x, z, h, up: sand + 0.025 * s.noise(x * 3, z * 3, 1)[..., None], haze=70, depth=2.2)


def _night_sky(s):
    s.sky("night", (0.66, 0.8), clouds=0, sun=s.between(0.1, 0.9))
    show, slope, at = s.pick("galaxy moon aurora"), s.between(-1.2, 1.2), s.between(0.3, 0.7)
    if show == "galaxy":
        off = (s.u - at - slope * (s.v - 0.35)) / float(np.hypot(1, slope))
        dust = s.noise(s.u * 3, s.v * 3, 0)
        rift = np.exp(-(((off + 0.03 * dust) / 0.035) ** 2)) * _step(dust, -0.8, 0.8)
        band = np.exp(-((off / 0.13) ** 2)) * (0.75 + 0.25 * s.noise(s.u * 5, s.v * 5, 1)) * (1 - 0.75 * rift)
        core = np.exp(-((off / 0.05) ** 2)) * (1 - rift)
        s.picture += band[..., None] * _rgb("#574a6b") + core[..., None] * _rgb("#38261a")
    if show == "aurora":
        fold = np.clip(0.45 + 0.35 * s.noise(s.u * 7, 0.12 * s.v, 1), 0.05, 1.2)
        for hue, lift in (("#138f50", 0.0), ("#4d3086", 0.06)):
            above = 0.48 - lift + 0.12 * s.noise(s.u * 0.9, 0 * s.u, 0) - s.v
            curtain = np.exp(-np.clip(above, 0, None) / 0.17) * _step(above, -0.03, 0.02)
            s.picture += (curtain * fold)[..., None] * _rgb(hue)
    _stars(s)
    if show == "moon":
        v, r = s.between(0.14, 0.4), s.between(0.03, 0.06)
        away = np.hypot(s.u - s.sun, s.v - v)
        s.cover("#9db4e0", 0.5 * np.exp(-np.maximum(away - r, 0) / 0.09))
        seas = 0.1 * _step(s.noise(s.u * 9, s.v * 9, 2), 0, 1)[..., None]
        s.cover(_rgb("#f5f1dd") - seas, _step(r - away, -0.004, 0.004))
    lake, peak, s.light = s.rng.random() < 0.5, s.between(3, 5), s.light * 0.8
    _alps(s, 8, peak, snow=2.2, bed=_basin if lake else None, haze=60)
    if lake:
        s.trees(lambda u: s.horizon + 0.05, 0.06, 40, "#0a1420")
        s.reflect("#0b1d33", ripple=0.012, calm=0.7)
    s.trees(lambda u: 1.05 + 0.03 * np.sin(9 * u), s.between(0.2, 0.42), 12, "#060b14")


def _stars(s, n=420):
    """Many faint stars, and a few that shine."""
    u, v, bright = s.rng.random(n), s.rng.random(n) * s.horizon, s.rng.pareto(1.6, n) * 0.22 + 0.12
    tint = 1 + s.rng.normal(0, 1, (n, 1)) * np.float32([0.08, 0.0, -0.1])
    at = (v * s.side).astype(int), (u * s.side).astype(int)
    s.picture[at] += np.clip(bright, 0, 1.4)[:, None] * tint
    k = np.argsort(bright)[-9:]
    across = np.exp(-(((s.u - u[k, None]) / 0.009) ** 2))
    down = np.exp(-(((s.v.T - v[k, None]) / 0.009) ** 2))
    glow = 0.5 * np.minimum(bright[k, None], 1) * tint[k]
    s.picture += np.einsum("kr,kc,kt->rct", down, across, glow, optimize=True).astype(np.float32)


def _meadow(s):
    s.sky("noon noon morning golden sunset", (0.4, 0.55), clouds=float(s.pick("0.25 0.45")))
    far, rows, density = s.between(1.5, 5), s.rng.random() < 0.35, s.between(-0.9, 0.2)
    green, dry = _rgb(s.pick("#6fa03c #7fae45 #5f963f")), _rgb(s.pick("#a8b04a #c9b65a #8fb34a"))
    petals = s.pick("#d8322a,#e8473a,#c9251f #f2c21f,#f7d84a #8d63c9,#a884dc,#7a4fb8 #f4f0e4,#f7d84a,#e87fae")
    petals = np.array([_rgb(petal) for petal in petals.split(",")])

    def height(x, z):
        hills = 0.55 * s.noise(x * 0.04, z * 0.05, 4) * np.minimum(z / 9, 1.6)
        peaks = np.clip(0.5 + 0.4 * s.noise(x * 0.05, z * 0.03, 5, ridged=True), 0, 2)
        return hills * _step(z, 1.5, 6) + far * _step(z, 30, 70) * peaks

    def colour(x, z, h, up):
        blade = 1 + 0.16 * s.noise(x * 9, z * 3, 2) * np.exp(-z / 12)
        tone = _mix(green, dry, _step(s.noise(x * 0.35, z * 0.22, 3), -0.6, 1.4)) * blade[..., None]
        if rows:  # lavender or tulips in rows that meet at the horizon
            stripe = _step(np.cos(x * 5.5), -0.1, 0.6) * _step(-z, -30, -22)
            tone = _mix(tone, petals[0] * blade[..., None], 0.8 * stripe)
        return _mix(tone, "#3f5f52", _step(z, 30, 45))

    s.land(height, colour)
    n = 2600
    z = np.sort(NEAR * 1.1 * np.exp(3 * s.rng.random(n) ** 0.8))[::-1]
    x = s.between(-0.56, 0.56, n) / FOCUS * z
    grows = np.cos(x * 5.5) > 0.1 if rows else s.noise(x * 0.5, z * 0.3, 1) > density
    tone = petals[s.rng.integers(0, len(petals), n)] * s.between(0.8, 1.1, (n, 1))
    tone = tone * (0.3 + 0.45 * s.light + 0.3 * s.shade)
    v = s.horizon + FOCUS * (0.93 - height(x, z)) / z
    radius = 0.013 / z * s.between(0.7, 1.3, n)
    s.dots((0.5 + x * FOCUS / z)[grows], v[grows], radius[grows], tone[grows])
    if s.rng.random() < 0.5:
        s.trees(lambda u: s.horizon + 0.05, s.between(0.1, 0.2), s.rng.integers(1, 5), "#3f6a30", leafy=True)


_PAINTERS = _mountains, _beach, _forest, _lake, _desert, _night_sky, _meadow, _river  # in the order of KINDS
