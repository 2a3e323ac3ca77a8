"""Tables: user text is never markup, an interval is never cut, a narrow terminal gets entries."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from calor.report.runs_table import runs_table
from calor.report.tables import Group, Table, number, words
from calor.store.requests import Request
from calor.store.saved_runs import Listed
from calor.store.states import State, Status

ROWS = (
    Group("arms of [/x]"),
    ("steroid [high]", "56", "-1.30 to -0.01", "some words about it that run on over several lines"),
    ("steroid [low]", "5", "0.00 to +1.00", "short"),
)
COLUMNS = (words("arm"), number("n"), number("95 % interval"), words("what it means"))


def shown(table: Table, width: int) -> list[str]:
    file = io.StringIO()
    Console(file=file, width=width).print(table)
    return file.getvalue().splitlines()


@pytest.mark.parametrize("framed", [True, False])
@pytest.mark.parametrize("width", [20, 24, 40, 60, 80, 200])
def test_every_cell_stands_whole_in_any_width(width: int, framed: bool) -> None:
    lines = shown(Table(COLUMNS, ROWS, title="[bold]of users[/x]", framed=framed), width)
    assert max(map(len, lines)) <= min(width, 80)
    text = "\n".join(lines)
    for cell in ("-1.30 to -0.01", "0.00 to +1.00", "[high]", "[low]", "[/x]", "56"):
        assert cell in text


def test_a_narrow_terminal_gets_entries() -> None:
    lines = [line.rstrip() for line in shown(Table(COLUMNS, ROWS), 24)]
    assert lines[1:5] == ["steroid [high]", "  n: 56", "  95 % interval:", "    -1.30 to -0.01"]


def test_a_wide_one_gets_a_table_that_fills_it() -> None:
    lines = shown(Table(COLUMNS, ROWS, fills=True), 120)
    assert {len(line) for line in lines} == {80}
    assert any("steroid [high]" in line and "-1.30 to -0.01" in line for line in lines)


def test_no_column_is_narrowed_below_a_word_of_it_while_others_may_be_broken() -> None:
    # Levelled, every column would have 10 or 11: the last one needs 12, and would be cut.
    columns = (words("run", breaks_at=8), words("question", breaks_at=8), words("progress"))
    rows = (("a" * 30, "b" * 30, "a few abcdefghijkl of them"),)
    lines = shown(Table(columns, rows, framed=False), 34)
    assert max(map(len, lines)) <= 34
    assert any(line.rstrip().endswith("abcdefghijkl") for line in lines)
    assert "".join(line[:10].strip() for line in lines[1:]) == "a" * 30


def test_runs_are_listed_whole_on_eighty_columns() -> None:
    request = Request("trials --freeze", "goebel-2017-lips, my-early-prednisolone.yaml", (), "/")
    status = Status(
        State.RUNNING, "2026-11-28T14:11:00", stage="replicates", done=1234, total=9999, pieces=77
    )
    lines = shown(runs_table([Listed(Path("runs/goebel-2017-lips-20261128T141100"), request, status)]), 80)
    assert lines[0].split() == ["run", "state", "kind", "question", "started", "progress"]
    last = " ".join(line[lines[0].index("progress") :].strip() for line in lines[1:])
    assert last.strip() == "replicates: 1,234 of 9,999, 77 pieces kept"
