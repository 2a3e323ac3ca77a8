"""A program: one list of operations in which each uses only earlier ones, and named groups of results.

The contract for whoever emits code from it: value i is the result of `operations[i]`; its operands are the
values whose positions stand in `operands`, all smaller than i. Leaves are `CONSTANT` (`value`, with `kind`
saying real or truth value), `TIME`, and `STATE` / `PARAMETER` (position `slot` in `state_names` /
`parameter_names`). The first `hoisted` operations depend on constants and parameters only: compute them
once a patient; the rest once an evaluation. `groups` maps a name to the positions of its results, in order:
`derivatives` (a row per state), `jacobian` (an entry per pair of `jacobian_pattern`, (row, column), sorted
by row then column; entries not there are exactly zero), `time_derivative` (partial derivative of each
state's rate by time), `outputs` (an entry per name of `output_names`: states, parameters, assigned
quantities), `initial` (a value per state, from time and parameters only), and, where there are events,
`triggers` (a truth value per event), `delays`, `priorities` (a value per event), `assignments` and
`assignment_scales` (a value per target, event after event, see `events`: a target's new value is the product,
the scale always taken at execution). `watched` are the piecewise constant values (comparisons, floors,
ceilings) in rates, triggers and outputs: integrate from one change to the next, for in between rates are
smooth, no trigger changes and no output jumps. `equalities` are the comparisons for (in)equality in
triggers, `orders` whether the first side is less, `differences` those of the sides, and `difference_sizes`
the sizes of what these are summed up from: a moving side passes the other between two floating-point numbers,
and both count as equal at the second; where one jumps, they do within `ROUNDING` of the size. `turns` say
whether the difference falls: where that changes, the sides may touch and part again. They do within
`ROUNDING` of the largest size so far; of states that are integrated (`followed`) no solution is exact enough
to tell a touch from a passage or a miss within `TOUCHING` times the relative tolerance. `bounded` are
the operations of rates and triggers that have an edge, `edges` how far their operands lie inside it
(negative: beyond), and `edge_sizes` the sizes to compare this with: a solver's error may take an operand a
little beyond; more, and the model is not defined.
A model with constraints has `constraints` (a value per constraint, which is zero at all times), their
`constraint_slopes` (an entry per pair of `constraint_pattern`, (constraint, state)), `constraint_time` (the
partial derivative by time) and `constraint_changes` (an entry per target of a constraint, one after another,
see `constraints` below; only events may change them). With N the matrix of changes (n_states,
n_constraints), c the values and P the projection along the columns of N, states x follow

    (I - P) dx/dt = (I - P) derivatives + N c.

A model with delays (`delays`) has their values as inputs that follow the states: a `STATE` of slot
n_states + k is what delay k gives. `delayed k` is the value of its formula, to be taken at the time `ago k`
before, with the states and delays of that time; `before k` is the same for times before the start, when
states have the values of `initial` at that time. A delay uses only delays before it. `delay_slopes` are the
derivatives of rates, and below them of constraints, by what delays give (an entry per pair of
`delay_pattern`, (row, delay)).
`needed(...)` says which operations some groups need, so that a kernel for the derivatives leaves the rest
out. Operators mean what `symbolic.semantics` says, on float64, those at the positions in `guarded` what its
`GUARDED` says; of a guarded `POWER` a backend may replace a base within 1e-150 of zero by 1e-150, unless it
is zero and the exponent positive. Whole powers are already products. The same system gives the same program,
byte for byte.

Events due at one instant with equal priority are drawn by lot, as SBML asks, and the same lot everywhere: a
patient carries an unsigned 64-bit number that starts at 0; with m > 1 candidates, in the order in which they
fired, it becomes `lot = LOT_FACTOR * lot + LOT_INCREMENT` and candidate `(lot >> 33) % m` executes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from calor.engine.symbolic.operators import LEAVES, Kind, Operator

LOT_FACTOR = 6364136223846793005
LOT_INCREMENT = 1442695040888963407

BEYOND_EDGE, LEAST_SIZE = 0.01, 1e-6
"""How far an operand may lie beyond its edge: the first part of the largest size that it has had, which
counts as at least the second part of the largest state."""

ROUNDING, ONCE = 8 * 2.0**-52, 1e-12
"""Relative to the size of what a difference is summed up from, so much is as good as nothing; relative to the
time, two passages nearer than this are one."""

TOUCHING = 100.0
"""So many times the error that a step may make, a solution may be off when two sides touch."""

MOST_AT_ONCE = 2_000
"""Executions at one instant; events that set each other off without end have more."""


class Operation(NamedTuple):
    """One operation: what it does, the positions of its operands, and what a leaf carries."""

    operator: Operator
    operands: tuple[int, ...] = ()
    value: float = 0.0
    slot: int = 0
    kind: Kind = Kind.REAL


@dataclass(frozen=True)
class EventPlan:
    """What a kernel must know of one event besides its values.

    Arguments: the name; the targets' positions among the states; where its values begin in the group
    `assignments`; whether it has a delay and a priority; the flags of `symbolic.system.Event`.
    """

    name: str
    targets: tuple[int, ...]
    first_assignment: int
    has_delay: bool
    has_priority: bool
    persistent: bool
    initial_value: bool
    use_values_from_trigger_time: bool


@dataclass(frozen=True)
class ConstraintPlan:
    """What a kernel must know of one constraint besides its values.

    Arguments: the name; the targets' positions among the states; whether it flows, as in
    `symbolic.system.Constraint`.
    """

    name: str
    targets: tuple[int, ...]
    flows: bool


@dataclass(frozen=True)
class DelayPlan:
    """What a kernel must know of one delay besides its values.

    Arguments: the name; whether it is the same at all times.
    """

    name: str
    is_constant: bool


@dataclass(frozen=True)
class Program:
    """A system's functions as straight-line code; see the module's text for the contract."""

    name: str
    operations: tuple[Operation, ...]
    hoisted: int
    groups: Mapping[str, tuple[int, ...]]
    jacobian_pattern: tuple[tuple[int, int], ...]
    state_names: tuple[str, ...]
    parameter_names: tuple[str, ...]
    parameter_values: tuple[float, ...]
    output_names: tuple[str, ...]
    events: tuple[EventPlan, ...]
    guarded: frozenset[int] = frozenset()
    """Operations that take what lies beyond their edge as the edge; see `edges`."""
    leading: int = 0
    """The first so many states depend on none of the others; see `ir.cascade`."""
    constraints: tuple[ConstraintPlan, ...] = ()
    constraint_pattern: tuple[tuple[int, int], ...] = ()
    delays: tuple[DelayPlan, ...] = ()
    delay_pattern: tuple[tuple[int, int], ...] = ()

    def needed(self, *groups: str) -> tuple[int, ...]:
        """Return the positions of the operations that some groups need, in order."""
        return self.needed_by(position for group in groups for position in self.groups[group])

    def needed_by(self, results: Iterable[int]) -> tuple[int, ...]:
        """Return the positions of the operations that some results need, in order."""
        wanted = bytearray(len(self.operations))
        for position in results:
            wanted[position] = 1
        for position in range(len(self.operations) - 1, -1, -1):
            if wanted[position]:
                for operand in self.operations[position].operands:
                    wanted[operand] = 1
        return tuple(position for position, flag in enumerate(wanted) if flag)

    @property
    def only_for_reference(self) -> str | None:
        """Which construct only the reference backend solves, if the program has one."""
        if self.constraints:
            return "algebraic rules or fast reactions"
        return "delay()" if self.delays else None

    @property
    def determined(self) -> frozenset[int]:
        """The positions of the states whose values constraints give alone."""
        return frozenset(slot for plan in self.constraints if not plan.flows for slot in plan.targets)

    @property
    def event_names(self) -> tuple[str, ...]:
        """The names of the events."""
        return tuple(plan.name for plan in self.events)

    @cached_property
    def driven_by_time(self) -> tuple[str, ...]:
        """The states whose rates depend on time itself, not only through other states."""
        depends: list[bool] = []
        for operation in self.operations:
            own = operation.operator is Operator.TIME
            depends.append(own or any(depends[operand] for operand in operation.operands))
        rates = zip(self.state_names, self.groups["derivatives"], strict=True)
        return tuple(name for name, position in rates if depends[position])

    @cached_property
    def followed(self) -> tuple[bool, ...]:
        """For each equality whether its sides depend on a state that changes by integration."""
        constant = {
            slot
            for slot, position in enumerate(self.groups["derivatives"])
            if self.operations[position].operator is Operator.CONSTANT
            and self.operations[position].value == 0
        }
        return tuple(
            any(
                self.operations[inside].operator is Operator.STATE
                and self.operations[inside].slot not in constant
                for inside in self.needed_by([position])
            )
            for position in self.groups["equalities"]
        )

    def under_roots(self, results: Iterable[int]) -> dict[int, frozenset[int | None]]:
        """Return the states that some results take roots of, or powers that may be: state -> exponents.

        The derivative of such a result is infinite where the state is zero. An exponent is given by its
        position, and None where it is known to be below 1.
        """
        found: dict[int, set[int | None]] = {}
        for position in self.needed_by(results):
            operation = self.operations[position]
            if operation.operator is Operator.SQUARE_ROOT:
                exponent = None
            elif operation.operator is Operator.POWER:
                exponent = operation.operands[1]
                if self.operations[exponent].operator is Operator.CONSTANT:
                    if self.operations[exponent].value >= 1.0:
                        continue
                    exponent = None
            else:
                continue
            for inside in self.needed_by(operation.operands[:1]):
                if self.operations[inside].operator is Operator.STATE:
                    found.setdefault(self.operations[inside].slot, set()).add(exponent)
        return {slot: frozenset(exponents) for slot, exponents in sorted(found.items())}

    def counts(self, *groups: str, hoisted: bool = False) -> dict[Operator, int]:
        """Return how often each operator is computed an evaluation (or, hoisted, once a patient)."""
        operations = [
            self.operations[position]
            for position in self.needed(*(groups or tuple(self.groups)))
            if (position < self.hoisted) == hoisted
        ]
        counted = Counter(item.operator for item in operations if item.operator not in LEAVES)
        return dict(sorted(counted.items()))

    @cached_property
    def text(self) -> str:
        """The program for people: names and values, one operation a line, then the groups."""
        lines = [f"program {self.name}"]
        lines += [f"state {slot} {name}" for slot, name in enumerate(self.state_names)]
        lines += [
            f"parameter {slot} {name} = {value!r}"
            for slot, (name, value) in enumerate(
                zip(self.parameter_names, self.parameter_values, strict=True)
            )
        ]
        return "\n".join(lines) + "\n" + self._code

    @cached_property
    def digest(self) -> str:
        """A hash of the operations and groups, without the parameters' values: the key of compiled code."""
        return hashlib.sha256(self._code.encode()).hexdigest()

    @cached_property
    def _code(self) -> str:
        lines = []
        for position, operation in enumerate(self.operations):
            if position == self.hoisted:
                lines.append("each evaluation:")
            lines.append(f"%{position} = {_operation_text(operation)}")
        lines += [
            f"{group}: {' '.join(f'%{position}' for position in positions)}"
            for group, positions in self.groups.items()
        ]
        places = " ".join(f"{row},{column}" for row, column in self.jacobian_pattern)
        lines.append(f"jacobian pattern: {places}")
        lines += [str(event) for event in self.events]
        lines += [str(constraint) for constraint in self.constraints]
        if self.constraints:
            lines.append(f"constraint pattern: {self.constraint_pattern}")
        lines += [str(delay) for delay in self.delays]
        if self.delays:
            lines.append(f"delay pattern: {self.delay_pattern}")
        return "\n".join(lines) + "\n"


def _operation_text(operation: Operation) -> str:
    match operation.operator:
        case Operator.CONSTANT:
            shown = (
                repr(operation.value) if operation.kind is Kind.REAL else str(bool(operation.value)).lower()
            )
            return f"constant {shown}"
        case Operator.STATE | Operator.PARAMETER:
            return f"{operation.operator} {operation.slot}"
    return " ".join([operation.operator, *(f"%{operand}" for operand in operation.operands)])
