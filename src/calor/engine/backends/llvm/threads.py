"""Many threads over one memory, each with a lane of its own: what a graphics processor runs.

thread(work, job, rows, index)   `run` for the thread of an index, in its own part of the memory; workspaces
                                 have so many rows

Workspaces lie side by side, those of 32 threads as [row][thread]: the threads of a warp go through their code
together, and what they load at once lies in one piece of 256 bytes.
"""

from __future__ import annotations

from calor.core.ptx import WARP
from calor.engine.backends.llvm.builder import INTEGER, POINTER, REAL, Code


def thread() -> Code:
    """Return the function that runs one thread."""
    arguments = [("work", POINTER), ("job", POINTER), ("rows", INTEGER), ("index", INTEGER)]
    code = Code("thread", arguments, lanes=1, attributes="noinline nounwind", linkage="dso_local")
    work, job, rows, index = (code.arguments[name] for name, _ in arguments)
    group = code.op(INTEGER, f"udiv i64 {index.text}, {WARP}")
    place = code.op(INTEGER, f"urem i64 {index.text}, {WARP}")
    own = code.element(work, group * rows * WARP + place, REAL)
    code.call("run", "void", own, job)
    code.give_back()
    return code
