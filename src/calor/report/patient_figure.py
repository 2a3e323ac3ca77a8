"""The course of virtual patients as small multiples, treated and untreated, with its data beside it."""

from __future__ import annotations

from pathlib import Path
from textwrap import fill
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from calor.report.figures import save_figure, settled

PANELS = (
    "pain_nrs",
    "temperature_difference",
    "oedema",
    "grip_share",
    "tnf_tissue",
    "il6_tissue",
    "igg_concentration",
    "autoantibody_igg_titre",
)
UNTREATED, TREATED = "#555555", "#0b6e99"
ROWS, COLUMNS = 2, 4
TITLE_WIDTH = 42
COURSE_COLUMNS = ("output", "unit", "course", "time_days", "median", "lower95", "upper95")


def save_patient_figure(document: dict[str, Any], folder: Path) -> tuple[Path, Path, Path]:
    """Write `patient.png`, `.svg` and `.csv` into a folder.

    Arguments: the document of `calor patient`, and the folder.
    """
    return save_figure(draw_patient(document), folder, "patient", COURSE_COLUMNS, course_rows(document))


def draw_patient(document: dict[str, Any]) -> Figure:
    """Return the figure of the document of `calor patient`."""
    with mpl.rc_context({"font.size": 8, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(11.0, 5.0), layout="constrained")
        for axes, name in zip(figure.subplots(ROWS, COLUMNS).flat, PANELS, strict=True):
            _draw_panel(axes, document, name)
        figure.suptitle(document["title"], fontsize=9, x=0.01, ha="left")
        handles, labels = figure.axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower left", ncols=2, frameon=False)
    return settled(figure, 8)


def _draw_panel(axes: Axes, document: dict[str, Any], name: str) -> None:
    output = document["outputs"][name]
    times = document["times_days"]
    for course, colour in (("untreated", UNTREATED), ("treated", TREATED)):
        band = output[course]
        if band is None:
            continue
        axes.fill_between(times, band["lower95"], band["upper95"], color=colour, alpha=0.15, linewidth=0)
        axes.plot(times, band["median"], color=colour, label=f"{course}: median, 95 % of virtual patients")
    axes.set_title(fill(f"{output['name']}, {output['unit']}", TITLE_WIDTH), fontsize=8, loc="left")
    axes.set_xlabel("days from study day 1", fontsize=7)
    if name == "pain_nrs":
        axes.set_ylim(0, 10)
    elif name.startswith(("tnf", "il6")):
        axes.set_yscale("log")
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))


def course_rows(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Return the figure's data: one row an output, course and time, in the order of COURSE_COLUMNS."""
    return [
        (
            name,
            output["unit"],
            course,
            time,
            band["median"][index],
            band["lower95"][index],
            band["upper95"][index],
        )
        for name, output in document["outputs"].items()
        for course in ("untreated", "treated", "difference")
        if (band := output[course]) is not None
        for index, time in enumerate(document["times_days"])
    ]
