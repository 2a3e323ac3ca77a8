"""A mutant: one small change of one file, which some test should notice."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True)
class Mutant:
    """One changed file.

    Arguments: the file's path from the root of the repository, the line that changes (from 1), its text
    before and after, and the whole text of the changed file.
    """

    path: str
    line: int
    before: str
    after: str
    text: str

    @property
    def change(self) -> tuple[str, str, str]:
        """The file and the text before and after, by which a list of mutants names it."""
        return self.path, " ".join(self.before.split()), " ".join(self.after.split())

    @property
    def name(self) -> str:
        """What tells it from every other mutant of every version of the file."""
        return sha256(f"{self.path}\0{self.text}".encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return f"{self.path}:{self.line}\n  - {self.before}\n  + {self.after}"


def mutant_of(path: str, before: str, after: str) -> Mutant | None:
    """Return the mutant that makes one text of a file another, None where the two are one text."""
    old, new = before.splitlines(), after.splitlines()
    first = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), None)
    if first is None:
        return None
    # A statement may take more than one line: the last line that differs, counted from the end.
    tail = next(i for i, (a, b) in enumerate(zip(reversed(old), reversed(new), strict=False)) if a != b)

    def changed(lines: list[str]) -> str:
        return " ".join(line.strip() for line in lines[first : max(len(lines) - tail, first)])

    return Mutant(path, first + 1, changed(old), changed(new), after)
