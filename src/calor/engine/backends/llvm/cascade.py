"""States that lead: solved ahead of the rest, in steps of their own, and followed on their dense output.

lead(work, job)              the leading states are taken on until they cover every lane's step
choose_leading(work, lane)   the size of a lane's next leading step; 0 where it needs none
judge_leading(work, job, lane)   accept it, keeping it as a segment, or reject it
follow(work, theta)          inputs = the leading states at time + theta x step
follow_all(work, theta)      the same for all of them, not only those that the rates of the rest need
follow_start(work)           inputs = the leading states at the step's start, and their slopes there

The rest of the model sees the leading states as functions of time. A lane keeps the leading steps from its
own time on, at most so many; where there is no room for more its step ends where they have come to.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import INTEGER, POINTER, REAL, TRUTH, Code, Value
from calor.engine.backends.llvm.dense import Dense
from calor.engine.backends.llvm.driver import AFTER_NON_FINITE, RESOLUTION, SAME_TIME, growth
from calor.engine.backends.llvm.first_steps import (
    doubt_if_a_state_begins,
    look_ahead_if_in_doubt,
    propose_first_steps,
)
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.layout import SEGMENTS, Job, Layout
from calor.engine.backends.llvm.occupancy import STOPS, WAITS, finish_lane
from calor.engine.backends.llvm.patients import CONTINUES, NOT_YET
from calor.engine.batch import Status


def cascade(layout: Layout, order: int, dense: Dense, inputs: Sequence[int]) -> list[Code]:
    """Return the functions of a layout in which states lead, some of them inputs to the rates of the rest.

    Arguments: the layout; the order of the leading steps' error, and their dense output; the inputs.
    """
    return [
        lead(layout, order, dense),
        choose_leading(layout),
        judge_leading(layout),
        follow(layout, dense, "follow", inputs),
        follow(layout, dense, "follow_all", range(layout.leading.states)),
        follow_start(layout, dense, inputs),
    ]


def lead(layout: Layout, order: int, dense: Dense) -> Code:
    """Return the function that takes the leading states on until they cover every lane's step."""
    own = driver_code("lead", layout)
    code, job = own.code, own.code.arguments["job"]
    with code.count(layout.lanes) as lane:
        _drop_passed(own, lane)
    blocked, ready, unknown = code.variable(INTEGER, 0), code.variable(INTEGER, 0), code.variable(TRUTH, 0)
    with code.loop() as loop:
        for count in (blocked, ready, unknown):
            count.set(0)
        with code.count(layout.lanes) as lane:
            code.call("choose_leading", "void", own.work, lane)
            goes = own.get_whole("leading_verdict", lane).differs(WAITS)
            covered = _is_covered(own, lane)
            steps = (own.get_whole("verdict", lane) & code.constant(WAITS, INTEGER)).equals(0)
            blocked.set(blocked.get() + code.cast("zext", goes & ~covered, INTEGER))
            ready.set(ready.get() + code.cast("zext", steps & covered, INTEGER))
            unsure = (own.get("leading_proposed", lane) <= 0.0) | (own.get("leading_doubted", lane) > 0.5)
            unknown.set(unknown.get() | goes & unsure)
        loop.leave_if(blocked.get().equals(0) | (blocked.get() < ready.get()))
        tolerances = own.splat(Job.RTOL), own.splat(Job.ATOL)
        with code.when(unknown.get()):
            propose_first_steps(own, layout.parts[0])
            look_ahead_if_in_doubt(own, layout.parts[0])
            with code.count(layout.lanes) as lane:
                code.call("choose_leading", "void", own.work, lane)
        error = code.call("attempt_leading", code.vector, own.work, *tolerances)
        own.set_vector("error", error)
        own.set_vector("factor", growth(own, error, order))
        dense.prepare(code, own.work)
        with code.count(layout.lanes) as lane:
            code.call("judge_leading", "void", own.work, job, lane)
    with code.count(layout.lanes) as lane:
        _end_where_it_is_covered(own, lane)
    code.give_back()
    return code


def _drop_passed(own: Lanes, lane: Value) -> None:
    """Forget the segments that end before a lane's time; make room where half of it is used."""
    code, time = own.code, own.get("time", lane)
    end, first = own.get_whole("end_segment", lane), code.variable(INTEGER, 0)
    first.set(own.get_whole("first_segment", lane))
    with code.loop() as loop:
        loop.leave_if(first.get() + 1 >= end)
        loop.leave_if(own.get("segment_start", lane, first.get() + 1) > time)
        first.set(first.get() + 1)
    own.set_whole("first_segment", lane, first.get())
    crowded = (end > SEGMENTS // 2) & (first.get() > 0)
    with code.when(crowded):
        left, size = end - first.get(), own.layout.leading.pieces * own.layout.leading.states
        for block, width in (("segment_start", 1), ("segment_scale", 1), ("segments", size)):
            with code.count(left * width) as i:
                own.set(block, lane, own.get(block, lane, first.get() * width + i), i)
        with code.count(end, first=left) as i:
            own.set("segment_start", lane, NOT_YET, i)
        own.set_whole("first_segment", lane, 0)
        own.set_whole("end_segment", lane, left)


def choose_leading(layout: Layout) -> Code:
    """Return the function that chooses a lane's leading step, so that stops are met exactly."""
    own = _function("choose_leading", layout, ("lane", INTEGER))
    code, lane = own.code, own.code.arguments["lane"]
    own.set("leading_step", lane, 1.0)
    own.set_whole("leading_verdict", lane, WAITS)
    room = own.get_whole("end_segment", lane) < SEGMENTS
    ahead, stop = own.get("leading_time", lane), own.get("stop", lane)
    with code.when((own.get_whole("patient", lane) >= 0) & room & (ahead < stop)):
        left = stop - ahead
        near = left <= code.intrinsic("fabs", stop) * SAME_TIME + 1e-199
        wanted = own.get("leading_proposed", lane)
        reaches = near | (wanted >= left * 0.99)
        halved = code.select(wanted * 2.0 > left, left * 0.5, wanted)
        own.set("leading_step", lane, code.select(reaches, left, halved))
        own.set_whole("leading_verdict", lane, code.select(reaches, code.constant(STOPS, INTEGER), 0))
    code.give_back()
    return code


def judge_leading(layout: Layout) -> Code:
    """Return the function that accepts or rejects a lane's leading step and proposes the next size."""
    own = driver_code("judge_leading", layout, ("lane", INTEGER))
    code, lane = own.code, own.code.arguments["lane"]
    with code.when(own.get_whole("leading_verdict", lane).differs(WAITS)):
        steps = own.get_whole("steps", lane) + 1
        own.set_whole("steps", lane, steps)
        error, step = own.get("error", lane), own.get("leading_step", lane)
        good = error <= 1.0
        with code.when(good):
            _accept(own, lane, step)
        with code.when(~good):
            shrunk = code.select(
                error < math.inf, code.smaller(own.get("factor", lane), 0.9), AFTER_NON_FINITE
            )
            own.set("leading_proposed", lane, step * shrunk)
            own.set_whole("leading_rejected", lane, 1)
            own.set("tame", lane, code.select(error < math.inf, own.get("tame", lane), 1.0))
            doubt_if_a_state_begins(own, lane, layout.parts[0])
            time = code.intrinsic("fabs", own.get("leading_time", lane))
            with code.when(step * shrunk <= time * RESOLUTION + 1e-290):
                ending = code.select(
                    error < math.inf, code.constant(Status.STEP_TOO_SMALL, INTEGER), Status.NON_FINITE
                )
                finish_lane(own, lane, ending)
        with code.when((steps >= own.count(Job.MAX_STEPS)) & (own.get_whole("patient", lane) >= 0)):
            finish_lane(own, lane, code.constant(Status.STEP_LIMIT, INTEGER))
    code.give_back()
    return code


def _accept(own: Lanes, lane: Value, step: Value) -> None:
    """Accept a leading step: keep it as a segment, go on from its end, propose the next size."""
    code, n, whole = own.code, own.layout.leading.states, own.layout
    dense, part = whole.parts[0].row("dense") - whole.row("dense"), whole.leading.pieces * n
    segment, time = own.get_whole("end_segment", lane), own.get("leading_time", lane)
    own.set("segment_start", lane, time, segment)
    own.set("segment_scale", lane, 1.0 / step, segment)
    with code.count(n) as i:
        own.set("segments", lane, own.get("y", lane, i), segment * part + i)
        own.set("segments", lane, own.get("new", lane, i), segment * part + n + i)
        new, size = own.get("new", lane, i), own.get("size", lane, i)
        own.set("y", lane, new, i)
        own.set("size", lane, code.larger(code.intrinsic("fabs", new), size), i)
    with code.count(whole.leading.dense) as i:
        own.set("segments", lane, own.get("dense", lane, i + dense), segment * part + 2 * n + i)
    own.set_whole("end_segment", lane, segment + 1)
    stops = own.get_whole("leading_verdict", lane).equals(STOPS)
    own.set("leading_time", lane, code.select(stops, own.get("stop", lane), time + step))
    factor = own.get("factor", lane)
    rejected = own.get_whole("leading_rejected", lane).equals(1)
    next_step = step * code.select(rejected, code.smaller(factor, 1.0), factor)
    before = own.get("leading_proposed", lane)
    own.set("leading_proposed", lane, code.select(stops, code.larger(next_step, before), next_step))
    own.set_whole("leading_rejected", lane, 0)
    cause = own.get_whole("leading_cause", lane)
    with code.when(cause >= 0):
        own.set("leading_restart", lane, next_step, cause)
        own.set_whole("leading_cause", lane, CONTINUES)


def _is_covered(own: Lanes, lane: Value) -> Value:
    """Return whether the leading states have come to the end of a lane's step, if it makes one."""
    code, verdict = own.code, own.get_whole("verdict", lane)
    waits = (verdict & code.constant(WAITS, INTEGER)).differs(0)
    stops = (verdict & code.constant(STOPS, INTEGER)).differs(0)
    target = code.select(stops, own.get("stop", lane), own.get("time", lane) + own.get("step", lane))
    return waits | (own.get("leading_time", lane) >= target)


def _end_where_it_is_covered(own: Lanes, lane: Value) -> None:
    """Let a lane wait that the leading states do not cover yet; without room for more, shorten its step."""
    code, present = own.code, own.get_whole("patient", lane) >= 0
    room = own.get_whole("end_segment", lane) < SEGMENTS
    uncovered = ~_is_covered(own, lane)
    with code.when(present & uncovered & ~room):
        own.set("step", lane, own.get("leading_time", lane) - own.get("time", lane))
        own.set_whole("verdict", lane, 0)
    with code.when(~present | (uncovered & room)):
        own.set("step", lane, 1.0)
        own.set_whole("verdict", lane, WAITS)


def follow(layout: Layout, dense: Dense, name: str, states: Sequence[int]) -> Code:
    """Return the function that reads some leading states within the step under way."""
    own = _function(name, layout, ("theta", f"<{layout.lanes} x double>"))
    found = _Segments.at(own, own.vector("time") + own.code.arguments["theta"] * own.vector("step"))
    within = dense.at(found.theta)
    for i in states:
        own.set_vector("inputs", within.state(found.pieces(i)), i)
    own.code.give_back()
    return own.code


def follow_start(layout: Layout, dense: Dense, states: Sequence[int]) -> Code:
    """Return the function that reads some leading states, and their slopes, where the step begins."""
    own = _function("follow_start", layout)
    found = _Segments.at(own, own.vector("time"))
    within = dense.at(found.theta)
    for i in states:
        pieces = found.pieces(i)
        own.set_vector("inputs", within.state(pieces), i)
        own.set_vector("input_slopes", within.slope(pieces) * found.scale, i)
    own.code.give_back()
    return own.code


@dataclass(frozen=True)
class _Segments:
    """Each lane's segment at its time: its address, where in it that is, and the inverse of its length.

    Without a segment, at a stop, a lane `stands`: its states are what they are.
    """

    own: Lanes
    addresses: tuple[Value, ...]
    theta: Value
    scale: Value
    stands: Value

    @classmethod
    def at(cls, own: Lanes, time: Value) -> _Segments:
        """Find the segments at a time of each lane by counting those that have begun."""
        code, row = own.code, own.layout.row
        first, end = (
            code.load(code.integers, own.work, row(f"{which}_segment")) for which in ("first", "end")
        )
        least, most = code.variable(INTEGER, SEGMENTS), code.variable(INTEGER, 0)
        with code.count(own.layout.lanes) as lane:
            least.set(code.smaller(least.get(), own.get_whole("first_segment", lane)))
            most.set(code.larger(most.get(), own.get_whole("end_segment", lane)))
        begun = code.variable(code.integers, 0)
        with code.count(most.get(), first=least.get() + 1) as i:
            begun.set(begun.get() + code.cast("zext", own.vector("segment_start", i) <= time, code.integers))
        before = code.gathered([least.get()] * own.layout.lanes)
        segment = code.larger(begun.get() + before, first)
        lanes = [code.constant(lane, INTEGER) for lane in range(own.layout.lanes)]
        places = [code.extract(segment, lane) for lane in range(own.layout.lanes)]

        def each(block: str) -> Value:
            taken = (own.get(block, *found) for found in zip(lanes, places, strict=True))
            return code.gathered(list(taken))

        width = own.layout.leading.pieces * own.layout.leading.states
        slots = (own.slot("segments", lane, place * width) for lane, place in zip(lanes, places, strict=True))
        stands, scale = end.equals(0), each("segment_scale")
        theta = (time - each("segment_start")) * scale
        return cls(
            own,
            tuple(code.element(own.work, slot) for slot in slots),
            code.select(stands, 0.0, theta),
            code.select(stands, 0.0, scale),
            stands,
        )

    def pieces(self, state: int) -> list[Value]:
        """Return what a leading state's dense output is made of: both ends, and coefficients."""
        code, layout = self.own.code, self.own.layout
        found = []
        for piece in range(layout.leading.pieces):
            place = (piece * layout.leading.states + state) * layout.lanes
            loaded = code.gathered([code.load(REAL, address, place) for address in self.addresses])
            still = self.own.vector("y", state) if piece == 0 else 0.0
            found.append(code.select(self.stands, still, loaded))
        return found


def _function(name: str, layout: Layout, *arguments: tuple[str, str]) -> Lanes:
    code = Code(name, [("work", POINTER), *arguments], lanes=layout.lanes, attributes="noinline nounwind")
    return Lanes(code, layout)
