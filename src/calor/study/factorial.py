"""A factorial trial: two treatments, each with and without the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, ClassVar, Literal

from calor.study.arms import Arm
from calor.study.comparisons import Comparison
from calor.study.design_part import DesignPart
from calor.study.misfit import Misfit

if TYPE_CHECKING:
    from calor.study.protocol import Protocol


class Factorial(DesignPart):
    """Four parallel arms: neither treatment, either one, and both in the same patient.

    Each treatment's main effect is the mean of its effects with and without the other. The interaction is
    what both do together beyond the sum of each alone. `interaction`: `described`, estimated with its
    interval and never claimed, or `tested`, one more hypothesis of the family.
    """

    of_combinations: ClassVar[bool] = True
    type: Literal["factorial"]
    interaction: Literal["described", "tested"] = "described"

    def misfits(self, trial: Protocol) -> Iterator[Misfit]:
        """Yield what makes no factorial."""
        yield from super().misfits(trial)
        if _cells_of(trial.arms) is None:
            what = "a factorial has four arms: without treatments, with either of two, and with both"
            yield Misfit(what, ("arms",))
        elif trial.control_name != next(arm.name for arm in trial.arms if not arm.treatments):
            yield Misfit("the control of a factorial is the arm without treatments", ("control",))
        if trial.analysis.prior is not None:
            what = "a prior is on one effect, and a factorial has several"
            yield Misfit(what, ("analysis", "prior"), unsupported=True)
        if trial.analysis.imputes:
            what = "an imputation knows one control arm, and a factorial has other comparisons"
            yield Misfit(what, ("analysis",), unsupported=True)
        if trial.analysis.tipping_point is not None:
            what = "a tipping point is of one arm against the control"
            yield Misfit(what, ("analysis", "tipping_point"), unsupported=True)

    def comparisons_of(self, trial: Protocol) -> tuple[Comparison, ...]:
        """Return both main effects and the interaction; the treatments come in the order of their arms."""
        cells = _cells_of(trial.arms)
        if cells is None:
            return super().comparisons_of(trial)
        _, first, second, both = cells
        names = [arm.name for arm in trial.arms]

        def weights(**shares: float) -> tuple[float, ...]:
            by_cell = dict(zip(("neither", "first", "second", "both"), cells, strict=True))
            by_arm = {by_cell[cell]: share for cell, share in shares.items()}
            return tuple(by_arm[arm] for arm in range(len(names)))

        return (
            Comparison(
                f"{names[first]} (with or without {names[second]})",
                weights(neither=-0.5, first=0.5, second=-0.5, both=0.5),
                names[first],
            ),
            Comparison(
                f"{names[second]} (with or without {names[first]})",
                weights(neither=-0.5, first=-0.5, second=0.5, both=0.5),
                names[second],
            ),
            Comparison(
                f"{names[both]} beyond {names[first]} plus {names[second]} (interaction)",
                weights(neither=1.0, first=-1.0, second=-1.0, both=1.0),
                arm=None,
                tested=self.interaction == "tested",
            ),
        )

    def treatments_in(self, trial: Protocol) -> tuple[int, ...]:
        """Return how many of both treatments each arm gives."""
        cells = _cells_of(trial.arms)
        if cells is None:
            return super().treatments_in(trial)
        by_arm = dict(zip(cells, (0, 1, 1, 2), strict=True))
        return tuple(by_arm[arm] for arm in range(len(trial.arms)))


def _cells_of(arms: Sequence[Arm]) -> tuple[int, int, int, int] | None:
    """Return the places of the arms with neither, the first, the second and both, None for other arms."""
    given = [Counter((each.drug, each.regimen) for each in arm.treatments) for arm in arms]
    if len(arms) != 4:
        return None
    for first, second in combinations(range(4), 2):
        others = [arm for arm in range(4) if arm not in (first, second)]
        for neither, both in (others, others[::-1]):
            sums = given[both] == given[first] + given[second]
            if sums and not given[neither] and given[first] and given[second]:
                return neither, first, second, both
    return None
