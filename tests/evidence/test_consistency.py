"""Doubts about numbers are found where they are planted, and only there."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from calor.core.documents import Document, read_document
from calor.evidence.consistency import doubts_about, unverified_numbers
from calor.evidence.gaps import gaps, what_to_fetch
from calor.evidence.library import RECORDS_FOLDER, load_records, record_from_document
from calor.evidence.vocabulary import Role

MYCOPHENOLATE: dict[str, Any] = read_document(RECORDS_FOLDER / "goebel-2018-mycophenolate.yaml").data


def doubts_after(change: Callable[[dict[str, Any]], None]) -> set[tuple[str, str]]:
    data = copy.deepcopy(MYCOPHENOLATE)
    change(data)
    record = record_from_document(Document("changed.yaml", data, {(): 1}))
    return {(doubt.check, doubt.path) for doubt in doubts_about(record)}


def test_a_sound_record_raises_no_doubt() -> None:
    assert doubts_after(lambda data: None) == set()


def contrast(**keys: Any) -> Callable[[dict[str, Any]], None]:
    return lambda data: data["outcomes"][0]["contrast"].update(keys)


@pytest.mark.parametrize(
    ("change", "check", "path"),
    [
        (contrast(interval95=[-2.95, -2.65]), "interval", "outcomes[0].contrast"),  # SD 0.11 of 10 points
        (contrast(interval95=[-4.7, -2.7]), "interval", "outcomes[0].contrast"),  # estimate at its edge
        (contrast(interval95=[-1.0, 2.0]), "interval", "outcomes[0].contrast"),  # estimate outside
        (contrast(se=0.2), "interval", "outcomes[0].contrast"),  # SE against interval
        (contrast(p=0.4), "interval", "outcomes[0].contrast"),  # p against interval
        (lambda data: data["design"].update(n_analysed="13 patients"), "count over n", "design.n_analysed"),
        (lambda data: data["arms"][0].update(n="9 patients"), "count over n", "arms"),
        (lambda data: data["arms"][0].update(n="4.5 patients"), "unit", "arms[0].n"),
        (
            lambda data: data["outcomes"][1]["arms"]["mycophenolate"].update(responders="13 of 12"),
            "count over n",
            "outcomes[1].arms.mycophenolate.responders",
        ),
        (
            lambda data: data["outcomes"][1]["arms"]["mycophenolate"].update(
                responders={"count": 4, "of": 12, "percent": 44}
            ),
            "percentage",
            "outcomes[1].arms.mycophenolate.responders",
        ),
        (
            lambda data: data["safety"]["events"][0].update(seen={"percent": 145}),
            "percentage",
            "safety.events[0].seen",
        ),
        (lambda data: data["arms"][0].update(dose="-500 mg/day"), "unit", "arms[0].dose"),
        (lambda data: data["outcomes"][0].update(time="5 mg"), "unit", "outcomes[0].time"),
        (lambda data: data["population"].update(age="600 months"), "unit", "population.age"),
        (lambda data: data["citation"].update(year=2030), "date", "sources[0].read"),
        (
            lambda data: [data["citation"].pop(key) for key in ("doi", "pmid")],
            "citation",
            "citation",
        ),
    ],
)
def test_a_planted_doubt_is_found(change: Callable[[dict[str, Any]], None], check: str, path: str) -> None:
    assert (check, path) in doubts_after(change)


def test_the_known_oddities_of_the_shipped_records_are_reported() -> None:
    found = {(doubt.record, doubt.path) for record in load_records() for doubt in doubts_about(record)}
    assert ("goebel-2010", "outcomes[0].contrast") in found
    assert ("kalita-2006", "outcomes[0].contrast") in found
    assert ("kalita-20v40", "outcomes[1].contrast") in found
    assert ("zyluk-1998-ivrb", "outcomes[2].arms.Bier block.responders") in found


def test_the_interval_of_goebel_2010_is_found_too_narrow_for_its_patients() -> None:
    record = next(one for one in load_records() if one.id == "goebel-2010")
    assert any("SD between patients of 0.47" in doubt.what for doubt in doubts_about(record))


def test_secondary_and_recalled_numbers_are_listed_as_unverified() -> None:
    lips = next(one for one in load_records() if one.id == "goebel-2017-lips")
    assert "design.n_randomised" in unverified_numbers(lips)
    assert "recalled[4].value" in unverified_numbers(lips)


def test_what_is_worth_most_comes_first_and_nothing_is_lost() -> None:
    records = load_records()
    found = gaps(records)
    assert [gap.worth for gap in found] == sorted((gap.worth for gap in found), reverse=True)
    assert len(found) == sum(len(record.missing) for record in records)
    fetches = what_to_fetch(records)
    assert sum(len(fetch.gaps) for fetch in fetches) == len(found)
    roles = {record.id: record.model_use.role for record in records}
    assert fetches[0].record == "goebel-2017-lips"
    assert all(roles[fetch.record] in (Role.HELD_BACK, Role.CALIBRATION) for fetch in fetches[:5])
