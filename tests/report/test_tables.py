"""Tables: user text is never markup, an interval is never cut, a narrow terminal gets entries."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from calor.report.tables import Group, Table, number, words

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
