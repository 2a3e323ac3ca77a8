"""Writing a report: which page a run gets, and its files as HTML or PDF."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calor.core.errors import InputError, UnsupportedError
from calor.report.blocks import Picture
from calor.report.credibility_file import Credibility
from calor.report.figures import picture_bytes
from calor.report.page import Page, csv_of, page_html
from calor.report.written.others import other_page
from calor.report.written.plain import plain_page
from calor.report.written.sap import sap_page
from calor.report.written.trial import trial_page
from calor.store.saved_run import CONTEXT_VERSION, Kind, SavedRun

if TYPE_CHECKING:
    from types import ModuleType

UNDATED = date(2000, 1, 1)
"""The day that the attachments of a run without a date bear, so that their bytes are the same each time."""

CLOCK = "SOURCE_DATE_EPOCH"
PDF_COMMAND = "pip install 'calor[pdf]'"


class Reader(StrEnum):
    """For whom a report is: a board, people with CRPS, or the statistical section of a protocol."""

    BOARD = "board"
    PATIENTS = "patients"
    STATISTICIANS = "statisticians"


def page_of(run: SavedRun, credibility: Credibility, reader: Reader = Reader.BOARD) -> Page:
    """Return the report of a run for a reader.

    Raises InputError for a run that lacks what a report needs, and UnsupportedError for one of which there is
    no report for that reader.
    """
    if run.kind is Kind.TRIAL and run.context.get("version") != CONTEXT_VERSION:
        raise InputError.of(
            "was written by another version of calor, which kept something else for a report (context.json)",
            file=run.folder,
            hint="run the trial again with this calor",
        )
    if reader is not Reader.BOARD and run.kind is not Kind.TRIAL:
        raise UnsupportedError.of(
            f"a {run.kind} has no page for {reader}", file=run.folder, allowed="a run of calor trial"
        )
    if run.kind is not Kind.TRIAL and credibility != Credibility():
        raise UnsupportedError.of(
            f"the report of a {run.kind} has no table of credibility",
            file=run.folder,
            key="--credibility",
            allowed="a run of calor trial",
        )
    match reader:
        case Reader.PATIENTS:
            return plain_page(run)
        case Reader.STATISTICIANS:
            return sap_page(run)
        case Reader.BOARD:
            return trial_page(run, credibility) if run.kind is Kind.TRIAL else other_page(run)


def write_html(page: Page, path: Path) -> None:
    """Write a page as one HTML file. Raises InputError where it cannot be written."""
    _write(path, page_html(page).encode())


def write_pdf(page: Page, path: Path) -> None:
    """Write a page as tagged PDF (PDF/UA-1), the data of its figures attached.

    Raises UnsupportedError where WeasyPrint is missing, and InputError where the file cannot be written.
    """
    day = datetime.combine(date.fromisoformat(page.date) if page.date else UNDATED, time.min, UTC)
    with warnings.catch_warnings(), _clock_stands_at(day):
        warnings.simplefilter("ignore")  # WeasyPrint warns of versions of Pango and HarfBuzz
        _write(path, _pdf(_weasyprint(), page, day))


@contextmanager
def _clock_stands_at(day: datetime) -> Iterator[None]:
    """Have what embeds fonts write a fixed time, by the variable of reproducible builds."""
    before = os.environ.get(CLOCK)
    os.environ[CLOCK] = str(int(day.timestamp()))
    try:
        yield
    finally:
        if before is None:
            del os.environ[CLOCK]
        else:
            os.environ[CLOCK] = before


def _pdf(weasyprint: ModuleType, page: Page, day: datetime) -> bytes:
    data = [
        weasyprint.Attachment(
            string=csv_of(block), name=f"{block.name}.csv", description=block.caption, created=day,
            modified=day, relationship="Data",
        )
        for block in page.blocks
        if isinstance(block, Picture)
    ]  # fmt: skip
    paper = weasyprint.HTML(string=page_html(page, on_paper=True))
    return bytes(paper.write_pdf(pdf_variant="pdf/ua-1", attachments=data, finisher=_heads_have_scope))


def _heads_have_scope(_document: Any, pdf: Any) -> None:
    """Say of every heading cell whether it heads its column or its row, as readers of PDF/UA look for.

    WeasyPrint links cells to their headings by name alone, which few readers follow.
    """
    places: dict[bytes, Any] = {each.reference: each for each in pdf.objects}
    for cell in places.values():
        if not isinstance(cell, dict) or cell.get("S") != "/TH":
            continue
        part = places[places[cell["P"]]["P"]]["S"]
        cell["A"]["Scope"] = "/Column" if part == "/THead" else "/Row"


def write_figure(picture: Picture, path: Path) -> tuple[Path, Path]:
    """Write a figure in the format of a path's ending, its data as CSV beside it, and return both paths.

    Raises InputError where they cannot be written.
    """
    data = path.with_suffix(".csv")
    _write(path, picture_bytes(picture.figure, path.suffix.lower()))
    _write(data, csv_of(picture).encode())
    return path, data


def _weasyprint() -> ModuleType:
    """Return WeasyPrint. Raises UnsupportedError, with the command that installs it, where it is missing."""
    try:
        import weasyprint
    except ImportError:
        raise UnsupportedError.of(
            "a PDF needs WeasyPrint, which is not installed",
            key="--pdf",
            hint=f"{PDF_COMMAND}; or --html, which a browser prints",
        ) from None
    except OSError as error:
        raise UnsupportedError.of(
            f"a PDF needs Pango, which WeasyPrint does not find on this machine: {error}",
            key="--pdf",
            hint="apt install libpango-1.0-0 libpangoft2-1.0-0; or --html, which a browser prints",
        ) from None
    module: ModuleType = weasyprint
    return module


def _write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(content)
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError.of(f"cannot be written: {error.strerror}", file=path) from None
