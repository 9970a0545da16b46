"""The network that docs/twins.py trains on twins alone, and how."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from tqdm.auto import tqdm

import affectkit as ak

CHUNKS = 72  # of 2,048 faces each: what a network trained on twins sees
# What the square roots of the card's shares are multiplied by. The network names disgust and fear too readily
# in real faces, where the drawing shows them worst, and sadness and surprise too seldom.
TRUST = dict(disgust=0.5, fear=0.8, sad=1.2, surprise=1.3)


class Sight(nn.Module):
    """A small residual network for faces (n, 1, 48, 48), 0 to 1, that looks at shapes, not at light.

    Contrast is made equal all over the picture, and what lies outside the face is dimmed. Gives emotions
    (n, 7); `both` gives the action units (n, 21) as well, which a twin knows of every face.
    """

    def __init__(self, n_classes, n_units):
        super().__init__()
        self.n_classes = n_classes
        at = torch.arange(48.0)
        blur = torch.softmax(-(((at[:, None] - at) / 5) ** 2) / 2, 1)
        x, y = (at + 0.5) / 24 - 1, (at[:, None] + 0.5) / 24 - 1
        self.register_buffer("blur", blur)
        self.register_buffer("window", torch.sigmoid(8 * (1 - (x / 0.95) ** 2 - (y - 0.12) ** 2)))
        self.trunk = nn.Sequential(
            nn.Conv2d(1, 32, 5, 2, 2, bias=False), nn.BatchNorm2d(32), nn.ReLU(),  # 48 => 24
            *self.stage(32, 64), *self.stage(64, 128), *self.stage(128, 256),  # => 12 => 6 => 3
        )  # fmt: skip
        self.head = nn.Sequential(nn.BatchNorm1d(512), nn.Dropout(0.2), nn.Linear(512, n_classes + n_units))

    @staticmethod
    def stage(before, after):
        conv = nn.Conv2d(before, after, 3, padding=1, bias=False)
        return conv, nn.MaxPool2d(2), nn.BatchNorm2d(after), nn.ReLU(), Residual(after)

    def both(self, x):
        with torch.autocast(x.device.type, enabled=False):
            x = x.float() - self.blur @ x.float() @ self.blur.T
            contrast = (self.blur @ x**2 @ self.blur.T).sqrt()
            x = x / (contrast + 0.3 * contrast.mean((1, 2, 3), keepdim=True) + 1e-3) * self.window
        x = self.trunk(x)
        return (
            self.head(torch.cat([x.amax((2, 3)), x.mean((2, 3))], 1))
            .float()
            .tensor_split([self.n_classes], 1)
        )

    def forward(self, x):
        return self.both(x)[0]


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.step = nn.Sequential(conv, nn.BatchNorm2d(channels), nn.ReLU())

    def forward(self, x):
        return x + self.step(x)


def train_on_twins(seed, *, capped=False):
    """Train a network that never sees a real face.

    Every face is new. Two networks learn side by side and from each other: each sees the same faces roughened
    in its own way, and is also asked for what the other says (deep mutual learning: Zhang et al. 2018,
    arXiv:1706.00384). The first is kept, by the average of its weights over the last few hundred steps:
    trained to the end, the weights themselves fit the drawing too well. Settings, `TRUST` and with it the
    class shares among them, were chosen by the score on FER-2013's Training, never on PublicTest.

    Parameters
    ----------
    seed : int
        Of the faces, the weights and their order.
    capped : bool
        Only walk through, in seconds.

    Returns
    -------
    net : torch.nn.Module
        Grey faces (n, 1, 48, 48), values 0 to 1, to logits (n, 7) in the order of the fer2013 card.
    shares : ndarray of shape (7,)
        The class shares it learnt with.
    """
    card = ak.cards.get("fer2013")
    chunk, n_chunks, batch = (70, 2, 35) if capped else (2048, CHUNKS, 64)
    shares = np.sqrt(card.counts["train"])  # between the real shares and equal ones
    shares *= [TRUST.get(name, 1) for name in card.classes]
    shares /= shares.sum()
    counts = np.maximum(np.round(chunk * shares), 1).astype(int)
    torch.manual_seed(seed)
    sizes = len(card.classes), len(ak.twins.faces.ACTION_UNITS)
    pair = nn.ModuleList(ak.speed.channels_last(Sight(*sizes)) for _ in range(2))
    mean = AveragedModel(pair[0], multi_avg_fn=get_ema_multi_avg_fn(0.995), use_buffers=True)
    optimiser = torch.optim.AdamW(pair.parameters(), weight_decay=2e-2)
    steps = n_chunks * int(counts.sum() // batch)  # whole batches only
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps, pct_start=0.15)
    for k in tqdm(range(n_chunks), desc=f"twins, seed {seed}", unit="chunk"):
        options = dict(classes=card.classes, label_noise=0, random_state=[seed, 1000 + k])
        images, target, truth = ak.twins.faces.make(counts, **options)
        images, target, units = map(torch.from_numpy, (images, target, truth["action_units"]))
        for rows in torch.randperm(len(target))[: len(target) // batch * batch].split(batch):
            said = []
            for net in pair:
                pictures = roughen(images[rows][:, None] / 255)
                with ak.speed.autocast("cpu"):
                    said.append(net.both(pictures))
            loss = 0
            for (logits, seen), (others, _) in zip(said, said[::-1], strict=True):
                loss = loss + F.cross_entropy(logits, target[rows], label_smoothing=0.1)
                loss = loss + F.cross_entropy(logits, others.detach().softmax(1))
                loss = loss + 5 * F.mse_loss(seen, units[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            mean.update_parameters(pair[0])
    return mean.module.eval(), shares


def roughen(x):
    """Augment strongly: what drawings and photos differ in (place, texture, light, blur) becomes noise.

    Faces turn, shrink, grow, move, darken and brighten a lot: with about half of it, accuracy on Training is
    a point lower. More grain than is drawn already would cost half a point.
    """

    def uniform():
        return torch.rand(len(x), 1, 1, 1)

    x = ak.learn.augment_faces(x, rotation=25, zoom=0.3, shift=0.12, brightness=0.8)
    blurred = F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)
    x = torch.lerp(x, blurred, uniform() * (uniform() < 0.4))
    light = sum(
        (3 / side) ** 0.7 * F.interpolate(torch.randn(len(x), 1, side, side), 48, mode="bilinear")
        for side in (3, 6, 12, 24)
    )
    x = x + 0.15 * uniform() * (uniform() < 0.5) * light  # patches of light and shadow, large and small
    # another texture for every second face (RandConv: Xu et al. 2021, arXiv:2007.13003), each its own: the
    # same for a whole batch teaches less
    some = (torch.rand(len(x)) < 0.5).nonzero().flatten()
    for side, rows in zip((1, 3, 5, 7), some.tensor_split(4), strict=True):
        if len(rows):
            kernels = torch.randn(len(rows), 1, side, side) / side
            kernels[:, 0, side // 2, side // 2] += 1
            plain = F.pad(x[rows], [side // 2] * 4, mode="replicate").transpose(0, 1)
            textured = F.conv2d(plain, kernels, groups=len(rows)).transpose(0, 1)
            x[rows] = torch.lerp(x[rows], textured, torch.rand(len(rows), 1, 1, 1))
    corner = 48 * torch.rand(2, len(x), 1)  # something in front of two faces in five
    across, down = ((torch.arange(48) - c).abs() < torch.randint(3, 8, ()) for c in corner)
    hidden = (down[:, :, None] & across[:, None, :])[:, None] & (uniform() < 0.4)
    return torch.where(hidden, uniform(), x)
