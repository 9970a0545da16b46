"""The scoreboard: claims beside figures, verdicts in words, nothing guessed."""

import re

import pandas as pd
import pytest

from affectkit.papers import _claims, _scoreboard, measured, scoreboard


def row(study, measure, what, value, low, high, source, seed="0"):
    figure = dict(study=study, measure=measure, what=what, value=value, low=low, high=high, source=source)
    return figure | dict(seed=seed, date=f"2026-01-0{int(seed) + 1}")


@pytest.fixture
def board():
    cnn = "classifiers", "table1", "CNN on FER-2013, original: accuracy"
    lstm = "classifiers", "table1", "LSTM on DEAP, original: accuracy"
    hybrid = "classifiers", "table1", "hybrid on FER-2013 and DEAP, original: accuracy"
    table = scoreboard(pd.DataFrame([
        row(*cnn, 0.60, 0.58, 0.63, "real"), row(*cnn, 0.62, 0.60, 0.65, "real", "1"),
        row(*lstm, 0.30, 0.25, 0.35, "twin"), row(*hybrid, 0.95, 0.93, 0.97, "FER-2013 real, DEAP twin"),
    ]))  # fmt: skip
    names = table[["table", "row", "metric"]].agg(" | ".join, axis=1)
    return table[table["paper"] == "hegh2025"].assign(name=names).set_index("name")


def test_figures_are_means_over_seeds_on_their_side(board):
    line = board.loc["Table 1 | accuracy, CNN | without GAN"]
    assert line[["claim", "real", "real low", "real high"]].tolist() == pytest.approx(
        [0.62, 0.61, 0.59, 0.64]
    )
    assert pd.isna(line["twin"]) and (line["band low"], line["band high"]) == (0.60, 0.65)
    assert (line["seeds"], line["date"]) == ("real: 0, 1", "2026-01-02")
    assert line["verdict"] == "credible; we measured the same"


def test_verdicts_in_plain_words(board):
    said = board["verdict"]
    assert said["Table 1 | accuracy, LSTM | without GAN"] == "on the twin we measured less"
    assert said["Table 1 | accuracy, hybrid | without GAN"] == "on the twin we measured more"
    assert said["Table 1 | accuracy, CNN | with GAN"] == "above what is credible; not measured"
    assert said["Table 1 | F1, LSTM | with GAN"] == "not measured"


def test_without_an_interval_nothing_is_less_or_more():
    cnn = "classifiers", "table1", "CNN on FER-2013, original: accuracy"
    lstm = "classifiers", "table1", "LSTM, original: accuracy"
    table = scoreboard(pd.DataFrame([row(*cnn, 0.3, None, None, "real"), row(*lstm, 0.3, None, None, "twin"),
                                     row(*lstm, 0.3, 0.2, 0.4, "twin", "1")]))  # fmt: skip
    said = table[table["measured"] != ""].set_index("row")["verdict"]
    assert said["accuracy, CNN"] == "credible; ours has no interval"
    assert said["accuracy, LSTM"] == "on the twin ours has no interval"


def test_a_network_that_has_one_answer_did_not_learn():
    def of(recall):
        vgg = "classifiers", "hybrids"
        ours = [row(*vgg, "vgg16-gru: accuracy", 0.25, 0.24, 0.26, "real") | dict(baseline=0.249),
                row(*vgg, "vgg16-gru: balanced accuracy", recall, recall, recall, "real")]  # fmt: skip
        table = scoreboard(pd.DataFrame(ours))
        return table[table["measured"] != ""].iloc[0]

    line = of(1 / 7)
    assert (line["verdict"], line["real baseline"]) == ("ours did not learn", 0.249)
    assert of(0.2)["verdict"] == "we measured less"


def test_shipped_majority_guessers_are_called_so():
    said = scoreboard().query("metric in ('without GAN', 'accuracy')").set_index("row")["verdict"]
    assert said["accuracy, LSTM"] == "on the twin ours did not learn"
    assert said["accuracy, hybrid"] == "on the twin we measured less"
    assert said["Xception + GRU"] == "we measured less"


def test_half_a_twin_is_no_real_data(board):
    line = board.loc["Table 1 | accuracy, hybrid | without GAN"]
    assert pd.isna(line["real"]) and line["twin"] == 0.95


def test_settings_are_those_of_the_row_shown(board):
    name = "Table 1 | accuracy, hybrid | without GAN"
    assert "paired by label" in board.loc[name, "settings"]
    pairs = row("classifiers", "table1", "hybrid, original: accuracy", 0.7, 0.6, 0.8, "twin")
    cnn = [row("classifiers", "table1", f"CNN{where}, original: accuracy", 0.6, 0.5, 0.7, source)
           for where, source in ((" on FER-2013", "real"), ("", "twin"))]  # fmt: skip
    table = scoreboard(pd.DataFrame([pairs, *cnn])).set_index(["paper", "row", "metric"])
    said = table["settings"]["hegh2025"]
    assert said["accuracy, hybrid", "without GAN"] == "true pairs of the twin, people kept apart"
    assert said["accuracy, CNN", "without GAN"].startswith("twin: its network, faces of the twin's pairs")
    assert "; real: its three convolutions" in said["accuracy, CNN", "without GAN"]
    assert said["accuracy, LSTM", "without GAN"].startswith("seven emotions made of DEAP's ratings")


def test_an_empty_table_is_all_unmeasured():
    table = scoreboard(measured().iloc[:0])
    assert table["verdict"].str.endswith("not measured").all() and table[["twin", "real"]].isna().all(
        axis=None
    )
    with pytest.raises(ValueError, match="results lacks the column source"):
        scoreboard(pd.DataFrame(columns=["study", "measure", "what", "value"]))


def test_shipped_figures_are_whole():
    table = measured()
    assert list(table.columns) == _scoreboard.MEASURED
    assert table[["study", "measure", "what", "value", "source", "seed", "date"]].notna().all(axis=None)
    assert not table.duplicated(["study", "measure", "what", "seed"]).any()
    assert scoreboard()["real"].notna().any()


def named():
    return {name[:3] for key in _claims.KEYS for entry in _claims.read(key)["ours"] for name in entry["ours"]}


def invented(what, script):
    """Parts of a figure's name that its study's script, which builds it of parts, has nowhere."""
    return [part for part in re.split(", |: ", what) if part not in script]


def test_every_row_looked_for_is_one_that_its_study_makes(load, repository):
    there = measured()
    known = {key: set(part["what"]) for key, part in there.groupby(["study", "measure"])}
    for study in {study for study, _, _ in named()} - {"lessons"}:
        measures = load("study", "generators_signals", study).MEASURES
        script = (repository / "docs" / f"{study}.py").read_text("utf-8")
        for _, measure, what in (name for name in named() if name[0] == study):
            assert measure in measures, f"{study} measures no {measure}"
            made = what in known[study, measure] if (study, measure) in known else not invented(what, script)
            assert made, f"{study} {measure} has no row {what!r}"


def test_an_invented_row_is_found_before_it_is_measured(repository):
    script = (repository / "docs" / "transfer.py").read_text("utf-8")
    assert invented("Exp. 1, hold-out, discriminator: AUC", script) == []
    assert invented("Exp. 1, held out, discriminator: AUROC", script) == ["held out", "AUROC"]


def test_every_lessons_row_is_recorded_by_its_lesson(repository):
    for _, lesson, what in (name for name in named() if name[0] == "lessons"):
        text = (repository / "notebooks" / f"{lesson}.py").read_text("utf-8")
        assert all(re.search(re.escape(part), text) for part in what.split(": "))


def test_the_wheel_packs_what_was_measured(repository):
    assert '"data/measured" = "affectkit/_measured"' in (repository / "pyproject.toml").read_text("utf-8")
    assert _scoreboard.folder() == repository / "data" / "measured"


def test_the_page_is_that_of_the_figures(load, repository):
    page = load("study", "scoreboard").page()
    stored = (repository / "docs" / "scoreboard.md").read_text("utf-8")
    assert page == stored, "run `python docs/scoreboard.py`"
    assert stored.count("What cannot be true:") == len(_claims.KEYS) and "not measured" in stored
