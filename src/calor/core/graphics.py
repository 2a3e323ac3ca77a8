"""The graphics processor that patients may be simulated on, through NVIDIA's driver: code, memory, launches.

Nothing of it is loaded before `processor` is called. The driver's functions return an error and what they
give; their names and arguments are those of its C interface.
"""

from __future__ import annotations

import ctypes
import importlib
import weakref
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calor.core.errors import CalorError, UnsupportedError
from calor.core.ptx import ENTRY, OLDEST, WARP, ptx

DRIVER = "cuda.bindings.driver"

OUT_OF_MEMORY = 2
"""What the driver says where it has no memory left."""

WITHOUT = "without --target cuda this machine's processor does the same"


class GraphicsProcessor:
    """The first graphics processor of this machine.

    Arguments: the module with the driver's functions. Raises UnsupportedError where there is none, or none
    that runs what `core.ptx` makes. Every function may be called in any thread, by one at a time.
    """

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        failed = int(driver.cuInit(0)[0])
        if failed or not self._given(driver.cuDeviceGetCount()):
            raise _absent("this machine has no graphics processor of NVIDIA's")
        self._device = self._given(driver.cuDeviceGet(0))
        attributes = driver.CUdevice_attribute
        self._multiprocessors = self._attribute(attributes.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT)
        capability = (
            self._attribute(attributes.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            self._attribute(attributes.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        )
        if capability < OLDEST:
            raise _absent(
                f"{self._name} has compute capability {capability[0]}.{capability[1]}, and calor's code for "
                f"graphics processors needs {OLDEST[0]}.{OLDEST[1]}"
            )
        self._context = self._given(driver.cuDevicePrimaryCtxRetain(self._device))

    @property
    def name(self) -> str:
        """Its name, and the version of the driver that makes its code."""
        major, minor = divmod(int(self._given(self._driver.cuDriverGetVersion())), 1000)
        return f"{self._name}, CUDA {major}.{minor // 10}"

    @property
    def free_bytes(self) -> int:
        """How much memory nobody uses."""
        return int(self._given(self._asking().cuMemGetInfo()))

    def loaded(self, text: str) -> Code:
        """Return the code of a module that holds `thread(work, job, rows, index)`."""
        module = self._given(self._asking().cuModuleLoadData(ptx(text).encode() + b"\0"))
        function = self._given(self._driver.cuModuleGetFunction(module, ENTRY.encode()))
        blocks = self._given(self._driver.cuOccupancyMaxActiveBlocksPerMultiprocessor(function, WARP, 0))
        code = Code(function, int(blocks) * self._multiprocessors * WARP)
        weakref.finalize(code, self._forget, self._driver.cuModuleUnload, module).atexit = False
        return code

    def zeros(self, n_bytes: int) -> Memory:
        """Return memory that holds zeros."""
        memory = self._memory(n_bytes)
        self._given(self._driver.cuMemsetD8(memory.address, 0, memory.n_bytes))
        return memory

    def copy_of(self, array: NDArray[np.generic]) -> Memory:
        """Return memory that holds what an array does, which lies in one piece."""
        memory = self._memory(array.nbytes)
        self._given(self._driver.cuMemcpyHtoD(memory.address, array.ctypes.data, array.nbytes))
        return memory

    def take(self, memory: Memory, into: NDArray[np.generic]) -> None:
        """Copy what memory holds into an array of its size."""
        self._given(self._asking().cuMemcpyDtoH(into.ctypes.data, memory.address, into.nbytes))

    def run(self, code: Code, work: Memory, job: Memory, rows: int, threads: int) -> None:
        """Run the code in so many threads, a whole number of blocks, and wait until all have ended."""
        arguments = ((work.address, job.address, rows), (ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64))
        blocks = (threads // WARP, 1, 1)
        self._given(self._asking().cuLaunchKernel(code.function, *blocks, WARP, 1, 1, 0, 0, arguments, 0))
        self._given(self._driver.cuCtxSynchronize())

    @property
    def _name(self) -> str:
        return bytes(self._given(self._driver.cuDeviceGetName(100, self._device))).split(b"\0")[0].decode()

    def _attribute(self, which: Any) -> int:
        return int(self._given(self._driver.cuDeviceGetAttribute(which, self._device)))

    def _memory(self, n_bytes: int) -> Memory:
        n_bytes = max(n_bytes, 1)  # the driver gives no memory of no size
        error, address = self._asking().cuMemAlloc(n_bytes)
        if int(error) == OUT_OF_MEMORY:
            raise UnsupportedError.of(
                f"{n_bytes / 1e6:.0f} MB more on {self._name}, where {self.free_bytes / 1e6:.0f} MB are free",
                hint="end what else uses it, or simulate fewer times to save",
            )
        memory = Memory(int(self._given((error, address))), n_bytes)
        weakref.finalize(memory, self._forget, self._driver.cuMemFree, memory.address).atexit = False
        return memory

    def _forget(self, give_back: Callable[[Any], object], what: Any) -> None:
        """Give something back; that the driver says it cannot is of no more use to anybody."""
        self._driver.cuCtxSetCurrent(self._context)
        give_back(what)

    def _asking(self) -> Any:
        """Return the driver, ready to be asked by this thread."""
        self._given(self._driver.cuCtxSetCurrent(self._context))
        return self._driver

    def _given(self, outcome: tuple[Any, ...]) -> Any:
        """Return the first thing that the driver gave, if any; raises CalorError for an error of its."""
        error, *given = outcome
        if int(error):
            raise CalorError(f"the driver of the graphics processor says {getattr(error, 'name', error)}")
        return given[0] if given else None


class Memory:
    """Memory of the graphics processor, given back when it is forgotten."""

    def __init__(self, address: int, n_bytes: int) -> None:
        self.address = address
        self.n_bytes = n_bytes


class Code:
    """Code in the graphics processor, given back when it is forgotten.

    Arguments: the function to start; how many threads of it run at once.
    """

    def __init__(self, function: Any, threads: int) -> None:
        self.function = function
        self.threads = threads


@lru_cache
def processor() -> GraphicsProcessor:
    """Return this machine's graphics processor.

    Raises UnsupportedError, with what is missing: the extra, the driver, the processor or its age.
    """
    try:
        driver = importlib.import_module(DRIVER)
    except ImportError:
        raise _absent("cuda-bindings is not installed", hint="pip install 'calor[gpu]'") from None
    try:
        return GraphicsProcessor(driver)
    except RuntimeError:  # the driver is looked for when it is first asked
        raise _absent("NVIDIA's driver is not installed") from None


def _absent(what: str, hint: str = WITHOUT) -> UnsupportedError:
    return UnsupportedError.of(what, key="--target", hint=hint)
