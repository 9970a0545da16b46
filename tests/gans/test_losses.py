import pytest
import torch
from torch.nn import functional as F

from affectkit.gans.losses import (
    AUGMENTATIONS,
    LOSSES,
    diffaugment,
    discriminator_loss,
    generator_loss,
    gradient_penalty,
)

REAL, FAKE = torch.tensor([2.0, -0.5]), torch.tensor([-1.0, 0.25])


def test_values_by_hand():
    bce = -(torch.sigmoid(REAL).log() + (1 - torch.sigmoid(FAKE)).log()).mean()
    torch.testing.assert_close(discriminator_loss("bce", REAL, FAKE), bce)
    smooth = -(0.9 * torch.sigmoid(REAL).log() + 0.1 * (1 - torch.sigmoid(REAL)).log()
               + (1 - torch.sigmoid(FAKE)).log()).mean()
    torch.testing.assert_close(discriminator_loss("bce", REAL, FAKE, 0.1), smooth)
    torch.testing.assert_close(discriminator_loss("hinge", REAL, FAKE), torch.tensor(1.375))
    torch.testing.assert_close(discriminator_loss("wgan-gp", REAL, FAKE), torch.tensor(-1.125))
    pairs = -torch.sigmoid(REAL - FAKE).log().mean()
    torch.testing.assert_close(discriminator_loss("r3", REAL, FAKE), pairs)
    torch.testing.assert_close(generator_loss("bce", None, FAKE), -torch.sigmoid(FAKE).log().mean())
    torch.testing.assert_close(generator_loss("hinge", None, FAKE), torch.tensor(0.375))
    torch.testing.assert_close(generator_loss("r3", REAL, FAKE), -torch.sigmoid(FAKE - REAL).log().mean())


@pytest.mark.parametrize("loss", LOSSES)
def test_the_two_pull_apart(loss):
    real, fake = REAL.clone().requires_grad_(), FAKE.clone().requires_grad_()
    discriminator_loss(loss, real, fake).backward()
    assert real.grad.sum() < 0 < fake.grad.sum()
    fake.grad = None
    generator_loss(loss, real.detach(), fake).backward()
    assert fake.grad.sum() < 0


def test_penalties_of_a_plane():
    slope = torch.tensor([3.0, 4.0])  # a score whose slope is 5 everywhere
    real, fake = torch.randn(6, 2), torch.randn(6, 2)
    assert gradient_penalty("wgan-gp", lambda x: x @ slope, real, fake).item() == pytest.approx((5 - 1) ** 2)
    assert gradient_penalty("r3", lambda x: x @ slope, real, fake).item() == pytest.approx(25 / 2 * 2)


def test_penalty_trains_the_score():
    weight = torch.tensor([3.0, 4.0], requires_grad=True)
    gradient_penalty("r3", lambda x: x @ weight, torch.randn(6, 2), torch.randn(6, 2)).backward()
    torch.testing.assert_close(weight.grad, 2 * weight.detach())


def test_diffaugment_can_be_differentiated_twice():
    x = torch.rand(4, 1, 12, 12) * 2 - 1
    weight = torch.ones(1, requires_grad=True)
    gradient_penalty("r3", lambda v: (diffaugment(v) * weight).square().sum((1, 2, 3)), x, x).backward()
    assert weight.grad > 0


def test_translation_moves_by_whole_pixels_and_fills_with_grey():
    torch.manual_seed(0)
    x = torch.rand(200, 1, 16, 16) + 1
    moved = diffaugment(x, ["translation"])
    for before, after in zip(x, moved, strict=True):
        shifts = [(d, r) for d in range(-2, 3) for r in range(-2, 3)
                  if torch.equal(after, F.pad(before, (r, -r, d, -d)))]
        assert len(shifts) == 1
    assert any(not torch.equal(a, b) for a, b in zip(x, moved, strict=True))


def test_cutout_blanks_up_to_a_quarter():
    torch.manual_seed(0)
    blank = (diffaugment(torch.ones(500, 1, 16, 16), ["cutout"]) == 0).float().mean((1, 2, 3))
    assert blank.max() == 0.25 and blank.min() < 0.15


def test_brightness_and_contrast():
    torch.manual_seed(0)
    x = torch.rand(500, 1, 8, 8)
    offset = (diffaugment(x, ["brightness"]) - x).flatten(1)
    assert offset.std(1).max() < 1e-6 and -0.5 <= offset.min() < -0.45 and 0.45 < offset.max() <= 0.5
    factor = diffaugment(x, ["contrast"]).flatten(1).std(1) / x.flatten(1).std(1)
    assert 0.5 <= factor.min() < 0.55 and 1.45 < factor.max() <= 1.5001


def test_nothing_asked_nothing_done():
    x = torch.rand(3, 1, 8, 8)
    assert diffaugment(x, ()) is x
    assert set(AUGMENTATIONS) == {"brightness", "contrast", "translation", "cutout"}
