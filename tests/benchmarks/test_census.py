"""The census tells rounding from a difference by the operands of the rule, and goes on where it left off."""

import importlib
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from calor.engine.importers.antimony_text import load_antimony

MODEL = """
model cancelling
  species free, held
  E' = -0.0*E; E = 1; Et = 1
  share := (0.1 + 0.2 + 0.3)/0.6
  held := Et - E*share     # 0 but for rounding: 1 - (1 or its neighbour)
  free := 1e-12*E          # small, and nothing cancels
  left := 1 - E*(1 - 1e-9) # 1e-9, of which seven digits are left
  outer := 1e6*held        # inherits the rounding of what it is made of
  inner := (1 + 1e-9*E)^0.5 - 1 # 5e-10, of which seven digits are left
end
"""


@pytest.fixture
def census():
    return importlib.import_module("census")


@pytest.fixture
def simulators():
    return importlib.import_module("census_simulators")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return sbml_of(MODEL, tmp_path)


def sbml_of(model: str, folder: Path) -> Path:
    """Return the file of an Antimony model as SBML."""
    import antimony

    assert antimony.loadAntimonyString(model) >= 0
    path = folder / "model.xml"
    path.write_text(antimony.getSBMLString(antimony.getMainModuleName()))
    return path


def changed(answer, name, change):
    """Return an answer in which the values of one variable are different."""
    values = answer.values.copy()
    column = answer.names.index(name)
    values[:, column] = change(values[:, column])
    return replace(answer, values=values)


def test_what_is_left_when_operands_cancel_is_rounding(census, simulators, file):
    own, scales = simulators.calor_answer(file), simulators.calor_scales(file)
    other = changed(own, "held", lambda held: held + 4 * 2.0**-53)
    assert census.difference(own, other)[0] >= 0.5
    assert census.difference(own, other, scales)[0] == 0.0


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("free", lambda value: value * 1.001),  # 1e-15 apart beside variables of 1
        ("free", lambda value: value * (1 + 2e-4)),
        ("held", lambda value: value + 1e-13),  # hundreds of units in the last place of its operands
        ("E", lambda value: value * 1.001),  # a state has no rule
    ],
)
def test_a_true_difference_is_found_however_small_the_value(census, simulators, file, name, change):
    own, scales = simulators.calor_answer(file), simulators.calor_scales(file)
    apart, found = census.difference(own, changed(own, name, change), scales)
    assert apart > census.LARGEST_DIFFERENCE
    assert found == name


def test_how_large_a_variable_becomes_between_the_times_that_are_saved_counts(census, simulators, tmp_path):
    """y of x -> y -> with rates 1000 and 2000 is (1 - e) e with e = exp(-1000 t): 1/4 soon, then nothing."""
    file = sbml_of(
        "model early; x = 1; y = 0; J: x -> y; 1000*x; K: y -> ; 2000*y; z = 1; z' = -z; end", tmp_path
    )
    own, scales = simulators.calor_answer(file), simulators.calor_scales(file)
    assert dict(zip(scales.names, scales.largest, strict=True))["y"] == pytest.approx(0.25, rel=1e-6)
    other = changed(own, "y", lambda y: y + 1e-30)
    assert census.difference(own, other)[0] >= 0.5
    assert census.difference(own, other, scales)[0] < 1e-20
    assert census.difference(own, changed(own, "y", lambda y: y + 1e-3), scales)[0] > 1e-4


def test_rounding_is_that_of_the_operands_and_is_inherited():
    rounding = importlib.import_module("census_rounding")
    system = load_antimony(MODEL)
    made = rounding.with_rounding(system)
    engine, batch = importlib.import_module("calor.engine"), importlib.import_module("calor.engine.batch")
    names = tuple(rounding.rounding_of(name) for name in ("free", "left", "held", "outer", "inner"))
    kernel = engine.compile_kernel(made)
    free, left, held, outer, inner = kernel.simulate(batch.Batch(np.array([1.0]), names)).outputs[0, 0]
    unit = rounding.ROUNDING
    assert unit < free / 1e-12 < 1.2 * unit
    assert unit < left < 1.3 * unit
    assert rounding.EPSILON < inner < 4 * rounding.EPSILON  # of 1 + 1e-9 E and of its root
    assert held >= 2 * unit  # of Et and of E * share, and what share inherits
    assert outer == pytest.approx(1e6 * held, rel=1e-6)


def row(census, **known):
    unknown = dict.fromkeys(
        ("closer_from_calor", "closer_from_libroadrunner", "from_third_calor", "from_third_libroadrunner"),
        math.nan,
    )
    usual = {
        "model": "a",
        "calor": "solved",
        "calor_seconds": 1.0,
        "libroadrunner": "solved",
        "libroadrunner_seconds": 0.5,
        "difference": 0.5,
        "variable": "x",
        "by_own_scale": math.nan,
        "libroadrunner_from_itself": 0.0,
    }
    return census.Row(**(unknown | usual | known))


@pytest.mark.parametrize(
    ("known", "verdict"),
    [
        ({"difference": 1e-5}, "same"),
        ({"by_own_scale": 1e-6}, "same by its own scale"),
        ({"by_own_scale": 0.5, "from_third_calor": 1e-7}, "libRoadRunner stands alone"),
        ({"closer_from_calor": 0.4, "closer_from_libroadrunner": 0.4}, "undetermined"),
        ({"closer_from_calor": 0.4, "closer_from_libroadrunner": 1e-7}, "different"),
        ({}, "different"),
        ({"calor": "refused: delay"}, "refused by name"),
        ({"calor": "failed: steps"}, "failed"),
        ({"libroadrunner": "failed: CVODE"}, "solved by calor alone"),
    ],
)
def test_a_verdict_follows_from_the_numbers(census, known, verdict):
    assert row(census, **known).verdict == verdict
    assert verdict in importlib.import_module("census_table").VERDICTS


def test_what_stands_in_the_table_is_not_run_again(census, tmp_path, monkeypatch, capsys):
    examined = []

    def examine(file, limit):
        examined.append(file.stem)
        return row(census, model=file.stem, difference=1e-9)

    monkeypatch.setattr(census, "examine", examine)
    for name, size in (("large", 20), ("small", 10), ("middle", 15)):
        (tmp_path / f"{name}.xml").write_text("x" * size)
    table = tmp_path / "census.csv"
    for only in (["--only", "middle"], []):
        arguments = ["census.py", str(tmp_path), "--csv", str(table), *only]
        monkeypatch.setattr("sys.argv", arguments)
        census.main()
    assert examined == ["middle", "small", "large"]
    assert [row.model for row in census.read_rows(table)] == ["middle", "small", "large"]
    assert "3 same" in capsys.readouterr().out
