"""A bank of made-up patients, so that designs can be tested against closed forms without the disease."""

from __future__ import annotations

import numpy as np

from calor.core.arrays import Numbers
from calor.core.documents import parse_document
from calor.core.streams import Stream
from calor.population.diary import DiaryHabits
from calor.population.history import History
from calor.population.patients import Patients
from calor.population.readings import READINGS
from calor.population.simulation import Standing
from calor.study import VARIABLES, Covariate, Protocol
from calor.trial.bank.bank import Bank, Cell, Counts
from calor.trial.protocols.given import given_of
from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.reading import check_protocol

HEAD = """\
id: made-up
title: Made up
population: {duration_months: {at_least: 1, at_most: 60}, pain_nrs: {at_least: 0}}
control: placebo
"""
BASE = HEAD + "arms: [{name: active}, {name: placebo}]\n"


LEVELS = tuple(reading.outputs[0] for reading in READINGS.values() if len(reading.outputs) == 1)
"""The true outputs behind the variables that rest on one."""


def protocol(text: str, base: str = BASE) -> Protocol:
    """Return a made-up protocol; a text with arms of its own takes the rest of the base."""
    base = HEAD if "\narms:" in text and base == BASE else base
    return check_protocol(parse_document(base + text, "trial.yaml"))


def nobody_s_past(n: int) -> History:
    """Return a life until screening of people without a model."""
    standing = Standing(np.zeros((n, 0)), ())
    return History(np.zeros((n, 1)), standing, np.zeros(n, dtype=np.int64), {})


SCATTER = {name: 0.3 for row in VARIABLES.values() for name, _ in row.scatter} | {"grip_visit_sd": 0.05}
"""The scatter of a reading by each instrument."""


def with_level(bank: Bank, level: Numbers) -> Bank:
    """Return a bank whose true outputs are all at one level (n_courses, n, n_days)."""
    return bank.with_courses(dict.fromkeys(bank.outputs, level), bank.course_of)


def bank_of(
    trial: Protocol,
    effects: dict[str, float] | None = None,
    *,
    n: int = 400,
    n_cells: int = 2,
    stop_effect: float = 0.0,
    rescue_effect: float = 0.0,
    loss_per_day: float = 0.0,
    sd: float = 1.0,
    noise: float = 1.0,
    subgroup_effect: float = 0.0,
    seed: int = 1,
) -> Bank:
    """Return a bank in which an arm shifts the true level in its periods, and stopping takes that back.

    `stop_effect` is the share of the effect that is left after stopping; a rescue drug shifts the level by
    `rescue_effect` from its day on. `subgroup_effect` comes on top of
    the effect of every arm but the control in patients with a duration below 12 months.
    """
    generator = np.random.default_rng(seed)
    layout = layout_of(trial)
    days = layout.last_day
    level = generator.normal(5.0, sd, size=n)
    duration = np.tile([6.0, 24.0], n // 2)
    shift = effects or {}
    given = given_of(trial, layout)
    stop_days = given.stop_days or (trial.visits if trial.conduct.stopping else ())
    rescue_days = given.rescue_days
    shape = (len(layout.followed), 1 + len(stop_days), 1 + len(rescue_days))
    courses, course_of = [], np.zeros(shape, dtype=np.int64)
    starts = [int(start) for start in layout.starts] + [days]
    for row, arms in enumerate(layout.followed):
        for place in np.ndindex(*shape[1:]):
            stop, start = (None, *stop_days)[place[0]], (None, *rescue_days)[place[1]]
            course = np.repeat(level[:, None], days, axis=1)
            for period, arm in enumerate(arms):
                own = np.full(n, shift.get(trial.arms[arm].name, 0.0))
                if arm != layout.control:
                    own = own + subgroup_effect * (duration < 12)
                course[:, starts[period] : starts[period + 1]] += own[:, None]
                if stop is not None:
                    course[:, max(stop - 1, starts[period]) :] -= (1 - stop_effect) * own[:, None]
            if start is not None:
                course[:, start - 1 :] += rescue_effect
            course_of[row, *place] = len(courses)
            courses.append(course)
    pain = np.array(courses)
    return Bank(
        patients=Patients(
            np.arange(n),
            np.zeros(n, dtype=np.int64),
            {name: np.full(n, value) for name, value in SCATTER.items()},
        ),
        history=nobody_s_past(n),
        baseline=level + generator.normal(0, 0.5, size=n),
        covariates={
            Covariate.DURATION: duration,
            Covariate.PAIN: level,
            Covariate.TEMPERATURE: np.tile([-1.0, -1.0, 1.0, 1.0], n // 4),
            Covariate.BLISTER_TNF: generator.lognormal(size=n),
            Covariate.BLISTER_IL6: generator.lognormal(size=n),
            Covariate.PLASMA_TNF: generator.lognormal(size=n),
            Covariate.PLASMA_IL6: generator.lognormal(size=n),
        },
        slow_before=np.zeros(n),
        habits=DiaryHabits(*(np.full(n, value) for value in (noise, 0.0, 0.0, 20.0, 0.0, 3.0))),
        outputs=dict.fromkeys(LEVELS, pain),
        course_of=course_of,
        stop_days=stop_days,
        rescue_days=rescue_days,
        loss_per_day=np.full(n, loss_per_day),
        cells=tuple(Cell(0, i, i * n // n_cells, (i + 1) * n // n_cells) for i in range(n_cells)),
        counts=Counts(n, n, 0, n_cells, n_cells, 0),
        stream=Stream(seed),
    )
