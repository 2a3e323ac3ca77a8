"""Documents are data; what is wrong with one is said with file, line and key."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from calor.core.documents import LARGEST_DOCUMENT_BYTES, dotted_key, parse_document, read_document, validate
from calor.core.errors import InputError


class Arm(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    dose: float = Field(gt=0)


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid")
    title: str
    arms: list[Arm]


GOOD = "title: a trial\narms:\n  - name: drug\n    dose: 5\n  - {name: placebo, dose: 1}\n"


def problems_of(text: str) -> list[str]:
    with pytest.raises(InputError) as refusal:
        validate(parse_document(text, "plan.yaml"), Plan)
    return [str(problem) for problem in refusal.value.problems]


def test_a_good_document_is_read() -> None:
    plan = validate(parse_document(GOOD, "plan.yaml"), Plan)
    assert [arm.name for arm in plan.arms] == ["drug", "placebo"]


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_key() -> None:
    (problem,) = problems_of(GOOD.replace("    dose: 5", "    doze: 5\n    dose: 5"))
    assert problem == (
        "plan.yaml, line 4: arms[0].doze: is not a known key\n"
        "  allowed: dose, name\n  hint: did you mean dose?"
    )


def test_every_problem_is_reported_at_once() -> None:
    found = problems_of("title: 3\narms:\n  - name: drug\n    dose: -1\n  - dose: much\n")
    assert len(found) == 4
    assert any("line 4: arms[0].dose: is -1\n  allowed: greater than 0" in problem for problem in found)
    assert any("arms[1].name: is missing" in problem for problem in found)


def test_text_in_place_of_a_mapping_is_refused() -> None:
    (problem,) = problems_of("just words")
    assert problem.startswith("plan.yaml, line 1: is text")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("a: [1, 2", "is not YAML"),
        ("a: 1\na: 2\n", "duplicate key"),
        ("a: 1\n b: 2\n", "is not YAML"),
        ("a: !!python/object/apply:os.system ['echo']\n", "line 1: a: has the tag"),
        ("a: 1\nb: !!python/name:os.system text\n", "line 2: b: has the tag"),
        ("[a, &y [1, *y]]", "an alias contains itself"),
        ("[[]]: 1\na: 2\n", "has a list or a mapping as a key"),
        ("\x00", "is not YAML"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_document(text, "plan.yaml")


def test_aliases_that_expand_without_bound_are_refused() -> None:
    layers = ["l0: &l0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    layers += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 10)}]" for i in range(1, 9)]
    with pytest.raises(InputError, match="aliases expand"):
        parse_document("\n".join(layers), "plan.yaml")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read_document(tmp_path / "missing.yaml")
    with pytest.raises(InputError, match="is a folder"):
        read_document(tmp_path)
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"title: caf\xe9\n")
    with pytest.raises(InputError, match="line 1: is not UTF-8"):
        read_document(binary)
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * (LARGEST_DOCUMENT_BYTES + 1))
    with pytest.raises(InputError, match="at most"):
        read_document(huge)


def test_key_paths_read_as_people_write_them() -> None:
    assert dotted_key(("arms", 1, "regimen")) == "arms[1].regimen"
    assert dotted_key(()) == ""


def test_an_anchor_that_is_set_again_means_the_last_one() -> None:
    assert parse_document("a: &x 1\nb: &x 2\nc: *x\n", "plan.yaml").data == {"a": 1, "b": 2, "c": 2}
