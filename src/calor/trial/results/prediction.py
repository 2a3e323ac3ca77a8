"""What a trial is predicted to show: the effect with what is uncertain, and the result with sampling too.

Two intervals, never mixed. The interval of the effect spans worlds and rivals: what we do not know. The
interval of the trial's result adds who happens to be enrolled and how their diaries scatter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.model.rivals import Rival
from calor.population.diary import blinded_change
from calor.study import Protocol
from calor.therapy.safety import ExpectedEvents
from calor.trial.bank.bank import Bank
from calor.trial.bank.courses import diary_times
from calor.trial.bank.intervals import BOUNDS, FEWEST_FOR_INTERVAL, Interval
from calor.trial.bank.preparation import Prepared
from calor.trial.designs.replicates import Replicates
from calor.trial.protocols.plan import Plan
from calor.trial.results.harm import expected_harm
from calor.trial.results.monte_carlo import known_or_none
from calor.trial.results.over_cells import OverCells, UnderRival, over_cells
from calor.trial.results.truth import Truth


@dataclass(frozen=True)
class ArmPrediction:
    """What one arm is predicted to show.

    Arguments: name; patients per trial (mean over replicates); measured baseline; the endpoint's mean and
    SD between patients, means over the replicates that measured them (NaN: none did); the mean pain on each
    study day by cell (n_cells, n_days); the shares of patients who stop, take rescue and are lost before
    the endpoint's last day; and the adverse events to expect.
    """

    name: str
    n: float
    baseline_mean: float
    endpoint_mean: float
    endpoint_sd: float
    course: Numbers
    stopped: float
    rescued: float
    lost: float
    expected_events: tuple[ExpectedEvents, ...]

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "name": self.name,
            "n": round(self.n, 1),
            "baseline_mean": self.baseline_mean,
            "endpoint_mean": known_or_none(self.endpoint_mean),
            "endpoint_sd": known_or_none(self.endpoint_sd),
            "stopped": self.stopped,
            "rescued": self.rescued,
            "lost": self.lost,
            "expected_events": [event.to_document() for event in self.expected_events],
        }


@dataclass(frozen=True)
class RivalPrediction:
    """The true effect under one rival, with the rival's weight."""

    rival: Rival
    weight: float
    effect: UnderRival

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        return {
            "name": self.rival.name,
            "says": self.rival.says,
            "weight": self.weight,
            **self.effect.to_document(),
        }


@dataclass(frozen=True)
class ContrastPrediction:
    """The contrast, active minus control.

    Arguments: its name and unit; the true effect over rivals and worlds; and the interval of a trial's
    result, None where no trial gave an estimate.
    """

    label: str
    unit: str
    effect: OverCells
    trial_result_interval: Interval | None

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data."""
        result = self.trial_result_interval
        return {
            "label": self.label,
            "unit": self.unit,
            **self.effect.to_document(),
            "trial_result_interval95": result.pair() if result else None,
        }


@dataclass(frozen=True)
class Prediction:
    """Everything a run of a protocol predicts; `true_effects` is (n_cells, n_contrasts)."""

    protocol: Protocol
    bank: Bank
    arms: tuple[ArmPrediction, ...]
    contrasts: tuple[ContrastPrediction, ...]
    rivals: tuple[RivalPrediction, ...]
    true_effects: Numbers
    replicates: Replicates

    @property
    def contrast(self) -> ContrastPrediction:
        """The primary contrast: the first active arm against control."""
        return self.contrasts[0]

    @property
    def few_worlds(self) -> tuple[str, ...]:
        """A warning where the intervals under the rivals rest on too few worlds."""
        fewest = min(rival.effect.worlds for rival in self.rivals)
        if fewest >= FEWEST_FOR_INTERVAL:
            return ()
        every = len(self.bank.cells) < FEWEST_FOR_INTERVAL
        which = "every interval of the effect" if every else "an interval of the effect under a rival"
        return (
            f"{which} runs from the lowest to the highest world: a rival has {fewest} worlds, fewer than "
            f"{FEWEST_FOR_INTERVAL}; ask for more --worlds",
        )

    @property
    def without_trial_result(self) -> tuple[str, ...]:
        """A warning for each contrast of which no trial gave an estimate."""
        return tuple(
            f"the trial result of {contrast.label} cannot be had: no simulated trial gave an estimate"
            for contrast in self.contrasts
            if contrast.trial_result_interval is None
        )


def predict(ready: Prepared, truth: Truth, replicates: Replicates) -> Prediction:
    """Return the prediction of a trial.

    Arguments: the trial with its bank, what its question asks for, and its replicates. Raises InputError
    where no replicate gave an estimate of any contrast.
    """
    if not np.isfinite(replicates.effects).any():
        raise InputError.of(
            "no simulated trial gave an estimate", key="patients", hint="enrol more patients, or lose fewer"
        )
    plan, bank = ready.plan, ready.bank
    true = truth.by_cell(bank)
    contrasts = tuple(
        ContrastPrediction(
            label=label,
            unit=plan.analysis.unit,
            effect=over_cells(bank.cells, true[:, place], ready.weights),
            trial_result_interval=_interval(replicates.effects[:, place]),
        )
        for place, label in enumerate(plan.layout.contrasts)
    )
    patients, rescued = replicates.randomised.mean(axis=0), replicates.rescued.mean(axis=0)
    harm = expected_harm(plan, patients.tolist(), (patients * rescued).tolist())
    arms = tuple(_arm(plan, bank, replicates, place, events) for place, events in enumerate(harm))
    return Prediction(
        protocol=plan.protocol,
        bank=bank,
        arms=arms,
        contrasts=contrasts,
        rivals=tuple(
            RivalPrediction(ready.rivals[index], float(ready.weights[index]), under)
            for index, under in contrasts[0].effect.by_rival.items()
        ),
        true_effects=true,
        replicates=replicates,
    )


def _interval(estimates: Numbers) -> Interval | None:
    """Return the 95 % interval of estimates (r,), None where there is none."""
    finite = estimates[np.isfinite(estimates)]
    return Interval(*(float(bound) for bound in np.quantile(finite, BOUNDS))) if len(finite) else None


def _arm(
    plan: Plan,
    bank: Bank,
    replicates: Replicates,
    position: int,
    expected_events: tuple[ExpectedEvents, ...],
) -> ArmPrediction:
    level = bank.pain[bank.course_of[plan.layout.by_itself[position, 0], 0, 0]]
    if plan.assessments.placebo_response:
        level = level + blinded_change(bank.habits, diary_times(bank.pain.shape[2]))
    course = np.array([level[cell.start : cell.stop].mean(axis=0) for cell in bank.cells])
    return ArmPrediction(
        name=plan.layout.arms[position],
        n=float(replicates.randomised[:, position].mean()),
        baseline_mean=float(replicates.baseline_mean[:, position].mean()),
        endpoint_mean=_mean_of_known(replicates.endpoint_mean[:, position]),
        endpoint_sd=_mean_of_known(replicates.endpoint_sd[:, position]),
        course=np.clip(course, 0.0, 10.0),
        stopped=float(replicates.stopped[:, position].mean()),
        rescued=float(replicates.rescued[:, position].mean()),
        lost=float(replicates.lost[:, position].mean()),
        expected_events=expected_events,
    )


def _mean_of_known(values: Numbers) -> float:
    """Return the mean of what is known, NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")
