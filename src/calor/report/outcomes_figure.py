"""What a treatment changes in each of the six outcomes within the same person: small multiples over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from calor.report.figures import PAGE_WIDTH, quiet, settled
from calor.report.trial_figure import COLOURS, GREY
from calor.report.within_figure import NAMES

COLUMNS = 3
LETTERS = 7.5
NARROWEST_RATIO, NARROWEST_SHARE = 1.1, 0.05
"""An axis shows at least a tenth more and less of a ratio, and five hundredths of a difference's unit, so
that what is as good as nothing looks so."""


def outcome_rows(entry: dict[str, Any]) -> pd.DataFrame:
    """Return the data of the figure: by outcome and day the quantiles over people, and each rival's mean."""
    return pd.concat([_rows(entry, outcome) for outcome in entry["outcomes"]], ignore_index=True)


def _rows(entry: dict[str, Any], outcome: dict[str, Any]) -> pd.DataFrame:
    quantiles = np.array(outcome["quantiles"])
    columns = {name: quantiles[:, place] for place, name in enumerate(NAMES)}
    named = {"outcome": outcome["name"], "unit": outcome["unit"], "day": entry["days"]}
    return pd.DataFrame({**named, **columns, **outcome["by_rival"]})


def draw_outcomes(entry: dict[str, Any]) -> Figure:
    """Return the figure of one active arm: the change of each outcome within the same person.

    Arguments: an entry of a run's context (`outcomes`).
    """
    count = len(entry["outcomes"])
    lines = -(-count // COLUMNS)
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 0.6 + 1.75 * lines), layout="constrained")
        figure.suptitle(f"{entry['arm']} compared with {entry['control']}, the same person",
                        fontsize=8, x=0.01, ha="left")  # fmt: skip
        panels = figure.subplots(lines, COLUMNS, sharex=True, squeeze=False).flat
        for axes, outcome in zip(panels, entry["outcomes"], strict=False):
            _draw_outcome(axes, _rows(entry, outcome), outcome)
        for axes in list(panels)[count:]:
            axes.set_visible(False)
        figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4,
                      frameon=False, fontsize=LETTERS)  # fmt: skip
        for axes in figure.axes[-COLUMNS:]:
            axes.set_xlabel("study day", fontsize=LETTERS)
    return settled(figure, LETTERS)


def _draw_outcome(axes: Axes, rows: pd.DataFrame, outcome: dict[str, Any]) -> None:
    days, none = rows["day"].to_numpy(), 1.0 if outcome["as_ratio"] else 0.0
    for lower, upper, faint, words in (("p5", "p95", 0.15, "nine of ten people"),
                                    ("p25", "p75", 0.3, "half of the people")):  # fmt: skip
        axes.fill_between(
            days, rows[lower], rows[upper], color=COLOURS[0], alpha=faint, linewidth=0, label=words
        )
    axes.plot(days, rows["median"], color=COLOURS[0], linewidth=1.4, label="median person")
    for place, name in enumerate(outcome["by_rival"]):
        axes.plot(days, rows[name], color=GREY, linewidth=0.7, linestyle=(0, (4, 2)),
                  label="mean of each rival" if place == 0 else None)  # fmt: skip
    axes.axhline(none, color=GREY, linewidth=0.8)
    if outcome["as_ratio"]:
        _log_axis(axes)
    else:
        low, high = axes.get_ylim()
        axes.set_ylim(min(low, -NARROWEST_SHARE), max(high, NARROWEST_SHARE))
        axes.yaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlim(days[0], max(days[-1], days[0] + 1))
    axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
    better = "more" if outcome["more_is_better"] else "less"
    axes.set_title(f"{outcome['name']}\n{outcome['unit']}; {better} is better", fontsize=LETTERS, loc="left")


def _log_axis(axes: Axes) -> None:
    """Put ratios on an axis on which half and twice are as far from 1, with a few plain numbers."""
    low, high = axes.get_ylim()
    low, high = min(low, 1 / NARROWEST_RATIO), max(high, NARROWEST_RATIO)
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    ticks = [
        tick for tick in (0.1, 0.2, 0.5, 0.8, 0.9, 1.0, 1.1, 1.25, 2.0, 5.0, 10.0) if low <= tick <= high
    ]
    wide = high / low > 4
    shown = [tick for tick in ticks if not wide or tick not in {0.8, 0.9, 1.1, 1.25}]
    axes.set_yticks(shown)
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.minorticks_off()
