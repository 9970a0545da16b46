# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 10 · Heart LSTM: does a heartbeat give stress away, in a person never met?
#
# {{badges}}
#
# In this lesson you will
# - walk from a raw pulse wave over beats to heart rate, windows and features,
# - train an LSTM and a CNN on heart rate, and test each on people it has never met,
# - see two traps that make any model look brilliant: neighbouring windows, and the clock of the session,
# - ask the one question that counts: how much is gained over a rule that needs no training at all?
# - tell three kinds of luck apart, and find out which of them repeated k-fold can average away,
# - take the trained network to another study, with other people, another watch and another kind of stress.
#
# **Time** 60 minutes · **Builds on** [00 Start here](00_start_here.ipynb),
# [01 Class imbalance](01_class_imbalance.ipynb), [03 Heart signals](03_heart_signals.ipynb) ·
# **Runs** in under a minute, offline; the measured study (`PROFILE = "bench"`) in about 20 minutes on two
# cores

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
ak.lesson.start("10 Heart LSTM", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %% [markdown]
# ## From a pulse to a heart rate
#
# A watch shines green light into the wrist and measures how much comes back: less whenever a beat pushes
# blood through. Here is one minute of it, 64 values a second.
#
# *Think first: how would you find the beats? What would a moving arm do to the curve?*

# %%
raw = ak.datasets.load("stress-predict", source=SOURCE, signals=("bvp",), step=60, random_state=SEED)
person = raw.groups[0]
minute = raw.data[raw.groups == person][4, :, 0]  # its fifth minute
minute.shape, raw.sampling_rate  # 60 s at 64 Hz

# %% [markdown]
# A **band-pass** filter keeps what a heart can do, 0.5 to 8 Hz, and drops the slow drift and the fast
# noise. Then [NeuroKit2](https://neuropsychology.github.io/NeuroKit/) finds the beats. Filter first, cut
# later: a filter needs some seconds of run-up at both ends.

# %%
import numpy as np

signals = ak.preprocess.signals
clean = signals.bandpass(minute, raw.sampling_rate, low=0.5, high=8)
beats = signals.beats(minute, raw.sampling_rate)
beats.head(3)

# %%
time = np.arange(len(minute)) / raw.sampling_rate
part = slice(0, int(20 * raw.sampling_rate))  # 20 s are easier to look at
ak.plots.pulse(time[part], minute[part], clean[part], beats, source=raw.source, person=person);

# %% [markdown]
# The distance between beats is all we need: 60 divided by it is the heart rate. A beat that looks unlike
# the others, or stands too near or too far, is *not trusted*; what remains unknown is `NaN`, never a
# plausible number.

# %%
print(f"heart rate {np.nanmean(signals.heart_rate(minute, raw.sampling_rate)):.0f} beats/min, "
      f"{beats['trusted'].mean():.0%} of the beats can be trusted")
signals.hrv(minute, raw.sampling_rate).round(2)  # LF needs two minutes: a gap is more honest than a number

# %% [markdown]
# ## From a heart rate to windows
#
# The watch also writes a heart rate of its own, once a second. That is what the rest of the lesson uses.
# One person, one session:

# %%
seconds = ak.datasets.load("stress-predict", source=SOURCE, window=1, step=1, random_state=SEED)
mine = seconds.groups == person
ak.plots.heart_course(seconds.onset[mine], seconds.data[mine, 0, 0], seconds.target[mine],
                      seconds.target_names, source=seconds.source, person=person);

# %% [markdown]
# Three tasks (colour words, an interview, fast breathing), rest between them. A model gets **60 seconds**
# at a time, and a new window starts every 10 seconds. No window crosses from one task, or one person, into
# the next.

# %%
hearts = ak.datasets.load("stress-predict", source=SOURCE, random_state=SEED)
n_people = ak.lesson.pick(PROFILE, quick=8, bench=99, full=99)
keep = np.isin(hearts.groups, np.unique(hearts.groups)[:n_people])
X, y, groups = hearts.data[keep], hearts.target[keep], hearts.groups[keep].astype(str)
onset, trial = hearts.onset[keep], hearts.trial[keep]
# NBVAL_CHECK_OUTPUT
X.shape, len(np.unique(groups)), y.mean().round(3)  # (windows, seconds, channels), people, share of stress

# %% [markdown]
# ## A rule without training
#
# Stress speeds the heart up. So the simplest detector is the mean heart rate of the window: the faster, the
# more stressed. Nothing to train, nothing to leak.
#
# *Think first: will it work better between people, or within one person?*

# %%
import pandas as pd

mean_rate = pd.DataFrame({"person": groups, "label": y, "rate": X.mean(axis=(1, 2))})
by_person = mean_rate.pivot_table("rate", "person", "label")
ak.plots.stress_shift(by_person[0], by_person[1], source=hearts.source);

# %% [markdown]
# Most lines go the same way, but they stand far apart: where one heart beats at rest, another is at its most
# excited. So we ask **within** each person: are *your* stressed windows ranked above *your* calm ones?
# That is the AUC per person: 0.5 is a coin, 1 is perfect. Beside it stands the pooled AUC, with everybody
# on one scale.

# %%
from scipy.special import expit

names = hearts.target_names


def as_proba(score):
    """Squeeze a score into two columns of probabilities; the order, all that AUC looks at, stays."""
    return np.stack([1 - expit(score), expit(score)], axis=1)


rule = as_proba((mean_rate["rate"].to_numpy() - 80) / 10)
ak.evaluate.scores(y, rule, names, groups, dataset="stress-predict").loc[["AUC per person", "AUC"]]

# %% [markdown]
# This is the number to beat. The interval comes from drawing *people*, not windows: thousands of windows of
# a few hearts are still a few hearts.

# %% [markdown]
# ## Trap 1: windows of one person on both sides
#
# Neighbouring windows share 50 of their 60 seconds. Split them at random, and nearly every test window has
# a twin sister in training.
#
# *Think first: by how much will that raise the AUC of a model that looks at six simple features?*

# %%
F = signals.features(X, hearts.sampling_rate)  # (windows, 6): mean, variance, Fourier power in four bands
# NBVAL_CHECK_OUTPUT
signals.feature_names(hearts.channel_names, hearts.sampling_rate)

# %%
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

forest = RandomForestClassifier(50, min_samples_leaf=5, random_state=SEED, n_jobs=2)
folds = KFold(5, shuffle=True, random_state=SEED)
mixed = cross_val_predict(forest, F, y, cv=folds, method="predict_proba")
by_people = cross_val_predict(forest, F, y, groups=groups, cv=GroupKFold(5), method="predict_proba")
trap = {name: ak.evaluate.scores(y, p, names).loc["AUC", "value"] for name, p in
        (("windows split at random", mixed), ("people kept apart", by_people))}
trap

# %% [markdown]
# Same model, same features, same windows. The difference is not skill, it is memory. `audit_split` finds it
# without training anything:

# %%
facts = {"groups": groups, "trials": trial, "intervals": np.stack([onset, onset + 60], axis=1), "X": X}
train, test = next(folds.split(X))
ak.evaluate.audit_split(train, test, **facts)

# %% [markdown]
# The remedy: **leave one person out**. Train on all others, test on the one, and take turns. Where that is
# too many trainings, a few people at a time are left out: `GroupKFold`, as above.

# %%
from sklearn.model_selection import LeaveOneGroupOut

strangers = LeaveOneGroupOut()
train, test = next(strangers.split(X, y, groups))
ak.evaluate.audit_split(train, test, **facts)

# %% [markdown]
# ## Trap 2: the session's clock
#
# Now a model that never sees a heart. It gets one number: how many minutes ago the session began.
#
# *Think first: what AUC can it reach, in people it has never met?*

# %%
from sklearn.tree import DecisionTreeClassifier

tree = DecisionTreeClassifier(max_leaf_nodes=12, min_samples_leaf=20)
clock = cross_val_predict(tree, onset[:, None], y, groups=groups, cv=strangers, method="predict_proba")
ak.evaluate.scores(y, clock, names, groups, dataset="stress-predict", method="session-clock").loc[["AUC"]]

# %%
segments = hearts.segments[hearts.segments["group"].isin(groups)]
ak.plots.session_clock(segments, names, source=hearts.source);

# %% [markdown]
# Everyone did the tasks in the same order, so the clock knows the answer, and no heart is needed. That is
# why no model of this kit gets the time, nor anything that tells it: skin warms up under a watch, and a
# *drifting* temperature is a clock too. A score near 0.95 on this set is a reason to look for the clock,
# not to celebrate.

# %% [markdown]
# ## Features and a linear model
#
# Mean, variance and the Fourier transform are the features of hegh2025. A logistic regression weighs them.

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

logistic = make_pipeline(StandardScaler(), LogisticRegression())
features = cross_val_predict(logistic, F, y, groups=groups, cv=strangers, method="predict_proba")
ak.evaluate.scores(y, features, names, groups).loc[["AUC per person", "AUC"]]

# %% [markdown]
# Compare with the rule: training on levels buys little or nothing. The model learns from one person that a
# certain rate means stress, and applies it to another who rests at that rate. So we give each window in units
# of **its own person**: distance from that person's mean, in that person's standard deviations. No label is
# used, but the *whole recording* of a test person is: this is called **transductive**, and every row below
# that does so says "own scale".

# %%
Z = signals.standardise_by_person(X, groups)
F_own = signals.standardise_by_person(F, groups)
own = cross_val_predict(logistic, F_own, y, groups=groups, cv=strangers, method="predict_proba")
ak.evaluate.scores(y, own, names, groups).loc[["AUC per person", "AUC"]]

# %% [markdown]
# People now share one scale, so the pooled AUC changes most. The *mean rate* alone would rank your own
# windows exactly as before: any change within a person comes from the weights, which are no longer spent on
# telling people apart. To gain over the rule there, a model must find something in the **shape** of a window.

# %% [markdown]
# ## The LSTM, and a small CNN
#
# An **LSTM** reads the window step by step and keeps a memory of what it saw; hegh2025 stacks two. A
# **CNN** slides short filters along it. The watch's heart rate is an average over some ten seconds, so 30
# values a window, one every two seconds, lose nothing and halve the work.

# %%
import torch

S = signals.resample(Z, 30)  # (windows, 30, 1)
nets = {"heart-lstm": ak.nets.HeartLSTM(2, 1, hidden=32), "heart-cnn": ak.nets.HeartCNN(2, 1)}
for name, net in nets.items():
    print(f"{name}: {tuple(net(torch.zeros(5, 30, 1)).shape)} scores for five windows, "
          f"{ak.nets.count_parameters(net):,} parameters")

# %% [markdown]
# Who decides when to stop training? Not the person in the test. Each fit holds out about a seventh of its
# *training people* and keeps the epoch that does best on them; `patience=4` gives up after four epochs
# without progress (Keras calls this early stopping), and `schedule="plateau"` would halve the learning rate
# before it does. Nothing else was tuned. A single fit depends on luck, so the larger profiles average the
# probabilities of several seeds: a small ensemble.

# %%
options = {"heart-lstm": {"module__hidden": 32}, "heart-cnn": {}}
common = dict(max_epochs=ak.lesson.pick(PROFILE, quick=3, bench=12, full=100), patience=4, valid_size=0.15,
              batch_size=128, device=DEVICE)
n_seeds = ak.lesson.pick(PROFILE, quick=1, bench=3, full=5)
n_jobs = ak.lesson.pick(PROFILE, quick=1, bench=2, full=2)  # people left out at the same time

# %%
from tqdm.auto import tqdm


def study(name, X):
    """Probabilities for every window from networks that never met its person: the mean over seeds."""
    nets = [ak.learn.classifier(name, random_state=100 * SEED + k, **common, **options[name])
            for k in range(n_seeds)]
    return np.mean([cross_val_predict(net, X, y, groups=groups, cv=strangers, method="predict_proba",
                                      params={"groups": groups}, n_jobs=n_jobs)
                    for net in tqdm(nets, desc=name, unit="seed")], axis=0)


# %% [markdown]
# *Think first: you have seen what the rule reaches within a person. Write down what you expect from the two
# networks.*

# %%
lstm = study("heart-lstm", S)
cnn = study("heart-cnn", S)

# %%
methods = {"mean heart rate (no training)": rule, "logistic regression": features,
           "logistic, own scale": own, "heart-lstm, own scale": lstm, "heart-cnn, own scale": cnn}
table = pd.DataFrame({name: ak.evaluate.per_person_auc(y, p[:, 1], groups) for name, p in methods.items()})
table.agg(["mean", "std", "min", "max"]).T.round(3)

# %% tags=["hero"]
ak.plots.auc_by_person(table, source=hearts.source);

# %% [markdown]
# Look at the width of each cloud: it is much the same in every row. **Whose** heart it is matters far more
# than **which** network reads it. A few people of the real set stay left of the coin with every method: their
# hearts slow down under stress.

# %% [markdown]
# ## What was gained?
#
# Means hide it, because the same people are easy for all methods. So we subtract person by person, and ask
# whether the *difference* could be chance.

# %%
def gain(proba, over):
    """Paired gain in per-person AUC over another method, with its interval and p."""
    return ak.evaluate.compare(y, over, proba, groups).loc["AUC per person"]


single = pd.DataFrame({name: gain(p, rule) for name, p in methods.items() if p is not rule}).T
single.astype(float).round(3)

# %% [markdown]
# ## How lucky were we?
#
# Papers often report *repeated* k-fold: five folds, ten times over, other folds each time. With people, whole
# persons go into a fold. scikit-learn has no repeated `GroupKFold`; a loop over `random_state` is one.
#
# *Think first: three things were left to chance: who shares a fold with whom, the network's first weights,
# and which people took part at all. Which of them moves the result most?*

# %%
n_repeats = ak.lesson.pick(PROFILE, quick=5, bench=10, full=10)


def in_folds(folds_seed=0, net_seed=0):
    """AUC of each person from a heart-cnn that never met them: four folds of people."""
    cv = GroupKFold(4, shuffle=True, random_state=folds_seed)
    net = ak.learn.classifier("heart-cnn", random_state=net_seed, **common)
    p = cross_val_predict(net, S, y, groups=groups, cv=cv, method="predict_proba",
                          params={"groups": groups}, n_jobs=n_jobs)
    return ak.evaluate.per_person_auc(y, p[:, 1], groups)


# %%
folds_anew = [in_folds(folds_seed=SEED + k) for k in range(n_repeats)]
weights_anew = folds_anew[:1] + [in_folds(SEED, net_seed=k) for k in range(1, n_repeats)]
people_anew = pd.concat(folds_anew, axis=1).mean(axis=1)  # each person's mean over the repeats
who = np.random.default_rng(SEED).integers(len(people_anew), size=(300, len(people_anew)))

# %%
draws = {"other folds": [auc.mean() for auc in folds_anew],
         "other first weights": [auc.mean() for auc in weights_anew],
         "other people": people_anew.to_numpy()[who].mean(axis=1)}  # drawn from ours, with replacement
ak.plots.luck(draws, xlabel="mean AUC within a person, and 95 % of the draws",
              title=f"heart-cnn, drawn anew ({hearts.source})");

# %% [markdown]
# Folds and first weights are luck that more computing averages away: that is what repeated k-fold is for. The
# third row is another matter. No repetition brings new people, so the interval over *people* stays as wide as
# it is after the hundredth repeat. Whoever divides the spread of ten times five folds by the root of fifty
# takes fifty scores of the same few hearts for fifty studies: there is no unbiased estimate of the variance
# of k-fold ([Bengio & Grandvalet 2004](https://www.jmlr.org/papers/v5/grandvalet04a.html)), and that one is
# far too small.

# %% [markdown]
# ## Ask the neighbours
#
# One window is a noisy witness, and nobody is stressed for ten seconds only. What if each window listens to
# the same person's windows just before and after it? We average the probabilities over all windows that
# start up to so many seconds away. This looks at *distances* in time, never at the clock; but it sees more
# than 60 seconds, and it looks ahead, so that a live watch would answer a little late.
#
# *Think first: will it help the network more, or the rule?*

# %%
radii = (0, 30, 60, 120, 180, 240)
listening = {"mean heart rate": rule, "heart-lstm": lstm, "heart-cnn": cnn}
curves = pd.DataFrame(index=radii, columns=listening, dtype=float)
for name, p in listening.items():
    for r in radii:
        heard = signals.average_neighbours(p[:, 1], onset, groups, r)
        curves.loc[r, name] = ak.evaluate.per_person_auc(y, heard, groups).mean()
ak.plots.radius_curve(curves, source=hearts.source);

# %% [markdown]
# Tempting: read off the best radius and report it. But this curve was drawn with the *test* people, and a
# choice made on it is a choice made on the answers. It would have to be made on the training people alone.
# Here nobody chooses: every window gets **four views** of itself, alone and averaged over one, two and four
# minutes to both sides, and the training people decide what each is worth.
#
# To be fair to you: these four were fixed after looking at curves like the one above, so only *new* people
# can confirm what they gain. And to be fair to the rule: it gets the same minutes, as the plain mean of its
# four views, without training.

# %%
views = [signals.average_neighbours(S[:, :, 0], onset, groups, r) for r in (0, 60, 120, 240)]
W = np.stack(views, axis=2).astype(np.float32)  # (windows, 30, 4): a channel a view
wide_rule = as_proba(W.mean(axis=(1, 2)))  # no training, the same minutes
wide_logistic = cross_val_predict(logistic, W.mean(axis=1), y, groups=groups, cv=strangers,
                                  method="predict_proba")
W.shape

# %%
wide = {"mean heart rate, wide view (no training)": wide_rule, "logistic, wide view": wide_logistic,
        "heart-lstm, wide view": study("heart-lstm", W), "heart-cnn, wide view": study("heart-cnn", W)}
both = pd.concat([single, pd.DataFrame({name: gain(p, rule) for name, p in wide.items()}).T]).astype(float)
ak.plots.gains(both, source=hearts.source, over="the mean heart rate of a window", goal=0.03);

# %% [markdown]
# Blue: the interval leaves zero behind. Grey: it could be chance. But much of a gain over *one* window is
# gained by seeing more minutes, and not by training. So two questions remain. First: what do the *models*
# add, beyond a rule that sees the same minutes?

# %%
added = pd.DataFrame({name: gain(p, wide_rule) for name, p in wide.items() if p is not wide_rule}).T
added = added.astype(float)
added.round(3)

# %% [markdown]
# Read the columns `low` and `high`: where they stand on both sides of zero, this set cannot tell training
# from averaging; where both lie below it, training has lost something. With few people interval and *p* may
# disagree: then believe the more cautious of the two. Small gains need more people than these.
#
# Second: has the wide view become a clock, by the edges of the session, for instance? Turn each person's
# hearts round by a random time: the edges stay where they were, the tie between heart and task is cut. What
# is left should be a coin.

# %%
rng = np.random.default_rng(SEED)


def turned():
    """Per-person AUC of the wide view when each person's heart rate is turned round by a random time."""
    source_of = np.arange(len(y))
    for who in np.unique(groups):
        rows = np.flatnonzero(groups == who)
        source_of[rows] = np.roll(rows, rng.integers(30, len(rows) - 30))
    A = np.stack([signals.average_neighbours(S.mean(axis=(1, 2))[source_of], onset, groups, r)
                  for r in (0, 60, 120, 240)], axis=1)
    p = cross_val_predict(logistic, A, y, groups=groups, cv=strangers, method="predict_proba")
    return ak.evaluate.per_person_auc(y, p[:, 1], groups).mean()


coin = np.array([turned() for _ in range(5)])
coin.mean().round(3), coin.std().round(3)

# %% [markdown]
# ## One stranger's hour
#
# The person in the middle: about as many people are easier as are harder.

# %%
who = table["heart-cnn, own scale"].sort_values().index[len(table) // 2]
rows = groups == who
shown = {"heart-cnn, one window": cnn[rows, 1], "wide view": wide["heart-cnn, wide view"][rows, 1]}
ak.plots.stress_course(onset[rows], shown, y[rows], names, source=hearts.source, person=who);

# %% [markdown]
# ## Turn the knob
#
# An AUC compares windows, and needs no threshold. A watch must speak or be silent. Here the alarm goes off
# where *method* is surer of stress than *threshold*: dots are stressed windows that it found, crosses are
# false alarms. On the right stands everybody: the dot is the **balanced accuracy** at this threshold, the
# line leads to what the best threshold for that one person would give.
#
# *Think first: all three methods have much the same AUC per person. Which of them can do with one threshold
# for all? And is 0.5 a good one?*

# %%
thresholds = np.linspace(0.02, 0.98, 49).round(2)


def worth(score):
    """Balanced accuracy of each person (a row) at each threshold (a column)."""
    above = pd.DataFrame(score[:, np.newaxis] > thresholds, columns=thresholds).groupby([groups, y]).mean()
    return (above.xs(1, level=1) + 1 - above.xs(0, level=1)) / 2


knobs = ["mean heart rate (no training)", "heart-lstm, own scale", "heart-cnn, own scale"]
easy_first = table["heart-cnn, own scale"].sort_values(ascending=False).index
worths = {name: worth(methods[name][:, 1]).loc[easy_first] for name in knobs}


# %%
def knob(person=who, method=knobs[-1], threshold=0.5):
    rows, all_worths = groups == person, worths[method]
    people = pd.DataFrame({"here": all_worths[round(threshold, 2)], "best": all_worths.max(axis=1)})
    fig = ak.plots.alarms(onset[rows], methods[method][rows, 1], y[rows], names, people, person=person,
                          threshold=threshold, title=f"{person}, by {method} ({hearts.source})")
    one, mean = people.loc[person], people.mean()
    return fig, (f"Balanced accuracy of {person}: {one.here:.2f}, with the best threshold {one.best:.2f}; "
                 f"mean of all {len(people)}: {mean.here:.2f}, with a threshold each {mean.best:.2f}.")


ak.apps.interact(knob, "Alarm: when shall the watch speak? Suit one person, then look at the others.",
                 person=list(easy_first), method=knobs, threshold=(0.02, 0.98, 0.02))

# %% [markdown]
# Three things to find:
#
# - **0.5 means nothing.** Stress is the rarer class, and after few epochs the LSTM is never sure of it:
#   hardly a window passes 0.5, and a network with a good AUC is worth a coin. Its threshold belongs lower,
#   near the share of stress.
# - **The rule needs a threshold for each person.** Where one heart rests, another is at its most excited: no
#   place of the slider suits them all, and the lines are long. On a scale of one's own they are shorter. This
#   is what that scale was good for, and no AUC per person can tell.
# - A person's best threshold is read off that person's answers, as the best radius was. A watch on a new
#   wrist has none: it must take the one that was best for *other* people.

# %% [markdown]
# ## Another study, another watch
#
# New people of the *same* study share its room, its tasks and its order. A model worth having works in
# another study, too. WESAD (Schmidt et al. 2018) let people give a talk and count backwards before a jury.
# `align` keeps the classes both sets have. Train there, test here, and compare with a model at home.
#
# *Think first: what will be lost on the way, and what can a rule without training lose?*

# %%
wesad = ak.datasets.load("wesad", source="auto" if SOURCE == "real" else SOURCE, signals=("heart_rate",),
                         random_state=SEED)
_, abroad = ak.datasets.align(hearts, wesad)
who_abroad = abroad.groups.astype(str)
abroad.data.shape, abroad.target_names, abroad.source, len(set(who_abroad))

# %%
S_abroad = signals.resample(signals.standardise_by_person(abroad.data, who_abroad), 30)
F_abroad = signals.standardise_by_person(signals.features(abroad.data, abroad.sampling_rate), who_abroad)
cnn_net = ak.learn.classifier("heart-cnn", random_state=SEED, **common)
away = {"logistic": logistic.fit(F_own, y).predict_proba(F_abroad),
        "heart-cnn": cnn_net.fit(S, y, groups=groups).predict_proba(S_abroad)}

# %%
cv = GroupKFold(5, shuffle=True, random_state=SEED)
at_home = {name: cross_val_predict(model, A, abroad.target, groups=who_abroad, cv=cv, method="predict_proba",
                                   params=params, n_jobs=n_jobs)
           for name, model, A, params in (("logistic", logistic, F_abroad, {}),
                                          ("heart-cnn", cnn_net, S_abroad, {"groups": who_abroad}))}

# %%
there = {"mean heart rate (no training)": as_proba((abroad.data.mean(axis=(1, 2)) - 80) / 10)}
there |= {f"{name}, trained on WESAD": p for name, p in at_home.items()}
there |= {f"{name}, trained on stress-predict": p for name, p in away.items()}
travel = pd.DataFrame({name: ak.evaluate.per_person_auc(abroad.target, p[:, 1], who_abroad)
                       for name, p in there.items()})
ak.plots.auc_by_person(travel, source=abroad.source,
                       title=f"Tested on WESAD's people: does the training travel? ({abroad.source})");

# %%
lost = pd.DataFrame({name: ak.evaluate.compare(abroad.target, at_home[name], away[name], who_abroad)
                     .loc["AUC per person"] for name in away}).T  # minus: worse for coming from elsewhere
lost.astype(float).round(3)

# %% [markdown]
# What was learnt in one study is worth about as much in the other: the direction, *faster means stress*,
# travels well, and there is little else to lose. The same table for faces, in lesson 09, looks different.
# Each window is in units of its own person here: a network trained on beats a minute would have to hope that
# both watches and both groups of people beat alike.

# %% [markdown]
# ## What the paper says
#
# hegh2025 reports an LSTM with **76 %** accuracy on heart signals, and 86 % with GAN-made ones, over seven
# emotions of DEAP (which has no such labels), and without a word on whether the people in the test were in
# training too. Here is ours, two classes, people kept apart:

# %%
final = ak.evaluate.scores(y, lstm, names, groups, dataset="stress-predict")
final.round(3)

# %% [markdown]
# Read *accuracy* beside its *baseline*: who always says "baseline" is right about seven times in ten. An
# accuracy in the seventies can be hardly better than no model at all. That is why this lesson speaks of
# AUC, per person, and of the gain over a rule.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 10-1.** Windows of 60 seconds start every 10. How many seconds do two neighbouring windows share?

# %%
answer = ...
ak.lesson.check("10-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 60 - 10
# ```
# So five of six values of a test window stand in its neighbour, and the neighbour may be in training.
# </details>
#
# **Exercise 10-2.** What share of the *test windows* of a random split shares a moment with a training
# window?

# %%
answer = ...
ak.lesson.check("10-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# train, test = next(folds.split(X))
# findings = ak.evaluate.audit_split(train, test, **facts).set_index("check")
# answer = findings.loc["windows overlap in time", "count"] / len(test)
# ```
# All of them, to within a window or two.
# </details>
#
# **Exercise 10-3.** hegh2025 scales each window to 0..1 by its own extremes (`signals.minmax`). Run
# `ak.evaluate.per_person_auc(y, signals.minmax(X).mean(axis=(1, 2)), groups).mean()`. What did the scaling
# throw away: `"shape"` or `"level"`?

# %%
answer = ...
ak.lesson.check("10-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "level"
# ```
# The shape is left, and it is worth about a coin. What tells stress from rest here is how fast the heart
# beats, and that is what min-max removes.
# </details>
#
# **Exercise 10-4.** Design: person by person, a new method gains 0.03 on average, and the gains have a
# standard deviation of 0.09. How many people must a study have for the gain to stand two standard errors
# above zero?

# %%
answer = ...
ak.lesson.check("10-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = (2 * 0.09 / 0.03) ** 2   # standard error = sd / sqrt(n)
# ```
# 36 people, more than this set has. Small gains need many people, not many windows.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - gone from a pulse wave to beats, heart rate, windows and features,
# - kept people apart, and seen what happens if one does not: memory instead of skill,
# - unmasked the session's clock, which needs no heart at all,
# - measured an LSTM and a CNN where it counts: as a paired gain, over a rule without training, in strangers,
# - seen that repeating folds averages away the luck of the folds, and never that of the people,
# - taken a trained network to another study, and compared it with one that grew up there.

# %%
n = len(table)
about = {"n": n, "source": hearts.source}
table = table.assign(**{name: ak.evaluate.per_person_auc(y, p[:, 1], groups) for name, p in wide.items()})
for name, proba in (methods | wide).items():
    mean, low, high = ak.evaluate.mean_interval(table[name])
    ak.lesson.record(f"AUC per person: {name}", mean, low=low, high=high, **about)
    ak.lesson.record(f"spread of it (standard deviation): {name}", table[name].std(), **about)
    pooled = ak.evaluate.scores(y, proba, names, groups).loc["AUC"]
    ak.lesson.record(f"pooled AUC: {name}", pooled.value, low=pooled.low, high=pooled.high, **about)

# %%
for over, gains in (("the mean heart rate of a window", both), ("it, with the same minutes", added)):
    for name, row in gains.iterrows():
        ak.lesson.record(f"gain over {over}: {name}", row.difference, low=row.low, high=row.high, **about)
for name, values in draws.items():
    ak.lesson.record(f"heart-cnn in four folds, {name}: standard deviation", np.std(values), **about)
for name in travel:
    mean, low, high = ak.evaluate.mean_interval(travel[name])
    ak.lesson.record(f"AUC per person on WESAD: {name}", mean, low=low, high=high, n=len(travel),
                     source=abroad.source)

# %%
clock_auc = ak.evaluate.scores(y, clock, names, groups).loc["AUC"]
ak.lesson.record("AUC of the session clock alone", clock_auc.value, low=clock_auc.low, high=clock_auc.high,
                 **about)
for name, value in trap.items():
    ak.lesson.record(f"AUC of a random forest, {name}", value, **about)
ak.lesson.record("AUC per person, hearts turned round (a coin)", coin.mean(), **about)
ak.lesson.record("hegh2025, LSTM: accuracy as printed", 0.76, source="paper")
ak.lesson.records()

# %% [markdown]
# **Next:** [11 · Fusion](11_fusion.ipynb): when do two senses beat one?
