from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from calor.engine.backends.c_source import c_source
from calor.engine.importers.files import load_model_file
from calor.engine.ir.interpreter import Interpreter
from calor.engine.ir.lowering import lower
from calor.engine.symbolic.builder import SystemBuilder

MODELS = Path(__file__).parents[1] / "models"
GOLDEN = Path(__file__).with_name("saturable.c")


def saturable() -> str:
    build = SystemBuilder("saturable elimination")
    vmax, km = build.parameter("vmax", 2.0), build.parameter("km", 0.5)
    x = build.state("x", 10.0)
    loss = build.assign("loss", vmax * x / (km + x))
    build.rate("x", -loss)
    build.event("dose", x < 1.0, {"x": x + 10.0})
    return c_source(lower(build.build()))


def test_the_source_is_the_golden_one() -> None:
    assert saturable() == GOLDEN.read_text()


def test_a_name_cannot_leave_its_comment() -> None:
    build = SystemBuilder("x */ int main(void) { return 0; } /*")
    assert "*/ int main" not in c_source(lower(build.build()))


@pytest.mark.parametrize("model", ["hill.ant", "arithmetic.ant", "event_concentration.ant", "rate_of.ant"])
def test_compiled_it_computes_what_the_interpreter_does(model: str, tmp_path: Path) -> None:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    program = lower(load_model_file(MODELS / model))
    source, library = tmp_path / "model.c", tmp_path / "model.so"
    source.write_text(c_source(program))
    flags = ["-std=c11", "-Wall", "-Werror", "-Wno-unused", "-O1", "-shared", "-fPIC"]
    subprocess.run([compiler, *flags, str(source), "-o", str(library), "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))
    time, states = 0.7, np.linspace(0.3, 1.9, max(len(program.state_names), 1))
    parameters = np.array(program.parameter_values)
    for group, values in Interpreter(program)(time, states, parameters).items():
        result = np.zeros(max(len(values), 1))
        pointers = [array.ctypes.data_as(ctypes.c_void_p) for array in (states, parameters, result)]
        getattr(loaded, group)(ctypes.c_double(time), *pointers)
        np.testing.assert_allclose(result[: len(values)], values.astype(float), rtol=1e-14, err_msg=group)
