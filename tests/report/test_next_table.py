"""The ranking of studies as it is told: ties share a place, and what a study speaks of is said."""

from __future__ import annotations

from typing import Any

from calor.decision.informing import RESPONDERS
from calor.report.next_table import below_lines, ranking_table


def row(name: str, rank: int, tied: tuple[str, ...] = (), informs: str | None = None) -> dict[str, Any]:
    figure = {"value": 0.4, "error": 0.01}
    return {
        "name": name,
        "rank": rank,
        "tied_with": tied,
        "informs": informs,
        "affordable": True,
        "teaches_nothing": None,
        "too_few_worlds": False,
        "true_rival": figure,
        "decisive": figure,
        "cost": 1e6,
        "months": 12.0,
    }


def told(ranking: list[dict[str, Any]], group: list[str]) -> dict[str, Any]:
    return {
        "question": {"kind": "rivals", "unit": None},
        "now": {"true_rival": 0.333},
        "certainty": 0.95,
        "money": {"currency": "GBP"},
        "ranking": ranking,
        "leading_group": group,
        "stability_of_the_first_three": 0.776,
        "stability_of_the_leading_group": 0.998,
    }


TIED = [row("a", 1, ("b",)), row("b", 1, ("a",)), row("c", 3, ("d",)), row("d", 3, ("c",)), row("e", 5)]


def test_studies_that_are_tied_share_a_place() -> None:
    table = ranking_table(told(TIED, ["a", "b", "c", "d"]))
    assert [cells[0] for cells in table.rows] == ["1=", "1=", "3=", "3=", "5"]


def test_a_tie_at_the_third_place_is_told_beside_how_often_the_same_three_lead() -> None:
    assert list(below_lines(told(TIED, ["a", "b", "c", "d"])))[-1] == (
        "The first three are the same in 78% of resamples of the worlds; the third place is a tie: they are "
        "among 4 studies, the first three and what is tied with the third, in 100%."
    )
    clear = list(below_lines(told(TIED, ["a", "b", "c"])))[-1]
    assert clear == "The first three are the same in 78% of resamples of the worlds."


def test_a_study_of_those_who_respond_says_of_whom_it_speaks() -> None:
    ranking = [row("a", 1), row("withdrawal", 2, informs=f"through the model: other people, {RESPONDERS}")]
    lines = list(below_lines(told(ranking, ["a", "withdrawal"])))
    assert any(line.startswith(f"withdrawal: of {RESPONDERS}, other people") for line in lines)
    assert not any(RESPONDERS in line for line in below_lines(told(TIED, ["a", "b", "c"])))
