"""The exception tree of calor.

```
CalorError                 a fault of calor's own                            exit code 1
├── InputError             what the user gave is wrong                       exit code 2
└── UnsupportedError       valid, but calor does not support it (named)      exit code 3
```

A message says what is wrong and which value, where it stands, what is allowed, and ends with a hint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import ClassVar, Self


@dataclass(frozen=True)
class Place:
    """Where in the user's input something stands.

    Arguments: the file, its line (from 1), and the dotted key; each may be unknown.
    """

    file: str | None = None
    line: int | None = None
    key: str | None = None

    def __str__(self) -> str:
        where = self.file or ""
        if self.line is not None:
            where = f"{where}, line {self.line}" if where else f"line {self.line}"
        if self.key:
            where = f"{where}: {self.key}" if where else self.key
        return where


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with an input: what, where, what is allowed, and a hint."""

    what: str
    place: Place = field(default_factory=Place)
    allowed: str | None = None
    hint: str | None = None

    def __str__(self) -> str:
        place = str(self.place)
        lines = [f"{place}: {self.what}" if place else self.what]
        if self.allowed:
            lines.append(f"  allowed: {self.allowed}")
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class CalorError(Exception):
    """A fault of calor's own, or the root of the errors that calor raises on purpose."""

    exit_code: ClassVar[int] = 1


class ReportedError(CalorError):
    """An error about the user's input, made of one or more problems."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        if not problems:
            raise ValueError("an error about the input needs at least one problem")
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[object, ...]:
        """Return what makes the error again in another process: its problems and what was noted besides."""
        return type(self), (self.problems,), vars(self)

    @classmethod
    def of(
        cls,
        what: str,
        *,
        file: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> Self:
        """Return the error for a single problem."""
        place = Place(str(file) if file is not None else None, line, key)
        return cls([Problem(what, place, allowed, hint)])

    def at(self, file: str | None, line: int | None, key: str | None) -> Self:
        """Return the error with a place for the problems that have none."""
        place = Place(file, line, key)
        return type(self)(
            [problem if str(problem.place) else replace(problem, place=place) for problem in self.problems]
        )


class InputError(ReportedError):
    """What the user gave is wrong."""

    exit_code = 2


class UnsupportedError(ReportedError):
    """What the user gave is valid but asks for what calor does not support; the message names it."""

    exit_code = 3
