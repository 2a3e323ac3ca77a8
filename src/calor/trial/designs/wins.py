"""What pairs of patients are compared by in a protocol analysed by the win ratio."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.win_ratio import Level
from calor.trial.protocols.plan import Plan


def win_levels(
    plan: Plan, endpoint: Numbers, stopped: Numbers, rescued: Numbers, lost: Numbers
) -> tuple[Level, ...]:
    """Return the levels: the events that the protocol names, later is better, then the endpoint.

    An event counts until loss and the endpoint's last day. Arguments: the plan; the endpoint, and the
    study times of the events, of the same shape (n_replicates, n_patients).
    """
    wins, asked = plan.analysis.asked.wins, plan.assessments.endpoint
    end = float(asked.to_day)
    seen = np.minimum(lost, end)
    times = {"stopping": stopped, "rescue": rescued, "loss": lost}
    levels = []
    for name in wins.first:
        happened = times[name] < (end if name == "loss" else seen)
        time = np.where(happened, times[name], np.inf)
        levels.append(Level(time, seen_until=None if name == "loss" else seen))
    oriented = -endpoint if asked.less_is_better else endpoint
    return (*levels, Level(oriented, wins.tie_within))
