"""Saving a figure as PNG and SVG with its data beside it, the same bytes each time.

Titles and names are people's own text: a dollar sign begins no formula.
"""

from __future__ import annotations

import csv
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.figure import Figure
from matplotlib.text import Text

from calor.core.errors import InputError

PNG_DOTS_PER_INCH = 200


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
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    with (
        matplotlib.rc_context({"svg.hashsalt": "calor", "svg.fonttype": "path", "text.parse_math": False}),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", "Glyph .* missing from font")  # an emoji is drawn as a box
        figure.savefig(png, dpi=PNG_DOTS_PER_INCH, metadata={"Software": None})
        figure.savefig(svg, metadata={"Date": None})
    return png, svg


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
