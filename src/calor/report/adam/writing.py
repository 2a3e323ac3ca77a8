"""The simulated data of a run in one folder: XPT, Define-XML and Dataset-JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from calor.core.errors import InputError, UnsupportedError
from calor.report.adam.dataset_json import write_dataset_json
from calor.report.adam.define import About, write_define
from calor.report.adam.transport import write_transport
from calor.report.adam.variables import data_sets, names
from calor.store.run_folder import new_run_folder
from calor.store.saved_run import Kind, SavedRun

UNDATED = datetime(2000, 1, 1, tzinfo=UTC)
"""When the files of a run without a date were simulated, so that they are the same each time."""


def write_adam(run: SavedRun, folder: Path) -> tuple[Path, ...]:
    """Write the data of a run's first simulated trial into a new folder, and return the files.

    Raises UnsupportedError for a run that is not of a trial, for what a format cannot hold, and where an
    extra is missing; InputError for a run that lacks its tables or a folder that holds something.
    """
    if run.kind is not Kind.TRIAL:
        raise UnsupportedError.of(
            f"a {run.kind} has no data of a trial", file=run.folder, allowed="a run of calor trial"
        )
    tables = {name: _table(run.folder / f"{name}.parquet") for name in names()}
    sets, about = data_sets(tables), _about(run.protocol, run.result)
    with new_run_folder(folder) as inside:
        for data in sets:
            write_transport(data, inside / f"{data.name}.xpt", about.simulated)
            write_dataset_json(data, about, inside / f"{data.name}.json")
        write_define(sets, about, inside / "define.xml")
        written = sorted(path.name for path in inside.iterdir())
    return tuple(folder / name for name in written)


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise InputError.of("is missing from the run", file=path, hint="run the trial again with this calor")
    return pd.read_parquet(path)


def _about(protocol: Mapping[str, Any], result: Mapping[str, Any]) -> About:
    started = result.get("provenance", {}).get("started")
    simulated = datetime.fromisoformat(started) if started else UNDATED
    return About(study=protocol["id"], title=protocol["title"], simulated=simulated)
