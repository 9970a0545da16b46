import pytest
import torch
from torch import nn

from affectkit import optim

pytestmark = pytest.mark.usefixtures("one_thread")


def with_gradients(*parameters):
    generator = torch.Generator().manual_seed(0)
    for p in parameters:
        p.grad = torch.randn(p.shape, generator=generator)
    return list(parameters)


@pytest.mark.parametrize("shape", [(8, 20), (20, 8), (16, 16), (32, 25)])
def test_orthogonalising_brings_all_singular_values_near_one(shape):
    torch.manual_seed(0)
    left, _, right = torch.linalg.svd(torch.randn(shape), full_matrices=False)
    matrix = left @ torch.diag(torch.logspace(0, -1, min(shape))) @ right
    out = optim.orthogonalise(1000 * matrix)
    assert out.shape == shape
    values = torch.linalg.svdvals(out)
    assert values.min() > 0.6 and values.max() < 1.25
    cosine = (left.T @ out @ right.T).diagonal() / values.mean()  # the directions stay
    assert cosine.min() > 0.5
    assert optim.orthogonalise(torch.zeros(shape)).abs().max() == 0


def test_gathered_products_are_jordans_iteration():
    torch.manual_seed(0)
    matrix = torch.randn(6, 15)
    x = matrix / matrix.norm()
    for _ in range(3):
        square = x @ x.T
        x = 3.4445 * x + (-4.7750 * square + 2.0315 * square @ square) @ x
    torch.testing.assert_close(optim.orthogonalise(matrix), x)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_filters_step_orthogonally_and_keep_their_norm(layout):
    torch.manual_seed(0)
    filters = nn.Parameter(torch.randn(8, 4, 3, 3).to(memory_format=layout))
    start = filters.detach() * 8 ** 0.5 / filters.detach().norm()
    optim.Muon(with_gradients(filters), lr=0.1).step()
    step = (start - filters.detach()).flatten(1) / 0.1
    torch.testing.assert_close(step, optim.orthogonalise(filters.grad.flatten(1)), atol=1e-4, rtol=0)


def test_others_follow_torchs_nesterov_momentum():
    torch.manual_seed(0)
    ours, theirs = nn.Linear(5, 3), nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    muon = optim.Muon(ours.parameters(), lr=0.1, momentum=0.7, other_lr=3)
    sgd = torch.optim.SGD(theirs.parameters(), lr=0.3, momentum=0.7, nesterov=True)
    for _ in range(3):
        with_gradients(*ours.parameters())
        with_gradients(*theirs.parameters())
        muon.step()
        sgd.step()
    torch.testing.assert_close(ours.weight, theirs.weight)
    torch.testing.assert_close(ours.bias, theirs.bias)


def test_parameters_without_gradient_stay_and_the_closure_is_called():
    p, frozen = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(4, 1, 3, 3))
    optimizer = optim.Muon([p, frozen], lr=0.1)

    def closure():
        optimizer.zero_grad()
        loss = (p ** 2).sum()
        loss.backward()
        return loss

    assert optimizer.step(closure).item() == 3
    assert (p < 1).all() and (frozen == 1).all()


@pytest.mark.parametrize("options", [dict(lr=-1), dict(lr=float("nan")), dict(momentum=1), dict(other_lr=-1)])
def test_bad_options_are_named(options):
    with pytest.raises(ValueError, match=next(iter(options))):
        optim.Muon([nn.Parameter(torch.ones(2))], **options)
