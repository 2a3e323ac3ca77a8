"""Every outcome variable is one row and one reading; the severity score shows that a row is all it takes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError

from calor.core.errors import InputError, UnsupportedError
from calor.core.streams import Stream
from calor.population.history import PAIN
from calor.population.items import ITEMS, NEEDED_OUTPUTS, examine
from calor.population.measurement import load_measurement
from calor.population.readings import READINGS
from calor.study import VARIABLES, Endpoint, Variable
from calor.trial.bank.bank import Bank
from calor.trial.bank.scenario import Scenario
from calor.trial.conduct.events import Events
from calor.trial.conduct.measurement import Measurement
from calor.trial.protocols.plan import plan_of
from calor.trial.results.corners import NUISANCES
from tests.trial.made_up import bank_of, protocol
from tests.trial.small_bank import small_bank, small_protocol, worlds_with

CSS = "variable: css, from_day: 28, to_day: 28"
STILL = {"item_visit_sd": 1e-12, "item_visit_shared_sd": 1e-12}


@pytest.fixture(scope="module")
def still() -> Bank:
    """Return a real bank whose items scatter between people and not between visits."""
    return small_bank(endpoint=CSS, worlds=worlds_with(**STILL))


def unharmed(n: int) -> Events:
    """Return events of people to whom nothing happens."""
    never, none = np.full(n, np.inf), np.zeros(n, dtype=np.int64)
    return Events(stopped=never, rescued=never, lost=never, stop=none, rescue=none)


@pytest.mark.parametrize("variable", Variable)
def test_every_variable_has_a_row_a_reading_and_nuisances(variable: Variable) -> None:
    row, reading = VARIABLES[variable], READINGS[variable]
    assert row.daily == (reading.read is None)
    assert {name for name, _ in row.scatter} <= {each.identifier for each in load_measurement()}
    assert len(NUISANCES[variable]) >= 2
    assert len({each.code for each in VARIABLES.values()}) == len(VARIABLES)
    assert len(row.code) <= 8  # the longest PARAMCD


def test_an_unknown_variable_is_no_endpoint() -> None:
    with pytest.raises(ValidationError, match="css"):
        Endpoint(variable="volume", from_day=1, to_day=1)  # type: ignore[arg-type]


def test_the_score_at_screening_is_that_of_the_items(still: Bank) -> None:
    outputs = {PAIN: still.history.run_in_pain[:, -1], **still.history.at_screening}
    people = still.patients
    found = examine(outputs, people.values, people.identifiers, still.stream, Stream(99))
    assert np.array_equal(still.baseline, found.sum(axis=1))
    assert len(np.unique(still.baseline)) > 5


def test_a_visit_shows_the_person_s_own_items(still: Bank) -> None:
    """Without scatter between visits a person has the same score whoever they are in a replicate."""
    trial = small_protocol(endpoint=CSS)
    people = np.arange(len(still.baseline))
    found = Measurement(plan_of(trial).assessments, still).measure(
        1, people, people + 7, unharmed(len(people)), Stream(5)
    )
    course = still.course_of[1, 0, 0]
    outputs = {name: still.outputs[name][course, :, 27] for name in NEEDED_OUTPUTS}
    values = still.patients.values
    present = examine(outputs, values, still.patients.identifiers, still.stream, Stream(1))
    assert np.array_equal(found.endpoint[:, 0], present.sum(axis=1))
    assert found.visits.shape == (len(people), 2)
    assert np.abs(found.endpoint[:, 0] - still.baseline).mean() < 1.0


def test_items_scatter_between_visits_by_the_replicate_s_own_numbers(still: Bank) -> None:
    noisy = replace(
        still,
        patients=replace(
            still.patients,
            values={**still.patients.values, "item_visit_sd": np.full(len(still.baseline), 0.5)},
        ),
    )
    measurement = Measurement(plan_of(small_protocol(endpoint=CSS)).assessments, noisy)
    people = np.arange(len(still.baseline))
    one, again, other = (
        measurement.measure(1, people, people + first, unharmed(len(people)), Stream(5)).endpoint
        for first in (0, 0, 1000)
    )
    assert np.array_equal(one, again)
    assert 0.2 < np.std(one - other) < 4.9  # the smallest real difference of the score (F03)
    assert ((one >= 0) & (one <= len(ITEMS))).all()


def test_no_effect_on_the_score_can_be_assumed(still: Bank) -> None:
    with pytest.raises(UnsupportedError, match="an effect on css cannot be assumed"):
        Scenario(assumed_effect=-2.0).apply(plan_of(small_protocol(endpoint=CSS)), still)


@pytest.mark.parametrize(
    ("variable", "level", "effect", "expected"),
    [
        ("pain-diary", 5.0, -0.5, 4.5),
        ("pain-diary", 0.2, -0.5, 0.0),
        ("pain-diary", 9.8, 0.5, 10.0),
        ("grip", 0.6, 10.0, 0.7),  # ten percent of the sound side
        ("grip", 0.05, -10.0, 0.0),
        ("temperature-difference", 1.0, -0.4, 0.6),
        ("temperature-difference", -1.0, -0.4, -0.6),  # a cold limb comes nearer to the sound one too
        ("temperature-difference", -0.2, -0.4, 0.0),
    ],
)
def test_an_assumed_effect_is_in_the_endpoint_s_unit(
    variable: str, level: float, effect: float, expected: float
) -> None:
    text = "design: {type: parallel}\npatients: 40\nanalysis: {method: t-test}\n"
    trial = protocol(text + f"endpoint: {{variable: {variable}, from_day: 3, to_day: 3}}\n")
    bank = bank_of(trial, sd=0.0, n=8)
    (output,) = READINGS[Variable(variable)].outputs
    outputs = {name: np.full_like(values, level) for name, values in bank.outputs.items()}
    after = Scenario(assumed_effect=effect).apply(plan_of(trial), bank.with_courses(outputs, bank.course_of))
    active, control = after.course_of[0, 0, 0], after.course_of[1, 0, 0]
    assert after.outputs[output][active] == pytest.approx(expected)
    assert after.outputs[output][control] == pytest.approx(level)


def test_a_score_has_no_responders() -> None:
    with pytest.raises(InputError, match="a responder rule is for pain-diary, not for css"):
        protocol(
            "design: {type: parallel}\npatients: 40\nanalysis: {method: logistic}\n"
            "endpoint: {variable: css, from_day: 3, to_day: 3, responder: {reduction_percent: 30}}\n"
        )
