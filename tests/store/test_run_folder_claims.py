"""A run folder belongs to one run from before its work begins."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from calor.core.errors import InputError
from calor.store.run_folder import new_run_folder, run_folder_if_named


def test_two_runs_cannot_claim_one_folder(tmp_path: Path) -> None:
    with new_run_folder(tmp_path / "one") as inside:
        with (
            pytest.raises(InputError, match="is being written by another run"),
            new_run_folder(tmp_path / "one"),
        ):
            pass
        (inside / "kept").touch()
    assert (tmp_path / "one" / "kept").exists()


def test_a_folder_within_a_file_is_not_another_run(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="file is not a folder"), new_run_folder(tmp_path / "file" / "one"):
        pass


def test_a_folder_taken_meanwhile_costs_no_result(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    run = ExitStack()
    inside = run.enter_context(new_run_folder(folder))
    (inside / "result.json").touch()
    folder.mkdir()
    (folder / "other").touch()
    with pytest.raises(InputError, match="was taken while the run was made") as caught:
        run.close()
    assert str(inside) in str(caught.value)
    assert (inside / "result.json").exists()


def test_what_the_disk_refuses_is_said_in_one_line(tmp_path: Path) -> None:
    with (
        pytest.raises(InputError, match="cannot be written: No such file"),
        new_run_folder(tmp_path / "a") as inside,
    ):
        (inside / "missing" / "result.json").write_text("")
    assert list(tmp_path.iterdir()) == []


def test_an_error_about_another_file_is_not_the_folders(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), new_run_folder(tmp_path / "a"):
        (tmp_path / "elsewhere.txt").read_text()


def test_an_empty_folder_may_become_a_run(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    with new_run_folder(tmp_path / "one") as inside:
        (inside / "kept").touch()
    assert (tmp_path / "one" / "kept").exists()


def test_no_name_is_no_folder(tmp_path: Path) -> None:
    with run_folder_if_named(None) as inside:
        assert inside is None
