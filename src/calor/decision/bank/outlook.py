"""What a study of any size would see in each world: a normal law, with its mean by half and its spread.

A trial of n patients sees an estimate that is normal around the world's mean with variance V / n, where V is
that of one patient randomised; adjusting k arms for a baseline costs a factor of (n - k - 1) / (n - k - 2),
the chance difference of their baselines. What whole sites have in common stays, however many patients they
have. No trial is simulated, so that every size is free.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.decision.bank.people import HALVES
from calor.decision.bank.site_scatter import NO_SITES, SiteScatter
from calor.decision.bank.spread import Places, covariance, mean_of_copies, share_seen, spread_by_arm

LEAST_SCATTER = 1e-9
"""What scatters nowhere scatters this much, so that its law is one."""

BORROWED = 4.0
"""People's worth of spread that a world borrows from all worlds: its own few may happen to be all alike."""


@dataclass(frozen=True)
class Outlook:
    """What a study would see.

    Arguments: the expected statistics by world and half (n_worlds, 2, n_statistics); their covariance for one
    patient (n_worlds, n_statistics, n_statistics); how many means are fitted beside a baseline, 0 where none
    is; the covariance that no number of patients takes away (n_statistics, n_statistics), None for none; and
    the share of those who enter who are randomised. A world in which a half has nobody is NaN.
    """

    means: Numbers
    per_patient: Numbers
    adjusted_arms: int = 0
    lasting: Numbers | None = None
    randomised_share: float = 1.0

    def sampling(self, patients: int) -> Numbers:
        """Return the covariance of the statistics of a study of some size, given the world."""
        found = self.per_patient / patients
        if self.adjusted_arms:
            left = max(patients - self.adjusted_arms - 1, 2)
            found = found * (left / (left - 1))
        return np.asarray(found if self.lasting is None else found + self.lasting)

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


def outlook_of_arms(
    written: Sequence[Numbers],
    baseline: Numbers | None,
    places: Places,
    shares: Sequence[float],
    weights: Numbers,
    sites: SiteScatter = NO_SITES,
) -> Outlook:
    """Return what a trial of parallel arms would see: weighted sums of its arms' means.

    Arguments: by arm what is written down of everybody (copies, n); the baseline that the analysis adjusts
    for (n,), None for none; where people stand; the share of patients that each arm gets; the weight of each
    arm in each contrast (n_contrasts, n_arms); and what patients of a site have in common.
    """
    means = [places.mean_by_half(mean_of_copies(_weighted(written, own))) for own in weights]
    seen = [share_seen(each, places) for each in written]
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = [
            (variance + sites.per_patient) / (share * there)
            for variance, share, there in zip(
                spread_by_arm(written, baseline, places), shares, seen, strict=True
            )
        ]
    found = Outlook(
        np.stack(means, axis=-1),
        np.sum([_of_contrasts(each, own) for each, own in zip(noise, weights.T, strict=True)], axis=0),
        0 if baseline is None else len(written) + sites.fitted,
    )
    if sites.of_arms:
        found = replace(found, lasting=(weights * np.array(sites.of_arms)) @ weights.T)
    return found.steadied(places)


def _weighted(written: Sequence[Numbers], weights: Numbers) -> Numbers:
    """Return a weighted sum of the arms that count in it, (copies, n)."""
    return np.asarray(sum(weights[arm] * written[arm] for arm in np.flatnonzero(weights).tolist()))


def _of_contrasts(noise: Numbers, weights: Numbers) -> Numbers:
    """Return what an arm's variance (n_worlds,) adds to the contrasts that it counts in, (n_worlds, c, c)."""
    products = np.outer(weights, weights)
    return np.asarray(np.where(products != 0, noise[:, None, None] * products, 0.0))


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
            [places.mean_by_half(mean_of_copies(parts[..., one])) for one in range(len(weights))], axis=-1
        )
        spreads.append(covariance(parts, places) / share)
    return Outlook(means, np.sum(spreads, axis=0)).steadied(places)


def outlook_of_people(values: Numbers, places: Places) -> Outlook:
    """Return what a cohort would see whose statistics are means over people, (copies, n, n_statistics)."""
    columns = [mean_of_copies(values[:, :, place]) for place in range(values.shape[2])]
    means = np.stack([places.mean_by_half(column) for column in columns], axis=-1)
    return Outlook(means, covariance(values, places)).steadied(places)


def side_by_side(parts: Sequence[Outlook], shares: Sequence[Numbers]) -> Outlook:
    """Return what a study would see of several groups of its people, who share no patient.

    Arguments: what it would see of each group by itself; and the share of the people of each world that is in
    it (n_worlds,).
    """
    first, size = parts[0], parts[0].means.shape[2]
    spread = np.zeros((len(first.means), size * len(parts), size * len(parts)))
    for place, (part, share) in enumerate(zip(parts, shares, strict=True)):
        own = slice(place * size, (place + 1) * size)
        with np.errstate(divide="ignore", invalid="ignore"):
            spread[:, own, own] = part.per_patient / share[:, None, None]
    # Patients of a whole site share its level, whichever group they are in.
    lasting = None if first.lasting is None else np.tile(first.lasting, (len(parts), len(parts)))
    means = np.concatenate([part.means for part in parts], axis=2)
    return replace(first, means=means, per_patient=spread, lasting=lasting)
