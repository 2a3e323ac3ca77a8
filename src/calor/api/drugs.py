"""Drugs: every number with its source and grade, regimens, safety, published facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result

if TYPE_CHECKING:
    import pandas as pd
    from rich.text import Text

    from calor.report.tables import Table
    from calor.therapy import drug as definitions


def drug(name: str | Path) -> Drug:
    """Return a drug of the library, by id or another name of it, or of a file.

    Raises InputError, with the nearest ids, for a drug that there is not, and for a file that is wrong.
    """
    from calor.therapy.library import load_drug

    return Drug(load_drug(str(name)))


@dataclass(frozen=True, repr=False)
class Drug(Result):
    """A drug. Arguments: the drug as its file says it."""

    definition: definitions.Drug

    @property
    def id(self) -> str:
        """The drug's id."""
        return self.definition.id

    @property
    def name(self) -> str:
        """The drug's name."""
        return self.definition.name

    @property
    def antimony(self) -> str:
        """The drug's generated equations. Raises UnsupportedError for what acts on the disease's states."""
        from calor.therapy.compose import antimony_of

        return antimony_of(self.definition)

    def to_pandas(self) -> pd.DataFrame:
        """Return every number in the model's units, one row each, with spread, status, grade and source."""
        import pandas as pd

        return pd.DataFrame(self._facts["parameters"]).set_index("id")

    @cached_property
    def _facts(self) -> dict[str, Any]:
        from calor.report.drug_document import drug_document, studies_of
        from calor.therapy.checking import run_checks

        return drug_document(self.definition, run_checks(self.definition), studies_of(self.definition))

    def _document(self) -> dict[str, Any]:
        return self._facts

    def _parts(self) -> Iterator[str | Text | Table]:
        from rich.text import Text

        from calor.report.drug_page import regimens_table, safety_table
        from calor.report.tables import Table, number, words
        from calor.therapy.inventory import numbers_of

        yield Text(f"{self.name} ({self.id}) · {self.definition.kind}", style="bold")
        yield self.definition.summary
        yield f"Not represented: {self.definition.pharmacokinetics.not_represented}"
        rows = [
            (
                name.replace("_", " "),
                f"{own.value:g} {'' if own.unit == '1' else own.unit}".strip(),
                f"CV {own.spread.patients:.0%}" if own.spread.patients else "-",
                f"{own.status}, {own.grade}",
                own.source,
            )
            for name, own in numbers_of(self.definition)
        ]
        columns = (words("number"), number("value"), number("between people"), words("status, grade"))
        yield Table((*columns, words("source")), rows, title="Numbers")
        yield regimens_table(self.definition)
        yield safety_table(self.definition)
