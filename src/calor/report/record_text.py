"""One evidence record in full, as lines for people: every number with its grade, then the pages read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from calor.core.provenance import Grade
from calor.evidence.bias import RiskOfBias
from calor.evidence.economics import EconomicFact, numbers_of_fact
from calor.evidence.findings import Finding
from calor.evidence.numbers import figure_in_words
from calor.evidence.quantity import Entry, Figure
from calor.evidence.record import Citation, Contrast, Missing, Recalled, Record, Source

MARKS = {Grade.VERIFIED: "[verified]", Grade.SECONDARY: "[secondary]", Grade.RECALLED: "[RECALLED]"}

SECTIONS = (
    "citation", "design", "population", "co_treatment", "arms", "outcomes", "rows", "placebo_change",
    "safety", "risk_of_bias", "model_use", "recalled", "missing", "sources",
)  # fmt: skip

TITLES = {
    "co_treatment": "other treatment",
    "placebo_change": "without the drug",
    "risk_of_bias": "risk of bias (one rater, provisional)",
    "model_use": "use in the model",
    "recalled": "only recalled: shown as such, used for nothing",
    "missing": "missing",
    "sources": "pages read",
    "rows": "studies",
}


UNREMARKABLE = ("phase_basis", "read")


@dataclass(frozen=True)
class Line:
    """A line of text, how deep it stands, and whether it is a heading."""

    text: str
    depth: int = 0
    heading: bool = False


def record_lines(record: Record) -> Iterator[Line]:
    """Yield the lines of a record in full."""
    route = f", {record.route}" if record.route else ""
    yield Line(record.id, heading=True)
    yield Line(f"{record.kind} of {record.drug_class}{route}")
    grade = f" {MARKS[record.headline.grade]}" if record.headline.grade else ""
    yield Line(f"{record.headline.direction}: {record.headline.statement}{grade}")
    for section in SECTIONS:
        value = getattr(record, section)
        if value is None or value == ():
            continue
        yield Line(_title(section, value), heading=True)
        if isinstance(value, RiskOfBias):
            yield from _bias_lines(value)
        elif section in SHORT_FORMS:
            yield from (Line(SHORT_FORMS[section](entry), 1) for entry in value)
        else:
            yield from _lines(value, 1)


def finding_lines(finding: Finding) -> Iterator[Line]:
    """Yield the lines of a finding in full."""
    yield Line(finding.id, heading=True)
    yield Line(f"{finding.statement} {MARKS[finding.grade]}")
    for field in type(finding).model_fields:
        if field not in ("id", "statement", "grade"):
            yield from _lines(getattr(finding, field), 1, None if field == "numbers" else field)


def fact_lines(fact: EconomicFact) -> Iterator[Line]:
    """Yield the lines of an economic fact in full, the numbers of records and findings with their owners."""
    yield Line(fact.id, heading=True)
    yield Line(f"{fact.statement} {MARKS[fact.grade]}")
    for field in type(fact).model_fields:
        if field not in ("id", "statement", "grade", "taken_from"):
            yield from _lines(getattr(fact, field), 1, None if field == "numbers" else field)
    for name, located in numbers_of_fact(fact).items():
        if name in fact.taken_from:
            yield Line(f"{_spoken(name)}: {_figure(located.figure)} ({located.owner}, {located.path})", 1)


def _bias_lines(bias: RiskOfBias) -> Iterator[Line]:
    yield Line(f"impression: {bias.impression}. {bias.reason}", 1)
    for name, domain in bias.judged().items():
        yield Line(f"{bias.tool}, {name}: {domain.judgement} ({domain.reason})", 1)


def _title(section: str, value: Any) -> str:
    title = TITLES.get(section, section)
    return f"{title} {MARKS[value.grade]}" if isinstance(value, Citation) and value.grade else title


def _recalled_line(item: Recalled) -> str:
    said = figure_in_words(item.value) if item.value is not None else item.statement
    return f"{item.what}: {said} {MARKS[item.grade]}, {item.confidence} confidence"


def _missing_line(item: Missing) -> str:
    where = f" (look in: {item.where})" if item.where else ""
    tried = f"; tried: {item.tried}" if item.tried else ""
    return f"{item.what}{where}{tried}"


def _source_line(item: Source) -> str:
    return f"{item.url} ({item.kind}; read {item.read})"


SHORT_FORMS: dict[str, Callable[[Any], str]] = {
    "recalled": _recalled_line,
    "missing": _missing_line,
    "sources": _source_line,
}


def _lines(value: Any, depth: int, name: str | None = None) -> Iterator[Line]:
    label = f"{_spoken(name)}: " if name else ""
    if isinstance(value, Figure):
        yield Line(f"{label}{_figure(value)}", depth)
    elif isinstance(value, Entry):
        title = getattr(value, "name", None) or getattr(value, "study", None) or getattr(value, "what", None)
        if name or title:
            yield Line(f"{label}{title or ''}".rstrip(": ") + ":", depth)
            depth += 1
        for field in type(value).model_fields:
            if (field in ("name", "study", "what") and title) or (
                field,
                getattr(value, field),
            ) == UNREMARKABLE:
                continue
            yield from _lines(getattr(value, field), depth, field)
    elif isinstance(value, tuple):
        yield from _sequence(value, depth, name)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _lines(inner, depth, key)
    elif value is not None and value is not False and name != "grade":
        text = value.value if isinstance(value, StrEnum) else "yes" if value is True else str(value)
        yield Line(f"{label}{text}", depth)


def _sequence(values: tuple[Any, ...], depth: int, name: str | None) -> Iterator[Line]:
    if not values:
        return
    if all(isinstance(value, Entry) and not isinstance(value, Figure) for value in values):
        for value in values:
            yield from _lines(value, depth, None)
        return
    words = "; ".join(_plain(value) for value in values)
    yield Line(f"{_spoken(name)}: {words}" if name else words, depth)


def _plain(value: Any) -> str:
    if isinstance(value, Figure):
        return _figure(value)
    return f"{value:g}" if isinstance(value, float) else f"{value}"


def _figure(figure: Figure) -> str:
    text = figure_in_words(figure)
    if isinstance(figure, Contrast):
        text = f"{text} ({figure.measure.replace('-', ' ')})"
        if figure.p is not None:
            text += f", {figure.p}"
        if not figure.interval_reliable:
            text += ", interval not between patients"
    if figure.grade is not None:
        text += f" {MARKS[figure.grade]}"
    if figure.derived_from:
        text += f" derived: {figure.derived_from}"
    return f"{text}. {figure.note}" if figure.note else text


def _spoken(name: str | None) -> str:
    return (name or "").replace("_", " ")
