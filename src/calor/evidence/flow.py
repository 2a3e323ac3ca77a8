"""The flow of studies through the evidence base in the boxes of PRISMA 2020: what is recorded, and what not.

The base is no systematic search: it keeps what was looked for and read, study by study, and not how many hits
a database gave. Boxes of the search are therefore unknown, which is not 0. Source of the boxes: Page et al.
2021 BMJ 372:n71 (PRISMA 2020).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from calor.evidence.forest import forest_of
from calor.evidence.record import Record
from calor.evidence.vocabulary import Direction, DrugClass, StudyKind

NO_SEARCH = "the search was not systematic: hits were not counted"
NO_UPDATE = "the base is not an update of an earlier review"
NOT_BY_SOURCE = "how a study was found is not recorded; all stand among the other methods"
COPIES = "a record lists the pages that were read, and several may show one report"


@dataclass(frozen=True)
class Box:
    """A box of the flow diagram.

    Arguments: its name in the table that draws it; the box of the diagram; what it counts; the number, or
    numbers by reason, None where the base does not know it; and how it was counted or why it is unknown.
    """

    name: str
    place: str
    counts: str
    number: int | dict[str, int] | None
    says: str


def flow_of(records: Sequence[Record]) -> tuple[Box, ...]:
    """Return the boxes of the flow diagram of some records, in the diagram's order."""
    read = [record for record in records if record.sources]
    out = Counter(reason for record in read if (reason := _reason_out(record)))
    included = len(read) - out.total()
    return (
        Box("previous_studies", "box1", "studies of the previous review", None, NO_UPDATE),
        Box("previous_reports", "box1", "reports of the previous review", None, NO_UPDATE),
        Box("database_results", "box2", "records from databases", None, NO_SEARCH),
        Box("register_results", "box2", "records from registers", None, NO_SEARCH),
        Box("duplicates", "box3", "duplicate records removed", None, NO_SEARCH),
        Box("excluded_automatic", "box3", "records removed by automation", None, NO_SEARCH),
        Box("excluded_other", "box3", "records removed for other reasons", None, NO_SEARCH),
        Box("records_screened", "box4", "records screened", None, NO_SEARCH),
        Box("records_excluded", "box5", "records excluded", None, NO_SEARCH),
        Box("dbr_sought_reports", "box6", "reports sought (databases)", None, NOT_BY_SOURCE),
        Box("dbr_notretrieved_reports", "box7", "reports not retrieved (databases)", None, NOT_BY_SOURCE),
        Box("dbr_assessed", "box8", "reports assessed (databases)", None, NOT_BY_SOURCE),
        Box("dbr_excluded", "box9", "reports excluded (databases)", None, NOT_BY_SOURCE),
        Box("website_results", "box11", "records from websites", None, NO_SEARCH),
        Box("organisation_results", "box11", "records from organisations", None, NO_SEARCH),
        Box("citations_results", "box11", "records from citations", None, NO_SEARCH),
        Box("other_sought_reports", "box12", "reports sought (other methods)", len(records),
            "records of the evidence base, one a study or review"),
        Box("other_notretrieved_reports", "box13", "reports not retrieved", len(records) - len(read),
            "records of which no page could be read; they hold what is recalled"),
        Box("other_assessed", "box14", "reports assessed for eligibility", len(read),
            "records of which a page was read, mostly an abstract"),
        Box("other_excluded", "box15", "reports excluded", dict(out),
            "records that are kept and are no study with a result"),
        Box("new_studies", "box10", "studies included", included,
            "studies of which a result or a design was read"),
        Box("new_reports", "box10", "reports of the studies included", None, COPIES),
        Box("total_studies", "box16", "studies included in all", included, "there is no earlier review"),
        Box("total_reports", "box16", "reports of all studies", None, COPIES),
        Box("total_studies_ma", "box16", "studies in a meta-analysis", _pooled(records),
            "studies that calor pools, by drug class"),
    )  # fmt: skip


def _reason_out(record: Record) -> str | None:
    """Return why a record that was read is no included study, or None where it is one."""
    if record.kind in (StudyKind.SYSTEMATIC_REVIEW, StudyKind.CONTEXT_TABLE):
        return "review or table"
    registered = record.kind in (StudyKind.REGISTERED_TRIAL, StudyKind.REGISTERED_STUDY)
    if registered and record.headline.direction is Direction.NOT_READ:
        return "registered without a result read"
    return None


def _pooled(records: Sequence[Record]) -> int:
    forests = (forest_of(records, drug_class) for drug_class in DrugClass)
    return sum(len(forest.pooled.studies) for forest in forests if forest.pooled is not None)
