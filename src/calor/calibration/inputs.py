"""Which uncertain numbers can move a target: read off the equations, not found by simulation.

A number reaches a target when a chain of formulas, derivatives or initial values leads from it to a true
output that the target's cohort is selected by or its statistic is made of, or when their measurement uses it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType

from calor.calibration.arms import Arms
from calor.calibration.targets import UNTREATED, Target
from calor.engine.symbolic.expression import ZERO, apply_to_finite, constant, symbol
from calor.engine.symbolic.system import System
from calor.engine.symbolic.traversal import Substitution, symbols_of
from calor.population.items import NEEDED_OUTPUTS
from calor.population.shoulder_hand import NEEDED_OUTPUTS as SHOULDER_HAND
from calor.study import Covariate

NOTHING: Mapping[str, float] = MappingProxyType({})
PAIN = "pain_nrs"

OUTPUTS_OF_KIND = {
    "score_contrast": SHOULDER_HAND,
    "share_above": ("autoantibody_igg_titre", "autoantibody_igm"),
}
"""True outputs that a study's statistic is made of, besides pain."""

TEMPERATURE = ("temperature_visit_sd",)
TNF = ("tnf_tissue", "blister_sampling_sd", "cytokine_assay_sd", "tnf_quantification_limit")
IL6 = ("il6_tissue", "blister_sampling_sd", "cytokine_assay_sd", "il6_quantification_limit")
PLASMA = ("plasma_spill_share", "cytokine_assay_sd")

OF_LIMIT: Mapping[Covariate, tuple[str, ...]] = {
    Covariate.DURATION: (),
    Covariate.PAIN: (),
    Covariate.TEMPERATURE: ("temperature_difference", *TEMPERATURE),
    Covariate.SHOULDER_HAND: (*SHOULDER_HAND, "shoulder_hand_visit_sd"),
    Covariate.BLISTER_TNF: TNF,
    Covariate.BLISTER_IL6: IL6,
    Covariate.PLASMA_TNF: ("tnf_tissue", "plasma_tnf_baseline", *PLASMA, "tnf_quantification_limit"),
    Covariate.PLASMA_IL6: ("il6_tissue", "plasma_il6_baseline", *PLASMA, "il6_quantification_limit"),
}
"""True outputs and measurement numbers that a limit at entry rests on, besides those of every screening."""

SCREENING = ("diary_day_noise", "diary_missing_share", "slow_fluctuation_sd", "slow_fluctuation_time")
"""What the measured pain of screening depends on, and with it who is enrolled."""

BLINDED = ("placebo_shift", "placebo_onset_time")

MEASURED_KINDS = frozenset({"change_mean", "change_sd", "responder_share", "responder_contrast"})
"""Statistics of pain as it is measured, in which blinded treatment as such shows."""

EXAMINATION = "items"
"""The module of the numbers by which criteria are met."""

ADDED_BY_FACT = {
    "temperature_mean": TEMPERATURE,
    "temperature_sd": TEMPERATURE,
    "temperature_within_1": TEMPERATURE,
    "temperature_duration_rho": TEMPERATURE,
    "warm_duration": TEMPERATURE,
    "cold_duration": TEMPERATURE,
    "il6_median": IL6,
    "il6_log_sd": IL6,
    "tnf_median": TNF,
    "tnf_log_sd": TNF,
    "tnf_pain_rho": TNF,
}
"""True outputs and measurement numbers that a fact rests on besides the examination of its cohort."""


def inputs_of(target: Target, arms: Arms, rival: Mapping[str, float] = NOTHING) -> tuple[str, ...]:
    """Return the names of the uncertain parameters that can move a target, in the order of the table.

    Arguments: the target; the arms that were prepared for the studies it is one of; and the parameters that a
    rival holds at fixed values, which may cut chains. A parameter that is returned need not move the target
    much; one that is not returned cannot move it but by the solver's error.
    """
    if target.kind == UNTREATED:
        used = {*NEEDED_OUTPUTS, *ADDED_BY_FACT.get(target.statistic, ())}
        used |= {row.identifier for row in arms.table if row.module == EXAMINATION}
    else:
        used = {PAIN, *OUTPUTS_OF_KIND.get(target.kind, ()), *SCREENING}
        used |= set(BLINDED if target.kind in MEASURED_KINDS else ())
        used |= {name for limit in target.limited for name in OF_LIMIT[limit]}
    held = tuple(sorted(rival.items()))
    reached: set[str] = set()
    for drugs, system in arms.systems.items():
        if set(drugs) <= set(target.drugs):
            reached |= _ancestors(_parents(system, arms.systems[()].state_names, held), used)
    uncertain = (row.identifier for row in arms.table.uncertain)
    return tuple(name for name in uncertain if name in reached and name not in rival)


def ancestors_of(system: System, name: str) -> set[str]:
    """Return the names from which a chain of a system's formulas leads to a name, itself among them."""
    return _ancestors(_parents(system, system.state_names, ()), [name])


@cache
def _parents(
    system: System, of_disease: tuple[str, ...], held: tuple[tuple[str, float], ...]
) -> dict[str, set[str]]:
    """Return the names that each computed quantity and state of a system depends on directly.

    Held parameters are written out; what they make constant is written out in turn, until nothing changes.
    A state of the disease that begins at 0 and does not leave it is constant; a drug's is not, for it is
    dosed.
    """
    known = Substitution({symbol(name): constant(value) for name, value in held}, apply_to_finite)
    while True:
        formulas = {item.name: known(item.formula) for item in system.assigned}
        rates = {state.name: known(state.derivative) for state in system.states}
        fixed = {name: formula for name, formula in formulas.items() if formula.is_constant()}
        fixed |= {
            state.name: ZERO
            for state in system.states
            if state.name in of_disease
            and known(state.initial).is_constant(0.0)
            and Substitution({symbol(state.name): ZERO}, apply_to_finite)(rates[state.name]).is_constant(0.0)
        }
        fresh = {name: value for name, value in fixed.items() if known(symbol(name)) != value}
        if not fresh:
            break
        known = Substitution(
            {symbol(name): constant(value) for name, value in held}
            | {symbol(name): value for name, value in fixed.items()},
            apply_to_finite,
        )
    parents = {name: symbols_of([formula]) for name, formula in formulas.items()}
    for state in system.states:
        parents[state.name] = symbols_of([rates[state.name], known(state.initial)])
    return parents


def _ancestors(parents: dict[str, set[str]], names: Iterable[str]) -> set[str]:
    """Return names with every name from which a chain of formulas leads to one of them."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(parents.get(name, ()))
    return found
