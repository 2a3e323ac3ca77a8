"""What may be asked of a run; a file of its own, which help reads without loading anything large."""

from __future__ import annotations

from calor.core.bounds import Bounds

WORLDS = Bounds(2, 10_000)
REPLICATES = Bounds(100, 1_000_000)
MC_ERROR = Bounds(0.0005, 0.5)
ASSUMED_EFFECT = Bounds(-100, 100)
POWER = Bounds(0.05, 0.99)
