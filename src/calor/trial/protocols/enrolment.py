"""How many are enrolled, and how they are allocated."""

from __future__ import annotations

from dataclasses import dataclass

from calor.study import Protocol, Shares, Sites, StratumFactor, Subgroup
from calor.study.arms import shares_of
from calor.trial.protocols.layout import Layout


@dataclass(frozen=True)
class Enrolment:
    """Who is enrolled, and how they are allocated.

    Arguments: the patients that are planned, and the most that the trial may enrol; how many come while the
    data of a look mature; what they are allocated to, by name; ratio and block size; the factors of
    stratification; the subgroup in which the trial may go on alone; and its sites.
    """

    patients: int
    places: int
    overrun: int
    names: tuple[str, ...]
    shares: Shares
    strata: tuple[StratumFactor, ...]
    subgroup: Subgroup | None
    sites: Sites | None = None


def enrolment_of(protocol: Protocol, layout: Layout) -> Enrolment:
    """Return how a protocol enrols and allocates."""
    return Enrolment(
        patients=protocol.patients,
        places=protocol.places,
        overrun=protocol.overrun,
        names=layout.names,
        shares=shares_of(protocol.allocation, len(layout.sequences)),
        strata=protocol.allocation.strata,
        subgroup=protocol.design.chosen,
        sites=protocol.sites,
    )
