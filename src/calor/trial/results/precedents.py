"""Randomised trials on record that are of a protocol's kind: drug class, route and phase of the disease."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from calor.evidence.library import load_records
from calor.evidence.record import Record
from calor.evidence.table import DIRECTION_IN_WORDS
from calor.evidence.vocabulary import DrugClass, Phase
from calor.evidence.words import load_words
from calor.regimen import Route
from calor.therapy.dosing import route_of
from calor.trial.protocols.plan import Plan

ROUTE_WORDS: Mapping[Route, str] = {
    Route.ORAL: "oral",
    Route.INTRAVENOUS: "intravenous",
    Route.SUBCUTANEOUS: "subcutaneous",
    Route.INTRAMUSCULAR: "intramuscular",
    Route.INTRAMUSCULAR_DEPOT: "intramuscular",
    Route.REGIONAL: "intravenous regional",
    Route.INTRATHECAL: "intrathecal",
}
"""The words of the evidence records for a route."""

ACUTE_UNTIL_MONTHS = 6.0
"""Trials that took patients from here on call them persistent in the records (winston-2016, goebel-2010)."""


@dataclass(frozen=True)
class Precedents:
    """What was looked for, in words (empty for drugs without a class), and the records found."""

    looked_for: str
    records: tuple[Record, ...]

    def to_document(self) -> dict[str, Any]:
        """Return them as JSON-like data."""
        return {
            "looked_for": self.looked_for or None,
            "records": [
                {
                    "id": each.id,
                    "phase": str(each.population.phase),
                    "result": DIRECTION_IN_WORDS[each.headline.direction],
                    "grade": str(each.headline.grade) if each.headline.grade else None,
                }
                for each in self.records
            ],
        }


def precedents_of(plan: Plan) -> Precedents:
    """Return the randomised trials on record of the same drug class, by the same route, in the same phase.

    A record whose phase is mixed or unclear counts as any phase, one without a route as any route.
    """
    classes = {drug.id: drug.drug_class for drug in load_words().drugs}
    kinds: set[tuple[DrugClass, str]] = set()
    for arm in plan.given.by_arm:
        for given in arm:
            drug_class = classes.get(given.drug.id)
            if drug_class is not None:
                kinds |= {
                    (drug_class, "" if each.procedure else ROUTE_WORDS[route_of(each, given.drug)])
                    for each in given.regimen.records
                }
    if not kinds:
        return Precedents("", ())
    window = plan.protocol.population.duration_months
    phases = [Phase.ACUTE] if window.at_least < ACUTE_UNTIL_MONTHS else []
    phases += [Phase.PERSISTENT] if window.at_most > ACUTE_UNTIL_MONTHS else []
    found = tuple(each for each in load_records() if _is_of_kind(each, kinds, phases))
    words = [" ".join(filter(None, (route, str(drug_class)))) for drug_class, route in sorted(kinds)]
    return Precedents(f"{', '.join(words)}; {' or '.join(phases)}", found)


def _is_of_kind(record: Record, kinds: set[tuple[DrugClass, str]], phases: list[Phase]) -> bool:
    """Whether a record is a randomised trial of one of the kinds, in one of the phases."""
    same = any(
        record.drug_class is drug_class and (not route or record.route in {None, route})
        for drug_class, route in kinds
    )
    in_phase = record.population.phase in {*phases, Phase.MIXED, Phase.UNCLEAR}
    return same and in_phase and record.design.randomised
