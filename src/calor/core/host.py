"""The machine that a run is made on, and what decides the last digits of its numbers.

Four numbers summed in one register and two in another are rounded in another order; so are the sums of
linear algebra, which chooses its code by the processor. Machines that are alike in code, libraries and vector
units compute the same bits.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from calor.core.versions import code_sha256, versions

VECTOR_UNIT = "vector unit"
"""The name of the one difference that is told by what each side has and the other lacks."""


def machine() -> dict[str, str]:
    """Return the processor, its instruction set as LLVM names it, the target, the cores and the system."""
    from calor.core.targets import target_in_words  # loads LLVM, as every simulation has done already

    return {
        "processor": _processor(),
        "instruction_set": _instruction_set(),
        "target": target_in_words(),
        "cores": str(os.cpu_count() or 1),
        "system": f"{platform.system()} {platform.machine()}",
    }


def made_with() -> dict[str, Any]:
    """Return what the numbers of a run depend on besides what is asked: versions, code, processor."""
    processor = {name: value for name, value in machine().items() if name != "cores"}
    return {"versions": versions(), "code_sha256": code_sha256(), "machine": processor}


def processor_text(machine: Mapping[str, str]) -> str:
    """Return on what a run was made; the target is one of the engine's code, and older runs keep none."""
    target = f", target {machine['target']}" if "target" in machine else ""
    return f"{machine['processor']} ({machine['instruction_set']}{target}), {machine['system']}"


def deciders_of_digits() -> Mapping[str, str]:
    """Return what decides the last digits of what this process computes, by name."""
    from calor.core.targets import target_in_words

    return {**_deciders_here(), "target": target_in_words()}


@lru_cache(maxsize=1)
def _deciders_here() -> Mapping[str, str]:
    import numpy as np
    import scipy.linalg  # noqa: F401  its linear algebra is told only once it is loaded
    from llvmlite import binding
    from threadpoolctl import threadpool_info

    features = binding.get_host_cpu_features()
    algebra = {
        f"{each['internal_api']} {each['version']} for {each.get('architecture', 'any processor')}"
        for each in threadpool_info()
        if each["user_api"] == "blas"
    }
    return {
        **versions(),
        "calor's code": code_sha256()[:16],
        "processor": _instruction_set(),
        VECTOR_UNIT: " ".join(sorted(name for name, is_there in features.items() if is_there)),
        "numpy's vector code": " ".join(np.show_config(mode="dicts")["SIMD Extensions"]["found"]),
        "linear algebra": ", ".join(sorted(algebra)),
    }


def differences(here: Mapping[str, str], there: Mapping[str, str]) -> tuple[str, ...]:
    """Return in words where two machines differ in what decides digits; none where they compute the same."""
    return tuple(
        _difference(name, here.get(name, ""), there.get(name, ""))
        for name in dict.fromkeys((*here, *there))
        if here.get(name) != there.get(name)
    )


def _difference(name: str, here: str, there: str) -> str:
    if name != VECTOR_UNIT:
        return f"{name}: {here or 'none'} here, {there or 'none'} there"
    only_here, only_there = set(here.split()) - set(there.split()), set(there.split()) - set(here.split())
    parts = ((only_here, "only here"), (only_there, "only there"))
    return f"{name}: " + ", ".join(f"{' '.join(sorted(found))} {where}" for found, where in parts if found)


def _instruction_set() -> str:
    import llvmlite.binding as llvm  # loaded by every simulation already

    return str(llvm.get_host_cpu_name())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
