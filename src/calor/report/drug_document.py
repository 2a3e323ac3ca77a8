"""One drug as a JSON document: its file, every number, the studies about it, its published facts."""

from __future__ import annotations

import dataclasses
from typing import Any

from calor.evidence.asking import records_about
from calor.evidence.library import load_records
from calor.evidence.table import Filter, TableRow, table_rows
from calor.evidence.words import meaning_of
from calor.therapy.checking import CheckOutcome
from calor.therapy.drug import Drug
from calor.therapy.equations import equations_of
from calor.therapy.inventory import share_of_status


def studies_of(drug: Drug) -> tuple[TableRow, ...]:
    """Return the rows of the studies in CRPS that are about a drug; none for a drug of one's own."""
    meaning = meaning_of(drug.id)
    if meaning is None or meaning.drug != drug.id:
        return ()
    return table_rows(records_about(load_records(), [drug.id]).records, Filter())


def drug_document(
    drug: Drug, outcomes: tuple[CheckOutcome, ...], studies: tuple[TableRow, ...]
) -> dict[str, Any]:
    """Return one drug as a JSON document: its file, its numbers in the model's units, studies, checks."""
    equations = equations_of(drug)
    document = drug.model_dump(mode="json", exclude={"checks"}, exclude_none=True)
    document["parameters"] = [
        {
            "id": row.identifier,
            "name": row.name,
            "value": row.value,
            "unit": row.unit,
            "between_patients_sd_log": row.patient_sd,
            "typical_sd": row.prior_sd,
            "status": row.status,
            "grade": row.grade or "none",
            "source": row.source,
            "rationale": row.rationale,
        }
        for row in equations.parameters
    ]
    document["numbers"] = share_of_status(drug)
    document["studies"] = [dataclasses.asdict(row) for row in studies]
    document["checks"] = [
        {
            **outcome.check.model_dump(mode="json", exclude_none=True),
            "value": outcome.value,
            "holds": outcome.holds,
        }
        for outcome in outcomes
    ]
    return document
