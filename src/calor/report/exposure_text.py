"""Exposure to a drug for people: a table and where the numbers come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from calor.report.numbers import short_text
from calor.report.tables import Table, words


def exposure_parts(document: dict[str, Any]) -> Iterator[Text | Table]:
    """Yield the table and the texts of the document of `calor pk` in the order in which they are read."""
    summary, unit = document["summary"], document["unit"]
    size = max(abs(summary["cmax"]), abs(document["baseline"]))

    def text(value: float) -> str:
        return short_text(value, 4, scale=size)

    rows = [
        ("before the first dose", f"{text(document['baseline'])} {unit}"),
        ("largest", f"{text(summary['cmax'])} {unit}, {summary['tmax_days']:.3g} d after the first dose"),
        ("smallest", f"{text(summary['cmin'])} {unit}, {summary['tmin_days']:.3g} d after the first dose"),
        ("area above the baseline", f"{short_text(summary['auc'], 4)} {unit} x day"),
        ("half-life", f"{summary['half_life_days']:.3g} d" if summary["half_life_days"] else "none"),
    ]
    for entry in document["at"]:
        band = entry.get("population")
        spread = f" (90 % of people {text(band['p5'])} to {text(band['p95'])})" if band else ""
        rows.append((entry["at"], f"{text(entry['value'])} {unit}{spread}"))
    title = f"{document['drug']} · {document['regimen']} · {document['weight_kg']:g} kg"
    yield Table((words(document["quantity"]), words("typical person at rest")), rows, title=title)
    yield Text(f"Numbers from {document['numbers_from']}.")
