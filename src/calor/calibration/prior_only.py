"""What enters the fit through a prior alone, listed so that nobody takes it for learnt.

No likelihood has a term for these; they are another kind of thing than a `Target`, so none can.
"""

from __future__ import annotations

from functools import cache

from pydantic import Field

from calor.calibration.studies import DATA
from calor.core.documents import read_document, validate
from calor.core.part import Part
from calor.study.fitted import TargetName


class PriorOnly(Part):
    """A piece of knowledge or an open question that a prior carries.

    Its id; the finding, record or drug source it is from; what it is; the parameters whose prior holds it;
    why it is no target.
    """

    id: TargetName
    study_id: str = Field(alias="from")
    carried_by: tuple[str, ...] = Field(min_length=1)
    says: str
    reason: str


class _File(Part):
    prior_only: tuple[PriorOnly, ...]


@cache
def load_prior_only() -> tuple[PriorOnly, ...]:
    """Return everything that is carried by a prior alone, in a fixed order."""
    return validate(read_document(DATA / "prior_only.yaml"), _File).prior_only
