"""A folder and a zip, read alike. Nothing is ever extracted, so an archive has nowhere to break out to."""

import contextlib
import os
import struct
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from ._errors import DatasetError

MOST_BYTES = 4 << 30  # unpacked, in one archive; the largest set read here has 0.3 GB
MOST_RATIO = 200  # unpacked / packed; digits as text pack about 4 times, an all-zero bomb 1000 times
# What zipfile raises on a member that is cut short, overwritten, encrypted, or packed in an unknown way.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
_JUNK = {"__macosx", "thumbs.db", "desktop.ini"}


class Tree:
    """Files below a folder or inside a zip.

    Parameters
    ----------
    path : Path
        A folder or a zip.
    zips : bool, default=False
        Whether the zips in a folder are looked into: "images.zip/S005/x.png" is x.png in it.
    most : int
        Bytes that an archive may unpack to in all.

    Attributes
    ----------
    names : list of str
        Names with forward slashes, sorted; hidden files and the litter of file managers are left out.

    Raises
    ------
    DatasetError
        The zip is damaged, too large when unpacked, or names a place outside itself.
    """

    def __init__(self, path, *, zips=False, most=MOST_BYTES):
        self.path = Path(path)
        self._zips = {}  # what the names of its files begin with -> the archive
        if self.path.is_dir():
            names = []
            for folder, _, files in os.walk(self.path, onerror=self._unreadable):
                start = Path(folder).relative_to(self.path).as_posix()
                names += files if start == "." else [f"{start}/{file}" for file in files]
            inner = [name for name in names if name.lower().endswith(".zip") and not _junk(name)]
            for name in inner if zips else ():
                names.remove(name)
                names += self._look_into(self.path / name, f"{name}/", most)
        else:
            names = self._look_into(self.path, "", most)
        self.names = sorted({name for name in names if not _junk(name)})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for archive in self._zips.values():
            archive.close()

    def place(self, name):
        """Where a file stands, for messages."""
        archive, inside = self._archive(name)
        return f"{archive.filename}: {inside}" if archive else f"{self.path}/{name}"

    @contextlib.contextmanager
    def open(self, name):
        """One file as a binary stream; a DatasetError where it cannot be read."""
        archive, inside = self._archive(name)
        try:
            with archive.open(inside) if archive else open(self.path / name, "rb") as file:
                yield file
        except _BROKEN as error:
            locked = "encrypted" in str(error)  # zipfile has no error of its own for it
            remedy = "unpack it yourself, with its password" if locked else "fetch the archive again"
            raise DatasetError(f"{self.place(name)} cannot be unpacked ({error}): {remedy}") from error
        except OSError as error:
            self._unreadable(error, self.place(name))

    def read(self, name, most=None):
        """The bytes of one file; a DatasetError where it cannot be read, or has more than `most`."""
        with self.open(name) as file:
            content = file.read(-1 if most is None else most + 1)
        if most is not None and len(content) > most:
            raise DatasetError(
                f"{self.place(name)} has more than {most:,} bytes: take it out, or fetch it again"
            )
        return content

    def sources(self, names):
        """(label, path) of the files that hold ``names``: the zips, or each file."""
        found = {}
        for name in names:
            archive, inside = self._archive(name)
            label = (name.removesuffix(inside).rstrip("/") or "zip") if archive else name
            found[label] = Path(archive.filename) if archive else self.path / name
        return list(found.items())

    def _archive(self, name):
        """The archive that holds a file, and the file's name in it; None where it lies in the folder."""
        for start, archive in self._zips.items():
            if name.startswith(start):
                return archive, name.removeprefix(start)
        return None, name

    def _unreadable(self, error, place=None):
        raise DatasetError(
            f"{place or error.filename or self.path} cannot be read ({error.strerror}): "
            "check that it is there and that you may read it"
        ) from error

    def _look_into(self, path, start, most):
        """Names of an archive's files; what it could do harm by is refused before any of it is unpacked."""
        try:
            archive = self._zips[start] = zipfile.ZipFile(path)
        except (*_BROKEN, ValueError, struct.error) as error:
            raise DatasetError(f"{path} is not a whole zip ({error}): fetch it again") from error
        except OSError as error:
            self._unreadable(error, path)
        total = 0
        for info in archive.infolist():
            parts = PurePosixPath(info.filename.replace("\\", "/")).parts
            if parts and (parts[0] == "/" or ":" in parts[0] or ".." in parts):
                raise DatasetError(
                    f"{path}: {info.filename!r} points outside the archive; such a file was not made by "
                    "the set's authors: fetch it from the source its card names"
                )
            total += info.file_size
            bomb = info.file_size > 1 << 20 and info.file_size > MOST_RATIO * info.compress_size
            if bomb or total > most:
                raise DatasetError(
                    f"{path}: unpacks to far more than any published form ({info.filename!r}, "
                    f"{info.file_size:,} bytes): fetch it from the source its card names"
                )
        return [start + info.filename for info in archive.infolist() if not info.is_dir()]


def holds_files(path):
    """Whether a path is a folder with anything in it but hidden files."""
    return path.is_dir() and any(not _junk(entry.name) for entry in path.iterdir())


def _junk(name):
    return any((part.startswith(".") and part != ".") or part.lower() in _JUNK for part in name.split("/"))
