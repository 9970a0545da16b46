"""Optimisers that torch lacks: `Muon` for convolutions (torch's own takes matrices only)."""

import torch

__all__ = ["Muon", "orthogonalise"]


class Muon(torch.optim.Optimizer):
    """Momentum with orthogonalised steps for filters, plain Nesterov momentum for all other parameters.

    A convolution's gradient, as a matrix with a row a filter, mostly points into a few directions. Muon takes
    about the nearest matrix with orthogonal rows instead, so that rare directions are learned as fast as
    common ones. Filters also keep their norm, one each on average, so that `lr` is the share by which a step
    changes them, whatever the network.

    Parameters
    ----------
    params : iterable of torch.nn.Parameter or of parameter groups
        Those of three or more dimensions are filters; biases, normalisation and dense layers are the others.
    lr : float
        Length of a step of filters.
    momentum : float
        Of all parameters: 0 to below 1.
    other_lr : float
        Learning rate of the others, in units of `lr`.

    Raises
    ------
    ValueError
        For a negative rate, or a momentum outside 0 to 1.

    References
    ----------
    Jordan et al. (2024), "Muon: An optimizer for hidden layers in neural networks",
    https://kellerjordan.github.io/posts/muon; the fixed norm and the momentum are those of Jordan's
    airbench94.

    Examples
    --------
    >>> import torch
    >>> from affectkit import optim
    >>> optimizer = optim.Muon(torch.nn.Conv2d(3, 8, 3).parameters(), lr=0.05)
    """

    def __init__(self, params, lr=0.06, *, momentum=0.6, other_lr=0.6):
        if not (lr >= 0 and other_lr >= 0):
            raise ValueError(f"lr={lr} and other_lr={other_lr} must be at least 0.")
        if not 0 <= momentum < 1:
            raise ValueError(f"momentum={momentum} must be at least 0 and below 1.")
        super().__init__(params, dict(lr=lr, momentum=momentum, other_lr=other_lr))

    @torch.no_grad()
    def step(self, closure=None):
        """Change all parameters that have a gradient; returns the closure's loss, if one is given."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if not state:
                    state["momentum"] = torch.zeros_like(p)
                past = state["momentum"].mul_(group["momentum"]).add_(p.grad)
                update = p.grad.add(past, alpha=group["momentum"])  # Nesterov's look ahead
                if p.ndim > 2:
                    p.mul_(len(p) ** 0.5 / p.norm().clamp_min(1e-7))
                    p.sub_(orthogonalise(update.flatten(1)).view_as(p), alpha=group["lr"])
                else:
                    p.sub_(update, alpha=group["lr"] * group["other_lr"])
        return loss


def orthogonalise(matrix, steps=3):
    """Bring all singular values of a matrix near 1, by Newton-Schulz iterations.

    Jordan's iteration is ``X <- a X + (b A + c A A) X`` with ``A = X X'``. Each is a product with a
    polynomial in A, and so is the next A: they are gathered on the small square matrix, and X is
    multiplied once, which takes half the time for the widest filters.

    Parameters
    ----------
    matrix : torch.Tensor of shape (m, n)
    steps : int
        Iterations; three bring singular values of at least a fiftieth of the matrix' norm to 0.68 to 1.2.

    Returns
    -------
    torch.Tensor of shape (m, n)
    """
    if len(matrix) > matrix.shape[1]:
        return orthogonalise(matrix.T, steps).T
    a, b, c = 3.4445, -4.7750, 2.0315
    x = matrix / matrix.norm().clamp_min(1e-7)
    square = x @ x.T
    factor = None
    for _ in range(steps):
        q = torch.addmm(square, square, square, beta=b, alpha=c)
        q.diagonal().add_(a)
        square = q @ square @ q
        factor = q if factor is None else q @ factor
    return factor @ x
