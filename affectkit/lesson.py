"""What every lesson calls: `start` opens it, `pick` sizes it, `record` keeps its key figures, `check` answers
its exercises.

All four work the same in JupyterLab, on Binder, on Colab and in `affectkit run`, which reads what `record`
kept.
"""

import json
import math
import numbers
import os
import random
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import affectkit
from affectkit import cards

PROFILES = ("quick", "bench", "full")
SOURCES = ("auto", "real", "twin")

_session = {"profile": None, "seed": None}
_records = []


# ------------------------------------------------------------------------------------------- opening a lesson


def start(title, *, profile="quick", source="auto", seed=0, device="auto"):
    """Open a lesson: one line on what it runs with, the seeds, the speed tuning, the style of its figures.

    Parameters
    ----------
    title : str
        The lesson's number and name, such as ``"09 Face CNNs"``.
    profile : {"quick", "bench", "full"}
        A minute on two cores, the measured figures, or the papers' setting.
    source : {"auto", "real", "twin"}
        Where data come from. ``$AFFECTKIT_SOURCE`` overrides ``"auto"``, as in `affectkit.datasets.load`.
    seed : int
    device : str
        ``"auto"``, ``"cpu"``, ``"cuda"``, ...

    Raises
    ------
    ValueError
        For a profile, a source, a seed or a device that the lessons do not know: a typing error in a
        parameter would otherwise show as a strange result much later.
    """
    from affectkit import speed

    if profile not in PROFILES:
        raise ValueError(f"PROFILE is {profile!r}; it must be one of {', '.join(PROFILES)}")
    if source not in SOURCES:
        raise ValueError(f"SOURCE is {source!r}; it must be one of {', '.join(SOURCES)}")
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral) or seed < 0:
        raise ValueError(f"SEED is {seed!r}; it must be a whole number, 0 or more")
    _session.update(profile=profile, seed=int(seed))
    _records.clear()

    speed.tune()
    chosen = speed.device(device)
    # The kit hands `random_state` around; these seeds are for libraries that read the global generators.
    import numpy as np

    random.seed(seed)
    np.random.seed(seed % 2**32)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)
    _style()

    capped = " · steps capped by AFFECTKIT_CAP" if os.environ.get("AFFECTKIT_CAP") else ""
    print(f"{title} · affectkit {affectkit.__version__} · {profile} profile · {_data_found(source)} · "
          f"{chosen}, {speed.threads()} threads · seed {seed}{capped}")


def _data_found(source):
    """Say in a few words which data a lesson will see."""
    from affectkit import datasets

    if source == "auto":
        source = os.environ.get("AFFECTKIT_SOURCE") or "auto"
    if source == "twin":
        return "twins (simulated data)"
    sets = datasets.available()
    found = ", ".join(sets.index[sets["real"].astype(bool)])
    if source == "real":
        return f"real data only: {found or 'none found, see data/README.md'}"
    return f"real data found: {found}, twins of all others" if found else "no real data found, twins instead"


def _style():
    """Figures 800 pixels wide that read at a glance, in colours that colour-blind eyes can tell apart."""
    import seaborn as sns

    sns.set_theme(context="notebook", style="whitegrid", palette="colorblind",
                  rc={"figure.figsize": (8, 4.5), "figure.dpi": 100, "axes.titlesize": 13,
                      "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.spines.top": False,
                      "axes.spines.right": False})


def pick(profile, *, quick, bench, full, cap=None):
    """Choose how much work a lesson does: ``epochs = ak.lesson.pick(PROFILE, quick=3, bench=40, full=100)``.

    Parameters
    ----------
    profile : {"quick", "bench", "full"}
    quick, bench, full : object
        What each profile gets: a number of epochs, of people, of faces, a name, ...
    cap : object, optional
        What every profile gets while ``$AFFECTKIT_CAP`` is set; `quick` when not given. The tests set it to
        walk through the bench and full branches of a lesson in little time; `start` says so in its line, so
        that no capped result passes for a real one.

    Returns
    -------
    object
        What was given for the profile.

    Raises
    ------
    ValueError
        For an unknown profile.
    """
    choices = {"quick": quick, "bench": bench, "full": full}
    if profile not in choices:
        raise ValueError(f"PROFILE is {profile!r}; it must be one of {', '.join(PROFILES)}")
    if os.environ.get("AFFECTKIT_CAP"):
        return quick if cap is None else cap
    return choices[profile]


# ------------------------------------------------------------------------------------------------ key figures


def record(name, value, *, low=None, high=None, n=None, source=None, seed=None, unit=None):
    """Keep a key figure of the lesson, for its closing table and for reports/results.json.

    Parameters
    ----------
    name : str
        What was measured, such as ``"face-cnn: accuracy"``.
    value : number
    low, high : number, optional
        The ends of its interval; both or neither.
    n : int, optional
        How many samples, people or runs it rests on.
    source : {"real", "twin", "card", "paper"}, optional
        Where it comes from: the Bunch's ``source``, or ``"card"`` and ``"paper"`` for what others published.
    seed : int, optional
        The seed it was made with; the lesson's own when not given.
    unit : str, optional
        Such as ``"%"`` or ``"beats/min"``.

    Raises
    ------
    ValueError
        For a value, or an end of an interval, that is no finite number, an interval upside down or with one
        end, an n or a seed that is not whole, and an unknown source: results.json is read by others, who
        cannot ask.
    """
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"a key figure needs a name, not {name!r}")
    value = _number(name, "value", value)
    if (low is None) != (high is None):
        raise ValueError(f"{name}: an interval has two ends, give both low= and high=")
    if low is not None:
        low, high = _number(name, "low", low), _number(name, "high", high)
        if low > high:
            raise ValueError(f"{name}: the interval is upside down, low={low} is above high={high}")
    if n is not None and (n := _number(name, "n", n)) != int(n):
        raise ValueError(f"{name}: n counts things, it cannot be {n}")
    if source not in (None, "real", "twin", "card", "paper"):
        raise ValueError(f"{name}: source is {source!r}; it must be 'real', 'twin', 'card' or 'paper'")
    if seed is not None and (seed := _number(name, "seed", seed)) != int(seed):
        raise ValueError(f"{name}: seed must be a whole number, not {seed}")
    entry = {"name": name.strip(), "value": value, "low": low, "high": high,
             "n": None if n is None else int(n), "unit": unit, "source": source,
             "seed": _session["seed"] if seed is None else int(seed), "profile": _session["profile"]}
    _records.append(entry)
    if path := os.environ.get("AFFECTKIT_RECORD"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


def _number(name, role, value):
    """A plain, finite Python number, or a ValueError that says which one is not."""
    if not isinstance(value, bool) and hasattr(value, "item"):
        with suppress(ValueError, RuntimeError):  # of several numbers, which are told below
            value = value.item()  # a numpy or torch scalar
    if isinstance(value, bool) or not isinstance(value, numbers.Real) or not math.isfinite(value):
        raise ValueError(f"{name}: {role} must be a finite number, not {value!r}")
    return int(value) if isinstance(value, numbers.Integral) else float(value)


def records():
    """The key figures of this lesson so far.

    Returns
    -------
    pandas.DataFrame
        A row a figure, in their order, named by it: value, low, high, n, unit, source, seed, profile; a
        dash where there is nothing to say.
    """
    import pandas as pd

    columns = ["name", "value", "low", "high", "n", "unit", "source", "seed", "profile"]
    table = pd.DataFrame(_records, columns=columns).set_index("name")
    table["n"] = table["n"].astype("Int64")  # keeps counts whole where one of them is missing
    return table.astype(object).where(table.notna(), "–")


# -------------------------------------------------------------------------------------------------- exercises


class Check(NamedTuple):
    """How an answer to an exercise is judged.

    `test(answer)` is true when it is right; it may return a sentence instead, for a mistake it recognises.
    `right` says what a right answer shows, `hint` helps with any other.
    """

    test: Callable
    right: str
    hint: str


def close_to(expected, tolerance):
    """A test for `Check`: the answer is a number no further than `tolerance` from `expected`."""
    return lambda answer: abs(float(answer) - expected) <= tolerance


def one_of(right, /, **wrong):
    """A test for `Check`: the answer is the text `right`; `wrong` replies to known mistakes, word by word.

    Spaces and hyphens of a mistake are written as underscores.
    """
    def test(answer):
        answer = str(answer).strip().lower()
        return wrong.get(answer.replace(" ", "_").replace("-", "_"), answer == right.lower())

    return test


def _people(answer):
    if int(answer) > 1000:
        return "that many windows there are. How many different people do they come from?"
    if int(answer) == 35:
        return "35 took part, and not all of them have labels."
    return int(answer) in (29, 34)  # the twin's and the card's people; those of the whole published table


def _rafdb_ratio(answer):
    train, test = cards.get("rafdb-basic").counts.values()
    together = [a + b for a, b in zip(train, test, strict=True)]
    if abs(float(answer) - max(together) / min(together)) < 0.01:
        return "this is the ratio of training and test part together."
    return abs(float(answer) - max(train) / min(train)) < 0.01


def _recall_width(answer):
    if abs(float(answer) - 0.128) < 0.01:
        return "this is from the middle to one end."
    if abs(float(answer) - 26) < 2:
        return "as a share, please: 26 % is 0.26."
    return abs(float(answer) - 0.257) < 0.015


def _any_of_twelve(answer):
    if abs(float(answer) - 0.6) < 0.001:
        return "that is how many to expect on average; several may come together."
    if abs(float(answer) - 0.95**12) < 0.01:
        return "that is how likely there is none."
    return abs(float(answer) - (1 - 0.95**12)) < 0.01


def _filtered_rates(answer):
    low, high = sorted(float(rate) for rate in answer)
    if (low, high) == (1, 1.5):
        return "these are frequencies, in beats a second; a heart rate is in beats a minute."
    return (low, high) == (60, 90)


def _one_missed_beat(answer):
    if abs(float(answer) - 160_000) < 1:
        return "that is the mean square; take its root."
    return abs(float(answer) - 400) < 1


def _inputs_a_step(answer):
    if int(answer) == 17:
        return "10 more numbers stay the same for the whole window, and are shown at every step."
    return int(answer) == 27


def _long_window(answer):
    if tuple(answer) == (1, 200, 1):
        return "that is before the rate changes."
    return tuple(answer) == (1, 1280, 1)


def _shared_windows(answer):
    if float(answer) > 1:
        return "that is a count; divide it by the number of test windows."
    return float(answer) >= 0.95


def _sliced_rate(answer):
    if abs(float(answer) - 75 / 0.9) < 0.1:
        return "the piece is stretched, so its beats lie further apart, not closer."
    return abs(float(answer) - 67.5) < 0.1


def _siblings(answer):
    if float(answer) > 1:
        return "as a share, please, between 0 and 1."
    return float(answer) >= 0.95


def _angry_units(answer):
    names = {str(name).strip().upper() for name in answer}
    if names == {"AU7", "AU23"}:
        return "and unit 24 itself."
    return names == {"AU7", "AU23", "AU24"}


def _invented_mean(answer):
    if abs(float(answer) - 0.9) < 0.0005:
        return "that is what it should report."
    return abs(float(answer) - (13 * 0.9 + 0.5) / 14) < 0.001


def _poured(answer):
    if abs(int(answer) - 4360) <= 2:
        return "so many there are afterwards; 436 of them are real."
    return abs(int(answer) - 3924) <= 2


def _places(answer):
    if int(answer) == 49:
        return "so many there are at 224 pixels."
    if int(answer) == 1024:
        return "so long is each step; how many steps are there?"
    return int(answer) == 36


def _idle_weights(answer):
    if int(answer) == 246_528:
        return "that is the whole GRU; most of it reads the picture."
    if int(answer) == 128 * 128:
        return "one gate has so many. How many gates are there?"
    return int(answer) == 3 * 128 * 128


def _last_features(answer):
    if int(answer) == 512:
        return "512 maps, and how many pixels has each?"
    return int(answer) == 8192


def _product(answer):
    if abs(float(answer) - 0.4) < 0.005:
        return "that is the mean of the two; multiply instead."
    if abs(float(answer) - 0.18) < 0.005:
        return "nearly: the three products must add up to one."
    return abs(float(answer) - 0.5625) < 0.005


def _missing_pairs(answer):
    if int(answer) in (15, 30):
        return "that many there could be; take away those that RAF-DB has, and count each pair once."
    return float(answer) == 4


def _traps_seen(answer):
    from . import leaks

    seen = leaks.traps()["seen"] != ""
    if int(answer) == (~seen).sum():
        return "these are those that it cannot see."
    return int(answer) == seen.sum()


def _right_messages(answer):
    if abs(float(answer) - 0.9) < 0.001:
        return "that is the share of spells found; how many messages come in twenty hours?"
    return abs(float(answer) - 0.9 / 10.9) < 0.005


def _nearest_recall(answer):
    if abs(float(answer) - 0.17) < 0.006:
        return "that is 3 of 18; is another step nearer to 0.21?"
    return abs(float(answer) - 4 / 18) < 0.006


def _mended(answer):
    import pandas as pd

    from affectkit import papers

    if not isinstance(answer, str):
        return "as text, please, such as \"0.61\": digits matter."
    table = pd.DataFrame({"precision": ["0.50"], "recall": ["0.60"], "F1": [answer]}, index=["stress"])
    return (papers.check_report(table)["verdict"] == "holds").all()


def _one_against_the_rest(answer):
    if abs(float(answer) - 1 / 11) < 0.001:
        return "that is how often the name is right; here a rightly withheld name counts, too."
    return abs(float(answer) - 0.835) < 0.002


CHECKS = {
    "00-1": Check(_people, "so few people, not the thousands of windows, limit what can be learnt.",
                  "hearts.groups holds a name for each window; numpy.unique gives each name once."),
    "00-2": Check(lambda answer: tuple(answer) == (24, 24),
                  "24 x 24 pixels: a quarter of the original, and the smile is still there.",
                  "load with size=24; data.shape is (faces, height, width), and one face is data.shape[1:]."),
    "01-1": Check(_rafdb_ratio, "about 17: found in the wild, and as uneven as FER-2013.",
                  'take ak.cards.get("rafdb-basic").counts["train"]; its largest over its smallest.'),
    "01-2": Check(close_to(1 / 11, 0.001), "about 9 %: guessing earns one class in eleven, never more.",
                  "its recall is 1 for one class and 0 for ten; balanced accuracy is their mean."),
    "01-3": Check(one_of("recall at a fixed false-alarm rate",
                         accuracy="accuracy hardly notices when every fearful person is missed.",
                         macro_f1="macro-F1 weighs a missed fear and a false alarm alike."),
                  "fix the false alarms that the ward can bear, then count those found.",
                  "find the score that lets the two kinds of error cost differently."),
    "03-1": Check(_filtered_rates, "60 to 90, always plausible: a narrow filter makes a heart of anything.",
                  "what passes swings between 1 and 1.5 times a second; a minute has 60 of them."),
    "03-2": Check(_one_missed_beat, "400 ms: a single missed beat says more than all the others.",
                  "take the eight differences of neighbours, square them, average, and take the root."),
    "03-3": Check(close_to(30, 0), "30: the last one starts after 290 s; one more would cross into the rest.",
                  "the last window must end by 355 s, so it starts by 295 s; starts are 10 s apart, from 0."),
    "03-4": Check(one_of("minus own rest at the beginning",
                         own_scale_of_the_whole_recording="on the first day there is no whole recording yet.",
                         scale_of_all_people_together="that leaves the person in: fast would be stressed."),
                  "two minutes of rest, then it can begin, and errs where these two were not restful.",
                  "ask what is known after five minutes of the first day, and of whom."),
    "02-1": Check(one_of("AU27",
                         au15="that one is fear's; ask what surprise has and fear has not.",
                         au1="both raise the inner brows.", au2="both raise the outer brows.",
                         au5="both raise the upper lid.", au25="both part the lips."),
                  "the mouth stretched wide open; the upper halves of the two faces are the same.",
                  "turn both tuples of ak.emotions.PROTOTYPES into sets and subtract one from the other."),
    "02-2": Check(one_of("left", right="that is the person's side; look where it lies in the picture."),
                  "the person's right is the picture's left, as with anybody who stands before you.",
                  'subtract the neutral picture from render({"R12": 1}), and see which half changes more.'),
    "02-3": Check(lambda answer: 1 <= float(answer) <= 15,
                  "a few degrees: a turn that nobody would notice outweighs a whole emotion in pixels.",
                  "render yaw=np.radians(k) for k = 1, 2, 3, ... and let `apart` compare it with neutral."),
    "02-4": Check(one_of("smiles",
                         happiness="people smile politely, and are happy without smiling.",
                         feelings="a face shows a movement; what is felt needs context, and asking."),
                  "it counts movements of a muscle; what they mean is another question.",
                  "ask what the camera sees, before anybody interprets it."),
    "04-1": Check(_sliced_rate, "67.5: to a stressed heart, seven beats less look like rest.",
                  "count the beats in nine tenths of the minute; afterwards they fill a whole one."),
    "04-2": Check(one_of("flip",
                         rotation="a tilted face keeps its sides.", brightness="light does not change sides.",
                         noise="noise does not change sides."),
                  "mirrored, the left corner is the right one, and the label says otherwise.",
                  "ask which of them exchanges left and right."),
    "04-3": Check(_siblings, "practically all of them: at random, hardly any family stays together.",
                  "each of its three siblings is in another fold with probability 4/5; one is enough."),
    "04-4": Check(one_of("split first",
                         more_copies="more copies put more siblings on both sides.",
                         weaker_changes="weaker changes make the copies even easier to recognise."),
                  "then augment the training part, and the 95 % will come down by themselves.",
                  "ask what stood in the training folds beside each picture that was tested."),
    "05-1": Check(_last_features, "8,192: lesson 14 lets a support vector machine read them.",
                  "each of the four convolutions halves the side of 64; the last has 512 maps."),
    "05-2": Check(close_to(1.386, 0.01), "the same as before the first step: a loss cannot see progress.",
                  "put D = 1/2 into both logarithms of the formula, and add."),
    "05-3": Check(one_of("smooth the labels",
                         train_longer="a generator without gradient learns nothing, however long.",
                         a_larger_discriminator="it is too strong already."),
                  "a discriminator that may not be quite sure leaves the generator a slope to climb.",
                  "ask who of the two has become too strong, and what would hold it back."),
    "05-4": Check(lambda answer: 3 <= float(answer) <= 40,
                  "an order of magnitude: rates are the first thing to look at when faces repeat.",
                  "train with lr=2e-4 * ratio, lr_discriminator=2e-4, and ask `collapse` for the distance."),
    "06-1": Check(_inputs_a_step, "27: 10 new ones a step, 10 that stay for the window, 7 for the class.",
                  "count the numbers of the step, those of the window, and the classes."),
    "06-2": Check(one_of("TSTR", trts="both waves are recognised, so TRTS is perfect."),
                  "from two waves, however good, nobody learns how hearts vary.",
                  "ask which of the two needs variety in what was invented."),
    "06-3": Check(one_of("train the GAN on the training people",
                         make_more_pulses="more of what has seen the test people leaks more.",
                         use_a_larger_network="a larger network copies the test people even better."),
                  "what has seen the test people must not make training data.",
                  "ask what the generator knows of the people in the test."),
    "06-4": Check(_long_window, "200 samples of the rate it has learnt are 20 s: 1,280 at 64 Hz.",
                  "(windows, time, channels); 20 seconds have 20 x 64 values in the end."),
    "07-1": Check(one_of("copies",
                         fid="its FID is better than the truth's.", recall="its recall is better, too.",
                         density="density moves a little; one other figure cannot be missed."),
                  "hardly any of its faces is new: the nearest training face is the face itself.",
                  "look down its column for a figure that compares with the training faces."),
    "07-2": Check(one_of("nothing yet",
                         b_is_better="its FID rests on ten times as many images.",
                         a_is_better="its FID is higher, and not only because of its generator."),
                  "an FID falls with n even for real faces: same n, and the floor beside it.",
                  "look at the table of real against real, where nothing but n changes."),
    "07-3": Check(one_of("PublicTest",
                         training="against what it has seen, a generator that copies is perfect."),
                  "judge with faces that the generator has not seen; keep Training to look for copies.",
                  "ask what the copycat would score with each of them."),
    "08-1": Check(_poured, "3,924: nine made-up faces for each real one.",
                  "ak.balance.quotas(0.2, fer) gives the sizes afterwards; take the real ones off."),
    "08-2": Check(one_of("no", yes="no made-up row is tested, but the generator has seen what is."),
                  "a generator is a part of what is fitted, and belongs inside the training part.",
                  "ask what the generator knew of the test faces."),
    "08-3": Check(one_of("choose inside the training part",
                         report_its_test_score="the best of several test scores is too good by its luck."),
                  "then the test set is read once, for the share that was chosen without it.",
                  "ask how often the test set was looked at before the number was taken."),
    "08-4": Check(one_of("free rivals",
                         more_made_up_faces="that says how much helps, not whether anything simpler does.",
                         a_larger_network="that changes both rows, and explains neither."),
                  "a gain is the GAN's only if weights, copies and flips do not bring it, too.",
                  "ask what else could have brought the nineteen points."),
    "09-1": Check(close_to(128 * 8 * 8, 0), "128 x 8 x 8: most weights sit between there and the next layer.",
                  "three times, 2 x 2 pooling halves the side; the last block has 128 channels."),
    "09-2": Check(_recall_width, "from 0.27 to 0.53: one run says little about a class this rare.",
                  "a share p of n has the standard error sqrt(p (1 - p) / n); the ends lie 1.96 of it away."),
    "09-3": Check(lambda answer: 0 < float(answer) < 1 or "in few epochs it need not grow; try more.",
                  "without augmentation the network begins to know its faces by heart.",
                  "gap = training minus held-out accuracy, in the last row of history_; compare two nets."),
    "09-4": Check(_any_of_twelve, "0.46: nearly every second audit of a fair network would find a victim.",
                  "first find how likely it is that all twelve lie above 0.05."),
    "10-1": Check(close_to(50, 0), "50 of 60: neighbouring windows are almost copies of one another.",
                  "the second window starts 10 s after the first, and the first lasts 60 s."),
    "10-2": Check(_shared_windows, "practically all of them: a random split tests on what it has trained on.",
                  "audit_split counts the test windows that overlap; divide by how many there are."),
    "10-3": Check(one_of("level", shape="the shape is what is left: look at how little it says."),
                  "how fast the heart beats is what tells, and min-max removes it.",
                  "calm or hasty, each window runs from 0 to 1 now: see what they no longer differ in."),
    "10-4": Check(close_to(36, 0.5), "36 people: small gains need many people, not many windows.",
                  "the standard error is sd / sqrt(n); ask when 0.03 is two of them."),
    "11-1": Check(_product, "0.56: the heart's strong opinion outweighs the face's mild one.",
                  "multiply class by class, then divide by the sum of the three products."),
    "11-2": Check(close_to(28, 0.5), "28 times: a random split has nearly every trial on both sides.",
                  "divide the number of faces by that of the trials."),
    "11-3": Check(lambda answer: -0.06 <= float(answer) <= 0.2,
                  "training for gaps does not make a lost sense cost nothing; it keeps the loss small.",
                  "accuracy of `ask(nets, X)` minus that of `ask(nets, half)`; both are shares."),
    "11-4": Check(one_of("record both of one person",
                         pair_inside_each_side="that closes a leak, but still no heart belongs to its face.",
                         a_larger_fusion_layer="it would fuse strangers even better.",
                         more_seeds="they give a narrow interval around the wrong quantity."),
                  "only one person's face and heart can tell what a heart adds to its owner's face.",
                  "ask whose heart it must be for the question to have an answer."),
    "12-1": Check(close_to(3367 / 6394, 0.002), "0.527: more than half, without a camera.",
                  "add up the four negative classes, and divide by all faces but the surprised ones."),
    "12-2": Check(close_to(1, 0.001), "one: yes or no. Seven equally frequent classes have 2.81.",
                  "the bits of k equally frequent classes are log2(k)."),
    "12-3": Check(one_of("nobody can tell yet",
                         hers="hers answers an easier question.",
                         mine="yours has come further from guessing, but on another question."),
                  "bring both to the same question, on the same faces: merge your seven into her two.",
                  "ask what each would score by guessing, and whether the questions are the same."),
    "12-4": Check(one_of("A", b="in B sadness and anger are one class.", c="C knows two classes only."),
                  "the question decides how many classes there must be, not the accuracy.",
                  "ask which of the models has sadness and anger in different classes."),
    "13-1": Check(_places, "36 places of 6 x 6: the sequence grows with the picture, not with time.",
                  "net.pool(net.base(torch.zeros(1, 3, 200, 200))) is the map; multiply its two sides."),
    "13-2": Check(_idle_weights, "49,152 weights for a memory of which nothing is ever asked.",
                  "look at gru.weight_hh_l0.shape: it meets the state that the step before left."),
    "13-3": Check(lambda answer: round(float(answer)) == 12,
                  "12, and each of them takes some class's recall below 100 %.",
                  "0.35 % of 3,400 pictures got a wrong label."),
    "13-4": Check(one_of("shuffle the frames",
                         more_units="more units read more, in order or not.",
                         a_larger_base="a larger base sees more in each frame, and nothing between them."),
                  "if shuffled frames do as well, it reads pictures, and no motion.",
                  "ask which change takes the motion away and leaves all pictures."),
    "14-1": Check(close_to(4608, 0.5), "4,608: 512 maps of 3 x 3.",
                  "four convolutions halve 48 four times; then multiply by the number of maps."),
    "14-2": Check(close_to(0.99, 0.0015), "99 in 100: such a test measures memory.",
                  "there is no copy in training only if both fall into the test face's own tenth."),
    "14-3": Check(close_to(0.368, 0.002), "0.37, whatever the number of features.",
                  "put r = 0.5 into exp(-2 (1 - r))."),
    "14-4": Check(one_of("random weights on new people",
                         a_larger_svm="it would score higher with any features.",
                         more_random_folds="they ask the wrong question more precisely."),
                  "the distance to the same network without training is what the look at faces taught.",
                  "ask what else could have brought the score, and which row would show it."),
    "15-1": Check(_angry_units, "three names for one label, which is: angry.",
                  "compare the columns of by_rule(acted); answer with names such as AU24."),
    "15-2": Check(_invented_mean, "0.871 for 0.900: an invented 0.5 reads like a measured failure.",
                  "thirteen times 0.90 and once 0.5, divided by fourteen."),
    "15-3": Check(lambda answer: -0.6 < float(answer) < -0.02,
                  "a stricter coder finds less of what the rule names: being there is a threshold, too.",
                  "precision is the mean of `there` where the rule names a unit; take it at 0.5 and at 0.2."),
    "15-4": Check(one_of("code a test set",
                         code_a_training_set="then nothing tells how well it reads units.",
                         refine_the_rule="a better rule still knows one face for each emotion."),
                  "what it has learnt, only true labels can tell.",
                  "ask what you would report at the end of the week."),
    "16-1": Check(_missing_pairs, "of 15 pairs 11 have faces.",
                  "count the pairs of six, whatever their order, and take away the compounds."),
    "16-2": Check(close_to(142, 1.5), "142 faces that the accuracy counts and no row finds.",
                  "multiply each recall by its faces, add up, and take the sum from 0.56 of 792."),
    "16-3": Check(_one_against_the_rest, "83 % for knowing nothing.",
                  "right are those of the class that are named so, and the others that are not."),
    "16-4": Check(one_of("real compound faces",
                         more_twin_faces="they are drawn as such sums, however many there are.",
                         real_basic_faces="they show one emotion each; there is no sum to test."),
                  "with a network trained on their labels beside it.",
                  "look for faces that could show the sum to be wrong."),
    "17-1": Check(close_to(0.992, 0.002), "99 in 100: a copy nearly always finds its way into training.",
                  "there is none only if all three copies fall into the test face's own fifth."),
    "17-2": Check(close_to(0.0245, 0.001), "2.4 points by luck alone; the best of fifty has twice that.",
                  "of a share p of n faces it is the root of p (1 - p) / n."),
    "17-3": Check(_traps_seen, "the others need a look at how the work was done, not at its rows.",
                  "count the rows of traps whose column seen is not empty."),
    "17-4": Check(one_of("a test set that chose nothing",
                         more_people="they would make the same luck a little smaller.",
                         another_network="it would be number 201."),
                  "the best of 200 scores is partly luck; rows that chose nothing tell how much.",
                  "ask which of its steps has seen the test."),
    "18-1": Check(close_to(0.594, 0.001), "0.594: what is printed must not lie below 0.59.",
                  "take the lowest precision that is rounded to 0.62, and the lowest recall, and their F1."),
    "18-2": Check(_nearest_recall, "4 of 18 is 0.22; no number of faces gives 0.21.",
                  "divide 1, 2, 3, ... by 18."),
    "18-3": Check(_mended, "F1 lies a little below the middle of 0.50 and 0.60.",
                  "which F1 is above the mean of its precision and recall? Put f1() of them in its place."),
    "18-4": Check(one_of("the split",
                         more_decimals="they would say more exactly how much too high it is.",
                         a_larger_test_set="the interval is narrow already; ask what the test faces are."),
                  "what was trained on, and what was made of it, decides what a score means.",
                  "ask what could lift a score by twenty points without any skill."),
    "19-1": Check(close_to(5.545, 0.06), "5.5 s, before any patience.",
                  "after t seconds the smoothed value is 1 - exp(-t / 8)."),
    "19-2": Check(_right_messages, "one in twelve: what is rare is mostly a false alarm.",
                  "count the messages of twenty hours, and those of them that are right."),
    "19-3": Check(one_of("show nothing half of the time",
                         more_kinds_of_landscape="they can be compared with one another, not with none.",
                         more_pictures_a_person="spells end by themselves after those, too."),
                  "only then is there something to compare with.",
                  "ask what would have happened without the picture."),
    "19-4": Check(one_of("forbidden",
                         **{"allowed,_they_agreed": "the article has no exception for consent.",
                            "allowed,_it_is_kind": "a kind purpose makes no difference."}),
                  "Article 5(1)(f): at work only for medical or safety reasons.",
                  "read Article 5(1)(f) in docs/ethics.md."),
}


def check(key, answer):
    """Look at the answer to an exercise, and print a helpful reply. A wrong answer never stops a lesson.

    Parameters
    ----------
    key : str
        The exercise, such as ``"05-1"``.
    answer : object
        The learner's answer; ``...`` and None mean that there is none yet.

    Raises
    ------
    KeyError
        When there is no such exercise.
    """
    if key not in CHECKS:
        raise KeyError(f"there is no exercise {key!r}; there are {', '.join(sorted(CHECKS))}")
    test, right, hint = CHECKS[key]
    if answer is None or answer is Ellipsis:
        print(f"Exercise {key} is not answered yet: put your answer in place of the dots.")
        return
    try:
        verdict = test(answer)
    except Exception as error:  # whatever a learner typed, the reply is a hint and not a traceback
        verdict = f"this answer could not be read ({type(error).__name__}: {error})."
    if isinstance(verdict, str):
        print(f"Not yet: {verdict} Hint: {hint}")
    else:
        print(f"Right: {right}" if verdict else f"Not yet. Hint: {hint}")
