"""Keeping parsed files: the same data, renewed when a file changes, and never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.evidence.library import RECORDS_FOLDER
from calor.evidence.parsed import documents_of


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CALOR_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "calor"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    for name in ("goebel-2010", "manning-2014"):
        (folder / f"{name}.yaml").write_bytes((RECORDS_FOLDER / f"{name}.yaml").read_bytes())
    return folder


def test_kept_data_equal_parsed_data(cache: Path, folder: Path) -> None:
    parsed = documents_of(folder)
    assert len(list(cache.glob("records-*.json"))) == 1
    kept = documents_of(folder)
    assert [one.data for one in kept] == [one.data for one in parsed]
    assert [one.file for one in kept] == [one.file for one in parsed]


def test_a_changed_file_is_parsed_again(cache: Path, folder: Path) -> None:
    documents_of(folder)
    (folder / "goebel-2010.yaml").write_text("id: other\n", encoding="utf-8")
    assert documents_of(folder)[0].data == {"id": "other"}
    assert len(list(cache.glob("records-*.json"))) == 1


@pytest.mark.parametrize("content", ["", "not json", "[1]", '{"goebel-2010.yaml": {}}'])
def test_spoilt_kept_data_are_ignored(cache: Path, folder: Path, content: str) -> None:
    right = [one.data for one in documents_of(folder)]
    next(cache.glob("records-*.json")).write_text(content, encoding="utf-8")
    assert [one.data for one in documents_of(folder)] == right


def test_a_place_that_cannot_be_written_is_no_error(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("a file where a folder should be", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(occupied))
    assert documents_of(folder)[0].data["id"] == "goebel-2010"
