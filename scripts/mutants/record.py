"""What was found of each mutant, kept in a file, so that a run goes on where it was stopped.

A kill stands while the mutated file is what it was; a survival only while its tests are too.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from scripts.mutants.mutant import Mutant


class Fate(StrEnum):
    """What became of a mutant: a test failed, the tests took too long, or nothing noticed."""

    KILLED = "killed"
    TOO_LONG = "too long"
    SURVIVED = "survived"


def hash_of_tests(root: Path, tests: Sequence[str]) -> str:
    """Return a hash of test files (and of what stands in folders of tests)."""
    found = sha256()
    for test in tests:
        path = root / test
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found.update(file.read_bytes())
    return found.hexdigest()[:16]


class Record:
    """The fates known so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fates: dict[tuple[str, str], Fate] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in path.read_text().splitlines() if path.exists() else ():
            entry = json.loads(line)
            self._fates[entry["mutant"], entry["tests"]] = Fate(entry["fate"])

    def fate(self, mutant: Mutant, tests: str) -> Fate | None:
        """Return what became of a mutant under tests of some hash, None where that is not known."""
        return self._fates.get((mutant.name, "")) or self._fates.get((mutant.name, tests))

    def keep(self, mutant: Mutant, tests: str, fate: Fate) -> None:
        """Keep what became of a mutant."""
        under = tests if fate is Fate.SURVIVED else ""
        self._fates[mutant.name, under] = fate
        with self.path.open("a") as file:
            file.write(json.dumps({"mutant": mutant.name, "tests": under, "fate": fate}) + "\n")
