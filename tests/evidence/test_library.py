"""The records that ship: none is lost, each is valid, and what is only recalled reaches no calibration."""

from __future__ import annotations

import csv
import time
from collections import Counter
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.core.provenance import Grade
from calor.evidence.forest import reason_left_out
from calor.evidence.library import (
    RECORDS_FOLDER,
    load_records,
    numbers_of,
    read_folder,
    recalled_numbers_of,
    record,
)
from calor.evidence.quantity import Quantity
from calor.evidence.table import row_of
from calor.evidence.targets import calibration_numbers, role_of
from calor.evidence.vocabulary import Direction, Role

INDEX = Path(__file__).with_name("index.csv")

STUDIES_BY_CLASS = {
    "anti-cgrp": 1, "anti-tnf": 4, "bisphosphonate": 7, "glucocorticoid": 34, "il1-antagonist": 1,
    "immunoglobulin": 4, "mycophenolate": 1, "naltrexone": 2, "natural-course": 7, "neurostimulation": 1,
    "nmda-antagonist": 3, "placebo": 1, "plasma-exchange": 2, "radical-scavenger": 5, "several": 10,
    "thalidomide": 7,
}  # fmt: skip


def index_rows() -> list[dict[str, str]]:
    with INDEX.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_every_study_of_the_index_has_a_record() -> None:
    indexed = {row["id"]: (row["kind"], row["drug_class"]) for row in index_rows()}
    assert indexed == {entry.id: (entry.kind, entry.drug_class) for entry in load_records()}


def test_studies_by_class_are_as_counted_by_hand() -> None:
    assert Counter(str(entry.drug_class) for entry in load_records()) == STUDIES_BY_CLASS


def test_all_records_load_quickly() -> None:
    load_records.cache_clear()
    record.cache_clear()
    began = time.process_time()
    load_records()
    assert time.process_time() - began < 4.0


def test_each_number_leads_to_a_page_that_was_read() -> None:
    for entry in load_records():
        pages = {source.url for source in entry.sources}
        for located in numbers_of(entry):
            assert located.grade in (Grade.VERIFIED, Grade.SECONDARY), located
            assert located.sources, located
            assert set(located.sources) <= pages, located


def test_recalled_never_reaches_a_calibration() -> None:
    fitted = calibration_numbers()
    assert fitted
    assert all(located.key[0] != "recalled" for located in fitted)
    assert {located.grade for located in fitted} <= {Grade.VERIFIED, Grade.SECONDARY}
    for entry in load_records():
        for located in recalled_numbers_of(entry):
            assert located.grade is Grade.RECALLED
            assert located.figure not in [other.figure for other in fitted if other.owner == entry.id]


def test_held_back_trials_give_the_calibration_nothing_but_named_parts() -> None:
    owners = {located.owner for located in calibration_numbers()}
    held_back = {entry.id for entry in load_records() if entry.model_use.role is Role.HELD_BACK}
    assert held_back >= {"goebel-2017-lips", "manning-2014", "munts-2010", "kalita-20v40", "dirckx-2013"}
    assert owners & held_back == {"manning-2014"}
    parts = [located.path for located in calibration_numbers() if located.owner == "manning-2014"]
    assert parts == ["placebo_change.responders"]


def test_the_narrowest_part_decides_the_role() -> None:
    kemler = record("kemler-2000-scs")
    assert role_of(kemler, "outcomes[0].arms.stimulation.change") is Role.NONE
    assert role_of(kemler, "outcomes[0].arms.physical therapy.change") is Role.CALIBRATION


def test_a_study_without_a_source_shows_no_direction() -> None:
    for entry in load_records():
        if not entry.sources:
            assert entry.headline.direction is Direction.NOT_READ, entry.id


def test_a_folder_reports_the_problems_of_all_its_files(tmp_path: Path) -> None:
    good = (RECORDS_FOLDER / "goebel-2010.yaml").read_text(encoding="utf-8")
    (tmp_path / "first.yaml").write_text(good, encoding="utf-8")
    (tmp_path / "second.yaml").write_text("id: second\nkind: trial\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_folder(tmp_path)
    files = {Path(problem.place.file or "").name for problem in caught.value.problems}
    assert files == {"first.yaml", "second.yaml"}


def test_an_empty_or_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no record"):
        read_folder(tmp_path)
    with pytest.raises(InputError, match="no such folder"):
        read_folder(tmp_path / "nowhere")


def test_enrolled_is_not_randomised_in_the_neridronate_programme() -> None:
    """459 + 182 + 267 = 908 people enrolled; a pool of all placebo trials of the class holds only 754."""
    numbers = record("neridronate-phase3-programme").design.numbers
    enrolled, randomised = numbers["enrolled_against_placebo"], numbers["most_randomised_against_placebo"]
    assert isinstance(enrolled, Quantity)
    assert isinstance(randomised, Quantity)
    assert (enrolled.value, enrolled.unit) == (908, "people")
    assert randomised.value == 754 - 82 - 40
    pooled = record("ferraro-2025-bisphosphonates").design.n_included
    assert pooled is not None
    assert pooled.value == 754


def test_a_registered_study_stands_among_the_registered() -> None:
    assert row_of(record("NCT07228949-montreal")).design == "registered"
    assert reason_left_out(record("NCT07228949-montreal")) == "registered, no result read"
