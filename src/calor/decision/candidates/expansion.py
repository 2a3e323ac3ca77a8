"""From the entries of a question file to candidates, each with a name that tells it apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

from calor.core.documents import Document, Key
from calor.core.errors import InputError, ReportedError, UnsupportedError
from calor.decision.bank.looks import NaturalCourseLook
from calor.decision.bank.measuring import Sight
from calor.decision.bank.screening_looks import Measure, ScreeningLook
from calor.decision.candidates.candidate import Candidate, trial_candidate
from calor.decision.candidates.variation import placed_problems, trial_document, varied
from calor.decision.questions.question import CandidateEntry, CohortEntry, GridEntry
from calor.study import Subgroup
from calor.study.endpoint import Endpoint
from calor.study.population import PopulationPart
from calor.study.variables import Variable

MOST_CANDIDATES = 400
WEEK = 7


@dataclass(frozen=True)
class AboutQuestion:
    """What of a question its candidates take.

    Arguments: the population, for cohorts that name none; and the subgroup in which an effect may be larger,
    by which every trial is then read.
    """

    population: PopulationPart
    more_in: Subgroup | None = None


def expanded(
    entries: Sequence[CandidateEntry],
    document: Document,
    folder: Path,
    about: AboutQuestion | None,
    prefix: Key = ("candidates",),
) -> tuple[Candidate, ...]:
    """Return all candidates of some entries.

    Arguments: the entries; the document that holds them and the folder it lies in; what of the question
    candidates take, None where no effect is asked for; and the key of the entries. Raises InputError with the
    place of what is wrong, and UnsupportedError for a study that cannot be a candidate.
    """
    population, more_in = (about.population, about.more_in) if about else (None, None)
    found: list[Candidate] = []
    for index, entry in enumerate(entries):
        key = (*prefix, index)
        if entry.like is not None:
            found += _like(entry, document, folder, more_in, key)
        elif entry.grid is not None:
            found += _grid(entry.grid, document, more_in, (*key, "grid"))
        elif entry.cohort is not None:
            found += _cohort(entry.cohort, document, population, (*key, "cohort"))
        if len(found) > MOST_CANDIDATES:
            raise UnsupportedError(
                [
                    document.problem(
                        key,
                        f"makes more than {MOST_CANDIDATES} candidates",
                        hint="vary less, or ask in two files",
                    )
                ]
            )
    return _told_apart(found)


def _like(
    entry: CandidateEntry, document: Document, folder: Path, more_in: Subgroup | None, key: Key
) -> Iterator[Candidate]:
    """Yield a trial with every combination of what varies."""
    name = str(entry.like)
    try:
        base = trial_document(name, folder)
    except ReportedError as error:
        raise type(error)(placed_problems(error, document, (*key, "like"))) from None
    keys = list(entry.vary)
    for values in product(*entry.vary.values()):
        changes = dict(zip(keys, values, strict=True))
        told = [
            _told(each, value)
            for each, value in changes.items()
            if each != "patients" and (len(entry.vary[each]) > 1 or not entry.name)
        ]
        called = ", ".join([entry.name or _short(name), *filter(None, told)])
        place = (*key, "vary") if changes else (*key, "like")
        yield _trial(called, changes, base, document, more_in, place)


def _trial(
    name: str,
    changes: Mapping[str, Any],
    base: Document,
    document: Document,
    more_in: Subgroup | None,
    key: Key,
) -> Candidate:
    try:
        found = varied(base, changes)
        return trial_candidate(f"{name}, n={found.protocol.patients}", found.protocol, found.hazards, more_in)
    except ReportedError as error:
        raise type(error)(placed_problems(error, document, key)) from None


def _grid(entry: GridEntry, document: Document, more_in: Subgroup | None, key: Key) -> Iterator[Candidate]:
    """Yield a parallel trial against placebo for every combination."""
    choices = product(entry.treatments, entry.populations, entry.enrichments, entry.endpoints, entry.patients)
    for given, population, enriched, endpoint, patients in choices:
        who = {**population.model_dump(mode="json", exclude_none=True), **enriched}
        responder = endpoint.responder is not None
        data = {
            "id": "grid",
            "title": f"{given.drug} against placebo",
            "population": who,
            "design": {"type": "parallel"},
            "arms": [{"name": given.drug, "treatments": [given.model_dump()]}, {"name": "placebo"}],
            "patients": patients,
            "endpoint": endpoint.model_dump(mode="json", exclude_none=True),
            "analysis": {"method": "risk-difference" if responder else "ancova"},
        }
        months = population.duration_months
        told = [
            given.drug,
            given.regimen,
            f"{months.at_least:g}-{months.at_most:g} mo",
            *(_told(name, value) for name, value in enriched.items()),
            endpoint.words if len(entry.endpoints) > 1 else "",
        ]
        name = ", ".join(filter(None, told))
        yield _trial(name, {}, replace(document, data=data, lines={}), document, more_in, key)


def _cohort(
    entry: CohortEntry, document: Document, population: PopulationPart | None, key: Key
) -> Iterator[Candidate]:
    """Yield a study without treatment in every size."""
    who = entry.population or population
    if who is None:
        raise InputError(
            [document.problem(key, "has no population, and the question has none", hint="add population")]
        )
    months = who.duration_months
    where = f"{months.at_least:g}-{months.at_most:g} mo"
    look: ScreeningLook | NaturalCourseLook
    if entry.measure is Measure.NATURAL_HISTORY and entry.days is not None:
        endpoint = Endpoint(
            variable=Variable.PAIN_DIARY, from_day=entry.days - WEEK + 1, to_day=entry.days, scale="change"
        )
        look = NaturalCourseLook(
            who, Sight(endpoint=endpoint, period_starts=(0,), placebo_response=False, everything_seen=False)
        )
        where = f"{entry.days} days, {where}"
    else:
        look = ScreeningLook(who, entry.measure)
    for size in entry.sizes:
        yield Candidate(
            name=f"{entry.measure} cohort, {where}, n={size}",
            kind=str(entry.measure),
            patients=size,
            look=look,
            statistics=entry.measure.statistics,
            population=who,
        )


def _told(key: str, value: Any) -> str:
    """Return what a changed key says in a name."""
    if key in ("regimen", "drug"):
        return str(value)
    last = key.rsplit(".", 1)[-1].replace("_", " ")
    if last == "endpoint" and isinstance(value, dict):
        days = "-".join(str(value[each]) for each in ("from_day", "to_day") if each in value)
        return f"{value.get('variable', '')} days {days}".strip()
    if last == "duration months" and isinstance(value, dict):
        return f"{value.get('at_least', 0)}-{value.get('at_most', '')} mo"
    if isinstance(value, dict):
        if set(value) == {"at_least", "at_most"}:
            return f"{last} {value['at_least']:g}-{value['at_most']:g}"
        inner = ", ".join(f"{name} {one}" for name, one in value.items())
        return f"{last} {inner}"
    return f"{last} {value}"


def _short(name: str) -> str:
    return Path(name).stem if name.endswith((".yaml", ".yml")) else name


def _told_apart(found: list[Candidate]) -> tuple[Candidate, ...]:
    """Return candidates without repetition; names that would be shared get a number."""
    distinct = list({(one.family, one.patients): one for one in found}.values())
    count: Counter[str] = Counter()
    named = []
    for one in distinct:
        count[one.name] += 1
        named.append(one if count[one.name] == 1 else replace(one, name=f"{one.name} ({count[one.name]})"))
    return tuple(named)
