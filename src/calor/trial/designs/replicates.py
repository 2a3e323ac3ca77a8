"""Replicates of the trial: drawn from the bank, conducted by the design, summarised.

Each number is keyed by the replicate and by the patient's rank in their sequence, so replicates can be
computed in any order and by any number of workers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.executors import ALONE, Executor
from calor.core.progress import Progress
from calor.store.piece_files import Arrays
from calor.store.pieces import NOT_KEPT, Pieces
from calor.trial.bank.bank import FEWEST_WORLDS, Bank
from calor.trial.bank.preparation import Prepared
from calor.trial.conduct.observation import Observer
from calor.trial.conduct.roster import Positions
from calor.trial.designs.conductor import Outcome
from calor.trial.designs.conductors import Conducts, conductor_of
from calor.trial.designs.estimation import Analyst
from calor.trial.protocols.plan import Plan

CHUNK_VALUES = 200_000
"""Diary days simulated at once: what the processor's cache holds. It depends on nothing but the protocol."""


@dataclass(frozen=True)
class Replicates:
    """The results of all replicates (r,).

    Arguments: the cell; the bank positions of the people drawn (r, n), kept for a bank of few worlds and else
    (r, 0); the estimate, its 95 % interval and whether it is significant, for every contrast
    (r, n_contrasts), and the estimate by each alternative that the design names and does not report
    (r, n_contrasts, n_alternatives); by arm
    (r, n_arms) the number randomised, the mean baseline, the endpoint's mean and SD, and the shares that
    stopped, took rescue and were lost before the endpoint's last day; patients enrolled; the look at which
    the trial ended; whether it was for futility, whether it went on in the subgroup, how many of the people
    were drawn before the design chose who may follow, and whether any contrast is significant with its
    estimate on the side of benefit (against a margin: whether the claim is made, wherever the estimate lies);
    and the design's own numbers (r, n_own).
    """

    cells: Positions
    people: NDArray[np.int32]
    effects: Numbers
    lower: Numbers
    upper: Numbers
    alternative_effects: Numbers
    rejected: NDArray[np.bool_]
    randomised: Numbers
    baseline_mean: Numbers
    endpoint_mean: Numbers
    endpoint_sd: Numbers
    stopped: Numbers
    rescued: Numbers
    lost: Numbers
    enrolled: Positions
    look: Positions
    futile: NDArray[np.bool_]
    enriched: NDArray[np.bool_]
    before_choice: Positions
    benefit: NDArray[np.bool_]
    own_numbers: Numbers

    @property
    def effect(self) -> Numbers:
        """The estimate of the primary contrast, (r,)."""
        return self.effects[:, 0]

    @property
    def significant(self) -> NDArray[np.bool_]:
        """Whether the primary contrast is significant at the protocol's level, (r,)."""
        return self.rejected[:, 0]

    def __len__(self) -> int:
        return len(self.cells)

    def first(self, count: int) -> Replicates:
        """Return the first so many of them."""
        return Replicates(**{name: values[:count] for name, values in vars(self).items()})

    @classmethod
    def joined(cls, parts: Sequence[Replicates]) -> Replicates:
        """Return the replicates of all parts, in their order."""
        return cls(
            **{name: np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0])}
        )


class ReplicateSimulator:
    """Draws replicates of a trial from a bank.

    Arguments: the plan, its bank, the seed, the weights of the rivals; who conducts the design in another way
    than its own, None: nobody; and the pieces in which finished replicates are kept.
    """

    def __init__(
        self,
        plan: Plan,
        bank: Bank,
        seed: int,
        rival_weights: Numbers,
        conducts: Conducts | None = None,
        pieces: Pieces = NOT_KEPT,
    ) -> None:
        self._made_of = (plan, bank, seed, rival_weights, conducts)
        self.plan = plan
        self.pieces = pieces
        self.observer = Observer(plan, bank, seed, rival_weights)
        self.analyst = Analyst(plan, seed)
        self.conductor = conductor_of(self.observer, self.analyst, conducts)
        days = len(plan.assessments.days)
        self.keeps_people = bank.n_worlds < FEWEST_WORLDS
        self.chunk = max(1, CHUNK_VALUES // (plan.enrolment.places * days))

    @classmethod
    def of(cls, ready: Prepared, conducts: Conducts | None = None) -> ReplicateSimulator:
        """Return the simulator of a trial that is prepared; one conducted otherwise has pieces of its own."""
        return cls(ready.plan, ready.bank, ready.settings.seed, ready.weights, conducts, ready.pieces)

    def run(
        self,
        count: int,
        progress: Progress,
        executor: Executor = ALONE,
        done: Replicates | None = None,
    ) -> Replicates:
        """Return the results of replicates 0, 1, ..., in order, whoever computes them.

        What is `done` of them is not computed again, but for a last chunk that was not whole: estimators that
        iterate over a chunk then see the same ones together, and the numbers are those of one run of all.
        """
        whole = 0 if done is None else len(done) // self.chunk * self.chunk
        kept = [] if done is None or not whole else [done.first(min(whole, count))]
        progress.start("replicates", max(count - whole, 0))
        chunks = [
            np.arange(first, min(first + self.chunk, count)) for first in range(whole, count, self.chunk)
        ]
        named = {f"replicates {numbers[0]}-{numbers[-1]}": numbers for numbers in chunks}
        found = self.pieces.kept_each(named, self, executor, progress, len)
        return Replicates.joined([*kept, *(Replicates(**each) for each in found)])

    def __call__(self, numbers: Positions, _: Progress) -> Arrays:
        """Return the results of some replicates as arrays by name; the task of a chunk."""
        return vars(self._summary(self.conductor.conduct(numbers)))

    def __reduce__(self) -> tuple[type[ReplicateSimulator], tuple[Plan, Bank, int, Numbers, Conducts | None]]:
        return type(self), self._made_of

    def _summary(self, outcome: Outcome) -> Replicates:
        observed, layout = outcome.observed, self.plan.layout
        arms = np.where(outcome.enrolled[:, :, None], layout.arm_asked[observed.sequences], -1)
        by_arm = [arms == arm for arm in range(len(layout.arms))]
        baseline = np.broadcast_to(observed.baseline[:, :, None], observed.endpoint.shape)
        moments = [_moments(observed.endpoint, of_arm) for of_arm in by_arm]
        places = observed.people.shape[1]
        before_choice = places if outcome.places_before_choice is None else outcome.places_before_choice

        def shares(times: Numbers) -> Numbers:
            happened = times[:, :, None] < layout.last_day
            return np.column_stack([_share(happened, of_arm) for of_arm in by_arm])

        effects = np.column_stack([estimate.effect for estimate in outcome.estimates])
        beneficial = effects < 0 if self.plan.analysis.less_is_better else effects > 0
        counts = beneficial | (self.plan.analysis.asked.margin is not None)
        return Replicates(
            cells=observed.cells,
            people=(observed.people if self.keeps_people else observed.people[:, :0]).astype(np.int32),
            effects=effects,
            lower=np.column_stack([estimate.lower for estimate in outcome.estimates]),
            upper=np.column_stack([estimate.upper for estimate in outcome.estimates]),
            alternative_effects=_by_alternative(outcome),
            rejected=outcome.rejected,
            randomised=np.column_stack([of_arm.any(axis=2).sum(axis=1) for of_arm in by_arm]).astype(float),
            baseline_mean=np.column_stack([_moments(baseline, of_arm)[0] for of_arm in by_arm]),
            endpoint_mean=np.column_stack([mean for mean, _ in moments]),
            endpoint_sd=np.column_stack([sd for _, sd in moments]),
            stopped=shares(observed.stopped),
            rescued=shares(observed.rescued),
            lost=shares(observed.lost),
            enrolled=outcome.enrolled.sum(axis=1),
            look=outcome.look,
            futile=outcome.futile,
            enriched=outcome.enriched,
            before_choice=np.full(len(observed.cells), before_choice),
            benefit=np.asarray((outcome.rejected & counts).any(axis=1)),
            own_numbers=np.column_stack([*outcome.own_numbers, np.empty((len(observed.cells), 0))]),
        )


def _by_alternative(outcome: Outcome) -> Numbers:
    """Return the effects by each alternative, (r, n_contrasts, n_alternatives)."""
    found = np.empty((*outcome.rejected.shape, len(outcome.alternatives)))
    for place, estimates in enumerate(outcome.alternatives):
        found[:, :, place] = np.column_stack([estimate.effect for estimate in estimates])
    return found


def _moments(values: Numbers, chosen: NDArray[np.bool_]) -> tuple[Numbers, Numbers]:
    """Return mean and SD of the chosen values that are not missing, per replicate; NaN of too few."""
    used = chosen & np.isfinite(values)
    count = used.sum(axis=(1, 2))
    mean = np.where(used, values, 0.0).sum(axis=(1, 2)) / np.maximum(count, 1)
    square = np.where(used, (values - mean[:, None, None]) ** 2, 0.0).sum(axis=(1, 2))
    spread = np.sqrt(square / np.maximum(count - 1, 1))
    return np.where(count > 0, mean, np.nan), np.where(count > 1, spread, np.nan)


def _share(happened: NDArray[np.bool_], chosen: NDArray[np.bool_]) -> Numbers:
    """Return the share of the chosen patients to whom something happened, per replicate."""
    return np.asarray((happened & chosen).sum(axis=(1, 2)) / np.maximum(chosen.sum(axis=(1, 2)), 1))
