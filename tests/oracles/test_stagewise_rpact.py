"""Final p values, intervals and median-unbiased estimates equal rpact's (version in the file)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.trial.theory import SequentialPlan, Spending, StagewiseOrdering, boundaries

ORACLE = json.loads((Path(__file__).parent / "stagewise.json").read_text())


@pytest.mark.parametrize("case", ORACLE["cases"], ids=str)
def test_inference_after_a_sequential_trial(case: dict[str, Any]) -> None:
    plan = SequentialPlan(Spending(case["spending"]), tuple(case["information"]), 0.025, 1)
    ordering = StagewiseOrdering(boundaries(plan))
    look, z = case["look"], np.array([case["z"]])
    assert ordering.tail(look, z, np.zeros(1)) == pytest.approx(case["p_value"], abs=1e-6)
    scale = np.sqrt(plan.information[look])  # rpact's drift is that at the look's own information
    for name, probability in (("lower", 0.025), ("median", 0.5), ("upper", 0.975)):
        found = ordering.drift(look, z, probability) * scale
        assert found == pytest.approx(case[name], abs=1e-5), name
