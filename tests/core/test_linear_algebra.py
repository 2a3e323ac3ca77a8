"""Linear algebra is held to one thread while anybody asks for it, and let go after the last one."""

from __future__ import annotations

from threading import Event, Thread

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from calor.core.linear_algebra import one_thread


def threads_of_linear_algebra() -> set[int]:
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_it_is_held_and_let_go() -> None:
    np.linalg.inv(np.eye(2))
    with threadpool_limits(2, user_api="blas"):
        before = threads_of_linear_algebra()
        with one_thread():
            assert threads_of_linear_algebra() == {1}
            with one_thread():
                assert threads_of_linear_algebra() == {1}
            assert threads_of_linear_algebra() == {1}
        assert threads_of_linear_algebra() == before


def test_who_comes_first_and_leaves_first_does_not_let_go_for_the_others() -> None:
    entered, joined, left = Event(), Event(), Event()

    def first() -> None:
        with one_thread():
            entered.set()
            joined.wait()
        left.set()

    np.linalg.inv(np.eye(2))
    before = threads_of_linear_algebra()
    other = Thread(target=first)
    other.start()
    entered.wait()
    with one_thread():
        joined.set()
        left.wait()
        assert threads_of_linear_algebra() == {1}
    other.join()
    assert threads_of_linear_algebra() == before


def test_it_is_let_go_after_a_failure() -> None:
    with threadpool_limits(2, user_api="blas"):
        before = threads_of_linear_algebra()
        with pytest.raises(KeyError), one_thread():
            raise KeyError
        assert threads_of_linear_algebra() == before
