"""The looks of a trial as the theory takes them: of a group-sequential one, and of one with several arms."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import ReportedError
from calor.study import Analysis, GroupSequential, Misfit, MultiArmMultiStage, Platform, Protocol
from calor.study.arms import Shares, shares_of
from calor.trial.theory import ManyArmPlan, SequentialPlan, boundaries, many_arm_boundaries

OUT_OF_REACH = 6.0
"""A normal score that chance passes once in a thousand million."""

FEWEST_AT_LOOK = 4
"""Patients below which two arms have no variance to be compared by."""


def looks_of(design: GroupSequential | MultiArmMultiStage, analysis: Analysis) -> SequentialPlan:
    """Return the looks of a trial with the error that each may spend."""
    return SequentialPlan(design.spending, design.looks, analysis.alpha, analysis.sided, design.parameter)


def looks_of_arm(design: Platform, level: float, arms: int) -> SequentialPlan:
    """Return the looks of each of so many arms of a platform, which share a one-sided level equally."""
    return SequentialPlan(design.spending, design.looks, level / arms, 1, design.parameter)


def share_to_control(shares: Shares, control: int) -> float:
    """Return the share of an active arm to the control's, where all active arms have the same."""
    active = next(share for place, share in enumerate(shares.ratio) if place != control)
    return active / shares.ratio[control]


def critical_values_of(trial: Protocol) -> Numbers:
    """Return what a statistic must reach at each look of a trial, with all its arms in it."""
    design = trial.design
    if isinstance(design, MultiArmMultiStage):
        control = [arm.name for arm in trial.arms].index(trial.control_name)
        shares = shares_of(trial.allocation, len(trial.arms))
        looks = looks_of(design, trial.analysis)
        plan = ManyArmPlan(looks, len(trial.arms) - 1, share_to_control(shares, control))
        return np.array(many_arm_boundaries(plan))
    if isinstance(design, GroupSequential):
        return boundaries(looks_of(design, trial.analysis)).critical_values
    return np.zeros(0)


def misfits_of_looks(trial: Protocol) -> Iterator[Misfit]:
    """Yield why the looks and the spending of a design make no boundaries."""
    design = trial.design
    try:
        if isinstance(design, Platform):
            boundaries(looks_of_arm(design, trial.analysis.alpha, len(trial.arms) - 1))
        elif isinstance(design, GroupSequential | MultiArmMultiStage):
            boundaries(looks_of(design, trial.analysis))
    except ReportedError as error:
        for problem in error.problems:
            yield Misfit(f"{problem.place}: {problem.what}", ("design",), problem.allowed, hint=problem.hint)


def idle_looks(trial: Protocol) -> Iterator[str]:
    """Yield what the looks before the last of a trial cannot do."""
    design = trial.design
    if not isinstance(design, GroupSequential | MultiArmMultiStage):
        return
    critical = critical_values_of(trial)
    sizes = np.round(np.array(design.looks) * trial.patients).astype(int)
    futility = design.futility or (-np.inf,) * (len(sizes) - 1)
    before = 0
    looks = zip(sizes[:-1], critical[:-1], futility, strict=True)
    for place, (size, bound, futile) in enumerate(looks):
        look = f"look {place + 1} (at {size} patients)"
        if size < FEWEST_AT_LOOK:
            yield f"{look} has too few patients to analyse, so the trial cannot stop there"
        elif size in (before, sizes[-1]):
            yield f"{look} has the patients of another look, so it can decide nothing new"
        elif size + trial.overrun >= trial.patients:
            everybody = f"all {trial.patients} patients are in"
            yield f"{everybody} when the data of {look} are: to stop there spares nobody"
        if bound > OUT_OF_REACH:
            yield (
                f"{look} cannot stop for benefit: its critical value is {bound:.1f}, since next to no alpha "
                "is spent there"
            )
        if futile >= bound:
            yield (
                f"every trial ends at {look}: its futility bound {futile:g} is not below the critical value "
                f"{bound:.2f}, so no later look takes place"
            )
        elif design.futility and futile < -OUT_OF_REACH:
            yield f"the futility bound {futile:g} of {look} cannot be passed"
        before = size
