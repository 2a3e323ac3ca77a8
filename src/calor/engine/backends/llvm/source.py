"""A program -> the text of its kernel in LLVM's language. Pure: the same program, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from calor.engine.backends.llvm import driver, patients
from calor.engine.backends.llvm.builder import Code
from calor.engine.backends.llvm.elimination import plan
from calor.engine.backends.llvm.events import Events
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.linear import LinearAlgebra
from calor.engine.backends.llvm.linear_looped import LoopedAlgebra
from calor.engine.backends.llvm.mathematics import shared_functions
from calor.engine.backends.llvm.model import Model, hoisted_exponents, kept_values
from calor.engine.backends.llvm.observe import observe
from calor.engine.backends.llvm.pivoting import PivotedAlgebra
from calor.engine.backends.llvm.step import Step
from calor.engine.backends.llvm.summaries import summary_functions
from calor.engine.backends.llvm.watch import Watch
from calor.engine.ir.program import Program
from calor.engine.methods.rosenbrock import RosenbrockMethod

LARGEST_WRITTEN_OUT = 1000
"""Multiplications of an elimination that is written without loops."""


@dataclass(frozen=True)
class Source:
    """A kernel as text.

    Arguments: the model it was written from, and the text of the module with `run` and `interpolation`.
    """

    model: Model
    text: str

    def observing(self, names: Sequence[str]) -> str:
        """Return the text of the module with `observe` for some outputs."""
        layout = self.model.layout
        return module_text([observe(self.model, names), *shared_functions(layout.lanes)])


def write_source(program: Program, method: RosenbrockMethod, lanes: int) -> Source:
    """Return the kernel of a program, solved by a method, for a number of lanes."""
    elimination = plan(len(program.state_names), program.jacobian_pattern)
    layout = Layout(
        lanes=lanes,
        states=len(program.state_names),
        parameters=len(program.parameter_names),
        hoisted=len(kept_values(program)) + len(hoisted_exponents(program)),
        jacobian=len(program.jacobian_pattern),
        factors=len(elimination.places),
        stages=method.stages,
        watched=len(program.groups["watched"]),
        events=len(program.events),
        assignments=sum(len(plan.targets) for plan in program.events),
        widest_event=max((len(plan.targets) for plan in program.events), default=0),
    )
    model = Model(program, layout)
    writer = LinearAlgebra if elimination.multiplications <= LARGEST_WRITTEN_OUT else LoopedAlgebra
    algebra = writer(elimination, program.jacobian_pattern, layout)
    step = Step(method, layout, model.depends_on_time)
    functions = [
        *(model.prepare(), model.rates(), model.linearize()),
        *(algebra.factor(), algebra.solve()),
        *PivotedAlgebra(program.jacobian_pattern, layout).functions(),
        *(step.attempt(), step.begin_step(), step.interpolation()),
        *(patients.load(layout), patients.begin(layout), patients.arrive(layout)),
        *(patients.save(layout), patients.finish(layout)),
        *summary_functions(layout),
        *driver.driver(layout, method.error_order + 1),
    ]
    if layout.watched:
        functions += [step.between(), *Watch(model).functions()]
    if layout.events:
        functions += Events(model).functions()
    functions += shared_functions(lanes)
    return Source(model, module_text(functions))


def module_text(functions: Iterable[Code]) -> str:
    """Return the text of a module: functions, and declarations of what they call elsewhere."""
    functions = list(functions)
    own = {function.name for function in functions}
    elsewhere = {
        name: declaration
        for function in functions
        for name, declaration in function.externals.items()
        if name not in own and not name.startswith("%")
    }
    tables = {name: text for function in functions for name, text in function.tables.items()}
    return "\n".join(
        [*(elsewhere[name] for name in sorted(elsewhere)), *tables.values(), *(f.text for f in functions)]
    )
