"""A written report as one self-contained HTML page: no script, nothing loaded, every text escaped."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from calor.report.blocks import Block, Heading, Items, Paragraph, Picture, Tone
from calor.report.figures import small_svg
from calor.report.html import table_html, text_html
from calor.report.style import STYLE, STYLE_ON_PAPER
from calor.report.tables import Table


@dataclass(frozen=True)
class Page:
    """A page. Arguments: its title, the lines under it, its blocks, the last line, and the date it is of."""

    title: str
    about: Sequence[str]
    blocks: Sequence[Block]
    last: str
    date: str


def page_html(page: Page, *, on_paper: bool = False) -> str:
    """Return a page as HTML.

    On paper the data of figures are attachments, which the PDF carries; on a screen they can be unfolded and
    saved.
    """
    chapters = [block for block in page.blocks if isinstance(block, Heading) and block.level == 2]
    return "\n".join(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="generator" content="calor">',
            f'<meta name="dcterms.created" content="{text_html(page.date)}">' if page.date else "",
            f"<title>{text_html(_one_line(page.title))}</title>",
            f"<style>{STYLE}{STYLE_ON_PAPER if on_paper else ''}</style>",
            "</head>",
            "<body>",
            "<header>",
            f"<h1>{text_html(_one_line(page.title))}</h1>",
            *(f'<p class="about">{text_html(line)}</p>' for line in page.about),
            "</header>",
            *(_contents(chapters) if len(chapters) > 2 else ()),
            "<main>",
            *(_block(block, on_paper) for block in page.blocks),
            "</main>",
            f"<footer><p>{text_html(page.last)}</p></footer>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _contents(chapters: Iterable[Heading]) -> Iterator[str]:
    yield '<nav aria-label="Contents"><ol>'
    for chapter in chapters:
        yield f'<li><a href="#{chapter.anchor}">{text_html(chapter.text)}</a></li>'
    yield "</ol></nav>"


def _block(block: Block, on_paper: bool) -> str:
    match block:
        case Heading():
            return f'<h{block.level} id="{block.anchor}">{text_html(block.text)}</h{block.level}>'
        case Paragraph(tone=Tone.PLAIN):
            return f"<p>{text_html(block.text)}</p>"
        case Paragraph():
            return f'<p class="{block.tone}">{text_html(block.text)}</p>'
        case Items():
            return f"<ul>{''.join(f'<li>{text_html(entry)}</li>' for entry in block.entries)}</ul>"
        case Table():
            return table_html(block)
        case Picture():
            return _figure(block, on_paper)


def _figure(picture: Picture, on_paper: bool) -> str:
    return "\n".join(
        [
            "<figure>",
            _image(picture),
            f"<figcaption>{text_html(picture.caption)}</figcaption>",
            "</figure>",
            _data(picture, on_paper),
        ]
    )


def _data(picture: Picture, on_paper: bool) -> str:
    """Return the figure's data as a file that can be saved; on paper the name of what the PDF carries."""
    name = f"{picture.name}.csv"
    if on_paper:
        return f'<p class="note">Data of this figure: {name}, attached to this document.</p>'
    coded = base64.b64encode(csv_of(picture).encode()).decode("ascii")
    link = f'<a download="{name}" href="data:text/csv;base64,{coded}">{name}</a>'
    rows = f"{len(picture.data):,} rows of {', '.join(map(str, picture.data.columns))}"
    return f"<details><summary>Data of this figure</summary><p>{link}: {text_html(rows)}.</p></details>"


def csv_of(picture: Picture) -> str:
    """Return the data of a figure as CSV."""
    buffer = io.StringIO()
    picture.data.to_csv(buffer, index=False, lineterminator="\n")
    return buffer.getvalue()


def _image(picture: Picture) -> str:
    """Return a figure as an image inside the page, with what it shows in words."""
    coded = base64.b64encode(small_svg(picture.figure)).decode("ascii")
    return f'<img alt="{text_html(_one_line(picture.says))}" src="data:image/svg+xml;base64,{coded}">'


def _one_line(text: str) -> str:
    return " ".join(text.split())
