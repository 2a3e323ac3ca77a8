"""What is believed before any study: a question's worlds as draws, with what each study would see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.errors import InputError
from calor.core.executors import ALONE, Executor
from calor.core.progress import Progress
from calor.decision.bank.bank import Bank, Enrolling, build_bank
from calor.decision.bank.giving import Therapies
from calor.decision.bank.looks import Look, UtilityLook
from calor.decision.bank.outlook import Outlook
from calor.decision.bank.worlds import Worlds, worlds_of_scenario
from calor.decision.candidates.candidate import Candidate
from calor.decision.information.decision import Decision
from calor.decision.information.draws import HALVES, Draws, Study
from calor.decision.money.figures import Money
from calor.decision.money.running import price_of_course
from calor.decision.questions.explanations import Explanations, explanations, parameter_groups
from calor.decision.questions.reading import AskedEffect, Question
from calor.evidence.economics import UtilityLoss, economic_fact
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import load_rivals
from calor.population.simulation import ACCURACY
from calor.store.pieces import NOT_KEPT, Pieces
from calor.trial.bank.basis import Basis, basis_of
from calor.trial.bank.scenario import Scenario

PEOPLE = 20
"""Eligible people in each world: the fewest whose noise the halves can take away."""

PEOPLE_FOR_MONEY = 170
"""Eligible people in each world where money is at stake: what a choice gains from noise has a shape, too."""


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large a comparison is: its seed, who works, worlds under each rival, eligible people in a world.

    Without worlds it is all of the posterior; without people as many as the kind of question needs.
    """

    seed: int = 1
    executor: Executor = ALONE
    worlds: int | None = None
    people: int | None = None

    def __post_init__(self) -> None:
        """Raise InputError for an odd number of people: half stand in each half."""
        if self.people is not None and self.people % 2:
            raise InputError.of(
                f"is {self.people}", key="--people", allowed="an even number: half stand in each half"
            )

    def people_for(self, question: Question) -> int:
        """Return how many eligible people a world has for a question."""
        return self.people or (PEOPLE_FOR_MONEY if question.kind == "decision" else PEOPLE)


@dataclass(frozen=True, kw_only=True)
class Believed:
    """What is believed before any study.

    Arguments: the question; the worlds, and which of them the question can be answered in (n_worlds,); the
    draws; the decision, None where none is asked; the parameters by what they are about; what it rests on;
    the bank; in how many worlds each look has too few people, by its key; warnings.
    """

    question: Question
    worlds: Worlds
    used: NDArray[np.bool_]
    draws: Draws
    decision: Decision | None
    groups: dict[str, tuple[str, ...]]
    basis: Basis
    bank: Bank
    unreached: dict[str, int]
    warnings: tuple[str, ...]

    def study(self, candidate: Candidate) -> Study:
        """Return what a candidate would see."""
        outlook = self._reached(self.bank.outlooks[candidate.look.key])
        sampling = outlook.sampling(candidate.patients)[self.used]
        means, lasting = outlook.means[self.used], outlook.lasting
        return Study(name=candidate.name, means=means, sampling=sampling, lasting=lasting)

    def enrolling(self, candidate: Candidate) -> Enrolling:
        """Return who is screened and who enters for each patient of a candidate."""
        return self.bank.enrolling(candidate.look)

    def _reached(self, outlook: Outlook) -> Outlook:
        """Return an outlook in which a world without enough people sees what its rival's others do.

        The study can then neither confirm nor refute such a world.
        """
        known = outlook.known
        if known.all():
            return outlook
        means, spread = outlook.means.copy(), outlook.per_patient.copy()
        for rival in range(len(self.worlds.rivals)):
            own = self.worlds.rival == rival
            there = own & known if (own & known).any() else known
            means[own & ~known] = means[there].mean(axis=0)
            spread[own & ~known] = spread[there].mean(axis=0)
        return replace(outlook, means=means, per_patient=spread)


def believe(
    question: Question,
    scenario: Scenario,
    money: Money,
    size: Size,
    progress: Progress,
    *,
    also: Iterable[Candidate] = (),
    pieces: Pieces = NOT_KEPT,
) -> Believed:
    """Return what is believed before any study.

    Arguments: the question; where worlds are drawn from; the numbers behind money; how large; who watches;
    further studies that are not ranked (results that were observed); and where finished pieces are kept.
    Raises InputError and UnsupportedError for what cannot be asked, Stopped when the watcher asked to stop.
    """
    disease = load_disease()
    looks = [*_question_looks(question), *(each.look for each in (*question.candidates, *also))]
    courses = list(dict.fromkeys(course for look in looks for course in look.courses))
    therapies = Therapies(disease, courses)
    worlds = worlds_of_scenario(scenario, load_rivals(), size.worlds, size.seed)
    people = size.people_for(question)
    bank = build_bank(looks, worlds, therapies, people, ACCURACY, progress, pieces, size.executor)
    table = therapies.table
    told = explanations(question.file.question.rivals, worlds, table)
    quantity, decision = _asked(question, bank, money, told.of_world)
    used = np.asarray(np.isfinite(quantity).all(axis=1))
    if not used.any():
        raise InputError.of("in no world are there people of whom the question can be asked", key="question")
    draws = _draws(quantity, told, worlds, table, used)
    basis = basis_of(scenario, table, disease, therapies.drugs)
    return Believed(
        question=question,
        worlds=worlds,
        used=used,
        draws=draws,
        decision=None if decision is None else Decision(decision.options, decision.payoffs[used]),
        groups=parameter_groups(table, {drug.id: drug.prefix for drug in therapies.drugs}),
        basis=basis,
        bank=bank,
        unreached={key: int((~each.known).sum()) for key, each in bank.outlooks.items()},
        warnings=_warnings(basis, used, bank),
    )


def _draws(
    quantity: Numbers, told: Explanations, worlds: Worlds, table: ParameterTable, used: NDArray[np.bool_]
) -> Draws:
    """Return what is believed of the quantity in the worlds of which it can be asked."""
    weights, scores = worlds.weights[used], worlds.scores(table)
    return Draws(
        quantity=quantity[used],
        rival=told.of_world[used],
        rivals=told.names,
        weights=weights / weights.sum(),
        scores=np.column_stack(list(scores.values()))[used],
        parameters=tuple(scores),
    )


def utilities_of(name: str) -> UtilityLoss:
    """Return a map from pain to the utility lost. Raises InputError for a fact that holds none."""
    found = economic_fact(name).utility_loss
    if found is None:
        raise InputError.of(f"{name} holds no map from pain to utility", key="question.decision.utilities")
    return found


def _question_looks(question: Question) -> list[Look]:
    effect, asked = question.effect, question.file.question.decision
    if effect is None:
        return []
    if asked is not None and asked.value is None:
        return [UtilityLook(effect.protocol, utilities_of(asked.utilities))]
    return [effect.look]


def _asked(
    question: Question, bank: Bank, money: Money, explanation: NDArray[np.int64]
) -> tuple[Numbers, Decision | None]:
    """Return the quantity that is asked for (n_worlds, 2), and the decision.

    Of a question between rivals the quantity is whether the first one holds.
    """
    effect, asked = question.effect, question.file.question.decision
    if effect is None:
        holds = (explanation == 0).astype(np.float64)
        return np.repeat(holds[:, None], HALVES, axis=1), None
    (look,) = _question_looks(question)
    found = effect.asked_of(bank.outlooks[look.key].means)
    if asked is None:
        return effect.sign * found, None
    if asked.value is not None:
        net = asked.value * (effect.sign * found - asked.benefit_over)
    else:
        net = money["courses"] * (money["threshold"] * found - extra_price(effect, money))
    arm = effect.comparison.arm
    payoffs = np.stack([np.zeros_like(net), net], axis=-1)
    return net, Decision((f"do not give {arm}", f"give {arm}"), payoffs)


def extra_price(effect: AskedEffect, money: Money) -> float:
    """Return what the treatment whose effect is asked for costs a person."""
    prices = [price_of_course(arm, money) for arm in effect.protocol.arms]
    return float(np.dot(effect.comparison.weights, prices))


def _warnings(basis: Basis, used: NDArray[np.bool_], bank: Bank) -> tuple[str, ...]:
    found = [*basis.misfits]
    if basis.judged_drugs:
        names = ", ".join(basis.judged_drugs)
        found.append(f"no data have narrowed what {names} does here: it is a judgement with its spread")
    if not used.all():
        found.append(f"{int((~used).sum())} of {len(used)} worlds have too few people who qualify: left out")
    if bank.failed:
        found.append(f"{bank.failed} courses of people could not be simulated")
    return tuple(found)
