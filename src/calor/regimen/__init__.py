"""Regimens as people write them, as dosing records and as tables; parses, and knows no drug.

`parse_regimen` reads text, `Regimen.text` writes it in one canonical form, `Regimen.records` gives the
dosing records, and `calor.regimen.table` speaks the columns of NONMEM.
"""

from calor.regimen.parser import parse_moment, parse_regimen
from calor.regimen.records import DoseUnit, DosingRecord, Route
from calor.regimen.regimen import At, Phase, Regimen, Repeated

__all__ = [
    "At",
    "DoseUnit",
    "DosingRecord",
    "Phase",
    "Regimen",
    "Repeated",
    "Route",
    "parse_moment",
    "parse_regimen",
]
