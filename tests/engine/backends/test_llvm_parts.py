"""The parts of the vector backend: the planned elimination, its two forms, the cache, the text."""

import numpy as np
import pytest

from calor.core import machine
from calor.core.targets import target
from calor.engine import compile_kernel
from calor.engine.backends.llvm import linear, linear_looped, source
from calor.engine.backends.llvm.elimination import plan
from calor.engine.backends.llvm.source import write_source
from calor.engine.batch import Batch, Options
from calor.engine.ir.lowering import lower
from calor.engine.methods.rodas5p import RODAS5P
from calor.engine.symbolic.builder import SystemBuilder
from tests.contracts import engine_models as models


def eliminated(matrix, found):
    """Return L and U of a matrix by a plan, as the compiled code computes them."""
    work = matrix.copy()
    for k, rows, columns in zip(found.pivots, found.lower, found.upper, strict=True):
        for row in rows:
            work[row, k] /= work[k, k]
            for column in columns:
                work[row, column] -= work[row, k] * work[k, column]
    order = list(found.pivots)
    permuted = work[np.ix_(order, order)]
    return np.tril(permuted, -1) + np.eye(len(order)), np.triu(permuted)


@pytest.mark.parametrize("seed", range(5))
def test_a_planned_elimination_factorises_and_names_every_place(seed):
    random = np.random.default_rng(seed)
    n = 14
    pattern = [(int(i), int(j)) for i, j in zip(*np.nonzero(random.random((n, n)) < 0.15), strict=True)]
    matrix = np.diag(random.uniform(5, 9, n))
    for place in pattern:
        matrix[place] += random.normal()
    found = plan(n, pattern)
    low, up = eliminated(matrix, found)
    order = list(found.pivots)
    np.testing.assert_allclose(low @ up, matrix[np.ix_(order, order)], atol=1e-12)
    filled = {(order[i], order[j]) for i, j in zip(*np.nonzero((low - np.eye(n)) + up), strict=True)}
    assert filled <= set(found.places)


def test_an_arrow_is_eliminated_without_fill():
    pattern = [(0, j) for j in range(20)] + [(i, 0) for i in range(20)]
    found = plan(20, pattern)
    assert found.pivots[-1] in (0, 19)
    assert len(found.places) == 20 + 2 * 19


def chain(n):
    """Return n compartments in a row, with a closed form: x_i(t) = (k t)^i e^(-k t) / i!."""
    build = SystemBuilder("chain")
    k = build.parameter("k", 2.0)
    x = [build.state(f"x{i}", 1.0 if i == 0 else 0.0) for i in range(n)]
    for i in range(n):
        build.rate(f"x{i}", (k * x[i - 1] if i else 0.0) - k * x[i])
    return build.build()


@pytest.mark.parametrize("n", [3, 40, 150])
def test_small_and_large_models_agree_with_a_closed_form(n, monkeypatch):
    monkeypatch.setattr(source, "LARGEST_WRITTEN_OUT", 60)
    kernel = compile_kernel(chain(n))
    batch = Batch(np.array([5.0]), (), ("k",), np.array([[1.0], [2.0], [4.0]]))
    found = kernel.simulate(batch, Options(rtol=1e-9, atol=1e-13))
    kt = np.array([5.0, 10.0, 20.0])
    exact = np.empty((3, n))
    exact[:, 0] = np.exp(-kt)
    for i in range(1, n):
        exact[:, i] = exact[:, i - 1] * kt / i
    np.testing.assert_allclose(found.final_states, exact, rtol=1e-6, atol=1e-10)


def test_both_forms_of_the_linear_algebra_give_the_same_solution(monkeypatch):
    batch = Batch(np.geomspace(0.1, 1e4, 9), ("a", "b", "c"), parameters=np.zeros((2, 0)))
    results = []
    for largest in (0, 10_000):
        monkeypatch.setattr(source, "LARGEST_WRITTEN_OUT", largest)
        results.append(compile_kernel(models.robertson()).simulate(batch, Options(rtol=1e-8, atol=1e-12)))
    np.testing.assert_allclose(results[0].outputs, results[1].outputs, rtol=1e-9)
    assert linear.LinearAlgebra is not linear_looped.LoopedAlgebra


def test_the_same_model_gives_the_same_text():
    first, second = (write_source(lower(models.hill()), RODAS5P, 4).text for _ in range(2))
    assert first == second


def test_compiled_code_is_kept_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("CALOR_CACHE", str(tmp_path))
    text = write_source(lower(models.decay()), RODAS5P, target().lanes).text
    machine.compiled(text)
    (kept,) = (tmp_path / "kernels").glob("*.o")
    monkeypatch.setattr(machine, "_compile", lambda _: pytest.fail("compiled again"))
    assert machine.compiled(text).address("run")
    kept.write_bytes(kept.read_bytes()[:-1])
    with pytest.raises(BaseException, match="compiled again"):
        machine.compiled(text)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("CALOR_CACHE", str(blocked))
    assert compile_kernel(models.decay()).state_names == ("x",)


@pytest.mark.parametrize("system", [models.robertson, models.hill, models.driven])
def test_the_pivoted_fall_back_gives_the_same_solution(system, monkeypatch):
    built = system()
    names = built.state_names
    batch = Batch(np.linspace(0.0, 30.0, 7), names, parameters=np.zeros((6, 0)))
    usual = compile_kernel(built).simulate(batch, Options(rtol=1e-8, atol=1e-12))
    monkeypatch.setattr(linear, "PIVOT_LOSS", 1e9)  # every pivot counts as lost
    pivoted = compile_kernel(built).simulate(batch, Options(rtol=1e-8, atol=1e-12))
    np.testing.assert_allclose(pivoted.outputs, usual.outputs, rtol=1e-8, atol=1e-13)


def test_a_step_whose_planned_pivot_is_zero_is_solved_with_exchanges():
    # the first pivot, diagonal - g, vanishes at the step sizes that growth at rate g asks for
    build = SystemBuilder("turning")
    x, y = build.state("x", 1.0), build.state("y", 0.0)
    build.rate("x", 5.0 * x - 80.0 * y)
    build.rate("y", 80.0 * x - 5.0 * y)
    batch = Batch(np.linspace(0.0, 2.0, 9), ("x", "y"), parameters=np.zeros((3, 0)))
    found = compile_kernel(build.build()).simulate(batch, Options(rtol=1e-9, atol=1e-12))
    w = np.sqrt(80.0**2 - 5.0**2)
    t = batch.save_at
    exact = np.stack([np.cos(w * t) + 5 / w * np.sin(w * t), 80 / w * np.sin(w * t)], axis=1)
    np.testing.assert_allclose(found.outputs[0], exact, atol=1e-6)


def test_code_made_quickly_for_a_large_model_takes_the_same_steps(monkeypatch, tmp_path):
    batch = Batch(np.linspace(0.0, 30.0, 7), ("a", "b", "c"))
    usual = compile_kernel(models.robertson()).simulate(batch)
    made = []
    compile_text = machine._compile
    monkeypatch.setattr(machine, "_compile", lambda text: made.append(compile_text(text)) or made[-1])
    monkeypatch.setenv("CALOR_CACHE", str(tmp_path))
    monkeypatch.setattr(machine, "LARGEST_OPTIMISED", 0)
    quick = compile_kernel(models.robertson()).simulate(batch)
    assert made
    assert np.array_equal(quick.steps, usual.steps)
    np.testing.assert_allclose(quick.outputs, usual.outputs, rtol=1e-9)  # products are not joined to sums
