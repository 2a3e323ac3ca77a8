"""Pieces in the user's cache: found by other runs, whole or not at all, no more than may be."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from calor.core.errors import InputError
from calor.core.executors import ALONE
from calor.core.progress import SILENT, Progress
from calor.store import common_store as module
from calor.store.common_store import CommonStore, common_store
from calor.store.piece_files import Arrays
from calor.store.pieces import Pieces

KEY = ("fingerprint", "name")
PIECE = {"values": np.arange(100.0)}
BYTES = 1_000_000


def of_size(count: int) -> Arrays:
    return {"values": np.zeros(count // 8)}


def test_another_run_finds_a_piece_and_only_that_one(tmp_path: Path) -> None:
    CommonStore(tmp_path / "banks", BYTES).put(KEY, PIECE)
    other = CommonStore(tmp_path / "banks", BYTES)
    found = other.find(KEY)
    assert found is not None
    np.testing.assert_array_equal(found["values"], PIECE["values"])
    assert other.find(("another fingerprint", "name")) is None
    assert other.find(("fingerprint", "another name")) is None
    assert (other.found, other.missing) == (1, 2)


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-8], lambda data: data[:-8] + b"\1" * 8, lambda _: b""]
)
def test_a_damaged_file_is_made_again(tmp_path: Path, damage: object) -> None:
    CommonStore(tmp_path, BYTES).put(KEY, PIECE)
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    store = CommonStore(tmp_path, BYTES)
    assert store.find(KEY) is None
    store.put(KEY, PIECE)
    assert store.find(KEY) is not None
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_under_the_name_of_another_piece_is_not_taken_for_it(tmp_path: Path) -> None:
    store = CommonStore(tmp_path, BYTES)
    store.put(KEY, PIECE)
    (file,) = tmp_path.iterdir()
    store.put(("fingerprint", "other"), PIECE)
    (other,) = set(tmp_path.iterdir()) - {file}
    other.write_bytes(file.read_bytes())
    assert store.find(("fingerprint", "other")) is None


def test_what_was_unused_for_longest_makes_room(tmp_path: Path) -> None:
    """Room for four pieces, each run of which may write one."""
    for number in range(4):
        CommonStore(tmp_path, BYTES).put(("f", str(number)), of_size(220_000))
    for age, file in enumerate(sorted(tmp_path.iterdir(), key=lambda path: path.stat().st_mtime_ns)):
        os.utime(file, (age, age))
    assert CommonStore(tmp_path, BYTES).find(("f", "0")) is not None  # now the youngest
    CommonStore(tmp_path, BYTES).put(("f", "4"), of_size(220_000))
    kept = {number for number in range(5) if CommonStore(tmp_path, BYTES).find(("f", str(number)))}
    assert kept == {0, 2, 3, 4}
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= BYTES


def test_a_run_fills_no_more_than_its_part(tmp_path: Path) -> None:
    store = CommonStore(tmp_path, BYTES)
    for number in range(20):
        store.put(("f", str(number)), of_size(50_000))
    assert len(list(tmp_path.iterdir())) == 5


def test_where_nothing_can_be_written_the_work_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    store = CommonStore(tmp_path / "file" / "banks", BYTES)
    store.put(KEY, PIECE)
    assert store.find(KEY) is None


def test_only_pieces_for_every_run_are_found_again(tmp_path: Path) -> None:
    made: list[int] = []

    def make(item: int, _: Progress) -> Arrays:
        made.append(item)
        return {"values": np.array([float(item)])}

    for _ in range(2):
        pieces = Pieces(store=CommonStore(tmp_path, BYTES)).under("a run")
        for each in (pieces, pieces.for_every_run("f")):
            found = each.kept_each({"one": 1, "two": 2}, make, ALONE, SILENT)
            assert [float(piece["values"][0]) for piece in found] == [1, 2]
    assert made == [1, 2, 1, 2, 1, 2]
    other = Pieces(store=CommonStore(tmp_path, BYTES)).for_every_run("another")
    other.kept_each({"one": 1}, make, ALONE, SILENT)
    assert made[6:] == [1]


def test_how_much_is_kept_is_the_user_s_to_say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CALOR_CACHE", str(tmp_path))
    monkeypatch.setenv(module.SIZE, "0")
    assert common_store() is None
    monkeypatch.setenv(module.SIZE, "2")
    store = common_store()
    assert store is not None
    assert store.folder == tmp_path / "banks"
    store.put(KEY, of_size(500_008))
    assert not store.folder.exists(), "a quarter of 2 MB is less"
    for wrong in ("-1", "much", "1.5", "", "9" * 5000):
        monkeypatch.setenv(module.SIZE, wrong)
        with pytest.raises(InputError, match=module.SIZE):
            common_store()
