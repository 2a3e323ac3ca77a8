"""Posteriors: draws of what is uncertain about everybody, under each rival explanation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from rich.text import Text

    from calor.population import posterior as files
    from calor.report.tables import Table


@dataclass(frozen=True, repr=False)
class Posterior(Result):
    """A posterior, one that ships or a file of `calor calibrate`.

    Arguments: the draws as they were read.
    """

    draws: files.Posterior

    @classmethod
    def shipped(cls, name: str = "product") -> Posterior:
        """Return a posterior that ships: `product`, or `validation`, which knows no held-back trial.

        Raises InputError for any other name.
        """
        from calor.population.posteriors import Shipped
        from calor.trial.runs.named import posterior_of

        if name not in list(Shipped):
            raise InputError.of(f"is {name!r}", key="posterior", allowed=", ".join(Shipped))
        found = posterior_of(name)
        assert found is not None  # only `prior` stands for no posterior
        return cls(found)

    @classmethod
    def from_file(cls, path: str | Path) -> Posterior:
        """Return the posterior of a file. Raises InputError for a file that is none."""
        from calor.population.posterior import read_posterior

        return cls(read_posterior(Path(path)))

    @property
    def name(self) -> str:
        """The name it ships under, or its path."""
        return self.draws.name

    @property
    def weights(self) -> dict[str, float]:
        """The weight of each rival by name."""
        return dict(self.draws.weights)

    def to_xarray(self) -> xr.Dataset:
        """Return the scores (rival, draw, parameter) and the weights (rival).

        A score is in units of the prior's standard deviation: 0 is the prior's centre. Where rivals have
        different numbers of draws, the missing ones are not-a-number.
        """
        import numpy as np
        import xarray as xr

        rivals = list(self.draws.draws)
        most = max(len(draws) for draws in self.draws.draws.values())
        scores = np.full((len(rivals), most, len(self.draws.names)), np.nan)
        for place, draws in enumerate(self.draws.draws.values()):
            scores[place, : len(draws)] = draws
        return xr.Dataset(
            {
                "score": (("rival", "draw", "parameter"), scores, {"units": "prior SD"}),
                "weight": ("rival", [self.draws.weights[rival] for rival in rivals], {"units": "1"}),
            },
            coords={"rival": rivals, "parameter": list(self.draws.names)},
            attrs={"name": self.name, "date": self.draws.date, "file_sha256": self.draws.file_sha256},
        )

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a draw: its rival, the rival's weight, and the score of each parameter."""
        import pandas as pd

        return pd.concat(
            [
                pd.DataFrame(draws, columns=list(self.draws.names)).assign(
                    rival=rival, weight=self.draws.weights[rival]
                )
                for rival, draws in self.draws.draws.items()
            ],
            ignore_index=True,
        )

    def _document(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "date": self.draws.date or None,
            "file_sha256": self.draws.file_sha256,
            "weights": self.weights,
            "draws": {rival: len(draws) for rival, draws in self.draws.draws.items()},
            "parameters": list(self.draws.names),
            "made_of": dict(self.draws.made_of),
        }

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.tables import Table, label, number

        date = f" of {self.draws.date}" if self.draws.date else ""
        yield f"Posterior {self.name}{date}: {len(self.draws.names)} parameters"
        rows = [
            (rival, f"{self.draws.weights[rival]:.2f}", f"{len(draws):,}")
            for rival, draws in self.draws.draws.items()
        ]
        yield Table((label("rival"), number("weight"), number("draws")), rows)
