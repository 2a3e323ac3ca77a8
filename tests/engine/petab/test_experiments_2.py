"""Experiments of version 2 in closed form: periods, formulas as values, noise, aliases, bounds of priors."""

from __future__ import annotations

from math import exp, log, pi
from pathlib import Path

import pytest

from calor.core.errors import InputError, UnsupportedError
from calor.engine.petab.assessment import Assessment, Assessor
from calor.engine.petab.reading import read_problem
from tests.engine.petab.small_problems import DECAY, YAML_2, sbml, write_problem

TABLES = {
    "parameters": "parameterId lowerBound upperBound nominalValue estimate\n"
    "k 0 10 0.5 true\nsigma 0 1 0.3 false\n",
    "observables": "observableId observableFormula noiseFormula noiseDistribution noisePlaceholders\n"
    "seen x sd normal sd\n",
    "conditions": "conditionId targetId targetValue\ndose x x+10\nhalf x x/2\n",
    "experiments": "experimentId time conditionId\ngiven 0 ~\ngiven 1 dose\ngiven 2 half\n",
    "measurements": "observableId experimentId measurement time noiseParameters\n"
    "seen given 9 0 sigma\nseen given 9 1 1\nseen given 9 2 1\nseen given 9 3 1\nseen ~ 9 3 1\n",
}  # fmt: skip


def assess(folder: Path, model: str = DECAY, yaml: str = YAML_2, **tables: str) -> Assessment:
    return Assessor(read_problem(write_problem(folder, TABLES, model=model, yaml=yaml, **tables)))()


def test_periods_follow_each_other_and_a_change_comes_before_what_is_seen_then(tmp_path: Path) -> None:
    found = assess(tmp_path)
    kept = exp(-0.5)
    after_dose = 10 * kept + 10
    after_half = after_dose * kept / 2
    wanted = [10.0, after_dose, after_half, after_half * kept, 10 * kept**3]
    assert found.simulated == pytest.approx(wanted, rel=1e-7)
    first = -0.5 * log(2 * pi * 0.3**2) - (9 - 10) ** 2 / (2 * 0.3**2)
    assert found.log_densities[0] == pytest.approx(first, rel=1e-7)


def test_conditions_of_one_time_apply_together_from_the_values_before(tmp_path: Path) -> None:
    model = sbml("model pair\n  x = 1; y = 5; k = 0\n  x' = 0; y' = 0\nend")
    found = assess(
        tmp_path, model,
        conditions="conditionId targetId targetValue\none x y\ntwo y x\n",
        experiments="experimentId time conditionId\nswap 0 ~\nswap 1 one\nswap 1 two\n",
        observables="observableId observableFormula noiseFormula\nx x 1\ny y 1\n",
        measurements="observableId experimentId measurement time\nx swap 0 1\ny swap 0 1\n",
    )  # fmt: skip
    assert found.simulated == pytest.approx([5.0, 1.0])


def test_rest_comes_first_and_what_it_set_stays(tmp_path: Path) -> None:
    # x rests at s/k = 8; s stays 4 in the second period, in which x starts from twice that
    model = sbml("model turnover\n  x = 1; s = 3; k = 0.5\n  x' = s - k*x\nend")
    found = assess(
        tmp_path, model,
        conditions="conditionId targetId targetValue\nmore s 4\ntwice x 2*x\n",
        experiments="experimentId time conditionId\ne -inf more\ne 0 twice\n",
        measurements="observableId experimentId measurement time noiseParameters\n"
        "seen e 9 0 1\nseen e 9 2 1\n",
    )  # fmt: skip
    assert found.simulated == pytest.approx([16.0, 8.0 + 8.0 * exp(-1.0)], rel=1e-6)


def test_a_concentration_stays_when_its_compartment_grows(tmp_path: Path) -> None:
    model = sbml("model vat\n  compartment V = 2\n  species S in V; S = 4\n  r = 1\n  J: -> S; r*V\nend")
    found = assess(
        tmp_path, model,
        conditions="conditionId targetId targetValue\nlarger V 3*V\n",
        experiments="experimentId time conditionId\ne 0 ~\ne 1 larger\n",
        observables="observableId observableFormula noiseFormula\ns S 1\nv V 1\n",
        measurements="observableId experimentId measurement time\ns e 0 1\nv e 0 1\n",
    )  # fmt: skip
    assert found.simulated == pytest.approx([5.0, 6.0])


def test_noise_of_version_2_and_names_of_a_mapping_table(tmp_path: Path) -> None:
    (tmp_path / "mapping.tsv").write_text("petabEntityId\tmodelEntityId\nsubstance\tx\n")
    found = assess(
        tmp_path, yaml=YAML_2 + "mapping_files: [mapping.tsv]\n",
        conditions="conditionId targetId targetValue\ndose substance substance+10\n",
        experiments="experimentId time conditionId\ngiven 0 ~\ngiven 1 dose\n",
        observables="observableId observableFormula noiseFormula noiseDistribution\n"
        "seen substance 0.3 log-laplace\n",
        measurements="observableId experimentId measurement time\nseen given 9 1\n",
    )  # fmt: skip
    seen = 10 * exp(-0.5) + 10
    assert found.simulated == pytest.approx([seen], rel=1e-7)
    assert found.log_likelihood == pytest.approx(-log(2 * 0.3 * 9) - abs(log(9 / seen)) / 0.3, rel=1e-6)


@pytest.mark.parametrize(
    ("changed", "error", "what"),
    [
        ({"conditions": "conditionId targetId targetValue\ndose k 1\nhalf x 1\n"}, InputError,
         "targetId: is 'k'"),
        ({"conditions": "conditionId targetId targetValue\ndose x 1\nhalf x 1/0\n"}, InputError,
         "the value of x is inf"),
        ({"experiments": "experimentId time conditionId\ngiven 0 none\n"}, InputError,
         "conditionId: is 'none'"),
        ({"experiments": "experimentId time conditionId\ngiven 0 dose\ngiven 0 half\n"}, InputError,
         "set x twice"),
        ({"experiments": "experimentId time conditionId\ngiven 5 ~\n"}, InputError,
         "line 2: time: is 0, before given begins"),
        ({"experiments": "experimentId time conditionId\ngiven inf ~\n"}, InputError,
         "line 2: time: is 'inf'"),
        ({"measurements": "observableId experimentId measurement time noiseParameters\nseen no 9 0 1\n"},
         InputError, "line 2: experimentId: is 'no'"),
        ({"observables": "observableId observableFormula noiseFormula noisePlaceholders\nseen x a a;a\n"},
         InputError, "line 2: noisePlaceholders: is 'a;a'"),
        ({"parameters": "parameterId lowerBound upperBound nominalValue estimate priorDistribution "
          "priorParameters\nk 0 inf 0.5 true ~ ~\nsigma 0 1 0.3 true normal 0;1\n"}, InputError,
         "k has no prior, others have, and its bounds are infinite"),
        ({"yaml": YAML_2.replace("sbml\n", "bngl\n")}, UnsupportedError, "models in bngl are not supported"),
        ({"yaml": YAML_2 + "extensions: {sciml: {version: 1.0.0, required: true}}\n"}, UnsupportedError,
         "the extension sciml is not supported"),
        ({"yaml": YAML_2.replace("2.0.0", "3.0.0")}, UnsupportedError, "format_version is '3.0.0'"),
        ({"yaml": YAML_2.replace("model.xml", "https://example.org/model.xml")}, InputError,
         "is the address https://example.org/model.xml"),
        ({"yaml": YAML_2.replace("model.xml", "other.xml")}, InputError, "no such file"),
        ({"model": sbml("model e\n x = 10; k = 1\n x' = -k*x\n at x < 3: x = 10\nend")}, UnsupportedError,
         "several periods, and the model has events"),
    ],
)  # fmt: skip
def test_what_is_wrong_or_not_supported_is_named(
    tmp_path: Path, changed: dict[str, str], error: type[Exception], what: str
) -> None:
    with pytest.raises(error, match=what):
        assess(tmp_path, **changed)
