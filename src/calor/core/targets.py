"""Targets of machine code: a vector unit by name, the numbers that its vectors hold, and who has it.

The target alone decides the code of a model. The widest that this processor has is chosen; `pin` holds to
another one, for this process and those that it starts.
"""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import lru_cache

from llvmlite import binding

from calor.core import graphics
from calor.core.errors import InputError, UnsupportedError

PINNED = "CALOR_TARGET"
"""The variable of the environment that names the pinned target, so that worker processes hold to it too."""

GRAPHICS = "cuda"
"""The name that pins a graphics processor of NVIDIA's: patients are simulated there, all else here."""

X86_64 = ("x86_64", "AMD64")
ARM_64 = ("aarch64", "arm64")


@dataclass(frozen=True)
class Target:
    """A vector unit that code is made for.

    Arguments: its name; how many numbers its vectors hold; the processor that LLVM makes code for, which
    nothing newer is asked of; the architectures that may have it, as Python names them (none: any); and the
    features, as LLVM names them, of which a processor that lacks one cannot run the code.
    """

    name: str
    lanes: int
    processor: str
    architectures: tuple[str, ...] = ()
    features: tuple[str, ...] = ()

    @property
    def is_here(self) -> bool:
        """Whether this processor runs its code."""
        if self.architectures and platform.machine() not in self.architectures:
            return False
        found = _features_here() if self.features else {}
        return all(found.get(feature) for feature in self.features)

    @property
    def triple(self) -> str:
        """The kind of machine that code is made for, as LLVM names it."""
        return str(binding.get_default_triple())

    def machine(self, *, optimised: bool = True) -> binding.TargetMachine:
        """Return what makes code for it in this process."""
        _prepare()
        return binding.Target.from_triple(self.triple).create_target_machine(
            cpu=self.processor, opt=int(optimised), jit=True, codemodel="jitdefault"
        )


_AVX2 = ("avx2", "fma", "bmi", "bmi2", "lzcnt", "movbe", "f16c")
_AVX512 = ("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl")

TARGETS = (
    Target("avx512", 8, "x86-64-v4", X86_64, (*_AVX2, *_AVX512)),
    Target("avx2", 4, "x86-64-v3", X86_64, _AVX2),
    Target("neon", 2, "generic", ARM_64),
    Target("baseline", 2, "generic"),
)
"""All targets, the widest first; the last is everywhere."""


def target() -> Target:
    """Return the target that this processor's code is made for: the pinned one, or the widest that is here.

    Raises InputError for a pinned name that is none, UnsupportedError for one that this processor lacks.
    """
    return named("" if on_graphics() else os.environ.get(PINNED, ""))


def on_graphics() -> bool:
    """Return whether patients are simulated on a graphics processor."""
    return os.environ.get(PINNED, "") == GRAPHICS


def pin(name: str) -> None:
    """Hold to a target, in this process and those that it starts; raises as `target` does.

    Raises UnsupportedError for a graphics processor that is not there; see `core.graphics`.
    """
    if name == GRAPHICS:
        graphics.processor()
    else:
        named(name)
    os.environ[PINNED] = name


def target_in_words() -> str:
    """Return what decides the code, for the provenance of a run: the target, and the graphics processor."""
    if not on_graphics():
        return target().name
    return f"{GRAPHICS} ({graphics.processor().name}) beside {target().name}"


@lru_cache
def named(name: str) -> Target:
    """Return the target of a name, or the widest for an empty one; raises as `target` does."""
    here = tuple(each for each in TARGETS if each.is_here)
    if not name:
        return here[0]
    found = next((each for each in TARGETS if each.name == name), None)
    if found is None:
        raise InputError.of(
            f"{name!r} is no target",
            key="--target",
            allowed=", ".join((*(each.name for each in TARGETS), GRAPHICS)),
        )
    if found not in here:
        raise UnsupportedError.of(
            f"this processor ({platform.machine()}, {binding.get_host_cpu_name()}) lacks {name}",
            key="--target",
            hint=f"it has {', '.join(each.name for each in here)}",
        )
    return found


@lru_cache
def _features_here() -> dict[str, bool]:
    return dict(binding.get_host_cpu_features())


@lru_cache
def _prepare() -> None:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
