"""Several designs side by side: table, picture, and the picture's data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from rich.console import Console
from rich.text import Text

from calor.report.figures import PAGE_WIDTH, quiet, settled, write_pictures
from calor.report.numbers import fixed_text, interval_text, percent_text, with_error_text
from calor.report.tables import Table, words
from calor.report.trial_figure import COLOURS, GREY
from calor.report.trial_remarks import DISCLAIMER, origin_text
from calor.store.run_folder import write_json

WIDTH = 100


def print_comparison(document: dict[str, Any], console: Console) -> None:
    """Print designs side by side, a column each."""
    about = f"status: {document['status']} · {origin_text(document['posterior'])} · common random numbers"
    console.print(Text(about, style="bold"))
    designs = document["designs"]
    console.print(comparison_table(document))
    for line in (
        "Effect: 95 % of worlds and rivals. Result: 95 % of trials. ±: Monte Carlo error. "
        "From prior: the share of the run's uncertain numbers that no data have narrowed.",
        *comparison_warnings(designs),
        DISCLAIMER,
    ):
        console.print(Text(line), width=WIDTH)


def comparison_table(document: dict[str, Any]) -> Table:
    """Return the designs side by side, a column each."""
    designs = document["designs"]
    columns = [words(""), *(words(design["name"]) for design in designs)]
    rows = [(name, *(cell(design) for design in designs)) for name, cell in _ROWS.items()]
    return Table(columns, rows, widest=WIDTH)


def comparison_warnings(designs: list[dict[str, Any]]) -> list[str]:
    """Return each warning once, with the designs that it is of."""
    found: dict[str, list[str]] = {}
    for design in designs:
        for warning in design["warnings"]:
            found.setdefault(warning, []).append(design["name"])
    return [f"Warning ({', '.join(names)}): {warning}." for warning, names in found.items()]


def _cost(design: dict[str, Any]) -> str:
    cost = design["cost"]
    return f"{cost['value']:,.0f} {cost['currency']}" if cost else "not given"


def _power(design: dict[str, Any]) -> str:
    power = design["power"]
    return "not quoted" if power["value"] is None else with_error_text(power, 3)


def _beside_power(design: dict[str, Any]) -> dict[str, Any] | None:
    """Return what stands beside the power, or beside the assurance where no power is quoted."""
    return next(
        (found for found in (design["power"], design["assurance"]) if "range_over_rivals" in found), None
    )


def _power_of(design: dict[str, Any]) -> str:
    beside = _beside_power(design)
    return beside["of"] if beside else ""


def _power_range(design: dict[str, Any]) -> str:
    beside = _beside_power(design)
    return interval_text(beside["range_over_rivals"], 3, signed=False) if beside else ""


def _from_prior(design: dict[str, Any]) -> str:
    beside = _beside_power(design)
    return percent_text(beside["share_resting_on_prior"]) if beside else ""


NOT_HAD = (None, None)

_ROWS = {
    "design": lambda design: design["trial"]["design"],
    "endpoint": lambda design: design["trial"]["endpoint"],
    "analysis": lambda design: design["trial"]["analysis"],
    "contrast": lambda design: f"{design['contrast']['label']}, {design['contrast']['unit']}",
    "effect": lambda design: fixed_text(design["contrast"]["predicted_mean"], 2, signed=True),
    "effect, interval": lambda design: interval_text(design["contrast"]["effect_interval95"]),
    "a trial's result": lambda design: interval_text(design["contrast"]["trial_result_interval95"]),
    "power": _power,
    "power of": _power_of,
    "power, by rival": _power_range,
    "from prior": _from_prior,
    "type I error": lambda design: with_error_text(design["type_one_error"], 3),
    "patients": lambda design: with_error_text(design["patients"], 1),
    "screened": lambda design: f"{design['screened']:,.0f}",
    "days": lambda design: "not given" if design["days"] is None else f"{design['days']:,.0f}",
    "cost": _cost,
}


def save_comparison(document: dict[str, Any], target: Path) -> None:
    """Write the document, the picture (PNG, SVG) and its data (CSV) into a folder that is there."""
    write_json(target / "comparison.json", document)
    comparison_rows(document).to_csv(target / "figure.csv", index=False)
    write_pictures(draw_comparison(document), target / "figure")


def comparison_rows(document: dict[str, Any]) -> pd.DataFrame:
    """Return one row a design: its effect, a trial's result, power and patients."""
    rows = [
        {
            "id": design["name"],
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
    return pd.DataFrame(rows).assign(status=document["status"])


def draw_comparison(document: dict[str, Any]) -> Figure:
    """Return the designs below one another: the effect, and a trial's result."""
    rows = comparison_rows(document)
    with quiet():
        figure = Figure(figsize=(PAGE_WIDTH, 1.2 + 0.5 * len(rows)), layout="constrained")
        axes = figure.subplots()
        axes.axvline(0, color=GREY, linewidth=0.8)
        for place, row in enumerate(rows.to_dict("records")):
            axes.plot([row["result_lower"], row["result_upper"]], [place] * 2, color=COLOURS[3], linewidth=1)
            axes.plot([row["effect_lower"], row["effect_upper"]], [place] * 2, color=COLOURS[0], linewidth=4)
            axes.plot(row["effect"], place, "o", color="white", markeredgecolor=COLOURS[0])
        axes.set_yticks(range(len(rows)), [f"{row.id}\n{row.unit}" for row in rows.itertuples()])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlabel("active minus control; thick: what is uncertain, thin: a trial's result (95 %)")
        axes.set_title(document["status"], fontsize=8, loc="left")
    return settled(figure, 8)
