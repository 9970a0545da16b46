"""The training loop, files and latent tools that all GANs share."""

import functools
import json
import math
import os
import signal

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from sklearn.exceptions import NotFittedError
from tqdm.auto import tqdm

from affectkit import gans

pytestmark = pytest.mark.usefixtures("one_thread")
TINY = dict(image_size=28, width=4, latent_dim=8, batch_size=16, device="cpu", max_epochs=2)
WINDOWS = dict(length=16, width=6, latent_dim=3, batch_size=16, device="cpu", max_epochs=2)


def faces(n=56, seed=0):
    """Toy faces: a bright bar in the upper or in the lower half, on noise; three batches of 16 an epoch."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    images = rng.integers(0, 100, (n, 28, 28))
    for image, target in zip(images, y, strict=True):
        image[3 + target * 14:][:7] += 150
    return images.astype(np.uint8), np.array(["low", "high"])[y]


def waves(n=56, seed=0):
    """Toy pulses around 70, of two classes."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    time = np.arange(16)
    return (70 + 5 * np.sin(time * (0.4 + 0.4 * y[:, None]))[..., None] + rng.normal(0, 1, (n, 16, 1))), y


def weights(gan):
    """Everything a run ends with, to be compared bit for bit."""
    nets = {"g": gan.generator, "d": gan.discriminator, "a": gan.averaged_ or torch.nn.Module()}
    state = {f"{k}.{name}": v for k, net in nets.items() for name, v in net.state_dict().items()}
    for name, adam in gan._optimizers.items():
        state |= {f"{name}.{i}.{k}": v for i, e in adam.state_dict()["state"].items() for k, v in e.items()}
    return state


def assert_same(a, b):
    a, b = weights(a), weights(b)
    assert a.keys() == b.keys() and len(a) > 10
    assert [name for name in a if not torch.equal(a[name], b[name])] == []


KINDS = {
    "bce, classes, average, augmentation": lambda **o: gans.DCGAN(
        **{**TINY, "n_classes": 2, "ema": 0.99, "diffaugment": True, "label_smoothing": 0.1, **o}),
    "wgan-gp": lambda **o: gans.DCGAN(**{**TINY, "loss": "wgan-gp", "d_steps": 2, **o}),
    "r3, now and then": lambda **o: gans.DCGAN(
        **{**TINY, "loss": "r3", "penalty_every": 2, "diffaugment": True, **o}),
    "hinge, spectral norm": lambda **o: gans.DCGAN(**{**TINY, "loss": "hinge", "spectral_norm": True, **o}),
    "recurrent": lambda **o: gans.RGAN(**{**WINDOWS, "n_classes": 2, "ema": 0.9, **o}),
    "recurrent, r3": lambda **o: gans.RGAN(**{**WINDOWS, "loss": "r3", "cell": "gru", **o}),
    "conv": lambda **o: gans.RGAN(**{**WINDOWS, "architecture": "conv", "loss": "wgan-gp", **o}),
}


def data(kind):
    X, y = waves() if "recurrent" in kind or kind == "conv" else faces()
    return (X, y) if "classes" in kind or kind == "recurrent" else (X, None)


# -- training ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_stopped_anywhere_and_resumed_ends_with_the_same_weights(kind, tmp_path):
    X, y = data(kind)
    undisturbed = KINDS[kind]().fit(X, y)
    assert undisturbed.steps_ == len(undisturbed.history_) == 6
    for stop in (1, 4):  # in mid-epoch
        file = tmp_path / f"run-{stop}"

        def interrupt(gan, info, stop=stop):
            if info["step"] + 1 == stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            KINDS[kind](checkpoint=file).fit(X, y, callbacks=[interrupt])
        resumed = KINDS[kind](checkpoint=file)
        seen = []
        resumed.fit(X, y, callbacks=[lambda gan, info, seen=seen: seen.append(info["step"])])
        assert seen == list(range(stop, 6))
        assert_same(resumed, undisturbed)
        np.testing.assert_array_equal(*[[[row["d_loss"], row["g_loss"]] for row in gan.history_]
                                        for gan in (resumed, undisturbed)])
        assert (resumed.sample(3, random_state=1) == undisturbed.sample(3, random_state=1)).all()


def test_finished_run_is_not_run_again_and_can_be_prolonged(tmp_path):
    X, _ = faces()
    gan = gans.DCGAN(**TINY, checkpoint=tmp_path / "a").fit(X)
    again = gans.DCGAN(**TINY, checkpoint=tmp_path / "a").fit(X, callbacks=[lambda *_: 1 / 0])
    assert_same(gan, again)
    longer = gans.DCGAN(**{**TINY, "max_epochs": 3}, checkpoint=tmp_path / "a").fit(X)
    assert longer.steps_ == 9
    assert_same(longer, gans.DCGAN(**{**TINY, "max_epochs": 3}).fit(X))


def test_ctrl_c_waits_for_the_end_of_the_step(tmp_path):
    X, _ = faces()
    gan = gans.DCGAN(**TINY, checkpoint=tmp_path / "a")
    before = signal.getsignal(signal.SIGINT)
    real = gan._train_discriminator

    def pressed_in_mid_step(*args):
        if gan.steps_ == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return real(*args)

    gan._train_discriminator = pressed_in_mid_step
    with pytest.raises(KeyboardInterrupt):
        gan.fit(X)
    assert gan.steps_ == 3 and gan.sample(2).shape == (2, 28, 28)
    assert signal.getsignal(signal.SIGINT) is before
    assert_same(gans.DCGAN(**TINY, checkpoint=tmp_path / "a").fit(X), gans.DCGAN(**TINY).fit(X))


def test_same_seed_same_run_and_nobody_is_disturbed():
    X, y = faces()
    torch.manual_seed(5)
    np.random.seed(5)
    expected = torch.rand(1), np.random.rand()
    torch.manual_seed(5)
    np.random.seed(5)
    a = gans.DCGAN(**TINY).fit(X)
    a.sample(3)
    assert (torch.rand(1), np.random.rand()) == expected
    assert_same(a, gans.DCGAN(**TINY).fit(X))
    other = gans.DCGAN(**TINY, random_state=1).fit(X)
    assert not torch.equal(next(a.generator.parameters()), next(other.generator.parameters()))
    assert (a.sample(3) != a.sample(3)).any()


def test_one_step_trains_whom_it_is_told():
    X, _ = faces()
    gan = gans.DCGAN(**TINY).build()
    for which, trained, left in (("discriminator", "discriminator", "generator"),
                                 ("generator", "generator", "discriminator")):
        before = {name: [p.clone() for p in getattr(gan, name).parameters()] for name in (trained, left)}
        row = gan.step(X[:16], which=which)
        same = {name: all(map(torch.equal, before[name], getattr(gan, name).parameters()))
                for name in before}
        assert same == {trained: False, left: True}
        assert math.isfinite(row[f"{which[0]}_loss"])
        assert math.isnan(row[f"{left[0]}_loss"])
    row = gan.step(X[:16])
    assert [r["step"] for r in gan.history_] == [0, 1, 2] and math.isfinite(row["g_loss"] + row["d_loss"])
    assert all(p.requires_grad for p in gan.discriminator.parameters())


def test_steps_by_hand_are_those_of_fit():
    X, _ = faces()
    gan = gans.DCGAN(**{**TINY, "max_steps": 3}).fit(X)
    order = torch.randperm(len(X), generator=torch.Generator().manual_seed(gan._seed(2, 0))).numpy()
    by_hand = gans.DCGAN(**TINY)
    for i in range(3):
        by_hand.step(X[order[i * 16:(i + 1) * 16]])
    assert_same(gan, by_hand)


def test_learns_where_the_bar_is():
    X, y = faces(64)
    gan = gans.DCGAN(image_size=28, width=8, latent_dim=8, n_classes=2, batch_size=16, lr=2e-3, device="cpu",
                     max_epochs=25, random_state=1).fit(X, y)
    for label, rows in (("low", slice(3, 10)), ("high", slice(17, 24))):
        profile = gan.sample(16, label).mean((0, 2))
        assert profile[rows].mean() > np.delete(profile, np.r_[rows]).mean() + 60, label


def test_limits_callbacks_and_warm_start():
    X, _ = faces()
    gan = gans.DCGAN(**{**TINY, "max_steps": 4}).fit(X)
    assert gan.steps_ == 4 and [row["epoch"] for row in gan.history_] == [0, 0, 0, 1]
    assert gans.DCGAN(**{**TINY, "max_epochs": None}, max_seconds=1e-9).fit(X).steps_ == 1
    infos = []
    callbacks = [lambda g, info: infos.append(info), lambda g, info: info["step"] == 3]
    gans.DCGAN(**TINY).fit(X, callbacks=callbacks)
    assert [info["epoch_end"] for info in infos] == [False, False, True, False]
    gan.set_params(warm_start=True).fit(X)
    assert gan.steps_ == 8
    assert gan.set_params(warm_start=False).fit(X).steps_ == 4


def test_average_lags_behind():
    X, _ = faces()
    gan = gans.DCGAN(**TINY, ema=0.9).fit(X)
    start = gans.DCGAN(**TINY, ema=0.9).build()
    now, average, first = (next(net.parameters()) for net in (gan.generator, gan.averaged_, start.generator))
    assert 0 < (average - first).norm() < (now - first).norm()
    averaged = gan.sample(4, random_state=0)
    gan.averaged_ = None
    assert (averaged != gan.sample(4, random_state=0)).any()


def test_more_steps_of_the_discriminator():
    X, _ = faces()
    gan = gans.DCGAN(**TINY, d_steps=3).fit(X)
    assert [math.isnan(row["g_loss"]) for row in gan.history_] == [True, True, False] * 2


def test_progress_shows_steps_or_seconds(monkeypatch, capsys):
    monkeypatch.setattr("tqdm.auto.tqdm", functools.partial(tqdm, disable=False))
    X, _ = faces()
    gans.DCGAN(**TINY, verbose=1).fit(X)
    assert "6/6" in capsys.readouterr().err
    gans.DCGAN(**{**TINY, "max_epochs": None}, max_seconds=1e-3, verbose=1).fit(X)
    assert "100%" in capsys.readouterr().err


# -- what stops it -------------------------------------------------------------------------------------------


def test_divergence_stops_with_the_weights_from_before():
    X, _ = faces()
    gan = gans.DCGAN(**TINY).build()
    gan.step(X[:16])
    before = {k: v.clone() for k, v in weights(gan).items()}
    real = gan.discriminator.forward
    gan.discriminator.forward = lambda x, y=None: real(x, y) * math.nan
    with pytest.raises(gans.TrainingStopped, match="diverged at step 1.*Lower lr"):
        gan.step(X[:16])
    del gan.discriminator.forward
    after = weights(gan)
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert math.isfinite(gan.step(X[:16])["d_loss"])


def test_dead_discriminator_stops():
    X, _ = faces()
    gan = gans.DCGAN(**TINY, dead_after=3, lr=1e-9, half=False).build()
    with torch.no_grad():  # saturated: its tanh passes no gradient, and any discriminator sees through it
        gan.generator.layers[-2].weight.mul_(1e12)
        real = gan.discriminator.forward
        gan.discriminator.forward = lambda x, y=None: real(x, y) * 0 + torch.where(
            x.flatten(1).abs().mean(1) > 0.95, x.flatten(1).mean(1) * 1e-3 - 40, 40.0)
    with pytest.raises(gans.TrainingStopped, match="For 3 steps .*lr_discriminator"):
        for _ in range(5):
            gan.step(X[:16])
    assert gan.steps_ == 3


def test_too_little_memory(monkeypatch):
    X, _ = faces()
    gan = gans.DCGAN(**TINY).build()

    def full(*_):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(gan.discriminator, "forward", full)
    with pytest.raises(MemoryError, match="batch of 16: lower batch_size"):
        gan.step(X[:16])
    assert gan.steps_ == 0


def test_labels():
    X, y = faces()
    with pytest.raises(ValueError, match="y is missing"):
        gans.DCGAN(**TINY, n_classes=2).fit(X)
    with pytest.raises(ValueError, match="unconditional"):
        gans.DCGAN(**TINY).fit(X, y)
    with pytest.raises(ValueError, match="1 classes .low., but n_classes=2"):
        gans.DCGAN(**TINY, n_classes=2).fit(X, ["low"] * len(X))
    with pytest.raises(ValueError, match="one label a sample"):
        gans.DCGAN(**TINY, n_classes=2).fit(X, y[:-1])
    gan = gans.DCGAN(**TINY, n_classes=2).fit(X, y)
    assert gan.classes_.tolist() == ["high", "low"]
    assert gan.sample(3, "low").shape == gan.sample(3, ["low", "high", "low"]).shape == (3, 28, 28)
    assert gan.sample(5).shape == (5, 28, 28)
    with pytest.raises(ValueError, match="holds middle, which the GAN was not fitted on; it knows high, low"):
        gan.sample(3, "middle")
    with pytest.raises(ValueError, match="shape"):
        gan.sample(3, ["low", "high"])
    with pytest.raises(ValueError, match="cannot choose"):
        gans.DCGAN(**TINY).build().sample(3, 1)
    with pytest.raises(ValueError, match="whole number"):
        gan.sample(-1)


def test_not_built_yet():
    for use in (lambda g: g.sample(1), lambda g: g.save("x"), lambda g: g.invert(faces()[0]),
                lambda g: g.draw_latents(1)):
        with pytest.raises(NotFittedError, match="no networks yet"):
            use(gans.DCGAN())


# -- files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_saved_and_loaded(kind, tmp_path):
    X, y = data(kind)
    gan = KINDS[kind](max_epochs=1).fit(X, y)
    gan.save(tmp_path / "slim")
    gan.save(tmp_path / "whole", optimizer=True)
    assert (tmp_path / "slim").stat().st_size < (tmp_path / "whole").stat().st_size
    loaded = type(gan).load(tmp_path / "slim", device="cpu")
    assert (loaded.sample(4) == gan.sample(4)).all()
    assert loaded.get_params() == gan.get_params()
    assert json.dumps(loaded.history_) == json.dumps(gan.history_)
    both = gan, type(gan).load(tmp_path / "whole", device="cpu")
    for one in both:
        one.step(X[:16], None if y is None else y[:16])
    assert_same(*both)


def test_half_the_size_and_a_note(tmp_path):
    X, _ = faces()
    gan = gans.DCGAN(**TINY, ema=0.9).fit(X)
    gan.save(tmp_path / "whole")
    gan.save(tmp_path / "half", half=True, note="on toys")
    with safe_open(tmp_path / "half", "pt") as file:
        assert file.metadata()["note"] == "on toys"
        assert file.get_tensor("generator/layers.1.weight").dtype == torch.float16
    assert (tmp_path / "half").stat().st_size < 0.7 * (tmp_path / "whole").stat().st_size
    loaded = gans.DCGAN.load(tmp_path / "half", device="cpu")
    assert next(loaded.generator.parameters()).dtype == torch.float32
    difference = loaded.sample(8, random_state=1).astype(int) - gan.sample(8, random_state=1)
    assert np.abs(difference).max() <= 2
    with pytest.raises(ValueError, match="half=True rounds"):
        gan.save(tmp_path / "both", half=True, optimizer=True)


def test_no_half_written_file(tmp_path, monkeypatch):
    gan = gans.DCGAN(**TINY).build()
    gan.save(tmp_path / "a")
    before = (tmp_path / "a").read_bytes()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        gan.save(tmp_path / "a")
    assert [file.name for file in tmp_path.iterdir()] == ["a"] and (tmp_path / "a").read_bytes() == before


def test_damaged_and_foreign_files(tmp_path):
    X, _ = faces()
    gan = gans.DCGAN(**TINY).build()
    good = tmp_path / "good"
    gan.save(good)
    whole = good.read_bytes()
    bad = tmp_path / "bad"
    flipped = bytearray(whole)
    flipped[-100] ^= 1
    for content in (b"", b"no checkpoint", whole[:len(whole) // 2], whole[:-1], bytes(flipped)):
        bad.write_bytes(content)
        with pytest.raises(gans.CheckpointError, match="bad .*(damaged)"):
            gans.DCGAN.load(bad)
        with pytest.raises(gans.CheckpointError, match="bad .*afresh"):
            gans.DCGAN(**TINY, checkpoint=bad).fit(X)
        assert bad.read_bytes() == content
    save_file({"x": torch.zeros(3)}, bad)
    with pytest.raises(gans.CheckpointError, match="not written by a GAN"):
        gans.DCGAN.load(bad)
    with pytest.raises(gans.CheckpointError, match="holds a DCGAN, not a RGAN: use DCGAN.load"):
        gans.RGAN.load(good)
    with pytest.raises(FileNotFoundError, match="no such file"):
        gans.DCGAN.load(tmp_path / "none")


def test_file_with_other_networks_or_options(tmp_path):
    gan = gans.DCGAN(**TINY).build()
    gan.width = 5
    gan.save(tmp_path / "a")
    with pytest.raises(gans.CheckpointError, match="does not fit these networks"):
        gans.DCGAN.load(tmp_path / "a")
    gan = gans.DCGAN(**TINY).build()
    gan.save(tmp_path / "a")
    with safe_open(tmp_path / "a", "pt") as file:
        meta = file.metadata()
    options = json.dumps({**json.loads(meta["options"]), "colour": "blue"})
    save_file(load_file(tmp_path / "a"), tmp_path / "b", {**meta, "options": options})
    with pytest.raises(gans.CheckpointError, match="does not know"):
        gans.DCGAN.load(tmp_path / "b")


def test_checkpoint_of_another_run(tmp_path):
    X, _ = faces()
    gans.DCGAN(**TINY, checkpoint=tmp_path / "a").fit(X)
    for options, rows in ((dict(lr=1e-3), X), (dict(random_state=4), X), ({}, 255 - X)):
        with pytest.raises(gans.CheckpointError, match="other data or options"):
            gans.DCGAN(**TINY, **options, checkpoint=tmp_path / "a").fit(rows)
    with pytest.raises(ValueError, match="random_state"):
        gans.DCGAN(**TINY, random_state=None, checkpoint=tmp_path / "a").fit(X)
    with pytest.raises(FileNotFoundError, match="folder is not there"):
        gans.DCGAN(**TINY, checkpoint=tmp_path / "no" / "a").fit(X)


# -- latent tools --------------------------------------------------------------------------------------------


def test_walk_keeps_to_the_sphere_and_to_its_ends():
    gan = gans.DCGAN(**TINY).build()
    a, b = gan.draw_latents(2, 3)
    made = []
    gan.generate = lambda z, y=None: made.append(z)
    gan.interpolate(a, b * a.norm() / b.norm(), n=5)
    torch.testing.assert_close(made[0].norm(dim=1), a.norm().expand(5))
    torch.testing.assert_close(made[0][0], a)
    gan.interpolate(a, a, n=3)
    torch.testing.assert_close(made[1], a.expand(3, -1))


def test_inversion_finds_its_own_samples():
    gan = gans.DCGAN(image_size=28, width=8, latent_dim=4, device="cpu").build()
    with torch.no_grad():  # untrained, but with some contrast
        gan.generator.layers[1].weight.mul_(20)
        gan.generator.layers[-2].weight.mul_(50)
    shown = gan.sample(3, random_state=7)
    found = gan.generate(gan.invert(shown, steps=100))
    by_chance = gan.sample(3, random_state=1)
    error, chance = (np.square(x.astype(float) - shown).mean() for x in (found, by_chance))
    assert error < chance / 10


def test_morphing_goes_from_class_to_class():
    X, y = faces()
    gan = gans.DCGAN(**TINY, n_classes=2).fit(X, y)
    z = gan.draw_latents(1)
    walk = gan.morph("low", "high", n=5, z=z)
    assert (walk[0] == gan.generate(z, "low")[0]).all()
    assert (walk[-1] == gan.generate(z, "high")[0]).all()
    with pytest.raises(ValueError, match="Only a GAN with classes"):
        gans.DCGAN(**TINY).build().morph("low", "high")
