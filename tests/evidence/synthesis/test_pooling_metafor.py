"""Independent verification: eight of metadat's data sets, pooled by metafor (versions in the oracle file)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.pooling import MetaAnalysis, pool

ORACLE = json.loads((Path(__file__).parents[2] / "oracles" / "metafor.json").read_text())
CASES = [
    pytest.param(name, analysis, id=f"{name}-{analysis['method']}-{index}")
    for name, data in ORACLE["sets"].items()
    for index, analysis in enumerate(data["analyses"])
]
NEAR = {"rtol": 1e-8, "atol": 1e-8}


def ours(name: str, analysis: dict[str, Any]) -> MetaAnalysis:
    data = ORACLE["sets"][name]
    return pool(
        data["yi"],
        data["vi"],
        method=Method(analysis["method"]),
        knapp_hartung=analysis["knapp_hartung"],
        moderators=data["moderators"] if analysis.get("moderated") else None,
    )


def test_oracle_holds_the_eight_data_sets_each_pooled_in_every_way() -> None:
    assert len(ORACLE["sets"]) == 8
    assert len(CASES) == 8 * 4 * 2 * 2
    assert ORACLE["tools"]["metafor"] == "3.8.1"


@pytest.mark.parametrize(("name", "theirs"), CASES)
def test_equals_metafor(name: str, theirs: dict[str, Any]) -> None:
    found = ours(name, theirs)
    of = found.coefficients
    pairs = {
        "estimate": [one.estimate for one in of],
        "se": [one.se for one in of],
        "statistic": [one.statistic for one in of],
        "p": [one.p for one in of],
        "ci_lower": [one.ci95[0] for one in of],
        "ci_upper": [one.ci95[1] for one in of],
        "tau2": found.tau2,
        "i2": found.i2,
        "h2": found.h2,
        "q": found.q,
        "q_p": found.q_p,
    }
    if "prediction" in theirs:
        pairs |= {
            "prediction": found.prediction_interval95,
            "tau2_ci": found.tau2_ci95,
            "i2_ci": found.i2_ci95,
        }
    else:
        assert found.prediction_interval95 is None
        assert found.tau2_ci95 is None
    if "tau2_se" in theirs:
        pairs["tau2_se"] = found.tau2_se
    if "qm" in theirs:
        assert found.moderator_test is not None
        pairs |= {"qm": found.moderator_test.statistic, "qm_p": found.moderator_test.p}
    else:
        pairs["weights"] = found.weights
    for key, value in pairs.items():
        np.testing.assert_allclose(value, theirs[key], **NEAR, err_msg=key)
