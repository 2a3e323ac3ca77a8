"""The numbers of measurement and conduct: diaries, items, instruments, assays and follow-up."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

from calor.model.parameters import ParameterTable, read_parameters


@cache
def load_measurement() -> ParameterTable:
    """Return the measurement parameters that ship with calor."""
    return read_parameters(Path(str(files("calor.population"))) / "data" / "measurement.tsv")
