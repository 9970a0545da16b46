"""The trained GANs in data/checkpoints: whole, small, made of twins, and what they claim to be."""

import re
from shutil import copy

import pytest
from safetensors import safe_open

from affectkit import gans
from affectkit.gans import shipped


@pytest.mark.parametrize("name", shipped.TRAINED)
def test_every_trained_gan_is_there_and_samples(name):
    gan = gans.trained(name, device="cpu")
    made = gan.sample(4, random_state=0)
    assert len(made) == 4 and made.std() > 0.1
    with safe_open(shipped.folder() / f"{name}.safetensors", "pt") as file:
        note = file.metadata()["note"]
    assert re.search(r"trained on .*twin", note) and f"python -m affectkit.checkpoints {name}" in note
    assert (shipped.folder() / f"{name}.safetensors").stat().st_size < 4e6


def test_unknown_name():
    with pytest.raises(ValueError, match="no trained GAN named 'faces'; there are: dcgan-faces"):
        gans.trained("faces")


def test_missing_or_damaged_file(monkeypatch, tmp_path):
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    with pytest.raises(ValueError, match="cannot be read.*python -m affectkit.checkpoints rgan-pulses"):
        gans.trained("rgan-pulses")
    monkeypatch.undo()
    for end in ("safetensors", "sha256"):
        copy(shipped.folder() / f"rgan-pulses.{end}", tmp_path)
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    assert gans.trained("rgan-pulses", device="cpu").sample(1).shape[0] == 1
    with open(tmp_path / "rgan-pulses.safetensors", "r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(ValueError, match="rgan-pulses.safetensors is damaged.*affectkit.checkpoints"):
        gans.trained("rgan-pulses")
