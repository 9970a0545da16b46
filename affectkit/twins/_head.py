"""How the face twin draws: a posed head as height and albedo, lit and photographed. Torch, batched, smooth.

Lengths are in half pictures: x to the right, y down, z to the viewer; a picture reaches from -1 to 1. The
skin is painted on two mirrored half textures (left and right of the picture) over (s, y), where s is the arc
length from the middle of the face along its surface. Each pixel's ray is then met with the head.
"""

import math
from bisect import bisect_left
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


def bell(x, width):
    """A hill along one direction."""
    return torch.exp(-0.5 * (x / width) ** 2)


def bump(x, y, sx, sy):
    """A smooth hill of height 1 and the widths sx and sy."""
    return bell(x, sx) * bell(y, sy)


def hills(*each):
    """The sum of hills, each (height, x, y, sx, sy), where x (and height) is one row and y one column.

    A hill is then what it is along its row times what it is along its column: the sum is a matrix product.
    """
    x = torch.cat(torch.broadcast_tensors(*(x / sx for _, x, _, sx, _ in each)), -2)
    y = torch.cat(torch.broadcast_tensors(*(y / sy for _, _, y, _, sy in each)), -1)
    rows = (height * row for (height, *_), row in zip(each, bell(x, 1).split(1, -2), strict=True))
    return bell(y, 1) @ torch.cat(torch.broadcast_tensors(*rows), -2)


def patch(s, y, left, right, top, bottom):
    """The part of a texture that a feature reaches: its index, and its s and y; never empty.

    The bounds may differ between pictures, and the widest count, only where the feature is exactly 0 at its
    own: a picture must not depend on those drawn with it. Other features are cut off at fixed places.
    """

    def span(at, low, high):
        places = at.flatten().tolist()
        low, high = torch.as_tensor(low).min().item(), torch.as_tensor(high).max().item()
        first = min(bisect_left(places, low), len(places) - 1)
        return slice(first, max(first + 1, bisect_left(places, high)))

    rows, columns = span(y, top, bottom), span(s, left, right)
    return (..., rows, columns), s[..., columns], y[..., rows, :]


def stroke(distance, width):
    """A line: 1 on it, falling to 0 at `width` to both sides."""
    return (1 - distance.abs() / width).clamp(0, 1)


def mix(picture, mask, tone):
    """Cover a picture with a tone where the mask is 1."""
    return torch.addcmul(picture, mask, tone - picture)


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
    look = sample(albedo * hollow(height, pixel / FINE), hit.s, hit.y)
    light, gloss = shine(hit, scene, pixel)
    rough = grow(noise["rough"], size)
    blotches = 1 + who.patches * grow(noise["room"][:, 1:2], size)
    light = light * (1 + scene.dapple.clamp(0) * grow(noise["room"][:, 2:], size).clamp(-1.5, 1.5))
    face = look * (blotches * light) + gloss * who.gloss * hit.face
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
    cheek = 0.025 + 0.02 * young + 0.065 * torch.maximum(au.AU6, 0.7 * au.AU12)
    h = hills(
        (0.14, s, y + 0.02, who.nose * 0.5 + 0.01, 0.17),  # bridge of the nose,
        (0.10 - 0.03 * young, s, y - tip + 0.02, who.nose * 0.7, 0.075),  # and its tip
        (-0.03, s - who.nose - 0.09, y - 0.08, 0.05, 0.16),  # the valley beside it
        (cheek, s - 0.43, y - 0.14 + 0.05 * au.AU6, 0.14, 0.12),
    )
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
    h = hills(
        (0.035, s - ex, y - ey, 0.10, 0.06),  # the eyeball
        (-who.socket, s - ex + 0.02, y - ey + 0.02, 0.20, 0.085),  # in its socket
        (0.025 + 0.02 * au.AU4, s - 0.26, y - brow - 0.01, 0.2, 0.05),  # ridge of the brows
        (0.03 * au.AU4, s - 0.06, y - brow - 0.02, 0.04, 0.06),  # corrugator
    )

    # wrinkles: of the frown, across the forehead, on the nose, at the eye's corner, and the pouch below it
    dark = hills(
        (0.50 * unit(au.AU4 * who.crease + 0.25 * old), s - 0.045, y - brow - 0.01, 0.026, 0.07),
        (0.30 * au.AU1 * (1 - au.AU2) * (1 - au.AU5), s, y - brow + 0.12, 0.09, 0.11),  # grief's furrow
        (0.18, s - ex - 0.2, y - ey + 0.01, 0.07, 0.06),  # the eye's outer corner
        (0.22 * who.tired, s - ex + 0.02, y - ey - 0.10, 0.12, 0.035),
    )
    at, x, v = patch(s, y, 0, 0.77, -1, -0.16)
    lines = 0.5 + 0.5 * torch.cos((v - brow + 0.4 * x * x) * (2 * math.pi / 0.115))
    up = unit(au.AU1 + au.AU2 - 0.3) * who.crease + 0.18 * old
    dark[at].add_(0.20 * up * lines * bump((x - 0.30 * au.AU2 - 0.05).clamp(0), v - brow + 0.21, 0.14, 0.09))
    at, x, v = patch(s, y, 0, 0.23, -0.39, 0.09)
    lines = 0.5 + 0.5 * torch.cos((v + 0.4 * x) * (2 * math.pi / 0.07))
    dark[at].add_(0.65 * au.AU9 * who.crease * lines * bump(x - 0.02, v + 0.15, 0.07, 0.08))
    at, x, v = patch(s, y, 0.40, 0.80, -0.50, 0.06)
    lines = 0.5 + 0.5 * torch.cos((v - ey) * (2 * math.pi / 0.065))
    dark[at].add_((0.32 * au.AU6 * who.crease + 0.12 * old) * lines * bump(x - ex - 0.23, v - ey, 0.05, 0.08))
    at, x, v = patch(s, y, 0, 0.70, -0.20, 0.06)
    pouch = ey + 0.13 - 0.02 * au.AU6 + 0.4 * (x - ex) ** 2
    crest = 0.22 * au.AU6 + 0.15 * au.AU7 + 0.15 * old
    dark[at].add_(crest * bump(x - ex + 0.01, v - pouch, 0.1, 0.02))

    # lids: `below` counts down from the middle of the eye; `top` up and `low` down to the lids' edges
    open_ = who.eye_open * (1 + 0.25 * young)
    reach = who.eye_width * (0.16 + edge) / 0.14
    lids, x, v = patch(s, y, ex - reach, ex + reach, ey - 1.2 * open_ - 0.22 - edge, ey + open_ + 0.1 + edge)
    t = (x - ex) / who.eye_width
    bow = (1 - t * t).clamp(-1, 1)
    width = ramp(0.16 - 0.14 * t.abs(), 1.5)
    below = v - ey - who.cant * t - 0.01
    shut = unit(1 - au.AU43 - 0.25 * au.AU7 - 0.25 * au.AU6 - 0.25 * au.AU9 - 0.18 * au.AU4)
    top = open_ * shut + 0.10 * au.AU5 * (1 - au.AU43) - 0.035 * (1 - shut) * (bow > 0)
    top = top * bow * (1 - 0.12 * t)
    low = (0.55 * open_ * (shut - 0.30 * au.AU7 - 0.25 * au.AU6).clamp(0) + 0.015 * au.AU5) * bow
    above, under = below + top, low - below  # from the upper lid down, and from the lower one up
    crease = above + 0.03 + 0.03 * who.lid - 0.02 * au.AU43
    dark[lids].add_(0.30 * width * (1 - 0.5 * au.AU4) * stroke(crease, 0.024))
    fade = unit((0.06 - y) / 0.08)  # into the lower face
    paint = tone.skin[:, :, None] * (1 - (dark * fade).clamp(0, 0.85))[:, None]

    # brows
    inner = 0.105 - 0.045 * au.AU4
    b = ((s - inner) / (who.brow_length - inner)).clamp(-2.6 * edge, 1 + 2.6 * edge)  # no hair beyond
    ends = ramp(b * 0.4, 2) * ramp((1 - b) * 0.4, 2)
    arch = who.brow_slope * (b - 0.4) - who.brow_arch * 4 * b * (1 - b) * (0.5 + 0.5 * b)
    arch = arch + (-0.13 * au.AU1 + 0.085 * au.AU4 + 0.01 * au.AU9) * (1 - b).clamp(0, 1.2)
    arch = arch - (0.07 * au.AU2 - 0.02 * au.AU4) * b.clamp(0, 1.2)
    thick = (who.brow_thick + 0.022) * (1.1 - 0.55 * b).clamp(0.1, 2)
    room = ey - 0.05 * b - brow - arch  # no brow sinks into the eye
    arch = brow + arch + room - F.softplus(room, beta=40)
    at, _, v = patch(s, y, 0.06 - 1.5 * edge, who.brow_length + 1.5 * edge, arch - thick, arch + thick)
    ends, arch, thick = (z[..., at[-1]] for z in (ends * who.brow_dark * (1 - 0.5 * young), arch, thick))
    hairs = unit(1.5 * stroke(v - arch, thick)) * ends
    paint[at] = cover(paint[at], hairs, 0.8 * torch.minimum(tone.hair, 0.6 * tone.skin))

    # eyes: white, iris, pupil, the light in it, and the lashes
    side = torch.tensor([-1.0, 1.0]).to(s).view(1, 2, 1, 1)
    x_iris, y_iris = x - ex - side * scene.gaze_x, below - scene.gaze_y + 0.012
    gaze = (x_iris**2 + y_iris**2 + 1e-6).sqrt()
    eye = width * ramp(torch.minimum(above, under), 1.1)
    white = (0.45 + 0.45 * tone.skin.mean(1, keepdim=True)) * tone.white  # as bright on dark skin, almost
    look = cover(paint[lids], eye, white[:, :, None] * unit(0.62 + 3.0 * above).unsqueeze(1))
    look = cover(look, eye * ramp(0.084 + 0.006 * young - gaze), tone.iris)
    look = cover(look, eye * ramp(0.032 - gaze), 0.4 * tone.iris)
    spark = ((x_iris - side * 0.02) ** 2 + (y_iris + 0.023) ** 2 + 1e-6).sqrt()
    look = cover(look, 0.8 * eye * ramp(0.014 - spark), tone.white)
    look = cover(look, 0.85 * unit(1.2 * width * stroke(above - 0.004, 0.03 + who.lash)), 0.1 * tone.skin)
    paint[lids] = cover(look, 0.35 * width * stroke(under, 0.022), 0.35 * tone.skin)
    return paint, h * fade


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
    at, x, v = patch(s, y, 0, 1, 0, 0.72)
    along = unit((v - 0.16) / 0.42)
    fold_s = who.nose + 0.035 + (mouth - who.nose + 0.045 + 0.03 * au.AU12) * along * (0.75 + 0.25 * along)
    fold = fold * torch.exp(-(((v - 0.32 + 0.07 * au.AU12) / 0.17) ** 2))
    beside = x - fold_s
    h = hills(
        (0.05, s - who.nose * 0.95, y - tip + 0.01, 0.045, 0.045),  # wings of the nose
        (who.fat + 0.04 * young, s - 0.45, y - 0.45, 0.2, 0.2),  # cheeks, round or hollow
        (-0.02 * (1 - who.fat * 8).clamp(0), s - 0.52, y - 0.48, 0.1, 0.2),
        (0.04 + 0.03 * mid.AU17, s, y - 0.80 - drop, 0.13, 0.08),  # chin
        (-0.03, s, y - lip_y - 0.17 - 0.8 * drop + 0.03 * mid.AU17, 0.17, 0.035),  # and the dent above it
        (0.05, s, y - lip_y, 0.30, 0.22),  # the teeth's round
    )
    h = h.repeat(1, 2, 1, 1)  # so far, both sides are alike
    h[at].add_(0.035 * fold * torch.sigmoid(beside / 0.02) * torch.exp(-((beside / 0.17) ** 2)))

    dark = hills(
        (0.60, s - 0.62 * who.nose - 0.01 * au.AU9, y - tip - 0.035, 0.03, 0.017),  # nostrils
        (0.16 * stroke(s - who.nose * 1.25, 0.03), s, y - tip, 1, 0.05),  # and their wings
        (0.15, s - who.nose - 0.06, y - 0.10, 0.04, 0.14),  # its sides
        (0.08, s, y - tip - 0.06, 0.12, 0.03),  # the nose's own shadow
        (0.25 * au.AU14, s - mouth - 0.045, y - lip_y - corner, 0.02, 0.07),  # dimple
        (0.22 * mid.AU17 * (0.6 + 0.4 * torch.cos(s * 90)), s, y - 0.76 - drop, 0.10, 0.03),
    )
    dark[at].add_(0.32 * fold * stroke(beside, 0.055))

    # the mouth: how far its line lies below the middle, and the inner contour above and below that line
    end = mouth + 0.15 + edge
    _, x, _ = patch(s, y, 0, end, 0, 1)
    t = (x / mouth).clamp(max=1.3)
    t2 = t * t
    line_y = lip_y + corner * t2 * (1.25 - 0.25 * t2)
    square = unit(au.AU20 + 0.9 * au.AU10 + 0.4 * au.AU9 - 0.6 * au.AU27)
    arc = (1 - t2 * (1 - square * (1 - t2))).clamp(0)  # a parabola; squarer with AU10 and AU20,
    oval = unit(0.9 * au.AU27 + 0.5 * au.AU22 + 0.6 * au.AU26)
    arc = mix(arc, oval, (arc + 1e-4).sqrt())
    part = unit(3 * mid.AU25)
    bared = unit(mid.AU12 + mid.AU20 + mid.AU10)
    gap = part * (0.23 * mid.AU26 + 0.36 * mid.AU27 + mid.AU25 * (0.03 + 0.15 * bared + 0.05 * mid.AU20))
    upper = -(gap * (0.30 - 0.10 * mid.AU12) + 0.075 * part * mid.AU10) * arc
    lower = gap * (0.70 + 0.10 * mid.AU12) * arc
    lips = who.lips * (1 - 0.55 * mid.AU23 - 0.75 * mid.AU24) * (1 - 0.30 * mid.AU12 - 0.25 * mid.AU20)
    lips = lips * (1 + 0.5 * mid.AU22 + 0.2 * mid.AU27)
    full = (1 - t2).clamp(0, 1)
    full = (full + 1e-4).sqrt() * (4 * full).clamp(max=1)
    cupid = 1 - 0.25 * bell(x, 0.04)
    above, below = upper - 0.85 * lips * full * cupid, lower + 1.25 * lips * full  # the lips' edges
    at, x, v = patch(s, y, 0, end, line_y + above - 0.18 - edge, line_y + lower + 1.3 * lips + 0.2 + edge)
    line = v - line_y
    within = ramp(mouth - x)
    inside = ramp(torch.minimum(line - upper, lower - line)) * within * unit(gap / 0.02 + 2 * mid.AU10 * part)
    red = ramp(torch.minimum(line - above, below - line), 1.2) * within
    shade = 0.20 * bump(x, line - lower - 1.3 * lips - 0.035, 0.14, 0.025)
    shade = shade + (0.35 + 0.2 * (au.AU12 + au.AU24 + au.AU14)) * bump(x - mouth, line, 0.03, 0.03)
    dark[at].add_(shade * unit((end - x) / 0.05))  # 0 where the patch may end
    fade = unit((y - 0.06) / 0.16)  # into the upper face
    fade = fade * fade * (3 - 2 * fade)
    paint = tone.skin[:, :, None] * (1 - (dark * fade).clamp(0, 0.85))[:, None]
    beard = bump(s, y - lip_y + 0.10, 0.2, 0.045)
    beard = torch.maximum(ramp(y - 0.34 - 0.9 * (s - 0.35).clamp(0), 5) * ramp(s + y - 0.62, 5), beard)
    paint = cover(paint, unit(who.beard - 2 * young) * beard, torch.minimum(tone.hair, 0.7 * tone.skin))
    look = cover(paint[at], red, tone.lip)
    seam = (0.55 + 0.35 * mid.AU23 + 0.2 * mid.AU24 - 0.3 * t2) * within
    seam = seam * stroke(line - 0.5 * (upper + lower), 0.03 + 0.4 * (lower - upper))
    look = look * (1 - 0.85 * seam.unsqueeze(1))
    look = cover(look, inside, 0.35 * tone.red)
    # teeth: a row above, seldom one below
    bright = 0.92 - 0.35 * t2
    if edge < 0.035:  # single teeth
        bright = bright * (1 - 0.06 * (1 + torch.cos(x * (2 * math.pi / 0.055))))
    bright = bright.unsqueeze(1) * tone.white[:, :, None]
    show = unit(1.3 * mid.AU12 + mid.AU10 + mid.AU20 + who.teeth - 0.5 * mid.AU27)
    show = show * part * ramp(0.88 * mouth - x, 1.5)
    edge_y = upper + (0.85 * (lower - upper)).clamp(max=0.15)
    look = cover(look, inside * show * ramp(edge_y - line), bright)
    show = unit(mid.AU20 + 0.6 * mid.AU10 - 0.35 + who.teeth - 0.4 * mid.AU12)
    show = show * part * ramp(0.75 * mouth - x, 1.5)
    edge_y = lower - (0.45 * (lower - upper)).clamp(max=0.07)
    look = cover(look, inside * show * ramp(line - edge_y), 0.85 * bright)
    paint[at] = look
    h = h * fade
    h[at].add_(0.035 * red * (1 + mid.AU22) - 0.05 * inside)
    return paint, h


def hollow(height, texel):
    """How much sky a place sees: hollows are darker (ambient occlusion). (n, 1, h, w) => the same."""
    k = 2 * max(1, round(0.055 / texel)) + 1
    near = F.pad(height, [k // 2] * 4, mode="replicate")
    near = sum(near[:, :, i : i + height.shape[2]] for i in range(k))  # a square mean, its sides one by one:
    near = sum(near[..., i : i + height.shape[3]] for i in range(k))  # sums are faster than pooling here
    return 1 - (near * (4.0 / k**2) - 4.0 * height).clamp(0, 0.5)


def sample(texture, s, y):
    """Read a texture (n, c, h, w) at surface coordinates (n, 1, height, width)."""
    grid = torch.cat([s / WIDTH, (2 * y - TOP - BOTTOM) / (BOTTOM - TOP)], 1).movedim(1, -1)
    return F.grid_sample(texture, grid, align_corners=False, padding_mode="border")


def meet(height, jaw, who, scene, size, edge):
    """Meet each pixel's ray with the head: an ellipsoid with a jaw, swollen by the height map.

    Returns a namespace of (n, 1, h, w): s and y on the surface, z (depth), face (1 where the head is), and
    u, v, the pixel before yaw and pitch.
    """
    cos, sin = torch.cos(scene.roll), torch.sin(scene.roll)
    (cy, sy), (cp, sp) = ((torch.cos(a), torch.sin(a)) for a in (scene.yaw, scene.pitch))
    deep = 0.86
    dx, dy, dz = -cp * sy, sp, cp * cy
    swell, y = 1.12, None
    for step in range(4):
        if step in (0, 2):  # the first two steps take one ray for 2 x 2 pixels, of pictures that are not tiny
            grid = size if step else [max(-(-k // 2), min(k, 24)) for k in size]
            rows, columns = (((torch.arange(k).to(jaw) * 2 + 1) / k - 1) for k in grid)
            u0 = columns.view(1, 1, 1, -1) * (size[1] / min(size)) / scene.scale - scene.dx
            v0 = rows.view(1, 1, -1, 1) * (size[0] / min(size)) / scene.scale - scene.dy
            # the photographer centres what is seen of the face, not the skull
            u = cos * u0 + sin * v0 + 0.55 * sy
            v = cos * v0 - sin * u0 - 0.45 * sp * cy + 0.035 - 0.35 * jaw
            ox, oy, oz = u * cy + v * (sp * sy), v * cp, u * sy - v * (sp * cy)
            rays = (ox, dx), (oy, dy), (oz / deep, dz / deep)
            in_x, in_y, in_z = ((d * d, o * d, o * o) for o, d in rays)
            if step:
                swell, y = F.interpolate(torch.cat([swell, y], 1), grid, mode="bilinear").split(1, 1)
            else:
                y = v
        k = y.clamp(-1, 1)
        down = k.clamp(0)
        narrow = who.jaw * down**2 * (0.6 + 0.45 / (down + 0.15))  # towards the chin,
        narrow = narrow + 0.15 * (k + 0.1).clamp(max=0) ** 2  # and the temples
        a = who.width * (1 - narrow + 0.10 * who.square * bell(k - 0.55, 0.22))
        ax, by = a**-2, torch.where(y > 0, (who.chin + jaw) ** -2, 1.10**-2)
        terms = zip(in_x, in_y, in_z, strict=True)
        alpha, beta, gamma = (torch.addcmul(torch.addcmul(c, ax, a), by, b) for a, b, c in terms)
        closest = (gamma - beta * beta / alpha) / swell**2  # ray to middle, squared; 1 on the silhouette
        z = (((1 - closest).clamp(2e-3) * alpha).sqrt() * swell - beta) / alpha
        x, y = ox + z * dx, oy + z * dy
        s = CURVE * torch.atan2(x / who.width, (oz + z * dz) / deep)
        if step < 3:
            swell = 1 + sample(height, s, y) * (0.5 if step < 2 else 0.8)
    face = ((1 - (closest + 1e-6).sqrt()) * who.width / edge + 0.5).clamp(0, 1)
    return SimpleNamespace(s=s, y=y, z=z, face=face, u=u, v=v, u0=u0, v0=v0)


def shine(hit, scene, pixel):
    """Light of each pixel from the slope of the depth: diffuse, with a soft cast shadow, and gloss."""
    p = F.pad(hit.z, [1, 1, 1, 1], mode="replicate")
    nx = (p[:, :, 1:-1, :-2] - p[:, :, 1:-1, 2:]) * (0.5 / pixel) * scene.scale
    ny = (p[:, :, :-2, 1:-1] - p[:, :, 2:, 1:-1]) * (0.5 / pixel) * scene.scale
    nx, ny = (4.8 * torch.sigmoid(c / 1.5) - 2.4 for c in (nx, ny))  # 2.4 tanh(c / 3): rims would turn black
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
    high = torch.where(v < -0.05, 1.13 + 0.12 * who.hair_volume, 0.3 + 1.5 * long_)
    mane = 1 - ((u / (wide + 0.05 * long_)) ** 2 + ((v + 0.05) / high) ** 2 + 1e-6).sqrt()
    mane = (0.8 * (mane + 0.04 * rough * who.curl) / edge + 0.5).clamp(0, 1) * (who.hair_length > -0.75)
    strands = torch.sin(60 * u + 2 * rough + 6 * v * who.curl)
    hair = tone.hair * (0.8 + 0.25 * rough * who.curl.clamp(0.3) + 0.08 * strands + 0.15 * u * scene.light_x)
    hit.mane, hit.hair = mane, hair
    picture = mix(picture, mane, hair)
    ear = 0.055 - ((u.abs() - who.width) ** 2 + (0.45 * (v + 0.03)) ** 2 + 1e-6).sqrt()
    ear = (ear / edge + 0.5).clamp(0, 1)
    return mix(picture, ear * (long_ < 0.4), 0.7 * tone.skin)


def those(value, *things):
    """The pictures that have it (all if a gradient may be asked for), their value, and things of theirs."""
    rows = ((value > 0) | value.requires_grad).flatten().nonzero().flatten()
    return rows, value[rows], *(x[rows] for x in things)


def before(picture, hit, light, rough, who, scene, tone, edge):
    """What lies over the face: hair, hat, glasses, mask, hands, and text across the picture."""
    s, y = hit.s, hit.y
    ramp = lambda d, soft=1.0: (d / (edge * soft) + 0.5).clamp(0, 1)  # noqa: E731
    # hair: above the hairline, and down the temples
    line = who.hairline + 0.3 * s**2 + who.parting * s + 0.05 * rough * who.curl
    ear = 0.74 + 0.55 * (y + 0.05).clamp(0)  # further back on the cheeks than on the temples
    temple = s.abs() - ear - who.parting.abs() * 0.3 + 0.1 * unit(who.hair_length) + 0.03 * rough
    temple = ramp(temple, 3) * ramp(0.2 + 1.5 * who.hair_length.clamp(0) - y, 4)
    cap = torch.maximum(ramp(line - y, 2), temple)
    picture = mix(picture, cap * hit.mane, hit.hair * (0.7 + 0.3 * light))
    # hat
    at, hat, s, y, u, shade, wide = those(who.hat, hit.s, hit.y, hit.u, light, who.width)
    cap = (hat > 0) * ramp(-0.58 + 0.25 * s**2 - y, 1) * ramp(1.25 - u.abs() / (wide + 0.12), 2)
    picture[at] = mix(picture[at], cap, (0.15 + 0.8 * hat.clamp(0, 1)) * (0.5 + 0.5 * shade))
    # glasses
    at, glasses, s, y, face = those(who.glasses, hit.s, hit.y, hit.face)
    gx, gy = (s.abs() - 0.35) / 0.235, (y + 0.21) / 0.17
    rim = ((gx**2 + gy**2 + 0.35 * gx**2 * gy**2 + 1e-6).sqrt() - 1) * 0.19
    frame = torch.maximum(stroke(rim, 0.035), stroke(y + 0.28, 0.03) * (s.abs() < 0.12))
    frame = torch.maximum(frame, stroke(y + 0.27, 0.03) * (s.abs() > 0.53)) * face * (glasses > 0)
    worn = mix(picture[at], frame * (0.45 + 0.55 * glasses.clamp(0, 1)), 0.08)
    picture[at] = mix(worn, (glasses > 0.9) * ramp(-rim) * face, 0.07)
    # medical mask
    at, mask, s, y, face, shade = those(who.mask, hit.s, hit.y, hit.face, light)
    cloth = (mask > 0) * ramp(y - 0.12 + 0.25 * s**2) * ramp(0.85 - s.abs()) * face
    picture[at] = mix(picture[at], cloth, (0.55 + 0.4 * mask.clamp(0, 1)) * shade)
    # a hand: four fingers and a palm, in the picture's plane
    cos, sin = torch.cos(scene.hand_turn), torch.sin(scene.hand_turn)
    hx, hy = hit.u - scene.hand_x, hit.v - scene.hand_y
    at, hand, u, hx, hy, cos, sin = those(scene.hand, hit.u, hx, hy, cos, sin)
    hx, hy = cos * hx + sin * hy, cos * hy - sin * hx
    finger = torch.remainder(hx, 0.115) - 0.0575
    reach = 0.55 - 2.2 * (hx + 0.03) ** 2
    body = ramp(0.23 - hx.abs()) * ramp(hy + reach, 1)
    tube = (1 - (finger / 0.062) ** 2).clamp(0.05).sqrt()
    gaps = torch.where(hy < 0.0, tube, torch.ones_like(tube))
    lit = 0.55 + 0.3 * scene.ambient[at] + 0.2 * (u * scene.light_x[at])
    picture[at] = mix(picture[at], body * hand, tone.skin[at] * (0.35 + 0.65 * gaps) * lit)
    # letters of a stock-photo agency
    at, text, u, v, torn = those(scene.text, hit.u0, hit.v0 - scene.text_y, rough)
    word = (torch.remainder(u * 7 + 3 * torn, 1.0) > 0.35) * ramp(0.06 - v.abs())
    picture[at] = mix(picture[at], 0.45 * word * unit(text), 0.95)
    return picture


def photograph(picture, scene, grain):
    """Tone curve, blur, low resolution, compression and grain of the camera."""
    picture = picture - picture.mean((1, 2, 3), keepdim=True)
    spread = ((picture * picture).mean((1, 2, 3), keepdim=True) + 1e-8).sqrt() + 0.03
    picture = picture * (scene.contrast / spread) + scene.level
    at, blur, blurred = those(scene.blur, picture)
    soft = 0.25 * unit(blur)
    for turn in ((1, 1, 0, 0), (0, 0, 1, 1)):
        p = F.pad(blurred, turn, mode="replicate")
        near = p[..., :-2] + p[..., 2:] if turn[0] else p[..., :-2, :] + p[..., 2:, :]
        blurred = (1 - 2 * soft) * blurred + soft * near
    picture[at] = blurred
    at, low, fine = those(scene.low_res, picture)
    coarse = F.interpolate(F.avg_pool2d(fine, 2, ceil_mode=True), fine.shape[2:], mode="bilinear")
    picture[at] = torch.where(low > 0, coarse, fine)
    picture = picture + unit(scene.noise) * grain
    at, step, sharp = those(scene.compression, picture)
    picture[at] = torch.where(step > 0, squeeze(sharp, step), sharp)
    return unit(picture)


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
    return blocks[:, :, :height, :width]


def grow(coarse, size):
    """Blow small random grids (n, c, h, w) up to smooth pictures of unit variance."""

    def weights(nodes, k):
        at = torch.linspace(0, nodes - 1, k).to(coarse)
        kernel = torch.exp(-((at[:, None] - torch.arange(nodes).to(coarse)) ** 2))
        return kernel / (kernel**2).sum(1, keepdim=True).sqrt()

    return weights(coarse.shape[2], size[0]) @ coarse @ weights(coarse.shape[3], size[1]).T
