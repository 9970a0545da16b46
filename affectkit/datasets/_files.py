"""A folder and a zip, read alike. Nothing is ever extracted, so an archive has nowhere to break out to."""

import contextlib
import os
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

    Attributes
    ----------
    names : list of str
        Names with forward slashes, sorted; hidden files and the litter of file managers are left out.

    Raises
    ------
    DatasetError
        The zip is damaged, too large when unpacked, or names a place outside itself.
    """

    def __init__(self, path):
        self.path = Path(path)
        self._zip = None
        if self.path.is_dir():
            names = [
                Path(folder, file).relative_to(self.path).as_posix()
                for folder, _, files in os.walk(self.path, onerror=self._unreadable)
                for file in files
            ]
        else:
            try:
                self._zip = zipfile.ZipFile(self.path)
            except zipfile.BadZipFile as error:
                raise DatasetError(f"{self.path} is not a whole zip ({error}): fetch it again") from error
            except OSError as error:
                self._unreadable(error)
            self._check()
            names = [info.filename for info in self._zip.infolist() if not info.is_dir()]
        self.names = sorted(name for name in names if not _junk(name))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._zip:
            self._zip.close()

    def place(self, name):
        """Where a file stands, for messages."""
        return f"{self.path}{': ' if self._zip else '/'}{name}"

    @contextlib.contextmanager
    def open(self, name):
        """One file as a binary stream; a DatasetError where it cannot be read."""
        try:
            with self._zip.open(name) if self._zip else open(self.path / name, "rb") as file:
                yield file
        except _BROKEN as error:
            raise DatasetError(
                f"{self.place(name)} cannot be unpacked ({error}): fetch the archive again"
            ) from error
        except OSError as error:
            self._unreadable(error, self.place(name))

    def read(self, name):
        """The bytes of one file; a DatasetError where it cannot be read."""
        with self.open(name) as file:
            return file.read()

    def sources(self, names):
        """(label, path) of the files that hold ``names``: the zip itself, or each file."""
        return [("zip", self.path)] if self._zip else [(name, self.path / name) for name in names]

    def _unreadable(self, error, place=None):
        raise DatasetError(
            f"{place or error.filename or self.path} cannot be read ({error.strerror}): "
            "check that it is there and that you may read it"
        ) from error

    def _check(self):
        """Refuse an archive before any of it is unpacked."""
        total = 0
        for info in self._zip.infolist():
            parts = PurePosixPath(info.filename.replace("\\", "/")).parts
            if parts and (parts[0] == "/" or ":" in parts[0] or ".." in parts):
                raise DatasetError(
                    f"{self.path}: {info.filename!r} points outside the archive; such a file was not made by "
                    "the set's authors: fetch it from the source its card names"
                )
            total += info.file_size
            bomb = info.file_size > 1 << 20 and info.file_size > MOST_RATIO * info.compress_size
            if bomb or total > MOST_BYTES:
                raise DatasetError(
                    f"{self.path}: unpacks to far more than any published form ({info.filename!r}, "
                    f"{info.file_size:,} bytes): fetch it from the source its card names"
                )


def holds_files(path):
    """Whether a path is a folder with anything in it but hidden files."""
    return path.is_dir() and any(not _junk(entry.name) for entry in path.iterdir())


def _junk(name):
    return any((part.startswith(".") and part != ".") or part.lower() in _JUNK for part in name.split("/"))
