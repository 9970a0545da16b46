# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 05 · DCGAN faces: can a network invent faces that nobody has?
#
# {{badges}}
#
# In this lesson you will
# - build both networks of a GAN block by block, and check every shape on zeros,
# - train one live on the rarest emotion, and find out why its losses say so little,
# - walk through the space of latents, and change a face's emotion and nothing else,
# - provoke a mode collapse, measure it, and cure it,
# - put the DCGAN of 2015 beside a recipe of 2025, and the papers' own GANs beside both.
#
# **Time** 45 minutes · **Builds on** [01 Class imbalance](01_class_imbalance.ipynb) · **Runs** in about a
# minute on two cores, offline

# %% [markdown]
# ## Setup

# %% tags=["parameters"]
PROFILE = "quick"  # "quick": seconds of training · "bench": minutes · "full": hours
SOURCE = "auto"  # "auto": real data where found, else the twin · "real" · "twin"
SEED = 0  # the same seed gives the same numbers
DEVICE = "auto"  # "auto" · "cpu" · "cuda"

# %%
try:
    import affectkit as ak
except ModuleNotFoundError:  # on Colab: installs the kit, and keeps the torch that is there
    get_ipython().run_line_magic("pip", "install --quiet git+{{repository}}")
    import affectkit as ak
ak.lesson.start("05 DCGAN faces", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
live = ak.lesson.pick(PROFILE, quick=450, bench=10_000, full=100_000, cap=20)  # steps that you watch
short = ak.lesson.pick(PROFILE, quick=50, bench=5000, full=50_000, cap=3)  # ... where a glimpse is enough
n = ak.lesson.pick(PROFILE, quick=400, bench=1000, full=1000, cap=60)  # faces that are judged

# %% [markdown]
# ## A class with 436 faces
#
# In FER-2013 there are 7,215 happy faces and 436 disgusted ones. hegh2025 and yousaf2025 let a *generative
# adversarial network* (GAN) invent what is missing. Whether that helps a classifier is lesson 08's
# question; here we ask whether it can be done at all.

# %%
import numpy as np

faces = ak.datasets.load("fer2013", source=SOURCE, split="train", max_per_class=436, random_state=SEED)
rare = faces.data[faces.target == faces.target_names.index("disgust")]
rare = ak.preprocess.faces.resize(rare, 32)  # small ones, so that something happens while we watch

# %%
# NBVAL_CHECK_OUTPUT
rare.shape, rare.dtype  # faces, height, width

# %% [markdown]
# ## Build the generator
#
# A GAN has two networks. The **generator** turns 100 random numbers, a *latent*, into a picture. It starts
# with a small, deep map and doubles its side again and again: a *transposed convolution* of 4 x 4 with a
# stride of 2 paints a little patch for every pixel.
#
# *Think first: how often must 4 pixels be doubled to be 32?*

# %%
import torch
from torch import nn

torch.set_num_threads(1)  # networks this small only wait for a second core
start = nn.Sequential(nn.Unflatten(1, (100, 1, 1)), nn.ConvTranspose2d(100, 64, 4, bias=False))
z = torch.zeros(1, 100)
start(z).shape  # 100 numbers => 64 maps of 4 x 4


# %%
def grow(wide, narrow):
    """Twice the side, fewer maps; normalising keeps a deep stack of layers alive."""
    double = nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False)
    return nn.Sequential(nn.BatchNorm2d(wide), nn.ReLU(), double)


generator = nn.Sequential(start, grow(64, 32), grow(32, 16), grow(16, 1), nn.Tanh())  # between -1 and 1
# NBVAL_CHECK_OUTPUT
[tuple(generator[:k](z).shape[1:]) for k in range(1, 6)]  # maps, height, width after each block

# %% [markdown]
# ## Build the discriminator
#
# The **discriminator** looks at a picture and gives a score: high for real, low for made-up. It is the way
# back: convolutions that halve the side. It never learns what a face is. It learns what gives a forgery
# away.


# %%
def shrink(narrow, wide):
    """Half the side, more maps; the leak lets a little gradient through where the sum is negative."""
    return nn.Sequential(nn.Conv2d(narrow, wide, 4, 2, 1, bias=False), nn.LeakyReLU(0.2))


score = nn.Sequential(nn.Conv2d(64, 1, 4, bias=False), nn.Flatten(0))  # 64 maps of 4 x 4 => one number
discriminator = nn.Sequential(shrink(1, 16), shrink(16, 32), shrink(32, 64), score)
# NBVAL_CHECK_OUTPUT
discriminator(generator(z)).shape

# %% [markdown]
# That is the DCGAN of Radford, Metz and Chintala (2015), for 32 pixels, a quarter as wide as is usual, and
# with one thing left out: theirs has batch normalisation in the discriminator as well, and so has the kit's
# (`ak.gans.DCGAN??` shows it). Theirs trains for hours at a rate of 0.0002; we have seconds, and take larger
# steps.

# %%
about = dict(max_epochs=None, random_state=SEED, device=DEVICE)  # steps, not epochs, end a training here
gan = ak.gans.DCGAN(image_size=32, width=16, lr=1e-3, max_steps=live, **about).build()
# NBVAL_CHECK_OUTPUT
ak.nets.count_parameters(generator), ak.nets.count_parameters(gan.generator)

# %% [markdown]
# ## Let them play
#
# Both networks learn at the same time, each against the other. With the discriminator's probability $D$ that
# a picture is real, they minimise
# $$L_D = -\log D(x) - \log(1 - D(G(z))) \qquad L_G = -\log D(G(z))$$
#
# *Think first: nobody has learnt anything yet, so the discriminator says ½ to everything. What are the two
# losses?*

# %%
d = gan.step(rare[:64], which="discriminator")["d_loss"]
g = gan.build().step(rare[:64], which="generator")["g_loss"]  # built anew: its opponent knows nothing yet
d, g, 2 * np.log(2), np.log(2)

# %% [markdown]
# The first two are what they were, the last two what ½ would give: a network that has learnt nothing still
# leans a little to one side.
#
# Now train for some hundred steps on all disgusted faces. Eight latents stay the same all the time; we look
# at what becomes of them, and beside it we ask a judge from lesson 07: the *KID*, a distance between the
# made-up faces and the real ones. It is about 0 for real faces.

# %%
latents = gan.draw_latents(8, random_state=1)
moments = [int(live * share) for share in (0.05, 0.15, 0.3, 0.6, 0.95)]  # steps
film, kid = {}, {}


def watch(gan, info):
    """Keep a strip of pictures, and how far they are from real ones, at each of the moments."""
    if info["step"] in moments:
        film[f"step {info['step']}"] = gan.generate(latents)
        kid[info["step"]] = ak.judge.kid(rare, gan.sample(200, random_state=2))


# %% tags=["hero"]
gan.fit(rare, callbacks=[watch])
strips = np.concatenate(list(film.values()))
ak.plots.face_sheet(strips, np.repeat(range(len(film)), 8), list(film), source=faces.source,
                    title=f"Eight latents while the GAN learns disgust ({faces.source})");

# %%
import pandas as pd

half = len(rare) // 2
ak.plots.losses_and_truth(gan.history_, pd.DataFrame({"made-up faces": kid}), measure="KID (lower is better)",
                          floor=ak.judge.kid(rare[:half], rare[half:]), trusted="real faces",
                          title=f"The losses go nowhere, the pictures do ({faces.source})");

# %% [markdown]
# The losses of a classifier fall while it learns. These do not: each network is measured against an
# opponent that improves as well, as two chess players' results say nothing about whether both have become
# stronger. **Look at pictures, and at a distance to real ones; never at the losses alone.** They are good
# for one thing: an alarm. When the discriminator is always right, the generator has nothing left to learn
# from.

# %% [markdown]
# ## Turn the knob
#
# The same game with your hands on it, with all seven emotions and a lopsided set of small faces. *Step D*
# lets only the discriminator learn, *Step G* only the generator, so many steps as *speed* says; *Run* goes
# on by itself until you press *Pause*. The sheet on the left is a plane through the space of latents:
# *faces of* tells the generator the emotion, *latent plane* takes another cut. *made-up, share of gap* is
# for the bars at the bottom: how many of G's faces are added to each rare class before a classifier is
# trained anew.
#
# *Think first: let D learn alone, ten steps, and again ten. What will it think of made-up faces, and what
# becomes of the sheet? Then G alone: who is right at the end of that, and are the faces any better?*

# %%
game = ak.apps.GANLab(random_state=SEED)
game.step(min(live, 250))  # both learn; press Run for more
game.view()

# %% [markdown]
# Whoever learns alone wins: D soon tells all apart, and its verdict goes to *false*; G against a resting D
# finds what fools it, and the sheet can become one picture. Only the game of both makes faces. And look at
# the grey and the coloured bars: better-looking faces need not help a classifier (lesson 08 asks when they
# do).

# %% [markdown]
# ## 436 faces: are they learnt by heart?
#
# A generator that copies its training faces has a perfect KID. So we ask how near its faces come to those
# it has learnt from, beside how near *new* disgusted faces come to them (PublicTest's).

# %%
others = ak.datasets.load("fer2013", source=SOURCE, split="val", max_per_class=75, random_state=SEED)
others = others.data[others.target == others.target_names.index("disgust")]
told = ak.judge.memorisation(rare, gan.sample(200, random_state=2),
                             held_out=ak.preprocess.faces.resize(others, 32))
told.copies, told.closer  # share of near-copies; how often a made-up face is nearer than a new one

# %% [markdown]
# If made-up faces came as near as new ones do, the second figure would be one half; more would speak for
# copying. Here each face has been seen some sixty times, too few to be learnt by heart. In hours it is seen
# many thousand times, and then the discriminator knows them all. The remedy for few pictures is
# **DiffAugment** (Zhao et al. 2020): real and made-up faces are changed alike before the discriminator sees
# them, so that none comes twice, and the changes pass gradients on.

# %%
some = torch.from_numpy(rare[:8, None]) / 127.5 - 1  # (8, 1, 32, 32), from -1 to 1
seen = torch.cat([some, *(ak.gans.losses.diffaugment(some) for _ in range(3))])
seen = ((seen[:, 0].clamp(-1, 1) + 1) * 127.5).byte().numpy()
ak.plots.face_sheet(seen, np.repeat(range(4), 8), ["faces", "what D", "sees of", "them"], source=faces.source,
                    title=f"DiffAugment: light, contrast, place and a hole ({faces.source})");

# %% [markdown]
# `diffaugment=True` switches it on. It is no gift: a generator may learn grey holes, too, and where there
# are thousands of faces it only makes the task harder. What it did to the 436 real faces is measured in the
# [generators report](../docs/generators.md).

# %% [markdown]
# ## What more time brings: 2015 beside 2025
#
# Ten minutes of training are a long wait, so the kit brings two generators that had them, on all 28,709
# twin faces of 48 pixels, with 24 filters at full size: the **DCGAN of 2015**, and a **recipe of 2025**
# with the same layers. Both are told the emotion (by an embedding beside the latent, and a projection in
# the discriminator, which is of 2018).
#
# | | 2015 | 2025 | why |
# |---|---|---|---|
# | loss | real or not? | more real than *that* one? | whoever drops faces is punished (R3GAN) |
# | kept in check by | batch normalisation | penalties on the slope of D | the game then has a resting point |
# | samples from | the last weights | an average of weights | the last step of a game is a random one |
#
# Each should draw six different people for every emotion. First the older one.

# %%
old, new = (ak.gans.trained(name, device=DEVICE) for name in ("dcgan-faces", "modern-faces"))
names = list(old.classes_)
row, told = np.repeat(range(7), 6), np.repeat(names, 6)  # six faces for each emotion
ak.plots.face_sheet(old.sample(42, told, random_state=SEED), row, names, source="twin", per_class=6,
                    title="DCGAN of 2015: hardly more than one face an emotion (twin)");

# %% [markdown]
# This was not provoked. It is a **mode collapse**: the generator has found one picture for each emotion, or
# a few variants of one, that passes for a while, and draws it from every latent. It is one run, another may
# fare better, and the conditioning may be to blame: in the [generators report](../docs/generators.md) the
# same networks draw many (blurred) faces when no class is asked for. You never know beforehand.

# %%
ak.plots.face_sheet(new.sample(42, told, random_state=SEED), row, names, source="twin", per_class=6,
                    title="Recipe of 2025: many people an emotion (twin)");

# %% [markdown]
# Look is one thing, a figure another. Lesson 07 explains them; for now: *KID* and *FID* are distances to
# real faces, *precision* is the share of made-up faces that lie among real ones, *recall* the share of real
# ones that lie among made-up ones, *duplicates* the share of made-up ones with a near twin.
#
# *Think first: which of them will tell the two apart?*

# %%
twin = ak.datasets.load("fer2013", source="twin", split="train", max_per_class=150)  # both have seen them
held = ak.datasets.load("fer2013", source="twin", split="val", max_per_class=75)  # what neither has seen
reports = {name: ak.judge.report(held.data, maker.sample(n, random_state=SEED), held_out=twin.data, max_n=n,
                                 n_resamples=ak.lesson.pick(PROFILE, quick=12, bench=50, full=100, cap=10))
           for name, maker in (("2015", old), ("2025", new))}
shown = ["KID", "FID", "precision", "recall", "duplicates"]
pd.concat({name: table.loc[shown, ["value", "low", "high", "floor"]] for name, table in reports.items()},
          axis=1).round(2)

# %%
for name, table in reports.items():
    for figure in ("KID", "recall"):
        line = table.loc[figure]
        ak.lesson.record(f"{figure}, recipe of {name}", line.value, low=line.low, high=line.high,
                         n=int(line.n), source="twin", seed=0)
floor = reports["2025"].loc["KID", "floor"]
ak.lesson.record("KID of real faces (floor)", floor, n=int(line.n), source="twin")
ak.lesson.records()[["value", "low", "high", "n", "source"]]

# %% [markdown]
# All of them do, *recall* and *duplicates* most plainly. *Precision* does least: a passable face lies among
# real ones as often as it is drawn.
#
# The floor is what real faces score against other real faces: a generator of *new* faces cannot do better,
# but by luck. (One that copies can: that is lesson 07's warning. The report looks for copies, too.) On real
# FER-2013 the same contest, without classes and with three seeds, stands in the [generators
# report](../docs/generators.md).

# %% [markdown]
# ## Walk through the space of latents
#
# A generator that had learnt its faces by heart would jump from one to the next. Go from one latent to
# another in small steps:

# %%
a, b, c = new.draw_latents(3, random_state=SEED + 4)
walks = np.concatenate([new.interpolate(a, b, 9, "happy"), new.interpolate(b, c, 9, "happy")])
ak.plots.face_sheet(walks, np.repeat([0, 1], 9), ["a to b", "b to c"], per_class=9, source="twin",
                    title="Walking from latent to latent: every stop is a face (twin)");

# %% [markdown]
# Now keep the latent, and change the class: the same person, as far as the generator knows one, with
# another emotion. No photograph of this exists.

# %%
targets = ["happy", "surprise", "angry", "sad"]
morphs = np.concatenate([new.morph("neutral", target, 9, random_state=SEED) for target in targets])
ak.plots.face_sheet(morphs, np.repeat(range(4), 9), targets, per_class=9, source="twin",
                    title="One latent, from neutral to an emotion (twin)");

# %% [markdown]
# And the other way round: which latent gives *this* face? There is no formula for it, but the generator is
# differentiable, so we can search by gradient steps.

# %%
found = new.invert(held.data[:40:5], [held.target_names[k] for k in held.target[:40:5]], steps=100)
again = new.generate(found, [held.target_names[k] for k in held.target[:40:5]])
ak.plots.face_sheet(np.concatenate([held.data[:40:5], again]), np.repeat([0, 1], 8), ["face", "closest"],
                    source="twin", title="The closest that the generator comes to faces it never saw (twin)");

# %% [markdown]
# What it cannot draw it has not learnt, or a hundred steps were too few to find it. Look at hats, hands and
# hair.

# %% [markdown]
# ## Provoke a collapse, and cure it
#
# The generator is paid for fooling the discriminator, not for variety. Let two GANs run equally long: one
# with a rate of 0.001 for both networks, one whose generator takes steps 25 times as large as its
# opponent's.
#
# *Think first: as soon as it has found one picture that passes, what should it do with all other latents?*

# %%
steps = ak.lesson.pick(PROFILE, quick=200, bench=1000, full=3000, cap=3)
shown = {"real": rare}
for name, rates in {"1 : 1": (1e-3, 1e-3), "25 : 1": (5e-3, 2e-4)}.items():
    tried = ak.gans.DCGAN(image_size=32, width=16, max_steps=steps, lr=rates[0], lr_discriminator=rates[1],
                          **about)
    shown[name] = tried.fit(rare).sample(200, random_state=3)
ak.plots.face_sheet(np.concatenate([x[:10] for x in shown.values()]), np.repeat(range(3), 10), list(shown),
                    per_class=10, source=faces.source,
                    title=f"A generator that runs ahead of its opponent collapses ({faces.source})");

# %%
spread = {name: ak.judge.collapse(rare, x)._asdict() for name, x in shown.items() if name != "real"}
pd.DataFrame(spread).loc[["distance", "duplicates"]].round(2)

# %% [markdown]
# *Distance* is how far two made-up faces are apart, as a multiple of what two real ones are: 1 is all the
# variety there is. *Duplicates* is the share that has a near twin among the others. One picture that fools
# the opponent is enough for a generator that learns faster than it can be found out; against one that has
# learnt so little it need not even be a face. The cure stands in the middle row: a discriminator that keeps
# up, so that a picture made twice is worthless. In a real run collapse comes without being provoked: too high
# a rate, too wide a generator, too few faces. So look for it, with a number.

# %% [markdown]
# ## The papers' own GANs
#
# Four of the papers train GANs. Only yousaf2025 prints a count of parameters; what the others leave open is
# the common DCGAN's, and `ak.gans.presets.PRESETS[name]["assumed"]` says what that is. The last row is no
# paper's:

# %%
rows = {}
for name in ("hegh2025-faces", "yousaf2025", "electronics2022", "alharbawee2024", "modern"):
    made = ak.gans.preset(name, device="cpu").build()
    rows[name] = {"pixels": made.image_size, "channels": made.channels, "latent": made.latent_dim,
                  "generator": ak.nets.count_parameters(made.generator, convention="keras"),
                  "discriminator": ak.nets.count_parameters(made.discriminator, convention="keras")}
# NBVAL_CHECK_OUTPUT
pd.DataFrame(rows).T

# %% [markdown]
# yousaf2025 prints 2,150,787 parameters for "the GAN": that is its generator alone. It makes faces of 28
# pixels in colour, through 512 maps at full size, and that is dear. Its first steps, live:

# %%
small = ak.preprocess.faces.resize(faces.data, 28)
yousaf = ak.gans.preset("yousaf2025", batch_size=16, max_steps=-(-short // 10), **about)
yousaf.fit(np.repeat(small[..., None], 3, axis=3))  # grey as colour
ak.plots.gallery(yousaf.sample(12, random_state=1), [""] * 12, columns=12,
                 title=f"yousaf2025's GAN after {yousaf.steps_} steps ({faces.source})")
seconds = yousaf.seconds_ / yousaf.steps_ / yousaf.batch_size * 12_271
f"An epoch of RAF-DB's 12,271 faces would take {seconds / 60:.0f} minutes here."

# %% [markdown]
# ### Landscapes against a low mood
#
# electronics2022 does not generate faces but landscapes, to be shown to people whose face stays sad. It has
# 536 pictures, and makes six more of each: turned by up to 270°, seen in perspective, shifted in hue and
# saturation.

# %%
views = ak.datasets.load("landscapes", source="twin", size=64, max_per_class=64, random_state=SEED)
six = ak.balance.faces.augment(views.data[:3], "electronics2022-landscapes", copies=6, random_state=SEED)
sheet = np.concatenate([views.data[:3, None], six.reshape(3, 6, 64, 64, 3)], axis=1).reshape(-1, 64, 64, 3)
ak.plots.face_sheet(sheet, np.repeat(range(3), 7), list("ABC"), source="twin", per_class=7,
                    title="Three landscapes (left), and six augmentations of each (twin)");

# %%
scenes = ak.gans.trained("dcgan-landscapes", device=DEVICE)
ak.plots.gallery(scenes.sample(16, random_state=SEED), [""] * 16, columns=8,
                 title="Landscapes that electronics2022's DCGAN invents after ten minutes (twin)");

# %% [markdown]
# *Think first: skies below, seas above. Where does the generator have that from?* (From the turned
# pictures: up to 270° also stands a landscape on its head.)
#
# The paper tries latents of 100, 150 and 256 numbers, finds 150 best, and sees the largest "towards
# collapse": by eye, one run each. Here are three short trainings of equally many steps, with a figure, and
# one seed, which is too little to choose by:

# %%
tiny, latents_tried = ak.preprocess.faces.resize(views.data, 32), {}
for size in (100, 150, 256):
    tried = ak.gans.preset("electronics2022", image_size=32, width=16, lr=1e-3, latent_dim=size,
                           max_steps=short, **about)
    sample = tried.fit(tiny).sample(200, random_state=SEED)
    latents_tried[size] = {"steps": tried.steps_, "KID": ak.judge.kid(tiny, sample, features="pixels"),
                           "distance": ak.judge.collapse(tiny, sample, features="pixels").distance}
pd.DataFrame(latents_tried).T.rename_axis("latent").round(3)

# %% [markdown]
# After so few steps on small pictures the three are at their beginning, and what differs is mostly
# chance: run it with another `SEED`. Longer trainings are one parameter away (`PROFILE = "bench"`).

# %% [markdown]
# ## Try it yourself
#
# **Exercise 05-1.** alharbawee2024 uses the last convolution of a discriminator for 64 pixels (widths 64,
# 128, 256, 512, each halving the side) as features of a face. How many numbers are that?

# %%
answer = ...
ak.lesson.check("05-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 512 * 4 * 4  # 64 => 32 => 16 => 8 => 4
# ```
# 8,192. Lesson 14 feeds them to a support vector machine.
# </details>
#
# **Exercise 05-2.** A discriminator has been fooled completely: it says ½ to every picture, real or not.
# What is $L_D$?

# %%
answer = ...
ak.lesson.check("05-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 2 * np.log(2)
# ```
# 1.386, the same as before the first step: the loss cannot tell a beginner's game from a master's.
# </details>
#
# **Exercise 05-3.** Your GAN's discriminator loss goes to 0 within a minute, and the samples stay noise.
# Which of `"train longer"`, `"a larger discriminator"` or `"smooth the labels"` is worth a try?

# %%
answer = ...
ak.lesson.check("05-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "smooth the labels"
# ```
# The discriminator is too sure. `label_smoothing=0.1` asks it for 0.9, not 1; a lower `lr_discriminator` or
# the penalties of `loss="r3"` hold it back as well.
# </details>
#
# **Exercise 05-4.** Design: at which ratio of the two rates does the *distance* first fall below half? Keep
# `lr_discriminator=2e-4`, and raise the generator's `lr` to 5, 10, 20, ... times that. Give the ratio.

# %%
answer = ...
ak.lesson.check("05-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# for answer in (5, 10, 20, 40):
#     tried = ak.gans.DCGAN(image_size=32, width=16, lr=2e-4 * answer, lr_discriminator=2e-4, max_steps=250,
#                           **about).fit(rare)
#     if ak.judge.collapse(rare, tried.sample(200)).distance < 0.5:
#         break
# else:
#     answer = None  # none of them collapsed: try larger ones
# ```
# Somewhere between five and forty, and not always at the same place: run it with another seed.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - built the generator and the discriminator of the DCGAN, and counted their parameters,
# - seen losses that go nowhere while faces appear, and learnt to trust a distance with a floor instead,
# - changed an emotion by a latent's class, and searched the latent of a face,
# - made a generator collapse by letting it run ahead, and measured what had been lost.

# %%
for name, found in spread.items():
    ak.lesson.record(f"distance of two faces, rates {name}", found["distance"], n=200, source=faces.source)
ak.lesson.records()

# %% [markdown]
# What the papers claim: hegh2025 reports 2 to 19 points more accuracy from generated samples, yousaf2025
# fills every class up to a quota, electronics2022 calls its own landscapes "considerably blurred", and
# prints an FID of 5.75 from 64 of them. None of them compares its GAN with the simplest rivals, and none
# looks for copies. **Next:** [06 · R-GAN signals](06_rgan_signals.ipynb): can a network invent heartbeats?
