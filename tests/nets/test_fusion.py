import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from affectkit import nets
from affectkit.preprocess import signals

WAYS = ("hybrid", "early", "late", "gated")
SMALL = dict(face_options=dict(channels=(4, 6, 8), hidden=16), signal_options=dict(hidden=8), hidden=12)


def batch(n=6, channels=1, size=16, without=()):
    torch.manual_seed(0)
    x = {"face": torch.rand(n, channels, size, size), "signal": 70 + 5 * torch.randn(n, 30, 2)}
    for name in without:
        x[name][: n // 2] = torch.nan
    return x


def net(fusion="hybrid", **options):
    torch.manual_seed(1)
    made = nets.Fusion(4, 1, 16, 2, fusion=fusion, **{**SMALL, **options})
    made.scale.fit(batch()["signal"])
    return made.eval()


@pytest.mark.parametrize("fusion", WAYS)
@pytest.mark.parametrize("channels, size", [(1, 48), (3, 40), (1, 8)])
def test_shapes_on_every_kind_of_image(fusion, channels, size):
    made = nets.Fusion(5, channels, size, 2, fusion=fusion, **SMALL).eval()
    x = batch(channels=channels, size=size)
    assert made(x).shape == (6, 5)
    assert made.features(x).shape == (6, {"early": 16, "late": 16 + 8}.get(fusion, 12))


def test_hybrid_is_the_papers_concatenation():
    made = net()
    face, signal = made.branches
    x = batch()
    joined = torch.cat([face.features(x["face"]), signal.features(made.scale(x["signal"]))], 1)
    torch.testing.assert_close(made(x), made.fuse.head(made.fuse.dense(joined)))
    assert [type(part).__name__ for part in made.branches] == ["FaceCNN", "HeartLSTM"]
    assert nets.count_parameters(made.branches[0].head) == 0  # no head that nobody trains


def test_late_fusion_averages_scores():
    made, x = net("late"), batch()
    face, signal = (head(branch.features(part)) for head, branch, part in zip(
        made.fuse.heads, made.branches, (x["face"], made.scale(x["signal"])), strict=True))
    torch.testing.assert_close(made(x), (face + signal) / 2)
    torch.testing.assert_close(made(batch(without=["face"]))[:3], signal[:3])


def test_early_fusion_sees_both_from_the_first_layer_on():
    made, x = net("early"), batch()
    assert made.common.blocks[0][0].in_channels == 1 + 2
    laid = made._overlay(*made._inputs(x))
    assert (laid[:, 1:] == laid[:, 1:, :1]).all()  # the signal is the same in every row of pixels
    long = {**x, "signal": torch.arange(160.0).repeat(6, 2, 1).transpose(1, 2)}
    made.scale = nets.signals.Scale(2)
    assert made._overlay(*made._inputs(long))[0, 1, 0].tolist() == [4.5 + 10 * k for k in range(16)]


@pytest.mark.parametrize("fourier", [False, True])
def test_gates_are_shares_and_close_for_what_is_missing(fourier):
    made = net("gated", fourier=fourier)
    whole = made.shares(batch())
    assert whole.shape == (6, 2 + fourier) and (whole > 0).all()
    torch.testing.assert_close(whole.sum(1), torch.ones(6))
    assert (whole[0] - whole[1]).abs().max() > 1e-4  # each sample has its own
    faceless = made.shares(batch(without=["face"]))
    assert (faceless[:3, 0] == 0).all() and torch.equal(faceless[3:], whole[3:])
    heartless = made.shares(batch(without=["signal"]))
    assert heartless[:3].tolist() == [[1, 0, 0][: 2 + fourier]] * 3
    with pytest.raises(ValueError, match="gated"):
        net("late").shares(batch())


@pytest.mark.parametrize("fusion", WAYS)
@pytest.mark.parametrize("name", ["face", "signal"])
def test_what_is_missing_is_not_missed(fusion, name):
    made, x = net(fusion), batch(without=[name])
    logits = made(x)
    assert logits.isfinite().all()
    torch.testing.assert_close(logits[3:], made(batch())[3:])  # the others answer as before
    if fusion != "early":
        vectors, _ = made._describe(*made._inputs(x))
        empty = [bool((vector[:3] == 0).all()) for vector in vectors]
        assert empty == [name == "face", name == "signal"]
    made.train()(x).sum().backward()  # nor does a gap spoil the training
    assert all(p.grad is None or p.grad.isfinite().all() for p in made.parameters())


def test_modality_dropout_takes_one_of_two_and_never_the_last():
    made = net(modality_dropout=0.4)
    torch.manual_seed(0)
    present = torch.ones(4000, 2, dtype=torch.bool)
    present[:1000, 0] = False
    kept = present & made._kept(present)
    assert torch.equal(kept[:1000], present[:1000])
    assert kept.any(1).all()
    lost = (~kept[1000:]).float().mean(0)
    torch.testing.assert_close(lost, torch.tensor([0.2, 0.2]), atol=0.03, rtol=0)
    x = batch()
    assert torch.equal(made(x), net()(x))  # in training alone


def test_third_branch():
    made, x = net(fourier=True), batch()
    assert isinstance(made.branches[2], nets.HeartFeatures) and made(x).shape == (6, 4)
    assert made.fuse.dense[0].in_features == 16 + 8 + 32


def test_hand_made_features_do_not_depend_on_the_rate():
    windows = batch()["signal"]
    made = nets.HeartFeatures(3, 2).eval()
    norm = made.dense[0]
    expected = made.dense[1:](norm(torch.from_numpy(signals.features(windows.numpy(), 64.0)).float()))
    torch.testing.assert_close(made.features(windows), expected)
    assert made(windows).shape == (6, 3)


def test_the_classic_baseline_without_a_network():
    rng = np.random.default_rng(0)
    y = np.arange(80) % 2
    waves = np.sin(2 * np.pi * np.arange(60) * np.where(y, 0.05, 0.2)[:, None])
    windows = (waves + rng.normal(size=waves.shape))[:, :, None]
    baseline = make_pipeline(FunctionTransformer(signals.features, kw_args={"rate": 1.0}), StandardScaler(),
                             LogisticRegression())
    assert baseline.fit(windows[:40], y[:40]).score(windows[40:], y[40:]) > 0.95


@pytest.mark.parametrize("options, message", [
    (dict(fusion="middle"), "hybrid, early, late, gated"),
    (dict(modality_dropout=1.0), "modality_dropout=1.0 must be a probability"),
    (dict(fusion="early", fourier=True), "no branches"),
    (dict(image_size=7), "8 x 8"),
])
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        nets.Fusion(**options)
