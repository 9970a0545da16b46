import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from affectkit.evaluate import audit_split

RNG = np.random.default_rng(0)


@pytest.fixture
def windows():
    """6 people, 3 trials each, 10 windows of 60 s starting every 10 s in a trial."""
    groups = np.repeat([f"S{k:02d}" for k in range(6)], 30)
    trials = np.tile(np.repeat(["rest", "stroop", "talk"], 10), 6)
    start = np.tile(np.concatenate([t * 500 + 10.0 * np.arange(10) for t in range(3)]), 6)
    X = RNG.normal(75, 10, size=(180, 60, 1)).astype(np.float32)
    return {"groups": groups, "trials": trials, "intervals": np.stack([start, start + 60], axis=1), "X": X}


def severity(findings):
    return dict(zip(findings["check"], findings["severity"], strict=True))


def count(findings):
    return dict(zip(findings["check"], findings["count"], strict=True))


def test_clean_split_is_all_ok(windows):
    train, test = next(GroupKFold(3).split(windows["X"], groups=windows["groups"]))
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(windows["X"][train, :, 0], train % 2)
    findings = audit_split(train, test, **windows, synthetic=np.zeros(180, bool), pipeline=model)
    assert list(findings.columns) == ["check", "severity", "count", "detail"]
    assert set(findings["severity"]) == {"ok"} and findings["count"].sum() == 0 and len(findings) == 8


def test_random_windows_leak_people_trials_and_moments(windows):
    train, test = next(KFold(5, shuffle=True, random_state=0).split(windows["X"]))
    findings = audit_split(train, test, **windows)
    found = severity(findings)
    assert {k for k, s in found.items() if s == "leak"} == {
        "person on both sides",
        "trial on both sides",
        "windows overlap in time",
    }
    assert count(findings)["person on both sides"] == 6
    brute = sum(
        any(
            windows["groups"][i] == windows["groups"][j]
            and windows["intervals"][i, 0] < windows["intervals"][j, 1]
            and windows["intervals"][j, 0] < windows["intervals"][i, 1]
            for j in train
        )
        for i in test
    )
    assert count(findings)["windows overlap in time"] == brute > 0


def test_trials_of_a_known_person_may_be_apart(windows):
    train, test = np.flatnonzero(windows["trials"] != "talk"), np.flatnonzero(windows["trials"] == "talk")
    found = severity(audit_split(train, test, **windows))
    assert found["person on both sides"] == "leak"
    assert found["trial on both sides"] == found["windows overlap in time"] == "ok"


def test_same_trial_name_of_two_people_is_no_leak(windows):
    train, test = np.arange(150), np.arange(150, 180)
    assert severity(audit_split(train, test, **windows))["trial on both sides"] == "ok"
    assert severity(audit_split(train, test, trials=windows["trials"]))["trial on both sides"] == "leak"


def test_touching_windows_do_not_overlap():
    intervals = np.array([[0, 60], [60, 120], [119, 179], [0, 1000]])
    assert severity(audit_split([0], [1], intervals=intervals))["windows overlap in time"] == "ok"
    assert severity(audit_split([1], [2], intervals=intervals))["windows overlap in time"] == "leak"
    assert severity(audit_split([0, 3], [2], intervals=intervals))["windows overlap in time"] == "leak"


def test_shared_rows():
    findings = audit_split([0, 1, 2, 3], [3, 4])
    assert severity(findings)["row on both sides"] == "leak" and count(findings)["row on both sides"] == 1
    mask = np.array([True, True, False, False])
    assert severity(audit_split(mask, ~mask))["row on both sides"] == "ok"


def test_exact_and_near_duplicates_of_images():
    images = RNG.integers(0, 256, size=(60, 6, 6)).repeat(8, axis=1).repeat(8, axis=2).astype(np.uint8)
    train, test = np.arange(40), np.arange(40, 60)
    images[45] = images[3]
    brighter = (
        images[7].astype(int) * 0.8 + 20 + RNG.normal(0, 2, images[7].shape)
    )  # same picture, other light, noise
    images[50] = np.clip(brighter, 0, 255).astype(np.uint8)
    findings = audit_split(train, test, X=images).set_index("check")
    assert findings.loc["exact duplicate", "detail"] == "test rows 45"
    assert findings.loc["near duplicate", "detail"] == "test rows 50"
    blank = np.zeros((4, 48, 48), np.uint8)
    blank[2:] = np.array([10, 20])[:, None, None]
    assert count(audit_split([0, 2], [1, 3], X=blank)) | {"near duplicate": 0, "exact duplicate": 1} == count(
        audit_split([0, 2], [1, 3], X=blank)
    )


def test_near_duplicate_of_a_signal(windows):
    X = windows["X"].copy()
    X[170] = X[4] + 0.01
    findings = audit_split(np.arange(150), np.arange(150, 180), X=X).set_index("check")
    assert findings.loc["near duplicate", "detail"] == "test rows 170"
    assert findings.loc["exact duplicate", "severity"] == "ok"


def test_quiet_windows_at_one_level_are_no_duplicates():
    quiet = 75 + RNG.normal(0, 0.1, size=(200, 60, 1))
    lively = RNG.normal(75, 10, size=(200, 60, 1))
    findings = audit_split(np.arange(0, 400, 2), np.arange(1, 400, 2), X=np.concatenate([quiet, lively]))
    assert severity(findings)["near duplicate"] == "ok"


def test_synthetic_rows_in_test():
    findings = audit_split(np.arange(8), np.arange(8, 10), synthetic=np.arange(10) > 6)
    assert (
        severity(findings)["synthetic row in test"] == "leak"
        and count(findings)["synthetic row in test"] == 2
    )


def test_step_fitted_on_everything():
    X, y = RNG.normal(size=(100, 3)), np.arange(100) % 2
    leaky = make_pipeline(StandardScaler(), LogisticRegression())
    leaky[0].fit(X)
    leaky[1].fit(X[:80], y[:80])
    findings = audit_split(np.arange(80), np.arange(80, 100), pipeline=leaky).set_index("check")
    row = findings.loc["step fitted on other rows"]
    assert row["severity"] == "leak" and "standardscaler saw 100 rows" in row["detail"]


def test_what_is_not_given_is_said_not_to_be_checked():
    findings = audit_split([0, 1], [2, 3], groups=np.array([None] * 4), pipeline=LogisticRegression())
    rest = findings[findings["check"] != "row on both sides"]
    assert set(rest["severity"]) == {"not checked"} and rest["detail"].str.startswith("no ").all()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"groups": ["a"]}, "groups"),
        ({"intervals": np.zeros((4, 3))}, "intervals"),
        ({"train": [0.5, 1]}, "train"),
        ({"test": [[1]]}, "test"),
    ],
)
def test_errors_name_the_argument(arguments, word):
    with pytest.raises(ValueError, match=word):
        audit_split(**({"train": [0, 1], "test": [2, 3]} | arguments))
