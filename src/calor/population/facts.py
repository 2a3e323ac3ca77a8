"""The untreated virtual population against the published facts of its course, temperature and cytokines.

Each fact is predicted twice: at the typical numbers (every parameter at its value), and over worlds drawn
from the prior. A fact is `met` when the typical prediction, averaged over rivals, lies within 1.96 standard
errors of the published number and so do those of half of the rivals; `within the prior` when the published
number lies in the 95 % prior interval; else `not met`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from calor.core.arrays import Numbers
from calor.core.documents import read_document
from calor.core.progress import Progress, Silent, stop_if_requested
from calor.core.provenance import Grade
from calor.core.streams import Stream
from calor.engine.batch import Kernel, Options
from calor.evidence.findings import finding
from calor.model.parameters import ParameterTable
from calor.model.rivals import load_rivals
from calor.population.natural_history import live_untreated, statistics_of
from calor.population.patients import Patients, draw_patients
from calor.population.simulation import ACCURACY
from calor.population.uncertainty import draw_worlds, restricted


class Verdict(StrEnum):
    """How a fact stands against the virtual population."""

    MET = "met"
    WITHIN_PRIOR = "within the prior"
    NOT_MET = "not met"


@dataclass(frozen=True)
class Fact:
    """A published number of the untreated disease, with the error of that number and where it comes from.

    Arguments: the finding's id and grade, the statistic computed, what it means, its unit, whether it is
    compared on the log scale, the number, its standard error (of the logarithm on the log scale), how that
    error was derived, the key of the number in the finding (None where it is said in words), and the SD of
    the cohort's own bias on the same scale (None where nothing is known of one) with its reason.
    """

    finding: str
    grade: Grade
    statistic: str
    means: str
    unit: str
    on_log_scale: bool
    value: float
    standard_error: float
    error_from: str
    number: str | None
    bias_sd: float | None = None
    bias_from: str | None = None

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the published number."""
        reach = 1.96 * self.standard_error
        if self.on_log_scale:
            return self.value * math.exp(-reach), self.value * math.exp(reach)
        return self.value - reach, self.value + reach


@dataclass(frozen=True)
class FactResult:
    """A fact with what the virtual population shows.

    Arguments: the fact; the prediction at the typical numbers, over the rivals; each rival's; the 95 %
    interval over worlds and rivals; and the number of worlds in which the cohort was large enough.
    """

    fact: Fact
    typical: float
    by_rival: Mapping[str, float]
    prior_interval: tuple[float, float]
    worlds: int

    @property
    def rivals_that_meet(self) -> tuple[str, ...]:
        """The rivals whose own typical prediction lies in the published interval."""
        lower, upper = self.fact.interval
        return tuple(name for name, value in self.by_rival.items() if lower <= value <= upper)

    @property
    def verdict(self) -> Verdict:
        """How the fact stands."""
        lower, upper = self.fact.interval
        if lower <= self.typical <= upper and 2 * len(self.rivals_that_meet) >= len(self.by_rival):
            return Verdict.MET
        if self.prior_interval[0] <= self.fact.value <= self.prior_interval[1]:
            return Verdict.WITHIN_PRIOR
        return Verdict.NOT_MET


@cache
def load_facts() -> tuple[Fact, ...]:
    """Return the facts that the untreated population is held against."""
    document = read_document(Path(str(files("calor.population"))) / "data" / "facts.yaml")
    return tuple(_fact(row) for row in document.data["facts"])


def _fact(row: Mapping[str, Any]) -> Fact:
    return Fact(
        finding=row["finding"],
        grade=finding(row["finding"]).grade,
        statistic=row["statistic"],
        means=row["means"],
        unit=row["unit"],
        on_log_scale=row.get("scale") == "log",
        value=float(row["value"]),
        standard_error=float(row["standard_error"]),
        error_from=row["error_from"],
        number=row.get("number"),
        bias_sd=row.get("bias_sd"),
        bias_from=row.get("bias_from"),
    )


@dataclass(frozen=True)
class FactSettings:
    """The size of the comparison: the seed, worlds, injured people per world and at the typical numbers."""

    seed: int = 1
    worlds: int = 30
    people: int = 300
    typical_people: int = 4000
    options: Options = ACCURACY


def compare_with_facts(
    kernel: Kernel, table: ParameterTable, settings: FactSettings, progress: Progress | None = None
) -> tuple[FactResult, ...]:
    """Return every fact with the untreated population's prediction.

    Arguments: the kernel of the untreated disease, the parameters of disease and measurement, settings.
    """
    watcher = progress or Silent()
    stream = Stream(settings.seed)
    rivals = load_rivals()
    drawn = draw_worlds(table, stream, np.arange(settings.worlds))
    middle = {row.identifier: np.array([row.value]) for row in table}
    watcher.start("untreated populations", len(rivals))
    typical: dict[str, dict[str, float]] = {}
    over_worlds: dict[str, list[float]] = {fact.statistic: [] for fact in load_facts()}
    for rival in rivals:
        stop_if_requested(watcher)
        people = _people(table, restricted(middle, rival.sets), stream, 1, settings.typical_people)
        typical[rival.name] = statistics_of(live_untreated(kernel, people, stream, settings.options))
        people = _people(table, restricted(drawn, rival.sets), stream, settings.worlds, settings.people)
        history = live_untreated(kernel, people, stream, settings.options)
        for world in range(settings.worlds):
            found = statistics_of(history.take(people.draws == world))
            for statistic, values in over_worlds.items():
                values.append(found[statistic])
        watcher.advance()
    return tuple(_result(fact, typical, over_worlds[fact.statistic]) for fact in load_facts())


def _people(
    table: ParameterTable, worlds: Mapping[str, Numbers], stream: Stream, n_worlds: int, each: int
) -> Patients:
    draws = np.repeat(np.arange(n_worlds), each)
    return draw_patients(table, worlds, stream, np.arange(n_worlds * each), draws)


def _result(fact: Fact, typical: Mapping[str, Mapping[str, float]], values: list[float]) -> FactResult:
    by_rival = {name: found[fact.statistic] for name, found in typical.items()}
    known = np.array([value for value in values if math.isfinite(value)])
    lower, upper = np.quantile(known, (0.025, 0.975)) if len(known) else (math.nan, math.nan)
    middle = float(np.nanmean(list(by_rival.values())))
    return FactResult(fact, middle, by_rival, (float(lower), float(upper)), len(known))
