"""Pickles of arrays, read without calling anything that they name.

A pickle is a program: an ordinary reader calls whatever the file tells it to. The published ones (DEAP's
sNN.dat, WESAD's SX.pkl, both written by Python 2) need three names of numpy to say what an array is:
``_reconstruct``, ``ndarray`` and ``dtype``. Stand-ins take their place, so that not even numpy's own
functions see what the file hands over; every other name is refused. An array's header is held against the
bytes that follow before an array is made of them, and a file may neither take more steps nor ask for more
bytes than an honest one: a few instructions can be written to fill any memory.
"""

import math
import os
import pickle
import re

import numpy as np

from ._errors import DatasetError

_NUMBERS = re.compile(r"[fiu][1248]|b1")
_STEPS = 5_000  # reads; an array takes about 60, and WESAD's, which has the most, is 12 arrays


def read(path):
    """The dict of arrays, numbers, texts and further dicts in a pickle; its texts as Python 2's, latin1.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        Arrays are read-only.

    Raises
    ------
    DatasetError
        The file cannot be read, is cut short or damaged, names anything but arrays of numbers, claims more
        bytes than it has, or takes more steps than any array needs.
    """
    try:
        with open(path, "rb") as file:
            found = _Reader(_Bounded(file), encoding="bytes").load()
        if not isinstance(found, dict):
            raise pickle.UnpicklingError(f"a {type(found).__name__} instead of a dict")
        return _plain(found, set())
    except _Refused as error:
        raise DatasetError(
            f"{path} asks for {error}, which the published files do not; nothing of it was run. Such a file "
            "was not made by the set's authors: fetch it from the source its card names"
        ) from error
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): may you read it?") from error
    except Exception as error:  # on damaged bytes the machine of a pickle may stumble in any way at all
        raise DatasetError(
            f"{path} is no whole pickle of arrays ({type(error).__name__}: {str(error)[:100]}): fetch it "
            "again"
        ) from error


class _Refused(Exception):
    """The file asks for something else than arrays of numbers."""


class _Bounded:
    """A file that is never asked for more than it has, nor too often: a header may claim any number of bytes,
    and an instruction of one byte may make an object of a hundred.
    """

    def __init__(self, file):
        self._file, self._left, self._steps = file, os.fstat(file.fileno()).st_size, _STEPS

    def _step(self):
        self._steps -= 1
        if self._steps < 0:
            raise _Refused(f"more than {_STEPS:,} steps")

    def read(self, n):
        self._step()
        if not 0 <= n <= self._left:
            raise EOFError(f"{n:,} bytes announced, and {self._left:,} left")
        self._left -= n
        return self._file.read(n)

    def readline(self):
        self._step()
        line = self._file.readline()
        self._left -= len(line)
        if not line.endswith(b"\n"):
            raise EOFError("the last line is not whole")
        return line


class _Reader(pickle._Unpickler):
    # The reader written in Python, private by its name and a part of every CPython: the one in C sets aside
    # memory for as many objects as the file says it will remember, and cannot be stopped after so many steps.
    # What takes time here, copying the arrays' bytes, is the same in both.

    dispatch = dict(pickle._Unpickler.dispatch)
    del dispatch[pickle.BYTEARRAY8[0]]  # makes room for all bytes that are announced, before it asks for one

    def find_class(self, module, name):
        module = module.replace("numpy._core.", "numpy.core.")
        known = {
            ("numpy.core.multiarray", "_reconstruct"): lambda *_: _Array(),
            ("numpy", "ndarray"): _uncalled,
            ("numpy", "dtype"): _Type,
        }.get((module, name))
        if known is None:
            raise _Refused(f"{module}.{name}")
        return _Name(known)

    def get_extension(self, code):  # numbers that stand for names
        raise _Refused(f"the extension {code}")

    def load_frame(self):  # how many bytes to fetch at once: a hint, and steps in a frame would go uncounted
        self.read(8)

    dispatch[pickle.FRAME[0]] = load_frame


class _Name:
    """Stands for a function or class of the file's: can be called, and not changed."""

    __slots__ = ("_call",)

    def __init__(self, call):
        self._call = call

    def __call__(self, *args):
        return self._call(*args)

    def __setstate__(self, state):
        raise pickle.UnpicklingError("a state for a function")


def _uncalled(*_):
    raise pickle.UnpicklingError("an array that is made in no usual way")


class _Type:
    """numpy.dtype: noted, and made only if it is one of plain numbers."""

    __slots__ = ("_name", "_order")

    def __init__(self, name, *_):
        self._name, self._order = _text(name), "|"

    def __setstate__(self, state):
        self._order = _text(state[1])

    def make(self):
        if not _NUMBERS.fullmatch(self._name) or self._order not in ("<", ">", "=", "|"):
            raise _Refused(f"an array of type {self._name!r}")
        return np.dtype(self._order + self._name)


class _Array:
    """numpy.ndarray: made once its header and its bytes are known, and agree."""

    __slots__ = ("values",)

    def __setstate__(self, state):
        _, shape, kind, by_columns, content = state
        kind = kind.make()
        if not all(type(n) is int and n >= 0 for n in shape):
            raise ValueError(f"shape {shape}")
        if not isinstance(content, bytes) or math.prod(shape) * kind.itemsize != len(content):
            raise ValueError(f"an array of shape {shape} and type {kind} in {len(content):,} bytes")
        self.values = np.frombuffer(content, kind).reshape(shape, order="F" if by_columns else "C")


def _text(value):
    if not isinstance(value, (bytes, str)) or len(value) > 100:
        raise pickle.UnpicklingError(f"a {type(value).__name__} where a short text belongs")
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _plain(value, seen):
    if isinstance(value, dict):
        if id(value) in seen:  # a dict of dicts, each there many times, would never end
            raise pickle.UnpicklingError("a dict that stands there twice")
        seen.add(id(value))
        return {_text(key): _plain(inner, seen) for key, inner in value.items()}
    if isinstance(value, _Array):
        return value.values
    if isinstance(value, (bytes, str)):
        return _text(value)
    if value is None or isinstance(value, (int, float)):
        return value
    raise pickle.UnpicklingError(f"a {type(value).__name__}")
