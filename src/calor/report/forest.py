"""The forest plot of a drug class: rows with their effect or their direction, and a diamond where allowed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from calor.evidence.forest import Forest
from calor.evidence.vocabulary import Direction
from calor.report.figures import PAGE_WIDTH, save_figure, settled

COLUMNS = (
    "record", "n", "phase", "route", "comparator", "direction", "grade", "outcome", "domain", "value",
    "interval95_low", "interval95_high", "interval_reliable", "standard_error", "poolable", "pooled",
    "printed", "path",
)  # fmt: skip

LEFT = -1.4
"""Where the rows' names begin, in widths of the plot."""

INK, FAINT, ACCENT = "#1f2933", "#5f6b76", "#0b6e99"
WORDS = {
    Direction.FAVOURS_ACTIVE: "favours active",
    Direction.FAVOURS_CONTROL: "favours control",
    Direction.NONE: "no difference",
    Direction.NOT_READ: "result not read",
    Direction.MIXED: "mixed",
    Direction.IMPROVED: "both arms improved",
    Direction.NOT_IMPROVED: "not improved",
}


def forest_data(forest: Forest) -> list[list[Any]]:
    """Return the rows of the figure's data file, in the order of COLUMNS."""
    pooled = set(forest.pooled.studies) if forest.pooled else set()
    rows: list[list[Any]] = []
    for row in forest.rows:
        low, high = row.interval95 or (None, None)
        rows.append(
            [row.record, row.n, row.phase.value, row.route, row.comparator, row.direction.value,
             row.grade.value if row.grade else None, row.outcome, row.domain, row.value, low, high,
             row.interval_reliable, row.standard_error, row.poolable, row.record in pooled, row.printed,
             row.path]
        )  # fmt: skip
    return rows


def forest_document(forest: Forest) -> dict[str, Any]:
    """Return all that the plot shows as JSON-like data: class, title, rows, pooled effect, verdict."""
    pooled = forest.pooled
    return {
        "drug_class": forest.drug_class.value,
        "title": f"{forest.drug_class.value.replace('-', ' ').capitalize()} in CRPS: controlled trials",
        "rows": [dict(zip(COLUMNS, row, strict=True)) for row in forest_data(forest)],
        "pooled": None
        if pooled is None
        else {
            "estimate": pooled.estimate,
            "ci95": list(pooled.ci95),
            "prediction_interval95": list(pooled.prediction_interval95)
            if pooled.prediction_interval95 is not None
            else None,
        },
        "verdict": verdict(forest),
    }


def draw_forest(forest: Forest) -> Figure:
    """Return the forest plot; it says in words whether and why nothing is pooled."""
    return draw_forest_document(forest_document(forest))


def draw_forest_document(document: dict[str, Any]) -> Figure:
    """Return the forest plot of the document of a forest."""
    rows, pooled = document["rows"], document["pooled"]
    said = "\n".join(wrap(document["verdict"], 105))
    below = 0.85 + 0.14 * (said.count("\n") + 1)
    height = below + 0.7 + 0.42 * (len(rows) + 1)
    figure = Figure(figsize=(PAGE_WIDTH, height), facecolor="white")
    axes = figure.add_axes((0.42, below / height, 0.29, (height - below - 0.7) / height))
    for index, row in enumerate(rows):
        _draw_row(axes, len(rows) - index, row)
    if pooled is not None:
        _draw_diamond(axes, pooled)
    _dress(axes, rows, pooled)
    figure.text(0.02, 1 - 0.32 / height, document["title"], fontsize=10, weight="bold", color=INK)
    figure.text(0.02, 0.12 / height, said, fontsize=7.5, color=INK, va="bottom")
    return settled(figure, 8)


def save_forest(forest: Forest, folder: Path) -> tuple[Path, Path, Path]:
    """Write the forest plot and its data; return the paths of PNG, SVG and CSV."""
    name = f"forest-{forest.drug_class.value}"
    return save_figure(draw_forest(forest), folder, name, COLUMNS, forest_data(forest))


def verdict(forest: Forest) -> str:
    """Return in words what is pooled, or why nothing is."""
    unknown = (
        f" The size of {len(forest.size_unknown)} more is unknown ({', '.join(forest.size_unknown)})."
        if forest.size_unknown
        else ""
    )
    if forest.pooled is None:
        return f"Nothing is pooled: {forest.not_pooled_because}.{unknown}"
    low, high = forest.pooled.ci95
    text = f"Pooled (REML): {forest.pooled.estimate:.2f} points of 10, 95 % CI {low:.2f} to {high:.2f}"
    if forest.pooled.prediction_interval95 is not None:
        low, high = forest.pooled.prediction_interval95
        text += f", 95 % prediction interval {low:.2f} to {high:.2f}"
    return f"{text}, from {len(forest.pooled.studies)} trials.{unknown}"


def _draw_row(axes: Axes, y: int, row: dict[str, Any]) -> None:
    size = "n ?" if row["n"] is None else f"n {row['n']}"
    versus = f"against {row['comparator']}" if row["comparator"] else ""
    value, interval = row["value"], _interval(row)
    axes.text(LEFT, y + 0.13, f"{row['record']}  ({size})", transform=axes.get_yaxis_transform(),
              fontsize=8, color=INK, va="center")  # fmt: skip
    axes.text(LEFT, y - 0.21, _short(versus, 44), transform=axes.get_yaxis_transform(), fontsize=7,
              color=FAINT, va="center")  # fmt: skip
    if value is None:
        words = WORDS[Direction(row["direction"])]
        axes.text(0.5, y, words, transform=axes.get_yaxis_transform(), fontsize=8,
                  style="italic", color=FAINT, ha="center", va="center",
                  bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5})  # fmt: skip
        label = f"no number (direction {row['grade']})" if row["grade"] else "no number"
    else:
        colour, poolable = ACCENT if row["domain"] == "pain" else FAINT, row["poolable"]
        if interval is not None:
            axes.plot(interval, [y, y], color=colour, lw=1.3,
                      ls="-" if row["interval_reliable"] else (0, (2, 2)))  # fmt: skip
        axes.plot([value], [y], marker="s" if poolable else "D", ms=5.5, color=colour,
                  mfc=colour if poolable else "white")  # fmt: skip
        label = f"{value:.2f}" + (f" ({interval[0]:.2f}, {interval[1]:.2f})" if interval else "")
        if row["domain"] != "pain":
            label += f" {row['domain']}"
    axes.text(1.03, y, label, transform=axes.get_yaxis_transform(), fontsize=7.5, color=INK, va="center")


def _interval(row: dict[str, Any]) -> tuple[float, float] | None:
    low, high = row["interval95_low"], row["interval95_high"]
    return None if low is None or high is None else (low, high)


def _draw_diamond(axes: Axes, pooled: dict[str, Any]) -> None:
    low, high = pooled["ci95"]
    middle = pooled["estimate"]
    axes.fill([low, middle, high, middle], [0, 0.22, 0, -0.22], color=ACCENT, gid="pooled-diamond")
    if pooled["prediction_interval95"] is not None:
        axes.plot(pooled["prediction_interval95"], [0, 0], color=ACCENT, lw=1, gid="prediction-interval")
    axes.text(1.03, 0, f"{middle:.2f} ({low:.2f}, {high:.2f})", transform=axes.get_yaxis_transform(),
              fontsize=7.5, weight="bold", color=INK, va="center")  # fmt: skip
    axes.text(LEFT, 0, "Pooled pain difference", transform=axes.get_yaxis_transform(), fontsize=8,
              weight="bold", color=INK, va="center")  # fmt: skip


def _dress(axes: Axes, rows: Sequence[dict[str, Any]], pooled: dict[str, Any] | None) -> None:
    limits = [abs(value) for row in rows for value in (*(_interval(row) or ()), row["value"] or 0.0)]
    if pooled is not None:
        limits += [abs(value) for value in pooled["prediction_interval95"] or pooled["ci95"]]
    reach = max([1.5, *limits]) * 1.08
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-0.6 if pooled else 0.4, len(rows) + 0.6)
    axes.axvline(0, color=FAINT, lw=0.8, zorder=0)
    axes.set_yticks([])
    axes.tick_params(labelsize=8, colors=INK)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_xlabel(
        "difference on a scale of 0 to 10 (left of 0 favours the active arm)\n"
        "filled square: pain, poolable; open: not poolable; dashed: interval not between patients",
        fontsize=7.5, color=INK,
    )  # fmt: skip


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
