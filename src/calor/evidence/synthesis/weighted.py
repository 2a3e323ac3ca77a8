"""Weighted least squares for a given heterogeneity: the algebra that every synthesis shares.

For tau2 the weights are w = 1/(v + tau2), and with P = W - W X (X'WX)^-1 X'W the generalised Q is y'Py.
P is never formed: with sqrt(W) X = QR, the residuals of sqrt(W) y and the leverages h (row sums of Q^2) say
everything.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.special import solve_triangular
from calor.evidence.synthesis.method import LARGEST

WIDEST_RATIO = 1e10
"""Beyond this ratio of variances, 1 - h of the most precise study loses over ten of its sixteen digits."""


@dataclass(frozen=True)
class Data:
    """Effects (k,), their sampling variances (k,) and the design matrix (k, p), checked.

    Raises InputError when lengths differ, a number is out of range (variances must be positive), there are
    fewer studies than coefficients, or the moderators are collinear.
    """

    estimates: Numbers
    variances: Numbers
    design: Numbers

    def __post_init__(self) -> None:
        k = len(self.estimates)
        if k == 0:
            raise InputError.of("there is no study to pool", key="estimates", allowed="at least one")
        if len(self.variances) != k or self.design.shape[0] != k:
            raise InputError.of(
                f"{k} estimates, {len(self.variances)} variances, {self.design.shape[0]} rows of moderators",
                allowed="one variance and one value of each moderator per estimate",
            )
        for name, values in (("yi", self.estimates), ("moderators", self.design)):
            if not np.all(np.abs(values) <= LARGEST):
                raise InputError.of(
                    "holds a number that is not finite or too large",
                    key=name,
                    allowed=f"-{LARGEST:g} to {LARGEST:g}",
                )
        if not np.all((self.variances >= 1.0 / LARGEST) & (self.variances <= LARGEST)):
            raise InputError.of(
                "holds a variance out of range", key="vi", allowed=f"above 0 ({1 / LARGEST:g} to {LARGEST:g})"
            )
        if np.max(self.variances) > WIDEST_RATIO * np.min(self.variances):
            raise InputError.of(
                "the largest variance is too many times the smallest to compute with",
                key="vi",
                allowed=f"at most {WIDEST_RATIO:g} times the smallest",
                hint="check the units, and that every vi is a variance",
            )
        if k < self.coefficients:
            raise InputError.of(
                f"{k} studies cannot tell {self.coefficients} coefficients apart",
                key="moderators",
                hint="take out moderators",
            )
        _refuse_collinear(self.design)

    @property
    def studies(self) -> int:
        """The number of studies, k."""
        return len(self.estimates)

    @property
    def coefficients(self) -> int:
        """The number of coefficients, p (1 without moderators)."""
        return int(self.design.shape[1])

    @property
    def residual_freedom(self) -> int:
        """The degrees of freedom of Q, k - p."""
        return self.studies - self.coefficients

    def without(self, index: int) -> Data:
        """Return the data without one study. Raises InputError when the rest cannot be fitted."""
        return Data(
            np.delete(self.estimates, index),
            np.delete(self.variances, index),
            np.delete(self.design, index, axis=0),
        )


def _refuse_collinear(design: Numbers) -> None:
    """Raise InputError when the columns, each scaled to length one, are linearly dependent."""
    lengths = np.linalg.norm(design, axis=0)
    if np.any(lengths == 0.0) or np.linalg.matrix_rank(design / lengths, tol=1e-9) < design.shape[1]:
        raise InputError.of(
            "the moderators are collinear (or one is constant), so their coefficients are not determined",
            key="moderators",
            hint="take one of them out",
        )


@dataclass(frozen=True)
class Fit:
    """The weighted fit at one heterogeneity.

    Arguments: weights w (k,); the factors of sqrt(W) X = QR, Q (k, p) and R (p, p); the weighted effects
    z = sqrt(W) y (k,) and their residuals e = z - QQ'z (k,).
    """

    weights: Numbers
    factor: Numbers
    triangle: Numbers
    weighted: Numbers
    residuals: Numbers

    @property
    def coefficients(self) -> Numbers:
        """The coefficients (p,): R^-1 Q'z."""
        return np.asarray(solve_triangular(self.triangle, self.factor.T @ self.weighted))

    @property
    def covariance(self) -> Numbers:
        """The covariance of the coefficients (p, p): (X'WX)^-1 = R^-1 R'^-1."""
        inverse = solve_triangular(self.triangle, np.eye(len(self.triangle)))
        return np.asarray(inverse @ inverse.T)

    @property
    def log_determinant(self) -> float:
        """log|X'WX|."""
        return 2.0 * float(np.sum(np.log(np.abs(np.diag(self.triangle)))))

    @property
    def generalised_q(self) -> float:
        """Q(tau2) = y'Py = e'e; at tau2 = 0 it is Cochran's Q."""
        return float(self.residuals @ self.residuals)

    @property
    def y_pp_y(self) -> float:
        """y'PPy = sum of w e^2."""
        return float(self.weights @ self.residuals**2)

    @property
    def trace_p(self) -> float:
        """tr(P) = sum of w (1 - h)."""
        return float(self.weights @ (1.0 - self._leverages))

    @property
    def trace_pp(self) -> float:
        """tr(PP) = sum of w^2 (1 - 2h) + tr((Q'WQ)^2)."""
        inner = self.factor.T @ (self.weights[:, None] * self.factor)
        return float(self.weights**2 @ (1.0 - 2.0 * self._leverages) + np.sum(inner**2))

    @property
    def _leverages(self) -> Numbers:
        return np.asarray(np.einsum("ij,ij->i", self.factor, self.factor))


def fit(data: Data, tau2: float) -> Fit:
    """Return the weighted least squares fit at a heterogeneity variance tau2 >= 0."""
    weights = 1.0 / (data.variances + tau2)
    roots = np.sqrt(weights)
    factor, triangle = np.linalg.qr(roots[:, None] * data.design)
    weighted = roots * data.estimates
    return Fit(weights, factor, triangle, weighted, weighted - factor @ (factor.T @ weighted))
