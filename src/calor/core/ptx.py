"""LLVM text -> PTX, the code for NVIDIA's graphics processors, of which their driver makes machine code."""

from __future__ import annotations

import re
from functools import lru_cache

from llvmlite import binding

from calor.core.errors import UnsupportedError
from calor.core.llvm_module import module_for

TRIPLE = "nvptx64-nvidia-cuda"

OLDEST = (8, 0)
"""The compute capability that code is made for: a driver makes newer machines' code of it, no older one's."""

WARP = 32
"""Threads that go through their code together. They are started as a block of their own: so few may have all
the registers that a thread can have, and few patients are spread over the whole processor."""

ENTRY = "enter"
"""The function of a module that the machine starts in every thread."""

_ENTRY_TEXT = f"""
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
define ptx_kernel void @{ENTRY}(ptr %work, ptr %job, i64 %rows) nounwind "nvvm.maxntid"="{WARP}" {{
  %block = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %place = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %first = mul i32 %block, {WARP}
  %thread = add i32 %first, %place
  %index = zext i32 %thread to i64
  call void @thread(ptr %work, ptr %job, i64 %rows, i64 %index)
  ret void
}}
"""


def ptx(text: str) -> str:
    """Return the PTX of a module that holds `thread(work, job, rows, index)`, with an entry that calls it.

    Raises UnsupportedError where this build of LLVM makes no code for NVIDIA's machines.
    """
    machine = _target_machine()
    made = str(machine.emit_assembly(module_for(machine, text + _ENTRY_TEXT)))
    # LLVM numbers the calls of a process in comments; without them the same text gives the same PTX, and the
    # driver finds what it has made of it before.
    return re.sub(r"// callseq .*", "", made)


@lru_cache
def _target_machine() -> binding.TargetMachine:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    try:
        target = binding.Target.from_triple(TRIPLE)
    except RuntimeError as error:
        raise UnsupportedError.of(f"code for graphics processors: {error}") from None
    return target.create_target_machine(cpu=f"sm_{OLDEST[0]}{OLDEST[1]}", opt=1)
