"""Risk of bias as a table that robvis draws (templates "ROB2" and "ROBINS-I").

A row a study: the judgement of each domain, the overall one, and the weight of the study. Source of the
format: McGuinness and Higgins 2021 Res Synth Methods 12:55-61, doi:10.1002/jrsm.1411.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from calor.core.errors import InputError
from calor.evidence.bias import DOMAINS, RiskOfBias, Tool
from calor.evidence.record import Record
from calor.evidence.table import patients

WORDS = {
    "low": "Low",
    "some-concerns": "Some concerns",
    "moderate": "Moderate",
    "serious": "Serious",
    "high": "High",
    "critical": "Critical",
    "not-assessable": "No information",
}
WORST_FIRST = ("critical", "serious", "high", "not-assessable", "some-concerns", "moderate", "low")
NOT_READ = "NA"
"""What stands for a weight that was not read: R's own word for a missing number."""


def columns(tool: Tool) -> tuple[str, ...]:
    """Return the columns of a tool's table, its domains in the tool's order."""
    domains = (f"D{number}" for number in range(1, len(DOMAINS[tool]) + 1))
    return ("Study", *domains, "Overall", "Weight")


def overall(bias: RiskOfBias) -> str:
    """Return the overall judgement that the domains force.

    High, serious or critical where the worst domain is; else not assessable where one is not; else the worst.
    """
    judged = {domain.judgement for domain in bias.judged().values()}
    return next(judgement for judgement in WORST_FIRST if judgement in judged)


def bias_rows(records: Iterable[Record], tool: Tool = "RoB 2") -> list[list[str]]:
    """Return one row of `columns` for each record judged by a tool.

    The weight is the number of patients, as calor does not pool every class: robvis weighs studies by it
    where it is asked to.
    """
    rows: list[list[str]] = []
    for record in records:
        bias = record.risk_of_bias
        if bias.tool != tool:
            continue
        domains = [WORDS[domain.judgement] for domain in bias.judged().values()]
        rows.append([record.id, *domains, WORDS[overall(bias)], _weight(record)])
    return rows


def save_bias_table(records: Iterable[Record], path: Path, tool: Tool = "RoB 2") -> Path:
    """Write the table of a tool as CSV; return its path. Raises InputError where it cannot be written."""
    try:
        with path.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(columns(tool))
            writer.writerows(bias_rows(records, tool))
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=path) from None
    return path


def _weight(record: Record) -> str:
    """Return how many patients a study had, NA where only a plan or nothing was read."""
    size, path = patients(record)
    if size is None or size.value is None or path == "design.n_planned":
        return NOT_READ
    return str(round(size.value))
