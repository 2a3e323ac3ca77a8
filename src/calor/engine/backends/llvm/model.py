"""The model's own functions: what is hoisted, the rates, and the rates with their derivatives.

prepare(work, time)                      hoisted values and initial states, from the parameters
rates(work, y, extra, out, time)         out = f(time, y) + extra
linearize(work, time, atol)              slopes[0] = f + forcing, Jacobian entries, derivatives by time

The slope of a root is infinite at zero, and a matrix that holds it would keep the state there. States under
roots are therefore taken as what the tolerance cannot tell from zero where they are nearer to it; `linearize`
then gives back which lanes need `rates` for slopes[0].

Where some states lead, each part has its own `rates` and `linearize`; to those that follow, what leads them
is an input that depends on time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.expressions import Expressions
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.mathematics import sign_below_zero
from calor.engine.ir.program import ONCE, Operation, Program
from calor.engine.symbolic.operators import Kind, Operator, result_kind

Reader = Callable[[int], Value]


@dataclass(frozen=True)
class Model:
    """A program with its place in memory, ready to be written as functions."""

    program: Program
    layout: Layout

    @cached_property
    def kept(self) -> dict[int, int]:
        """Where each hoisted value stands that later code needs: position in the program -> row."""
        return {
            position: self.layout.row("hoisted", i) for i, position in enumerate(kept_values(self.program))
        }

    @cached_property
    def signs(self) -> dict[int, int]:
        """Where what `sign_below_zero` says of hoisted exponents stands: position in the program -> row."""
        first = self.layout.row("hoisted", len(self.kept))
        return {position: first + i for i, position in enumerate(hoisted_exponents(self.program))}

    @cached_property
    def held(self) -> dict[int, int]:
        """Where what is watched is held during a step: position in the program -> row."""
        watched = self.program.groups["watched"]
        return {position: self.layout.row("held", i) for i, position in enumerate(watched)}

    @cached_property
    def inputs(self) -> list[int]:
        """The leading states that the rates of the rest depend on."""
        operations, leading = self.program.operations, self.program.leading
        read = {
            operations[position].slot
            for position in self.program.needed_by(self.program.groups["derivatives"][leading:])
            if operations[position].operator is Operator.STATE
        }
        return sorted(slot for slot in read if slot < leading)

    @cached_property
    def depends_on_time(self) -> bool:
        """Whether any rate has a derivative by time."""
        operations = self.program.operations
        return any(
            operations[position].operator is not Operator.CONSTANT or operations[position].value != 0
            for position in self.program.groups["time_derivative"]
        )

    def expressions(
        self,
        code: Code,
        work: Value,
        time: Value,
        state: Reader,
        *,
        live: bool = False,
        passing: bool = False,
    ) -> Expressions:
        """Return the writer of this model's operations, hoisted values taken from the workspace.

        Arguments: the function; the workspace; the time; what gives the states; whether switches are taken
        as they are, not as they are held during a step; and whether what has become equal in passing counts
        as equal.
        """

        def leaf(_position: int, operation: Operation) -> Value:
            if operation.operator is Operator.TIME:
                return time
            if operation.operator is Operator.PARAMETER:
                return code.load(code.vector, work, self.layout.row("parameters", operation.slot))
            return state(operation.slot)

        def known(position: int) -> Value:
            number = code.load(code.vector, work, self.kept[position])
            kind = result_of(self.program.operations[position])
            return number if kind is Kind.REAL else number.differs(0.0)

        def known_sign(exponent: int) -> Value | None:
            row = self.signs.get(exponent)
            return None if row is None else code.load(code.vector, work, row)

        def held(position: int, value: Value) -> Value:
            if passing and position in self.program.groups["equalities"]:
                return self._passing(code, work, time, value, position)
            if live or position not in self.held:
                return value
            kept = code.load(code.vector, work, self.held[position])
            if value.type == code.mask:
                kept = kept.differs(0.0)
            return code.select(code.load(code.vector, work, self.layout.row("live")) > 0.5, value, kept)

        kept = {position: partial(known, position) for position in self.kept}
        return Expressions(self.program, code, leaf, kept, known_sign, held)

    def _passing(self, code: Code, work: Value, time: Value, value: Value, position: int) -> Value:
        """Return an (in)equality as triggers see it: equal where its sides pass, and once in each passage."""
        i = self.program.groups["equalities"].index(position)
        passed_at = code.load(code.vector, work, self.layout.row("passed_at", i))
        again = (time > passed_at) & (time - passed_at <= code.intrinsic("fabs", time) * ONCE)
        passed = code.load(code.vector, work, self.layout.row("passed", i)) > 0.5
        if self.program.operations[position].operator is Operator.EQUAL:
            return (value & ~again) | passed
        return (value | again) & ~passed

    def prepare(self) -> Code:
        """Return the function that computes hoisted values and initial states."""
        code = self._function("prepare", [("work", POINTER), ("time", "")])
        work, time = code.arguments["work"], code.arguments["time"]

        def leaf(_position: int, operation: Operation) -> Value:
            if operation.operator is Operator.TIME:
                return time
            return code.load(code.vector, work, self.layout.row("parameters", operation.slot))

        results = [*self.kept, *self.signs, *self.program.groups["initial"]]
        rows = [
            *self.kept.values(),
            *self.signs.values(),
            *(self.layout.row("initial", i) for i in range(self.layout.states)),
        ]
        signs = range(len(self.kept), len(self.kept) + len(self.signs))

        def take(place: int, value: Value) -> None:
            number = sign_below_zero(code, value) if place in signs else as_number(code, value)
            code.store(number, work, rows[place])

        Expressions(self.program, code, leaf).write(results, take)
        code.give_back()
        return code

    def rates(self, part: Layout) -> Code:
        """Return the function that computes the rates of a part's states at a stage."""
        code = self._function(
            part.name("rates"),
            [("work", POINTER), ("y", POINTER), ("extra", POINTER), ("out", POINTER), ("time", "")],
        )
        y, extra, out = (code.arguments[name] for name in ("y", "extra", "out"))
        writer = self.expressions(
            code,
            code.arguments["work"],
            code.arguments["time"],
            self._reader(code, part, lambda slot: code.load(code.vector, y, slot)),
        )
        writer.write(
            self.program.groups["derivatives"][part.first : part.first + part.states],
            lambda row, value: code.store(value + code.load(code.vector, extra, row), out, row),
        )
        code.give_back()
        return code

    def _reader(self, code: Code, part: Layout, own: Reader) -> Reader:
        """Return what reads a state: one of the part's own, or one that leads it."""

        def read(slot: int) -> Value:
            if slot >= part.first:
                return own(slot - part.first)
            return code.load(code.vector, code.arguments["work"], self.layout.row("inputs", slot))

        return read

    def linearize(self, part: Layout) -> Code:
        """Return the function that computes the rates and their derivatives at the start of a step."""
        roots = self.under_roots(part)
        arguments = [("work", POINTER), ("time", ""), ("atol", "")]
        code = self._function(part.name("linearize"), arguments, gives=bool(roots))
        work, moved = code.arguments["work"], code.variable(code.vector, 0.0)

        def read(slot: int) -> Value:
            state = code.load(code.vector, work, part.row("y", slot))
            if slot not in roots:
                return state
            least = code.load(code.vector, work, part.row("size", slot)) * code.arguments["atol"]
            near = self._near_a_root(code, work, roots[slot], code.intrinsic("fabs", state) < least)
            moved.set(code.select(near, 1.0, moved.get()))
            return code.select(near, least, state)

        writer = self.expressions(code, work, code.arguments["time"], self._reader(code, part, read))
        groups, own = self.program.groups, slice(part.first, part.first + part.states)
        inside, inputs = self._derivatives(part)
        results = [*groups["derivatives"][own], *(position for _, position in (*inside, *inputs))]
        if self.depends_on_time or part.first:
            results += groups["time_derivative"][own]
        by_time: dict[int, Value] = {}

        def take(place: int, value: Value) -> None:
            if place < part.states:
                forcing = code.load(code.vector, work, part.row("forcing", place))
                code.store(value + forcing, work, part.row("slopes", place))
                return
            place -= part.states
            if place < len(inside):
                code.store(value, work, part.row("jacobian", place))
                return
            place -= len(inside)
            if place < len(inputs):
                row, column = inputs[place][0]
                row, slope = row - part.first, self.layout.row("input_slopes", column)
                value = value * code.load(code.vector, work, slope)
            else:
                row = place - len(inputs)
            by_time[row] = by_time[row] + value if row in by_time else value

        writer.write(results, take)
        for row, value in sorted(by_time.items()):
            code.store(value, work, part.row("time_slopes", row))
        code.give_back(moved.get() if roots else None)
        return code

    def _derivatives(
        self, part: Layout
    ) -> tuple[list[tuple[tuple[int, int], int]], list[tuple[tuple[int, int], int]]]:
        """Return the derivatives of a part's rates by its own states, and by those that lead it.

        Each is its place in the matrix of derivatives and where the program computes it.
        """
        entries = [
            (place, position)
            for place, position in zip(
                self.program.jacobian_pattern, self.program.groups["jacobian"], strict=True
            )
            if part.first <= place[0] < part.first + part.states
        ]
        return (
            [entry for entry in entries if entry[0][1] >= part.first],
            [entry for entry in entries if entry[0][1] < part.first],
        )

    def _near_a_root(self, code: Code, work: Value, exponents: frozenset[int | None], near: Value) -> Value:
        """Return where a state is near zero and any of the exponents over it is below 1."""
        below = near
        for i, exponent in enumerate(sorted(each or -1 for each in exponents)):
            row = self._row_of(exponent)
            if row is None:
                return near
            root = code.load(code.vector, work, row) < 1.0
            below = root if i == 0 else below | root
        return near & below

    def _row_of(self, position: int) -> int | None:
        """Return where a value stands that is the same throughout a patient's course, None if it is not."""
        if position < 0:
            return None
        operation = self.program.operations[position]
        if operation.operator is Operator.PARAMETER:
            return self.layout.row("parameters", operation.slot)
        return self.kept.get(position)

    def under_roots(self, part: Layout) -> dict[int, frozenset[int | None]]:
        """Return a part's own states whose roots its rates may hold, counted in the part: their exponents."""
        found = self.program.under_roots(
            self.program.groups["derivatives"][part.first : part.first + part.states]
        )
        return {slot - part.first: exponents for slot, exponents in found.items() if slot >= part.first}

    def _function(self, name: str, arguments: list[tuple[str, str]], *, gives: bool = False) -> Code:
        """Begin a function whose pointers never overlap; an argument without a type is a vector."""
        lanes = self.layout.lanes
        typed = [(argument, kind or f"<{lanes} x double>") for argument, kind in arguments]
        result = f"<{lanes} x double>" if gives else "void"
        return Code(name, typed, result, lanes=lanes, attributes="noinline nounwind")


def as_number(code: Code, value: Value) -> Value:
    """Return a value as numbers: a truth value as 1 or 0."""
    return code.select(value, code.constant(1.0, code.vector), 0.0) if value.type == code.mask else value


def result_of(operation: Operation) -> Kind:
    """Return the kind of an operation's result."""
    return operation.kind if operation.operator is Operator.CONSTANT else result_kind(operation.operator)


def kept_values(program: Program) -> list[int]:
    """Return the hoisted operations, parameters and constants aside, that code after them or a group uses."""
    used = {position for positions in program.groups.values() for position in positions}
    for operation in program.operations[program.hoisted :]:
        used.update(operation.operands)
    leaves = (Operator.CONSTANT, Operator.PARAMETER)
    return sorted(
        position
        for position in used
        if position < program.hoisted and program.operations[position].operator not in leaves
    )


def hoisted_exponents(program: Program) -> list[int]:
    """Return the exponents that vary between patients only, of powers computed at every evaluation."""
    return sorted(
        {
            operation.operands[1]
            for operation in program.operations[program.hoisted :]
            if operation.operator is Operator.POWER
            and operation.operands[1] < program.hoisted
            and program.operations[operation.operands[1]].operator is not Operator.CONSTANT
        }
    )
