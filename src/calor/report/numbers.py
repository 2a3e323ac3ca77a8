"""Numbers as people read them in tables and sentences; documents (JSON) keep the number itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

NOT_HAD = "not had"
"""What is shown of a number that cannot be had; the result's warnings say why."""

NEGLIGIBLE = 0.0005
"""A number smaller than this share of the scale that it stands on is shown as 0."""


def fixed_text(value: float | None, digits: int, *, signed: bool = False) -> str:
    """Return a number with a fixed number of decimals; what rounds to zero has no sign."""
    if value is None:
        return NOT_HAD
    text = f"{value:+,.{digits}f}" if signed else f"{value:,.{digits}f}"
    return text if any(digit in text for digit in "123456789") else text.lstrip("+-")


def short_text(value: float, figures: int = 3, *, scale: float = 1.0, signed: bool = False) -> str:
    """Return a number with some significant figures, without an exponent.

    Arguments: the number; how many figures; the size of what it stands beside, against which a negligible
    number is 0.00; and whether a number above 0 has a sign.
    """
    if abs(value) < NEGLIGIBLE * abs(scale) or value == 0:
        return "0.00"
    digits = figures - 1 - math.floor(math.log10(abs(value)))
    rounded, sign = round(value, digits), "+" if signed else ""
    if digits <= 0:
        return f"{rounded:{sign},.0f}"
    return f"{rounded:{sign},.{digits}f}".rstrip("0").rstrip(".")


def general_text(value: float, scale: float, figures: int = 6) -> str:
    """Return a number of any size, with an exponent where it needs one.

    Arguments: the number; the size of what it stands beside, against which a number that no figure would show
    is 0.00; and how many figures.
    """
    return "0.00" if abs(value) < 0.5 * 10.0**-figures * abs(scale) else f"{value:.{figures}g}"


def interval_text(pair: Sequence[float] | None, digits: int = 2, *, signed: bool = True) -> str:
    """Return an interval as people read it."""
    if pair is None:
        return NOT_HAD
    return f"{fixed_text(pair[0], digits, signed=signed)} to {fixed_text(pair[1], digits, signed=signed)}"


def with_error_text(number: Mapping[str, float | None], digits: int) -> str:
    """Return a simulated number (`value`, `mc_error`) with its Monte Carlo error."""
    if number["value"] is None:
        return NOT_HAD
    return f"{fixed_text(number['value'], digits)} ± {fixed_text(number['mc_error'], max(digits, 1))}"


def percentages(shares: Mapping[str, float]) -> dict[str, int]:
    """Return shares as whole percents that add up to what all of them together round to.

    Each is rounded down and what is left goes to the largest remainders, the first of equal ones first
    (Hamilton's method). Raises ValueError for a share that is negative or not finite.
    """
    if not all(share >= 0 and math.isfinite(share) for share in shares.values()):
        raise ValueError(f"not shares: {dict(shares)}")
    exact = {name: 100 * share for name, share in shares.items()}
    # Sums of binary fractions fall short of whole numbers by rounding error alone.
    whole = {name: math.floor(percent + 1e-9) for name, percent in exact.items()}
    left = round(sum(exact.values())) - sum(whole.values())
    largest = sorted(exact, key=lambda name: whole[name] - exact[name])
    for name in largest[:left]:
        whole[name] += 1
    return whole


def percent_text(share: float) -> str:
    """Return one share in whole percents."""
    return f"{100 * share:.0f}%"


def shares_text(shares: Mapping[str, float]) -> str:
    """Return shares of a whole in words: `4% measured, 96% assumed`."""
    return ", ".join(f"{percent}% {name}" for name, percent in percentages(shares).items())
