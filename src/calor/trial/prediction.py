"""What a trial is predicted to show: the effect with what is uncertain, and the result with sampling too.

Two intervals, never mixed. The interval of the effect spans worlds and rivals: what we do not know. The
interval of the trial's result adds who happens to be enrolled and how their diaries scatter.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.model.rivals import Rival
from calor.population.diary import blinded_change
from calor.population.patients import Numbers
from calor.trial.bank import Bank
from calor.trial.courses import diary_times
from calor.trial.protocol import Protocol
from calor.trial.replicates import Replicates, arm_roles, endpoint_windows

INTERVAL = (0.025, 0.975)


@dataclass(frozen=True)
class Interval:
    """A 95 % interval."""

    lower: float
    upper: float

    def pair(self) -> list[float]:
        """Return [lower, upper]."""
        return [self.lower, self.upper]


@dataclass(frozen=True)
class ArmPrediction:
    """What one arm is predicted to show.

    Arguments: name; patients per trial (mean over replicates); measured baseline; the endpoint's mean and
    SD between patients, means over replicates; and the mean pain on each study day by cell (n_cells, n_days).
    """

    name: str
    n: float
    baseline_mean: float
    endpoint_mean: float
    endpoint_sd: float
    course: Numbers


@dataclass(frozen=True)
class RivalPrediction:
    """The effect under one rival: weight, mean over worlds, 95 % interval over worlds, number of worlds."""

    rival: Rival
    weight: float
    predicted_mean: float
    effect_interval: Interval
    worlds: int


@dataclass(frozen=True)
class ContrastPrediction:
    """The contrast, active minus control.

    Arguments: its mean over rivals and worlds with the Monte Carlo error of that mean; the interval of the
    effect; the interval of a trial's result; and the range of the rivals' means.
    """

    label: str
    unit: str
    predicted_mean: float
    monte_carlo_error: float
    effect_interval: Interval
    trial_result_interval: Interval
    rival_range: Interval


@dataclass(frozen=True)
class Prediction:
    """Everything a run of a protocol predicts."""

    protocol: Protocol
    bank: Bank
    arms: tuple[ArmPrediction, ...]
    contrast: ContrastPrediction
    rivals: tuple[RivalPrediction, ...]
    cell_effects: Numbers
    replicates: Replicates


def predict(
    protocol: Protocol, bank: Bank, replicates: Replicates, rivals: tuple[Rival, ...], weights: Numbers
) -> Prediction:
    """Return the prediction from a bank and its replicates.

    Arguments: the protocol; the bank; its replicates; the rivals with the weight of each (n_rivals,).
    """
    patient_effects = true_effects(protocol, bank)
    effects = np.array([patient_effects[cell.start : cell.stop].mean() for cell in bank.cells])
    by_rival = _by_rival(bank, effects, rivals, weights)
    cell_weights = _weights_of_cells(bank, weights)
    estimates = replicates.effect[np.isfinite(replicates.effect)]
    contrast = ContrastPrediction(
        label=f"{_active_name(protocol)} minus {protocol.control_name}",
        unit="NRS points (0-10)",
        predicted_mean=float(cell_weights @ effects),
        monte_carlo_error=_monte_carlo_error(bank, effects, weights),
        effect_interval=weighted_interval(effects, cell_weights),
        trial_result_interval=Interval(*(float(bound) for bound in np.quantile(estimates, INTERVAL))),
        rival_range=Interval(
            min(rival.predicted_mean for rival in by_rival), max(rival.predicted_mean for rival in by_rival)
        ),
    )
    arms = tuple(_arm(protocol, bank, replicates, position) for position in range(len(protocol.arms)))
    return Prediction(protocol, bank, arms, contrast, by_rival, effects, replicates)


def true_effects(protocol: Protocol, bank: Bank) -> Numbers:
    """Return each patient's true effect on the endpoint, active minus control, averaged over periods (n,)."""
    active, control = arm_roles(protocol)
    windows = endpoint_windows(protocol)
    effect = np.zeros(bank.pain.shape[1])
    for period, window in enumerate(windows):
        arm_of = [sequence[period] for sequence in protocol.sequences]
        level = {arm: bank.pain[arm_of.index(arm), :, window].mean(axis=1) for arm in (active, control)}
        effect += (level[active] - level[control]) / len(windows)
    return effect


def weighted_interval(values: Numbers, weights: Numbers) -> Interval:
    """Return the 2.5 % and 97.5 % quantiles of a weighted sample (midpoints of the weights' steps)."""
    order = np.argsort(values)
    steps = np.cumsum(weights[order]) - weights[order] / 2
    lower, upper = np.interp(INTERVAL, steps / weights.sum(), values[order])
    return Interval(float(lower), float(upper))


def _active_name(protocol: Protocol) -> str:
    return protocol.arms[arm_roles(protocol)[0]].name


def _weights_of_cells(bank: Bank, weights: Numbers) -> Numbers:
    rivals = _rival_of_cells(bank)
    share = weights[rivals] / np.bincount(rivals, minlength=len(weights))[rivals]
    return np.asarray(share / share.sum())


def _rival_of_cells(bank: Bank) -> NDArray[np.int64]:
    return np.array([cell.rival for cell in bank.cells])


def _by_rival(
    bank: Bank, effects: Numbers, rivals: tuple[Rival, ...], weights: Numbers
) -> tuple[RivalPrediction, ...]:
    """Return the prediction under each rival in which the trial can run in some world."""
    of_cell = _rival_of_cells(bank)
    found = []
    for index, rival in enumerate(rivals):
        own = effects[of_cell == index]
        if len(own):
            interval = weighted_interval(own, np.ones(len(own)))
            found.append(RivalPrediction(rival, float(weights[index]), float(own.mean()), interval, len(own)))
    return tuple(found)


def _monte_carlo_error(bank: Bank, effects: Numbers, weights: Numbers) -> float:
    """Return the error of the mean effect from the finite number of worlds and patients.

    sqrt(sum over rivals of w^2 s^2 / n), with s the SD of the worlds' means, which holds patient noise too.
    """
    of_cell = _rival_of_cells(bank)
    variance = 0.0
    for index in np.unique(of_cell):
        own = effects[of_cell == index]
        spread = own.var(ddof=1) if len(own) > 1 else 0.0
        variance += (weights[index] / weights[np.unique(of_cell)].sum()) ** 2 * spread / len(own)
    return float(np.sqrt(variance))


def _arm(protocol: Protocol, bank: Bank, replicates: Replicates, position: int) -> ArmPrediction:
    first_period = [sequence[0] for sequence in protocol.sequences].index(position)
    level = bank.pain[first_period] + blinded_change(bank.habits, diary_times(bank.pain.shape[2]))
    course = np.array([level[cell.start : cell.stop].mean(axis=0) for cell in bank.cells])
    return ArmPrediction(
        name=protocol.arms[position].name,
        n=float(replicates.randomised[:, position].mean()),
        baseline_mean=float(replicates.baseline_mean[:, position].mean()),
        endpoint_mean=float(replicates.endpoint_mean[:, position].mean()),
        endpoint_sd=float(replicates.endpoint_sd[:, position].mean()),
        course=np.clip(course, 0.0, 10.0),
    )
