"""The numbers of measurement and conduct: diaries, items, instruments, assays and follow-up."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np

from calor.core.arrays import Numbers
from calor.core.calendar_time import DAYS_PER_MONTH
from calor.model.parameters import ParameterTable, read_parameters


@cache
def load_measurement() -> ParameterTable:
    """Return the measurement parameters that ship with calor."""
    return read_parameters(Path(str(files("calor.population"))) / "data" / "measurement.tsv")


def loss_per_day(share_per_month: Numbers) -> Numbers:
    """Return the hazard of being lost a day, constant, under which a share of patients is lost in a month."""
    return np.asarray(-np.log1p(-share_per_month) / DAYS_PER_MONTH)
