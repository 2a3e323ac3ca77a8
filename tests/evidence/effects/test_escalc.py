"""Independent verification: effect sizes by metafor::escalc (version in the oracle file)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.evidence.effects import (
    Continuity,
    Effect,
    GroupCount,
    GroupMean,
    PairedMeans,
    change_from_baseline_difference,
    change_from_baseline_standardised,
    crossover_mean_difference,
    crossover_standardised_difference,
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    risk_difference,
    standardised_mean_difference,
)

ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "metafor.json").read_text())
CONTINUITY = {"only0": Continuity.ZERO_CELL, "all": Continuity.ALWAYS, "none": Continuity.NEVER}


def ours(case: dict[str, Any]) -> Effect:
    """Return our effect for a case; SMCR divides by its sd1i, which is our second condition's."""
    given = case["arguments"]
    if case["measure"] in {"MD", "SMD"}:
        active = GroupMean(given["m1i"], given["sd1i"], given["n1i"])
        control = GroupMean(given["m2i"], given["sd2i"], given["n2i"])
        return {"MD": mean_difference, "SMD": standardised_mean_difference}[case["measure"]](active, control)
    if case["measure"] in {"OR", "RR", "RD"}:
        function = {"OR": log_odds_ratio, "RR": log_risk_ratio, "RD": risk_difference}[case["measure"]]
        active, control = GroupCount(given["ai"], given["n1i"]), GroupCount(given["ci"], given["n2i"])
        return function(active, control, continuity=CONTINUITY[given["to"]])
    if case["measure"] == "MC":
        paired = PairedMeans(
            given["m1i"], given["m2i"], given["sd1i"], given["sd2i"], given["ni"], given["ri"]
        )
        return crossover_mean_difference(paired)
    paired = PairedMeans(given["m1i"], given["m2i"], given["sd2i"], given["sd1i"], given["ni"], given["ri"])
    return crossover_standardised_difference(paired)


@pytest.mark.parametrize("case", ORACLE["escalc"], ids=lambda case: f"{case['measure']}-{case['arguments']}")
def test_equals_escalc_or_refuses_where_it_has_no_variance(case: dict[str, Any]) -> None:
    if case["yi"] is None or not case["vi"]:
        with pytest.raises(InputError):
            ours(case)
    else:
        found = ours(case)
        np.testing.assert_allclose([found.estimate, found.variance], [case["yi"], case["vi"]], rtol=1e-12)


@pytest.mark.parametrize(
    "case", ORACLE["changes"], ids=lambda case: f"{case['measure']}-{case['active'][4]:g}"
)
def test_changes_from_baseline_equal_the_difference_of_two_escalc_changes(case: dict[str, Any]) -> None:
    groups = [
        PairedMeans(after, before, after_sd, before_sd, int(n), r)
        for after, before, after_sd, before_sd, n, r in (case["active"], case["control"])
    ]
    function = {"MC": change_from_baseline_difference, "SMCR": change_from_baseline_standardised}
    found = function[case["measure"]](*groups)
    np.testing.assert_allclose([found.estimate, found.variance], [case["yi"], case["vi"]], rtol=1e-12)
