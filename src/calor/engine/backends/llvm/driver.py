"""The loop of a thread: patients into free lanes, a step, judgement lane by lane, outputs, calendars.

    run(work, job)     until no patient is left or a stop is asked for

Nothing that one lane decides depends on another lane, so a patient's numbers do not depend on its company.
"""

from __future__ import annotations

import math

from calor.engine.backends.llvm.builder import INTEGER, REAL, TRUTH, Code, Value, Variable
from calor.engine.backends.llvm.first_steps import (
    doubt_if_a_state_begins,
    look_ahead_if_in_doubt,
    of_the_first,
    propose_first_steps,
)
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.layout import Job, Layout
from calor.engine.backends.llvm.mathematics import exponential, logarithm
from calor.engine.backends.llvm.occupancy import (
    ACCEPTED,
    CHANGED,
    STOPS,
    WAITS,
    end_beyond_edges,
    finish_lane,
    occupied_lanes,
    refill,
    settle,
)
from calor.engine.backends.llvm.patients import CHANGE, CONTINUES, FREE, NEVER
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
    """Return the function that chooses a lane's step size, so that stops are met exactly."""
    own = driver_code("choose", layout, ("lane", INTEGER))
    code, lane = own.code, own.code.arguments["lane"]
    own.set("step", lane, 1.0)
    own.set_whole("verdict", lane, WAITS)
    with code.when(own.get_whole("patient", lane) >= 0):
        stop = own.get("stop", lane)
        left = stop - own.get("time", lane)
        resolution = code.intrinsic("fabs", stop) * SAME_TIME + 1e-199
        own.set_whole("verdict", lane, WAITS | STOPS)
        with code.when(left > resolution):
            wanted = own.get("proposed", lane)
            if layout.watched:
                wanted = code.smaller(wanted, _whole(own, lane) * (1.0 / PIECES))
            # A step that would leave a sliver before the stop goes all the way; one that would leave less
            # than itself takes half, since two like steps cost no more and none is absurdly short.
            reaches = wanted >= left * 0.99
            halved = code.select(wanted * 2.0 > left, left * 0.5, wanted)
            own.set("step", lane, code.select(reaches, left, halved))
            own.set_whole("verdict", lane, code.select(reaches, code.constant(STOPS, INTEGER), 0))
    code.give_back()
    return code


def judge(layout: Layout) -> Code:
    """Return the function that accepts or rejects a lane's step and proposes the next size."""
    own = driver_code("judge", layout, ("lane", INTEGER))
    code, lane = own.code, own.code.arguments["lane"]
    own.set("limit", lane, NEVER)
    verdict = own.get_whole("verdict", lane)
    with code.when((verdict & code.constant(WAITS, INTEGER)).equals(0)):
        steps = own.get_whole("steps", lane) + 1
        own.set_whole("steps", lane, steps)
        error, step, time = own.get("error", lane), own.get("step", lane), own.get("time", lane)
        good = error <= 1.0
        with code.when(good):
            _accept(own, lane, verdict)
        with code.when(~good):
            shrunk = code.select(
                error < math.inf, code.smaller(own.get("factor", lane), 0.9), AFTER_NON_FINITE
            )
            own.set("proposed", lane, step * shrunk)
            own.set_whole("rejected", lane, 1)
            doubt_if_a_state_begins(own, lane, layout.parts[-1])
            # Not finite: the next try takes conditions as they are, not as they were held from the step's
            # start, and derivatives that are not finite for none.
            for mark in ("live", "tame"):
                own.set(mark, lane, code.select(error < math.inf, own.get(mark, lane), 1.0))
            too_small = step * shrunk <= code.intrinsic("fabs", time) * RESOLUTION + 1e-290
            with code.when(too_small):
                ending = code.select(
                    error < math.inf,
                    code.constant(Status.STEP_TOO_SMALL, INTEGER),
                    code.select(
                        own.get("margin", lane) <= 0.0,
                        code.constant(Status.SINGULAR, INTEGER),
                        Status.NON_FINITE,
                    ),
                )
                finish_lane(own, lane, ending)
        with code.when((steps >= own.count(Job.MAX_STEPS)) & (own.get_whole("patient", lane) >= 0)):
            finish_lane(own, lane, code.constant(Status.STEP_LIMIT, INTEGER))
    code.give_back()
    return code


def _accept(own: Lanes, lane: Value, verdict: Value) -> None:
    """Accept a lane's step; remember, after a discontinuity, which step size did."""
    code = own.code
    own.set_whole("verdict", lane, verdict | code.constant(ACCEPTED, INTEGER))
    stops = (verdict & code.constant(STOPS, INTEGER)).equals(STOPS)
    step = own.get("step", lane)
    own.set("limit", lane, code.select(stops, own.get("stop", lane), own.get("time", lane) + step))
    factor = own.get("factor", lane)
    factor = code.select(own.get_whole("rejected", lane).equals(1), code.smaller(factor, 1.0), factor)
    next_step = step * factor
    before = own.get("proposed", lane)
    # A step that was cut to meet a stop says nothing against the longer one that was wanted before.
    own.set("proposed", lane, code.select(stops, code.larger(next_step, before), next_step))
    own.set_whole("rejected", lane, 0)
    own.set("live", lane, 0.0)
    cause = own.get_whole("cause", lane)
    with code.when(cause >= 0):
        own.set("restart", lane, next_step, cause)
        own.set_whole("cause", lane, CONTINUES)


def advance(layout: Layout, order: int) -> Code:
    """Return the function that takes every occupied lane one attempted step on."""
    own = driver_code("advance", layout)
    code, job = own.code, own.code.arguments["job"]
    propose_first_steps(own, layout.parts[-1])
    look_ahead_if_in_doubt(own, layout.parts[-1])
    with code.count(layout.lanes) as lane:
        code.call("choose", "void", own.work, job, lane)
    if layout.leading.states:
        code.call("lead", "void", own.work, job)
    error = code.call("attempt", code.vector, own.work, own.splat(Job.RTOL), own.splat(Job.ATOL))
    # Patients of a group are compared by tiny differences, which hold only if all take the same steps.
    error = of_the_first(own, error)
    own.set_vector("error", error)
    own.set_vector("factor", growth(own, error, order))
    with code.count(layout.lanes) as lane:
        code.call("judge", "void", own.work, job, lane)
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
    arrived = code.variable(TRUTH, 0)
    with code.count(layout.lanes) as lane:
        _go_on(own, lane, arrived)
    end_beyond_edges(own)
    if layout.equalities:
        code.call("end_touching", "void", own.work, job)
    with code.when(arrived.get()):
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
    code = own.code
    # Written lane by lane and read as a vector: then the states need no branch, and all lanes move at once.
    mask = code.variable(code.vector, 0.0)
    with code.count(own.layout.lanes) as lane:
        accepted = (own.get_whole("verdict", lane) & code.constant(ACCEPTED, INTEGER)).differs(0)
        own.set("theta", lane, code.select(accepted, code.constant(1.0, REAL), 0.0))
    mask.set(own.vector("theta"))
    with code.count(own.layout.states, first=own.layout.leading.states) as i:
        accepted = mask.get() > 0.5
        now, size = code.select(accepted, own.vector("new", i), own.vector("y", i)), own.vector("size", i)
        own.set_vector("y", now, i)
        own.set_vector("size", code.larger(code.intrinsic("fabs", now), size), i)


def _take_ends_of_cut_steps(own: Lanes) -> None:
    """Where a step was cut at a change, its states there are those that it leads to."""
    code, changed = own.code, own.code.variable(TRUTH, 0)
    with code.count(own.layout.lanes) as lane:
        cut = (own.get_whole("verdict", lane) & code.constant(CHANGED, INTEGER)).differs(0)
        own.set("theta", lane, code.select(cut, code.constant(1.0, REAL), 0.0))
        changed.set(changed.get() | cut)
    with code.when(changed.get()):
        code.call("between", "void", own.work, own.vector("cut"))
        with code.count(own.layout.states) as i:
            cut = own.vector("theta") > 0.5
            own.set_vector("new", code.select(cut, own.vector("stage", i), own.vector("new", i)), i)


def _go_on(own: Lanes, lane: Value, arrived: Variable) -> None:
    """Move a lane's clock; at a stop, let the calendar act."""
    code = own.code
    verdict = own.get_whole("verdict", lane)
    moved = (verdict & code.constant(ACCEPTED, INTEGER)).differs(0)
    limit = own.get("limit", lane)
    with code.when(moved):
        if own.layout.watched:
            _count_crawling(own, lane, limit - own.get("time", lane))
        own.set("time", lane, limit)
    own.set("limit", lane, NEVER)
    stops = (verdict & code.constant(STOPS, INTEGER)).differs(0)
    waits = (verdict & code.constant(WAITS, INTEGER)).differs(0)
    changed = (verdict & code.constant(CHANGED, INTEGER)).differs(0)
    with code.when(changed):
        own.set_whole("cause", lane, CHANGE)
        own.set("proposed", lane, own.get("restart", lane, CHANGE))
    with code.when(stops & (moved | waits)):
        own.set("time", lane, own.get("stop", lane))
    with code.when((stops & (moved | waits)) | changed):
        code.call("arrive", "void", own.work, code.arguments["job"], lane, code.constant(0, TRUTH))
        arrived.set(1)


def _whole(own: Lanes, lane: Value) -> Value:
    """Return how long a lane's patient is simulated."""
    return own.get("end", lane) - own.get("start", lane)


def _count_crawling(own: Lanes, lane: Value, step: Value) -> None:
    """Give up a lane in which one change follows another at once, without end."""
    code = own.code
    crawled = code.select(step < _whole(own, lane) * CRAWLING, own.get_whole("crawled", lane) + 1, 0)
    own.set_whole("crawled", lane, crawled)
    with code.when((crawled > PATIENCE) & (own.get_whole("patient", lane) >= 0)):
        finish_lane(own, lane, code.constant(Status.STEP_TOO_SMALL, INTEGER))


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
