"""The comparison: for each candidate what it would teach, what it costs, and its place among the others."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calor.core.progress import Progress, stop_if_requested
from calor.decision.believed import Believed
from calor.decision.candidates.candidate import Candidate
from calor.decision.information.draws import Draws, Study
from calor.decision.information.estimate import Estimate
from calor.decision.information.net_benefit import (
    BestSize,
    NetBenefit,
    Running,
    Stakes,
    best_size,
    net_benefit,
)
from calor.decision.information.order import check_order
from calor.decision.information.perfect import evpi
from calor.decision.information.preposterior import Preposterior, expected, preposterior
from calor.decision.information.ranking import Ranking, rank
from calor.decision.information.resampling import Resamples, resample
from calor.decision.information.rivals import prior_probability, rival_probability
from calor.decision.information.sample import evsi_over_sizes
from calor.decision.information.settling import Rule, decisive, settled_now
from calor.decision.information.shares import share_of_variance
from calor.decision.information.widths import expected_width, prior_width
from calor.decision.money.figures import Money
from calor.decision.money.running import running_of, stakes_of
from calor.store.packing import packed, unpacked
from calor.store.piece_files import Arrays
from calor.store.pieces import NOT_KEPT, Pieces

CERTAINTY = 0.95
"""A result settles a question that leaves one answer with at least this probability."""

SIZES = (10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 120, 140, 160, 200, 250, 320, 400, 500, 640, 800, 1000)
"""Sizes at which a trial's net benefit is worked out, to say which is best."""

ENDLESS = 1e6
"""A study so many times as large has no scatter left: what it cannot tell, none of its kind can."""

LEAST_SHARE = 0.02
"""An endless study that removes less of the variance than this, within its error, removes none."""

LARGEST_ERROR = 0.25
"""A share of variance that is known less well than this cannot be said: there are too few worlds."""

LEAST_SIGNAL = 0.01
"""A study whose worlds differ by less than a tenth of its scatter (variance: a hundredth) shows nothing."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one candidate would teach and cost.

    Arguments: the candidate and what it would see; whether it can teach nothing by the model's structure, and
    whether there are too few worlds to say; the share of variance removed and the expected width of the 95 %
    interval (None between rivals); the expected probability of the explanation that holds; the probability of
    a decisive result; for a decision the net benefit at this size and the best size (None where none pays);
    what it takes, its cost and its months; and whether a budget allows it.
    """

    candidate: Candidate
    study: Study
    nothing: bool
    unsure: bool
    share: Estimate | None
    width: Estimate | None
    true_rival: Estimate
    settles: Estimate
    net: NetBenefit | None
    best: BestSize | None
    running: Running
    cost: float
    months: float
    affordable: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All candidates, ranked.

    Arguments: what is believed; the money; the rows in the order of the candidates; their ranking; what is
    believed before any study (the width, the probability of the true explanation and of a benefit that
    matters); the value of perfect information a person, and who gains; and the resamples of the errors.
    """

    believed: Believed
    money: Money
    rows: tuple[Row, ...]
    ranking: Ranking
    width_now: float | None
    true_rival_now: float
    benefit_now: float | None
    perfect: Estimate | None
    stakes: Stakes
    resamples: Resamples
    budget: float | None

    @property
    def ordered(self) -> tuple[tuple[Row, int, tuple[int, ...]], ...]:
        """The rows best first, each with its rank and the positions of those it is tied with."""
        return tuple((self.rows[place.position], place.rank, place.tied) for place in self.ranking.places)

    @property
    def settled(self) -> bool:
        """Whether the benefit that is asked for is as good as certain, or its absence, before any study."""
        return self.benefit_now is not None and max(self.benefit_now, 1 - self.benefit_now) >= CERTAINTY

    @property
    def settling(self) -> tuple[Row, ...]:
        """The affordable candidates that would more likely than not settle the question."""
        return tuple(row for row in self.rows if row.affordable and row.settles.value >= 0.5)


def compare(
    believed: Believed,
    money: Money,
    budget: float | None,
    seed: int,
    progress: Progress,
    pieces: Pieces = NOT_KEPT,
) -> Comparison:
    """Return all candidates of a question, ranked by what the question asks for.

    A quantity: the share of its variance removed. Rivals: the expected probability of the one that holds. A
    decision: the net benefit. Raises Stopped when the watcher asked to stop.
    """
    question, draws = believed.question, believed.draws
    resamples = resample(draws, seed=seed)
    stakes = stakes_of(money)
    perfect = evpi(draws, believed.decision, resamples) if believed.decision else None
    candidates = question.candidates
    progress.start("weighing studies", len(candidates))
    rows = []
    for number, candidate in enumerate(candidates):
        stop_if_requested(progress)

        def make(candidate: Candidate = candidate) -> Arrays:
            row = _row(believed, candidate, money, stakes, perfect, resamples, budget, seed)
            return packed(row, without=("candidate", "study"))

        kept = pieces.kept(f"candidate {number}", make)
        rows.append(unpacked(Row, kept, candidate=candidate, study=believed.study(candidate)))
        progress.advance()
    between_rivals = question.kind == "rivals"
    return Comparison(
        believed=believed,
        money=money,
        rows=tuple(rows),
        ranking=rank([_objective(row, question.kind) for row in rows]),
        width_now=None if between_rivals else prior_width(draws),
        true_rival_now=prior_probability(draws),
        benefit_now=None if between_rivals else settled_now(draws, _rule(believed)),
        perfect=perfect,
        stakes=stakes,
        resamples=resamples,
        budget=budget,
    )


def _objective(row: Row, kind: str) -> Estimate:
    if kind == "decision" and row.net is not None:
        return row.net.net
    if kind == "rivals" or row.share is None:
        return row.true_rival
    share = row.share
    return Estimate(0.0, share.error, share.raw, np.zeros_like(share.resampled)) if row.unsure else share


def _rule(believed: Believed) -> Rule:
    """Return when a result settles the question: a benefit that matters, or for a decision a gain at all."""
    asked = believed.question.file.question.quantity
    return Rule(0.0 if asked is None else asked.benefit_over, CERTAINTY)


def _row(
    believed: Believed,
    candidate: Candidate,
    money: Money,
    stakes: Stakes,
    perfect: Estimate | None,
    resamples: Resamples,
    budget: float | None,
    seed: int,
) -> Row:
    draws, study = believed.draws, believed.study(candidate)
    blank = shows_nothing(draws, study)
    running = running_of(candidate, believed.enrolling(candidate), money)
    cost = running.cost(candidate.patients)
    after = preposterior(draws, study, seed=seed)
    between_rivals = believed.question.kind == "rivals"
    none = Estimate(0.0, 0.0, 0.0, np.zeros(resamples.count))
    now = prior_probability(draws)
    unchanged = Estimate(now, 0.0, now, np.full(resamples.count, now))
    net, best = _worth(believed, candidate, study, running, stakes, perfect, resamples)
    nothing = blank or (not between_rivals and unrelated(draws, study, resamples))
    share = none if nothing else share_of_variance(draws, study, resamples)
    settles = (
        settles_between(draws, after, resamples)
        if between_rivals
        else decisive(draws, after, _rule(believed), resamples).either
    )
    return Row(
        candidate=candidate,
        study=study,
        nothing=nothing,
        unsure=not between_rivals and share.error > LARGEST_ERROR,
        share=None if between_rivals else share,
        width=None if between_rivals else expected_width(draws, after, resamples),
        true_rival=unchanged if blank else rival_probability(draws, after, resamples),
        settles=settles,
        net=net,
        best=best,
        running=running,
        cost=cost,
        months=running.months(candidate.patients),
        affordable=budget is None or cost <= budget,
    )


def _worth(
    believed: Believed,
    candidate: Candidate,
    study: Study,
    running: Running,
    stakes: Stakes,
    perfect: Estimate | None,
    resamples: Resamples,
) -> tuple[NetBenefit | None, BestSize | None]:
    """Return the net benefit of a candidate and its best size, where a decision is asked."""
    if believed.decision is None or perfect is None:
        return None, None
    sizes = tuple(sorted({*SIZES, candidate.patients}))
    found = evsi_over_sizes(
        believed.draws, believed.decision, study, resamples, patients=candidate.patients, sizes=sizes
    )
    for each in found:
        check_order(each, perfect)
    curve = [net_benefit(each, size, stakes, running) for each, size in zip(found, sizes, strict=True)]
    return curve[sizes.index(candidate.patients)], best_size(curve)


def shows_nothing(draws: Draws, study: Study) -> bool:
    """Return whether a study would see the same in every world, as far as its scatter lets anybody tell.

    For each statistic the covariance of the two halves between worlds, which holds no noise of the bank, is
    compared with the variance of sampling.
    """
    centre = np.einsum("w,whs->hs", draws.weights, study.means)
    apart = study.means - centre
    signal = np.einsum("w,ws,ws->s", draws.weights, apart[:, 0], apart[:, 1])
    scatter = np.einsum("w,wss->s", draws.weights, study.sampling)
    return bool(np.all(signal < LEAST_SIGNAL * scatter))


def unrelated(draws: Draws, study: Study, resamples: Resamples) -> bool:
    """Return whether even an endless study of this kind would say nothing about the quantity."""
    endless = share_of_variance(draws, study.of_size(ENDLESS), resamples)
    return endless.value < LEAST_SHARE and endless.value <= 2 * endless.error


def settles_between(draws: Draws, after: Preposterior, resamples: Resamples) -> Estimate:
    """Return the probability that a result leaves one explanation with at least `CERTAINTY`."""
    belief = np.stack(
        [after.weights[:, draws.rival == index].sum(axis=1) for index in range(len(draws.rivals))], axis=1
    )
    passes = (belief.max(axis=1) >= CERTAINTY).astype(np.float64)
    return expected(draws, after, resamples, passes, np.zeros(draws.worlds), (0.0, 1.0))
