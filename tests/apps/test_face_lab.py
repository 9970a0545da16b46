import numpy as np
import pytest
from matplotlib.figure import Figure

from affectkit import emotions
from affectkit.apps import FaceLab, face_lab


@pytest.fixture(scope="module")
def app():
    app = FaceLab()
    app.view()
    return app


def test_every_unit_has_its_slider_once():
    assert sorted(face_lab.UPPER + face_lab.LOWER) == sorted(face_lab.faces.ACTION_UNITS)


@pytest.mark.parametrize("name", emotions.PROTOTYPES)
def test_a_recipe_is_closest_to_itself(name):
    match = face_lab.recipe_match(dict.fromkeys(emotions.PROTOTYPES[name], 0.5))
    assert max(match, key=match.get) == name
    assert match[name] == pytest.approx(1) and all(0 <= value <= 1 + 1e-9 for value in match.values())


def test_an_emotion_sets_the_units_and_a_blend_shares_them_out(app):
    app.controls_["emotion"].value, app.controls_["intensity"].value = "fear", 1.0
    assert app.units_ == dict.fromkeys(emotions.PROTOTYPES["fear"], 1.0)
    app.controls_["second"].value, app.controls_["blend"].value = "surprise", 0.25
    assert app.units_ == {"AU1": 1, "AU2": 1, "AU5": 1, "AU15": 0.75, "AU25": 1, "AU27": 0.25}
    assert "AU15 lip corner depressor" in app.words_ and "fear" in app.words_


def test_words_tell_what_a_picture_tells(app):
    app.controls_["reset"].click()
    usual = app.words_
    for control, value, told in (("side", "the person's left", "Only the person's left half moves."),
                                 ("yaw", -20, "turned to the left by 20 degrees"),
                                 ("light_x", -1.0, "The lamp stands left, above"),
                                 ("size", 48, "48 pixels a side")):  # fmt: skip
        assert told not in app.words_
        app.controls_[control].value = value
        assert told in app.words_
    app.controls_["reset"].click()
    assert app.words_ == usual


def test_reset_brings_the_recipe_and_all_units_back(app):
    app.controls_["AU43"].value = 1
    app.controls_["reset"].click()
    assert set(app.units_) == set(emotions.PROTOTYPES["happiness"])


def test_the_first_guess_counts_and_the_answer_is_shown():
    app = FaceLab()
    app.view()
    app.controls_["sheet"].selected_index = 4
    for wrong in (True, False):
        truth = app._truth
        said = "anger" if (truth != "anger") == wrong else "fear"
        said = said if wrong else truth
        assert truth not in app.words_
        app.controls_[f"guess {said}"].click()
        app.controls_[f"guess {truth}"].click()  # too late
        assert f"the recipe was {truth}" in app.words_.lower()
        app.controls_["next"].click()
    assert (app._right, app._answered) == (1, 2)


def test_plots_take_grey_and_colour_and_close_nothing_over():
    grey = np.zeros((48, 48), np.uint8)
    assert isinstance(face_lab.plot_face(grey, face_lab.recipe_match({})), Figure)
    for truth, guess in ((None, None), ("fear", "fear"), ("fear", "anger")):
        assert isinstance(face_lab.plot_guess(np.stack([grey] * 3, -1), truth, guess, 0, 0), Figure)
