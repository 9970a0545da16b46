"""The mood timer to the second, what it shows next, its films, and its alarms against hand counts."""

import numpy as np
import pytest
from sklearn.utils import Bunch

from affectkit import mood

NAMES = ["negative", "neutral", "positive"]
LOW, FINE = [0.9, 0.1, 0.0], [0.1, 0.6, 0.3]


class Fixed:
    """Shows the sea, and remembers what it was told."""

    def __init__(self):
        self.told, self.number = [], 0

    def choose(self):
        self.number += 1
        return "beach", self.number

    def tell(self, kind, better):
        self.told.append((kind, better))


def timer(**settings):
    given = dict(smoothing=0, message_after=3, landscape_after=6, view=4, gap=5, chooser=Fixed())
    return mood.MoodTimer(NAMES, **given | settings)


def stages(timer, proba, start=0):
    return [moment.stage[0] for moment in mood.run(timer, np.arange(start, start + len(proba)), proba)]


def test_first_a_message_then_landscapes_to_the_second():
    one = timer()
    proba = [FINE] + [LOW] * 12 + [FINE] * 6
    # negative from 1 s on: message at 1 + 3, landscape at 1 + 6, the next at 11; bright at its end, 15
    assert "".join(stages(one, proba)) == "wwwwmmmllllllllwwww"
    assert one.chooser_.told == [("beach", False), ("beach", True)]
    assert one.chooser_.number == 2


def test_a_message_ends_at_once_and_the_time_starts_anew():
    assert "".join(stages(timer(), [LOW] * 5 + [FINE] + [LOW] * 7)) == "wwwmmwwwwmmml"


def test_moments_say_what_and_for_how_long():
    one = timer()
    told = mood.run(one, range(8), [LOW] * 8)
    assert [moment.lasted for moment in told] == list(range(8))
    assert told[5].kind is None and (told[6].kind, told[6].number) == ("beach", 1)
    assert told[7].negative == pytest.approx(0.9)


@pytest.mark.parametrize("step", [0.1, 0.5, 2.0])
def test_smoothing_goes_by_seconds_and_not_by_frames(step):
    one = timer(smoothing=4.0)
    one.update(0, [0, 1, 0])
    for k in range(1, round(8 / step) + 1):
        last = one.update(k * step, [1, 0, 0])
    assert last.negative == pytest.approx(1 - np.exp(-8 / 4))


def test_smoothing_delays_by_its_own_law():
    """From 0 to 1, a threshold of a half is crossed after smoothing * ln 2."""
    one = timer(smoothing=10.0)
    one.update(0, [0, 1, 0])
    times = np.arange(0.1, 20, 0.1)
    crossed = next(t for t in times if one.update(t, [1, 0, 0]).negative >= 0.5)
    assert crossed == pytest.approx(10 * np.log(2), abs=0.1)


def test_a_short_absence_goes_on_and_a_long_one_begins_anew():
    assert "".join(stages(timer(), [LOW, LOW, None, LOW])) == "wwwm"
    one = timer()
    assert "".join(stages(one, [LOW] * 4 + [None] * 6 + [LOW] * 2)) == "wwwmmmmmmwww"
    one = timer(gap=2)  # longer than the gap between two frames, and nobody told of it
    one.update(0, LOW)
    assert one.update(3, LOW).lasted == 0


def test_who_leaves_before_a_landscape_is_judged_is_not_counted():
    one = timer()
    assert stages(one, [LOW] * 8 + [None] * 6)[-1] == "w"
    assert one.chooser_.told == []
    gone = one.update(20)
    assert gone.proba is None and np.isnan(gone.negative) and gone.kind is None


def test_negative_names_in_any_spelling_are_added_up():
    one = mood.MoodTimer(["Angry", "happy", "sad", "surprise"], smoothing=0)
    assert one.update(0, [0.2, 0.3, 0.4, 0.1]).negative == pytest.approx(0.6)


@pytest.mark.parametrize("settings, message", [
    (dict(smoothing=-1), "at least 0"), (dict(threshold=1.5), "threshold"), (dict(view=0), "view"),
    (dict(message_after=np.nan), "at least 0"), (dict(landscape_after=2), "landscape_after"),
    (dict(negative=("bored",)), "none of names"),
])
def test_wrong_settings(settings, message):
    with pytest.raises(ValueError, match=message):
        timer(**settings).update(0, LOW)


@pytest.mark.parametrize("time, proba", [
    (0, LOW), (np.nan, LOW), (2, [0.5, 0.5]), (2, [0.5, 0.6, 0.2]),
    (2, [np.nan, 0.5, 0.5]), (2, [1.5, -0.5, 0]),
])  # fmt: skip
def test_wrong_frames(time, proba):
    one = timer()
    one.update(1, LOW)
    with pytest.raises(ValueError, match="time=|proba must"):
        one.update(time, proba)


# ------------------------------------------------------------------------------------------------- landscapes


@pytest.mark.parametrize("how", ["thompson", "mean"])
def test_what_brightens_is_shown_more_often(how):
    chooser, rng = mood.LandscapeChooser("water", how=how, random_state=1), np.random.default_rng(0)
    chance, shown = {"beach": 0.2, "lake": 0.8, "river": 0.2}, []
    for _ in range(200):
        kind, number = chooser.choose()
        shown.append(kind)
        chooser.tell(kind, rng.random() < chance[kind])
    assert number == 200 and shown[100:].count("lake") > 80
    assert sum(map(sum, chooser.counts_.values())) == 200


def test_thompson_sampling_draws_from_the_counts():
    chooser = mood.LandscapeChooser(("lake", "river"), random_state=3)
    chooser.counts_ = {"lake": [8, 2], "river": [2, 8]}
    share = np.mean([chooser.choose()[0] == "lake" for _ in range(2000)])
    rng = np.random.default_rng(0)
    assert share == pytest.approx((rng.beta(9, 3, 10**5) > rng.beta(3, 9, 10**5)).mean(), abs=0.02)


def test_same_seed_same_landscapes():
    one, two = (mood.LandscapeChooser(random_state=4) for _ in range(2))
    assert [one.choose() for _ in range(9)] == [two.choose() for _ in range(9)]
    picture = one.draw("beach", 3, size=32)
    assert picture.shape == (32, 32, 3) and picture.dtype == np.uint8
    assert (picture == two.draw("beach", 3, size=32)).all()
    assert (picture != one.draw("beach", 4, size=32)).any()


def test_every_interest_can_be_drawn_and_others_are_errors():
    from affectkit.twins import scenes

    assert {kind for kinds in mood.INTERESTS.values() for kind in kinds} == set(scenes.KINDS)
    for options in (dict(interest="cities"), dict(interest=()), dict(how="greedy")):
        with pytest.raises(ValueError, match="unknown"):
            mood.LandscapeChooser(**options).choose()


# --------------------------------------------------------------------------------------- films and classifier


@pytest.fixture(scope="module")
def sad_film():
    return mood.film([("neutral", 6), ("sadness", 6)], person=2, size=96, channels=3, scale=0.8)


def test_a_film_follows_its_script(sad_film):
    assert sad_film.frames.shape == (24, 96, 96, 3) and sad_film.frames.dtype == np.uint8
    assert sad_film.time.tolist() == [k / 2 for k in range(24)]
    assert sad_film.label.tolist() == ["neutral"] * 12 + ["sadness"] * 12
    again = mood.film([("neutral", 6), ("sadness", 6)], person=2, size=96, channels=3, scale=0.8)
    assert (again.frames == sad_film.frames).all()
    assert mood.film([("thinking", 1.0)], fps=1).frames.shape == (1, 48, 48)
    with pytest.raises(ValueError, match="has no frame"):
        mood.film([("neutral", 0.1)])


def test_a_short_film_shows_an_upright_head():
    pytest.importorskip("cv2")
    film = mood.film([("neutral", 10)], person=13, size=240, channels=3, scale=0.8)
    assert np.mean([mood.find_face(frame)[1] is not None for frame in film.frames]) > 0.8


def test_the_face_is_found_and_its_expression_told(sad_film):
    pytest.importorskip("cv2")
    found = [mood.find_face(frame) for frame in sad_film.frames]
    assert all(box for _, box in found)
    assert all(face.shape == (box[2], box[2], 3) for face, box in found)
    model = mood.classifier("B")
    assert model.classes_.tolist() == NAMES
    negative = [model.predict_proba(face[None])[0, 0] for face, _ in found]
    assert np.mean(negative[13:]) > np.mean(negative[:11]) + 0.2


def test_no_face_is_none_and_without_opencv_the_middle_is_taken(sad_film, monkeypatch):
    from affectkit.preprocess import faces

    if faces.detectors() is not None:
        assert mood.find_face(np.full((60, 80), 128, np.uint8)) == (None, None)
    monkeypatch.setattr(faces, "detectors", lambda: None)
    face, box = mood.find_face(np.zeros((60, 80), np.uint8))
    assert box == (7, 17, 45) and face.shape == (45, 45)


@pytest.mark.parametrize("model, names", [("A", 7), ("C", 2)])
def test_the_other_models(model, names):
    assert len(mood.classifier(model).classes_) == names


def test_an_everyday_script_has_one_low_spell_of_its_length():
    for seed in range(5):
        script = mood.everyday(6, low=60, random_state=seed)
        assert sum(seconds for _, seconds in script) == pytest.approx(360)
        assert [seconds for name, seconds in script if name in mood.NEGATIVE and seconds >= 30] == [60]
    assert all(seconds < 30 for _, seconds in mood.everyday(6, low=0))


# ----------------------------------------------------------------------------------------------------- alarms


def test_alarms_against_a_count_by_hand():
    # 100 s at 1 Hz: a grimace of 4 s, a low spell of 40 s that is seen from its 5th second on
    label = np.repeat(["neutral", "anger", "neutral", "sadness", "neutral"], [20, 4, 16, 40, 20])
    seen = (np.arange(100) >= 20) & (np.arange(100) < 24) | (np.arange(100) >= 45) & (np.arange(100) < 80)
    film = Bunch(time=np.arange(100.0), label=label)
    proba = np.where(seen[:, None], LOW, FINE)
    table = mood.alarm_rates([film] * 3, [proba] * 3, NAMES, [2, 5, 36], smoothing=0).set_index("wait")
    assert table["false_per_hour"].tolist() == [60, 0, 0] and (table["hours"] == 3 * 60 / 3600).all()
    assert table["found"].tolist() == [1, 1, 0] and (table["spells"] == 3).all()
    assert table["delay"].tolist()[:2] == [7, 10] and np.isnan(table.loc[36, "delay"])
    assert table.loc[5, "false_high"] == pytest.approx(60)  # 3 in 0.05 hours
    table = mood.alarm_rates([film] * 30, [proba] * 30, NAMES, [5, 36], smoothing=0)
    assert table[["found_low", "found_high"]].to_numpy().tolist() == [[0.9, 1], [0, 0.1]]  # 3 of 30


def test_intervals_come_from_people():
    film = Bunch(time=np.arange(60.0), label=np.array(["neutral"] * 60))
    calm, wrong = np.tile(FINE, (60, 1)), np.tile(LOW, (60, 1))
    table = mood.alarm_rates([film] * 4, [wrong, calm, calm, calm], NAMES, [1], smoothing=0)
    assert table.loc[0, "false_per_hour"] == 15
    assert table.loc[0, "false_low"] == 0 and table.loc[0, "false_high"] == 45
    assert np.isnan(table.loc[0, "found"]) and table.loc[0, "spells"] == 0


@pytest.mark.parametrize("frames, rows, message", [
    ([], [], "an entry for each film"), ([3], [], "1 and 0"),
    ([3, 1], [3, 1], r"films\[1\] has 1 frames"),
    ([3, 4], [3, 3], r"proba\[1\] must have the shape \(4, 3\)"),
])
def test_alarms_name_the_film_that_does_not_fit(frames, rows, message):
    films = [Bunch(time=np.arange(float(n)), label=np.array(["neutral"] * n)) for n in frames]
    with pytest.raises(ValueError, match=message):
        mood.alarm_rates(films, [np.tile(FINE, (n, 1)) for n in rows], NAMES, [1])


def test_a_series_and_its_probabilities_are_equally_long():
    with pytest.raises(ValueError, match="they have 2 and 1 entries"):
        mood.run(mood.MoodTimer(NAMES), [0, 1], [FINE])


def test_how_negative_a_person_looks_by_label():
    film = Bunch(time=np.arange(4.0), label=np.array(["sadness", "sadness", "neutral", "neutral"]))
    table = mood.by_person([film, film], [np.array([LOW, FINE, FINE, FINE])] * 2, NAMES)
    assert table.loc["sadness"].tolist() == [0.5, 0.5] and table.loc["neutral", 1] == pytest.approx(0.1)
