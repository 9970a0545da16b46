# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 03 · Heart signals: what does an emotion do to a heart, and how little is that?
#
# {{badges}}
#
# In this lesson you will
# - filter a raw pulse and find its beats, and count the mistakes against the truth, which a simulator knows,
# - see a moving arm ruin heart-rate variability, and gate it by quality,
# - cut a recording into windows and film clips, with the tools that laboratories use (MNE, NeuroKit2),
# - measure how much of a heart rate is the *person*, and how much the *emotion*.
#
# **Time** 45 minutes · **Builds on** [00 Start here](00_start_here.ipynb) · **Runs** in about half a minute,
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
ak.lesson.start("03 Heart signals", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %% [markdown]
# ## Ten seconds at the wrist
#
# A watch shines green light into the wrist and measures what comes back: less whenever a beat pushes blood
# through. The first half of this lesson uses **simulated** people, whatever data you have, for one reason:
# of a simulated heart we know every beat, and every movement of the arm. No real recording can tell us that.
#
# *Think first: how would you find the beats in ten seconds of it? What else is in the curve?*

# %%
import numpy as np

hearts = ak.twins.hearts
people = hearts.session("stress-predict", 8, random_state=SEED)  # an hour each: tasks, and rest between them
person = min(people, key=lambda p: abs(p.moving[:1800].mean() - 0.2))  # moves a fifth of the first half hour
pulse, rate = person.raw("bvp")
pulse.shape, rate  # samples, and samples a second [Hz]

# %%
by_minute = person.moving[:1800].reshape(30, 60).mean(axis=1)  # share of each minute in which the arm moves
quiet, busy = by_minute.argmin(), abs(by_minute - 0.5).argmin()  # number of a still and of a restless minute
time = np.arange(len(pulse)) / rate
ten = slice(int(60 * quiet * rate), int((60 * quiet + 10) * rate))
ak.plots.strips(time[ten] - time[ten][0], {"light": pulse[ten]},
                title=f"{person.group}: ten seconds of pulse, as the wrist gives it (twin)");

# %% [markdown]
# Each beat rises steeply and falls slowly, with a small second wave: its echo from the body. All of it rides
# on a slow drift, and the sensor adds a tremble.

# %% [markdown]
# ## The right filter, and two wrong ones
#
# A **band-pass** keeps frequencies between two edges. A heart beats 0.5 to 4 times a second, and the shape of
# a beat needs some harmonics above that: hence 0.5 to 8 Hz.
#
# *Think first: and if you keep just 1 to 1.5 Hz, where most hearts beat, and nothing else? What will come out
# if you put in pure noise, without any heart?*

# %%
import mne

signals = ak.preprocess.signals
clean = signals.bandpass(pulse, rate, low=0.5, high=8)  # MNE's filter, which moves nothing in time
wide = signals.bandpass(pulse, rate, low=0.05, high=30)
sharp = dict(l_trans_bandwidth=0.2, h_trans_bandwidth=0.2, verbose=False)  # how soft its edges are [Hz]
noise = np.random.default_rng(SEED).normal(0, pulse.std(), len(pulse))  # no heart in it
narrow, ghost = (mne.filter.filter_data(x, rate, 1, 1.5, **sharp) for x in (pulse.astype(float), noise))

# %%
shown = {"0.5 to 8 Hz": clean, "too wide:\n0.05 to 30 Hz": wide, "too narrow:\n1 to 1.5 Hz": narrow,
         "pure noise,\n1 to 1.5 Hz": ghost}
ak.plots.strips(time[ten] - time[ten][0], {name: x[ten] for name, x in shown.items()},
                title="Too wide keeps the tremble; too narrow finds a heart in noise (twin)");

# %% [markdown]
# The last strip is the trap. It beats like a heart, at a plausible rate, and there is no heart. **A filter
# that lets only a heart through makes a heart of everything.** And from the real pulse (third strip) it takes
# the shape by which one could tell. Keep the band as wide as the question allows, and filter *first*, cut
# later: each filter needs some seconds of run-up at both ends.

# %% [markdown]
# ## Beats, found and missed
#
# [NeuroKit2](https://neuropsychology.github.io/NeuroKit/) looks for the tops of the waves. A pulse needs a
# moment from the heart's push to its top, so we move the true beats by the usual delay before comparing.
#
# *Think first: how many of 100 beats does it miss while the arm is still? And while it moves?*

# %%
half_hour = slice(0, int(1800 * rate))
beats = signals.beats(pulse[half_hour], rate)  # a row a beat; some 3 s of work
beats.head(3).round(3)


# %%
def gap(beats, others):
    """How far each beat is from the nearest of the others [s]."""
    after = np.searchsorted(others, beats).clip(1, len(others) - 1)
    return np.minimum(abs(beats - others[after - 1]), abs(beats - others[after]))


# %%
found, true = beats["time"].to_numpy(), person.beats[person.beats < 1800]
delay = np.median(found[np.searchsorted(found, true[:-5])] - true[:-5])  # from the push to the top
true = true[true + delay > found[0]] + delay
missed, false = gap(true, found) > 0.15, gap(found, true) > 0.15  # nothing within 0.15 s

# %%
import pandas as pd

moving = person.moving.repeat(int(rate))  # at each sample, as the pulse
state_true, state_found = (np.where(moving[(x * rate).astype(int)], "moving", "still") for x in (true, found))
missed_by, false_by = pd.Series(missed).groupby(state_true), pd.Series(false).groupby(state_found)
errors = pd.DataFrame({"true beats": missed_by.size(), "missed %": 100 * missed_by.mean(),
                       "found": false_by.size(), "false %": 100 * false_by.mean()}).loc[["still", "moving"]]
errors.round(1)

# %%
start = 60 * busy
minute = slice(int(start * rate), int((start + 60) * rate))
marks = {name: x[(x >= start) & (x < start + 59)] - start for name, x in
         {"truth": true, "found": found[~false], "missed": true[missed], "false": found[false]}.items()}
ak.plots.strips(time[minute] - start, {"light": pulse[minute], "0.5 to 8 Hz": clean[minute]}, marks=marks,
                moving=moving[minute], title="Arm moves (grey): beats are missed and invented (twin)");

# %% [markdown]
# Still: about a beat in a hundred is missed, for now and then one hardly reaches the wrist. Moving: about
# every second beat is missed, and nearly every second one found is invented. An arm swings once or
# twice a second, just as a heart beats: **no filter can tell them apart.** What helps is to know *when not to
# measure*. The column `trusted` says which beats look like beats, at a plausible distance:

# %%
trust = beats["trusted"].groupby(state_found).mean().loc[["still", "moving"]]
trust.round(2)

# %% [markdown]
# ## Heart-rate variability
#
# A heart is no clock: it speeds up with each breath in, and slows down with each breath out. **RMSSD** sums
# that up: the root of the mean squared difference of successive intervals. It falls under stress, and it is
# what many papers feed to their models.
#
# *Think first: one missed beat makes one interval of two seconds out of two of one second. What does
# squaring do to that?*

# %%
def rmssd(squared, time):
    """Root of the mean of squared differences [ms], minute by minute."""
    return 1000 * np.sqrt(squared.groupby(time // 60).mean())


# %%
squared = beats["interval"].diff() ** 2
every_beat = rmssd(squared, beats["time"])
truth = rmssd(pd.Series(true).diff().diff() ** 2, pd.Series(true))

# %% [markdown]
# **Gating** takes two steps: leave differences to doubtful beats out, and keep only minutes in which at least
# nine of ten beats can be trusted.

# %%
both = beats["trusted"] & beats["trusted"].shift(fill_value=False)  # a beat, and the one before
share = beats["trusted"].groupby(beats["time"] // 60).mean()  # of each minute
gated = rmssd(squared.where(both), beats["time"]).where(share >= 0.9)
ratio = (every_beat / truth).groupby(by_minute > 0.2).median().rename({False: "still", True: "moving"})
ratio.round(1)  # measured from every beat : truth

# %%
ak.plots.rmssd_by_minute(truth, {"every beat": every_beat, "gated by quality": gated}, by_minute,
                         title=f"A moving arm makes variability {ratio['moving']:.0f} times too high (twin)");

# %% [markdown]
# The truth hardly changes, and one bad beat is enough to multiply what is measured. It even looks like a
# finding, for people move more when they are excited. Better no number than such a number: the kit's
# `signals.hrv` gates as well. Even where all is well it reads a little high, because 64 samples a second
# place a beat only to within 16 ms.

# %%
two_minutes = slice(int(60 * quiet * rate), int((60 * quiet + 120) * rate))
print(f"{gated.notna().mean():.0%} of the minutes pass the gate")
signals.hrv(pulse[two_minutes], rate).round(3)

# %% [markdown]
# ## Turn the knob
#
# Three minutes of one *person*: rest, an *emotion* of some *intensity*, rest. The two *filter* sliders are
# the corners of the band-pass, *peak threshold* says how far a beat must stand out, and the *window* chooses
# what is shown above and measured on the right, beside the truth.
#
# *Think first: while the arm moves (grey), which threshold invents beats, and which one misses them? And
# while it is still?* Then narrow the filter to 1.4 and 1.5 Hz: the wave looks like a perfect heart. Does the
# table agree? And give several people the same fear.

# %%
ak.apps.HeartLab().view()

# %% [markdown]
# It opens where the arm begins to move. Move the window into the first minute: found and true beats agree. In
# the grey stretch a low threshold invents beats, a high one misses them, and no place of the slider mends
# both; nor does a filter, however perfect its wave looks. RMSSD goes first: one wrong beat is enough.

# %% [markdown]
# ## Windows
#
# Models want inputs of one length. So a recording is cut into windows of 60 s, a new one every 10 s, none of
# which may cross from one task into the next: it would carry two labels.

# %%
task = np.concatenate([np.full(end - start, k) for k, (start, end, *_) in enumerate(person.segments)])
free, _ = signals.windows(person.heart_rate, 60, 10, rate=1)
kept, first = signals.windows(person.heart_rate, 60, 10, rate=1, boundaries=task)
# NBVAL_CHECK_OUTPUT
free.shape, kept.shape  # (windows, seconds, channels): fewer, for none lies across two tasks

# %% [markdown]
# ## Frequencies: breath and heart
#
# The **Fourier transform** asks of every frequency how much of it is in a signal:
# $A(f) = |\sum_t x_t\, e^{-2\pi i f t}|$. The taper in the code below fades both ends out, so that a cut
# edge is not taken for a rhythm.
#
# *Think first: the heart will be a peak. Where will you find the breath, in a signal from the wrist?*

# %%
def spectrum(x, rate):
    """Frequencies [Hz], and how much of each there is."""
    x = (x - x.mean()) * np.hanning(len(x))
    return np.fft.rfftfreq(len(x), 1 / rate), abs(np.fft.rfft(x))


# %%
calm = np.convolve(by_minute, np.ones(3), "valid").argmin()  # three minutes with a still arm
chest, chest_rate = person.raw("respiration")  # a belt around the chest
cut = {"wrist": (pulse, rate), "chest": (chest, chest_rate)}
cut = {name: (x[int(60 * calm * r): int(60 * (calm + 3) * r)], r) for name, (x, r) in cut.items()}
every = np.arange(60 * calm, 60 * (calm + 3), 0.25)
cut["time from\nbeat to beat"] = np.interp(every, true[1:], np.diff(true)), 4.0  # a value each quarter second

# %%
amplitudes = {name: spectrum(x, r) for name, (x, r) in cut.items()}
peak = {name: f[(f > low) & (f < high)][p[(f > low) & (f < high)].argmax()] for name, (f, p), low, high in
        (("breath", amplitudes["chest"], 0.12, 0.5), ("heart", amplitudes["wrist"], 0.7, 2.5))}
ak.plots.spectra(amplitudes, peak, title="The heart beats at the wrist, and breath paces the beats (twin)",
                 highest=3.0);

# %% [markdown]
# The wrist shows the heart (a broad peak, for it is no clock) and its harmonic at twice the frequency. The
# breath is in there too, but not as a peak of its own: it makes the *intervals* longer and shorter, and
# appears once we look at these. (Their other peak, near 0.1 Hz, is blood pressure swinging.) hegh2025 uses
# Fourier features beside mean and variance. Here they are of the windows above, power (amplitude squared,
# as log10) summed in four bands. Little is left of the fast ones: a watch smooths its heart rate over some
# ten seconds, and breath goes with it.

# %%
F = signals.features(kept, 1.0)
pd.DataFrame(F, columns=signals.feature_names(["heart rate"], 1.0)).head(3).round(2)

# %% [markdown]
# ## Forty film clips, in MNE
#
# DEAP is the set that hegh2025 trains on: 32 people watch 40 clips of a minute and rate each, from 1 to 9,
# for **valence** (unpleasant to pleasant) and **arousal** (calm to excited). Nobody ever said "anger" or
# "joy". Here is a simulated person in that protocol, four signals at 128 Hz.
#
# [MNE](https://mne.tools) keeps such a recording in one object: signals with names, types and units, and
# *annotations* that say what happened when.

# %%
mne.set_log_level("warning")
viewers = hearts.session("deap", 8, random_state=SEED)
viewer = min(viewers, key=lambda p: abs((p.ratings["arousal"] > 5).sum() - 20))  # uses both ends of the scale
kinds = {"bvp": "bio", "eda": "gsr", "temperature": "temperature", "respiration": "resp"}
info = mne.create_info(list(kinds), viewer.raw("bvp")[1], list(kinds.values()))
raw = mne.io.RawArray([viewer.raw(name)[0] for name in kinds], info)
raw.apply_function(lambda microsiemens: microsiemens * 1e-6, picks="eda")  # MNE counts in siemens
raw.times[-1], raw.get_channel_types()

# %%
names = ak.cards.get("deap").classes  # low and high arousal: above 5, or not
onset = [start + 3 for start, *_ in viewer.segments]  # each clip has 3 s of baseline before it
raw.set_annotations(mne.Annotations(onset, 60, [names[label] for *_, label in viewer.segments]))
events, codes = mne.events_from_annotations(raw)
events[:3], codes  # sample, nothing, code: in order of time

# %% [markdown]
# `mne.Epochs` cuts around the events: 3 seconds before each clip, and the clip. *Think first: events are in
# order of time, ratings in order of the clips' numbers. What happens if you put them side by side as they
# are?*

# %%
in_time = viewer.ratings.sort_values("trial").reset_index(drop=True)  # now as the events
epochs = mne.Epochs(raw, events, codes, tmin=-3, tmax=60 - 1 / 128, baseline=None, picks="all",
                    metadata=in_time, preload=True)
label = (epochs.metadata["arousal"] > 5).to_numpy().astype(int)
assert (label == (epochs.events[:, 2] == codes[names[1]])).all()  # ratings and events tell the same story
# NBVAL_CHECK_OUTPUT
epochs.get_data().shape  # (clips, channels, samples): 63 s at 128 Hz

# %% [markdown]
# Skin conductance wanders through the hour, so we look at its *change*: minus the mean of the 3 seconds
# before the clip. `Epochs(baseline=(-3, 0))` would do this to brain signals only and silently leave the skin
# as it is; `mne.baseline.rescale` does it to any array.

# %%
sweat = epochs.get_data(picks="eda")[:, 0] * 1e6  # back to µS; shape (clips, samples)
sweat = mne.baseline.rescale(sweat, epochs.times, (-3, 0))[:, ::64]  # two values a second are enough
ak.plots.film_clips(epochs.metadata, label, names, epochs.times[::64], sweat,
                    ylabel="skin conductance,\nchange [µS]",
                    title=f"{viewer.group} rates 40 clips, and what the skin does meanwhile (twin)");

# %% [markdown]
# A rating is what a person *says*, the conductance what the skin *does*; neither is the feeling. Where the
# bands (95 %, of the mean) part, this person's skin tells exciting clips from calm ones. **Turn the knob:**
# take `viewer = viewers[0]`, or any of the eight, above, and run again from there. Not every skin answers,
# and not everyone uses the scale from end to end.

# %% [markdown]
# ## What an emotion does
#
# Kreibig ([2010](https://doi.org/10.1016/j.biopsycho.2010.03.010)) reviewed 134 publications on what emotions
# do to the body. The simulator follows the **directions** she found; the **sizes** are this kit's own
# judgement, and stand open to yours:

# %%
states = list(ak.emotions.CANONICAL[:7])
pd.DataFrame(hearts.RESPONSES, index=hearts.Response._fields).T.loc[[*states, "stress"]]

# %% [markdown]
# That is the mean over people, at full intensity: fear adds 8 beats a minute. Now thirty people, each through
# all seven states, a minute each with a minute of rest between, in an order of their own. And we take the
# *true* beats: no sensor, no filter, no arm in the way.
#
# *Think first: you are told a stranger's heart rate, 85. Is the stranger afraid?*

# %%
n_people = ak.lesson.pick(PROFILE, quick=30, bench=300, full=1000)


def one_person(number):
    """True heart rate [beats/min] at rest and in the second half minute of each state."""
    order = np.random.default_rng([SEED, number]).permutation(states)
    course = [("neutral", 0, 120), *((s, i, 60) for name in order for s, i in ((name, 1), ("neutral", 0)))]
    someone = hearts.simulate(course, person=number, random_state=SEED)
    moments = {"rest": (30, 120)} | {name: (a + 30, b) for a, b, name, _ in someone.segments[1::2]}
    beats = someone.beats
    return {name: 60 / np.diff(beats[(beats >= a) & (beats < b)]).mean() for name, (a, b) in moments.items()}


# %%
felt = pd.DataFrame([one_person(number) for number in range(n_people)])
felt.head(3).round(1)


# %%
def variance_shares(table):
    """What part of the variance lies between rows (people), and between columns (states)."""
    x = table.to_numpy(float)
    total, n_rows, n_columns = ((x - x.mean()) ** 2).sum(), *x.shape
    person = n_columns * ((x.mean(axis=1) - x.mean()) ** 2).sum() / total
    state = n_rows * ((x.mean(axis=0) - x.mean()) ** 2).sum() / total
    return pd.Series({"the person": person, "the state": state, "everything else": 1 - person - state})


# %%
raw_shares = variance_shares(felt[states])
raw_shares.round(3)

# %% tags=["hero"]
who, what = raw_shares[:2]
ak.plots.who_or_what(felt[states].head(30), xlabel="heart rate [beats/min]",
                     title=f"Whose heart it is: {who:.0%} of the variance. The emotion: {what:.0%} (twin)");

# %% [markdown]
# Below, the emotions are in order, fear and anger ahead, as the literature has it: *on average* emotions do
# move the heart. Above, in the people, hardly a row keeps that order, and rows lie further apart than the
# dots of most of them. A rate of 85 is one person's fear and the next one's rest.
#
# "Everything else" is no small thing either: how a person reacts (some hardly, one in twenty the other way
# round), how fast, and the heart's own wandering. A heart rate is **not** a feeling. **Turn the knob:** the 1
# in `(name, 1)` is the intensity, that of the strongest emotions a laboratory can cause. Set it to 0.5.

# %% [markdown]
# ## And in real people?
#
# That could be the simulator's whim. So here is Stress-Predict: rest against stress tasks, as a rule a
# stronger push than a film clip. Where the real set lies in your data folder this is real; the title says so.

# %%
tasks = ak.datasets.load("stress-predict", source=SOURCE, random_state=SEED)
windows = pd.DataFrame({"person": tasks.groups, "state": tasks.target, "rate": tasks.data.mean(axis=(1, 2))})
rest_stress = windows.pivot_table("rate", "person", "state")  # mean over each person's windows
ak.plots.stress_shift(rest_stress[0], rest_stress[1], source=tasks.source);

# %%
task_shares = variance_shares(rest_stress)
print(f"{tasks.source}: person {task_shares.iloc[0]:.0%}, rest or stress {task_shares.iloc[1]:.0%}")

# %% [markdown]
# Most people's stress lies to the right of their own rest, and to the left of somebody else's.

# %% [markdown]
# ## The remedy, and its price
#
# If people are the problem, take the person out: put each into units of their **own** mean and standard
# deviation (`signals.standardise_by_person`). No label is used. But the *whole recording* is: a watch that
# wants to warn you now does not have it yet. A cheaper way subtracts the first two minutes of rest, and works
# live.
#
# *Think first: how much will the share of the emotion grow? Will "everything else" go away, too?*

# %%
own_rest = felt[states].sub(felt["rest"], axis=0)
number = np.repeat(np.arange(n_people), len(states))
own_scale = felt[states].to_numpy().reshape(-1, 1)  # a row a person and state
own_scale = signals.standardise_by_person(own_scale, number).reshape(n_people, -1)
scaled = windows.assign(rate=signals.standardise_by_person(windows[["rate"]].to_numpy(), tasks.groups))

# %%
own_scale = pd.DataFrame(own_scale, columns=states)
remedies = {"7 emotions: as measured": felt[states], "7 emotions: minus own rest": own_rest,
            "7 emotions: own scale": own_scale, "rest or stress: as measured": rest_stress,
            "rest or stress: own scale": scaled.pivot_table("rate", "person", "state")}
shares = pd.DataFrame({name: variance_shares(table) for name, table in remedies.items()}).T

# %%
ak.plots.shares(shares, title=f"What a heart rate depends on (emotions: twin; stress: {tasks.source})");

# %% [markdown]
# Own scale makes the person vanish (nearly so in the last row, where people were stressed for different
# shares of their hour), and the emotion's share several times larger, without any network. Two honest
# remarks. First, "everything else" stays: how *you* react to fear cannot be scaled away, it has to be learnt
# from you. Second, whoever scales with the whole recording of a test person must say so (**transductive**),
# for it cannot run live. Subtracting a rest at the beginning can, but it is only as good as those two
# minutes.
#
# How sure are these shares? Draw *people*, with replacement, and compute again. (And what would chance alone
# leave to a state that does nothing? About "everything else" divided by the number of people: with thirty of
# them three percent at the most.)

# %%
rng = np.random.default_rng(SEED)


def interval(table, column):
    """95 % bootstrap interval of a share, drawing people."""
    draws = [variance_shares(table.iloc[rng.integers(0, len(table), len(table))])[column] for _ in range(500)]
    return dict(zip(("low", "high"), np.percentile(draws, (2.5, 97.5)), strict=True))


# %%
ends = {(name, part): interval(table, part) for name, table in remedies.items()
        for part in ("the person", "the state")}
pd.DataFrame(ends).T.round(3)

# %% [markdown]
# ## Try it yourself
#
# **Exercise 03-1.** Only 1 to 1.5 Hz pass an ideal filter. Which heart rates, `(lowest, highest)` in beats a
# minute, can come out of it, whatever goes in?

# %%
answer = ...
ak.lesson.check("03-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 60 * 1, 60 * 1.5
# ```
# 60 to 90: always plausible, even where the heart beats 120 times, or where there is none.
# </details>
#
# **Exercise 03-2.** Intervals of 800 ms, without end, and RMSSD is 0. Now a single beat of 11 is missed: the
# ten intervals become nine, `[800, 800, 800, 800, 1600, 800, 800, 800, 800]`. What is RMSSD now, in ms?

# %%
answer = ...
ak.lesson.check("03-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = np.sqrt(np.mean(np.diff([800] * 4 + [1600] + [800] * 4) ** 2))
# ```
# 400 ms, where 20 to 60 are usual, and all of it from one beat.
# </details>
#
# **Exercise 03-3.** How many windows of 60 s, one every 10 s, fit into a task of 355 s?

# %%
answer = ...
ak.lesson.check("03-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = len(signals.windows(np.zeros(355), 60, 10, rate=1)[0])   # (355 - 60) // 10 + 1
# ```
# </details>
#
# **Exercise 03-4.** Design: a bracelet shall warn its owner of stress, from the first day on and at once.
# Which scaling can it use: `"own scale of the whole recording"`, `"minus own rest at the beginning"` or
# `"scale of all people together"`, if it also must not mistake *who* for *what*?

# %%
answer = ...
ak.lesson.check("03-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "minus own rest at the beginning"
# ```
# The whole recording does not exist yet, and the scale of all people leaves the person in.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - filtered a pulse, and seen a narrow filter make a heart of noise,
# - counted beats against the truth: nearly perfect while the arm is still, a coin's throw while it moves,
# - gated variability by quality, cut windows within tasks, and epochs in MNE,
# - split a heart rate into person, emotion and the rest, and taken the person out, at a price.

# %%
for state, row in errors.iterrows():
    about = {"unit": "%", "source": "twin"}
    ak.lesson.record(f"beats missed, arm {state}", row["missed %"], n=int(row["true beats"]), **about)
    ak.lesson.record(f"false beats, arm {state}", row["false %"], n=int(row["found"]), **about)
    ak.lesson.record(f"measured RMSSD : truth, arm {state}", ratio[state], source="twin")
for name, table in remedies.items():
    source = "twin" if name.startswith("7 emotions") else tasks.source
    for part in ("the person", "the state"):
        ak.lesson.record(f"{name}: variance share of {part}", shares.loc[name, part], n=len(table),
                         source=source, **ends[name, part])
ak.lesson.records()

# %% [markdown]
# What the papers say: hegh2025 reports 76 to 86 % for *seven* emotions from hearts, on DEAP, which has
# ratings and no emotions, and without a word on whether the people tested were trained on. After this lesson
# you know what to ask; lesson 10 asks it of networks. **Next:**
# [04 · Simple augmentation](04_simple_augmentation.ipynb): how many faces can you make out of one?
