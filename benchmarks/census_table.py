"""The table of the census: a row a model, its verdict, the table on disk, and the counts."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

LARGEST_DIFFERENCE = 1e-4
LISTED = (
    "same by its own scale",
    "libRoadRunner stands alone",
    "undetermined",
    "different",
    "failed",
)
VERDICTS = ("same", *LISTED[:-1], "solved by calor alone", "refused by name", "failed")
SLOW, QUICK = 10.0, 1.0
"""More seconds than this are too many for calor where libRoadRunner takes no more than that."""


@dataclass
class Row:
    """What was found for one model; differences are relative, NaN where there was nothing to compare."""

    model: str
    calor: str
    calor_seconds: float
    libroadrunner: str
    libroadrunner_seconds: float
    difference: float
    variable: str
    by_own_scale: float
    closer_from_calor: float
    closer_from_libroadrunner: float
    from_third_calor: float
    from_third_libroadrunner: float
    libroadrunner_from_itself: float

    @classmethod
    def read(cls, cells: dict[str, str]) -> Row:
        """Return the row that a line of the table holds."""
        numbers = {field.name for field in fields(cls) if field.type == "float"}
        return cls(**{name: float(text) if name in numbers else text for name, text in cells.items()})

    @property
    def verdict(self) -> str:
        """The row's count in the summary."""
        if self.calor.startswith(("refused", "invalid")):
            return "refused by name"
        if self.calor != "solved":
            return "failed"
        if not self.libroadrunner.startswith("solved"):
            return "solved by calor alone"
        if self.difference <= LARGEST_DIFFERENCE:
            return "same"
        if self.by_own_scale <= LARGEST_DIFFERENCE:
            return "same by its own scale"
        if self.from_third_calor <= LARGEST_DIFFERENCE:
            return "libRoadRunner stands alone"
        undetermined = min(self.closer_from_calor, self.closer_from_libroadrunner) > self.difference / 10
        return "undetermined" if undetermined else "different"


def read_rows(path: Path) -> list[Row]:
    """Return the rows of an earlier census, none if there was none."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Row.read(cells) for cells in csv.DictReader(file)]


def append_row(path: Path, row: DataclassInstance) -> None:
    """Add a row to the table, with a header if it is the first."""
    begun = path.exists() and path.stat().st_size > 0
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(row)])
        if not begun:
            writer.writeheader()
        writer.writerow(asdict(row))


def print_counts(rows: list[Row]) -> None:
    """Print how many models came out in which way, and those to look at with their numbers."""
    print(f"{len(rows)} models")
    counted = Counter(row.verdict for row in rows)
    for verdict in VERDICTS:
        print(f"{counted[verdict]:5d} {verdict}")
        if verdict in LISTED:
            _print_rows([row for row in rows if row.verdict == verdict])
    solved = [row for row in rows if row.libroadrunner.startswith("solved")]
    unmatched = [row for row in solved if row.verdict in ("failed", "refused by name")]
    print(f"{len(solved):5d} solved by libRoadRunner, of them not by calor: {len(unmatched)}")
    _print_rows(unmatched)
    slow = [row for row in rows if row.calor_seconds > SLOW and row.libroadrunner_seconds <= QUICK]
    print(f"{len(slow):5d} over {SLOW:g} s where libRoadRunner takes at most {QUICK:g} s")
    _print_rows(slow)
    ratios = [row.calor_seconds / row.libroadrunner_seconds for row in rows if np.isfinite(row.difference)]
    if ratios:
        print(f"calor takes {np.median(ratios):.1f} times as long as libRoadRunner in the median")


def _print_rows(rows: list[Row]) -> None:
    for row in rows:
        print(
            f"        {row.model}: {row.calor}, {row.calor_seconds:.1f} s (libRoadRunner "
            f"{row.libroadrunner}, {row.libroadrunner_seconds:.1f} s), {row.difference:.1e} apart in "
            f"{row.variable}, {row.by_own_scale:.1e} by its own scale; "
            f"closer {row.closer_from_calor:.1e} and {row.closer_from_libroadrunner:.1e}, "
            f"third {row.from_third_calor:.1e} and {row.from_third_libroadrunner:.1e}"
        )
