"""Traps of evaluation: the switch changes one thing, and the audit sees what it says it sees."""

from dataclasses import replace

import numpy as np
import pytest

from affectkit import leaks


def test_the_table_names_every_trap():
    table = leaks.traps()
    assert list(table.columns) == ["title", "leaks", "metric", "data", "seen"] and len(table) == 12
    assert not (table[["title", "leaks", "metric", "data"]] == "").any(axis=None)


@pytest.mark.parametrize("name", leaks.TRAPS)
def test_a_trap_repeats_itself_and_its_audit_says_what_it_can(name):
    score, facts = leaks.TRAPS[name].experiment(True, "twin", 0)
    assert 0 <= score <= 1 and score == leaks.run(name, leak=True, source="twin")
    seen = leaks.TRAPS[name].seen
    assert bool(seen) == (facts is not None)
    if not seen:
        assert leaks.audit(name, leak=True, source="twin") is None
        return
    leaky, honest = (leaks.audit(name, leak=leak, source="twin").set_index("check")["severity"]
                     for leak in (True, False))
    assert leaky[seen] == "leak" and honest[seen] != "leak"


@pytest.mark.parametrize("name", ["augment first", "paired first", "features saw the test"])
def test_an_honest_split_raises_no_alarm(name):
    assert "leak" not in set(leaks.audit(name, leak=False, source="twin")["severity"])


def test_near_copies_are_the_only_leak_of_their_trap():
    """Both arms know each test person by other expressions."""
    for leak in (False, True):
        facts = leaks.TRAPS["near-copies"].experiment(leak, "twin", 0)[1]
        people = np.array([instant.split(", ")[0] for instant in facts["trials"]])
        assert set(people[facts["test"]]) <= set(people[facts["train"]])


def test_hearts_used_twice_are_the_only_leak_of_their_trap():
    """Both arms know each test person by other windows."""
    owner = leaks._hearts("twin", 0)[0].groups
    for leak in (False, True):
        facts = leaks.TRAPS["paired first"].experiment(leak, "twin", 0)[1]
        known, asked = (set(owner[facts["trials"][facts[side]]]) for side in ("train", "test"))
        assert asked <= known


def test_inflation_is_the_paired_difference(monkeypatch):
    honest, leaky = (0.5, 0.7, 0.6), (0.6, 0.9, 0.9)
    trap = leaks.TRAPS["session clock"]
    fake = replace(trap, experiment=lambda leak, source, seed: ((leaky if leak else honest)[seed], None))
    monkeypatch.setitem(leaks.TRAPS, "session clock", fake)
    row = leaks.inflation("session clock", source="twin", seeds=range(3)).loc["session clock"]
    assert np.isclose([row.honest, row.leaky, row.inflation], [0.6, 0.8, 0.2]).all()
    assert np.isclose(row.inflation - row.low, 4.302653 * 0.1 / np.sqrt(3)) and row.n == 3
    assert row.metric == "AUC" and row.source == "twin"


def test_the_source_is_that_of_the_data(monkeypatch, real_data):
    monkeypatch.setenv("AFFECTKIT_SOURCE", "twin")
    assert leaks.inflation("accuracy under imbalance", seeds=range(2))["source"].item() == "twin"
    monkeypatch.delenv("AFFECTKIT_SOURCE")
    assert leaks._source(leaks.TRAPS["accuracy under imbalance"], "auto") == "real"


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="there is no trap named 'clock'.*session clock"):
        leaks.run("clock", leak=True)
    with pytest.raises(ValueError, match="seeds"):
        leaks.inflation("session clock", seeds=[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in leaks.TRAPS if name != "features saw the test"])
def test_every_trap_inflates(name):
    cheap = name in ("generator saw the test", "selected on the test", "best epoch by test")
    assert leaks.inflation(name, source="twin", seeds=range(40 if cheap else 4)).loc[name, "low"] > 0
