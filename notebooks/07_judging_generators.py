# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 07 · Judging generators: how good are made-up faces?
#
# {{badges}}
#
# In this lesson you will
# - compute the most printed figure, the FID, with your own hands, and see how it depends on the number of
#   pictures,
# - build five generators whose faults you know, and put every judge to the test on them,
# - catch a generator that copies its training faces, which the FID calls perfect,
# - test your own eyes on real faces and made-up ones,
# - know which figures to print beside which, and why each needs a floor.
#
# **Time** 40 minutes · **Builds on** [05 DCGAN faces](05_dcgan_faces.ipynb) · **Runs** in about half a
# minute on two cores, offline

# %% [markdown]
# ## Setup

# %% tags=["parameters"]
PROFILE = "quick"  # "quick": 500 faces a side · "bench": 1,000, more resamples · "full": as bench, all faces
SOURCE = "auto"  # "auto": real data where found, else the twin · "real" · "twin"
SEED = 0  # the same seed gives the same numbers
DEVICE = "auto"  # "auto" · "cpu" · "cuda"

# %%
try:
    import affectkit as ak
except ModuleNotFoundError:  # on Colab: installs the kit, and keeps the torch that is there
    get_ipython().run_line_magic("pip", "install --quiet git+{{repository}}")
    import affectkit as ak
ak.lesson.start("07 Judging generators", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
most = ak.lesson.pick(PROFILE, quick=240, bench=600, full=None, cap=60)  # faces a class
n = ak.lesson.pick(PROFILE, quick=500, bench=1000, full=1000, cap=100)  # faces a generator
resamples = ak.lesson.pick(PROFILE, quick=15, bench=100, full=100, cap=10)

# %% [markdown]
# ## Three kinds of real faces
#
# A judge needs to know which faces a generator has learnt from. We keep three parts: `known` is what it
# learns from, `held` are faces it never sees and that it is compared with, and `unseen` plays a perfect
# generator: faces as real as any, and none of them known.

# %%
import numpy as np

faces = ak.datasets.load("fer2013", source=SOURCE, split="train", max_per_class=most, random_state=SEED)
rng = np.random.default_rng(SEED)
known, held, unseen = np.array_split(rng.permutation(faces.data), 3)  # alike in all but who is in them
known.shape, held.shape, unseen.shape

# %% [markdown]
# ## Five generators with known faults
#
# Nobody has to train a network to test a judge. We make faults on purpose:

# %%
from scipy.ndimage import gaussian_filter

made = {
    "truth": unseen[:n],  # no fault at all
    "blur": gaussian_filter(unseen[:n], (0, 1.2, 1.2)),  # the right faces, badly drawn
    "noise": rng.integers(0, 256, unseen[:n].shape, dtype=np.uint8),  # no faces
    "copycat": rng.permutation(known)[:n],  # perfect faces, all of them stolen
    "collapsed": np.clip(known[0] + rng.normal(0, 4, unseen[:n].shape), 0, 255).astype(np.uint8),  # one face
}

# %% tags=["hero"]
sheet = np.concatenate([images[:8] for images in made.values()])
ak.plots.face_sheet(sheet, np.repeat(range(5), 8), list(made), source=faces.source,
                    title=f"Five generators: which would fool you, and which should? ({faces.source})");

# %% [markdown]
# *Think first: the copycat's faces are flawless. What would you have to look at to see that something is
# wrong?*

# %% [markdown]
# ## The FID by hand
#
# Pixels make poor judges: shift a face by one pixel and every pixel differs. So pictures are first described
# by a network, here the kit's own, which was trained on twins: 64 numbers a face.

# %%
real, blurred = ak.judge.describe(held), ak.judge.describe(made["blur"])
# NBVAL_CHECK_OUTPUT
real.shape, blurred.shape

# %% [markdown]
# Describe each set by its mean $\mu$ and its covariance $\Sigma$, as if it were a normal distribution, and
# measure how far the two are apart:
# $$\mathrm{FID} = |\mu_1 - \mu_2|^2 + \mathrm{tr}\,\Sigma_1 + \mathrm{tr}\,\Sigma_2 -
# 2\,\mathrm{tr}\,(\Sigma_1 \Sigma_2)^{1/2}$$

# %%
from scipy.linalg import sqrtm

mean = ((real.mean(0) - blurred.mean(0)) ** 2).sum()
one, two = np.cov(real.T), np.cov(blurred.T)
by_hand = mean + np.trace(one) + np.trace(two) - 2 * np.trace(sqrtm(one @ two).real)
by_hand, ak.judge.fid(held, made["blur"])

# %% [markdown]
# The same number. It says nothing yet: is it large or small? That depends on the network (FIDs in papers
# rest on Inception, on another scale), and, worse, on the number of pictures.
#
# *Think first: real faces against other real faces. What FID should come out, and does it change with n?*

# %%
import pandas as pd

sizes = [k for k in (80, 160, 320, 500) if k <= min(len(unseen), len(held))]
floor = pd.DataFrame({"FID": [ak.judge.fid(held[:k], unseen[:k]) for k in sizes],
                      "KID": [ak.judge.kid(held[:k], unseen[:k]) for k in sizes]}, index=sizes)
floor.rename_axis("faces a side").round(3)

# %% [markdown]
# Real against real should be 0, and the FID is not: with few pictures it is too high, because covariances
# of few samples are wrong in one direction. The KID, which asks the same question with a kernel, scatters
# around 0 instead. **Compare FIDs at the same n only, and print the floor beside them.** A paper that
# computes an FID from 64 images measures mostly the number 64.

# %% [markdown]
# ## All judges on all five
#
# `ak.judge.report` computes every figure with a 95 % interval from resamples, and with its floor: the same
# figure for real faces against others, at the same n.

# %%
reports = {name: ak.judge.report(known, images, held_out=held, n_resamples=resamples, random_state=SEED)
           for name, images in made.items()}
reports["blur"][["value", "low", "high", "floor", "better", "n"]].round(3)

# %% [markdown]
# *Think first: copy this list and write beside each figure which of noise, blur, copycat and collapse it
# will notice: FID, precision (do the made faces lie among the real ones?), recall (is every real face
# within reach of a made one?), duplicates, copies.*

# %%
shown = ["FID", "KID", "precision", "recall", "density", "coverage", "SSIM within", "duplicates", "copies"]
ak.plots.judges({name: table.loc[shown] for name, table in reports.items()}, trusted="truth",
                title=f"What each figure sees, and what it misses ({faces.source})");

# %% [markdown]
# A cell is orange where the figure is worse than it is for the truth, intervals and all. Read it by columns:
#
# - **Noise** is seen by nearly all. So a figure that sees noise has proved nothing.
# - **Blur** leaves *precision* alone: every blurred face lies near a real one. FID, KID and *recall* see it.
# - **The collapsed** generator has a perfect *precision*, too: its one face is a good face. *Recall*,
#   *coverage* and the duplicates see that there is nothing else.
# - **The copycat** beats the truth itself in FID and recall. Only *copies*, which looks for the nearest
#   training face, gives it away. (Not to the full 1: each resample holds only a part of the training faces.)
#
# No single figure would do. Two of them belong together always: one for quality and one for variety
# (precision and recall), and beside them a look for copies. The *inception score*, which papers print,
# stands in the report as well: it asks a classifier whether faces are clear-cut and varied, never looks at
# a real one, and so cannot say how real they are.

# %% [markdown]
# ## Look at the nearest neighbour
#
# The cheapest test of all needs no figure. Put each made face beside the most similar training face:

# %%
told = ak.judge.memorisation(known, made["copycat"], held_out=held)
alike = [pair for i in range(3) for pair in (made["copycat"][i], known[told.nearest[i]])]
other = ak.judge.memorisation(known, made["truth"], held_out=held).nearest
alike += [pair for i in range(3) for pair in (made["truth"][i], known[other[i]])]
ak.plots.gallery(alike, ["made", "nearest known"] * 6, columns=6,
                 title=f"Above the copycat, below the truth ({faces.source})");

# %% [markdown]
# The copycat's neighbours are the faces themselves; the truth's are strangers who look a little alike.
# Where the real faces are few (436 disgusted ones in FER-2013), a generator learns by heart easily, and its
# figures look excellent.

# %% [markdown]
# ## Your own eyes: real or fake?
#
# alharbawee2024 also prints what paid strangers (Amazon's Mechanical Turk) say to its faces: real or fake?
# You can ask yourself. Half of these faces come from the data set, half from a GAN that lesson
# [05](05_dcgan_faces.ipynb) shows. *Think first, face by face: real or fake?*

# %%
maker = ak.gans.trained("modern-faces", device=DEVICE)
strangers = ak.datasets.load("fer2013", source="twin", split="val", max_per_class=75, random_state=SEED).data
fake = rng.permutation(np.arange(24) < 12)
mixed = np.where(fake[:, None, None], maker.sample(24, random_state=SEED), rng.permutation(strangers)[:24])
numbers = [str(k) for k in range(1, 25)]
ak.plots.gallery(mixed, numbers, columns=12, title="Which twelve of them are made up? (twin)");

# %% [markdown]
# Write down the numbers of those you take for fake. As long as nobody has answered, a coin does:

# %%
yours = []  # such as [1, 4, 5, ...]
assert set(yours) <= set(range(1, 25)), "numbers from 1 to 24, please"
said = np.isin(np.arange(1, 25), yours) if yours else rng.random(24) < 0.5
ak.judge.real_or_fake(fake, said)

# %% [markdown]
# Half right is the best that a generator can get. See how wide the interval is: 24 faces prove little, and a
# table of such figures without intervals proves nothing.
#
# Beside the share stands *d'* (`d_prime`), by how many standard deviations the two kinds lie apart in your
# eyes: 0 for a coin, and a habit of crying "fake!" does not raise it.
#
# **Turn the knob.** The same test, one large face after the other: press *real* or *made up*, and after
# twenty you see them all, with a blue tick where you were right. *Start again* deals other faces.

# %%
ak.apps.RealOrFake(strangers, maker.sample(100, random_state=SEED + 1), random_state=SEED).view()

# %% [markdown]
# Play twice. Whoever gets better has learnt what this network cannot draw: a figure from trained judges and
# one from first looks are two different figures.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 07-1.** Which of the figures in the plot gives the copycat away most plainly?

# %%
answer = ...
ak.lesson.check("07-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "copies"
# ```
# Of nearly all its faces the nearest training face is closer than any stranger would be.
# </details>
#
# **Exercise 07-2.** A paper compares two GANs: A has an FID of 31 from 500 images, B one of 24 from 5,000.
# What do you know: `"B is better"`, `"A is better"` or `"nothing yet"`?

# %%
answer = ...
ak.lesson.check("07-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "nothing yet"
# ```
# With fewer images an FID comes out higher, even for real faces. Both need the same n, and their floors.
# </details>
#
# **Exercise 07-3.** Design: you want to judge a GAN that was trained on *all* of FER-2013's Training. With
# which faces do you compare it: `"Training"` or `"PublicTest"`?

# %%
answer = ...
ak.lesson.check("07-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "PublicTest"
# ```
# Against Training a copycat is perfect. Training is needed as well, for one thing: to look for copies.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - computed the FID by hand, and seen that with few pictures it is well above 0 even for real faces,
# - tested the judges before believing them, on faults that you made yourself,
# - seen a copycat win in FID, and caught it by its nearest neighbours.

# %%
for name, table in reports.items():
    for figure in ("FID", "recall", "copies"):
        row = table.loc[figure]
        ak.lesson.record(f"{figure} of {name}", row.value, low=row.low, high=row.high, n=int(row.n),
                         source=faces.source, seed=SEED)
ak.lesson.records()

# %% [markdown]
# What the papers say: electronics2022 prints an FID of its landscapes, alharbawee2024 an inception score, an
# FID and an SSIM of its faces, both without intervals, floors or a search for copies. **Next:**
# [08 · Balancing with GANs](08_balancing_with_gans.ipynb): how many made-up faces help?
