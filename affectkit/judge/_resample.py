"""Every figure with its interval and its floor."""

import warnings

import numpy as np
import pandas as pd

SPLITS = 5


def table(sets, measure, notes, *, max_n, n_resamples, random_state):
    """Measure "fake" against "real", and real against real at the same n.

    Value and floor are means over a few random splits. The interval is the delete-half jackknife's: figures
    of half of both samples, drawn without replacement, scatter among each other as those at n scatter about
    the truth. (A bootstrap draws rows twice, which nearest neighbours and covariances take for duplicates.)
    Figures such as FID depend on n, so only the scatter of the halves is used, about the value.

    Parameters
    ----------
    sets : dict of "real", "fake" and perhaps "held_out" to dict of str to array
        What `measure` needs, a row a sample. Without held_out, halves of real take its place.
    measure : callable
        (real, fake, rng, training) -> dict of metric to float; `training` is all of real where real is a half
        of it, since half of the training images would hide half of the copies.
    notes : dict of metric to (better, lowest, highest, features)
        Which way is better, what values there can be, and what it is computed on.
    """
    rng = np.random.default_rng(random_state)
    size = {name: len(next(iter(x.values()))) for name, x in sets.items()}
    n = min(
        size["fake"], max_n, min(size["real"], size["held_out"]) if "held_out" in size else size["real"] // 2
    )
    if n < 20:
        raise ValueError(
            f"a report needs 20 samples a side, and without held_out 40 real ones: there are {size}."
        )
    if n_resamples < 10:
        raise ValueError(f"n_resamples={n_resamples} must be at least 10.")

    def draw(x, n, among):
        """Rows of x: two draws without replacement (the second as far as there are enough)."""
        rows = rng.permutation(among)
        return [{key: values[part] for key, values in x.items()} for part in (rows[:n], rows[n : 2 * n])]

    values, floors = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # said once, by the caller
        for _ in range(SPLITS):
            ours, others = draw(sets["real"], n, size["real"])
            if "held_out" in sets:
                others = draw(sets["held_out"], n, size["held_out"])[0]
            theirs = draw(sets["fake"], n, size["fake"])[0]
            values.append(measure(ours, theirs, rng, ours))
            floors.append(measure(ours, others, rng, ours))
        halves = [
            measure(draw(ours, n // 2, n)[0], draw(theirs, n // 2, n)[0], rng, ours)
            for _ in range(n_resamples)
        ]
    better, lowest, highest, features = zip(*(notes[metric] for metric in values[0]), strict=True)
    result = pd.DataFrame({"value": pd.DataFrame(values).mean()})
    scatter = pd.DataFrame(halves) - pd.DataFrame(halves).mean()
    for name, q in (("low", 0.025), ("high", 0.975)):
        result[name] = (result["value"] + scatter.quantile(q)).clip(lowest, highest)
    result["floor"], result["better"] = pd.DataFrame(floors).mean(), better
    result["n"], result["features"] = n, features
    return result.rename_axis("metric")
