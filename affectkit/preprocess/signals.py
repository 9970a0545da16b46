"""Signals: filter, cut into windows, scale, and turn into features. Arrays in, arrays out.

A recording is an array of shape ``(time,)`` or ``(time, channels)``; a batch of windows is ``(n, time,
channels)``, as `affectkit.datasets` gives it. Rates are in Hz, times in seconds, heart rates in beats per
minute.

**Missing values** are NaN. `minmax`, `standardise_by_person` and `windows` carry them along; `resample`,
`bandpass`, `features`, `heart_rate` and `hrv` need every sample and raise ValueError. What could not be
measured comes back as NaN, never as a plausible number.
"""

import numpy as np

__all__ = ["resample", "minmax", "standardise_by_person", "windows", "bandpass", "features", "feature_names"]
__all__ += ["average_neighbours", "complete", "beats", "heart_rate", "hrv"]


def _finite(x, name="x"):
    """Return `x` as floats, or raise if any value is missing."""
    x = np.asarray(x, dtype=float)
    missing = np.count_nonzero(~np.isfinite(x))
    if missing:
        raise ValueError(
            f"{name} holds {missing} missing or infinite values; drop or interpolate them first."
        )
    return x


def _batch(x, name="x"):
    """Return `x` as an array, or raise unless its shape is (n, time, channels)."""
    x = np.asarray(x)
    if x.ndim != 3:
        raise ValueError(f"{name} must have shape (n, time, channels), not {x.shape}.")
    return x


def _positive(value, name):
    if not (np.isscalar(value) and np.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be a positive number, not {value!r}.")
    return value


# ---------------------------------------------------------------------------------------------- shape and
# scale


def complete(X):
    """Make sure that windows are whole, as networks need them.

    Parameters
    ----------
    X : array, shape (n, time, channels)

    Returns
    -------
    float32 array of the same shape, in one piece of memory

    Raises
    ------
    ValueError
        For another shape, and for missing or infinite values: how many windows have some, and which is first.
    """
    X = np.asarray(X)
    if X.ndim != 3:
        raise ValueError(
            f"Signals must have the shape (n, time, channels), not {X.shape}; for one channel use "
            "X[:, :, None]."
        )
    X = np.ascontiguousarray(X, dtype=np.float32)
    bad = ~np.isfinite(X).all((1, 2))
    if bad.any():
        raise ValueError(
            f"{bad.sum()} of {len(X)} signals hold missing or infinite values (the first is number "
            f"{bad.argmax()}); leave them out or fill the gaps first."
        )
    return X


def resample(x, length):
    """Resample every window to `length` samples, with an anti-aliasing filter.

    Parameters
    ----------
    x : array, shape (n, time, channels)
    length : int
        Samples a window in the result.

    Returns
    -------
    float32 array, shape (n, length, channels)

    Notes
    -----
    hegh2025 brings "all heart rate sequences to a fixed length" this way, before its LSTM.
    """
    from scipy.signal import resample_poly

    x = _finite(_batch(x))
    if int(length) != length or length < 1:
        raise ValueError(f"length must be a positive whole number of samples, not {length!r}.")
    if x.shape[1] == 0:
        raise ValueError("x has windows of no samples.")
    # padtype="line" continues the trend at both ends: zero padding would bend a heart rate of 80 towards 0.
    return resample_poly(x, length, x.shape[1], axis=1, padtype="line").astype(np.float32)


def minmax(x):
    """Scale every window and channel to 0-1 over its own time course.

    It keeps the shape of a window and throws its level and its spread away: "80 rising to 90" and "60
    rising to 62" become the same. NaN stays NaN; a flat window becomes 0.

    Parameters
    ----------
    x : array, shape (n, time, channels)

    Returns
    -------
    float32 array of the same shape
    """
    x = _batch(x).astype(np.float32)
    with np.errstate(all="ignore"):
        low, high = np.fmin.reduce(x, axis=1, keepdims=True), np.fmax.reduce(x, axis=1, keepdims=True)
        return (x - low) / np.where(high > low, high - low, 1)


def standardise_by_person(x, groups):
    """Express every value in standard deviations from that person's own mean, channel by channel.

    Hearts differ more between people than between rest and stress. The scaling uses the person's *whole*
    recording, but no label of it: it is transductive for a test person (their recording must be complete
    before the first prediction), and a score that rests on it has to say so.

    Parameters
    ----------
    x : array, shape (n, time, channels) or (n, features)
    groups : array, shape (n,)
        The person each row belongs to.

    Returns
    -------
    float32 array of the same shape; NaN is ignored in the statistics and stays NaN; a constant channel
    becomes 0
    """
    x = np.asarray(x, dtype=np.float32)
    groups = np.asarray(groups)
    if groups.shape != x.shape[:1]:
        raise ValueError(
            f"groups must name one person a row: {x.shape[0]} rows, but groups has shape {groups.shape}."
        )
    scaled = np.empty_like(x)
    for person in np.unique(groups.astype(str)):
        rows = groups.astype(str) == person
        flat = x[rows].reshape(-1, x.shape[-1]).astype(float)
        mean, spread = np.nanmean(flat, axis=0), np.nanstd(flat, axis=0)
        scaled[rows] = (x[rows] - mean) / np.where(spread > 1e-9, spread, 1)
    return scaled


def average_neighbours(values, onset, groups, radius):
    """Average each window's value with those of the same person's windows around it in time.

    A single window is a noisy witness, and stress lasts longer than a step. What is averaged may be a
    prediction or a feature. It looks at distances in time only, never at the time in the session; but it
    does look ahead, so that a live system would answer `radius` seconds late.

    Parameters
    ----------
    values : array, shape (n,) or (n, k)
    onset : array, shape (n,)
        Start of each window on its person's clock [s].
    groups : array, shape (n,)
        The person of each window.
    radius : float
        Windows that start up to so many seconds earlier or later take part [s]; 0 changes nothing.

    Returns
    -------
    float array of the same shape
    """
    values, onset, groups = (
        np.asarray(values, dtype=float),
        np.asarray(onset, dtype=float),
        np.asarray(groups),
    )
    if not onset.shape == groups.shape == values.shape[:1]:
        raise ValueError(
            "values, onset and groups must have one entry a window; their shapes are "
            f"{values.shape}, {onset.shape} and {groups.shape}."
        )
    if not radius >= 0:
        raise ValueError(f"radius must be 0 s or more, not {radius!r}.")
    averaged = np.empty_like(values)
    for person in np.unique(groups.astype(str)):
        rows = np.flatnonzero(groups.astype(str) == person)
        near = np.abs(onset[rows, np.newaxis] - onset[rows]) <= radius
        averaged[rows] = (near / near.sum(axis=1, keepdims=True)) @ values[rows]
    return averaged


def windows(x, window, step, *, rate, boundaries=None):
    """Cut a recording into overlapping windows, none of which crosses a boundary.

    Parameters
    ----------
    x : array, shape (time,) or (time, channels)
        The recording. NaN is carried into the windows.
    window, step : float
        Length of a window and distance from one start to the next [s]. The first window of each stretch
        starts at its first sample.
    rate : float
        Samples a second [Hz].
    boundaries : array, shape (time,) or (time, k), optional
        What must stay constant inside a window: the label, the trial, the person, or several of them as
        columns. A missing boundary (NaN, None) belongs to no window.

    Returns
    -------
    data : array, shape (n, samples, channels)
        A copy; n may be 0.
    start : int array, shape (n,)
        Index of each window's first sample in `x`, so that ``boundaries[start]`` are the windows' labels.
    """
    x = np.asarray(x)
    x = x[:, np.newaxis] if x.ndim == 1 else x
    if x.ndim != 2:
        raise ValueError(f"x must have shape (time,) or (time, channels), not {x.shape}.")
    rate = _positive(rate, "rate")
    length, stride = round(_positive(window, "window") * rate), round(_positive(step, "step") * rate)
    for name, samples in (("window", length), ("step", stride)):
        if samples < 1:
            raise ValueError(f"{name} is shorter than one sample at {rate} Hz.")

    new_stretch = np.zeros(len(x), dtype=bool)
    usable = np.ones(len(x), dtype=bool)
    if boundaries is not None:
        boundaries = np.asarray(boundaries)
        boundaries = boundaries[:, np.newaxis] if boundaries.ndim == 1 else boundaries
        if boundaries.ndim != 2 or len(boundaries) != len(x):
            raise ValueError(
                f"boundaries must have one row a sample: {len(x)} samples, but shape {boundaries.shape}."
            )
        new_stretch[1:] = (boundaries[1:] != boundaries[:-1]).any(axis=1)
        usable = (boundaries == boundaries).all(axis=1) & np.not_equal(boundaries, None).all(axis=1)
    edges = np.append(np.flatnonzero(new_stretch), len(x))
    first = 0
    start = []
    for last in edges:
        if usable[first:last].all():
            start.append(np.arange(first, last - length + 1, stride))
        first = last
    start = np.concatenate(start or [[]]).astype(int)
    return x[start[:, np.newaxis] + np.arange(length)], start


# ---------------------------------------------------------------------------------------------- filter and
# features


def bandpass(x, rate, low, high):
    """Keep the frequencies between `low` and `high`; nothing moves in time (MNE's zero-phase FIR filter).

    Parameters
    ----------
    x : array, shape (time,), (time, channels) or (n, time, channels)
    rate : float
        Samples a second [Hz].
    low, high : float or None
        Pass band [Hz]; None leaves that side open. A pulse lives between 0.5 and 8 Hz (30 to 240 beats a
        minute, and the harmonics that give a beat its shape).

    Returns
    -------
    float array of the same shape
    """
    import warnings

    from mne.filter import filter_data

    x = _finite(x)
    rate = _positive(rate, "rate")
    low, high = (
        None if edge is None else _positive(edge, name) for name, edge in (("low", low), ("high", high))
    )
    if high is not None and high >= rate / 2:
        raise ValueError(f"high must stay below half the rate ({rate / 2} Hz), not {high}.")
    if low is not None and high is not None and low >= high:
        raise ValueError(f"low ({low} Hz) must be smaller than high ({high} Hz).")
    axis = 0 if x.ndim < 3 else 1
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="filter_length .* is longer than the signal")
        try:
            filtered = filter_data(np.moveaxis(x, axis, -1), rate, low, high, verbose="warning")
        except RuntimeWarning as problem:
            raise ValueError(
                f"x is too short for this filter ({x.shape[axis]} samples): filter first, then cut windows."
            ) from problem
    return np.moveaxis(filtered, -1, axis)


def _bands(rate, n_bands):
    """Edges of `n_bands` octaves below the Nyquist frequency, the lowest one reaching down to 0 Hz."""
    return np.append(0, rate / 2 / 2.0 ** np.arange(n_bands - 1, -1, -1))


def features(x, rate, *, n_bands=4):
    """Mean, variance and Fourier features of every window (hegh2025's hand-made features).

    Parameters
    ----------
    x : array, shape (n, time, channels)
    rate : float
        Samples a second [Hz].
    n_bands : int
        Octave bands below rate / 2 in which the power is summed, the lowest reaching down to (not
        including) 0 Hz.

    Returns
    -------
    float array, shape (n, channels * (2 + n_bands))
        Per channel: mean, variance, and log10 of the power in each band [unit of x squared];
        `feature_names` names them.
    """
    x = _finite(_batch(x))
    rate = _positive(rate, "rate")
    centred = x - x.mean(axis=1, keepdims=True)
    # A taper keeps a slow drift from spilling into all bands; dividing by its energy keeps the power's unit.
    taper = np.hanning(x.shape[1] + 2)[1:-1, np.newaxis]
    power = np.abs(np.fft.rfft(centred * taper, axis=1)) ** 2 / (taper**2).sum() / x.shape[1] * 2
    frequency = np.fft.rfftfreq(x.shape[1], 1 / rate)
    edges = _bands(rate, n_bands)
    columns = [x.mean(axis=1), x.var(axis=1)]
    for low, high in zip(edges[:-1], edges[1:], strict=True):
        inside = (frequency > low) & (frequency <= high)
        # 1e-6 keeps the logarithm of a flat window finite, and is far below any sensor's noise.
        columns.append(np.log10(power[:, inside].sum(axis=1) + 1e-6))
    return np.stack(columns, axis=-1).reshape(len(x), -1)


def feature_names(channel_names, rate, *, n_bands=4):
    """Names of the columns of `features`, for instance ``"heart_rate power 0.25-0.5 Hz"``."""
    edges = _bands(_positive(rate, "rate"), n_bands)
    bands = [f"power {low:.3g}-{high:.3g} Hz" for low, high in zip(edges[:-1], edges[1:], strict=True)]
    return [f"{channel} {what}" for channel in channel_names for what in ("mean", "variance", *bands)]


# ---------------------------------------------------------------------------------------------- from pulse
# to heart rate


def beats(ppg, rate, *, min_quality=0.5):
    """Find the beats in a pulse wave (NeuroKit2), and say which of them can be trusted.

    Parameters
    ----------
    ppg : array, shape (time,)
        Raw blood-volume pulse.
    rate : float
        Samples a second [Hz].
    min_quality : float
        Beats that resemble the recording's average beat less than this (0-1) are not trusted.

    Returns
    -------
    pandas.DataFrame, one row a beat after the first
        ``time`` [s from the start], ``interval`` to the beat before [s], and ``trusted``: both beats look
        like beats, and the interval is between 0.3 and 2 s and within 20 % of its neighbours' median. No
        rows where no beat is found.
    """
    import neurokit2 as nk
    import pandas as pd

    ppg = _finite(ppg, "ppg")
    if ppg.ndim != 1:
        raise ValueError(f"ppg must be one channel of shape (time,), not {ppg.shape}.")
    rate = _positive(rate, "rate")
    if not 0 <= min_quality <= 1:
        raise ValueError(f"min_quality must lie between 0 and 1, not {min_quality!r}.")
    if len(ppg) < 5 * rate:
        raise ValueError(f"ppg is {len(ppg) / rate:.1f} s long; beats cannot be found in less than 5 s.")
    peaks = np.empty(0, dtype=int)
    if np.ptp(ppg) > 0:
        clean = nk.ppg_clean(ppg, sampling_rate=rate)
        peaks = nk.ppg_findpeaks(clean, sampling_rate=rate)["PPG_Peaks"]
    if len(peaks) < 4:
        return pd.DataFrame({"time": [], "interval": [], "trusted": np.empty(0, dtype=bool)})
    quality = np.asarray(nk.ppg_quality(clean, peaks=peaks, sampling_rate=rate))[peaks]
    interval = np.diff(peaks) / rate
    usual = np.array([np.median(interval[max(0, i - 4) : i + 5]) for i in range(len(interval))])
    trusted = (np.minimum(quality[:-1], quality[1:]) >= min_quality) & (interval > 0.3) & (interval < 2.0)
    # A missed or invented beat changes an interval by far more than 20 %, a heart hardly ever does (Malik's
    # criterion).
    trusted &= np.abs(interval - usual) < 0.2 * usual
    return pd.DataFrame({"time": peaks[1:] / rate, "interval": interval, "trusted": trusted})


def heart_rate(ppg, rate, *, min_quality=0.5):
    """Heart rate once a second from a pulse wave (NeuroKit2 finds the beats).

    Parameters
    ----------
    ppg : array, shape (time,)
        Raw blood-volume pulse.
    rate : float
        Samples a second [Hz].
    min_quality : float
        As in `beats`.

    Returns
    -------
    float array, shape (whole seconds of ppg,)
        Beats per minute, from the trusted beats of the 10 s around each second (as the Empatica E4 does);
        NaN where fewer than three are trusted.
    """
    found = beats(ppg, rate, min_quality=min_quality)
    found = found[found["trusted"]]
    interval, middle = found["interval"].to_numpy(), (found["time"] - found["interval"] / 2).to_numpy()
    total = np.append(0, np.cumsum(interval))
    seconds = np.arange(int(len(ppg) / rate))
    first, last = (np.searchsorted(middle, seconds + 0.5 + edge) for edge in (-5, 5))
    count = last - first
    with np.errstate(all="ignore"):
        return np.where(count >= 3, 60 * count / (total[last] - total[first]), np.nan)


def hrv(ppg, rate, *, min_quality=0.5):
    """Heart-rate variability of one pulse wave (NeuroKit2), with a gate on quality and on length.

    Parameters
    ----------
    ppg : array, shape (time,)
        Raw blood-volume pulse.
    rate : float
        Samples a second [Hz].
    min_quality : float
        As in `beats`.

    Returns
    -------
    pandas.Series
        ``MeanNN``, ``SDNN``, ``RMSSD`` [ms], ``pNN50`` [%], ``LF``, ``HF`` (powers, NeuroKit2's units),
        ``LFHF``, ``beats`` (trusted intervals) and ``trusted`` (their share). Everything is NaN if fewer
        than half of the intervals can be trusted: RMSSD is absurd on a noisy pulse. HF needs 60 s and LF
        120 s of recording (Task Force 1996, Circulation 93:1043); on shorter ones they are NaN, and only
        the time domain is left.
    """
    import neurokit2 as nk
    import pandas as pd

    found = beats(ppg, rate, min_quality=min_quality)
    good, ms = found["trusted"].to_numpy(), 1000 * found["interval"].to_numpy()
    result = pd.Series(np.nan, index=["MeanNN", "SDNN", "RMSSD", "pNN50", "LF", "HF", "LFHF"])
    result["beats"], result["trusted"] = good.sum(), good.mean() if len(good) else 0.0
    if result["trusted"] < 0.5 or result["beats"] < 5:
        return result
    result["MeanNN"], result["SDNN"] = ms[good].mean(), ms[good].std(ddof=1)
    change = np.diff(ms)[good[1:] & good[:-1]]  # successive intervals only, never across a rejected one
    if len(change) >= 4:
        result["RMSSD"], result["pNN50"] = np.sqrt((change**2).mean()), 100 * (np.abs(change) > 50).mean()
    duration = len(ppg) / rate
    if duration >= 60:
        spectrum = nk.hrv_frequency(
            {"RRI": ms[good], "RRI_Time": found["time"].to_numpy()[good]}, silent=True
        )
        result["HF"] = spectrum["HRV_HF"].iloc[0]
        if duration >= 120:
            result["LF"], result["LFHF"] = spectrum["HRV_LF"].iloc[0], spectrum["HRV_LFHF"].iloc[0]
    return result
