"""What a study of any size would see in each world: a normal law, with its mean by half and its spread.

A trial of n patients sees an estimate that is normal around the world's mean with variance V / n, where V is
that of one patient randomised; adjusting k arms for a baseline costs a factor of (n - k - 1) / (n - k - 2),
the chance difference of their baselines. No trial is simulated, so that every size is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.decision.bank.people import HALVES

Positions = NDArray[np.int64]

LEAST_SPREAD = 1e-12
"""A variance below this counts as none: everybody shows the same."""

LEAST_SCATTER = 1e-9
"""What scatters nowhere scatters this much, so that its law is one."""

BORROWED = 4.0
"""People's worth of spread that a world borrows from all worlds: its own few may happen to be all alike."""


@dataclass(frozen=True)
class Outlook:
    """What a study would see.

    Arguments: the expected statistics by world and half (n_worlds, 2, n_statistics); their covariance for one
    patient (n_worlds, n_statistics, n_statistics); and how many arms are adjusted for a baseline, 0 where
    none is. A world in which a half has nobody is NaN.
    """

    means: Numbers
    per_patient: Numbers
    adjusted_arms: int = 0

    def sampling(self, patients: int) -> Numbers:
        """Return the covariance of the statistics of a study of some size, given the world."""
        if not self.adjusted_arms:
            return np.asarray(self.per_patient / patients)
        left = max(patients - self.adjusted_arms - 1, 2)
        return np.asarray(self.per_patient / patients * (left / (left - 1)))

    def steadied(self, places: Places) -> Outlook:
        """Return the outlook with each world's spread drawn towards that of all worlds.

        The mean over worlds stays what it is.
        """
        people = places.sums(np.ones(len(places.world)))[:, None, None]
        average = np.nanmean(self.per_patient, axis=0)
        spread = (people * self.per_patient + BORROWED * average) / (people + BORROWED)
        spread = spread + LEAST_SCATTER * np.eye(average.shape[0])
        return replace(self, per_patient=spread)

    @property
    def known(self) -> NDArray[np.bool_]:
        """In which worlds both halves have somebody and the spread is known, (n_worlds,)."""
        finite = np.isfinite(self.means).all(axis=(1, 2))
        return np.asarray(finite & np.isfinite(self.per_patient).all(axis=(1, 2)))


@dataclass(frozen=True)
class Places:
    """Where people stand: the world (n,) and the half (n,) of each, among some worlds."""

    world: Positions
    half: Positions
    n_worlds: int

    def mean_by_half(self, values: Numbers) -> Numbers:
        """Return the mean of what is there, (n_worlds, 2), NaN where nothing is; values are (n,)."""
        seen = np.isfinite(values)
        group = (self.world * HALVES + self.half)[seen]
        size = self.n_worlds * HALVES
        count = np.bincount(group, minlength=size)
        total = np.bincount(group, weights=values[seen], minlength=size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        return np.asarray(mean.reshape(-1, HALVES))

    def sums(self, values: Numbers) -> Numbers:
        """Return the sum over the people of each world, (n_worlds,); values are (n,)."""
        return np.asarray(np.bincount(self.world, weights=values, minlength=self.n_worlds), dtype=np.float64)


def outlook_of_arms(
    written: Sequence[Numbers],
    baseline: Numbers | None,
    places: Places,
    shares: Sequence[float],
    control: int,
) -> Outlook:
    """Return what a trial of parallel arms would see: each active arm minus control.

    Arguments: by arm what is written down of everybody (copies, n); the baseline that the analysis adjusts
    for (n,), None for none; where people stand; the share of patients that each arm gets; the control arm.
    """
    active = [arm for arm in range(len(written)) if arm != control]
    means = [places.mean_by_half(_mean_of_copies(written[arm] - written[control])) for arm in active]
    spread = _spread_by_arm(written, baseline, places)
    seen = [_share_seen(each, places) for each in written]
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = [
            variance / (share * there) for variance, share, there in zip(spread, shares, seen, strict=True)
        ]
    size = len(active)
    per_patient = np.broadcast_to(noise[control][:, None, None], (places.n_worlds, size, size)).copy()
    for place, arm in enumerate(active):
        per_patient[:, place, place] += noise[arm]
    adjusted = 0 if baseline is None else len(written)
    return Outlook(np.stack(means, axis=-1), per_patient, adjusted).steadied(places)


def outlook_of_sequences(
    written: Sequence[Numbers], weights: Numbers, shares: Sequence[float], places: Places
) -> Outlook:
    """Return what a trial of several periods would see: weighted outcomes of whoever completes them.

    Arguments: by sequence what is written down of everybody (copies, n, n_periods); what the mean outcome of
    each sequence and period counts in each contrast (n_contrasts, n_sequences, n_periods); the share of
    patients on each sequence; and where people stand.
    """
    means, spreads = np.zeros((places.n_worlds, HALVES, len(weights))), []
    for place, (values, share) in enumerate(zip(written, shares, strict=True)):
        parts = np.einsum("knp,cp->knc", values, weights[:, place])
        means += np.stack(
            [places.mean_by_half(_mean_of_copies(parts[..., one])) for one in range(len(weights))], axis=-1
        )
        spreads.append(_covariance(parts, places) / share)
    return Outlook(means, np.sum(spreads, axis=0)).steadied(places)


def outlook_of_people(values: Numbers, places: Places) -> Outlook:
    """Return what a cohort would see whose statistics are means over people, (copies, n, n_statistics)."""
    columns = [_mean_of_copies(values[:, :, place]) for place in range(values.shape[2])]
    means = np.stack([places.mean_by_half(column) for column in columns], axis=-1)
    return Outlook(means, _covariance(values, places)).steadied(places)


def _mean_of_copies(values: Numbers) -> Numbers:
    """Return the mean over copies of what is there, (copies, n) -> (n,), NaN where nothing is."""
    seen = np.isfinite(values)
    count = seen.sum(axis=0)
    total = np.where(seen, values, 0.0).sum(axis=0)
    return np.asarray(np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0))


def _share_seen(values: Numbers, places: Places) -> Numbers:
    """Return the share of people of each world whose outcome is seen, (n_worlds,)."""
    people = places.sums(np.ones(values.shape[1]))
    seen = places.sums(np.isfinite(values).mean(axis=0))
    return np.asarray(np.divide(seen, people, out=np.full(people.shape, np.nan), where=people > 0))


def _spread_by_arm(written: Sequence[Numbers], baseline: Numbers | None, places: Places) -> list[Numbers]:
    """Return the variance of the outcome within each arm and world around its line on the baseline.

    The line has one slope for all arms of a world. Each copy is a sample of its own; their sums of squares
    are averaged. Everybody is seen under every arm, so the slope fits each arm as if it were alone: it takes
    one degree of freedom from each.
    """
    x = np.zeros(written[0].shape[1]) if baseline is None else baseline
    moments = [[_moments(copy, x, places) for copy in arm] for arm in written]
    if baseline is None:
        slope = np.zeros(places.n_worlds)
    else:
        xx = np.sum([part.xx for arm in moments for part in arm], axis=0)
        xy = np.sum([part.xy for arm in moments for part in arm], axis=0)
        slope = np.divide(xy, xx, out=np.zeros_like(xx), where=xx > LEAST_SPREAD)
    taken = 1 if baseline is None else 2
    return [np.mean([_variance(part, slope, taken) for part in arm], axis=0) for arm in moments]


@dataclass(frozen=True)
class _Moments:
    """Counts and centred sums of squares of each world, (n_worlds,)."""

    count: Numbers
    xx: Numbers
    xy: Numbers
    yy: Numbers


def _moments(y: Numbers, x: Numbers, places: Places) -> _Moments:
    seen = np.isfinite(y)
    count = places.sums(seen.astype(np.float64))
    held = np.maximum(count, 1)
    mean_x = places.sums(np.where(seen, x, 0.0)) / held
    mean_y = places.sums(np.where(seen, y, 0.0)) / held
    dx = np.where(seen, x - mean_x[places.world], 0.0)
    dy = np.where(seen, y - mean_y[places.world], 0.0)
    return _Moments(count, places.sums(dx * dx), places.sums(dx * dy), places.sums(dy * dy))


def _variance(part: _Moments, slope: Numbers, taken: int) -> Numbers:
    squares = np.maximum(part.yy - 2 * slope * part.xy + slope**2 * part.xx, 0.0)
    degrees = part.count - taken
    return np.asarray(np.divide(squares, degrees, out=np.full(squares.shape, np.nan), where=degrees > 0))


def _covariance(values: Numbers, places: Places) -> Numbers:
    """Return the covariance of one person's statistics in each world, allowing for people not seen.

    Arguments: values (copies, n, s), NaN: not seen. Returns (n_worlds, s, s): the variance of a mean over n
    patients enrolled is this over n.
    """
    size = values.shape[2]
    complete = np.asarray(np.isfinite(values).all(axis=2))
    found = np.zeros((places.n_worlds, size, size))
    for copy, there in zip(values, complete, strict=True):
        count = places.sums(there.astype(np.float64))
        held = np.maximum(count, 1)[:, None]
        filled = np.where(there[:, None], copy, 0.0)
        mean = np.stack([places.sums(filled[:, place]) for place in range(size)], axis=-1) / held
        centred = np.where(there[:, None], filled - mean[places.world], 0.0)
        for row in range(size):
            for column in range(size):
                product = places.sums(centred[:, row] * centred[:, column])
                degrees = count - 1
                found[:, row, column] += np.divide(
                    product, degrees, out=np.full(product.shape, np.nan), where=degrees > 0
                )
    share = _share_seen(np.where(complete, 1.0, np.nan), places)
    return np.asarray(found / len(values) / share[:, None, None])
