"""The model with its dosing as events gives libRoadRunner the course that calor gives the same person."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import roadrunner
from click.testing import CliRunner

from calor.cli.model_export import command
from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.core.errors import InputError
from calor.engine import compile_kernel, load_sbml
from calor.engine.batch import Batch, Options
from calor.engine.calendar import Calendar
from calor.engine.dosing.columns import Columns
from calor.engine.dosing.records import Event, Record
from calor.engine.dosing.simulate import simulate_records
from calor.engine.dosing.table import read_table
from calor.model.disease import load_disease
from calor.model.outputs import OUTPUTS
from calor.model.rivals import load_rivals
from calor.model.sbml import inconsistencies, sbml_of
from calor.regimen import parse_regimen
from calor.therapy.compose import compose
from calor.therapy.dosed_model import dosed_antimony, with_numbers
from calor.therapy.dosing import calendar_of
from calor.therapy.library import load_drug

TAPER = (
    "prednisolone",
    "30 mg oral daily for 2 weeks then 20 mg oral daily for 1 week then 10 mg oral daily for 1 week",
)
INFUSIONS = ("ivig", "0.5 g/kg iv over 4 h at day 1, 22")
INJECTIONS = ("adalimumab", "40 mg sc every 2 weeks for 12 weeks")
EXCHANGES = ("plasma-exchange", "1.5 plasma volumes exchange at day 1, 3, 5")
TIGHT = Options(rtol=1e-10, atol=1e-13, max_steps=1_000_000)
WEIGHT = 82.5
PERSON = {"body_weight": WEIGHT, "antibody_positive": 1.0, "innate_gain": 1.3, "cortisol_strength": 0.7}
FIRST_DAY = 2 * DAYS_PER_MONTH
DAYS = (0.0, 0.1, 1.0, 2.5, 4.0, 13.5, 21.1, 22.0, 30.0, 84.0)
"""Study days, less 1; 0.1 and 21.1 lie within the infusions."""


def exported(path: Path, given: list[tuple[str, str]], form: str = "sbml") -> str:
    """Return what the command writes for the person under the second rival."""
    person = [word for name, value in PERSON.items() for word in ("--set", f"{name}={value}")]
    doses = [word for drug, regimen in given for word in ("--drug", drug, "--regimen", regimen)]
    asked = [*doses, *person, "--duration-months", "2", "--rival", "central-igm", "--format", form]
    found = CliRunner().invoke(command, [*asked, "--out", str(path)], catch_exceptions=False)
    assert found.exit_code == 0
    return path.read_text(encoding="utf-8")


def own_course(given: list[tuple[str, str]]) -> tuple[Numbers, Numbers]:
    """Return calor's course of the person, treated and untreated, (n_times, n_outputs) each."""
    drugs = [load_drug(drug) for drug, _ in given]
    kernel = compile_kernel(load_sbml(compose(load_disease(), drugs).sbml))
    calendar = Calendar.empty()
    for drug, (_, regimen) in sorted(zip(drugs, given, strict=True), key=lambda pair: pair[0].id):
        calendar = calendar.then(calendar_of(parse_regimen(regimen), drug, WEIGHT))
    (rival,) = (rival for rival in load_rivals() if rival.name == "central-igm")
    values = {**rival.sets, **PERSON}
    person = {
        "save_at": FIRST_DAY + np.array(DAYS),
        "outputs": OUTPUTS,
        "parameter_names": tuple(values),
        "parameters": np.array([list(values.values())]),
    }
    treated = kernel.simulate(Batch(**person, calendars=[calendar.later(FIRST_DAY)]), TIGHT)
    return treated.outputs[0], kernel.simulate(Batch(**person), TIGHT).outputs[0]


@pytest.mark.parametrize(
    "given",
    [[TAPER], [INFUSIONS], [INJECTIONS], [EXCHANGES, INFUSIONS]],
    ids=("oral taper", "infusions", "injections", "exchanges and infusions at one time"),
)
def test_libroadrunner_follows_the_treated_person(given: list[tuple[str, str]], tmp_path: Path) -> None:
    sbml = exported(tmp_path / "model.xml", given)
    assert inconsistencies(sbml) == ()
    runner = roadrunner.RoadRunner(sbml)
    runner.integrator.relative_tolerance = 1e-11
    runner.integrator.absolute_tolerance = 1e-13
    runner.integrator.maximum_num_steps = 200_000
    runner.timeCourseSelections = list(OUTPUTS)
    found = np.array(runner.simulate(times=[0.0, *(FIRST_DAY + np.array(DAYS))]))[1:]
    treated, untreated = own_course(given)
    assert found == pytest.approx(treated, rel=1e-6, abs=1e-9)
    again = compile_kernel(load_sbml(sbml)).simulate(Batch(FIRST_DAY + np.array(DAYS), OUTPUTS), TIGHT)
    assert again.outputs[0] == pytest.approx(treated, rel=1e-6, abs=1e-9), "calor reads its own events"
    assert np.abs(treated - untreated).max() > 1, "else the drug did nothing that could be missed"


@pytest.mark.parametrize("form", ["rxode2", "mrgsolve"])
@pytest.mark.parametrize("given", [[TAPER], [INFUSIONS]], ids=("oral taper", "infusions"))
def test_the_event_table_gives_the_exported_model_the_same_doses(
    given: list[tuple[str, str]], form: str, tmp_path: Path
) -> None:
    exported(tmp_path / "doses.csv", given, form)
    assert table_course(tmp_path / "doses.csv", given) == pytest.approx(
        own_course(given)[0], rel=1e-6, abs=1e-9
    )


def test_an_exchange_goes_into_an_rxode2_table_and_comes_back(tmp_path: Path) -> None:
    exported(tmp_path / "doses.csv", [EXCHANGES], "rxode2")
    found = table_course(tmp_path / "doses.csv", [EXCHANGES])
    assert found == pytest.approx(own_course([EXCHANGES])[0], rel=1e-6, abs=1e-9)


def table_course(path: Path, given: list[tuple[str, str]]) -> Numbers:
    """Return the person's course by the model without doses and the event table."""
    drugs = [load_drug(drug) for drug, _ in given]
    (rival,) = (rival for rival in load_rivals() if rival.name == "central-igm")
    text = dosed_antimony(compose(load_disease(), drugs), [], 0.0, {**rival.sets, **PERSON})
    system = load_sbml(sbml_of(text))
    kernel = compile_kernel(system)
    doses = list(read_table(path, Columns(states={name: name for name in kernel.state_names})))
    seen = [Record("1", FIRST_DAY + day, Event.OBSERVATION) for day in DAYS]
    records = sorted([*doses, *seen], key=lambda record: record.time)
    values = simulate_records(kernel, records, OUTPUTS, TIGHT)
    return values[[position for position, record in enumerate(records) if any(record is one for one in seen)]]


def test_an_event_of_each_time_holds_all_that_happens_then() -> None:
    """Two infusions of one length, and an exchange of the same hour, begin and end in one event each."""
    given = [(load_drug(drug), parse_regimen(text)) for drug, text in (INFUSIONS, EXCHANGES)]
    antimony = dosed_antimony(compose(load_disease(), [drug for drug, _ in given]), given, FIRST_DAY)
    events = [line.strip() for line in antimony.splitlines() if ": at " in line]
    assert len(events) == 2 * 2 + 2
    first = events[0].split("t0=false: ")[1]
    assert "igg_plasma_infusion = igg_plasma_infusion + infusion_1" in first
    assert "igg_plasma = igg_plasma*remaining_1" in first


def test_a_dose_at_the_beginning_of_the_model_is_given() -> None:
    """A trigger that is true from the start fires all the same: 30 mg less what 0.01 day absorbs."""
    given = [(load_drug("prednisolone"), parse_regimen("30 mg oral once at day 1"))]
    text = dosed_antimony(compose(load_disease(), [given[0][0]]), given, 0.0)
    runner = roadrunner.RoadRunner(sbml_of(text))
    runner.simulate(0, 0.01, 2)
    rate = runner["prednisolone_oral_absorption_rate"]
    assert runner["prednisolone_oral_depot"] == pytest.approx(30 * np.exp(-0.01 * rate), rel=1e-4)


def test_numbers_of_the_person_replace_the_models_own() -> None:
    composed = compose(load_disease(), [])
    assert "\n  body_weight = 80.5\n" in with_numbers(composed.antimony, {"body_weight": 80.5})
    with pytest.raises(InputError, match="the model has no number 'weight'"):
        with_numbers(composed.antimony, {"weight": 80.5})


def test_what_does_not_fit_is_one_clear_error() -> None:
    runner = CliRunner()
    for asked, says in (
        (["--format", "rxode2"], "an event table is of dosing, and nothing is given"),
        (["--regimen", "40 mg oral daily for 3 days"], "--regimen does nothing without --drug"),
        (["--drug", "ivig", "--duration-months", "3"], "--duration-months does nothing without --regimen"),
        (["--drug", "ivig", "--drug", "scig", "--regimen", "1 g/kg iv at day 1"], "2 drugs and 1 regimens"),
        (["--rival", "none"], "--rival: is 'none'"),
        (["--set", "wieght=70"], "no number 'wieght'"),
        (["--set", "body_weight=-1"], "body_weight cannot be -1"),
    ):
        with pytest.raises(InputError, match=says):
            runner.invoke(command, asked, catch_exceptions=False, standalone_mode=False)


def test_the_document_says_what_was_given_and_when() -> None:
    asked = ["--drug", TAPER[0], "--regimen", TAPER[1], "--json"]
    document = json.loads(CliRunner().invoke(command, asked, catch_exceptions=False).stdout)
    assert document["regimens"] == {TAPER[0]: parse_regimen(TAPER[1]).text}
    assert document["study_day_1"] == 3 * DAYS_PER_MONTH
    assert document["inconsistencies"] == []
