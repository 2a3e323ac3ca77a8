"""What is kept between requests: bounded, made once, and never a failure."""

from __future__ import annotations

import threading
import time

import pytest

from calor.app.kept import Kept


def test_what_was_made_is_not_made_again() -> None:
    kept: Kept[str, object] = Kept(3)
    first = kept.get("a", object)
    assert kept.get("a", object) is first


def test_the_longest_unused_goes_first() -> None:
    kept: Kept[str, object] = Kept(2)
    a, b = kept.get("a", object), kept.get("b", object)
    assert kept.get("a", object) is a
    kept.get("c", object)
    assert len(kept) == 2
    assert kept.get("a", object) is a
    assert kept.get("b", object) is not b


def test_who_asks_meanwhile_waits_for_the_same_answer() -> None:
    kept: Kept[str, object] = Kept(2)
    made: list[object] = []
    found: list[object] = []

    def make() -> object:
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    threads = [threading.Thread(target=lambda: found.append(kept.get("a", make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert set(found) == set(made)


def test_a_failure_is_raised_and_not_kept() -> None:
    kept: Kept[str, int] = Kept(2)

    def fail() -> int:
        raise ValueError("once")

    with pytest.raises(ValueError, match="once"):
        kept.get("a", fail)
    assert len(kept) == 0
    assert kept.get("a", lambda: 3) == 3
