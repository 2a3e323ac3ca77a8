"""What an address names: found, or absent with the nearest names."""

from __future__ import annotations

from calor.app.failures import AbsentError, absent_if_wrong
from calor.evidence.library import load_records, record
from calor.report.evidence_entry import Entry, entry_of


def entry_named(identifier: str) -> Entry:
    """Return an entry of the evidence. Raises AbsentError, with the nearest ids, where there is none."""
    with absent_if_wrong():
        found = entry_of(identifier, load_records())
        if found is None:
            record(identifier)  # says which ids are near
    if found is None:
        raise AbsentError.of(f"there is no entry {identifier!r}")
    return found
