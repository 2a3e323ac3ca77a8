"""The program of a system, from the cache where the same formulas were lowered before."""

from __future__ import annotations

import json

from calor.core import kept_work
from calor.engine.ir.plain_program import plain_program, program_of_plain
from calor.engine.ir.program import Program
from calor.engine.symbolic.plain_system import plain_system
from calor.engine.symbolic.system import System


def program_of(system: System) -> Program:
    """Return the program of a system. What parameters are worth has no part in it but as their values."""
    plain = plain_system(system)
    values = plain.pop("parameter_values")
    key = kept_work.key_of("programs", json.dumps(plain))
    found = kept_work.kept("programs", key)
    if found is not None:
        return program_of_plain(json.loads(found) | {"parameter_values": values})
    from calor.engine.ir.lowering import lower  # takes long to load

    program = lower(system)
    kept_work.keep("programs", key, json.dumps(plain_program(program)).encode())
    return program
