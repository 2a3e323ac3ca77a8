"""Which modules are mutated, which tests should kill the mutants, and which mutants change no result."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from pathlib import Path

from scripts.mutants.equations import mutants_of_equations
from scripts.mutants.mutant import Mutant
from scripts.mutants.python_code import mutants_of_python

FOLDER = Path("tests/mutants")


@dataclass(frozen=True)
class Module:
    """Some files, and the test files or folders that hold them, quickest first."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]

    def mutants(self, root: Path) -> list[Mutant]:
        """Return all mutants of the module in an order that is random but always the same."""
        found: list[Mutant] = []
        for file in self.files:
            found += (mutants_of_equations if file.endswith(".ant") else mutants_of_python)(root, file)
        random.Random(self.name).shuffle(found)
        return found


def read_modules(root: Path, only: str = "") -> list[Module]:
    """Return the modules whose name holds a text, in the file's order."""
    rows = tomllib.loads((root / FOLDER / "modules.toml").read_text())["module"]
    modules = [
        Module(row["name"], tuple(_files(root, row["files"])), tuple(row["tests"]))
        for row in rows
        if only in row["name"]
    ]
    if not modules:
        raise SystemExit(f"no module's name holds {only!r}: {', '.join(row['name'] for row in rows)}")
    for module in modules:
        for path in (*module.files, *module.tests):
            if not (root / path).exists():
                raise SystemExit(f"{FOLDER / 'modules.toml'}: {module.name}: there is no {path}")
    return modules


def _files(root: Path, patterns: list[str]) -> list[str]:
    found = [
        str(path.relative_to(root))
        for pattern in patterns
        for path in sorted(root.glob(pattern))
        if path.name != "__init__.py"
    ]
    if not found:
        raise SystemExit(f"{FOLDER / 'modules.toml'}: no file is named {patterns}")
    return found


def read_equivalent(root: Path) -> set[tuple[str, str, str]]:
    """Return the mutants that change no result: file, line before and line after."""
    rows = tomllib.loads((root / FOLDER / "equivalent.toml").read_text()).get("mutant", [])
    return {
        (row["file"], " ".join(row["before"].split()), " ".join(row["after"].split()))
        for row in rows
        if row["reason"]
    }
