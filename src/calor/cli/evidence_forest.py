"""The forest plot of `calor evidence --forest`: files written, rows and verdict in words, certainty."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from calor.cli.console import console, print_indented, print_json
from calor.evidence.certainty import LABEL, certainty_of
from calor.evidence.forest import Forest, forest_with_rows
from calor.evidence.record import Record
from calor.evidence.vocabulary import DrugClass
from calor.report.bias import save_bias_table
from calor.report.forest import forest_document, save_forest, verdict


def show_forest(records: Sequence[Record], drug_class: DrugClass, out: Path, as_json: bool) -> None:
    """Write the forest plot of a drug class into a folder, and say what it shows.

    Raises InputError where the class has no controlled trial.
    """
    forest = forest_with_rows(records, drug_class)
    files = save_forest(forest, out)
    shown = {row.record for row in forest.rows}
    judged = [record for record in records if record.id in shown]
    bias = save_bias_table(judged, out / f"risk-of-bias-{drug_class.value}.csv")
    paths = [str(path) for path in (*files, bias)]
    if as_json:
        print_json(_forest_as_json(forest, paths))
        return
    _print_forest(forest, paths)


def _print_forest(forest: Forest, paths: list[str]) -> None:
    console().print(forest.drug_class.value, style="bold")
    print_indented(_flow(forest), 1)
    for row in forest.rows:
        size = "n ?" if row.n is None else f"n {row.n}"
        print_indented(f"{row.record} ({size}): {row.direction.value}; {row.printed}", 1)
    print_indented(verdict(forest), 0)
    certainty = certainty_of(forest.drug_class)
    if certainty is not None:
        print_indented(f"certainty: {certainty.rating} ({LABEL})", 0)
        for down in certainty.downgrades:
            print_indented(f"-{down.levels} {down.domain}: {down.reason}", 1)
    print_indented("written: " + ", ".join(paths), 0)


def _flow(forest: Forest) -> str:
    """Return the counts from records to rows, as in a PRISMA flow."""
    left_out = "; ".join(f"{len(names)} {reason}" for reason, names in forest.left_out.items())
    pooled = len(forest.pooled.studies) if forest.pooled else 0
    usable = sum(row.value is not None for row in forest.rows)
    return (
        f"{forest.records} records, left out {left_out or 'none'}; {len(forest.rows)} controlled trials, "
        f"{usable} with a difference in numbers, {pooled} pooled"
    )


def _forest_as_json(forest: Forest, paths: list[str]) -> dict[str, Any]:
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
        "files": paths,
    }
