"""What comes of a trial: its prediction, and the size that reaches a power."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.report.tables import Table
    from calor.store.requests import Request
    from calor.study import Protocol
    from calor.trial.runs.pipeline import TrialRun


@dataclass(frozen=True, repr=False)
class TrialResult(Result):
    """A predicted trial.

    Arguments: the finished run; the document of `calor trial`; and when it was begun and how long it took.
    """

    finished: TrialRun
    document: dict[str, Any]
    occasion: dict[str, Any]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a simulated trial: its rival and world, the estimate, the arms' figures."""
        from calor.report.trial_run import replicate_table

        return replicate_table(self.finished.prediction, self.document["status"])

    @property
    def effects(self) -> pd.DataFrame:
        """The true effect in every world and rival, one row each, with the patients behind it."""
        from calor.report.trial_run import effect_table

        return effect_table(self.finished.prediction, self.document["status"])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The data of the first simulated trial in ADaM form, by data set: adsl, adeff, adppk."""
        from calor.report.trial_run import simulated_tables

        return simulated_tables(self.finished)

    def to_xarray(self) -> xr.Dataset:
        """Return by cell (a world under a rival) the true effect, and each arm's mean pain by study day.

        `effect` (cell) is active minus control in the endpoint's unit; `pain` (arm, cell, day) is in NRS
        points; `rival` and `world` (cell) say which cell it is.
        """
        import numpy as np
        import xarray as xr

        arms, effects = self.finished.prediction.arms, self.effects
        courses = np.stack([arm.course for arm in arms])
        return xr.Dataset(
            {
                "effect": (
                    "cell",
                    effects["effect"].to_numpy(),
                    {"units": self.document["contrast"]["unit"]},
                ),
                "pain": (("arm", "cell", "day"), courses, {"units": "NRS point"}),
            },
            coords={
                "rival": ("cell", effects["rival"].to_numpy(dtype=str)),
                "world": ("cell", effects["world"].to_numpy()),
                "arm": [arm.name for arm in arms],
                "day": ("day", np.arange(1, courses.shape[2] + 1), {"units": "day"}),
            },
            attrs={"trial": self.document["trial"]["id"], "status": self.document["status"]},
        )

    def plot_outcomes(self, arm: str | None = None) -> Figure:
        """Return what an arm changes in the six outcomes within the same person, over time.

        Arguments: the arm's name, None: the first active one. Raises InputError for an arm that is none of
        those, and UnsupportedError where the effect was assumed, since it is then one on the endpoint alone.
        """
        from calor.core.errors import InputError, UnsupportedError
        from calor.report.context.outcomes import outcomes_of
        from calor.report.outcomes_figure import draw_outcomes

        found = {entry["arm"]: entry for entry in outcomes_of(self.finished.ready)}
        if not found:
            raise UnsupportedError.of("the effect was assumed: other outcomes have none", key="plot_outcomes")
        if arm is not None and arm not in found:
            raise InputError.of(f"is {arm!r}", key="arm", allowed=", ".join(found))
        return draw_outcomes(found[arm] if arm is not None else next(iter(found.values())))

    def plot(self) -> Figure:
        """Return the figure of `calor trial`: courses of the arms, and the contrast by rival."""
        from calor.report.trial_figure import draw_trial

        courses = {arm.name: arm.course for arm in self.finished.prediction.arms}
        return draw_trial(self.document, courses)

    def save(self, folder: str | Path) -> Path:
        """Write the run folder that `calor trial` writes, and return it.

        Raises InputError where the folder holds something else or cannot be written.
        """
        from calor.report.trial_run import save_run
        from calor.store.active_run import active_run

        target = Path(folder)
        with active_run(target, self._request()) as run:
            if not run.is_done:
                save_run(self.finished, self.document, run.results)
                run.finish(self.document["provenance"], occasion=self.occasion)
        return target

    def _request(self) -> Request:
        """Return what `calor trial` would have been asked for the same."""
        from calor.core.host import made_with
        from calor.store.requests import Request
        from calor.trial.runs.provenance import protocol_asked

        ready = self.finished.ready
        protocol, settings = ready.protocol, ready.settings
        sizes = {name: getattr(settings, name) for name in ("seed", "worlds", "replicates", "decision_error")}
        documents = {"protocol": protocol_asked(protocol), "posterior": ready.scenario.origin()}
        return Request(
            command="trial",
            question=protocol.id,
            arguments=("trial", protocol.id),
            working_folder=str(Path.cwd()),
            asked={**sizes, **documents},
            made_with=made_with(),
            workers=settings.executor.workers,
        )

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.trial_table import trial_parts

        yield from trial_parts(self.document)


@dataclass(frozen=True, repr=False)
class TrialSize(Result):
    """The size that reaches a power. Arguments: the protocol, and the document of `calor trial --find n`."""

    protocol: Protocol
    document: dict[str, Any]

    @property
    def patients(self) -> int:
        """The smallest size that reaches the power."""
        return int(self.document["patients"])

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a size that was tried: its power with error, lowest and highest rival, enrolled."""
        from calor.report.trial_run import size_table

        return size_table(self.document)

    def plot(self) -> Figure:
        """Return the power of the sizes that were tried, with the range over rivals."""
        from calor.report.search_figure import draw_search

        return draw_search(self.document)

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.search_table import search_parts

        yield from search_parts(self.document)
