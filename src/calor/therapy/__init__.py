"""Drugs as data, and their composition with the disease into one model per arm. Knows no patient.

`load_drug` reads a drug file, `compose` joins disease and drugs, `dosing` turns a regimen into what happens
to a patient's states, and `expected_events` says what harm to expect.
"""

from calor.therapy.compose import Composed, compose
from calor.therapy.dosing import dosing
from calor.therapy.drug import Drug
from calor.therapy.library import drug_ids, load_drug, load_library
from calor.therapy.limits import warnings_of
from calor.therapy.safety import ExpectedEvents, expected_events

__all__ = [
    "Composed",
    "Drug",
    "ExpectedEvents",
    "compose",
    "dosing",
    "drug_ids",
    "expected_events",
    "load_drug",
    "load_library",
    "warnings_of",
]
