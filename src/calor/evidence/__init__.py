"""What is known: typed records with source and grade, effect sizes, meta-analysis. Knows no model of ours.

The package can be called: `calor.evidence("ivig")` is the public function, whatever was imported before.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from calor.evidence.library import load_records, numbers_of, read_folder, read_record, record
from calor.evidence.published import PublishedContrast, published_contrast
from calor.evidence.record import Record
from calor.evidence.targets import calibration_numbers

__all__ = [
    "PublishedContrast",
    "Record",
    "calibration_numbers",
    "load_records",
    "numbers_of",
    "published_contrast",
    "read_folder",
    "read_record",
    "record",
]


class _Callable(ModuleType):
    """This package under the name that the public API has for its function too."""

    def __call__(self, *words: str, **filters: str | None) -> Any:
        """Return what `calor.api.records.evidence` does."""
        # By name and when called only: the evidence itself knows nothing of the faces.
        return import_module("calor.api.records").evidence(*words, **filters)


sys.modules[__name__].__class__ = _Callable
