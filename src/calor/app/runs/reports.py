"""Reports of runs: made when they are asked for, one at a time, and kept for who asks again."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path

from calor.app.kept import Kept
from calor.report.credibility_file import Credibility
from calor.report.page import page_html
from calor.report.writing import Reader, page_of, write_pdf
from calor.store.saved_run import read_run
from calor.store.states import MANIFEST

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


def report_of(folder: Path, reader: Reader, ending: str) -> bytes:
    """Return the report of a finished run as HTML or PDF.

    Arguments: the folder; for whom; and `html` or `pdf`.
    Raises InputError where the run is not finished, and UnsupportedError where there is no such report of it,
    or what makes a PDF is missing.
    """
    saved = read_run(folder)
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
