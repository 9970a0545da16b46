import pytest
import timm
import torch
from safetensors.torch import save_file

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


@pytest.mark.parametrize("channels, size, classes, count", [
    (3, 200, 7, 1_469_799), (3, 200, 3, 1_469_539), (3, 200, 2, 1_469_474),
    (1, 300, 7, 2_944_071), (1, 300, 3, 2_943_811), (1, 300, 2, 2_943_746),  # the paper has 2,946,811: a slip
])
def test_five_block_cnn_has_the_counts_of_the_paper(channels, size, classes, count):
    net = nets.FiveBlockCNN(classes, channels, size).eval()
    assert nets.count_parameters(net, convention="keras") == count
    assert net(torch.zeros(1, channels, size, size)).shape == (1, classes)
    assert net.features(torch.zeros(1, channels, size, size)).shape == (1, 64)


def test_five_block_cnn_drops_as_printed_and_takes_any_size_from_32():
    dropouts = [m.p for m in nets.FiveBlockCNN(image_size=32).modules() if isinstance(m, torch.nn.Dropout)]
    assert dropouts == [0.8, 0.4, 0.0]
    for size in (32, 48, 75):
        assert nets.FiveBlockCNN(7, 1, size).eval()(torch.zeros(2, 1, size, size)).shape == (2, 7)
    with pytest.raises(ValueError, match="image_size=31.*32 x 32"):
        nets.FiveBlockCNN(image_size=31)


# -- MobileNetV1 and weights from elsewhere ------------------------------------------------------------------


@pytest.fixture(scope="module")
def mobilenet():
    """An untrained net whose running statistics are not the usual zeros and ones."""
    torch.manual_seed(0)
    net = nets.MobileNetV1(7, 3, 32)
    net(torch.rand(8, 3, 32, 32))
    return net.eval()


def test_mobilenet_has_the_counts_of_the_paper():
    net = nets.MobileNetV1(7)
    assert nets.count_parameters(net, convention="keras") == 3_236_039
    assert nets.count_parameters(net.base, convention="keras") == 3_228_864  # printed for 3 and 2 classes
    assert nets.count_parameters(net) == 3_214_151
    assert nets.count_parameters(nets.MobileNetV1(1000), convention="keras") == 4_253_864


@pytest.mark.parametrize("channels, size", [(3, 224), (3, 200), (1, 300), (1, 48), (3, 64), (1, 96), (1, 32)])
def test_mobilenet_shapes(channels, size):
    net = nets.MobileNetV1(3, channels, size).eval()
    assert net(torch.zeros(1, channels, size, size)).shape == (1, 3)
    assert net.features(torch.zeros(1, channels, size, size)).shape == (1, 1024)


def test_mobilenet_refuses_small_images():
    with pytest.raises(ValueError, match="image_size=28.*32 x 32"):
        nets.MobileNetV1(image_size=28)


@pytest.mark.parametrize("how", ["safetensors", "pt", "whole.pt"])
def test_weights_come_from_a_file(mobilenet, tmp_path, how):
    path, state = tmp_path / f"weights.{how}", mobilenet.base.net.state_dict()
    if how == "safetensors":
        save_file(state, path)
    else:
        with_head = {**state, "classifier.bias": torch.zeros(1000)}
        torch.save(with_head if how == "pt" else mobilenet.state_dict(), path)
    images = torch.rand(2, 3, 32, 32)
    loaded = nets.MobileNetV1(2, 3, 32, weights=path).eval()
    torch.testing.assert_close(loaded.features(images), mobilenet.features(images))
    assert all(p.requires_grad for p in loaded.parameters())
    grey = nets.MobileNetV1(2, 1, 32, weights=str(path)).eval()  # as if all three channels were the same
    torch.testing.assert_close(grey.features(images[:, :1]),
                               mobilenet.features(images[:, :1].expand(-1, 3, -1, -1)), atol=1e-4, rtol=1e-3)


def test_a_frozen_base_stays_as_it_is(mobilenet, tmp_path):
    save_file(mobilenet.base.net.state_dict(), tmp_path / "weights.safetensors")
    for frozen in (True, False):
        net = nets.MobileNetV1(2, 3, 32, weights=tmp_path / "weights.safetensors", frozen=frozen)
        before = {name: value.clone() for name, value in net.state_dict().items()}
        optimizer = torch.optim.Adam(net.parameters(), lr=0.01, weight_decay=0.1)
        net(torch.rand(4, 3, 32, 32)).square().sum().backward()
        optimizer.step()
        changed = {name for name, value in net.state_dict().items() if not torch.equal(value, before[name])}
        assert {"head.weight", "head.bias"} <= changed
        assert (changed == {"head.weight", "head.bias"}) == frozen  # running statistics included
        for _ in range(2):
            assert net.training and net.base.net.bn1.training != frozen
            net.eval().train()


class Evil:
    def __reduce__(self):
        return print, ("code in a file of weights ran",)


def test_bad_weights_are_explained(mobilenet, tmp_path, capsys):
    def make(weights, **options):
        return nets.MobileNetV1(2, 3, 32, weights=weights, **options)

    with pytest.raises(ValueError, match="nowhere.pt' is not there: give the path"):
        make(tmp_path / "nowhere.pt")
    for name in ("a.pt", "a.safetensors"):
        for content in (b"", b"<html>not found</html>"):
            (tmp_path / name).write_bytes(content)
            with pytest.raises(ValueError, match=f"{name}' cannot be read as tensors"):
                make(tmp_path / name)
    torch.save({"conv_stem.weight": Evil()}, tmp_path / "evil.pt")
    with pytest.raises(ValueError, match="cannot be read as tensors"):
        make(tmp_path / "evil.pt")
    assert "ran" not in capsys.readouterr().out
    torch.save(torch.zeros(3), tmp_path / "tensor.pt")
    with pytest.raises(ValueError, match="cannot be read as tensors"):
        make(tmp_path / "tensor.pt")
    state = mobilenet.base.net.state_dict()
    for wrong in ({"x": torch.zeros(1)}, {**state, "bn1.weight": torch.zeros(5)},
                  {name: value for name, value in state.items() if name != "bn1.weight"}):
        save_file(wrong, tmp_path / "wrong.safetensors")
        with pytest.raises(ValueError, match="another network than timm's mobilenetv1_100"):
            make(tmp_path / "wrong.safetensors")
    with pytest.raises(ValueError, match="frozen=True .* give its weights"):
        make(None, frozen=True)


@pytest.mark.parametrize("kind, place", [(nets.MobileNetV1, "timm/mobilenetv1_100.* on the Hugging Face hub"),
                                         (nets.XceptionGRU, "https://.*xception.*pth")])
def test_offline_the_message_says_what_to_fetch(monkeypatch, kind, place):
    original = timm.create_model

    def offline(name, pretrained=False, **options):
        if pretrained:
            raise OSError("Name or service not known")
        return original(name, pretrained=False, **options)

    monkeypatch.setattr(timm, "create_model", offline)
    with pytest.raises(ValueError, match=f"could not be downloaded.*fetch .*{place}.*weights=None"):
        kind(weights="imagenet", image_size=64)


def test_downloaded_weights_are_used(monkeypatch, mobilenet):
    monkeypatch.setattr(nets.faces, "_downloaded", lambda name: mobilenet.base.net.state_dict())
    images = torch.rand(2, 3, 32, 32)
    net = nets.MobileNetV1(2, 3, 32, weights="imagenet", frozen=True).eval()
    torch.testing.assert_close(net.features(images), mobilenet.features(images))


def test_pixels_reach_the_base_as_its_weights_expect_them(mobilenet):
    seen = []
    handle = mobilenet.base.net.conv_stem.register_forward_pre_hook(lambda module, x: seen.append(x[0]))
    mobilenet(torch.tensor([0.0, 0.5, 1.0]).reshape(1, 3, 1, 1).expand(1, 3, 32, 32))
    handle.remove()
    assert seen[0][0, :, 0, 0].tolist() == [-1, 0, 1]


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
