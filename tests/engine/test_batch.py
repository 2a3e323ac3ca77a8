"""A batch refuses what no backend could answer."""

from __future__ import annotations

import numpy as np
import pytest

from calor.engine.batch import Batch


def test_an_output_named_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="named twice"):
        Batch(np.array([0.0, 1.0]), ("x", "x"))
    assert Batch(np.array([0.0, 1.0]), ("x", "y")).n_patients == 1
