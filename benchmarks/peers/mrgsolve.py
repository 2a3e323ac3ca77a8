"""mrgsolve, an R package for models of pharmacometrics: compiled rates, LSODA; one R process, kept open.

The model's text is written from calor's program, so that both compute the same; what depends on parameters
only stands in $MAIN, which mrgsolve computes once a record. The time is R's processor time in `mrgsim_q`, the
function that mrgsolve's manual names for benchmarks; compiling and laying out the data set are not counted.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from peers.base import Numbers, Peer
from problems import Problem, Regimen

from calor.engine.backends.c_source import HELPERS, expression
from calor.engine.importers.sbml import load_sbml
from calor.engine.ir.lowering import lower
from calor.engine.ir.program import Operation, Program
from calor.engine.symbolic.operators import Kind, Operator, result_kind

RSCRIPT = shutil.which("Rscript")
INSTALLED = [RSCRIPT, "-e", "quit(status = !requireNamespace('mrgsolve', quietly = TRUE))"]
if RSCRIPT is None or subprocess.run(INSTALLED, capture_output=True, check=False).returncode != 0:
    raise ImportError("mrgsolve is not there")


class Mrgsolve(Peer):
    """All patients of a batch in one call."""

    def __init__(self, problem: Problem, regimen: Regimen) -> None:
        program = lower(load_sbml(problem.sbml()))
        self._shape = (len(problem.save_at), len(problem.outputs))
        self._seconds = 0.0
        held = tempfile.TemporaryDirectory()
        self._folder = folder = Path(held.name)
        (folder / "model.cpp").write_text(model_text(program, problem.outputs), encoding="utf-8")
        (folder / "doses.csv").write_text("\n".join(dose_rows(program, problem, regimen)), encoding="utf-8")
        varying = [f"P{program.parameter_names.index(name)}" for name in problem.varying]
        (folder / "varying.txt").write_text("\n".join(varying) + "\n", encoding="utf-8")
        problem.save_at.astype(np.float64).tofile(folder / "times.bin")
        script = Path(__file__).with_suffix(".R")
        self._process = subprocess.Popen(
            [str(RSCRIPT), str(script), str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        weakref.finalize(self, end, self._process, held)
        if self._answer() != ["ready"]:
            raise ValueError("mrgsolve did not compile the model")

    def clock(self) -> float:
        """Return the processor time that R has reported."""
        return self._seconds

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Simulate the patients in one call of mrgsolve."""
        np.ascontiguousarray(parameters).tofile(self._folder / "parameters.bin")
        assert self._process.stdin is not None
        self._process.stdin.write(f"{len(parameters)} {rtol!r}\n")
        self._process.stdin.flush()
        answer = self._answer()
        if answer[0] != "done":
            raise RuntimeError("mrgsolve did not finish every patient")
        self._seconds += float(answer[1])
        return np.fromfile(self._folder / "outputs.bin").reshape(len(parameters), *self._shape)

    def _answer(self) -> list[str]:
        assert self._process.stdout is not None
        return self._process.stdout.readline().split() or ["ended"]


def end(process: subprocess.Popen[str], held: tempfile.TemporaryDirectory[str]) -> None:
    """Let R end, and remove what it worked on."""
    process.communicate()
    held.cleanup()


def model_text(program: Program, outputs: Iterable[str]) -> str:
    """Return a program as a model of mrgsolve: states S0, ..., parameters P0, ..., outputs O0, ..."""
    wanted = tuple(program.groups["outputs"][program.output_names.index(name)] for name in outputs)
    program = replace(program, groups={**program.groups, "wanted": wanted})
    states = range(len(program.state_names))
    hoisted = [position for position in needed(program) if position < program.hoisted]
    parameters = [f"P{slot} = {value!r}" for slot, value in enumerate(program.parameter_values)]
    return "\n".join(
        [
            *("$GLOBAL", HELPERS, "$PARAM", *parameters, "$CMT", " ".join(f"S{slot}" for slot in states)),
            *("$MAIN", *(statement(program, position, "double", "TIME") for position in hoisted)),
            *(f"S{slot}_0 = v{position};" for slot, position in enumerate(program.groups["initial"])),
            *("$ODE", *statements(program, "derivatives", "SOLVERTIME")),
            *(f"dxdt_S{slot} = v{position};" for slot, position in enumerate(program.groups["derivatives"])),
            *("$TABLE", *statements(program, "wanted", "TIME")),
            *(f"double O{row} = v{position};" for row, position in enumerate(wanted)),
            *("$CAPTURE", " ".join(f"O{row}" for row in range(len(wanted)))),
        ]
    )


def needed(program: Program) -> tuple[int, ...]:
    """Return the operations that the model's blocks need."""
    return program.needed("derivatives", "initial", "wanted")


def statements(program: Program, group: str, time: str) -> Iterator[str]:
    """Yield what a block computes anew; `double const`, which mrgsolve leaves local to its block."""
    for position in program.needed(group):
        if position >= program.hoisted:
            yield statement(program, position, "double const", time)


def statement(program: Program, position: int, declared: str, time: str) -> str:
    """Return an operation as C++; `declared` says how a number is."""
    operation = program.operations[position]
    if kind_of(operation) is Kind.BOOLEAN:
        declared = declared.replace("double", "bool")
    match operation.operator:
        case Operator.STATE:
            value = f"S{operation.slot}"
        case Operator.PARAMETER:
            value = f"P{operation.slot}"
        case Operator.TIME:
            value = time
        case _:
            value = expression(operation)
    return f"{declared} v{position} = {value};"


def kind_of(operation: Operation) -> Kind:
    """Return whether an operation gives a number or a truth value."""
    return operation.kind if operation.operator is Operator.CONSTANT else result_kind(operation.operator)


def dose_rows(program: Program, problem: Problem, regimen: Regimen) -> Iterator[str]:
    """Yield the rows of the table of doses: infusions at a constant rate, and oral doses."""
    infused, oral = (
        program.state_names.index(name) + 1 for name in (problem.infused_state, problem.oral_state)
    )
    rows = [(dose.time, dose.amount, dose.amount / dose.duration, infused) for dose in regimen.infusions]
    rows += [(time, regimen.oral_amount, 0.0, oral) for time in regimen.oral_times]
    yield "time,amt,rate,cmt,evid"
    for time, amount, rate, compartment in sorted(rows):
        yield f"{time!r},{amount!r},{rate!r},{compartment},1"
