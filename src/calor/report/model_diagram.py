"""The causal diagram of the disease as a picture, with its arrows as data. Decides places, not arrows."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from calor.model.causal import CausalGraph, Influence, Sign
from calor.report.figures import save_figure

COLUMNS: tuple[tuple[str, ...], ...] = (
    ("injury", "innate", "hpa"),
    ("cytokines", "adaptive"),
    ("neurogenic", "peripheral", "central"),
    ("pain", "vasomotor", "limb"),
)
"""Where the modules stand, from left to right; one that is not named goes under the first column."""
COLOURS = {Sign.RAISES: "#0b6e99", Sign.LOWERS: "#b0413e", Sign.EITHER: "#8a8a8a"}
COLUMN_WIDTH, NODE_WIDTH = 4.6, 2.7
ROW_HEIGHT, HEADER, GAP = 0.62, 0.55, 0.75
LONGEST_BEND = 1.3


@dataclass(frozen=True)
class Box:
    """A module's frame: its name, lower left corner and height."""

    name: str
    x: float
    y: float
    height: float


Places = dict[str, tuple[float, float]]


def save_model_diagram(graph: CausalGraph, folder: Path) -> tuple[Path, Path, Path]:
    """Write `model.png`, `model.svg` and `model.csv` (the arrows) into a folder; return the paths."""
    rows = [
        (arrow.source, arrow.target, str(arrow.sign), round(arrow.agreement, 3), arrow.is_slot)
        for arrow in graph.influences
    ]
    columns = ("source", "target", "sign", "agreement", "source_is_slot")
    return save_figure(draw_model_diagram(graph), folder, "model", columns, rows)


def draw_model_diagram(graph: CausalGraph) -> Figure:
    """Return the causal diagram."""
    boxes, places = _layout(graph)
    with mpl.rc_context({"font.size": 8}):
        figure = Figure(figsize=(13.0, 9.2), layout="constrained")
        axes = figure.subplots()
        _draw_boxes(axes, boxes)
        for arrow in graph.influences:
            if not arrow.is_slot:
                _draw_arrow(axes, arrow, places)
        _draw_nodes(axes, graph, places)
        _finish(axes, boxes)
    return figure


def _layout(graph: CausalGraph) -> tuple[list[Box], Places]:
    """Return the modules' frames and each node's place: columns of modules, nodes one under the other."""
    by_module: dict[str, list[str]] = {}
    for node in graph.nodes:
        by_module.setdefault(node.module, []).append(node.identifier)
    known = {name for column in COLUMNS for name in column}
    first = (*COLUMNS[0], *(name for name in by_module if name not in known))
    boxes: list[Box] = []
    places: Places = {}
    columns = [[name for name in column if name in by_module] for column in (first, *COLUMNS[1:])]
    frames = {name: HEADER + ROW_HEIGHT * len(nodes) for name, nodes in by_module.items()}
    heights = [sum(frames[name] + GAP for name in column) for column in columns]
    for index, column in enumerate(columns):
        slack = (max(heights) - heights[index]) / max(len(column), 1)
        top = -slack / 2
        for name in column:
            height = frames[name]
            x = index * COLUMN_WIDTH
            boxes.append(Box(name, x, top - height, height))
            for row, identifier in enumerate(by_module[name]):
                places[identifier] = (x + NODE_WIDTH / 2 + 0.15, top - HEADER - ROW_HEIGHT * (row + 0.45))
            top -= height + GAP + slack
    return boxes, places


def _draw_boxes(axes: Axes, boxes: list[Box]) -> None:
    for box in boxes:
        axes.add_patch(
            FancyBboxPatch(
                (box.x, box.y), NODE_WIDTH + 0.3, box.height, boxstyle="round,pad=0.05",
                facecolor="#f4f1ea", edgecolor="#cfc8b8", linewidth=0.8, zorder=0,
            )
        )  # fmt: skip
        axes.text(
            box.x + 0.1,
            box.y + box.height - 0.1,
            box.name,
            va="top",
            weight="bold",
            color="#6b6455",
            zorder=4,
        )


def _draw_arrow(axes: Axes, arrow: Influence, places: Places) -> None:
    start, end = places[arrow.source], places[arrow.target]
    same_column = abs(start[0] - end[0]) < 0.1
    reach = NODE_WIDTH / 2
    if same_column:
        side = reach if start[1] > end[1] else -reach
        start, end = (start[0] + side, start[1]), (end[0] + side, end[1])
        bend = -min(0.45, LONGEST_BEND / abs(start[1] - end[1]))
    else:
        side = reach if start[0] < end[0] else -reach
        start, end = (start[0] + side, start[1]), (end[0] - side, end[1])
        bend = 0.06
    axes.add_patch(
        FancyArrowPatch(
            start, end, connectionstyle=f"arc3,rad={bend}", mutation_scale=9, linewidth=1.0,
            arrowstyle="-|>" if arrow.sign is not Sign.LOWERS else "-[,widthB=0.35,lengthB=0.08",
            color=COLOURS[arrow.sign], alpha=0.75, zorder=2, shrinkA=0, shrinkB=1,
        )
    )  # fmt: skip


def _draw_nodes(axes: Axes, graph: CausalGraph, places: Places) -> None:
    acted_on = {arrow.target for arrow in graph.influences if arrow.is_slot}
    for node in graph.nodes:
        x, y = places[node.identifier]
        axes.add_patch(
            FancyBboxPatch(
                (x - NODE_WIDTH / 2 + 0.05, y - 0.2), NODE_WIDTH - 0.1, 0.4, boxstyle="round,pad=0.04",
                facecolor="white", edgecolor="#444444", linewidth=1.1 if node.kind == "state" else 0.6,
                linestyle="-" if node.kind == "state" else (0, (3, 2)), zorder=3,
            )
        )  # fmt: skip
        axes.text(x, y, node.identifier.replace("_", " "), ha="center", va="center", fontsize=7, zorder=4)
        if node.identifier in acted_on:
            axes.plot(x + NODE_WIDTH / 2 - 0.16, y, "D", color="#e0a100", markersize=3.5, zorder=5)


def _finish(axes: Axes, boxes: list[Box]) -> None:
    axes.set_xlim(-0.9, COLUMN_WIDTH * (len(COLUMNS) - 1) + NODE_WIDTH + 1.1)
    axes.set_ylim(min(box.y for box in boxes) - 1.2, max(box.y + box.height for box in boxes) + 0.3)
    axes.set_axis_off()
    handles = [
        Line2D([], [], color=COLOURS[Sign.RAISES], label="raises"),
        Line2D([], [], color=COLOURS[Sign.LOWERS], label="lowers (bar)"),
        Line2D([], [], color=COLOURS[Sign.EITHER], label="either, by state"),
        Line2D([], [], color="#e0a100", marker="D", linestyle="", markersize=4, label="a drug may act here"),
        Line2D([], [], color="#444444", linewidth=1.1, label="frame: state"),
        Line2D([], [], color="#444444", linewidth=0.6, linestyle="--", label="frame: computed at once"),
    ]
    axes.legend(handles=handles, loc="lower center", ncols=6, frameon=False, fontsize=8)
