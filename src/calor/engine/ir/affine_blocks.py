"""Which leading states are affine in themselves, so that they can be solved one after the other.

Kinetics are mostly linear in their own amounts, and what depends on a concentration in any other way is
itself drawn linearly to where the concentration wants it. Such states need neither iteration nor a matrix of
derivatives that changes.
"""

from __future__ import annotations

from calor.engine.ir.cascade import causes
from calor.engine.ir.program import Program
from calor.engine.symbolic.operators import Operator

LARGEST_BLOCK = 4
"""The most states that depend on each other."""

MOST_STATES = 60
"""The most leading states, which are written out one by one."""

Blocks = tuple[tuple[int, ...], ...]


def affine_blocks(program: Program) -> Blocks:
    """Return the leading states in blocks, each after all that it depends on; none where one is not affine.

    The states of a block depend on each other. The block is affine if the derivatives of its rates by its
    own states depend on parameters only. How it depends on earlier blocks and on time may be of any kind.

    Arguments: the program, its leading states first.
    """
    leading = program.leading
    if not 0 < leading <= MOST_STATES:
        return ()
    of_state = causes(program)
    together: dict[int, list[int]] = {}
    for state in range(leading):
        together.setdefault(of_state[state], []).append(state)
    for (row, column), position in zip(program.jacobian_pattern, program.groups["jacobian"], strict=True):
        inside = row < leading and of_state[row] == of_state[column]
        if inside and not by_parameters_only(program, position):
            return ()
    # What a block depends on has fewer causes than the block itself.
    blocks = [tuple(together[each]) for each in sorted(together, key=lambda each: (each.bit_count(), each))]
    return tuple(blocks) if max(map(len, blocks)) <= LARGEST_BLOCK else ()


def by_parameters_only(program: Program, position: int) -> bool:
    """Return whether a value depends on parameters only."""
    return position < program.hoisted or program.operations[position].operator is Operator.CONSTANT
