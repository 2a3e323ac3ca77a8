"""Who would take part: in every world the same number of eligible people, in two halves.

A half is told by a person's number (even or odd), so that nobody stands in both halves, whichever population
they are asked for. Two halves are two independent looks at a world: what they agree on is the world.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.executors import ALONE, Executor
from calor.core.host import made_with
from calor.core.progress import Progress, StopOnly, stop_if_requested
from calor.core.provenance import sha256_of_data
from calor.decision.bank.worlds import Worlds
from calor.engine.batch import Kernel, Options
from calor.model.parameters import ParameterTable
from calor.population.items import NEEDED_OUTPUTS
from calor.population.patients import draw_patients
from calor.population.screening import Screened, qualifies, screen
from calor.store.packing import packed, unpacked
from calor.store.piece_files import Arrays
from calor.store.pieces import NOT_KEPT, Pieces
from calor.study.population import DurationWindow, PainCriterion, PopulationPart
from calor.trial.bank.cells import PATIENTS_PER_WORLD

HALVES = 2
FIRST_SCREENED = 64
MOST_SCREENED = 1024
ANTIBODIES = ("autoantibody_igg_titre", "autoantibody_igm")
KEPT = (*NEEDED_OUTPUTS, *ANTIBODIES)
"""True outputs at screening that some study may read."""

Mask = NDArray[np.bool_]
Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """People who are screened together: time since the injury, days of the run-in diary, its least rating."""

    duration: DurationWindow
    run_in_days: int
    no_value_below: float = 0.0

    @classmethod
    def of(cls, population: PopulationPart) -> Window:
        """Return the window in which a population is screened."""
        asked = population.pain_nrs
        return cls(population.duration_months, asked.run_in_days, asked.no_value_below)

    @property
    def anybody(self) -> PopulationPart:
        """The population of everybody in the window."""
        pain = PainCriterion(at_least=0, run_in_days=self.run_in_days, no_value_below=self.no_value_below)
        return PopulationPart(duration_months=self.duration, pain_nrs=pain)

    @property
    def words(self) -> str:
        """The window in words."""
        return f"{self.duration.at_least:g} to {self.duration.at_most:g} months"


@dataclass(frozen=True)
class People:
    """People of one window, as they are and as they were measured at screening.

    Arguments: the people (n,); the world that each lives in and the half that each is in (n,); who belongs to
    each population (n,); the share of those screened who qualify for each; and how many worlds there are.
    """

    screened: Screened
    world: Positions
    half: Positions
    members: Mapping[PopulationPart, Mask]
    eligible_share: Mapping[PopulationPart, float]
    n_worlds: int

    def __len__(self) -> int:
        return len(self.world)

    def to_arrays(self) -> Arrays:
        """Return everything as arrays by name; the populations are told by their order."""
        return {
            **packed(self, without=("members", "eligible_share")),
            "members": np.array(list(self.members.values())),
            "eligible_share": np.array(list(self.eligible_share.values())),
        }

    @classmethod
    def of(cls, arrays: Arrays, populations: Sequence[PopulationPart]) -> People:
        """Return the people that `to_arrays` wrote. Arguments: the arrays, and the populations in order."""
        members = dict(zip(populations, arrays["members"], strict=True))
        shares = dict(zip(populations, map(float, arrays["eligible_share"]), strict=True))
        return unpacked(cls, arrays, members=members, eligible_share=shares)


def enrol(
    populations: Iterable[PopulationPart],
    worlds: Worlds,
    kernel: Kernel,
    table: ParameterTable,
    per_world: int,
    options: Options,
    progress: Progress,
    pieces: Pieces = NOT_KEPT,
    executor: Executor = ALONE,
) -> People:
    """Return people of all worlds, for populations of one window.

    A population has the first `per_world` / 2 people of each half who qualify, so that who is in one does not
    depend on which others are asked for. A world in which fewer than that are found among `MOST_SCREENED` has
    fewer.

    Arguments: the populations; the worlds; the kernel of the untreated disease; the parameters; the people
    wanted in a world; the engine's options; who watches; where finished pieces are kept; who works.
    """
    wanted = tuple(dict.fromkeys(populations))
    window = Window.of(wanted[0])
    progress.start(f"screening, {window.words}", len(worlds))
    enrolments = [
        _Enrolment(wanted, window, worlds, rival, kernel, table, per_world // HALVES, options)
        for rival in range(len(worlds.rivals))
    ]
    named = {f"people of {each.fingerprint}": each for each in enrolments}
    kept = pieces.for_every_run(sha256_of_data(made_with()))
    found = kept.kept_each(named, _enrolled, executor, progress, len)
    parts = [People.of(each, wanted) for each in found]
    shares = {
        population: float(np.mean([part.eligible_share[population] for part in parts]))
        for population in wanted
    }
    return People(
        Screened.joined([part.screened for part in parts]),
        np.concatenate([part.world for part in parts]),
        np.concatenate([part.half for part in parts]),
        {each: np.concatenate([part.members[each] for part in parts]) for each in wanted},
        shares,
        len(worlds),
    )


def _enrolled(enrolment: _Enrolment, progress: Progress) -> Arrays:
    """Return the people of a rival's worlds; the task of enrolling."""
    return enrolment.run(progress).to_arrays()


class _Enrolment:
    """Screens the worlds of one rival until every population has its people."""

    def __init__(
        self,
        populations: tuple[PopulationPart, ...],
        window: Window,
        worlds: Worlds,
        rival: int,
        kernel: Kernel,
        table: ParameterTable,
        per_half: int,
        options: Options,
    ) -> None:
        self.populations = populations
        self.window = window
        self.worlds = worlds
        self.rival = rival
        self.values = worlds.values(table, rival)
        self.kernel, self.table, self.options = kernel, table, options
        self.per_half = per_half
        self.numbers = worlds.numbers[rival]
        self.have = {each: np.zeros(len(self.numbers) * HALVES, dtype=np.int64) for each in populations}
        self.qualified = dict.fromkeys(populations, 0.0)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def fingerprint(self) -> str:
        """The hash of everything that the people depend on besides calor itself, which has the disease."""
        asked = [each.model_dump(mode="json") for each in self.populations]
        how = [asdict(self.options), asdict(self.worlds.stream), self.per_half]
        where = [self.worlds.first(self.rival), self.numbers.tolist()]
        rows = [[asdict(row), self.values[row.identifier].tolist()] for row in self.table]
        return sha256_of_data([asked, how, where, rows])

    def run(self, progress: Progress) -> People:
        """Return the people of this rival's worlds; `world` counts over all rivals."""
        kept: list[Screened] = []
        members: dict[PopulationPart, list[Mask]] = {each: [] for each in self.populations}
        short = np.arange(len(self.numbers))
        first, last = 0, FIRST_SCREENED
        while len(short) and first < MOST_SCREENED:
            stop_if_requested(progress)
            part = self._screen(short, np.arange(first, last), progress)
            chosen = {each: self._chosen(part, each, first == 0) for each in self.populations}
            rows = np.flatnonzero(np.logical_or.reduce(list(chosen.values())))
            kept.append(part.take(rows))
            for each, mask in chosen.items():
                members[each].append(mask[rows])
            short = self._short()
            first, last = last, min(2 * last, MOST_SCREENED)
        people = Screened.joined(kept)
        return People(
            people,
            people.patients.draws + self.worlds.first(self.rival),
            people.patients.identifiers % HALVES,
            {each: np.concatenate(masks) for each, masks in members.items()},
            {each: self.qualified[each] for each in self.populations},
            len(self.numbers),
        )

    def _screen(self, worlds: Positions, numbers: Positions, progress: Progress) -> Screened:
        draws = np.repeat(worlds, len(numbers))
        identifiers = self.numbers[draws] * PATIENTS_PER_WORLD + np.tile(numbers, len(worlds))
        people = draw_patients(self.table, self.values, self.worlds.stream, identifiers, draws)
        watcher = StopOnly(progress)
        stream = self.worlds.stream
        return screen(self.window.anybody, self.kernel, people, stream, self.options, watcher, KEPT)

    def _chosen(self, part: Screened, population: PopulationPart, first_round: bool) -> Mask:
        """Return who is taken into a population, and count them."""
        fits = part.eligible & qualifies(population, part.covariates)
        if first_round:
            self.qualified[population] = float(fits.mean())
        group = part.patients.draws * HALVES + part.patients.identifiers % HALVES
        have = self.have[population]
        taken = fits & (have[group] + _rank(group, fits) < self.per_half)
        have += np.bincount(group[taken], minlength=len(have))
        return np.asarray(taken)

    def _short(self) -> Positions:
        """Return the worlds in which some population lacks people."""
        least = np.min([have.reshape(-1, HALVES).min(axis=1) for have in self.have.values()], axis=0)
        return np.flatnonzero(least < self.per_half)


def _rank(group: Positions, mask: Mask) -> Numbers:
    """Return how many of a mask stand before each row within its group, (n,)."""
    order = np.argsort(group, kind="stable")
    counted: Positions = np.cumsum(mask[order]) - mask[order]
    starts = np.searchsorted(group[order], group[order], side="left")
    found = np.empty(len(group))
    found[order] = counted - counted[starts]
    return found
