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
    """Return our effect for a case; SMCR divides by its first condition, which is our control."""
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
    flipped = PairedMeans(given["m2i"], given["m1i"], given["sd2i"], given["sd1i"], given["ni"], given["ri"])
    found = crossover_standardised_difference(flipped)
    return Effect(found.study, -found.estimate, found.variance, found.measure)


@pytest.mark.parametrize("case", ORACLE["escalc"], ids=lambda case: f"{case['measure']}-{case['arguments']}")
def test_equals_escalc_or_refuses_where_it_has_no_variance(case: dict[str, Any]) -> None:
    if case["yi"] is None or not case["vi"]:
        with pytest.raises(InputError):
            ours(case)
    else:
        found = ours(case)
        np.testing.assert_allclose([found.estimate, found.variance], [case["yi"], case["vi"]], rtol=1e-12)
