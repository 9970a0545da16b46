"""The game of two networks: who learns, who rests, and that it runs without holding anybody up."""

import asyncio
import io

import numpy as np
import pytest
import torch
from PIL import Image

from affectkit.apps import GANLab, gan_lab

NAMES = ["angry", "happy", "sad"]


@pytest.fixture(scope="module")
def pile():
    """Random pictures, brighter from class to class; the last class is rare."""
    rng, y = np.random.default_rng(0), np.repeat([0, 1, 2], [24, 30, 9])
    return (rng.integers(0, 90, (len(y), 28, 28)) + 80 * y[:, None, None]).astype(np.uint8), y, NAMES


@pytest.fixture
def app(pile):
    app = GANLab(*pile)
    app.view()
    assert not app.errors_
    return app


def state(network):
    return {name: value.clone() for name, value in network.state_dict().items()}


def same(network, before):
    return all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


@pytest.mark.parametrize("button, moves", [("step D", "D"), ("step G", "G"), ("step both", "DG")])
def test_who_rests_is_left_alone(app, button, moves):
    nets = {"D": app.gan_.discriminator, "G": app.gan_.generator}
    app.step(2)  # so that batch normalisation has something to remember
    before, plane = {name: state(net) for name, net in nets.items()}, app._plane()
    app.controls_[button].click()
    assert app.gan_.steps_ == 12 and not app.errors_
    assert {name for name, net in nets.items() if not same(net, before[name])} == set(moves)
    assert (app._plane() == plane).all() == ("G" not in moves)
    assert ("D learns, G rests" in app.words_) == (moves == "D")


def test_looking_changes_nothing_and_the_same_buttons_give_the_same_game(app, pile):
    app.step(3)
    before = state(app.gan_.generator), state(app.gan_.discriminator)
    app.controls_["share"].value, app.controls_["class"].value = 0.4, "sad"
    app.controls_["judge"].click()
    assert same(app.gan_.generator, before[0]) and same(app.gan_.discriminator, before[1])
    other = GANLab(*pile)
    other.step(3)
    assert same(other.gan_.generator, before[0])
    app.controls_["again"].click()
    app.controls_["reset"].click()
    app.step(3)
    assert app.words_ == other.words_ and app.picture_.value == other.picture_.value
    assert GANLab(*pile, random_state=1).view().app.picture_.value != other.picture_.value


def test_twenty_steps_change_the_picture_and_the_judge_looks_when_it_is_due(app, monkeypatch):
    monkeypatch.setattr(gan_lab, "EVERY", 10)
    pictures = [bytes(app.picture_.value)]
    for _ in range(2):
        app.controls_["step both"].click()
        pictures.append(bytes(app.picture_.value))
    assert len(set(pictures)) == 3 and "Step 20. Both learn." in app.words_
    assert [step for step, _ in app.judged_] == [0, 10, 20] and len(app.gan_.history_) == 20
    app.step(1)
    app.controls_["judge"].click()
    app.controls_["judge"].click()  # has looked already
    assert [step for step, _ in app.judged_] == [0, 10, 20, 21]
    assert "made-up faces of step 21" in app.words_


def test_made_up_faces_fill_the_gap_as_far_as_the_slider_says(app):
    _, classes, rank = app._made
    assert (app._counts == [16, 20, 6]).all()  # two thirds; the rest is hidden
    lack = [((rank < n) & (classes == k)).sum() for k, n in enumerate([4, 0, 14])]
    assert lack == [4, 0, 14]
    app.controls_["share"].value = 0.0
    assert "changes by +0.0 points" in app.words_


def test_a_run_leaves_time_for_others_until_it_is_paused(app):
    async def play():
        app.controls_["speed"].value = 1
        app.controls_["run"].click()
        app.controls_["run"].click()  # runs already
        assert app.gan_.steps_ == 0  # a press holds nobody up
        while app.gan_.steps_ < 3:
            await asyncio.sleep(0.01)
        app.controls_["plane"].value = 3  # while it runs
        app.controls_["pause"].click()
        steps = app.gan_.steps_
        await asyncio.sleep(0.2)
        assert app.gan_.steps_ == steps
        app.controls_["run"].click()
        await asyncio.sleep(0.2)
        assert app.gan_.steps_ > steps
        app.controls_["again"].click()  # and waits at its first step
        await asyncio.sleep(0.2)
        assert app.gan_.steps_ == 0

    asyncio.run(play())
    assert not app.errors_


def test_a_run_ends_by_itself_and_at_an_error(app, monkeypatch):
    async def play():
        app.controls_["speed"].value = 5
        app.controls_["run"].click()
        await asyncio.wait_for(app._task, 120)

    monkeypatch.setattr(gan_lab, "LONGEST", 10)
    asyncio.run(play())
    assert app.gan_.steps_ == 10 and not app.errors_
    monkeypatch.setattr(app.gan_, "step", lambda *_, **__: 1 / 0)
    asyncio.run(play())
    assert [type(error) for error in app.errors_] == [ZeroDivisionError] and "went wrong" in app._says.value
    app.controls_["again"].click()  # new networks are sound
    app.controls_["step both"].click()
    assert len(app.errors_) == 1 and app.picture_.layout.visibility == "visible"


def test_a_script_has_nobody_to_press_pause(app):
    app.controls_["run"].click()
    assert app.gan_.steps_ == 10 and not app.errors_


def test_all_of_it_stands_in_one_screen(app):
    assert Image.open(io.BytesIO(app.picture_.value)).size == (400, 280)  # half of what it is, in the tests


def test_what_is_wrong_with_own_faces(pile):
    X, y, names = pile
    for wrong in ((X / 255, y, names), (X, y - 1, names), (X, y[:5], names), (X, y, names[:2]),
                  (X[:56], y[:56], names)):
        with pytest.raises(ValueError, match="six faces of each"):
            GANLab(*wrong).view()
    with pytest.raises(ValueError, match="together"):
        GANLab(X).view()
