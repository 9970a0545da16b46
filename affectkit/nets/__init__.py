"""Networks as plain ``torch.nn.Module``: samples in, logits out; ``features`` describes them by vectors."""

from affectkit.nets.faces import FaceCNN, FiveBlockCNN, MobileNetV1, SmallResNet
from affectkit.nets.fusion import Fusion
from affectkit.nets.hybrid import VGG16GRU, DenseNet121GRU, SmallHybrid, XceptionGRU
from affectkit.nets.signals import HeartCNN, HeartFeatures, HeartLSTM

__all__ = ["DenseNet121GRU", "FaceCNN", "FiveBlockCNN", "Fusion", "HeartCNN", "HeartFeatures", "HeartLSTM",
           "MobileNetV1", "SmallHybrid", "SmallResNet", "VGG16GRU", "XceptionGRU", "count_parameters"]


def count_parameters(module, convention="torch"):
    """Count a network's parameters the way torch or Keras does.

    Parameters
    ----------
    module : torch.nn.Module
    convention : {"torch", "keras"}
        "torch" counts what is trained. "keras", the way papers print it, adds batch normalisation's running
        mean and variance.

    Returns
    -------
    int
    """
    if convention not in ("torch", "keras"):
        raise ValueError(f'convention={convention!r} is unknown: use "torch" or "keras".')
    count = sum(p.numel() for p in module.parameters())
    if convention == "keras":
        running = ("running_mean", "running_var")
        count += sum(b.numel() for name, b in module.named_buffers() if name.endswith(running))
    return count
