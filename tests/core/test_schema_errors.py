"""What schemas refuse is said in calor's words, once, where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pkgutil import walk_packages
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

import calor
from calor.core.documents import parse_document, validate
from calor.core.errors import InputError
from calor.core.part import Part
from calor.core.schema_errors import ALLOWED

SAID_ELSEWHERE = {"extra_forbidden", "missing", "union_tag_not_found", "value_error", "assertion_error"}
"""Types of error that have sentences of their own."""

ERRORS_OF_NODE: dict[str, set[str]] = {
    # node of a schema: the errors that it can raise
    "str": {"string_type", "string_unicode"},
    "int": {"int_type", "int_parsing", "int_parsing_size", "int_from_float"},
    "float": {"float_type", "float_parsing", "finite_number"},
    "bool": {"bool_type", "bool_parsing"},
    "literal": {"literal_error"},
    "enum": {"enum"},
    "list": {"list_type"},
    "tuple": {"tuple_type", "missing"},
    "dict": {"dict_type"},
    "model": {"model_type"},
    "model-fields": {"missing", "extra_forbidden"},
    "tagged-union": {"union_tag_invalid", "union_tag_not_found"},
    "function-before": {"value_error", "assertion_error"},
    "function-after": {"value_error", "assertion_error"},
    "function-wrap": {"value_error", "assertion_error"},
    "union": set(),
    "nullable": set(),
    "default": set(),
    "definitions": set(),
    "definition-ref": set(),
    "model-field": set(),
    "any": set(),
}
ERRORS_OF_BOUND = {
    "gt": "greater_than",
    "ge": "greater_than_equal",
    "lt": "less_than",
    "le": "less_than_equal",
    "pattern": "string_pattern_mismatch",
}
CONTEXT: dict[str, Any] = {
    "gt": 0.0, "ge": 0.0, "lt": 1.0, "le": 1.0, "min_length": 2, "max_length": 3, "pattern": "^a$",
    "expected": "'a' or 'b'", "expected_tags": "'a', 'b'",
}  # fmt: skip


def all_models() -> list[type[BaseModel]]:
    for module in walk_packages(calor.__path__, "calor."):
        import_module(module.name)
    found: list[type[BaseModel]] = []
    waiting = [BaseModel]
    while waiting:
        children = waiting.pop().__subclasses__()
        found += [child for child in children if child.__module__.startswith("calor.")]
        waiting += children
    return found


def errors_of(node: Any) -> Iterator[str]:
    """Yield the types of error that a schema of the library can raise; an unknown node is a failure."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from errors_of(item)
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if isinstance(kind, str) and ("schema" in node or kind in ERRORS_OF_NODE or "fields" in node):
        yield from ERRORS_OF_NODE[kind]
    for bound, error in ERRORS_OF_BOUND.items():
        if bound in node and kind in {"int", "float", "str"}:
            yield error
    for bound, length in (("min_length", "short"), ("max_length", "long")):
        if bound in node:
            yield f"string_too_{length}" if kind == "str" else f"too_{length}"
    for name, inner in node.items():
        if name not in {"metadata", "expected", "config", "serialization", "members"}:
            yield from errors_of(inner)


def test_every_error_that_our_schemas_can_raise_has_words_of_ours() -> None:
    models = all_models()
    assert len(models) > 40
    reachable = {error for model in models for error in errors_of(model.__pydantic_core_schema__)}
    assert {"float_parsing", "union_tag_invalid", "too_short", "greater_than"} <= reachable
    assert reachable <= set(ALLOWED) | SAID_ELSEWHERE


@pytest.mark.parametrize("kind", ALLOWED)
def test_no_words_are_the_librarys(kind: str) -> None:
    words = ALLOWED[kind](CONTEXT)
    leaks = ("should", "Input", "valid", "Tuple", "String", "dictionary", "required")
    assert not any(leak in words for leak in leaks)


class Way(StrEnum):
    UP = "up"
    DOWN = "down"
    ROUND = "round"


class Dose(Part):
    type: Literal["dose"]
    amount: float = Field(gt=0)


class Rest(Part):
    type: Literal["rest"]


class Share(Part):
    count: int
    of: int


class Arm(Part):
    name: str = Field(min_length=1)
    value: float | Share = 1.0
    steps: tuple[Annotated[Dose | Rest, Field(discriminator="type")], ...] = ()
    looks: tuple[float, ...] = ()
    open: bool = True
    way: Literal[Way.UP, Way.DOWN] = Way.UP
    any_way: Way = Way.UP


class Plan(Part):
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=3)


def problems(first: str) -> list[str]:
    text = f"arms:\n  - {first}\n  - name: b\n"
    with pytest.raises(InputError) as refusal:
        validate(parse_document(text, "p.yaml"), Plan)
    return [str(problem).removeprefix("p.yaml, ") for problem in refusal.value.problems]


@pytest.mark.parametrize(
    ("arm", "said"),
    [
        ("{name: ''}", "line 2: arms[0].name: is ''\n  allowed: text that is not empty"),
        ("{name: 3}", "line 2: arms[0].name: is 3\n  allowed: text"),
        ("{name: a, value: {count: 1}}", "line 2: arms[0].value.of: is missing"),
        ("{name: a, value: {count: 1, of: x}}",
         "line 2: arms[0].value.of: is 'x'\n  allowed: a whole number"),
        ("{name: a, value: much}", "line 2: arms[0].value: is 'much'\n  allowed: a number"),
        ("{name: a, value: .nan}", "line 2: arms[0].value: is nan\n  allowed: a finite number"),
        ("{name: a, value: true}", "line 2: arms[0].value: is true, where nothing is true or false"),
        ("{name: a, looks: [1, true]}", "line 2: arms[0].looks[1]: is true, where nothing is true or false"),
        ("{name: a, open: 7}", "line 2: arms[0].open: is 7\n  allowed: true or false"),
        ("{name: a, steps: [{type: rest, x: 1}]}",
         "line 2: arms[0].steps[0].x: is not a known key\n  allowed: type"),
        ("{name: a, steps: [{type: nap}]}",
         "line 2: arms[0].steps[0].type: is 'nap'\n  allowed: 'dose', 'rest'"),
        ("{name: a, steps: [{amount: 1}]}",
         "line 2: arms[0].steps[0].type: is missing\n  allowed: 'dose', 'rest'"),
        ("{name: a, way: round}", "line 2: arms[0].way: is 'round'\n  allowed: 'up' or 'down'"),
        ("{name: a, any_way: on}", "line 2: arms[0].any_way: is 'on'\n  allowed: 'up', 'down' or 'round'"),
        ("{name: a, steps: 4}", "line 2: arms[0].steps: is 4\n  allowed: a list"),
        ("[]", "line 2: arms[0]: is a list\n  allowed: keys with values (key: value)"),
    ],
)  # fmt: skip
def test_one_mistake_is_one_problem_at_its_own_key(arm: str, said: str) -> None:
    assert problems(arm) == [said]


def test_a_list_that_is_too_short_is_said() -> None:
    with pytest.raises(InputError, match=r"line 1: arms: has 1 entry\n  allowed: at least 2 entries"):
        validate(parse_document("arms:\n  - name: a\n", "p.yaml"), Plan)
