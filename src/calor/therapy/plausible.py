"""How large or small a number of a drug file may be: beyond that it is a slip of a unit or an exponent.

They are some powers of ten wider than any drug known, so that nothing real is refused; the library's own
numbers lie far inside.
"""

from __future__ import annotations

from collections.abc import Mapping

from calor.core.bounds import Bounds
from calor.therapy.templates import Need

LONGEST_YEARS = 100
BOUNDS_BY_UNIT: Mapping[str, Bounds] = {
    "g/mol": Bounds(1, 1e8),  # a hydrogen atom; antibodies have 150,000, the largest conjugates millions
    "L/day": Bounds(1e-6, 1e6),  # the heart moves 7,000 L a day; clearance of unbound drug may be more
    "L": Bounds(1e-6, 1e6),  # a site of a microlitre; chloroquine spreads in some 10,000 L
    "1/day": Bounds(1e-6, 1e6),  # half-times from 0.06 s to 1,900 years
    "day": Bounds(1e-6, 365 * LONGEST_YEARS),  # from 0.09 s to a lifetime
    "kg": Bounds(0.3, 500),  # from a newborn to the heaviest person
    "mg": Bounds(0, 1e8),  # a labelled maximum, within as long as it counts
    "mg/L": Bounds(1e-12, 1e6),  # a kilogram in a litre
    "g/L": Bounds(1e-12, 1e3),
    "L/mg": Bounds(1e-6, 1e12),
    "1": Bounds(0, 1e6),  # binding ratios, steepness, multiples
}
"""By the unit in which calor computes with a number."""


def plausible(need: Need) -> Bounds:
    """Return the bounds of a number in the unit that a template or rule needs it in."""
    bounds = BOUNDS_BY_UNIT[need.unit]
    return bounds if need.most is None else bounds._replace(high=need.most)
