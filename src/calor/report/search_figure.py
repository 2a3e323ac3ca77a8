"""The search of a trial's size as a picture: the power of each size that was tried."""

from __future__ import annotations

from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from calor.report.figures import settled

COLOUR, GREY = "#0b6e99", "#555555"


def draw_search(document: dict[str, Any]) -> Figure:
    """Return the figure of the document of `calor trial --find n`."""
    tried = document["tried"]
    sizes = [step["patients"] for step in tried]
    powers = [step["power"]["value"] for step in tried]
    ranges = [step["power_range_over_rivals"] for step in tried]
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(7.0, 3.8), layout="constrained")
        axes = figure.subplots()
        axes.vlines(sizes, *zip(*ranges, strict=True), color=GREY, linewidth=1, label="from rival to rival")
        axes.plot(sizes, powers, "o-", color=COLOUR, label="power, averaged over rivals")
        axes.axhline(document["target_power"], color=GREY, linewidth=0.8, linestyle=":", label="wanted")
        axes.set(ylim=(0, 1), xlabel="patients", ylabel="power")
        axes.set_title(f"{document['trial']['id']} · {document['status']}", fontsize=9, loc="left")
        axes.legend(frameon=False, fontsize=8)
    return settled(figure, 9)
