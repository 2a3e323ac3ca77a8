"""From a protocol to its prediction: the stages, spelled once.

protocol -> courses (one compiled model per sequence) -> bank (lives, screening, potential courses)
-> replicates (allocation, events, diary, analysis by the design) -> prediction and operating characteristics.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.core.progress import Progress, Silent
from calor.model.disease import Disease
from calor.population.patients import Numbers
from calor.study import Protocol
from calor.trial.bank.bank import Bank
from calor.trial.bank.basis import Basis
from calor.trial.bank.courses import Courses
from calor.trial.bank.scenario import Scenario, Status
from calor.trial.bank.settings import RunSettings
from calor.trial.results.caution import power_by_rival, power_warnings
from calor.trial.results.characteristics import (
    Characteristics,
    assurance_of,
    burden,
    performance,
    power_of,
    type_one_error,
)
from calor.trial.results.corners import Corner, error_at_corners, unknown_corners
from calor.trial.results.leaving_out import had_or_reason
from calor.trial.results.prediction import Prediction, predict
from calor.trial.results.subgroups import subgroup_effects
from calor.trial.results.tipping import TippingPoints, tipping_points
from calor.trial.results.truth import truth_of
from calor.trial.runs.enough import simulate_enough


@dataclass(frozen=True)
class TrialRun:
    """A finished run: prediction, characteristics, what it rests on, the rivals' weights and more.

    `tipping` is None where the protocol asks for no tipping point.
    """

    prediction: Prediction
    characteristics: Characteristics
    scenario: Scenario
    basis: Basis
    courses: Courses
    weights: Numbers
    disease: Disease
    warnings: tuple[str, ...]
    model_sha256: str
    settings: RunSettings
    power_by_rival: dict[int, float]
    corners: tuple[Corner, ...]
    tipping: TippingPoints | None


def run_trial(
    protocol: Protocol,
    settings: RunSettings,
    progress: Progress | None = None,
    scenario: Scenario | None = None,
) -> TrialRun:
    """Predict a trial, under the priors or another scenario; raises as `prepare_trial` does."""
    watcher = progress or Silent()
    simulated = simulate_enough(protocol, settings, watcher, scenario or Scenario())
    ready, replicates, null = simulated.ready, simulated.replicates, simulated.null
    bank, weights = ready.bank, ready.weights
    truth = truth_of(protocol, bank, settings.seed)
    subgroups, left_out = subgroup_effects(bank, truth, weights)
    prediction = predict(protocol, bank, truth, replicates, ready.rivals, weights)
    status = ready.scenario.status
    assurance = None if status is Status.ASSUMED else assurance_of(bank, replicates, weights)
    characteristics = Characteristics(
        power=None if status is Status.PRIOR else power_of(bank, replicates),
        assurance=assurance,
        type_one_error=type_one_error(ready.null_bank, null),
        null_replicates=len(null),
        estimator=performance(protocol, bank, replicates, truth),
        burden=burden(protocol, bank, replicates),
        subgroups=subgroups,
        subgroups_left_out=left_out,
    )
    corners = error_at_corners(protocol, ready.null_bank, weights, simulated.settings, watcher)
    tipping, no_tipping = _tipping(protocol, bank, weights, settings.seed, watcher)
    return TrialRun(
        prediction,
        characteristics,
        ready.scenario,
        ready.basis,
        ready.courses,
        weights,
        ready.disease,
        (
            *ready.warnings,
            *simulated.shortfall,
            *(assurance.warnings if assurance else ()),
            *power_warnings(ready.basis),
            *prediction.without_trial_result,
            *unknown_corners(corners),
            *no_tipping,
        ),
        ready.model_sha256,
        simulated.settings,
        power_by_rival(bank, replicates),
        corners,
        tipping,
    )


def _tipping(
    protocol: Protocol, bank: Bank, weights: Numbers, seed: int, progress: Progress
) -> tuple[TippingPoints | None, tuple[str, ...]]:
    """Return the tipping points that a protocol asks for, or None and why there are none."""
    asked = protocol.analysis.tipping_point
    if asked is None:
        return None, ()
    return had_or_reason(
        "the tipping point", lambda: tipping_points(protocol, bank, weights, asked, seed, progress)
    )
