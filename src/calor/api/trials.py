"""Trials: a protocol that is simulated many times, or whose size is searched."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from calor.api.studies import Study
from calor.api.trial_results import TrialResult, TrialSize
from calor.api.words import scenario_from, seed_of, workers_of
from calor.core.errors import InputError
from calor.core.executors import Threads

if TYPE_CHECKING:
    from calor.api.posteriors import Posterior
    from calor.study import Protocol
    from calor.trial.bank.settings import RunSettings


class Trial:
    """A trial that can be run: a protocol.

    Arguments: a protocol, or a study that is designed as a trial. Raises InputError for another study.
    """

    def __init__(self, protocol: Protocol | Study) -> None:
        from calor.study import Protocol

        definition = protocol.definition if isinstance(protocol, Study) else protocol
        if not isinstance(definition, Protocol):
            raise InputError.of(
                "is a study without a design, so it cannot be run as a trial",
                key=getattr(definition, "id", None),
                hint="calor.Trial.published(ID) runs one that ships",
            )
        self.protocol: Protocol = definition

    @classmethod
    def from_file(cls, path: str | Path) -> Trial:
        """Return the trial of a protocol file (YAML).

        Raises InputError with every problem, its line and key, and UnsupportedError, by name, for what calor
        does not support.
        """
        from calor.trial.protocols.reading import read_protocol

        return cls(read_protocol(Path(path)))

    @classmethod
    def published(cls, identifier: str) -> Trial:
        """Return a published trial by id. Raises InputError, with the nearest ids, for any other name."""
        from calor.trial.runs.named import find_protocol

        return cls(find_protocol(identifier))

    @property
    def id(self) -> str:
        """The trial's id."""
        return self.protocol.id

    @property
    def title(self) -> str:
        """The trial's title."""
        return self.protocol.title

    def __repr__(self) -> str:
        """Return the trial's id and title."""
        return f"<Trial: {self.id}: {self.title}>"

    def run(
        self,
        *,
        worlds: int = 40,
        replicates: int = 2000,
        seed: int = 1,
        posterior: Posterior | str | Path | None = None,
        assume_effect: float | None = None,
        mc_error: float | None = None,
        set: Mapping[str, float] | None = None,
        workers: int | None = None,
    ) -> TrialResult:
        """Predict the trial, as `calor trial` does.

        Arguments: draws of what is uncertain about everybody, under each rival; simulated trials; the seed;
        the posterior (name, file or `prior`; without: `validation` for held-back trials, else `product`); an
        effect to assume instead of the drugs' own, active minus control; more trials and worlds until the
        Monte Carlo error is so small; numbers to hold at a value; threads (they change no number).
        Raises InputError for a setting out of bounds, UnsupportedError for what calor cannot do.
        """
        from calor.trial.runs.document import result_document
        from calor.trial.runs.pipeline import run_trial
        from calor.trial.runs.provenance import origin_of

        settings = _settings(worlds, replicates, mc_error, seed, workers)
        scenario = scenario_from(posterior, {self.protocol.role}, assume_effect, set)
        started, clock = datetime.now(UTC).isoformat(timespec="seconds"), time.monotonic()
        run = run_trial(self.protocol, settings, scenario=scenario)
        occasion = {"started": started, "seconds": round(time.monotonic() - clock, 2)}
        origin = origin_of(run.ready, len(run.prediction.replicates))
        return TrialResult(run, result_document(run, origin), occasion)

    def find_size(
        self,
        *,
        power: float = 0.8,
        worlds: int = 40,
        replicates: int = 2000,
        seed: int = 1,
        posterior: Posterior | str | Path | None = None,
        assume_effect: float | None = None,
        mc_error: float | None = None,
        set: Mapping[str, float] | None = None,
        workers: int | None = None,
    ) -> TrialSize:
        """Return the smallest size that reaches a power, as `calor trial --find n` does.

        Arguments: the power to reach; the others as for `run`. Raises UnsupportedError under priors that were
        set by hand, from which no power is quoted, and InputError where no size reaches the power.
        """
        from calor.core.progress import SILENT
        from calor.trial.bank.run_bounds import POWER
        from calor.trial.runs.document import search_document
        from calor.trial.runs.provenance import origin_of
        from calor.trial.runs.sizing import search_size

        target = POWER.number(power, "--power")
        settings = _settings(worlds, replicates, mc_error, seed, workers)
        scenario = scenario_from(posterior, {self.protocol.role}, assume_effect, set)
        ready, search = search_size(self.protocol, scenario, settings, target, SILENT)
        origin = origin_of(ready, settings.replicates)
        document = search_document(ready, search, origin)
        return TrialSize(self.protocol, document)


def _settings(
    worlds: int, replicates: int, mc_error: float | None, seed: int, workers: int | None
) -> RunSettings:
    """Return the size of a run. Raises InputError, naming the option, for what is out of bounds."""
    from calor.trial.bank.run_bounds import MC_ERROR, REPLICATES, WORLDS
    from calor.trial.bank.settings import RunSettings

    return RunSettings(
        seed=seed_of(seed),
        executor=Threads(workers_of(workers)),
        worlds=WORLDS.whole(worlds, "--worlds"),
        replicates=REPLICATES.whole(replicates, "--replicates"),
        decision_error=None if mc_error is None else MC_ERROR.number(mc_error, "--mc-error"),
    )
