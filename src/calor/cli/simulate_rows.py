"""What `calor simulate` writes as rows: CSV to a file or stdout, one JSON document, or a table for people."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from calor.cli.console import console, error_console, print_json
from calor.core.arrays import Numbers
from calor.core.text_files import new_text_file
from calor.report.numbers import general_text
from calor.report.tables import Table, number

ROWS_SHOWN = 25


@dataclass(frozen=True)
class Rows:
    """Rows under a header, what the person set, and what is to be said about how input was read."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[float | str]]
    settings: dict[str, float]
    notes: tuple[str, ...] = ()


def write_rows(result: Rows, csv_path: str | None, as_json: bool) -> None:
    """Write rows where they were asked for: CSV (- is stdout), JSON on stdout, or else a table for people."""
    for note in result.notes:
        error_console().print(f"note: {note}", soft_wrap=True)
    if csv_path is not None:
        write_csv((result.header, *(_exact(row) for row in result.rows)), csv_path)
    if as_json:
        columns = {"columns": result.header, "rows": result.rows}
        print_json({**columns, "set": result.settings, "notes": list(result.notes)})
    elif csv_path is None:
        _show(result)


def write_csv(lines: Iterable[Sequence[Any]], path: str) -> None:
    """Write lines of cells as CSV to a file, whole or not at all, or to stdout (-). Raises InputError."""
    if path == "-":
        csv.writer(sys.stdout, lineterminator="\n").writerows(lines)
        return
    with new_text_file(Path(path)) as file:
        csv.writer(file, lineterminator="\n").writerows(lines)


def _exact(row: Sequence[float | str]) -> list[str]:
    """Return cells that read back as the same numbers, whole ones without a point."""
    return [cell if isinstance(cell, str) else repr(cell).removesuffix(".0") for cell in row]


def _show(result: Rows) -> None:
    """Print the first rows as a table."""
    shown = result.rows[:ROWS_SHOWN]
    scales = [
        max((abs(cell) for cell in column if not isinstance(cell, str)), default=0.0)
        for column in zip(*shown, strict=True)
    ]
    rows = [
        tuple(
            cell if isinstance(cell, str) else general_text(cell, scale)
            for cell, scale in zip(row, scales, strict=True)
        )
        for row in shown
    ]
    console().print(Table([number(name) for name in result.header], rows))
    if len(result.rows) > ROWS_SHOWN:
        console().print(f"... {len(result.rows) - ROWS_SHOWN} more rows; --csv FILE writes them all")


def largest_of(
    header: Sequence[str], columns: Sequence[str], rows: Sequence[Sequence[float | str]]
) -> Numbers:
    """Return the largest size of each column over rows (n_columns,); 0 where there is no row."""
    values = np.array([row[len(header) - len(columns) :] for row in rows], dtype=np.float64)
    return np.asarray(np.max(np.abs(values.reshape(-1, len(columns))), axis=0, initial=0.0))
