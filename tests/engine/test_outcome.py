"""What a person is told about a patient that failed: the time reached, the quantity, and what helps."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from calor.cli.main import exit_code_of
from calor.engine import compile_kernel, load_antimony
from calor.engine.batch import Batch, Options
from calor.engine.outcome import failure

USUAL = Options(rtol=1e-6, atol=1e-9, max_steps=2_000)


@pytest.mark.parametrize("backend", ["llvm", "reference"])
@pytest.mark.parametrize(
    ("model", "told"),
    [
        (
            "x = 1; y = 2; x' = x^2; y' = -y",
            r"at time (1|1\.00000\d*|0\.9999\d*): x is [\d.e+]+ and",
        ),  # x = 1 / (1 - t)
        ("x = 1; k = 0; x' = 1 / k", r"at time 0: \(1 / k\) is inf"),
        ("x = 1; k = 1 / 0; x' = -k * x", r"at time 0: k is inf"),
        ("x = 1; x' = -x * 1 / 0", r"at time 0: a constant in the rate of x is inf"),
        ("x = 1; x' = -x * (0 / 0)", r"at time 0: a constant in the rate of x is nan"),
        ("x = 1; k = ln(-1); x' = -k * x", r"at time 0: k is nan"),
        ("x = 1 / 0; x' = -x", r"at time 0: x is inf"),
        ("x = 3; y = 0; x' = -1; y' = ln(x - 3)", r"at time 0: ln\(\(x - 3\)\) is -inf"),
        ("x = 0; x' = piecewise(1, x < 0.5, -1)", r"at time 0.5: x is 0.5"),  # held on the jump
    ],
)
def test_the_quantity_and_the_time_are_named(backend: str, model: str, told: str) -> None:
    kernel, batch = compile_kernel(load_antimony(model), backend), Batch(np.array([4.0]), ("x",))
    result = kernel.simulate(batch, USUAL)
    assert re.search(told, str(failure(kernel, batch, result, 0, USUAL)))


@pytest.mark.parametrize("backend", ["llvm", "reference"])
@pytest.mark.parametrize(
    ("model", "edge"),
    [
        ("x = 1; x' = -1; y = 0; y' = sqrt(x)", 1.0),
        ("x = 1; x' = -1; y = 0; y' = x^0.5", 1.0),
        ("x = 3; x' = -x; y = 0; y' = sqrt(x - 1)", np.log(3)),
        ("x = 0; x' = 1; y = 0; y' = arcsin(x - 0.5)", 1.5),
        ("x = 0; x' = 1; y = 0; y' = arccosh(4 - x)", 3.0),
        # it touches its edge at each turn of s without harm, and x passes its own later
        ("s = 0; s' = c; c = 1; c' = -s; y = 0; y' = arcsin(s) + sqrt(x); x = 7; x' = -1", 7.0),
        ("x = -2; x' = 1; y = 0; y' = sqrt(x)", 0.0),
    ],
)
def test_an_edge_is_found_where_it_lies(backend: str, model: str, edge: float) -> None:
    # the step that shows it may end some hundredths later
    kernel, batch = compile_kernel(load_antimony(model), backend), Batch(np.array([9.0]), ("y",))
    result = kernel.simulate(batch, USUAL)
    said = str(failure(kernel, batch, result, 0, USUAL))
    found = re.search(r"not defined at time (\S+): ", said)
    assert found is not None
    assert float(found.group(1)) == pytest.approx(edge, abs=1e-6)


def test_what_no_solver_can_tell_is_refused_by_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, table = tmp_path / "circle.ant", tmp_path / "rows.csv"
    model.write_text("n = 0; k = 1; s = 0; s' = k*c; c = 1; c' = -k*s; at (s == 1): n = n + 1")
    table.write_text("ID,TIME,EVID\n1,0,0\n1,9,0\n")
    ways = ([], ["--scan", "k=1,2"], ["--events", str(table)])
    for way in ways:
        assert exit_code_of(["simulate", str(model), "--csv", "-", *way]) == 3
        error = capsys.readouterr().err
        assert (
            "came to where the sides of an equality touch, or nearly, at time 1.570796327: (1 == s)" in error
        )
        assert "ask with >= or <=" in error


def test_the_patients_own_values_and_start_count() -> None:
    kernel = compile_kernel(load_antimony("x = 1; k = 1; x' = k * x^2"))
    batch = Batch(
        save_at=np.array([9.0]),
        outputs=("x",),
        parameter_names=("k",),
        parameters=np.array([[0.0], [2.0], [0.5]]),
        state_names=("x",),
        states=np.array([[1.0], [1.0], [4.0]]),
        start=np.array([0.0, 3.0, 6.0]),
    )
    result = kernel.simulate(batch)
    errors = [str(failure(kernel, batch, result, row, Options())) for row in (1, 2)]
    assert re.search(r"at time 3\.5(0000\d*)?: x is", errors[0])
    assert re.search(r"at time 6\.5(0000\d*)?: x is", errors[1])


def test_a_model_that_blows_up_is_wrong_input_with_file_and_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, table = tmp_path / "grow.ant", tmp_path / "rows.csv"
    model.write_text("x = 0.25; x' = x^2")
    table.write_text("ID,TIME,AMT\n1,0,0\n1,3,0\n2,5,0.75\n2,5.5,0\n2,8,0\n")
    assert exit_code_of(["simulate", str(model), "--end", "9", "--csv", "-"]) == 2
    assert f"{model}: the simulation" in (error := capsys.readouterr().err)
    assert re.search(r"at time (4|4\.0000\d*|3\.9999\d*): x is", error)
    arguments = ["simulate", str(model), "--events", str(table), "--compartments", "x", "--csv", "-"]
    assert exit_code_of(arguments) == 2
    error = capsys.readouterr().err
    assert f"{table}, line 5: ID 2: the simulation" in error  # the last row before the pole at 6
    assert re.search(r"at time (6|6\.0000\d*|5\.9999\d*): x is", error)
    assert "ID 1" not in error
