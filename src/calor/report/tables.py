"""Tables for the terminal: plain text, never markup; a list of entries where a table would not fit.

A number or an interval is never cut or broken over lines. Where a terminal is too narrow for a table, each
row becomes an entry with its cells below one another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

WIDEST = 80
"""Columns that a table fills at most, unless it is told otherwise."""

ROOMY = 10
"""Columns below which text that runs over lines is no longer pleasant to read."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Arguments: its heading; whether its cells stand on one line, whatever the width; whether they stand to the
    right, as numbers do; whether it takes the room that is left; and the width at which a long word may be
    broken (None: no word is).
    """

    heading: str
    whole: bool = False
    to_the_right: bool = False
    greedy: bool = False
    breaks_at: int | None = None

    @property
    def stands(self) -> bool:
        """Whether nothing of it ever runs over several lines."""
        return self.whole and len(self.heading.split()) < 2

    def narrowest(self, cells: Sequence[str]) -> int:
        """Return the columns of the terminal that this one needs, with these cells in it."""
        headings = [cell_len(word) for word in self.heading.split()]
        lines = [cell_len(line) for cell in cells for line in cell.splitlines()]
        if self.whole:
            return max([0, *headings, *lines])
        longest = max([0, *(cell_len(word) for cell in cells for word in cell.split())])
        if self.breaks_at is not None:
            longest = min(longest, self.breaks_at)
        return max([0, *headings, longest, min(ROOMY, max([0, *lines]))])


def words(heading: str, *, greedy: bool = False, breaks_at: int | None = None) -> Column:
    """Return a column of text that may run over several lines."""
    return Column(heading, greedy=greedy, breaks_at=breaks_at)


def label(heading: str) -> Column:
    """Return a column of text that stands on one line: names, verdicts."""
    return Column(heading, whole=True)


def number(heading: str) -> Column:
    """Return a column of numbers or intervals: never broken, to the right."""
    return Column(heading, whole=True, to_the_right=True)


@dataclass(frozen=True)
class Group:
    """A row that heads the rows after it."""

    heading: str


Row = Sequence[str] | Group


@dataclass(frozen=True)
class Table:
    """A table of plain text that can be printed on a console.

    Arguments: the columns; the rows, each as many cells as there are columns or fewer; the title; whether it
    has a frame; whether it fills the width; and the columns of the terminal that it takes at most.
    """

    columns: Sequence[Column]
    rows: Sequence[Row]
    title: str | None = None
    framed: bool = True
    fills: bool = False
    widest: int = field(default=WIDEST)

    @property
    def narrowest(self) -> int:
        """The columns of the terminal below which a cell would be cut or broken."""
        return sum(self._least) + self._between

    @property
    def _between(self) -> int:
        """The columns of the terminal that frames and gaps take."""
        count = len(self.columns)
        return 3 * count + 1 if self.framed else count - 1

    @property
    def _cells(self) -> list[list[str]]:
        """The cells of each column."""
        rows = [row for row in self.rows if not isinstance(row, Group)]
        return [[row[place] for row in rows if place < len(row)] for place in range(len(self.columns))]

    @property
    def _least(self) -> list[int]:
        return [column.narrowest(cells) for column, cells in zip(self.columns, self._cells, strict=True)]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table, or its rows as entries where it does not fit."""
        width = min(options.max_width, self.widest)
        if self.narrowest <= width:
            yield from console.render(self._as_table(width), options.update(max_width=width))
        else:
            yield from self._as_entries(width)

    def _as_table(self, width: int) -> RichTable:
        table = RichTable(title=Text(self.title) if self.title else None, title_justify="left")
        if not self.framed:
            table.box, table.padding, table.pad_edge = None, (0, 1, 0, 0), False
        if self.fills:
            table.width = width
        for column, least, fixed in zip(self.columns, self._least, self._fixed(width), strict=True):
            table.add_column(
                Text(column.heading),
                justify="right" if column.to_the_right else "left",
                no_wrap=column.stands,
                overflow="fold",
                ratio=1 if column.greedy else None,
                min_width=least,
                width=fixed,
            )
        for row in self.rows:
            if isinstance(row, Group):
                table.add_row(Text(row.heading, style="bold"))
            else:
                table.add_row(*(Text(cell) for cell in row))
        return table

    def _fixed(self, width: int) -> list[int | None]:
        """Return the width of each column where it must be given, and else None.

        Rich narrows the widest columns to one level that fits, and then widens those that need more: such a
        table would be cut. There the columns that need less give way.
        """
        room, least = width - self._between, self._least
        wanted = [
            max(cell_len(line) for cell in (column.heading, *cells) for line in cell.splitlines() or [""])
            for column, cells in zip(self.columns, self._cells, strict=True)
        ]

        def levelled(level: int) -> list[int]:
            return [max(low, min(most, level)) for low, most in zip(least, wanted, strict=True)]

        level = next((each for each in range(max(wanted), 0, -1) if sum(levelled(each)) <= room), 0)
        cut = any(low > level and not column.stands for low, column in zip(least, self.columns, strict=True))
        return [*levelled(level)] if cut and not self.fills else [None] * len(least)

    def _as_entries(self, width: int) -> RenderResult:
        if self.title:
            yield Text(self.title, style="italic")
        for row in self.rows:
            if isinstance(row, Group):
                yield Text(row.heading, style="bold")
                continue
            first, *others = row
            yield _hanging(" ".join(first.split()), 0, style="bold")
            for column, cell in zip(self.columns[1:], others, strict=False):
                if cell:
                    yield from _entry(column, " ".join(cell.split()), width)


def _entry(column: Column, cell: str, width: int) -> RenderResult:
    """Yield a cell under its heading: on one line where it fits, else an interval on a line of its own."""
    line = f"{column.heading}: {cell}" if column.heading else cell
    if column.whole and column.heading and cell_len(line) > width - 2:
        yield _hanging(f"{column.heading}:", 2)
        yield _hanging(cell, 4)
    else:
        yield _hanging(line, 2)


def _hanging(text: str, depth: int, *, style: str = "") -> Padding:
    return Padding(Text(text, style=style, overflow="fold"), (0, 0, 0, depth), expand=False)
