import pytest
from torch import nn

from affectkit import nets


def test_keras_counts_running_statistics_too():
    module = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))  # 40 + 8 trained, and 8 running
    assert nets.count_parameters(module) == 48
    assert nets.count_parameters(module, convention="keras") == 56
    with pytest.raises(ValueError, match="keras"):
        nets.count_parameters(module, convention="tf")
