import pytest
import torch

from affectkit import nets

KINDS = [nets.DenseNet121GRU, nets.VGG16GRU, nets.XceptionGRU]
LEAST = {nets.DenseNet121GRU: 29, nets.VGG16GRU: 32, nets.XceptionGRU: 39}


@pytest.fixture(scope="module")
def colour():
    """Each hybrid once, for colour images: a net takes any size from its least on."""
    torch.manual_seed(0)
    return {kind: kind(7).eval() for kind in KINDS}


@pytest.mark.parametrize("kind, base, gru, rest", [
    # Keras' own counts of the bases without their tops; a GRU has 3 (in + out + 2) out parameters
    (nets.DenseNet121GRU, 7_037_504, 3 * (1282 * 256 + 386 * 128), 128 * 256 + 256 + 256 * 7 + 7),
    (nets.VGG16GRU, 14_714_688, 3 * 642 * 128, 128 * 7 + 7),
    (nets.XceptionGRU, 20_861_480, 3 * 2178 * 128, 128 * 128 + 128 + 128 * 7 + 7),
])
def test_counts(colour, kind, base, gru, rest):
    assert nets.count_parameters(colour[kind].base, convention="keras") == base
    assert nets.count_parameters(colour[kind], convention="keras") == base + gru + rest


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [48, 64, 96, 200, 224])
def test_shapes(colour, kind, size):
    with torch.inference_mode():
        images = torch.zeros(1, 3, size, size)
        assert colour[kind](images).shape == (1, 7)
        assert colour[kind].features(images).shape == (1, 256 if kind is nets.DenseNet121GRU else 128)


@pytest.mark.parametrize("kind", KINDS)
def test_grey_images_and_the_least_size(colour, kind):
    least = LEAST[kind]
    with torch.inference_mode():
        assert kind(3, 1, least).eval()(torch.zeros(2, 1, least, least)).shape == (2, 3)
        with pytest.raises(RuntimeError):  # one pixel less, and no place is left indeed
            colour[kind](torch.zeros(1, 3, least - 1, least - 1))
    with pytest.raises(ValueError, match=f"image_size={least - 1}.*{least} x {least}"):
        kind(image_size=least - 1)


@pytest.mark.parametrize("kind, size, steps, width", [
    (nets.DenseNet121GRU, 96, 9, 1024), (nets.DenseNet121GRU, 48, 1, 1024), (nets.VGG16GRU, 96, 1, 512),
    (nets.XceptionGRU, 128, 4, 2048)])
def test_the_sequence_is_the_maps_places(colour, kind, size, steps, width):
    net, seen = colour[kind], []
    handles = [net.grus[0].register_forward_pre_hook(lambda module, x: seen.append(x[0])),
               net.base.register_forward_hook(lambda module, x, maps: seen.append(maps))]
    with torch.inference_mode():
        net(torch.rand(1, 3, size, size))
    for handle in handles:
        handle.remove()
    maps, sequence = seen
    assert sequence.shape == (1, steps, width)
    if kind is nets.DenseNet121GRU and steps == 9:
        torch.testing.assert_close(sequence[0, 5], maps[0, :, 1, 2])  # row by row


def test_layers_as_in_the_paper(colour):
    assert [gru.hidden_size for gru in colour[nets.DenseNet121GRU].grus] == [256, 128]
    assert colour[nets.DenseNet121GRU].dense[0].out_features == 256
    assert isinstance(colour[nets.VGG16GRU].dense, torch.nn.Identity)
    assert colour[nets.XceptionGRU].dropout.p == 0.5
    net = nets.VGG16GRU(2, 1, 32, units=(16, 8), dense=5, dropout=0.2).eval()
    assert net.features(torch.zeros(1, 1, 32, 32)).shape == (1, 5)


def test_a_frozen_hybrid_trains_what_stands_on_the_base(colour, tmp_path):
    torch.save(colour[nets.DenseNet121GRU].base.net.state_dict(), tmp_path / "weights.pt")
    net = nets.DenseNet121GRU(2, 1, 48, weights=tmp_path / "weights.pt", frozen=True).train()
    before = {name: value.clone() for name, value in net.base.state_dict().items()}
    net(torch.rand(4, 1, 48, 48)).sum().backward()
    assert all(torch.equal(value, before[name]) for name, value in net.base.state_dict().items())
    assert {name.split(".")[0] for name, p in net.named_parameters() if p.grad is not None} == {
        "grus", "dense", "head"}


def test_nothing_is_fetched_by_default(monkeypatch):
    def refuse(*args, **options):
        raise AssertionError("the network was asked")

    monkeypatch.setattr("socket.socket.connect", refuse)
    nets.VGG16GRU(2, 1, 32)
    nets.MobileNetV1(2, 1, 32)


@pytest.mark.parametrize("options, steps, reader", [
    (dict(pool=True, gru=False), 1, 129 * 128), (dict(gru=False), 36, (36 * 128 + 1) * 128),
    (dict(pool=True), 1, 3 * 258 * 128), (dict(), 36, 3 * 258 * 128),
    (dict(order=range(35, -1, -1)), 36, 3 * 258 * 128)])
def test_small_hybrid(options, steps, reader):
    net = nets.SmallHybrid(5, 1, 48, **options).eval()
    images = torch.zeros(2, 1, 48, 48)
    assert net.sequence(images).shape == (2, steps, 128)
    assert net(images).shape == (2, 5)
    assert nets.count_parameters(net.gru or net.dense) == reader


def test_small_hybrid_reads_in_order():
    torch.manual_seed(0)
    net, images = nets.SmallHybrid(5, 1, 32).eval(), torch.rand(2, 1, 32, 32)
    maps, before = net.base(images), net(images)
    torch.testing.assert_close(net.sequence(images)[:, 6], maps[:, :, 1, 2])  # row by row
    net.order = net.order[::-1]
    torch.testing.assert_close(net.sequence(images)[:, 0], maps[:, :, 3, 3])
    assert not torch.allclose(net(images), before)
    torch.testing.assert_close(net.read(net.sequence(images)), net(images))
    torch.testing.assert_close(net.head(net.features(images)), net(images))


def test_small_hybrid_refuses():
    with pytest.raises(ValueError, match="image_size=7.*8 x 8"):
        nets.SmallHybrid(image_size=7)
    for order in (range(15), [0] * 16, range(1, 17)):
        with pytest.raises(ValueError, match="each of the 16 places, 0 to 15, once"):
            nets.SmallHybrid(image_size=32, order=order)
