"""An open run-in before randomisation: all get the active arm, and those who respond stay in the bank.

Response is what the diary says over the last days of the run-in, measured once for each person as screening
is. It becomes the baseline of the randomised part. Who would leave during the run-in is not simulated: those
who enter are counted as if all finished it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.streams import Stream
from calor.population.diary import DiaryHabits, blinded_change, mean_of_filled, ratings_in_trial
from calor.population.patients import Identifiers
from calor.study import RunIn
from calor.trial.bank.bank import Bank, Cell
from calor.trial.bank.courses import diary_times
from calor.trial.protocols.plan import Plan

FEWEST_RESPONDERS = 4
"""A world with fewer cannot run the randomised part."""


def after_run_in(plan: Plan, bank: Bank) -> Bank:
    """Return the bank of those who respond in the run-in of a design, the whole bank without a run-in.

    Raises InputError where too few respond in every world.
    """
    run_in = plan.protocol.design.run_in
    if run_in is None:
        return bank
    level = level_in_run_in(plan, bank, run_in, sequence=0)
    chosen = responds(bank.baseline, level, run_in)
    before = np.concatenate([[0], np.cumsum(chosen)])
    cells, kept, start = list[Cell](), list[NDArray[np.int64]](), 0
    for cell in bank.cells:
        size = int(before[cell.stop] - before[cell.start])
        if size >= FEWEST_RESPONDERS:
            kept.append(cell.start + np.flatnonzero(chosen[cell.start : cell.stop]))
            cells.append(replace(cell, start=start, stop=start + size))
            start += size
    if not cells:
        raise InputError.of(
            f"in no world did {FEWEST_RESPONDERS} people respond in the run-in",
            key="design.open_run_in",
            hint="ask for a smaller reduction, or a longer run-in",
        )
    return _taken(bank, np.concatenate(kept), tuple(cells), level)


def level_in_run_in(plan: Plan, bank: Bank, run_in: RunIn, sequence: int) -> Numbers:
    """Return the mean of each person's diary over the last days of the run-in, (n,), NaN where nothing is.

    Arguments: the plan, the bank, the run-in, and the sequence that is followed.
    """
    return diary_in_run_in(
        run_in,
        bank.pain[bank.course_of[sequence, 0, 0]],
        bank.habits,
        bank.slow_before,
        bank.patients.identifiers,
        bank.stream,
        placebo_response=plan.assessments.placebo_response,
    )


def diary_in_run_in(
    run_in: RunIn,
    pain: Numbers,
    habits: DiaryHabits,
    slow_before: Numbers,
    identifiers: Identifiers,
    stream: Stream,
    *,
    placebo_response: bool,
) -> Numbers:
    """Return the mean of each person's diary over the last days of a run-in, (n,), NaN where nothing is.

    Arguments: the run-in; true pain on each study day (n, n_days); the diaries' habits (n,); their slow
    fluctuation before study day 1 (n,); the numbers that key people (n,); the stream of the study; and
    whether reports hold the response to treatment as such.
    """
    days = np.arange(run_in.days - run_in.response_days, run_in.days)
    level = pain[:, days]
    if placebo_response:
        level = level + blinded_change(habits, diary_times(run_in.days)[days])
    words = stream.child("run-in", "diary").words(identifiers, days)
    return mean_of_filled(ratings_in_trial(habits, level, days + 1, slow_before, words))


def responds(baseline: Numbers, level: Numbers, run_in: RunIn) -> NDArray[np.bool_]:
    """Return who responds by a level of pain in the run-in (n,); nobody whose diary is empty.

    Arguments: the measured baseline (n,), the level (n,) and the run-in.
    """
    least = baseline * (1 - run_in.reduction_percent / 100)
    return np.asarray(np.nan_to_num(level, nan=np.inf) <= least + 1e-9)


def _taken(bank: Bank, rows: NDArray[np.int64], cells: tuple[Cell, ...], level: Numbers) -> Bank:
    """Return the bank of some people, whose baseline is a level."""
    return replace(
        bank,
        patients=bank.patients.take(rows),
        history=bank.history.take(rows),
        baseline=level[rows],
        covariates={name: values[rows] for name, values in bank.covariates.items()},
        slow_before=bank.slow_before[rows],
        habits=bank.habits.take(rows),
        outputs={name: values[:, rows] for name, values in bank.outputs.items()},
        loss_per_day=bank.loss_per_day[rows],
        cells=cells,
        counts=replace(
            bank.counts,
            eligible=len(rows),
            entered=bank.counts.eligible,
            cells=len(cells),
            cells_without_enough_patients=bank.counts.cells_without_enough_patients
            + len(bank.cells)
            - len(cells),
        ),
    )
