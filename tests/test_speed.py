import os
import subprocess
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import psutil
import pytest
import torch
from skorch.callbacks import Callback

from affectkit import speed


def test_importing_speed_does_not_import_torch():
    code = "import sys, affectkit.speed as s; s.tune(); s.threads(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mallopt belongs to glibc")
def test_tuned_allocator_keeps_freed_buffers():
    # A fresh process: a large buffer freed and asked for again must come without new pages from the kernel.
    code = """
import resource, sys
from affectkit import speed
if not speed.tune():
    sys.exit(77)
faults = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt
bytearray(64 << 20)
before = faults()
for _ in range(5):
    bytearray(64 << 20)
sys.exit(faults() - before > 1000)
"""
    code_returned = subprocess.run([sys.executable, "-c", code]).returncode
    if code_returned == 77:
        pytest.skip("this C library has no mallopt")
    assert code_returned == 0


@pytest.mark.parametrize("given, expected", [
    ({}, "PASSIVE 2000 1"), ({"OMP_WAIT_POLICY": "ACTIVE", "OPENBLAS_NUM_THREADS": "2"}, "ACTIVE None 2"),
])
def test_threads_spin_little_unless_told_otherwise(given, expected):
    names = ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "OPENBLAS_NUM_THREADS")
    code = f"import os, affectkit.speed as s; s.tune(); print(*map(os.environ.get, {names}))"
    environment = {k: v for k, v in os.environ.items() if k not in names}
    told = subprocess.check_output([sys.executable, "-c", code], env=environment | given, text=True)
    assert told.strip() == expected


def test_one_thread_and_back():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with pytest.raises(KeyError), speed.one_thread():
            assert torch.get_num_threads() == 1
            raise KeyError
        assert torch.get_num_threads() == 2
        with speed.one_thread(False):
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)


def test_networks_on_signals_take_one_core():
    import numpy as np

    import affectkit as ak

    before, seen, X = torch.get_num_threads(), [], np.random.default_rng(0).random((64, 16, 1), np.float32)

    class Look(Callback):
        def on_batch_end(self, net, **kwargs):
            seen.append(torch.get_num_threads())

    torch.set_num_threads(2)
    try:
        net = ak.learn.classifier("heart-lstm", max_epochs=1, device="cpu", callbacks=[Look()])
        net.fit(X, np.arange(64) % 2)
        gan = ak.gans.RGAN(length=16, width=4, max_epochs=1, batch_size=32, device="cpu").build()
        gan.generator.register_forward_hook(lambda *args: seen.append(torch.get_num_threads()))
        gan.step(X[:32])
        gan.generate(gan.draw_latents(2))
        assert len(seen) >= 3 and set(seen) == {1} and torch.get_num_threads() == 2
        faces = ak.learn.classifier("face-cnn", max_epochs=1, device="cpu", callbacks=[Look()])
        faces.fit(np.zeros((64, 48, 48), np.uint8), np.arange(64) % 2)
        assert seen[-1] == 2
    finally:
        torch.set_num_threads(before)


def test_tune_does_nothing_elsewhere(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    speed.tune.cache_clear()
    try:
        assert speed.tune() is False
    finally:
        speed.tune.cache_clear()


def test_device_is_checked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert speed.device("auto") == speed.device("cpu") == "cpu"
    with pytest.raises(ValueError, match="no CUDA GPU"):
        speed.device("cuda")
    with pytest.raises(ValueError, match="unknown"):
        speed.device("tpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert speed.device("auto") == "cuda" and speed.device("cuda:1") == "cuda:1"


@pytest.mark.parametrize("native", [True, False])
def test_half_precision_only_where_the_processor_has_it(monkeypatch, native):
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: native, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    speed.has_bf16.cache_clear()
    try:
        product = torch.ones(2, 2)
        with speed.autocast("cpu"):
            assert (product @ product).dtype == (torch.bfloat16 if native else torch.float32)
        assert isinstance(speed.autocast("cpu", enabled=False), nullcontext)
    finally:
        speed.has_bf16.cache_clear()


def test_channels_last_changes_strides_not_numbers():
    conv = torch.nn.Conv2d(3, 4, 3)
    x = torch.randn(2, 3, 8, 8)
    before = conv(x)
    assert speed.channels_last(conv) is conv
    assert conv.weight.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(conv(x), before)


def test_what_is_larger_than_the_free_memory_is_refused(monkeypatch):
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=8e9))
    assert speed.free_memory() == 8e9
    speed.check_memory(8e9, "all of it", "ask for less")
    with pytest.raises(ValueError, match=r"^a film would take 8\.1 GB, .* free memory \(8\.0 GB\): cut it$"):
        speed.check_memory(8.1e9, "a film", "cut it")
    speed.check_memory(6e9, "a film", "cut it", share=0.75)
    with pytest.raises(ValueError, match=r"7\.0 GB, more than 75% of the free memory"):
        speed.check_memory(7e9, "a film", "cut it", share=0.75)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not say it")
def test_the_peak_outlives_what_was_freed():
    code = "from affectkit import speed; bytearray(300 << 20); print(speed.peak_memory())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert 300 < float(done.stdout) < 400
    assert speed.peak_memory(10**9) is None


def test_threads_honours_the_environment(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert speed.threads() == 1
    monkeypatch.delenv("OMP_NUM_THREADS")
    assert speed.threads() >= 1
