"""The value of a claim's quantity in every cell of a bank (a world under a rival)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calor.core.arrays import Numbers
from calor.model.rivals import Rival
from calor.trial.bank.bank import Bank, Cell
from calor.trial.claims.questions import Effect, Explanation, Interaction, Quantity, ShareHelped
from calor.trial.conduct.roster import members_of
from calor.trial.protocols.plan import Plan
from calor.trial.results.over_cells import OverCells, over_cells
from calor.trial.results.truth import Truth

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Known:
    """What is known of a simulated trial: its bank, the true outcomes, the rivals and the weight of each."""

    bank: Bank
    truth: Truth
    rivals: tuple[Rival, ...]
    weights: Numbers

    @property
    def plan(self) -> Plan:
        """The plan of the trial."""
        return self.truth.plan


@dataclass(frozen=True)
class CellValues:
    """A quantity in the cells in which it is defined.

    Arguments: these cells; the weight of each rival (n_rivals,); and in each cell the value from all its
    patients and from each half of them (n_cells,).
    """

    cells: tuple[Cell, ...]
    weights: Numbers
    values: Numbers
    halves: tuple[Numbers, Numbers]

    def over(self, values: Numbers) -> OverCells:
        """Return what values of these cells (n_cells,) say over rivals and worlds."""
        return over_cells(self.cells, values, self.weights)

    @property
    def mean(self) -> float:
        """The mean over rivals and worlds."""
        return self.over(self.values).mean.value

    @property
    def variance(self) -> float:
        """The variance over rivals and worlds without the noise of a finite number of patients.

        The covariance of the values from two halves of the patients, whose noise is independent; at least 0.
        """
        first, second = (half - self.over(half).mean.value for half in self.halves)
        return max(self.over(first * second).mean.value, 0.0)


def cell_values(quantity: Quantity, known: Known) -> CellValues:
    """Return a quantity in every cell, with sign: a contrast is active minus control."""
    bank = known.bank
    everybody = np.ones(len(bank.baseline), dtype=np.bool_)
    early = np.zeros_like(everybody)
    for cell in bank.cells:
        early[cell.start : (cell.start + cell.stop) // 2] = True
    values, first, second = (_values(quantity, known, chosen) for chosen in (everybody, early, ~early))
    defined = np.isfinite(values) & np.isfinite(first) & np.isfinite(second)
    cells = tuple(cell for cell, is_defined in zip(bank.cells, defined, strict=True) if is_defined)
    return CellValues(cells, known.weights, values[defined], (first[defined], second[defined]))


def _values(quantity: Quantity, known: Known, chosen: Flags) -> Numbers:
    """Return the quantity from some of the patients (n,), (n_cells,); NaN where it is not defined."""
    match quantity:
        case Effect():
            layout = known.plan.layout
            other = layout.arms[layout.control] if quantity.minus is None else quantity.minus
            return _effect(known, quantity.arm, chosen) - _effect(known, other, chosen)
        case Interaction():
            inside = members_of(quantity.more_in, known.bank)
            within, rest = (_effect(known, quantity.arm, chosen & part) for part in (inside, ~inside))
            return np.asarray(within - rest)
        case ShareHelped():
            return _share_helped(quantity, known, chosen)
        case Explanation():
            right = [
                any(answer.name in quantity.answers for answer in rival.answers) for rival in known.rivals
            ]
            return np.array([float(right[cell.rival]) for cell in known.bank.cells])
    raise TypeError(f"no quantity: {quantity}")


def _effect(known: Known, arm: str, chosen: Flags) -> Numbers:
    """Return the contrast of an arm with control in every cell, 0 for the control itself."""
    layout = known.plan.layout
    contrasts = known.truth.by_cell(known.bank, chosen)
    if arm == layout.arms[layout.control]:
        return np.zeros(len(contrasts))
    return np.asarray(contrasts[:, layout.actives.index(layout.arms.index(arm))])


def _share_helped(quantity: ShareHelped, known: Known, chosen: Flags) -> Numbers:
    layout, levels = known.plan.layout, known.truth.levels
    gained = levels[layout.control] - levels[layout.arms.index(quantity.arm)]
    helped = (gained if known.plan.assessments.endpoint.less_is_better else -gained) >= quantity.by
    edges = [cell.start for cell in known.bank.cells]
    size = np.add.reduceat(chosen.astype(np.float64), edges)
    count = np.add.reduceat((helped & chosen).astype(np.float64), edges)
    return np.asarray(np.divide(count, size, out=np.full(len(size), np.nan), where=size > 0))


def less_is_better(quantity: Quantity, plan: Plan) -> bool:
    """Whether a negative value of the quantity is benefit."""
    return isinstance(quantity, Effect | Interaction) and plan.analysis.less_is_better


def unit_of_quantity(quantity: Quantity, plan: Plan) -> str:
    """Return the unit of a quantity."""
    if isinstance(quantity, ShareHelped):
        return "share of patients"
    return "probability" if isinstance(quantity, Explanation) else plan.analysis.unit
