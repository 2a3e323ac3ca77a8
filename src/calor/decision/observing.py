"""Results that were seen: files of them, what they make of a belief, and the posterior that they leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from calor.core.arrays import Numbers
from calor.core.documents import Document, read_document, validate
from calor.core.errors import InputError, ReportedError
from calor.core.part import Part
from calor.core.streams import Stream
from calor.decision.believed import Believed
from calor.decision.candidates.candidate import Candidate
from calor.decision.candidates.expansion import AboutQuestion, expanded
from calor.decision.candidates.variation import placed_problems
from calor.decision.information.draws import Study
from calor.decision.information.updating import observe
from calor.decision.questions.question import CandidateEntry, CohortEntry
from calor.population.posterior import Posterior

OBSERVED = "observed"
"""Where a posterior says which results it was updated by."""


class ObservedEntry(Part):
    """One study with its result.

    Like a trial with keys changed, or a cohort; `result`: its statistics in order, a contrast being active
    minus control; `standard_errors`: those that the study reported, without which the model's own are used.
    """

    like: str | None = Field(default=None, min_length=1)
    change: dict[str, Any] = Field(default_factory=dict)
    cohort: CohortEntry | None = None
    result: tuple[float, ...] = Field(min_length=1)
    standard_errors: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> ObservedEntry:
        if (self.like is None) == (self.cohort is None):
            raise ValueError("a result is of a trial (like) or of a cohort")
        if self.cohort is not None and (len(self.cohort.sizes) != 1 or self.change):
            raise ValueError("a cohort has one size and no change")
        if self.standard_errors and len(self.standard_errors) != len(self.result):
            raise ValueError("give as many standard_errors as results")
        if any(error <= 0 for error in self.standard_errors):
            raise ValueError("a standard error is more than 0")
        return self


class ObservedFile(Part):
    """A file of results."""

    observed: tuple[ObservedEntry, ...] = Field(min_length=1, max_length=50)


@dataclass(frozen=True)
class Result:
    """A study that was run, and what it saw."""

    candidate: Candidate
    values: tuple[float, ...]
    errors: tuple[float, ...]

    def study(self, believed: Believed) -> Study:
        """Return what the study would have seen, with its own standard errors where it reported them."""
        found = believed.study(self.candidate)
        if not self.errors:
            return found
        own = np.diag(np.square(self.errors))
        return replace(found, sampling=np.broadcast_to(own, found.sampling.shape).copy(), lasting=None)

    def document(self) -> dict[str, Any]:
        """Return the result as JSON-like data."""
        return {
            "study": self.candidate.name,
            "statistics": list(self.candidate.statistics),
            "result": list(self.values),
            "standard_errors": list(self.errors) or None,
        }


@dataclass(frozen=True)
class Updating:
    """A belief after some results, and how many worlds are effectively left."""

    believed: Believed
    effective: float
    results: tuple[Result, ...]


def read_results(path: Path, about: AboutQuestion | None) -> tuple[Result, ...]:
    """Read a file of results. Raises InputError with file, line and key, UnsupportedError by name."""
    document = read_document(path)
    file = validate(document, ObservedFile)
    return tuple(
        _result(entry, document, path.parent, about, place) for place, entry in enumerate(file.observed)
    )


def _result(
    entry: ObservedEntry, document: Document, folder: Path, about: AboutQuestion | None, place: int
) -> Result:
    vary = {key: [value] for key, value in entry.change.items()}
    asked = CandidateEntry(like=entry.like, vary=vary, cohort=entry.cohort)
    key = (OBSERVED, place)
    try:
        (candidate,) = expanded((asked,), replace(document, lines={}), folder, about)
    except ReportedError as error:
        raise type(error)(placed_problems(error, document, key)) from None
    wanted = len(candidate.statistics)
    if len(entry.result) != wanted:
        told = "; ".join(candidate.statistics)
        what = f"has {len(entry.result)} numbers, the study {wanted}: {told}"
        raise InputError([document.problem((*key, "result"), what)])
    return Result(candidate, entry.result, entry.standard_errors)


def updated(believed: Believed, results: Sequence[Result]) -> Updating:
    """Return a belief after some results, one after the other.

    Raises UnsupportedError where too few worlds are left to carry a posterior.
    """
    draws, effective = believed.draws, float(believed.draws.worlds)
    for result in results:
        found = observe(draws, result.study(believed), np.array(result.values))
        draws, effective = found.draws, found.effective
    return Updating(replace(believed, draws=draws), effective, tuple(results))


def posterior_after(updating: Updating) -> Posterior:
    """Return the posterior that results leave: each rival's draws taken again by their new weights.

    It holds the scores of every uncertain number of the comparison, those that only a prior carried before
    among them. A rival's weight is its prior weight times how probable the results are in its worlds.
    """
    believed, draws = updating.believed, updating.believed.draws
    worlds = believed.worlds
    scenario = worlds.scenario.posterior
    rival = worlds.rival[believed.used]
    found: dict[str, Numbers] = {}
    weights: dict[str, float] = {}
    for place, each in enumerate(worlds.rivals):
        own = rival == place
        weights[each.name] = float(draws.weights[own].sum())
        kept = int(worlds.counts[place].sum())
        rows = _taken_again(draws.weights[own], kept, worlds.stream.child(OBSERVED, each.name))
        found[each.name] = draws.scores[own][rows]
    made_of = {} if scenario is None else dict(scenario.made_of)
    return Posterior(
        names=draws.parameters,
        draws=found,
        weights=weights,
        made_of={
            **made_of,
            OBSERVED: [result.document() for result in updating.results],
            "updated_from": "prior" if scenario is None else scenario.name,
            "weights_rule": "weights by the observed results of each rival",
        },
    )


def _taken_again(weights: Numbers, count: int, stream: Stream) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Return so many positions, each as often as its weight asks for (systematic)."""
    total = weights.sum()
    if total <= 0:
        return np.arange(count) % len(weights)
    start = float(stream.uniforms(1, 1)[0, 0])
    places = (np.arange(count) + start) / count
    return np.minimum(np.searchsorted(np.cumsum(weights / total), places), len(weights) - 1)
