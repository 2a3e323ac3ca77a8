"""The graphics processor: what is refused where one is missing, and what its driver's errors become."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from calor.core import graphics
from calor.core.errors import CalorError, UnsupportedError
from tests.host_driver import HostDriver

NOTHING = "define dso_local void @thread(ptr %work, ptr %job, i64 %rows, i64 %index) { ret void }"


@pytest.fixture
def processor() -> graphics.GraphicsProcessor:
    return graphics.GraphicsProcessor(HostDriver())


def found(monkeypatch: pytest.MonkeyPatch, driver: object) -> graphics.GraphicsProcessor:
    """Return the graphics processor of a machine with this library of the driver's; None: it has none."""
    monkeypatch.setitem(sys.modules, graphics.DRIVER, driver)  # type: ignore[arg-type]
    graphics.processor.cache_clear()
    try:
        return graphics.processor()
    finally:
        graphics.processor.cache_clear()


def test_the_first_one_is_found_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, HostDriver()).name == "this machine, CUDA 13.2"


def not_installed(_flags: int) -> None:
    raise RuntimeError("no libcuda")


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (None, r"--target: cuda-bindings is not installed\n  hint: pip install 'calor\[gpu\]'"),
        (
            SimpleNamespace(cuInit=not_installed),
            r"--target: NVIDIA's driver is not installed\n  hint: without",
        ),
        (
            HostDriver(devices=0),
            r"--target: this machine has no graphics processor of NVIDIA's\n  hint: without",
        ),
        (HostDriver(capability=(7, 5)), r"--target: this machine has compute capability 7.5, .* needs 8.0"),
    ],
)
def test_what_is_missing_is_refused_by_name(
    driver: object, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnsupportedError, match=said) as refused:
        found(monkeypatch, driver)
    assert refused.value.exit_code == 3


def test_memory_is_copied_there_and_back_and_given_back(processor: graphics.GraphicsProcessor) -> None:
    before, array, back = processor.free_bytes, np.arange(5.0), np.ones(5)
    memory = processor.copy_of(array)
    assert processor.free_bytes == before - 40
    processor.take(memory, back)
    assert np.array_equal(back, array)
    processor.take(processor.zeros(40), back)
    assert not back.any()
    del memory
    assert processor.free_bytes == before
    assert processor.copy_of(np.zeros(0)).n_bytes == 1


def test_memory_that_is_not_there_is_refused_with_what_is_free(processor: graphics.GraphicsProcessor) -> None:
    with pytest.raises(UnsupportedError, match=r"2000 MB more on this machine, where 1074 MB are free"):
        processor.zeros(2_000_000_000)


def test_an_error_of_the_driver_is_named(
    processor: graphics.GraphicsProcessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graphics, "ptx", lambda text: text)
    monkeypatch.setattr(HostDriver, "cuCtxSynchronize", lambda _: (700,))
    code, nothing = processor.loaded(NOTHING), processor.zeros(8)
    monkeypatch.setattr(HostDriver, "cuLaunchKernel", lambda *_: (0,))
    with pytest.raises(CalorError, match="the driver of the graphics processor says 700") as failed:
        processor.run(code, nothing, nothing, 1, 128)
    assert failed.value.exit_code == 1
