"""The CRPS Severity Score and the diagnostic criteria, read from the same sixteen items.

Sources: Budapest clinical (symptoms in 3 categories, signs in 2) and research (4 and 2) criteria as printed
in PMC5511749 (table 1); the criteria of 1994 ("IASP", Orlando) need continuing pain with allodynia or
hyperalgesia and, ever reported or seen, oedema, a vasomotor or a sudomotor change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.population.items import ITEMS, Category, Present

CATEGORIES = (Category.SENSORY, Category.VASOMOTOR, Category.SUDOMOTOR, Category.MOTOR)
PAIN_ITEM = next(index for index, item in enumerate(ITEMS) if item.category is Category.PAIN)


def severity_score(present: Present) -> NDArray[np.int64]:
    """Return the CRPS Severity Score, the number of items present (0 to 16); (n, 16) -> (n,)."""
    return np.asarray(present.sum(axis=-1), dtype=np.int64)


def meets_budapest_clinical(present: Present) -> Present:
    """Return who meets the Budapest clinical criteria; (n, 16) -> (n,)."""
    return _budapest(present, symptom_categories=3)


def meets_budapest_research(present: Present) -> Present:
    """Return who meets the Budapest research criteria; (n, 16) -> (n,)."""
    return _budapest(present, symptom_categories=4)


def meets_iasp(present: Present, earlier: Present | None = None) -> Present:
    """Return who meets the criteria of 1994; (n, 16) -> (n,).

    Oedema, vasomotor and sudomotor change count when they were present at this visit or at an earlier one,
    whose items may be given, (n, 16).
    """
    sensory = _any_of(present, Category.SENSORY)
    ever = present if earlier is None else present | earlier
    autonomic = _any_of(ever, Category.VASOMOTOR) | _any_of(ever, Category.SUDOMOTOR)
    return np.asarray(present[..., PAIN_ITEM] & sensory & autonomic)


def smallest_real_difference(first: Numbers, second: Numbers) -> float:
    """Return the change of a score that measurement alone exceeds in 5 % of unchanged people.

    SRD = 1.96 sqrt(2) SEM, with the standard error of measurement SEM = SD(second - first) / sqrt(2).

    Arguments: two measurements of the same unchanged people, (n,) each, in points.
    """
    return float(1.96 * np.std(second - first, ddof=1))


def _budapest(present: Present, symptom_categories: int) -> Present:
    symptoms = sum(_any_of(present, category, sign=False).astype(int) for category in CATEGORIES)
    signs = sum(_any_of(present, category, sign=True).astype(int) for category in CATEGORIES)
    return np.asarray(present[..., PAIN_ITEM] & (symptoms >= symptom_categories) & (signs >= 2))


def _any_of(present: Present, category: Category, *, sign: bool | None = None) -> Present:
    chosen = [
        index
        for index, item in enumerate(ITEMS)
        if item.category is category and (sign is None or item.sign is sign)
    ]
    return np.asarray(present[..., chosen].any(axis=-1))
