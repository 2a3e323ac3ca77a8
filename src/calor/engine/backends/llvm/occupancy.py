"""Who is in the lanes: patients taken into free ones, those who have arrived settled, the finished let go."""

from __future__ import annotations

from calor.engine.backends.llvm.builder import INTEGER, REAL, TRUTH, Code, Value, Variable
from calor.engine.backends.llvm.lanes import Lanes, any_of, driver_code
from calor.engine.backends.llvm.layout import Job, Layout
from calor.engine.backends.llvm.patients import FREE, NEVER
from calor.engine.batch import Status

ACCEPTED, STOPS, WAITS, FRESH, CHANGED = 1, 2, 4, 8, 16
"""What `verdict` of a lane says of the step under way."""


def said(own: Lanes, mark: int) -> Value:
    """Return in which lanes the verdict on the step under way says something."""
    code = own.code
    return (own.wholes("verdict") & code.constant(mark, code.integers)).differs(0)


def finish_lane(own: Lanes, lane: Value, status: Value) -> None:
    """End a lane's patient with a status."""
    own.code.call("finish", "void", own.work, own.code.arguments["job"], lane, status)


def finish_lanes(own: Lanes, where: Value, statuses: Value) -> None:
    """End the patients of the lanes in which a condition holds, each with a status."""
    code = own.code
    with code.when(any_of(code, where)):
        for lane in range(own.layout.lanes):
            with code.when(code.extract(where, lane)):
                finish_lane(own, code.constant(lane, INTEGER), code.extract(statuses, lane))


def end_beyond_edges(own: Lanes) -> None:
    """End the lanes that stand where their rates are not defined."""
    if own.layout.edges:
        own.code.call("end_beyond", "void", own.work, own.code.arguments["job"])


def refill(layout: Layout) -> Code:
    """Return the function that takes patients into free lanes; false once none is left to take."""
    own = driver_code("refill", layout, result=TRUTH)
    code, job = own.code, own.code.arguments["job"]
    total, first = own.count(Job.N_PATIENTS), code.variable(INTEGER, 0)
    taken, left = code.variable(TRUTH, 0), code.variable(TRUTH, 1)
    # A group steps together, so it starts in lanes that are all free.
    awaited = occupied_lanes(own) & own.count(Job.TOGETHER).differs(0)
    with code.count(layout.lanes) as lane:
        own.set("limit", lane, NEVER)
        own.set_whole("verdict", lane, WAITS)
        with code.when(own.get_whole("patient", lane).equals(FREE) & ~awaited):
            patient = _next_patient(own, lane, first)
            left.set(left.get() & (patient < total))
            with code.when(patient < total):
                code.call("load", "void", own.work, job, lane, patient)
                own.set_whole("verdict", lane, FRESH)
                taken.set(1)
    with code.when(taken.get()):
        code.call("prepare", "void", own.work, own.vector("time"))
        with (
            code.count(layout.lanes) as lane,
            code.when(own.get_whole("verdict", lane).equals(FRESH)),
        ):
            code.call("begin", "void", own.work, job, lane)
        end_beyond_edges(own)
        settle(own)
    code.give_back(left.get())
    return code


def _next_patient(own: Lanes, lane: Value, first: Variable) -> Value:
    """Return the patient that a free lane takes; in a group, those after the one of its first lane."""
    code, together = own.code, own.count(Job.TOGETHER).differs(0)
    leads = lane.equals(0)
    of_group = code.select(leads, code.constant(own.layout.lanes, INTEGER), 0)
    share = code.select(together, of_group, 1)
    counter = own.array(Job.NEXT_PATIENT)
    # Threads share the counter and nothing else: whoever is free takes the next, and no order is promised.
    taken = code.op(INTEGER, f"atomicrmw add ptr {counter.text}, i64 {share.text} monotonic")
    first.set(code.select(leads, taken, first.get()))
    return code.select(together, first.get() + lane, taken)


def occupied_lanes(own: Lanes) -> Value:
    """Return whether any lane has a patient."""
    code, occupied = own.code, own.code.variable(TRUTH, 0)
    with code.count(own.layout.lanes) as lane:
        occupied.set(occupied.get() | (own.get_whole("patient", lane) >= 0))
    return occupied.get()


def settle(own: Lanes) -> None:
    """Where lanes have arrived: events, what is watched held anew, values saved, the finished let go."""
    code, job = own.code, own.code.arguments["job"]
    if own.layout.events:
        code.call("events", "void", own.work, job)
    with code.count(own.layout.lanes) as lane, code.when(own.unsettled(lane)):
        _take_stock(own, lane)
    if own.layout.watched:
        code.call("hold", "void", own.work)
    own.set_vector("unsettled", code.constant(0.0, code.vector))
    code.call("save", "void", own.work, job, code.constant(1, TRUTH))
    with code.count(own.layout.lanes) as lane:
        present = own.get_whole("patient", lane) >= 0
        with code.when(present & (own.get("time", lane) >= own.get("end", lane))):
            finish_lane(own, lane, code.constant(Status.FINISHED, INTEGER))


def _take_stock(own: Lanes, lane: Value) -> None:
    """Take in how large states have become by what happened; end a lane where they are not finite."""
    code, total = own.code, own.code.variable(REAL, 0.0)
    with code.count(own.layout.states) as i:
        state = own.get("y", lane, i)
        # Zero times a number is zero unless it is infinite or none: one sum finds any of them.
        total.set(total.get() + state * 0.0)
        own.set("size", lane, code.larger(code.intrinsic("fabs", state), own.get("size", lane, i)), i)
    with code.when(total.get().differs(0.0)):
        finish_lane(own, lane, code.constant(Status.NON_FINITE, INTEGER))
