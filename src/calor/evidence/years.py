"""The year in which a record's or a finding's study was published."""

from __future__ import annotations

import re

from calor.evidence.findings import finding
from calor.evidence.library import record
from calor.evidence.lookup import FINDING

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")


def published_year(identifier: str) -> int | None:
    """Return the year of a study's publication, None where it was not read.

    A record has its year as a number; of a finding it is the first year in its citation. Raises InputError
    where there is no such record or finding.
    """
    if not FINDING.match(identifier):
        citation = record(identifier).citation
        return citation.year if citation else None
    found = _YEAR.search(finding(identifier).citation or "")
    return int(found[0]) if found else None
