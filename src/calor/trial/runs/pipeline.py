"""A whole run of a trial: its stages (stages.py) put together, to its operating characteristics."""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.progress import Progress, Silent
from calor.study import Protocol
from calor.trial.bank.preparation import Prepared
from calor.trial.bank.scenario import ResultStatus, Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.results.caution import beside_power, power_warnings
from calor.trial.results.characteristics import (
    assurance_of,
    burden,
    own_numbers,
    performance,
    power_by_rival,
    power_of,
    type_one_error,
)
from calor.trial.results.conflict import borrowed_control
from calor.trial.results.controls import non_concurrent_controls
from calor.trial.results.corners import TypeOneError, error_at_corners
from calor.trial.results.individuals import individual_effects
from calor.trial.results.leaving_out import had_or_reason
from calor.trial.results.moving_shares import moving_shares_of
from calor.trial.results.operating_characteristics import Characteristics
from calor.trial.results.prediction import Prediction, predict
from calor.trial.results.run_in import run_in_found
from calor.trial.results.sites import sites_found
from calor.trial.results.subgroups import subgroup_effects
from calor.trial.results.tipping import TippingPoints, tipping_points
from calor.trial.results.truth import Truth
from calor.trial.runs.enough import Enough, simulate_enough
from calor.trial.runs.stages import Simulated, true_values


@dataclass(frozen=True)
class TrialRun:
    """A finished run: the trial as it was prepared, its prediction, its characteristics, and warnings."""

    ready: Prepared
    prediction: Prediction
    characteristics: Characteristics
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
    truth = true_values(ready)
    prediction = predict(ready, truth, replicates)
    characteristics, without = _characteristics(simulated, truth, progress)
    assurance = characteristics.assurance
    return TrialRun(
        ready=ready,
        prediction=prediction,
        characteristics=characteristics,
        warnings=(
            *ready.warnings,
            *enough.shortfall,
            *(assurance.warnings if assurance else ()),
            *power_warnings(ready.basis),
            *prediction.few_worlds,
            *prediction.without_trial_result,
            *characteristics.type_one_error.warnings,
            *(characteristics.borrowed.warnings if characteristics.borrowed else ()),
            *(characteristics.moving_shares.warnings if characteristics.moving_shares else ()),
            *(characteristics.controls.warnings if characteristics.controls else ()),
            *without,
        ),
    )


def _characteristics(
    simulated: Simulated, truth: Truth, progress: Progress
) -> tuple[Characteristics, tuple[str, ...]]:
    """Return the operating characteristics, and in words which of them cannot be had."""
    ready, replicates = simulated.ready, simulated.replicates
    plan, bank, weights, status = ready.plan, ready.bank, ready.weights, ready.scenario.status
    subgroups, left_out = subgroup_effects(bank, truth, weights)
    error = _type_one_error(simulated, progress)
    tipping, without = _tipping(ready, progress)
    found = Characteristics(
        plan=plan,
        scenario=ready.scenario,
        power=None if status is ResultStatus.PRIOR else power_of(bank, replicates),
        assurance=None if status is ResultStatus.ASSUMED else assurance_of(bank, replicates, weights),
        beside_power=beside_power(plan, power_by_rival(bank, replicates), ready.basis),
        type_one_error=error,
        estimator=tuple(performance(plan, bank, replicates, truth)),
        burden=burden(plan, bank, replicates),
        subgroups=subgroups,
        subgroups_left_out=left_out,
        tipping=tipping,
        individuals=individual_effects(ready, replicates, truth, progress),
        sites=sites_found(plan, replicates),
        run_in=run_in_found(ready, truth.by_cell(bank)[:, 0]),
        own_numbers=own_numbers(plan, bank, replicates),
        borrowed=borrowed_control(ready.mechanism_off(), progress),
        moving_shares=moving_shares_of(ready.mechanism_off(), simulated.null, progress),
        controls=non_concurrent_controls(ready.mechanism_off(), progress),
    )
    return found, without


def _type_one_error(simulated: Simulated, progress: Progress) -> TypeOneError:
    """Return the type I error, on average and at the corners of what is unknown."""
    off = simulated.ready.mechanism_off()
    analysis = off.plan.analysis
    return TypeOneError(
        alpha=analysis.asked.alpha if analysis.asked.margin is None else analysis.level,
        margin=analysis.asked.margin,
        average=type_one_error(off.bank, simulated.null),
        replicates=len(simulated.null),
        corners=error_at_corners(off, progress),
    )


def _tipping(ready: Prepared, progress: Progress) -> tuple[TippingPoints | None, tuple[str, ...]]:
    """Return the tipping points that a protocol asks for, or None and why there are none."""
    asked = ready.plan.analysis.asked.tipping_point
    if asked is None:
        return None, ()
    return had_or_reason("the tipping point", lambda: tipping_points(ready, asked, progress))
