"""How long patients were seen with a response, as the analyses of times read it."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Integers, TimesData
from calor.trial.protocols.plan import Plan


def times_of(plan: Plan, endpoint: Numbers, lost: Numbers, arms: Integers) -> TimesData:
    """Return the times to loss of response, censored at the endpoint's last day or where a patient left.

    Arguments: the plan; the endpoint, which is missing where a patient left with a response and the last day
    where the response held; the study times of leaving; and the arms; each (n_replicates, n_patients).
    """
    end = float(plan.assessments.endpoint.to_day)
    left = np.clip(lost - plan.assessments.starts[0], 0.0, end)
    time = np.where(np.isnan(endpoint), left, endpoint)
    return TimesData(time, np.nan_to_num(endpoint, nan=end) < end, arms)
