"""How long a regimen keeps a patient on a drug, and whether it ends with a taper."""

from __future__ import annotations

from itertools import pairwise

from calor.regimen import Regimen

LONGEST_WITHOUT_TAPER = 21.0
"""Days of glucocorticoid that may end at once: the acknowledgement of the drugs says three weeks."""

LONGEST_GAP = 2.0
"""Days between doses up to which they make one course."""


def treated_days(regimen: Regimen, until: float) -> float:
    """Return the days on which a patient is on a drug, from the first dose to `until` (study time) at most.

    Each dose covers the days to the next one, the last as many as the one before it; a single dose, of which
    no interval is known, covers all days that are left.
    """
    times = sorted({time for record in regimen.records for time in record.times_days if time < until})
    if not times:
        return 0.0
    if len(times) == 1:
        return until - times[0]
    return min(until, times[-1] + times[-1] - times[-2]) - times[0]


def untapered_days(regimen: Regimen) -> float | None:
    """Return the length of a course that is too long to end at once and does, in days; else None.

    A course is tapered when its last doses are smaller than its largest. Doses further apart than two days
    are no course.
    """
    doses = sorted((time, record.amount) for record in regimen.records for time in record.times_days)
    if len(doses) < 2 or any(later - earlier > LONGEST_GAP for (earlier, _), (later, _) in pairwise(doses)):
        return None
    length = doses[-1][0] - doses[0][0] + doses[-1][0] - doses[-2][0]
    tapered = doses[-1][1] < max(amount for _, amount in doses)
    return None if tapered or length <= LONGEST_WITHOUT_TAPER else length
