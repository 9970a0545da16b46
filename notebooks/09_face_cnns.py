# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 09 · Face CNNs: how well does a small network read a face?
#
# {{badges}}
#
# In this lesson you will
# - build the three-convolution network of hegh2025 block by block, and know the shape at every step,
# - train it, and decide *inside the training data* when to stop,
# - read its score with interval, baseline and credible band, and look at every kind of mistake it makes,
# - ask it where it looks, and check the answer instead of believing it.
#
# **Time** 35 minutes · **Builds on** [01 Class imbalance](01_class_imbalance.ipynb) · **Runs** in about a
# minute on two cores, offline

# %% [markdown]
# ## Setup
#
# The `quick` profile trains on a few thousand faces for a few epochs. `bench` trains on all 28,709 faces of
# FER-2013's training part (twice about ten minutes on two cores), `full` for the paper's 100 epochs.

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
ak.lesson.start("09 Face CNNs", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
happiest = ak.lesson.pick(PROFILE, quick=800, bench=None, full=None, cap=60)  # most faces a class
epochs = ak.lesson.pick(PROFILE, quick=5, bench=24, full=100, cap=1)

# %% [markdown]
# ## The faces
#
# FER-2013 has an official split. We train on *Training* and read the score on *PublicTest*, which the kit
# calls `"val"`. *PrivateTest* stays closed: one day you will want a set that nobody has looked at.

# %%
train = ak.datasets.load("fer2013", source=SOURCE, split="train", max_per_class=happiest, random_state=SEED)
test = ak.datasets.load("fer2013", source=SOURCE, split="val", random_state=SEED)
train.data.shape, test.data.shape, train.source  # (faces, height, width), grey values 0..255

# %% [markdown]
# A smaller set must keep the odds of the large one, or the lesson would teach a different problem. The card
# knows how many of each there are.

# %%
import numpy as np
import pandas as pd

counts = np.array(ak.cards.get("fer2013").counts["train"])
most = np.bincount(train.target).max()
rows = [np.flatnonzero(train.target == k)[:max(4, most * n // counts.max())] for k, n in enumerate(counts)]
X, y = train.data[np.concatenate(rows)], train.target[np.concatenate(rows)]
pd.Series(y).value_counts().sort_index().set_axis(train.target_names).rename("faces to train on").to_frame().T

# %% [markdown]
# ## Build the network
#
# hegh2025 names its layers and not their sizes: *"3 convolutional layers (ReLU, max pooling), flatten and
# fully connected layers with softmax"*, dropout 0.3 and batch normalisation. One block is four layers:
#
# *Think first: an image of 48 x 48 goes in. A 3 x 3 convolution with padding keeps the size, a 2 x 2 pooling
# halves it. What is left after three blocks?*

# %%
import torch

block = ak.nets.faces.conv_block(1, 32, kernel=3)  # 1 grey channel in, 32 filters out
block

# %%
x = torch.zeros(1, 1, 48, 48)  # one empty image: (n, channels, height, width)
x = block(x)
# NBVAL_CHECK_OUTPUT
x.shape  # 48x48 => 24x24, 1 channel => 32

# %% [markdown]
# The first block sees edges, the second corners and curves, the third pieces of a face. Each block halves the
# picture and describes what is left in more words. The whole network stacks three:

# %%
network = ak.nets.FaceCNN(n_classes=7, image_size=48)
shapes, x = {}, torch.zeros(2, 1, 48, 48)
for name, part in network.named_children():
    x = part(x)
    shapes[name] = [tuple(x.shape[1:]), ak.nets.count_parameters(part)]
# NBVAL_CHECK_OUTPUT
pd.DataFrame(shapes, index=["shape of what comes out", "parameters"]).T

# %% [markdown]
# Nine parameters in ten sit in the first dense layer: after flattening, every one of the 4,608 numbers is
# wired to every hidden unit. `standardise` gives each photograph mean 0 and spread 1, so that a dark picture
# is not a sad one.

# %% [markdown]
# ## More faces for free
#
# hegh2025 flips, rotates and brightens the training faces. The kit does this for a whole batch at once on the
# device, anew in every epoch; a slight zoom and shift is added, because crops of faces differ by as much.
#
# *Think first: which of these changes could change the emotion? Would you flip a face upside down?*

# %%
torch.manual_seed(SEED)
face = torch.tensor(X[y == 3][:1] / 255, dtype=torch.float32)[:, None]  # one happy face: (1, 1, 48, 48)
variants = ak.learn.augment_faces(face.repeat(12, 1, 1, 1)).squeeze() * 255
ak.plots.gallery(variants.numpy(), [""] * 12, title=f"One face, as the network meets it ({train.source})");

# %% [markdown]
# Mirror, tilt and light keep the expression. Upside down is a face that no camera meets: it would only make
# the task harder.

# %% [markdown]
# ## Train
#
# `fit` holds out a tenth of the *training* faces. After each epoch it looks at them, and in the end it
# restores the epoch that was best there. The test faces play no part: whoever stops where the test score is
# best has trained on it.
#
# The recipe: Adam, a learning rate that climbs for a tenth of the time and then falls to zero, batches of 64,
# and a little label smoothing, because people themselves agree on only two faces in three.

# %%
net = ak.learn.classifier("face-cnn", max_epochs=epochs, random_state=SEED, device=DEVICE, verbose=1)
net.fit(X, y)
history = pd.DataFrame(net.history_.to_list())
history[["epoch", "train_loss", "valid_loss", "train_acc", "valid_acc", "lr", "dur"]].tail(3)

# %% [markdown]
# *Think first: the training faces are augmented, the held-out ones are not. Which of the two accuracies do
# you expect to be higher in the first epochs?*

# %%
ak.plots.training_curves(history, best_epoch=net.best_epoch_, source=train.source);

# %% [markdown]
# Training accuracy is measured on distorted faces and with dropout, so it may lie *below* the held-out one at
# first. Overfitting shows when the two loss curves part: training keeps falling, the held-out curve turns up.

# %% [markdown]
# ## The score, in full
#
# *Think first: seven emotions, so a blind guess is right in one of seven. What does the laziest rule that
# knows the counts get?*

# %%
proba = net.predict_proba(test.data)  # (3589, 7), each row sums to 1
table = ak.evaluate.scores(test.target, proba, test.target_names, dataset="fer2013")
table

# %% [markdown]
# The laziest rule says *happy* and is right in a quarter of the cases: column `baseline`. Each score has a 95
# % interval, the majority guesser as `baseline` and, where evidence exists, the band of credible results.
# Accuracy stands beside macro-F1 and balanced accuracy, which give every emotion the same say.
#
# Is the split clean? `audit_split` looks for the same face on both sides:

# %%
both = np.concatenate([X, test.data])
findings = ak.evaluate.audit_split(np.arange(len(X)), np.arange(len(X), len(both)), X=both)
findings[findings.severity != "not checked"]

# %%
seen = {image.tobytes() for image in X}
fresh = np.array([image.tobytes() not in seen for image in test.data])
accuracy = (proba.argmax(1) == test.target).mean()
accuracy_fresh = (proba.argmax(1) == test.target)[fresh].mean()
print(f"{(~fresh).sum()} test faces stand in our training set as well; "
      f"accuracy with them {accuracy:.1%}, without {accuracy_fresh:.1%}")

# %% [markdown]
# The twin has no copies. The real FER-2013 has: it was collected by web search, and 280 of the 3,589 faces of
# PublicTest (7.8 %) stand byte for byte in Training. The official score contains them; an honest report gives
# both.

# %% [markdown]
# ## What is taken for what?
#
# *Think first: which two emotions will be confused most? Write down a pair.*

# %% tags=["hero"]
ak.plots.confusion(test.target, proba.argmax(1), test.target_names, source=test.source);

# %% [markdown]
# Read a row: of all faces with this label, what share was called what? The diagonal is recall. Happiness and
# surprise change the whole lower face, which helps; but surprise shares eyes and brows with fear, and fear,
# sadness and anger share their brows, so these are mixed up. Look for the lowest diagonal cell: after few
# epochs it is disgust, the rarest; after long training fear is usually as hard. Then look for the largest
# cell off the diagonal: was it your pair?

# %% [markdown]
# ## The most confident mistakes
#
# An average hides its cases. Here are the faces where the network was surest and the label disagrees.
#
# *Think first: who is wrong, the network or the label?*

# %%
said = proba.argmax(1)
sure = np.where(said == test.target, 0, proba.max(1))
worst = np.argsort(-sure)[:12]
names, colours = test.target_names, [ak.emotions.colour(name) for name in test.target_names]
captions = [f"{names[said[i]]} {sure[i]:.0%}\n(label: {names[test.target[i]]})" for i in worst]
ak.plots.gallery(test.data[worst], captions, colours=[colours[said[i]] for i in worst],
                 title=f"Sure, and against the label ({test.source})");

# %% [markdown]
# With some of these you will side with the network. Labels of emotions are opinions, and people agree with
# those of FER-2013 about 65 times in 100. So 65 % is level with people, the best reproduced single networks
# stop near 73-74 % (they have learnt the labellers' habits, too), and a claim far above should make you look
# for a leak.

# %% [markdown]
# ## Where does it look?
#
# Grad-CAM weighs the maps of a convolution by how much each pushes the answer, and adds them up: bright is
# where the evidence came from. Captum computes it from the trained network as it is.

# %%
from captum.attr import LayerAttribution, LayerGradCam

best = [np.where(test.target == k, proba[:, k], -1).argmax() for k in range(7)]  # the clearest of each
images = torch.tensor(test.data[best] / 255, dtype=torch.float32)[:, None]  # (7, 1, 48, 48)

# %%
module = net.module_.cpu().eval()
gradcam = LayerGradCam(module, module.blocks[2][0])  # the third convolution: 128 maps of 12x12
heat = gradcam.attribute(images, target=torch.arange(7), relu_attributions=True)
heat = LayerAttribution.interpolate(heat, (48, 48), "bilinear").detach().numpy()[:, 0]
heat.shape

# %%
captions = [f"{name} {proba[i, k]:.0%}" for k, (i, name) in enumerate(zip(best, names, strict=True))]
ak.plots.gallery(test.data[best], captions, heat=heat, columns=7, colours=colours,
                 title=f"The clearest face of each emotion, and where its evidence lies ({test.source})");

# %% [markdown]
# A beautiful map is not yet a true one. A simple test: hide the brightest fifth of each face's pixels behind
# its mean grey, and the confidence should fall more than when the darkest fifth is hidden.
#
# *Think first: what would a map give that merely paints the middle of every picture?*

# %%
def confidence_without(hidden):  # hidden: bool (n, 48, 48)
    covered = np.where(hidden, test.data[best].mean((1, 2), keepdims=True), test.data[best])
    return net.predict_proba(covered.astype(np.uint8))[range(7), range(7)].mean()

# %%
rank = heat.reshape(7, -1).argsort(1, kind="stable").argsort(1).reshape(heat.shape) / heat[0].size  # 0..1
effect = {"nothing hidden": confidence_without(np.zeros_like(heat, bool)),
          "darkest fifth hidden": confidence_without(rank < 0.2),
          "brightest fifth hidden": confidence_without(rank >= 0.8)}
pd.Series(effect).round(2).rename("mean confidence").to_frame()

# %% [markdown]
# If the last number is clearly the *lowest*, the bright parts carried the evidence. If hiding dark parts
# costs as much, the map is decoration, or grey patches alone confuse the network. A map that paints the
# middle of every picture would pass, too, because faces sit there. Seven faces illustrate; a study would take
# hundreds.

# %% [markdown]
# ## Look twice: the mirror
#
# A mirrored face shows the same emotion. Averaging the answer to a face and to its mirror image costs nothing
# but time; papers do so often, not all say so.

# %%
proba_flip = net.predict_proba(test.data, flip=True)
flip = ak.evaluate.compare(test.target, proba, proba_flip)
flip

# %% [markdown]
# Both are scored on the same faces, so what is hard for both cancels, and the interval of the *difference* is
# what counts. We report the single view. Whether to flip is a choice, and choices belong into the training
# data.

# %% [markdown]
# ## The rare class, for free
#
# Class weights make a disgusted face count as much in the loss as its class is rare. Same network, same seed,
# one argument more.
#
# *Think first: recall of disgust will rise. What do you expect of accuracy?*

# %%
weighted = ak.learn.classifier("face-cnn", max_epochs=epochs, random_state=SEED, device=DEVICE,
                               class_weight="balanced", verbose=1)
weighted.fit(X, y)
proba_weighted = weighted.predict_proba(test.data)

# %%
recall = pd.DataFrame({name: ak.evaluate.per_class(test.target, p, names)["recall"]
                       for name, p in (("plain", proba), ("class weights", proba_weighted))})

# %%
rare_first = recall.index[np.argsort(counts)]
ak.plots.recalls(recall.loc[rare_first], title=f"Class weights, rarest emotion first ({test.source})");

# %%
ak.evaluate.compare(test.target, proba, proba_weighted)

# %% [markdown]
# The rare gains, the common pay: after a few epochs the price is high, because the loud voice of a few
# disgusted faces drowns lessons that all faces need. The table says what it is here. This is the free rival
# that synthetic faces have to beat in lesson 08. Mind the numbers behind the bar of disgust: 56 faces, so its
# recall is known to about ±13 points.

# %% [markdown]
# ## Beside the paper
#
# hegh2025 reports 62 % for this network on FER-2013, and 81 % once GAN-made faces are added. Ours, people's,
# and the majority guesser's:

# %%
low, high, _ = ak.evaluate.credible_band("fer2013", "plain-cnn")
score = table.loc["accuracy"]
context = pd.DataFrame(
    {"always the most frequent": (score["baseline"], np.nan, np.nan, True),
     f"face-cnn, {PROFILE} ({test.source})": (score["value"], score["low"], score["high"], True),
     "hegh2025 CNN": (0.62, np.nan, np.nan, False),
     "people (Goodfellow et al. 2013)": (0.65, 0.60, 0.70, False),
     "hegh2025 CNN + GAN faces": (0.81, np.nan, np.nan, False)}, index=["value", "low", "high", "ours"])
ak.plots.in_context(context.T.infer_objects(), band=(low, high),
                    title="FER-2013, seven emotions: ours (blue) and theirs (orange)");

# %% [markdown]
# 62 % is what a plain network gets. 81 % is above every single network reproduced on this set (73-74 %), and
# above people. Lesson 08 adds GAN faces *inside the training part* and looks; lesson 18 puts all papers
# side by side. A twin's score is no rival of a real one: it says how hard the simulator is.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 09-1.** How many numbers would reach the first dense layer if the faces had 64 x 64 pixels?

# %%
answer = ...
ak.lesson.check("09-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = ak.nets.FaceCNN(image_size=64).blocks(torch.zeros(1, 1, 64, 64)).numel()   # 128 x 8 x 8
# ```
# </details>
#
# **Exercise 09-2.** The test part has 56 disgusted faces. Say the network finds 40 % of them. How wide is the
# 95 % interval of that recall, from end to end?

# %%
answer = ...
ak.lesson.check("09-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = 2 * 1.96 * (0.4 * 0.6 / 56) ** 0.5   # 0.26
# ```
# A gain of ten points on disgust is inside the noise of one run. Use several seeds, and pair them.
# </details>
#
# **Exercise 09-3.** Train once without augmentation (`augment=False`). By how much does the gap between
# training and held-out accuracy grow? Take the last epoch of both histories.

# %%
answer = ...
ak.lesson.check("09-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# bare = ak.learn.classifier("face-cnn", max_epochs=epochs, random_state=SEED, augment=False).fit(X, y)
# gap = lambda net: net.history_[-1]["train_acc"] - net.history_[-1]["valid_acc"]
# answer = gap(bare) - gap(net)
# ```
# The network now sees the same pixels in every epoch, and begins to know them by heart.
# </details>
#
# **Exercise 09-4.** Design: a colleague generates 5,000 disgusted faces with a GAN that was trained on *all*
# of FER-2013, adds them to the training part, and finds +10 points on PublicTest. What is the first thing to
# change: `"more epochs"`, `"train the GAN on the training part only"` or `"a larger network"`?

# %%
answer = ...
ak.lesson.check("09-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "train the GAN on the training part only"
# ```
# A generator that saw the test faces carries them into the training set. Then put class weights beside it,
# take three seeds, and pair them.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - built a network of three convolutions and followed the shape from 48 x 48 pixels to seven scores,
# - trained it with early stopping inside the training data,
# - read a score with interval, baseline and band, with and without the copies across the split,
# - looked at confusions, confident mistakes and heat maps, and tested a heat map instead of believing it,
# - given the rare class a voice, for free.

# %%
figures = {metric: table.loc[metric] for metric in ("accuracy", "balanced accuracy", "macro-F1")}
figures["accuracy without copies"] = ak.evaluate.scores(
    test.target[fresh], proba[fresh], test.target_names).loc["accuracy"]
figures["accuracy with the mirror"] = ak.evaluate.scores(
    test.target, proba_flip, test.target_names).loc["accuracy"]
for name, row in figures.items():
    n = int(fresh.sum()) if "copies" in name else len(fresh)
    ak.lesson.record(f"face-cnn: {name}", row.value, low=row.low, high=row.high, n=n, source=test.source)

# %%
from scipy.stats import binomtest

n = int((test.target == 1).sum())  # disgusted faces
for name, value in recall.loc["disgust"].items():
    low, high = binomtest(round(value * n), n).proportion_ci(method="wilson")
    ak.lesson.record(f"recall of disgust, {name}", value, low=low, high=high, n=n, source=test.source)
ak.lesson.record("face-cnn: minutes of training", history["dur"].sum() / 60, unit="min", source=train.source)
ak.lesson.record("hegh2025: CNN accuracy", 0.62, source="paper")
ak.lesson.record("hegh2025: CNN + GAN accuracy", 0.81, source="paper")
ak.lesson.records()

# %% [markdown]
# **Next:** [10 · Heart LSTM](10_heart_lstm.ipynb): does a heartbeat give stress away, in a person never met?
