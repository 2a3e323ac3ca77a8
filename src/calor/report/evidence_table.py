"""The evidence as a table for people: one row a record, by drug class, with how well each is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from calor.core.provenance import Grade
from calor.evidence.table import DIRECTION_IN_WORDS, TableRow, counts_by_design
from calor.evidence.vocabulary import DrugClass, Phase
from calor.report.tables import WIDEST, Group, Row, Table, label, number, words

WIDE = 120
SHORT_GRADE = {Grade.VERIFIED: "ver", Grade.SECONDARY: "sec", Grade.RECALLED: "rec", None: "-"}
SHORT_PHASE = {
    Phase.ACUTE: "acute", Phase.PERSISTENT: "persist", Phase.MIXED: "mixed", Phase.UNCLEAR: "?",
    Phase.NOT_CRPS: "other",
}  # fmt: skip
LEGEND = (
    "n: patients, with s where read in a secondary page. bias: one rater's impression of an abstract. "
    "grade of the result: ver read in the source, sec in a page that quotes it, - not read. "
    "One record or finding (A01 ... G15) in full: calor evidence ID"
)


def record_parts(rows: Sequence[TableRow], width: int = WIDE) -> Iterator[Text | Table]:
    """Yield the table of records by drug class, how many there are, and what its columns mean.

    Arguments: the rows, and the columns of the screen; where these are many, each record has its sentence.
    """
    if not rows:
        yield Text("no record fits; take a filter away")
        return
    wide = width >= WIDE
    columns = [
        words("id", breaks_at=28),
        number("n"),
        *map(label, ("phase", "design", "result", "bias", "grade")),
    ]
    if wide:
        columns.append(words("in one sentence", greedy=True))
    cells: list[Row] = []
    current: DrugClass | None = None
    for row in rows:
        if row.drug_class is not current:
            current = row.drug_class
            cells.append(Group(current.value))
        cells.append(_cells(row, wide))
    yield Table(columns, cells, framed=False, widest=width if wide else WIDEST)
    counts = ", ".join(f"{count} {word}" for word, count in counts_by_design(rows).items())
    yield Text()
    yield Text(f"{len(rows)} records: {counts}")
    yield Text(LEGEND, style="dim")


def _cells(row: TableRow, wide: bool) -> list[str]:
    n = "?" if row.n is None else f"{row.n}{' s' if row.n_grade is Grade.SECONDARY else ''}"
    cells = [
        f" {row.id}", n, SHORT_PHASE[row.phase], row.design, DIRECTION_IN_WORDS[row.direction],
        row.bias.replace("very-", "v."), SHORT_GRADE[row.grade],
    ]  # fmt: skip
    return [*cells, row.statement] if wide else cells
