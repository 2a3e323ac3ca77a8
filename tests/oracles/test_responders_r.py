"""Logistic regression, the test of rates and adjusted p values equal R (version in responders.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.trial.analysis import (
    Contrast,
    Multiplicity,
    ParallelData,
    RiskDifference,
    adjusted_p_values,
)
from calor.trial.analysis.logistic import fit_logistic

ORACLE = json.loads(Path(__file__).with_name("responders.json").read_text())


def data_of(case: dict[str, Any]) -> ParallelData:
    return ParallelData(
        outcome=np.array([case["outcome"]], dtype=float),
        arm=np.array([case["arm"]]),
        baseline=np.array([case["baseline"]]),
        stratum=np.array([case["stratum"]]) if case["n_strata"] > 1 else None,
    )


@pytest.mark.parametrize("case", ORACLE["cases"])
def test_logistic_equals_glm(case: dict[str, Any]) -> None:
    fit = fit_logistic(data_of(case), Contrast())
    assert fit.coefficient[0] == pytest.approx(case["logistic"]["effect"], rel=1e-8)
    assert fit.standard_error[0] == pytest.approx(case["logistic"]["standard_error"], rel=1e-8)


@pytest.mark.parametrize("case", ORACLE["cases"])
def test_risk_difference_equals_prop_test(case: dict[str, Any]) -> None:
    estimate = RiskDifference().estimate(data_of(case), Contrast())
    for name, value in case["risk"].items():
        assert getattr(estimate, name)[0] == pytest.approx(value, rel=1e-9), name


@pytest.mark.parametrize("method", ["bonferroni", "holm", "hochberg"])
def test_adjusted_p_values_equal_p_adjust(method: str) -> None:
    adjusted = adjusted_p_values(np.array(ORACLE["p_values"]), Multiplicity(method))
    np.testing.assert_allclose(adjusted, ORACLE[method], rtol=1e-12)
