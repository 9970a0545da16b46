import numpy as np
import pytest
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import SelectFromModel, SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer, StandardScaler
from sklearn.svm import SVC

from affectkit import datasets
from affectkit.balance import faces as balance_faces
from affectkit.evaluate import audit_split, near_copies

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
    model = StandardScaler().fit(windows["X"][train, :, 0])
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


def test_a_signal_of_many_channels_is_no_picture():
    X = RNG.normal(size=(40, 6, 6)).repeat(8, axis=1).repeat(8, axis=2).astype(np.float32)
    X[30] = 2 * X[3] + 1  # a picture lit otherwise, but another signal
    assert severity(audit_split(np.arange(20), np.arange(20, 40), X=X))["near duplicate"] == "ok"
    grey = (40 * (X - X.min())).clip(0, 255).astype(np.uint8)
    grey[30] = grey[3, :, ::-1]
    assert severity(audit_split(np.arange(20), np.arange(20, 40), X=grey))["near duplicate"] == "leak"


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


def test_a_step_that_was_not_checked_is_named():
    X, y = RNG.normal(size=(100, 3)), np.arange(100) % 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X[:80], y[:80])
    row = audit_split(np.arange(80), np.arange(80, 100), pipeline=model).set_index("check").loc[
        "step fitted on other rows"]  # fmt: skip
    assert row["severity"] == "not checked"
    assert row["detail"] == "standardscaler saw training rows only; not checked: logisticregression"


def test_what_is_not_given_is_said_not_to_be_checked():
    findings = audit_split([0, 1], [2, 3], groups=np.array([None] * 4), pipeline=LogisticRegression())
    rest = findings[findings["check"] != "row on both sides"]
    assert set(rest["severity"]) == {"not checked"} and rest["detail"].str.startswith("no ").all()


@pytest.mark.parametrize("unknown", [None, np.nan])
def test_rows_of_unknown_people_share_nobody(unknown):
    groups = np.array(["a", unknown, "b", unknown], dtype=object)
    facts = dict(groups=groups, trials=np.array(["x"] * 4), intervals=np.array([[0, 60]] * 4))
    found = audit_split([0, 1], [2, 3], **facts).set_index("check")
    assert found.loc["person on both sides", "severity"] == "not checked"
    assert found.loc["person on both sides", "detail"] == "no person in common, but 2 rows have none"
    assert found.loc["trial on both sides", "detail"] == "no trial in common, but 2 rows have none"
    assert "leak" not in set(found["severity"])
    assert severity(audit_split([0, 1, 2], [2, 3], **facts))["person on both sides"] == "leak"


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


# ------------------------------------------------------------------------------ plants, and clean splits

CHANGES = {
    "mirrored": dict(flip=1.0), "lit otherwise": dict(brightness=0.3, contrast=0.2),
    "shifted": dict(shift=0.05), "turned": dict(rotation=10), "zoomed": dict(zoom=0.1),
    "blurred, noisy": dict(blur=1.0, noise=0.03),
    "all of it": dict(flip=0.5, rotation=8, shift=0.04, brightness=0.2),
}  # fmt: skip
SETS = ("fer2013", "rafdb-basic", "jaffe", "ckplus", "kdef", "rafd-frontal", "sfew")


def people_apart(name, seed, most=60):
    """A twin's faces (48 x 48), and a split that keeps its people apart, where it has people."""
    bunch = datasets.load(name, source="twin", size=48, max_per_class=most, random_state=seed)
    people = np.arange(len(bunch.data)) if bunch.groups is None else bunch.groups.astype(str)
    test = np.isin(people, np.unique(people)[seed % 4::4])
    return bunch.data, np.flatnonzero(~test), np.flatnonzero(test), bunch.groups


def check_plant(change, seed):
    X, train, test, groups = people_apart("fer2013", seed)
    X = X.copy()
    planted = test[:3]
    copies = balance_faces.Changes(**CHANGES[change])
    X[planted] = balance_faces.augment(X[train[5:8]], copies, copies=1, random_state=seed)
    found = audit_split(train, test, groups=groups, X=X).set_index("check")
    assert found["count"].sum() == len(planted), found


def check_clean(name, seed):
    X, train, test, groups = people_apart(name, seed)
    findings = audit_split(train, test, groups=groups, X=X)
    assert "leak" not in set(findings["severity"]), (name, seed, findings)


@pytest.mark.parametrize("change", CHANGES)
def test_planted_copies_are_found(change):
    check_plant(change, 0)


@pytest.mark.parametrize("name", SETS[:3])
def test_no_alarm_on_clean_faces(name):
    check_clean(name, 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("change", CHANGES)
def test_planted_copies_are_found_again_and_again(change, seed):
    check_plant(change, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("name", SETS)
def test_no_alarm_on_clean_faces_again_and_again(name, seed):
    check_clean(name, seed)


@pytest.mark.parametrize("name", ["stress-predict", "deap"])
def test_no_alarm_on_clean_signals(name):
    hearts = datasets.load(name, source="twin", signals=("heart_rate",), max_per_class=1500)
    whole = np.isfinite(hearts.data).all(axis=(1, 2))
    X, people = hearts.data[whole], hearts.groups[whole]
    for train, test in GroupKFold(5).split(X, groups=people):
        findings = audit_split(train, test, groups=people, trials=hearts.trial[whole], X=X)
        assert "leak" not in set(findings["severity"]), findings


def test_near_copies_names_the_pair():
    X, train, test, _ = people_apart("fer2013", 0)
    pairs = near_copies(X[train[:3], :, ::-1], X)
    assert list(pairs["row"]) == [0, 1, 2] and list(pairs["of"]) == list(train[:3])
    assert pairs["mirrored"].all() and (pairs["likeness"] > 0.999).all()
    assert not len(near_copies(X[:0], X)) and not len(near_copies(np.zeros((3, 48, 48)), X))


def test_size_scale_and_colour_do_not_matter():
    X, train, _, _ = people_apart("fer2013", 0)
    larger = np.stack([X[train[:4]].repeat(2, axis=1).repeat(2, axis=2) / 255] * 3, axis=-1)
    assert list(near_copies(larger, X)["of"]) == list(train[:4])


def test_copies_in_fer2013(real_data):
    """Those of the official parts, of which a part will do here."""
    known, test = (datasets.load("fer2013", source="real", split=s).data for s in ("train", "val"))
    seen = {image.tobytes() for image in known[:6000]}
    exact = [k for k in range(300) if test[k].tobytes() in seen]
    assert set(exact) <= set(near_copies(test[:300], known[:6000])["row"])


# ------------------------------------------------------------------------------ steps fitted elsewhere

STEPS = {
    "scaler": StandardScaler(), "components": PCA(2), "selection": SelectKBest(k=2), "ranks":
    QuantileTransformer(n_quantiles=20), "forest": SelectFromModel(RandomForestClassifier(5, random_state=0)),
}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", STEPS)
def test_step_fitted_on_as_many_other_rows(name, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(120, 5)), np.arange(120) % 2
    train, test = np.split(rng.permutation(120), [80])
    for rows, wanted in ((train, "ok"), (np.append(train[:60], test[:20]), "leak"), (np.arange(120), "leak")):
        model = make_pipeline(clone(STEPS[name]), LogisticRegression())
        model[0].fit(X[rows], y[rows])
        model[1].fit(model[0].transform(X[train]), y[train])
        found = severity(audit_split(train, test, X=X, y=y, pipeline=model))
        if name == "forest" and wanted == "leak":
            wanted = "not checked"  # which rows a tree draws goes by their order
        assert found["step fitted on other rows"] == wanted, (name, rows)


def test_classifier_fitted_on_test_rows():
    X, y = RNG.normal(size=(100, 3)), np.arange(100) % 2
    model = LogisticRegression().fit(X[10:90], y[10:90])
    rows = np.arange(80), np.arange(80, 100)
    assert severity(audit_split(*rows, X=X, y=y, pipeline=model))["step fitted on other rows"] == "leak"
    assert severity(audit_split(*rows, X=X, pipeline=model))["step fitted on other rows"] == "not checked"
    model.fit(X[:80], y[:80])
    assert severity(audit_split(*rows, X=X, y=y, pipeline=model))["step fitted on other rows"] == "ok"


@pytest.mark.parametrize("model", [SVC(), RandomForestClassifier(5, random_state=0)])
def test_training_rows_in_another_order_raise_no_alarm(model):
    X, y = RNG.normal(size=(100, 3)), np.arange(100) % 2
    order = RNG.permutation(80)
    model = clone(model).fit(X[order], y[order])
    for train, wanted in ((np.arange(80), "not checked"), (order, "ok")):
        found = severity(audit_split(train, np.arange(80, 100), X=X, y=y, pipeline=model))
        assert found["step fitted on other rows"] == wanted


def test_what_does_not_repeat_itself_raises_no_alarm():
    X, y = RNG.normal(size=(100, 60)), np.arange(100) % 2
    model = make_pipeline(PCA(2, svd_solver="randomized", iterated_power=0), KNeighborsClassifier())
    model.fit(X[:80], y[:80])
    found = severity(audit_split(np.arange(80), np.arange(80, 100), X=X, y=y, pipeline=model))
    assert found["step fitted on other rows"] == "ok", "its count of rows is right"
