"""NVIDIA's driver as far as `core.graphics` asks it, with this machine's processor and memory in its place.

It is given the text that PTX would be made of (`graphics.ptx` is put aside) and calls `thread` for one index
after another. Every thread gets a patient before any gets a second, and must leave its neighbours' rows
alone.
"""

from __future__ import annotations

import ctypes
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from calor.core import graphics, machine
from calor.core.ptx import WARP
from calor.engine.backends.llvm.layout import Job

Thread = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64, ctypes.c_int64)
OK, OUT_OF_MEMORY, NO_DEVICE = 0, 2, 100


class HostDriver:
    """The driver's functions, which answer as its C interface does: an error, and what is given."""

    CUdevice_attribute = SimpleNamespace(
        CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT="processors",
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR="major",
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR="minor",
    )

    def __init__(
        self, *, devices: int = 1, capability: tuple[int, int] = (9, 0), memory: int = 2**30
    ) -> None:
        self.devices = devices
        self.told = {"processors": 4, "major": capability[0], "minor": capability[1]}
        self.memory = memory
        self.held: dict[int, Any] = {}
        self.launched: list[int] = []

    def cuInit(self, _flags: int) -> tuple[int]:
        return (OK,) if self.devices else (NO_DEVICE,)

    def cuDeviceGetCount(self) -> tuple[int, int]:
        return OK, self.devices

    def cuDeviceGet(self, place: int) -> tuple[int, int]:
        return OK, place

    def cuDeviceGetName(self, _room: int, _device: int) -> tuple[int, bytes]:
        return OK, b"this machine\0\0"

    def cuDeviceGetAttribute(self, which: str, _device: int) -> tuple[int, int]:
        return OK, self.told[which]

    def cuDriverGetVersion(self) -> tuple[int, int]:
        return OK, 13020

    def cuDevicePrimaryCtxRetain(self, _device: int) -> tuple[int, str]:
        return OK, "context"

    def cuCtxSetCurrent(self, context: str) -> tuple[int]:
        assert context == "context"
        return (OK,)

    def cuCtxSynchronize(self) -> tuple[int]:
        return (OK,)

    def cuMemGetInfo(self) -> tuple[int, int, int]:
        return OK, self.memory - sum(map(len, self.held.values())), self.memory

    def cuMemAlloc(self, size: int) -> tuple[int, int]:
        if size > self.cuMemGetInfo()[1]:
            return OUT_OF_MEMORY, 0
        taken = (ctypes.c_char * size)()
        taken.raw = b"\xff" * size  # a new piece of memory holds anything
        self.held[ctypes.addressof(taken)] = taken
        return OK, ctypes.addressof(taken)

    def cuMemFree(self, address: int) -> tuple[int]:
        del self.held[address]
        return (OK,)

    def cuMemsetD8(self, address: int, value: int, size: int) -> tuple[int]:
        assert size <= len(self.held[address])
        ctypes.memset(address, value, size)
        return (OK,)

    def cuMemcpyHtoD(self, there: int, here: int, size: int) -> tuple[int]:
        assert size <= len(self.held[there])
        ctypes.memmove(there, here, size)
        return (OK,)

    def cuMemcpyDtoH(self, here: int, there: int, size: int) -> tuple[int]:
        assert size <= len(self.held[there])
        ctypes.memmove(here, there, size)
        return (OK,)

    def cuModuleLoadData(self, image: bytes) -> tuple[int, machine.Library]:
        return OK, machine.compiled(image.rstrip(b"\0").decode())

    def cuModuleUnload(self, _module: machine.Library) -> tuple[int]:
        return (OK,)

    def cuModuleGetFunction(self, module: machine.Library, name: bytes) -> tuple[int, Any]:
        assert name == b"enter"
        return OK, (module, Thread(module.address("thread")))

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(self, _function: Any, _block: int, _shared: int) -> Any:
        return OK, 1

    def cuLaunchKernel(self, function: Any, *settings: Any) -> tuple[int]:
        *shape, shared, stream, (values, types), extra = settings
        assert (shape[1:3], shape[4:], shared, stream, extra) == ([1, 1], [1, 1], 0, 0, 0)
        assert types == (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64)
        self.launched.append(shape[0] * shape[3])
        _launch(function[1], *values, threads=shape[0] * shape[3])
        return (OK,)


def _launch(thread: Any, work: int, job: int, rows: int, *, threads: int) -> None:
    table = np.ctypeslib.as_array((ctypes.c_int64 * len(Job)).from_address(job))
    memory = (ctypes.c_int64 * (rows * threads)).from_address(work)
    slots = np.ctypeslib.as_array(memory).reshape(-1, rows, WARP)
    counter = ctypes.c_int64.from_address(int(table[Job.NEXT_PATIENT]))
    total = int(table[Job.N_PATIENTS])
    for patient in range(max(total, threads)):
        index, before = patient % threads, slots.copy()
        table[Job.N_PATIENTS] = min(patient + 1, total)
        counter.value = patient
        thread(work, job, rows, index)
        group, place = divmod(index, WARP)
        before[group, :, place] = slots[group, :, place]
        assert np.array_equal(before, slots), f"thread {index} wrote where others do"


def put_in_place(monkeypatch: pytest.MonkeyPatch, driver: HostDriver) -> None:
    """Let a driver be found where NVIDIA's is looked for."""
    monkeypatch.setattr(graphics, "ptx", lambda text: text)
    monkeypatch.setattr(graphics, "processor", lambda: graphics.GraphicsProcessor(driver))
