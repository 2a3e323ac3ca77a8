"""The registered scales name numbers that were read, for every published trial, and none that is recalled."""

from __future__ import annotations

import pytest

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.vocabulary import Direction
from calor.trial.forecast.kinds import Kind, Of
from calor.trial.forecast.scales import PublishedResult, ScaleEntry, load_scales, published_result
from calor.trial.protocols.published import published_protocols

PROTOCOLS = published_protocols()
PUBLISHED = [name for name, protocol in PROTOCOLS.items() if protocol.role != "registered"]


def results(identifier: str) -> list[PublishedResult]:
    return [
        published_result(PROTOCOLS[identifier].record or "", entry)
        for entry in load_scales().trials[identifier]
    ]


@pytest.mark.parametrize("identifier", PUBLISHED)
def test_every_published_trial_has_a_scale_and_a_result_that_was_read(identifier: str) -> None:
    for entry, result in zip(load_scales().trials[identifier], results(identifier), strict=True):
        assert result.grade in {Grade.VERIFIED, Grade.SECONDARY}
        assert (result.value is None) == (entry.kind is Kind.DIRECTION)
        if entry.kind is Kind.DIRECTION:
            assert result.direction in {Direction.NONE, Direction.FAVOURS_ACTIVE, Direction.FAVOURS_CONTROL}


def test_only_trials_that_ship_have_a_scale() -> None:
    assert set(load_scales().trials) == set(PUBLISHED)


@pytest.mark.parametrize(
    ("identifier", "values"),
    [
        ("goebel-2017-lips", [None]),
        ("dirckx-2013", [None]),
        ("kalita-2006", [None]),
        ("manning-2014", [0.0]),
        ("munts-2010", [0.3]),
        ("kalita-20v40", [0.0, 1.0]),
        ("goebel-2010", [-1.55]),
        ("goebel-2018-mycophenolate", [-2.8]),
        ("sigtermans-2009-ketamine", [-2.77]),
    ],
)
def test_the_published_results(identifier: str, values: list[float | None]) -> None:
    assert [result.value for result in results(identifier)] == values


def test_the_held_out_trials_are_compared_as_their_records_allow() -> None:
    (lips,) = results("goebel-2017-lips")
    assert (lips.direction, lips.grade, lips.interval95) == (Direction.NONE, Grade.SECONDARY, None)
    (munts,) = results("munts-2010")
    assert munts.interval95 == (-0.7, 1.3)
    assert load_scales().trials["munts-2010"][0].of is Of.SIZE_OF_CONTRAST
    assert results("manning-2014")[0].interval95 is None
    assert results("goebel-2010")[0].interval95 is None, "the printed interval is not one between patients"


def test_a_recalled_number_is_refused() -> None:
    entry = ScaleEntry(
        kind=Kind.NUMERIC, of=Of.CONTRAST, scale="s", parts=("recalled[4].value",), because="b"
    )
    with pytest.raises(InputError, match="has no number there"):
        published_result("goebel-2017-lips", entry)


def test_a_direction_is_of_one_outcome() -> None:
    with pytest.raises(ValueError, match="one outcome"):
        ScaleEntry(kind=Kind.DIRECTION, of=Of.CONTRAST, scale="s", parts=("a", "b"), because="b")


def test_every_registered_trial_has_a_protocol_or_a_reason_for_none() -> None:
    for identifier, entry in load_scales().registered_trials.items():
        assert entry.because
        assert bool(entry.forecasts) == (identifier in PROTOCOLS), identifier
        if entry.forecasts:
            assert PROTOCOLS[identifier].role == "registered"
