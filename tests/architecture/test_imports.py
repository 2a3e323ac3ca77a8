"""The layers import downwards only, and importing calor is quick and free of side effects."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_layers_import_downwards_only() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_importing_calor_loads_no_heavy_library() -> None:
    program = "import sys, calor; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {
        "pandas",
        "scipy",
        "matplotlib",
        "xarray",
        "pyarrow",
        "llvmlite",
        "libsbml",
        "antimony",
        "sklearn",
    }
    assert not heavy & set(loaded.stdout.split())


def test_regressions_are_loaded_when_one_is_asked_for() -> None:
    program = (
        "import sys, calor.decision.information.partial; print(*({'sklearn', 'scipy'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.split() == []
