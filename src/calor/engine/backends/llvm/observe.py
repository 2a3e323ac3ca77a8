"""Outputs between and at the ends of steps.

observe(work, theta)            observed = the outputs at time + theta x step, from the dense output; at
                                theta 0 exactly those of y; states that lead are read from where `follow`
                                has put them
observe_all(work, job, theta)   calls `observe`, which stands in the same module or elsewhere
"""

from __future__ import annotations

from collections.abc import Sequence

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.layout import Job, Layout
from calor.engine.backends.llvm.model import Model


def observe(model: Model, names: Sequence[str]) -> Code:
    """Return the function that computes the named outputs."""
    layout, program = model.layout, model.program
    vector = f"<{layout.lanes} x double>"
    code = Code(
        "observe",
        [("work", POINTER), ("theta", vector)],
        lanes=layout.lanes,
        attributes="nounwind",
        linkage="dso_local",
    )
    work, theta = code.arguments["work"], code.arguments["theta"]
    step = code.load(vector, work, layout.row("step"))
    time = code.load(vector, work, layout.row("time")) + step * theta
    at_start = theta <= 0.0
    rest = 1.0 - theta

    part = layout.parts[-1]

    def state(slot: int) -> Value:
        if slot < part.first:
            return code.load(vector, work, layout.row("inputs", slot))

        def row(block: str, first: int = 0) -> Value:
            return code.load(vector, work, part.row(block, first + slot - part.first))

        y, new = row("y"), row("new")
        k1, k2, k3 = (row("dense", k * part.states) for k in range(3))
        between = y + theta * ((new - y) + rest * (k1 + theta * (k2 + theta * k3)))
        return code.select(at_start, y, between)

    positions = [program.groups["outputs"][program.output_names.index(name)] for name in names]
    writer = model.expressions(code, work, time, state)
    writer.write(positions, lambda place, value: code.store(value, work, layout.row("observed", place)))
    code.give_back()
    return code


def observe_elsewhere(layout: Layout) -> Code:
    """Return `observe_all` for a module of its own: the table tells the address of `observe`."""
    own = _observe_all(layout)
    return _calling(own, own.array(Job.OBSERVE).text)


def observe_here(layout: Layout) -> Code:
    """Return `observe_all` for a module that holds `observe`."""
    return _calling(_observe_all(layout), "observe")


def _observe_all(layout: Layout) -> Lanes:
    return driver_code("observe_all", layout, ("theta", f"<{layout.lanes} x double>"))


def _calling(own: Lanes, function: str) -> Code:
    own.code.call(function, "void", own.work, own.code.arguments["theta"])
    own.code.give_back()
    return own.code
