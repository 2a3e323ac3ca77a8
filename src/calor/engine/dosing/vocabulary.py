"""The names of columns that dosing tables use, in any case of letters, and what each means here.

The words are NONMEM's, with those of mrgsolve and rxode2 where these have others.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "ID": "whose row it is",
    "TIME": "when, in the model's unit of time",
    "EVID": "0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose, 5 or 8 replace, 6 multiply",
    "AMT": "the amount of a dose",
    "CMT": "the compartment, by number or name",
    "RATE": "the rate of an infusion; -1 and -2 a modelled rate and duration",
    "DUR": "how long an infusion lasts, whatever share of it arrives (rxode2)",
    "TINF": "how long the whole amount takes: RATE is AMT / TINF (mrgsolve)",
    "II": "the time between doses",
    "ADDL": "how many doses more",
    "TOTAL": "how many doses in all",
    "UNTIL": "the time before which doses are given",
    "SS": "1 at steady state, 2 on top of it",
    "C": "a row with C here is a comment",
}
"""The columns that are read."""

SYNONYMS: Mapping[str, str] = {"DOSE": "AMT"}
"""Other words for a column, read as such where the column itself is not there."""

WITHOUT_EFFECT = frozenset(
    ["DV", "MDV", "LDV", "LNDV", "BLQ", "LLOQ", "LLQ", "CENS", "LIMIT", "DVID", "YTYPE", "L1", "L2", "LINE",
     "FLAG", "MODE", "STUDY", "STUDYID", "SITE", "ARM", "TRT", "GROUP", "VISIT", "COMMENT", "NOTE"]
)  # fmt: skip
"""Measured values and labels: known, and without effect on a simulation."""

UNSUPPORTED: Mapping[str, str] = {
    "DATE": "dates are not read",
    "DAT1": "dates are not read",
    "DAT2": "dates are not read",
    "DAT3": "dates are not read",
    "PCMT": "the compartment of a prediction is said by --outputs",
    "CALL": "calls of a model's own code are not supported",
    "CONT": "continued records are not supported",
    "XVID": "further event types are not supported",
}
"""NONMEM's columns that would change what a row means, and are refused by name."""

HINTS: Mapping[str, str] = {
    "DATE": "write TIME as the time since the first record, in the model's unit, and --ignore the date",
    "DAT1": "write TIME as the time since the first record, in the model's unit, and --ignore the date",
    "DAT2": "write TIME as the time since the first record, in the model's unit, and --ignore the date",
    "DAT3": "write TIME as the time since the first record, in the model's unit, and --ignore the date",
}
