"""The data that estimators read: replicates of a trial side by side, as arrays.

The first axis is the replicate, the second the patient. A missing outcome is NaN; a place for a patient who
was not randomised has arm -1. Arm 0 is the control. Nothing here knows what was measured or how.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

NOT_RANDOMISED = -1
"""The arm of a place in the arrays that no randomised patient fills."""


@dataclass(frozen=True)
class ParallelData:
    """One outcome per patient of a parallel-group trial.

    Arguments: outcome (n_replicates, n_patients), arm of the same shape, and, where the analysis adjusts
    for them, baseline, stratum and calendar period (integer codes) of the same shape.
    Raises InputError where shapes differ, an arm is below -1 or a number is infinite.
    """

    outcome: Numbers
    arm: Integers
    baseline: Numbers | None = None
    stratum: Integers | None = None
    period: Integers | None = None

    def __post_init__(self) -> None:
        _check_shape("outcome", self.outcome, 2)
        _check_patients(self.outcome, self.arm, self.baseline, self.stratum)
        if self.period is not None:
            _check_same_shape("period", self.period, self.outcome.shape)

    @property
    def randomised(self) -> Flags:
        """Who was randomised, (n_replicates, n_patients)."""
        return self.arm >= 0


@dataclass(frozen=True)
class LongitudinalData:
    """One outcome per patient and visit of a parallel-group trial.

    Arguments: outcome (n_replicates, n_patients, n_visits), arm (n_replicates, n_patients), and baseline
    and stratum of the arm's shape; identifiers of the replicates (n_replicates,), which key what an analysis
    draws at random (0, 1, 2 ... where none are given). Raises InputError as ParallelData does.
    """

    outcome: Numbers
    arm: Integers
    baseline: Numbers
    stratum: Integers | None = None
    identifiers: Integers | None = None

    def __post_init__(self) -> None:
        _check_shape("outcome", self.outcome, 3)
        _check_patients(self.outcome, self.arm, self.baseline, self.stratum)
        if self.identifiers is not None:
            _check_same_shape("identifiers", self.identifiers, self.outcome.shape[:1])

    @property
    def replicates(self) -> Integers:
        """The identifiers of the replicates, (n_replicates,)."""
        return np.arange(len(self.outcome)) if self.identifiers is None else self.identifiers

    def rows(self, which: slice) -> LongitudinalData:
        """Return some replicates, with the identifiers they have among all."""
        stratum = None if self.stratum is None else self.stratum[which]
        return LongitudinalData(
            self.outcome[which], self.arm[which], self.baseline[which], stratum, self.replicates[which]
        )

    def visit_index(self, visit: int) -> int:
        """Return a visit's index from 0, where -1 is the last; InputError where there is none."""
        n_visits = self.outcome.shape[2]
        if not -n_visits <= visit < n_visits:
            raise InputError.of(
                f"is {visit}", key="visit", allowed=f"0 to {n_visits - 1}, or -1 for the last"
            )
        return int(visit % n_visits)

    @property
    def randomised(self) -> Flags:
        """Who was randomised, (n_replicates, n_patients)."""
        return self.arm >= 0

    def at_visit(self, visit: int) -> ParallelData:
        """Return the outcomes of a single visit."""
        return ParallelData(self.outcome[:, :, visit], self.arm, self.baseline, self.stratum)


@dataclass(frozen=True)
class SiteData:
    """One outcome per patient of a trial at several sites.

    Arguments: the patients, and the site of each (n_replicates, n_patients), numbered from 0. Raises
    InputError where shapes differ.
    """

    patients: ParallelData
    site: Integers

    def __post_init__(self) -> None:
        _check_same_shape("site", self.site, self.patients.arm.shape)

    def by_site(self, values: NDArray[Any]) -> Numbers:
        """Return values by site, (n_replicates, n_sites, most at a site), NaN where there is nobody.

        The patients of a site keep their order. Arguments: values (n_replicates, n_patients).
        """
        order = np.argsort(self.site, axis=1, kind="stable")
        site = np.take_along_axis(self.site, order, axis=1)
        n_sites = int(site.max(initial=0)) + 1
        counts = (self.site[:, :, None] == np.arange(n_sites)).sum(axis=1)
        first = np.cumsum(counts, axis=1) - counts
        place = np.arange(site.shape[1]) - np.take_along_axis(first, site, axis=1)
        found = np.full((len(site), n_sites, int(counts.max(initial=0))), np.nan)
        rows = np.arange(len(site))[:, None]
        found[rows, site, place] = np.take_along_axis(values, order, axis=1)
        return found


@dataclass(frozen=True)
class TimesData:
    """How long each patient of a parallel-group trial was seen without an event.

    Arguments: the time of the event, or until when the patient was seen without one; whether the event
    happened; and the arm, 0 the control, -1 where nobody is; each (n_replicates, n_patients). Raises
    InputError where shapes differ.
    """

    time: Numbers
    event: Flags
    arm: Integers

    def __post_init__(self) -> None:
        _check_shape("time", self.time, 2)
        for name in ("event", "arm"):
            _check_same_shape(name, getattr(self, name), self.time.shape)
        _check_arm("arm", self.arm)


@dataclass(frozen=True)
class CrossoverData:
    """One outcome per patient and period of a crossover trial.

    Arguments: outcome and treatment (n_replicates, n_patients, n_periods); treatment 0 is the control, 1..
    the active ones, and -1 in every period marks a patient who was not randomised.
    Raises InputError where shapes differ, a treatment is below -1 or a number is infinite.
    """

    outcome: Numbers
    treatment: Integers

    def __post_init__(self) -> None:
        _check_shape("outcome", self.outcome, 3)
        _check_same_shape("treatment", self.treatment, self.outcome.shape)
        _check_arm("treatment", self.treatment)
        _check_finite("outcome", self.outcome)

    @property
    def randomised(self) -> Flags:
        """Who was randomised, (n_replicates, n_patients)."""
        return np.asarray((self.treatment >= 0).all(axis=2))


def _check_patients(
    outcome: Numbers, arm: Integers, baseline: Numbers | None, stratum: Integers | None
) -> None:
    shape = outcome.shape[:2]
    _check_same_shape("arm", arm, shape)
    _check_arm("arm", arm)
    _check_finite("outcome", outcome)
    if baseline is not None:
        _check_same_shape("baseline", baseline, shape)
        _check_finite("baseline", baseline)
    if stratum is not None:
        _check_same_shape("stratum", stratum, shape)


def _check_shape(name: str, values: Numbers, dimensions: int) -> None:
    if values.ndim != dimensions:
        raise InputError.of(f"has {values.ndim} dimensions", key=name, allowed=str(dimensions))


def _check_same_shape(name: str, values: Numbers | NDArray[np.int64], shape: tuple[int, ...]) -> None:
    if values.shape != shape:
        raise InputError.of(f"has the shape {values.shape}", key=name, allowed=str(shape))


def _check_arm(name: str, values: Integers) -> None:
    if not np.issubdtype(values.dtype, np.integer):
        raise InputError.of(f"holds {values.dtype}", key=name, allowed="whole numbers")
    if values.size and values.min() < NOT_RANDOMISED:
        raise InputError.of(
            f"holds {values.min()}", key=name, allowed="-1 (not randomised), 0 (control), 1, 2 ..."
        )


def _check_finite(name: str, values: Numbers) -> None:
    if np.isinf(values).any():
        raise InputError.of("holds an infinite number", key=name, allowed="finite numbers, NaN for missing")
