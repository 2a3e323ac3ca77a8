"""A forest in a JSON document and in words: how records became rows, what is pooled, how certain it is."""

from __future__ import annotations

import dataclasses
from typing import Any

from calor.evidence.certainty import LABEL, certainty_of
from calor.evidence.forest import Forest
from calor.report.forest import forest_document


def forest_summary(forest: Forest) -> dict[str, Any]:
    """Return a forest as a JSON document."""
    certainty = certainty_of(forest.drug_class)
    return {
        "drug_class": forest.drug_class.value,
        "rows": forest_document(forest)["rows"],
        "flow": {
            "records": forest.records,
            "left_out": {reason: list(names) for reason, names in forest.left_out.items()},
            "trials": len(forest.rows),
            "with_numbers": sum(row.value is not None for row in forest.rows),
            "size_unknown": list(forest.size_unknown),
        },
        "randomised": forest.randomised,
        "randomised_without_numbers": forest.randomised_without_numbers,
        "share_without_numbers": forest.share_without_numbers,
        "pooled": dataclasses.asdict(forest.pooled) if forest.pooled else None,
        "not_pooled_because": forest.not_pooled_because,
        "certainty": None
        if certainty is None
        else {**certainty.model_dump(mode="json"), "rating": certainty.rating, "label": LABEL},
    }


def flow_text(forest: Forest) -> str:
    """Return the counts from records to rows, as in a PRISMA flow."""
    left_out = "; ".join(f"{len(names)} {reason}" for reason, names in forest.left_out.items())
    pooled = len(forest.pooled.studies) if forest.pooled else 0
    usable = sum(row.value is not None for row in forest.rows)
    return (
        f"{forest.records} records, left out {left_out or 'none'}; {len(forest.rows)} controlled trials, "
        f"{usable} with a difference in numbers, {pooled} pooled"
    )
