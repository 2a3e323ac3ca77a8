"""The same text by width: what each target computes here, and code for the vector units that are not here."""

from __future__ import annotations

import re

import numpy as np
import pytest
from llvmlite import binding

from calor.core.targets import PINNED, TARGETS, named
from calor.engine import compile_kernel, load_antimony
from calor.engine.backends.llvm.source import write_source
from calor.engine.batch import Batch, BatchResult, Options
from calor.engine.calendar import Action, Calendar
from calor.engine.ir.cascade import leading_first
from calor.engine.ir.lowering import lower
from calor.engine.methods.rodas5p import RODAS5P

MODEL = """
S1 = 10; S2 = 0; S3 = 1; k = 0.3; n = 2.5; m = 1.7
J1: S1 -> S2; k*S1^n/(1 + S1^n)
J2: S2 -> S3; S2^m/(2 + S2^m) + 0.1*S3^0.5
J3: S3 -> ; 0.4*S3^n/(3 + S3^n)
"""
LED = """
depot' = -ka*depot; central' = ka*depot - 9*central/(0.7 + central)
effect' = 2*(central/(0.4 + central) - effect)
a' = 0.05 - 0.03*d*a - 0.02*a; b' = 0.04*a*(1 - 0.8*effect) - 0.03*b
c' = 0.05*b - 0.04*c; d' = 0.03*c - 0.02*d
ka = 40; depot = 0; central = 0; effect = 0; a = 1; b = 1; c = 1; d = 1
"""
"""Three quick states that lead four slow ones."""
HERE = [each.name for each in TARGETS if each.is_here]
FUSED = {"avx512", "avx2", "neon"}
"""Targets whose products and sums are fused, so that all of them round alike."""


def simulated(name: str, monkeypatch: pytest.MonkeyPatch) -> BatchResult:
    """Return 21 patients on doses, simulated by the code for a target."""
    monkeypatch.setenv(PINNED, name)
    kernel = compile_kernel(load_antimony(MODEL))
    assert kernel.group_size == named(name).lanes  # type: ignore[attr-defined]
    values = np.random.default_rng(7).uniform(0.5, 3.0, size=(21, 2))
    doses = Calendar.of(*((3.0 * i, Action.ADD, "S1", 4.0) for i in range(6)))
    batch = Batch(np.linspace(0, 30, 31), ("S1", "S2", "S3"), ("n", "m"), values, calendars=(doses,))
    return kernel.simulate(batch, Options(rtol=1e-5, atol=1e-8))


@pytest.mark.parametrize("name", [name for name in HERE if name in FUSED])
def test_every_width_gives_the_same_bits(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = simulated(next(name for name in HERE if name in FUSED), monkeypatch)
    found = simulated(name, monkeypatch)
    assert np.array_equal(found.outputs, first.outputs)
    assert np.array_equal(found.steps, first.steps)


@pytest.mark.parametrize("name", [name for name in HERE if name in FUSED])
def test_every_width_gives_the_same_bits_where_states_lead(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for each in (next(name for name in HERE if name in FUSED), name):
        monkeypatch.setenv(PINNED, each)
        kernel = compile_kernel(load_antimony(LED))
        values = np.random.default_rng(7).uniform(5.0, 80.0, size=(21, 1))
        doses = Calendar.of(*((1.0 * i, Action.ADD, "depot", 4.0) for i in range(9)))
        # Forty days after the last dose are more steps than the leading states may be ahead.
        batch = Batch(np.linspace(0, 50, 31), ("b", "central", "effect"), ("ka",), values, calendars=(doses,))
        found.append(kernel.simulate(batch, Options(rtol=1e-9, atol=1e-12)))
    assert leading_first(lower(load_antimony(LED))).leading == 3
    assert (found[0].status == 0).all()
    assert np.array_equal(found[0].outputs, found[1].outputs)
    assert np.array_equal(found[0].steps, found[1].steps)


def test_a_target_that_fuses_nothing_differs_by_rounding(monkeypatch: pytest.MonkeyPatch) -> None:
    found, widest = simulated("baseline", monkeypatch), simulated(HERE[0], monkeypatch)
    np.testing.assert_allclose(found.outputs, widest.outputs, rtol=1e-7, atol=1e-10)


@pytest.mark.parametrize(
    ("name", "triple", "fused"),
    [
        ("neon", "aarch64-unknown-linux-gnu", r"fmla\s+v\d+\.2d"),
        ("avx2", "x86_64-unknown-linux-gnu", r"vfmadd\w+pd\s.*%ymm"),
        ("avx512", "x86_64-unknown-linux-gnu", r"vfmadd\w+pd\s.*%zmm"),
    ],
)
def test_a_model_compiles_to_fused_vectors_of_its_width(name: str, triple: str, fused: str) -> None:
    """On any machine: what is not here is only made, not run."""
    binding.initialize_all_targets()
    binding.initialize_all_asmprinters()
    made_for = next(each for each in TARGETS if each.name == name)
    try:
        machine = binding.Target.from_triple(triple).create_target_machine(cpu=made_for.processor, opt=1)
    except RuntimeError as error:
        pytest.skip(f"this LLVM makes no code for {name}: {error}")
    text = write_source(lower(load_antimony(MODEL)), RODAS5P, made_for.lanes).text
    module = binding.parse_assembly(text)
    module.triple, module.data_layout = triple, str(machine.target_data)
    module.verify()
    assembly = machine.emit_assembly(module)
    assert len(re.findall(fused, assembly)) > 100
    assert not re.findall(r"\b(?:bl|callq?)\s+(?:pow|exp|log)\b", assembly)  # no lane waits for the C library


@pytest.mark.parametrize("name", ["avx2", "avx512"])
def test_vectors_on_the_stack_never_lie_across_cache_lines(name: str) -> None:
    """LLVM aligns the stack to 16 bytes only, where a function does not ask for more."""
    lanes = next(each.lanes for each in TARGETS if each.name == name)
    text = write_source(lower(load_antimony(LED)), RODAS5P, lanes).text
    functions = re.findall(r"^define .*", text, re.MULTILINE)
    assert len(functions) > 20
    assert all(f"alignstack({8 * lanes})" in function for function in functions)
