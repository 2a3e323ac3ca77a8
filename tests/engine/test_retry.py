"""Failed patients are tried again, and what still fails is told, never dropped."""

from dataclasses import replace

import numpy as np
import pytest

from calor.engine import compile_kernel, compile_persistent_kernel
from calor.engine.batch import Batch, BatchResult, Options, Status, rows_of
from calor.engine.calendar import Calendar
from calor.engine.importers.antimony_text import load_antimony
from calor.engine.retry import PersistentKernel, simulate_with_retries


class Scripted:
    """A kernel whose patients finish only at a tolerance of their own (parameter `needs`)."""

    state_names = parameter_names = output_names = ("needs",)

    def __init__(self, able=0.0):
        self.able = able
        self.seen = []

    def simulate(self, batch, options=None, progress=None):
        self.seen.append((len(batch.parameters), options))
        good = batch.parameters[:, 0] >= options.rtol * (1 - self.able)
        n, value = len(good), np.where(good, batch.parameters[:, 0], np.nan)
        status = np.where(good, Status.FINISHED, Status.NON_FINITE).astype(np.int64)
        outputs, steps, reached = value[:, None, None], np.full(n, 7), np.where(good, 1.0, 0.5)
        return BatchResult(outputs, np.zeros((n, 0)), value[:, None], ("needs",), status, steps, reached)


def batch(needs):
    return Batch(np.array([1.0]), ("needs",), ("needs",), np.array(needs, dtype=float)[:, None])


def test_nothing_is_repeated_when_all_finish():
    kernel = Scripted()
    retried = simulate_with_retries(kernel, batch([1, 1]), Options(rtol=1e-6))
    assert len(kernel.seen) == 1
    assert str(retried) == "all 2 patients finished"


def test_only_failures_are_tried_again_at_a_tighter_tolerance_with_more_steps():
    kernel = Scripted()
    retried = simulate_with_retries(kernel, batch([1, 1e-7, 1]), Options(rtol=1e-6, max_steps=10))
    n, options = kernel.seen[1]
    assert (n, options.rtol, options.max_steps) == (1, 1e-8, 100)
    assert np.all(retried.result.status == Status.FINISHED)
    np.testing.assert_array_equal(retried.result.outputs[:, 0, 0], [1, 1e-7, 1])
    np.testing.assert_array_equal(retried.result.steps, [7, 14, 7])
    assert (retried.rescued_by_tolerance, retried.rescued_by_other) == (1, 0)


def test_another_solver_comes_last_and_what_fails_is_told():
    kernel, other = Scripted(), Scripted(able=1 - 1e-4)
    retried = simulate_with_retries(
        kernel, batch([1e-9, 1e-12, 1e-7]), Options(rtol=1e-6), other=lambda: other
    )
    assert other.seen[0][0] == 2
    assert retried.failed.tolist() == [1]
    assert np.isnan(retried.result.outputs[1]).all()
    assert str(retried) == (
        "3 of 3 patients failed at first: 1 finished at a tighter tolerance, 1 with another solver, "
        "1 have no result; 1 reached a value that is not a finite number"
    )


def test_rows_keep_what_belongs_to_them():
    calendars = [Calendar.empty() for _ in range(3)]
    whole = replace(
        batch([1, 2, 3]),
        save_at=np.array([[1.0], [2.0], [3.0]]),
        states=np.array([[4.0], [5.0], [6.0]]),
        state_names=("x",),
        calendars=calendars,
    )
    some = rows_of(whole, [2, 0])
    assert some.save_at.tolist() == [[3.0], [1.0]]
    assert some.states.tolist() == [[6.0], [4.0]]
    assert some.calendars == [calendars[2], calendars[0]]


def test_a_persistent_kernel_returns_what_was_rescued():
    kernel, other = Scripted(), Scripted(able=1 - 1e-4)
    persistent = PersistentKernel(kernel, lambda: other)
    result = persistent.simulate(batch([1e-9, 1e-12, 1e-7, 1]), Options(rtol=1e-6))
    assert result.status.tolist() == [0, Status.NON_FINITE, 0, 0]
    assert persistent.parameter_names == ("needs",)


def test_no_other_solver_is_asked_about_what_grows_without_bound():
    """x' = k x log(x) from e has x = exp(exp(k t)), which is no number any more from k t = 6.565 on."""
    system = load_antimony("model beyond\n x = exp(1)\n x' = k*x*ln(x)\n k = 1\nend\n")
    kernel = compile_kernel(system)
    asked = []

    def other():
        asked.append(None)
        return compile_kernel(system, "reference")

    batch = Batch(np.array([7.0]), ("x",), ("k",), np.array([[1.0], [0.5]]))
    retried = simulate_with_retries(kernel, batch, Options(rtol=1e-9, atol=1e-12), other=other)
    assert retried.failed.tolist() == [0]
    assert retried.result.outputs[1, 0, 0] == pytest.approx(np.exp(np.exp(3.5)), rel=1e-5)
    assert retried.result.reached[0] == pytest.approx(np.log(np.log(np.finfo(float).max)), rel=0.01)
    assert not asked


def test_no_other_solver_is_asked_who_ran_out_of_steps_twice():
    system = load_antimony("model quick\n x = 1; y = 0\n x' = -w*y; y' = w*x\n w = 1\nend\n")
    kernel, asked = compile_kernel(system), []
    batch = Batch(np.array([10.0]), ("x",), ("w",), np.array([[1e4], [2.0]]))
    options = Options(rtol=1e-6, max_steps=100)
    retried = simulate_with_retries(kernel, batch, options, other=lambda: asked.append(None))
    assert retried.failed.tolist() == [0]
    assert retried.result.status[0] == Status.STEP_LIMIT
    assert retried.result.outputs[1, 0, 0] == pytest.approx(np.cos(20.0), abs=1e-4)
    assert not asked


def test_a_persistent_kernel_of_a_model_simulates_it():
    kernel = compile_persistent_kernel(load_antimony("model decay\n x = 2\n x' = -k*x\n k = 0.5\nend\n"))
    result = kernel.simulate(Batch(np.array([1.0]), ("x",)), Options(rtol=1e-8, atol=1e-12))
    np.testing.assert_allclose(result.outputs[0, 0, 0], 2 * np.exp(-0.5), rtol=1e-6)
