"""Equalities in triggers: what moves is equal where it passes, once in each passage.

come_to(work, rtol)       passed = 1 where sides have passed each other in the step that ends, or touched, or
                          one jumped onto it; touching = 1 where a solution cannot tell whether they touch
part(work, job)           passed = 0 in lanes that are not settled; parted = 1 if any was 1
end_touching(work, job)   ends the lanes in which touching is 1

`reference_events` has the same rules in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.expressions import Expressions
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.model import Model
from calor.engine.backends.llvm.occupancy import finish_lane
from calor.engine.batch import Status
from calor.engine.ir.program import ONCE, ROUNDING, TOUCHING
from calor.engine.symbolic.operators import Operator


@dataclass(frozen=True)
class Equalities:
    """Writes the functions of a model whose triggers ask for equality."""

    model: Model

    def functions(self) -> list[Code]:
        """Return the functions of this module."""
        return [self.come_to(), self.part(), self.end_touching()]

    def come_to(self) -> Code:
        """Return the function that finds what has become equal in the steps that end."""
        layout = self.model.layout
        arguments = [("work", POINTER), ("rtol", f"<{layout.lanes} x double>")]
        code = Code("come_to", arguments, lanes=layout.lanes, attributes="noinline nounwind", fused=False)
        own = Lanes(code, layout)
        own.set_vector("touching", code.constant(0.0, code.vector))
        with code.count(layout.lanes) as lane:
            limit, time = own.get("limit", lane), own.get("time", lane)
            own.set("probe", lane, code.select(limit > time, limit, time))
        time, groups = own.vector("probe"), self.model.program.groups
        with_held = self._writer(own, time, live=False)
        with_held.write(groups["differences"], lambda i, value: own.set_vector("difference", value, i))
        found: dict[tuple[str, int], Value] = {}
        kinds = ("equalities", "orders", "turns", "differences", "difference_sizes")

        def take(place: int, value: Value) -> None:
            kind, i = divmod(place, self.model.layout.equalities)
            found[kinds[kind], i] = value
            if all((name, i) in found for name in kinds):
                self._judge(own, time, i, [found[name, i] for name in kinds])

        self._writer(own, time, live=True).write(
            [position for kind in kinds for position in groups[kind]], take
        )
        code.give_back()
        return code

    def _judge(self, own: Lanes, time: Value, i: int, now: Sequence[Value]) -> None:
        """Say whether an equality holds where the step ends.

        `now` is what it is, order, whether the difference falls, difference, and size.
        """
        code, program = own.code, self.model.program
        equality, order, _, difference, size = now
        position = program.groups["equalities"][i]
        asks = program.operations[position].operator is Operator.EQUAL
        was = self._held(code, own, position)
        met = (equality & ~was) if asks else (~equality & was)
        passed = order ^ self._held(code, own, program.groups["orders"][i])
        jumped = code.intrinsic("fabs", difference - own.vector("difference", i)) > size * ROUNDING
        apart = code.intrinsic("fabs", difference)
        touched = self._touched(own, i, now, (~was if asks else was) & ~jumped)
        if touched is not None:
            passed = passed | touched
        again = time - own.vector("passed_at", i) <= code.intrinsic("fabs", time) * ONCE
        equal = ((jumped & (apart <= size * ROUNDING)) | (~jumped & (passed | met))) & ~again
        own.set_vector("passed", code.select(equal, code.constant(1.0, code.vector), 0.0), i)
        own.set_vector("passed_at", code.select(equal, time, own.vector("passed_at", i)), i)

    def _touched(self, own: Lanes, i: int, now: Sequence[Value], unequal: Value) -> Value | None:
        """Return whether sides that were not equal touch where their difference turns, None if it never does.

        Where a solution cannot tell, the lane is marked as touching instead.
        """
        code, program = own.code, self.model.program
        position = program.groups["turns"][i]
        if position not in self.model.held:
            return None
        _, _, falls, difference, size = now
        before = own.vector("turn_size", i)
        largest = code.select(size > before, size, before)
        own.set_vector("turn_size", largest, i)
        turned = (falls ^ self._held(code, own, position)) & unequal
        apart = code.intrinsic("fabs", difference)
        if not program.followed[i]:
            return turned & (apart <= largest * ROUNDING)
        touching = turned & (apart <= largest * code.arguments["rtol"] * TOUCHING)
        own.set_vector("touching", code.select(touching, 1.0, own.vector("touching")))
        return None

    def _held(self, code: Code, own: Lanes, position: int) -> Value:
        return code.load(code.vector, own.work, self.model.held[position]).differs(0.0)

    def part(self) -> Code:
        """Return the function that ends what was equal in passing only."""
        own = driver_code("part", self.model.layout)
        code = own.code
        first = code.constant(0, "i64")
        own.set("parted", first, 0.0)
        with (
            code.count(own.layout.lanes) as lane,
            code.when(own.unsettled(lane)),
            code.count(own.layout.equalities) as i,
            code.when(own.get("passed", lane, i) > 0.5),
        ):
            own.set("parted", first, 1.0)
            own.set("passed", lane, 0.0, i)
        code.give_back()
        return code

    def end_touching(self) -> Code:
        """Return the function that ends the lanes in which it cannot be told whether sides touch."""
        own = driver_code("end_touching", self.model.layout)
        code = own.code
        with code.count(own.layout.lanes) as lane:
            present = own.get_whole("patient", lane) >= 0
            with code.when(present & (own.get("touching", lane) > 0.5)):
                finish_lane(own, lane, code.constant(Status.TOUCHING, "i64"))
        code.give_back()
        return code

    def _writer(self, own: Lanes, time: Value, *, live: bool) -> Expressions:
        """Return the writer of the program's operations at a time and the lanes' states."""
        return self.model.expressions(own.code, own.work, time, lambda slot: own.vector("y", slot), live=live)
