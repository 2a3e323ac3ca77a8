"""A part's linearisation and its linear algebra: row exchanges in lanes where a pivot is lost.

tame(work)   derivatives that are not finite count as none, in lanes that failed by what is not finite

The derivative of a rate may not be a number where the rate is one (a logistic function far from its middle:
infinity over infinity). The method then still works, with smaller steps.
"""

from __future__ import annotations

import math

from calor.engine.backends.llvm.builder import POINTER, TRUTH, Code, Value
from calor.engine.backends.llvm.lanes import Lanes
from calor.engine.backends.llvm.layout import Layout


def linearise(code: Code, layout: Layout, time: Value, has_roots: bool) -> Value | None:
    """Write the linearisation; return what `linearize` gives back, if the part has roots."""
    own, tame = Lanes(code, layout), code.variable(TRUTH, 0)
    name, atol = layout.name("linearize"), code.arguments["atol"]
    moved = code.call(name, code.vector if has_roots else "void", own.work, time, atol)
    with code.count(layout.lanes) as lane:
        tame.set(tame.get() | (own.get("tame", lane) > 0.5))
    with code.when(tame.get()):
        code.call(layout.name("tame"), "void", own.work)
    return moved if has_roots else None


def tame(layout: Layout) -> Code:
    """Return the function that takes derivatives that are not finite for none."""
    code = Code(layout.name("tame"), [("work", POINTER)], lanes=layout.lanes, attributes="noinline nounwind")
    own = Lanes(code, layout)
    wild = own.vector("tame") > 0.5
    for block, size in (("jacobian", layout.jacobian), ("time_slopes", layout.states)):
        with code.count(size) as i:
            number = own.vector(block, i)
            finite = code.intrinsic("fabs", number) < math.inf
            own.set_vector(block, code.select(wild & ~finite, 0.0, number), i)
    code.give_back()
    return code


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
