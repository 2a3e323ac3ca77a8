"""How large a run may be: refused before it begins where it would fill a machine or take more than a day."""

from __future__ import annotations

from calor.core.errors import UnsupportedError
from calor.trial.bank.courses import Courses
from calor.trial.bank.settings import RunSettings
from calor.trial.protocols.plan import Plan

MOST_BYTES = 8e9
"""What the true courses of all virtual patients may take: half of a common machine's memory."""

BYTES_PER_PATIENT = 2_000
BYTES_PER_NUMBER = 8
FEWEST_OUTPUTS = 2
"""True outputs that room is kept for on each day: pain, and one behind the endpoint."""

PATIENT_DAYS_PER_SECOND = 1.6e7
"""Days of patients in simulated trials on one core, measured with ancova on daily diaries."""

MOST_SECONDS = 86_400.0

PASSES = 6
"""Times that replicates are simulated: under the effect, with the mechanism off, and half at 8 corners."""


def check_size(plan: Plan, settings: RunSettings, courses: Courses, n_rivals: int) -> None:
    """Raise UnsupportedError where a run would not fit a machine, with the size that would."""
    worlds = worlds_that_fit(settings, courses, n_rivals)
    if settings.worlds > worlds:
        raise UnsupportedError.of(
            f"{settings.worlds:,} worlds of this trial need more than {MOST_BYTES / 1e9:g} GB of memory: "
            f"{len(courses.courses)} courses of {courses.days} days",
            key="--worlds",
            allowed=f"at most {worlds:,}",
            hint="ask for fewer worlds, or shorten the trial",
        )
    replicates = replicates_that_fit(plan)
    if settings.replicates > replicates:
        hours = settings.replicates / replicates * MOST_SECONDS / 3600
        raise UnsupportedError.of(
            f"{settings.replicates:,} trials of {plan.enrolment.places:,} patients take about "
            f"{hours:,.0f} hours of one processor core",
            key="--replicates",
            allowed=f"at most {replicates:,}, a day of one core",
            hint="ask for fewer trials or patients",
        )


def worlds_that_fit(settings: RunSettings, courses: Courses, n_rivals: int) -> int:
    """Return how many worlds of the largest size fit into the memory that a run may take."""
    patients = 2 * settings.enough_eligible * n_rivals
    each = (
        BYTES_PER_PATIENT
        + BYTES_PER_NUMBER * max(FEWEST_OUTPUTS, len(courses.outputs)) * len(courses.courses) * courses.days
    )
    return int(MOST_BYTES / (patients * each))


def replicates_that_fit(plan: Plan) -> int:
    """Return how many simulated trials one core does in a day."""
    days = plan.protocol.endpoint.to_day * PASSES * plan.enrolment.places
    return int(MOST_SECONDS * PATIENT_DAYS_PER_SECOND / days)
