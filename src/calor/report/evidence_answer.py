"""The studies that words are about, with their harms and those of the drugs in the words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.text import Text

from calor.evidence.asking import records_about
from calor.evidence.record import Record
from calor.evidence.table import Filter, TableRow, table_rows
from calor.report.evidence_document import rows_document
from calor.report.evidence_table import WIDE, record_parts
from calor.report.harms import harm_tables, harms_as_json
from calor.report.tables import Table
from calor.therapy.drug import Drug
from calor.therapy.library import load_drug


@dataclass(frozen=True)
class AnswerInFull:
    """What words were understood as, the rows and records that they are about, and the drugs in them.

    Where a phase was asked for, `open_phase` names the records of mixed or unclear phase that it leaves out.
    """

    understood: str
    rows: tuple[TableRow, ...]
    records: tuple[Record, ...]
    drugs: tuple[Drug, ...]
    open_phase: tuple[str, ...]

    def document(self) -> dict[str, Any]:
        """Return the answer as a JSON document."""
        return {
            "understood_as": self.understood,
            **rows_document(self.rows),
            "open_phase": list(self.open_phase),
            "drugs": [drug.id for drug in self.drugs],
            "harms": harms_as_json(self.records, self.drugs),
        }

    def parts(self, width: int = WIDE) -> Iterator[Text | Table]:
        """Yield the answer for people: the studies, then the harms. Arguments: the columns of the screen."""
        yield Text(self.understood, style="bold")
        if self.rows:
            yield from record_parts(self.rows, width)
        else:
            yield Text("no study of it in CRPS is on record")
        if self.open_phase:
            yield Text(f"Not shown, of mixed or unclear phase: {', '.join(self.open_phase)}")
        yield from harm_tables(self.records, self.drugs)


def answer_in_full(records: Sequence[Record], words: Sequence[str], filters: Filter) -> AnswerInFull:
    """Return the answer to words, as far as a filter lets it through.

    Raises InputError, with the nearest ids and words, where nothing is about them.
    """
    answer = records_about(records, words)
    rows = table_rows(answer.records, filters)
    kept = {row.id for row in rows}
    shown = tuple(record for record in answer.records if record.id in kept)
    return AnswerInFull(
        understood=answer.understood,
        rows=rows,
        records=shown,
        drugs=tuple(load_drug(name) for name in answer.drugs),
        open_phase=answer.open_phase,
    )
