"""Risk of bias of randomised trials as a table that robvis draws (template "ROB2").

Source of the format: McGuinness and Higgins 2021 Res Synth Methods 12:55-61, doi:10.1002/jrsm.1411.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from calor.core.errors import InputError
from calor.evidence.bias import DOMAINS, RiskOfBias
from calor.evidence.record import Record

COLUMNS = ("Study", "D1", "D2", "D3", "D4", "D5", "Overall")
WORDS = {"low": "Low", "some-concerns": "Some concerns", "high": "High", "not-assessable": "No information"}
WORST_FIRST = ("high", "not-assessable", "some-concerns", "low")


def overall(bias: RiskOfBias) -> str:
    """Return the overall RoB 2 judgement that the domains force.

    High where one domain is high; else not assessable where one is not; else the worst domain.
    """
    judged = {domain.judgement for domain in bias.judged().values()}
    return next(judgement for judgement in WORST_FIRST if judgement in judged)


def bias_rows(records: Iterable[Record]) -> list[list[str]]:
    """Return one row of COLUMNS for each record judged by RoB 2."""
    rows: list[list[str]] = []
    for record in records:
        bias = record.risk_of_bias
        if bias.tool != "RoB 2":
            continue
        judged = bias.judged()
        domains = [WORDS[judged[name].judgement] for name in DOMAINS["RoB 2"]]
        rows.append([record.id, *domains, WORDS[overall(bias)]])
    return rows


def save_bias_table(records: Iterable[Record], path: Path) -> Path:
    """Write the table as CSV; return its path. Raises InputError where it cannot be written."""
    try:
        with path.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(bias_rows(records))
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=path) from None
    return path
