"""Pictures of a calibration: every target beside its prediction, worst first; what the data narrowed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, save_figure, settled

PUBLISHED, PREDICTED, RIVAL, LINE = "#bbbbbb", "#0b6e99", "#b0413e", "#333333"
NARROWED_SHOWN = 25
NARROWING_COLUMNS = ("name", "moved_prior_sds", "shrinkage", "learnt")


def save_target_figure(document: dict[str, Any], folder: Path) -> tuple[Path, Path, Path]:
    """Write `targets.png`, `.svg` and `.csv`: predictions in units of each target's error, worst first.

    Arguments: the report of a calibration, and the folder.
    """
    columns, rows = target_data(document)
    return save_figure(draw_targets(document), folder, "targets", columns, rows)


def target_data(document: dict[str, Any]) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows of the figure of targets, worst first."""
    targets = _worst_first(document)
    rivals = list(targets[0]["by_rival"])
    columns = ["id", "published", "error", "bias_sd", "predicted", "low95", "high95", "z", *rivals]
    rows = [
        [
            target["id"],
            target["observed"],
            target["standard_error"],
            target["bias_sd"],
            target["predicted_mean"],
            *target["predicted_interval95"],
            target["z"],
            *(target["by_rival"][rival] for rival in rivals),
        ]
        for target in targets
    ]
    return columns, rows


def _worst_first(document: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(document["targets"], key=lambda target: -abs(target["z"] or 0.0))


def draw_targets(document: dict[str, Any]) -> Figure:
    """Return every target's prediction in units of its error, worst first."""
    targets = _worst_first(document)
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 1.2 + 0.18 * len(targets)), layout="constrained")
        axes = figure.subplots()
        axes.axvspan(-1.96, 1.96, color=PUBLISHED, alpha=0.35, linewidth=0)
        axes.axvline(0, color=LINE, linewidth=0.8)
        for position, target in enumerate(targets):
            low, high = (_standard(target, value) for value in target["predicted_interval95"])
            axes.plot([low, high], [position] * 2, color=PREDICTED, linewidth=2.2, alpha=0.8)
            axes.plot(
                _standard(target, target["predicted_mean"]), position, "o", color=PREDICTED, markersize=4
            )
            for value in target["by_rival"].values():
                axes.plot(_standard(target, value), position, "|", color=RIVAL, markersize=6)
        axes.set_yticks(range(len(targets)), [target["id"] for target in targets])
        axes.margins(y=0.02)
        axes.invert_yaxis()
        axes.set_xlabel("predicted minus published, in SDs of the published number (its error and bias)")
        figure.suptitle(
            "blue: prediction on fresh virtual people, 95 % interval; red: each rival's mean;\n"
            "grey: the published number's own 95 % interval",
            fontsize=8, x=0.01, ha="left",
        )  # fmt: skip
    return settled(figure, 7.5)


def save_narrowing_figure(document: dict[str, Any], folder: Path) -> tuple[Path, Path, Path]:
    """Write `narrowing.png`, `.svg` and `.csv`: how far the data narrowed and moved each uncertain number.

    Arguments: the report of a calibration, and the folder.
    """
    parameters = document["parameters"]
    rows = [[row[column] for column in NARROWING_COLUMNS] for row in parameters]
    return save_figure(draw_narrowing(parameters), folder, "narrowing", NARROWING_COLUMNS, rows)


def draw_narrowing(parameters: Sequence[dict[str, Any]]) -> Figure:
    """Return how far the data narrowed and moved uncertain numbers, the most narrowed ones first.

    Arguments: by number its name, how far its middle moved and by what share its SD shrank (in the prior's
    SDs), and whether it counts as learnt.
    """
    shown = parameters[:NARROWED_SHOWN]
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 1.2 + 0.22 * len(shown)), layout="constrained")
        axes = figure.subplots()
        for position, row in enumerate(shown):
            spread = 1.96 * (1 - row["shrinkage"])
            middle = row["moved_prior_sds"]
            axes.plot([-1.96, 1.96], [position] * 2, color=PUBLISHED, linewidth=5, alpha=0.6)
            axes.plot([middle - spread, middle + spread], [position] * 2, color=PREDICTED, linewidth=2.2)
            axes.plot(middle, position, "o", color=PREDICTED, markersize=4)
        axes.set_yticks(range(len(shown)), [row["name"].replace("_", " ") for row in shown])
        axes.margins(y=0.02)
        axes.invert_yaxis()
        axes.set_xlabel(
            "prior SDs from the prior's middle; 95 % of the prior (grey) and of the posterior (blue)"
        )
        learnt = int(np.sum([row["learnt"] for row in parameters]))
        figure.suptitle(
            f"{learnt} of {len(parameters)} uncertain numbers were narrowed by a tenth or more",
            fontsize=8, x=0.01, ha="left",
        )  # fmt: skip
    return settled(figure, 8)


def _standard(target: dict[str, Any], value: float) -> float:
    """Return a value's distance from the published one, in SDs of the published one."""
    return float((value - target["observed"]) / np.hypot(target["standard_error"], target["bias_sd"]))
