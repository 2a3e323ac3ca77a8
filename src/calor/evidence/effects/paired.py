"""Effects within patients: crossover trials, and changes from baseline."""

from __future__ import annotations

import math
from dataclasses import dataclass

from calor.core.errors import InputError
from calor.evidence.effects.checks import correlation, finite, positive, sample_size
from calor.evidence.effects.effect import Effect, Measure
from calor.evidence.effects.means import GroupMean, mean_difference, small_sample_correction


@dataclass(frozen=True)
class PairedMeans:
    """Means and standard deviations of the same n patients under two conditions.

    Arguments: under the first (active, or after) and the second (control, or before) condition, the patients
    with both (>= 2), and the correlation of a patient's two values. Raises InputError when out of range.
    """

    first_mean: float
    second_mean: float
    first_standard_deviation: float
    second_standard_deviation: float
    n: int
    correlation: float

    def __post_init__(self) -> None:
        finite("first_mean", self.first_mean)
        finite("second_mean", self.second_mean)
        positive("first_standard_deviation", self.first_standard_deviation)
        positive("second_standard_deviation", self.second_standard_deviation)
        sample_size("n", self.n, least=2)
        correlation("correlation", self.correlation)

    @property
    def change(self) -> GroupMean:
        """Mean and standard deviation of the patients' differences, first minus second."""
        deviation = change_standard_deviation(
            self.first_standard_deviation, self.second_standard_deviation, self.correlation
        )
        return GroupMean(self.first_mean - self.second_mean, deviation, self.n)


def change_standard_deviation(first: float, second: float, within_patient: float) -> float:
    """Return the standard deviation of the difference of a patient's two values.

    Equation: s = sqrt(s1^2 + s2^2 - 2 r s1 s2).
    Source: Cochrane Handbook, version 6, chapter 6.
    """
    positive("first", first)
    positive("second", second)
    correlation("within_patient", within_patient)
    return math.sqrt((first - second) ** 2 + 2.0 * (1.0 - within_patient) * first * second)


def within_patient_correlation(first: float, second: float, change: float) -> float:
    """Return the correlation of a patient's two values from the standard deviations of them and their change.

    Equation: r = (s1^2 + s2^2 - s^2) / (2 s1 s2).
    Raises InputError when the three do not fit any correlation above -1 and below 1.
    Source: Cochrane Handbook, version 6, chapter 6.
    """
    for key, value in (("first", first), ("second", second), ("change", change)):
        positive(key, value)
    found = (first**2 + second**2 - change**2) / (2.0 * first * second)
    if not -1.0 < found < 1.0:
        raise InputError.of(
            f"is {change}, which fits no correlation (it would be {found:.3g})",
            key="change",
            allowed=f"above {abs(first - second):.6g} and below {first + second:.6g}",
        )
    return found


def crossover_mean_difference(paired: PairedMeans, *, study: str = "") -> Effect:
    """Return the mean of the patients' differences, first (active) minus second (control).

    Equation: y = m1 - m2, v = (s1^2 + s2^2 - 2 r s1 s2)/n. Period effects are taken to be balanced.
    Source: Elbourne et al. 2002, doi:10.1093/ije/31.1.140; metafor::escalc measure "MC".
    """
    change = paired.change
    return Effect(study, change.mean, change.standard_deviation**2 / change.n, Measure.MEAN_DIFFERENCE)


def crossover_standardised_difference(paired: PairedMeans, *, study: str = "") -> Effect:
    """Return the mean difference of a crossover in units of the second (control) condition's spread.

    Equation: g = J(n - 1) (m1 - m2)/s2, v = 2 (1 - r)/n + g^2/(2 n). The denominator is that of a parallel
    trial, so crossover and parallel trials share one scale.
    Source: Becker 1988, doi:10.1111/j.2044-8317.1988.tb00901.x; metafor::escalc measure "SMCR", given the
    second condition's standard deviation.
    """
    estimate = (
        small_sample_correction(paired.n - 1)
        * (paired.first_mean - paired.second_mean)
        / paired.second_standard_deviation
    )
    variance = 2.0 * (1.0 - paired.correlation) / paired.n + estimate**2 / (2.0 * paired.n)
    return Effect(study, estimate, variance, Measure.STANDARDISED_MEAN_DIFFERENCE)


def change_from_baseline_difference(active: PairedMeans, control: PairedMeans, *, study: str = "") -> Effect:
    """Return the difference of two groups' changes from baseline, active minus control.

    Equation: y = (post1 - pre1) - (post2 - pre2), v = s1^2/n1 + s2^2/n2, s the standard deviation of the
    change from the pre-post correlation. `first` of each group is after treatment, `second` is baseline.
    Source: Cochrane Handbook, version 6, chapter 6.
    """
    return mean_difference(active.change, control.change, study=study)


def change_from_baseline_standardised(
    active: PairedMeans, control: PairedMeans, *, study: str = ""
) -> Effect:
    """Return the difference of two groups' standardised changes from baseline, active minus control.

    Equation: g = g1 - g2, v = v1 + v2, each group's change in units of its baseline spread as in
    `crossover_standardised_difference`.
    Source: Becker 1988, doi:10.1111/j.2044-8317.1988.tb00901.x; the difference of two metafor::escalc "SMCR".
    """
    first = crossover_standardised_difference(active)
    second = crossover_standardised_difference(control)
    return Effect(
        study,
        first.estimate - second.estimate,
        first.variance + second.variance,
        Measure.STANDARDISED_MEAN_DIFFERENCE,
    )
