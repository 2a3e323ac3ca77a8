"""Virtual patients have the traits asked for, and a drug that is not given changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from calor.core.errors import InputError
from calor.core.progress import Silent
from calor.core.streams import Stream
from calor.engine.batch import Options
from calor.model.disease import load_disease
from calor.model.parameters import ParameterTable
from calor.model.rivals import Rival, load_rivals
from calor.population.cohort import (
    RAISED_TNF,
    Cytokines,
    Phenotype,
    Screened,
    Screening,
    Traits,
    _joined,
    find_cohort,
    find_patient,
    rivals_of,
    screen,
)
from calor.population.course import Treatment, follow, prepare_treatment
from calor.population.measurement import load_measurement
from calor.population.patients import Patients
from calor.population.simulation import Standing
from calor.population.uncertainty import draw_worlds
from calor.regimen import parse_regimen
from calor.therapy.library import load_drug

OPTIONS = Options(rtol=1e-6, atol=1e-9)


@pytest.fixture(scope="module")
def untreated() -> Treatment:
    return prepare_treatment(load_disease(), ())


@pytest.fixture(scope="module")
def setting(untreated: Treatment) -> Screening:
    table = ParameterTable(
        (*load_disease().parameters, *load_measurement(), *infliximab("5 mg/kg iv at week 0").table)
    )
    rivals, stream = load_rivals(), Stream(3).child("patient")
    return Screening(untreated.kernel, table, rivals, np.ones(len(rivals)), prior_worlds, stream, OPTIONS)


def prior_worlds(
    table: ParameterTable, _rival: Rival, stream: Stream, numbers: NDArray[np.int64]
) -> dict[str, NDArray[np.float64]]:
    return draw_worlds(table, stream, numbers)


def infliximab(regimen: str) -> Treatment:
    return prepare_treatment(load_disease(), [(load_drug("infliximab"), parse_regimen(regimen))])


def test_a_cohort_has_its_traits(setting: Screening, untreated: Treatment) -> None:
    traits = Traits(6.0, Phenotype.COLD, Cytokines.HIGH, antibody=True)
    cohort = find_cohort(setting, traits, 25, Silent())
    first_day = follow(untreated, cohort, 1, OPTIONS)
    assert len(cohort.patients) == 25
    assert cohort.persons == 25
    assert cohort.screened % 600 == 0
    assert np.all(first_day.outputs["temperature_difference"][:, 0] < 0)
    assert np.all(first_day.outputs["tnf_tissue"][:, 0] > RAISED_TNF)
    assert set(cohort.patients.values["antibody_positive"]) == {1.0}


def test_one_patient_is_one_person_in_many_worlds(setting: Screening) -> None:
    found = find_patient(setting, Traits(), 120, Silent())
    assert set(found.patients.identifiers) == {found.patients.identifiers[0]}
    assert found.persons == 1
    assert len(np.unique(found.patients.draws)) == len(found.patients) > 5


def test_screening_does_not_depend_on_company(setting: Screening) -> None:
    numbers = np.arange(60)
    together = screen(setting, Traits(), numbers, numbers)
    parts = [screen(setting, Traits(), part, part) for part in (numbers[:25], numbers[25:])]
    apart = np.concatenate([part.patients.identifiers for part in parts])
    assert np.array_equal(together.patients.identifiers, apart)


def test_rounds_taken_together_give_the_people_of_one_after_another(
    setting: Screening, monkeypatch: pytest.MonkeyPatch
) -> None:
    traits = Traits(6.0, Phenotype.COLD, Cytokines.HIGH, antibody=True)
    monkeypatch.setattr("calor.population.cohort.ROUND", 40)
    together = find_cohort(setting, traits, 20, Silent())
    asked = count_rounds(monkeypatch)
    monkeypatch.setattr("calor.population.cohort.ROUNDS_AT_ONCE", 1)
    apart = find_cohort(setting, traits, 20, Silent())
    assert (together.screened, together.failed) == (apart.screened, apart.failed) == (40 * len(asked), 0)
    assert len(asked) > 8
    np.testing.assert_array_equal(together.patients.draws, apart.patients.draws)
    np.testing.assert_array_equal(together.rivals, apart.rivals)
    np.testing.assert_array_equal(together.standing.states, apart.standing.states)


def test_who_could_not_be_simulated_beyond_the_last_round_does_not_count() -> None:
    def part(worlds: list[int], failed: list[int]) -> Screened:
        numbers = np.array(worlds)
        people = Patients(numbers, numbers, {"x": np.zeros(len(worlds))})
        standing = Standing(np.zeros((len(worlds), 1)), ("s",))
        return Screened(people, np.zeros(len(worlds), dtype=np.int64), standing, np.array(failed))

    # the third person has world 700, in the second round of 600: of 610, 1199 and 1200 the last is beyond it
    found = _joined([part([3, 9], [5]), part([700, 1300], [610, 1199, 1200])], 3)
    assert list(found.patients.draws) == [3, 9, 700]
    assert (found.screened, found.failed, found.persons) == (1200, 3, 3)


def count_rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that grows by the number of candidates each time that some are screened."""
    asked: list[int] = []

    def counted(*arguments: Any) -> Screened:
        asked.append(len(arguments[2]))
        return screen(*arguments)

    monkeypatch.setattr("calor.population.cohort.screen", counted)
    return asked


def test_without_a_dose_the_treated_course_is_the_untreated_one(
    setting: Screening, untreated: Treatment
) -> None:
    cohort = find_cohort(setting, Traits(), 10, Silent())
    late = infliximab("5 mg/kg iv at day 40")
    plain, treated = (follow(each, cohort, 28, OPTIONS) for each in (untreated, late))
    for name, course in plain.outputs.items():
        assert treated.outputs[name] == pytest.approx(course, rel=1e-4, abs=1e-6), name


def test_infliximab_lowers_free_tnf(setting: Screening, untreated: Treatment) -> None:
    cohort = find_cohort(setting, Traits(), 10, Silent())
    given = infliximab("5 mg/kg iv over 2 h at week 0")
    plain, treated = (follow(each, cohort, 7, OPTIONS).outputs["tnf_tissue"] for each in (untreated, given))
    assert np.all(treated[:, 1:] < plain[:, 1:])


def test_traits_that_nobody_has_are_refused(setting: Screening, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("calor.population.cohort.MOST_SCREENED", 600)
    with pytest.raises(InputError, match="of 5000 wanted people have these traits"):
        find_cohort(setting, Traits(), 5000, Silent())


def test_everybody_can_be_simulated_when_cortisol_is_suppressed(setting: Screening) -> None:
    # Restraint by cortisol must stay above zero in every world, also where cortisol matters most.
    steroid = prepare_treatment(
        load_disease(), [(load_drug("prednisolone"), parse_regimen("40 mg oral daily for 14 days"))]
    )
    rows = (*setting.table.rows, *steroid.table)
    strongest = replace(load_disease().parameters["cortisol_strength"], value=3.0)
    table = ParameterTable(tuple({row.identifier: row for row in (*rows, strongest)}.values()))
    cohort = find_cohort(replace(setting, table=table), Traits(), 200, Silent())
    assert follow(steroid, cohort, 21, OPTIONS).lived.all()


def test_rivals_are_tried_as_often_as_they_weigh() -> None:
    counts = np.bincount(rivals_of(np.arange(600), np.array([3.0, 2.0, 1.0])), minlength=3)
    # A sequence of golden steps stays within a few of n times the weight.
    assert counts == pytest.approx([300, 200, 100], abs=3)
