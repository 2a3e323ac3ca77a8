"""Where a trial branches: the days on which patients may stop, and on which a rescue drug may start."""

from __future__ import annotations

from collections.abc import Iterator

from calor.core.documents import Document
from calor.core.errors import Problem, UnsupportedError
from calor.study import Protocol
from calor.study.treatments import ArmTreatment, placed, treatment_of, treatments_of

MOST_BRANCHES = 12
"""Days on which the treatment can be stopped; each needs its own course of every patient."""

MOST_COURSES = 200
"""Courses of every patient that a bank holds: sequences, by days of stopping, by days of rescue."""


def stop_days_of(protocol: Protocol) -> tuple[int, ...]:
    """Return the study days from which on a patient who stops takes no further dose, rising.

    These are the visits, or without visits the days on which doses are due, as far as doses are still to
    come. Empty where the protocol has no stopping. Raises UnsupportedError where there are too many.
    """
    if protocol.conduct.stopping is None:
        return ()
    due = sorted(
        {
            int(start + time) + 1
            for start in protocol.period_starts
            for arm in protocol.arms
            for given in treatments_of(arm)
            for time in given.dose_days
        }
    )
    days = [day for day in protocol.visits or due[1:] if due and day <= due[-1]]
    if len(days) > MOST_BRANCHES:
        raise UnsupportedError.of(
            f"stopping on any of {len(days)} days of dosing is not supported",
            key="conduct.stopping",
            allowed=f"at most {MOST_BRANCHES} days",
            hint="list visits: [...]; patients then stop at visits",
        )
    return tuple(days)


def rescue_of(protocol: Protocol) -> ArmTreatment | None:
    """Return the rescue drug with its regimen, or None where rescue is no drug of the library."""
    rescue = protocol.conduct.rescue
    treatment = rescue.treatment if rescue else None
    return treatment_of(treatment) if treatment else None


def rescue_days_of(protocol: Protocol) -> tuple[int, ...]:
    """Return the study days on which a rescue drug can start: the visits before the last one.

    Raises UnsupportedError where, with the days of stopping, the bank would need too many courses.
    """
    days = protocol.visits[:-1] if rescue_of(protocol) else ()
    courses = len(protocol.sequences) * (1 + len(stop_days_of(protocol))) * (1 + len(days))
    if courses > MOST_COURSES:
        raise UnsupportedError.of(
            f"{courses} courses of each patient (arms, by days of stopping and of rescue) are not supported",
            key="visits",
            allowed=f"at most {MOST_COURSES} courses",
            hint="plan fewer visits, or leave out stopping",
        )
    return days


def branch_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield what the protocol asks to branch into more courses than a bank can hold, at its line."""
    try:
        rescue_days_of(protocol)
    except UnsupportedError as error:
        key = ("conduct", "stopping") if protocol.conduct.stopping and not protocol.visits else ("visits",)
        yield from placed(error, document, key)
