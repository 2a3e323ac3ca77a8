"""Several vectors as one of more numbers, so that what is computed of them runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from calor.engine.backends.llvm.builder import Code, Value


def joined(code: Code, vectors: Sequence[Value]) -> Value:
    """Return one vector of the numbers of 1, 2, 4, ... vectors of the code's lanes."""
    if len(vectors) == 1:
        return vectors[0]
    half = len(vectors) // 2
    low, high = joined(code, vectors[:half]), joined(code, vectors[half:])
    return _shuffled(code, low, high, range(2 * half * code.lanes))


def parts(code: Code, whole: Value, number: int) -> list[Value]:
    """Return the vectors that were joined."""
    if number == 1:
        return [whole]
    lanes = code.lanes
    return [_shuffled(code, whole, whole, range(i * lanes, (i + 1) * lanes)) for i in range(number)]


def _shuffled(code: Code, first: Value, second: Value, places: range) -> Value:
    listed = ", ".join(f"i32 {place}" for place in places)
    return code.op(
        f"<{len(places)} x double>",
        f"shufflevector {first.type} {first.text}, {second.type} {second.text}, "
        f"<{len(places)} x i32> <{listed}>",
    )
