# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 14 · Discriminator and SVM: what does a GAN know that never saw a label?
#
# {{badges}}
#
# In this lesson you will
# - open a discriminator and read 8,192 numbers off its last convolution,
# - train GANs on faces without labels, and a support vector machine on what their discriminators say,
# - see near-copies of the test faces lift even raw pixels to 98 %, and take them away,
# - put the controls beside a result that it needs: pixels, random weights, a network that was told,
# - choose C and gamma inside the training people, with one kernel matrix for all folds.
#
# **Time** 60 minutes · **Builds on** [05 DCGAN faces](05_dcgan_faces.ipynb) and
# [09 Face CNNs](09_face_cnns.ipynb) · **Runs** in about a minute on two cores, offline

# %% [markdown]
# ## Setup
#
# In the `quick` profile narrow GANs look at faces of 48 x 48 pixels for a few hundred steps. `bench` gives
# them more than ten times as many faces, at alharbawee2024's size of 64 pixels; `full` is its full width
# and its 300 epochs (use a GPU).

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
ak.lesson.start("14 Discriminator and SVM", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
size = ak.lesson.pick(PROFILE, quick=48, bench=64, full=64)  # pixels
width = ak.lesson.pick(PROFILE, quick=16, bench=24, full=64)  # filters of a discriminator's first convolution
batch = ak.lesson.pick(PROFILE, quick=32, bench=128, full=128, cap=8)  # faces a step
steps = ak.lesson.pick(PROFILE, quick=300, bench=1000, full=3800, cap=2)  # 3,800 of 128: 300 epochs
trials = ak.lesson.pick(PROFILE, quick=6, bench=25, full=25, cap=2)  # settings that a search tries

# %% [markdown]
# ## The idea
#
# Labels are dear, pictures are cheap. A GAN's discriminator learns to tell real faces from made-up ones, and
# nobody has to name an emotion for that. On the way it must notice eyes, mouths and wrinkles. alharbawee2024
# takes what its last convolution sees, and gives it to a support vector machine (SVM), which learns emotions
# from few labels.
#
# Which numbers are these? Here is its discriminator, untrained:
#
# *Think first: a face of 64 x 64 goes in, and each of four convolutions halves it. What comes out of the
# last one, if it has 512 filters?*

# %%
import pandas as pd
import torch

network = ak.gans.preset("alharbawee2024", device="cpu").build().discriminator
x, shapes = torch.zeros(2, 3, 64, 64), {}
for layer in network.layers:
    x = layer(x)
    if isinstance(layer, torch.nn.Conv2d):
        shapes[f"convolution {len(shapes) + 1}"] = [tuple(x.shape[1:]), x[0].numel()]
# NBVAL_CHECK_OUTPUT
pd.DataFrame(shapes, index=["(maps, rows, columns)", "numbers"]).T

# %% [markdown]
# 512 maps of 4 x 4: 8,192 numbers a face. (In the text of the paper it is once *"512 maps of size 64x64"*
# and once 8,129: slips.) The four convolutions are all we need; what stands behind them only says *real* or
# *fake*.

# %% [markdown]
# ## The faces
#
# The Radboud Faces Database (RaFD) shows 67 people, eight emotions each, in a studio. Every moment was taken
# three times, looking left, ahead and right: 67 x 8 x 3 = 1,608 pictures.

# %%
import numpy as np

rafd = ak.datasets.load("rafd-frontal", source=SOURCE, size=size, random_state=SEED)
if rafd.source == "real":  # photographs show half a person: cut the face out, as the paper does
    rafd = ak.datasets.load("rafd-frontal", source="real", size=size, crop=True, random_state=SEED)
X = ak.datasets.grey(rafd.data)
y, people, names = rafd.target, rafd.groups, rafd.target_names
X.shape, len(set(people)), rafd.source

# %%
one = np.flatnonzero((people == people[0]) & (y < 4))[:12]
captions = [names[y[i]] for i in one]
ak.plots.gallery(X[one], captions, columns=6, colours=[ak.emotions.colour(name) for name in captions],
                 title=f"One person, each moment three times ({rafd.source})");

# %% [markdown]
# Only the eyes move between three such pictures. Keep them in mind.

# %% [markdown]
# ## Two GANs look at faces
#
# The paper's DCGAN, a recipe of 2015, and the kit's of 2025 from lesson 05, whose discriminator is held back
# by penalties on its gradient. Neither is given a label.

# %%
def look(recipe, pictures):
    """A GAN that has looked at pictures for a while."""
    gan = ak.gans.preset(recipe, image_size=size, channels=1, width=width, batch_size=batch, max_epochs=None,
                         max_steps=steps, random_state=SEED, device=DEVICE)
    return gan.fit(pictures)


dcgan, modern = look("alharbawee2024", X), look("modern", X)

# %% [markdown]
# `DiscriminatorFeatures` turns faces into rows of numbers, as any transformer of scikit-learn does. A GAN
# that is to stay as it is comes in a `FrozenEstimator`; a bare one would be trained anew at every `fit`, on
# the training rows alone.
#
# Two controls belong beside it. *Random weights*: the same network, never trained. And no network at all:
# the **pixels**.

# %%
from sklearn.frozen import FrozenEstimator


def seen(gan, pictures, **options):
    """What a discriminator says of pictures: (n, numbers)."""
    return ak.transfer.DiscriminatorFeatures(gan, device=DEVICE, **options).fit_transform(pictures)


bare = ak.gans.preset("alharbawee2024", image_size=size, channels=1, width=width, random_state=SEED)
features = {"pixels": X.reshape(len(X), -1).astype(np.float32),
            "random weights": seen(bare, X, untrained=True),
            "DCGAN": seen(FrozenEstimator(dcgan), X), "modern GAN": seen(FrozenEstimator(modern), X)}
{name: F.shape for name, F in features.items()}

# %% [markdown]
# ## The paper's protocol
#
# An SVM with a Gaussian (RBF) kernel compares each face with others: $k(a, b) = \exp(-\gamma |a - b|^2)$ is 1
# for two equal rows and falls to 0 with their distance. The paper deals all 1,608 pictures into ten random
# folds, and reports **97.6 to 98.6 %**.
#
# *Think first: chance is one in eight. What will the GAN reach? What will the pixels reach?*

# %%
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

svm = ak.transfer.KernelSVM(C=10, normalise=True, device=DEVICE)  # each row: mean 0, spread 1
deal = StratifiedKFold(10, shuffle=True, random_state=SEED)
easy = {name: svm.cross_val_score(F, y, cv=deal).mean() for name, F in features.items()}
pd.Series(easy).round(3).rename("accuracy, ten random folds").to_frame()

# %% [markdown]
# The promised figures are there, and almost *everything* reaches them: a network that was never trained, and
# plain pixels. When the worst idea does as well as the best, the test is broken. `audit_split` says where:

# %%
train, test = next(deal.split(X, y))
ak.evaluate.audit_split(train, test, groups=people, trials=rafd.trial, X=X)

# %% [markdown]
# Nearly every test face has its near-copy in training: the same person, the same instant, other eyes. The
# SVM looks up its neighbour. That is recognising *pictures*; a new person has none there.

# %% [markdown]
# ## The honest protocol
#
# Ten folds again, but a person is either in training or in the test.
#
# *Think first: how far will each of the four fall?*

# %%
apart = StratifiedGroupKFold(10, shuffle=True, random_state=SEED)
said = {name: svm.cross_val_predict(F, y, cv=apart, groups=people) for name, F in features.items()}
honest = {name: (decision.argmax(1) == y).mean() for name, decision in said.items()}
table = pd.DataFrame({"ten random folds": easy, "ten folds of people": honest})
table.round(3)

# %% [markdown]
# All fall, by some twenty points or more. This is still **transductive**: the GANs have looked at all faces,
# those of the test people too, without labels. Further down they will not.
#
# One more row shows what labels are worth. The kit ships a GAN of FER-2013's twin that *was told* the
# emotion of each face it saw: other people, other pictures, but no longer label-free.

# %%
told = ak.gans.trained("modern-faces", device=DEVICE)
other = ak.preprocess.faces.resize(X, (told.image_size, told.image_size))
F = seen(FrozenEstimator(told), other)
said["GAN told FER-2013's labels"] = svm.cross_val_predict(F, y, cv=apart, groups=people)
easy["GAN told FER-2013's labels"] = svm.cross_val_score(F, y, cv=deal).mean()
table = pd.DataFrame({"ten random folds": easy,
                      "ten folds of people": {k: (d.argmax(1) == y).mean() for k, d in said.items()}})

# %% tags=["hero"]
ak.plots.two_protocols(table, xlabel="accuracy, eight emotions", chance=1 / 8, printed=("in print", 0.9764),
                       title=f"The same SVM, near-copies in training or not ({rafd.source})");

# %% [markdown]
# Orange: near-copies in training; nothing can be learnt from that column. Blue: new people, and the idea can
# be judged. Random weights are no straw man: a random convolution already tells light from dark at every
# place. What a GAN adds is the distance of its diamond from theirs, and a few hundred steps add little or
# nothing. The one that was told labels stands far in front.
#
# How sure are we? 67 people, drawn anew:

# %%
def proba(decision):
    """Decision values squeezed into rows that sum to 1; the largest stays the largest."""
    return torch.tensor(decision).softmax(1).numpy()


rows = {}
for name in ("random weights", "DCGAN", "modern GAN", "GAN told FER-2013's labels"):
    gain = ak.evaluate.compare(y, proba(said["pixels"]), proba(said[name]), people).loc["accuracy"]
    rows[name] = gain[["difference", "low", "high"]]
gains = pd.DataFrame(rows).T.astype(float)
ak.plots.gains(gains, source=rafd.source, over="raw pixels", measure="accuracy, in people never met");

# %% [markdown]
# ## A GAN of its own
#
# A last leak: may the GAN look at the test people, if nobody tells it their emotions? The paper lets it. In
# life the test people come later. So a quarter of the people is put aside before anything is trained.

# %%
late = np.isin(people, np.unique(people)[::4])
own = seen(FrozenEstimator(look("modern", X[~late])), X)
held_out = {"GAN saw everybody": features["modern GAN"], "GAN saw training people": own,
            "random weights": features["random weights"], "pixels": features["pixels"]}
aside = {}
for name, F in held_out.items():
    decision = svm.fit(F[~late], y[~late]).decision_function(F[late])
    aside[name] = ak.evaluate.scores(y[late], proba(decision), names, people[late]).loc["accuracy"]
pd.DataFrame(aside).T[["value", "low", "high", "baseline"]].astype(float).round(3)

# %% [markdown]
# Look at the first two rows and their intervals: that a GAN has seen the test people is no lead that 17
# people could show. It may even come out behind, for two trainings of the same GAN differ by some points.
# Whether the *SVM* has seen them makes twenty to thirty. Looking without labels is the smallest of the
# leaks, and it costs nothing to close.

# %% [markdown]
# ## What is confused, and how surely?
#
# Of each emotion the SVM says how far a face lies on its side. Moving the border trades faces found against
# others called so: the **ROC curve**. The area below it (AUC) is the chance that a face of the emotion is
# ranked above one of another: 0.5 is a coin.

# %%
best = said["modern GAN"]
ak.plots.roc_curves(y, best, names, title=f"Modern GAN and SVM, people never met ({rafd.source})");

# %% [markdown]
# *Think first: these curves hug the corner, and yet about one name in three is wrong. How do they go
# together?*
#
# An AUC asks one emotion against all others at once, and most of the others are easy. Accuracy asks for one
# name out of eight. A mean AUC above 0.9 sounds like perfection, and is not:

# %%
ak.plots.confusion(y, best.argmax(1), names, source=rafd.source);

# %%
areas = ak.evaluate.label_auc(np.eye(len(names), dtype=int)[y], best)
pd.DataFrame({"AUC": areas, "recall": [(best.argmax(1) == k)[y == k].mean() for k in range(len(names))]},
             index=names).round(2)

# %% [markdown]
# ## One kernel matrix for all folds
#
# A kernel compares two faces, and never a third. So the 1,608 x 1,608 comparisons are computed once, and
# each fold takes its rows and columns from them. scikit-learn's `SVC` computes its own in every fold. The
# answers are the same:

# %%
import time

from sklearn.svm import SVC

F = features["pixels"][:600]
F = (F - F.mean(1, keepdims=True)) / F.std(1, keepdims=True)  # what normalise=True does
folds = list(StratifiedKFold(10, shuffle=True, random_state=SEED).split(F, y[:600]))
clock = time.process_time()
one_matrix = ak.transfer.KernelSVM(C=10, device="cpu").cross_val_score(F, y[:600], cv=folds)
mine, clock = time.process_time() - clock, time.process_time()

# %%
every_fold = [(SVC(C=10, gamma=1 / F.shape[1]).fit(F[train], y[train]).predict(F[test]) == y[test]).mean()
              for train, test in folds]
print(f"{(time.process_time() - clock) / mine:.0f} times faster, largest difference of a fold's accuracy "
      f"{np.abs(one_matrix - every_fold).max():.3f}")

# %% [markdown]
# Two things keep this honest. Each row is normalised *by itself*, and `gamma` is a number. A scaler, or
# scikit-learn's `gamma="scale"`, would be computed from all rows, those of the test fold among them.

# %% [markdown]
# ## Who chooses C and gamma?
#
# `C` is the price of a training face on the wrong side; `gamma` says how quickly faces become strangers.
# Turn them by hand first. The SVM learns from one picture of each moment, and is asked about these faces
# themselves, about their near-copies (same moment, other eyes) and about the people put aside. On the left:
# the kernel, over the correlation of two faces, and where three kinds of pairs lie.
#
# *Think first: at which end of gamma is everybody a stranger? What will the SVM get there on the training
# faces, on near-copies, on new people? Then look for the best setting for new people.*

# %%
alike = np.corrcoef(own)  # of any two faces, computed once: (1608, 1608)
once = np.unique(rafd.trial, return_index=True)[1]  # one picture of each moment
asked = {"training faces": once[~late[once]], "their near-copies": np.setdiff1d(np.flatnonzero(~late), once),
         "people never met": np.flatnonzero(late)}
taught, copies, new = asked.values()
copied, same = rafd.trial[copies][:, None] == rafd.trial[taught], y[new][:, None] == y[taught]
others = alike[np.ix_(new, taught)]
pairs = {"near-copies": alike[np.ix_(copies, taught)][copied], "other people, same emotion": others[same],
         "other people, other emotions": others[~same]}


# %%
def by_hand(C=10.0, gamma_times_features=1.0):
    """The kernel of a setting, and what an SVM with it gets right."""
    def kernel(r):
        return np.exp(-2 * gamma_times_features * (1 - r))

    K = kernel(alike[:, taught])
    machine = ak.transfer.KernelSVM(C=C, kernel="precomputed").fit(K[taught], y[taught])
    right = {name: (machine.predict(K[rows]) == y[rows]).mean() for name, rows in asked.items()}
    title = f"C = {C:g}, gamma = {gamma_times_features:g} / number of features ({rafd.source})"
    words = "Right are " + ", ".join(f"{value:.0%} of {name}" for name, value in right.items()) + "."
    return ak.plots.kernel_reach(pairs, kernel, right, chance=1 / 8, title=title), words


# %%
from ipywidgets import SelectionSlider

ak.apps.interact(by_hand, "By heart: which setting serves people never met? Turn C and gamma to their ends.",
                 C=SelectionSlider(options=[0.01, 0.1, 1, 10, 100, 1000], value=10),
                 gamma_times_features=SelectionSlider(options=[0.01, 0.1, 0.3, 1, 3, 10, 30, 100], value=1))

# %% [markdown]
# - **A large gamma**: the black line lies at 0 for any two people. The SVM knows all training faces by heart,
#   and near-copies with them; new people fall towards chance. This is **overfitting**, and a test on
#   near-copies cannot see it: orange stays with grey wherever you turn.
# - **A small gamma and a small C**: all faces look alike, and mistakes cost nothing. The SVM does not even
#   learn its training faces: **underfitting**, the three bars are short together.
# - **Between them** a ridge: a smaller gamma can be made up for by a larger C, and many settings serve new
#   people about equally well. Neither grey nor orange tells where.
#
# And mind what you have just done: you chose by the blue bar. Its best value is no longer the score of
# people that had no say.
#
# The paper lets a Bayesian search choose both, by ten-fold cross-validation, and reports the best score it
# found. But the best of many tries is too good, like the best of many dice.
#
# **Nested** folds: within each outer fold the search sees its training people alone; the chosen setting is
# scored once, on people that had no say.

# %%
groups3 = StratifiedGroupKFold(3, shuffle=True, random_state=SEED)
found = ak.transfer.KernelSVM(normalise=True, device=DEVICE, random_state=SEED).search(
    features["modern GAN"], y, groups=people, cv=groups3, outer_cv=groups3, n_trials=trials)
found.folds[["fold", "test", "inner_score", "score", "C", "gamma"]].round(4)

# %% [markdown]
# `inner_score` is what the search believed, `score` what new people gave. Where the first is the larger, that
# is the price of choosing; the inner folds have fewer people to learn from, which pulls the other way. Look
# at the chosen settings, too: where they differ between folds, a wide range does about equally well. (That
# they agree says little after few tries: a search begins with the same ones in every fold.)

# %% [markdown]
# ## When does looking without labels pay?
#
# With all labels one may as well train a network on them. The promise is about *few*. Training people give
# ever more labels, the people put aside are the test.
#
# *Think first: where will the GAN's curve and that of a network from scratch cross, if they do?*

# %%
def learn_from(n, seed=SEED):
    """Accuracy on the people put aside after n labels: each kind of features, and a face-cnn."""
    some = np.random.default_rng(seed).permutation(np.flatnonzero(~late))
    some = np.concatenate([some[y[some] == k][:n // 8] for k in range(8)])  # as many of each emotion
    few = {"modern GAN + SVM": own, "random weights + SVM": features["random weights"],
           "pixels + SVM": features["pixels"]}
    right = {name: (svm.fit(F[some], y[some]).predict(F[late]) == y[late]).mean() for name, F in few.items()}
    if n in with_cnn:
        net = ak.learn.classifier("face-cnn", max_epochs=max(1, shown // n), random_state=seed, device=DEVICE,
                                  valid_size=0)
        right["face-cnn, from scratch"] = (net.fit(X[some], y[some]).predict(X[late]) == y[late]).mean()
    return right


# %%
amounts = [16, 48, 160, 480, 960]
with_cnn = ak.lesson.pick(PROFILE, quick=(48, 160, 480), bench=amounts, full=amounts, cap=(16,))
shown = ak.lesson.pick(PROFILE, quick=2400, bench=30_000, full=60_000, cap=16)  # faces, again and again
curve = pd.DataFrame({n: learn_from(n) for n in amounts}).T
ak.plots.few_labels(curve, ylabel="accuracy, people never met", chance=1 / 8,
                    title=f"Learning emotions from few labels ({rafd.source})");

# %% [markdown]
# Compare the GAN's curve with *pixels* and *random weights*, not with chance: only where it leads has the
# look without labels paid. In the quick run it has not, and a small network from scratch needs no GAN at
# all: its mirrored and tilted copies of the few faces teach it more. One draw of labels a point:
# differences of a few hundredths are luck. `python docs/transfer.py labels` draws these curves for
# FER-2013, real and twin, with GANs that looked for longer.

# %% [markdown]
# ## Beside the paper

# %%
context = pd.DataFrame({
    "chance": (1 / 8, np.nan, np.nan, True),
    f"pixels, random folds ({rafd.source})": (easy["pixels"], np.nan, np.nan, True),
    f"modern GAN, random folds ({rafd.source})": (easy["modern GAN"], np.nan, np.nan, True),
    f"modern GAN, new people ({rafd.source})": (*aside["GAN saw training people"].iloc[:3], True),
    "alharbawee2024, Exp. 5, random folds": (0.9764, np.nan, np.nan, False),
    "alharbawee2024, best, random folds": (0.9857, np.nan, np.nan, False),
}, index=["value", "low", "high", "ours"])
ak.plots.in_context(context.T.infer_objects(), title="RaFD, frontal, eight emotions: ours and theirs");

# %% [markdown]
# 98 % is no wrong measurement. It answers another question: *which of my pictures is this one a copy of?*
# The paper's own multi-view and in-the-wild sets, where copies are rarer, have 44 to 62 %.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 14-1.** How many numbers does the last convolution of the full network (512 filters) give for a
# face of 48 x 48?

# %%
answer = ...
ak.lesson.check("14-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 512 * (48 // 16) ** 2   # four halvings
# ```
# </details>
#
# **Exercise 14-2.** Each moment was photographed three times; ten random folds. What is the chance that at
# least one of a test face's two near-copies stands in training?

# %%
answer = ...
ak.lesson.check("14-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 1 - 0.1 * 0.1   # both copies must fall into the same tenth for there to be none
# ```
# 99 in 100: the test measures memory.
# </details>
#
# **Exercise 14-3.** With `normalise=True` and `gamma="auto"` the kernel of two rows with correlation r is
# exp(-2 (1 - r)). How alike are two faces with r = 0.5?

# %%
answer = ...
ak.lesson.check("14-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = np.exp(-2 * (1 - 0.5))
# ```
# 0.37, whatever the number of features: that is why gamma is divided by it.
# </details>
#
# **Exercise 14-4.** Design: you may collect one more control for the claim "the discriminator learnt about
# emotions without labels". Which tells most: `"a larger SVM"`, `"random weights on new people"` or `"more
# random folds"`?

# %%
answer = ...
ak.lesson.check("14-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "random weights on new people"
# ```
# Only the distance to the same network without training, in people never met, is what the look at faces
# taught.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - read features off a discriminator, and trained an SVM on them with one kernel matrix for all folds,
# - seen 98 % for pixels and random weights: near-copies on both sides of the split,
# - kept people apart, first for the SVM and then for the GAN as well,
# - read ROC curves beside a confusion matrix, and known why a high AUC is no high accuracy,
# - put the choice of C and gamma into nested folds.

# %%
about = {"n": len(set(people)), "source": rafd.source}
for name, decision in said.items():
    row = ak.evaluate.scores(y, proba(decision), names, people).loc["accuracy"]
    ak.lesson.record(f"accuracy by person: {name}", row.value, low=row.low, high=row.high, **about)
    ak.lesson.record(f"accuracy, random folds: {name}", easy[name], n=len(y), source=rafd.source)
for name, row in aside.items():
    ak.lesson.record(f"accuracy, people put aside: {name}", row.value, low=row.low, high=row.high,
                     n=len(set(people[late])), source=rafd.source)
ak.lesson.record("mean AUC by person: modern GAN", areas.mean(), **about)
ak.lesson.record("alharbawee2024, Exp. 5: accuracy", 0.9764, source="paper")
ak.lesson.record("alharbawee2024: best accuracy", 0.9857, source="paper")
ak.lesson.records()

# %% [markdown]
# **Next:** [15 · Action units](15_action_units.ipynb): can a machine read muscles instead of moods?
