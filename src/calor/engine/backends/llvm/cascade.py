"""States that lead: solved ahead of the rest, in steps of their own, and followed on their dense output.

lead(work, job)              the leading states are taken on until they cover every lane's step
choose_leading(work)         the size of every lane's next leading step
judge_leading(work, job)     accept it, keeping it as a segment, or reject it
follow(work, theta)          inputs = the leading states at time + theta x step
follow_observed(work, job, theta)   the same for those that outputs are made of, not the rates of the rest
follow_start(work)           inputs = the leading states at the step's start, and their slopes there

The rest of the model sees the leading states as functions of time. A lane keeps the leading steps from its
own time on, at most so many; where there is no room for more its step ends where they have come to.

Where leading states can go no further, since a step is too small, not finite, or one too many since the last
stop, the rest still comes to where they are, and the lane ends there: at a place and with a number of steps
that do not depend on how far the other lanes let them be ahead.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from calor.engine.backends.llvm.builder import INTEGER, POINTER, Code, Value
from calor.engine.backends.llvm.dense import Dense
from calor.engine.backends.llvm.driver import AFTER_NON_FINITE, RESOLUTION, SAME_TIME, growth
from calor.engine.backends.llvm.first_steps import (
    doubt_if_a_state_begins,
    look_ahead_if_in_doubt,
    propose_first_steps,
    remember,
)
from calor.engine.backends.llvm.lanes import Lanes, any_of, driver_code, how_many
from calor.engine.backends.llvm.layout import FLAGS, SEGMENTS, Job, Layout
from calor.engine.backends.llvm.occupancy import STOPS, WAITS, finish_lanes, said
from calor.engine.backends.llvm.segments import Segments, drop_passed_segments, keep_segments
from calor.engine.batch import Status

WITHIN = 1.0 - 2.0**-51
"""So much of the way to where the leading states have come to is not rounded to lie beyond it."""

GOES_ON = 0
"""What `leading_ended` says while leading states can go on; else it is the status with which they ended."""


def cascade(layout: Layout, order: int, dense: Dense, inputs: Sequence[int]) -> list[Code]:
    """Return the functions of a layout in which states lead, some of them inputs to the rates of the rest.

    Arguments: the layout; the order of the leading steps' error, and their dense output; the inputs.
    """
    return [
        lead(layout, order, dense),
        choose_leading(layout),
        judge_leading(layout),
        follow(layout, dense, inputs),
        follow_observed(layout, dense),
        follow_start(layout, dense, inputs),
    ]


def lead(layout: Layout, order: int, dense: Dense) -> Code:
    """Return the function that takes the leading states on until they cover every lane's step."""
    own = driver_code("lead", layout)
    code, job = own.code, own.code.arguments["job"]
    drop_passed_segments(own)
    with code.loop() as loop:
        code.call("choose_leading", "void", own.work)
        goes, covered = own.wholes("leading_verdict").differs(WAITS), _is_covered(own)
        blocked = how_many(code, goes & ~covered)
        ready = how_many(code, ~said(own, WAITS) & covered)
        loop.leave_if(blocked.equals(0) | (blocked < ready))
        unsure = (own.vector("leading_proposed") <= 0.0) | (own.vector("leading_doubted") > 0.5)
        with code.when(any_of(code, goes & unsure)):
            propose_first_steps(own, layout.parts[0], goes)
            look_ahead_if_in_doubt(own, layout.parts[0])
            code.call("choose_leading", "void", own.work)
        tolerances = own.splat(Job.RTOL), own.splat(Job.ATOL)
        error = code.call("attempt_leading", code.vector, own.work, *tolerances)
        own.set_vector("error", error)
        own.set_vector("factor", growth(own, error, order))
        dense.prepare(code, own.work)
        code.call("judge_leading", "void", own.work, job)
    _end_where_it_is_covered(own)
    code.give_back()
    return code


def choose_leading(layout: Layout) -> Code:
    """Return the function that chooses the lanes' leading steps, so that stops are met exactly."""
    own = _function("choose_leading", layout)
    code, ahead, stop = own.code, own.vector("leading_time"), own.vector("stop")
    room = own.wholes("end_segment") < SEGMENTS
    # A lane that stands at its stop leads nowhere, however long another lane keeps this going.
    goes = ~said(own, WAITS) & own.wholes("leading_ended").equals(GOES_ON) & room & (ahead < stop)
    left = stop - ahead
    near = left <= code.intrinsic("fabs", stop) * SAME_TIME + 1e-199
    wanted = own.vector("leading_proposed")
    reaches = near | (wanted >= left * 0.99)
    halved = code.select(wanted * 2.0 > left, left * 0.5, wanted)
    own.set_vector("leading_step", code.select(goes, code.select(reaches, left, halved), 1.0))
    verdict = code.select(reaches, code.constant(STOPS, code.integers), 0)
    own.set_vector("leading_verdict", code.select(goes, verdict, WAITS))
    code.give_back()
    return code


def judge_leading(layout: Layout) -> Code:
    """Return the function that accepts or rejects the lanes' leading steps and proposes the next sizes."""
    own = driver_code("judge_leading", layout)
    code = own.code
    goes = own.wholes("leading_verdict").differs(WAITS)
    steps = own.wholes("leading_steps") + code.select(goes, code.constant(1, code.integers), 0)
    own.set_vector("leading_steps", steps)
    good = own.vector("error") <= 1.0
    _accept(own, goes & good)
    with code.when(any_of(code, goes & ~good)):
        _reject(own, goes & ~good)
    most = code.gathered([own.count(Job.MAX_STEPS)] * layout.lanes)
    over = goes & (steps >= most) & own.wholes("leading_ended").equals(GOES_ON)
    with code.when(any_of(code, over)):
        own.set_wholes_where(over, "leading_ended", Status.STEP_LIMIT)
    code.give_back()
    return code


def _accept(own: Lanes, accepted: Value) -> None:
    """Accept leading steps: keep them as segments, go on from their ends, propose the next sizes."""
    code, step, time = own.code, own.vector("leading_step"), own.vector("leading_time")
    keep_segments(own, accepted)
    with code.count(own.layout.leading.states) as i:
        now = own.set_where(accepted, "y", own.vector("new", i), i)
        own.set_vector("size", code.larger(code.intrinsic("fabs", now), own.vector("size", i)), i)
    stops = own.wholes("leading_verdict").equals(STOPS)
    own.set_where(accepted, "leading_time", code.select(stops, own.vector("stop"), time + step))
    factor, rejected = own.vector("factor"), own.wholes("leading_rejected").equals(1)
    next_step = step * code.select(rejected, code.smaller(factor, 1.0), factor)
    before = own.vector("leading_proposed")
    proposed = code.select(stops, code.larger(next_step, before), next_step)
    own.set_where(accepted, "leading_proposed", proposed)
    own.set_wholes_where(accepted, "leading_rejected", 0)
    remember(own, own.layout.parts[0], accepted, next_step)


def _reject(own: Lanes, rejected: Value) -> None:
    """Reject leading steps: propose smaller ones, or none where none is small enough."""
    code, finite = own.code, own.vector("error") < math.inf
    shrunk = code.select(finite, code.smaller(own.vector("factor"), 0.9), AFTER_NON_FINITE)
    next_step = own.vector("leading_step") * shrunk
    own.set_where(rejected, "leading_proposed", next_step)
    own.set_wholes_where(rejected, "leading_rejected", 1)
    own.set_where(rejected & ~finite, "leading_tame", 1.0)
    doubt_if_a_state_begins(own, rejected, own.layout.parts[0])
    time = code.intrinsic("fabs", own.vector("leading_time"))
    too_small = next_step <= time * RESOLUTION + 1e-290
    ending = code.select(finite, code.constant(Status.STEP_TOO_SMALL, code.integers), Status.NON_FINITE)
    own.set_wholes_where(rejected & too_small, "leading_ended", ending)


def _is_covered(own: Lanes) -> Value:
    """Return whether the leading states have come to the end of a lane's step, if it makes one."""
    reached = own.vector("time") + own.vector("step")
    target = own.code.select(said(own, STOPS), own.vector("stop"), reached)
    return said(own, WAITS) | (own.vector("leading_time") >= target)


def _end_where_it_is_covered(own: Lanes) -> None:
    """Let a lane wait that the leading states do not cover yet; if they never will, shorten its step.

    There is room for more, if not now, as long as not all segments are ahead of the lane's time.
    """
    code, ended = own.code, own.wholes("leading_ended").differs(GOES_ON)
    with code.when(any_of(code, ended)):
        _end_where_leading_ended(own, ended & ~_is_covered(own))
    present, uncovered = own.wholes("patient") >= 0, ~_is_covered(own)
    full = own.wholes("end_segment").equals(SEGMENTS) & own.wholes("first_segment").equals(0)
    cut, waits = present & uncovered & (full | ended), ~present | (uncovered & ~full & ~ended)
    left = (own.vector("leading_time") - own.vector("time")) * WITHIN
    step = code.select(cut, left, own.vector("step"))
    own.set_vector("step", code.select(waits, 1.0, step))
    verdict = code.select(cut, code.constant(0, code.integers), own.wholes("verdict"))
    own.set_vector("verdict", code.select(waits, code.constant(WAITS, code.integers), verdict))


def _end_where_leading_ended(own: Lanes, uncovered: Value) -> None:
    """End those of some lanes that have come to where their leading states can go no further."""
    code, ahead = own.code, own.vector("leading_time")
    near = ahead - own.vector("time") <= code.intrinsic("fabs", ahead) * SAME_TIME + 1e-199
    ends = uncovered & near & (own.wholes("patient") >= 0)
    steps = own.wholes("steps") + own.wholes("leading_steps")
    own.set_wholes_where(ends, "steps", steps)
    finish_lanes(own, ends, own.wholes("leading_ended"))


def follow(layout: Layout, dense: Dense, states: Sequence[int]) -> Code:
    """Return the function that reads some leading states within the step under way."""
    own = _function("follow", layout, ("theta", f"<{layout.lanes} x double>"))
    found = Segments.at(own, own.vector("time") + own.code.arguments["theta"] * own.vector("step"))
    within = dense.at(found.theta)
    for i in states:
        own.set_vector("inputs", within.state(found.pieces(i)), i)
    own.code.give_back()
    return own.code


def follow_observed(layout: Layout, dense: Dense) -> Code:
    """Return the function that reads the leading states that the table flags within the step under way."""
    own = driver_code("follow_observed", layout, ("theta", f"<{layout.lanes} x double>"))
    code, flags = own.code, own.count(Job.FOLLOWED)
    found = Segments.at(own, own.vector("time") + code.arguments["theta"] * own.vector("step"))
    within = dense.at(found.theta)
    for i in range(layout.leading.states):
        with code.when((flags & code.constant(1 << min(i, FLAGS), INTEGER)).differs(0)):
            own.set_vector("inputs", within.state(found.pieces(i)), i)
    code.give_back()
    return code


def follow_start(layout: Layout, dense: Dense, states: Sequence[int]) -> Code:
    """Return the function that reads some leading states, and their slopes, where the step begins."""
    own = _function("follow_start", layout)
    found = Segments.at(own, own.vector("time"))
    within = dense.at(found.theta)
    for i in states:
        pieces = found.pieces(i)
        own.set_vector("inputs", within.state(pieces), i)
        own.set_vector("input_slopes", within.slope(pieces) * found.scale, i)
    own.code.give_back()
    return own.code


def _function(name: str, layout: Layout, *arguments: tuple[str, str]) -> Lanes:
    code = Code(name, [("work", POINTER), *arguments], lanes=layout.lanes, attributes="noinline nounwind")
    return Lanes(code, layout)
