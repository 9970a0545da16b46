import pytest
import torch

from affectkit import nets


@pytest.mark.parametrize("kind, width", [(nets.HeartLSTM, 64), (nets.HeartCNN, 64)])
@pytest.mark.parametrize("scale", ["train", "minmax"])
def test_heart_networks_shapes(kind, width, scale):
    net = kind(3, 2, scale=scale).eval()
    windows = 70 + 5 * torch.randn(4, 60, 2)
    assert net(windows).shape == (4, 3)
    assert net.features(windows).shape == (4, width)


def test_two_lstm_layers_as_in_the_paper():
    net = nets.HeartLSTM()
    assert net.lstm.num_layers == 2 and net.lstm.dropout == 0.3


def test_scale_by_training_statistics():
    scale = nets.signals.Scale(2)
    windows = torch.tensor([60.0, 0.1]) + torch.tensor([10.0, 0.02]) * torch.randn(500, 30, 2)
    assert torch.equal(scale(windows), windows)  # not fitted: untouched
    scaled = scale.fit(windows)(windows)
    torch.testing.assert_close(scaled.mean((0, 1)), torch.zeros(2), atol=1e-4, rtol=0)
    torch.testing.assert_close(scaled.std((0, 1)), torch.ones(2), atol=1e-3, rtol=0)
    assert {"mean", "std"} <= set(scale.state_dict())  # stored with the weights


def test_scale_by_each_windows_extremes():
    scale = nets.signals.Scale(1, "minmax")
    windows = torch.tensor([[[60.0], [80.0], [70.0]], [[70.0], [70.0], [70.0]]])
    assert scale(windows)[:, :, 0].tolist() == [[0, 1, 0.5], [0, 0, 0]]
    with pytest.raises(ValueError, match="minmax"):
        nets.signals.Scale(1, "robust")


def test_too_short_windows_are_refused():
    with pytest.raises(ValueError, match="6 samples are too short"):
        nets.HeartCNN(2, 1)(torch.zeros(2, 6, 1))
