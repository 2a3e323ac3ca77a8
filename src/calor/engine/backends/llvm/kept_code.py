"""The code of a program, from the cache where it was written and compiled before.

Code is kept by its text (`core.machine`), which takes long to write. Beside it stand, by the program, its
layout and what its code is kept under, so that the text is written only where there is no code yet.
"""

from __future__ import annotations

import json
from functools import cached_property
from typing import TYPE_CHECKING, Any

from calor.core import kept_work, machine
from calor.core.plain_records import plain_record, record_of
from calor.core.targets import target
from calor.engine.backends.llvm.layout import Layout, Leading
from calor.engine.ir.plain_program import plain_program
from calor.engine.ir.program import Program

if TYPE_CHECKING:
    from calor.engine.backends.llvm.source import Source

KIND = "layouts"
_CLASSES = {each.__name__: each for each in (Layout, Leading)}


class KernelCode:
    """The layout of a program's kernel, the library with its `run`, and those that observe outputs.

    Arguments: the program.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        plain = plain_program(program)
        del plain["parameter_values"]
        self._text = json.dumps(plain)
        found = self._found("run")
        if found is None:
            self.layout, text = self._source.model.layout, self._source.text
            self.library = machine.compiled(text)
            self._keep("run", text, layout=plain_record(self.layout))
        else:
            self.library, kept = found
            self.layout = record_of(kept["layout"], _CLASSES)

    def observer(self, names: tuple[str, ...]) -> machine.Library:
        """Return the library with `observe` for some outputs."""
        found = self._found("observe", *names)
        if found is not None:
            return found[0]
        text = self._source.observing(names)
        library = machine.compiled(text)
        self._keep("observe", text, *names)
        return library

    @cached_property
    def _source(self) -> Source:
        from calor.engine.backends.llvm.source import write_source  # takes long to load
        from calor.engine.methods.rodas5p import RODAS5P

        return write_source(self._program, RODAS5P, target().lanes)

    def _key(self, *what: str) -> str:
        decided_by = (*machine.decided_by(), str(target().lanes))
        return kept_work.key_of(KIND, *decided_by, json.dumps(what), self._text)

    def _found(self, *what: str) -> tuple[machine.Library, dict[str, Any]] | None:
        """Return the library of this, and what is kept beside it, if both are there."""
        content = kept_work.kept(KIND, self._key(*what))
        if content is None:
            return None
        kept = json.loads(content)
        library = machine.compiled_before(kept["code"])
        return None if library is None else (library, kept)

    def _keep(self, name: str, text: str, *rest: str, **beside: Any) -> None:
        content = json.dumps({"code": machine.key_of(text), **beside})
        kept_work.keep(KIND, self._key(name, *rest), content.encode())
