# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Faces and action units: what does a face do when it shows an emotion?
#
# {{badges}}
#
# In this lesson you will
# - take a face apart into 21 movements, and know the muscle behind each,
# - put emotions together from them, one-sided contempt and eleven compound expressions among them,
# - measure what light and pose do to a picture, and how little an emotion does beside them,
# - run a face *backwards*: find the movements in a picture, by gradient descent.
#
# **Time** 35 minutes · **Builds on** [01 Class imbalance](01_class_imbalance.ipynb) · **Runs** in about half
# a minute, offline

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
ak.lesson.start("02 Faces and action units", profile=PROFILE, source=SOURCE, seed=SEED, device=DEVICE)

# %%
from matplotlib_inline.backend_inline import set_matplotlib_formats

set_matplotlib_formats("jpeg", pil_kwargs={"quality": 70})  # PNG would be too large
steps = ak.lesson.pick(PROFILE, quick=120, bench=400, full=400, cap=2)  # of gradient descent, at the end
who = 26 + SEED  # the person of this lesson,
person = dict(random_state=who, crease=0.8, fold=0, bend=0, mouth_curve=0)  # an even face,
person |= dict(brow_dark=0.95, brow_thick=0.045)  # with brows that one can read

# %% [markdown]
# ## The alphabet of a face
#
# In the 1970s Paul Ekman and Wallace Friesen took faces apart into *action units*: movements that a muscle,
# or a few, can make on their own. Their Facial Action Coding System (FACS) names no emotion. It says what
# moves.
#
# *Think first: in a broad smile, what moves besides the mouth?*

# %%
import pandas as pd

pd.DataFrame(ak.emotions.FACS, index=["name", "muscle", "what one sees"]).T

# %% [markdown]
# The kit's face twin draws a head in three dimensions and knows these 21 units. Nobody below exists, so we
# may move their muscles one at a time, which hardly any living person can.

# %%
import numpy as np

units = list(ak.emotions.FACS)
look = dict(size=160, channels=3, **person)
neutral = ak.twins.faces.render(**look)  # (160, 160, 3)
singles = [ak.twins.faces.render({unit: 1}, **look) for unit in units]
moved = np.abs(np.stack(singles).astype(float) - neutral).mean(-1)  # (21, 160, 160): grey levels

# %%
def words(unit):  # "AU4" => "4 brow\nlowerer"
    return f"{unit[2:]} {ak.emotions.FACS[unit].name[::-1].replace(' ', chr(10), 1)[::-1]}"

heat = np.stack([0 * moved[0], *moved])
ak.plots.gallery([neutral, *singles], ["neutral\n", *map(words, units)], heat=heat, columns=8,
                 title="21 action units on one face, and where each changes the picture (twin)");

# %% [markdown]
# Bright is where the picture changed. Units 1 to 7 and 43 live in the brows and around the eyes, 9 to 11 on
# nose and upper lip, the others around the mouth. A jaw that drops (26, 27) lengthens the face, and so moves
# everything a little.

# %% [markdown]
# ## A little, half, fully
#
# FACS grades a unit from A (a trace) to E (the most a person can do). The twin takes any number from 0 to 1.
#
# *Think first: from which grade on would you call it a smile? A frown? Open eyes?*

# %%
grades = (0, 0.25, 0.5, 0.75, 1)
rows = {"smile": ("AU6", "AU12"), "frown": ("AU4",), "wide eyes": ("AU1", "AU2", "AU5")}
strip = [ak.twins.faces.render(dict.fromkeys(names, x), **look) for names in rows.values() for x in grades]
captions = [f"{row} {x:g}" for row in rows for x in grades]
ak.plots.gallery(strip, captions, columns=5, title="The same movement, from none to full (twin)");

# %% [markdown]
# There is no line at which a smile begins. A label *happy* draws one all the same, and two people draw it in
# different places: one reason why labels disagree.

# %% [markdown]
# ## Left and right
#
# Most units come in pairs, and a face can use one half alone: `L12` is the *person's* left. Table VI of
# Alharbawee & Pugeault (2024) gives contempt a single unit, 12; EMFACS adds 14, the dimple, and says: on one
# side.
#
# *Think first: what does a smile become when half of it is missing?*

# %%
halves = {"12, both sides": {"AU12": 0.8}, "L12": {"L12": 0.8}, "R12": {"R12": 0.8},
          "R12 + R14: contempt": {"R12": 0.6, "R14": 1}}
ak.plots.gallery([ak.twins.faces.render(half, **look) for half in halves.values()], list(halves), columns=4,
                 title="Half a smile is another message (twin)");

# %% [markdown]
# ## From units to emotions
#
# Which units make which emotion? The same table gives a recipe for each:

# %%
recipes = {name: " + ".join(parts) or "–" for name, parts in ak.emotions.PROTOTYPES.items()}
pd.Series(recipes).str.replace("AU", "").rename("action units").to_frame()

# %% [markdown]
# People do not follow recipes. Anger can press its lips or yell, sadness can be quiet or cry. The twin
# therefore holds several *scenarios* an emotion, and lets units be weaker, missing, or joined by a stranger.
#
# *Think first: fear and surprise share units 1, 2, 5 and 25. How often would you tell them apart?*

# %%
emotions = list(ak.emotions.CANONICAL)
shown = np.repeat(emotions, 8)
sheet, extras = ak.twins.faces.portray(shown, size=128, channels=3, style="acted", random_state=[SEED, 2])
ak.plots.face_sheet(sheet, np.repeat(range(8), 8), emotions, per_class=8, source="twin",
                    title="Eight emotions, eight people each, in a studio (twin)");

# %% [markdown]
# Most of these you can name at once; some you cannot, and that is no fault of the drawing. What was drawn is
# known exactly. In the wild it is harder still: half of the twin's *wild* pictures are **blends** of two
# emotions, such as fear with some surprise, or sadness thinned by neutral (`ak.twins.faces.BLENDS`). Over 200
# of them for each emotion:

# %%
shown = np.repeat(emotions, 200)
_, extras = ak.twins.faces.portray(shown, size=2, random_state=[SEED, 3])  # tiny: we want the units
used = pd.DataFrame(extras["action_units"], columns=extras["action_unit_names"])
profile = used.groupby(shown).mean().loc[emotions]
ak.plots.unit_profile(profile, title="What faces do for each emotion, on average (twin)");

# %% [markdown]
# Happiness stands out by 6 and 12, disgust by 9 and 10. But anger borrows some of 9 and 10, fear shares
# raised brows and wide eyes (1, 5) with surprise and knitted brows (1, 4) with sadness, and nearly everybody
# parts the lips (25). Expect a network to confuse such pairs: in lesson 09 you can check.

# %% [markdown]
# ## Two at a time
#
# Du, Tao & Martinez (2014) found that people show, and recognise, *compound* expressions. RAF-DB has labels
# for eleven. The twin joins the units of both parts at full strength; a blend, as above, divides one strength
# between the two.
#
# *Think first: what do you expect of "sadly surprised", when sadness lowers what surprise lifts?*

# %%
compounds = list(ak.emotions.COMPOUNDS)
pictures, _ = ak.twins.faces.portray(
    compounds, identity=[8] * 11, size=160, channels=3, style="acted", random_state=[SEED, 2])
colours = [ak.emotions.colour(name) for name in compounds]
ak.plots.gallery(pictures, [name.replace(" ", "\n") for name in compounds], colours=colours, columns=6,
                 title="Eleven compound expressions of one person (twin)");

# %% [markdown]
# ## What the camera adds
#
# A network never sees a face, only a picture of one. The same person now shows seven emotions; then keeps a
# neutral face while a lamp moves; then turns the head.
#
# *Think first: which of the three changes the most pixels?*

# %%
recipe = {name: dict.fromkeys(ak.emotions.PROTOTYPES[name], 0.9) for name in emotions[:7]}
turns, lamps = np.radians([-30, -20, -10, 0, 10, 20, 30]), np.linspace(-1.2, 1.2, 7)
gray = dict(size=160, **person)
seven = {"another expression": [ak.twins.faces.render(recipe[name], **gray) for name in recipe],
         "the lamp moves": [ak.twins.faces.render(light_x=x, **gray) for x in lamps],
         "the head turns": [ak.twins.faces.render(yaw=x, **gray) for x in turns],
         "another person": [ak.twins.faces.render(**gray | {"random_state": who + k}) for k in range(7)]}

# %%
captions = [*recipe, *[""] * 21]
ak.plots.gallery(sum(seven.values(), []), captions, columns=7,
                 title="Seven expressions, seven lamps, seven turns, seven people (twin)");

# %%
from itertools import combinations


def apart(pictures):  # mean absolute difference of each pair [grey levels]: 21 pairs of 7 pictures
    return np.array([np.abs(a.astype(float) - b).mean() for a, b in combinations(pictures, 2)])

differences = {name: apart(pictures) for name, pictures in seven.items()}
ratio = differences["the lamp moves"].mean() / differences["another expression"].mean()
ak.plots.distances(differences, title=f"A lamp counts {ratio:.1f} times as much as an emotion (twin)");

# %%
# NBVAL_CHECK_OUTPUT
smallest = min(differences, key=lambda name: differences[name].mean())
print("the smallest change in the picture:", smallest)

# %% [markdown]
# In pixels an emotion is the *smallest* of the four. Whoever compares faces pixel by pixel finds people,
# lamps and poses. That is why the networks to come need many pictures, shifted, turned and relit: they have
# to learn what to overlook.

# %% [markdown]
# ## A thousand faces at once
#
# The twin of FER-2013 has all of that at once: anybody, from any side, in any light, 48 x 48 pixels. Average
# the faces of a class, and what differs from picture to picture cancels.
#
# *Think first: what will be left of happiness? And of sadness?*

# %%
fer = ak.datasets.load("fer2013", source=SOURCE, max_per_class=300, random_state=SEED)
one = np.stack([fer.data[fer.target == k][0] for k in range(7)])
mean = np.stack([fer.data[fer.target == k].mean(0) for k in range(7)])  # (7, 48, 48)
own = 128 + 4 * (mean - mean.mean(0))  # what sets a class apart, four times as strong
captions = [*fer.target_names, *["mean"] * 7, *["its own part"] * 7]
ak.plots.gallery(np.concatenate([one, 128 + 2 * (mean - 128), own]), captions, columns=7,
                 title=f"One face of each class, the mean of 300, and what is its own ({fer.source})");

# %% [markdown]
# The last row shows what sets a class apart from the mean of all, four times as strong. Surprise opens its
# mouth, anger lowers its brows, happiness shows its teeth. Sadness leaves a shadow between the brows and next
# to nothing around the mouth: its units are small, and people and poses wash them out.

# %% [markdown]
# ## Turn the knob
#
# All of it in your hands. Five sheets: *Emotion* sets the units of a recipe (and mixes it with a second one),
# *Upper face* and *Lower face* move each unit on its own, *Person and light* changes who is seen and how,
# and *Guess* asks you. The bars say which recipes the moving units are like.
#
# Begin with happiness, and take unit 6 (the cheeks) away: does the smile still reach the eyes? Then turn fear
# into surprise with two units. How much smile does it take until you call the face happy, and do a turn and a
# lamp change your answer?

# %%
ak.apps.FaceLab(random_state=who).view()

# %% [markdown]
# Measured by its units a face is hardly ever one emotion: happiness shares 12 with contempt, and 25 with
# disgust, fear and surprise. In the guessing game a blind guess is right once in seven: how far above that is
# your interval?

# %% [markdown]
# ## A face backwards
#
# So far we put units in and got a picture out. Now the other way: here is a picture, which units made it?
#
# The renderer is one smooth function of its 21 units, written in torch. So torch can say for every pixel how
# it would change if a brow went up a little. We start from a guess, compare pictures, and walk downhill.
#
# *Think first: which units will be hard to find? Which two are hard to tell apart?*

# %%
import torch

truth = {"AU1": 0.9, "AU2": 0.5, "AU4": 0.5, "AU5": 0.9, "AU20": 0.7, "AU25": 0.7, "AU26": 0.3}  # a fright
true = torch.tensor([[truth.get(unit, 0.0) for unit in units]])  # (1, 21)
target = ak.twins.faces.draw(true, **person)  # (1, 1, 48, 48), 0 black to 1 white
target.shape

# %% [markdown]
# Two tricks help. Compared pixel by pixel, two brows that do not overlap give no hint of the way; *blurred*
# ones do. So we compare at four sharpnesses. And a sigmoid keeps every unit between 0 and 1.

# %%
from torch.nn.functional import avg_pool2d


def unlike(picture):  # mean absolute difference, at four sharpnesses
    return sum(avg_pool2d(picture - target, k, 1).abs().mean() for k in (3, 5, 9, 17))

# %%
guess = torch.full((1, 21), -0.85, requires_grad=True)  # sigmoid: 0.3 of everything
optimiser = torch.optim.Adam([guess], lr=0.2)
path = []
for _ in range(steps):
    loss = unlike(ak.twins.faces.draw(guess.sigmoid(), **person))
    optimiser.zero_grad(), loss.backward(), optimiser.step()
    path.append(loss.item())
print(f"unlike: {path[0]:.3f} at first, {path[-1]:.4f} after {len(path)} steps")

# %%
found = guess.sigmoid().detach()
error, worst = (found - true).abs().mean().item(), (found - true).abs().max().item()
start_error = (0.3 - true).abs().mean().item()
pictures = {"what torch sees: 48 x 48": 255 * target[0, 0].numpy(),
            "where we start": ak.twins.faces.render(np.full(21, 0.3), **look),
            "what was found": ak.twins.faces.render(found[0].numpy(), **look)}

# %% tags=["hero"]
set_matplotlib_formats("png")
table = pd.DataFrame({"true": true[0], "found": found[0]}, index=units)
title = f"Which movements made this face? Off by {error:.2f} on average, {worst:.2f} at most (twin)"
ak.plots.recovery(pictures, table, title=title);

# %% [markdown]
# From pixels alone the fright is taken apart into its movements again. What is not exact is where units look
# alike in 48 x 48 pixels: 26 and 27 both drop the jaw.
#
# **What made this easy.** We knew the person, the light and the camera, and the picture came from the very
# renderer that was to explain it. For a real face all of these are unknown, wrinkles differ and hands hide
# things: people train for about a hundred hours to code FACS, and still disagree. Lesson 15 learns units
# from labelled pictures instead.
#
# **And what was found is movement.** Barrett et al. (2019) reviewed more than a thousand studies: people
# scowl in anger about 30 % of the time, scowl for other reasons, too, and show anger in other ways.
# Expressions are not feelings.

# %% [markdown]
# ## Try it yourself
#
# **Exercise 02-1.** By the recipes above, which unit does surprise have that fear has not?

# %%
answer = ...
ak.lesson.check("02-1", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# (answer,) = set(ak.emotions.PROTOTYPES["surprise"]) - set(ak.emotions.PROTOTYPES["fear"])
# ```
# </details>
#
# **Exercise 02-2.** Render `{"R12": 1}`. In which half of the *picture* does the mouth move, `"left"` or
# `"right"`?

# %%
answer = ...
ak.lesson.check("02-2", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# change = np.abs(ak.twins.faces.render({"R12": 1}, **gray).astype(float) - ak.twins.faces.render(**gray))
# answer = "left" if change[:, :80].sum() > change[:, 80:].sum() else "right"
# ```
# </details>
#
# **Exercise 02-3.** How many degrees must the neutral head turn until its picture differs from the frontal
# one by more than full happiness does?

# %%
answer = ...
ak.lesson.check("02-3", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# calm = ak.twins.faces.render(**gray)
# smile = apart([calm, ak.twins.faces.render(recipe["happiness"], **gray)])
# answer = next(k for k in range(1, 40)
#               if apart([calm, ak.twins.faces.render(yaw=np.radians(k), **gray)]) > smile)
# ```
# </details>
#
# **Exercise 02-4.** Design: a shop counts unit 12 in the faces of its staff. What does it measure:
# `"happiness"`, `"feelings"` or `"smiles"`?

# %%
answer = ...
ak.lesson.check("02-4", answer)

# %% [markdown]
# <details><summary>Solution</summary>
#
# ```python
# answer = "smiles"
# ```
# And in the European Union it may not: the AI Act forbids emotion recognition at work.
# </details>

# %% [markdown]
# ## In this lesson you have
#
# - taken a face apart into 21 movements, graded and by side,
# - put eight emotions and eleven compounds together, and seen how much they share,
# - measured that a lamp, a turn of the head or another person changes a picture more than an emotion does,
# - found the movements in a picture, by walking downhill through a renderer.

# %%
for name, values in differences.items():
    ak.lesson.record(f"difference in the picture: {name}", values.mean(), low=values.min(), high=values.max(),
                     n=len(values), unit="grey levels", source="twin")
ak.lesson.record("units recovered: mean absolute error", error, n=21, source="twin")
ak.lesson.record("units of the first guess: mean absolute error", start_error, n=21, source="twin")
ak.lesson.records()

# %% [markdown]
# For the differences, `low` and `high` are the nearest and the farthest pair. Alharbawee & Pugeault (2024)
# tell action units apart with features of a GAN's discriminator: lesson 15 tests that. **Next:** [03 · Heart
# signals](03_heart_signals.ipynb): what does an emotion do to a heart, and how little is that?
