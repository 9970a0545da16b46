"""What both GANs share: a training loop that can be stopped anywhere, files, latent-space tools."""

import hashlib
import json
import math
import os
import signal
import tempfile
import threading
import time
from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from torch import nn
from torch.nn import functional as F

from affectkit import speed

from .losses import LOSSES, discriminator_loss, generator_loss, gradient_penalty

COLUMNS = ("step", "epoch", "d_loss", "g_loss", "penalty", "d_real", "d_fake", "d_accuracy", "d_gradient",
           "g_gradient", "seconds")
WHICH = ("both", "discriminator", "generator")
# Options that a run may change and still be the same run: when it ends, and what is shown of it.
FREE = {"max_steps", "max_epochs", "max_seconds", "checkpoint", "checkpoint_every", "verbose", "device",
        "warm_start"}


class TrainingStopped(RuntimeError):
    """Training cannot go on: it diverged, or its discriminator is dead. The last good weights are kept."""


class CheckpointError(ValueError):
    """A file is no checkpoint, a damaged one, or one of something else."""


class GAN(BaseEstimator):
    """What `DCGAN` and `RGAN` share; they say which networks there are and how samples get in and out.

    Every random draw of step k comes from a seed made of `random_state` and k, and so does the order of the
    data in epoch k. Whoever continues after step k therefore draws what an undisturbed run would have drawn.
    """

    # A subclass says: _validate, _networks, _latent_shape, _check, _check_variation, _scale, _to_network,
    # _from_network.

    def _store(self, options):
        """Keep the options of `__init__` untouched, each under its name."""
        vars(self).update({k: v for k, v in options.items() if k not in ("self", "__class__")})

    def build(self):
        """Make the networks, untrained.

        Returns
        -------
        self
        """
        self._check_options()
        self.seed_ = int(np.random.SeedSequence(self.random_state).generate_state(1)[0])
        self.device_ = speed.device(self.device)
        speed.tune()
        with _own_randomness(self.device_):
            torch.manual_seed(self._seed(0))
            self.generator, self.discriminator = (
                speed.channels_last(net.to(self.device_)) for net in self._networks())
        self.averaged_ = deepcopy(self.generator).eval() if self.ema else None
        betas = tuple(map(float, self.betas))
        rates = {"generator": self.lr, "discriminator": self.lr_discriminator or self.lr}
        self._optimizers = {
            name: torch.optim.Adam(getattr(self, name).parameters(), rate, betas, fused=True)
            for name, rate in rates.items()}
        self.classes_ = np.arange(self.n_classes) if self.n_classes else None
        self.history_, self.steps_, self.seconds_ = [], 0, 0.0
        self._sampled, self._dead, self._spread = 0, 0, None
        return self

    def fit(self, X, y=None, callbacks=()):
        """Train until the first of `max_epochs`, `max_steps` and `max_seconds`.

        Interrupting it (Ctrl-C, "stop" in a notebook) lets the running step end, writes the checkpoint if
        there is to be one, and leaves the GAN usable.

        Parameters
        ----------
        X : ndarray
            Faces: uint8 (n, h, w) or (n, h, w, 3). Signals: float (n, time, channels) in physical units.
        y : array of shape (n,), optional
            Labels of any kind, for a GAN with `n_classes`.
        callbacks : sequence of callables
            Each is called after every step as ``f(gan, info)``: info is the newest row of `history_` and
            ``info["epoch_end"]``. One that returns True ends the training.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Samples of a wrong shape, range or number, missing values, labels that do not fit.
        TrainingStopped
            The loss is no number any more, or the discriminator is dead.
        CheckpointError
            `checkpoint` names a file that is none, or that another run wrote.
        MemoryError
            The device's memory does not hold a batch.
        """
        self._check_options()
        x = self._check(X)
        if len(x) < self.batch_size:
            raise ValueError(f"X has {len(x)} samples, fewer than one batch of {self.batch_size}: lower "
                             "batch_size, or load more samples.")
        self._check_variation(x)
        if (self.n_classes is None) != (y is None):
            raise ValueError("y is missing: a GAN with n_classes learns from labels." if y is None else
                             "y was given, but this GAN is unconditional: set n_classes, or leave y out.")
        classes, target = None, torch.zeros(len(x), dtype=torch.int64)
        if y is not None:
            classes, target = np.unique(np.asarray(y), return_inverse=True)
            if target.shape != (len(x),):
                raise ValueError(f"X has {len(x)} samples, but y has the shape {np.shape(y)}; give one "
                                 "label a sample.")
            if len(classes) != self.n_classes:
                raise ValueError(f"y holds {len(classes)} classes ({_some(classes)}), but n_classes="
                                 f"{self.n_classes}: make them agree.")
            target = torch.from_numpy(target)
        going_on = self.warm_start and hasattr(self, "generator")
        if going_on:
            if self.checkpoint:
                raise ValueError("warm_start goes on from the networks in memory, checkpoint from those in a "
                                 "file: use one of them.")
            if classes is not None and not np.array_equal(classes, self.classes_):
                raise ValueError(f"warm_start goes on with the classes {_some(self.classes_)}, but y holds "
                                 f"{_some(classes)}.")
        else:
            self.build()
            self.classes_ = classes
        if self._spread is None:
            self._spread = self._scale(x)
        key = None
        if self.checkpoint:
            if self.random_state is None:
                raise ValueError("checkpoint needs a random_state: without one, a resumed run would draw "
                                 "other numbers than it began with.")
            if not Path(self.checkpoint).absolute().parent.is_dir():
                raise FileNotFoundError(f"{self.checkpoint}: its folder is not there; make it, or name "
                                        "another file.")
            key = self._run_key(x, target)
            if Path(self.checkpoint).exists():
                self._read(self.checkpoint, key)
        self._train(x.to(self.device_), target.to(self.device_), list(callbacks), key)
        return self

    def step(self, X, y=None, which="both"):
        """Train one step on one batch, or only one of the two networks; builds them if need be.

        Parameters
        ----------
        X, y : ndarray
            A batch, as for `fit`, of any size from 2. The first batch sets the scale of signals.
        which : {"both", "discriminator", "generator"}
            Who learns from it.

        Returns
        -------
        dict
            The new row of `history_`: losses, scores, gradients.
        """
        if which not in WHICH:
            raise ValueError(f"which={which!r} is unknown: use one of {', '.join(WHICH)}.")
        x = self._check(X)
        if len(x) < 2:
            raise ValueError("A step takes at least two samples: batch normalisation compares them.")
        if not hasattr(self, "generator"):
            self.build()
        target = torch.zeros(len(x), dtype=torch.int64) if self.n_classes is None else self._labels(y, len(x))
        if self.n_classes is None and y is not None:
            raise ValueError("y was given, but this GAN is unconditional: set n_classes, or leave y out.")
        if self._spread is None:
            self._spread = self._scale(x)
        with _own_randomness(self.device_):
            return self._step(x.to(self.device_), target.to(self.device_), which, epoch=0)

    def sample(self, n, y=None, *, random_state=None):
        """Draw new samples.

        Parameters
        ----------
        n : int
            How many.
        y : label or array of shape (n,), optional
            Class of all, or of each; without it each class is equally likely.
        random_state : int, optional
            Same number, same samples; by default every call draws new ones.

        Returns
        -------
        ndarray
            Faces: uint8 (n, h, w) or (n, h, w, 3). Signals: float32 (n, time, channels), physical units.
        """
        self._check_built()
        if int(n) != n or n < 0:
            raise ValueError(f"n={n!r}: give the number of samples as a whole number, 0 or more.")
        seed = self._seed(3, self._sampled) if random_state is None else random_state
        self._sampled += random_state is None
        z = self.draw_latents(int(n), seed)
        if y is None and self.n_classes is not None:
            y = self.classes_[np.random.default_rng(seed).integers(0, self.n_classes, int(n))]
        return self.generate(z, y)

    def draw_latents(self, n, random_state=0):
        """Draw `n` points of the latent space, from the normal distribution the generator was trained on."""
        self._check_built()
        return torch.randn(n, *self._latent_shape(), generator=torch.Generator().manual_seed(random_state))

    def generate(self, z, y=None):
        """Turn latents into samples.

        Parameters
        ----------
        z : torch.Tensor or ndarray of shape (n, ...)
            As `draw_latents` gives them.
        y : label, array of shape (n,), or float array of shape (n, n_classes)
            For a conditional GAN: a class for all, one for each, or the share of every class in each (a face
            between two emotions).

        Returns
        -------
        ndarray
            As from `sample`.
        """
        self._check_built()
        z = torch.as_tensor(z, dtype=torch.float32)
        weights = self._weights(y, len(z))
        net = self.averaged_ or self.generator
        training = net.training
        net.eval()
        try:
            with torch.no_grad():
                parts = [net(z[i:i + 256].to(self.device_), None if weights is None else weights[i:i + 256])
                         for i in range(0, max(len(z), 1), 256)]
        finally:
            net.train(training)
        return self._from_network(torch.cat(parts))

    def interpolate(self, a, b, n=8, y=None):
        """Walk from one latent to another in `n` steps along the sphere (slerp), and show what lies between.

        Normal latents lie near a sphere; a straight line would cut through its inside, where the generator
        has never been.

        Parameters
        ----------
        a, b : array
            One latent each, such as ``gan.draw_latents(2)``.
        n : int
            Samples, both ends included.
        y : label, optional
            Class of all.

        Returns
        -------
        ndarray
            `n` samples.
        """
        self._check_built()
        a, b = (torch.as_tensor(v, dtype=torch.float32).reshape(self._latent_shape()) for v in (a, b))
        angle = torch.arccos((F.normalize(a.flatten(), dim=0) @ F.normalize(b.flatten(), dim=0)).clamp(-1, 1))
        share = torch.linspace(0, 1, n).reshape(n, *[1] * a.ndim)
        if angle < 1e-4:
            return self.generate(torch.lerp(a, b, share), y)
        return self.generate((torch.sin((1 - share) * angle) * a + torch.sin(share * angle) * b)
                             / torch.sin(angle), y)

    def morph(self, start, stop, n=8, *, z=None, random_state=0):
        """Change the class and nothing else: one latent, from class `start` to class `stop` in `n` steps.

        Returns
        -------
        ndarray
            `n` samples.
        """
        self._check_built()
        if self.n_classes is None:
            raise ValueError("Only a GAN with classes can morph between them: set n_classes and fit with y.")
        z = self.draw_latents(1, random_state) if z is None else torch.as_tensor(z, dtype=torch.float32)
        first, last = self._weights([start], 1), self._weights([stop], 1)
        share = torch.linspace(0, 1, n, device=self.device_)[:, None]
        return self.generate(z.reshape(1, *self._latent_shape()).expand(n, *self._latent_shape()),
                             torch.lerp(first, last, share).cpu().numpy())

    def invert(self, X, y=None, *, steps=200, lr=0.05, random_state=0):
        """Look for the latents whose samples come closest to real ones (mean squared error, by Adam).

        Each search starts at the best of 64 random latents; a small pull keeps it where latents are likely.

        Parameters
        ----------
        X, y : ndarray
            Real samples, as for `fit`.
        steps, lr : int, float
            Of the search.

        Returns
        -------
        torch.Tensor of shape (n, ...)
            Latents; ``gan.generate(z, y)`` shows how close they came.
        """
        self._check_built()
        x = self._to_network(self._check(X).to(self.device_))
        weights = self._weights(y, len(x))
        net = deepcopy(self.averaged_ or self.generator).eval().requires_grad_(False)
        tries = self.draw_latents(64, random_state).to(self.device_)
        start = []
        with torch.no_grad():
            for i in range(len(x)):
                w = None if weights is None else weights[i:i + 1].expand(64, -1)
                start.append(tries[(net(tries, w) - x[i:i + 1]).flatten(1).square().mean(1).argmin()])
        z = torch.stack(start).requires_grad_(True)
        optimizer = torch.optim.Adam([z], lr=lr)
        for _ in range(steps):
            optimizer.zero_grad()
            error = (net(z, weights) - x).flatten(1).square().mean(1) + 1e-3 * z.flatten(1).square().mean(1)
            error.sum().backward()
            optimizer.step()
        return z.detach().cpu()

    # -- files -----------------------------------------------------------------------------------------------

    def save(self, path, *, optimizer=False, half=False, note=""):
        """Write networks, options and history to one safetensors file, whole or not at all.

        Parameters
        ----------
        path : str or Path
        optimizer : bool
            Also the optimisers' moments (three times the size): to train on as if nothing had happened.
        half : bool
            Round weights to 16 bits: half the size, samples that hardly differ; not with `optimizer`.
        note : str
            Kept in the file's header: what the GAN was trained on, say.
        """
        self._check_built()
        if half and optimizer:
            raise ValueError("half=True rounds the weights, and training could not go on as if nothing had "
                             "happened: leave out half or optimizer.")
        self._write(path, optimizer=optimizer, half=half, note=note)

    @classmethod
    def load(cls, path, *, device="auto"):
        """Read a file that `save` or `fit(checkpoint=...)` wrote.

        Parameters
        ----------
        path : str or Path
        device : {"auto", "cpu", "cuda"}

        Returns
        -------
        DCGAN or RGAN

        Raises
        ------
        CheckpointError
            It is damaged, or none of this class.
        """
        meta = _open(path, cls.__name__)[0]
        try:
            options = {name: tuple(value) if isinstance(value, list) else value
                       for name, value in json.loads(meta["options"]).items()}
            gan = cls(**options, device=device).build()
        except (TypeError, ValueError, KeyError) as error:
            raise CheckpointError(f"{path} holds options this version does not know ({error}): make it "
                                  "anew.") from None
        gan._read(path)
        return gan

    def _write(self, path, key="", optimizer=True, half=False, note=""):
        from safetensors.torch import save

        tensors = {"history": torch.tensor([[row[c] for c in COLUMNS] for row in self.history_],
                                           dtype=torch.float64).reshape(-1, len(COLUMNS))}
        for name in ("generator", "discriminator", "averaged_"):
            net = getattr(self, name)
            tensors |= {f"{name}/{k}": v.half() if half and v.is_floating_point() else v
                        for k, v in (net.state_dict() if net is not None else {}).items()}
        for name, adam in self._optimizers.items() if optimizer else ():
            for index, entries in adam.state_dict()["state"].items():
                tensors |= {f"adam/{name}/{index}/{k}": v for k, v in entries.items()}
        if self._spread is not None:
            tensors |= {f"spread/{i}": v for i, v in enumerate(self._spread)}
        tensors = {k: v.detach().cpu().contiguous().clone() for k, v in tensors.items()}
        options = {k: v for k, v in self.get_params(deep=False).items() if k not in ("checkpoint", "device")}
        state = {"steps": self.steps_, "seconds": self.seconds_, "seed": self.seed_, "sampled": self._sampled,
                 "dead": self._dead, "classes": None if self.classes_ is None else self.classes_.tolist()}
        meta = {"format": "affectkit-gan", "class": type(self).__name__, "options": json.dumps(options),
                "state": json.dumps(state), "key": key or "", "note": note, "digest": _digest(tensors)}
        path = Path(path)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            try:
                file.write(save(tensors, meta))
                file.close()
                os.replace(file.name, path)
            except BaseException:
                os.unlink(file.name)
                raise

    def _read(self, path, key=None):
        meta, tensors = _open(path, type(self).__name__)
        if key is not None and meta["key"] != key:
            raise CheckpointError(f"{path} belongs to a run with other data or options: delete it, or give "
                                  "`checkpoint` another name.")
        try:
            state = json.loads(meta["state"])
            for name in ("generator", "discriminator", "averaged_"):
                if getattr(self, name) is not None:
                    getattr(self, name).load_state_dict(_part(tensors, f"{name}/"))
            for name, adam in self._optimizers.items():
                entries, parameters = {}, list(getattr(self, name).parameters())
                for place, tensor in _part(tensors, f"adam/{name}/").items():
                    index, _, entry = place.partition("/")
                    if tensor.ndim:  # fused Adam goes through memory: moments must lie there as weights do
                        tensor = torch.empty_like(parameters[int(index)]).copy_(tensor)
                    entries.setdefault(int(index), {})[entry] = tensor.detach()
                adam.load_state_dict({**adam.state_dict(), "state": entries})
            spread = [tensor for _, tensor in sorted(_part(tensors, "spread/").items())]
            self._spread = [v.to(self.device_) for v in spread] or None
            self.history_ = [_row(values) for values in tensors["history"].tolist()]
            self.steps_, self.seconds_, self.seed_ = state["steps"], state["seconds"], state["seed"]
            self._sampled, self._dead = state["sampled"], state["dead"]
            self.classes_ = None if state["classes"] is None else np.array(state["classes"])
        except (LookupError, RuntimeError, ValueError, TypeError) as error:
            raise CheckpointError(f"{path} does not fit these networks ({str(error).splitlines()[0]}): "
                                  "delete it, or make it anew with this version.") from None

    def _run_key(self, x, target):
        """Fingerprint of data and options: a checkpoint is continued only by the very same run."""
        options = {k: v for k, v in self.get_params(deep=False).items() if k not in FREE}
        classes = None if self.classes_ is None else self.classes_.tolist()
        key = hashlib.sha256(repr((sorted(options.items()), classes, tuple(x.shape))).encode())
        key.update(x.numpy())
        key.update(target.numpy())
        return key.hexdigest()

    # -- training --------------------------------------------------------------------------------------------

    def _train(self, x, target, callbacks, key):
        per_epoch = len(x) // self.batch_size
        first = self.steps_ if self.warm_start else 0  # a warm start has a budget of its own
        began = self.seconds_ if self.warm_start else 0.0
        last = min([math.inf] + [n for n in (self.max_steps, self.max_epochs and self.max_epochs * per_epoch)
                                 if n is not None])
        bar = self._bar(last, self.steps_ - first, self.seconds_ - began)
        order, saved, whole, epoch = None, time.monotonic(), True, -1
        try:
            with _own_randomness(self.device_), _CtrlC() as ctrl_c:
                while self.steps_ - first < last and self.seconds_ - began < (self.max_seconds or math.inf):
                    now, i = divmod(self.steps_, per_epoch)
                    if now != epoch:
                        epoch = now
                        draws = torch.Generator().manual_seed(self._seed(2, epoch))
                        order = torch.randperm(len(x), generator=draws).to(x.device)
                    rows = order[i * self.batch_size:(i + 1) * self.batch_size]
                    which = "both" if (self.steps_ + 1) % self.d_steps == 0 else "discriminator"
                    whole = False
                    info = self._step(x[rows], target[rows], which, epoch)
                    whole = True
                    _show(bar, info)
                    stop = [f(self, {**info, "epoch_end": i == per_epoch - 1}) for f in callbacks]
                    if ctrl_c.pressed:
                        raise KeyboardInterrupt
                    if self.checkpoint and time.monotonic() - saved >= self.checkpoint_every:
                        self._write(self.checkpoint, key)
                        saved = time.monotonic()
                    if True in stop:
                        break
        except KeyboardInterrupt:
            if self.checkpoint and whole:
                self._write(self.checkpoint, key)
            raise
        finally:
            if bar is not None:
                bar.close()
        if self.checkpoint:
            self._write(self.checkpoint, key)

    def _step(self, x, target, which, epoch):
        began = time.perf_counter()
        torch.manual_seed(self._seed(1, self.steps_))
        row = _row([math.nan] * len(COLUMNS)) | {"step": self.steps_, "epoch": epoch}
        nets = (self.generator.train(), self.discriminator.train())
        buffers = [(b, b.clone()) for net in nets for b in net.buffers()]  # running statistics: a few kB
        try:
            real = self._to_network(x)
            y = None if self.n_classes is None else F.one_hot(target, self.n_classes).float()
            z = torch.randn(len(real), *self._latent_shape()).to(self.device_)
            with torch.set_grad_enabled(which != "discriminator"), self._half():
                fake = self.generator(z, y)
            fake = fake.float()  # both halves of a step use the same generated samples: a third less work
            if which != "generator":
                self._train_discriminator(real, fake.detach(), y, row)
            if which != "discriminator":
                self._train_generator(real, fake, y, row)
        except RuntimeError as error:  # torch.OutOfMemoryError is one
            self._forget(buffers)
            if isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error):
                raise MemoryError(f"{self.device_} has too little memory for a batch of {len(x)}: lower "
                                  f"batch_size (now {self.batch_size}) or width, or use another "
                                  "device.") from error
            raise
        self.steps_ += 1
        self.seconds_ += time.perf_counter() - began
        row["seconds"] = self.seconds_
        self.history_.append(row)
        self._check_alive(row)
        return row

    def _train_discriminator(self, real, fake, y, row):
        with self._half():
            score_real = self.discriminator(self._augment(real), y).float()
            score_fake = self.discriminator(self._augment(fake), y).float()
        loss = total = discriminator_loss(self.loss, score_real, score_fake, self.label_smoothing)
        if self.loss in ("wgan-gp", "r3") and row["step"] % self.penalty_every == 0:
            # cuDNN's recurrent layers cannot be differentiated twice; torch's own can.
            recurrent = any(isinstance(m, nn.RNNBase) for m in self.discriminator.modules())
            with torch.backends.cudnn.flags(enabled=not recurrent), self._half():
                penalty = gradient_penalty(
                    self.loss, lambda x: self.discriminator(self._augment(x), y).float(), real, fake)
            total = loss + self.penalty * self.penalty_every * penalty
            row["penalty"] = penalty.item()
        right = (score_real > score_fake) if self.loss in ("wgan-gp", "r3") else \
            torch.cat([score_real > 0, score_fake < 0])
        figures = torch.stack([loss, score_real.mean(), score_fake.mean(), right.float().mean()]).tolist()
        row.update(zip(("d_loss", "d_real", "d_fake", "d_accuracy"), figures, strict=True))
        row["d_gradient"] = self._descend("discriminator", total, row)

    def _train_generator(self, real, fake, y, row):
        self.discriminator.requires_grad_(False)  # it only passes the gradient on
        try:
            with self._half():
                score = self.discriminator(self._augment(fake), y).float()
                if self.loss == "r3":
                    with torch.no_grad():
                        other = self.discriminator(self._augment(real), y).float()
            loss = generator_loss(self.loss, other if self.loss == "r3" else None, score)
            row["g_loss"] = loss.item()
            row["g_gradient"] = self._descend("generator", loss, row)
        finally:
            self.discriminator.requires_grad_(True)
        if self.averaged_ is not None:
            # A young average follows faster, or it would keep the untrained start for a thousand steps.
            keep = min(self.ema, (1 + self.steps_) / (10 + self.steps_))
            now = self.generator.state_dict()
            for name, value in self.averaged_.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(now[name], 1 - keep)
                else:
                    value.copy_(now[name])

    def _descend(self, name, loss, row):
        """One optimiser step, unless something is no number: the weights then stay as they were."""
        parameters = list(getattr(self, name).parameters())
        self._optimizers[name].zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(parameters, self.gradient_clip or math.inf).item()
        if not (math.isfinite(norm) and math.isfinite(loss.item())):
            raise TrainingStopped(
                f"Training diverged at step {self.steps_}: the {name}'s loss is {loss.item():g}, its "
                f"gradient {norm:g}. The weights are those from before. Lower lr (now {self.lr:g}), use "
                "spectral_norm=True or another loss, or look for extreme values in X.")
        self._optimizers[name].step()
        return norm

    def _check_alive(self, row):
        dead = row["d_accuracy"] == 1 and row["g_gradient"] < 1e-7
        self._dead = self._dead + 1 if dead else self._dead * math.isnan(row["g_gradient"])
        if self._dead >= self.dead_after:
            raise TrainingStopped(
                f"For {self._dead} steps the discriminator has been right about every sample, and the "
                "generator has had no gradient: it will learn no more. Lower the discriminator's rate "
                "(lr_discriminator), smooth its labels (label_smoothing=0.1), or use spectral_norm=True or "
                'loss="r3".')

    def _forget(self, buffers):
        for buffer, before in buffers:
            buffer.data.copy_(before)
        for optimizer in self._optimizers.values():
            optimizer.zero_grad(set_to_none=True)

    def _half(self):
        return speed.autocast(self.device_, enabled=self.half)

    def _augment(self, x):
        return x

    def _bar(self, last, steps, seconds):
        from tqdm.auto import tqdm

        if not self.verbose:
            return None
        timed = self.max_seconds is not None  # then time, not steps, says how much is left
        bar = tqdm(total=self.max_seconds if timed else last, initial=seconds if timed else steps,
                   unit="s" if timed else "step",
                   bar_format="{l_bar}{bar}| {elapsed}<{remaining}{postfix}" if timed else None)
        bar.timed, bar.began = timed, self.seconds_ - seconds
        return bar

    # -- checks ----------------------------------------------------------------------------------------------

    def _check_options(self):
        whole = {"latent_dim": 1, "width": 1, "batch_size": 2, "d_steps": 1, "penalty_every": 1,
                 "dead_after": 1, "n_classes": 2, "max_steps": 0, "max_epochs": 0}
        for name, least in whole.items():
            value = getattr(self, name)
            if value is None and name in ("n_classes", "max_steps", "max_epochs"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
                one = "; a single class needs none: n_classes=None" if name == "n_classes" else ""
                raise ValueError(f"{name}={value!r} must be a whole number from {least} on{one}.")
        if self.max_steps is None and self.max_epochs is None and self.max_seconds is None:
            raise ValueError("Training needs an end: give max_epochs, max_steps or max_seconds.")
        if self.loss not in LOSSES:
            raise ValueError(f"loss={self.loss!r} is unknown: use one of {', '.join(LOSSES)}.")
        if self.random_state is not None and not isinstance(self.random_state, int | np.integer):
            raise ValueError(f"random_state={self.random_state!r} must be a whole number or None.")
        if not 0 <= self.label_smoothing < 0.5 or not 0 <= (self.ema or 0) < 1:
            raise ValueError("label_smoothing lies between 0 and 0.5, ema between 0 and 1.")
        self._validate()

    def _check_built(self):
        if not hasattr(self, "generator"):
            raise NotFittedError(f"This {type(self).__name__} has no networks yet: call fit, step, build "
                                 "or load.")

    def _labels(self, y, n):
        """Labels as their numbers in `classes_`."""
        if y is None:
            raise ValueError(f"y is missing: this GAN makes samples of a class ({_some(self.classes_)}).")
        y = np.asarray(y)
        if y.shape not in ((), (n,)):
            raise ValueError(f"y has the shape {y.shape}; give one label, or {n}.")
        unknown = np.setdiff1d(y, self.classes_)
        if len(unknown):
            raise ValueError(f"y holds {_some(unknown)}, which the GAN was not fitted on; it knows "
                             f"{_some(self.classes_)}.")
        return torch.from_numpy(np.broadcast_to(np.searchsorted(self.classes_, y), n).copy())

    def _weights(self, y, n):
        """What networks take: a share of each class, (n, n_classes), or None."""
        if self.n_classes is None:
            if y is not None:
                raise ValueError("y was given, but this GAN is unconditional: it cannot choose a class.")
            return None
        shares = np.asarray(y)
        if shares.ndim == 2:
            if shares.shape != (n, self.n_classes):
                raise ValueError(f"y has the shape {shares.shape}; shares of classes have "
                                 f"({n}, {self.n_classes}).")
            return torch.as_tensor(shares, dtype=torch.float32, device=self.device_)
        return F.one_hot(self._labels(y, n), self.n_classes).float().to(self.device_)

    def _seed(self, *what):
        return int(np.random.SeedSequence([self.seed_, *what]).generate_state(1)[0])


def _row(values):
    row = dict(zip(COLUMNS, values, strict=True))
    return row if math.isnan(row["step"]) else row | {"step": int(row["step"]), "epoch": int(row["epoch"])}


def _show(bar, info):
    if bar is not None:
        bar.update(min(info["seconds"] - bar.began, bar.total) - bar.n if bar.timed else 1)
        bar.set_postfix({k: f"{info[k]:.3f}" for k in ("d_loss", "g_loss", "d_accuracy")}, refresh=False)


def _some(values, most=12):
    values = [str(v) for v in values]
    return ", ".join(values[:most]) + (", ..." if len(values) > most else "")


def _part(tensors, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _digest(tensors):
    digest = hashlib.blake2b()
    for name, tensor in sorted(tensors.items()):
        digest.update(repr((name, tensor.dtype, tuple(tensor.shape))).encode())
        digest.update(tensor.numpy())
    return digest.hexdigest()


def _open(path, kind):
    """Header and tensors of a checkpoint, after making sure that it is one, of this kind, and whole."""
    from safetensors import SafetensorError, safe_open

    if not Path(path).is_file():
        raise FileNotFoundError(f"{path}: there is no such file.")
    try:
        with safe_open(path, "pt") as file:
            meta = file.metadata() or {}
            if meta.get("format") != "affectkit-gan":
                raise CheckpointError(f"{path} was not written by a GAN of affectkit: name one that `save` "
                                      "wrote.")
            if meta.get("class") != kind:
                raise CheckpointError(f"{path} holds a {meta.get('class')}, not a {kind}: use "
                                      f"{meta.get('class')}.load.")
            tensors = {name: file.get_tensor(name) for name in file.keys()}
    except SafetensorError as error:
        raise CheckpointError(f"{path} is no checkpoint, or a damaged one ({error}): delete it to start "
                              "afresh, or copy it anew.") from None
    if _digest(tensors) != meta.get("digest"):
        raise CheckpointError(f"{path} is damaged (its contents do not match its checksum): delete it to "
                              "start afresh, or copy it anew.")
    return meta, tensors


class _own_randomness:
    """Let seeds set inside the block leave torch's global generators outside as they were."""

    def __init__(self, device):
        self.fork = torch.random.fork_rng([torch.device(device)] if str(device).startswith("cuda") else [])

    def __enter__(self):
        self.fork.__enter__()

    def __exit__(self, *error):
        return self.fork.__exit__(*error)


class _CtrlC:
    """Let Ctrl-C wait for the end of a step: half a step would leave the two networks out of step.

    A second Ctrl-C does not wait. Python hands signals to the main thread alone; elsewhere nothing changes.
    """

    pressed = False

    def __enter__(self):
        self.main = threading.current_thread() is threading.main_thread()
        if self.main:
            self.before = signal.signal(signal.SIGINT, self._press)
        return self

    def _press(self, *_):
        if self.pressed:
            raise KeyboardInterrupt
        self.pressed = True

    def __exit__(self, *error):
        if self.main:
            signal.signal(signal.SIGINT, self.before)
