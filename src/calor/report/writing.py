"""Writing a report: which page a run gets, and its files as HTML or PDF."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from calor.core.errors import InputError, UnsupportedError
from calor.report.credibility_file import Credibility
from calor.report.page import Page, page_html
from calor.report.written.trial import trial_page
from calor.store.saved_run import Kind, SavedRun

if TYPE_CHECKING:
    from types import ModuleType

PDF_COMMAND = "pip install 'calor[pdf]'"


def page_of(run: SavedRun, credibility: Credibility) -> Page:
    """Return the report of a run. Raises InputError for a run that lacks what a report needs."""
    if run.kind is Kind.TRIAL and not run.context:
        raise InputError.of(
            "was written by a calor that kept too little for a report: there is no context.json",
            file=run.folder,
            hint="run the trial again with this calor",
        )
    return trial_page(run, credibility)


def write_html(page: Page, path: Path) -> None:
    """Write a page as one HTML file. Raises InputError where it cannot be written."""
    _write(path, page_html(page).encode())


def write_pdf(page: Page, path: Path) -> None:
    """Write a page as tagged PDF (PDF/UA-1), the data of its figures attached.

    Raises UnsupportedError where WeasyPrint is missing, and InputError where the file cannot be written.
    """
    weasyprint = _weasyprint()
    _write(path, weasyprint.HTML(string=page_html(page, on_paper=True)).write_pdf(pdf_variant="pdf/ua-1"))


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
