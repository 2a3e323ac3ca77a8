"""A drug's concentration, or what it moves, under a regimen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import posterior_from, seed_of, texts_of
from calor.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Collection

    import pandas as pd
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.api.posteriors import Posterior
    from calor.report.tables import Table


def pk(
    drug: str | Path,
    regimen: str,
    *,
    weight: float | None = None,
    at: str | Collection[str] = (),
    quantity: str = "concentration",
    population: int | None = None,
    parameters: str | None = None,
    posterior: Posterior | str | Path | None = None,
    seed: int = 1,
) -> Exposure:
    """Return what a regimen does in a typical person at rest, as `calor pk` computes it.

    Arguments: the drug's id or file; the regimen as people write it; the weight in kg (without: 70); moments
    to report, such as `week 14`; concentration (mg/L, IgG in g/L), igg, autoantibody, cortisol, an
    engagement or a slot; how many people to simulate as well, with their seed; another published set of the
    drug's numbers, or the posterior they come from.
    Raises InputError for what is wrong with any of them.
    """
    from calor.report.exposure_document import (
        PEOPLE,
        WEIGHT,
        ExposureRequest,
        drug_of,
        exposure_document,
        numbers_of,
    )

    if parameters is not None and posterior is not None:
        raise InputError.of("both parameters and posterior", allowed="one of them")
    chosen = drug_of(str(drug), parameters)
    numbers = numbers_of(chosen, parameters, None if parameters else posterior_from(posterior))
    asked = ExposureRequest(
        regimen,
        None if weight is None else WEIGHT.number(weight, "weight"),
        texts_of(at),
        quantity,
        None if population is None else PEOPLE.whole(population, "population"),
        seed_of(seed),
    )
    return Exposure(exposure_document(chosen, numbers, asked))


@dataclass(frozen=True, repr=False)
class Exposure(Result):
    """Exposure to a drug over time. Arguments: its document."""

    document: dict[str, Any]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a time in days: the typical person, and the band of people if there is one."""
        from calor.report.exposure_figure import exposure_table

        return exposure_table(self.document)

    def plot(self) -> Figure:
        """Return the figure of `calor pk`."""
        from calor.report.exposure_figure import draw_exposure

        return draw_exposure(self.document)

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.exposure_text import exposure_parts

        yield from exposure_parts(self.document)
        yield from (f"warning: {warning}" for warning in self.document["warnings"])
