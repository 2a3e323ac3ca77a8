"""A look ahead at how large states are going to be that begin at zero; the rule stands in `methods.sizes`.

look_ahead(work, atol)   sizes of states that had none, in lanes that are in doubt

The steps are linearly implicit ones of Euler's, made with the linear algebra of the method; afterwards the
states are what they were.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

from calor.engine.backends.llvm.builder import POINTER, TRUTH, Code, Value, Variable
from calor.engine.backends.llvm.lanes import Lanes
from calor.engine.backends.llvm.layout import Layout
from calor.engine.backends.llvm.solving import factorise, linearise, solve
from calor.engine.methods.sizes import BELIEVED, LENGTHENED, LOOKS, SHARE, UNSEEN

LEAVINGS = 2
"""How often states that have not left zero are moved once more: what is under roots of roots needs both."""


@dataclass(frozen=True)
class LookAhead:
    """Writes the function for a layout; `has_roots` says whether `linearize` gives something back."""

    layout: Layout
    has_roots: bool

    def function(self) -> Code:
        """Return the function."""
        layout, vector = self.layout, f"<{self.layout.lanes} x double>"
        arguments = [("work", POINTER), ("atol", vector)]
        code = Code(layout.name("look_ahead"), arguments, lanes=layout.lanes, attributes="noinline nounwind")
        own = Lanes(code, layout)
        if layout.first:
            code.call("follow_start", "void", own.work)
        with code.count(layout.states) as i:
            own.set_vector("extra", own.vector("y", i), i)
            own.set_vector("stage", code.constant(0.0, code.vector), i)
        time = code.variable(code.vector, own.vector("time"))
        step = code.variable(code.vector, own.vector("proposed"))
        looking = code.variable(code.vector, own.vector("doubted"))
        self._leave_zero(own, time.get(), step.get())
        with code.count(LOOKS), code.when(self._any(own, looking.get())):
            self._look(own, time, step, looking)
        self._take_over(own)
        code.give_back()
        return code

    def _leave_zero(self, own: Lanes, time: Value, step: Value) -> None:
        """Move states that have no size by their rates; again, near a root, those that stayed.

        What changes by a root of a state that is zero has no rate before that one has left zero.
        """
        code = own.code
        near_root = linearise(code, self.layout, time, self.has_roots)
        self._move(own, time, step, None)
        if near_root is not None:
            with code.when(self._any(own, near_root)), code.count(LEAVINGS):
                self._move(own, time, step, near_root > 0.5)

    def _move(self, own: Lanes, time: Value, step: Value, where: Value | None) -> None:
        """Move states that have no size by their rates, or those that have not moved yet, in some lanes."""
        code = own.code
        y, forcing, slopes = (
            code.element(own.work, self.layout.row(block), code.vector)
            for block in ("y", "forcing", "slopes")
        )
        code.call(self.layout.name("rates"), "void", own.work, y, forcing, slopes, time)
        with code.count(self.layout.states) as i:
            state, start = own.vector("y", i), own.vector("extra", i)
            moves = own.vector("size", i) <= UNSEEN
            if where is not None:
                moves = moves & where & state.equals(start)
            own.set_vector("y", code.select(moves, start + own.vector("slopes", i) * step, state), i)

    def _any(self, own: Lanes, marks: Value) -> Value:
        """Return whether any lane is marked."""
        code, marked = own.code, own.code.variable(TRUTH, 0)
        own.set_vector("theta", marks)
        with code.count(self.layout.lanes) as lane:
            marked.set(marked.get() | (own.get("theta", lane) > 0.5))
        return marked.get()

    def _look(self, own: Lanes, time: Variable, step: Variable, looking: Variable) -> None:
        """Make a step in every lane that is still looking; end it where it has come too far."""
        code = own.code
        step.set(code.smaller(step.get(), own.vector("end") - time.get()))
        linearise(code, self.layout, time.get(), self.has_roots)
        lost = factorise(code, self.layout, 1.0 / step.get())
        slopes = code.element(own.work, self.layout.row("slopes"), code.vector)
        solve(code, self.layout, slopes, lost)
        believed = code.variable(code.vector, looking.get())
        with code.count(self.layout.states) as i:
            ahead, size = own.vector("y", i) + own.vector("slopes", i), own.vector("size", i)
            own.set_vector("y", ahead, i)
            limit = code.select(size > UNSEEN, size * BELIEVED, sys.float_info.max)
            inside = code.intrinsic("fabs", ahead) <= limit
            believed.set(code.select(inside, believed.get(), 0.0))
        with code.count(self.layout.states) as i:
            largest = code.larger(code.intrinsic("fabs", own.vector("y", i)), own.vector("stage", i))
            own.set_vector("stage", code.select(believed.get() > 0.5, largest, own.vector("stage", i)), i)
        time.set(time.get() + step.get())
        step.set(step.get() * LENGTHENED)
        looking.set(code.select(time.get() < own.vector("end"), believed.get(), 0.0))

    def _take_over(self, own: Lanes) -> None:
        """Give sizes to the states that had none; put the states back."""
        code = own.code
        doubted = own.vector("doubted") > 0.5
        with code.count(self.layout.states) as i:
            own.set_vector("y", own.vector("extra", i), i)
            size, found = own.vector("size", i), own.vector("stage", i) * SHARE
            found = code.select(size > UNSEEN, size, code.larger(found, size))
            own.set_vector("size", code.select(doubted, found, size), i)
        own.set_vector("doubted", code.constant(0.0, code.vector))
