"""The trials by which whole fits are compared are protocols that calor runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.trial.protocols.layout import layout_of
from calor.trial.protocols.reading import read_protocol

HEADLINES = Path(__file__).parents[2] / "scripts" / "calibration" / "headlines"


@pytest.mark.parametrize("path", sorted(HEADLINES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_headline_is_a_protocol_with_a_control(path: Path) -> None:
    protocol = read_protocol(path)
    assert protocol.id == f"headline-{path.stem}"
    assert len(layout_of(protocol).actives) == 1
