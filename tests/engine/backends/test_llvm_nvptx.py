"""The vector backend's text with one lane is code for NVIDIA's machines too, without a change."""

from __future__ import annotations

import re

import pytest
from llvmlite import binding

from calor.engine import load_antimony
from calor.engine.backends.llvm.source import write_source
from calor.engine.ir.lowering import lower
from calor.engine.methods.rodas5p import RODAS5P

TRIPLE = "nvptx64-nvidia-cuda"


def test_a_model_compiles_to_ptx() -> None:
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    try:
        machine = binding.Target.from_triple(TRIPLE).create_target_machine(cpu="sm_80", opt=1)
    except RuntimeError as error:
        pytest.skip(f"this LLVM has no NVPTX target: {error}")
    system = load_antimony("S1 = 10; S2 = 0; k = 0.3; n = 2.5; J: S1 -> S2; k*S1^n/(1 + S1^n);")
    module = binding.parse_assembly(write_source(lower(system), RODAS5P, 1).text)
    module.triple, module.data_layout = TRIPLE, str(machine.target_data)
    module.verify()
    text = machine.emit_assembly(module)
    assert re.search(r"\.visible \.func\s+run\(", text)
    assert "fma.rn.f64" in text
    assert not re.findall(r"\.extern \.func.*", text), (
        "what it calls must be in it: there is no C library there"
    )
