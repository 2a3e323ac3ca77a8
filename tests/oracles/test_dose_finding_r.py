"""Contrasts, critical values and fits of MCP-Mod against R's DoseFinding (scripts/oracles/dose_finding.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.study import CandidateCurve, Shape
from calor.trial.analysis.dose_response import ArmMeans, average_curve, fitted
from calor.trial.analysis.dose_shapes import SHAPES
from calor.trial.theory.contrast_test import (
    LargestOfSeveral,
    correlation_of,
    critical_values,
    optimal_contrasts,
)

ORACLE = json.loads((Path(__file__).parent / "dose_finding.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", ORACLE["cases"], ids=lambda case: f"{len(case['shapes'])} curves")
def test_contrasts_and_critical_values_are_those_of_dosefinding(case: dict[str, Any]) -> None:
    doses, counts = np.array(case["doses"]), np.array(case["n"], dtype=np.float64)
    curves = [CandidateCurve.model_validate(each) for each in case["shapes"]]
    shapes = np.array([SHAPES[each.shape].curve(doses, np.array(each.parameters)) for each in curves])
    contrasts = optimal_contrasts(shapes, counts)
    np.testing.assert_allclose(contrasts, case["contrasts"], atol=1e-8)
    correlation = correlation_of(contrasts, counts)
    np.testing.assert_allclose(correlation, case["correlation"], atol=1e-8)
    (found,) = critical_values(correlation, case["alpha"], np.array([float(case["df"])]))
    assert found == pytest.approx(case["critical_value"], abs=1e-3)


def _means(group: dict[str, Any]) -> ArmMeans:
    """Return the means of a group, twice, so that replicates are seen to be fitted each by itself."""
    means, covariance = np.array(group["means"]), np.array(group["covariance"])
    other = means[::-1] + 1.0
    return ArmMeans(
        np.array(group["doses"]), np.array([other, means]), np.array([2 * covariance, covariance])
    )


@pytest.mark.parametrize("place", range(len(ORACLE["fits"])))
@pytest.mark.parametrize("shape", ["emax", "sigmoid-emax", "linear", "quadratic", "exponential", "logistic"])
def test_fits_are_those_of_dosefinding(place: int, shape: str) -> None:
    group = ORACLE["fits"][place]
    (case,) = (each for each in group["fits"] if each["shape"] == shape)
    curve = fitted(_means(group), Shape(shape))
    assert curve.aic[1] <= case["gaic"] + 1e-6
    assert curve.aic[1] == pytest.approx(case["gaic"], abs=2e-3)
    effects, errors = curve.effects(np.array(group["doses"][1:]))
    np.testing.assert_allclose(effects[1], case["effects"], rtol=5e-3, atol=5e-4)
    if shape not in ("sigmoid-emax", "logistic", "exponential"):  # these end at a bound, or next to it
        np.testing.assert_allclose(errors[1], case["errors"], rtol=1e-2)


def test_the_average_weighs_each_shape_once_by_its_aic() -> None:
    group = ORACLE["fits"][0]
    average = average_curve(_means(group), [Shape.EMAX, Shape.EMAX, Shape.LINEAR])
    gaic = {each["shape"]: each["gaic"] for each in group["fits"]}
    weight = 1 / (1 + np.exp((gaic["emax"] - gaic["linear"]) / 2))
    assert average.weights[:, 1] == pytest.approx([weight, 1 - weight], abs=1e-4)
    effects, errors = average.effects(np.array(group["doses"][1:]))
    of_shape = {each["shape"]: np.array(each["effects"]) for each in group["fits"]}
    expected = weight * of_shape["emax"] + (1 - weight) * of_shape["linear"]
    np.testing.assert_allclose(effects[1], expected, rtol=1e-3)
    assert np.all(errors > 0)


def test_one_contrast_is_student_s_t_test() -> None:
    law = LargestOfSeveral(np.ones((1, 1)))
    assert law.critical_value(0.025, 20) == pytest.approx(2.0859634, abs=1e-6)  # a table of Student's t


def test_independent_contrasts_have_the_product_of_their_errors() -> None:
    """P(max of 3 independent normal numbers > c) = 1 - (1 - p)³; at c = 2, p = 0.0227501."""
    law = LargestOfSeveral(np.eye(3))
    assert law.exceeds(2.0, np.inf) == pytest.approx(1 - (1 - 0.0227501319) ** 3, abs=2e-5)
