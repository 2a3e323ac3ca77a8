"""The doses that a dose-finding design names, against what its arms give."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from calor.core.errors import ReportedError
from calor.study import DoseFinding, Misfit, Protocol
from calor.study.treatments import treatments_of


def misfits_of_doses(trial: Protocol) -> Iterator[Misfit]:
    """Yield where an arm of a larger dose gives no more of the drug than one of a smaller dose."""
    design = trial.design
    if not isinstance(design, DoseFinding):
        return
    try:
        records = {
            arm.name: [record for given in treatments_of(arm) for record in given.regimen.records]
            for arm in trial.arms
            if arm.treatments and arm.name in design.doses
        }
    except ReportedError:
        return  # the check of the treatments says what cannot be read, and where
    if len({(each.unit, each.per_kg, each.route) for arm in records.values() for each in arm}) > 1:
        yield Misfit("the arms give the drug in different units or by different routes", ("arms",))
        return
    given = {name: sum(each.amount * len(each.times_days) for each in arm) for name, arm in records.items()}
    for smaller, larger in pairwise(sorted(given, key=design.doses.__getitem__)):
        if given[larger] <= given[smaller]:
            what = f"the dose of {larger} is above that of {smaller}, but the arm gives no more of the drug"
            yield Misfit(what, ("design", "doses"))
