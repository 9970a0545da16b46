"""``python -m affectkit.judge``: make data/checkpoints/judge-faces.safetensors, the kit's own judge, anew.

It learns from simulated faces alone, all that a picture of a face can get wrong: what is shown (emotion,
action units, pose), how it is taken (blur, grain) and how it looks from afar (an 8 x 8 thumbnail: light,
hair, background). A network that knew emotions only would take very different faces for equal ones.
"""

import sys

import numpy as np
import torch
from safetensors.torch import save
from torch.nn import functional as F
from tqdm.auto import tqdm

from .. import __version__, cards, learn, speed, twins
from ..datasets import _cache
from ..gans.shipped import store
from ._features import CHECKPOINT, CLASSES, Eye, folder

FACES, EPOCHS, BATCH = 20_000, 10, 128


def damage(x):
    """Mirror, move, blur and roughen pictures; gives them and how blurred and how grainy each became."""
    x = learn.augment_faces(x, rotation=5, zoom=0.05, shift=0.04, brightness=0.15)
    blur, grain = (torch.rand(len(x)) * (torch.rand(len(x)) < 0.4) for _ in range(2))
    soft = F.avg_pool2d(F.pad(x, [2] * 4, mode="replicate"), 5, 1)
    x = torch.lerp(x, soft, blur[:, None, None, None])
    x = x + 0.2 * grain[:, None, None, None] * torch.randn_like(x)
    return x.clamp(0, 1), torch.stack([blur, grain], 1)


def tasks(x, harm, units, pose):
    """What the features are to tell besides the emotion: (n, 21 + 3 + 2 + 64), each of about unit size."""
    thumbnail = (F.adaptive_avg_pool2d(x, 8).flatten(1) - 0.5) / 0.25
    return torch.cat([2 * units, 3 * pose, 3 * harm, thumbnail], 1)


def make(path, *, n_faces=FACES, epochs=EPOCHS, seed=0):
    """Train the network and write it.

    Parameters
    ----------
    path : Path
        The folder, which need not exist.
    n_faces, epochs, seed : int
        Simulated faces, passes over them, and what both start from.

    Returns
    -------
    float
        Share of the emotions named correctly on simulated faces that it has not seen.
    """
    speed.tune()
    card = cards.get("fer2013")
    if tuple(card.classes) != CLASSES:
        raise ValueError(f"the fer2013 card has the classes {card.classes}, the network {CLASSES}")
    shares = np.sqrt(card.counts["train"])  # between the real shares and equal ones
    held_out = max(len(CLASSES), n_faces // 20)

    def draw(n, number):
        counts = np.maximum(np.round(n * shares / shares.sum()), 1).astype(int)
        options = dict(classes=card.classes, label_noise=0, random_state=[seed, 7000 + number])
        images, target, truth = twins.faces.make(counts, **options)
        x = torch.from_numpy(images)[:, None]
        return x, *map(torch.from_numpy, (target, truth["action_units"], truth["pose"]))

    images, target, units, pose = draw(n_faces, 0)
    torch.manual_seed(seed)
    net = speed.channels_last(Eye(tasks(images[:1] / 255, torch.zeros(1, 2), units[:1], pose[:1]).shape[1]))
    optimiser = torch.optim.AdamW(net.parameters(), weight_decay=1e-2)
    steps = epochs * (len(target) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps, pct_start=0.2)
    bar = tqdm(total=steps, desc="judge", unit="step")
    for _ in range(epochs):
        for rows in torch.randperm(len(target))[: len(target) // BATCH * BATCH].split(BATCH):
            x, harm = damage(images[rows] / 255)
            with speed.autocast("cpu"):
                seen = net.features(x)
                logits, told = net.head(seen).float(), net.tasks(seen).float()
            wanted = tasks(x, harm, units[rows], pose[rows])
            loss = F.cross_entropy(logits, target[rows], label_smoothing=0.1) + 2 * F.mse_loss(told, wanted)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            bar.update()
            bar.set_postfix(loss=f"{loss.item():.3f}", refresh=False)
    bar.close()
    net.eval()
    images, target, *_ = draw(held_out, 1)
    with torch.inference_mode():
        score = (net(images / 255).argmax(1) == target).float().mean().item()
    stamp = dict(
        made_by="python -m affectkit.judge",
        affectkit=__version__,
        torch=torch.__version__,
        trained_on=f"{len(units)} simulated faces, no real one",
        epochs=str(epochs),
        seed=str(seed),
        simulator=_cache.content(_cache.simulator(card)),
        accuracy=f"{score:.3f}",
        classes=",".join(CLASSES),
    )
    weights = {
        name: value.half().contiguous()
        for name, value in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    content = save(weights, stamp)
    store(path / CHECKPOINT, content)
    return score


if __name__ == "__main__":
    accuracy = make(folder())
    size = (folder() / CHECKPOINT).stat().st_size / 1e6
    sys.stdout.write(f"{folder() / CHECKPOINT}: {size:.2f} MB, {accuracy:.1%} of new simulated faces named\n")
