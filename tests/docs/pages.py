"""The documentation's pages: their commands, with what they print, and the files that they show."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
NAMED_FILE = re.compile(r"^`(?P<name>[^`\s]+)`:\n+```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
ASSIGNMENT = re.compile(r"^[A-Z_]+=(\$\(.*\)|\S*)\s+")
PROMPT = "$ "
MADE = {"_build", "notebooks"}
"""Folders of pages that are made, which other tests hold."""


@dataclass(frozen=True)
class Block:
    """A block of a page: its language, its text, and the line on which the text begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Command:
    """A command as a page shows it: where it stands, its words without variables, what it prints."""

    page: str
    line: int
    words: tuple[str, ...]
    printed: str = ""

    @property
    def program(self) -> str:
        """The program, without the folder of the virtual environment."""
        return self.words[0].removeprefix(".venv/bin/")

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.words[1:]

    def __str__(self) -> str:
        return f"{self.page}, line {self.line}: {shlex.join(self.words)}"


def pages() -> list[str]:
    """Return the pages that people read, by path from the root."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [path.relative_to(ROOT).as_posix() for path in found if path.parent.name not in MADE]


@cache
def blocks_of(page: str) -> list[Block]:
    """Return the blocks of a page, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [
        Block(found["language"], found["text"], text.count("\n", 0, found.start("text")) + 1)
        for found in BLOCK.finditer(text)
    ]


def commands_of(page: str) -> list[Command]:
    """Return the commands of a page: the lines of `sh` blocks, and those with a prompt of `console` ones."""
    return [
        command
        for block in blocks_of(page)
        if block.language in {"sh", "console"}
        for command in _commands(page, block)
    ]


def files_of(page: str) -> dict[str, str]:
    """Return the files that a page shows, each under a line with nothing but its name."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return {found["name"]: found["text"] for found in NAMED_FILE.finditer(text)}


def _commands(page: str, block: Block) -> Iterator[Command]:
    prompt = PROMPT if block.language == "console" else ""
    lines = block.text.replace("\\\n", "\0").split("\n")
    started: tuple[int, str] | None = None
    printed: list[str] = []
    at = block.line
    for line in [*lines, prompt]:
        if line.startswith(prompt):
            if started is not None:
                yield from _command(page, *started, "".join(printed))
            started, printed = (at, line.removeprefix(prompt).replace("\0", "")), []
        elif line:
            printed.append(f"{line}\n")
        at += 1 + line.count("\0")


def _command(page: str, at: int, line: str, printed: str) -> Iterator[Command]:
    words = shlex.split(ASSIGNMENT.sub("", line), comments=True)
    if words:
        yield Command(page, at, tuple(words), printed)
