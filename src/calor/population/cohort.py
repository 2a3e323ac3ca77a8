"""A virtual patient, or a cohort of them, chosen by traits: people are sampled and screened, and counted.

A candidate is a person in a world under a rival explanation. In a cohort every member is another person in
another world. One virtual patient is one person in the many worlds in which they have the traits, so that
the spread of their courses is what is not known, and not how people differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError
from calor.core.progress import Progress, stop_if_requested
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options, Status
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival
from calor.population.items import NEEDED_OUTPUTS, examine
from calor.population.patients import Identifiers, Patients, draw_patients
from calor.population.severity import meets_budapest_clinical
from calor.population.simulation import Standing, simulate_people
from calor.population.traits import Cytokines, Phenotype, Traits
from calor.population.uncertainty import restricted

RAISED_TNF = 31.0
"""TNF in the affected limb's blister fluid that counts as high, pg/mL: the published median (A03)."""
ROUND = 600
"""How many candidates a round of screening has; rounds are whole, so that what is counted is too."""
ROUNDS_AT_ONCE = 8
"""How many rounds are simulated together at most: what is asked of all at once costs half as much."""
MOST_SCREENED = 60_000
SCREENING_OUTPUTS = (*NEEDED_OUTPUTS, "tnf_tissue")


@dataclass(frozen=True)
class Cohort:
    """Virtual patients with the traits, on the day of screening.

    Arguments: the patients (n,), the rival of each (n,), where they stand, and how many candidates were
    screened, how many could not be simulated, and how many persons stand behind the rows.
    """

    patients: Patients
    rivals: NDArray[np.int64]
    standing: Standing
    screened: int
    failed: int
    persons: int


@dataclass(frozen=True)
class Screened:
    """Candidates who have the traits, on the day of screening.

    Arguments: the patients (n,), the rival of each (n,), where they stand; and the worlds of the candidates
    who could not be simulated (n_failed,).
    """

    patients: Patients
    rivals: NDArray[np.int64]
    standing: Standing
    failed: Identifiers


WorldsAt = Callable[[ParameterTable, Rival, Stream, NDArray[np.int64]], dict[str, Numbers]]
"""What gives population values (n,) by parameter in numbered worlds (n,) under a rival."""

GOLDEN = (np.sqrt(5.0) - 1.0) / 2.0
"""Steps of this share, modulo 1, spread more evenly than random numbers do."""


@dataclass(frozen=True)
class Screening:
    """What is needed to screen.

    Arguments: the untreated kernel; all parameters; the rivals, with the weight of each (n_rivals,); where
    the worlds come from; the stream of the study; and the solver's options.
    """

    kernel: Kernel
    table: ParameterTable
    rivals: tuple[Rival, ...]
    weights: Numbers
    worlds: WorldsAt
    stream: Stream
    options: Options


def find_cohort(setting: Screening, traits: Traits, size: int, progress: Progress) -> Cohort:
    """Return a cohort of different people, each in a world of its own.

    Raises InputError when the traits are so rare that `MOST_SCREENED` candidates do not hold enough.
    """
    progress.start("screening", size)
    parts: list[Screened] = []
    screened = have = 0
    while have < size:
        stop_if_requested(progress)
        if screened >= MOST_SCREENED:
            raise _too_rare(have, size, screened)
        numbers = np.arange(screened, screened + _candidates_next(size, have, screened))
        part = screen(setting, traits, numbers, numbers)
        parts.append(part)
        screened, have = screened + len(numbers), have + len(part.patients)
        progress.advance(min(len(part.patients), size))
    return _joined(parts, size)


def _candidates_next(size: int, have: int, screened: int) -> int:
    """Return how many candidates to screen next: in whole rounds, as many as should hold who is wanted."""
    rounds = math.ceil((size - have) * screened / max(have, 1) / ROUND)
    left = math.ceil((MOST_SCREENED - screened) / ROUND)
    return min(max(rounds, 1), ROUNDS_AT_ONCE, left) * ROUND


def find_patient(setting: Screening, traits: Traits, worlds: int, progress: Progress) -> Cohort:
    """Return one person in every world and rival, among `worlds` candidates, in which they have the traits.

    The person is the first of the candidates who has the traits in a world of their own.
    """
    found = find_cohort(setting, traits, 1, progress)
    person = int(found.patients.identifiers[0])
    progress.start("the same person in other worlds", worlds)
    numbers = np.arange(worlds)
    part = screen(setting, traits, np.full(worlds, person), numbers)
    progress.advance(worlds)
    if len(part.patients) == 0:
        raise _too_rare(0, 1, worlds)
    screened, failed = found.screened + worlds, found.failed + len(part.failed)
    return _cohort(part.patients, part.rivals, part.standing, screened, failed)


def screen(setting: Screening, traits: Traits, persons: Identifiers, worlds: Identifiers) -> Screened:
    """Return the candidates who have the traits.

    Arguments: the person (n,) and the world (n,) of each candidate; the world's number decides its rival.
    """
    rivals = rivals_of(worlds, setting.weights)
    values = _values_of_candidates(setting, setting.table, worlds, rivals)
    rows = np.arange(len(persons))
    drawn = draw_patients(setting.table, values, setting.stream, persons, rows)
    people = Patients(persons, worlds, drawn.values)
    if traits.antibody is not None:
        wanted = (people.values["antibody_positive"] == 1) == traits.antibody
        people, rivals = people.take(wanted), rivals[wanted]
    at = np.array([traits.duration_months * DAYS_PER_MONTH])
    result = simulate_people(setting.kernel, people, at, SCREENING_OUTPUTS, setting.options)
    lived = np.asarray(result.status == Status.FINISHED)
    outputs = {name: result.outputs[:, 0, index] for index, name in enumerate(SCREENING_OUTPUTS)}
    chosen = lived & _has_traits(outputs, people, traits, setting.stream)
    standing = Standing(result.final_states[chosen], result.state_names)
    return Screened(people.take(chosen), rivals[chosen], standing, people.draws[~lived])


def with_numbers(setting: Screening, cohort: Cohort, table: ParameterTable) -> Cohort:
    """Return the same people in the same worlds, with further numbers of theirs, such as those of a drug.

    They are what they would be had the people been screened with these parameters from the beginning.
    """
    people = cohort.patients
    values = _values_of_candidates(setting, table, people.draws, cohort.rivals)
    drawn = draw_patients(table, values, setting.stream, people.identifiers, np.arange(len(people)))
    patients = Patients(people.identifiers, people.draws, {**people.values, **drawn.values})
    return replace(cohort, patients=patients)


def rivals_of(worlds: Identifiers, weights: Numbers) -> NDArray[np.int64]:
    """Return the rival of each numbered world (n,): as many of each as its weight (n_rivals,) asks for."""
    shares = np.cumsum(weights / weights.sum())
    places = (worlds + 0.5) * GOLDEN % 1.0
    return np.asarray(np.minimum(np.searchsorted(shares, places, side="right"), len(weights) - 1))


def _values_of_candidates(
    setting: Screening, table: ParameterTable, worlds: Identifiers, rivals: NDArray[np.int64]
) -> dict[str, Numbers]:
    """Return each parameter's population value in every candidate's world under its rival, (n,)."""
    values: dict[str, Numbers] = {row.identifier: np.empty(len(worlds)) for row in table}
    for index, rival in enumerate(setting.rivals):
        own = rivals == index
        drawn = setting.worlds(table, rival, setting.stream, worlds[own])
        for name, column in restricted(drawn, rival.sets).items():
            values[name][own] = column
    return values


def _has_traits(
    outputs: Mapping[str, Numbers], people: Patients, traits: Traits, stream: Stream
) -> NDArray[np.bool_]:
    """Return who meets the criteria at the screening visit and has the traits asked for."""
    visit = stream.child("visit", "screening")
    items = examine(outputs, people.values, people.identifiers, stream, visit)
    chosen = meets_budapest_clinical(items)
    if traits.phenotype is not None:
        warm = outputs["temperature_difference"] > 0
        chosen &= warm == (traits.phenotype is Phenotype.WARM)
    if traits.cytokines is not None:
        high = outputs["tnf_tissue"] > RAISED_TNF
        chosen &= high == (traits.cytokines is Cytokines.HIGH)
    if traits.pain_at_least is not None:
        chosen &= outputs["pain_nrs"] >= traits.pain_at_least
    return np.asarray(chosen)


def _joined(parts: list[Screened], size: int) -> Cohort:
    """Return the first `size` of the people of several parts, who were screened in the order of their worlds.

    Whoever was screened beyond the round that completes them does not count.
    """
    rows = np.arange(size)
    people = Patients.joined([part.patients for part in parts]).take(rows)
    standing = Standing.joined([part.standing for part in parts]).take(rows)
    rivals = np.concatenate([part.rivals for part in parts])[:size]
    screened = (int(people.draws[-1]) // ROUND + 1) * ROUND
    failed = sum(int((part.failed < screened).sum()) for part in parts)
    return _cohort(people, rivals, standing, screened, failed)


def _cohort(
    people: Patients, rivals: NDArray[np.int64], standing: Standing, screened: int, failed: int
) -> Cohort:
    return Cohort(people, rivals, standing, screened, failed, len(np.unique(people.identifiers)))


def _too_rare(have: int, size: int, screened: int) -> InputError:
    return InputError.of(
        f"only {have} of {size} wanted people have these traits among {screened:,} screened",
        hint="ask for fewer traits, another duration, or a smaller cohort",
    )
