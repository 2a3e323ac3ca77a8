"""From a system to its program: assigned quantities inlined, derivatives taken, common parts shared."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

from calor.engine.ir.products import Products
from calor.engine.ir.program import ROUNDING, ConstraintPlan, DelayPlan, EventPlan, Operation, Program
from calor.engine.symbolic.calculus import Derivatives, derivative, total_derivative
from calor.engine.symbolic.expression import ONE, TIME, ZERO, Expression, apply, symbol
from calor.engine.symbolic.operators import COMPARISONS, Operator
from calor.engine.symbolic.system import Constraint, Event, System
from calor.engine.symbolic.traversal import Substitution, mentions_time, postorder, symbols_of

DEEPEST_SUM = 6
"""Sums inside sums that are followed to their terms."""

Pattern = tuple[tuple[int, int], ...]


def lower(system: System) -> Program:
    """Return the program of a system."""
    inline = _Inlining(system)
    rates = [inline(state.derivative) for state in system.states]
    jacobian, pattern = _jacobian(rates, system.state_names)
    groups: dict[str, list[Expression]] = {
        "derivatives": rates,
        "jacobian": jacobian,
        "time_derivative": [derivative(rate, TIME) for rate in rates],
        "outputs": [inline(symbol(name)) for name in system.output_names],
        "initial": [inline(state.initial) for state in system.states],
    }
    groups |= _event_groups(system.events, inline)
    constraint_groups, constraint_pattern = _constraint_groups(system.constraints, inline, system.state_names)
    groups |= constraint_groups
    zeros = groups.get("constraints", [])
    delay_groups, delay_pattern = _delay_groups(system, inline, [*rates, *zeros])
    groups |= delay_groups
    inputs = (*system.state_names, *(item.name for item in system.delayed))
    groups |= _watching(groups, inputs, system.state_names)
    products = Products(inputs)
    reduced = {name: [products(root) for root in roots] for name, roots in groups.items()}
    bounded = [root for name in ("derivatives", "constraints", "triggers") for root in reduced.get(name, [])]
    edges = _edges(bounded, inputs)
    reduced["bounded"] = list(edges)
    reduced["edges"] = [edge for edge, _ in edges.values()]
    reduced["edge_sizes"] = [size for _, size in edges.values()]
    guarded = {*edges, *_powers([root for roots in reduced.values() for root in roots], inputs)}
    emitter = _Emitter(system, inputs, [root for roots in reduced.values() for root in roots])
    return Program(
        name=system.name,
        operations=tuple(emitter.operations),
        hoisted=emitter.hoisted,
        groups={name: tuple(emitter.position[root] for root in roots) for name, roots in reduced.items()},
        jacobian_pattern=pattern,
        state_names=system.state_names,
        parameter_names=system.parameter_names,
        parameter_values=tuple(parameter.value for parameter in system.parameters),
        output_names=system.output_names,
        events=_event_plans(system),
        guarded=frozenset(emitter.position[node] for node in guarded),
        constraints=_constraint_plans(system),
        constraint_pattern=constraint_pattern,
        delays=_delay_plans(system, inline),
        delay_pattern=delay_pattern,
    )


def _watching(
    groups: Mapping[str, list[Expression]], inputs: Sequence[str], states: Sequence[str]
) -> dict[str, list[Expression]]:
    """Return the groups that say where to stop: what is watched, and what equalities hang on."""
    rates = groups["derivatives"]
    jumping = [*rates, *groups.get("constraints", []), *groups.get("triggers", []), *groups["outputs"]]
    equalities = _equalities(groups.get("triggers", []), inputs)
    by_name = {symbol(name): rate for name, rate in zip(states, rates, strict=True)}
    turns = [_falls(node.operands[0] - node.operands[1], by_name) for node in equalities]
    watched = _watched([*jumping, *turns], inputs)
    found = {"watched": watched, "equalities": equalities, "turns": turns}
    found["orders"] = [node.operands[0] < node.operands[1] for node in equalities]
    found["differences"] = [node.operands[0] - node.operands[1] for node in equalities]
    found["difference_sizes"] = [_size(node.operands[0]) + _size(node.operands[1]) for node in equalities]
    return found


class _Inlining(Substitution):
    """Assigned quantities replaced by their formulas, so that only time, states and parameters remain."""

    def __init__(self, system: System) -> None:
        super().__init__({})
        for item in system.assigned:
            self.add(symbol(item.name), self(item.formula))


def _jacobian(rates: Sequence[Expression], names: tuple[str, ...]) -> tuple[list[Expression], Pattern]:
    """Return the derivatives of the rates by the states where they are not zero, and these places."""
    derivatives = Derivatives(rates)
    entries = {
        (row, column): slope
        for column, name in enumerate(names)
        for row, slope in derivatives.by(name).items()
    }
    pattern = tuple(sorted(entries))
    return [entries[place] for place in pattern], pattern


def _watched(roots: Sequence[Expression], states: Sequence[str]) -> list[Expression]:
    """Return the values at whose changes rates may jump, triggers change and outputs jump.

    Each comparison stands for itself: one that depends on time alone mostly changes once and stays changed,
    while a condition made of several, such as a short pulse, may hold and end between two looks.
    """
    watched = dict.fromkeys(_piecewise_constant(roots, states))
    for node in list(watched):
        if node.operator in (Operator.EQUAL, Operator.NOT_EQUAL):
            watched.setdefault(node.operands[0] < node.operands[1])
    return list(watched)


def _equalities(roots: Sequence[Expression], states: Sequence[str]) -> list[Expression]:
    """Return the comparisons for equality, or for its contrary, of what changes in the course of time."""
    kinds = (Operator.EQUAL, Operator.NOT_EQUAL)
    varying = _varying(postorder(roots), set(states))
    return [node for node in postorder(roots) if node.operator in kinds and node in varying]


def _falls(difference: Expression, rates: Mapping[Expression, Expression]) -> Expression:
    """Return whether an expression falls in the course of time, by more than rounding."""
    slope = total_derivative(difference, {**rates, TIME: ONE})
    return slope < -ROUNDING * _size(slope)


def _size(root: Expression, depth: int = DEEPEST_SUM) -> Expression:
    """Return the size of what an expression is summed up from, on which its rounding error depends."""
    match root.operator:
        case Operator.ADD | Operator.SUBTRACT if depth:
            return _size(root.operands[0], depth - 1) + _size(root.operands[1], depth - 1)
        case Operator.NEGATE if depth:
            return _size(root.operands[0], depth - 1)
    return apply(Operator.ABSOLUTE, root)


def _piecewise_constant(roots: Sequence[Expression], states: Sequence[str]) -> list[Expression]:
    """Return the comparisons, floors and ceilings under some roots that change in the course of time."""
    jumping = (*COMPARISONS, Operator.FLOOR, Operator.CEILING)
    varying = _varying(postorder(roots), set(states))
    return [node for node in postorder(roots) if node.operator in jumping and node in varying]


def _edges(
    roots: Sequence[Expression], states: Sequence[str]
) -> dict[Expression, tuple[Expression, Expression]]:
    """Return the operations in time that have an edge: how far inside it they are, and the size of that."""
    varying = _varying(postorder(roots), set(states))
    edges: dict[Expression, tuple[Expression, Expression]] = {}
    for node in postorder(roots):
        if node not in varying:
            continue
        match node.operator:
            case Operator.SQUARE_ROOT | Operator.POWER if _is_root(node):
                edges[node] = (node.operands[0], apply(Operator.ABSOLUTE, node.operands[0]))
            case Operator.ARCSINE | Operator.ARCCOSINE:
                edges[node] = (1.0 - apply(Operator.ABSOLUTE, node.operands[0]), ONE)
            case Operator.HYPERBOLIC_ARCCOSINE:
                edges[node] = (node.operands[0] - 1.0, apply(Operator.ABSOLUTE, node.operands[0]))
    return edges


def _is_root(node: Expression) -> bool:
    """Whether a square root or power has no value where its operand is negative, which this may be."""
    base, *exponent = node.operands
    broken = not exponent or (exponent[0].is_constant() and not exponent[0].value.is_integer())
    return broken and not _never_negative(base)


def _never_negative(root: Expression) -> bool:
    """Whether an expression is seen to be zero or more, whatever its symbols are."""
    match root.operator:
        case Operator.CONSTANT:
            return root.value >= 0.0
        case Operator.ABSOLUTE | Operator.EXPONENTIAL | Operator.SQUARE_ROOT:
            return True
        case Operator.MULTIPLY if root.operands[0] is root.operands[1]:
            return True
        case Operator.ADD | Operator.MULTIPLY:
            return all(map(_never_negative, root.operands))
    return False


def _powers(roots: Sequence[Expression], states: Sequence[str]) -> set[Expression]:
    """Return the powers that change in the course of time."""
    varying = _varying(postorder(roots), set(states))
    return {node for node in varying if node.operator is Operator.POWER}


def _varying(nodes: Iterable[Expression], states: Container[str]) -> set[Expression]:
    """Return the nodes that depend on time or states; operands must come first."""
    varying: set[Expression] = set()
    for node in nodes:
        own = node.operator is Operator.TIME or node.name in states
        if own or any(operand in varying for operand in node.operands):
            varying.add(node)
    return varying


def _event_groups(events: Sequence[Event], inline: Substitution) -> dict[str, list[Expression]]:
    if not events:
        return {}
    return {
        "triggers": [inline(event.trigger) for event in events],
        "delays": [ZERO if event.delay is None else inline(event.delay) for event in events],
        "priorities": [ZERO if event.priority is None else inline(event.priority) for event in events],
        "assignments": [inline(item.value) for event in events for item in event.assignments],
        "assignment_scales": [inline(item.scale) for event in events for item in event.assignments],
    }


def _constraint_groups(
    constraints: Sequence[Constraint], inline: Substitution, states: tuple[str, ...]
) -> tuple[dict[str, list[Expression]], Pattern]:
    if not constraints:
        return {}, ()
    values = [inline(constraint.value) for constraint in constraints]
    slopes, pattern = _jacobian(values, states)
    return {
        "constraints": values,
        "constraint_slopes": slopes,
        "constraint_time": [derivative(value, TIME) for value in values],
        "constraint_changes": [inline(change) for item in constraints for _, change in item.changes],
    }, pattern


def _delay_groups(
    system: System, inline: Substitution, rates: Sequence[Expression]
) -> tuple[dict[str, list[Expression]], Pattern]:
    if not system.delayed:
        return {}, ()
    groups: dict[str, list[Expression]] = {}
    for k, item in enumerate(system.delayed):
        groups[f"delayed {k}"] = [inline(item.formula)]
        groups[f"before {k}"] = [inline(item.before)]
        groups[f"ago {k}"] = [inline(item.ago)]
    slopes, pattern = _jacobian(rates, tuple(item.name for item in system.delayed))
    return groups | {"delay_slopes": slopes}, pattern


def _delay_plans(system: System, inline: Substitution) -> tuple[DelayPlan, ...]:
    varies = {item.name for item in system.delayed} | set(system.state_names)
    return tuple(
        DelayPlan(
            item.name,
            is_constant=not (mentions_time([inline(item.ago)]) or symbols_of([inline(item.ago)]) & varies),
        )
        for item in system.delayed
    )


def _constraint_plans(system: System) -> tuple[ConstraintPlan, ...]:
    slots = {name: slot for slot, name in enumerate(system.state_names)}
    return tuple(
        ConstraintPlan(item.name, tuple(slots[state] for state, _ in item.changes), item.flows)
        for item in system.constraints
    )


def _event_plans(system: System) -> tuple[EventPlan, ...]:
    slots = {name: slot for slot, name in enumerate(system.state_names)}
    plans: list[EventPlan] = []
    first = 0
    for event in system.events:
        plans.append(
            EventPlan(
                name=event.name,
                targets=tuple(slots[item.state] for item in event.assignments),
                first_assignment=first,
                has_delay=event.delay is not None,
                has_priority=event.priority is not None,
                persistent=event.persistent,
                initial_value=event.initial_value,
                use_values_from_trigger_time=event.use_values_from_trigger_time,
            )
        )
        first += len(event.assignments)
    return tuple(plans)


class _Emitter:
    """Operations ordered so that operands come first, and what is constant for a patient before all else."""

    def __init__(self, system: System, inputs: Sequence[str], roots: Sequence[Expression]) -> None:
        self.operations: list[Operation] = []
        self.position: dict[Expression, int] = {}
        self._states = {name: slot for slot, name in enumerate(inputs)}
        self._parameters = {name: slot for slot, name in enumerate(system.parameter_names)}
        order = list(postorder(roots))
        varying = _varying(order, self._states)
        for node in order:
            if node not in varying:
                self._emit(node)
        self.hoisted = len(self.operations)
        for node in order:
            if node in varying:
                self._emit(node)

    def _emit(self, node: Expression) -> None:
        self.position[node] = len(self.operations)
        operands = tuple(self.position[operand] for operand in node.operands)
        if node.operator is Operator.CONSTANT:
            self.operations.append(Operation(Operator.CONSTANT, value=node.value, kind=node.kind))
        elif node.operator is not Operator.SYMBOL:
            self.operations.append(Operation(node.operator, operands, kind=node.kind))
        elif node.name in self._states:
            self.operations.append(Operation(Operator.STATE, slot=self._states[node.name]))
        else:
            self.operations.append(Operation(Operator.PARAMETER, slot=self._parameters[node.name]))
