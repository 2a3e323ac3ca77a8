"""The study that would settle each claim: its own trial, as large as it takes.

A claim is settled by the rule of its verdict: the probability of the benefit that counts is then at least
0.9, or at most 0.1, and no more than half of the answer rests on the prior. What is asked is the first of its
parts that is a contrast with control; a claim without one, that an effect is larger in a subgroup, is asked
by its trial read in that subgroup and elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.progress import Progress, stop_if_requested
from calor.decision.bank.bank import Bank, build_bank
from calor.decision.bank.giving import Therapies
from calor.decision.bank.worlds import Worlds, worlds_of_scenario
from calor.decision.believed import PEOPLE, PEOPLE_FOR_MONEY
from calor.decision.candidates.candidate import Candidate, trial_candidate, unsupported
from calor.decision.information.draws import Draws, Study
from calor.decision.information.net_benefit import MONTHS_PER_YEAR
from calor.decision.information.preposterior import preposterior
from calor.decision.information.resampling import resample
from calor.decision.information.settling import Rule, decisive
from calor.decision.money.figures import CURRENCY, Money, money_with
from calor.decision.money.running import running_of
from calor.decision.questions.reading import AskedEffect
from calor.model.disease import load_disease
from calor.model.rivals import load_rivals
from calor.study import Protocol
from calor.trial.bank.scenario import Scenario
from calor.trial.bank.settings import RunSettings
from calor.trial.claims.answers import MOSTLY_PRIOR, SURE
from calor.trial.claims.questions import Effect, Interaction, load_questions, protocol_of, with_endpoint
from calor.trial.protocols.layout import layout_of

SIZES = (40, 80, 160, 320, 640, 1280, 2560, 5120, 10240)
"""Sizes of a trial that are tried: up to what nobody will run, since that may be what it takes."""

LIKELY = 0.5
"""A study that settles a claim with at least this chance is the one to run."""


@dataclass(frozen=True)
class ClaimStudy:
    """What is asked of a claim: which of its parts, and the effect as its trial's question defines it."""

    claim: str
    place: int
    part: Effect | Interaction
    effect: AskedEffect

    @property
    def people(self) -> int:
        """How many people a world needs: a difference between groups of them needs more."""
        return PEOPLE if self.effect.more_in is None else PEOPLE_FOR_MONEY

    @property
    def protocol(self) -> Protocol:
        """The trial."""
        return self.effect.protocol

    def candidate(self) -> Candidate:
        """Return the trial as a candidate."""
        return trial_candidate(f"the trial of {self.claim}", self.protocol, (), self.effect.more_in)


def claim_study(claim: str) -> ClaimStudy | str:
    """Return what is asked of a claim, or why no study is worked out for it."""
    parts = load_questions()[claim].parts
    effects = [part for part in parts if isinstance(part, Effect) and part.minus is None]
    asked: list[Effect | Interaction] = [*effects, *(one for one in parts if isinstance(one, Interaction))]
    if not asked:
        return "no part of it is an effect of a treatment"
    part = asked[0]
    protocol = with_endpoint(protocol_of(claim), part.endpoint)
    if list(unsupported(protocol)):
        protocol = as_plain_trial(protocol)
    contrast = [comparison.arm for comparison in layout_of(protocol).comparisons].index(part.arm)
    more_in = part.more_in if isinstance(part, Interaction) else None
    return ClaimStudy(claim, parts.index(part), part, AskedEffect(protocol, contrast, (), more_in))


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
    prior_shares: Mapping[str, Sequence[float]],
    scenario: Scenario,
    settings: RunSettings,
    progress: Progress,
) -> dict[str, Any]:
    """Return for each claim what its trial would settle in some sizes, as JSON-like data.

    Arguments: by claim the share of the answer to each of its parts that rests on the prior; where worlds are
    drawn from; the size of the run, of which seed, worlds and who works count; who watches. Raises Stopped
    when the watcher asked to stop.
    """
    asked = {claim: claim_study(claim) for claim in prior_shares}
    known = [one for one in asked.values() if isinstance(one, ClaimStudy)]
    worlds = worlds_of_scenario(scenario, load_rivals(), settings.worlds, settings.seed)
    banks = {
        people: _bank([one for one in known if one.people == people], people, worlds, settings, progress)
        for people in {one.people for one in known}
    }
    money = money_with()
    progress.start("weighing studies", len(known))
    found: dict[str, Any] = {}
    for claim, one in asked.items():
        stop_if_requested(progress)
        if isinstance(one, str):
            found[claim] = {"why_none": one}
            continue
        most_left = MOSTLY_PRIOR / prior_shares[claim][one.place]
        found[claim] = _settled(one, banks[one.people], worlds, money, most_left, settings.seed)
        progress.advance()
    return found


def _bank(
    studies: Sequence[ClaimStudy], people: int, worlds: Worlds, settings: RunSettings, progress: Progress
) -> Bank:
    """Return what the trials of some claims would see, with so many people a world."""
    looks = [look for one in studies for look in (one.effect.look, one.candidate().look)]
    therapies = Therapies(load_disease(), [course for look in looks for course in look.courses])
    return build_bank(
        looks, worlds, therapies, people, settings.options, progress, executor=settings.executor
    )


def _draws(quantity: Numbers, used: NDArray[np.bool_], worlds: Worlds) -> Draws:
    """Return what is believed of a quantity, by the worlds that are used."""
    return Draws(
        quantity=quantity,
        rival=worlds.rival[used],
        rivals=tuple(rival.name for rival in worlds.rivals),
        weights=worlds.weights[used] / worlds.weights[used].sum(),
        scores=np.zeros((len(quantity), 0)),
        parameters=(),
    )


def _settled(
    one: ClaimStudy, bank: Bank, worlds: Worlds, money: Money, most_left: float, seed: int
) -> dict[str, Any]:
    """Return the sizes of a claim's trial with cost, months and the chance to settle it.

    Arguments: what is asked; the bank; its worlds; the numbers behind money; the largest share of the
    variance that may be left; and the seed.
    """
    rule = Rule(one.part.at_least, SURE, most_left)
    candidate = one.candidate()
    effect = one.effect.sign * one.effect.asked_of(bank.outlooks[one.effect.look.key].means)
    seen = bank.outlooks[candidate.look.key]
    used = np.isfinite(effect).all(axis=1) & seen.known
    draws = _draws(effect[used], used, worlds)
    resamples = resample(draws, seed=seed)
    running = running_of(candidate, bank.enrolling(candidate.look), money)

    def of_size(patients: int) -> dict[str, Any]:
        study = Study(name=str(patients), means=seen.means[used], sampling=seen.sampling(patients)[used])
        chance = decisive(draws, preposterior(draws, study, seed=seed), rule, resamples).either
        return {
            "patients": patients,
            "chance": chance.value,
            "error": chance.error,
            "cost": running.cost(patients),
            "months": running.months(patients),
        }

    sizes = [of_size(patients) for patients in SIZES]
    likely = [size for size in sizes if size["chance"] >= LIKELY]
    return {
        "asks": one.part.asks,
        "arm": one.part.arm,
        "trial": one.protocol.title,
        "design": one.protocol.design.type,
        "more_in": None if one.effect.more_in is None else one.effect.more_in.words,
        "benefit_over": one.part.at_least,
        "unit": one.protocol.endpoint.unit,
        "certainty": SURE,
        "variance_left_at_most": min(most_left, 1.0),
        "currency": CURRENCY,
        "months_that_matter": money["horizon"] * MONTHS_PER_YEAR,
        "sizes": sizes,
        "settles": likely[0] if likely else None,
        "best": max(sizes, key=lambda size: size["chance"]),
    }
