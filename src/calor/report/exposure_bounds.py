"""What may be asked of a drug's concentration; a file of its own, which help reads without loading more."""

from __future__ import annotations

from calor.core.bounds import Bounds

WEIGHT = Bounds(20, 300)
PEOPLE = Bounds(2, 100_000)
