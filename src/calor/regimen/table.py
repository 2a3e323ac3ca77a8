"""Regimens as tables in the columns of NONMEM (with `TINF`, `UNIT`, `ROUTE`), and back.

One row a dosing record: `TIME` in days from study day 1, `EVID` 1 for a dose and 2 for a procedure, `AMT`
in `UNIT` (`mg/kg` and the like are per kg of body weight), `RATE` in units of AMT per day (0: at once),
`TINF` the length of the infusion in days, and `ADDL` further doses every `II` days.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from calor.core.errors import InputError
from calor.regimen.records import DoseUnit, DosingRecord, Route
from calor.regimen.regimen import Regimen

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("TIME", "EVID", "AMT", "UNIT", "ROUTE", "TINF", "RATE", "II", "ADDL")


def table_of(regimen: Regimen) -> pd.DataFrame:
    """Return the dosing table of a regimen, a row for each record."""
    import pandas as pd  # imported here: reading a regimen does not need it

    rows = [
        (
            record.time_days,
            2 if record.procedure else 1,
            record.amount,
            f"{record.unit}{'/kg' if record.per_kg else ''}",
            record.route or "",
            record.duration_days,
            record.amount / record.duration_days if record.duration_days else 0.0,
            record.interval_days,
            record.additional,
        )
        for record in regimen.records
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def regimen_of(table: pd.DataFrame) -> Regimen:
    """Return the regimen of a dosing table in the columns of `table_of`. Raises InputError."""
    missing = [column for column in COLUMNS if column not in table.columns and column != "RATE"]
    if missing:
        raise InputError.of(f"the dosing table lacks {', '.join(missing)}", allowed=", ".join(COLUMNS))
    if table.empty:
        raise InputError.of("the dosing table has no rows")
    rows: list[dict[str, Any]] = [dict(row) for _, row in table.iterrows()]
    return Regimen.of_records([_record(row, index) for index, row in enumerate(rows, start=1)])


def _record(row: dict[str, Any], index: int) -> DosingRecord:
    unit = str(row["UNIT"])
    per_kg = unit.endswith("/kg")
    try:
        return DosingRecord(
            time_days=float(row["TIME"]),
            amount=float(row["AMT"]),
            unit=DoseUnit(unit.removesuffix("/kg")),
            per_kg=per_kg,
            route=Route(row["ROUTE"]) if row["ROUTE"] else None,
            duration_days=float(row["TINF"]),
            interval_days=float(row["II"]),
            additional=int(row["ADDL"]),
        )
    except ValueError as error:
        raise InputError.of(f"row {index} of the dosing table: {error}") from None
