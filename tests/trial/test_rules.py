"""Rules of a protocol: all that are broken come together, and a protocol made in Python keeps them too."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calor.core.documents import parse_document
from calor.core.errors import InputError
from calor.core.progress import Silent
from calor.study import Protocol
from calor.trial.analysis.estimate import Direction
from calor.trial.analysis.method import Method
from calor.trial.analysis.methods import method_of, methods
from calor.trial.analysis.two_sample import TwoSampleT
from calor.trial.bank import preparation
from calor.trial.bank.preparation import prepare_trial
from calor.trial.bank.settings import RunSettings
from calor.trial.designs import conductors as rooms
from calor.trial.protocols.reading import check_protocol
from calor.trial.protocols.rules import misfits
from tests.trial.made_up import BASE, bank_of, protocol
from tests.trial.runs.made_up_runs import prepared

PARALLEL = "design: {type: parallel}\npatients: 60\n"
DIARY = "endpoint: {variable: pain-diary, from_day: 8, to_day: 14}\n"
SOUND = PARALLEL + DIARY + "analysis: {method: ancova}\n"


def in_python(method: str = "ancova", **others: object) -> Protocol:
    """Return a protocol that nobody read: parts that are sound each, put together."""
    data = protocol(SOUND).model_dump()
    return Protocol.model_validate(data | {"analysis": {"method": method}} | others)


def test_all_broken_rules_come_together_each_at_its_line() -> None:
    text = (
        "design: {type: adaptive-enrichment, subgroup: {by: duration, below: 12}, interim_patients: 90}\n"
        "patients: 60\n" + DIARY + "analysis: {method: mmrm, prior: {mean: 0, sd: 1}}\n"
        "visits: [10, 12]\ncost: {per_site: 10}\n"
    )
    with pytest.raises(InputError) as refusal:
        check_protocol(parse_document(BASE + text, "trial.yaml"))
    found = {(problem.place.line, problem.place.key) for problem in refusal.value.problems}
    assert found == {
        (6, "design.interim_patients"),
        (9, "analysis.prior"),
        (9, "analysis.sided"),
        (9, "analysis.method"),
        (10, "visits"),
        (11, "cost"),
    }


BROKEN = {
    "no such analysis": (in_python("anova"), "analysis.method: is 'anova'"),
    "visits that are missing": (in_python("mmrm"), "visits: analysis method 'mmrm' needs two visits"),
    "another design's analysis": (in_python("crossover"), "does not fit a parallel design"),
    "no responders": (in_python("logistic"), "analysis method 'logistic' needs a responder rule"),
    "too many pairs": (in_python("win-ratio", patients=2001), "takes at most 2000 patients"),
    "visits elsewhere": (in_python(visits=(7, 10)), "the last visit must be the endpoint's last day, 14"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_protocol_made_in_python_is_refused_before_anything_is_simulated(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled(*_: object) -> None:
        raise AssertionError("courses were prepared")

    monkeypatch.setattr(preparation, "prepare_courses", compiled)
    trial, words = BROKEN[name]
    with pytest.raises(InputError) as refusal:
        prepare_trial(trial, RunSettings(), Silent())
    assert words in str(refusal.value)


def test_a_copy_with_another_size_keeps_the_rules_when_it_is_conducted() -> None:
    trial = protocol(PARALLEL + DIARY + "analysis: {method: win-ratio}\n")
    ready = prepared(trial, bank_of(trial, n=40))
    larger = trial.model_copy(update={"patients": 2001})
    with pytest.raises(InputError, match="patients: analysis method 'win-ratio' takes at most 2000"):
        ready.conducted_as(larger)


def test_a_sound_protocol_breaks_nothing() -> None:
    assert list(misfits(protocol(SOUND))) == []


@pytest.mark.parametrize(
    ("endpoint", "method", "unit", "direction"),
    [
        ("pain-diary, from_day: 8, to_day: 14", "t-test", "NRS points (0-10)", Direction.LESS),
        ("grip, from_day: 14, to_day: 14", "ancova", "percent of the sound side", Direction.GREATER),
        ("pain-diary, from_day: 8, to_day: 14", "win-ratio", "log win ratio", Direction.GREATER),
        (
            "pain-diary, from_day: 8, to_day: 14, responder: {reduction_percent: 30}",
            "logistic",
            "marginal log odds ratio",
            Direction.GREATER,
        ),
        (
            "pain-diary, from_day: 8, to_day: 14, responder: {reduction_percent: 30}",
            "risk-difference",
            "share of responders",
            Direction.GREATER,
        ),
    ],
)
def test_an_analysis_says_the_unit_and_direction_of_its_effect(
    endpoint: str, method: str, unit: str, direction: Direction
) -> None:
    trial = protocol(PARALLEL + f"endpoint: {{variable: {endpoint}}}\nanalysis: {{method: {method}}}\n")
    assert method_of(trial).unit(trial) == unit
    assert method_of(trial).direction(trial) is direction


def test_two_analyses_of_one_name_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from calor.trial.analysis import methods as registry

    twice = (Method("t-test", TwoSampleT()), Method("t-test", TwoSampleT()))
    monkeypatch.setattr(registry, "_declared", lambda: iter(twice))
    with pytest.raises(ValueError, match="two analyses are named 't-test'"):
        registry.methods.__wrapped__()


def test_two_conductors_of_one_design_are_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    from calor.trial.designs import fixed, group_sequential

    monkeypatch.setattr(group_sequential, "CONDUCTORS", fixed.CONDUCTORS)
    with pytest.raises(ValueError, match="two files conduct"):
        rooms.conductors.__wrapped__()


def test_what_an_analysis_declares_is_what_is_asked() -> None:
    plain = methods()["t-test"]
    trial = protocol(SOUND)
    assert list(plain.misfits(trial)) == []
    asking = replace(plain, responders=True, most_patients=10)
    assert [each.key for each in asking.misfits(trial)] == [("analysis", "method"), ("patients",)]
