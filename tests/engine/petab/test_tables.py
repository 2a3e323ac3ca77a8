"""Tables of version 1 that are wrong: one error with file, line and column each."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine.petab.assessment import Assessor
from calor.engine.petab.parameter_table import read_values
from calor.engine.petab.reading import read_problem
from tests.engine.petab.small_problems import DECAY, FIRST, YAML_1, sbml, write_problem

HEAD = "observableId simulationConditionId measurement time noiseParameters\n"
PARAMETER = "parameterId parameterScale lowerBound upperBound nominalValue estimate\n"


@pytest.mark.parametrize(
    ("table", "text", "what"),
    [
        ("measurements", f"{HEAD}other once 1 0 ~\n", "line 2: observableId: is 'other'"),
        ("measurements", f"{HEAD}seen twice 1 0 ~\n", "line 2: simulationConditionId: is 'twice'"),
        ("measurements", f"{HEAD}seen once much 0 ~\n", "line 2: measurement: is 'much'"),
        ("measurements", f"{HEAD}seen once 1 -inf ~\n", "line 2: time: is '-inf'"),
        ("measurements", f"{HEAD}seen once 1 -1 ~\n", "line 2: time: is -1, before once begins"),
        ("measurements", f"{HEAD}seen once 1 0 0.5\n", "line 2: noiseParameters: is '0.5'"),
        ("measurements", "observableId measurement time\nseen 1 0\n", "simulationConditionId: the table has"),
        ("measurements", HEAD, "holds no measurement"),
        ("measurements", "observableId preequilibrationConditionId simulationConditionId measurement time\n"
         "seen never once 1 0\n", "line 2: preequilibrationConditionId: is 'never'"),
        ("conditions", "conditionId\n1st\n", "line 2: conditionId: is '1st'"),
        ("observables", "observableId observableFormula noiseFormula\nseen y 1\n", "mentions y, which no"),
        ("observables", "observableId observableFormula noiseFormula\nseen x x+open(1)\n",
         "line 2: noiseFormula: open is not one of PEtab's functions"),
        ("observables", "observableId observableFormula noiseFormula\nseen x 0\n", "the noise of seen is 0"),
        ("observables", "observableId observableFormula noiseFormula\nseen observableParameter2_seen*x 1\n",
         "without a gap"),
        ("observables", "observableId observableFormula noiseFormula observableTransformation\n"
         "seen x-11 1 log\n",
         "seen is simulated as -1 at time 0"),
        ("observables", "observableId observableFormula noiseFormula noiseDistribution\nseen x 1 cauchy\n",
         "line 2: noiseDistribution: is 'cauchy'"),
        ("parameters", f"{PARAMETER}k log10 1 2 ~ 0\nsigma lin 1 2 1 0\n", "line 2: nominalValue: is empty"),
        ("parameters", f"{PARAMETER}k log10 1 2 ~ 1\nsigma lin 1 2 1 0\n", "k has no nominal value"),
        ("parameters", f"{PARAMETER}k ln 1 2 1 1\n", "line 2: parameterScale: is 'ln'"),
        ("parameters", f"{PARAMETER}k lin 3 2 1 1\n", "line 2: lowerBound: is '3'"),
        ("parameters", f"{PARAMETER}k lin ~ 2 1 1\n", "line 2: lowerBound: is empty"),
        ("parameters", f"{PARAMETER}k lin 1 much 1 1\n", "line 2: upperBound: is 'much'"),
        ("parameters", f"{PARAMETER}k lin 1 2 1 1\nk lin 1 2 1 1\n", "line 3: parameterId: k stands here ag"),
        ("parameters", f"{PARAMETER}k lin 1 2 1 yes\n", "line 2: estimate: is 'yes'"),
        ("parameters", f"{PARAMETER}k lin 0 9 500 1\nsigma lin 1 2 1 0\n", None),
    ],
)  # fmt: skip
def test_a_wrong_table_is_one_error_with_its_place(
    tmp_path: Path, table: str, text: str, what: str | None
) -> None:
    path = write_problem(tmp_path, FIRST, **{table: text})
    if what is None:  # a value beyond its bounds is the user's own
        assert Assessor(read_problem(path))().simulated[0] == 10.0
        return
    with pytest.raises(InputError, match=what) as caught:
        Assessor(read_problem(path))()
    (problem,) = caught.value.problems
    wanted = "measurements" if what.startswith("seen is") or "noise of" in what else table
    assert problem.place.file == str(tmp_path / f"{wanted}.tsv")


@pytest.mark.parametrize(
    ("yaml", "error", "what"),
    [
        ("parameter_file: a.tsv\n", InputError, "has no format_version"),
        (YAML_1.replace("measurement_files", "measurements"), InputError, "line 3|line 4|measurement"),
        (
            YAML_1.replace("sbml_files: [model.xml]", "model_files: {}"),
            UnsupportedError,
            "model_files in version 1",
        ),
        (YAML_1.replace("[model.xml]", "[]"), InputError, "names no model"),
        (
            YAML_1.replace("[model.xml]", "[model.xml, other.xml]"),
            UnsupportedError,
            "several models in one file",
        ),
        (YAML_1 + YAML_1.partition("problems:\n")[2], UnsupportedError, "several problems in one file"),
        (YAML_1.replace("parameters.tsv", "!!python/object:os.system x"), InputError, "tag"),
    ],
)
def test_a_wrong_yaml_file_is_one_error(tmp_path: Path, yaml: str, error: type[Exception], what: str) -> None:
    path = write_problem(tmp_path, FIRST, yaml=yaml)
    with pytest.raises(error, match=what):
        read_problem(path)


def test_rows_may_leave_out_empty_cells_at_their_end(tmp_path: Path) -> None:
    path = write_problem(tmp_path, FIRST)
    table = tmp_path / "measurements.tsv"
    header, *rows = table.read_text().splitlines()
    table.write_text("\n".join([f"{header}\tdatasetId\tnoiseParameters", *rows]) + "\n")
    assert len(Assessor(read_problem(path))().simulated) == 3


def test_a_model_need_not_hold_what_the_problem_gives(tmp_path: Path) -> None:
    without = DECAY.replace(' value="0.5"', "")
    assert without != DECAY
    assert Assessor(read_problem(write_problem(tmp_path, FIRST, model=without)))().simulated[0] == 10.0


def test_a_parameter_that_a_rule_sets_is_refused(tmp_path: Path) -> None:
    model = sbml("model ruled\n  x = 10; k := 2*r; r = 1\n  x' = -k*x\nend")
    with pytest.raises(InputError, match="line 2: k follows from a rule"):
        Assessor(read_problem(write_problem(tmp_path, FIRST, model=model)))()


@pytest.mark.parametrize(
    ("cell", "what"),
    [
        ("1;2", "line 2: noiseParameters: is '1;2'"),
        ("1st", "line 2: noiseParameters: is '1st'"),
        ("absent", "'absent' is neither"),
    ],
)
def test_what_stands_for_a_placeholder_must_fit_it(tmp_path: Path, cell: str, what: str) -> None:
    observables = "observableId observableFormula noiseFormula\nseen x noiseParameter1_seen\n"
    measurements = f"{HEAD}seen once 9 0 {cell}\n"
    path = write_problem(tmp_path, FIRST, observables=observables, measurements=measurements)
    with pytest.raises(InputError, match=what):
        read_problem(path)
    path = write_problem(
        tmp_path, FIRST, observables=observables, measurements=f"{HEAD}seen once 9 0 sigma\n"
    )
    assert len(Assessor(read_problem(path))().simulated) == 1


def test_a_table_of_values_holds_parameters_of_the_problem(tmp_path: Path) -> None:
    read = read_problem(write_problem(tmp_path, FIRST))
    values = tmp_path / "values.tsv"
    values.write_text("parameterId\tnominalValue\nk\t0.25\n")
    assert read_values(values, read.parameters) == {"k": 0.25}
    values.write_text("parameterId\tnominalValue\nother\t1\n")
    with pytest.raises(InputError, match="line 2: parameterId: is 'other'"):
        read_values(values, read.parameters)
