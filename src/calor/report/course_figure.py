"""The course of any system as a picture: one line a quantity."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib.figure import Figure

from calor.engine.course import Simulated
from calor.report.figures import settled


def draw_course(course: Simulated) -> Figure:
    """Return the figure of a course, with the units of time and of the quantities where they are known."""
    with mpl.rc_context({"font.size": 9, "axes.spines.top": False, "axes.spines.right": False}):
        figure = Figure(figsize=(7.0, 3.8), layout="constrained")
        axes = figure.subplots()
        for column, (name, unit) in enumerate(zip(course.names, course.units, strict=True)):
            axes.plot(course.times, course.values[:, column], label=f"{name}, {unit}" if unit else name)
        axes.set_xlabel(f"time, {course.time_unit}" if course.time_unit else "time")
        axes.legend(frameon=False, fontsize=8)
    return settled(figure, 9)
