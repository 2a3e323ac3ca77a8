"""Texts and tables of a result as plain HTML: everything escaped, no script, no style of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from rich.text import Text

from calor.core.plain_text import without_controls
from calor.report.tables import Column, Group, Table
from calor.report.trial_remarks import DISCLAIMER


def html_of(parts: Iterable[str | Text | Table]) -> str:
    """Return texts and tables as HTML, with the sentence on what calor is for once, at the end."""
    blocks = [block for part in parts if str(part) != DISCLAIMER for block in _blocks(part)]
    return "\n".join(["<div>", *blocks, f"<p><em>{_shown(DISCLAIMER)}</em></p>", "</div>"])


def _blocks(part: str | Text | Table) -> Iterator[str]:
    if isinstance(part, Table):
        yield _table(part)
        return
    text = str(part)
    if text:
        bold = isinstance(part, Text) and part.style == "bold"
        yield f"<p><strong>{_shown(text)}</strong></p>" if bold else f"<p>{_shown(text)}</p>"


def _table(table: Table) -> str:
    caption = [f"<caption>{_shown(table.title)}</caption>"] if table.title else []
    headings = "".join(f"<th>{_shown(column.heading)}</th>" for column in table.columns)
    rows = [_row(table.columns, row) for row in table.rows]
    return "\n".join(
        ["<table>", *caption, f"<thead><tr>{headings}</tr></thead>", "<tbody>", *rows, "</tbody>", "</table>"]
    )


def _row(columns: Iterable[Column], row: Iterable[str] | Group) -> str:
    if isinstance(row, Group):
        return f'<tr><th colspan="{len(list(columns))}">{_shown(row.heading)}</th></tr>'
    cells = (
        f'<td style="text-align:right">{_shown(cell)}</td>'
        if column.to_the_right
        else f"<td>{_shown(cell)}</td>"
        for column, cell in zip(columns, row, strict=False)
    )
    return f"<tr>{''.join(cells)}</tr>"


def _shown(text: str) -> str:
    """Return text that is shown as it is, line by line, whatever it holds."""
    return escape(without_controls(text)).replace("\n", "<br>")
