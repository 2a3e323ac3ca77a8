"""A program -> the text of its kernel in LLVM's language. Pure: the same program, the same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from calor.core.ptx import WARP
from calor.engine.backends.llvm import driver, patients, threads
from calor.engine.backends.llvm.builder import ITEM, REAL, ROW, Code
from calor.engine.backends.llvm.cascade import cascade
from calor.engine.backends.llvm.collocated import attempt_collocated
from calor.engine.backends.llvm.dense import LegendreDense, RosenbrockDense
from calor.engine.backends.llvm.edges import Edges
from calor.engine.backends.llvm.elimination import Elimination, Place, plan
from calor.engine.backends.llvm.equalities import Equalities
from calor.engine.backends.llvm.events import Events
from calor.engine.backends.llvm.expressions import LIBRARY
from calor.engine.backends.llvm.layout import COEFFICIENTS, Layout, Leading
from calor.engine.backends.llvm.linear import LinearAlgebra
from calor.engine.backends.llvm.linear_looped import LoopedAlgebra
from calor.engine.backends.llvm.look_ahead import LookAhead
from calor.engine.backends.llvm.mathematics import shared_functions
from calor.engine.backends.llvm.model import Model, hoisted_exponents, kept_values
from calor.engine.backends.llvm.observe import observe, observe_elsewhere, observe_here
from calor.engine.backends.llvm.pivoting import PivotedAlgebra
from calor.engine.backends.llvm.solving import tame
from calor.engine.backends.llvm.step import StepWriter
from calor.engine.backends.llvm.summaries import summary_functions
from calor.engine.backends.llvm.watch import Watch
from calor.engine.ir.affine_blocks import affine_blocks
from calor.engine.ir.program import Program
from calor.engine.methods.collocation import RADAU_6
from calor.engine.methods.rosenbrock import RosenbrockMethod

LARGEST_WRITTEN_OUT = 1000
"""Multiplications of an elimination that is written without loops."""


@dataclass(frozen=True)
class Source:
    """A kernel as text.

    Arguments: the model it was written from, and its functions: `run` and all that it calls, except
    `observe_all`.
    """

    model: Model
    functions: tuple[Code, ...]

    @cached_property
    def text(self) -> str:
        """The text of the module with `run`, which finds `observe` by the table of the batch."""
        return module_text([*self.functions, observe_elsewhere(self.model.layout)])

    def observing(self, names: Sequence[str]) -> str:
        """Return the text of the module with `observe` for some outputs."""
        layout = self.model.layout
        return module_text([observe(self.model, names), *shared_functions(layout.lanes)])

    def missing(self, names: Sequence[str]) -> list[str]:
        """Return the functions that `for_threads` calls and LLVM does not have, as operators are called."""
        functions = (*self.functions, observe(self.model, names))
        called = {name for function in functions for name in function.externals}
        return sorted(operator.replace("_", " ") for operator, name in LIBRARY.items() if name in called)

    def for_threads(self, names: Sequence[str]) -> str:
        """Return the text of a module in which many threads solve for some outputs; see `threads`."""
        layout = self.model.layout
        own = [observe(self.model, names), observe_here(layout), threads.thread()]
        return module_text([*self.functions, *own], WARP)


def write_source(program: Program, method: RosenbrockMethod, lanes: int) -> Source:
    """Return the kernel of a program, solved by a method, for a number of lanes."""
    eliminations = [_elimination(program, first, last) for first, last in _parts(program)]
    blocks = affine_blocks(program)
    coefficients = RADAU_6.stages - 1 if blocks else COEFFICIENTS
    layout = _layout(program, method.stages, lanes, eliminations, coefficients)
    model = Model(program, layout)
    order = method.error_order + 1
    functions = [
        model.prepare(),
        *(patients.load(layout), patients.begin(layout), patients.arrive(layout)),
        *(patients.save(layout), patients.finish(layout)),
        *summary_functions(layout),
        *driver.driver(layout, order),
    ]
    for part, each in zip(layout.parts, eliminations, strict=True):
        functions += _solver(model, method, part, each)
        if not (part.leads and blocks):
            functions += _step(model, method, part)
    if blocks:
        functions.append(attempt_collocated(model, layout.parts[0], blocks, RADAU_6))
        functions += cascade(layout, RADAU_6.stages, LegendreDense(RADAU_6.stages), model.inputs)
    elif program.leading:
        functions += cascade(layout, order, RosenbrockDense(), model.inputs)
    if layout.watched:
        functions += [
            StepWriter(method, layout, model.depends_on_time, has_roots=False).between(),
            *Watch(model).functions(),
        ]
    if layout.edges:
        functions += Edges(model).functions()
    if layout.events:
        functions += Events(model).functions()
    if layout.equalities:
        functions += Equalities(model).functions()
    functions += shared_functions(lanes)
    return Source(model, tuple(functions))


@dataclass(frozen=True)
class _Elimination:
    """The places of a part's Jacobian, counted in its own states, and the plan for its elimination."""

    pattern: tuple[Place, ...]
    plan: Elimination


def _parts(program: Program) -> list[tuple[int, int]]:
    """Return where the parts begin and end that are solved one after the other."""
    n, leading = len(program.state_names), program.leading
    return [(0, leading), (leading, n)] if leading else [(0, n)]


def _layout(
    program: Program, stages: int, lanes: int, eliminations: Sequence[_Elimination], coefficients: int
) -> Layout:
    """Return where things lie, the dense output of what leads being of some coefficients."""
    sizes = [(len(each.pattern), len(each.plan.places)) for each in eliminations]
    leads = len(eliminations) > 1
    return Layout(
        lanes=lanes,
        states=len(program.state_names),
        parameters=len(program.parameter_names),
        hoisted=len(kept_values(program)) + len(hoisted_exponents(program)),
        jacobian=sum(entries for entries, _ in sizes),
        factors=sum(places for _, places in sizes),
        stages=stages,
        watched=len(program.groups["watched"]),
        events=len(program.events),
        assignments=sum(len(plan.targets) for plan in program.events),
        widest_event=max((len(plan.targets) for plan in program.events), default=0),
        edges=0 if leads else len(program.groups["edges"]),
        equalities=len(program.groups["equalities"]),
        leading=Leading(program.leading, *sizes[0], coefficients) if leads else Leading(),
    )


def _elimination(program: Program, first: int, last: int) -> _Elimination:
    pattern = tuple(
        (row - first, column - first)
        for row, column in program.jacobian_pattern
        if first <= row < last and column >= first
    )
    return _Elimination(pattern, plan(last - first, pattern))


def _solver(model: Model, method: RosenbrockMethod, part: Layout, elimination: _Elimination) -> list[Code]:
    """Return the functions of a part's rates and linear algebra, and of its first step."""
    written_out = elimination.plan.multiplications <= LARGEST_WRITTEN_OUT
    algebra = (LinearAlgebra if written_out else LoopedAlgebra)(elimination.plan, elimination.pattern, part)
    return [
        *(model.rates(part), model.linearize(part)),
        *(algebra.factor(), algebra.solve()),
        *PivotedAlgebra(elimination.pattern, part).functions(),
        *(tame(part), LookAhead(part, bool(model.under_roots(part))).function()),
        _step_writer(model, method, part).begin_step(),
    ]


def _step(model: Model, method: RosenbrockMethod, part: Layout) -> list[Code]:
    """Return the functions that attempt a step of a part, and prepare its dense output."""
    writer = _step_writer(model, method, part)
    return [writer.attempt(), writer.interpolation()]


def _step_writer(model: Model, method: RosenbrockMethod, part: Layout) -> StepWriter:
    depends_on_time = model.depends_on_time or part.first > 0
    return StepWriter(method, part, depends_on_time, bool(model.under_roots(part)))


def module_text(functions: Iterable[Code], side_by_side: int = 1) -> str:
    """Return the text of a module: functions, and declarations of what they call elsewhere.

    Arguments: the functions; and how many workspaces lie side by side, a row of each beside the others'.
    """
    functions = list(functions)
    vector = functions[0].vector
    row, item = (each if side_by_side == 1 else f"[{side_by_side} x {each}]" for each in (vector, REAL))
    own = {function.name for function in functions}
    elsewhere = {
        name: declaration
        for function in functions
        for name, declaration in function.externals.items()
        if name not in own and not name.startswith("%")
    }
    tables = {name: text for function in functions for name, text in function.tables.items()}
    return "\n".join(
        [
            f"{ROW} = type {row}",
            f"{ITEM} = type {item}",
            *(elsewhere[name] for name in sorted(elsewhere)),
            *tables.values(),
            *(function.text for function in functions),
        ]
    )
