"""Walks over expressions that neither recurse nor visit a shared part twice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from graphlib import TopologicalSorter

from calor.engine.symbolic.expression import Expression, apply
from calor.engine.symbolic.operators import LEAVES, Operator


def postorder(roots: Iterable[Expression]) -> Iterator[Expression]:
    """Yield every node under the roots once, operands before what uses them, in a fixed order."""
    done: set[Expression] = set()
    stack: list[tuple[Expression, bool]] = []
    for root in roots:
        stack.append((root, False))
        while stack:
            node, ready = stack.pop()
            if node in done:
                continue
            if ready or not node.operands:
                done.add(node)
                yield node
                continue
            stack.append((node, True))
            stack.extend((operand, False) for operand in reversed(node.operands))


def extend_postorder(positions: dict[Expression, int], root: Expression) -> None:
    """Give every node under a root that has no position yet the next one, operands first, as they are met."""
    stack = [root]
    while stack:
        node = stack[-1]
        if node in positions:
            stack.pop()
            continue
        missing = [operand for operand in node.operands if operand not in positions]
        if missing:
            stack.extend(reversed(missing))
            continue
        stack.pop()
        positions[node] = len(positions)


def symbols_of(roots: Iterable[Expression]) -> set[str]:
    """Return the names that expressions mention."""
    return {node.name for node in postorder(roots) if node.operator is Operator.SYMBOL}


def in_order(formulas: Mapping[str, Expression]) -> tuple[str, ...]:
    """Return the names of formulas so that each comes after those it uses.

    Raises CycleError, the loop as its second argument, where some are defined by each other.
    """
    uses = {name: sorted(symbols_of([formula]) & formulas.keys()) for name, formula in formulas.items()}
    return tuple(TopologicalSorter(uses).static_order())


def mentions_time(roots: Iterable[Expression]) -> bool:
    """Whether expressions depend on time explicitly."""
    return any(node.operator is Operator.TIME for node in postorder(roots))


class Substitution:
    """Symbols (or any nodes) replaced by expressions, remembered so that shared parts are done once.

    Arguments: what replaces what, and how an operator is put on new operands.
    """

    def __init__(
        self,
        replacements: Mapping[Expression, Expression],
        rebuild: Callable[..., Expression] = apply,
    ) -> None:
        self._done: dict[Expression, Expression] = dict(replacements)
        self._rebuild = rebuild

    def add(self, node: Expression, replacement: Expression) -> None:
        """Replace one more node from now on."""
        self._done[node] = replacement

    def __call__(self, expression: Expression) -> Expression:
        """Return the expression with the replacements made."""
        stack = [expression]
        while stack:
            node = stack[-1]
            if node in self._done:
                stack.pop()
                continue
            missing = [operand for operand in node.operands if operand not in self._done]
            if missing:
                stack.extend(reversed(missing))
                continue
            stack.pop()
            self._done[node] = self._rebuilt(node)
        return self._done[expression]

    def _rebuilt(self, node: Expression) -> Expression:
        if node.operator in LEAVES:
            return node
        operands = tuple(self._done[operand] for operand in node.operands)
        return node if operands == node.operands else self._rebuild(node.operator, *operands)


def substitute(expression: Expression, replacements: Mapping[Expression, Expression]) -> Expression:
    """Return an expression with some of its nodes replaced."""
    return Substitution(replacements)(expression)
