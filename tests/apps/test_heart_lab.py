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


@pytest.mark.parametrize("every", [1, 2, 3, 7])
def test_most_beats_may_be_missed(every):
    found = TRUE[::every] + 0.2
    told = heart_lab.compare_beats(found, TRUE, 1, 21)
    assert (told["right"], told["true"], told["false"]) == (len(found), 19, 0)


def test_noise_does_not_mislead_where_the_delay_is_known():
    found = np.array([1.2, 4.6, 9.7, 11.65, 14.2])
    told = heart_lab.compare_beats(found, TRUE, 1, 21, delay=0.2)
    assert (told["right"], told["false"]) == (2, 3)
    assert heart_lab.usual_delay(np.array([0.5]), TRUE) == 0  # before any beat


def test_a_beat_finds_its_partner_beyond_the_window():
    told = heart_lab.compare_beats(TRUE + np.where(TRUE == 10, 0.1, 0.2), TRUE, 10.15, 12)
    assert (told["right"], told["true"], told["false"]) == (2, 2, 0)


def test_what_is_off_the_scale_is_a_triangle():
    pulse = np.sin(2 * np.pi * np.arange(0, 21, 1 / 64))
    found = np.sort(np.append(TRUE + 0.2, 5.7))
    told = heart_lab.compare_beats(found, TRUE, 1, 20)
    figure = heart_lab.plot_heart(pulse, pulse, 64, found, TRUE, told, window=(1, 20), emotion="fear",
                                  moving=np.zeros(21, bool))  # fmt: skip
    edges = [line for line in figure.axes[-1].lines if line.get_marker() in "^v"]
    (up, down), (low, high) = edges, figure.axes[-1].get_ylim()
    assert up.get_xdata().tolist() == [5.7, 6.2] and set(up.get_ydata()) == {high}
    assert len(down.get_xdata()) == 0 and low == 52


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
    app.controls_["threshold"].value = 3.0  # few peaks stand out so far
    assert "8 of 24 beats" in app.words_ and "39 beats a minute, the truth is 95" in app.words_


def test_a_high_threshold_misses_beats_and_does_not_lose_them_all():
    app = HeartLab()
    app.view()
    app.controls_["start"].value, app.controls_["threshold"].value = 20, 1.2
    assert "9 of 22 beats are found and 0 invented" in app.words_
