# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 00 · Start here: what is in the kit, and does it run on this machine?
#
# {{badges}}
#
# In this lesson you will
# - check that the kit works where you are, and see which device it found,
# - find out which data sets are here as *real* data and which as open *twins*,
# - load faces and heartbeats with one call, and read what comes back,
# - see the map of all lessons.
#
# **Time** 10 minutes · **Builds on** nothing but a little Python · **Runs** in seconds, offline, without a
# GPU

# %% [markdown]
# ## Setup
#
# Every lesson has the same four parameters. Change one, run the lesson again, and compare.

# %% tags=["parameters"]
PROFILE = "quick"  # "quick": a minute on two cores · "bench": measured figures · "full": the papers' setting
SOURCE = "auto"  # "auto": real data where found, else the twin · "real" · "twin"
SEED = 0  # the same seed gives the same numbers
DEVICE = "auto"  # "auto" · "cpu" · "cuda"

# %%
try:
    import affectkit as ak
except ModuleNotFoundError:  # on Colab: installs the kit, and keeps the torch that is there
    get_ipython().run_line_magic("pip", "install --quiet git+{{repository}}")
    import affectkit as ak
ak.lesson.start("00 Start here", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %% [markdown]
# One line tells what you will work with: the version of the kit, the device, the profile, and where the data
# come from. If it says *twin*, nothing is missing: a twin is a simulator with the same classes, counts and
# difficulty as the real set, and it is drawn afresh on your machine.
#
# Should something not run: `affectkit doctor` in a terminal looks at libraries, memory, disk and data, and
# says what to do.

# %% [markdown]
# ## Which data are here?
#
# Most emotion data sets are licensed, large, or both. The kit knows each by a *card*: its classes, counts,
# licence and how to get it. Every row can be loaded as a twin, and all but `pairs`, which only the kit can
# make, as the real set too.
#
# *Think first: how many of the sets in the table do you expect to be free for everyone to download?*

# %%
sets = ak.datasets.available()
sets[["modality", "n", "classes", "imbalance", "licence", "real", "twin"]]

# %% [markdown]
# By their cards three are a plain download for everyone, `celeba`, `stress-predict` and `wesad`, and only the
# second of them may be used for anything (MIT). Most of the others need an account, a request or a signed
# agreement. The column `real` tells what was found in your data folder; `twin` tells what can be drawn
# without it. Put a real set into the folder as its makers hand it out, and the very same lesson runs on it.
# The card says whom to ask and where it goes:

# %%
card = ak.cards.get("rafdb-basic")
# NBVAL_CHECK_OUTPUT
print(f"ask:   {card.access}\nplace: {card.place}")

# %% [markdown]
# In a terminal, `affectkit data check` reads what lies in the folder and says what is good, missing or
# broken.

# %% [markdown]
# ## Load some faces
#
# One call, one answer: a scikit-learn `Bunch`.

# %%
faces = ak.datasets.load("fer2013", source=SOURCE, max_per_class=40, random_state=SEED)
# NBVAL_CHECK_OUTPUT
faces.data.shape, faces.data.dtype, faces.source  # (faces, height, width), grey values 0..255

# %% [markdown]
# *Think first: cover the names on the left. Which rows can you name at a glance, and which two would you mix
# up?*

# %% tags=["hero"]
ak.plots.face_sheet(faces.data, faces.target, faces.target_names, source=faces.source);

# %% [markdown]
# A row is an emotion. Most people name *happy* and *surprise* at once, and hesitate between *fear*, *sad* and
# *disgust*. On the real FER-2013 people agree with the label about 65 times in 100 ([Goodfellow et al.
# 2013](https://arxiv.org/abs/1307.0414)): that is the yardstick for every number in lesson 09.

# %% [markdown]
# ## Load some heartbeats
#
# Signals come the same way, cut into windows. Each window belongs to one person and to one stretch of one
# task.

# %%
hearts = ak.datasets.load("stress-predict", source=SOURCE, random_state=SEED)
hearts.data.shape, hearts.sampling_rate  # (windows, seconds at 1 Hz, channels) and samples a second

# %%
person = hearts.groups[0]
windows = hearts.data[hearts.groups == person]
print(f"{person}: {len(windows)} windows of 60 s, heart rate {windows.mean():.0f} beats/min on average")

# %% [markdown]
# *Think first: stress makes the heart beat faster. Does it raise everybody's heart rate by the same amount?*

# %%
import seaborn as sns

means = hearts.data[:, :, 0].mean(axis=1)
grid = sns.displot(x=means, hue=[hearts.target_names[t] for t in hearts.target], kind="kde", fill=True,
                   palette=[ak.emotions.colour(hearts.target_names[t]) for t in dict.fromkeys(hearts.target)],
                   common_norm=False, height=3, aspect=2.6)
grid.set(xlabel="mean heart rate of a window [beats/min]", ylabel="share of windows", yticks=[],
         title=f"Stress shifts the heart rate a little, people differ a lot ({hearts.source})");

# %% [markdown]
# The two hills overlap for the most part. (By the same amount? Lessons 03 and 10 draw a line for each person:
# no, and some hearts even slow down.) A heart rate says little before you know *whose* it is: lesson 10 takes
# this seriously and tests every model on people it has never met.

# %% [markdown]
# ## What is in a Bunch
#
# | name | what it holds |
# |---|---|
# | `data` | faces: uint8 `(n, height, width)` · signals: float32 `(n, time, channels)` |
# | `target`, `target_names` | class numbers, and their names |
# | `groups` | who each sample comes from, so that a person is never on both sides of a split |
# | `source` | `"real"` or `"twin"`: every figure of the kit says which |
# | `DESCR` | where the set comes from, and every choice made while reading it |

# %%
print(hearts.DESCR)

# %% [markdown]
# ## Try it yourself
#
# **Exercise 00-1.** How many *people* are in `hearts`? Not windows: people. Put the number into `answer`.

# %%
answer = ...
ak.lesson.check("00-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# import numpy as np
# answer = len(np.unique(hearts.groups))
# ```
# Thousands of windows, a few dozen people. The second number is the one that limits what can be learnt.
# </details>
#
# **Exercise 00-2.** Load FER-2013's faces at 24 x 24 pixels (`size=24`) and draw the sheet again. Which
# emotions can you still name? Put the shape of one small face into `answer`.

# %%
answer = ...
ak.lesson.check("00-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# small = ak.datasets.load("fer2013", source=SOURCE, size=24, max_per_class=40)
# ak.plots.face_sheet(small.data, small.target, small.target_names, source=small.source)
# answer = small.data.shape[1:]
# ```
# </details>

# %% [markdown]
# ## The map
#
# | lesson | question |
# |---|---|
# | **00 start here** | what is in the kit? |
# | [01 class imbalance](01_class_imbalance.ipynb) | why can 98 % accuracy mean nothing? |
# | [02 faces and action units](02_faces_and_action_units.ipynb) | what does a face do when it is happy? |
# | [03 heart signals](03_heart_signals.ipynb) | what does an emotion do to a heart? |
# | [04 simple augmentation](04_simple_augmentation.ipynb) | how many faces can you make out of one? |
# | [05 DCGAN faces](05_dcgan_faces.ipynb) | can a network invent faces that nobody has? |
# | [06 R-GAN signals](06_rgan_signals.ipynb) | can a network invent a heartbeat? |
# | [07 judging generators](07_judging_generators.ipynb) | how good are made-up faces? |
# | [08 balancing with GANs](08_balancing_with_gans.ipynb) | how many made-up faces help? |
# | [09 face CNNs](09_face_cnns.ipynb) | how well does a small network read a face? |
# | [10 heart LSTM](10_heart_lstm.ipynb) | does a heartbeat give stress away in a stranger? |
# | [11 fusion](11_fusion.ipynb) | when do two senses beat one? |
# | [12 how many classes](12_how_many_classes.ipynb) | is a mood easier to read than an emotion? |
# | [13 CNN-GRU hybrids](13_cnn_gru_hybrids.ipynb) | what does a GRU read in a still picture? |
# | [14 discriminator and SVM](14_discriminator_svm.ipynb) | what does a GAN know that never saw a label? |
# | [15 action units](15_action_units.ipynb) | can a machine read muscles instead of moods? |
# | [16 compound expressions](16_compound_expressions.ipynb) | can a face be happily surprised? |
# | [17 honest evaluation](17_honest_evaluation.ipynb) | how does a good score come about, and is it true? |
# | [18 paper scoreboard](18_paper_scoreboard.ipynb) | can a printed number be true? |
# | [19 mood mirror](19_mood_mirror.ipynb) | when has a face looked sad for long enough to say something? |
#
# Below each title stand the *glossary*, which explains the field's words, and *the same without solutions*.

# %% [markdown]
# ## In this lesson you have
#
# - checked your machine, and seen which data are real and which are twins,
# - loaded faces and heartbeats with `ak.datasets.load`,
# - learnt that `groups` say who a sample comes from, and `source` where it comes from.
#
# A lesson ends with the numbers that mattered. This one counted people and samples:

# %%
import numpy as np

ak.lesson.record("faces loaded", len(faces.target), n=len(faces.target), source=faces.source, seed=SEED)
ak.lesson.record("people with a heart recording", len(np.unique(hearts.groups)), n=len(hearts.target),
                 source=hearts.source, seed=SEED)
ak.lesson.records()

# %% [markdown]
# **Next:** [01 · Class imbalance](01_class_imbalance.ipynb): why a classifier that never says *disgust* can
# look nearly perfect.
