"""The audit finds what does not add up, by computing: a doctored number turns a verdict round."""

import numpy as np
import pandas as pd
import pytest

from affectkit.papers import _arithmetic, _claims, audit, check_report, claims

KNOWN = {  # paper -> places that contradict, with a piece of the arithmetic
    "hegh2025": {
        "abstract | hybrid | accuracy with GAN": "92 in Table 1",
        "results, phase 2 | hybrid | precision": "printed 94",
        "results, phase 2 | hybrid | recall": "printed 91",
        "discussion | hybrid | accuracy without GAN": "90 in Table 1",
        "discussion | over Ali & Hughes 2023 | precision": "92 - 83.84 = 8.16, printed 10.16",
        "discussion | over Bao et al. 2024 | accuracy": "92 - 81.9 = 10.1, printed 11.1",
        "discussion | over Ma et al. 2022 | recall": "26.1 in performance comparison",
        "dataset | DEAP | emotions": "0 of DEAP's labels",
        "Table 1 | F1, LSTM | improvement": "86 - 75 = 11, printed 9",
        "Table 2 | recall | Ma et al. 2022": "65.90 is called accuracy",
    },
    "yousaf2025": {
        "Table 6 | MobileNet + GAN | basic accuracy": "100 x 0.35 = 35, printed 81",
        "Table 6 | MobileNet + GAN | compound accuracy": "100 x 0.41 = 41, printed 56",
        "Table 4 | weighted average | recall": "/792 = 0.3802, printed 0.41",
        "Table 4 | average | recall": "/11 = 0.3291, printed 0.34",
        "Table 4 | weighted average | F1": "/792 = 0.3724, printed 0.39",
        "Table 5 | weighted average | F1": "at most 2 x 0.39 x 0.35/(0.39 + 0.35) = 0.3689",
        "Table 5 | surprise | F1": "= 0.3097, printed 0.35",
        "Table 1 | fear | original": "at most 281, printed 562",
        "Table 2 | surprise | test": "329 (half of 658)",
        "Table 2 | happiness | test": "1,185, printed 2185",
        "Table 4 | sadly surprised | recall": "4/18 = 0.2222, printed 0.21",
        "methods | GAN of generator and discriminator | parameters": "2,150,787 of the generator +",
    },
    "electronics2022": {
        "4. Data | disgust | new samples": "3 x (4757 - 3252) = 4,515, printed 3252",
        "Table 3 | disgust | total": "4757 - 3252 = 1,505, printed 1506",
        "Table 9 | joy | total": "1817 in Table 7",
        "7. Testing | Model B | testing images": "7264 - 870 = 6,394, printed 6395",
        "Table 5 | 2:GREY | parameters": "2,943,811, printed 2946811",
        "Table 5 | 3:TL | parameters": "3,231,939, printed 3228864",
        "4. Data | RADBOUD | images": "= 4,221, printed 4403",
        "Table 4 | neutral | KDEF GAN Generated": "3 x (140 - 23) = 351, printed 1213",
    },
    "alharbawee2024": {
        "Table II | average | Exp. 4": ", printed 0.932",
        "4-A. Experiments on emotion recognition | Exp. 1 | features": "512 x 64 x 64 = 2,097,152",
        "4-B. Experiments on action units | Exp. 1 | feature vectors": "printed 8129",
        "Table VII | pix2pixHD | IS": "at least 1, printed 0.875",
        "Table VII | ours | FID": "12.30",
    },
    "kumar2024": {
        "Table 1 | DenseNet121 + GRU | F1": "= 99.48, printed 99.57",
        "Table 1 | Xception + GRU | F1": "= 98.43, printed 98.47",
        "Table 1 | DenseNet121 + GRU | accuracy": "recall 100 in every class leaves no error, printed 99.65",
        "4. Proposed methodology | DenseNet121 + GRU | output units": "printed 7",
    },
}
UNKNOWN = {("hegh2025", "faces and signals are of one person"),
           ("hegh2025", "nothing made from test samples was trained on"),
           ("electronics2022", "an FID beside that of real images"),
           ("electronics2022", "five folds foretell the test"),
           ("alharbawee2024", "the same labels have the same area"),
           ("alharbawee2024", "the accuracy is of new people"),
           ("alharbawee2024", "as the set's card has it"),
           ("kumar2024", "weighted recall is accuracy")}  # fmt: skip


@pytest.fixture(scope="module")
def table():
    return audit()


@pytest.mark.parametrize("key", KNOWN)
def test_every_known_contradiction_is_found(table, key):
    wrong = table[(table["paper"] == key) & (table["verdict"] == "contradicts")]
    for place, piece in KNOWN[key].items():
        said = wrong.loc[wrong["place"] == place, "arithmetic"]
        assert any(piece in text for text in said), place


def test_what_would_need_the_data_is_said(table):
    unknown = table[table["verdict"] == "cannot be checked"]
    assert set(zip(unknown["paper"], unknown["check"], strict=True)) == UNKNOWN
    assert (unknown["arithmetic"].str.len() > 40).all()
    people = unknown.loc[unknown["check"] == "as the set's card has it", "arithmetic"].item()
    assert "210 people were filmed for CK+, sequences of 123" in people
    assert unknown["arithmetic"].str.contains("99.0 % of test images").sum() == 1
    folds = unknown.loc[unknown["check"] == "five folds foretell the test", "arithmetic"]
    assert len(folds) == 3 and folds.str.contains("76 % .* 93 % ").all(), "sets are mixed otherwise"


@pytest.mark.parametrize("key, check, least", [
    ("alharbawee2024", "average of the column", 15), ("electronics2022", "sum of the column", 35),
    ("yousaf2025", "sum of the column", 7), ("electronics2022", "parameters of the network, head and all", 6),
    ("electronics2022", "accuracy is so many of the test images", 12), ("yousaf2025", "sum", 1),
    ("yousaf2025", "parameters of the generator alone", 1), ("hegh2025", "difference of two columns", 11),
    ("alharbawee2024", "features of the network described", 1),
])  # fmt: skip
def test_what_holds_is_said_to_hold(table, key, check, least):
    found = table[(table["paper"] == key) & (table["check"] == check) & (table["verdict"] == "holds")]
    assert len(found) >= least


@pytest.mark.parametrize("key, name, number, check, before, after", [
    ("kumar2024", "Table 1 | Xception + GRU | F1", "98.43", _arithmetic.AVERAGED_F1, "contradicts", "holds"),
    ("kumar2024", "Table 1 | VGG16 + GRU | F1", "99", _arithmetic.AVERAGED_F1, "holds", "contradicts"),
    ("alharbawee2024", "Table II | average | Exp. 4", "0.940", "average of the column", "contradicts",
     "holds"),
    ("alharbawee2024", "Table IV | AU1 | Exp. 1", "0.898", "average of the column", "holds", "contradicts"),
    ("electronics2022", "Table 9 | joy | total", "1817", "the same images in two tables", "contradicts",
     "holds"),
    ("electronics2022", "Table 2 | 1:RGB | parameters", "1469789", "parameters of the network, head and all",
     "holds", "contradicts"),
    ("hegh2025", "discussion | hybrid | accuracy without GAN", "90", "says the same as elsewhere",
     "contradicts", "holds"),
    ("yousaf2025", "Table 5 | surprise | F1", "0.31", "F1 from precision and recall", "contradicts", "holds"),
    ("yousaf2025", "Table 3 | total | test", "793", "sum of the column", "holds", "contradicts"),
])  # fmt: skip
def test_a_doctored_number_turns_the_verdict_round(table, key, name, number, check, before, after):
    doctored = claims()
    names = doctored[["table", "row", "metric"]].agg(" | ".join, axis=1)
    place = (doctored["paper"] == key) & (names == name)
    assert place.sum() == 1
    doctored.loc[place, "printed"] = number
    rows = (table["paper"] == key) & (table["check"] == check)
    rows &= table["place"] == (name if "AU1" not in name else "Table IV | average | Exp. 1")
    assert table.loc[rows, "verdict"].item() == before
    again = audit(doctored[doctored["paper"] == key])
    assert again.loc[rows[table["paper"] == key].to_numpy(), "verdict"].item() == after


def test_an_unknown_paper_is_named():
    with pytest.raises(ValueError, match="claims has the paper 'smith2030'; checks are there for hegh2025"):
        audit(claims().assign(paper="smith2030"))


def test_rounding_is_given_every_chance():
    x, y = _arithmetic.printed("0.40", "share"), _arithmetic.printed("0.4", "share")
    assert (x.low, x.high) == pytest.approx((0.395, 0.405)) and y.high == pytest.approx(0.45)
    assert _arithmetic.printed("1", "share").low == pytest.approx(0.995), "a bare 1 is no rounded 0.5"
    assert _arithmetic.printed("100", "%").high == 100 and _arithmetic.printed("12", "images").low == 12
    assert _arithmetic.f1(x, x).low == pytest.approx(0.395)
    nothing = _arithmetic.printed("0.00", "share")
    assert (nothing.low, nothing.high) == (0, 0.005) and _arithmetic.f1(nothing, nothing).low == 0
    gap = _arithmetic.printed("92", "%") - _arithmetic.printed("65.9", "%")
    assert (gap.low, gap.high) == pytest.approx((25.55, 26.65)), "26.2 could be true, alone"
    assert (3 * gap).text == "3 x (92 - 65.9)"


def test_no_averaged_f1_is_above_that_of_the_averages():
    """The bound behind a verdict: drawn at random, it always holds."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        p, r, w = rng.uniform(0.01, 1, (3, 6))
        w /= w.sum()
        limit = 2 * (w @ p) * (w @ r) / (w @ p + w @ r)
        assert w @ (2 * p * r / (p + r)) <= limit + 1e-12


REPORT = pd.DataFrame(
    {"precision": ["0.80", "0.50", "0.65"], "recall": ["0.75", "0.60", "0.68"],
     "F1": ["0.77", "0.55", "0.66"], "support": [40, 10, ""]},
    index=["calm", "stress", "average"],
)  # fmt: skip


def test_anybodys_report():
    table = check_report(REPORT, accuracy="72")
    assert set(table["verdict"]) == {"holds"} and len(table) == 9
    wrong = check_report(REPORT.replace("0.60", "0.63"), accuracy="81").query("verdict == 'contradicts'")
    assert set(wrong["check"]) == {"recall is so many of the test images", "weighted recall is accuracy"}
    assert not check_report(REPORT.drop(columns="support"))["check"].str.contains("test images").any()


def test_a_class_never_named_and_one_never_tested():
    table = pd.DataFrame(
        {"precision": ["0.75", "0.00", "0.00"], "recall": ["1.00", "0.00", "0.00"],
         "F1": ["0.86", "0.00", "0.00"], "support": [30, 10, 0]},
        index=["calm", "stress", "joy"],
    )  # fmt: skip
    found = check_report(table, accuracy="75")
    assert set(found["verdict"]) == {"holds"} and "table | joy | recall" not in set(found["place"])
    wrong = check_report(table.assign(F1=["0.86", "0.10", "0.00"])).query("verdict == 'contradicts'")
    assert wrong["place"].tolist() == ["table | stress | F1"]
    untested = check_report(table.assign(support=0), accuracy="75")
    assert "weighted recall is accuracy" not in set(untested["check"])


def test_a_report_must_be_as_printed():
    with pytest.raises(ValueError, match="pandas DataFrame .* not ndarray"):
        check_report(REPORT.to_numpy())
    with pytest.raises(ValueError, match="lacks the column F1"):
        check_report(REPORT.drop(columns="F1"))
    with pytest.raises(ValueError, match="write numbers as text"):
        check_report(REPORT.assign(F1=[0.77, 0.55, 0.66]))
    with pytest.raises(ValueError, match="table . calm . F1 is 'abc', which is no number"):
        check_report(REPORT.replace("0.77", "abc"))
    with pytest.raises(ValueError, match="all . accuracy is '81 %', which is no number"):
        check_report(REPORT, accuracy="81 %")
    with pytest.raises(ValueError, match="support of calm must be a count"):
        check_report(REPORT.replace(40, "many"))
    for table in (REPORT.drop(columns="support"), REPORT.replace(40, "")):
        with pytest.raises(ValueError, match="accuracy can be checked only by the support of every class"):
            check_report(table, accuracy="72")
    assert _claims.split("a | b | c") == ("a", "b", "c")
