"""How far a headline prediction rests on each assumed number: one prior SD up and down, the rest held.

The same people live in the typical world and in every changed one (common random numbers), so that a
difference is the number's and not chance. With people i of the study, entered or not (e), and value v:

    prediction = sum e v / sum e,    change = prediction(changed) - prediction(typical)

The error of a change is the SD over people of e1 (v1 - m1) / mean e1 - e0 (v0 - m0) / mean e0, by sqrt n.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError
from calor.core.progress import SILENT, Progress, stop_if_requested
from calor.core.provenance import NumberStatus
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.engine.batch import Status as Outcome
from calor.model.parameters import Parameter, ParameterTable, Scale
from calor.model.rivals import Rival
from calor.population.course import Treatment
from calor.population.giving import calendars_of
from calor.population.patients import Patients, draw_patients
from calor.population.screening import screen
from calor.population.simulation import simulate_people
from calor.study.population import PopulationPart

PAIN = "pain_nrs"
FOR_DIFFERENCES = Options(rtol=1e-5, atol=1e-7)
"""Closer than people are simulated elsewhere: what is asked for is what a small change of a number does."""
FEWEST = 5
"""A prediction from fewer people than this says nothing."""


@dataclass(frozen=True)
class Measured:
    """A prediction's raw material: each person's value (n,) and whether the person counts (n,)."""

    values: Numbers
    counts: NDArray[np.bool_]

    @property
    def mean(self) -> float:
        """The prediction: the mean over those who count, NaN where nobody does."""
        return float(self.values[self.counts].mean()) if self.counts.any() else float("nan")

    @property
    def influence(self) -> Numbers:
        """Each person's influence on the prediction, (n,)."""
        centred = np.where(self.counts, self.values - self.mean, 0.0)
        return np.asarray(centred / self.counts.mean())


Prediction = Callable[[Patients, Options], Measured]


@dataclass(frozen=True)
class Swing:
    """What one number does to the prediction.

    Arguments: the parameter; its value one prior SD down and up; the change of the prediction at each, with
    the Monte Carlo error of the larger one.
    """

    parameter: Parameter
    low: float
    high: float
    change_low: float
    change_high: float
    error: float

    @property
    def size(self) -> float:
        """The larger of the two changes."""
        return max(abs(self.change_low), abs(self.change_high))


@dataclass(frozen=True)
class Sensitivity:
    """A headline prediction at the typical numbers, the share of people that count, and every swing."""

    typical: float
    share_counted: float
    swings: tuple[Swing, ...]


@dataclass(frozen=True)
class SensitivitySettings:
    """The seed, the number of people (shared out among the rivals), and the solver's options."""

    seed: int = 1
    people: int = 480
    options: Options = FOR_DIFFERENCES


def untreated_level(treatment: Treatment, output: str, months: float) -> Prediction:
    """Return the prediction of an output's mean over all injured people, months after the injury."""

    def predict(people: Patients, options: Options) -> Measured:
        at = np.array([months * DAYS_PER_MONTH])
        result = simulate_people(treatment.kernel, people, at, (output,), options)
        return Measured(result.outputs[:, 0, 0], np.asarray(result.status == Outcome.FINISHED))

    return predict


@dataclass(frozen=True)
class TrialContrast:
    """A trial's true contrast: active minus control, in people who may enter.

    Arguments: the untreated disease and both treatments; who may enter; the first and last study day of the
    endpoint; and the stream of the study.
    """

    untreated: Treatment
    active: Treatment
    control: Treatment
    population: PopulationPart
    from_day: int
    to_day: int
    stream: Stream

    def __call__(self, people: Patients, options: Options) -> Measured:
        """Return each person's difference of mean true pain over the endpoint, and who may enter."""
        before = screen(self.population, self.untreated.kernel, people, self.stream, options, SILENT)
        days_of_endpoint = np.arange(self.from_day - 1, self.to_day, dtype=np.float64) + 0.5
        lived = before.history.lived
        level: list[Numbers] = []
        for treatment in (self.active, self.control):
            after = simulate_people(
                treatment.kernel, people, days_of_endpoint, (PAIN,), options,
                standing=before.history.standing, calendars=calendars_of(treatment.given, people),
            )  # fmt: skip
            lived = lived & (after.status == Outcome.FINISHED)
            level.append(after.outputs[:, :, 0].mean(axis=1))
        return Measured(level[0] - level[1], lived & before.eligible)


def sensitivity_of(
    prediction: Prediction,
    table: ParameterTable,
    rivals: Sequence[Rival],
    settings: SensitivitySettings,
    progress: Progress,
) -> Sensitivity:
    """Return how far a prediction rests on every assumed number with a prior, the largest swing first.

    Arguments: the prediction; the numbers of disease and drugs; the rivals, each lived by an equal share of
    the people (a rival's own numbers stay as it holds them); settings. Raises InputError when fewer than
    `FEWEST` people count in any world.
    """
    people = _People(table, rivals, settings)

    def measured(changed: Mapping[str, float]) -> Measured:
        return _enough(prediction(people.at(changed), settings.options), changed)

    typical = measured({})
    assumed = [row for row in table if row.status is NumberStatus.ASSUMED and row.scale is not Scale.FIXED]
    progress.start("one number at a time", len(assumed))
    swings = []
    for row in assumed:
        stop_if_requested(progress)
        low, high = (float(value) for value in row.at(np.array([-1.0, 1.0])))
        changed = [measured({row.identifier: value}) for value in (low, high)]
        swings.append(_swing(row, (low, high), typical, changed))
        progress.advance()
    swings.sort(key=lambda swing: -swing.size)
    return Sensitivity(typical.mean, float(typical.counts.mean()), tuple(swings))


def _enough(measured: Measured, changed: Mapping[str, float]) -> Measured:
    count = int(measured.counts.sum())
    if count < FEWEST:
        world = ", ".join(f"{name} = {value:.3g}" for name, value in changed.items()) or "the typical numbers"
        raise InputError.of(
            f"only {count} of {len(measured.counts)} people count with {world}",
            key="--people",
            allowed=f"enough that {FEWEST} count in every world",
            hint="ask for more people",
        )
    return measured


class _People:
    """The same people, in worlds that differ from the typical one in chosen numbers."""

    def __init__(self, table: ParameterTable, rivals: Sequence[Rival], settings: SensitivitySettings) -> None:
        self._table = table
        self._rivals = rivals
        self._stream = Stream(settings.seed).child("sensitivity")
        self._numbers = np.arange(settings.people)
        self._rows = self._numbers % len(rivals)

    def at(self, changed: Mapping[str, float]) -> Patients:
        """Return the people where some numbers are changed, except those that a person's rival holds."""
        worlds = {
            row.identifier: np.array(
                [
                    rival.sets.get(row.identifier, changed.get(row.identifier, row.value))
                    for rival in self._rivals
                ]
            )
            for row in self._table
        }
        return draw_patients(self._table, worlds, self._stream, self._numbers, self._rows)


def _swing(
    row: Parameter, values: tuple[float, float], typical: Measured, changed: Sequence[Measured]
) -> Swing:
    errors = [
        float(np.std(one.influence - typical.influence, ddof=1) / np.sqrt(len(one.values))) for one in changed
    ]
    return Swing(
        row, *values, changed[0].mean - typical.mean, changed[1].mean - typical.mean, max(errors)
    )  # fmt: skip
