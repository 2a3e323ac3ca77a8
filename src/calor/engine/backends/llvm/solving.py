"""Calls of a part's linear algebra: the planned elimination, row exchanges in lanes where a pivot is lost."""

from __future__ import annotations

from calor.engine.backends.llvm.builder import TRUTH, Code, Value
from calor.engine.backends.llvm.lanes import Lanes
from calor.engine.backends.llvm.layout import Layout


def factorise(code: Code, layout: Layout, diagonal: Value) -> Value:
    """Write the factorisation of diagonal I - J; return whether any lane needed row exchanges."""
    own, lost = Lanes(code, layout), code.variable(TRUTH, 0)
    own.set_vector("margin", code.call(layout.name("factor"), code.vector, own.work, diagonal))
    own.set_vector("theta", diagonal)
    with code.count(layout.lanes) as lane, code.when(own.get("margin", lane) <= 0.0):
        lost.set(1)
        code.call(layout.name("factor_pivoted"), "void", own.work, lane, own.get("theta", lane))
    return lost.get()


def solve(code: Code, layout: Layout, slopes: Value, lost: Value) -> None:
    """Write the solution for the slopes, where pivots were lost with row exchanges."""
    own = Lanes(code, layout)
    for function in ("solve_pivoted", "solve", "take_pivoted"):
        if function == "solve":
            code.call(layout.name("solve"), "void", own.work, slopes)
            continue
        with code.when(lost), code.count(layout.lanes) as lane, code.when(own.get("margin", lane) <= 0.0):
            code.call(layout.name(function), "void", own.work, slopes, lane)
