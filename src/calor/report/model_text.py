"""The disease model for people: its modules, and what its numbers rest on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from calor.report.numbers import shares_text
from calor.report.tables import Table, number, words


def model_parts(document: dict[str, Any]) -> Iterator[Text | Table]:
    """Yield the table and the texts of the document of `calor model` in the order in which they are read."""
    rows = [
        (module["name"], ", ".join(module["states"]) or "-", str(module["parameters"]))
        for module in document["modules"]
    ]
    columns = (words("module"), words("states", greedy=True), number("numbers"))
    yield Table(columns, rows, title="The disease model by module", fills=True)
    yield Text(
        f"{document['states']} states, {document['quantities']} quantities, {document['parameters']} numbers "
        f"({document['uncertain']} with a prior, {document['varying_between_patients']} differing between "
        f"patients), {document['slots']} slots for drugs, {len(document['rivals'])} rival explanations."
    )
    yield Text(f"What the numbers rest on: {shares_text(document['share_by_status'])}.")
