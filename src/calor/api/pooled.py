"""Meta-analysis of effects from a file, a table in memory, or lists."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import one_of, texts_of
from calor.core.bounds import POSITIVE
from calor.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.core import tables
    from calor.evidence.synthesis.plan import Findings
    from calor.report.tables import Table

IN_MEMORY = "the table given"
"""How messages name a table that is no file; its rows count from 1."""

Columns = Mapping[str, Sequence[object]]
"""A table as columns of equal length by name, such as a pandas frame."""


def meta(
    effects: str | Path | pd.DataFrame | Columns,
    *,
    method: str = "REML",
    knapp_hartung: bool = False,
    moderators: str | Collection[str] = (),
    leave_one_out: bool = False,
    cumulative: bool = False,
    small_study: bool = False,
    tau_scale: float | None = None,
    prior_sd: float | None = None,
) -> MetaAnalysis:
    """Return a meta-analysis, as `calor meta` makes it.

    Arguments: a CSV file, a pandas frame or columns by name, with `study`, `yi` (the effect, on the log scale
    for ratios), `vi` (its sampling variance) and any moderators; REML, DL, PM or FE; t intervals with Knapp
    and Hartung's variance; columns for a meta-regression; whether to pool again without each study, over the
    first two, three, ..., and to test for small-study effects; and the priors of a Bayesian analysis, which
    needs both: the scale of tau's half-normal and the SD of the mean effect's normal.
    Raises InputError, with row and column, for everything in the table that is wrong, and UnsupportedError
    for what cannot be had with moderators.
    """
    from calor.evidence.synthesis.method import Method
    from calor.evidence.synthesis.plan import Plan
    from calor.evidence.synthesis.table import effect_table_of, read_effect_table
    from calor.report.pooled_document import analyse_named, priors_of

    columns = texts_of(moderators)
    if isinstance(effects, str | Path):
        source, table = str(effects), read_effect_table(Path(effects), columns)
    else:
        source, table = IN_MEMORY, effect_table_of(_table_of(effects), columns)
    plan = Plan(
        one_of(Method, method.upper(), "--method"),
        knapp_hartung,
        leave_one_out,
        cumulative,
        small_study,
        priors_of(_positive(tau_scale, "--tau-scale"), _positive(prior_sd, "--prior-sd")),
    )
    return MetaAnalysis(source, analyse_named(table, plan, source))


def _positive(value: float | None, option: str) -> float | None:
    return None if value is None else POSITIVE.number(value, option)


def _table_of(columns: pd.DataFrame | Columns) -> tables.Table:
    """Return columns as a table whose rows count from 1. Raises InputError for columns of other lengths."""
    from calor.core.tables import Table

    texts = {str(name): [_text(value) for value in values] for name, values in columns.items()}
    lengths = {name: len(values) for name, values in texts.items()}
    if len(set(lengths.values())) > 1:
        shown = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise InputError.of(f"columns of different lengths: {shown}", file=IN_MEMORY)
    rows = tuple(zip(*texts.values(), strict=True))
    return Table(
        file=IN_MEMORY, header_line=0, columns=tuple(texts), lines=tuple(range(1, len(rows) + 1)), cells=rows
    )


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


@dataclass(frozen=True, repr=False)
class MetaAnalysis(Result):
    """A meta-analysis. Arguments: the name of the table it is of, and what was found."""

    source: str
    findings: Findings

    @property
    def estimate(self) -> float:
        """The pooled effect; with moderators the intercept, the effect where every moderator is zero."""
        return self.findings.analysis.estimate

    @property
    def interval95(self) -> tuple[float, float]:
        """The 95 % interval of the pooled effect."""
        return self.findings.analysis.ci95

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a study: its effect, variance and weight in the pooled effect."""
        import pandas as pd

        return pd.DataFrame(self._document()["studies"])

    def plot(self) -> Figure:
        """Return the forest plot: each effect with its 95 % interval, and the pooled one."""
        from calor.report.pooled_figure import draw_pooled

        return draw_pooled(self.findings)

    def _document(self) -> dict[str, Any]:
        from calor.report.pooled_document import pooled_document

        return pooled_document(self.source, self.findings)

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.pooled_text import parts_of_meta_analysis

        yield from (f"Warning: {warning}." for warning in self.findings.table.warnings)
        yield from parts_of_meta_analysis(self.findings, self.source)
