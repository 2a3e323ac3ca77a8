"""The disease model is whole: units, provenance, slots and rivals fit together."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.core.provenance import Grade, NumberStatus
from calor.model.checking import problems_of_model
from calor.model.disease import Disease, Slot, load_disease
from calor.model.parameters import COLUMNS, ParameterTable, read_parameters
from calor.model.rivals import Answer, Rival, load_rivals
from calor.model.sbml import ModelError, inconsistencies, sbml_of

GOOD_ROW = {
    "parameterId": "loss_rate",
    "parameterName": "loss rate",
    "module": "innate",
    "nominalValue": "0.1",
    "unit": "per_day",
    "parameterScale": "log",
    "priorSd": "0.5",
    "patientDistribution": "none",
    "patientSd": "",
    "status": "assumed",
    "grade": "none",
    "source": "judgement",
    "rationale": "a reason",
}


def write_table(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter="\t")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_units_of_every_equation_are_consistent() -> None:
    assert inconsistencies(sbml_of(load_disease().antimony())) == ()


def test_the_consistency_check_sees_a_wrong_unit() -> None:
    wrong = load_disease().antimony().replace("igg_baseline has gram_per_litre", "igg_baseline has gram")
    assert inconsistencies(sbml_of(wrong))


def test_every_symbol_has_a_unit_and_a_name() -> None:
    disease = load_disease()
    assert all(variable.name and variable.unit for variable in disease.variables)
    assert all(row.name and row.unit and row.source and row.rationale for row in disease.parameters)


def test_every_parameter_and_slot_is_used_in_the_equations() -> None:
    disease = load_disease()
    for symbol in [*(row.identifier for row in disease.parameters), *(slot.symbol for slot in disease.slots)]:
        assert symbol in disease.equations, f"{symbol} is declared but not used"


def test_recalled_numbers_are_absent_from_the_model() -> None:
    assert not [row.identifier for row in load_disease().parameters if row.grade is Grade.RECALLED]


def test_shares_of_status_sum_to_one() -> None:
    shares = load_disease().parameters.share_of_status()
    assert sum(shares.values()) == pytest.approx(1.0)
    assert set(shares) == {str(status) for status in NumberStatus}


def test_a_slot_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such slot: mind"):
        load_disease().antimony({"mind": "2"})


def test_text_that_is_not_antimony_is_a_fault() -> None:
    with pytest.raises(ModelError):
        sbml_of("model broken\n x := (\nend\n")


@pytest.mark.parametrize("column", ["unit", "grade", "source", "rationale", "parameterName", "module"])
def test_a_parameter_without_provenance_is_refused(tmp_path: Path, column: str) -> None:
    table = write_table(tmp_path / "p.tsv", GOOD_ROW | {column: ""})
    with pytest.raises(InputError, match=rf"p.tsv, line 2: loss_rate.{column}: is empty"):
        read_parameters(table)


@pytest.mark.parametrize(
    ("column", "value", "allowed"),
    [
        ("nominalValue", "-1", "more than 0 on the log scale"),
        ("nominalValue", "nan", "a finite number"),
        ("nominalValue", "__import__('os')", "a finite number"),
        ("parameterScale", "cubic", "log, logit, linear, fixed"),
        ("priorSd", "", "a finite number"),
        ("priorSd", "-2", "more than 0"),
        ("patientDistribution", "uniform", "none, lognormal, normal, bernoulli"),
        ("patientSd", "0.3", "empty"),
        ("status", "guessed", "measured, derived, calibrated, assumed"),
        ("grade", "sure", "verified, secondary, recalled"),
        ("status", "measured", "verified, secondary or recalled"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(
    tmp_path: Path, column: str, value: str, allowed: str
) -> None:
    table = write_table(tmp_path / "p.tsv", GOOD_ROW | {column: value})
    with pytest.raises(InputError) as refusal:
        read_parameters(table)
    assert allowed in str(refusal.value)


def test_a_repeated_parameter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="stands twice"):
        read_parameters(write_table(tmp_path / "p.tsv", GOOD_ROW, GOOD_ROW))


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.tsv"
    path.write_text("a\tb\n1\t2\n")
    with pytest.raises(InputError, match="other columns"):
        read_parameters(path)


def test_rivals_cross_two_questions_and_set_known_parameters() -> None:
    rivals = load_rivals()
    parameters = load_disease().parameters
    assert [rival.name for rival in rivals] == [
        f"{persistence}-{antibody}"
        for persistence in ("central", "peripheral")
        for antibody in ("igg", "igm", "none")
    ]
    assert all(name in parameters for rival in rivals for name in rival.sets)


def test_the_model_is_whole() -> None:
    assert problems_of_model(load_disease(), load_rivals()) == []


def _with_wrong_kind(disease: Disease) -> Disease:
    injury, *others = disease.variables
    return replace(disease, variables=(replace(injury, kind="assigned"), *others))


def _with_unused_number(disease: Disease) -> Disease:
    row = replace(disease.parameters["glial_rate"], identifier="spare_rate")
    return replace(disease, parameters=ParameterTable((*disease.parameters, row)))


def _with_recalled_number(disease: Disease) -> Disease:
    rows = (
        replace(row, grade=Grade.RECALLED) if row.identifier == "glial_rate" else row
        for row in disease.parameters
    )
    return replace(disease, parameters=ParameterTable(tuple(rows)))


def _with_wrong_unit(disease: Disease) -> Disease:
    rows = (
        replace(row, unit="gram") if row.identifier == "glial_rate" else row for row in disease.parameters
    )
    return replace(disease, parameters=ParameterTable(tuple(rows)))


def _with_unused_slot(disease: Disease) -> Disease:
    return replace(disease, slots=(*disease.slots, Slot("mind", "mood")))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_with_wrong_kind, "variable injury: state in the equations, assigned in the table"),
        (_with_unused_number, "parameter spare_rate: not used"),
        (_with_recalled_number, "parameter glial_rate: its number is only recalled"),
        (_with_wrong_unit, "equations: line"),
        (_with_unused_slot, "slot mind: not used"),
    ],
)
def test_damage_to_the_model_is_named(damage: Callable[[Disease], Disease], said: str) -> None:
    assert said in "\n".join(problems_of_model(damage(load_disease()), load_rivals()))


def test_a_rival_that_holds_nothing_known_is_named() -> None:
    rival = Rival((Answer("central", "says", {"soul": 0.0}, ()),))
    assert problems_of_model(load_disease(), [rival]) == [
        "rival central: holds soul, which is not a parameter"
    ]
