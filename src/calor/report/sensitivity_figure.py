"""A tornado: how far each assumed number moves a prediction, with its data beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from calor.report.figures import save_figure

SHOWN = 20
LOW, HIGH, ERROR = "#b0413e", "#0b6e99", "#333333"


def save_sensitivity_figure(document: dict[str, Any], folder: Path) -> tuple[Path, Path, Path]:
    """Write `sensitivity.png`, `.svg` and `.csv` into a folder; the picture shows the largest swings.

    Arguments: the document of `calor model sensitivity`, and the folder.
    """
    columns = ("id", "name", "low", "high", "change_low", "change_high", "monte_carlo_error")
    rows = [[swing[column] for column in columns] for swing in document["swings"]]
    return save_figure(draw_sensitivity(document), folder, "sensitivity", columns, rows)


def draw_sensitivity(document: dict[str, Any]) -> Figure:
    """Return the tornado of the document of `calor model sensitivity`: its largest swings."""
    swings = document["swings"][:SHOWN]
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(8.2, 1.2 + 0.26 * len(swings)), layout="constrained")
        axes = figure.subplots()
        for position, swing in enumerate(swings):
            for key, colour in (("change_low", LOW), ("change_high", HIGH)):
                axes.barh(position, swing[key], color=colour, height=0.62, alpha=0.85)
            for key in ("change_low", "change_high"):
                reach = 1.96 * swing["monte_carlo_error"]
                axes.plot(
                    [swing[key] - reach, swing[key] + reach], [position] * 2, color=ERROR, linewidth=0.8
                )
        axes.axvline(0, color=ERROR, linewidth=0.8)
        axes.tick_params(labelsize=8)
        axes.set_yticks(range(len(swings)), [swing["id"].replace("_", " ") for swing in swings], fontsize=7)
        axes.invert_yaxis()
        axes.set_xlabel(f"change of the prediction ({document['typical']:.3g}), {document['unit']}")
        figure.suptitle(
            f"{document['prediction']}\none prior SD down (red) and up (blue); line: 95 % Monte Carlo error",
            fontsize=8, x=0.01, ha="left",
        )  # fmt: skip
    return figure
