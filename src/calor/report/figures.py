"""Saving a figure as PNG and SVG with its data beside it, the same bytes each time.

Titles and names are people's own text: a dollar sign begins no formula.
"""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.text import Text

from calor.core.errors import InputError

PNG_DOTS_PER_INCH = 200

PAGE_WIDTH = 6.69
"""Inches between the margins (2 cm) of an A4 page: a figure of a report is drawn at its size on paper."""


def save_figure(
    figure: Figure, folder: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[Path, Path, Path]:
    """Write `name.png`, `name.svg` and `name.csv` into a folder, which is made where it is missing.

    Arguments: the figure, the folder, the name without ending, and the columns and rows of the data that
    the figure shows (None is an empty cell). Returns the three paths.
    Raises InputError where the folder cannot be written.
    """
    try:
        return _written(figure, folder, name, columns, rows)
    except OSError as error:
        raise InputError.of(f"cannot be written: {error.strerror}", file=folder) from None


def quiet() -> AbstractContextManager[None]:
    """Return a context in which a figure is drawn as those of a report are."""
    return matplotlib.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False})


def settled(figure: Figure, font_size: float) -> Figure:
    """Return a figure that looks the same wherever it is drawn: its labels' size, and text that is text.

    Ticks are made when a figure is drawn, with the settings of that moment; a notebook has its own.
    """
    for axes in figure.axes:
        axes.tick_params(labelsize=font_size)
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    return figure


def write_pictures(figure: Figure, stem: Path) -> tuple[Path, Path]:
    """Write a figure as PNG and SVG beside each other and return the two paths."""
    png, svg = stem.with_name(f"{stem.name}.png"), stem.with_name(f"{stem.name}.svg")
    for path in (png, svg):
        path.write_bytes(picture_bytes(figure, path.suffix))
    return png, svg


def picture_bytes(figure: Figure, ending: str) -> bytes:
    """Return a figure as `.png`, `.svg` or `.pdf`, the same bytes each time."""
    buffer = io.BytesIO()
    with _same_bytes(figure):
        figure.savefig(buffer, format=ending[1:], dpi=PNG_DOTS_PER_INCH, metadata=_UNDATED[ending])
    return buffer.getvalue()


def small_svg(figure: Figure) -> bytes:
    """Return a figure as SVG for a page: no indentation, no comments, to a hundredth of a point."""
    text = re.sub(r"<!--.*?-->", "", picture_bytes(figure, ".svg").decode(), flags=re.DOTALL)
    text = re.sub(r'(?<= d=")[^"]*', lambda path: re.sub(r"(\.\d\d)\d+", r"\1", path[0]), text)
    return re.sub(r"\s*\n\s*", "\n", text).encode()


_UNDATED: dict[str, dict[str, Any]] = {
    ".png": {"Software": None},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


@contextmanager
def _same_bytes(figure: Figure) -> Iterator[None]:
    """Draw a figure with the same bytes each time, and text as it was written."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with (
        matplotlib.rc_context({"svg.hashsalt": "calor", "svg.fonttype": "path", "text.parse_math": False}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # an emoji is drawn as a box
        yield


def _written(
    figure: Figure, folder: Path, name: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> tuple[Path, Path, Path]:
    folder.mkdir(parents=True, exist_ok=True)
    png, svg = write_pictures(figure, folder / name)
    data = folder / f"{name}.csv"
    with data.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return png, svg, data
