"""The traps with a switch: measured figures, runs here, and guesses."""

import numpy as np
import pandas as pd
import pytest
from sklearn.utils import Bunch

import affectkit as ak
from affectkit.apps import LeakLab, leak_lab


@pytest.fixture
def arms(monkeypatch):
    """A quick trap in place of all: which arms were run, in order."""
    asked = []

    def run(name, *, leak, source, random_state):
        asked.append((name, leak, source, random_state))
        return 0.4 + 0.01 * (random_state % 10) + 0.25 * leak

    monkeypatch.setattr(leak_lab, "leaks", Bunch(traps=ak.leaks.traps, run=run))
    return asked


@pytest.fixture
def app(arms):
    app = LeakLab()
    app.view()
    return app


def set_figures(monkeypatch, rows):
    columns = ["study", "source", "what", "value", "low", "high", "n"]
    monkeypatch.setattr(leak_lab.papers, "measured", lambda: pd.DataFrame(rows, columns=columns))


def test_every_trap_has_advice_and_figures_of_the_twin():
    names = list(ak.leaks.traps().index)
    assert sorted(leak_lab.ADVICE) == sorted(names) and len(names) == 12
    figures = leak_lab.measured_traps(names)
    for name in names:
        assert "twin" in figures[name]
        for row in figures[name].values():
            assert row["inflation"] == pytest.approx(row["leaky"] - row["honest"], abs=1e-4)
            assert row["low"] <= row["inflation"] <= row["high"] and row["n"] in (10, 20, 60)  # seeds
    assert set(figures["session clock"]) == {"twin", "real"}


@pytest.mark.parametrize("name", list(leak_lab.ADVICE))
def test_the_switch_tells_each_trap(app, name):
    app.controls_["leak"].value = True
    app.controls_["trap"].value = name
    trap, row = ak.leaks.traps().loc[name], app._figures[name]["twin"]
    assert trap["leaks"] in app.words_ and leak_lab.ADVICE[name] in app.words_
    assert f"adds {round(100 * row['inflation']):+d} points" in app.words_
    assert ("may be chance" in app.words_) == (row["low"] <= 0 <= row["high"])
    app.controls_["leak"].value = False
    assert app.words_.startswith(f"Without the leak the {trap['metric']} is {row['honest']:.2f}")
    assert not app.errors_


def test_figures_that_are_not_whole_are_left_out(monkeypatch):
    set_figures(monkeypatch, [
        ("leaks", "twin", "near-copies: honest, accuracy", 0.5, np.nan, np.nan, 7),
        ("leaks", "twin", "near-copies: leaky, accuracy", 0.75, np.nan, np.nan, 7),
        ("leaks", "twin", "near-copies: inflation", 0.25, 0.2, 0.3, 7),
        ("leaks", "twin", "near-copies: inflation, people drawn", 0.3, 0.2, 0.4, 29),
        ("leaks", "real", "near-copies: inflation", 0.2, 0.1, 0.3, 5),  # its arms are lacking
        ("leaks", "real", "inflation", 0.9, 0.1, 0.3, 5),
        ("other", "real", "near-copies: honest", 1, 0, 1, 5),
    ])  # fmt: skip
    row = dict(honest=0.5, leaky=0.75, inflation=0.25, low=0.2, high=0.3, n=7)
    assert leak_lab.measured_traps(["near-copies", "session clock"]) == {
        "near-copies": {"twin": row}, "session clock": {}}  # fmt: skip


def test_a_run_here_adds_a_point_with_a_seed_of_its_own(app, arms):
    button, before = app.controls_["run"], bytes(app.picture_.value)
    said = []
    app._says.observe(lambda change: said.append((change.new, button.disabled)), "value")
    button.click()
    button.click()
    both = [(leak, "twin", seed) for seed in (1000, 1001) for leak in (False, True)]
    assert [row[1:] for row in arms] == both
    assert np.allclose(app.runs_["oversample first"], [(0.4, 0.65), (0.41, 0.66)])
    assert "run here: +25, 2 seeds" in app.words_ and app.picture_.value != before
    assert "honest arm" in said[0][0] and "leaky arm" in said[1][0] and said[0][1] and not button.disabled
    app.controls_["trap"].value = "near-copies"
    assert "run here" not in app.words_


def test_an_error_in_a_run_is_shown_and_leaves_no_half_a_point(app, monkeypatch):
    monkeypatch.setitem(leak_lab.leaks, "run", lambda *_, **__: 1 / 0)
    app.controls_["run"].click()
    assert [type(error) for error in app.errors_] == [ZeroDivisionError]
    assert not app.runs_ and not app.controls_["run"].disabled
    app.controls_["reset"].click()
    assert app.picture_.layout.visibility == "visible"


def test_guess_first_hides_all_that_gives_it_away(app):
    app.controls_["guess first"].value = True
    told = round(100 * app._figures["oversample first"]["twin"]["inflation"])
    assert "How many points" in app.words_ and str(told) not in app.words_
    app.controls_["guess"].value = 30
    before = bytes(app.picture_.value)
    app.controls_["reveal"].click()
    assert app.guesses_["oversample first"][0] == 30 and app.picture_.value != before
    assert f"adds {told:+d} points" in app.words_ and "You said +30." in app.words_
    app.controls_["guess"].value = 40  # too late
    app.controls_["leak"].value = False
    app.controls_["reveal"].click()
    assert app.guesses_["oversample first"][0] == 30
    app.controls_["trap"].value = "near-copies"
    app.controls_["leak"].value = False
    assert "How many points" in app.words_
    app.controls_["reveal"].click()
    off = np.mean([abs(said - truth) for said, truth in app.guesses_.values()])
    assert f"your 2 guesses so far are {off:.0f} points off on average." in app.words_


def test_without_measured_figures_there_is_what_is_run_here(app, arms, monkeypatch):
    set_figures(monkeypatch, [])
    app = LeakLab("session clock")
    app.view()
    app.controls_["reveal"].click()
    assert app.words_.startswith("No figures of this trap") and not app.errors_
    app.controls_["run"].click()
    assert "adds +25 points (run here: +25, 1 seed)" in app.words_


def test_an_unknown_trap_is_named():
    with pytest.raises(ValueError, match="there are: augment first"):
        LeakLab("magic").view()


@pytest.mark.slow
def test_a_run_here_is_that_of_leaks():
    app = LeakLab("features saw the test")
    app.view()
    app.controls_["run"].click()
    same = dict(source="twin", random_state=leak_lab.FIRST)
    assert app.runs_["features saw the test"] == [
        tuple(ak.leaks.run("features saw the test", leak=leak, **same) for leak in (False, True))]
