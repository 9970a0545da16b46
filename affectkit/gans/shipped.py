"""The checkpoints that the kit ships, all trained on twins: where they lie, and whether they are whole.

`python -m affectkit.checkpoints` makes the GANs among them, `python -m affectkit.judge` the judge of faces.
"""

import hashlib
from pathlib import Path

from safetensors import safe_open

from affectkit.datasets import _cache

from .dcgan import DCGAN
from .rgan import RGAN

TRAINED = {
    "dcgan-faces": "DCGAN of 2015, FER-2013's twin, by class",
    "modern-faces": "the recipe of 2025 on the same faces, for the same time",
    "dcgan-landscapes": "electronics2022's DCGAN, narrower, on its twin of landscapes",
    "rgan-pulses": "a GAN on pulse waves of twins",
}
REMAKE = "get a fresh copy, or make it anew by `python -m affectkit.checkpoints {}` (some minutes)"


def trained(name, *, device="auto"):
    """Load a GAN of the kit's own making, trained on twins alone.

    Parameters
    ----------
    name : {"dcgan-faces", "modern-faces", "dcgan-landscapes", "rgan-pulses"}
    device : {"auto", "cpu", "cuda"}

    Returns
    -------
    DCGAN or RGAN
        Ready to `sample`, and with ``warm_start=True`` to train on.

    Raises
    ------
    ValueError
        For an unknown name, and for a file that is missing or damaged.

    Examples
    --------
    >>> import affectkit as ak
    >>> ak.gans.trained("modern-faces", device="cpu").sample(3, "happy").shape
    (3, 48, 48)
    """
    if name not in TRAINED:
        raise ValueError(f"there is no trained GAN named {name!r}; there are: {', '.join(TRAINED)}.")
    path = folder() / f"{name}.safetensors"
    checked(path, REMAKE.format(name))
    with safe_open(path, "pt") as file:
        kind = {"DCGAN": DCGAN, "RGAN": RGAN}[file.metadata()["class"]]
    return kind.load(path, device=device)


def folder():
    """Where checkpoints lie: in the installed package, or in the repository."""
    packed = Path(__file__).parents[1] / "_checkpoints"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "data" / "checkpoints"


def checked(path, remake):
    """SHA-256 of a checkpoint, if it is the file that was made.

    Parameters
    ----------
    path : Path
        The SHA-256 stands beside it in a file of the same name that ends in .sha256.
    remake : str
        What to do where it is not: the end of the message.

    Returns
    -------
    str
        The SHA-256.

    Raises
    ------
    ValueError
        It is missing or another file.
    """
    try:
        expected = path.with_suffix(".sha256").read_text("ascii").split()[0]
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} or its .sha256 cannot be read ({error}): {remake}.") from error
    if found != expected:
        raise ValueError(f"{path} is damaged, its SHA-256 is not that of {path.stem}.sha256: {remake}.")
    return found


def store(path, content):
    """Write a checkpoint (bytes), and its SHA-256 beside it."""
    sums = f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode("ascii")
    for file, data in ((path, content), (path.with_suffix(".sha256"), sums)):
        _cache.write(file, lambda out, data=data: out.write(data))
