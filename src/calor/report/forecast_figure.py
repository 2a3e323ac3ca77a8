"""Predicted against published, trial by trial: the forecasts that were frozen beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, settled
from calor.report.trial_figure import COLOURS, GREY


def forecast_rows(trials: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return the data of the figure, one row a trial; what was not read is empty."""
    return pd.DataFrame(
        [
            {
                "trial": trial["id"],
                "role": trial["role"],
                "scale": trial["scale"],
                "predicted": trial["predicted_mean"],
                "lower": trial["predicted_interval95"][0],
                "upper": trial["predicted_interval95"][1],
                "published": trial["published"]["value"],
                "published_lower": (trial["published"]["interval95"] or (None, None))[0],
                "published_upper": (trial["published"]["interval95"] or (None, None))[1],
                "published_direction": trial["published"]["direction"],
                "verdict": trial["verdict"],
            }
            for trial in trials
        ]
    )


def draw_forecasts(trials: Sequence[dict[str, Any]]) -> Figure:
    """Return the forecasts of differences in pain, and of shares of people, beside what was published.

    Arguments: the trials of a run's context (`forecasts`). Shares have a panel of their own.
    """
    panels: dict[str, list[dict[str, Any]]] = {}
    for trial in trials:
        words = "share of people" if "share" in trial["scale"] else "points of pain (0 to 10)"
        panels.setdefault(words, []).append(trial)
    with quiet():
        size = (PAGE_WIDTH, 0.9 * len(panels) + 0.3 * len(trials))
        figure = Figure(figsize=size, layout="constrained")
        drawn = figure.subplots(
            len(panels), 1, squeeze=False, height_ratios=[len(some) + 1 for some in panels.values()]
        )
        for axes, (words, some) in zip(drawn[:, 0], panels.items(), strict=True):
            _draw_panel(axes, some, words)
    return settled(figure, 8)


def _draw_panel(axes: Axes, trials: Sequence[dict[str, Any]], words: str) -> None:
    axes.axvline(0, color=GREY, linewidth=0.8)
    for place, row in enumerate(forecast_rows(trials).to_dict("records")):
        axes.plot([row["lower"], row["upper"]], [place] * 2, color=COLOURS[0], linewidth=2.2)
        if pd.notna(row["published"]):
            if pd.notna(row["published_lower"]):
                span = [row["published_lower"], row["published_upper"]]
                axes.plot(span, [place + 0.22] * 2, color=COLOURS[1], linewidth=1)
            axes.plot(row["published"], place + 0.22, "D", color=COLOURS[1], markersize=4)
        axes.annotate(
            row["verdict"], (1.01, place), xycoords=("axes fraction", "data"), va="center", color=GREY
        )
    names = [f"{trial['id']}{'' if trial['role'] == 'held-back' else ' (fitted)'}" for trial in trials]
    axes.set_yticks(range(len(trials)), names)
    axes.set_ylim(len(trials) - 0.4, -0.6)
    axes.set_xlabel(words)
