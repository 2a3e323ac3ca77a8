"""The machine that a run was made on, as far as numbers or time may depend on it."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

from calor.core.versions import code_sha256, versions


def machine() -> dict[str, str]:
    """Return the processor, its instruction set as LLVM names it, the target, the cores and the system."""
    import llvmlite.binding as llvm  # loaded by every simulation already

    from calor.core.targets import target

    return {
        "processor": _processor(),
        "instruction_set": str(llvm.get_host_cpu_name()),
        "target": target().name,
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


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor() or platform.machine()
