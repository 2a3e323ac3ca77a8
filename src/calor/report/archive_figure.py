"""A plot of a simulation experiment as a figure, with the data that it shows."""

from __future__ import annotations

from pathlib import Path

from matplotlib.figure import Figure

from calor.engine.archives.results import PlotData
from calor.report.figures import quiet, save_figure, settled

MOST_LABELS = 20
"""Curves beyond this have no place in a legend."""


def draw_plot(data: PlotData) -> Figure:
    """Return the figure: one line a curve, and one for each iteration of a repeated task."""
    with quiet():
        figure = Figure(figsize=(6.69, 3.8), layout="constrained")
        axes = figure.subplots()
        for number, curve in enumerate(data.curves):
            for line, (x, y) in enumerate(zip(curve.x, curve.y, strict=True)):
                axes.plot(x, y, color=f"C{number % 10}", label=None if line else curve.label)
        axes.set_xscale("log" if data.plot.logarithmic_x else "linear")
        axes.set_yscale("log" if data.plot.logarithmic_y else "linear")
        axes.set_title(data.plot.title)
        if 0 < len(data.curves) <= MOST_LABELS:
            axes.legend(frameon=False, fontsize=7)
    return settled(figure, 8)


def save_plot(data: PlotData, folder: Path, name: str) -> None:
    """Write a plot as PNG and SVG with its data as CSV. Raises InputError where it cannot be written."""
    rows = [
        (curve.label, line + 1, x, y)
        for curve in data.curves
        for line, (abscissae, ordinates) in enumerate(zip(curve.x, curve.y, strict=True))
        for x, y in zip(abscissae.tolist(), ordinates.tolist(), strict=True)
        if x == x and y == y
    ]
    save_figure(draw_plot(data), folder, name, ("curve", "line", "x", "y"), rows)
