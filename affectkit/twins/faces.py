"""Simulated faces: action units, a person, pose, light and a camera in, a picture out.

A head is drawn in three dimensions: bones and muscles as a height map, skin, brows, eyes and mouth as paint;
each pixel's ray is met with the posed head and lit (`affectkit.twins._head`). All of it is smooth torch code,
so that a picture can be differentiated by its action units, and runs wherever its tensors lie.

Action units follow Ekman & Friesen's Facial Action Coding System. An emotion is a mixture of scenarios (a
closed and a yelling anger, a quiet and a crying sadness, ...) after EMFACS and table VI of Alharbawee &
Pugeault (2024), and every unit may be weak, missing or joined by strangers: the classes overlap as they do in
real pictures.

No pixel is taken from a photograph. The numbers here were set by hand with FER-2013 Training in view: its
mean faces, what a face-cnn trained on it says of the drawings, and how many of 6,000 of its faces a network
trained on the drawings names. Read off it as they are: mean (129.5) and standard deviation (65) of all
pixels, their spread between and within pictures, and where the eyes (row 17.5, columns 15.5 and 32) and the
mouth (row 38.5, 16 columns wide) stand on average in its 48x48 frame.
"""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import torch
from tqdm.auto import tqdm

from affectkit import speed
from affectkit.emotions import COMPOUNDS, canonical

from . import _head

__all__ = [
    "ACTION_UNITS",
    "BLENDS",
    "SCENARIOS",
    "SCENE",
    "TRAITS",
    "draw",
    "make",
    "people",
    "portray",
    "render",
]

ACTION_UNITS = tuple(
    f"AU{k}" for k in (1, 2, 4, 5, 6, 7, 9, 10, 11, 12, 14, 15, 17, 20, 22, 23, 24, 25, 26, 27, 43)
)

# emotion -> scenarios: weight, mean intensity of each unit, and cues of the scene (hand: how often one covers
# the face; down: how far the head and eyes are lowered; side: one half of the face alone)
SCENARIOS = {
    "anger": (
        (0.30, dict(AU4=1.0, AU5=0.3, AU7=0.6, AU9=0.3, AU15=0.3, AU17=0.3, AU23=0.6, AU24=0.4)),
        (0.28, dict(AU4=1.0, AU7=0.5, AU9=0.4, AU10=0.7, AU15=0.4, AU20=0.2, AU25=1.0, AU26=0.8)),
        (0.17, dict(AU4=1.0, AU7=0.6, AU9=0.4, AU10=0.7, AU15=0.4, AU20=0.3, AU25=0.8)),
        (0.15, dict(AU4=0.95, AU7=0.4, AU9=0.2, AU15=0.4, AU17=0.2, AU23=0.4)),
        (0.10, dict(AU4=1.0, AU9=0.5, AU10=0.4, AU15=0.2, AU25=1.0, AU26=0.6, AU27=0.5, AU43=0.2)),
    ),
    "disgust": (
        (0.45, dict(AU4=0.2, AU7=0.6, AU9=1.0, AU10=0.7, AU15=0.3, AU17=0.5)),
        (0.35, dict(AU4=0.1, AU6=0.3, AU7=0.6, AU9=1.0, AU10=1.0, AU15=0.3, AU25=0.7)),
        (0.20, dict(AU4=0.2, AU6=0.3, AU9=1.0, AU10=0.8, AU25=0.8, AU26=0.4, AU43=0.4)),
    ),
    "fear": (
        (0.30, dict(AU1=1.0, AU2=0.5, AU4=0.7, AU5=1.0, AU20=0.8, AU25=0.8, AU26=0.3)),
        (0.25, dict(AU1=1.0, AU2=0.4, AU4=0.7, AU5=0.9, AU20=0.3, AU25=0.5, AU26=0.2), dict(hand=0.5)),
        (0.20, dict(AU1=1.0, AU2=0.4, AU4=0.6, AU5=0.9, AU20=0.6, AU25=1.0, AU27=0.4), dict(hand=0.4)),
        (0.25, dict(AU1=1.0, AU4=0.7, AU5=0.7, AU20=0.9, AU25=0.9, AU26=0.2)),
    ),
    "happiness": (
        (0.22, dict(AU6=0.6, AU12=0.95)),
        (0.53, dict(AU6=0.7, AU12=0.95, AU25=0.8)),
        (0.20, dict(AU6=0.8, AU7=0.3, AU12=1.0, AU25=1.0, AU26=0.7)),
        (0.05, dict(AU12=0.5)),
    ),
    "sadness": (
        (0.35, dict(AU1=0.8, AU4=0.6, AU7=0.2, AU15=0.8, AU17=0.5, AU43=0.3), dict(down=0.3)),
        (0.25, dict(AU1=0.6, AU4=0.3, AU15=0.6, AU43=0.7), dict(hand=0.15, down=1.0)),
        (0.18, dict(AU1=0.6, AU4=0.8, AU7=0.6, AU9=0.2, AU15=0.4, AU20=0.6, AU25=0.7, AU26=0.3, AU43=0.4)),
        (0.22, dict(AU1=0.7, AU4=0.5, AU7=0.3, AU15=0.6, AU24=0.2, AU43=0.35), dict(hand=0.3, down=0.4)),
    ),
    "surprise": (
        (0.35, dict(AU1=0.9, AU2=0.9, AU5=0.7, AU25=0.9, AU26=0.8)),
        (0.30, dict(AU1=0.9, AU2=0.9, AU5=0.9, AU25=1.0, AU26=0.5, AU27=0.7), dict(hand=0.15)),
        (0.20, dict(AU1=0.9, AU2=0.9, AU5=0.8, AU25=0.8, AU26=0.6), dict(hand=0.4)),
        (0.15, dict(AU1=0.9, AU2=0.9, AU5=0.7, AU12=0.25, AU25=0.9, AU26=0.7)),
    ),
    "neutral": (
        (0.6, dict()),
        (0.2, dict(AU25=0.25)),
        (0.1, dict(AU4=0.3)),
        (0.1, dict(AU12=0.25)),
    ),
    "contempt": (
        (0.6, dict(AU12=0.5, AU14=0.9), dict(side=1)),
        (0.4, dict(AU2=0.4, AU12=0.3, AU14=0.8, AU24=0.3), dict(side=1)),
    ),
}

# what an emotion is seen mixed with, in the wild: pure ones are rare. "neutral" makes it a weak one; a name
# that stands twice is drawn twice as often
BLENDS = {
    "anger": ("neutral", "sadness", "disgust", "fear"),
    "disgust": ("anger", "sadness", "neutral"),
    "fear": ("surprise", "sadness", "neutral", "anger"),
    "happiness": ("neutral", "surprise"),
    "sadness": ("neutral", "fear", "anger", "neutral"),
    "surprise": ("fear", "happiness", "neutral"),
    "neutral": ("sadness", "anger", "happiness", "fear", "sadness"),
    "contempt": ("neutral", "disgust"),
}

# what makes a person, and what makes a picture: lowest and highest value; most lie in the middle (Beta(2, 2))
TRAITS = dict(
    width=(0.76, 0.92), jaw=(0.22, 0.6), square=(0, 0.8), chin=(0.94, 1.1), fat=(-0.01, 0.07),
    skin=(0.2, 1.1), age=(-1.1, 1.1), gloss=(0.0, 0.2), crease=(0.1, 1.2), fold=(-0.2, 0.7),
    brow_height=(-0.445, -0.31), brow_thick=(0.008, 0.05), brow_arch=(0.0, 0.06), brow_slope=(-0.08, 0.1),
    brow_length=(0.5, 0.6), brow_dark=(0.5, 0.95), eye_gap=(0.335, 0.39), eye_width=(0.155, 0.2),
    eye_open=(0.035, 0.115), cant=(-0.02, 0.01), lid=(0.0, 1.0), lash=(0.0, 0.02), iris=(-0.2, 1.0),
    socket=(0.02, 0.105), tired=(0.0, 1.0), nose=(0.085, 0.125), nose_length=(0.19, 0.28), mouth=(0.2, 0.345),
    mouth_curve=(-0.06, 0.06), mouth_y=(-0.075, -0.015), lips=(0.03, 0.095), lip_tone=(0.4, 1.0),
    teeth=(-0.2, 0.5), hair=(0.05, 0.9), hairline=(-1.15, -0.72), parting=(-0.3, 0.3),
    hair_length=(-1.3, 1.2), hair_volume=(-0.8, 0.8), curl=(0.0, 1.2), bend=(0.0, 0.05), patches=(0.0, 0.12),
    beard=(-1.4, 0.9), glasses=(-2.2, 0.8), hat=(-5.0, 1.0), mask=(-12.0, 1.0),  # below 0: none
)  # fmt: skip
SCENE = dict(
    yaw=(-0.7, 0.7), pitch=(-0.35, 0.35), roll=(-0.3, 0.3),  # radians; the pose that `portray` reports
    scale=(1.04, 1.25), dx=(-0.05, 0.05), dy=(-0.01, 0.11), gaze_x=(-0.05, 0.05), gaze_y=(-0.02, 0.03),
    light_x=(-1.2, 1.2), light_y=(-0.8, 0.4), ambient=(0.35, 0.85), back=(-0.2, 1.2), back_tilt=(-0.5, 0.5),
    back_busy=(0.0, 0.22), cloth=(0.0, 1.0), level=(0.22, 0.80), contrast=(0.13, 0.36), blur=(-1.2, 0.7),
    noise=(-0.05, 0.02), low_res=(-1.2, 0.05), hand=(0.0, 0.0), hand_x=(-0.6, 0.6), hand_y=(0.25, 0.95),
    hand_turn=(-0.8, 0.8), dapple=(-0.2, 0.35), compression=(-0.12, 0.06), text=(-3.0, 0.6),
    text_y=(-0.8, 0.9),
)  # fmt: skip
# a studio: what `render` shows unless told otherwise, and what style="acted" stays near to
STUDIO = dict(
    yaw=0, pitch=0, roll=0, scale=1.1, dx=0, dy=0.04, gaze_x=0, gaze_y=0, light_x=0.25, light_y=-0.5,
    ambient=0.35, back=0.75, back_tilt=0, back_busy=0, cloth=0.5, level=0.55, contrast=0.23, blur=0, noise=0,
    low_res=-1, compression=-1, dapple=0, hand=0, hand_x=0, hand_y=1, hand_turn=0, text=-1, text_y=0,
)  # fmt: skip
BARE = dict(beard=-1.0, glasses=-1.0, hat=-1.0, mask=-1.0)


def make(counts, *, classes, size=48, channels=1, style="wild", blends=0.5, label_noise=0.1, random_state=0):
    """Draw a labelled set of faces, each of another person.

    Parameters
    ----------
    counts : sequence of int
        Pictures of each class.
    classes : sequence of str
        Name of each class: a basic emotion in any published spelling, or a compound expression.
    size : int or (int, int), default=48
        Side, or height and width, in pixels.
    channels : {1, 3}, default=1
        Grey or RGB.
    style : {"wild", "acted"}, default="wild"
        Pictures as found on the web, or posed in a studio, without beard, glasses, hat or mask.
    blends : float, default=0.5
        Share of the pictures in the wild that mix their emotion with another (`BLENDS`): what makes a class
        hard. None are mixed in a studio.
    label_noise : float, default=0.1
        Share of the pictures that show a class redrawn in proportion to `counts`, not the one their label
        says: some show the right one by chance.
    random_state : int or sequence of int, default=0
        Same number, same bytes.

    Returns
    -------
    images : ndarray of uint8, shape (n, height, width), or (n, height, width, 3) for RGB
    target : ndarray of int64, shape (n,)
    extras : dict
        What `portray` gives, and shown (n,) int64: the class that was drawn, before label noise.

    Raises
    ------
    ValueError
        For a negative count, more or fewer counts than classes, label_noise outside 0-1, and what `portray`
        finds wrong.
    """
    counts, classes = np.asarray(counts), list(classes)
    if counts.ndim != 1 or len(counts) != len(classes):
        raise ValueError(f"counts has shape {counts.shape}, not one count for each of {len(classes)} classes")
    odd = counts.dtype.kind not in "iuf" or not np.isfinite(counts).all()
    if odd or (counts < 0).any() or (counts % 1).any():
        raise ValueError(f"counts={counts.tolist()} must be whole numbers of at least 0")
    if not 0 <= label_noise <= 1:
        raise ValueError(f"label_noise={label_noise!r} must lie between 0 and 1")
    _check_seed(random_state)
    rng = np.random.default_rng(random_state)
    target = rng.permutation(np.repeat(np.arange(len(counts)), counts.astype(int)))
    shown = np.where(rng.random(len(target)) < label_noise, rng.permutation(target), target)
    names = [_emotions(name) and name for name in classes]
    images, extras = portray(
        [names[k] for k in shown],
        size=size,
        channels=channels,
        style=style,
        blends=blends,
        random_state=random_state,
    )
    return images, target.astype(np.int64), extras | dict(shown=shown.astype(np.int64))


def portray(
    emotions,
    *,
    identity=None,
    moment=None,
    intensity=None,
    yaw=None,
    gaze=None,
    size=48,
    channels=1,
    style="wild",
    blends=0.5,
    random_state=0,
):
    """Draw people who show given emotions.

    A picture depends on its own identity and moment alone, not on its place among the others.

    Parameters
    ----------
    emotions : sequence of str
        What each picture shows: a basic emotion in any published spelling, or a compound expression.
    identity : sequence of int, optional
        The same number is the same person. By default someone else in each picture.
    moment : sequence of int, optional
        Pictures of one person with the same number show the same instant: expression, light and camera are
        the same, only `yaw` and `gaze` differ. By default each picture is a moment of its own.
    intensity : sequence of float, optional
        Strength of the expression, 0 to 1. By default as the style has it.
    yaw, gaze : sequence of float, optional
        Turn of the head and of the eyes, in degrees, positive to the right of the picture. By default as the
        style has it.
    size, channels, style, blends, random_state
        As for `make`. With an intensity given, nothing is mixed.

    Returns
    -------
    images : ndarray of uint8, shape (n, height, width), or (n, height, width, 3) for RGB
    extras : dict
        action_units (n, 21) float32 in 0-1, the stronger side of each; action_unit_names; pose (n, 3) float32
        (radians: yaw to the right of the picture, pitch up, roll clockwise); identity (n,) int64.

    Raises
    ------
    ValueError
        For an unknown emotion or style, intensity or blends outside 0-1, a column that has not one number for
        each picture (whole ones for identity and moment, finite ones for yaw and gaze), size < 1, other
        channels than 1 and 3, a random_state that is no seed, or pictures that need more memory than is free.
    """
    n = len(emotions)
    height, width = _size(size)
    _check_channels(channels)
    if style not in ("wild", "acted"):
        raise ValueError(f"style={style!r} is unknown; choose 'wild' or 'acted'")
    if not 0 <= blends <= 1:
        raise ValueError(f"blends={blends!r} must lie between 0 and 1")
    columns = dict(identity=identity, moment=moment, intensity=intensity, yaw=yaw, gaze=gaze)
    for name, column in columns.items():
        if column is not None and np.shape(column) != (n,):
            raise ValueError(f"{name} has shape {np.shape(column)}, not one number for each of {n} emotions")
    if intensity is not None and not np.all((np.asarray(intensity) >= 0) & (np.asarray(intensity) <= 1)):
        raise ValueError("intensity must lie between 0 and 1")
    chunk = max(
        1, min(48, 48 * 48 * 48 // (height * width))
    )  # what is drawn fastest: it fits the processor's cache
    _check_memory(n * height * width * channels + 2 * chunk * height * width * PIXEL[channels], n, size)
    _check_seed(random_state)
    for name in ("yaw", "gaze"):
        if columns[name] is not None and not np.isfinite(np.asarray(columns[name], float)).all():
            raise ValueError(f"{name} must hold finite numbers, in degrees")
    for name in ("identity", "moment"):
        column = np.arange(n) if columns[name] is None else np.asarray(columns[name])
        if (column != column.astype(np.int64)).any() or (column < 0).any():
            raise ValueError(f"{name} must hold whole numbers of at least 0")
        columns[name] = column.astype(np.int64)
    identity, moment = columns["identity"], columns["moment"]
    known = {name: _emotions(name) for name in set(emotions)}
    images = np.empty((n, height, width, channels), np.uint8)
    units, pose = np.empty((n, len(ACTION_UNITS), 2), np.float32), np.empty((n, 3), np.float32)

    def paint(rows):
        rngs = [_rng(random_state, identity[i], 1 + moment[i]) for i in rows]
        traits = people(identity[rows], random_state=random_state)
        cues = []
        for i, rng in zip(rows, rngs, strict=True):
            strength = None if intensity is None else intensity[i]
            units[i], cue = _express(known[emotions[i]], style, blends, strength, rng)
            cues.append(cue)
        scene = _scenes(cues, style, rngs)
        for column, name, scale in ((yaw, "yaw", np.pi / 180), (gaze, "gaze_x", 0.07 / 25)):
            if column is not None:
                scene[:, _SCENE[name]] = np.asarray(column, np.float32)[rows] * scale
        if style == "acted":
            traits[:, [_TRAITS[name] for name in BARE]] = list(BARE.values())
        pose[rows] = scene[:, :3]
        with torch.inference_mode():
            drawn = _draw(
                *map(torch.from_numpy, (units[rows], traits, scene)), (height, width), channels, rngs
            )
            images[rows] = (255 * drawn).to(torch.uint8).movedim(1, -1).numpy()

    rows = [np.arange(i, min(i + chunk, n)) for i in range(0, n, chunk)]
    with _one_thread_each() as cores, ThreadPoolExecutor(cores) as pool:
        with tqdm(total=n, desc="drawing faces", leave=False, delay=2) as bar:
            for part, _ in zip(rows, pool.map(paint, rows), strict=True):
                bar.update(len(part))
    extras = dict(
        action_units=units.max(2), action_unit_names=list(ACTION_UNITS), pose=pose, identity=identity
    )
    return images[..., 0] if channels == 1 else images, extras


def render(action_units=None, *, size=48, channels=1, random_state=0, **look):
    """Draw one face, or several of the same person, in a studio unless told otherwise.

    Parameters
    ----------
    action_units : dict or array, optional
        {"AU12": 0.8, "L14": 0.5, ...}, with L and R for one side, the person's own, as FACS writes it; or
        intensities in the order of `ACTION_UNITS`, shape (21,) or (n, 21), or (n, 21, 2) for the left and the
        right of the picture. 0 to 1.
    size, channels
        As for `make`.
    random_state : int, default=0
        Which person.
    **look : float
        Anything of `TRAITS` and `SCENE`, such as yaw [radians], light_x, skin, glasses, blur or noise.

    Returns
    -------
    ndarray of uint8, shape (height, width), with 3 at the end for RGB, and n in front for a batch

    Raises
    ------
    ValueError
        For an unknown action unit or look, an intensity outside 0-1, a look that is not finite, a wrong
        shape, size < 1, other channels than 1 and 3, or pictures that need more memory than is free.
    """
    units = torch.as_tensor(_units(action_units), dtype=torch.float32)
    with torch.inference_mode():
        drawn = draw(units, size=size, channels=channels, random_state=random_state, **look)
    images = (255 * drawn).to(torch.uint8).movedim(1, -1).numpy()
    images = images[..., 0] if channels == 1 else images
    return images if np.ndim(action_units) > 1 else images[0]


def draw(action_units, *, size=48, channels=1, random_state=0, **look):
    """Draw faces as a differentiable function of action units, traits and scene.

    Parameters
    ----------
    action_units : tensor, shape (n, 21), or (n, 21, 2) for the left and the right of the picture
        Intensities from 0 to 1. Its dtype and device are those of the pictures.
    size, channels
        As for `make`.
    random_state : int, default=0
        Which person.
    **look : float or tensor of shape (n,)
        Anything of `TRAITS` and `SCENE`; what is not named is as in a studio.

    Returns
    -------
    tensor, shape (n, channels, height, width)
        0 (black) to 1 (white).

    Raises
    ------
    ValueError
        As `render`.
    """
    if action_units.dim() == 2:
        action_units = action_units.unsqueeze(-1).expand(-1, -1, 2)
    if action_units.dim() != 3 or action_units.shape[1:] != (len(ACTION_UNITS), 2):
        raise ValueError(
            f"action_units has shape {tuple(action_units.shape)}, not (n, {len(ACTION_UNITS)}) "
            f"or (n, {len(ACTION_UNITS)}, 2)"
        )
    if not ((action_units >= 0) & (action_units <= 1)).all():
        low, high = action_units.min().item(), action_units.max().item()
        raise ValueError(f"action_units must lie between 0 and 1, but has {low:g} to {high:g}")
    if action_units.dtype not in (torch.float32, torch.float64):
        raise ValueError(f"action_units must be float32 or float64, not {action_units.dtype}")
    n, (height, width) = len(action_units), _size(size)
    _check_channels(channels)
    _check_seed(random_state)
    _check_memory(n * height * width * PIXEL[channels], n, size)
    unknown = sorted(set(look) - {*TRAITS, *SCENE})
    if unknown:
        known = ", ".join([*TRAITS, *SCENE])
        raise ValueError(f"there is no look named {', '.join(unknown)}; there are {known}")
    if n == 0:
        return action_units.new_zeros((0, channels, height, width))
    traits = torch.from_numpy(people([0], random_state=random_state))
    traits[:, [_TRAITS[name] for name in BARE]] = torch.tensor(list(BARE.values()))
    scene = torch.tensor([[STUDIO[name] for name in SCENE]], dtype=torch.float32)
    traits, scene = (x.to(action_units).repeat(n, 1) for x in (traits, scene))
    for name, value in look.items():
        table, row = (traits, _TRAITS) if name in TRAITS else (scene, _SCENE)
        value = torch.as_tensor(value).to(action_units)
        if (
            value.shape not in ((), (n,))
            or not value.isfinite().all()
            or (name == "scale" and (value <= 0).any())
        ):
            raise ValueError(
                f"{name} must be a finite number, or one for each picture{', above 0' * (name == 'scale')}"
            )
        table[:, row[name]] = value
    rngs = [_rng(random_state, 0, 0) for _ in range(n)]  # the same person, hair by hair
    return _draw(action_units, traits, scene, (height, width), channels, rngs)


def people(identity, *, random_state=0):
    """Traits of people.

    Parameters
    ----------
    identity : sequence of int, shape (n,)
    random_state : int or sequence of int, default=0

    Returns
    -------
    ndarray of float32, shape (n, len(TRAITS))
        In the order and the ranges of `TRAITS`.
    """
    _check_seed(random_state)
    if (
        np.asarray(identity, float).size
        and ((np.asarray(identity) < 0) | (np.asarray(identity) % 1 != 0)).any()
    ):
        raise ValueError("identity must hold whole numbers of at least 0")
    return _between(TRAITS, [_rng(random_state, int(i)) for i in identity])


PIXEL = {1: 360, 3: 530}  # bytes that drawing takes for each pixel of a chunk, grey and RGB (measured)
_threads = threading.Lock()
_PARTED = ACTION_UNITS.index("AU25")
_TRAITS, _SCENE = ({name: k for k, name in enumerate(table)} for table in (TRAITS, SCENE))


@contextmanager
def _one_thread_each():
    """Draw several chunks side by side, each on one thread: gives the number of cores.

    Torch has one such setting for all, so that calls from several threads must take turns.
    """
    with _threads:
        cores = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            yield cores
        finally:
            torch.set_num_threads(cores)


def _rng(seed, *more):
    return np.random.default_rng([*np.ravel(seed), *more])


def _between(table, rngs):
    low, high = np.array(list(table.values()), np.float32).T
    drawn = np.array([rng.beta(2, 2, len(table)) for rng in rngs], np.float32).reshape(-1, len(table))
    return low + (high - low) * drawn


def _size(size):
    pair = np.ravel(size)
    if (
        pair.dtype.kind not in "iuf"
        or len(pair) not in (1, 2)
        or (pair != pair.astype(int)).any()
        or (pair < 1).any()
    ):
        raise ValueError(f"size={size!r} must be a whole number of at least 1, or two of them")
    return int(pair[0]), int(pair[-1])


def _check_memory(need, n, size):
    what = f"{n:,} pictures of size {size}"
    speed.check_memory(need, what, "ask for a smaller size, or for fewer pictures")


def _check_seed(random_state):
    seed = np.ravel(random_state)
    if seed.dtype.kind not in "iu" or (seed < 0).any():
        raise ValueError(f"random_state={random_state!r} must be a whole number of at least 0, or several")


def _check_channels(channels):
    if channels not in (1, 3):
        raise ValueError(f"channels={channels!r} must be 1 (grey) or 3 (RGB)")


def _emotions(name):
    """The canonical emotions that a label is made of: one, or two for a compound expression."""
    return COMPOUNDS.get(str(name).strip().lower()) or (canonical(name),)


def _units(given):
    """Action units of `render` as an array (n, 21) or (n, 21, 2)."""
    if given is not None and not isinstance(given, dict):
        return np.atleast_2d(np.asarray(given, np.float32))
    units = np.zeros((1, len(ACTION_UNITS), 2), np.float32)
    for name, value in (given or {}).items():
        unit, sides = str(name), slice(None)
        if unit[:1] in "LR" and f"AU{unit[1:]}" in ACTION_UNITS:  # the person's left is the picture's right
            unit, sides = f"AU{unit[1:]}", int(unit[0] == "L")
        if unit not in ACTION_UNITS:
            raise ValueError(
                f"action_units has unknown {name}; there are {', '.join(ACTION_UNITS)}, and L1, R1, ... for "
                "one side"
            )
        units[0, ACTION_UNITS.index(unit), sides] = value
    return units


def _scenario(emotion, rng):
    """One of an emotion's scenarios: its units (21,) and its cues."""
    weights = [scenario[0] for scenario in SCENARIOS[emotion]]
    _, means, *cues = SCENARIOS[emotion][rng.choice(len(weights), p=weights)]
    return np.array([means.get(name, 0) for name in ACTION_UNITS]), cues[0] if cues else {}


def _express(emotions, style, blends, intensity, rng):
    """Action units (21, 2) of one picture, and the cues of its scene."""
    wild = style == "wild"
    units, cues = map(list, zip(*[_scenario(emotion, rng) for emotion in emotions], strict=True))
    units, cues = np.max(units, 0)[:, None].repeat(2, 1), {name: cue[name] for cue in cues for name in cue}
    if cues.get("side"):
        units[:, int(rng.random() < 0.5)] *= 0.1
    if wild and intensity is None and len(emotions) == 1 and rng.random() < blends:
        other, _ = _scenario(rng.choice(BLENDS[emotions[0]]), rng)
        share = rng.uniform(0.35, 0.75)
        units = share * units + (1 - share) * other[:, None]
    strength = rng.beta(9, 1) if wild else rng.uniform(0.85, 1)
    strength = strength if intensity is None else intensity
    spread = rng.uniform(0.75, 1.25, len(units)) if wild else rng.uniform(0.9, 1.1, len(units))
    missing = rng.random(len(units)) < (0.05 if wild else 0)
    strangers = (rng.random(len(units)) < (0.10 if wild else 0.03)) * rng.beta(1.2, 3.5, len(units))
    strangers[_PARTED] += wild * (rng.random() < 0.45) * rng.uniform(0, 0.7)  # lips are often a little apart
    uneven = np.where(rng.random((len(units), 1)) < 0.3, rng.uniform(0.6, 1, (len(units), 2)), 1)
    units = units * strength * (spread * ~missing)[:, None]
    units = np.clip((units + strangers[:, None]) * uneven, 0, 1)
    return units, dict(hand=rng.random() < max(cues.get("hand", 0), 0.03), down=cues.get("down", 0))


def _scenes(cues, style, rngs):
    """Pose, light and camera of each picture, (n, len(SCENE))."""
    scene = _between(SCENE, rngs)
    scene[:, _SCENE["hand"]] = [cue["hand"] for cue in cues]
    for name, by in (("pitch", -0.12), ("gaze_y", 0.04)):
        scene[:, _SCENE[name]] += [by * cue["down"] for cue in cues]
    if style == "acted":  # a studio, and a tenth of the variety of the world
        middle = np.mean(list(SCENE.values()), 1)
        scene = np.array([STUDIO[name] for name in SCENE]) + 0.1 * (scene - middle)
        scene[:, [_SCENE["hand"], _SCENE["text"]]] = 0, -1
    return scene.astype(np.float32)


def _draw(units, traits, scene, size, channels, rngs):
    """Tables to namespaces, noise from generators, and on to the drawing."""

    def columns(names, values):
        return SimpleNamespace(**{name: values[:, k, None, None, None] for k, name in enumerate(names)})

    au = SimpleNamespace(**{name: units[:, k, :, None, None] for k, name in enumerate(ACTION_UNITS)})
    shapes = dict(rough=(1, 7, 21), shape=(2, 4, 4), room=(3, 5, 5), grain=(channels, *size))
    noise = {
        name: torch.from_numpy(np.stack([rng.standard_normal(shape, np.float32) for rng in rngs])).to(units)
        for name, shape in shapes.items()
    }
    return _head.draw(au, columns(TRAITS, traits), columns(SCENE, scene), size, channels, noise)
