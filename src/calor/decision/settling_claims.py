"""The study that would settle each claim: its own trial, as large as it takes.

A claim is settled by the rule of its verdict: the probability of the benefit that counts is then at least
0.9, or at most 0.1. What is asked is the first of its parts that is a contrast with control.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from calor.core.progress import Progress, stop_if_requested
from calor.decision.bank.bank import Bank, build_bank
from calor.decision.bank.giving import Therapies
from calor.decision.bank.looks import TrialLook
from calor.decision.bank.worlds import Worlds, worlds_of_scenario
from calor.decision.believed import PEOPLE
from calor.decision.candidates.candidate import Candidate, trial_candidate, unsupported
from calor.decision.information.draws import Draws, Study
from calor.decision.information.preposterior import preposterior
from calor.decision.information.resampling import resample
from calor.decision.information.settling import Rule, decisive
from calor.decision.money.figures import CURRENCY, Money, money_with
from calor.decision.money.running import running_of
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.study import Protocol
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.claims.answers import SURE
from calor.trial.claims.questions import Effect, load_questions, protocol_of, with_endpoint
from calor.trial.protocols.layout import layout_of

SIZES = (40, 80, 160, 320, 640)
LIKELY = 0.5
"""A study that settles a claim with at least this chance is the one to run."""


@dataclass(frozen=True)
class ClaimStudy:
    """What is asked of a claim: the part, the trial, which of its contrasts."""

    claim: str
    part: Effect
    protocol: Protocol
    contrast: int

    @property
    def question(self) -> TrialLook:
        """The effect as the trial's question defines it."""
        return TrialLook(self.protocol, true=True)

    def candidate(self) -> Candidate:
        """Return the trial as a candidate."""
        return trial_candidate(f"the trial of {self.claim}", self.protocol, ())


def claim_study(claim: str) -> ClaimStudy | str:
    """Return what is asked of a claim, or why no study is worked out for it."""
    parts = [
        part for part in load_questions()[claim].parts if isinstance(part, Effect) and part.minus is None
    ]
    if not parts:
        return "no part of it is a contrast with control"
    protocol = with_endpoint(protocol_of(claim), parts[0].endpoint)
    if list(unsupported(protocol)):
        protocol = as_plain_trial(protocol)
    names = [protocol.arms[place].name for place in layout_of(protocol).actives]
    return ClaimStudy(claim, parts[0], protocol, names.index(parts[0].arm))


def as_plain_trial(protocol: Protocol) -> Protocol:
    """Return a trial with its people, arms and endpoint, in parallel arms of a fixed size that nobody leaves.

    Looks, rescue and stopping leave no normal law for the result; what they change of its size is not said.
    """
    responder = protocol.endpoint.responder is not None
    changed = {
        **protocol.model_dump(mode="json", exclude={"conduct", "estimand", "visits", "allocation"}),
        "design": {"type": "parallel"},
        "analysis": {"method": "risk-difference" if responder else "ancova"},
        "title": f"{protocol.title} (as a plain parallel trial)",
    }
    return Protocol.model_validate(changed)


def settling_studies(
    claims: Iterable[str], scenario: Scenario, settings: RunSettings, progress: Progress
) -> dict[str, Any]:
    """Return for each claim what its trial would settle in some sizes, as JSON-like data.

    Arguments: the claims; where worlds are drawn from; the size of the run, of which seed, worlds and who
    works count; who watches. Raises Stopped when the watcher asked to stop.
    """
    asked = {claim: claim_study(claim) for claim in claims}
    known = [one for one in asked.values() if isinstance(one, ClaimStudy)]
    looks = [look for one in known for look in (one.question, one.candidate().look)]
    therapies = Therapies(load_disease(), [course for look in looks for course in look.courses])
    worlds = worlds_of_scenario(scenario, load_rivals(), settings.worlds, settings.seed)
    bank = build_bank(
        looks, worlds, therapies, PEOPLE, settings.options, progress, executor=settings.executor
    )
    money = money_with()
    progress.start("weighing studies", len(known))
    found: dict[str, Any] = {}
    for claim, one in asked.items():
        stop_if_requested(progress)
        if isinstance(one, str):
            found[claim] = {"why_none": one}
            continue
        found[claim] = _settled(one, bank, worlds, money, settings.seed)
        progress.advance()
    return found


def _settled(one: ClaimStudy, bank: Bank, worlds: Worlds, money: Money, seed: int) -> dict[str, Any]:
    """Return the sizes of a claim's trial with cost, months and the chance to settle it."""
    candidate = one.candidate()
    sign = -1.0 if one.protocol.endpoint.less_is_better else 1.0
    effect = bank.outlooks[one.question.key].means[:, :, one.contrast]
    seen = bank.outlooks[candidate.look.key]
    used = np.isfinite(effect).all(axis=1) & seen.known
    draws = Draws(
        quantity=sign * effect[used],
        rival=worlds.rival[used],
        rivals=tuple(rival.name for rival in worlds.rivals),
        weights=worlds.weights[used] / worlds.weights[used].sum(),
        scores=np.zeros((int(used.sum()), 0)),
        parameters=(),
    )
    resamples = resample(draws, seed=seed)
    running = running_of(candidate, bank.eligible_share[candidate.look.key], money)
    sizes = []
    for patients in SIZES:
        study = Study(name=str(patients), means=seen.means[used], sampling=seen.sampling(patients)[used])
        chance = decisive(
            draws, preposterior(draws, study, seed=seed), Rule(one.part.at_least, SURE), resamples
        ).either
        sizes.append(
            {
                "patients": patients,
                "chance": chance.value,
                "error": chance.error,
                "cost": running.cost(patients),
                "months": running.months(patients),
            }
        )
    likely = [size for size in sizes if size["chance"] >= LIKELY]
    return {
        "asks": one.part.asks,
        "arm": one.part.arm,
        "trial": one.protocol.title,
        "benefit_over": one.part.at_least,
        "unit": one.protocol.endpoint.unit,
        "certainty": SURE,
        "currency": CURRENCY,
        "sizes": sizes,
        "settles": likely[0] if likely else None,
        "best": max(sizes, key=lambda size: size["chance"]),
    }
