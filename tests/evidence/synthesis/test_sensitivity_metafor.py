"""Independent verification: leave-one-out, cumulative and small-study tests by metafor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from calor.evidence.synthesis.method import Method
from calor.evidence.synthesis.sensitivity import cumulative, leave_one_out
from calor.evidence.synthesis.small_study import (
    RegressionTest,
    egger_test,
    random_effects_egger_test,
    rank_test,
    trim_and_fill,
)

SETS = json.loads((Path(__file__).parents[2] / "oracles" / "metafor.json").read_text())["sets"]
NEAR = {"rtol": 1e-8, "atol": 1e-8}


def agree(theirs: dict[str, Any], **ours: object) -> None:
    for key, value in ours.items():
        np.testing.assert_allclose(value, theirs[key], **NEAR, err_msg=key)


@pytest.mark.parametrize("name", SETS)
def test_leave_one_out_equals_metafor(name: str) -> None:
    found = [step.analysis for step in leave_one_out(SETS[name]["yi"], SETS[name]["vi"])]
    agree(
        SETS[name]["sensitivity"]["leave_one_out"],
        estimate=[one.estimate for one in found],
        se=[one.se for one in found],
        tau2=[one.tau2 for one in found],
        i2=[one.i2 for one in found],
        q=[one.q for one in found],
    )


@pytest.mark.parametrize("name", SETS)
def test_cumulative_equals_metafor_from_the_second_study_on(name: str) -> None:
    found = [step.analysis for step in cumulative(SETS[name]["yi"], SETS[name]["vi"])]
    theirs = {key: values[1:] for key, values in SETS[name]["sensitivity"]["cumulative"].items()}
    agree(
        theirs,
        estimate=[one.estimate for one in found],
        se=[one.se for one in found],
        tau2=[one.tau2 for one in found],
    )


def as_numbers(test: RegressionTest) -> dict[str, object]:
    return {"statistic": test.statistic, "p": test.p, "limit": test.limit, "limit_ci": test.limit_ci95}


@pytest.mark.parametrize("name", SETS)
def test_small_study_tests_equal_metafor(name: str) -> None:
    theirs = SETS[name]["sensitivity"]
    y, v = SETS[name]["yi"], SETS[name]["vi"]
    agree(theirs["egger"], df=egger_test(y, v).df, **as_numbers(egger_test(y, v)))
    agree(theirs["regression"], **as_numbers(random_effects_egger_test(y, v)))
    ranks = rank_test(y, v)
    agree(theirs["rank"], tau=ranks.tau, p=ranks.p)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize(
    ("method", "key"), [(Method.DL, "trim_and_fill"), (Method.FE, "trim_and_fill_common")]
)
def test_trim_and_fill_equals_metafor(name: str, method: Method, key: str) -> None:
    theirs = SETS[name]["sensitivity"][key]
    found = trim_and_fill(SETS[name]["yi"], SETS[name]["vi"], method=method)
    assert (found.side, found.missing) == (theirs["side"], theirs["missing"])
    agree(theirs, estimate=found.analysis.estimate, se=found.analysis.se)
    if method is Method.DL:
        agree(theirs, tau2=found.analysis.tau2)
