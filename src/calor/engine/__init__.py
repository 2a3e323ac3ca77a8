"""Any ODE system: symbolic -> ir -> backends, methods, dosing, batch. Knows mathematics and no medicine."""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calor.engine.batch import Kernel
    from calor.engine.ir.program import Program
    from calor.engine.symbolic.system import System

__all__ = [
    "BACKENDS",
    "compile_kernel",
    "compile_persistent_kernel",
    "compile_program",
    "load_antimony",
    "load_sbml",
]

BACKENDS: dict[str, tuple[str, str]] = {
    # name: (module, class made from a program)
    "llvm": ("calor.engine.backends.llvm.kernel", "LlvmKernel"),
    "cuda": ("calor.engine.backends.cuda", "CudaKernel"),
    "reference": ("calor.engine.backends.reference", "ReferenceKernel"),
}
"""The backends by name; a backend's module is imported when it is first used."""


def load_sbml(source: str | Path) -> System:
    """Return the system of an SBML file, or of a document given as text; see `importers.sbml`."""
    from calor.engine.importers import sbml

    return sbml.load_sbml(source)


def load_antimony(source: str | Path) -> System:
    """Return the system of an Antimony file, or of a model given as text; see `importers.antimony_text`."""
    from calor.engine.importers import antimony_text

    return antimony_text.load_antimony(source)


def compile_kernel(system: System, backend: str | None = None) -> Kernel:
    """Return the kernel of a system: what simulates batches of its patients.

    Arguments: the system; the name of a backend. Without one it is `llvm` (vector code for this processor),
    `cuda` where a graphics processor is the pinned target (`core.targets`), or `reference` for what only that
    solves: a system without a state, with constraints.
    Raises UnsupportedError, naming the construct, for what the backend does not do, and KeyError for a
    backend that there is not.
    """
    from calor.engine.ir.kept_programs import program_of

    return compile_program(program_of(system), backend)


def compile_program(program: Program, backend: str | None = None) -> Kernel:
    """Return the kernel of a program; see `compile_kernel`."""
    module, name = BACKENDS[backend or _usual_backend(program)]
    kernel: Kernel = getattr(importlib.import_module(module), name)(program)
    return kernel


def _usual_backend(program: Program) -> str:
    """Return the name of the backend that a program is for."""
    if not program.state_names or program.only_for_reference:
        return "reference"
    from calor.core.targets import on_graphics

    return "cuda" if on_graphics() else "llvm"


def compile_persistent_kernel(system: System) -> Kernel:
    """Return the kernel of a system that tries again for patients that fail.

    First at a tighter tolerance, then with the reference backend's solver; see `engine.retry`.
    """
    from calor.engine.retry import PersistentKernel

    kernel = compile_kernel(system)
    return PersistentKernel(kernel, partial(compile_program, kernel.program, "reference"))
