"""Whole fits are compared by how far apart the rivals' evidence is, and by which targets differ."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.calibration.repeatability import evidence_of


def written(folder: Path, evidence: tuple[float, float], terms: dict[str, float]) -> Path:
    folder.mkdir()
    report = {
        "rivals": [
            {"name": name, "log_evidence": value, "log_evidence_of_starts": [value - 1, value + 1]}
            for name, value in zip("ab", evidence, strict=True)
        ],
        "targets": [
            {"id": name, "log_likelihood_by_rival": {"a": value, "b": 0.0}} for name, value in terms.items()
        ],
    }
    (folder / "report.json").write_text(json.dumps(report))
    return folder


def test_evidence_repeats_when_no_rival_moves_by_more_than_half(tmp_path: Path) -> None:
    fits = [
        written(tmp_path / "1", (-30.0, -31.0), {"x": -1.0, "y": -2.0}),
        written(tmp_path / "2", (-30.4, -31.1), {"x": -1.1, "y": -2.0}),
        written(tmp_path / "3", (-30.2, -30.8), {"x": -1.0, "y": -2.6}),
    ]
    found = evidence_of(fits)
    assert found["range_by_rival"] == pytest.approx({"a": 0.4, "b": 0.3})
    assert found["within"]
    assert list(found["rivals"]["a"]["targets"].items()) == [
        ("y", pytest.approx(0.6)),
        ("x", pytest.approx(0.1)),
    ]
    fits.append(written(tmp_path / "4", (-30.0, -31.5), {"x": -1.0, "y": -2.0}))
    assert not evidence_of(fits)["within"]
