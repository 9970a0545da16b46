"""The face twin: seeds, people and moments, errors, and pictures that answer to their action units."""

import numpy as np
import pytest
import torch

from affectkit.emotions import CANONICAL, COMPOUNDS
from affectkit.twins import faces

FER = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
UNITS = faces.ACTION_UNITS


# ------------------------------------------------------------------------------------------- whole sets


def test_counts_types_and_extras():
    images, target, extras = faces.make((5, 0, 3), classes=("happy", "fear", "sad"), size=32)
    assert images.shape == (8, 32, 32) and images.dtype == np.uint8
    assert target.dtype == np.int64 and np.bincount(target, minlength=3).tolist() == [5, 0, 3]
    units = extras["action_units"]
    assert units.shape == (8, len(UNITS)) and units.dtype == np.float32
    assert 0 <= units.min() < units.max() <= 1
    assert tuple(extras["action_unit_names"]) == UNITS
    assert extras["pose"].shape == (8, 3) and extras["pose"].dtype == np.float32
    assert extras["identity"].dtype == extras["shown"].dtype == np.int64
    assert len(set(extras["identity"])) == 8


def test_an_empty_set_is_a_set():
    images, target, extras = faces.make((0, 0), classes=("happy", "sad"), size=8)
    assert images.shape == (0, 8, 8) and len(target) == len(extras["action_units"]) == 0


def test_same_seed_same_bytes_other_seed_other_people():
    first, target, _ = faces.make([6] * 7, classes=FER, random_state=[3, 1])
    again, same, _ = faces.make([6] * 7, classes=FER, random_state=[3, 1])
    other, _, _ = faces.make([6] * 7, classes=FER, random_state=[3, 2])
    assert np.array_equal(first, again) and np.array_equal(target, same)
    assert np.mean(first == other) < 0.1
    assert not np.allclose(faces.people([0], random_state=1), faces.people([0], random_state=2))


def test_label_noise_is_what_was_asked_for():
    for noise in (0.0, 0.2):
        _, target, extras = faces.make([200] * 7, classes=FER, size=2, label_noise=noise)
        # a mislabelled face shows a class drawn at random: one in seven is right after all
        assert np.mean(target != extras["shown"]) == pytest.approx(noise * 6 / 7, abs=0.035)


def test_pixels_are_spread_like_those_of_fer2013():
    images, _, _ = faces.make([50] * 7, classes=FER)
    assert images.mean() == pytest.approx(129.5, abs=6)
    assert images.std() == pytest.approx(65, abs=6)


# ------------------------------------------------------------------------------------ people and moments


def test_a_picture_depends_on_its_person_and_moment_alone():
    emotions = [CANONICAL[k % 8] for k in range(70)]
    who, when = np.arange(70) // 2, np.arange(70)
    whole, extras = faces.portray(emotions, identity=who, moment=when, size=24)
    rows = np.r_[69:3:-5, 0]
    part, more = faces.portray([emotions[i] for i in rows], identity=who[rows], moment=when[rows], size=24)
    assert np.array_equal(part, whole[rows])
    assert np.array_equal(more["action_units"], extras["action_units"][rows])


def test_cores_do_not_matter():
    cores = torch.get_num_threads()
    drawn = []
    try:
        for number in (1, 3):
            torch.set_num_threads(number)
            drawn.append(faces.make([10] * 7, classes=FER, size=24)[0])
            assert torch.get_num_threads() == number, "the setting is given back"
    finally:
        torch.set_num_threads(cores)
    assert np.array_equal(*drawn)


def test_one_moment_seen_from_three_sides():
    same = dict(identity=[4, 4, 4], moment=[7, 7, 7], size=32)
    images, extras = faces.portray(["joy"] * 3, yaw=[-40, 0, 40], **same)
    units, pose = extras["action_units"], extras["pose"]
    assert np.array_equal(units[0], units[1]) and np.array_equal(units[0], units[2])
    assert pose[:, 0] == pytest.approx(np.radians([-40, 0, 40]), abs=1e-4)
    assert np.ptp(pose[:, 1:], axis=0).max() == 0
    assert all(np.abs(images[i].astype(float) - images[1]).mean() > 10 for i in (0, 2))
    looks, _ = faces.portray(["joy"] * 2, identity=[4, 4], moment=[7, 7], yaw=[0, 0], gaze=[-25, 25])
    assert 0 < np.mean(looks[0] != looks[1]) < 0.5, "the eyes turn, the head does not"


def test_another_moment_is_another_expression_of_the_same_person():
    images, extras = faces.portray(["joy"] * 2, identity=[4, 4], moment=[7, 8], size=32)
    assert not np.array_equal(*images) and not np.array_equal(*extras["action_units"])
    traits = faces.people([4, 4, 5])
    assert np.array_equal(traits[0], traits[1]) and not np.allclose(traits[0], traits[2])
    low, high = np.array(list(faces.TRAITS.values())).T
    assert traits.shape == (3, len(low)) and (traits >= low - 1e-6).all() and (traits <= high + 1e-6).all()


def test_intensity_grades_an_expression():
    strength = (0.0, 0.5, 1.0)
    _, extras = faces.portray(["surprise"] * 3, identity=[1] * 3, moment=[2] * 3, intensity=strength, size=8)
    raised = extras["action_units"][:, UNITS.index("AU1")]
    assert raised[0] < 0.1 < raised[1] < raised[2]


def test_contempt_is_one_sided():
    units = []  # what the renderer is handed: (n, 21, 2)
    with pytest.MonkeyPatch.context() as patch:
        express = faces._express
        patch.setattr(faces, "_express", lambda *given: units.append(express(*given)) or units[-1])
        for emotion in ("contempt", "disgust"):  # apart: chunks of one call are drawn side by side
            faces.portray([emotion] * 20, size=4, style="acted")
    dimple, wrinkle = UNITS.index("AU14"), UNITS.index("AU9")
    sides = np.array([one[0] for one in units])
    contempt, disgust = sides[:20, dimple], sides[20:, wrinkle]
    assert (contempt.max(1) > 2 * contempt.min(1)).mean() > 0.8
    assert (disgust.max(1) < 2 * disgust.min(1)).all() and disgust.max() > 0.5
    assert 2 < contempt.argmax(1).sum() < 18, "now left, now right"


def test_every_emotion_and_compound_can_be_shown():
    names = [*CANONICAL, *FER, *COMPOUNDS]
    images, extras = faces.portray(names, size=16, style="acted")
    assert images.shape == (len(names), 16, 16)
    both = extras["action_units"][names.index("happily surprised")]
    assert both[UNITS.index("AU12")] > 0.3 and both[UNITS.index("AU1")] > 0.5


def test_scenarios_name_units_that_exist():
    assert set(faces.SCENARIOS) == set(CANONICAL)
    for scenarios in faces.SCENARIOS.values():
        assert sum(weight for weight, *_ in scenarios) == pytest.approx(1)
        for _, means, *_ in scenarios:
            assert set(means) <= set(UNITS) and all(0 <= value <= 1 for value in means.values())


def test_acted_is_plainer_than_wild():
    (wild, w), (acted, a) = (faces.portray(["joy"] * 40, size=24, style=style) for style in ("wild", "acted"))
    assert (a["pose"].std(0) < 0.3 * w["pose"].std(0)).all()
    assert a["action_units"].std(0).sum() < w["action_units"].std(0).sum()
    for of_light in (np.mean, np.std):  # one studio, one lamp
        assert of_light(acted, (1, 2)).std() < 0.5 * of_light(wild, (1, 2)).std()


@pytest.mark.parametrize("size", [(20, 32), (32, 20)])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_shape_grey_or_rgb(size, channels):
    images, _ = faces.portray(["joy", "fear"], size=size, channels=channels)
    assert images.shape == (2, *size, *([3] if channels == 3 else []))
    assert images.std() > 20


def test_skin_is_not_grey():
    face = faces.render(size=48, channels=3, skin=0.8).astype(float)[20:34, 18:30]
    red, green, blue = face.mean((0, 1))
    assert red > green > blue


# ----------------------------------------------------------------------------------------- action units


@pytest.mark.parametrize("seed", range(3))
def test_action_units_move_what_they_should(seed):
    look = dict(random_state=seed, size=96, hair=0.1, hairline=-0.9, skin=0.9, crease=1, bend=0)
    middle = slice(45, 51)

    def picture(*units):
        return faces.render(dict.fromkeys(units, 1), **look).astype(float)

    def change(*units):  # of grey, apart from the camera's answer to it
        moved = picture(*units) - picture()
        return moved - np.median(moved)

    for unit in ("AU1", "AU2", "AU4", "AU5", "AU43"):
        assert (change(unit)[:50] ** 2).sum() > 0.9 * (change(unit) ** 2).sum(), unit
    for unit in ("AU12", "AU15", "AU17", "AU20", "AU22", "AU23", "AU24", "AU25"):
        assert (change(unit)[50:] ** 2).sum() > 0.9 * (change(unit) ** 2).sum(), unit
    assert change("AU1")[:26, 36:60].mean(1).min() < -8  # raised brows stand on the forehead,
    assert change("AU4")[20:45, middle].mean(1).min() < -12  # lowered ones make a furrow,
    assert change("AU9")[25:60, middle].mean(1).min() < -8  # the nose wrinkles,
    assert change("AU43")[20:45].max() > 50  # closed lids hide the iris,
    opened = picture("AU25", "AU26", "AU27") - picture("AU26", "AU27")
    assert opened[60:, middle].min() < -60  # the open mouth is dark,
    assert (picture("AU12", "AU25") - picture("AU12"))[60:].max() > 50  # teeth are bright,
    corners = np.r_[26:38]
    dark = [np.clip(-change(unit), 0, None)[60:, corners].sum(1) for unit in ("AU12", "AU15")]
    smile, frown = (rows @ np.arange(len(rows)) / rows.sum() for rows in dark)
    assert smile + 3 < frown  # a smile's corners stand higher


@pytest.mark.parametrize("unit", UNITS)
def test_every_unit_shows_and_is_graded(unit):
    half, full = ((faces.render({unit: x}) - faces.render().astype(float)).ravel() for x in (0.5, 1))
    assert np.abs(full).max() > 12
    assert 0.2 < half @ full / (full @ full) < 0.8, "half a unit is about half of the change"


@pytest.mark.parametrize("unit", ["AU1", "AU4", "AU6", "AU12", "AU14", "AU43"])
def test_left_and_right_are_mirror_images(unit):
    look = dict(light_x=0, parting=0, curl=0, gaze_x=0, bend=0, patches=0)  # a face that is symmetric itself
    calm = faces.render(**look).astype(float)
    left, right = (faces.render({f"{side}{unit[2:]}": 1}, **look) - calm for side in "LR")
    assert np.abs(left[:, 28:]).sum() > 3 * np.abs(left[:, :20]).sum(), "their left is our right"
    assert np.corrcoef(left.ravel(), right[:, ::-1].ravel())[0, 1] > 0.85
    both = faces.render({f"L{unit[2:]}": 1, f"R{unit[2:]}": 1}, **look)
    assert np.array_equal(both, faces.render({unit: 1}, **look))


def test_render_takes_names_and_arrays():
    units = np.zeros((2, len(UNITS)))
    units[1, UNITS.index("AU27")] = 1
    batch = faces.render(units, size=24)
    assert batch.shape == (2, 24, 24)
    assert np.array_equal(batch[0], faces.render(size=24))
    assert np.array_equal(batch[1], faces.render({"AU27": 1.0}, size=24))
    assert np.array_equal(batch[1], faces.render(np.stack([units[1]] * 2, 1)[None], size=24)[0])
    assert np.array_equal(batch[1], faces.render(units[1], size=24))


def test_looks_change_the_picture():
    plain = faces.render()
    for look in (dict(yaw=0.3), dict(pitch=0.2), dict(roll=0.2), dict(light_x=-1), dict(glasses=0.5),
                 dict(beard=0.9), dict(hat=0.5), dict(mask=0.8), dict(hand=1), dict(skin=0.4), dict(age=1),
                 dict(blur=0.7), dict(back=0.1), dict(text=0.5), dict(eye_open=0.1)):  # fmt: skip
        assert np.mean(faces.render(**look) != plain) > 0.02, look
    assert not np.array_equal(faces.render(yaw=0.3), faces.render(yaw=-0.3))


@pytest.mark.parametrize("shape", [(1, 21), (1, 21, 2)])
def test_gradcheck_with_respect_to_action_units(shape):
    generator = torch.Generator().manual_seed(0)
    units = 0.3 + 0.4 * torch.rand(shape, generator=generator, dtype=torch.float64)
    units.requires_grad_()
    for seed in range(2):
        assert torch.autograd.gradcheck(
            lambda x, seed=seed: faces.draw(x, size=12, random_state=seed), units, fast_mode=True
        )
    faint = (0.25 * units).detach().requires_grad_()  # strong ones saturate: a fold has its full depth
    gradient = torch.autograd.grad(faces.draw(faint, size=24, random_state=1).square().sum(), faint)[0]
    assert (gradient != 0).all(), "every unit can be felt"


def test_pictures_follow_dtype_and_looks_carry_gradients():
    yaw = torch.tensor([0.1, -0.2], dtype=torch.float64, requires_grad=True)
    drawn = faces.draw(torch.full((2, 21), 0.4, dtype=torch.float64), size=16, channels=3, yaw=yaw)
    assert drawn.shape == (2, 3, 16, 16) and drawn.dtype == torch.float64
    drawn.square().sum().backward()
    assert (yaw.grad != 0).all()


# -------------------------------------------------------------------------------------------- bad input


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: faces.render({"AU99": 1.0}), "action_units.*AU99"),
        (lambda: faces.render({"L99": 1.0}), "action_units.*L99"),
        (lambda: faces.render({"AU12": 1.5}), "action_units"),
        (lambda: faces.render({"AU12": -0.1}), "action_units"),
        (lambda: faces.render({"AU12": float("nan")}), "action_units"),
        (lambda: faces.render(np.zeros(3)), "action_units"),
        (lambda: faces.render(np.zeros((2, 21, 3))), "action_units"),
        (lambda: faces.draw(torch.zeros(21)), "action_units"),
        (lambda: faces.draw(torch.full((1, 21), 2.0)), "action_units"),
        (lambda: faces.render(size=0), "size"),
        (lambda: faces.render(size=(1, 2, 3)), "size"),
        (lambda: faces.render(size=2.5), "size"),
        (lambda: faces.render(channels=2), "channels"),
        (lambda: faces.render(nose_ring=1), "nose_ring"),
        (lambda: faces.portray(["hungry"]), "hungry"),
        (lambda: faces.portray(["joy"], style="painted"), "style"),
        (lambda: faces.portray(["joy"], intensity=[1.2]), "intensity"),
        (lambda: faces.portray(["joy"], intensity=[float("nan")]), "intensity"),
        (lambda: faces.portray(["joy"], intensity=[0.1, 0.2]), "intensity"),
        (lambda: faces.portray(["joy"], identity=[1, 2]), "identity"),
        (lambda: faces.portray(["joy"], moment=3), "moment"),
        (lambda: faces.portray(["joy"], yaw=[[1]]), "yaw"),
        (lambda: faces.portray(["joy"], gaze=[1, 2]), "gaze"),
        (lambda: faces.portray(["joy"] * 9, size=10**6), "smaller size"),
        (lambda: faces.make([1], classes=["happy"], size=-1), "size"),
        (lambda: faces.make([-1], classes=["happy"]), "counts"),
        (lambda: faces.make([1.5], classes=["happy"]), "counts"),
        (lambda: faces.make([1, 2], classes=["happy"]), "counts"),
        (lambda: faces.make([1], classes=["happy"], label_noise=2), "label_noise"),
        (lambda: faces.make([1], classes=["happy"], label_noise=float("nan")), "label_noise"),
        (lambda: faces.make([1], classes=["hungry"]), "hungry"),
        (lambda: faces.make([1], classes=["happy"], style="painted"), "style"),
    ],
)
def test_bad_input_names_the_argument(call, argument):
    with pytest.raises(ValueError, match=argument):
        call()
