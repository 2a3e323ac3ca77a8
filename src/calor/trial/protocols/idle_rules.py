"""Rules of a protocol that can never act, in words: a warning each, since nothing else would tell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from calor.study import (
    Enrichment,
    GroupSequential,
    Protocol,
    Rescue,
    SampleSizeReestimation,
    Stopping,
)
from calor.trial.protocols.branches import stop_days_of
from calor.trial.theory import SequentialPlan, boundaries

OUT_OF_REACH = 6.0
"""A normal score that chance passes once in a thousand million."""

FEWEST_AT_LOOK = 4
"""Patients below which two arms have no variance to be compared by."""


def idle_rules(protocol: Protocol) -> tuple[str, ...]:
    """Return a warning for each rule of a protocol that can never act."""
    design = protocol.design
    found: list[str] = []
    if isinstance(design, GroupSequential):
        found += _of_looks(protocol, design)
    if isinstance(design, Enrichment | SampleSizeReestimation):
        found += _of_interim(protocol, design)
    if protocol.conduct.stopping is not None:
        found += _of_stopping(protocol, protocol.conduct.stopping)
    if protocol.conduct.rescue is not None:
        found += _of_rescue(protocol.conduct.rescue)
    return tuple(found)


def _of_looks(protocol: Protocol, design: GroupSequential) -> Iterator[str]:
    """Yield what the looks before the last cannot do."""
    analysis = protocol.analysis
    plan = SequentialPlan(design.spending, design.looks, analysis.alpha, analysis.sided, design.parameter)
    critical = boundaries(plan).critical_values
    sizes = np.round(np.array(design.looks) * protocol.patients).astype(int)
    futility = design.futility or (-np.inf,) * (len(sizes) - 1)
    before = 0
    looks = zip(sizes[:-1], critical[:-1], futility, strict=True)
    for place, (size, bound, futile) in enumerate(looks):
        look = f"look {place + 1} (at {size} patients)"
        if size < FEWEST_AT_LOOK:
            yield f"{look} has too few patients to analyse, so the trial cannot stop there"
        elif size in (before, sizes[-1]):
            yield f"{look} has the patients of another look, so it can decide nothing new"
        elif size + protocol.overrun >= protocol.patients:
            everybody = f"all {protocol.patients} patients are in"
            yield f"{everybody} when the data of {look} are: to stop there spares nobody"
        if bound > OUT_OF_REACH:
            yield (
                f"{look} cannot stop for benefit: its critical value is {bound:.1f}, since next to no alpha "
                "is spent there"
            )
        if futile >= bound:
            yield (
                f"every trial ends at {look}: its futility bound {futile:g} is not below the critical value "
                f"{bound:.2f}, so no later look takes place"
            )
        elif design.futility and futile < -OUT_OF_REACH:
            yield f"the futility bound {futile:g} of {look} cannot be passed"
        before = size


def _of_interim(protocol: Protocol, design: Enrichment | SampleSizeReestimation) -> Iterator[str]:
    """Yield what an interim at some of the patients cannot do."""
    later = protocol.overrun
    if design.interim_patients + later >= protocol.places:
        yield (
            f"all {protocol.places} patients are in when the data of the interim are ({later} come "
            "meanwhile), so it can change nothing in practice"
        )
    if not isinstance(design, Enrichment):
        return
    if design.margin >= protocol.endpoint.variable.row.span:
        whole = f"a margin of {design.margin:g} is all that the scale can show"
        yield f"no trial goes on in the subgroup: {whole}"


def _of_stopping(protocol: Protocol, stopping: Stopping) -> Iterator[str]:
    """Yield why nobody can stop the treatment."""
    if not stopping.per_month and not any(stopping.side_effects_per_month.values()):
        yield "nobody stops the treatment: every hazard of stopping is 0"
    elif not stop_days_of(protocol):
        yield "nobody can stop the treatment: no dose is due on or after a day on which a patient may stop"


def _of_rescue(rescue: Rescue) -> Iterator[str]:
    """Yield why rescue changes nothing."""
    if not rescue.per_month:
        yield "nobody takes rescue: its hazard is 0"
    elif rescue.relief_nrs == 0:
        yield "rescue changes no rating: its relief is 0"
