"""The array of numbers that everything computes with; its shape stands where it is used."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
