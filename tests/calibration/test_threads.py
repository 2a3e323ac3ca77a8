"""Work on threads comes back in order, with linear algebra of one thread."""

from __future__ import annotations

import numpy as np  # noqa: F401  loads the linear algebra that is looked for
from threadpoolctl import threadpool_info

from calor.calibration.threads import on_threads


def test_results_come_in_the_order_of_the_items() -> None:
    assert on_threads(lambda item: item**2, range(50)) == [item**2 for item in range(50)]


def test_linear_algebra_has_one_thread_meanwhile_and_what_it_had_afterwards() -> None:
    def threads() -> list[int]:
        return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

    before = threads()
    assert on_threads(lambda _: threads(), [0]) == [[1] * len(before)]
    assert threads() == before
