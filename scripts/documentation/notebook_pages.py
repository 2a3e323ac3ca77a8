"""A notebook as a page of the documentation: Markdown, with its outputs as text, tables and pictures."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from pathlib import Path

from nbformat import NotebookNode

from scripts.documentation.notebooks import PROGRAM_LINE, SIZES
from scripts.documentation.writing import write_where_new

FENCE = "```"
STYLE = re.compile(r"<style.*?</style>", re.DOTALL)


def write_page(notebook: NotebookNode, target: Path) -> None:
    """Write a notebook, as it was run, as a page, its pictures beside it.

    Arguments: the notebook; the page's path, which ends with `.md`.
    """
    pictures: list[bytes] = []
    text = "\n\n".join(part for cell in notebook.cells for part in _parts(cell, target.stem, pictures))
    for number, picture in enumerate(pictures, start=1):
        write_where_new(target.with_name(f"{target.stem}-{number}.png"), picture)
    write_where_new(target, f"{text}\n".encode())


def _parts(cell: NotebookNode, name: str, pictures: list[bytes]) -> Iterator[str]:
    if cell.cell_type == "markdown":
        yield cell.source
        return
    if PROGRAM_LINE.match(cell.source):
        yield f"{FENCE}sh\n{PROGRAM_LINE.sub(lambda found: found['words'], cell.source)}\n{FENCE}"
    else:
        yield f"{FENCE}python\n{cell.source}\n{FENCE}"
    if SIZES in cell.metadata.get("tags", ()):
        return
    for output in cell.outputs:
        yield from _shown(output, name, pictures)


def _shown(output: NotebookNode, name: str, pictures: list[bytes]) -> Iterator[str]:
    """Yield what a reader sees of an output: the richest kind that it has."""
    data = output.get("data", {})
    if "image/png" in data:
        pictures.append(base64.b64decode(data["image/png"]))
        yield f"![What the cell above draws]({name}-{len(pictures)}.png)"
    elif "text/html" in data:
        # A blank line would end the block of HTML; the page's own style serves every table.
        lines = [line for line in STYLE.sub("", data["text/html"]).splitlines() if line.strip()]
        yield "\n".join(['<div class="output">', *lines, "</div>"])
    else:
        text = data.get("text/plain") or output.get("text", "")
        yield f"{FENCE}text\n{text.rstrip()}\n{FENCE}"
