"""Conditions that hold at all times, 0 = residual: which quantity each determines, and its formula.

A model says what is given (constants, states, formulas); what is left can be determined. Each condition
determines one such quantity that it depends on, found as a matching in the graph of conditions and
quantities. Where a condition is linear in its quantity, it is solved for it; what remains is left to the
solver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from calor.core.errors import InputError
from calor.engine.symbolic.expression import ONE, ZERO, Expression, apply, select, symbol
from calor.engine.symbolic.operators import Operator
from calor.engine.symbolic.traversal import postorder, substitute, symbols_of

Linear = tuple[Expression, Expression]
"""The slope and the rest of an expression that is linear in a symbol: slope symbol + rest."""


@dataclass(frozen=True)
class Condition:
    """An equation 0 = residual; the line of the file where it stands."""

    residual: Expression
    line: int | None = None


@dataclass(frozen=True)
class Candidate:
    """A quantity that nothing else determines.

    Arguments: its name; the name that people know it by; whether the model gives it a value; whether events
    set it.
    """

    name: str
    known_as: str
    has_value: bool
    set_by_events: bool

    @property
    def preference(self) -> tuple[bool, bool]:
        """What is determined first: what events leave alone, and what has no value without a condition."""
        return (self.set_by_events, self.has_value)


@dataclass(frozen=True)
class Solved:
    """Quantities by what determines them: a formula of what is given, or a residual that is zero."""

    formulas: Mapping[str, Expression]
    residuals: Mapping[str, Expression]


def solve(conditions: Sequence[Condition], candidates: Iterable[Candidate], file: str | None) -> Solved:
    """Return what conditions determine.

    Arguments: the conditions, with formulas put in for what has one; the quantities that they may determine;
    and the file's name for messages. Raises InputError where there are too many conditions, or where one
    might determine either of two quantities.
    """
    known = {candidate.name: candidate for candidate in candidates}
    uses = [sorted(symbols_of([condition.residual]) & known.keys()) for condition in conditions]
    matched = _matching(uses, sorted(known.values(), key=lambda candidate: candidate.preference))
    _refuse_too_many(conditions, uses, matched, known, file)
    _refuse_ambiguous(conditions, uses, matched, known, file)
    by_condition = {condition: name for name, condition in matched.items()}
    formulas: dict[str, Expression] = {}
    residuals: dict[str, Expression] = {}
    for position, condition in enumerate(conditions):
        name = by_condition[position]
        replaced = {symbol(solved): formula for solved, formula in formulas.items()}
        residual = substitute(condition.residual, replaced)
        linear = None if known[name].set_by_events else linear_in(residual, name)
        if linear is None or linear[0].is_constant(0.0):
            residuals[name] = residual
            continue
        formulas[name] = -linear[1] / linear[0]
        replaced = {symbol(name): formulas[name]}
        formulas |= {other: substitute(formula, replaced) for other, formula in formulas.items()}
    last = {symbol(name): formula for name, formula in formulas.items()}
    return Solved(formulas, {name: substitute(residual, last) for name, residual in residuals.items()})


def linear_in(expression: Expression, name: str) -> Linear | None:
    """Return the slope and the rest of an expression that is linear in a symbol, None where it is not."""
    parts: dict[Expression, Linear | None] = {}
    for node in postorder([expression]):
        parts[node] = (ONE, ZERO) if node is symbol(name) else _linear_node(node, parts)
    return parts[expression]


def _linear_node(node: Expression, parts: Mapping[Expression, Linear | None]) -> Linear | None:
    operands = [parts[operand] for operand in node.operands]
    if any(part is None for part in operands):
        return None
    slopes, rests = [part[0] for part in operands if part], [part[1] for part in operands if part]
    free = [slope is ZERO for slope in slopes]
    if all(free):
        return ZERO, node
    match node.operator:
        case Operator.ADD | Operator.SUBTRACT | Operator.NEGATE:
            return apply(node.operator, *slopes), apply(node.operator, *rests)
        case Operator.MULTIPLY if free[0] or free[1]:
            factor, other = (0, 1) if free[0] else (1, 0)
            return node.operands[factor] * slopes[other], node.operands[factor] * rests[other]
        case Operator.DIVIDE if free[1]:
            return slopes[0] / node.operands[1], rests[0] / node.operands[1]
        case Operator.SELECT if free[0]:
            condition = node.operands[0]
            return select(condition, *slopes[1:]), select(condition, *rests[1:])
    return None


def _matching(uses: Sequence[Sequence[str]], candidates: Sequence[Candidate]) -> dict[str, int]:
    """Return the condition that determines each quantity, as many as possible, the first candidates first."""
    matched: dict[int, str] = {}

    def place(name: str, tried: set[int]) -> bool:
        for condition, names in enumerate(uses):
            if name in names and condition not in tried:
                tried.add(condition)
                if condition not in matched or place(matched[condition], tried):
                    matched[condition] = name
                    return True
        return False

    for candidate in candidates:
        place(candidate.name, set())
    return {name: condition for condition, name in matched.items()}


def _refuse_too_many(
    conditions: Sequence[Condition],
    uses: Sequence[Sequence[str]],
    matched: Mapping[str, int],
    known: Mapping[str, Candidate],
    file: str | None,
) -> None:
    for position in sorted(set(range(len(conditions))) - set(matched.values())):
        might = ", ".join(known[name].known_as for name in uses[position])
        why = (
            f"what it might ({might}) follows from other rules" if might else "all that it uses is determined"
        )
        raise InputError.of(
            f"an algebraic rule has nothing to determine: {why}",
            file=file,
            line=conditions[position].line,
            hint='take it out, or let it use something with constant="false" that no other rule sets',
        )


def _refuse_ambiguous(
    conditions: Sequence[Condition],
    uses: Sequence[Sequence[str]],
    matched: Mapping[str, int],
    known: Mapping[str, Candidate],
    file: str | None,
) -> None:
    """Refuse conditions that might as well determine something else that is left without any."""
    by_condition = {condition: name for name, condition in matched.items()}
    for free in [candidate for candidate in known.values() if candidate.name not in matched]:
        waiting, seen = [free.name], {free.name}
        while waiting:
            name = waiting.pop()
            for position, names in enumerate(uses):
                other = by_condition[position]
                if name not in names or other in seen:
                    continue
                seen.add(other)
                waiting.append(other)
                if known[other].preference == free.preference:
                    raise InputError.of(
                        f"an algebraic rule may determine {known[other].known_as} or {free.known_as}: "
                        "nothing else does",
                        file=file,
                        line=conditions[position].line,
                        hint='give the one that stays as it is constant="true", or a rule of its own',
                    )
