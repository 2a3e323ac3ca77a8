"""The PRISMA flow counts what the records hold; what they do not hold is unknown, never 0."""

from __future__ import annotations

import csv
from pathlib import Path

from calor.evidence.flow import Box, flow_of
from calor.evidence.library import load_records, record
from calor.evidence.vocabulary import StudyKind
from calor.report.prisma import COLUMNS, save_prisma

SEARCH = ("database_results", "register_results", "duplicates", "records_screened", "records_excluded")


def by_name(boxes: tuple[Box, ...]) -> dict[str, Box]:
    return {box.name: box for box in boxes}


def test_every_record_is_in_one_place_of_the_flow() -> None:
    records = load_records()
    boxes = {name: box.number for name, box in by_name(flow_of(records)).items()}
    assert boxes["other_sought_reports"] == len(records)
    assert boxes["other_notretrieved_reports"] + boxes["other_assessed"] == len(records)
    assert boxes["other_assessed"] - sum(boxes["other_excluded"].values()) == boxes["new_studies"]
    reviews = sum(
        one.kind in (StudyKind.SYSTEMATIC_REVIEW, StudyKind.CONTEXT_TABLE) and bool(one.sources)
        for one in records
    )
    assert boxes["other_excluded"]["review or table"] == reviews


def test_three_records_by_hand() -> None:
    """A trial that was read, one of which no page could be read, and a registered one without a result."""
    chosen = [record(name) for name in ("goebel-2010", "taskaynatan-2004", "ISRCTN12908996-anakinra")]
    boxes = by_name(flow_of(chosen))
    assert boxes["other_sought_reports"].number == 3
    assert boxes["other_notretrieved_reports"].number == 1
    assert boxes["other_excluded"].number == {"registered without a result read": 1}
    assert boxes["new_studies"].number == 1
    assert boxes["total_studies_ma"].number == 0


def test_what_was_not_counted_is_unknown_and_has_a_reason() -> None:
    boxes = by_name(flow_of(load_records()))
    for name in SEARCH:
        assert boxes[name].number is None
        assert "not systematic" in boxes[name].says
    assert all(box.says for box in boxes.values())


def test_the_table_has_every_box_since_a_missing_one_would_be_drawn_as_zero(tmp_path: Path) -> None:
    path = save_prisma(flow_of(load_records()), tmp_path / "flow.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert tuple(rows[0]) == COLUMNS
    numbers = {row["data"]: row["n"] for row in rows}
    assert {
        "previous_studies", "previous_reports", "register_results", "database_results", "website_results",
        "organisation_results", "citations_results", "duplicates", "excluded_automatic", "excluded_other",
        "records_screened", "records_excluded", "dbr_sought_reports", "dbr_notretrieved_reports",
        "other_sought_reports", "other_notretrieved_reports", "dbr_assessed", "dbr_excluded",
        "other_assessed", "other_excluded", "new_studies", "new_reports", "total_studies", "total_reports",
        "total_studies_ma",
    } <= set(numbers)  # fmt: skip
    assert numbers["database_results"] == "NA"
    assert numbers["dbr_excluded"] == "not recorded, NA"
    assert numbers["other_sought_reports"] == str(len(load_records()))
    assert "review or table, " in numbers["other_excluded"]
    assert not any(row["n"] == "0" for row in rows if row["data"] in SEARCH)
