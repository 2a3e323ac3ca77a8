"""Numbers as people say them: read, said again and read again, the same; junk is refused, never a crash."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from calor.core.documents import Document, read_document
from calor.core.errors import InputError, Problem
from calor.evidence.library import RECORDS_FOLDER, record_from_document
from calor.evidence.quantity import Count, PValue, Quantity, count_in_words, quantity_in_words
from calor.evidence.units import KIND_OF_UNIT

numbers = st.integers(-10_000, 10_000).map(lambda thousandths: thousandths / 1000)
units = st.sampled_from(sorted(KIND_OF_UNIT))


@given(numbers, units)
def test_a_value_said_in_words_is_read_back(value: float, unit: str) -> None:
    quantity = Quantity.model_validate(f"{value} {unit}")
    assert (quantity.value, quantity.unit) == (value, unit)
    if value != 1:
        assert Quantity.model_validate(quantity_in_words(quantity)) == quantity


@given(numbers, numbers, units)
def test_a_range_said_in_words_is_read_back(one: float, other: float, unit: str) -> None:
    low, high = sorted((one, other))
    quantity = Quantity.model_validate(f"{low} to {high} {unit}")
    assert quantity.range == (low, high)
    assert Quantity.model_validate(quantity_in_words(quantity)) == quantity


@given(numbers, st.sampled_from(["least", "most"]), units)
def test_a_bound_said_in_words_is_read_back(bound: float, which: str, unit: str) -> None:
    quantity = Quantity.model_validate(f"at {which} {bound} {unit}")
    assert quantity.range == ((bound, None) if which == "least" else (None, bound))
    assert Quantity.model_validate(quantity_in_words(quantity)) == quantity


@given(st.integers(0, 999), st.integers(0, 999))
def test_a_count_is_read_back(count: int, of: int) -> None:
    read = Count.model_validate(f"{count} of {of}")
    assert (read.count, read.of) == (count, of)
    assert count_in_words(read) == f"{count} of {of}"


@pytest.mark.parametrize(
    ("words", "relation", "value"), [("< 0.001", "<", 0.001), (0.03, "=", 0.03), ("> 0.05", ">", 0.05)]
)
def test_a_p_value_is_read(words: str | float, relation: str, value: float) -> None:
    read = PValue.model_validate(words)
    assert (read.relation, read.value) == (relation, value)


def test_one_of_something_is_said_in_the_singular() -> None:
    assert quantity_in_words(Quantity.model_validate("1 patients")) == "1 patient"
    assert quantity_in_words(Quantity.model_validate("2 patients")) == "2 patients"


@pytest.mark.parametrize("words", ["13", "patients", "13patients", "6 - 30 months", "about 5 days", ""])
def test_other_words_are_refused_with_an_example(words: str) -> None:
    with pytest.raises(ValidationError, match=r"write a quantity as|unknown unit"):
        Quantity.model_validate(words)


VALID: dict[str, Any] = read_document(RECORDS_FOLDER / "kalita-2006.yaml").data

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def paths_in(node: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path] if path else []
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        found += paths_in(value, (*path, key))
    return found


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(paths_in(VALID)), junk)
def test_junk_anywhere_in_a_record_is_accepted_or_refused_but_never_crashes(
    path: tuple[str | int, ...], value: Any
) -> None:
    data = copy.deepcopy(VALID)
    node: Any = data
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value
    assert all(problem.what and problem.place.file for problem in problems_of(data))


def problems_of(data: dict[str, Any]) -> tuple[Problem, ...]:
    try:
        record_from_document(Document("junk.yaml", data, {(): 1}))
    except InputError as error:
        return error.problems
    return ()
