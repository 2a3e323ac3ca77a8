"""Risk of bias: the domains of RoB 2 (randomised) and ROBINS-I (not randomised), each with a reason.

Abstracts seldom allow a judgement, so a domain that a record says nothing about reads "not-assessable".
Sources: Sterne et al. 2019 BMJ 366:l4898 (RoB 2); Sterne et al. 2016 BMJ 355:i4919 (ROBINS-I).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from calor.evidence.quantity import Entry, Text

Tool = Literal["RoB 2", "ROBINS-I", "not-applicable"]
Judgement = Literal["low", "some-concerns", "moderate", "serious", "high", "critical", "not-assessable"]
Impression = Literal["low", "moderate", "high", "very-high", "unclear"]

DOMAINS: dict[str, tuple[str, ...]] = {
    "RoB 2": (
        "randomisation",
        "deviations-from-intervention",
        "missing-outcome-data",
        "measurement-of-outcome",
        "selection-of-reported-result",
    ),
    "ROBINS-I": (
        "confounding",
        "selection-of-participants",
        "classification-of-intervention",
        "deviations-from-intervention",
        "missing-data",
        "measurement-of-outcome",
        "selection-of-reported-result",
    ),
    "not-applicable": (),
}

JUDGEMENTS: dict[str, tuple[str, ...]] = {
    "RoB 2": ("low", "some-concerns", "high", "not-assessable"),
    "ROBINS-I": ("low", "moderate", "serious", "critical", "not-assessable"),
    "not-applicable": (),
}

UNREAD_REASON = "only the abstract or less was read, and it does not say"


class DomainJudgement(Entry):
    """One domain's judgement and the reason for it."""

    judgement: Judgement
    reason: Text


class RiskOfBias(Entry):
    """A tool's domains, and one rater's provisional impression in words.

    The impression is what a single reader of the abstract thought; it is not an overall RoB 2 judgement.
    """

    tool: Tool
    impression: Impression
    reason: Text
    domains: dict[str, DomainJudgement] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _domains_belong_to_the_tool(self) -> RiskOfBias:
        for name, domain in self.domains.items():
            if name not in DOMAINS[self.tool]:
                allowed = ", ".join(DOMAINS[self.tool]) or "none"
                raise ValueError(f"has the domain {name!r}, unknown to {self.tool}; allowed: {allowed}")
            if domain.judgement not in JUDGEMENTS[self.tool]:
                allowed = ", ".join(JUDGEMENTS[self.tool])
                raise ValueError(f"judges {name} {domain.judgement!r}; {self.tool} allows: {allowed}")
        return self

    def judged(self) -> dict[str, DomainJudgement]:
        """Return every domain of the tool, unread ones as not assessable with that reason."""
        unread = DomainJudgement(judgement="not-assessable", reason=UNREAD_REASON)
        return {name: self.domains.get(name, unread) for name in DOMAINS[self.tool]}
