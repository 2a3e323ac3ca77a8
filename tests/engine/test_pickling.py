"""Systems and kernels are sent to other processes: what arrives computes the same bits."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from calor.core.executors import Processes, Threads
from calor.core.progress import Progress
from calor.engine import compile_kernel, compile_persistent_kernel, load_antimony
from calor.engine.batch import Batch, Kernel
from calor.engine.ir.lowering import lower

MODEL = "model m\n x = 2\n k = 0.5\n s = k * x\n x' = -s\n at (x < 1): x = x + 1\nend\n"
BATCH = Batch(
    save_at=np.linspace(0, 9, 7),
    outputs=("x",),
    parameter_names=("k",),
    parameters=np.linspace(0.1, 2, 9)[:, None],
)


def sent(thing: Any) -> Any:
    return pickle.loads(pickle.dumps(thing))


def test_a_system_that_was_sent_gives_the_same_program() -> None:
    system = load_antimony(MODEL)
    assert sent(system) == system
    assert lower(sent(system)) == lower(system)


def test_a_kernel_that_was_sent_computes_the_same_bits_and_is_compiled_once() -> None:
    kernel = compile_kernel(load_antimony(MODEL))
    arrived = sent(kernel)
    assert np.array_equal(arrived.simulate(BATCH).outputs, kernel.simulate(BATCH).outputs)
    assert sent(kernel) is arrived


def simulated(kernel: Kernel, progress: Progress) -> Any:
    return kernel.simulate(BATCH).outputs


def test_so_does_one_that_tries_again_in_another_process() -> None:
    kernel = compile_persistent_kernel(load_antimony(MODEL))
    with Processes(2) as executor:
        (elsewhere,) = executor.map(simulated, [kernel])
    assert np.array_equal(elsewhere, kernel.simulate(BATCH).outputs)


def test_tasks_on_threads_share_a_kernel_whose_outputs_are_new_to_it() -> None:
    kernel = compile_kernel(load_antimony(MODEL))
    expected = kernel.simulate(BATCH).outputs
    for _ in range(20):
        fresh = compile_kernel(load_antimony(MODEL))
        for found in Threads(4).map(simulated, [fresh] * 8):
            assert np.array_equal(found, expected)
