"""A data set as Dataset-JSON 1.1 of CDISC: one file a data set, every number with all its digits."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from calor.core.versions import versions
from calor.report.adam.define import About, length_of
from calor.report.adam.variables import DataSet, Variable

TYPES = {"text": "string", "integer": "integer", "float": "double"}


def write_dataset_json(data: DataSet, about: About, path: Path) -> None:
    """Write a data set as Dataset-JSON; a missing number is null, a missing text empty."""
    path.write_text(json.dumps(document_of(data, about), allow_nan=False) + "\n", encoding="utf-8")


def document_of(data: DataSet, about: About) -> dict[str, Any]:
    """Return a data set as Dataset-JSON."""
    time = about.simulated.isoformat(timespec="seconds")
    return {
        "datasetJSONCreationDateTime": time,
        "datasetJSONVersion": "1.1.0",
        "fileOID": f"calor.{about.study}.{data.name}",
        "dbLastModifiedDateTime": time,
        "originator": "calor",
        "sourceSystem": {"name": "calor", "version": versions()["calor"]},
        "studyOID": f"STUDY.{about.study}",
        "metaDataVersionOID": "MDV.1",
        "metaDataRef": "define.xml",
        "itemGroupOID": f"IG.{data.name.upper()}",
        "records": len(data.table),
        "name": data.name.upper(),
        "label": data.label,
        "columns": [_column(data, variable) for variable in data.variables],
        "rows": [
            [_value(variable, value) for variable, value in zip(data.variables, row, strict=True)]
            for row in data.table.itertuples(index=False, name=None)
        ],
    }


def _column(data: DataSet, variable: Variable) -> dict[str, Any]:
    column: dict[str, Any] = {
        "itemOID": f"IT.{data.name.upper()}.{variable.name}",
        "name": variable.name,
        "label": variable.label,
        "dataType": TYPES[variable.type],
    }
    if variable.type == "text":
        column["length"] = length_of(data, variable)
    if variable.name in data.keys:
        column["keySequence"] = data.keys.index(variable.name) + 1
    return column


def _value(variable: Variable, value: Any) -> str | int | float | None:
    if variable.type == "text":
        return str(value)
    if math.isnan(value):
        return None
    return int(value) if variable.type == "integer" else float(value)
