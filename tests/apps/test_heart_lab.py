import numpy as np
import pytest

from affectkit.apps import HeartLab, heart_lab

TRUE = np.arange(1.0, 20.0)  # a beat a second


def test_beats_are_compared_after_their_usual_delay():
    found = np.sort(np.append(np.delete(TRUE, 9) + 0.2, 15.7))  # one missed, one invented
    told = heart_lab.compare_beats(found, TRUE, 5, 18)
    assert told["right"] == 12 and told["true"] == 13 and told["false"] == 1
    assert told["missed"] == pytest.approx([10.2]) and told["false times"] == pytest.approx([15.7])
    assert told["true rate"] == pytest.approx(60) and told["true rmssd"] == pytest.approx(0, abs=1e-6)
    assert told["rmssd"] > 100  # what one wrong beat does


@pytest.mark.parametrize("found", [[], [7.0], [30.0]])
def test_too_few_beats_have_no_rate(found):
    told = heart_lab.compare_beats(np.array(found), TRUE, 5, 10)
    assert np.isnan(told["rate"]) and np.isnan(told["rmssd"]) and told["true"] >= 4


def test_a_still_arm_loses_hardly_a_beat_and_a_recording_is_made_once():
    app = HeartLab()
    app.view()
    assert "invented" in app.words_ and " 0 invented" not in app.words_  # the arm begins to move
    app.controls_["person"].value, app.controls_["length"].value = 4, 15
    app.controls_["start"].value = 70
    assert "24 of 24 beats are found and 0 invented" in app.words_
    assert app.recording(4, "fear", 1.0) is app.recording(4, "fear", 1.0)
    app.controls_["threshold"].value = 3.0  # no peak stands out so far
    assert "8 of 24 beats" in app.words_ and "39 beats a minute, the truth is 95" in app.words_
