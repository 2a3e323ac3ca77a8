"""What a trial would see of its people: its comparisons, in everybody or in a subgroup and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.core.provenance import sha256_of_data
from calor.core.streams import Stream
from calor.decision.bank.giving import GivenCourse, courses_of
from calor.decision.bank.looks import SightLook
from calor.decision.bank.measuring import Sight
from calor.decision.bank.outlook import Outlook, outlook_of_arms, outlook_of_sequences, side_by_side
from calor.decision.bank.site_scatter import NO_SITES, scatter_of_sites
from calor.decision.bank.spread import Places
from calor.population.diary import DiaryHabits
from calor.population.history import PAIN
from calor.population.screening import Screened
from calor.study import Protocol, Subgroup
from calor.study.arms import shares_of
from calor.study.population import PopulationPart
from calor.trial.analysis.methods import method_of
from calor.trial.bank.run_in import diary_in_run_in, responds
from calor.trial.protocols.layout import Layout, layout_of
from calor.trial.theory import contrast_weights

DECIDES = (
    "population",
    "design",
    "arms",
    "allocation",
    "endpoint",
    "placebo_response",
    "conduct",
    "sites",
)
"""The parts of a protocol that decide what it would see, besides its size and its analysis."""


@dataclass(frozen=True)
class _Randomised:
    """Who is randomised, and what is written down of them.

    Arguments: by course the outcome (copies, n, n_periods); the baseline (n,), None where none counts; where
    they stand; who is in the subgroup (n,), None without one; and the share of those who enter that they are.
    """

    written: Sequence[Numbers]
    baseline: Numbers | None
    places: Places
    inside: NDArray[np.bool_] | None
    share: float = 1.0

    def take(self, rows: NDArray[np.int64]) -> _Randomised:
        """Return some of them."""
        return replace(
            self,
            written=[each[:, rows] for each in self.written],
            baseline=None if self.baseline is None else self.baseline[rows],
            places=self.places.take(rows),
            inside=None if self.inside is None else self.inside[rows],
        )


@dataclass(frozen=True)
class TrialLook(SightLook):
    """The comparisons of a trial: as it would measure them, or as its question defines them (`true`).

    With `more_in` each is seen in that subgroup and then in everybody else. A trial with a run-in sees those
    who respond to it, and its question is of them.
    """

    protocol: Protocol
    true: bool = False
    more_in: Subgroup | None = None

    @property
    def population(self) -> PopulationPart:  # type: ignore[override]
        """Who may enter."""
        return self.protocol.population

    @property
    def courses(self) -> tuple[GivenCourse, ...]:  # type: ignore[override]
        """One a sequence that is allocated, or for what is true that gives an arm by itself."""
        layout = layout_of(self.protocol)
        asked = [layout.followed[row] for row in np.unique(layout.by_itself)]
        return courses_of(self.protocol, asked if self.true else layout.sequences)

    @property
    def sight(self) -> Sight:  # type: ignore[override]
        """How the outcome is written down."""
        return Sight.of(self.protocol, everything_seen=self.true)

    @property
    def key(self) -> str:
        """The hash of what decides the result but not its size."""
        trial = self.protocol
        method = method_of(trial)
        adjusts = [method.adjusts_for_baseline, method.adjusts_for_carry_over, str(method.reads)]
        subgroup = None if self.more_in is None else self.more_in.model_dump(mode="json")
        parts = trial.model_dump(mode="json", include=set(DECIDES))
        return sha256_of_data([parts, layout_of(trial).control, adjusts, self.true, subgroup])

    def read(self, people: Screened, outputs: Mapping[str, Numbers], stream: Stream) -> Numbers:
        """Return the endpoint of each copy, person and period; after a run-in also the level in it, last."""
        run_in = self.protocol.design.run_in
        if run_in is None:
            return super().read(people, outputs, stream)
        level = diary_in_run_in(
            run_in,
            np.nan_to_num(outputs[PAIN]),
            DiaryHabits.of(people.patients.values),
            people.slow_before,
            people.patients.identifiers,
            stream,
            placebo_response=self.protocol.placebo_response,
        )
        level[~np.isfinite(outputs[PAIN]).all(axis=1)] = np.nan
        written = self.sight.written(people, outputs, stream, level)
        return np.concatenate([written, np.broadcast_to(level[:, None], (*written.shape[:2], 1))], axis=2)

    def outlook(self, read: Sequence[Numbers], people: Screened, places: Places, stream: Stream) -> Outlook:
        """Return the comparisons with their spread for one patient."""
        inside = None if self.more_in is None else self.more_in.holds(people.covariates[self.more_in.by])
        seen = self._randomised(read, people, places, stream, inside)
        if seen.inside is None:
            return self._compared(seen)
        groups = [seen.take(np.flatnonzero(seen.inside == part)) for part in (True, False)]
        return side_by_side(
            [self._compared(group) for group in groups],
            [group.places.share_of(seen.places) for group in groups],
        )

    def _randomised(
        self,
        read: Sequence[Numbers],
        people: Screened,
        places: Places,
        stream: Stream,
        inside: NDArray[np.bool_] | None,
    ) -> _Randomised:
        trial = self.protocol
        adjusts = method_of(trial).adjusts_for_baseline and trial.endpoint.responder is None
        run_in, baseline = trial.design.run_in, self.sight.baseline(people, stream)
        if run_in is None:
            return _Randomised(read, baseline if adjusts else None, places, inside)
        level = read[0][0, :, -1]
        chosen = responds(baseline, level, run_in)
        entered = _Randomised(
            [each[:, :, :-1] for each in read],
            level if adjusts else None,
            places,
            inside,
            float(chosen.mean()),
        )
        return entered.take(np.flatnonzero(chosen))

    def _compared(self, seen: _Randomised) -> Outlook:
        """Return the comparisons in some people."""
        trial, layout, method = self.protocol, layout_of(self.protocol), method_of(self.protocol)
        if self.true and trial.design.crossed:
            even = [1 / len(seen.written)] * len(seen.written)
            return outlook_of_sequences(seen.written, _weights_by_itself(layout), even, seen.places)
        ratio = shares_of(trial.allocation, len(layout.sequences)).ratio
        shares = [share / sum(ratio) for share in ratio]
        if trial.design.crossed:
            weights = contrast_weights(
                layout.sequences,
                ratio,
                len(trial.arms),
                layout.control,
                carry_over=method.adjusts_for_carry_over,
            )
            return outlook_of_sequences(seen.written, weights, shares, seen.places)
        sites = NO_SITES if self.true else scatter_of_sites(trial)
        outcomes = [each[:, :, 0] for each in seen.written]
        found = outlook_of_arms(outcomes, seen.baseline, seen.places, shares, layout.weights, sites)
        return replace(found, randomised_share=seen.share)


def _weights_by_itself(layout: Layout) -> Numbers:
    """Return what each sequence and period counts in each contrast of the arms by themselves.

    (n_contrasts, n_sequences, n_periods), the sequences as `TrialLook.courses` has them.
    """
    n_arms, n_periods = layout.by_itself.shape
    rows = np.searchsorted(np.unique(layout.by_itself), layout.by_itself)
    by_arm = np.zeros((n_arms, rows.max() + 1, n_periods))
    for arm in range(n_arms):
        by_arm[arm, rows[arm], np.arange(n_periods)] = 1 / n_periods
    return np.asarray(np.einsum("ca,asp->csp", layout.weights, by_arm))
