"""Uncertain numbers that no target can move: their prior alone speaks, for an outcome that trials measure."""

from __future__ import annotations

from dataclasses import dataclass

from calor.calibration.arms import prepare_arms
from calor.calibration.inputs import ancestors_of, inputs_of
from calor.calibration.studies import FittedStudies
from calor.calibration.targets import targets_of
from calor.model.disease import Disease
from calor.model.outputs import OUTPUTS
from calor.model.parameters import Parameter
from calor.model.rivals import load_rivals


@dataclass(frozen=True)
class Unmoved:
    """A number that no target of a fit can move.

    Arguments: the number; the true outputs of the disease that it reaches through the equations, none for a
    number of measurement.
    """

    parameter: Parameter
    reaches: tuple[str, ...]


def unmoved_by(studies: FittedStudies, disease: Disease) -> tuple[Unmoved, ...]:
    """Return the numbers that no target of these studies can move under any rival, in the table's order."""
    arms = prepare_arms(studies, disease)
    moved = {
        name
        for rival in load_rivals()
        for target in targets_of(studies)
        for name in inputs_of(target, arms, rival.sets)
    }
    untreated = arms.systems[()]
    above = {output: ancestors_of(untreated, output) for output in OUTPUTS}
    return tuple(
        Unmoved(row, tuple(output for output in OUTPUTS if row.identifier in above[output]))
        for row in arms.table.uncertain
        if row.identifier not in moved
    )
