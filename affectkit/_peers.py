"""What public tutorials do: the plain side of `affectkit.bench`, short, fair, and used by nothing else.

Both sides train the same networks on the same samples, with the same batches, steps and learning rates. What
differs is the way: one picture at a time, float32, a loader that glues samples together.
"""

import io
import math
import random

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.utils.data import DataLoader, Dataset


class Pictures(Dataset):
    """uint8 pictures (n, h, w): each is a PIL image, changed by itself, and becomes a tensor (1, h, w)."""

    def __init__(self, images, target=None, change=None):
        self.images, self.target, self.change = images, target, change

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = Image.fromarray(self.images[i])
        if self.change is not None:
            image = self.change(image)
        label = 0 if self.target is None else int(self.target[i])
        return torch.from_numpy(np.array(image)).float()[None] / 255, label


def change(image):
    """What `learn.augment_faces` does to a batch, to one picture: mirror, turn, zoom, shift, brightness."""
    if random.random() < 0.5:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    angle, reach = math.radians(random.uniform(-10, 10)), 1 + random.uniform(-0.1, 0.1)
    cos, sin, x, y = reach * math.cos(angle), reach * math.sin(angle), image.width / 2, image.height / 2
    left, up = (side * random.uniform(-0.08, 0.08) for side in image.size)
    whence = (cos, -sin, x - cos * x + sin * y + left, sin, cos, y - sin * x - cos * y + up)
    image = image.transform(image.size, Image.Transform.AFFINE, whence, Image.Resampling.BILINEAR)
    gamma = math.exp(random.uniform(-0.3, 0.3))
    return image.point([round(255 * (value / 255) ** gamma) for value in range(256)])


def train(net, data, *, epochs, lr, smoothing=0.0, device="cpu", workers=0, after=None):
    """The training loop of any tutorial; ``after(net)`` is called at each epoch's end. Gives the network."""
    net, loader = net.to(device), DataLoader(data, 64, shuffle=True, num_workers=workers)
    criterion = nn.CrossEntropyLoss(label_smoothing=smoothing)
    optimizer, steps = torch.optim.Adam(net.parameters(), lr), epochs * len(loader)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: max(min(step / steps / 0.1, (1 - step / steps) / 0.9), 1e-3)
    )
    for _ in range(epochs):
        net.train()
        loss_sum = hits = 0  # what a progress line shows
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            optimizer.zero_grad()
            scores = net(x)
            loss = criterion(scores, y)
            loss.backward()
            optimizer.step()
            schedule.step()
            loss_sum += loss.item()
            hits += (scores.argmax(1) == y).sum().item()
        if after is not None:
            after(net)
    return net


def dcgan(generator, discriminator, images, *, steps, device="cpu", workers=0, after=None):
    """PyTorch's DCGAN tutorial; ``after(generator, step)`` is called after each step. Gives the generator."""
    generator, discriminator = generator.to(device), discriminator.to(device)
    loader = DataLoader(Pictures(images), 64, shuffle=True, num_workers=workers, drop_last=True)
    criterion, step = nn.BCEWithLogitsLoss(), 0
    optimizer_d, optimizer_g = (
        torch.optim.Adam(net.parameters(), 2e-4, betas=(0.5, 0.999)) for net in (discriminator, generator)
    )
    true, false = torch.ones(64, device=device), torch.zeros(64, device=device)
    while step < steps:
        for real, _ in loader:
            discriminator.zero_grad()
            loss_real = criterion(discriminator(real.to(device) * 2 - 1), true)
            loss_real.backward()
            fake = generator(torch.randn(64, 100, device=device))
            loss_fake = criterion(discriminator(fake.detach()), false)
            loss_fake.backward()
            optimizer_d.step()
            generator.zero_grad()
            loss = criterion(discriminator(fake), true)
            loss.backward()
            optimizer_g.step()
            [one.item() for one in (loss_real, loss_fake, loss)]  # what a progress line shows
            step += 1
            if after is not None:
                after(generator, step)
            if step == steps:
                break
    return generator


def read_csv(path):
    """fer2013.csv, number by number: images (n, 48, 48) and labels (n,)."""
    images, target = [], []
    with open(path) as file:
        next(file)
        for line in file:
            label, pixels, _ = line.split(",")
            images.append([int(value) for value in pixels.split()])
            target.append(int(label))
    return np.array(images, np.uint8).reshape(-1, 48, 48), np.array(target)


def svm_fold(X, y, train, test, *, C, gamma):
    """Accuracy of scikit-learn's SVC in one fold."""
    from sklearn.svm import SVC

    return SVC(C=C, gamma=gamma).fit(X[train], y[train]).score(X[test], y[test])


def fid(real, fake, net, device="cpu"):
    """The FID as pytorch-fid computes it, 50 pictures at a time; ``net`` gives the features."""
    from scipy.linalg import sqrtm

    told = []
    for images in (real, fake):
        with torch.no_grad():
            parts = [net(x.to(device)).cpu() for x, _ in DataLoader(Pictures(images), 50)]
        features = torch.cat(parts).double().numpy()
        told.append((features.mean(0), np.cov(features, rowvar=False)))
    (mean, cov), (other, cov_other) = told
    return ((mean - other) ** 2).sum() + np.trace(cov + cov_other - 2 * sqrtm(cov @ cov_other).real)


def moved(threshold, name="happy"):
    """A slider's callback that does all of it each time; what hangs on the threshold."""
    from affectkit.apps.threshold_lab import at_threshold, judged_faces, plot_threshold

    y, proba, names = judged_faces()
    label = names.index(name)
    told = at_threshold(y == label, proba[:, label], threshold)
    plot_threshold(told, threshold, name, title=f"{name} or not?").savefig(io.BytesIO(), format="png")
    return told
