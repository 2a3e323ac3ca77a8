"""Conditions of version 1 in closed form: rest before, values of species, compartments and what follows."""

from __future__ import annotations

from math import exp
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.engine.petab.assessment import Assessment, Assessor
from calor.engine.petab.reading import read_problem
from tests.engine.petab.small_problems import FIRST, sbml, write_problem

TURNOVER = sbml("model turnover\n  x = 1; s = 3; k = 0.5; u = 1\n  x' = s*u - k*x\nend")
OBSERVED = "observableId observableFormula noiseFormula\nseen x 1\nrate s*u 1\n"


def assess(folder: Path, model: str, conditions: str, measurements: str, **tables: str) -> Assessment:
    head = "observableId preequilibrationConditionId simulationConditionId measurement time\n"
    tables = {"observables": OBSERVED, **tables}
    path = write_problem(
        folder, FIRST, model=model, conditions=conditions, measurements=head + measurements, **tables
    )
    return Assessor(read_problem(path))()


def test_after_rest_the_second_condition_starts_from_the_first_ones_steady_state(tmp_path: Path) -> None:
    # x rests at s/k = 8/0.5; then x(t) = s'/k + (16 - s'/k) e^(-k t), s' = 2 and u again 1
    conditions = "conditionId s u\nbefore 4 2\nafter 2 ~\n"
    found = assess(tmp_path, TURNOVER, conditions, "seen before after 0 0\nseen before after 0 3\n"
                   "rate before after 0 3\nseen ~ after 0 3\nseen before after 0 inf\n")  # fmt: skip
    assert found.simulated == pytest.approx(
        [16.0, 4.0 + 12.0 * exp(-1.5), 2.0, 4.0 - 3.0 * exp(-1.5), 4.0], rel=1e-6
    )


def test_several_rests_keep_apart_and_alike_ones_agree(tmp_path: Path) -> None:
    conditions = "conditionId s\nhigh 6\nlow 2\nafter 1\nother 1.5\n"
    rows = "seen high after 0 0\nseen low after 0 0\nseen high other 0 0\nseen low other 0 0\n"
    found = assess(tmp_path, TURNOVER, conditions, rows)
    assert found.simulated == pytest.approx([12.0, 4.0, 12.0, 4.0], rel=1e-6)


def test_a_species_of_the_second_condition_is_set_and_an_empty_cell_keeps_the_rest(tmp_path: Path) -> None:
    conditions = "conditionId x s\nbefore ~ 5\nkept ~ 5\nset 2 5\nnamed k 5\n"
    found = assess(
        tmp_path, TURNOVER, conditions,
        "seen before kept 0 1\nseen before set 0 0\nseen before named 0 0\nseen ~ set 0 0\nseen ~ kept 0 0\n",
    )  # fmt: skip
    assert found.simulated == pytest.approx([10.0, 2.0, 0.5, 2.0, 1.0], rel=1e-6)


def test_what_a_model_computes_at_the_start_follows_what_is_given(tmp_path: Path) -> None:
    # b = 3 a0 by an initial assignment, c = 2 b0; a0 from the condition or from the parameter table
    model = sbml("model start\n  a = 1; b = 3*a; c = 2*b; q = 7\n  a' = 0; b' = 0\n  c' = 0; q = 5*a\nend")
    observables = "observableId observableFormula noiseFormula\nb b 1\nc c 1\nq q 1\n"
    conditions = "conditionId a b\nfirst 10 ~\nsecond ~ 4\n"
    found = assess(
        tmp_path, model, conditions,
        "b ~ first 0 2\nc ~ first 0 2\nq ~ first 0 2\nb ~ second 0 2\nc ~ second 0 2\nq ~ second 0 2\n",
        observables=observables,
    )  # fmt: skip
    assert found.simulated == pytest.approx([30.0, 60.0, 50.0, 4.0, 8.0, 5.0])


def test_a_concentration_and_a_compartment_are_given_in_their_own_meaning(tmp_path: Path) -> None:
    # S -> in a volume V: d[S]/dt = -k [S] for a rate k*S*V; amount = [S] V
    model = sbml("model vat\n  compartment V = 1\n  species S in V; S = 4\n  k = 0.5\n  J: S -> ; k*S*V\nend")
    observables = "observableId observableFormula noiseFormula\ns S 1\nv V 1\namount S*V 1\n"
    conditions = "conditionId V S\nusual ~ ~\nlarge 10 6\n"
    rows = [
        f"{name} ~ {condition} 0 2\n" for condition in ("usual", "large") for name in ("s", "v", "amount")
    ]
    found = assess(tmp_path, model, conditions, "".join(rows), observables=observables)
    left = exp(-1.0)
    assert found.simulated == pytest.approx([4 * left, 1.0, 4 * left, 6 * left, 10.0, 60 * left], rel=1e-6)


def test_a_constant_species_is_given_as_the_concentration_that_it_is(tmp_path: Path) -> None:
    model = sbml("model fed\n  compartment V = 4\n  const species $F in V; F = 3; species P in V; P = 0\n"
                 "  J: $F -> P; 0.1*F*V\nend")  # fmt: skip
    observables = "observableId observableFormula noiseFormula\nmade P 1\nfood F 1\n"
    rows = "made ~ usual 0 2\nmade ~ rich 0 2\nfood ~ rich 0 2\n"
    found = assess(tmp_path, model, "conditionId F\nusual ~\nrich 5\n", rows, observables=observables)
    assert found.simulated == pytest.approx([0.6, 1.0, 5.0], rel=1e-7)


def test_a_quantity_that_only_formulas_know_may_differ_between_conditions(tmp_path: Path) -> None:
    found = assess(
        tmp_path, TURNOVER, "conditionId gain\nlow 2\nhigh k\n", "seen ~ low 0 0\nseen ~ high 0 0\n",
        observables="observableId observableFormula noiseFormula\nseen gain*x 1\n",
    )  # fmt: skip
    assert found.simulated == pytest.approx([2.0, 0.5])


def test_a_system_that_never_rests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not come to rest in before then after: x still moves"):
        assess(tmp_path, sbml("model grow\n x = 1; s = 1; k = 0\n x' = s\n u = 1\nend"),
               "conditionId s\nbefore 1\nafter 0\n", "seen before after 0 1\n")  # fmt: skip


@pytest.mark.parametrize(
    ("conditions", "what"),
    [
        ("conditionId nothing\none 1\n", "nothing is no quantity of the model"),
        ("conditionId s\none unknown\n", "mentions unknown, which is not known"),
        ("conditionId s\none 1/2\n", "is '1/2'"),
        ("conditionId s\none 1\none 2\n", "one stands here again"),
    ],
)
def test_a_wrong_condition_is_one_error_with_its_line(tmp_path: Path, conditions: str, what: str) -> None:
    with pytest.raises(InputError, match=what) as caught:
        assess(tmp_path, TURNOVER, conditions, "seen ~ one 0 1\n")
    place = caught.value.problems[0].place
    assert place.file is not None
    assert place.file.endswith("conditions.tsv")
    assert place.line == (3 if "again" in what else 2)


def test_experiments_do_not_touch_each_other(tmp_path: Path) -> None:
    conditions = "conditionId s\n" + "".join(f"c{number} {number}\n" for number in range(20))
    rows = "".join(f"seen ~ c{number} 0 {1 + number % 3}\n" for number in range(20))
    found = assess(tmp_path, TURNOVER, conditions, rows)
    wanted = [2.0 * n + (1.0 - 2.0 * n) * exp(-0.5 * (1 + n % 3)) for n in range(20)]
    assert np.allclose(found.simulated, wanted, rtol=1e-6)
