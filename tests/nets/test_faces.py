import pytest
import torch

from affectkit import nets


@pytest.mark.parametrize("channels, size", [(1, 48), (3, 40), (1, 8)])
def test_face_cnn_shapes(channels, size):
    net = nets.FaceCNN(5, channels, size, channels=(4, 4, 6), hidden=10).eval()
    images = torch.rand(3, channels, size, size)
    assert net(images).shape == (3, 5)
    assert net.features(images).shape == (3, 10)
    assert net.blocks(images).shape == (3, 6, size // 8, size // 8)


def test_face_cnn_is_three_convolutions_and_a_dense_layer():
    names = [type(m).__name__ for m in nets.FaceCNN().modules() if type(m).__module__.startswith("torch")]
    assert names.count("Conv2d") == names.count("MaxPool2d") == 3
    assert names.count("Linear") == 2 and names.count("Dropout") == 1
    assert next(m.p for m in nets.FaceCNN().modules() if isinstance(m, torch.nn.Dropout)) == 0.3


def test_face_cnn_ignores_light_and_contrast():
    net = nets.FaceCNN(channels=(4, 4, 4), hidden=8).eval()
    image = torch.rand(1, 1, 48, 48)
    torch.testing.assert_close(net(image), net(image * 0.5 + 0.2), atol=0.02, rtol=0.02)
    assert net(torch.zeros(1, 1, 48, 48)).isfinite().all()


def test_face_cnn_refuses_images_too_small_for_three_halvings():
    with pytest.raises(ValueError, match="8 x 8"):
        nets.FaceCNN(image_size=7)


def test_small_resnet_is_small():
    assert nets.count_parameters(nets.SmallResNet()) == 1_352_167 < 2_000_000
    assert nets.count_parameters(nets.SmallResNet(depths=(1, 1, 0))) == 577_127


@pytest.mark.parametrize("channels, size", [(1, 48), (3, 40), (1, 16), (3, 100)])
def test_small_resnet_takes_any_size(channels, size):
    net = nets.SmallResNet(5, channels, size, channels=(4, 4, 6, 8)).eval()
    for side in (16, 33, size):
        images = torch.rand(3, channels, side, side)
        assert net(images).shape == (3, 5)
        assert net.features(images).shape == (3, 16)
    assert net.stages(net.stem(images)).shape == (3, 8, (size + 1) // 2 // 8, (size + 1) // 2 // 8)


def test_small_resnet_ignores_light_and_contrast():
    net = nets.SmallResNet(channels=(4, 4, 4, 4)).eval()
    image = torch.rand(1, 1, 48, 48)
    torch.testing.assert_close(net(image), net(image * 0.5 + 0.2), atol=0.02, rtol=0.02)
    assert net(torch.zeros(1, 1, 48, 48)).isfinite().all()


def test_small_resnet_refuses_images_too_small_for_four_halvings():
    with pytest.raises(ValueError, match="16 x 16"):
        nets.SmallResNet(image_size=15)
