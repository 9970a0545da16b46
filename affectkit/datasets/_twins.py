"""Twins, handed over as the doors hand over real sets.

Pictures are drawn in parts and each part is kept: a large set that is interrupted goes on where it stopped,
and never takes more memory than its pictures do.
"""

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from .. import speed
from . import _cache, _sample, signals
from ._errors import DatasetError

PART = 16 << 20  # bytes of pictures that are drawn and kept at a time
SHARE = 0.8  # of the free memory that pictures may take: someone wants to work with them
LEAD = {"deap": 3}  # s of baseline before a clip, which are none of its emotion


def pictures(card, split, size, max_per_class, random_state):
    """Faces or scenes of a twin: the fields of a Bunch."""
    from ..twins import zoo

    rows = zoo.plan(
        card.name,
        split=None if split == "all" else split,
        max_per_class=max_per_class,
        random_state=random_state,
    )
    drawn = _sample.faces(card, rows, size, random_state)
    if drawn is None:
        drawn = _draw(card, rows, split, size, max_per_class, random_state)
    fields = dict(drawn, target=rows.target.to_numpy(np.int64), split=rows.split.to_numpy("U5"), groups=None)
    for key in ("action_unit_names", "kind_names"):
        if key in fields:
            fields[key] = fields[key].tolist()
    if card.subjects:
        fields["groups"] = rows.group.to_numpy(object)
        fields["trial"] = (rows.person * 10_000 + rows.moment).to_numpy(np.int64)
    if zoo.SETTINGS[card.name].label_noise:
        fields["shown"] = rows.shown.to_numpy(np.int64)
    if card.modality != "scenes":
        fields["traits"] = _traits(card, rows, random_state)
    return fields


def _traits(card, rows, random_state):
    """Who is seen, a row a picture: a DataFrame of what ``load`` lists."""
    from ..twins import faces, zoo

    who, place = np.unique(rows.person, return_inverse=True)
    drawn = faces.people(who, random_state=zoo._seed(card.name, random_state))[place]
    drawn = pd.DataFrame(drawn, columns=list(faces.TRAITS)).astype(float)
    acted = (rows["style"] == "acted").to_numpy()
    drawn.loc[acted, list(faces.BARE)] = list(faces.BARE.values())  # as `portray` does
    drawn["beard"] -= 2 * (-drawn["age"]).clip(0, 1)  # children have none, whatever was drawn
    tone = 1 + 9 * (1 - ((drawn["skin"] - 0.2) / 0.8).clip(0, 1))
    traits = dict(skin=tone.round().astype(np.int64), age=drawn["age"].clip(-1, 1))
    return pd.DataFrame(traits | {name: drawn[name] > 0 for name in ("glasses", "beard", "hat", "mask")})


def _draw(card, rows, split, size, max_per_class, random_state):
    from ..twins import zoo

    height, width = shape = (size, size) if size else card.image_size
    check_memory(f"the twin of {card.name}", len(rows), shape, card.channels)
    step = min(max(PART // (height * width * card.channels), 1), 4096)
    key = f"{card.name}-twin-{split}-{height}x{width}-{max_per_class or 'all'}-seed{random_state}"
    whole = {}
    bar = dict(total=len(rows), desc=f"drawing the twin of {card.name}", unit="picture")
    with tqdm(**bar, leave=False, delay=2) as bar:
        for start in range(0, len(rows), step):
            some = rows.iloc[start : start + step]
            part = _cache.arrays(
                f"{key}-{start}-{len(some)}",
                _cache.simulator(card),
                lambda some=some: zoo.draw(card.name, some, size=size, random_state=random_state),
            )
            for name, values in part.items():
                if name.endswith("_names"):
                    whole[name] = values
                else:
                    empty = whole.setdefault(name, np.empty((len(rows), *values.shape[1:]), values.dtype))
                    empty[start : start + step] = values
            bar.update(len(some))
    return whole


def check_memory(who, n, shape, channels):
    """Refuse what does not fit, before any of it is drawn or read."""
    square = n * channels  # bytes of all pictures, if their size were 1
    sizes, room = (128, 64, 48, 32), speed.free_memory() / 4
    less = next((side for side in sizes if square * side**2 < room), 16)
    try:
        speed.check_memory(
            square * shape[0] * shape[1],
            f"{who}: {n:,} pictures of {shape[0]}x{shape[1]} pixels",
            f"ask for smaller ones (size={less}: {square * less**2 / 1e9:,.2f} GB) or for fewer "
            "(max_per_class=50)",
            share=SHARE,
        )
    except ValueError as error:
        raise DatasetError(str(error)) from None


def recordings(card, channels, random_state):
    """The people of a twin: a list of Recording, and their ratings (a DataFrame, a row a trial) or None."""
    table = _sample.table(card, random_state)
    if table is None:
        table = _kept(card, "table", random_state, lambda: make_table(card, random_state))
    raw = {
        name: _kept(card, name, random_state, lambda name=name: _raw(card, random_state, name))
        for name in channels
        if name != "heart_rate"
    }
    people = []
    for group in table["groups"].tolist():
        start, end, label = table[f"{group}_segments"].T
        known = np.full(len(table[f"{group}_heart_rate"]), -1)
        for a, b, k in zip(start, end, label, strict=True):
            known[a:b] = k
        found = {"heart_rate": (table[f"{group}_heart_rate"], 1.0, 0.0)}
        found |= {name: (part[group], float(part["rate"]), 0.0) for name, part in raw.items()}
        names = table[f"{group}_tasks"].tolist()
        segments = list(zip(start.tolist(), end.tolist(), names, label.tolist(), strict=True))
        people.append(signals.Recording(group, known, found, np.sort(start).astype(float), segments))
    ratings = pd.DataFrame(table["ratings"], columns=table["rated"].tolist()) if "ratings" in table else None
    return people, ratings


def _kept(card, part, random_state, build):
    return _cache.arrays(f"{card.name}-twin-{part}-seed{random_state}", _cache.simulator(card), build)


def _people(card, random_state):
    from ..twins import zoo

    return zoo.people(card.name, random_state=random_state)


def make_table(card, random_state):
    """Heart rate, tasks and ratings of all people as plain arrays."""
    people, lead = _people(card, random_state), LEAD.get(card.name, 0)
    arrays = dict(groups=np.array([person.group for person in people]))
    for person in people:
        start, end, task, label = zip(*(part for part in person.segments if part[3] >= 0), strict=True)
        arrays[f"{person.group}_heart_rate"] = person.heart_rate
        arrays[f"{person.group}_segments"] = np.stack([np.add(start, lead), end, label], axis=1)
        arrays[f"{person.group}_tasks"] = np.array(task)
    if people[0].ratings is not None:
        arrays["rated"] = people[0].ratings.columns.to_numpy(str)
        arrays["ratings"] = np.concatenate([person.ratings.to_numpy(float) for person in people])
    return arrays


def _raw(card, random_state, name):
    people, arrays = _people(card, random_state), {}
    for person in tqdm(people, desc=f"simulating {name}", unit="person", leave=False, delay=2):
        arrays[person.group], rate = person.raw(name)
    return arrays | dict(rate=np.array(rate))


def pairs(card, size, max_per_class, random_state, channels):
    """Faces and pulses of the same people at the same moments: the fields of a Bunch."""
    from ..twins import zoo

    fields = pictures(card, "all", size, max_per_class, random_state)
    rows = zoo.plan(card.name, max_per_class=max_per_class, random_state=random_state)

    def pulses():
        x, rate = zoo.pulses(rows, signals=channels, random_state=random_state)
        return dict(x=x, rate=np.array(rate))

    found = _kept(card, f"{'_'.join(channels)}-{max_per_class or 'all'}", random_state, pulses)
    fields |= dict(faces=fields.pop("data"), signals=found["x"], sampling_rate=float(found["rate"]))
    return fields | dict(intensity=rows.intensity.to_numpy(np.float32), channel_names=list(channels))
