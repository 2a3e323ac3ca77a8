"""Studies, and trials that are predicted before anybody is enrolled."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.api.results import Result
from calor.api.words import scenario_from, seed_of, workers_of
from calor.core.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from rich.text import Text

    from calor.api.posteriors import Posterior
    from calor.report.tables import Table
    from calor.study import Protocol
    from calor.study import study as studies
    from calor.trial.runs.pipeline import TrialRun


@dataclass(frozen=True)
class Study:
    """Who was given what and measured how. Arguments: the study as it was read and checked."""

    checked: studies.Study

    @classmethod
    def from_file(cls, path: str | Path) -> Study:
        """Return the study of a YAML file, checked as a trial too where it has a design.

        Raises InputError with every problem, its line and key, and UnsupportedError for what is known
        elsewhere and not supported here.
        """
        from calor.study import Protocol
        from calor.study.reading import read_study
        from calor.trial.protocols.reading import read_protocol

        study = read_study(Path(path))
        return cls(read_protocol(Path(path)) if isinstance(study, Protocol) else study)

    @classmethod
    def published(cls, identifier: str) -> Study:
        """Return a study that ships, by its id. Raises InputError for any other id."""
        from calor.study.library import study, study_ids

        if identifier not in study_ids():
            raise InputError.of(f"no study {identifier!r} ships", allowed=", ".join(study_ids()))
        return cls(study(identifier))

    def to_document(self) -> dict[str, Any]:
        """Return the study as JSON-ready data."""
        return self.checked.model_dump(mode="json", exclude_none=True)


class Trial:
    """A study that is designed as a trial, to be predicted."""

    def __init__(self, study: Study) -> None:
        """Take a study with a design. Raises InputError for one without."""
        from calor.study import Protocol

        if not isinstance(study.checked, Protocol):
            raise InputError.of(f"study {study.checked.id} has no design", hint="Trial needs a `design`")
        self.protocol: Protocol = study.checked

    @classmethod
    def from_file(cls, path: str | Path) -> Trial:
        """Return the trial of a protocol file. Raises InputError with every problem, its line and key."""
        from calor.trial.protocols.reading import read_protocol

        return cls(Study(read_protocol(Path(path))))

    @classmethod
    def published(cls, identifier: str) -> Trial:
        """Return a published trial by its id, as `calor trials` lists them. Raises InputError for others."""
        from calor.study.library import trial_ids
        from calor.trial.protocols.published import published_protocol

        if identifier not in trial_ids():
            raise InputError.of(f"{identifier!r} is no published trial", allowed=", ".join(trial_ids()))
        return cls(Study(published_protocol(identifier)))

    def run(
        self,
        *,
        seed: int = 1,
        worlds: int = 40,
        replicates: int = 2000,
        mc_error: float | None = None,
        posterior: Posterior | str | Path | None = None,
        assume_effect: float | None = None,
        values: Mapping[str, float] | None = None,
        workers: int | None = None,
    ) -> TrialResult:
        """Return the prediction, the same as that of `calor trial` with the same settings.

        Arguments: the seed; draws of what is uncertain about everybody; simulated trials; the Monte Carlo
        error (1 SE) of power, assurance and type I error to reach with more of both; a posterior, its name
        or file, or `prior` (without: the one that such trials take); an effect on the endpoint to assume
        instead; typical values to hold; threads (without: one a core), which change no number.
        Raises InputError for a setting out of bounds and UnsupportedError for what cannot be run.
        """
        from calor.trial.bank.settings import MC_ERROR, REPLICATES, WORLDS, RunSettings
        from calor.trial.runs.document import result_document
        from calor.trial.runs.pipeline import run_trial
        from calor.trial.runs.provenance import occasion_of, origin_of

        began, clock = datetime.now(UTC), time.monotonic()
        settings = RunSettings(
            seed=seed_of(seed),
            workers=workers_of(workers),
            worlds=WORLDS.whole(worlds, "worlds"),
            replicates=REPLICATES.whole(replicates, "replicates"),
            decision_error=None if mc_error is None else MC_ERROR.number(mc_error, "mc_error"),
        )
        scenario = scenario_from(posterior, [self.protocol.role], assume_effect, values)
        run = run_trial(self.protocol, settings, scenario=scenario)
        count = len(run.prediction.replicates)
        origin = origin_of(run.ready, count)
        return TrialResult(run, result_document(run, {**origin, **occasion_of(began, clock)}))


@dataclass(frozen=True, repr=False)
class TrialResult(Result):
    """A predicted trial. Arguments: the run, and its document."""

    run: TrialRun
    document: dict[str, Any]

    def to_pandas(self) -> pd.DataFrame:
        """Return one row a simulated trial."""
        from calor.report.trial_run import replicate_table

        return replicate_table(self.run.prediction, self.document["status"])

    def plot(self) -> Figure:
        """Return the figure of the run folder: courses of the arms, and the contrast."""
        from calor.report.trial_figure import draw_trial

        return draw_trial(self.document, {arm.name: arm.course for arm in self.run.prediction.arms})

    def _document(self) -> dict[str, Any]:
        return self.document

    def _parts(self) -> Iterator[str | Text | Table]:
        from calor.report.trial_table import trial_parts

        return trial_parts(self.document)
