"""Arrays parsed once, kept outside the repository.

A cached file is named after what it was made from: loader version and content. So two processes that build
the same one write the same bytes, and whichever ``os.replace`` comes last changes nothing: no lock is needed.
Reading all of the source again for its content hash would take longer than the load itself; (path, size,
mtime) is the shortcut to it.
"""

import hashlib
import os
import tempfile
import warnings
import zipfile
import zlib
from pathlib import Path

import numpy as np
import platformdirs

from ._errors import DatasetError

VERSION = 2  # raise it whenever a door reads the same files differently

# All that numpy and zipfile raise on a file that is cut short, overwritten or not theirs.
_DAMAGE = (zipfile.BadZipFile, zlib.error, ValueError, EOFError, KeyError, NotImplementedError)


def folder():
    """The cache folder: $AFFECTKIT_CACHE, else the system's place for caches."""
    return Path(os.environ.get("AFFECTKIT_CACHE") or platformdirs.user_cache_path("affectkit")) / "datasets"


def arrays(key, sources, build, *, pick=None):
    """The arrays that ``build`` makes of ``sources``; from the cache where they are known.

    Parameters
    ----------
    key : str
        What is built, e.g. "fer2013".
    sources : list of (str, Path)
        Label and place of every file that ``build`` reads; the label (not the place) is part of the key.
        For a twin's arrays: ``simulator(card)``, with the parameters in ``key``.
    build : callable
        () -> dict of str to array.
    pick : callable, optional
        Array names -> the names wanted; all by default.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    DatasetError
        The cache could not be written; no broken file stays behind.
    """
    path = folder() / f"{key}-v{VERSION}-{content(sources)[:24]}.npz"
    try:
        with np.load(path, allow_pickle=False) as stored:  # its zip checksums reveal damage
            if not stored.files:
                raise ValueError("no arrays in it")
            return {name: stored[name] for name in (pick(stored.files) if pick else stored.files)}
    except FileNotFoundError:
        pass
    except OSError as error:
        raise DatasetError(
            f"{path} cannot be read ({error.strerror}). Take it away, or set AFFECTKIT_CACHE to another "
            "folder."
        ) from error
    except _DAMAGE as error:
        warnings.warn(f"{path} was damaged ({error}); it is built again", stacklevel=2)
        path.unlink(missing_ok=True)
    built = build()
    write(path, lambda file: np.savez(file, **built))
    return {name: built[name] for name in (pick(list(built)) if pick else built)}


def simulator(card):
    """(label, path) of the files that decide what a twin looks like: what its cache is keyed by."""
    from .. import cards, emotions, preprocess, twins

    others = {  # simulators that this modality has no use for
        "faces": ("hearts", "_protocols", "scenes"),
        "signals": ("faces", "_head", "scenes"),
        "scenes": ("faces", "_head", "hearts", "_protocols"),
    }.get(card.modality, ())
    files = [path for path in Path(twins.__file__).parent.glob("*.py") if path.stem not in others]
    files += [Path(module.__file__) for module in (emotions, preprocess.faces)]
    # a mixed set has as many wild faces as fer2013
    files += [Path(cards.__file__).with_name(f"{name}.toml") for name in {card.name, "fer2013"}]
    return sorted((f"{path.parent.name}/{path.name}", path) for path in files)


def content(sources):
    """SHA-256 over labels and bytes of all sources; read again only where a path, size or mtime is new."""
    if not sources:  # everything that is made of nothing would share one key
        raise ValueError("sources is empty: name every file that build reads")
    try:
        quick = hashlib.sha256()
        for label, path in sources:
            stat = os.stat(path)
            quick.update(f"{label}\0{os.path.abspath(path)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
        note = folder() / "seen" / quick.hexdigest()
        if note.is_file() and note.stat().st_size == 64:
            return note.read_text(encoding="ascii", errors="replace")
        whole = hashlib.sha256()
        for label, path in sources:
            whole.update(f"{label}\0{os.path.getsize(path)}\n".encode())
            with open(path, "rb") as file:
                while block := file.read(1 << 20):
                    whole.update(block)
    except OSError as error:
        raise DatasetError(
            f"{error.filename} cannot be read ({error.strerror}): check that it is there and that you may "
            "read it"
        ) from error
    write(note, lambda file: file.write(whole.hexdigest().encode()))
    return whole.hexdigest()


def write(path, save):
    """Write a file whole or not at all."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            temporary = file.name
            save(file)
        os.replace(temporary, path)
    except BaseException as error:  # an interrupt, too, must leave nothing half-written
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise DatasetError(
                f"{path}: the parsed arrays could not be cached ({error}). Free some space there, or set "
                "AFFECTKIT_CACHE to a folder that can be written."
            ) from error
        raise
