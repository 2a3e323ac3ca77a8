"""Mutants of Python code: the operators of cosmic-ray, and three more that it lacks.

Replacements that only crash (`+` by `>>`) are left out, since any test kills them and the share killed would
say less; so are annotations, decorators and guards, which change no result.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator
from parso.tree import NodeOrLeaf

from scripts.mutants.mutant import Mutant, mutant_of

Span = tuple[tuple[int, int], tuple[int, int]]

BINARY = (
    "Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_FloorDiv", "Pow_Mul", "BitOr_BitAnd",
    "BitAnd_BitOr", "LShift_RShift", "RShift_LShift",
)  # fmt: skip
COMPARISON = (
    "Lt_LtE", "Lt_GtE", "LtE_Lt", "LtE_Gt", "Gt_GtE", "Gt_LtE", "GtE_Gt", "GtE_Lt", "Eq_NotEq", "NotEq_Eq",
    "Is_IsNot", "IsNot_Is",
)  # fmt: skip
OTHERS = (
    "ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_Delete_Invert",
    "ReplaceUnaryOperator_Delete_Not", "AddNot", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue",
    "ReplaceAndWithOr", "ReplaceOrWithAnd", "ReplaceBreakWithContinue", "ReplaceContinueWithBreak",
    "NumberReplacer", "ZeroIterationForLoop",
)  # fmt: skip

GUARDS = ("dtype", "strict")
"""Named arguments that change no result of code that is right."""


class _Own(Operator):
    """What cosmic-ray asks of an operator and nothing here needs."""

    @classmethod
    def examples(cls) -> tuple[()]:
        """Return no examples."""
        return ()


class DropStatement(_Own):
    """Leaves out a call whose result is not kept, or a change of something that exists already."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Span]:
        """Yield where a statement can be left out."""
        if node.type == "expr_stmt":
            target, sign = node.children[0], node.children[1]
            changes = sign.type == "operator" and sign.value != "="
            if changes or (target.type in ("atom_expr", "power") and node.parent.type == "simple_stmt"):
                yield node.start_pos, node.end_pos
        elif node.type in ("atom_expr", "power") and node.parent.type == "simple_stmt":
            yield node.start_pos, node.end_pos

    def mutate(self, node: NodeOrLeaf, _index: int) -> NodeOrLeaf:
        """Return the statement that does nothing."""
        return parso.parse(node.get_first_leaf().prefix + "pass")


class DropNamedArgument(_Own):
    """Leaves out an argument that is given by name, so that its default holds."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Span]:
        """Yield where an argument can be left out."""
        if node.type == "argument" and node.children[1] == "=" and node.parent.type == "arglist":
            yield node.start_pos, node.end_pos

    def mutate(self, node: NodeOrLeaf, _index: int) -> NodeOrLeaf:
        """Return what gives no argument."""
        return parso.parse(node.get_first_leaf().prefix + "**{}")


class SwapMembership(_Own):
    """Makes `in` of `not in` and the other way round."""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[Span]:
        """Yield where membership is asked."""
        if node.type == "comparison" and self._sign(node) in ("in", "not in"):
            yield node.start_pos, node.end_pos

    def mutate(self, node: NodeOrLeaf, _index: int) -> NodeOrLeaf:
        """Return the opposite question."""
        node.children[1] = parso.parse(" not in" if self._sign(node) == "in" else " in")
        return node

    @staticmethod
    def _sign(node: NodeOrLeaf) -> str:
        return " ".join(node.children[1].get_code().split())


def operators() -> Iterator[Operator]:
    """Yield every operator that is used."""
    for name in BINARY:
        yield get_operator(f"core/ReplaceBinaryOperator_{name}")()
    for name in COMPARISON:
        yield get_operator(f"core/ReplaceComparisonOperator_{name}")()
    for name in OTHERS:
        yield get_operator(f"core/{name}")()
    yield from (DropStatement(), DropNamedArgument(), SwapMembership())


def mutants_of_python(root: Path, path: str) -> list[Mutant]:
    """Return every mutant of a Python file, in the order of its lines."""
    source = (root / path).read_text(encoding="utf-8")
    tree = get_ast(source)
    found: dict[str, Mutant] = {}
    for operator in operators():
        nodes = (node for node in ast_nodes(tree) for _ in operator.mutation_positions(node))
        for occurrence, node in enumerate(nodes):
            if _changes_no_result(node.children[0] if node.type == "argument" else node):
                continue
            mutant = mutant_of(path, source, mutate_code(source, operator, occurrence) or source)
            if mutant and _compiles(mutant.text):
                found.setdefault(mutant.name, mutant)
    return sorted(found.values(), key=lambda mutant: (mutant.line, mutant.after))


def _changes_no_result(node: NodeOrLeaf) -> bool:
    """Return whether a node stands in an annotation, a decorator or a guard, or between parameters."""
    child, parent = node, node.parent
    if parent is not None and parent.type == "parameters":
        return True
    while parent is not None:
        if parent.type in ("annassign", "tfpdef", "funcdef", "param") and _is_annotation(child, parent):
            return True
        if parent.type == "decorator":
            return True
        if parent.type == "argument" and parent.children[0].get_code().strip() in GUARDS:
            return True
        child, parent = parent, parent.parent
    return False


def _is_annotation(child: NodeOrLeaf, parent: NodeOrLeaf) -> bool:
    before = child.get_previous_sibling()
    return (
        before is not None
        and before.type == "operator"
        and before.value in (":", "->")
        and (parent.type != "funcdef" or before.value == "->")
    )


def _compiles(text: str) -> bool:
    try:
        compile(text, "mutant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
