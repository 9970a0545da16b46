# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 01 · Class imbalance: why can 98 % accuracy mean nothing?
#
# {{badges}}
#
# In this lesson you will
# - see how lopsided the field's data sets are, and measure it with one number,
# - build a classifier that has learnt nothing and scores 98 %,
# - choose scores that cannot be fooled like that,
# - teach a small model to stop ignoring the rare class, for free.
#
# **Time** 25 minutes · **Builds on** [00 Start here](00_start_here.ipynb) · **Runs** in about half a minute,
# offline

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
ak.lesson.start("01 Class imbalance", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %% [markdown]
# ## How many of each?
#
# FER-2013 was collected by searching the web for words like *angry* and *happy*. The web did not answer
# evenly.
#
# *Think first: which emotion do people put on the web most, which least? By what factor do the two differ?*

# %%
import pandas as pd

card = ak.cards.get("fer2013")
counts = pd.Series(card.counts["train"], index=card.classes)
counts.sum(), card.count_status["train"]

# %% tags=["hero"]
ratio = counts.max() / counts.min()
ak.plots.class_counts(counts, title=f"FER-2013: {ratio:.0f} happy faces for each disgusted one (its card)");

# %% [markdown]
# Happy outnumbers disgust by more than 16 to 1. That factor is the **imbalance ratio**: the largest class
# over the smallest.

# %% [markdown]
# ## Every set in one look
#
# The kit has a card for each data set of the five papers it rebuilds. A card also says how well a count is
# known: *published*, *derived* by arithmetic, or *assumed*.
#
# *Think first: photographs taken in a studio, or found in the wild: which will be more even, and why?*

# %%
import numpy as np

distributions = {}
for name in ak.cards.names():
    card = ak.cards.get(name)
    if len(card.classes) > 1:
        together = np.sum(list(card.counts.values()), axis=0)  # all splits
        distributions[name] = pd.Series(together, index=card.classes)
len(distributions)

# %%
ak.plots.every_distribution(distributions);

# %%
ratios = pd.Series({name: c.max() / c.min() for name, c in distributions.items()})
ak.plots.imbalance_ratios(ratios);

# %% [markdown]
# In a studio you *can* ask everybody for every expression: KDEF, RaFD and JAFFE are even. (CK+ kept only the
# expressions that came out well, and is not.) In the wild, happiness is common everywhere, and disgust is
# rare wherever it is a class; in RAF-DB so are fear and most compound expressions. Imbalance is not an
# accident of one set: it is what emotions in the wild look like. (All parts of a set are counted here, so
# that FER-2013's ratio differs a little from that of its training part, above.)

# %% [markdown]
# ## The accuracy paradox
#
# Here is a detector for *disgust* that has learnt nothing at all: it always says "no".
#
# *Think first: what accuracy does it reach on FER-2013? Write your guess down.*

# %%
from sklearn.dummy import DummyClassifier
from sklearn.metrics import accuracy_score, balanced_accuracy_score

is_disgust = np.repeat(counts.index == "disgust", counts)  # one entry a training face
X = np.zeros((len(is_disgust), 1))  # the detector looks at nothing
said = DummyClassifier(strategy="most_frequent").fit(X, is_disgust).predict(X)
paradox = accuracy_score(is_disgust, said), balanced_accuracy_score(is_disgust, said)
# NBVAL_CHECK_OUTPUT
print(f"accuracy {paradox[0]:.1%} · balanced accuracy {paradox[1]:.1%}")

# %% [markdown]
# Nearly perfect, and useless. **Balanced accuracy** is the mean of the recalls: half of it is lost at once,
# because not one disgusted face is found. A coin gets the same 50 %.
#
# The rarer the class, the better "no" looks:

# %%
share = np.linspace(0.5, 0.01, 50)  # of the rare class
ak.plots.accuracy_paradox(share, 1 - share, np.full(50, 0.5),
                          title="Always say no: the rarer the class, the better accuracy looks");

# %% [markdown]
# With seven classes the same trick is to say *happy* every time. Every score table of the kit therefore has a
# column `baseline`: what such a majority guesser gets. A score that does not clear its baseline is no score.

# %% [markdown]
# ## What a lopsided set does to a model
#
# Enough of guessers; let a model learn. To be quick we take a small sample **with FER-2013's own
# proportions** and a linear model on small pictures. (A real network follows in lesson 09.)
#
# *Think first: which class will the model hardly ever name?*

# %%
faces = ak.datasets.load("fer2013", source=SOURCE, size=24, max_per_class=1000, random_state=SEED)
rng = np.random.default_rng(SEED)
keep = [rng.choice(np.flatnonzero(faces.target == k), int(1000 * n / counts.max()), replace=False)
        for k, n in enumerate(counts)]
keep = np.concatenate(keep)
X, y = faces.data[keep].reshape(len(keep), -1) / 255.0, faces.target[keep]  # (n, 576) grey values 0..1
pd.Series(y).value_counts().rename(lambda k: faces.target_names[k]).rename("faces").to_frame().T

# %% [markdown]
# Principal components, their scaling (`whiten`) and the model stand in one `Pipeline`: each fold fits them on
# its own training part alone. The out-of-fold predictions are what we score.

# %%
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
plain = make_pipeline(PCA(80, whiten=True, random_state=SEED), LogisticRegression(C=0.02, max_iter=500))
proba = cross_val_predict(plain, X, y, cv=folds, method="predict_proba")
ak.evaluate.scores(y, proba, faces.target_names)

# %% [markdown]
# Read the row *accuracy* beside the row *balanced accuracy*: the model earns its accuracy on the common
# classes. `low` and `high` are the ends of the 95 % interval; `baseline` is the majority guesser.
#
# Three more scores resist a guesser. *F1* of a class needs both, that its faces are found (recall) and that
# what is called so is so (precision); *macro-F1* is its mean over the classes. *AUC* is how often a face of a
# class gets a higher probability for it than another face does: a half is a coin. *Kappa* is 0 where as many
# are right as by chance, 1 where all are.
#
# Is the split clean? `audit_split` looks for the same face on both sides:

# %%
train, test = next(folds.split(X, y))
ak.evaluate.audit_split(train, test, X=faces.data[keep])

# %% [markdown]
# The twin has no copies. In the real set some faces stand on both sides, because web search found them twice:
# read real scores as slightly flattered. What was not given (people, trials) was not checked, and the table
# says so.

# %% [markdown]
# ## A free remedy: class weights
#
# Give every class the same say in the loss: a disgusted face then counts as much as its class is rare. One
# argument, no new data.
#
# *Think first: recall of disgust will rise. What will fall?*

# %%
weighted = make_pipeline(PCA(80, whiten=True, random_state=SEED),
                         LogisticRegression(C=0.02, max_iter=500, class_weight="balanced"))
proba_weighted = cross_val_predict(weighted, X, y, cv=folds, method="predict_proba")
ak.evaluate.scores(y, proba_weighted, faces.target_names)

# %%
from sklearn.metrics import recall_score

rare_first = counts.sort_values().index
table = pd.DataFrame({name: recall_score(y, p.argmax(axis=1), average=None) for name, p in
                      (("plain", proba), ("class weights", proba_weighted))}, index=faces.target_names)
ak.plots.recalls(table.loc[rare_first], title=f"Class weights give rare classes a voice ({faces.source})");

# %% [markdown]
# The rarest classes gain, and *happy*, the most common one, pays most. Nothing was learnt that was not in the
# data; the model merely stopped betting on the odds. **Every row of a GAN in this kit stands beside this free
# rival**: whoever promises more from synthetic faces must beat it.

# %%
gain = ak.evaluate.compare(y, proba, proba_weighted)
gain

# %% [markdown]
# `difference` is *b* (class weights) less *a* (plain), on the same faces. Accuracy falls, for it rewards a
# bet on the odds. Whether balanced accuracy and macro-F1 rise their intervals must tell: where one of them
# holds 0, what the rare classes gain and what the common ones lose may just cancel.

# %% [markdown]
# ## Turn the knob
#
# *largest : smallest* makes a training set more and more lopsided, *class weights* switches the free remedy
# on, and *data set* takes the classes of another card. The model is a linear one, as above, but on features
# that see more than pixels do. Walk from 1 to 48 (95 samples of the largest class, 2 of the smallest) and
# look at three things: the guesser's accuracy (grey) climbs, and nothing was learnt; the class at the bottom
# is forgotten first; and the accuracy of the model hardly tells.
#
# *Think first: from which ratio on is the rarest class found by less than one in ten? What do class weights
# make of that?*

# %%
ak.apps.ImbalanceLab().view()

# %% [markdown]
# As it opens, at FER-2013's own ratio: disgust is hardly found, and accuracy does not mind, for so few are
# disgusted. With class weights its recall comes back, and the common classes pay a little. At 1 : 1 there is
# nothing to repair, and the two models are the same.

# %% [markdown]
# ## Labels side by side
#
# Before sets can be compared or joined their words must agree. *Think first: is "joy" in one set the same
# class as "happy" in another? And "contempt"?*

# %%
words = pd.DataFrame("", index=distributions, columns=ak.emotions.CANONICAL)
for name in words.index:
    for word in ak.emotions.SPELLINGS.keys() & set(ak.cards.get(name).classes):
        words.loc[name, ak.emotions.canonical(word)] = word
words = words[(words != "").any(axis=1)]  # without the sets of compounds, stress and arousal
ak.plots.vocabularies(words);

# %% [markdown]
# *Joy* is *happy* under another name. *Contempt* has no partner in most sets: it must be left out, not
# merged.
#
# Merging classes changes the odds as well. The Electronics 2022 paper judges low mood with three classes (B)
# and with two (C); both make FER-2013 more even, and easier:

# %%
y_all = np.repeat(np.arange(7), counts)
for grouping in ("A", "B", "C"):
    merged, names = ak.emotions.regroup(y_all, list(counts.index), grouping)
    n = pd.Series(merged[merged >= 0]).value_counts()
    print(f"{grouping}: {dict(zip(names, n.sort_index(), strict=True))}, ratio {n.max() / n.min():.1f},"
          f" majority guesser {n.max() / n.sum():.0%}")

# %% [markdown]
# Seven classes: the majority guesser gets 25 %. Three or two: 52 %. A two-class 60 % and a seven-class 60 %
# are different achievements: never compare scores across groupings without their baselines.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 01-1.** What is the imbalance ratio of `rafdb-basic`'s *training* part? Its card knows the
# counts.

# %%
answer = ...
ak.lesson.check("01-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# n = ak.cards.get("rafdb-basic").counts["train"]
# answer = max(n) / min(n)
# ```
# </details>
#
# **Exercise 01-2.** A guesser always says the largest of *eleven* classes. What is its balanced accuracy,
# whatever the counts?

# %%
answer = ...
ak.lesson.check("01-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 1 / 11   # recall 1 for one class, 0 for the other ten
# ```
# </details>
#
# **Exercise 01-3.** Design: a ward wants an alarm for *fear*. Missing one is ten times worse than a false
# alarm. Which of `"accuracy"`, `"macro-F1"`, `"recall at a fixed false-alarm rate"` would you report first?

# %%
answer = ...
ak.lesson.check("01-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "recall at a fixed false-alarm rate"
# ```
# The costs differ, so one number that treats all errors alike cannot decide. Fix what the ward can bear in
# false alarms, then ask how many fearful people are found.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - measured imbalance by the ratio of the largest class to the smallest,
# - seen a guesser reach 98 % accuracy, and balanced accuracy expose it,
# - given rare classes a voice by class weights, for free,
# - put the label words of all sets side by side.

# %%
recall = table.loc["disgust"]
ak.lesson.record("imbalance ratio of FER-2013", ratio, n=int(counts.sum()), source="card")
ak.lesson.record("accuracy of 'never disgust'", paradox[0], n=len(is_disgust), source="card")
for name in table:
    ak.lesson.record(f"recall of disgust, {name}", recall[name], n=int((y == 1).sum()), source=faces.source)
ak.lesson.records()

# %% [markdown]
# What the papers say: hegh2025 reports that GAN-made faces for the rare classes lift a plain CNN from 62 % to
# 81 % accuracy. Lesson 08 tests that beside class weights. **Next:** [02 · Faces and action
# units](02_faces_and_action_units.ipynb): what does a face do when it shows an emotion?
