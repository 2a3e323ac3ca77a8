"""What the settings of `calor next` may be, for the command line and for Python."""

from calor.core.bounds import Bounds

WORLDS = Bounds(10, 10_000)
"""Draws under each rival; with fewer no share is known."""
PEOPLE = Bounds(8, 400)
"""Eligible people in a world: they stand in two halves, which show each other's noise."""
BUDGET = Bounds(0, 1e15, above=True)
