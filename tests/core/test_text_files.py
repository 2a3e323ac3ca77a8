"""A file that is written appears whole, or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.core.text_files import new_text_file


def test_what_fails_half_way_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")
    with suppress(RuntimeError), new_text_file(path) as file:
        file.write("half")
        raise RuntimeError
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["table.csv"]


def test_what_is_written_replaces_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("before")
    (tmp_path / "link.csv").symlink_to(path)
    with new_text_file(tmp_path / "link.csv") as file:
        file.write("after")
    assert path.read_text() == "after"
    assert sorted(os.listdir(tmp_path)) == ["link.csv", "table.csv"]


def test_a_full_disk_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No space left"), new_text_file(Path("/dev/full")) as file:
        file.write("x" * 100_000)
    with pytest.raises(InputError, match="No such file"), new_text_file(tmp_path / "no" / "table.csv"):
        pass


def test_a_device_stays_one(tmp_path: Path) -> None:
    with new_text_file(Path("/dev/null")) as file:
        file.write("x")
    assert Path("/dev/null").is_char_device()
