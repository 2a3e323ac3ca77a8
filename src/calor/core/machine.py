"""LLVM text -> machine code for the target, kept on disk by a hash of everything that decides it."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import llvmlite
from llvmlite import binding

from calor.core.cache import cache_folder
from calor.core.llvm_module import module_for
from calor.core.targets import target

LARGEST_OPTIMISED = 2_000_000
"""Characters of a module beyond which code is made quickly rather than quick code: 300 states and 2,400
parameters take 1.5 s instead of 17, and what few patients of such a model gain would not pay for it."""

CODE_VERSION = "2"
"""Raised where the meaning of cached code changes without its text."""

DIGEST_SIZE = hashlib.sha256().digest_size
"""A file of the cache begins with the hash of the code in it."""


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
    file = cache_folder() / "kernels" / f"{_key(text)}.o"
    code = _kept(file)
    if code is None:
        code = _compile(text)
        with contextlib.suppress(OSError):
            _write_at_once(file, hashlib.sha256(code).digest() + code)
    return Library(code)


def _compile(text: str) -> bytes:
    """Return the object code of a module."""
    machine = _target_machine(optimised=len(text) <= LARGEST_OPTIMISED)
    return bytes(machine.emit_object(module_for(machine, text)))


def _target_machine(*, optimised: bool = True) -> binding.TargetMachine:
    return target().machine(optimised=optimised)


def _key(text: str) -> str:
    chosen = target()
    said = (CODE_VERSION, llvmlite.__version__, chosen.triple, chosen.processor, text)
    return hashlib.sha256("\0".join(said).encode()).hexdigest()


def _kept(file: Path) -> bytes | None:
    """Return the code in a file of the cache, or None where there is none or it is damaged."""
    try:
        kept = file.read_bytes()
    except OSError:
        return None
    digest, code = kept[:DIGEST_SIZE], kept[DIGEST_SIZE:]
    return code if hashlib.sha256(code).digest() == digest else None


def _write_at_once(file: Path, code: bytes) -> None:
    """Write a file so that another process sees all of it or nothing."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(code)
    os.replace(name, file)
