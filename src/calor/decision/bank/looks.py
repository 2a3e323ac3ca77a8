"""Looks: what a study or a question needs of the people of a bank: who, given what, read how."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from calor.core.arrays import Numbers
from calor.core.provenance import sha256_of_data
from calor.core.streams import Stream
from calor.decision.bank.giving import UNTREATED, GivenCourse, courses_of
from calor.decision.bank.measuring import Sight
from calor.decision.bank.outlook import Outlook, outlook_of_arms, outlook_of_people
from calor.decision.bank.spread import Places
from calor.evidence.economics import UtilityLoss
from calor.population.history import PAIN
from calor.population.screening import Screened
from calor.study import Protocol
from calor.study.population import PopulationPart
from calor.trial.protocols.layout import layout_of

DAYS_PER_YEAR = 365.25


class Look(ABC):
    """What is needed of some people, and what becomes of it.

    `population`: who; `courses`: what each of them is followed under, none for what is seen at screening;
    `days`: how long; `outputs`: the true outputs that are needed.
    """

    population: PopulationPart
    courses: tuple[GivenCourse, ...] = ()
    days: int = 0
    outputs: tuple[str, ...] = ()

    @property
    @abstractmethod
    def key(self) -> str:
        """What tells it apart from looks that would see something else."""

    @abstractmethod
    def outlook(self, read: Sequence[Numbers], people: Screened, places: Places, stream: Stream) -> Outlook:
        """Return what a study would see, from what was read under each course."""


class FollowedLook(Look):
    """A look at people who are followed under courses."""

    @abstractmethod
    def read(self, people: Screened, outputs: Mapping[str, Numbers], stream: Stream) -> Numbers:
        """Return what is kept of people under one course, (copies, n, ...)."""


class SightLook(FollowedLook):
    """A look by which an endpoint is written down: the sight says for how long, and from what."""

    sight: Sight

    @property
    def days(self) -> int:  # type: ignore[override]
        """The last study day of the endpoint."""
        return self.sight.days

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """The true outputs behind the endpoint."""
        return self.sight.outputs

    def read(self, people: Screened, outputs: Mapping[str, Numbers], stream: Stream) -> Numbers:
        """Return the endpoint of each copy, person and period."""
        return self.sight.written(people, outputs, stream)


@dataclass(frozen=True)
class UtilityLook(FollowedLook):
    """The quality-adjusted life years that are gained while people are followed, by contrast of the arms."""

    protocol: Protocol
    losses: UtilityLoss

    @property
    def population(self) -> PopulationPart:  # type: ignore[override]
        """Who would be treated."""
        return self.protocol.population

    @property
    def courses(self) -> tuple[GivenCourse, ...]:  # type: ignore[override]
        """One an arm, which is given first."""
        layout = layout_of(self.protocol)
        return courses_of(self.protocol, [layout.followed[row] for row in layout.by_itself[:, 0]])

    @property
    def days(self) -> int:  # type: ignore[override]
        """The last study day of the endpoint."""
        return self.protocol.endpoint.to_day

    @property
    def outputs(self) -> tuple[str, ...]:  # type: ignore[override]
        """True pain."""
        return (PAIN,)

    @property
    def key(self) -> str:
        """The hash of what decides the gain."""
        parts = self.protocol.model_dump(mode="json", include={"population", "arms", "conduct"})
        return sha256_of_data([parts, self.days, self.losses.model_dump(mode="json"), "utility"])

    def read(self, people: Screened, outputs: Mapping[str, Numbers], stream: Stream) -> Numbers:
        """Return minus the life years lost to pain until the last day, (1, n, 1)."""
        del people, stream
        loss = np.interp(outputs[PAIN], self.losses.at, self.losses.loss)
        return np.asarray(-loss.sum(axis=1)[None, :, None] / DAYS_PER_YEAR)

    def outlook(self, read: Sequence[Numbers], people: Screened, places: Places, stream: Stream) -> Outlook:
        """Return the gain in each contrast."""
        del people, stream
        shares = [1 / len(read)] * len(read)
        weights = layout_of(self.protocol).weights
        return outlook_of_arms([each[:, :, 0] for each in read], None, places, shares, weights)


@dataclass(frozen=True)
class NaturalCourseLook(SightLook):
    """The change of the untreated pain diary from baseline to a week that ends on a day."""

    population: PopulationPart
    sight: Sight
    courses: tuple[GivenCourse, ...] = (UNTREATED,)

    @property
    def key(self) -> str:
        """The hash of who is followed for how long."""
        about = self.sight.endpoint.model_dump(mode="json")
        return sha256_of_data([self.population.model_dump(mode="json"), about, "natural course"])

    def outlook(self, read: Sequence[Numbers], people: Screened, places: Places, stream: Stream) -> Outlook:
        """Return the mean change and the mean square of it, which tells how people differ."""
        del people, stream
        change = read[0][:, :, 0]
        return outlook_of_people(np.stack([change, change**2], axis=-1), places)
