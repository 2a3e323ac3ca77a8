"""Harms beside the evidence: what the drug library expects, and what was seen in the studies themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from calor.core.provenance import Grade
from calor.evidence.numbers import figure_in_words
from calor.evidence.record import Record
from calor.report.numbers import short_text
from calor.report.tables import Table, words
from calor.therapy.drug import Drug
from calor.therapy.safety import ExpectedEvents, expected_events

PATIENTS, YEARS = 100, 1.0
"""Harms are shown for so many people over so long."""


def library_harms(drugs: Iterable[Drug]) -> list[tuple[ExpectedEvents, tuple[str, ...]]]:
    """Return each adverse event of the drugs once, with the drugs that share it."""
    found: dict[tuple[str, str, str], tuple[ExpectedEvents, list[str]]] = {}
    for drug in drugs:
        for event in expected_events(drug, PATIENTS, YEARS):
            key = (event.event, event.basis, event.source)
            found.setdefault(key, (event, []))[1].append(drug.id)
    return [(event, tuple(names)) for event, names in found.values()]


def study_harms(records: Iterable[Record]) -> list[dict[str, Any]]:
    """Return the harms that records report: the record, the arm, the event, and how often with its grade."""
    return [
        {
            "record": record.id,
            "event": event.event,
            "arm": event.arm,
            "seen": [figure_in_words(figure) for figure in (event.seen, *event.numbers.values()) if figure],
            "grade": _grade(record, event.seen.grade if event.seen else None),
        }
        for record in records
        if record.safety is not None
        for event in record.safety.events
    ]


def _grade(record: Record, own: Grade | None) -> Grade | None:
    return own or (record.safety.grade if record.safety else None)


def harms_as_json(records: Sequence[Record], drugs: Sequence[Drug]) -> dict[str, Any]:
    """Return both kinds of harm as plain data."""
    return {
        "per_people": PATIENTS,
        "years": YEARS,
        "library": [
            {
                "drugs": list(names),
                "event": event.event,
                "serious": event.serious,
                "expected": event.expected,
                "interval95": event.interval,
                "basis": event.basis,
                "scaled": event.scaled,
                "source": event.source,
                "grade": event.grade,
            }
            for event, names in library_harms(drugs)
        ],
        "studies": study_harms(records),
    }


def harm_tables(records: Sequence[Record], drugs: Sequence[Drug]) -> Iterator[Table]:
    """Yield the harms of studies, and of the drugs in them, as tables; none where none is known."""
    seen = study_harms(records)
    if seen:
        rows = [
            (
                harm["record"],
                harm["event"] + (f" ({harm['arm']})" if harm["arm"] else ""),
                "; ".join(harm["seen"]) or "no number",
                harm["grade"] or "-",
            )
            for harm in seen
        ]
        columns = tuple(map(words, ("study", "event", "seen", "grade")))
        yield Table(columns, rows, title="Harms seen in these studies")
    expected = library_harms(drugs)
    if expected:
        columns = tuple(map(words, ("drug", "event", "expected (95 % interval)", "basis")))
        title = f"Harms to expect in {PATIENTS} people over a year (calor drug ID: all)"
        yield Table(columns, [_row(event, names) for event, names in expected], title=title)


def _row(event: ExpectedEvents, names: tuple[str, ...]) -> tuple[str, str, str, str]:
    """Return an adverse event of the library as a row."""
    expected = "not known" if event.expected is None else short_text(event.expected, 2)
    if event.interval is not None:
        expected += f" ({' to '.join(short_text(end, 2) for end in event.interval)})"
    name = f"{event.event}{' (serious)' if event.serious else ''}"
    return ", ".join(names), name, expected, f"{event.basis}; {event.scaled}; {event.grade}"
