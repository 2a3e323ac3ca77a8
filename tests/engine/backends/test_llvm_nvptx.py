"""The vector backend's text with one lane is code for NVIDIA's machines, whole and without a change."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from calor.core.errors import UnsupportedError
from calor.core.ptx import ptx
from calor.engine import load_antimony
from calor.engine.backends.llvm.source import write_source
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.lowering import lower
from calor.engine.methods.rodas5p import RODAS5P
from tests.engine.backends.test_cuda import CASES

FUSED_AS_IT_LIKES = re.compile(r"\b(?:add|sub|mul)\.f64")
"""Sums and products without a rounding of their own, which the assembler may fuse."""


def made_of(case: str) -> str:
    """Return the PTX of a model."""
    model, outputs, _ = CASES[case]
    program = leading_first(lower(load_antimony(model)))
    text = write_source(program, RODAS5P, 1).for_threads(outputs)
    try:
        return ptx(text)
    except UnsupportedError as error:
        pytest.skip(str(error))


def functions_of(text: str) -> dict[str, str]:
    """Return the bodies of the functions of PTX by name."""
    found = re.findall(r"^(?:\.visible )?\.func[^\n]*?(\w+)\([^)]*\)\s*\{(.*?)^\}", text, re.M | re.S)
    return dict(found)


def test_a_module_has_an_entry_and_nothing_outside_itself() -> None:
    text = made_of("events")
    assert re.findall(r"\.entry (\w+)", text) == ["enter"]
    assert ".maxntid 32" in text
    assert "fma.rn.f64" in text
    assert "atom.add.u64" in text  # among all threads of the machine, as PTX has it where nothing is said
    assert not re.findall(r"\.extern .*", text), "what it calls must be in it: there is no C library there"
    assert ".callprototype" not in text, "a call by address hides how much memory a thread needs"
    assert not re.findall(r"\.local", text), "a variable that is in no register is in slow memory"


def test_the_same_model_gives_the_same_code() -> None:
    assert made_of("events") == made_of("events")


def test_what_must_be_found_alike_everywhere_is_fused_nowhere() -> None:
    functions = functions_of(made_of("events"))
    assert FUSED_AS_IT_LIKES.search(functions["rates"])
    for name in ("look", "hold", "differs", "come_to"):
        assert "f64" in functions[name]
        assert not FUSED_AS_IT_LIKES.search(functions[name]), name
        assert "fma" not in functions[name], name


@pytest.mark.parametrize("machine", ["sm_80", "sm_90"])
@pytest.mark.parametrize("case", ["events", "states that lead"])
def test_the_assembler_takes_it(case: str, machine: str, tmp_path: Path) -> None:
    assembler = shutil.which("ptxas")
    if assembler is None:
        pytest.skip("NVIDIA's assembler ptxas is not on this machine")
    (tmp_path / "kernel.ptx").write_text(made_of(case))
    command = [assembler, "-v", "-arch", machine, "kernel.ptx", "-o", "kernel.cubin"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    assert "warning" not in said.stderr
    assert re.search(r"Compiling entry function 'enter'", said.stderr)
