"""An infusion after a lag: it begins and ends so much later, and as much arrives."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.engine.calendar import Action
from calor.regimen import parse_regimen
from calor.therapy import dosing
from calor.therapy.library import read_drug

LAG = 0.02


def test_both_ends_of_a_lagged_infusion_move(tmp_path: Path) -> None:
    text = (Path(__file__).parent / "drugs" / "lagged.yaml").read_text()
    infused = tmp_path / "lagged.yaml"
    infused.write_text(text.replace("oral:", "iv:", 1).replace("40 mg oral", "40 mg iv"))
    drug = read_drug(infused)
    (calendar,) = dosing(parse_regimen("40 mg iv over 6 h at day 1, 3"), drug, [70.0])
    assert calendar.times == pytest.approx([LAG, LAG + 0.25, 2 + LAG, 2.25 + LAG])
    assert calendar.values == pytest.approx([160, -160, 160, -160])
    assert set(calendar.actions) == {Action.RATE}
