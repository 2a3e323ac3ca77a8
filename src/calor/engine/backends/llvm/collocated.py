"""One step of Radau collocation for all lanes at once, where leading states are affine in themselves.

attempt_leading(work, rtol, atol) -> error   new = y + the step, its dense output, and the error in units of
                                             the tolerance

The blocks are solved one after the other, each at all nodes at once: what drives it is known there from the
blocks before, and where that acts by a constant factor, its coefficients are enough. The error of a state is
the last coefficient of its dense output, which rather overstates it. Pivots are not exchanged: a single
state's are at least 2 unless it grows, and where one of a larger block vanishes because its states swing, the
coefficients are far from small and the step is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.expressions import Expressions
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.model import Model
from calor.engine.backends.llvm.small_matrices import (
    Entry,
    Matrix,
    difference,
    inverse,
    product,
    scaled,
    summed,
)
from calor.engine.backends.llvm.step import in_tolerances
from calor.engine.ir.affine_blocks import Blocks, by_parameters_only
from calor.engine.methods.collocation import Collocation
from calor.engine.symbolic.operators import Operator


def attempt_collocated(model: Model, part: Layout, blocks: Blocks, method: Collocation) -> Code:
    """Return the function that attempts a step of a part whose states are affine in blocks."""
    vector = f"<{part.lanes} x double>"
    arguments = [("work", POINTER), ("rtol", vector), ("atol", vector)]
    code = Code(part.name("attempt"), arguments, vector, lanes=part.lanes, attributes="noinline nounwind")
    step = _Attempt(model, part, method, code)
    drives = [_Drive.of(model, block) for block in blocks]
    eliminated = step.eliminated(drives)
    read = frozenset[int]().union(*(drive.read for drive in drives))
    total = code.constant(0.0, code.vector)
    for drive, elimination in zip(drives, eliminated, strict=True):
        found = step.coefficients(drive, elimination)
        for state, own in zip(drive.block, found, strict=True):
            total = total + step.keep(state, own, at_nodes=state in read)
    code.give_back(code.intrinsic("sqrt", total * (1.0 / part.states)))
    return code


@dataclass(frozen=True)
class _Drive:
    """What drives a block.

    Arguments: its states; the derivatives of its rates by states, its own included, that depend on parameters
    only, as places and positions; the states outside that it reads at the nodes, because they act on it in
    any other way; and whether its rates change with what is read, or with time.
    """

    block: tuple[int, ...]
    slopes: dict[tuple[int, int], int]
    read: frozenset[int]
    changes: bool

    @classmethod
    def of(cls, model: Model, block: tuple[int, ...]) -> _Drive:
        """Return what drives a block of a model."""
        program = model.program
        slopes = {
            place: position
            for place, position in zip(program.jacobian_pattern, program.groups["jacobian"], strict=True)
            if place[0] in block and by_parameters_only(program, position)
        }
        places = {place for place in program.jacobian_pattern if place[0] in block}
        read = frozenset(column for _, column in places - set(slopes))
        needed = program.needed_by(program.groups["derivatives"][state] for state in block)
        timed = any(program.operations[position].operator is Operator.TIME for position in needed)
        return cls(block, slopes, read, timed or bool(read))

    @property
    def before(self) -> list[int]:
        """The states outside that act by a constant factor."""
        return sorted({column for _, column in self.slopes} - set(self.block))


@dataclass(frozen=True)
class _Elimination:
    """A block's matrices, and what the elimination from below left of its own.

    Arguments: h times the derivatives by its own states and by those before; for every degree the inverse of
    the pivot, and that times the first.
    """

    own: Matrix
    before: Matrix
    inverses: Sequence[Matrix]
    shares: Sequence[Matrix]


class _Attempt:
    """Writes one step. Arguments: the model, the part, the method, and the function to write into."""

    def __init__(self, model: Model, part: Layout, method: Collocation, code: Code) -> None:
        self._model, self._part, self._method, self._code = model, part, method, code
        self._work = code.arguments["work"]
        self._time, self._h = self._row("time"), self._row("step")
        self._coefficients: dict[int, list[Value]] = {}
        self._at_nodes: dict[int, list[Value]] = {}

    def eliminated(self, drives: Sequence[_Drive]) -> list[_Elimination]:
        """Eliminate all blocks' matrices, side by side, since each waits for divisions."""
        last = self._method.stages - 1
        pairs = [self._matrices(drive) for drive in drives]
        inverses: list[list[Matrix]] = [[] for _ in pairs]
        shares: list[list[Matrix]] = [[] for _ in pairs]
        for k in range(last, -1, -1):
            for (own, _), of_block, shared in zip(pairs, inverses, shares, strict=True):
                pivot = self._constant(len(own), 2.0 * (2 * k + 1))
                if k in (0, last):
                    pivot = difference(pivot, own)
                if shared:
                    pivot = summed(pivot, product(own, shared[0]))
                of_block.insert(0, inverse(pivot))
                shared.insert(0, product(own, of_block[0]))
        return [
            _Elimination(*pair, of_block, shared)
            for pair, of_block, shared in zip(pairs, inverses, shares, strict=True)
        ]

    def coefficients(self, drive: _Drive, elimination: _Elimination) -> list[list[Value]]:
        """Return the coefficients of a block's states (n_block, stages)."""
        inverses, shares = elimination.inverses, elimination.shares
        right = self._right_sides(drive, elimination)
        last = self._method.stages - 1
        for k in range(last - 1, -1, -1):
            right[k] = difference(right[k], product(shares[k + 1], right[k + 1]))
        found = [product(inverses[0], right[0])]
        for k in range(1, last + 1):
            found.append(summed(product(inverses[k], right[k]), product(shares[k], found[-1])))
        zero = self._code.constant(0.0, self._code.vector)
        return [[column[i][0] or zero for column in found] for i in range(len(drive.block))]

    def keep(self, state: int, coefficients: list[Value], *, at_nodes: bool) -> Value:
        """Store a state's new value and its dense output; return the square of its error."""
        code, part = self._code, self._part
        before, self._coefficients[state] = self._row("y", state), coefficients
        new = before + coefficients[0] * 2.0
        code.store(new, self._work, part.row("new", state))
        for k, coefficient in enumerate(coefficients[1:]):
            code.store(coefficient, self._work, part.row("dense", k * part.states + state))
        if at_nodes:
            rows = self._method.from_coefficients[:-1].tolist()
            shape = self._shape(state)
            self._at_nodes[state] = [*(_weighted(shape, row) for row in rows), new]
        return in_tolerances(code, coefficients[-1], before, new, self._row("size", state))

    def _row(self, block: str, item: int = 0) -> Value:
        return self._code.load(self._code.vector, self._work, self._part.row(block, item))

    def _shape(self, state: int) -> list[Value]:
        """Return the Legendre coefficients of what a solved state is at the nodes."""
        c = self._coefficients[state]
        inner = [c[k - 1] - c[k + 1] for k in range(1, len(c) - 1)]
        return [self._row("y", state) + (c[0] - c[1]), *inner, c[-2] + c[-1]]

    def _matrices(self, drive: _Drive) -> tuple[Matrix, Matrix]:
        """Return h times the derivatives of a block's rates by its own states, and by those before."""
        slopes: dict[tuple[int, int], Value] = {}
        places = list(drive.slopes)

        def take(place: int, value: Value) -> None:
            slopes[places[place]] = value * self._h

        self._writer(self._time, self._start).write(list(drive.slopes.values()), take)
        own, before = (
            [[slopes.get((row, column)) for column in columns] for row in drive.block]
            for columns in (drive.block, drive.before)
        )
        return own, before

    def _writer(self, time: Value, state: Callable[[int], Value]) -> Expressions:
        return self._model.expressions(self._code, self._work, time, state)

    def _start(self, slot: int) -> Value:
        return self._row("y", slot)

    def _constant(self, n: int, number: float) -> Matrix:
        value = self._code.constant(number, self._code.vector)
        return [[value if i == j else None for j in range(n)] for i in range(n)]

    def _right_sides(self, drive: _Drive, elimination: _Elimination) -> list[Matrix]:
        """Return the right side of every degree, from what drives a block and from where it starts."""
        columns: list[Matrix] = [[] for _ in range(self._method.stages)]
        for state in drive.block:
            rates = self._rates(drive, state)
            sums: list[Entry] = [rates[0], *([None] * (self._method.stages - 1))]
            if len(rates) > 1:
                sums = [_weighted(rates, row) for row in self._method.to_coefficients.tolist()]
            for column, entry in zip(columns, sums, strict=True):
                column.append([entry])
        columns[0] = summed(columns[0], [[self._row("forcing", state)] for state in drive.block])
        columns = [scaled(column, self._h) for column in columns]
        columns[0] = summed(
            columns[0], product(elimination.own, [[self._start(state)] for state in drive.block])
        )
        if not drive.before:
            return columns
        shapes = zip(*(self._shape(state) for state in drive.before), strict=True)
        driving: list[Matrix] = [[[entry] for entry in shape] for shape in shapes]
        return [
            summed(column, product(elimination.before, each))
            for column, each in zip(columns, driving, strict=True)
        ]

    def _rates(self, drive: _Drive, row: int) -> list[Value]:
        """Return a state's rate without what acts by a constant factor: at all nodes, or once if it stays."""
        position = self._model.program.groups["derivatives"][row]
        found: list[Value] = []
        for node in range(self._method.stages if drive.changes else 1):

            def state(slot: int, node: int = node) -> Value:
                if (row, slot) in drive.slopes:
                    return self._code.constant(0.0, self._code.vector)
                return self._at_nodes[slot][node] if slot in drive.read else self._start(slot)

            def take(_: int, value: Value) -> None:
                found.append(value)

            time = self._time + self._h * float(self._method.nodes[node])
            self._writer(time, state).write([position], take)
        return found


def _weighted(values: Sequence[Value], weights: Sequence[float]) -> Value:
    """Return a weighted sum."""
    total = values[0] * weights[0]
    for value, weight in zip(values[1:], weights[1:], strict=True):
        total = total + value * weight
    return total
