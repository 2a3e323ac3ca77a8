"""The drug library: every file is sound, every published fact is met or its failure is explained."""

from __future__ import annotations

import pytest

from calor.core.provenance import Grade, NumberStatus
from calor.therapy import drug_ids, load_drug
from calor.therapy.checking import run_checks
from calor.therapy.equations import equations_of

REQUIRED = {
    "infliximab", "adalimumab", "etanercept", "thalidomide", "lenalidomide", "ivig", "scig", "prednisolone",
    "prednisone", "methylprednisolone", "efgartigimod", "plasma-exchange", "mycophenolate",
    "regulatory-agonist", "s-ketamine", "piroxicam", "anakinra", "dexamethasone", "neridronate",
    "fremanezumab", "rituximab",
}  # fmt: skip


def test_the_library_is_complete() -> None:
    assert set(drug_ids()) >= REQUIRED


@pytest.mark.parametrize("name", drug_ids())
def test_published_facts_are_met_or_their_failure_is_explained(name: str) -> None:
    outcomes = run_checks(load_drug(name))
    assert len(outcomes) >= 3
    for outcome in outcomes:
        explained = outcome.check.fails_because is not None
        assert outcome.holds != explained, f"{outcome.check.name}: {outcome.value}"


@pytest.mark.parametrize("name", drug_ids())
def test_every_number_is_named_in_words_and_has_a_reason(name: str) -> None:
    drug = load_drug(name)
    for row in equations_of(drug).parameters:
        assert row.name.startswith(drug.name)
        assert row.rationale
        assert row.grade is not Grade.RECALLED or row.status in {
            NumberStatus.ASSUMED,
            NumberStatus.CALIBRATED,
        }


def test_a_likeness_takes_over_what_it_does_not_say() -> None:
    prednisone, prednisolone = load_drug("prednisone"), load_drug("prednisolone")
    assert prednisone.pharmacokinetics.parameters == prednisolone.pharmacokinetics.parameters
    assert prednisone.safety == prednisolone.safety
    assert set(prednisone.pharmacokinetics.routes) == {"oral"}
    assert prednisone.id == "prednisone"
