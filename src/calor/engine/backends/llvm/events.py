"""Events, by the rules of SBML Level 3: fired where a trigger rises, executed one by one when they are due.

look(work)                         triggers, delays, priorities and assignments as they are now
begin_events(work, job, lane)      what triggers count as before the start; nothing waits
happen(work, job, lane) -> truth   fires what rose, executes the foremost of what is due; whether any was
events(work, job)                  lets all happen that is due in lanes that are not settled

Executions wait in a queue of the lane in the order in which they fired. `reference_events` has the same rules
in Python; the contract suite holds both to the same answers.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.backends.llvm.builder import INTEGER, REAL, TRUTH, Code, Value
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.layout import EVENT_ROOM, Job
from calor.engine.backends.llvm.model import Model, as_number
from calor.engine.backends.llvm.occupancy import finish_lane
from calor.engine.backends.llvm.patients import CHANGE, NEVER
from calor.engine.batch import Status
from calor.engine.ir.program import LOT_FACTOR, LOT_INCREMENT, MOST_AT_ONCE

NO_ROOM = MOST_AT_ONCE + 10_000
"""What `executed` of a lane says when its queue was full."""


@dataclass(frozen=True)
class Events:
    """Writes the functions of a model with events."""

    model: Model

    def functions(self) -> list[Code]:
        """Return the functions of this module."""
        return [self.look(), self.begin_events(), self.happen(), self.events()]

    def look(self) -> Code:
        """Return the function that computes all that events need to know."""
        layout, groups = self.model.layout, self.model.program.groups
        code = Code(
            "look", [("work", "ptr")], lanes=layout.lanes, attributes="noinline nounwind", fused=False
        )
        own = Lanes(code, layout)
        places = [
            (position, layout.row(group, i))
            for group in ("triggers", "delays", "priorities", "assignments", "assignment_scales")
            for i, position in enumerate(groups[group])
        ]
        writer = self.model.expressions(
            code, own.work, own.vector("time"), lambda slot: own.vector("y", slot), live=True, passing=True
        )
        writer.write(
            [position for position, _ in places],
            lambda place, value: code.store(as_number(code, value), own.work, places[place][1]),
        )
        code.give_back()
        return code

    def begin_events(self) -> Code:
        """Return the function that puts a patient's events at a start."""
        own = driver_code("begin_events", self.model.layout, ("lane", INTEGER))
        code, lane = own.code, own.code.arguments["lane"]
        for block in ("waiting", "lot", "executed"):
            own.set_whole(block, lane, 0)
        with code.count(self.model.layout.equalities) as i:
            own.set("passed", lane, 0.0, i)
            own.set("passed_at", lane, NEVER, i)
            own.set("turn_size", lane, 0.0, i)
        with code.count(self.model.layout.events) as event:
            own.set_whole("holding", lane, self._told(code, event, "initial_value"), event)
        code.give_back()
        return code

    def happen(self) -> Code:
        """Return the function that takes a lane's events one execution on."""
        own = driver_code("happen", self.model.layout, ("lane", INTEGER), result=TRUTH)
        code, lane = own.code, own.code.arguments["lane"]
        self._cancel_what_fell(own, lane)
        self._fire_what_rose(own, lane)
        chosen = self._foremost(own, lane)
        with code.when(chosen >= 0):
            self._execute(own, lane, chosen)
        executed = own.get_whole("executed", lane)
        endless = executed >= MOST_AT_ONCE
        with code.when(endless):
            full = code.constant(Status.NO_ROOM_FOR_EVENTS, INTEGER)
            finish_lane(own, lane, code.select(executed >= NO_ROOM, full, Status.STEP_LIMIT))
        code.give_back((chosen >= 0) & ~endless)
        return code

    def events(self) -> Code:
        """Return the function that lets happen what is due wherever a lane is not settled.

        Where no event is due, what the calendar still holds for that time acts, and events see it again. At
        the end of all they see that what has become equal in passing is so no more.
        """
        own = driver_code("events", self.model.layout)
        code, job, any_happened = own.code, own.code.arguments["job"], own.code.variable(TRUTH, 0)
        with code.loop() as loop:
            any_happened.set(0)
            code.call("look", "void", own.work)
            with code.count(own.layout.lanes) as lane, code.when(own.unsettled(lane)):
                happened = code.call("happen", TRUTH, own.work, job, lane)
                any_happened.set(any_happened.get() | happened)
                with code.when(~happened & own.unsettled(lane) & _calendar_waits(own, lane)):
                    code.call("arrive", "void", own.work, job, lane, code.constant(0, TRUTH))
                    any_happened.set(1)
            if own.layout.equalities:
                with code.when(~any_happened.get()):
                    code.call("part", "void", own.work, job)
                    any_happened.set(own.get("parted", code.constant(0, INTEGER)) > 0.5)
            loop.leave_if(~any_happened.get())
        with code.count(own.layout.lanes) as lane, code.when(own.unsettled(lane)):
            own.set_whole("executed", lane, 0)
            with code.count(own.get_whole("waiting", lane)) as place:
                due = own.get("queue_time", lane, place)
                own.set("stop", lane, code.smaller(own.get("stop", lane), due))
        code.give_back()
        return code

    def _cancel_what_fell(self, own: Lanes, lane: Value) -> None:
        """Take from the queue what does not persist and whose trigger has fallen."""
        code = own.code
        with code.count(self.model.layout.events) as event:
            fell = ~_triggered(own, lane, event) & own.get_whole("holding", lane, event).differs(0)
            persists = self._told(code, event, "persistent")
            with code.when(fell & persists.equals(0)):
                kept = code.variable(INTEGER, 0)
                with (
                    code.count(own.get_whole("waiting", lane)) as place,
                    code.when(own.get_whole("queue_event", lane, place).differs(event)),
                ):
                    self._move(own, lane, place, kept.get())
                    kept.set(kept.get() + 1)
                own.set_whole("waiting", lane, kept.get())

    def _fire_what_rose(self, own: Lanes, lane: Value) -> None:
        """Put into the queue every event whose trigger has risen; from now on triggers hold as they are."""
        code = own.code
        with code.count(self.model.layout.events) as event:
            triggered = _triggered(own, lane, event)
            rose = triggered & own.get_whole("holding", lane, event).equals(0)
            own.set_whole("holding", lane, code.cast("zext", triggered, INTEGER), event)
            place = own.get_whole("waiting", lane)
            with code.when(rose & (place >= EVENT_ROOM)):
                own.set_whole("executed", lane, NO_ROOM)
            with code.when(rose & (place < EVENT_ROOM)):
                own.set_whole("waiting", lane, place + 1)
                own.set_whole("queue_event", lane, event, place)
                delay = code.larger(own.get("delays", lane, event), 0.0)
                own.set("queue_time", lane, own.get("time", lane) + delay, place)
                first = self._told(code, event, "first_assignment")
                with code.count(self._told(code, event, "targets")) as i:
                    value = own.get("assignments", lane, first + i)
                    own.set("queue_values", lane, value, place * self.model.layout.widest_event + i)

    def _foremost(self, own: Lanes, lane: Value) -> Value:
        """Return the place of the due execution of highest priority, ties by lot; -1 where none is due."""
        code = own.code
        best, tied = code.variable(REAL, 0.0), code.variable(INTEGER, 0)
        chosen, seen = code.variable(INTEGER, -1), code.variable(INTEGER, 0)
        now, waiting = own.get("time", lane), own.get_whole("waiting", lane)
        with code.count(waiting) as place, code.when(own.get("queue_time", lane, place) <= now):
            rank = self._rank(own, lane, place)
            higher = tied.get().equals(0) | (rank > best.get())
            equal = ~higher & rank.equals(best.get())
            chosen.set(code.select(higher, place, chosen.get()))
            best.set(code.select(higher, rank, best.get()))
            many = code.select(equal, tied.get() + 1, tied.get())
            tied.set(code.select(higher, code.constant(1, INTEGER), many))
        with code.when(tied.get() > 1):
            lot = own.get_whole("lot", lane) * LOT_FACTOR + LOT_INCREMENT
            own.set_whole("lot", lane, lot)
            drawn = code.op(INTEGER, f"lshr i64 {lot.text}, 33")
            drawn = code.op(INTEGER, f"urem i64 {drawn.text}, {tied.get().text}")
            with code.count(waiting) as place, code.when(own.get("queue_time", lane, place) <= now):
                among = self._rank(own, lane, place).equals(best.get())
                chosen.set(code.select(among & seen.get().equals(drawn), place, chosen.get()))
                seen.set(code.select(among, seen.get() + 1, seen.get()))
        return chosen.get()

    def _rank(self, own: Lanes, lane: Value, place: Value) -> Value:
        """Return the priority of a waiting execution; without one it comes last."""
        code, event = own.code, own.get_whole("queue_event", lane, place)
        ranked = self._told(code, event, "has_priority").differs(0)
        return code.select(ranked, own.get("priorities", lane, event), -float("inf"))

    def _execute(self, own: Lanes, lane: Value, chosen: Value) -> None:
        """Make the assignments of a waiting execution and take it from the queue."""
        code, width = own.code, self.model.layout.widest_event
        event = own.get_whole("queue_event", lane, chosen)
        first = self._told(code, event, "first_assignment")
        early = self._told(code, event, "use_values_from_trigger_time").differs(0)
        targets = [target for plan in self.model.program.events for target in plan.targets]
        with code.count(self._told(code, event, "targets")) as i:
            taken = own.get("queue_values", lane, chosen * width + i)
            value = code.select(early, taken, own.get("assignments", lane, first + i))
            value = value * own.get("assignment_scales", lane, first + i)
            target = code.load(INTEGER, code.table("targets", targets), first + i)
            own.set("y", lane, value, target)
        last = own.get_whole("waiting", lane) - 1
        with code.count(last, first=chosen) as place:
            self._move(own, lane, place + 1, place)
        own.set_whole("waiting", lane, last)
        own.set_whole("executed", lane, own.get_whole("executed", lane) + 1)
        own.set_whole("cause", lane, CHANGE)
        own.set("proposed", lane, own.get("restart", lane, CHANGE))

    def _move(self, own: Lanes, lane: Value, place: Value, to: Value) -> None:
        """Move an execution to another place of the queue."""
        code, width = own.code, self.model.layout.widest_event
        own.set_whole("queue_event", lane, own.get_whole("queue_event", lane, place), to)
        own.set("queue_time", lane, own.get("queue_time", lane, place), to)
        with code.count(width) as i:
            own.set("queue_values", lane, own.get("queue_values", lane, place * width + i), to * width + i)

    def _told(self, code: Code, event: Value, fact: str) -> Value:
        """Return what the plan of an event says, from a table of all events; of targets, how many."""
        said = [getattr(plan, fact) for plan in self.model.program.events]
        numbers = [len(fact) if isinstance(fact, tuple) else int(fact) for fact in said]
        return code.load(INTEGER, code.table(f"event_{fact}", numbers), event)


def _calendar_waits(own: Lanes, lane: Value) -> Value:
    """Return whether the calendar holds more for a lane's time."""
    code, entry = own.code, own.get_whole("entry", lane)
    waits = code.variable(TRUTH, 0)
    with code.when(entry < own.get_whole("entry_end", lane)):
        waits.set(code.load(REAL, own.array(Job.ENTRY_TIMES), entry) <= own.get("time", lane))
    return waits.get()


def _triggered(own: Lanes, lane: Value, event: Value) -> Value:
    return own.get("triggers", lane, event) > 0.5
