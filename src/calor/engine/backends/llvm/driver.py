"""The loop of a thread: patients into free lanes, a step, judgement lane by lane, outputs, calendars.

    run(work, job)     until no patient is left or a stop is asked for

Nothing that one lane decides depends on another lane, so a patient's numbers do not depend on its company.
"""

from __future__ import annotations

import math

from calor.engine.backends.llvm.builder import INTEGER, TRUTH, Code, Value
from calor.engine.backends.llvm.first_steps import (
    doubt_if_a_state_begins,
    look_ahead_if_in_doubt,
    of_the_first,
    propose_first_steps,
    remember,
)
from calor.engine.backends.llvm.lanes import Lanes, any_of, driver_code
from calor.engine.backends.llvm.layout import Job, Layout
from calor.engine.backends.llvm.mathematics import exponential, logarithm
from calor.engine.backends.llvm.occupancy import (
    ACCEPTED,
    CHANGED,
    STOPS,
    WAITS,
    end_beyond_edges,
    finish_lanes,
    occupied_lanes,
    refill,
    said,
    settle,
)
from calor.engine.backends.llvm.patients import CHANGE, FREE, NEVER
from calor.engine.batch import Status

SAFETY = 0.9
LARGEST_GROWTH, SMALLEST_GROWTH = 15.0, 0.2
AFTER_NON_FINITE = 0.1
RESOLUTION = 4e-16
"""Relative to the time, a step below this is too small for the arithmetic."""
SAME_TIME = 1e-15
"""Relative to a stop, a time nearer to it than this has arrived."""

PIECES = 100
"""The least number of steps where something is watched, lest it change and change back between two looks."""
CRAWLING, PATIENCE = 1e-12, 500
"""So many steps in a row, each so small a part of the whole time, lead nowhere: changes pile up."""


def choose(layout: Layout) -> Code:
    """Return the function that chooses the lanes' step sizes, so that stops are met exactly."""
    own = driver_code("choose", layout)
    code, stop, wanted = own.code, own.vector("stop"), own.vector("proposed")
    left = stop - own.vector("time")
    resolution = code.intrinsic("fabs", stop) * SAME_TIME + 1e-199
    if layout.watched:
        wanted = code.smaller(wanted, _whole(own) * (1.0 / PIECES))
    # A step that would leave a sliver before the stop goes all the way; one that would leave less
    # than itself takes half, since two like steps cost no more and none is absurdly short.
    reaches = wanted >= left * 0.99
    halved = code.select(wanted * 2.0 > left, left * 0.5, wanted)
    present = own.wholes("patient") >= 0
    goes = present & (left > resolution)
    own.set_vector("step", code.select(goes, code.select(reaches, left, halved), 1.0))
    moving = code.select(reaches, code.constant(STOPS, code.integers), 0)
    standing = code.select(present, code.constant(WAITS | STOPS, code.integers), WAITS)
    own.set_vector("verdict", code.select(goes, moving, standing))
    code.give_back()
    return code


def judge(layout: Layout) -> Code:
    """Return the function that accepts or rejects the lanes' steps and proposes the next sizes."""
    own = driver_code("judge", layout)
    code = own.code
    makes = ~said(own, WAITS)
    steps = _count_steps(own, makes)
    good = own.vector("error") <= 1.0
    _accept(own, makes & good)
    with code.when(any_of(code, makes & ~good)):
        _reject(own, makes & ~good)
    most = code.gathered([own.count(Job.MAX_STEPS)] * layout.lanes)
    over = makes & (steps >= most) & (own.wholes("patient") >= 0)
    finish_lanes(own, over, code.constant(Status.STEP_LIMIT, code.integers))
    code.give_back()
    return code


def _count_steps(own: Lanes, makes: Value) -> Value:
    """Count the steps that lanes make, and return how many each has made.

    Steps of leading states count once the lane tries to reach a stop, to which these have come before it: how
    far they are ahead of it on its way there depends on the other lanes.
    """
    code = own.code
    steps = own.wholes("steps") + code.select(makes, code.constant(1, code.integers), 0)
    if own.layout.leading.states:
        at_stop = makes & said(own, STOPS)
        steps = steps + code.select(at_stop, own.wholes("leading_steps"), 0)
        own.set_wholes_where(at_stop, "leading_steps", 0)
    own.set_vector("steps", steps)
    return steps


def _accept(own: Lanes, accepted: Value) -> None:
    """Accept steps; remember, after a discontinuity, which step size did."""
    code, step, stops = own.code, own.vector("step"), said(own, STOPS)
    limit = code.select(stops, own.vector("stop"), own.vector("time") + step)
    own.set_vector("limit", code.select(accepted, limit, NEVER))
    verdict = own.wholes("verdict")
    own.set_wholes_where(accepted, "verdict", verdict | code.constant(ACCEPTED, code.integers))
    factor, rejected = own.vector("factor"), own.wholes("rejected").equals(1)
    next_step = step * code.select(rejected, code.smaller(factor, 1.0), factor)
    before = own.vector("proposed")
    # A step that was cut to meet a stop says nothing against the longer one that was wanted before.
    proposed = code.select(stops, code.larger(next_step, before), next_step)
    own.set_where(accepted, "proposed", proposed)
    own.set_wholes_where(accepted, "rejected", 0)
    own.set_where(accepted, "live", 0.0)
    remember(own, own.layout.parts[-1], accepted, next_step)


def _reject(own: Lanes, rejected: Value) -> None:
    """Reject steps: propose smaller ones, and end the lanes in which none is small enough."""
    code, finite = own.code, own.vector("error") < math.inf
    shrunk = code.select(finite, code.smaller(own.vector("factor"), 0.9), AFTER_NON_FINITE)
    next_step = own.vector("step") * shrunk
    own.set_where(rejected, "proposed", next_step)
    own.set_wholes_where(rejected, "rejected", 1)
    doubt_if_a_state_begins(own, rejected, own.layout.parts[-1])
    # Not finite: the next try takes conditions as they are, not as they were held from the step's
    # start, and derivatives that are not finite for none.
    for mark in ("live", "tame"):
        own.set_where(rejected & ~finite, mark, 1.0)
    too_small = next_step <= code.intrinsic("fabs", own.vector("time")) * RESOLUTION + 1e-290
    singular = code.select(
        own.vector("margin") <= 0.0, code.constant(Status.SINGULAR, code.integers), Status.NON_FINITE
    )
    ending = code.select(finite, code.constant(Status.STEP_TOO_SMALL, code.integers), singular)
    finish_lanes(own, rejected & too_small, ending)


def advance(layout: Layout, order: int) -> Code:
    """Return the function that takes every occupied lane one attempted step on."""
    own = driver_code("advance", layout)
    code, job = own.code, own.code.arguments["job"]
    propose_first_steps(own, layout.parts[-1], own.wholes("patient") >= 0)
    look_ahead_if_in_doubt(own, layout.parts[-1])
    code.call("choose", "void", own.work, job)
    if layout.leading.states:
        code.call("lead", "void", own.work, job)
    error = code.call("attempt", code.vector, own.work, own.splat(Job.RTOL), own.splat(Job.ATOL))
    # Patients of a group are compared by tiny differences, which hold only if all take the same steps.
    error = of_the_first(own, error)
    own.set_vector("error", error)
    own.set_vector("factor", growth(own, error, order))
    code.call("judge", "void", own.work, job)
    own.set_whole("interpolated", code.constant(0, INTEGER), 0)
    if layout.watched:
        code.call("watch", "void", own.work, job)
    with code.when(own.count(Job.N_OBSERVED) > 0):
        code.call("save", "void", own.work, job, code.constant(0, TRUTH))
        code.call("summarize", "void", own.work, job)
    if layout.watched:
        _take_ends_of_cut_steps(own)
    _commit(own)
    if layout.equalities:
        code.call("come_to", "void", own.work, own.splat(Job.RTOL))
    arrives = _go_on(own)
    arrived = any_of(code, arrives)
    with code.when(arrived):
        for lane in range(layout.lanes):
            with code.when(code.extract(arrives, lane)):
                place, pauses = code.constant(lane, INTEGER), code.constant(0, TRUTH)
                code.call("arrive", "void", own.work, job, place, pauses)
    end_beyond_edges(own)
    if layout.equalities:
        code.call("end_touching", "void", own.work, job)
    with code.when(arrived):
        settle(own)
    code.give_back()
    return code


def growth(own: Lanes, error: Value, order: int) -> Value:
    """Return the factor on the step size that the error asks for: 0.9 error^(-1/order), within bounds."""
    code = own.code
    root = exponential(code, logarithm(code, code.larger(error, 1e-12)) * (-1.0 / order))
    return code.larger(code.smaller(root * SAFETY, LARGEST_GROWTH), SMALLEST_GROWTH)


def _commit(own: Lanes) -> None:
    """Take the new states where the step was accepted."""
    code, accepted = own.code, said(own, ACCEPTED)
    with code.count(own.layout.states, first=own.layout.leading.states) as i:
        now = own.set_where(accepted, "y", own.vector("new", i), i)
        own.set_vector("size", code.larger(code.intrinsic("fabs", now), own.vector("size", i)), i)


def _take_ends_of_cut_steps(own: Lanes) -> None:
    """Where a step was cut at a change, its states there are those that it leads to."""
    code, cut = own.code, said(own, CHANGED)
    with code.when(any_of(code, cut)):
        code.call("between", "void", own.work, own.vector("cut"))
        with code.count(own.layout.states) as i:
            own.set_where(cut, "new", own.vector("stage", i), i)


def _go_on(own: Lanes) -> Value:
    """Move the lanes' clocks; return which lanes have come to where the calendar acts or rates change."""
    code, limit = own.code, own.vector("limit")
    moved, changed = said(own, ACCEPTED), said(own, CHANGED)
    if own.layout.watched:
        _count_crawling(own, moved, limit - own.vector("time"))
    own.set_where(moved, "time", limit)
    own.set_vector("limit", code.constant(NEVER, code.vector))
    own.set_wholes_where(changed, "cause", CHANGE)
    own.set_where(changed, "proposed", own.vector("restart", CHANGE))
    at_stop = said(own, STOPS) & (moved | said(own, WAITS))
    own.set_where(at_stop, "time", own.vector("stop"))
    return at_stop | changed


def _whole(own: Lanes) -> Value:
    """Return how long the lanes' patients are simulated."""
    return own.vector("end") - own.vector("start")


def _count_crawling(own: Lanes, moved: Value, step: Value) -> None:
    """Give up the lanes in which one change follows another at once, without end."""
    code = own.code
    again = own.wholes("crawled") + code.constant(1, code.integers)
    crawled = code.select(step < _whole(own) * CRAWLING, again, 0)
    own.set_wholes_where(moved, "crawled", crawled)
    piled_up = moved & (crawled > PATIENCE) & (own.wholes("patient") >= 0)
    finish_lanes(own, piled_up, code.constant(Status.STEP_TOO_SMALL, code.integers))


def run(layout: Layout) -> Code:
    """Return the function that a thread calls."""
    own = driver_code("run", layout, linkage="dso_local")
    code, job = own.code, own.code.arguments["job"]
    with code.count(layout.lanes) as lane:
        own.set_whole("patient", lane, FREE)
        own.set_whole("saved", lane, 2**62)
        own.set_whole("rejected", lane, 0)
    left = code.variable(TRUTH, 1)
    stop = own.array(Job.STOP)
    with code.loop() as loop:
        flag = code.op(INTEGER, f"load atomic i64, ptr {stop.text} monotonic, align 8")
        loop.leave_if(flag.differs(0))
        with code.when(left.get()):
            left.set(code.call("refill", TRUTH, own.work, job))
        occupied = occupied_lanes(own)
        loop.leave_if(~(occupied | left.get()))
        with code.when(occupied):
            code.call("advance", "void", own.work, job)
    code.give_back()
    return code


def driver(layout: Layout, order: int) -> list[Code]:
    """Return the functions of the loop."""
    return [choose(layout), judge(layout), refill(layout), advance(layout, order), run(layout)]
