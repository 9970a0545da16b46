"""GANs on signals: recurrent networks as in RCGAN, and one-dimensional convolutions beside them."""

from contextlib import nullcontext

import torch
from torch import nn

from affectkit import speed
from affectkit.preprocess import signals

from ._base import GAN
from .dcgan import Conditional, Discriminator, Generator, bound

ARCHITECTURES = ("recurrent", "conv")
CELLS = {"lstm": nn.LSTM, "gru": nn.GRU}
SCALINGS = ("standard", "minmax")


class RGAN(GAN):
    """A generative adversarial network on windows of signals, unconditional or of chosen classes.

    Options that are not listed here are those of `DCGAN`.

    Parameters
    ----------
    length, channels : int, int
        Samples a window; signals in it (heart rate and skin conductance are two).
    latent_dim : int
        Random numbers a time step ("recurrent") or a window ("conv").
    n_classes : int, optional
        With it the GAN is conditional: "recurrent" is told the class at every step (Esteban et al. 2017),
        "conv" by embedding and projection as `DCGAN`.
    architecture : {"recurrent", "conv"}
        RCGAN (Esteban et al. 2017): both networks read and write step by step. Or convolutions along time,
        which train several times faster.
    cell : {"lstm", "gru"}
        "recurrent": the kind of layer.
    width, layers : int, int
        "recurrent": states of a layer, and how many; "conv": filters at full length.
    window_noise : bool
        "recurrent": besides new random numbers at every step the generator gets `latent_dim` that stay for
        the whole window: windows differ in level, and a level is hard to remember. RCGAN has none.
    scaling : {"standard", "minmax"}
        Inside, each channel has mean 0 and standard deviation 1 over all training windows, or runs from -1 to
        1 (hegh2025), and the generator then ends in a tanh. `sample` gives physical units back.
    sampling_rate : float, optional
        Of the training windows in Hz: lets `sample` give another rate.
    spectral_norm : bool
        Bounds convolutions and dense layers, not recurrent ones.

    Attributes
    ----------
    generator, discriminator : torch.nn.Module
        ``discriminator.features(x)``: the mean state over time, or what the last convolution says.
    averaged_, history_, classes_
        As for `DCGAN`.

    References
    ----------
    Esteban, Hyland and Rätsch (2017), "Real-valued (medical) time series generation with recurrent
    conditional GANs".

    Examples
    --------
    >>> import affectkit as ak
    >>> gan = ak.gans.RGAN(length=60, latent_dim=4, width=8, device="cpu").build()
    >>> gan.sample(5).shape
    (5, 60, 1)
    """

    def __init__(self, *, length=128, channels=1, latent_dim=16, n_classes=None, loss="bce",
                 architecture="recurrent", cell="lstm", width=64, layers=1, window_noise=True,
                 scaling="standard", sampling_rate=None, spectral_norm=False, ema=0.995, lr=2e-3,
                 lr_discriminator=None, betas=(0.5, 0.999), label_smoothing=0.0, penalty=10.0,
                 penalty_every=1, d_steps=1, gradient_clip=1.0, batch_size=64, max_epochs=100,
                 max_steps=None, max_seconds=None, checkpoint=None, checkpoint_every=30.0, dead_after=200,
                 half=True, warm_start=False, random_state=0, device="auto", verbose=0):
        self._store(locals())

    def sample(self, n, y=None, *, random_state=None, length=None, sampling_rate=None):
        """Draw new windows.

        Parameters
        ----------
        n, y, random_state
            As for `DCGAN.sample`.
        length : int, optional
            "recurrent" only: samples a window, at the training rate, shorter or longer than what it learnt.
        sampling_rate : float, optional
            Resample the windows to this rate [Hz]; they keep their duration.

        Returns
        -------
        float32 array of shape (n, time, channels)
            In physical units.
        """
        if length is not None and (self.architecture != "recurrent" or int(length) != length or length < 1):
            raise ValueError(f"length={length!r}: a recurrent GAN makes windows of any number of samples, "
                             f"a convolutional one of {self.length} alone.")
        if sampling_rate is not None and (not self.sampling_rate or not sampling_rate > 0):
            raise ValueError(f"sampling_rate={sampling_rate!r}: resampling takes a positive rate, and that "
                             "of the training windows (RGAN's own sampling_rate).")
        learnt = self.length
        try:
            self.length = length or learnt  # what `_latent_shape` goes by
            made = super().sample(n, y, random_state=random_state)
        finally:
            self.length = learnt
        if sampling_rate and len(made):
            made = signals.resample(made, max(1, round(made.shape[1] * sampling_rate / self.sampling_rate)))
        return made

    def _validate(self):
        for name, known in (("architecture", ARCHITECTURES), ("cell", tuple(CELLS)), ("scaling", SCALINGS)):
            if getattr(self, name) not in known:
                raise ValueError(f"{name}={getattr(self, name)!r} is unknown: use one of {', '.join(known)}.")
        for name, least in (("length", 8), ("channels", 1), ("layers", 1)):
            if int(getattr(self, name)) != getattr(self, name) or getattr(self, name) < least:
                raise ValueError(f"{name}={getattr(self, name)!r} must be a whole number from {least} on.")

    def _networks(self):
        end = nn.Tanh() if self.scaling == "minmax" else nn.Identity()
        if self.architecture == "recurrent":
            rnn = dict(cell=self.cell, width=self.width, layers=self.layers, n_classes=self.n_classes)
            generator = RecurrentGenerator(self.latent_dim, self.channels, end, self.window_noise, **rnn)
            discriminator = RecurrentDiscriminator(self.channels, **rnn)
        else:
            shape = (self.length, self.channels, self.width, self.n_classes)
            generator = conv_generator(self.latent_dim, end, *shape)
            discriminator = conv_discriminator(*shape)
        if self.spectral_norm:
            bound(discriminator)
        return generator, discriminator

    def _half(self):
        # A processor's GRU has no bfloat16 kernel of its own: half the speed, where the LSTM gains a half.
        slow = self.architecture == "recurrent" and self.cell == "gru" and self.device_ == "cpu"
        return nullcontext() if slow else super()._half()

    def _step(self, x, target, which, epoch):
        with speed.one_thread():
            return super()._step(x, target, which, epoch)

    def generate(self, z, y=None):
        """Turn latents into windows, as `DCGAN.generate` does into faces."""
        with speed.one_thread():
            return super().generate(z, y)

    def _latent_shape(self):
        if self.architecture == "conv":
            return (self.latent_dim,)
        return (self.length + self.window_noise, self.latent_dim)  # the first row stays for the whole window

    def _check(self, X):
        X = signals.complete(X)
        if X.shape[2] != self.channels:
            raise ValueError(f"X has {X.shape[2]} channel(s), but channels={self.channels}: make them agree.")
        if X.shape[1] != self.length:
            raise ValueError(f"X has windows of {X.shape[1]} samples, but length={self.length}: make them "
                             "agree, or resample the windows (ak.preprocess.signals.resample).")
        return torch.from_numpy(X)

    def _check_variation(self, x):
        flat = (x.amax((0, 1)) == x.amin((0, 1))).nonzero().flatten().tolist()
        if flat:
            raise ValueError(f"Channel {flat[0]} has the same value in all windows: leave it out.")

    def _scale(self, x):
        x = x.double()  # a million values summed in float32 would lose digits
        if self.scaling == "minmax":
            low, high = x.amin((0, 1)), x.amax((0, 1))
            centre, spread = (low + high) / 2, (high - low) / 2
        else:
            centre, spread = x.mean((0, 1)), x.std((0, 1))
        return [centre.float().to(self.device_), spread.clamp_min(1e-6).float().to(self.device_)]

    def _to_network(self, x):
        return x if self._spread is None else (x - self._spread[0]) / self._spread[1]

    def _from_network(self, x):
        return (x if self._spread is None else x * self._spread[1] + self._spread[0]).cpu().numpy()


class RecurrentGenerator(Conditional):
    """Latents (n, time, latent_dim) in, windows (n, time, channels) out, step by step.

    With `window_noise` the first row of latents is no step: it is shown at every step.
    """

    def __init__(self, latent_dim, channels, end, window_noise, *, cell, width, layers, n_classes):
        super().__init__(n_classes)
        self.window_noise = window_noise
        inputs = latent_dim * (1 + window_noise) + (n_classes or 0)
        self.rnn = CELLS[cell](inputs, width, layers, batch_first=True)
        self.head = nn.Linear(width, channels)
        self.end = end

    def forward(self, z, y=None):
        """Make windows."""
        if self.window_noise:
            z = torch.cat([z[:, 1:], z[:, :1].expand(-1, z.shape[1] - 1, -1)], 2)
        return self.end(self.head(self.rnn(_told(self, z, y))[0]))


class RecurrentDiscriminator(Conditional):
    """Windows (n, time, channels) in, scores (n,) out: the mean of a score at every step."""

    def __init__(self, channels, *, cell, width, layers, n_classes):
        super().__init__(n_classes)
        self.rnn = CELLS[cell](channels + (n_classes or 0), width, layers, batch_first=True)
        self.head = nn.Linear(width, 1)

    def features(self, x, y=None):
        """Describe windows by the mean state over time (n, width)."""
        return self.rnn(_told(self, x, y))[0].mean(1)

    def forward(self, x, y=None):
        """Score windows."""
        return self.head(self.features(x, y)).flatten()  # the mean score is the score of the mean state


def _told(network, x, y):
    """The class put beside every step: (n, time, k) => (n, time, k + n_classes)."""
    if not network.n_classes:
        return x
    return torch.cat([x, network.shares(y, x)[:, None].expand(-1, x.shape[1], -1)], 2)


class Turn(nn.Module):
    """(n, time, channels) <=> (n, channels, time), cut to `length`: torch convolves over the last axis."""

    def __init__(self, length=None):
        super().__init__()
        self.length = length

    def forward(self, x):
        return x[..., :self.length].transpose(1, 2)


def conv_generator(latent_dim, end, length, channels, width, n_classes):
    """A dense layer to an eighth of the length, then three doublings, each with a convolution."""
    short = -(-length // 8)

    def layers(inputs):
        made = [nn.Linear(inputs, 4 * width * short), nn.Unflatten(1, (4 * width, short))]
        for wide, narrow in ((4, 4), (4, 2), (2, 1)):
            made += [nn.BatchNorm1d(wide * width), nn.LeakyReLU(0.2), nn.Upsample(scale_factor=2),
                     nn.Conv1d(wide * width, narrow * width, 5, padding=2)]
        made += [nn.BatchNorm1d(width), nn.LeakyReLU(0.2), nn.Conv1d(width, channels, 5, padding=2)]
        return nn.Sequential(*made, end, Turn(length))

    return Generator(latent_dim, n_classes, layers)


def conv_discriminator(length, channels, width, n_classes):
    """The way back: convolutions that halve the length; never normalised, so that levels stay visible."""
    layers = [Turn()]
    for narrow, wide in ((channels, width), (width, 2 * width), (2 * width, 4 * width)):
        layers += [nn.Conv1d(narrow, wide, 5, 2, padding=2), nn.LeakyReLU(0.2)]
        length = -(-length // 2)
    return Discriminator(n_classes, nn.Sequential(*layers), lambda outputs: nn.Sequential(
        nn.Flatten(), nn.Linear(4 * width * length, outputs)))
