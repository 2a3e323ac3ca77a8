"""A candidate: a study that could be run, with its size and what it needs of the bank."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from calor.core.errors import Problem, UnsupportedError
from calor.decision.bank.looks import Look
from calor.decision.bank.trial_look import TrialLook
from calor.study import Protocol, RunIn, Strategy, Subgroup
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


def trial_candidate(
    name: str, protocol: Protocol, provides_for: tuple[str, ...], more_in: Subgroup | None = None
) -> Candidate:
    """Return a trial as a candidate.

    Arguments: its name; the trial; the hazards to provide for; and a subgroup that it is read in beside
    everybody else. Raises UnsupportedError for a trial whose result is no normal law of so many patients.
    """
    refused = [Problem(f"{name}: {what}", hint=hint) for what, hint in unsupported(protocol)]
    if refused:
        raise UnsupportedError(refused)
    layout = layout_of(protocol)
    active = [protocol.arms[place] for place in layout.actives]
    drugs = dict.fromkeys(given.drug for arm in active for given in arm.treatments)
    return Candidate(
        name=name,
        kind=" + ".join(drugs) or "no drug",
        patients=protocol.patients,
        look=TrialLook(protocol, more_in=more_in),
        statistics=tuple(
            f"{label}{where} ({protocol.endpoint.unit})"
            for where in _groups(protocol.design.run_in, more_in)
            for label in layout.contrasts
        ),
        population=protocol.population,
        protocol=protocol,
        provides_for=provides_for,
    )


def _groups(run_in: RunIn | None, more_in: Subgroup | None) -> tuple[str, ...]:
    """Return in words of whom each set of a trial's statistics is."""
    whole = "" if run_in is None else " in those who respond to the run-in"
    if more_in is None:
        return (whole,)
    return (f"{whole} where {more_in.words}", f"{whole} elsewhere")


Refused = tuple[str, str | None]
"""What cannot be, and what to do instead."""


def unsupported(protocol: Protocol) -> Iterator[Refused]:
    """Yield what a trial has that a normal law for its result does not cover."""
    design, analysis = protocol.design, protocol.analysis
    if design.adaptive:
        yield (
            f"a {design.type} design as a candidate: how many patients stand behind its result depends on it",
            "the same arms in a parallel design, run to the end, show at least as much",
        )
    if analysis.imputes:
        yield (
            "an imputation other than at random in a candidate: its people leave at random",
            "leave out missing and delta",
        )
    yield from not_followed(protocol)


def not_followed(protocol: Protocol) -> Iterator[Refused]:
    """Yield what a trial has that the people of a bank are not followed under: its effect is not known."""
    conduct = protocol.conduct
    for name in ("stopping", "rescue", "unblinding"):
        if getattr(conduct, name) is not None:
            yield f"conduct.{name}: the people of a comparison are followed without it", None
    if conduct.dropout_log_hazard_per_point:
        yield "conduct.dropout_log_hazard_per_point: people are lost whatever their pain", None
    effect = method_of(protocol).effect
    if effect in (Effect.LOG_WIN_RATIO, Effect.LOG_HAZARD_RATIO):
        yield (
            f"analysis method {protocol.analysis.method!r}: a {effect} is no difference of means",
            "name an analysis of means",
        )
    if protocol.estimand.loss is Strategy.COMPOSITE:
        yield "estimand.loss: composite: who is lost counts as not seen", None
