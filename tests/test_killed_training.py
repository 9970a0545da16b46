"""Slow: training killed at random moments ends with the weights of an undisturbed run (make test-slow)."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from safetensors.numpy import load_file

pytestmark = pytest.mark.slow

TRAINING = """
import sys
import numpy as np, torch
torch.set_num_threads(1)
import affectkit as ak
rng = np.random.default_rng(0)
y = np.arange(160) % 2
X = (70 + 5 * y[:, None, None] + rng.normal(0, 4, (160, 20, 1))).astype("float32")
print("ready", flush=True)
net = ak.learn.classifier("heart-lstm", max_epochs=30, checkpoint=sys.argv[1], device="cpu", random_state=3)
net.fit(X, y)
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_and_resumed_training_ends_the_same(tmp_path):
    def train(name):
        return subprocess.Popen(
            [sys.executable, "-c", TRAINING, str(tmp_path / name)], stdout=subprocess.PIPE
        )

    assert train("undisturbed").wait() == 0
    undisturbed = load_file(tmp_path / "undisturbed")
    rng, killed = random.Random(0), 0
    for attempt in range(6):
        for _ in range(3):
            process = train(f"killed-{attempt}")
            process.stdout.readline()
            time.sleep(rng.uniform(0.05, 1.5))
            killed += process.poll() is None
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert train(f"killed-{attempt}").wait() == 0
        resumed = load_file(tmp_path / f"killed-{attempt}")
        assert resumed.keys() == undisturbed.keys()
        assert all((resumed[key] == undisturbed[key]).all() for key in undisturbed)
    assert killed > 3, "it was never killed in the middle"
