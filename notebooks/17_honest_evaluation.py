# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 17 · Honest evaluation: how does a good score come about, and is it true?
#
# {{badges}}
#
# In this lesson you will
# - walk into a dozen traps of published studies, each with a switch, and see what each adds to a score,
# - let `audit_split` look for them, and learn which of them no audit can see,
# - find photographs that stand in training and in the test, even if mirrored, shifted or lit otherwise,
# - write down a protocol that keeps you out of all of them.
#
# **Time** 50 minutes · **Builds on** [04 Simple augmentation](04_simple_augmentation.ipynb), [10 Heart
# LSTM](10_heart_lstm.ipynb) and [14 Discriminator and SVM](14_discriminator_svm.ipynb) · **Runs** in about
# a minute on two cores, offline

# %% [markdown]
# ## Setup
#
# Nothing large is trained here. Small models on small pictures show the same traps as large ones, in
# seconds.

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
ak.lesson.start("17 Honest evaluation", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
n_seeds = ak.lesson.pick(PROFILE, quick=3, bench=10, full=20, cap=2)
seeds = range(SEED, SEED + n_seeds)
many = range(SEED, SEED + 2 * n_seeds)  # for small effects in cheap experiments

# %% [markdown]
# ## A switch
#
# Each trap is one experiment, run twice: **honest**, and with the **leak**. Data, model and seed are the
# same; one thing differs, and the table names it.

# %%
import pandas as pd

pd.set_option("display.max_colwidth", None)
traps = ak.leaks.traps()
# NBVAL_CHECK_OUTPUT
traps[["leaks", "data"]]

# %% [markdown]
# ## Copies of the test in training
#
# Disgust is rare. So let us make more of it: by changed copies of the disgusted faces (lesson 04), *before*
# the set is cut into five folds. Then a face may stand in the test, and its copies in training.
#
# *Think first: an SVM on 800 faces, seven emotions, a macro-F1 (the mean over emotions) far below one half.
# Both arms are asked about the same faces, none of them a copy. How many points will the copies add?*

# %%
LEAK = True  # the switch
ak.leaks.run("augment first", leak=LEAK, source=SOURCE, random_state=SEED)

# %%
ak.leaks.run("augment first", leak=not LEAK, source=SOURCE, random_state=SEED)

# %% [markdown]
# One seed is one draw. `inflation` runs both arms for several seeds and takes differences seed by seed, so
# that what is easy for both cancels; the interval is that of a paired t-test.

# %%
def measured(*names, seeds=seeds):
    """A row a trap: honest and leaky score, inflation and its interval."""
    return pd.concat([ak.leaks.inflation(name, source=SOURCE, seeds=seeds) for name in names])


copies = measured("augment first", "oversample first", "near-copies")
copies.round(3)

# %% [markdown]
# - *augment first*: electronics2022 made its copies of disgust before it cut its folds.
# - *oversample first*: the same with exact copies.
# - *near-copies*: alharbawee2024 dealt pictures of one instant, with three gaze directions, into ten folds.
#
# What does the audit say?

# %%
found = ak.leaks.audit("augment first", leak=True, source=SOURCE, random_state=SEED)
found[found["severity"] != "not checked"]

# %%
clean = ak.leaks.audit("augment first", leak=False, source=SOURCE, random_state=SEED)
clean[clean["severity"] != "not checked"]

# %% [markdown]
# The copies are mirrored, turned, shifted and lit otherwise, so no byte is the same. `near_copies` finds
# them all the same: it tries small movements of each face, mirrors it, and moves the best candidates onto
# one another before it compares. It has its limits: turns beyond 10 degrees, shifts beyond 6 % of the width
# and zooms beyond 10 % escape it, as do crops. Of copies that you make yourself, keep a note.

# %%
faces = ak.datasets.load("fer2013", source=SOURCE, split="train", max_per_class=60, random_state=SEED)
mild = ak.balance.faces.Changes(flip=0.5, rotation=8, shift=0.05, brightness=0.3, contrast=0.2)
changed = ak.balance.faces.augment(faces.data[:6], mild, copies=1, random_state=SEED)
pairs = ak.evaluate.near_copies(changed, faces.data)
pairs.round(3)

# %%
pictures = [picture for pair in pairs.itertuples() for picture in (changed[pair.row], faces.data[pair.of])]
captions = ["copy", "found"] * len(pairs)
ak.plots.gallery(pictures, captions, columns=6, title=f"Changed, and found again ({faces.source})");

# %% [markdown]
# ## People, trials and pairs
#
# Signals are cut into windows, and windows of one person, or of one film clip, resemble each other.
#
# *Think first: an honest AUC of the small forest lies a little above a coin's 0.5. By how much do other
# windows of the same person raise it? And other windows of the same trial, where the person is known in both
# arms?*

# %%
windows = measured("person on both sides", "trial on both sides", "paired first")
windows.round(3)

# %% [markdown]
# - *person on both sides*: the forest learns whose heart it is, and looks up what that person did. Windows of
#   60 s that start every 10 s overlap, too: without that much less is left, as
#   [docs/leaks.md]({{repository}}/blob/main/docs/leaks.md) shows.
# - *trial on both sides*: a trial of DEAP has one rating; knowing which trial a window is from is knowing
#   the answer.
# - *paired first*: hegh2025 can only have paired faces with hearts of other people that have the same label,
#   for its two sets share nobody. There are fewer hearts than faces, so each heart is used several times. Cut
#   *after* pairing, and it stands on both sides.

# %%
alarms = {}
for name in ("person on both sides", "trial on both sides", "paired first"):
    audit = ak.leaks.audit(name, leak=True, source=SOURCE, random_state=SEED)
    alarms[name] = ", ".join(audit.loc[audit["severity"] == "leak", "check"])
pd.Series(alarms).to_frame("the audit's alarms")

# %% [markdown]
# ## What was fitted on the test
#
# A generator that fills rare classes is *fitted*; so are scalers, principal components, feature selections.
# Here a cheap stand-in for a GAN (a Gaussian for each class) learns from all faces, the test's among them,
# and makes faces for training. In a second experiment only the *features* have seen the test faces, and
# nobody told them the labels.
#
# *Think first: which of the two adds more?*

# %%
fitted = pd.concat([measured("generator saw the test"), measured("features saw the test", seeds=many)])
fitted.round(3)

# %% [markdown]
# The generator was told which face is disgusted, so what it makes carries the answers. (It is no GAN, and it
# learns from 43 % more faces here; a GAN that remembers less would add less.) Features without
# labels carry none: their inflation is about zero, in these seeds and, see
# [docs/leaks.md]({{repository}}/blob/main/docs/leaks.md), in many more. That does not make it right. It
# costs nothing to close, and with few rows, or with a step that does use labels, the same slip is a large
# one. Where the fitted pipeline is at hand, the audit fits its steps anew on the training rows, and
# compares what they learn:

# %%
audit = ak.leaks.audit("features saw the test", leak=True, source=SOURCE, random_state=SEED)
audit[audit["severity"] != "not checked"]

# %% [markdown]
# ## What no audit can see
#
# What a generator was trained on stands in no split: its faces are marked as made, and all of them are in
# training. The next four have spotless splits, too.
#
# *Think first: fifty models that are equally good by design, each scored on 400 test faces. By how much does
# the best one's score exceed what it is worth? And what will a model reach that knows the minutes since the
# start?*

# %%
unseen = measured("selected on the test", "best epoch by test", seeds=many)
unseen = pd.concat([unseen, measured("accuracy under imbalance", "session clock")])
unseen.round(3)

# %% [markdown]
# - *selected on the test* and *best epoch by test*: the best of many is lucky, and a report of it reports
#   the luck. It cannot be negative: the best is never below another. Choose on a part of the training data;
#   the test is read once.
# - *accuracy under imbalance*: never to say "disgust" is right nearly always. Balanced accuracy says 0.5.
#   That is arithmetic, not a sample: every seed gives the same, and the interval has no width.
# - *session clock*: in Stress-Predict everybody did the tasks in the same order. A model that is told the
#   time needs no heart. Anything that drifts (temperature, a sensor that warms up) tells the time.

# %% [markdown]
# ## All at once

# %% tags=["hero"]
table = pd.concat([copies, windows, fitted, unseen])
where = "real data" if set(table["source"]) == {"real"} else " and ".join(sorted(set(table["source"])))
ak.plots.inflations(table, title=f"What each trap adds to the score ({where})");

# %% [markdown]
# Blue is what the model can do, orange what a paper would print. Grey bars could be chance: the interval
# (thin line) reaches back to the blue mark. Two things are worth keeping:
#
# - The largest leaks are not exotic: copies, a generator that saw the test, one clock.
# - Their sizes run from nothing to half of the scale. "A little leak" cannot be corrected afterwards; it has
#   to be measured by doing it right.

# %% [markdown]
# ## Turn the knob
#
# All twelve once more, at a glance: choose a *trap* and switch the *leak* off and on. The rows are the kit's
# own measurement with more seeds than we had time for, on twins and, where there are any, on real data; *Run
# it here* adds a seed that nobody has used yet, in some seconds. *guess first* hides what a leak adds until
# you have set *your guess* and pressed *Reveal*: play it with somebody who has not read this lesson, or next
# week.
#
# *Think first: on real data, will the jumps be larger or smaller than on twins?*

# %%
ak.apps.LeakLab().view()

# %% [markdown]
# Where there are both, they lie close together: in these experiments what a leak adds hangs on the way of
# working, and hardly on whose faces they are. That is what twins are good for.

# %% [markdown]
# ## On real data
#
# Twins are simulated. [docs/leaks.md]({{repository}}/blob/main/docs/leaks.md) has the same experiments on
# Stress-Predict and on FER-2013, there cut anew inside its Training part, and what `near_copies` finds
# between FER-2013's official parts: of 3,589 faces of PublicTest about a quarter are photographs that stand
# in Training as well, less than a third of them byte by byte. The web search that collected them found many
# pictures twice.

# %% [markdown]
# ## A protocol
#
# 1. **Ask what is new in life**: new people, new days, new cameras. Split by that.
# 2. **Split first.** Copies, oversampling, generators, scalers, pairs: inside the training part, in a
#    `Pipeline`.
# 3. **Look for copies** with `audit_split(train, test, groups=, trials=, intervals=, X=, pipeline=)`, and
#    keep a note of where each made row came from.
# 4. **Choose inside training**: settings, epochs, thresholds. The test is read once.
# 5. **Count by class** (macro-F1, balanced accuracy), with an interval, beside a baseline that knows nothing
#    and one that knows the clock.
# 6. **Several seeds**, paired differences, and every row that you tried in the table.
# 7. **Too good?** Compare with `ak.evaluate.credible_band`. A score far above it is a reason to search.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 17-1.** A set has five folds; of each rare face three copies were made before they were cut.
# What is the chance that at least one copy of a test face stands in training?

# %%
answer = ...
ak.lesson.check("17-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 1 - (1 / 5) ** 3   # all three must share the test face's own fold for there to be none
# ```
# </details>
#
# **Exercise 17-2.** Two models are compared on 400 test faces; both are right in 60 % of all faces there
# are. What is the standard deviation of one such score? (It tells how much luck the best of many can have.)

# %%
answer = ...
ak.lesson.check("17-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = (0.6 * 0.4 / 400) ** 0.5
# ```
# 0.024. The best of fifty independent draws lies about 2.2 standard deviations above the mean: 5 points of
# nothing.
# </details>
#
# **Exercise 17-3.** How many of `traps` can be seen by an audit of the split? (Its column `seen` is empty
# for the others.)

# %%
answer = ...
ak.lesson.check("17-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = (traps["seen"] != "").sum()
# ```
# The others need a look at how the work was done, not at its rows.
# </details>
#
# **Exercise 17-4.** Design: a study reports 97 % on seven emotions. Windows were split by person, the scaler
# and the GAN stood in the pipeline, and of 200 settings the best test score is reported. What would you ask
# for first: `"more people"`, `"a test set that chose nothing"` or `"another network"`?

# %%
answer = ...
ak.lesson.check("17-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "a test set that chose nothing"
# ```
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - switched a dozen traps on and off, and measured what each adds,
# - let an audit find copies, people, trials, shared hearts and steps fitted on other rows,
# - seen which traps no split shows: choices made on the test, the wrong metric, the clock,
# - written a protocol.

# %%
for name, row in table.iterrows():
    ak.lesson.record(f"inflation: {name}", row.inflation, low=row.low, high=row.high, n=int(row.n),
                     source=row.source)
ak.lesson.records()

# %% [markdown]
# **Next:** [18 · Paper scoreboard](18_paper_scoreboard.ipynb): which of the papers' numbers hold when one
# recomputes them?
