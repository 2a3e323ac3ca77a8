"""How a mutated input is made and judged: an answer or a refusal, in time, never a number that is none."""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import FrameType

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from calor.cli.failures import exit_code_after
from calor.cli.main import exit_code_of

INPUTS = int(os.environ.get("CALOR_FUZZ_INPUTS", "0"))
"""Inputs of the whole campaign; 0 is a minute's worth, the same ones each time."""

KINDS = 10
LONGEST_SECONDS = 20
SOUND = {0, 2, 3}
LEAKS = (
    "Traceback",
    "pydantic",
    "Input should",
    "Tuple should",
    "String should",
    "Field required",
    "Input tag",
)
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
NO_NUMBER = re.compile(r"(?<![\w./-])[-+]?(nan|inf|infinity)(?![\w./-])", re.IGNORECASE)

ODD_VALUES = (
    "nan", ".nan", "inf", "-.inf", "-1", "0", "1e300", "-1e-300", "1e999", "9" * 40, "0x10", "1_0", "1,5", "",
    "''", "[]", "{}", "[[]]", "true", "null", "~", "'[/x]'", '"\\x1b[2J"', '"\\0"', "🦵", "٣", "a: b", "- a",
    "!!python/name:os.system", "&a [*a]", "*a", "%", "'", '"', "{", "2026-11-28", "12:30", "1.5.2", "...",
    "x" * 5000, "😀" * 50, "\t", "\x85", "#", "..", "/dev/null", "$(id)", "1e5", "1000000000", "-0.0",
)  # fmt: skip
_TOKEN = re.compile(r"[^\s:,\[\]{}<>\"'=]+")


def campaign(share: int = 40) -> settings:
    """Return how many inputs a test gets: an equal part of a campaign, or `share` in the ordinary tests."""
    return settings(
        max_examples=max(1, INPUTS // KINDS) if INPUTS else share,
        derandomize=not INPUTS,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def mutated(draw: st.DrawFn, examples: Sequence[str], most_changes: int = 4) -> str:
    """Return one of some texts with a few of its tokens and lines changed."""
    text = draw(st.sampled_from(examples))
    for _ in range(draw(st.integers(1, most_changes))):
        text = _changed(draw, text)
    return text


def _changed(draw: st.DrawFn, text: str) -> str:
    kind = draw(st.sampled_from(["token", "token", "token", "line", "copy", "swap", "cut", "insert", "typo"]))
    lines = text.splitlines(keepends=True)
    if not lines:
        return draw(st.sampled_from(ODD_VALUES))
    at = draw(st.integers(0, len(lines) - 1))
    other = draw(st.integers(0, len(lines) - 1))
    if kind == "line":
        del lines[at]
    elif kind == "copy":
        lines.insert(other, lines[at])
    elif kind == "swap":
        lines[at], lines[other] = lines[other], lines[at]
    elif kind in {"token", "typo"}:
        lines[at] = _with_another_token(draw, lines[at], typo=kind == "typo")
    joined = "".join(lines)
    place = draw(st.integers(0, len(joined)))
    if kind == "cut":
        return joined[:place]
    if kind == "insert":
        return (
            joined[:place]
            + draw(st.one_of(st.sampled_from(ODD_VALUES), st.text(max_size=4)))
            + joined[place:]
        )
    return joined


def _with_another_token(draw: st.DrawFn, line: str, *, typo: bool) -> str:
    tokens = list(_TOKEN.finditer(line))
    if not tokens:
        return line
    token = draw(st.sampled_from(tokens))
    new = token[0][:-1] if typo else draw(st.sampled_from(ODD_VALUES))
    return line[: token.start()] + new + line[token.end() :]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str


class TooLongError(BaseException):
    """The input was not answered in time."""


@contextlib.contextmanager
def limited() -> Iterator[None]:
    def over(_number: int, _frame: FrameType | None) -> None:
        raise TooLongError

    before = signal.signal(signal.SIGALRM, over)
    signal.setitimer(signal.ITIMER_REAL, LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def answer_of(work: Callable[[], int]) -> Answer:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), limited():
        code = work()
    return Answer(code, out.getvalue(), err.getvalue())


def judge(answer: Answer) -> None:
    assert answer.code in SOUND, answer.err
    for leak in LEAKS:
        assert leak not in answer.err + answer.out, answer.err
    if answer.code == 0:
        assert not NO_NUMBER.search(QUOTED.sub("", answer.out)), answer.out
    else:
        assert answer.out == "", answer.out
        assert answer.err.startswith(("error: ", "warning: ")), answer.err


def judge_command(*arguments: str) -> Answer:
    """Run the command line on arguments and judge what it says."""
    answer = answer_of(lambda: exit_code_of(list(arguments)))
    judge(answer)
    return answer


def judge_reading(read: Callable[[], object]) -> None:
    """Read an input with a function of calor's and judge what the command line would say about it."""

    def work() -> int:
        try:
            read()
        except Exception as error:
            return exit_code_after(error)
        return 0

    judge(answer_of(work))
