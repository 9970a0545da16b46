"""Measurements of the generators of signals, for docs/generators.py."""

import numpy as np
from sklearn.model_selection import GroupKFold
from study import at_most, row

import affectkit as ak
from affectkit.checkpoints import RATE, pulse_windows, strangers

# Settings were chosen on the sines and on the pulses of seed 0 and 1, never on real hearts.
RIVALS = {
    "recurrent": ak.gans.RGAN,
    "convolutional": lambda **o: ak.gans.preset("modern-signals", **o),
    "hegh2025": lambda **o: ak.gans.preset("hegh2025-signals", **o),
}


def waves(n, seed, length=64):
    """Noisy sines in three classes: about 2, 3 or 4 cycles a window, any phase, half to full height."""
    rng, y = np.random.default_rng(seed), np.arange(n) % 3
    cycles, phase, height = y + 2 + rng.uniform(-0.4, 0.4, n), rng.uniform(0, 1, n), rng.uniform(0.5, 1, n)
    angle = 2 * np.pi * (cycles[:, None] * np.arange(length) / length + phase[:, None])
    x = height[:, None] * np.sin(angle) + rng.normal(0, 0.1, (n, length))
    return x[:, :, None].astype(np.float32), y


def fitted(name, seed, X, y, steps, **options):
    """A rival after so many steps of its discriminator."""
    gan = RIVALS[name](length=X.shape[1], n_classes=len(set(y)), max_epochs=None, max_steps=steps,
                       random_state=seed, device="cpu", **options)  # fmt: skip
    return gan.fit(X, y)


def taught(name, gan, real, held_out, groups, source, seed):
    """What a classifier learns from as many fakes as there are reals; the fakes, and the figures as rows."""
    (X, y), (H, y_held_out) = real, held_out
    fake, options = gan.sample(len(y), y, random_state=seed), dict(groups=groups, random_state=seed)
    told = dict(held_out=H, y_held_out=y_held_out)
    tstr, trts = ak.judge.tstr(X, y, fake, y, **told, **options), ak.judge.trts(X, y, fake, y, **told)
    n = len(y_held_out) if groups is None else len(set(groups))
    return fake, [
        row(f"{name}: TSTR", tstr.value, tstr.low, tstr.high, n=n, source=source),
        row(f"{name}: TSTR below train-real-test-real", tstr.floor - tstr.value, n=n, source=source),
        row(f"{name}: TRTS", trts.value, trts.low, trts.high, n=len(y), source=source),
        row(f"{name}: discriminative score", ak.judge.discriminative(H, fake), n=len(H), source=source),
    ]


def floor(real, held_out, groups, source, seed):
    """The row that all others are compared with."""
    (X, y), (H, y_held_out) = real, held_out
    told = dict(held_out=H, y_held_out=y_held_out, groups=groups, random_state=seed)
    real = ak.judge.tstr(X, y, X, y, **told)
    n = len(y_held_out) if groups is None else len(set(groups))
    return row("train-real-test-real", real.value, real.low, real.high, n=n, source=source)


def sines(seed):
    """Noisy sines: what a classifier learns from generated ones.

    Three classes by frequency (2, 3 or 4 ± 0.4 cycles in 64 samples), random phases and heights, noise of
    0.1 (after Esteban et al. 2017); 3,000 to learn from, 1,500 others to test on. TSTR and TRTS are balanced
    accuracies of random convolutions with a ridge classifier, trained on synthetic and tested on real sines,
    and the other way round. The discriminative score is 0 where real and generated cannot be told apart, 1/2
    where they always can. *hegh2025* is the recurrent network with min-max scaling, without an average of
    weights and without the noise that stays for a window.
    """
    real, held_out = waves(at_most(3000, 90), seed), waves(at_most(1500, 90), seed + 1000)
    rows = [floor(real, held_out, None, "sines", seed)]
    for name in RIVALS:
        gan = fitted(name, seed, *real, at_most(2000, 5))
        rows += taught(name, gan, real, held_out, None, "sines", seed)[1]
    return dict(rows=rows)


def pulses(seed):
    """Pulse waves: slow hearts and fast ones.

    Eight seconds of the stress-predict twin's pulse wave at 10 Hz, in units of the person's usual pulse,
    from moments in which the arm is still; the classes are hearts below 75 and above 85 beats per minute by
    the watch. (Stress itself cannot be read off eight seconds of pulse: real windows teach it hardly better
    than a coin, and a small distance from that would mean nothing.) The generator sees two thirds of the
    people, and every figure is computed on the others: TSTR with an interval over people. Recurrent networks
    train for 6,000 steps, the convolutional one for 2,000 (every third also of the generator). Heart rates
    are those that beats found in the waves give, resampled to 32 Hz; *difference* is that of the means,
    without its sign, *distance* the Wasserstein distance, both of the worse class.
    """
    data = pulse_windows(step=at_most(20, 120), random_state=seed)
    new = strangers(data.groups)
    real, held_out = (data.data[~new], data.target[~new]), (data.data[new], data.target[new])
    rows = [floor(real, held_out, data.groups[new], "twin", seed)]
    for name, steps in (("recurrent", 6000), ("convolutional", 2000), ("hegh2025", 6000)):
        gan = fitted(name, seed, *real, at_most(steps, 5), sampling_rate=RATE)
        fake, figures = taught(name, gan, real, held_out, data.groups[new], "twin", seed)
        rows += figures + hearts(name, held_out, (fake, real[1]))
    return dict(rows=rows)


def hearts(name, real, fake):
    """How far heart rates of generated pulses are from real ones, class by class; the worse one counts."""
    told = []
    for k in (0, 1):
        both = (ak.preprocess.signals.resample(x[y == k], 32 * x.shape[1] // RATE) for x, y in (real, fake))
        told.append(ak.judge.heart_rate(*both, 32, max_n=at_most(150, 8)))  # drawn from all people
    worst = {
        "difference [bpm]": np.max([abs(t.difference) for t in told]),
        "distance [bpm]": np.max([t.distance for t in told]),
        "share of waves that have one": min(t.measured_fake for t in told),
    }
    about = dict(n=at_most(150, 8), source="twin")
    return [row(f"{name}: heart rate, {what}", value, **about) for what, value in worst.items()]


def stress(seed):
    """Real heart rates: rest and stress.

    Windows of 60 s of the real Stress-Predict's heart rate at 1 Hz, two classes. Seed s tests on the s-th
    third of the people, so that three seeds test each person once; the generator, as set on sines and pulses,
    sees the other people. The interval is over the people tested. Little can be learnt from real windows of
    strangers, so little can be lost.
    """
    data = ak.datasets.load("stress-predict", source="real")
    known, new = list(GroupKFold(3).split(data.data, groups=data.groups.astype(str)))[seed % 3]
    real, held_out = ((data.data[rows], data.target[rows]) for rows in (known, new))
    groups = data.groups[new].astype(str)
    rows = [floor(real, held_out, groups, "real", seed)]
    for name in RIVALS:
        gan = fitted(name, seed, *real, at_most(1500, 5))
        fake, figures = taught(name, gan, real, held_out, groups, "real", seed)
        rates = ak.judge.heart_rate(held_out[0], fake, 1, kind="rate", max_n=10**6)
        about = dict(n=len(new), source="real")
        rows += [*figures, row(f"{name}: heart rate, difference [bpm]", abs(rates.difference), **about),
                 row(f"{name}: heart rate, distance [bpm]", rates.distance, **about)]  # fmt: skip
    return dict(rows=rows)
