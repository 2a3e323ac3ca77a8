"""t test, ANCOVA and crossover equal R's lm and t.test (version in linear_models.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.trial.analysis import (
    Ancova,
    Contrast,
    CrossoverData,
    CrossoverT,
    Estimate,
    ParallelData,
    TwoSampleT,
)

CASES = json.loads(Path(__file__).with_name("linear_models.json").read_text())
CONTRAST = Contrast(confidence=0.9)
FIELDS = {
    "effect": "effect",
    "standard_error": "standard_error",
    "degrees_of_freedom": "degrees_of_freedom",
    "p_value_less": "p_value_one_sided",
    "p_value_two_sided": "p_value_two_sided",
    "lower_90": "lower",
    "upper_90": "upper",
}


def assert_equal(estimate: Estimate, expected: dict[str, float]) -> None:
    for name, value in expected.items():
        np.testing.assert_allclose(getattr(estimate, FIELDS[name]), [value], rtol=1e-9, err_msg=name)


def parallel_data(case: dict[str, Any]) -> ParallelData:
    return ParallelData(
        outcome=np.array([case["outcome"]], dtype=float),
        arm=np.array([case["arm"]]),
        baseline=np.array([case["baseline"]]),
        stratum=np.array([case["stratum"]]) if case["n_strata"] > 1 else None,
    )


@pytest.mark.parametrize("case", CASES["parallel"])
def test_ancova_equals_lm(case: dict[str, Any]) -> None:
    assert_equal(Ancova().estimate(parallel_data(case), CONTRAST), case["ancova"])


@pytest.mark.parametrize("case", CASES["parallel"])
def test_two_sample_t_equals_t_test(case: dict[str, Any]) -> None:
    assert_equal(TwoSampleT().estimate(parallel_data(case), CONTRAST), case["t_test"])


@pytest.mark.parametrize("case", CASES["crossover"])
def test_crossover_equals_lm_with_patients_and_periods(case: dict[str, Any]) -> None:
    data = CrossoverData(np.array([case["outcome"]], dtype=float), np.array([case["treatment"]]))
    assert_equal(CrossoverT().estimate(data, CONTRAST), case["effect"])
    assert_equal(CrossoverT().period_effect(data, CONTRAST), case["period"])
    assert_equal(CrossoverT().carry_over(data, CONTRAST), case["carry_over"])
