"""The study that would settle a claim: its own trial in several sizes, or why none is worked out."""

from __future__ import annotations

from itertools import pairwise

from calor.core.executors import Threads
from calor.core.progress import SILENT
from calor.decision.settling_claims import SIZES, ClaimStudy, claim_study, settling_studies
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings


def test_a_larger_trial_of_a_claim_costs_more_takes_longer_and_settles_more(scenario: Scenario) -> None:
    found = settling_studies(("S4", "S5"), scenario, RunSettings(worlds=10, executor=Threads(1)), SILENT)
    assert found["S5"] == {"why_none": "no part of it is a contrast with control"}
    sizes = found["S4"]["sizes"]
    assert tuple(size["patients"] for size in sizes) == SIZES
    for small, large in pairwise(sizes):
        assert large["cost"] > small["cost"]
        assert large["months"] > small["months"]
        assert large["chance"] >= small["chance"] - 3 * (small["error"] + large["error"])
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


def test_a_trial_with_looks_or_rescue_is_asked_as_a_plain_one() -> None:
    for claim in ("S7", "S8", "S10"):
        found = claim_study(claim)
        assert isinstance(found, ClaimStudy)
        assert found.protocol.design.type == "parallel"
        assert found.protocol.title.endswith("(as a plain parallel trial)")
        assert found.candidate().patients == found.protocol.patients
