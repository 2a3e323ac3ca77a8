"""What a treatment changes in each of the six outcomes within the same person, week by week."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import SILENT
from calor.report.context.people import means_by_rival, rounded, weighted_quantiles, weights_of_people
from calor.report.explore.outcomes import NEEDED, OUTCOMES, Outcome
from calor.trial.bank.preparation import Prepared

MOST_PEOPLE = 600
"""People who are followed for the figure at most; in small multiples more of them change nothing."""

MOST_TIMES = 20
"""Days of a course that are kept at most; at the size of a small multiple more of them change nothing."""


def outcomes_of(ready: Prepared) -> list[dict[str, Any]]:
    """Return by active arm what it changes in each outcome within the same person, in the first period.

    People of the bank, evenly taken from every world, are followed under the arm and under the control, once
    more and for every outcome. Each entry has the arm, the control, the study days, how many people, and by
    outcome its name, unit, whether a change is a ratio, whether more is better, the quantiles over people
    (n_days, 5) and each rival's mean (n_days,). There is no entry where the effect on pain was assumed: the
    other outcomes then have none.
    """
    if ready.scenario.assumed_effect is not None:
        return []
    layout, rows, days = ready.plan.layout, _some_people(ready), _days(ready)
    control = _outputs_under(ready, layout.control, rows, days)
    return [
        {
            "arm": layout.arms[position],
            "control": layout.arms[layout.control],
            "days": days.tolist(),
            "people": len(rows),
            "outcomes": [
                _change(ready, outcome, _outputs_under(ready, position, rows, days), control, rows)
                for outcome in OUTCOMES
            ],
        }
        for position in layout.actives
    ]


def _some_people(ready: Prepared) -> NDArray[np.int64]:
    """Return the rows of the bank that are followed: of each cell the first ones, as many of each."""
    cells = ready.bank.cells
    each = max(1, MOST_PEOPLE // len(cells))
    return np.concatenate([np.arange(cell.start, min(cell.stop, cell.start + each)) for cell in cells])


def _days(ready: Prepared) -> NDArray[np.int64]:
    """Return the study days of the figure, evenly from the first to the last of the first period."""
    last = ready.protocol.design.treated_days or ready.courses.days
    return np.unique(np.linspace(1, last, min(last, MOST_TIMES)).round().astype(np.int64))


def _outputs_under(
    ready: Prepared, position: int, rows: NDArray[np.int64], days: NDArray[np.int64]
) -> dict[str, Numbers]:
    """Return true outputs (n_rows, n_days) by name under the sequence that begins with an arm."""
    bank = ready.bank
    found = ready.courses.simulate(
        int(bank.course_of[ready.plan.layout.by_itself[position, 0], 0, 0]),
        bank.patients.take(rows),
        bank.history.take(rows),
        bank.stream,
        np.asarray(days - 0.5, dtype=np.float64),
        NEEDED,
        ready.settings.options,
        SILENT,
    )
    return {name: found.outputs[..., place] for place, name in enumerate(NEEDED)}


def _change(
    ready: Prepared,
    outcome: Outcome,
    treated: dict[str, Numbers],
    untreated: dict[str, Numbers],
    rows: NDArray[np.int64],
) -> dict[str, Any]:
    change, weights = outcome.change(treated, untreated), weights_of_people(ready, rows)
    return {
        "name": outcome.name,
        "unit": outcome.unit,
        "as_ratio": outcome.as_ratio,
        "more_is_better": outcome.more_is_better,
        "quantiles": rounded(weighted_quantiles(change, weights).T),
        "by_rival": means_by_rival(ready, change, rows),
    }
