"""``python -m affectkit.checkpoints [NAME ...]``: make the GANs in data/checkpoints anew, from twins alone.

Each takes the minutes its recipe says, and cannot repeat bit for bit: how many steps fit into them depends on
the machine.
"""

import sys
import tempfile
from pathlib import Path

import torch

from affectkit import __version__, datasets, speed
from affectkit.balance import faces as augmentation
from affectkit.gans import preset
from affectkit.gans.shipped import TRAINED, folder, store

MINUTES = 10
COMMON = dict(max_epochs=None, max_seconds=60 * MINUTES, verbose=1)


def faces(name, **options):
    """A generator of the seven emotions of FER-2013's twin, and what it was trained on."""
    twin = datasets.load("fer2013", source="twin", split="train")
    labels = [twin.target_names[k] for k in twin.target]
    gan = preset(name, width=24, n_classes=len(twin.target_names), **options, **COMMON)
    return gan.fit(twin.data, labels), f"{len(labels)} faces of FER-2013's twin"


def landscapes():
    """electronics2022's landscapes, each six times augmented; its networks at a third of their width."""
    twin = datasets.load("landscapes", source="twin", size=64)
    images = augmentation.augment(twin.data, "electronics2022-landscapes", copies=6, random_state=0)
    gan = preset("electronics2022", width=24, **COMMON)
    return gan.fit(images), f"{len(images)} pictures of electronics2022's twin"


RECIPES = {
    "dcgan-faces": lambda: faces("hegh2025-faces"),
    "modern-faces": lambda: faces("modern"),
    "dcgan-landscapes": landscapes,
}


def make(name, where):
    """Train one of `RECIPES` and write it, weights of 16 bits, with its SHA-256 beside it.

    Parameters
    ----------
    name : str
    where : Path
        The folder.

    Returns
    -------
    Path
    """
    gan, data = RECIPES[name]()
    note = (f"trained on {data} for {gan.seconds_:.0f} s, {gan.steps_} steps, by "
            f"`python -m affectkit.checkpoints {name}`, affectkit {__version__}, torch {torch.__version__}")
    path = where / f"{name}.safetensors"
    with tempfile.TemporaryDirectory() as folder:
        gan.save(Path(folder) / path.name, half=True, note=note)
        store(path, (Path(folder) / path.name).read_bytes())
    return path


def main(names):
    """Make those named, or all."""
    speed.tune()
    unknown = set(names) - set(RECIPES)
    if unknown:
        raise SystemExit(f"there is no {', '.join(sorted(unknown))}; there are: {', '.join(RECIPES)}")
    for name in names or TRAINED:
        path = make(name, folder())
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main(sys.argv[1:])
