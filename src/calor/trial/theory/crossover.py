"""What a crossover with any sequences tells of its arms: least squares within patients, in closed form."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from calor.core.arrays import Numbers
from calor.study.sequences import Sequences, design_columns


def contrast_weights(
    sequences: Sequences, shares: Sequence[float], n_arms: int, control: int, *, carry_over: bool = False
) -> Numbers:
    """Return what the outcome of each sequence and period counts in each contrast with the control.

    The contrast is the sum over sequences and periods of weight times the sequence's mean outcome: ordinary
    least squares with an effect of each patient, period and arm (with `carry_over` also of the arm before),
    every patient seen in every period.

    Arguments: the sequences; the share of patients on each; the number of arms; and the control's position.
    Returns (n_arms - 1, n_sequences, n_periods), the active arms in their order.
    Source: Jones and Kenward (2014), Design and Analysis of Cross-Over Trials, 3rd edition, chapters 3 and 4.
    """
    columns = design_columns(sequences, n_arms, carry_over=carry_over)
    within = columns - columns.mean(axis=1, keepdims=True)
    share = np.array(shares) / np.sum(shares)
    information = np.einsum("s,spi,spj->ij", share, within, within)
    asked = np.zeros((n_arms, columns.shape[2]))
    asked[1:, -(n_arms - 1) :] = np.eye(n_arms - 1)
    contrasts = np.delete(asked - asked[control], control, axis=0)
    return np.asarray(np.einsum("ci,ij,spj,s->csp", contrasts, np.linalg.pinv(information), within, share))


def variance_factors(
    sequences: Sequences, shares: Sequence[float], n_arms: int, control: int, *, carry_over: bool = False
) -> Numbers:
    """Return n / sigma^2 times the variance of each contrast, for n patients and sigma^2 within a patient.

    2 for AB and BA, and for a Williams design of any number of arms; with carry-over 2 (t² - t - 1) /
    (t² - t - 2) for a Williams design of t arms. Arguments as of `contrast_weights`; returns (n_arms - 1,).
    """
    weights = contrast_weights(sequences, shares, n_arms, control, carry_over=carry_over)
    share = np.array(shares) / np.sum(shares)
    return np.asarray((weights**2 / share[:, None]).sum(axis=(1, 2)))
