"""A whole run of a trial: its stages (stages.py) put together, to its operating characteristics."""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.progress import Progress, Silent
from calor.study import Protocol
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.scenario import Scenario, Status
from calor.trial.bank.settings import RunSettings
from calor.trial.results.caution import power_warnings
from calor.trial.results.characteristics import (
    Characteristics,
    assurance_of,
    burden,
    performance,
    power_by_rival,
    power_of,
    type_one_error,
)
from calor.trial.results.corners import Corner, error_at_corners, unknown_corners
from calor.trial.results.leaving_out import had_or_reason
from calor.trial.results.prediction import Prediction, predict
from calor.trial.results.subgroups import subgroup_effects
from calor.trial.results.tipping import TippingPoints, tipping_points
from calor.trial.results.truth import Truth
from calor.trial.runs.enough import Enough, simulate_enough
from calor.trial.runs.stages import Simulated, true_values


@dataclass(frozen=True)
class TrialRun:
    """A finished run: the trial as it was prepared, its prediction, its characteristics and more.

    `tipping` is None where the protocol asks for no tipping point.
    """

    ready: Prepared
    prediction: Prediction
    characteristics: Characteristics
    power_by_rival: dict[int, float]
    corners: tuple[Corner, ...]
    tipping: TippingPoints | None
    warnings: tuple[str, ...]


def run_trial(
    protocol: Protocol,
    settings: RunSettings,
    progress: Progress | None = None,
    scenario: Scenario | None = None,
) -> TrialRun:
    """Predict a trial, under the priors or another scenario; raises as `prepare_trial` does."""
    watcher = progress or Silent()
    return conclude(simulate_enough(protocol, settings, watcher, scenario or Scenario()), watcher)


def conclude(enough: Enough, progress: Progress) -> TrialRun:
    """Return what a simulated trial says."""
    simulated = enough.simulated
    ready, replicates = simulated.ready, simulated.replicates
    protocol, bank, weights = ready.protocol, ready.bank, ready.weights
    truth = true_values(ready)
    prediction = predict(protocol, bank, truth, replicates, ready.rivals, weights)
    characteristics = _characteristics(simulated, truth)
    corners = error_at_corners(protocol, ready.mechanism_off().bank, weights, ready.settings, progress)
    tipping, no_tipping = _tipping(ready, progress)
    assurance = characteristics.assurance
    return TrialRun(
        ready=ready,
        prediction=prediction,
        characteristics=characteristics,
        power_by_rival=power_by_rival(bank, replicates),
        corners=corners,
        tipping=tipping,
        warnings=(
            *ready.warnings,
            *enough.shortfall,
            *(assurance.warnings if assurance else ()),
            *power_warnings(ready.basis),
            *prediction.without_trial_result,
            *unknown_corners(corners),
            *no_tipping,
        ),
    )


def _characteristics(simulated: Simulated, truth: Truth) -> Characteristics:
    ready, replicates = simulated.ready, simulated.replicates
    protocol, bank, weights, status = ready.protocol, ready.bank, ready.weights, ready.scenario.status
    subgroups, left_out = subgroup_effects(bank, truth, weights)
    return Characteristics(
        power=None if status is Status.PRIOR else power_of(bank, replicates),
        assurance=None if status is Status.ASSUMED else assurance_of(bank, replicates, weights),
        type_one_error=type_one_error(ready.mechanism_off().bank, simulated.null),
        null_replicates=len(simulated.null),
        estimator=performance(protocol, bank, replicates, truth),
        burden=burden(protocol, bank, replicates),
        subgroups=subgroups,
        subgroups_left_out=left_out,
    )


def _tipping(ready: Prepared, progress: Progress) -> tuple[TippingPoints | None, tuple[str, ...]]:
    """Return the tipping points that a protocol asks for, or None and why there are none."""
    protocol = ready.protocol
    asked = protocol.analysis.tipping_point
    if asked is None:
        return None, ()
    return had_or_reason(
        "the tipping point",
        lambda: tipping_points(protocol, ready.bank, ready.weights, asked, ready.settings.seed, progress),
    )
