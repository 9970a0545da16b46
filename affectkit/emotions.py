"""Names of emotions: one vocabulary for many spellings, groupings of it, and one colour for each.

Every data set writes its labels its own way ("angry", "AN", "Anger"). ``canonical`` maps them all to one
name, so that sets can be compared and an emotion has the same colour in every figure.
"""

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
