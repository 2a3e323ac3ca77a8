"""What a regimen of a drug does in a typical person, and in people who differ."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import posterior_from, seed_of, texts_of
from calor.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
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
    """Return what a regimen of a drug does in a typical person at rest, as `calor pk` shows it.

    Arguments: the drug's id or file; the regimen in words; body weight in kg (without: 70, and people differ
    in it); times to report, such as `week 14`; the quantity; how many people to simulate as well; another
    published set of the drug's numbers; the posterior (name, file or `prior`); the seed of the people.
    Raises InputError for a drug, regimen, time or quantity that cannot be read.
    """
    from calor.report import exposure_document as documents
    from calor.report.exposure_bounds import PEOPLE, WEIGHT

    if parameters is not None and posterior is not None:
        raise InputError.of("--parameters does nothing beside --posterior", hint="leave one of the two out")
    asked = documents.ExposureRequest(
        regimen=regimen,
        weight=None if weight is None else WEIGHT.number(weight, "--weight"),
        moments=texts_of(at),
        quantity=quantity,
        population=None if population is None else PEOPLE.whole(population, "--population"),
        seed=seed_of(seed),
    )
    chosen = documents.drug_of(str(drug), parameters)
    numbers = documents.numbers_of(chosen, parameters, None if parameters else posterior_from(posterior))
    return Exposure(documents.exposure_document(chosen, numbers, asked))


@dataclass(frozen=True, repr=False)
class Exposure(Result):
    """Exposure to a drug over time. Arguments: the document of `calor pk`."""

    document: dict[str, Any]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a time (days from study day 1): typical, and p5, p50, p95 of people if simulated."""
        from calor.report.exposure_figure import exposure_table

        table = exposure_table(self.document)
        table.attrs["units"] = {"time_days": "day", "value": self.document["unit"]}
        return table

    def to_xarray(self) -> xr.Dataset:
        """Return the same over time, (time_days), each with its unit."""
        dataset = self.to_pandas().set_index("time_days").to_xarray()
        dataset.attrs = {"drug": self.document["drug"], "regimen": self.document["regimen"]}
        dataset["time_days"].attrs["units"] = "day"
        for name in dataset.data_vars:
            dataset[name].attrs["units"] = self.document["unit"]
        return dataset

    def plot(self) -> Figure:
        """Return the figure of `calor pk`."""
        from calor.report.exposure_figure import draw_exposure

        return draw_exposure(self.document)

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.exposure_text import exposure_parts

        yield f"{self.document['drug']}: {self.document['regimen']}"
        yield from exposure_parts(self.document)
        yield from (f"Warning: {warning}." for warning in self.document["warnings"])
