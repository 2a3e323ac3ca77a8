"""What is known: typed records with source and grade, effect sizes, meta-analysis. Knows no model of ours."""

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
