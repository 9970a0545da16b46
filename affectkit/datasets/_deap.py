"""The door to DEAP: preprocessed sNN.dat (pickles), or raw sNN.bdf with participant_ratings.csv."""

import re
import warnings

import numpy as np
import pandas as pd
from tqdm.auto import tqdm

from .. import preprocess
from . import _cache, _pickles
from ._errors import DatasetError
from ._files import Tree
from .signals import checked, find_own, missing_people, one_each, recording

#: What stands in sNN.dat, in order.
CHANNELS = """Fp1 AF3 F3 F7 FC5 FC1 C3 T7 CP5 CP1 P3 P7 PO3 O1 Oz Pz Fp2 AF4 Fz F4 F8 FC6 FC2 Cz C4 T8 CP6 CP2
    P4 P8 PO4 O2 hEOG vEOG zEMG tEMG GSR Resp Plethysmograph Temp""".split()
SHAPE = (40, len(CHANNELS), 8064)  # trials, channels, samples
RATE = 128  # Hz, of sNN.dat and of what this door gives
CLIP = 60  # s of film in a trial
RATED = ("valence", "arousal", "dominance", "liking")

_DAT = {"bvp": "Plethysmograph", "eda": "GSR", "respiration": "Resp", "temperature": "Temp"}
_BDF = {"bvp": "Plet", "eda": "GSR1", "respiration": "Resp", "temperature": "Temp"}
_START = 4  # status code: a film begins
_GENEVA = 23  # from this person on another laboratory: skin resistance [Ohm] instead of conductance [nS]
_FILE = {kind: re.compile(rf"(?:^|/)(s\d\d)\.{kind}$") for kind in ("dat", "bdf")}
_SCALES = {"uV": 1e6, "µV": 1e6, "mV": 1e3}  # MNE turns these into volts
_LARGEST = 1e12  # no sensor gives more, whatever its unit


def find(root):
    """Where DEAP lies: a folder in ``root``, or ``root`` itself; a Path, or None."""
    folders = ("", "data_preprocessed_python/", "data_original/")
    return find_own(root, [f"{folder}s[0-9][0-9].{kind}" for folder in folders for kind in _FILE], "deap")


def people(path, channels):
    """Everyone in DEAP, one file after the other.

    Parameters
    ----------
    path : Path
        What ``find`` found.
    channels : sequence of str
        The signals to read.

    Returns
    -------
    people : list of Recording
        Trials in the order of Experiment_id, as in sNN.dat.
    ratings : DataFrame
        A row a trial: experiment_id, trial (place in the order shown, NaN where there is no
        participant_ratings.csv), valence, arousal, dominance, liking.
    notes : list of str
        What was chosen while reading.

    Raises
    ------
    DatasetError
        A file is missing, damaged, or not as published.
    """
    with Tree(path) as tree:
        files = one_each(tree.names, _FILE["dat"], path)
        raw = {} if files else one_each(tree.names, _FILE["bdf"], path)
        tables = [name for name in tree.names if name.rsplit("/", 1)[-1].lower() == "participant_ratings.csv"]
    if not files and not raw:
        raise DatasetError(
            f"{path} holds neither sNN.dat nor sNN.bdf; is data_preprocessed_python.zip unpacked? Put the "
            "files there as the card says"
        )
    if raw and not tables:
        raise DatasetError(
            f"{path} holds sNN.bdf and no participant_ratings.csv, which alone says what was felt: fetch "
            "metadata_csv.zip, too"
        )
    rated = read_ratings(path / tables[0]) if tables else None
    missing_people("deap", files or raw, path)
    rates = {"bvp" if name == "heart_rate" else name: RATE for name in channels}
    found, ratings, seen = [], [], {}
    for group, name in tqdm((files or raw).items(), desc="reading deap", unit="person", leave=False, delay=2):
        arrays = _cache.arrays(
            f"deap-{group}",
            [(name, path / name)],
            lambda read=read_dat if files else read_bdf, name=name: read(path / name),
            pick=lambda names: [n for n in names if n in rates or n in ("labels", "starts")],
        )
        mine = None if rated is None else rated[rated.person == int(group[1:])]
        if mine is not None and mine.empty:
            raise DatasetError(
                f"{path / tables[0]} has no row of participant {int(group[1:])}, and {name} is there; fetch "
                "it again"
            )
        if raw and "eda" in rates and not 0.01 <= (half := np.nanmedian(arrays["eda"])) <= 100:
            warnings.warn(
                f"{path / name}: half of GSR1 lies beyond {half:.3g} µS, which skin hardly has; is it in "
                "another unit than the set's page says? Compare nobody's EDA with another person's",
                stacklevel=4,
            )
        felt, starts = (_trials if files else _films)(arrays, mine, path / name)
        if files and rated is not None:
            _agree(arrays["labels"], rated, int(group[1:]), path / name)
        if files and (first := seen.setdefault(arrays["labels"].tobytes(), name)) != name:
            raise DatasetError(
                f"{path}: {first} and {name} hold the same ratings: one is a copy of the other; fetch both "
                "again"
            )
        # which class a trial has depends on the rule that load is asked for: -1 until then
        clips = zip(starts.tolist(), felt.experiment_id, strict=True)
        segments = [(start, start + CLIP, f"clip {k:02.0f}", -1) for start, k in clips]
        # between two trials of sNN.dat there is a jump in time, and no beat
        jumps = len(felt) if files else 1
        found.append(recording("deap", group, (path, name), arrays, rates, segments, channels, jumps))
        ratings.append(felt)
    return found, pd.concat(ratings, ignore_index=True), _notes(channels, files, tables)


def _trials(arrays, mine, _):
    """Ratings and starts [s] of the trials in sNN.dat, which stand end to end."""
    felt = pd.DataFrame(arrays["labels"], columns=RATED)
    felt.insert(0, "experiment_id", np.arange(len(felt)) + 1.0)
    felt.insert(1, "trial", np.nan if mine is None else mine.trial.to_numpy(float))
    return felt, (np.arange(len(felt)) + 1) * SHAPE[2] / RATE - CLIP  # the baseline comes first


def _films(arrays, mine, place):
    """Ratings and starts [s] of the films in sNN.bdf: the k-th is Trial k."""
    if len(arrays["starts"]) != len(mine):
        raise DatasetError(
            f"{place}: {len(arrays['starts'])} films begin (status code {_START}), and the table of ratings "
            f"has {len(mine)} trials of that person: which is which cannot be told; take that person out, or "
            "use the preprocessed files"
        )
    felt = mine[["experiment_id", "trial", *RATED]].astype(float)
    return felt, arrays["starts"][mine.trial.to_numpy(int) - 1]


def _notes(channels, files, tables):
    if files:
        notes = [
            f"Read: the preprocessed sNN.dat, {SHAPE[2] / RATE - CLIP:g} s of baseline left out. They do not "
            "keep the session's clock: onset counts as if trials stood end to end, in the order of "
            "Experiment_id."
        ]
        eda = "EDA is in the files' own unit, which may differ between persons: scale it by person."
    else:
        notes = [
            f"Read: the raw sNN.bdf, brought from 512 to {RATE} Hz; onset is the time in the session. Films "
            f"begin at status code {_START}, the k-th being Trial k of participant_ratings.csv."
        ]
        eda = f"EDA [µS]: of s01 to s{_GENEVA - 1} from nS, of s{_GENEVA} to s32 from Ohm (1 / resistance)."
    if not tables:
        notes.append("There is no participant_ratings.csv: in which order the films were shown is unknown.")
    return [*notes, eda] if "eda" in channels else notes


def _agree(labels, rated, number, place):
    """What sNN.dat says was felt must be what participant_ratings.csv says; another person's is an error."""
    off = {
        person: np.abs(rows[list(RATED)].to_numpy() - labels).max(axis=1)
        for person, rows in rated.groupby("person")
    }
    same = [person for person, by_trial in off.items() if (by_trial < 0.011).all()]
    if same and number not in same:
        raise DatasetError(
            f"{place} holds what participant {same[0]} rated, not participant {number}; were files renamed "
            "or swapped? Fetch it again"
        )
    if not same:
        wrong = np.count_nonzero(off[number] >= 0.011)
        warnings.warn(
            f"{place}: {wrong} trials are rated otherwise than participant_ratings.csv says (by up to "
            f"{off[number].max():g}); the ratings of the .dat file count",
            stacklevel=4,
        )


def read_ratings(path):
    """participant_ratings.csv, by person and experiment_id; a DatasetError unless it is as published."""
    try:
        table = pd.read_csv(
            path, encoding_errors="replace", skipinitialspace=True, float_precision="round_trip"
        )
    except (ValueError, OSError) as error:  # pandas' own errors are ValueErrors
        raise DatasetError(
            f"{path} is no readable table ({str(error).strip()[:100]}): fetch it again"
        ) from error
    table.columns = [str(name).strip().lower() for name in table.columns]
    columns = {"participant_id": "person", "trial": "trial", "experiment_id": "experiment_id"}
    columns |= {name: name for name in RATED}
    if missing := [name for name in columns if name not in table]:
        raise DatasetError(
            f"{path}, line 1: no column {', '.join(missing)} among {', '.join(table)[:100]}; is it another "
            "table? Fetch it again"
        )
    if not isinstance(table.index, pd.RangeIndex):
        raise DatasetError(f"{path} has lines with more cells than the first one: fetch it again")
    if not len(table):
        raise DatasetError(f"{path} has a header and no rows: fetch it again")
    table = table[list(columns)].rename(columns=columns).apply(pd.to_numeric, errors="coerce")
    for name in table:
        low, high = (1, 9) if name in RATED else (1, 99)
        wrong = ~table[name].between(low, high)
        if name not in RATED:
            wrong |= table[name] != table[name].round()
        if wrong.any():
            raise DatasetError(
                f"{path}, line {wrong.idxmax() + 2}: {name} is missing or outside {low} to {high}; fetch it "
                "again"
            )
    for person, rows in table.groupby("person"):
        for name in ("trial", "experiment_id"):
            if sorted(rows[name]) != list(range(1, SHAPE[0] + 1)):
                raise DatasetError(
                    f"{path}: {name} of participant {person:g} is not each of 1 to {SHAPE[0]} once; is the "
                    "file cut short? Fetch it again"
                )
    return table.sort_values(["person", "experiment_id"], ignore_index=True)


def read_dat(path):
    """Read a preprocessed file: each signal (trials * samples,) float32, and labels (trials, 4)."""
    content = _pickles.read(path)
    for name, shape in (("data", SHAPE), ("labels", (SHAPE[0], len(RATED)))):
        values = content.get(name)
        if not isinstance(values, np.ndarray) or values.shape != shape or values.dtype.kind != "f":
            what = "nothing" if values is None else getattr(values, "shape", type(values).__name__)
            raise DatasetError(
                f"{path}: {name} is {what} instead of numbers of shape {shape}; is it another file? Fetch it "
                "again"
            )
    data, labels = content["data"], content["labels"].astype(float)
    checked(labels.reshape(-1), 1, 9, path, "labels (by row)")
    arrays = dict(labels=labels)
    for name, channel in _DAT.items():
        values = data[:, CHANNELS.index(channel)].reshape(-1)
        arrays[name] = checked(values, -_LARGEST, _LARGEST, path, f"{channel} (trial by trial)")
    return arrays


def read_bdf(path):
    """Read a raw file through MNE: each signal (time,) float32 at 128 Hz, and starts (films,) [s]."""
    units, rate = _header(path)
    import mne

    try:
        raw = mne.io.read_raw_bdf(path, preload=False, verbose="error")
        missing = [name for name in _BDF.values() if name not in raw.ch_names]
        if missing:
            raise DatasetError(
                f"{path} has no channel {', '.join(missing)} among {', '.join(raw.ch_names)[:300]}; is it "
                "another file?"
            )
        # s24 to s32 have a last channel without a name, with codes above the eight bits that count
        events = mne.find_events(
            raw,
            stim_channel=raw.ch_names[-1],
            mask=0xFF,
            mask_type="and",
            uint_cast=True,
            shortest_event=1,
            verbose="error",
        )
        data = dict(zip(_BDF, raw.get_data(picks=list(_BDF.values()), verbose="error"), strict=True))
    except DatasetError:
        raise
    except Exception as error:  # whatever MNE stumbles over
        raise DatasetError(
            f"{path} cannot be read as BDF ({type(error).__name__}: {str(error)[:100]}): fetch it again"
        ) from error
    starts = events[events[:, 2] == _START, 0] - raw.first_samp
    arrays = dict(starts=starts / rate)
    for name, channel in _BDF.items():
        values = data.pop(name)[: len(raw.times) // (rate // RATE) * (rate // RATE)]
        values = checked(values * _SCALES.get(units[channel], 1), -_LARGEST, _LARGEST, path, channel)
        length = values.size // (rate // RATE)
        arrays[name] = preprocess.signals.resample(values[np.newaxis, :, np.newaxis], length)[0, :, 0]
    number = int(path.stem[1:])
    eda = arrays["eda"]
    with np.errstate(divide="ignore"):
        eda = np.where(eda > 0, 1e6 / eda, np.nan) if number >= _GENEVA else eda / 1000
    arrays["eda"] = eda.astype(np.float32)
    return arrays


def _header(path):
    """Channel -> unit, and the rate; a DatasetError unless the header agrees with the size of the file."""

    def wrong(what):
        raise DatasetError(f"{path}: {what}; is the file cut short? Fetch it again")

    try:
        size = path.stat().st_size
        with open(path, "rb") as file:
            first = file.read(256)
            if first[:8] != b"\xffBIOSEMI":
                wrong("it does not begin as a BDF file does")
            length, n = int(first[184:192]), int(first[252:256])
            records, seconds = float(first[236:244]), float(first[244:252])
            if not 1 <= n <= 512 or length != 256 * (n + 1) or seconds <= 0:
                wrong(f"the header announces {n} channels in {length} bytes, {seconds:g} s a record")
            fields = file.read(256 * n).decode("latin-1")
            names = [fields[16 * k : 16 * k + 16].strip() for k in range(n)]
            units = [fields[96 * n + 8 * k : 96 * n + 8 * k + 8].strip() for k in range(n)]
            samples = {int(fields[216 * n + 8 * k : 216 * n + 8 * k + 8]) for k in range(n)}
    except OSError as error:
        raise DatasetError(f"{path} cannot be read ({error.strerror}): may you read it?") from error
    except ValueError as error:
        if isinstance(error, DatasetError):
            raise
        wrong(f"the header holds something else than numbers ({error})")
    rate = samples.pop() / seconds
    if samples or rate % RATE or not rate:
        wrong(f"the channels have {rate:g} Hz instead of 512 Hz each")
    held = (size - length) / (3 * n * rate * seconds)
    if held != (held // 1 if records == -1 else records) or held < 1:
        wrong(f"the header announces {records:.0f} records, and there are {held:g}")
    return dict(zip(names, units, strict=True)), int(rate)
