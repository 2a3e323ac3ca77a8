"""A run folder appears whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.store.run_folder import new_run_folder, write_json


def test_a_finished_run_appears(tmp_path: Path) -> None:
    with new_run_folder(tmp_path / "runs" / "one") as folder:
        write_json(folder / "result.json", {"a": 1.5})
        assert not (tmp_path / "runs" / "one").exists()
    assert (tmp_path / "runs" / "one" / "result.json").read_text() == '{\n  "a": 1.5\n}\n'


def test_a_run_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"), new_run_folder(tmp_path / "one") as folder:
        write_json(folder / "result.json", {"a": float("inf")})
    assert list(tmp_path.iterdir()) == []


def test_an_existing_run_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "result.json").write_text("{}")
    with pytest.raises(InputError, match="already exists"), new_run_folder(tmp_path / "one"):
        pass


def test_a_number_that_is_not_finite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "result.json", {"a": float("nan")})
