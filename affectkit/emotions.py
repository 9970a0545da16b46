"""Names of emotions: one vocabulary for many spellings, groupings of it, the action units that show them, and
one colour for each.

Every data set writes its labels its own way ("angry", "AN", "Anger"). ``canonical`` maps them all to one
name, so that sets can be compared and an emotion has the same colour in every figure.
"""

from typing import NamedTuple

import numpy as np

#: The seven basic expressions and contempt, in the kit's order (FER-2013's, then contempt).
CANONICAL = ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt")

_VARIANTS = {
    "anger": "angry angrily an ang",
    "disgust": "disgusted disgustedly di dis",
    "fear": "fearful fearfully afraid af fe fea",
    "happiness": "happy happily joy joyful ha hap",
    "sadness": "sad sadly sa",
    "surprise": "surprised surprisingly su sur",
    "neutral": "neutrality neural ne neu",  # "Neural" is yousaf2025's misprint
    "contempt": "contemptuous co con",
}

#: Every published spelling in lower case -> its canonical name.
SPELLINGS = {spelling: name for name in CANONICAL for spelling in (name, *_VARIANTS[name].split())}

#: The 11 compound expressions of RAF-DB in its own order (labels 1 to 11), each with its two parts, the
#: leading one last.
COMPOUNDS = {
    "happily surprised": ("happiness", "surprise"),
    "happily disgusted": ("happiness", "disgust"),
    "sadly fearful": ("sadness", "fear"),
    "sadly angry": ("sadness", "anger"),
    "sadly surprised": ("sadness", "surprise"),
    "sadly disgusted": ("sadness", "disgust"),
    "fearfully angry": ("fear", "anger"),
    "fearfully surprised": ("fear", "surprise"),
    "angrily surprised": ("anger", "surprise"),
    "angrily disgusted": ("anger", "disgust"),
    "disgustedly surprised": ("disgust", "surprise"),
}


class ActionUnit(NamedTuple):
    """A movement that a face can make on its own: its name, the muscle that makes it, and what one sees."""

    name: str
    muscle: str
    seen: str


#: Facial Action Coding System (Ekman, Friesen & Hager 2002): the units that the kit draws.
FACS = {
    unit: ActionUnit(*words)
    for unit, words in {
        "AU1": ("inner brow raiser", "frontalis, middle part", "inner ends of the brows rise"),
        "AU2": ("outer brow raiser", "frontalis, outer part", "outer ends rise, long forehead lines"),
        "AU4": ("brow lowerer", "corrugator and depressor supercilii", "brows down and together, a furrow"),
        "AU5": ("upper lid raiser", "levator palpebrae superioris", "white above the iris"),
        "AU6": ("cheek raiser", "orbicularis oculi, outer ring", "cheeks up, crow's feet"),
        "AU7": ("lid tightener", "orbicularis oculi, inner ring", "narrow eyes, straight lower lid"),
        "AU9": ("nose wrinkler", "levator labii superioris alaeque nasi", "wrinkles along the nose"),
        "AU10": ("upper lip raiser", "levator labii superioris", "upper lip squared, deep fold"),
        "AU11": ("nasolabial deepener", "zygomaticus minor", "the fold beside the nose deepens"),
        "AU12": ("lip corner puller", "zygomaticus major", "corners up and out: a smile"),
        "AU14": ("dimpler", "buccinator", "corners pressed in, a dimple"),
        "AU15": ("lip corner depressor", "depressor anguli oris", "corners down"),
        "AU17": ("chin raiser", "mentalis", "chin boss up and wrinkled, lower lip pushed up"),
        "AU20": ("lip stretcher", "risorius", "lips drawn out sideways and flat"),
        "AU22": ("lip funneler", "orbicularis oris", "lips forward, as in 'oh'"),
        "AU23": ("lip tightener", "orbicularis oris", "thin, hard lips"),
        "AU24": ("lip pressor", "orbicularis oris", "lips pressed together"),
        "AU25": ("lips part", "depressor labii inferioris", "lips apart, teeth may show"),
        "AU26": ("jaw drop", "masseter lets go", "the jaw hangs"),
        "AU27": ("mouth stretch", "pterygoids, digastric", "the mouth pulled wide open"),
        "AU43": ("eyes closed", "levator palpebrae lets go", "lids shut"),
    }.items()
}

#: Which units make an emotion: table VI of Alharbawee & Pugeault (2024), after FACS. Contempt is one-sided.
PROTOTYPES = {
    "anger": ("AU4", "AU5", "AU7", "AU17", "AU23", "AU24"),
    "disgust": ("AU9", "AU15", "AU17", "AU25"),
    "fear": ("AU1", "AU2", "AU5", "AU15", "AU25"),
    "happiness": ("AU6", "AU12", "AU25"),
    "sadness": ("AU1", "AU4", "AU15", "AU17"),
    "surprise": ("AU1", "AU2", "AU5", "AU25", "AU27"),
    "neutral": (),
    "contempt": ("AU12",),
}

#: The models of electronics2022: A seven classes; B three, without surprise (it can be either); C two,
#: neutral as positive.
GROUPINGS = {
    "A": {name: (name,) for name in CANONICAL[:7]},
    "B": {
        "negative": ("anger", "disgust", "fear", "sadness"),
        "neutral": ("neutral",),
        "positive": ("happiness",),
    },
    "C": {"negative": ("anger", "disgust", "fear", "sadness"), "positive": ("neutral", "happiness")},
}

#: Where emotions lie in the circumplex, the plane of valence and arousal (Russell 1980, A circumplex model of
#: affect, Journal of Personality and Social Psychology 39:1161), both from -1 to 1: mean ratings of the words
#: by Russell and Mehrabian (1977, Evidence for a three-factor theory of emotions, Journal of Research in
#: Personality 11:273); neutral is the middle by definition. No basic emotion is a calm pleasure: such ratings
#: lie nearest to neutral. Anger, fear and disgust lie close together: this plane hardly tells them apart.
CIRCUMPLEX = {
    "anger": (-0.51, 0.59),
    "disgust": (-0.60, 0.35),
    "fear": (-0.64, 0.60),
    "happiness": (0.81, 0.51),
    "sadness": (-0.63, -0.27),
    "surprise": (0.40, 0.67),
    "neutral": (0.0, 0.0),
}

#: How ratings of valence and arousal become classes: see ``from_ratings``.
RATING_RULES = ("arousal", "valence", "quadrants", "emotions")

#: One colour an emotion, everywhere: Okabe and Ito's colour-blind-safe palette (jfly.uni-koeln.de/color),
#: with dark grey for the neutral face and the indigo of Paul Tol's muted scheme for contempt. Other states
#: share these colours.
COLOURS = {
    "anger": "#D55E00",
    "disgust": "#009E73",
    "fear": "#CC79A7",
    "happiness": "#E69F00",
    "sadness": "#0072B2",
    "surprise": "#56B4E9",
    "neutral": "#4D4D4D",
    "contempt": "#332288",
    "baseline": "#0072B2",
    "stress": "#D55E00",
    "amusement": "#E69F00",
    "meditation": "#009E73",
    "negative": "#D55E00",
    "positive": "#E69F00",
    "real": "#0072B2",
    "synthetic": "#D55E00",
    "twin": "#E69F00",
}


def canonical(name):
    """The kit's name of an emotion, whatever a data set calls it.

    Parameters
    ----------
    name : str
        A published label: "angry", "AN", "Joy", "contemptuous", ...; case and blanks around it do not matter.

    Returns
    -------
    str
        One of ``CANONICAL``.

    Raises
    ------
    ValueError
        The name is no single basic emotion (compounds are in ``COMPOUNDS``).

    Examples
    --------
    >>> canonical("Joy"), canonical("AF")
    ('happiness', 'fear')
    """
    try:
        return SPELLINGS[str(name).strip().lower()]
    except KeyError:
        raise ValueError(
            f"{name!r} is no emotion the kit knows; it knows {', '.join(CANONICAL)} and their usual spellings"
        ) from None


def colour(name):
    """The fixed colour of an emotion or state, as "#RRGGBB".

    A compound expression takes the colour of its leading part ("happily surprised" that of surprise),
    anything unknown a light grey, so that a figure can be drawn of every data set.
    """
    name = str(name).strip().lower()
    if name in COLOURS:
        return COLOURS[name]
    if name in COMPOUNDS:
        return COLOURS[COMPOUNDS[name][-1]]
    return COLOURS.get(SPELLINGS.get(name), "#BBBBBB")


def from_ratings(valence, arousal, rule="arousal", *, margin=0.5):
    """Classes of ratings, and which of them hang by a thread.

    Parameters
    ----------
    valence, arousal : array of float, (n,)
        Ratings from 1 to 9.
    rule : {"arousal", "valence", "quadrants", "emotions"}
        Halves of one scale, high being above 5, its middle (5 itself is low); quadrants of both; or the
        emotion of ``CIRCUMPLEX`` that lies nearest, 1 and 9 standing for -1 and 1.
    margin : float
        How far a rating may be off, in points of the scale.

    Returns
    -------
    target : ndarray of int64, (n,)
    names : list of str
        What each number means.
    ambiguous : ndarray of bool, (n,)
        Whether the border to another class is no farther away than ``margin``.

    Raises
    ------
    ValueError
        Unknown rule, or a rating outside the scale.

    Examples
    --------
    >>> from_ratings([8.2, 4.8], [7.1, 5.2], "arousal")
    (array([1, 1]), ['low arousal', 'high arousal'], array([False,  True]))
    """
    if rule not in RATING_RULES:
        raise ValueError(f"rule must be one of {', '.join(RATING_RULES)}, not {rule!r}")
    ratings = np.stack([np.asarray(valence, float), np.asarray(arousal, float)], axis=-1)
    if not ((ratings >= 1) & (ratings <= 9)).all():  # false of NaN as well
        raise ValueError("ratings must lie between 1 and 9")
    off = ratings - 5
    if rule == "emotions":
        places = np.array(list(CIRCUMPLEX.values())) * 4
        squared = ((off[:, np.newaxis] - places) ** 2).sum(axis=-1)
        target = squared.argmin(axis=1)
        # two classes meet half-way between their places, on a straight line
        apart = np.linalg.norm(places[target][:, np.newaxis] - places, axis=-1)
        apart[np.arange(len(target)), target] = np.nan
        border = (squared - squared.min(axis=1, keepdims=True)) / (2 * apart)
        return target, list(CIRCUMPLEX), np.nanmin(border, axis=1, initial=np.inf) <= margin
    up = (off > 0).astype(np.int64)
    if rule == "quadrants":
        names = [f"{v} valence, {a} arousal" for v in ("low", "high") for a in ("low", "high")]
        return 2 * up[:, 0] + up[:, 1], names, np.abs(off).min(axis=1) <= margin
    column = ("valence", "arousal").index(rule)
    return up[:, column], [f"low {rule}", f"high {rule}"], np.abs(off[:, column]) <= margin


def regroup(target, target_names, grouping):
    """Merge classes into the coarser ones of a grouping.

    Parameters
    ----------
    target : array of int, (n,)
        Class numbers.
    target_names : sequence of str
        What each number means, in any published spelling.
    grouping : {"A", "B", "C"} or dict
        A key of ``GROUPINGS``, or a dict of the same form: group name -> canonical emotions in it.

    Returns
    -------
    target : ndarray of int64, (n,)
        Group numbers; -1 where the grouping leaves a class out (B and C leave surprise out).
    target_names : list of str
        The groups' names.

    Raises
    ------
    ValueError
        Unknown grouping, unknown emotion, or a target outside ``target_names``.

    Examples
    --------
    >>> regroup([0, 3, 5], ["angry", "disgust", "fear", "happy", "sad", "surprise"], "C")
    (array([ 0,  1, -1]), ['negative', 'positive'])
    """
    if isinstance(grouping, str):
        if grouping not in GROUPINGS:
            raise ValueError(f"grouping must be one of {', '.join(GROUPINGS)} or a dict, not {grouping!r}")
        grouping = GROUPINGS[grouping]
    group_of = {emotion: k for k, members in enumerate(grouping.values()) for emotion in members}
    table = np.array([group_of.get(canonical(name), -1) for name in target_names], dtype=np.int64)
    target = np.asarray(target, dtype=np.int64)
    if target.size and not 0 <= target.min() <= target.max() < len(table):
        raise ValueError(f"target must lie in 0..{len(table) - 1}, one number for each of target_names")
    return table[target], list(grouping)
