"""Repeated measures reduced to sums over the patients who share a pattern of observed visits.

With the same covariates at every visit, everything that likelihood needs of the data are, for each pattern,
the number of patients and the cross-products of covariates and outcomes. Their size does not depend on the
number of patients.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.trial.analysis.data import Flags, Integers

DEPENDENT = 1e-6
"""A covariate whose length falls below this fraction once earlier ones are taken out depends on them. Lengths
come from cross-products, whose rounding leaves about 1e-8 of a column that depends."""


@dataclass(frozen=True)
class PatternSums:
    """Sums over the patients of each pattern of observed responses, for every replicate.

    Arguments: which responses a pattern observes (n_patterns, n_responses); numbers of patients
    (n_replicates, n_patterns); cross-products of covariates `xx` (n_replicates, n_patterns, n_covariates,
    n_covariates), of covariates with responses `xy` (..., n_covariates, n_responses) and of responses `yy`
    (..., n_responses, n_responses), where a response that is not observed counts as 0.
    """

    observed: Flags
    count: Numbers
    xx: Numbers
    xy: Numbers
    yy: Numbers

    @property
    def n_responses(self) -> int:
        """The number of responses (visits, and the baseline where it is a response)."""
        return int(self.observed.shape[1])

    def rows(self, which: Flags | Integers) -> PatternSums:
        """Return the sums of some replicates, by flags (n_replicates,) or positions."""
        return PatternSums(self.observed, self.count[which], self.xx[which], self.xy[which], self.yy[which])

    def with_covariates(self, transform: Numbers) -> PatternSums:
        """Return the sums for covariates x T, with T (n_replicates, n_covariates, n_covariates)."""
        left = np.swapaxes(transform, 1, 2)[:, None]
        return PatternSums(
            self.observed, self.count, left @ self.xx @ transform[:, None], left @ self.xy, self.yy
        )

    def seen_together(self) -> Numbers:
        """Return how many patients have both of two responses: (n_replicates, n_responses, n_responses)."""
        seen = self.observed.astype(np.float64)
        return np.asarray(np.einsum("rk,ka,kb->rab", self.count, seen, seen))


def pattern_sums(covariates: Numbers, responses: Numbers, used: Flags) -> PatternSums:
    """Return the sums over patterns of observed responses.

    Arguments: covariates (n_replicates, n_patients, n_covariates), responses (n_replicates, n_patients,
    n_responses) with NaN where missing, and which patients count (n_replicates, n_patients). A patient
    without any response does not count.
    """
    seen = ~np.isnan(responses) & used[:, :, None]
    code = seen @ (1 << np.arange(seen.shape[2]))
    codes = np.unique(code[code > 0])
    n_covariates = covariates.shape[2]
    together = np.concatenate([covariates, np.where(seen, responses, 0.0)], axis=2)
    products, counts = [], []
    for value in codes:
        member = code == value
        rows = together * member[:, :, None]
        products.append(np.swapaxes(rows, 1, 2) @ rows)
        counts.append(member.sum(axis=1))
    shape = (len(seen), len(codes), together.shape[2], together.shape[2])
    stacked = np.stack(products, axis=1) if products else np.zeros(shape)
    return PatternSums(
        observed=(codes[:, None] >> np.arange(seen.shape[2]) & 1).astype(bool),
        count=np.stack(counts, axis=1).astype(np.float64) if counts else np.zeros(shape[:2]),
        xx=stacked[:, :, :n_covariates, :n_covariates],
        xy=stacked[:, :, :n_covariates, n_covariates:],
        yy=stacked[:, :, n_covariates:, n_covariates:],
    )


def orthonormal(cross_products: Numbers) -> tuple[Numbers, Flags]:
    """Return the upper triangular T that makes covariates x T orthonormal, and which columns are kept.

    Gram-Schmidt in the order of the columns; one that depends on earlier ones becomes a column of zeros.
    Arguments: cross-products of the covariates (n_replicates, n_covariates, n_covariates).
    Returns T of that shape and flags (n_replicates, n_covariates).
    """
    n_replicates, size = cross_products.shape[:2]
    transform = np.zeros_like(cross_products)
    kept = np.zeros((n_replicates, size), dtype=bool)
    for column in range(size):
        vector = np.zeros((n_replicates, size))
        vector[:, column] = 1.0
        length = np.sqrt(cross_products[:, column, column])
        for _ in range(2):  # once more, against rounding
            overlap = np.einsum("rij,rik,rk->rj", transform, cross_products, vector)
            vector -= np.einsum("rij,rj->ri", transform, overlap)
        rest = np.sqrt(np.maximum(np.einsum("ri,rij,rj->r", vector, cross_products, vector), 0.0))
        kept[:, column] = rest > DEPENDENT * np.maximum(length, 1e-300)
        scale = np.divide(1.0, rest, out=np.zeros_like(rest), where=kept[:, column])
        transform[:, :, column] = vector * scale[:, None]
    return transform, kept
