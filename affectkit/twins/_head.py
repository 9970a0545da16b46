"""How the face twin draws: a posed head as height and albedo, lit and photographed. Torch, batched, smooth.

Lengths are in half pictures: x to the right, y down, z to the viewer; a picture reaches from -1 to 1. The
skin is painted on two mirrored half textures (left and right of the picture) over (s, y), where s is the arc
length from the middle of the face along its surface. Each pixel's ray is then met with the head.
"""

import math
from types import SimpleNamespace

import torch
from torch.nn import functional as F

# what the half textures cover: s from 0 to WIDTH, y from TOP to BOTTOM
WIDTH, TOP, BOTTOM = 0.96, -0.84, 1.16
FINE = 1.8  # texels a pixel
CURVE = 0.78  # arc length that a quarter turn of the head is painted with, over pi / 2

MONK = (  # skin tones of the Monk scale (Monk 2023, https://doi.org/10.31235/osf.io/pdf4c), sRGB
    "f6ede4 f3e7db f7ead0 eadaba d7bd96 a07e56 825c43 604134 3a312a 292420".split()
)


def bump(x, y, sx, sy):
    """A smooth hill of height 1 and the widths sx and sy."""
    return torch.exp(-0.5 * ((x / sx) ** 2 + (y / sy) ** 2))


def stroke(distance, width):
    """A line: 1 on it, falling to 0 at `width` to both sides."""
    return (1 - distance.abs() / width).clamp(0, 1)


def mix(picture, mask, tone):
    """Cover a picture with a tone where the mask is 1."""
    return picture + mask * (tone - picture)


def unit(x):
    return x.clamp(0, 1)


def draw(au, who, scene, size, channels, noise):
    """Draw faces.

    Parameters
    ----------
    au : namespace of tensors, each (n, 2, 1, 1)
        Action units AU1, ..., left and right in the picture.
    who, scene : namespace of tensors, each (n, 1, 1, 1)
        Traits and scene, by the names of `faces.TRAITS` and `faces.SCENE`.
    size : (int, int)
        Height and width.
    channels : {1, 3}
    noise : dict of tensors
        Standard normal: rough (n, 1, 7, 21), shape (n, 2, 4, 4), room (n, 3, 5, 5), and grain (n, channels,
        *size).

    Returns
    -------
    tensor (n, channels, *size), from 0 to 1
    """
    pixel = 2 / min(size)
    edge = max(2 / min(min(size), 160), 0.9 * pixel)
    tone = tones(who, channels)
    both = SimpleNamespace(**{k: v.mean(1, keepdim=True) for k, v in vars(au).items()})  # middle of the face
    albedo, height, jaw = skin(au, both, who, scene, tone, pixel / FINE, edge)
    hit = meet(height, jaw, who, scene, size, edge)
    bend = who.bend * grow(noise["shape"], size)  # nobody's features stand quite where the average's do
    hit.s, hit.y = hit.s + bend[:, :1], hit.y + bend[:, 1:]
    look = sample(torch.cat([albedo, hollow(height, pixel / FINE)], 1), hit.s, hit.y)
    light, gloss = shine(hit, scene, pixel)
    rough = grow(noise["rough"], size)
    blotches = 1 + who.patches * grow(noise["room"][:, 1:2], size)
    light = light * (1 + scene.dapple.clamp(0) * grow(noise["room"][:, 2:], size).clamp(-1.5, 1.5))
    face = look[:, :channels] * blotches * light * look[:, channels:]
    face = face + gloss * who.gloss * hit.face
    picture = behind(hit, who, scene, tone, noise["room"], rough, size, edge)
    picture = mix(picture, hit.face, face)
    picture = before(picture, hit, light, rough, who, scene, tone, edge)
    return photograph(picture, scene, noise["grain"])


def tones(who, channels):
    """Colours of skin, lips, hair, iris, gums and white, grey or RGB: (n or 1, channels or 1, 1, 1)."""
    grey, iris = who.skin, 0.05 + 0.24 * who.iris
    hair = who.hair.clamp(0.03) * (1.6 * grey - 0.25).clamp(0.15, 1)  # fair hair goes with fair skin
    white = torch.ones_like(grey).expand(-1, channels, -1, -1)
    if channels == 1:
        lip = grey * (who.lip_tone + 0.5 * (1 - grey).clamp(0) ** 2)  # no darker than very dark skin
        return SimpleNamespace(skin=grey, lip=lip, hair=hair, iris=iris, red=0.45 * grey, white=white)
    monk = torch.tensor([[int(tone[i : i + 2], 16) / 255 for i in (0, 2, 4)] for tone in MONK]).to(grey)
    place = (1 - unit((grey - 0.2) / 0.8)) * (len(MONK) - 1)
    weight = (1 - (place - torch.arange(len(MONK)).to(grey).view(-1, 1)).abs()).clamp(0)  # (n, 1, 10, 1)
    skin = (weight[:, 0] * monk).sum(1)[:, :, None, None]
    rgb = lambda *x: torch.tensor(x).to(grey).view(1, 3, 1, 1)  # noqa: E731
    lip = mix(skin, unit(1.7 - 1.4 * who.lip_tone), skin * rgb(0.86, 0.48, 0.47) * (0.6 + 0.6 * who.lip_tone))
    hair = hair * mix(rgb(1.25, 0.95, 0.62), unit(3 * who.age - 1.2), white)  # old hair is grey
    iris = iris * mix(rgb(1.4, 0.9, 0.5), unit(3 * who.iris - 1.2), rgb(0.8, 1.1, 1.4))  # brown to blue
    return SimpleNamespace(skin=skin, lip=lip, hair=hair, iris=iris, red=rgb(0.42, 0.12, 0.13), white=white)


def skin(au, mid, who, scene, tone, texel, edge):
    """Paint the half textures: bones and nose, then the upper and the lower face.

    Returns albedo (n, channels, h, 2w), height (n, 1, h, 2w) and how far the jaw has dropped (n, 1, 1, 1).
    """
    n_x, n_y = math.ceil(WIDTH / texel), math.ceil((BOTTOM - TOP) / texel)
    s = ((torch.arange(n_x) + 0.5) * (WIDTH / n_x)).to(who.skin).view(1, 1, 1, -1)
    y = (TOP + (torch.arange(n_y) + 0.5) * ((BOTTOM - TOP) / n_y)).to(who.skin).view(1, 1, -1, 1)
    young = (-who.age).clamp(0, 1)
    tip = who.nose_length - 0.03 * young - 0.035 * (mid.AU9 + 0.5 * mid.AU10 + 0.6 * mid.AU12)
    h = 0.14 * bump(s, y + 0.02, who.nose * 0.5 + 0.01, 0.20)  # bridge of the nose,
    h = h + (0.15 - 0.04 * young) * bump(s, y - tip + 0.05, who.nose * 0.7, 0.085)  # and its tip
    h = h - 0.03 * bump(s - who.nose - 0.09, y - 0.08, 0.05, 0.16)  # the valley beside it
    cheek = 0.025 + 0.02 * young + 0.065 * torch.maximum(au.AU6, 0.7 * au.AU12)
    h = h + cheek * bump(s - 0.43, y - 0.14 + 0.05 * au.AU6, 0.14, 0.12)
    cut = int((y < 0.06).sum())  # the two halves of a face share no muscle, and hardly a wrinkle
    parts = [
        upper_face(au, who, scene, tone, s, y[:, :, :cut], edge),
        lower_face(au, mid, who, tone, tip, s, y[:, :, cut:], edge),
    ]
    paint, more = (torch.cat(part, -2) for part in zip(*parts, strict=True))
    join = lambda x: torch.cat([x[..., 0, :, :].flip(-1), x[..., 1, :, :]], -1)  # noqa: E731
    return join(paint), join(h + more)[:, None], 0.10 * mid.AU26 + 0.20 * mid.AU27


def brush(edge):
    """A painter's tools: `ramp`, 1 where a distance is positive, and `cover`, for masks (n, 2, h, w)."""

    def ramp(distance, soft=1.0):
        return (distance / (edge * soft) + 0.5).clamp(0, 1)

    def cover(picture, mask, colour):  # (n, channels, 2, h, w)
        return mix(picture, mask.unsqueeze(1), colour if colour.dim() == 5 else colour[:, :, None])

    return ramp, cover


def upper_face(au, who, scene, tone, s, y, edge):
    """Forehead, brows and eyes: AU1 to 9 and 43. Albedo (n, channels, 2, h, w) and height (n, 2, h, w)."""
    ramp, cover = brush(edge)
    old, young = who.age.clamp(0, 1), (-who.age).clamp(0, 1)
    frown = 0.04 - 0.6 * (who.brow_height + 0.33)  # high brows have further to go
    brow = who.brow_height + frown * au.AU4 - 0.06 * au.AU1 - 0.10 * au.AU2 + 0.02 * au.AU9 + 0.02 * young
    ex, ey = who.eye_gap, -0.235 + 0.05 * young
    h = 0.035 * bump(s - ex, y - ey, 0.10, 0.06)  # the eyeball
    h = h - who.socket * bump(s - ex + 0.02, y - ey + 0.02, 0.20, 0.085)  # in its socket
    h = h + (0.025 + 0.02 * au.AU4) * bump(s - 0.26, y - brow - 0.01, 0.2, 0.05)  # ridge of the brows
    h = h + 0.03 * au.AU4 * bump(s - 0.06, y - brow - 0.02, 0.04, 0.06)  # corrugator

    # wrinkles: of the frown, across the forehead, on the nose, at the eye's corner, and the pouch below it
    dark = 0.60 * unit(au.AU4 * who.crease + 0.25 * old) * bump(s - 0.045, y - brow - 0.01, 0.026, 0.07)
    lines = 0.5 + 0.5 * torch.cos((y - brow + 0.4 * s * s) * (2 * math.pi / 0.115))
    up = unit(au.AU1 + au.AU2 - 0.3) * who.crease + 0.18 * old
    dark = dark + 0.30 * up * lines * bump((s - 0.30 * au.AU2 - 0.05).clamp(0), y - brow + 0.21, 0.14, 0.09)
    lines = 0.5 + 0.5 * torch.cos((y + 0.4 * s) * (2 * math.pi / 0.07))
    dark = dark + 0.65 * au.AU9 * who.crease * lines * bump(s - 0.02, y + 0.15, 0.07, 0.08)
    lines = 0.5 + 0.5 * torch.cos((y - ey) * (2 * math.pi / 0.065))
    dark = dark + (0.32 * au.AU6 * who.crease + 0.12 * old) * lines * bump(s - ex - 0.23, y - ey, 0.05, 0.08)
    dark = dark + 0.18 * bump(s - ex - 0.2, y - ey + 0.01, 0.07, 0.06)  # the eye's outer corner
    dark = dark + 0.22 * who.tired * bump(s - ex + 0.02, y - ey - 0.10, 0.12, 0.035)
    pouch = ey + 0.13 - 0.02 * au.AU6 + 0.4 * (s - ex) ** 2
    dark = dark + (0.22 * au.AU6 + 0.15 * au.AU7 + 0.15 * old) * bump(s - ex + 0.01, y - pouch, 0.1, 0.02)

    # lids: `below` counts down from the middle of the eye; `top` up and `low` down to the lids' edges
    t = (s - ex) / who.eye_width
    bow = (1 - t * t).clamp(-1, 1)
    width = ramp(0.16 - 0.14 * t.abs(), 1.5)
    below = y - ey - who.cant * t - 0.01
    shut = unit(1 - au.AU43 - 0.25 * au.AU7 - 0.25 * au.AU6 - 0.25 * au.AU9 - 0.18 * au.AU4)
    open_ = who.eye_open * (1 + 0.25 * young)
    top = open_ * shut + 0.08 * au.AU5 * (1 - au.AU43) - 0.035 * (1 - shut) * (bow > 0)
    top = top * bow * (1 - 0.12 * t)
    low = (0.55 * open_ * (shut - 0.30 * au.AU7 - 0.25 * au.AU6).clamp(0) + 0.015 * au.AU5) * bow
    crease = below + top + 0.03 + 0.03 * who.lid - 0.02 * au.AU43
    dark = dark + 0.30 * stroke(crease, 0.024) * width * (1 - 0.5 * au.AU4)
    fade = unit((0.06 - y) / 0.08)  # into the lower face
    paint = tone.skin[:, :, None] * (1 - (dark * fade).clamp(0, 0.85))[:, None]

    # brows
    inner = 0.105 - 0.045 * au.AU4
    b = (s - inner) / (who.brow_length - inner)
    arch = who.brow_slope * (b - 0.4) - who.brow_arch * 4 * b * (1 - b) * (0.5 + 0.5 * b)
    arch = arch + (-0.13 * au.AU1 + 0.085 * au.AU4 + 0.01 * au.AU9) * (1 - b).clamp(0, 1.2)
    arch = arch - (0.07 * au.AU2 - 0.02 * au.AU4) * b.clamp(0, 1.2)
    thick = (who.brow_thick + 0.022) * (1.1 - 0.55 * b).clamp(0.1, 2)
    room = ey - 0.05 * b - brow - arch  # no brow sinks into the eye
    arch = arch + room - F.softplus(room, beta=40)
    hairs = unit(1.5 * stroke(y - brow - arch, thick)) * ramp(b * 0.4, 2) * ramp((1 - b) * 0.4, 2)
    hairs = hairs * who.brow_dark * (1 - 0.5 * young)
    paint = cover(paint, hairs, 0.8 * torch.minimum(tone.hair, 0.6 * tone.skin))

    # eyes: white, iris, pupil, the light in it, and the lashes
    side = torch.tensor([-1.0, 1.0]).to(s).view(1, 2, 1, 1)
    x_iris, y_iris = s - ex - side * scene.gaze_x, below - scene.gaze_y + 0.012
    gaze = (x_iris**2 + y_iris**2 + 1e-6).sqrt()
    eye = ramp(torch.minimum(below + top, low - below), 1.1)
    white = (0.45 + 0.45 * tone.skin.mean(1, keepdim=True)) * tone.white  # as bright on dark skin, almost
    paint = cover(paint, eye, white[:, :, None] * unit(0.72 + 3.0 * (below + top)).unsqueeze(1))
    paint = cover(paint, eye * ramp(0.076 + 0.006 * young - gaze), tone.iris)
    paint = cover(paint, eye * ramp(0.032 - gaze), 0.4 * tone.iris)
    spark = ((x_iris - side * 0.02) ** 2 + (y_iris + 0.023) ** 2 + 1e-6).sqrt()
    paint = cover(paint, 0.8 * eye * ramp(0.014 - spark), tone.white)
    paint = cover(
        paint, 0.85 * unit(1.2 * stroke(below + top - 0.004, 0.03 + who.lash) * width), 0.1 * tone.skin
    )
    return cover(paint, 0.35 * stroke(below - low, 0.022) * width, 0.35 * tone.skin), h * fade


def lower_face(au, mid, who, tone, tip, s, y, edge):
    """Nostrils, cheeks, mouth and chin: AU9 to 27. Albedo (n, channels, 2, h, w) and height (n, 2, h, w)."""
    ramp, cover = brush(edge)
    young = (-who.age).clamp(0, 1)
    drop = 0.10 * mid.AU26 + 0.20 * mid.AU27  # of the jaw
    mouth = who.mouth * (1 - 0.12 * young) * (
        1 + 0.36 * au.AU12 + 0.34 * au.AU20 + 0.10 * au.AU14 + 0.06 * au.AU15 - 0.30 * au.AU22
        - 0.10 * au.AU23 - 0.12 * au.AU24 - 0.10 * au.AU26 * (1 - au.AU12)
        - 0.24 * au.AU27 * (1 - 0.6 * au.AU12)
    )  # fmt: skip
    lip_y = 0.53 - 0.02 * mid.AU10 - 0.09 * mid.AU12 - 0.03 * mid.AU17 + 0.10 * drop + who.mouth_y
    corner = who.mouth_curve - (0.16 - 0.06 * unit(3 * mid.AU25)) * au.AU12  # lips that part flatten a smile
    corner = corner + 0.12 * au.AU15 + 0.03 * au.AU20 + 0.02 * au.AU17 - 0.02 * au.AU14

    # fold from the nose to the mouth: the cheek stands above the lip
    fold = unit(0.75 * au.AU12 + 0.55 * au.AU10 + 0.55 * au.AU11 + 0.45 * au.AU9 + 0.2 * au.AU20 + who.fold)
    along = unit((y - 0.16) / 0.42)
    fold_s = who.nose + 0.035 + (mouth - who.nose + 0.045 + 0.03 * au.AU12) * along * (0.75 + 0.25 * along)
    reach = torch.exp(-(((y - 0.32 + 0.07 * au.AU12) / 0.17) ** 2))
    h = 0.035 * fold * reach * torch.sigmoid((s - fold_s) / 0.02) * torch.exp(-(((s - fold_s) / 0.17) ** 2))
    h = h + 0.07 * bump(s - who.nose * 0.95, y - tip + 0.02, 0.045, 0.05)  # wings of the nose
    h = h + (who.fat + 0.04 * young) * bump(s - 0.45, y - 0.45, 0.2, 0.2)  # cheeks, round or hollow
    h = h - 0.02 * (1 - who.fat * 8).clamp(0) * bump(s - 0.52, y - 0.48, 0.1, 0.2)
    h = h + (0.04 + 0.03 * mid.AU17) * bump(s, y - 0.80 - drop, 0.13, 0.08)  # chin
    h = h - 0.03 * bump(
        s, y - lip_y - 0.17 - 0.8 * drop + 0.03 * mid.AU17, 0.17, 0.035
    )  # and the dent above it
    h = h + 0.05 * bump(s, y - lip_y, 0.30, 0.22)  # the teeth's round

    dark = 0.32 * fold * reach * stroke(s - fold_s, 0.055)
    dark = dark + 0.70 * bump(s - 0.62 * who.nose - 0.01 * au.AU9, y - tip - 0.035, 0.034, 0.02)  # nostrils
    dark = dark + 0.16 * stroke(s - who.nose * 1.25, 0.03) * bump(s, y - tip, 1, 0.05)  # and their wings
    dark = dark + 0.15 * bump(s - who.nose - 0.06, y - 0.10, 0.04, 0.14)  # its sides
    dark = dark + 0.20 * bump(s, y - tip - 0.06, 0.12, 0.03)  # the nose's own shadow
    dark = dark + 0.25 * au.AU14 * bump(s - mouth - 0.045, y - lip_y - corner, 0.02, 0.07)  # dimple
    dark = dark + 0.22 * mid.AU17 * bump(s, y - 0.76 - drop, 0.10, 0.03) * (0.6 + 0.4 * torch.cos(s * 90))

    # the mouth: how far its line lies below the middle, and the inner contour above and below that line
    t = (s / mouth).clamp(max=1.3)
    t2 = t * t
    line = y - lip_y - corner * t2 * (1.25 - 0.25 * t2)
    square = unit(au.AU20 + 0.9 * au.AU10 + 0.4 * au.AU9 - 0.6 * au.AU27)
    arc = (1 - t2 * (1 - square * (1 - t2))).clamp(0)  # a parabola; squarer with AU10 and AU20,
    oval = unit(0.9 * au.AU27 + 0.5 * au.AU22 + 0.6 * au.AU26)
    arc = mix(arc, oval, (arc + 1e-4).sqrt())
    part = unit(3 * mid.AU25)
    bared = unit(mid.AU12 + mid.AU20 + mid.AU10)
    gap = part * (0.23 * mid.AU26 + 0.36 * mid.AU27 + mid.AU25 * (0.03 + 0.15 * bared + 0.05 * mid.AU20))
    upper = -(gap * (0.30 - 0.10 * mid.AU12) + 0.075 * part * mid.AU10) * arc
    lower = gap * (0.70 + 0.10 * mid.AU12) * arc
    inside = ramp(torch.minimum(line - upper, lower - line)) * unit(gap / 0.02 + 2 * mid.AU10 * part)
    within = ramp(mouth - s)
    lips = who.lips * (1 - 0.55 * mid.AU23 - 0.75 * mid.AU24) * (1 - 0.30 * mid.AU12 - 0.25 * mid.AU20)
    lips = lips * (1 + 0.5 * mid.AU22 + 0.2 * mid.AU27)
    full = (1 - t2).clamp(0, 1)
    full = (full + 1e-4).sqrt() * (4 * full).clamp(max=1)
    cupid = 1 - 0.25 * bump(s, 0 * s, 0.04, 1)
    red = torch.minimum(line - upper + 0.85 * lips * full * cupid, lower + 1.25 * lips * full - line)
    red = ramp(red, 1.2) * within
    dark = dark + 0.20 * bump(s, line - lower - 1.3 * lips - 0.035, 0.14, 0.025)
    dark = dark + (0.35 + 0.2 * (au.AU12 + au.AU24 + au.AU14)) * bump(s - mouth, line, 0.03, 0.03)
    fade = unit((y - 0.06) / 0.16)  # into the upper face
    fade = fade * fade * (3 - 2 * fade)
    paint = tone.skin[:, :, None] * (1 - (dark * fade).clamp(0, 0.85))[:, None]
    beard = bump(s, y - lip_y + 0.10, 0.2, 0.045)
    beard = torch.maximum(ramp(y - 0.34 - 0.9 * (s - 0.35).clamp(0), 5) * ramp(s + y - 0.62, 5), beard)
    paint = cover(paint, unit(who.beard - 2 * young) * beard, torch.minimum(tone.hair, 0.7 * tone.skin))
    paint = cover(paint, red, tone.lip)
    seam = (0.55 + 0.35 * mid.AU23 + 0.2 * mid.AU24 - 0.3 * t2) * stroke(
        line - 0.5 * (upper + lower), 0.03 + 0.4 * (lower - upper)
    )
    paint = paint * (1 - 0.85 * (seam * within).unsqueeze(1))
    inside = inside * within
    paint = cover(paint, inside, 0.35 * tone.red)
    # teeth: a row above, seldom one below
    bright = 0.92 - 0.35 * t2
    if edge < 0.035:  # single teeth
        bright = bright * (1 - 0.06 * (1 + torch.cos(s * (2 * math.pi / 0.055))))
    bright = bright.unsqueeze(1) * tone.white[:, :, None]
    show = (
        unit(1.3 * mid.AU12 + mid.AU10 + mid.AU20 + who.teeth - 0.5 * mid.AU27)
        * part
        * ramp(0.88 * mouth - s, 1.5)
    )
    paint = cover(
        paint, inside * show * ramp(upper + (0.85 * (lower - upper)).clamp(max=0.15) - line), bright
    )
    show = (
        unit(mid.AU20 + 0.6 * mid.AU10 - 0.35 + who.teeth - 0.4 * mid.AU12)
        * part
        * ramp(0.75 * mouth - s, 1.5)
    )
    paint = cover(
        paint, inside * show * ramp(line - lower + (0.45 * (lower - upper)).clamp(max=0.07)), 0.85 * bright
    )
    return paint, h * fade + 0.035 * red * (1 + mid.AU22) - 0.05 * inside


def hollow(height, texel):
    """How much sky a place sees: hollows are darker (ambient occlusion). (n, 1, h, w) => the same."""
    k = 2 * max(1, round(0.055 / texel)) + 1
    near = F.pad(height, [k // 2] * 4, mode="replicate")
    near = F.avg_pool2d(F.avg_pool2d(near, (k, 1), 1), (1, k), 1)  # a square mean, its sides one by one
    return 1 - (4.0 * (near - height)).clamp(0, 0.5)


def sample(texture, s, y):
    """Read a texture (n, c, h, w) at surface coordinates (n, 1, height, width)."""
    grid = torch.stack([s / WIDTH, (2 * y - TOP - BOTTOM) / (BOTTOM - TOP)], -1).squeeze(1)
    return F.grid_sample(texture, grid, align_corners=False, padding_mode="border")


def meet(height, jaw, who, scene, size, edge):
    """Meet each pixel's ray with the head: an ellipsoid with a jaw, swollen by the height map.

    Returns a namespace of (n, 1, h, w): s and y on the surface, z (depth), face (1 where the head is), and
    u, v, the pixel before yaw and pitch.
    """
    rows, columns = (torch.arange(k).to(jaw) * 2 + 1 - k for k in size)
    short = min(size)
    u0 = (columns / short).view(1, 1, 1, -1) / scene.scale - scene.dx
    v0 = (rows / short).view(1, 1, -1, 1) / scene.scale - scene.dy
    cos, sin = torch.cos(scene.roll), torch.sin(scene.roll)
    u, v = cos * u0 + sin * v0, cos * v0 - sin * u0
    (cy, sy), (cp, sp) = ((torch.cos(a), torch.sin(a)) for a in (scene.yaw, scene.pitch))
    # the photographer centres what is seen of the face, not the skull
    uc, vc = u + 0.55 * sy, v - 0.45 * sp * cy + 0.035 - 0.35 * jaw
    deep = 0.86
    ox, oy, oz = uc * cy + vc * sp * sy, vc * cp, uc * sy - vc * sp * cy
    dx, dy, dz = -cp * sy, sp, cp * cy
    swell, y = 1.12, vc
    for step in range(4):
        k = y.clamp(-1, 1)
        narrow = who.jaw * k.clamp(0) * (0.4 + 0.6 * k) + 0.15 * (k + 0.1).clamp(max=0) ** 2  # chin, temples
        a = who.width * (1 - narrow + 0.10 * who.square * bump(k - 0.55, 0 * k, 0.22, 1))
        b = torch.where(y > 0, who.chin + jaw, 1.10)
        ax, by, cz = ((swell * r) ** -2 for r in (a, b, torch.full_like(a, deep)))
        alpha = ax * dx**2 + by * dy**2 + cz * dz**2
        beta = ax * ox * dx + by * oy * dy + cz * oz * dz
        gamma = ax * ox**2 + by * oy**2 + cz * oz**2
        closest = gamma - beta**2 / alpha  # squared, of the ray to the middle; 1 on the silhouette
        z = (-beta + ((1 - closest).clamp(2e-3) * alpha).sqrt()) / alpha
        x, y = ox + z * dx, oy + z * dy
        s = CURVE * torch.atan2(x / who.width, (oz + z * dz) / deep)
        if step < 3:
            swell = 1 + sample(height, s, y) * (0.5 if step < 2 else 0.8)
    face = ((1 - (closest + 1e-6).sqrt()) * who.width / edge + 0.5).clamp(0, 1)
    return SimpleNamespace(s=s, y=y, z=z, face=face, u=uc, v=vc, u0=u0, v0=v0)


def shine(hit, scene, pixel):
    """Light of each pixel from the slope of the depth: diffuse, with a soft cast shadow, and gloss."""
    p = F.pad(hit.z, [1, 1, 1, 1], mode="replicate")
    nx = (p[:, :, 1:-1, :-2] - p[:, :, 1:-1, 2:]) * (0.5 / pixel) * scene.scale
    ny = (p[:, :, :-2, 1:-1] - p[:, :, 2:, 1:-1]) * (0.5 / pixel) * scene.scale
    nx, ny = (3 * torch.tanh(c / 3) * 0.8 for c in (nx, ny))  # rims would turn black
    length = (1 + nx**2 + ny**2).sqrt()
    lx, ly = scene.light_x, scene.light_y
    norm = (1 + lx**2 + ly**2).sqrt()
    lit = (nx * lx + ny * ly + 1) / (length * norm)
    # a place is in shadow if the surface a little towards the light stands in its way
    grid_x = (torch.arange(hit.z.shape[3]).to(lx) * 2 + 1) / hit.z.shape[3] - 1
    grid_y = (torch.arange(hit.z.shape[2]).to(lx) * 2 + 1) / hit.z.shape[2] - 1
    shadow = 0
    for away in (0.08, 0.16):
        gx = (grid_x.view(1, 1, 1, -1) + away * lx / norm).expand(len(lx), 1, len(grid_y), -1)
        gy = (grid_y.view(1, 1, -1, 1) + away * ly / norm).expand(len(lx), 1, -1, len(grid_x))
        there = F.grid_sample(
            hit.z, torch.stack([gx, gy], -1).squeeze(1), align_corners=False, padding_mode="border"
        )
        shadow = shadow + ((there - hit.z - away / norm) * 6).clamp(0, 0.5)
    wrap = unit(0.35 + 0.65 * lit)
    light = scene.ambient + (1 - scene.ambient) * 1.35 * wrap * wrap * (1 - 0.6 * shadow * hit.face)
    half = ((nx * lx + ny * ly) / (1 + norm) + 1) / length  # towards half-way between light and camera, about
    return light, (half.clamp(0, 1) ** 12) * (1 - scene.ambient)


def behind(hit, who, scene, tone, room, rough, size, edge):
    """What is behind the face: a room, neck and shoulders, hair."""
    u, v = hit.u, hit.v
    far = grow(room[:, :1] + 0.2 * room[:, : tone.skin.shape[1]], size)  # things far away, softly coloured
    things = scene.back_busy * (far + 1.2 * torch.tanh(8 * far.roll(size[1] // 7, -1)))
    picture = unit(scene.back + scene.back_tilt * hit.v0 + things) * tone.white
    neck = ((0.5 * who.width + 0.07 + 1.2 * (v - 1.02).clamp(0) - u.abs()) / (edge * 2) + 0.5).clamp(0, 1)
    neck = neck * ((v - 0.5) / edge).clamp(0, 1)
    cloth = ((v - 1.12 + 0.1 * u.abs()) / edge).clamp(0, 1)
    picture = mix(picture, neck, mix(0.6 * tone.skin, cloth, scene.cloth))
    long_ = who.hair_length.clamp(0, 2)
    wide = who.width + 0.07 + 0.12 * who.hair_volume
    mane = (
        1
        - (
            (u / (wide + 0.05 * long_)) ** 2
            + ((v + 0.05) / torch.where(v < -0.05, 1.13 + 0.12 * who.hair_volume, 0.3 + 1.5 * long_)) ** 2
            + 1e-6
        ).sqrt()
    )
    mane = (0.8 * (mane + 0.04 * rough * who.curl) / edge + 0.5).clamp(0, 1) * (who.hair_length > -0.75)
    strands = torch.sin(60 * u + 2 * rough + 6 * v * who.curl)
    hair = tone.hair * (0.8 + 0.25 * rough * who.curl.clamp(0.3) + 0.08 * strands + 0.15 * u * scene.light_x)
    hit.mane, hit.hair = mane, hair
    picture = mix(picture, mane, hair)
    ear = (
        (0.055 - ((u.abs() - who.width) ** 2 + (0.45 * (v + 0.03)) ** 2 + 1e-6).sqrt()) / edge + 0.5
    ).clamp(0, 1)
    return mix(picture, ear * (long_ < 0.4), 0.7 * tone.skin)


def before(picture, hit, light, rough, who, scene, tone, edge):
    """What lies over the face: hair, hat, glasses, mask, hands, and text across the picture."""
    s, y = hit.s, hit.y
    ramp = lambda d, soft=1.0: (d / (edge * soft) + 0.5).clamp(0, 1)  # noqa: E731
    # hair: above the hairline, and down the temples
    line = who.hairline + 0.3 * s**2 + who.parting * s + 0.05 * rough * who.curl
    ear = 0.74 + 0.55 * (y + 0.05).clamp(0)  # further back on the cheeks than on the temples
    temple = s.abs() - ear - who.parting.abs() * 0.3 + 0.1 * unit(who.hair_length) + 0.03 * rough
    cap = torch.maximum(
        ramp(line - y, 2), ramp(temple, 3) * ramp(0.2 + 1.5 * who.hair_length.clamp(0) - y, 4)
    )
    picture = mix(picture, cap * hit.mane, hit.hair * (0.4 + 0.6 * light))
    # hat
    hat = (who.hat > 0) * ramp(-0.58 + 0.25 * s**2 - y, 1) * ramp(1.25 - hit.u.abs() / (who.width + 0.12), 2)
    picture = mix(picture, hat, (0.15 + 0.8 * who.hat.clamp(0, 1)) * (0.5 + 0.5 * light))
    # glasses
    gx, gy = (s.abs() - 0.35) / 0.235, (y + 0.21) / 0.17
    rim = ((gx**2 + gy**2 + 0.35 * gx**2 * gy**2 + 1e-6).sqrt() - 1) * 0.19
    frame = torch.maximum(stroke(rim, 0.035), stroke(y + 0.28, 0.03) * (s.abs() < 0.12))
    frame = torch.maximum(frame, stroke(y + 0.27, 0.03) * (s.abs() > 0.53)) * hit.face
    on = (who.glasses > 0).to(s)
    picture = mix(picture, frame * on * (0.45 + 0.55 * who.glasses.clamp(0, 1)), 0.08)
    picture = mix(picture, on * (who.glasses > 0.9) * ramp(-rim) * hit.face, 0.07)
    # medical mask
    mask = (who.mask > 0) * ramp(y - 0.12 + 0.25 * s**2) * ramp(0.85 - s.abs()) * hit.face
    picture = mix(picture, mask, (0.55 + 0.4 * who.mask.clamp(0, 1)) * light)
    # a hand: four fingers and a palm, in the picture's plane
    hx, hy = hit.u - scene.hand_x, hit.v - scene.hand_y
    cos, sin = torch.cos(scene.hand_turn), torch.sin(scene.hand_turn)
    hx, hy = cos * hx + sin * hy, cos * hy - sin * hx
    finger = torch.remainder(hx, 0.115) - 0.0575
    reach = 0.55 - 2.2 * (hx + 0.03) ** 2
    body = ramp(0.23 - hx.abs()) * ramp(hy + reach, 1)
    tube = (1 - (finger / 0.062) ** 2).clamp(0.05).sqrt()
    gaps = torch.where(hy < 0.0, tube, torch.ones_like(tube))
    picture = mix(
        picture,
        body * scene.hand,
        tone.skin * (0.35 + 0.65 * gaps) * (0.55 + 0.3 * scene.ambient + 0.2 * (hit.u * scene.light_x)),
    )
    # letters of a stock-photo agency
    word = (torch.remainder(hit.u0 * 7 + 3 * rough, 1.0) > 0.35).to(s) * ramp(
        0.06 - (hit.v0 - scene.text_y).abs()
    )
    return mix(picture, 0.45 * word * unit(scene.text), 0.95)


def photograph(picture, scene, grain):
    """Tone curve, blur, low resolution, compression and grain of the camera."""
    picture = picture - picture.mean((1, 2, 3), keepdim=True)
    spread = picture.std((1, 2, 3), keepdim=True, correction=0) + 0.03
    picture = picture * (scene.contrast / spread) + scene.level
    soft = 0.25 * unit(scene.blur)
    for turn in ((1, 1, 0, 0), (0, 0, 1, 1)):
        p = F.pad(picture, turn, mode="replicate")
        near = p[..., :-2] + p[..., 2:] if turn[0] else p[..., :-2, :] + p[..., 2:, :]
        picture = (1 - 2 * soft) * picture + soft * near
    coarse = F.interpolate(F.avg_pool2d(picture, 2, ceil_mode=True), picture.shape[2:], mode="bilinear")
    picture = mix(picture, (scene.low_res > 0).to(picture), coarse)
    return unit(squeeze(picture + unit(scene.noise) * grain, scene.compression))


def squeeze(picture, step):
    """Compress as JPEG does: round the cosine transform of 8 x 8 blocks, the finer the wave the coarser."""
    height, width = picture.shape[2:]
    k = torch.arange(8).to(picture)
    cosine = torch.cos(math.pi / 8 * k[:, None] * (k + 0.5)) * (0.5 - 0.1464466 * (k[:, None] == 0))
    blocks = F.pad(picture, (0, -width % 8, 0, -height % 8), mode="replicate")
    blocks = blocks.unflatten(3, (-1, 8)).unflatten(2, (-1, 8)).transpose(3, 4)  # (n, c, rows, columns, 8, 8)
    waves = cosine @ blocks @ cosine.T
    grid = (step.clamp(1e-4) * (1 + 0.6 * (k[:, None] + k)))[:, :, None, None]
    waves = waves + (torch.round(waves / grid) * grid - waves).detach()  # the gradient looks through
    blocks = (cosine.T @ waves @ cosine).transpose(3, 4).flatten(4, 5).flatten(2, 3)
    return torch.where(step > 0, blocks[:, :, :height, :width], picture)


def grow(coarse, size):
    """Blow small random grids (n, c, h, w) up to smooth pictures of unit variance."""

    def weights(nodes, k):
        at = torch.linspace(0, nodes - 1, k).to(coarse)
        kernel = torch.exp(-((at[:, None] - torch.arange(nodes).to(coarse)) ** 2))
        return kernel / (kernel**2).sum(1, keepdim=True).sqrt()

    return weights(coarse.shape[2], size[0]) @ coarse @ weights(coarse.shape[3], size[1]).T
