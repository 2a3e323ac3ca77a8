"""Designs, one a file: how a trial is enrolled, looked at and decided. Each conducts replicates."""

from calor.study import Enrichment, GroupSequential, SampleSizeReestimation
from calor.trial.conduct.observation import Observer
from calor.trial.designs.conductor import Conductor, Outcome
from calor.trial.designs.enrichment import EnrichmentConductor
from calor.trial.designs.estimation import Analyst
from calor.trial.designs.fixed import FixedConductor
from calor.trial.designs.group_sequential import GroupSequentialConductor
from calor.trial.designs.reestimation import ReestimationConductor

__all__ = ["Conductor", "Outcome", "conductor_of"]


def conductor_of(observer: Observer, analyst: Analyst) -> Conductor:
    """Return the conductor of a protocol's design."""
    design = observer.protocol.design
    if isinstance(design, GroupSequential):
        return GroupSequentialConductor(observer, analyst, design)
    if isinstance(design, SampleSizeReestimation):
        return ReestimationConductor(observer, analyst, design)
    if isinstance(design, Enrichment):
        return EnrichmentConductor(observer, analyst, design)
    return FixedConductor(observer, analyst)
