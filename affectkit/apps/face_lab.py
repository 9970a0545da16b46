"""FaceLab: move the muscles of a face that nobody has; or guess what another one shows."""

import ipywidgets
import numpy as np
from matplotlib.figure import Figure

from affectkit import emotions
from affectkit.evaluate import wilson
from affectkit.plots import ink
from affectkit.twins import faces

from ._app import FULL, App, rows, score_bars

UPPER = ("AU1", "AU2", "AU4", "AU5", "AU6", "AU7", "AU43")
LOWER = tuple(unit for unit in faces.ACTION_UNITS if unit not in UPPER)
SIDES = {"both halves": "AU", "the person's left": "L", "the person's right": "R"}
POSES = {"yaw": ("turned to the left", "turned to the right"), "pitch": ("bowed", "raised"),
         "roll": ("tilted to the left", "tilted to the right")}  # fmt: skip
SIZE = 256  # pixels of a face
EVEN = dict(crease=0.8, fold=0, bend=0, mouth_curve=0, brow_dark=0.95, brow_thick=0.045)  # brows one can read
BASIC = emotions.CANONICAL[:7]


class FaceLab(App):
    """Action units, pose and light in, a face out.

    Four sheets of controls: *Emotion* (a recipe of action units, mixed with a second one), the single units
    of the *upper face* and the *lower face*, *person and light*; and a fifth, *guess*, where the face is
    another one each time and the learner names what it shows.

    Parameters
    ----------
    random_state : int, default=26
        Which person, and which faces are to be guessed.

    Examples
    --------
    >>> from affectkit.apps import FaceLab
    >>> app = FaceLab()
    >>> box = app.view()
    >>> app.controls_["AU12"].value = 0.5
    >>> app.units_["AU12"]
    0.5
    """

    shown = 5
    title = "FaceLab: pick an emotion, then move single muscles. When does the face say something else?"

    def __init__(self, random_state=26):
        self.random_state = random_state

    def _prepare(self):
        self._asked, self._right, self._answered = -1, 0, 0
        self._next()

    def _layout(self):
        names = ["neutral", *[name for name in emotions.PROTOTYPES if name != "neutral"]]
        sheets = {
            "Emotion": [
                self._choice("emotion", "emotion", names, "happiness", action=self._mix,
                             tip="Sets the action units to its recipe"),
                self._choice("second", "mixed with", names, "neutral", action=self._mix,
                             tip="A second recipe"),
                self._slider("intensity", "intensity", 0.9, 0.0, 1.0, 0.05, action=self._mix, width=FULL,
                             tip="How strongly all units of the recipe move"),
                self._slider("blend", "share of the second", 0.0, 0.0, 1.0, 0.05, action=self._mix,
                             tip="0: the first emotion alone, 1: the second alone"),
                self._choice("side", "which half moves", list(SIDES), "both halves",
                             tip="A person's left is on the right of the picture"),
            ],
            "Upper face": [self._unit(name) for name in UPPER],
            "Lower face": [self._unit(name) for name in LOWER],
            "Person and light": [
                self._slider("person", "person", self.random_state, 0, max(99, self.random_state), 1,
                             tip="Each number is another face"),
                self._slider("yaw", "turn [degrees]", 0, -40, 40, 1, tip="Left and right"),
                self._slider("pitch", "nod [degrees]", 0, -20, 20, 1, tip="Down and up"),
                self._slider("roll", "tilt [degrees]", 0, -20, 20, 1, tip="Towards a shoulder"),
                self._slider("light_x", "lamp, left to right", 0.25, -1.2, 1.2, 0.05),
                self._slider("light_y", "lamp, up to down", -0.5, -0.8, 0.4, 0.05),
                self._slider("ambient", "light from all sides", 0.35, 0.0, 1.0, 0.05),
                self._slider("size", "pixels a side", SIZE, 16, SIZE, 8, tip="48 is what FER-2013 has"),
            ],
        }  # fmt: skip
        guesses = [self._button(f"guess {name}", name, lambda name=name: self._guess(name),
                                colour=emotions.colour(name)) for name in BASIC]  # fmt: skip
        guess = ipywidgets.VBox([
            rows(*guesses),
            rows(self._button("next", "Next face", self._next_face, tip="Another person, another emotion")),
        ])  # fmt: skip
        self._sheets = ipywidgets.Tab([*(rows(*sheet) for sheet in sheets.values()), guess],
                                      titles=(*sheets, "Guess"))  # fmt: skip
        self._sheets.layout.max_width = "800px"
        self._set_recipe()
        return [self._control("sheet", self._sheets), rows(self._reset_button())]

    def _unit(self, name):
        about = emotions.FACS[name]
        return self._slider(name, f"{name[2:]} {about.name}", 0.0, 0.0, 1.0, 0.05, tip=about.seen)

    # ------------------------------------------------------------------------------------- build a face

    @property
    def units_(self):
        """The action units as they stand, by name, those that move."""
        values = {name: self._value(name) for name in faces.ACTION_UNITS}
        return {name: value for name, value in values.items() if value > 0}

    def _set_recipe(self):
        share, strength = self._value("blend"), self._value("intensity")
        recipe = dict.fromkeys(faces.ACTION_UNITS, 0.0)
        for name, part in ((self._value("emotion"), 1 - share), (self._value("second"), share)):
            for unit in emotions.PROTOTYPES[name]:
                recipe[unit] += part * strength
        for unit, value in recipe.items():
            self.controls_[unit].value = min(1.0, round(value, 4))

    def _mix(self):
        with self._together():
            self._set_recipe()

    def _draw(self):
        guessing = self._sheets.selected_index == len(self._sheets.children) - 1
        self.shown = 0 if guessing else FaceLab.shown  # the units of the face to be guessed are no control's
        if guessing:
            return self._draw_guess()
        side = SIDES[self._value("side")]
        shown = {side + name.removeprefix("AU"): value for name, value in self.units_.items()}
        look = {name: np.radians(self._value(name)) for name in ("yaw", "pitch", "roll")}
        look |= EVEN | {name: self._value(name) for name in ("light_x", "light_y", "ambient")}
        image = faces.render(shown, size=self._value("size"), channels=3, random_state=self._value("person"),
                             **look)  # fmt: skip
        match = recipe_match(self.units_)
        closest = max(match, key=match.get)
        moving = ", ".join(f"{name} {emotions.FACS[name].name}" for name in self.units_)
        words = f"Moving: {moving}. Closest recipe: {closest}." if moving else "Nothing moves."
        return plot_face(image, match), " ".join([words, *self._scene()])

    def _scene(self):
        """Sentences on all that is not as usual: the half that moves, pose, light and size."""
        if (side := self._value("side")) != "both halves":
            yield f"Only {side} half moves."
        pose = [f"{ways[value > 0]} by {abs(value)} degrees" for name, ways in POSES.items()
                if (value := self._value(name))]  # fmt: skip
        if pose:
            yield f"The head is {', '.join(pose)}."
        x, y, ambient, size = (self._value(name) for name in ("light_x", "light_y", "ambient", "size"))
        if [x, y, ambient] != [self._first[name] for name in ("light_x", "light_y", "ambient")]:
            across, along = ("left", "middle", "right"), ("above", "level", "below")
            yield (f"The lamp stands {across[int(np.sign(x)) + 1]}, {along[int(np.sign(y)) + 1]}; "
                   f"{ambient:.0%} of the light comes from all sides.")
        if size < SIZE:
            yield f"The face has {size} pixels a side."

    # ----------------------------------------------------------------------------------- guess the emotion

    def _next(self):
        self._asked += 1
        rng = np.random.default_rng([self.random_state, self._asked])
        self._truth, self._guessed = str(rng.choice(BASIC)), None
        (self._stranger,), _ = faces.portray([self._truth], size=SIZE, channels=3, style="acted",
                                             random_state=[self.random_state, self._asked])  # fmt: skip

    def _next_face(self):
        self._next()
        self._refresh()

    def _guess(self, name):
        if self._guessed is None:  # the first answer counts
            self._guessed = name
            self._answered += 1
            self._right += name == self._truth
        self._refresh()

    def _draw_guess(self):
        if self._guessed is None:
            words = "What does this face show? Press a name below; the first answer counts."
        elif self._guessed == self._truth:
            words = f"Right: the recipe was {self._truth}. Press Next face."
        else:
            words = f"The recipe was {self._truth}, and you said {self._guessed}. Press Next face."
        truth = self._truth if self._guessed else None
        return plot_guess(self._stranger, truth, self._guessed, self._right, self._answered), words


def recipe_match(units):
    """How much a face's action units are like each emotion's recipe: the cosine of the angle between them.

    Parameters
    ----------
    units : dict of str to float
        Action unit -> intensity, 0 to 1.

    Returns
    -------
    dict of str to float
        Emotion -> 0 (nothing in common) to 1 (the same units, equally strong). Neutral, which has no units,
        is 1 minus the strongest.
    """
    size = np.sqrt(sum(value**2 for value in units.values()))
    match = {}
    for name, recipe in emotions.PROTOTYPES.items():
        if recipe:
            shared = sum(units.get(unit, 0) for unit in recipe)
            match[name] = float(shared / (size * np.sqrt(len(recipe)))) if size else 0.0
        else:
            match[name] = 1.0 - max(units.values(), default=0.0)
    return match


def _face(fig, image):
    ax = fig.add_axes((0.01, 0.02, 0.45, 0.95))
    ax.imshow(image, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.axis("off")


def plot_face(image, match):
    """A face, and how much it is like each emotion's recipe.

    Parameters
    ----------
    image : uint8 array, shape (h, w) or (h, w, 3)
    match : dict of str to float
        Emotion -> 0 to 1, as `recipe_match` gives it.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = Figure(figsize=(8, 3.9))
    _face(fig, image)
    ax = fig.add_axes((0.6, 0.1, 0.32, 0.78))
    score_bars(ax, [(name, value, np.nan, np.nan) for name, value in match.items()],
               colours=[emotions.colour(name) for name in match])  # fmt: skip
    ax.set_title("Like which recipe? (1: the same units)", x=-0.36)
    ax.set_xticks([0, 0.5, 1])
    return fig


def plot_guess(image, truth, guess, right, n):
    """A face to be named, the answer once it is given, and the score so far.

    Parameters
    ----------
    image : uint8 array, shape (h, w) or (h, w, 3)
    truth, guess : str or None
        What was drawn and what was said; None as long as it is open.
    right, n : int
        Right answers of all.

    Returns
    -------
    matplotlib.figure.Figure
    """
    fig = Figure(figsize=(8, 3.9))
    _face(fig, image)
    if truth is None:
        fig.text(0.52, 0.7, "What does it show?", size=17, weight="bold", color="0.2")
    else:
        verdict = "Right!" if guess == truth else f"You said {guess}."
        fig.text(0.52, 0.81, verdict, size=13, color="0.3")
        fig.text(0.52, 0.68, f" {truth} ", size=20, weight="bold", color=ink(emotions.colour(truth)),
                 bbox={"fc": emotions.colour(truth), "ec": "none", "boxstyle": "round,pad=0.25"})  # fmt: skip
    ax = fig.add_axes((0.52, 0.26, 0.38, 0.14))
    score_bars(ax, [("", *wilson(right, n))], colours=["#0072B2"])
    ax.axvline(1 / 7, color="0.35", ls="--", lw=1.2)
    ax.text(1 / 7, -0.68, "blind guess", ha="center", va="bottom", size=9, color="0.35")
    ax.set(xticks=[0, 0.5, 1], yticks=[])
    ax.set_xlabel("share named right, 95 % interval")
    ax.set_title(f"{right} of {n} right", pad=20)
    return fig
