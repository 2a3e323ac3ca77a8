"""What was published of a trial, beside its prediction: shown as far as it was read, on the same scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from calor.core.provenance import Grade
from calor.evidence.library import record
from calor.evidence.published import PublishedContrast, published_contrast
from calor.trial.protocols.plan import Plan


@dataclass(frozen=True)
class PublishedBeside:
    """A published contrast beside a prediction in some unit."""

    published: PublishedContrast
    unit: str

    @property
    def same_scale(self) -> bool:
        """Whether the published number is on the scale of the prediction."""
        return (self.published.unit or "").startswith("NRS") == self.unit.startswith("NRS")

    def to_document(self) -> dict[str, Any]:
        """Return it as JSON-like data; a number that is recalled or on another scale is None."""
        published = self.published
        usable = published.grade is not Grade.RECALLED and self.same_scale
        note = published.note
        if published.value is not None and not self.same_scale:
            note = f"published on another scale ({published.unit}); only the direction can be compared"
        return {
            "value": published.value if usable else None,
            "interval95": list(published.interval95) if usable and published.interval95 else None,
            "direction": str(published.direction),
            "grade": str(published.grade) if published.grade else None,
            "interval_between_patients": published.interval_reliable,
            "note": note,
            "record": published.record,
        }


def published_beside(plan: Plan) -> PublishedBeside | None:
    """Return what was published of a trial's main contrast, or None for a trial without a record."""
    name = plan.protocol.record
    return PublishedBeside(published_contrast(record(name)), plan.analysis.unit) if name else None
