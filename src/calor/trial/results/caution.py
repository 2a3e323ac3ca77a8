"""What must stand beside a power: what it is the power of, its range over rivals, what rests on the prior."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from calor.study import Protocol
from calor.trial.bank.basis import Basis
from calor.trial.bank.scenario import Status


def hypothesis_of(protocol: Protocol) -> str:
    """Return what a trial must show to count as a success: its contrast, or any one of several."""
    labels = [
        f"{protocol.arms[place].name} minus {protocol.control_name}" for place in protocol.active_positions
    ]
    return labels[0] if len(labels) == 1 else f"at least one of: {'; '.join(labels)}"


def beside_power(protocol: Protocol, by_rival: Mapping[int, float], basis: Basis) -> dict[str, Any]:
    """Return what stands beside a power or an assurance, as JSON-like data.

    Arguments: the protocol; the power under each rival; and what the run rests on.
    """
    return {
        "of": hypothesis_of(protocol),
        "range_over_rivals": [min(by_rival.values()), max(by_rival.values())],
        "share_resting_on_prior": basis.share_resting_on_prior,
    }


def power_warnings(basis: Basis) -> Sequence[str]:
    """Return the warning that a power calls for: no data have narrowed what a drug of the trial does."""
    if basis.scenario.status is Status.ASSUMED:
        return ()
    consequence = "any power, assurance or size is that of a judgement about the drug"
    return tuple(f"{warning}: {consequence}" for warning in effect_warnings(basis))


def effect_warnings(basis: Basis) -> Sequence[str]:
    """Return the warning that an effect calls for: no data have narrowed what a drug of the run does."""
    if not basis.judged_drugs:
        return ()
    names = ", ".join(basis.judged_drugs)
    return (f"no data have narrowed what {names} does here (potency, largest effects)",)
