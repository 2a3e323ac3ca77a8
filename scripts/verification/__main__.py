"""Write `src/calor/report/verification.json`: how many tests there are, and which other tools checked what.

Every report quotes it. Run by `make verification`, after the tests have passed: it counts tests and says of
which commit; it does not run them.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "src" / "calor" / "report" / "verification.json"

AREAS = {
    "engine": "solver, dosing, import of models: closed forms, orders of convergence, SBML test suite",
    "statistical": "simulation against theory: type I error, coverage, spread over seeds",
    "trial": "conduct of trials, designs, analyses, operating characteristics",
    "therapy": "drugs: kinetics in closed form, published facts, safety",
    "population": "virtual patients, measurement, natural history",
    "evidence": "evidence records, effect sizes, meta-analysis",
    "calibration": "the fit to the evidence, its emulator and its weights",
    "model": "equations of the disease, export",
    "oracles": "numbers of other tools",
    "contracts": "one suite over every solver, estimator or design",
    "fuzz": "mutated inputs",
}
"""The areas of tests that a reader of a report asks for; the others are counted as `other`."""


def counts() -> dict[str, int]:
    """Return how many tests pytest collects, by area."""
    listed = subprocess.run(
        [sys.executable, "-m", "pytest", "--collect-only", "-q", "-m", "slow or not slow"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = Counter(line.split("/")[1] for line in listed.splitlines() if "::" in line)
    return {
        **{area: found[area] for area in AREAS},
        "other": sum(number for area, number in found.items() if area not in AREAS),
    }


def oracles() -> list[dict[str, Any]]:
    """Return the files of numbers that other tools computed: the tool with its version, how many cases."""
    found = []
    for path in sorted((ROOT / "tests" / "oracles").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        named = content.get("tools", {})
        tools = content.get("tool") or ", ".join(f"{name} {_number(of)}" for name, of in named.items())
        cases = sum(
            len(part) for name, part in content.items() if name != "tools" and isinstance(part, list | dict)
        )
        found.append({"checks": path.stem.replace("_", " "), "tool": tools, "cases": cases})
    return found


def _number(version: str) -> str:
    """Return the number of a version as R prints it: `R version 4.2.2 Patched (...)`."""
    found = re.search(r"\d[\w.]*", version)
    return found.group() if found else version


def main() -> None:
    """Write the summary of the working tree."""
    commit = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    version = re.search(r'^version = "(.*)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    by_area = counts()
    summary = {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit,
        "calor_version": version.group(1) if version else None,
        "tests": sum(by_area.values()),
        "areas": [
            {
                "area": area,
                "tests": number,
                "what": AREAS.get(area, "command line, documents, reports and more"),
            }
            for area, number in by_area.items()
        ],
        "oracles": oracles(),
    }
    TARGET.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
