"""An archive run by another reader and another solver, in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]

Reports = dict[tuple[str, str], dict[str, NDArray[np.float64]]]
"""The data sets by id of every report, by document and id."""


class NotRunError(Exception):
    """What libRoadRunner, or the reader beside it, does not do."""


def run_outside(archive: Path) -> Reports:
    """Return what libRoadRunner makes of an archive that libSEDML reads. Raises NotRunError."""
    done = subprocess.run(
        [sys.executable, "-m", "scripts.exchange.roadrunner_sedml", str(archive.resolve())],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    answer = json.loads(done.stdout.splitlines()[-1])
    if "not_run" in answer:
        raise NotRunError(answer["not_run"])
    return {
        (location, name): {key: np.array(values) for key, values in sets.items()}
        for location, name, sets in answer["reports"]
    }
