"""Meta-analysis of any table of effects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import one_of, texts_of

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from rich.text import Text

    from calor.evidence.synthesis.plan import Findings
    from calor.report.tables import Table


def meta(
    file: str | Path,
    *,
    method: str = "REML",
    knapp_hartung: bool = False,
    moderators: str | Collection[str] = (),
    leave_one_out: bool = False,
    cumulative: bool = False,
    small_study: bool = False,
    tau_scale: float | None = None,
    prior_sd: float | None = None,
) -> Pooled:
    """Return the effects of a CSV table, pooled as `calor meta` pools them.

    Arguments: the file, with the columns study, yi (log scale for ratios), vi (the squared standard error)
    and any moderators; REML, DL, PM or FE; t intervals with Knapp and Hartung's variance; columns for a
    meta-regression; what to do besides; and both priors of a Bayesian analysis, in the effects' unit.
    Raises InputError, naming file, line and column, for everything in the table that is wrong.
    """
    from calor.core.bounds import Bounds
    from calor.evidence.synthesis import Method
    from calor.evidence.synthesis.plan import Plan
    from calor.evidence.synthesis.table import read_effect_table
    from calor.report.pooled_document import analyse_named, priors_of

    priors = priors_of(tau_scale, prior_sd)
    for value, key in zip(priors or (), ("tau_scale", "prior_sd"), strict=False):
        Bounds(1e-12, 1e12).number(value, key)
    plan = Plan(
        one_of(Method, method.upper(), "method"),
        knapp_hartung,
        leave_one_out,
        cumulative,
        small_study,
        priors,
    )
    table = read_effect_table(Path(file), texts_of(moderators))
    return Pooled(str(file), analyse_named(table, plan, str(file)))


@dataclass(frozen=True, repr=False)
class Pooled(Result):
    """A meta-analysis. Arguments: the name of its table, and what was found."""

    source: str
    findings: Findings

    @property
    def estimate(self) -> float:
        """The pooled effect; with moderators the effect where each of them is zero."""
        return self.findings.analysis.estimate

    @property
    def ci95(self) -> tuple[float, float]:
        """The 95 % interval of the estimate."""
        low, high = self.findings.analysis.ci95
        return low, high

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a study: effect, variance and weight."""
        import pandas as pd

        return pd.DataFrame(self._document()["studies"]).set_index("study")

    def _document(self) -> dict[str, Any]:
        from calor.report.pooled_document import pooled_document

        return pooled_document(self.source, self.findings)

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.pooled_text import parts_of_meta_analysis

        return parts_of_meta_analysis(self.findings, self.source)
