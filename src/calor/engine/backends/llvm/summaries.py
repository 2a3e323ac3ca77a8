"""Numbers over windows of outputs, gathered from every accepted step.

    begin_summaries(work, job, lane)     nothing gathered yet
    summarize(work, job)                 add the step just accepted, from five values of each output in every
                                         piece of it
    gather(work, job, lane)              add one lane's piece
    end_summaries(work, job, lane, ok)   integrals become means; a patient that failed has no number

Between its five values an output is taken as the polynomial of degree 4 through them, which for a state is
exactly the method's dense output. A piece is a step, unless a summary is made of leading states, which take
many steps of their own meanwhile: where the polynomial would err, it is half of one of these.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from calor.engine.backends.llvm.builder import INTEGER, REAL, TRUTH, Code, Value
from calor.engine.backends.llvm.lanes import Lanes, any_of, driver_code
from calor.engine.backends.llvm.layout import KINDS, Job, Layout
from calor.engine.backends.llvm.patients import call_observe, interpolate_once
from calor.engine.backends.llvm.segments import end_of_half_segment

MEAN, AUC, MAXIMUM, MINIMUM, TROUGH, TIME_ABOVE = range(len(KINDS))
NODES = 5
BETWEEN = 0.5
"""Where between the first two nodes the polynomial through all is looked at, in x = 4 theta."""
WEIGHTS_BETWEEN = tuple(
    math.prod((BETWEEN - other) / (node - other) for other in range(NODES) if other != node)
    for node in range(NODES)
)
ROUGH = 10.0
"""How many times the relative tolerance that polynomial may err by before a step is taken in pieces."""
PIECES = 8
"""Pieces that a step is searched in for extremes and crossings."""
NEWTON_STEPS = 3
BISECTIONS = 40


def begin_summaries(layout: Layout) -> Code:
    """Return the function that starts a patient's summaries."""
    own = driver_code("begin_summaries", layout, ("lane", INTEGER))
    code = own.code
    row, total, results = _row(own)
    with code.count(total) as i:
        kind = code.load(INTEGER, own.array(Job.SUMMARY_KIND), i)
        nothing = code.select(kind.equals(MAXIMUM), code.constant(-math.inf, REAL), 0.0)
        nothing = code.select(kind.equals(MINIMUM), math.inf, nothing)
        code.store(nothing, results, row + i)
    code.give_back()
    return code


def end_summaries(layout: Layout) -> Code:
    """Return the function that finishes a patient's summaries."""
    own = driver_code("end_summaries", layout, ("lane", INTEGER), ("ok", TRUTH))
    code = own.code
    row, total, results = _row(own)
    with code.count(total) as i:
        kind = code.load(INTEGER, own.array(Job.SUMMARY_KIND), i)
        start = code.load(REAL, own.array(Job.SUMMARY_START), i)
        end = code.load(REAL, own.array(Job.SUMMARY_END), i)
        gathered = code.load(REAL, results, row + i)
        number = code.select(kind.equals(MEAN), gathered / (end - start), gathered)
        code.store(code.select(code.arguments["ok"], number, math.nan), results, row + i)
    code.give_back()
    return code


def _row(own: Lanes) -> tuple[Value, Value, Value]:
    """Return where a lane's summaries begin, how many there are, and the array they stand in."""
    total = own.count(Job.N_SUMMARIES)
    row = own.get_whole("patient", own.code.arguments["lane"]) * total
    return row, total, own.array(Job.SUMMARIES)


def summarize(layout: Layout) -> Code:
    """Return the function that adds every lane's accepted step to its summaries."""
    own = driver_code("summarize", layout)
    code = own.code
    first, last = own.number(Job.SUMMARY_FIRST), own.number(Job.END)
    touched = code.variable(TRUTH, 0)
    with code.count(layout.lanes) as lane:
        inside = (own.get("limit", lane) > first) & (own.get("time", lane) < last)
        touched.set(touched.get() | (inside & (own.get_whole("patient", lane) >= 0)))
    with code.when(touched.get()):
        interpolate_once(own)
        start, limit = own.vector("time"), own.vector("limit")
        goes = (limit > start) & (own.wholes("patient") >= 0)
        own.set_vector("piece_start", start)
        own.set_vector("piece_end", code.select(goes, limit, start))
        _observe_piece(own)
        if layout.leading.states:
            with code.when(own.count(Job.SUMMARIES_FOLLOW).differs(0)):
                own.set_where(_rough(own), "piece_end", start)
        _gather_pieces(own)
        if layout.leading.states:
            own.set_vector("piece_start", own.vector("piece_end"))
            _gather_what_was_left_out(own, goes)
    code.give_back()
    return code


def _gather_what_was_left_out(own: Lanes, goes: Value) -> None:
    """Go from piece to piece of leading states, in lanes whose step is not gathered to its end."""
    code = own.code
    with code.loop() as loop:
        start, limit = own.vector("piece_start"), own.vector("limit")
        left = goes & (limit > start)
        loop.leave_if(~any_of(code, left))
        end = code.smaller(end_of_half_segment(own, start), limit)
        own.set_vector("piece_end", code.select(left, end, start))
        _observe_piece(own)
        _gather_pieces(own)
        own.set_vector("piece_start", own.vector("piece_end"))


def _gather_pieces(own: Lanes) -> None:
    """Add the piece of each lane that has one."""
    code = own.code
    with code.count(own.layout.lanes) as lane:
        has_one = own.get("piece_end", lane) > own.get("piece_start", lane)
        with code.when(has_one):
            code.call("gather", "void", own.work, code.arguments["job"], lane)


def _rough(own: Lanes) -> Value:
    """Return in which lanes the polynomial through an output's five values errs by more than `ROUGH` rtol.

    It is looked at where the remainder of interpolation is near its largest. What begins at a stop begins
    with a step, so nothing can happen elsewhere and not be seen there.
    """
    code, observed, rough = own.code, own.count(Job.N_OBSERVED), own.code.variable(own.code.vector, 0.0)
    call_observe(own, code.constant(BETWEEN / (NODES - 1), code.vector))
    allowed = own.splat(Job.RTOL) * ROUGH
    with code.count(observed) as i:
        nodes = [own.vector("observed", observed * (node + 1) + i) for node in range(NODES)]
        expected, size = code.constant(0.0, code.vector), code.constant(0.0, code.vector)
        for value, weight in zip(nodes, WEIGHTS_BETWEEN, strict=True):
            expected = expected + value * weight
            size = code.larger(size, code.intrinsic("fabs", value))
        error = code.intrinsic("fabs", own.vector("observed", i) - expected)
        rough.set(code.larger(rough.get(), error - allowed * size))
    return rough.get() > 0.0


def _observe_piece(own: Lanes) -> None:
    """Take five values of everything observed in each lane's piece."""
    code, observed = own.code, own.count(Job.N_OBSERVED)
    for node in range(NODES):
        theta = code.constant(node / (NODES - 1), code.vector)
        if own.layout.leading.states:
            start = own.vector("piece_start")
            place = start + (own.vector("piece_end") - start) * theta
            # Not rounded to lie beyond the step, where who waited for others may have more of what leads.
            theta = code.smaller((place - own.vector("time")) / own.vector("step"), 1.0)
        call_observe(own, theta)
        with code.count(observed) as i:
            own.set_vector("observed", own.vector("observed", i), observed * (node + 1) + i)


def gather(layout: Layout) -> Code:
    """Return the function that adds one lane's piece to its summaries."""
    own = driver_code("gather", layout, ("lane", INTEGER))
    code, lane = own.code, own.code.arguments["lane"]
    row, total, results = _row(own)
    time, limit = own.get("piece_start", lane), own.get("piece_end", lane)
    # Without pieces a step that was cut at a change is known to its planned end.
    length = limit - time if layout.leading.states else own.get("step", lane)
    with code.count(total) as i:
        start = code.load(REAL, own.array(Job.SUMMARY_START), i)
        end = code.load(REAL, own.array(Job.SUMMARY_END), i)
        low, high = code.larger(time, start), code.smaller(limit, end)
        with code.when(high > low):
            scale = (NODES - 1.0) / length
            span = _Span(
                _polynomial(own, lane, code.load(INTEGER, own.array(Job.SUMMARY_OUTPUT), i)),
                (low - time) * scale,
                (high - time) * scale,
                length * (1.0 / (NODES - 1.0)),
            )
            kind = code.load(INTEGER, own.array(Job.SUMMARY_KIND), i)
            _add(code, kind, span, results, row + i, own, i, limit >= end)
    code.give_back()
    return code


@dataclass(frozen=True)
class _Polynomial:
    """An output within a piece, as coefficients in x = 4 theta."""

    coefficients: tuple[Value, ...]

    def __call__(self, x: Value) -> Value:
        return _horner(self.coefficients, x)

    def times(self, factor: Value) -> _Polynomial:
        return _Polynomial(tuple(c * factor for c in self.coefficients))

    def slope(self) -> _Polynomial:
        return _Polynomial(tuple(c * float(k) for k, c in enumerate(self.coefficients) if k > 0))

    def integral(self, low: Value, high: Value) -> Value:
        inner = tuple(c * (1.0 / (k + 1.0)) for k, c in enumerate(self.coefficients))
        return _horner(inner, high) * high - _horner(inner, low) * low


@dataclass(frozen=True)
class _Span:
    """The part of a piece that lies in a window: the output there, from x = low to high, and dt/dx."""

    output: _Polynomial
    low: Value
    high: Value
    unit: Value


def _horner(coefficients: tuple[Value, ...], x: Value) -> Value:
    total = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        total = total * x + coefficient
    return total


def _polynomial(own: Lanes, lane: Value, output: Value) -> _Polynomial:
    """Return the polynomial through an output's five values, from their differences (Newton)."""
    observed = own.count(Job.N_OBSERVED)
    values = [own.get("observed", lane, observed * (node + 1) + output) for node in range(NODES)]
    first = [values[0]]
    for _ in range(NODES - 1):
        values = [after - before for before, after in pairwise(values)]
        first.append(values[0])
    v, d1, d2, d3, d4 = first
    return _Polynomial(
        (
            v,
            d1 - d2 * 0.5 + d3 * (1.0 / 3.0) - d4 * 0.25,
            d2 * 0.5 - d3 * 0.5 + d4 * (11.0 / 24.0),
            d3 * (1.0 / 6.0) - d4 * 0.25,
            d4 * (1.0 / 24.0),
        )
    )


def _add(
    code: Code, kind: Value, span: _Span, results: Value, place: Value, own: Lanes, i: Value, ends: Value
) -> None:
    """Add a span to one summary."""
    before = code.load(REAL, results, place)

    def when(wanted: Value, number: Callable[[], Value]) -> None:
        with code.when(wanted):
            code.store(number(), results, place)

    when(
        kind.equals(MEAN) | kind.equals(AUC),
        lambda: before + span.output.integral(span.low, span.high) * span.unit,
    )
    when(kind.equals(MAXIMUM), lambda: code.larger(_largest(code, span, 1.0), before))
    when(kind.equals(MINIMUM), lambda: code.smaller(_largest(code, span, -1.0), before))
    when(kind.equals(TROUGH) & ends, lambda: span.output(span.high))
    when(
        kind.equals(TIME_ABOVE),
        lambda: before + _time_above(code, span, code.load(REAL, own.array(Job.SUMMARY_THRESHOLD), i)),
    )


def _largest(code: Code, span: _Span, sign: float) -> Value:
    """Return the largest value in a span (sign 1) or the smallest (sign -1): a search, then Newton."""
    output = span.output.times(code.constant(sign, REAL))
    width = (span.high - span.low) * (1.0 / PIECES)
    best, where = code.variable(REAL, output(span.low)), code.variable(REAL, span.low)
    with code.count(PIECES + 1, first=1) as piece:
        x = span.low + width * code.cast("sitofp", piece, REAL)
        value = output(x)
        with code.when(value > best.get()):
            best.set(value)
            where.set(x)
    lowest = code.larger(where.get() - width, span.low)
    highest = code.smaller(where.get() + width, span.high)
    slope, bend = output.slope(), output.slope().slope()
    for _ in range(NEWTON_STEPS):
        x = where.get()
        curved = bend(x) < 0.0
        moved = x - slope(x) / code.select(curved, bend(x), -1.0)
        inside = code.larger(code.smaller(moved, highest), lowest)
        where.set(code.select(curved, inside, x))
    return code.larger(output(where.get()), best.get()) * sign


def _time_above(code: Code, span: _Span, threshold: Value) -> Value:
    """Return how long the output lies above a threshold in a span: crossings by bisection in each piece."""
    width = (span.high - span.low) * (1.0 / PIECES)
    total = code.variable(REAL, 0.0)
    with code.count(PIECES) as piece:
        left = span.low + width * code.cast("sitofp", piece, REAL)
        starts_above = span.output(left) > threshold
        ends_above = span.output(left + width) > threshold
        with code.when(starts_above & ends_above):
            total.set(total.get() + width)
        with code.when(starts_above ^ ends_above):
            low, high = code.variable(REAL, left), code.variable(REAL, left + width)
            with code.count(BISECTIONS):
                middle = (low.get() + high.get()) * 0.5
                like_start = ~((span.output(middle) > threshold) ^ starts_above)
                low.set(code.select(like_start, middle, low.get()))
                high.set(code.select(like_start, high.get(), middle))
            above = code.select(starts_above, low.get() - left, left + width - low.get())
            total.set(total.get() + above)
    return total.get() * span.unit


def summary_functions(layout: Layout) -> list[Code]:
    """Return the functions of this module."""
    return [begin_summaries(layout), end_summaries(layout), summarize(layout), gather(layout)]
