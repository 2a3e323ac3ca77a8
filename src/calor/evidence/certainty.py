"""Provisional GRADE ratings of the evidence by drug class, each downgrade with its reason.

One rater who read mostly abstracts: not a systematic review, and labelled so wherever it is shown.
Source: Guyatt et al. 2008 BMJ 336:924-926, doi:10.1136/bmj.39489.470347.AD.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from calor.core.documents import read_document, validate
from calor.evidence.quantity import Entry, Text
from calor.evidence.vocabulary import DrugClass

CERTAINTY_FILE = Path(__file__).with_name("certainty.yaml")
LABEL = "provisional GRADE: a single rater, not a systematic review"
LEVELS = ("very low", "low", "moderate", "high")


class Downgrade(Entry):
    """By how many levels the certainty goes down in one domain, and why."""

    domain: Literal["risk-of-bias", "inconsistency", "indirectness", "imprecision", "publication-bias"]
    levels: Annotated[int, Field(strict=True, ge=1, le=2)]
    reason: Text


class Certainty(Entry):
    """The rating of one question on a drug class."""

    drug_class: DrugClass
    question: Text
    start: Literal["high", "low"]
    downgrades: tuple[Downgrade, ...]

    @property
    def rating(self) -> str:
        """The level after all downgrades; never below very low."""
        level = LEVELS.index(self.start) - sum(down.levels for down in self.downgrades)
        return LEVELS[max(level, 0)]


class Ratings(Entry):
    """The ratings of the file."""

    ratings: tuple[Certainty, ...]


@cache
def certainty_of(drug_class: DrugClass) -> Certainty | None:
    """Return the provisional rating of a drug class, or None where nothing was rated."""
    ratings = validate(read_document(CERTAINTY_FILE), Ratings).ratings
    return next((rating for rating in ratings if rating.drug_class is drug_class), None)
