"""Measures the generators, and makes docs/generators.md of it:

    python docs/generators.py faces --seeds 0,1,2   one measurement; what was measured stays, but for --again
    python docs/generators.py all                   everything, then the report
    python docs/generators.py report                docs/generators.md from what is there

Results are JSON files in reports/generators/, study.py says how; sheets of generated faces lie beside them. A
sheet of a GAN that learnt from real faces may show real people: it stays in reports/. With AFFECTKIT_CAP=1
results are kept apart.
"""

import inspect
import math
import time
from functools import partial

import numpy as np
import study
import torch
from generators_signals import pulses, sines, stress
from sklearn.linear_model import Ridge
from study import ROOT, at_most, row

import affectkit as ak

HEAD = """# Generators, measured

Made by `python docs/generators.py all`; nothing here is typed in by hand. *value* is the mean over the seeds,
*each seed* gives them one by one, *interval* the 95 % interval inside a run, over resamples of half of the
samples (the mean of its ends over the seeds). A *floor* is the same figure for real samples against other
real ones, at the same n. *goal* was set before measuring. Figures rest on the kit's own features
(`ak.judge.describe`), unless they say otherwise: they are on another scale than those of papers.

"""
MODERN = ("recurrent", "convolutional")
GAP = {f"{name}: TSTR below train-real-test-real": (-math.inf, 0.1) for name in MODERN}
BEATS = {f"{n}: heart rate, {what} [bpm]": (0, 5) for n in MODERN for what in ("difference", "distance")}
GOALS = {  # measurement => figure => lowest and highest value asked for
    "faces": {}, "rare": {}, "au7": {}, "sines": GAP, "pulses": GAP | BEATS, "stress": {},
}  # fmt: skip
SEEDS = dict.fromkeys(("faces", "rare", "sines", "pulses", "stress"), "0,1,2")
SHOWN = ("KID", "FID", "precision", "recall", "coverage")


def folder():
    return ROOT / "reports" / at_most("generators", "generators-capped")


def train(gan, X, minutes):
    """Train for so many minutes of one core, however busy it is with other things."""
    torch.set_num_threads(1)
    begin = time.process_time()
    limit = at_most(60 * minutes, 2)
    gan.set_params(max_epochs=None, max_steps=10**9, device="cpu")
    return gan.fit(X, callbacks=[lambda *_: time.process_time() - begin > limit])


def judged(name, known, gan, new, source):
    """Rows of one generator, those of real samples, which are the floor, and what it made.

    It is compared with new real samples; for copies, with all that it has learnt from.
    """
    fake = gan.sample(at_most(2000, 60), random_state=0)
    options = dict(n_resamples=at_most(50, 10), max_n=at_most(1000, 30))
    few = len(new) < 218  # the rarest class: halves of what was learnt from take the place of new samples
    real, others = (known, None) if few else (new, known)
    table = ak.judge.report(real, fake, held_out=others, **options).loc[list(SHOWN)]
    told, about = ak.judge.memorisation(known, fake, held_out=new), dict(n=len(fake), source=source)
    pixels = partial(ak.judge.kid, new, features="pixels")
    rows, floor = [row(f"{name}: steps", gan.steps_, source=source)], []
    for metric, line in table.iterrows():
        figure = dict(n=int(line.n), source=source)
        rows.append(row(f"{name}: {metric}", line.value, line.low, line.high, **figure))
        floor.append(row(f"floor: {metric}", line.floor, **figure))
    rows += [
        row(f"{name}: KID on pixels", pixels(fake), **about),
        row(f"{name}: copies of training faces", told.copies, **about),
        row(f"{name}: closer to training than new faces", told.closer, **about),
    ]
    floor.append(row("floor: KID on pixels", pixels(known[: len(fake)]), **about))
    return rows, floor, fake


def contest(measure, seed, contenders, X, minutes, new, source, made=None):
    """Train each contender for the same time; rows of all, the floor, and a sheet to look at.

    What each made is added to the dict `made`, if there is one.
    """
    rows, sheet = [], []
    for name, gan in contenders.items():
        found, floor, fake = judged(name, X, train(gan, X, minutes), new, source)
        rows += found
        sheet.append(fake[:12])
        if made is not None:
            made[name] = fake
    images = np.concatenate([X[:12], *sheet])
    names = ["real", *contenders]
    figure = ak.plots.face_sheet(
        images, np.repeat(np.arange(len(names)), 12), names, per_class=12, source=source, title=measure
    )
    figure.savefig(folder() / f"{measure}-{seed}.png", dpi=100)
    return dict(rows=rows + floor)


# ------------------------------------------------------------------------------------------- the measurements


def faces(seed):
    """Faces of FER-2013, all classes: the DCGAN of 2015 and the modern recipe, for the same time.

    28,709 faces of Training, 48 x 48, no labels; compared with PublicTest, which no generator has seen. Each
    trains for 2 minutes of one core, so that a narrow network sees more faces in the same time: 64 is the
    width of PyTorch's DCGAN. The modern recipe was chosen on faces held out of Training (seed 0). *Copies*
    is the share of generated faces nearer to one of the 28,709 than half of what a new face is (median),
    *closer* how often a generated face is nearer than a new one: 0.5 would be as often as not.
    """
    known, new = (ak.datasets.load("fer2013", source="real", split=s).data for s in ("train", "val"))
    known, new = known[: at_most(None, 200)], new[: at_most(None, 60)]
    contenders = {
        "DCGAN, width 64": ak.gans.preset("hegh2025-faces", random_state=seed),
        "DCGAN, width 24": ak.gans.preset("hegh2025-faces", width=24, random_state=seed),
        "modern": ak.gans.preset("modern", random_state=seed),
    }
    return contest("faces", seed, contenders, known, 2, new, "real")


def rare(seed):
    """The rarest class of FER-2013: 436 disgusted faces, with DiffAugment and without.

    One minute of one core each, on the 436 faces of Training. PublicTest has 56 disgusted faces, too few to
    compare with: KID, FID and the like take halves of the 436 (n = 218), which the generators have seen.
    *Copies* and *closer* hold generated faces against all 436 and against the 56 new ones, as above.
    """
    real = ak.datasets.load("fer2013", source="real", split="train")
    test = ak.datasets.load("fer2013", source="real", split="val")
    of_class = real.target_names.index("disgust")
    X, new = (part.data[part.target == of_class] for part in (real, test))
    contenders = {
        f"{name}{', DiffAugment' * augmented}": ak.gans.preset(
            preset, width=24, diffaugment=augmented, random_state=seed
        )
        for name, preset in (("DCGAN", "hegh2025-faces"), ("modern", "modern"))
        for augmented in (False, True)
    }

    return contest("rare", seed, contenders, X, 1, new, "real")


def au7(seed):
    """alharbawee2024's DCGAN, trained on faces of one action unit: AU7, tightened lids, on twins.

    Of 24,000 faces in colour, 64 x 64, those whose AU7 is at least 0.5, whatever else they show; the paper's
    network (latents of 100, Adam with beta1 = 0.9, batches of 128) for 3 minutes of one core, where it had
    300 epochs; and beside it the same a quarter as wide, which gets further in that time.
    The intensity of AU7 is read off the judge's features by a ridge regression that was fitted on 9,000 other
    faces of all kinds.
    """
    at = ak.twins.faces.ACTION_UNITS.index("AU7")

    def draw(n, number):
        counts = np.full(7, -(-n // 7))
        options = dict(classes=list(ak.cards.get("fer2013").classes), size=64, channels=3, label_noise=0)
        images, _, truth = ak.twins.faces.make(counts, random_state=[seed, 900 + number], **options)
        return images, truth["action_units"][:, at]

    images, tight = draw(at_most(24_000, 1600), 0)
    X = images[tight >= 0.5]
    images, tight = draw(at_most(9000, 300), 1)
    read = Ridge(1.0).fit(ak.judge.describe(images), tight)
    images, tight = draw(at_most(9000, 300), 2)
    new = images[tight >= 0.5]
    contenders = {
        name: ak.gans.preset("alharbawee2024", width=width, random_state=seed)
        for name, width in (("DCGAN", 64), ("DCGAN, width 16", 16))
    }
    told = {"new faces with AU7": new, "new faces without": images[tight < 0.1]}
    result = contest("au7", seed, contenders, X, 3, new, "twin", told)
    result["rows"].append(row("faces of the training set", len(X), source="twin"))
    for name, some in told.items():
        found = read.predict(ak.judge.describe(some))
        half = 1.96 * found.std() / math.sqrt(len(found))
        interval = found.mean() - half, found.mean() + half
        figure = row(f"{name}: AU7 as read", found.mean(), *interval, n=len(found), source="twin")
        result["rows"].append(figure)
    return result


MEASURES = {f.__name__: f for f in (faces, rare, au7, sines, pulses, stress)}


# ----------------------------------------------------------------------------------------------------- report


def state(measure):
    """Hash of the code a result rests on: the generators, the judges and the measurement."""
    names = {"gans": "_base dcgan losses presets rgan", "judge": "_features _resample images signals"}
    paths = [ROOT / "affectkit" / part / f"{name}.py" for part in names for name in names[part].split()]
    if measure in ("sines", "pulses", "stress"):
        paths += [ROOT / "affectkit" / name for name in ("checkpoints.py", "preprocess/signals.py")]
        return study.state([*paths, ROOT / "docs/generators_signals.py"])
    eye = (ROOT / "data/checkpoints/judge-faces.sha256").read_text("ascii")
    functions = (train, judged, contest, MEASURES[measure])
    code = [inspect.getsource(f).replace(f.__doc__ or "", "") for f in functions]
    return study.state(paths, eye, *code)


def report():
    """Write docs/generators.md from what is there."""
    study.write(
        ROOT / "docs" / "generators.md", folder=folder(), measures=MEASURES, state=state,
        rests_on="the generators", head=HEAD, goals=GOALS,
    )  # fmt: skip


def main(arguments=None):
    ak.speed.tune()
    study.run(
        arguments, about=__doc__, folder=folder(), measures=MEASURES, seeds=SEEDS, state=state,
        others=dict(report=report),
    )  # fmt: skip


if __name__ == "__main__":
    main()
