"""Simulated faces: action units painted on a small analytic head, grey, a thousand a second.

A head is an ellipsoid turned by yaw and pitch. Brows, eyes, nose, folds and mouth are smooth curves painted
in the coordinates of its surface and moved by action units (Ekman & Friesen's FACS); height bumps answer to
the light. Emotions are mixtures of scenarios (a closed and a yelling anger, a quiet and a crying sadness,
...) after EMFACS and table VI of Alharbawee & Pugeault (2024), and every unit may be weak or missing: the
classes overlap, as they do in real pictures.

Scalars read off FER-2013 Training, and nothing else: mean (129.5) and standard deviation (65) of all pixels,
their spread between and within pictures, and where the eyes (rows 17-18, columns 17 and 32) and the mouth
(row 38) stand on average in its 48x48 frame.
"""

import numpy as np
from tqdm.auto import tqdm

from affectkit.emotions import canonical

ACTION_UNITS = tuple(f"AU{k}" for k in (1, 2, 4, 5, 6, 7, 9, 10, 12, 15, 17, 20, 23, 25, 26, 27, 43))

CHUNK = 32  # faces drawn at once: what fits the processor's cache

# emotion -> scenarios (weight, mean intensity of each unit)
SCENARIOS = {
    "anger": (
        (0.5, dict(AU4=0.95, AU5=0.3, AU7=0.6, AU23=0.8, AU17=0.4)),
        (0.3, dict(AU4=0.95, AU7=0.6, AU9=0.3, AU10=0.5, AU25=0.9, AU26=0.7, AU20=0.2)),
        (0.2, dict(AU4=0.7, AU15=0.4, AU23=0.5, AU7=0.4)),
    ),
    "disgust": (
        (0.5, dict(AU9=0.9, AU4=0.5, AU10=0.6, AU7=0.5, AU17=0.4, AU15=0.3)),
        (0.5, dict(AU9=0.7, AU10=0.9, AU25=0.6, AU4=0.5, AU7=0.5, AU26=0.2)),
    ),
    "fear": (
        (0.4, dict(AU1=0.9, AU2=0.5, AU4=0.5, AU5=0.9, AU20=0.7, AU25=0.8, AU26=0.5)),
        (0.3, dict(AU1=0.9, AU2=0.4, AU4=0.6, AU5=0.8, AU20=0.5, AU25=0.3)),
        (0.3, dict(AU1=0.6, AU4=0.6, AU20=0.9, AU25=0.8, AU10=0.3, AU5=0.4)),
    ),
    "happiness": (
        (0.35, dict(AU12=0.8, AU6=0.5)),
        (0.40, dict(AU12=0.9, AU6=0.7, AU25=0.7)),
        (0.25, dict(AU12=1.0, AU6=0.8, AU25=0.9, AU26=0.6, AU7=0.3)),
    ),
    "sadness": (
        (0.45, dict(AU1=0.8, AU4=0.4, AU15=0.8, AU17=0.4)),
        (0.25, dict(AU1=0.6, AU4=0.7, AU15=0.7, AU20=0.3, AU25=0.5, AU7=0.6, AU17=0.4)),
        (0.30, dict(AU1=0.6, AU15=0.6, AU43=0.7)),
    ),
    "surprise": (
        (0.4, dict(AU1=0.9, AU2=0.9, AU5=0.7, AU25=0.8, AU26=0.8)),
        (0.4, dict(AU1=0.9, AU2=0.9, AU5=0.9, AU25=0.9, AU27=0.8)),
        (0.2, dict(AU1=0.8, AU2=0.8, AU5=0.5, AU25=0.6, AU26=0.3)),
    ),
    "neutral": ((1.0, dict()),),
    "contempt": ((1.0, dict(AU12=0.5, AU23=0.4, AU43=0.1)),),
}

# what makes a person, and what makes a picture: lowest and highest value; most lie in the middle (Beta(2, 2))
TRAITS = dict(
    width=(0.66, 0.84), jaw=(0.0, 0.20), square=(0.0, 0.7), skin=(0.30, 1.0), age=(-0.8, 1.0),
    brow_height=(-0.47, -0.40), brow_thick=(0.01, 0.055), brow_arch=(0.0, 0.09), brow_slope=(-0.03, 0.09),
    eye_gap=(0.285, 0.345), eye_width=(0.13, 0.17), eye_open=(0.05, 0.095), lid=(0.0, 1.0),
    nose=(0.075, 0.125), nose_length=(0.14, 0.27), mouth=(0.23, 0.33), mouth_curve=(-0.03, 0.03),
    lips=(0.03, 0.08), lip_tone=(0.5, 0.95), hair=(-0.15, 0.7), hairline=(-0.98, -0.60), parting=(-0.5, 0.5),
    hair_length=(-0.9, 1.5), beard=(-1.4, 0.9), glasses=(-1.6, 0.6),  # below 0: none
)  # fmt: skip
SCENE = dict(
    yaw=(-0.6, 0.6), pitch=(-0.25, 0.25), roll=(-0.25, 0.25),  # radians; the pose that `make` reports
    scale=(0.92, 1.14), dx=(-0.05, 0.05), dy=(-0.04, 0.10), gaze_x=(-0.06, 0.06), gaze_y=(-0.03, 0.03),
    side=(-0.5, 0.5), light_x=(-1.3, 1.3), light_y=(-1.1, 0.3), light=(0.15, 0.6), back=(-0.2, 1.3),
    back_tilt=(-0.5, 0.5), level=(0.22, 0.80), contrast=(0.13, 0.36), blur=(-0.5, 0.8), noise=(-0.04, 0.025),
)  # fmt: skip
PLAIN = dict.fromkeys(
    ("yaw", "pitch", "roll", "dx", "light_x", "gaze_x", "gaze_y", "side", "blur", "noise"), 0.0
)
PLAIN |= dict(dy=0.03, scale=1.0, light_y=-0.4, light=0.5, level=0.5, contrast=0.22)


def make(counts, *, classes, size=48, random_state=0, label_noise=0.08):
    """Draw a labelled set of faces.

    Parameters
    ----------
    counts : sequence of int
        Pictures of each class.
    classes : sequence of str
        Name of each class, in any published spelling (`affectkit.emotions.canonical`).
    size : int, default=48
        Height and width in pixels.
    random_state : int or sequence of int, default=0
        Same number, same bytes.
    label_noise : float, default=0.08
        Share of the pictures whose label is redrawn, in proportion to `counts`: some keep theirs by chance.

    Returns
    -------
    images : ndarray of uint8, shape (n, size, size)
    target : ndarray of int64, shape (n,)
    extras : dict
        action_units (n, 17) float32 in 0-1, action_unit_names, pose (n, 3) float32 (yaw, pitch, roll in
        radians), identity (n,) int64, and shown (n,) int64: the class that was drawn, before label noise.

    Raises
    ------
    ValueError
        For a negative count, more or fewer counts than classes, an unknown class, size < 1, or label_noise
        outside 0-1.
    """
    counts, classes = np.asarray(counts), list(classes)
    if counts.ndim != 1 or len(counts) != len(classes):
        raise ValueError(f"counts has shape {counts.shape}, not one count for each of {len(classes)} classes")
    if (counts < 0).any() or (counts != counts.astype(int)).any():
        raise ValueError(f"counts={counts.tolist()} must be whole numbers of at least 0")
    if not 0 <= label_noise <= 1:
        raise ValueError(f"label_noise={label_noise!r} must lie between 0 and 1")
    _check_size(size)
    rng = np.random.default_rng(random_state)
    n = int(counts.sum())
    target = rng.permutation(np.repeat(np.arange(len(counts)), counts.astype(int)))
    wrong = rng.random(n) < label_noise
    shown = np.where(wrong, rng.permutation(target), target)
    names = np.array([canonical(name) for name in classes], dtype=object)
    units = _expressions(names[shown] if n else names[:0], rng)
    identity = np.arange(n)  # each picture shows someone else
    traits, scene = _draw(TRAITS, n, rng), _draw(SCENE, n, rng)
    images = _paint(units, traits, scene, size, random_state, identity)
    extras = dict(action_units=units, action_unit_names=list(ACTION_UNITS), pose=scene[:, :3])
    extras |= dict(identity=identity, shown=shown)
    return images, target.astype(np.int64), extras


def render(action_units=None, *, size=48, random_state=0, **look):
    """Draw one face, or several of the same person, with plain light and pose unless told otherwise.

    Parameters
    ----------
    action_units : dict or array, optional
        {"AU12": 0.8, ...}, or intensities in the order of `ACTION_UNITS`, shape (17,) or (n, 17); 0 to 1.
    size : int, default=48
        Height and width in pixels.
    random_state : int, default=0
        Which person.
    **look : float
        Anything of `TRAITS` and `SCENE`, such as yaw [radians], light_x, skin, glasses, blur or noise.

    Returns
    -------
    ndarray of uint8, shape (size, size), or (n, size, size) for a two-dimensional `action_units`

    Raises
    ------
    ValueError
        For an unknown action unit or look, an intensity outside 0-1, a wrong shape, or size < 1.
    """
    _check_size(size)
    if action_units is None or isinstance(action_units, dict):
        _check_names("action_units", action_units or {}, ACTION_UNITS)
        action_units = [(action_units or {}).get(name, 0.0) for name in ACTION_UNITS]
    units = np.atleast_2d(np.asarray(action_units, np.float32))
    if units.ndim != 2 or units.shape[1] != len(ACTION_UNITS):
        raise ValueError(f"action_units has shape {units.shape}; its last axis must hold {len(ACTION_UNITS)}")
    if not ((units >= 0) & (units <= 1)).all():
        raise ValueError(f"action_units must lie between 0 and 1, but has {units.min()} to {units.max()}")
    _check_names("look", look, [*TRAITS, *SCENE])
    rng = np.random.default_rng(random_state)
    traits, scene = _draw(TRAITS, 1, rng), _draw(SCENE, 1, rng)
    for key, value in (PLAIN | look).items():
        table, row = (TRAITS, traits) if key in TRAITS else (SCENE, scene)
        row[0, list(table).index(key)] = value
    n = len(units)
    images = _paint(units, traits.repeat(n, 0), scene.repeat(n, 0), size, random_state, np.zeros(n, int))
    return images if np.ndim(action_units) == 2 else images[0]


def _check_size(size):
    if int(size) != size or size < 1:
        raise ValueError(f"size={size!r} must be a whole number of at least 1")


def _check_names(argument, given, known):
    unknown = sorted(str(name) for name in given if name not in known)
    if unknown:
        raise ValueError(f"{argument} has unknown {', '.join(unknown)}; there are {', '.join(known)}")


def _draw(table, n, rng):
    low, high = np.array(list(table.values()), np.float32).T
    return low + (high - low) * rng.beta(2, 2, (n, len(table))).astype(np.float32)


def _expressions(names, rng):
    """Action units of each picture: a scenario of its emotion, weak or strong, with gaps and strangers."""
    n, k = len(names), len(ACTION_UNITS)
    units = np.zeros((n, k), np.float32)
    pick, strength = rng.random(n), rng.beta(3.5, 1.2, (n, 1))
    for name in set(names):
        scenarios = SCENARIOS[name]
        mean = np.array([[units_.get(u, 0.0) for u in ACTION_UNITS] for _, units_ in scenarios])
        rows = names == name
        units[rows] = mean[np.searchsorted(np.cumsum([w for w, _ in scenarios])[:-1], pick[rows])]
    units *= strength * (rng.random((n, k)) > 0.1) * rng.uniform(0.7, 1.3, (n, k))
    units += (rng.random((n, k)) < 0.12) * rng.beta(1.2, 4, (n, k))  # a little of anything, in anyone
    return np.clip(units, 0, 1)


def _paint(units, traits, scene, size, seed, identity):
    """Draw in chunks; the grain of a picture depends on the seed and its person, never on the chunk."""
    n = len(units)
    images = np.empty((n, size, size), np.uint8)
    for start in tqdm(range(0, n, CHUNK), desc="drawing faces", leave=False, disable=n < 5000):
        part = slice(start, start + CHUNK)
        rngs = [np.random.default_rng([*np.ravel(seed), 7, i]) for i in identity[part]]
        images[part] = _faces(units[part], traits[part], scene[part], size, rngs)
    return images


def _faces(units, traits, scene, size, rngs):
    """Paint one chunk. Lengths are in half pictures: x to the right, y down, both from -1 to 1."""
    column = lambda table, values: dict(zip(table, values.T[..., None, None], strict=True))  # noqa: E731
    au, p, s = column(ACTION_UNITS, units), column(TRAITS, traits), column(SCENE, scene)
    a1, a2, a4, a5, a6, a7, a9, a10, a12, a15, a17, a20, a23, a25, a26, a27, a43 = au.values()
    axis = (np.arange(size, dtype=np.float32) + 0.5) * 2 / size - 1
    edge = np.float32(2 / min(size, 48))  # one pixel; larger pictures are as soft as those of 48x48

    def inside(distance, soft=1.0):  # 1 where distance > 0, with a ramp of about a pixel
        return np.clip(distance * (1 / (edge * soft)) + 0.5, 0, 1)

    def stroke(distance, width):
        return np.clip(1 - np.abs(distance) / width, 0, 1)

    def bump(x, y, sx, sy):
        return np.exp(-0.5 * ((x / sx) ** 2 + (y / sy) ** 2))

    def cover(picture, mask, tone):
        picture += mask * (tone - picture)

    # camera: pixel -> head -> surface of the ellipsoid, turned back by yaw and pitch
    cos, sin = np.cos(s["roll"]), np.sin(s["roll"])
    u0, v0 = axis[None, None, :] / s["scale"] - s["dx"], axis[None, :, None] / s["scale"] - s["dy"]
    u, v = cos * u0 + sin * v0, cos * v0 - sin * u0
    drop = 0.10 * a26 + 0.16 * a27  # the jaw goes down, the crop follows it a little
    u, v = u + 0.6 * p["width"] * np.sin(s["yaw"]), v - 0.6 * np.sin(s["pitch"]) - 0.3 * drop
    v = v - 0.05
    chin = np.clip(v, 0, 1.4)
    h = u / (p["width"] * (1 - p["jaw"] * chin**2))
    k = v / (1.02 + drop * (v > 0))
    rr = h * h + k * k - (k > 0) * p["square"] * (h * k) ** 2  # the jaw is squarer than an ellipse
    z = np.sqrt(np.clip(1 - rr, 0.02, 1))
    depth = 0.8 * z
    x = (h * np.cos(s["yaw"]) - depth * np.sin(s["yaw"])) * p["width"]
    z1 = depth * np.cos(s["yaw"]) + h * np.sin(s["yaw"])
    y = (k * np.cos(s["pitch"]) - z1 * np.sin(s["pitch"])) * 1.02 + 0.05
    x_nose, y_nose = x - 0.12 * np.sin(s["yaw"]), y - 0.1 * np.sin(s["pitch"])  # it stands out
    ax = np.abs(x)
    sign = np.sign(x)
    face = inside((1 - np.sqrt(rr)) * p["width"])

    # light: the ellipsoid's normal, dented by Gaussian bumps
    gx, gy = 0.75 * h, 0.55 * k
    cheek = 0.02 + 0.045 * np.maximum(a6, 0.7 * a12)
    for cx, cy, sx, sy, height, px, py in (
        (0.0, -0.02, p["nose"] * 0.7, 0.20, 0.05, x_nose, y_nose),
        (0.0, p["nose_length"] - 0.04, p["nose"], 0.07, 0.06, x_nose, y_nose),
        (0.40, 0.16 - 0.06 * a6, 0.15, 0.12, cheek, x, y),
        (0.29, -0.27, 0.13, 0.08, -0.035, x, y),
        (0.0, 0.86, 0.14, 0.09, 0.03 + 0.03 * a17, x, y),
    ):
        mirrored = np.abs(px) if cx else px
        b = height * bump(mirrored - cx, py - cy, sx, sy)
        gx += (mirrored - cx) / sx**2 * b * (sign if cx else 1)
        gy += (py - cy) / sy**2 * b
    shade = s["light"] + (1 - s["light"]) * (gx * s["light_x"] + gy * s["light_y"] + 0.3 + 0.75 * z)
    shade = np.clip(shade, 0.1, 1.4)

    # skin, and everything that darkens it
    skin = p["skin"] * np.ones_like(x)
    dark = np.zeros_like(x)
    old = np.clip(p["age"], 0, 1)
    brow_y = p["brow_height"] + 0.05 * a4 - 0.06 * a1 - 0.06 * a2 + 0.03 * a9
    # eye sockets, furrow of the brows, wrinkles of forehead, nose and eyes, folds beside the nose, nostrils
    dark += 0.25 * bump(ax - p["eye_gap"], y + 0.28, 0.15, 0.06) * (1 + 0.6 * a4)
    dark += (0.55 * a4 + 0.12 * old) * bump(ax - 0.045, y - brow_y - 0.03, 0.022, 0.085)
    ripple = 0.5 + 0.5 * np.cos(2 * np.pi * (y - brow_y + 0.5 * x * x) / 0.12)
    dark += (
        (0.35 * np.clip(a1 + a2 - 0.3, 0, 1) + 0.12 * old)
        * ripple
        * bump(ax - 0.1, y - brow_y + 0.22, 0.28, 0.09)
    )
    dark += (
        0.5 * a9 * (0.5 + 0.5 * np.cos(2 * np.pi * y_nose / 0.075)) * bump(x_nose, y_nose + 0.16, 0.075, 0.09)
    )
    crow = 0.5 + 0.5 * np.cos(2 * np.pi * (y + 0.22) / 0.07)
    dark += (0.3 * a6 + 0.08 * old) * crow * bump(ax - p["eye_gap"] - 0.22, y + 0.22, 0.06, 0.09)
    dark += (0.2 * a6 + 0.2 * a7 + 0.12 * old) * bump(ax - p["eye_gap"], y + 0.14 + 0.02 * a6, 0.12, 0.022)
    width = p["mouth"] * (1 + 0.34 * a12 + 0.30 * a20 - 0.30 * a27 - 0.12 * a23 - 0.12 * a26)
    fold_x = 0.13 + (width - 0.05 + 0.02 * a10) * np.clip((y - 0.2) / 0.37, 0, 1.3)
    fold = np.clip(0.6 * a12 + 0.55 * a10 + 0.45 * a9 + 0.35 * old, 0, 1)
    dark += 0.4 * fold * stroke(ax - fold_x, 0.06) * bump(y - 0.31, 0, 0.07, 1)
    wing = y_nose - p["nose_length"] - 0.02 + 0.05 * np.maximum(a9, 0.6 * a10)
    nostril_x = p["nose"] * (1 + 0.25 * a9 + 0.15 * a12)
    dark += 0.75 * bump(np.abs(x_nose) - nostril_x * 0.75, wing, 0.035, 0.022)
    dark += 0.25 * bump(np.abs(x_nose) - nostril_x * 1.5, wing + 0.04, 0.022, 0.05)
    dark += 0.15 * bump(x_nose, wing - 0.04, 0.1, 0.035)

    # mouth: corners, then the inner and outer contours as powers of |x|
    t = np.clip(ax / width, 0, 1.6)
    corner = p["mouth_curve"] - 0.17 * a12 * (1 + s["side"] * np.clip(3 * x, -1, 1)) + 0.13 * a15 + 0.02 * a20
    level = 0.54 + 0.07 * drop - 0.03 * a17 - 0.03 * a10 + 0.04 * a12
    smile = y - level - corner * np.minimum(t, 1.1) ** 2
    square = np.clip(a20 + a10 - a27, 0, 1)
    arch = np.clip(1 - t * t * (1 - square + square * t * t), 0, 1)
    arch += a27 * (np.sqrt(arch) - arch)  # an oval for the dropped jaw, corners for the stretched lips
    gap = 0.03 * a25 + 0.11 * a26 + 0.32 * a27 + 0.09 * a25 * np.clip(a12 + a20 + a10, 0, 1)
    upper = -(gap * (0.35 - 0.25 * a12) + 0.045 * a10) * arch
    lower = gap * (0.65 + 0.25 * a12) * arch
    thick = p["lips"] * (1 - 0.7 * a23) * (1 - 0.35 * a12)
    full = np.sqrt(np.clip(1 - t * t, 0, 1))
    within = inside(width - ax)
    lips = inside(np.minimum(smile - upper + thick * full, lower + 1.3 * thick * full - smile), 1.3) * within
    cover(skin, lips, p["skin"] * p["lip_tone"])
    dark += 0.3 * bump(ax, smile - lower - 1.3 * thick - 0.045, 0.13, 0.03) * (1 + 0.8 * a17)
    dark += (
        (0.7 + 0.2 * a23 - 0.4 * t * t)
        * stroke(smile - 0.5 * (upper + lower), 0.03 + 0.5 * (lower - upper))
        * within
    )
    dark += 0.4 * bump(ax - width, y - level - corner, 0.035, 0.035)
    open_ = inside(np.minimum(smile - upper, lower - smile)) * np.clip(gap / 0.02, 0, 1) * within

    # hair, brows, beard
    rough = _grow([r.standard_normal((6, 20), dtype=np.float32) for r in rngs], size)
    hair = np.maximum(p["hair"], 0.03) * (1 + 0.15 * rough)
    beard = np.maximum(inside(rr - 0.5, 12) * inside(y - 0.3, 6), bump(ax, y - 0.46, 0.2, 0.05))
    cover(skin, np.clip(p["beard"], 0, 1) * beard, np.minimum(hair, 0.6 * p["skin"]))
    inner, outer = 0.10 - 0.03 * a4, 0.50
    t = (ax - inner) / (outer - inner)
    lift = p["brow_slope"] * (t - 0.5) - p["brow_arch"] * 4 * t * (1 - t) * (0.6 + 0.4 * t)
    lift += (-0.11 * a1 + 0.10 * a4 + 0.04 * a9) * np.clip(1 - t, 0, 1.2) - 0.09 * a2 * np.clip(t, 0, 1.2)
    brow = (
        stroke(y - brow_y - lift, (p["brow_thick"] + 0.03) * np.clip(1.15 - 0.5 * t, 0.1, 2))
        * inside(t, 2)
        * inside(1 - t, 4)
    )
    cover(skin, np.clip(1.6 * brow, 0, 1) * 0.9, np.minimum(hair, 0.5 * p["skin"]))

    # eyes: lids as parabolas, white, iris, the upper lashes and the fold of the lid
    t = (ax - p["eye_gap"]) / p["eye_width"]
    bow = np.clip(1 - t * t, -1, 1)
    y_eye = y + 0.25
    shut = np.clip(1 - a43 - 0.25 * a7 - 0.2 * a6 - 0.2 * a9 - 0.15 * a4, 0.0, 1)
    top = (p["eye_open"] * shut + 0.07 * a5 - 0.05 * (1 - shut)) * bow
    low = (0.55 * p["eye_open"] * np.clip(shut - 0.25 * a6, 0, 1) + 0.012 * a5) * bow
    eye = inside(np.minimum(y_eye + top, low - y_eye), 1.2)
    gaze = np.hypot(x - sign * p["eye_gap"] - s["gaze_x"], y_eye - s["gaze_y"] + 0.01)
    cover(skin, eye, 0.2 + 0.7 * p["skin"])
    cover(skin, eye * inside(0.075 - gaze), 0.1)
    lash = stroke(y_eye + top, 0.05) * inside(1.05 - np.abs(t), 4)
    cover(skin, 0.9 * lash, 0.08)
    dark += (
        0.35
        * stroke(y_eye + top + 0.06 + 0.02 * p["lid"], 0.03)
        * inside(0.95 - np.abs(t), 4)
        * (1 - 0.5 * a4)
    )

    skin *= np.clip(1 - dark, 0.1, 1) * (1 + 0.03 * rough)
    cover(skin, open_, 0.10)
    teeth = np.clip(1.2 * a12 + a10 + a20 + 0.25 - 0.6 * a27, 0, 1) * a25
    reach = np.minimum(0.9 * (lower - upper), 0.11)
    cover(skin, open_ * teeth * inside(upper + reach - smile) * inside(0.85 * width - ax, 2), 0.92)
    glass = (np.sqrt(((ax - 0.31) / 0.22) ** 2 + ((y + 0.22) / 0.17) ** 2) - 1) * 0.19
    frame = np.maximum(stroke(glass, 0.04), stroke(y + 0.27, 0.03) * (ax < 0.1))
    cover(skin, frame * (p["glasses"] > 0) * (0.5 + p["glasses"]), 0.08)
    skin *= shade

    # behind the face: room, shoulders, hair
    room = _grow([r.standard_normal((5, 5), dtype=np.float32) for r in rngs], size)
    picture = np.clip(s["back"] + s["back_tilt"] * v0 + 0.15 * room, 0, 1)
    cover(picture, inside(v - 0.8) * inside(0.45 - np.abs(u) + np.clip(v - 1, 0, 1) * 2, 2), 0.5 * p["skin"])
    long_ = np.clip(p["hair_length"], 0, 2)
    mane = 1 - np.hypot(
        u / (p["width"] + 0.10 + 0.08 * long_), (v + 0.1) / np.where(v < -0.1, 1.0, 0.15 + 1.3 * long_)
    )
    mane = inside(0.7 * mane) * (p["hair_length"] > -0.6)  # the rest are bald
    cover(picture, mane, 0.8 * hair)
    ear = inside(0.06 - np.abs(np.abs(u) - p["width"])) * inside(0.16 - np.abs(v + 0.05)) * (long_ < 0.5)
    cover(picture, ear, 0.6 * p["skin"])
    cover(picture, face, skin)
    fringe = p["hairline"] + 0.5 * x * x + p["parting"] * x - y + 0.05 * rough
    cover(picture, inside(fringe, 2) * mane, hair * (0.6 + 0.4 * shade))

    # the camera's tone curve, blur and grain
    picture -= picture.mean((1, 2), keepdims=True)
    picture *= s["contrast"] / (picture.std((1, 2), keepdims=True) + 0.02)
    picture += s["level"]
    soft = np.clip(s["blur"], 0, 1) * 0.25
    for axis_ in (1, 2):
        near = np.roll(picture, 1, axis_) + np.roll(picture, -1, axis_)
        picture = (1 - 2 * soft) * picture + soft * near
    grain = np.stack([r.standard_normal((size, size), dtype=np.float32) for r in rngs])
    return np.clip((picture + np.clip(s["noise"], 0, 1) * grain) * 255, 0, 255).astype(np.uint8)


def _grow(coarse, size):
    """Blow small random grids up to smooth pictures."""
    coarse = np.stack(coarse)

    def weights(nodes):
        away = np.linspace(0, nodes - 1, size, dtype=np.float32)[:, None] - np.arange(nodes, dtype=np.float32)
        kernel = np.exp(-(away**2))
        return kernel / np.sqrt((kernel**2).sum(1, keepdims=True))  # unit variance

    return weights(coarse.shape[1]) @ coarse @ weights(coarse.shape[2]).T
