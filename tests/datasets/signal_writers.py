"""Small copies of DEAP's and WESAD's files, byte for byte of their formats; no licensed data are needed."""

import io
import pickle
import struct

import numpy as np
import pandas as pd

from affectkit.datasets import _deap

CODES = {"start": 4, "fixation": 3, "rating": 1, "end": 7}
RATING_COLUMNS = ["Participant_id", "Trial", "Experiment_id", "Start_time", "Valence", "Arousal", "Dominance"]
RATING_COLUMNS += ["Liking", "Familiarity"]


# --------------------------------------------------------------------------------------------------- pickles


def python2(value, protocol=2):
    """A pickle as Python 2 writes it: texts are bytes there, and numpy is called numpy.core."""
    out = io.BytesIO()
    out.write(b"\x80\x02" if protocol == 2 else b"")
    _put(out, value, protocol)
    out.write(b".")
    return out.getvalue()


def _put(out, value, protocol):
    if isinstance(value, dict):
        out.write(b"}" if protocol else b"(d")
        for key, inner in value.items():
            _put(out, key, protocol)
            _put(out, inner, protocol)
            out.write(b"s")
    elif isinstance(value, np.ndarray):
        out.write(b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\nt")
        _put(out, b"b", protocol)
        out.write(b"tR(I1\n(" + b"".join(f"I{n}\n".encode() for n in value.shape) + b"tcnumpy\ndtype\n(")
        _put(out, value.dtype.str[1:].encode(), protocol)
        out.write(b"I0\nI1\ntR(I3\n")
        _put(out, value.dtype.str[:1].encode(), protocol)
        out.write(b"NNNI-1\nI-1\nI0\ntbI00\n")
        _put(out, value.tobytes(), protocol)
        out.write(b"tb")
    elif isinstance(value, (bytes, str)):
        value = value.encode("latin-1") if isinstance(value, str) else value
        if protocol:
            out.write(b"T" + struct.pack("<i", len(value)) + value)
        else:  # quoted, as repr does
            out.write(b"S" + repr(value)[1:].encode("ascii") + b"\n")
    else:
        raise TypeError(type(value))


# ------------------------------------------------------------------------------------------------------ DEAP


def beats(seconds, rate, bpm):
    """A pulse wave that a beat finder can read: a peak and a smaller one after it, each beat the same."""
    phase = np.arange(round(seconds * rate)) / rate * bpm / 60 % 1
    return np.exp(-((phase - 0.3) ** 2) / 0.01) + 0.3 * np.exp(-((phase - 0.65) ** 2) / 0.01)


def ratings(people, seed=0):
    """A DataFrame as participant_ratings.csv holds it, by person and Trial; Experiment_id in any order."""
    rng, n = np.random.default_rng(seed), _deap.SHAPE[0]
    rows = []
    for person in people:
        shown = np.random.default_rng([seed, person]).permutation(n) + 1
        for trial, clip in enumerate(shown, 1):
            felt = rng.uniform(1, 9, 4).round(2)
            felt[1] = [2.3, 7.6][int(clip) % 2] + round(float(rng.uniform(-1, 1)), 2)  # odd clips excite
            rows.append((person, trial, clip, 1_000_000 * trial, *felt, ""))
    return pd.DataFrame(rows, columns=RATING_COLUMNS)


def labels_of(table, person):
    """The labels of sNN.dat: in the order of Experiment_id."""
    mine = table[table.Participant_id == person].sort_values("Experiment_id")
    return mine[["Valence", "Arousal", "Dominance", "Liking"]].to_numpy(float)


def dat(person, table, bpm=70):
    """The content of sNN.dat; a channel's values tell its index and the trial's, and so does the pulse."""
    trials, channels, samples = _deap.SHAPE
    data = np.empty(_deap.SHAPE)
    data[:] = 1000 * person + np.arange(channels)[:, None] + np.arange(trials)[:, None, None] / 100
    data[..., : samples - 60 * _deap.RATE] = -1  # the baseline
    pulses = [beats(samples / _deap.RATE, _deap.RATE, bpm + 3 * k) for k in range(trials)]
    data[:, _deap.CHANNELS.index("Plethysmograph")] = pulses
    return {"data": data, "labels": labels_of(table, person)}


def deap(root, people=(1, 2), *, table=True, protocol=2):
    """data_preprocessed_python/sNN.dat and, if wanted, metadata_csv/participant_ratings.csv."""
    rated = ratings(people)
    folder = root / "data_preprocessed_python"
    folder.mkdir(parents=True)
    for person in people:
        (folder / f"s{person:02d}.dat").write_bytes(python2(dat(person, rated), protocol))
    if table:
        (root / "metadata_csv").mkdir()
        rated.to_csv(root / "metadata_csv" / "participant_ratings.csv", index=False)
    return rated


def bdf(path, starts, seconds, *, nameless=False, high=0, bpm=66, gsr=2500.0, rate=512, shift=0):
    """A raw file: six of the 48 channels, films that begin at `starts` [s]; returns what it holds."""
    names = ["Fp1", "Temp", "Plet", "GSR1", "Resp", "" if nameless else "Status"]
    units = ["uV", "C", "uV", "nS", "uV", "Boolean"]
    time = np.arange(seconds * rate) / rate
    held = {
        "Fp1": np.sin(time),
        "Temp": 30 + time / 1000,
        "Plet": 1000 * beats(seconds, rate, bpm),
        "GSR1": gsr + np.sin(time / 20),
        "Resp": 50 * np.sin(2 * np.pi * 0.25 * time) + shift,
    }
    status = np.zeros(time.size, np.int64)
    for start in starts:
        for what, after in (("fixation", -5), ("start", 0), ("end", 60), ("rating", 62)):
            at = round((start + after) * rate)
            status[at : at + 8] = CODES[what]
    status |= high
    scales = [2.0**-2 if name == "GSR1" else 2.0**-8 for name in names[:-1]]  # physical units a digit
    digits = [np.round(held[name] / scale) for name, scale in zip(names[:-1], scales, strict=True)] + [status]
    n = len(names)
    lowest, highest = -(2**23), 2**23 - 1

    def column(width, values):
        return b"".join(str(v)[:width].ljust(width).encode("latin-1") for v in values)

    edges = [(lowest * scale, highest * scale) for scale in scales] + [(lowest, highest)]
    header = b"\xffBIOSEMI" + b" " * 160 + b"01.01.0900.00.00"
    header += column(8, [256 * (n + 1)]) + b"24BIT".ljust(44) + column(8, [seconds, 1]) + column(4, [n])
    header += column(16, names) + column(80, [""] * n) + column(8, units)
    header += column(8, [f"{low:.0f}" for low, _ in edges]) + column(8, [f"{top:.0f}" for _, top in edges])
    header += column(8, [lowest] * n) + column(8, [highest] * n) + column(80, [""] * n)
    header += column(8, [rate] * n) + column(32, [""] * n)
    block = np.stack(digits).astype("<i4").reshape(n, seconds, rate).transpose(1, 0, 2)
    content = np.ascontiguousarray(block).view(np.uint8).reshape(-1, 4)[:, :3]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + content.tobytes())
    return held


def deap_raw(root, people=(1, 24)):
    """data_original/sNN.bdf of people in both laboratories, and the table; returns it and the starts."""
    rated = ratings(people)
    trials = _deap.SHAPE[0]
    starts = [10.25 + 70 * k for k in range(trials)]
    for person in people:
        geneva = person >= 23
        bdf(
            root / "data_original" / f"s{person:02d}.bdf",
            starts,
            70 * trials + 20,
            nameless=geneva,
            high=0x18FF00 if geneva else 0,
            gsr=400_000.0 if geneva else 2500.0,
            shift=person,
        )
    rated.to_csv(root / "participant_ratings.csv", index=False)
    return rated, starts


# ----------------------------------------------------------------------------------------------------- WESAD


def wesad_person(group, parts, bpm=72, seed=0):
    """The content of SX.pkl; parts: (condition, seconds) in order."""
    rng = np.random.default_rng(seed)
    seconds = sum(length for _, length in parts)
    label = np.concatenate([np.full(length * 700, condition) for condition, length in parts])
    chest, time = 700 * seconds, np.arange(4 * seconds)[:, None] / 4
    return {
        "signal": {
            "chest": {
                "ACC": rng.normal(size=(chest, 3)).astype(np.float32).astype(float),
                "Resp": 3 * np.sin(2 * np.pi * 0.25 * np.arange(chest) / 700)[:, None],
                "Temp": np.full((chest, 1), 33, np.float32),
            },
            "wrist": {
                "ACC": np.zeros((32 * seconds, 3)),
                "BVP": 50 * beats(seconds, 64, bpm)[:, None],
                "EDA": 1 + time / 1000,
                "TEMP": 30 + time / 1000,
            },
        },
        "label": label.astype(np.int32),
        "subject": group,
    }


PARTS = ((0, 7), (1, 90), (0, 5), (2, 75), (5, 30), (3, 61), (0, 3), (4, 64), (4, 0), (7, 20))


def wesad(root, people=("S2", "S10"), parts=PARTS, *, protocol=2, change=None):
    """wesad/SX/SX.pkl."""
    for k, group in enumerate(people):
        content = wesad_person(group, parts, 72 + 4 * k)
        if change:
            change(group, content)
        (root / group).mkdir(parents=True)
        (root / group / f"{group}.pkl").write_bytes(python2(content, protocol))
    return root


def kinds(bunch):
    """Field -> what it is, so that a real set's Bunch can be held against its twin's."""
    return {
        key: dict(value.dtypes)
        if isinstance(value, pd.DataFrame)
        else (value.dtype, value.shape[1:])
        if isinstance(value, np.ndarray)
        else type(value)
        for key, value in bunch.items()
    }


def hostile(target):
    """Pickles that would write a file if they were run, in several disguises."""

    class Command:
        def __reduce__(self):
            import os

            return os.system, (f"touch {target}",)

    class Expression:
        def __reduce__(self):
            return eval, (f"open({str(target)!r}, 'w')",)

    class Method:
        def __reduce__(self):
            return getattr, (np.ndarray, "tofile")

    yield pickle.dumps(Command(), 2)
    yield pickle.dumps({"data": Command(), "labels": 1}, 4)
    yield pickle.dumps({"signal": {"chest": {"Resp": [Expression()]}}}, 0)
    yield pickle.dumps({"data": np.array([Expression(), 1], object)}, 2)
    yield pickle.dumps(Method(), 3)
    yield b"\x80\x02cnumpy\nload\n(S'" + str(target).encode() + b"'\ntR."
    yield b"\x80\x04\x8c\x05numpy\x8c\x0endarray.tofile\x93)R."
    yield b"(S'touch " + str(target).encode() + b"'\nios\nsystem\n."
    yield b"\x80\x02\x82\x01."
