"""The ten claims: complete, resting on records and findings that exist, judged by the stated rule."""

from __future__ import annotations

import pytest

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.claims import Argument, Claim, Standing, Weighed, sources_of, standing, standings
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records


def test_all_ten_are_there_with_evidence_and_a_sentence() -> None:
    shown = standings()
    assert [one.claim.id for one in shown] == [f"S{number}" for number in range(1, 11)]
    assert all(one.weighed and one.claim.sentence for one in shown)


def test_every_source_is_a_record_or_finding_that_was_read() -> None:
    known = {record.id for record in load_records()} | {finding.id for finding in load_findings()}
    assert set(sources_of(standings())) <= known
    for one in standings():
        for weighed in one.weighed:
            assert weighed.grade is not Grade.RECALLED, weighed


def test_patients_of_a_trial_are_those_of_its_record() -> None:
    records = {record.id: record for record in load_records()}
    for one in standings():
        for weighed in one.weighed:
            if weighed.n is not None:
                part, name = (weighed.n_path or "").split(".")
                assert getattr(getattr(records[weighed.argument.source], part), name).value == weighed.n


def test_what_no_trial_tested_is_undetermined() -> None:
    verdicts = {one.claim.id: one.verdict for one in standings()}
    assert {verdicts[name] for name in ("S5", "S6", "S7", "S9")} == {"undetermined"}
    assert verdicts["S8"] == "mixed"


def made_up(asks: str, *said: tuple[str, int, bool]) -> Standing:
    claim = Claim.model_validate(
        {"id": "S1", "asks": asks, "claim": "made up", "sentence": "made up", "evidence": []}
    )
    weighed = tuple(
        Weighed(
            Argument.model_validate({"source": "x", "says": says, "why": "made up", "direct": direct}),
            "record",
            Grade.VERIFIED,
            True,
            n,
            None,
        )
        for says, n, direct in said
    )
    return Standing(claim, weighed)


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ([("for", 99, True)], "undetermined"),
        ([("for", 100, True)], "supported"),
        ([("against", 100, True)], "contradicted"),
        ([("for", 60, True), ("against", 60, True)], "mixed"),
        ([("for", 500, False)], "undetermined"),
        ([("unclear", 500, True)], "undetermined"),
    ],
)
def test_the_rule_for_claims_of_an_effect(said: list[tuple[str, int, bool]], verdict: str) -> None:
    assert made_up("effect", *said).verdict == verdict


def test_the_rule_for_claims_of_a_fact() -> None:
    assert made_up("fact", ("for", 0, False)).verdict == "supported"
    assert made_up("fact", ("for", 0, False), ("against", 0, False)).verdict == "mixed"
    assert made_up("fact", ("unclear", 0, False)).verdict == "undetermined"


def test_an_unknown_claim_is_an_error_and_case_does_not_matter() -> None:
    assert standing("s8").claim.id == "S8"
    with pytest.raises(InputError, match="S10"):
        standing("S11")
