"""CPU and GPU tuning in one place: what was measured to pay, and nothing else.

Nothing here imports torch before it is needed, so that ``affectkit doctor`` and the data loaders stay light.
"""

import ctypes
import os
import sys
from contextlib import contextmanager, nullcontext
from functools import cache
from pathlib import Path

# glibc's mallopt() codes (malloc.h) and what they are set to. By default glibc hands every large buffer back
# to the kernel as soon as it is freed; a network frees and asks again for the same activations at every step,
# and each time the kernel has to clear the pages anew.
_MALLOPT = {
    "M_MMAP_MAX": (-4, 0),  # never map a large buffer on its own: keep it in the heap ...
    "M_TRIM_THRESHOLD": (-1, 2**31 - 1),  # ... do not give the heap's end back ...
    "M_TOP_PAD": (-2, 64 << 20),  # ... and let it grow by 64 MiB at a time
}


@cache
def tune():
    """Let the memory of one training step be reused by the next, and let waiting threads sleep.

    The first needs glibc, costs a few per cent of memory and makes training on a CPU markedly faster. The
    second needs torch not to be imported yet: by default, threads that wait for each other spin, and when two
    lessons share the cores they mostly wait for threads that cannot run. Most waits are short, so that a few
    turns pay. An epoch of the face-CNN on two cores, alone and with another beside it: 200 turns .48 and .79
    s, 2,000 .41 and .97 s, 10,000 .40 and 1.7 s, 50,000 .40 and 4.9 s. The OpenBLAS of NumPy and SciPy always
    spins, so where NumPy is not imported yet it gets one thread: on two busy cores, two cross-validated
    logistic regressions on small faces took 30 s of processor time with two threads, and 2 s with one. Torch
    keeps its own threads. Calling it again is free.

    Returns
    -------
    bool
        True where the C library took all memory settings, False where it offers none (macOS, Windows, musl).

    Examples
    --------
    >>> from affectkit import speed
    >>> speed.tune() in (True, False)
    True
    """
    # OpenMP and OpenBLAS read these when they are loaded, and never again.
    if "torch" not in sys.modules and "OMP_WAIT_POLICY" not in os.environ:
        os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
        os.environ.setdefault("GOMP_SPINCOUNT", "2000")  # GNU's library; others know the policy alone
    if "numpy" not in sys.modules:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(code, value) == 1 for code, value in _MALLOPT.values()])


def device(name="auto"):
    """Choose where networks run.

    Parameters
    ----------
    name : str
        "auto" (a CUDA GPU if there is one), "cpu", "cuda" or "cuda:1".

    Returns
    -------
    str
        A name that torch understands.

    Raises
    ------
    ValueError
        For an unknown name, or for a GPU that is not there.
    """
    import torch

    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    kind = str(name).partition(":")[0]
    if kind not in ("cpu", "cuda"):
        raise ValueError(f'device={name!r} is unknown: use "auto", "cpu" or "cuda".')
    if kind == "cuda" and not torch.cuda.is_available():
        raise ValueError(f'device={name!r}, but torch finds no CUDA GPU here: use device="auto" or "cpu".')
    return str(name)


@cache
def has_bf16(device="cpu"):
    """Tell whether half-precision (bfloat16) arithmetic is built into the processor.

    Where it is only emulated it is several times slower than float32, so it is asked for by feature, never by
    hope.

    Parameters
    ----------
    device : str
        "cpu", "cuda" or "cuda:N".

    Returns
    -------
    bool
    """
    import torch

    if str(device).startswith("cuda"):
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return any(  # the names are private to torch: where one is missing, take it as a "no"
        getattr(torch.cpu, check, lambda: False)()
        for check in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )


def autocast(device="cpu", *, enabled=True):
    """Context in which matrix products and convolutions run in bfloat16, where the processor has it.

    Parameters
    ----------
    device : str
        "cpu", "cuda" or "cuda:N".
    enabled : bool
        False gives plain float32.

    Returns
    -------
    context manager
        ``torch.autocast`` or, where bfloat16 would be slower, one that does nothing.
    """
    import torch

    if enabled and has_bf16(device):
        return torch.autocast(str(device).partition(":")[0], dtype=torch.bfloat16)
    return nullcontext()


@contextmanager
def one_thread(enabled=True):
    """Context in which a processor's work stays on one core.

    A network on signals takes its steps, a sample of time each, in microseconds, and threads that share them
    wait for each other at each. An epoch of the heart-LSTM took .52 s with one thread and .42 s with two on
    two idle cores, but .54 and 5.8 s with another such training beside it.

    Parameters
    ----------
    enabled : bool
        False changes nothing.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1 if enabled else before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def channels_last(module):
    """Lay a network's convolution weights out as the CPU and GPU kernels like them best (same numbers).

    Parameters
    ----------
    module : torch.nn.Module
        Changed in place; networks without 2-D convolutions are left as they are.

    Returns
    -------
    torch.nn.Module
        The same module.
    """
    import torch

    return module.to(memory_format=torch.channels_last)


def free_memory():
    """The memory that is free at this moment.

    Returns
    -------
    int
        Bytes.
    """
    import psutil

    return psutil.virtual_memory().available


def peak_memory(pid="self"):
    """The most memory that a process has held at once.

    Parameters
    ----------
    pid : "self" or int
        This process, or another one of the same user.

    Returns
    -------
    float or None
        Megabytes, resident; None where the system does not say it (other systems than Linux, a process that
        has ended). What ``resource`` says also counts what held this process before its program was loaded.
    """
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), None)


def check_memory(need, what, remedy, *, share=1.0):
    """Refuse what is larger than the free memory, before any of it is made.

    Parameters
    ----------
    need : float
        Bytes it takes.
    what : str
        What takes them, as the message begins: "n=5 landscapes".
    remedy : str
        What to ask for instead, as the message ends: "ask for fewer".
    share : float
        How much of the free memory it may take.

    Raises
    ------
    ValueError
        It takes more; names both figures.

    Examples
    --------
    >>> from affectkit import speed
    >>> speed.check_memory(1000, "a picture", "ask for a smaller one")
    """
    free = free_memory()
    if need > share * free:
        part = "" if share == 1 else f"{share:.0%} of "
        raise ValueError(
            f"{what} would take {need / 1e9:,.1f} GB, more than {part}the free memory "
            f"({free / 1e9:,.1f} GB): {remedy}"
        )


def threads():
    """Count the processor cores this process may really use.

    Containers often show all cores of the host and allow only some: affinity, the cgroup quota and
    OMP_NUM_THREADS are honoured, the smallest wins.

    Returns
    -------
    int
        At least 1.
    """
    limits = [os.cpu_count() or 1]
    if hasattr(os, "sched_getaffinity"):
        limits.append(len(os.sched_getaffinity(0)))
    if os.environ.get("OMP_NUM_THREADS", "").isdigit():
        limits.append(int(os.environ["OMP_NUM_THREADS"]))
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        limits.append(int(quota) // int(period))
    except (OSError, ValueError):  # no cgroup v2, or "max": no limit
        pass
    return max(1, min(limits))
