"""Texts and tables of a result as plain HTML: everything escaped, no script, no style of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from rich.text import Text

from calor.core.plain_text import without_controls
from calor.report.tables import Column, Group, Table
from calor.report.trial_remarks import DISCLAIMER

SHORT_ROWS, SHORT_LETTERS = 10, 700
"""A table of so many rows and letters or fewer is kept together."""


def html_of(parts: Iterable[str | Text | Table]) -> str:
    """Return texts and tables as HTML, with the sentence on what calor is for once, at the end."""
    blocks = [block for part in parts if str(part) != DISCLAIMER for block in _blocks(part)]
    return "\n".join(["<div>", *blocks, f"<p><em>{text_html(DISCLAIMER)}</em></p>", "</div>"])


def _blocks(part: str | Text | Table) -> Iterator[str]:
    if isinstance(part, Table):
        yield table_html(part)
        return
    text = str(part)
    if text:
        bold = isinstance(part, Text) and part.style == "bold"
        yield f"<p><strong>{text_html(text)}</strong></p>" if bold else f"<p>{text_html(text)}</p>"


def table_html(table: Table) -> str:
    """Return a table as HTML: a caption where it has a title, headings of columns, numbers to the right."""
    caption = [f"<caption>{text_html(table.title)}</caption>"] if table.title else []
    headings = "".join(_heading(column) for column in table.columns)
    rows = [_row(table.columns, row) for row in table.rows]
    return "\n".join(
        [
            _opening(table),
            *caption,
            f"<thead><tr>{headings}</tr></thead>",
            "<tbody>",
            *rows,
            "</tbody>",
            "</table>",
        ]
    )


def _opening(table: Table) -> str:
    """Return the beginning of a table; a short one stays on one page where it can."""
    letters = sum(len(cell) for row in table.rows if not isinstance(row, Group) for cell in row)
    return (
        '<table class="short">' if len(table.rows) <= SHORT_ROWS and letters <= SHORT_LETTERS else "<table>"
    )


def _heading(column: Column) -> str:
    """Return a column's heading; a column without one has an empty cell, which heads nothing."""
    if not column.heading:
        return "<td></td>"
    return f'<th scope="col"{_aligned(column)}>{text_html(column.heading)}</th>'


def _row(columns: Iterable[Column], row: Iterable[str] | Group) -> str:
    if isinstance(row, Group):
        return f'<tr><th colspan="{len(list(columns))}">{text_html(row.heading)}</th></tr>'
    pairs = list(zip(columns, row, strict=False))
    cells = [_cell(column, cell, heads=place == 0) for place, (column, cell) in enumerate(pairs)]
    return f"<tr>{''.join(cells)}</tr>"


def _cell(column: Column, cell: str, *, heads: bool) -> str:
    """Return a cell; the first one of a row heads it, unless it is a number."""
    if heads and not column.to_the_right:
        return f'<th scope="row"{_aligned(column)}>{text_html(cell)}</th>'
    return f"<td{_aligned(column)}>{text_html(cell)}</td>"


def _aligned(column: Column) -> str:
    rules = [
        rule
        for rule, holds in (("text-align:right", column.to_the_right), ("white-space:nowrap", column.whole))
        if holds
    ]
    return f' style="{";".join(rules)}"' if rules else ""


def text_html(text: str) -> str:
    """Return text that is shown as it is, line by line, whatever it holds."""
    return escape(without_controls(text)).replace("\n", "<br>")
