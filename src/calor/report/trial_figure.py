"""A trial's prediction as a picture, with its data beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from calor.core.arrays import Numbers
from calor.report.figures import PAGE_WIDTH, quiet, settled, write_pictures

COLOURS = ("#0b6e99", "#b0413e", "#5c7f2b", "#7a5195", "#c98a1b", "#3c3c3c", "#2a9d8f", "#8d6e63")
GREY = "#555555"


def save_trial_figure(document: dict[str, Any], courses: dict[str, Numbers], stem: Path) -> None:
    """Write the figure as PNG and SVG, and its data as CSV, at `stem` plus the ending.

    Arguments: the result document, and by arm the mean pain of each cell on each study day (n_cells, n_days).
    """
    write_pictures(draw_trial(document, courses), stem)
    data = pd.concat(
        [_contrast_rows(document).assign(panel="contrast"), _course_table(courses).assign(panel="course")]
    )
    data.assign(status=document["status"]).to_csv(stem.with_suffix(".csv"), index=False)


def draw_trial(document: dict[str, Any], courses: dict[str, Numbers]) -> Figure:
    """Return the figure; its arguments are those of `save_trial_figure`."""
    rows, course_table = _contrast_rows(document), _course_table(courses)
    with mpl.rc_context(
        {"font.size": 9, "axes.spines.top": False, "axes.spines.right": False, "svg.hashsalt": "calor"}
    ):
        figure = Figure(figsize=(9.5, 4.2), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.35))
        _draw_courses(left, course_table)
        _draw_contrast(right, rows, document)
        figure.suptitle(f"{document['trial']['id']} · {document['status']}", fontsize=10, x=0.01, ha="left")
    return settled(figure, 9)


def draw_contrasts(document: dict[str, Any]) -> tuple[Figure, pd.DataFrame]:
    """Return a contrast by rival as a figure, with its data: what is uncertain, and with sampling.

    Argument: the `contrast`, and the `rivals` with the interval of a trial's result under each.
    """
    rows = _contrast_rows(document)
    results = {each["name"]: each["trial_result_interval95"] for each in document["rivals"]}
    results["all rivals: effect"] = document["contrast"]["trial_result_interval95"]
    spans = pd.DataFrame([results.get(label) or (np.nan, np.nan) for label in rows["label"]], dtype=float)
    rows = rows.assign(result_lower=spans[0], result_upper=spans[1])
    rows = rows[rows["kind"] != "result"].reset_index(drop=True)
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 1.1 + 0.3 * len(rows)), layout="constrained")
        axes = figure.subplots()
        for place, row in enumerate(rows.to_dict("records")):
            if pd.notna(row["result_lower"]):
                span = [row["result_lower"], row["result_upper"]]
                axes.plot(span, [place, place], color=COLOURS[3], linewidth=1)
        _draw_contrast(axes, rows, document)
        axes.set_title(
            "95 % intervals; thick: what is uncertain, thin: with sampling", fontsize=8, loc="left"
        )
    return settled(figure, 8), rows


def draw_courses(courses: pd.DataFrame) -> Figure:
    """Return the mean pain of the arms as a figure of a report.

    Arguments: rows of label (arm), day, value, lower, upper.
    """
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 2.7), layout="constrained")
        _draw_courses(figure.subplots(), courses)
    return settled(figure, 8)


def _course_table(courses: dict[str, Numbers]) -> pd.DataFrame:
    parts = []
    for arm, cells in courses.items():
        lower, middle, upper = np.quantile(cells, (0.025, 0.5, 0.975), axis=0)
        days = np.arange(1, cells.shape[1] + 1)
        parts.append(
            pd.DataFrame({"label": arm, "day": days, "value": middle, "lower": lower, "upper": upper})
        )
    return pd.concat(parts)


def _contrast_rows(document: dict[str, Any]) -> pd.DataFrame:
    """Return the rows of the right panel from top to bottom: label, value, lower, upper, kind."""
    contrast = document["contrast"]
    rows: list[tuple[str, float | None, float | None, float | None, str]] = [
        (rival["name"], rival["predicted_mean"], *rival["effect_interval95"], "rival")
        for rival in document["rivals"]
    ]
    rows.append(("all rivals: effect", contrast["predicted_mean"], *contrast["effect_interval95"], "effect"))
    if contrast["trial_result_interval95"] is not None:
        rows.append(("a trial's result", None, *contrast["trial_result_interval95"], "result"))
    published = contrast["published"]
    if published is not None:
        interval = published["interval95"] or (None, None)
        label = f"published ({published['grade']})"
        rows.append(
            (label, published["value"], interval[0], interval[1], f"published: {published['direction']}")
        )
    return pd.DataFrame(rows, columns=["label", "value", "lower", "upper", "kind"])


def _draw_courses(axes: Axes, table: pd.DataFrame) -> None:
    for colour, (arm, part) in zip(COLOURS, table.groupby("label", sort=False), strict=False):
        axes.fill_between(part["day"], part["lower"], part["upper"], color=colour, alpha=0.15, linewidth=0)
        axes.plot(part["day"], part["value"], color=colour, label=str(arm))
    axes.set(ylim=(0, 10), xlabel="study day", ylabel="mean pain, 0-10")
    size = mpl.rcParams["font.size"]
    axes.set_title("Median world, band: 95 % of worlds and rivals", fontsize=size, loc="left")
    axes.legend(frameon=False, loc="lower left")


def _draw_contrast(axes: Axes, rows: pd.DataFrame, document: dict[str, Any]) -> None:
    axes.axvline(0, color=GREY, linewidth=0.8)
    for position, row in enumerate(rows.to_dict("records")):
        kind = row["kind"]
        colour = {"rival": GREY, "effect": COLOURS[0], "result": COLOURS[3]}.get(kind, COLOURS[1])
        if pd.notna(row["lower"]):
            axes.plot([row["lower"], row["upper"]], [position, position], color=colour, linewidth=2)
        if pd.notna(row["value"]):
            axes.plot(row["value"], position, "o", color=colour)
        elif kind.startswith("published"):
            direction = kind.removeprefix("published: ")
            note = f"no number read; direction: {direction}"
            axes.text(0.02, position, note, va="center", color=colour, transform=axes.get_yaxis_transform())
    axes.set_yticks(range(len(rows)), list(rows["label"]))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(_axis_label(document["contrast"]))
    axes.set_title("Contrast, 95 % intervals", fontsize=9, loc="left")


def _axis_label(contrast: dict[str, Any]) -> str:
    less = "; negative is less pain" if contrast["unit"].startswith("NRS") else ""
    return f"{contrast['label']}, {contrast['unit']}{less}"
