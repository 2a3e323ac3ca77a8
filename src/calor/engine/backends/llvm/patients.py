"""A patient's way through a lane: in, along its calendar, through the times to save, and out.

load(work, job, lane, patient)   the patient's start and parameters into the lane
begin(work, job, lane)           initial states, and the calendar's entries at the start
arrive(work, job, lane, pauses)  the calendar's entries at the lane's time; the next stop
save(work, job, inclusive)       outputs at the times before each lane's limit (or at it, if inclusive)
finish(work, job, lane, status)  status and final states out; the lane is free
"""

from __future__ import annotations

from calor.engine.backends.llvm.builder import INTEGER, REAL, TRUTH, Code, Value, Variable
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.layout import CAUSES, SEGMENTS, Job, Layout
from calor.engine.batch import Status
from calor.engine.calendar import Action
from calor.engine.methods.sizes import UNSEEN

FREE = -1
"""The patient of a lane that has none."""

CONTINUES = -1
"""The cause of a step that no discontinuity precedes."""

START, CHANGE = 5, 6
"""Causes of a first step besides a calendar's actions: the start, and a change of what is watched."""

NEVER = -1.7976931348623157e308
NOT_YET = -NEVER


def load(layout: Layout) -> Code:
    """Return the function that takes a patient's start and parameters into a lane."""
    own = driver_code("load", layout, ("lane", INTEGER), ("patient", INTEGER))
    code, lane, patient = own.code, own.code.arguments["lane"], own.code.arguments["patient"]
    own.set_whole("patient", lane, patient)
    start = code.load(REAL, own.array(Job.STARTS), patient)
    own.set("start", lane, start)
    own.set("time", lane, start)
    defaults = own.array(Job.DEFAULTS)
    with code.count(layout.parameters) as i:
        own.set("parameters", lane, code.load(REAL, defaults, i), i)
    _override(own, "parameters", Job.PARAMETERS, Job.PARAMETER_SLOTS, Job.N_PARAMETERS)
    code.give_back()
    return code


def _override(own: Lanes, block: str, values: Job, slots: Job, count: Job) -> None:
    """Write the patient's row of a table over items of a block."""
    code, lane = own.code, own.code.arguments["lane"]
    width = own.count(count)
    row = own.get_whole("patient", lane) * width
    table, places = own.array(values), own.array(slots)
    with code.count(width) as i:
        own.set(block, lane, code.load(REAL, table, row + i), code.load(INTEGER, places, i))


def begin(layout: Layout) -> Code:
    """Return the function that puts a loaded patient at its start."""
    own = driver_code("begin", layout, ("lane", INTEGER))
    code, lane = own.code, own.code.arguments["lane"]
    with code.count(layout.states) as i:
        own.set("begin", lane, own.get("initial", lane, i), i)
    _override(own, "begin", Job.STATES, Job.STATE_SLOTS, Job.N_STATES)
    with code.count(layout.states) as i:
        own.set("y", lane, own.get("begin", lane, i), i)
        own.set("forcing", lane, 0.0, i)
        own.set("size", lane, UNSEEN, i)
    own.set("step", lane, 1.0)
    own.set("proposed", lane, 0.0)
    own.set("doubted", lane, 0.0)
    own.set("tame", lane, 0.0)
    patient = own.get_whole("patient", lane)
    for block in ("steps", "saved", "rejected", "crawled"):
        own.set_whole(block, lane, 0)
    own.set_whole("cause", lane, START)
    for cause in range(CAUSES):
        own.set("restart", lane, 0.0, cause)
    if layout.leading.states:
        _begin_leading(own, lane)
    with code.count(layout.edges) as i:
        own.set("edge_size", lane, 0.0, i)
    calendar = code.load(INTEGER, own.array(Job.CALENDAR_OF), patient)
    first = own.array(Job.CALENDAR_FIRST)
    own.set_whole("entry", lane, code.load(INTEGER, first, calendar))
    own.set_whole("entry_end", lane, code.load(INTEGER, first, calendar + 1))
    own.set("end", lane, code.larger(own.get("start", lane), _end(own, patient)))
    if layout.events:
        code.call("begin_events", "void", own.work, code.arguments["job"], lane)
    pauses = code.constant(bool(layout.events), TRUTH)
    code.call("arrive", "void", own.work, code.arguments["job"], lane, pauses)
    code.call("begin_summaries", "void", own.work, code.arguments["job"], lane)
    code.give_back()
    return code


def _begin_leading(own: Lanes, lane: Value) -> None:
    """Put what leads at the patient's start."""
    own.set("leading_proposed", lane, 0.0)
    own.set("leading_doubted", lane, 0.0)
    own.set("leading_tame", lane, 0.0)
    for block in ("rejected", "steps", "ended"):
        own.set_whole(f"leading_{block}", lane, 0)
    own.set_whole("leading_cause", lane, START)
    own.set_whole("end_segment", lane, SEGMENTS)
    for cause in range(CAUSES):
        own.set("leading_restart", lane, 0.0, cause)


def _end(own: Lanes, patient: Value) -> Value:
    """Return the last time asked for of a patient."""
    code, n_times = own.code, own.count(Job.N_TIMES)
    end = code.variable(REAL, own.number(Job.END))
    with code.when(n_times > 0):
        last = patient * own.count(Job.SAVE_STRIDE) + n_times - 1
        end.set(code.larger(code.load(REAL, own.array(Job.SAVE_AT), last), end.get()))
    return end.get()


def arrive(layout: Layout) -> Code:
    """Return the function that applies the calendar's entries at the lane's time.

    It pauses, at once if it is told to, where events begin: these first see the states without what the
    calendar does next at that time, so that a dose may make a trigger true. `events` calls it again.
    """
    own = driver_code("arrive", layout, ("lane", INTEGER), ("pauses", TRUTH))
    code, lane = own.code, own.code.arguments["lane"]
    now = own.get("time", lane)
    own.set("limit", lane, now)
    own.set("unsettled", lane, 1.0)
    times, last = own.array(Job.ENTRY_TIMES), own.get_whole("entry_end", lane)
    entry = code.variable(INTEGER, own.get_whole("entry", lane))
    pauses = code.variable(TRUTH, code.arguments["pauses"])
    own.set("stop", lane, own.get("end", lane))
    if layout.leading.states:
        own.set("leading_time", lane, now)
        with code.count(own.get_whole("end_segment", lane)) as i:
            own.set("segment_start", lane, NOT_YET, i)
        own.set_whole("first_segment", lane, 0)
        own.set_whole("end_segment", lane, 0)
    with code.loop() as loop:
        position = entry.get()
        loop.leave_if(position >= last)
        next_time = code.load(REAL, times, position)
        own.set("stop", lane, code.smaller(next_time, own.get("end", lane)))
        loop.leave_if((next_time > now) | pauses.get())
        own.set("stop", lane, own.get("end", lane))
        _act(own, lane, position, pauses)
        entry.set(position + 1)
    own.set_whole("entry", lane, entry.get())
    code.give_back()
    return code


def _act(own: Lanes, lane: Value, position: Value, pauses: Variable) -> None:
    """Apply one entry of the calendar; `pauses` is set where events begin."""
    code, layout = own.code, own.layout
    action = code.load(INTEGER, own.array(Job.ENTRY_ACTIONS), position)
    target = code.load(INTEGER, own.array(Job.ENTRY_TARGETS), position)
    value = code.load(REAL, own.array(Job.ENTRY_VALUES), position)
    own.set_whole("cause", lane, action)
    own.set("proposed", lane, own.get("restart", lane, action))
    if layout.leading.states:
        own.set_whole("leading_cause", lane, action)
        own.set("leading_proposed", lane, own.get("leading_restart", lane, action))
    with code.when(action.equals(Action.ADD)):
        own.set("y", lane, own.get("y", lane, target) + value, target)
    with code.when(action.equals(Action.RATE)):
        own.set("forcing", lane, own.get("forcing", lane, target) + value, target)
    with code.when(action.equals(Action.SCALE)):
        own.set("y", lane, own.get("y", lane, target) * value, target)
    with code.when(action.equals(Action.SET)):
        own.set("y", lane, value, target)
    with code.when(action.equals(Action.RESET)), code.count(layout.states) as i:
        own.set("y", lane, own.get("begin", lane, i), i)
        own.set("forcing", lane, 0.0, i)
    if layout.events:
        with code.when(action.equals(Action.RESET)):
            code.call("begin_events", "void", own.work, code.arguments["job"], lane)
            pauses.set(1)


def save(layout: Layout) -> Code:
    """Return the function that saves outputs up to each lane's limit."""
    own = driver_code("save", layout, ("inclusive", TRUTH))
    code = own.code
    n_outputs = own.count(Job.N_OUTPUTS)
    n_times = code.select(n_outputs > 0, own.count(Job.N_TIMES), 0)
    outputs = own.array(Job.OUTPUTS)
    waiting = code.variable(TRUTH, 0)
    with code.loop() as loop:
        waiting.set(0)
        with code.count(layout.lanes) as lane:
            own.set("theta", lane, 0.0)
            own.set_whole("due", lane, 0)
            with code.when(own.get_whole("saved", lane) < n_times):
                _mark_waiting(own, lane, waiting)
        loop.leave_if(~waiting.get())
        interpolate_once(own)
        call_observe(own, own.vector("theta"))
        with code.count(layout.lanes) as lane, code.when(own.get_whole("due", lane).equals(1)):
            saved = own.get_whole("saved", lane)
            row = (own.get_whole("patient", lane) * n_times + saved) * n_outputs
            with code.count(n_outputs) as i:
                code.store(own.get("observed", lane, i), outputs, row + i)
            own.set_whole("saved", lane, saved + 1)
    code.give_back()
    return code


def call_observe(own: Lanes, theta: Value) -> None:
    """Compute the observed quantities at a place within the step just made."""
    if own.layout.leading.states:
        own.code.call("follow_observed", "void", own.work, own.code.arguments["job"], theta)
    own.code.call("observe_all", "void", own.work, own.code.arguments["job"], theta)


def interpolate_once(own: Lanes) -> None:
    """Prepare the dense output unless that was done since the last step."""
    first = own.code.constant(0, INTEGER)
    with own.code.when(own.get_whole("interpolated", first).equals(0)):
        own.set_whole("interpolated", first, 1)
        own.code.call("interpolation", "void", own.work)


def _mark_waiting(own: Lanes, lane: Value, waiting: Variable) -> None:
    """Mark a lane whose next time to save lies within its limit, and where in the step it lies."""
    code = own.code
    row = own.get_whole("patient", lane) * own.count(Job.SAVE_STRIDE)
    due = code.load(REAL, own.array(Job.SAVE_AT), row + own.get_whole("saved", lane))
    limit = own.get("limit", lane)
    within = (due < limit) | (due.equals(limit) & code.arguments["inclusive"])
    with code.when(within):
        waiting.set(1)
        own.set_whole("due", lane, 1)
        own.set("theta", lane, (due - own.get("time", lane)) / own.get("step", lane))


def finish(layout: Layout) -> Code:
    """Return the function that writes how a patient ended and frees its lane."""
    own = driver_code("finish", layout, ("lane", INTEGER), ("status", INTEGER))
    code, lane, status = own.code, own.code.arguments["lane"], own.code.arguments["status"]
    patient = own.get_whole("patient", lane)
    code.store(status, own.array(Job.STATUS), patient)
    code.store(own.get_whole("steps", lane), own.array(Job.STEPS), patient)
    code.store(own.get("time", lane), own.array(Job.REACHED), patient)
    with code.when(status.equals(Status.FINISHED)):
        final = own.array(Job.FINAL_STATES)
        with code.count(layout.states) as i:
            code.store(own.get("y", lane, i), final, patient * layout.states + i)
    ended = status.equals(Status.FINISHED)
    code.call("end_summaries", "void", own.work, code.arguments["job"], lane, ended)
    own.set_whole("patient", lane, FREE)
    own.set_whole("saved", lane, 2**62)
    finished = own.array(Job.FINISHED)
    code.do(f"%done = atomicrmw add ptr {finished.text}, i64 1 monotonic")
    code.give_back()
    return code
