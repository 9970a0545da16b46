"""Every control of every app, through its range and all together at extremes; and what an app promises."""

import io
import time
import warnings

import ipywidgets
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.utils import Bunch

import affectkit as ak
from affectkit import apps

GUESS = {"sheet": 4}
MATTER = {  # what it takes for a control to change the picture
    "FaceLab": {"second": {"blend": 0.5}, "side": {"AU12": 0.5}, "guess anger": GUESS, "next": GUESS},
    "LeakLab": {"guess": {"guess first": True}, "reveal": {"guess first": True}},
}
IDLE = {"FaceLab": {f"guess {name}" for name in ak.emotions.CANONICAL[1:7]},  # the first guess counts
        "GANLab": {"speed", "pause"}, "MoodMirror": {"Camera"}}  # they matter to what comes  # fmt: skip

every_app = pytest.mark.parametrize("name", apps.NAMES)


@pytest.fixture(scope="module")
def opened():
    """Each app, opened once for all tests of this file; faces are small, and twins are random pictures."""
    def load(name, **options):
        card = ak.cards.get(name)
        rng, target = np.random.default_rng(0), np.repeat(np.arange(len(card.classes)), 12)
        faces = rng.integers(0, 256, (len(target), 48, 48), dtype=np.uint8)
        bunch = Bunch(data=faces, target=target, groups=None)
        if card.modality == "signals":
            bunch.update(data=rng.random((len(target), 60, card.channels)), sampling_rate=1.0,
                         groups=np.tile([f"S{k:02d}" for k in range(6)], len(target) // 6))
        return bunch

    apps_by_name = {}

    def get(name):
        if name not in apps_by_name:
            app = apps_by_name[name] = getattr(apps, name)()
            app.view()
            app.opened_with = values(app)
        return apps_by_name[name]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("affectkit.apps.imbalance_lab.datasets", Bunch(load=load))
        quick = Bunch(traps=ak.leaks.traps, run=lambda name, leak, source, random_state: 0.5 + 0.2 * leak)
        patch.setattr("affectkit.apps.leak_lab.leaks", quick)
        patch.setattr("affectkit.apps.face_lab.SIZE", 64)
        patch.setattr("affectkit.apps.real_or_fake.PAUSE", 0)
        yield get


@every_app
def test_every_control_through_its_range(name, opened, turn_every_knob):
    idle = turn_every_knob(opened(name), MATTER.get(name))
    assert set(idle) <= IDLE.get(name, set()) | {"reset"}  # every control was put back already


@pytest.mark.slow
def test_every_card_with_its_own_twin(turn_every_knob):
    turn_every_knob(apps.ImbalanceLab())


@every_app
def test_extremes_of_all_controls_together_and_back(name, opened):
    app, rng = opened(name), np.random.default_rng(0)
    for sheet in [c for c in app.controls_.values() if isinstance(c, ipywidgets.Tab)]:
        sheet.selected_index = 0
    reset = app.controls_.get("reset", ipywidgets.Button())
    reset.click()
    before = app.words_, app.picture_.value
    lists = [c for c in app.controls_.values() if hasattr(c, "options")]
    sliders = [c for c in app.controls_.values() if hasattr(c, "min")]
    for _ in range(4):
        with warnings.catch_warnings(), app._together():
            warnings.simplefilter("error", RuntimeWarning)
            for control in sliders:
                control.value = control.max if rng.random() < 0.5 else control.min
            for control in lists:
                control.index = int(rng.integers(len(control.options)))
        assert not sliders or (app.words_, app.picture_.value) != before
    reset.click()
    assert values(app) == app.opened_with and (app.words_, app.picture_.value) == before
    assert not app.errors_, app.errors_


def values(app):
    return {name: control.value for name, control in app.controls_.items() if hasattr(control, "value")}


@every_app
def test_what_every_app_promises(name, opened):
    app = opened(name)
    assert app.title.startswith(f"{name}: ") and app.words_.endswith(".")
    assert bytes(app.picture_.value[:4]) == b"\x89PNG"
    for key, control in app.controls_.items():
        assert key == "sheet" or control.description, key
        assert key in ("sheet", "reset") or len(control.description) <= 24, control.description
    with pytest.raises(AttributeError, match="no attribute"):
        apps.Nothing  # noqa: B018


@pytest.mark.parametrize("name, control, values", [
    ("FaceLab", "AU12", np.linspace(0, 0.8, 5)), ("ThresholdLab", "threshold", np.linspace(0.1, 0.9, 5)),
    ("HeartLab", "threshold", np.linspace(0.2, 1.0, 5))])  # fmt: skip
def test_a_slider_moves_the_picture_in_a_fifth_of_a_second(name, control, values, opened,
                                                             monkeypatch):
    """Of one core, as the machine may be busy; on one slower than a laptop, two plain pictures' time."""
    from affectkit.apps import _app

    monkeypatch.setitem(_app.STYLE, "figure.dpi", 100)
    app, seconds, plain, pictures = opened(name), [], [], set()
    if name == "FaceLab":
        monkeypatch.setattr("affectkit.apps.face_lab.SIZE", 256)
        app = apps.FaceLab()
        app.view()
    for value in values:
        begin = time.process_time()
        app.controls_[control].value = float(value)
        middle = time.process_time()
        four_plots()
        seconds.append(middle - begin)
        plain.append(time.process_time() - middle)
        pictures.add(bytes(app.picture_.value))
    assert np.median(seconds) < max(0.2, 2 * np.median(plain)), (seconds, plain)
    assert len(pictures) == len(values) and not app.errors_


def four_plots():
    """What a picture costs at least, here and now: four plots of a line, as large as an app's."""
    fig = Figure(figsize=(8, 5), dpi=100)
    for ax in fig.subplots(2, 2).flat:
        ax.plot([0, 1], [0, 1])
    fig.savefig(io.BytesIO(), format="png", pil_kwargs={"compress_level": 3})
