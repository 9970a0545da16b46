# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 06 · R-GAN signals: can a network invent a heartbeat?
#
# {{badges}}
#
# In this lesson you will
# - build a recurrent generator and its discriminator with your own hands, and check every shape,
# - see that the losses of a GAN tell next to nothing, and ask a classifier instead,
# - invent pulse waves of slow and of fast hearts, by recurrent and by convolutional networks,
# - find out what happens to the *level* of a heart rate when signals are scaled by min-max,
# - turn a slow heart into a fast one, and draw thirty seconds from a network that has seen only eight.
#
# **Time** 50 minutes · **Builds on** [03 Heart signals](03_heart_signals.ipynb); its judges are explained
# in [07 Judging generators](07_judging_generators.ipynb) · **Runs** in under a minute on two cores, offline

# %% [markdown]
# ## Setup

# %% tags=["parameters"]
PROFILE = "quick"  # "quick": a minute on two cores · "bench": longer trainings · "full": longer still
SOURCE = "auto"  # "auto": real data where found, else the twin · "real" · "twin"
SEED = 0  # the same seed gives the same numbers
DEVICE = "auto"  # "auto" · "cpu" · "cuda"

# %%
try:
    import affectkit as ak
except ModuleNotFoundError:  # on Colab: installs the kit, and keeps the torch that is there
    get_ipython().run_line_magic("pip", "install --quiet git+{{repository}}")
    import affectkit as ak
ak.lesson.start("06 R-GAN signals", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
steps = ak.lesson.pick(PROFILE, quick=1400, bench=3000, full=6000, cap=40)  # of a training on sines
seconds = ak.lesson.pick(PROFILE, quick=4, bench=120, full=300, cap=1)  # of each training on pulses
rate_steps = ak.lesson.pick(PROFILE, quick=400, bench=1500, full=5000, cap=20)  # on heart rates
n_windows = ak.lesson.pick(PROFILE, quick=300, bench=None, full=None, cap=200)  # pulses before the judges
n_beats = ak.lesson.pick(PROFILE, quick=20, bench=150, full=150, cap=15)  # pulses a class: their beats

# %% [markdown]
# ## First something we understand: noisy sines
#
# A heart is complicated. So we begin where the truth is known: sine waves with 2, 3 or 4 cycles a window,
# in any phase, under noise. If a network cannot invent *these*, there is no use in asking it for hearts.
# (Esteban et al. began like this, too, when they proposed recurrent GANs for medical signals in 2017.)

# %%
import numpy as np


def waves(n, seed, length=32):
    """Noisy sines (n, time, 1) and their classes: 0, 1, 2 for about 2, 3, 4 cycles."""
    rng, y = np.random.default_rng(seed), np.arange(n) % 3
    cycles, phase = y + 2 + rng.uniform(-0.4, 0.4, n), rng.uniform(0, 1, n)
    angle = 2 * np.pi * (cycles[:, None] * np.arange(length) / length + phase[:, None])
    x = rng.uniform(0.5, 1, (n, 1)) * np.sin(angle) + rng.normal(0, 0.1, (n, length))
    return x[:, :, None].astype(np.float32), y


X, y = waves(1500, SEED)  # to learn from
H, y_held = waves(600, SEED + 1000)  # held out, to judge with
# NBVAL_CHECK_OUTPUT
X.shape, H.shape  # (windows, time steps, channels)

# %% [markdown]
# ## A recurrent generator, built by hand
#
# The generator of an **R-GAN** reads random numbers step by step, keeps a memory (an LSTM, as in lesson
# 10), and says one value at each step. *Think first: 16 random numbers a step go in, the memory has 64
# numbers. What comes out of the LSTM, and what is left to do?*

# %%
import torch
from torch import nn

noise = torch.zeros(5, 32, 16)  # five windows, 32 steps, 16 random numbers a step
memory, to_value = nn.LSTM(16, 64, batch_first=True), nn.Linear(64, 1)
states, _ = memory(noise)  # => (5, 32, 64): the memory after every step
# NBVAL_CHECK_OUTPUT
states.shape, to_value(states).shape  # => (5, 32, 1): a value a step

# %% [markdown]
# The **discriminator** goes the other way: values in, and a score after every step. Their mean is its
# verdict on the window.

# %%
reader, to_score = nn.LSTM(1, 64, batch_first=True), nn.Linear(64, 1)
scores = to_score(reader(to_value(states))[0])  # (5, 32, 1) => (5, 32, 1): a score a step
# NBVAL_CHECK_OUTPUT
scores.mean((1, 2)).shape  # => (5,): a verdict a window

# %% [markdown]
# Two things are missing. **Which class?** Both are told at every step: three more inputs, 1 for the class
# and 0 for the others. And **what stays?** A sine keeps its frequency and its height for the whole window,
# and a memory that gets new random numbers at each step has a hard time remembering. So `ak.gans.RGAN`
# gives the generator 16 more numbers that stay the same for a whole window.

# %%
gan = ak.gans.RGAN(length=32, n_classes=3, max_steps=steps, random_state=SEED, device=DEVICE).build()
# NBVAL_CHECK_OUTPUT
gan.generator.rnn.input_size, ak.nets.count_parameters(gan.generator)  # 16 + 16 + 3 inputs a step

# %% [markdown]
# ## Training, and what the losses do not tell
#
# *Think first: a classifier's loss falls while it learns. What should the two losses of a GAN do, if
# generator and discriminator grow better at the same pace?*
#
# Each loss depends on how good the *other* network is at the moment: if both improve, neither loss need
# fall. So we ask someone else: seven times, a simple classifier learns to tell the three classes **from
# invented sines alone**, and is tested on real ones. This is **TSTR**: train on synthetic, test on real. We
# ask it twice: with the generator's weights of the moment, and with their *running average* over the last
# few hundred steps.

# %%
import pandas as pd

told = pd.DataFrame(columns=["weights of the moment", "their running average"], dtype=float)


def ask(gan, info):
    """Seven times: TSTR of the generator as it is, and of its running average."""
    if (info["step"] + 1) % max(steps // 7, 1) == 0:
        average = gan.averaged_
        for name, gan.averaged_ in zip(told, (None, average), strict=True):
            fake = gan.sample(300, y[:300], random_state=SEED)
            told.loc[info["step"], name] = ak.judge.tstr(X, y, fake, y[:300], held_out=H, y_held_out=y_held,
                                                         n_boot=10).value


gan.fit(X, y, callbacks=[ask])
floor = ak.judge.tstr(X, y, X[:300], y[:300], held_out=H, y_held_out=y_held).value  # trained on real ones
told.round(2)

# %%
ak.plots.losses_and_truth(gan.history_, told, floor=floor,
                          title="The losses stand still, whatever happens below (sines)");

# %% [markdown]
# Soon both losses stand still, whatever happens below: from them nobody could tell that the generator has
# learnt its sines, nor that something may go wrong later.
#
# Why two curves? Generator and discriminator chase each other, and the orange one is where that shows: a
# generator stopped at an unlucky step is worse than it was before. The blue one is the remedy: an **average
# of the weights** of many steps does not run after every move. It is free, so `RGAN` makes its samples from
# the average (`ema=0.995`).

# %%
fake = gan.sample(300, y[:300], random_state=SEED)
ak.plots.wave_sheet({"real": H, "invented": fake}, {"real": y_held, "invented": y[:300]},
                    ["2 cycles", "3", "4"], rate=32,
                    title="Sines: real ones left, invented ones right", per_class=2);

# %% [markdown]
# ## Now a pulse
#
# A pulse wave is no sine: it rises steeply, falls slowly, and has an echo. We take **eight seconds** at 10
# values a second (a pulse has little above 5 Hz), from hearts that beat *slowly* (below 75 a minute) and
# *fast* (above 85), as the watch says.

# %%
hearts = ak.datasets.load("stress-predict", source=SOURCE, signals=("bvp", "heart_rate"), window=8, step=20,
                          random_state=SEED)
pulse = ak.preprocess.signals.resample(hearts.data[:, :, :1], 80)  # (windows, 512, 1) => (windows, 80, 1)
rate, people = hearts.data[:, :, 1].mean(1), hearts.groups.astype(str)
spread = pulse.std((1, 2))
usual = pd.Series(spread).groupby(people).transform("median").to_numpy()  # of each person

# %% [markdown]
# How high a pulse goes depends on the strap, so each person's is measured in units of its own usual spread.
# Windows that spread far more or less than that are left out: there the arm moved, or the watch slipped.
# And the people are split: a third of them the generator never meets.

# %%
keep = (abs(spread / usual - 1) < 0.5) & ((rate < 75) | (rate > 85))
P, fast = (pulse / usual[:, None, None])[keep], (rate[keep] > 85).astype(int)
strangers = np.isin(people[keep], np.unique(people)[::3])  # every third person
known = P[~strangers], fast[~strangers]
mixed = np.random.default_rng(SEED).permutation(np.flatnonzero(strangers))[:n_windows]
held, whose = (P[mixed], fast[mixed]), people[keep][mixed]
len(known[0]), len(held[0]), len(np.unique(whose))  # windows to learn from, to judge with, and their people

# %% [markdown]
# ## Recurrent or convolutional, for equally many seconds
#
# The R-GAN has a rival: **convolutions** along time, which draw the whole window at once
# (`"modern-signals"`, with the Wasserstein loss). Both get the same few seconds of live training. Beside
# them stands the kit's own **trained** R-GAN, which took some three minutes, and has seen simulated people
# only.
#
# *Think first: which of the two will draw a pulse first?*

# %%
options = dict(length=80, n_classes=2, sampling_rate=10, max_epochs=None, max_seconds=seconds,
               random_state=SEED, device=DEVICE, verbose=1)
recurrent = ak.gans.RGAN(**options).fit(*known)
conv = ak.gans.preset("modern-signals", **options).fit(*known)
trained = ak.gans.trained("rgan-pulses")
recurrent.steps_, conv.steps_  # steps in the same time

# %%
names = {"recurrent, live": recurrent, "convolutional, live": conv, "recurrent, trained": trained}
invented = {name: gan.sample(len(held[0]), held[1], random_state=SEED) for name, gan in names.items()}
shown = {"real": held[0]} | invented

# %% tags=["hero"]
ak.plots.wave_sheet(shown, dict.fromkeys(shown, held[1]), ["slow", "fast"], 10,
                    title=f"Pulse waves: which columns would fool you? ({hearts.source})");

# %% [markdown]
# A few seconds are not enough for either (and they end by the clock, so they differ from run to run). A
# recurrent network has to trace what went wrong at the end of a window back through eighty steps;
# convolutions see the whole window at once. Trained for two minutes each (`PROFILE = "bench"`) the two can
# be told apart. With patience the recurrent one gets there, as the right column shows.

# %% [markdown]
# ## Put them before the judges
#
# **TSTR** (trained on invented pulses, tested on real strangers) and **TRTS** (the other way round), with
# the *floor* that real pulses reach. The **discriminative score** asks whether a classifier can tell real
# from invented: 0 is perfect, 0.5 is *always*.

# %%
judged = pd.DataFrame({name: ak.judge.tstr(*known, x, held[1], held_out=held[0], y_held_out=held[1],
                                           groups=whose)._asdict() for name, x in invented.items()}).T
judged["TRTS"] = [ak.judge.trts(*known, x, held[1], held_out=held[0], y_held_out=held[1]).value
                  for x in invented.values()]
judged["discriminative"] = [ak.judge.discriminative(held[0], x) for x in invented.values()]
judged.rename(columns={"value": "TSTR"}).round(2)

# %% [markdown]
# Read TSTR against its floor. It falls when the classes are muddled *and* when there is too little variety;
# TRTS misses the second: one good wave a class would do. And the discriminative score is the strictest of
# all: a classifier with hundreds of random filters notices a tremble that no eye sees.
#
# ## Do they have the right heart rate?
#
# *Think first: a generator was told "slow" and "fast". Which heart rates did it have to learn by itself?*

# %%
def heart_rates(x):
    """Mean heart rate of each pulse [beats/min], NaN where no beats are found."""
    at_32_hz = ak.preprocess.signals.resample(x, 256)[:, :, 0]  # beats are looked for on a finer grid
    found = [ak.preprocess.signals.heart_rate(window, 32) for window in at_32_hz]
    return [np.nanmean(row) if np.isfinite(row).any() else np.nan for row in found]


beat = pd.concat([pd.DataFrame({"set": name, "class": kind, "value": heart_rates(x[held[1] == k][:n_beats])})
                  for name, x in shown.items() for k, kind in enumerate(["slow", "fast"])])
ak.plots.densities(beat, xlabel="heart rate in eight seconds [beats/min], mean in bold",
                   title=f"Heart rates of real and of invented pulses ({hearts.source})");

# %% [markdown]
# All of them: a class is only a word. The trained generator has put both near where real hearts have them;
# what the live ones found differs from run to run.
#
# And which frequencies? The mean spectrum of the *fast* pulses is a judge that needs no beats: a line at the
# heart rate, and a weaker one at its double, which gives a beat its shape.

# %%
frequency = np.fft.rfftfreq(80, 1 / 10)[1:]  # Hz
power = {name.replace(", ", ",\n"): (frequency, (abs(np.fft.rfft(x[held[1] == 1, :, 0])) ** 2).mean(0)[1:])
         for name, x in shown.items()}
pace = rate[keep][mixed][held[1] == 1].mean() / 60  # beats a second, of the real ones shown
ak.plots.spectra(power, {"fast hearts": pace, "twice that": 2 * pace},
                 title=f"Mean spectra of fast pulses ({hearts.source})");

# %% [markdown]
# ## Has it copied?
#
# The distance from each invented pulse to the nearest one it has learnt from, divided by what a *new*
# person's pulses have to theirs. 1 is as near as a stranger; 0 would be a copy. (The trained one has learnt
# from just these windows if the data are the twin's of seed 0, and from others else.)

# %%
from scipy.spatial.distance import cdist

nearest = {name: np.median(cdist(x[:200, :, 0], known[0][:, :, 0]).min(1)) for name, x in shown.items()}
(pd.Series(nearest) / nearest["real"]).round(2)

# %% [markdown]
# ## What min-max does to the level
#
# hegh2025 scales heart signals "by min-max" before its R-GAN. That can be read in two ways: each *window*
# runs from 0 to 1, or the whole *data set* does. We take the heart rates of lesson 10, a minute each.
#
# *Think first: people differ in level, from 60 to over 100 beats a minute. Which reading keeps that?*

# %%
minutes = ak.datasets.load("stress-predict", source=SOURCE, random_state=SEED)
R = ak.preprocess.signals.resample(minutes.data, 20)  # a minute, one value every three seconds
low, high = R.min(1).mean(), R.max(1).mean()  # a window's lowest and highest rate, on average
each = low + (high - low) * ak.preprocess.signals.minmax(R)  # to 0..1, and back to beats a minute
print(f"all windows together run from {R.min():.0f} to {R.max():.0f} beats/min")
ends = R.mean((1, 2)).argsort()[[0, -1]]  # the slowest minute of all, and the fastest
R[ends].mean((1, 2)).round(), each[ends].mean((1, 2)).round()  # beats/min, before and after

# %% [markdown]
# No network was asked: the scaling alone has thrown the levels away, and no generator can give back what it
# is never shown. (Lesson 10 finds that the level is what tells stress from rest.) So the kit's
# `"hegh2025-signals"` takes the second reading, with a tanh at its end. Its rival is scaled by mean and
# standard deviation, and has the numbers that stay for a window. Both train for as many steps.

# %%
options = dict(length=20, max_epochs=None, max_steps=rate_steps, random_state=SEED, device=DEVICE)
paper = ak.gans.preset("hegh2025-signals", **options).fit(R)
ours = ak.gans.RGAN(**options).fit(R)
some = np.random.default_rng(SEED).permutation(len(R))[:300]

# %%
rates = {"real": R[some], "min-max of each window": each[some], "R-GAN, hegh2025": paper.sample(300),
         "R-GAN, standard": ours.sample(300)}
level = pd.DataFrame([{"set": name, "value": v} for name, x in rates.items() for v in x.mean((1, 2))])
ak.plots.densities(level, xlabel="mean heart rate of a minute [beats/min], mean in bold",
                   title=f"Scaled window by window, all hearts are alike ({minutes.source})");

# %%
levels = level.groupby("set", sort=False)["value"].agg(["mean", "std"])  # beats/min
levels.round(1)

# %% [markdown]
# Hold both columns against the first row: the generator of the paper's kind misses the mean, or the spread,
# or both. Three things differ between the two: min-max over the whole set, in which the rarest extremes set
# the scale (see the range above); no numbers that stay for a window; no average of weights. Which of them
# it is, this table cannot tell. Switch them one by one (`scaling`, `window_noise`, `ema`) to find out;
# `PROFILE = "bench"` trains both for longer.

# %% [markdown]
# ## Turn a slow heart into a fast one
#
# One and the same noise, and the class moves from *slow* to *fast* in small steps. A generator that had
# learnt windows by heart would jump; one that has understood what differs goes gradually.

# %%
morph = trained.morph(0, 1, n=7, random_state=SEED + 3)  # (7, 80, 1)
ak.plots.ridge(morph, ["slow", "", "", "", "", "", "fast"], 10,
               title="One noise, seven hearts: the class moves, beats close up (trained on twins)");

# %% [markdown]
# The other way to walk: the class stays, and the noise goes from one point to another, along the sphere on
# which random numbers live (`interpolate`).

# %%
a, b = trained.draw_latents(2, random_state=SEED)
walk = trained.interpolate(a, b, n=4, y=0)
ak.plots.ridge(walk, ["one noise", "", "", "another"], 10,
               title="From one slow heart to another (trained on twins)");

# %% [markdown]
# ### Turn the knob: a dial between two classes
#
# It was told *slow* or *fast*, 0 or 100 %, and nothing else, and windows between 75 and 85 beats a minute
# were left out. But the class is a number, so the dial goes on, and beyond both ends. Above: its pulse;
# below: the heart rate at each place of the dial (thin: other noises), and real hearts as dots.
#
# *Think first: at 50 %, is it slow, fast, or neither? At 200 % a pulse, or rubbish? Then turn.*

# %%
dial = np.linspace(-1, 2, 13)  # 0 is slow, 1 is fast
noises = trained.draw_latents(6, random_state=SEED)
dialled = [trained.generate(noises, np.tile([1 - at, at], (6, 1))) for at in dial]  # (6, 80, 1) each
pace = pd.DataFrame([heart_rates(x) for x in dialled], index=dial)  # beats/min; a column a noise
watch = {kind: rate[keep][mixed][held[1] == k] for k, kind in enumerate(["slow", "fast"])}


# %%
def knob(told_fast=50, noise=1):
    at, beats = told_fast / 100, pace.loc[told_fast / 100, noise - 1]
    window = dialled[list(dial).index(at)][noise - 1, :, 0]
    title = f"A heart that is told {told_fast} % fast (trained on twins; dots: {hearts.source})"
    figure = ak.plots.class_dial(window, 10, pace, at, noise - 1, real=watch, unseen=(75, 85), title=title)
    means = " and ".join(f"{kind} ones {values.mean():.0f}" for kind, values in watch.items())
    return figure, f"Told {told_fast} % fast, this heart beats at {beats:.0f} a minute; real {means}."


ak.apps.interact(knob, "Dial: from slow to fast, and on. Does it jump?", told_fast=(-100, 200, 25),
                 noise=(1, 6))

# %% [markdown]
# It does not jump. On their way from slow to fast its hearts go through rates of which it has never seen one
# window, and beyond the ends they go on: at -100 % most beat more slowly than nearly every slow heart it
# met, and they are pulses still. From two labels it has made a *direction*. The noise keeps a part of the
# say: a heart that is quick for a slow one stays quick all along.
#
# Is that right or wrong? Between the classes real hearts do beat like this, and we could check. Beyond them
# nothing vouches for it: what a generator makes where it had no data is a guess, however smooth.

# %% [markdown]
# ## Longer than it has ever seen
#
# A recurrent network has no length. It has learnt eight seconds; we ask for thirty, and for 32 values a
# second instead of 10. (Convolutions know one length only.)

# %%
long = trained.sample(2, [0, 1], length=300, sampling_rate=32, random_state=SEED)
# NBVAL_CHECK_OUTPUT
long.shape  # 30 s at 32 Hz

# %%
ak.plots.strips(np.arange(960) / 32, {"slow": long[0, :, 0], "fast": long[1, :, 0]},
                title="Thirty seconds from a network that has seen eight (trained on twins)");

# %% [markdown]
# ## Try it yourself
#
# **Exercise 06-1.** Change one value: how many inputs a step has the generator of
# `ak.gans.RGAN(latent_dim=10, n_classes=7)`? (Build it, and look at `.generator.rnn.input_size`.)

# %%
answer = ...
ak.lesson.check("06-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = ak.gans.RGAN(latent_dim=10, n_classes=7).build().generator.rnn.input_size
# ```
# 10 new ones at each step, 10 that stay for the window, and 7 for the class.
# </details>
#
# **Exercise 06-2.** A generator has collapsed: it knows one flawless slow pulse and one flawless fast
# pulse, and nothing else. Which of the two gives it away: `"TSTR"` or `"TRTS"`?

# %%
answer = ...
ak.lesson.check("06-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "TSTR"
# ```
# TRTS is perfect: both waves are recognised. But from two waves nobody learns what hearts look like.
# </details>
#
# **Exercise 06-3.** Somebody trains an R-GAN on *all* people, adds its pulses to the training windows, and
# tests on a third of the people. What should be done instead: `"train the GAN on the training people"`,
# `"make more pulses"` or `"use a larger network"`?

# %%
answer = ...
ak.lesson.check("06-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "train the GAN on the training people"
# ```
# Whatever has seen the test people must not make training data. Lesson 08 does this with a pipeline.
# </details>
#
# **Exercise 06-4.** Design: you want 20 seconds of a fast heart at 64 Hz from `trained`, which works at 10
# Hz. What is the shape of what `trained.sample(1, 1, length=..., sampling_rate=64)` gives you?

# %%
answer = ...
ak.lesson.check("06-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = trained.sample(1, 1, length=200, sampling_rate=64).shape
# ```
# `length` counts samples at the rate it has learnt: 20 s at 10 Hz. The rate changes them to 1,280.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - built a recurrent generator and its discriminator, and told them a class at every step,
# - seen losses stand still while a generator learnt, and weights that are better on average,
# - invented pulses of slow and fast hearts, and put them before judges who had never met these people,
# - seen the level of a heart get lost in a scaling, before any network was asked.

# %%
about = dict(source=hearts.source, n=len(np.unique(whose)))
for name, row in judged.iterrows():
    ak.lesson.record(f"TSTR: {name}", row.value, low=row.low, high=row.high, **about)
ak.lesson.record("train on real, test on real: pulses", judged["floor"].iloc[0], **about)
means = beat.groupby(["set", "class"])["value"].mean().unstack()
for name in invented:
    gap = (means.loc[name] - means.loc["real"]).abs().max(skipna=False)
    if np.isfinite(gap):  # else no beats are found in its pulses, and there is no rate to compare
        ak.lesson.record(f"heart rate, away from the real: {name}", gap, unit="beats/min", n=2 * n_beats,
                         source=hearts.source)

# %%
for name, row in levels.iterrows():
    ak.lesson.record(f"level of hearts, mean: {name}", row["mean"], n=300, unit="beats/min",
                     source=minutes.source)
    ak.lesson.record(f"level of hearts, spread: {name}", row["std"], n=300, unit="beats/min",
                     source=minutes.source)
ak.lesson.record("hegh2025, LSTM: accuracy with R-GAN signals as printed", 0.86, source="paper")
ak.lesson.records()

# %% [markdown]
# hegh2025 says that signals made by an R-GAN lift its LSTM from 76 to 86 % accuracy. It shows no invented
# signal, no judge of them, and does not say whether the R-GAN saw the people of the test. Whether invented
# samples help a classifier is the question of lesson 08. **Next:**
# [07 · Judging generators](07_judging_generators.ipynb).
