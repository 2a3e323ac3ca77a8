"""The study that would settle a claim: its own trial in several sizes, or why none is worked out."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from calor.core.executors import Threads
from calor.core.progress import SILENT
from calor.decision.settling_claims import SIZES, ClaimStudy, claim_study, settling_studies
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings


def test_a_larger_trial_of_a_claim_costs_more_takes_longer_and_settles_more(scenario: Scenario) -> None:
    settings = RunSettings(worlds=10, executor=Threads(1))
    found = settling_studies({"S4": (1.0, 0.2)}, scenario, settings, SILENT)
    sizes = found["S4"]["sizes"]
    assert tuple(size["patients"] for size in sizes) == SIZES
    for small, large in pairwise(sizes):
        assert large["cost"] > small["cost"]
        assert large["months"] > small["months"]
        assert large["chance"] >= small["chance"] - 3 * (small["error"] + large["error"])
    assert found["S4"]["variance_left_at_most"] == 0.5
    best, settles = found["S4"]["best"], found["S4"]["settles"]
    assert best["chance"] == max(size["chance"] for size in sizes)
    assert (settles is None) == (best["chance"] < 0.5)


def test_a_claim_is_asked_by_its_first_contrast_with_control() -> None:
    second = claim_study("S1")
    assert isinstance(second, ClaimStudy)
    assert second.part.arm == "efgartigimod"
    first = claim_study("S4")
    assert isinstance(first, ClaimStudy)
    assert first.protocol.endpoint.variable == "pain-diary"


def test_an_answer_that_rests_on_the_prior_is_not_settled_by_a_trial_that_teaches_little(
    scenario: Scenario,
) -> None:
    """Pain on early prednisolone is as good as certain by the prior: 40 patients cannot make it rest on data.

    Where a tenth of the answer rests on the prior, every result leaves it as certain as it is.
    """
    settings = RunSettings(worlds=10, executor=Threads(1))
    by_share = [
        settling_studies({"S4": (share, 1.0)}, scenario, settings, SILENT)["S4"]["sizes"][0]["chance"]
        for share in (1.0, 0.1)
    ]
    assert by_share[0] < 0.9
    assert by_share[1] == 1.0


def test_a_claim_that_an_effect_is_larger_in_a_subgroup_is_asked_by_its_trial_read_in_it() -> None:
    found = claim_study("S5")
    assert isinstance(found, ClaimStudy)
    assert found.protocol.design.type == "parallel"
    assert found.candidate().statistics == (
        "infliximab minus placebo where blister-tnf at least 30 (NRS points (0-10))",
        "infliximab minus placebo elsewhere (NRS points (0-10))",
    )
    # Pain falls by 1.5 where TNF is raised and by 1 elsewhere: half a point more is gained.
    means = np.array([[[-1.5, -1.0], [-1.5, -1.0]]])
    assert (found.effect.sign * found.effect.asked_of(means)).tolist() == [[0.5, 0.5]]
    later = claim_study("S6")
    assert isinstance(later, ClaimStudy)
    assert later.effect.more_in is None, "a contrast with control comes before an interaction"


def test_a_trial_with_looks_or_rescue_is_asked_as_a_plain_one() -> None:
    for claim in ("S7", "S8", "S10"):
        found = claim_study(claim)
        assert isinstance(found, ClaimStudy)
        assert found.protocol.design.type == "parallel"
        assert found.protocol.title.endswith("(as a plain parallel trial)")
        assert found.candidate().patients == found.protocol.patients
