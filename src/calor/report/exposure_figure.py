"""Exposure to a drug as a picture, with its data beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, settled, write_pictures
from calor.report.trial_figure import COLOURS

COLOUR = COLOURS[0]
GREY = "#555555"


def save_exposure_figure(document: dict[str, Any], stem: Path) -> None:
    """Write the figure as PNG and SVG, and its data as CSV, at `stem` plus the ending.

    Arguments: the document of `calor pk`, and the files' path without an ending.
    """
    write_pictures(draw_exposure(document), stem)
    exposure_table(document).to_csv(stem.with_suffix(".csv"), index=False)


def exposure_table(document: dict[str, Any]) -> pd.DataFrame:
    """Return the figure's data, one row a time: the typical person, and the band of people if any."""
    data = pd.DataFrame({"time_days": document["times_days"], "typical": document["typical"]})
    population = document.get("population")
    if population is not None:
        data = data.assign(p5=population["p5"], p50=population["p50"], p95=population["p95"])
    return data


def draw_samples(samples: pd.DataFrame, drug: str, label: str) -> Figure:
    """Return concentrations of a drug at the times of a trial's samples, as a figure of a report.

    Arguments: one row an arm and time (`arm`, `people`, `time_days`, `p5`, `median`, `p95`); the drug; and
    the axis's label. Between samples nothing was measured, so nothing is drawn there.
    """
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 2.7), layout="constrained")
        axes = figure.subplots()
        arms = list(samples.groupby("arm", sort=True, observed=True))
        step = 0.012 * float(samples["time_days"].max() - samples["time_days"].min() or 1.0)
        for place, (arm, part) in enumerate(arms):
            at = part["time_days"] + step * (place - (len(arms) - 1) / 2)
            colour = COLOURS[place % len(COLOURS)]
            axes.vlines(at, part["p5"], part["p95"], color=colour, alpha=0.5, linewidth=1.6)
            axes.plot(at, part["median"], "o", color=colour, markersize=3.5,
                      label=f"{arm} (n = {int(part['people'].max())})")  # fmt: skip
        axes.set_ylim(bottom=0)
        axes.set(xlabel="days from study day 1", ylabel=label)
        axes.set_title(f"{drug}: median (point) and nine of ten people (line) at each sample",
                       fontsize=8, loc="left")  # fmt: skip
        figure.legend(loc="outside lower center", ncols=4, frameon=False, fontsize=7.5)
    return settled(figure, 8)


def draw_exposure(document: dict[str, Any]) -> Figure:
    """Return the figure of the document of `calor pk`."""
    data, population = exposure_table(document), document.get("population")
    with mpl.rc_context(
        {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "calor"}
    ):
        figure = Figure(figsize=(7.0, 3.8), layout="constrained")
        axes = figure.subplots()
        if population is not None:
            axes.fill_between(
                data["time_days"], data["p5"], data["p95"], color=COLOUR, alpha=0.2, linewidth=0,
                label=f"90 % of {population['n']} people",
            )  # fmt: skip
        axes.plot(data["time_days"], data["typical"], color=COLOUR, linewidth=1.4, label="typical person")
        if document["baseline"]:
            axes.axhline(document["baseline"], color=GREY, linewidth=0.8, linestyle=":", label="untreated")
        for entry in document["at"]:
            axes.plot(entry["time_days"], entry["value"], "o", color=GREY, markersize=4)
            axes.annotate(
                f"{entry['at']}: {entry['value']:.3g}", (entry["time_days"], entry["value"]),
                textcoords="offset points", xytext=(5, 5), fontsize=8,
            )  # fmt: skip
        axes.set_xlabel("days from study day 1")
        axes.set_ylabel(f"{document['quantity'].replace('_', ' ')}, {document['unit']}")
        axes.set_title(f"{document['drug']}: {document['regimen']}", fontsize=9, loc="left", wrap=True)
        axes.legend(frameon=False, fontsize=8)
    return settled(figure, 9)
