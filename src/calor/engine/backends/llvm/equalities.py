"""Equalities in triggers: what moves is equal where it passes, once in each passage.

come_to(work)      passed = 1 where sides have passed each other in the step that ends, or one jumped onto it
part(work, job)    passed = 0 in lanes that are not settled; parted = 1 if any was 1

`reference_events` has the same rules in Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.expressions import Expressions
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.model import Model
from calor.engine.ir.program import ONCE, ROUNDING
from calor.engine.symbolic.operators import Operator


@dataclass(frozen=True)
class Equalities:
    """Writes the functions of a model whose triggers ask for equality."""

    model: Model

    def functions(self) -> list[Code]:
        """Return the functions of this module."""
        return [self.come_to(), self.part()]

    def come_to(self) -> Code:
        """Return the function that finds what has become equal in the steps that end."""
        layout = self.model.layout
        code = Code(
            "come_to", [("work", POINTER)], lanes=layout.lanes, attributes="noinline nounwind", fused=False
        )
        own = Lanes(code, layout)
        with code.count(layout.lanes) as lane:
            limit, time = own.get("limit", lane), own.get("time", lane)
            own.set("probe", lane, code.select(limit > time, limit, time))
        time, groups = own.vector("probe"), self.model.program.groups
        with_held = self._writer(own, time, live=False)
        with_held.write(groups["differences"], lambda i, value: own.set_vector("difference", value, i))
        found: dict[tuple[str, int], Value] = {}
        kinds = ("equalities", "orders", "differences", "difference_sizes")

        def take(place: int, value: Value) -> None:
            kind, i = divmod(place, self.model.layout.equalities)
            found[kinds[kind], i] = value
            if kinds[kind] == kinds[-1]:
                self._judge(own, time, i, [found[name, i] for name in kinds])

        self._writer(own, time, live=True).write(
            [position for kind in kinds for position in groups[kind]], take
        )
        code.give_back()
        return code

    def _judge(self, own: Lanes, time: Value, i: int, now: Sequence[Value]) -> None:
        """Say whether an equality holds where the step ends, given what it is, order, difference and size."""
        code, program = own.code, self.model.program
        equality, order, difference, size = now
        position = program.groups["equalities"][i]
        asks = program.operations[position].operator is Operator.EQUAL
        was = self._held(code, own, position)
        met = (equality & ~was) if asks else (~equality & was)
        passed = order ^ self._held(code, own, program.groups["orders"][i])
        jumped = code.intrinsic("fabs", difference - own.vector("difference", i)) > size * ROUNDING
        onto = code.intrinsic("fabs", difference) <= size * ROUNDING
        again = time - own.vector("passed_at", i) <= code.intrinsic("fabs", time) * ONCE
        equal = ((jumped & onto) | (~jumped & (passed | met))) & ~again
        own.set_vector("passed", code.select(equal, code.constant(1.0, code.vector), 0.0), i)
        own.set_vector("passed_at", code.select(equal, time, own.vector("passed_at", i)), i)

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

    def _writer(self, own: Lanes, time: Value, *, live: bool) -> Expressions:
        """Return the writer of the program's operations at a time and the lanes' states."""
        return self.model.expressions(own.code, own.work, time, lambda slot: own.vector("y", slot), live=live)
