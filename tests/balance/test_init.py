import subprocess
import sys

import pytest

from affectkit import balance


def test_every_public_name_is_there():
    for name in balance.__all__:
        assert getattr(balance, name).__name__.split(".")[-1] == name
    assert set(balance.__all__) <= set(dir(balance))
    with pytest.raises(AttributeError, match="no attribute 'smote'"):
        balance.smote  # noqa: B018


def test_compare_stays_a_function_and_nothing_loads_before_it_is_used(repository):
    code = ("import sys, affectkit.balance as b; assert not {'torch', 'imblearn'} & set(sys.modules); "
            "import affectkit.balance.comparison; assert callable(b.compare)")
    subprocess.run([sys.executable, "-c", code], cwd=repository, check=True)
