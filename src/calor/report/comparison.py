"""Several designs side by side: table, picture, and the picture's data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table

from calor.report.trial_figure import COLOURS
from calor.report.trial_table import interval_text
from calor.store.run_folder import new_run_folder, write_json

WIDTH = 100


def print_comparison(document: dict[str, Any], console: Console) -> None:
    """Print designs side by side, a column each."""
    console.print(f"[bold]status: {document['status']}[/bold] · common random numbers")
    table = Table(title_justify="left")
    table.add_column("")
    for design in document["designs"]:
        table.add_column(design["trial"]["id"], overflow="fold")
    for name, words in _ROWS.items():
        table.add_row(name, *(words(design) for design in document["designs"]))
    console.print(table)
    console.print("Effect: 95 % of worlds and rivals. Result: 95 % of trials. ±: Monte Carlo error.")


def _cost(design: dict[str, Any]) -> str:
    cost = design["cost"]
    return f"{cost['value']:,.0f} {cost['currency']}" if cost else "not given"


def _number(number: dict[str, float], digits: int) -> str:
    return f"{number['value']:.{digits}f} ± {number['mc_error']:.{digits}f}"


NOT_HAD = (None, None)

_ROWS = {
    "design": lambda design: design["trial"]["design"],
    "endpoint": lambda design: design["trial"]["endpoint"],
    "analysis": lambda design: design["trial"]["analysis"],
    "contrast": lambda design: f"{design['contrast']['label']}, {design['contrast']['unit']}",
    "effect": lambda design: f"{design['contrast']['predicted_mean']:+.2f}",
    "effect, interval": lambda design: interval_text(design["contrast"]["effect_interval95"]),
    "a trial's result": lambda design: interval_text(design["contrast"]["trial_result_interval95"]),
    "power": lambda design: "not quoted" if design["power"]["value"] is None else _number(design["power"], 3),
    "type I error": lambda design: _number(design["type_one_error"], 3),
    "patients": lambda design: _number(design["patients"], 1),
    "screened": lambda design: f"{design['screened']:,.0f}",
    "days": lambda design: "not given" if design["days"] is None else f"{design['days']:,.0f}",
    "cost": _cost,
}


def save_comparison(document: dict[str, Any], folder: Path) -> None:
    """Write the document, the picture (PNG, SVG) and its data (CSV). Raises InputError where it exists."""
    rows = pd.DataFrame(
        [
            {
                "id": design["trial"]["id"],
                "unit": design["contrast"]["unit"],
                "effect": design["contrast"]["predicted_mean"],
                "effect_lower": design["contrast"]["effect_interval95"][0],
                "effect_upper": design["contrast"]["effect_interval95"][1],
                "result_lower": (design["contrast"]["trial_result_interval95"] or NOT_HAD)[0],
                "result_upper": (design["contrast"]["trial_result_interval95"] or NOT_HAD)[1],
                "power": design["power"]["value"],
                "patients": design["patients"]["value"],
            }
            for design in document["designs"]
        ]
    ).assign(status=document["status"])
    figure = Figure(figsize=(8, 1.2 + 0.6 * len(rows)), layout="constrained")
    axes = figure.subplots()
    axes.axvline(0, color="#555555", linewidth=0.8)
    for place, row in enumerate(rows.to_dict("records")):
        axes.plot([row["result_lower"], row["result_upper"]], [place, place], color=COLOURS[3], linewidth=1)
        axes.plot([row["effect_lower"], row["effect_upper"]], [place, place], color=COLOURS[0], linewidth=4)
        axes.plot(row["effect"], place, "o", color="white", markeredgecolor=COLOURS[0])
    axes.set_yticks(range(len(rows)), [f"{row.id}\n{row.unit}" for row in rows.itertuples()])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlabel("active minus control; thick: what is uncertain, thin: a trial's result (95 %)")
    axes.set_title(document["status"], fontsize=9, loc="left")
    with new_run_folder(folder) as target:
        write_json(target / "comparison.json", document)
        rows.to_csv(target / "figure.csv", index=False)
        figure.savefig(target / "figure.png", dpi=160, metadata={"Software": None})
        figure.savefig(target / "figure.svg", metadata={"Date": None})
