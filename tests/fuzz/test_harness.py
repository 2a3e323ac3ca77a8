"""The judge of the campaign condemns what it is there to find."""

from __future__ import annotations

import time

import pytest

from calor.core.errors import InputError
from tests.fuzz import harness
from tests.fuzz.harness import Answer, TooLongError, answer_of, judge, judge_reading

REFUSED = "error: file.yaml, line 2: dose: is 'x'\n  allowed: a number\n"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(1, "", "error: a fault of calor's own"),
        Answer(0, "time,x\n0,nan\n", ""),
        Answer(0, '{"x": -Infinity}', ""),
        Answer(2, "", "error: Input should be a number"),
        Answer(2, "half a table", REFUSED),
        Answer(2, "", "Traceback (most recent call last)"),
        Answer(130, "", "stopped"),
    ],
)
def test_what_is_unsound_is_condemned(answer: Answer) -> None:
    with pytest.raises(AssertionError):
        judge(answer)


@pytest.mark.parametrize("answer", [Answer(0, '{"study": "nan", "x": 1.5}', ""), Answer(2, "", REFUSED)])
def test_what_is_sound_passes(answer: Answer) -> None:
    judge(answer)


def test_a_reader_that_fails_is_condemned() -> None:
    def refuse() -> None:
        raise InputError.of("is wrong", file="a.yaml")

    def fail() -> None:
        raise KeyError("x")

    judge_reading(refuse)
    with pytest.raises(AssertionError, match="KeyError"):
        judge_reading(fail)


def test_what_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(harness, "LONGEST_SECONDS", 0.05)
    with pytest.raises(TooLongError):
        answer_of(lambda: int(time.sleep(5) or 0))
