"""The PRISMA 2020 flow of the evidence base as the table that the R package PRISMA2020 draws.

A box that the base cannot fill reads NA: a box that is left out of the table would be drawn as 0. Source of
the format: Haddaway et al. 2022 Campbell Syst Rev 18:e1230, doi:10.1002/cl2.1230.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

from calor.core.errors import InputError
from calor.evidence.flow import Box

COLUMNS = ("data", "node", "box", "description", "boxtext", "tooltips", "url", "n")
MISSING = "NA"
BY_REASON = ("dbr_excluded", "other_excluded")
"""The boxes that the package reads as reasons with numbers."""

TITLES = (
    ("", "node4", "prevstud", "Previous studies"),
    ("", "node6", "newstud", "New studies via databases and registers"),
    ("", "node16", "othstud", "Studies found by other methods"),
    ("identification", "node1", "identification", "Identification"),
    ("screening", "node2", "screening", "Screening"),
    ("included", "node3", "included", "Included"),
)
"""The rows that hold words alone: name, node, box and words."""


def prisma_rows(boxes: Sequence[Box]) -> list[list[str]]:
    """Return the rows of COLUMNS: one a box, and the titles."""
    counted = [
        [box.name, MISSING, box.place, box.says, _sentence(box.counts), box.says, MISSING, shown(box)]
        for box in boxes
    ]
    titles = [
        [name or MISSING, node, place, words, words, MISSING, MISSING, MISSING]
        for name, node, place, words in TITLES
    ]
    return [*counted, *titles]


def shown(box: Box) -> str:
    """Return the number of a box as the table has it; by reason where it has reasons; NA where unknown."""
    if box.number is None:
        return f"not recorded, {MISSING}" if box.name in BY_REASON else MISSING
    if isinstance(box.number, int):
        return str(box.number)
    return "; ".join(f"{reason}, {count}" for reason, count in box.number.items()) or "none, 0"


def save_prisma(boxes: Sequence[Box], path: Path) -> Path:
    """Write the table as CSV; return its path. Raises InputError where it cannot be written."""
    try:
        with path.open("w", newline="", encoding="utf-8") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(COLUMNS)
            writer.writerows(prisma_rows(boxes))
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=path) from None
    return path


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
