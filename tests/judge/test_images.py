"""Judges of images: right against other implementations, and each sees the failures it is said to see."""

import math

import numpy as np
import pytest
import torch
import torchmetrics.functional.image as torchmetrics_image
from safetensors.torch import load_file
from scipy.linalg import sqrtm
from scipy.spatial.distance import cdist
from skimage.metrics import structural_similarity
from torch import nn
from torchmetrics.image.kid import KernelInceptionDistance

from affectkit import judge, twins
from affectkit.judge import _features, images
from affectkit.judge.__main__ import make

CLASSES = _features.CLASSES


@pytest.fixture(scope="module")
def faces():
    """Twin faces of all classes, 280 each: what a generator learns from, held out, a perfect one's."""
    drawn, _, _ = twins.faces.make([120] * 7, classes=CLASSES, label_noise=0, random_state=77)
    return drawn[:280], drawn[280:560], drawn[560:]


@pytest.fixture(scope="module")
def generators(faces):
    """Truth and the bad ones, 280 images each."""
    train, _, truth = faces
    rng = np.random.default_rng(1)
    blurred = torch.nn.functional.avg_pool2d(torch.as_tensor(truth, dtype=torch.float32), 5, 1, 2)
    jitter = rng.normal(0, 2, truth.shape)  # neither copies nor repeats to the last bit
    return {
        "truth": truth,
        "noise": rng.integers(0, 256, truth.shape, dtype=np.uint8),
        "blur": blurred.round().to(torch.uint8).numpy(),
        "copycat": np.clip(train[rng.permutation(280)] + jitter, 0, 255).astype(np.uint8),
        "collapsed": np.clip(truth[rng.integers(3, size=280)] + jitter, 0, 255).astype(np.uint8),
    }


@pytest.fixture(scope="module")
def reports(faces, generators):
    train, held_out, _ = faces
    return {
        name: judge.report(train, fake, held_out=held_out, n_resamples=12, pairs=60)
        for name, fake in generators.items()
    }


@pytest.fixture
def vectors():
    rng = np.random.default_rng(0)
    return rng.normal(size=(300, 20)), rng.normal(size=(280, 20)) * 1.2 + 0.3


# ------------------------------------------------------------------- against other implementations


def test_fid_agrees_with_scipy(vectors, faces):
    own = [judge.describe(x) for x in faces[:2]]
    for real, fake in (vectors, own, [vectors[0], vectors[0]], [x[:15] for x in vectors]):
        a, b = np.cov(real.T), np.cov(fake.T)
        cross = np.trace(sqrtm(a @ b).real)
        expected = ((real.mean(0) - fake.mean(0)) ** 2).sum() + np.trace(a) + np.trace(b) - 2 * cross
        assert images._fid(real, fake) == pytest.approx(expected, rel=1e-3, abs=1e-4)
    assert judge.fid(*faces[:2]) == pytest.approx(judge.fid(*own))


def test_kid_agrees_with_torchmetrics(vectors):
    class Same(nn.Module):
        num_features = 20

        def forward(self, x):
            return x

    real, fake = vectors[0][:280], vectors[1]
    theirs = KernelInceptionDistance(feature=Same(), subsets=2, subset_size=280)
    theirs.update(torch.as_tensor(real), real=True)
    theirs.update(torch.as_tensor(fake), real=False)
    assert judge.kid(real, fake) == pytest.approx(theirs.compute()[0].item(), rel=1e-6)
    in_subsets = judge.kid(real, fake, subset_size=70, subsets=60)
    assert in_subsets == pytest.approx(judge.kid(real, fake), rel=0.15)
    assert in_subsets == judge.kid(real, fake, subset_size=70, subsets=60)
    assert in_subsets != judge.kid(real, fake, subset_size=70, subsets=60, random_state=1)


def scikit_ssim(a, b, **options):
    options |= dict(data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    return structural_similarity(a, b, **options)


@pytest.mark.parametrize("side, scales", [(48, 3), (28, 2), (21, 1), (70, 3)])
def test_ssim_agrees_with_scikit_image(side, scales):
    rng = np.random.default_rng(2)
    a = rng.integers(0, 256, (3, side, side + 3), dtype=np.uint8)
    b = np.clip(a + rng.normal(0, [[[9]], [[40]], [[90]]], a.shape), 0, 255).astype(np.uint8)
    single, multi = judge.images.ssim_pairs(a, b)
    assert single == pytest.approx([scikit_ssim(x, y) for x, y in zip(a, b, strict=True)], abs=1e-6)
    weights = images.MS_WEIGHTS[:scales] / images.MS_WEIGHTS[:scales].sum()
    for found, x, y in zip(multi, a.astype(float), b.astype(float), strict=True):
        expected = 1.0
        for k, weight in enumerate(weights):  # a huge K1 makes the term of light 1: contrast is left
            last = k == scales - 1
            expected *= (scikit_ssim(x, y) if last else scikit_ssim(x, y, K1=1e6)) ** weight
            height, width = (n // 2 for n in x.shape)
            x, y = (z[: 2 * height, : 2 * width].reshape(height, 2, width, 2).mean((1, 3)) for z in (x, y))
        assert found == pytest.approx(expected, abs=1e-6)


def test_ms_ssim_is_near_to_torchmetrics():
    """Theirs counts windows that hang over the border."""
    rng = np.random.default_rng(3)
    a = rng.integers(0, 256, (4, 48, 48), dtype=np.uint8)
    b = np.clip(a + rng.normal(0, 60, a.shape), 0, 255).astype(np.uint8)
    options = dict(data_range=255.0, betas=tuple(images.MS_WEIGHTS[:3] / images.MS_WEIGHTS[:3].sum()))
    pair = [torch.as_tensor(x)[:, None].double() for x in (a, b)]
    theirs = torchmetrics_image.multiscale_structural_similarity_index_measure(*pair, **options).item()
    assert images.ssim_pairs(a, b)[1].mean() == pytest.approx(theirs, abs=0.02)


def test_precision_recall_agrees_with_its_definition(vectors):
    real, fake = vectors[0][:60, :3], vectors[1][:50, :3]
    d, of_real = cdist(real, fake), np.sort(cdist(real, real), 1)[:, 5]
    of_fake = np.sort(cdist(fake, fake), 1)[:, 5]
    found = judge.precision_recall(real, fake, k=5)
    among = d <= of_real[:, None]
    assert found.precision == among.any(0).mean() and found.recall == (d <= of_fake).any(1).mean()
    assert found.density == pytest.approx(among.sum() / (5 * 50)) and found.coverage == among.any(1).mean()


def test_inception_score_by_hand_and_without_nan():
    sure = np.eye(4)[np.arange(80) % 4]
    assert judge.inception_score(sure) == pytest.approx(4)  # holds zeros: 0 log 0 must not be NaN
    assert judge.inception_score(np.full((9, 3), 1 / 3)) == pytest.approx(1)
    assert judge.inception_score(sure[:1]) == pytest.approx(1)
    black = np.zeros((20, 48, 48), np.uint8)
    assert judge.inception_score(black) == pytest.approx(1, abs=1e-6)
    certain = nn.Sequential(nn.Flatten(), nn.Linear(48 * 48, 3))
    nn.init.constant_(certain[1].weight, 1e6)  # logits that overflow a plain softmax's exponential
    assert np.isfinite(judge.inception_score(black + np.uint8(255), classifier=certain))


# ------------------------------------------------------------------- the five generators


@pytest.mark.parametrize("metric", ["FID", "KID"])
def test_fid_and_kid_rank_truth_first_and_miss_the_copycat(reports, metric):
    value = {name: table.loc[metric, "value"] for name, table in reports.items()}
    floor = reports["truth"].loc[metric, "floor"]
    assert value["truth"] < value["blur"] < value["noise"] and value["truth"] < value["collapsed"]
    for bad in ("blur", "noise", "collapsed"):
        assert reports[bad].loc[metric, "low"] > max(floor, reports["truth"].loc[metric, "high"])
    assert value["copycat"] < value["blur"] / 2  # a copy of the training set passes
    assert reports["truth"].loc[metric, "low"] <= floor <= reports["truth"].loc[metric, "high"]


def test_precision_sees_noise_recall_blur_and_coverage_collapse(reports):
    def value(metric):
        return {name: table.loc[metric, "value"] for name, table in reports.items()}

    precision, recall, coverage = value("precision"), value("recall"), value("coverage")
    assert precision["noise"] < 0.5 < 0.8 < precision["truth"]
    assert recall["noise"] < 0.05 and recall["blur"] < recall["truth"] - 0.2  # blurred faces vary less
    assert precision["collapsed"] > 0.5  # it makes good pictures, only always the same ones
    assert recall["collapsed"] < 0.1 and coverage["collapsed"] < 0.3 < 0.8 < coverage["truth"]
    assert value("density")["noise"] < value("density")["truth"] / 4 and coverage["noise"] < 0.3


def test_the_collapse_report_sees_collapse_only(reports):
    def value(metric):
        return {name: table.loc[metric, "value"] for name, table in reports.items()}

    duplicates, distance = value("duplicates"), value("distance within")
    assert duplicates.pop("collapsed") > 0.95 and distance.pop("collapsed") < 0.7
    del duplicates["noise"], distance["noise"]  # it lies outside of all the features know
    assert max(duplicates.values()) < 0.1 and min(distance.values()) > 0.7
    assert max(value("SSIM within"), key=value("SSIM within").get) == "collapsed"
    assert min(value("SSIM within"), key=value("SSIM within").get) == "noise"
    assert min(value("inception score"), key=value("inception score").get) in ("noise", "collapsed")


def test_memorisation_sees_the_copycat_only(reports):
    ratio = {name: table.loc["distance to training", "value"] for name, table in reports.items()}
    copies = {name: table.loc["copies", "value"] for name, table in reports.items()}
    assert ratio["copycat"] < 0.5 and copies["copycat"] > 0.9
    assert reports["copycat"].loc["closer to training", "value"] > 0.95
    for name in ("truth", "noise", "blur"):
        assert ratio[name] > 0.8 and copies[name] < 0.1


def test_single_functions_say_what_the_report_says(faces, generators):
    train, held_out, _ = faces
    found = judge.memorisation(train, generators["copycat"], held_out=held_out)
    assert found.copies > 0.9 and found.closer > 0.95 and found.nearest.shape == (280,)
    off = np.abs(train[found.nearest].astype(int) - generators["copycat"]).mean((1, 2))
    assert (off < 3).mean() > 0.9  # those rows are what was copied
    assert judge.memorisation(train, held_out).closer == pytest.approx(0.5, abs=0.12)
    collapsed, true = (judge.collapse(train, generators[name]) for name in ("collapsed", "truth"))
    assert collapsed.duplicates > 0.95 > 0.1 > true.duplicates
    assert collapsed.ssim > 0.2 > abs(true.ssim) * 2 and collapsed.classes < 0.9 < true.classes < 1.25
    alike = judge.ssim(train, generators["copycat"])
    assert alike.nearest > 0.9 > judge.ssim(train, generators["truth"]).nearest
    found = judge.precision_recall(train, generators["noise"])
    assert found.density < 0.1 and found.recall < 0.05


# ------------------------------------------------------------------- the report


def test_a_report_is_whole_and_repeats(faces, generators, reports):
    def rows(x):
        return x.mean(2)

    table = reports["blur"]
    assert list(table.columns) == ["value", "low", "high", "floor", "better", "n", "features"]
    assert list(table.index) == list(images.ROWS) and table.notna().all(axis=None)
    assert (table["low"] <= table["high"]).all() and (table["n"] == 280).all()
    options = dict(features=rows, n_resamples=10, pairs=20, max_n=40)
    with pytest.warns(UserWarning, match="40 images for 48 features"):
        one, two = (judge.report(faces[0], generators["blur"], random_state=s, **options) for s in (5, 5))
    assert one.equals(two) and (one["n"] == 40).all() and one.loc["FID", "features"] == "rows"
    with pytest.warns(UserWarning):
        assert not one.equals(judge.report(faces[0], generators["blur"], random_state=6, **options))


def test_intervals_cover():
    """Of 95 % intervals about the mean of 30 numbers, about 95 % hold the true mean."""
    from affectkit.judge._resample import table

    rng, hits = np.random.default_rng(0), 0
    for seed in range(200):
        sets = {name: dict(x=rng.normal(size=60)) for name in ("real", "fake")}
        found = table(
            sets,
            lambda a, b, rng, _: {"mean": b["x"].mean() - a["x"].mean()},
            {"mean": ("lower", -9, 9, "x")},
            max_n=60,
            n_resamples=40,
            random_state=seed,
        )
        hits += found.loc["mean", "low"] <= 0 <= found.loc["mean", "high"]
    assert 0.9 <= hits / 200 <= 1


# ------------------------------------------------------------------- features


def test_features_may_be_a_module_or_a_function(faces):
    colour = np.repeat(faces[0][:40, :, :, None], 3, axis=3)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.drop, self.line = nn.Dropout(0.5), nn.Linear(3, 5)

        def features(self, x):
            assert x.shape[1:] == (3, 48, 48) and 0 <= x.min() and x.max() <= 1
            return self.line(self.drop(x.mean((2, 3))))

    net = Net().train()
    assert judge.describe(colour, net).shape == (40, 5) and net.training
    assert np.array_equal(judge.describe(colour, net), judge.describe(colour, net))  # no dropout
    assert judge.fid(colour, colour, features=lambda x: x.mean((1, 2))) == pytest.approx(0, abs=1e-3)
    assert np.allclose(judge.describe(colour), judge.describe(faces[0][:40]), atol=0.05)
    assert judge.describe(faces[0][:3], "pixels").shape == (3, 576)
    assert np.allclose(judge.probabilities(colour, lambda x: np.full((len(x), 2), 0.5)), 0.5)
    assert judge.probabilities(faces[0]).shape == (len(faces[0]), 7)


def test_inception_says_what_it_needs(faces, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch_fidelity", None)
    monkeypatch.setitem(__import__("sys").modules, "torch_fidelity.feature_extractor_inceptionv3", None)
    with pytest.raises(
        ValueError, match=r'"inception" needs .*affectkit\[inception\].*default needs neither'
    ):
        judge.fid(faces[0][:5], faces[1][:5], features="inception")


# ------------------------------------------------------------------- the kit's own network


def test_the_checkpoint_is_small_stamped_and_knows_faces(repository, faces):
    files = {path.name: path for path in _features.folder().iterdir() if path.stem == "judge-faces"}
    assert set(files) == {"judge-faces.safetensors", "judge-faces.sha256"}
    assert files["judge-faces.safetensors"].stat().st_size <= 1_500_000
    net, stamp = _features.own()
    assert stamp["made_by"] == "python -m affectkit.judge" and "no real one" in stamp["trained_on"]
    assert not net.training and net is _features.own()[0]
    drawn, target, _ = twins.faces.make([20] * 7, classes=CLASSES, label_noise=0, random_state=123)
    assert (_features.probabilities(drawn).argmax(1) == target).mean() > 0.45  # 1/7 by chance


@pytest.mark.parametrize("damage", ["flipped", "lost", "foreign"])
def test_a_damaged_checkpoint_is_refused(tmp_path, monkeypatch, damage):
    from shutil import copy

    for name in ("judge-faces.safetensors", "judge-faces.sha256"):
        copy(_features.folder() / name, tmp_path / name)
    monkeypatch.setattr(_features, "folder", lambda: tmp_path)
    path = tmp_path / "judge-faces.safetensors"
    content = bytearray(path.read_bytes())
    if damage == "lost":
        path.unlink()
    elif damage == "flipped":
        content[-5] ^= 255
        path.write_bytes(content)
    else:
        import hashlib

        from safetensors.torch import save

        other = save({"weight": torch.zeros(3)})
        path.write_bytes(other)
        (tmp_path / "judge-faces.sha256").write_text(hashlib.sha256(other).hexdigest())
    said = {"flipped": "is damaged", "lost": "cannot be read", "foreign": "holds another network"}[damage]
    with pytest.raises(ValueError, match=f"{said}.*python -m affectkit.judge"):
        judge.describe(np.zeros((2, 48, 48), np.uint8))


def test_it_can_be_made_anew(tmp_path):
    for name in ("one", "two"):
        make(tmp_path / name, n_faces=260, epochs=1)
    one, two = (load_file(tmp_path / name / "judge-faces.safetensors") for name in ("one", "two"))
    shipped = load_file(_features.folder() / "judge-faces.safetensors")
    assert {k: v.shape for k, v in one.items()} == {k: v.shape for k, v in shipped.items()}
    assert all(torch.equal(one[k], two[k]) for k in one)


# ------------------------------------------------------------------- bad input

FACES = np.zeros((6, 16, 16), np.uint8)


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: judge.fid(FACES[0], FACES), "real must have shape"),
        (lambda: judge.fid(FACES, FACES[:, :, :, None].repeat(2, 3)), "fake must have shape"),
        (lambda: judge.fid(FACES / 255, FACES), "real must be uint8"),
        (lambda: judge.fid(FACES, np.full(FACES.shape, np.nan)), "fake holds NaN"),
        (lambda: judge.fid(FACES, FACES[:0]), "fake has 0 images"),
        (lambda: judge.fid(FACES, FACES[:, :8]), "bring both"),
        (lambda: judge.fid(FACES, FACES[..., None].repeat(3, 3)), "bring both"),
        (lambda: judge.fid(np.ones((4, 3)), np.ones((4, 2))), "same features"),
        (lambda: judge.fid(np.ones((4, 3)), np.full((4, 3), np.inf)), "fake holds NaN or inf.*row 0"),
        (lambda: judge.kid(FACES, FACES, subsets=0), "subsets=0"),
        (lambda: judge.fid(FACES, FACES, features="resnet"), "features='resnet' is unknown"),
        (lambda: judge.fid(FACES, FACES, features=3), "not int"),
        (lambda: judge.fid(FACES, FACES, features=lambda x: x), "a vector a picture"),
        (lambda: judge.inception_score(np.ones((3, 2))), "sum to 1"),
        (lambda: judge.inception_score(FACES, classifier="inception"), "is unknown"),
        (lambda: judge.precision_recall(FACES, FACES, k=9), "at least 10"),
        (lambda: judge.precision_recall(FACES, FACES, k=0), "k=0"),
        (lambda: judge.ssim(FACES[:, :8, :8], FACES[:, :8, :8]), "at least 11 x 11"),
        (lambda: judge.ssim(FACES, FACES, pairs=0), "pairs=0"),
        (lambda: judge.memorisation(FACES, FACES, features="pixels"), "exact duplicate"),
        (lambda: judge.collapse(FACES, FACES, features="pixels"), "exact duplicate"),
        (lambda: judge.report(FACES, FACES), "at least 20"),
        (lambda: judge.report(FACES, FACES / 255), "both be uint8"),
        (lambda: judge.nothing, "no attribute"),
    ],
)
def test_bad_input_is_named(call, said):
    with pytest.raises((ValueError, AttributeError), match=said):
        call()


def test_too_few_images_for_a_covariance_are_warned_of(faces):
    with pytest.warns(UserWarning, match="50 images for 64 features.*KID"):
        judge.fid(faces[0][:50], faces[1][:60])


def test_real_or_fake_is_a_binomial_test():
    fake = np.repeat([True, False], 8)
    told = images.real_or_fake(fake, np.r_[fake[:6], ~fake[6:8], fake[8:14], ~fake[14:]])  # 12 of 16 right
    assert told.accuracy == 0.75 and told.n == 16
    assert told.p == pytest.approx(2 * sum(math.comb(16, k) for k in range(12, 17)) / 2**16)
    assert told.p > 0.05 and told.low < 0.5 < told.high  # beyond chance from 13 of 16 on
    better = images.real_or_fake(fake, np.r_[fake[:13], ~fake[13:]])
    assert better.p < 0.05 and better.low > 0.5


def test_real_or_fake_knows_a_habit_from_an_eye():
    fake = np.arange(20) < 10
    assert images.real_or_fake(fake, np.arange(20) % 2 == 0).d_prime == pytest.approx(0)
    assert images.real_or_fake(fake, np.ones(20, bool)).d_prime == pytest.approx(0)  # cries "fake!" always
    assert 3 < images.real_or_fake(fake, fake).d_prime < 4  # all right, and finite
    assert math.isnan(images.real_or_fake(fake[:10], fake[:10]).d_prime)


@pytest.mark.parametrize("fake, said, message", [
    ([True], [True, False], "one answer a picture"), ([], [], "one answer"), ([True], [1], "True or False"),
])
def test_real_or_fake_says_what_is_wrong(fake, said, message):
    with pytest.raises(ValueError, match=message):
        images.real_or_fake(fake, said)
