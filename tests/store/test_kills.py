"""Small runs that are killed at random moments end with the bytes of an unbroken run."""

from __future__ import annotations

import subprocess
import sys

import pytest


def test_killed_runs_end_as_unbroken_ones(pytestconfig: pytest.Config) -> None:
    command = [
        sys.executable,
        "-m",
        "scripts.kill_test",
        "--kills",
        "10",
        "--only",
        "trial",
        "--only",
        "next",
    ]
    found = subprocess.run(command, cwd=pytestconfig.rootpath, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "lost or different: 0" in found.stdout
