"""A data set as SAS transport file version 5 (XPT): what the format cannot hold is refused by name."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from calor.core.errors import UnsupportedError
from calor.report.adam.variables import DataSet, Variable

if TYPE_CHECKING:
    from types import ModuleType

INSTALL = "pip install 'calor[xpt]'"
LONGEST_NAME, LONGEST_LABEL, LONGEST_TEXT = 8, 40, 200
"""Letters of a name, of a label and of a value in version 5."""

SMALLEST, LARGEST = 2.0**-260, 2.0**248
"""16^-65 and 16^62: between them the 53 to 56 binary digits of IBM floating point hold every number of double
precision unchanged. It reaches to 16^63, but not every reader does."""

_DATE_IN_HEADER = re.compile(rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d")
_HEADER_BYTES = 560
_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")


def write_transport(data: DataSet, path: Path, day: datetime) -> None:
    """Write a data set as XPT version 5, dated with a time, so that the same data give the same bytes.

    Numbers nearer to 0 than 16^-65 become 0. Raises UnsupportedError for names, labels and values that are
    too long or not ASCII, for numbers that are too large, and where pyreadstat is missing.
    """
    table = pd.DataFrame({each.name: _column(data, each) for each in data.variables})
    for each in data.variables:
        _refuse_names(data, each)
    _pyreadstat().write_xport(
        table,
        str(path),
        file_label=data.label,
        column_labels={each.name: each.label for each in data.variables},
        table_name=data.name.upper(),
        file_format_version=5,
    )
    _date(path, day)


def _column(data: DataSet, variable: Variable) -> pd.Series[str] | pd.Series[float]:
    values = data.table[variable.name]
    if variable.type == "text":
        _refuse_texts(data, variable, values)
        return values.astype(str)
    numbers = values.to_numpy(dtype=np.float64)
    if (np.abs(numbers) >= LARGEST).any():
        raise _unsupported(data, variable, "a number of 16^62 or more", "smaller numbers")
    return pd.Series(np.where(np.abs(numbers) < SMALLEST, 0.0, numbers))


def _refuse_names(data: DataSet, variable: Variable) -> None:
    if len(variable.name) > LONGEST_NAME:
        raise _unsupported(data, variable, f"a name of {len(variable.name)} letters", "at most 8")
    if len(variable.label) > LONGEST_LABEL:
        raise _unsupported(data, variable, f"a label of {len(variable.label)} letters", "at most 40")


def _refuse_texts(data: DataSet, variable: Variable, values: pd.Series[str]) -> None:
    for value in values.unique():
        if not isinstance(value, str) or not value.isascii() or not value.isprintable():
            raise _unsupported(data, variable, f"the value {value!r}", "printable ASCII text")
        if len(value) > LONGEST_TEXT:
            raise _unsupported(data, variable, f"a value of {len(value)} letters", "at most 200")
        if value != value.rstrip(" "):
            raise _unsupported(data, variable, f"the value {value!r}", "text without blanks at its end")


def _unsupported(data: DataSet, variable: Variable, what: str, allowed: str) -> UnsupportedError:
    return UnsupportedError.of(
        f"a SAS transport file version 5 cannot hold {what}",
        key=f"{data.name.upper()}.{variable.name}",
        allowed=allowed,
        hint="arms, the id and the title are named in the protocol",
    )


def _pyreadstat() -> ModuleType:
    try:
        import pyreadstat  # an extra
    except ImportError:
        raise UnsupportedError.of(
            "SAS transport files need pyreadstat, which is not installed", key="--adam", hint=INSTALL
        ) from None
    module: ModuleType = pyreadstat
    return module


def _date(path: Path, day: datetime) -> None:
    """Put a time into the header of a transport file in place of the time of writing."""
    content = path.read_bytes()
    stamp = f"{day.day:02d}{_MONTHS[day.month - 1]}{day:%y:%H:%M:%S}".encode()
    head = _DATE_IN_HEADER.sub(stamp, content[:_HEADER_BYTES])
    path.write_bytes(head + content[_HEADER_BYTES:])
