"""The papers' tables as data: complete, as printed, and malformed files are refused."""

import pytest

from affectkit.papers import _claims, claims

CELLS = {  # numbers of every table; words are of the three that hold none or few
    "hegh2025": {"Table 1": 12 * 3, "Table 2": 7},
    "yousaf2025": {"Table 1": 8 * 3, "Table 2": 8 * 2, "Table 3": 12 * 2, "Table 4": 13 * 3 + 11,
                   "Table 5": 9 * 3 + 7, "Table 6": 6 * 2},
    "electronics2022": {"Table 1": 7 * 2, "Table 2": 3 * 6, "Table 3": 5 * 7, "Table 4": 3 * 7,
                        "Table 5": 3 * 6, "Table 6": 3 * 6, "Table 7": 7 * 8, "Table 8": 5 * 7,
                        "Table 9": 3 * 7, "Table 10": 9 * 2, "Table 11": 3 * 6},
    "alharbawee2024": {"Table I": 4 + 4 + 4, "Table II": 9 * 8 - 3, "Table III": 34, "Table IV": 15 * 8,
                       "Table V": 0, "Table VI": 0, "Table VII": 7 + 8 + 6 + 5},
    "kumar2024": {"Table 1": 3 * 4},
}  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return claims()


def printed(table, key, name):
    table_name, row, metric = _claims.split(name)
    found = table.set_index(["paper", "table", "row", "metric"]).loc[(key, table_name, row, metric)]
    return found["printed"], found["unit"]


@pytest.mark.parametrize("key", CELLS)
def test_every_table_is_there_cell_by_cell(table, key):
    of_paper = table[(table["paper"] == key) & table["table"].str.startswith("Table")]
    assert of_paper.groupby("table")["value"].count().to_dict() == CELLS[key]


@pytest.mark.parametrize("key, name, number, unit", [
    ("hegh2025", "Table 1 | F1, LSTM | improvement", "9", "points"),
    ("hegh2025", "Table 2 | precision | Ali & Hughes 2023", "83.84", "%"),
    ("hegh2025", "discussion | hybrid | accuracy without GAN", "80", "%"),
    ("yousaf2025", "Table 4 | sadly fearful | recall", "0.24", "share"),
    ("yousaf2025", "Table 2 | happiness | test", "2185", "images"),
    ("electronics2022", "Table 5 | 2:GREY | parameters", "2946811", "parameters"),
    ("electronics2022", "Table 10 | B, 1:RGB | test accuracy", "73.90", "%"),
    ("alharbawee2024", "Table II | average | Exp. 4", "0.932", "share"),
    ("alharbawee2024", "Table II | sad | Exp. 3", "0.940", "share"),
    ("alharbawee2024", "Table VI | angry | action units", "AU4 AU5 AU7 AU17 AU23 AU24", "words"),
    ("kumar2024", "Table 1 | DenseNet121 + GRU | recall", "100", "%"),
])  # fmt: skip
def test_numbers_stand_as_printed(table, key, name, number, unit):
    assert printed(table, key, name) == (number, unit)


def test_columns_and_places(table):
    assert list(table.columns) == _claims.COLUMNS and table["value"].isna().equals(table["unit"] == "words")
    assert not table.duplicated(["paper", "table", "row", "metric"]).any()
    first = table.iloc[0]
    assert first["place"].startswith("Table 1 (Performance comparison of utilised models), section Results")


GOOD = """
title = "T"
authors = "A"
year = 2025
[[table]]
name = "Table 1"
caption = "C"
section = "1"
unit = "%"
columns = ["accuracy", "F1"]
rows = [["CNN", 81.50, 80]]
[[text]]
place = "abstract"
claims = [["CNN", "accuracy", 81.5, "%", "Table 1 | CNN | accuracy"]]
[[ours]]
claim = "Table 1 | CNN | {metric}"
each = [[{ metric = "accuracy" }, { metric = "F1" }]]
ours = ["study | measure | CNN: {metric}", ["study | other | CNN: {metric} | a note", "real {metric}"]]
settings = "twins"
"""


def test_a_small_paper():
    paper = _claims.parse(GOOD, "some2025")
    assert [claim[6] for claim in paper["claims"]] == ["81.50", "80", "81.5"]
    assert [line["claim"] for line in paper["ours"]] == ["Table 1 | CNN | accuracy", "Table 1 | CNN | F1"]
    assert paper["ours"][1]["ours"][1] == ("study", "other", "CNN: F1", "a note")
    assert paper["ours"][1]["settings"] == ["twins", "real F1"]


@pytest.mark.parametrize("right, wrong, message", [
    ('title = "T"', "title = ", "is not valid TOML"),
    ("year = 2025", "", "year is missing"),
    ('section = "1"', "", "Table 1: section is missing"),
    ('section = "1"', 'section = "1"\ncolour = "red"', "there is no field colour"),
    ('["CNN", 81.50, 80]', '["CNN", 81.50]', "row 'CNN' has 1 cells for 2 columns"),
    ('["CNN", 81.50, 80]', '["CNN", 81.50, "80"]', "'80', which is not of unit '%'"),
    ('["CNN", 81.50, 80]', '["CNN", 81.50, 80], ["CNN", 1, 2]', "CNN | accuracy stands there twice"),
    ('unit = "%"', 'unit = ["%"]', "1 units for 2 columns"),
    ('unit = "%"', 'unit = "words"', "not of unit 'words'"),
    ('81.5, "%", "Table 1 | CNN | accuracy"', '81.5, "%", "Table 1 | LSTM | accuracy"', "there is no claim"),
    ('"accuracy", 81.5, "%", "Table', '"accuracy", "Table', "is not row, metric, number, unit"),
    ('{ metric = "F1" }', '{ metric = "recall" }', "there is no claim 'Table 1 | CNN | recall'"),
    ('"study | measure | CNN: {metric}"', '"CNN: {metric}"', "study | measure | what"),
    (', "real {metric}"]', "]", "a list of that and its own settings"),
])  # fmt: skip
def test_malformed_files_are_refused(right, wrong, message):
    assert right in GOOD
    with pytest.raises(ValueError, match="paper some2025.toml") as error:
        _claims.parse(GOOD.replace(right, wrong), "some2025")
    assert message in str(error.value)
