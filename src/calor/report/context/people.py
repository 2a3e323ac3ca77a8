"""The virtual patients of a run: who they are, and what the treatment does within each of them.

Every patient of the bank is followed under every arm, so the difference that a treatment makes is had within
the same person. Patients count by the weight of their world and rival.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.population.diary import blinded_change
from calor.report.numbers import percentages
from calor.study import Covariate
from calor.trial.bank.bank import Bank
from calor.trial.bank.intervals import cell_shares
from calor.trial.bank.preparation import Prepared
from calor.trial.protocols.layout import Layout

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_DAYS = 90
"""Days of a course that are kept at most, evenly spaced, the first and the last among them."""

RESPONSE = 0.3
"""A person is better with at least this share less pain than at screening.

Source: Dworkin et al. (2008), J Pain 9:105-121: 30 % is a moderately important change.
"""

COVARIATES = {
    Covariate.DURATION: ("months since the injury", "months"),
    Covariate.PAIN: ("pain at screening, mean of the run-in diary", "NRS 0-10"),
    Covariate.TEMPERATURE: ("temperature, affected minus sound side", "deg C"),
    Covariate.BLISTER_TNF: ("TNF in blister fluid of the limb", "pg/mL"),
    Covariate.BLISTER_IL6: ("IL-6 in blister fluid of the limb", "pg/mL"),
    Covariate.PLASMA_TNF: ("TNF in plasma", "pg/mL"),
    Covariate.PLASMA_IL6: ("IL-6 in plasma", "pg/mL"),
}


def weights_of_people(ready: Prepared, rows: NDArray[np.int64] | None = None) -> Numbers:
    """Return the weight of each patient of the bank (n,), or of some of every cell, adding up to 1.

    A patient's is the share of the cell, divided equally among those of it who count.
    """
    bank = ready.bank
    cells = _cell_of(ready) if rows is None else _cell_of(ready)[rows]
    shares = cell_shares(np.array([cell.rival for cell in bank.cells]), ready.weights)
    return np.asarray((shares / np.bincount(cells, minlength=len(bank.cells)))[cells])


def _cell_of(ready: Prepared) -> NDArray[np.int64]:
    """Return the cell of each patient of the bank, by position (n,)."""
    return np.repeat(np.arange(len(ready.bank.cells)), [cell.stop - cell.start for cell in ready.bank.cells])


def weighted_quantiles(values: Numbers, weights: Numbers, at: tuple[float, ...] = QUANTILES) -> Numbers:
    """Return quantiles (n_at, ...) of values (n, ...) over people (midpoints of the weights' steps)."""
    columns = values.reshape(len(values), -1)
    order = np.argsort(columns, axis=0, kind="stable")
    steps = np.cumsum(weights[order], axis=0) - weights[order] / 2
    ranked = np.take_along_axis(columns, order, axis=0)
    found = [np.interp(at, steps[:, place], ranked[:, place]) for place in range(columns.shape[1])]
    return np.array(found).T.reshape(len(at), *values.shape[1:])


def people_of(ready: Prepared) -> list[dict[str, Any]]:
    """Return what was measured of the eligible people at screening: quantiles of each covariate."""
    weights = weights_of_people(ready)
    found = []
    for covariate, (words, unit) in COVARIATES.items():
        values = ready.bank.covariates.get(covariate)
        if values is None or not np.isfinite(values).all():
            continue
        quantiles = weighted_quantiles(values, weights)
        found.append({"is": words, "unit": unit, "quantiles": rounded(quantiles)})
    return found


def within_person(ready: Prepared) -> list[dict[str, Any]]:
    """Return by active arm what it changes in pain within the same person, day by day of the first period.

    Each entry has the arm, the days, the quantiles over people (n_days, 5), and each rival's mean (n_days,).
    """
    bank, protocol, layout = ready.bank, ready.protocol, ready.plan.layout
    weights = weights_of_people(ready)
    last = protocol.design.treated_days or bank.pain.shape[2]
    days = np.unique(np.linspace(1, last, min(last, MOST_DAYS)).round().astype(np.int64))
    control = _pain_under(layout, bank, layout.control)[:, days - 1]
    found = []
    for position in layout.actives:
        change = _pain_under(layout, bank, position)[:, days - 1] - control
        found.append(
            {
                "arm": protocol.arms[position].name,
                "control": protocol.control_name,
                "days": days.tolist(),
                "quantiles": rounded(weighted_quantiles(change, weights).T),
                "by_rival": means_by_rival(ready, change),
            }
        )
    return found


def responders_of(ready: Prepared) -> list[dict[str, Any]]:
    """Return by active arm how many of 100 people are better with it, without it, with both or with neither.

    Better: true pain over the endpoint's window, with what blinded treatment changes where the arms are
    blinded, is at least 30 % below the pain measured at screening.
    """
    bank, protocol, layout = ready.bank, ready.protocol, ready.plan.layout
    weights = weights_of_people(ready)
    before = bank.covariates[Covariate.PAIN]
    better = {
        position: _level(ready, position) <= (1 - RESPONSE) * before for position in range(len(protocol.arms))
    }
    without = better[layout.control]
    found = []
    for position in layout.actives:
        by_treatment = better[position] & ~without
        shares = {
            "better either way": float(weights @ (better[position] & without)),
            "better only with it": float(weights @ by_treatment),
            "better only without it": float(weights @ (~better[position] & without)),
            "better neither way": float(weights @ (~better[position] & ~without)),
        }
        by_rival = means_by_rival(ready, by_treatment[:, None].astype(np.float64))
        found.append(
            {
                "arm": protocol.arms[position].name,
                "control": protocol.control_name,
                "of_100": percentages({name: share / sum(shares.values()) for name, share in shares.items()}),
                "only_with_it_by_rival": {name: round(100 * mean[0], 1) for name, mean in by_rival.items()},
                "response_percent": 100 * RESPONSE,
                "days": [protocol.endpoint.from_day, protocol.endpoint.to_day],
            }
        )
    return found


def _pain_under(layout: Layout, bank: Bank, position: int) -> Numbers:
    """Return true pain (n, n_days) of everybody under the sequence that begins with an arm, undisturbed."""
    return np.asarray(bank.pain[bank.course_of[layout.by_itself[position, 0], 0, 0]])


def _level(ready: Prepared, position: int) -> Numbers:
    """Return each person's mean pain over the endpoint's window under an arm, (n,)."""
    bank, protocol = ready.bank, ready.protocol
    first = int(ready.plan.layout.asked_starts[0])
    days = first + np.arange(protocol.endpoint.from_day, protocol.endpoint.to_day + 1)
    level = _pain_under(ready.plan.layout, bank, position)[:, days - 1]
    if protocol.placebo_response:
        level = level + blinded_change(bank.habits, np.asarray(days - 0.5, dtype=np.float64))
    return np.asarray(np.clip(level, 0.0, 10.0).mean(axis=1))


def means_by_rival(
    ready: Prepared, values: Numbers, rows: NDArray[np.int64] | None = None
) -> dict[str, list[float]]:
    """Return the mean of values (n, m) over people under each rival, each world counting the same.

    The values are of all patients of the bank, or of those at some rows, of every cell some.
    """
    cells = _cell_of(ready) if rows is None else _cell_of(ready)[rows]
    means = np.array([values[cells == place].mean(axis=0) for place in range(len(ready.bank.cells))])
    of_cell = ready.bank.rival_of_cell
    return {
        ready.rivals[rival].name: rounded(means[of_cell == rival].mean(axis=0))
        for rival in np.unique(of_cell)
    }


def rounded(values: Numbers) -> Any:
    """Return numbers as lists, to four decimals."""
    return np.round(values, 4).tolist()
