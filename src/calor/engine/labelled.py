"""Results with names and units, as xarray."""

from __future__ import annotations

import numpy as np
import xarray as xr

from calor.engine.batch import Batch, BatchResult, Status
from calor.engine.symbolic.system import System


def labelled(result: BatchResult, batch: Batch, system: System) -> xr.Dataset:
    """Return a batch's outputs as one variable each, (patient, time), with their units.

    The statuses stand beside them as `status` (patient,), in words. Where every patient has its own times,
    these stand as `save_at` (patient, time) and the dimension `time` is only counted.
    """
    units = system.units
    outputs = {
        name: (("patient", "time"), result.outputs[:, :, column], _unit(units.get(name)))
        for column, name in enumerate(batch.outputs)
    }
    messages = np.array([Status(int(status)).message for status in result.status])
    dataset = xr.Dataset({**outputs, "status": ("patient", messages)})
    if batch.save_at.ndim == 1:
        return dataset.assign_coords(time=("time", batch.save_at, _unit(system.time_unit)))
    return dataset.assign_coords(save_at=(("patient", "time"), batch.save_at, _unit(system.time_unit)))


def _unit(unit: str | None) -> dict[str, str]:
    return {"units": unit} if unit else {}
