"""Slow: a GAN killed at random moments ends with the weights of an undisturbed run (make test-slow)."""

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
X = np.random.default_rng(0).integers(0, 256, (150, 28, 28)).astype("uint8")
gan = ak.gans.DCGAN(image_size=28, width=4, latent_dim=8, batch_size=16, n_classes=3, ema=0.99,
                    diffaugment=True, max_steps=60, checkpoint=sys.argv[1], checkpoint_every=0,
                    device="cpu", random_state=3)
gan.fit(X, np.arange(150) % 3, callbacks=[lambda gan, info: print("step", flush=True)])
"""


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_killed_and_resumed_training_ends_the_same(tmp_path):
    def train(name):
        command = [sys.executable, "-c", TRAINING, str(tmp_path / name)]
        return subprocess.Popen(command, stdout=subprocess.PIPE)

    process = train("undisturbed")
    assert len(process.communicate()[0].splitlines()) == 60
    undisturbed = load_file(tmp_path / "undisturbed")
    undisturbed["history"] = undisturbed["history"][:, :-1]  # the last column is the time it took
    rng, killed, kills = random.Random(0), 0, 0
    while kills < 20:
        name, done = f"killed-{kills}", False
        for _ in range(4):
            process = train(name)
            for _ in range(rng.randint(1, 20)):  # so many steps, and then a moment more
                process.stdout.readline()
            time.sleep(rng.uniform(0, 0.02))
            done = process.poll() is not None
            process.send_signal(signal.SIGKILL)
            process.communicate()
            kills += 1
            killed += not done
        assert train(name).wait() == 0
        resumed = load_file(tmp_path / name)
        resumed["history"] = resumed["history"][:, :-1]
        assert resumed.keys() == undisturbed.keys()
        assert all((resumed[key] == undisturbed[key])[undisturbed[key] == undisturbed[key]].all()
                   for key in undisturbed)
    assert killed >= 15, "it was hardly ever killed in the middle"
