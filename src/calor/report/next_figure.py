"""A comparison of studies as a picture: what each teaches against its cost, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, settled, write_pictures
from calor.report.next_table import MILLION
from calor.report.trial_figure import COLOURS, GREY

NINETY_FIVE = 1.96
OBJECTIVE = {"quantity": "share", "rivals": "true_rival", "decision": "enbs"}


def save_next_figure(document: dict[str, Any], stem: Path) -> None:
    """Write the figure as PNG and SVG, and its data as CSV, at `stem` plus the ending."""
    write_pictures(draw_next(document), stem)
    parts = [study_rows(document).assign(panel="studies"), unknown_rows(document).assign(panel="unknown")]
    data = pd.concat([part for part in parts if len(part)])
    data.assign(status=document["status"]).to_csv(stem.with_suffix(".csv"), index=False)


def draw_next(document: dict[str, Any]) -> Figure:
    """Return the figure: a curve for each kind of study along its sizes, and bars of what is not known."""
    studies, unknown = study_rows(document), unknown_rows(document)
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 3.6), layout="constrained")
        if len(unknown):
            left, right = figure.subplots(1, 2, width_ratios=(1.5, 1))
            _draw_unknown(right, unknown, document)
        else:
            left = figure.subplots(1, 1)
        _draw_studies(left, studies, document)
        figure.suptitle(f"{document['question']['id']} · {document['status']}", fontsize=9, x=0.01, ha="left")
    return settled(figure, 8)


def study_rows(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a study: its group, size, cost, and what it teaches with its 95 % interval."""
    objective = OBJECTIVE[document["question"]["kind"]]
    scale = MILLION if objective == "enbs" else 1.0
    rows = []
    for row in document["ranking"]:
        estimate = row[objective]
        value, error = estimate["value"] / scale, estimate["error"] / scale
        rows.append(
            {
                "label": row["name"].rsplit(", n=", 1)[0],
                "group": row["group"],
                "patients": row["patients"],
                "cost": row["cost"] / MILLION,
                "value": value,
                "lower": value - NINETY_FIVE * error,
                "upper": value + NINETY_FIVE * error,
                "tied_with_first": document["ranking"][0]["name"] in (row["name"], *row["tied_with"]),
            }
        )
    return pd.DataFrame(rows)


def unknown_rows(document: dict[str, Any]) -> pd.DataFrame:
    """Return what is not known: the explanation alone, and what each group of numbers adds to it."""
    known = document["what_we_do_not_know"]
    if known is None:
        return pd.DataFrame()
    parts = [("which explanation holds", known["rival"])]
    parts += [(f"+ {group['name']}", group["increment"]) for group in known["groups"]]
    return pd.DataFrame(
        [
            {
                "label": name,
                "value": part["value"],
                "lower": max(part["value"] - NINETY_FIVE * part["error"], 0.0),
                "upper": part["value"] + NINETY_FIVE * part["error"],
            }
            for name, part in parts
        ]
    )


def _draw_studies(axes: Axes, rows: pd.DataFrame, document: dict[str, Any]) -> None:
    groups = list(dict.fromkeys(rows["label"]))
    for place, name in enumerate(groups):
        part = rows[rows["label"] == name].sort_values("cost")
        colour = COLOURS[place % len(COLOURS)]
        errors = [part["value"] - part["lower"], part["upper"] - part["value"]]
        style = "-" if place < len(COLOURS) else "--"
        axes.errorbar(
            part["cost"],
            part["value"],
            yerr=errors,
            fmt="o",
            linestyle=style,
            color=colour,
            capsize=2,
            label=name,
        )
        tied = part[part["tied_with_first"]]
        axes.plot(tied["cost"], tied["value"], "o", markersize=10, markerfacecolor="none", color=colour)
    if document["budget"] is not None:
        axes.axvline(document["budget"] / MILLION, color=GREY, linewidth=0.8, linestyle=":")
    currency = document["money"]["currency"]
    wording = document["ranked_by"] + (
        f", M {currency}" if document["question"]["kind"] == "decision" else ""
    )
    axes.set(xlabel=f"cost, millions of {currency}", ylabel=wording)
    if document["question"]["kind"] == "decision":
        axes.axhline(0, color=GREY, linewidth=0.8)
    axes.set_title(
        "What each study teaches\n(95 % intervals; ring: tied with the first)", fontsize=8, loc="left"
    )
    axes.legend(frameon=False, fontsize=7, loc="best")


def _draw_unknown(axes: Axes, rows: pd.DataFrame, document: dict[str, Any]) -> None:
    for position, row in enumerate(rows.to_dict("records")):
        colour = COLOURS[0] if position == 0 else GREY
        axes.barh(position, row["value"], color=colour, alpha=0.6)
        axes.plot([row["lower"], row["upper"]], [position, position], color=GREY, linewidth=1.2)
    axes.set_yticks(range(len(rows)), list(rows["label"]))
    axes.set_ylim(len(rows) - 0.4, -0.6)
    decision = document["question"]["kind"] == "decision"
    currency = document["money"]["currency"]
    axes.set_xlabel(f"worth, {currency} a person" if decision else "share of the variance")
    axes.set_title("What we do not know,\nby what it costs", fontsize=8, loc="left")
