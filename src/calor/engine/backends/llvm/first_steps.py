"""Where a lane does not know how to go on: its first step, and how large states are that begin at zero."""

from __future__ import annotations

from calor.engine.backends.llvm.builder import INTEGER, TRUTH, Value
from calor.engine.backends.llvm.lanes import Lanes, any_of
from calor.engine.backends.llvm.layout import CAUSES, Job, Layout
from calor.engine.backends.llvm.patients import CONTINUES
from calor.engine.methods.sizes import UNSEEN


def propose_first_steps(own: Lanes, part: Layout, going: Value) -> None:
    """Propose a step where a lane that is going stands behind a discontinuity of a kind new to it."""
    code, of_part = own.code, Lanes(own.code, part)
    unknown = going & (of_part.vector("proposed") <= 0.0)
    with code.when(any_of(code, unknown)):
        of_part.set_where(unknown, "doubted", 1.0)
        proposal = code.call(part.name("begin_step"), code.vector, own.work)
        if not part.leads:
            proposal = of_the_first(own, proposal)
        of_part.set_where(unknown, "proposed", proposal)


def doubt_if_a_state_begins(own: Lanes, rejected: Value, part: Layout) -> None:
    """Mark the lanes whose rejected step is to be tried again if a state without a size begins in it."""
    code, of_part = own.code, Lanes(own.code, part)
    with code.count(part.states) as i:
        begins = (of_part.vector("size", i) <= UNSEEN) & of_part.vector("new", i).differs(0.0)
        of_part.set_where(rejected & begins, "doubted", 1.0)


def remember(own: Lanes, part: Layout, accepted: Value, step: Value) -> None:
    """Remember, by what the accepted step came after, the step size to begin with after its like."""
    code, of_part = own.code, Lanes(own.code, part)
    cause = of_part.wholes("cause")
    first = accepted & (cause >= 0)
    with code.when(any_of(code, first)):
        for kind in range(CAUSES):
            of_part.set_where(first & cause.equals(kind), "restart", step, kind)
        of_part.set_wholes_where(first, "cause", CONTINUES)


def look_ahead_if_in_doubt(own: Lanes, part: Layout) -> None:
    """Let lanes look ahead that are in doubt of how large states are going to be."""
    code, doubted = own.code, own.code.variable(TRUTH, 0)
    of_part = Lanes(code, part)
    with code.count(own.layout.lanes) as lane:
        doubted.set(doubted.get() | (of_part.get("doubted", lane) > 0.5))
    with code.when(doubted.get()):
        code.call(part.name("look_ahead"), "void", own.work, own.splat(Job.ATOL))


def of_the_first(own: Lanes, number: Value) -> Value:
    """Return the first lane's number in every lane where lanes go together, so that all decide alike.

    Changes may end the first lane's time a step before that of the others, which then decide for themselves.
    """
    code = own.code
    shared = number
    for lane in range(1, own.layout.lanes):
        shared = code.insert(shared, code.extract(number, 0), lane)
    leads = own.get_whole("patient", code.constant(0, INTEGER)) >= 0
    together = own.count(Job.TOGETHER).differs(0) & leads
    return code.op(
        code.vector,
        f"select i1 {together.text}, {code.vector} {shared.text}, {code.vector} {number.text}",
    )
