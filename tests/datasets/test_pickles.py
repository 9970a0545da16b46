"""Pickles of arrays: what the published files hold is read, and nothing in them is run or made."""

import pickle

import numpy as np
import pytest

from affectkit.datasets import DatasetError, _pickles

from . import signal_writers as write

ARRAYS = {
    "data": np.arange(24.0).reshape(2, 3, 4),
    "signal": {"wrist": {"BVP": np.arange(5, dtype=np.float32)[:, None]}},
    "label": np.array([0, 255], np.uint8),
    "big": np.arange(4, dtype=">i4"),
    "subject": "S2",
}


def read(tmp_path, content):
    path = tmp_path / "s01.dat"
    path.write_bytes(content)
    return _pickles.read(path)


def same(found, expected):
    assert list(found) == list(expected)
    for key, value in expected.items():
        if isinstance(value, dict):
            same(found[key], value)
        else:
            assert np.array_equal(found[key], value) and type(found[key]) is type(value)
            assert not isinstance(value, np.ndarray) or found[key].dtype == value.dtype


@pytest.mark.parametrize("protocol", [0, 2])
def test_as_python_2_wrote_it(tmp_path, protocol):
    content = write.python2(ARRAYS, protocol)
    same(read(tmp_path, content), ARRAYS)
    other = pickle.loads(content, encoding="latin1")  # the writer is right: Python itself reads the same
    assert np.array_equal(other["data"], ARRAYS["data"]) and other["subject"] == "S2"


@pytest.mark.parametrize("protocol", [3, 4])
def test_as_python_3_writes_it(tmp_path, protocol):
    same(read(tmp_path, pickle.dumps(ARRAYS, protocol)), ARRAYS)


def test_columns_first(tmp_path):
    content = {"data": np.asfortranarray(np.arange(6.0).reshape(2, 3))}
    same(read(tmp_path, pickle.dumps(content, 3)), content)


def test_nothing_hostile_is_run(tmp_path):
    target = tmp_path / "run"
    for content in write.hostile(target):
        with pytest.raises(
            DatasetError, match=r"s01\.dat asks for .*; nothing of it was run.*its card names"
        ):
            read(tmp_path, content)
        assert not target.exists()


def header(shape, kind=b"f8", data=b"", order=b"<"):
    """One array of which the header says what it likes."""
    numbers = b"".join(f"I{n}\n".encode() for n in shape)
    return (
        b"\x80\x02}T\x04\x00\x00\x00datacnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n("
        + numbers
        + b"tcnumpy\ndtype\n(S'"
        + kind
        + b"'\nI0\nI1\ntR(I3\nS'"
        + order
        + b"'\nNNNI-1\nI-1\nI0\ntbI00\nT"
        + len(data).to_bytes(4, "little")
        + data
        + b"tbs."
    )


def shared(n):
    """Four dicts, each n times in the next one: n**4 to whoever unfolds them."""
    content = b"\x80\x02}q\x00"
    for k in range(4):
        entries = b"".join(b"U\x01%ch%c" % (i, k) for i in range(n))
        content += b"}q%c(" % (k + 1) + entries + b"u"
    return content + b"."


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header((10**15,)), "1000000000000000,.* in 0 bytes"),
        (header((-1,), data=b"12345678"), "shape"),
        (header((1, 2), data=bytes(8)), "in 8 bytes"),
        (header((2,), b"O8", bytes(16)), "asks for an array of type 'O8'"),
        (header((2,), b"V8", bytes(16)), "asks for an array of type 'V8'"),
        (header((2,), b"f8', 'f8", bytes(16)), "s01.dat"),
        (header((1,), data=bytes(8), order=b"?"), "asks for an array of type"),
        (b"\x80\x02}T\x04\x00\x00\x00dataT\xff\xff\xff\x7fab", "2,147,483,647 bytes announced, and 2 left"),
        (b"\x80\x04}\x8e\x00\x00\x00\x00\x00\x00\x00\x40ab", "s01.dat"),
        (b"\x80\x02}r\xff\xff\xff\x7f.", None),  # remembered as number 2,147,483,647: needs no memory
        (b"", "no whole pickle"),
        (b"\x80\x02]q\x00.", "a list instead of a dict"),
        (b"\x80\x02}q\x00T\x01\x00\x00\x00ah\x00s.", "a dict that stands"),  # a dict that holds itself
        (b"\x80\x02}T\x01\x00\x00\x00a]s.", "a list"),
        (b"\x80\x02cnumpy\ndtype\n}b.", "a state for a function"),
        (b"\x80\x02cnumpy\nndarray\n(I4\ntR.", "no usual way"),
        (b"\x80\x02c_codecs\nencode\n.", "asks for _codecs.encode"),
        (b"\x80\x05\x96\x00\x00\x00\x00\x01\x00\x00\x00.", "no whole pickle"),  # 4 GB in a bytearray
        (b"\x80\x02" + b"}" * 6_000 + b".", "asks for more than 5,000 steps"),
        (b"\x80\x04\x95" + (6_000).to_bytes(8, "little") + b"}" * 6_000 + b".", "more than 5,000 steps"),
        (b"\x80\x02})" + b"\x85" * 10**6 + b"Ns.", "more than 5,000 steps"),  # to hash this takes all stack
        (shared(40), "a dict that stands there twice"),
        (b"\x80\x02}U\x01aT\xe8\x03\x00\x00" + b"x" * 1000 + b"s.", "where a short text belongs"),
        (b"\x80\x02}K\x01Ns.", "a int where a short text belongs"),
    ],
)
def test_what_a_header_claims_is_not_believed(tmp_path, content, message):
    if message is None:
        assert read(tmp_path, content) == {}
        return
    with pytest.raises(DatasetError, match=message) as error:
        read(tmp_path, content)
    assert "s01.dat" in str(error.value) and "etch it" in str(error.value)


def test_cut_short_anywhere(tmp_path):
    whole = write.python2({"data": np.arange(3.0), "subject": "S2"})
    for end in range(len(whole)):
        with pytest.raises(DatasetError, match="no whole pickle"):
            read(tmp_path, whole[:end])


def test_a_place_that_cannot_be_read(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        _pickles.read(tmp_path)
