"""Reports of runs: made when they are asked for, one at a time, and kept for who asks again."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from calor.app.failures import ConflictError
from calor.app.kept import Kept
from calor.app.runs.telling import told_by_name
from calor.report.credibility_file import Credibility
from calor.report.page import page_html
from calor.report.writing import Reader, page_of, write_pdf
from calor.store.saved_run import SavedRun, read_run
from calor.store.saved_runs import listed_run
from calor.store.states import MANIFEST, State

REPORT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "sandbox allow-downloads allow-top-navigation-by-user-activation",
    )
)
"""What a report may do: show the styles and figures that are written into it, and nothing else."""

_ONE_AT_A_TIME = threading.Lock()
"""Drawing and setting pages changes settings that belong to the process."""

_kept: Kept[tuple[str, int, Reader, str], bytes] = Kept(20)


def finished_run(folder: Path) -> SavedRun:
    """Return a finished run with its result. Raises ConflictError where it is not, InputError if damaged."""
    with told_by_name(folder.parent):
        state = listed_run(folder).status.state
        if state is not State.DONE:
            raise ConflictError.of(f"is not finished: it is {state}", key=folder.name)
        return read_run(folder)


def report_of(folder: Path, reader: Reader, ending: str) -> bytes:
    """Return the report of a finished run as HTML or PDF.

    Arguments: the folder; for whom; and `html` or `pdf`.
    Raises ConflictError where the run is not finished, InputError where it is damaged, and UnsupportedError
    where there is no such report of it, or what makes a PDF is missing.
    """
    saved = finished_run(folder)
    made = (folder / MANIFEST).stat().st_mtime_ns if (folder / MANIFEST).is_file() else 0

    def make() -> bytes:
        with _ONE_AT_A_TIME:
            page = page_of(saved, Credibility(), reader)
            if ending == "html":
                return page_html(page).encode()
            with tempfile.TemporaryDirectory(prefix="calor-report-") as place:
                path = Path(place) / "report.pdf"
                write_pdf(page, path)
                return path.read_bytes()

    return _kept.get((str(folder), made, reader, ending), make)
