"""Random numbers depend on what they are for, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from calor.core.streams import FEWEST_COMPILED, Stream, threefry2x64

# Known answers for Threefry-2x64-20 (Salmon et al. 2011, Random123 test vectors): key, counter, result.
ONES = 2**64 - 1
KNOWN_ANSWERS = [
    ((0, 0), (0, 0), (0xC2B6E3A8C2C69865, 0x6F81ED42F350084D)),
    ((ONES, ONES), (ONES, ONES), (0xE02CB7C4D95D277A, 0xD06633D0893B8B68)),
]


@pytest.mark.parametrize(("key", "counter", "expected"), KNOWN_ANSWERS)
def test_threefry_gives_the_published_answers(
    key: tuple[int, int], counter: tuple[int, int], expected: tuple[int, int]
) -> None:
    high, low = (np.array([word], dtype=np.uint64) for word in counter)
    first, second = threefry2x64(key, high, low)
    assert (int(first[0]), int(second[0])) == expected


@given(
    seed=st.integers(0, 2**32),
    rows=st.lists(st.integers(0, 10**9), min_size=1, max_size=20, unique=True),
    columns=st.integers(1, 7),
)
def test_a_row_is_the_same_whoever_asks(seed: int, rows: list[int], columns: int) -> None:
    stream = Stream(seed).child("diary")
    together = stream.normals(np.array(rows), columns)
    alone = np.vstack([stream.normals(np.array([row]), columns) for row in rows])
    assert np.array_equal(together, alone)
    assert np.array_equal(stream.normals(np.array(rows), columns + 3)[:, :columns], together)


def test_names_and_seeds_lead_to_different_numbers() -> None:
    streams = [Stream(1), Stream(2), Stream(1).child("a"), Stream(1).child("b"), Stream(1).child("a", 1)]
    streams += [Stream(1).child("a", "1")]  # the text "1" is not the number 1
    firsts = {float(stream.uniforms(1, 1)[0, 0]) for stream in streams}
    assert len(firsts) == len(streams)


def test_uniforms_and_normals_have_their_distributions() -> None:
    n = 100_000
    uniform = Stream(3).child("u").uniforms(n // 4, 4).ravel()
    normal = Stream(3).child("n").normals(n // 4, 4).ravel()
    assert stats.kstest(uniform, "uniform").pvalue > 1e-4
    assert stats.kstest(normal, "norm").pvalue > 1e-4
    lag_one = np.corrcoef(normal[:-1], normal[1:])[0, 1]
    assert abs(lag_one) < 4 / np.sqrt(n)


def test_a_generator_is_repeatable() -> None:
    assert Stream(4).generator().random() == Stream(4).generator().random()


def test_columns_can_be_asked_for_by_number() -> None:
    stream, rows, columns = Stream(6), np.array([5, 9]), np.array([0, 3, 4, 11])
    assert np.array_equal(stream.words(rows, columns), stream.words(rows, 12)[:, columns])


@pytest.mark.parametrize(
    "columns", [np.arange(9), np.arange(3, 10), np.array([1, 1, 3]), np.array([0, 5, 6, 40])]
)
@pytest.mark.parametrize("extra", [0, 1, 3])
def test_machine_code_gives_the_words_of_the_published_generator(
    columns: NDArray[np.int64], extra: int
) -> None:
    stream = Stream(2**40 + 7).child("diary")
    rows = np.random.default_rng(1).integers(0, 2**62, FEWEST_COMPILED + extra)
    blocks = threefry2x64(
        stream.key, rows.astype(np.uint64)[:, None], np.arange(21, dtype=np.uint64)[None, :]
    )
    assert np.array_equal(
        stream.words(rows, columns), np.stack(blocks, axis=-1).reshape(len(rows), -1)[:, columns]
    )


def test_many_rows_without_a_column_have_no_words() -> None:
    assert Stream(1).words(FEWEST_COMPILED, np.array([], dtype=np.int64)).shape == (FEWEST_COMPILED, 0)


@pytest.mark.parametrize(("rows", "columns"), [(0, 3), (3, 0), (0, 0)])
def test_no_rows_or_columns_are_no_words(rows: int, columns: int) -> None:
    assert Stream(1).words(rows, columns).shape == (rows, columns)
