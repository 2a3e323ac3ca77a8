"""The table of a virtual patient: an interval as it is shown holds the median as it is shown."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from calor.report.patient_table import SHOWN, print_patient


@pytest.mark.parametrize(
    ("lower", "median", "upper"), [(14.6, 14.7, 14.8), (0.0978, 0.0982, 0.0989), (-2.61, -2.58, -2.57)]
)
def test_an_interval_holds_its_median_as_shown(lower: float, median: float, upper: float) -> None:
    band = {"lower95": [lower], "median": [median], "upper95": [upper]}
    output = {"name": "IgG", "unit": "g/L", "untreated": band, "treated": None, "difference": None}
    document: dict[str, Any] = {
        "title": "one", "treatments": [], "times_days": [0], "outputs": dict.fromkeys(SHOWN, output),
        "posterior": {
            "name": "prior", "uncertain": 1, "narrowed": [], "date": None, "changed": [], "left_to_prior": []
        },
        "population": {"screened": 1, "followed": 1, "failed_simulations": 0},
    }  # fmt: skip
    console = Console(file=io.StringIO(), width=80)
    print_patient(document, console)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    numbers = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", text.split("g/L", 1)[1])]
    middle, low, high = numbers[:3]
    assert low < middle < high
