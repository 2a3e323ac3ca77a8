"""What a treatment changes within the same person, day by day: people's spread, and each rival's mean."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, settled
from calor.report.trial_figure import COLOURS, GREY

IMPORTANT_POINTS = 2.0
"""The change of pain, in points of 0 to 10, called important (Farrar et al. 2001, Pain 94:149-158)."""

NAMES = ("p5", "p25", "median", "p75", "p95")


def within_rows(entry: dict[str, Any]) -> pd.DataFrame:
    """Return the data of the figure: by day the quantiles over people, and each rival's mean."""
    quantiles = np.array(entry["quantiles"])
    columns = {name: quantiles[:, place] for place, name in enumerate(NAMES)}
    return pd.DataFrame({"day": entry["days"], **columns, **entry["by_rival"]})


def draw_within(entry: dict[str, Any]) -> Figure:
    """Return the figure of one active arm: the difference that it makes to pain within the same person.

    Arguments: an entry of a run's context (`within_person`).
    """
    rows = within_rows(entry)
    days = rows["day"].to_numpy()
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 3.0), layout="constrained")
        axes = figure.subplots()
        axes.fill_between(days, rows["p5"], rows["p95"], color=COLOURS[0], alpha=0.15, linewidth=0,
                          label="nine of ten people")  # fmt: skip
        axes.fill_between(days, rows["p25"], rows["p75"], color=COLOURS[0], alpha=0.3, linewidth=0,
                          label="half of the people")  # fmt: skip
        axes.plot(days, rows["median"], color=COLOURS[0], linewidth=1.6, label="median person")
        for place, name in enumerate(entry["by_rival"]):
            axes.plot(days, rows[name], color=GREY, linewidth=0.8, linestyle=(0, (4, 2)),
                      label="mean of each rival" if place == 0 else None)  # fmt: skip
        lowest, highest = float(rows["p5"].min()), float(rows["p95"].max())
        axes.set_ylim(min(lowest, -IMPORTANT_POINTS) - 0.3, max(highest, 0.3) + 0.3)
        for level, words in ((0.0, "no difference"), (-IMPORTANT_POINTS, "2 points less pain")):
            axes.axhline(level, color=GREY, linewidth=0.8, linestyle="-" if level == 0 else ":")
            axes.annotate(words, (1, level), xycoords=("axes fraction", "data"), xytext=(-2, 2),
                          textcoords="offset points", ha="right", va="bottom", color=GREY,
                          bbox={"fc": "white", "alpha": 0.7, "ec": "none", "pad": 1})  # fmt: skip
        axes.set(xlabel="study day", ylabel="change of pain (0-10)")
        axes.set_xlim(days[0], max(days[-1], days[0] + 1))
        axes.set_title(f"{entry['arm']} minus {entry['control']}, the same person", fontsize=8, loc="left")
        axes.legend(frameon=False, loc="lower left", ncols=2)
    return settled(figure, 8)
