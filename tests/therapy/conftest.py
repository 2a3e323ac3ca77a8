"""Drugs, the disease and a solver that is not calor's own."""

from __future__ import annotations

import pytest

from calor.model.disease import Disease, load_disease


@pytest.fixture(scope="session")
def disease() -> Disease:
    return load_disease()
