"""The papers' GANs, and a recipe of 2025 beside them: `preset(name)`."""

from .dcgan import DCGAN
from .rgan import RGAN

# "assumed" names what the paper does not print; the rest is printed, or follows from a printed count.
PRESETS = {
    "hegh2025-faces": dict(
        gan=DCGAN, image_size=48,
        assumed="everything but the name DCGAN and FER-2013's 48 grey pixels: Radford's networks"),
    "hegh2025-signals": dict(
        gan=RGAN, architecture="recurrent", scaling="minmax", window_noise=False, ema=None, lr=1e-3,
        assumed="everything but the name R-GAN and the min-max scaling: Esteban's recurrent networks"),
    "yousaf2025": dict(
        gan=DCGAN, image_size=28, channels=3, architecture="upsample",
        assumed="the discriminator beyond its four layers, the place of the doublings, Adam and batch"),
    "electronics2022": dict(
        gan=DCGAN, channels=3, latent_dim=150, max_epochs=2000,
        assumed="filters, kernels and Adam: Radford's; latent_dim 100 and 256 were tried, 150 was best"),
    "alharbawee2024": dict(
        gan=DCGAN, channels=3, betas=(0.9, 0.999), batch_size=128, max_epochs=300,
        assumed="latent_dim 100; beta1 = 0.9 is printed, where Radford has 0.5"),
    "modern-signals": dict(
        gan=RGAN, architecture="conv", width=32, loss="wgan-gp", d_steps=3, lr=1e-3,
        assumed="all: no paper's recipe, but what learnt pulse waves best in a minute"),
    "modern": dict(
        gan=DCGAN, image_size=48, width=24, loss="r3", penalty=0.2, penalty_every=4, lr=1e-3,
        betas=(0.0, 0.99), ema=0.999,
        assumed="R3GAN's loss and penalties on DCGAN's layers; the numbers by trial on FER-2013's Training"),
}


def preset(name, **options):
    """Make an untrained GAN as a paper describes it.

    Parameters
    ----------
    name : str
        "hegh2025-faces", "hegh2025-signals", "yousaf2025", "electronics2022", "alharbawee2024", "modern" or
        "modern-signals". The last two are no paper's. "modern": the relativistic loss with both penalties
        (Huang et al. 2024) and a running average of weights, on narrow DCGAN layers whose discriminator is
        not normalised; where images are few, add ``diffaugment=True`` (Zhao et al. 2020). "modern-signals":
        convolutions along time, the Wasserstein loss with its penalty (Gulrajani et al. 2017) and a running
        average of weights.
    **options
        Any option of `DCGAN` or `RGAN`, instead of the paper's: ``latent_dim=256``, ``device="cpu"``.

    Returns
    -------
    DCGAN or RGAN
        What the paper leaves open stands in ``PRESETS[name]["assumed"]``.

    Raises
    ------
    ValueError
        For an unknown name.

    Examples
    --------
    >>> import affectkit as ak
    >>> gan = ak.gans.preset("yousaf2025", device="cpu").build()
    >>> ak.nets.count_parameters(gan.generator, convention="keras")
    2150787
    """
    if name not in PRESETS:
        raise ValueError(f"There is no preset named {name!r}; there are: {', '.join(PRESETS)}.")
    recipe = {k: v for k, v in PRESETS[name].items() if k not in ("gan", "assumed")}
    return PRESETS[name]["gan"](**{**recipe, **options})
