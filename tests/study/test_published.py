"""A published number is read off the evidence where a study says it stands, in calor's unit."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.study.library import study
from calor.study.published import Published, published_number


def of(**given: object) -> Published:
    return Published.model_validate(given)


def test_a_contrast_is_read_by_the_name_of_its_outcome() -> None:
    by_name = published_number("kalita-2006", of(at="outcomes[CRPS score].contrast"))
    by_place = published_number("kalita-2006", of(at="outcomes[0].contrast"))
    assert (by_name.value, by_name.grade) == (by_place.value, by_place.grade) == (-6.0, Grade.VERIFIED)
    assert by_name.source == "kalita-2006: outcomes[CRPS score].contrast"


def test_a_rating_of_100_mm_becomes_one_of_10_points() -> None:
    found = published_number(
        "varenna-2013-neridronate", of(at="outcomes[change of pain].arms.placebo.change")
    )
    assert found.value == pytest.approx(-2.26)


def test_a_share_can_be_taken_from_one_and_one_from_another() -> None:
    free = "outcomes[free of pain].arms.prednisone.responders"
    assert published_number("jamroz-2020", of(at=free)).value == pytest.approx(19 / 39)
    assert published_number("jamroz-2020", of(at=free, complement=True)).value == pytest.approx(20 / 39)
    rates = "outcomes[responders].arms.{}.responders"
    less = of(at=rates.format("prednisolone"), minus=rates.format("piroxicam"))
    assert published_number("kalita-2006", less).value == pytest.approx(20 / 30)


def test_a_spread_is_the_sd_printed_with_the_number() -> None:
    at = "outcomes[change of pain after week 1, both arms].arms.all.change"
    assert published_number("fischer-2013-magnesium", of(at=at)).value == -0.7
    assert published_number("fischer-2013-magnesium", of(at=at, spread=True)).value == 1.1


def test_a_finding_is_read_by_the_name_of_its_number() -> None:
    assert published_number("B03", of(at="crps")).value == pytest.approx(10 / 18)


def test_no_difference_is_read_off_the_direction_of_an_outcome() -> None:
    found = published_number(
        "goebel-2017-lips", of(not_significant="outcomes[average pain intensity, IVIG against placebo]")
    )
    assert (found.value, found.grade) == (0.0, Grade.SECONDARY)
    with pytest.raises(InputError, match="not a result without difference"):
        published_number("kalita-2006", of(not_significant="outcomes[CRPS score]"))


def test_a_derived_number_has_the_grade_of_what_it_is_derived_from() -> None:
    found = published_number("barbalinardo-2016", of(derived=-0.55, how="p", **{"from": "outcomes[0].p"}))
    assert (found.value, found.grade) == (-0.55, Grade.VERIFIED)


@pytest.mark.parametrize(
    ("record", "given", "words"),
    [
        ("kalita-2006", {"at": "outcomes[pain].contrast"}, "no outcome 'pain'"),
        ("kalita-2006", {"at": "outcomes[CRPS score].difference"}, "no number there"),
        ("kalita-2006", {"at": "outcomes[Barthel index, change].contrast"}, "Barthel points"),
        ("kalita-2006", {"at": "outcomes[CRPS score].contrast", "spread": True}, "no SD printed"),
        ("kalita-2007", {"at": "outcomes[0].contrast"}, "no evidence record 'kalita-2007'"),
        ("B03", {"at": "patients"}, "no number there"),
        (None, {"at": "outcomes[0].contrast"}, "names none"),
    ],
)
def test_what_does_not_stand_there_is_refused(
    record: str | None, given: dict[str, object], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        published_number(record, of(**given))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"at": "outcomes[0].contrast", "printed": 1.0, "grade": "verified", "from": "table 1"},
        {"derived": 1.0, "from": "outcomes[0].p"},
        {"printed": 1.0, "from": "table 1"},
        {"printed": 1.0, "grade": "recalled", "from": "memory"},
        {"not_significant": "outcomes[0]", "complement": True},
    ],
)
def test_where_a_number_comes_from_is_said_in_one_way(given: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        of(**given)


def test_a_changed_number_of_a_record_changes_the_target(monkeypatch: pytest.MonkeyPatch) -> None:
    import calor.study.published as module

    original = module.figure_at
    monkeypatch.setattr(
        module, "figure_at", lambda name, path: original(name, path).model_copy(update={"value": -3.0})
    )
    target = study("kalita-2006").targets[0]
    assert published_number("kalita-2006", target.published).value == -3.0
