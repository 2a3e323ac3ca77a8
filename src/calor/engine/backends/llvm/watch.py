"""Jumps of the rates: held while a step is made, found in the step, and let happen where they are found.

differs(work, time, point)   changed = 1 in lanes where something watched is not what is held
hold(work)                   holds what is watched as it is now, in lanes that are not settled
watch(work, job)             ends every accepted step where something watched first changes

A step is made with the comparisons, floors and ceilings of the rates held as they were at its start, so that
the solution within it is smooth. What is watched is looked at on the dense output; where it has changed the
step ends at the first number at which it has, found by halving, and the next begins with what holds then.
Where a held step leads to what is not a number (a root beyond the jump that guards it), the lane goes on with
what is `live` until a step is accepted.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.backends.llvm.builder import INTEGER, POINTER, REAL, TRUTH, Code, Value, Variable
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.model import Model, as_number
from calor.engine.backends.llvm.occupancy import CHANGED, STOPS
from calor.engine.backends.llvm.patients import interpolate_once

LOOKS = 16
"""How often a step is looked at."""
HALVINGS = 100
"""Enough to reach neighbouring numbers, or 1e-30 of the step where they lie nearer to zero."""


@dataclass(frozen=True)
class Watch:
    """Writes the functions of a model in which something is watched."""

    model: Model

    def functions(self) -> list[Code]:
        """Return the functions of this module."""
        return [self.differs(), self.hold(), watch(self.model.layout)]

    def differs(self) -> Code:
        """Return the function that compares what is watched with what is held."""
        vector = f"<{self.model.layout.lanes} x double>"
        code = self._function("differs", [("work", POINTER), ("time", vector), ("point", POINTER)])
        own, point = Lanes(code, self.model.layout), code.arguments["point"]
        different = code.variable(code.vector, 0.0)
        writer = self.model.expressions(
            code,
            own.work,
            code.arguments["time"],
            lambda slot: code.load(code.vector, point, slot),
            live=True,
        )

        def compare(place: int, value: Value) -> None:
            changed = as_number(code, value).differs(own.vector("held", place))
            different.set(code.select(changed, 1.0, different.get()))

        writer.write(self.model.program.groups["watched"], compare)
        own.set_vector("changed", different.get())
        code.give_back()
        return code

    def hold(self) -> Code:
        """Return the function that takes in what is watched as it is now."""
        code = self._function("hold", [("work", POINTER)])
        own = Lanes(code, self.model.layout)
        unsettled = own.vector("unsettled") > 0.5
        writer = self.model.expressions(
            code, own.work, own.vector("time"), lambda slot: own.vector("y", slot), live=True
        )

        def keep(place: int, value: Value) -> None:
            now = code.select(unsettled, as_number(code, value), own.vector("held", place))
            own.set_vector("held", now, place)

        writer.write(self.model.program.groups["watched"], keep)
        own.set_vector("live", code.select(unsettled, 0.0, own.vector("live")))
        code.give_back()
        return code

    def _function(self, name: str, arguments: list[tuple[str, str]]) -> Code:
        lanes = self.model.layout.lanes
        return Code(name, arguments, lanes=lanes, attributes="noinline nounwind", fused=False)


def watch(layout: Layout) -> Code:
    """Return the function that looks for changes in the steps just accepted."""
    own = driver_code("watch", layout)
    code = own.code
    accepted, found = code.variable(TRUTH, 0), code.variable(TRUTH, 0)
    with code.count(layout.lanes) as lane:
        time = own.get("time", lane)
        moved = own.get("limit", lane) > time
        accepted.set(accepted.get() | moved)
        own.set("before", lane, time)
        own.set("after", lane, code.select(moved, own.get("limit", lane), time))
        own.set_whole("found", lane, 0)
    with code.when(accepted.get()):
        interpolate_once(own)
        with code.count(LOOKS + 1, first=1) as look:
            _look_at(own, look, found)
    with code.when(found.get()):
        _halve(own)
        with code.count(layout.lanes) as lane, code.when(own.get_whole("found", lane).equals(1)):
            _cut(own, lane)
    code.give_back()
    return code


def _look_at(own: Lanes, look: Value, found: Variable) -> None:
    """Look at one place in every step; remember the first at which there is a change, and the last before."""
    code = own.code
    part = code.cast("sitofp", look, REAL) * (1.0 / LOOKS)
    with code.count(own.layout.lanes) as lane:
        limit = own.get("limit", lane)
        moved = limit > own.get("time", lane)
        inside = code.select(look.equals(LOOKS), limit, own.get("time", lane) + own.get("step", lane) * part)
        own.set("probe", lane, code.select(moved, inside, own.get("time", lane)))
    _compare(own)
    with code.count(own.layout.lanes) as lane:
        moved = own.get("limit", lane) > own.get("time", lane)
        with code.when(moved & own.get_whole("found", lane).equals(0)):
            changed = _narrow(own, lane)
            with code.when(changed):
                own.set_whole("found", lane, 1)
                found.set(1)


def _narrow(own: Lanes, lane: Value) -> Value:
    """Move one end of where the change lies to the place just looked at; return whether it had changed."""
    code, probe = own.code, own.get("probe", lane)
    changed = own.get("changed", lane) > 0.5
    own.set("after", lane, code.select(changed, probe, own.get("after", lane)))
    own.set("before", lane, code.select(changed, own.get("before", lane), probe))
    return changed


def _compare(own: Lanes) -> None:
    """Compare what is watched at each lane's probe with what is held."""
    code, probe = own.code, own.vector("probe")
    theta = (probe - own.vector("time")) / own.vector("step")
    code.call("between", "void", own.work, theta)
    point = code.element(own.work, own.layout.row("stage"), code.vector)
    code.call("differs", "void", own.work, probe, point)


def _halve(own: Lanes) -> None:
    """Halve where the changes lie, down to neighbouring numbers."""
    code = own.code
    open_still, halvings = code.variable(TRUTH, 0), code.variable(INTEGER, 0)
    with code.loop() as loop:
        halvings.set(halvings.get() + 1)
        open_still.set(0)
        with code.count(own.layout.lanes) as lane:
            before, after = own.get("before", lane), own.get("after", lane)
            middle = (before + after) * 0.5
            inside = (middle > before) & (middle < after) & own.get_whole("found", lane).equals(1)
            own.set("probe", lane, code.select(inside, middle, after))
            open_still.set(open_still.get() | inside)
        loop.leave_if(~open_still.get() | (halvings.get() > HALVINGS))
        _compare(own)
        with code.count(own.layout.lanes) as lane:
            probe = own.get("probe", lane)
            with code.when(probe < own.get("after", lane)):
                _narrow(own, lane)


def _cut(own: Lanes, lane: Value) -> None:
    """End a lane's step at the change, unless that is where it was to stop anyway."""
    code, after = own.code, own.get("after", lane)
    with code.when(after < own.get("stop", lane)):
        own.set("limit", lane, after)
        own.set("cut", lane, (after - own.get("time", lane)) / own.get("step", lane))
        verdict = own.get_whole("verdict", lane) & code.constant(~STOPS, INTEGER)
        own.set_whole("verdict", lane, verdict | code.constant(CHANGED, INTEGER))
