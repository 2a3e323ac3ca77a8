"""Operations with an edge, such as a root at zero: a lane ends where its model is not defined.

edges(work)              beyond = 1 in lanes whose operands lie further beyond than an error takes them
end_beyond(work, job)    ends the lanes that are

Within a step, and by a solver's error, what lies beyond an edge counts as the edge; `ir.program` says how far
is too far. Where some states lead, these are ahead of the others, and nothing is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from calor.engine.backends.llvm.builder import POINTER, Code, Value
from calor.engine.backends.llvm.lanes import Lanes, driver_code
from calor.engine.backends.llvm.model import Model
from calor.engine.backends.llvm.occupancy import finish_lane
from calor.engine.batch import Status
from calor.engine.ir.program import BEYOND_EDGE, LEAST_SIZE


@dataclass(frozen=True)
class Edges:
    """Writes the functions of a model with operations that have an edge."""

    model: Model

    def functions(self) -> list[Code]:
        """Return the functions of this module."""
        return [self.edges(), self.end_beyond()]

    def edges(self) -> Code:
        """Return the function that looks how far operands lie beyond their edges."""
        layout, groups = self.model.layout, self.model.program.groups
        code = Code("edges", [("work", POINTER)], lanes=layout.lanes, attributes="noinline nounwind")
        own, count = Lanes(code, layout), layout.edges
        largest = code.variable(code.vector, 0.0)
        with code.count(layout.states) as i:
            size = code.intrinsic("fabs", own.vector("y", i))
            largest.set(code.select(size > largest.get(), size, largest.get()))
        beyond = code.variable(code.vector, 0.0)
        writer = self.model.expressions(
            code, own.work, own.vector("time"), lambda slot: own.vector("y", slot), live=True
        )
        inside: dict[int, Value] = {}
        sizes: dict[int, Value] = {}

        def take(place: int, value: Value) -> None:
            (inside if place < count else sizes)[place % count] = value
            if place % count not in inside or place % count not in sizes:
                return
            i = place % count
            before = own.vector("edge_size", i)
            size = code.select(sizes[i] > before, sizes[i], before)
            own.set_vector("edge_size", size, i)
            least = largest.get() * LEAST_SIZE
            size = code.select(size > least, size, least)
            beyond.set(code.select(inside[i] < size * -BEYOND_EDGE, 1.0, beyond.get()))

        writer.write([*groups["edges"], *groups["edge_sizes"]], take)
        own.set_vector("beyond", beyond.get())
        code.give_back()
        return code

    def end_beyond(self) -> Code:
        """Return the function that ends the lanes whose rates are not defined where they are."""
        own = driver_code("end_beyond", self.model.layout)
        code = own.code
        code.call("edges", "void", own.work)
        with code.count(own.layout.lanes) as lane:
            present = own.get_whole("patient", lane) >= 0
            with code.when(present & (own.get("beyond", lane) > 0.5)):
                finish_lane(own, lane, code.constant(Status.UNDEFINED, "i64"))
        code.give_back()
        return code
