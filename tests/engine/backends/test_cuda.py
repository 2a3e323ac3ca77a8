"""Patients on a graphics processor: the bits of the vector code, part by part, or a refusal by name.

Most machines have none. What it runs is run here instead, thread by thread, by a driver that is this
processor; only the launch itself and NVIDIA's compiler are left to the last test, where there is one.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from calor.core import graphics
from calor.core.errors import InputError, UnsupportedError
from calor.core.progress import Silent, Stopped
from calor.core.targets import PINNED, named
from calor.engine import compile_kernel, load_antimony
from calor.engine.backends import cuda
from calor.engine.backends.llvm import linear, source
from calor.engine.batch import Batch, BatchResult, Options, Status, Summary
from calor.engine.calendar import Action, Calendar
from calor.engine.gradients import gradients
from tests.host_driver import HostDriver, put_in_place

REACTIONS = """
S1 = 10; S2 = 0; S3 = 1; k = 0.3; n = 2.5; m = 1.7
J1: S1 -> S2; k*S1^n/(1 + S1^n)
J2: S2 -> S3; S2^m/(2 + S2^m) + 0.1*S3^0.5
J3: S3 -> ; 0.4*S3^n/(3 + S3^n)
"""
LED = """
depot' = -40*depot; central' = 40*depot - n*central/(0.7 + central) - 2*central
effect' = 2*(central/(0.4 + central) - effect)
a' = 0.05 - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - 0.8*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c*(1 - 0.3*effect) - 0.02*d
depot = 0; central = 0; effect = 0; a = 1; b = 1; c = 1; d = 1; n = 9
"""
JUMPS = """
x' = -piecewise(0.5, x > n, 0.1)*x + 0.01*floor(0.3*time); y' = piecewise(1, time > 3.3, 0)
x = 5; y = 0; n = 1
"""
EVENTS = """
x' = -0.4*x; x = 5; y = 0; n = 1; count = 0
at (x < n): x = x + 3, count = count + 1
at 0.3 after (x < 2), priority = 2: y = y + x
at (time - 4*floor(time/4) == 0.1): y = y + 0.25
"""
EDGE = "x' = -n*sqrt(x); x = 1; n = 0.5"
LED_GROWS = LED.replace("-40*depot;", "0.2*n*depot^2 - depot;").replace("n*central/", "9*central/")
"""The depot is infinite some time after a dose."""
GROWS = "x' = n*x^2; x = 0.1; n = 0.4"
"""It is infinite at 10/n."""

DOSES = Calendar.of(
    *((1.5 * i, Action.ADD, "S1", 4.0) for i in range(6)),
    (2.0, Action.RATE, "S2", 0.7),
    (4.0, Action.RATE, "S2", -0.7),
    (5.0, Action.SCALE, "S3", 0.5),
    (6.0, Action.RESET, "S1", 0.0),
    (7.0, Action.SET, "S2", 1.0),
)
DAILY = Calendar.of(*((0.25 + day, Action.ADD, "depot", 2.0) for day in range(6)))
SUMMARIES = tuple(
    Summary(kind, "S2", 1.0, 8.0, 1.2)
    for kind in ("mean", "auc", "maximum", "minimum", "trough", "time_above")  # type: ignore[arg-type]
)
CASES: dict[str, tuple[str, tuple[str, ...], dict[str, Any]]] = {
    "doses": (REACTIONS, ("S1", "S3"), {"calendars": (DOSES,)}),
    "summaries": (REACTIONS, ("S1",), {"calendars": (DOSES,), "summaries": SUMMARIES}),
    "only summaries": (REACTIONS, (), {"summaries": SUMMARIES}),
    "nothing observed": (REACTIONS, (), {}),
    "states that lead": (LED, ("a", "central"), {"calendars": (DAILY,)}),
    "jumps": (JUMPS, ("x", "y"), {}),
    "events": (EVENTS, ("x", "y", "count"), {}),
    "edges": (EDGE, ("x",), {}),
    "some fail": (GROWS, ("x",), {}),
    "states that lead fail": (LED_GROWS, ("a", "central"), {"calendars": (DAILY,)}),
}
OPTIONS = Options(rtol=1e-5, atol=1e-8)
N = 150
"""More patients than the 128 threads that run at once here: some threads get a second one."""


@pytest.fixture
def driver(monkeypatch: pytest.MonkeyPatch) -> HostDriver:
    found = HostDriver()
    put_in_place(monkeypatch, found)
    return found


def batch_of(outputs: tuple[str, ...], n: int = N, **fields: Any) -> Batch:
    values = np.random.default_rng(7).uniform(0.5, 3.0, size=(n, 1))
    return Batch(np.linspace(0.0, 9.0, 13), outputs, ("n",), values, **fields)


def same(found: BatchResult, expected: BatchResult) -> None:
    for name in ("outputs", "summaries", "final_states", "status", "steps", "reached"):
        assert np.array_equal(getattr(found, name), getattr(expected, name), equal_nan=True), name
    assert found.state_names == expected.state_names


@pytest.mark.parametrize("case", CASES)
def test_threads_give_the_bits_of_the_vector_code(case: str, driver: HostDriver) -> None:
    model, outputs, fields = CASES[case]
    system, batch = load_antimony(model), batch_of(outputs, **fields)
    found = compile_kernel(system, "cuda").simulate(batch, OPTIONS)
    same(found, compile_kernel(system, "llvm").simulate(batch, OPTIONS))
    assert driver.launched == [128]
    endings = {Status.FINISHED, Status.STEP_TOO_SMALL} if case.endswith("fail") else {Status.FINISHED}
    assert set(found.status.tolist()) == endings


@pytest.mark.parametrize("setting", [(source, "LARGEST_WRITTEN_OUT", 0), (linear, "PIVOT_LOSS", 1e9)])
def test_other_linear_algebra_gives_them_too(
    setting: tuple[Any, str, float], driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*setting)
    system, batch = load_antimony(LED), batch_of(("a",), calendars=(DAILY,))
    found = compile_kernel(system, "cuda").simulate(batch, OPTIONS)
    same(found, compile_kernel(system, "llvm").simulate(batch, OPTIONS))


def test_patients_of_their_own_starts_times_states_and_calendars(driver: HostDriver) -> None:
    starts = np.linspace(0.0, 2.0, N)
    own = [DOSES.later(float(start)) if i % 3 else Calendar.empty() for i, start in enumerate(starts)]
    batch = Batch(
        starts[:, None] + np.linspace(0.0, 9.0, 5), ("S1",), ("n",), np.full((N, 1), 2.0), ("S2",),
        np.linspace(0.0, 1.0, N)[:, None], own, starts,
    )  # fmt: skip
    system = load_antimony(REACTIONS)
    found = compile_kernel(system, "cuda").simulate(batch, OPTIONS)
    same(found, compile_kernel(system, "llvm").simulate(batch, OPTIONS))


class Watcher(Silent):
    """Counts what is done, and asks to stop once so much is."""

    def __init__(self, stop_at: float = np.inf) -> None:
        self.total, self.done, self.stop_at = 0, 0, stop_at

    @property
    def stop_requested(self) -> bool:  # type: ignore[override]
        return self.done >= self.stop_at

    def start(self, stage: str, total: int) -> None:
        self.total = total

    def advance(self, steps: int = 1) -> None:
        self.done += steps


def test_parts_change_nothing_and_tell_progress(driver: HostDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "PATIENTS_A_THREAD", 1)
    kernel, batch, watcher = compile_kernel(load_antimony(EVENTS), "cuda"), batch_of(("x",), 300), Watcher()
    found = kernel.simulate(batch, OPTIONS, watcher)
    same(found, compile_kernel(load_antimony(EVENTS), "llvm").simulate(batch, OPTIONS))
    assert driver.launched == [128, 128, 128]
    assert (watcher.total, watcher.done) == (300, 300)
    with pytest.raises(Stopped):
        kernel.simulate(batch, OPTIONS, Watcher(stop_at=128))
    assert driver.launched == [128, 128, 128, 128]


def test_memory_is_flat_and_given_back(driver: HostDriver) -> None:
    kernel, batch = compile_kernel(load_antimony(REACTIONS), "cuda"), batch_of(("S1", "S2"), 400)
    expected = kernel.simulate(batch, OPTIONS)
    assert driver.held == {}
    driver.launched.clear()
    driver.memory = 320_000  # half of it for workspaces, a quarter for patients
    same(kernel.simulate(batch, OPTIONS), expected)
    assert len(driver.launched) > 1
    driver.memory = 60_000
    with pytest.raises(
        UnsupportedError, match=r"a model of 3 states on this machine.*32 patients take"
    ) as refused:
        kernel.simulate(batch, OPTIONS)
    assert refused.value.exit_code == 3


def test_a_batch_without_patients_has_an_empty_result(driver: HostDriver) -> None:
    found = compile_kernel(load_antimony(EVENTS), "cuda").simulate(batch_of(("x",), 0))
    assert found.outputs.shape == (0, 13, 1)


def test_a_wrong_number_is_told_by_its_patient(driver: HostDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cuda, "PATIENTS_A_THREAD", 1)
    batch = batch_of(("x",), 300)
    batch.parameters[290] = np.nan
    with pytest.raises(InputError, match="parameter n of patient 290 is nan"):
        compile_kernel(load_antimony(EVENTS), "cuda").simulate(batch)


def test_a_function_that_is_not_there_is_refused_by_name_where_it_is_needed(driver: HostDriver) -> None:
    kernel = compile_kernel(load_antimony("x' = -n*x; x = 1; n = 1; y := sin(x) + tanh(x)"), "cuda")
    assert kernel.simulate(batch_of(("x",))).outputs.shape == (N, 13, 1)
    refused = r"the function hyperbolic tangent, sine, on a graphics processor\n  hint: without --target cuda"
    with pytest.raises(UnsupportedError, match=refused):
        kernel.simulate(batch_of(("y",)))


def test_another_process_is_sent_the_program_and_compiles_it_for_its_own_processor(
    driver: HostDriver,
) -> None:
    kernel, batch = compile_kernel(load_antimony(GROWS), "cuda"), batch_of(("x",))
    sent = pickle.loads(pickle.dumps(kernel))
    assert isinstance(sent, cuda.CudaKernel)
    same(sent.simulate(batch, OPTIONS), kernel.simulate(batch, OPTIONS))


def test_derivatives_are_refused_by_name(driver: HostDriver) -> None:
    with pytest.raises(UnsupportedError, match="derivatives by parameters in this backend"):
        gradients(compile_kernel(load_antimony(GROWS), "cuda"), batch_of(("x",)), ["n"])


def test_the_pinned_target_chooses_where_patients_are_simulated(
    driver: HostDriver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PINNED, "cuda")
    assert isinstance(compile_kernel(load_antimony(GROWS)), cuda.CudaKernel)
    stateless = compile_kernel(load_antimony("model still; a = 3; end"))
    assert not isinstance(stateless, cuda.CudaKernel)
    monkeypatch.setenv(PINNED, named("").name)
    assert not isinstance(compile_kernel(load_antimony(GROWS)), cuda.CudaKernel)


@pytest.mark.parametrize("case", CASES)
def test_a_graphics_processor_agrees_with_this_one(case: str) -> None:
    """The contract of the backend, where there is one: it may fuse other products, so only digits agree."""
    try:
        graphics.processor()
    except UnsupportedError as error:
        pytest.skip(str(error.problems[0].what))
    model, outputs, fields = CASES[case]
    system, batch = load_antimony(model), batch_of(outputs, 20_000, **fields)
    found = compile_kernel(system, "cuda").simulate(batch, OPTIONS)
    expected = compile_kernel(system, "llvm").simulate(batch, OPTIONS)
    assert np.array_equal(found.status, expected.status)
    for name in ("outputs", "summaries", "final_states"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), rtol=1e-4, atol=1e-6)
