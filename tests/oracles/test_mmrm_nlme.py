"""MMRM and cLDA estimates equal nlme::gls by REML (version in mmrm.json, script scripts/oracles/mmrm.R)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.trial.analysis import Clda, Contrast, LongitudinalData, Mmrm

CASES = json.loads(Path(__file__).with_name("mmrm.json").read_text())["cases"]


def data_of(case: dict[str, Any]) -> LongitudinalData:
    stratum = np.array([case["stratum"]])
    return LongitudinalData(
        outcome=np.array([case["outcome"]], dtype=float),
        arm=np.array([case["arm"]]),
        baseline=np.array([case["baseline"]]),
        stratum=stratum if stratum.any() else None,
    )


@pytest.mark.parametrize("case", CASES)
def test_mmrm_equals_gls_at_the_last_and_the_first_visit(case: dict[str, Any]) -> None:
    data = data_of(case)
    last = Mmrm().estimate(data, Contrast())
    first = Mmrm(visit=0).estimate(data, Contrast())
    assert last.effect[0] == pytest.approx(case["mmrm"]["effect"], abs=1e-5)
    assert first.effect[0] == pytest.approx(case["mmrm"]["first_visit_effect"], abs=1e-5)


@pytest.mark.parametrize("case", CASES)
def test_clda_equals_gls(case: dict[str, Any]) -> None:
    assert Clda().estimate(data_of(case), Contrast()).effect[0] == pytest.approx(
        case["clda"]["effect"], abs=1e-5
    )


@pytest.mark.parametrize("case", CASES)
def test_the_adjusted_error_exceeds_gls_by_a_little(case: dict[str, Any]) -> None:
    data = data_of(case)
    for estimator, name in ((Mmrm(), "mmrm"), (Clda(), "clda")):
        ratio = estimator.estimate(data, Contrast()).standard_error[0] / case[name]["model_error"]
        assert 1 - 1e-5 < ratio < 1.05
