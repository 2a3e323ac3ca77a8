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
from pathlib import Path

import numpy as np
from peers.base import Numbers, Peer
from peers.mrgsolve_model import dose_rows, model_text
from problems import Problem, Regimen

from calor.engine.importers.sbml import load_sbml
from calor.engine.ir.lowering import lower

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
