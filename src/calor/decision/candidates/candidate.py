"""A candidate: a study that could be run, with its size and what it needs of the bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from calor.core.errors import Problem, UnsupportedError
from calor.decision.bank.looks import Look, TrialLook
from calor.study import Protocol, Strategy
from calor.study.population import PopulationPart
from calor.trial.analysis.method import Effect
from calor.trial.analysis.methods import method_of
from calor.trial.protocols.layout import layout_of


@dataclass(frozen=True)
class Candidate:
    """A study that could be run.

    Arguments: its name; the drug it gives or what it measures, by which a picture groups it; its size; what
    it needs of the bank; its statistics in the order of a result; who enters; the trial that it is, None for
    a study that treats nobody; and hazards that whoever runs it must provide for.
    """

    name: str
    kind: str
    patients: int
    look: Look
    statistics: tuple[str, ...]
    population: PopulationPart
    protocol: Protocol | None = None
    provides_for: tuple[str, ...] = ()

    @property
    def family(self) -> str:
        """What tells it apart from studies that differ in size alone."""
        return self.look.key

    def sized(self, patients: int) -> Candidate:
        """Return the same study with another number of patients."""
        return replace(self, patients=patients)


def trial_candidate(name: str, protocol: Protocol, provides_for: tuple[str, ...]) -> Candidate:
    """Return a trial as a candidate. Raises UnsupportedError for one whose result is not a normal law's."""
    refused = [Problem(f"{name}: {what}") for what in unsupported(protocol)]
    if refused:
        raise UnsupportedError(refused)
    control = protocol.control_name
    active = [protocol.arms[place] for place in layout_of(protocol).actives]
    drugs = dict.fromkeys(given.drug for arm in active for given in arm.treatments)
    return Candidate(
        name=name,
        kind=" + ".join(drugs) or "no drug",
        patients=protocol.patients,
        look=TrialLook(protocol),
        statistics=tuple(f"{arm.name} minus {control} ({protocol.endpoint.unit})" for arm in active),
        population=protocol.population,
        protocol=protocol,
        provides_for=provides_for,
    )


def unsupported(protocol: Protocol) -> Iterator[str]:
    """Yield what a trial has that a normal law for its result does not cover."""
    conduct, analysis = protocol.conduct, protocol.analysis
    if not protocol.design.candidate:
        yield f"a {protocol.design.type} design as a candidate: what it would see is not worked out"
    if protocol.sites is not None:
        yield "sites in a candidate: what the patients of a site have in common is not known there"
    for name in ("stopping", "rescue", "unblinding"):
        if getattr(conduct, name) is not None:
            yield f"conduct.{name} in a candidate: its people are followed without it"
    if conduct.dropout_log_hazard_per_point:
        yield "conduct.dropout_log_hazard_per_point in a candidate: its people are lost whatever their pain"
    if analysis.prior is not None:
        yield "analysis.prior in a candidate: what a study shows is its data"
    if analysis.imputes:
        yield "an imputation other than at random in a candidate"
    if method_of(protocol).effect is Effect.LOG_WIN_RATIO:
        yield f"analysis method {analysis.method!r} in a candidate: a win ratio is no difference of means"
    if protocol.estimand.loss is Strategy.COMPOSITE:
        yield "estimand.loss: composite in a candidate"
