"""The evidence base: records as a table, by words, or one entry in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.evidence.forest import Forest
    from calor.evidence.record import Record
    from calor.evidence.table import TableRow
    from calor.report.evidence_answer import AnswerInFull
    from calor.report.evidence_entry import Entry
    from calor.report.tables import Table


def evidence(
    *words: str,
    drug_class: str | None = None,
    phase: str | None = None,
    design: str | None = None,
    grade: str | None = None,
    text: str | None = None,
    add: str | Path | None = None,
) -> EvidenceTable | EvidenceEntry:
    """Return the evidence as `calor evidence` shows it: a table of records, or one entry in full.

    Arguments: the id of a record (`goebel-2017-lips`), finding (`A01`) or economic fact, which gives that
    entry alone, or words that people say (a drug, a class, early), which give the records about them, with
    harms; without words all records. The filters are those of the command: class, phase, design, grade of the
    result, words that a record holds; and a folder of your own records to add.
    Raises InputError, with the nearest words, for words and filters that mean nothing here.
    """
    from calor.evidence.library import load_records, read_folder
    from calor.evidence.table import Filter, table_rows
    from calor.report.evidence_answer import answer_in_full
    from calor.report.evidence_entry import entry_of

    added = read_folder(Path(add)) if add is not None else ()
    own = {record.id for record in added}
    records = (*(record for record in load_records() if record.id not in own), *added)
    filters = Filter(drug_class, phase, design, grade, text)
    entry = entry_of(words[0], records) if len(words) == 1 else None
    if entry is not None:
        if filters != Filter():
            raise InputError.of("a filter does nothing beside an ID", hint="leave it out")
        return EvidenceEntry(entry)
    if words:
        answer = answer_in_full(records, words, filters)
        return EvidenceTable(answer.rows, records, answer, drug_class)
    return EvidenceTable(table_rows(records, filters), records, None, drug_class)


@dataclass(frozen=True, repr=False)
class EvidenceTable(Result):
    """Records of the evidence.

    Arguments: the rows shown; all records they are from; what words were understood as, None without words;
    and the class that was asked for, if any.
    """

    rows: Sequence[TableRow]
    records: Sequence[Record]
    answer: AnswerInFull | None
    drug_class: str | None

    def __len__(self) -> int:
        """Return how many records are shown."""
        return len(self.rows)

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a record: class, patients, phase, design, direction, risk of bias, grade."""
        import dataclasses

        import pandas as pd

        from calor.evidence.table import TableRow

        names = [field.name for field in dataclasses.fields(TableRow)]
        table = pd.DataFrame([dataclasses.astuple(row) for row in self.rows], columns=names)
        return table.astype({"n": "Int64"}).set_index("id")

    def plot(self) -> Figure:
        """Return the forest plot of the class that was asked for, with the reason where nothing is pooled.

        Raises InputError where no class was asked for, or where it has no controlled trial.
        """
        from calor.report.forest import draw_forest

        return draw_forest(self._forest())

    def _forest(self) -> Forest:
        from calor.evidence.forest import forest_with_rows
        from calor.evidence.words import class_named

        if self.drug_class is None:
            raise InputError.of(
                "a forest plot is of one drug class", key="--forest", hint="evidence(drug_class=...).plot()"
            )
        return forest_with_rows(self.records, class_named(self.drug_class, "--forest"))

    def _document(self) -> dict[str, Any]:
        from calor.report.evidence_document import rows_document

        return rows_document(self.rows) if self.answer is None else self.answer.document()

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.evidence_table import record_parts

        yield from record_parts(self.rows) if self.answer is None else self.answer.parts()


@dataclass(frozen=True, repr=False)
class EvidenceEntry(Result):
    """One record, finding or economic fact in full. Arguments: the entry."""

    entry: Entry

    def to_pandas(self) -> pd.DataFrame:
        """Return every number of the entry, one row each: its path, words, grade, status, sources."""
        import pandas as pd

        columns = ["path", "words", "grade", "status", "sources"]
        return pd.DataFrame(self.entry.document.get("numbers", []), columns=columns)

    def _document(self) -> dict[str, Any]:
        return self.entry.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from rich.text import Text

        for line in self.entry.lines:
            yield Text(line.text, style="bold" if line.heading else "")
