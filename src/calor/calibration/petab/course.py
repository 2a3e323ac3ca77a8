"""The course of the typical person, by calor's own engine and calendars."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calor.calibration.petab.observables import OBSERVABLES
from calor.core.arrays import Numbers
from calor.core.errors import Place
from calor.engine import compile_persistent_kernel
from calor.engine.batch import Batch, Options, Status
from calor.engine.calendar import Calendar
from calor.engine.importers.sbml import load_sbml
from calor.engine.outcome import failure
from calor.engine.petab.formulas import read_formula
from calor.engine.symbolic.evaluation import evaluate
from calor.engine.symbolic.traversal import symbols_of

ACCURACY = Options(rtol=1e-9, atol=1e-11, max_steps=1_000_000)


def simulated_readings(
    sbml: str, calendar: Calendar, held: Mapping[str, float], numbers: Mapping[str, float], times: Numbers
) -> dict[str, Numbers]:
    """Return what every observable reads without noise, (n_times,) by name.

    Arguments: the model with its drugs; the doses; parameters of it at other values; the numbers of
    measurement; the times (n_times,), in days from the injury.
    """
    kernel = compile_persistent_kernel(load_sbml(sbml))
    formulas = {each.name: read_formula(each.formula, Place()) for each in OBSERVABLES}
    outputs = tuple(sorted(symbols_of(formulas.values()) & set(kernel.output_names)))
    batch = Batch(
        save_at=times,
        outputs=outputs,
        parameter_names=tuple(held),
        parameters=np.array([list(held.values())]),
        calendars=(calendar,),
    )
    result = kernel.simulate(batch, ACCURACY)
    if result.status[0] != Status.FINISHED:
        raise failure(kernel, batch, result, 0, ACCURACY)
    seen = {name: result.outputs[0, :, column] for column, name in enumerate(outputs)}
    return {
        name: np.asarray(evaluate(formula, {**numbers, **seen}, times)) for name, formula in formulas.items()
    }
