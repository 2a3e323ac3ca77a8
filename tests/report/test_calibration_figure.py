"""The pictures of a calibration show every target, and carry their data."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from calor.report.calibration_figure import save_narrowing_figure, save_target_figure


def target(name: str, z: float | None, mean: float) -> dict[str, Any]:
    return {
        "id": name, "observed": 1.0, "standard_error": 0.3, "bias_sd": 0.4, "predicted_mean": mean,
        "predicted_interval95": [mean - 0.5, mean + 0.5], "z": z, "by_rival": {"a": mean, "b": mean + 0.1},
    }  # fmt: skip


DOCUMENT = {
    "targets": [target("near", 0.2, 1.1), target("far", -3.0, 3.0), target("direction", None, 0.0)],
    "parameters": [
        {"name": "glial_rate", "moved_prior_sds": 0.5, "shrinkage": 0.4, "learnt": True},
        {"name": "tnf_rise", "moved_prior_sds": 0.0, "shrinkage": 0.0, "learnt": False},
    ],
}


def test_targets_stand_worst_first_with_their_data(tmp_path: Path) -> None:
    png, svg, data = save_target_figure(DOCUMENT, tmp_path)
    assert png.stat().st_size > 5000
    assert svg.read_text().startswith("<?xml")
    rows = list(csv.DictReader(data.read_text().splitlines()))
    assert [row["id"] for row in rows] == ["far", "near", "direction"]
    assert rows[2]["z"] == ""
    assert float(rows[0]["b"]) == 3.1


def test_every_number_stands_in_the_data_of_the_narrowing(tmp_path: Path) -> None:
    data = save_narrowing_figure(DOCUMENT, tmp_path)[2]
    assert [row["name"] for row in csv.DictReader(data.read_text().splitlines())] == [
        "glial_rate",
        "tnf_rise",
    ]


def test_the_same_report_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = (save_target_figure(DOCUMENT, tmp_path / name)[1].read_bytes() for name in ("a", "b"))
    assert first == second
