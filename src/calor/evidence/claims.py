"""The ten claims about immunomodulation, with the evidence for and against each, counted and graded.

The verdict is by one stated rule, VERDICT_RULE. For a claim of an effect, findings and uncontrolled studies
are counted and shown but decide nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from calor.core.documents import read_document, validate
from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.findings import load_findings
from calor.evidence.library import load_records
from calor.evidence.quantity import Entry, Text
from calor.evidence.record import Record
from calor.evidence.table import patients

CLAIMS_FILE = Path(__file__).with_name("claims.yaml")
Says = Literal["for", "against", "unclear"]

FEWEST_PATIENTS = 100
"""Below this many patients in randomised trials that test a claim, its verdict is undetermined."""

VERDICT_RULE = (
    f"a claim of an effect is judged by the randomised trials that test it directly: undetermined below "
    f"{FEWEST_PATIENTS} patients, else supported or contradicted when they agree and mixed when they do not; "
    f"a claim of a fact by all that bears on it: supported, contradicted, mixed or undetermined"
)


class Argument(Entry):
    """A record or finding, what it says to the claim, and why."""

    source: Annotated[str, Field(min_length=1, strict=True)]
    says: Says
    why: Text
    direct: bool = False


class Claim(Entry):
    """One claim in our own words, where it stands in a plain sentence, and its evidence."""

    id: Annotated[str, Field(pattern=r"^S([1-9]|10)$", strict=True)]
    asks: Literal["effect", "fact"]
    claim: Text
    sentence: Text
    evidence: tuple[Argument, ...]


class Claims(Entry):
    """The claims of the file."""

    claims: tuple[Claim, ...]


@dataclass(frozen=True)
class Weighed:
    """An argument with what it rests on.

    Arguments: the argument; whether the source is a record or a finding; its grade; whether it is a
    randomised trial; and its patients, with the key path where that number stands.
    """

    argument: Argument
    kind: Literal["record", "finding"]
    grade: Grade | None
    randomised: bool
    n: int | None
    n_path: str | None

    @property
    def tests_directly(self) -> bool:
        """Whether the source is a randomised trial that tests the claim itself."""
        return self.randomised and self.argument.direct


@dataclass(frozen=True)
class Standing:
    """A claim with its weighed evidence, the counts by what it says, and the verdict by VERDICT_RULE."""

    claim: Claim
    weighed: tuple[Weighed, ...]

    def count(self, says: Says, *, randomised: bool = False, grade: Grade | None = None) -> int:
        """Return how many arguments say so, of all or of randomised trials only, of all grades or of one."""
        return sum(
            one.argument.says == says
            and (one.randomised or not randomised)
            and (grade is None or one.grade is grade)
            for one in self.weighed
        )

    def patients(self, says: Says) -> int:
        """Return how many patients the randomised trials that say so hold, as far as was read."""
        return sum(one.n or 0 for one in self.weighed if one.argument.says == says and one.randomised)

    @property
    def verdict(self) -> str:
        """The verdict by VERDICT_RULE."""
        heard = [one for one in self.weighed if self.claim.asks == "fact" or one.tests_directly]
        if self.claim.asks == "effect" and sum(one.n or 0 for one in heard) < FEWEST_PATIENTS:
            return "undetermined"
        pro = any(one.argument.says == "for" for one in heard)
        con = any(one.argument.says == "against" for one in heard)
        if pro and con:
            return "mixed"
        return "supported" if pro else "contradicted" if con else "undetermined"


@cache
def standings() -> tuple[Standing, ...]:
    """Return every claim with its weighed evidence, S1 to S10.

    Raises InputError where the file names a record or finding that is not there.
    """
    document = read_document(CLAIMS_FILE)
    claims = validate(document, Claims).claims
    records = {record.id: record for record in load_records()}
    grades = {finding.id: finding.grade for finding in load_findings()}
    result: list[Standing] = []
    for index, claim in enumerate(claims):
        weighed: list[Weighed] = []
        for place, argument in enumerate(claim.evidence):
            if argument.source in records:
                weighed.append(_weighed_record(argument, records[argument.source]))
            elif argument.source in grades:
                weighed.append(Weighed(argument, "finding", grades[argument.source], False, None, None))
            else:
                key = ("claims", index, "evidence", place, "source")
                raise InputError([document.problem(key, f"is {argument.source!r}, no record or finding")])
        result.append(Standing(claim, tuple(weighed)))
    return tuple(result)


def standing(identifier: str) -> Standing:
    """Return one claim by its id (S1 to S10). Raises InputError."""
    by_id = {one.claim.id: one for one in standings()}
    wanted = identifier.upper()
    if wanted not in by_id:
        near = get_close_matches(wanted, by_id, n=1)
        raise InputError.of(
            f"there is no claim {identifier!r}",
            allowed=", ".join(by_id),
            hint=f"did you mean {near[0]}?" if near else None,
        )
    return by_id[wanted]


def sources_of(claims: Sequence[Standing]) -> tuple[str, ...]:
    """Return the ids of the records and findings that claims rest on, each once."""
    return tuple(dict.fromkeys(one.argument.source for claim in claims for one in claim.weighed))


def _weighed_record(argument: Argument, record: Record) -> Weighed:
    size, path = patients(record)
    n = None if size is None or size.value is None else round(size.value)
    trial = record.design.randomised and record.headline.grade is not None
    in_crps = record.population.phase != "not-crps"
    return Weighed(argument, "record", record.headline.grade, trial and in_crps, n, path)
