# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 18 · The paper scoreboard: can a printed number be true?
#
# {{badges}}
#
# In this lesson you will
# - read a printed number for what it is: an interval that was rounded,
# - catch contradictions in published tables by hand, with a harmonic mean, a weighted mean and a sum,
# - let the kit recompute five papers, and say what holds, what cannot, and what nobody can know,
# - put a figure of your own beside a claim and its credible band, and read the whole scoreboard.
#
# **Time** 40 minutes · **Builds on** [01 Class imbalance](01_class_imbalance.ipynb), [09 Face
# CNNs](09_face_cnns.ipynb) and [17 Honest evaluation](17_honest_evaluation.ipynb) · **Runs** in about half a
# minute on two cores, offline

# %% [markdown]
# ## Setup
#
# Most of this lesson is arithmetic on tables. One small network is trained, so that a figure of yours stands
# on the scoreboard, too; `bench` and `full` give it all of FER-2013 and more epochs.

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
ak.lesson.start("18 Paper scoreboard", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
most = ak.lesson.pick(PROFILE, quick=150, bench=None, full=None, cap=20)  # faces of each emotion
epochs = ak.lesson.pick(PROFILE, quick=14, bench=24, full=100, cap=1)

# %% [markdown]
# ## Five papers as one table
#
# This kit was built after five papers. Their tables, and the numbers in their texts that matter, are data
# here: a row a number, exactly as printed.

# %%
claims = ak.papers.claims()
# NBVAL_CHECK_OUTPUT
claims.groupby("paper", sort=False).agg(tables=("table", "nunique"), numbers=("value", "count"))

# %%
kumar = claims[(claims.paper == "kumar2024") & (claims.table == "Table 1")]
kumar.pivot(index="row", columns="metric", values="printed")[["accuracy", "precision", "recall", "F1"]]

# %% [markdown]
# ## A number is an interval
#
# 98.96 is not 98.96: it is anything from 98.955 to 98.965, and 92 is anything from 91.5 to 92.5. Before you
# call two numbers a contradiction, give rounding every chance. But not more than that.
#
# *Think first: precision is 98.96 %, recall 100 %. F1 lies between the two. Nearer to which, and can it be
# 99.57, as printed?*

# %%
def f1(precision, recall):
    return 2 * precision * recall / (precision + recall)

# %%
# NBVAL_CHECK_OUTPUT
f"at most {f1(98.965, 100):.2f}; printed 99.57"

# %% [markdown]
# A harmonic mean lies a little below the middle, never above it. "Perhaps they averaged over the six
# emotions?" They may have, and it does not help: *the mean of F1s is never above the F1 of the means.* Draw
# reports of six classes at random and try:

# %%
import numpy as np

P, R = np.random.default_rng(SEED).uniform(0.01, 1, (2, 100_000, 6))  # precision and recall of six classes
excess = f1(P, R).mean(1) - f1(P.mean(1), R.mean(1))
print(f"the mean of F1s minus the F1 of the means: at most {excess.max():.5f}")

# %% [markdown]
# So no averaging and no rounding makes 99.57 true. The text beside that table calls the recall *perfect*.
# If every face of every emotion is found, nothing is left to be wrong: accuracy and precision would be 100
# %, too, and they are printed as 99.65 and 98.96.

# %% [markdown]
# ## Recall, weighted, is accuracy
#
# yousaf2025 prints precision, recall and F1 of each basic emotion (its Table 5), how many test faces each
# has (Table 2), and an accuracy of 81 %.
#
# *Think first: recall times faces is the number of faces found. What is the sum of these over all faces?*

# %%
paper = claims[claims.paper == "yousaf2025"].set_index(["table", "row", "metric"])["value"]
basic = paper["Table 5"].unstack()[["precision", "recall", "F1"]].drop(["average", "weighted average"])
basic["faces"] = paper["Table 2"].unstack()["test"]
basic

# %%
found = (basic["recall"] * basic["faces"]).sum() / basic["faces"].sum()
# NBVAL_CHECK_OUTPUT
print(f"found, by the rows: {found:.1%}")
print(f"accuracy, as printed: {paper['Table 6', 'MobileNet + GAN', 'basic accuracy']:.0f} %")

# %% [markdown]
# Every face has one label, so every face found is a face named rightly, and the two are one number. They are
# not. One row gives itself away without any other: look for an F1 outside its precision and recall.

# %%
# NBVAL_CHECK_OUTPUT
ends = basic[["precision", "recall"]]
basic[(basic.F1 > ends.max(axis=1)) | (basic.F1 < ends.min(axis=1))]

# %% [markdown]
# ## Counts must add up
#
# electronics2022 says how many test faces come from which of its six sets (Table 9).
#
# *Think first: the cheapest check of any table is a sum. Which of the two rows would you add up first?*

# %%
import pandas as pd

table9 = claims[(claims.paper == "electronics2022") & (claims.table == "Table 9")].pivot(
    index="row", columns="metric", values="value").loc[["neutral", "joy"]]
# NBVAL_CHECK_OUTPUT
added = table9.drop(columns="total").sum(axis=1)
pd.DataFrame({"added up": added, "printed": table9["total"]}).astype(int)

# %% [markdown]
# One face too many: a slip of the pen, and harmless. That is the other half of reading tables: *a wrong
# number is not a fraud, and not even always important.* What matters is which numbers the conclusion rests
# on. A face more or less carries nothing; an accuracy of 81 % beside a recall of .35 carries the paper.

# %% [markdown]
# ## Let the kit do it
#
# `ak.papers.audit()` asks all such questions of all five papers: sums, means, differences, F1, shares of a
# count, parameters of the described network (built anew and counted), numbers told twice, images that the
# data set does not have. It says *contradicts* only where no digit that rounding took away could help.
#
# *Think first: there are several hundred checks. What share of them will hold?*

# %%
audit = ak.papers.audit()
verdicts = pd.crosstab(audit.paper, audit.verdict).loc[claims.paper.unique()]
# NBVAL_CHECK_OUTPUT
verdicts

# %% [markdown]
# Most numbers hold: most tables were copied with care. Of what does not hold, here are the first five of
# each paper whose arithmetic is short, without those that only repeat another; `wrong` has them all:

# %%
wrong = audit[(audit.verdict == "contradicts") & (audit.check != "says the same as elsewhere")]
short = wrong[wrong.arithmetic.str.len() < 100].groupby("paper", sort=False).head(5)
print(f"{len(short)} of {len(wrong)}")
short[["paper", "place", "check", "arithmetic"]].style.hide(axis="index")

# %%
audit.loc[audit.verdict == "cannot be checked", ["paper", "check", "arithmetic"]].style.hide(axis="index")

# %% [markdown]
# The last table is as important. Whether made-up faces were made before the split, or whose heart was put to
# whose face, no arithmetic can tell: only the data or the code could. *Publish both* is what these rows say.

# %% [markdown]
# ## Your own table
#
# `ak.papers.check_report` takes anybody's table of precision, recall and F1. Numbers are text, because
# digits matter: "0.40" was rounded less than "0.4".

# %%
mine = pd.DataFrame({"precision": ["0.80", "0.50"], "recall": ["0.75", "0.60"], "F1": ["0.77", "0.58"],
                     "support": [40, 10]}, index=["calm", "stress"])
report = ak.papers.check_report(mine, accuracy="72")
# NBVAL_CHECK_OUTPUT
report[["place", "verdict", "arithmetic"]]

# %% [markdown]
# One of the nine numbers cannot be true. Which, is an exercise below. Put a table of your own there, or one
# from the next paper that you read.

# %% [markdown]
# ## What is credible?
#
# A number may be possible and still not be believed. A *credible band* is what careful work reaches: other
# people's published, reproduced results, and where these lie apart, the kit's judgement, which says so.

# %%
bands = ak.evaluate.credible_bands()
bands[bands.dataset == "fer2013"].drop(columns="dataset").set_index("method")

# %% [markdown]
# A claim above the band is not refuted. It is a reason to look for what [lesson
# 17](17_honest_evaluation.ipynb) finds: copies across the split, made-up faces made of test faces, a best
# epoch chosen by the test score. hegh2025 claims 62 % for a plain network on FER-2013, inside the band of
# its kind, and 81 % after adding GAN-made faces: above people, and above every single network that was
# reproduced.

# %% [markdown]
# ## A figure of your own
#
# Claims are cheap, measurements are not. Train the same three convolutions, and put the result on the board.
#
# *Think first: a thousand faces and some seconds. How far from 62 % will you be?*

# %%
train, test = (ak.datasets.load("fer2013", source=SOURCE, split=part, max_per_class=most, random_state=SEED)
               for part in ("train", "val"))
net = ak.learn.classifier("face-cnn", max_epochs=epochs, random_state=SEED, device=DEVICE)
proba = net.fit(train.data, train.target).predict_proba(test.data)
scores = ak.evaluate.scores(test.target, proba, test.target_names, dataset="fer2013")
scores

# %%
both = np.concatenate([train.data, test.data])
known, new = np.split(np.arange(len(both)), [len(train.data)])
findings = ak.evaluate.audit_split(known, new, X=both)
findings[findings.severity != "not checked"]

# %%
value, low, high = scores.loc["accuracy", ["value", "low", "high"]]
row = dict(study="classifiers", measure="table1", what="CNN, original: accuracy", value=value, low=low,
           high=high, source=test.source, seed=str(SEED))
own = ak.papers.scoreboard(pd.DataFrame([row])).query("measured != ''")
own[["paper", "table", "row", "printed", "band low", "band high", "twin", "real", "verdict"]]

# %% [markdown]
# The twin has no face on both sides; the real FER-2013 has, and lesson 09 gives the score without them. So
# a row of the scoreboard is made: the claim, the band, the figure with its interval, its source, its seed.
# In the quick run yours rests on few faces, each emotion as often as any other, and little training. That
# is why the board says *how ours differs* in every row.

# %% [markdown]
# ## The scoreboard
#
# What the kit's own studies measured (`docs/`, with their commands) beside the most telling claims. Orange
# is claimed, grey is credible, blue was measured on real data, green on the twin.
#
# *Think first: in which of the five papers do you expect blue and orange to meet?*

# %% tags=["hero"]
board = ak.papers.scoreboard()
ak.plots.scoreboard(board[board.headline != ""], title="Five papers: claimed and measured");

# %%
told = board[(board.measured != "") & (board.headline != "")]
told[["paper", "headline", "printed", "verdict", "settings", "seeds"]].style.hide(axis="index")

# %% [markdown]
# electronics2022's figures are about met on real faces, by its own network: a paper with slips in its
# tables can be right in what it measured. hegh2025's plain network is about where it should be; its gain by
# a GAN, 19 points, is not met by far: lesson 08 asks why. alharbawee2024's accuracy on Radboud is met on the
# twin by its own random folds, and missed by far on new people: lesson 14 shows the near-copies that make the
# difference. Where nothing was measured the board is silent, and stays so until somebody measures.

# %% [markdown]
# ## What no scoreboard shows
#
# All these numbers say how often a network repeats the label that somebody gave to a face. They do not say
# what the person felt: people scowl when they think, and smile when they are embarrassed (Barrett et al.
# 2019). They are means over people, and lesson 09 showed whom a mean can hide. In the European Union, the AI
# Act forbids reading emotions at work and in schools since 2 February 2025, at whatever accuracy.
# [What expressions do not tell](../docs/ethics.md) says more, and the kit's own
# [model card](../docs/model_card.md) and [data card](../docs/data_card.md) come with blank ones for yours.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 18-1.** A paper prints precision 0.62 and recall 0.58. What is the *lowest* F1 that their
# rounding allows? Three digits.

# %%
answer = ...
ak.lesson.check("18-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = f1(0.615, 0.575)   # 0.594
# ```
# F1 grows with both, so its lowest value is at the lowest ends.
# </details>
#
# **Exercise 18-2.** A class has 18 test images. yousaf2025 prints a recall of 0.21 for it. Which recall can
# be printed that is nearest to it?

# %%
answer = ...
ak.lesson.check("18-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = round(4 / 18, 2)   # 0.22; with 3 of 18 it would be 0.17
# ```
# Recalls of a small class come in coarse steps. Five of that table's eleven recalls are between two steps.
# </details>
#
# **Exercise 18-3.** Mend the table `mine`: which text must stand in place of the F1 that cannot be true?
# Change it, and run `check_report` until everything holds.

# %%
answer = ...
ak.lesson.check("18-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "0.55"   # f1(0.50, 0.60) = 0.545
# ```
# </details>
#
# **Exercise 18-4.** Design: a new paper prints 96 % on FER-2013, where single networks reach 73 and people
# 65. What do you ask its authors for first: `"more decimals"`, `"the split"` or `"a larger test set"`?

# %%
answer = ...
ak.lesson.check("18-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "the split"
# ```
# The indices of training and test, and what was made from which. Then `ak.evaluate.audit_split` can look.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - read printed numbers as intervals, and given rounding every chance,
# - caught an F1 above its ceiling, an accuracy that its own recalls forbid, and a face too many,
# - seen five papers recomputed: most numbers hold, some cannot, and a few nobody can check from outside,
# - put a figure of your own beside a claim and its band, and read the board of all of them,
# - remembered what none of these numbers is about.

# %%
for verdict, n in audit["verdict"].value_counts().items():
    ak.lesson.record(f"checks of five papers: {verdict}", n, source="paper")
ak.lesson.record("face-cnn: accuracy", value, low=low, high=high, n=len(test.target), source=test.source)
for metric in ("balanced accuracy", "macro-F1"):
    line = scores.loc[metric]
    ak.lesson.record(f"face-cnn: {metric}", line["value"], low=line["low"], high=line["high"],
                     n=len(test.target), source=test.source)
ak.lesson.record("yousaf2025, basic: found, by its rows", found, n=int(basic.faces.sum()), source="paper")
ak.lesson.records()

# %% [markdown]
# **Next:** [19 · Mood mirror](19_mood_mirror.ipynb): what does a network say about the face in front of it,
# and what does it not know?
