"""A meta-analysis as a forest plot: each effect with its 95 % interval, the pooled effect as a diamond."""

from __future__ import annotations

import math

import matplotlib as mpl
from matplotlib.figure import Figure

from calor.evidence.effects import critical_value
from calor.evidence.synthesis.plan import Findings
from calor.report.figures import settled

ACCENT, GREY = "#0b6e99", "#555555"
LARGEST_SQUARE = 110.0
"""Area of the square of a study that has all the weight, in points squared."""


def draw_pooled(findings: Findings) -> Figure:
    """Return the forest plot; with moderators the diamond is the effect where every moderator is zero."""
    table, analysis = findings.table, findings.analysis
    count = len(table.studies)
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(7.0, 1.4 + 0.26 * (count + 1)), layout="constrained")
        axes = figure.subplots()
        axes.axvline(0, color=GREY, linewidth=0.8)
        rows = zip(table.estimates, table.variances, analysis.weights, strict=True)
        for position, (effect, variance, weight) in enumerate(rows):
            half = critical_value(0.95) * math.sqrt(variance)
            axes.plot([effect - half, effect + half], [position, position], color=GREY, linewidth=1.2)
            axes.scatter([effect], [position], s=LARGEST_SQUARE * weight + 6, marker="s", color=GREY)
        low, high = analysis.ci95
        middle = analysis.estimate
        axes.fill([low, middle, high, middle], [count, count - 0.25, count, count + 0.25], color=ACCENT)
        if analysis.prediction_interval95 is not None:
            axes.plot(analysis.prediction_interval95, [count, count], color=ACCENT, linewidth=1)
        axes.set_yticks(range(count + 1), [*table.studies, "intercept" if table.moderators else "pooled"])
        axes.set_ylim(count + 0.6, -0.6)
        axes.set_xlabel("effect and 95 % interval; line through the diamond: 95 % prediction interval")
    return settled(figure, 9)
