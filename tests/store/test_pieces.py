"""Finished pieces come back as they were made, or are made again: nothing half-written is believed."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from calor.core.arrays import Numbers
from calor.store import pieces as pieces_module
from calor.store.packing import packed, unpacked
from calor.store.piece_files import Arrays, places_in
from calor.store.pieces import NOT_KEPT, Pieces, Shelf

MADE = {
    "text": np.array(["αb", "c"]),
    "scalar": np.array(3.5),
    "empty": np.empty((0, 3)),
    "truth": np.array([True, False]),
    "numbers": np.arange(5, dtype=np.int32),
    "turned": np.arange(6.0).reshape(2, 3).T,
    "special": np.array([np.nan, np.inf, -0.0]),
}


def never() -> Arrays:
    raise AssertionError("made again")


def test_arrays_come_back_with_kind_shape_and_bytes(tmp_path: Path) -> None:
    made = Pieces.in_folder(tmp_path, "f").under("a", 1).kept("piece", lambda: MADE)
    read = Pieces.in_folder(tmp_path, "f").under("a").under(1).kept("piece", never)
    for name, values in MADE.items():
        assert read[name].dtype == values.dtype
        assert read[name].shape == values.shape
        assert read[name].tobytes() == values.tobytes()
        assert made[name].flags.c_contiguous
        assert read[name].flags.writeable


def test_another_fingerprint_name_or_part_is_another_piece(tmp_path: Path) -> None:
    one = Pieces.in_folder(tmp_path, "f")
    one.kept("piece", lambda: {"at": np.array(1)})
    for other in (one.keyed("g"), one.under("part")):
        assert other.kept("piece", lambda: {"at": np.array(2)})["at"] == 2
    assert one.kept("other", lambda: {"at": np.array(3)})["at"] == 3
    assert one.kept("piece", never)["at"] == 1


@pytest.mark.parametrize("place", [0, 5, 16, 24, 40, -1])
def test_a_changed_byte_anywhere_is_made_again(tmp_path: Path, place: int) -> None:
    Pieces.in_folder(tmp_path, "f").kept("piece", lambda: {"at": np.arange(9.0)})
    (file,) = tmp_path.iterdir()
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    assert Pieces.in_folder(tmp_path, "f").kept("piece", lambda: {"at": np.zeros(1)})["at"].shape == (1,)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.5, 0.99])
def test_a_file_that_was_cut_short_gives_no_piece_that_it_lacks(tmp_path: Path, share: float) -> None:
    Pieces.in_folder(tmp_path, "f").kept("piece", lambda: {"at": np.arange(500.0)})
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    assert Pieces.in_folder(tmp_path, "f").kept("piece", lambda: {"at": np.zeros(1)})["at"].shape == (1,)


def test_what_could_be_executed_is_not_kept(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="object, which is not kept"):
        Pieces.in_folder(tmp_path, "f").kept("piece", lambda: {"at": np.array([print], dtype=object)})
    assert list(tmp_path.iterdir()) == []


def test_pieces_made_quickly_are_written_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.1, 0.2, 1.5, 1.5, 1.6])
    monkeypatch.setattr(pieces_module.time, "monotonic", lambda: next(clock))
    shelf = Shelf(tmp_path, written_every=1.0)
    kept = Pieces(shelf, "f")
    for number, files in ((0, 0), (1, 0), (2, 1), (3, 1)):
        kept.kept(str(number), lambda number=number: {"at": np.array(number)})
        assert len(list(tmp_path.iterdir())) == files
    assert len(shelf) == 3
    monkeypatch.undo()
    shelf.write()
    again = Pieces.in_folder(tmp_path, "f")
    assert [int(again.kept(str(number), never)["at"]) for number in range(4)] == [0, 1, 2, 3]


def test_a_full_disk_loses_nothing_that_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Pieces.in_folder(tmp_path, "f")
    kept.kept("one", lambda: {"at": np.array(1)})

    def full(self: Path, other: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(self))

    with monkeypatch.context() as within:
        within.setattr(Path, "replace", full)
        with pytest.raises(OSError, match="No space"):
            kept.kept("two", lambda: {"at": np.array(2)})
    assert len(list(tmp_path.iterdir())) == 1
    assert Pieces.in_folder(tmp_path, "f").kept("one", never)["at"] == 1
    assert kept.kept("two", never)["at"] == 2  # it waits until there is room


def test_pieces_of_another_run_serve(tmp_path: Path) -> None:
    Pieces.in_folder(tmp_path / "earlier", "f").kept("one", lambda: {"at": np.array(1)})
    kept = Pieces(Shelf(tmp_path / "run", 0.0, others=tmp_path / "earlier"), "f")
    assert kept.kept("one", never)["at"] == 1
    kept.kept("two", lambda: {"at": np.array(2)})
    assert len(list((tmp_path / "earlier").iterdir())) == 1


def test_work_of_which_nothing_is_kept_is_done_each_time() -> None:
    assert [NOT_KEPT.kept("one", lambda at=at: {"at": np.array(at)})["at"] for at in (1, 2)] == [1, 2]


def test_a_piece_is_found_where_its_file_says(tmp_path: Path) -> None:
    Pieces.in_folder(tmp_path, "f").under("a").kept("one", lambda: {"at": np.arange(3.0)})
    (file,) = tmp_path.iterdir()
    ((key, place),) = places_in(file)
    assert key == ("f", "a/one")
    assert file.read_bytes()[place.offset :] == np.arange(3.0).tobytes()
    assert place.size == 24


@dataclass(frozen=True)
class Inner:
    values: Numbers
    names: tuple[str, ...]


@dataclass(frozen=True)
class Outer:
    inner: Inner
    perhaps: Inner | None
    none: float | None
    count: int
    holds: bool
    word: str
    left_out: object


def test_a_dataclass_comes_back_from_its_arrays() -> None:
    one = Outer(Inner(np.arange(3.0), ("a", "b")), None, None, 4, True, "β", object())
    arrays = packed(one, without=("left_out",))
    assert all(isinstance(each, np.ndarray) for each in arrays.values())
    two = unpacked(Outer, arrays, left_out=one.left_out)
    assert two.inner.values.tolist() == [0, 1, 2]
    assert (two.inner.names, two.perhaps, two.none, two.count, two.holds, two.word, two.left_out) == (
        ("a", "b"), None, None, 4, True, "β", one.left_out,
    )  # fmt: skip
    assert (type(two.count), type(two.holds)) == (int, bool)
    with pytest.raises(TypeError, match="left_out is a object"):
        packed(one)
