"""The evidence base: what was tried, in whom, with what result, and how well it is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from calor.api.results import Result

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text

    from calor.evidence.table import TableRow
    from calor.report.tables import Table


def evidence(
    *words: str,
    drug_class: str | None = None,
    phase: str | None = None,
    design: str | None = None,
    grade: str | None = None,
    text: str | None = None,
) -> Evidence:
    """Return the records that fit, as `calor evidence` lists them.

    Arguments: what people say (a drug or its trade name, a class, early or long-standing); or the filters of
    the command. Raises InputError, with the allowed words, for a filter that is none of them.
    """
    from calor.evidence.asking import records_about
    from calor.evidence.library import load_records
    from calor.evidence.table import Filter, table_rows

    records = load_records()
    chosen = records_about(records, words).records if words else records
    return Evidence(table_rows(chosen, Filter(drug_class, phase, design, grade, text)))


@dataclass(frozen=True, repr=False)
class Evidence(Result):
    """Records of the evidence base. Arguments: a row each."""

    rows: tuple[TableRow, ...]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a record, by its id."""
        import pandas as pd

        from calor.report.evidence_document import row_as_json

        names = list(self.rows[0].__dataclass_fields__) if self.rows else ["id"]
        return pd.DataFrame([row_as_json(row) for row in self.rows], columns=[*names, "source"]).set_index(
            "id"
        )

    def _document(self) -> dict[str, Any]:
        from calor.report.evidence_document import rows_document

        return rows_document(self.rows)

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.evidence.table import DIRECTION_IN_WORDS
        from calor.report.tables import Table, label, number, words

        yield f"{len(self.rows)} records"
        columns = (label("id"), number("n"), *map(label, ("phase", "design", "result", "grade")))
        rows = [
            (
                row.id,
                "?" if row.n is None else str(row.n),
                row.phase,
                row.design,
                DIRECTION_IN_WORDS[row.direction],
                row.grade or "none",
                row.statement,
            )
            for row in self.rows
        ]
        yield Table((*columns, words("in one sentence")), rows)
