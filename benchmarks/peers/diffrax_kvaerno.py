"""diffrax: Kvaerno's fifth-order implicit method, patients in a vectorised map, compiled before timing.

The right-hand side is calor's program, traced operation by operation in JAX, so that both compute the same.
Compiling one problem takes a minute or more; it is not counted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")

import diffrax
import jax
import jax.numpy as jnp
import numpy as np
from peers.base import Numbers, Peer, pieces
from problems import Problem, Regimen

from calor.engine.importers.sbml import load_sbml
from calor.engine.ir.lowering import lower
from calor.engine.ir.program import Program
from calor.engine.symbolic.operators import LEAVES, Operator
from calor.engine.symbolic.semantics import MEANING, SMALLEST

jax.config.update("jax_enable_x64", True)
MOST_STEPS = 100_000
TOGETHER = 16
"""Patients in one vectorised call: compiled once for this number."""


class DiffraxKvaerno(Peer):
    """Every patient of a batch in one compiled call; a stretch between doses is one solve."""

    def __init__(self, problem: Problem, regimen: Regimen) -> None:
        self._problem = problem
        self._program = lower(load_sbml(problem.sbml()))
        self._rates = traced(self._program, "derivatives")
        self._outputs = traced(self._program, "outputs")
        self._initial = traced(self._program, "initial")
        self._stretches = self._stretched(regimen)
        self._solve = jax.jit(jax.vmap(self._patient, in_axes=(0, None)))
        typical = np.array(
            [self._program.parameter_values[self._program.parameter_names.index(n)] for n in problem.varying]
        )
        self._solve(np.tile(typical, (TOGETHER, 1)), 1e-3)[0].block_until_ready()

    def simulate(self, parameters: Numbers, rtol: float) -> Numbers:
        """Simulate the patients, some together; the last lot is filled up with its last patient."""
        found = []
        for first in range(0, len(parameters), TOGETHER):
            lot = parameters[first : first + TOGETHER]
            filled = np.concatenate([lot, np.repeat(lot[-1:], TOGETHER - len(lot), axis=0)])
            outputs, good = self._solve(filled, rtol)
            if not bool(np.asarray(good).all()):
                raise RuntimeError("diffrax did not finish every patient")
            found.append(np.asarray(outputs)[: len(lot)])
        return np.concatenate(found)

    def _stretched(self, regimen: Regimen) -> dict[str, Numbers]:
        """Return the stretches as arrays of one length: padded save times repeat the stretch's end."""
        problem, program = self._problem, self._program
        rows = list(pieces(problem, regimen))
        most = max(len(times) for _, _, times, _ in rows)
        rate = 0.0
        stretches: dict[str, list[Any]] = {name: [] for name in ("start", "stop", "times", "rate", "added")}
        for start, stop, times, happenings in rows:
            padded = np.concatenate([times, np.full(most - len(times), stop)])
            added = np.zeros(len(program.state_names))
            stretches["start"].append(start)
            stretches["stop"].append(stop)
            stretches["times"].append(padded)
            stretches["rate"].append(rate)
            for name, value in happenings:
                if name == problem.infusion_rate:
                    rate = value
                else:
                    added[program.state_names.index(name)] += value
            stretches["added"].append(added)
        self._kept = np.concatenate(
            [np.arange(len(times)) + row * most for row, (_, _, times, _) in enumerate(rows)]
        ).astype(int)
        return {name: np.array(values) for name, values in stretches.items()}

    def _patient(self, values: Any, rtol: Any) -> Any:
        program, problem = self._program, self._problem
        positions = np.array([program.parameter_names.index(name) for name in problem.varying])
        wanted = np.array([program.output_names.index(name) for name in problem.outputs])
        infused = program.parameter_names.index(problem.infusion_rate)
        p = jnp.asarray(program.parameter_values).at[positions].set(values)
        first = self._initial(0.0, jnp.zeros(len(program.state_names)), p)
        solver = diffrax.Kvaerno5()
        controller = diffrax.PIDController(rtol=rtol, atol=rtol * 1e-3)
        term = diffrax.ODETerm(lambda t, y, p: self._rates(t, y, p))

        def stretch(y: Any, given: Any) -> Any:
            parameters = p.at[infused].set(given["rate"])
            length = given["stop"] - given["start"]
            # A first stretch may have no length, where something happens at time 0.
            stop = given["start"] + jnp.maximum(length, 1e-9)
            solved = diffrax.diffeqsolve(
                term, solver, given["start"], stop, None, y, parameters,
                saveat=diffrax.SaveAt(ts=jnp.minimum(given["times"], stop), t1=True),
                stepsize_controller=controller, max_steps=MOST_STEPS, throw=False,
            )  # fmt: skip
            at = jax.vmap(lambda t, x: self._outputs(t, x, parameters)[wanted])
            good = solved.result == diffrax.RESULTS.successful
            return solved.ys[-1] + given["added"], (at(given["times"], solved.ys[:-1]), good)

        _, (found, good) = jax.lax.scan(stretch, first, self._stretches)
        begin = self._outputs(0.0, first, p)[wanted][None]
        return jnp.concatenate([begin, found.reshape(-1, len(wanted))[self._kept]]), jnp.all(good)


def traced(program: Program, group: str) -> Callable[[Any, Any, Any], Any]:
    """Return a group of a program as a function of time, states and parameters that JAX can trace."""
    needed = program.needed(group)

    def evaluate(time: Any, states: Any, parameters: Any) -> Any:
        values: dict[int, Any] = {}
        for position in needed:
            operation = program.operations[position]
            if operation.operator not in LEAVES:
                operands = [values[operand] for operand in operation.operands]
                values[position] = meaning(operation.operator)(*operands)
            elif operation.operator is Operator.STATE:
                values[position] = states[operation.slot]
            elif operation.operator is Operator.PARAMETER:
                values[position] = parameters[operation.slot]
            else:
                values[position] = time if operation.operator is Operator.TIME else operation.value
        return jnp.stack([jnp.asarray(values[position], dtype=float) for position in program.groups[group]])

    return evaluate


def meaning(operator: Operator) -> Callable[..., Any]:
    """Return an operator's meaning in JAX: NumPy's function of the same name."""
    if operator is Operator.POWER:
        return lambda base, exponent: jnp.power(jnp.maximum(base, SMALLEST), exponent)
    return getattr(jnp, MEANING[operator].__name__)
