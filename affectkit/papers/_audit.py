"""What each paper is asked: recomputed from its own numbers, the sets' cards, and networks built anew.

Nothing is typed in but what to compare with what.
"""

import math
import re

import numpy as np
import pandas as pd

from affectkit import cards, gans, nets, transfer

from . import _claims
from ._arithmetic import (
    AVERAGES,
    COLUMNS,
    CONTRADICTS,
    HOLDS,
    UNKNOWN,
    Paper,
    exact,
    fid_floor,
    mean,
    nearest_share,
    total,
    weighted,
)

CARD = "as the set's card has it"


# -------------------------------------------------------------------------------------------------- hegh2025


def _hegh2025(paper):
    for model in ("CNN", "LSTM", "hybrid"):
        for metric in ("accuracy", "precision", "recall", "F1"):
            row = f"Table 1 | {metric}, {model}"
            gain = paper[f"{row} | with GAN"] - paper[f"{row} | without GAN"]
            paper.compare("difference of two columns", f"{row} | improvement", gain)
        for gan in ("without GAN", "with GAN"):
            ends = (paper[f"Table 1 | {metric}, {model} | {gan}"] for metric in ("precision", "recall"))
            paper.averaged_f1(f"Table 1 | F1, {model} | {gan}", *ends)
    others = {"Bao et al. 2024": "accuracy", "Ali & Hughes 2023": "precision", "Ma et al. 2022": "recall"}
    for who, metric in others.items():
        gain = paper[f"Table 2 | {metric} | hybrid"] - paper[f"Table 2 | {metric} | {who}"]
        for place in ("performance comparison", "discussion"):
            paper.compare("difference to another work", f"{place} | over {who} | {metric}", gain)
        _same_metric(paper, f"literature background | {who} | accuracy", f"Table 2 | {metric} | {who}")
    who = "Zhang et al. 2021"
    _same_metric(paper, f"literature background | {who} | accuracy", f"discussion | {who} | F1")
    faces, hearts = cards.get("fer2013"), cards.get("deap")
    known = {"images": faces.n, "emotions": len(faces.classes), "height": faces.image_size[0]}
    for what, count in known.items():
        paper.compare(CARD, f"dataset | FER-2013 | {what}", exact(count))
    emotions = sum(name in faces.classes for name in hearts.classes)
    labels = exact(emotions, f"{emotions} of DEAP's labels ({', '.join(hearts.classes)})")
    paper.compare("emotions that the set's labels name", "dataset | DEAP | emotions", labels)
    hybrid = "Table 1 | accuracy, hybrid | with GAN"
    paper.unknown("faces and signals are of one person", hybrid,
                  f"FER-2013 names {faces.subjects or 'no'} people, DEAP has {hearts.subjects} of its own: "
                  "they can be paired by label alone, and no pair is a person's")  # fmt: skip
    paper.unknown("nothing made from test samples was trained on", hybrid,
                  "whether pairs and synthetic samples were made before the split is not said; if they were, "
                  "the test set is no longer unseen")  # fmt: skip


def _same_metric(paper, first, second):
    """Whether a figure of another work is called by the same metric in two places."""
    kinds = {"accuracy", "precision", "recall", "F1"}
    a, b = (next(part for part in _claims.split(name) if part in kinds) for name in (first, second))
    x, y = paper[first], paper[second]
    verdict = CONTRADICTS if a != b and x.value == y.value else HOLDS
    text = f"{x.text} is called {a} in {_claims.split(first)[0]}, here {b}"
    paper.note("a figure keeps its metric", second, f"{b} {y.text}", f"{a} {x.text}", verdict, text)


# ------------------------------------------------------------------------------------------------ yousaf2025


def _yousaf2025(paper):
    columns = "original", "synthesised", "total"
    paper.sums("Table 1", columns, rows=(*paper.column("Table 1", "total"), "total"))
    for table, of, who in (("Table 4", "Table 3", "compound"), ("Table 5", "Table 2", "basic")):
        paper.sums(of, ("training", "test"))
        _yousaf2025_scores(paper, table, paper.column(of, "test"), who)
    card = cards.get("rafdb-basic")
    for k, emotion in enumerate(card.classes):
        known, held_out = card.counts["train"][k], card.counts["test"][k]
        original, tested = f"Table 1 | {emotion} | original", f"Table 2 | {emotion} | test"
        paper.compare("no more images than the set has for training", original, exact(known), "at most")
        half = f" (half of {paper[tested].text})" if paper.count(tested) == 2 * held_out else ""
        paper.compare("as many test images as the set has", tested, exact(held_out, f"{held_out:,}{half}"))
    gan = gans.preset("yousaf2025", device="cpu").build()
    counts = [nets.count_parameters(part, "keras") for part in (gan.generator, gan.discriminator)]
    trained = nets.count_parameters(gan.generator)
    who = "methods | GAN of generator and discriminator"
    parts = total(paper[f"{who} | {part}"] for part in ("trainable", "not trainable"))
    both = exact(sum(counts), f"{counts[0]:,} of the generator + {counts[1]:,} of the kit's discriminator")
    paper.compare("sum", f"{who} | parameters", parts)
    paper.compare("parameters of the generator alone", f"{who} | parameters", exact(counts[0]))
    paper.compare("trained parameters of the generator alone", f"{who} | trainable", exact(trained))
    paper.compare("parameters of both networks", f"{who} | parameters", both)


def _yousaf2025_scores(paper, table, support, who):
    accuracy = f"Table 6 | MobileNet + GAN | {who} accuracy"
    paper.report(table, support, accuracy)
    recall = paper[f"{table} | weighted average | recall"]
    paper.compare("printed weighted recall is accuracy", accuracy, 100 * recall)
    by_class = paper.column(table, "accuracy")
    average = weighted(by_class.values(), [support[c] for c in by_class])
    paper.compare("accuracy is the weighted mean of the classes' accuracy", accuracy, average)
    # By the paper's own formula, (TP + TN)/all, each wrong image is an error of two classes.
    errors = len(by_class) / 2 * (exact(100) - mean(by_class.values()).called("the column's mean"))
    paper.compare("accuracy from the classes' (TP + TN)/all", accuracy, exact(100) - errors)
    for metric in ("precision", "recall", "F1"):
        column = sorted(paper.column(table, metric).values(), key=lambda number: number.value)
        for end, number in (("lowest", column[0]), ("highest", column[-1])):
            paper.compare(f"{end} of the column", f"results, ranges | {table}, {end} | {metric}", number)


# ------------------------------------------------------------------------------------------- electronics2022

SETS = {"FER-2013": "fer2013", "JAFFE": "jaffe", "FACES": "faces", "KDEF": "kdef",
        "RADBOUD": "rafd-multiview", "KDEF GAN Generated": "kdef-gan"}  # fmt: skip
NEGATIVE, OTHERS = ("anger", "disgust", "fear", "sadness"), ("neutral", "joy")
PLACES = {"anger": 0, "disgust": 1, "fear": 2, "joy": 3, "sadness": 4}  # of a class in the cards
CAMERAS = {"KDEF": 3 / 5, "RADBOUD": 3 / 5}  # share of a set's cameras that was used
MODELS = {"A": (7, "Table 2"), "B": (3, "Table 5"), "C": (2, "Table 6")}


def _electronics2022(paper):
    _electronics2022_counts(paper)
    _electronics2022_classes(paper)
    _electronics2022_networks(paper)
    _electronics2022_scores(paper)


def _electronics2022_counts(paper):
    paper.sums("Table 1", ("training", "testing"))
    paper.sums("Table 7", paper.line("Table 7", "total", without=()), rows=(*SETS, "total"))
    tables = {"Table 3": NEGATIVE, "Table 4": OTHERS, "Table 8": NEGATIVE, "Table 9": OTHERS}
    for table, rows in tables.items():
        paper.sums(table, (*SETS, "total"), rows=(*rows, "total"))
        for row in rows if table in ("Table 8", "Table 9") else ():
            place, again = f"{table} | {row} | total", f"Table 7 | total | {row}"
            paper.same("the same images in two tables", place, again)
    training, testing = (paper[f"Table 1 | total | {part}"] for part in ("training", "testing"))
    paper.compare("sum", "4. Data | all | images", training + testing)
    paper.compare("a seventh of the images", "4. Data | mean class | images", training / 7)
    paper.compare("a seventh of the images", "7. Testing | mean class | images", testing / 7)
    for name in ("RADBOUD", "JAFFE", "FACES", "KDEF GAN Generated"):
        parts = total(paper[f"Table 1 | {name} | {part}"] for part in ("training", "testing"))
        paper.compare("sum", f"4. Data | {name} | images", parts)
    n = cards.get("rafd-multiview").n
    there = exact(n * 7 / 8 * CAMERAS["RADBOUD"], f"{n:,} x 7/8 expressions x 3/5 cameras")
    paper.compare("no more images than the set has", "4. Data | RADBOUD | images", there, "at most")
    new, after = (paper[f"4. Data | disgust | {what}"] for what in ("new samples", "after augmentation"))
    copies = paper.count("4. Data | disgust | new samples for each")
    paper.compare("new samples for each original", "4. Data | disgust | new samples", copies * (after - new))
    paper.compare("what was there before augmentation", "Table 3 | disgust | total", after - new)
    paper.compare("sum", "6. Training | Model A | training images", training + new)
    both = paper["Table 3 | total | total"] + paper["Table 4 | total | total"]
    paper.compare("sum", "6. Training | Model B | training images", both)
    both = paper["Table 8 | total | total"] + paper["Table 9 | total | total"]
    for model in "BC":
        name = f"7. Testing | Model {model} | testing images"
        paper.compare("sum", name, both)
        paper.compare("all but the surprised", name, testing - paper["Table 7 | total | surprise"])
    copies = 1 + paper.count("10. GAN | landscapes | new samples for each")
    paper.compare("originals and new samples", "10. GAN | landscapes | after augmentation",
                  copies * paper["10. GAN | landscapes | images"])  # fmt: skip


def _electronics2022_classes(paper):
    """A class of a part set beside what that set has of it."""
    copies = 1 + paper.count("4. Data | neutral and positive | new samples for each")
    for name, card in SETS.items():
        card = cards.get(card)
        relation = "at most" if name in (*CAMERAS, "FER-2013") else "is"  # not all of these were taken
        neutral = next(k for k, c in enumerate(card.classes) if c.startswith("neutral"))
        for emotion in (*NEGATIVE, *OTHERS):
            there = exact(card.totals[PLACES.get(emotion, neutral)] * CAMERAS.get(name, 1))
            left = there - paper[f"Table 7 | {name} | {emotion}"]
            if emotion in NEGATIVE:
                check = "what the set has, less the test images"
                paper.compare(check, f"Table 3 | {emotion} | {name}", left, relation)
            else:
                check = "what the set has, less the test images, and new samples"
                paper.compare(check, f"Table 4 | {emotion} | {name}", copies * left, "at most")


def _electronics2022_networks(paper):
    """Parameters, counted as Keras does in networks built anew."""
    for n_classes, table in MODELS.values():
        made = {"1:RGB": nets.FiveBlockCNN(n_classes, 3, 200), "2:GREY": nets.FiveBlockCNN(n_classes, 1, 300),
                "3:TL": nets.MobileNetV1(n_classes)}  # fmt: skip
        for row, net in made.items():
            count = exact(nets.count_parameters(net, "keras"))
            paper.compare("parameters of the network, head and all", f"{table} | {row} | parameters", count)
    count = exact(nets.count_parameters(nets.MobileNetV1(1000), "keras"))
    paper.compare("parameters with ImageNet's head", "6. Training | MobileNet | parameters", count)


def _electronics2022_scores(paper):
    row = "Table 5 | 3:TL"
    gap = paper[f"{row} | training accuracy"] - paper[f"{row} | validation accuracy"]
    paper.compare("difference", "6. Training | Model B, 3:TL | training less validation accuracy", gap)
    gap = paper[f"{row} | validation loss"] - paper[f"{row} | training loss"]
    paper.compare("difference", "6. Training | Model B, 3:TL | validation less training loss", gap)
    gain = paper["Table 11 | SVM L1,L2 | test accuracy"] - paper["Table 10 | C, 1:RGB | test accuracy"]
    paper.compare("difference", "8. Model optimisation | SVM L1,L2 | gain in test accuracy", gain)
    for table in ("Table 10", "Table 11"):
        for row, accuracy in paper.column(table, "test accuracy").items():
            n = paper.count(f"7. Testing | Model {'C' if table == 'Table 11' else row[0]} | testing images")
            share = nearest_share(accuracy, n, 100)
            paper.compare("accuracy is so many of the test images", f"{table} | {row} | test accuracy", share)
    known, tested = (
        100 * paper.count(f"Table 1 | FER-2013 | {part}") / paper.count(f"Table 1 | total | {part}")
        for part in ("training", "testing")
    )
    for model, (_, table) in MODELS.items():
        accuracy = paper[f"Table 10 | {model}, 1:RGB | test accuracy"].text
        paper.unknown("five folds foretell the test", f"{table} | 1:RGB | validation accuracy",
                      f"test {accuracy}, but of other images: FER-2013, the only set from the web, is "
                      f"{known:.0f} % of the training images, which the folds are of, and {tested:.0f} % of "
                      "the test images; accuracy on each set alone is not said")  # fmt: skip
    n = paper.count("10. GAN | generated | images")
    paper.unknown("an FID beside that of real images", "10. GAN | generated | FID",
                  f"{n} images span {n - 1} of Inception's 2,048 directions, and {n} standard normal vectors "
                  f"against {n} others score {fid_floor(n):.0f} in {n} dimensions alone; which features and "
                  "which real images is not said")  # fmt: skip


# -------------------------------------------------------------------------------------------- alharbawee2024

SECTION = "4-A. Experiments on emotion recognition"


def _alharbawee2024(paper):
    for table in ("Table II", "Table IV"):
        for experiment in paper.line(table, "average"):
            parts = list(paper.column(table, experiment).values())
            paper.compare("average of the column", f"{table} | average | {experiment}", mean(parts))
    _alharbawee2024_images(paper)
    _alharbawee2024_features(paper)
    _alharbawee2024_units(paper)
    for metric, which in (("IS", max), ("FID", min), ("SSIM", max), ("AMT", max)):
        who, best = which(paper.column("Table VII", metric).items(), key=lambda item: item[1].value)
        best = best.called(f"{best.text} of {who}")
        paper.compare("best of the column: a new benchmark", f"Table VII | ours | {metric}", best)
    for row in paper.column("Table VII", "IS"):
        paper.compare("an inception score is at least 1", f"Table VII | {row} | IS", exact(1), "at least")
    for row, accuracy in paper.column("Table III", "accuracy").items():
        if row.startswith("Radboud"):
            paper.compare("best on Radboud", "Table III | Radboud, ours | accuracy", accuracy, "at least")


def _alharbawee2024_images(paper):
    frontal, wide = cards.get("rafd-frontal"), cards.get("rafd-multiview")
    known = {"RaFD": wide, "KDEF": cards.get("kdef"), "CelebA": cards.get("celeba"),
             "CK+": cards.get("ckplus"), "RAF-DB": cards.get("rafdb-basic")}  # fmt: skip
    filmed = "Table I | CK+ | participants"
    for row, card in known.items():
        has = {"participants": card.subjects, "emotions": len(card.classes), "images": card.n}
        taken = paper.line("Table I", row).keys() - ({"images"} if row in ("CelebA", "RAF-DB") else set())
        for metric in sorted(taken):  # of CelebA and RAF-DB another part was taken
            if (name := f"Table I | {row} | {metric}") != filmed:
                paper.compare(CARD, name, exact(has[metric]))
    paper.unknown(CARD, filmed, f"{paper[filmed].text} people were filmed for CK+, sequences of "
                  f"{known['CK+'].subjects} were released; whose images were taken is not said")  # fmt: skip
    people, faces = frontal.subjects, len(frontal.classes)
    gazes, cameras = frontal.n // (people * faces), wide.n // frontal.n
    for experiment, views in (("Exp. 1", gazes), ("Exp. 3", cameras)):
        count = exact(people * faces * views, f"{people} people x {faces} expressions x {views}")
        paper.compare("people x expressions x gazes or cameras", f"{SECTION} | {experiment} | images", count)
    n, folds = (paper.count(f"{SECTION} | Exp. 1 | {what}") for what in ("images", "folds"))
    for experiment in ("Exp. 1", "Exp. 5"):
        name = f"{SECTION} | {experiment} | accuracy"
        share = nearest_share(paper[name], n, 100)
        paper.compare("accuracy is so many of the images", name, share)
    near = 100 - 100 * math.prod((n / folds - 1 - k) / (n - 1 - k) for k in range(gazes - 1))
    name = f"{SECTION} | Exp. 1 | accuracy"
    paper.unknown("the accuracy is of new people", name,
                  f"{n:,} = {people} people x {faces} expressions x {gazes} gazes: were the {folds} folds "
                  f"random, {near:.1f} % of test images have a near-copy of the same person in training; "
                  "how they were cut is not said")  # fmt: skip


def _alharbawee2024_features(paper):
    """How many features the network gives, by asking one."""
    features = transfer.DiscriminatorFeatures(gans.preset("alharbawee2024"), untrained=True, device="cpu")
    count = features.fit_transform(np.zeros((2, 64, 64, 3), np.uint8)).shape[1]
    paper.compare("features of the network described", f"{SECTION} | Exp. 1 | features", exact(count))
    maps = [paper[f"3. Methodology | features | {part}"] for part in ("maps", "height", "width")]
    whole = exact(math.prod(part.value for part in maps), " x ".join(part.text for part in maps))
    paper.compare("maps x height x width", f"{SECTION} | Exp. 1 | features", whole)


def _alharbawee2024_units(paper):
    """Units that Table VI gives to the same emotions have the same labels on Radboud."""
    shown_by = {}
    for (table, emotion, _), units in paper.words.items():
        for unit in units.split() if table == "Table VI" else ():
            shown_by.setdefault(unit, set()).add(emotion)
    paper.compare("units in Table VI", "3. Methodology | action units | number", exact(len(shown_by)))
    angry = [unit for unit, emotions in shown_by.items() if emotions == {"angry"}]
    for experiment in ("Exp. 2", "Exp. 6"):
        values = [paper[f"Table IV | {unit} | {experiment}"].text for unit in angry]
        said, equal = ", ".join(values), len(set(values)) == 1
        why = "" if equal else "; they may differ only if each unit had folds of its own"
        place, verdict = f"Table IV | {' '.join(angry)} | {experiment}", HOLDS if equal else UNKNOWN
        paper.note("the same labels have the same area", place, said, "", verdict,
                   f"by Table VI all three mean angry: {said}{why}")  # fmt: skip


# ------------------------------------------------------------------------------------------------- kumar2024


def _kumar2024(paper):
    best = "DenseNet121 + GRU"
    for row in paper.column("Table 1", "F1"):
        line = paper.line("Table 1", row)
        paper.averaged_f1(f"Table 1 | {row} | F1", line["precision"], line["recall"])
        if row != best:
            paper.unknown("weighted recall is accuracy", f"Table 1 | {row} | recall",
                          f"accuracy is {line['accuracy'].text}: if both are of the same images, recall is "
                          "not weighted by support; how it was averaged is not said")  # fmt: skip
    recall = paper[f"5. Results analysis | {best} | perfect recall"]
    limit = recall.called(f"recall {recall.text} in every class leaves no error")
    for metric in ("accuracy", "precision") if recall.value == 100 else ():
        paper.compare("perfect recall is no error at all", f"Table 1 | {best} | {metric}", limit)
    section = "4. Proposed methodology"
    units, classes = f"{section} | {best} | output units", f"{section} | dataset | emotions"
    paper.same("an output unit a class", units, classes)


CHECKS = {"hegh2025": _hegh2025, "yousaf2025": _yousaf2025, "electronics2022": _electronics2022,
          "alharbawee2024": _alharbawee2024, "kumar2024": _kumar2024}  # fmt: skip


def audit(claims=None):
    """Recompute what can be recomputed of the five papers.

    Parameters
    ----------
    claims : pandas.DataFrame, optional
        As `affectkit.papers.claims` gives them, which are taken by default; or all those of some papers. Of a
        copy, ``printed`` may be changed to see what follows.

    Returns
    -------
    pandas.DataFrame
        A row a check. paper, check (what was asked), place ("table | row | metric"), printed, computed,
        verdict ("holds", "contradicts" or "cannot be checked") and arithmetic, or why it cannot be checked.
        A contradiction stands whatever the digits were that rounding took away.

    Raises
    ------
    ValueError
        `claims` has a paper that is none of the five, or a printed number that is none.
    """
    claims = _claims.claims() if claims is None else claims
    if odd := set(claims["paper"]) - CHECKS.keys():
        raise ValueError(f"claims has the paper {', '.join(map(repr, sorted(odd)))}; checks are there for "
                         f"{', '.join(CHECKS)}; check_report takes anybody's table")  # fmt: skip
    rows = []
    for key in dict.fromkeys(claims["paper"]):
        paper = Paper(key, claims[claims["paper"] == key])
        for name, other in paper.repeats:
            paper.same("says the same as elsewhere", name, other)
        CHECKS[key](paper)
        rows += paper.rows
    return pd.DataFrame(rows, columns=COLUMNS)


def check_report(table, accuracy=None):
    """Recompute a table of precision, recall and F1 by class: anybody's.

    Parameters
    ----------
    table : pandas.DataFrame
        A row a class; columns precision, recall and F1 as text, for its digits say how far it was rounded
        ("0.40" is not "0.4"), and support, the test samples of each class, where known. Rows "average" and
        "weighted average" are the printed averages. "" where nothing is printed.
    accuracy : str, optional
        The printed accuracy in per cent, such as "81"; it is checked by the support of every class.

    Returns
    -------
    pandas.DataFrame
        check, place, printed, computed, verdict and arithmetic, as `audit` gives them.

    Raises
    ------
    ValueError
        No DataFrame, a column is missing, a cell is no text or no number, or accuracy comes without support.
    """
    if not isinstance(table, pd.DataFrame):
        raise ValueError(f"table must be a pandas DataFrame with a row a class, not {type(table).__name__}")
    metrics = ("precision", "recall", "F1")
    if missing := set(metrics) - set(table.columns):
        raise ValueError(f"table lacks the column {', '.join(sorted(missing))}")
    cells = [("table", row, metric, "share", cell, "") for metric in metrics
             for row, cell in table[metric].items() if cell != ""]  # fmt: skip
    cells += [] if accuracy is None else [("table", "all", "accuracy", "%", accuracy, "")]
    if odd := [cell[4] for cell in cells if not isinstance(cell[4], str)]:
        raise ValueError(f"write numbers as text, as printed: {odd[0]!r} does not say how far it was rounded")
    paper = Paper("", pd.DataFrame(cells, columns=["table", "row", "metric", "unit", "printed", "repeats"]))
    support = {} if "support" not in table else {
        row: n for row, n in table["support"].items() if row not in AVERAGES and n != ""
    }  # fmt: skip
    if odd := {row: n for row, n in support.items() if not re.fullmatch(r"\d+(\.0)?", str(n))}:
        raise ValueError(f"support of {', '.join(map(str, odd))} must be a count of samples: {odd}")
    support = {row: exact(int(float(n))) for row, n in support.items()}
    if accuracy is not None and (missing := set(table.index) - {*support, *AVERAGES}):
        raise ValueError("accuracy can be checked only by the support of every class: "
                         f"{', '.join(map(str, missing))} has none; add the column support, or leave "
                         "accuracy out")  # fmt: skip
    paper.report("table", support, accuracy and "table | all | accuracy")
    return pd.DataFrame(paper.rows, columns=COLUMNS).drop(columns="paper")
