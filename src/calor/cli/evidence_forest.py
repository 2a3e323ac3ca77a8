"""The forest plot of `calor evidence --forest`: files written, rows and verdict in words, certainty."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from calor.cli.console import console, print_indented, print_json
from calor.evidence.certainty import LABEL, certainty_of
from calor.evidence.forest import Forest, forest_with_rows
from calor.evidence.record import Record
from calor.evidence.vocabulary import DrugClass
from calor.report.bias import save_bias_table
from calor.report.forest import save_forest, verdict
from calor.report.forest_summary import flow_text, forest_summary


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
        print_json({**forest_summary(forest), "files": paths})
        return
    _print_forest(forest, paths)


def _print_forest(forest: Forest, paths: list[str]) -> None:
    console().print(forest.drug_class.value, style="bold")
    print_indented(flow_text(forest), 1)
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
