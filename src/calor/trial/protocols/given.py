"""What is given: the drugs of each arm and of rescue, and the days on which their courses may part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from calor.core.documents import Document
from calor.core.errors import Problem, UnsupportedError
from calor.study import Protocol
from calor.study.treatments import ArmTreatment, placed, treatment_of, treatments_of
from calor.trial.protocols.layout import Layout, layout_of

MOST_BRANCHES = 12
"""Days on which the treatment can be stopped; each needs its own course of every patient."""

MOST_COURSES = 200
"""Courses of every patient that a bank holds: sequences, by days of stopping, by days of rescue."""


@dataclass(frozen=True)
class Given:
    """What patients of a trial are given.

    Arguments: the drugs with their regimens by arm; the rescue drug with its own, counted from the day on
    which it starts (None: rescue is no drug of the library); the study days from which on a patient who stops
    takes no further dose, rising; those on which the rescue drug can start; and the share of doses taken.
    """

    by_arm: tuple[tuple[ArmTreatment, ...], ...]
    rescue: ArmTreatment | None
    stop_days: tuple[int, ...]
    rescue_days: tuple[int, ...]
    adherence: float

    @property
    def everything(self) -> tuple[ArmTreatment, ...]:
        """All drugs with their regimens, arm by arm, and then that of rescue."""
        arms = tuple(each for arm in self.by_arm for each in arm)
        return arms if self.rescue is None else (*arms, self.rescue)


def given_of(protocol: Protocol, layout: Layout) -> Given:
    """Return what a protocol gives.

    Raises InputError for a drug or regimen that does not exist or fit, and UnsupportedError where the days of
    stopping and rescue would take too many courses.
    """
    by_arm = tuple(treatments_of(arm) for arm in protocol.arms)
    rescue = protocol.conduct.rescue
    treatment = rescue.treatment if rescue else None
    stop_days = _stop_days(protocol, layout, by_arm)
    rescue_days = () if treatment is None else protocol.visits[:-1]
    courses = len(layout.followed) * (1 + len(stop_days)) * (1 + len(rescue_days))
    if courses > MOST_COURSES:
        raise UnsupportedError.of(
            f"{courses} courses of each patient (arms, by days of stopping and of rescue) are not supported",
            key="visits",
            allowed=f"at most {MOST_COURSES} courses",
            hint="plan fewer visits, or leave out stopping",
        )
    return Given(
        by_arm=by_arm,
        rescue=None if treatment is None else treatment_of(treatment),
        stop_days=stop_days,
        rescue_days=rescue_days,
        adherence=protocol.conduct.adherence,
    )


def _stop_days(
    protocol: Protocol, layout: Layout, by_arm: tuple[tuple[ArmTreatment, ...], ...]
) -> tuple[int, ...]:
    """Return the study days on which a patient may stop.

    These are the visits, or without visits the days on which doses are due, as far as doses are still to
    come. Empty where the protocol has no stopping.
    """
    if protocol.conduct.stopping is None:
        return ()
    due = sorted(
        {
            int(start + time) + 1
            for start in layout.starts
            for arm in by_arm
            for given in arm
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


def branch_problems(protocol: Protocol, document: Document) -> Iterator[Problem]:
    """Yield what the protocol asks to branch into more courses than a bank can hold, at its line."""
    try:
        given_of(protocol, layout_of(protocol))
    except UnsupportedError as error:
        key = ("conduct", "stopping") if protocol.conduct.stopping and not protocol.visits else ("visits",)
        yield from placed(error, document, key)
