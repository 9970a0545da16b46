import numpy as np
import pytest
from torch import nn

from affectkit import gans, nets
from affectkit.gans.presets import PRESETS


def test_yousaf2025_generator_has_the_printed_counts():
    generator = gans.preset("yousaf2025", device="cpu").build().generator
    assert nets.count_parameters(generator, convention="keras") == 2_150_787
    assert nets.count_parameters(generator) == 2_136_707  # printed as trainable
    gan = gans.preset("yousaf2025", device="cpu").build()
    assert gan.sample(2).shape == (2, 28, 28, 3)
    weighted = [m for m in gan.discriminator.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == 4


@pytest.mark.parametrize("name, g, d", [
    ("electronics2022", 3_986_304, 2_765_568), ("alharbawee2024", 3_576_704, 2_765_568)])
def test_standard_networks(name, g, d):
    gan = gans.preset(name, device="cpu").build()
    assert nets.count_parameters(gan.generator) == g
    assert nets.count_parameters(gan.discriminator) == d


def test_printed_options():
    gan = gans.preset("alharbawee2024")
    assert (gan.lr, gan.betas, gan.batch_size, gan.max_epochs) == (2e-4, (0.9, 0.999), 128, 300)
    assert gans.preset("electronics2022").latent_dim == 150
    assert gans.preset("electronics2022", latent_dim=256).latent_dim == 256
    heart = gans.preset("hegh2025-signals")
    assert (heart.architecture, heart.scaling, heart.window_noise) == ("recurrent", "minmax", False)
    assert heart.ema is None  # an average of weights is none of the paper's


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_trains_a_step(name):
    gan = gans.preset(name, width=4, device="cpu")
    if isinstance(gan, gans.RGAN):
        X = np.random.default_rng(0).normal(70, 5, (4, gan.length, 1))
    else:
        shape = (4, gan.image_size, gan.image_size) + ((3,) if gan.channels == 3 else ())
        X = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    assert np.isfinite(gan.step(X)["d_loss"])
    assert PRESETS[name]["assumed"]


def test_unknown_preset():
    with pytest.raises(ValueError, match="no preset named 'dcgan'; there are: hegh2025-faces"):
        gans.preset("dcgan")
