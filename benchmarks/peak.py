"""What share of a core's peak the engine uses: useful operations a second beside fused multiply-adds alone.

    python benchmarks/peak.py [--quick] [--json]

Useful is what the method asks of the model for every step tried: its rates and derivatives (the program's
operations), the sparse factors and solutions, the stages' sums and the error. Each addition, subtraction,
multiplication, division and root counts one; a power or exponential counts what its polynomials take.
Hoisted values, doses, outputs and the choice of steps count nothing. The peak is measured, not computed from
a clock rate: independent fused multiply-adds on vectors, which do nothing else, each counting two.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import re
import statistics
import time
from collections.abc import Callable

import numpy as np
from engine import ROUNDS, SECONDS_A_ROUND, Calor, options, patients_in, processor
from problems import disease, stiff_immune

from calor.core import machine
from calor.core.targets import target
from calor.engine.backends.llvm.builder import Code, Value
from calor.engine.backends.llvm.elimination import plan
from calor.engine.backends.llvm.mathematics import (
    binary_logarithm,
    exponential,
    logarithm,
    power_of_two,
)
from calor.engine.ir.lowering import lower
from calor.engine.ir.program import Program
from calor.engine.methods.rodas5p import RODAS5P
from calor.engine.methods.rosenbrock import RosenbrockMethod
from calor.engine.symbolic.operators import Operator

RTOL = 1e-4
CHAINS = 12
"""Independent sums in the loop of the peak: enough to hide how long one multiply-add takes."""
PER_CALL = 20_000_000
ONE_EACH = {
    Operator.ADD, Operator.SUBTRACT, Operator.MULTIPLY, Operator.DIVIDE, Operator.SQUARE_ROOT,
}  # fmt: skip


def main() -> None:
    """Measure the share on both models and both regimens."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="shorter rounds")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    arguments = parser.parse_args()
    rows = shares(SECONDS_A_ROUND[arguments.quick])
    if arguments.json:
        print(json.dumps({"processor": processor(), "results": rows}, indent=2))
        return
    for row in rows:
        print(
            f"{row['model']:14} {row['regimen']:11} {row['share']:6.1%} of {row['peak']:.1f} Gflop/s   "
            f"{row['operations_a_step']:.0f} operations a step, "
            f"{row['share_of_functions']:.0%} of them in powers and exponentials"
        )


def shares(seconds: float) -> list[dict[str, object]]:
    """Return a row for every model and regimen."""
    rows = []
    multiply_adds = peak_loop()
    for problem in (stiff_immune(), disease()):
        for regimen in problem.regimens:
            calor = Calor(problem, regimen)
            values = {parameter.name: parameter.value for parameter in calor.system.parameters}
            program = lower(calor.system)
            a_step = operations_a_step(program, RODAS5P)
            patients = problem.parameters(values, patients_in(calor, problem, values, RTOL, seconds))
            rounds = []
            for _ in range(ROUNDS):
                peak = peak_rate(multiply_adds)
                began = calor.clock()
                result = calor.kernel.simulate(calor.batch(patients), options(RTOL))
                used = int(result.steps.sum()) * a_step / (calor.clock() - began)
                rounds.append((used / peak, peak))
            rows.append(
                {
                    "model": problem.name,
                    "regimen": regimen.name,
                    "share": statistics.median(share for share, _ in rounds),
                    "peak": statistics.median(peak for _, peak in rounds) / 1e9,
                    "operations_a_step": a_step,
                    "share_of_functions": in_functions(program, RODAS5P) / a_step,
                    "rounds": [share for share, _ in rounds],
                }
            )
    return rows


def operations_a_step(program: Program, method: RosenbrockMethod) -> float:
    """Return the useful operations of one step tried, for one patient."""
    n, later = len(program.state_names), method.stages - 1
    elimination = plan(n, program.jacobian_pattern)
    factor = 2 * elimination.multiplications + n  # and the inverses of the pivots
    solve = 2 * (len(elimination.places) - n) + n
    weights = sum(np.count_nonzero(given) for given in (method.a, method.c_matrix, method.error))
    sums = 2 * weights * n + later * 2 * n  # and each stage's state and forcing
    error = 5 * n
    return (
        model_operations(program, "derivatives", "jacobian", "time_derivative")
        + later * model_operations(program, "derivatives")
        + (factor + method.stages * solve + sums + error)
    )


def in_functions(program: Program, method: RosenbrockMethod) -> float:
    """Return how many of a step's operations are inside powers, exponentials and logarithms."""
    counts = program.counts("derivatives")
    return method.stages * sum(FUNCTIONS.get(operator, 0) * n for operator, n in counts.items())


def model_operations(program: Program, *groups: str) -> float:
    """Return the operations of one evaluation of some groups of a program."""
    counts = program.counts(*groups)
    return sum(n * (operator in ONE_EACH or FUNCTIONS.get(operator, 0)) for operator, n in counts.items())


def counted(write: Callable[[Code, Value], Value]) -> int:
    """Return how many operations a vector function writes."""
    code = Code("counted", [("x", "<4 x double>")], "<4 x double>", lanes=4)
    code.give_back(write(code, code.arguments["x"]))
    return len(re.findall(r"= f(?:add|sub|mul|div) ", code.text))


FUNCTIONS = {
    Operator.POWER: counted(binary_logarithm) + 1 + counted(power_of_two),
    Operator.EXPONENTIAL: counted(exponential),
    Operator.LOGARITHM: counted(logarithm),
    Operator.LOGARITHM_10: counted(logarithm) + 1,
}


def peak_loop() -> Callable[[int], float]:
    """Return a compiled loop of nothing but fused multiply-adds, called with how often to go round."""
    lanes = target().lanes
    vector = f"<{lanes} x double>"
    fma = f"@llvm.fma.v{lanes}f64"
    chains = range(CHAINS)
    body = [
        f"  %b{i} = call {vector} {fma}({vector} %a{i}, {vector} %factor, {vector} %factor)" for i in chains
    ]
    begin = [f"  %a{i} = phi {vector} [ %factor, %entry ], [ %b{i}, %loop ]" for i in chains]
    total = [f"  %s{i + 1} = fadd {vector} %{'b0' if i == 0 else f's{i}'}, %b{i}" for i in chains]
    text = f"""
declare {vector} {fma}({vector}, {vector}, {vector})
define double @multiply_adds(i64 %n, double %x) {{
entry:
  %one = insertelement {vector} zeroinitializer, double %x, i32 0
  %factor = shufflevector {vector} %one, {vector} zeroinitializer, <{lanes} x i32> zeroinitializer
  br label %loop
loop:
  %k = phi i64 [ 0, %entry ], [ %next, %loop ]
{chr(10).join(begin)}
{chr(10).join(body)}
  %next = add i64 %k, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %end
end:
{chr(10).join(total)}
  %result = extractelement {vector} %s{CHAINS}, i32 0
  ret double %result
}}
"""
    library = machine.compiled(text)
    function = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_int64, ctypes.c_double)(
        library.address("multiply_adds")
    )
    # The default argument keeps the library alive.
    return lambda n, _library=library: float(function(n, 0.5))


def peak_rate(multiply_adds: Callable[[int], float]) -> float:
    """Return the operations a second of the loop, the best of three runs."""
    taken = []
    for _ in range(3):
        began = time.process_time()
        multiply_adds(PER_CALL)
        taken.append(time.process_time() - began)
    return 2 * CHAINS * target().lanes * PER_CALL / min(taken)


if __name__ == "__main__":
    main()
