"""Small systems with known answers, for the backends' contract suite."""

from calor.engine.symbolic.expression import TIME, constant, select, symbol
from calor.engine.symbolic.functions import cosine
from calor.engine.symbolic.system import Assigned, Parameter, State, System

S = symbol


def decay() -> System:
    """Return dx/dt = -k x, x(0) = 1."""
    return System("decay", (State("x", constant(1.0), -S("k") * S("x")),), (Parameter("k", 1.0),))


def oral() -> System:
    """Return one compartment with first-order absorption, nothing in it at first."""
    depot, central = S("depot"), S("central")
    return System(
        "oral",
        (
            State("depot", constant(0.0), -S("ka") * depot),
            State("central", constant(0.0), S("ka") * depot - S("cl") / S("v") * central),
        ),
        (Parameter("ka", 1.5), Parameter("cl", 1.1), Parameter("v", 20.0)),
        (Assigned("CP", central / (S("v") / 1000.0)),),
    )


def logistic() -> System:
    """Return dx/dt = r x (1 - x / c), x(0) = x0."""
    x = S("x")
    return System(
        "logistic",
        (State("x", S("x0"), S("r") * x * (1.0 - x / S("c"))),),
        (Parameter("r", 1.0), Parameter("c", 2.0), Parameter("x0", 0.1)),
    )


def driven() -> System:
    """Return the stiff, explicitly timed problem of Prothero and Robinson: x(t) = cos t."""
    derivative = -S("stiffness") * (S("x") - cosine(TIME)) - sine_of_time()
    return System("driven", (State("x", constant(1.0), derivative),), (Parameter("stiffness", 1e4),))


def sine_of_time():
    """Return sin t."""
    return cosine(TIME - 1.5707963267948966)


def robertson() -> System:
    """Return Robertson's stiff reactions; the three states sum to 1."""
    a, b, c = S("a"), S("b"), S("c")
    slow, fast, back = 0.04 * a, 3e7 * b * b, 1e4 * b * c
    return System(
        "robertson",
        (
            State("a", S("a0"), back - slow),
            State("b", constant(0.0), slow - back - fast),
            State("c", constant(0.0), fast),
        ),
        (Parameter("a0", 1.0),),
        (Assigned("total", a + b + c),),
    )


def explosion() -> System:
    """Return dx/dt = x^2, x(0) = x0, infinite at t = 1/x0."""
    return System("explosion", (State("x", S("x0"), S("x") * S("x")),), (Parameter("x0", 1.0),))


def hill() -> System:
    """Return turnover under a drug that decays: a Hill term whose drug falls to nothing."""
    drug, inhibited = S("drug"), S("drug") ** S("n") / (S("ic50") ** S("n") + S("drug") ** S("n"))
    return System(
        "hill",
        (
            State("drug", constant(10.0), -S("k") * drug),
            State("cells", constant(1.0), S("kin") * (1.0 - inhibited) - S("kin") * S("cells")),
        ),
        (Parameter("k", 0.5), Parameter("n", 1.7), Parameter("ic50", 1.0), Parameter("kin", 0.2)),
    )


def pulse() -> System:
    """Return dx/dt = 1 while from < t <= to, else 0: x(0) = 0."""
    on = (S("from") < TIME) & (S("to") >= TIME)
    rate = select(on, 1.0, 0.0)
    return System(
        "pulse",
        (State("x", constant(0.0), rate), State("y", constant(1.0), -0.01 * S("y"))),
        (Parameter("from", 50.0), Parameter("to", 53.0)),
    )
