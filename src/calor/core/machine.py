"""LLVM text -> machine code for the target, kept on disk by a hash of everything that decides it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import llvmlite
from llvmlite import binding

from calor.core.cache import cache_folder
from calor.core.kept_files import read_kept, write_kept
from calor.core.llvm_module import module_for
from calor.core.targets import target

LARGEST_OPTIMISED = 2_000_000
"""Characters of a module beyond which code is made quickly rather than quick code: 300 states and 2,400
parameters take 1.5 s instead of 17, and what few patients of such a model gain would not pay for it."""

CODE_VERSION = "2"
"""Raised where the meaning of cached code changes without its text."""


class Library:
    """Machine code in memory, with the addresses of its functions."""

    def __init__(self, code: bytes) -> None:
        empty = binding.parse_assembly("")
        self._engine = binding.create_mcjit_compiler(empty, _target_machine())
        self._engine.add_object_file(binding.object_file.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Return the address of a function; raises KeyError where there is none."""
        address = int(self._engine.get_function_address(name))
        if address == 0:
            raise KeyError(name)
        return address


def compiled(text: str) -> Library:
    """Return the library of a module, from the cache where it was compiled before."""
    file = _file(key_of(text))
    code = read_kept(file)
    if code is None:
        code = _compile(text)
        write_kept(file, code)
    return Library(code)


def compiled_before(key: str) -> Library | None:
    """Return the library of the module that has a key, if its code is kept."""
    code = read_kept(_file(key))
    return None if code is None else Library(code)


def _compile(text: str) -> bytes:
    """Return the object code of a module."""
    machine = _target_machine(optimised=len(text) <= LARGEST_OPTIMISED)
    return bytes(machine.emit_object(module_for(machine, text)))


def _target_machine(*, optimised: bool = True) -> binding.TargetMachine:
    return target().machine(optimised=optimised)


def decided_by() -> tuple[str, ...]:
    """Return what decides the code of a module beside its text: versions, and the target."""
    chosen = target()
    return CODE_VERSION, llvmlite.__version__, chosen.triple, chosen.processor


def key_of(text: str) -> str:
    """Return what the code of a module is kept under."""
    return hashlib.sha256("\0".join((*decided_by(), text)).encode()).hexdigest()


def _file(key: str) -> Path:
    return cache_folder() / "kernels" / f"{key}.o"
