"""A hundred people as circles: who is better with a treatment, without it, either way or neither."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calor.report.figures import PAGE_WIDTH, quiet, settled

PEOPLE, ACROSS = 100, 20
COLOURS = {
    "better only with it": "#0b6e99",
    "better either way": "#8fc1d6",
    "better neither way": "#e3e6e9",
    "better only without it": "#d08a3c",
    "harmed": "#b0413e",
    "not harmed": "#e3e6e9",
}
"""Dark for what the treatment does; the order is that in which the circles stand."""


def icon_rows(groups: dict[str, dict[str, int]]) -> pd.DataFrame:
    """Return the data of the figure: how many of 100 people, by row and kind."""
    return pd.DataFrame(
        [(row, kind, count) for row, kinds in groups.items() for kind, count in kinds.items()],
        columns=["row", "kind", "of_100"],
    )


def draw_icons(groups: dict[str, dict[str, int]]) -> Figure:
    """Return an array of 100 circles for each row.

    Arguments: by row its kinds with the number of people of each, which add up to 100. Raises ValueError for
    any other sum.
    """
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 1.35 * len(groups)), layout="constrained")
        for axes, (row, kinds) in zip(figure.subplots(len(groups), 1, squeeze=False)[:, 0], groups.items(),
                                      strict=True):  # fmt: skip
            if sum(kinds.values()) != PEOPLE:
                raise ValueError(f"{row}: {sum(kinds.values())} people, not {PEOPLE}")
            _draw_row(axes, row, kinds)
    return settled(figure, 8)


def _draw_row(axes: Axes, row: str, kinds: dict[str, int]) -> None:
    place = 0
    for kind in COLOURS:
        count = kinds.get(kind, 0)
        spots = range(place, place + count)
        axes.scatter(
            [spot % ACROSS for spot in spots], [-(spot // ACROSS) for spot in spots], s=42,
            color=COLOURS[kind], edgecolors="#52606d", linewidths=0.4, label=f"{count} {kind}",
        )  # fmt: skip
        place += count
    axes.set_aspect("equal")
    axes.set_xlim(-0.7, ACROSS - 0.3)
    axes.set_ylim(-PEOPLE / ACROSS + 0.3, 0.7)
    axes.set_axis_off()
    axes.set_title(f"{row}: of 100 people", fontsize=8, loc="left")
    shown = [
        (handle, label)
        for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        if not label.startswith("0 ")
    ]
    axes.legend(*zip(*shown, strict=True), frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
