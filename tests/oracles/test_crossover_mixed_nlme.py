"""The crossover mixed model equals nlme::gls with compound symmetry (version in crossover_mixed.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.trial.analysis import Contrast, CrossoverData, CrossoverMixed

CASES = json.loads(Path(__file__).with_name("crossover_mixed.json").read_text())["cases"]


@pytest.mark.parametrize("case", CASES)
def test_the_effect_equals_gls_and_its_error_is_a_little_larger(case: dict[str, Any]) -> None:
    data = CrossoverData(np.array([case["outcome"]], dtype=float), np.array([case["treatment"]]))
    estimate = CrossoverMixed().estimate(data, Contrast())
    assert estimate.effect[0] == pytest.approx(case["effect"], abs=1e-6)
    assert 1 - 1e-6 < estimate.standard_error[0] / case["model_error"] < 1.02
