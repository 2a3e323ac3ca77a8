"""Freezing: every published trial forecast under its posterior and compared on its registered scale.

Held-out trials are forecast under the posterior that knows nothing of them, the others and the registered
ones under that for users' trials. The file is dated and names seed, sizes, versions and hashes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from calor.core.errors import InputError
from calor.core.progress import Progress
from calor.core.versions import versions
from calor.evidence.library import record
from calor.evidence.vocabulary import Direction
from calor.population.posterior import Posterior
from calor.store.piece_files import Arrays
from calor.store.pieces import Pieces
from calor.store.whole_files import read_json, write_whole_json
from calor.study import Protocol
from calor.study.assumed import assumed_in
from calor.study.library import trial_sha256
from calor.study.study import HELD_BACK, REGISTERED
from calor.trial.bank.preparation import Prepared, prepare_trial
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.forecast.accrual import accrual_document
from calor.trial.forecast.comparison import compared
from calor.trial.forecast.kinds import Of
from calor.trial.forecast.natural_course import course_document
from calor.trial.forecast.origin import rests_on
from calor.trial.forecast.samples import Trials, simulate_trials
from calor.trial.forecast.scales import (
    ForecastEntry,
    RegisteredEntry,
    load_scales,
    published_result,
)
from calor.trial.protocols.published import published_protocol, published_protocols
from calor.trial.results.over_cells import over_cells
from calor.trial.runs.stages import true_values


@dataclass(frozen=True)
class Posteriors:
    """Under what trials are forecast: the held-out ones, and all others; None stands for the priors."""

    held_out: Posterior | None
    others: Posterior | None

    def scenario(self, role: str) -> Scenario:
        """Return where the effect of a trial with a role comes from."""
        return Scenario(self.held_out if role == HELD_BACK else self.others)


def freeze(posteriors: Posteriors, settings: RunSettings, progress: Progress, today: date) -> dict[str, Any]:
    """Return the forecasts of all published and registered trials as JSON-like data.

    Arguments: the posteriors; the size of each run, with its replicates under every rival; who watches; and
    the date that the file bears. Raises Stopped when the watcher asked to stop.
    """
    scales, kept = load_scales(), settings.pieces
    trials = [
        _kept(kept, protocol.id, partial(_published, protocol, posteriors, settings, progress))
        for protocol in published_protocols().values()
        if protocol.role != REGISTERED
    ]
    registered = [
        _kept(kept, identifier, partial(_registered, identifier, entry, posteriors, settings, progress))
        for identifier, entry in scales.registered_trials.items()
    ]
    coming = posteriors.scenario(REGISTERED)
    courses = [
        _kept(kept, identifier, partial(course_document, identifier, entry, coming, settings, progress))
        for identifier, entry in scales.registered_courses.items()
    ]
    return {
        "date": today.isoformat(),
        "scales_registered": scales.registered.isoformat(),
        "made_with": {
            "seed": settings.seed,
            "worlds": settings.worlds,
            "replicates_under_each_rival": settings.replicates,
            "versions": versions(),
        },
        "trials": trials,
        "registered": registered,
        "courses": courses,
    }


def write_frozen(document: dict[str, Any], folder: Path) -> Path:
    """Write the file of a date into a folder, beside those that are there: none is ever written over.

    A file that says the same already is it. Raises InputError where it cannot be written.
    """
    day = document["date"]
    same = (path for path in sorted(folder.glob(f"{day}*.json")) if read_json(path) == document)
    path = next(same, frozen_path(folder, date.fromisoformat(day)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole_json(path, document)
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=path) from None
    return path


def frozen_path(folder: Path, today: date) -> Path:
    """Return where forecasts of a date go: `DATE.json`, or `DATE-2.json` and so on where that is taken."""
    path, number = folder / f"{today.isoformat()}.json", 1
    while path.exists():
        number += 1
        path = folder / f"{today.isoformat()}-{number}.json"
    return path


def _kept(pieces: Pieces, identifier: str, forecast: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return the forecast of a trial, from the pieces that are kept or made."""

    def make() -> Arrays:
        return {"document": np.array(json.dumps(forecast(), allow_nan=False))}

    found: dict[str, Any] = json.loads(str(pieces.kept(f"forecast of {identifier}", make)["document"]))
    return found


def _published(
    protocol: Protocol, posteriors: Posteriors, settings: RunSettings, progress: Progress
) -> dict[str, Any]:
    ready = prepare_trial(protocol, settings, progress, posteriors.scenario(protocol.role))
    trials = simulate_trials(ready, progress)
    identifier = protocol.record or protocol.id
    found = [
        compared(trials, entry, published_result(identifier, entry))
        for entry in load_scales().trials[protocol.id]
    ]
    comparison, also = found[0], found[1:]
    return {
        **_about(ready),
        "predicted_interval95": comparison["predicted_interval95"],
        "published": comparison["published"],
        "comparison": comparison,
        "covered": comparison["covered"],
        "also": also,
    }


def _registered(
    identifier: str,
    entry: RegisteredEntry,
    posteriors: Posteriors,
    settings: RunSettings,
    progress: Progress,
) -> dict[str, Any]:
    """Return the forecasts of a registered trial, or why there are none."""
    if not entry.forecasts:
        return {"id": identifier, "role": REGISTERED, "forecasts": [], "because": entry.because}
    protocol = published_protocol(identifier)
    ready = prepare_trial(protocol, settings, progress, posteriors.scenario(REGISTERED))
    trials = simulate_trials(ready, progress)
    return {
        **_about(ready),
        "forecasts": [_blind(trials, each) for each in entry.forecasts],
        "accrual": accrual_document(protocol.record or identifier, entry.accrual) if entry.accrual else None,
        "because": entry.because,
        "result_known": record(protocol.record or identifier).headline.direction is not Direction.NOT_READ,
    }


def _blind(trials: Trials, entry: ForecastEntry) -> dict[str, Any]:
    """Return one forecast of a trial without a result: over all rivals, and under each."""
    forecast = trials.forecast(entry.of)
    benefit = trials.shares(Direction.FAVOURS_ACTIVE).probability if entry.of is Of.CONTRAST else None
    return {
        "of": str(entry.of),
        "scale": entry.scale,
        "predicted_mean": forecast.mean,
        "predicted_interval95": forecast.interval.pair(),
        "probability_of_significant_benefit": benefit,
        "by_rival": [
            {
                "name": each.rival.name,
                "weight": each.weight,
                "predicted_mean": own.mean,
                "predicted_interval95": own.interval.pair(),
            }
            for each in trials.by_rival
            for own in [trials.forecast(entry.of, only=each)]
        ],
    }


def _about(ready: Prepared) -> dict[str, Any]:
    """Return what a forecast trial is and what its numbers rest on."""
    protocol, bank = ready.protocol, ready.bank
    return {
        **protocol.described(),
        "status": str(ready.scenario.status),
        "posterior": rests_on(ready.basis),
        "assumed": assumed_in(protocol),
        "effect": _effect(ready),
        "worlds": bank.counts.cells,
        "enrolled": bank.counts.eligible,
        "protocol_sha256": trial_sha256(protocol.id),
        "model_sha256": ready.model_sha256,
        "warnings": list(ready.warnings),
    }


def _effect(ready: Prepared) -> dict[str, Any]:
    """Return the true value of the primary contrast: mean, interval over worlds and rivals, rivals' means."""
    bank = ready.bank
    effect = over_cells(bank.cells, true_values(ready).by_cell(bank)[:, 0], ready.weights)
    return {
        "unit": ready.plan.analysis.unit,
        "predicted_mean": effect.mean.value,
        "effect_interval95": effect.interval.pair(),
        "range_over_rivals": effect.rival_range.pair(),
    }
