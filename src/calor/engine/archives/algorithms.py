"""Which KISAO terms ask for the solution of ordinary differential equations, and how accurately.

calor solves them with its own method, whatever deterministic one the author used: the solution is the same up
to the error of each. A stochastic or discrete method asks for something else and is refused by name.
Source of the terms: the Kinetic Simulation Algorithm Ontology, version 2.
"""

from __future__ import annotations

from calor.core.errors import UnsupportedError
from calor.core.tolerances import ATOL, RTOL
from calor.engine.archives.experiment import Algorithm, Simulation, SteadyState
from calor.engine.batch import Options
from calor.engine.course import PATIENCE, RTOL_BOUNDS

CALORS_OWN = "KISAO:0000033"
"""The Rosenbrock method, which calor's solver is one of."""

RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE = "KISAO:0000209", "KISAO:0000211"
TOLERANCES = frozenset({RELATIVE_TOLERANCE, ABSOLUTE_TOLERANCE})

_PRECISION = frozenset(
    {219, 220, 415, 467, 475, 476, 477, 478, 479, 480, 481, 482, 483, 484, 485, 486, 487, 538, 539, 540, 541}
    | {542, 543, 545, 555, 556, 557, 558, 559, 565, 570, 571, 583, 584, 597, 656, 665, 666, 670, 671, 684}
    | {209, 211, 488, 594, 648}
)
"""Parameters that say how a solver works: steps, orders, linear algebra, tolerances, a seed."""

COURSE = {
    19: "CVODE", 20: "PVODE", 30: "Euler forward", 31: "Euler backward", 32: "Runge-Kutta of order 4",
    33: "Rosenbrock", 64: "Runge-Kutta", 71: "LSODE", 86: "Fehlberg", 87: "Dormand-Prince", 88: "LSODA",
    89: "LSODAR", 90: "LSODI", 93: "LSODPK", 94: "Livermore solver", 232: "LSOIBT", 233: "LSODES",
    234: "LSODKR", 261: "Euler", 276: "Gill", 279: "Adams-Bashforth", 280: "Adams-Moulton", 281: "multistep",
    283: "IDA", 288: "backward differentiation", 289: "Adams", 290: "Merson", 296: "Hammer-Hollingsworth",
    297: "Lobatto", 299: "Butcher-Kuntzmann", 301: "Heun", 302: "embedded Runge-Kutta", 303: "Zonneveld",
    304: "Radau", 305: "Verner", 309: "Crank-Nicolson", 318: "Gauss-Legendre Runge-Kutta", 321: "Cash-Karp",
    355: "DASPK", 356: "DASSL", 364: "Adams predictor-corrector", 365: "NDSolve", 377: "one-step method",
    378: "implicit midpoint", 379: "Bulirsch-Stoer", 380: "Richardson extrapolation", 381: "midpoint",
    382: "modified midpoint", 383: "Bader-Deuflhard", 384: "semi-implicit midpoint", 432: "IDA-like",
    433: "CVODE-like", 434: "Higham-Hall", 435: "Runge-Kutta 5(4)", 436: "Dormand-Prince 8(5,3)",
    496: "CVODES", 535: "VODE", 536: "ZVODE", 537: "Runge-Kutta 3(2)", 544: "IDAS", 560: "LSODA/LSODAR",
    609: "Prince-Dormand (8,9)", 612: "Runge-Kutta at Gaussian points", 617: "IDA-CVODE",
    668: "stiff Rosenbrock", 672: "quality-controlled Runge-Kutta",
}  # fmt: skip
"""Deterministic methods for a course, by the number of their term."""

STEADY = {
    282: "KINSOL", 407: "steady state method", 408: "Newton-type", 409: "ordinary Newton",
    410: "simplified Newton", 411: "Newton-like", 412: "inexact Newton", 413: "exact Newton", 568: "NLEQ1",
    569: "NLEQ2", 630: "root finding", 631: "iterative root finding", 675: "Broyden",
}  # fmt: skip
"""Methods for a steady state; those for a course find one as well."""


def options_of(simulation: Simulation) -> Options:
    """Return how accurately to solve: calor's usual tolerances, or the author's where that is tighter.

    Raises UnsupportedError, naming the term, for methods that do not solve differential equations.
    """
    algorithm = simulation.algorithm
    number = int(algorithm.term.rpartition(":")[2])
    known = {**COURSE, **STEADY} if isinstance(simulation, SteadyState) else COURSE
    if number not in known:
        raise UnsupportedError.of(
            f"{algorithm.term} is no deterministic method for ordinary differential equations",
            file=algorithm.place.file, line=algorithm.place.line,
            hint="calor solves ODEs: stochastic, logical and flux balance methods are not supported",
        )  # fmt: skip
    for term in algorithm.parameters:
        if int(term.rpartition(":")[2]) not in _PRECISION:
            raise UnsupportedError.of(
                f"the parameter {term} of the algorithm is not supported",
                file=algorithm.place.file, line=algorithm.place.line,
            )  # fmt: skip
    asked = algorithm.parameters.get(RELATIVE_TOLERANCE)
    rtol = min(RTOL, max(float(asked), RTOL_BOUNDS.low)) if asked is not None else RTOL
    return Options(rtol=rtol, atol=ATOL, max_steps=PATIENCE)


def note_of(algorithm: Algorithm) -> str | None:
    """Return what to say where the author's method or its settings are another than calor's."""
    number = int(algorithm.term.rpartition(":")[2])
    name = {**COURSE, **STEADY}[number]
    if algorithm.term == CALORS_OWN and set(algorithm.parameters) <= TOLERANCES:
        return None
    settings = f" with {', '.join(sorted(algorithm.parameters))}" if algorithm.parameters else ""
    return f"{algorithm.term} ({name}{settings}) is asked for; calor solves with its own method"
